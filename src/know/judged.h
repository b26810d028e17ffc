// judged: what people of ours say of customers: whether they are dissatisfied. The fold of events of kind judged.
//
// The event's topic is what was said, its value the month of the blind sample in which it was asked (202611), if it
// was. Taking an answer back is a newer version of the event, which says nothing.
#ifndef HEED_JUDGED_H
#define HEED_JUDGED_H

#include "ledger/ledger.h"

enum judged_says {
    JUDGED_nothing, // it was taken back
    JUDGED_yes,     // they are dissatisfied
    JUDGED_no,      // they are not
    JUDGED_unsure,  // it cannot be told
    JUDGED_settled, // they were, and it is dealt with
    JUDGED_SAYS,
};
const char *judged_name(enum judged_says s);
enum judged_says judged_of(str name); // JUDGED_nothing if there is no such word

typedef struct {
    int64_t profile, at_us, key;
    enum judged_says says;
    int month; // 0: not in a sample
    str who;
} judgement;

must_use bool judged_take(store *s, const record *r, int sign, err *e);
must_use bool judged_clear(store *s, err *e);
must_use bool judged_erase(store *s, int64_t profile, err *e); // and from the samples
// For the proof: a sum over the events, and whether the store holds the same.
void judged_check_event(uint64_t *sum, const record *r);
must_use bool judged_check_all(uint64_t sum, arena *a, store *s, int64_t *differences, str *first, err *e);

#endif
