// fixture: a fresh, empty store for every case, on each of the three kinds of places.
#ifndef HEED_STORE_FIXTURE_H
#define HEED_STORE_FIXTURE_H

// clang-format off
#include <libpq-fe.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "test.h"
// clang-format on

#include "sql/store.h"
#include "store/backend.h"

enum place { FOLDER, MEMORY, SERVER };

typedef struct {
    enum place place;
    char where[500]; // what store_open takes
    char dir[200];   // a temporary folder of this case
    char schema[40];
    arena a;
    store *s; // open and empty
    err e;
} fixture;

static inline const char *server(void) {
    const char *url = getenv("PG_URL");
    return url && *url ? url : NULL;
}

static inline void shell(const char *command) {
    if (system(command) != 0) fail_msg("failed: %s", command);
}

static inline void pg_raw(const char *sql) {
    PGconn *c = PQconnectdb(server());
    PQclear(PQexec(c, "SET client_min_messages = error"));
    PQclear(PQexec(c, sql));
    PQfinish(c);
}

static inline int fixture_open(void **state, enum place place) {
    static int number;
    fixture *f = calloc(1, sizeof *f);
    f->place = place;
    f->a = arena_open(256 << 20);
    const char *tmp = getenv("TMPDIR");
    snprintf(f->dir, sizeof f->dir, "%s/heed-store.XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(f->dir)) return -1;
    chmod(f->dir, 0777); // for children that give up root
    snprintf(f->schema, sizeof f->schema, "heed_test_%ld_%d", (long)getpid(), ++number);
    if (place == MEMORY) snprintf(f->where, sizeof f->where, ":memory:");
    if (place == FOLDER) snprintf(f->where, sizeof f->where, "%s/acme", f->dir);
    if (place == SERVER)
        snprintf(f->where, sizeof f->where, "%s%cschema=%s", server(), strchr(server(), '?') ? '&' : '?', f->schema);
    *state = f;
    if (store_open(&f->s, str_c(f->where), (store_opts){.create = true}, &f->e)) return 0;
    print_error("%s\n", f->e.msg);
    return -1;
}

static inline int fixture_close(void **state) {
    fixture *f = *state;
    char command[300];
    store_close(f->s);
    if (f->place == SERVER) {
        snprintf(command, sizeof command, "DROP SCHEMA IF EXISTS %s CASCADE", f->schema);
        pg_raw(command);
    }
    snprintf(command, sizeof command, "rm -rf '%s'", f->dir);
    int rc = system(command);
    arena_close(&f->a);
    free(f);
    return rc;
}

// A path inside the case's folder.
static inline char *at(fixture *f, const char *name) {
    return str_z(&f->a, str_fmt(&f->a, "%s/%s", f->dir, name));
}

static inline store *open_again(fixture *f, store_opts opts) {
    store *s = NULL;
    assert_ok(store_open(&s, str_c(f->where), opts, &f->e), f->e);
    return s;
}

// The code that opening fails with; its message goes to *e.
static inline enum err_code open_fails(const char *where, store_opts opts, err *e) {
    store *s = NULL;
    err_clear(e);
    if (store_open(&s, str_c(where), opts, e)) {
        store_close(s);
        fail_msg("\"%s\" opened", where);
    }
    assert_null(s);
    return e->code;
}

static inline bool put(store *s, const char *name, const char *value, err *e) {
    return store_run(s, Q_meta_put, NULL, e, "tt", str_c(name), str_c(value));
}

static inline int64_t get(store *s, const char *name) { // -1: none
    err e = {0};
    int64_t v = 0;
    assert_ok(store_int(s, Q_meta_get, &v, -1, &e, "t", str_c(name)), e);
    return v;
}

static inline int64_t count(store *s, enum query q) {
    err e = {0};
    int64_t n = 0;
    for (row r = store_query(s, q, &e, ""); row_next(&r);) n++;
    if (!err_ok(&e)) fail_msg("%s", e.msg);
    return n;
}

// n names "k0000000" and so on, each with a value of `width` digits that reads as its number.
static inline void put_many(fixture *f, int64_t n, int width) {
    str *names = make(&f->a, str, n), *values = make(&f->a, str, n);
    for (int64_t i = 0; i < n; i++) {
        names[i] = str_fmt(&f->a, "k%07" PRId64, i);
        values[i] = str_fmt(&f->a, "%0*" PRId64, width, i);
    }
    column cols[] = {{'t', names, NULL}, {'t', values, NULL}};
    int64_t changed = 0;
    assert_ok(store_bulk(f->s, Q_meta_put, cols, 2, (size_t)n, &changed, &f->e), f->e);
    assert_int_equal(changed, n);
}

static inline int child_status(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

#endif
