#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/backend.h"

// "heed" in ASCII, so that another program's database is not taken for ours.
enum { APPLICATION_ID = 0x68656564, BUSY_MS = 10000, WAL_PAGES = 16384, MMAP_BYTES = 128 << 20, BACKUP_PAGES = 512 };

typedef struct {
    sqlite3_stmt *st;
    bool busy;          // a loop over its rows is open
    int n;              // how many parameters it takes
    int at[MAX_PARAMS]; // where $1, $2, … stand; 0: not used by this text
} statement;

typedef struct {
    store s;
    sqlite3 *db;
    char *file; // DIR/heed.db; NULL in memory
    int lock_fd;
    statement kept[STORE_QUERIES + 1];
} sqlite;

static sqlite *of(const store *s) {
    return (sqlite *)(uintptr_t)s;
}

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
static bool broken_db(sqlite3 *db, const char *file, const char *what, err *e) {
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
    return broken_db(d->db, d->file ? d->file : ":memory:", what, e);
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
    statement *k = &d->kept[q];
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
    return kept(of(s), q, e) != NULL;
}

// --- rows: status is the statement's number, or its negative for a second copy that dies with its loop

static void query(row *r, enum query q, const param *p, int n) {
    sqlite *d = of(r->s);
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
    if (rc != SQLITE_DONE) broken(of(r->s), store_query_name((enum query)abs(r->status)), r->e);
    return false;
}

static void end(row *r) {
    if (r->status < 0)
        sqlite3_finalize(r->st);
    else {
        sqlite3_reset(r->st);
        sqlite3_clear_bindings(r->st);
        of(r->s)->kept[r->status].busy = false;
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
    sqlite *d = of(s);
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

static bool bulk(store *s, enum query q, const column *cols, int n_cols, size_t n, int64_t *changed, err *e) {
    sqlite *d = of(s);
    statement *k = kept(d, q, e);
    if (!k || !count_fits(k, q, n_cols, e) || !still_open(d, e)) return false;
    assert(!k->busy);
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        int bad = 0;
        for (int c = 0; c < n_cols; c++)
            if (k->at[c]) bad |= bind_cell(k->st, k->at[c], &cols[c], i);
        ok = bad ? broken(d, store_query_name(q), e) : step_all(d, k, q, e);
        if (ok) *changed += sqlite3_changes64(d->db);
    }
    sqlite3_clear_bindings(k->st);
    return ok;
}

// --- transactions

static bool exec(store *s, const char *sql, err *e) {
    sqlite *d = of(s);
    return sqlite3_exec(d->db, sql, NULL, NULL, NULL) == SQLITE_OK || broken(d, sql, e);
}

static bool begin(store *s, bool read, err *e) {
    // A deferred transaction takes its snapshot at the first read, so one follows at once.
    return exec(s, read ? "BEGIN; SELECT COUNT(*) FROM sqlite_schema LIMIT 1" : "BEGIN IMMEDIATE", e);
}

static void rollback(store *s) {
    sqlite *d = of(s);
    if (!sqlite3_get_autocommit(d->db)) sqlite3_exec(d->db, "ROLLBACK", NULL, NULL, NULL);
}

static bool commit(store *s, err *e) {
    bool ok = !sqlite3_get_autocommit(of(s)->db)
                  ? exec(s, "COMMIT", e)
                  : fail(e, ERR_conflict, "the transaction was undone, because a statement in it failed");
    if (!ok) rollback(s);
    return ok;
}

// One whole number that a pragma answers.
static bool number(sqlite *d, const char *sql, int64_t *v, err *e) {
    sqlite3_stmt *st = NULL;
    bool ok = sqlite3_prepare_v2(d->db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW;
    if (ok)
        *v = sqlite3_column_int64(st, 0);
    else
        broken(d, sql, e);
    sqlite3_finalize(st);
    return ok;
}

static bool version(store *s, int64_t *v, err *e) {
    int64_t tables = 0, id = 0;
    if (!number(of(s), "PRAGMA user_version", v, e)) return false;
    if (!number(of(s), "PRAGMA application_id", &id, e)) return false;
    if (id == APPLICATION_ID) return true;
    if (!number(of(s), "SELECT COUNT(*) FROM sqlite_schema", &tables, e)) return false;
    return (*v == 0 && tables == 0) || fail(e, ERR_conflict, "\"%s\" is the database of another program", of(s)->file);
}

static bool set_version(store *s, int64_t v, err *e) {
    char sql[80];
    snprintf(sql, sizeof sql, "PRAGMA user_version = %" PRId64 "; PRAGMA application_id = %d", v, APPLICATION_ID);
    return exec(s, sql, e);
}

// --- the writer's lock: the kernel lets go of it when its holder dies

static bool say_holder(const sqlite *d, err *e) {
    char pid[24] = "";
    ssize_t n = pread(d->lock_fd, pid, sizeof pid - 1, 0);
    int64_t holder = 0;
    if (n > 0 && str_i64(str_trim((str){pid, (size_t)n}), &holder))
        return fail(e, ERR_busy, "\"%.*s\" is being written by process %" PRId64, STR_ARG(d->s.where), holder);
    return fail(e, ERR_busy, "\"%.*s\" is being written by another process", STR_ARG(d->s.where));
}

static void unlock(store *s) {
    sqlite *d = of(s);
    if (d->lock_fd >= 0) close(d->lock_fd);
    d->lock_fd = -1;
}

static bool take_flock(sqlite *d, int wait_ms, err *e) {
    enum { STEP_MS = 20 };
    for (int waited = 0;; waited += STEP_MS) {
        if (flock(d->lock_fd, LOCK_EX | LOCK_NB) == 0) return true;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return fail(e, ERR_unavailable, "\"%.*s\" cannot be locked (%s)", STR_ARG(d->s.where), strerror(errno));
        if (waited >= wait_ms) return say_holder(d, e);
        nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000L}, NULL);
    }
}

static bool lock(store *s, int wait_ms, err *e) {
    sqlite *d = of(s);
    if (!d->file) return true;
    arena scratch = s->a;
    char *path = str_z(&scratch, str_fmt(&scratch, "%.*s/heed.lock", STR_ARG(s->where)));
    d->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (d->lock_fd < 0) return fail(e, ERR_denied, "\"%s\" cannot be written (%s)", path, strerror(errno));
    if (!take_flock(d, wait_ms, e)) {
        unlock(s);
        return false;
    }
    // The number is only for people; the lock holds without it, also on a full disk.
    if (ftruncate(d->lock_fd, 0) == 0) dprintf(d->lock_fd, "%ld\n", (long)getpid());
    return true;
}

// --- upkeep

static bool ensure_period(store *s, int32_t period, err *e) {
    (void)s, (void)period, (void)e;
    return true;
}

static bool check(store *s, arena *a, str *problem, err *e) {
    sqlite *d = of(s);
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
    if (!exec(s, "PRAGMA analysis_limit = 1000; ANALYZE", e)) return false;
    // Readers may keep the checkpoint from finishing; the next one does.
    if (of(s)->file && !s->in_tx) sqlite3_wal_checkpoint_v2(of(s)->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    return true;
}

static bool sizes(store *s, int64_t *bytes, err *e) {
    sqlite *d = of(s);
    int64_t pages = 0, size = 0;
    if (!number(d, "PRAGMA page_count", &pages, e) || !number(d, "PRAGMA page_size", &size, e)) return false;
    *bytes = pages * size;
    if (!d->file) return true;
    struct stat st;
    arena scratch = s->a;
    if (stat(str_z(&scratch, str_fmt(&scratch, "%s-wal", d->file)), &st) == 0) *bytes += st.st_size;
    return true;
}

static void sync_folder_of(arena scratch, str path) {
    while (path.len > 1 && path.s[path.len - 1] != '/') path.len--;
    int fd = open(path.len && path.s[path.len - 1] == '/' ? str_z(&scratch, path) : ".", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    fsync(fd);
    close(fd);
}

static bool copy_pages(sqlite3 *from, sqlite3 *to, void (*progress)(void *, int64_t, int64_t), void *ctx) {
    sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
    if (!b) return false;
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK) {
        rc = sqlite3_backup_step(b, BACKUP_PAGES);
        int total = sqlite3_backup_pagecount(b);
        if (progress) progress(ctx, total - sqlite3_backup_remaining(b), total);
    }
    return sqlite3_backup_finish(b) == SQLITE_OK && rc == SQLITE_DONE;
}

static bool sync_file(const char *path, err *e) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (!ok)
        fail(e, errno == ENOSPC ? ERR_full : ERR_unavailable, "\"%s\" cannot be written (%s)", path, strerror(errno));
    if (fd >= 0) close(fd);
    return ok;
}

// The copy gets its name only when all of it is on the disk. Its own journal is not needed: a half copy is thrown away.
static bool backup_file(sqlite *d, arena scratch, str to, void (*progress)(void *, int64_t, int64_t), void *ctx,
                        err *e) {
    char *path = str_z(&scratch, to), *part = str_z(&scratch, str_cat(&scratch, to, S(".part")));
    sqlite3 *db = NULL;
    int fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return fail(e, ERR_denied, "\"%s\" cannot be made (%s)", part, strerror(errno));
    close(fd);
    bool ok = sqlite3_open_v2(part, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK &&
              sqlite3_exec(db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL, NULL, NULL) == SQLITE_OK &&
              copy_pages(d->db, db, progress, ctx);
    if (!ok) broken_db(db, part, "backup", e);
    sqlite3_close(db);
    ok = ok && sync_file(part, e);
    if (ok && rename(part, path) != 0) ok = fail(e, ERR_denied, "\"%s\" cannot be made (%s)", path, strerror(errno));
    if (!ok)
        unlink(part);
    else
        sync_folder_of(scratch, to);
    return ok;
}

static bool backup(store *s, str to, void (*progress)(void *, int64_t, int64_t), void *ctx, err *e) {
    struct stat st;
    arena scratch = s->a;
    while (to.len > 1 && to.s[to.len - 1] == '/') to.len--;
    char *path = str_z(&scratch, to);
    bool folder = !str_ends(to, S(".db"));
    if (s->in_tx) return fail(e, ERR_busy, "a backup cannot be made inside a transaction");
    if (lstat(path, &st) == 0) return fail(e, ERR_conflict, "\"%s\" exists; a backup needs a new place", path);
    if (folder && mkdir(path, 0700) != 0)
        return fail(e, ERR_denied, "\"%s\" cannot be made (%s)", path, strerror(errno));
    // One snapshot for all pages: writers in other processes go on and are not in it.
    bool ok = begin(s, true, e);
    if (ok) ok = backup_file(of(s), scratch, folder ? str_cat(&scratch, to, S("/heed.db")) : to, progress, ctx, e);
    rollback(s);
    if (ok && folder) sync_folder_of(scratch, to);
    if (!ok && folder) rmdir(path);
    return ok;
}

// --- opening

static bool missing(str where, err *e) {
    return fail(e, ERR_not_found, "there is no store in \"%.*s\"", STR_ARG(where));
}

// Makes the folder and an empty file that only its owner may read.
static bool folder_ready(const char *dir, const char *file, str where, store_opts opts, err *e) {
    struct stat st;
    bool make_new = opts.create && !opts.read_only;
    if (stat(dir, &st) != 0) {
        if (errno != ENOENT) return fail(e, ERR_denied, "\"%s\" cannot be read (%s)", dir, strerror(errno));
        if (!make_new) return missing(where, e);
        if (mkdir(dir, 0700) != 0 && errno != EEXIST)
            return fail(e, errno == ENOENT ? ERR_not_found : ERR_denied, "\"%s\" cannot be made (%s)", dir,
                        strerror(errno));
    } else if (!S_ISDIR(st.st_mode))
        return fail(e, ERR_invalid, "\"%s\" is a file; a store is a folder", dir);
    if (stat(file, &st) == 0) return true;
    if (errno != ENOENT) return fail(e, ERR_denied, "\"%s\" cannot be read (%s)", file, strerror(errno));
    if (!make_new) return missing(where, e);
    int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(e, errno == ENOSPC ? ERR_full : ERR_denied, "\"%s\" cannot be made (%s)", file, strerror(errno));
    close(fd);
    return true;
}

static bool open_db(sqlite *d, const char *name, int flags, err *e) {
    sqlite3_close(d->db);
    d->db = NULL;
    int rc = sqlite3_open_v2(name, &d->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (!d->db) return fail(e, ERR_unavailable, "no memory for SQLite");
    sqlite3_extended_result_codes(d->db, 1);
    sqlite3_busy_timeout(d->db, BUSY_MS);
    return rc == SQLITE_OK || broken(d, name, e);
}

// Reading needs a file beside the database that several readers share. Where it cannot be made (a copy on read-only
// media) and no log waits to be read, the file is taken as one that nobody changes.
static bool open_read_only(sqlite *d, err *e) {
    int64_t v = 0;
    err first = {0};
    if (open_db(d, d->file, SQLITE_OPEN_READONLY, &first) && number(d, "PRAGMA user_version", &v, &first)) return true;
    arena scratch = d->s.a;
    bool log = access(str_z(&scratch, str_fmt(&scratch, "%s-wal", d->file)), F_OK) == 0;
    if (log || first.code == ERR_corrupt) return fail(e, first.code, "%s", first.msg);
    buf uri = buf_new(&scratch, 3 * 4096 + 64);
    buf_add(&uri, S("file:"));
    for (const char *c = d->file; *c; c++) {
        bool plain = (*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || *c == '/';
        buf_fmt(&uri, plain ? "%c" : "%%%02x", (unsigned char)*c);
    }
    buf_add(&uri, S("?immutable=1"));
    return open_db(d, str_z(&scratch, buf_str(&uri)), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, e);
}

static bool write_ahead(sqlite *d, err *e) {
    sqlite3_stmt *st = NULL;
    bool ok = sqlite3_prepare_v2(d->db, "PRAGMA journal_mode = WAL", -1, &st, NULL) == SQLITE_OK &&
              sqlite3_step(st) == SQLITE_ROW;
    if (!ok)
        broken(d, "write-ahead log", e);
    else if (!str_eq(str_c((const char *)sqlite3_column_text(st, 0)), S("wal")))
        ok = fail(e, ERR_unavailable, "\"%s\" cannot have a write-ahead log: keep the store on a local disk", d->file);
    sqlite3_finalize(st);
    return ok;
}

static bool settings(sqlite *d, err *e) {
    char sql[400];
    int cache = d->s.opts.cache_mb > 0 ? MIN(d->s.opts.cache_mb, 1 << 20) : 32;
    snprintf(sql, sizeof sql,
             "PRAGMA cache_size = -%d; PRAGMA mmap_size = %d; PRAGMA temp_store = MEMORY; PRAGMA synchronous = FULL;"
             "PRAGMA secure_delete = FAST; PRAGMA wal_autocheckpoint = %d; PRAGMA trusted_schema = OFF",
             cache * 1024, MMAP_BYTES, WAL_PAGES);
    sqlite3_db_config(d->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    return exec(&d->s, sql, e);
}

static bool open_file(sqlite *d, err *e) {
    char *dir = str_z(&d->s.a, d->s.where);
    d->file = str_z(&d->s.a, str_fmt(&d->s.a, "%s/heed.db", dir));
    if (!folder_ready(dir, d->file, d->s.where, d->s.opts, e)) return false;
    if (d->s.opts.read_only) return open_read_only(d, e);
    if (!open_db(d, d->file, SQLITE_OPEN_READWRITE, e)) return false;
    if (sqlite3_db_readonly(d->db, "main"))
        return fail(e, ERR_denied, "\"%s\" may not be written by this user", d->file);
    return write_ahead(d, e);
}

static void close_db(store *s) {
    sqlite *d = of(s);
    for (size_t i = 0; i < COUNT(d->kept); i++) sqlite3_finalize(d->kept[i].st);
    sqlite3_close_v2(d->db);
    unlock(s);
}

bool sqlite_open(store **out, str where, store_opts opts, err *e) {
    arena a = arena_open(4 << 20);
    sqlite *d = make(&a, sqlite, 1);
    *out = &d->s;
    d->s = (store){.ops = &ops, .a = a, .opts = opts};
    d->s.where = str_dup(&d->s.a, where);
    d->lock_fd = -1;
    bool memory = str_eq(where, S(":memory:"));
    bool ok = memory ? open_db(d, ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY, e)
                     : open_file(d, e);
    return ok && settings(d, e);
}

static const struct backend ops = {
    .kind = STORE_SQLITE,
    .close = close_db,
    .lock = lock,
    .unlock = unlock,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
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
    .backup = backup,
    .check = check,
    .optimize = optimize,
    .sizes = sizes,
    .exec = exec,
    .version = version,
    .set_version = set_version,
};
