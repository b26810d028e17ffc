#include <math.h>

#include "base/civil.h"
#include "base/map64.h"
#include "cli/cells.h"
#include "cli/picture.h"
#include "cli/say.h"
#include "cli/text_cmd.h"
#include "cli/value_show.h"
#include "stats/burst.h"

// A year and a month are looked at; a person counts once in the longest window.
enum { DAYS = 400, QUIET = 28, MOST_SERIES = 20000, DRAWN = 65, DRAWN_SVG = 201 };

typedef struct {
    uint32_t series;
    burst_said said;
} entry;

typedef struct {
    str theme, segment; // empty: everything, everybody
    uint32_t among;     // everything in the same segment
    const int64_t *people;
    double *all; // of everything: who spoke on each day, everybody on every day on which they did
    burst b;
    burst_states when;
} line;

typedef struct {
    text_job *j;
    cells t;
    int when, by, who, segment; // columns, −1: none
    int64_t *day;               // of each row; INT64_MIN: none
    int64_t last, from;         // days since 1970
    size_t n, left_out, persons, rising, alarms;
    entry *said;
    size_t said_n, room;
    line *lines;
    size_t lines_n;
    map64 known, people;
} rising;

// ---- reading ----

static bool columns_of(rising *x, err *e) {
    const text_opts *o = x->j->o;
    x->when = x->by = x->who = x->segment = -1;
    if (!o->by.len) return fail(e, ERR_usage, "which column says what it is about? Name it with --by");
    if (!cells_asked(x->j->a, &x->t, "--by", o->by, &x->by, e)) return false;
    if (o->who.len && !cells_asked(x->j->a, &x->t, "--who", o->who, &x->who, e)) return false;
    if (o->segment.len && !cells_asked(x->j->a, &x->t, "--segment", o->segment, &x->segment, e)) return false;
    if (o->when.len) return cells_asked(x->j->a, &x->t, "--when", o->when, &x->when, e);
    x->when = cells_find(x->j->c->scratch, &x->t, "createdat created date time timestamp when sentat at");
    return x->when >= 0 || fail(e, ERR_usage, "which column says when it was said? Name it with --when");
}

static bool days_of_rows(rising *x, err *e) {
    x->day = make(x->j->a, int64_t, x->t.n);
    arena scratch = *x->j->a;
    str *seen = make(&scratch, str, x->t.n);
    for (size_t i = 0; i < x->t.n; i++) seen[i] = cells_at(&x->t, i, x->when);
    const int first = time_day_first(seen, x->t.n);
    x->last = INT64_MIN;
    int64_t earliest = INT64_MAX, at;
    for (size_t i = 0; i < x->t.n; i++) {
        const bool known = time_parse(seen[i], NULL, first, &at);
        x->day[i] = known ? floor_div(at, DAY_US) : INT64_MIN;
        if (!known) {
            x->left_out++;
            continue;
        }
        x->last = MAX(x->last, x->day[i]), earliest = MIN(earliest, x->day[i]);
    }
    if (x->last == INT64_MIN)
        return fail(e, ERR_invalid, "no row has a time that could be read; write it as 2026-01-31");
    x->n = (size_t)MIN(x->last - earliest + 1, DAYS);
    x->from = x->last - (int64_t)x->n + 1;
    return true;
}

static uint32_t number(map64 *known, uint64_t name, bool *made) {
    return (uint32_t)*map64_at(known, (int64_t)name, (int32_t)known->n, made);
}

static bool series_of(rising *x, str theme, str segment, uint32_t among, uint32_t *out, err *e) {
    bool made;
    *out = number(&x->known, str_hash(theme) * 31 + str_hash(segment), &made);
    if (!made) return true;
    if (x->lines_n == MOST_SERIES)
        return fail(e, ERR_too_large, "--by has over %d values; is it the column of themes?", MOST_SERIES);
    x->lines[x->lines_n++] = (line){.theme = theme, .segment = segment, .among = theme.len ? among : *out};
    return true;
}

static bool say(rising *x, str theme, str segment, uint32_t *among, burst_said s, err *e) {
    uint32_t series;
    if (!series_of(x, theme, segment, *among, &series, e)) return false;
    if (!theme.len) *among = series;
    if (x->said_n == x->room) {
        x->room = x->room ? x->room * 2 : 4096;
        entry *more = make(x->j->a, entry, x->room);
        if (x->said_n) memcpy(more, x->said, x->said_n * sizeof *more);
        x->said = more;
    }
    x->said[x->said_n++] = (entry){series, s};
    return true;
}

// Everything, and everything in each segment, before the themes among it.
static bool say_all(rising *x, err *e) {
    arena *a = x->j->a;
    x->lines = make(a, line, MOST_SERIES);
    x->known = map64_new(a, 1024), x->people = map64_new(a, x->t.n);
    for (size_t i = 0; i < x->t.n; i++) {
        if (x->day[i] == INT64_MIN) continue;
        str who = x->who >= 0 ? cells_at(&x->t, i, x->who) : S(""), segment = S("");
        bool made;
        const uint64_t name = who.len ? str_hash(who) : (uint64_t)i + 1;
        burst_said s = {number(&x->people, name, &made), x->day[i] - x->from};
        if (x->segment >= 0) segment = term_clean(a, cells_at(&x->t, i, x->segment), true);
        uint32_t all = 0, here = 0;
        if (!say(x, S(""), S(""), &all, s, e)) return false;
        if (segment.len && !say(x, S(""), segment, &here, s, e)) return false;
        for (str rest = cells_at(&x->t, i, x->by); rest.len;) {
            str theme = term_clean(a, str_trim(str_cut(&rest, '|')), true);
            if (!theme.len) continue;
            if (!say(x, theme, S(""), &all, s, e)) return false;
            if (segment.len && !say(x, theme, segment, &here, s, e)) return false;
        }
    }
    x->persons = x->people.n;
    return true;
}

// ---- counting ----

static int by_series(const void *u, const void *v) {
    const entry *a = u, *b = v;
    return (a->series > b->series) - (a->series < b->series);
}

static double *spoke(arena *a, const burst_said *s, size_t n, size_t days) {
    double *all = make(a, double, days);
    arena scratch = *a;
    int64_t *people = make(&scratch, int64_t, days);
    burst_people(scratch, s, n, 0, people, days);
    for (size_t t = 0; t < days; t++) all[t] = (double)people[t];
    return all;
}

static void count(rising *x) {
    arena *a = x->j->a;
    burst_said *s = make(a, burst_said, x->said_n);
    if (x->said_n) qsort(x->said, x->said_n, sizeof *x->said, by_series);
    burst *all = make(a, burst, x->lines_n);
    for (size_t i = 0, from = 0, to; i < x->lines_n; i++, from = to) {
        size_t n = 0;
        for (to = from; to < x->said_n && x->said[to].series == i; to++) s[n++] = x->said[to].said;
        int64_t *people = make(a, int64_t, x->n);
        burst_people(*a, s, n, QUIET, people, x->n);
        line *l = &x->lines[i];
        l->people = people;
        if (!l->theme.len) l->all = spoke(a, s, n, x->n);
        const double *among = l->theme.len ? x->lines[l->among].all : NULL;
        all[i] = burst_of(a, &(burst_series){.people = people, .all = among, .n = x->n, .season = 7});
    }
    x->alarms = burst_alarms(*a, all, x->lines_n, 0, 0);
    for (size_t i = 0; i < x->lines_n; i++) {
        line *l = &x->lines[i];
        l->b = all[i];
        bool any = false;
        for (size_t w = 0; w < BURST_WINDOWS; w++) any |= burst_rising(&l->b.window[w]);
        x->rising += any;
        if (l->b.state != ESTIMATE_REFUSED)
            l->when = burst_batches(a, l->people, NULL, l->b.expected, x->n, (burst_rule){0});
    }
}

static const burst_window *best_of(const line *l) {
    return l->b.best < 0 ? NULL : &l->b.window[l->b.best];
}

static int by_strength(const void *u, const void *v) {
    const line *a = u, *b = v;
    const burst_window *x = best_of(a), *y = best_of(b);
    if (!x != !y) return x ? -1 : 1;
    const bool up = x && burst_rising(x), other = y && burst_rising(y);
    if (up != other) return up ? -1 : 1;
    if (x && x->p != y->p) return x->p < y->p ? -1 : 1;
    const int c = str_cmp(a->theme, b->theme);
    return c ? c : str_cmp(a->segment, b->segment);
}

// ---- telling ----

static str day_str(const rising *x, size_t t) {
    return date_str(x->j->a, (int32_t)(x->from + (int64_t)t));
}

static void put_window(json_out *j, const burst_window *w) {
    json_open(j, NULL, '{');
    json_put_int(j, "days", (int64_t)w->periods);
    json_put_int(j, "people", w->seen);
    json_put_num(j, "usual", w->expected);
    json_put_num(j, "lo", w->lo);
    json_put_num(j, "hi", w->hi);
    json_put_num(j, "p", w->p);
    json_put_num(j, "adjusted", w->adjusted);
    json_put_bool(j, "rising", burst_rising(w));
    json_close(j, '}');
}

static void put_line(reply *r, const rising *x, const line *l) {
    json_open(&r->j, NULL, '{');
    json_put_str(&r->j, "theme", l->theme);
    json_put_str(&r->j, "segment", l->segment);
    json_put_bool(&r->j, "alarm", l->b.alarm);
    if (l->b.why)
        json_put_str(&r->j, "why", str_c(l->b.why));
    else
        json_put_null(&r->j, "why");
    json_put_num(&r->j, "level", l->b.level);
    json_put_num(&r->j, "growth", l->b.growth);
    json_put_num(&r->j, "spread", l->b.spread);
    json_open(&r->j, "windows", '[');
    for (size_t w = 0; w < BURST_WINDOWS && l->b.state != ESTIMATE_REFUSED; w++)
        if (l->b.window[w].periods && !isnan(l->b.window[w].p)) put_window(&r->j, &l->b.window[w]);
    json_close(&r->j, ']');
    json_open(&r->j, "bursts", '[');
    for (size_t i = 0; i < l->when.n; i++) {
        json_open(&r->j, NULL, '{');
        json_put_str(&r->j, "from", day_str(x, l->when.interval[i].from));
        json_put_str(&r->j, "to", day_str(x, l->when.interval[i].to));
        json_put_num(&r->j, "weight", l->when.interval[i].weight);
        json_close(&r->j, '}');
    }
    json_close(&r->j, ']');
    json_close(&r->j, '}');
    reply_some(r);
}

static size_t shown(const rising *x) {
    const size_t most = (size_t)x->j->o->limit;
    return most ? MIN(most, x->lines_n) : x->lines_n;
}

static void put_all(const rising *x) {
    reply r;
    reply_open(&r, x->j->c);
    json_open(&r.j, NULL, '{');
    json_put_str(&r.j, "file", x->j->path);
    json_put_str(&r.j, "from", day_str(x, 0));
    json_put_str(&r.j, "to", day_str(x, x->n - 1));
    json_put_int(&r.j, "people", (int64_t)x->persons);
    json_put_int(&r.j, "left_out", (int64_t)x->left_out);
    json_put_int(&r.j, "watched", (int64_t)x->lines_n);
    json_put_int(&r.j, "rising", (int64_t)x->rising);
    json_put_int(&r.j, "alarms", (int64_t)x->alarms);
    json_open(&r.j, "series", '[');
    for (size_t i = 0; i < shown(x); i++) put_line(&r, x, &x->lines[i]);
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    reply_close(&r);
}

static str chance(arena *a, double p) {
    if (p > 0.1) return str_fmt(a, "%.0f in 100", 100 * p);
    if (!(p > 1e-9)) return S("under 1 in a billion");
    const double times = pow(10, floor(log10(1 / p)) - 1);
    return str_fmt(a, "1 in %.*s", STR_ARG(term_count(a, (int64_t)(floor(1 / p / times) * times))));
}

static void show_lines(const rising *x) {
    static const table_col cols[] = {{"theme", false, true},  {"segment", false, false}, {"in the last", false, false},
                                     {"people", true, false}, {"usually", false, false}, {"by chance", true, false},
                                     {"", false, false}};
    arena *a = x->j->a;
    table *t = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < shown(x); i++) {
        const line *l = &x->lines[i];
        const burst_window *w = best_of(l);
        const bool up = w && burst_rising(w);
        const enum style s = up ? STYLE_bold : STYLE_plain;
        table_add(t, s, l->theme.len ? l->theme : S("everything"));
        table_add(t, s, l->segment.len ? l->segment : x->segment >= 0 ? S("all") : S(""));
        table_add(t, s, w ? say_n(a, (int64_t)w->periods, "day", "days") : S(""));
        table_add(t, s, w ? term_count(a, w->seen) : S(""));
        table_add(t, s, w ? str_fmt(a, "%.0f to %.0f", w->lo, w->hi) : S(""));
        table_add(t, s, w ? chance(a, w->p) : S(""));
        str told = l->b.alarm                      ? S("alarm")
                   : up                            ? S("rising")
                   : !w || w->state != ESTIMATE_OK ? str_c(w ? w->why : l->b.why)
                                                   : S("");
        table_add(t, l->b.alarm ? STYLE_warn : s, told);
    }
    table_print(t, &x->j->c->t, 0);
    if (shown(x) < x->lines_n)
        term_say(&x->j->c->t, "and %.*s more; --limit 0 shows all\n",
                 STR_ARG(say_n(a, (int64_t)(x->lines_n - shown(x)), "series", "series")));
}

// The newest `most` days of a series beside what is usual with its range; its bursts as a shade from top to bottom.
static picture drawn(const rising *x, const line *l, size_t most) {
    arena *a = x->j->a;
    const size_t all = MIN(x->n, most), n = all - (all - 1) % 4, from = x->n - n; // four steps between ticks
    double *y = make(a, double, n), *lo = make(a, double, n), *hi = make(a, double, n), *none = make(a, double, n),
           *top = make(a, double, n), *zero = make(a, double, n), highest = 1;
    for (size_t t = 0; t < n; t++) {
        const double m = l->b.expected[from + t];
        y[t] = (double)l->people[from + t];
        burst_range(m, m + l->b.spread * m * m, &lo[t], &hi[t]);
        none[t] = NAN;
        highest = MAX(highest, MAX(y[t], hi[t]));
    }
    bool any = false;
    for (size_t t = 0; t < n; t++) {
        top[t] = l->when.state[from + t] ? highest : 0;
        any |= top[t] > 0;
    }
    str name = l->segment.len ? str_fmt(a, "%.*s, %.*s", STR_ARG(l->theme), STR_ARG(l->segment))
               : l->theme.len ? l->theme
                              : S("everything");
    return (picture){
        .title = str_z(a, str_fmt(a, "%.*s, to %.*s", STR_ARG(name), STR_ARG(day_str(x, x->n - 1)))),
        .x_name = "days, 0 is the newest",
        .y_name = "people a day",
        .x0 = -(double)(n - 1),
        .step = 1,
        .n = n,
        .lines = {{"people", y, NULL, NULL}, {"usually", l->b.expected + from, lo, hi}, {"burst", none, zero, top}},
        .n_lines = any ? 3 : 2};
}

static void show_bursts(const rising *x, const line *l) {
    const size_t from = l->when.n > 5 ? l->when.n - 5 : 0;
    for (size_t i = from; i < l->when.n; i++) {
        const burst_interval *k = &l->when.interval[i];
        term_say(&x->j->c->t, "burst from %.*s to %.*s, weight %.1f\n", STR_ARG(day_str(x, k->from)),
                 STR_ARG(day_str(x, k->to)), k->weight);
    }
}

static void show(const rising *x) {
    const term *t = &x->j->c->t;
    arena *a = x->j->a;
    term_say(t, "%.*s to %.*s, %.*s; %.*s watched, %zu rising, %zu of them loud enough for an alarm\n\n",
             STR_ARG(say_n(a, (int64_t)x->n, "day", "days")), STR_ARG(day_str(x, x->n - 1)),
             STR_ARG(say_n(a, (int64_t)x->persons, "person", "people")),
             STR_ARG(say_n(a, (int64_t)x->lines_n, "series", "series")), x->rising, x->alarms);
    show_lines(x);
    const line *l = &x->lines[0];
    if (!best_of(l)) return;
    picture p = drawn(x, l, DRAWN);
    p.n_lines = 2; // bursts are told in words below
    term_say(t, "\n");
    picture_text(*a, t, &p);
    show_bursts(x, l);
}

static bool draw(const rising *x, err *e) {
    if (!best_of(&x->lines[0])) return fail(e, ERR_invalid, "there is nothing to draw: %s", x->lines[0].b.why);
    picture p = drawn(x, &x->lines[0], DRAWN_SVG);
    buf b = buf_new(x->j->a, 1 << 20);
    picture_svg(&b, &p);
    return show_write(str_z(x->j->a, x->j->o->svg), buf_str(&b), e);
}

bool text_rising(text_job *j, err *e) {
    rising x = {.j = j};
    if (j->rest.n) return fail(e, ERR_usage, "heed text rising takes one file");
    if (!cells_read(j->a, j->c, str_z(j->a, j->path), &x.t, e) || !columns_of(&x, e) || !days_of_rows(&x, e))
        return false;
    if (!say_all(&x, e)) return false;
    count(&x);
    qsort(x.lines, x.lines_n, sizeof *x.lines, by_strength);
    if (x.left_out)
        cli_note(j->c, "left out, because their time could not be read: %.*s",
                 STR_ARG(say_n(j->a, (int64_t)x.left_out, "row", "rows")));
    if (j->o->svg.len && !draw(&x, e)) return false;
    if (j->c->g.json)
        put_all(&x);
    else
        show(&x);
    return true;
}
