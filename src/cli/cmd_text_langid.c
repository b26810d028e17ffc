#include "cli/say.h"
#include "cli/text_cmd.h"

enum { MOST_LANGUAGES = 64 };

typedef struct {
    const char *code, *name;
    int64_t n;
} told;

static const char *name_of(const char *code) {
    static const struct {
        const char *code, *name;
    } names[] = {
#define LANGUAGE_OF(code, speakers, name) {#code, name},
#include "text/langid_languages.def"
    };
    for (size_t i = 0; i < COUNT(names); i++)
        if (str_eq(str_c(code), str_c(names[i].code))) return names[i].name;
    return code;
}

// "en,de,es" as codes; an unknown one is an error.
static bool possible(text_job *j, const char **codes, size_t *n, err *e) {
    const char *const *known;
    const size_t all = langid_languages(j->lang, &known);
    *n = 0;
    for (str rest = j->o->languages, one; j->o->languages.len && (one = str_cut(&rest, ',')).s;) {
        size_t i = 0;
        while (i < all && !str_eq(str_trim(one), str_c(known[i]))) i++;
        if (i == all)
            return fail(e, ERR_usage, "--languages: \"%.*s\" is not known; write codes such as en,de,es",
                        (int)MIN(one.len, 20), one.s);
        if (*n < MOST_LANGUAGES) codes[(*n)++] = known[i];
    }
    return true;
}

static void count(told *t, size_t *n, const char *code) {
    size_t i = 0;
    while (i < *n && !str_eq(str_c(code), str_c(t[i].code))) i++;
    if (i == *n) t[(*n)++] = (told){code, name_of(code), 0};
    t[i].n++;
}

static int by_count(const void *x, const void *y) {
    const told *a = x, *b = y;
    return a->n != b->n ? (a->n < b->n) - (a->n > b->n) : strcmp(a->code, b->code);
}

static void put_row(reply *r, const text_row *row, const language_guess *g) {
    json_open(&r->j, NULL, '{');
    json_put_int(&r->j, "line", row->line);
    if (g->told)
        json_put_str(&r->j, "language", str_c(g->code));
    else
        json_put_null(&r->j, "language");
    json_put_str(&r->j, "likeliest", str_c(g->code));
    json_put_num(&r->j, "sure", (double)(int)(g->sure * 1000 + 0.5) / 1000);
    json_put_str(&r->j, "second", str_c(g->second));
    json_close(&r->j, '}');
    reply_some(r);
}

static void put_all(text_job *j, const told *t, size_t n, int64_t sure, const language_guess *g) {
    reply r;
    reply_open(&r, j->c);
    json_open(&r.j, NULL, '{');
    json_put_str(&r.j, "file", j->path);
    json_put_str(&r.j, "column", j->column);
    json_put_int(&r.j, "texts", (int64_t)j->n);
    json_put_int(&r.j, "told", sure);
    json_open(&r.j, "languages", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "code", str_c(t[i].code));
        json_put_str(&r.j, "name", str_c(t[i].name));
        json_put_int(&r.j, "texts", t[i].n);
        json_close(&r.j, '}');
    }
    json_close(&r.j, ']');
    if (j->o->each) {
        json_open(&r.j, "rows", '[');
        for (size_t i = 0; i < j->n; i++) put_row(&r, &j->rows[i], &g[i]);
        json_close(&r.j, ']');
    }
    json_close(&r.j, '}');
    reply_close(&r);
}

static str share(arena *a, int64_t n, size_t all) {
    return str_fmt(a, "%.1f %%", 100 * (double)n / (double)all);
}

static void show_counts(text_job *j, const told *t, size_t n, int64_t sure) {
    static const table_col cols[] = {
        {"language", false, true}, {"code", false, false}, {"texts", true, false}, {"share", true, false}};
    arena *a = j->a;
    table *out = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < n; i++) {
        table_add(out, STYLE_plain, str_c(t[i].name));
        table_add(out, STYLE_plain, str_c(t[i].code));
        table_add(out, STYLE_plain, term_count(a, t[i].n));
        table_add(out, STYLE_plain, share(a, t[i].n, j->n));
    }
    const int64_t none = (int64_t)j->n - sure;
    table_add(out, STYLE_dim, S("not sure"));
    table_add(out, STYLE_dim, S(""));
    table_add(out, STYLE_dim, term_count(a, none));
    table_add(out, STYLE_dim, share(a, none, j->n));
    table_print(out, &j->c->t, 0);
}

static void show_each(text_job *j, const language_guess *g) {
    static const table_col cols[] = {
        {"line", true, false}, {"language", false, false}, {"sure", true, false}, {"text", false, true}};
    table *out = table_new(j->a, cols, COUNT(cols));
    for (size_t i = 0; i < j->n; i++) {
        const enum style s = g[i].told ? STYLE_plain : STYLE_dim;
        table_add(out, s, term_count(j->a, j->rows[i].line));
        table_add(out, s, !g[i].code[0] ? S("none") : str_fmt(j->a, "%s%s", g[i].code, g[i].told ? "" : "?"));
        table_add(out, s, str_fmt(j->a, "%.2f", g[i].sure));
        table_add(out, s, term_clean(j->a, str_sub(j->rows[i].text, 0, 400), true));
    }
    table_print(out, &j->c->t, 0);
}

bool text_langid(text_job *j, err *e) {
    const char *codes[MOST_LANGUAGES];
    told t[MOST_LANGUAGES] = {0};
    size_t n = 0, n_codes = 0;
    int64_t sure = 0;
    if (j->rest.n) return fail(e, ERR_usage, "heed text langid takes one file");
    if (!text_open(j, e) || !possible(j, codes, &n_codes, e) || !text_read(j, e)) return false;
    language_guess *g = make(j->a, language_guess, j->n);
    for (size_t i = 0; i < j->n; i++) {
        g[i] = langid_among(j->lang, j->c->scratch, j->rows[i].text, codes, n_codes);
        if (g[i].told) count(t, &n, g[i].code), sure++;
    }
    if (n) qsort(t, n, sizeof *t, by_count);
    if (j->c->g.json)
        put_all(j, t, n, sure, g);
    else if (j->o->each)
        show_each(j, g);
    else
        show_counts(j, t, n, sure);
    return true;
}
