// What fold.c (gathering) and flush.c (merging) share.
#ifndef HEED_FOLD_PRIVATE_H
#define HEED_FOLD_PRIVATE_H

#include "base/map64.h"
#include "know/fold.h"
#include "know/lists.h"

enum { ITEMS = 1 << 19, SLACK = 1 << 16 };

// A gathered event in 32 bytes, because a million of them wait for a merge. What only talk and contracts carry stands
// aside in `more`.
typedef struct {
    int64_t customer, at_us, value;
    int16_t unit;
    uint8_t kind, channel;
    uint32_t more : 28; // 1 + index into folder.more; 0 none
    uint32_t flags : 4; // has_value, complaint, feedback
} packed;

typedef struct {
    int64_t profile, thread;
    int32_t source_id;
} packed_more;

enum { HAS_VALUE = 1, COMPLAINT = 2, FEEDBACK = 4 };

typedef struct {
    int64_t from, into;
} merger;

struct folder {
    ledger *l;
    store *s;
    arena life, scratch;
    zone *z;
    packed *items;
    size_t n_items;
    packed_more *more;
    size_t n_more;
    merger *mergers;
    size_t n_mergers;
    int64_t *anew; // customers to be folded from their events
    size_t n_anew;
    int64_t *talk_anew; // profiles whose conversations are folded from their events
    size_t n_talk_anew;
    feedback_rows *feedback;
    summary_rows *summaries;
    talk_rows *talks;
};

// Merges the gathered talk into conversations; the waits that follow are added to the items (flush_talk.c).
must_use bool flush_talk(folder *f, arena *a, fold_item **waits, size_t *n_waits, err *e);
fold_item unpack(const folder *f, const packed *p);
size_t sort_unique(int64_t *ids, size_t n);
bool sorted_has(const int64_t *ids, size_t n, int64_t id);

#endif
