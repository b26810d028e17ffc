#include <math.h>

#include "base/civil.h"
#include "cli/cells.h"
#include "cli/picture.h"
#include "cli/say.h"
#include "cli/value_cmd.h"
#include "know/figure.h"
#include "listen/columns.h"
#include "stats/contract.h"

typedef struct {
    str by, time, ended, start, end, until, svg;
    int64_t period, periods, horizon, of;
} retention_opts;

static const retention_opts defaults = {.horizon = 12, .of = 1000};

static const opt opts[] = {
    {"by", 'b', OPT_TEXT, offsetof(retention_opts, by), "COLUMN", "compare the groups that it names"},
    {"start", 0, OPT_TEXT, offsetof(retention_opts, start), "COLUMN", "the day a contract began; guessed"},
    {"end", 0, OPT_TEXT, offsetof(retention_opts, end), "COLUMN", "the day it ended, empty while it runs; guessed"},
    {"time", 0, OPT_TEXT, offsetof(retention_opts, time), "COLUMN",
     "how long somebody stayed, instead of days; guessed"},
    {"ended", 0, OPT_TEXT, offsetof(retention_opts, ended), "COLUMN", "whether they left then, 1 or 0; guessed"},
    {"period", 'p', OPT_NUMBER, offsetof(retention_opts, period), "N",
     "length of a contract in the file's time (1; 30 where times go over 400)"},
    {"periods", 0, OPT_NUMBER, offsetof(retention_opts, periods), "N",
     "fit the curve to so many periods, and hold the rest against it"},
    {"horizon", 0, OPT_NUMBER, offsetof(retention_opts, horizon), "N", "periods to look ahead (12)"},
    {"of", 0, OPT_NUMBER, offsetof(retention_opts, of), "N", "a table of percentages: customers behind 100 % (1000)"},
    {"until", 0, OPT_TEXT, offsetof(retention_opts, until), "TIME",
     "the day the contracts were looked at (the newest of the file)"},
    {"svg", 0, OPT_TEXT, offsetof(retention_opts, svg), "FILE.svg", "write the picture"},
};

enum { MOST_GROUPS = 12, MOST_PERIODS = 2000, SHOWN = 13 };

typedef struct {
    str name;
    stay *stays;
    size_t n;
    survival curve;
    contract_counts counts; // all that was seen
    contract model;
} group;

typedef struct {
    cli *c;
    const retention_opts *o;
    arena *a;
    cells t;
    stay *stays;
    int32_t *of; // group of each
    size_t n;
    group all, groups[MOST_GROUPS];
    int n_groups;
    bool table; // of cohorts
    double period;
    const char *unit; // "months", or what the time is called
    str how;          // which column held what
    int64_t left_out;
    logrank_groups test;
} job;

// ---- columns ----

static bool column_for(job *j, const char *option, str asked, const char *names, int *which, err *e) {
    if (asked.len) return cells_asked(j->a, &j->t, option, asked, which, e);
    *which = cells_find(j->c->scratch, &j->t, names);
    return true;
}

static str cell_in(const job *j, size_t i, int which) {
    return which >= 0 ? cells_at(&j->t, i, which) : S("");
}

static void add_stay(job *j, stay x, size_t at, int by) {
    str name = by >= 0 ? cell_in(j, at, by) : S("");
    int g = 0;
    if (!stay_watched(&x)) {
        j->left_out++;
        return;
    }
    while (by >= 0 && g < j->n_groups && !str_eq(j->groups[g].name, name)) g++;
    if (by >= 0 && g == j->n_groups && g < MOST_GROUPS) j->groups[j->n_groups++].name = name;
    j->stays[j->n] = x, j->of[j->n++] = g;
}

static bool too_many(const job *j, int by, err *e) {
    for (size_t i = 0; i < j->n; i++)
        if (j->of[i] == MOST_GROUPS)
            return fail(e, ERR_invalid, "--by: \"%.*s\" has more than %d values; put them into fewer groups",
                        STR_ARG(j->t.names[by]), MOST_GROUPS);
    return true;
}

// ---- contracts with days ----

static bool day_at(const job *j, size_t i, int which, int day_first, int32_t *day, err *e) {
    int64_t at_us;
    str x = cell_in(j, i, which);
    if (time_parse(x, NULL, day_first, &at_us)) {
        *day = (int32_t)floor_div(at_us, DAY_US);
        return true;
    }
    return fail(e, ERR_invalid, "row %zu: \"%.*s\" is \"%.*s\"; write a day as 2026-01-31", i + 1,
                STR_ARG(j->t.names[which]), (int)MIN(x.len, 40), x.s);
}

static bool read_days(job *j, int start, int end, int by, err *e) {
    static const double MONTH = 30.4375;
    int32_t *from = make(j->a, int32_t, j->t.n + 1), *to = make(j->a, int32_t, j->t.n + 1), seen = INT32_MIN;
    str *examples = make(j->a, str, j->t.n + 1);
    for (size_t i = 0; i < j->t.n; i++) examples[i] = cell_in(j, i, start);
    int first = time_day_first(examples, j->t.n);
    for (size_t i = 0; i < j->t.n; i++) {
        to[i] = INT32_MAX;
        if (!day_at(j, i, start, first, &from[i], e)) return false;
        str x = cell_in(j, i, end);
        if (x.len && !str_starts(x, S("9999")) && !day_at(j, i, end, first, &to[i], e)) return false;
        seen = MAX(seen, from[i]);
        if (to[i] != INT32_MAX) seen = MAX(seen, to[i]);
    }
    if (j->o->until.len) {
        int64_t at_us;
        if (!cli_time(j->c, NULL, "--until", j->o->until, &at_us, e)) return false;
        seen = (int32_t)floor_div(at_us, DAY_US);
    }
    for (size_t i = 0; i < j->t.n; i++) {
        bool over = to[i] <= seen;
        add_stay(j, (stay){.time = ((over ? to[i] : seen) - from[i]) / MONTH, .ended = over}, i, by);
    }
    j->unit = "months", j->period = j->o->period ? (double)j->o->period : 1;
    j->how = str_fmt(j->a, "start: %.*s, end: %.*s, looked at on %.*s", STR_ARG(j->t.names[start]),
                     STR_ARG(j->t.names[end]), STR_ARG(date_str(j->a, seen)));
    return true;
}

// ---- lengths, and whether they ended ----

static int ended_said(str x, bool two) {
    double v;
    if (str_f64(x, &v)) return two ? v == 2 : v == 1 ? 1 : v == 0 ? 0 : -1;
    if (says_yes(x)) return 1;
    return x.len && strchr("nNfF", x.s[0]) ? 0 : -1;
}

static bool has_two(const job *j, int which) {
    bool two = false, zero = false;
    for (size_t i = 0; i < j->t.n; i++) {
        double v;
        if (!str_f64(cell_in(j, i, which), &v)) continue;
        two = two || v == 2, zero = zero || v == 0;
    }
    return two && !zero; // 1 still here, 2 ended, as older statistics write it
}

static bool read_lengths(job *j, int time, int ended, int enter, int by, err *e) {
    bool two = has_two(j, ended);
    double longest = 0;
    for (size_t i = 0; i < j->t.n; i++) {
        stay x = {0};
        str t = cell_in(j, i, time);
        int said = ended_said(cell_in(j, i, ended), two);
        if (!str_f64(t, &x.time))
            return fail(e, ERR_invalid, "row %zu: \"%.*s\" is \"%.*s\"; write how long as a number", i + 1,
                        STR_ARG(j->t.names[time]), (int)MIN(t.len, 40), t.s);
        if (said < 0)
            return fail(e, ERR_invalid, "row %zu: \"%.*s\" is \"%.*s\"; it must be 1 (left) or 0 (still here)", i + 1,
                        STR_ARG(j->t.names[ended]), (int)MIN(cell_in(j, i, ended).len, 40), cell_in(j, i, ended).s);
        if (enter >= 0 && !str_f64(cell_in(j, i, enter), &x.enter)) x.enter = 0;
        x.ended = said == 1;
        longest = fmax(longest, x.time);
        add_stay(j, x, i, by);
    }
    j->unit = str_z(j->a, j->t.names[time]);
    j->period = j->o->period ? (double)j->o->period : longest > 400 ? 30 : 1;
    j->how = str_fmt(j->a, "time: %.*s, ended: %.*s", STR_ARG(j->t.names[time]), STR_ARG(j->t.names[ended]));
    return true;
}

// ---- tables of cohorts: how many, or what percentage, are still here after each period ----

static bool is_cohort_table(const job *j) {
    double v, before;
    if (j->t.columns < 2 || j->t.columns > MOST_GROUPS + 1 || j->t.n < 3 || j->t.n > MOST_PERIODS) return false;
    for (size_t i = 0; i < j->t.n; i++)
        if (!str_f64(cell_in(j, i, 0), &v) || v != (double)i) return false;
    for (int k = 1; k < j->t.columns; k++)
        for (size_t i = 0; i < j->t.n; i++) {
            if (!str_f64(cell_in(j, i, k), &v) || v < 0) return false;
            if (i && str_f64(cell_in(j, i - 1, k), &before) && v > before) return false;
        }
    return true;
}

static void read_cohorts(job *j) {
    size_t room = j->t.n * (size_t)j->t.columns + 1;
    j->stays = make(j->a, stay, room), j->of = make(j->a, int32_t, room);
    j->table = true, j->period = 1, j->unit = str_z(j->a, j->t.names[0]);
    for (int k = 1; k < j->t.columns; k++) {
        double first = 0, here = 0, next;
        str_f64(cell_in(j, 0, k), &first);
        double scale = first == 100 || first == 1 ? (double)j->o->of / first : 1;
        j->groups[j->n_groups].name = j->t.names[k];
        here = first * scale;
        for (size_t i = 1; i < j->t.n; i++, here = next) {
            str_f64(cell_in(j, i, k), &next), next *= scale;
            int64_t lost = llround(here) - llround(next);
            if (lost > 0)
                j->of[j->n] = j->n_groups, j->stays[j->n++] = (stay){.time = (double)i, .ended = true, .count = lost};
        }
        if (here >= 0.5)
            j->of[j->n] = j->n_groups, j->stays[j->n++] = (stay){.time = (double)(j->t.n - 1), .count = llround(here)};
        j->n_groups++;
    }
    j->how = S("a table of cohorts: a column each, a row for each period");
}

static bool read_file(job *j, err *e) {
    int start, end, time, ended, by = -1, enter = -1;
    if (!cells_read(j->a, j->c, str_z(j->a, j->c->args.v[0]), &j->t, e)) return false;
    if (j->o->by.len && !cells_asked(j->a, &j->t, "--by", j->o->by, &by, e)) return false;
    if (by < 0 && is_cohort_table(j)) {
        read_cohorts(j);
        return true;
    }
    j->stays = make(j->a, stay, j->t.n + 1), j->of = make(j->a, int32_t, j->t.n + 1);
    if (!column_for(j, "--start", j->o->start,
                    "startdate contractstart subscriptionstart startedat signupdate membersince vertragsbeginn "
                    "vertragsstart beginn fechainicio fechaalta joindate joined customersince start",
                    &start, e) ||
        !column_for(j, "--end", j->o->end,
                    "enddate contractend subscriptionend endedat canceledat cancelledat canceldate churndate "
                    "vertragsende kundigungsdatum fechafin fechabaja terminationdate end stop",
                    &end, e) ||
        !column_for(
            j, "--time", j->o->time,
            "t time duration tenure tenuremonths stay survivaltime futime stop week weeks month months days years",
            &time, e) ||
        !column_for(j, "--ended", j->o->ended,
                    "e event ended status churn churned left arrest dead died observed exited lost", &ended, e))
        return false;
    bool numbers = start >= 0 && cells_numeric(&j->t, start);
    bool ok;
    if (start >= 0 && end >= 0 && !numbers && !j->o->time.len) {
        ok = read_days(j, start, end, by, e);
    } else if (time >= 0 && ended >= 0) {
        if (numbers && start != time) enter = start;
        ok = read_lengths(j, time, ended, enter, by, e);
    } else {
        return fail(
            e, ERR_invalid,
            "no columns say when contracts began and ended; name them: --start and --end, or --time and --ended");
    }
    if (!ok || !too_many(j, by, e)) return false;
    return j->n || fail(e, ERR_invalid, "no row has a stay of any length");
}

// ---- curves ----

// What was seen of the first periods alone: whoever stayed longer was still here then.
static contract_counts first_periods(arena *a, const contract_counts *d, size_t most) {
    if (!most || most >= d->periods) return *d;
    int64_t *lost = make(a, int64_t, most + 1), *open = make(a, int64_t, most + 2);
    for (size_t t = 0; t < d->periods; t++) {
        lost[MIN(t, most)] += t < most ? d->lost[t] : 0;
        open[MIN(t, most)] += d->open[t] + (t >= most ? d->lost[t] : 0);
    }
    open[most] += d->open[d->periods];
    return (contract_counts){.periods = most, .lost = lost, .open = open};
}

static void fit_group(job *j, group *g) {
    g->curve = survival_fit(j->a, g->stays, g->n);
    g->counts = contract_count(j->a, g->stays, g->n, j->period);
    contract_counts some = first_periods(j->a, &g->counts, (size_t)j->o->periods);
    g->model = contract_choose(&some);
}

static void fit(job *j) {
    j->all = (group){.name = S("all"), .stays = j->stays, .n = j->n};
    fit_group(j, &j->all);
    for (int k = 0; k < j->n_groups; k++) {
        group *g = &j->groups[k];
        g->stays = make(j->a, stay, j->n + 1);
        for (size_t i = 0; i < j->n; i++)
            if (j->of[i] == k) g->stays[g->n++] = j->stays[i];
        fit_group(j, g);
    }
    if (j->n_groups > 1) j->test = survival_compare_groups(*j->a, j->stays, j->of, j->n, j->n_groups);
}

static double longest(const group *g) {
    return g->curve.n_steps ? g->curve.steps[g->curve.n_steps - 1].time : 0;
}

// ---- for people ----

static void head(const cli *c, const char *words) {
    term_say(&c->t, "\n");
    term_head(&c->t, words);
}

static str share(arena *a, const estimate *x) {
    return estimate_shown(x) ? str_fmt(a, "%.1f %%", 100 * x->value) : S("-");
}

static str range(arena *a, const estimate *x) {
    return estimate_shown(x) ? str_fmt(a, "likely %.1f to %.1f %%", 100 * x->lo, 100 * x->hi)
                             : str_c(x->why ? x->why : "");
}

static str length(arena *a, double v) {
    return v == floor(v) && fabs(v) < 1e6 ? str_fmt(a, "%.0f", v) : show_num(a, v);
}

static str median_of(const job *j, arena *a, const group *g) {
    estimate m = survival_quantile(j->a, &g->curve, 0.5);
    if (m.state == ESTIMATE_REFUSED) return str_fmt(a, "more than %.*s", STR_ARG(length(a, longest(g))));
    str hi = isfinite(m.hi) ? length(a, m.hi) : S("no bound");
    return str_fmt(a, "%.*s (likely %.*s to %.*s)", STR_ARG(length(a, m.value)), STR_ARG(length(a, m.lo)), STR_ARG(hi));
}

static void show_curve(const job *j, const group *g) {
    static const table_col cols[] = {
        {"after", true, false}, {"seen", true, false}, {"", false, false}, {"curve", true, false}, {"", false, false}};
    arena a = j->c->scratch;
    bool model = g->model.state != ESTIMATE_REFUSED;
    size_t seen = (size_t)floor(longest(g) / j->period), last = model ? seen + (size_t)j->o->horizon : seen;
    size_t step = MAX((last + SHOWN - 1) / SHOWN, 1);
    table *t = table_new(&a, cols, COUNT(cols));
    for (size_t k = step; k <= last; k += step) {
        estimate s = k <= seen ? survival_at(j->a, &g->curve, (double)k * j->period) : estimate_none("", "");
        estimate m = model ? contract_survival(&g->model, (double)k) : estimate_none("", "");
        table_add(t, STYLE_plain, str_fmt(&a, "%g", (double)k * j->period));
        table_add(t, STYLE_bold, share(&a, &s));
        table_add(t, STYLE_dim, range(&a, &s));
        table_add(t, STYLE_plain, share(&a, &m));
        table_add(t, STYLE_dim, range(&a, &m));
    }
    table_print(t, &j->c->t, 2);
}

static void show_model(const job *j, const group *g) {
    const contract *k = &g->model;
    arena a = j->c->scratch;
    if (k->state == ESTIMATE_REFUSED) {
        term_say(&j->c->t, "  No curve goes on from here: %s.\n", k->why);
        return;
    }
    term_say(&j->c->t, "  The curve is %s", contract_name(k));
    if (!k->alike)
        term_say(&j->c->t, ", alpha %.*s (likely %.*s to %.*s), beta %.*s (likely %.*s to %.*s)",
                 STR_ARG(show_num(&a, k->alpha)), STR_ARG(show_num(&a, k->lo[0])), STR_ARG(show_num(&a, k->hi[0])),
                 STR_ARG(show_num(&a, k->beta)), STR_ARG(show_num(&a, k->lo[1])), STR_ARG(show_num(&a, k->hi[1])));
    if (k->kind == CONTRACT_BDW) term_say(&j->c->t, ", c %.*s", STR_ARG(show_num(&a, k->c)));
    term_say(&j->c->t, ", log-likelihood %.1f.\n", k->loglik);
    if (k->state == ESTIMATE_THIN) term_say(&j->c->t, "  It rests on little: %s.\n", k->why);
    estimate first = contract_renewal(k, 0), later = contract_renewal(k, (double)k->periods);
    term_say(&j->c->t,
             "  Of new customers %.1f %% stay on after the first period; of those with %zu behind them, %.1f %%.\n",
             100 * first.value, k->periods, 100 * later.value);
    estimate f = contract_forecast(k, g->counts.open, g->counts.periods + 1, (double)j->o->horizon);
    int64_t here = 0;
    for (size_t t = 0; t <= g->counts.periods; t++) here += g->counts.open[t];
    if (estimate_shown(&f) && here)
        term_say(&j->c->t,
                 "  Of the %.*s still here, %.*s (likely %.*s to %.*s) will be after %" PRId64 " more periods.\n",
                 STR_ARG(term_count(&a, here)), STR_ARG(term_count(&a, llround(f.value))),
                 STR_ARG(term_count(&a, llround(f.lo))), STR_ARG(term_count(&a, llround(f.hi))), j->o->horizon);
}

static void show_groups(const job *j) {
    static const table_col cols[] = {
        {"group", false, true}, {"customers", true, false}, {"left", true, false}, {"half stay", false, false}};
    arena a = j->c->scratch;
    head(j->c, "Groups");
    table *t = table_new(&a, cols, COUNT(cols));
    for (int k = 0; k < j->n_groups; k++) {
        const group *g = &j->groups[k];
        table_add(t, STYLE_plain, g->name.len ? term_clean(&a, g->name, true) : S("(empty)"));
        table_add(t, STYLE_plain, term_count(&a, g->curve.n));
        table_add(t, STYLE_plain, term_count(&a, g->curve.ended));
        table_add(t, STYLE_bold, median_of(j, &a, g));
    }
    table_print(t, &j->c->t, 2);
    if (isfinite(j->test.p))
        term_say(&j->c->t, "  Log-rank test: chi-square %.2f, %d degree%s of freedom, p %s%.2g: %s.\n", j->test.chisq,
                 j->test.df, j->test.df == 1 ? "" : "s", j->test.p < 1e-6 ? "below " : "", fmax(j->test.p, 1e-6),
                 j->test.p < 0.05 ? "they do not stay equally long" : "no sign that they differ");
}

static picture drawn(const job *j, arena *a) {
    const group *list[PICTURE_LINES];
    int n = 0;
    for (int k = 0; k < j->n_groups && n < PICTURE_LINES; k++) list[n++] = &j->groups[k];
    if (!n) list[n++] = &j->all;
    size_t points = 60;
    double span = 0;
    for (int k = 0; k < n; k++) span = fmax(span, longest(list[k]));
    bool ahead = n == 1 && list[0]->model.state != ESTIMATE_REFUSED;
    if (ahead) span += (double)j->o->horizon * j->period;
    picture p = {.title = "Share still here",
                 .x_name = j->unit,
                 .y_name = "percent",
                 .step = span / (double)points,
                 .n = points + 1,
                 .n_lines = n + ahead};
    for (int k = 0; k < p.n_lines; k++) {
        const group *g = list[MIN(k, n - 1)];
        double *y = make(a, double, points + 1), *lo = make(a, double, points + 1), *hi = make(a, double, points + 1);
        for (size_t i = 0; i <= points; i++) {
            double at = p.step * (double)i;
            estimate x = k < n ? survival_at(a, &g->curve, at) : contract_survival(&g->model, at / j->period);
            bool there = estimate_shown(&x);
            y[i] = there ? 100 * x.value : (double)NAN, lo[i] = there ? 100 * x.lo : (double)NAN,
            hi[i] = there ? 100 * x.hi : (double)NAN;
        }
        const char *name = k >= n        ? "curve"
                           : j->n_groups ? str_z(a, term_clean(a, str_sub(g->name, 0, 20), true))
                                         : "seen";
        p.lines[k] = (picture_line){name, y, lo, hi};
    }
    return p;
}

static void show(const job *j) {
    const cli *c = j->c;
    arena a = c->scratch;
    str name = term_clean(&a, c->args.v[0], true);
    term_say(&c->t, "%.*s: %.*s, of whom %.*s left\n  %.*s\n", STR_ARG(name),
             STR_ARG(say_n(&a, j->all.curve.n, "customer", "customers")), STR_ARG(term_count(&a, j->all.curve.ended)),
             STR_ARG(j->how));
    if (j->left_out)
        term_say(&c->t, "  %.*s of no length left out\n", STR_ARG(say_n(&a, j->left_out, "stay", "stays")));
    if (j->n_groups) show_groups(j);
    for (int k = 0; k < (j->table ? j->n_groups : 1); k++) {
        const group *g = j->table ? &j->groups[k] : &j->all;
        cli one = *c;
        one.scratch = a;
        job mine = *j;
        mine.c = &one;
        head(c, j->table ? str_z(&a, str_fmt(&a, "Still here: %.*s", STR_ARG(g->name))) : "Still here");
        one.scratch = a;
        term_say(&c->t, "  Half stay %.*s; the time is \"%s\".\n", STR_ARG(median_of(j, &a, g)), j->unit);
        one.scratch = a;
        show_curve(&mine, g);
        show_model(&mine, g);
    }
    if (c->g.quiet) return;
    picture p = drawn(j, &a);
    term_say(&c->t, "\n");
    picture_text(a, &c->t, &p);
}

// ---- for programs ----

static void put_group(json_out *o, const job *j, const group *g) {
    estimate median = survival_quantile(j->a, &g->curve, 0.5);
    const contract *k = &g->model;
    size_t seen = (size_t)floor(longest(g) / j->period),
           last = seen + (k->state == ESTIMATE_REFUSED ? 0 : (size_t)j->o->horizon);
    json_open(o, NULL, '{');
    json_put_str(o, "name", g->name);
    json_put_int(o, "customers", g->curve.n);
    json_put_int(o, "left", g->curve.ended);
    figure_json(o, "median", &median);
    json_open(o, "curve", '{');
    json_put_str(o, "state", str_c(figure_state(k->state)));
    json_put_str(o, "why", str_c(k->why ? k->why : ""));
    json_put_str(o, "name", str_c(k->state == ESTIMATE_REFUSED ? "" : contract_name(k)));
    json_put_num(o, "alpha", k->alpha);
    json_put_num(o, "beta", k->beta);
    json_put_num(o, "c", k->c);
    json_put_num(o, "loglik", k->loglik);
    if (k->state != ESTIMATE_REFUSED) {
        estimate f = contract_forecast(k, g->counts.open, g->counts.periods + 1, (double)j->o->horizon);
        figure_json(o, "will_stay", &f);
    }
    json_close(o, '}');
    json_open(o, "periods", '[');
    for (size_t t = 1; t <= MIN(last, (size_t)MOST_PERIODS); t++) {
        estimate s = t <= seen ? survival_at(j->a, &g->curve, (double)t * j->period)
                               : estimate_none("Kaplan-Meier", "nobody was watched for so long");
        estimate m = k->state == ESTIMATE_REFUSED ? estimate_none("", k->why) : contract_survival(k, (double)t);
        json_open(o, NULL, '{');
        json_put_num(o, "after", (double)t * j->period);
        figure_json(o, "seen", &s);
        figure_json(o, "curve", &m);
        json_close(o, '}');
    }
    json_close(o, ']');
    json_close(o, '}');
}

static void answer(const job *j) {
    reply r;
    reply_open(&r, j->c);
    json_open(&r.j, NULL, '{');
    json_put_str(&r.j, "file", j->c->args.v[0]);
    json_put_str(&r.j, "columns", j->how);
    json_put_str(&r.j, "unit", str_c(j->unit));
    json_put_num(&r.j, "period", j->period);
    json_put_int(&r.j, "left_out", j->left_out);
    json_open(&r.j, "groups", '[');
    if (!j->table) put_group(&r.j, j, &j->all);
    for (int k = 0; k < j->n_groups; k++) put_group(&r.j, j, &j->groups[k]), reply_some(&r);
    json_close(&r.j, ']');
    if (j->n_groups > 1) {
        json_open(&r.j, "log_rank", '{');
        json_put_num(&r.j, "chisq", j->test.chisq);
        json_put_int(&r.j, "df", j->test.df);
        json_put_num(&r.j, "p", j->test.p);
        json_close(&r.j, '}');
    } else {
        json_put_null(&r.j, "log_rank");
    }
    json_close(&r.j, '}');
    reply_close(&r);
}

static bool of_file(job *j, err *e) {
    if (j->o->horizon > MOST_PERIODS) return fail(e, ERR_usage, "--horizon takes periods, at most %d", MOST_PERIODS);
    if (!read_file(j, e)) return false;
    fit(j);
    if (j->o->svg.len) {
        picture p = drawn(j, j->a);
        buf b = buf_new(j->a, 8 << 20);
        picture_svg(&b, &p);
        if (!show_write(str_z(j->a, j->o->svg), buf_str(&b), e)) return false;
    }
    if (j->c->g.json)
        answer(j);
    else
        show(j);
    return true;
}

static bool run(cli *c, const void *options, err *e) {
    if (!c->args.n) return value_contracts_of_store(c, e);
    arena a = arena_open((size_t)1 << 36);
    job j = {.c = c, .o = options, .a = &a};
    bool ok = of_file(&j, e);
    arena_close(&a);
    return ok;
}

const cmd cmd_retention = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(retention_opts),
    .defaults = &defaults,
    .max_args = 1,
    .run = run,
    .more =
        "With a file: contracts, one a row, with the days they began and ended (empty while they run); or how long "
        "each "
        "customer stayed and whether they left (1) or are still here (0); or a table of cohorts, with the share still "
        "here after each period, a column for each cohort. Says how long customers stay (Kaplan-Meier), whether groups "
        "differ (log-rank), and how the curve goes on: who is likely to leave leaves first, so that it flattens "
        "(shifted-beta-geometric, or its Weibull kind where that fits better).\n\n"
        "Without a file: the store's contracts, as fitted last by 'heed value --fit' or the server; 'heed measure "
        "still_here --by month' tells the cohorts.\n\n"
        "docs/value.md explains every figure.",
    .examples = "heed retention contracts.csv\n"
                "heed retention contracts.csv --by plan --svg stay.svg\n"
                "heed retention cohorts.csv --periods 8 --horizon 5\n"
                "heed retention",
    .json = "file: "
            "{\"file\",\"columns\",\"unit\",\"period\",\"left_out\",\"groups\":[{\"name\",\"customers\",\"left\","
            "\"median\","
            "\"curve\":{\"state\",\"why\",\"name\",\"alpha\",\"beta\",\"c\",\"loglik\",\"will_stay\"},\"periods\":[{"
            "\"after\","
            "\"seen\",\"curve\"}]}],\"log_rank\":{\"chisq\",\"df\",\"p\"}}; the first group is everybody, except in a "
            "table of "
            "cohorts; store: {\"model\",\"as_of\",\"contracts\"}",
};
