// Rates, offers and risks, held against counts and curves computed a second time in another way.
#include <math.h>

#include "know/rig.h"

#include "act/commitment_note.h"
#include "act/commitment_rates.h"
#include "sql/know.h"
#include "stats/proportion.h"

enum { N = 400, BASE_DAY = 20000 };

typedef struct {
    int64_t made_us, due_us, moved_at_us, moved_to_us, kept_us, withdrawn_us;
    const char *kind;
    int team;
} owed;

static const char *const kinds[] = {"promise", "task", "fix"};

static owed any_owed(rng *g) {
    owed o = {.made_us = (BASE_DAY + rng_range(g, 0, 80)) * DAY_US,
              .kind = kinds[rng_range(g, 0, 2)],
              .team = (int)rng_range(g, 0, 1)};
    o.due_us = o.made_us + rng_range(g, 1, 9) * DAY_US;
    if (rng_chance(g, 0.25))
        o.moved_at_us = o.due_us + rng_range(g, -3, 2) * HOUR_US, o.moved_to_us = o.due_us + 2 * DAY_US;
    if (rng_chance(g, 0.8)) o.kept_us = o.made_us + rng_range(g, 0, 14 * 24) * HOUR_US + 1;
    if (!o.kept_us && rng_chance(g, 0.3)) o.withdrawn_us = o.made_us + rng_range(g, 1, 5) * DAY_US;
    return o;
}

static event one_step(arena *a, enum kind what, int64_t at_us, int i, const owed *o, int64_t due_us) {
    event ev = event_of(what, at_us, str_z(a, str_fmt(a, "%d-%d", (int)what, i)));
    ev.thread = str_fmt(a, "c%d", i), ev.topic = str_c(o->kind);
    ev.value = due_us, ev.has_value = due_us != 0;
    ev.staff = str_fmt(a, "person %d", o->team ? i % 7 : i % 3);
    ev.extra = str_fmt(a, "\"team\":\"%s\"", o->team ? "large" : "small");
    return from(ev, IDENT_user_id, str_z(a, str_fmt(a, "u%d", i % 50)));
}

static size_t put_all(rig *r, arena *a, const owed *all) {
    event *evs = make(a, event, N * 4);
    size_t n = 0;
    for (int i = 0; i < N; i++) {
        const owed *o = &all[i];
        evs[n++] = one_step(a, KIND_commitment_made, o->made_us, i, o, o->due_us);
        if (o->moved_at_us) evs[n++] = one_step(a, KIND_commitment_moved, o->moved_at_us, i, o, o->moved_to_us);
        if (o->kept_us) evs[n++] = one_step(a, KIND_commitment_kept, o->kept_us, i, o, 0);
        if (o->withdrawn_us) evs[n++] = one_step(a, KIND_commitment_withdrawn, o->withdrawn_us, i, o, 0);
    }
    rig_put(r, evs, n);
    rig_flush(r);
    return n;
}

static int by_value(const void *x, const void *y) {
    const double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

// F28 read off the list: due set, kept by the date that counts, late share, median lateness.
static void check_rate(const owed *all, const char *kind, const commitment_rate *got, int64_t now) {
    int64_t due = 0, kept = 0, late = 0;
    double late_days[N];
    for (int i = 0; i < N; i++) {
        const owed *o = &all[i];
        int64_t judged = o->moved_at_us && o->moved_at_us <= o->due_us ? o->moved_to_us : o->due_us;
        if (o->withdrawn_us || judged > now || (kind && strcmp(o->kind, kind))) continue;
        due++;
        if (o->kept_us && o->kept_us <= now && o->kept_us <= judged) kept++;
        if (o->kept_us && o->kept_us <= now && o->kept_us > judged)
            late_days[late++] = (double)(o->kept_us - judged) / (double)DAY_US;
    }
    double lo, hi, median = 0;
    qsort(late_days, (size_t)late, sizeof *late_days, by_value);
    if (late) median = late % 2 ? late_days[late / 2] : (late_days[late / 2 - 1] + late_days[late / 2]) / 2;
    proportion_wilson((double)kept / (double)due, (double)due, Z95, &lo, &hi);
    assert_int_equal(got->due, due);
    assert_int_equal(got->kept, kept);
    assert_int_equal(got->late, late);
    assert_int_equal(got->open, due - kept - late);
    assert_true(fabs(got->share.lo - lo) < 1e-9 && fabs(got->share.hi - hi) < 1e-9);
    assert_true(fabs(got->late_days - median) < 1e-9);
}

static void rates_are_those_of_f28(void **state) {
    for (uint64_t seed = 1; seed <= 3; seed++) {
        rig r;
        err e = {0};
        arena a = arena_open(64 << 20);
        owed all[N];
        rng g = rng_seed(seed);
        commitment_rate *rates;
        size_t n;
        const int64_t now = (BASE_DAY + 60) * DAY_US;
        rig_open(&r, place_of(state));
        for (int i = 0; i < N; i++) all[i] = any_owed(&g);
        put_all(&r, &a, all);
        assert_ok(commitment_rates(&a, r.s, RATES_ALL, 0, now, &rates, &n, &e), e);
        assert_int_equal(n, 1);
        check_rate(all, NULL, &rates[0], now);
        assert_ok(commitment_rates(&a, r.s, RATES_BY_KIND, 0, now, &rates, &n, &e), e);
        assert_int_equal(n, COUNT(kinds));
        for (size_t i = 0; i < n; i++) {
            check_rate(all, str_z(&a, rates[i].group), &rates[i], now);
            if (i) assert_true(rates[i - 1].share.lo <= rates[i].share.lo);
        }
        // three people are no group
        assert_ok(commitment_rates(&a, r.s, RATES_BY_TEAM, 0, now, &rates, &n, &e), e);
        assert_int_equal(n, 1);
        assert_str(rates[0].group, S("large"));
        rig_close(&r);
        arena_close(&a);
    }
}

static double took(const owed *o, int64_t until, bool pace) {
    int64_t judged = o->moved_at_us && o->moved_at_us <= o->due_us ? o->moved_to_us : o->due_us;
    return (double)(until - o->made_us) / (double)(pace ? judged - o->made_us : DAY_US);
}

// Kaplan-Meier by its definition: at each time of an ending, those still watched. In days, or in parts of the time that
// there was.
static double twin_open(const owed *all, const char *kind, int64_t now, double t, bool pace) {
    double s = 1;
    for (int i = 0; i < N; i++) {
        if (strcmp(all[i].kind, kind) || all[i].made_us > now || !all[i].kept_us || all[i].kept_us > now) continue;
        double at = took(&all[i], all[i].kept_us, pace);
        bool first = true;
        int64_t ended = 0, risk = 0;
        if (at > t) continue;
        for (int j = 0; j < N; j++) {
            const owed *o = &all[j];
            if (strcmp(o->kind, kind) || o->made_us > now) continue;
            bool kept = o->kept_us && o->kept_us <= now;
            int64_t end = kept ? o->kept_us : o->withdrawn_us && o->withdrawn_us <= now ? o->withdrawn_us : now;
            double time = took(o, end, pace);
            risk += time >= at, ended += kept && time == at;
            if (kept && time == at && j < i) first = false;
        }
        if (first) s *= 1 - (double)ended / (double)risk;
    }
    return s;
}

static void curves_offers_and_risks_agree(void **state) {
    rig r;
    err e = {0};
    arena a = arena_open(64 << 20);
    owed all[N];
    rng g = rng_seed(11);
    commitment_curves curves;
    commitment_watch w;
    const int64_t now = (BASE_DAY + 60) * DAY_US + HOUR_US / 2;
    rig_open(&r, place_of(state));
    for (int i = 0; i < N; i++) all[i] = any_owed(&g);
    put_all(&r, &a, all);
    assert_ok(commitment_curves_read(&a, r.s, now, &curves, &e), e);
    for (int days = 1; days < 12; days++) {
        int64_t made = now - 2 * DAY_US, due = made + days * DAY_US + 7;
        double late = commitment_chance_late(&curves.of[COMMITMENT_fix], made, due, now);
        double gone = (double)(now - made) / (double)(due - made);
        double want = due <= now ? 1 : twin_open(all, "fix", now, 1, true) / twin_open(all, "fix", now, gone, true);
        if (fabs(late - want) > 1e-9) fail_msg("%d days: %f, not %f", days, late, want);
    }
    commitment_offer o = commitment_offer_of(&a, &curves, COMMITMENT_fix, 0.7, now);
    assert_false(o.manager);
    assert_true(o.load >= 1 && o.load <= 3);
    assert_true(twin_open(all, "fix", now, o.days / o.load + 1e-6, false) <= 0.3 + 1e-9);
    assert_true(twin_open(all, "fix", now, o.days / o.load - 1e-6, false) > 0.3 - 1e-9);
    o = commitment_offer_of(&a, &curves, COMMITMENT_training, 0.9, now);
    assert_true(o.manager && o.why && o.date_us > now);
    assert_ok(commitment_watch_read(&a, r.s, &curves, &(commitment_watch_ask){.now_us = now, .most = 500}, &w, &e), e);
    assert_int_equal(w.due, (int64_t)w.n_oldest);
    for (size_t i = 0; i < w.n_oldest; i++) assert_true(w.oldest[i].judged_us <= now);
    for (size_t i = 0; i < w.n_risky; i++)
        assert_true(w.risky[i].late > 0.5 && w.risky[i].judged_us > now && w.risky[i].judged_us <= now + 2 * DAY_US);
    rig_close(&r);
    arena_close(&a);
}

static void people_note_what_they_say(void **state) {
    rig r;
    err e = {0};
    arena a = arena_open(16 << 20);
    commitment c;
    rig_open(&r, place_of(state));
    event ev = order("o1", 20000, 500, "7", "a@x.org");
    rig_put(&r, &ev, 1);
    rig_flush(&r);
    ledger *l = know_ledger(r.k);
    int64_t friday = INT64_C(1767366000000000), due; // Friday 2026-01-02, 15:00 UTC
    assert_ok(commitment_due_by(&a, r.s, COMMITMENT_reply, friday, &due, &e), e);
    assert_true(due == friday + 3 * DAY_US); // eight office hours: two on Friday, six on Monday
    commitment_note n = {.what = KIND_commitment_made,
                         .kind = COMMITMENT_fix,
                         .due_us = due,
                         .at_us = friday,
                         .words = S("the \"commitment\": 7 will hold"),
                         .owner = S("Olga"),
                         .by = S("test")};
    n.customer = 1;
    for (row q = store_query(r.s, Q_profile_scan, &e, ""); row_next(&q);) n.customer = row_int(&q, 1);
    assert_ok(commitment_write(l, &a, &n, &e), e);
    assert_true(commitment_get(&a, r.s, n.id, &c, &e));
    assert_int_equal(commitment_status(&c, friday), OWED_open);
    assert_str(c.what, S("the \"commitment\": 7 will hold"));
    commitment_note then = {.what = KIND_commitment_moved, .id = n.id, .at_us = friday + 1, .due_us = due + DAY_US};
    assert_ok(commitment_write(l, &a, &then, &e), e);
    then = (commitment_note){.what = KIND_commitment_kept, .id = n.id, .at_us = due + 5};
    assert_ok(commitment_write(l, &a, &then, &e), e);
    assert_true(commitment_get(&a, r.s, n.id, &c, &e));
    assert_int_equal(commitment_status(&c, due + DAY_US), OWED_renegotiated);
    assert_false(commitment_write(l, &a, &then, &e)); // it is over
    assert_int_equal(e.code, ERR_conflict);
    e = (err){0};
    // what is said now comes after what was said before, though the clock stands still
    for (int round = 0; round < 4; round++) {
        then = (commitment_note){.what = round % 2 ? KIND_commitment_withdrawn : KIND_commitment_reopened, .id = n.id};
        assert_ok(commitment_write(l, &a, &then, &e), e);
        assert_true(commitment_get(&a, r.s, n.id, &c, &e));
        assert_int_equal(commitment_closed(&c), round % 2);
    }
    then.id = 12345;
    assert_false(commitment_write(l, &a, &then, &e));
    assert_int_equal(e.code, ERR_not_found);
    rig_flush(&r);
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_are_those_of_f28),
        cmocka_unit_test(curves_offers_and_risks_agree),
        cmocka_unit_test(people_note_what_they_say),
    };
    return rig_run(tests, COUNT(tests));
}
