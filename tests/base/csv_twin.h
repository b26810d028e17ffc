// csv_twin: the rules of csv.h once more, a character at a time over a whole text in memory: slow, short, and written
// to be compared with. It knows one-character separators, and neither encodings nor the patience that bounds bad files.
#ifndef HEED_CSV_TWIN_H
#define HEED_CSV_TWIN_H

#include "base/csv.h"

// Rows as text: line, what is odd, the bytes as they came, the cells. Both sides print so.
static inline void csv_print(buf *b, const csv_row *row) {
    buf_fmt(b, "%d {%s} (%.*s)", (int)row->line, row->odd ? row->odd : "", STR_ARG(row->raw));
    for (int i = 0; i < row->n; i++) buf_fmt(b, " [%.*s]", STR_ARG(row->cells[i]));
    buf_addc(b, '\n');
}

static inline bool twin_ends(char c) {
    return c == '\r' || c == '\n';
}

// Whether a quote that stands before `at` closes its cell; *to is then where the cell ends.
static inline bool twin_closes(str x, size_t at, char sep, size_t *to) {
    while (at < x.len && x.s[at] != sep && (x.s[at] == ' ' || x.s[at] == '\t')) at++;
    *to = at;
    return at == x.len || x.s[at] == sep || twin_ends(x.s[at]);
}

enum twin_verdict { TWIN_ROW, TWIN_LONG, TWIN_OPEN };

// One row from the front of x. all: nothing follows x. *at: where the row ends, or the cell that could not be read
// began.
static inline enum twin_verdict twin_row(arena *a, str x, char sep, bool all, bool lenient, str *cells, int *n,
                                         size_t *at) {
    size_t from = 0;
    for (*n = 0;; from = *at + 1) {
        buf b = buf_new(a, x.len + 1);
        size_t i = *at = from;
        bool closed = false;
        if (i < x.len && x.s[i] == '"')
            for (i++; i < x.len && !closed; i++) {
                bool quote = x.s[i] == '"';
                size_t to = 0;
                if (quote && i + 1 < x.len && x.s[i + 1] == '"')
                    buf_addc(&b, x.s[i++]);
                else if (quote && twin_closes(x, i + 1, sep, &to) && (to < x.len || all)) {
                    closed = true;
                    i = to - 1;
                } else if (quote && to < x.len && i > from + 1 && (x.s[i - 1] == sep || twin_ends(x.s[i - 1])))
                    break;
                else
                    buf_addc(&b, x.s[i]);
            }
        if (i > from && !closed && !lenient) return TWIN_OPEN;
        if (!closed) {
            buf_reset(&b);
            for (i = from; i < x.len && x.s[i] != sep && !twin_ends(x.s[i]); i++) buf_addc(&b, x.s[i]);
        }
        if (i == x.len && !all) return TWIN_LONG;
        cells[(*n)++] = str_dup(a, buf_str(&b));
        *at = i;
        if (i == x.len || twin_ends(x.s[i])) return TWIN_ROW;
    }
}

static inline size_t twin_line(str x, size_t at) {
    while (at < x.len && !twin_ends(x.s[at])) at++;
    return at;
}

// The whole text, printed.
static inline void csv_twin(arena *a, buf *out, str x, char sep, size_t max) {
    for (int64_t line = 1; x.len;) {
        str part = str_sub(x, 0, max + 1), *cells = make(a, str, part.len + 2);
        bool all = x.len <= max + 1;
        csv_row row = {.line = line, .cells = cells};
        size_t at = 0;
        enum twin_verdict v = twin_row(a, part, sep, all, false, cells, &row.n, &at);
        if (v == TWIN_OPEN) {
            size_t end = twin_line(part, at);
            v = end == part.len && !all ? TWIN_LONG : TWIN_ROW;
            row.odd = "a quote is never closed";
            if (v == TWIN_ROW) twin_row(a, str_sub(x, 0, end), sep, true, true, cells, &row.n, &at);
        }
        row.raw = str_sub(x, 0, at);
        if (v == TWIN_LONG || at > max) {
            row.odd = str_fmt(a, "longer than %zu bytes", max).s;
            row.raw = str_sub(x, 0, max);
            row.n = 0;
            at = twin_line(x, at);
        }
        if (at) csv_print(out, &row);
        at += at < x.len;
        at += at < x.len && x.s[at - 1] == '\r' && x.s[at] == '\n';
        for (size_t i = 0; i < at; i++)
            line += x.s[i] == '\n' || (x.s[i] == '\r' && str_sub(x, i + 1, 1).len && x.s[i + 1] != '\n');
        x = str_sub(x, at, x.len);
    }
}

#endif
