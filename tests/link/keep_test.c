// What a table taught weighs the same once it was kept: on the table itself, on two of its records alone, and never on
// a text that was changed.
#include "base/rng.h"
#include "link/keep.h"
#include "test.h"

enum { PEOPLE = 1500 };

static const str names[] = {S("given"),    S("family"), S("born"),  S("address"),
                            S("postcode"), S("city"),   S("email"), S("phone")};
static const str by =
    S("given=given,family=family,birth=born,address=address,postcode=postcode,city=city,email=email,phone=phone");
enum { COLUMNS = 8 };

typedef struct {
    str is[COLUMNS];
} person;

typedef struct {
    arena a;
    person *row;
    const str **rows;
    size_t n;
} people;

static const char *const given[] = {"Anna", "Jürgen", "María",  "Peter", "Paul", "Ada",  "John",  "Elisabeth",
                                    "Tom",  "Sophie", "Miguel", "Lena",  "Karl", "Ruth", "Oskar", "Inés"};
static const char *const family[] = {"Smith", "Jones", "Müller", "Schmidt", "García", "Okafor", "Weber", "Novak"};

static str letters(people *p, rng *r, int n) {
    char *s = make(&p->a, char, n);
    for (int i = 0; i < n; i++) s[i] = (char)('a' + rng_range(r, 0, 25));
    return (str){s, (size_t)n};
}

// Half of them come twice, the second time with an error or two.
static void fill(people *p, uint64_t seed) {
    rng r = rng_seed(seed);
    p->a = arena_open(64 << 20);
    p->row = make(&p->a, person, 2 * PEOPLE);
    for (int i = 0; i < PEOPLE; i++) {
        str *x = p->row[p->n++].is;
        str last = rng_chance(&r, 0.5) ? str_c(family[rng_range(&r, 0, 7)]) : letters(p, &r, 7);
        x[0] = str_c(given[rng_range(&r, 0, 15)]), x[1] = last;
        x[2] = str_fmt(&p->a, "%d-%02d-%02d", (int)rng_range(&r, 1940, 2005), (int)rng_range(&r, 1, 12),
                       (int)rng_range(&r, 1, 28));
        x[3] = str_fmt(&p->a, "%d %.*s street", (int)rng_range(&r, 1, 99), STR_ARG(letters(p, &r, 5)));
        x[4] = str_fmt(&p->a, "%05d", (int)rng_range(&r, 10000, 10400));
        x[5] = letters(p, &r, 1).s[0] < 'n' ? S("Leipzig") : S("Dresden");
        x[6] = str_fmt(&p->a, "%.*s@example.org", STR_ARG(letters(p, &r, 9)));
        x[7] = str_fmt(&p->a, "+49341%07d", (int)rng_range(&r, 0, 9999999));
        if (!rng_chance(&r, 0.5)) continue;
        str *y = p->row[p->n++].is;
        memcpy(y, x, COLUMNS * sizeof *x);
        y[rng_range(&r, 2, 7)] = S("");
        y[6] = rng_chance(&r, 0.5) ? S("") : y[6];
        if (rng_chance(&r, 0.3)) y[3] = str_fmt(&p->a, "%d other street", (int)rng_range(&r, 1, 99));
    }
    p->rows = make(&p->a, const str *, p->n);
    for (size_t i = 0; i < p->n; i++) p->rows[i] = p->row[i].is;
}

static link_table table_of(people *p, const str *const *rows, size_t n) {
    link_table t;
    err e = {0};
    link_head h = {.name = names, .n = COLUMNS, .row = rows, .n_rows = n};
    assert_ok(link_table_of(&p->a, &t, &h, by, &e), e);
    return t;
}

static float weigh(const link_table *t, const link_score *s, uint32_t a, uint32_t b) {
    link_comparer c = link_comparer_open(t);
    const float w = link_weight(s, link_pattern(&c, link_row(t, a), link_row(t, b)), link_row(t, a), link_row(t, b));
    link_comparer_close(&c);
    return w;
}

static str learn(people *p, const link_table *t, link_model *m) {
    err e = {0};
    buf b = buf_new(&p->a, 16 << 20);
    assert_ok(link_model_learn(m, t, &(link_model_opts){.threads = 1, .seed = 5}, &e), e);
    link_keep_write(m, 6, 0, &b);
    return buf_str(&b);
}

static void what_is_kept_weighs_the_same(void **state) {
    (void)state;
    people p = {0};
    link_model m;
    link_keep k;
    link_score s;
    err e = {0};
    fill(&p, 1);
    link_table t = table_of(&p, p.rows, p.n);
    str text = learn(&p, &t, &m);
    assert_ok(link_keep_read(&p.a, text, &k, &e), e);
    assert_int_equal(k.rows, p.n);
    assert_true(k.join > 5.9F && k.ask < 0.1F);
    assert_ok(link_keep_score(&k, &t, &s, &e), e);
    rng r = rng_seed(7);
    size_t differ = 0, same = 0;
    for (int i = 0; i < 400; i++) {
        uint32_t a = (uint32_t)rng_range(&r, 0, (int64_t)p.n - 2), b = a + 1;
        if (i % 2) b = (uint32_t)rng_range(&r, 0, (int64_t)p.n - 1);
        if (a == b) continue;
        float was = weigh(&t, &m.score, a, b), is = weigh(&t, &s, a, b);
        // A number of the fit goes through a float: a weight may be rounded to another grain here and there.
        if (was < is - 8 * LINK_GRAIN || was > is + 8 * LINK_GRAIN) differ++;
        const str *two[] = {p.rows[a], p.rows[b]};
        link_table small = table_of(&p, two, 2);
        link_score alone;
        assert_ok(link_keep_score(&k, &small, &alone, &e), e);
        same += weigh(&small, &alone, 0, 1) == is;
        differ += weigh(&small, &alone, 0, 1) != is;
        link_score_close(&alone);
        link_table_close(&small);
    }
    assert_int_equal(differ, 0);
    assert_true(same > 350);
    link_score_close(&s);
    link_keep_close(&k);
    link_model_close(&m);
    link_table_close(&t);
    arena_close(&p.a);
}

static void a_broken_text_is_refused(void **state) {
    (void)state;
    people p = {0};
    link_model m;
    fill(&p, 2);
    link_table t = table_of(&p, p.rows, 400);
    str text = learn(&p, &t, &m);
    rng r = rng_seed(3);
    for (int i = 0; i < 60; i++) {
        link_keep k;
        err e = {0};
        char *bad = make(&p.a, char, text.len);
        memcpy(bad, text.s, text.len);
        size_t at = (size_t)rng_range(&r, 0, (int64_t)text.len - 1);
        bad[at] = (char)rng_range(&r, 32, 126);
        if (link_keep_read(&p.a, (str){bad, i % 3 ? text.len : at}, &k, &e)) link_keep_close(&k);
        assert_true(!err_ok(&e) || i % 3);
    }
    link_model_close(&m);
    link_table_close(&t);
    arena_close(&p.a);
}

static void other_fields_are_refused(void **state) {
    (void)state;
    people p = {0};
    link_model m;
    link_keep k;
    link_score s;
    err e = {0};
    fill(&p, 3);
    link_table t = table_of(&p, p.rows, 400), other;
    str text = learn(&p, &t, &m);
    assert_ok(link_keep_read(&p.a, text, &k, &e), e);
    link_head h = {.name = names, .n = COLUMNS, .row = p.rows, .n_rows = 10};
    assert_ok(link_table_of(&p.a, &other, &h, S("family=family,birth=born"), &e), e);
    assert_false(link_keep_score(&k, &other, &s, &e));
    assert_int_equal(e.code, ERR_conflict);
    link_keep_close(&k);
    link_model_close(&m);
    link_table_close(&other);
    link_table_close(&t);
    arena_close(&p.a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_weighs_the_same),
        cmocka_unit_test(a_broken_text_is_refused),
        cmocka_unit_test(other_fields_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
