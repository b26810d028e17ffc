// Work about who may be the same person.
#include "jobs/work.h"
#include "know/likeness.h"
#include "sql/know_likeness.h"

static bool look(void *ctx, desk *d, err *e) {
    return likeness_look(d->k, ctx, e);
}

static bool look_all(job *j, likeness_looked *sum, err *e) {
    likeness_looked done = {.waiting = 1};
    while (done.waiting) {
        if (!job_goes_on(j, e) || !writer_alone(j->w, look, &done, e)) return false;
        sum->looked += done.looked, sum->pairs += done.pairs;
        if (!done.looked) break;
        job_at(j, sum->looked, sum->looked + done.waiting);
    }
    return true;
}

bool job_likeness(job *j, err *e) {
    likeness_looked sum = {0};
    int64_t waiting = 0;
    store *s;
    if (!job_reader(j, &s, e) || !store_int(s, Q_likeness_todo_count, &waiting, 0, e, "")) return false;
    if (waiting && !look_all(j, &sum, e)) return false; // a look merges what has come; not for nothing
    json_put_int(j->out, "looked", sum.looked);
    json_put_int(j->out, "pairs", sum.pairs);
    return true;
}

typedef struct {
    const likeness_learnt *l;
    str by;
} taking;

static bool take_up(void *ctx, desk *d, err *e) {
    const taking *t = ctx;
    return likeness_take(d->k, t->l, t->by, e);
}

static void how_far(void *ctx, const char *what, uint64_t done, uint64_t total) {
    (void)what;
    job_at(ctx, (int64_t)done, (int64_t)total);
}

bool job_likeness_learn(job *j, err *e) {
    store *s;
    likeness_learnt l;
    likeness_looked sum = {0};
    likeness_opts o = {.join = json_number_value(json_object_get(j->in, "join")),
                       .ask = json_number_value(json_object_get(j->in, "ask")),
                       .progress = how_far,
                       .ctx = j};
    if (!job_snapshot(j, &s, e)) return false;
    arena a = arena_open((size_t)1 << 38);
    taking t = {&l, j->row.by};
    bool ok = likeness_learn(&a, s, &o, &l, e) && writer_alone(j->w, take_up, &t, e) && look_all(j, &sum, e);
    if (ok) {
        json_put_int(j->out, "profiles", l.profiles);
        json_put_int(j->out, "pairs", (int64_t)l.n);
    }
    arena_close(&a);
    return ok;
}
