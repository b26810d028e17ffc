// Work about how customers sound.
#include "jobs/work.h"
#include "know/mood_own.h"

static bool take_up(void *ctx, desk *d, err *e) {
    return mood_own_take(d->s, d->w->now_us(d->w), ctx, e);
}

bool job_moods(job *j, err *e) {
    store *s;
    reader *r;
    mood_learnt l;
    arena a = arena_open((size_t)1 << 34);
    bool ok = job_reader(j, &s, e) && reader_open(&a, &r, str_c(j->where), e);
    if (!ok) return arena_close(&a), false;
    ok = mood_own_learn(&a, s, r, &l, e) && (!l.texts || writer_do(j->w, take_up, &l, e));
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
