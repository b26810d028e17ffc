#include "store/store.h"

#include "store/backend.h"

#include <stdarg.h>

static const char *const texts[2][STORE_QUERIES] = {
#define QUERY_TEXT(name, place, pg, text) [pg][place] = (text),
#define QUERY_COPY(name, place, what)
#include "sql/texts.h"
};

static const char *const copies[STORE_QUERIES] = {
#define QUERY_TEXT(name, place, pg, text)
#define QUERY_COPY(name, place, what) [place] = (what),
#include "sql/texts.h"
};

static const char *const names[STORE_QUERIES] = {
#define QUERY_TEXT(name, place, pg, text) QUERY_NAME_##pg(name, place)
#define QUERY_NAME_0(name, place)         [place] = #name,
#define QUERY_NAME_1(name, place)
#define QUERY_COPY(name, place, what)
#include "sql/texts.h"
};

static const uint16_t before[] = {
#define FILE_BEFORE(n) n,
#define FILE_HOLDS(n)
#include "sql/places.h"
};

size_t query_place(enum query q) {
    return before[q >> QUERY_FILE_BITS] + (size_t)(q & ((1 << QUERY_FILE_BITS) - 1));
}

enum query query_at(size_t place) {
    size_t file = COUNT(before) - 1;
    while (before[file] > place) file--;
    return (enum query)((file << QUERY_FILE_BITS) + place - before[file]);
}

const char *query_sql(enum store_kind kind, enum query q) {
    const size_t at = query_place(q);
    return kind == STORE_POSTGRES && texts[1][at] ? texts[1][at] : texts[0][at];
}

const char *query_copy(enum query q) {
    return copies[query_place(q)];
}

const char *store_sql(const store *s, enum query q) {
    return query_sql(s->ops->kind, q);
}

const char *store_query_name(enum query q) {
    return q == Q_none ? "none" : names[query_place(q)];
}

bool store_open(store **out, str where, store_opts opts, err *e) {
    *out = NULL;
    if (!err_ok(e)) return false;
    store *s = NULL;
    bool pg = str_starts(where, S("postgres://")) || str_starts(where, S("postgresql://"));
    bool ok = where.len ? pg ? postgres_open(&s, where, opts, e) : sqlite_open(&s, where, opts, e)
                        : fail(e, ERR_invalid, "the place of the store is empty");
    if (ok) ok = migrate(s, e);
    if (!ok) {
        store_close(s);
        return false;
    }
    *out = s;
    return true;
}

void store_close(store *s) {
    if (!s) return;
    store_rollback(s);
    arena a = s->a;
    s->ops->close(s);
    arena_close(&a);
}

enum store_kind store_kind_of(const store *s) {
    return s->ops->kind;
}

str store_where(const store *s) {
    return s->where;
}

bool store_only_reads(const store *s) {
    return s->opts.read_only;
}

bool store_lock(store *s, int wait_ms, err *e) {
    if (!err_ok(e)) return false;
    if (s->locked) return true;
    if (s->opts.read_only) return fail(e, ERR_denied, "\"%.*s\" was opened for reading only", STR_ARG(s->where));
    s->locked = s->ops->lock(s, wait_ms, e);
    return s->locked;
}

void store_unlock(store *s) {
    s->ops->unlock(s);
    s->locked = false;
}

static bool begin(store *s, bool read, err *e) {
    if (!err_ok(e)) return false;
    assert(!s->in_tx);
    if (!read && s->opts.read_only)
        return fail(e, ERR_denied, "\"%.*s\" was opened for reading only", STR_ARG(s->where));
    s->in_tx = s->ops->begin(s, read, e);
    return s->in_tx;
}

bool store_begin(store *s, err *e) {
    return begin(s, false, e);
}

bool store_begin_read(store *s, err *e) {
    return begin(s, true, e);
}

bool store_commit(store *s, err *e) {
    if (!err_ok(e)) return false;
    assert(s->in_tx);
    s->in_tx = false;
    return s->ops->commit(s, e);
}

void store_rollback(store *s) {
    if (!s->in_tx) return;
    s->in_tx = false;
    s->ops->rollback(s);
}

bool tx_begin(store *s, bool *ours, err *e) {
    *ours = !s->in_tx;
    return s->in_tx || store_begin(s, e);
}

bool tx_end(store *s, bool ours, bool ok, err *e) {
    if (!ours) return ok;
    if (ok) return store_commit(s, e);
    store_rollback(s);
    return false;
}

static param text_param(char type, str t, bool null) {
    param p = {.type = type, .null = null};
    p.t = t;
    return p;
}

static param int_param(const int64_t *i) {
    return (param){.type = 'i', .null = !i, .i = i ? *i : 0};
}

static int params(param *p, const char *types, va_list args) {
    int n = 0;
    for (const char *c = types; *c; c++, n++) {
        assert(n < MAX_PARAMS);
        switch (*c) {
        case 'i': p[n] = (param){.type = 'i', .i = va_arg(args, int64_t)}; break;
        case 'd': p[n] = (param){.type = 'd', .d = va_arg(args, double)}; break;
        case 't':
        case 'b': p[n] = text_param(*c, va_arg(args, str), false); break;
        case 'I': p[n] = int_param(va_arg(args, const int64_t *)); break;
        case 'T':
            p[n] = text_param('t', va_arg(args, str), false);
            p[n].null = !p[n].t.s;
            break;
        case 'n': p[n] = (param){.type = 'n', .null = true}; break;
        default: assert(false && "a parameter's type is one of i d t b n I T");
        }
    }
    return n;
}

row store_query(store *s, enum query q, err *e, const char *types, ...) {
    row r = {.s = s, .e = e};
    if (!err_ok(e)) return r;
    param p[MAX_PARAMS];
    va_list args;
    va_start(args, types);
    int n = params(p, types, args);
    va_end(args);
    s->ops->query(&r, q, p, n);
    return r;
}

bool row_next(row *r) {
    if (!r->st) return false;
    if (err_ok(r->e) && r->s->ops->next(r)) {
        r->at++;
        return true;
    }
    row_end(r);
    return false;
}

void row_end(row *r) {
    if (r->st) r->s->ops->end(r);
}

int64_t row_int(const row *r, int col) {
    return r->s->ops->get_int(r, col);
}

double row_double(const row *r, int col) {
    return r->s->ops->get_double(r, col);
}

str row_str(const row *r, int col) {
    return r->s->ops->get_str(r, col);
}

bool row_null(const row *r, int col) {
    return r->s->ops->get_null(r, col);
}

bool store_run(store *s, enum query q, int64_t *changed, err *e, const char *types, ...) {
    int64_t unused = 0;
    if (!changed) changed = &unused;
    *changed = 0;
    if (!err_ok(e)) return false;
    param p[MAX_PARAMS];
    va_list args;
    va_start(args, types);
    int n = params(p, types, args);
    va_end(args);
    return s->ops->run(s, q, changed, e, p, n);
}

bool store_int(store *s, enum query q, int64_t *out, int64_t otherwise, err *e, const char *types, ...) {
    *out = otherwise;
    if (!err_ok(e)) return false;
    param p[MAX_PARAMS];
    va_list args;
    va_start(args, types);
    int n = params(p, types, args);
    va_end(args);
    row r = {.s = s, .e = e};
    s->ops->query(&r, q, p, n);
    if (row_next(&r) && !row_null(&r, 0)) *out = row_int(&r, 0);
    row_end(&r);
    return err_ok(e);
}

bool store_bulk(store *s, enum query q, const column *cols, int n_cols, size_t n, int64_t *changed, err *e) {
    int64_t unused = 0;
    if (!changed) changed = &unused;
    *changed = 0;
    if (!err_ok(e)) return false;
    if (n == 0) return true;
    assert(n_cols > 0 && n_cols <= MAX_PARAMS);
    bool ours = false;
    if (!tx_begin(s, &ours, e)) return false;
    bool ok = s->ops->bulk(s, q, cols, n_cols, n, changed, e);
    return tx_end(s, ours, ok, e);
}

bool store_try(store *s, enum query q, err *e) {
    return err_ok(e) && s->ops->prepare(s, q, e);
}

bool store_ensure_period(store *s, int32_t period, err *e) {
    return err_ok(e) && s->ops->ensure_period(s, period, e);
}

bool store_backup(store *s, str to_path, void (*progress)(void *, int64_t, int64_t), void *ctx, err *e) {
    return err_ok(e) && s->ops->backup(s, to_path, progress, ctx, e);
}

bool store_check(store *s, arena *a, str *problem, err *e) {
    *problem = S("");
    return err_ok(e) && s->ops->check(s, a, problem, e);
}

bool store_optimize(store *s, err *e) {
    return err_ok(e) && s->ops->optimize(s, e);
}

bool store_wipe(store *s, bool on, err *e) {
    assert(!s->in_tx);
    return err_ok(e) && s->ops->wipe(s, on, e);
}

bool store_sizes(store *s, int64_t *bytes, err *e) {
    *bytes = 0;
    return err_ok(e) && s->ops->sizes(s, bytes, e);
}
