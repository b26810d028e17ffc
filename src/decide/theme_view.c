#include "decide/theme_view.h"

#include <math.h>

#include "know/figure.h"
#include "know/voices.h"
#include "sql/know.h"
#include "sql/know_value.h"

enum { QUOTED_OF = 400 };

bool theme_views_open(arena *a, store *s, theme_views *out, err *e) {
    return priorities_read(a, s, &(priorities_ask){.of = PRIORITIES_THEMES}, &out->p, e);
}

void theme_views_close(theme_views *v) {
    priorities_close(&v->p);
}

const priority_row *theme_view_figures(const theme_views *v, int64_t id) {
    for (size_t i = 0; i < v->p.n; i++)
        if (v->p.v[i].kind == ABOUT_theme && v->p.v[i].id == id) return &v->p.v[i];
    return NULL;
}

typedef struct {
    const theme_row *t;
    double people;
} sorting;

static int by_people(const void *p, const void *q) {
    const sorting *x = p, *y = q;
    if (x->t->pinned != y->t->pinned) return x->t->pinned ? -1 : 1;
    if (x->people != y->people) return x->people > y->people ? -1 : 1;
    return (x->t->id > y->t->id) - (x->t->id < y->t->id);
}

const theme_row **theme_views_sorted(arena *a, const theme_views *v, int state, int64_t inside, size_t *n) {
    const abouts *names = &v->p.names;
    sorting *all = make(a, sorting, names->n_themes + 1);
    *n = 0;
    for (size_t i = 0; i < names->n_themes; i++) {
        const theme_row *t = &names->themes[i];
        if ((state && (int)t->state != state) || (inside >= 0 && t->topic != inside)) continue;
        const priority_row *r = theme_view_figures(v, t->id);
        double people = r ? priority_figure(r, "people").value : 0;
        all[(*n)++] = (sorting){t, isnan(people) ? 0 : people};
    }
    if (*n) qsort(all, *n, sizeof *all, by_people);
    const theme_row **out = make(a, const theme_row *, *n + 1);
    for (size_t i = 0; i < *n; i++) out[i] = all[i].t;
    return out;
}

static void put_id(json_out *j, const char *key, int64_t id) {
    if (id)
        json_put_int(j, key, id);
    else
        json_put_null(j, key);
}

static void put_figures(json_out *j, const priority_row *r) {
    static const char *const figures[] = {"people", "trend", "severity", "weeks", NULL};
    if (r) return json_members(j, r->figures, figures);
    estimate none = estimate_none("", "nobody has counted it yet");
    for (int i = 0; i < 3; i++) figure_json(j, figures[i], &none);
    json_open(j, "weeks", '[');
    json_close(j, ']');
}

// Its middle; or, where that is gone, its newest words.
static bool example_of(arena *a, store *s, const theme_views *v, const theme_row *t, str *out, err *e) {
    meaning m;
    bool there = false;
    *out = S("");
    if (t->middle_key && !meaning_find_one(a, s, t->middle_profile, t->middle_key, &m, &there, e)) return false;
    if (there && !themes_text(a, s, m.profile, m.key, m.at_us, out, e)) return false;
    return out->len || about_example(a, s, &v->p.names, ABOUT_theme, t->id, out, e);
}

bool theme_view_json(json_out *j, const char *key, arena scratch, store *s, const theme_views *v, const theme_row *t,
                     bool words, err *e) {
    const priority_row *r = theme_view_figures(v, t->id);
    str example = S("");
    if (words && !example_of(&scratch, s, v, t, &example, e)) return false;
    json_open(j, key, '{');
    json_put_int(j, "id", t->id);
    json_put_str(j, "name", theme_called(t));
    json_put_str(j, "found_name", t->found);
    json_put_bool(j, "named", t->title.len > 0);
    json_put_raw(j, "words", t->words);
    put_id(j, "topic", t->topic);
    if (t->topic)
        json_put_str(j, "topic_name", about_name(&v->p.names, ABOUT_topic, t->topic));
    else
        json_put_null(j, "topic_name");
    json_put_str(j, "state", str_c(theme_state_name(t->state)));
    put_id(j, "into", t->into);
    json_put_bool(j, "pinned", t->pinned);
    json_put_time(j, "found", t->found_us);
    json_put_time(j, "seen", t->seen_us);
    put_figures(j, r);
    json_put_num(j, "spread", t->spread);
    if (isnan(t->spread))
        json_put_null(j, "leads_back");
    else
        json_put_bool(j, "leads_back", t->leads_back);
    json_put_bool(j, "bursting", r && r->bursting);
    json_put_str(j, "example", example);
    json_put_str(j, "evidence", about_evidence(&scratch, ABOUT_theme, t->id));
    json_put_int(j, "version", t->version);
    json_close(j, '}');
    return true;
}

// ---- words that stand for the others ----

bool voice_at(arena *a, store *s, const sources *all, int64_t profile, int64_t key, int64_t at_us, voice *out, err *e) {
    int64_t id = 0;
    const int64_t period = event_period(at_us);
    return store_int(s, Q_feedback_id_of, &id, 0, e, "iiii", period, profile, at_us, key) && id &&
           voice_get(a, s, all, id, out, e);
}

bool voice_spot(arena *a, store *s, const sources *all, int64_t id, theme_spot *out, err *e) {
    voice v;
    if (!voice_get(a, s, all, id, &v, e))
        return err_ok(e) ? fail(e, ERR_not_found, "nobody said anything of number %" PRId64, id) : false;
    *out = (theme_spot){v.profile, v.key};
    return true;
}

typedef struct {
    theme_word w;
    double value;
} valued;

static int by_value(const void *p, const void *q) {
    const valued *x = p, *y = q;
    if (x->value != y->value) return x->value > y->value ? -1 : 1;
    return x->w.at_us > y->w.at_us ? -1 : x->w.at_us < y->w.at_us;
}

static bool value_of_customer(store *s, int64_t customer, double *out, err *e) {
    *out = -1;
    for (row r = store_query(s, Q_value_get, e, "i", customer); row_next(&r);) *out = row_double(&r, 9);
    return err_ok(e);
}

// The quarter who bring most.
static bool keep_valuable(arena *a, store *s, theme_word *w, size_t *n, err *e) {
    valued *v = make(a, valued, *n + 1);
    for (size_t i = 0; i < *n; i++) {
        v[i].w = w[i];
        if (!value_of_customer(s, w[i].customer, &v[i].value, e)) return false;
    }
    if (*n) qsort(v, *n, sizeof *v, by_value);
    size_t keep = (*n + 3) / 4, m = 0;
    for (size_t i = 0; i < keep; i++)
        if (v[i].value > 0) w[m++] = v[i].w;
    *n = m;
    return true;
}

static void keep_part(theme_word *w, size_t *n, enum theme_part part, int64_t now_us) {
    size_t m = 0;
    for (size_t i = 0; i < *n; i++) {
        bool unhappy = w[i].has_mood && w[i].mood < -200, newest = w[i].at_us >= now_us - TALKED_RECENT * DAY_US;
        if ((part == THEME_PART_unhappy && !unhappy) || (part == THEME_PART_newest && !newest)) continue;
        w[m++] = w[i];
    }
    *n = m;
}

bool theme_quoted(arena *a, store *s, const sources *all, enum about_kind k, int64_t id, enum theme_part part,
                  int64_t now_us, size_t most, quoted **out, size_t *n, err *e) {
    theme_word *w;
    size_t m;
    const theme_ask ask = {.since_us = now_us - TALKED_PEOPLE * DAY_US, .topic = k == ABOUT_topic};
    *n = 0, *out = make(a, quoted, most + 1);
    if (!themes_words(a, s, id, &ask, &w, &m, e)) return false;
    keep_part(w, &m, part, now_us);
    if (part == THEME_PART_valuable && !keep_valuable(a, s, w, &m, e)) return false;
    m = MIN(m, (size_t)QUOTED_OF);
    if (!themes_fill(a, s, w, m, e)) return false;
    theme_quote *q = make(a, theme_quote, most + 1);
    size_t found = themes_quotes(a, w, m, most, q);
    for (size_t i = 0; i < found; i++) {
        const theme_word *x = &w[q[i].text];
        quoted *put = &(*out)[*n];
        if (!voice_at(a, s, all, x->profile, x->key, x->at_us, &put->v, e)) {
            if (!err_ok(e)) return false;
            continue;
        }
        put->q = q[i], ++*n;
    }
    return true;
}

void theme_said_json(json_out *j, const char *key, const theme_said *x) {
    json_open(j, key, '{');
    json_put_int(j, "id", x->id);
    json_put_time(j, "at", x->at_us);
    json_put_str(j, "by", x->by);
    json_put_str(j, "act", str_c(theme_act_name(x->act)));
    put_id(j, "theme", x->theme);
    put_id(j, "other", x->other);
    json_put_int(j, "words", x->words);
    json_put_raw(j, "detail", x->detail);
    json_put_time(j, "undone", x->undone_us);
    if (x->undone_by.len)
        json_put_str(j, "undone_by", x->undone_by);
    else
        json_put_null(j, "undone_by");
    json_close(j, '}');
}
