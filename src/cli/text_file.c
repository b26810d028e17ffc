#include "base/csv.h"
#include "base/input.h"
#include "cli/say.h"
#include "cli/text_cmd.h"
#include "listen/columns.h"

enum { MOST_ROWS = 20000000, MOST_COLUMNS = 1024, LOOKED_AT = 100, BATCH = 64 };

// What columns with texts are called, in letters and digits.
static const char *const usual[] = {"text",        "message",     "comment", "body",  "feedback",    "review",
                                    "utterance",   "content",     "remark",  "words", "description", "answer",
                                    "messagetext", "commenttext", "query",   "tweet", "question",    "reviewtext"};

// And what columns of times are called.
static const char *const usual_when[] = {"createdat", "created", "date", "time", "timestamp", "when", "sentat", "at"};

typedef struct {
    text_job *j;
    input *in;
    progress bar;
    size_t room;
    bool json, lines;
    int text, who, when; // columns; -1: none
} feed;

static ptrdiff_t read_some(void *ctx, char *p, size_t n, err *e) {
    feed *f = ctx;
    progress_at(&f->bar, (int64_t)f->j->n, input_done(f->in), input_total(f->in));
    return input_read(f->in, p, n, e);
}

static void add(feed *f, str text, str who, str when, int64_t line) {
    text_job *j = f->j;
    text = str_trim(text);
    if (!text.len) {
        j->empty++;
        return;
    }
    if (j->n == f->room) { // what was before stays in the arena, which is address space
        f->room = f->room ? f->room * 2 : 1024;
        text_row *more = make(j->a, text_row, f->room);
        if (j->n) memcpy(more, j->rows, j->n * sizeof *more);
        j->rows = more;
    }
    j->rows[j->n++] =
        (text_row){str_dup(j->a, text), str_dup(j->a, str_trim(who)), str_dup(j->a, str_trim(when)), line};
}

// ---- which column ----

static bool number_of(str x, int *column) {
    int64_t n;
    if (!str_i64(x, &n) || n < 1 || n > MOST_COLUMNS) return false;
    *column = (int)n - 1;
    return true;
}

static str names_of(arena *a, const csv_row *head) {
    str all = S("");
    for (int i = 0; i < MIN(head->n, 30); i++)
        all = str_fmt(a, "%.*s%s%.*s", STR_ARG(all), i ? ", " : "", (int)MIN(head->cells[i].len, 40), head->cells[i].s);
    return all;
}

static bool named(arena a, const csv_row *head, const char *option, str name, int *column, err *e) {
    for (int i = 0; i < head->n; i++)
        if (str_eq_ci(str_trim(head->cells[i]), name)) return *column = i, true;
    const str all = names_of(&a, head);
    return fail(e, ERR_usage, "%s: there is no column \"%.*s\"; there is %.*s", option, (int)MIN(name.len, 40), name.s,
                (int)MIN(all.len, 150), all.s);
}

static int called(arena a, const csv_row *head, const char *const *names, size_t n) {
    for (size_t k = 0; k < n; k++)
        for (int i = 0; i < head->n; i++) {
            arena brief = a;
            if (str_eq(plain_name(&brief, head->cells[i]), str_c(names[k]))) return i;
        }
    return -1;
}

static int guessed(arena a, const csv_row *head) {
    const int found = called(a, head, usual, COUNT(usual));
    return found < 0 && head->n == 1 ? 0 : found;
}

// Is the first row a header? It is not when the column was given by its number.
static bool choose_column(feed *f, const csv_row *head, bool *is_head, err *e) {
    text_job *j = f->j;
    const text_opts *o = j->o;
    *is_head = !number_of(o->column, &f->text);
    if (!*is_head && o->when.len && !number_of(o->when, &f->when))
        return fail(e, ERR_usage, "--when is the number of a column, as --column is");
    if (!*is_head)
        return !o->who.len || number_of(o->who, &f->who) || o->who_may ||
               fail(e, ERR_usage, "--who is the number of a column, as --column is");
    err none = {0};
    if (o->who.len && !named(*j->a, head, "--who", o->who, &f->who, o->who_may ? &none : e) && !o->who_may)
        return false;
    if (o->when.len && !named(*j->a, head, "--when", o->when, &f->when, e)) return false;
    if (!o->when.len) f->when = called(*j->a, head, usual_when, COUNT(usual_when));
    if (o->column.len && !named(*j->a, head, "--column", o->column, &f->text, e)) return false;
    if (!o->column.len) f->text = guessed(*j->a, head);
    if (f->text < 0) {
        const str all = names_of(j->a, head);
        return fail(e, ERR_usage,
                    "which column holds the texts? Name it with --column, of %.*s; --column 2 if there is no header",
                    (int)MIN(all.len, 120), all.s);
    }
    j->column = str_dup(j->a, str_trim(head->cells[f->text]));
    return true;
}

// ---- rows ----

static void add_json(feed *f, const csv_row *row) {
    text_job *j = f->j;
    json_t *v = NULL;
    err why = {0};
    str text = {0};
    if (!json_read(row->raw, &v, &why)) {
        j->odd++;
        return;
    }
    arena brief = j->c->scratch;
    static const char *const paths[] = {"text", "message", "comment", "body", "feedback", "review", "content"};
    if (j->column.len) text = json_at(v, str_z(&brief, j->column));
    for (size_t i = 0; !j->column.len && i < COUNT(paths); i++)
        if (json_at(v, paths[i]).len) j->column = str_c(paths[i]), text = json_at(v, paths[i]);
    const json_t *who = j->o->who.len ? json_find(v, str_z(&brief, j->o->who)) : NULL;
    const json_t *when = j->o->when.len ? json_find(v, str_z(&brief, j->o->when)) : NULL;
    static const char *const times[] = {"created_at", "date", "time", "timestamp"};
    for (size_t i = 0; !j->o->when.len && !when && i < COUNT(times); i++) when = json_find(v, times[i]);
    add(f, text, who ? json_scalar(&brief, who) : S(""), when ? json_scalar(&brief, when) : S(""), row->line);
    json_decref(v);
}

static void add_cells(feed *f, const csv_row *row) {
    if (row->odd && row->n == 0) f->j->odd++;
    if (row->n == 0) return;
    const str none = S("");
    add(f, f->text < row->n ? row->cells[f->text] : none, f->who >= 0 && f->who < row->n ? row->cells[f->who] : none,
        f->when >= 0 && f->when < row->n ? row->cells[f->when] : none, row->line);
}

static bool read_rows(feed *f, err *e) {
    text_job *j = f->j;
    arena own = arena_open((size_t)64 << 20);
    csv *c = csv_open(&own, read_some, f, (csv_opts){.sep = f->lines ? '\x01' : 0, .no_quotes = f->lines});
    bool first = true;
    for (csv_row row; err_ok(e) && csv_next(c, &row, e); first = false) {
        bool is_head = false;
        if (f->json) {
            add_json(f, &row);
            continue;
        }
        if (first && !f->lines && !choose_column(f, &row, &is_head, e)) break;
        if (!is_head) add_cells(f, &row);
        if (j->n >= MOST_ROWS) fail(e, ERR_too_large, "the file has over %d texts; give it in pieces", MOST_ROWS);
    }
    arena_close(&own);
    return err_ok(e);
}

static bool begins_with_brace(str head) {
    if (str_starts(head, S("\xEF\xBB\xBF"))) head = str_sub(head, 3, head.len);
    return str_starts(str_trim(head), S("{"));
}

bool text_read(text_job *j, err *e) {
    feed f = {.j = j, .who = -1, .when = -1, .bar = progress_begin(&j->c->t, j->path, "texts")};
    if (!input_open(&f.in, str_z(j->a, j->path), e)) return false;
    f.json = !j->o->plain && begins_with_brace(input_peek(f.in, 4096, e));
    f.lines = f.json || j->o->plain;
    if (f.json) j->column = j->o->column;
    const bool ok = err_ok(e) && read_rows(&f, e);
    progress_end(&f.bar);
    input_close(f.in);
    if (!ok) return false;
    if (!j->n && f.json && !j->column.len)
        return fail(e, ERR_usage, "which field holds the texts? Name it with --column, as customer.comment");
    if (!j->n) return fail(e, ERR_invalid, "there is no text in the file; name its column with --column");
    if (j->odd)
        cli_note(j->c, "left out, because they could not be read: %.*s", STR_ARG(say_n(j->a, j->odd, "row", "rows")));
    return true;
}

// ---- words and vectors ----

bool text_open(text_job *j, err *e) {
    if (!reader_open(j->a, &j->read, j->c->g.store, e)) return false;
    if (!reader_words(j->read)) cli_note(j->c, "%s", pack_missing());
    j->lang = reader_languages(j->read);
    return true;
}

bool text_vectors(text_job *j, int8_t **out, err *e) {
    *out = NULL;
    if (!reader_embeds(j->read)) return true;
    progress bar = progress_begin(&j->c->t, S("reading what texts mean"), "texts");
    float *v = make(j->a, float, BATCH *EMBEDDING);
    str texts[BATCH];
    *out = make(j->a, int8_t, j->n * EMBEDDING);
    for (size_t at = 0; at < j->n && err_ok(e); at += BATCH) {
        const size_t n = MIN(j->n - at, (size_t)BATCH);
        for (size_t i = 0; i < n; i++) texts[i] = j->rows[at + i].text;
        if (!reader_embed(j->read, *j->a, texts, n, v, e)) break;
        for (size_t i = 0; i < n; i++) embedding_pack(v + i * EMBEDDING, *out + (at + i) * EMBEDDING);
        progress_at(&bar, (int64_t)(at + n), (int64_t)(at + n), (int64_t)j->n);
    }
    progress_end(&bar);
    return err_ok(e);
}
