// One suite of cases, the same on a folder, in memory and on a PostgreSQL server (when PG_URL names one).
// clang-format off
#include "fixture.h"
// clang-format on

#include "base/rng.h"
#include "sql/ledger.h"
#include "sql/store.h"

#include <float.h>
#include <math.h>
#include <signal.h>

static void opens_again(void **state) {
    fixture *f = *state;
    err e = {0};
    assert_ok(put(f->s, "a", "1", &f->e), f->e);
    if (f->place == MEMORY) return;
    store_close(f->s);
    f->s = open_again(f, (store_opts){0});
    assert_int_equal(get(f->s, "a"), 1);
    store *r = open_again(f, (store_opts){.read_only = true});
    assert_int_equal(get(r, "a"), 1);
    assert_false(put(r, "a", "2", &e));
    assert_int_equal(e.code, ERR_denied);
    err_clear(&e);
    assert_false(store_begin(r, &e));
    assert_int_equal(e.code, ERR_denied);
    err_clear(&e);
    assert_false(store_lock(r, 0, &e));
    assert_int_equal(e.code, ERR_denied);
    err_clear(&e);
    assert_ok(store_begin_read(r, &e), e);
    assert_int_equal(get(r, "a"), 1);
    store_close(r);
}

static void names_what_is_missing(void **state) {
    fixture *f = *state;
    err e = {0};
    assert_int_equal(open_fails("", (store_opts){.create = true}, &e), ERR_invalid);
    if (f->place == MEMORY) return;
    char other[600];
    snprintf(other, sizeof other, "%s_not", f->where);
    assert_int_equal(open_fails(other, (store_opts){0}, &e), ERR_not_found);
    assert_non_null(strstr(e.msg, "no store in"));
    assert_int_equal(open_fails(other, (store_opts){.read_only = true, .create = true}, &e), ERR_not_found);
}

static void refuses_a_newer_schema(void **state) {
    fixture *f = *state;
    err e = {0};
    if (f->place == MEMORY) return;
    assert_ok(f->s->ops->set_version(f->s, migrate_newest() + 1, &f->e), f->e);
    assert_int_equal(open_fails(f->where, (store_opts){0}, &e), ERR_conflict);
    assert_non_null(strstr(e.msg, "use a newer heed"));
}

static void every_statement_is_valid(void **state) {
    fixture *f = *state;
    for (size_t i = 0; i < STORE_QUERIES; i++) {
        assert_int_equal(query_place(query_at(i)), i);
        if (!store_try(f->s, query_at(i), &f->e)) fail_msg("%s", f->e.msg);
    }
    assert_true(STORE_QUERIES > 4);
    assert_string_equal(store_query_name(Q_meta_get), "meta_get");
    assert_non_null(strstr(store_sql(f->s, Q_meta_get), "SELECT value"));
}

static void values_travel(void **state) {
    fixture *f = *state;
    static const int64_t ints[] = {0, 1, -1, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};
    static const double doubles[] = {0, -1.5, DBL_MAX, -DBL_MIN, 0x1p-1074, 0.1, 1e-300};
    static const char *const words[] = {"",
                                        "a",
                                        "Stra\xc3\x9f"
                                        "e",
                                        "\xf0\x9f\x99\x82 \xe6\xbc\xa2",
                                        "'\"\\%s;--",
                                        "\n\t",
                                        " "};
    char all[256];
    for (size_t i = 0; i < sizeof all; i++) all[i] = (char)i;
    for (size_t i = 0; i < COUNT(ints); i++) {
        str bytes = {all, i * 42};
        row r = store_query(f->s, Q_echo, &f->e, "idtb", ints[i], doubles[i], str_c(words[i]), bytes);
        assert_true(row_next(&r));
        assert_int_equal(r.at, 1);
        assert_true(row_int(&r, 0) == ints[i]);
        assert_true(row_double(&r, 1) == doubles[i]);
        assert_str(row_str(&r, 2), str_c(words[i]));
        assert_str(row_str(&r, 3), bytes);
        for (int c = 0; c < 4; c++) assert_false(row_null(&r, c));
        assert_false(row_next(&r));
        assert_false(row_next(&r));
        row_end(&r);
        assert_true(err_ok(&f->e));
    }
}

static void null_is_null(void **state) {
    fixture *f = *state;
    int64_t seven = 7;
    for (int round = 0; round < 2; round++) { // first without a type, then with one, on the same statement
        row r = store_query(f->s, Q_echo, &f->e, round ? "ITIT" : "nInT", NULL, (str){0}, NULL, (str){0});
        if (!round) {
            row_end(&r);
            r = store_query(f->s, Q_echo, &f->e, "nInT", NULL, (str){0});
        }
        assert_true(row_next(&r));
        for (int c = 0; c < 4; c++) assert_true(row_null(&r, c));
        assert_int_equal(row_int(&r, 0), 0);
        assert_true(row_double(&r, 0) == 0);
        assert_str(row_str(&r, 3), S(""));
        row_end(&r);
    }
    row r = store_query(f->s, Q_echo, &f->e, "ITIT", &seven, S(""), &seven, S("x"));
    assert_true(row_next(&r));
    assert_int_equal(row_int(&r, 0), 7);
    assert_false(row_null(&r, 1));
    assert_str(row_str(&r, 3), S("x"));
    row_end(&r);
    if (!err_ok(&f->e)) fail_msg("%s", f->e.msg);
}

static void one_number(void **state) {
    fixture *f = *state;
    int64_t v = 0;
    assert_ok(store_int(f->s, Q_meta_get, &v, 42, &f->e, "t", S("absent")), f->e);
    assert_int_equal(v, 42);
    assert_ok(store_int(f->s, Q_echo, &v, 42, &f->e, "nnnn"), f->e);
    assert_int_equal(v, 42);
    assert_ok(put(f->s, "n", "-9223372036854775808", &f->e), f->e);
    assert_ok(store_int(f->s, Q_meta_get, &v, 42, &f->e, "t", S("n")), f->e);
    assert_true(v == INT64_MIN);
}

// What a query was given need not outlive the call.
static void arguments_are_taken_along(void **state) {
    fixture *f = *state;
    char name[] = "first", bytes[] = "1234";
    row r = store_query(f->s, Q_echo, &f->e, "itbn", INT64_C(1), str_c(name), str_c(bytes));
    memset(name, 'x', sizeof name - 1);
    memset(bytes, 'y', sizeof bytes - 1);
    assert_true(row_next(&r));
    assert_str(row_str(&r, 1), S("first"));
    assert_str(row_str(&r, 2), S("1234"));
    row_end(&r);
}

static void counts_what_changed(void **state) {
    fixture *f = *state;
    int64_t n = -1;
    assert_ok(store_run(f->s, Q_meta_delete, &n, &f->e, "t", S("absent")), f->e);
    assert_int_equal(n, 0);
    assert_ok(store_run(f->s, Q_meta_put, &n, &f->e, "tt", S("a"), S("1")), f->e);
    assert_int_equal(n, 1);
    assert_ok(store_run(f->s, Q_meta_put, &n, &f->e, "tt", S("a"), S("2")), f->e);
    assert_int_equal(n, 1);
    assert_ok(store_run(f->s, Q_meta_delete, &n, &f->e, "t", S("a")), f->e);
    assert_int_equal(n, 1);
}

static void failed_err_does_nothing(void **state) {
    fixture *f = *state;
    err e = {.code = ERR_busy};
    int64_t n = 5;
    assert_false(store_begin(f->s, &e));
    assert_false(put(f->s, "a", "1", &e));
    row r = store_query(f->s, Q_meta_list, &e, "");
    assert_false(row_next(&r));
    assert_false(store_int(f->s, Q_meta_get, &n, 3, &e, "t", S("a")));
    assert_int_equal(n, 3);
    assert_int_equal(e.code, ERR_busy);
    assert_int_equal(get(f->s, "a"), -1);
}

static void wrong_calls_are_named(void **state) {
    fixture *f = *state;
    assert_false(store_run(f->s, Q_meta_put, NULL, &f->e, "t", S("a")));
    assert_true(f->e.code == ERR_internal);
    assert_non_null(strstr(f->e.msg, "meta_put"));
    err_clear(&f->e);
    assert_ok(put(f->s, "a", "1", &f->e), f->e); // and the store goes on
}

static void texts_are_ordered_by_their_bytes(void **state) {
    fixture *f = *state;
    static const char *const names[] = {"B", "a",        "b", "A", "a b", "ab", "-c",
                                        "_", "\xc3\xa4", "z", "Z", "1",   "10", "2"};
    char last[16] = "";
    for (size_t i = 0; i < COUNT(names); i++) assert_ok(put(f->s, names[i], "0", &f->e), f->e);
    for (row r = store_query(f->s, Q_meta_list, &f->e, ""); row_next(&r);) {
        assert_true(str_cmp(str_c(last), row_str(&r, 0)) < 0);
        snprintf(last, sizeof last, "%.*s", STR_ARG(row_str(&r, 0)));
    }
    assert_string_equal(last, "\xc3\xa4");
}

static void rows_stream(void **state) {
    fixture *f = *state;
    enum { N = 100000 };
    int64_t sum = 0;
    put_many(f, N, 10);
    row r = store_query(f->s, Q_meta_list, &f->e, "");
    for (; row_next(&r);) sum += row_int(&r, 1);
    assert_true(err_ok(&f->e));
    assert_int_equal(r.at, N);
    assert_true(sum == (int64_t)N * (N - 1) / 2);
    r = store_query(f->s, Q_meta_list, &f->e, "");
    for (int i = 0; i < 10; i++) assert_true(row_next(&r));
    row_end(&r); // early
    row_end(&r);
    assert_false(row_next(&r));
    assert_int_equal(get(f->s, "k0000077"), 77);
    assert_true(err_ok(&f->e));
}

// Another statement inside a loop: the same one, another one, and a write. More rows than what PostgreSQL keeps in
// memory meanwhile.
static void queries_nest(void **state) {
    fixture *f = *state;
    enum { N = 30000, WIDTH = 300 };
    put_many(f, N, WIDTH);
    assert_true((size_t)N * WIDTH > 8u << 20);
    int64_t n = 0, inner = 0;
    for (row r = store_query(f->s, Q_meta_list, &f->e, ""); row_next(&r);) {
        int64_t mine = row_int(&r, 1);
        assert_int_equal(mine, n++);
        assert_int_equal(row_str(&r, 1).len, WIDTH);
        if (mine % 1000) continue;
        row i = store_query(f->s, Q_meta_list, &f->e, "");
        for (int k = 0; k < 5; k++) {
            assert_true(row_next(&i));
            assert_int_equal(row_int(&i, 1), k);
            assert_int_equal(get(f->s, "k0000003"), 3);
            inner++;
        }
        row_end(&i);
        assert_ok(store_run(f->s, Q_echo, NULL, &f->e, "iiii", n, n, n, n), f->e);
        assert_int_equal(row_int(&r, 1), mine); // still at hand
    }
    assert_true(err_ok(&f->e));
    assert_int_equal(n, N);
    assert_int_equal(inner, 150);
}

static void deep_nesting(void **state) {
    fixture *f = *state;
    int64_t n = 0;
    put_many(f, 12, 1);
    for (row a = store_query(f->s, Q_meta_list, &f->e, ""); row_next(&a);)
        for (row b = store_query(f->s, Q_meta_list, &f->e, ""); row_next(&b);)
            for (row c = store_query(f->s, Q_meta_list, &f->e, ""); row_next(&c);)
                n += row_int(&a, 1) * 144 + row_int(&b, 1) * 12 + row_int(&c, 1);
    assert_true(err_ok(&f->e));
    assert_int_equal(n, (int64_t)1728 * 1727 / 2);
}

static void writes_inside_a_loop(void **state) {
    fixture *f = *state;
    int64_t n = 0;
    put_many(f, 500, 1);
    assert_ok(store_begin(f->s, &f->e), f->e);
    for (row r = store_query(f->s, Q_meta_list, &f->e, ""); row_next(&r);) {
        int64_t seq = row_int(&r, 1);
        assert_ok(store_run(f->s, Q_tail_put, NULL, &f->e, "ib", seq, row_str(&r, 0)), f->e);
        n++;
    }
    assert_ok(store_commit(f->s, &f->e), f->e);
    assert_int_equal(n, 500);
    assert_int_equal(count(f->s, Q_tail_scan), 500);
}

static void transactions_end_as_told(void **state) {
    fixture *f = *state;
    assert_ok(store_begin(f->s, &f->e), f->e);
    assert_ok(put(f->s, "a", "1", &f->e), f->e);
    store_rollback(f->s);
    store_rollback(f->s); // nothing to do
    assert_int_equal(get(f->s, "a"), -1);
    assert_ok(store_begin(f->s, &f->e), f->e);
    assert_ok(put(f->s, "a", "2", &f->e), f->e);
    assert_ok(store_commit(f->s, &f->e), f->e);
    assert_int_equal(get(f->s, "a"), 2);
    if (f->place == MEMORY) return;
    assert_ok(store_begin(f->s, &f->e), f->e);
    assert_ok(put(f->s, "a", "3", &f->e), f->e);
    store_close(f->s); // an open transaction is undone
    f->s = open_again(f, (store_opts){0});
    assert_int_equal(get(f->s, "a"), 2);
}

static void readers_see_one_moment(void **state) {
    fixture *f = *state;
    if (f->place == MEMORY) return;
    store *r = open_again(f, (store_opts){0});
    assert_ok(put(f->s, "a", "1", &f->e), f->e);
    assert_ok(store_begin_read(r, &f->e), f->e);
    assert_int_equal(get(r, "a"), 1);
    assert_ok(store_begin(f->s, &f->e), f->e);
    assert_ok(put(f->s, "a", "2", &f->e), f->e);
    assert_int_equal(get(r, "a"), 1);
    assert_ok(store_commit(f->s, &f->e), f->e);
    assert_int_equal(get(r, "a"), 1);
    assert_ok(store_commit(r, &f->e), f->e);
    assert_int_equal(get(r, "a"), 2);
    store_close(r);
}

static void duplicates_conflict(void **state) {
    fixture *f = *state;
    assert_ok(store_run(f->s, Q_tail_put, NULL, &f->e, "ib", (int64_t)1, S("x")), f->e);
    assert_false(store_run(f->s, Q_tail_put, NULL, &f->e, "ib", (int64_t)1, S("y")));
    assert_int_equal(f->e.code, ERR_conflict);
    err_clear(&f->e);
    assert_false(store_run(f->s, Q_tail_put, NULL, &f->e, "in", (int64_t)2)); // entries may not be NULL
    assert_int_equal(f->e.code, ERR_conflict);
    err_clear(&f->e);
    assert_int_equal(count(f->s, Q_tail_scan), 1);
    // After a failure inside a transaction only its end is certain: nothing of it may be taken for stored.
    assert_ok(store_begin(f->s, &f->e), f->e);
    assert_false(store_run(f->s, Q_tail_put, NULL, &f->e, "ib", (int64_t)1, S("y")));
    store_rollback(f->s);
    err_clear(&f->e);
    assert_ok(put(f->s, "a", "1", &f->e), f->e);
}

// --- many rows at once

enum { EVENTS = 25000, EVENT_COLUMNS = 12 };

// Random events of three months, with every column that may be NULL NULL now and then, in the order of the key.
static void random_events(fixture *f, column cols[EVENT_COLUMNS]) {
    rng r = rng_seed(7);
    for (int c = 0; c < EVENT_COLUMNS; c++) {
        unsigned char *gone = make(&f->a, unsigned char, EVENTS);
        int64_t *v = make(&f->a, int64_t, EVENTS);
        str *t = make(&f->a, str, EVENTS);
        for (int64_t i = 0; i < EVENTS; i++) {
            gone[i] = c >= 7 && rng_chance(&r, 0.3);
            v[i] = c == 0 ? 650 + i % 3 : c == 3 ? i : c >= 4 && c <= 6 ? rng_range(&r, 0, 99) : (int64_t)rng_u64(&r);
            if (c == 8) v[i] = rng_range(&r, INT32_MIN, INT32_MAX);
            t[i] = str_fmt(&f->a, "{\"n\":%" PRId64 "}", v[i]);
        }
        cols[c] = (column){c == 11 ? 't' : 'i', c == 11 ? (void *)t : (void *)v, c >= 7 ? gone : NULL};
    }
}

static void check_events(fixture *f, const column cols[EVENT_COLUMNS]) {
    int64_t n = 0;
    for (row r = store_query(f->s, Q_store_events, &f->e, ""); row_next(&r); n++) {
        int64_t i = row_int(&r, 3);
        for (int c = 0; c < EVENT_COLUMNS; c++) {
            bool gone = cols[c].is_null && cols[c].is_null[i];
            assert_int_equal(row_null(&r, c), gone);
            if (gone) continue;
            if (c == 11)
                assert_str(row_str(&r, c), ((const str *)cols[c].v)[i]);
            else
                assert_true(row_int(&r, c) == ((const int64_t *)cols[c].v)[i]);
        }
    }
    assert_true(err_ok(&f->e));
    assert_int_equal(n, EVENTS);
}

static void events_in_bulk(void **state) {
    fixture *f = *state;
    column cols[EVENT_COLUMNS];
    int64_t changed = 0;
    for (int32_t p = 650; p < 653; p++) assert_ok(store_ensure_period(f->s, p, &f->e), f->e);
    random_events(f, cols);
    assert_ok(store_bulk(f->s, Q_event_append, cols, EVENT_COLUMNS, EVENTS, &changed, &f->e), f->e);
    assert_int_equal(changed, EVENTS);
    check_events(f, cols);
    // The same again conflicts as a whole.
    assert_false(store_bulk(f->s, Q_event_append, cols, EVENT_COLUMNS, EVENTS, NULL, &f->e));
    assert_int_equal(f->e.code, ERR_conflict);
    err_clear(&f->e);
    check_events(f, cols);
    // A single one goes through the same statement.
    assert_ok(store_run(f->s, Q_event_append, &changed, &f->e, "iiiiiiiIIIIT", (int64_t)652, (int64_t)1, (int64_t)2,
                        (int64_t)3, (int64_t)4, (int64_t)5, (int64_t)6, NULL, NULL, NULL, NULL, (str){0}),
              f->e);
    assert_int_equal(changed, 1);
}

// A failure in the middle leaves nothing of the whole, also when many good rows went before.
static void bulk_is_whole_or_nothing(void **state) {
    fixture *f = *state;
    enum { N = 3000 };
    int64_t seq[N];
    str entries[N];
    for (int i = 0; i < N; i++) seq[i] = i == N - 1 ? 5 : i, entries[i] = S("x");
    column cols[] = {{'i', seq, NULL}, {'b', entries, NULL}};
    assert_false(store_bulk(f->s, Q_tail_put, cols, 2, N, NULL, &f->e));
    assert_int_equal(f->e.code, ERR_conflict);
    err_clear(&f->e);
    assert_int_equal(count(f->s, Q_tail_scan), 0);
    seq[N - 1] = N - 1;
    assert_ok(store_bulk(f->s, Q_tail_put, cols, 2, 0, NULL, &f->e), f->e);
    assert_ok(store_bulk(f->s, Q_tail_put, cols, 2, N, NULL, &f->e), f->e);
    assert_int_equal(count(f->s, Q_tail_scan), N);
}

static void bulk_replaces(void **state) {
    fixture *f = *state;
    enum { N = 12000 };
    int64_t bucket[N], changed = 0, n = 0;
    str keys[N];
    char bytes[64];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)(i * 5);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < N; i++)
            bucket[i] = i * INT64_C(77777777777), keys[i] = (str){bytes, (size_t)((i + round) % 64)};
        column cols[] = {{'i', bucket, NULL}, {'b', keys, NULL}};
        assert_ok(store_bulk(f->s, Q_seen_put, cols, 2, N, &changed, &f->e), f->e);
        assert_int_equal(changed, N);
    }
    assert_ok(store_run(f->s, Q_seen_put, &changed, &f->e, "ib", (int64_t)0, S("one")), f->e); // a single row
    for (row r = store_query(f->s, Q_seen_scan, &f->e, "ii", (int64_t)0, INT64_MAX); row_next(&r); n++) {
        assert_true(row_int(&r, 0) == bucket[n]);
        assert_str(row_str(&r, 1), n ? keys[n] : S("one"));
    }
    assert_true(err_ok(&f->e));
    assert_int_equal(n, N);
}

static void large_values(void **state) {
    fixture *f = *state;
    size_t len = 6 << 20;
    char *p = make(&f->a, char, len);
    for (size_t i = 0; i < len; i++) p[i] = (char)(i % 251);
    int64_t bucket[] = {1, 2};
    str keys[] = {{p, len}, {p + 1, len - 1}};
    column cols[] = {{'i', bucket, NULL}, {'b', keys, NULL}};
    assert_ok(store_bulk(f->s, Q_seen_put, cols, 2, 2, NULL, &f->e), f->e);
    int n = 0;
    for (row r = store_query(f->s, Q_seen_scan, &f->e, "ii", (int64_t)0, (int64_t)9); row_next(&r); n++) {
        assert_int_equal(get(f->s, "absent"), -1); // sets the rest aside
        assert_true(str_eq(row_str(&r, 1), keys[n]));
    }
    assert_true(err_ok(&f->e));
    assert_int_equal(n, 2);
}

static void periods_are_made_once(void **state) {
    fixture *f = *state;
    static const int32_t periods[] = {650, 650, -3, 3, 650, 0};
    for (size_t i = 0; i < COUNT(periods); i++) assert_ok(store_ensure_period(f->s, periods[i], &f->e), f->e);
    assert_ok(store_begin(f->s, &f->e), f->e);
    assert_ok(store_ensure_period(f->s, 700, &f->e), f->e);
    store_rollback(f->s); // and it is gone
    assert_ok(store_ensure_period(f->s, 700, &f->e), f->e);
    static const int64_t used[] = {650, -3, 3, 0, 700};
    for (size_t i = 0; i < COUNT(used); i++)
        assert_ok(store_run(f->s, Q_event_append, NULL, &f->e, "iiiiiiinnnnn", used[i], (int64_t)1, (int64_t)2,
                            (int64_t)3, (int64_t)4, (int64_t)5, (int64_t)6),
                  f->e);
    assert_int_equal(count(f->s, Q_store_events), 5);
}

// --- the writer's lock

static pid_t lock_in_child(fixture *f, int ready[2]) {
    pid_t child = fork();
    if (child) return child;
    store *s = NULL;
    err e = {0};
    bool ok = store_open(&s, str_c(f->where), (store_opts){0}, &e) && store_lock(s, 0, &e);
    if (write(ready[1], ok ? "y" : "n", 1) != 1) _exit(1);
    pause();
    _exit(0);
}

static void one_process_writes(void **state) {
    fixture *f = *state;
    if (f->place == MEMORY) {
        assert_ok(store_lock(f->s, 0, &f->e), f->e);
        return;
    }
    int ready[2];
    char answer = 0, pid[32];
    err e = {0};
    assert_int_equal(pipe(ready), 0);
    pid_t child = lock_in_child(f, ready);
    assert_int_equal(read(ready[0], &answer, 1), 1);
    assert_int_equal(answer, 'y');
    assert_false(store_lock(f->s, 100, &e));
    assert_int_equal(e.code, ERR_busy);
    snprintf(pid, sizeof pid, "process %ld", (long)child);
    assert_non_null(strstr(e.msg, f->place == FOLDER ? pid : "written by heed"));
    kill(child, SIGKILL);
    child_status(child);
    assert_ok(store_lock(f->s, 5000, &f->e), f->e); // its death let go
    assert_ok(store_lock(f->s, 0, &f->e), f->e);    // once is enough
    store *other = open_again(f, (store_opts){0});  // a handle of the same process is another writer
    err_clear(&e);
    assert_false(store_lock(other, 0, &e));
    assert_int_equal(e.code, ERR_busy);
    store_close(f->s);
    f->s = NULL;
    assert_ok(store_lock(other, 0, &f->e), f->e);
    store_close(other);
    close(ready[0]);
    close(ready[1]);
}

// Commits, and says so down a pipe only afterwards, until it is killed.
static void write_until_killed(fixture *f, int out) {
    store *s = NULL;
    err e = {0};
    if (!store_open(&s, str_c(f->where), (store_opts){0}, &e)) _exit(1);
    for (int64_t i = 0;; i++) {
        bool ok = store_begin(s, &e) && store_run(s, Q_tail_put, NULL, &e, "ib", 2 * i, S("x")) &&
                  store_run(s, Q_tail_put, NULL, &e, "ib", 2 * i + 1, S("y")) && store_commit(s, &e);
        if (!ok || write(out, &i, sizeof i) != sizeof i) _exit(1);
    }
}

static void what_was_acknowledged_survives(void **state) {
    fixture *f = *state;
    if (f->place == MEMORY) return;
    int64_t before = 0;
    for (int round = 0; round < 3; round++) {
        int words[2];
        assert_int_equal(pipe(words), 0);
        assert_ok(store_run(f->s, Q_tail_clear, NULL, &f->e, ""), f->e);
        pid_t child = fork();
        if (!child) write_until_killed(f, words[1]);
        close(words[1]);
        int64_t last = -1;
        for (int i = 0; i < 40 + 13 * round; i++) assert_int_equal(read(words[0], &last, sizeof last), sizeof last);
        kill(child, SIGKILL);
        child_status(child);
        while (read(words[0], &last, sizeof last) == sizeof last) {
        }
        close(words[0]);
        usleep(f->place == SERVER ? 200000 : 0); // the server may still be ending the killed session's commit
        int64_t n = count(f->s, Q_tail_scan);
        assert_true(n >= 2 * (last + 1)); // all that was acknowledged
        assert_true(n <= 2 * (last + 2)); // at most one more commit
        assert_true(n % 2 == 0);          // and no half one
        before += n;
    }
    assert_true(before > 0);
}

static void many_make_one_store(void **state) {
    fixture *f = *state;
    enum { CHILDREN = 6 };
    pid_t child[CHILDREN];
    char where[600];
    if (f->place == MEMORY) return;
    snprintf(where, sizeof where, "%s_2", f->where);
    for (int i = 0; i < CHILDREN; i++) {
        child[i] = fork();
        if (child[i]) continue;
        store *s = NULL;
        char name[16];
        snprintf(name, sizeof name, "child%d", i);
        bool ok = store_open(&s, str_c(where), (store_opts){.create = true}, &f->e) && put(s, name, "1", &f->e);
        store_close(s);
        if (!ok) fprintf(stderr, "%s\n", f->e.msg);
        _exit(ok ? 0 : 1);
    }
    for (int i = 0; i < CHILDREN; i++) assert_int_equal(child_status(child[i]), 0);
    store *s = NULL;
    assert_ok(store_open(&s, str_c(where), (store_opts){0}, &f->e), f->e);
    assert_int_equal(count(s, Q_meta_list), CHILDREN);
    store_close(s);
    if (f->place == SERVER) pg_raw(str_z(&f->a, str_fmt(&f->a, "DROP SCHEMA %s_2 CASCADE", f->schema)));
}

// --- upkeep

static void sound_and_measured(void **state) {
    fixture *f = *state;
    int64_t bytes = 0, more = 0;
    str problem;
    assert_ok(store_sizes(f->s, &bytes, &f->e), f->e);
    assert_true(bytes > 0);
    put_many(f, 20000, 100);
    assert_ok(store_optimize(f->s, &f->e), f->e);
    assert_ok(store_sizes(f->s, &more, &f->e), f->e);
    assert_true(more > bytes + 2000000);
    assert_ok(store_check(f->s, &f->a, &problem, &f->e), f->e);
    assert_str(problem, S(""));
    assert_int_equal(store_kind_of(f->s), f->place == SERVER ? STORE_POSTGRES : STORE_SQLITE);
    assert_true(store_where(f->s).len > 0);
}

// A twin kept in an array says what the store must hold after any series of writes, commits and rollbacks.
static void a_twin_agrees(void **state) {
    fixture *f = *state;
    enum { NAMES = 40, STEPS = 3000 };
    int64_t now[NAMES], saved[NAMES];
    bool in_tx = false;
    rng r = rng_seed(11);
    for (int i = 0; i < NAMES; i++) now[i] = -1;
    for (int step = 0; step < STEPS; step++) {
        char name[16], value[32];
        int64_t i = rng_range(&r, 0, NAMES - 1), v = rng_range(&r, 0, 1000000);
        snprintf(name, sizeof name, "n%" PRId64, i);
        snprintf(value, sizeof value, "%" PRId64, v);
        int64_t what = rng_range(&r, 0, 99);
        if (what < 50) {
            assert_ok(put(f->s, name, value, &f->e), f->e);
            now[i] = v;
        } else if (what < 70) {
            assert_ok(store_run(f->s, Q_meta_delete, NULL, &f->e, "t", str_c(name)), f->e);
            now[i] = -1;
        } else if (what < 90)
            assert_int_equal(get(f->s, name), now[i]);
        else if (!in_tx) {
            assert_ok(store_begin(f->s, &f->e), f->e);
            memcpy(saved, now, sizeof now);
            in_tx = true;
        } else {
            if (what < 95)
                assert_ok(store_commit(f->s, &f->e), f->e);
            else
                store_rollback(f->s), memcpy(now, saved, sizeof now);
            in_tx = false;
        }
    }
    for (int64_t i = 0; i < NAMES; i++)
        assert_int_equal(get(f->s, str_z(&f->a, str_fmt(&f->a, "n%" PRId64, i))), now[i]);
}

#define CASES(X)                                                                                                       \
    X(opens_again)                                                                                                     \
    X(names_what_is_missing)                                                                                           \
    X(refuses_a_newer_schema)                                                                                          \
    X(every_statement_is_valid)                                                                                        \
    X(values_travel)                                                                                                   \
    X(null_is_null)                                                                                                    \
    X(one_number)                                                                                                      \
    X(arguments_are_taken_along)                                                                                       \
    X(counts_what_changed)                                                                                             \
    X(failed_err_does_nothing)                                                                                         \
    X(wrong_calls_are_named)                                                                                           \
    X(texts_are_ordered_by_their_bytes)                                                                                \
    X(rows_stream)                                                                                                     \
    X(queries_nest)                                                                                                    \
    X(deep_nesting)                                                                                                    \
    X(writes_inside_a_loop)                                                                                            \
    X(transactions_end_as_told)                                                                                        \
    X(readers_see_one_moment)                                                                                          \
    X(duplicates_conflict)                                                                                             \
    X(events_in_bulk)                                                                                                  \
    X(bulk_is_whole_or_nothing)                                                                                        \
    X(bulk_replaces)                                                                                                   \
    X(large_values)                                                                                                    \
    X(periods_are_made_once)                                                                                           \
    X(one_process_writes)                                                                                              \
    X(what_was_acknowledged_survives)                                                                                  \
    X(many_make_one_store)                                                                                             \
    X(sound_and_measured)                                                                                              \
    X(a_twin_agrees)

static int in_folder(void **state) {
    return fixture_open(state, FOLDER);
}

static int in_memory(void **state) {
    return fixture_open(state, MEMORY);
}

static int on_server(void **state) {
    return fixture_open(state, SERVER);
}

int main(void) {
    static const struct CMUnitTest local[] = {
#define X(f) {"folder: " #f, f, in_folder, fixture_close, NULL}, {"memory: " #f, f, in_memory, fixture_close, NULL},
        CASES(X)
#undef X
    };
    static const struct CMUnitTest remote[] = {
#define X(f) {"server: " #f, f, on_server, fixture_close, NULL},
        CASES(X)
#undef X
    };
    int failed = cmocka_run_group_tests_name("SQLite", local, NULL, NULL);
    if (server()) return failed + cmocka_run_group_tests_name("PostgreSQL", remote, NULL, NULL);
    print_message("skipped: no PG_URL in the environment, so no PostgreSQL (scripts/with-postgres starts one)\n");
    return failed;
}
