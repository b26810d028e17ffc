#include "test.h"

#include "base/radix.h"
#include "base/rng.h"
#include "base/runs.h"

typedef struct {
    uint64_t a, b, n;
} rec;

static int by_rec(const void *p, const void *q) {
    const rec *x = p, *y = q;
    if (x->a != y->a) return x->a < y->a ? -1 : 1;
    if (x->b != y->b) return x->b < y->b ? -1 : 1;
    return (x->n > y->n) - (x->n < y->n);
}

static void runs_come_back_as_one_sorted_stream(void **state) {
    (void)state;
    arena life = arena_open((size_t)1 << 28);
    rng g = rng_seed(3);
    err e = {0};
    runs *r;
    assert_ok(runs_open(&r, S(""), sizeof(rec), &e), e);
    for (int turn = 0; turn < 12; turn++) {
        arena a = life;
        size_t total = 0, at = 0, n_runs = (size_t)rng_range(&g, 0, 20);
        rec *all = make(&a, rec, 20 * 9000);
        keyed *order = make(&a, keyed, 9000);
        for (size_t k = 0; k < n_runs; k++) {
            size_t n = (size_t)rng_range(&g, 0, 9000);
            for (size_t i = 0; i < n; i++)
                all[total + i] = (rec){(uint64_t)rng_range(&g, 0, 500), (uint64_t)rng_range(&g, 0, 3), total + i};
            qsort(all + total, n, sizeof *all, by_rec);
            for (size_t i = 0; i < n; i++) order[i].at = (uint32_t)i;
            assert_ok(runs_add(r, all + total, order, n, &e), e);
            total += n;
        }
        assert_int_equal(runs_count(r), total);
        qsort(all, total, sizeof *all, by_rec);
        assert_ok(runs_begin(r, &e), e);
        for (const void *p; runs_next(r, &p, &e); at++) assert_memory_equal(p, &all[at], sizeof(rec));
        assert_true(err_ok(&e));
        assert_int_equal(at, total);
        runs_reset(r);
        assert_int_equal(runs_count(r), 0);
    }
    runs_close(r);
    arena_close(&life);
}

static void a_missing_folder_is_named(void **state) {
    (void)state;
    err e = {0};
    runs *r = NULL;
    assert_false(runs_open(&r, S("/nonexistent-folder"), sizeof(rec), &e));
    assert_int_equal(e.code, ERR_unavailable);
    assert_non_null(strstr(e.msg, "/nonexistent-folder"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_come_back_as_one_sorted_stream),
        cmocka_unit_test(a_missing_folder_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
