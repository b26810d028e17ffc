// sqlite: the SQLite back end's two parts. Private to sqlite.c (statements, rows, transactions) and sqlite_file.c (the
// folder: opening, the writer's lock, backups).
#ifndef HEED_STORE_SQLITE_H
#define HEED_STORE_SQLITE_H

#include <sqlite3.h>

#include "store/backend.h"

typedef struct {
    sqlite3_stmt *st;
    bool busy;          // a loop over its rows is open
    int n;              // how many parameters it takes
    int at[MAX_PARAMS]; // where $1, $2, … stand; 0: not used by this text
} statement;

typedef struct {
    store s;
    sqlite3 *db;
    char *file; // DIR/heed.db; NULL in memory
    int lock_fd;
    statement kept[STORE_QUERIES];
} sqlite;

static inline sqlite *sqlite_of(const store *s) {
    return (sqlite *)(uintptr_t)s;
}

// sqlite.c
bool sqlite_broken(sqlite3 *db, const char *file, const char *what, err *e); // fills e with what failed last; false
bool sqlite_number(sqlite *d, const char *sql, int64_t *v, err *e);          // one whole number that a pragma answers
bool sqlite_exec(store *s, const char *sql, err *e);
bool sqlite_begin(store *s, bool read, err *e);
void sqlite_rollback(store *s);

// sqlite_file.c
bool sqlite_open_db(sqlite *d, err *e); // the file in the folder, or memory, ready for use
bool sqlite_lock(store *s, int wait_ms, err *e);
void sqlite_unlock(store *s);
bool sqlite_backup(store *s, str to, void (*progress)(void *, int64_t, int64_t), void *ctx, err *e);

#endif
