#include "cli/desk.h"
#include "cli/import.h"
#include "cli/say.h"
#include "jobs/replay.h"
#include "sql/cli.h"
#include "sql/ledger.h"

typedef struct {
    str state, map;
    strs columns;
    bool all;
    int64_t limit;
} quarantine_opts;

static const quarantine_opts defaults = {.limit = 50};

static const opt opts[] = {
    {"all", 'a', OPT_FLAG, offsetof(quarantine_opts, all), NULL,
     "replay, drop: everything that waits; list: also what is settled"},
    {"column", 'c', OPT_LIST, offsetof(quarantine_opts, columns), "FIELD=COLUMN", "replay: which column holds what"},
    {"map", 0, OPT_TEXT, offsetof(quarantine_opts, map), "FILE", "replay: the same for many columns"},
    {"limit", 'n', OPT_NUMBER, offsetof(quarantine_opts, limit), "N", "list: at most so many; 50 unless given, 0: all"},
};

static void reply_bad(reply *r, const bad *b) {
    json_open(&r->j, NULL, '{');
    json_put_int(&r->j, "id", b->id);
    json_put_int(&r->j, "import", b->import_id);
    json_put_str(&r->j, "state", str_c(quarantine_state_name(b->state)));
    json_put_str(&r->j, "file", b->file);
    json_put_int(&r->j, "line", b->line);
    json_put_str(&r->j, "field", b->field);
    json_put_str(&r->j, "reason", b->reason);
    json_put_str(&r->j, "header", b->header);
    json_put_str(&r->j, "raw", b->raw);
    reply_time(r, "at", b->at_us);
    json_close(&r->j, '}');
    reply_some(r);
}

// ---- list and show ----

static bool list(cli *c, store *s, const quarantine_opts *o, err *e) {
    static const table_col cols[] = {{"row", true, false},   {"import", true, false}, {"file", false, false},
                                     {"line", true, false},  {"field", false, false}, {"why", false, true},
                                     {"state", false, false}};
    arena life = arena_open((size_t)1 << 34);
    table *t = table_new(&life, cols, COUNT(cols));
    int64_t waiting = 0;
    reply r;
    bool ok = store_int(s, Q_quarantine_count, &waiting, 0, e, "i", INT64_C(0));
    if (c->g.json)
        reply_open(&r, c), json_open(&r.j, NULL, '{'), json_put_int(&r.j, "waiting", waiting),
            json_open(&r.j, "rows", '[');
    for (row q = store_query(s, Q_quarantine_list, e, "iii", o->all ? INT64_C(-1) : INT64_C(0), INT64_MAX,
                             o->limit ? o->limit : INT64_MAX / 2);
         ok && row_next(&q);) {
        if (c->g.json) arena_reset(&life);
        bad b = bad_read(&life, &q);
        if (c->g.json) {
            reply_bad(&r, &b);
            continue;
        }
        str file = b.file;
        while (str_find(file, '/') >= 0) str_cut(&file, '/');
        table_add(t, STYLE_plain, str_fmt(&life, "%" PRId64, b.id));
        table_add(t, STYLE_plain, str_fmt(&life, "%" PRId64, b.import_id));
        table_add(t, STYLE_plain, term_clean(&life, file, true));
        table_add(t, STYLE_plain, str_fmt(&life, "%" PRId64, b.line));
        table_add(t, STYLE_plain, term_clean(&life, b.field, true));
        table_add(t, STYLE_plain, term_clean(&life, b.reason, true));
        table_add(t, STYLE_plain, str_c(b.state == QUARANTINE_WAITING ? "" : quarantine_state_name(b.state)));
    }
    if (c->g.json)
        json_close(&r.j, ']'), json_close(&r.j, '}'), reply_close(&r);
    else if (table_rows(t))
        table_print(t, &c->t, 0);
    if (!c->g.json && ok) {
        if (waiting > (int64_t)table_rows(t))
            term_say(&c->t, "%.*s wait in all; --limit 0 shows them.\n", STR_ARG(term_count(&life, waiting)));
        if (!table_rows(t)) term_say(&c->t, "Nothing is in quarantine.\n");
    }
    arena_close(&life);
    return ok && err_ok(e);
}

static void show_lines(const cli *c, const char *label, str text) {
    arena a = c->scratch;
    text = term_clean(&a, text, false);
    term_say(&c->t, "%s\n", label);
    while (text.s && text.len) {
        str l = str_cut(&text, '\n');
        term_say(&c->t, "    %.*s\n", STR_ARG(l));
    }
}

static bool show(cli *c, store *s, err *e) {
    int64_t id;
    bad b;
    arena a = c->scratch;
    if (c->args.n != 2) return fail(e, ERR_usage, "heed quarantine show ROW");
    if (!cli_id("a row in quarantine", c->args.v[1], &id, e) || !bad_get(c->life, s, id, &b, e)) return false;
    if (c->g.json) {
        reply r;
        reply_open(&r, c);
        reply_bad(&r, &b);
        reply_close(&r);
        return true;
    }
    term_say(&c->t, "Row %" PRId64 ", %s: line %" PRId64 " of %.*s, import %" PRId64 "\n", b.id,
             quarantine_state_name(b.state), b.line, STR_ARG(term_clean(&a, b.file, true)), b.import_id);
    term_say(&c->t, "  %.*s%s%.*s\n", STR_ARG(b.field), b.field.len ? ": " : "",
             STR_ARG(term_clean(&a, b.reason, true)));
    if (b.header.len) show_lines(c, "  header", b.header);
    show_lines(c, "  row", b.raw);
    return true;
}

// ---- replay ----

static void tell_stays(void *ctx, int64_t id, str field, str reason) {
    cli_note(ctx, "row %" PRId64 " stays: %.*s: %.*s", id, STR_ARG(field), STR_ARG(reason));
}

static void tell_was(void *ctx, int64_t id, int64_t state) {
    cli_note(ctx, "row %" PRId64 " is %s already", id, quarantine_state_name(state));
}

static bool waiting_ids(cli *c, store *s, int64_t **ids, size_t *n, err *e) {
    int64_t count;
    *n = 0;
    if (!store_int(s, Q_quarantine_count, &count, 0, e, "i", INT64_C(0))) return false;
    *ids = make(c->life, int64_t, count + 1);
    for (row r = store_query(s, Q_quarantine_ids, e, ""); row_next(&r) && *n < (size_t)count;)
        (*ids)[(*n)++] = row_int(&r, 0);
    return err_ok(e);
}

static bool named_ids(cli *c, int64_t **ids, size_t *n, err *e) {
    *ids = make(c->life, int64_t, c->args.n), *n = 0;
    for (size_t i = 1; i < c->args.n; i++)
        if (!cli_id("a row in quarantine", c->args.v[i], &(*ids)[(*n)++], e)) return false;
    return *n > 0 || fail(e, ERR_usage, "name the rows to replay, or say --all");
}

static bool find_ids(cli *c, const quarantine_opts *o, store *s, int64_t **ids, size_t *n, err *e) {
    return o->all ? waiting_ids(c, s, ids, n, e) : named_ids(c, ids, n, e);
}

static void tell(const cli *c, const replayed *g) {
    const tally *t = &g->sum;
    if (c->g.json)
        term_say(&c->t,
                 "{\"rows\":%" PRId64 ",\"new\":%" PRId64 ",\"changed\":%" PRId64 ",\"same\":%" PRId64
                 ",\"skipped\":%" PRId64 ",\"still_waiting\":%" PRId64 "}\n",
                 t->rows + g->still, t->added, t->changed, t->same, t->skipped, g->still);
    else
        term_say(&c->t,
                 "%.*s: %" PRId64 " new, %" PRId64 " changed, %" PRId64 " known already, %" PRId64 " skipped, %" PRId64
                 " still in quarantine.\n",
                 STR_ARG(say_n(c->life, t->rows + g->still, "row", "rows")), t->added, t->changed, t->same, t->skipped,
                 g->still);
}

static bool replay_all(cli *c, const int64_t *ids, size_t n, replay *g, err *e) {
    enum { SOME = 256 };
    progress bar = progress_begin(&c->t, S("replay"), "rows");
    for (size_t i = 0; i < n; i += SOME) {
        if (!replay_rows(g, ids + i, MIN(n - i, SOME), e)) return false;
        progress_at(&bar, (int64_t)i, (int64_t)i, (int64_t)n);
    }
    progress_end(&bar);
    return true;
}

static bool replay_named(cli *c, const quarantine_opts *o, err *e) {
    desk d;
    int64_t *ids;
    size_t n;
    replay_opts how = {.stays = tell_stays, .was = tell_was, .ctx = c};
    replayed done = {0};
    if (!desk_open(c, "replay them by its address /api/quarantine", &d, e)) return false;
    how.l = know_ledger(d.k);
    bool ok = import_map(c, o->map, &o->columns, &how.map, e) && find_ids(c, o, d.s, &ids, &n, e);
    replay *g = replay_open(how);
    ok = ok && replay_all(c, ids, n, g, e) && replay_end(g, &done, e);
    replay_close(g);
    desk_close(&d);
    if (ok) tell(c, &done);
    return ok;
}

// ---- drop ----

static bool drop(cli *c, const quarantine_opts *o, err *e) {
    desk d;
    int64_t *ids;
    size_t n = 0, done = 0;
    if (!desk_open(c, "settle them by its address /api/quarantine", &d, e)) return false;
    bool ok = find_ids(c, o, d.s, &ids, &n, e) && store_begin(d.s, e);
    for (size_t i = 0; ok && i < n; i++) {
        int64_t changed = 0;
        ok = store_run(d.s, Q_quarantine_state, &changed, e, "ii", ids[i], (int64_t)QUARANTINE_SETTLED);
        done += changed > 0;
    }
    ok = ok && store_commit(d.s, e);
    desk_close(&d);
    if (ok && c->g.json)
        term_say(&c->t, "{\"dropped\":%zu}\n", done);
    else if (ok)
        term_say(&c->t, "Settled: %.*s.\n", STR_ARG(say_n(c->life, (int64_t)done, "row", "rows")));
    return ok;
}

static bool run(cli *c, const void *options, err *e) {
    const quarantine_opts *o = options;
    store *s;
    str verb = c->args.n ? c->args.v[0] : S("list");
    bool listing = str_eq(verb, S("list")), showing = str_eq(verb, S("show"));
    if (str_eq(verb, S("replay"))) return replay_named(c, o, e);
    if (str_eq(verb, S("drop"))) return drop(c, o, e);
    if (!listing && !showing)
        return fail(e, ERR_usage, "heed quarantine list, show, replay or drop; not '%.*s'", (int)MIN(verb.len, 60),
                    verb.s);
    if (!place_read(c, &s, e)) return false;
    bool ok = listing ? list(c, s, o, e) : show(c, s, e);
    store_close(s);
    return ok;
}

const cmd cmd_quarantine = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(quarantine_opts),
    .defaults = &defaults,
    .max_args = -1,
    .run = run,
    .more =
        "Rows that could not be read are kept byte for byte with the reason. 'list' shows those that wait, 'show ROW' "
        "one of them whole, and 'replay' reads them again: after a newer heed has learnt to read them, or with "
        "--column and --map that say what a column holds. What is read then counts as a new import; what still cannot "
        "be read stays. 'drop' settles rows that nobody needs.",
    .examples = "heed quarantine list\n"
                "heed quarantine show 1234\n"
                "heed quarantine replay --all --column date=invoice_date",
    .json =
        "list: {\"waiting\",\"rows\":[{\"id\",\"import\",\"state\",\"file\",\"line\",\"field\",\"reason\",\"header\","
        "\"raw\",\"at\"}]}; show: one of the rows; replay: "
        "{\"rows\",\"new\",\"changed\",\"same\",\"skipped\",\"still_waiting\"}; drop: {\"dropped\"}",
};
