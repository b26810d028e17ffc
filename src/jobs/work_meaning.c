// Work about what customers' words mean.
#include "act/stage_act.h"
#include "jobs/understand.h"
#include "jobs/work.h"

static bool goes_on(void *ctx, int64_t done, int64_t total, err *e) {
    job *j = ctx;
    job_at(j, done, total);
    return job_goes_on(j, e);
}

// What customers in trouble wrote goes to whom their stage says, as soon as it is known how it sounds.
static bool route(void *ctx, desk *d, err *e) {
    return stage_route_all(know_ledger(d->k), d->a, d->w->now_us(d->w), ctx, e);
}

bool job_meaning(job *j, err *e) {
    understood sum;
    store *s;
    if (!job_reader(j, &s, e)) return false;
    const understanding x = {.s = s,
                             .w = j->w,
                             .now_us = j->world->now_us(j->world),
                             .where = str_c(j->where),
                             .goes_on = goes_on,
                             .ctx = j};
    if (!understand(&x, &sum, e)) return false;
    json_put_int(j->out, "understood", sum.words);
    json_put_int(j->out, "staged", sum.staged);
    json_put_bool(j->out, "meaning", sum.embeds);
    int64_t routed = 0;
    if (!writer_alone(j->w, route, &routed, e)) return false;
    json_put_int(j->out, "routed", routed);
    return true;
}
