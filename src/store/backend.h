// backend: what a back end gives to store.c. Private to this room.
//
// store.c checks arguments, keeps the state of the transaction and turns argument lists into params; a back end talks
// to its engine and turns the engine's errors into ours. Every function here is called with an err that is still clean.
#ifndef HEED_STORE_BACKEND_H
#define HEED_STORE_BACKEND_H

#include "store/store.h"

enum { MAX_PARAMS = 64 };

typedef struct {
    char type; // i, d, t, b; n: only that it is NULL is known
    bool null;
    union {
        int64_t i;
        double d;
        str t;
    };
} param;

struct backend {
    enum store_kind kind;
    void (*close)(store *s);
    bool (*lock)(store *s, int wait_ms, err *e);
    void (*unlock)(store *s);
    bool (*begin)(store *s, bool read, err *e);
    bool (*commit)(store *s, err *e); // on failure the transaction is rolled back
    void (*rollback)(store *s);

    void (*query)(row *r, enum query q, const param *p, int n); // leaves r->st NULL when it failed
    bool (*next)(row *r);                                       // called while r->st is set
    void (*end)(row *r);                                        // sets r->st to NULL
    int64_t (*get_int)(const row *r, int col);
    double (*get_double)(const row *r, int col);
    str (*get_str)(const row *r, int col);
    bool (*get_null)(const row *r, int col);
    bool (*run)(store *s, enum query q, int64_t *changed, err *e, const param *p, int n);
    bool (*bulk)(store *s, enum query q, const column *cols, int n_cols, size_t n, int64_t *changed, err *e);
    bool (*prepare)(store *s, enum query q, err *e); // only tries whether the text is understood

    bool (*ensure_period)(store *s, int32_t period, err *e);
    bool (*backup)(store *s, str to, void (*progress)(void *, int64_t, int64_t), void *ctx, err *e);
    bool (*check)(store *s, arena *a, str *problem, err *e);
    bool (*optimize)(store *s, err *e);
    bool (*wipe)(store *s, bool on, err *e);
    bool (*sizes)(store *s, int64_t *bytes, err *e);

    // For migrations. A version of 0 is an empty store.
    bool (*exec)(store *s, const char *sql, err *e);
    bool (*version)(store *s, int64_t *version, err *e);
    bool (*set_version)(store *s, int64_t version, err *e);
};

struct store {
    const struct backend *ops;
    arena a; // holds the store itself
    str where;
    store_opts opts;
    bool in_tx;  // between begin and commit
    bool locked; // this handle holds the writer's lock
};

bool sqlite_open(store **out, str where, store_opts opts, err *e);
bool postgres_open(store **out, str where, store_opts opts, err *e);

// One transaction around many steps: begins one unless the caller has one open; `ok` decides how ours ends.
bool tx_begin(store *s, bool *ours, err *e);
bool tx_end(store *s, bool ours, bool ok, err *e);

void store_unlock(store *s); // only for a lock that this room took for itself

enum {
    STORE_QUERIES = 0
#define FILE_BEFORE(n)
#define FILE_HOLDS(n) +(n)
#include "sql/places.h" // of all files in their order
};
size_t query_place(enum query q);  // among all, from 0
enum query query_at(size_t place); // the other way round
const char *query_sql(enum store_kind kind, enum query q);
const char *query_copy(enum query q); // "table(cols)", or NULL

// migrate.c
bool migrate(store *s, err *e);
int64_t migrate_newest(void);
// Takes the next statement for this back end off *rest, ready to run: without the semicolon, and in tables with the
// type names that make both engines alike. For SQLite INTEGER, so that a whole-number primary key is the row's own
// place, and BLOB, which keeps bytes as they are; for PostgreSQL text compared byte by byte. False at the end.
bool migrate_statement(arena *a, str *rest, enum store_kind kind, char **sql);

// Used by tests: prepares a statement without running it.
bool store_try(store *s, enum query q, err *e);

#endif
