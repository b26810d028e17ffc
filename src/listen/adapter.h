// adapter: what one format brings to the room: how to know it, and how one of its rows becomes events.
//
// The room reads, decodes, splits into rows and counts; an adapter is a row in adapters.c that maps. A CSV adapter gets
// cells by header name, a JSON adapter gets one element. What cannot be mapped is rejected with field and remedy.
#ifndef HEED_ADAPTER_H
#define HEED_ADAPTER_H

#include "base/json.h"

#include "base/civil.h"
#include "base/csv.h"
#include "base/money.h"
#include "listen/listen.h"

enum format { FORMAT_CSV, FORMAT_JSON };
enum { GLANCE_BYTES = 64 << 10, GLANCE_ROWS = 200 };

// How the elements stand in a JSON text.
enum json_shape {
    SHAPE_VALUES, // one value, or several one after the other
    SHAPE_LINES,  // one value per line
    SHAPE_ARRAY,  // the elements of one array
    SHAPE_LIST,   // the elements of an array inside an object (or the one object that stands where it should)
};

// The first look at a file: its beginning as UTF-8 text, and as rows or as a value when it reads as such.
typedef struct {
    str head;
    const str *header; // first CSV row, cells trimmed; NULL when the text is JSON
    int n_header;
    const csv_row *rows; // up to GLANCE_ROWS rows after it (copies in the arena)
    int n_rows;
    const json_t *first; // the first JSON element (of the array, of the list inside, or of the lines); NULL for CSV
    const json_t *whole; // the whole value when it fits into the head, else NULL
    str list_key;        // key of the top-level object under which the list stands ("tickets", "feed.entry"), or empty
    enum json_shape shape; // JSON: how the elements stand
    char sep;              // CSV: what stands between cells
    int preamble;          // CSV: rows before the header that say nothing ("sep=;", a title)
    str header_raw;        // CSV: the header row as it came
} glance;

// Reads the beginning of a file: bytes as stored, in any encoding; whole = it is the whole file. False with e filled
// when there is nothing to read. Strs and rows live in a; the JSON values end with glance_close.
must_use bool glance_look(arena *a, str bytes, bool whole, glance *g, err *e);
void glance_close(glance *g);
// The same for one CSV row that is read again: header as it came (may be empty), then the row.
must_use bool glance_again(arena *a, str header, str raw, char sep, glance *g, err *e);

// A text as something to read from: memory_read is a read_fn whose ctx it is.
typedef struct {
    str rest;
} memory;
ptrdiff_t memory_read(void *ctx, char *p, size_t n, err *e);

bool glance_has(const glance *g, const char *column);                 // a header cell, any case
int glance_column(const glance *g, const char *column);               // its index, -1 if absent
int glance_count(const glance *g, const char *const *columns, int n); // how many of them are there
str glance_cell(const glance *g, int row, int column);                // trimmed; empty when out of range

enum { ROW_EVENTS = 64 };

struct tally;

// One reading of a file by one adapter. own belongs to the adapter (set up in begin).
typedef struct reading {
    const listen_opts *opts;
    const struct adapter *as;
    arena *life;       // lives as long as the file is read
    arena row;         // scratch of one row, reset before each
    const str *header; // CSV
    int n_header;
    int header_rows; // CSV: rows of the header; set from the adapter, may be changed by begin
    const zone *z;
    const currency *money;
    int day_first;
    const csv_row *cells; // the row at hand (CSV)
    heard *out;           // what the row becomes; out->events has room for ROW_EVENTS
    void *own;
    const json_t *map; // opts->map, or an empty object
    int64_t as_of_us;  // when undated facts hold: map key "as_of", else a fixed day
    bool as_of_given;
    bool guess;           // false when a quarantined row is read again: the mapping is complete already
    struct tally *keys;   // see row_key
    const zone *utc;      // equal to z when no zone was asked for
    const currency *last; // the currency that row_currency found last
} reading;

typedef struct adapter {
    const char *name, *label, *source;
    enum channel channel;
    enum format format;
    double (*sure)(const glance *g); // 0..1; the highest wins, ties by order in adapters.c
    bool (*begin)(reading *r, const glance *g, heard_as *as, err *e); // may be NULL; decides columns, zone, day order
    void (*row)(reading *r);                      // CSV: r->cells to r->out; JSON: r->out->raw, not yet parsed
    void (*item)(reading *r, const json_t *item); // JSON: one element to r->out, if there is no row
    int header_rows;                              // CSV rows before the data; 0 means 1 (SurveyMonkey has 2); -1 none
} adapter;

extern const adapter *const adapters[]; // NULL ends
extern const adapter ADAPTER_generic_csv, ADAPTER_generic_json;

// Helpers that every adapter uses. Strs live in r->row.
int column_of(const reading *r, const char *name); // index of a header cell, any case; -1 if absent
str cell(const reading *r, int column);            // trimmed, spreadsheet apostrophe off; empty when out of range
event *event_new(reading *r, enum kind kind, enum channel channel); // next event of the row, zeroed, mood unknown
void reject(reading *r, const char *field, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void skip_row(reading *r, const char *why);
bool read_time(reading *r, const char *field, str x, int64_t *at_us); // rejects the row when x is no time
bool read_money(reading *r, const char *field, str x, const currency *c, event *ev); // sets value, unit; rejects
bool read_score(reading *r, const char *field, str x, enum instrument i,
                event *ev); // whole or decimal; rejects off-scale
void add_ident(reading *r, event *ev, enum ident_kind kind, str raw);
void add_extra(reading *r, event *ev, const char *key, str value); // appends to ev->extra; empty values are left out,
                                                                   // and what would make more than 128 KiB

// Keys. key_of gives "noun:id", or "noun:id:part". A row without an id of its own gets row_key: the noun, a hash of
// what identifies the row, and which of the equal rows of the file it is, so that two equal purchases stay two and an
// overlapping export repeats their keys.
str key_of(reading *r, const char *noun, str id);
str key_part(reading *r, const char *noun, str id, const char *part);
str row_key(reading *r, const char *noun, str content);
str row_content(reading *r); // all cells of the row at hand, quotes and padding off

// Amounts and currencies of a row.
const currency *row_currency(reading *r, const char *field, str code); // empty = r->money; rejects; NULL then
str map_text(const reading *r, const char *key);                       // from opts->map; empty if it does not say

#endif
