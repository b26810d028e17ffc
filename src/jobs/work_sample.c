// The sample company, made and taken away beside everything else.
#include <unistd.h>

#include "base/civil.h"
#include "jobs/company.h"
#include "jobs/company_inbox.h"
#include "jobs/company_rules.h"
#include "jobs/company_topics.h"
#include "jobs/work.h"
#include "know/settings.h"
#include "sql/ledger.h"

typedef struct {
    job *j;
    str stamp;
    int64_t events;
} stamping;

static bool stamp_piece(void *ctx, desk *d, err *e) {
    return settings_put(d->s, "sample", ((stamping *)ctx)->stamp, e);
}

static bool zone_piece(void *ctx, desk *d, err *e) {
    (void)ctx;
    return settings_put(d->s, "zone", S("Europe/Berlin"), e);
}

// A new store counts days where the company is; whoever writes it must know that before the first event.
static bool settle_zone(job *j, store *s, const settings *set, err *e) {
    int64_t first;
    rebuilt_report r = {0};
    if (set->zone.len) return true;
    if (!store_int(s, Q_event_period_first, &first, INT64_MIN, e, "")) return false;
    return first != INT64_MIN || writer_rebuild(j->w, zone_piece, NULL, NULL, NULL, &r, e);
}

static bool after_batch(void *ctx, const pump_batch *b, err *e) {
    job_at(ctx, b->done, b->total);
    return job_goes_on(ctx, e);
}

static bool optimize_piece(void *ctx, desk *d, err *e) {
    return stamp_piece(ctx, d, e) && store_optimize(d->s, e);
}

static bool rules_piece(void *ctx, desk *d, err *e) {
    (void)ctx;
    return company_rules(know_ledger(d->k), e) && company_inbox(know_ledger(d->k), e) &&
           company_topics(know_ledger(d->k), e);
}

bool job_sample_make(job *j, err *e) {
    store *s;
    settings set;
    bool done;
    int64_t now = j->world->now_us(j->world);
    company c = {.after = after_batch, .ctx = j};
    c.how = (sample_opts){.customers = json_integer_value(json_object_get(j->in, "customers")),
                          .years = (int)json_integer_value(json_object_get(j->in, "years")),
                          .seed = (uint64_t)json_integer_value(json_object_get(j->in, "seed")),
                          .now_us = floor_div(now, DAY_US) * DAY_US};
    c.t = (take){.life = j->a, .w = j->w};
    if (!job_reader(j, &s, e) || !settings_read(j->a, s, &set, e)) return false;
    if (!company_compare(set.sample, &c.how, &done, e) || done) return err_ok(e);
    stamping x = {.j = j, .stamp = company_stamp(j->a, &c.how, false)};
    bool ok = settle_zone(j, s, &set, e) && writer_do(j->w, stamp_piece, &x, e) && company_fill(&c, e);
    x.stamp = company_stamp(j->a, &c.how, true);
    ok = ok && writer_alone(j->w, rules_piece, NULL, e);
    ok = ok && writer_alone(j->w, optimize_piece, &x, e);
    tally_tell(j->out, &c.t.sum);
    return ok;
}

static bool away_piece(void *ctx, desk *d, err *e) {
    stamping *x = ctx;
    return settings_put(d->s, "rebuild", S("due"), e) && company_purge(know_ledger(d->k), &x->events, e) &&
           company_forget(d->s, e);
}

static void rebuilt_up(void *ctx, int64_t done, int64_t total) {
    job_at(ctx, done, total);
}

bool job_sample_remove(job *j, err *e) {
    stamping x = {.j = j};
    rebuilt_report r = {0};
    if (!writer_rebuild(j->w, away_piece, &x, rebuilt_up, j, &r, e)) return false;
    char truth[4096]; // what is true of it, which `heed demo` writes beside the store
    snprintf(truth, sizeof truth, "%s/sample-truth.jsonl", j->where);
    unlink(truth);
    json_put_int(j->out, "events", x.events);
    return true;
}
