#include <math.h>

#include "test.h"

#include "base/csv.h"
#include "base/input.h"
#include "base/rng.h"
#include "text/encoder.h"
#include "text/near.h"

static int set_up(void **state) {
    static arena a;
    a = arena_open((size_t)1 << 30);
    *state = &a;
    return 0;
}

static int tear_down(void **state) {
    arena_close(*state);
    return 0;
}

// Jaccard as it is defined: sets of substrings, compared one by one.
static size_t substrings(arena *a, str x, str **out) {
    size_t n = 0;
    *out = make(a, str, x.len + 1);
    for (size_t i = 0; i + 5 <= x.len || (!i && x.len); i++) {
        const str one = str_sub(x, i, 5);
        size_t k = 0;
        while (k < n && !str_eq((*out)[k], one)) k++;
        if (k == n) (*out)[n++] = one;
    }
    return n;
}

static double jaccard_by_definition(arena a, str x, str y) {
    str *v, *w;
    const size_t n = substrings(&a, x, &v), m = substrings(&a, y, &w);
    size_t both = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < m; k++) both += str_eq(v[i], w[k]);
    return n + m ? (double)both / (double)(n + m - both) : 0;
}

static str random_plain(arena *a, rng *r, int64_t most) {
    buf b = buf_new(a, 1 << 12);
    for (int64_t n = rng_range(r, 0, most); n > 0; n--) buf_addc(&b, (char)('a' + rng_range(r, 0, 2)));
    return buf_str(&b);
}

static void likeness_is_what_its_definition_says(void **state) {
    rng r = rng_seed(1);
    for (int i = 0; i < 2000; i++) {
        arena a = *(arena *)*state;
        const str x = random_plain(&a, &r, 40), y = random_plain(&a, &r, 40);
        const double got = near_jaccard(a, x, y), want = jaccard_by_definition(a, x, y);
        if (fabs(got - want) > 1e-12) fail_msg("\"%.*s\" \"%.*s\": %g, not %g", STR_ARG(x), STR_ARG(y), got, want);
    }
}

static void dress_is_no_difference(void **state) {
    arena a = *(arena *)*state;
    assert_true(near_jaccard(a, S("Where is my ORDER?!"), S("where is... my order")) == 1);
    assert_true(near_jaccard(a, S("Straße"), S("STRASSE")) == 1);
    assert_true(near_jaccard(a, S("don't do “it”"), S("don’t - do it")) == 1);
    assert_true(near_jaccard(a, S("日本語のテキスト"), S("日本語のテキスト。")) == 1);
    assert_true(near_jaccard(a, S("!!!"), S("???")) == 0);
    const near_sign x = near_sign_of(a, S("Where is my ORDER?!")), y = near_sign_of(a, S("where is my order"));
    assert_memory_equal(&x, &y, sizeof x);
    assert_true(near_sign_of(a, S("?!")).exact == 0);
}

// 32 hashes estimate a share with a standard deviation of sqrt(J (1 - J) / 32) (Broder 1997).
static void a_sign_estimates_likeness(void **state) {
    rng r = rng_seed(2);
    double square = 0, expected = 0;
    for (int i = 0; i < 1000; i++) {
        arena a = *(arena *)*state;
        buf x = buf_new(&a, 4096), y = buf_new(&a, 4096);
        for (int k = 0; k < 100; k++) {
            const char c = (char)('a' + rng_range(&r, 0, 25));
            buf_addc(&x, c);
            buf_addc(&y, rng_chance(&r, 0.03) ? 'z' : c);
        }
        const near_sign sx = near_sign_of(a, buf_str(&x)), sy = near_sign_of(a, buf_str(&y));
        const double j = near_jaccard(a, buf_str(&x), buf_str(&y)), off = near_rough(&sx, &sy) - j;
        square += off * off;
        expected += j * (1 - j) / 32;
    }
    assert_true(square / expected > 0.8 && square / expected < 1.25);
}

// A text as somebody else would have sent it again: letters lost, doubled or swapped.
static str with_typos(arena *a, rng *r, str x, double rate) {
    buf b = buf_new(a, x.len * 2 + 16);
    for (size_t i = 0; i < x.len; i++) {
        if ((x.s[i] & 0x80) || !rng_chance(r, rate)) {
            buf_addc(&b, x.s[i]);
        } else if (rng_chance(r, 0.5)) {
            buf_addc(&b, x.s[i]);
            buf_addc(&b, x.s[i]);
        }
    }
    return buf_str(&b);
}

static str *read_texts(arena *a, const char *dir, size_t *n) {
    enum { MOST = 4000 };
    err e = {0};
    input *in;
    csv_row row;
    str *texts = make(a, str, MOST);
    assert_ok(
        input_open(
            &in,
            str_z(a, str_fmt(a, "%s/text/bitext_intents/Bitext_Sample_Customer_Service_Training_Dataset.csv", dir)),
            &e),
        e);
    csv *c = csv_open(a, input_read, in, (csv_opts){0});
    csv_next(c, &row, &e);
    for (*n = 0; *n < MOST && csv_next(c, &row, &e);) texts[(*n)++] = str_dup(a, row.cells[0]);
    input_close(in);
    return texts;
}

static void signs_find_what_comparing_all_finds(void **state) {
    arena a = *(arena *)*state;
    test_need_data(dir);
    size_t n;
    str *texts = read_texts(&a, dir, &n);
    rng r = rng_seed(3);
    near_text *x = make(&a, near_text, 2 * n);
    for (size_t i = 0; i < n; i++) {
        x[2 * i].text = texts[i];
        x[2 * i + 1].text = with_typos(&a, &r, texts[rng_range(&r, 0, (int64_t)i)], 0.02);
    }
    near_mark *quick = make(&a, near_mark, 2 * n), *slow = make(&a, near_mark, 2 * n);
    const size_t m = MIN(2 * n, (size_t)2000);
    const near_tally q = near_find(a, x, m, NULL, quick), s = near_find(a, x, m, &(near_opts){.brute = true}, slow);
    size_t same = 0;
    for (size_t i = 0; i < m; i++) same += quick[i].group == slow[i].group;
    print_message("%zu texts: %zu exact, %zu near; comparing all %zu, %zu; %zu marked alike\n", m, q.exact, q.near,
                  s.exact, s.near, same);
    assert_true((double)same > 0.985 * (double)m);
    assert_int_equal(q.exact, s.exact);
}

static void marks_keep_their_promises(void **state) {
    arena a = *(arena *)*state;
    test_need_data(dir);
    size_t n;
    str *texts = read_texts(&a, dir, &n);
    near_text *x = make(&a, near_text, n);
    near_mark *m = make(&a, near_mark, n);
    rng r = rng_seed(4);
    for (size_t i = 0; i < n; i++) x[i] = (near_text){.text = texts[i], .who = rng_range(&r, 0, 50)};
    const near_tally t = near_find(a, x, n, NULL, m);
    size_t distinct = 0, voices = 0, groups = 0;
    for (size_t i = 0; i < n; i++) {
        const uint32_t first = m[i].group;
        assert_true(first <= i && m[first].group == first);
        if (first != i) {
            assert_true(m[first].how == NEAR_first && m[i].jaccard >= 0.7F);
            assert_true(fabs(near_jaccard(a, x[i].text, x[first].text) - (double)m[i].jaccard) < 1e-6);
        }
        distinct += first == i;
        groups += m[i].how == NEAR_first;
        voices += !m[i].again;
        for (size_t k = 0; m[i].again && k <= i; k++)
            if (k == i)
                fail_msg("nobody said %zu before", i);
            else if (x[k].who == x[i].who && m[k].group == first)
                break;
    }
    assert_true(distinct == t.distinct && voices == t.voices && groups == t.groups);
    assert_true(t.distinct + t.exact + t.near == n && t.voices >= t.distinct);
}

static void a_person_who_repeats_counts_once(void **state) {
    arena a = *(arena *)*state;
    const near_text x[] = {
        {.text = S("My parcel is late again, this is awful!"), .who = 1},
        {.text = S("my parcel is late again. this is awful"), .who = 1},
        {.text = S("My parcel is late again, this is awful"), .who = 2},
        {.text = S("My parcel is late again, this is awful"), .who = 0},
        {.text = S("My parcel is late again, this is awful"), .who = 0},
        {.text = S("Your shop in Leeds is lovely"), .who = 1},
        {.text = S("🙂"), .who = 1},
        {.text = S("🙂"), .who = 3},
    };
    near_mark m[COUNT(x)];
    const near_tally t = near_find(a, x, COUNT(x), NULL, m);
    assert_int_equal(t.groups, 2);
    assert_int_equal(t.exact, 5);
    assert_int_equal(t.voices, 7);
    assert_true(m[1].again && m[1].how == NEAR_exact && !m[2].again && !m[3].again && !m[5].again);
    const near_tally none = near_find(a, NULL, 0, NULL, NULL);
    assert_int_equal(none.voices, 0);
}

static void meaning_confirms_what_letters_leave_open(void **state) {
    arena a = *(arena *)*state;
    near_text x[] = {{.text = S("I would like to cancel my order with the number 4711 please")},
                     {.text = S("I would like to cancel the order with the number 4711 now")}};
    near_mark m[2];
    int8_t same[EMBEDDING], other[EMBEDDING];
    float v[EMBEDDING] = {0};
    const double j = near_jaccard(a, x[0].text, x[1].text);
    assert_true(j > 0.6 && j < 0.7);
    assert_int_equal(near_find(a, x, 2, NULL, m).near, 0);
    for (int i = 0; i < EMBEDDING; i++) v[i] = 1 / sqrtf(EMBEDDING);
    embedding_pack(v, same);
    for (int i = 0; i < EMBEDDING; i += 2) v[i] = -v[i];
    embedding_pack(v, other);
    x[0].vector = x[1].vector = same;
    assert_int_equal(near_find(a, x, 2, NULL, m).near, 1);
    x[1].vector = other;
    assert_int_equal(near_find(a, x, 2, NULL, m).near, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(likeness_is_what_its_definition_says),
        cmocka_unit_test(dress_is_no_difference),
        cmocka_unit_test(a_sign_estimates_likeness),
        cmocka_unit_test(signs_find_what_comparing_all_finds),
        cmocka_unit_test(marks_keep_their_promises),
        cmocka_unit_test(a_person_who_repeats_counts_once),
        cmocka_unit_test(meaning_confirms_what_letters_leave_open),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
