// Lines that are nearly used up, and the figures that lines ask about.
#include "decide/redline_private.h"

#include "know/fold.h"
#include "know/measure.h"
#include "sql/decide_redline.h"

#include <math.h>

#define NEAR 0.8

typedef struct {
    arena *a;
    checking *k;
    redline_used *out;
    size_t n;
    double share;
} looking;

static void keep(looking *x, const redline_used *u) {
    if (u->share >= x->share) x->out[x->n++] = *u;
}

static void look_budget(looking *x, const standing *st) {
    arena *a = x->a;
    const redline *line = &st->line;
    redline_used u = {.line = *line, .used = st->all.spent, .reserved = st->all.held};
    if (st->begun && line->period != PERIOD_NONE) u.from_us = st->period.from_us, u.until_us = st->period.until_us;
    double used = (double)(u.used + u.reserved);
    u.share = line->limit > 0 ? used / (double)line->limit : used > 0 ? INFINITY : 0;
    u.sum = str_fmt(a, "%.*s of %.*s given %.*s", STR_ARG(money_words(a, u.used + u.reserved, line->currency)),
                    STR_ARG(money_words(a, line->limit, line->currency)), STR_ARG(period_words(line->period)));
    if (u.reserved)
        u.sum = str_fmt(a, "%.*s, %.*s of it reserved", STR_ARG(u.sum),
                        STR_ARG(money_words(a, u.reserved, line->currency)));
    keep(x, &u);
}

// What is promised for the coming day, beside what the hours until then can carry.
static bool look_pace(looking *x, const standing *st, err *e) {
    checking *k = x->k;
    const calendar *open;
    const redline *line = &st->line;
    int64_t owed, to = k->now_us + DAY_US;
    if (!k->has_economics) k->has_economics = economics_for(x->a, k->s, S(""), &k->eco, e);
    if (!err_ok(e) || !k->eco.agents || !k->has_economics) return err_ok(e);
    if (!checking_hours(k, &open, e) || !store_int(k->s, Q_redline_promises_due, &owed, 0, e, "iiii", INT64_MIN, to,
                                                   (int64_t)COMMITMENT_reply, (int64_t)COMMITMENT_callback))
        return false;
    double hours = (double)business_us(open, k->now_us, to) / (double)HOUR_US * (double)k->eco.agents / 100;
    double most = hours * (double)line->limit;
    redline_used u = {.line = *line, .used = owed, .from_us = k->now_us, .until_us = to};
    u.share = most > 0 ? (double)owed / most : 0; // on a day off nothing can be done, and Monday is another line
    u.sum = str_fmt(x->a, "%" PRId64 " replies and calls fall due within a day, %.0f can be done", owed, most);
    keep(x, &u);
    return true;
}

static bool look_measure(looking *x, const standing *st, err *e) {
    const redline *line = &st->line;
    redline_used u = {.line = *line};
    int64_t state = ESTIMATE_NONE;
    for (row r = store_query(x->k->s, Q_redline_measure_get, e, "t", line->measure); row_next(&r);)
        u.used = row_int(&r, 1), state = row_int(&r, 5);
    if (state != ESTIMATE_OK || line->limit <= 0 || (!line->below && u.used <= 0)) return err_ok(e);
    u.share = line->below ? (double)u.used / (double)line->limit : (double)line->limit / (double)u.used;
    u.sum = str_fmt(x->a, "%.*s is %.*s and must stay %s %.*s", STR_ARG(line->measure),
                    STR_ARG(redline_limit_words(x->a, line, u.used)), line->below ? "below" : "above",
                    STR_ARG(redline_limit_words(x->a, line, line->limit)));
    keep(x, &u);
    return err_ok(e);
}

static int fullest(const void *a, const void *b) {
    const redline_used *x = a, *y = b;
    if (x->share != y->share) return x->share > y->share ? -1 : 1;
    return (x->line.id > y->line.id) - (x->line.id < y->line.id);
}

bool redlines_near(arena *a, store *s, int64_t now_us, double share, redline_used **out, size_t *n, err *e) {
    checking k = {.a = a, .s = s, .now_us = now_us};
    looking x = {.a = a, .k = &k, .out = make(a, redline_used, REDLINES_MOST), .share = share > 0 ? share : NEAR};
    if (!checking_lines(&k, e)) return false;
    for (size_t i = 0; i < k.n; i++) {
        const standing *st = &k.lines[i];
        if (st->line.kind == REDLINE_budget) look_budget(&x, st);
        if (st->line.kind == REDLINE_pace && !look_pace(&x, st, e)) return false;
        if (st->line.kind == REDLINE_measure && !look_measure(&x, st, e)) return false;
    }
    qsort(x.out, x.n, sizeof *x.out, fullest);
    *out = x.out, *n = x.n;
    return true;
}

// ---- figures ----

static int64_t hundredths(enum unit u, double v) {
    double by = u == UNIT_SHARE ? 10000 : u == UNIT_DURATION ? 100.0 / 3600 : 100;
    return isnan(v) ? 0 : (int64_t)llround(fmax(-1e15, fmin(1e15, v * by)));
}

bool redlines_measure(arena *a, store *s, int64_t now_us, redline_measured **out, size_t *n, err *e) {
    redline *lines;
    size_t n_lines;
    panel *p;
    uint32_t wanted = 0;
    time_span span = {now_us - 90 * DAY_US, now_us};
    *out = make(a, redline_measured, MEASURES), *n = 0;
    if (!redlines_list(a, s, false, &lines, &n_lines, e)) return false;
    for (size_t i = 0; i < n_lines; i++) {
        enum measure m;
        if (lines[i].kind == REDLINE_measure && measure_of(lines[i].measure, &m)) wanted |= 1u << m;
    }
    panel_ask ask = {.spans = &span, .n_spans = 1, .wanted = wanted, .now_us = now_us};
    if (!wanted) return true;
    if (!panel_read(a, s, &ask, &p, e)) return false;
    for (int i = 0; i < MEASURES; i++) {
        enum measure m = (enum measure)i;
        if (!(wanted >> i & 1)) continue;
        estimate x = panel_estimate(a, p, m, 0, 0);
        enum unit u = measure_get(m)->unit;
        (*out)[(*n)++] = (redline_measured){.name = str_c(measure_get(m)->name),
                                            .at_us = now_us,
                                            .value = hundredths(u, x.value),
                                            .lo = hundredths(u, x.lo),
                                            .hi = hundredths(u, x.hi),
                                            .n = x.n,
                                            .state = x.state};
    }
    return true;
}

bool redlines_measured(store *s, const redline_measured *x, size_t n, err *e) {
    for (size_t i = 0; i < n; i++)
        if (!store_run(s, Q_redline_measure_put, NULL, e, "tiiiiii", x[i].name, x[i].at_us, x[i].value, x[i].lo,
                       x[i].hi, x[i].n, (int64_t)x[i].state))
            return false;
    return true;
}
