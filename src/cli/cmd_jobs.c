#include <pthread.h>

#include "cli/place.h"
#include "cli/say.h"
#include "jobs/runner.h"
#include "serve/work.h"
#include "sql/serve_jobs.h"

typedef struct {
    int64_t limit;
} jobs_opts;

static const jobs_opts defaults = {.limit = 20};

static const opt opts[] = {
    {"limit", 'n', OPT_NUMBER, offsetof(jobs_opts, limit), "N",
     "list: at most so many that are done once; 20 unless given, 0: all"},
};

// ---- list ----

static str every_of(arena *a, const job_row *j) {
    int64_t s = j->every_s < 0 ? -j->every_s : j->every_s, days = s / 86400;
    if (j->every_s < 0) return S("off");
    if (!s) return S("once");
    if (s % 86400 == 0) return days == 1 ? S("day") : str_fmt(a, "%" PRId64 " days", days);
    return s % 3600 == 0 ? str_fmt(a, "%" PRId64 " h", s / 3600) : str_fmt(a, "%" PRId64 " s", s);
}

static void list_row(table *t, arena *a, const zone *z, const job_row *j) {
    bool bad = j->error.len > 0;
    table_add(t, STYLE_plain, str_fmt(a, "%" PRId64, j->id));
    table_add(t, STYLE_plain, j->kind);
    table_add(t, STYLE_plain, every_of(a, j));
    table_add(t, bad ? STYLE_warn : STYLE_plain, str_c(job_state_name(j->state)));
    table_add(t, STYLE_plain, j->state == JOB_WAITING ? say_time(a, z, j->next_us) : S(""));
    table_add(t, STYLE_plain, j->ended_us ? say_time(a, z, j->ended_us) : S(""));
    table_add(t, STYLE_plain, term_clean(a, bad ? j->error : S(""), true));
}

static void put_job(cli *c, reply *r, table *t, const zone *z, const job_row *j) {
    if (!c->g.json) {
        list_row(t, c->life, z, j);
        return;
    }
    job_out(&r->j, NULL, j);
    reply_some(r);
}

static bool list(cli *c, const jobs_opts *o, err *e) {
    static const table_col cols[] = {{"job", true, false},    {"kind", false, false}, {"every", false, false},
                                     {"state", false, false}, {"next", false, false}, {"ended", false, false},
                                     {"error", false, true}};
    store *s;
    settings set;
    zone *z = NULL;
    reply r;
    int64_t once = 0, most = o->limit ? o->limit : INT64_MAX;
    if (!place_read(c, &s, e)) return false;
    bool ok = settings_read(c->life, s, &set, e) && zone_open(c->life, set.zone, &z, e);
    table *t = table_new(c->life, cols, COUNT(cols));
    if (c->g.json) reply_open(&r, c), json_open(&r.j, NULL, '{'), json_open(&r.j, "jobs", '[');
    for (row q = store_query(s, Q_job_list, e, "tiii", S(""), INT64_C(-1), INT64_MAX, INT64_C(100000));
         ok && row_next(&q);) {
        job_row j = job_read(c->life, &q);
        if (j.every_s || once++ < most) put_job(c, &r, t, z, &j);
    }
    if (c->g.json)
        json_close(&r.j, ']'), json_close(&r.j, '}'), reply_close(&r);
    else if (ok && err_ok(e) && table_rows(t))
        table_print(t, &c->t, 0);
    else if (ok && err_ok(e))
        term_say(&c->t, "No work is planned yet: 'heed serve' does it, and 'heed jobs run' does one piece.\n");
    store_close(s);
    return ok && err_ok(e);
}

// ---- run ----

typedef struct {
    cli *c;
    str kind;
    int64_t id;
    pthread_mutex_t lock;
    job_row now; // as it was told last; texts in life
    bool ended;
} watch;

static bool begin(void *ctx, desk *d, err *e) {
    watch *x = ctx;
    x->id = 0;
    if (!jobs_ready(d->s, d->w, NULL, 0, e) || !store_int(d->s, Q_job_repeated, &x->id, 0, e, "t", x->kind))
        return false;
    return job_run_now(d->s, d->w, x->id, e);
}

static void on_told(void *ctx, const job_row *j) {
    watch *x = ctx;
    pthread_mutex_lock(&x->lock);
    x->now.done = j->done, x->now.total = j->total;
    if (j->state != JOB_RUNNING) {
        x->now = *j;
        str *const texts[] = {&x->now.kind, &x->now.args, &x->now.lease, &x->now.result, &x->now.error, &x->now.by};
        for (size_t i = 0; i < COUNT(texts); i++) *texts[i] = str_dup(x->c->life, *texts[i]);
        x->ended = true;
    }
    pthread_mutex_unlock(&x->lock);
}

static void wait_for_end(watch *x) {
    progress p = progress_begin(&x->c->t, x->kind, "done");
    for (bool over = false; !over;) {
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
        pthread_mutex_lock(&x->lock);
        over = x->ended;
        if (x->now.done) progress_at(&p, x->now.done, x->now.done, x->now.total);
        pthread_mutex_unlock(&x->lock);
    }
    progress_end(&p);
}

static bool known(str kind, err *e) {
    size_t n;
    const job_kind *all = job_kinds(&n);
    char names[200];
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        if (!all[i].every_s) continue;
        if (str_eq(kind, str_c(all[i].kind))) return true;
        len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", len ? ", " : "", all[i].kind);
    }
    return fail(e, ERR_usage, "heed jobs run KIND, one of %s", names);
}

static void show(const cli *c, const watch *x) {
    json_t *result = NULL, *v;
    const char *name;
    arena a = c->scratch;
    if (c->g.json) {
        reply r;
        reply_open(&r, c);
        job_out(&r.j, NULL, &x->now);
        reply_close(&r);
        return;
    }
    if (c->g.quiet || !json_read(x->now.result, &result, NULL)) return;
    term_say(&c->t, "%.*s: done\n", STR_ARG(x->kind));
    json_object_foreach(result, name, v) {
        str text = json_scalar(&a, v);
        if (text.len) term_say(&c->t, "  %s  %.*s\n", name, STR_ARG(term_clean(&a, text, true)));
    }
    json_decref(result);
}

static bool run_one(cli *c, err *e) {
    watch x = {.c = c, .kind = c->args.v[1]};
    writer *w = NULL;
    runner *r = NULL;
    const char *where = str_z(c->life, place_of(c));
    if (!known(x.kind, e) || !writer_open(&w, (writer_opts){.where = where, .w = c->w}, e)) return false;
    pthread_mutex_init(&x.lock, NULL);
    bool ok = writer_do(w, begin, &x, e);
    runner_opts o = {.w = w, .where = where, .world = c->w, .only = x.id, .workers = 1, .told = on_told, .ctx = &x};
    ok = ok && runner_open(&r, o, e);
    if (ok) wait_for_end(&x);
    runner_close(r);
    writer_close(w);
    pthread_mutex_destroy(&x.lock);
    if (ok && x.now.error.len) ok = fail(e, ERR_unavailable, "%.*s", (int)MIN(x.now.error.len, 200), x.now.error.s);
    if (ok) show(c, &x);
    return ok;
}

static bool run(cli *c, const void *options, err *e) {
    str verb = c->args.n ? c->args.v[0] : S("list");
    if (str_eq(verb, S("list")) && c->args.n < 2) return list(c, options, e);
    if (str_eq(verb, S("run")) && c->args.n == 2) return run_one(c, e);
    return fail(e, ERR_usage, "heed jobs list, or heed jobs run KIND");
}

const cmd cmd_jobs = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(jobs_opts),
    .defaults = &defaults,
    .max_args = 2,
    .run = run,
    .more =
        "What is done beside everything else: tidying up, back-ups, the proof that nothing is wrong, and the imports "
        "that were begun in a browser. 'heed serve' does it when it is due. 'list' shows what is planned and how it "
        "went the last time; 'run KIND' does one of those that repeat now, where no server runs.",
    .examples = "heed jobs\n"
                "heed jobs run sweep\n"
                "heed jobs run verify",
    .json = "list: {\"jobs\":[{\"id\",\"kind\",\"text\",\"about\",\"state\",\"stopping\",\"done\",\"total\",\"result\","
            "\"error\",\"tries\",\"every_s\",\"on\",\"next\",\"created\",\"by\",\"started\",\"ended\",\"version\"}]}; "
            "run: one of them",
};
