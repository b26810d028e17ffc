// reward: a customer's points, as an append-only list of entries and what they come to. A fold of the events of kind
// reward.
//
// A gain is a lot: it can be spent from a day on and until it expires. Spending takes from the oldest lots first
// (FIFO), and never more than there is, so that a balance is never below zero whatever arrives in whatever order; what
// an entry really does to the balance is its `counts`, and the balance is their sum. A reversal names the entry that it
// takes back: what was spent returns to the very lots it came from; what was given is taken from its own lot, then from
// the others. Entries are put in order by their time, never by their arrival, over all profiles of a customer.
#ifndef HEED_REWARD_H
#define HEED_REWARD_H

#include "ledger/ledger.h"

enum reward_what {
    REWARD_none,
#define REWARD(name, id, gains, text) REWARD_##name = id,
#include "know/rewards.def"
    REWARD_WHATS, // one above the last
};
const char *reward_what_name(enum reward_what w); // "earn"
enum reward_what reward_what_of(str name);        // REWARD_none if there is none

// What events say of points in their body: "expires" and "from" (times) of a gain, "reverses" or "lot" (the number of
// an entry, or the other system's own name of it) of what takes away, "for" with "for_profile" and "for_us" (the event
// that it was earned by), "programme", "disclosure".
typedef struct {
    int64_t profile_id, at_us, key; // the event's place
    int64_t id;                     // 53 bits of the key: what every reader of JSON takes whole
    int64_t source_id;
    enum reward_what what;
    int32_t unit;   // 0: points; else of a voucher, its currency: shown, and part of no balance
    int64_t points; // as told: above 0 gained, below 0 spent; of a reversal as it was told, which need not be so much
    int64_t names;  // the entry that a reversal takes back, the lot that expires; 0: none
    int64_t for_key, for_profile, for_us; // the event that earned it; 0: none
    int64_t from_us, until_us;            // of a gain: can be spent from, expires; until_us 0: never
    int64_t programme;
    str why, disclosure;
    // what the customer's other entries make of it
    int64_t counts; // what it does to the balance
    int64_t lot;    // of a gain: what is left
    int64_t taken;  // how much of it later entries took back
} reward_entry;

int64_t reward_id(int64_t key); // the number of an entry
// What an event says; false when it is of another kind. Texts live in a.
bool reward_entry_of(arena *a, const record *r, int64_t source_id, reward_entry *out);
// Works out counts, lot and taken of all entries of one customer, which may come in any order and are put in order.
void reward_fold(arena scratch, reward_entry *entries, size_t n);

// Where a customer stands: of folded entries.
typedef struct {
    int64_t balance;              // the sum of all counts: usable + waiting + expired
    int64_t usable;               // can be spent now
    int64_t waiting;              // will be usable
    int64_t expired;              // its time is over; the next sweep writes that down
    int64_t next_us, next;        // what expires next of what is usable or waiting, and when; 0: nothing
    int64_t given, spent, lapsed; // ever: gained less taken back, redeemed less given back, expired
    int64_t missing;              // was to be spent or taken back, and was not there
} reward_account;
reward_account reward_account_of(const reward_entry *entries, size_t n, int64_t now_us);

// ---- in the store ----

reward_entry reward_read(arena *a, const row *r); // the columns of Q_reward_entry_get
// False with e clear when there is none.
must_use bool reward_get(arena *a, store *s, int64_t id, reward_entry *out, err *e);
// All entries of a customer over all its profiles, by time.
must_use bool reward_entries(arena *a, store *s, int64_t customer, reward_entry **out, size_t *n, err *e);
// Calls back for every customer with all its entries, folded as stored; without texts.
typedef bool (*reward_each_fn)(void *ctx, int64_t customer, const reward_entry *entries, size_t n, err *e);
must_use bool reward_each(store *s, reward_each_fn fn, void *ctx, err *e);

// For stages, repair, verify and erase.
must_use bool reward_take(store *s, const record *r, int64_t source_id, int sign, err *e); // an entry, or it is gone
must_use bool reward_settle(store *s, const int64_t *customers, size_t n, err *e);         // folded anew
must_use bool reward_settle_profiles(store *s, const int64_t *profiles, size_t n, err *e);
must_use bool reward_all_anew(store *s, err *e); // from all entries
must_use bool reward_erase(store *s, int64_t profile_id, err *e);

// Entries in memory, to be compared with what is stored.
typedef struct reward_check reward_check;
reward_check *reward_check_new(arena *a);
void reward_check_event(reward_check *c, const record *r, int64_t source_id);
// customer_of tells whose a profile is.
must_use bool reward_check_all(reward_check *c, store *s, int64_t (*customer_of)(void *ctx, int64_t profile), void *ctx,
                               int64_t *differences, str *first, err *e);

#endif
