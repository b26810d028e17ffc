#include "base/map64.h"
#include "cli/say.h"
#include "cli/text_cmd.h"
#include "text/near.h"

enum { SHOWN_LINES = 5 };

typedef struct {
    uint32_t first; // text
    int64_t texts, voices;
} group;

typedef struct {
    text_job *j;
    near_mark *marks;
    near_tally tally;
    group *groups; // of two and more, the largest first
    size_t n;
} found;

static int by_voices(const void *x, const void *y) {
    const group *a = x, *b = y;
    if (a->voices != b->voices) return a->voices < b->voices ? 1 : -1;
    if (a->texts != b->texts) return a->texts < b->texts ? 1 : -1;
    return a->first < b->first ? -1 : 1;
}

// Numbers for names: the same name is the same person.
static int64_t number_of(map64 *known, str who) {
    bool made;
    return who.len ? *map64_at(known, (int64_t)str_hash(who), (int32_t)known->n + 1, &made) : 0;
}

static bool find_all(found *f, err *e) {
    text_job *j = f->j;
    int8_t *vectors = NULL;
    if (j->o->meaning && !text_vectors(j, &vectors, e)) return false;
    near_text *x = make(j->a, near_text, j->n);
    map64 known = map64_new(j->a, j->n);
    for (size_t i = 0; i < j->n; i++)
        x[i] =
            (near_text){j->rows[i].text, number_of(&known, j->rows[i].who), vectors ? vectors + i * EMBEDDING : NULL};
    f->marks = make(j->a, near_mark, j->n);
    f->groups = make(j->a, group, j->n);
    const near_opts o = {.least = (double)j->o->least / 100};
    f->tally = near_find(*j->a, x, j->n, &o, f->marks);
    for (size_t i = 0; i < j->n; i++) {
        group *g = &f->groups[f->marks[i].group];
        g->first = f->marks[i].group;
        g->texts++;
        g->voices += !f->marks[i].again;
    }
    for (size_t i = 0; i < j->n; i++)
        if (f->groups[i].texts > 1) f->groups[f->n++] = f->groups[i];
    if (f->n) qsort(f->groups, f->n, sizeof *f->groups, by_voices);
    return true;
}

// ---- telling ----

static const char *how_name(enum near_how how) {
    switch (how) {
    case NEAR_alone: return "alone";
    case NEAR_first: return "first";
    case NEAR_exact: return "exact";
    case NEAR_near: return "near";
    }
    return "";
}

static void put_group(reply *r, const found *f, const group *g) {
    json_open(&r->j, NULL, '{');
    json_put_int(&r->j, "line", f->j->rows[g->first].line);
    json_put_int(&r->j, "texts", g->texts);
    json_put_int(&r->j, "voices", g->voices);
    json_put_str(&r->j, "text", f->j->rows[g->first].text);
    json_open(&r->j, "lines", '[');
    for (size_t i = g->first; i < f->j->n; i++)
        if (f->marks[i].group == g->first) json_put_int(&r->j, NULL, f->j->rows[i].line);
    json_close(&r->j, ']');
    json_close(&r->j, '}');
    reply_some(r);
}

static void put_row(reply *r, const found *f, size_t i) {
    json_open(&r->j, NULL, '{');
    json_put_int(&r->j, "line", f->j->rows[i].line);
    json_put_int(&r->j, "group", f->j->rows[f->marks[i].group].line);
    json_put_str(&r->j, "how", str_c(how_name(f->marks[i].how)));
    json_put_num(&r->j, "likeness", (double)(int)((double)f->marks[i].jaccard * 1000 + 0.5) / 1000);
    json_put_bool(&r->j, "again", f->marks[i].again);
    json_close(&r->j, '}');
    reply_some(r);
}

static size_t shown(const found *f) {
    return f->j->o->limit ? MIN(f->n, (size_t)f->j->o->limit) : f->n;
}

static void put_all(const found *f) {
    reply r;
    reply_open(&r, f->j->c);
    json_open(&r.j, NULL, '{');
    json_put_str(&r.j, "file", f->j->path);
    json_put_str(&r.j, "column", f->j->column);
    json_put_int(&r.j, "texts", (int64_t)f->j->n);
    json_put_int(&r.j, "groups", (int64_t)f->tally.groups);
    json_put_int(&r.j, "exact", (int64_t)f->tally.exact);
    json_put_int(&r.j, "near", (int64_t)f->tally.near);
    json_put_int(&r.j, "distinct", (int64_t)f->tally.distinct);
    json_put_int(&r.j, "voices", (int64_t)f->tally.voices);
    json_open(&r.j, "largest", '[');
    for (size_t i = 0; i < shown(f); i++) put_group(&r, f, &f->groups[i]);
    json_close(&r.j, ']');
    if (f->j->o->each) {
        json_open(&r.j, "rows", '[');
        for (size_t i = 0; i < f->j->n; i++) put_row(&r, f, i);
        json_close(&r.j, ']');
    }
    json_close(&r.j, '}');
    reply_close(&r);
}

static str lines_of(arena *a, const found *f, const group *g) {
    str out = S("");
    int64_t n = 0;
    for (size_t i = g->first; i < f->j->n; i++) {
        if (f->marks[i].group != g->first) continue;
        if (n++ < SHOWN_LINES) out = str_fmt(a, "%.*s%s%" PRId64, STR_ARG(out), n > 1 ? ", " : "", f->j->rows[i].line);
    }
    return n > SHOWN_LINES ? str_fmt(a, "%.*s …", STR_ARG(out)) : out;
}

static void show_groups(const found *f) {
    static const table_col cols[] = {
        {"texts", true, false}, {"voices", true, false}, {"lines", false, false}, {"the first of them", false, true}};
    arena *a = f->j->a;
    table *t = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < shown(f); i++) {
        const group *g = &f->groups[i];
        table_add(t, STYLE_plain, term_count(a, g->texts));
        table_add(t, STYLE_plain, term_count(a, g->voices));
        table_add(t, STYLE_dim, lines_of(a, f, g));
        table_add(t, STYLE_plain, term_clean(a, str_sub(f->j->rows[g->first].text, 0, 400), true));
    }
    if (table_rows(t)) table_print(t, &f->j->c->t, 0);
    if (shown(f) < f->n)
        term_say(&f->j->c->t, "and %.*s more; --limit 0 shows all\n",
                 STR_ARG(say_n(a, (int64_t)(f->n - shown(f)), "group", "groups")));
}

static void show_each(const found *f) {
    static const table_col cols[] = {{"line", true, false},
                                     {"like line", true, false},
                                     {"how", false, false},
                                     {"likeness", true, false},
                                     {"text", false, true}};
    arena *a = f->j->a;
    table *t = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < f->j->n; i++) {
        const near_mark *m = &f->marks[i];
        table_add(t, STYLE_plain, term_count(a, f->j->rows[i].line));
        table_add(t, STYLE_plain, m->group == i ? S("") : term_count(a, f->j->rows[m->group].line));
        table_add(t, STYLE_plain, str_c(how_name(m->how)));
        table_add(t, STYLE_plain, m->group == i ? S("") : str_fmt(a, "%.2f", (double)m->jaccard));
        table_add(t, STYLE_plain, term_clean(a, str_sub(f->j->rows[i].text, 0, 400), true));
    }
    table_print(t, &f->j->c->t, 0);
}

bool text_duplicates(text_job *j, err *e) {
    found f = {.j = j};
    if (j->rest.n) return fail(e, ERR_usage, "heed text duplicates takes one file");
    if (j->o->least > 100) return fail(e, ERR_usage, "--least is a share in percent, such as 70");
    if (j->o->meaning && !text_open(j, e)) return false;
    if (!text_read(j, e) || !find_all(&f, e)) return false;
    if (j->c->g.json) return put_all(&f), true;
    if (j->o->each)
        show_each(&f);
    else
        show_groups(&f);
    term_say(&j->c->t, "%.*s: %.*s said before in the same words, %.*s in nearly the same; %.*s %s.\n",
             STR_ARG(say_n(j->a, (int64_t)j->n, "text", "texts")), STR_ARG(term_count(j->a, (int64_t)f.tally.exact)),
             STR_ARG(term_count(j->a, (int64_t)f.tally.near)),
             STR_ARG(term_count(j->a, (int64_t)(j->o->who.len ? f.tally.voices : f.tally.distinct))),
             j->o->who.len ? "count, everybody once" : "differ");
    return true;
}
