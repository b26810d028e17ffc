// Red lines and concessions beside requests: what was given is told, what is over is marked, and the figures that lines
// ask about are read anew.
#include "decide/concession.h"
#include "jobs/work.h"
#include "sql/decide_redline.h"

enum { MEASURE_EVERY_US = 3600 * 1000000u };

static bool tell(void *ctx, desk *d, err *e) {
    return concessions_tell(know_ledger(d->k), ctx, e);
}

static bool expire(void *ctx, desk *d, err *e) {
    return concessions_expire(know_ledger(d->k), ctx, e);
}

typedef struct {
    redline_measured *x;
    size_t n;
} measured;

static bool put_measured(void *ctx, desk *d, err *e) {
    const measured *m = ctx;
    return redlines_measured(d->s, m->x, m->n, e);
}

// They take a pass over everything, so they are as old as an hour.
static bool stale(store *s, int64_t now_us, bool *yes, err *e) {
    int64_t oldest = 0, wanted = 0;
    if (!store_int(s, Q_redline_measure_oldest, &oldest, 0, e, "")) return false;
    if (!store_int(s, Q_redline_measure_wanted, &wanted, 0, e, "")) return false;
    *yes = wanted > 0 && now_us - oldest >= (int64_t)MEASURE_EVERY_US;
    return true;
}

static bool measure(job *j, store *s, err *e) {
    measured m = {0};
    bool yes;
    int64_t now = j->world->now_us(j->world);
    if (!stale(s, now, &yes, e) || !yes) return err_ok(e);
    return redlines_measure(j->a, s, now, &m.x, &m.n, e) && writer_do(j->w, put_measured, &m, e);
}

bool job_redlines(job *j, err *e) {
    store *s;
    int64_t told = 0, over = 1, all = 0;
    for (; over; all += over)
        if (!job_goes_on(j, e) || !writer_do(j->w, expire, &over, e)) return false;
    if (!writer_alone(j->w, tell, &told, e) || !job_reader(j, &s, e) || !measure(j, s, e)) return false;
    json_put_int(j->out, "told", told);
    json_put_int(j->out, "expired", all);
    return true;
}
