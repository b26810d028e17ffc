#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/export.h"
#include "sql/know.h"

typedef struct {
    str what, to, format;
} export_opts;

static const export_opts defaults = {.format = {"jsonl", 5}};

static const opt opts[] = {
    {"what", 'w', OPT_TEXT, offsetof(export_opts, what), "events|customers|feedback|words|all",
     "what to write; events unless given, all into a folder"},
    {"to", 'o', OPT_TEXT, offsetof(export_opts, to), "DIR|-", "a folder for the files; '-', as without it: to stdout"},
    {"format", 'f', OPT_TEXT, offsetof(export_opts, format), "jsonl|csv", "JSON Lines unless given"},
};

static const struct {
    const char *name;
    bool (*write)(export_to *x, err *e);
} kinds[] = {
    {"events", export_events}, {"customers", export_customers}, {"feedback", export_feedback}, {"words", export_words}};

bool export_send(export_to *x, buf *b, err *e) {
    if (b->full) return fail(e, ERR_too_large, "a line of the export is too long");
    x->lines++;
    bool ok = fwrite(b->s, 1, b->len, x->out) == b->len;
    buf_reset(b);
    if (ok) return true;
    return fail(e, errno == ENOSPC ? ERR_full : ERR_unavailable, "\"%s\" cannot be written (%s)", x->path,
                strerror(errno));
}

static bool to_stdout(export_to *x, size_t k, err *e) {
    x->out = x->c->t.out, x->path = "the output";
    return kinds[k].write(x, e);
}

// A file gets its name when all of it is there.
static bool to_file(export_to *x, str dir, size_t k, err *e) {
    arena *a = x->c->life;
    char *name = str_z(a, str_fmt(a, "%.*s/%s.%s", STR_ARG(dir), kinds[k].name, x->csv ? "csv" : "jsonl"));
    char *part = str_z(a, str_fmt(a, "%s.part", name));
    x->path = name;
    x->out = fopen(part, "w");
    if (!x->out) return fail(e, ERR_denied, "\"%s\" cannot be made (%s)", part, strerror(errno));
    bool ok = kinds[k].write(x, e);
    bool kept = fflush(x->out) == 0 && fsync(fileno(x->out)) == 0;
    kept &= fclose(x->out) == 0;
    if (ok && !kept) ok = fail(e, ERR_full, "\"%s\" could not be written whole", name);
    if (ok && rename(part, name) != 0) ok = fail(e, ERR_denied, "\"%s\" cannot be made (%s)", name, strerror(errno));
    if (!ok) unlink(part);
    return ok;
}

static bool make_folder(cli *c, str dir, err *e) {
    struct stat st;
    char *path = str_z(c->life, dir);
    if (mkdir(path, 0700) == 0 || (stat(path, &st) == 0 && S_ISDIR(st.st_mode))) return true;
    return fail(e, ERR_denied, "\"%s\" cannot be made (%s)", path, strerror(errno));
}

static void tell(const export_to *x, str dir, const int64_t *lines) {
    const cli *c = x->c;
    if (c->g.json) {
        reply r;
        reply_open(&r, c);
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "to", dir);
        for (size_t k = 0; k < COUNT(kinds); k++)
            if (lines[k] >= 0) json_put_int(&r.j, kinds[k].name, lines[k]);
        json_close(&r.j, '}');
        reply_close(&r);
        return;
    }
    for (size_t k = 0; k < COUNT(kinds) && !c->g.quiet; k++)
        if (lines[k] >= 0)
            term_say(&c->t, "%.*s/%s.%s: %.*s lines\n", STR_ARG(dir), kinds[k].name, x->csv ? "csv" : "jsonl",
                     STR_ARG(term_count(c->life, lines[k])));
}

static bool write_folder(export_to *x, str dir, str what, err *e) {
    int64_t lines[COUNT(kinds)];
    bool all = !what.len || str_eq(what, S("all"));
    if (!make_folder(x->c, dir, e)) return false;
    for (size_t k = 0; k < COUNT(kinds); k++) {
        lines[k] = -1, x->lines = 0;
        if (!all && !str_eq(what, str_c(kinds[k].name))) continue;
        if (!to_file(x, dir, k, e)) return false;
        lines[k] = x->lines - x->csv;
    }
    tell(x, dir, lines);
    return true;
}

static bool write_all(export_to *x, const export_opts *o, err *e) {
    str what = o->what;
    if (o->to.len && !str_eq(o->to, S("-"))) return write_folder(x, o->to, what, e);
    if (str_eq(what, S("all"))) return fail(e, ERR_usage, "'--what all' makes several files; name a folder with --to");
    for (size_t k = 0; k < COUNT(kinds); k++)
        if (str_eq(what.len ? what : S("events"), str_c(kinds[k].name))) return to_stdout(x, k, e);
    return true;
}

// All files show the same moment of the store.
static bool run(cli *c, const void *options, err *e) {
    const export_opts *o = options;
    export_to x = {.c = c, .csv = str_eq(o->format, S("csv"))};
    if (!place_read(c, &x.s, e)) return false;
    x.bar = progress_begin(&c->t, S("export"), "lines");
    bool ok = store_begin_read(x.s, e) && settings_read(c->life, x.s, &x.set, e) &&
              sources_read(c->life, x.s, &x.all, e) && store_int(x.s, Q_import_events, &x.total, 0, e, "") &&
              write_all(&x, o, e);
    progress_end(&x.bar);
    store_close(x.s);
    return ok;
}

const cmd cmd_export = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(export_opts),
    .defaults = &defaults,
    .run = run,
    .more =
        "Writes everything heed knows as plain files: all events, every customer with figures, and all that was said; "
        "words are what was said in words in every channel, with language, mood, feelings, topics and theme. "
        "'heed import' reads the events back into an empty store and comes to the same customers and figures. Amounts "
        "are in minor units and scores times 100 in JSON Lines, and plain numbers in CSV.\n\n"
        "The key under which a source knew an event is stored as a hash alone and written as such; so the files of an "
        "export are for a new store, not for the one they came from. What a person said about who is who (customer "
        "split and join) is not in it.",
    .examples = "heed export --to backup-2026\n"
                "heed export | zstd > events.jsonl.zst\n"
                "heed export --what customers --format csv > customers.csv",
    .json =
        "the lines themselves; with --to DIR {\"to\",\"events\",\"customers\",\"feedback\",\"words\"}: lines written",
};
