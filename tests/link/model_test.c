// Linking from end to end: the properties that docs/linking.md promises, a slow twin of the fit, and real files.
#include "test.h"

#include "link/label.h"
#include "link/truth.h"
#include "made.h"

#include <math.h>

typedef struct {
    arena a;
    link_table t;
    link_model m;
    link_pairs p;
    uint32_t *cluster;
} linked;

static void finish(linked *l) {
    err e = {0};
    assert_ok(link_model_learn(&l->m, &l->t, &(link_model_opts){0}, &e), e);
    assert_ok(link_model_pairs(&l->m, &l->p, &e), e);
    l->cluster = make(&l->a, uint32_t, l->t.rows);
    assert_ok(link_cluster(&l->a, l->p.p, l->p.n, l->t.rows, &(link_cluster_opts){0}, l->cluster, &e), e);
}

static linked *link_rows(const link_head *h) {
    linked *l = calloc(1, sizeof *l);
    err e = {0};
    l->a = arena_open((size_t)1 << 30);
    assert_ok(link_table_of(&l->a, &l->t, h, (str){0}, &e), e);
    finish(l);
    return l;
}

static void done(linked *l) {
    link_pairs_close(&l->p);
    link_model_close(&l->m);
    link_table_close(&l->t);
    arena_close(&l->a);
    free(l);
}

static void people_written_twice_are_found(void **state) {
    (void)state;
    arena a = arena_open((size_t)64 << 20);
    made m = made_people(&a, 5, 3000);
    const link_head h = made_head(&m);
    linked *l = link_rows(&h);
    const link_quality q = link_quality_pairs(l->cluster, m.who, l->t.rows);
    if (q.f1 < 0.97) fail_msg("precision %.4f, recall %.4f", q.precision, q.recall);
    assert_null(l->m.fit.doubt);
    done(l);
    arena_close(&a);
}

static void the_order_of_records_and_columns_does_not_matter(void **state) {
    (void)state;
    arena a = arena_open((size_t)256 << 20);
    made m = made_people(&a, 6, 2500);
    const link_head h = made_head(&m);
    linked *first = link_rows(&h);
    rng r = rng_seed(1);
    uint32_t *row = make(&a, uint32_t, h.n_rows);
    for (uint32_t i = 0; i < h.n_rows; i++) row[i] = i;
    rng_shuffle(&r, row, h.n_rows, sizeof *row);
    static const int column[MADE_COLUMNS] = {4, 1, 5, 0, 3, 2};
    str names[MADE_COLUMNS];
    const str **rows = make(&a, const str *, h.n_rows);
    for (int c = 0; c < MADE_COLUMNS; c++) names[c] = h.name[column[c]];
    for (uint32_t i = 0; i < h.n_rows; i++) {
        str *x = make(&a, str, MADE_COLUMNS);
        for (int c = 0; c < MADE_COLUMNS; c++) x[c] = h.row[row[i]][column[c]];
        rows[i] = x;
    }
    linked *second = link_rows(&(link_head){names, MADE_COLUMNS, rows, h.n_rows});
    uint32_t *moved = make(&a, uint32_t, h.n_rows);
    for (uint32_t i = 0; i < h.n_rows; i++) moved[i] = first->cluster[row[i]];
    const link_quality q = link_quality_pairs(second->cluster, moved, second->t.rows);
    if (q.f1 < 1) fail_msg("the same pairs are together but for %.6f", 1 - q.f1);
    for (uint32_t i = 0; i + 1 < 600; i++) {
        const float x = link_model_weight(&second->m, i, i + 1, NULL),
                    y = link_model_weight(&first->m, row[i], row[i + 1], NULL);
        if (fabsf(x - y) > 0.1f) fail_msg("a pair weighs %.4f and %.4f", (double)x, (double)y);
    }
    done(first);
    done(second);
    arena_close(&a);
}

static void a_weight_is_symmetric_and_the_sum_of_its_parts(void **state) {
    (void)state;
    arena a = arena_open((size_t)256 << 20);
    made m = made_people(&a, 7, 1500);
    const link_head h = made_head(&m);
    linked *l = link_rows(&h);
    rng r = rng_seed(2);
    for (int k = 0; k < 3000; k++) {
        const link_pair *p = &l->p.p[rng_range(&r, 0, (int64_t)l->p.n - 1)];
        const uint32_t x = k % 2 ? p->a : (uint32_t)rng_range(&r, 0, l->t.rows - 1), y = p->b;
        uint64_t pattern, back;
        const float w = link_model_weight(&l->m, x, y, &pattern);
        assert_true(w == link_model_weight(&l->m, y, x, &back));
        assert_true(pattern == back);
        arena scratch = a;
        link_part *part;
        const size_t n =
            link_explain(&scratch, &l->m.score, &l->m.fit, pattern, link_row(&l->t, x), link_row(&l->t, y), w, &part);
        float sum = 0;
        for (size_t i = n; i > 0; i--) sum += part[i - 1].bits;
        if (sum != w) fail_msg("parts are %.9g, the weight is %.9g", (double)sum, (double)w);
    }
    done(l);
    arena_close(&a);
}

// Raises one field of a random pattern, in all the ways that levels.def calls higher.
static void more_likeness_never_weighs_less(void **state) {
    (void)state;
    arena a = arena_open((size_t)256 << 20);
    made m = made_people(&a, 8, 2000);
    const link_head h = made_head(&m);
    linked *l = link_rows(&h);
    rng r = rng_seed(3);
    uint32_t none[LINK_FIELDS] = {0}; // rarity is of values; here only levels count
    for (int k = 0; k < 50000; k++) {
        uint64_t p = 0;
        for (int f = 0; f < l->t.n_fields; f++)
            p = link_with(p, f, (int)rng_range(&r, 0, link_levels(l->t.field[f].col.kind) - 1));
        const int f = (int)rng_range(&r, 0, l->t.n_fields - 1), from = link_level(p, f);
        const enum link_kind kind = l->t.field[f].col.kind;
        const int to = (int)rng_range(&r, 1, link_levels(kind) - 1);
        const bool higher =
            from ? link_level_rank(kind, to) > link_level_rank(kind, from) : to == link_levels(kind) - 1;
        if (!higher) continue;
        const float x = link_weight(&l->m.score, p, none, none),
                    y = link_weight(&l->m.score, link_with(p, f, to), none, none);
        if (y < x)
            fail_msg("field %d from \"%s\" to \"%s\": %.4f, then %.4f", f, link_level_text(kind, from),
                     link_level_text(kind, to), (double)x, (double)y);
    }
    done(l);
    arena_close(&a);
}

// Counts of patterns teach what every pair by itself teaches.
static void counts_of_patterns_teach_what_pairs_teach(void **state) {
    (void)state;
    arena a = arena_open((size_t)256 << 20);
    made m = made_people(&a, 10, 400);
    link_table t;
    err e = {0};
    assert_ok(link_table_of(&a, &t, &(link_head){m.names, MADE_COLUMNS, m.h.row, m.h.n_rows}, (str){0}, &e), e);
    link_comparer c = link_comparer_open(&t);
    link_counted *each = make(&a, link_counted, t.rows * t.rows / 2),
                 *sum = make(&a, link_counted, t.rows * t.rows / 2);
    size_t n = 0, n_sum = 0;
    for (uint32_t x = 0; x < t.rows; x++)
        for (uint32_t y = x + 1; y < t.rows; y++)
            each[n++] = (link_counted){link_pattern(&c, link_row(&t, x), link_row(&t, y)), 0xff, 1};
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < n_sum && sum[k].pattern != each[i].pattern) k++;
        if (k == n_sum) sum[n_sum++] = (link_counted){each[i].pattern, 0xff, 0};
        sum[k].n += 1;
    }
    assert_true(n_sum < n / 4);
    link_fit slow, fast;
    link_fit_strangers(&slow, &t, 1);
    link_fit_strangers(&fast, &t, 1);
    link_fit_learn(&slow, &t, each, n);
    link_fit_learn(&fast, &t, sum, n_sum);
    assert_true(fabs(slow.same / fast.same - 1) < 1e-6);
    for (size_t i = 0; i < n_sum; i++)
        assert_true(fabs(link_fit_chance(&slow, sum[i].pattern) - link_fit_chance(&fast, sum[i].pattern)) < 1e-6);
    link_fit_close(&slow);
    link_fit_close(&fast);
    link_comparer_close(&c);
    link_table_close(&t);
    arena_close(&a);
}

// Answers to what is asked for make it better, or leave it as good.
static void labels_teach(void **state) {
    (void)state;
    arena a = arena_open((size_t)256 << 20);
    made m = made_people(&a, 15, 3000);
    const str names[4] = {S("given_name"), S("surname"), S("dob"), S("city")};
    linked *l = link_rows(&(link_head){names, 4, m.h.row, m.h.n_rows});
    const link_quality before = link_quality_pairs(l->cluster, m.who, l->t.rows);
    link_pair ask[60];
    link_said said[60];
    const size_t n = link_ask(&l->m, &l->p, NULL, 0, 60, ask);
    assert_true(n > 10);
    for (size_t i = 0; i < n; i++) {
        said[i] = (link_said){ask[i].a, ask[i].b, m.who[ask[i].a] == m.who[ask[i].b]};
        for (size_t k = 0; k < i; k++) assert_true(ask[k].a != ask[i].a || ask[k].b != ask[i].b);
    }
    assert_int_equal(link_ask(&l->m, &l->p, said, n, 60, ask) > 0, 1);
    for (size_t i = 0; i < n; i++)
        assert_true(ask[i].a != said[0].a || ask[i].b != said[0].b); // nothing is asked twice
    link_learned told;
    err e = {0};
    link_learn_labels(&l->m, said, n, &told);
    assert_int_equal(told.same + told.other, n);
    assert_true(told.after <= told.before);
    link_pairs_close(&l->p);
    assert_ok(link_model_pairs(&l->m, &l->p, &e), e);
    assert_ok(
        link_cluster(&l->a, l->p.p, l->p.n, l->t.rows, &(link_cluster_opts){.said = said, .n_said = n}, l->cluster, &e),
        e);
    const link_quality after = link_quality_pairs(l->cluster, m.who, l->t.rows);
    if (after.f1 < before.f1 - 0.002) fail_msg("F1 %.4f before, %.4f after", before.f1, after.f1);
    done(l);
    arena_close(&a);
}

static linked *link_files(const char *dir, const char *file, const char *against) {
    linked *l = calloc(1, sizeof *l);
    err e = {0};
    l->a = arena_open((size_t)1 << 30);
    const str x = str_fmt(&l->a, "%s/identity/%s", dir, file),
              y = against ? str_fmt(&l->a, "%s/identity/%s", dir, against) : (str){0};
    assert_ok(link_table_read(&l->a, &l->t,
                              &(link_read){.path = str_z(&l->a, x), .against = against ? str_z(&l->a, y) : NULL}, &e),
              e);
    finish(l);
    return l;
}

// The truth of Febrl's files stands in the names of their records, which are not compared: rec-17-org, rec-17-dup-0.
static void the_files_of_febrl_are_linked_as_they_should(void **state) {
    (void)state;
    test_need_data(dir);
    linked *l = link_files(dir, "febrl/dataset1.csv", NULL);
    uint32_t *who = make(&l->a, uint32_t, l->t.rows), at = 0;
    FILE *f = fopen(str_z(&l->a, str_fmt(&l->a, "%s/identity/febrl/dataset1.csv", dir)), "r");
    char line[4096];
    assert_non_null(f);
    for (bool first = true; fgets(line, sizeof line, f); first = false)
        if (!first && at < l->t.rows) who[at++] = (uint32_t)strtoul(line + 4, NULL, 10);
    fclose(f);
    assert_int_equal(at, 1000);
    const link_quality q = link_quality_pairs(l->cluster, who, l->t.rows);
    if (q.f1 < 0.999) fail_msg("precision %.4f, recall %.4f", q.precision, q.recall);
    done(l);
}

static void nothing_collapses_where_fields_are_poor(void **state) {
    (void)state;
    arena a = arena_open((size_t)64 << 20);
    made m = made_people(&a, 12, 2000);
    const str names[2] = {S("given_name"), S("city")};
    const str **rows = make(&a, const str *, m.h.n_rows);
    for (size_t i = 0; i < m.h.n_rows; i++) {
        str *x = make(&a, str, 2);
        x[0] = m.h.row[i][0], x[1] = m.h.row[i][3], rows[i] = x;
    }
    linked *l = link_rows(&(link_head){names, 2, rows, m.h.n_rows});
    uint32_t *size = make(&l->a, uint32_t, l->t.rows), most = 0;
    for (uint32_t i = 0; i < l->t.rows; i++) most = MAX(most, ++size[l->cluster[i]]);
    if (most > 60) fail_msg("%u records are taken for one", most);
    assert_non_null(l->m.fit.doubt); // and it is said
    done(l);
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_written_twice_are_found),
        cmocka_unit_test(the_order_of_records_and_columns_does_not_matter),
        cmocka_unit_test(a_weight_is_symmetric_and_the_sum_of_its_parts),
        cmocka_unit_test(more_likeness_never_weighs_less),
        cmocka_unit_test(counts_of_patterns_teach_what_pairs_teach),
        cmocka_unit_test(labels_teach),
        cmocka_unit_test(the_files_of_febrl_are_linked_as_they_should),
        cmocka_unit_test(nothing_collapses_where_fields_are_poor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
