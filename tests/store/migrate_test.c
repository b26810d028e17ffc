// Migrations: how a file falls into statements, and what they leave on both back ends.
// clang-format off
#include <dirent.h>
#include "fixture.h"
// clang-format on

#include "base/world.h"
#include "sql/know_privacy.h"
#include "sql/ledger.h"

static void files_fall_into_statements(void **state) {
    (void)state;
    static const struct {
        const char *text, *sqlite, *postgres; // what runs, joined by " | "
    } rows[] = {
        {"", "", ""},
        {"-- only words; and a semicolon\n", "", ""},
        {"A 1;B 2;", "A 1 | B 2", "A 1 | B 2"},
        {"A 1;\n\n  B 2", "A 1 | B 2", "A 1 | B 2"},
        {";;A 1;;", "A 1", "A 1"},
        {"A 'x;y' \";\";B", "A 'x;y' \";\" | B", "A 'x;y' \";\" | B"},
        {"A 'it''s; -- no' ;B", "A 'it''s; -- no' | B", "A 'it''s; -- no' | B"},
        {"A /* ; ' */ 1;B", "A /* ; ' */ 1 | B", "A /* ; ' */ 1 | B"},
        {"A -- it's; so\n1;B", "A -- it's; so\n1 | B", "A -- it's; so\n1 | B"},
        {"-- sqlite:\nA;B;", "A | B", "B"},
        {"A;-- postgres:\nB;\nC;", "A | C", "A | B | C"},
        {"-- what it is for\n-- sqlite:\nA;\n-- postgres:\nB;", "A", "B"},
        {"-- postgres:\n-- what it is for\nA;", "", "A"},
        {"A '-- sqlite:';B", "A '-- sqlite:' | B", "A '-- sqlite:' | B"},
        {"A 'never closed; B", "A 'never closed; B", "A 'never closed; B"},
        {"A - 1; B / 2;", "A - 1 | B / 2", "A - 1 | B / 2"},
        {"CREATE TABLE t (a BIGINT, b SMALLINT, c BYTEA, d TEXT, e DOUBLE PRECISION)",
         "CREATE TABLE t (a INTEGER, b INTEGER, c BLOB, d TEXT, e REAL )",
         "CREATE TABLE t (a BIGINT, b SMALLINT, c BYTEA, d TEXT COLLATE \"C\", e DOUBLE PRECISION)"},
        {"CREATE TABLE t (BIGINTS INTEGER, x BIGINT DEFAULT 'BIGINT') -- BIGINT",
         "CREATE TABLE t (BIGINTS INTEGER, x INTEGER DEFAULT 'BIGINT') -- BIGINT",
         "CREATE TABLE t (BIGINTS INTEGER, x BIGINT DEFAULT 'BIGINT') -- BIGINT"},
        {"UPDATE t SET d = CAST(a AS TEXT)", "UPDATE t SET d = CAST(a AS TEXT)", "UPDATE t SET d = CAST(a AS TEXT)"},
        {"ALTER TABLE t ADD COLUMN f BYTEA", "ALTER TABLE t ADD COLUMN f BLOB", "ALTER TABLE t ADD COLUMN f BYTEA"},
    };
    arena a = arena_open(1 << 20);
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int kind = STORE_SQLITE; kind <= STORE_POSTGRES; kind++) {
            str rest = str_c(rows[i].text), got = S("");
            for (char *sql; migrate_statement(&a, &rest, (enum store_kind)kind, &sql);)
                got = str_cat(&a, got.len ? str_cat(&a, got, S(" | ")) : got, str_c(sql));
            assert_str(got, str_c(kind == STORE_SQLITE ? rows[i].sqlite : rows[i].postgres));
        }
    arena_close(&a);
}

// A migration that fails leaves the store as it was, and the next start tries again.
static void a_failed_step_leaves_nothing(void **state) {
    fixture *f = *state;
    int64_t version = 0;
    assert_ok(store_begin(f->s, &f->e), f->e);
    assert_ok(f->s->ops->exec(f->s, "CREATE TABLE half (a INTEGER NOT NULL PRIMARY KEY)", &f->e), f->e);
    assert_ok(f->s->ops->set_version(f->s, migrate_newest() + 5, &f->e), f->e);
    assert_false(f->s->ops->exec(f->s, "CREATE TABLE half (a INTEGER NOT NULL PRIMARY KEY)", &f->e));
    store_rollback(f->s);
    err_clear(&f->e);
    assert_ok(f->s->ops->version(f->s, &version, &f->e), f->e);
    assert_int_equal(version, migrate_newest());
    assert_ok(f->s->ops->exec(f->s, "CREATE TABLE half (a INTEGER NOT NULL PRIMARY KEY)", &f->e), f->e);
}

// What takes back a line of a migration: views and indexes first, for they rest on tables and columns.
static str taken_back(arena *a, str line, bool resting) {
    str word[6];
    for (int w = 0; w < 6; w++) word[w] = line.s ? str_cut(&line, ' ') : S("");
    const bool creates = str_eq(word[0], S("CREATE")), unique = str_eq(word[1], S("UNIQUE"));
    if (resting && creates && str_eq(word[1], S("VIEW")))
        return str_fmt(a, "DROP VIEW IF EXISTS %.*s", STR_ARG(word[2]));
    if (resting && creates && (unique || str_eq(word[1], S("INDEX"))))
        return str_fmt(a, "DROP INDEX IF EXISTS %.*s", STR_ARG(word[unique ? 3 : 2]));
    if (!resting && creates && str_eq(word[1], S("TABLE")))
        return str_fmt(a, "DROP TABLE IF EXISTS %.*s", STR_ARG(word[2]));
    if (!resting && str_eq(word[0], S("ALTER")) && str_eq(word[3], S("ADD")))
        return str_fmt(a, "ALTER TABLE %.*s DROP COLUMN %.*s", STR_ARG(word[2]), STR_ARG(word[5]));
    return S("");
}

// Takes back what every migration after the first has made, as its file names it: what stays is a store of version 1.
static void make_old(fixture *f) {
    struct dirent **all;
    int n = scandir("src/store/migrations", &all, NULL, alphasort);
    assert_true(n > 0);
    while (n--) { // the newest first: it may have changed what an older one made
        str text = S("");
        str name = str_dup(&f->a, str_c(all[n]->d_name));
        free(all[n]);
        if (!str_starts(name, S("0")) || str_starts(name, S("0001"))) continue;
        char *path = str_z(&f->a, str_fmt(&f->a, "src/store/migrations/%.*s", STR_ARG(name)));
        assert_ok(world_real()->read_file(world_real(), &f->a, path, 1 << 20, &text, &f->e), f->e);
        for (int resting = 1; resting >= 0; resting--)
            for (str rest = text; rest.s;) {
                const str sql = taken_back(&f->a, str_cut(&rest, '\n'), resting);
                if (sql.len) assert_ok(f->s->ops->exec(f->s, str_z(&f->a, sql), &f->e), f->e);
            }
    }
    free(all);
    if (f->place == SERVER) // a row for each version there was
        assert_ok(f->s->ops->exec(f->s, "DELETE FROM heed_schema WHERE version > 1", &f->e), f->e);
    else
        assert_ok(f->s->ops->set_version(f->s, 1, &f->e), f->e);
}

// An older store is brought up to date, but not while somebody writes it, and not by a reader.
static void older_stores_are_brought_up_to_date(void **state) {
    fixture *f = *state;
    int64_t version = 0;
    store *reader, *other;
    err e = {0};
    if (f->place == MEMORY) return;
    assert_ok(put(f->s, "a", "1", &f->e), f->e);
    make_old(f);
    assert_false(store_open(&reader, str_c(f->where), (store_opts){.read_only = true}, &e));
    assert_int_equal(e.code, ERR_conflict);
    assert_ok(store_lock(f->s, 0, &f->e), f->e);
    err_clear(&e);
    assert_false(store_open(&other, str_c(f->where), (store_opts){0}, &e)); // somebody writes it
    assert_int_equal(e.code, ERR_busy);
    store_close(f->s);
    f->s = open_again(f, (store_opts){0});
    assert_ok(f->s->ops->version(f->s, &version, &f->e), f->e);
    assert_int_equal(version, migrate_newest());
    assert_int_equal(get(f->s, "a"), 1);
    int64_t none = -1;
    assert_ok(store_int(f->s, Q_suppressed_count, &none, 0, &f->e, ""), f->e);
    assert_int_equal(none, 0);
    assert_ok(store_int(f->s, Q_tail_due, &none, 0, &f->e, ""), f->e);
}

// Tables whose whole-number key is the row's own place need no second tree.
static void keys_are_places(void **state) {
    fixture *f = *state;
    if (f->place == SERVER) return;
    assert_false(f->s->ops->exec(f->s, "SELECT rowid FROM event", &f->e));
    err_clear(&f->e);
    // A second tree for the key would be an automatic index on these tables.
    assert_ok(
        f->s->ops->exec(f->s,
                        "CREATE TABLE none (n INTEGER NOT NULL PRIMARY KEY CHECK (n = 0));"
                        "INSERT INTO none SELECT COUNT(*) FROM sqlite_schema WHERE name LIKE 'sqlite_autoindex%' "
                        "AND tbl_name IN ('summary', 'profile', 'seen', 'tail', 'source', 'import', 'quarantine')",
                        &f->e),
        f->e);
}

static int in_memory(void **state) {
    return fixture_open(state, MEMORY);
}

static int in_folder(void **state) {
    return fixture_open(state, FOLDER);
}

static int on_server(void **state) {
    return fixture_open(state, SERVER);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_fall_into_statements),
        cmocka_unit_test_setup_teardown(a_failed_step_leaves_nothing, in_memory, fixture_close),
        cmocka_unit_test_setup_teardown(keys_are_places, in_memory, fixture_close),
        cmocka_unit_test_setup_teardown(older_stores_are_brought_up_to_date, in_folder, fixture_close),
    };
    static const struct CMUnitTest remote[] = {
        cmocka_unit_test_setup_teardown(a_failed_step_leaves_nothing, on_server, fixture_close),
        cmocka_unit_test_setup_teardown(older_stores_are_brought_up_to_date, on_server, fixture_close),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return server() ? failed + cmocka_run_group_tests(remote, NULL, NULL) : failed;
}
