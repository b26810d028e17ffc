// The bound of `heed verify`: SQLite hands out every column of every event, in the order of the table, and nothing is
// done with them.
//
//   bare_scan STORE/heed.db
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    sqlite3 *db;
    sqlite3_stmt *st;
    const char *sql =
        "SELECT period, profile_id, at_us, key, kind, channel, import_id, value, unit, thread, edited_us, body "
        "FROM event ORDER BY period, profile_id, at_us, key";
    if (argc != 2) return fprintf(stderr, "usage: bare_scan STORE/heed.db\n"), 2;
    if (sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
        return fprintf(stderr, "%s: %s\n", argv[1], sqlite3_errmsg(db)), 1;
    double start = seconds();
    int64_t rows = 0;
    uint64_t sum = 0;
    for (; sqlite3_step(st) == SQLITE_ROW; rows++) {
        for (int c = 0; c < 11; c++) sum += (uint64_t)sqlite3_column_int64(st, c);
        const unsigned char *body = sqlite3_column_text(st, 11);
        sum += body ? body[0] : 0;
    }
    printf("{\"rows\":%lld,\"seconds\":%.3f,\"sum\":%llu}\n", (long long)rows, seconds() - start,
           (unsigned long long)sum);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return 0;
}
