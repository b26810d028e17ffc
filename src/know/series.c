#include "know/series.h"

#include "know/fold.h"

static const char *const splits[] = {"", "month", "segment", "channel", "source"};

bool split_of(str name, enum split *out) {
    for (size_t i = 0; i < COUNT(splits); i++)
        if (str_eq(name, str_c(splits[i]))) return *out = (enum split)i, true;
    return false;
}

const char *split_name(enum split s) {
    return splits[s];
}

// The names of the months, whole ones but for the ends. Returns how many there are; `spans` has room for SERIES_MONTHS.
static int series_months(const zone *z, time_span all, time_span *spans) {
    ymd d;
    int n = 0;
    for (int64_t at = all.since_us; at < all.until_us && n < SERIES_MONTHS;) {
        (void)zone_second(z, at, &d);
        int64_t next = zone_day_start_us(z, add_months(days_of((ymd){d.year, d.month, 1}), 1));
        spans[n++] = (time_span){at, MIN(next, all.until_us)};
        at = next;
    }
    return n;
}

// Without a name, all that can be split as asked.
static uint32_t all_wanted(enum split split) {
    uint32_t w = 0;
    for (int m = 0; m < MEASURES; m++)
        if (measure_get((enum measure)m)->any_split || (split != SPLIT_CHANNEL && split != SPLIT_SOURCE))
            w |= (uint32_t)1 << m;
    return w;
}

bool series_read(arena *a, store *s, const series_ask *ask, series *out, err *e) {
    zone *z;
    *out = (series){.split = ask->split, .wanted = ask->wanted ? ask->wanted : all_wanted(ask->split)};
    if (!store_zone(s, a, &z, e) || !as_of_us(s, ask->clock_us, &out->now_us, &out->historic, e)) return false;
    out->z = z;
    time_span all = {ask->since_us ? ask->since_us : out->now_us - 365 * DAY_US,
                     ask->until_us ? ask->until_us : out->now_us};
    if (all.since_us >= all.until_us) return fail(e, ERR_invalid, "the time ends before it begins");
    out->spans = make(a, time_span, SERIES_MONTHS);
    out->spans[0] = all, out->n_spans = 1;
    if (ask->split == SPLIT_MONTH)
        out->n_spans = series_months(z, all, out->spans);
    else if (ask->compare)
        out->spans[out->n_spans++] = (time_span){all.since_us - (all.until_us - all.since_us), all.since_us},
        out->compared = true;
    panel_ask q = {.spans = out->spans,
                   .n_spans = out->n_spans,
                   .split = ask->split,
                   .wanted = out->wanted,
                   .only = ask->only,
                   .now_us = out->now_us};
    return panel_read(a, s, &q, &out->p, e);
}

// A month stands beside the one before it, everything else beside the time before.
static series_row row_at(arena *a, const series *x, enum measure m, int span, int group) {
    bool months = x->split == SPLIT_MONTH;
    int before = months ? span - 1 : x->compared ? 1 : -1;
    series_row r = {
        .span = span, .group = group, .now = panel_estimate(a, x->p, m, span, group), .moved = change_none()};
    if (before < 0) return r.before = estimate_none("", NULL), r;
    r.before = panel_estimate(a, x->p, m, before, group);
    r.moved = panel_change(a, x->p, m, span, before, group);
    return r;
}

series_row *series_rows(arena *a, const series *x, enum measure m, size_t *n) {
    int spans = x->split == SPLIT_MONTH ? x->n_spans : 1, groups = panel_groups(x->p);
    series_row *rows = make(a, series_row, spans * groups + 1);
    double *p = make(a, double, spans *groups + 1);
    *n = 0;
    for (int s = 0; s < spans; s++)
        for (int g = 0; g < groups; g++) rows[*n] = row_at(a, x, m, s, g), p[*n] = rows[*n].moved.p, ++*n;
    many_adjust(*a, p, p, *n);
    for (size_t i = 0; i < *n; i++)
        rows[i].verdict = verdict_of(&rows[i].now, &rows[i].before, &rows[i].moved, measure_get(m)->better, p[i]);
    return rows;
}
