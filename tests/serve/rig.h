// rig: a server on a fresh store without a socket: a sample company in it, a clock that stands still, seeded
// randomness.
#ifndef HEED_SERVE_RIG_H
#define HEED_SERVE_RIG_H

#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"

#include "test.h"

#include "jobs/pump.h"
#include "jobs/take.h"
#include "sample/sample.h"
#include "serve/auth.h"
#include "serve/shape.h"
#include "sql/store.h"

#define RIG_NOW INT64_C(1793577600000000) // 2026-11-02T00:00:00Z

typedef struct {
    char dir[200], where[220];
    int64_t now;
    world w;
    server *sv;
    arena life; // of the test
    exchange x; // the last one
} serve_rig;

// ---- a store with the sample company, made once for a program and copied for each case ----

typedef struct {
    pump *p;
    take t;
    int64_t events, customers;
    int years;
} rig_sample;

static inline bool rig_event(void *ctx, str source, enum channel channel, const event *ev, err *e) {
    rig_sample *d = ctx;
    char name[100];
    event mine = *ev;
    heard h = {.line = ++d->events, .events = &mine, .n = 1};
    snprintf(name, sizeof name, "sample-%.*s", STR_ARG(source));
    return pump_put(d->p, str_c(name), channel, S("sample company"), &h, e);
}

static inline bool rig_simulate(void *ctx, pump *p, err *e) {
    rig_sample *d = ctx;
    d->p = p;
    sample_opts how = {.customers = d->customers, .years = d->years, .seed = 7, .plain = true, .now_us = RIG_NOW};
    arena a = arena_open(sample_memory(&how));
    bool ok = sample_run(a, &how, &(sample_sink){.event = rig_event, .ctx = d}, e);
    arena_close(&a);
    return ok;
}

static inline bool rig_write(void *ctx, const pump_batch *b, err *e) {
    return take_batch(&((rig_sample *)ctx)->t, b, e);
}

static inline void rig_fill_with(const char *where, int64_t customers, int years) {
    err e = {0};
    store *s;
    knowing *k;
    int64_t now = RIG_NOW;
    world w = world_fixed(&now);
    arena life = arena_open((size_t)1 << 30);
    assert_ok(store_open(&s, str_c(where), (store_opts){.create = true}, &e), e);
    assert_ok(store_lock(s, 0, &e), e);
    assert_ok(store_run(s, Q_meta_put, NULL, &e, "tt", S("zone"), S("Europe/Berlin")), e);
    assert_ok(know_open(&k, s, &w, NULL, &e), e);
    rig_sample d = {.t = {.life = &life,
                          .l = know_ledger(k),
                          .name = S("sample company"),
                          .adapter = S("sample"),
                          .mapping = S("{}"),
                          .sample = true},
                    .customers = customers,
                    .years = years};
    pump_opts run = {.max_events = 50000, .open = 7, .read = rig_simulate, .write = rig_write, .ctx = &d};
    assert_ok(pump_run(&run, NULL, &e) && take_end(&d.t, &e), e);
    know_close(k);
    store_close(s);
    arena_close(&life);
}

static inline void rig_fill(const char *where) {
    rig_fill_with(where, 60, 1);
}

static inline void rig_shell(const char *command) {
    if (system(command) != 0) fail_msg("failed: %s", command);
}

static inline void rig_dir(char *dir, size_t size) {
    const char *tmp = getenv("TMPDIR");
    snprintf(dir, size, "%s/heed-serve.XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(dir)) fail_msg("no folder");
}

// base: a folder made by rig_fill, or NULL for an empty store.
static inline void serve_open(serve_rig *r, const char *base) {
    err e = {0};
    char command[600];
    *r = (serve_rig){.now = RIG_NOW, .life = arena_open((size_t)1 << 30)};
    rig_dir(r->dir, sizeof r->dir);
    snprintf(r->where, sizeof r->where, "%s/acme", r->dir);
    snprintf(command, sizeof command, "cp -r '%s' '%s'", base ? base : "", r->where);
    if (base) rig_shell(command);
    r->w = world_fixed(&r->now);
    server_opts o = {.where = r->where, .create = true, .w = &r->w, .origin = S("https://heed.example")};
    o.log.least = LOG_ERROR;
    assert_ok(server_open(&r->sv, o, &e), e);
    r->x.a = arena_open((size_t)1 << 32);
}

static inline void serve_close(serve_rig *r) {
    char command[300];
    server_close(r->sv);
    arena_close(&r->x.a);
    arena_close(&r->life);
    snprintf(command, sizeof command, "rm -rf '%s'", r->dir);
    rig_shell(command);
}

// Somebody with a role, or nobody.
static inline who serve_as(const char *role) {
    who w = {.kind = WHO_ACCOUNT, .id = 1, .name = S("ada@example.com"), .role = str_c(role), .csrf = S("csrf")};
    if (!strcmp(role, "nobody")) return (who){0};
    if (!role_needs(str_c(role), &w.needs)) fail_msg("no role %s", role);
    return w;
}

static inline bool serve_nothing(void *ctx, desk *d, err *e) {
    (void)ctx, (void)d, (void)e;
    return true;
}

// Asks, and leaves the answer in r->x until the next one. What the handler left for later (a note in the audit log) is
// in the store when this returns. headers may be NULL; path with its query.
static inline const response *serve_ask_as(serve_rig *r, const char *method, const char *path, const pair *headers,
                                           size_t n, str body, const who *as) {
    exchange *x = &r->x;
    arena_reset(&x->a);
    arena a = x->a;
    *x = (exchange){.a = a};
    str rest = str_dup(&x->a, str_c(path)), head = str_cut(&rest, '?');
    x->q = (request){.method = method_of(str_c(method)),
                     .path = head,
                     .query = rest.s ? rest : S(""),
                     .headers = headers,
                     .n_headers = n,
                     .body = str_dup(&x->a, body),
                     .length = (int64_t)body.len,
                     .peer = S("127.0.0.1"),
                     .secure = true};
    server_run(r->sv, x, as);
    err e = {0};
    assert_ok(writer_do(server_writer(r->sv), serve_nothing, NULL, &e), e);
    return &x->r;
}

static inline const response *serve_ask(serve_rig *r, const char *method, const char *path, const char *body,
                                        const char *role) {
    who w = serve_as(role);
    return serve_ask_as(r, method, path, NULL, 0, str_c(body), &w);
}

// The same by what the request itself carries.
static inline const response *serve_send(serve_rig *r, const char *method, const char *path, const pair *headers,
                                         size_t n, str body) {
    return serve_ask_as(r, method, path, headers, n, body, NULL);
}

static inline json_t *serve_json(const serve_rig *r) { // the caller owns it
    err e = {0};
    json_t *v = NULL;
    assert_ok(json_read(r->x.r.body, &v, &e), e);
    return v;
}

static inline void serve_settle(serve_rig *r) {
    err e = {0};
    assert_ok(writer_settle(server_writer(r->sv), &e), e);
}

#endif
