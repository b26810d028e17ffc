#include "test.h"

#include "base/rng.h"
#include "base/unicode.h"

static int set_up(void **state) {
    static arena a;
    a = arena_open(64 << 20);
    *state = &a;
    return 0;
}

static int tear_down(void **state) {
    arena_close(*state);
    return 0;
}

typedef struct {
    const char *in, *want;
} pair;

static void check(arena *a, str (*f)(arena *, str), const pair *rows, size_t n) {
    for (size_t i = 0; i < n; i++) {
        arena scratch = *a;
        const str got = f(&scratch, str_c(rows[i].in));
        if (!str_eq(got, str_c(rows[i].want))) fail_msg("\"%s\" becomes \"%.*s\"", rows[i].in, STR_ARG(got));
    }
}

// Rows of NormalizationTest.txt and DerivedNormalizationProps.txt (NFKC_CF) of the Unicode Character Database.
static void folding_makes_equal_what_people_read_as_equal(void **state) {
    static const pair rows[] = {
        {"", ""},
        {"Hello World 42", "hello world 42"},
        {"Straße", "strasse"},
        {"STRASSE", "strasse"},
        {"ﬁn", "fin"},
        {"Ⅻ", "xii"},
        {"Ｆｕｌｌ　Ｗｉｄｔｈ", "full width"},
        {"e\u0301", "é"},
        {"É", "é"},
        {"ΌΣΟΣ", "όσοσ"},
        {"ς", "σ"},
        {"co\u00adop", "coop"}, // soft hyphen
        {"a\u200bb", "ab"},     // zero width space
        {"²½", "21\u20442"},
        {"ﷺ", "صلى الله عليه وسلم"},
        {"İ", "i̇"},
        {"\xff", "\uFFFD"},
        {"a\xc3", "a\uFFFD"},
    };
    check(*state, text_fold, rows, COUNT(rows));
}

// Rows of NormalizationTest.txt (NFKC): the form alone changes, capitals stay.
static void normal_forms_keep_capitals(void **state) {
    static const pair rows[] = {
        {"", ""},     {"Hello World", "Hello World"}, {"Straße", "Straße"}, {"ﬁN", "fiN"},
        {"Ⅻ", "XII"}, {"Ｆｕｌｌ　Ｗ", "Full W"},     {"E\u0301", "É"},     {"①", "1"},
    };
    check(*state, text_nfkc, rows, COUNT(rows));
}

// As ECMAScript's toLowerCase gives letters; the final sigma is the Unicode Standard's example (3.13).
static void letters_are_left_of_anything(void **state) {
    static const pair rows[] = {
        {"", ""},
        {" 12:30 -- !", ""},
        {"It's 5 o’clock, 'ok'?", "it's o’clock ok"},
        {"ΟΔΥΣΣΕΥΣ", "οδυσσευς"},
        {"Straße—STRASSE", "straße strasse"},
        {"D'accord''x", "d'accord x"},
        {"你好，世界", "你好 世界"},
    };
    check(*state, text_letters, rows, COUNT(rows));
}

static void names_become_ascii(void **state) {
    static const pair rows[] = {
        {"", ""},
        {"Jürgen Müller", "jurgen muller"},
        {"JU\u0308RGEN", "jurgen"},
        {"Łukasz Wałęsa", "lukasz walesa"},
        {"Þór Æbelø", "thor aebelo"},
        {"Nguyễn Thị Ánh", "nguyen thi anh"},
        {"Weiß", "weiss"},
        {"İbrahim Çağlar", "ibrahim caglar"},
        {"O’Brien", "o'brien"},
        {"Αλέξανδρος", "alexandros"},
        {"Иван Петров", "ivan petrov"},
        {"José 🙂", "jose "},
        {"Smith\tJr\x7f", "smithjr"},
    };
    check(*state, text_ascii, rows, COUNT(rows));
}

// IdnaTestV2.txt of UTS #46 and the registries' own examples.
static void hosts_become_ascii(void **state) {
    static const pair rows[] = {
        {"Example.COM", "example.com"},
        {"example.com.", "example.com"},
        {"a-b.c3.de", "a-b.c3.de"},
        {"localhost", "localhost"},
        {"Bücher.de", "xn--bcher-kva.de"},
        {"faß.de", "xn--fa-hia.de"},
        {"XN--BCHER-KVA.de", "xn--bcher-kva.de"},
        {"日本語。ＪＰ", "xn--wgv71a119e.jp"},
        {"παράδειγμα.δοκιμή", "xn--hxajbheg2az3al.xn--jxalpdlp"},
        {"", ""},
        {".", ""},
        {"a..b", ""},
        {".a", ""},
        {"-a.de", ""},
        {"a-.de", ""},
        {"a b.de", ""},
        {"a_b.de", ""},
        {"user@example.com", ""},
        {"xn--0.de", ""},
        {"ab\u200dc.de", ""},
        {"a.de/path", ""},
        {"\xff.de", ""},
        {"abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij1234.de", ""},
    };
    check(*state, idn_host, rows, COUNT(rows));
    arena *a = *state;
    char name[300];
    memset(name, 'a', sizeof name);
    for (size_t i = 50; i < sizeof name; i += 50) name[i] = '.';
    assert_int_equal(idn_host(a, (str){name, 253}).len, 253);
    assert_int_equal(idn_host(a, (str){name, 254}).len, 0);
}

static void add_word(void *ctx, str w) {
    buf *b = ctx;
    if (b->len) buf_addc(b, '|');
    buf_add(b, w);
}

static str words(arena *a, str x) {
    buf b = buf_new(a, 4096);
    arena scratch = arena_open(1 << 20);
    text_words(scratch, x, add_word, &b);
    arena_close(&scratch);
    return buf_str(&b);
}

static void texts_become_words(void **state) {
    static const pair rows[] = {
        {"", ""},
        {" ... !", ""},
        {"The coffee was COLD, again.", "the|coffee|was|cold|again"},
        {"I don't / I don’t", "i|don't|i|don't"},
        {"'quoted' rock'n'roll o''x '", "quoted|rock'n'roll|o|x"},
        {"e-mail 3.14 v2", "e|mail|3|14|v2"},
        {"Größe Nº5", "grösse|no5"},
        {"naïve e\u0301te\u0301", "naïve|été"},
        {"¿Qué tal? ¡Bien!", "qué|tal|bien"},
        {"🙂great👍", "great"},
        {"привет мир", "привет|мир"},
        {"मस्ते दुनिया", "मस्ते|दुनिया"},
        {"커피 맛있어요", "커피|맛있어요"},
        {"สวัสดีครับ", "สวัสดี|ครับ"},
        {"コーヒーがとても美味しい", "コーヒー|が|とても|美味しい"},
        {"a\xff"
         "b",
         "a|b"},
    };
    check(*state, words, rows, COUNT(rows));
}

static void widths_are_columns(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int columns;
    } rows[] = {
        {"", 0},       {"abc", 3},  {"Müller", 6}, {"Mu\u0308ller", 6},
        {"日本", 4},   {"ｱ", 1},    {"Ａ", 2},     {"🙂", 2},
        {"한국", 4},   {"ไทย", 3},  {"ก็", 1},      {"\u200b", 0},
        {"\u00ad", 1}, {"\xff", 1}, {"\x1b\n", 0}, {"…", 1},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        if (text_width(str_c(rows[i].text)) != rows[i].columns)
            fail_msg("\"%s\" is %d columns wide", rows[i].text, text_width(str_c(rows[i].text)));
}

static void long_texts_are_clipped(void **state) {
    arena *a = *state;
    static const struct {
        const char *text;
        int columns;
        const char *want;
    } rows[] = {
        {"coffee", 6, "coffee"},
        {"coffee", 5, "coff…"},
        {"coffee", 1, "…"},
        {"coffee", 0, ""},
        {"coffee", -1, ""},
        {"日本語", 6, "日本語"},
        {"日本語", 5, "日本…"},
        {"日本語", 4, "日…"},
        {"", 3, ""},
        {"Mu\u0308ller", 3, "Mu\u0308…"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_str(text_clip(a, str_c(rows[i].text), rows[i].columns), str_c(rows[i].want));
}

// Random characters of many blocks, sometimes broken.
static str random_text(arena *a, rng *r, int64_t most) {
    static const int32_t starts[] = {0x20,   0x20,   0x41,   0xC0,   0x100,  0x300,  0x390,  0x410,
                                     0x5D0,  0x640,  0x900,  0xE00,  0x1100, 0x2000, 0x2150, 0x3040,
                                     0x4E00, 0xAC00, 0xFB00, 0xFDF0, 0xFF00, 0x1F300};
    buf b = buf_new(a, 1 << 16);
    for (int64_t n = rng_range(r, 0, most); n > 0; n--) {
        const int32_t c = starts[rng_range(r, 0, COUNT(starts) - 1)] + (int32_t)rng_range(r, 0, 60);
        if (rng_chance(r, 0.02))
            buf_addc(&b, (char)rng_range(r, 128, 255));
        else if (c < 0x80)
            buf_addc(&b, (char)c);
        else if (c < 0x800)
            buf_fmt(&b, "%c%c", 0xC0 | c >> 6, 0x80 | (c & 63));
        else if (c < 0x10000)
            buf_fmt(&b, "%c%c%c", 0xE0 | c >> 12, 0x80 | (c >> 6 & 63), 0x80 | (c & 63));
        else
            buf_fmt(&b, "%c%c%c%c", 0xF0 | c >> 18, 0x80 | (c >> 12 & 63), 0x80 | (c >> 6 & 63), 0x80 | (c & 63));
    }
    return buf_str(&b);
}

static void check_word(void *ctx, str w) {
    arena scratch = *(arena *)ctx;
    assert_true(w.len > 0 && str_utf8_ok(w));
    assert_str(text_fold(&scratch, w), w);
}

static void any_text_is_handled(void **state) {
    arena *a = *state;
    rng r = rng_seed(12);
    for (int i = 0; i < 5000; i++) {
        arena scratch = *a;
        const str x = random_text(&scratch, &r, 40), before = str_dup(&scratch, x);
        const str fold = text_fold(&scratch, x), ascii = text_ascii(&scratch, x);
        assert_true(str_utf8_ok(fold));
        assert_str(text_fold(&scratch, fold), fold);
        const str plain = text_nfkc(&scratch, x);
        assert_str(text_fold(&scratch, plain), fold);
        assert_true(str_utf8_ok(text_letters(&scratch, x)));
        for (size_t k = 0; k < ascii.len; k++) assert_in_range(ascii.s[k], ' ', '~');
        assert_str(text_ascii(&scratch, ascii), ascii);
        const str host = idn_host(&scratch, x);
        assert_str(idn_host(&scratch, host), host);
        const int columns = (int)rng_range(&r, 1, 30);
        assert_true(text_width(text_clip(&scratch, x, columns)) <= columns);
        arena inner = arena_open(1 << 20);
        text_words(inner, x, check_word, &scratch);
        arena_close(&inner);
        assert_str(x, before);
    }
}

// Results that unfold to many times their length still fit, and nothing beyond them stays in the arena.
static void results_alone_stay_in_the_arena(void **state) {
    arena *a = *state;
    arena scratch = *a;
    buf b = buf_new(&scratch, 1 << 20);
    for (int i = 0; i < 10000; i++) buf_add(&b, S("ﷺ"));
    const size_t before = arena_used(&scratch);
    const str fold = text_fold(&scratch, buf_str(&b));
    assert_int_equal(fold.len, 10000 * strlen("صلى الله عليه وسلم"));
    assert_true(arena_used(&scratch) - before < fold.len + 64);
    for (int i = 0; i < 10000; i++) assert_memory_equal(fold.s + (size_t)i * 33, "صلى الله عليه وسلم", 33);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folding_makes_equal_what_people_read_as_equal),
        cmocka_unit_test(normal_forms_keep_capitals),
        cmocka_unit_test(letters_are_left_of_anything),
        cmocka_unit_test(names_become_ascii),
        cmocka_unit_test(hosts_become_ascii),
        cmocka_unit_test(texts_become_words),
        cmocka_unit_test(widths_are_columns),
        cmocka_unit_test(long_texts_are_clipped),
        cmocka_unit_test(any_text_is_handled),
        cmocka_unit_test(results_alone_stay_in_the_arena),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
