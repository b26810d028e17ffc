// A customer folded anew, from the events of its profiles.
#include "know/fold.h"
#include "sql/know.h"

typedef struct {
    arena *a, scratch;
    const zone *z;
    timeline *t;
} refold;

static bool take_record(void *ctx, const record *r, err *e) {
    refold *x = ctx;
    arena scratch = x->scratch;
    said s;
    bool says = said_of(&scratch, r, &s);
    fold_item one = fold_item_of(r, says ? &s : NULL, x->z);
    (void)e;
    timeline_take(x->a, x->t, &one);
    return true;
}

static bool take_waits(refold *x, store *s, int64_t profile, err *e) {
    for (row r = store_query(s, Q_conversation_of_profile, e, "i", profile); row_next(&r);) {
        fold_item w = {
            .thread = talk_wait_key(profile, row_int(&r, 1)), .at_us = row_int(&r, 4), .waiting_known = true};
        timeline_take(x->a, x->t, &w);
    }
    return err_ok(e);
}

bool fold_profiles(arena *a, arena scratch, store *s, const zone *z, const int64_t *profiles, size_t n, timeline *out,
                   err *e) {
    refold x = {.a = a, .scratch = scratch, .z = z, .t = out};
    *out = (timeline){0};
    for (size_t i = 0; i < n; i++)
        if (!ledger_profile_events(s, profiles[i], take_record, &x, e) || !take_waits(&x, s, profiles[i], e))
            return false;
    return true;
}
