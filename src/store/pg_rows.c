#include <endian.h>

#include "store/pg.h"

// --- statements, prepared on the server on first use

char *pg_name(char name[32], const postgres *p, enum query q) {
    snprintf(name, 32, "q%d_%d", (int)q, pg_plan(p, q)->round);
    return name;
}

// What a statement over unnest wants of each parameter, only the server can say.
static bool learn_arrays(postgres *p, enum query q, const char *name, err *e) {
    plan *k = pg_plan(p, q);
    PGresult *res = PQdescribePrepared(p->conn, name);
    bool ok = PQresultStatus(res) == PGRES_COMMAND_OK || pg_broken(p, res, store_query_name(q), e);
    k->n = ok ? PQnparams(res) : 0;
    if (k->n > MAX_PARAMS)
        ok = fail(e, ERR_internal, "%s has more than %d parameters", store_query_name(q), MAX_PARAMS);
    for (int i = 0; ok && i < k->n; i++) k->types[i] = PQparamtype(res, i);
    PQclear(res);
    return ok;
}

// A statement that calls unnest takes columns, and says their types itself ($1::bigint[]). For all others the types of
// the arguments are declared, as wide as they come: a comparison with a smaller column or a store into one works alike
// on both back ends, and a number out of its range is an error instead of another number.
static bool prepare(postgres *p, enum query q, err *e) {
    plan *k = pg_plan(p, q);
    char name[32];
    const char *sql = query_sql(STORE_POSTGRES, q);
    k->arrays = strstr(sql, "unnest(") != NULL;
    k->round++;
    pg_name(name, p, q);
    PGresult *res = PQprepare(p->conn, name, sql, k->arrays ? 0 : k->n, k->types);
    bool ok = PQresultStatus(res) == PGRES_COMMAND_OK || pg_broken(p, res, store_query_name(q), e);
    PQclear(res);
    if (ok && k->arrays) ok = learn_arrays(p, q, name, e);
    k->ready = ok;
    return ok;
}

bool pg_ready(postgres *p, enum query q, const char *types, int n, err *e) {
    plan *k = pg_plan(p, q);
    bool fits = k->ready && (k->arrays || k->n >= n);
    for (int i = 0; i < n && (!k->ready || !k->arrays); i++) {
        Oid want = pg_type_of(types[i]);
        if (want && (i >= k->n || k->types[i] != want)) fits = false, k->types[i] = want;
    }
    if (fits)
        return k->n <= n ||
               fail(e, ERR_internal, "%s takes %d parameters, %d were given", store_query_name(q), k->n, n);
    pg_settle(p);
    if (k->ready) { // the first use said NULL where this one has a value
        char name[32], sql[64];
        snprintf(sql, sizeof sql, "DEALLOCATE %s", pg_name(name, p, q));
        if (!pg_do(p, sql, e)) return false;
    }
    k->n = n;
    return prepare(p, q, e) && pg_ready(p, q, types, n, e);
}

static bool prepare_unnamed(postgres *p, enum query q, int n, const Oid *types, err *e) {
    PGresult *res = PQprepare(p->conn, "", query_sql(STORE_POSTGRES, q), n, types);
    bool ok = PQresultStatus(res) == PGRES_COMMAND_OK || pg_broken(p, res, store_query_name(q), e);
    PQclear(res);
    return ok;
}

// As the server understands it alone, and again with the wide types that pg_ready declares.
bool pg_try(store *s, enum query q, err *e) {
    postgres *p = pg_of(s);
    Oid types[MAX_PARAMS] = {0};
    pg_settle(p);
    if (!prepare_unnamed(p, q, 0, NULL, e)) return false;
    PGresult *res = PQdescribePrepared(p->conn, "");
    int n = PQnparams(res);
    for (int i = 0; i < n && i < MAX_PARAMS; i++) {
        types[i] = PQparamtype(res, i);
        if (types[i] == OID_INT2 || types[i] == OID_INT4) types[i] = OID_INT8;
        if (types[i] == OID_NUMERIC || types[i] == OID_FLOAT4) types[i] = OID_FLOAT8;
    }
    PQclear(res);
    return prepare_unnamed(p, q, MIN(n, MAX_PARAMS), types, e) && (!query_copy(q) || pg_copy_ready(p, q, e));
}

// Arguments in the server's binary form. Numbers stand in `store`; a column's single value becomes an array of one.
typedef struct {
    const char *v[MAX_PARAMS];
    int len[MAX_PARAMS], format[MAX_PARAMS];
    uint64_t number[MAX_PARAMS];
} args;

static bool one_array(arena *a, args *to, int i, const param *v, Oid array, err *e) {
    Oid element = pg_element(array);
    buf b = buf_new(a, MAX_ROW + 64);
    pg_put_array(&b, element, 1, v->null);
    bool ok = true;
    if (v->null)
        pg_put32(&b, -1);
    else if (v->type == 'i')
        ok = pg_put_int(&b, element, v->i);
    else if (v->type == 'd')
        ok = pg_put_double(&b, element, v->d);
    else
        ok = pg_put_text(&b, element, v->t);
    if (b.full) return fail(e, ERR_too_large, "a value of more than %d MiB is not stored", MAX_ROW >> 20);
    if (!ok) return fail(e, ERR_invalid, "parameter $%d does not fit its column", i + 1);
    to->v[i] = b.s;
    to->len[i] = (int)b.len;
    return true;
}

static bool fill(arena *a, args *to, const plan *k, const param *v, err *e) {
    for (int i = 0; i < k->n; i++) {
        to->format[i] = 1;
        to->v[i] = NULL;
        to->len[i] = 0;
        if (k->arrays && pg_element(k->types[i])) {
            if (!one_array(a, to, i, &v[i], k->types[i], e)) return false;
        } else if (v[i].null)
            continue;
        else if (v[i].type == 'i' || v[i].type == 'd') { // both are eight bytes of the same union
            to->number[i] = htobe64((uint64_t)v[i].i);
            to->v[i] = (const char *)&to->number[i];
            to->len[i] = 8;
        } else {
            if (v[i].t.len > MAX_ROW)
                return fail(e, ERR_too_large, "a value of more than %d MiB is not stored", MAX_ROW >> 20);
            to->v[i] = v[i].t.s ? v[i].t.s : "";
            to->len[i] = (int)v[i].t.len;
        }
    }
    return true;
}

static bool send_query(postgres *p, enum query q, const param *v, int n, err *e) {
    char types[MAX_PARAMS + 1] = "", name[32];
    args x;
    arena work = p->work;
    for (int i = 0; i < n; i++) types[i] = v[i].type;
    if (!pg_ready(p, q, types, n, e) || !fill(&work, &x, pg_plan(p, q), v, e)) return false;
    pg_settle(p);
    return PQsendQueryPrepared(p->conn, pg_name(name, p, q), pg_plan(p, q)->n, x.v, x.len, x.format, 1) ||
           pg_broken(p, NULL, store_query_name(q), e);
}

bool pg_run(store *s, enum query q, int64_t *changed, err *e, const param *v, int n) {
    postgres *p = pg_of(s);
    if (!send_query(p, q, v, n, e)) return false;
    bool ok = true;
    for (PGresult *res; (res = PQgetResult(p->conn)); PQclear(res)) {
        ExecStatusType st = PQresultStatus(res);
        if (st != PGRES_COMMAND_OK && st != PGRES_TUPLES_OK) ok = pg_broken(p, res, store_query_name(q), e);
        if (st == PGRES_COMMAND_OK && !str_i64(str_c(PQcmdTuples(res)), changed)) *changed = 0;
    }
    return ok;
}

// --- rows

static cursor *cursor_open(postgres *p, enum query q) {
    cursor *c = p->free;
    if (c)
        p->free = c->next;
    else {
        c = make(&p->s.a, cursor, 1);
        c->a = arena_open(4 * (size_t)MAX_ROW);
    }
    c->q = q;
    c->aside = c->ended = false;
    c->n_cols = 0;
    c->at = 0;
    err_clear(&c->failed);
    return c;
}

void pg_cursors_close(postgres *p) {
    for (cursor *c = p->free; c; c = c->next) arena_close(&c->a);
}

void pg_query(row *r, enum query q, const param *v, int n) {
    postgres *p = pg_of(r->s);
    if (!send_query(p, q, v, n, r->e)) return;
    PQsetSingleRowMode(p->conn);
    p->live = cursor_open(p, q);
    r->st = p->live;
}

static void learn_columns(cursor *c, const PGresult *res) {
    if (c->n_cols) return;
    c->n_cols = PQnfields(res);
    assert(c->n_cols <= MAX_COLUMNS);
    for (int i = 0; i < c->n_cols; i++) c->types[i] = PQftype(res, i);
}

// The next row off the wire, or NULL when there is none; what ended it early stands in c->failed.
static PGresult *receive(postgres *p, cursor *c) {
    PGresult *res = PQgetResult(p->conn);
    if (res && PQresultStatus(res) == PGRES_SINGLE_TUPLE) {
        learn_columns(c, res);
        return res;
    }
    for (; res; res = PQgetResult(p->conn)) {
        ExecStatusType st = PQresultStatus(res);
        if (st != PGRES_TUPLES_OK && st != PGRES_COMMAND_OK) pg_broken(p, res, store_query_name(c->q), &c->failed);
        PQclear(res);
    }
    c->ended = true;
    p->live = NULL;
    return NULL;
}

// The analyzer of gcc 12 takes a file kept in the cursor for lost; pg_end closes it.
#pragma GCC diagnostic push
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif
static void spill(cursor *c) {
    str rest = buf_str(&c->rest);
    if (!c->file) c->file = tmpfile();
    if (!c->file || fwrite(rest.s, 1, rest.len, c->file) != rest.len)
        fail(&c->failed, ERR_full, "no space left for the rows of %s in the folder for temporary files",
             store_query_name(c->q));
    buf_reset(&c->rest);
}
#pragma GCC diagnostic pop

// A row set aside: its length, then length (-1: NULL) and bytes of each value.
static void put_aside(cursor *c, const PGresult *res) {
    size_t start = c->rest.len;
    uint32_t size = 0;
    buf_bytes(&c->rest, &size, sizeof size);
    for (int i = 0; i < c->n_cols; i++) {
        int32_t len = PQgetisnull(res, 0, i) ? -1 : PQgetlength(res, 0, i);
        buf_bytes(&c->rest, &len, sizeof len);
        if (len > 0) buf_bytes(&c->rest, PQgetvalue(res, 0, i), (size_t)len);
    }
    if (c->rest.full) {
        fail(&c->failed, ERR_too_large, "a row of %s is larger than %d MiB", store_query_name(c->q), MAX_ROW >> 20);
        return;
    }
    size = (uint32_t)(c->rest.len - start - sizeof size);
    memcpy(c->rest.s + start, &size, sizeof size);
    if (c->rest.len >= SPILL_BYTES) spill(c);
}

void pg_settle(postgres *p) {
    cursor *c = p->live;
    if (!c) return;
    c->aside = true;
    c->rest = buf_new(&c->a, SPILL_BYTES + MAX_ROW);
    for (PGresult *res; (res = receive(p, c)); PQclear(res))
        if (err_ok(&c->failed)) put_aside(c, res);
    if (c->file) {
        spill(c);
        rewind(c->file);
    }
}

static void take_values(cursor *c, const char *v) {
    for (int i = 0; i < c->n_cols; i++) {
        int32_t len;
        memcpy(&len, v, sizeof len);
        v += sizeof len;
        c->val[i] = len < 0 ? NULL : v;
        c->len[i] = MAX(len, 0);
        v += c->len[i];
    }
}

static bool next_aside(cursor *c) {
    uint32_t size = 0;
    if (c->file) {
        arena work = c->a;
        if (fread(&size, sizeof size, 1, c->file) != 1) return false;
        char *v = make(&work, char, size + 1);
        if (fread(v, 1, size, c->file) != size)
            return fail(&c->failed, ERR_unavailable, "a temporary file is cut short");
        take_values(c, v);
        return true;
    }
    if (c->at + sizeof size > c->rest.len) return false;
    memcpy(&size, c->rest.s + c->at, sizeof size);
    take_values(c, c->rest.s + c->at + sizeof size);
    c->at += sizeof size + size;
    return true;
}

bool pg_next(row *r) {
    cursor *c = r->st;
    PQclear(c->res);
    c->res = NULL;
    bool found = false;
    if (c->aside)
        found = next_aside(c);
    else if (!c->ended)
        found = (c->res = receive(pg_of(r->s), c)) != NULL;
    if (!found && !err_ok(&c->failed)) fail(r->e, c->failed.code, "%s", c->failed.msg);
    return found;
}

// Leaving early reads the rest and forgets it: a cancellation would end the transaction as well.
void pg_end(row *r) {
    postgres *p = pg_of(r->s);
    cursor *c = r->st;
    r->st = NULL;
    PQclear(c->res);
    c->res = NULL;
    if (p->live == c)
        for (PGresult *res; (res = receive(p, c));) PQclear(res);
    if (c->file) fclose(c->file);
    c->file = NULL;
    arena_reset(&c->a);
    c->rest = (buf){0};
    c->next = p->free;
    p->free = c;
}

// The value of a column, or NULL.
static const char *value(const row *r, int col, int *len) {
    const cursor *c = r->st;
    assert(c && col >= 0 && col < c->n_cols);
    if (!c->res) {
        *len = c->len[col];
        return c->val[col];
    }
    *len = PQgetlength(c->res, 0, col);
    return PQgetisnull(c->res, 0, col) ? NULL : PQgetvalue(c->res, 0, col);
}

static void wrong_type(const row *r, int col, const char *wanted) {
    const cursor *c = r->st;
    fail(r->e, ERR_internal, "column %d of %s is not %s (type %u): cast it", col, store_query_name(c->q), wanted,
         (unsigned)c->types[col]);
}

int64_t pg_get_int(const row *r, int col) {
    int len = 0;
    int64_t i = 0;
    const char *v = value(r, col, &len);
    if (v && !pg_to_int(((const cursor *)r->st)->types[col], v, len, &i)) wrong_type(r, col, "a whole number in range");
    return i;
}

double pg_get_double(const row *r, int col) {
    int len = 0;
    double d = 0;
    const char *v = value(r, col, &len);
    if (v && !pg_to_double(((const cursor *)r->st)->types[col], v, len, &d)) wrong_type(r, col, "a number");
    return d;
}

str pg_get_str(const row *r, int col) {
    int len = 0;
    str t = S("");
    const char *v = value(r, col, &len);
    if (v && !pg_to_str(((const cursor *)r->st)->types[col], v, len, &t)) wrong_type(r, col, "text or bytes");
    return t;
}

bool pg_get_null(const row *r, int col) {
    int len = 0;
    return !value(r, col, &len);
}
