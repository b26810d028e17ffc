// What customers are worth, computed beside requests and put in place in one transaction.
#include "jobs/value_keep.h"
#include "jobs/work.h"

static void seen_so_far(void *ctx, int64_t n) {
    job_at(ctx, n, 0);
}

static bool run_piece(void *ctx, piece_fn fn, void *of, err *e) {
    return writer_do(((job *)ctx)->w, fn, of, e);
}

static bool goes_on(void *ctx, int64_t done, int64_t all, err *e) {
    job_at(ctx, done, all);
    return job_goes_on(ctx, e);
}

bool job_value(job *j, err *e) {
    store *s;
    bool historic;
    value_fit f;
    value_terms t = {.yearly = json_number_value(json_object_get(j->in, "discount")),
                     .margin = json_number_value(json_object_get(j->in, "margin")),
                     .horizon_days = (int32_t)json_integer_value(json_object_get(j->in, "horizon_days"))};
    if (!job_snapshot(j, &s, e) || !as_of_us(s, j->world->now_us(j->world), &t.now_us, &historic, e)) return false;
    arena a = arena_open((size_t)1 << 36);
    bool ok =
        value_compute(&a, s, &t, seen_so_far, j, &f, e) && value_keep(&f, &(value_keeper){run_piece, goes_on, j}, e);
    if (ok) json_put_int(j->out, "customers", (int64_t)f.n_rows);
    arena_close(&a);
    return ok;
}
