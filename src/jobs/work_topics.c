// Work about topics.
#include "base/civil.h"
#include "jobs/tagging.h"
#include "jobs/work.h"
#include "know/topic_audit.h"

static bool goes_on(void *ctx, int64_t done, int64_t total, err *e) {
    job *j = ctx;
    job_at(j, done, total);
    return job_goes_on(j, e);
}

typedef struct {
    const world *w;
    int64_t drawn;
} drawing;

static bool draw(void *ctx, desk *d, err *e) {
    drawing *k = ctx;
    return topic_audit_draw(d->s, k->w->now_us(k->w), &k->drawn, e);
}

static bool work(job *j, const tagging *x, tagged *sum, err *e) {
    drawing k = {.w = j->world};
    const bool anyway = json_is_true(json_object_get(j->in, "anyway"));
    bool due;
    if (!tag_corrections(x, sum, e) || !tag_learn(x, anyway, sum, e) || !tag_new(x, sum, e) || !tag_again(x, sum, e))
        return false;
    if (!topic_audit_due(x->s, j->world->now_us(j->world), &due, e)) return false;
    return !due || writer_do(j->w, draw, &k, e);
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
