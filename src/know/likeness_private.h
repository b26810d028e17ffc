// likeness_private: profiles as records to compare.
#ifndef HEED_LIKENESS_PRIVATE_H
#define HEED_LIKENESS_PRIVATE_H

#include "know/likeness.h"
#include "link/keep.h"

enum like_column {
    LIKE_given,
    LIKE_family,
    LIKE_born,
    LIKE_street,
    LIKE_postcode,
    LIKE_city,
    LIKE_email,
    LIKE_phone,
    LIKE_COLUMNS
};
enum { LIKE_KEYS = 8 };

// Fields in the order of enum link_kind, whatever the columns' order; what they hold is said, not guessed.
#define LIKE_BY                                                                                                        \
    S("given=given,family=family,birth=born,address=street,postcode=postcode,city=city,email=email,phone=phone")

typedef struct {
    int64_t profile, customer;
    str cell[LIKE_COLUMNS];
} like_record;

typedef struct {
    like_record *v;
    size_t n, room;
} like_records;

bool like_named(const like_record *r); // there is enough to compare
like_record *like_add(arena *a, like_records *all);
// From the columns of a row of facts (name at `col`, then address, born).
void like_facts(arena *a, like_record *r, const row *facts, int col);
// The records of some profiles; those that have nothing to compare are left out.
must_use bool like_read(arena *a, store *s, const int64_t *profiles, size_t n, like_records *out, err *e);
// Of everybody; last: the newest profile.
must_use bool like_read_all(arena *a, store *s, like_records *out, int64_t *last, err *e);

// The keys of a record: at most LIKE_KEYS.
size_t like_keys(standard *s, const like_record *r, uint64_t keys[LIKE_KEYS]);
// Whether two records share a family name and an address.
uint64_t like_home(standard *s, const like_record *r); // 0: unknown

must_use bool like_table(arena *a, const like_records *all, link_table *t, err *e);
str like_parts(arena *a, const link_score *s, const link_fit *f, const link_table *t, uint64_t pattern, uint32_t x,
               uint32_t y);
must_use bool like_put(store *s, const likeness *pairs, size_t n, int64_t now_us, err *e);

#endif
