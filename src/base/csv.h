// csv: rows out of what spreadsheets really write. RFC 4180 plus byte order marks, UTF-16, Latin-1, other separators,
// stray quotes and ragged rows.
//
// A reader pulls bytes from a source and hands out one row at a time in constant memory. It never fails on content:
// what is odd is reported with the row.
//
// Rows end with LF, CR or CRLF; empty lines are skipped. A cell is quoted if it begins with a quote. Inside, two quotes
// are one, and a quote closes the cell if a separator, a line end or the end of the text follows (blanks between are
// dropped); any other quote is an ordinary character, as it is everywhere in an unquoted cell. A quoted cell is given
// up as never closed at the end of the text, at max_row, and at a quote that can only open another cell: one that
// follows a separator or a line end and closes nothing. Then its quote is an ordinary character, the row ends with the
// line, and reading goes on with the next line.
//
// UTF-16 and marks are recognised at the start. Other bytes are judged row by row: a row that is not UTF-8 is read as
// windows-1252 until UTF-8 was seen; after that it is odd, and still windows-1252 if nothing in it is UTF-8.
#ifndef HEED_CSV_H
#define HEED_CSV_H

#include "base/text.h"

// Where bytes come from: fills p with up to n bytes, returns how many (0 at the end), -1 with e filled.
typedef ptrdiff_t (*read_fn)(void *ctx, char *p, size_t n, err *e);

typedef struct csv csv;

typedef struct {
    char sep;       // ',' ';' '\t' '|' or ' ' (runs of blanks, as in plain logs); 0 = guessed from the first 64 KiB
    size_t max_row; // longest row accepted in bytes; 0 = 1 MiB. A longer one is reported as odd and skipped
    bool no_quotes; // quotes are ordinary characters
} csv_opts;

typedef struct {
    int64_t line; // first physical line of the row, from 1
    str *cells;   // UTF-8, without their quotes; valid until the next csv_next
    int n;
    str raw;         // the row's bytes in UTF-8 as they came, without the line end
    const char *odd; // NULL, or what is wrong: "a quote is never closed", "not UTF-8", "longer than … bytes" (then
                     // n is 0 and raw is the beginning), "a NUL byte" (kept), "more than 16384 cells" (the rest is cut)
} csv_row;

csv *csv_open(arena *a, read_fn read, void *ctx, csv_opts opts); // from a: address space of 7 max_row and 1 MiB
bool csv_next(csv *c, csv_row *row, err *e);                     // false at the end, or with e filled if reading failed
char csv_sep(const csv *c);                                      // what was guessed; known after the first csv_next

void csv_write_cell(buf *b, str cell, char sep); // quoted when it must be

#endif
