// Keeping what a look found.
#include "base/json.h"
#include "know/themes_look.h"
#include "sql/know_theme.h"

static str words_json(arena *a, const theme_found *t) {
    buf b = buf_new(a, 4096);
    json_out j = json_to(&b);
    json_open(&j, NULL, '[');
    for (size_t i = 0; i < COUNT(t->words); i++)
        if (t->words[i].len) json_put_str(&j, NULL, t->words[i]);
    json_close(&j, ']');
    return buf_str(&b);
}

static str figures_json(arena *a, const themes_look *x, const look_group *g, const theme_found *t) {
    buf b = buf_new(a, 4096);
    json_out j = json_to(&b);
    const look_word *middle = t->middle < g->n ? &x->w[g->of[t->middle]] : NULL;
    json_open(&j, NULL, '{');
    json_put_int(&j, "texts", (int64_t)t->texts);
    json_put_int(&j, "voices", (int64_t)t->voices);
    json_put_int(&j, "far", (int64_t)t->far);
    json_put_num(&j, "spread", t->spread);
    json_put_num(&j, "likeness", t->likeness);
    json_put_bool(&j, "leads_back", t->leads_back);
    json_put_int(&j, "profile", middle ? middle->profile : 0);
    json_put_int(&j, "key", middle ? middle->key : 0);
    json_close(&j, '}');
    return buf_str(&b);
}

static bool keep_theme(store *s, const themes_look *x, const look_group *g, size_t i, err *e) {
    arena a = arena_open(1 << 20);
    const theme_found *t = &g->found.v[i];
    const theme_row *was = themes_at(x->rows, x->n_rows, t->id);
    int64_t seen = MAX(g->newest[i], was ? was->seen_us : 0), quiet = x->t->now_us - THEMES_QUIET_WEEKS * 7 * DAY_US;
    enum theme_state state = was ? was->state : THEME_lives;
    if (state == THEME_lives || state == THEME_quiet)
        state = seen >= quiet || (was && was->pinned) ? THEME_lives : THEME_quiet;
    bool ok = store_run(s, Q_theme_put, NULL, e, "iittitiiit", t->id, g->topic, t->name, words_json(&a, t),
                        (int64_t)themes_reach(g->found.model), figures_json(&a, x, g, t), (int64_t)state,
                        was ? was->found_us : x->t->now_us, seen, g->lang);
    arena_close(&a);
    return ok;
}

static bool keep_group(store *s, const themes_look *x, const look_group *g, err *e) {
    for (size_t i = 0; i < g->found.n; i++)
        if (!keep_theme(s, x, g, i, e)) return false;
    arena a = arena_open((size_t)1 << 30);
    buf b = buf_new(&a, (size_t)1 << 29);
    theme_write(&b, g->found.model);
    bool ok =
        store_run(s, Q_theme_model_put, NULL, e, "iitbiit", g->topic, x->t->now_us, g->found.weaker ? S("") : x->make,
                  buf_str(&b), (int64_t)g->n, (int64_t)g->found.silent, g->lang);
    arena_close(&a);
    return ok;
}

// Themes that were not found again, and of which nobody has spoken for long.
static bool quieten(store *s, const themes_look *x, err *e) {
    arena a = arena_open((size_t)1 << 26);
    map64 found = map64_new(&a, 256);
    for (size_t g = 0; g < x->n_groups; g++)
        for (size_t i = 0; i < x->groups[g].found.n; i++) map64_put(&found, x->groups[g].found.v[i].id, 1);
    for (size_t i = 0; i < x->n_rows && err_ok(e); i++) {
        const theme_row *t = &x->rows[i];
        if (t->state != THEME_lives || t->pinned || map64_get(&found, t->id) >= 0) continue;
        if (!store_run(s, Q_theme_state_set, NULL, e, "iii", t->id, (int64_t)THEME_quiet, (int64_t)0)) break;
    }
    arena_close(&a);
    return err_ok(e);
}

// Nobody but this look began themes or spoke of them since it read the store.
static bool as_it_was(store *s, const themes_look *x, size_t kept, err *e) {
    int64_t last = 0, newest = 0, undone = 0, own = x->last_theme;
    if (!store_int(s, Q_theme_last, &last, 0, e, "")) return false;
    for (row r = store_query(s, Q_theme_said_last, e, ""); row_next(&r);)
        newest = row_int(&r, 0), undone = row_int(&r, 1);
    for (size_t g = 0; g < kept; g++)
        for (size_t i = 0; i < x->groups[g].found.n; i++) own = MAX(own, x->groups[g].found.v[i].id);
    if (!err_ok(e)) return false;
    return (last == own && newest == x->said.last && undone == x->said.last_undone) ||
           fail(e, ERR_changed, "people spoke of themes meanwhile; look again");
}

bool themes_keep(store *s, const themes_look *x, size_t from, size_t *next, err *e) {
    size_t at = from;
    if (!as_it_was(s, x, from, e)) return false;
    while (at < x->n_groups && !x->groups[at].searched) at++;
    if (at < x->n_groups && !keep_group(s, x, &x->groups[at], e)) return false;
    *next = at + 1 < x->n_groups ? at + 1 : 0;
    return *next || quieten(s, x, e);
}

enum { MARKS_AT_ONCE = 1000 };

bool themes_mark(store *s, const themes_look *x, size_t from, size_t *next, err *e) {
    size_t n = MIN((size_t)MARKS_AT_ONCE, x->n_marks - MIN(from, x->n_marks));
    *next = from + n < x->n_marks ? from + n : 0;
    if (!n) return true;
    arena a = arena_open((size_t)1 << 22);
    int64_t *cols = make(&a, int64_t, n * 4);
    for (size_t i = 0; i < n; i++) {
        const look_mark *m = &x->marks[from + i];
        cols[i] = m->profile, cols[n + i] = m->key, cols[2 * n + i] = m->theme, cols[3 * n + i] = m->far;
    }
    column c[] = {{'i', cols, NULL}, {'i', cols + n, NULL}, {'i', cols + 2 * n, NULL}, {'i', cols + 3 * n, NULL}};
    bool ok = store_bulk(s, Q_theme_mark, c, 4, n, NULL, e);
    arena_close(&a);
    return ok;
}
