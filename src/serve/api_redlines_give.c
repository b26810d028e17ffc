// Concessions in two steps, and who signs.
#include "serve/api_redlines.h"

#include "know/fold.h"

enum { DAY_MINUTES = 24 * 60 };

static str me(call *c) {
    return who_text(c->a, &c->who);
}

static bool put_given(call *c, int64_t id, err *e) {
    concession x;
    if (!concession_get(c->a, c->s, id, c->now_us, &x, e))
        return err_ok(e) ? fail(e, ERR_not_found, "there is no concession %" PRId64, id) : false;
    concession_json(&c->out, NULL, &x);
    return true;
}

static bool note(call *c, const char *action, const char *noun, int64_t id, err *e) {
    return audit(c, action, str_fmt(c->a, "%s:%" PRId64, noun, id), S("{}"), e);
}

// ---- reading ----

bool concessions_page(call *c, err *e) {
    paging p;
    concession *all;
    size_t n;
    enum concession_state state = CONCESSION_WAITING;
    bool some = in_has(c, "state") && concession_state_of(in_str(c, "state"), &state);
    if (!page_open(c, &p, e)) return false;
    concession_which q = {.below = p.first ? 0 : p.after[0],
                          .state = some ? (int)state : -1,
                          .customer = in_int(c, "customer", 0),
                          .review = in_bool(c, "review"),
                          .kind = concession_of(in_str(c, "kind")),
                          .most = p.limit + 1};
    if (in_has(c, "kind") && !q.kind) return fail_field(c, e, "kind", "'kind' is no kind of concession");
    if (!concessions_list(c->a, c->s, &q, c->now_us, &all, &n, e)) return false;
    bool more = n > (size_t)p.limit;
    n = MIN(n, (size_t)p.limit);
    for (size_t i = 0; i < n; i++) concession_json(&c->out, NULL, &all[i]);
    page_close(c, &p, more, n ? all[n - 1].id : 0, 0);
    return true;
}

bool concessions_show(call *c, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) && put_given(c, id, e);
}

// ---- two steps ----

bool concessions_reserve(call *c, err *e) {
    concession_new n = {.no_approval = in_bool(c, "no_approval")};
    concession_made made;
    int64_t minutes = in_int(c, "keep_minutes", 0);
    if (!ask_in(c, json_object_get(c->in, "ask"), "ask.", &n.ask, e)) return false;
    if (minutes < 0 || minutes > DAY_MINUTES)
        return fail_field(c, e, "keep_minutes", "'keep_minutes' must be from 1 to %d", (int)DAY_MINUTES);
    n.keep_us = minutes * 60 * SECOND_US;
    // A key belongs to whoever uses it, so that nobody meets another's.
    if (in_has(c, "key")) n.key = str_fmt(c->a, "%.*s %.*s", STR_ARG(me(c)), STR_ARG(in_str(c, "key")));
    if (!concession_reserve(know_ledger(c->d->k), c->a, &n, &made, e)) return false;
    str detail = str_fmt(c->a, "{\"state\":\"%s\"}", concession_state_name(made.state));
    if (!audit(c, "concession.reserve", str_fmt(c->a, "concession:%" PRId64, made.id), detail, e)) return false;
    call_status(c, 201);
    call_location(c, str_fmt(c->a, "/api/concessions/%" PRId64, made.id));
    concession stored;
    if (!concession_get(c->a, c->s, made.id, c->now_us, &stored, e)) return false;
    json_open(&c->out, NULL, '{');
    json_put_int(&c->out, "id", made.id);
    json_put_str(&c->out, "state", str_c(concession_state_name(made.state)));
    if (made.approval)
        json_put_int(&c->out, "approval", made.approval);
    else
        json_put_null(&c->out, "approval");
    json_put_time(&c->out, "keep", made.state == CONCESSION_RESERVED ? stored.keep_us : 0);
    json_put_raw(&c->out, "answer", stored.lines); // of the first time, when it was asked before
    json_close(&c->out, '}');
    return true;
}

// What is given is told as an event; the two are apart, and what a crash leaves between them is told later.
static bool then_tell(call *c, const char *action, int64_t id, bool ok, err *e) {
    ledger *l = know_ledger(c->d->k);
    if (!ok || !note(c, action, "concession", id, e) || !ledger_commit(l, e)) return store_rollback(c->s), false;
    return concessions_tell(l, NULL, e) && put_given(c, id, e);
}

bool concessions_commit(call *c, err *e) {
    int64_t id;
    if (!param_id(c, 0, &id, e) || !store_begin(c->s, e)) return false;
    return then_tell(c, "concession.commit", id, concession_commit(know_ledger(c->d->k), c->a, id, me(c), e), e);
}

bool concessions_reverse(call *c, err *e) {
    int64_t id;
    err why = {0};
    if (!param_id(c, 0, &id, e) || !store_begin(c->s, e)) return false;
    bool ok = concession_reverse(know_ledger(c->d->k), c->a, id, me(c), in_str(c, "reason"), &why);
    if (!ok) fail_about(c, e, "reason", &why);
    return then_tell(c, "concession.reverse", id, ok, e);
}

bool concessions_release(call *c, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) && concession_release(know_ledger(c->d->k), c->a, id, me(c), e) &&
           note(c, "concession.release", "concession", id, e) && put_given(c, id, e);
}

bool concessions_review(call *c, err *e) {
    static const enum concession_review verdicts[] = {REVIEW_RIGHT, REVIEW_GENEROUS, REVIEW_STRICT};
    int64_t id;
    err why = {0};
    enum concession_review v = REVIEW_NONE;
    for (size_t i = 0; i < COUNT(verdicts); i++)
        if (str_eq(in_str(c, "verdict"), str_c(concession_review_name(verdicts[i])))) v = verdicts[i];
    if (!param_id(c, 0, &id, e)) return false;
    if (!concession_review(know_ledger(c->d->k), c->a, id, v, me(c), in_str(c, "words"), &why))
        return fail_about(c, e, "words", &why);
    return note(c, "concession.review", "concession", id, e) && put_given(c, id, e);
}

// ---- signatures ----

// Names are for whoever may see customers.
static bool name_them(call *c, approval *list, size_t n, err *e) {
    return !(c->who.needs & N(customers_read)) || approvals_name(c->a, c->s, list, n, e);
}

static bool put_request(call *c, int64_t id, err *e) {
    approval x;
    if (!approval_get(c->a, c->s, id, c->now_us, &x, e))
        return err_ok(e) ? fail(e, ERR_not_found, "there is no request %" PRId64, id) : false;
    if (!name_them(c, &x, 1, e)) return false;
    call_etag(c, x.version);
    approval_json(&c->out, NULL, &x);
    return true;
}

bool approvals_page(call *c, err *e) {
    paging p;
    approval *all;
    size_t n;
    enum approval_state state = APPROVAL_WAITING;
    bool some = in_has(c, "state") && approval_state_of(in_str(c, "state"), &state);
    if (!page_open(c, &p, e) || !approvals_list(c->a, c->s, p.first ? 0 : p.after[0], some ? (int)state : -1, c->now_us,
                                                p.limit + 1, &all, &n, e))
        return false;
    bool more = n > (size_t)p.limit;
    n = MIN(n, (size_t)p.limit);
    if (!name_them(c, all, n, e)) return false;
    for (size_t i = 0; i < n; i++) approval_json(&c->out, NULL, &all[i]);
    page_close(c, &p, more, n ? all[n - 1].id : 0, 0);
    return true;
}

bool approvals_show(call *c, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) && put_request(c, id, e);
}

static bool decide(call *c, bool (*fn)(ledger *, arena *, int64_t, const approval_word *, err *), const char *action,
                   err *e) {
    int64_t id;
    err why = {0};
    approval_word w = {me(c), c->who.role, in_str(c, "words")};
    if (!param_id(c, 0, &id, e)) return false;
    if (!fn(know_ledger(c->d->k), c->a, id, &w, &why)) return fail_about(c, e, "words", &why);
    return note(c, action, "approval", id, e) && put_request(c, id, e);
}

bool approvals_grant(call *c, err *e) {
    return decide(c, approval_grant, "approval.grant", e);
}
bool approvals_decline(call *c, err *e) {
    return decide(c, approval_decline, "approval.decline", e);
}
bool approvals_withdraw(call *c, err *e) {
    return decide(c, approval_withdraw, "approval.withdraw", e);
}
