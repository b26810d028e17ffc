// agreement: the hours in which we work for somebody, and by when we answer them.
//
// An agreement is versioned: a row never changes but for its end, so that what was due then can be computed again. It
// is given to a customer, to a segment (as a source calls it), or to everybody: that is the company's own. Without any,
// we are open from Monday to Friday, 9 to 17, in the store's zone, less the public holidays of the store's country.
#ifndef HEED_AGREEMENT_H
#define HEED_AGREEMENT_H

#include "know/hours.h"

typedef struct {
    int64_t id, version;
    str name, zone, hours, country, closed, promises; // as know/hours.h reads them; empty: the store's zone, 9-17, none
    int64_t from_us, until_us;                        // until_us 0: for ever
    int64_t created_us;
    str by;
    bool sample;
} agreement;
typedef struct {
    int64_t id, agreement_id;
    int64_t profile_id; // the customer's number when it was given; 0: by segment
    str segment;        // of profile_id 0: empty is everybody
    int64_t from_us, until_us;
    str by;
    bool sample;
} agreement_given;

// All of them, as they were and are.
typedef struct agreements agreements;
must_use bool agreements_read(arena *a, store *s, agreements **out, err *e);
const agreement *agreements_rows(const agreements *x, size_t *n); // every version, by number and version
const agreement_given *agreements_given(const agreements *x, size_t *n);
const agreement *agreement_now(const agreements *x, int64_t id, int64_t now_us); // NULL: none holds

// What holds for somebody at a time. The customer's own goes before the segment's, and that before everybody's; of
// several the one given last. Lives with x; it remembers what it has made, so it belongs to one thread.
typedef struct {
    const agreement *row; // NULL: none was made
    calendar cal;
    int64_t minutes[COMMITMENT_KINDS]; // agreed instead of a standard's; 0: not
} agreement_terms;
const agreement_terms *agreements_for(agreements *x, const int64_t *profiles, size_t n, str segment, int64_t at_us);

// Of a customer as it stands now; customer 0: everybody's.
must_use bool agreement_of_customer(arena *a, store *s, agreements *x, int64_t customer, int64_t at_us,
                                    const agreement_terms **out, err *e);

// ---- changing; in an open transaction of the writer ----

// Checks every text and puts it into its one form. ERR_invalid names the field and the remedy.
must_use bool agreement_check(arena *a, agreement *x, const char **field, err *e);
// id 0: a new one, whose number is filled in; else a new version from x->from_us on. Whoever changes it computes what
// follows anew: commitment_by_rule_since.
must_use bool agreement_put(ledger *l, agreement *x, err *e);
must_use bool agreement_end(store *s, const agreement *x, int64_t until_us, err *e);
must_use bool agreement_give(ledger *l, agreement_given *x, err *e);
must_use bool agreement_take(store *s, int64_t given_id, int64_t until_us, err *e);

#endif
