// referral: because of whom or what a customer came, as told by events of kind referral, and who brought whom.
//
// An event's topic says what it was (referrals.def); its body may name the customer who recommended us by an
// identifier: "referrer", and "referrer_kind" where the kind cannot be seen. Kept is the identifier's hash, so that who
// that is follows what is known of who is who. The first word of a customer stands: people come once.
#ifndef HEED_REFERRAL_H
#define HEED_REFERRAL_H

#include "ledger/ledger.h"

enum referral_what {
    REFERRAL_none,
#define REFERRAL(name, id, how, text) REFERRAL_##name = id,
#include "know/referrals.def"
    REFERRAL_WHATS,
};
enum referral_how { CAME_OTHER, CAME_EARNED, CAME_BOUGHT };
const char *referral_what_name(enum referral_what w); // "friend"
enum referral_what referral_what_of(str name);        // REFERRAL_none if there is none
enum referral_how referral_how(enum referral_what w);

typedef struct {
    int64_t profile_id, at_us, key;
    enum referral_what what;
    int64_t referrer; // hash of an identifier; 0: nobody is named
    str words;
} referral;

// One customer and how they came.
enum referral_flaw { REFERRAL_SOUND, REFERRAL_SELF, REFERRAL_CIRCLE, REFERRAL_UNKNOWN };
typedef struct {
    int64_t customer, referrer; // referrer 0: nobody is named, or see flaw
    int64_t at_us, key, profile_id;
    enum referral_what what;
    str words;
    // Why there is no referrer though one is named: the customer themselves, one whom they brought themselves (by those
    // told before), or nobody known, or several.
    enum referral_flaw flaw;
    int32_t parent;  // index of the referrer's own row, -1: none
    int64_t brought; // how many customers named them
} referral_link;
const char *referral_flaw_text(enum referral_flaw f); // "" when it is sound

// All of them, one row per customer, by time. Never a circle.
must_use bool referral_graph(arena *a, store *s, referral_link **out, size_t *n, err *e);

// ---- for stages, repair, verify and erase ----

must_use bool referral_take(store *s, const record *r, int sign, err *e);
// Also takes the person out of what others told: hash is that of an identifier of theirs.
must_use bool referral_erase(store *s, int64_t profile_id, err *e);
must_use bool referral_unname(store *s, int64_t hash, err *e);
typedef struct referral_check referral_check;
referral_check *referral_check_new(arena *a);
void referral_check_event(referral_check *c, const record *r);
must_use bool referral_check_all(referral_check *c, store *s, int64_t *differences, str *first, err *e);

#endif
