#include "decide/today.h"

#include "decide/needs.h"
#include "decide/rising.h"
#include "know/fold.h"
#include "sql/know.h"
#include "sql/ledger.h"
#include "stats/many.h"

enum { MOST = 5, MOST_RISING = 6 };

static const enum measure core[] = {MEASURE_nps,     MEASURE_csat,         MEASURE_ces,     MEASURE_stars,
                                    MEASURE_churn,   MEASURE_grr,          MEASURE_nrr,     MEASURE_still_here,
                                    MEASURE_repeat,  MEASURE_complaints,   MEASURE_returns, MEASURE_first_reply,
                                    MEASURE_waiting, MEASURE_response_rate};

static void say_unknown(arena *a, today *t, str what, const char *why) {
    t->unknown[t->n_unknown++] = (today_unknown){what, why ? str_dup(a, str_c(why)) : S("")};
}

// The name alone stands for the usual stretch up to now, which is what people type.
static str stretch_id(arena *a, const char *name, int days) {
    if (days == TODAY_DAYS) return str_c(name);
    return str_fmt(a, "%s:%dd", name, days);
}

// All changes of the page are judged together, so that one in twenty does not cry wolf.
static void judge(arena *a, const panel *p, int days, today *t) {
    double ps[COUNT(core)];
    t->measures = make(a, today_measure, COUNT(core));
    for (size_t i = 0; i < COUNT(core); i++) {
        today_measure m = {
            .m = core[i], .now = panel_estimate(a, p, core[i], 0, 0), .before = panel_estimate(a, p, core[i], 1, 0)};
        if (!estimate_shown(&m.now)) {
            say_unknown(a, t, str_c(measure_get(core[i])->label), m.now.why);
            continue;
        }
        m.moved = panel_change(a, p, core[i], 0, 1, 0);
        ps[t->n_measures] = m.moved.p;
        m.evidence = stretch_id(a, measure_get(core[i])->name, days);
        t->measures[t->n_measures++] = m;
    }
    many_adjust(*a, ps, ps, (size_t)t->n_measures);
    for (int i = 0; i < t->n_measures; i++) {
        today_measure *m = &t->measures[i];
        m->verdict = verdict_of(&m->now, &m->before, &m->moved, measure_get(m->m)->better, ps[i]);
    }
}

static bool read_marks(arena *a, store *s, today *t, err *e) {
    (void)a;
    for (row r = store_query(s, Q_source_names, e, ""); row_next(&r);) t->sample |= row_int(&r, 3) != 0;
    return err_ok(e) && store_int(s, Q_quarantine_count, &t->quarantined, 0, e, "i", (int64_t)0);
}

bool today_read(arena *a, store *s, const today_opts *o, today *t, err *e) {
    *t = (today){.unknown = make(a, today_unknown, COUNT(core) + 8)};
    zone *z;
    panel *p;
    int days = o->days ? o->days : TODAY_DAYS, most = o->most ? o->most : MOST;
    if (!as_of_us(s, o->clock_us, &t->now_us, &t->historic, e) || !store_zone(s, a, &z, e) || !read_marks(a, s, t, e))
        return false;
    t->zone = zone_name(z);
    t->now = (time_span){t->now_us - days * DAY_US, t->now_us};
    t->before = (time_span){t->now_us - 2 * days * DAY_US, t->now_us - days * DAY_US};
    time_span spans[] = {t->now, t->before};
    panel_ask ask = {.spans = spans, .n_spans = 2, .wanted = ~(uint32_t)0, .now_us = t->now_us};
    if (!panel_read(a, s, &ask, &p, e)) return false;
    t->customers = panel_customers(p), t->active = panel_active(p, 0, 0);
    judge(a, p, days, t);
    if (!needs_find(a, s, t->now_us, days, most, t, e) || !rising_find(a, s, t->now_us, MOST_RISING, t, e))
        return false;
    if (!t->texts_now)
        say_unknown(a, t, S("What is rising"), "nobody wrote or said anything in the last four weeks");
    else if (!t->texts_before)
        say_unknown(a, t, S("What is rising"), "there are no words before the last four weeks to compare with");
    return true;
}
