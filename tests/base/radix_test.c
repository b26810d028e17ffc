#include "test.h"

#include "base/map64.h"
#include "base/radix.h"
#include "base/rng.h"

static int by_key(const void *a, const void *b) {
    const keyed *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static void sorts_like_qsort_and_keeps_order(void **state) {
    (void)state;
    arena a = arena_open(1 << 26);
    rng r = rng_seed(7);
    for (int turn = 0; turn < 200; turn++) {
        arena s = a;
        size_t n = (size_t)rng_range(&r, 0, 500);
        keyed *x = make(&s, keyed, n), *y = make(&s, keyed, n);
        uint64_t *u = make(&s, uint64_t, n), mask = UINT64_MAX >> rng_range(&r, 0, 63);
        for (size_t i = 0; i < n; i++) u[i] = rng_u64(&r) & mask, x[i] = y[i] = (keyed){u[i], (uint32_t)i};
        radix_sort(s, x, n);
        radix_sort_u64(s, u, n);
        qsort(y, n, sizeof *y, by_key);
        for (size_t i = 0; i < n; i++) {
            assert_true(x[i].key == y[i].key && x[i].at == y[i].at);
            assert_true(u[i] == y[i].key);
        }
    }
    arena_close(&a);
}

static void a_map_holds_what_was_put(void **state) {
    (void)state;
    arena a = arena_open(1 << 26);
    map64 m = map64_new(&a, 4);
    for (int64_t i = -1000; i < 1000; i++) map64_put(&m, i * INT64_C(1099511627776), (int32_t)(i + 1000));
    for (int64_t i = -1000; i < 1000; i++) assert_int_equal(map64_get(&m, i * INT64_C(1099511627776)), i + 1000);
    assert_int_equal(map64_get(&m, 5), -1);
    bool made;
    assert_int_equal(*map64_at(&m, 5, 77, &made), 77);
    assert_true(made);
    assert_int_equal(*map64_at(&m, 5, 78, &made), 77);
    assert_false(made);
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorts_like_qsort_and_keeps_order),
        cmocka_unit_test(a_map_holds_what_was_put),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
