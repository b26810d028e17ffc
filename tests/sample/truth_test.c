// Does the company behave as sample.h says? Margins are four standard errors of the quantity compared.
#include <gsl/gsl_sf_hyperg.h>
#include <math.h>

#include "company.h"

#include "sample/season.h"

enum { CUSTOMERS = 20000, YEARS = 3 };

static int set_up(void **state) {
    *state = company_run(CUSTOMERS, YEARS, 42);
    return 0;
}

static void assert_within(double got, double want, double margin, const char *what) {
    if (!(fabs(got - want) <= margin)) fail_msg("%s: got %g, want %g, give or take %g", what, got, want, margin);
}

static double weeks_to_episode(const company *c, const season *s, const one *p) {
    int64_t since = (p->since_us - s->start_us) / SECOND_US, until = (c->from_us[0] - s->start_us) / SECOND_US;
    return (season_clock(s, RHYTHM_shop, until) - season_clock(s, RHYTHM_shop, since)) / 7;
}

static double none_expected(double t) {
    return pow(SAMPLE_ALPHA / (SAMPLE_ALPHA + t), SAMPLE_R);
}

// Fader, Hardie and Lee 2005, equation 9.
static double repeats_expected(double t) {
    double a = SAMPLE_A, b = SAMPLE_B;
    double f = gsl_sf_hyperg_2F1(SAMPLE_R, b, a + b - 1, t / (SAMPLE_ALPHA + t));
    return (a + b - 1) / (a - 1) * (1 - none_expected(t) * f);
}

// Until the carrier breaks down nothing disturbs the model.
static void orders_follow_bg_nbd(void **state) {
    const company *c = *state;
    arena a = arena_open(4 << 20);
    season s;
    err e = {0};
    assert_ok(season_init(&a, &s, c->o.now_us, c->o.years, &e), e);
    double n = 0, none = 0, none_want = 0, none_var = 0, x = 0, x2 = 0, x_want = 0;
    for (int i = 0; i < CUSTOMERS; i++) {
        const one *p = &c->people[i];
        if (p->role != 's' || p->since_us >= c->from_us[0]) continue;
        double t = weeks_to_episode(c, &s, p), p0 = none_expected(t), repeats = p->orders_before - 1;
        n++, none += p->orders_before == 1, none_want += p0, none_var += p0 * (1 - p0);
        x += repeats, x2 += repeats * repeats, x_want += repeats_expected(t);
    }
    assert_true(n > 5000);
    double sd = sqrt(x2 / n - x / n * (x / n));
    assert_within(none / n, none_want / n, 4 * sqrt(none_var) / n, "share without a repeat order");
    assert_within(x / n, x_want / n, 4 * sd / sqrt(n), "mean repeat orders");
    print_message("BG/NBD over %.0f customers: none %.4f (model %.4f), mean %.4f (model %.4f)\n", n, none / n,
                  none_want / n, x / n, x_want / n);
    arena_close(&a);
}

static void order_worth_follows_gamma_gamma(void **state) {
    const company *c = *state;
    double n = 0, sum = 0, sum2 = 0;
    for (int i = 0; i < CUSTOMERS; i++) {
        if (c->people[i].role != 's') continue;
        double euros = (double)c->people[i].first_value / 100;
        n++, sum += euros, sum2 += euros * euros;
    }
    double mean = sum / n, sd = sqrt(sum2 / n - mean * mean);
    assert_within(mean, SAMPLE_P * SAMPLE_GAMMA / (SAMPLE_Q - 1), 4 * sd / sqrt(n), "mean order");
    // E[z] = p g / (q-1), E[z²] = p (p+1) g² / ((q-1)(q-2))
    double square = SAMPLE_P * (SAMPLE_P + 1) * SAMPLE_GAMMA * SAMPLE_GAMMA / ((SAMPLE_Q - 1) * (SAMPLE_Q - 2));
    assert_in_range((int64_t)(sum2 / n), (int64_t)(square * 0.94), (int64_t)(square * 1.06));
}

// Whoever ordered in a window of 35 days: the share of them who never order again in the 150 days after their order.
static void gone_after(const company *c, int64_t from_us, double *share, double *n) {
    double gone = 0;
    *n = 0;
    map64 last = map64_new(&(arena){c->a.base, c->a.at, c->a.end}, CUSTOMERS);
    int64_t until = from_us + 35 * DAY_US;
    for (int64_t i = 0; i < c->n_events; i++) {
        const seen_event *s = &c->events[i];
        if (s->kind != KIND_order || s->source != 's' || s->at_us < from_us || s->at_us >= until) continue;
        map64_put(&last, s->who, (int32_t)i);
    }
    for (int32_t i = 0; i < CUSTOMERS; i++) {
        int32_t order = map64_get(&last, i);
        if (order < 0) continue;
        int64_t at = c->events[order].at_us, next = 0;
        for (int64_t k = order + 1; k < c->n_events && !next && c->events[k].at_us < at + 150 * DAY_US; k++)
            if (c->events[k].who == i && c->events[k].kind == KIND_order && c->events[k].source == 's') next = k;
        ++*n, gone += !next;
    }
    *share = gone / *n;
}

static double two_proportions(double p, double n, double q, double m) {
    double pooled = (p * n + q * m) / (n + m);
    return (p - q) / sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
}

static void late_parcels_drive_customers_away(void **state) {
    const company *c = *state;
    double during, n, before, m;
    gone_after(c, c->from_us[0], &during, &n);
    gone_after(c, c->from_us[0] - 80 * DAY_US, &before, &m);
    assert_true(n > 500 && m > 500);
    if (two_proportions(during, n, before, m) < 2.5)
        fail_msg("gone %.3f of %.0f during, %.3f of %.0f before", during, n, before, m);
}

static void the_price_rise_ends_subscriptions(void **state) {
    const company *c = *state;
    double renewed[2] = {0}, ended[2] = {0};
    for (int64_t i = 0; i < c->n_events; i++) {
        const seen_event *s = &c->events[i];
        int64_t days = (s->at_us - c->from_us[1]) / DAY_US;
        if (s->source != 'b' || days < -90 || days >= 90) continue;
        renewed[s->at_us >= c->from_us[1]] += s->kind == KIND_payment;
        ended[s->at_us >= c->from_us[1]] += s->kind == KIND_contract_end;
    }
    double n = renewed[1] + ended[1], m = renewed[0] + ended[0];
    assert_true(two_proportions(ended[1] / n, n, ended[0] / m, m) > 3);
}

static void mean_stars(const company *c, int64_t from_us, int64_t until_us, double *mean, double *se) {
    double n = 0, sum = 0, sum2 = 0;
    for (int64_t i = 0; i < c->n_events; i++) {
        const seen_event *s = &c->events[i];
        if (s->kind != KIND_review || s->at_us < from_us || s->at_us >= until_us) continue;
        double stars = (double)s->value / 100;
        n++, sum += stars, sum2 += stars * stars;
    }
    assert_true(n > 20);
    *mean = sum / n;
    *se = sqrt((sum2 / n - *mean * *mean) / n);
}

static void ratings_fall_while_the_carrier_is_down(void **state) {
    const company *c = *state;
    double during, se, before, se_before;
    mean_stars(c, c->from_us[0] + 7 * DAY_US, c->until_us[0] + 14 * DAY_US, &during, &se);
    mean_stars(c, c->from_us[0] - 200 * DAY_US, c->from_us[0], &before, &se_before);
    assert_true(before - during > 3 * hypot(se, se_before));
}

static double share_of_topic(const company *c, const char *topic, int64_t from_us, int64_t until_us, double *n) {
    double hits = 0;
    *n = 0;
    for (int64_t i = 0; i < c->n_events; i++) {
        const seen_event *s = &c->events[i];
        if (s->kind != KIND_message_in || s->at_us < from_us || s->at_us >= until_us) continue;
        ++*n, hits += strcmp(c->labels[s->text].topic, topic) == 0;
    }
    return hits / *n;
}

// Carrier, price and, in the last weeks, the grinder.
static void each_episode_is_what_people_write_about(void **state) {
    static const char *const topics[] = {"late_delivery", "price", "grind"};
    const company *c = *state;
    for (int i = 0; i < 3; i++) {
        int64_t from = c->from_us[i], length = i == 1 ? 60 * DAY_US : c->until_us[i] - from;
        double n, m, during = share_of_topic(c, topics[i], from + 3 * DAY_US, from + length, &n);
        double before = share_of_topic(c, topics[i], from - 120 * DAY_US, from, &m);
        if (two_proportions(during, n, before, m) < 4) fail_msg("%s: %.3f, before %.3f", topics[i], during, before);
    }
}

static void some_never_give_the_top_mark(void **state) {
    const company *c = *state;
    double never = 0, raters = 0, gave_top = 0;
    for (int i = 0; i < CUSTOMERS; i++) {
        const one *p = &c->people[i];
        never += p->never_top;
        if (p->never_top) assert_false(p->top);
        if (!p->never_top && p->marks >= 3) raters++, gave_top += p->top;
    }
    assert_within(never / CUSTOMERS, SAMPLE_NEVER_TOP, 4 * sqrt(SAMPLE_NEVER_TOP * 0.85 / CUSTOMERS), "never the top");
    assert_true(raters > 50 && gave_top / raters > 0.3);
}

static void a_few_send_most_of_it_back(void **state) {
    const company *c = *state;
    double shop = 0, abusers = 0, orders[2] = {0}, returns[2] = {0};
    for (int i = 0; i < CUSTOMERS; i++) {
        const one *p = &c->people[i];
        if (p->role != 's') continue;
        shop++, abusers += p->abuser;
        orders[p->abuser] += p->orders, returns[p->abuser] += p->returns;
    }
    assert_within(abusers / shop, SAMPLE_ABUSERS, 4 * sqrt(SAMPLE_ABUSERS / shop), "abusers");
    assert_true(returns[1] / orders[1] > 0.45 && returns[0] / orders[0] < 0.03);
}

static void languages_have_their_shares(void **state) {
    const company *c = *state;
    double n[128] = {0};
    for (int64_t i = 0; i < c->n_labels; i++) {
        const label *l = &c->labels[i];
        assert_int_equal(l->lang, c->people[l->who].lang);
        n[(int)l->lang]++;
    }
    // German in 64 % of the countries and all of the café, Spanish in 13 %; 6 % write English wherever they live.
    double all = n['e'] + n['n'] + n['s'];
    assert_true(all == (double)c->n_labels);
    assert_within(n['e'] / all, 0.62, 0.04, "German");
    assert_within(n['n'] / all, 0.26, 0.04, "English");
    assert_within(n['s'] / all, 0.12, 0.03, "Spanish");
}

static void every_text_of_a_customer_has_one_label(void **state) {
    const company *c = *state;
    int64_t labelled = 0;
    for (int64_t i = 0; i < c->n_events; i++) {
        const seen_event *s = &c->events[i];
        bool ours = s->kind == KIND_message_out || s->kind == KIND_message_auto || s->kind == KIND_commitment_made;
        assert_int_equal(s->text >= 0, s->key && !ours);
        labelled += s->text >= 0;
    }
    assert_int_equal(labelled, c->n_labels);
    assert_int_equal(c->doubled_labels, 0);
}

// An identifier that two people use is one of a household, and there are households.
static void who_is_who_is_known(void **state) {
    const company *c = *state;
    int64_t heads = 0, unknown = 0;
    for (int i = 0; i < CUSTOMERS; i++) {
        assert_true(c->people[i].role != 0);
        heads += c->people[i].head >= 0;
    }
    assert_in_range(heads, CUSTOMERS * 3 / 100, CUSTOMERS * 6 / 100);
    assert_int_equal(c->clashes, 0);
    for (int64_t i = 0; i < c->n_events; i++) unknown += c->events[i].who < 0 && c->events[i].source != 'r';
    assert_int_equal(unknown, 0);
    assert_int_equal(c->n_staff, 6);
    assert_int_equal(c->n_models, 2);
}

static void some_still_wait_for_an_answer(void **state) {
    const company *c = *state;
    arena scratch = c->a;
    map64 waits = map64_new(&scratch, CUSTOMERS);
    int64_t recent = 0;
    for (int64_t i = 0; i < c->n_events; i++) {
        const seen_event *s = &c->events[i];
        if (s->source != 'h' || s->at_us < c->o.now_us - 4 * DAY_US) continue;
        if (s->kind == KIND_message_in) map64_put(&waits, s->who, 1);
        if (s->kind == KIND_message_out || s->kind == KIND_conversation_solved) map64_put(&waits, s->who, 0);
    }
    for (int32_t i = 0; i < CUSTOMERS; i++) recent += map64_get(&waits, i) == 1;
    assert_in_range(recent, 5, 200);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_follow_bg_nbd),
        cmocka_unit_test(order_worth_follows_gamma_gamma),
        cmocka_unit_test(late_parcels_drive_customers_away),
        cmocka_unit_test(the_price_rise_ends_subscriptions),
        cmocka_unit_test(ratings_fall_while_the_carrier_is_down),
        cmocka_unit_test(each_episode_is_what_people_write_about),
        cmocka_unit_test(some_never_give_the_top_mark),
        cmocka_unit_test(a_few_send_most_of_it_back),
        cmocka_unit_test(languages_have_their_shares),
        cmocka_unit_test(every_text_of_a_customer_has_one_label),
        cmocka_unit_test(who_is_who_is_known),
        cmocka_unit_test(some_still_wait_for_an_answer),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
