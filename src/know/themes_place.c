// Placing new words by the models of the last look.
#include <math.h>

#include "know/meaning_private.h"
#include "know/themes_private.h"
#include "know/topic.h"
#include "sql/know_theme.h"

bool theme_topic_better(int64_t how, int64_t sure, int64_t than_how, int64_t than_sure) {
    return how != than_how ? how > than_how : sure > than_sure; // learned < source < said
}

bool theme_models_read(arena *a, store *s, theme_held **out, size_t *n, err *e) {
    size_t room = 16;
    *n = 0, *out = make(a, theme_held, room);
    for (row r = store_query(s, Q_theme_models, e, ""); row_next(&r);) {
        if (*n == room) {
            theme_held *more = make(a, theme_held, room * 2);
            memcpy(more, *out, *n * sizeof *more);
            *out = more, room *= 2;
        }
        theme_held h = {.topic = row_int(&r, 0),
                        .made_us = row_int(&r, 1),
                        .make = str_dup(a, row_str(&r, 2)),
                        .lang = str_dup(a, row_str(&r, 4))};
        err odd = {0}; // one of another version: its themes go on by their words
        if (theme_read(a, str_dup(a, row_str(&r, 3)), &h.model, &odd)) (*out)[(*n)++] = h;
    }
    return err_ok(e);
}

struct themes_placer {
    arena a;
    int64_t made_us; // of the models that are held
    theme_held *held;
    size_t n;
    theme_row *rows;
    size_t n_rows;
    theme_saids said;
    map64 pins;
    topics *topics;
};

themes_placer *themes_placer_open(void) {
    arena a = arena_open((size_t)1 << 34);
    themes_placer *p = make(&a, themes_placer, 1);
    p->a = a;
    return p;
}

void themes_placer_close(themes_placer *p) {
    if (!p) return;
    arena a = p->a;
    arena_close(&a);
}

// Models are large and rarely new; what people said is small and read each time.
static bool bring_up(themes_placer **p, arena *a, store *s, err *e) {
    int64_t made;
    if (!store_int(s, Q_theme_models_made, &made, 0, e, "")) return false;
    themes_placer *x = *p;
    if (made != x->made_us) {
        x->made_us = 0;
        if (!theme_models_read(&x->a, s, &x->held, &x->n, e)) return false;
        x->made_us = made;
    }
    x->pins = map64_new(a, 16);
    return themes_list(a, s, &x->rows, &x->n_rows, e) && topics_read(a, s, &x->topics, e) &&
           theme_saids_read(a, s, &x->said, e) && (x->pins = theme_saids_pins(a, &x->said), true);
}

static bool topic_of(store *s, const topics *all, int64_t profile, int64_t key, int64_t *out, err *e) {
    int64_t how = 0, sure = 0;
    *out = 0;
    for (row r = store_query(s, Q_theme_topics_of, e, "ii", profile, key); row_next(&r);) {
        const topic *t = topics_now(all, row_int(&r, 0));
        if (!t || t->axis != TOPIC_what) continue;
        bool less = *out && how == row_int(&r, 1) && sure == row_int(&r, 2) && t->id > *out;
        if (less || (*out && theme_topic_better(how, sure, row_int(&r, 1), row_int(&r, 2)))) continue;
        *out = t->id, how = row_int(&r, 1), sure = row_int(&r, 2);
    }
    return err_ok(e);
}

static const theme_held *held_of(const themes_placer *p, int64_t topic_id, str lang, str make) {
    for (size_t i = 0; i < p->n; i++)
        if (p->held[i].topic == topic_id && str_eq(p->held[i].lang, lang))
            return !p->held[i].make.len || str_eq(p->held[i].make, make) ? &p->held[i] : NULL;
    return NULL;
}

static themes_place place_one(const themes_placer *p, arena scratch, const theme_held *h, const theme_word *w) {
    themes_place out = {.profile = w->profile, .key = w->key, .theme = THEMES_NOWHERE};
    int64_t pinned = theme_saids_pin(&p->said, &p->pins, p->said.n ? theme_key(scratch, w->text) : 0);
    if (pinned) return out.theme = pinned, out;
    if (!h) return out;
    theme_choice c = theme_assign(h->model, scratch, w->text, h->make.len ? w->vector : NULL);
    if (!c.id) return out;
    const theme_row *t = themes_at(p->rows, p->n_rows, c.id);
    if (!t) return out;
    out.theme = c.id;
    int far = (int)lroundf(fminf(fmaxf(c.distance, 0), 2) * 1000);
    out.far = c.far ? MAX(far, t->reach) : MIN(far, t->reach - 1);
    return out;
}

bool themes_read_new(arena *a, store *s, themes_placer *p, themes_place **out, size_t *n, err *e) {
    meaning_mark mark;
    *n = 0, *out = make(a, themes_place, MEANING_PIECE);
    if (!bring_up(&p, a, s, e) || !p->made_us) return err_ok(e);
    if (!meaning_mark_read(a, s, &mark, e)) return false;
    theme_word *w = make(a, theme_word, MEANING_PIECE);
    str *langs = make(a, str, MEANING_PIECE);
    int64_t since = p->made_us - THEMES_WEEKS * 7 * DAY_US;
    for (row r = store_query(s, Q_theme_new_words, e, "ii", since, (int64_t)MEANING_PIECE); row_next(&r);) {
        if (*n == MEANING_PIECE) continue;
        w[*n] = (theme_word){.profile = row_int(&r, 0), .key = row_int(&r, 1), .at_us = row_int(&r, 2)};
        langs[*n] = str_dup(a, row_str(&r, 4));
        str v = row_str(&r, 3);
        if (v.len == EMBEDDING) w[*n].vector = (const int8_t *)str_dup(a, v).s;
        ++*n;
    }
    for (size_t i = 0; i < *n && err_ok(e); i++) {
        arena scratch = *a;
        int64_t topic_id;
        if (!themes_text(&scratch, s, w[i].profile, w[i].key, w[i].at_us, &w[i].text, e) ||
            !topic_of(s, p->topics, w[i].profile, w[i].key, &topic_id, e))
            return false;
        (*out)[i] = place_one(p, scratch, held_of(p, topic_id, langs[i], mark.make), &w[i]);
    }
    return err_ok(e);
}

bool themes_store_new(store *s, const themes_place *v, size_t n, err *e) {
    for (size_t i = 0; i < n; i++)
        if (!store_run(s, Q_theme_mark, NULL, e, "iiii", v[i].profile, v[i].key, v[i].theme, (int64_t)v[i].far))
            return false;
    return true;
}
