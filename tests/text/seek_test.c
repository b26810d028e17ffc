#include "test.h"

#include "base/rng.h"
#include "text/seek.h"

enum { ROWS = 5000 };

typedef struct {
    arena a;
    int8_t *rows;
    rng r;
} rig;

static int set_up(void **state) {
    static rig x;
    x = (rig){.a = arena_open(64 << 20), .r = rng_seed(7)};
    x.rows = make(&x.a, int8_t, (size_t)ROWS * EMBEDDING);
    for (size_t i = 0; i < (size_t)ROWS * EMBEDDING; i++) x.rows[i] = (int8_t)rng_range(&x.r, -40, 40);
    memset(x.rows + 17 * EMBEDDING, -128, EMBEDDING);
    memset(x.rows + 18 * EMBEDDING, 127, EMBEDDING);
    memcpy(x.rows + 4000 * EMBEDDING, x.rows + 100 * EMBEDDING, EMBEDDING); // a tie
    *state = &x;
    return 0;
}

static int tear_down(void **state) {
    arena_close(&((rig *)*state)->a);
    return 0;
}

// Every row is compared with every other: a row's place is how many are ahead of it.
static void check(const rig *x, const seek_rows *s, const int8_t *query, float least, const seek_hit *hits, size_t n,
                  size_t k) {
    size_t eligible = 0, found = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        const float mine = embedding_dot(query, x->rows + (size_t)i * EMBEDDING);
        if (mine < least || (s->allow && !(s->allow[i / 64] >> (i % 64) & 1))) continue;
        eligible++;
        size_t ahead = 0;
        for (uint32_t o = 0; o < s->n && ahead < k; o++) {
            if (s->allow && !(s->allow[o / 64] >> (o % 64) & 1)) continue;
            const float other = embedding_dot(query, x->rows + (size_t)o * EMBEDDING);
            ahead += other > mine || (other == mine && o < i);
        }
        if (ahead >= k) continue;
        found++;
        assert_true(ahead < n && hits[ahead].at == i && hits[ahead].score == mine);
    }
    assert_int_equal(n, MIN(eligible, k));
    assert_int_equal(found, n);
}

static void the_best_are_those_that_sorting_finds(void **state) {
    rig *x = *state;
    const size_t ks[] = {0, 1, 3, 10, 64};
    seek_hit hits[64];
    const seek_rows all = {x->rows, 600, NULL};
    for (size_t i = 0; i < COUNT(ks); i++)
        for (uint32_t q = 100; q < 600; q += 249) {
            const int8_t *query = x->rows + q * EMBEDDING;
            check(x, &all, query, -1000, hits, seek_top(x->a, &all, query, -1000, ks[i], hits), ks[i]);
        }
    const int8_t *query = x->rows + 17 * EMBEDDING; // the largest numbers there are
    check(x, &all, query, 0, hits, seek_top(x->a, &all, query, 0, 5, hits), 5);
}

static void rows_that_are_not_allowed_are_not_found(void **state) {
    rig *x = *state;
    uint64_t allow[ROWS / 64 + 1];
    seek_hit hits[20];
    for (size_t i = 0; i < COUNT(allow); i++) allow[i] = i % 7 ? 0 : rng_u64(&x->r) & rng_u64(&x->r);
    const seek_rows some = {x->rows, 1500, allow};
    check(x, &some, x->rows, -1000, hits, seek_top(x->a, &some, x->rows, -1000, 20, hits), 20);
    memset(allow, 0, sizeof allow);
    assert_int_equal(seek_top(x->a, &some, x->rows, -1000, 20, hits), 0);
}

static void parts_make_the_whole(void **state) {
    rig *x = *state;
    const seek_rows all = {x->rows, ROWS, NULL};
    seek_hit whole[15], parts[60];
    const int8_t *query = x->rows + 100 * EMBEDDING;
    const size_t n = seek_top(x->a, &all, query, -1000, 15, whole);
    size_t m = 0;
    for (size_t from = 0; from < ROWS; from += 1301)
        m += seek_part(x->a, &all, from, MIN(from + 1301, (size_t)ROWS), query, -1000, 15, parts + m);
    assert_int_equal(seek_merge(parts, m, 15), n);
    assert_memory_equal(parts, whole, n * sizeof *whole);
    assert_true(whole[0].at == 100 && whole[1].at == 4000 && whole[0].score == whole[1].score);
}

static void more_like_this_leaves_this_out(void **state) {
    rig *x = *state;
    const seek_rows all = {x->rows, ROWS, NULL};
    const uint32_t one[] = {100}, two[] = {100, 4000};
    seek_hit hits[5];
    assert_int_equal(seek_like(x->a, &all, one, 1, -1000, 5, hits), 5);
    assert_int_equal(hits[0].at, 4000);
    assert_int_equal(seek_like(x->a, &all, two, 2, -1000, 5, hits), 5);
    for (size_t i = 0; i < 5; i++) assert_true(hits[i].at != 100 && hits[i].at != 4000);
    assert_int_equal(seek_like(x->a, &all, NULL, 0, 0.1F, 5, hits), 0);
}

// Cormack, Clarke & Büttcher 2009: 1 / (60 + rank), summed over the rankings.
static void rankings_are_fused_by_their_ranks(void **state) {
    rig *x = *state;
    const uint32_t words[] = {7, 3, 9}, meaning[] = {3, 8, 7, 5};
    const seek_ranking both[] = {{words, 3, 0}, {meaning, 4, 0}};
    seek_hit hits[10];
    assert_int_equal(seek_fuse(x->a, both, 2, 10, hits), 5);
    const uint32_t order[] = {3, 7, 8, 9, 5};
    const double want[] = {1.0 / 62 + 1.0 / 61, 1.0 / 61 + 1.0 / 63, 1.0 / 62, 1.0 / 63, 1.0 / 64};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(hits[i].at, order[i]);
        assert_true((double)hits[i].score - want[i] < 1e-6 && want[i] - (double)hits[i].score < 1e-6);
    }
    const seek_ranking weighted[] = {{words, 3, 3}, {meaning, 4, 1}};
    seek_fuse(x->a, weighted, 2, 1, hits);
    assert_int_equal(hits[0].at, 7);
    assert_int_equal(seek_fuse(x->a, both, 0, 10, hits), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_are_those_that_sorting_finds),
        cmocka_unit_test(rows_that_are_not_allowed_are_not_found),
        cmocka_unit_test(parts_make_the_whole),
        cmocka_unit_test(more_like_this_leaves_this_out),
        cmocka_unit_test(rankings_are_fused_by_their_ranks),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
