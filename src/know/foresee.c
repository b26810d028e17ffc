#include "know/foresee.h"

#include "know/closure.h"
#include "know/fold.h"
#include "know/lists.h"
#include "sql/cli.h"
#include "sql/know.h"
#include "sql/know_likeness.h"
#include "sql/serve_know.h"

// ---- what is said ----

typedef struct {
    int64_t *profiles;
    size_t n, room;
    foreseen_word *words;
    size_t n_words;
} saying;

static bool split(arena *a, store *s, int64_t customer, int64_t profile, saying *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&r);)
        list_push(a, &out->profiles, &out->n, &out->room, row_int(&r, 0));
    if (!err_ok(e)) return false;
    for (size_t i = 0; i < out->n; i++) found |= out->profiles[i] == profile;
    if (!out->n) return fail(e, ERR_not_found, "there is no customer %" PRId64, customer);
    if (!found)
        return fail(e, ERR_invalid, "profile %" PRId64 " does not belong to customer %" PRId64, profile, customer);
    if (out->n < 2)
        return fail(e, ERR_invalid, "customer %" PRId64 " has one profile; there is nothing to split", customer);
    out->words = make(a, foreseen_word, out->n);
    for (size_t i = 0; i < out->n; i++)
        if (out->profiles[i] != profile)
            out->words[out->n_words++] = (foreseen_word){profile, out->profiles[i], LINK_SPLIT};
    return true;
}

static bool there_is(store *s, int64_t profile, err *e) {
    int64_t customer;
    if (!store_int(s, Q_people_by_profile, &customer, 0, e, "i", profile)) return false;
    return customer || fail(e, ERR_not_found, "there is no profile %" PRId64, profile);
}

static bool pair_said(arena *a, store *s, enum saying w, int64_t x, int64_t y, saying *out, err *e) {
    int64_t n = 0;
    if (w == SAYING_JOIN && x == y) return fail(e, ERR_invalid, "a profile cannot be joined with itself");
    if (!there_is(s, x, e) || !there_is(s, y, e)) return false;
    if (w == SAYING_UNDO && !store_int(s, Q_link_verdict_of, &n, 0, e, "ii", MIN(x, y), MAX(x, y))) return false;
    if (w == SAYING_UNDO && !n)
        return fail(e, ERR_not_found, "nobody has decided about profiles %" PRId64 " and %" PRId64, x, y);
    list_push(a, &out->profiles, &out->n, &out->room, x);
    list_push(a, &out->profiles, &out->n, &out->room, y);
    out->words = make(a, foreseen_word, 1);
    out->words[out->n_words++] = (foreseen_word){x, y, w == SAYING_JOIN ? LINK_TOLD : 0};
    return true;
}

// ---- whom it touches ----

static bool has(const int64_t *ids, size_t n, int64_t id) {
    for (size_t i = 0; i < n; i++)
        if (ids[i] == id) return true;
    return false;
}

static int by_id(const void *x, const void *y) {
    const foreseen_customer *p = x, *q = y;
    return (p->id > q->id) - (p->id < q->id);
}
static int by_number(const void *x, const void *y) {
    int64_t p = *(const int64_t *)x, q = *(const int64_t *)y;
    return (p > q) - (p < q);
}

// Of all around, those whose profiles change, and those that the word is about.
static int64_t *touched(arena *a, const foreseen *all, size_t n, const saying *w, size_t *n_out) {
    int64_t *ids = NULL;
    size_t room = 0;
    *n_out = 0;
    for (size_t i = 0; i < n; i++)
        for (int side = 0; side < 2; side++) {
            bool moves = all[i].now != all[i].then || has(w->profiles, w->n, all[i].profile);
            int64_t id = side ? all[i].now : all[i].then;
            if (moves && !has(ids, *n_out, id)) list_push(a, &ids, n_out, &room, id);
        }
    return ids;
}

static foreseen_customer *customers(arena *a, const foreseen *all, size_t n, const int64_t *ids, size_t n_ids,
                                    bool then, size_t *n_out) {
    foreseen_customer *out = make(a, foreseen_customer, n_ids + 1);
    *n_out = 0;
    for (size_t k = 0; k < n_ids; k++) {
        foreseen_customer c = {.id = ids[k]};
        size_t room = 0;
        for (size_t i = 0; i < n; i++)
            if ((then ? all[i].then : all[i].now) == c.id)
                list_push(a, &c.profiles, &c.n_profiles, &room, all[i].profile);
        if (!c.n_profiles) continue;
        qsort(c.profiles, c.n_profiles, sizeof *c.profiles, by_number);
        out[(*n_out)++] = c;
    }
    if (*n_out) qsort(out, *n_out, sizeof *out, by_id);
    return out;
}

// ---- what they are ----

static bool describe(arena *a, store *s, const zone *z, foreseen_customer *c, err *e) {
    timeline t;
    arena scratch = arena_open((size_t)1 << 30), side = arena_open((size_t)1 << 30);
    bool ok = fold_profiles(&scratch, side, s, z, c->profiles, c->n_profiles, &t, e);
    if (ok) c->has_summary = !timeline_empty(&t), c->sum = timeline_summary(scratch, &t), c->sum.customer_id = c->id;
    arena_close(&scratch), arena_close(&side);
    str list = list_json(a, c->profiles, c->n_profiles), known = S("");
    for (row r = store_query(s, Q_profile_named, e, "t", list); row_next(&r);)
        if (!c->name.len) c->name = str_dup(a, row_str(&r, 1));
    for (row r = store_query(s, Q_identifier_of_people, e, "t", list); row_next(&r);)
        if (!known.len) known = str_dup(a, row_str(&r, 2));
    if (!c->name.len) c->name = known;
    for (row r = store_query(s, Q_conversation_counts, e, "t", list); row_next(&r);)
        c->conversations = row_int(&r, 0), c->waiting = row_int(&r, 1);
    return ok && err_ok(e);
}

bool foresee(arena *a, store *s, enum saying w, int64_t x, int64_t y, foresight *out, err *e) {
    saying said_so = {0};
    demoted_set demoted = {.ids = map64_new(a, 64)};
    identity_rules rules;
    int64_t join = 0;
    sources *names;
    zone *z;
    foreseen *all;
    size_t n, n_ids;
    *out = (foresight){0};
    if (!(w == SAYING_SPLIT ? split(a, s, x, y, &said_so, e) : pair_said(a, s, w, x, y, &said_so, e))) return false;
    if (!identity_rules_read(s, &rules, e) || !store_int(s, Q_likeness_join, &join, 0, e, "")) return false;
    if (!demoted_load(&demoted, s, e) || !sources_read(a, s, &names, e) || !store_zone(s, a, &z, e)) return false;
    decide_opts how = {
        .names = names, .demoted = &demoted, .rules = &rules, .verdicts = true, .join_milli = (int32_t)join};
    if (!closure_foresee(a, s, said_so.profiles, said_so.n, &how, said_so.words, said_so.n_words, &all, &n, e))
        return false;
    int64_t *ids = touched(a, all, n, &said_so, &n_ids);
    out->now = customers(a, all, n, ids, n_ids, false, &out->n_now);
    out->then = customers(a, all, n, ids, n_ids, true, &out->n_then);
    bool ok = true;
    for (size_t i = 0; ok && i < out->n_now; i++) ok = describe(a, s, z, &out->now[i], e);
    for (size_t i = 0; ok && i < out->n_then; i++) ok = describe(a, s, z, &out->then[i], e);
    return ok;
}
