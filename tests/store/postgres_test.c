// What only PostgreSQL can do to us: addresses, passwords, lost connections, failed transactions, odd types.
// clang-format off
#include "fixture.h"
// clang-format on

#include "sql/ledger.h"
#include "sql/store.h"
#include "store/pg.h"

static void addresses_are_checked(void **state) {
    (void)state;
    static const struct {
        const char *where;
        enum err_code code;
    } rows[] = {
        {"postgres://u:geheim@localhost:99999/db", ERR_unavailable},
        {"postgres://u:geheim@127.0.0.1:1/db", ERR_unavailable},
        {"postgresql://u:geheim@[::1/db", ERR_invalid},
        {"postgres://u:gehe%zzim@localhost/db", ERR_invalid},
        {"postgres://u:geheim@localhost/db?what=ever", ERR_invalid},
        {"postgres://u:geheim@/db?host=/nowhere&schema=x", ERR_unavailable},
        {"postgres://u:geheim@/db?host=/nowhere&schema=a;drop", ERR_invalid},
        {"postgres://u:geheim@/db?schema=A&host=/nowhere", ERR_invalid},
        {"postgres://u:geheim@/db?password=geheim&host=/nowhere&connect_timeout=1", ERR_unavailable},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        err e = {0};
        enum err_code code = open_fails(rows[i].where, (store_opts){.create = true}, &e);
        if (code != rows[i].code) fail_msg("%s: %s: %s", rows[i].where, err_name(code), e.msg);
        if (strstr(e.msg, "gehe")) fail_msg("the password is in \"%s\"", e.msg);
    }
}

static void a_refusal_is_no_outage(void **state) {
    fixture *f = *state;
    err e = {0};
    char where[600];
    const char *at_sign = strchr(server(), '@');
    if (!at_sign) skip();
    snprintf(where, sizeof where, "postgres://nobody_here:geheim%s", at_sign);
    assert_int_equal(open_fails(where, (store_opts){0}, &e), ERR_denied);
    assert_null(strstr(e.msg, "geheim"));
    assert_null(strstr(store_where(f->s).s, "geheim"));
    assert_true(str_has(store_where(f->s), str_c(f->schema)));
}

static void a_lost_connection_is_said(void **state) {
    fixture *f = *state;
    row r = store_query(f->s, Q_echo, &f->e, "iiii", (int64_t)PQbackendPID(pg_of(f->s)->conn), INT64_C(0), INT64_C(0),
                        INT64_C(0));
    assert_true(row_next(&r));
    char sql[80];
    snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d)", (int)row_int(&r, 0));
    row_end(&r);
    assert_ok(store_begin(f->s, &f->e), f->e);
    pg_raw(sql);
    usleep(100000);
    assert_false(put(f->s, "a", "1", &f->e));
    assert_int_equal(f->e.code, ERR_unavailable);
    err_clear(&f->e);
    store_rollback(f->s);
    assert_false(store_begin(f->s, &f->e));
    assert_int_equal(f->e.code, ERR_unavailable);
}

// A month begins while a long report reads events: neither waits for the other.
static void reports_do_not_hold_up_a_new_month(void **state) {
    fixture *f = *state;
    store *report = open_again(f, (store_opts){.read_only = true});
    assert_ok(store_begin_read(report, &f->e), f->e);
    assert_int_equal(count(report, Q_store_events), 0);
    assert_ok(f->s->ops->exec(f->s, "SET lock_timeout = '1s'", &f->e), f->e);
    assert_ok(store_ensure_period(f->s, 650, &f->e), f->e);
    assert_int_equal(count(report, Q_store_events), 0);
    store_close(report);
}

static void a_failed_transaction_is_not_committed(void **state) {
    fixture *f = *state;
    err e = {0};
    assert_ok(store_begin(f->s, &f->e), f->e);
    assert_ok(put(f->s, "a", "1", &f->e), f->e);
    assert_false(store_run(f->s, Q_tail_put, NULL, &e, "in", (int64_t)1));
    assert_int_equal(e.code, ERR_conflict);
    assert_false(store_commit(f->s, &f->e)); // although the caller forgot the failure
    assert_int_equal(f->e.code, ERR_conflict);
    assert_int_equal(get(f->s, "a"), -1);
}

static void numbers_out_of_range_are_refused(void **state) {
    fixture *f = *state;
    int64_t v[12], big = INT64_C(40000);
    column cols[12];
    str text = S("{}");
    assert_ok(store_ensure_period(f->s, 1, &f->e), f->e);
    for (int c = 0; c < 12; c++) v[c] = 1, cols[c] = (column){'i', &v[c], NULL};
    cols[11] = (column){'t', &text, NULL};
    cols[4].v = &big; // kind is a smallint
    assert_false(store_bulk(f->s, Q_event_append, cols, 12, 1, NULL, &f->e));
    assert_int_equal(f->e.code, ERR_invalid);
    assert_non_null(strstr(f->e.msg, "$5 in row 0"));
    err_clear(&f->e);
    assert_false(store_run(f->s, Q_event_append, NULL, &f->e, "iiiiiiinnnnn", INT64_C(1), INT64_C(1), INT64_C(1),
                           INT64_C(1), big, INT64_C(1), INT64_C(1)));
    assert_int_equal(f->e.code, ERR_invalid);
    err_clear(&f->e);
    assert_int_equal(count(f->s, Q_store_events), 0);
    assert_false(store_run(f->s, Q_meta_put, NULL, &f->e, "tt", S("a\0b"), S("1"))); // no NUL in text
    assert_int_equal(f->e.code, ERR_invalid);
}

// PostgreSQL's own texts of numbers against our reading of its binary forms.
static void numbers_of_all_types(void **state) {
    fixture *f = *state;
    static const struct {
        const char *sql;
        double d;
        int64_t i;
        bool fits;
    } rows[] = {
        {"0::numeric", 0, 0, true},
        {"123456789012::numeric", 123456789012.0, 123456789012, true},
        {"-10000::numeric", -10000, -10000, true},
        {"-0.25::numeric", -0.25, 0, true},
        {"12345.6789::numeric", 12345.6789, 12345, true},
        {"9223372036854775807::numeric", 9223372036854775807.0, INT64_MAX, true},
        {"(-9223372036854775808)::numeric", -9223372036854775808.0, INT64_MIN, true},
        {"9223372036854775808::numeric", 9223372036854775808.0, 0, false},
        {"1e30::numeric", 1e30, 0, false},
        {"(-7)::smallint", -7, -7, true},
        {"(-70000)::int", -70000, -70000, true},
        {"true", 1, 1, true},
        {"2.75::float8", 2.75, 2, true},
        {"(-2.75)::float4", -2.75, -2, true},
        {"1e300::float8", 1e300, 0, false},
        {"'-12'::text", -12, -12, true},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char sql[200];
        double d = 0;
        int64_t v = 0;
        snprintf(sql, sizeof sql, "SELECT %s", rows[i].sql);
        PGresult *res = PQexecParams(pg_of(f->s)->conn, sql, 0, NULL, NULL, NULL, NULL, 1);
        assert_int_equal(PQresultStatus(res), PGRES_TUPLES_OK);
        const char *p = PQgetvalue(res, 0, 0);
        int len = PQgetlength(res, 0, 0);
        assert_int_equal(pg_to_int(PQftype(res, 0), p, len, &v), rows[i].fits);
        if (rows[i].fits) assert_true(v == rows[i].i);
        assert_true(pg_to_double(PQftype(res, 0), p, len, &d));
        assert_true(d >= rows[i].d - 1e-9 * (rows[i].d < 0 ? -rows[i].d : rows[i].d));
        assert_true(d <= rows[i].d + 1e-9 * (rows[i].d < 0 ? -rows[i].d : rows[i].d));
        PQclear(res);
    }
}

static void a_wrong_column_is_said(void **state) {
    fixture *f = *state;
    row r = store_query(f->s, Q_echo, &f->e, "idtb", INT64_C(1), 1.0, S("x"), S("y"));
    assert_true(row_next(&r));
    assert_int_equal(row_int(&r, 3), 0);
    assert_false(row_next(&r));
    assert_int_equal(f->e.code, ERR_internal);
    assert_non_null(strstr(f->e.msg, "column 3 of echo"));
}

static void pg_dump_makes_backups(void **state) {
    fixture *f = *state;
    assert_false(store_backup(f->s, S("/tmp/there"), NULL, NULL, &f->e));
    assert_int_equal(f->e.code, ERR_invalid);
    assert_non_null(strstr(f->e.msg, "pg_dump"));
}

static int on_server(void **state) {
    return fixture_open(state, SERVER);
}

int main(void) {
#define ON_SERVER(f) cmocka_unit_test_setup_teardown(f, on_server, fixture_close)
    static const struct CMUnitTest local[] = {cmocka_unit_test(addresses_are_checked)};
    static const struct CMUnitTest remote[] = {
        ON_SERVER(a_refusal_is_no_outage),
        ON_SERVER(a_lost_connection_is_said),
        ON_SERVER(reports_do_not_hold_up_a_new_month),
        ON_SERVER(a_failed_transaction_is_not_committed),
        ON_SERVER(numbers_out_of_range_are_refused),
        ON_SERVER(numbers_of_all_types),
        ON_SERVER(a_wrong_column_is_said),
        ON_SERVER(pg_dump_makes_backups),
    };
    int failed = cmocka_run_group_tests(local, NULL, NULL);
    if (server()) return failed + cmocka_run_group_tests(remote, NULL, NULL);
    print_message("skipped: no PG_URL in the environment, so no PostgreSQL (scripts/with-postgres starts one)\n");
    return failed;
}
