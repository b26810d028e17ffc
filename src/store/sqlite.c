#include <errno.h>
#include <sys/stat.h>

#include "store/sqlite.h"

// "heed" in ASCII, so that another program's database is not taken for ours.
enum { APPLICATION_ID = 0x68656564 };

static const struct backend ops;

static enum err_code code_of(sqlite3 *db, int rc) {
    int os = sqlite3_system_errno(db);
    switch (rc & 0xff) {
    case SQLITE_FULL: return ERR_full;
    case SQLITE_IOERR: return os == ENOSPC || os == EDQUOT ? ERR_full : ERR_unavailable;
    case SQLITE_CANTOPEN: return os == EACCES || os == EPERM || os == EROFS ? ERR_denied : ERR_unavailable;
    case SQLITE_NOMEM:
    case SQLITE_NOLFS:
    case SQLITE_INTERRUPT:
    case SQLITE_PROTOCOL: return ERR_unavailable;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH: return ERR_denied;
    case SQLITE_CORRUPT:
    case SQLITE_FORMAT:
    case SQLITE_NOTADB: return ERR_corrupt;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ERR_busy;
    case SQLITE_CONSTRAINT: return ERR_conflict;
    case SQLITE_TOOBIG: return ERR_too_large;
    case SQLITE_MISMATCH: return ERR_invalid;
    }
    return ERR_internal;
}

// Says what failed last on the connection, while doing what.
bool sqlite_broken(sqlite3 *db, const char *file, const char *what, err *e) {
    enum err_code code = code_of(db, sqlite3_extended_errcode(db));
    const char *why = sqlite3_errmsg(db);
    switch (code) {
    case ERR_full:
        return fail(e, code, "no space left to write \"%s\": free some and repeat; nothing of this step was stored",
                    file);
    case ERR_denied: return fail(e, code, "\"%s\" may not be written or read by this user (%s)", file, why);
    case ERR_corrupt:
        return fail(e, code, "\"%s\" is damaged (%s): bring back the last backup with 'heed restore'", file, why);
    case ERR_busy: return fail(e, code, "another process is writing \"%s\"; try again", file);
    case ERR_unavailable:
        return fail(e, code, "\"%s\" cannot be read or written (%s, %s)", file, why,
                    strerror(sqlite3_system_errno(db)));
    default: return fail(e, code, "%s: %s", what, why);
    }
}

static bool broken(sqlite *d, const char *what, err *e) {
    return sqlite_broken(d->db, d->file ? d->file : ":memory:", what, e);
}

// --- statements

static sqlite3_stmt *prepare(sqlite *d, enum query q, unsigned flags, err *e) {
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v3(d->db, query_sql(STORE_SQLITE, q), -1, flags, &st, NULL) != SQLITE_OK)
        broken(d, store_query_name(q), e);
    return st;
}

static bool find_params(statement *k, enum query q, err *e) {
    int named = 0;
    k->n = 0;
    for (int i = 0; i < MAX_PARAMS; i++) {
        char name[16];
        snprintf(name, sizeof name, "$%d", i + 1);
        k->at[i] = sqlite3_bind_parameter_index(k->st, name);
        if (!k->at[i]) continue;
        named++;
        k->n = i + 1;
    }
    if (named == sqlite3_bind_parameter_count(k->st)) return true;
    return fail(e, ERR_internal, "%s: a parameter is not one of $1 to $%d", store_query_name(q), MAX_PARAMS);
}

static statement *kept(sqlite *d, enum query q, err *e) {
    statement *k = &d->kept[query_place(q)];
    if (k->st) return k;
    k->st = prepare(d, q, SQLITE_PREPARE_PERSISTENT, e);
    if (k->st && find_params(k, q, e)) return k;
    sqlite3_finalize(k->st);
    k->st = NULL;
    return NULL;
}

static bool count_fits(const statement *k, enum query q, int n, err *e) {
    if (n >= k->n) return true;
    return fail(e, ERR_internal, "%s takes %d parameters, %d were given", store_query_name(q), k->n, n);
}

static int bind_one(sqlite3_stmt *st, int at, const param *p, sqlite3_destructor_type keep) {
    if (p->null) return sqlite3_bind_null(st, at);
    switch (p->type) {
    case 'i': return sqlite3_bind_int64(st, at, p->i);
    case 'd': return sqlite3_bind_double(st, at, p->d);
    case 't': return sqlite3_bind_text64(st, at, p->t.s ? p->t.s : "", p->t.len, keep, SQLITE_UTF8);
    case 'b': return sqlite3_bind_blob64(st, at, p->t.s ? p->t.s : "", p->t.len, keep);
    }
    return sqlite3_bind_null(st, at);
}

// SQLite ends a transaction by itself after some failures (a full disk). What its owner still sends must not be stored
// piece by piece.
static bool still_open(const sqlite *d, err *e) {
    return !d->s.in_tx || !sqlite3_get_autocommit(d->db) ||
           fail(e, ERR_conflict, "the transaction was undone, because a statement in it failed");
}

static bool bind(sqlite *d, sqlite3_stmt *st, const statement *k, const param *p, int n, sqlite3_destructor_type keep,
                 enum query q, err *e) {
    for (int i = 0; i < n; i++)
        if (k->at[i] && bind_one(st, k->at[i], &p[i], keep) != SQLITE_OK) return broken(d, store_query_name(q), e);
    return true;
}

static bool try_prepare(store *s, enum query q, err *e) {
    return kept(sqlite_of(s), q, e) != NULL;
}

// --- rows: status is the statement's number, or its negative for a second copy that dies with its loop

static void query(row *r, enum query q, const param *p, int n) {
    sqlite *d = sqlite_of(r->s);
    statement *k = kept(d, q, r->e);
    if (!k || !count_fits(k, q, n, r->e)) return;
    sqlite3_stmt *st = k->busy ? prepare(d, q, 0, r->e) : k->st;
    if (!st) return;
    r->st = st;
    r->status = k->busy ? -(int)q : (int)q;
    if (st == k->st) k->busy = true;
    bind(d, st, k, p, n, SQLITE_TRANSIENT, q, r->e); // a failure ends the loop at its first row_next
}

static bool next(row *r) {
    int rc = sqlite3_step(r->st);
    if (rc == SQLITE_ROW) return true;
    if (rc != SQLITE_DONE) broken(sqlite_of(r->s), store_query_name((enum query)abs(r->status)), r->e);
    return false;
}

static void end(row *r) {
    if (r->status < 0)
        sqlite3_finalize(r->st);
    else {
        sqlite3_reset(r->st);
        sqlite3_clear_bindings(r->st);
        sqlite_of(r->s)->kept[query_place((enum query)r->status)].busy = false;
    }
    r->st = NULL;
}

static int64_t get_int(const row *r, int col) {
    return sqlite3_column_int64(r->st, col);
}

static double get_double(const row *r, int col) {
    return sqlite3_column_double(r->st, col);
}

static str get_str(const row *r, int col) {
    const void *p = sqlite3_column_blob(r->st, col);
    return (str){p ? p : "", p ? (size_t)sqlite3_column_bytes(r->st, col) : 0};
}

static bool get_null(const row *r, int col) {
    return sqlite3_column_type(r->st, col) == SQLITE_NULL;
}

static bool step_all(sqlite *d, statement *k, enum query q, err *e) {
    int rc = sqlite3_step(k->st);
    while (rc == SQLITE_ROW) rc = sqlite3_step(k->st);
    bool ok = rc == SQLITE_DONE || broken(d, store_query_name(q), e);
    sqlite3_reset(k->st);
    return ok;
}

static bool run(store *s, enum query q, int64_t *changed, err *e, const param *p, int n) {
    sqlite *d = sqlite_of(s);
    statement *k = kept(d, q, e);
    if (!k || !count_fits(k, q, n, e) || !still_open(d, e)) return false;
    assert(!k->busy);
    bool ok = bind(d, k->st, k, p, n, SQLITE_STATIC, q, e) && step_all(d, k, q, e);
    if (ok && !sqlite3_stmt_readonly(k->st)) *changed = sqlite3_changes64(d->db);
    sqlite3_clear_bindings(k->st);
    return ok;
}

static int bind_cell(sqlite3_stmt *st, int at, const column *c, size_t i) {
    if (c->is_null && c->is_null[i]) return sqlite3_bind_null(st, at);
    switch (c->type) {
    case 'i': return sqlite3_bind_int64(st, at, ((const int64_t *)c->v)[i]);
    case 'd': return sqlite3_bind_double(st, at, ((const double *)c->v)[i]);
    }
    str t = ((const str *)c->v)[i];
    if (c->type == 't') return sqlite3_bind_text64(st, at, t.s ? t.s : "", t.len, SQLITE_STATIC, SQLITE_UTF8);
    return sqlite3_bind_blob64(st, at, t.s ? t.s : "", t.len, SQLITE_STATIC);
}

// Bindings outlive a step: what the row before had in a column needs no binding again. Much of a bulk repeats.
static bool repeats(const column *c, size_t i) {
    if (!i) return false;
    bool null = c->is_null && c->is_null[i], was = c->is_null && c->is_null[i - 1];
    if (null || was) return null && was;
    const int64_t *v = c->v;
    return c->type == 'i' && v[i] == v[i - 1];
}

static bool bulk(store *s, enum query q, const column *cols, int n_cols, size_t n, int64_t *changed, err *e) {
    sqlite *d = sqlite_of(s);
    statement *k = kept(d, q, e);
    if (!k || !count_fits(k, q, n_cols, e) || !still_open(d, e)) return false;
    assert(!k->busy);
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        int bad = 0;
        for (int c = 0; c < n_cols; c++)
            if (k->at[c] && !repeats(&cols[c], i)) bad |= bind_cell(k->st, k->at[c], &cols[c], i);
        ok = bad ? broken(d, store_query_name(q), e) : step_all(d, k, q, e);
        if (ok) *changed += sqlite3_changes64(d->db);
    }
    sqlite3_clear_bindings(k->st);
    return ok;
}

// --- transactions

bool sqlite_exec(store *s, const char *sql, err *e) {
    sqlite *d = sqlite_of(s);
    return sqlite3_exec(d->db, sql, NULL, NULL, NULL) == SQLITE_OK || broken(d, sql, e);
}

bool sqlite_begin(store *s, bool read, err *e) {
    // A deferred transaction takes its snapshot at the first read, so one follows at once.
    bool ok = sqlite_exec(s, read ? "BEGIN; SELECT COUNT(*) FROM sqlite_schema" : "BEGIN IMMEDIATE", e);
    if (!ok) sqlite_rollback(s);
    return ok;
}

void sqlite_rollback(store *s) {
    sqlite *d = sqlite_of(s);
    if (!sqlite3_get_autocommit(d->db)) sqlite3_exec(d->db, "ROLLBACK", NULL, NULL, NULL);
}

static bool commit(store *s, err *e) {
    bool ok = !sqlite3_get_autocommit(sqlite_of(s)->db)
                  ? sqlite_exec(s, "COMMIT", e)
                  : fail(e, ERR_conflict, "the transaction was undone, because a statement in it failed");
    if (!ok) sqlite_rollback(s);
    return ok;
}

bool sqlite_number(sqlite *d, const char *sql, int64_t *v, err *e) {
    sqlite3_stmt *st = NULL;
    bool ok = sqlite3_prepare_v2(d->db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW;
    if (ok)
        *v = sqlite3_column_int64(st, 0);
    else
        broken(d, sql, e);
    sqlite3_finalize(st);
    return ok;
}

// The tables are counted first: another process may make them between two of these questions.
static bool version(store *s, int64_t *v, err *e) {
    int64_t tables = 0, id = 0;
    *v = 0;
    if (!sqlite_number(sqlite_of(s), "SELECT COUNT(*) FROM sqlite_schema", &tables, e)) return false;
    if (tables == 0) return true;
    if (!sqlite_number(sqlite_of(s), "PRAGMA application_id", &id, e)) return false;
    if (id != APPLICATION_ID)
        return fail(e, ERR_conflict, "\"%s\" is the database of another program", sqlite_of(s)->file);
    return sqlite_number(sqlite_of(s), "PRAGMA user_version", v, e);
}

static bool set_version(store *s, int64_t v, err *e) {
    char sql[80];
    snprintf(sql, sizeof sql, "PRAGMA user_version = %" PRId64 "; PRAGMA application_id = %d", v, APPLICATION_ID);
    return sqlite_exec(s, sql, e);
}

// --- upkeep

static bool ensure_period(store *s, int32_t period, err *e) {
    (void)s, (void)period, (void)e;
    return true;
}

static bool check(store *s, arena *a, str *problem, err *e) {
    sqlite *d = sqlite_of(s);
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(d->db, "PRAGMA integrity_check(20)", -1, &st, NULL);
    buf b = buf_new(a, 8192);
    while (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        str line = str_c((const char *)sqlite3_column_text(st, 0));
        rc = SQLITE_OK;
        if (str_eq(line, S("ok"))) continue;
        if (b.len) buf_addc(&b, '\n');
        buf_add(&b, line);
    }
    bool ok = rc == SQLITE_DONE;
    if (!ok && code_of(d->db, rc) == ERR_corrupt) { // too damaged to be examined is an answer as well
        buf_add(&b, str_c(sqlite3_errmsg(d->db)));
        ok = true;
    } else if (!ok)
        broken(d, "integrity check", e);
    sqlite3_finalize(st);
    *problem = buf_str(&b);
    return ok;
}

static bool optimize(store *s, err *e) {
    if (!sqlite_exec(s, "PRAGMA incremental_vacuum; PRAGMA analysis_limit = 1000; ANALYZE", e)) return false;
    // Readers may keep the checkpoint from finishing; the next one does.
    if (sqlite_of(s)->file && !s->in_tx)
        sqlite3_wal_checkpoint_v2(sqlite_of(s)->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    return true;
}

// Deleted rows are overwritten while it is on. The search index keeps its old segments until they are merged, and the
// write-ahead log its old pages until it is cut; a reader who is at work may delay the latter to the next checkpoint.
static bool wipe(store *s, bool on, err *e) {
    if (on) return sqlite_exec(s, "PRAGMA secure_delete = ON", e);
    if (!sqlite_exec(s, "INSERT INTO feedback_words (feedback_words) VALUES ('optimize'); PRAGMA secure_delete = FAST",
                     e))
        return false;
    if (sqlite_of(s)->file) sqlite3_wal_checkpoint_v2(sqlite_of(s)->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return true;
}

static bool sizes(store *s, int64_t *bytes, err *e) {
    sqlite *d = sqlite_of(s);
    int64_t pages = 0, size = 0;
    if (!sqlite_number(d, "PRAGMA page_count", &pages, e) || !sqlite_number(d, "PRAGMA page_size", &size, e))
        return false;
    *bytes = pages * size;
    if (!d->file) return true;
    struct stat st;
    arena scratch = s->a;
    if (stat(str_z(&scratch, str_fmt(&scratch, "%s-wal", d->file)), &st) == 0) *bytes += st.st_size;
    return true;
}

static void close_db(store *s) {
    sqlite *d = sqlite_of(s);
    for (size_t i = 0; i < COUNT(d->kept); i++) sqlite3_finalize(d->kept[i].st);
    sqlite3_close_v2(d->db);
    sqlite_unlock(s);
}

bool sqlite_open(store **out, str where, store_opts opts, err *e) {
    arena a = arena_open(4 << 20);
    sqlite *d = make(&a, sqlite, 1);
    *out = &d->s;
    d->s = (store){.ops = &ops, .a = a, .opts = opts};
    d->s.where = str_dup(&d->s.a, where);
    d->lock_fd = -1;
    return sqlite_open_db(d, e);
}

static const struct backend ops = {
    .kind = STORE_SQLITE,
    .close = close_db,
    .lock = sqlite_lock,
    .unlock = sqlite_unlock,
    .begin = sqlite_begin,
    .commit = commit,
    .rollback = sqlite_rollback,
    .query = query,
    .next = next,
    .end = end,
    .get_int = get_int,
    .get_double = get_double,
    .get_str = get_str,
    .get_null = get_null,
    .run = run,
    .bulk = bulk,
    .prepare = try_prepare,
    .ensure_period = ensure_period,
    .backup = sqlite_backup,
    .check = check,
    .optimize = optimize,
    .wipe = wipe,
    .sizes = sizes,
    .exec = sqlite_exec,
    .version = version,
    .set_version = set_version,
};
