// export: a store's contents as lines of JSON or CSV.
#ifndef HEED_EXPORT_H
#define HEED_EXPORT_H

#include "cli/place.h"

typedef struct {
    cli *c;
    store *s;
    settings set;
    sources *all;
    bool csv;
    FILE *out;
    const char *path;
    int64_t lines, total;
    progress bar;
} export_to;

// Each writes everything of its kind; CSV begins with a header.
must_use bool export_events(export_to *x, err *e);
must_use bool export_customers(export_to *x, err *e);
must_use bool export_feedback(export_to *x, err *e);
must_use bool export_words(export_to *x, err *e);

must_use bool export_send(export_to *x, buf *b, err *e); // writes a line and empties it

// A row of CSV, cell by cell. Text that a spreadsheet would take for a formula gets an apostrophe, which import takes
// off again.
void export_text(buf *b, str cell);
void export_raw(buf *b, str cell);                                 // numbers and times
void export_amount(buf *b, bool has, int64_t minor, int exponent); // "12.50"
void export_time(buf *b, int64_t at_us);                           // empty when 0
void export_end(buf *b);

#endif
