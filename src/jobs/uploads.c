#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/input.h"
#include "jobs/uploads.h"
#include "know/settings.h"
#include "listen/columns.h"
#include "sql/serve_jobs.h"

// ---- the folder ----

static bool is_url(str where) {
    return str_starts(where, S("postgres://")) || str_starts(where, S("postgresql://"));
}

// A folder that others may write to is no place for customers' data, and a link may lead anywhere.
static bool own_folder(const char *path, err *e) {
    struct stat st;
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return fail(e, ERR_denied, "\"%s\" cannot be made (%s)", path, strerror(errno));
    if (lstat(path, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid())
        return fail(e, ERR_denied, "\"%s\" is not a folder of this user; remove it", path);
    return st.st_mode & 077 ? chmod(path, 0700) == 0 || fail(e, ERR_denied, "\"%s\" is open to others", path) : true;
}

bool uploads_folder(arena *a, str where, str *path, err *e) {
    const char *state = getenv("STATE_DIRECTORY"), *tmp = getenv("TMPDIR");
    if (!is_url(where) && !str_eq(where, S(":memory:")))
        *path = str_cat(a, where, S("/uploads"));
    else if (state && *state)
        *path = str_fmt(a, "%s/uploads", state);
    else
        *path = str_fmt(a, "%s/heed-uploads-%u", tmp && *tmp ? tmp : "/tmp", (unsigned)geteuid());
    return own_folder(str_z(a, *path), e);
}

static bool write_all(int fd, str data) {
    while (data.len) {
        ssize_t n = write(fd, data.s, data.len);
        if (n < 0 && errno != EINTR) return false;
        data = str_sub(data, (size_t)MAX(n, 0), data.len);
    }
    return true;
}

static bool copy_all(int fd, const char *from) {
    char part[64 << 10];
    int in = open(from, O_RDONLY | O_CLOEXEC);
    ssize_t n = -1;
    bool ok = in >= 0;
    while (ok && (n = read(in, part, sizeof part)) > 0) ok = write_all(fd, (str){part, (size_t)n});
    if (in >= 0) close(in);
    return ok && n == 0;
}

// It must be there after a power cut: a job that is to read it may have been acknowledged.
static bool keep_bytes(const char *path, const char *from, str bytes, err *e) {
    if (from && rename(from, path) == 0) {
        int fd = open(path, O_RDWR | O_CLOEXEC);
        bool ok = fd >= 0 && fchmod(fd, 0600) == 0 && fsync(fd) == 0;
        if (fd >= 0) close(fd);
        return ok || fail(e, ERR_unavailable, "\"%s\" cannot be kept (%s)", path, strerror(errno));
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return fail(e, ERR_denied, "\"%s\" cannot be made (%s)", path, strerror(errno));
    bool ok = (from ? copy_all(fd, from) : write_all(fd, bytes)) && fsync(fd) == 0;
    int why = errno;
    close(fd);
    if (ok) return true;
    unlink(path);
    return fail(e, why == ENOSPC || why == EDQUOT ? ERR_full : ERR_unavailable, "the file cannot be kept (%s)",
                strerror(why));
}

bool upload_keep(arena *a, str where, const world *w, str from, str bytes, str *path, int64_t *size, err *e) {
    struct stat st;
    uint64_t dice[2];
    str dir;
    if (!uploads_folder(a, where, &dir, e)) return false;
    w->random(w, dice, sizeof dice);
    *path = str_fmt(a, "%.*s/%016" PRIx64 "%016" PRIx64, STR_ARG(dir), dice[0], dice[1]);
    const char *to = str_z(a, *path);
    if (!keep_bytes(to, from.len ? str_z(a, from) : NULL, bytes, e)) return false;
    *size = stat(to, &st) == 0 ? st.st_size : 0;
    return true;
}

// ---- rows ----

upload upload_read(arena *a, const row *r) {
    return (upload){.id = row_int(r, 0),
                    .name = str_dup(a, row_str(r, 1)),
                    .path = str_dup(a, row_str(r, 2)),
                    .bytes = row_int(r, 3),
                    .how = str_dup(a, row_str(r, 4)),
                    .job_id = row_int(r, 5),
                    .created_us = row_int(r, 6),
                    .by = str_dup(a, row_str(r, 7)),
                    .version = row_int(r, 8)};
}

bool upload_get(arena *a, store *s, int64_t id, upload *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_upload_get, e, "i", id); row_next(&r);) *out = upload_read(a, &r), found = true;
    if (!err_ok(e)) return false;
    return found || fail(e, ERR_not_found, "there is no upload %" PRId64 "; it is imported, or was removed", id);
}

bool upload_put(desk *d, upload *u, err *e) {
    u->created_us = d->w->now_us(d->w), u->version = 1;
    return ledger_id(know_ledger(d->k), &u->id, e) && store_run(d->s, Q_upload_put, NULL, e, "ittitit", u->id, u->name,
                                                                u->path, u->bytes, u->how, u->created_us, u->by);
}

bool upload_drop(store *s, const upload *u, err *e) {
    char path[4096];
    if (!store_run(s, Q_upload_delete, NULL, e, "i", u->id)) return false;
    snprintf(path, sizeof path, "%.*s", STR_ARG(u->path));
    unlink(path); // what is left is swept up
    return true;
}

static str either(str mine, str of_store) {
    return mine.len ? mine : of_store;
}

bool upload_how(arena *a, store *s, const upload *u, listen_opts *how, err *e) {
    json_t *v = NULL;
    settings set;
    if (!settings_read(a, s, &set, e) || !json_read(u->how, &v, e)) return false;
    char *map = json_dumps(json_object_get(v, "columns"), JSON_COMPACT);
    *how = (listen_opts){.source = str_dup(a, json_at(v, "source")),
                         .adapter = str_dup(a, json_at(v, "adapter")),
                         .zone = either(str_dup(a, json_at(v, "zone")), set.zone),
                         .country = either(str_dup(a, json_at(v, "country")), set.country),
                         .currency = either(str_dup(a, json_at(v, "currency")), set.currency),
                         .day_first = (int)json_integer_value(json_object_get(v, "day_first"))};
    if (map && strcmp(map, "{}") != 0) how->map = str_dup(a, str_c(map));
    free(map);
    json_decref(v);
    return true;
}

// ---- a look ----

// Each adapter says for itself how sure it is.
static void others(arena *a, str head, const listen_opts *how, look *l) {
    size_t n;
    const adapter_info *all = listen_adapters(&n);
    for (size_t i = 0; i < n && l->n_others < LOOK_OTHERS; i++) {
        listen_opts as = *how;
        heard_as it = {0};
        err e = {0};
        as.adapter = str_c(all[i].name), as.map = S("");
        arena scratch = *a;
        if (!listen_recognise(&scratch, head, &as, &it, &e)) continue;
        if (it.sure < 0.2 && !str_eq(as.adapter, l->as.adapter)) continue;
        size_t at = l->n_others++;
        while (at && l->others[at - 1].sure < it.sure) l->others[at] = l->others[at - 1], at--;
        l->others[at] = (look_other){all[i].name, all[i].label, it.sure};
    }
}

static str field_of_column(arena *a, const json_t *map, str name) {
    const char *field;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)map, field,
                        v) if (str_eq_ci(json_text(v), name)) return str_dup(a, str_c(field));
    return S("");
}

static void look_column_at(arena *a, const glance *g, const json_t *map, int i, look_column *c) {
    c->name = str_dup(a, g->header[i]);
    c->field = field_of_column(a, map, c->name);
    for (int k = 0; k < g->n_rows && c->n < LOOK_SAMPLES; k++) {
        str x = str_sub(glance_cell(g, k, i), 0, 120);
        bool again = false;
        for (int m = 0; m < c->n; m++) again |= str_eq(c->samples[m], x);
        if (x.len && !again) c->samples[c->n++] = str_dup(a, x);
    }
}

static void put_columns(arena *a, str head, look *l) {
    glance g = {0};
    json_t *map = NULL;
    err e = {0};
    arena life = arena_open((size_t)512 << 20);
    bool ok = glance_look(&life, head, head.len < GLANCE_BYTES, &g, &e) &&
              json_read(l->as.mapping.len ? l->as.mapping : S("{}"), &map, &e);
    for (int i = 0; ok && g.header && i < g.n_header && i < LOOK_COLUMNS; i++)
        look_column_at(a, &g, map, i, &l->columns[l->n_columns++]);
    json_decref(map);
    glance_close(&g);
    arena_close(&life);
}

bool look_at(arena *a, const char *path, const listen_opts *how, look *out, err *e) {
    input *in = NULL;
    *out = (look){0};
    if (!input_open(&in, path, e)) return false;
    str head = str_dup(a, input_peek(in, GLANCE_BYTES, e));
    input_close(in);
    if (!err_ok(e)) return false;
    if (!head.len) return fail(&out->problem, ERR_invalid, "the file is empty"), true;
    if (!listen_recognise(a, head, how, &out->as, &out->problem)) out->as = (heard_as){0};
    others(a, head, how, out);
    put_columns(a, head, out);
    return true;
}
