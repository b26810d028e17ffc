// stitch: recognises who an event is from, and keeps customers as views over profiles.
//
// A profile is one person as one source knows them, named by the strongest identifier of the event. What an import says
// of a profile's identifiers is written as an `identify` event the first time it says so, and, where a limit counts
// within a window, when it says so of an earlier day, so that all of this can be rebuilt from events. When profiles
// come to share an identifier, the group around them is decided again (know/group.h) and only what changed is told on:
// a merge of two customers, or customers to be folded anew.
#ifndef HEED_STITCH_H
#define HEED_STITCH_H

#include "ledger/ledger.h"

typedef struct stitcher stitcher;

// What happened to customers that had a summary.
typedef struct {
    void *ctx;
    bool (*merged)(void *ctx, int64_t from, int64_t into, err *e); // every profile of from is now in into
    bool (*changed)(void *ctx, int64_t customer, err *e);          // its profiles changed in another way, or it is new
} regroup_fn;

must_use bool stitch_open(stitcher **out, ledger *l, regroup_fn to, err *e);
void stitch_close(stitcher *t);
void stitch_forget(stitcher *t); // a transaction failed: what is remembered may not be stored
must_use bool stitch_batch(stitcher *t, batch *b, err *e);
// Decides the groups around these profiles again (after a verdict); in an open transaction.
must_use bool stitch_decide(stitcher *t, arena a, const int64_t *profiles, size_t n, err *e);

// The body of an identify event: {"ids":[["email","a@b.c"],["user_id","7",1],["phone","+49…",0,20123]]}; 1 marks the
// profile's key; the last number is the day (since 1970) on which it was first said, where that is another one than the
// event's.
typedef struct {
    enum ident_kind kind;
    bool is_key;
    uint16_t day; // 0: the event's
    str value;
} said_ident;
uint16_t stitch_day(int64_t at_us); // from 1 on
size_t stitch_read_ids(arena *a, str body, said_ident *ids, size_t max);
// What names a profile whatever its id.
uint64_t stitch_canon(str source, uint64_t key_hash);

#endif
