// log_file: a log of purchases as plain arrays: who, on which day, for how much. For models that read millions of rows
// at once and need nothing else of them.
//
// Any CSV will do, packed or not: the columns are guessed as import guesses them. What cannot be read is counted, and
// the first such rows are kept with their reason; nothing is left out silently.
#ifndef HEED_LOG_FILE_H
#define HEED_LOG_FILE_H

#include "base/money.h"
#include "ledger/event.h"

typedef struct {
    str map; // JSON {"field": "column"}: customer, date, amount, price, quantity, cancel, status, kind_of, currency;
             // a column by its name or its number; "header": "none"; "day_first": "yes" or "no"
    str currency; // only rows in this one; empty: the one that most of the first rows have
    void (*progress)(void *ctx, int64_t rows, int64_t done, int64_t total); // bytes; total 0: unknown. May be NULL
    void *ctx;
} log_opts;

enum { LOG_SHOWN = 5, LOG_WORDS = 120 };

// A row that was left out.
typedef struct {
    int64_t line;
    char why[LOG_WORDS];
} log_left_out;

typedef struct log_store log_store;

typedef struct {
    size_t n;
    uint32_t customers;
    const uint32_t *who;   // [n] numbers from 0, in the order of their first row
    const int32_t *day;    // [n] days since 1970
    const int64_t *amount; // [n] minor units; what was sent back is negative. NULL: the file has no amounts
    const currency *money; // NULL when the file does not say
    int64_t rows;          // of the file; n + bad + others
    int64_t bad;           // could not be read
    int64_t others;        // say something else: never paid, no purchase, another currency
    log_left_out first[LOG_SHOWN];
    int n_first;
    str columns; // which column holds what, in words: "customer: id, date: date, amount: amount, cancel: cancel"
    str notes;   // what was decided and could have been otherwise; may be empty
    log_store *own;
} log_file;

// Path "-" is standard input. Texts live in a, the arrays until log_close.
must_use bool log_read(arena *a, const char *path, const log_opts *o, log_file *out, err *e);
str log_name(const log_file *f, uint32_t who);
void log_close(log_file *f);

#endif
