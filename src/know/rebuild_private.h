// What is folded from the events, in memory: shared by rebuild.c (reading), verify.c and repair.c.
#ifndef HEED_REBUILD_PRIVATE_H
#define HEED_REBUILD_PRIVATE_H

#include "base/map64.h"
#include "know/closure.h"
#include "know/facts.h"
#include "know/lists.h"
#include "know/rebuild.h"

typedef struct {
    int64_t id, source_id, customer;
    uint64_t canon;
    str said[FACTS];
    int64_t said_us[FACTS];
    timeline t;
} mem_profile;

typedef struct {
    int64_t hash;
    int32_t profile; // index
    uint8_t kind;
    bool is_key;
    uint16_t first_day, said_day;
    int64_t source_id, import_id;
    str value;
} mem_ident;

typedef struct {
    int64_t profile, thread, at_us;
    int32_t source_id;
    uint8_t kind, channel;
} mem_talk;

typedef struct {
    int32_t period;
    int64_t rows, words;
    uint64_t sum; // of the hashes of its rows, in any order
} mem_month;

enum { AHEAD = 32 };

typedef struct {
    store *s;
    ledger *l;
    zone *z;
    arena *a, scratch;
    int32_t *index; // profile id → 1 + index into profiles
    int64_t max_id;
    mem_profile *profiles;
    size_t n_profiles, room_profiles;
    mem_ident *idents;
    size_t n_idents, room_idents;
    mem_talk *talk;
    size_t n_talk, room_talk;
    mem_month *months;
    size_t n_months, room_months;
    feedback_rows *feedback; // NULL: count only
    bool (*on_feedback)(void *ctx, const record *r, const said *s, int64_t source_id, err *e);
    void *on_ctx;
    bool (*on_key)(void *ctx, uint64_t key, err *e);
    bool (*on_consent)(void *ctx, const record *r, err *e);
    bool (*on_owed)(void *ctx, const record *r, err *e); // commitments, points, referrals, the inbox
    uint64_t keys_sum;
    // Events wait here while the processor fetches the timelines they go to, which lie all over memory.
    fold_item waiting[AHEAD];
    int32_t waiting_at[AHEAD]; // index into profiles
    uint64_t pushed, taken;
    int64_t keys, events, total;
    group_out groups;
    const identity_rules *rules; // by which customers are made; NULL: those of the store
    bool idents_only;            // nothing is folded: only who is who
    rebuild_progress progress;
    void *progress_ctx;
} mem;

must_use bool mem_open(mem *m, err *e);   // the names of sources and imports, the zone, how much there is
must_use bool mem_read(mem *m, err *e);   // all events
must_use bool mem_decide(mem *m, err *e); // customers
must_use bool mem_group(mem *m, err *e);  // the same, and each profile's timeline into its customer's
// Conversations in order of (profile, thread): folds, gives waits to the customers, and calls back.
typedef bool (*mem_talk_fn)(void *ctx, int64_t profile, int64_t thread, const mem_talk *first, const talk *t, err *e);
must_use bool mem_talks(mem *m, mem_talk_fn fn, void *ctx, err *e);
mem_profile *mem_at(mem *m, int64_t profile);

uint64_t feedback_hash(int64_t profile, int64_t at_us, int64_t key, int64_t kind, int64_t channel, int64_t source,
                       int64_t instrument, bool has_score, int64_t score, int64_t mood, str topic, str lang,
                       bool words);

#endif
