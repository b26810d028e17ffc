#include "act/outbox.h"

#include "act/address.h"
#include "act/mail.h"
#include "base/civil.h"
#include "know/consent.h"
#include "sql/act_gate.h"
#include "sql/act_outbox.h"
#include "sql/know.h"

enum { WORDS_MOST = MAIL_MOST / 16, NAME_MOST = 100, TOKEN = 16, PROFILES = 1000, WEEK = 7, SETTLE_MIN = 15 };

static const char *const states[OUTBOX_STATES] = {"waiting", "sending", "unsure",   "sent",
                                                  "failed",  "bounced", "cancelled"};

const char *outbox_state_name(enum outbox_state s) {
    return states[s];
}

enum outbox_state outbox_state_of(str name) {
    for (size_t i = 0; i < COUNT(states); i++)
        if (str_eq(name, str_c(states[i]))) return (enum outbox_state)i;
    return OUTBOX_STATES;
}

// ---- reading ----

outbox_row outbox_read(arena *a, const row *r) {
    return (outbox_row){.id = row_int(r, 0),
                        .gate_id = row_int(r, 1),
                        .profile = row_int(r, 2),
                        .kind = (enum gate_kind)row_int(r, 3),
                        .template = str_dup(a, row_str(r, 4)),
                        .occasion = str_dup(a, row_str(r, 5)),
                        .state = (enum outbox_state)row_int(r, 6),
                        .address = str_dup(a, row_str(r, 7)),
                        .domain = str_dup(a, row_str(r, 8)),
                        .to_name = str_dup(a, row_str(r, 9)),
                        .from_name = str_dup(a, row_str(r, 10)),
                        .reply_to = str_dup(a, row_str(r, 11)),
                        .subject = str_dup(a, row_str(r, 12)),
                        .text = str_dup(a, row_str(r, 13)),
                        .html = str_dup(a, row_str(r, 14)),
                        .lang = str_dup(a, row_str(r, 15)),
                        .in_reply_to = str_dup(a, row_str(r, 16)),
                        .token = str_dup(a, row_str(r, 17)),
                        .survey = str_dup(a, row_str(r, 18)),
                        .quota = str_dup(a, row_str(r, 19)),
                        .playbook_run = row_int(r, 20),
                        .survey_ask = row_int(r, 21),
                        .by = str_dup(a, row_str(r, 22)),
                        .tries = row_int(r, 23),
                        .created_us = row_int(r, 24),
                        .next_us = row_int(r, 25),
                        .first_us = row_int(r, 26),
                        .marked_us = row_int(r, 27),
                        .ended_us = row_int(r, 28),
                        .reply = str_dup(a, row_str(r, 29)),
                        .told = row_int(r, 30) == 2};
}

bool outbox_get(arena *a, store *s, int64_t id, outbox_row *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_outbox_get, e, "i", id); row_next(&r);) *out = outbox_read(a, &r), found = true;
    if (!err_ok(e)) return false;
    return found || fail(e, ERR_not_found, "there is no message %" PRId64 " in the outbox", id);
}

bool outbox_customer(store *s, const outbox_row *o, int64_t *customer, err *e) {
    return store_int(s, Q_gate_customer_of, customer, 0, e, "i", o->profile);
}

bool outbox_count(store *s, outbox_counts *out, err *e) {
    *out = (outbox_counts){0};
    for (row r = store_query(s, Q_outbox_counts, e, ""); row_next(&r);) {
        int64_t state = row_int(&r, 0);
        if (state < 0 || state >= OUTBOX_STATES) continue;
        out->of[state] = row_int(&r, 1);
        if (state == OUTBOX_WAITING) out->oldest_us = row_int(&r, 2);
    }
    return err_ok(e);
}

bool outbox_trouble(store *s, int64_t now_us, outbox_troubles *out, err *e) {
    *out = (outbox_troubles){0};
    for (row r = store_query(s, Q_outbox_trouble, e, "ii", now_us - WEEK * DAY_US, now_us - DAY_US); row_next(&r);)
        *out = (outbox_troubles){row_int(&r, 0), row_int(&r, 1), row_int(&r, 2), row_int(&r, 3)};
    return err_ok(e);
}

// ---- putting ----

static bool one_line(str x, const char *what, size_t most, err *e) {
    if (x.len > most) return fail(e, ERR_invalid, "'%s' is longer than %zu bytes; make it shorter", what, most);
    if (!str_utf8_ok(x)) return fail(e, ERR_invalid, "'%s' is not UTF-8; write it as UTF-8", what);
    for (size_t i = 0; i < x.len; i++)
        if ((unsigned char)x.s[i] < ' ' || x.s[i] == 0x7F)
            return fail(e, ERR_invalid, "'%s' must be one line without control characters; take them out", what);
    return true;
}

static bool message_id_ok(str x, err *e) {
    bool ok = x.len < 250 && str_ascii(x) == x.len;
    for (size_t i = 0; ok && i < x.len; i++) ok = x.s[i] > ' ' && x.s[i] < 0x7F && !strchr("<>", x.s[i]);
    return ok || fail(e, ERR_invalid, "'in_reply_to' is no Message-ID; write it as id@example.org, without < and >");
}

static bool check(const outbox_new *n, err *e) {
    const gate_ask *g = &n->gate;
    if (!gate_kind_row_of(g->kind)) return fail(e, ERR_invalid, "'kind' is none; heed gate kinds lists them");
    if (!g->template.len || !g->occasion.len)
        return fail(e, ERR_invalid, "'template' and 'occasion' are needed: with both, a message goes to a person once");
    if (!str_trim(n->subject).len || !str_trim(n->text).len)
        return fail(e, ERR_invalid, "a message needs a 'subject' and a 'text'");
    if (n->text.len > WORDS_MOST || n->html.len > WORDS_MOST)
        return fail(e, ERR_too_large, "the words are longer than %d bytes; make them shorter", WORDS_MOST);
    if (!str_utf8_ok(n->text) || !str_utf8_ok(n->html)) return fail(e, ERR_invalid, "the words are not UTF-8");
    return one_line(n->subject, "subject", MAIL_SUBJECT_MOST, e) &&
           one_line(n->to_name, "to_name", MAIL_NAME_MOST, e) &&
           one_line(n->from_name, "from_name", MAIL_NAME_MOST, e) && one_line(g->template, "template", NAME_MOST, e) &&
           one_line(g->occasion, "occasion", NAME_MOST, e) && one_line(n->lang, "lang", 12, e) &&
           message_id_ok(n->in_reply_to, e) && mail_html_check(n->html, e);
}

bool outbox_address_of(arena *a, store *s, int64_t customer, int64_t now_us, str *out, err *e) {
    int64_t *profiles = make(a, int64_t, PROFILES);
    size_t n = 0;
    int best = 0;
    *out = S("");
    for (row p = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&p);)
        if (n < PROFILES) profiles[n++] = row_int(&p, 0);
    if (err_ok(e) && !n) return fail(e, ERR_not_found, "there is no customer %" PRId64, customer);
    for (size_t i = 0; i < n; i++) {
        for (row r = store_query(s, Q_identifier_of_profile, e, "i", profiles[i]); row_next(&r);) {
            enum ident_kind k = (enum ident_kind)row_int(&r, 0);
            address_state held;
            if (k != IDENT_email && k != IDENT_email_unverified) continue;
            str value = str_dup(a, row_str(&r, 1));
            if (!address_read(a, s, profiles, n, value, now_us, &held, e)) return false;
            int worth = (k == IDENT_email ? 4 : 2) + (held.hard_us ? -1 : 0) + (held.complaint_us ? -1 : 0);
            if (worth > best) best = worth, *out = value;
        }
    }
    return err_ok(e);
}

static bool address_for(arena *a, store *s, const gate_ask *g, int64_t now_us, str *out, err *e) {
    str raw = g->address;
    if (g->customer <= 0) return fail(e, ERR_invalid, "'customer' is missing: nothing is sent to nobody");
    if (!raw.len && !outbox_address_of(a, s, g->customer, now_us, &raw, e)) return false;
    if (!raw.len)
        return fail(e, ERR_conflict, "customer %" PRId64 " has no e-mail address that we know; give one", g->customer);
    return mail_address(a, raw, out, e);
}

static str new_token(arena *a, const world *w) {
    unsigned char dice[TOKEN];
    char *text = make(a, char, TOKEN + 1);
    w->random(w, dice, sizeof dice);
    for (int i = 0; i < TOKEN; i++) text[i] = "abcdefghijklmnopqrstuvwxyz234567"[dice[i] & 31];
    return (str){text, TOKEN};
}

static bool store_it(ledger *l, arena *a, const outbox_new *n, const gate_ask *g, outbox_put_answer *out, err *e) {
    const world *w = ledger_world(l);
    int64_t now = w->now_us(w);
    str reply_to = n->reply_to;
    if (reply_to.len && !mail_address(a, reply_to, &reply_to, e)) return false;
    return ledger_id(l, &out->id, e) &&
           store_run(ledger_store(l), Q_outbox_put, NULL, e, "iiiitttttttttttttttiitii", out->id, out->gate.id,
                     g->customer, (int64_t)g->kind, g->template, g->occasion, g->address, mail_domain(g->address),
                     n->to_name, n->from_name, reply_to, n->subject, n->text, n->html, n->lang, n->in_reply_to,
                     new_token(a, w), g->survey, g->quota, n->playbook_run, n->survey_ask, g->by, now,
                     MAX(now, n->not_before_us));
}

bool outbox_put(ledger *l, arena *a, const outbox_new *n, outbox_put_answer *out, err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    gate_ask g = n->gate;
    *out = (outbox_put_answer){.gate.rule = ""};
    if (!check(n, e) || !address_for(a, s, &g, w->now_us(w), &g.address, e)) return false;
    g.channel = CHANNEL_email;
    for (row r = store_query(s, Q_outbox_of_occasion, e, "itt", g.customer, g.template, g.occasion); row_next(&r);)
        out->id = row_int(&r, 0), out->gate.id = row_int(&r, 1), out->again = true;
    if (!err_ok(e) || out->again) return err_ok(e);
    if (!gate_pass(l, a, &g, &out->gate, e)) return false;
    return out->gate.verdict != GATE_ALLOW || store_it(l, a, n, &g, out, e);
}

// ---- what people do ----

static str in_words(arena *a, const char *what, str by) {
    return str_fmt(a, "%s by %.*s", what, STR_ARG(by.len ? by : S("heed")));
}

static bool end(ledger *l, arena *a, const outbox_row *o, enum outbox_state state, const char *what, str by, err *e) {
    const world *w = ledger_world(l);
    return store_run(ledger_store(l), Q_outbox_end, NULL, e, "iiiti", o->id, (int64_t)state, w->now_us(w),
                     in_words(a, what, by), o->tries);
}

static bool cancel(ledger *l, arena *a, int64_t id, str by, err *e) {
    outbox_row o;
    if (!outbox_get(a, ledger_store(l), id, &o, e)) return false;
    switch (o.state) {
    case OUTBOX_WAITING: return end(l, a, &o, OUTBOX_CANCELLED, "cancelled", by, e) && gate_unsent(l, o.gate_id, e);
    case OUTBOX_FAILED: return end(l, a, &o, OUTBOX_CANCELLED, "cancelled", by, e);
    case OUTBOX_SENDING:
        return fail(e, ERR_conflict, "message %" PRId64 " is being sent right now; it is too late to cancel it", id);
    case OUTBOX_UNSURE:
        return fail(e, ERR_conflict, "message %" PRId64 " may have arrived already; say with 'settle' whether it did",
                    id);
    case OUTBOX_SENT:
    case OUTBOX_BOUNCED:
    case OUTBOX_CANCELLED:
    case OUTBOX_STATES: break;
    }
    return fail(e, ERR_conflict, "message %" PRId64 " is %s already", id, outbox_state_name(o.state));
}

bool outbox_cancel(ledger *l, int64_t id, str by, err *e) {
    arena a = arena_open(1 << 22);
    bool ok = cancel(l, &a, id, by, e);
    arena_close(&a);
    return ok;
}

static bool settle(ledger *l, arena *a, int64_t id, bool arrived, str by, err *e) {
    outbox_row o;
    const world *w = ledger_world(l);
    store *s = ledger_store(l);
    if (!outbox_get(a, s, id, &o, e)) return false;
    if (o.state != OUTBOX_UNSURE)
        return fail(e, ERR_conflict, "message %" PRId64 " is %s; only an unsure one is settled", id,
                    outbox_state_name(o.state));
    if (arrived)
        return store_run(s, Q_outbox_settled, NULL, e, "iit", id, o.marked_us,
                         in_words(a, "it arrived, as was found out", by));
    // Its answer may still be on the way; until then nobody can know that it did not arrive.
    if (w->now_us(w) - o.marked_us < SETTLE_MIN * 60 * SECOND_US)
        return fail(e, ERR_conflict,
                    "message %" PRId64 " was given to the server a moment ago; wait %d minutes before you call it lost",
                    id, (int)SETTLE_MIN);
    return store_run(s, Q_outbox_later, NULL, e, "iitiii", id, w->now_us(w),
                     in_words(a, "it did not arrive, as was found out", by), o.tries, o.first_us, INT64_C(0));
}

bool outbox_settle(ledger *l, int64_t id, bool arrived, str by, err *e) {
    arena a = arena_open(1 << 22);
    bool ok = settle(l, &a, id, arrived, by, e);
    arena_close(&a);
    return ok;
}

static gate_ask ask_of(const outbox_row *o, int64_t customer) {
    return (gate_ask){.kind = o->kind,
                      .customer = customer,
                      .channel = CHANNEL_email,
                      .address = o->address,
                      .template = o->template,
                      .occasion = o->occasion,
                      .survey = o->survey,
                      .quota = o->quota,
                      .by = o->by};
}

// The record that let it pass before does not count any more; it may have been taken back already.
static bool unsend(ledger *l, int64_t gate_id, err *e) {
    err none = {0};
    return gate_unsent(l, gate_id, &none) || none.code == ERR_not_found || fail(e, none.code, "%s", none.msg);
}

bool outbox_retry(ledger *l, arena *a, int64_t id, str by, err *e) {
    outbox_row o;
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    int64_t now = w->now_us(w), customer;
    gate_answer x;
    if (!outbox_get(a, s, id, &o, e) || !outbox_customer(s, &o, &customer, e)) return false;
    if (o.state == OUTBOX_WAITING) return store_run(s, Q_outbox_pace, NULL, e, "iii", id, o.next_us, now);
    if (o.state == OUTBOX_SENDING || o.state == OUTBOX_SENT)
        return fail(e, ERR_conflict, "message %" PRId64 " is %s; it is not sent again", id, outbox_state_name(o.state));
    if (o.state == OUTBOX_UNSURE)
        return fail(e, ERR_conflict, "message %" PRId64 " may have arrived already; say with 'settle' whether it did",
                    id);
    gate_ask g = ask_of(&o, customer);
    g.by = by;
    if (!unsend(l, o.gate_id, e) || !gate_pass(l, a, &g, &x, e)) return false;
    if (x.verdict != GATE_ALLOW)
        return fail(e, ERR_conflict, "the gate says %s: %.*s", gate_verdict_name(x.verdict),
                    (int)MIN(x.reason.len, 180), x.reason.s);
    return store_run(s, Q_outbox_again, NULL, e, "iii", id, now, x.id);
}

// ---- before each try ----

static bool record_allows(store *s, const outbox_row *o, bool *ok, err *e) {
    *ok = false;
    for (row r = store_query(s, Q_gate_get, e, "i", o->gate_id); row_next(&r);)
        *ok = row_int(&r, 3) == (int64_t)o->kind && row_int(&r, 4) == CHANNEL_email &&
              str_eq(row_str(&r, 5), o->template) && str_eq(row_str(&r, 6), o->occasion) &&
              row_int(&r, 10) == GATE_ALLOW && row_null(&r, 15);
    return err_ok(e);
}

bool outbox_ask(arena *a, store *s, const outbox_row *o, int64_t now_us, outbox_leave *out, err *e) {
    // What may have changed since it passed. The others count what was sent, and this one counts already.
    static const char *const again[] = {"suppressed", "consent", "address", "state", "quiet"};
    int64_t customer = 0, real = 0;
    bool allowed;
    *out = (outbox_leave){.may = OUTBOX_STOP};
    if (!record_allows(s, o, &allowed, e) || !outbox_customer(s, o, &customer, e)) return false;
    if (!allowed) return out->why = S("no record of the gate lets it pass"), true;
    if (!customer) return out->why = S("the customer is not there any more"), true;
    if (!store_int(s, Q_outbox_real, &real, 0, e, "i", customer)) return false;
    if (!real) return out->why = S("a made-up customer of the sample company; nothing is sent to them"), true;
    gate_ask g = ask_of(o, customer);
    gate_answer said[GATE_RULES];
    if (!gate_steps(a, s, &g, now_us, o->gate_id, said, e)) return false;
    *out = (outbox_leave){.may = OUTBOX_GO};
    for (int i = 0; i < GATE_RULES && out->may == OUTBOX_GO; i++)
        for (size_t k = 0; k < COUNT(again); k++) {
            if (said[i].verdict == GATE_ALLOW || strcmp(said[i].rule, again[k]) != 0) continue;
            bool later = said[i].verdict == GATE_DELAY && said[i].until_us > now_us;
            *out = (outbox_leave){later ? OUTBOX_LATER : OUTBOX_STOP, said[i].until_us, said[i].reason};
        }
    return true;
}
