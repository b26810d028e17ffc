// Concessions as rows: read, listed, written as JSON.
#include "decide/concession_private.h"
#include "sql/decide_redline.h"

static const char *const states[] = {"waiting", "reserved", "committed", "released", "expired", "declined", "reversed"};
static const char *const reviews[] = {"none", "waiting", "right", "generous", "strict"};

const char *concession_state_name(enum concession_state s) {
    return states[s];
}

bool concession_state_of(str name, enum concession_state *s) {
    for (size_t i = 0; i < COUNT(states); i++)
        if (str_eq(name, str_c(states[i]))) return *s = (enum concession_state)i, true;
    return false;
}

const char *concession_review_name(enum concession_review r) {
    return reviews[r];
}

static concession_ask ask_read(arena *a, const row *r) {
    return (concession_ask){.kind = (enum concession_kind)row_int(r, 2),
                            .customer = row_int(r, 36),
                            .product = str_dup(a, row_str(r, 4)),
                            .channel = str_dup(a, row_str(r, 5)),
                            .role = str_dup(a, row_str(r, 6)),
                            .by = str_dup(a, row_str(r, 7)),
                            .currency = (int32_t)row_int(r, 8),
                            .price = row_int(r, 9),
                            .discount = row_int(r, 10),
                            .cost = row_int(r, 11),
                            .service = row_int(r, 12),
                            .amount = row_int(r, 13),
                            .units = (int32_t)row_int(r, 14),
                            .promise = (enum commitment_kind)row_int(r, 15),
                            .due_us = row_int(r, 16),
                            .policy = row_int(r, 17),
                            .reason = str_dup(a, row_str(r, 18))};
}

concession concession_read(arena *a, const row *r) {
    return (concession){.id = row_int(r, 0),
                        .state = (enum concession_state)row_int(r, 1),
                        .ask = ask_read(a, r),
                        .profile = row_int(r, 3),
                        .costs = row_int(r, 19),
                        .verdict = (enum redline_verdict)row_int(r, 20),
                        .signer = str_dup(a, row_str(r, 21)),
                        .lines = str_dup(a, row_str(r, 22)),
                        .at_us = row_int(r, 23),
                        .keep_us = row_int(r, 24),
                        .ended_us = row_int(r, 25),
                        .ended_by = str_dup(a, row_str(r, 26)),
                        .back_reason = str_dup(a, row_str(r, 27)),
                        .key = str_dup(a, row_str(r, 28)),
                        .print = row_int(r, 29),
                        .told = (int)row_int(r, 30),
                        .review = (int)row_int(r, 31),
                        .review_by = str_dup(a, row_str(r, 32)),
                        .review_us = row_int(r, 33),
                        .review_words = str_dup(a, row_str(r, 34)),
                        .sample = row_int(r, 35) != 0};
}

static void as_of(concession *c, int64_t now_us) {
    if (c->state == CONCESSION_RESERVED && c->keep_us <= now_us) c->state = CONCESSION_EXPIRED;
}

bool concession_get(arena *a, store *s, int64_t id, int64_t now_us, concession *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_concession_get, e, "i", id); row_next(&r); found = true) {
        *out = concession_read(a, &r);
        as_of(out, now_us);
    }
    return found && err_ok(e);
}

bool concessions_list(arena *a, store *s, const concession_which *q, int64_t now_us, concession **out, size_t *n,
                      err *e) {
    *out = make(a, concession, q->most + 1), *n = 0;
    row r = store_query(s, Q_concession_list, e, "iiiiii", q->below ? q->below : INT64_MAX, (int64_t)q->state,
                        q->customer, (int64_t)q->review, (int64_t)q->kind, q->most);
    while (row_next(&r)) {
        concession *c = &(*out)[(*n)++];
        *c = concession_read(a, &r);
        as_of(c, now_us);
    }
    return err_ok(e);
}

// ---- JSON ----

static void put_money(json_out *j, const char *key, int64_t minor, int32_t number) {
    const currency *c = currency_by_number(number);
    if (minor < 0) {
        json_put_null(j, key);
        return;
    }
    json_open(j, key, '{');
    json_put_int(j, "value", minor);
    json_put_str(j, "currency", str_c(c ? c->code : ""));
    json_close(j, '}');
}

static void put_number(json_out *j, const char *key, int64_t v) {
    if (v)
        json_put_int(j, key, v);
    else
        json_put_null(j, key);
}

void concession_json(json_out *j, const char *key, const concession *x) {
    const concession_ask *q = &x->ask;
    json_open(j, key, '{');
    json_put_int(j, "id", x->id);
    json_put_str(j, "state", str_c(states[x->state]));
    json_put_str(j, "kind", str_c(concession_name(q->kind)));
    put_number(j, "customer", q->customer);
    json_put_str(j, "product", q->product);
    json_put_str(j, "channel", q->channel);
    json_put_str(j, "role", q->role);
    json_put_str(j, "by", q->by);
    put_money(j, "costs", x->costs, q->currency);
    put_money(j, "price", q->price, q->currency);
    put_money(j, "discount", q->discount, q->currency);
    put_money(j, "amount", q->amount, q->currency);
    json_put_int(j, "units", q->units);
    put_number(j, "policy", q->policy);
    json_put_str(j, "reason", q->reason);
    json_put_str(j, "verdict", str_c(redline_verdict_name(x->verdict)));
    json_put_raw(j, "answer", x->lines.len ? x->lines : S("{}"));
    json_put_time(j, "at", x->at_us);
    json_put_time(j, "keep", x->state == CONCESSION_RESERVED ? x->keep_us : 0);
    json_put_time(j, "ended", x->ended_us);
    json_put_str(j, "ended_by", x->ended_by);
    json_put_str(j, "back_reason", x->back_reason);
    json_put_str(j, "review", str_c(reviews[x->review]));
    json_put_str(j, "review_by", x->review_by);
    json_put_str(j, "review_words", x->review_words);
    json_close(j, '}');
}
