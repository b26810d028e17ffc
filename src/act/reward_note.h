// reward_note: giving, spending and taking back points, as events of the source "heed".
//
// What is decided is a row in the writer's transaction, together with what it costs the budgets (decide/concession.h);
// the event that tells it follows, under a key of its own. What a crash leaves untold is told by whoever comes next, so
// that nothing is given twice or lost, and a decision sees all that were made before it.
#ifndef HEED_REWARD_NOTE_H
#define HEED_REWARD_NOTE_H

#include "act/programme.h"
#include "decide/concession.h"
#include "know/reward.h"

enum { TOLD_ANYWHERE, TOLD_REAL, TOLD_SAMPLE };

// An event to be told.
typedef struct {
    int64_t customer;
    enum reward_what what;
    int64_t points;
    int32_t unit; // 0: points; else of a voucher, its currency
    int64_t at_us;
    str ext;   // its key within the source
    str why;   // as the customer may read it
    str extra; // members of its body, as know/reward.h names them
    int where; // TOLD_…: as whose source; ANYWHERE: by what is known of the customer
} reward_told;

// In an open transaction of the writer: to be told after it.
must_use bool reward_tell_later(ledger *l, arena *a, const reward_told *t, err *e);
// Outside of any: tells what is to be told. Whoever decides anything about points calls it first.
must_use bool reward_tell_untold(ledger *l, arena *a, err *e);
// Some at once, without a row in between: for events whose keys follow from what is stored. skipped counts customers
// who cannot be named.
must_use bool reward_tell(ledger *l, arena *a, const reward_told *list, size_t n, int64_t *skipped, err *e);
// The number of the entry that an event of ours makes, TOLD_REAL or TOLD_SAMPLE; 0 when nothing was ever told so.
int64_t reward_id_of_ext(ledger *l, str ext, int where);

// ---- by hand; in transactions of their own ----

typedef struct {
    int64_t customer;
    int64_t points;
    int64_t programme; // whose point it is, for its worth and its expiry; 0: the first that is on
    str why;
    str disclosure; // it is for a review
    str by, role;
    str key;             // whoever asks twice with one gets the first answer; empty: made
    int64_t at_us;       // 0: now
    int64_t expiry_days; // 0: as the programme has it; below 0: never
} reward_gift;

typedef struct {
    reward_entry entry;
    bool again;       // it was done before
    bool waits;       // for a signature: say the same again with `key` when it is signed
    int64_t approval; // whose number this is
    int64_t worth;    // minor units
    int32_t currency;
    str key;
    reward_account account; // after it
} reward_done;

// Gives points. Its worth passes the red lines as a reward; ERR_conflict with their arithmetic when they refuse.
must_use bool reward_give(ledger *l, arena *a, const reward_gift *g, reward_done *out, err *e);

typedef struct {
    int64_t customer;
    int64_t points;
    str what; // for what
    str by, key;
} reward_spending;
// Spends points. ERR_conflict when there are not so many, saying how many can be used and when more can.
must_use bool reward_spend(ledger *l, arena *a, const reward_spending *x, reward_done *out, err *e);

// Takes an entry back: what was spent returns to its lots, what was given goes as far as it is there. ERR_not_found,
// ERR_conflict when it has been taken back already, or is none that could be.
must_use bool reward_reverse(ledger *l, arena *a, int64_t entry, str why, str by, reward_done *out, err *e);

// Reasons to think that two customers are one person: identifiers that both have although they are two customers (a
// device, a phone, a card), or e-mail addresses that differ in a tag alone. Empty when there is none.
must_use bool reward_same_hands(arena *a, store *s, int64_t customer, int64_t other, str *why, err *e);

#endif
