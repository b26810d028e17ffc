// working: a server that also does its jobs, for tests: files sent to it, and jobs waited for.
#ifndef HEED_SERVE_WORKING_H
#define HEED_SERVE_WORKING_H

// clang-format off
#define server postgres_url // the rig of the store has a function of this name
#include "jobs/content.h"
#undef server
#include "rig.h"
// clang-format on

#include "jobs/jobs.h"
#include "serve/live.h"

// Its threads read the clock while the test moves it.
static inline int64_t work_clock(const world *w) {
    return __atomic_load_n((const int64_t *)w->ctx, __ATOMIC_RELAXED);
}
static inline void pass_time(serve_rig *r, int64_t us) {
    __atomic_fetch_add(&r->now, us, __ATOMIC_RELAXED);
}

// The server of a rig starts again, at work.
static inline void work_open(serve_rig *r, const char *base) {
    err e = {0};
    serve_open(r, base);
    server_close(r->sv);
    r->w.now_us = work_clock;
    server_opts o = {.where = r->where, .w = &r->w, .origin = S("https://heed.example"), .work = true};
    o.log.least = LOG_ERROR + 1;
    assert_ok(server_open(&r->sv, o, &e), e);
}

// Asks as the owner; the status must be as expected. The answer lives until the test ends.
static inline json_t *ask(serve_rig *r, int status, const char *method, const char *path, str body) {
    who w = serve_as("owner");
    pair match = {S("If-Match"), S("*")};
    const response *got = serve_ask_as(r, method, path, &match, 1, body, &w);
    if (got->status != status)
        fail_msg("%s %s: %d instead of %d: %.*s", method, path, got->status, status, STR_ARG(got->body));
    if (!str_has(response_get(got, "content-type"), S("json"))) return NULL;
    json_t *v = NULL;
    err e = {0};
    assert_ok(json_read(got->body, &v, &e), e);
    return v;
}

static inline int64_t number(const json_t *v, const char *name) {
    const json_t *x = json_object_get(v, name);
    if (!json_is_integer(x)) fail_msg("no number %s", name);
    return json_integer_value(x);
}

static inline char *path_of(serve_rig *r, const char *fmt, int64_t id) {
    char path[200];
    const char *mark = strchr(fmt, '#');
    snprintf(path, sizeof path, "%.*s%" PRId64 "%s", (int)(mark - fmt), fmt, id, mark + 1);
    return str_z(&r->life, str_c(path));
}

// The repeated job of a kind.
static inline int64_t job_of(serve_rig *r, const char *kind) {
    json_t *page = ask(r, 200, "GET", str_z(&r->life, str_fmt(&r->life, "/api/jobs?kind=%s", kind)), S(""));
    int64_t id = number(json_array_get(json_object_get(page, "items"), 0), "id");
    json_decref(page);
    return id;
}

// Whether a job runs no more and is not about to; it as it is now.
static inline bool job_is_over(serve_rig *r, int64_t id, json_t **j) {
    json_decref(*j);
    *j = ask(r, 200, "GET", path_of(r, "/api/jobs/#", id), S(""));
    str state = json_at(*j, "state");
    return !str_eq(state, S("waiting")) && !str_eq(state, S("running"));
}

// Waits until a job has ended in this state, and gives it back.
static inline json_t *job_until(serve_rig *r, int64_t id, const char *state) {
    json_t *j = NULL;
    await(job_is_over(r, id, &j));
    str now = json_at(j, "state");
    if (!str_eq(now, str_c(state)))
        fail_msg("job %d is %.*s: %.*s", (int)id, STR_ARG(now), STR_ARG(json_at(j, "error")));
    return j;
}

// Runs a repeated job a second later, and gives it back when it has ended. It is turned off, so that whatever it does
// is done now and not by its own clock.
static inline json_t *job_run(serve_rig *r, const char *kind) {
    const int64_t id = job_of(r, kind);
    json_t *j = NULL;
    json_decref(ask(r, 200, "PATCH", path_of(r, "/api/jobs/#", id), S("{\"on\":false}")));
    await(job_is_over(r, id, &j)); // the server may have begun it when it started
    pass_time(r, 1000000);
    json_decref(ask(r, 202, "POST", path_of(r, "/api/jobs/#/run", id), S("")));
    await(job_is_over(r, id, &j));
    return j;
}

// Begins a job by a request that answers with it, and waits for its end; what came of it.
static inline json_t *done_by(serve_rig *r, const char *method, const char *path, const char *body) {
    json_t *begun = ask(r, 202, method, path, str_c(body)), *j = job_until(r, number(begun, "id"), "done");
    json_t *result = json_incref(json_object_get(j, "result"));
    json_decref(begun);
    json_decref(j);
    return result;
}

static inline int64_t upload_bytes(serve_rig *r, const char *name, str bytes) {
    json_t *u = ask(r, 201, "POST", str_z(&r->life, str_fmt(&r->life, "/api/uploads?name=%s", name)), bytes);
    int64_t id = number(u, "id");
    json_decref(u);
    return id;
}

#endif
