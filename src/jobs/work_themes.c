// Work about themes, bursts and priorities.
#include "jobs/theming.h"
#include "jobs/work.h"

static bool goes_on(void *ctx, int64_t done, int64_t total, err *e) {
    job *j = ctx;
    if (total) job_at(j, done, total);
    return job_goes_on(j, e);
}

bool job_themes_now(job *j, err *e) {
    return job_themes(j, e);
}

bool job_themes(job *j, err *e) {
    store *s;
    themed done;
    if (!job_reader(j, &s, e)) return false;
    const theming x = {.s = s,
                       .w = j->w,
                       .where = str_c(j->where),
                       .anew = json_is_true(json_object_get(j->in, "anew")),
                       .clock_us = j->world->now_us(j->world),
                       .goes_on = goes_on,
                       .ctx = j};
    if (!theme_all(&x, &done, e)) return false;
    json_put_int(j->out, "words", (int64_t)done.count.texts);
    json_put_int(j->out, "themes", (int64_t)done.count.themes);
    json_put_int(j->out, "fresh", (int64_t)done.count.fresh);
    json_put_int(j->out, "rising", (int64_t)done.rising);
    json_put_int(j->out, "alarms", (int64_t)done.alarms);
    json_put_int(j->out, "weighed", (int64_t)done.weighed);
    return true;
}
