// store: the only room that speaks SQL. Two back ends behind one door: SQLite (a folder) and PostgreSQL (a URL).
//
// Statements are named in src/store/sql/NAME.sql and called as Q_name by whoever includes "sql/NAME.h", which the
// Makefile makes of it; both back ends run the same text with $1 parameters, and the few that differ stand under the
// same name in NAME_pg.sql. A handle belongs to one thread at a time;
// readers open their own. Whoever writes takes the writer's lock once (store_lock), because caches and ids rest on it.
#ifndef HEED_STORE_H
#define HEED_STORE_H

#include "base/base.h"

typedef struct store store;

enum store_kind { STORE_SQLITE, STORE_POSTGRES };

// A statement's file and its place there: whoever adds one moves the numbers of its own file only.
enum query { Q_none, QUERY_FILE_BITS = 10, QUERY_LAST = (1 << 20) - 1 };

typedef struct {
    bool create;    // make the folder or the schema if there is none (otherwise a missing store is ERR_not_found)
    bool read_only; // no migration, no lock, no write
    int cache_mb;   // page cache of SQLite; 0 = 16
} store_opts;

// where: a folder ("./acme", holding heed.db), ":memory:", or "postgres://…" ("postgresql://…").
// Opens and migrates to the newest schema. Errors: not_found, denied, corrupt, unavailable, conflict (schema too new).
must_use bool store_open(store **out, str where, store_opts opts, err *e);
void store_close(store *s); // rolls back what is open; NULL is fine
enum store_kind store_kind_of(const store *s);
str store_where(const store *s);       // without a password
bool store_only_reads(const store *s); // it was opened so

// The writer's lock: one process writes a store at a time, for as long as it holds the lock (until store_close).
// ERR_busy names the holder where it is known. wait_ms 0 = do not wait.
must_use bool store_lock(store *s, int wait_ms, err *e);

// One place opens and ends transactions. begin is BEGIN IMMEDIATE; read is a consistent snapshot for long reports.
// They do not nest. After a failure inside one only store_rollback is useful: a commit does nothing while e says so,
// and is ERR_conflict when it was cleared. A rollback with nothing open is harmless.
must_use bool store_begin(store *s, err *e);
must_use bool store_begin_read(store *s, err *e);
must_use bool store_commit(store *s, err *e);
void store_rollback(store *s);

// Parameters by a type string: i int64_t, d double, t str (text), b str (bytes), n NULL (takes no argument),
// I const int64_t * (NULL pointer = NULL), T str (s == NULL means NULL).
// A query is a loop: for (row r = store_query(s, Q_x, e, "it", id, name); row_next(&r);) { … }
// A failure in bind, step or an earlier call surfaces in e after the loop. Leave the loop early only through row_end.
// Loops may nest and other statements may run inside. Leaving early reads the rest of the rows on PostgreSQL: use
// LIMIT. Both back ends compare and sort stored text byte by byte.
typedef struct {
    store *s;
    err *e;
    void *st;   // the back end's statement or cursor
    int64_t at; // the row's number from 1
    int status; // private
} row;

row store_query(store *s, enum query q, err *e, const char *types, ...);
bool row_next(row *r);                  // false at the end or on failure; ends the row by itself
void row_end(row *r);                   // harmless twice
int64_t row_int(const row *r, int col); // columns count from 0; NULL reads as 0, 0.0 or an empty str
double row_double(const row *r, int col);
str row_str(const row *r, int col); // text or bytes; valid until the next row_next
bool row_null(const row *r, int col);

// Runs a statement without rows. changed may be NULL.
must_use bool store_run(store *s, enum query q, int64_t *changed, err *e, const char *types, ...);
// One integer of one row; absent (no row or NULL) gives `otherwise`.
must_use bool store_int(store *s, enum query q, int64_t *out, int64_t otherwise, err *e, const char *types, ...);

// Many rows of one statement at once, column by column: SQLite steps a prepared statement per row, PostgreSQL sends
// arrays to a statement written over unnest ($1 is the first column), COPYs where the .sql has a line "-- copy: t(a,
// b)", and otherwise sends row after row. All rows are stored or none (inside a transaction: when it is rolled back).
// No key twice in one call: PostgreSQL refuses that. Single calls of the same statement (store_run) work on both.
typedef struct {
    char type;                    // i, d, t, b as above
    const void *v;                // int64_t[], double[] or str[], n long
    const unsigned char *is_null; // n long, or NULL when nothing is null
} column;
must_use bool store_bulk(store *s, enum query q, const column *cols, int n_cols, size_t n, int64_t *changed, err *e);

// What differs between the back ends beyond a statement's text.
must_use bool store_ensure_period(store *s, int32_t period, err *e); // a month's partition; nothing to do in SQLite
must_use bool store_backup(store *s, str to_path, void (*progress)(void *, int64_t done, int64_t total), void *ctx,
                           err *e);
must_use bool store_check(store *s, arena *a, str *problem, err *e); // integrity check; problem.len 0 when sound
must_use bool store_optimize(store *s, err *e);                      // ANALYZE, checkpoint; after bulk work
// Around an erasure: from on, what is deleted leaves no bytes behind; off, after the commit, takes it out of the search
// index and the write-ahead log too. On PostgreSQL it vacuums instead.
must_use bool store_wipe(store *s, bool on, err *e);
must_use bool store_sizes(store *s, int64_t *bytes, err *e); // what the data occupies on disk
const char *store_sql(const store *s, enum query q);         // for tests and docs
const char *store_query_name(enum query q);

#endif
