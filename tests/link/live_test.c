// Records that come one at a time, against comparing each with every other, and against grouping all at once.
#include "test.h"

#include "link/block_private.h"
#include "link/live.h"
#include "made.h"

typedef struct {
    arena a;
    made m;
    link_table t;
    link_model model;
    link_pairs p;
    uint32_t *cluster;
    link_live *l;
} run;

// The first n of m's rows are linked at once.
static void begin(run *r, uint64_t seed, size_t all, size_t n) {
    err e = {0};
    *r = (run){.a = arena_open((size_t)1 << 32)};
    r->m = made_people(&r->a, seed, all);
    link_head h = made_head(&r->m);
    h.n_rows = n;
    assert_ok(link_table_of(&r->a, &r->t, &h, (str){0}, &e), e);
    assert_ok(link_model_learn(&r->model, &r->t, &(link_model_opts){0}, &e), e);
    assert_ok(link_model_pairs(&r->model, &r->p, &e), e);
    r->cluster = make(&r->a, uint32_t, all);
    assert_ok(link_cluster(&r->a, r->p.p, r->p.n, r->t.rows, NULL, r->cluster, &e), e);
    assert_ok(link_live_open(&r->l, &r->t, &r->model, &r->p, r->cluster, &e), e);
}

static void end(run *r) {
    link_live_close(r->l);
    link_pairs_close(&r->p);
    link_model_close(&r->model);
    link_table_close(&r->t);
    arena_close(&r->a);
}

static void check_pairs(run *r, const link_arrival *x) {
    size_t n = 0;
    for (uint32_t i = 0; i < x->row; i++) {
        if (!block_rules_of(&r->model.blocks, i, x->row)) continue;
        const float w = link_model_weight(&r->model, i, x->row, NULL);
        if (w < LINK_FLOOR) continue;
        assert_true(n < x->n && x->pairs[n].a == i && x->pairs[n].b == x->row && x->pairs[n].weight == w);
        ROOM_FOR(r->p.p, &r->p.cap, r->p.n + 1);
        r->p.p[r->p.n++] = x->pairs[n++];
    }
    assert_int_equal(n, x->n);
}

static void one_at_a_time_is_all_at_once(void **state) {
    (void)state;
    enum { ALL = 3000, FIRST = 2300 };
    run r;
    err e = {0};
    begin(&r, 11, ALL, FIRST);
    assert_true(r.model.blocks.n_rules > 1);
    for (size_t i = FIRST; i < ALL; i++) {
        link_arrival x;
        assert_ok(link_live_add(r.l, r.m.h.row[i], MADE_COLUMNS, &x, &e), e);
        assert_int_equal(x.row, i);
        check_pairs(&r, &x);
    }
    assert_ok(link_cluster(&r.a, r.p.p, r.p.n, r.t.rows, NULL, r.cluster, &e), e);
    uint32_t grouped = 0;
    for (uint32_t i = 0; i < ALL; i++) {
        assert_int_equal(link_live_cluster(r.l, i), r.cluster[i]);
        grouped += i >= FIRST && r.cluster[i] != i;
    }
    assert_true(grouped > 100);
    end(&r);
}

static void what_is_dropped_was_never_there(void **state) {
    (void)state;
    enum { ALL = 2400, FIRST = 2000 };
    run r;
    err e = {0};
    begin(&r, 12, ALL, FIRST);
    for (size_t i = FIRST; i < ALL; i++) {
        link_arrival x;
        assert_ok(link_live_add(r.l, r.m.h.row[i], MADE_COLUMNS, &x, &e), e);
    }
    for (uint32_t i = ALL; i-- > FIRST;) assert_ok(link_live_drop(r.l, (i * 7 + 3) % (ALL - FIRST) + FIRST, &e), e);
    for (uint32_t i = 0; i < ALL; i++) assert_int_equal(link_live_cluster(r.l, i), i < FIRST ? r.cluster[i] : i);
    assert_false(link_live_drop(r.l, ALL, &e));
    end(&r);
}

static void every_weight_is_told_in_parts(void **state) {
    (void)state;
    run r;
    err e = {0};
    begin(&r, 13, 2100, 2000);
    for (size_t i = 2000; i < 2100; i++) {
        link_arrival x;
        assert_ok(link_live_add(r.l, r.m.h.row[i], MADE_COLUMNS, &x, &e), e);
        for (size_t k = 0; k < x.n; k++) {
            arena scratch = r.a;
            link_part *part;
            float sum = 0;
            const size_t n = link_live_explain(r.l, &scratch, &x.pairs[k], &part);
            for (size_t q = 0; q < n; q++) sum += part[q].bits;
            assert_true(sum == x.pairs[k].weight);
        }
    }
    end(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_at_a_time_is_all_at_once),
        cmocka_unit_test(what_is_dropped_was_never_there),
        cmocka_unit_test(every_weight_is_told_in_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
