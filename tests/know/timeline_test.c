// A customer's timeline: a set, whatever the order; its stored form; the figures that follow from it.
#include "know/items.h"

#include "know/talk.h"

enum { ROUNDS = 3000, MOST = 120 };

static int set_up(void **state) {
    static arena a;
    a = arena_open((size_t)1 << 28);
    *state = &a;
    return 0;
}

static int tear_down(void **state) {
    arena_close(*state);
    return 0;
}

// ---- a set ----

static void any_order_gives_the_same(void **state) {
    rng r = rng_seed(1);
    for (int round = 0; round < ROUNDS; round++) {
        arena a = *(arena *)*state;
        int n = (int)rng_range(&r, 0, MOST);
        fold_item *xs = random_items(&a, &r, n, 0.2);
        timeline t = take_all(&a, xs, n);
        str first = encoded(&a, &t);
        rng_shuffle(&r, xs, (size_t)n, sizeof *xs);
        timeline u = take_all(&a, xs, n);
        if (!str_eq(encoded(&a, &u), first)) fail_msg("round %d: another order of %d items", round, n);
    }
}

// Parts that were gathered apart, merged in any order, some of them stored and read in between.
static void merging_is_taking_all(void **state) {
    rng r = rng_seed(2);
    for (int round = 0; round < ROUNDS; round++) {
        arena a = *(arena *)*state;
        int n = (int)rng_range(&r, 0, MOST), parts = (int)rng_range(&r, 1, 5);
        fold_item *xs = random_items(&a, &r, n, 0.2);
        timeline whole = take_all(&a, xs, n), part[5] = {0};
        for (int i = 0; i < n; i++) timeline_take(&a, &part[rng_range(&r, 0, parts - 1)], &xs[i]);
        rng_shuffle(&r, part, (size_t)parts, sizeof *part);
        timeline sum = {0};
        for (int i = 0; i < parts; i++) {
            err e = {0};
            if (rng_chance(&r, 0.5)) assert_ok(timeline_decode(&a, encoded(&a, &part[i]), &part[i], &e), e);
            timeline_merge(&a, &sum, &part[i]);
        }
        if (!str_eq(encoded(&a, &sum), encoded(&a, &whole)))
            fail_msg("round %d: %d items in %d parts", round, n, parts);
    }
}

static void a_wait_ends(void **state) {
    arena a = *(arena *)*state;
    timeline t = {0};
    assert_true(timeline_empty(&t));
    fold_item w = {.thread = 7, .at_us = 50, .waiting_known = true};
    timeline_take(&a, &t, &w);
    w.thread = 3, w.at_us = 60;
    timeline_take(&a, &t, &w);
    assert_false(timeline_empty(&t));
    assert_int_equal(timeline_summary(a, &t).waiting_us, 50);
    w = (fold_item){.thread = 7, .waiting_known = true};
    timeline_take(&a, &t, &w);
    timeline_take(&a, &t, &w);
    assert_int_equal(timeline_summary(a, &t).waiting_us, 60);
    w.thread = 3;
    timeline_take(&a, &t, &w);
    assert_true(timeline_empty(&t));
}

static void facts_make_no_timeline(void **state) {
    arena a = *(arena *)*state;
    timeline t = {0};
    fold_item x = {.kind = KIND_identify, .at_us = 5};
    timeline_take(&a, &t, &x);
    x.kind = 200;
    timeline_take(&a, &t, &x);
    assert_true(timeline_empty(&t));
}

// ---- the stored form ----

static bool same(const timeline *x, const timeline *y) {
    bool ok = x->first_us == y->first_us && x->last_us == y->last_us && x->first_order_us == y->first_order_us &&
              x->last_order_us == y->last_order_us && x->first_pay_us == y->first_pay_us &&
              x->last_pay_us == y->last_pay_us && x->contacts_in == y->contacts_in &&
              x->contacts_out == y->contacts_out && x->complaints == y->complaints && x->feedback == y->feedback &&
              x->channels == y->channels && x->n_purse == y->n_purse && x->n_contracts == y->n_contracts &&
              x->n_waits == y->n_waits && x->n_scores == y->n_scores;
    for (int32_t i = 0; ok && i < x->n_purse; i++) {
        const purse_entry *p = &x->purse[i], *q = &y->purse[i];
        ok = p->day == q->day && p->unit == q->unit && p->count == q->count && p->kind == q->kind &&
             p->value == q->value;
    }
    for (int32_t i = 0; ok && i < x->n_contracts; i++) {
        const contract_entry *p = &x->contracts[i], *q = &y->contracts[i];
        ok = p->thread == q->thread && p->at_us == q->at_us && p->value == q->value && p->unit == q->unit &&
             p->kind == q->kind;
    }
    for (int32_t i = 0; ok && i < x->n_waits; i++)
        ok = x->waits[i].thread == y->waits[i].thread && x->waits[i].since_us == y->waits[i].since_us;
    for (int32_t i = 0; ok && i < x->n_scores; i++) {
        const score_entry *p = &x->scores[i], *q = &y->scores[i];
        ok = p->last_us == q->last_us && p->last == q->last && p->sum == q->sum && p->n == q->n &&
             p->instrument == q->instrument;
    }
    return ok;
}

static void what_is_stored_comes_back(void **state) {
    rng r = rng_seed(3);
    for (int round = 0; round < ROUNDS; round++) {
        arena a = *(arena *)*state;
        int n = (int)rng_range(&r, 0, MOST);
        timeline t = take_all(&a, random_items(&a, &r, n, 0.2), n), u;
        err e = {0};
        str bytes = encoded(&a, &t);
        assert_ok(timeline_decode(&a, bytes, &u, &e), e);
        assert_true(same(&t, &u));
        fold_item x = random_item(&r); // and can be gone on with
        timeline_take(&a, &t, &x), timeline_take(&a, &u, &x);
        assert_true(str_eq(encoded(&a, &t), encoded(&a, &u)));
    }
}

// Cut, longer, or with a byte changed: refused as damaged, or read as something that stores and reads the same.
static void damage_is_refused_or_harmless(void **state) {
    rng r = rng_seed(4);
    int refused = 0, rounds = 0;
    for (int round = 0; round < 300; round++) {
        arena life = *(arena *)*state;
        int n = (int)rng_range(&r, 1, 40);
        timeline t = take_all(&life, random_items(&life, &r, n, 0.2), n);
        str bytes = encoded(&life, &t);
        char *copy = make(&life, char, bytes.len + 1);
        for (size_t cut = 0; cut <= bytes.len + 1; cut++) {
            arena a = life;
            err e = {0};
            if (cut == bytes.len) continue;
            memcpy(copy, bytes.s, bytes.len);
            if (timeline_decode(&a, (str){copy, cut}, &t, &e)) fail_msg("%zu of %zu bytes are read", cut, bytes.len);
            assert_int_equal(e.code, ERR_corrupt);
        }
        for (int k = 0; k < 200; k++) {
            arena a = life;
            err e = {0};
            timeline u, v;
            memcpy(copy, bytes.s, bytes.len);
            for (int64_t flips = rng_range(&r, 1, 3); flips > 0; flips--)
                copy[rng_range(&r, 0, (int64_t)bytes.len - 1)] = (char)rng_u64(&r);
            rounds++;
            if (!timeline_decode(&a, (str){copy, bytes.len}, &u, &e)) {
                refused++;
                assert_int_equal(e.code, ERR_corrupt);
                continue;
            }
            assert_ok(timeline_decode(&a, encoded(&a, &u), &v, &e), e);
            assert_true(same(&u, &v));
            (void)timeline_summary(a, &u);
            (void)timeline_purchases(&u, INT32_MIN, INT32_MAX);
            timeline_merge(&a, &v, &u);
        }
    }
    assert_true(refused > rounds / 3); // most places have an order or a bound
}

// ---- the figures, beside a slow count over the items ----

static int by_day(const void *x, const void *y) {
    int32_t a = *(const int32_t *)x, b = *(const int32_t *)y;
    return (a > b) - (a < b);
}

typedef struct {
    int32_t days[MOST];
    int n;
} day_set;

static void add_day(day_set *s, int32_t day) {
    for (int i = 0; i < s->n; i++)
        if (s->days[i] == day) return;
    s->days[s->n++] = day;
    qsort(s->days, (size_t)s->n, sizeof *s->days, by_day);
}

static enum kind bought_by(const fold_item *xs, int n) {
    for (int i = 0; i < n; i++)
        if (!xs[i].waiting_known && xs[i].kind == KIND_order) return KIND_order;
    return KIND_payment;
}

static int32_t most_used_currency(const fold_item *xs, int n, enum kind bought) {
    int32_t best = 0, most = 0;
    for (int unit = 1000; unit >= 0; unit--) {
        int32_t k = 0;
        for (int i = 0; i < n; i++) k += !xs[i].waiting_known && xs[i].kind == bought && xs[i].unit == unit;
        if (k && k >= most) best = unit, most = k;
    }
    return best;
}

static void money_is_counted(void **state) {
    rng r = rng_seed(5);
    for (int round = 0; round < ROUNDS; round++) {
        arena a = *(arena *)*state;
        int n = (int)rng_range(&r, 1, MOST);
        fold_item *xs = random_items(&a, &r, n, 0.3);
        timeline t = take_all(&a, xs, n);
        summary s = timeline_summary(a, &t);
        enum kind bought = bought_by(xs, n);
        int32_t currency = most_used_currency(xs, n, bought);
        int64_t orders = 0, refunds = 0, returns = 0, in = 0, out = 0, first = 0, last = 0;
        uint64_t value = 0, back = 0;
        day_set days = {.n = 0};
        for (int i = 0; i < n; i++) {
            const fold_item *x = &xs[i];
            if (x->waiting_known) continue;
            bool ours = x->unit == currency;
            in += x->kind == KIND_message_in || x->kind == KIND_call;
            out += x->kind == KIND_message_out || x->kind == KIND_call;
            returns += x->kind == KIND_return_;
            if (x->kind == KIND_refund || x->kind == KIND_cancel) refunds++, back += ours ? (uint64_t)x->value : 0;
            if (x->kind != bought) continue;
            orders++, value += ours ? (uint64_t)x->value : 0;
            add_day(&days, x->day);
            if (!first || x->at_us < first) first = x->at_us;
            if (!last || x->at_us > last) last = x->at_us;
        }
        if (orders) assert_int_equal(s.currency, currency);
        assert_int_equal(s.orders, orders);
        assert_int_equal(s.order_days, days.n);
        if (orders) assert_int_equal(s.order_value, (int64_t)value);
        if (orders) assert_int_equal(s.refund_value, (int64_t)back);
        assert_int_equal(s.refunds, refunds);
        assert_int_equal(s.returns, returns);
        assert_int_equal(s.contacts_in, in);
        assert_int_equal(s.contacts_out, out);
        assert_int_equal(s.first_order_us, first);
        assert_int_equal(s.last_order_us, last);
        assert_int_equal(s.purchases_are_payments, bought == KIND_payment && orders > 0);
        int32_t gaps[MOST], n_gaps = 0;
        for (int i = 1; i < days.n; i++) gaps[n_gaps++] = days.days[i] - days.days[i - 1];
        qsort(gaps, (size_t)n_gaps, sizeof *gaps, by_day);
        int32_t median = n_gaps < 2   ? -1
                         : n_gaps % 2 ? gaps[n_gaps / 2]
                                      : (gaps[n_gaps / 2 - 1] + gaps[n_gaps / 2]) / 2;
        assert_int_equal(s.gap_days, median);
    }
}

static void purchases_are_counted(void **state) {
    rng r = rng_seed(6);
    for (int round = 0; round < ROUNDS; round++) {
        arena a = *(arena *)*state;
        int n = (int)rng_range(&r, 0, MOST);
        fold_item *xs = random_items(&a, &r, n, 0.3);
        timeline t = take_all(&a, xs, n);
        int32_t from = (int32_t)rng_range(&r, -400, 60), to = (int32_t)rng_range(&r, from - 5, 20000);
        day_set days = {.n = 0};
        enum kind bought = bought_by(xs, n);
        uint64_t later = 0;
        for (int i = 0; i < n; i++)
            if (!xs[i].waiting_known && xs[i].kind == bought && xs[i].day >= from && xs[i].day <= to)
                add_day(&days, xs[i].day);
        for (int i = 0; i < n; i++)
            if (!xs[i].waiting_known && xs[i].kind == bought && xs[i].day >= from && xs[i].day <= to &&
                xs[i].day != days.days[0])
                later += (uint64_t)xs[i].value;
        purchases p = timeline_purchases(&t, from, to);
        assert_int_equal(p.x, MAX(days.n - 1, 0));
        assert_int_equal(p.t_x, days.n ? days.days[days.n - 1] - days.days[0] : 0);
        assert_int_equal(p.T, days.n ? to - days.days[0] : 0);
        assert_int_equal(p.repeat_value, (int64_t)later);
    }
}

static void contracts_are_walked(void **state) {
    arena a = *(arena *)*state;
    const fold_item xs[] = {{.kind = KIND_contract_start, .thread = 1, .at_us = 100, .value = 1000, .unit = 978},
                            {.kind = KIND_contract_change, .thread = 1, .at_us = 200, .value = 1500, .unit = 978},
                            {.kind = KIND_contract_start, .thread = 2, .at_us = 50, .value = 700, .unit = 978},
                            {.kind = KIND_contract_end, .thread = 2, .at_us = 300, .unit = 978},
                            {.kind = KIND_contract_start, .thread = 3, .at_us = 150, .value = 9999, .unit = 840}};
    timeline t = take_all(&a, xs, COUNT(xs));
    summary s = timeline_summary(a, &t);
    assert_int_equal(s.contract_since_us, 50);
    assert_int_equal(s.contract_until_us, 0); // some still run
    fold_item order = {.kind = KIND_order, .at_us = 10, .unit = 978, .value = 1};
    timeline_take(&a, &t, &order);
    assert_int_equal(timeline_summary(a, &t).monthly_value, 1500); // the other currency stands apart
    const fold_item ends[] = {{.kind = KIND_contract_end, .thread = 1, .at_us = 400, .unit = 978},
                              {.kind = KIND_contract_end, .thread = 3, .at_us = 350, .unit = 840}};
    for (size_t i = 0; i < COUNT(ends); i++) timeline_take(&a, &t, &ends[i]);
    s = timeline_summary(a, &t);
    assert_int_equal(s.contract_until_us, 400);
    assert_int_equal(s.monthly_value, 0);
}

static void the_last_score_is_the_newest(void **state) {
    arena a = *(arena *)*state;
    const fold_item xs[] = {
        {.kind = KIND_answer, .at_us = 300, .value = 400, .unit = INSTRUMENT_csat5, .has_value = true},
        {.kind = KIND_answer, .at_us = 500, .value = 900, .unit = INSTRUMENT_nps, .has_value = true},
        {.kind = KIND_answer, .at_us = 500, .value = 300, .unit = INSTRUMENT_nps, .has_value = true},
        {.kind = KIND_ask, .at_us = 900, .value = 100, .unit = INSTRUMENT_nps, .has_value = true},
        {.kind = KIND_review, .at_us = 200, .value = 0, .unit = INSTRUMENT_thumbs, .has_value = true}};
    timeline t = take_all(&a, xs, COUNT(xs));
    summary s = timeline_summary(a, &t);
    assert_int_equal(s.last_score, 900);
    assert_int_equal(s.last_instrument, INSTRUMENT_nps);
    assert_int_equal(s.last_score_us, 500);
    assert_int_equal(t.n_scores, 3);
    const fold_item old[] = {
        // before 1970
        {.kind = KIND_answer, .at_us = -500, .value = 300, .unit = INSTRUMENT_csat5, .has_value = true},
        {.kind = KIND_answer, .at_us = -900, .value = 500, .unit = INSTRUMENT_csat5, .has_value = true}};
    t = take_all(&a, old, COUNT(old));
    assert_int_equal(timeline_summary(a, &t).last_score, 300);
    assert_int_equal(timeline_summary(a, &t).last_score_us, -500);
}

// ---- CDNOW: Fader and Hardie's sample of a tenth of the customers ----

typedef struct {
    char id[8];
    timeline t;
} buyer;

static int32_t day_of(const char *yyyymmdd) {
    int y, m, d;
    assert_int_equal(sscanf(yyyymmdd, "%4d%2d%2d", &y, &m, &d), 3);
    return days_of((ymd){y, (int8_t)m, (int8_t)d});
}

static void cdnow_gives_the_published_sums(void **state) {
    test_need_data(dir);
    arena *a = *state;
    char path[4200], line[200], id[8] = "", master[8], date[12];
    int cds;
    double dollars;
    snprintf(path, sizeof path, "%s/clv/cdnow/CDNOW_sample.txt", dir);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    buyer *buyers = make(a, buyer, 3000);
    int n = 0, rows = 0;
    while (fgets(line, sizeof line, f)) {
        if (sscanf(line, "%7s %7s %11s %d %lf", master, id, date, &cds, &dollars) != 5) continue;
        rows++;
        if (!n || strcmp(buyers[n - 1].id, id) != 0) memcpy(buyers[n++].id, id, sizeof id);
        int32_t day = day_of(date);
        fold_item x = {.kind = KIND_order,
                       .day = day,
                       .at_us = day * DAY_US,
                       .unit = 840,
                       .has_value = true,
                       .value = (int64_t)(dollars * 100 + 0.5)};
        timeline_take(a, &buyers[n - 1].t, &x);
    }
    fclose(f);
    assert_int_equal(rows, 6919);
    assert_int_equal(n, 2357);
    int32_t end = day_of("19970930"), last = day_of("19980630");
    int64_t x = 0, again = 0, holdout = 0, dollars_after = 0, repeats = 0;
    double mean = 0, longest = 0;
    for (int i = 0; i < n; i++) {
        purchases p = timeline_purchases(&buyers[i].t, INT32_MIN, end),
                  all = timeline_purchases(&buyers[i].t, INT32_MIN, last);
        assert_true(p.t_x <= p.T && p.x <= all.x);
        x += p.x, again += p.x > 0;
        holdout += all.x - p.x, dollars_after += all.repeat_value - p.repeat_value;
        longest = MAX(longest, (double)p.T / 7);
        if (p.x) mean += (double)p.repeat_value / 100 / (double)p.x, repeats++;
    }
    assert_int_equal(x, 2457);
    assert_int_equal(again, 946);
    assert_int_equal(holdout, 1882);
    assert_int_equal(dollars_after, 7097639);
    assert_true(mean / (double)repeats > 35.075 && mean / (double)repeats < 35.085);
    assert_true(longest > 38.85 && longest < 38.86);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order_gives_the_same),
        cmocka_unit_test(merging_is_taking_all),
        cmocka_unit_test(a_wait_ends),
        cmocka_unit_test(facts_make_no_timeline),
        cmocka_unit_test(what_is_stored_comes_back),
        cmocka_unit_test(damage_is_refused_or_harmless),
        cmocka_unit_test(money_is_counted),
        cmocka_unit_test(purchases_are_counted),
        cmocka_unit_test(contracts_are_walked),
        cmocka_unit_test(the_last_score_is_the_newest),
        cmocka_unit_test(cdnow_gives_the_published_sums),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
