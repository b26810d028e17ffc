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

// The first look at a file: its beginning as UTF-8 text, and as rows or as a value when it reads as such.
typedef struct {
    str head;
    const str *header;      // first CSV row, cells trimmed; NULL when the text is JSON
    int n_header;
    const csv_row *rows;    // up to 50 rows after it (copies in the arena)
    int n_rows;
    const json_t *first;    // the first JSON element (of the array, of the list inside, or of the lines); NULL for CSV
    const json_t *whole;    // the whole value when it fits into the head, else NULL
    str list_key;           // key of the top-level object under which the list stands ("tickets"), or empty
} glance;

bool glance_has(const glance *g, const char *column);        // a header cell, any case
int glance_count(const glance *g, const char *const *columns, int n); // how many of them are there

enum { ROW_EVENTS = 64 };

// One reading of a file by one adapter. own belongs to the adapter (set up in begin).
typedef struct reading {
    const listen_opts *opts;
    const struct adapter *as;
    arena *life;            // lives as long as the file is read
    arena row;              // scratch of one row, reset before each
    const str *header;      // CSV
    int n_header;
    const zone *z;
    const currency *money;
    int day_first;
    const csv_row *cells;   // the row at hand (CSV)
    heard *out;             // what the row becomes; out->events has room for ROW_EVENTS
    void *own;
} reading;

typedef struct adapter {
    const char *name, *label, *source;
    enum channel channel;
    enum format format;
    double (*sure)(const glance *g);                    // 0..1; the highest wins, ties by order in adapters.c
    bool (*begin)(reading *r, const glance *g, heard_as *as, err *e); // may be NULL; decides columns, zone, day order
    void (*row)(reading *r);                            // CSV: r->cells to r->out
    void (*item)(reading *r, const json_t *item);       // JSON: one element to r->out
    int header_rows;                                    // CSV rows before the data; 0 means 1 (SurveyMonkey has 2); -1 none
} adapter;

extern const adapter *const adapters[]; // NULL ends
extern const adapter ADAPTER_generic_csv, ADAPTER_generic_json;

// Helpers that every adapter uses. Strs live in r->row.
int column_of(const reading *r, const char *name);      // index of a header cell, any case; -1 if absent
str cell(const reading *r, int column);                 // trimmed, spreadsheet apostrophe off; empty when out of range
str cell_named(const reading *r, const char *name);
event *event_new(reading *r, enum kind kind, enum channel channel); // next event of the row, zeroed, mood unknown
void reject(reading *r, const char *field, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void skip_row(reading *r, const char *why);
bool read_time(reading *r, const char *field, str x, int64_t *at_us);   // rejects the row when x is no time
bool read_money(reading *r, const char *field, str x, const currency *c, event *ev); // sets value, unit; rejects
bool read_score(reading *r, const char *field, str x, enum instrument i, event *ev); // whole or decimal; rejects off-scale
void add_ident(reading *r, event *ev, enum ident_kind kind, str raw);
void add_extra(reading *r, event *ev, const char *key, str value);      // appends to ev->extra; empty values are left out

#endif
