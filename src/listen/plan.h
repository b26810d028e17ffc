// plan: how a plain CSV is read: what its rows are, which column holds what, and what was decided on the way.
#ifndef HEED_PLAN_H
#define HEED_PLAN_H

#include "listen/columns.h"

enum rows_are { ROWS_FACTS, ROWS_MONEY, ROWS_CONTRACTS, ROWS_SAID };

enum { KEEP_MAX = 64 };

typedef struct {
    enum rows_are are;
    enum kind kind; // of a row, unless the row says something else
    enum channel channel;
    enum instrument instrument; // of the score
    int factor;                 // the score is multiplied by it (10 for 0-10 as a part of 0-100)
    int column[FIELDS];         // -1: none
    const char *label[FIELDS];  // what messages call the column
    bool lines;                 // several rows share an order number
    bool no_header;
    char mark; // decimal mark of the amounts, if the column shows it; else 0
    double sure;
    int keep[KEEP_MAX]; // columns that go into the event's extra
    const char *keep_name[KEEP_MAX];
    int n_keep;
} plan;

// From what stands in the file alone: to know how sure we are.
plan plan_guess(arena *a, const glance *g, columns *c);
// With what was asked for in the mapping. Fills how->mapping and notes, and r->day_first.
must_use bool plan_make(reading *r, const glance *g, plan *p, heard_as *how, err *e);

#endif
