// What fold.c (gathering), flush_talk.c and flush.c (merging) share.
#ifndef HEED_FOLD_PRIVATE_H
#define HEED_FOLD_PRIVATE_H

#include "base/map64.h"
#include "base/runs.h"
#include "know/fold.h"
#include "know/lists.h"

// In memory at once; then they go to disk as a sorted run. MERGE_AT bounds what a crash leaves to be replayed.
enum { ITEMS = 1 << 18, TALKS = 1 << 17, MERGE_AT = 4 << 20, LISTED = 1 << 18 };

// An event on its way to its customer's timeline.
typedef struct {
    uint64_t customer;
    uint64_t at_us;
    int64_t value, thread;
    int16_t unit;
    uint8_t kind, channel, flags, unused[3];
} item;

enum { HAS_VALUE = 1, COMPLAINT = 2, FEEDBACK = 4, WAITING = 8 };

// And on its way to its conversation.
typedef struct {
    uint64_t profile, thread;
    int64_t at_us, customer;
    int32_t source_id;
    uint8_t kind, channel, unused[2];
} talk_item;

typedef struct {
    int64_t from, into;
} merger;

struct folder {
    ledger *l;
    store *s;
    arena life, scratch;
    zone *z;
    item *items;
    talk_item *talks;
    size_t n_items, n_talks;
    runs *item_runs, *talk_runs; // sorted by customer; by profile and thread
    merger *mergers;
    size_t n_mergers;
    int64_t *anew; // customers to be folded from their events
    size_t n_anew;
    int64_t *talk_anew; // profiles whose conversations are folded from their events
    size_t n_talk_anew;
    feedback_rows *feedback;
    summary_rows *summaries, *new_summaries;
    talk_rows *talk_rows;
};

fold_item unpack(const folder *f, const item *x);
must_use bool spill(folder *f, err *e); // everything in memory becomes runs

// Merges the gathered talk into conversations; the waits that follow are gathered as items (flush_talk.c).
must_use bool flush_talk(folder *f, err *e);
size_t sort_unique(int64_t *ids, size_t n);
bool sorted_has(const int64_t *ids, size_t n, int64_t id);

#endif
