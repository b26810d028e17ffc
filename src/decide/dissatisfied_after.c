// What became of those who were listed: figures that need nobody's answer.
#include "decide/dissatisfied_private.h"
#include "decide/dissatisfied_right.h"

#include "know/feedback.h"
#include "know/fold.h"
#include "know/measure.h"
#include "sql/decide_dissatisfied.h"
#include "sql/know.h"
#include "stats/proportion.h"

#include <math.h>

const char *dissatisfied_outcome_name(enum dissatisfied_outcome o) {
    static const char *const names[] = {"unhappy", "lost", "stopped"};
    return names[o];
}

const char *dissatisfied_outcome_text(enum dissatisfied_outcome o) {
    static const char *const texts[] = {"gave a bad score or complained, of those who gave a score or complained",
                                        "ended all contracts, of those who were under contract",
                                        "went silent, of those who bought in a rhythm and were not silent"};
    return texts[o];
}

typedef struct {
    map64 listed;
    int64_t then_us, now_us;
    zone *z;
    arena scratch;
    dissatisfied_after *out;
} following;

static void count(following *f, enum dissatisfied_outcome o, int64_t customer, bool hit) {
    dissatisfied_later *x = &f->out->of[o];
    if (map64_get(&f->listed, customer) >= 0)
        x->of++, x->hit += hit;
    else
        x->other_of++, x->other_hit += hit;
}

// Each customer once, however much they said: unhappy if any of it was.
static bool follow_words(following *f, arena *a, store *s, err *e) {
    map64 heard = map64_new(a, 1024);
    for (row r = store_query(s, Q_dissatisfied_said, e, "iiii", f->then_us, f->now_us,
                             (int64_t)event_period(f->then_us), (int64_t)event_period(f->now_us));
         row_next(&r);) {
        bool made;
        const bool has_score = !row_null(&r, 5), complaint = row_int(&r, 3) == KIND_complaint;
        if (!has_score && !complaint) continue;
        const bool bad = complaint || score_mood((enum instrument)row_int(&r, 4), row_int(&r, 5)) < 0;
        int32_t *at = map64_at(&heard, row_int(&r, 7), bad, &made);
        *at |= bad;
    }
    for (size_t i = 0; err_ok(e) && i < heard.cap; i++)
        if (heard.vals[i] >= 0) count(f, LATER_unhappy, heard.keys[i], heard.vals[i] > 0);
    return err_ok(e);
}

static void follow_one(following *f, int64_t customer, const timeline *t) {
    int64_t monthly;
    int32_t gap, last, gap_now, last_now;
    const int32_t then = zone_days(f->z, f->then_us), now = zone_days(f->z, f->now_us);
    if (contract_at(t, f->then_us, &monthly)) count(f, LATER_lost, customer, !contract_at(t, f->now_us, &monthly));
    if (!rhythm_at(f->scratch, t, then, &gap, &last) || rhythm_is_silent(gap, then - last)) return;
    if (then - last > 365 || !rhythm_at(f->scratch, t, now, &gap_now, &last_now)) return;
    count(f, LATER_stopped, customer, last_now == last && rhythm_is_silent(gap, now - last));
}

static bool follow_customers(following *f, store *s, err *e) {
    for (row r = store_query(s, Q_summary_scan, e, ""); row_next(&r);) {
        arena a = f->scratch;
        timeline t;
        if (row_int(&r, 1) >= f->then_us || row_int(&r, 2) < f->then_us - DISSATISFIED_ACTIVE_DAYS * DAY_US) continue;
        if (row_null(&r, 21) && row_int(&r, 5) < 4) continue;
        if (!timeline_decode(&a, row_str(&r, 25), &t, e)) return row_end(&r), false;
        following inner = *f;
        inner.scratch = a;
        follow_one(&inner, row_int(&r, 0), &t);
    }
    return err_ok(e);
}

bool dissatisfied_outcomes(arena *a, store *s, int64_t now_us, int days, dissatisfied_after *out, err *e) {
    dissatisfaction d;
    *out = (dissatisfied_after){.days = days};
    following f = {.then_us = now_us - days * DAY_US, .now_us = now_us, .out = out, .listed = map64_new(a, 256)};
    if (!store_zone(s, a, &f.z, e) || !dissatisfied_find(a, s, &(dissatisfied_ask){.at_us = f.then_us}, &d, e))
        return false;
    for (size_t i = 0; i < d.n; i++)
        if (dissatisfied_listed(&d.v[i])) map64_put(&f.listed, d.v[i].customer, 1);
    out->listed = d.listed;
    f.scratch = arena_open((size_t)1 << 30);
    bool ok = follow_words(&f, a, s, e) && follow_customers(&f, s, e);
    arena_close(&f.scratch);
    for (int o = 0; ok && o < DISSATISFIED_OUTCOMES; o++) {
        dissatisfied_later *x = &out->of[o];
        x->listed = proportion(a, x->hit, x->of, (sampling){.of = "customer"});
        x->others = proportion(a, x->other_hit, x->other_of, (sampling){.of = "customer"});
        x->diff = proportion_change(&x->listed, &x->others);
        const bool enough = x->of >= STRATUM_LEAST && x->other_of >= STRATUM_LEAST;
        x->times = enough ? lift_of(x->hit, x->of, x->other_hit, x->other_of) : (lift){NAN, NAN, NAN};
    }
    return ok;
}
