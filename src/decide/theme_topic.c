// A theme becomes a topic: learned from the words that stand for it.
#include "decide/theme_view.h"

enum { PHRASES = 8 };

static str phrases_of(arena *a, const theme_row *t, const quoted *q, size_t n) {
    buf b = buf_new(a, 1 << 16);
    json_out j = json_to(&b);
    json_t *words = NULL, *x;
    size_t i;
    err odd = {0};
    json_open(&j, NULL, '[');
    if (json_read(t->words, &words, &odd)) {
        json_array_foreach(words, i, x) {
            json_put_str(&j, NULL, json_text(x));
        }
    }
    for (i = 0; i < n; i++) {
        const str text = topic_phrase_of(q[i].v.words);
        if (text.len) json_put_str(&j, NULL, text);
    }
    json_close(&j, ']');
    json_decref(words);
    return buf_str(&b);
}

bool theme_to_topic(ledger *l, arena *a, store *s, int64_t id, const topic_theme *how, int64_t *said_id,
                    const char **field, err *e) {
    theme_row t;
    quoted *q;
    size_t n;
    sources *all;
    int64_t topic_id, change_id, theme;
    const world *w = ledger_world(l);
    sources_as_asked(a, s, &all);
    if (!themes_get(a, s, id, &t, e) ||
        !theme_quoted(a, s, all, ABOUT_theme, id, THEME_PART_all, w->now_us(w), PHRASES, &q, &n, e))
        return false;
    str name = how->name.len ? how->name : theme_called(&t);
    topic_change c = {
        .act = TOPIC_add,
        .t = {.axis = how->axis,
              .parent = how->parent,
              .name = name,
              .about = how->about.len ? how->about : str_fmt(a, "What customers say about %.*s", STR_ARG(name)),
              .phrases = phrases_of(a, &t, q, n)},
        .by = how->by};
    if (!topic_do(l, a, &c, &topic_id, &change_id, field, e)) return false;
    theme_saying x = {.act = THEME_ACT_to_topic, .theme = id, .other = topic_id, .change = change_id, .by = how->by};
    return themes_say(l, s, &x, said_id, &theme, e);
}

bool topic_theme_unsay(ledger *l, arena *a, store *s, const theme_said *x, str by, err *e) {
    json_t *was = NULL;
    int64_t undo;
    if (x->act == THEME_ACT_to_topic) {
        if (!json_read(x->detail, &was, e)) return false;
        int64_t change_id = json_integer_value(json_object_get(was, "change"));
        json_decref(was);
        if (change_id && !topic_undo(l, a, change_id, by, &undo, e)) return false;
    }
    return themes_unsay(l, s, x->id, by, e);
}
