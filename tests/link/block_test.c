// Blocking against a twin that looks at every pair.
#include "test.h"

#include "made.h"

typedef struct {
    uint32_t a, b, rules;
} found;

typedef struct {
    found *at;
    size_t n, cap;
} list;

static void take(void *ctx, uint32_t a, uint32_t b, uint32_t rules) {
    list *l = ctx;
    ROOM_FOR(l->at, &l->cap, l->n + 1);
    l->at[l->n++] = (found){MIN(a, b), MAX(a, b), rules};
}

static int by_rows(const void *p, const void *q) {
    const found *x = p, *y = q;
    return x->a != y->a ? (x->a > y->a) - (x->a < y->a) : (x->b > y->b) - (x->b < y->b);
}

// What two records have of each atom of a rule, straight from their rows.
static bool fulfils(const link_blocks *b, const link_rule *r, uint32_t x, uint32_t y) {
    for (int i = 0; i < r->n; i++) {
        const uint32_t p = b->row[(size_t)x * (size_t)b->width + (size_t)r->atom[i]];
        if (!p || p != b->row[(size_t)y * (size_t)b->width + (size_t)r->atom[i]]) return false;
    }
    return true;
}

static void check(const link_table *t, const list *l, const link_blocks *b) {
    size_t at = 0;
    for (uint32_t x = 0; x < t->rows; x++)
        for (uint32_t y = x + 1; y < t->rows; y++) {
            uint32_t rules = 0;
            for (int r = 0; r < b->n_rules; r++) rules |= (uint32_t)fulfils(b, &b->rule[r], x, y) << r;
            if (t->two && (x >= t->rows_a || y < t->rows_a)) rules = 0;
            const bool got = at < l->n && l->at[at].a == x && l->at[at].b == y;
            if (got != (rules != 0)) fail_msg("pair %u %u: %s", x, y, got ? "was not to be found" : "was not found");
            if (got && l->at[at].rules != rules) fail_msg("pair %u %u: rules %x, not %x", x, y, l->at[at].rules, rules);
            at += got;
        }
    assert_int_equal(at, l->n); // each once
}

// The rows with even numbers first, so that both halves hold the same people.
static void every_second(arena *a, made *m) {
    const size_t n = m->h.n_rows;
    const str **row = make(a, const str *, n);
    uint32_t *who = make(a, uint32_t, n);
    for (size_t i = 0; i < n; i++) {
        const size_t to = i % 2 ? n / 2 + i / 2 : i / 2;
        row[to] = m->h.row[i], who[to] = m->who[i];
    }
    m->h.row = row, m->who = who;
}

static void run(bool two, uint64_t seed) {
    arena a = arena_open((size_t)64 << 20);
    made m = made_people(&a, seed, two ? 3000 : 1700);
    if (two) every_second(&a, &m);
    link_table t;
    link_blocks b;
    link_sample s;
    err e = {0};
    assert_ok(link_table_of(&a, &t, &(link_head){m.names, MADE_COLUMNS, m.h.row, m.h.n_rows}, (str){0}, &e), e);
    if (two) t.two = true, t.rows_a = 1500;
    link_blocks_open(&b, &t);
    link_blocks_sample(&b, 1e9, 1e18, seed, &s);
    float *chance = make(&a, float, s.n + 1);
    for (size_t i = 0; i < s.n; i++) chance[i] = m.who[s.pair[i].a] == m.who[s.pair[i].b];
    link_blocks_choose(&b, &s, chance, 1e9);
    assert_true(b.n_rules > 2);
    list l[2] = {{0}};
    void *ctx[2] = {&l[0], &l[1]};
    assert_ok(link_blocks_run(&b, take, ctx, 2, &e), e);
    for (size_t i = 0; i < l[1].n; i++) take(&l[0], l[1].at[i].a, l[1].at[i].b, l[1].at[i].rules);
    qsort(l[0].at, l[0].n, sizeof(found), by_rows);
    check(&t, &l[0], &b);
    free(l[0].at);
    free(l[1].at);
    free(s.pair);
    link_blocks_close(&b);
    link_table_close(&t);
    arena_close(&a);
}

static void rules_find_their_pairs_and_no_others_each_once(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed < 4; seed++) run(false, seed);
}

static void pairs_of_two_files_are_of_one_row_each(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed < 4; seed++) run(true, seed);
}

// A sample stands for all: what its pairs stand for adds up to what there is.
static void a_sample_stands_for_all(void **state) {
    (void)state;
    arena a = arena_open((size_t)64 << 20);
    made m = made_people(&a, 9, 4000);
    link_table t;
    link_blocks b;
    link_sample all, some;
    err e = {0};
    assert_ok(link_table_of(&a, &t, &(link_head){m.names, MADE_COLUMNS, m.h.row, m.h.n_rows}, (str){0}, &e), e);
    link_blocks_open(&b, &t);
    link_blocks_sample(&b, 1e9, 1e18, 1, &all);
    double sum = 0;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        link_blocks_sample(&b, 1500, 1e18, seed, &some);
        assert_true(some.n < all.n);
        for (size_t i = 0; i < some.n; i++) sum += (double)some.pair[i].stands_for / 8;
        free(some.pair);
    }
    if (sum < 0.8 * (double)all.n || sum > 1.25 * (double)all.n) fail_msg("%.0f of %zu", sum, all.n);
    free(all.pair);
    link_blocks_close(&b);
    link_table_close(&t);
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_find_their_pairs_and_no_others_each_once),
        cmocka_unit_test(pairs_of_two_files_are_of_one_row_each),
        cmocka_unit_test(a_sample_stands_for_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
