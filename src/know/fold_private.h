// What fold.c (gathering) and flush.c (merging) share.
#ifndef HEED_FOLD_PRIVATE_H
#define HEED_FOLD_PRIVATE_H

#include "base/map64.h"
#include "know/fold.h"
#include "know/lists.h"

enum { ITEMS = 3 << 17, SLACK = 1 << 16 };

typedef struct {
    int64_t from, into;
} merger;

struct folder {
    ledger *l;
    store *s;
    arena life, scratch;
    zone *z;
    fold_item *items;
    size_t n_items;
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
size_t sort_unique(int64_t *ids, size_t n);
bool sorted_has(const int64_t *ids, size_t n, int64_t id);

#endif
