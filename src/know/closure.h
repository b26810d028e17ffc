// closure: what the store knows around a few identifiers or profiles, in memory for the length of a batch.
#ifndef HEED_CLOSURE_H
#define HEED_CLOSURE_H

#include "base/map64.h"
#include "know/group.h"
#include "ledger/ledger.h"
#include "ledger/sources.h"

// An identifier seen with a profile.
typedef struct {
    int64_t hash, profile, source_id, import_id;
    str value;    // only of those added here
    int32_t next; // the next one of the same hash, -1 ends
    uint8_t kind;
    bool is_key, fresh, touched; // fresh: to be inserted; touched: said again by another import, or of an earlier day
    bool earlier, again;         // first_day is before what was stored; it identified nobody, and does so again
    uint16_t first_day;          // of all that was said, in days since 1970; 0: unknown, long ago
    uint16_t said_day;           // of what its import said since it is the last that did
} seen_ident;

typedef struct {
    arena *a;
    store *s;
    seen_ident *rows;
    size_t n, room;
    map64 by_hash;  // → first row
    map64 by_pair;  // hash mixed with profile → row
    map64 profiles; // → index into ids
    int64_t *ids, *customers;
    size_t n_ids, room_ids;
    int64_t *wanted; // hashes or profiles to load
    size_t n_wanted, room_wanted;
} closure;

// Identifiers that stopped joining.
typedef struct {
    map64 ids;
} demoted_set;
must_use bool demoted_load(demoted_set *d, store *s, err *e);
bool demoted_has(const demoted_set *d, int64_t hash);
// Whether it identifies nobody still, now that somebody is known to have had it earlier; else it is taken off the list.
must_use bool demoted_again(demoted_set *d, store *s, const identity_rules *r, int64_t hash, enum ident_kind kind,
                            bool *still, err *e);

closure closure_new(arena *a, store *s);
void closure_want_hash(closure *c, int64_t hash); // once each
void closure_want_profile(closure *c, int64_t profile);
must_use bool closure_load_hashes(closure *c, err *e);       // everybody who has a wanted hash
must_use bool closure_load_profiles(closure *c, err *e);     // what the wanted profiles have
must_use bool closure_load_customers(closure *c, err *e);    // of the wanted profiles
int64_t closure_customer(const closure *c, int64_t profile); // itself when not loaded

void closure_add(closure *c, seen_ident x);
seen_ident *closure_find(closure *c, int64_t hash, int64_t profile);    // NULL
int64_t closure_key(const closure *c, int64_t hash, int64_t source_id); // the profile with this key, 0
must_use bool closure_write(const closure *c, err *e);                  // fresh and touched rows
// One profile for every joining identifier that is fresh, or earlier than it was, and shared.
int64_t *closure_shared(const closure *c, const demoted_set *d, size_t *n);

// A profile whose customer changed.
typedef struct {
    int64_t profile, then, now;
    bool told;  // its old customer has a summary, and this is the one change that tells of it
    bool merge; // all of `then` went into `now`
} closure_change;

// Reads everything around the profiles and decides their groups; writes links, moves and demotions.
typedef struct {
    ledger *l; // whose sources have names; NULL: names, for who only reads
    const sources *names;
    demoted_set *demoted;
    const identity_rules *rules;                      // NULL: those of everybody
    bool verdicts;                                    // there are any
    int32_t join_milli;                               // of likeness; 0: nobody is joined by it
    bool (*is_new)(const void *ctx, int64_t profile); // made in this batch: nobody has folded it
    const void *ctx;
} decide_opts;
must_use bool closure_decide(arena *a, store *s, const int64_t *profiles, size_t n, const decide_opts *o,
                             closure_change **changes, size_t *n_changes, err *e);

// What a person may say of two profiles: the same, not the same, or nothing any more.
typedef struct {
    int64_t a, b;
    int state; // LINK_TOLD, LINK_SPLIT, or 0
} foreseen_word;
// Who would belong to whom if that were said: every profile around these, with its customer now and then. Writes
// nothing.
typedef struct {
    int64_t profile, now, then;
} foreseen;
must_use bool closure_foresee(arena *a, store *s, const int64_t *profiles, size_t n, const decide_opts *o,
                              const foreseen_word *words, size_t n_words, foreseen **out, size_t *n_out, err *e);

#endif
