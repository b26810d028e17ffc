// The outbox: what we send, and what came back.
#include "serve/api_outbox.h"

#include "act/bounce.h"
#include "act/mail_setup.h"
#include "act/outbox_self.h"
#include "act/outbox_tell.h"
#include "know/fold.h"
#include "serve/handlers.h"
#include "serve/names.h"
#include "serve/page.h"
#include "sql/act_outbox.h"

// ---- as JSON ----

static void put_row(call *c, const char *key, const outbox_row *o, const customer_named *to) {
    json_out *j = &c->out;
    json_open(j, key, '{');
    json_put_int(j, "id", o->id);
    put_id(j, "customer", to->customer);
    put_name(j, "name", to->name);
    json_put_str(j, "kind", str_c(gate_kind_name(o->kind)));
    json_put_str(j, "template", o->template);
    json_put_str(j, "occasion", o->occasion);
    json_put_str(j, "state", str_c(outbox_state_name(o->state)));
    json_put_str(j, "address", o->address);
    json_put_str(j, "to_name", o->to_name);
    json_put_str(j, "from_name", o->from_name);
    json_put_str(j, "subject", o->subject);
    json_put_str(j, "lang", o->lang);
    json_put_str(j, "by", o->by);
    json_put_int(j, "gate", o->gate_id);
    json_put_int(j, "tries", o->tries);
    out_time(j, "created", o->created_us);
    out_time(j, "due", o->state == OUTBOX_WAITING ? o->next_us : 0);
    out_time(j, "unsure_since", o->marked_us);
    out_time(j, "ended", o->ended_us);
    json_put_str(j, "reply", o->reply);
    json_put_bool(j, "told", o->told);
    json_close(j, '}');
}

static bool put_message(call *c, const char *key, const outbox_row *o, err *e) {
    customer_named to = {.profile = o->profile};
    if (!names_fill(c, &to, 1, e)) return false;
    put_row(c, key, o, &to);
    return true;
}

void put_id(json_out *j, const char *key, int64_t id) {
    if (id)
        json_put_int(j, key, id);
    else
        json_put_null(j, key);
}

static void put_bounce(json_out *j, const row *r) {
    json_open(j, NULL, '{');
    json_put_int(j, "id", row_int(r, 0));
    put_id(j, "message", row_int(r, 1));
    out_time(j, "at", row_int(r, 3));
    json_put_str(j, "address", row_str(r, 4));
    json_put_str(j, "kind", row_str(r, 5));
    json_put_str(j, "status", row_str(r, 6));
    json_put_str(j, "words", row_str(r, 7));
    json_put_str(j, "matched", row_str(r, 8).len ? row_str(r, 8) : S("none"));
    json_close(j, '}');
}

static bool asked(call *c, outbox_row *o, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) && outbox_get(c->a, c->s, id, o, e);
}

static str subject_of(call *c, int64_t id) {
    return str_fmt(c->a, "outbox:%" PRId64, id);
}

// ---- reading ----

bool outbox_page(call *c, err *e) {
    paging p;
    enum outbox_state state = outbox_state_of(in_str(c, "state"));
    if (!page_open(c, &p, e)) return false;
    size_t n = 0, most = (size_t)p.limit;
    outbox_row *list = make(c->a, outbox_row, most + 1);
    customer_named *to = make(c->a, customer_named, most + 1);
    row r = store_query(c->s, Q_outbox_list, e, "iiii", state < OUTBOX_STATES ? (int64_t)state : INT64_C(-1),
                        in_int(c, "customer", 0), p.first ? INT64_MAX : p.after[0], p.limit + 1);
    for (; row_next(&r); n++)
        if (n <= most) list[n] = outbox_read(c->a, &r), to[n].profile = list[n].profile;
    size_t shown = MIN(n, most);
    if (!err_ok(e) || !names_fill(c, to, shown, e)) return false;
    for (size_t i = 0; i < shown; i++) put_row(c, NULL, &list[i], &to[i]);
    page_close(c, &p, n > most, shown ? list[shown - 1].id : 0, 0);
    return err_ok(e) && audit(c, "outbox.list", S("outbox"), S("{}"), e);
}

static bool put_tries(call *c, int64_t id, err *e) {
    json_out *j = &c->out;
    json_open(j, "tries", '[');
    for (row r = store_query(c->s, Q_outbox_try_list, e, "i", id); row_next(&r);) {
        json_open(j, NULL, '{');
        out_time(j, "at", row_int(&r, 1));
        json_put_str(j, "stage", row_str(&r, 2));
        json_put_int(j, "status", row_int(&r, 3));
        json_put_int(j, "took_ms", row_int(&r, 4) / 1000);
        json_put_str(j, "reply", row_str(&r, 5));
        json_close(j, '}');
    }
    json_close(j, ']');
    json_open(j, "bounces", '[');
    for (row r = store_query(c->s, Q_mail_bounce_list, e, "iii", id, INT64_MAX, INT64_C(50)); row_next(&r);)
        put_bounce(j, &r);
    json_close(j, ']');
    return err_ok(e);
}

bool outbox_show(call *c, err *e) {
    outbox_row o;
    mail_setup m;
    if (!asked(c, &o, e) || !mail_setup_read(c->a, c->s, &m, e)) return false;
    json_open(&c->out, NULL, '{');
    if (!put_message(c, "message", &o, e)) return false;
    json_put_str(&c->out, "message_id", m.from_address.len ? mail_message_id(c->a, o.token, m.from_address) : S(""));
    json_put_str(&c->out, "text", o.text);
    json_put_bool(&c->out, "html", o.html.len > 0);
    if (!put_tries(c, o.id, e)) return false;
    json_close(&c->out, '}');
    return audit(c, "outbox.show", subject_of(c, o.id), S("{}"), e);
}

static bool preview(call *c, outbox_row *o, mail *m, err *e) {
    mail_setup set;
    zone *z;
    return asked(c, o, e) && mail_setup_read(c->a, c->s, &set, e) && store_zone(c->s, c->a, &z, e) &&
           mail_from_row(c->a, c->s, &set, o, c->now_us, z, m, e) &&
           audit(c, "outbox.show", subject_of(c, o->id), S("{}"), e);
}

bool outbox_text(call *c, err *e) {
    outbox_row o;
    mail m;
    if (!preview(c, &o, &m, e)) return false;
    call_text(c, "text/plain; charset=utf-8", mail_text(c->a, &m));
    return true;
}

// Words of others: whatever they hold, the browser runs nothing and fetches nothing.
bool outbox_html(call *c, err *e) {
    outbox_row o;
    mail m;
    if (!preview(c, &o, &m, e)) return false;
    response_header(c->r, "Content-Security-Policy",
                    S("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"));
    call_text(c, "text/html; charset=utf-8", mail_html(c->a, &m));
    return true;
}

bool outbox_raw(call *c, err *e) {
    outbox_row o;
    mail m;
    str message;
    if (!preview(c, &o, &m, e)) return false;
    if (!m.from_address.len) return fail(e, ERR_conflict, "no sender is set up; 'heed outbox setup' says how");
    if (!mail_compose(c->a, &m, &message, e)) return false;
    call_text(c, "message/rfc822", message);
    return true;
}

bool outbox_sums(call *c, err *e) {
    json_out *j = &c->out;
    outbox_counts n;
    outbox_troubles t;
    if (!store_begin_read(c->s, e) || !outbox_count(c->s, &n, e) || !outbox_trouble(c->s, c->now_us, &t, e))
        return false;
    json_open(j, NULL, '{');
    for (int i = 0; i < OUTBOX_STATES; i++) json_put_int(j, outbox_state_name((enum outbox_state)i), n.of[i]);
    out_time(j, "oldest", n.oldest_us);
    json_open(j, "trouble", '{');
    json_put_int(j, "unsure", t.unsure);
    json_put_int(j, "failed", t.failed);
    json_put_int(j, "bounced", t.bounced);
    json_put_int(j, "waiting", t.waiting);
    json_close(j, '}');
    json_close(j, '}');
    return true;
}

// ---- doing ----

static bool answer_put(call *c, const outbox_put_answer *x, const char *action, err *e) {
    json_out *j = &c->out;
    if (x->id && !x->again) {
        call_status(c, 201);
        call_location(c, str_fmt(c->a, "/api/outbox/%" PRId64, x->id));
    }
    json_open(j, NULL, '{');
    put_id(j, "id", x->id);
    json_put_bool(j, "again", x->again);
    json_put_str(j, "verdict", str_c(gate_verdict_name(x->gate.verdict)));
    json_put_str(j, "rule", str_c(x->gate.rule ? x->gate.rule : ""));
    json_put_str(j, "reason", x->gate.reason);
    out_time(j, "until", x->gate.verdict == GATE_DELAY ? x->gate.until_us : 0);
    put_id(j, "gate", x->gate.id);
    json_close(j, '}');
    return audit(c, action, subject_of(c, x->id), S("{}"), e);
}

bool outbox_make(call *c, err *e) {
    outbox_new n = {.gate = {.kind = gate_kind_of(in_str(c, "kind")),
                             .customer = in_int(c, "customer", 0),
                             .address = in_str(c, "address"),
                             .template = in_str(c, "template"),
                             .occasion = in_str(c, "occasion"),
                             .survey = in_str(c, "survey"),
                             .quota = in_str(c, "quota"),
                             .by = who_text(c->a, &c->who)},
                    .to_name = in_str(c, "to_name"),
                    .from_name = in_str(c, "from_name"),
                    .reply_to = in_str(c, "reply_to"),
                    .subject = in_str(c, "subject"),
                    .text = in_str(c, "text"),
                    .html = in_str(c, "html"),
                    .lang = in_str(c, "lang"),
                    .in_reply_to = in_str(c, "in_reply_to")};
    outbox_put_answer x;
    zone *z;
    if (!n.gate.kind) return fail_field(c, e, "kind", "'kind' is none of /api/gate/kinds");
    if (in_str(c, "not_before").len &&
        (!store_zone(c->s, c->a, &z, e) || !time_asked(in_str(c, "not_before"), z, c->now_us, &n.not_before_us)))
        return err_ok(e) ? fail_field(c, e, "not_before", "'not_before' is no day or time") : false;
    return outbox_put(know_ledger(c->d->k), c->a, &n, &x, e) && answer_put(c, &x, "outbox.put", e);
}

bool outbox_try_it(call *c, err *e) {
    outbox_put_answer x;
    return outbox_self(know_ledger(c->d->k), c->a, in_str(c, "address"), page_locale(c), who_text(c->a, &c->who), &x,
                       e) &&
           store_begin(c->s, e) && answer_put(c, &x, "outbox.test", e) && ledger_commit(know_ledger(c->d->k), e);
}

static bool changed(call *c, int64_t id, const char *action, err *e) {
    outbox_row o;
    return outbox_get(c->a, c->s, id, &o, e) && audit(c, action, subject_of(c, id), S("{}"), e) &&
           put_message(c, NULL, &o, e);
}

bool outbox_stop(call *c, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) && outbox_cancel(know_ledger(c->d->k), id, who_text(c->a, &c->who), e) &&
           changed(c, id, "outbox.cancel", e);
}

bool outbox_again(call *c, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) && outbox_retry(know_ledger(c->d->k), c->a, id, who_text(c->a, &c->who), e) &&
           changed(c, id, "outbox.retry", e);
}

bool outbox_found(call *c, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) &&
           outbox_settle(know_ledger(c->d->k), id, in_bool(c, "arrived"), who_text(c->a, &c->who), e) &&
           changed(c, id, "outbox.settle", e);
}

// ---- what comes back ----

bool outbox_bounces_page(call *c, err *e) {
    paging p;
    int64_t id = 0, n = 0;
    if (!page_open(c, &p, e)) return false;
    row r = store_query(c->s, Q_mail_bounce_list, e, "iii", INT64_C(0), p.first ? INT64_MAX : p.after[0], p.limit + 1);
    for (; row_next(&r); n++) {
        if (n >= p.limit) continue;
        id = row_int(&r, 0);
        put_bounce(&c->out, &r);
    }
    page_close(c, &p, n > p.limit, id, 0);
    return err_ok(e) && audit(c, "outbox.bounces", S("outbox"), S("{}"), e);
}

bool outbox_bounces_take(call *c, err *e) {
    ledger *l = know_ledger(c->d->k);
    bounce_taken x;
    size_t told;
    json_out *j = &c->out;
    if (!store_begin(c->s, e) || !bounce_take(l, c->a, c->q->body, &x, e) ||
        !audit(c, "outbox.bounce", S("outbox"), S("{}"), e) || !ledger_commit(l, e) || !outbox_tell(l, c->a, &told, e))
        return false;
    json_open(j, NULL, '{');
    json_put_str(j, "kind", str_c(bounce_kind_name(x.kind)));
    json_put_int(j, "matched", x.matched);
    json_put_int(j, "unmatched", x.unmatched);
    json_put_int(j, "known", x.known);
    put_id(j, "message", x.outbox_id);
    json_close(j, '}');
    return true;
}
