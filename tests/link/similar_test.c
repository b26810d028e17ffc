// Likeness of short texts: published values, and slow twins.
#include "test.h"

#include "base/rng.h"
#include "link/similar.h"

#include <math.h>

// W. E. Winkler, "Overview of Record Linkage and Current Research Directions", Census Bureau RRS2006-02, table 6, and
// the examples of Jaro 1989.
static void names_are_as_alike_as_published(void **state) {
    (void)state;
    static const struct {
        const char *x, *y;
        double likeness;
    } rows[] = {
        {"shackleford", "shackelford", 0.982}, {"dunningham", "cunnigham", 0.896}, {"nichleson", "nichulson", 0.956},
        {"jones", "johnson", 0.832},           {"massey", "massie", 0.933},        {"abroms", "abrams", 0.922},
        {"marhta", "martha", 0.961},           {"dwayne", "duane", 0.840},         {"dixon", "dicksonx", 0.813},
        {"jeraldine", "geraldine", 0.926},     {"michelle", "michael", 0.921},     {"julies", "julius", 0.933}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        const double got = similar_names(str_c(rows[i].x), str_c(rows[i].y));
        if (fabs(got - rows[i].likeness) > 0.0006)
            fail_msg("%s %s: %.4f, not %.3f", rows[i].x, rows[i].y, got, rows[i].likeness);
    }
}

static str random_text(arena *a, rng *r) {
    const size_t n = (size_t)rng_range(r, 0, 7);
    char *s = make(a, char, n + 1);
    for (size_t i = 0; i < n; i++) s[i] = (char)('a' + rng_range(r, 0, 2));
    return (str){s, n};
}

// Optimal string alignment by its recurrence.
static int distance(str x, str y) {
    int d[9][9] = {{0}};
    for (int i = 0; i <= (int)x.len; i++)
        for (int j = 0; j <= (int)y.len; j++) {
            if (!i || !j) {
                d[i][j] = i + j;
                continue;
            }
            int best = MIN(d[i - 1][j], d[i][j - 1]) + 1;
            const int change = d[i - 1][j - 1] + (x.s[i - 1] != y.s[j - 1]);
            best = MIN(best, change);
            if (i > 1 && j > 1 && x.s[i - 1] == y.s[j - 2] && x.s[i - 2] == y.s[j - 1])
                best = MIN(best, d[i - 2][j - 2] + 1);
            d[i][j] = best;
        }
    return d[x.len][y.len];
}

static void a_slip_is_a_distance_of_one_at_most(void **state) {
    (void)state;
    arena a = arena_open(1 << 24);
    rng r = rng_seed(3);
    for (int k = 0; k < 40000; k++) {
        const str x = random_text(&a, &r), y = random_text(&a, &r);
        if (similar_slip(x, y) != (distance(x, y) <= 1)) fail_msg("\"%.*s\" and \"%.*s\"", STR_ARG(x), STR_ARG(y));
        assert_int_equal(similar_slip(x, y), similar_slip(y, x));
        assert_true(similar_names(x, y) == similar_names(y, x));
    }
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_as_alike_as_published),
        cmocka_unit_test(a_slip_is_a_distance_of_one_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
