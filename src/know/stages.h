// stages: what this floor does with every batch: stitch it to customers, fold it into summaries, conversations,
// feedback.
#ifndef HEED_STAGES_H
#define HEED_STAGES_H

#include "know/fold.h"
#include "know/stitch.h"

// A ledger with its stages, open for writing. One call opens it all, and replays what a crash left.
typedef struct knowing knowing;
must_use bool know_open(knowing **out, store *s, const world *w, int64_t *replayed, err *e);
void know_close(knowing *k);
ledger *know_ledger(knowing *k);
typedef struct topic_mind topic_mind; // know/topic_learn.h: what corrections of topics go on from
topic_mind *know_topics(knowing *k);
// Called in the transaction for every event stored (sign +1) or taken back (-1), not for replays. One watcher.
typedef bool (*know_watch_fn)(void *ctx, const record *r, int sign, err *e);
void know_watch(knowing *k, know_watch_fn fn, void *ctx);

// After people were erased or suppressed, outside any batch: forgets what memory holds of them.
must_use bool know_people_gone(knowing *k, err *e);

// A person's verdict: these profiles of one customer are somebody else (split), or these two are the same (join).
// Reversible: a split undone by a join gives back exactly the state before, because customers are views.
must_use bool know_split(knowing *k, int64_t customer, int64_t profile, str by, err *e);
must_use bool know_join(knowing *k, int64_t profile_a, int64_t profile_b, str by, err *e);
// Writes what the piece writes, and decides in the same transaction who the customers of the profiles are that it
// names.
typedef struct {
    const int64_t *profiles;
    size_t n;
} regrouped;
typedef bool (*know_piece_fn)(void *ctx, store *s, regrouped *out, err *e);
must_use bool know_regroup(knowing *k, know_piece_fn piece, void *ctx, str by, err *e);
// Takes a verdict back; what identifiers say counts again.
must_use bool know_verdict_undo(knowing *k, int64_t profile_a, int64_t profile_b, err *e);
// Called in the transaction of a verdict, or of one that is taken back (by is empty then), when it made one customer of
// several, or several of one: the customers as they are now.
typedef struct {
    const int64_t *customers;
    size_t n;
    int64_t profile; // one of those concerned
    bool joined;     // else split
    str by;
} verdict_told;
typedef bool (*know_verdict_fn)(void *ctx, const verdict_told *t, err *e);
void know_on_verdict(knowing *k, know_verdict_fn fn, void *ctx);

#endif
