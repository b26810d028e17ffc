// Work about the inbox.
#include "act/inbox_reply.h"
#include "jobs/work.h"

static bool settle(void *ctx, desk *d, err *e) {
    (void)ctx;
    return inbox_settle(know_ledger(d->k), d->a, e);
}

static bool tidy(void *ctx, desk *d, err *e) {
    (void)ctx;
    return inbox_tidy(d->s, d->w->now_us(d->w), e);
}

bool job_inbox(job *j, err *e) {
    return writer_alone(j->w, settle, NULL, e) && writer_do(j->w, tidy, NULL, e);
}
