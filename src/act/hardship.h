// hardship: customers who are to be treated gently: they cannot pay, have lost somebody, or asked for peace.
//
// A flag is kind and time, and always ends by itself (a wish for peace may be for ever). Whatever is kept beyond that,
// a short note or an arrangement, needs the customer's consent and a purpose, and is deleted when the flag ends. While
// one holds the gate keeps back marketing, surveys and dunning (gate_kinds.def). Every look at it is for whoever calls
// to note in the audit log.
#ifndef HEED_HARDSHIP_H
#define HEED_HARDSHIP_H

#include "act/gate.h"

enum hardship_kind {
    HARDSHIP_none,
#define HARDSHIP(name, id, state, days, most, text) HARDSHIP_##name = id,
#include "act/hardships.def"
    HARDSHIP_KINDS,
};
const char *hardship_kind_name(enum hardship_kind k); // "cannot_pay"
enum hardship_kind hardship_kind_of(str name);        // HARDSHIP_none if there is no such kind

// The states of one customer, read over its profiles: STATE_HARDSHIP, STATE_BEREAVED, STATE_DO_NOT_ASK. until_us: when
// the last of them is over; 0: there are none, or one is for ever. It may be NULL.
must_use bool hardship_states(store *s, const int64_t *profiles, size_t n, int64_t now_us, uint32_t *states,
                              int64_t *until_us, err *e);

#endif
