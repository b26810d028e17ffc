#include "stats/near.h"

#include "stats/priority.h"
#include "stats/proportion.h"

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

static estimate ok(double value, double lo, double hi) {
    return (estimate){.value = value, .lo = lo, .hi = hi, .n = 40, .state = ESTIMATE_OK};
}

// ---- The product ----

// Factors that are lognormal in truth: their product's interval is exact, and holds it 95 times in 100.
static void the_product_holds_what_is_true(void **state) {
    (void)state;
    rng r = rng_seed(1);
    static const double truth[] = {3, 5, -1, 0.2}, sd[] = {0.1, 0.4, 0.2, 0.3};
    int held = 0;
    enum { ROUNDS = 4000 };
    for (int i = 0; i < ROUNDS; i++) {
        arena was = a;
        estimate f[PRIORITY_FACTORS];
        double sum = 0;
        for (size_t k = 0; k < 4; k++) {
            double ln = rng_normal(&r, truth[k], sd[k]);
            f[k] = ok(exp(ln), exp(ln - Z95 * sd[k]), exp(ln + Z95 * sd[k]));
            sum += truth[k];
        }
        estimate e = priority_product(&a, f, 4);
        held += e.lo <= exp(sum) && exp(sum) <= e.hi;
        a = was;
    }
    assert_near((double)held / ROUNDS, 0.95, 0.012);
}

// Intervals that are not symmetric on logarithms: two shares by Wilson. The product holds the true one.
static void crooked_intervals_too(void **state) {
    (void)state;
    rng r = rng_seed(2);
    int held = 0;
    enum { ROUNDS = 4000 };
    for (int i = 0; i < ROUNDS; i++) {
        arena was = a;
        int64_t x = 0, y = 0;
        for (int j = 0; j < 60; j++) x += rng_chance(&r, 0.1), y += rng_chance(&r, 0.4);
        estimate f[] = {proportion(&a, x, 60, (sampling){0}), proportion(&a, y, 60, (sampling){0})};
        estimate e = priority_product(&a, f, 2);
        held += e.lo <= 0.04 && 0.04 <= e.hi;
        a = was;
    }
    assert_near((double)held / ROUNDS, 0.955, 0.02);
}

static void factors_that_are_missing_or_nothing(void **state) {
    (void)state;
    estimate f[] = {ok(40, 30, 52), ok(100, 80, 120), ok(0.5, 0.4, 0.6), ok(2, 1.5, 2.6)};
    estimate e = priority_product(&a, f, 4);
    assert_near(e.value, 4000, 1e-9);
    assert_int_equal(e.state, ESTIMATE_OK);
    assert_int_equal(e.n, 40);
    double down = pow(log(40. / 30), 2) + pow(log(100. / 80), 2) + pow(log(.5 / .4), 2) + pow(log(2 / 1.5), 2);
    assert_near(e.lo, 4000 * exp(-sqrt(down)), 1e-9);
    f[2].state = ESTIMATE_THIN, f[2].why = "3 more answers are needed";
    e = priority_product(&a, f, 4);
    assert_int_equal(e.state, ESTIMATE_THIN);
    assert_string_equal(e.why, "severity: 3 more answers are needed");
    f[2] = ok(0, 0, 0.1);
    e = priority_product(&a, f, 4);
    assert_near(e.value, 0, 0);
    assert_near(e.lo, 0, 0);
    assert_near(e.hi, 52 * 120 * 0.1 * 2.6, 1e-9);
    f[2] = ok(0.5, 0, 0.6);
    assert_near(priority_product(&a, f, 4).lo, 0, 0);
    f[1].state = ESTIMATE_NONE;
    e = priority_product(&a, f, 4);
    assert_int_equal(e.state, ESTIMATE_NONE);
    assert_string_equal(e.why, "its value is not known");
}

// ---- The order ----

static priority_item item(int64_t id, double people, double size) {
    double each = size / people;
    return (priority_item){.id = id,
                           .factor = {ok(people, people * 0.9, people * 1.1), ok(each, each * 0.9, each * 1.1),
                                      ok(1, 0.95, 1), ok(1, 0.9, 1.1)},
                           .size_before = NAN};
}

static void the_order_is_the_same_every_time(void **state) {
    (void)state;
    priority_item x[] = {item(5, 10, 100), item(4, 20, 100), item(3, 20, 100), item(2, 1, 9000), item(1, 50, 3000)};
    x[3].burst = true, x[3].size_before = 50, x[3].burst_days = 3;
    x[4].factor[PRIORITY_TREND].state = ESTIMATE_NONE;
    static const size_t want[] = {2, 1, 0, 3, 4}; // equal ones by people, then id; held by its burst; unknown last
    const priority *p = priority_order(&a, x, COUNT(x));
    for (size_t i = 0; i < COUNT(x); i++) assert_int_equal(p[i].item, want[i]);
    assert_true(p[3].standing.held);
    assert_near(p[3].standing.value, 50, 0);
    assert_near(p[3].size.value, 9000, 1e-9);
    assert_int_equal(p[3].lo, 1); // its size is the largest, though it is held
    assert_int_equal(p[3].hi, 2); // the one that is not known may be larger
    assert_int_equal(p[0].lo, 2);
    assert_int_equal(p[0].hi, 5);
    assert_int_equal(p[4].lo, 1);
    assert_int_equal(p[4].hi, 5);
    x[3].burst_days = 14;
    assert_int_equal(priority_order(&a, x, COUNT(x))[0].item, 3);
    priority_order(&a, NULL, 0);
    assert_string_equal(priority_factor_name(PRIORITY_TREND), "trend");
}

// Ranks hold the true order of all items together at least 19 times in 20.
// Where nobody's value is known people decide, and what nobody speaks of comes last whatever its number.
static void without_sizes_people_decide(void **state) {
    (void)state;
    priority_item x[] = {item(1, 10, 100), item(2, 30, 100), item(3, 20, 100)};
    for (size_t i = 0; i < COUNT(x); i++) x[i].factor[PRIORITY_VALUE].state = ESTIMATE_NONE;
    x[0].factor[PRIORITY_PEOPLE].state = ESTIMATE_NONE;
    static const size_t want[] = {1, 2, 0};
    const priority *p = priority_order(&a, x, COUNT(x));
    for (size_t i = 0; i < COUNT(x); i++) assert_int_equal(p[i].item, want[i]);
}

static void ranks_hold_the_true_order(void **state) {
    (void)state;
    rng r = rng_seed(3);
    enum { ROUNDS = 1000, N = 12 };
    int held = 0;
    double width = 0;
    for (int round = 0; round < ROUNDS; round++) {
        arena was = a;
        priority_item x[N];
        for (size_t i = 0; i < N; i++) {
            double ln = rng_normal(&r, 0.4 * (double)i, 0.2);
            x[i] = (priority_item){.id = (int64_t)i, .size_before = NAN};
            for (size_t k = 0; k < 4; k++) x[i].factor[k] = ok(1, 1, 1);
            x[i].factor[0] = ok(exp(ln), exp(ln - Z95 * 0.2), exp(ln + Z95 * 0.2));
        }
        const priority *p = priority_order(&a, x, N);
        bool all = true;
        for (size_t i = 0; i < N; i++) {
            size_t rank = N - p[i].item;
            all &= p[i].lo <= rank && rank <= p[i].hi;
            width += (double)(p[i].hi - p[i].lo) / N / ROUNDS;
        }
        held += all;
        a = was;
    }
    assert_true(held >= ROUNDS * 95 / 100);
    assert_true(width > 1 && width < 6);
}

// ---- Lenses ----

typedef struct {
    double revenue[200], cost[20], want[2000];
    uint32_t start[201], item[2000];
    size_t customers, items, wants;
} hall;

static void wish(hall *h, uint32_t item) {
    h->want[h->wants] = 1;
    h->item[h->wants++] = item;
}

static void next(hall *h, double revenue) {
    h->revenue[h->customers++] = revenue;
    h->start[h->customers] = (uint32_t)h->wants;
}

// SPEC F42c: 80 small, 15 medium and 5 large customers; S1 to S9 are items 0 to 8, M1 to M3 9 to 11, E1 to E3 12 to 14.
static hall *test_book(void) {
    hall *h = make(&a, hall, 1);
    h->items = 15;
    for (size_t c = 0; c < 15; c++) h->cost[c] = 10;
    for (uint32_t i = 0; i < 80; i++) {
        for (uint32_t j = 0; j < 9; j++) {
            if (i < 70 - 2 * j) wish(h, j);
        }
        next(h, 100);
    }
    for (uint32_t i = 0; i < 15; i++) {
        for (uint32_t j = 0; j < 3; j++) {
            if (i < 14 - j) wish(h, 9 + j);
        }
        next(h, 1300);
    }
    for (uint32_t i = 0; i < 5; i++) {
        for (uint32_t j = 0; j < 3; j++) {
            if (i < 5 - j) wish(h, 12 + j);
        }
        next(h, 14400);
    }
    return h;
}

static lens_data data_of(const hall *h, double budget, double per_head) {
    return (lens_data){.customers = h->customers,
                       .items = h->items,
                       .revenue = h->revenue,
                       .start = h->start,
                       .item = h->item,
                       .want = h->want,
                       .cost = h->cost,
                       .budget = budget,
                       .per_head = per_head};
}

static void assert_chosen(const lenses *k, enum lens l, const char *want) {
    char got[16] = {0};
    for (size_t c = 0; c < 15; c++) got[c] = k->place[l][c].chosen ? 'x' : '.';
    assert_string_equal(got, want);
}

static void the_test_book(void **state) {
    (void)state;
    hall *h = test_book();
    rng r = rng_seed(4);
    lens_data d = data_of(h, 90, 1);
    lenses k = lenses_of(&a, &d, -1, &r);
    assert_chosen(&k, LENS_PEOPLE, "xxxxxxxxx......");
    assert_chosen(&k, LENS_REVENUE, "xxx......xxxxxx");
    assert_chosen(&k, LENS_FAIR, "xxxxxxxx.x.....");
    assert_near(k.fair_alone, 60, 0);
    assert_near(k.spent[LENS_FAIR], 90, 1e-9);
    d.per_head = 0.5;
    k = lenses_of(&a, &d, -1, &r);
    assert_chosen(&k, LENS_FAIR, "xxxx.....xx.xxx");
    assert_near(k.fair_alone, 60, 0);
    d.per_head = -1;
    assert_near(lenses_of(&a, &d, -1, &r).fair_alone, 40, 0);
}

// Every round all prices by halving, as the paper defines them.
static double paid(const hall *h, const double *left, size_t c, double rho) {
    double sum = 0;
    for (size_t i = 0; i < h->customers; i++) {
        for (uint32_t k = h->start[i]; k < h->start[i + 1]; k++) {
            if (h->item[k] == c) sum += MIN(left[i], rho * h->want[k]);
        }
    }
    return sum;
}

static double twin(const hall *h, double budget, double alpha, bool *chosen) {
    double left[200], all = 0, spent = 0;
    for (size_t i = 0; i < h->customers; i++) all += h->revenue[i];
    for (size_t i = 0; i < h->customers; i++)
        left[i] = budget * (alpha / (double)h->customers + (1 - alpha) * h->revenue[i] / all);
    memset(chosen, 0, h->items);
    for (;;) {
        size_t best = h->items;
        double least = INFINITY;
        for (size_t c = 0; c < h->items; c++) {
            if (chosen[c] || paid(h, left, c, 1e9) < h->cost[c] * (1 - 1e-9)) continue;
            double lo = 0, hi = 1e9;
            for (int i = 0; i < 200; i++) {
                double middle = (lo + hi) / 2;
                *(paid(h, left, c, middle) >= h->cost[c] * (1 - 1e-13) ? &hi : &lo) = middle;
            }
            if (hi < least * (1 - 1e-9)) least = hi, best = c;
        }
        if (best == h->items) return spent;
        chosen[best] = true;
        spent += h->cost[best];
        for (size_t i = 0; i < h->customers; i++) {
            for (uint32_t k = h->start[i]; k < h->start[i + 1]; k++) {
                if (h->item[k] == best) left[i] -= MIN(left[i], least * h->want[k]);
            }
        }
    }
}

static void equal_shares_as_the_paper_has_them(void **state) {
    (void)state;
    rng r = rng_seed(5);
    for (int round = 0; round < 150; round++) {
        arena was = a;
        hall *h = make(&a, hall, 1);
        h->items = (size_t)rng_range(&r, 1, 8);
        for (size_t c = 0; c < h->items; c++) h->cost[c] = 1 + 9 * rng_unit(&r);
        for (int64_t i = rng_range(&r, 1, 30); i > 0; i--) {
            for (uint32_t c = 0; c < h->items; c++) {
                if (!rng_chance(&r, 0.4)) continue;
                wish(h, c);
                h->want[h->wants - 1] = (double)rng_range(&r, 1, 3);
            }
            next(h, rng_exp(&r, 1));
        }
        double alpha = 0.1 + 0.9 * rng_unit(&r), budget = 5 + 30 * rng_unit(&r);
        lens_data d = data_of(h, budget, alpha);
        d.cap = 1;
        bool chosen[20];
        lenses k = lenses_of(&a, &d, -1, &r);
        assert_near(k.fair_alone, twin(h, budget, alpha, chosen), 1e-9);
        for (size_t l = 0; l < LENSES; l++) {
            assert_true(k.spent[l] <= budget * (1 + 1e-6));
            bool seen[20] = {0};
            for (size_t c = 0; c < h->items; c++) seen[k.place[l][c].rank - 1] = true;
            for (size_t c = 0; c < h->items; c++) assert_true(seen[c] && k.place[l][k.order[l][c]].rank == c + 1);
        }
        a = was;
    }
}

static void lenses_disagree_and_say_where(void **state) {
    (void)state;
    hall *h = test_book();
    rng r = rng_seed(6), again = rng_seed(6);
    lens_data d = data_of(h, 90, 0);
    lenses k = lenses_of(&a, &d, 60, &r), same = lenses_of(&a, &d, 60, &again);
    for (size_t l = 0; l < LENSES; l++) {
        assert_near(k.distance[l][l], 0, 0);
        for (size_t c = 0; c < 15; c++) {
            const lens_place *p = &k.place[l][c];
            assert_true(p->lo <= (double)p->rank && (double)p->rank <= p->hi && p->hi <= 15);
            assert_near(p->lo, same.place[l][c].lo, 0);
        }
    }
    // S before M before E by people; E, M, S by revenue: of 105 pairs the 27 of S and M, 27 of S and E, 9 of M and E.
    assert_near(k.distance[LENS_PEOPLE][LENS_REVENUE], 63. / 105, 1e-12);
    assert_near(k.distance[LENS_REVENUE][LENS_PEOPLE], 63. / 105, 1e-12);
    assert_true(k.place[LENS_PEOPLE][12].rank == 13 && k.place[LENS_REVENUE][12].rank == 1);
    size_t first = k.apart[0];
    size_t ranks[] = {k.place[0][first].rank, k.place[1][first].rank, k.place[2][first].rank};
    size_t lo = MIN(ranks[0], MIN(ranks[1], ranks[2])), hi = MAX(ranks[0], MAX(ranks[1], ranks[2]));
    assert_true(hi - lo >= 12);
    double lower, upper;
    proportion_wilson(0.7, 100, Z95, &lower, &upper);
    assert_near(k.place[LENS_PEOPLE][0].value, lower, 1e-12);
    assert_near(k.place[LENS_REVENUE][12].value, 72000. / 99500, 1e-12);
    assert_string_equal(lens_name(LENS_FAIR), "fair");
}

// One customer with nearly all of the money counts for a fifth of it, and an empty hall is no mistake.
static void nobody_decides_alone(void **state) {
    (void)state;
    hall *h = make(&a, hall, 1);
    h->items = 3;
    h->cost[0] = h->cost[1] = h->cost[2] = 1;
    wish(h, 0);
    next(h, 1e6);
    for (int i = 0; i < 30; i++) {
        wish(h, 1);
        next(h, 10000);
    }
    rng r = rng_seed(7);
    lens_data d = data_of(h, 1, -1);
    lenses k = lenses_of(&a, &d, 0, &r);
    assert_int_equal(k.place[LENS_REVENUE][1].rank, 1);
    d.cap = 1;
    assert_int_equal(lenses_of(&a, &d, 0, &r).place[LENS_REVENUE][0].rank, 1);
    assert_false(k.place[LENS_PEOPLE][2].chosen);
    lenses none = lenses_of(&a, &(lens_data){.items = 3}, 0, &r);
    assert_int_equal(none.place[LENS_FAIR][2].rank, 3);
    lenses_of(&a, &(lens_data){0}, 0, &r);
    for (size_t i = 0; i < h->customers; i++) h->revenue[i] = 0;
    k = lenses_of(&a, &d, 5, &r); // without any revenue everybody has the same say
    assert_near(k.place[LENS_FAIR][1].value, 30. / 31, 1e-12);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_product_holds_what_is_true),
        cmocka_unit_test(crooked_intervals_too),
        cmocka_unit_test(factors_that_are_missing_or_nothing),
        cmocka_unit_test(the_order_is_the_same_every_time),
        cmocka_unit_test(without_sizes_people_decide),
        cmocka_unit_test(ranks_hold_the_true_order),
        cmocka_unit_test(the_test_book),
        cmocka_unit_test(equal_shares_as_the_paper_has_them),
        cmocka_unit_test(lenses_disagree_and_say_where),
        cmocka_unit_test(nobody_decides_alone),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
