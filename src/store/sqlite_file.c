#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite.h"

enum { BUSY_MS = 10000, WAL_PAGES = 16384, MMAP_BYTES = 128 << 20, BACKUP_PAGES = 512 };

// --- the writer's lock: the kernel lets go of it when its holder dies

static bool say_holder(const sqlite *d, err *e) {
    char pid[24] = "";
    ssize_t n = pread(d->lock_fd, pid, sizeof pid - 1, 0);
    int64_t holder = 0;
    if (n > 0 && str_i64(str_trim((str){pid, (size_t)n}), &holder))
        return fail(e, ERR_busy, "\"%.*s\" is being written by process %" PRId64, STR_ARG(d->s.where), holder);
    return fail(e, ERR_busy, "\"%.*s\" is being written by another process", STR_ARG(d->s.where));
}

void sqlite_unlock(store *s) {
    sqlite *d = sqlite_of(s);
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

bool sqlite_lock(store *s, int wait_ms, err *e) {
    sqlite *d = sqlite_of(s);
    if (!d->file) return true;
    arena scratch = s->a;
    char *path = str_z(&scratch, str_fmt(&scratch, "%.*s/heed.lock", STR_ARG(s->where)));
    d->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (d->lock_fd < 0) return fail(e, ERR_denied, "\"%s\" cannot be written (%s)", path, strerror(errno));
    if (!take_flock(d, wait_ms, e)) {
        sqlite_unlock(s);
        return false;
    }
    // The number is only for people; the lock holds without it, also on a full disk.
    if (ftruncate(d->lock_fd, 0) == 0) dprintf(d->lock_fd, "%ld\n", (long)getpid());
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
    if (!ok) sqlite_broken(db, part, "backup", e);
    sqlite3_close(db);
    ok = ok && sync_file(part, e);
    if (ok && rename(part, path) != 0) ok = fail(e, ERR_denied, "\"%s\" cannot be made (%s)", path, strerror(errno));
    if (!ok)
        unlink(part);
    else
        sync_folder_of(scratch, to);
    return ok;
}

bool sqlite_backup(store *s, str to, void (*progress)(void *, int64_t, int64_t), void *ctx, err *e) {
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
    bool ok = sqlite_begin(s, true, e);
    if (ok)
        ok = backup_file(sqlite_of(s), scratch, folder ? str_cat(&scratch, to, S("/heed.db")) : to, progress, ctx, e);
    sqlite_rollback(s);
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

static bool open_as(sqlite *d, const char *name, int flags, err *e) {
    sqlite3_close(d->db);
    d->db = NULL;
    int rc = sqlite3_open_v2(name, &d->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (!d->db) return fail(e, ERR_unavailable, "no memory for SQLite");
    sqlite3_extended_result_codes(d->db, 1);
    sqlite3_busy_timeout(d->db, BUSY_MS);
    return rc == SQLITE_OK || sqlite_broken(d->db, d->file ? d->file : ":memory:", name, e);
}

// Reading needs a file beside the database that several readers share. Where it cannot be made (a copy on read-only
// media) and no log waits to be read, the file is taken as one that nobody changes.
static bool open_read_only(sqlite *d, err *e) {
    int64_t v = 0;
    err first = {0};
    if (open_as(d, d->file, SQLITE_OPEN_READONLY, &first) && sqlite_number(d, "PRAGMA user_version", &v, &first))
        return true;
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
    return open_as(d, str_z(&scratch, buf_str(&uri)), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, e);
}

// SQLite does not wait by itself when several turn a new file to the write-ahead log at the same moment.
static bool write_ahead(sqlite *d, err *e) {
    enum { STEP_MS = 10 };
    sqlite3_stmt *st = NULL;
    // Only a file that is still empty heeds this: pages that a merge leaves free can then be given back (see optimize).
    sqlite3_exec(d->db, "PRAGMA auto_vacuum = INCREMENTAL", NULL, NULL, NULL);
    int rc = sqlite3_prepare_v2(d->db, "PRAGMA journal_mode = WAL", -1, &st, NULL);
    for (int waited = 0; rc == SQLITE_OK && waited < BUSY_MS; waited += STEP_MS) {
        rc = sqlite3_step(st);
        if ((rc & 0xff) != SQLITE_BUSY) break;
        sqlite3_reset(st);
        rc = SQLITE_OK;
        nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000L}, NULL);
    }
    bool ok = rc == SQLITE_ROW || sqlite_broken(d->db, d->file ? d->file : ":memory:", "write-ahead log", e);
    if (ok && !str_eq(str_c((const char *)sqlite3_column_text(st, 0)), S("wal")))
        ok = fail(e, ERR_unavailable, "\"%s\" cannot have a write-ahead log: keep the store on a local disk", d->file);
    sqlite3_finalize(st);
    return ok;
}

static bool settings(sqlite *d, err *e) {
    char sql[400];
    int cache = d->s.opts.cache_mb > 0 ? MIN(d->s.opts.cache_mb, 1 << 20) : 16;
    snprintf(sql, sizeof sql,
             "PRAGMA cache_size = -%d; PRAGMA mmap_size = %d; PRAGMA temp_store = MEMORY; PRAGMA synchronous = FULL;"
             "PRAGMA secure_delete = FAST; PRAGMA wal_autocheckpoint = %d; PRAGMA trusted_schema = OFF",
             cache * 1024, d->s.opts.read_only ? MMAP_BYTES : 0, WAL_PAGES);
    sqlite3_db_config(d->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    return sqlite_exec(&d->s, sql, e);
}

static bool open_file(sqlite *d, err *e) {
    char *dir = str_z(&d->s.a, d->s.where);
    d->file = str_z(&d->s.a, str_fmt(&d->s.a, "%s/heed.db", dir));
    if (!folder_ready(dir, d->file, d->s.where, d->s.opts, e)) return false;
    if (d->s.opts.read_only) return open_read_only(d, e);
    if (!open_as(d, d->file, SQLITE_OPEN_READWRITE, e)) return false;
    if (sqlite3_db_readonly(d->db, "main"))
        return fail(e, ERR_denied, "\"%s\" may not be written by this user", d->file);
    return write_ahead(d, e);
}

bool sqlite_open_db(sqlite *d, err *e) {
    bool memory = str_eq(d->s.where, S(":memory:"));
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY;
    return (memory ? open_as(d, ":memory:", flags, e) : open_file(d, e)) && settings(d, e);
}
