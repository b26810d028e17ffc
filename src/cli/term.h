// term: what a person sees: colours, aligned tables and progress on a terminal, plain text in a pipe.
//
// Results go to out, progress and remarks to err. Nothing is told by colour alone. Words of customers go through
// term_clean before they are printed, so that nobody's message can move the cursor of whoever reads it.
#ifndef HEED_TERM_H
#define HEED_TERM_H

#include "base/base.h"

enum style { STYLE_plain, STYLE_bold, STYLE_dim, STYLE_good, STYLE_warn, STYLE_bad };

typedef struct {
    FILE *out, *err;
    bool color;    // of out
    bool progress; // a person watches err and wants to see how far it is
    int columns;   // of out; 0: as wide as it gets (a pipe)
} term;

// Colour when out is a terminal, unless NO_COLOR is set (no-color.org), TERM is "dumb" or `plain` says so.
term term_open(FILE *out, FILE *notes, bool plain, bool quiet);

__attribute__((format(printf, 2, 3))) void term_say(const term *t, const char *fmt, ...); // to out
void term_put(const term *t, enum style s, str x);                                        // to out, without a line end
void term_head(const term *t, const char *text);                                          // a heading on its own line

// Without control characters, terminal sequences and marks that turn the direction of writing; bytes that are not UTF-8
// become U+FFFD. Line ends and tabs become a blank when one_line is set and stay otherwise.
str term_clean(arena *a, str words, bool one_line);
str term_count(arena *a, int64_t n);     // "12,345"
str term_span(arena *a, double seconds); // "8 s", "2 min 5 s", "3 h 12 min"

// A table is filled cell by cell, row by row, and printed at its end. Cells are borrowed.
typedef struct {
    const char *head; // NULL in all columns: no heading
    bool right;       // numbers
    bool fill;        // the column that is cut when the terminal is too narrow
} table_col;
typedef struct table table;
table *table_new(arena *a, const table_col *cols, int n);
void table_add(table *t, enum style s, str cell);
size_t table_rows(const table *t);
void table_print(const table *t, const term *to, int indent);

// How far a piece of work is: shown on err for work of over a second, when a person watches.
typedef struct {
    const term *t;
    str what;         // "orders.csv"
    const char *unit; // "rows"
    double began_s, shown_s;
    bool shown;
} progress;
progress progress_begin(const term *t, str what, const char *unit);
// count is how many units are done; done of total tells the share (bytes of a file); total 0: unknown.
void progress_at(progress *p, int64_t count, int64_t done, int64_t total);
void progress_end(progress *p); // takes the line away
double progress_seconds(const progress *p);

#endif
