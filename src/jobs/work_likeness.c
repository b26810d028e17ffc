// Work about who may be the same person.
#include "jobs/work.h"

#include "base/civil.h"
#include "know/likeness.h"
#include "know/settings.h"
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

static bool learn(job *j, double join, double ask, likeness_learnt *l, arena *a, err *e) {
    store *s;
    likeness_opts o = {.join = join, .ask = ask, .progress = how_far, .ctx = j};
    taking t = {l, j->row.by};
    return job_snapshot(j, &s, e) && likeness_learn(a, s, &o, l, e) && writer_alone(j->w, take_up, &t, e);
}

bool job_likeness_learn(job *j, err *e) {
    likeness_learnt l;
    likeness_looked sum = {0};
    arena a = arena_open((size_t)1 << 38);
    const double join = json_number_value(json_object_get(j->in, "join"));
    bool ok = learn(j, join, json_number_value(json_object_get(j->in, "ask")), &l, &a, e) && look_all(j, &sum, e);
    if (ok) {
        json_put_int(j->out, "profiles", l.profiles);
        json_put_int(j->out, "pairs", (int64_t)l.n);
    }
    arena_close(&a);
    return ok;
}

// ---- looking ----

static const char tried[] = "likeness_learn_tried";

static bool note_try(void *ctx, desk *d, err *e) {
    return store_begin(d->s, e) && settings_put(d->s, tried, *(const str *)ctx, e) && store_commit(d->s, e);
}

// What could not be learnt again is not tried all the time.
static bool may_try(job *j, store *s, arena *a, bool *may, err *e) {
    str last;
    int64_t last_us = 0;
    const int64_t now_us = j->world->now_us(j->world);
    if (!settings_get(a, s, tried, &last, e)) return false;
    *may = !str_i64(last, &last_us) || now_us - last_us >= DAY_US;
    if (!*may) return true;
    str now = str_fmt(a, "%" PRId64, now_us);
    return writer_alone(j->w, note_try, &now, e);
}

// What another version of heed learnt is learnt again, for the same chances; until that works nobody is compared.
static bool learn_again(job *j, store *s, arena *a, const likeness_age *age, bool *ready, err *e) {
    likeness_learnt l;
    err why = {0};
    if (!may_try(j, s, a, ready, e) || !*ready) return err_ok(e);
    *ready = learn(j, age->join, age->ask, &l, a, &why);
    if (!*ready && why.code != ERR_conflict) return *e = why, false;
    json_put_bool(j->out, "learnt_again", *ready);
    json_put_str(j->out, "because", *ready ? age->old : str_c(why.msg));
    if (*ready) json_put_int(j->out, "profiles", l.profiles);
    return true;
}

bool job_likeness(job *j, err *e) {
    likeness_looked sum = {0};
    likeness_age age = {0};
    int64_t waiting = 0;
    store *s;
    bool ready = true;
    arena a = arena_open((size_t)1 << 38);
    bool ok = job_reader(j, &s, e) && store_int(s, Q_likeness_todo_count, &waiting, 0, e, "");
    if (ok && waiting) ok = likeness_kept(&a, s, &age, e); // a look merges what has come; not for nothing
    if (ok && age.old.len) ok = learn_again(j, s, &a, &age, &ready, e);
    if (ok && waiting && ready) ok = look_all(j, &sum, e);
    if (ok) {
        json_put_int(j->out, "looked", sum.looked);
        json_put_int(j->out, "pairs", sum.pairs);
    }
    arena_close(&a);
    return ok;
}
