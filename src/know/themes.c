#include "know/themes.h"

#include <math.h>

#include "base/json.h"
#include "know/settings.h"
#include "know/themes_private.h"
#include "know/topic.h"
#include "sql/know_theme.h"

static const char *const states[] = {[THEME_lives] = "lives",
                                     [THEME_quiet] = "quiet",
                                     [THEME_merged] = "merged",
                                     [THEME_became_topic] = "topic",
                                     [THEME_put_away] = "away"};

const char *theme_state_name(enum theme_state s) {
    return (size_t)s < COUNT(states) && states[s] ? states[s] : "";
}

bool theme_state_of(str name, enum theme_state *out) {
    for (size_t i = THEME_lives; i < THEME_STATES; i++)
        if (str_eq(name, str_c(states[i]))) return *out = (enum theme_state)i, true;
    return false;
}

str theme_called(const theme_row *t) {
    return t->title.len ? t->title : t->found;
}

// ---- rows ----

static void read_figures(theme_row *t, str figures) {
    json_t *v = NULL;
    err quiet = {0};
    t->spread = NAN;
    if (!json_read(figures, &v, &quiet)) return;
    const json_t *spread = json_object_get(v, "spread");
    if (json_is_number(spread)) t->spread = json_number_value(spread);
    t->leads_back = json_is_true(json_object_get(v, "leads_back"));
    t->middle_profile = json_integer_value(json_object_get(v, "profile"));
    t->middle_key = json_integer_value(json_object_get(v, "key"));
    json_decref(v);
}

static theme_row row_of(arena *a, const row *r) {
    theme_row t = {.id = row_int(r, 0),
                   .topic = row_int(r, 1),
                   .found = str_dup(a, row_str(r, 2)),
                   .title = str_dup(a, row_str(r, 3)),
                   .words = str_dup(a, row_str(r, 4)),
                   .reach = (int)row_int(r, 5),
                   .state = (enum theme_state)row_int(r, 7),
                   .into = row_int(r, 8),
                   .pinned = row_int(r, 9) != 0,
                   .found_us = row_int(r, 10),
                   .seen_us = row_int(r, 11),
                   .version = row_int(r, 12),
                   .lang = str_dup(a, row_str(r, 13))};
    read_figures(&t, row_str(r, 6));
    return t;
}

bool themes_list(arena *a, store *s, theme_row **out, size_t *n, err *e) {
    size_t room = 64;
    *n = 0, *out = make(a, theme_row, room);
    for (row r = store_query(s, Q_theme_list, e, ""); row_next(&r);) {
        if (*n == room) {
            theme_row *more = make(a, theme_row, room * 2);
            memcpy(more, *out, *n * sizeof *more);
            *out = more, room *= 2;
        }
        (*out)[(*n)++] = row_of(a, &r);
    }
    return err_ok(e);
}

bool themes_get(arena *a, store *s, int64_t id, theme_row *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_theme_get, e, "i", id); row_next(&r);) *out = row_of(a, &r), found = true;
    return err_ok(e) && (found || fail(e, ERR_not_found, "there is no theme %" PRId64, id));
}

const theme_row *themes_at(const theme_row *all, size_t n, int64_t id) {
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (all[mid].id < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < n && all[lo].id == id ? &all[lo] : NULL;
}

int64_t themes_stands_for(const theme_row *all, size_t n, int64_t id) {
    const theme_row *t = themes_at(all, n, id);
    for (size_t steps = 0; t && t->state == THEME_merged && steps <= n; steps++) t = themes_at(all, n, t->into);
    return t ? t->id : 0;
}

bool themes_stand_now(store *s, themes_standing *out, err *e) {
    *out = (themes_standing){0};
    for (row r = store_query(s, Q_theme_models_sum, e, ""); row_next(&r);) {
        out->words = row_int(&r, 0), out->silent = row_int(&r, 1), out->made_us = row_int(&r, 2);
        out->weaker = out->made_us && !row_str(&r, 3).len;
    }
    int64_t since = out->made_us - THEMES_WEEKS * 7 * DAY_US;
    return err_ok(e) && store_int(s, Q_theme_waiting, &out->waiting, 0, e, "i", since) &&
           store_int(s, Q_theme_lives, &out->lives, 0, e, "");
}

// ---- words ----

bool themes_text(arena *a, store *s, int64_t profile, int64_t key, int64_t at_us, str *text, err *e) {
    record rec;
    said w = {0};
    *text = S("");
    if (!ledger_get(s, a, event_period(at_us), profile, at_us, key, &rec, e)) return err_ok(e);
    if (said_of(a, &rec, &w)) *text = w.text;
    return true;
}

bool themes_vector(arena *a, store *s, int64_t profile, int64_t key, const int8_t **out, err *e) {
    *out = NULL;
    for (row r = store_query(s, Q_theme_vector, e, "ii", profile, key); row_next(&r);) {
        str v = row_str(&r, 0);
        if (v.len != EMBEDDING) continue;
        int8_t *copy = make(a, int8_t, EMBEDDING);
        memcpy(copy, v.s, EMBEDDING);
        *out = copy;
    }
    return err_ok(e);
}

bool themes_fill(arena *a, store *s, theme_word *v, size_t n, err *e) {
    for (size_t i = 0; i < n; i++)
        if (!themes_text(a, s, v[i].profile, v[i].key, v[i].at_us, &v[i].text, e) ||
            !themes_vector(a, s, v[i].profile, v[i].key, &v[i].vector, e))
            return false;
    return true;
}

typedef struct {
    arena *a;
    theme_word *v;
    size_t n, room;
} words_list;

static void push(words_list *l, const row *r) {
    if (l->n == l->room) {
        theme_word *more = make(l->a, theme_word, l->room = l->room ? l->room * 2 : 64);
        if (l->n) memcpy(more, l->v, l->n * sizeof *more);
        l->v = more;
    }
    l->v[l->n++] = (theme_word){.profile = row_int(r, 0),
                                .key = row_int(r, 1),
                                .at_us = row_int(r, 2),
                                .customer = row_int(r, 3),
                                .far = (int)row_int(r, 4),
                                .has_mood = !row_null(r, 5),
                                .mood = (int)row_int(r, 5),
                                .bad = (int)row_int(r, 6)};
}

static int by_time(const void *p, const void *q) {
    const theme_word *x = p, *y = q;
    if (x->at_us != y->at_us) return x->at_us > y->at_us ? -1 : 1;
    if (x->profile != y->profile) return x->profile < y->profile ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

// Those that a person put there.
static bool note_pins(words_list *l, store *s, int64_t id, err *e) {
    map64 pins = map64_new(l->a, 16);
    for (row r = store_query(s, Q_theme_pins_of, e, "i", id); row_next(&r);)
        map64_put(&pins, (int64_t)theme_place_hash(row_int(&r, 0), row_int(&r, 1)), 1);
    for (size_t i = 0; pins.n && i < l->n; i++)
        l->v[i].pinned = map64_get(&pins, (int64_t)theme_place_hash(l->v[i].profile, l->v[i].key)) >= 0;
    return err_ok(e);
}

// Of a theme and of all that were merged into it.
static bool theme_rows(words_list *l, store *s, int64_t id, const theme_ask *ask, err *e) {
    theme_row *all;
    size_t n;
    if (!themes_list(l->a, s, &all, &n, e)) return false;
    for (size_t i = 0; i < n; i++) {
        if (all[i].id != id && themes_stands_for(all, n, all[i].id) != id) continue;
        for (row r = store_query(s, Q_theme_words, e, "ii", all[i].id, ask->since_us); row_next(&r);)
            if ((row_int(&r, 4) >= all[i].reach) == ask->near_only) push(l, &r);
    }
    if (l->n) qsort(l->v, l->n, sizeof *l->v, by_time);
    return err_ok(e) && note_pins(l, s, id, e);
}

// Of a topic and of all that were merged into it; a word that stands in two of them is one.
static bool topic_rows(words_list *l, store *s, int64_t id, const theme_ask *ask, err *e) {
    topics *all;
    int64_t *ids;
    size_t m = 0;
    if (!topics_read(l->a, s, &all, e)) return false;
    const size_t n = topics_family(l->a, all, id, false, &ids);
    for (size_t i = 0; i < n; i++)
        for (row r = store_query(s, Q_theme_topic_words, e, "ii", ids[i], ask->since_us); row_next(&r);) push(l, &r);
    if (l->n) qsort(l->v, l->n, sizeof *l->v, by_time);
    for (size_t i = 0; i < l->n; i++)
        if (!m || l->v[i].key != l->v[m - 1].key || l->v[i].profile != l->v[m - 1].profile) l->v[m++] = l->v[i];
    l->n = m;
    return err_ok(e);
}

bool themes_words(arena *a, store *s, int64_t id, const theme_ask *ask, theme_word **out, size_t *n, err *e) {
    words_list l = {.a = a, .v = make(a, theme_word, 1)};
    if (!(ask->topic ? topic_rows : theme_rows)(&l, s, id, ask, e)) return false;
    if (ask->most && l.n > ask->most) l.n = ask->most;
    *out = l.v, *n = l.n;
    return err_ok(e) && (!ask->words || themes_fill(a, s, l.v, l.n, e));
}

// Numbers of customers are above 0; words of nobody known count as somebody else each time.
int64_t theme_person(const theme_word *w) {
    if (w->customer > 0) return w->customer;
    return -(int64_t)(theme_place_hash(w->profile, w->key) >> 1) - 1;
}

size_t themes_quotes(arena *a, const theme_word *w, size_t n, size_t most, theme_quote *out) {
    arena scratch = arena_open((size_t)1 << 30);
    theme_text *x = make(a, theme_text, n + 1);
    uint32_t *of = make(a, uint32_t, n + 1);
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        x[i] = (theme_text){.text = w[i].text, .vector = w[i].vector, .who = theme_person(&w[i])};
        if (w[i].text.len) of[m++] = (uint32_t)i;
    }
    size_t found = m ? theme_quotes(scratch, x, of, m, most, out) : 0;
    arena_close(&scratch);
    return found;
}

// ---- reports ----

bool themes_report(arena *a, store *s, const char *kind, str *report, int64_t *made_us, err *e) {
    *report = S(""), *made_us = 0;
    for (row r = store_query(s, Q_theme_report_get, e, "t", str_c(kind)); row_next(&r);)
        *report = str_dup(a, row_str(&r, 0)), *made_us = row_int(&r, 1);
    return err_ok(e);
}

bool themes_report_put(store *s, const char *kind, int64_t made_us, str report, err *e) {
    return store_run(s, Q_theme_report_put, NULL, e, "tit", str_c(kind), made_us, report);
}

// ---- gone ----

bool themes_erase(store *s, int64_t profile, err *e) {
    return store_run(s, Q_theme_said_erase, NULL, e, "i", profile) &&
           store_run(s, Q_theme_said_erase_other, NULL, e, "i", profile);
}

// What was counted of them goes too, until somebody counts again.
bool themes_tidy(store *s, err *e) {
    static const enum query rest[] = {Q_theme_drop_merged,      Q_theme_drop_merged,      Q_theme_said_drop_gone,
                                      Q_theme_bursts_drop_gone, Q_theme_stands_drop_gone, Q_theme_priorities_drop,
                                      Q_theme_reports_drop,     Q_theme_models_drop};
    int64_t gone = 0, last = 0;
    char number[24];
    if (!store_int(s, Q_theme_last, &last, 0, e, "")) return false;
    if (!store_run(s, Q_theme_drop_empty, &gone, e, "")) return false;
    snprintf(number, sizeof number, "%" PRId64, last); // a number that is gone is never given again
    if (gone && !settings_put(s, "theme_last", str_c(number), e)) return false;
    for (size_t i = 0; gone && i < COUNT(rest); i++)
        if (!store_run(s, rest[i], NULL, e, "")) return false;
    return true;
}
