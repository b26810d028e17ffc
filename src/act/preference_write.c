// What a person allows us, read for their page and written as they say it.
#include "act/preference.h"
#include "base/civil.h"
#include "know/consent.h"
#include "know/told.h"
#include "sql/act_gate.h"
#include "sql/know.h"

enum { MOST_PROFILES = 4096, FOR_EVER_DAYS = 36500 };

typedef struct {
    int64_t *ids;
    size_t n;
    ident best; // by which events name them
} people;

static bool read_people(arena *a, store *s, int64_t profile, preferences *out, people *x, err *e) {
    x->ids = make(a, int64_t, MOST_PROFILES);
    if (!store_int(s, Q_gate_customer_of, &out->customer, 0, e, "i", profile)) return false;
    if (!out->customer) return fail(e, ERR_not_found, "there is nobody here any more");
    for (row r = store_query(s, Q_profile_of_customer, e, "i", out->customer); row_next(&r);) {
        if (x->n < MOST_PROFILES) x->ids[x->n++] = row_int(&r, 0);
        if (!out->name.len) out->name = str_dup(a, row_str(&r, 2));
        if (!out->lang.len) out->lang = str_dup(a, row_str(&r, 5));
    }
    return err_ok(e);
}

static void read_state(preferences *out, const consent *list, size_t n) {
    for (int p = PURPOSE_none + 1; p < PURPOSES; p++) {
        const purpose_row *of = purpose_of((enum purpose)p);
        if (!of) continue;
        out->of[p] = (preference_state){.given = !of->opt_in};
        for (size_t i = 0; i < n; i++)
            if (str_eq(list[i].purpose, str_c(of->name)))
                out->of[p] = (preference_state){list[i].given, true, list[i].at_us};
    }
}

static bool read_all(arena *a, store *s, int64_t profile, int64_t now_us, preferences *out, people *x, err *e) {
    consent *list;
    size_t n;
    *out = (preferences){0};
    if (!read_people(a, s, profile, out, x, e) || !consent_read(a, s, x->ids, x->n, &list, &n, e)) return false;
    read_state(out, list, n);
    for (size_t i = 0; i < x->n; i++)
        for (row r = store_query(s, Q_gate_pause_get, e, "i", x->ids[i]); row_next(&r);)
            if (row_int(&r, 0) > now_us) out->paused_until_us = MAX(out->paused_until_us, row_int(&r, 0));
    return err_ok(e);
}

bool preferences_read(arena *a, store *s, int64_t profile, int64_t now_us, preferences *out, err *e) {
    people x = {0};
    return read_all(a, s, profile, now_us, out, &x, e);
}

// ---- writing ----

typedef struct {
    ledger *l;
    arena *a;
    store *s;
    int64_t now_us, profile;
    preferences was;
    people who;
    event *events;
    int32_t *rows;
    size_t n;
} writing;

static void say(writing *w, enum purpose p, bool given) {
    const purpose_row *of = purpose_of(p);
    const preference_state *was = &w->was.of[p];
    if (!of || (was->said && was->given == given)) return;
    event *ev = &w->events[w->n];
    *ev = (event){.kind = KIND_consent, .channel = CHANNEL_web, .mood = MOOD_UNKNOWN, .n_ids = 1};
    ev->ids[0] = w->who.best;
    // What is said now comes after what was said before, however coarse the clock.
    ev->at_us = MAX(w->now_us, was->at_us + 1);
    ev->topic = str_c(of->name), ev->value = given, ev->has_value = true;
    ev->extra = S("\"by\":\"customer\",\"evidence\":\"page of preferences\"");
    ev->ext = str_fmt(w->a, "preference:%" PRId64 ":%s:%d:%" PRId64, w->profile, of->name, given, ev->at_us);
    w->rows[w->n] = (int32_t)w->n;
    w->n++;
}

static void gather(writing *w, enum purpose token, const preference_said *said) {
    for (int p = PURPOSE_none + 1; p < PURPOSES; p++) {
        uint32_t bit = UINT32_C(1) << p;
        enum purpose x = (enum purpose)p;
        if (said->what == PREFER_all_off) say(w, x, false);
        if (said->what == PREFER_one_click && x == token) say(w, x, false);
        if (said->what == PREFER_undo && x == token) say(w, x, true);
        // What was on the form as it stands by itself is not said anew.
        bool on = (said->on & bit) != 0, stands = !w->was.of[p].said && w->was.of[p].given == on;
        if (said->what == PREFER_save && said->shown & bit && !stands) say(w, x, on);
    }
}

static bool write_events(writing *w, err *e) {
    int64_t source, import;
    tally t;
    if (!told_place(w->l, S("preferences"), w->was.customer, &source, &import, e)) return false;
    intake in = {.events = w->events, .row_of = w->rows, .n = w->n, .rows = (int64_t)w->n};
    return ledger_write(w->l, import, &in, &t, e);
}

static bool set_pause(writing *w, int64_t until_us, err *e) {
    bool ok = store_begin(w->s, e);
    for (size_t i = 0; ok && !until_us && i < w->who.n; i++)
        ok = store_run(w->s, Q_gate_pause_drop, NULL, e, "i", w->who.ids[i]);
    if (until_us) ok = ok && store_run(w->s, Q_gate_pause_put, NULL, e, "iii", w->was.customer, w->now_us, until_us);
    if (!ok || !ledger_commit(w->l, e)) return store_rollback(w->s), false;
    return true;
}

bool preference_write(ledger *l, arena *a, int64_t profile, enum purpose p, const preference_said *said, err *e) {
    const world *clock = ledger_world(l);
    writing w = {.l = l, .a = a, .s = ledger_store(l), .now_us = clock->now_us(clock), .profile = profile};
    if (!read_all(a, w.s, profile, w.now_us, &w.was, &w.who, e)) return false;
    if (said->what == PREFER_wake) return set_pause(&w, 0, e);
    if (said->what == PREFER_pause) {
        if (said->days < 1 || said->days > FOR_EVER_DAYS) return fail(e, ERR_invalid, "a pause is from one day on");
        return set_pause(&w, w.now_us + said->days * DAY_US, e);
    }
    w.events = make(a, event, PURPOSES), w.rows = make(a, int32_t, PURPOSES);
    if (!told_ident(a, w.s, w.was.customer, &w.who.best, NULL, e)) return false;
    gather(&w, p, said);
    if (!w.n) return true;
    if (w.who.best.kind) return write_events(&w, e);
    // Somebody who cannot be named safely cannot have an event of their own. What they refuse is refused all the same.
    bool refuses = false;
    for (size_t i = 0; i < w.n; i++) refuses |= !w.events[i].value;
    return refuses ? set_pause(&w, INT64_MAX, e)
                   : fail(e, ERR_conflict, "this cannot be noted; please write to us instead");
}
