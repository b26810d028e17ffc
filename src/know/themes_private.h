// themes_private: what the files of themes share.
#ifndef HEED_THEMES_PRIVATE_H
#define HEED_THEMES_PRIVATE_H

#include "base/civil.h"
#include "base/map64.h"
#include "know/themes.h"

// One number for a place: an event of a profile.
static inline uint64_t theme_place_hash(int64_t profile, int64_t key) {
    uint64_t x = (uint64_t)profile * 0x9E3779B97F4A7C15u ^ (uint64_t)key;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu; // SplitMix64, Steele, Lea & Flood 2014
    return x ^ x >> 31;
}

must_use bool themes_vector(arena *a, store *s, int64_t profile, int64_t key, const int8_t **out, err *e);

// What people said, as text/theme.h takes it.
typedef struct {
    enum theme_act act;
    int64_t id, theme, other;
    uint64_t word, other_word;
    bool undone;
} theme_said_row;
typedef struct {
    theme_said_row *v;
    size_t n;
    int64_t last, last_undone; // by which a change is noticed
} theme_saids;
must_use bool theme_saids_read(arena *a, store *s, theme_saids *out, err *e);
// The theme to which a person pinned words; 0: to none.
int64_t theme_saids_pin(const theme_saids *x, const map64 *pins, uint64_t word);
map64 theme_saids_pins(arena *a, const theme_saids *x); // place in v by word

// The topic inside which words stand: what a person said before what a source says before what was learned.
bool theme_topic_better(int64_t how, int64_t sure, int64_t than_how, int64_t than_sure);

// Models by topic.
typedef struct {
    int64_t topic, made_us;
    str lang, make;
    theme_model *model;
} theme_held;
must_use bool theme_models_read(arena *a, store *s, theme_held **out, size_t *n, err *e);

#endif
