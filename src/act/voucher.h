// voucher: a code that takes something off one order, once.
//
// A code is 75 random bits in Crockford's base 32 and his check character, so that nobody guesses one and a typing
// mistake is told from a wrong code. It is stored as it is, because it has to be shown to its customer again; whoever
// can read the store can read what it grants, and no more than that.
//
// What a voucher may cost is reserved with the budgets (decide/concession.h) as long as it lives, so that an honest one
// is never refused at the till; redeeming has two steps as well: held for an order, then redeemed or released. One that
// was paid for with points costs the budgets nothing: the points did.
#ifndef HEED_VOUCHER_H
#define HEED_VOUCHER_H

#include "act/reward_note.h"

enum { VOUCHER_CODE = 16 };
str voucher_code_made(arena *a, const world *w);
// Without dashes and blanks, in capitals, with O as 0 and I and L as 1. False when it is none: why says whether a
// letter is wrong or missing.
bool voucher_code_read(str typed, char code[VOUCHER_CODE], const char **why);
str voucher_code_shown(arena *a, str code); // "K7QF-2M9D-X4TB-0HW5"

enum voucher_state {
    VOUCHER_OPEN,
    VOUCHER_HELD,
    VOUCHER_REDEEMED,
    VOUCHER_CANCELLED,
    VOUCHER_WAITING,
    VOUCHER_EXPIRED,
    VOUCHER_EARLY,
    VOUCHER_STATES
};
const char *voucher_state_name(enum voucher_state s); // "open", "held", …

typedef struct {
    int64_t id;
    str code;
    int64_t profile_id;         // whose; 0: whoever holds it
    int32_t currency, share_bp; // share_bp: hundredths of a percent; 0: a fixed value
    int64_t value;              // minor units; of a share the most that it takes off
    int64_t least;              // of the order
    int64_t from_us, until_us;  // until 0: for ever
    enum voucher_state state;   // as stored: open to waiting; see voucher_now
    int64_t held_us;
    str held_for; // the order
    int64_t used, concession, paid, paid_entry, ended_us, made_us, version;
    str by, why, disclosure, key;
    bool sample;
} voucher;
voucher voucher_read(arena *a, const row *r); // the columns of Q_voucher_get
// As it stands now: a reservation ends by itself, and so does a voucher.
enum voucher_state voucher_now(const voucher *v, int64_t now_us);
// What it would take off an order; 0 when the order is too small.
int64_t voucher_takes(const voucher *v, int64_t order);
must_use bool voucher_get(arena *a, store *s, int64_t id, voucher *out, err *e); // ERR_not_found
must_use bool voucher_find(arena *a, store *s, str typed, voucher *out, err *e); // by its code; ERR_not_found
void voucher_json(json_out *j, const char *key, const voucher *v, int64_t now_us);

// ---- in transactions of their own ----

typedef struct {
    int64_t customer; // 0: whoever holds it
    int64_t value, least;
    int32_t currency, share_bp;
    int64_t from_us, until_us; // 0: from now, for ever
    int64_t points;            // paid with so many points; 0: given
    str why, disclosure, by, role, key;
    int where; // filled in: TOLD_…
} voucher_new;
// ERR_conflict when a red line refuses or there are not so many points. A voucher that waits for a signature is made
// and cannot be used before it is signed.
must_use bool voucher_issue(ledger *l, arena *a, const voucher_new *n, voucher *out, err *e);

typedef struct {
    str code, order;
    int64_t minor; // what the order comes to
    int32_t currency;
    int64_t customer; // 0: not known
    int64_t hold_s;   // 0: 15 minutes
} voucher_use;
// Holds it for an order, and says in out->used what it takes off; the same order again gets the same answer.
// ERR_conflict says why not: used, over, not yet, another's, held for another order, the order too small, another
// currency.
must_use bool voucher_hold(ledger *l, arena *a, const voucher_use *u, voucher *out, err *e);
must_use bool voucher_redeem(ledger *l, arena *a, int64_t id, str by, voucher *out, err *e); // one that is held
// Lets it go: held for an order that did not come, or redeemed for one that was cancelled: then it can be used again.
must_use bool voucher_release(ledger *l, arena *a, int64_t id, str by, voucher *out, err *e);
must_use bool voucher_cancel(ledger *l, arena *a, int64_t id, str by, voucher *out, err *e); // points paid come back
// Ends what is over: reservations, and vouchers with what they reserved. At most some at once; *n how many.
must_use bool voucher_sweep(ledger *l, arena *a, int64_t *n, err *e);

#endif
