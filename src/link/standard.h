// standard: one written form for what people write in many: names without titles and accents, addresses in parts,
// numbers of phones without their punctuation. Comparing begins here.
//
// A standard form is ASCII in lower case. Placeholders ("n/a", "test", 0000000000, noreply@…) are missing.
#ifndef HEED_LINK_STANDARD_H
#define HEED_LINK_STANDARD_H

#include "link/intern.h"

enum link_kind {
#define LINK_KIND(name, called, group) LINK_##name,
#include "link/kinds.def"
    LINK_KINDS,
};

// Which part of a full name is meant, where a file has no other.
enum link_part { LINK_WHOLE, LINK_FIRST, LINK_LAST };

enum { STANDARD_MOST = 4096 }; // longest form; what is longer is cut

// What one reader of a file keeps. Not shared between threads.
typedef struct {
    arena scratch;
    intern odd;   // texts beyond ASCII as they came,
    intern plain; // and what they became
    uint32_t *became;
    size_t cap_became;
    bool month_first;       // 01/31/1980 rather than 31/01/1980
    char country[4];        // digits that begin the numbers of this file's country; empty: unknown
    uint32_t known[16][64]; // lengths of the listed words, by list and first letter
    char *out;              // [STANDARD_MOST + 64]
} standard;

standard standard_open(void);
void standard_close(standard *s);
// The standard form of a cell; house is the cell of the house number where that stands in a column of its own. Valid
// until the next call; empty when it is missing.
str standard_form(standard *s, enum link_kind kind, enum link_part part, str cell, str house);

// In an address: number, street, its type ("st", "ave") and the unit, separated by this.
#define STANDARD_SEP '\t'

// Pieces the guessing of columns shares.
bool standard_date(str x, bool month_first, int *ymd);   // 19770918; false when it is no date
str standard_email(const standard *s, str x, char *out); // empty when it is none
bool standard_amount(str x, double *v);
bool standard_null(str x); // says in words that there is nothing

#endif
