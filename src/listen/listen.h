// listen: bytes in, events out. One adapter per format; an adapter looks at the content, never at the file name.
#ifndef HEED_LISTEN_H
#define HEED_LISTEN_H

#include "ledger/event.h"

// One row of input and what became of it, handed to the sink as it is read. Strs live until the sink returns.
typedef struct {
    int64_t line;  // where the row starts in its file, from 1 (JSON arrays: the element's number)
    event *events; // what it says; n may be 0
    int n;
    str raw;       // the row as it came, for quarantine
    str header;    // what is needed to read raw again: the CSV header rows, and above them how they were understood
                   // ("#heed {…}") unless that is plain; empty for JSON
    bool skipped;  // understood, but says nothing (blank, unanswered); reason says why
    bool rejected; // not understood: field and reason say what and the remedy
    str field, reason;
    str source; // heed's own events: where the event came from first, if it says so; empty = the file's source
} heard;

typedef struct {
    bool (*row)(void *ctx, const heard *h, err *e); // false stops the reading (e says why)
    void (*progress)(void *ctx, int64_t bytes_done,
                     int64_t bytes_total); // bytes of the file as stored; total 0 unknown
    void *ctx;
} sink;

typedef struct {
    str source;    // source name to use; empty = the adapter's own
    str adapter;   // force this adapter; empty = recognise
    str map;       // JSON object {"field": "column"} from --map and --column; empty = guessed. Fields are those of
                   // fields.def ("" = none); settings: kind, instrument, channel_is, as_of (the day of a file
                   // without dates), keep (columns to store besides), lines, header ("none"). Surveys: {"question":
                   // "nps" | "text" | "choice" | "skip"}
    str country;   // ISO 3166 alpha-2 for phone numbers without country code; empty = none
    str zone;      // IANA time zone for times without one; empty = UTC
    str currency;  // ISO 4217 code for amounts without one; empty = "EUR"
    int day_first; // 1: 02/01/2026 is 2 January, -1: 1 February, 0: decide from the column, ambiguous = month first
    int64_t limit; // stop after this many rows; 0 = all
} listen_opts;

// How a file was understood. Lives in the arena given.
typedef struct {
    str adapter; // "shopify-orders"
    str label;   // "Shopify orders export (CSV)"
    str source;  // default source name: "shopify"
    enum channel channel;
    double sure; // 0..1
    str mapping; // JSON object {"field": "column", …} as it will be read; "{}" for fixed formats
    str notes;   // what a person should know (guesses, ignored columns), lines
} heard_as;

// Looks at the first bytes (decompressed, any encoding) and says which adapter reads it. Fails with ERR_invalid, naming
// what was seen and the remedy, when nothing is sure enough (0.5) and opts.adapter is empty.
must_use bool listen_recognise(arena *a, str head, const listen_opts *opts, heard_as *as, err *e);

// Reads a whole file ("-" is standard input), gz, zst and xz included, in constant memory, and hands every row to the
// sink. A bad row is handed over as rejected and reading goes on. as may be NULL.
must_use bool listen_file(arena *a, const char *path, const listen_opts *opts, heard_as *as, const sink *to, err *e);

// Reads what a sender posted (a webhook's body): JSON, one thing or an array of things; without opts.adapter as a file.
must_use bool listen_body(arena *a, str body, const listen_opts *opts, heard_as *as, const sink *to, err *e);

// Reads one quarantined row again with its header.
must_use bool listen_again(arena *a, str adapter, str header, str raw, const listen_opts *opts, const sink *to, err *e);

// The adapters, for help and docs: name, label; NULL after the last.
typedef struct {
    const char *name, *label, *source;
    bool json; // reads JSON, not CSV
} adapter_info;
const adapter_info *listen_adapters(size_t *n);

#endif
