// scripts/sql-lint finds what it promises to find, and nothing in statements that are fine. Run from the project's
// folder.
// clang-format off
#include "test.h"
#include <unistd.h>
// clang-format on

// What the lint says about a file with this text, without the file's name.
static str lint(arena *a, const char *name, const char *text) {
    char path[200], command[600];
    snprintf(path, sizeof path, "/tmp/heed-lint.%ld.%s", (long)getpid(), name);
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
    snprintf(command, sizeof command, "scripts/sql-lint %s 2>&1 | sed 's|^%s:||'", path, path);
    f = popen(command, "r");
    char out[4000];
    size_t n = fread(out, 1, sizeof out, f);
    pclose(f);
    unlink(path);
    return str_dup(a, (str){out, n});
}

static void the_rules_are_held(void **state) {
    (void)state;
    static const struct {
        const char *sql, *says;
    } rows[] = {
        {"-- name: a\nSELECT x FROM t WHERE y = $1;\n", ""},
        {"-- name: a\nSELECT 'now() ? -- TRIGGER', \"serial\" FROM t; -- now()\n", ""},
        {"-- a trigger, now(), FOR UPDATE\n-- name: a\nSELECT serial_number, renown(), cubes FROM t;\n", ""},
        {"-- name: a\nSELECT 1\n", "2: the statement does not end with a semicolon\n"},
        {"-- name: a\nSELECT 1;\nSELECT 2;\n", "3: one statement for each name\n"},
        {"-- name: a\nSELECT x\n  FROM t WHERE y > now();\n", "2: time and chance come from the program\n"},
        {"-- name: a\nSELECT CURRENT_TIMESTAMP;\n", "2: time and chance come from the program\n"},
        {"-- name: a\nUPDATE t SET x = random();\n", "2: time and chance come from the program\n"},
        {"-- name: a\nSELECT x FROM t FOR\n UPDATE;\n", "2: no row locks\n"},
        {"-- name: a\nWITH RECURSIVE r AS (SELECT 1) SELECT 1 FROM r;\n", "2: no recursive queries\n"},
        {"-- name: a\nSELECT x FROM t GROUP BY ROLLUP (x);\n", "2: no ROLLUP, CUBE or GROUPING SETS\n"},
        {"-- name: a\nSELECT x FROM t GROUP BY GROUPING SETS ((x), ());\n", "2: no ROLLUP, CUBE or GROUPING SETS\n"},
        {"-- name: a\nSELECT x FROM t WHERE y = ?;\n", "2: parameters are $1, $2\n"},
        {"-- name: a\nINSERT OR IGNORE INTO t (x) VALUES ($1);\n", "2: write ON CONFLICT\n"},
        {"CREATE TABLE t (a BIGINT NOT NULL PRIMARY KEY);\n", ""},
        {"CREATE TABLE t (a BIGINT NOT NULL);\n", "1: the table t has no primary key\n"},
        {"CREATE TABLE t (a BIGSERIAL PRIMARY KEY);\n", "1: ids are made by the program, never by a sequence\n"},
        {"CREATE TABLE t (a BIGINT PRIMARY KEY REFERENCES u (a));\n", "1: no foreign keys\n"},
        {"CREATE TABLE t (a BIGINT PRIMARY KEY, b BOOLEAN);\n", "1: truth is a SMALLINT\n"},
        {"CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END;\n", "1: no triggers\n"},
        {"\n\nCREATE TABLE event (\n  profile_id BIGINT, key BIGINT,\n  PRIMARY KEY (key)\n);\n",
         "3: the primary key of event lacks profile_id\n"},
        {"CREATE TABLE event (profile_id BIGINT, key BIGINT, PRIMARY KEY (profile_id, key));\n", ""},
        {"CREATE TABLE profile (profile_id BIGINT NOT NULL PRIMARY KEY, n TEXT);\n", ""},
        {"CREATE UNIQUE INDEX i ON event (key);\n", "1: a unique key of event lacks profile_id\n"},
        {"CREATE UNIQUE INDEX i ON event (key, profile_id);\n", ""},
        {"-- name: a\nUPDATE event SET profile_id = $1 WHERE key = $2;\n",
         "2: the column profile_id of event is never updated\n"},
        {"-- name: a\nUPDATE profile SET customer_id = $1 WHERE profile_id = $2;\n", ""},
        {"-- name: a\nINSERT INTO summary (customer_id, n) VALUES ($1, $2) ON CONFLICT (customer_id) DO UPDATE SET n = "
         "1, "
         "customer_id = 2;\n",
         "2: the column customer_id of summary is never updated\n"},
    };
    arena a = arena_open(1 << 20);
    if (access("scripts/sql-lint", X_OK) != 0) {
        print_message("skipped: run from the project's folder\n");
        skip();
    }
    for (size_t i = 0; i < COUNT(rows); i++) assert_str(lint(&a, "sql", rows[i].sql), str_c(rows[i].says));
    arena_close(&a);
}

static void our_own_sql_is_clean(void **state) {
    (void)state;
    if (access("scripts/sql-lint", X_OK) != 0) skip();
    assert_int_equal(system("scripts/sql-lint"), 0);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rules_are_held),
        cmocka_unit_test(our_own_sql_is_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
