// themes: what customers speak of without anybody having named it, in the store (text/theme.h finds them).
//
// Words of the last 26 weeks are looked at together: those that no topic covers, and those of each topic by themselves,
// language by language, since words of two languages are further apart than what they speak of.
// A theme keeps its number for ever; what people said of themes binds every later look, and can be taken back. Between
// two looks new words are placed by the models of the last one.
#ifndef HEED_KNOW_THEMES_H
#define HEED_KNOW_THEMES_H

#include "know/meaning.h"
#include "ledger/ledger.h"
#include "text/theme.h"

enum { THEMES_WEEKS = 26, THEMES_QUIET_WEEKS = 13 };
enum theme_state { THEME_lives = 1, THEME_quiet, THEME_merged, THEME_became_topic, THEME_put_away, THEME_STATES };
const char *theme_state_name(enum theme_state s); // "lives", "quiet", "merged", "topic", "away"
bool theme_state_of(str name, enum theme_state *out);

typedef struct {
    int64_t id, topic, into;
    str lang;         // of its words; empty: it could not be told
    str found, title; // the name as it was found, and as a person gave it; empty: none
    str words;        // JSON list
    int reach;        // thousandths; what is as far or farther is near it, but not of it
    double spread;    // NAN: not known
    bool leads_back;
    int64_t middle_profile, middle_key; // the words nearest to all others; 0: none
    enum theme_state state;
    bool pinned;
    int64_t found_us, seen_us, version;
} theme_row;
str theme_called(const theme_row *t); // its title, or its name

// By id. All of them, whatever their state: some thousand at most.
must_use bool themes_list(arena *a, store *s, theme_row **out, size_t *n, err *e);
must_use bool themes_get(arena *a, store *s, int64_t id, theme_row *out, err *e); // ERR_not_found
const theme_row *themes_at(const theme_row *all, size_t n, int64_t id);           // NULL: there is none
// The theme that stands for this one now: the last that it was merged into, itself if it was not. 0: there is none.
int64_t themes_stands_for(const theme_row *all, size_t n, int64_t id);

// ---- looking ----

enum {
    THEMES_TEXTS = 40000, // looked at together; of more an equal share, chosen by their keys; the others are placed
    THEMES_LEAST = 30,    // words of a topic, below which there is nothing to be found inside of it
    THEMES_NOWHERE = -1,  // meaning.theme: looked at, and of no theme
};
typedef struct {
    bool anew;
    int64_t now_us;
    size_t texts; // 0: THEMES_TEXTS
    void (*progress)(void *ctx, int64_t done, int64_t all);
    void *ctx;
} themes_terms;

// Reads and looks, and writes nothing.
typedef struct themes_look themes_look;
must_use bool themes_search(arena *a, store *s, const reader *r, const themes_terms *t, themes_look **out, err *e);
// Writes what was found, inside transactions of the writer: what was found in one topic and language at a time, from
// `from` on; *next is 0 when all of it is done. Each of them is whole by itself, so that a look that was broken off in
// between is followed by another one. ERR_changed: people spoke of themes meanwhile; look again.
must_use bool themes_keep(store *s, const themes_look *x, size_t from, size_t *next, err *e);
// Writes where the words stand, a thousand at a time from `from` on, as before.
must_use bool themes_mark(store *s, const themes_look *x, size_t from, size_t *next, err *e);
typedef struct {
    size_t texts, silent, themes, fresh, gone, marked;
    bool weaker, sampled;
} themes_count;
themes_count themes_counted(const themes_look *x);
// What it suggests to the taxonomy, as JSON for themes_report_put("hints"): themes outside of topics, and topics that
// are two or more things.
str themes_hinted(arena *a, themes_look *x);

// ---- new words, right after they were understood and their topics are known ----

typedef struct themes_placer themes_placer;
themes_placer *themes_placer_open(void);
void themes_placer_close(themes_placer *p); // NULL is fine
// Reads some words without a theme (at most MEANING_PIECE) and places them by the models, which are kept until newer
// ones stand in the store. *n 0: nothing waits, or nobody has looked for themes yet.
typedef struct {
    int64_t profile, key, theme;
    int far;
} themes_place;
must_use bool themes_read_new(arena *a, store *s, themes_placer *p, themes_place **out, size_t *n, err *e);
must_use bool themes_store_new(store *s, const themes_place *v, size_t n, err *e); // in a transaction of the writer

typedef struct {
    int64_t made_us; // 0: never
    int64_t words, silent, waiting, lives;
    bool weaker;
} themes_standing;
must_use bool themes_stand_now(store *s, themes_standing *out, err *e);

// ---- the words of a theme ----

typedef struct {
    int64_t profile, key, at_us, customer; // customer 0: nobody known
    int far;                               // thousandths
    bool pinned;                           // a person put it there
    bool has_mood;
    int mood, bad;
    str text;
    const int8_t *vector; // NULL: none
} theme_word;
typedef struct {
    int64_t since_us;
    bool topic;     // id is a topic's
    bool near_only; // what is near the theme but not of it
    bool words;     // with texts and vectors (slower)
    size_t most;    // 0: all
} theme_ask;
// The newest first. Lives in a.
must_use bool themes_words(arena *a, store *s, int64_t id, const theme_ask *ask, theme_word **out, size_t *n, err *e);
must_use bool themes_fill(arena *a, store *s, theme_word *v, size_t n, err *e); // texts and vectors
// The words of one event as a person wrote them; empty: it is gone.
must_use bool themes_text(arena *a, store *s, int64_t profile, int64_t key, int64_t at_us, str *text, err *e);
int64_t theme_person(const theme_word *w); // who counts as one: the customer; of nobody known the word itself
// Places in w of words that stand for the others, at most `most`; they must have texts.
size_t themes_quotes(arena *a, const theme_word *w, size_t n, size_t most, theme_quote *out);

// ---- words of people: in a transaction of the writer ----

enum theme_act {
    THEME_ACT_none,
#define ACT(name, text) THEME_ACT_##name,
#include "know/theme_acts.def"
    THEME_ACTS,
};
const char *theme_act_name(enum theme_act a);

typedef struct {
    int64_t profile, key;
} theme_spot;
typedef struct {
    enum theme_act act;
    int64_t theme, other;    // merge, apart: the other one; to_topic: the topic
    const theme_spot *words; // split, pin: which; together, parted: two
    size_t n;
    str title;       // name, split
    bool on;         // keep, away
    int64_t change;  // to_topic: of the taxonomy
    int64_t version; // of the theme as it was seen; 0: any
    str by;
} theme_saying;
// said_id: by which it is taken back. theme: the one that it is about then (of a split the new one). ERR_invalid,
// ERR_not_found and ERR_conflict say why not.
must_use bool themes_say(ledger *l, store *s, const theme_saying *x, int64_t *said_id, int64_t *theme, err *e);
must_use bool themes_unsay(ledger *l, store *s, int64_t said_id, str by, err *e);

typedef struct {
    int64_t id, at_us, theme, other, words, undone_us;
    enum theme_act act;
    str by, detail, undone_by;
} theme_said;
typedef bool (*theme_said_fn)(void *ctx, const theme_said *x, err *e);
// Newest first, below a number; theme 0: of all. False stops.
must_use bool themes_said(store *s, int64_t theme, int64_t below, int64_t limit, theme_said_fn fn, void *ctx, err *e);
must_use bool themes_said_get(arena *a, store *s, int64_t said_id, theme_said *out, err *e); // ERR_not_found

// ---- what the last look found that is no row of its own ----

must_use bool themes_report(arena *a, store *s, const char *kind, str *report, int64_t *made_us, err *e); // empty: none
must_use bool themes_report_put(store *s, const char *kind, int64_t made_us, str report, err *e);

// What is kept of a person's words; and after events are gone (an undo, a sample company that was taken away), what
// nobody speaks of any more.
must_use bool themes_erase(store *s, int64_t profile, err *e);
must_use bool themes_tidy(store *s, err *e);

#endif
