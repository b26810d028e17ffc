// columns: which column of a plain CSV holds what, guessed from the names of the header and from what stands below.
#ifndef HEED_COLUMNS_H
#define HEED_COLUMNS_H

#include "listen/adapter.h"

enum field {
#define FIELD(name, id, look, least) FIELD_##name,
#include "listen/fields.def"
    FIELDS,
};

const char *field_id(enum field f); // as the mapping names it
enum field field_of(str id);        // FIELDS if there is none

// What the cells of a column look like, over the rows of the first look. Counts of filled cells that are …
typedef struct {
    int filled, dates, emails, phones, numbers, decimals, money, words, spaced, moods, currencies, bools, codes;
    int repeats;                   // cells equal to an earlier one
    int to_five, to_seven, to_ten; // numbers from 0 to 5, 7, 10
    double lo, hi;                 // of the numbers
    double length;                 // mean, in bytes
    bool point, comma;             // some number has this as its decimal mark for sure
} column_look;

typedef struct {
    int column[FIELDS];      // -1: none
    int points[FIELDS];      // how sure; 0 when there is no column
    bool no_header;          // the first row is data already
    const column_look *look; // of every column
    const str *names;        // of every column in letters and digits only; empty without a header
    int n;
} columns;

columns columns_guess(arena *a, const glance *g);
void columns_set(columns *c, enum field f, int column); // by hand; takes the column from the field that had it
str plain_name(arena *a, str header);                   // "Invoice date" and "invoice_date" are "invoicedate"

bool says_yes(str x); // yes, ja, sí, true, 1, x
int mood_of(str x);   // -1, 0, 1 for negative, neutral, positive; else MOOD_UNKNOWN
bool looks_date(str x);
int scale_top(const column_look *k); // 5, 7 or 10 when nine in ten numbers are within it, else 100

#endif
