#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "stats/near.h"

#include "base/rng.h"
#include "stats/burst.h"
#include "stats/many.h"

enum { DAYS = 200 };
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

// ---- Chances ----

// R 4.2.2: pnbinom(seen − 1, size, mu = mean, lower.tail = FALSE), ppois; qnbinom and qpois of 0.025 and 0.975.
static void chances_and_ranges_as_in_r(void **state) {
    (void)state;
    static const struct {
        double mean, size;
        int64_t seen;
        double chance, lo, hi;
    } rows[] = {
        {10, 2.5, 30, 0.0175323806624, 1, 28},
        {0.093, 0.5, 5, 2.50471081599e-05, 0, 1},
        {10, INFINITY, 20, 0.00345434197586, 4, 17},
        {100, 400, 120, 0.0442820122315, 79, 123},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        double variance = rows[i].mean + rows[i].mean * rows[i].mean / rows[i].size, lo, hi;
        assert_near(burst_chance(rows[i].mean, variance, rows[i].seen) / rows[i].chance, 1, 1e-9);
        burst_range(rows[i].mean, variance, &lo, &hi);
        assert_near(lo, rows[i].lo, 0);
        assert_near(hi, rows[i].hi, 0);
    }
    assert_near(burst_chance(3, 3, 0), 1, 0);
    assert_near(burst_chance(0, 0, 1), 0, 0);
}

static void small_chances_keep_their_digits(void **state) {
    (void)state;
    for (int64_t k = 1; k < 120; k += 7) {
        double sum = 0;
        for (int64_t j = k; j < k + 2000; j++) sum += gsl_ran_negative_binomial_pdf((unsigned)j, 4. / 14, 4);
        assert_near(burst_chance(10, 10 + 100. / 4, k) / sum, 1, 1e-8);
    }
}

// ---- People ----

static void one_loud_person_is_one(void **state) {
    (void)state;
    burst_said said[] = {{7, 3}, {7, 1}, {7, 2}, {7, 40}, {8, 2}, {8, 29}, {9, -1}, {9, 5}, {9, 60}};
    int64_t people[50];
    burst_people(a, said, COUNT(said), 28, people, 50);
    for (int64_t t = 0; t < 50; t++) assert_int_equal(people[t], t == 1 || t == 2 || t == 40);
    burst_people(a, said, COUNT(said), 0, people, 50);
    assert_int_equal(people[2], 2);
    assert_int_equal(people[29], 1);
    burst_people(a, NULL, 0, 28, people, 50);
    assert_int_equal(people[2], 0);
}

static void nobody_counts_twice_in_a_window(void **state) {
    (void)state;
    rng r = rng_seed(5);
    enum { ROWS = 3000, PEOPLE = 40, LONG = 300 };
    burst_said said[ROWS];
    for (size_t i = 0; i < ROWS; i++) said[i] = (burst_said){rng_range(&r, 1, PEOPLE), rng_range(&r, 0, LONG - 1)};
    int64_t got[LONG], want[LONG] = {0};
    for (int64_t p = 1; p <= PEOPLE; p++) {
        int64_t last = -1000;
        for (int64_t t = 0; t < LONG; t++) {
            bool any = false;
            for (size_t i = 0; i < ROWS; i++) any |= said[i].person == p && said[i].period == t;
            if (!any || t - last < 28) continue;
            want[t]++, last = t;
        }
    }
    burst_people(a, said, ROWS, 28, got, LONG);
    for (size_t t = 0; t < LONG; t++) assert_int_equal(got[t], want[t]);
}

// ---- What is usual ----

// The first 112 of 140 days, fitted by R 4.2.2 with MASS 7.3: glm.nb(y ~ t + weekday), theta.mm for the spread; counts
// are so large that what is believed beforehand moves nothing. Ours is lower by what the largest days count less.
static const int64_t LARGE[140] = {
    155, 160, 128, 125, 198, 72,  72,  221, 216, 205, 145, 238, 83,  80,  193, 216, 209, 162, 171, 73,
    71,  181, 224, 234, 247, 193, 58,  57,  184, 202, 174, 182, 181, 59,  72,  225, 145, 232, 155, 209,
    42,  77,  154, 156, 129, 189, 182, 60,  62,  192, 252, 164, 205, 217, 75,  62,  143, 178, 223, 217,
    179, 67,  88,  224, 236, 199, 171, 244, 40,  78,  173, 276, 395, 191, 208, 72,  58,  277, 379, 266,
    347, 269, 79,  101, 221, 131, 194, 285, 221, 57,  72,  282, 187, 203, 371, 241, 69,  94,  252, 265,
    248, 283, 125, 75,  103, 139, 158, 326, 197, 268, 93,  74,  213, 149, 191, 280, 265, 55,  103, 352,
    217, 273, 234, 179, 84,  66,  173, 178, 237, 200, 138, 75,  76,  279, 268, 307, 243, 225, 99,  102};

static void the_baseline_is_that_of_r(void **state) {
    (void)state;
    burst b = burst_of(&a, &(burst_series){.people = LARGE, .n = 140, .season = 7});
    assert_int_equal(b.state, ESTIMATE_OK);
    assert_int_equal(b.baseline, 112);
    assert_near(b.level, 198.9359, 3);
    assert_near(b.growth, 0.08442, 0.005);
    assert_near(b.spread, 0.0465, 0.004);
    assert_int_equal(b.window[3].periods, 28);
    assert_near(b.window[3].expected, 5861.126, 90);
    double sum = 0;
    for (size_t t = 112; t < 140; t++) sum += b.expected[t];
    assert_near(sum, b.window[3].expected, 1e-6);
}

typedef struct {
    double level, spread, weekend, growth;
} kind;

static void fill(kind k, rng *r, int64_t *people, size_t n, size_t lift, double factor) {
    for (size_t t = 0; t < n; t++) {
        double m = k.level * pow(1 + k.growth, ((double)t - DAYS + 28) / 28);
        m *= t % 7 >= 5 ? k.weekend : (7 - 2 * k.weekend) / 5;
        if (t >= n - lift) m *= factor;
        if (k.spread > 0) m *= rng_gamma(r, 1 / k.spread, 1 / k.spread);
        people[t] = rng_poisson(r, m);
    }
}

static burst days(const int64_t *people) {
    return burst_of(&a, &(burst_series){.people = people, .n = DAYS, .season = 7});
}

static void a_burst_of_the_past_hides_nothing(void **state) {
    (void)state;
    rng r = rng_seed(11);
    double spread = 0, level = 0, without = 0;
    for (int i = 0; i < 100; i++) {
        arena was = a;
        int64_t people[DAYS];
        fill((kind){5, 0.1, 0.5, 0}, &r, people, DAYS, 0, 1);
        without += days(people).window[2].expected / 100;
        for (size_t t = 80; t < 94; t++) people[t] += rng_poisson(&r, 25);
        burst b = days(people);
        spread += b.spread / 100, level += b.window[2].expected / 100;
        a = was;
    }
    assert_near(without, 35, 2);
    assert_near(level / without, 1, 0.06);
    assert_true(spread < 0.25);
}

static void what_is_up_is_found_and_told(void **state) {
    (void)state;
    rng r = rng_seed(12);
    int64_t people[DAYS];
    fill((kind){3, 0.1, 0.5, 0}, &r, people, DAYS, 3, 6);
    burst b = days(people);
    assert_int_equal(b.best, 1);
    assert_true(b.window[1].p < 1e-4 && b.window[1].ratio > 3);
    assert_true(b.window[1].lo <= b.window[1].expected && b.window[1].hi < (double)b.window[1].seen);
    assert_true(isnan(b.window[1].adjusted) && !burst_rising(&b.window[1]));
    assert_int_equal(burst_alarms(a, &b, 1, 0, 0), 1);
    assert_true(burst_rising(&b.window[1]) && b.alarm);
}

// Nobody for half a year and then twelve people in a week: no level is known, but that it is new is.
static void what_is_new_is_up(void **state) {
    (void)state;
    int64_t people[DAYS] = {0};
    burst quiet = days(people);
    assert_int_equal(quiet.state, ESTIMATE_OK);
    assert_near(quiet.window[2].p, 1, 1e-9);
    assert_string_equal(quiet.window[2].why, "0 of the 5 people that make a burst");
    for (size_t t = DAYS - 7; t < DAYS - 1; t++) people[t] = 2;
    burst b = days(people);
    assert_true(b.window[2].p < 1e-5 && b.window[3].p < 1e-4);
    assert_true(b.window[2].expected < 0.1);
    assert_int_equal(burst_alarms(a, &b, 1, 0, 0), 1);
}

// The pattern of all people explains a day on which everybody speaks; and a day without anybody is no zero.
static void more_of_everything_is_no_burst(void **state) {
    (void)state;
    rng r = rng_seed(13);
    int64_t people[DAYS];
    double all[DAYS];
    for (size_t t = 0; t < DAYS; t++) {
        all[t] = t % 29 == 0 ? 0 : t >= DAYS - 3 ? 900 : 300;
        people[t] = rng_poisson(&r, all[t] / 50);
    }
    burst with = burst_of(&a, &(burst_series){.people = people, .all = all, .n = DAYS, .season = 7});
    burst without = days(people);
    assert_true(with.window[1].p > 0.01);
    assert_true(without.window[1].p < 1e-4);
    assert_near(with.window[1].expected, 54, 5);
    assert_near(with.expected[58], 0, 0);
}

static void too_little_is_said_to_be_too_little(void **state) {
    (void)state;
    int64_t people[DAYS];
    for (size_t t = 0; t < DAYS; t++) people[t] = 1 + (t % 3 == 0);
    burst none = burst_of(&a, &(burst_series){.people = people, .n = 20, .season = 7});
    assert_int_equal(none.state, ESTIMATE_REFUSED);
    assert_string_equal(none.why, "9 more days are needed to know what is usual");
    assert_true(isnan(none.window[0].p));
    burst some = burst_of(&a, &(burst_series){.people = people, .n = 50, .season = 7});
    assert_int_equal(some.state, ESTIMATE_THIN);
    assert_string_equal(some.why, "what is usual is known from 43 days only; 13 more are needed");
    assert_int_equal(some.window[3].state, ESTIMATE_REFUSED);
    assert_string_equal(some.window[3].why, "6 more days are needed before so long a window");
    assert_int_equal(some.baseline, 43);
    burst weeks = burst_of(&a, &(burst_series){.people = people, .n = 26});
    assert_int_equal(weeks.state, ESTIMATE_OK);
    assert_int_equal(weeks.window[1].periods, 4);
    assert_int_equal(weeks.window[2].periods, 0);
    burst of[] = {none, some, weeks};
    assert_int_equal(burst_alarms(a, of, 3, 0, 0), 0);
    assert_int_equal(burst_alarms(a, NULL, 0, 0, 0), 0);
    assert_int_equal(burst_of(&a, &(burst_series){0}).state, ESTIMATE_REFUSED);
    double nobody[100] = {0};
    assert_int_equal(burst_of(&a, &(burst_series){.people = people, .all = nobody, .n = 100, .season = 7}).state,
                     ESTIMATE_REFUSED);
}

// Whatever stands in a series, what is told of it is in order.
static void any_series_is_told_in_order(void **state) {
    (void)state;
    rng r = rng_seed(19);
    for (int round = 0; round < 3000; round++) {
        arena was = a;
        int64_t people[260];
        double all[260];
        size_t n = (size_t)rng_range(&r, 0, 260);
        int64_t most = (int64_t)pow(10, 7 * rng_unit(&r));
        double often = rng_unit(&r), gaps = rng_chance(&r, 0.5) ? rng_unit(&r) : 0;
        for (size_t t = 0; t < n; t++) {
            people[t] = rng_chance(&r, often) ? rng_range(&r, 0, most) : 0;
            all[t] = rng_chance(&r, gaps) ? 0 : 1e-3 + rng_exp(&r, 1e-3);
        }
        burst_series s = {.people = people, .n = n, .season = rng_chance(&r, 0.5) ? 7 : 0};
        if (rng_chance(&r, 0.5)) s.all = all;
        if (rng_chance(&r, 0.3)) s.windows[0] = (size_t)rng_range(&r, 1, 300), s.windows[1] = 2;
        burst b = burst_of(&a, &s);
        assert_true(b.state == ESTIMATE_OK || b.why);
        for (size_t i = 0; i < BURST_WINDOWS && b.window[i].periods; i++) {
            const burst_window *w = &b.window[i];
            if (w->state == ESTIMATE_REFUSED) {
                assert_true(isnan(w->p) && w->why);
                continue;
            }
            assert_true(isfinite(w->expected) && w->lo <= w->hi);
            assert_true(isnan(w->p) ? w->expected <= 0 : w->p >= 0 && w->p <= 1 + 1e-9);
        }
        burst_alarms(a, &b, 1, 0, 0);
        if (b.state != ESTIMATE_REFUSED) burst_batches(&a, people, NULL, b.expected, n, (burst_rule){.states = 4});
        a = was;
    }
}

// With nothing going on p is below a limit no more often than the limit says, in every window.
static void false_alarms_are_as_rare_as_promised(void **state) {
    (void)state;
    static const kind kinds[] = {{0.1, 0, 1, 0},     {1, 0, 0.2, 0}, {10, 0.1, 0.2, 0},
                                 {3, 0.2, 0.5, 0.1}, {1, 1, 0.5, 0}, {50, 0.2, 0.5, -0.15}};
    for (size_t k = 0; k < COUNT(kinds); k++) {
        rng r = rng_fork(14, k);
        enum { ROUNDS = 1500 };
        size_t often[4] = {0}, seldom[4] = {0};
        for (size_t i = 0; i < ROUNDS; i++) {
            arena was = a;
            int64_t people[DAYS];
            fill(kinds[k], &r, people, DAYS, 0, 1);
            burst b = days(people);
            for (size_t w = 0; w < 4; w++) often[w] += b.window[w].p < 0.05, seldom[w] += b.window[w].p < 0.01;
            a = was;
        }
        for (size_t w = 0; w < 4; w++) { // 3.5 standard errors above
            assert_true(often[w] < 105);
            assert_true(seldom[w] < 29);
        }
    }
}

// 40 series, looked at on 150 days in a row: 5 % of the days may bring a false alarm at patience 20. Those who look
// every day at bare p values below 0.05 see one on nearly every day.
static void looking_every_day_multiplies_nothing(void **state) {
    (void)state;
    enum { SERIES = 40, LOOKS = 150, ALL = DAYS + LOOKS };
    static const kind kinds[] = {{0.3, 0, 0.2, 0}, {3, 0.2, 0.5, 0}, {10, 0.1, 0.2, 0}, {1, 1, 0.5, 0}};
    rng r = rng_seed(15);
    int64_t *people = make(&a, int64_t, (size_t)SERIES * ALL);
    for (size_t i = 0; i < SERIES; i++) fill(kinds[i % COUNT(kinds)], &r, people + i * ALL, ALL, 0, 1);
    size_t alarms = 0, bare = 0;
    for (size_t look = 0; look < LOOKS; look++) {
        arena was = a;
        burst b[SERIES];
        bool any = false;
        for (size_t i = 0; i < SERIES; i++) {
            b[i] = days(people + i * ALL + look);
            for (size_t w = 0; w < 4; w++) any |= b[i].window[w].p < 0.05;
        }
        alarms += burst_alarms(a, b, SERIES, 0, 20) > 0, bare += any;
        a = was;
    }
    assert_true(alarms <= 15);
    assert_true(bare > 100);
}

// ---- Kleinberg ----

static void the_test_book_of_whims(void **state) {
    (void)state;
    static const int64_t hits[] = {2, 3, 1, 2, 2, 18, 25, 21, 4, 2, 3, 2};
    int64_t all[12];
    for (size_t t = 0; t < 12; t++) all[t] = 100;
    burst_states b = burst_batches(&a, hits, all, NULL, 12, (burst_rule){0});
    for (size_t t = 0; t < 12; t++) assert_int_equal(b.state[t], t >= 5 && t <= 7);
    assert_int_equal(b.n, 1);
    assert_int_equal(b.interval[0].level, 1);
    assert_int_equal(b.interval[0].from, 5);
    assert_int_equal(b.interval[0].to, 7);
    double p = 85. / 1200, weight = 0;
    for (size_t t = 5; t <= 7; t++)
        weight +=
            log(gsl_ran_binomial_pdf((unsigned)hits[t], 2 * p, 100) / gsl_ran_binomial_pdf((unsigned)hits[t], p, 100));
    assert_near(b.interval[0].weight, weight, 1e-9);
}

// Every way through the states, one after the other.
static double cheapest(const double *cost, size_t n, size_t k, double up, size_t *best) {
    size_t ways = 1, way[16] = {0};
    double least = INFINITY;
    for (size_t t = 0; t < n; t++) ways *= k;
    for (size_t w = 0; w < ways; w++) {
        double sum = 0;
        size_t rest = w, was = 0;
        for (size_t t = 0; t < n; t++, rest /= k) {
            way[t] = rest % k;
            sum += cost[t * k + way[t]] + (way[t] > was ? (double)(way[t] - was) * up : 0);
            was = way[t];
        }
        if (sum < least - 1e-12) {
            least = sum;
            memcpy(best, way, n * sizeof *best);
        }
    }
    return least;
}

static void the_automaton_finds_what_trying_all_ways_finds(void **state) {
    (void)state;
    rng r = rng_seed(16);
    for (int round = 0; round < 300; round++) {
        arena was = a;
        size_t k = (size_t)rng_range(&r, 2, 3), n = (size_t)rng_range(&r, 1, k == 2 ? 11 : 7), best[16];
        int64_t hits[16], all[16], sum = 0, of = 0;
        double cost[48], scale = 1.3 + 2 * rng_unit(&r), gamma = 0.1 + 1.4 * rng_unit(&r);
        bool sized = rng_chance(&r, 0.5);
        for (size_t t = 0; t < n; t++) {
            all[t] = rng_range(&r, 20, 60);
            hits[t] = rng_range(&r, 0, rng_chance(&r, 0.3) ? 20 : 5) + (t == 0);
            sum += hits[t], of += all[t];
        }
        for (size_t t = 0; t < n; t++) {
            double base = (double)sum / (double)(sized ? of : (int64_t)n);
            for (size_t j = 0; j < k; j++, base *= scale) {
                double p = sized ? gsl_ran_binomial_pdf((unsigned)hits[t], MIN(base, 0.9999), (unsigned)all[t])
                                 : gsl_ran_poisson_pdf((unsigned)hits[t], base);
                cost[t * k + j] = p > 0 ? -log(p) : INFINITY;
            }
        }
        double least = cheapest(cost, n, k, gamma * log((double)n), best);
        burst_states b = burst_batches(&a, hits, sized ? all : NULL, NULL, n,
                                       (burst_rule){.scale = scale, .gamma = gamma, .states = (int)k});
        assert_near(b.cost, least, 1e-6);
        for (size_t t = 0; t < n; t++) assert_int_equal(b.state[t], best[t]);
        a = was;
    }
}

static void gaps_too(void **state) {
    (void)state;
    rng r = rng_seed(17);
    for (int round = 0; round < 200; round++) {
        arena was = a;
        size_t n = (size_t)rng_range(&r, 2, 8), k = 3, best[16];
        double at[8] = {0}, cost[24], gamma = 0.1 + rng_unit(&r);
        for (size_t i = 1; i < n; i++) at[i] = at[i - 1] + 0.01 + rng_exp(&r, rng_chance(&r, 0.5) ? 1 : 20);
        for (size_t t = 0; t + 1 < n; t++) {
            for (size_t j = 0; j < k; j++)
                cost[t * k + j] =
                    -log(gsl_ran_exponential_pdf(at[t + 1] - at[t], at[n - 1] / (double)(n - 1) / pow(2, (double)j)));
        }
        burst_states b = burst_gaps(&a, at, n, (burst_rule){.gamma = gamma, .states = (int)k});
        assert_near(b.cost, cheapest(cost, n - 1, k, gamma * log((double)(n - 1)), best), 1e-9);
        for (size_t t = 0; t + 1 < n; t++) assert_int_equal(b.state[t], best[t]);
        a = was;
    }
    double at[] = {0, 10, 20, 30, 31, 32, 33, 34, 44, 54};
    burst_states b = burst_gaps(&a, at, COUNT(at), (burst_rule){.gamma = 0.5});
    assert_true(b.n > 0 && b.interval[0].from == 3 && b.interval[0].to == 7);
    assert_int_equal(burst_gaps(&a, at, 1, (burst_rule){0}).n, 0);
    assert_int_equal(burst_batches(&a, NULL, NULL, NULL, 0, (burst_rule){0}).n, 0);
}

// Intervals of a level lie within one of the level below, and more gamma never makes more of them cheaper.
static void intervals_nest(void **state) {
    (void)state;
    rng r = rng_seed(18);
    for (int round = 0; round < 100; round++) {
        arena was = a;
        int64_t hits[60];
        for (size_t t = 0; t < 60; t++) hits[t] = rng_poisson(&r, t % 20 < 4 ? 12 : 2);
        burst_states b = burst_batches(&a, hits, NULL, NULL, 60, (burst_rule){.states = 5, .gamma = 0.5});
        for (size_t i = 0; i < b.n; i++) {
            bool inside = b.interval[i].level == 1;
            for (size_t j = 0; j < b.n; j++)
                inside |= b.interval[j].level == b.interval[i].level - 1 && b.interval[j].from <= b.interval[i].from &&
                          b.interval[j].to >= b.interval[i].to;
            assert_true(inside && b.interval[i].weight > 0);
            for (size_t t = b.interval[i].from; t <= b.interval[i].to; t++)
                assert_true(b.state[t] >= b.interval[i].level);
        }
        double calm = burst_batches(&a, hits, NULL, NULL, 60, (burst_rule){.states = 5, .gamma = 2}).cost;
        assert_true(calm >= b.cost);
        a = was;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chances_and_ranges_as_in_r),
        cmocka_unit_test(small_chances_keep_their_digits),
        cmocka_unit_test(one_loud_person_is_one),
        cmocka_unit_test(nobody_counts_twice_in_a_window),
        cmocka_unit_test(the_baseline_is_that_of_r),
        cmocka_unit_test(a_burst_of_the_past_hides_nothing),
        cmocka_unit_test(what_is_up_is_found_and_told),
        cmocka_unit_test(what_is_new_is_up),
        cmocka_unit_test(more_of_everything_is_no_burst),
        cmocka_unit_test(too_little_is_said_to_be_too_little),
        cmocka_unit_test(any_series_is_told_in_order),
        cmocka_unit_test(false_alarms_are_as_rare_as_promised),
        cmocka_unit_test(looking_every_day_multiplies_nothing),
        cmocka_unit_test(the_test_book_of_whims),
        cmocka_unit_test(the_automaton_finds_what_trying_all_ways_finds),
        cmocka_unit_test(gaps_too),
        cmocka_unit_test(intervals_nest),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
