#include <math.h>

#include "base/civil.h"

#include "act/commitment_rates.h"
#include "know/settings.h"
#include "know/standard.h"
#include "sql/act.h"
#include "stats/proportion.h"

enum {
    MOST_GROUPS = 500,
    MOST_TIMES = 50000,
    HISTORY_DAYS = 365,
    LOAD_DAYS = 90,
    TEAM = 5,
    WATCHED = 50,
    AHEAD_MOST = 50000
};

static double days_between(int64_t from_us, int64_t to_us) {
    return (double)(to_us - from_us) / (double)DAY_US;
}

// ---- fixes ----

enum { SILENCE_DAYS = 7 };

bool commitment_silence(store *s, int64_t *silence_us, err *e) {
    arena a = arena_open(1 << 16);
    str text;
    int64_t days = SILENCE_DAYS;
    bool ok = settings_get(&a, s, "fix_silence_days", &text, e);
    if (ok && text.len && (!str_i64(text, &days) || days < 0 || days > 365)) days = SILENCE_DAYS;
    *silence_us = days * DAY_US;
    arena_close(&a);
    return ok;
}

enum fix_word commitment_fix_word(const commitment *c, int64_t silence_us, int64_t now_us) {
    if (c->confirmed_us) return FIX_CONFIRMED;
    if (!c->kept_us) return c->reopened ? FIX_REOPENED : FIX_UNSOLVED;
    return c->kept_us + silence_us <= now_us ? FIX_SILENT : FIX_WAITING;
}

const char *fix_word_name(enum fix_word w) {
    static const char *const names[] = {"unsolved", "waiting", "silent", "confirmed", "reopened"};
    return names[w];
}

// ---- rates ----

typedef struct {
    commitment_rate r;
    double *lateness;
    size_t n, room;
    uint64_t people[TEAM]; // hashes of different ones
    int n_people;
} group;

static group *group_at(arena *a, group *all, size_t *n, str name, int64_t standard_id) {
    for (size_t i = 0; i < *n; i++)
        if (all[i].r.standard == standard_id && str_eq(all[i].r.group, name)) return &all[i];
    if (*n == MOST_GROUPS) return NULL;
    all[*n] = (group){.r.group = str_dup(a, name), .r.standard = standard_id};
    return &all[(*n)++];
}

static void push_lateness(arena *a, group *g, double days) {
    if (g->n == g->room) {
        double *more = make(a, double, g->room = g->room ? g->room * 2 : 64);
        if (g->n) memcpy(more, g->lateness, g->n * sizeof *more);
        g->lateness = more;
    }
    g->lateness[g->n++] = days;
}

static void count_fix(group *g, const commitment *c, int64_t silence_us, int64_t now_us) {
    g->r.reopened += c->reopened > 0;
    switch (commitment_fix_word(c, silence_us, now_us)) {
    case FIX_CONFIRMED: g->r.confirmed++; break;
    case FIX_SILENT: g->r.silent++; break;
    case FIX_WAITING: g->r.waiting++; break;
    case FIX_UNSOLVED:
    case FIX_REOPENED: break;
    }
}

static void count(arena *a, group *g, const commitment *c, int64_t silence_us, int64_t now_us) {
    switch (commitment_status(c, now_us)) {
    case OWED_kept: g->r.kept++; break;
    case OWED_renegotiated: g->r.kept++, g->r.renegotiated++; break;
    case OWED_kept_late: g->r.late++, push_lateness(a, g, days_between(c->judged_us, c->kept_us)); break;
    case OWED_broken: g->r.open++; break;
    case OWED_open:
    case OWED_withdrawn:
    case OWED_void:
    case OWED_STATUSES: return;
    }
    g->r.due++;
    if (c->kind == COMMITMENT_fix) count_fix(g, c, silence_us, now_us);
}

static void take_person(group *g, str owner) {
    uint64_t h = str_hash(owner);
    for (int i = 0; i < g->n_people; i++)
        if (g->people[i] == h) return;
    if (owner.len && g->n_people < TEAM) g->people[g->n_people++] = h;
}

static int by_size(const void *x, const void *y) {
    const double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

static int worst_first(const void *x, const void *y) {
    const commitment_rate *a = x, *b = y;
    if (a->share.lo < b->share.lo) return -1;
    if (a->share.lo > b->share.lo) return 1;
    const int by_name = str_cmp(a->group, b->group);
    return by_name ? by_name : (a->standard > b->standard) - (a->standard < b->standard);
}

static commitment_rate finish(arena *a, group *g) {
    const sampling of = {.of = "promise"};
    g->r.share = proportion(a, g->r.kept, g->r.due, of);
    g->r.late_share = proportion(a, g->r.late, g->r.due, of);
    if (g->n) {
        qsort(g->lateness, g->n, sizeof *g->lateness, by_size);
        g->r.late_days = (g->lateness[(g->n - 1) / 2] + g->lateness[g->n / 2]) / 2;
    }
    return g->r;
}

// A standard by its newest name.
static str standard_name(const standards *all, int64_t id) {
    size_t n;
    str name = {0};
    const standard *rows = standards_rows(all, &n);
    for (size_t i = 0; i < n; i++)
        if (rows[i].id == id) name = rows[i].name;
    return name;
}

static str group_name(enum rates_by by, enum commitment_kind kind, const standards *all, const row *r) {
    switch (by) {
    case RATES_BY_STANDARD: return standard_name(all, row_int(r, 12));
    case RATES_BY_KIND: return str_c(commitment_kind_row(kind)->name);
    case RATES_BY_TEAM: return row_str(r, 8);
    case RATES_BY_SEGMENT: return row_str(r, 9);
    case RATES_ALL: break;
    }
    return S("all");
}

bool commitment_rates(arena *a, store *s, enum rates_by by, int64_t since_us, int64_t now_us, commitment_rate **out,
                      size_t *n, err *e) {
    group *all = make(a, group, MOST_GROUPS);
    size_t k = 0;
    int64_t silence_us;
    standards *rules = NULL;
    *n = 0;
    if (!commitment_silence(s, &silence_us, e)) return false;
    if (by == RATES_BY_STANDARD && !standards_read(a, s, &rules, e)) return false;
    for (row r = store_query(s, Q_commitment_judged_between, e, "ii", since_us, now_us); row_next(&r);) {
        commitment c = {.kind = (enum commitment_kind)row_int(&r, 0),
                        .made_us = row_int(&r, 1),
                        .first_due_us = row_int(&r, 2),
                        .judged_us = row_int(&r, 3),
                        .kept_us = row_int(&r, 4),
                        .withdrawn_us = row_int(&r, 5),
                        .void_us = row_int(&r, 6),
                        .reopened = (int32_t)row_int(&r, 10),
                        .confirmed_us = row_int(&r, 11)};
        const int64_t standard_id = by == RATES_BY_STANDARD ? row_int(&r, 12) : 0;
        if (by == RATES_BY_STANDARD && !standard_id) continue;
        if (by != RATES_BY_KIND && commitment_is_theirs(c.kind)) continue;
        // Kept after now is not kept yet: a rate of last year counts what was known then.
        if (c.kept_us > now_us) c.kept_us = 0;
        if (c.confirmed_us > now_us) c.confirmed_us = 0;
        group *g = group_at(a, all, &k, group_name(by, c.kind, rules, &r), standard_id);
        if (g) take_person(g, row_str(&r, 7)), count(a, g, &c, silence_us, now_us);
    }
    *out = make(a, commitment_rate, k + 1);
    for (size_t i = 0; i < k; i++)
        if (all[i].r.due && (by != RATES_BY_TEAM || all[i].n_people == TEAM)) (*out)[(*n)++] = finish(a, &all[i]);
    if (*n) qsort(*out, *n, sizeof **out, worst_first);
    return err_ok(e);
}

// ---- curves ----

typedef struct {
    stay *stays, *paces;
    size_t n, n_paces, room;
    double open_days; // within the last 90 days, of all together
    int64_t open;
} taken;

static stay *grown(arena *a, const stay *x, size_t n, size_t room) {
    stay *more = make(a, stay, room);
    if (n) memcpy(more, x, n * sizeof *more);
    return more;
}

static void take_time(arena *a, taken *t, const commitment *c, int64_t now_us) {
    const int64_t made_us = c->made_us, kept_us = c->kept_us, withdrawn_us = c->withdrawn_us;
    bool kept = kept_us && kept_us <= now_us && !(withdrawn_us && withdrawn_us < kept_us);
    int64_t end_us = kept ? kept_us : withdrawn_us && withdrawn_us <= now_us ? withdrawn_us : now_us;
    int64_t window_us = now_us - LOAD_DAYS * DAY_US;
    t->open += end_us == now_us && !kept;
    if (end_us > window_us) t->open_days += days_between(MAX(made_us, window_us), end_us);
    if (t->n == t->room) {
        t->room = t->room ? t->room * 2 : 256;
        t->stays = grown(a, t->stays, t->n, t->room);
        t->paces = grown(a, t->paces, t->n_paces, t->room);
    }
    // Noted as kept before it was made: kept at once.
    stay took = {.time = fmax(days_between(made_us, end_us), 1e-9), .ended = kept};
    t->stays[t->n++] = took;
    if (c->judged_us <= made_us) return; // no date, or no time at all
    took.time = fmax(took.time / days_between(made_us, c->judged_us), 1e-9);
    t->paces[t->n_paces++] = took;
}

bool commitment_curves_read(arena *a, store *s, int64_t now_us, commitment_curves *out, err *e) {
    taken all[COMMITMENT_KINDS] = {0};
    int64_t since_us = now_us - HISTORY_DAYS * DAY_US, first_us = now_us;
    *out = (commitment_curves){0};
    for (row r = store_query(s, Q_commitment_times, e, "iii", since_us, now_us, (int64_t)MOST_TIMES); row_next(&r);) {
        int64_t kind = row_int(&r, 0);
        commitment c = {.made_us = row_int(&r, 1),
                        .kept_us = row_int(&r, 2),
                        .withdrawn_us = row_int(&r, 3),
                        .judged_us = row_int(&r, 4)};
        first_us = MIN(first_us, c.made_us);
        if (kind > COMMITMENT_none && kind < COMMITMENT_KINDS) take_time(a, &all[kind], &c, now_us);
    }
    // The load is usual only over the time that there are promises of.
    double days = fmin(LOAD_DAYS, fmax(days_between(first_us, now_us), 1));
    for (int k = 0; k < COMMITMENT_KINDS; k++) {
        if (!all[k].n) continue;
        out->of[k].fit = survival_fit(a, all[k].stays, all[k].n);
        if (all[k].n_paces) out->of[k].pace = survival_fit(a, all[k].paces, all[k].n_paces);
        out->of[k].open = all[k].open;
        out->of[k].usual_open = all[k].open_days / days;
    }
    return err_ok(e);
}

// ---- an offer ----

enum { LEAST_LOAD = 1, MOST_LOAD = 3, WIDE = 2 };

commitment_offer commitment_offer_of(arena *a, const commitment_curves *curves, enum commitment_kind k, double chance,
                                     int64_t now_us) {
    const commitment_curve *c = &curves->of[k];
    commitment_offer o = {.load = 1, .n = c->fit.n, .manager = c->fit.n < OFFER_NEEDS};
    // A quiet day is no reason to promise more than history says; a heavy one is held to three times the usual.
    if (c->usual_open > 0) o.load = fmin(MOST_LOAD, fmax(LEAST_LOAD, (double)c->open / c->usual_open));
    if (o.manager) {
        o.days = WIDE * commitment_kind_row(k)->hours / 8.0;
        if (commitment_kind_row(k)->clock == CLOCK_ALWAYS) o.days = WIDE * commitment_kind_row(k)->hours / 24.0;
        o.why = "fewer than 20 of this kind are known: a wide guess, which a manager should look at";
    } else {
        estimate q = survival_quantile(a, &c->fit, chance);
        if (q.state == ESTIMATE_REFUSED || q.state == ESTIMATE_NONE) {
            o.days = isfinite(q.lo) ? q.lo : 0;
            o.why = "so large a share of this kind was not kept within the time we know of";
            return o;
        }
        o.days = q.value;
    }
    o.days *= o.load;
    o.date_us = now_us + (int64_t)(o.days * (double)DAY_US);
    return o;
}

// ---- at risk ----

// The share still open after t days; the curve stays where it is after its last step.
static double still_open(const survival *k, double t) {
    size_t lo = 0, hi = k->n_steps;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (k->steps[mid].time <= t)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo ? k->steps[lo - 1].s : 1;
}

double commitment_chance_late(const commitment_curve *c, int64_t made_us, int64_t due_us, int64_t now_us) {
    if (c->pace.n < OFFER_NEEDS) return NAN;
    if (due_us <= now_us) return 1;
    double now = still_open(&c->pace, days_between(made_us, now_us) / days_between(made_us, due_us));
    return now > 0 ? still_open(&c->pace, 1) / now : NAN;
}

static commitment_watched read_watched(const commitment_curves *curves, const row *r, int64_t now_us) {
    commitment_watched w = {row_int(r, 0), row_int(r, 2), row_int(r, 3), (enum commitment_kind)row_int(r, 1), NAN};
    if (w.kind > COMMITMENT_none && w.kind < COMMITMENT_KINDS)
        w.late = commitment_chance_late(&curves->of[w.kind], w.made_us, w.judged_us, now_us);
    return w;
}

static int likeliest_first(const void *x, const void *y) {
    const commitment_watched *a = x, *b = y;
    if (a->late > b->late) return -1;
    if (a->late < b->late) return 1;
    return (a->judged_us > b->judged_us) - (a->judged_us < b->judged_us);
}

bool commitment_watch_read(arena *a, store *s, const commitment_curves *curves, const commitment_watch_ask *ask,
                           commitment_watch *out, err *e) {
    int64_t now = ask->now_us, until = now + (ask->ahead_us ? ask->ahead_us : 2 * DAY_US);
    int64_t most_ahead = ask->most_ahead ? ask->most_ahead : AHEAD_MOST;
    size_t most = ask->most ? ask->most : WATCHED;
    double risk = ask->risk > 0 ? ask->risk : 0.5;
    *out = (commitment_watch){.oldest = make(a, commitment_watched, most),
                              .risky = make(a, commitment_watched, (size_t)most_ahead + 1)};
    if (!store_int(s, Q_commitment_due_count, &out->due, 0, e, "i", now)) return false;
    for (row r = store_query(s, Q_commitment_due, e, "iii", INT64_MIN, now, (int64_t)most); row_next(&r);)
        out->oldest[out->n_oldest++] = read_watched(curves, &r, now);
    for (row r = store_query(s, Q_commitment_due, e, "iii", now, until, most_ahead); row_next(&r); out->ahead++) {
        commitment_watched w = read_watched(curves, &r, now);
        if (w.late > risk) out->risky[out->n_risky++] = w;
    }
    out->risky_count = (int64_t)out->n_risky;
    if (out->n_risky) qsort(out->risky, out->n_risky, sizeof *out->risky, likeliest_first);
    out->n_risky = MIN(out->n_risky, most);
    return err_ok(e);
}
