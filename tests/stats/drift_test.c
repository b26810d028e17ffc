#include "stats/near.h"

#include "stats/drift.h"
#include "stats/many.h"

static arena a;

static int open_arena(void **state) {
    (void)state;
    a = test_arena();
    return 0;
}

static int close_arena(void **state) {
    (void)state;
    arena_close(&a);
    return 0;
}

// Computed in R 4.2.2 from the definitions of Sokal & Rohlf, with pchisq and chisq.test.
static void the_test_with_the_correction(void **state) {
    (void)state;
    static const int64_t now[] = {40, 25, 0, 10, 25}, before[] = {90, 130, 0, 60, 120};
    rng r = rng_seed(1);
    drift d = drift_of(&a, now, before, 5, 0, &r);
    assert_near(d.g, 12.11550084, 1e-7);
    assert_near(d.p, 0.006997796604, 1e-9);
    assert_near(d.df, 3, 0);
    assert_near(d.strength, 0.1612012185, 1e-9);
    assert_int_equal(d.state, ESTIMATE_OK);
    assert_int_equal(d.n, 4);
    assert_int_equal(d.theme[0].theme, 0);
    double parts = 0;
    for (size_t i = 0; i < d.n; i++) {
        rise one = rise_test((rise_counts){now[d.theme[i].theme], 100, before[d.theme[i].theme], 400});
        assert_near(d.theme[i].test.g, one.g, 0);
        assert_true(d.theme[i].share.lo < d.theme[i].share.diff && d.theme[i].share.diff < d.theme[i].share.hi);
        assert_true(i == 0 || d.theme[i].part <= d.theme[i - 1].part);
        parts += d.theme[i].part;
    }
    assert_near(parts, 1, 1e-12);
    assert_near(d.theme[0].share.diff, 0.4 - 0.225, 1e-12);
}

// All tables with the margins of {3, 0, 2}, {1, 6, 4}: those with as large a G have the chance 0.06043956 (R).
static void small_tables_by_drawing(void **state) {
    (void)state;
    static const int64_t now[] = {3, 0, 2}, before[] = {1, 6, 4};
    rng r = rng_seed(2);
    drift d = drift_of(&a, now, before, 3, 40000, &r);
    assert_near(d.g, 7.737912809, 1e-8);
    assert_near(d.p, 0.06043956044, 0.004);
    assert_int_equal(d.state, ESTIMATE_THIN);
    assert_string_equal(d.why, "25 more people are needed in the window with fewer");
    assert_string_equal(d.method, "G-test, tables drawn with the same margins");
}

typedef struct {
    drift_said rows[20000];
    size_t n;
} said;

// Everybody names four themes that go together, each up to three times: G is four times a χ² of two degrees of freedom.
static void speak(said *s, rng *r, int64_t from, int64_t people, size_t themes, bool now, double lean) {
    for (int64_t p = from; p < from + people; p++) {
        uint32_t first = rng_chance(r, lean) ? 0 : 4 * (uint32_t)rng_range(r, 0, (int64_t)themes / 4 - 1);
        for (uint32_t k = 0; k < 4; k++) {
            uint32_t theme = (first + k) % (uint32_t)themes;
            for (int64_t again = rng_range(r, 1, 3); again > 0; again--) s->rows[s->n++] = (drift_said){p, theme, now};
        }
    }
}

static void people_who_say_many_things_are_few(void **state) {
    (void)state;
    rng r = rng_seed(3);
    int alarms = 0, bare = 0, found = 0;
    double together = 0, df = 0;
    enum { ROUNDS = 200 };
    for (int i = 0; i < ROUNDS; i++) {
        arena was = a;
        said *s = make(&a, said, 1);
        speak(s, &r, 1, 40, 12, true, 0);
        speak(s, &r, 1000, 120, 12, false, 0);
        drift d = drift_of_people(&a, s->rows, s->n, 12, 199, &r);
        alarms += d.p <= 0.05;
        together += d.together / ROUNDS, df += d.df / ROUNDS;
        int64_t now[12] = {0}, before[12] = {0};
        for (size_t j = 0; j < d.n; j++) {
            now[d.theme[j].theme] = (int64_t)(d.theme[j].test.share * 40 + 0.5);
            before[d.theme[j].theme] = (int64_t)(d.theme[j].test.share_before * 120 + 0.5);
        }
        bare += drift_of(&a, now, before, 12, 199, &r).p <= 0.05;
        s->n = 0;
        speak(s, &r, 1, 80, 12, true, 0.5);
        speak(s, &r, 1000, 240, 12, false, 0);
        found += drift_of_people(&a, s->rows, s->n, 12, 199, &r).p <= 0.05;
        a = was;
    }
    assert_near((double)alarms / ROUNDS, 0.05, 0.045);
    assert_near(together, 4, 0.5);
    assert_near(df, 2, 0.25);
    assert_true(bare > alarms);
    assert_true(found == ROUNDS);
}

// One theme a person, no ties: dealing people is drawing tables.
static void one_theme_each_is_the_plain_test(void **state) {
    (void)state;
    rng r = rng_seed(4);
    static const int64_t now[] = {12, 20, 30}, before[] = {40, 60, 50};
    said *s = make(&a, said, 1);
    int64_t person = 1;
    for (uint32_t t = 0; t < 3; t++) {
        for (int64_t k = 0; k < now[t]; k++) s->rows[s->n++] = (drift_said){person++, t, true};
        for (int64_t k = 0; k < before[t]; k++) s->rows[s->n++] = (drift_said){person++, t, false};
    }
    drift dealt = drift_of_people(&a, s->rows, s->n, 3, 20000, &r), plain = drift_of(&a, now, before, 3, 0, &r);
    assert_near(dealt.p, plain.p, 0.01);
    assert_near(dealt.together, 1, 0.05);
}

// 40 segments of which none drifts: on one page in twenty is there any alarm. Then four drift in one theme of ten.
static void segments_are_judged_together(void **state) {
    (void)state;
    rng r = rng_seed(5);
    enum { PAGES = 200, SEGMENTS = 40, THEMES = 10 };
    int alarmed = 0, found = 0, named = 0, wrong = 0, all = 0;
    for (int page = 0; page < 2 * PAGES; page++) {
        arena was = a;
        drift d[SEGMENTS];
        for (size_t s = 0; s < SEGMENTS; s++) {
            int64_t now[THEMES], before[THEMES];
            for (size_t t = 0; t < THEMES; t++) {
                bool up = page >= PAGES && s < 4 && t == 3;
                now[t] = rng_poisson(&r, up ? 60 : 15), before[t] = rng_poisson(&r, 60);
            }
            d[s] = drift_of(&a, now, before, THEMES, 199, &r);
        }
        drift_adjust(a, d, SEGMENTS);
        bool any = false;
        for (size_t s = 0; s < SEGMENTS; s++) {
            any |= d[s].drifts;
            for (size_t j = 0; j < d[s].n; j++) {
                const drift_theme *t = &d[s].theme[j];
                if (!d[s].drifts) assert_true(isnan(t->adjusted));
                if (page < PAGES || !d[s].drifts || !(t->adjusted < SIGNIFICANT)) continue;
                all++, wrong += s >= 4; // where one theme grows the shares of all others shrink in truth
                named += s < 4 && t->theme == 3;
            }
            if (page >= PAGES && s < 4) found += d[s].drifts;
        }
        alarmed += page < PAGES && any;
        a = was;
    }
    assert_near((double)alarmed / PAGES, 0.05, 0.04);
    assert_true(found > 4 * PAGES * 9 / 10);
    assert_true(named > found * 9 / 10);
    assert_true((double)wrong / all < 0.08);
}

static void nothing_to_compare(void **state) {
    (void)state;
    rng r = rng_seed(6);
    static const int64_t some[] = {50, 50}, none[] = {0, 0}, one[] = {50, 0};
    drift d[] = {drift_of(&a, some, none, 2, 0, &r), drift_of(&a, none, some, 2, 0, &r),
                 drift_of(&a, one, one, 2, 0, &r), drift_of(&a, NULL, NULL, 0, 0, &r),
                 drift_of_people(&a, NULL, 0, 3, 0, &r)};
    assert_string_equal(d[0].why, "there is nothing to compare with");
    assert_string_equal(d[1].why, "nothing was said in this window");
    assert_string_equal(d[2].why, "only one theme was named");
    drift_adjust(a, d, COUNT(d));
    for (size_t i = 0; i < COUNT(d); i++) {
        assert_int_equal(d[i].state, ESTIMATE_NONE);
        assert_true(isnan(d[i].p) && isnan(d[i].adjusted) && !d[i].drifts);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_test_with_the_correction),       cmocka_unit_test(small_tables_by_drawing),
        cmocka_unit_test(people_who_say_many_things_are_few), cmocka_unit_test(one_theme_each_is_the_plain_test),
        cmocka_unit_test(segments_are_judged_together),       cmocka_unit_test(nothing_to_compare),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
