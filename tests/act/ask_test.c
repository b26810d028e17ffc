// Who is asked, and how often: against what must hold on every day of a year; and what becomes of the asking.
#include "act/gate_rig.h"

#include "act/ask.h"
#include "know/access.h"
#include "know/erase.h"
#include "sql/know.h"
#include "sql/widget.h"

typedef struct {
    rig r;
    arena a;
    site x;
    question q;
} widget;

static void begin_widget(widget *w, void **state, int share, int64_t days) {
    err e = {0};
    const char *field = "";
    *w = (widget){.a = arena_open((size_t)1 << 30)};
    rig_open(&w->r, place_of(state));
    w->r.now = GATE_NOON;
    w->x = (site){.name = S("Shop"), .slug = S("shop"), .button = true, .by = S("test")};
    in_transaction(&w->r);
    ledger *l = know_ledger(w->r.k);
    assert_ok(site_put(l, &w->a, &w->x, &field, &e), e);
    w->q = (question){.site_id = w->x.id,
                      .name = S("NPS"),
                      .way = QUESTION_widget,
                      .instrument = INSTRUMENT_nps,
                      .share = share,
                      .days = days,
                      .active = true,
                      .by = S("test")};
    assert_ok(question_put(l, &w->a, &w->q, &field, &e), e);
    end_transaction(&w->r);
}

static void end_widget(widget *w) {
    rig_close(&w->r);
    arena_close(&w->a);
}

static ask_person person_at(widget *w, const char *visitor, const char *user) {
    err e = {0};
    ask_person out;
    str hash = *user ? site_sign(&w->a, &w->x, str_c(user)) : S("");
    assert_ok(ask_person_read(&w->a, w->r.s, &w->x, str_c(visitor), str_c(user), hash, &out, &e), e);
    return out;
}

// The number of the ask; 0: nothing may be asked. A look says what the claim then says.
static int64_t ask_now(widget *w, const ask_person *who) {
    err e = {0};
    question q, looked;
    int64_t asked = 0, again = 0;
    assert_ok(ask_next(&w->a, w->r.s, &w->x, who, w->r.now, &looked, &again, &e), e);
    in_transaction(&w->r);
    assert_ok(ask_claim(know_ledger(w->r.k), &w->a, &w->x, who, &asked, &q, &e), e);
    end_transaction(&w->r);
    assert_int_equal(asked > 0, looked.id > 0);
    assert_in_range(again, ASK_AGAIN_LEAST_S, ASK_AGAIN_MOST_S);
    return asked;
}

static void note(widget *w, const ask_person *who, int64_t asked, bool answered, bool declined, bool for_ever) {
    err e = {0};
    in_transaction(&w->r);
    if (answered) assert_ok(ask_answered(w->r.s, asked, &e), e);
    if (declined) assert_ok(ask_declined(know_ledger(w->r.k), who, asked, for_ever, &e), e);
    end_transaction(&w->r);
}

// ---- strangers ----

typedef struct {
    int64_t at_us;
    bool answered;
} was;

// gate_limits.def: 2 asks in 30 days; 14 days after one without an answer, 30 after an answered one; not from 21 to 8.
static void on_no_day_of_a_year_is_a_stranger_asked_too_much(void **state) {
    widget w;
    begin_widget(&w, state, 100, 20);
    rng g = rng_seed(11);
    enum { VISITORS = 8, MOST = 100, DAYS = 365 };
    int days = on_server(state) ? 90 : DAYS, n_asked = 0;
    was past[VISITORS][MOST];
    size_t n[VISITORS] = {0};
    int64_t peace[VISITORS] = {0};
    int64_t until = w.r.now + days * DAY_US;
    while (w.r.now < until) {
        arena_reset(&w.a);
        w.r.now += (int64_t)(rng_u64(&g) % (uint64_t)(9 * HOUR_US));
        int v = (int)(rng_u64(&g) % VISITORS);
        char visitor[20];
        snprintf(visitor, sizeof visitor, "visitor-%d", v);
        ask_person who = person_at(&w, visitor, "");
        int64_t asked = ask_now(&w, &who), hour = w.r.now / HOUR_US % 24;
        if (!asked) continue;
        n_asked++;
        assert_true(hour >= 8 && hour < 21); // the store's zone is UTC
        assert_true(w.r.now >= peace[v]);
        int within = 1;
        for (size_t i = 0; i < n[v]; i++) {
            int64_t since = w.r.now - past[v][i].at_us;
            within += since < 30 * DAY_US;
            assert_true(since >= (past[v][i].answered ? 30 : 20) * DAY_US);
        }
        assert_true(within <= 2);
        bool answered = rng_u64(&g) % 3 == 0, declined = !answered && rng_u64(&g) % 4 == 0;
        note(&w, &who, asked, answered, declined, false);
        if (declined) peace[v] = w.r.now + ASK_NOT_NOW_DAYS * DAY_US;
        assert_true(n[v] < MOST);
        past[v][n[v]++] = (was){w.r.now, answered};
    }
    // Who comes by every few days is asked about as often as may be, too.
    assert_true(n_asked >= VISITORS * days / 60);
    end_widget(&w);
}

static void signing_in_and_out_begins_nothing_anew(void **state) {
    widget w;
    begin_widget(&w, state, 100, 30);
    ask_person stranger = person_at(&w, "visitor-1", ""), user = person_at(&w, "visitor-1", "C-1");
    ask_person elsewhere = person_at(&w, "visitor-2", "C-1");
    assert_int_equal(user.n_persons, 2);
    assert_int_equal(user.customer, 0);
    assert_true(ask_now(&w, &user) > 0);
    assert_int_equal(ask_now(&w, &stranger), 0);
    assert_int_equal(ask_now(&w, &elsewhere), 0);
    end_widget(&w);
}

// ---- customers ----

static void one_budget_holds_for_widget_and_mail(void **state) {
    widget w;
    begin_widget(&w, state, 100, 30);
    int64_t anna = person_of(&w.r, "anna", "DE", ""), ben = person_of(&w.r, "ben", "DE", "");
    ask_person at_anna = person_at(&w, "", "anna"), at_ben = person_at(&w, "visitor-9", "ben");
    assert_int_equal(at_anna.customer, anna);
    assert_int_equal(at_ben.customer, ben);
    went_out(&w.r, anna, GATE_survey, w.r.now - 5 * DAY_US, "", "", "", "");
    assert_int_equal(ask_now(&w, &at_anna), 0);
    assert_true(ask_now(&w, &at_ben) > 0);
    gate_ask mail = {.kind = GATE_survey, .customer = ben, .channel = CHANNEL_email, .by = S("test")};
    assert_string_equal(look_at(&w.r, &w.a, &mail, w.r.now + HOUR_US).rule, "clock");
    end_widget(&w);
}

static int64_t asks_of(widget *w) {
    int64_t n = 0;
    err e = {0};
    for (int32_t p = event_period(w->r.now) - 1; p <= event_period(w->r.now); p++)
        for (row r = store_query(w->r.s, Q_feedback_of_period, &e, "i", (int64_t)p); row_next(&r);)
            n += row_int(&r, 4) == KIND_ask && row_int(&r, 7) == INSTRUMENT_nps;
    assert_ok(err_ok(&e), e);
    return n;
}

static void what_was_asked_is_told_once_and_counts_once(void **state) {
    widget w;
    err e = {0};
    size_t n = 0;
    begin_widget(&w, state, 100, 30);
    int64_t ben = person_of(&w.r, "ben", "DE", "");
    ask_person who = person_at(&w, "visitor-9", "ben"), stranger = person_at(&w, "visitor-1", "");
    assert_true(ask_now(&w, &who) > 0 && ask_now(&w, &stranger) > 0);
    for (int i = 0; i < 3; i++) {
        assert_ok(ask_tell(know_ledger(w.r.k), &w.a, &n, &e), e);
        assert_int_equal(n, i ? 0 : 1);
    }
    rig_flush(&w.r);
    assert_int_equal(asks_of(&w), 1);
    // The gate knows of it by its own record: the event is not one more. A welcome, half an ask, still has room.
    gate_ask welcome = {.kind = GATE_welcome, .customer = ben, .channel = CHANNEL_email, .by = S("test")};
    assert_int_equal(look_at(&w.r, &w.a, &welcome, w.r.now + HOUR_US).verdict, GATE_ALLOW);
    end_widget(&w);
}

static void what_is_kept_of_a_person_is_given_out_and_erased(void **state) {
    widget w;
    err e = {0};
    erased gone;
    access_count n;
    begin_widget(&w, state, 100, 30);
    int64_t ben = person_of(&w.r, "ben", "DE", ""), left = 0, rows = 0;
    ask_person who = person_at(&w, "visitor-9", "ben");
    int64_t asked = ask_now(&w, &who);
    assert_true(asked > 0);
    note(&w, &who, asked, false, true, false);
    buf b = buf_new(&w.a, 1 << 20);
    access_ask ask = {.customer = ben, .now_us = w.r.now};
    arena scratch = arena_open((size_t)1 << 26);
    assert_ok(access_write(&scratch, w.r.s, &ask, &b, &n, &e), e);
    arena_close(&scratch);
    assert_true(str_has(buf_str(&b), S("\"question\":\"NPS\",\"did\":\"not now\"")));
    assert_ok(know_erase(w.r.k, &(erase_ask){.customer = ben, .mode = SUPPRESS_PAST}, &gone, &e), e);
    for (row r = store_query(w.r.s, Q_asked_of_profile, &e, "i", ben); row_next(&r);) rows++;
    assert_ok(store_int(w.r.s, Q_asked_get, &left, 0, &e, "i", asked), e);
    assert_int_equal(rows + left, 0);
    end_widget(&w);
}

// ---- links ----

static void a_mail_carries_a_link_when_there_is_a_question_for_it(void **state) {
    widget w;
    err e = {0};
    str url;
    ask_link x;
    const char *field = "";
    unsigned char key[PREFERENCE_KEY];
    begin_widget(&w, state, 100, 30);
    int64_t ben = person_of(&w.r, "ben", "DE", "");
    assert_ok(ask_url(&w.a, w.r.s, ben, w.r.now, &url, &e), e);
    assert_int_equal(url.len, 0);
    question mail = w.q;
    mail.id = 0, mail.way = QUESTION_mail;
    in_transaction(&w.r);
    assert_ok(question_put(know_ledger(w.r.k), &w.a, &mail, &field, &e), e);
    assert_ok(preference_origin(w.r.s, S("https://heed.example"), &e), e);
    end_transaction(&w.r);
    assert_ok(ask_url(&w.a, w.r.s, ben, w.r.now, &url, &e), e);
    assert_true(str_starts(url, S("https://heed.example/s/")));
    assert_ok(preference_key(w.r.s, key, &e), e);
    assert_true(ask_open(key, str_sub(url, 23, url.len), &x));
    assert_true(x.question == mail.id && x.profile == ben && !x.asked);
    assert_int_equal(x.minute, w.r.now / 60000000);
    end_widget(&w);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(on_no_day_of_a_year_is_a_stranger_asked_too_much),
        cmocka_unit_test(signing_in_and_out_begins_nothing_anew),
        cmocka_unit_test(one_budget_holds_for_widget_and_mail),
        cmocka_unit_test(what_was_asked_is_told_once_and_counts_once),
        cmocka_unit_test(what_is_kept_of_a_person_is_given_out_and_erased),
        cmocka_unit_test(a_mail_carries_a_link_when_there_is_a_question_for_it),
    };
    return rig_run(tests, COUNT(tests));
}
