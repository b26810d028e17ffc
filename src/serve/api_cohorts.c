// The triangle of cohorts.
#include "know/cohort.h"
#include "know/figure.h"
#include "know/fold.h"
#include "serve/api_customers.h"
#include "serve/kept.h"

typedef struct {
    call *c;
    cohort_ask ask;
    int64_t segment;
    segment_rule *rule;
} asked;

static void put_cells(json_out *j, const cohort_row *r) {
    json_open(j, "cells", '[');
    for (int i = 0; i < r->n_cells; i++) {
        json_open(j, NULL, '{');
        json_put_int(j, "age", i);
        json_put_bool(j, "running", r->cells[i].running);
        figure_json(j, "estimate", &r->cells[i].of);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_row(json_out *j, const zone *z, const cohort_row *r) {
    str day = date_str(j->b->a, zone_days(z, r->month.since_us));
    json_open(j, NULL, '{');
    json_put_str(j, "month", str_sub(day, 0, day.len - 3));
    json_put_time(j, "since", r->month.since_us);
    json_put_time(j, "until", r->month.until_us);
    json_put_int(j, "customers", r->customers);
    put_cells(j, r);
    json_close(j, '}');
}

static bool tell(void *ctx, buf *b, err *e) {
    asked *k = ctx;
    call *c = k->c;
    id_set only;
    cohorts x;
    if (k->rule && !segment_profiles(c->a, c->s, k->rule, c->now_us, &only, e)) return false;
    if (k->rule) k->ask.only = &only;
    if (!cohorts_read(c->a, c->s, &k->ask, &x, e)) return false;
    json_out j = json_to(b);
    json_open(&j, NULL, '{');
    json_put_str(&j, "of", str_c(cohort_name(k->ask.of)));
    json_put_str(&j, "unit", S("share"));
    json_put_time(&j, "now", x.now_us);
    json_put_bool(&j, "historic", x.historic);
    if (k->ask.of == COHORT_STILL_HERE)
        json_put_int(&j, "silent_days", x.silent_days);
    else
        json_put_null(&j, "silent_days");
    if (k->segment)
        json_put_int(&j, "segment", k->segment);
    else
        json_put_null(&j, "segment");
    json_open(&j, "rows", '[');
    for (int i = 0; i < x.n_rows; i++) put_row(&j, x.z, &x.rows[i]);
    json_close(&j, ']');
    json_open(&j, "all", '{');
    json_put_int(&j, "customers", x.all.customers);
    put_cells(&j, &x.all);
    json_close(&j, '}');
    json_close(&j, '}');
    return true;
}

bool cohorts_show(call *c, err *e) {
    asked k = {.c = c, .ask = {.clock_us = c->now_us}};
    int64_t months = in_int(c, "months", COHORT_MONTHS);
    str of = in_str(c, "of");
    if (months < 1 || months > COHORT_MOST)
        return fail_field(c, e, "months", "'months' must be from 1 to %d", COHORT_MOST);
    if (of.len && !cohort_of_name(of, &k.ask.of)) return fail_field(c, e, "of", "'of' must be still_here or bought");
    k.ask.months = (int)months;
    if (!store_begin_read(c->s, e) || !in_members(c, &k.segment, &k.rule, e)) return false;
    str question = str_fmt(c->a, "cohorts %d %d %" PRId64 " %" PRIu64, (int)k.ask.of, k.ask.months, k.segment,
                           k.rule ? segment_print(k.rule) : 0);
    return kept_put(c, question, tell, &k, e);
}
