// Playbooks, once a minute: who enters is asked of a reader; what is done is done by the writer, some runs at a time,
// so that requests need not wait for all of them.
#include "act/playbook_json.h"
#include "jobs/work.h"
#include "sql/act_playbook.h"

enum { ENTER_AT_ONCE = 500, GO_AT_ONCE = 50, DUE_AT_ONCE = 1000, ROUNDS = 200 };

typedef struct {
    int64_t entered, steps, tasks, failed;
} tally_of;

// ---- entering ----

typedef struct {
    const playbook_row *p;
    const play *d;
    const entrants *x;
    size_t from;
    int64_t now_us, taken;
} letting_in;

static bool take_some(void *ctx, desk *d, err *e) {
    letting_in *k = ctx;
    ledger *l = know_ledger(d->k);
    size_t n = MIN(k->x->n - k->from, (size_t)ENTER_AT_ONCE);
    bool last = k->from + n == k->x->n;
    return playbook_take_in(l, k->p, k->d, k->x->of + k->from, n, &k->taken, e) &&
           (!last || playbook_looked(l, k->p, k->x, k->now_us, e));
}

// A playbook that cannot be read any more (its segment is gone) lets nobody in and does not keep the others.
static bool let_in(job *j, store *s, const playbook_row *p, tally_of *t, err *e) {
    arena a = arena_open((size_t)1 << 34);
    play d;
    entrants x;
    err why = {0};
    char field[PLAY_FIELD];
    letting_in k = {.p = p, .d = &d, .x = &x, .now_us = j->world->now_us(j->world)};
    bool ok = play_read(&a, s, p->definition, &d, field, &why) && playbook_entrants(&a, s, p, &d, k.now_us, &x, &why);
    if (!ok && playbook_of_one(&why)) return arena_close(&a), t->failed++, true;
    if (!ok) *e = why;
    if (ok && !x.n && !x.looked) return arena_close(&a), true;
    do {
        ok = ok && job_goes_on(j, e) && writer_do(j->w, take_some, &k, e);
        if (ok) t->entered += k.taken, k.from += ENTER_AT_ONCE;
    } while (ok && k.from < x.n);
    arena_close(&a);
    return ok;
}

// ---- going on ----

typedef struct {
    const int64_t *ids;
    size_t n;
    bool alone[GO_AT_ONCE], over[GO_AT_ONCE];
    int64_t bad; // the run that failed the piece
    int64_t steps;
} going_on;

// A piece may be run again, so each run is read anew.
static bool go_some(void *ctx, desk *d, err *e) {
    going_on *k = ctx;
    k->steps = 0;
    for (size_t i = 0; i < k->n; i++) {
        arena a = *d->a;
        playbook_run r;
        k->alone[i] = false;
        if (k->over[i]) continue;
        if (!playbook_run_get(&a, d->s, k->ids[i], &r, e) || r.state != RUN_going) {
            if (!err_ok(e)) return false;
            continue;
        }
        int32_t before = r.step;
        if (!playbook_go(know_ledger(d->k), &a, &r, &k->alone[i], e)) return k->bad = k->ids[i], false;
        k->steps += r.step - before;
    }
    return true;
}

typedef struct {
    int64_t id;
    err why;
} one_run;

static bool go_alone(void *ctx, desk *d, err *e) {
    one_run *k = ctx;
    playbook_run r;
    if (!playbook_run_get(d->a, d->s, k->id, &r, e)) return err_ok(e);
    return r.state != RUN_going || playbook_go_alone(know_ledger(d->k), d->a, &r, e);
}

static bool fail_run(void *ctx, desk *d, err *e) {
    one_run *k = ctx;
    return playbook_run_fail(know_ledger(d->k), k->id, str_c(k->why.msg), e);
}

// The run is at fault, not the store: it ends, and the others go on.
static bool give_up(job *j, int64_t id, const err *why, tally_of *t, err *e) {
    one_run k = {.id = id, .why = *why};
    if (why->code == ERR_changed) return true;
    if (!id || !playbook_of_one(why)) return *e = *why, false;
    return t->failed++, writer_alone(j->w, fail_run, &k, e);
}

static bool go_together(job *j, going_on *k, tally_of *t, err *e) {
    for (size_t tries = 0; tries <= k->n; tries++) {
        err why = {0};
        k->bad = 0;
        if (writer_do(j->w, go_some, k, &why)) return t->steps += k->steps, true;
        if (!give_up(j, k->bad, &why, t, e)) return false;
        for (size_t i = 0; i < k->n; i++) k->over[i] |= k->ids[i] == k->bad;
    }
    return true;
}

static bool do_tasks(job *j, const going_on *k, tally_of *t, err *e) {
    for (size_t i = 0; i < k->n; i++) {
        one_run one = {.id = k->ids[i]};
        err why = {0};
        if (!k->alone[i]) continue;
        if (!writer_alone(j->w, go_alone, &one, &why) && !give_up(j, one.id, &why, t, e)) return false;
        t->tasks++;
    }
    return true;
}

static bool go_on(job *j, store *s, tally_of *t, err *e) {
    int64_t ids[DUE_AT_ONCE];
    for (int rounds = 0; rounds < ROUNDS; rounds++) {
        size_t n = 0;
        int64_t now = j->world->now_us(j->world);
        for (row r = store_query(s, Q_playbook_run_due, e, "ii", now, (int64_t)DUE_AT_ONCE); row_next(&r);)
            ids[n++] = row_int(&r, 0);
        for (size_t from = 0; err_ok(e) && from < n; from += GO_AT_ONCE) {
            going_on k = {.ids = ids + from, .n = MIN(n - from, (size_t)GO_AT_ONCE)};
            job_at(j, t->steps, 0);
            if (!job_goes_on(j, e) || !go_together(j, &k, t, e) || !do_tasks(j, &k, t, e)) return false;
        }
        if (!err_ok(e) || !n) break;
    }
    return err_ok(e);
}

bool job_playbooks(job *j, err *e) {
    store *s;
    arena a = arena_open((size_t)1 << 28);
    playbook_row *all;
    size_t n = 0;
    tally_of t = {0};
    bool ok = job_reader(j, &s, e) && playbook_list(&a, s, &all, &n, e);
    for (size_t i = 0; ok && i < n; i++)
        if (all[i].on) ok = let_in(j, s, &all[i], &t, e);
    ok = ok && go_on(j, s, &t, e);
    arena_close(&a);
    json_put_int(j->out, "entered", t.entered);
    json_put_int(j->out, "steps", t.steps);
    json_put_int(j->out, "tasks", t.tasks);
    json_put_int(j->out, "failed", t.failed);
    return ok;
}

// ---- what it would have done, where that takes a while ----

bool job_playbook_try(job *j, err *e) {
    store *s;
    playbook_row x;
    play d;
    try_past t;
    char field[PLAY_FIELD];
    int64_t id = json_integer_value(json_object_get(j->in, "playbook"));
    int32_t days = (int32_t)json_integer_value(json_object_get(j->in, "days"));
    arena a = arena_open((size_t)1 << 35);
    bool ok = job_snapshot(j, &s, e);
    if (ok && !playbook_get_id(&a, s, id, &x, e))
        ok = err_ok(e) ? fail(e, ERR_not_found, "there is no playbook %" PRId64, id) : false;
    ok = ok && play_read(&a, s, x.definition, &d, field, e) &&
         playbook_try_past(&a, s, &x, &d, MAX(days, 1), j->world->now_us(j->world), &t, e);
    if (ok) try_past_json(j->out, "try", &t, days);
    arena_close(&a);
    return ok;
}
