// dissatisfied: which signs are found, what ends them, what the past knew, and how right it is.
#include "decide/shop.h"

#include "decide/dissatisfied_right.h"

typedef struct {
    shop *d;
    dissatisfaction found;
    arena a;
} looked;

static looked look_at(shop *d, int day) {
    err e = {0};
    looked x = {.d = d, .a = arena_open((size_t)1 << 30)};
    const dissatisfied_ask ask = {.at_us = (BASE + day) * DAY_US, .everybody = true};
    assert_ok(dissatisfied_find(&x.a, d->r.s, &ask, &x.found, &e), e);
    return x;
}

static const dissatisfied_one *one_of(const looked *x, int who) {
    const int64_t id = customer_of(x->d, who);
    for (size_t i = 0; i < x->found.n; i++)
        if (x->found.v[i].customer == id) return &x->found.v[i];
    return NULL;
}

// Which signals customer u`who` shows on a day.
static uint32_t shows(shop *d, int day, int who) {
    looked x = look_at(d, day);
    const dissatisfied_one *one = one_of(&x, who);
    const uint32_t signals = one ? one->signals : 0;
    if (one && fabs(one->chance - dissatisfied_chance(signals, NULL)) > 1e-12) fail_msg("chance of u%d", who);
    arena_close(&x.a);
    return signals;
}

#define BIT(x) (UINT32_C(1) << SIGNAL_##x)

static event *says_score(shop *d, int day, int who, int64_t score) {
    event *ev = shop_add(d, KIND_answer, day, who, score * 100);
    ev->unit = INSTRUMENT_nps;
    return ev;
}

static event *talks(shop *d, enum kind kind, int day, int who, const char *thread) {
    event *ev = shop_add(d, kind, day, who, 0);
    ev->has_value = false, ev->thread = str_c(thread), ev->unit = 0;
    return ev;
}

// ---- signs ----

static void what_they_said(void **state) {
    shop *d = shop_open(place_of(state), 100);
    says_score(d, 10, 1, 3);
    says_score(d, 10, 2, 9);
    shop_add(d, KIND_complaint, 12, 3, 0)->has_value = false;
    says_score(d, 10, 4, 2), says_score(d, 30, 4, 10);
    store_all(d);
    assert_int_equal(shows(d, 11, 1), BIT(low_score));
    assert_int_equal(shows(d, 9, 1), 0);
    assert_int_equal(shows(d, 10 + 91, 1), 0); // it stands for 90 days
    assert_int_equal(shows(d, 11, 2), 0);
    assert_int_equal(shows(d, 13, 3), BIT(complaint));
    assert_int_equal(shows(d, 29, 4), BIT(low_score));
    assert_int_equal(shows(d, 31, 4), 0); // a good word later ends it
    shop_close(d);
}

static void conversations(void **state) {
    shop *d = shop_open(place_of(state), 100);
    talks(d, KIND_message_in, 10, 1, "a"), talks(d, KIND_message_out, 10, 1, "a");
    talks(d, KIND_message_in, 15, 1, "b"), talks(d, KIND_message_out, 15, 1, "b");
    talks(d, KIND_message_in, 10, 2, "c"), talks(d, KIND_message_out, 11, 2, "c");
    talks(d, KIND_message_in, 30, 2, "d"), talks(d, KIND_message_out, 31, 2, "d");
    talks(d, KIND_message_in, 10, 3, "e"), talks(d, KIND_conversation_solved, 11, 3, "e");
    talks(d, KIND_message_in, 14, 3, "e");
    says_score(d, 20, 3, 10);
    talks(d, KIND_message_in, 10, 4, "f");
    store_all(d);
    assert_int_equal(shows(d, 16, 1), BIT(repeat_contact));
    assert_int_equal(shows(d, 12, 1), 0);
    assert_int_equal(shows(d, 32, 2), 0); // 20 days lie between
    assert_int_equal(shows(d, 15, 3), BIT(reopened));
    assert_int_equal(shows(d, 21, 3), BIT(reopened) | BIT(long_wait)); // nobody has answered since
    assert_int_equal(shows(d, 12, 4), 0);
    assert_int_equal(shows(d, 14, 4), BIT(long_wait));
    talks(d, KIND_message_out, 16, 4, "f"), talks(d, KIND_message_out, 22, 3, "e");
    store_all(d);
    assert_int_equal(shows(d, 17, 4), 0);
    assert_int_equal(shows(d, 15, 4), BIT(long_wait)); // as it was then
    assert_int_equal(shows(d, 21, 3), BIT(reopened) | BIT(long_wait));
    assert_int_equal(shows(d, 23, 3), 0); // answered, and a good word since it came back
    shop_close(d);
}

static void promises(void **state) {
    shop *d = shop_open(place_of(state), 100);
    for (int who = 1; who <= 3; who++) {
        event *made = shop_add(d, KIND_commitment_made, 10, who, (BASE + 15) * DAY_US);
        made->unit = 0, made->topic = S("promise"), made->thread = str_fmt(&d->a, "p%d", who);
    }
    event *kept = shop_add(d, KIND_commitment_kept, 14, 2, 0), *late = shop_add(d, KIND_commitment_kept, 20, 3, 0);
    kept->has_value = late->has_value = false, kept->thread = S("p2"), late->thread = S("p3");
    for (int who = 1; who <= 3; who++) shop_add(d, KIND_order, 5, who, 1000);
    store_all(d);
    assert_int_equal(shows(d, 14, 1), 0);
    assert_int_equal(shows(d, 16, 1), BIT(broken_promise));
    assert_int_equal(shows(d, 16, 2), 0);
    assert_int_equal(shows(d, 18, 3), BIT(broken_promise));
    assert_int_equal(shows(d, 21, 3), 0);
    shop_close(d);
}

static void money_and_silence(void **state) {
    shop *d = shop_open(place_of(state), 100);
    shop_add(d, KIND_order, 10, 1, 1000), shop_add(d, KIND_return_, 15, 1, 1000), shop_add(d, KIND_refund, 17, 1, 1000);
    shop_add(d, KIND_order, 30, 1, 1000);
    for (int day = 10; day <= 50; day += 10) shop_add(d, KIND_order, day, 2, 1000);
    shop_add(d, KIND_order, 200, 2, 1000);
    event *ev = shop_add(d, KIND_contract_start, 10, 3, 5000);
    ev->thread = S("k");
    ev = shop_add(d, KIND_contract_change, 40, 3, 3000), ev->thread = S("k");
    ev = shop_add(d, KIND_contract_end, 60, 3, 0), ev->thread = S("k"), ev->has_value = false;
    store_all(d);
    assert_int_equal(shows(d, 16, 1), BIT(sent_back));
    assert_int_equal(shows(d, 20, 1), BIT(sent_back) | BIT(money_back));
    assert_int_equal(shows(d, 31, 1), 0); // bought since
    assert_int_equal(shows(d, 75, 2), 0);
    assert_int_equal(shows(d, 81, 2), BIT(silence)); // three gaps of ten days
    assert_int_equal(shows(d, 201, 2), 0);
    assert_int_equal(shows(d, 41, 3), BIT(downgraded));
    assert_int_equal(shows(d, 61, 3) & BIT(contract_ended), BIT(contract_ended));
    assert_int_equal(shows(d, 121, 3), 0);
    shop_close(d);
}

// Another sign never lowers the chance; of one group the strongest counts.
static void chances_are_monotone(void **state) {
    (void)state;
    rng r = rng_seed(3);
    for (int i = 0; i < 20000; i++) {
        const uint32_t x = (uint32_t)rng_range(&r, 0, (1 << SIGNALS) - 1), y = x | UINT32_C(1)
                                                                                       << rng_range(&r, 0, SIGNALS - 1);
        double none = 1;
        for (int g = 0; g < SIGNAL_GROUPS; g++) {
            double best = 0;
            for (enum signal s = 0; s < SIGNALS; s++)
                if (x >> s & 1 && (int)signal_get(s)->group == g) best = fmax(best, signal_get(s)->strength);
            none *= 1 - best;
        }
        assert_true(fabs(dissatisfied_chance(x, NULL) - (1 - none)) < 1e-12);
        assert_true(dissatisfied_chance(y, NULL) >= dissatisfied_chance(x, NULL));
    }
}

// ---- the past ----

static void add_random(shop *d, rng *r, int day) {
    static const enum kind kinds[] = {
        KIND_order,  KIND_order,    KIND_order,      KIND_order,       KIND_return_,
        KIND_refund, KIND_answer,   KIND_message_in, KIND_message_out, KIND_conversation_solved,
        KIND_answer, KIND_complaint};
    const enum kind k = kinds[rng_range(r, 0, COUNT(kinds) - 1)];
    const int who = (int)rng_range(r, 1, 40);
    if (k == KIND_answer)
        says_score(d, day, who, rng_range(r, 0, 10));
    else if (kind_class(k) == CLASS_TALK)
        talks(d, k, day, who, str_z(&d->a, str_fmt(&d->a, "t%d-%d", who, (int)rng_range(r, 0, 3))));
    else
        shop_add(d, k, day, who, k == KIND_complaint ? 0 : rng_range(r, 500, 5000))->has_value = k != KIND_complaint;
}

// What the past knew does not depend on what came later: the same store, told of before and after.
static void the_past_does_not_change(void **state) {
    enum { THEN = 200, DAYS = 290, PEOPLE = 40 };
    shop *d = shop_open(place_of(state), 4000);
    rng r = rng_seed(11);
    uint32_t before[PEOPLE + 1] = {0};
    int any = 0;
    for (int who = 1; who <= PEOPLE; who++) shop_add(d, KIND_order, 0, who, 100);
    for (int day = 1; day < THEN; day++)
        for (int i = 0; i < 6; i++) add_random(d, &r, day);
    store_all(d);
    for (int who = 1; who <= PEOPLE; who++) any += (before[who] = shows(d, THEN, who)) != 0;
    assert_true(any > PEOPLE / 4);
    for (int day = THEN; day < DAYS; day++)
        for (int i = 0; i < 6; i++) add_random(d, &r, day);
    store_all(d);
    for (int who = 1; who <= PEOPLE; who++)
        if (shows(d, THEN, who) != before[who])
            fail_msg("u%d showed %x, and later %x", who, (unsigned)before[who], (unsigned)shows(d, THEN, who));
    shop_close(d);
}

// ---- what people say ----

static str say(shop *d, int who, enum judged_says says, int month) {
    err e = {0};
    str undo;
    assert_ok(
        dissatisfied_say(know_ledger(d->r.k), &d->a, customer_of(d, who), says, month, S("person:ada"), &undo, &e), e);
    return undo;
}

static uint32_t shows_now(shop *d, int who) {
    err e = {0};
    arena a = arena_open((size_t)1 << 30);
    dissatisfied_now *now = make(&a, dissatisfied_now, 1);
    uint32_t signals = 0;
    assert_ok(dissatisfied_read(&a, d->r.s, d->r.now, now, &e), e);
    for (size_t i = 0; i < now->d.n; i++)
        if (now->d.v[i].customer == customer_of(d, who)) signals = now->d.v[i].signals;
    arena_close(&a);
    return signals;
}

static void what_a_person_says_stands_and_can_be_taken_back(void **state) {
    shop *d = shop_open(place_of(state), 100);
    err e = {0};
    str gone;
    d->r.now = (BASE + 20) * DAY_US;
    says_score(d, 10, 1, 3), says_score(d, 18, 2, 9);
    store_all(d);
    assert_int_equal(shows_now(d, 1), BIT(low_score));
    str undo = say(d, 1, JUDGED_settled, 0);
    assert_int_equal(shows_now(d, 1), 0);
    assert_verified(&d->r);
    rig_rebuild(&d->r);
    assert_int_equal(shows_now(d, 1), 0);
    assert_ok(dissatisfied_unsay(know_ledger(d->r.k), &d->a, customer_of(d, 1), undo, S("person:ada"), &e), e);
    assert_int_equal(shows_now(d, 1), BIT(low_score));
    assert_false(dissatisfied_unsay(know_ledger(d->r.k), &d->a, customer_of(d, 1), undo, S("person:ada"), &e));
    assert_int_equal(e.code, ERR_not_found);
    e = (err){0};
    say(d, 2, JUDGED_yes, 0);
    assert_int_equal(shows_now(d, 2), BIT(person));
    say(d, 2, JUDGED_no, 0); // the last word stands
    assert_int_equal(shows_now(d, 2), 0);
    say(d, 2, JUDGED_unsure, 0);
    assert_int_equal(shows_now(d, 2), 0);
    assert_verified(&d->r);
    assert_false(
        dissatisfied_say(know_ledger(d->r.k), &d->a, customer_of(d, 1), JUDGED_yes, 202501, S("x"), &gone, &e));
    assert_int_equal(e.code, ERR_not_found); // no such sample
    shop_close(d);
}

// ---- how right ----

// 30 with a bad score, 60 who sent something back, 300 without anything.
static shop *judged_shop(enum place place) {
    shop *d = shop_open(place, 1000);
    d->r.now = (BASE + 20) * DAY_US;
    for (int who = 1; who <= 390; who++) shop_add(d, KIND_order, 1, who, 1000);
    for (int who = 1; who <= 30; who++) says_score(d, 10, who, 2);
    for (int who = 31; who <= 90; who++) shop_add(d, KIND_return_, 10, who, 1000);
    store_all(d);
    return d;
}

static int who_is(shop *d, int64_t customer) {
    for (int who = 1; who <= 390; who++)
        if (customer_of(d, who) == customer) return who;
    return 0;
}

// Of the first part all but every fifth are, of the second every fifth, of the third one in 30.
static bool is_really(int who) {
    return who <= 30 ? who % 5 != 0 : who <= 90 ? who % 5 == 0 : who % 30 == 0;
}

static void figures_of_a_sample(void **state) {
    shop *d = judged_shop(place_of(state));
    err e = {0};
    dissatisfied_sample x, again;
    dissatisfied_report *out = make(&d->a, dissatisfied_report, 1);
    bool due;
    assert_ok(dissatisfied_due(d->r.s, d->r.now, &due, &e), e);
    assert_true(due);
    assert_ok(dissatisfied_draw(&d->a, d->r.s, d->r.now, &x, &e), e);
    assert_ok(dissatisfied_draw(&d->a, d->r.s, d->r.now, &again, &e), e);
    assert_int_equal(x.n, 30 + 30 + 30);
    for (size_t i = 0; i < x.n; i++) assert_int_equal(x.v[i].profile, again.v[i].profile);
    assert_int_equal(x.of.size[PART_LISTED], 30);
    assert_int_equal(x.of.size[PART_WEAK], 60);
    assert_int_equal(x.of.size[PART_WITHOUT], 300);
    for (int i = 0; i < 2; i++) {
        assert_ok(store_begin(d->r.s, &e), e);
        assert_ok(dissatisfied_keep(d->r.s, &x, &e), e);
        assert_ok(store_commit(d->r.s, &e), e);
    }
    assert_ok(dissatisfied_due(d->r.s, d->r.now, &due, &e), e);
    assert_false(due);
    int64_t waits, yes[3] = {0};
    for (size_t i = 0; i < x.n; i++) {
        const int who = who_is(d, x.v[i].customer);
        assert_int_equal(x.v[i].part, who <= 30 ? PART_LISTED : who <= 90 ? PART_WEAK : PART_WITHOUT);
        assert_ok(dissatisfied_waits(&d->a, d->r.s, d->r.now, &waits, &e), e);
        assert_int_equal(waits, (int64_t)(x.n - i));
        yes[x.v[i].part] += is_really(who);
        say(d, who, is_really(who) ? JUDGED_yes : JUDGED_no, x.of.month);
    }
    assert_ok(dissatisfied_tell(&d->a, d->r.s, d->r.now, out, &e), e);
    assert_int_equal(out->precision.n, 30);
    assert_true(fabs(out->precision.value - 24 / 30.) < 1e-12); // all were drawn
    const double weak = 60 * (double)yes[1] / 30, none = 300 * (double)yes[2] / 30;
    assert_true(fabs(out->recall.value - 24 / (24 + weak + none)) < 1e-12);
    assert_true(fabs(out->recall_any.value - (24 + weak) / (24 + weak + none)) < 1e-12);
    assert_true(fabs(out->prevalence.value - (24 + weak + none) / 390) < 1e-12);
    const dissatisfied_line *l = &out->lines[SIGNAL_low_score];
    assert_int_equal(l->judged, 30);
    const double d0 = signal_get(SIGNAL_low_score)->strength;
    assert_true(fabs(l->strength - (10 * d0 + 24) / 40) < 1e-9);
    assert_true(fabs(l->unique.value - out->recall.value) < 1e-9); // nothing else speaks for them
    assert_true(fabs(out->lines[SIGNAL_complaint].strength - signal_get(SIGNAL_complaint)->strength) < 1e-12);
    assert_verified(&d->r);
    shop_close(d);
}

// Who was erased is in no sample any more, and nothing is said of them.
static void erased_people_leave_no_answer(void **state) {
    shop *d = judged_shop(place_of(state));
    err e = {0};
    dissatisfied_sample x;
    dissatisfied_sampled *v;
    size_t n;
    assert_ok(dissatisfied_draw(&d->a, d->r.s, d->r.now, &x, &e), e);
    assert_ok(store_begin(d->r.s, &e), e);
    assert_ok(dissatisfied_keep(d->r.s, &x, &e), e);
    assert_ok(store_commit(d->r.s, &e), e);
    const int64_t gone = x.v[0].profile;
    say(d, who_is(d, gone), JUDGED_yes, x.of.month);
    assert_ok(store_begin(d->r.s, &e), e);
    assert_ok(judged_erase(d->r.s, gone, &e), e);
    assert_ok(store_commit(d->r.s, &e), e);
    assert_ok(dissatisfied_sampled_in(&d->a, d->r.s, x.of.month, &v, &n, &e), e);
    assert_int_equal(n, x.n - 1);
    for (size_t i = 0; i < n; i++) assert_true(v[i].profile != gone && v[i].said == JUDGED_nothing);
    shop_close(d);
}

// Of those listed, three of four later give a bad score; of the others, one of ten.
static void what_happened_later(void **state) {
    shop *d = shop_open(place_of(state), 1000);
    err e = {0};
    dissatisfied_after out;
    for (int who = 1; who <= 200; who++) shop_add(d, KIND_order, 1, who, 1000);
    for (int who = 1; who <= 40; who++) shop_add(d, KIND_complaint, 30, who, 0)->has_value = false;
    for (int who = 1; who <= 40; who++) says_score(d, 80, who, who % 4 ? 2 : 10);
    for (int who = 41; who <= 140; who++) says_score(d, 80, who, who % 10 ? 10 : 2);
    store_all(d);
    assert_ok(dissatisfied_outcomes(&d->a, d->r.s, (BASE + 100) * DAY_US, 30, &out, &e), e);
    const dissatisfied_later *x = &out.of[LATER_unhappy];
    assert_int_equal(out.listed, 40);
    assert_int_equal(x->of, 40);
    assert_int_equal(x->hit, 30);
    assert_int_equal(x->other_of, 100);
    assert_int_equal(x->other_hit, 10);
    assert_true(fabs(x->times.ratio - 7.5) < 1e-12);
    assert_true(x->diff.lo > 0);
    assert_int_equal(out.of[LATER_lost].of, 0);
    shop_close(d);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(what_they_said),
        cmocka_unit_test(conversations),
        cmocka_unit_test(promises),
        cmocka_unit_test(money_and_silence),
        cmocka_unit_test(chances_are_monotone),
        cmocka_unit_test(the_past_does_not_change),
        cmocka_unit_test(what_a_person_says_stands_and_can_be_taken_back),
        cmocka_unit_test(figures_of_a_sample),
        cmocka_unit_test(erased_people_leave_no_answer),
        cmocka_unit_test(what_happened_later),
    };
    return rig_run(tests, COUNT(tests));
}
