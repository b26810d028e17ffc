// Points that are due by the programmes, that are to be taken back, or whose time is over; vouchers that have ended;
// and what a crash left untold.
#include "act/reward_earn.h"
#include "act/voucher.h"
#include "jobs/work.h"

typedef struct {
    job *j;
    const reward_told *list;
    size_t n;
    int64_t skipped;
} handing;

static bool tell(void *ctx, desk *d, err *e) {
    handing *h = ctx;
    int64_t skipped;
    if (!reward_tell(know_ledger(d->k), d->a, h->list, h->n, &skipped, e)) return false;
    h->skipped += skipped;
    return true;
}

static bool found(void *ctx, const reward_told *list, size_t n, err *e) {
    handing *h = ctx;
    h->list = list, h->n = n;
    return writer_alone(h->j->w, tell, h, e);
}

static bool goes_on(void *ctx, int64_t looked, err *e) {
    handing *h = ctx;
    job_at(h->j, looked, 0);
    return job_goes_on(h->j, e);
}

static bool untold(void *ctx, desk *d, err *e) {
    (void)ctx;
    return reward_tell_untold(know_ledger(d->k), d->a, e);
}

static bool vouchers(void *ctx, desk *d, err *e) {
    return voucher_sweep(know_ledger(d->k), d->a, ctx, e);
}

bool job_rewards(job *j, err *e) {
    store *s;
    reward_tally t = {0};
    handing h = {.j = j};
    reward_search q = {.now_us = j->world->now_us(j->world), .found = found, .goes_on = goes_on, .ctx = &h};
    int64_t over = 1, ended = 0;
    if (!writer_alone(j->w, untold, NULL, e) || !job_snapshot(j, &s, e) || !reward_find_due(s, &q, &t, e)) return false;
    // What was taken back meanwhile need not expire: read again.
    if (!job_snapshot(j, &s, e) || !reward_find_expired(s, &q, &t, e)) return false;
    for (; over; ended += over)
        if (!job_goes_on(j, e) || !writer_alone(j->w, vouchers, &over, e)) return false;
    json_put_int(j->out, "looked", t.looked);
    json_put_int(j->out, "earned", t.earned);
    json_put_int(j->out, "taken_back", t.taken_back);
    json_put_int(j->out, "expired", t.expired);
    json_put_int(j->out, "held_back", t.held_back);
    json_put_int(j->out, "suspicious", t.suspicious);
    json_put_int(j->out, "skipped", h.skipped);
    json_put_int(j->out, "vouchers_ended", ended);
    return true;
}
