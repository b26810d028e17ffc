// Plans: statements of pages and of work that comes again every few seconds go by an index in a store that has grown.
// clang-format off
#include "store/fixture.h"
#include <sqlite3.h>
// clang-format on

#include "sql/know_meaning.h"
#include "sql/know_theme.h"
#include "sql/know_topic.h"

static const enum query quick[] = {
    Q_meaning_again,      Q_meaning_waiting,         Q_meaning_first,      Q_meaning_same_lost, Q_meaning_get,
    Q_meaning_copies,     Q_meaning_last_of,         Q_meaning_feedback,   Q_meaning_topic_of,  Q_meaning_topic_rows,
    Q_meaning_topic_tags, Q_meaning_topic_of_people, Q_label_of_message,   Q_topic_doubts,      Q_topic_doubt_count,
    Q_topic_words_before, Q_topic_said_by,           Q_topic_audit_list,   Q_theme_waiting,     Q_theme_new_words,
    Q_theme_words,        Q_theme_topic_words,       Q_theme_topic_voices, Q_theme_example,     Q_theme_said_words,
};

// What SQLite knows of a store of half a million remarks of which the most were understood since it was looked at last.
static const char grown[] =
    "ANALYZE; DELETE FROM sqlite_stat1; INSERT INTO sqlite_stat1 VALUES "
    "('feedback', 'feedback_id', '563592 1'), ('feedback', 'feedback_period', '563592 8000 1'), "
    "('feedback', 'feedback', '563592 8000 20 1'), ('profile', NULL, '90000')";

static void run(sqlite3 *db, const char *sql) {
    char *why = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) fail_msg("%s", why);
}

// A scan that is not along an index of its own order.
static void assert_quick(sqlite3 *db, enum query q, const char *sql) {
    char text[8192];
    sqlite3_stmt *st = NULL;
    snprintf(text, sizeof text, "EXPLAIN QUERY PLAN %s", sql);
    if (sqlite3_prepare_v2(db, text, -1, &st, NULL) != SQLITE_OK) fail_msg("%s", sqlite3_errmsg(db));
    while (sqlite3_step(st) == SQLITE_ROW) {
        const char *step = (const char *)sqlite3_column_text(st, 3);
        const bool scans = strncmp(step, "SCAN ", 5) == 0 && !strstr(step, "meaning_again");
        if (scans) fail_msg("%s reads everything: %s", store_query_name(q), step);
    }
    sqlite3_finalize(st);
}

static void pages_go_by_an_index(void **state) {
    fixture *f = *state;
    char path[600];
    sqlite3 *db = NULL;
    snprintf(path, sizeof path, "%s/heed.db", f->where);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    run(db, grown);
    sqlite3_close(db);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    for (size_t i = 0; i < COUNT(quick); i++) assert_quick(db, quick[i], store_sql(f->s, quick[i]));
    sqlite3_close(db);
}

static int opened(void **state) {
    return fixture_open(state, FOLDER);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(pages_go_by_an_index, opened, fixture_close)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
