// One request: its head, its body, who answers it, and the answer on its way back.
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "serve/http_private.h"

// KEEP: memory of a turn that waits to be used again. DRAIN: what is thrown away of a body that was refused, so that
// its sender reads why; beyond that the connection is cut. LONG: a body that takes so long to read that other
// connections should not wait for it.
enum { RESERVE = 1 << 29, KEEP = 256 << 10, SPARE = 64, DRAIN = 1 << 20, LONG = 128 << 10 };

// ---- turns ----

static turn *turn_new(http *h) {
    pthread_mutex_lock(&h->lock);
    turn *t = h->spare;
    if (t) h->spare = t->next, h->n_spare--;
    pthread_mutex_unlock(&h->lock);
    arena a = t ? t->x.a : arena_open(RESERVE);
    if (!t) t = malloc(sizeof *t);
    assert(t);
    *t = (turn){.x.a = a, .h = h, .file = -1, .length = 0};
    return t;
}

void turn_free(turn *t) {
    arena_close(&t->x.a);
    free(t);
}

static void turn_give(turn *t) {
    http *h = t->h;
    if (t->file >= 0) close(t->file);
    if (t->x.q.spool.len) unlink(t->x.q.spool.s); // it may have been moved to where it belongs
    arena_trim(&t->x.a, KEEP);
    pthread_mutex_lock(&h->lock);
    bool room = h->n_spare < SPARE && !h->end;
    if (room) t->next = h->spare, h->spare = t, h->n_spare++;
    pthread_mutex_unlock(&h->lock);
    if (!room) turn_free(t);
}

void *turn_on_uri(void *cls, const char *uri, struct MHD_Connection *mc) {
    http *h = cls;
    const union MHD_ConnectionInfo *i = MHD_get_connection_info(mc, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    turn *t = turn_new(h);
    t->mc = mc, t->c = i->socket_context;
    t->x.ctx = t;
    str target = str_dup(&t->x.a, str_c(uri)), path = str_cut(&target, '?');
    t->x.q.path = path, t->x.q.query = target.s ? target : S("");
    conn_phase(h, t->c, PHASE_HEAD, http_now_ms() + h->o.head_ms);
    return t;
}

void turn_on_end(void *cls, struct MHD_Connection *mc, void **ctx, enum MHD_RequestTerminationCode why) {
    http *h = cls;
    turn *t = *ctx;
    (void)mc, (void)why;
    if (!t) return;
    *ctx = NULL;
    stream_end(h, &t->stream);
    atomic_fetch_sub(&h->body_bytes, (int64_t)t->body.len);
    conn_phase(h, t->c, PHASE_IDLE, http_now_ms() + h->o.idle_ms);
    turn_give(t);
}

// ---- the head ----

static enum MHD_Result on_header(void *ctx, enum MHD_ValueKind kind, const char *name, size_t n_name, const char *value,
                                 size_t n_value) {
    request *q = &((turn *)ctx)->x.q;
    (void)kind;
    ((pair *)(uintptr_t)q->headers)[q->n_headers++] = (pair){{name, n_name}, {value ? value : "", n_value}};
    return MHD_YES;
}

// A proxy that we trust puts the address that it saw at the end; what stands before was said by somebody else.
static void believe_proxy(request *q) {
    str last = S("");
    for (size_t i = 0; i < q->n_headers; i++) {
        if (!str_eq_ci(q->headers[i].name, S("x-forwarded-for"))) continue;
        for (str rest = q->headers[i].value; rest.s;) last = str_trim(str_cut(&rest, ','));
    }
    if (last.len && last.len < 60) q->peer = last;
    q->secure = str_eq_ci(request_header(q, "x-forwarded-proto"), S("https"));
}

// "http://host/path" asks for "/path" as well.
static bool own_path(request *q) {
    str p = q->path;
    if (str_starts_ci(p, S("http://")) || str_starts_ci(p, S("https://"))) {
        p = str_sub(p, (size_t)str_find(p, '/') + 2, p.len);
        ptrdiff_t slash = str_find(p, '/');
        q->path = slash < 0 ? S("/") : str_sub(p, (size_t)slash, p.len);
    }
    return str_starts(q->path, S("/")) || (q->method == METHOD_OPTIONS && str_eq(q->path, S("*")));
}

// How the body is delimited. Two answers to that are how requests are smuggled past a proxy.
static bool framing(turn *t, err *e) {
    const request *q = &t->x.q;
    int lengths = 0, codings = 0;
    t->length = 0;
    for (size_t i = 0; i < q->n_headers; i++) {
        lengths += str_eq_ci(q->headers[i].name, S("content-length"));
        codings += str_eq_ci(q->headers[i].name, S("transfer-encoding"));
    }
    if (lengths + codings > 1) return fail(e, ERR_invalid, "say once how long the body is: Content-Length, or chunks");
    if (codings) {
        if (!str_eq_ci(request_header(q, "transfer-encoding"), S("chunked")))
            return fail(e, ERR_invalid, "the only Transfer-Encoding understood is 'chunked'");
        t->length = -1;
    }
    if (lengths && (!str_i64(request_header(q, "content-length"), &t->length) || t->length < 0))
        return fail(e, ERR_invalid, "Content-Length must be a whole number");
    return true;
}

static bool open_spool(turn *t, err *e) {
    char *path = str_z(&t->x.a, str_fmt(&t->x.a, "%s/.heed-body.XXXXXX", t->h->o.spool));
    t->file = mkostemp(path, O_CLOEXEC);
    if (t->file >= 0) return t->x.q.spool = str_c(path), true;
    return fail(e, errno == ENOSPC ? ERR_full : ERR_unavailable, "no file for the body in \"%s\" (%s)", t->h->o.spool,
                strerror(errno));
}

// What is known to be refused before its body comes.
static bool admit(turn *t, err *e) {
    exchange *x = &t->x;
    if (!framing(t, e)) return false;
    if (!own_path(&x->q)) return fail(e, ERR_invalid, "the path must begin with '/'");
    server_find(t->h->o.sv, x);
    t->most = x->route ? server_most(x) : 0;
    if (!t->length || !x->route) return true;
    if (t->length > 0 && (size_t)t->length > t->most)
        return fail(e, ERR_too_large, "the body has %" PRId64 " bytes; %zu are taken here at most", t->length, t->most);
    if (!(x->route->flags & ROUTE_SPOOL)) return true;
    return server_admit(t->h->o.sv, x, e) && open_spool(t, e);
}

static enum MHD_Result answer(turn *t);

static void on_done(exchange *x) {
    turn *t = x->ctx;
    struct MHD_Connection *mc = t->mc;
    // From here on the turn belongs to the thread that holds its connection.
    if (atomic_exchange(&t->state, TURN_ANSWERED) == TURN_SUSPENDED) MHD_resume_connection(mc);
}

static enum MHD_Result refuse_now(turn *t) {
    server_refuse(t->h->o.sv, &t->x, &t->refused);
    response_header(&t->x.r, "Connection", S("close"));
    return answer(t);
}

static enum MHD_Result begin(turn *t, const char *method) {
    request *q = &t->x.q;
    http *h = t->h;
    t->begun = true;
    t->x.done = on_done;
    q->method = method_of(str_c(method));
    q->headers = make(&t->x.a, pair, MHD_get_connection_values_n(t->mc, MHD_HEADER_KIND, NULL, NULL));
    MHD_get_connection_values_n(t->mc, MHD_HEADER_KIND, on_header, t);
    q->peer = str_c(t->c->peer);
    if (server_options(h->o.sv)->trust_proxy) believe_proxy(q);
    bool welcome = admit(t, &t->refused), asks = request_header(q, "expect").len > 0;
    t->keep = welcome && t->x.route;
    if (welcome && !t->length) return MHD_YES;
    // Who waits to be told to go on is told at once; so is who would send what nobody wants to throw away.
    bool much = t->length > DRAIN || asks;
    if (!welcome && (much || t->refused.code == ERR_invalid)) return refuse_now(t);
    if (welcome && !t->x.route && much) {
        server_handle(h->o.sv, &t->x);
        return answer(t);
    }
    t->body_ms = http_now_ms();
    conn_phase(h, t->c, PHASE_BODY, t->body_ms + h->o.grace_ms);
    return MHD_YES;
}

// ---- the body ----

static bool keep_in_file(turn *t, const char *data, size_t n, err *e) {
    while (n) {
        ssize_t some = write(t->file, data, n);
        if (some < 0 && errno == EINTR) continue;
        if (some < 0)
            return fail(e, errno == ENOSPC ? ERR_full : ERR_unavailable, "the body cannot be kept (%s)",
                        strerror(errno));
        data += some, n -= (size_t)some;
    }
    return true;
}

static bool keep_in_memory(turn *t, const char *data, size_t n, err *e) {
    http *h = t->h;
    if (!t->body.a) t->body = buf_new(&t->x.a, t->length > 0 ? (size_t)t->length : t->most);
    if (atomic_fetch_add(&h->body_bytes, (int64_t)n) + (int64_t)n > (int64_t)h->o.bodies) {
        atomic_fetch_sub(&h->body_bytes, (int64_t)n);
        return fail(e, ERR_too_many, "too much is being sent at once; try again in a moment");
    }
    buf_bytes(&t->body, data, n);
    return true;
}

static void throw_away(turn *t) {
    atomic_fetch_sub(&t->h->body_bytes, (int64_t)t->body.len);
    t->body = (buf){0};
    t->keep = false;
}

static enum MHD_Result take_body(turn *t, const char *data, size_t n) {
    const http_opts *o = &t->h->o;
    t->got += n;
    atomic_store(&t->c->due_ms, t->body_ms + o->grace_ms + (int64_t)t->got * 1000 / o->rate);
    if (t->keep && t->got > t->most)
        t->keep = fail(&t->refused, ERR_too_large, "the body has more than the %zu bytes that are taken here", t->most);
    if (t->keep)
        t->keep = t->file >= 0 ? keep_in_file(t, data, n, &t->refused) : keep_in_memory(t, data, n, &t->refused);
    if (!t->keep) throw_away(t);
    return t->keep || t->got <= t->most + DRAIN ? MHD_YES : MHD_NO;
}

// ---- the work ----

// The connection sleeps until somebody answers. If that has happened meanwhile, it is woken at once.
static void suspend(turn *t) {
    int working = TURN_WORKING;
    MHD_suspend_connection(t->mc);
    if (!atomic_compare_exchange_strong(&t->state, &working, TURN_SUSPENDED)) MHD_resume_connection(t->mc);
}

static enum MHD_Result work(turn *t) {
    exchange *x = &t->x;
    server *sv = t->h->o.sv;
    if (t->file >= 0) close(t->file), t->file = -1;
    x->q.body = buf_str(&t->body), x->q.length = (int64_t)t->got;
    conn_phase(t->h, t->c, PHASE_WORK, 0);
    if (!err_ok(&t->refused))
        server_refuse(sv, x, &t->refused);
    else if (x->route && (x->route->mode == MODE_READ || t->got > LONG)) {
        MHD_suspend_connection(t->mc);
        atomic_store(&t->state, TURN_SUSPENDED);
        if (http_in_line(t->h, t)) return MHD_YES;
        fail(&t->refused, ERR_too_many, "too many are asking at once; try again in a moment");
        server_refuse(sv, x, &t->refused); // resumes
        return MHD_YES;
    } else
        server_handle(sv, x);
    if (atomic_load(&t->state) == TURN_ANSWERED) return answer(t);
    suspend(t);
    return MHD_YES;
}

void turn_run(turn *t) {
    server_handle(t->h->o.sv, &t->x);
}

// ---- the answer ----

static void add(struct MHD_Response *r, const char *name, str value, arena scratch) {
    MHD_add_response_header(r, name, str_z(&scratch, value));
}

// What every answer carries: no sniffing, no frames, nothing loaded from anywhere. Pages say more of it themselves.
static void add_safety(struct MHD_Response *r, const turn *t) {
    bool open = t->x.route && t->x.route->flags & ROUTE_OPEN;
    MHD_add_response_header(r, "Server", "heed");
    if (t->x.q.secure) MHD_add_response_header(r, "Strict-Transport-Security", "max-age=31536000");
    if (response_get(&t->x.r, "content-security-policy").len) return;
    MHD_add_response_header(r, "Content-Security-Policy",
                            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
    MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(r, "X-Frame-Options", "DENY");
    MHD_add_response_header(r, "Referrer-Policy", "same-origin");
    MHD_add_response_header(r, "Cross-Origin-Resource-Policy", open ? "cross-origin" : "same-origin");
}

// A page shown to somebody who is signed in holds a token that its length must not betray (BREACH).
static bool may_pack(const turn *t) {
    if (t->x.r.body.len < PACK_WORTH) return false;
    str type = response_get(&t->x.r, "content-type");
    if (str_starts(type, S("text/html")) && request_header(&t->x.q, "cookie").len) return false;
    return !response_get(&t->x.r, "content-encoding").len && pack_worth(type);
}

static struct MHD_Response *plain_response(turn *t) {
    exchange *x = &t->x;
    const char *coding = NULL;
    bool packs = may_pack(t);
    if (packs) coding = pack_body(&t->h->packers, &x->a, request_header(&x->q, "accept-encoding"), &x->r.body);
    str body = x->r.body;
    struct MHD_Response *r =
        MHD_create_response_from_buffer(body.len, (void *)(uintptr_t)(body.len ? body.s : ""), MHD_RESPMEM_PERSISTENT);
    assert(r);
    if (packs) MHD_add_response_header(r, "Vary", "Accept-Encoding");
    if (coding) MHD_add_response_header(r, "Content-Encoding", coding);
    return r;
}

static struct MHD_Response *live_response(turn *t) {
    exchange *x = &t->x;
    live_at at = live_join(server_live(t->h->o.sv), request_header(&x->q, "last-event-id"), x->c.who.needs);
    struct MHD_Response *r = stream_begin(t->h, &t->stream, t->mc, &x->a, at, x->r.body);
    if (r) return r;
    err e = {0};
    fail(&e, ERR_too_many, "too many pages are open; close some, or try again later");
    server_refuse(t->h->o.sv, x, &e);
    return plain_response(t);
}

static enum MHD_Result answer(turn *t) {
    exchange *x = &t->x;
    http *h = t->h;
    bool goes_on = x->r.live && x->q.method == METHOD_GET;
    struct MHD_Response *r = goes_on ? live_response(t) : plain_response(t);
    for (int i = 0; i < x->r.n_headers; i++) add(r, x->r.headers[i].name.s, x->r.headers[i].value, x->a);
    add_safety(r, t);
    if (atomic_load(&h->stopping)) MHD_add_response_header(r, "Connection", "close");
    goes_on = goes_on && x->r.live; // it may have been refused
    int64_t due = http_now_ms() + h->o.grace_ms + (int64_t)x->r.body.len * 1000 / h->o.rate;
    conn_phase(h, t->c, goes_on ? PHASE_STREAM : PHASE_SEND, goes_on ? 0 : due);
    enum MHD_Result ok = MHD_queue_response(t->mc, (unsigned)x->r.status, r);
    MHD_destroy_response(r);
    return ok;
}

enum MHD_Result turn_on_call(void *cls, struct MHD_Connection *mc, const char *url, const char *method,
                             const char *version, const char *data, size_t *n, void **ctx) {
    turn *t = *ctx;
    (void)cls, (void)mc, (void)url, (void)version;
    if (!t->begun) return begin(t, method);
    if (*n) {
        size_t some = *n;
        *n = 0;
        return take_body(t, data, some);
    }
    if (atomic_load(&t->state) == TURN_ANSWERED) return answer(t);
    return work(t);
}
