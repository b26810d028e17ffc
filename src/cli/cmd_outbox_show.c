// heed outbox: what it shows.
#include "cli/outbox_cmd.h"
#include "cli/say.h"
#include "know/fold.h"
#include "sql/act_outbox.h"

static void message_json(json_out *j, const char *key, const outbox_row *o) {
    json_open(j, key, '{');
    json_put_int(j, "id", o->id);
    json_put_int(j, "profile", o->profile);
    json_put_str(j, "kind", str_c(gate_kind_name(o->kind)));
    json_put_str(j, "template", o->template);
    json_put_str(j, "occasion", o->occasion);
    json_put_str(j, "state", str_c(outbox_state_name(o->state)));
    json_put_str(j, "address", o->address);
    json_put_str(j, "subject", o->subject);
    json_put_str(j, "by", o->by);
    json_put_int(j, "gate", o->gate_id);
    json_put_int(j, "tries", o->tries);
    json_put_time(j, "created", o->created_us);
    json_put_time(j, "due", o->state == OUTBOX_WAITING ? o->next_us : 0);
    json_put_time(j, "ended", o->ended_us);
    json_put_str(j, "reply", o->reply);
    json_close(j, '}');
}

static void message_row(cli *c, table *t, const zone *z, const outbox_row *o) {
    arena *a = c->life;
    bool bad = o->state == OUTBOX_UNSURE || o->state == OUTBOX_FAILED || o->state == OUTBOX_BOUNCED;
    int64_t at = o->ended_us ? o->ended_us : o->state == OUTBOX_WAITING ? o->next_us : o->created_us;
    table_add(t, STYLE_bold, str_fmt(a, "%" PRId64, o->id));
    table_add(t, bad ? STYLE_warn : STYLE_plain, str_c(outbox_state_name(o->state)));
    table_add(t, STYLE_plain, say_time(a, z, at));
    table_add(t, STYLE_plain, str_c(gate_kind_name(o->kind)));
    table_add(t, STYLE_plain, term_clean(a, o->address, true));
    table_add(t, STYLE_plain, term_clean(a, o->subject, true));
    table_add(t, STYLE_dim, term_clean(a, o->reply, true));
}

bool outbox_list_show(cli *c, const outbox_opts *o, err *e) {
    static const table_col cols[] = {{"", true, false},      {"state", false, false}, {"when", false, false},
                                     {"kind", false, false}, {"to", false, false},    {"subject", false, true},
                                     {"", false, true}};
    store *s;
    zone *z;
    reply r;
    enum outbox_state state = outbox_state_of(o->state);
    if (o->state.len && state == OUTBOX_STATES)
        return fail(e, ERR_usage, "--state is waiting, sending, unsure, sent, failed, bounced or cancelled");
    if (!place_read(c, &s, e)) return false;
    table *t = table_new(c->life, cols, COUNT(cols));
    bool ok = store_zone(s, c->life, &z, e);
    if (c->g.json) reply_open(&r, c), json_open(&r.j, NULL, '[');
    for (row q = store_query(s, Q_outbox_list, e, "iiii", state < OUTBOX_STATES ? (int64_t)state : INT64_C(-1),
                             o->customer, INT64_MAX, o->most);
         ok && row_next(&q);) {
        outbox_row m = outbox_read(c->life, &q);
        if (c->g.json)
            message_json(&r.j, NULL, &m), reply_some(&r);
        else
            message_row(c, t, z, &m);
    }
    ok = ok && err_ok(e);
    if (c->g.json && ok)
        json_close(&r.j, ']'), reply_close(&r);
    else if (c->g.json)
        reply_drop(&r);
    else if (ok && !table_rows(t))
        term_say(&c->t, "There is nothing in the outbox.\n");
    else if (ok)
        table_print(t, &c->t, 0);
    store_close(s);
    return ok;
}

static bool show_tries(cli *c, store *s, const zone *z, int64_t id, err *e) {
    arena *a = c->life;
    for (row r = store_query(s, Q_outbox_try_list, e, "i", id); row_next(&r);)
        term_say(&c->t, "  %.*s  try %" PRId64 ", came to '%.*s': %.*s\n", STR_ARG(say_time(a, z, row_int(&r, 1))),
                 row_int(&r, 0), STR_ARG(str_dup(a, row_str(&r, 2))), STR_ARG(term_clean(a, row_str(&r, 5), true)));
    for (row r = store_query(s, Q_mail_bounce_list, e, "iii", id, INT64_MAX, INT64_C(50)); row_next(&r);)
        term_say(&c->t, "  %.*s  came back, %.*s %.*s: %.*s\n", STR_ARG(say_time(a, z, row_int(&r, 3))),
                 STR_ARG(str_dup(a, row_str(&r, 5))), STR_ARG(str_dup(a, row_str(&r, 6))),
                 STR_ARG(term_clean(a, row_str(&r, 7), true)));
    return err_ok(e);
}

static bool show_plain(cli *c, store *s, const zone *z, const outbox_row *o, err *e) {
    arena *a = c->life;
    term_put(&c->t, STYLE_bold, term_clean(a, o->subject, true));
    term_say(&c->t, "\n%s to %.*s, %s; put there by %.*s on %.*s; gate:%" PRId64 "\n", gate_kind_name(o->kind),
             STR_ARG(term_clean(a, o->address, true)), outbox_state_name(o->state), STR_ARG(term_clean(a, o->by, true)),
             STR_ARG(say_time(a, z, o->created_us)), o->gate_id);
    if (o->reply.len) term_say(&c->t, "%.*s\n", STR_ARG(term_clean(a, o->reply, true)));
    if (!show_tries(c, s, z, o->id, e)) return false;
    term_say(&c->t, "\n%.*s\n", STR_ARG(term_clean(a, o->text, false)));
    return true;
}

static bool show_as(cli *c, store *s, const zone *z, const outbox_opts *opts, const outbox_row *o, err *e) {
    mail_setup set;
    mail m;
    str x;
    if (!mail_setup_read(c->life, s, &set, e) || !mail_from_row(c->life, s, &set, o, c->w->now_us(c->w), z, &m, e))
        return false;
    if (opts->raw && !set.from_address.len) return fail(e, ERR_conflict, "no sender is set up yet: heed outbox setup");
    x = opts->html ? mail_html(c->life, &m) : mail_text(c->life, &m);
    if (opts->raw && !mail_compose(c->life, &m, &x, e)) return false;
    term_say(&c->t, "%.*s", STR_ARG(x));
    return true;
}

bool outbox_one_show(cli *c, const outbox_opts *o, err *e) {
    int64_t id;
    store *s;
    zone *z;
    outbox_row m;
    reply r;
    if (c->args.n != 2) return fail(e, ERR_usage, "name the message: heed outbox show 17");
    if (!cli_id("a message", c->args.v[1], &id, e) || !place_read(c, &s, e)) return false;
    bool ok = store_zone(s, c->life, &z, e) && outbox_get(c->life, s, id, &m, e);
    if (ok && c->g.json) {
        reply_open(&r, c);
        json_open(&r.j, NULL, '{');
        message_json(&r.j, "message", &m);
        json_put_str(&r.j, "text", m.text);
        json_close(&r.j, '}');
        reply_close(&r);
    } else if (ok) {
        ok = o->text || o->html || o->raw ? show_as(c, s, z, o, &m, e) : show_plain(c, s, z, &m, e);
    }
    store_close(s);
    return ok;
}

static void setup_json(cli *c, const mail_setup *m) {
    reply r;
    reply_open(&r, c);
    json_open(&r.j, NULL, '{');
    json_put_str(&r.j, "host", m->host);
    json_put_int(&r.j, "port", m->port);
    json_put_str(&r.j, "tls", m->tls);
    json_put_str(&r.j, "login", m->login);
    json_put_bool(&r.j, "password", m->password.len > 0);
    json_put_str(&r.j, "from", m->from_address);
    json_put_str(&r.j, "from_name", m->from_name);
    json_put_str(&r.j, "reply_to", m->reply_to);
    json_put_str(&r.j, "bounce", m->bounce_address);
    json_put_str(&r.j, "postal", m->postal);
    json_put_int(&r.j, "per_minute", m->per_minute);
    json_put_int(&r.j, "per_domain", m->per_domain);
    json_put_int(&r.j, "resend_after", m->resend_min);
    json_put_bool(&r.j, "on", m->on);
    json_close(&r.j, '}');
    reply_close(&r);
}

bool outbox_setup_print(cli *c, store *s, err *e) {
    mail_setup m;
    if (!mail_setup_read(c->life, s, &m, e)) return false;
    if (c->g.json) return setup_json(c, &m), true;
    if (!m.version) {
        term_say(&c->t, "Nothing is set up yet: heed outbox setup --host mail.example.org --from shop@example.org …\n");
        return true;
    }
    term_say(&c->t, "Sending is %s.\n", m.on ? "on" : "off: heed outbox setup --switch on");
    term_say(&c->t, "Server     %.*s:%" PRId64 ", %.*s", STR_ARG(m.host), m.port, STR_ARG(m.tls));
    if (m.login.len) term_say(&c->t, ", as %.*s%s", STR_ARG(m.login), m.password.len ? " with a password" : "");
    term_say(&c->t, "\nFrom       %.*s <%.*s>\n", STR_ARG(m.from_name), STR_ARG(m.from_address));
    if (m.reply_to.len) term_say(&c->t, "Answers    %.*s\n", STR_ARG(m.reply_to));
    if (m.bounce_address.len) term_say(&c->t, "Bounces    %.*s\n", STR_ARG(m.bounce_address));
    if (m.postal.len) term_say(&c->t, "Below      %.*s\n", STR_ARG(term_clean(c->life, m.postal, true)));
    if (m.per_minute) term_say(&c->t, "At most    %" PRId64 " a minute\n", m.per_minute);
    if (m.per_domain) term_say(&c->t, "           %" PRId64 " a minute to one domain\n", m.per_domain);
    if (m.resend_min)
        term_say(&c->t, "Unsure answers and service messages go again after %" PRId64 " minutes.\n", m.resend_min);
    return true;
}

bool outbox_keys_print(cli *c, store *s, err *e) {
    mail_key *all;
    size_t n;
    reply r;
    if (!mail_keys_read(c->life, s, &all, &n, e)) return false;
    if (c->g.json) reply_open(&r, c), json_open(&r.j, NULL, '[');
    for (size_t i = 0; i < n; i++) {
        const dkim_key *k = &all[i].key;
        if (c->g.json) {
            json_open(&r.j, NULL, '{');
            json_put_int(&r.j, "id", all[i].id);
            json_put_str(&r.j, "domain", k->domain);
            json_put_str(&r.j, "selector", k->selector);
            json_put_str(&r.j, "algorithm", str_c(dkim_algorithm(k->ed25519)));
            json_put_str(&r.j, "state", str_c(mail_key_state_name(all[i].state)));
            json_put_str(&r.j, "record", all[i].record);
            json_close(&r.j, '}');
            continue;
        }
        term_say(&c->t, "Key %" PRId64 ", %s, %s. Publish:\n%.*s\n", all[i].id, dkim_algorithm(k->ed25519),
                 mail_key_state_name(all[i].state),
                 STR_ARG(dkim_zone_line(c->life, k->domain, k->selector, all[i].record)));
        if (all[i].state == MAIL_KEY_MADE)
            term_say(&c->t, "When it is published: heed outbox dkim use %" PRId64 "\n", all[i].id);
    }
    if (c->g.json)
        json_close(&r.j, ']'), reply_close(&r);
    else if (!n)
        term_say(&c->t, "No key signs yet: heed outbox dkim make example.org\n");
    return true;
}

void outbox_put_print(cli *c, const outbox_put_answer *x) {
    if (c->g.json) {
        reply r;
        reply_open(&r, c);
        json_open(&r.j, NULL, '{');
        json_put_int(&r.j, "id", x->id);
        json_put_bool(&r.j, "again", x->again);
        json_put_str(&r.j, "verdict", str_c(gate_verdict_name(x->gate.verdict)));
        json_put_str(&r.j, "rule", str_c(x->gate.rule ? x->gate.rule : ""));
        json_put_str(&r.j, "reason", x->gate.reason);
        json_put_time(&r.j, "until", x->gate.verdict == GATE_DELAY ? x->gate.until_us : 0);
        json_close(&r.j, '}');
        reply_close(&r);
    } else if (x->again) {
        term_say(&c->t, "It was there already, as message %" PRId64 ". Nothing was done.\n", x->id);
    } else if (x->id) {
        term_say(&c->t, "Message %" PRId64 " is in the outbox.\n", x->id);
    } else {
        term_say(&c->t, "The gate says %s (%s): %.*s.\n", gate_verdict_name(x->gate.verdict), x->gate.rule,
                 STR_ARG(x->gate.reason));
        if (x->gate.verdict == GATE_DELAY)
            term_say(&c->t, "Ask again at %.*s.\n", STR_ARG(iso_str(c->life, x->gate.until_us)));
    }
}

void outbox_bounce_print(cli *c, const bounce_taken *x) {
    if (c->g.json) {
        reply r;
        reply_open(&r, c);
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "kind", str_c(bounce_kind_name(x->kind)));
        json_put_int(&r.j, "matched", x->matched);
        json_put_int(&r.j, "unmatched", x->unmatched);
        json_put_int(&r.j, "known", x->known);
        json_put_int(&r.j, "message", x->outbox_id);
        json_close(&r.j, '}');
        reply_close(&r);
    } else if (x->kind == BOUNCE_NONE) {
        term_say(&c->t, "This is no report of a message that came back.\n");
    } else if (x->outbox_id) {
        term_say(&c->t, "Message %" PRId64 " came back: %s.\n", x->outbox_id, bounce_kind_name(x->kind));
    } else {
        term_say(&c->t, x->known ? "It was known already.\n" : "It speaks of no message of ours.\n");
    }
}
