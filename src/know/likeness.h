// likeness: who may be the same person although no identifier says so, told by names, days of birth, addresses, e-mails
// and phones (link/model.h).
//
// What agreement says is learnt from the store's own profiles, without anybody labelling pairs, and kept. From then on
// every profile that comes or changes is compared with those that share a key with it (of the same name and postcode,
// of the same user of an e-mail address, …). Pairs that are likely enough are kept with their evidence: from `join` on
// they make one customer by themselves, as far as the mean over all that was compared agrees and no veto speaks against
// it (know/group.h); between `ask` and `join` a person is asked. What a person says is remembered for ever. Nothing is
// rewritten: take the pair away, and the customers are two again.
//
// Profiles of one home, other people with the same family name at the same address, are kept as such and never joined.
#ifndef HEED_LIKENESS_H
#define HEED_LIKENESS_H

#include "base/json.h"
#include "know/stages.h"

enum likeness_state { LIKENESS_OPEN = 1, LIKENESS_SAME, LIKENESS_TWO, LIKENESS_HOME };
const char *likeness_state_name(enum likeness_state s); // "open", "same", "two", "home"

// Chances from which pairs are joined and asked about, unless told otherwise.
#define LIKENESS_JOIN 0.995
#define LIKENESS_ASK  0.3

enum {
    LIKENESS_LEAST = 300, // profiles with a name: from fewer nothing is learnt
    LIKENESS_CROWD = 200, // a key that more profiles share than this tells nothing
    LIKENESS_LOOK = 200,  // profiles looked at in one piece
};

typedef struct {
    int64_t a, b;         // profiles, the smaller number first
    int64_t milli;        // weight of the evidence, thousandths of a bit
    int64_t ppm;          // chance that they are one person, millionths
    str parts;            // JSON list of {"what","a","b","bits"}
    int state;            // enum likeness_state
    int64_t at_us;        // compared, or spoken of
    str by;               // who spoke; empty: nobody
    int64_t version;      //
    int64_t customers[2]; // of the two, where asked for
} likeness;

// ---- learning: reads alone, and takes its time ----

typedef struct {
    double join, ask; // chances; 0: as above
    void (*progress)(void *ctx, const char *what, uint64_t done, uint64_t total);
    void *ctx;
} likeness_opts;

typedef struct {
    str model; // as it is kept
    int64_t profiles, join_milli, ask_milli;
    likeness *pairs; // all that are likely enough, and homes
    size_t n;
    int64_t last;   // newest profile that was read
    uint64_t *keys; // of profile key_of[i], for those that come later
    int64_t *key_of;
    size_t n_keys;
} likeness_learnt;

// ERR_conflict when the profiles cannot tell, with the reason.
must_use bool likeness_learn(arena *a, store *s, const likeness_opts *o, likeness_learnt *out, err *e);

// What is kept was written by another version of heed, or is damaged, and cannot be used: it is to be learnt again, for
// the same chances. `old` says why; empty: there is nothing, or it is in order.
typedef struct {
    str old;
    double join, ask;
} likeness_age;
must_use bool likeness_kept(arena *a, store *s, likeness_age *out, err *e);

// ---- writing: on the writer's side, in transactions of their own ----

// Takes up what was learnt in place of what was. Who is whose customer by it is decided by likeness_look, piece by
// piece; a crash between loses nothing.
must_use bool likeness_take(knowing *k, const likeness_learnt *l, str by, err *e);

typedef struct {
    int64_t looked, pairs, waiting; // profiles; pairs kept; profiles that still wait
} likeness_looked;
// Compares some of the profiles that wait, and decides about them.
must_use bool likeness_look(knowing *k, likeness_looked *out, err *e);

// A person says that two profiles are the same or two, or takes that back (0). version: the one they saw; 0: any.
must_use bool likeness_say(knowing *k, int64_t a, int64_t b, int same, int64_t version, str by, err *e);

// ---- reading ----

enum likeness_list { LIKENESS_ASKED, LIKENESS_JOINED, LIKENESS_SAID_SAME, LIKENESS_SAID_TWO, LIKENESS_HOMES };
// The likeliest first, after `after` (a zero one: from the beginning).
must_use bool likeness_pairs(arena *a, store *s, enum likeness_list which, const likeness *after, size_t most,
                             likeness **out, size_t *n, err *e);
must_use bool likeness_get(arena *a, store *s, int64_t x, int64_t y, likeness *out, err *e); // ERR_not_found
must_use bool likeness_of(arena *a, store *s, int64_t profile, likeness **out, size_t *n, err *e);

typedef struct {
    bool learnt;
    int64_t made_us, profiles, waiting; // learnt when and from how many; profiles that were not looked at yet
    double join_milli, ask_milli;
    int64_t asked, joined, same, two, homes; // pairs
} likeness_standing;
must_use bool likeness_stands(store *s, likeness_standing *out, err *e);

must_use bool likeness_erase(store *s, int64_t profile, err *e);

#endif
