#include "cli/place.h"
#include "cli/say.h"
#include "decide/evidence.h"
#include "know/figure.h"
#include "know/segment.h"
#include "know/series.h"
#include "sql/know.h"
#include "stats/proportion.h"
#include "stats/rfm.h"

typedef struct {
    str by, since, until, segment;
} measure_options;

static const opt opts[] = {
    {"by", 'b', OPT_TEXT, offsetof(measure_options, by), "month|segment|channel|source", "split it"},
    {"since", 0, OPT_TEXT, offsetof(measure_options, since), "TIME",
     "from this day on, or 90d, 8w, 6m, 1y ago (a year)"},
    {"until", 0, OPT_TEXT, offsetof(measure_options, until), "TIME", "before this day (today)"},
    {"segment", 0, OPT_TEXT, offsetof(measure_options, segment), "NAME|RULE", "of the customers of a segment alone"},
};

typedef struct {
    cli *c;
    store *s;
    const zone *z;
    time_span *spans;
    int n_spans;
    enum split split;
    int64_t now_us;
    panel *p;
    uint32_t wanted;
    const id_set *only; // NULL: everybody
} asking;

static bool spans_of(const asking *k, const measure_options *o, time_span *all, err *e) {
    *all = (time_span){k->now_us - 365 * DAY_US, k->now_us};
    if (o->since.len && !cli_time(k->c, k->z, "--since", o->since, &all->since_us, e)) return false;
    if (o->until.len && !cli_time(k->c, k->z, "--until", o->until, &all->until_us, e)) return false;
    return all->since_us < all->until_us || fail(e, ERR_usage, "--since is not before --until");
}

static str span_label(const asking *k, arena *a, int i) {
    str from = say_day(a, k->z, k->spans[i].since_us), to = say_day(a, k->z, k->spans[i].until_us - 1);
    if (k->split == SPLIT_MONTH) return str_sub(from, 0, 7);
    return str_fmt(a, "%.*s..%.*s", STR_ARG(from), STR_ARG(to));
}

static str group_label(const asking *k, arena *a, int span, int group) {
    str name = panel_group(k->p, group);
    return name.len ? term_clean(a, name, true) : span_label(k, a, span);
}

// ---- one row a measure, or a row a month or group ----

static void add_row(const asking *k, arena *a, table *t, str label, enum measure m, int span, int group) {
    const measure_info *info = measure_get(m);
    estimate x = panel_estimate(a, k->p, m, span, group);
    table_add(t, STYLE_plain, label);
    if (!estimate_shown(&x)) {
        table_add(t, STYLE_dim, S("-"));
        table_add(t, STYLE_dim, x.why ? str_c(x.why) : S(""));
        table_add(t, STYLE_plain, S(""));
        table_add(t, STYLE_plain, S(""));
        return;
    }
    table_add(t, STYLE_bold, figure_value(a, info->unit, x.value));
    table_add(t, STYLE_plain, figure_range(a, info->unit, &x));
    table_add(t, STYLE_dim, str_fmt(a, "n %.*s", STR_ARG(term_count(a, x.n))));
    table_add(t, STYLE_dim, x.state == ESTIMATE_THIN && x.why ? str_c(x.why) : str_c(x.method ? x.method : ""));
}

// Groups that a measure says nothing of are left out; a month without answers is an answer, and stays.
static bool tells(const asking *k, arena scratch, enum measure m, int span, int group) {
    estimate x = panel_estimate(&scratch, k->p, m, span, group);
    return k->split == SPLIT_MONTH || estimate_shown(&x);
}

static table *new_table(arena *a) {
    return table_new(
        a,
        (table_col[]){
            {NULL, false, false}, {NULL, true, false}, {NULL, false, true}, {NULL, true, false}, {NULL, false, false}},
        5);
}

static void show(const asking *k) {
    arena a = k->c->scratch;
    bool one = (k->wanted & (k->wanted - 1)) == 0;
    if (k->split == SPLIT_NONE) {
        term_say(&k->c->t, "%.*s\n", STR_ARG(span_label(k, &a, 0)));
        table *t = new_table(&a);
        for (int m = 0; m < MEASURES; m++)
            if (k->wanted >> m & 1)
                add_row(k, &a, t, str_c(measure_get((enum measure)m)->label), (enum measure)m, 0, 0);
        table_print(t, &k->c->t, 2);
        if (one)
            for (int m = 0; m < MEASURES; m++)
                if (k->wanted >> m & 1)
                    term_say(&k->c->t, "  %s (%s)\n", measure_get((enum measure)m)->text,
                             measure_get((enum measure)m)->formula);
        return;
    }
    for (int m = 0; m < MEASURES; m++) {
        if (!(k->wanted >> m & 1)) continue;
        term_head(&k->c->t, measure_get((enum measure)m)->label);
        table *t = new_table(&a);
        for (int s = 0; s < k->n_spans; s++)
            for (int g = 0; g < panel_groups(k->p); g++)
                if (tells(k, a, (enum measure)m, s, g))
                    add_row(k, &a, t, group_label(k, &a, s, g), (enum measure)m, s, g);
        if (!table_rows(t)) add_row(k, &a, t, span_label(k, &a, 0), (enum measure)m, 0, 0);
        table_print(t, &k->c->t, 2);
    }
}

static void answer(const asking *k) {
    reply r;
    reply_open(&r, k->c);
    json_open(&r.j, NULL, '{');
    json_open(&r.j, "measures", '[');
    for (int m = 0; m < MEASURES; m++) {
        if (!(k->wanted >> m & 1)) continue;
        const measure_info *info = measure_get((enum measure)m);
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "name", str_c(info->name));
        json_put_str(&r.j, "label", str_c(info->label));
        json_put_str(&r.j, "unit", str_c(unit_name(info->unit)));
        json_put_int(&r.j, "better", info->better);
        json_put_str(&r.j, "formula", str_c(info->formula));
        json_put_str(&r.j, "text", str_c(info->text));
        json_open(&r.j, "rows", '[');
        for (int s = 0; s < k->n_spans; s++)
            for (int g = 0; g < panel_groups(k->p); g++) {
                arena a = k->c->scratch;
                estimate x = panel_estimate(&a, k->p, (enum measure)m, s, g);
                json_open(&r.j, NULL, '{');
                reply_time(&r, "since", k->spans[s].since_us);
                reply_time(&r, "until", k->spans[s].until_us);
                json_put_str(&r.j, "group", panel_group(k->p, g));
                figure_json(&r.j, "estimate", &x);
                json_close(&r.j, '}');
            }
        json_close(&r.j, ']');
        json_close(&r.j, '}');
        reply_some(&r);
    }
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    reply_close(&r);
}

// ---- recency, frequency, money ----

typedef struct {
    int64_t customers, money;
} rfm_sum;

static bool read_rfm(asking *k, arena *a, rfm_sum sums[RFM_CELLS], int64_t *n, int32_t *unit, err *e) {
    rfm_row *rows = NULL;
    size_t count = 0, room = 0;
    for (row r = store_query(k->s, Q_summary_scan, e, ""); row_next(&r);) {
        if (row_null(&r, 8) || row_int(&r, 7) >= k->spans[0].until_us) continue;
        if (k->only && !id_set_has(k->only, row_int(&r, 0))) continue;
        if (count == room) {
            rfm_row *more = make(a, rfm_row, room = room ? room * 2 : 4096);
            if (count) memcpy(more, rows, count * sizeof *more);
            rows = more;
        }
        *unit = (int32_t)row_int(&r, 3);
        rows[count++] = (rfm_row){row_int(&r, 8), row_int(&r, 5), row_int(&r, 6) - row_int(&r, 11)};
    }
    rfm_score *scores = make(a, rfm_score, count + 1);
    rfm_scores(*a, rows, count, scores);
    for (size_t i = 0; i < count; i++) sums[scores[i].cell].customers++, sums[scores[i].cell].money += rows[i].money;
    *n = (int64_t)count;
    return err_ok(e);
}

static bool rfm(asking *k, err *e) {
    arena a = arena_open((size_t)1 << 34);
    rfm_sum sums[RFM_CELLS] = {{0}};
    int64_t n, money = 0;
    int32_t unit = 0;
    bool ok = read_rfm(k, &a, sums, &n, &unit, e);
    for (int i = 0; i < RFM_CELLS; i++) money += sums[i].money;
    table *t = table_new(
        &a,
        (table_col[]){
            {NULL, false, false}, {NULL, true, false}, {NULL, true, false}, {NULL, true, false}, {NULL, true, false}},
        5);
    reply r;
    if (ok && k->c->g.json) {
        reply_open(&r, k->c);
        json_open(&r.j, NULL, '{');
        json_put_int(&r.j, "customers", n);
        json_open(&r.j, "cells", '[');
    }
    for (int i = RFM_NONE + 1; ok && i < RFM_CELLS; i++) {
        double share = n ? (double)sums[i].customers / (double)n : 0;
        if (k->c->g.json) {
            json_open(&r.j, NULL, '{');
            json_put_str(&r.j, "cell", str_c(rfm_cell_name((enum rfm_cell)i)));
            json_put_int(&r.j, "customers", sums[i].customers);
            json_put_num(&r.j, "share", share);
            json_put_int(&r.j, "money", sums[i].money);
            json_close(&r.j, '}');
            continue;
        }
        table_add(t, STYLE_plain, str_c(rfm_cell_name((enum rfm_cell)i)));
        table_add(t, STYLE_bold, term_count(&a, sums[i].customers));
        table_add(t, STYLE_plain, figure_value(&a, UNIT_SHARE, share));
        table_add(t, STYLE_plain, say_money(&a, sums[i].money, unit));
        table_add(t, STYLE_dim,
                  str_fmt(&a, "%.*s of the money",
                          STR_ARG(figure_value(&a, UNIT_SHARE, money ? (double)sums[i].money / (double)money : 0))));
    }
    if (ok && k->c->g.json) {
        json_close(&r.j, ']');
        json_close(&r.j, '}');
        reply_close(&r);
    } else if (ok) {
        term_say(&k->c->t, "%.*s buyers, all counted: by how lately, how often and for how much they bought\n",
                 STR_ARG(term_count(&a, n)));
        table_print(t, &k->c->t, 2);
    }
    arena_close(&a);
    return ok;
}

static bool wanted_of(const cli *c, uint32_t *wanted, err *e) {
    *wanted = 0;
    for (size_t i = 0; i < c->args.n; i++) {
        enum measure m;
        if (!measure_of(c->args.v[i], &m)) {
            const char *names[MEASURES + 1];
            for (int k = 0; k < MEASURES; k++) names[k] = measure_get((enum measure)k)->name;
            names[MEASURES] = NULL;
            const char *near = cli_nearest(c->args.v[i], names, MEASURES);
            return fail(e, ERR_usage, "there is no measure '%.*s'%s%s; 'heed measure' lists them, and rfm",
                        STR_ARG(c->args.v[i]), near ? ", did you mean " : "", near ? near : "");
        }
        *wanted |= (uint32_t)1 << m;
    }
    return true;
}

// A segment that is kept, by its name or number, or else a rule.
static bool read_segment(asking *k, str which, err *e) {
    arena *a = k->c->life;
    segment_row x;
    segment_rule *rule;
    err why = {0};
    char field[SEGMENT_FIELD_LEN] = "";
    id_set *only = make(a, id_set, 1);
    bool kept = segment_get(a, k->s, which, &x, e);
    if (!err_ok(e)) return false;
    if (!segment_read_text(a, k->s, kept ? x.rule : which, kept ? x.id : 0, &rule, field, &why)) {
        if (why.code != ERR_invalid) return *e = why, false;
        return fail(e, ERR_usage, "--segment '%.*s' is no segment and no rule: %s", (int)MIN(which.len, 60), which.s,
                    why.msg);
    }
    return segment_profiles(a, k->s, rule, k->now_us, only, e) && (k->only = only, true);
}

static bool ask(asking *k, const measure_options *o, err *e) {
    settings set;
    zone *z;
    time_span all;
    series x;
    bool historic, is_rfm = k->c->args.n == 1 && str_eq(k->c->args.v[0], S("rfm"));
    int64_t clock_us = k->c->w->now_us(k->c->w);
    if (!split_of(o->by, &k->split))
        return fail(e, ERR_usage, "--by takes month, segment, channel or source, not '%.*s'", STR_ARG(o->by));
    if (!is_rfm && !wanted_of(k->c, &k->wanted, e)) return false;
    if (!settings_read(k->c->life, k->s, &set, e) || !zone_open(k->c->life, set.zone, &z, e)) return false;
    k->z = z;
    if (!as_of_us(k->s, clock_us, &k->now_us, &historic, e) || !spans_of(k, o, &all, e)) return false;
    if (o->segment.len && !read_segment(k, o->segment, e)) return false;
    if (!k->c->g.json) settings_mark(k->c, &set);
    if (is_rfm) return k->spans = &all, rfm(k, e);
    series_ask q = {.wanted = k->wanted,
                    .only = k->only,
                    .split = k->split,
                    .since_us = all.since_us,
                    .until_us = all.until_us,
                    .clock_us = clock_us};
    if (!series_read(k->c->life, k->s, &q, &x, e)) return false;
    k->spans = x.spans, k->n_spans = x.n_spans, k->wanted = x.wanted, k->p = x.p;
    if (k->c->g.json)
        answer(k);
    else
        show(k);
    return true;
}

static bool run(cli *c, const void *options, err *e) {
    asking k = {.c = c};
    if (!place_read(c, &k.s, e)) return false;
    bool ok = store_begin_read(k.s, e) && ask(&k, options, e);
    store_close(k.s);
    return ok;
}

const cmd cmd_measure = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(measure_options),
    .max_args = -1,
    .run = run,
    .more = "Figures with their likely range and how many they rest on. Without a name all measures of the last year; "
            "with one or more "
            "names those; --by splits them, --segment asks of some customers alone. docs/measures.md explains each, "
            "with its formula and source.\n\n"
            "Names: nps, csat, ces, stars, response_rate, complaints, churn, grr, nrr, still_here, repeat, returns, "
            "first_reply, "
            "waiting; and rfm, the eleven cells of recency, frequency and money.",
    .examples = "heed measure\nheed measure nps --by month\nheed measure first_reply --by channel --since 90d\n"
                "heed measure repeat --segment 'orders >= 3 and country = DE'\nheed measure rfm",
    .json = "{\"measures\":[{\"name\",\"label\",\"unit\",\"better\",\"formula\",\"text\",\"rows\":[{\"since\","
            "\"until\",\"group\",\"estimate\"}]}]}; rfm: "
            "{\"customers\",\"cells\":[{\"cell\",\"customers\",\"share\",\"money\"}]}",
};
