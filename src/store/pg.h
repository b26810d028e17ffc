// pg: the PostgreSQL back end's parts. Private to postgres.c, pg_rows.c, pg_value.c and pg_bulk.c.
//
// Rows stream: a query is sent with single-row mode and read row by row from the wire. When another statement is run
// meanwhile (a query inside a query's loop), the rest of the rows is set aside first, in memory up to SPILL_BYTES and
// in an unlinked temporary file beyond. So a small query costs one round trip and a long scan no memory, no
// transaction is needed, and the planner sees the plain statement (a cursor would forbid parallel plans).
#ifndef HEED_STORE_PG_H
#define HEED_STORE_PG_H

#include <libpq-fe.h>

#include "store/backend.h"

enum { OID_BOOL = 16, OID_BYTEA = 17, OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23, OID_TEXT = 25, OID_FLOAT4 = 700 };
enum { OID_FLOAT8 = 701, OID_NUMERIC = 1700, OID_JSONB = 3802 };
enum { OID_BYTEA_ARRAY = 1001, OID_INT2_ARRAY = 1005, OID_INT4_ARRAY = 1007, OID_TEXT_ARRAY = 1009 };
enum { OID_INT8_ARRAY = 1016, OID_FLOAT8_ARRAY = 1022 };
enum { MAX_COLUMNS = 128, SPILL_BYTES = 4 << 20, MAX_ROW = 64 << 20 };

// How a statement stands on the server.
typedef struct {
    bool ready, arrays; // arrays: written over unnest, its parameters are columns
    int n;              // parameters the server knows of
    int round;          // a statement prepared again for other types gets another name
    Oid types[MAX_PARAMS];
    int copies;           // columns that COPY fills; 0: not asked yet
    Oid copy[MAX_PARAMS]; // and their types
} plan;

typedef struct cursor cursor;
struct cursor {
    cursor *next; // of the free ones
    enum query q;
    PGresult *res; // the row at hand, while it comes from the wire
    bool aside;    // the rows to come stand in rest or file
    bool ended;    // the server has no more
    err failed;    // what ended it early, said when the loop gets there
    int n_cols;
    Oid types[MAX_COLUMNS];
    const char *val[MAX_COLUMNS]; // of a row set aside; NULL is NULL
    int len[MAX_COLUMNS];
    arena a; // holds rest
    buf rest;
    size_t at;
    FILE *file;
};

typedef struct {
    store s;
    PGconn *conn;
    arena work; // one message on its way to the server
    int64_t lock_key;
    cursor *live; // whose rows are on the wire
    cursor *free;
    int32_t *periods; // partitions known to stand
    int n_periods;
    plan plans[STORE_QUERIES];
} postgres;

static inline postgres *pg_of(const store *s) {
    return (postgres *)(uintptr_t)s;
}
static inline plan *pg_plan(const postgres *p, enum query q) {
    return &((postgres *)(uintptr_t)p)->plans[query_place(q)];
}

// postgres.c
bool pg_broken(postgres *p, const PGresult *res, const char *what, err *e); // fills e by SQLSTATE; false
bool pg_do(postgres *p, const char *sql, err *e);

// pg_rows.c
void pg_settle(postgres *p); // takes the rows on the wire aside: the connection is free afterwards
void pg_query(row *r, enum query q, const param *v, int n);
bool pg_next(row *r);
void pg_end(row *r);
void pg_cursors_close(postgres *p);
int64_t pg_get_int(const row *r, int col);
double pg_get_double(const row *r, int col);
str pg_get_str(const row *r, int col);
bool pg_get_null(const row *r, int col);
bool pg_run(store *s, enum query q, int64_t *changed, err *e, const param *v, int n);
bool pg_try(store *s, enum query q, err *e);
char *pg_name(char name[32], const postgres *p, enum query q);
bool pg_ready(postgres *p, enum query q, const char *types, int n, err *e); // types: i d t b n, one per parameter

// pg_value.c: PostgreSQL's binary forms
bool pg_to_int(Oid type, const char *v, int len, int64_t *out);
bool pg_to_double(Oid type, const char *v, int len, double *out);
bool pg_to_str(Oid type, const char *v, int len, str *out);
Oid pg_type_of(char type); // the type that a parameter of this letter is declared with; 0 for n
Oid pg_element(Oid array); // of an array type; 0 for any other
void pg_put16(buf *b, int v);
void pg_put32(buf *b, int64_t v);
// Length and value, as COPY and arrays want it. False when the value does not fit the type.
bool pg_put_int(buf *b, Oid type, int64_t v);
bool pg_put_double(buf *b, Oid type, double v);
bool pg_put_text(buf *b, Oid type, str t);
void pg_put_array(buf *b, Oid element, size_t n, bool nulls); // what stands before an array's values

// pg_bulk.c
bool pg_copy_ready(postgres *p, enum query q, err *e); // learns the types of the columns to copy to
bool pg_bulk(store *s, enum query q, const column *cols, int n_cols, size_t n, int64_t *changed, err *e);

#endif
