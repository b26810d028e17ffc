// Work about topics.
#include "jobs/tagging.h"
#include "jobs/work.h"
#include "jobs/work_moods.h"
#include "know/topic.h"

static bool goes_on(void *ctx, int64_t done, int64_t total, err *e) {
    job *j = ctx;
    job_at(j, done, total);
    return job_goes_on(j, e);
}

// Somebody was erased from whose words moods were learned.
static bool moods_anew(job *j, const tagging *x, err *e) {
    mood_learnt l;
    bool due;
    return mood_own_due(x->s, &due, e) && (!due || moods_learn(j, x->s, x->r, &l, e));
}

// ---- names that are no topics yet: counting them reads a year of words, so it is done here and kept for an hour ----

static bool keep_counted(void *ctx, desk *d, err *e) {
    return topic_suggestions_keep(d->s, *(const str *)ctx, e);
}

static bool suggest(job *j, const tagging *x, err *e) {
    str counted;
    bool due;
    arena a = arena_open((size_t)1 << 24);
    bool ok = topic_suggestions_due(&a, x->s, x->now_us, &due, e);
    if (ok && due)
        ok = topic_suggestions_count(&a, x->s, x->now_us, &counted, e) && writer_do(j->w, keep_counted, &counted, e);
    arena_close(&a);
    return ok;
}

static bool work(job *j, const tagging *x, tagged *sum, err *e) {
    const bool anyway = json_is_true(json_object_get(j->in, "anyway"));
    return tag_corrections(x, sum, e) && tag_learn(x, anyway, sum, e) && tag_new(x, sum, e) && tag_again(x, sum, e) &&
           tag_audit(x, e) && moods_anew(j, x, e) && suggest(j, x, e);
}

bool job_topics(job *j, err *e) {
    tagged sum = {0};
    tagging x = {.now_us = j->world->now_us(j->world), .w = j->w, .goes_on = goes_on, .ctx = j};
    arena a = arena_open((size_t)64 << 20);
    reader *r = NULL;
    bool ok = job_reader(j, &x.s, e) && reader_open(&a, &r, str_c(j->where), e);
    x.r = r;
    ok = ok && work(j, &x, &sum, e);
    reader_close(r);
    arena_close(&a);
    if (!ok) return false;
    json_put_int(j->out, "learned", sum.learned);
    json_put_int(j->out, "looked", sum.looked);
    json_put_int(j->out, "gained", sum.gained);
    json_put_int(j->out, "lost", sum.lost);
    return true;
}

bool job_topics_learn(job *j, err *e) {
    return job_topics(j, e);
}
