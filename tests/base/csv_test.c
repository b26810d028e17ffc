#include "test.h"

#include "base/rng.h"
#include "csv_twin.h"

#include <dirent.h>

static arena a, b;

static int open_arenas(void **state) {
    (void)state;
    a = arena_open(256 << 20);
    b = arena_open(256 << 20);
    return 0;
}

static int close_arenas(void **state) {
    (void)state;
    arena_close(&a);
    arena_close(&b);
    return 0;
}

// A text that comes in pieces of at most `step` bytes.
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

static ptrdiff_t file_read(void *ctx, char *p, size_t n, err *e) {
    (void)e;
    return (ptrdiff_t)fread(p, 1, n, ctx);
}

static void read_text(arena *to, buf *out, str text, size_t step, csv_opts opts) {
    feed f = {text, step};
    csv *c = csv_open(to, feed_read, &f, opts);
    err e = {0};
    for (csv_row row; csv_next(c, &row, &e);) csv_print(out, &row);
    assert_ok(err_ok(&e), e);
}

// Cells in brackets, then what is odd; rows are lines.
static void rows_come_out(void **state) {
    (void)state;
    static const struct {
        const char *what, *text;
        char sep;
        const char *want;
    } rows[] = {
        {"nothing", "", ',', ""},
        {"plain", "a,b\nc,d\n", ',', "1 {} (a,b) [a] [b]\n2 {} (c,d) [c] [d]\n"},
        {"no last line end", "a,b\nc,d", ',', "1 {} (a,b) [a] [b]\n2 {} (c,d) [c] [d]\n"},
        {"CRLF", "a,b\r\nc\r\n", ',', "1 {} (a,b) [a] [b]\n2 {} (c) [c]\n"},
        {"CR", "a,b\rc\r", ',', "1 {} (a,b) [a] [b]\n2 {} (c) [c]\n"},
        {"CR CR LF", "a\r\r\nb", ',', "1 {} (a) [a]\n3 {} (b) [b]\n"},
        {"empty lines", "\n\na\n\nb\n", ',', "3 {} (a) [a]\n5 {} (b) [b]\n"},
        {"empty cells", ",\n,,\n\"\"\n", ',', "1 {} (,) [] []\n2 {} (,,) [] [] []\n3 {} (\"\") []\n"},
        {"ragged", "a,b,c\nd\n", ',', "1 {} (a,b,c) [a] [b] [c]\n2 {} (d) [d]\n"},
        {"blanks stay", " a , b\n", ',', "1 {} ( a , b) [ a ] [ b]\n"},
        {"quotes", "\"a,b\",\"c\"\"d\",\"\"\"\"\n", ',', "1 {} (\"a,b\",\"c\"\"d\",\"\"\"\") [a,b] [c\"d] [\"]\n"},
        {"a line end in quotes", "\"a\r\nb\nc\",d\ne\n", ',', "1 {} (\"a\r\nb\nc\",d) [a\r\nb\nc] [d]\n4 {} (e) [e]\n"},
        {"a stray quote", "5\" disk,x\"y\n", ',', "1 {} (5\" disk,x\"y) [5\" disk] [x\"y]\n"},
        {"stray quotes in quotes", "\"say \"hi\" now\",2\n", ',', "1 {} (\"say \"hi\" now\",2) [say \"hi\" now] [2]\n"},
        {"blanks after a quote", "\"a\" ,\"b\"\t\n", ',', "1 {} (\"a\" ,\"b\"\t) [a] [b]\n"},
        {"never closed", "x,\"a,b\n1,2\n", ',',
         "1 {a quote is never closed} (x,\"a,b) [x] [\"a] [b]\n2 {} (1,2) [1] [2]\n"},
        {"never closed among quotes", "\"a,\"b\"\n\"c\",\"d\"\n", ',',
         "1 {a quote is never closed} (\"a,\"b\") [\"a] [b]\n2 {} (\"c\",\"d\") [c] [d]\n"},
        {"never closed, the next line quoted", "1,\"a\n\"c\",\"d\"\n", ',',
         "1 {a quote is never closed} (1,\"a) [1] [\"a]\n2 {} (\"c\",\"d\") [c] [d]\n"},
        {"never closed after a cell of two lines", "\"p\nq\",\"a\n1,2", ',',
         "1 {a quote is never closed} (\"p\nq\",\"a) [p\nq] [\"a]\n3 {} (1,2) [1] [2]\n"},
        {"semicolons", "a;\"b;c\"\n1,5;2\n", ';', "1 {} (a;\"b;c\") [a] [b;c]\n2 {} (1,5;2) [1,5] [2]\n"},
        {"tabs", "a\t\"b\"\t \n", '\t', "1 {} (a\t\"b\"\t ) [a] [b] [ ]\n"},
        {"blanks", " 00001 19970101  1   11.77\r\n\n a\t\"b c\"  \n  \n", ' ',
         "1 {} ( 00001 19970101  1   11.77) [00001] [19970101] [1] [11.77]\n3 {} ( a\t\"b c\"  ) [a] [b c]\n"},
        {"too long", "a\n0123456789012345678901234567890123456789X,b\nc\n", ',',
         "1 {} (a) [a]\n2 {longer than 40 bytes} (0123456789012345678901234567890123456789)\n3 {} (c) [c]\n"},
        {"as long as allowed", "0123456789012345678901234567890123456,89\r\nc\n", ',',
         "1 {} (0123456789012345678901234567890123456,89) [0123456789012345678901234567890123456] [89]\n2 {} (c) "
         "[c]\n"},
        {"too long in quotes", "\"a\nb,c\n01234567890123456789012345678901234\",x\nc\n", ',',
         "1 {a quote is never closed} (\"a) [\"a]\n2 {} (b,c) [b] [c]\n"
         "3 {} (01234567890123456789012345678901234\",x) [01234567890123456789012345678901234\"] [x]\n4 {} (c) [c]\n"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t step = 1; step < 100; step += 7) {
            buf out = buf_new(&a, 1 << 20);
            read_text(&b, &out, str_c(rows[i].text), step, (csv_opts){.sep = rows[i].sep, .max_row = 40});
            if (!str_eq(buf_str(&out), str_c(rows[i].want)))
                fail_msg("%s: got\n%.*s", rows[i].what, STR_ARG(buf_str(&out)));
            arena_reset(&a);
            arena_reset(&b);
        }
}

static void quotes_can_be_ordinary(void **state) {
    (void)state;
    buf out = buf_new(&a, 1000);
    read_text(&b, &out, S("\"a,b\"\n\"c\n"), 9, (csv_opts){.sep = ',', .no_quotes = true});
    assert_str(buf_str(&out), S("1 {} (\"a,b\") [\"a] [b\"]\n2 {} (\"c) [\"c]\n"));
}

static void random_text(rng *r, char *p, size_t n, char sep) {
    const char letters[] = {'a', 'b', '"', '"', sep, sep, '\n', '\n', '\r', ' ', '\t', '"', ';', ',', '"', '\n'};
    size_t kinds = (size_t)rng_range(r, 4, COUNT(letters)),
           from = (size_t)rng_range(r, 0, (int64_t)(COUNT(letters) - kinds));
    for (size_t i = 0; i < n; i++) p[i] = letters[from + (size_t)rng_range(r, 0, (int64_t)kinds - 1)];
}

static void random_texts_read_as_the_twin_reads_them(void **state) {
    (void)state;
    rng r = rng_seed(20);
    static const char seps[] = {',', ';', '\t', '|'};
    int64_t odd = 0, rows = 0;
    for (int i = 0; i < 40000; i++) {
        char text[120];
        char sep = seps[rng_range(&r, 0, 3)];
        size_t n = (size_t)rng_range(&r, 0, i % 2 ? 60 : sizeof text);
        random_text(&r, text, n, sep);
        csv_opts opts = {.sep = sep, .max_row = i % 2 ? (size_t)rng_range(&r, 1, 25) : 200};
        buf got = buf_new(&a, 1 << 20), want = buf_new(&b, 1 << 20);
        read_text(&a, &got, (str){text, n}, (size_t)rng_range(&r, 1, 40), opts);
        csv_twin(&b, &want, (str){text, n}, sep, opts.max_row);
        if (!str_eq(buf_str(&got), buf_str(&want)))
            fail_msg("round %d: of <%.*s> (sep %c, max %zu) got\n%.*swant\n%.*s", i, (int)n, text, sep, opts.max_row,
                     STR_ARG(buf_str(&got)), STR_ARG(buf_str(&want)));
        for (size_t k = 0; k < got.len; k++) rows += got.s[k] == '{', odd += got.s[k] == '{' && got.s[k + 1] != '}';
        arena_reset(&a);
        arena_reset(&b);
    }
    assert_true(odd > 10000 && rows > 2 * odd);
}

// What is written by the rules reads back cell by cell, whatever it is made of.
static void written_cells_come_back(void **state) {
    (void)state;
    rng r = rng_seed(21);
    for (int i = 0; i < 5000; i++) {
        static const char seps[] = {',', ';', '\t', '|'};
        char sep = seps[rng_range(&r, 0, 3)], text[8][20];
        str cells[8];
        buf out = buf_new(&a, 1000);
        size_t n = (size_t)rng_range(&r, 2, COUNT(cells));
        for (size_t k = 0; k < n; k++) {
            cells[k] = (str){text[k], (size_t)rng_range(&r, 0, 20)};
            random_text(&r, text[k], cells[k].len, sep);
            if (k) buf_addc(&out, sep);
            csv_write_cell(&out, cells[k], sep);
        }
        feed f = {buf_str(&out), 7};
        csv *c = csv_open(&b, feed_read, &f, (csv_opts){.sep = sep, .max_row = 1000});
        csv_row row;
        assert_true(csv_next(c, &row, NULL));
        assert_null(row.odd);
        assert_int_equal(row.n, n);
        for (size_t k = 0; k < n; k++) assert_str(row.cells[k], cells[k]);
        assert_false(csv_next(c, &row, NULL));
        arena_reset(&a);
        arena_reset(&b);
    }
}

static void separators_are_guessed(void **state) {
    (void)state;
    static const struct {
        const char *text;
        char sep;
    } rows[] = {
        {"", ','},
        {"name\nAnn Lee\nBob Ray\nCid Fox\n", ','},
        {"a,b\n1,2\n", ','},
        {"a;b\n1;2\n", ';'},
        {"price;qty\n1,5;2\n2,5;3\n", ';'},
        {"1,5;2\n2,5;3\n", ';'},
        {"a\tb\n1,5\t2\n1,6\t2\n", '\t'},
        {"a|b|c\n1|2|3\n", '|'},
        {"a,b\n\"x;y;z\",2\n\"x;y\",2\n", ','},
        {"id,text\n1,one; two\n2,three; four\n3,five\n", ','},
        {" 00001 19970101  1   11.77\n 00002 19970112  1   12.00\n 00002 19970112  5   77.00\n", ' '},
        {"id  date\n1 2020\n2 2021\n3 2022\n", ' '},
        {"sep=|\na,b|c,d\n", '|'},
        {"title of the report\n\na;b;c\n1;2;3\n4;5;6\n", ';'},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        feed f = {str_c(rows[i].text), 1000};
        csv *c = csv_open(&a, feed_read, &f, (csv_opts){.max_row = 1000});
        csv_row row;
        csv_next(c, &row, NULL);
        if (csv_sep(c) != rows[i].sep) fail_msg("row %zu: guessed '%c'", i, csv_sep(c));
        arena_reset(&a);
    }
    buf out = buf_new(&a, 1000);
    read_text(&b, &out, S("sep=;\r\na;b\r\n"), 3, (csv_opts){0});
    assert_str(buf_str(&out), S("2 {} (a;b) [a] [b]\n"));
}

static void encodings_become_utf8(void **state) {
    (void)state;
    static const struct {
        const char *what;
        str text;
        const char *want;
    } rows[] = {
        {"a mark",
         S("\xEF\xBB\xBF"
           "a,\xC3\xA9"),
         "1 {} (a,\xC3\xA9) [a] [\xC3\xA9]\n"},
        {"UTF-16LE",
         S("\xFF\xFE"
           "a\0,\0\xE9\0\r\0\n\0\x3D\xD8\0\xDE"),
         "1 {} (a,\xC3\xA9) [a] [\xC3\xA9]\n2 {} (\xF0\x9F\x98\x80) [\xF0\x9F\x98\x80]\n"},
        {"UTF-16BE", S("\xFE\xFF\0a\0,\0\xE9"), "1 {} (a,\xC3\xA9) [a] [\xC3\xA9]\n"},
        {"no mark", S("a\0,\0b\0\n\0c\0,\0\xE9\0"), "1 {} (a,b) [a] [b]\n2 {} (c,\xC3\xA9) [c] [\xC3\xA9]\n"},
        {"half a character",
         S("\xFF\xFE"
           "a\0\x3D\xD8\x01"),
         "1 {} (a\xEF\xBF\xBD\xEF\xBF\xBD) [a\xEF\xBF\xBD\xEF\xBF\xBD]\n"},
        {"windows-1252",
         S("M\xFCller,\x80 5,\"\x93"
           "a\x94\"\n"),
         "1 {} (M\xC3\xBCller,\xE2\x82\xAC 5,\"\xE2\x80\x9C"
         "a\xE2\x80\x9D\") [M\xC3\xBCller] [\xE2\x82\xAC 5] [\xE2\x80\x9C"
         "a\xE2\x80\x9D]\n"},
        {"a damaged row", S("\xC3\xA9,\xC3\xA9\n\xC3\xA9,\xC3\nx,\xFC\n"),
         "1 {} (\xC3\xA9,\xC3\xA9) [\xC3\xA9] [\xC3\xA9]\n2 {not UTF-8} (\xC3\xA9,\xEF\xBF\xBD) [\xC3\xA9] "
         "[\xEF\xBF\xBD]\n"
         "3 {not UTF-8} (x,\xC3\xBC) [x] [\xC3\xBC]\n"},
        {"a NUL", S("ab,c\0d\n"), "1 {a NUL byte} (ab,c) [ab] [c]\n"}, // printf stops at it
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t step = 1; step < 20; step++) {
            buf out = buf_new(&a, 1000);
            read_text(&b, &out, rows[i].text, step, (csv_opts){.sep = ',', .max_row = 100});
            if (!str_eq(buf_str(&out), str_c(rows[i].want)))
                fail_msg("%s: got\n%.*s", rows[i].what, STR_ARG(buf_str(&out)));
            arena_reset(&a);
            arena_reset(&b);
        }
}

static void what_is_odd_late_in_a_file_is_seen(void **state) {
    (void)state;
    buf text = buf_new(&a, 1 << 20);
    for (int i = 0; i < 20000; i++) buf_fmt(&text, "%d,plain\n", i);
    buf_add(&text, S("x,M\xFCller\ny,\xC3\xA9t\xC3\xA9\n"));
    feed f = {buf_str(&text), 1 << 20};
    csv *c = csv_open(&b, feed_read, &f, (csv_opts){.max_row = 100});
    csv_row row;
    for (int i = 0; i < 20000; i++) assert_true(csv_next(c, &row, NULL) && !row.odd);
    assert_true(csv_next(c, &row, NULL));
    assert_str(row.cells[1], S("M\xC3\xBCller"));
    assert_null(row.odd);
    assert_true(csv_next(c, &row, NULL));
    assert_str(row.cells[1], S("\xC3\xA9t\xC3\xA9"));
    assert_int_equal(row.line, 20002);
    arena_reset(&a);
    arena_reset(&b);
}

static void too_many_cells_are_cut(void **state) {
    (void)state;
    char *text = make(&a, char, 20001);
    memset(text, ',', 20000);
    feed f = {{text, 20000}, 1 << 20};
    csv *c = csv_open(&b, feed_read, &f, (csv_opts){.sep = ','});
    csv_row row;
    assert_true(csv_next(c, &row, NULL));
    assert_int_equal(row.n, 16384);
    assert_string_equal(row.odd, "more than 16384 cells");
    arena_reset(&a);
    arena_reset(&b);
}

// Every line opens a quote that never closes, so that each would be worth a look at the next MiB: without a limit on
// patience this takes minutes.
static void a_file_of_lone_quotes_is_read_in_one_go(void **state) {
    (void)state;
    buf text = buf_new(&a, 64 << 20);
    for (int i = 0; i < 1000000; i++) buf_add(&text, S("x,\"a\"b\"\",c\n"));
    feed f = {buf_str(&text), 1 << 20};
    csv *c = csv_open(&b, feed_read, &f, (csv_opts){.sep = ','});
    csv_row row;
    struct timespec start, now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    int rows = 0;
    while (csv_next(c, &row, NULL)) {
        rows++;
        assert_int_equal(row.n, 3);
        assert_str(row.cells[1], S("\"a\"b\"\""));
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    assert_int_equal(rows, 1000000);
    assert_true(now.tv_sec - start.tv_sec < 30);
    arena_reset(&a);
    arena_reset(&b);
}

static ptrdiff_t broken_read(void *ctx, char *p, size_t n, err *e) {
    (void)ctx, (void)p, (void)n;
    fail(e, ERR_unavailable, "the disk is gone");
    return -1;
}

static void a_failed_read_is_passed_on(void **state) {
    (void)state;
    csv *c = csv_open(&a, broken_read, NULL, (csv_opts){0});
    csv_row row;
    err e = {0};
    assert_false(csv_next(c, &row, &e));
    assert_int_equal(e.code, ERR_unavailable);
    arena_reset(&a);
}

// Rows and cells as Python's csv module counts them in the same files.
static void real_files_are_read(void **state) {
    (void)state;
    test_need_data(dir);
    static const struct {
        const char *path;
        char sep;
        int64_t rows, cells;
    } files[] = {
        {"channels/reviews/google-play/reviews_com.example.shop_202601.csv", ',', 6, 96},
        {"channels/reviews/google-play/reviews_com.example.shop_201308.csv", ',', 2, 30},
        {"channels/survey/surveymonkey/export-two-header-rows.csv", ',', 4, 56},
        {"channels/survey/google-forms/responses-en.csv", ',', 4, 28},
        {"channels/crm/hubspot/companies.csv", ',', 3, 27},
        {"channels/crm/salesforce/Contact.csv", ',', 3, 60},
        {"channels/stripe/csv/unified_payments.csv", ',', 4, 316},
        {"channels/shopify/csv/customers_export.csv", ',', 3, 60},
        {"channels/voice/cdr.csv", ',', 4, 52},
        {"identity/dblp_acm/DBLP2.csv", ',', 2617, 13085}, // windows-1252
        {"identity/amazon_google/google.csv", ',', 3040, 18240},
        {"identity/historical_50k/historical_50k.csv", ',', 50579, 556369},
        {"text/airline/Tweets.csv", ',', 14641, 87846},
        {"text/banking77/train.csv", ',', 10004, 20008},
        {"clv/online_retail_A/invoices.csv", ',', 10693, 85544},
        {"clv/cdnow/CDNOW_master.txt", ' ', 69660, 278640},
        {"clv/cdnow/CDNOW_sample.txt", ' ', 6919, 34595},
    };
    for (size_t i = 0; i < COUNT(files); i++) {
        FILE *f = fopen(str_z(&a, str_fmt(&a, "%s/%s", dir, files[i].path)), "rb");
        if (!f) fail_msg("%s is missing", files[i].path);
        csv *c = csv_open(&a, file_read, f, (csv_opts){0});
        int64_t rows = 0, cells = 0;
        for (csv_row row; csv_next(c, &row, NULL); cells += row.n) {
            rows++;
            if (row.odd) fail_msg("%s:%d: %s", files[i].path, (int)row.line, row.odd);
            for (int k = 0; k < row.n; k++) assert_true(str_utf8_ok(row.cells[k]));
        }
        fclose(f);
        if (rows != files[i].rows || cells != files[i].cells || csv_sep(c) != files[i].sep)
            fail_msg("%s: %d rows, %d cells, '%c'", files[i].path, (int)rows, (int)cells, csv_sep(c));
        arena_reset(&a);
    }
}

static void memory_does_not_grow_with_the_file(void **state) {
    (void)state;
    size_t used[2];
    for (int i = 0; i < 2; i++) {
        buf text = buf_new(&a, 64 << 20);
        for (int k = 0; k < (i ? 200000 : 2); k++) buf_add(&text, S("abc,\"d\"\"e\",f\n"));
        feed f = {buf_str(&text), 1 << 20};
        csv *c = csv_open(&b, feed_read, &f, (csv_opts){0});
        for (csv_row row; csv_next(c, &row, NULL);) assert_int_equal(row.n, 3);
        used[i] = arena_used(&b);
        arena_reset(&a);
        arena_reset(&b);
    }
    assert_int_equal(used[0], used[1]);
}

static void whole_texts_become_utf8(void **state) {
    (void)state;
    static const struct {
        str in;
        const char *encoding, *out;
    } rows[] = {
        {S(""), "utf-8", ""},
        {S("abc"), "utf-8", "abc"},
        {S("caf\xE9"), "latin-1", "caf\xC3\xA9"},
        {S("caf\xC3\xA9"), "utf-8", "caf\xC3\xA9"},
        {S("\xEF\xBB\xBF"
           "a"),
         "utf-8", "a"},
        {S("\xC3\xA9\xC3\xA9\xFF"), "utf-8", "\xC3\xA9\xC3\xA9\xEF\xBF\xBD"},
        {S("\xFF\xFEh\0i\0"), "utf-16le", "hi"},
        {S("\xFE\xFF\0h\0i"), "utf-16be", "hi"},
        {S("\0h\0e\0y\0!"), "utf-16be", "hey!"},
        {S("\x80\x81\x9F"), "latin-1", "\xE2\x82\xAC\xC2\x81\xC5\xB8"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t skip = 0;
        assert_string_equal(text_encoding(rows[i].in, &skip), rows[i].encoding);
        assert_str(text_to_utf8(&a, rows[i].in), str_c(rows[i].out));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_out),
        cmocka_unit_test(quotes_can_be_ordinary),
        cmocka_unit_test(random_texts_read_as_the_twin_reads_them),
        cmocka_unit_test(written_cells_come_back),
        cmocka_unit_test(separators_are_guessed),
        cmocka_unit_test(encodings_become_utf8),
        cmocka_unit_test(what_is_odd_late_in_a_file_is_seen),
        cmocka_unit_test(too_many_cells_are_cut),
        cmocka_unit_test(a_file_of_lone_quotes_is_read_in_one_go),
        cmocka_unit_test(a_failed_read_is_passed_on),
        cmocka_unit_test(real_files_are_read),
        cmocka_unit_test(memory_does_not_grow_with_the_file),
        cmocka_unit_test(whole_texts_become_utf8),
    };
    return cmocka_run_group_tests(tests, open_arenas, close_arenas);
}
