#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/place.h"
#include "cli/say.h"
#include "jobs/take.h"
#include "know/wire.h"
#include "sample/sample.h"

typedef struct {
    int64_t customers, years, seed;
    bool remove;
    str export, truth;
} demo_opts;

static const demo_opts defaults = {.customers = 500, .years = 3, .seed = 1};

static const opt opts[] = {
    {"customers", 0, OPT_NUMBER, offsetof(demo_opts, customers), "N", "how many customers; 500 unless given"},
    {"years", 0, OPT_NUMBER, offsetof(demo_opts, years), "Y", "over how many years back from today; 3 unless given"},
    {"seed", 0, OPT_NUMBER, offsetof(demo_opts, seed), "S", "another company with the same habits; 1 unless given"},
    {"remove", 0, OPT_FLAG, offsetof(demo_opts, remove), NULL, "take the sample company out of the store"},
    {"export", 0, OPT_TEXT, offsetof(demo_opts, export), "FILE", "write its events to a file instead ('-': to stdout)"},
    {"truth", 0, OPT_TEXT, offsetof(demo_opts, truth), "FILE",
     "where to write what is true of it; sample-truth.jsonl in the store's folder unless given"},
};

// One run of the simulation.
typedef struct {
    cli *c;
    sample_opts how;
    arena scratch;
    FILE *truth, *out;
    const char *truth_path;
    pump *p; // the simulating thread's
    take t;
    progress bar;
    int64_t events;
    str where;
} demo;

static str source_name(arena *a, str name) {
    return str_fmt(a, "sample-%.*s", STR_ARG(name));
}

// ---- the simulating thread ----

static bool on_event(void *ctx, str source, enum channel channel, const event *ev, err *e) {
    demo *d = ctx;
    event mine = *ev;
    heard h = {.line = ++d->events, .events = &mine, .n = 1};
    arena a = d->c->scratch;
    return pump_put(d->p, source_name(&a, source), channel, S("sample company"), &h, e);
}

static bool on_truth(void *ctx, str line, err *e) {
    demo *d = ctx;
    if (fwrite(line.s, 1, line.len, d->truth) == line.len && fputc('\n', d->truth) != EOF) return true;
    return fail(e, errno == ENOSPC ? ERR_full : ERR_unavailable, "\"%s\" cannot be written (%s)", d->truth_path,
                strerror(errno));
}

static void on_progress(void *ctx, int64_t done, int64_t total) {
    demo *d = ctx;
    if (d->p) pump_progress(d->p, done, total);
}

static bool simulate(void *ctx, pump *p, err *e) {
    demo *d = ctx;
    sample_sink to = {.event = on_event, .truth = d->truth ? on_truth : NULL, .progress = on_progress, .ctx = d};
    d->p = p;
    return sample_run(d->scratch, &d->how, &to, e);
}

// ---- the writing thread ----

static bool write_batch(void *ctx, const pump_batch *b, err *e) {
    demo *d = ctx;
    if (!take_batch(&d->t, b, e)) return false;
    progress_at(&d->bar, d->t.sum.rows, b->done, b->total);
    return true;
}

static bool fill(demo *d, err *e) {
    enum pump_side side;
    d->bar = progress_begin(&d->c->t, S("sample company"), "events");
    pump_opts run = {
        .max_events = 50000, .max_bytes = 32 << 20, .open = 7, .read = simulate, .write = write_batch, .ctx = d};
    bool ok = pump_run(&run, &side, e) && take_end(&d->t, e);
    progress_end(&d->bar);
    return ok;
}

// ---- what is true of it ----

static bool open_truth(demo *d, const demo_opts *o, store *s, err *e) {
    arena *a = d->c->life;
    str path = o->truth;
    if (!path.len && store_kind_of(s) == STORE_SQLITE) path = str_cat(a, store_where(s), S("/sample-truth.jsonl"));
    if (!path.len) return true;
    d->truth_path = str_z(a, path);
    d->truth = fopen(d->truth_path, "w");
    return d->truth || fail(e, ERR_denied, "\"%s\" cannot be written (%s)", d->truth_path, strerror(errno));
}

static bool close_truth(demo *d, bool ok, err *e) {
    if (!d->truth) return ok;
    bool bad = ferror(d->truth) != 0;
    bad |= fclose(d->truth) != 0;
    d->truth = NULL;
    return ok && (!bad || fail(e, ERR_full, "\"%s\" could not be written whole", d->truth_path));
}

// ---- the stamp: what the sample in a store was made from ----

static str stamp_of(arena *a, const sample_opts *o, bool done) {
    return str_fmt(a,
                   "{\"customers\":%" PRId64 ",\"years\":%d,\"seed\":%" PRId64 ",\"now_us\":%" PRId64 ",\"done\":%s}",
                   o->customers, o->years, (int64_t)o->seed, o->now_us, done ? "true" : "false");
}

// A run that was interrupted goes on with the same company, as of the same day.
static bool compare_stamp(demo *d, str stamp, bool *done, err *e) {
    json_t *v = NULL;
    *done = false;
    if (!stamp.len) return true;
    if (!json_read(stamp, &v, e)) return false;
    sample_opts was = {.customers = json_integer_value(json_object_get(v, "customers")),
                       .years = (int)json_integer_value(json_object_get(v, "years")),
                       .seed = (uint64_t)json_integer_value(json_object_get(v, "seed")),
                       .now_us = json_integer_value(json_object_get(v, "now_us"))};
    *done = json_is_true(json_object_get(v, "done"));
    json_decref(v);
    bool same = was.customers == d->how.customers && was.years == d->how.years && was.seed == d->how.seed;
    d->how.now_us = was.now_us;
    return same || fail(e, ERR_conflict,
                        "the store holds another sample company (--customers %" PRId64 " --years %d --seed %" PRIu64
                        "); take it away with 'heed demo --remove'",
                        was.customers, was.years, was.seed);
}

// ---- into a store ----

static bool put_in(demo *d, const demo_opts *o, store *s, knowing *k, err *e) {
    cli *c = d->c;
    d->t = (take){.life = c->life,
                  .l = know_ledger(k),
                  .name = S("sample company"),
                  .adapter = S("sample"),
                  .mapping = stamp_of(c->life, &d->how, true),
                  .sample = true};
    bool ok = open_truth(d, o, s, e) && settings_put(s, "sample", stamp_of(c->life, &d->how, false), e) && fill(d, e);
    ok = close_truth(d, ok, e);
    return ok && settings_put(s, "sample", stamp_of(c->life, &d->how, true), e) && store_optimize(s, e);
}

static void tell_made(const demo *d, bool was_there) {
    const cli *c = d->c;
    arena a = c->scratch;
    str where = d->where, day = date_str(&a, (int32_t)floor_div(d->how.now_us, DAY_US));
    bool is_url = str_starts(where, S("postgres"));
    if (c->g.json || c->g.quiet) return;
    if (was_there)
        term_say(&c->t, "The sample company is in \"%.*s\" already, as of %.*s.\n", STR_ARG(where), STR_ARG(day));
    else
        term_say(&c->t, "Made Kastanie Coffee Roasters in \"%.*s\": %.*s of %.*s over %.*s, in %.*s.\n", STR_ARG(where),
                 STR_ARG(say_n(&a, d->t.sum.rows, "event", "events")),
                 STR_ARG(say_n(&a, d->how.customers, "customer", "customers")),
                 STR_ARG(say_n(&a, d->how.years, "year", "years")), STR_ARG(term_span(&a, progress_seconds(&d->bar))));
    if (!is_url) term_say(&c->t, "To look around: export HEED_STORE='%.*s'; heed help.\n", STR_ARG(where));
    term_say(&c->t, "To take it away: heed demo --remove\n\n");
    fflush(c->t.out);
}

// A new store counts days where the company is; that must be known before its ledger is opened.
static bool open_company(demo *d, store **s, knowing **k, bool *done, err *e) {
    settings set;
    cli *c = d->c;
    if (!place_write(c, place_of(c), true, s, e)) return false;
    bool ok = settings_read(c->life, *s, &set, e) && compare_stamp(d, set.sample, done, e);
    int64_t first = INT64_MIN;
    ok = ok && store_int(*s, Q_event_period_first, &first, INT64_MIN, e, "");
    if (ok && !set.zone.len && first == INT64_MIN) ok = settings_put(*s, "zone", S("Europe/Berlin"), e);
    ok = ok && know_open(k, *s, c->w, NULL, e);
    if (!ok) store_close(*s);
    return ok;
}

static bool make_company(demo *d, const demo_opts *o, err *e) {
    store *s;
    knowing *k;
    bool done = false;
    if (!open_company(d, &s, &k, &done, e)) return false;
    d->where = str_dup(d->c->life, store_where(s)); // without a password
    bool ok = done || put_in(d, o, s, k, e);
    know_close(k);
    store_close(s);
    if (!ok) return false;
    tell_made(d, done);
    const command *today = cli_command(S("today"));
    return !today || cli_run(d->c, today, e);
}

// ---- out of it again ----

static bool purge(cli *c, store *s, knowing *k, int64_t *events, err *e) {
    enum { MOST = 100000 };
    int64_t *ids = make(c->life, int64_t, MOST), some = 0;
    size_t n = 0;
    for (row r = store_query(s, Q_import_list, e, "i", (int64_t)MOST); row_next(&r);)
        if (row_int(&r, 13)) ids[n++] = row_int(&r, 0);
    for (size_t i = 0; err_ok(e) && i < n; i++)
        if (ledger_import_undo(know_ledger(k), ids[i], true, &some, e)) *events += some;
    return err_ok(e);
}

static bool forget(store *s, err *e) {
    static const enum query steps[] = {Q_sample_quarantine_delete, Q_sample_import_delete, Q_sample_source_delete};
    if (!store_begin(s, e)) return false;
    bool ok = true;
    for (size_t i = 0; ok && i < COUNT(steps); i++) ok = store_run(s, steps[i], NULL, e, "");
    ok = ok && settings_put(s, "sample", S(""), e) && store_commit(s, e);
    if (!ok) store_rollback(s);
    return ok;
}

static bool take_away(cli *c, err *e) {
    store *s;
    knowing *k;
    settings set;
    int64_t events = 0;
    rebuilt_report report;
    if (!place_know(c, place_of(c), false, &s, &k, e)) return false;
    bool ok = settings_read(c->life, s, &set, e);
    if (ok && !set.sample.len)
        ok = fail(e, ERR_not_found, "there is no sample company in \"%.*s\"", STR_ARG(store_where(s)));
    ok = ok && place_rebuild_due(s, e) && purge(c, s, k, &events, e);
    know_close(k);
    ok = ok && place_rebuild(c, s, &report, e) && forget(s, e);
    if (ok && store_kind_of(s) == STORE_SQLITE)
        (void)!unlink(
            str_z(c->life, str_cat(c->life, store_where(s), S("/sample-truth.jsonl")))); // it may be elsewhere
    store_close(s);
    if (ok && c->g.json)
        term_say(&c->t, "{\"removed\":%" PRId64 "}\n", events);
    else if (ok)
        term_say(&c->t, "The sample company is gone: %.*s.\n", STR_ARG(say_n(c->life, events, "event", "events")));
    return ok;
}

// ---- into a file ----

static bool write_event(void *ctx, str source, enum channel channel, const event *ev, err *e) {
    demo *d = ctx;
    arena a = d->c->scratch;
    (void)channel;
    wire w = wire_of_event(&a, source_name(&a, source), ev);
    buf line = buf_new(&a, 16 << 20);
    wire_line(&line, &w);
    d->events++;
    if (fwrite(line.s, 1, line.len, d->out) == line.len) return true;
    return fail(e, errno == ENOSPC ? ERR_full : ERR_unavailable, "the events cannot be written (%s)", strerror(errno));
}

static void show_progress(void *ctx, int64_t done, int64_t total) {
    demo *d = ctx;
    progress_at(&d->bar, d->events, done, total);
}

static bool write_file(demo *d, const demo_opts *o, err *e) {
    bool to_stdout = str_eq(o->export, S("-"));
    const char *path = str_z(d->c->life, o->export);
    d->out = to_stdout ? d->c->t.out : fopen(path, "w");
    if (!d->out) return fail(e, ERR_denied, "\"%s\" cannot be written (%s)", path, strerror(errno));
    d->truth_path = str_z(d->c->life, o->truth);
    bool ok = true;
    if (o->truth.len && !(d->truth = fopen(d->truth_path, "w")))
        ok = fail(e, ERR_denied, "\"%s\" cannot be written (%s)", d->truth_path, strerror(errno));
    sample_sink to = {.event = write_event, .truth = d->truth ? on_truth : NULL, .progress = show_progress, .ctx = d};
    d->bar = progress_begin(&d->c->t, S("sample company"), "events");
    ok = ok && sample_run(d->scratch, &d->how, &to, e);
    progress_end(&d->bar);
    ok = close_truth(d, ok, e);
    if (!to_stdout && fclose(d->out) != 0 && ok) ok = fail(e, ERR_full, "\"%s\" could not be written whole", path);
    return ok;
}

static bool run(cli *c, const void *options, err *e) {
    const demo_opts *o = options;
    cli inner = *c;
    if (!place_named(c)) inner.g.store = S("demo-store");
    if (o->remove) return take_away(&inner, e);
    if (o->years > 20) return fail(e, ERR_usage, "'--years' takes 1 to 20");
    demo d = {.c = &inner,
              .how = {.customers = o->customers,
                      .years = (int)o->years,
                      .seed = (uint64_t)o->seed,
                      .now_us = floor_div(c->w->now_us(c->w), DAY_US) * DAY_US}};
    d.scratch = arena_open(sample_memory(&d.how));
    bool ok = o->export.len ? write_file(&d, o, e) : make_company(&d, o, e);
    arena_close(&d.scratch);
    return ok;
}

const cmd cmd_demo = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(demo_opts),
    .defaults = &defaults,
    .run = run,
    .more = "Makes Kastanie Coffee Roasters, a company that does not exist: a web shop, subscriptions, a café and a "
            "wholesale side, with customers in several channels. Then it shows what its owner should know today. The "
            "store is demo-store unless --store or HEED_STORE names another. The same options give the same company on "
            "the same day.\n\n"
            "Everything made up is marked as sample, and --remove takes it out without a trace, also from a store "
            "that holds real customers. What is true of the company (who is who, who left and why) goes to a file "
            "beside the store that heed never reads.",
    .examples = "heed demo\n"
                "heed demo --customers 20000 --years 5 --store big\n"
                "heed demo --customers 100 --export sample.jsonl --truth truth.jsonl\n"
                "heed demo --remove",
    .json = "what 'heed today --json' prints; with --remove {\"removed\": EVENTS}",
};
