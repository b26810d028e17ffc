#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/civil.h"
#include "jobs/backup.h"
#include "sql/ledger.h"

bool backup_check(str to, int64_t events, err *e) {
    store *copy;
    str problem;
    int64_t n = 0;
    if (!store_open(&copy, to, (store_opts){.read_only = true}, e)) return false;
    arena a = arena_open((size_t)1 << 24);
    bool ok = store_check(copy, &a, &problem, e) && store_int(copy, Q_event_count, &n, 0, e, "");
    store_close(copy);
    str first = ok ? str_cut(&problem, '\n') : S("");
    if (first.len)
        ok = fail(e, ERR_corrupt, "the backup is damaged: %.*s", (int)MIN(first.len, 120), first.s);
    else if (ok && n < events)
        ok = fail(e, ERR_corrupt, "the backup holds %" PRId64 " events, the store %" PRId64, n, events);
    arena_close(&a);
    return ok;
}

// ---- a folder of them ----

// "heed-2026-01-31T020000Z", as iso_str writes times but without colons, which some disks refuse.
static str name_of(arena *a, int64_t now_us) {
    str iso = iso_str(a, floor_div(now_us, SECOND_US) * SECOND_US);
    buf b = buf_new(a, 64);
    buf_add(&b, S("heed-"));
    for (size_t i = 0; i < iso.len; i++)
        if (iso.s[i] != ':') buf_addc(&b, iso.s[i]);
    return buf_str(&b);
}

static int is_ours(const struct dirent *d) {
    static const char form[] = "heed-9999-99-99T999999Z";
    size_t i = 0;
    for (; form[i] && d->d_name[i]; i++) {
        bool digit = d->d_name[i] >= '0' && d->d_name[i] <= '9';
        if (form[i] == '9' ? !digit : form[i] != d->d_name[i]) return 0;
    }
    return !form[i] && !d->d_name[i];
}

static int by_time(const struct dirent **x, const struct dirent **y) {
    return strcmp((*x)->d_name, (*y)->d_name);
}

// What a backup is made of, and no more: a folder with anything else in it stays.
static bool remove_one(arena scratch, str folder, const char *name) {
    static const char *const files[] = {"heed.db", "heed.db-wal", "heed.db-shm", "heed.lock"};
    for (size_t i = 0; i < COUNT(files); i++)
        unlink(str_z(&scratch, str_fmt(&scratch, "%.*s/%s/%s", STR_ARG(folder), name, files[i])));
    return rmdir(str_z(&scratch, str_fmt(&scratch, "%.*s/%s", STR_ARG(folder), name))) == 0;
}

static void keep_newest(arena scratch, str folder, int64_t keep, int64_t *removed) {
    struct dirent **names = NULL;
    int n = scandir(str_z(&scratch, folder), &names, is_ours, by_time);
    for (int i = 0; i < n; i++) {
        if (i < n - keep) *removed += remove_one(scratch, folder, names[i]->d_name);
        free(names[i]);
    }
    free(names);
}

bool backup_into(arena *a, store *s, str folder, int64_t keep, int64_t now_us,
                 void (*progress)(void *ctx, int64_t done, int64_t total), void *ctx, backed_up *out, err *e) {
    struct stat st;
    *out = (backed_up){0};
    if (stat(str_z(a, folder), &st) != 0 || !S_ISDIR(st.st_mode))
        return fail(e, ERR_unavailable, "there is no folder \"%.*s\" for back-ups", (int)MIN(folder.len, 120),
                    folder.s);
    while (folder.len > 1 && folder.s[folder.len - 1] == '/') folder.len--;
    out->to = str_fmt(a, "%.*s/%.*s", STR_ARG(folder), STR_ARG(name_of(a, now_us)));
    bool made = store_int(s, Q_event_count, &out->events, 0, e, "") && store_backup(s, out->to, progress, ctx, e);
    bool ok = made && backup_check(out->to, out->events, e);
    if (ok)
        keep_newest(*a, folder, MAX(keep, 1), &out->removed);
    else if (made) // it would push out a good one
        (void)remove_one(*a, folder, str_z(a, str_sub(out->to, folder.len + 1, out->to.len)));
    return ok;
}
