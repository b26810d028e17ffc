#include "stats/near.h"

#include "stats/purchases.h"

static arena a;

static int open_arena(void **state) {
    (void)state;
    a = arena_open((size_t)2 << 30);
    return 0;
}

static int close_arena(void **state) {
    (void)state;
    arena_close(&a);
    return 0;
}

// The sums that every user of CDNOW begins with: the data's SOURCE.md.
static void cdnow_has_its_known_sums(void **state) {
    (void)state;
    test_need_data(dir);
    static const struct {
        bool sample;
        int64_t customers, x, repeaters, later;
        double money;
    } w[] = {{true, 2357, 2457, 946, 1882, 70976.39}, {false, 23570, 24337, 9451, 19684, 776961.13}};
    for (size_t i = 0; i < COUNT(w); i++) {
        purchase_log log = cdnow(&a, dir, w[i].sample);
        purchase_tally t;
        purchase_people p = purchase_summarise(&a, &log, CDNOW_SPLIT, &t);
        int64_t x = 0, repeaters = 0, later = 0;
        double money = 0, mean = 0, longest = 0;
        for (size_t k = 0; k < p.n; k++) {
            x += p.x[k], repeaters += p.x[k] > 0, later += p.later[k];
            money += p.later_spend[k] / 100, longest = fmax(longest, p.T[k]);
            if (p.x[k] > 0) mean += p.spend[k] / 100;
        }
        assert_int_equal(p.n, w[i].customers);
        assert_int_equal(x, w[i].x);
        assert_int_equal(repeaters, w[i].repeaters);
        assert_int_equal(later, w[i].later);
        assert_near(money, w[i].money, 0.005);
        assert_near(longest, 38.857, PRINTED(3));
        assert_near(p.held, 39, 0);
        if (w[i].sample) assert_near(mean / (double)repeaters, 35.08, PRINTED(2));
        assert_int_equal(t.refunds, 0);
        assert_int_equal(t.later_only, 0);
    }
}

typedef struct {
    const char *what;
    struct {
        int32_t day;
        int64_t amount;
    } rows[8];
    int32_t hold;
    int x; // −1: no customer
    double tx, T, spend;
    int later;
    double later_spend;
    int undone, unmatched;
} story;

// Days are counted from 1000, and 1100 is the last day seen; units are days.
static const story STORIES[] = {
    {"one purchase", {{1000, 500}}, 0, 0, 0, 100, NAN, 0, 0, 0, 0},
    {"two orders of a day are one", {{1000, 500}, {1000, 200}}, 0, 0, 0, 100, NAN, 0, 0, 0, 0},
    {"repeat purchases and their mean", {{1000, 500}, {1010, 300}, {1040, 100}}, 0, 2, 40, 100, 200, 0, 0, 0, 0},
    {"any order", {{1040, 100}, {1000, 500}, {1010, 300}}, 0, 2, 40, 100, 200, 0, 0, 0, 0},
    {"a gift is a purchase", {{1000, 500}, {1010, 0}}, 0, 1, 10, 100, 0, 0, 0, 0, 0},
    {"sent back in whole: no purchase", {{1000, 500}, {1010, 300}, {1020, -300}}, 0, 0, 0, 100, NAN, 0, 0, 1, 0},
    {"the same amount is found behind others",
     {{1000, 500}, {1010, 300}, {1020, 400}, {1030, -300}},
     0,
     1,
     20,
     100,
     400,
     0,
     0,
     1,
     0},
    {"sent back in part", {{1000, 500}, {1010, 300}, {1020, -120}}, 0, 1, 10, 100, 180, 0, 0, 0, 0},
    {"more than the last purchase", {{1000, 500}, {1010, 300}, {1020, -400}}, 0, 0, 0, 100, NAN, 0, 0, 1, 0},
    {"the first was sent back", {{1000, 500}, {1010, 300}, {1020, 200}, {1030, -500}}, 0, 1, 10, 90, 200, 0, 0, 1, 0},
    {"all was sent back", {{1000, 500}, {1030, -500}}, 0, -1, 0, 0, 0, 0, 0, 1, 0},
    {"nothing to send back", {{1000, -50}, {1010, 300}}, 0, 0, 0, 90, NAN, 0, 0, 0, 1},
    {"bought and sent back on one day", {{1000, 500}, {1010, -300}, {1010, 300}}, 0, 0, 0, 100, NAN, 0, 0, 1, 0},
    {"what is held out", {{1000, 500}, {1010, 300}, {1060, 100}, {1070, 40}}, 50, 1, 10, 50, 300, 2, 140, 0, 0},
    {"a later refund changes nothing before", {{1000, 500}, {1010, 300}, {1060, -300}}, 50, 1, 10, 50, 300, 0, 0, 1, 0},
    {"a later refund of something later",
     {{1000, 500}, {1055, 100}, {1060, 70}, {1070, -70}},
     50,
     0,
     0,
     50,
     NAN,
     1,
     100,
     1,
     0},
    {"only later", {{1060, 100}}, 50, -1, 0, 0, 0, 0, 0, 0, 0},
};

static void stories_are_summarised(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(STORIES); i++) {
        const story *s = &STORIES[i];
        log_rows r = log_new(&a, 8);
        for (int k = 0; k < 8 && s->rows[k].day; k++) log_add(&r, 7, s->rows[k].day, (double)s->rows[k].amount / 100);
        purchase_log log = log_of(&r);
        purchase_tally t;
        purchase_window w = {.end = 1100, .hold = s->hold, .unit = 1};
        purchase_people p = purchase_summarise(&a, &log, w, &t);
        assert_near_at(s->what, (double)p.n, s->x >= 0, 0);
        assert_near_at(s->what, (double)t.undone, s->undone, 0);
        assert_near_at(s->what, (double)t.unmatched, s->unmatched, 0);
        if (s->x < 0) continue;
        assert_near_at(s->what, p.x[0], s->x, 0);
        assert_near_at(s->what, p.tx[0], s->tx, 0);
        assert_near_at(s->what, p.T[0], s->T, 0);
        if (!isnan(s->spend)) assert_near_at(s->what, p.spend[0], s->spend, 0);
        if (isnan(s->spend)) assert_true(isnan(p.spend[0]));
        if (s->hold) assert_near_at(s->what, p.later[0], s->later, 0);
        if (s->hold) assert_near_at(s->what, p.later_spend[0], s->later_spend, 0);
    }
}

static void refunds_can_be_left_out_of_account(void **state) {
    (void)state;
    log_rows r = log_new(&a, 8);
    log_add(&r, 1, 1000, 5), log_add(&r, 1, 1010, 3), log_add(&r, 1, 1020, -3), log_add(&r, 2, 1090, 1);
    purchase_log rows = log_of(&r);
    rows.gross = true;
    purchase_people p = purchase_summarise(&a, &rows, (purchase_window){0}, NULL);
    assert_int_equal(p.n, 2);
    assert_int_equal(p.x[0], 1);
    assert_near(p.T[0], 90.0 / 7, 0);
    rows.amount = NULL; // without money a refund cannot be told: every row is a purchase
    p = purchase_summarise(&a, &rows, (purchase_window){0}, NULL);
    assert_int_equal(p.x[0], 2);
    assert_null(p.spend);
    assert_near(p.gaps[0], 2 * log(10.0 / 7), 1e-12);
    assert_int_equal(purchase_summarise(&a, &(purchase_log){0}, (purchase_window){0}, NULL).n, 0);
}

// The same by looking at every day of every customer, without refunds.
static void random_logs_agree_with_looking_at_every_day(void **state) {
    (void)state;
    rng r = rng_seed(71);
    for (int round = 0; round < 30; round++) {
        enum { CUSTOMERS = 12, DAYS = 90 };
        static int64_t bought[CUSTOMERS][DAYS];
        static bool any[CUSTOMERS][DAYS];
        memset(bought, 0, sizeof bought), memset(any, 0, sizeof any);
        arena before = a;
        uint32_t *who = make(&a, uint32_t, 300);
        int32_t *day = make(&a, int32_t, 300);
        int64_t *amount = make(&a, int64_t, 300);
        int hold = (int)rng_range(&r, 0, 40);
        for (int i = 0; i < 300; i++) {
            who[i] = (uint32_t)rng_range(&r, 0, CUSTOMERS - 1), day[i] = (int32_t)rng_range(&r, 0, DAYS - 1);
            amount[i] = rng_range(&r, 0, 999);
            if (round % 2) day[i] = day[i] / 9 * 9; // few days, many orders on each
            bought[who[i]][day[i]] += amount[i], any[who[i]][day[i]] = true;
        }
        purchase_log rows = {300, CUSTOMERS, who, day, amount, false};
        purchase_window w = {.end = DAYS - 1, .hold = hold, .unit = 1};
        purchase_people p = purchase_summarise(&a, &rows, w, NULL);
        size_t n = 0;
        double track[DAYS], want[DAYS] = {0};
        purchase_track_actual(a, &rows, w, 1, DAYS, track);
        int origin = DAYS;
        for (int c = 0; c < CUSTOMERS; c++)
            for (int d = DAYS; d-- > 0;)
                if (any[c][d]) origin = MIN(origin, d);
        for (int c = 0; c < CUSTOMERS; c++) {
            int x = -1, first = 0, last = 0, later = 0;
            double money = 0, gaps = 0, later_money = 0;
            for (int d = 0; d < DAYS - hold; d++) {
                if (!any[c][d]) continue;
                if (x < 0) first = d;
                if (x >= 0) money += (double)bought[c][d], gaps += log(d - last);
                x++, last = d;
            }
            if (x < 0) continue;
            for (int d = DAYS - hold; d < DAYS; d++) later += any[c][d], later_money += (double)bought[c][d];
            for (int d = first + 1; d < DAYS; d++)
                if (any[c][d]) want[MAX(d - origin - 1, 0)]++;
            assert_int_equal(p.who[n], c);
            assert_int_equal(p.x[n], x);
            assert_near(p.tx[n], last - first, 0);
            assert_near(p.T[n], DAYS - 1 - hold - first, 0);
            assert_near(p.gaps[n], gaps, 1e-9);
            if (x > 0) assert_near(p.spend[n], money / x, 1e-9);
            if (hold) assert_int_equal(p.later[n], later);
            if (hold) assert_near(p.later_spend[n], later_money, 0);
            n++;
        }
        assert_int_equal(p.n, n);
        for (int i = 0; i < DAYS; i++) {
            if (i > 0) want[i] += want[i - 1];
            assert_near(track[i], want[i], 0);
        }
        a = before;
    }
}

// A real log with 1,823 refunds and cancelled orders, in any order of its rows.
static void refunds_of_a_shop_in_any_order(void **state) {
    (void)state;
    test_need_data(dir);
    purchase_log log = online_retail(&a, dir, true);
    purchase_tally t, u;
    purchase_people p = purchase_summarise(&a, &log, (purchase_window){.hold = 100}, &t);
    rng r = rng_seed(72);
    uint32_t *who = make(&a, uint32_t, log.n), *at = make(&a, uint32_t, log.n);
    int32_t *day = make(&a, int32_t, log.n);
    int64_t *amount = make(&a, int64_t, log.n);
    for (size_t i = 0; i < log.n; i++) at[i] = (uint32_t)i;
    rng_shuffle(&r, at, log.n, sizeof *at);
    for (size_t i = 0; i < log.n; i++) who[i] = log.who[at[i]], day[i] = log.day[at[i]], amount[i] = log.amount[at[i]];
    purchase_log other = {log.n, log.customers, who, day, amount, false};
    purchase_people q = purchase_summarise(&a, &other, (purchase_window){.hold = 100}, &u);
    assert_int_equal(p.n, q.n);
    assert_int_equal(t.refunds, u.refunds);
    assert_true(t.refunds > 1500 && t.undone > 50 && t.unmatched < 150);
    for (size_t i = 0; i < p.n; i++) {
        assert_int_equal(p.x[i], q.x[i]);
        assert_near(p.tx[i], q.tx[i], 0);
        assert_int_equal(p.later[i], q.later[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cdnow_has_its_known_sums),
        cmocka_unit_test(stories_are_summarised),
        cmocka_unit_test(refunds_can_be_left_out_of_account),
        cmocka_unit_test(random_logs_agree_with_looking_at_every_day),
        cmocka_unit_test(refunds_of_a_shop_in_any_order),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
