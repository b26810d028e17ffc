// Keys for a partner: two files of one made-up population, their columns in two orders and their secrets agreed or not.
#include "test.h"

#include "base/rng.h"
#include "link/cluster.h"
#include "link/keys.h"
#include "made.h"

static const link_keys_ask agreed = {.agreed = S("sixteen bytes and more")};

typedef struct {
    str rest;
} feed;

static ptrdiff_t feed_read(void *ctx, char *p, size_t n, err *e) {
    (void)e;
    feed *f = ctx;
    n = MIN(n, f->rest.len);
    if (n) memcpy(p, f->rest.s, n);
    f->rest = str_sub(f->rest, n, f->rest.len);
    return (ptrdiff_t)n;
}

static link_table table_of(arena *a, made *m) {
    link_table t;
    err e = {0};
    const link_head h = made_head(m);
    assert_ok(link_table_of(a, &t, &h, (str){0}, &e), e);
    return t;
}

static str file_of(arena *a, const link_table *t, const link_keys_ask *ask) {
    link_keys k;
    err e = {0};
    assert_ok(link_keys_plan(&k, t, ask, &e), e);
    buf b = buf_new(a, (size_t)64 << 20);
    buf_fmt(&b, "id,%.*s,block\n", STR_ARG(link_keys_name(a, &k)));
    for (uint32_t i = 0; i < t->rows; i++) {
        const bloom_key key = link_keys_of(*a, &k, i);
        buf_fmt(&b, "%u,", i + 1);
        bloom_write(&key, &b);
        buf_fmt(&b, ",%016" PRIx64 "\n", link_keys_block(&k, i));
    }
    return buf_str(&b);
}

static bool read_back(arena *a, str text, link_keys_file *f, err *e) {
    feed from = {text};
    return link_keys_read(a, csv_open(a, feed_read, &from, (csv_opts){.sep = ','}), f, e);
}

static void keys_come_back_as_they_were(void **state) {
    (void)state;
    arena a = arena_open((size_t)1 << 32);
    made m = made_people(&a, 3, 50);
    link_table t = table_of(&a, &m);
    link_keys_ask ask = agreed;
    ask.block = S("dob"), ask.salt = S("dob");
    link_keys k;
    link_keys_file f;
    err e = {0};
    assert_ok(link_keys_plan(&k, &t, &ask, &e), e);
    assert_ok(read_back(&a, file_of(&a, &t, &ask), &f, &e), e);
    assert_int_equal(f.n, 50);
    assert_str(f.how, link_keys_name(&a, &k));
    assert_true(str_find(f.how, ' ') > 0 && str_ends(f.how, S("balanced salt:birth block:birth")));
    for (uint32_t i = 0; i < f.n; i++) {
        const bloom_key key = link_keys_of(a, &k, i);
        assert_memory_equal(&key, &f.key[i], sizeof key);
        assert_true(f.block[i] == link_keys_block(&k, i));
        assert_int_equal(key.ones, BLOOM_BITS);
    }
    link_keys_close(&f);
    link_table_close(&t);
    arena_close(&a);
}

static void the_order_of_columns_does_not_matter(void **state) {
    (void)state;
    arena a = arena_open((size_t)1 << 32);
    made m = made_people(&a, 4, 40);
    link_table t = table_of(&a, &m);
    const str first = file_of(&a, &t, &agreed);
    for (size_t i = 0; i < m.h.n_rows; i++) {
        str *row = make(&a, str, MADE_COLUMNS);
        for (int c = 0; c < MADE_COLUMNS; c++) row[c] = m.h.row[i][MADE_COLUMNS - 1 - c];
        ((const str **)(uintptr_t)m.h.row)[i] = row;
    }
    for (int c = 0; c < MADE_COLUMNS / 2; c++) {
        const str x = m.names[c];
        m.names[c] = m.names[MADE_COLUMNS - 1 - c], m.names[MADE_COLUMNS - 1 - c] = x;
    }
    link_table turned = table_of(&a, &m);
    assert_str(file_of(&a, &turned, &agreed), first);
    link_table_close(&t);
    link_table_close(&turned);
    arena_close(&a);
}

// Pairs of equal people that keys alone put together.
static double recall_of(arena a, const link_keys_file *f, const uint32_t *who, double *precision) {
    bloom_pairs found;
    uint32_t *cluster = make(&a, uint32_t, f->n);
    err e = {0};
    assert_ok(bloom_match(&a, f->key, f->n, 0, f->block, &found, &e), e);
    assert_ok(link_cluster(&a, found.p, found.n, f->n, NULL, cluster, &e), e);
    double right = 0, said = 0, all = 0;
    for (uint32_t i = 0; i < f->n; i++)
        for (uint32_t j = 0; j < i; j++) {
            const bool same = who[i] == who[j], together = cluster[i] == cluster[j];
            right += same && together, said += together, all += same;
        }
    *precision = right / said;
    return right / all;
}

static void keys_alone_find_who_is_the_same(void **state) {
    (void)state;
    const struct {
        link_keys_ask ask;
        double recall, precision;
    } rows[] = {{agreed, 0.75, 0.9},
                {{.agreed = agreed.agreed, .plain = true}, 0.75, 0.9},
                {{.agreed = agreed.agreed, .flip = 0.03}, 0.7, 0.9}};
    arena a = arena_open((size_t)1 << 32);
    made m = made_people(&a, 5, 1200);
    link_table t = table_of(&a, &m);
    for (size_t i = 0; i < COUNT(rows); i++) {
        link_keys_file f;
        err e = {0};
        double precision;
        assert_ok(read_back(&a, file_of(&a, &t, &rows[i].ask), &f, &e), e);
        for (uint32_t k = 0; k < f.n; k++) f.block[k] = 0;
        const double recall = recall_of(a, &f, m.who, &precision);
        if (recall < rows[i].recall || precision < rows[i].precision)
            fail_msg("keys of kind %zu: precision %.4f, recall %.4f", i, precision, recall);
        link_keys_close(&f);
    }
    link_table_close(&t);
    arena_close(&a);
}

static void no_value_stands_in_a_file_of_keys(void **state) {
    (void)state;
    arena a = arena_open((size_t)1 << 32);
    made m = made_people(&a, 6, 60);
    link_table t = table_of(&a, &m);
    str rest = file_of(&a, &t, &agreed);
    (void)str_cut(&rest, '\n');
    for (size_t i = 0; i < rest.len; i++) {
        const char c = rest.s[i];
        assert_true((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == ',' || c == '\n');
    }
    link_table_close(&t);
    arena_close(&a);
}

static void files_that_cannot_be_compared_are_told_apart(void **state) {
    (void)state;
    arena a = arena_open((size_t)1 << 32);
    made m = made_people(&a, 7, 30);
    link_table t = table_of(&a, &m);
    const link_keys_ask other = {.agreed = S("another secret of two people")},
                        plain = {.agreed = agreed.agreed, .plain = true};
    link_keys_file x, y, z;
    err e = {0};
    assert_ok(read_back(&a, file_of(&a, &t, &agreed), &x, &e), e);
    assert_ok(read_back(&a, file_of(&a, &t, &other), &y, &e), e);
    assert_ok(read_back(&a, file_of(&a, &t, &plain), &z, &e), e);
    assert_ok(link_keys_alike(&x, &x, &e), e);
    assert_false(link_keys_alike(&x, &y, &e));
    assert_int_equal(e.code, ERR_conflict);
    assert_non_null(strstr(e.msg, "two secrets"));
    err_clear(&e);
    assert_false(link_keys_alike(&x, &z, &e));
    assert_non_null(strstr(e.msg, "plain"));
    link_keys_close(&x);
    link_keys_close(&y);
    link_keys_close(&z);
    link_table_close(&t);
    arena_close(&a);
}

static void bad_files_and_wishes_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *says;
    } rows[] = {{"", "no file of keys"},
                {"id,name\n1,ann\n", "no file of keys"},
                {"id,key 0 given plain\n1,12ab\n", "line 2: a key has"},
                {"id,key 0 given plain\n\n1\n", "line 3 has no id and key"}};
    arena a = arena_open((size_t)1 << 32);
    made m = made_people(&a, 8, 20);
    link_table t = table_of(&a, &m);
    for (size_t i = 0; i < COUNT(rows); i++) {
        link_keys_file f;
        err e = {0};
        assert_false(read_back(&a, str_c(rows[i].text), &f, &e));
        assert_int_equal(e.code, ERR_invalid);
        if (!strstr(e.msg, rows[i].says)) fail_msg("\"%s\" does not say \"%s\"", e.msg, rows[i].says);
    }
    const link_keys_ask wishes[] = {{.agreed = S("short")},
                                    {.agreed = agreed.agreed, .salt = S("shoe size")},
                                    {.agreed = agreed.agreed, .flip = 0.5}};
    for (size_t i = 0; i < COUNT(wishes); i++) {
        link_keys k;
        err e = {0};
        assert_false(link_keys_plan(&k, &t, &wishes[i], &e));
    }
    link_table_close(&t);
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_come_back_as_they_were),
        cmocka_unit_test(the_order_of_columns_does_not_matter),
        cmocka_unit_test(keys_alone_find_who_is_the_same),
        cmocka_unit_test(no_value_stands_in_a_file_of_keys),
        cmocka_unit_test(files_that_cannot_be_compared_are_told_apart),
        cmocka_unit_test(bad_files_and_wishes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
