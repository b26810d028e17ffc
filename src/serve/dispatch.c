// From a request to its answer: which route, who asks, may they, is what they ask well-formed, and who does it.
#include <sodium.h>

#include "serve/assets.h"
#include "serve/auth.h"
#include "serve/fields.h"
#include "serve/kept.h"
#include "serve/looks.h"
#include "serve/page.h"
#include "serve/private.h"
#include "serve/shape.h"

enum { ANSWER_MOST = 64 << 20, SMALL_KB = 256 };

// ---- which route ----

// One part of a path against one part of a pattern; params are decoded later.
static bool matches(str pattern, str path, str params[4]) {
    int n = 0;
    while (pattern.s && path.s) {
        str want = str_cut(&pattern, '/'), have = str_cut(&path, '/');
        if (str_starts(want, S("{"))) {
            if (!have.len || n == 4) return false;
            params[n++] = have;
        } else if (!str_eq(want, have))
            return false;
    }
    return !pattern.s && !path.s;
}

static bool method_fits(enum method of, enum method asked) {
    return of == asked || (asked == METHOD_HEAD && of == METHOD_GET);
}

// A path may have many routes, one for each method; the first of the path stands for it where none fits.
static const route *find(const request *q, str params[4], const route **of_path) {
    size_t n;
    const route *all = routes_all(&n);
    *of_path = NULL;
    for (size_t i = 0; i < n; i++) {
        str p[4] = {0};
        if (!matches(str_c(all[i].path), q->path, p)) continue;
        if (!*of_path) *of_path = &all[i];
        if (!method_fits(all[i].method, q->method)) continue;
        memcpy(params, p, sizeof p);
        return &all[i];
    }
    return NULL;
}

void server_find(server *sv, exchange *x) {
    (void)sv;
    const route *of_path;
    x->route = find(&x->q, x->params, &of_path);
    if (!of_path && web_page_asked(&x->q)) x->route = web_page_route();
}

size_t server_most(const exchange *x) {
    return (size_t)(x->route && x->route->most_kb ? x->route->most_kb : SMALL_KB) << 10;
}

// ---- the answer ----

// What is said back must not hold what no header may hold (RFC 9110, 5.5).
static str said_back(str x) {
    for (size_t i = 0; i < x.len; i++)
        if ((unsigned char)x.s[i] < ' ' || x.s[i] == 0x7F) return S("");
    return x;
}

// Any page of any origin may call what is open, and must be able to read every answer of it, refusals too.
static void allow_origin(exchange *x) {
    str origin = said_back(request_header(&x->q, "origin"));
    response_header(&x->r, "Vary", S("Origin"));
    if (!origin.len) return;
    response_header(&x->r, "Access-Control-Allow-Origin", origin);
    response_header(&x->r, "Access-Control-Expose-Headers", S("Retry-After, X-RateLimit-Reset"));
}

static void preflight(exchange *x) {
    x->r.status = 204;
    allow_origin(x);
    str asked = said_back(request_header(&x->q, "access-control-request-headers"));
    response_header(&x->r, "Access-Control-Allow-Methods", S("GET, POST, PUT, PATCH, DELETE, OPTIONS"));
    response_header(&x->r, "Access-Control-Allow-Headers",
                    asked.len ? asked : S("authorization, content-type, x-retry-count, anonymousid, sentat"));
    response_header(&x->r, "Access-Control-Max-Age", S("86400"));
}

static void problem(exchange *x, const err *e) {
    response *r = &x->r;
    int n = 0;
    for (int i = 0; i < r->n_headers; i++) // what the handler said of its success does not hold
        if (str_eq_ci(r->headers[i].name, S("allow")) || str_eq_ci(r->headers[i].name, S("www-authenticate")) ||
            str_eq_ci(r->headers[i].name, S("retry-after")) || str_eq_ci(r->headers[i].name, S("set-cookie")))
            r->headers[n++] = r->headers[i];
    r->n_headers = n;
    r->status = err_http(e->code);
    if ((e->code == ERR_too_many || e->code == ERR_busy || e->code == ERR_unavailable || e->code == ERR_full) &&
        !response_get(r, "retry-after").len)
        response_header(r, "Retry-After", S("2"));
    str wait = response_get(r, "retry-after"); // SDKs of Segment know it by another name
    if (wait.len) response_header(r, "X-RateLimit-Reset", wait);
    if (e->code == ERR_signed_out) response_header(r, "WWW-Authenticate", S("Bearer"));
    r->live = false;
    // Whoever sent a form of ours is a person in front of a browser.
    bool form = x->route && x->route->flags & ROUTE_FORM;
    if (form && str_has(request_header(&x->q, "accept"), S("text/html"))) {
        page_problem(&x->c, e);
        return;
    }
    response_header(r, "Content-Type", S("application/problem+json"));
    response_header(r, "Cache-Control", S("no-store"));
    buf b = buf_new(&x->a, 4096);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    json_put_str(&j, "type", S("about:blank"));
    json_put_str(&j, "title", str_c(err_text(e->code)));
    json_put_int(&j, "status", r->status);
    json_put_str(&j, "code", str_c(err_name(e->code)));
    json_put_str(&j, "detail", str_c(e->msg));
    if (x->field[0] && e->code == ERR_invalid) json_put_str(&j, "field", str_c(x->field));
    json_close(&j, '}');
    r->body = buf_str(&b);
}

// Unchanged since the client read it? Told by a weak tag over the answer. A handler's own tag is that of a file's
// bytes, or in JSON the version of what can be changed (If-Match): there more may stand in the answer, such as how far
// a job is, so it says nothing here.
static void tag(exchange *x) {
    response *r = &x->r;
    if (r->status != 200 || (x->q.method != METHOD_GET && x->q.method != METHOD_HEAD) || r->live) return;
    str etag = response_get(r, "etag"), known = request_header(&x->q, "if-none-match");
    if (etag.len && x->route && x->route->gives[0] != '*') return;
    if (!etag.len) {
        etag = str_fmt(&x->a, "W/\"%016" PRIx64 "\"", str_hash(r->body));
        response_header(r, "ETag", etag);
    }
    for (str rest = known; rest.s;) {
        str one = str_trim(str_cut(&rest, ','));
        if (!str_eq(one, etag) && !str_eq(one, S("*"))) continue;
        r->status = 304;
        r->body = S("");
        return;
    }
}

// ?fields=…: of what a reading route gives only that.
static bool choose_fields(exchange *x) {
    str fields = form_value(&x->a, x->q.query, "fields");
    if (!fields.len || x->r.status >= 300 || !x->route || x->route->gives[0] == '*') return true;
    snprintf(x->field, sizeof x->field, "fields");
    return fields_keep(&x->a, x->r.body, fields, str_c(x->route->gives), &x->r.body, &x->failed);
}

static void succeed(exchange *x) {
    response *r = &x->r;
    call *c = &x->c;
    if (c->b.full) {
        fail(&x->failed, ERR_too_large, "the answer is too large; ask for less with 'limit'");
        problem(x, &x->failed);
        return;
    }
    bool json = c->b.len > 0;
    if (json) r->body = buf_str(&c->b);
    if (json && !choose_fields(x)) {
        problem(x, &x->failed);
        return;
    }
    if (!r->status) r->status = r->body.len || r->live || (x->route && x->route->gives[0]) ? 200 : 204;
    if (json && !response_get(r, "content-type").len) response_header(r, "Content-Type", S("application/json"));
    if (!response_get(r, "cache-control").len)
        response_header(r, "Cache-Control", json ? S("private, no-cache") : S("no-store"));
    tag(x);
}

static void count(server *sv, exchange *x) {
    size_t n;
    route_count *counts = (route_count *)(uintptr_t)server_counts(sv, &n);
    size_t i = x->route ? (size_t)(x->route - routes_all(&n)) : n;
    int64_t took = server_clock_us() - x->began_us, step = 0;
    while (step < 15 && took >= (INT64_C(1000) << step)) step++;
    __atomic_fetch_add(&counts[i].asked, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&counts[i].by_class[x->r.status / 100 % 6], 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&counts[i].took_us, took, __ATOMIC_RELAXED);
    __atomic_fetch_add(&counts[i].took[step], 1, __ATOMIC_RELAXED);
}

// The end of every request, on whatever thread.
static void finish(exchange *x) {
    call *c = &x->c;
    if (err_ok(&x->failed))
        succeed(x);
    else
        problem(x, &x->failed);
    if (x->route && x->route->flags & ROUTE_OPEN) allow_origin(x);
    if (x->r.status >= 500)
        log_line(server_log(c->sv), LOG_ERROR, "answered with an error", "method", method_name(x->q.method), "path",
                 x->route ? x->route->path : "?", "error", x->failed.msg, NULL);
    json_decref((json_t *)(uintptr_t)c->in);
    c->in = NULL;
    if (!x->renews) count(c->sv, x);
    x->done(x);
}

// ---- running it ----

static void begin_answer(exchange *x) {
    call *c = &x->c;
    x->r = (response){0};
    x->field[0] = 0;
    c->b = buf_new(&x->a, ANSWER_MOST);
    c->out = json_to(&c->b);
}

static bool on_writer(void *ctx, desk *d, err *e) {
    exchange *x = ctx;
    begin_answer(x); // it may run a second time
    x->c.d = d;
    x->c.s = d->s;
    return x->route->run(&x->c, e);
}

static bool given(void *ctx, desk *d, err *e) {
    exchange *x = ctx;
    return x->c.give.piece(x->c.give.ctx, d, e);
}

static void written(void *ctx, const err *e) {
    exchange *x = ctx;
    if (err_ok(&x->failed)) x->failed = *e;
    if (err_ok(&x->failed) && x->route->mode != MODE_GIVE) kept_changed(server_kept(x->c.sv));
    x->c.d = NULL;
    x->c.s = NULL;
    finish(x);
}

// Leaves what the handler gave for the writer; false with failed clear when there was nothing.
static bool hand_over(exchange *x) {
    call *c = &x->c;
    writer *w = server_writer(c->sv);
    gift *g = &c->give;
    size_t bytes = g->bytes ? g->bytes : x->q.body.len;
    if (g->events.in.n || g->events.in.n_bad) {
        g->events.done = written, g->events.ctx = x, g->events.bytes = bytes, g->events.t = &x->counted;
        return writer_take(w, &g->events, &x->failed);
    }
    return g->piece && writer_post(w, bytes, given, written, x, &x->failed);
}

static bool may(exchange *x) {
    call *c = &x->c;
    enum need need = x->route->need;
    if (need == NEED_nothing || c->who.needs & UINT64_C(1) << need) return true;
    if (c->who.kind == WHO_NOBODY) return fail(&x->failed, ERR_signed_out, "sign in, or send a key, to do this");
    return fail(&x->failed, ERR_denied, "'%.*s' may not do this; it needs '%s'", (int)MIN(c->who.name.len, 60),
                c->who.name.s, need_name(need));
}

// A cookie goes with every request a browser makes, also with those that another page started: whatever changes
// something must therefore repeat what only our own pages know.
static bool own_page(exchange *x) {
    call *c = &x->c;
    enum method m = x->q.method;
    if (c->who.kind != WHO_ACCOUNT || m == METHOD_GET || m == METHOD_HEAD || m == METHOD_OPTIONS) return true;
    str token = request_header(&x->q, "x-csrf-token");
    if (!token.len && x->route->flags & ROUTE_FORM) token = form_value(&x->a, x->q.body, "csrf");
    if (token.len == c->who.csrf.len && token.len && !sodium_memcmp(token.s, c->who.csrf.s, token.len)) return true;
    return fail(&x->failed, ERR_denied, "send the session's token as X-CSRF-Token; GET /api/me tells it");
}

static bool read_body(exchange *x, err *e) {
    call *c = &x->c;
    str asks = str_c(x->route->asks);
    json_t *v = NULL;
    if (!asks.len && !x->q.body.len) return true;
    if (!asks.len) return fail(e, ERR_invalid, "nothing is asked here; send no body");
    if (!x->q.body.len) return fail(e, ERR_invalid, "the body is empty; send JSON");
    if (!json_read(x->q.body, &v, e)) return false;
    c->in = v;
    return shape_check(asks, v, x->field, e);
}

static bool read_input(exchange *x) {
    err *e = &x->failed;
    if (!(x->route->flags & ROUTE_SPOOL) && !message_unpack(&x->a, &x->q, server_most(x), &x->q.body, e)) return false;
    if (!strcmp(x->route->asks, "*")) return true;
    bool body = x->q.method == METHOD_POST || x->q.method == METHOD_PUT || x->q.method == METHOD_PATCH;
    if (body && !(x->route->flags & (ROUTE_SPOOL | ROUTE_FORM))) return read_body(x, e);
    if (x->route->flags & ROUTE_FORM && body) return true;
    json_t *v = NULL;
    bool ok = shape_of_query(&x->a, str_c(x->route->asks), x->q.query, &v, x->field, e);
    x->c.in = v;
    return ok;
}

static void run(exchange *x) {
    call *c = &x->c;
    enum mode mode = x->route->mode;
    if (mode == MODE_WRITE || mode == MODE_ALONE) {
        writer *w = server_writer(c->sv);
        size_t bytes = x->q.body.len + 1024;
        writer_known(w, x->route->name);
        bool in_line = mode == MODE_WRITE ? writer_post(w, bytes, on_writer, written, x, &x->failed)
                                          : writer_post_alone(w, bytes, on_writer, written, x, &x->failed);
        writer_known(w, NULL);
        if (!in_line) finish(x);
        return;
    }
    bool ok = (c->s = server_reader_take(c->sv, &x->failed)) && x->route->run(c, &x->failed);
    if (ok && !x->renews && x->route->flags & ROUTE_WORDS)
        ok = look_words(c, &x->failed); // nothing is shown that could not be noted
    server_reader_give(c->sv, c->s);
    c->s = NULL;
    if (ok && mode == MODE_GIVE && hand_over(x)) return;
    finish(x);
}

static bool who_asks(exchange *x, const who *as) {
    call *c = &x->c;
    if (as) return c->who = *as, true;
    if (!(c->s = server_reader_take(c->sv, &x->failed))) return false;
    bool ok = auth_who(c, &x->failed);
    server_reader_give(c->sv, c->s);
    c->s = NULL;
    return ok;
}

// What an address that was asked in a wrong way would take (RFC 9110, 15.5.6).
static void allow_methods(exchange *x, const route *of_path) {
    size_t n;
    const route *all = routes_all(&n);
    buf b = buf_new(&x->a, 200);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(all[i].path, of_path->path) != 0) continue;
        buf_fmt(&b, "%s%s", b.len ? ", " : "", method_name(all[i].method));
        if (all[i].method == METHOD_GET) buf_add(&b, S(", HEAD"));
    }
    response_header(&x->r, "Allow", buf_str(&b));
}

static bool no_route(exchange *x) {
    str params[4];
    const route *of_path;
    if (x->route) return false;
    find(&x->q, params, &of_path);
    if (x->q.method == METHOD_OPTIONS && of_path && of_path->flags & ROUTE_OPEN) {
        preflight(x);
        return true;
    }
    if (of_path && of_path->flags & ROUTE_OPEN) allow_origin(x);
    if (of_path) {
        allow_methods(x, of_path);
        fail(&x->failed, ERR_method, "'%s' is not for %s", of_path->path, method_name(x->q.method));
    } else
        fail(&x->failed, ERR_not_found, "there is nothing at '%.*s'; see /docs/api", (int)MIN(x->q.path.len, 120),
             x->q.path.s);
    return true;
}

static void begin(server *sv, exchange *x) {
    x->began_us = server_clock_us();
    x->failed = (err){0};
    x->c = (call){.sv = sv,
                  .a = &x->a,
                  .q = &x->q,
                  .r = &x->r,
                  .route = x->route,
                  .pass = x,
                  .change = kept_change(server_kept(sv)),
                  .renews = x->renews,
                  .now_us = server_world(sv)->now_us(server_world(sv))};
    begin_answer(x);
}

void server_handle_as(server *sv, exchange *x, const who *as) {
    begin(sv, x);
    if (no_route(x)) {
        finish(x);
        return;
    }
    for (int i = 0; i < 4; i++) x->c.params[i] = url_decode(&x->a, x->params[i], false);
    if (who_asks(x, as) && may(x) && (as || own_page(x)) && read_input(x))
        run(x);
    else
        finish(x);
}

bool server_admit(server *sv, exchange *x, err *e) {
    begin(sv, x);
    if (who_asks(x, NULL) && may(x) && own_page(x)) return true;
    *e = x->failed;
    return false;
}

void server_refuse(server *sv, exchange *x, const err *e) {
    begin(sv, x);
    x->failed = *e;
    finish(x);
}

void server_handle(server *sv, exchange *x) {
    server_handle_as(sv, x, NULL);
}
