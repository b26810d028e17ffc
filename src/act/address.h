// address: whether an address of a person works: what came back from it, and whether its owner called us unwanted. The
// gate keeps back what would only come back again.
#ifndef HEED_ACT_ADDRESS_H
#define HEED_ACT_ADDRESS_H

#include "ledger/ledger.h"

enum address_news {
    ADDRESS_works,     // something arrived, or came from there: what was held against it is forgotten, but a complaint
    ADDRESS_hard,      // it does not exist, or refuses for good: nothing goes there any more
    ADDRESS_soft,      // full, or not reached: after three in a row nothing goes there for a week
    ADDRESS_complaint, // called unwanted: only answers and what they have to know go there
};
enum { ADDRESS_SOFT_MOST = 3, ADDRESS_SOFT_DAYS = 7 };

// In an open transaction of the writer. customer: whose it is.
must_use bool address_note(ledger *l, int64_t customer, str address, enum address_news what, err *e);

typedef struct {
    str address;
    int64_t hard_us, soft_us, complaint_us; // when last; 0: never
    int64_t softs;                          // in a row
} address_state;
// What is known of an address of these profiles; an empty one: the worst of all of theirs. Zeros when nothing is
// held against it.
must_use bool address_read(arena *a, store *s, const int64_t *profiles, size_t n, str address, int64_t now_us,
                           address_state *out, err *e);

#endif
