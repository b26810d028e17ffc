// Work about how customers sound.
#include "jobs/work_moods.h"
#include "jobs/work.h"

static bool take_up(void *ctx, desk *d, err *e) {
    return mood_own_take(d->s, d->w->now_us(d->w), ctx, e);
}

typedef struct {
    int64_t at_us, left, next_us, next_left;
} marking;

// It may run twice.
static bool mark(void *ctx, desk *d, err *e) {
    marking *m = ctx;
    m->next_us = m->at_us, m->next_left = m->left;
    return mood_own_again(d->s, &m->next_us, &m->next_left, e);
}

// Broken off it begins again with the job.
static bool mark_all(job *j, err *e) {
    for (marking m = {.at_us = INT64_MAX, .left = MOOD_AGAIN}; m.at_us > INT64_MIN;) {
        if (!job_goes_on(j, e) || !writer_do(j->w, mark, &m, e)) return false;
        m.at_us = m.next_us, m.left = m.next_left;
    }
    return true;
}

static bool done(void *ctx, desk *d, err *e) {
    (void)ctx;
    return mood_own_done(d->s, e);
}

// What was read by a model that had to be forgotten is read again, also where nothing better is learned.
bool moods_learn(job *j, store *s, const reader *r, mood_learnt *l, err *e) {
    arena a = arena_open((size_t)1 << 34);
    bool due;
    const bool ok = mood_own_due(s, &due, e) && mood_own_learn(&a, s, r, l, e) &&
                    (!l->texts || writer_do(j->w, take_up, l, e)) && (!(l->better || due) || mark_all(j, e)) &&
                    (!due || writer_do(j->w, done, NULL, e));
    l->model = S("");
    arena_close(&a);
    return ok;
}

bool job_moods(job *j, err *e) {
    store *s;
    reader *r;
    mood_learnt l;
    arena a = arena_open((size_t)64 << 20);
    bool ok = job_reader(j, &s, e) && reader_open(&a, &r, str_c(j->where), e);
    if (!ok) return arena_close(&a), false;
    ok = moods_learn(j, s, r, &l, e);
    reader_close(r);
    if (ok) {
        json_put_int(j->out, "texts", l.texts);
        json_put_num(j->out, "right", l.right);
        json_put_num(j->out, "lexicon", l.lexicon);
        json_put_bool(j->out, "taken", l.better);
    }
    arena_close(&a);
    return ok;
}
