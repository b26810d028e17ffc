// What is guessed of a grouping without truth: on simulated files whose weights mean what they say, and on rabbits.
#include "test.h"

#include "base/rng.h"
#include "link/cluster.h"
#include "link/judge.h"
#include "link/truth.h"

#include <math.h>

// People of one to five records. The weight of a pair is the log likelihood ratio of a normal shift (so it is
// calibrated), plus the prior; pairs below -6 bits were never compared.
static size_t simulate(arena *a, rng *r, uint32_t rows, double apart, link_pair **p, uint32_t *truth) {
    size_t n = 0, room = (size_t)rows * rows;
    *p = make(a, link_pair, room);
    double same = 0, all = (double)rows * (rows - 1) / 2;
    for (uint32_t i = 0; i < rows;) {
        uint32_t k = (uint32_t)rng_range(r, 1, 5);
        same += k * (k - 1) / 2.0;
        for (uint32_t j = 0; j < k && i < rows; j++, i++) truth[i] = i - j;
    }
    double prior = log2(same / (all - same)), bits = 1 / log(2);
    for (uint32_t i = 0; i < rows; i++)
        for (uint32_t j = i + 1; j < rows; j++) {
            double shift = truth[i] == truth[j] ? apart / 2 : -apart / 2;
            double w = prior + bits * sqrt(apart) * rng_normal(r, 0, 1) + bits * shift;
            if (w > -6) (*p)[n++] = (link_pair){i, j, link_grain(w)};
        }
    return n;
}

static void the_truth_lies_within_what_is_told(void **state) {
    (void)state;
    enum { FILES = 60, ROWS = 400 };
    rng r = rng_seed(5);
    int in_p = 0, in_r = 0;
    for (int k = 0; k < FILES; k++) {
        arena a = arena_open((size_t)1 << 26);
        uint32_t truth[ROWS], cluster[ROWS];
        link_pair *p;
        size_t n = simulate(&a, &r, ROWS, (double)rng_range(&r, 10, 40), &p, truth);
        err e = {0};
        assert_ok(link_cluster(&a, p, n, ROWS, NULL, cluster, &e), e);
        link_judged j;
        link_judge(a, &(link_judge_in){.p = p, .n = n, .cluster = cluster, .rows = ROWS}, &j);
        link_quality q = link_quality_pairs(cluster, truth, ROWS);
        assert_true(j.precision.lo <= j.precision.at && j.precision.at <= j.precision.hi);
        assert_true(j.recall.lo <= j.recall.at && j.recall.at <= j.recall.hi);
        in_p += q.precision >= j.precision.lo && q.precision <= j.precision.hi;
        in_r += q.recall >= j.recall.lo && q.recall <= j.recall.hi;
        arena_close(&a);
    }
    if (in_p < FILES * 19 / 20 || in_r < FILES * 19 / 20)
        fail_msg("of %d files, precision within in %d, recall in %d", FILES, in_p, in_r);
}

static void too_many_partners_widen_what_is_said_of_two_files(void **state) {
    (void)state;
    arena a = arena_open(1 << 20);
    uint32_t cluster[20];
    link_pair p[40];
    size_t n = 0;
    for (uint32_t i = 0; i < 20; i++) cluster[i] = i % 10;
    for (uint32_t i = 0; i < 10; i++) p[n++] = (link_pair){i, i + 10, 30};
    link_judge_in in = {.p = p, .n = n, .cluster = cluster, .rows = 20, .rows_a = 10, .texts = true};
    link_judged one, more;
    link_judge(a, &in, &one);
    cluster[19] = cluster[18], p[9] = (link_pair){8, 19, 30};
    link_judge(a, &in, &more);
    assert_true(one.one_to_one == 1);
    assert_true(more.one_to_one < 1);
    assert_true(more.precision.lo < one.precision.lo);
    arena_close(&a);
}

typedef struct {
    double right, told, alone; // of pairs that are likelier the same than not
} rivalry;

// Two files of the same people. What speaks for a pair is drawn as above, and counted so many times: words of a title
// are one event.
static rivalry rivals_of(rng *r, double counted) {
    enum { ROWS = 150 };
    rivalry x = {0};
    arena a = arena_open((size_t)1 << 24);
    link_pair *p = make(&a, link_pair, ROWS * ROWS);
    float *chance = make(&a, float, ROWS *ROWS);
    double of[2 * ROWS] = {0};
    size_t n = 0;
    const double apart = 12, bits = counted / log(2), prior = -log2(ROWS - 1);
    for (uint32_t i = 0; i < ROWS; i++)
        for (uint32_t j = 0; j < ROWS; j++) {
            const double w = prior + bits * (sqrt(apart) * rng_normal(r, 0, 1) + (i == j ? apart : -apart) / 2);
            if (w > -6) p[n++] = (link_pair){i, ROWS + j, link_grain(w)};
        }
    link_rivals(a, NULL, p, n, 2 * ROWS, chance);
    for (size_t i = 0; i < n; i++) {
        const double own = link_chance(NULL, (double)p[i].weight);
        assert_true((double)chance[i] <= own + 1e-6);
        of[p[i].a] += (double)chance[i], of[p[i].b] += (double)chance[i];
        if (own < 0.5) continue;
        x.told += (double)chance[i], x.alone += own, x.right += p[i].a + ROWS == p[i].b;
    }
    for (int i = 0; i < 2 * ROWS; i++) assert_true(of[i] < 1 + 1e-4);
    arena_close(&a);
    return x;
}

static void rivals_share_what_is_there(void **state) {
    (void)state;
    rng r = rng_seed(9);
    rivalry fair = {0}, twice = {0};
    for (int k = 0; k < 20; k++) {
        const rivalry x = rivals_of(&r, 1), y = rivals_of(&r, 2);
        fair.told += x.told, fair.right += x.right;
        twice.told += y.told, twice.right += y.right, twice.alone += y.alone;
    }
    print_message("# %.0f right, told %.0f; counted twice %.0f right, told %.0f, each alone %.0f\n", fair.right,
                  fair.told, twice.right, twice.told, twice.alone);
    assert_true(fair.told <= 1.02 * fair.right && fair.told >= 0.85 * fair.right); // rather too little than too much
    assert_true(fabs(twice.told - twice.right) < 0.3 * fabs(twice.alone - twice.right));
    arena a = arena_open(1 << 16);
    float one;
    link_rivals(a, NULL, &(link_pair){0, 1, 3}, 1, 2, &one);
    assert_true(fabs((double)one - link_chance(NULL, 3)) < 1e-6); // without any it is what it was
    arena_close(&a);
}

static void nothing_put_together_says_nothing(void **state) {
    (void)state;
    arena a = arena_open(1 << 20);
    uint32_t cluster[3] = {0, 1, 2};
    link_judged j;
    link_judge(a, &(link_judge_in){.cluster = cluster, .rows = 3}, &j);
    assert_true(j.precision.lo == 0 && j.precision.hi == 1);
    assert_true(j.recall.lo == 0);
    arena_close(&a);
}

// 135 cottontail rabbits were set out, and 43, 16, 8, 6, 0, 2 and 1 of them caught once, twice … (Edwards & Eberhardt
// 1967, in Chao 1987). Chao's estimate is 134.
static void rabbits_are_counted_as_in_the_paper(void **state) {
    (void)state;
    static const int caught[] = {43, 16, 8, 6, 0, 2, 1};
    float chance[76];
    uint64_t traps[76];
    size_t n = 0;
    for (int k = 0; k < 7; k++)
        for (int i = 0; i < caught[k]; i++) chance[n] = 1, traps[n++] = (1ull << (k + 1)) - 1;
    assert_int_equal(n, 76);
    link_range r = link_reach(chance, traps, NULL, n);
    assert_int_equal(lround(76 / r.at), 134);
    assert_true(76 / r.hi < 135 && 76 / r.lo > 135);
    float stands_for[76];
    for (size_t i = 0; i < n; i++) stands_for[i] = 2, chance[i] = 0.5f;
    assert_true(fabs(link_reach(chance, traps, stands_for, n).at - r.at) < 1e-9);
    assert_true(link_reach(chance, traps, NULL, 0).hi == 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_truth_lies_within_what_is_told),
        cmocka_unit_test(too_many_partners_widen_what_is_said_of_two_files),
        cmocka_unit_test(rivals_share_what_is_there),
        cmocka_unit_test(nothing_put_together_says_nothing),
        cmocka_unit_test(rabbits_are_counted_as_in_the_paper),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
