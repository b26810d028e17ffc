#include <stdarg.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/unicode.h"
#include "cli/term.h"

enum { MAX_COLS = 16, GAP = 2 };

static int columns_of(FILE *f) {
    struct winsize w;
    if (ioctl(fileno(f), TIOCGWINSZ, &w) == 0 && w.ws_col >= 20) return w.ws_col;
    return 80;
}

term term_open(FILE *out, FILE *notes, bool plain, bool quiet) {
    const char *no_color = getenv("NO_COLOR"), *kind = getenv("TERM");
    bool dumb = !kind || str_eq(str_c(kind), S("dumb")), watched = isatty(fileno(out));
    return (term){.out = out,
                  .err = notes,
                  .color = watched && !plain && !dumb && !(no_color && *no_color),
                  .progress = isatty(fileno(notes)) && !dumb && !quiet,
                  .columns = watched ? columns_of(out) : 0};
}

void term_say(const term *t, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vfprintf(t->out, fmt, ap);
    va_end(ap);
}

// SGR parameters; the sixteen basic colours follow the person's own scheme.
static const char *code_of(enum style s) {
    switch (s) {
    case STYLE_plain: return "";
    case STYLE_bold: return "1";
    case STYLE_dim: return "2";
    case STYLE_good: return "32";
    case STYLE_warn: return "33";
    case STYLE_bad: return "31";
    }
    return "";
}

void term_put(const term *t, enum style s, str x) {
    if (!x.len) return;
    bool dress = t->color && s != STYLE_plain;
    if (dress) fprintf(t->out, "\033[%sm", code_of(s));
    fwrite(x.s, 1, x.len, t->out);
    if (dress) fputs("\033[0m", t->out);
}

void term_head(const term *t, const char *text) {
    term_put(t, STYLE_bold, str_c(text));
    fputc('\n', t->out);
}

// ---- words of customers ----

static unsigned code_point(str x, size_t n) {
    const unsigned char *p = (const unsigned char *)x.s;
    switch (n) {
    case 1: return p[0];
    case 2: return (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
    case 3: return (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    }
    return (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
}

// C0 and C1 controls, the marks and embeddings of writing direction, the line and paragraph separators, the byte order
// mark, interlinear and tag characters.
static bool is_control(unsigned c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x200E || c == 0x200F || c == 0x061C ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF ||
           (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE007F);
}

// The length of a terminal sequence at the beginning of x, so that its letters go with its escape: CSI to its final
// byte, OSC and the like to their terminator. 0 when there is none.
static size_t sequence(str x) {
    if (x.len < 2 || x.s[0] != 0x1B) return 0;
    size_t n = 2;
    if (x.s[1] == '[') {
        while (n < x.len && x.s[n] >= 0x20 && x.s[n] < 0x40) n++;
        return n < x.len && x.s[n] >= 0x40 ? n + 1 : n;
    }
    if (!strchr("]PX^_", x.s[1])) return 1;
    while (n < x.len && x.s[n] != 0x07 && x.s[n] != 0x1B && x.s[n] != '\n') n++;
    return n;
}

str term_clean(arena *a, str words, bool one_line) {
    buf b = buf_new(a, words.len * 3 + 16);
    while (words.len) {
        size_t skip = sequence(words), n = skip ? skip : str_utf8_1(words);
        if (!n) {
            buf_add(&b, S("\xEF\xBF\xBD"));
            n = 1;
        } else if (!skip) {
            unsigned c = code_point(words, n);
            bool blank = c == '\n' || c == '\t' || c == 0x2028 || c == 0x2029;
            if (blank && one_line)
                buf_addc(&b, ' ');
            else if (c == '\n' || c == '\t' || !is_control(c))
                buf_add(&b, str_sub(words, 0, n));
        }
        words = str_sub(words, n, words.len);
    }
    return buf_str(&b);
}

str term_count(arena *a, int64_t n) {
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRId64, n), sign = n < 0;
    buf b = buf_new(a, 40);
    for (int i = 0; i < len; i++) {
        if (i > sign && (len - i) % 3 == 0) buf_addc(&b, ',');
        buf_addc(&b, digits[i]);
    }
    return buf_str(&b);
}

str term_span(arena *a, double seconds) {
    int64_t s = (int64_t)(seconds + 0.5);
    if (seconds < 10) return str_fmt(a, "%.1f s", seconds);
    if (s < 60) return str_fmt(a, "%" PRId64 " s", s);
    if (s < 3600) return str_fmt(a, "%" PRId64 " min %" PRId64 " s", s / 60, s % 60);
    return str_fmt(a, "%" PRId64 " h %" PRId64 " min", s / 3600, s % 3600 / 60);
}

// ---- tables ----

typedef struct {
    str text;
    enum style style;
} cell;

struct table {
    arena *a;
    table_col cols[MAX_COLS];
    int n_cols;
    cell *cells;
    size_t n, room;
};

table *table_new(arena *a, const table_col *cols, int n) {
    assert(n > 0 && n <= MAX_COLS);
    table *t = make(a, table, 1);
    t->a = a, t->n_cols = n;
    for (int i = 0; i < n; i++) t->cols[i] = cols[i];
    return t;
}

void table_add(table *t, enum style s, str text) {
    if (t->n == t->room) {
        cell *more = make(t->a, cell, t->room = t->room ? t->room * 2 : 64);
        if (t->n) memcpy(more, t->cells, t->n * sizeof *more);
        t->cells = more;
    }
    t->cells[t->n++] = (cell){text, s};
}

size_t table_rows(const table *t) {
    return t->n / (size_t)t->n_cols;
}

static bool has_heading(const table *t) {
    for (int c = 0; c < t->n_cols; c++)
        if (t->cols[c].head) return true;
    return false;
}

static void measure(const table *t, const term *to, int indent, int *width) {
    int sum = indent, fill = -1;
    for (int c = 0; c < t->n_cols; c++) {
        width[c] = t->cols[c].head ? text_width(str_c(t->cols[c].head)) : 0;
        for (size_t i = (size_t)c; i < t->n; i += (size_t)t->n_cols)
            width[c] = MAX(width[c], text_width(t->cells[i].text));
        sum += width[c] + (c ? GAP : 0);
        if (t->cols[c].fill) fill = c;
    }
    if (to->columns && sum > to->columns && fill >= 0) width[fill] = MAX(width[fill] - (sum - to->columns), 8);
}

static void blanks(const term *to, int n) {
    for (; n > 0; n--) fputc(' ', to->out);
}

static void print_row(const table *t, const term *to, int indent, const int *width, const cell *row) {
    arena scratch = *t->a;
    int last = t->n_cols - 1;
    while (last > 0 && !row[last].text.len) last--;
    blanks(to, indent);
    for (int c = 0; c <= last; c++) {
        str text = row[c].text;
        if (text_width(text) > width[c]) text = text_clip(&scratch, text, width[c]);
        int pad = width[c] - text_width(text);
        if (c) blanks(to, GAP);
        if (t->cols[c].right) blanks(to, pad);
        term_put(to, row[c].style, text);
        if (!t->cols[c].right && c < last) blanks(to, pad);
    }
    fputc('\n', to->out);
}

void table_print(const table *t, const term *to, int indent) {
    int width[MAX_COLS];
    cell head[MAX_COLS];
    measure(t, to, indent, width);
    for (int c = 0; c < t->n_cols; c++) head[c] = (cell){str_c(t->cols[c].head), STYLE_dim};
    if (has_heading(t)) print_row(t, to, indent, width, head);
    for (size_t i = 0; i + (size_t)t->n_cols <= t->n; i += (size_t)t->n_cols)
        print_row(t, to, indent, width, &t->cells[i]);
}

// ---- progress ----

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

progress progress_begin(const term *t, str what, const char *unit) {
    return (progress){.t = t, .what = what, .unit = unit, .began_s = now_s()};
}

double progress_seconds(const progress *p) {
    return now_s() - p->began_s;
}

static void bar(buf *b, double share) {
    enum { WIDE = 20 };
    int full = (int)(share * WIDE + 0.5);
    buf_addc(b, '[');
    for (int i = 0; i < WIDE; i++) buf_addc(b, i < full ? '#' : '.');
    buf_fmt(b, "] %3d %%  ", (int)(share * 100));
}

static str left(arena *a, double share, double spent) {
    if (share <= 0.005) return S("");
    return str_fmt(a, ", %.*s left", STR_ARG(term_span(a, spent / share - spent)));
}

void progress_at(progress *p, int64_t count, int64_t done, int64_t total) {
    double now = now_s(), spent = now - p->began_s;
    if (!p->t->progress || spent < 1 || now - p->shown_s < 0.1) return;
    p->shown_s = now, p->shown = true;
    arena a = arena_open(1 << 16);
    buf b = buf_new(&a, 1 << 12);
    double share = total > 0 ? MIN((double)done / (double)total, 1) : 0;
    buf_add(&b, text_clip(&a, term_clean(&a, p->what, true), 30));
    buf_add(&b, S("  "));
    if (total > 0) bar(&b, share);
    str n = term_count(&a, count), rate = term_count(&a, (int64_t)((double)count / spent));
    buf_fmt(&b, "%.*s %s, %.*s/s", STR_ARG(n), p->unit, STR_ARG(rate));
    if (total > 0) buf_add(&b, left(&a, share, spent));
    str line = text_clip(&a, buf_str(&b), columns_of(p->t->err) - 1);
    fflush(p->t->out);
    fprintf(p->t->err, "\r\033[K%.*s", STR_ARG(line));
    fflush(p->t->err);
    arena_close(&a);
}

void progress_end(progress *p) {
    if (!p->shown) return;
    fputs("\r\033[K", p->t->err);
    fflush(p->t->err);
    p->shown = false;
}
