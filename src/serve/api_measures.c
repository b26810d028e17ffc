// Measures, the rows behind them, and today.
#include <math.h>

#include "act/duties.h"
#include "decide/evidence.h"
#include "decide/today.h"
#include "know/figure.h"
#include "know/fold.h"
#include "know/segment.h"
#include "know/series.h"
#include "serve/api_customers.h"
#include "serve/kept.h"

// ---- what is measured ----

static void put_definition(json_out *j, const measure_info *m) {
    json_put_str(j, "name", str_c(m->name));
    json_put_str(j, "label", str_c(m->label));
    json_put_str(j, "unit", str_c(unit_name(m->unit)));
    json_put_int(j, "better", m->better);
    json_put_str(j, "formula", str_c(m->formula));
}

bool measures_page(call *c, err *e) {
    (void)e;
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "items", '[');
    for (int i = 0; i < MEASURES; i++) {
        const measure_info *m = measure_get((enum measure)i);
        json_open(&c->out, NULL, '{');
        put_definition(&c->out, m);
        json_put_str(&c->out, "method", str_c(m->method));
        json_put_str(&c->out, "text", str_c(m->text));
        json_open(&c->out, "splits", '[');
        for (int s = SPLIT_MONTH; s <= (m->any_split ? SPLIT_SOURCE : SPLIT_SEGMENT); s++)
            json_put_str(&c->out, NULL, str_c(split_name((enum split)s)));
        json_close(&c->out, ']');
        json_close(&c->out, '}');
    }
    json_close(&c->out, ']');
    json_put_null(&c->out, "next");
    json_close(&c->out, '}');
    return true;
}

// ---- one of them ----

typedef struct {
    call *c;
    enum measure m;
    series_ask ask;
    int64_t segment;
    segment_rule *rule;
} asked_measure;

// Days inclusive, as evidence ids have them; the year until now by its length.
static str evidence_of(const asked_measure *k, const series *x, time_span s) {
    arena *a = k->c->a;
    if (!x->split && !k->ask.since_us && !k->ask.until_us) return str_fmt(a, "%s:365d", measure_get(k->m)->name);
    str from = date_str(a, zone_days(x->z, s.since_us)), to = date_str(a, zone_days(x->z, s.until_us - 1));
    return str_fmt(a, "%s:%.*s..%.*s", measure_get(k->m)->name, STR_ARG(from), STR_ARG(to));
}

static void put_point(const asked_measure *k, json_out *j, const series *x, const series_row *r) {
    bool compared = x->compared || (x->split == SPLIT_MONTH && r->span > 0);
    bool whole = (x->split == SPLIT_NONE || x->split == SPLIT_MONTH) && !k->segment;
    json_open(j, NULL, '{');
    json_put_time(j, "since", x->spans[r->span].since_us);
    json_put_time(j, "until", x->spans[r->span].until_us);
    json_put_str(j, "group", panel_group(x->p, r->group));
    figure_json(j, "estimate", &r->now);
    if (compared)
        figure_json(j, "before", &r->before);
    else
        json_put_null(j, "before");
    figure_change_json(j, "change", &r->moved);
    json_put_str(j, "verdict", str_c(figure_verdict(r->verdict)));
    if (whole)
        json_put_str(j, "evidence", evidence_of(k, x, x->spans[r->span]));
    else
        json_put_null(j, "evidence");
    json_close(j, '}');
}

static bool tell_measure(void *ctx, buf *b, err *e) {
    asked_measure *k = ctx;
    arena *a = k->c->a;
    id_set only;
    series x;
    size_t n;
    if (k->rule && !segment_profiles(a, k->c->s, k->rule, k->c->now_us, &only, e)) return false;
    if (k->rule) k->ask.only = &only;
    if (!series_read(a, k->c->s, &k->ask, &x, e)) return false;
    series_row *rows = series_rows(a, &x, k->m, &n);
    json_out j = json_to(b);
    json_open(&j, NULL, '{');
    put_definition(&j, measure_get(k->m));
    json_put_str(&j, "text", str_c(measure_get(k->m)->text));
    json_put_time(&j, "now", x.now_us);
    json_put_bool(&j, "historic", x.historic);
    if (x.split)
        json_put_str(&j, "by", str_c(split_name(x.split)));
    else
        json_put_null(&j, "by");
    if (k->segment)
        json_put_int(&j, "segment", k->segment);
    else
        json_put_null(&j, "segment");
    json_open(&j, "rows", '[');
    for (size_t i = 0; i < n; i++) put_point(k, &j, &x, &rows[i]);
    json_close(&j, ']');
    json_close(&j, '}');
    return true;
}

bool in_members(call *c, int64_t *segment, segment_rule **rule, err *e) {
    char field[SEGMENT_FIELD_LEN];
    err why = {0};
    *segment = in_int(c, "segment", 0), *rule = NULL;
    if (!*segment) return true;
    if (segment_read_text(c->a, c->s, str_fmt(c->a, "segment %" PRId64, *segment), 0, rule, field, &why)) return true;
    return why.code == ERR_invalid ? fail_field(c, e, "segment", "%s", why.msg) : (*e = why, false);
}

static bool fits_split(call *c, enum measure m, enum split s, err *e) {
    if (measure_get(m)->any_split || (s != SPLIT_CHANNEL && s != SPLIT_SOURCE)) return true;
    return fail_field(c, e, "by", "'%s' can be split by month or segment: a customer has many channels and sources",
                      measure_get(m)->name);
}

bool measure_show(call *c, err *e) {
    asked_measure k = {.c = c, .ask = {.clock_us = c->now_us, .compare = true}};
    if (!measure_of(c->params[0], &k.m))
        return fail(e, ERR_not_found, "there is no measure '%.*s'; /api/measures lists them",
                    (int)MIN(c->params[0].len, 60), c->params[0].s);
    k.ask.wanted = (uint32_t)1 << k.m;
    if (!split_of(in_str(c, "by"), &k.ask.split) || !fits_split(c, k.m, k.ask.split, e)) return false;
    if (!store_begin_read(c->s, e) || !in_times(c, &k.ask.since_us, &k.ask.until_us, e) ||
        !in_members(c, &k.segment, &k.rule, e))
        return false;
    str question = str_fmt(c->a, "measure %d %d %.*s %.*s %" PRId64 " %" PRIu64, (int)k.m, (int)k.ask.split,
                           STR_ARG(in_str(c, "since")), STR_ARG(in_str(c, "until")), k.segment,
                           k.rule ? segment_print(k.rule) : 0);
    return kept_put(c, question, tell_measure, &k, e);
}

// ---- the rows behind ----

static bool put_row(void *ctx, const evidence_row *x, err *e) {
    call *c = ctx;
    (void)e;
    json_open(&c->out, NULL, '{');
    json_put_time(&c->out, "at", x->at_us);
    json_put_str(&c->out, "what", x->what);
    json_put_str(&c->out, "figure", x->figure);
    json_put_str(&c->out, "words", x->words);
    json_put_str(&c->out, "source", x->source);
    if (x->customer_id)
        json_put_int(&c->out, "customer", x->customer_id);
    else
        json_put_null(&c->out, "customer");
    json_close(&c->out, '}');
    return true;
}

static bool put_evidence(call *c, err *e) {
    paging p;
    evidence_part part;
    int64_t total;
    bool historic;
    if (!page_open(c, &p, e) || !as_of_us(c->s, c->now_us, &part.now_us, &historic, e)) return false;
    part.skip = p.first ? 0 : p.after[0], part.most = p.limit;
    if (!evidence_list(c->s, c->params[0], &part, put_row, c, &total, e)) return false;
    page_close(c, &p, total > part.skip + part.most, part.skip + part.most, 0);
    return true;
}

// The rows behind a figure cost a pass as the figure does; those of one customer are looked up.
bool evidence_page(call *c, err *e) {
    int64_t customer;
    str id = c->params[0];
    if (!store_begin_read(c->s, e)) return false;
    if (!str_starts(id, S("customer:"))) return kept_passing(c), kept_whole(c, S(""), put_evidence, e);
    return (!str_i64(str_sub(id, 9, id.len), &customer) || look(c, customer, e)) && put_evidence(c, e);
}

// ---- today ----

static void put_measures(json_out *j, const today *t) {
    json_open(j, "measures", '[');
    for (int i = 0; i < t->n_measures; i++) {
        const today_measure *m = &t->measures[i];
        const measure_info *info = measure_get(m->m);
        json_open(j, NULL, '{');
        json_put_str(j, "name", str_c(info->name));
        json_put_str(j, "label", str_c(info->label));
        json_put_str(j, "unit", str_c(unit_name(info->unit)));
        json_put_int(j, "better", info->better);
        figure_json(j, "now", &m->now);
        figure_json(j, "before", &m->before);
        figure_change_json(j, "change", &m->moved);
        json_put_str(j, "verdict", str_c(figure_verdict(m->verdict)));
        json_put_str(j, "evidence", m->evidence);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static const char *const needs[] = {"unhappy_waiting", "complaint", "waiting", "gone_quiet"};

static void put_need(json_out *j, const today_need *n) {
    bool quiet = n->need == NEED_GONE_QUIET;
    json_open(j, NULL, '{');
    json_put_str(j, "need", str_c(needs[n->need]));
    json_put_int(j, "customer", n->customer_id);
    json_put_str(j, "name", n->name);
    json_put_time(j, "since", n->since_us);
    put_money(j, "at_stake", n->value, n->currency);
    if (quiet)
        json_put_int(j, "rhythm_days", n->rhythm_days);
    else
        json_put_null(j, "rhythm_days");
    json_put_num(j, "chance", quiet ? n->chance : NAN);
    json_put_num(j, "last_score", n->has_score ? (double)n->last_score / 100 : NAN);
    if (n->has_score)
        json_put_str(j, "last_instrument", instrument_name(n->last_instrument));
    else
        json_put_null(j, "last_instrument");
    json_put_int(j, "complaints", n->complaints);
    json_put_num(j, "sounds_unhappy", n->sounds ? n->sounds / 1000.0 : NAN);
    json_put_str(j, "words", n->words);
    json_put_str(j, "evidence", n->evidence);
    json_close(j, '}');
}

static void put_needs(json_out *j, const today *t, bool names) {
    json_open(j, "needs", '[');
    for (int i = 0; names && i < t->n_needs; i++) put_need(j, &t->needs[i]);
    json_close(j, ']');
    json_open(j, "need_counts", '{');
    for (int i = 0; i < NEEDS; i++) json_put_int(j, needs[i], t->need_counts[i]);
    json_close(j, '}');
    json_put_int(j, "gave_up", t->gave_up);
}

static void put_rising(json_out *j, const today *t, bool names) {
    json_open(j, "rising", '[');
    for (int i = 0; i < t->n_rising; i++) {
        const today_rising *x = &t->rising[i];
        json_open(j, NULL, '{');
        json_put_str(j, "term", x->term);
        json_put_str(j, "kind", str_c(today_rising_kind(x)));
        json_put_bool(j, "is_topic", x->is_topic);
        json_put_num(j, "share", x->r.share);
        json_put_num(j, "share_before", x->r.share_before);
        json_put_int(j, "mentions", x->now);
        json_put_int(j, "mentions_before", x->before);
        json_put_num(j, "p", x->p);
        json_put_str(j, "example", names ? x->example : S(""));
        json_put_str(j, "evidence", x->evidence);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_put_int(j, "alarms", t->alarms);
    json_put_int(j, "terms_tested", t->terms_tested);
}

typedef struct {
    call *c;
    today_opts how;
    bool names; // who asks may see them
} asked_today;

static bool tell_today(void *ctx, buf *b, err *e) {
    asked_today *k = ctx;
    today t;
    duties d;
    if (!today_read(k->c->a, k->c->s, &k->how, &t, e) ||
        !duties_read(k->c->a, k->c->s, t.now_us, (size_t)k->how.most, &d, e))
        return false;
    json_out j = json_to(b);
    json_open(&j, NULL, '{');
    json_put_time(&j, "now", t.now_us);
    json_put_bool(&j, "historic", t.historic);
    json_put_bool(&j, "sample", t.sample);
    json_put_str(&j, "zone", t.zone);
    json_put_time(&j, "since", t.now.since_us);
    json_put_time(&j, "before_since", t.before.since_us);
    json_put_int(&j, "customers", t.customers);
    json_put_int(&j, "active", t.active);
    put_measures(&j, &t);
    put_needs(&j, &t, k->names);
    put_rising(&j, &t, k->names);
    json_open(&j, "could_not_tell", '[');
    for (int i = 0; i < t.n_unknown; i++) {
        json_open(&j, NULL, '{');
        json_put_str(&j, "what", t.unknown[i].what);
        json_put_str(&j, "why", t.unknown[i].why);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_put_int(&j, "quarantined", t.quarantined);
    duties_json(&j, "duties", &d, k->names, t.now_us);
    json_close(&j, '}');
    return true;
}

bool today_show(call *c, err *e) {
    int64_t days = in_int(c, "days", TODAY_DAYS), most = in_int(c, "most", 5);
    asked_today k = {.c = c, .names = (c->who.needs & N(customers_read)) != 0};
    if (days < 7 || days > 3650) return fail_field(c, e, "days", "'days' must be from 7 to 3650");
    if (most < 1 || most > 100) return fail_field(c, e, "most", "'most' must be from 1 to 100");
    k.how = (today_opts){.clock_us = c->now_us, .days = (int)days, .most = (int)most};
    str question = str_fmt(c->a, "today %d %d %d", (int)days, (int)most, k.names);
    return store_begin_read(c->s, e) && kept_put(c, question, tell_today, &k, e);
}
