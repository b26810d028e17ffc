// talked: who spoke of what and when, in one reading: what bursts, drift and priorities count. Private to decide.
#ifndef HEED_TALKED_H
#define HEED_TALKED_H

#include "base/civil.h"
#include "base/map64.h"
#include "decide/about.h"
#include "know/id_set.h"
#include "stats/impact.h"

enum { TALKED_DAYS = 26 * 7, TALKED_RECENT = 28, TALKED_PEOPLE = 13 * 7, TALKED_BEFORE = 13 * 7, TALKED_SEGMENTS = 20 };

// A theme that lives, or a topic in use.
typedef struct {
    enum about_kind kind;
    int64_t id, topic; // topic: of a theme the one inside which it lies; 0: outside of all
    bool top;          // topics of what it is about, and the themes outside of them: what is ranked
} talked_item;

// One word of somebody.
typedef struct {
    int64_t profile, key, at_us;
    int64_t same;    // of all that say the same; 0: nobody else does
    uint32_t person; // of people
    int16_t day;     // of the series
    bool hurt;       // an unhappy one
} talked_word;

// That it is about an item.
typedef struct {
    uint32_t word, item;
    bool hurt; // unhappy about this
} talked_about;

// Whoever said anything. customer 0: nobody known.
typedef struct {
    int64_t customer;
    uint32_t segment; // of segments
    double value;     // NAN: not known; minor units of the main currency, or by its place among its like
    bool other;       // it is in another currency
} talked_person;

// An answer on a scale, with words or without.
typedef struct {
    int64_t person; // whose answers hang together
    int64_t word;   // of words; -1: without any that were understood
    int mark;
    bool nps; // else stars or points of satisfaction
} talked_score;

// A segment that people keep: its profiles.
typedef struct {
    int64_t id;
    str name;
    id_set profiles;
} talked_segment;

typedef struct {
    int64_t now_us, since_us, until_us; // since <= t < until: whole days, the last one over
    const zone *z;
    int32_t first_day; // civil, of the series
    abouts names;
    talked_item *items;
    size_t n_items;
    talked_word *words;
    size_t n_words;
    talked_about *about; // by item, then word
    size_t n_about;
    size_t *item_from; // [n_items + 1] into about
    talked_person *people;
    size_t n_people;
    talked_score *scores;
    size_t n_scores;
    str *segments; // what sources call them; by number
    int64_t *segment_customers;
    size_t n_segments;
    talked_segment *kept;
    size_t n_kept;
    int32_t currency; // in which most customers are valued
} talked;

// now_us: today as of_us has it (measure.h).
must_use bool talked_read(arena *a, store *s, int64_t now_us, talked *out, err *e);
static inline bool talked_counts(const talked *t, uint32_t word, size_t since_day) {
    return t->words[word].day >= 0 && (size_t)t->words[word].day >= since_day;
}

#endif
