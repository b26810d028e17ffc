#include "base/csv.h"

#include <endian.h>

enum {
    CHUNK = 64 << 10,
    DEFAULT_ROW = 1 << 20,
    MAX_CELLS = 16384, // columns of a worksheet in Excel
    SLACK = 8,         // plain_end loads whole words
    PATIENCE = 64,     // rows of the longest kind that may be scanned in vain for a closing quote
};

struct csv {
    read_fn read;
    void *ctx;
    csv_opts opts;
    enum text_kind kind;
    bool started, eof, skipping;
    char *win, *stage;       // the window of bytes; those before it: the head not yet judged, or UTF-16
    char *mended, *unquoted; // a row made UTF-8, cells that had doubled quotes
    size_t at, len, cap, staged, unquoted_len;
    size_t skip_to; // where the rest of a row that is too long begins, from at
    str *cells;
    int n;
    bool many, hasty;
    int64_t line, patience;
    char too_long[48];
};

// A row as far as it could be split. stop: the start of the cell that could not be; reached: how far was looked for its
// end.
typedef struct {
    size_t raw, stop, reached;
    bool quoted, lenient;
} span;

enum verdict { ROW, MORE, LONG, OPEN };

csv *csv_open(arena *a, read_fn read, void *ctx, csv_opts opts) {
    if (!opts.max_row) opts.max_row = DEFAULT_ROW;
    size_t row = opts.max_row + 1;
    csv *c = make(a, csv, 1);
    *c = (csv){.read = read, .ctx = ctx, .opts = opts, .line = 1, .cap = row + 4 * CHUNK};
    c->patience = (int64_t)row * PATIENCE;
    c->win = make(a, char, c->cap + SLACK);
    c->stage = make(a, char, 2 * CHUNK);
    c->mended = make(a, char, row * 3 + SLACK);
    c->unquoted = make(a, char, row * 3);
    c->cells = make(a, str, MAX_CELLS);
    snprintf(c->too_long, sizeof c->too_long, "longer than %zu bytes", opts.max_row);
    return c;
}

char csv_sep(const csv *c) {
    return c->opts.sep;
}

// Splitting

#define EACH 0x0101010101010101u
#define HIGH 0x8080808080808080u

static uint64_t word(const char *p) {
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return le64toh(w);
}

// The high bit of each zero byte; above the lowest one others may be marked too.
static uint64_t zeros(uint64_t w) {
    return (w - EACH) & ~w & HIGH;
}

static uint64_t equal(uint64_t w, char c) {
    return zeros(w ^ EACH * (unsigned char)c);
}

static bool is_end(char c) {
    return c == '\n' || c == '\r';
}

static bool is_sep(const csv *c, char x) {
    return x == c->opts.sep || (c->opts.sep == ' ' && x == '\t');
}

// Where the first separator or line end stands from at on, or x.len. Eight bytes at a time (Warren, Hacker's Delight
// 6-1).
static size_t plain_end(const csv *c, str x, size_t at) {
    char sep = c->opts.sep, other = sep == ' ' ? '\t' : sep;
    for (size_t i = at; i < x.len; i += 8) {
        uint64_t w = word(x.s + i), hit = equal(w, sep) | equal(w, other) | equal(w, '\n') | equal(w, '\r');
        if (hit) return MIN(i + (size_t)__builtin_ctzll(hit) / 8, x.len);
    }
    return x.len;
}

static size_t line_end(str x, size_t at) {
    const char *lf = memchr(x.s + at, '\n', x.len - at);
    size_t n = lf ? (size_t)(lf - x.s) : x.len;
    const char *cr = memchr(x.s + at, '\r', n - at);
    return cr ? (size_t)(cr - x.s) : n;
}

static size_t past_blanks(const csv *c, str x, size_t at) {
    while (at < x.len && (x.s[at] == ' ' || x.s[at] == '\t') && (c->opts.sep == ' ' || x.s[at] != c->opts.sep)) at++;
    return at;
}

// A cell whose doubled quotes become one. Quotes pair from the left.
static str unquote(csv *c, str x) {
    char *to = c->unquoted + c->unquoted_len;
    size_t n = 0;
    for (size_t at = 0; at < x.len;) {
        const char *q = memchr(x.s + at, '"', x.len - at);
        size_t len = q ? (size_t)(q - x.s) + 1 - at : x.len - at;
        memcpy(to + n, x.s + at, len);
        n += len;
        at += len;
        at += q && at < x.len && x.s[at] == '"';
    }
    c->unquoted_len += n;
    return (str){to, n};
}

// The cell whose quote opens at `at`; *stop is where its separator or line end stands.
static enum verdict quoted(csv *c, str x, bool end, size_t at, str *cell, size_t *stop) {
    bool pairs = false;
    for (size_t i = at + 1;;) {
        const char *q = i < x.len ? memchr(x.s + i, '"', x.len - i) : NULL;
        *stop = x.len;
        if (!q) return end ? OPEN : MORE;
        size_t close = (size_t)(q - x.s), next = close + 1;
        if (next < x.len && q[1] == '"') {
            pairs = true;
            i = next + 1;
            continue;
        }
        size_t j = c->opts.sep == ' ' ? next : past_blanks(c, x, next);
        if (j == x.len && !end) return MORE;
        if (j == x.len || is_sep(c, x.s[j]) || is_end(x.s[j])) {
            *stop = j;
            *cell = (str){x.s + at + 1, close - at - 1};
            if (pairs) *cell = unquote(c, *cell);
            return ROW;
        }
        *stop = next;
        if (is_sep(c, q[-1]) || is_end(q[-1])) return OPEN;
        i = next;
    }
}

// Without patience a quoted cell must close on its own line, so that a file of lone quotes is still read in one go.
static enum verdict quoted_cell(csv *c, str x, bool end, size_t at, str *cell, size_t *stop) {
    if (!c->hasty) return quoted(c, x, end, at, cell, stop);
    size_t line = *stop = line_end(x, at);
    if (line == x.len && !end) return MORE;
    return quoted(c, (str){x.s, line}, true, at, cell, stop);
}

static void add(csv *c, str cell) {
    if (c->n < MAX_CELLS)
        c->cells[c->n++] = cell;
    else
        c->many = true;
}

// Splits the row that x begins with. end: nothing follows x. lenient: a quote that is never closed is a character.
static enum verdict split(csv *c, str x, bool end, bool lenient, span *sp) {
    bool blanks = c->opts.sep == ' ', quotes = !c->opts.no_quotes;
    size_t at = blanks ? past_blanks(c, x, 0) : 0, stop = at;
    *sp = (span){.lenient = lenient};
    c->n = 0;
    c->many = false;
    c->unquoted_len = 0;
    for (;;) {
        bool open = quotes && at < x.len && x.s[at] == '"';
        str cell = {0};
        enum verdict v = open ? quoted_cell(c, x, end, at, &cell, &stop) : OPEN;
        sp->quoted |= open;
        if (v != ROW && open && !lenient) {
            sp->stop = at;
            sp->reached = stop;
            return v == MORE ? MORE : OPEN;
        }
        if (v != ROW) {
            stop = plain_end(c, x, at);
            cell = (str){x.s + at, stop - at};
        }
        size_t next = blanks ? past_blanks(c, x, stop) : stop;
        if (next == x.len && !end) {
            sp->stop = at;
            return MORE;
        }
        add(c, cell);
        if (next == x.len || is_end(x.s[next])) {
            sp->raw = next;
            return ROW;
        }
        at = blanks ? next : next + 1;
    }
}

// The same with the way out when a quote is never closed: the row ends with the line in which its cell began. x is all
// that a row may have if `full`, and all there is if `end`.
static enum verdict take(csv *c, str x, bool end, bool full, span *sp) {
    enum verdict v = split(c, x, end, false, sp);
    bool in_quotes = sp->reached > sp->stop;
    if (v == MORE && full) v = in_quotes ? OPEN : LONG;
    if (v != OPEN) return v;
    size_t stop = sp->stop, line = line_end(x, stop);
    if (line == x.len && !end) return full ? LONG : MORE;
    c->patience -= (int64_t)(sp->reached - stop);
    return split(c, (str){x.s, line}, true, true, sp);
}

// Reading

// Moves what is left to the front of the window if there is little room behind it.
static void compact(csv *c) {
    if (c->cap - c->len >= 3 * CHUNK) return;
    memmove(c->win, c->win + c->at, c->len - c->at);
    c->len -= c->at;
    c->at = 0;
}

// From the stage to the window. UTF-16 grows by half at most, and may leave a cut character.
static void unload(csv *c) {
    str x = {c->stage, c->staged};
    if (c->kind == TEXT_UTF16LE || c->kind == TEXT_UTF16BE) {
        c->len += text_from_utf16(c->win + c->len, &x, c->kind == TEXT_UTF16BE, c->eof);
    } else {
        memcpy(c->win + c->len, x.s, x.len);
        c->len += x.len;
        x.len = 0;
    }
    memmove(c->stage, x.s, x.len);
    c->staged = x.len;
}

static bool read_some(csv *c, err *e) {
    bool direct = c->started && c->kind <= TEXT_LATIN1;
    compact(c);
    ptrdiff_t n = c->read(c->ctx, direct ? c->win + c->len : c->stage + c->staged, CHUNK, e);
    if (n < 0) return false;
    c->eof = !n;
    *(direct ? &c->len : &c->staged) += (size_t)n;
    if (c->started && !direct) unload(c);
    return true;
}

// As much again as there is, so that a long row that comes in small pieces is not split over and over.
static bool refill(csv *c, err *e) {
    size_t want = MIN((c->len - c->at) * 2 + 1, c->opts.max_row + 2);
    while (!c->eof && c->len - c->at < want)
        if (!read_some(c, e)) return false;
    return true;
}

// Takes the line end at `at` if it stands in the window as a whole. false: more must be read to know.
static bool take_end(csv *c) {
    if (c->at == c->len) return c->eof;
    bool cr = c->win[c->at] == '\r';
    if (cr && c->at + 1 == c->len && !c->eof) return false;
    c->at += cr && c->at + 1 < c->len && c->win[c->at + 1] == '\n' ? 2 : 1;
    c->line++;
    return true;
}

static int64_t count_lines(str x) {
    int64_t n = 0;
    for (size_t at = 0; (at = line_end(x, at)) < x.len; n++) at += str_starts(str_sub(x, at, 2), S("\r\n")) ? 2 : 1;
    return n;
}

// Throws away what is left of a row that was too long.
static bool skip(csv *c, err *e) {
    c->line += count_lines((str){c->win + c->at, c->skip_to});
    c->at += c->skip_to;
    for (;;) {
        c->at += line_end((str){c->win + c->at, c->len - c->at}, 0);
        if (take_end(c)) break;
        if (!refill(c, e)) return false;
    }
    c->skipping = false;
    return true;
}

// Guessing the separator

// A row that some cell makes a record rather than a sentence.
static bool has_number(const csv *c) {
    for (int i = 0; i < c->n; i++)
        if (c->cells[i].len && c->cells[i].s[0] >= '0' && c->cells[i].s[0] <= '9') return true;
    return false;
}

// How many of a thousand rows have the commonest number of cells above one, if they were separated by sep. Blanks stand
// in every sentence, so there nearly all rows must agree and hold a number.
static int agreement(csv *c, str head, char sep) {
    enum { ROWS = 1000, WIDEST = 512 };
    int count[WIDEST] = {0}, rows = 0, numbers = 0, best = 0;
    c->opts.sep = sep;
    while (head.len && rows < ROWS) {
        span sp;
        size_t most = MIN(head.len, c->opts.max_row + 1);
        bool end = c->eof && most == head.len;
        if (take(c, (str){head.s, most}, end, !end && most < head.len, &sp) != ROW) break;
        head = str_sub(head, sp.raw + 1, head.len);
        if (!sp.raw) continue;
        rows++;
        numbers += has_number(c);
        if (c->n > 1) best = MAX(best, ++count[MIN(c->n, WIDEST - 1)]);
    }
    if (!rows || (sep == ' ' && (rows < 3 || best * 20 < rows * 19 || numbers + 1 < rows))) return 0;
    return best * 1000 / rows;
}

static void guess_sep(csv *c) {
    static const char seps[] = "\t;|, ";
    str head = {c->win + c->at, MIN(c->len - c->at, CHUNK)};
    // What Excel writes and obeys.
    if (head.len > 5 && str_starts(head, S("sep=")) && str_find(S("\t;|,:^~"), head.s[4]) >= 0 && is_end(head.s[5])) {
        c->opts.sep = head.s[4];
        c->at += 5;
        return;
    }
    int64_t patience = c->patience;
    char best = ',';
    for (int i = 0, most = 0; seps[i]; i++) {
        int now = seps[i] == ' ' && most ? 0 : agreement(c, head, seps[i]);
        if (now > most) {
            most = now;
            best = seps[i];
        }
    }
    c->opts.sep = best;
    c->patience = patience;
}

static bool start(csv *c, err *e) {
    while (!c->eof && c->staged < CHUNK)
        if (!read_some(c, e)) return false;
    size_t mark = 0;
    c->kind = text_guess((str){c->stage, MIN(c->staged, CHUNK)}, &mark);
    c->started = true;
    unload(c);
    c->at = mark ? strlen("\xEF\xBB\xBF") : 0;
    if (!c->opts.sep) guess_sep(c);
    return true;
}

// Rows

// The row that the window begins with; MORE means that reading failed. After a CR one byte more is read, so that the
// window need not move once the row is handed out.
static enum verdict next_row(csv *c, span *sp, err *e) {
    for (;;) {
        size_t left = c->len - c->at, most = c->opts.max_row + 1;
        bool end = c->eof && left <= most, full = !end && left >= most;
        enum verdict v = take(c, (str){c->win + c->at, MIN(left, most)}, end, full, sp);
        bool cr = v == ROW && !c->eof && sp->raw + 1 == left && c->win[c->len - 1] == '\r';
        if (v == ROW && sp->raw > c->opts.max_row) {
            sp->stop = sp->raw;
            v = LONG;
        }
        if (v != MORE && !cr) return v;
        if (!refill(c, e)) return MORE;
    }
}

enum { BEYOND_ASCII = 1, NUL = 2 };

static unsigned look(str x) {
    uint64_t high = 0, nul = 0;
    size_t i = 0;
    for (; i + 8 <= x.len; i += 8) {
        uint64_t w = word(x.s + i);
        high |= w;
        nul |= zeros(w);
    }
    for (; i < x.len; i++) {
        high |= (unsigned char)x.s[i];
        nul |= !x.s[i];
    }
    return (high & HIGH ? BEYOND_ASCII : 0u) | (nul ? NUL : 0u);
}

static bool some_utf8(str x) {
    for (; x.len; x = str_sub(x, MAX(str_ascii(x), 1), x.len))
        if (str_utf8_1(x) > 1) return true;
    return false;
}

// A row with bytes beyond ASCII: makes it UTF-8, and splits it again if it was not.
static void mend(csv *c, csv_row *row, bool lenient) {
    if (str_utf8_ok(row->raw)) {
        if (c->kind == TEXT_ASCII) c->kind = TEXT_UTF8;
        return;
    }
    if (c->kind == TEXT_ASCII) c->kind = TEXT_LATIN1;
    if (c->kind == TEXT_UTF8 && !row->odd) row->odd = "not UTF-8";
    bool latin = c->kind == TEXT_LATIN1 || !some_utf8(row->raw);
    size_t n = latin ? text_from_latin1(c->mended, row->raw) : text_mend(c->mended, row->raw);
    row->raw = (str){c->mended, n};
    span sp;
    if (row->n) split(c, row->raw, true, lenient, &sp);
}

// x without the character that its end cuts.
static str whole(str x) {
    for (size_t back = 1; back <= MIN(x.len, 3); back++) {
        unsigned char lead = (unsigned char)x.s[x.len - back];
        if (lead < 0x80) break;
        if (lead >= 0xC0) return str_sub(x, 0, str_utf8_1(str_sub(x, x.len - back, back)) ? x.len : x.len - back);
    }
    return x;
}

static void give_long(csv *c, csv_row *row, const span *sp) {
    row->odd = c->too_long;
    row->raw = whole((str){c->win + c->at, c->opts.max_row});
    if (look(row->raw) & BEYOND_ASCII) mend(c, row, false);
    c->skip_to = sp->stop;
    c->skipping = true;
}

static void give(csv *c, csv_row *row, const span *sp) {
    row->raw = (str){c->win + c->at, sp->raw};
    row->n = c->n;
    row->odd = sp->lenient ? "a quote is never closed" : NULL;
    unsigned seen = look(row->raw);
    if (seen & BEYOND_ASCII) mend(c, row, sp->lenient);
    if (seen & NUL && !row->odd) row->odd = "a NUL byte";
    if (c->many && !row->odd) row->odd = "more than 16384 cells";
    if (sp->quoted) c->line += count_lines((str){c->win + c->at, sp->raw});
    c->at += sp->raw;
    take_end(c);
    c->patience = MIN(c->patience + (int64_t)sp->raw + 1, (int64_t)(c->opts.max_row + 1) * PATIENCE);
}

bool csv_next(csv *c, csv_row *row, err *e) {
    if (!c->started && !start(c, e)) return false;
    if (c->skipping && !skip(c, e)) return false;
    while (c->at < c->len || !c->eof) {
        span sp;
        c->hasty = c->patience <= 0;
        enum verdict v = next_row(c, &sp, e);
        if (v == MORE) return false;
        *row = (csv_row){.line = c->line, .cells = c->cells};
        if (v == LONG) {
            give_long(c, row, &sp);
            return true;
        }
        give(c, row, &sp);
        bool empty = c->opts.sep == ' ' && c->n == 1 && !sp.quoted && !c->cells[0].len;
        if (sp.raw && !empty) return true;
    }
    return false;
}

void csv_write_cell(buf *b, str cell, char sep) {
    bool quote = cell.len && (cell.s[0] == ' ' || cell.s[cell.len - 1] == ' ');
    for (size_t i = 0; i < cell.len && !quote; i++) quote = cell.s[i] == '"' || cell.s[i] == sep || is_end(cell.s[i]);
    if (!quote) {
        buf_add(b, cell);
        return;
    }
    buf_addc(b, '"');
    while (cell.s) {
        bool more = str_find(cell, '"') >= 0;
        buf_add(b, str_cut(&cell, '"'));
        if (more) buf_add(b, S("\"\""));
    }
    buf_addc(b, '"');
}
