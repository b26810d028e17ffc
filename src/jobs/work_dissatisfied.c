// Work about dissatisfied customers.
#include "decide/dissatisfied_right.h"
#include "jobs/work.h"

static bool keep(void *ctx, desk *d, err *e) {
    return dissatisfied_keep(d->s, ctx, e);
}

bool job_dissatisfied(job *j, err *e) {
    arena a = arena_open((size_t)1 << 34);
    store *s;
    dissatisfied_sample x = {0};
    bool due, ok = job_reader(j, &s, e) && dissatisfied_due(s, j->world->now_us(j->world), &due, e);
    if (ok && due)
        ok = dissatisfied_draw(&a, s, j->world->now_us(j->world), &x, e) && (!x.n || writer_do(j->w, keep, &x, e));
    if (ok) json_put_int(j->out, "drawn", (int64_t)x.n);
    arena_close(&a);
    return ok;
}
