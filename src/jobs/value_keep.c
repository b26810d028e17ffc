#include "jobs/value_keep.h"
#include "sql/know_value.h"

enum { PART = 20000 };

typedef struct {
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
    arena scratch = arena_open((size_t)64 << 20);
    size_t n = MIN((size_t)PART, x->f->n_rows - x->from);
    bool ok = value_put_rows(d->s, scratch, x->model, x->f->rows + x->from, n, e);
    arena_close(&scratch);
    return ok;
}

static bool drop_others(void *ctx, desk *d, err *e) {
    return value_forget_others(d->s, ((putting *)ctx)->model, e);
}

bool value_keep(const value_fit *f, const value_keeper *k, err *e) {
    arena text = arena_open((size_t)1 << 28);
    buf b = buf_new(&text, 64 << 20);
    json_out o = json_to(&b);
    value_report(&o, NULL, &text, f);
    putting x = {.f = f, .report = buf_str(&b)};
    bool ok = k->run(k->ctx, put_model, &x, e);
    for (; ok && x.from < f->n_rows; x.from += PART) {
        ok = !k->goes_on || k->goes_on(k->ctx, (int64_t)x.from, (int64_t)f->n_rows, e);
        ok = ok && k->run(k->ctx, put_part, &x, e);
    }
    ok = ok && k->run(k->ctx, drop_others, &x, e);
    arena_close(&text);
    return ok;
}
