// theme_view: themes as commands and pages show them: with their figures, and words that stand for the others.
#ifndef HEED_THEME_VIEW_H
#define HEED_THEME_VIEW_H

#include "decide/priorities.h"
#include "know/voice.h"

// All themes with the figures of the last count. theme_views_close gives back what they hold.
typedef struct {
    priorities p;
} theme_views;
must_use bool theme_views_open(arena *a, store *s, theme_views *out, err *e);
void theme_views_close(theme_views *v);
const priority_row *theme_view_figures(const theme_views *v, int64_t id); // NULL: none
// By people who spoke of it; those that a person wants on top before all. state 0: any; topic -1: anywhere.
const theme_row **theme_views_sorted(arena *a, const theme_views *v, int state, int64_t inside, size_t *n);
// One object of the API's shape "theme". words: with an example.
must_use bool theme_view_json(json_out *j, const char *key, arena scratch, store *s, const theme_views *v,
                              const theme_row *t, bool words, err *e);

// ---- words that stand for the others ----

typedef struct {
    voice v;
    theme_quote q;
} quoted;
enum theme_part { THEME_PART_all, THEME_PART_unhappy, THEME_PART_valuable, THEME_PART_newest };
// Of the words of the last 13 weeks, or of a part of them; at most `most`, the newest 400 looked at.
must_use bool theme_quoted(arena *a, store *s, const sources *all, enum about_kind k, int64_t id, enum theme_part part,
                           int64_t now_us, size_t most, quoted **out, size_t *n, err *e);
// What was said, by its place. False with e clear: it is gone.
must_use bool voice_at(arena *a, store *s, const sources *all, int64_t profile, int64_t key, int64_t at_us, voice *out,
                       err *e);
// Where words stand, by the number of what was said. ERR_not_found.
must_use bool voice_spot(arena *a, store *s, const sources *all, int64_t id, theme_spot *out, err *e);

void theme_said_json(json_out *j, const char *key, const theme_said *x); // shape "theme_said"

// ---- a theme becomes a topic, and that is taken back ----

typedef struct {
    str name, about; // empty: the theme's
    int64_t parent;
    enum topic_axis axis;
    str by;
} topic_theme;
// Makes the topic from the theme's name and the words that stand for it, and the theme is a topic from now on; its
// words keep their place until they have their topic. In a transaction of the writer. field: what is wrong, where not
// NULL.
must_use bool theme_to_topic(ledger *l, arena *a, store *s, int64_t id, const topic_theme *how, int64_t *said_id,
                             const char **field, err *e);
// Takes back what a person said; of a theme that became a topic the topic too.
must_use bool topic_theme_unsay(ledger *l, arena *a, store *s, const theme_said *x, str by, err *e);

#endif
