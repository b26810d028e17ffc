#include "cli/import.h"
#include "cli/say.h"

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

enum { WAITING, REPLAYED, GIVEN_UP };

static const char *state_name(int64_t state) {
    static const char *const names[] = {"waiting", "replayed", "settled"};
    return state >= 0 && state < (int64_t)COUNT(names) ? names[state] : "unknown";
}

// A row of quarantine_list and quarantine_get.
typedef struct {
    int64_t id, import_id, line, at_us, state;
    str file, field, reason, header, raw;
} bad;

static bad read_bad(arena *a, const row *r) {
    return (bad){.id = row_int(r, 0),
                 .import_id = row_int(r, 1),
                 .file = str_dup(a, row_str(r, 2)),
                 .line = row_int(r, 3),
                 .field = str_dup(a, row_str(r, 4)),
                 .reason = str_dup(a, row_str(r, 5)),
                 .header = str_dup(a, row_str(r, 6)),
                 .raw = str_dup(a, row_str(r, 7)),
                 .at_us = row_int(r, 8),
                 .state = row_int(r, 9)};
}

static void reply_bad(reply *r, const bad *b) {
    json_open(&r->j, NULL, '{');
    json_put_int(&r->j, "id", b->id);
    json_put_int(&r->j, "import", b->import_id);
    json_put_str(&r->j, "state", str_c(state_name(b->state)));
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
        bad b = read_bad(&life, &q);
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
        table_add(t, STYLE_plain, str_c(b.state == WAITING ? "" : state_name(b.state)));
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

static bool get(arena *a, store *s, int64_t id, bad *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_quarantine_get, e, "i", id); row_next(&r);) *out = read_bad(a, &r), found = true;
    if (!err_ok(e)) return false;
    return found ||
           fail(e, ERR_not_found, "there is no row %" PRId64 " in quarantine; 'heed quarantine list' lists them", id);
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
    if (!cli_id("a row in quarantine", c->args.v[1], &id, e) || !get(c->life, s, id, &b, e)) return false;
    if (c->g.json) {
        reply r;
        reply_open(&r, c);
        reply_bad(&r, &b);
        reply_close(&r);
        return true;
    }
    term_say(&c->t, "Row %" PRId64 ", %s: line %" PRId64 " of %.*s, import %" PRId64 "\n", b.id, state_name(b.state),
             b.line, STR_ARG(term_clean(&a, b.file, true)), b.import_id);
    term_say(&c->t, "  %.*s%s%.*s\n", STR_ARG(b.field), b.field.len ? ": " : "",
             STR_ARG(term_clean(&a, b.reason, true)));
    if (b.header.len) show_lines(c, "  header", b.header);
    show_lines(c, "  row", b.raw);
    return true;
}

// ---- replay ----

// One row read again: what it gives now.
typedef struct {
    cli *c;
    const quarantine_opts *o;
    store *s;
    ledger *l;
    sources *all;
    str map;
    int64_t import_id, from_id; // the new import, and the source it is for
    tally sum;
    int64_t still;
    arena row;
    event events[256];
    int32_t row_of[256];
    size_t n;
    bool skipped, rejected;
    str field, reason;
} again;

static bool on_row(void *ctx, const heard *h, err *e) {
    again *g = ctx;
    (void)e;
    g->skipped = h->skipped, g->rejected = h->rejected;
    g->field = str_dup(&g->row, h->field), g->reason = str_dup(&g->row, h->reason);
    g->n = 0;
    for (int i = 0; i < h->n && i < (int)COUNT(g->events); i++) {
        const event *from = &h->events[i];
        event *to = &g->events[g->n];
        *to = *from;
        str *const texts[] = {&to->ext,  &to->thread,  &to->text,    &to->lang,  &to->topic,
                              &to->name, &to->country, &to->segment, &to->staff, &to->extra};
        for (size_t k = 0; k < COUNT(texts); k++) *texts[k] = str_dup(&g->row, *texts[k]);
        for (int k = 0; k < to->n_ids; k++) to->ids[k].value = str_dup(&g->row, to->ids[k].value);
        g->row_of[g->n++] = 0;
    }
    return true;
}

static bool how_of(again *g, const bad *b, str *adapter, listen_opts *how, int64_t *source_id, err *e) {
    str mapping = S("");
    *source_id = 0;
    for (row r = store_query(g->s, Q_import_get, e, "i", b->import_id); row_next(&r);)
        mapping = str_dup(&g->row, row_str(&r, 14)), *source_id = row_int(&r, 1);
    if (!err_ok(e)) return false;
    if (!*source_id) return fail(e, ERR_not_found, "the import of row %" PRId64 " is gone", b->id);
    if (!import_how(&g->row, mapping, adapter, how, e)) return false;
    if (g->map.len) how->map = g->map;
    return true;
}

// How a row of CSV was understood stands in the first line of its header, where what the person says now takes the
// place of what was said or guessed then.
static bool with_map(again *g, str header, str *out, err *e) {
    json_t *memo = NULL, *mine = NULL;
    str rest = header, first = str_cut(&rest, '\n');
    *out = header;
    if (!g->map.len || !str_starts(first, S("#heed "))) return true;
    bool ok = json_read(str_sub(first, 6, first.len), &memo, e) && json_read(g->map, &mine, e);
    if (ok) json_object_update(json_object_get(memo, "map"), mine);
    char *text = ok ? json_dumps(memo, JSON_COMPACT) : NULL;
    if (text) *out = str_fmt(&g->row, "#heed %s\n%.*s", text, STR_ARG(rest));
    free(text);
    json_decref(mine);
    json_decref(memo);
    return ok;
}

// Rows of one source go into one new import.
static bool begin(again *g, int64_t source_id, err *e) {
    if (g->import_id && g->from_id == source_id) return true;
    if (g->import_id && !ledger_import_end(g->l, g->import_id, e)) return false;
    g->from_id = source_id;
    str mapping = g->map.len ? g->map : S("{}");
    return ledger_import_begin(g->l, source_id, S("replay of quarantine"), mapping, &g->import_id, e);
}

static bool store_row(again *g, const bad *b, int64_t source_id, err *e) {
    intake in = {.events = g->events, .row_of = g->row_of, .n = g->n, .rows = g->n > 0, .skipped = g->skipped};
    tally t;
    if (!begin(g, source_id, e) || !ledger_write(g->l, g->import_id, &in, &t, e)) return false;
    tally_add(&g->sum, &t);
    return store_run(g->s, Q_quarantine_state, NULL, e, "ii", b->id, (int64_t)REPLAYED);
}

static bool replay_one(again *g, const bad *b, err *e) {
    str adapter, header;
    listen_opts how;
    int64_t source_id;
    sink to = {.row = on_row, .ctx = g};
    if (b->state != WAITING) {
        cli_note(g->c, "row %" PRId64 " is %s already", b->id, state_name(b->state));
        return true;
    }
    if (!how_of(g, b, &adapter, &how, &source_id, e) || !with_map(g, b->header, &header, e)) return false;
    if (!listen_again(&g->row, adapter, header, b->raw, &how, &to, e)) return false;
    if (!g->rejected) return store_row(g, b, source_id, e);
    g->still++;
    cli_note(g->c, "row %" PRId64 " stays: %.*s: %.*s", b->id, STR_ARG(g->field), STR_ARG(g->reason));
    return true;
}

static bool waiting_ids(again *g, int64_t **ids, size_t *n, err *e) {
    int64_t count;
    *n = 0;
    if (!store_int(g->s, Q_quarantine_count, &count, 0, e, "i", INT64_C(0))) return false;
    *ids = make(g->c->life, int64_t, count + 1);
    for (row r = store_query(g->s, Q_quarantine_ids, e, ""); row_next(&r) && *n < (size_t)count;)
        (*ids)[(*n)++] = row_int(&r, 0);
    return err_ok(e);
}

static bool named_ids(again *g, int64_t **ids, size_t *n, err *e) {
    cli *c = g->c;
    *ids = make(c->life, int64_t, c->args.n), *n = 0;
    for (size_t i = 1; i < c->args.n; i++)
        if (!cli_id("a row in quarantine", c->args.v[i], &(*ids)[(*n)++], e)) return false;
    return *n > 0 || fail(e, ERR_usage, "name the rows to replay, or say --all");
}

static void tell(const again *g) {
    const tally *t = &g->sum;
    const cli *c = g->c;
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

static bool replay_all(again *g, err *e) {
    int64_t *ids;
    size_t n;
    bad b;
    progress bar = progress_begin(&g->c->t, S("replay"), "rows");
    if (!import_map(g->c, g->o->map, &g->o->columns, &g->map, e)) return false;
    if (!(g->o->all ? waiting_ids(g, &ids, &n, e) : named_ids(g, &ids, &n, e))) return false;
    for (size_t i = 0; i < n; i++) {
        arena_reset(&g->row);
        if (!get(&g->row, g->s, ids[i], &b, e) || !replay_one(g, &b, e)) return false;
        progress_at(&bar, (int64_t)i, (int64_t)i, (int64_t)n);
    }
    progress_end(&bar);
    return !g->import_id || ledger_import_end(g->l, g->import_id, e);
}

static bool replay(cli *c, const quarantine_opts *o, err *e) {
    knowing *k;
    again *g = make(c->life, again, 1);
    *g = (again){.c = c, .o = o, .row = arena_open((size_t)1 << 32)};
    bool ok = place_know(c, place_of(c), false, &g->s, &k, e);
    if (ok) g->l = know_ledger(k);
    ok = ok && replay_all(g, e);
    if (g->s) know_close(k), store_close(g->s);
    arena_close(&g->row);
    if (ok) tell(g);
    return ok;
}

// ---- drop ----

static bool drop(cli *c, const quarantine_opts *o, err *e) {
    again g = {.c = c, .o = o};
    int64_t *ids;
    size_t n = 0, done = 0;
    if (!place_write(c, place_of(c), false, &g.s, e)) return false;
    bool ok = o->all ? waiting_ids(&g, &ids, &n, e) : named_ids(&g, &ids, &n, e);
    ok = ok && store_begin(g.s, e);
    for (size_t i = 0; ok && i < n; i++) {
        int64_t changed = 0;
        ok = store_run(g.s, Q_quarantine_state, &changed, e, "ii", ids[i], (int64_t)GIVEN_UP);
        done += changed > 0;
    }
    ok = ok && store_commit(g.s, e);
    store_close(g.s);
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
    if (str_eq(verb, S("replay"))) return replay(c, o, e);
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
