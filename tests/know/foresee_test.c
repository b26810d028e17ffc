// What a word about who is who would change is what it then changes: customers, their profiles, numbers and figures.
#include "test.h"

#include "know/rig.h"

#include "know/foresee.h"
#include "know/lists.h"
#include "sql/know.h"

static uint64_t figures_of(const summary *x) {
    buf b;
    arena a = arena_open(1 << 16);
    b = buf_new(&a, 1 << 15);
    const int64_t v[] = {x->first_us,          x->last_us,           x->currency,       x->orders,
                         x->order_days,        x->order_value,       x->first_order_us, x->last_order_us,
                         x->gap_days,          x->refunds,           x->refund_value,   x->returns,
                         x->contacts_in,       x->contacts_out,      x->complaints,     x->feedback,
                         x->last_score,        x->last_instrument,   x->last_score_us,  x->waiting_us,
                         x->contract_since_us, x->contract_until_us, x->monthly_value,  (int64_t)x->channels};
    for (size_t i = 0; i < COUNT(v); i++) buf_i64(&b, v[i]), buf_addc(&b, ' ');
    uint64_t h = str_hash(buf_str(&b));
    arena_close(&a);
    return h;
}

// The customer as it is stored must be the one that was told of.
static void check_stored(rig *r, const foreseen_customer *c, const char *when) {
    err e = {0};
    size_t n = 0;
    bool same = true, found = false;
    for (row q = store_query(r->s, Q_profile_of_customer, &e, "i", c->id); row_next(&q); n++)
        same &= n < c->n_profiles && row_int(&q, 0) == c->profiles[n];
    if (!same || n != c->n_profiles) fail_msg("%s: customer %d has other profiles", when, (int)c->id);
    for (row q = store_query(r->s, Q_summary_get, &e, "i", c->id); row_next(&q);) {
        summary x = summary_row(&q);
        found = true;
        if (figures_of(&x) != figures_of(&c->sum)) fail_msg("%s: customer %d has other figures", when, (int)c->id);
    }
    if (found != c->has_summary) fail_msg("%s: customer %d has %s summary", when, (int)c->id, found ? "a" : "no");
    assert_ok(err_ok(&e), e);
}

static int64_t customers_of(rig *r) {
    return rig_count(r, Q_summary_count);
}

static size_t all_profiles(rig *r, int64_t *ids, int64_t *customers) {
    err e = {0};
    size_t n = 0;
    for (row q = store_query(r->s, Q_profile_scan, &e, ""); row_next(&q); n++)
        ids[n] = row_int(&q, 0), customers[n] = row_int(&q, 1);
    assert_ok(err_ok(&e), e);
    return n;
}

static bool speak(rig *r, enum saying w, int64_t x, int64_t y, err *e) {
    if (w == SAYING_SPLIT) return know_split(r->k, x, y, S("a test"), e);
    if (w == SAYING_JOIN) return know_join(r->k, x, y, S("a test"), e);
    return know_verdict_undo(r->k, x, y, e);
}

static void try_one(rig *r, enum saying w, int64_t x, int64_t y, int *done) {
    arena a = arena_open((size_t)1 << 30);
    err e = {0}, f = {0};
    foresight p;
    bool told = foresee(&a, r->s, w, x, y, &p, &e);
    for (size_t i = 0; told && i < p.n_now; i++) check_stored(r, &p.now[i], "before");
    bool spoken = speak(r, w, x, y, &f);
    if (told != spoken || e.code != f.code) fail_msg("told '%s', then '%s'", e.msg, f.msg);
    for (size_t i = 0; told && i < p.n_then; i++) check_stored(r, &p.then[i], "after");
    *done += told;
    arena_close(&a);
}

static void what_is_told_is_what_happens(void **state) {
    for (uint64_t seed = 1; seed <= (on_server(state) ? 1u : 4u); seed++) {
        rig r;
        rig_open(&r, place_of(state));
        arena a = arena_open((size_t)1 << 28);
        event *evs = make(&a, event, 400);
        int64_t ids[2000], customers[2000], said_a[400], said_b[400];
        size_t n_said = 0;
        int done[3] = {0};
        random_events(&a, seed, evs, 400);
        rig_put(&r, evs, 400);
        rig_flush(&r);
        rng g = rng_seed(seed);
        for (int i = 0; i < 60; i++) {
            size_t n = all_profiles(&r, ids, customers), k = (size_t)rng_range(&g, 0, (int64_t)n - 1),
                   m = (size_t)rng_range(&g, 0, (int64_t)n - 1);
            enum saying w = (enum saying)rng_range(&g, 0, 2);
            if (w == SAYING_UNDO && n_said && rng_chance(&g, 0.9)) {
                size_t which = (size_t)rng_range(&g, 0, (int64_t)n_said - 1);
                try_one(&r, w, said_a[which], said_b[which], &done[w]);
                continue;
            }
            if (w == SAYING_SPLIT) m = k;
            int64_t x = w == SAYING_SPLIT ? customers[k] : ids[k];
            if (n_said < 400 && w != SAYING_UNDO) said_a[n_said] = x, said_b[n_said++] = ids[m];
            try_one(&r, w, x, ids[m], &done[w]);
        }
        assert_true(done[SAYING_JOIN] > 3 && done[SAYING_UNDO] > 3 && customers_of(&r) > 5);
        (void)assert_verified(&r);
        arena_close(&a);
        rig_close(&r);
    }
}

int main(void) {
    struct CMUnitTest tests[] = {cmocka_unit_test(what_is_told_is_what_happens)};
    return rig_run(tests, COUNT(tests));
}
