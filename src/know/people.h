// people: lists of customers: filtered, sorted, a page at a time.
//
// A page is found by an index (last seen, waiting) or in one pass over the summaries that keeps no more than the page.
// Customers with whom nothing has happened yet are in no list; they are found by name or identifier.
#ifndef HEED_PEOPLE_H
#define HEED_PEOPLE_H

#include "know/person.h"
#include "know/segment.h"

enum people_sort {
    PEOPLE_last_seen,
    PEOPLE_first_seen,
    PEOPLE_name,
    PEOPLE_orders,
    PEOPLE_order_value, // amounts of different currencies stand beside one another
    PEOPLE_monthly_value,
    PEOPLE_complaints,
    PEOPLE_waiting, // only who waits; rising: the longest first
    PEOPLE_number,
    PEOPLE_SORTS,
};
const char *people_sort_name(enum people_sort s);
bool people_sort_of(str name, enum people_sort *s);

typedef struct {
    const segment_rule *rule;   // NULL: everybody
    str words;                  // of a name, an identifier, or a number; empty: anybody. At most 500 are looked at.
    str country;                // for phones without a prefix
    int64_t since_us, until_us; // last seen since <= t < until; 0: no bound
    enum people_sort sort;
    bool falling;
    bool next; // the page after this row (of PEOPLE_name: its number as id)
    int64_t key, id;
    int64_t limit, now_us;
} people_ask;

// A customer in a few words.
typedef struct {
    int64_t id, key; // key: what the list is sorted by
    str name;        // or what they are known by
    bool named;
    str known_by; // the strongest identifier; may be empty
    enum ident_kind known_kind;
    bool has_summary;
    summary sum;
} people_card;

must_use bool people_list(arena *a, store *s, const people_ask *ask, people_card **out, size_t *n, bool *more, err *e);
// Of these customers, in their order; id and key stay as they are.
must_use bool people_fill(arena *a, store *s, people_card *cards, size_t n, err *e);
// Makes the index by which those seen last are found at once: for who asks often. Without it all is found more slowly.
must_use bool people_prepare(store *s, err *e);

#endif
