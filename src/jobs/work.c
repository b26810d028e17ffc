// What is done again and again: tidying up, back-ups, the proof.
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/civil.h"
#include "jobs/backup.h"
#include "jobs/uploads.h"
#include "jobs/work.h"
#include "know/settings.h"
#include "sql/act_gate.h"
#include "sql/act_outbox.h"
#include "sql/decide_care.h"
#include "sql/decide_redline.h"
#include "sql/know_privacy.h"
#include "sql/serve_jobs.h"
#include "sql/widget.h"

// ---- optimize ----

static bool optimize_piece(void *ctx, desk *d, err *e) {
    (void)ctx;
    return store_optimize(d->s, e);
}

bool job_optimize(job *j, err *e) {
    return writer_alone(j->w, optimize_piece, NULL, e);
}

// ---- verify ----

static void rebuilt_up(void *ctx, int64_t done, int64_t total) {
    job_at(ctx, done, total);
}

bool job_verify(job *j, err *e) {
    store *s;
    rebuilt_report r = {0};
    if (!job_snapshot(j, &s, e) || !know_verify(j->a, s, rebuilt_up, j, &r, e)) return false;
    json_put_int(j->out, "events", r.events);
    json_put_int(j->out, "profiles", r.profiles);
    json_put_int(j->out, "customers", r.customers);
    json_put_int(j->out, "conversations", r.conversations);
    json_put_int(j->out, "feedback", r.feedback);
    json_put_int(j->out, "differences", r.differences);
    if (!r.differences) return true;
    return fail(e, ERR_differs, "%" PRId64 " rows differ from what the events say, first: %.*s", r.differences,
                (int)MIN(r.first.len, 160), r.first.s);
}

// ---- backup ----

bool job_backup(job *j, err *e) {
    store *s;
    str dir, keep_text;
    int64_t keep = BACKUP_KEEP;
    backed_up done;
    if (!job_reader(j, &s, e) || !settings_get(j->a, s, "backup_folder", &dir, e) ||
        !settings_get(j->a, s, "backup_keep", &keep_text, e))
        return false;
    if (!dir.len || store_kind_of(s) != STORE_SQLITE) {
        json_put_str(j->out, "skipped", dir.len ? S("PostgreSQL makes its own back-ups") : S("no folder is set"));
        return true;
    }
    if (keep_text.len && !str_i64(keep_text, &keep)) keep = BACKUP_KEEP;
    if (!backup_into(j->a, s, dir, keep, j->world->now_us(j->world), rebuilt_up, j, &done, e)) return false;
    json_put_str(j->out, "to", done.to);
    json_put_int(j->out, "events", done.events);
    json_put_int(j->out, "removed", done.removed);
    return true;
}

// ---- sweep ----

typedef struct {
    const char *what;
    int64_t days;
    enum query run;
} sweep_row;

static const sweep_row sweeps[] = {
#define SWEEP(what, days, run, text) {#what, days, Q_##run},
#include "jobs/sweeps.def"
};

enum { SWEEP_AT_ONCE = 500 };

typedef struct {
    enum query run;
    int64_t before_us, changed;
} stroke;

static bool stroke_piece(void *ctx, desk *d, err *e) {
    stroke *x = ctx;
    return store_run(d->s, x->run, &x->changed, e, "ii", x->before_us, (int64_t)SWEEP_AT_ONCE);
}

static bool sweep_one(job *j, store *s, const sweep_row *w, int64_t *removed, err *e) {
    int64_t days;
    *removed = 0;
    if (!store_int(s, Q_retention_get, &days, w->days, e, "t", str_c(w->what))) return false;
    if (days < 0) return true;
    stroke x = {.run = w->run, .before_us = j->world->now_us(j->world) - days * DAY_US};
    do {
        if (!job_goes_on(j, e) || !writer_do(j->w, stroke_piece, &x, e)) return false;
        *removed += x.changed;
    } while (x.changed >= SWEEP_AT_ONCE);
    return true;
}

static bool drop_piece(void *ctx, desk *d, err *e) {
    return upload_drop(d->s, ctx, e);
}

static bool old_uploads(job *j, store *s, int64_t before_us, int64_t *removed, err *e) {
    arena a = arena_open((size_t)1 << 28);
    upload *list = make(&a, upload, 100);
    size_t n = 0;
    for (row r = store_query(s, Q_upload_old, e, "i", before_us); row_next(&r);) list[n++] = upload_read(&a, &r);
    for (size_t i = 0; err_ok(e) && i < n; i++)
        if (writer_do(j->w, drop_piece, &list[i], e)) ++*removed;
    arena_close(&a);
    return err_ok(e);
}

static bool is_stray(store *s, const char *path, int64_t before_us, err *e) {
    struct stat st;
    int64_t known = 1;
    if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode) || st.st_mtime >= before_us / SECOND_US) return false;
    return store_int(s, Q_upload_of_path, &known, 0, e, "t", str_c(path)) && !known;
}

// Files that a crash left between a file and its row.
static bool stray_uploads(job *j, store *s, int64_t before_us, int64_t *removed, err *e) {
    arena a = arena_open((size_t)1 << 24);
    struct dirent **names = NULL;
    str dir;
    // cppcheck-suppress nullPointer ; scandir takes NULL for "all of them" and "in any order"
    int n = uploads_folder(&a, str_c(j->where), &dir, e) ? scandir(str_z(&a, dir), &names, NULL, NULL) : 0;
    for (int i = 0; names && i < n; i++) {
        arena scratch = a;
        const char *path = str_z(&scratch, str_fmt(&scratch, "%.*s/%s", STR_ARG(dir), names[i]->d_name));
        if (err_ok(e) && is_stray(s, path, before_us, e)) *removed += unlink(path) == 0;
        free(names[i]);
    }
    free(names);
    arena_close(&a);
    return err_ok(e);
}

bool job_sweep(job *j, err *e) {
    store *s;
    int64_t n = 0, before_us = j->world->now_us(j->world) - DAY_US;
    if (!job_reader(j, &s, e)) return false;
    for (size_t i = 0; i < COUNT(sweeps); i++) {
        if (!sweep_one(j, s, &sweeps[i], &n, e)) return false;
        if (n) json_put_int(j->out, sweeps[i].what, n);
        job_at(j, (int64_t)i + 1, COUNT(sweeps) + 1);
    }
    n = 0;
    if (!old_uploads(j, s, before_us, &n, e) || !stray_uploads(j, s, before_us, &n, e)) return false;
    if (n) json_put_int(j->out, "upload", n);
    return true;
}
