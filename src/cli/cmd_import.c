#include <dirent.h>
#include <sys/stat.h>

#include "cli/import.h"
#include "cli/words.h"

static const opt opts[] = {
    {"dry-run", 'n', OPT_FLAG, offsetof(import_opts, dry_run), NULL, "say what would become of it and write nothing"},
    {"source", 0, OPT_TEXT, offsetof(import_opts, source), "NAME", "what to call where it comes from, such as shop"},
    {"adapter", 0, OPT_TEXT, offsetof(import_opts, adapter), "FORMAT", "how to read it, when it is not recognised"},
    {"column", 'c', OPT_LIST, offsetof(import_opts, columns), "FIELD=COLUMN",
     "which column holds what, such as date=invoice_date; as often as needed"},
    {"map", 0, OPT_TEXT, offsetof(import_opts, map), "FILE",
     "the same for many: a file with {\"date\": \"invoice_date\"}"},
    {"day-first", 0, OPT_FLAG, offsetof(import_opts, day_first), NULL, "02/01/2026 is 2 January"},
    {"month-first", 0, OPT_FLAG, offsetof(import_opts, month_first), NULL, "02/01/2026 is 1 February"},
    {"zone", 'z', OPT_TEXT, offsetof(import_opts, zone), "ZONE", "time zone of times without one; else the store's"},
    {"country", 0, OPT_TEXT, offsetof(import_opts, country), "CC",
     "country of phone numbers without one; else the store's"},
    {"currency", 0, OPT_TEXT, offsetof(import_opts, currency), "CODE",
     "currency of amounts without one; else the store's"},
    {"limit", 0, OPT_NUMBER, offsetof(import_opts, limit), "ROWS", "stop after this many rows of each file"},
    {"batch", 0, OPT_NUMBER, offsetof(import_opts, batch), "EVENTS", "events stored at once; 10000 unless given"},
    {"list", 'l', OPT_FLAG, offsetof(import_opts, list), NULL, "list the imports, newest first"},
    {"undo", 0, OPT_NUMBER, offsetof(import_opts, undo), "ID", "take an import back, within 30 days"},
};

// ---- a file ----

static bool keep_rows(void *ctx, const pump_batch *b, err *e) {
    (void)e;
    import_keep_rows(ctx, b);
    return true;
}

static bool show_progress(void *ctx, const pump_batch *b, err *e) {
    import_file *f = ctx;
    char rows[24];
    (void)e;
    snprintf(rows, sizeof rows, "%" PRId64, f->r.t.sum.rows);
    if (f->c->g.log_json && !f->o->dry_run)
        log_line(&f->c->log, LOG_INFO, "stored", "file", f->r.t.name, "rows", rows, (const char *)NULL);
    progress_at(&f->bar, f->r.t.sum.rows, b->done, b->total);
    return true;
}

// What the reader finds wrong concerns this file alone and is told; what fails while writing ends it all.
static bool one_file(import_file *f, reply *r, err *e) {
    enum pump_side side;
    err why = {0};
    f->bar = progress_begin(&f->c->t, f->r.t.name, "rows");
    bool ok = import_take(&f->r, &side, &why);
    progress_end(&f->bar);
    if (!ok) cli_complain(f->c, f->r.t.name, &why);
    f->failed = why;
    if (f->c->g.json)
        import_reply(f, r), reply_some(r);
    else if (!f->c->g.quiet && (f->r.t.n_parts || ok))
        import_show(f);
    return ok || side == PUMP_READER || (*e = why, false);
}

typedef struct {
    cli *c;
    const import_opts *o;
    store *s;
    knowing *k;
    settings set;
    sources *known;
    str map;
    int64_t events;
} job;

static str either(str mine, str of_store) {
    return mine.len ? mine : of_store;
}

static listen_opts how_of(const job *j) {
    const import_opts *o = j->o;
    int day_first = o->day_first ? 1 : o->month_first ? -1 : 0;
    return (listen_opts){.source = o->source,
                         .adapter = o->adapter,
                         .map = j->map,
                         .country = either(o->country, j->set.country),
                         .zone = either(o->zone, j->set.zone),
                         .currency = either(o->currency, j->set.currency),
                         .day_first = day_first,
                         .limit = o->limit};
}

static bool take_file(job *j, const char *path, reply *r, err *e) {
    const import_opts *o = j->o;
    import_file f = {.c = j->c, .o = o};
    f.r = (import_run){.path = path,
                       .how = how_of(j),
                       .batch = (size_t)o->batch,
                       .before = o->dry_run ? keep_rows : NULL,
                       .after = show_progress,
                       .ctx = &f};
    f.r.t = (take){.life = j->c->life, .l = know_ledger(j->k), .dry = o->dry_run, .known = j->known};
    f.r.t.name = strcmp(path, "-") == 0 ? S("standard input") : str_c(path);
    bool ok = one_file(&f, r, e);
    j->events += f.r.t.sum.events_added;
    import_close(&f.r);
    return ok;
}

// ---- which files ----

static int not_hidden(const struct dirent *d) {
    return d->d_name[0] != '.';
}

static int by_bytes(const struct dirent **x, const struct dirent **y) {
    return strcmp((*x)->d_name, (*y)->d_name);
}

// A folder stands for the files in it.
static bool take_folder(job *j, const char *path, reply *r, err *e) {
    struct dirent **names = NULL;
    int n = scandir(path, &names, not_hidden, by_bytes);
    if (n < 0) return fail(e, ERR_denied, "\"%s\" cannot be read", path);
    bool ok = true;
    for (int i = 0; i < n; i++) {
        struct stat st;
        char *full = str_z(j->c->life, str_fmt(j->c->life, "%s/%s", path, names[i]->d_name));
        if (ok && stat(full, &st) == 0 && S_ISREG(st.st_mode)) ok = take_file(j, full, r, e);
        free(names[i]);
    }
    free(names);
    return ok;
}

static bool take_path(job *j, str arg, reply *r, err *e) {
    struct stat st;
    char *path = str_z(j->c->life, arg);
    if (strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) return take_folder(j, path, r, e);
    return take_file(j, path, r, e);
}

// A name that was mistyped stops everything before it begins.
static bool all_there(cli *c, err *e) {
    struct stat st;
    for (size_t i = 0; i < c->args.n; i++) {
        const char *path = str_z(c->life, c->args.v[i]);
        if (strcmp(path, "-") != 0 && stat(path, &st) != 0)
            return fail(e, ERR_not_found, "there is no file \"%s\"", path);
    }
    return true;
}

// ---- the store ----

// A dry run reads; when there is no store yet, everything is new to an empty one.
static bool open_dry(job *j, err *e) {
    err why = {0};
    if (!place_read(j->c, &j->s, &why)) {
        if (why.code != ERR_not_found) return *e = why, false;
        if (!store_open(&j->s, S(":memory:"), (store_opts){.create = true}, e)) return false;
    }
    return know_open(&j->k, j->s, j->c->w, NULL, e);
}

static bool is_url(str where) {
    return str_starts(where, S("postgres://")) || str_starts(where, S("postgresql://"));
}

static bool open_place(job *j, err *e) {
    str where = place_of(j->c);
    struct stat st;
    if (j->o->dry_run) return open_dry(j, e);
    bool made = !is_url(where) && stat(str_z(j->c->life, str_cat(j->c->life, where, S("/heed.db"))), &st) != 0;
    if (!place_know(j->c, where, made, &j->s, &j->k, e)) return false;
    if (made) cli_note(j->c, "made a new store in \"%.*s\"", STR_ARG(where));
    return true;
}

enum { OPTIMIZE_AT = 50000 };

static bool run_job(job *j, reply *r, err *e) {
    arena *life = j->c->life;
    if (!settings_read(life, j->s, &j->set, e) || !sources_read(life, j->s, &j->known, e)) return false;
    bool ok = import_map(j->c, j->o->map, &j->o->columns, &j->map, e);
    for (size_t i = 0; ok && i < j->c->args.n; i++) ok = take_path(j, j->c->args.v[i], r, e);
    return ok && (j->o->dry_run || j->events < OPTIMIZE_AT || store_optimize(j->s, e));
}

static bool run(cli *c, const void *options, err *e) {
    job j = {.c = c, .o = options};
    reply r;
    if (j.o->list) return import_list(c, e);
    if (j.o->undo) return import_undo(c, j.o->undo, e);
    if (!c->args.n) return fail(e, ERR_usage, "name the files to take in; '-' is standard input");
    bool ok = all_there(c, e) && open_place(&j, e);
    if (ok && c->g.json) {
        reply_open(&r, c);
        json_open(&r.j, NULL, '{');
        json_put_bool(&r.j, "dry_run", j.o->dry_run);
        json_open(&r.j, "files", '[');
    }
    bool opened = ok;
    if (ok) ok = run_job(&j, &r, e);
    if (opened && c->g.json) {
        json_close(&r.j, ']');
        json_close(&r.j, '}');
        reply_close(&r);
    }
    know_close(j.k);
    understood read = {0};
    ok = ok && (j.o->dry_run || words_understand(c, j.s, &read, e));
    words_tell(c, &read);
    store_close(j.s);
    // A failure that was told with its file is not told again.
    if (!ok && !err_ok(&c->first)) err_clear(e), ok = true;
    return ok;
}

const cmd cmd_import = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(import_opts),
    .max_args = -1,
    .run = run,
    .more =
        "Takes in files, whatever they are called: exports of shops, help desks, survey tools, review platforms and "
        "address books, plain CSV, and JSON Lines; packed with gzip, zstd or xz or not; '-' is standard input, and a "
        "folder stands for the files in it. heed looks at what is in a file, says what it took it for, and how it read "
        "the columns; --column and --map say it better.\n\n"
        "A row that is known already changes nothing, so the same file can be taken in again, and an overlapping one "
        "adds what is new. A row that cannot be read goes to quarantine with the reason, and the others go in: see "
        "heed "
        "help quarantine. Everything counts: rows = new + changed + same + skipped + quarantined.\n\n"
        "heed's own events are JSON Lines, one object each: {\"kind\":\"order\",\"at\":\"2026-01-02T03:04:05Z\","
        "\"ext\":\"order:7\",\"ids\":{\"user_id\":\"7\"},\"value\":1234,\"unit\":\"EUR\"}. A member \"source\" "
        "names where the event came from.",
    .examples = "heed import exports/*.csv\n"
                "heed import --dry-run sales.csv --column date=invoice_date --column amount=total\n"
                "zcat orders.json.gz | heed import - --source shop\n"
                "heed import --list\n"
                "heed import --undo 17",
    .json =
        "{\"dry_run\",\"files\":[{\"file\",\"adapter\",\"label\",\"sure\",\"source\",\"columns\",\"notes\",\"rows\","
        "\"new\",\"changed\",\"same\",\"skipped\",\"quarantined\",\"events_new\",\"events_changed\","
        "\"events_same\",\"imports\":[{\"id\",\"source\",\"rows\"}],\"skipped_why\":[{\"n\",\"reason\"}],"
        "\"quarantined_why\":[{\"n\",\"field\",\"reason\"}],\"mapped\":[…],\"error\"}]}; with --list "
        "{\"imports\":[{\"id\",\"source\",\"file\",\"state\",\"started\",\"ended\",\"rows\",…}]}",
};
