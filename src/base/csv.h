// csv: rows out of what spreadsheets really write. RFC 4180 plus byte order marks, UTF-16, Latin-1, other separators,
// stray quotes and ragged rows.
//
// A reader pulls bytes from a source and hands out one row at a time in constant memory. It never fails on content: what
// is odd is reported with the row.
#ifndef HEED_CSV_H
#define HEED_CSV_H

#include "base/base.h"

// Where bytes come from: fills p with up to n bytes, returns how many (0 at the end), -1 with e filled.
typedef ptrdiff_t (*read_fn)(void *ctx, char *p, size_t n, err *e);

typedef struct csv csv;

typedef struct {
    char sep;           // ',' ';' '\t' '|' or ' ' (runs of blanks, as in plain logs); 0 = guessed from the first 64 KiB
    size_t max_row;     // longest row accepted in bytes; 0 = 1 MiB. A longer one is reported as odd and skipped
    bool no_quotes;     // quotes are ordinary characters
} csv_opts;

typedef struct {
    int64_t line;       // first physical line of the row, from 1
    str *cells;         // UTF-8, without their quotes; valid until the next csv_next
    int n;
    str raw;            // the row's bytes in UTF-8 as they came, without the line end
    const char *odd;    // NULL, or what is wrong: "a quote is never closed", "not UTF-8", "longer than … bytes"
} csv_row;

csv *csv_open(arena *a, read_fn read, void *ctx, csv_opts opts); // memory comes from a: buffers of max_row
bool csv_next(csv *c, csv_row *row, err *e);                     // false at the end, or with e filled if reading failed
char csv_sep(const csv *c);                                      // what was guessed; known after the first csv_next

// What encoding bytes are in: "utf-8", "utf-16le", "utf-16be", "latin-1" (windows-1252). skip is the mark's length.
const char *text_encoding(str head, size_t *skip);
// Whole text to UTF-8 (invalid sequences become U+FFFD).
str text_to_utf8(arena *a, str bytes);

void csv_write_cell(buf *b, str cell, char sep);                 // quoted when it must be

#endif
