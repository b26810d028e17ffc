// track_rig: a body in, and what was said of it out, for the tests of tracking calls.
#ifndef HEED_TRACK_RIG_H
#define HEED_TRACK_RIG_H

#include "base/json.h"

#include "test.h"

#include "base/civil.h"
#include "listen/listen.h"
#include "listen/track.h"

#define TRACK_NOW INT64_C(1795285700000000) // 2026-11-21T18:28:20Z

typedef struct {
    arena a;
    track_opts o;
    track_body b;
    track_out out;
} track_rig;

static inline track_rig track_rig_open(void) {
    return (track_rig){.a = arena_open((size_t)1 << 32), .o = {.now_us = TRACK_NOW, .ip = S("203.0.113.7")}};
}

static inline void track_rig_close(track_rig *r) {
    arena_close(&r->a);
}

static inline const track_out *track_bytes(track_rig *r, enum track_call call, str bytes) {
    err e = {0};
    r->o.call = call;
    assert_ok(track_open(&r->a, bytes, &r->b, &e), e);
    assert_ok(track_read(&r->a, &r->b, &r->o, &r->out, &e), e);
    return &r->out;
}

// One call that must go in, and the first event of it.
static inline const event *track_one(track_rig *r, enum track_call call, const char *json) {
    const track_out *o = track_bytes(r, call, str_c(json));
    if (o->n_bad) fail_msg("%s: refused: %.*s %.*s", json, STR_ARG(o->bad[0].field), STR_ARG(o->bad[0].reason));
    if (!o->n) fail_msg("%s: says nothing", json);
    return &o->events[0];
}

// One call that must be refused, and why.
static inline void track_refused(track_rig *r, enum track_call call, const char *json, const char *field,
                                 const char *reason) {
    const track_out *o = track_bytes(r, call, str_c(json));
    if (o->n_bad != 1 || o->n) fail_msg("%s: %zu events, %zu refused", json, o->n, o->n_bad);
    assert_str(o->bad[0].field, str_c(field));
    if (!str_has(o->bad[0].reason, str_c(reason))) fail_msg("\"%.*s\", want %s", STR_ARG(o->bad[0].reason), reason);
}

static inline str track_id(const event *ev, enum ident_kind kind) {
    for (int i = 0; i < ev->n_ids; i++)
        if (ev->ids[i].kind == kind) return ev->ids[i].value;
    return S("");
}

// The body that would be stored, as JSON; the caller owns it.
static inline json_t *track_extra(track_rig *r, const event *ev) {
    err e = {0};
    json_t *v = NULL;
    assert_ok(json_read(event_body(&r->a, ev), &v, &e), e);
    return v;
}

static inline str track_file(track_rig *r, const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f) fail_msg("no file %s", path);
    enum { MOST = 1 << 20 };
    char *p = make(&r->a, char, MOST);
    size_t n = fread(p, 1, MOST, f);
    fclose(f);
    return (str){p, n};
}

#endif
