#include "cli/place.h"
#include "cli/say.h"
#include "jobs/backup.h"
#include "sql/ledger.h"

typedef struct {
    bool unchecked;
} backup_opts;

static const opt opts[] = {
    {"unchecked", 0, OPT_FLAG, offsetof(backup_opts, unchecked), NULL, "do not read the copy again"},
};

static void pages_up(void *ctx, int64_t done, int64_t total) {
    progress_at(ctx, done, done, total);
}

static bool run(cli *c, const void *options, err *e) {
    const backup_opts *o = options;
    store *s;
    int64_t events = 0, bytes = 0;
    str to = c->args.v[0];
    bool check = !o->unchecked && !str_ends(to, S(".db")); // a file alone is no store; restore examines it
    if (!place_read(c, &s, e)) return false;
    progress p = progress_begin(&c->t, S("backup"), "pages");
    bool ok = store_int(s, Q_event_count, &events, 0, e, "") && store_sizes(s, &bytes, e) &&
              store_backup(s, to, pages_up, &p, e);
    progress_end(&p);
    store_close(s);
    ok = ok && (!check || backup_check(to, events, e));
    if (ok && c->g.json) {
        reply r;
        reply_open(&r, c);
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "to", to);
        json_put_int(&r.j, "events", events);
        json_put_int(&r.j, "bytes", bytes);
        json_put_bool(&r.j, "checked", check);
        json_close(&r.j, '}');
        reply_close(&r);
    } else if (ok && !c->g.quiet)
        term_say(&c->t, "Backed up %.*s to \"%.*s\"%s.\n", STR_ARG(say_n(c->life, events, "event", "events")),
                 STR_ARG(to), !check ? "" : ", and read the copy again: it is sound");
    return ok;
}

const cmd cmd_backup = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(backup_opts),
    .min_args = 1,
    .max_args = 1,
    .run = run,
    .more =
        "Copies the store as it is at this moment, while others may go on writing, to a new folder, and reads the copy "
        "to be sure of it. A folder made by backup is a store: 'heed today --store FOLDER' reads it. PostgreSQL makes "
        "its own backups with pg_dump; the command says how.",
    .examples = "heed backup /media/usb/heed-2026-01-31",
    .json = "{\"to\",\"events\",\"bytes\",\"checked\"}",
};
