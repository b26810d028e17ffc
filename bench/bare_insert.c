// The bound of `heed import`: a loop that does nothing but insert the same rows into the same clustered table, with the
// same durability and batch size. Rows come out of a store that heed made, in the order of time, and wait in memory, so
// that only the insertion is timed.
//
//   bare_insert STORE/heed.db NEW.db ROWS_PER_COMMIT
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { COLS = 12 };

typedef struct {
    int64_t v[COLS];
    char *body;
    uint16_t null; // bit per column
} row;

static void must(sqlite3 *db, int rc, const char *what) {
    if (rc == SQLITE_OK || rc == SQLITE_DONE || rc == SQLITE_ROW) return;
    fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(db));
    exit(1);
}

static void run(sqlite3 *db, const char *sql) {
    must(db, sqlite3_exec(db, sql, NULL, NULL, NULL), sql);
}

static row *read_rows(const char *path, size_t *n) {
    sqlite3 *db;
    sqlite3_stmt *st;
    must(NULL, sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), path);
    must(db,
         sqlite3_prepare_v2(db,
                            "SELECT period, profile_id, at_us, key, kind, channel, import_id, value, unit, thread, "
                            "edited_us, body FROM event ORDER BY at_us",
                            -1, &st, NULL),
         "read");
    size_t room = 1 << 20;
    row *rows = malloc(room * sizeof *rows);
    for (*n = 0; sqlite3_step(st) == SQLITE_ROW; ++*n) {
        if (*n == room) rows = realloc(rows, (room *= 2) * sizeof *rows);
        row *r = &rows[*n];
        r->null = 0, r->body = NULL;
        for (int c = 0; c < COLS; c++) {
            if (sqlite3_column_type(st, c) == SQLITE_NULL)
                r->null |= (uint16_t)(1 << c);
            else if (c < COLS - 1)
                r->v[c] = sqlite3_column_int64(st, c);
            else
                r->body = strdup((const char *)sqlite3_column_text(st, c));
        }
    }
    sqlite3_finalize(st);
    sqlite3_close(db);
    return rows;
}

static int by_place(const void *a, const void *b) {
    const row *x = a, *y = b;
    for (int c = 0; c < 4; c++)
        if (x->v[c] != y->v[c]) return x->v[c] < y->v[c] ? -1 : 1;
    return 0;
}

static int64_t written(void) {
    long long n = 0;
    char line[128];
    FILE *f = fopen("/proc/self/io", "r");
    while (f && fgets(line, sizeof line, f)) sscanf(line, "write_bytes: %lld", &n);
    if (f) fclose(f);
    return n;
}

static double seconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void insert(sqlite3 *db, row *rows, size_t n, size_t batch) {
    sqlite3_stmt *st;
    must(db, sqlite3_prepare_v2(db, "INSERT INTO event VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", -1, &st, NULL), "insert");
    for (size_t i = 0; i < n; i += batch) {
        size_t to = i + batch < n ? i + batch : n;
        qsort(rows + i, to - i, sizeof *rows, by_place); // as any careful writer would
        run(db, "BEGIN IMMEDIATE");
        for (size_t k = i; k < to; k++) {
            for (int c = 0; c < COLS; c++) {
                if (rows[k].null >> c & 1)
                    sqlite3_bind_null(st, c + 1);
                else if (c < COLS - 1)
                    sqlite3_bind_int64(st, c + 1, rows[k].v[c]);
                else
                    sqlite3_bind_text(st, c + 1, rows[k].body, -1, SQLITE_STATIC);
            }
            must(db, sqlite3_step(st), "step");
            sqlite3_reset(st);
        }
        run(db, "COMMIT");
    }
    sqlite3_finalize(st);
}

int main(int argc, char **argv) {
    if (argc != 4) return fprintf(stderr, "usage: bare_insert STORE/heed.db NEW.db ROWS_PER_COMMIT\n"), 2;
    size_t n;
    row *rows = read_rows(argv[1], &n);
    sqlite3 *db;
    must(NULL, sqlite3_open(argv[2], &db), argv[2]);
    run(db,
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=16384; PRAGMA cache_size=-32768;"
        "PRAGMA secure_delete=fast;"
        "CREATE TABLE event (period INTEGER NOT NULL, profile_id INTEGER NOT NULL, at_us INTEGER NOT NULL, key INTEGER "
        "NOT NULL,"
        " kind INTEGER NOT NULL, channel INTEGER NOT NULL, import_id INTEGER NOT NULL, value INTEGER, unit INTEGER,"
        " thread INTEGER, edited_us INTEGER, body TEXT, PRIMARY KEY (period, profile_id, at_us, key)) WITHOUT ROWID");
    int64_t before = written();
    double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    insert(db, rows, n, (size_t)strtoull(argv[3], NULL, 10));
    wall = seconds(CLOCK_MONOTONIC) - wall, cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("{\"rows\":%zu,\"seconds\":%.3f,\"cpu\":%.3f,\"written\":%lld}\n", n, wall, cpu,
           (long long)(written() - before));
    sqlite3_close(db);
    return 0;
}
