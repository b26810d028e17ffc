// theme: what many texts speak of, found without being told what to look for: every text in one theme, with its
// distance; themes that keep their identity while texts keep coming; names that people understand, and lead back.
//
// What is found depends on what was written, not on its order: the same texts give the same themes, shuffled or not.
// Texts count by people: what one person says ten times, or what is copied, is one voice (text/near.h).
//
// A model is what was found, as plain bytes: it assigns a new text in microseconds and is what the next search keeps
// identities by. Meaning needs embeddings; without them themes go by words alone, and `weaker` says so.
#ifndef HEED_THEME_H
#define HEED_THEME_H

#include "text/encoder.h"

enum { THEME_NONE = UINT32_MAX, THEMES_MOST = 1024, THEME_SAMPLE = 8000 };

typedef struct {
    str text;
    const int8_t *vector; // stored embedding; NULL: none
    int64_t who;          // 0: not known, somebody else each time
} theme_text;

// The same for texts that differ in capitals, punctuation and forms of characters only; 0: nothing is said (neither
// letter nor digit). What a person said of a text is kept by it.
uint64_t theme_key(arena scratch, str text);

// What people decided, for ever: all of it is given each time. x and y are ids of themes, or keys of texts.
enum theme_rule_kind {
    THEME_pin,      // text x is of theme y. An id that is in no model yet is a theme that people began (a split)
    THEME_merge,    // theme x is a part of theme y; its id is retired
    THEME_apart,    // themes x and y never become one
    THEME_together, // texts x and y are of one theme
    THEME_parted,   // texts x and y are not of one theme
};
typedef struct {
    enum theme_rule_kind kind;
    uint64_t x, y;
} theme_rule;

typedef struct theme_model theme_model;

typedef struct {
    size_t k;                  // themes wanted; 0: as many as the texts carry
    size_t sample;             // texts that are compared with one another; all are assigned. 0: THEME_SAMPLE
    const theme_model *before; // what was found earlier: its ids are kept. NULL: nothing
    bool anew;                 // with before: texts are grouped anew, and old ids are given to what is like them; else
                               // old themes go on, and new ones are made of what is far from all of them
    double likeness;           // least likeness by which an id is kept; 0: THEME_LIKENESS
    double far;                // distance from which a text is "other"; 0: that of the model
    int64_t next_id;           // of the first new theme; 0: after the largest that is known
    const theme_rule *rules;
    size_t n_rules;
    str make; // of the vectors (encoder_make); where it is not that of before, vectors say nothing of old themes
    const pack *words; // how common words are, for names. NULL: by the texts alone
    // Embeds names, to see whether they lead back; NULL: by their words only.
    void (*embed)(void *ctx, const str *texts, size_t n, float *out);
    void *ctx;
    void (*progress)(void *ctx, size_t done, size_t all); // may be NULL; parts of equal length, roughly
    void *progress_ctx;
} theme_options;
#define THEME_LIKENESS 0.7

typedef struct {
    uint32_t theme; // of themes.v; THEME_NONE: the text says nothing
    float distance; // from its theme: 0 the same, 1 nothing in common
    bool far;       // beyond the distance of "other": it is nearest to this theme, but not of it
    bool pinned;    // by a person
    bool again;     // the same person said it in this theme before: not a voice of its own
} theme_mark;

typedef struct {
    int64_t id;
    str name;
    str words[4];    // what it is known by: runs of words it has and others have not, best first; may be empty
    bool fresh;      // was not there before
    bool leads_back; // the name, read as a text, is nearest to its own theme
    size_t texts;    // without those that are far
    size_t voices;   // people: each once
    size_t far;      // texts nearest to it that are "other"
    double spread;   // mean distance of its texts
    double likeness; // with what it was before; 1 if fresh
    uint32_t middle; // the text nearest to all others
} theme_found;

typedef struct {
    theme_found *v; // by falling voices, then by id
    size_t n;
    int64_t *gone; // ids of before that are retired: nothing was like them any more, or they were merged
    size_t n_gone;
    size_t silent;   // texts that say nothing
    size_t compared; // texts that were compared with one another, copies once
    bool weaker;     // there were no embeddings
    int64_t next_id;
    theme_model *model;
} themes;

// n marks into out. a holds what is returned and the model, some megabytes; scratch 70 MB at the usual sample of short
// texts, and 80 bytes for each text.
themes theme_find(arena *a, arena scratch, const theme_text *x, size_t n, const theme_options *o, theme_mark *out);

// ---- one text ----

typedef struct {
    int64_t id;  // 0: the model is empty, or the text says nothing
    uint32_t at; // of the model
    float distance;
    bool far;       // "other"
    int64_t second; // the next best, 0: none
    float second_distance;
} theme_choice;
theme_choice theme_assign(const theme_model *m, arena scratch, str text, const int8_t *vector);

// ---- a model ----

size_t theme_count(const theme_model *m);
int64_t theme_id(const theme_model *m, size_t at);
str theme_name(const theme_model *m, size_t at);
str theme_make(const theme_model *m);        // of the vectors; texts with others are assigned without theirs
double theme_far(const theme_model *m);      // distance from which a text is "other"
int64_t theme_next_id(const theme_model *m); // never given to another theme, retired ids included
void theme_write(buf *b, const theme_model *m);
must_use bool theme_read(arena *a, str bytes, theme_model **m, err *e); // ERR_corrupt, ERR_invalid (another version)

// What became of old groups: labels of the same n texts then and now (THEME_NONE: in no group). Pairs groups so that
// the shares of members in common (2 |A ∩ B| / (|A| + |B|), Dice 1945) sum to most (Kuhn 1955) and drops pairs below
// `least`; groups that share over two thirds are always a pair. Into of[i] the old group of group i now, THEME_NONE if
// there is none, and into likeness[i] the share.
void theme_match(arena scratch, const uint32_t *then, size_t n_then, const uint32_t *now, size_t n_now, size_t n,
                 double least, uint32_t *of, double *likeness);
// The assignment problem itself: columns for rows so that gains sum to most; rows ≤ columns or the rest get none.
void theme_pair(arena scratch, const double *gain, size_t rows, size_t columns, uint32_t *column);

// ---- words of people ----

typedef struct {
    uint32_t text;     // of the texts given
    size_t stands_for; // people whose words are nearest to this one, among the quotes
    size_t texts;      // the same in texts
    double likeness;   // mean of those with it
} theme_quote;
// Picks at most `most` of n texts so that every text has one like it (facility location, greedily: Nemhauser, Wolsey &
// Fisher 1978): what is said often and differently, not what is said best. One of a person, no two alike; neither cut
// short nor very long ones if others will do. `of` are places in x. Returns how many; the one that stands for most
// first.
size_t theme_quotes(arena scratch, const theme_text *x, const uint32_t *of, size_t n, size_t most, theme_quote *out);

// ---- topics ----

enum theme_hint_kind { THEME_new_topic, THEME_split_topic };
typedef struct {
    enum theme_hint_kind kind;
    int32_t topic; // that should be split; -1: texts that no topic covers
    str name;
    uint32_t *texts; // of x, nearest to its middle first
    size_t n, voices;
    double share; // of the voices it was looked for among
} theme_hint;
typedef struct {
    size_t least; // people behind a hint; 0: 5
    double share; // of the voices it is looked for among; 0: 0.02
    size_t most;  // 0: 20
    theme_options find;
} theme_hint_options;
// Topics that are missing: themes among the texts without one (topic[i] < 0), and topics that are clearly two or more
// things. By falling voices.
size_t theme_hints(arena *a, arena scratch, const theme_text *x, const int32_t *topic, size_t n,
                   const theme_hint_options *o, theme_hint **hints);

#endif
