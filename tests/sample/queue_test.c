#include "test.h"

#include "base/rng.h"
#include "sample/queue.h"

enum { HOURS = 500, SPAN_S = HOURS * 3600, FIRST = 30000, ALL = 60000 };

static int by_time(const void *x, const void *y) {
    const moment *m = x, *n = y;
    if (m->at_s != n->at_s) return m->at_s < n->at_s ? -1 : 1;
    return m->who < n->who ? -1 : m->who > n->who;
}

// Every moment taken adds another until there are ALL; a plain sort of all that were ever added is the twin.
static void it_hands_out_what_a_sort_would(void **state) {
    (void)state;
    arena a = arena_open(64 << 20);
    queue q;
    queue_init(&a, &q, SPAN_S);
    assert_int_equal(queue_hours(&q), HOURS);
    moment *twin = make(&a, moment, ALL);
    uint32_t n = 0, taken = 0, who = 0;
    rng r = rng_seed(5);
    for (; who < FIRST; who++) {
        int64_t at = rng_range(&r, 0, SPAN_S + 3600); // some beyond the end
        queue_add(&q, at, (moment){.who = who});
        if (at < SPAN_S) twin[n++] = (moment){.at_s = (uint32_t)at, .who = who};
    }
    moment *got = make(&a, moment, ALL);
    for (int64_t h = 0; h < HOURS; h++) {
        queue_open(&q, h);
        for (moment m; queue_take(&q, &m);) {
            got[taken++] = m;
            if (who >= ALL) continue;
            int64_t at = m.at_s + rng_range(&r, 1, rng_chance(&r, 0.5) ? 1800 : 900000);
            queue_add(&q, at, (moment){.who = who});
            if (at < SPAN_S) twin[n++] = (moment){.at_s = (uint32_t)at, .who = who};
            who++;
        }
    }
    assert_int_equal(taken, n);
    qsort(twin, n, sizeof *twin, by_time);
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(got[i].at_s, twin[i].at_s);
        assert_int_equal(got[i].who, twin[i].who);
    }
    arena_close(&a);
}

// Boxes are used again: a chain that runs for ever needs no more than one box at a time.
static void memory_does_not_grow_with_what_has_happened(void **state) {
    (void)state;
    arena a = arena_open(64 << 20);
    queue q;
    queue_init(&a, &q, SPAN_S);
    queue_add(&q, 0, (moment){0});
    int64_t happened = 0;
    for (int64_t h = 0; h < HOURS; h++) {
        queue_open(&q, h);
        for (moment m; queue_take(&q, &m); happened++) queue_add(&q, m.at_s + 3700, m);
    }
    assert_in_range(happened, 480, 490);
    assert_true(q.made <= 2);
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_hands_out_what_a_sort_would),
        cmocka_unit_test(memory_does_not_grow_with_what_has_happened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
