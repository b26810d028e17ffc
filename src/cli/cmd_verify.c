#include "cli/place.h"
#include "sql/ledger.h"

typedef struct {
    bool repair, deep;
} verify_opts;

static const opt opts[] = {
    {"repair", 0, OPT_FLAG, offsetof(verify_opts, repair), NULL, "write what is derived anew from the events"},
    {"deep", 0, OPT_FLAG, offsetof(verify_opts, deep), NULL, "examine every page of the database file as well"},
};

static void count_up(void *ctx, int64_t done, int64_t total) {
    progress_at(ctx, done, done, total);
}

static void show(const cli *c, const rebuilt_report *r, bool repaired) {
    arena a = c->scratch;
    const struct {
        int64_t n;
        const char *what;
    } rows[] = {{r->events, "events"},
                {r->profiles, "profiles"},
                {r->customers, "customers"},
                {r->conversations, "conversations"},
                {r->feedback, "ratings and remarks"}};
    table *t = table_new(&a, (table_col[]){{NULL, true, false}, {NULL, false, false}}, 2);
    for (size_t i = 0; i < COUNT(rows); i++) {
        table_add(t, STYLE_plain, term_count(&a, rows[i].n));
        table_add(t, STYLE_plain, str_c(rows[i].what));
    }
    if (repaired)
        term_put(&c->t, STYLE_good, S("Written anew from the events.\n"));
    else if (!r->differences)
        term_put(&c->t, STYLE_good,
                 S("Proved: what is stored of every customer follows from the events, row by row.\n"));
    else
        term_put(&c->t, STYLE_bad,
                 str_fmt(&a, "%.*s rows differ from what the events say.\n", STR_ARG(term_count(&a, r->differences))));
    table_print(t, &c->t, 2);
}

static void answer(const cli *c, const rebuilt_report *v, bool repaired) {
    reply r;
    reply_open(&r, c);
    json_open(&r.j, NULL, '{');
    json_put_bool(&r.j, "equal", v->differences == 0);
    json_put_bool(&r.j, "repaired", repaired);
    json_put_int(&r.j, "differences", v->differences);
    json_put_str(&r.j, "first", v->first);
    json_put_int(&r.j, "events", v->events);
    json_put_int(&r.j, "profiles", v->profiles);
    json_put_int(&r.j, "customers", v->customers);
    json_put_int(&r.j, "conversations", v->conversations);
    json_put_int(&r.j, "feedback", v->feedback);
    json_put_num(&r.j, "seconds_reading", v->seconds_read);
    json_put_num(&r.j, "seconds_comparing", v->seconds_compared);
    json_close(&r.j, '}');
    reply_close(&r);
}

static bool repair(cli *c, rebuilt_report *report, err *e) {
    store *s;
    if (!place_write(c, place_of(c), false, &s, e)) return false;
    bool ok = place_rebuild(c, s, report, e);
    store_close(s);
    return ok;
}

static bool examine(cli *c, store *s, err *e) {
    str problem;
    if (!store_check(s, c->life, &problem, e)) return false;
    str first = str_cut(&problem, '\n');
    return !first.len || fail(e, ERR_corrupt,
                              "the database is damaged (%.*s): bring back the last backup with 'heed "
                              "restore'",
                              (int)MIN(first.len, 120), first.s);
}

// What a running import has stored and not merged yet is no difference.
static bool all_merged(store *s, err *e) {
    int64_t tail = 0;
    if (!store_int(s, Q_tail_due, &tail, 0, e, "")) return false;
    return !tail ||
           fail(e, ERR_busy, "an import is running, and not all of it is merged yet; try again when it is done");
}

// All is read from one moment of the store, so that a writer may go on meanwhile.
static bool prove(cli *c, const verify_opts *o, rebuilt_report *report, err *e) {
    store *s;
    if (!place_read(c, &s, e)) return false;
    progress p = progress_begin(&c->t, S("reading events"), "events");
    bool ok = (!o->deep || examine(c, s, e)) && store_begin_read(s, e) && all_merged(s, e) &&
              know_verify(c->life, s, count_up, &p, report, e);
    progress_end(&p);
    store_close(s);
    return ok;
}

static bool run(cli *c, const void *options, err *e) {
    const verify_opts *o = options;
    rebuilt_report report = {0};
    if (o->repair ? !repair(c, &report, e) : !prove(c, o, &report, e)) return false;
    if (c->g.json)
        answer(c, &report, o->repair);
    else if (!c->g.quiet)
        show(c, &report, o->repair);
    if (!report.differences) return true;
    return fail(e, ERR_differs, "%.*s; 'heed verify --repair' writes it anew", (int)MIN(report.first.len, 180),
                report.first.s);
}

const cmd cmd_verify = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(verify_opts),
    .run = run,
    .more =
        "Folds all events again and compares what comes out with what is stored, row by row: who is who, every "
        "customer's figures, every conversation, every rating. When something differs it names the customer, and the "
        "exit status is 11. Nothing is written unless --repair is given.",
    .examples = "heed verify\nheed verify --repair",
    .json = "{\"equal\",\"repaired\",\"differences\",\"first\",\"events\",\"profiles\",\"customers\",\"conversations\","
            "\"feedback\",\"seconds_reading\",\"seconds_comparing\"}",
};
