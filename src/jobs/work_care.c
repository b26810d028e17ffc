// Work about customers in hardship.
#include "act/hardship.h"
#include "jobs/work.h"

static bool settle(void *ctx, desk *d, err *e) {
    return hardship_settle(know_ledger(d->k), ctx, e);
}

bool job_hardship(job *j, err *e) {
    hardship_settled done = {0};
    if (!writer_alone(j->w, settle, &done, e)) return false;
    json_put_int(j->out, "agreed", done.told);
    json_put_int(j->out, "paid", done.paid);
    json_put_int(j->out, "missed", done.missed);
    json_put_int(j->out, "kept", done.kept);
    json_put_int(j->out, "ended", done.ended);
    return true;
}
