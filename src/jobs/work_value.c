// What customers are worth, computed beside requests and put in place in one transaction.
#include "jobs/work.h"
#include "know/value.h"

enum { PART = 20000 };

static void seen_so_far(void *ctx, int64_t n) {
    job_at(ctx, n, 0);
}

typedef struct {
    job *j;
    const value_fit *f;
    str report;
    int64_t model;
    size_t from;
} putting;

static bool put_model(void *ctx, desk *d, err *e) {
    putting *x = ctx;
    if (!store_int(d->s, Q_value_model_last, &x->model, 0, e, "")) return false;
    return value_put_model(d->s, ++x->model, d->w->now_us(d->w), x->f, x->report, e);
}

static bool put_part(void *ctx, desk *d, err *e) {
    putting *x = ctx;
    size_t n = MIN((size_t)PART, x->f->n_rows - x->from);
    return value_put_rows(d->s, *d->a, x->model, x->f->rows + x->from, n, e);
}

static bool drop_others(void *ctx, desk *d, err *e) {
    return value_forget_others(d->s, ((putting *)ctx)->model, e);
}

static bool put(job *j, const value_fit *f, err *e) {
    arena text = arena_open((size_t)1 << 28);
    buf b = buf_new(&text, 64 << 20);
    json_out o = json_to(&b);
    value_report(&o, NULL, &text, f);
    putting x = {.j = j, .f = f, .report = buf_str(&b)};
    bool ok = writer_do(j->w, put_model, &x, e);
    for (; ok && x.from < f->n_rows; x.from += PART) {
        job_at(j, (int64_t)x.from, (int64_t)f->n_rows);
        ok = job_goes_on(j, e) && writer_do(j->w, put_part, &x, e);
    }
    ok = ok && writer_do(j->w, drop_others, &x, e);
    arena_close(&text);
    return ok;
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
    bool ok = value_compute(&a, s, &t, seen_so_far, j, &f, e) && put(j, &f, e);
    if (ok) json_put_int(j->out, "customers", (int64_t)f.n_rows);
    arena_close(&a);
    return ok;
}
