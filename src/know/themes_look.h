// themes_look: one look for themes, from reading to keeping. Private to themes.
#ifndef HEED_THEMES_LOOK_H
#define HEED_THEMES_LOOK_H

#include "know/themes_private.h"

typedef struct {
    int64_t profile, key, at_us, theme; // theme: as it is stored
    int far;
    str lang;
    int32_t group;
} look_word;

// A topic, or 0 for everything that none covers.
typedef struct {
    int64_t topic;
    str lang;
    uint32_t *of; // places of its words
    size_t n, room;
    const theme_held *held; // the model of the last look, if it can be gone on with
    themes found;
    bool searched;
    int64_t *newest; // of each theme found
} look_group;

typedef struct {
    int64_t profile, key, theme;
    int far;
} look_mark;

struct themes_look {
    arena *a;
    store *s;
    const reader *r;
    const themes_terms *t;
    int64_t since_us;
    str make;
    // what stands in the store
    theme_row *rows;
    size_t n_rows;
    int64_t last_theme;
    theme_saids said;
    map64 pins;
    theme_held *held;
    size_t n_held;
    map64 topic_of; // place -> entry of topics
    int64_t *topics, *hows, *sures;
    size_t n_topics, room_topics;
    // what was read
    uint64_t keep; // words with a greater hash are left for later
    size_t all;
    theme_text *x;
    look_word *w;
    size_t n, room;
    look_group *groups;
    size_t n_groups, room_groups;
    map64 group_of; // topic and language -> group
    int64_t next_id;
    look_mark *marks;
    size_t n_marks, room_marks;
    themes_count count;
};

int themes_reach(const theme_model *m); // thousandths

#endif
