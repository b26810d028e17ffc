// The least that a server could do for the same answers: libmicrohttpd, the same statements on the same rows, every
// column read, and "ok". What heed costs beyond that is its own.
//
//   bare_http learn STORE PATHS > FILE   asks heed's own server for each address in PATHS, and notes the statements
//   that
//                                        SQLite runs for it
//   bare_http serve STORE FILE           prints its address, and answers by running them again; they are prepared once
#include <microhttpd.h>
#include <sqlite3.h>

#include "client.h"

#include "serve/server.h"

enum { MOST_PATHS = 1000, MOST_STATEMENTS = 200 };

typedef struct {
    char *path, *sql[MOST_STATEMENTS];
    sqlite3_stmt *st[MOST_STATEMENTS];
    int n;
} entry;

typedef struct {
    entry *entries, *learning; // the latter while an address is asked
    size_t n;
    int64_t rows, bytes;
} bare;

// SQLite tells every connection of the process about itself here; there is no other way in.
static bare *the_bare(void) {
    static bare b;
    return &b;
}

static int on_statement(unsigned what, void *ctx, void *st, void *text) {
    entry *x = the_bare()->learning;
    (void)what, (void)ctx, (void)text;
    if (!x || x->n == MOST_STATEMENTS || !sqlite3_stmt_readonly(st) || !sqlite3_column_count(st)) return 0;
    char *sql = sqlite3_expanded_sql(st);
    if (sql) x->sql[x->n++] = strdup(sql);
    sqlite3_free(sql);
    return 0;
}

static int on_open(sqlite3 *db, const char **error, const struct sqlite3_api_routines *api) {
    (void)error, (void)api;
    return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, on_statement, NULL);
}

static void ask(server *sv, bare *b, exchange *x, char *address) {
    entry *mine = &b->entries[b->n++];
    who as = {.kind = WHO_SYSTEM, .needs = ~UINT64_C(0)};
    str query = str_c(address), path = str_cut(&query, '?');
    mine->path = address;
    arena_reset(&x->a);
    *x = (exchange){.a = x->a};
    x->q = (request){.method = METHOD_GET, .path = path, .query = query.s ? query : S(""), .peer = S("127.0.0.1")};
    b->learning = mine;
    server_run(sv, x, &as);
    b->learning = NULL;
    if (x->r.status != 200) fprintf(stderr, "bare_http: %s answered %d\n", address, x->r.status), exit(1);
}

// A line "path ADDRESS", and for each statement a line "sql BYTES", the statement and a line end.
static int learn(const char *where, const char *paths) {
    bare *b = the_bare();
    err e = {0};
    server *sv = NULL;
    FILE *f = fopen(paths, "r");
    char line[2000];
    sqlite3_auto_extension((void (*)(void))on_open);
    server_opts o = {.where = where, .w = world_real(), .readers = 1};
    o.log.least = LOG_ERROR;
    if (!f || !server_open(&sv, o, &e))
        return fprintf(stderr, "bare_http: %s\n", f ? e.msg : "no file of addresses"), 1;
    exchange x = {.a = arena_open((size_t)1 << 30)};
    while (b->n < MOST_PATHS && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = 0;
        ask(sv, b, &x, strdup(line));
    }
    fclose(f);
    server_close(sv);
    arena_close(&x.a);
    for (size_t i = 0; i < b->n; i++) {
        printf("path %s\n", b->entries[i].path);
        for (int k = 0; k < b->entries[i].n; k++)
            printf("sql %zu\n%s\n", strlen(b->entries[i].sql[k]), b->entries[i].sql[k]);
    }
    return 0;
}

static void prepare(bare *b, const char *where, const char *learned) {
    sqlite3 *db;
    char path[4096], line[4096];
    FILE *f = fopen(learned, "r");
    snprintf(path, sizeof path, "%s/heed.db", where);
    if (!f || sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL)) exit(1);
    sqlite3_exec(db, "PRAGMA cache_size=-8192; PRAGMA mmap_size=134217728", NULL, NULL, NULL);
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = 0;
        if (!strncmp(line, "path ", 5)) b->entries[b->n++].path = strdup(line + 5);
        if (strncmp(line, "sql ", 4) != 0 || !b->n) continue;
        entry *x = &b->entries[b->n - 1];
        size_t n = strtoul(line + 4, NULL, 10);
        char *sql = calloc(1, n + 1);
        if (fread(sql, 1, n, f) != n || sqlite3_prepare_v2(db, sql, -1, &x->st[x->n++], NULL))
            fprintf(stderr, "bare_http: %s\n", sqlite3_errmsg(db)), exit(1);
        free(sql);
    }
    fclose(f);
}

static void run_statement(bare *b, sqlite3_stmt *st) {
    int cols = sqlite3_column_count(st);
    while (sqlite3_step(st) == SQLITE_ROW) {
        b->rows++;
        for (int c = 0; c < cols; c++) {
            int type = sqlite3_column_type(st, c);
            if (type == SQLITE_INTEGER) b->bytes += sqlite3_column_int64(st, c) & 1;
            if (type == SQLITE_TEXT) b->bytes += sqlite3_column_text(st, c)[0];
            if (type == SQLITE_BLOB) b->bytes += sqlite3_column_blob(st, c) != NULL;
        }
    }
    sqlite3_reset(st);
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *mc, const char *url, const char *method,
                                  const char *version, const char *data, size_t *n, void **seen) {
    bare *b = ctx;
    (void)method, (void)version, (void)data, (void)n;
    if (!*seen) return *seen = b, MHD_YES;
    for (size_t i = 0; i < b->n; i++) {
        entry *x = &b->entries[i];
        size_t bare_path = strcspn(x->path, "?");
        if (strncmp(x->path, url, bare_path) != 0 || url[bare_path]) continue;
        for (int k = 0; k < x->n; k++) run_statement(b, x->st[k]);
        break;
    }
    struct MHD_Response *r = MHD_create_response_from_buffer(2, (void *)(uintptr_t) "ok", MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(r, "Content-Type", "application/json");
    enum MHD_Result ok = MHD_queue_response(mc, 200, r);
    MHD_destroy_response(r);
    return ok;
}

static int answer(const char *where, const char *learned) {
    bare *b = the_bare();
    prepare(b, where, learned);
    struct MHD_Daemon *d = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, on_request, b,
                                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)16384, MHD_OPTION_END);
    if (!d) return 1;
    int statements = 0;
    for (size_t k = 0; k < b->n; k++) statements += b->entries[k].n;
    printf("{\"address\":\"http://127.0.0.1:%d\",\"statements\":%.1f}\n",
           MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port, (double)statements / (double)(b->n ? b->n : 1));
    fflush(stdout);
    for (;;) pause();
}

int main(int argc, char **argv) {
    the_bare()->entries = calloc(MOST_PATHS, sizeof(entry));
    if (argc == 4 && !strcmp(argv[1], "learn")) return learn(argv[2], argv[3]);
    if (argc == 4 && !strcmp(argv[1], "serve")) return answer(argv[2], argv[3]);
    return fprintf(stderr, "usage: bare_http learn STORE PATHS > FILE; bare_http serve STORE FILE\n"), 2;
}
