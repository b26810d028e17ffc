// columns: what the columns of a file hold, guessed from their names and from what stands in them.
#ifndef HEED_LINK_COLUMNS_H
#define HEED_LINK_COLUMNS_H

#include "link/standard.h"

enum { LINK_COLUMNS = 256, LINK_FIELDS = 12 }; // most columns looked at, most fields compared

// One thing to compare, and where it stands.
typedef struct {
    enum link_kind kind;
    enum link_part part;
    int col, house; // columns of the file; house: of the house number, -1 if it has none
    str name;       // of the column
} link_column;

typedef struct {
    link_column field[LINK_FIELDS];
    int n;
    int id; // column of the record's number; -1: rows are numbered
    bool month_first;
    char country[4];
    enum link_kind kind_of[LINK_COLUMNS]; // what each column was taken for
    int n_columns;
} link_plan;

typedef struct {
    const str *name; // [n]
    int n;
    const str *const *row; // [n_rows][n] a sample of rows
    size_t n_rows;
} link_head;

const char *link_kind_name(enum link_kind k);
const char *link_kind_called(enum link_kind k); // for people
bool link_kind_of(str name, enum link_kind *k);

// by: empty, or which columns are compared: "surname,dob" guesses what they hold, "family=surname,birth=dob" says it.
// A name that does not occur is a failure. Names live in a.
must_use bool link_plan_make(arena *a, const link_head *h, str by, link_plan *plan, err *e);
// The plan for a second file whose fields go with those of the first: by name, else by what they hold.
must_use bool link_plan_match(arena *a, const link_plan *first, const link_head *h, link_plan *plan, err *e);

#endif
