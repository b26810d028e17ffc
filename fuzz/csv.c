// csv: whatever the bytes, rows come out the same in any pieces, are UTF-8, and read back when written by the rules; a
// plain text gives what the twin gives. The first three bytes choose the options.
#include "../tests/base/csv_twin.h"

#include <stdint.h>

typedef struct {
    str rest;
    size_t step;
} feed;

static ptrdiff_t feed_read(void *ctx, char *p, size_t n, err *e) {
    (void)e;
    feed *f = ctx;
    n = MIN(MIN(n, f->step), f->rest.len);
    if (n) memcpy(p, f->rest.s, n);
    f->rest = str_sub(f->rest, n, f->rest.len);
    return (ptrdiff_t)n;
}

static void check_again(arena scratch, const csv_row *row, char sep) {
    if (row->odd || sep == ' ' || !str_utf8_ok(row->raw)) return;
    buf b = buf_new(&scratch, 4 << 20);
    buf_addc(&b, sep == 'x' ? 'y' : 'x'); // so that no mark and no Excel directive stands in front
    for (int i = 0; i < row->n; i++) {
        buf_addc(&b, sep);
        csv_write_cell(&b, row->cells[i], sep);
    }
    feed f = {buf_str(&b), 1 << 20};
    csv *c = csv_open(&scratch, feed_read, &f, (csv_opts){.sep = sep, .max_row = b.len});
    csv_row again;
    assert(csv_next(c, &again, NULL));
    assert(!again.odd && again.n == MIN(row->n + 1, 16384));
    for (int i = 1; i < again.n; i++) assert(str_eq(again.cells[i], row->cells[i - 1]));
    assert(!csv_next(c, &again, NULL));
}

static str rows_of(arena *a, str text, size_t step, csv_opts *opts, int check) {
    feed f = {text, step};
    csv *c = csv_open(a, feed_read, &f, *opts);
    buf out = buf_new(a, 8 << 20);
    int64_t line = 0;
    for (csv_row row; csv_next(c, &row, NULL); line = row.line) {
        assert(row.line > line);
        assert(str_utf8_ok(row.raw));
        for (int i = 0; i < row.n; i++) assert(str_utf8_ok(row.cells[i]));
        csv_print(&out, &row);
        if (check-- > 0) check_again(*a, &row, csv_sep(c));
    }
    opts->sep = csv_sep(c);
    return buf_str(&out);
}

// The twin knows no encodings and has endless patience.
static bool for_the_twin(str text, csv_opts opts) {
    size_t row = opts.max_row + 1;
    return str_ascii(text) == text.len && str_find(text, 0) < 0 && opts.sep != ' ' && !opts.no_quotes &&
           text.len * MIN(text.len, row) < 64 * row && text.len < 300;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 3 || size > 1 << 16) return 0;
    static const char seps[] = {',', ';', '\t', '|', ' ', 0, 0, 'x'};
    arena a = arena_open((size_t)1 << 30);
    csv_opts opts = {
        .sep = seps[data[0] % 8], .no_quotes = data[0] >= 248, .max_row = data[1] < 128 ? data[1] : 1 << 16};
    if (!opts.max_row) opts.max_row = 1 << 16;
    str text = {(const char *)data + 3, size - 3};
    csv_opts guessed = opts, again = opts;
    str whole = rows_of(&a, text, SIZE_MAX, &guessed, 8), parts = rows_of(&a, text, data[2] + 1u, &again, 0);
    assert(str_eq(whole, parts));
    assert(guessed.sep == again.sep && (!opts.sep || guessed.sep == opts.sep));
    if (opts.sep && for_the_twin(text, opts)) {
        buf want = buf_new(&a, 8 << 20);
        csv_twin(&a, &want, text, opts.sep, opts.max_row);
        assert(str_eq(whole, buf_str(&want)));
    }
    arena_close(&a);
    return 0;
}
