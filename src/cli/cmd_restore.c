#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/place.h"
#include "sql/ledger.h"

static void pages_up(void *ctx, int64_t done, int64_t total) {
    progress_at(ctx, done, done, total);
}

static bool is_url(str where) {
    return str_starts(where, S("postgres://")) || str_starts(where, S("postgresql://"));
}

// Whether what is in the way may go: a store in which nothing ever was.
static bool nothing_in(cli *c, str where, err *e) {
    store *s;
    int64_t events = 0;
    int64_t imports = 0;
    if (!place_write(c, where, false, &s, e)) return false;
    bool ok = store_int(s, Q_event_count, &events, 0, e, "");
    for (row r = store_query(s, Q_import_sources, e, ""); row_next(&r);) imports++;
    store_close(s);
    if (!ok || !err_ok(e)) return false;
    return (!events && !imports) ||
           fail(e, ERR_conflict, "\"%.*s\" holds %" PRId64 " events already; restore into a new place with --store",
                STR_ARG(where), events);
}

static bool clear_place(cli *c, str where, err *e) {
    static const char *const names[] = {"heed.db", "heed.db-wal", "heed.db-shm"};
    struct stat st;
    arena *a = c->life;
    char *dir = str_z(a, where), *db = str_z(a, str_fmt(a, "%s/heed.db", dir));
    if (stat(dir, &st) != 0 && mkdir(dir, 0700) != 0)
        return fail(e, ERR_denied, "\"%s\" cannot be made (%s)", dir, strerror(errno));
    if (stat(db, &st) != 0) return true;
    if (!nothing_in(c, where, e)) return false;
    for (size_t i = 0; i < COUNT(names); i++) unlink(str_z(a, str_fmt(a, "%s/%s", dir, names[i])));
    return true;
}

// ---- the two forms of a backup ----

static bool from_folder(cli *c, str from, str db, err *e) {
    store *s;
    if (!store_open(&s, from, (store_opts){.read_only = true}, e)) return false;
    progress p = progress_begin(&c->t, S("restore"), "pages");
    bool ok = store_backup(s, db, pages_up, &p, e);
    progress_end(&p);
    store_close(s);
    return ok;
}

static bool copy_bytes(int in, int out, const char *to, err *e) {
    char part[64 << 10];
    ssize_t n;
    while ((n = read(in, part, sizeof part)) > 0)
        for (ssize_t at = 0, w; at < n; at += w)
            if ((w = write(out, part + at, (size_t)(n - at))) <= 0)
                return fail(e, errno == ENOSPC ? ERR_full : ERR_unavailable, "\"%s\" cannot be written (%s)", to,
                            strerror(errno));
    if (n < 0) return fail(e, ERR_unavailable, "the backup cannot be read (%s)", strerror(errno));
    return fsync(out) == 0 || fail(e, ERR_full, "\"%s\" cannot be written (%s)", to, strerror(errno));
}

static bool from_file(cli *c, str from, str db, err *e) {
    char *path = str_z(c->life, from), *to = str_z(c->life, db),
         *part = str_z(c->life, str_cat(c->life, db, S(".part")));
    int in = open(path, O_RDONLY | O_CLOEXEC);
    if (in < 0) return fail(e, ERR_not_found, "\"%s\" cannot be opened (%s)", path, strerror(errno));
    int out = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok = out >= 0 || fail(e, ERR_denied, "\"%s\" cannot be made (%s)", part, strerror(errno));
    ok = ok && copy_bytes(in, out, to, e);
    if (out >= 0) close(out);
    close(in);
    if (ok && rename(part, to) != 0) ok = fail(e, ERR_denied, "\"%s\" cannot be made (%s)", to, strerror(errno));
    if (!ok) unlink(part);
    return ok;
}

// What came back must be sound, or it goes again.
static bool check_restored(cli *c, str where, int64_t *events, err *e) {
    store *s;
    str problem = S("");
    if (!store_open(&s, where, (store_opts){0}, e)) return false;
    bool ok = store_check(s, c->life, &problem, e) && store_int(s, Q_event_count, events, 0, e, "");
    store_close(s);
    str first = str_cut(&problem, '\n');
    return ok && (!first.len || fail(e, ERR_corrupt, "the backup is damaged: %.*s", (int)MIN(first.len, 120), first.s));
}

static bool run(cli *c, const void *options, err *e) {
    struct stat st;
    (void)options;
    arena *a = c->life;
    int64_t events = 0;
    str from = c->args.v[0], where = place_of(c), db = str_cat(a, where, S("/heed.db"));
    if (is_url(where) || is_url(from))
        return fail(e, ERR_usage, "PostgreSQL restores its own backups: pg_restore --dbname=URL FILE");
    if (stat(str_z(a, from), &st) != 0) return fail(e, ERR_not_found, "there is no backup \"%.*s\"", STR_ARG(from));
    bool is_dir = S_ISDIR(st.st_mode);
    if (!clear_place(c, where, e)) return false;
    bool ok = is_dir ? from_folder(c, from, db, e) : from_file(c, from, db, e);
    if (!ok) return false;
    err why = {0};
    if (!check_restored(c, where, &events, &why)) {
        unlink(str_z(a, db));
        if (why.code == ERR_corrupt)
            return fail(e, ERR_corrupt, "the backup \"%.*s\" is damaged; take another one", STR_ARG(from));
        return *e = why, false;
    }
    if (c->g.json)
        term_say(&c->t, "{\"events\":%" PRId64 "}\n", events);
    else if (!c->g.quiet)
        term_say(&c->t, "Restored %.*s events into \"%.*s\".\n", STR_ARG(term_count(a, events)), STR_ARG(where));
    return true;
}

const cmd cmd_restore = {
    .min_args = 1,
    .max_args = 1,
    .run = run,
    .more =
        "Brings a backup back as the store that --store or HEED_STORE names. It never writes over a store with events "
        "in it: restore to a new place, look at it, then move it.",
    .examples = "heed restore /media/usb/heed-2026-01-31 --store heed-data",
    .json = "{\"events\"}",
};
