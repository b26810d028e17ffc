#include "store/pg.h"

enum { BATCH_ROWS = 10000, BATCH_BYTES = 8 << 20, PIPELINE_ROWS = 256 };

static bool is_null(const column *c, size_t i) {
    return c->is_null && c->is_null[i];
}

static bool put_cell(buf *b, Oid type, const column *c, size_t i) {
    if (is_null(c, i)) {
        pg_put32(b, -1);
        return true;
    }
    switch (c->type) {
    case 'i': return pg_put_int(b, type, ((const int64_t *)c->v)[i]);
    case 'd': return pg_put_double(b, type, ((const double *)c->v)[i]);
    }
    return pg_put_text(b, type, ((const str *)c->v)[i]);
}

static bool misfit(enum query q, int col, size_t i, err *e) {
    return fail(e, ERR_invalid, "%s: the value of $%d in row %zu does not fit its column", store_query_name(q), col + 1,
                i);
}

static bool oversize(err *e) {
    return fail(e, ERR_too_large, "a row of more than %d MiB is not stored", MAX_ROW >> 20);
}

// Where the batch that begins at row i ends.
static size_t batch_end(const column *cols, int n_cols, size_t i, size_t n) {
    size_t end = MIN(n, i + BATCH_ROWS), bytes = 0;
    for (size_t k = i; k < end; k++) {
        for (int c = 0; c < n_cols; c++)
            if ((cols[c].type == 't' || cols[c].type == 'b') && !is_null(&cols[c], k))
                bytes += ((const str *)cols[c].v)[k].len;
        if (bytes > BATCH_BYTES) return MAX(k, i + 1);
    }
    return end;
}

static void types_of(const column *cols, int n_cols, char types[MAX_PARAMS + 1]) {
    for (int c = 0; c < n_cols; c++) types[c] = cols[c].type;
    types[n_cols] = 0;
}

static bool done(postgres *p, PGresult *res, enum query q, int64_t *changed, err *e) {
    ExecStatusType st = PQresultStatus(res);
    bool ok = st == PGRES_COMMAND_OK || st == PGRES_TUPLES_OK || pg_broken(p, res, store_query_name(q), e);
    int64_t n = 0;
    if (ok && str_i64(str_c(PQcmdTuples(res)), &n)) *changed += n;
    PQclear(res);
    return ok;
}

// --- arrays: one statement takes a whole batch

static bool run_arrays(postgres *p, enum query q, const column *cols, size_t from, size_t to, int64_t *changed,
                       err *e) {
    const plan *k = pg_plan(p, q);
    const char *v[MAX_PARAMS];
    int len[MAX_PARAMS], format[MAX_PARAMS];
    char name[32];
    arena work = p->work;
    for (int c = 0; c < k->n; c++) {
        Oid element = pg_element(k->types[c]);
        if (!element) return fail(e, ERR_internal, "%s: $%d is not an array", store_query_name(q), c + 1);
        buf b = buf_new(&work, MAX_ROW + BATCH_BYTES);
        pg_put_array(&b, element, to - from, cols[c].is_null != NULL);
        for (size_t i = from; i < to; i++)
            if (!put_cell(&b, element, &cols[c], i)) return misfit(q, c, i, e);
        if (b.full) return oversize(e);
        v[c] = b.s;
        len[c] = (int)b.len;
        format[c] = 1;
    }
    pg_settle(p);
    return done(p, PQexecPrepared(p->conn, pg_name(name, p, q), k->n, v, len, format, 1), q, changed, e);
}

// --- COPY: columns in the binary form of their own types, which the catalogue knows

// Takes "table" off "table(a, b, c)" and leaves the columns.
static str table_of(str *rest) {
    str table = str_trim(str_cut(rest, '('));
    rest->len -= str_ends(*rest, S(")"));
    return table;
}

static bool type_of(PGresult *types, str name, Oid *type) {
    for (int i = 0; i < PQntuples(types); i++) {
        int64_t oid = 0;
        if (!str_eq(str_c(PQgetvalue(types, i, 0)), name)) continue;
        bool ok = str_i64(str_c(PQgetvalue(types, i, 1)), &oid);
        *type = (Oid)oid;
        return ok;
    }
    return false;
}

bool pg_copy_ready(postgres *p, enum query q, err *e) {
    plan *k = pg_plan(p, q);
    if (k->copies) return true;
    str rest = str_c(query_copy(q));
    arena work = p->work;
    const char *table = str_z(&work, table_of(&rest));
    pg_settle(p);
    PGresult *res = PQexecParams(p->conn,
                                 "SELECT attname, atttypid::bigint FROM pg_attribute "
                                 "WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped",
                                 1, NULL, &table, NULL, NULL, 0);
    bool ok = PQresultStatus(res) == PGRES_TUPLES_OK || pg_broken(p, res, store_query_name(q), e);
    int n = 0;
    while (ok && rest.s && rest.len) {
        str name = str_trim(str_cut(&rest, ','));
        ok = n < MAX_PARAMS && type_of(res, name, &k->copy[n++]);
        if (!ok) fail(e, ERR_internal, "%s: no column \"%.*s\" to copy to", store_query_name(q), STR_ARG(name));
    }
    PQclear(res);
    k->copies = ok ? n : 0;
    return ok;
}

static bool send_batch(postgres *p, enum query q, const column *cols, size_t from, size_t to, err *e) {
    const plan *k = pg_plan(p, q);
    arena work = p->work;
    buf b = buf_new(&work, MAX_ROW + BATCH_BYTES + (BATCH_ROWS * MAX_PARAMS * 12));
    for (size_t i = from; i < to; i++) {
        pg_put16(&b, k->copies);
        for (int c = 0; c < k->copies; c++)
            if (!put_cell(&b, k->copy[c], &cols[c], i)) return misfit(q, c, i, e);
    }
    if (b.full) return oversize(e);
    return PQputCopyData(p->conn, b.s, (int)b.len) == 1 || pg_broken(p, NULL, store_query_name(q), e);
}

static bool start_copy(postgres *p, enum query q, err *e) {
    static const char head[19] = "PGCOPY\n\377\r\n"; // then flags and the length of an extension, both 0
    arena work = p->work;
    pg_settle(p);
    char *sql = str_z(&work, str_fmt(&work, "COPY %s FROM STDIN (FORMAT binary)", query_copy(q)));
    PGresult *res = PQexec(p->conn, sql);
    bool ok = PQresultStatus(res) == PGRES_COPY_IN || pg_broken(p, res, store_query_name(q), e);
    PQclear(res);
    return ok && (PQputCopyData(p->conn, head, sizeof head) == 1 || pg_broken(p, NULL, store_query_name(q), e));
}

static bool copy(postgres *p, enum query q, const column *cols, int n_cols, size_t n, int64_t *changed, err *e) {
    if (!pg_copy_ready(p, q, e)) return false;
    if (pg_plan(p, q)->copies != n_cols)
        return fail(e, ERR_internal, "%s copies %d columns, %d were given", store_query_name(q), pg_plan(p, q)->copies,
                    n_cols);
    if (!start_copy(p, q, e)) return false;
    bool ok = true;
    for (size_t i = 0, end; ok && i < n; i = end) {
        end = batch_end(cols, n_cols, i, n);
        ok = send_batch(p, q, cols, i, end, e);
    }
    ok = ok && PQputCopyData(p->conn, "\377\377", 2) == 1;
    if (PQputCopyEnd(p->conn, ok ? NULL : "the rows could not be sent") != 1)
        ok = pg_broken(p, NULL, store_query_name(q), e);
    for (PGresult *res; (res = PQgetResult(p->conn));) ok = done(p, res, q, changed, e) && ok;
    return ok;
}

// --- any other statement: row after row, sent without waiting for each answer

static bool send_row(postgres *p, enum query q, const column *cols, size_t i, err *e) {
    const plan *k = pg_plan(p, q);
    const char *v[MAX_PARAMS];
    int len[MAX_PARAMS], format[MAX_PARAMS];
    char name[32];
    arena work = p->work;
    for (int c = 0; c < k->n; c++) {
        buf b = buf_new(&work, MAX_ROW);
        if (!put_cell(&b, k->types[c], &cols[c], i)) return misfit(q, c, i, e);
        if (b.full) return oversize(e);
        v[c] = is_null(&cols[c], i) ? NULL : b.s + 4; // without its length
        len[c] = (int)b.len - 4;
        format[c] = 1;
    }
    return PQsendQueryPrepared(p->conn, pg_name(name, p, q), k->n, v, len, format, 1) ||
           pg_broken(p, NULL, store_query_name(q), e);
}

// One answer per row, each followed by NULL, and one for the sync at the end.
static bool receive_rows(postgres *p, enum query q, size_t sent, int64_t *changed, err *e) {
    bool ok = true;
    for (size_t i = 0; i < sent; i++)
        for (PGresult *res; (res = PQgetResult(p->conn));) {
            if (PQresultStatus(res) == PGRES_PIPELINE_ABORTED)
                PQclear(res);
            else
                ok = done(p, res, q, changed, e) && ok;
        }
    PQclear(PQgetResult(p->conn));
    return ok;
}

static bool pipeline(postgres *p, enum query q, const column *cols, size_t n, int64_t *changed, err *e) {
    pg_settle(p);
    if (!PQenterPipelineMode(p->conn)) return pg_broken(p, NULL, store_query_name(q), e);
    bool ok = true;
    for (size_t i = 0; ok && i < n;) {
        size_t sent = 0;
        while (ok && i < n && sent < PIPELINE_ROWS) {
            ok = send_row(p, q, cols, i, e);
            i += ok, sent += ok;
        }
        if (!PQpipelineSync(p->conn)) return pg_broken(p, NULL, store_query_name(q), e);
        ok = receive_rows(p, q, sent, changed, e) && ok;
    }
    PQexitPipelineMode(p->conn);
    return ok;
}

bool pg_bulk(store *s, enum query q, const column *cols, int n_cols, size_t n, int64_t *changed, err *e) {
    postgres *p = pg_of(s);
    char types[MAX_PARAMS + 1];
    if (query_copy(q)) return copy(p, q, cols, n_cols, n, changed, e);
    types_of(cols, n_cols, types);
    if (!pg_ready(p, q, types, n_cols, e)) return false;
    if (!pg_plan(p, q)->arrays) return pipeline(p, q, cols, n, changed, e);
    bool ok = true;
    for (size_t i = 0, end; ok && i < n; i = end) {
        end = batch_end(cols, n_cols, i, n);
        ok = run_arrays(p, q, cols, i, end, changed, e);
    }
    return ok;
}
