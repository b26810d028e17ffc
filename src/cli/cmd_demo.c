#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/place.h"
#include "cli/say.h"
#include "cli/serving.h"
#include "cli/words.h"
#include "jobs/company.h"
#include "jobs/company_inbox.h"
#include "jobs/company_rules.h"
#include "jobs/company_topics.h"
#include "know/wire.h"
#include "sql/ledger.h"

typedef struct {
    int64_t customers, years, seed;
    bool remove, no_serve;
    str export, truth;
} demo_opts;

static const demo_opts defaults = {.customers = 500, .years = 3, .seed = 1};

static const opt opts[] = {
    {"customers", 0, OPT_NUMBER, offsetof(demo_opts, customers), "N", "how many customers; 500 unless given"},
    {"years", 0, OPT_NUMBER, offsetof(demo_opts, years), "Y", "over how many years back from today; 3 unless given"},
    {"seed", 0, OPT_NUMBER, offsetof(demo_opts, seed), "S", "another company with the same habits; 1 unless given"},
    {"remove", 0, OPT_FLAG, offsetof(demo_opts, remove), NULL, "take the sample company out of the store"},
    {"no-serve", 0, OPT_FLAG, offsetof(demo_opts, no_serve), NULL, "do not serve it in the end"},
    {"export", 0, OPT_TEXT, offsetof(demo_opts, export), "FILE", "write its events to a file instead ('-': to stdout)"},
    {"truth", 0, OPT_TEXT, offsetof(demo_opts, truth), "FILE",
     "where to write what is true of it; sample-truth.jsonl in the store's folder unless given"},
};

// One run of the simulation.
typedef struct {
    cli *c;
    sample_opts how;
    FILE *truth, *out;
    const char *truth_path;
    company of;
    progress bar;
    int64_t events;
    str where;
    understood read;
} demo;

static bool on_truth(void *ctx, str line, err *e) {
    demo *d = ctx;
    if (fwrite(line.s, 1, line.len, d->truth) == line.len && fputc('\n', d->truth) != EOF) return true;
    return fail(e, errno == ENOSPC ? ERR_full : ERR_unavailable, "\"%s\" cannot be written (%s)", d->truth_path,
                strerror(errno));
}

// ---- filling a store ----

static bool show_batch(void *ctx, const pump_batch *b, err *e) {
    demo *d = ctx;
    (void)e;
    progress_at(&d->bar, d->of.t.sum.rows, b->done, b->total);
    return true;
}

static bool fill(demo *d, ledger *l, err *e) {
    d->of = (company){.how = d->how, .truth = d->truth ? on_truth : NULL, .after = show_batch, .ctx = d};
    d->of.t = (take){.life = d->c->life, .l = l};
    d->bar = progress_begin(&d->c->t, S("sample company"), "events");
    bool ok = company_fill(&d->of, e);
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

// ---- into a store ----

static bool put_in(demo *d, const demo_opts *o, store *s, knowing *k, err *e) {
    cli *c = d->c;
    bool ok = open_truth(d, o, s, e) && settings_put(s, "sample", company_stamp(c->life, &d->how, false), e) &&
              fill(d, know_ledger(k), e) && company_rules(know_ledger(k), e) && company_inbox(know_ledger(k), e) &&
              company_topics(know_ledger(k), e);
    ok = close_truth(d, ok, e);
    return ok && settings_put(s, "sample", company_stamp(c->life, &d->how, true), e) && store_optimize(s, e);
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
                 STR_ARG(say_n(&a, d->of.t.sum.rows, "event", "events")),
                 STR_ARG(say_n(&a, d->how.customers, "customer", "customers")),
                 STR_ARG(say_n(&a, d->how.years, "year", "years")), STR_ARG(term_span(&a, progress_seconds(&d->bar))));
    words_tell(c, &d->read);
    if (!is_url) term_say(&c->t, "To look around: export HEED_STORE='%.*s'; heed help.\n", STR_ARG(where));
    term_say(&c->t, "To take it away: heed demo --remove\n\n");
    fflush(c->t.out);
}

// A new store counts days where the company is; that must be known before its ledger is opened.
static bool open_company(demo *d, store **s, knowing **k, bool *done, err *e) {
    settings set;
    cli *c = d->c;
    if (!place_write(c, place_of(c), true, s, e)) return false;
    bool ok = settings_read(c->life, *s, &set, e) && company_compare(set.sample, &d->how, done, e);
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
    ok = ok && words_understand(d->c, s, &d->read, e);
    store_close(s);
    if (!ok) return false;
    tell_made(d, done);
    const command *today = cli_command(S("today"));
    if (today && !cli_run(d->c, today, e)) return false;
    if (o->no_serve) return true;
    if (!d->c->g.json && !d->c->g.quiet) term_say(&d->c->t, "\n");
    return serving_run(d->c, &(serving){.where = place_of(d->c), .any = true, .link = "signin"}, e);
}

// ---- out of it again ----

static bool take_away(cli *c, err *e) {
    store *s;
    knowing *k;
    settings set;
    int64_t events = 0;
    rebuilt_report report = {0};
    if (!place_know(c, place_of(c), false, &s, &k, e)) return false;
    bool ok = settings_read(c->life, s, &set, e);
    if (ok && !set.sample.len)
        ok = fail(e, ERR_not_found, "there is no sample company in \"%.*s\"", STR_ARG(store_where(s)));
    ok = ok && place_rebuild_due(s, e) && company_purge(know_ledger(k), &events, e) && company_forget(s, e);
    know_close(k);
    ok = ok && place_rebuild(c, s, &report, e);
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
    wire w = wire_of_event(&a, company_source(&a, source), ev);
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
    arena scratch = arena_open(sample_memory(&d->how));
    ok = ok && sample_run(scratch, &d->how, &to, e);
    arena_close(&scratch);
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
    return o->export.len ? write_file(&d, o, e) : make_company(&d, o, e);
}

const cmd cmd_demo = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(demo_opts),
    .defaults = &defaults,
    .run = run,
    .more = "Makes Kastanie Coffee Roasters, a company that does not exist: a web shop, subscriptions, a café and a "
            "wholesale side, with customers in several channels. Then it shows what its owner should know today, and "
            "serves it at http://127.0.0.1:8080 until Ctrl-C. The store is demo-store unless --store or HEED_STORE "
            "names another. The same options give the same company on "
            "the same day.\n\n"
            "Everything made up is marked as sample, and --remove takes it out without a trace, also from a store "
            "that holds real customers. What is true of the company (who is who, who left and why) goes to a file "
            "beside the store that heed never reads.",
    .examples = "heed demo\n"
                "heed demo --no-serve\n"
                "heed demo --customers 20000 --years 5 --store big\n"
                "heed demo --customers 100 --export sample.jsonl --truth truth.jsonl\n"
                "heed demo --remove",
    .json = "what 'heed today --json' prints, and then, unless --no-serve, what 'heed serve --json' prints; with "
            "--remove {\"removed\": EVENTS}",
};
