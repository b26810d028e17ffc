#include "decide/concession_private.h"

#include "know/people.h"
#include "know/settings.h"
#include "sql/decide_redline.h"

enum { ANSWER_HOURS = 4, GRANTED_US_HOURS = 24, MOST_WAITING = 500 };

static const char *const states[] = {"waiting", "granted", "declined", "withdrawn", "expired"};

const char *approval_state_name(enum approval_state s) {
    return states[s];
}

bool approval_state_of(str name, enum approval_state *out) {
    for (size_t i = 0; i < COUNT(states); i++)
        if (str_eq(name, str_c(states[i]))) return *out = (enum approval_state)i, true;
    return false;
}

static int64_t clock_of(ledger *l) {
    const world *w = ledger_world(l);
    return w->now_us(w);
}

// ---- made, and closed ----

bool approval_make(ledger *l, arena scratch, const concession *c, const checking *k, int64_t *id, err *e) {
    store *s = ledger_store(l);
    checking own = *k;
    const calendar *open;
    own.a = &scratch;
    if (!checking_hours(&own, &open, e) || !ledger_id(l, id, e)) return false;
    int64_t hours = k->has_envelope && k->env.hours ? k->env.hours : ANSWER_HOURS;
    int64_t due = business_add(open, c->at_us, hours * HOUR_US);
    return store_run(s, Q_approval_put, NULL, e, "iittii", *id, c->id, c->signer, c->ask.by, c->at_us, due);
}

bool approval_close(ledger *l, int64_t concession_id, enum approval_state how, str by, str words, err *e) {
    int64_t id;
    if (!store_int(ledger_store(l), Q_approval_of_concession, &id, 0, e, "i", concession_id)) return false;
    return !id ||
           store_run(ledger_store(l), Q_approval_decide, NULL, e, "iitit", id, (int64_t)how, by, clock_of(l), words);
}

// ---- read ----

static approval approval_read(arena *a, const row *r, int64_t now_us) {
    approval x = {.id = row_int(r, 0),
                  .concession = row_int(r, 1),
                  .state = (enum approval_state)row_int(r, 2),
                  .signer = str_dup(a, row_str(r, 3)),
                  .asked_by = str_dup(a, row_str(r, 4)),
                  .asked_us = row_int(r, 5),
                  .due_us = row_int(r, 6),
                  .decided_by = str_dup(a, row_str(r, 7)),
                  .decided_us = row_int(r, 8),
                  .words = str_dup(a, row_str(r, 9)),
                  .version = row_int(r, 10),
                  .kind = (enum concession_kind)row_int(r, 11),
                  .costs = row_int(r, 12),
                  .currency = (int32_t)row_int(r, 13),
                  .reason = str_dup(a, row_str(r, 14)),
                  .lines = str_dup(a, row_str(r, 15)),
                  .customer = row_int(r, 16)};
    if (x.state == APPROVAL_WAITING && x.due_us <= now_us) x.state = APPROVAL_EXPIRED;
    return x;
}

bool approval_get(arena *a, store *s, int64_t id, int64_t now_us, approval *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_approval_get, e, "i", id); row_next(&r); found = true)
        *out = approval_read(a, &r, now_us);
    return found && err_ok(e);
}

bool approvals_waiting(arena *a, store *s, str signer, int64_t now_us, approval **out, size_t *n, err *e) {
    *out = make(a, approval, MOST_WAITING), *n = 0;
    for (row r = store_query(s, Q_approval_waiting, e, "ii", now_us, (int64_t)MOST_WAITING); row_next(&r);)
        if (!signer.len || role_rank(signer) >= role_rank(row_str(&r, 3)))
            (*out)[(*n)++] = approval_read(a, &r, now_us);
    return err_ok(e);
}

bool approvals_list(arena *a, store *s, int64_t below, int state, int64_t now_us, int64_t most, approval **out,
                    size_t *n, err *e) {
    *out = make(a, approval, most + 1), *n = 0;
    row r = store_query(s, Q_approval_list, e, "iiii", below ? below : INT64_MAX, (int64_t)state, now_us, most);
    while (row_next(&r)) (*out)[(*n)++] = approval_read(a, &r, now_us);
    return err_ok(e);
}

bool approvals_name(arena *a, store *s, approval *list, size_t n, err *e) {
    people_card *cards = make(a, people_card, n + 1);
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        if (list[i].customer) cards[k++].id = list[i].customer;
    if (!people_fill(a, s, cards, k, e)) return false;
    k = 0;
    for (size_t i = 0; i < n; i++)
        if (list[i].customer) list[i].name = cards[k++].name;
    return true;
}

void approval_json(json_out *j, const char *key, const approval *x) {
    const currency *c = currency_by_number(x->currency);
    json_open(j, key, '{');
    json_put_int(j, "id", x->id);
    json_put_int(j, "concession", x->concession);
    json_put_str(j, "state", str_c(states[x->state]));
    json_put_str(j, "kind", str_c(concession_name(x->kind)));
    if (x->customer)
        json_put_int(j, "customer", x->customer);
    else
        json_put_null(j, "customer");
    if (x->name.len)
        json_put_str(j, "name", x->name);
    else
        json_put_null(j, "name");
    json_open(j, "costs", '{');
    json_put_int(j, "value", x->costs);
    json_put_str(j, "currency", str_c(c ? c->code : ""));
    json_close(j, '}');
    json_put_str(j, "signer", x->signer);
    json_put_str(j, "asked_by", x->asked_by);
    json_put_str(j, "reason", x->reason);
    json_put_time(j, "asked", x->asked_us);
    json_put_time(j, "due", x->due_us);
    json_put_str(j, "decided_by", x->decided_by);
    json_put_time(j, "decided", x->decided_us);
    json_put_str(j, "words", x->words);
    json_put_raw(j, "answer", x->lines.len ? x->lines : S("{}"));
    json_put_int(j, "version", x->version);
    json_close(j, '}');
}

// ---- decided ----

static bool find(ledger *l, arena *a, int64_t id, approval *x, err *e) {
    if (!approval_get(a, ledger_store(l), id, clock_of(l), x, e))
        return err_ok(e) ? fail(e, ERR_not_found, "there is no request %" PRId64, id) : false;
    return x->state == APPROVAL_WAITING ||
           fail(e, ERR_conflict, "request %" PRId64 " is %s already", id, states[x->state]);
}

static bool may_sign(const approval *x, const approval_word *w, err *e) {
    if (!str_trim(w->words).len) return fail(e, ERR_invalid, "'words' must give the reason");
    if (str_eq(w->by, x->asked_by)) return fail(e, ERR_denied, "nobody signs for what they asked for themselves");
    return role_rank(w->role) >= role_rank(x->signer) ||
           fail(e, ERR_denied, "only a role like %.*s may sign this", STR_ARG(x->signer));
}

// Anything that needs more than this signature by now does not pass.
static bool still_passes(const redline_answer *x, const approval_word *w, arena scratch, err *e) {
    if (x->verdict == REDLINE_REFUSED) return redline_refuse(scratch, x, e);
    return x->verdict == REDLINE_ALLOWED || role_rank(w->role) >= role_rank(x->signer) ||
           fail(e, ERR_denied, "by now it needs the signature of a role like %.*s", STR_ARG(x->signer));
}

bool approval_grant(ledger *l, arena *a, int64_t id, const approval_word *w, err *e) {
    store *s = ledger_store(l);
    approval x;
    concession c;
    checking k;
    redline_answer now_says;
    int64_t now = clock_of(l);
    if (!find(l, a, id, &x, e) || !may_sign(&x, w, e) || !concession_get(a, s, x.concession, now, &c, e)) return false;
    if (c.state != CONCESSION_WAITING)
        return fail(e, ERR_conflict, "concession %" PRId64 " is %s", c.id, concession_state_name(c.state));
    if (!checking_open(&k, a, s, &c.ask, now, e) || !checking_judge(&k, &k.ask, &now_says, e)) return false;
    if (now_says.verdict == REDLINE_REFUSED && !checking_instead(&k, &now_says, e)) return false;
    if (!still_passes(&now_says, w, *a, e)) return false;
    now_says.assumed = buf_str(&k.assumed);
    buf b = buf_new(a, (size_t)1 << 18);
    json_out j = json_to(&b);
    redline_answer_json(&j, NULL, &now_says);
    c.state = CONCESSION_RESERVED, c.at_us = now, c.keep_us = now + GRANTED_US_HOURS * HOUR_US;
    return store_run(s, Q_concession_granted, NULL, e, "iiiit", c.id, now, c.keep_us, (int64_t)now_says.verdict,
                     buf_str(&b)) &&
           concession_count_all(s, &k, &c, e) && approval_close(l, c.id, APPROVAL_GRANTED, w->by, w->words, e);
}

static bool ends(ledger *l, const approval *x, enum concession_state how, str by, err *e) {
    return store_run(ledger_store(l), Q_concession_state, NULL, e, "iiitti", x->concession, (int64_t)how, clock_of(l),
                     by, S(""), (int64_t)-1);
}

bool approval_decline(ledger *l, arena *a, int64_t id, const approval_word *w, err *e) {
    approval x;
    return find(l, a, id, &x, e) && may_sign(&x, w, e) && ends(l, &x, CONCESSION_DECLINED, w->by, e) &&
           approval_close(l, x.concession, APPROVAL_DECLINED, w->by, w->words, e);
}

bool approval_withdraw(ledger *l, arena *a, int64_t id, const approval_word *w, err *e) {
    approval x;
    if (!find(l, a, id, &x, e)) return false;
    if (!str_eq(w->by, x.asked_by) && role_rank(w->role) < role_rank(x.signer))
        return fail(e, ERR_denied, "only who asked for it may withdraw it");
    return ends(l, &x, CONCESSION_RELEASED, w->by, e) &&
           approval_close(l, x.concession, APPROVAL_WITHDRAWN, w->by, w->words, e);
}
