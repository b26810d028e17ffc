// Templates in the store, above those that come with heed.
#include "act/template.h"

#include "base/words.h"
#include "sql/act_playbook.h"

typedef struct {
    const char *name;
    enum word subject, words;
} shipped;

static const shipped own[] = {
#define TEMPLATE(name) {#name, WORD_mail_##name##_subject, WORD_mail_##name##_words},
#include "act/templates.def"
};
enum { OWN = (int)(COUNT(own) * LANGS) }; // each in every language

static template_row of_shipped(size_t i) {
    const shipped *x = &own[i / LANGS];
    locale l = {.lang = (enum lang)(i % LANGS)};
    return (template_row){.name = str_c(x->name),
                          .lang = str_c(lang_code(l.lang)),
                          .version = 1,
                          .shipped = true,
                          .subject = word_of(&l, x->subject),
                          .words = word_of(&l, x->words),
                          .by = S("heed")};
}

static template_row of_row(arena *a, const row *r) {
    return (template_row){.name = str_dup(a, row_str(r, 0)),
                          .lang = str_dup(a, row_str(r, 1)),
                          .version = row_int(r, 2),
                          .subject = str_dup(a, row_str(r, 3)),
                          .words = str_dup(a, row_str(r, 4)),
                          .made_us = row_int(r, 5),
                          .by = str_dup(a, row_str(r, 6))};
}

// The number of one, for of_shipped; OWN: there is none.
static size_t find(str name, str lang) {
    size_t i = 0;
    while (i < OWN &&
           !(str_eq(name, str_c(own[i / LANGS].name)) && str_eq(lang, str_c(lang_code((enum lang)(i % LANGS))))))
        i++;
    return i;
}

bool template_exact(arena *a, store *s, str name, str lang, template_row *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_template_get, e, "tt", name, lang); row_next(&r);) *out = of_row(a, &r), found = true;
    size_t i = found ? OWN : find(name, lang);
    if (i < OWN) *out = of_shipped(i);
    return (found || i < OWN) && err_ok(e);
}

static bool any_language(arena *a, store *s, str name, template_row *out, err *e) {
    template_row *all;
    size_t n;
    if (!template_list(a, s, &all, &n, e)) return false;
    for (size_t i = 0; i < n; i++)
        if (str_eq(all[i].name, name)) return *out = all[i], true;
    return false;
}

bool template_get(arena *a, store *s, str name, str lang, template_row *out, err *e) {
    str parts = str_lower(a, lang);
    ptrdiff_t dash = str_find(parts, '-');
    str base = dash < 0 ? parts : str_sub(parts, 0, (size_t)dash);
    if (base.len && template_exact(a, s, name, base, out, e)) return true;
    return err_ok(e) &&
           (template_exact(a, s, name, S("en"), out, e) || (err_ok(e) && any_language(a, s, name, out, e)));
}

static int by_name(const void *x, const void *y) {
    const template_row *p = x, *q = y;
    int c = str_cmp(p->name, q->name);
    return c ? c : str_cmp(p->lang, q->lang);
}

enum { MOST_TEMPLATES = 4000 };

bool template_list(arena *a, store *s, template_row **out, size_t *n, err *e) {
    template_row *all = make(a, template_row, MOST_TEMPLATES + OWN);
    size_t kept = 0;
    for (row r = store_query(s, Q_template_list, e, ""); row_next(&r);)
        if (kept < MOST_TEMPLATES) all[kept++] = of_row(a, &r);
    *n = kept;
    for (size_t i = 0; i < OWN; i++) {
        template_row x = of_shipped(i);
        bool changed = false;
        for (size_t k = 0; k < kept && !changed; k++)
            changed = str_eq(all[k].name, x.name) && str_eq(all[k].lang, x.lang);
        if (!changed) all[(*n)++] = x;
    }
    qsort(all, *n, sizeof *all, by_name);
    *out = all;
    return err_ok(e);
}

bool template_versions(arena *a, store *s, str name, str lang, template_row **out, size_t *n, err *e) {
    enum { MOST = 200 };
    *out = make(a, template_row, MOST + 1), *n = 0;
    row r = store_query(s, Q_template_versions, e, "tt", name, lang);
    while (*n < MOST && row_next(&r)) (*out)[(*n)++] = of_row(a, &r);
    row_end(&r);
    size_t i = find(name, lang);
    if (i < OWN) (*out)[(*n)++] = of_shipped(i);
    return err_ok(e);
}

static bool plain_name(str x, size_t most) {
    for (size_t i = 0; i < x.len; i++)
        if (!(x.s[i] >= 'a' && x.s[i] <= 'z') && !(x.s[i] >= '0' && x.s[i] <= '9') && x.s[i] != '_') return false;
    return x.len && x.len <= most;
}

bool template_put(ledger *l, template_row *t, const char **field, err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    template_row now;
    *field = "name";
    if (!plain_name(t->name, TEMPLATE_NAME))
        return fail(e, ERR_invalid, "'name' must be made of a-z, 0-9 and _, at most %d of them", TEMPLATE_NAME);
    *field = "lang";
    if (t->lang.len != 2 || !plain_name(t->lang, 2)) return fail(e, ERR_invalid, "'lang' must be like en, de or es");
    arena a = arena_open((size_t)1 << 26);
    bool ok = template_check(a, t->subject, t->words, field, e);
    if (ok) {
        t->version = template_exact(&a, s, t->name, t->lang, &now, e) ? now.version + 1 : 1;
        t->made_us = w->now_us(w), t->shipped = false;
        ok = err_ok(e) && store_run(s, Q_template_put, NULL, e, "ttittit", t->name, t->lang, t->version, t->subject,
                                    t->words, t->made_us, t->by);
    }
    arena_close(&a);
    return ok;
}
