#include "base/civil.h"

#include "know/panel_private.h"
#include "sql/know.h"
#include "stats/many.h"
#include "stats/nps.h"
#include "stats/proportion.h"
#include "stats/rate.h"
#include "stats/spread.h"
#include "stats/survival.h"

enum { ANY_SPLIT = 1, SEGMENT_ONLY = 0 };

static const measure_info infos[] = {
#define MEASURE(name, label, unit, better, reads, splits, formula, method, text)                                       \
    {#name, label, formula, method, text, UNIT_##unit, better, READS_##reads, splits},
#include "know/measures.def"
};

const measure_info *measure_get(enum measure m) {
    return &infos[m];
}

bool measure_of(str name, enum measure *m) {
    for (int i = 0; i < MEASURES; i++)
        if (str_eq_ci(name, str_c(infos[i].name))) return *m = (enum measure)i, true;
    return false;
}

const char *unit_name(enum unit u) {
    static const char *const names[] = {"points", "share", "per 1,000", "mark", "seconds"};
    return names[u];
}

int64_t panel_customers(const panel *p) {
    return p->customers;
}

static const cell *at(const panel *p, int span, int group) {
    return &p->cells[span * p->room_groups + group];
}

int64_t panel_active(const panel *p, int span, int group) {
    return at(p, span, group)->active;
}

// Answers come from a company's own customers, of whom there are so many and no more. More answers than customers
// (several from one person, or from strangers) leave the population unlimited.
static sampling among(const panel *p, const cell *c, int64_t n) {
    return (sampling){
        .base = p->ask.split == SPLIT_CHANNEL || p->ask.split == SPLIT_SOURCE || n > c->customers ? 0 : c->customers};
}

static int64_t sum(const int64_t *v, int n) {
    int64_t s = 0;
    for (int i = 0; i < n; i++) s += v[i];
    return s;
}

static estimate mean_mark(arena *a, const cell *c, sampling s) {
    double total = 0, squares = 0;
    for (int i = 0; i < 5; i++)
        total += (double)c->stars[i] * (i + 1), squares += (double)c->stars[i] * (i + 1) * (i + 1);
    estimate e = spread_mean_of(a, sum(c->stars, 5), total, squares, s);
    estimate_clamp(&e, 1, 5);
    return e;
}

// A median with the variance that its interval speaks of, so that two can be compared.
static estimate median(arena *a, const doubles *d, const char *none) {
    if (!d->n) return estimate_none("median, order statistics", none);
    double *copy = make(a, double, d->n);
    memcpy(copy, d->v, d->n * sizeof *copy);
    estimate e = spread_median(a, copy, d->n, (sampling){0});
    if (e.state == ESTIMATE_OK && e.hi > e.lo) {
        double se = (e.hi - e.lo) / (2 * Z95);
        e.var = se * se, e.point = e.value;
    }
    return e;
}

static estimate still_here(arena *a, const cell *c) {
    if (!c->ended) return estimate_none("Kaplan-Meier", "nobody has been a customer for a day yet");
    stay *x = make(a, stay, 2 * (STAY_DAYS + 1));
    size_t n = 0;
    for (int d = 0; d <= STAY_DAYS; d++) {
        if (c->ended[d]) x[n++] = (stay){.time = d, .ended = true, .count = c->ended[d]};
        if (c->watched[d]) x[n++] = (stay){.time = d, .count = c->watched[d]};
    }
    survival k = survival_fit(a, x, n);
    return survival_at(a, &k, 365);
}

static estimate retained(arena *a, const cell *c, bool net) {
    if (!c->contracts) return estimate_none("delta method", "no contract was running at the start of the time");
    retention r = retention_finish(a, &c->revenue);
    return net ? r.net : r.gross;
}

static estimate share_of(arena *a, int64_t hits, int64_t n, sampling s, const char *of, const char *none) {
    if (!n) return estimate_none("Wilson", none);
    s.of = of;
    return proportion(a, hits, n, s);
}

static estimate complaint_rate(arena *a, const cell *c) {
    if (!c->active) return estimate_none("Garwood", "no active customer is known in the time");
    return rate(a, (rate_counts){c->complaints, (double)c->active}, 1000, (sampling){.of = "active customer"});
}

estimate panel_estimate(arena *a, const panel *p, enum measure m, int span, int group) {
    const cell *c = at(p, span, group);
    nps_counts n = nps_count(c->nps);
    switch (m) {
    case MEASURE_nps:
        return sum(c->nps, 11) ? nps(a, n, among(p, c, sum(c->nps, 11)))
                               : estimate_none("adjusted Wald", "nobody answered how likely they are to recommend us");
    case MEASURE_csat:
        return sum(c->csat, 5) ? proportion_csat(a, c->csat, among(p, c, sum(c->csat, 5))).share
                               : estimate_none("Wilson", "no satisfaction answers of 1 to 5");
    case MEASURE_ces:
        return sum(c->ces, 7) ? proportion_ces(a, c->ces, among(p, c, sum(c->ces, 7))).share
                              : estimate_none("Wilson", "no answers on how easy it was");
    case MEASURE_stars:
        return sum(c->stars, 5) ? mean_mark(a, c, (sampling){0})
                                : estimate_none("Student's t", "no reviews with stars");
    case MEASURE_response_rate:
        return share_of(a, c->answered, c->asked, (sampling){0}, "survey sent",
                        "no survey was sent (or none is 14 days old)");
    case MEASURE_complaints: return complaint_rate(a, c);
    case MEASURE_churn:
        return share_of(a, c->contracts_lost, c->contracts, (sampling){0}, "contract",
                        "no contract was running at the start of the time");
    case MEASURE_grr: return retained(a, c, false);
    case MEASURE_nrr: return retained(a, c, true);
    case MEASURE_still_here: return still_here(a, c);
    case MEASURE_repeat:
        return share_of(a, c->returning, c->buyers, (sampling){0}, "buyer", "nobody bought in the time");
    case MEASURE_returns:
        if (!p->returns_seen)
            return estimate_none("Wilson", "no returns are recorded: import them to see how many orders come back");
        return share_of(a, c->sent_back, c->sold, (sampling){0}, "order", "no order whose return window has closed");
    case MEASURE_first_reply: return median(a, &c->replies, "no conversation was answered by a person");
    case MEASURE_waiting: return median(a, &c->waits, "nobody waits for an answer");
    case MEASURES: break;
    }
    return estimate_none("", "");
}

change panel_change(arena *a, const panel *p, enum measure m, int now, int before, int group) {
    const cell *x = at(p, now, group), *y = at(p, before, group);
    estimate e = panel_estimate(a, p, m, now, group), f = panel_estimate(a, p, m, before, group);
    if (!estimate_shown(&e) || !estimate_shown(&f)) return change_none();
    switch (m) {
    case MEASURE_nps: return nps_change(&e, &f);
    case MEASURE_stars: return spread_mean_change(&e, &f);
    case MEASURE_complaints:
        return rate_change((rate_counts){x->complaints, (double)x->active},
                           (rate_counts){y->complaints, (double)y->active}, 1000);
    case MEASURE_csat:
    case MEASURE_ces:
    case MEASURE_response_rate:
    case MEASURE_churn:
    case MEASURE_repeat:
    case MEASURE_returns: return proportion_change(&e, &f);
    case MEASURE_grr:
    case MEASURE_nrr:
    case MEASURE_still_here:
    case MEASURE_first_reply:
    case MEASURE_waiting: return estimate_change(&e, &f);
    case MEASURES: break;
    }
    return change_none();
}

bool newest_event_us(store *s, int64_t *at_us, err *e) {
    int64_t period;
    *at_us = 0;
    if (!store_int(s, Q_event_period_last, &period, INT64_MIN, e, "")) return false;
    return period == INT64_MIN || store_int(s, Q_event_newest_in, at_us, 0, e, "i", period);
}

bool as_of_us(store *s, int64_t clock_us, int64_t *now_us, bool *historic, err *e) {
    int64_t newest;
    if (!newest_event_us(s, &newest, e)) return false;
    *historic = newest && newest < clock_us - 30 * DAY_US;
    *now_us = *historic ? floor_div(newest, DAY_US) * DAY_US + DAY_US : clock_us;
    return true;
}
