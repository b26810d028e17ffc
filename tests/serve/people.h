// people: a browser and colleagues for tests: accounts, a cookie jar, forms, on the server of rig.h.
#ifndef HEED_PEOPLE_H
#define HEED_PEOPLE_H

#include "rig.h"

#include "serve/accounts.h"
#include "serve/keys.h"
#include "serve/session.h"

// A browser: one jar, forms are sent as a browser sends them.
typedef struct {
    serve_rig *r;
    arena life;
    str jar; // "name=value" of the session
    str csrf;
    pair more[6]; // further headers
    size_t n_more;
} browser;

static inline browser browser_open(serve_rig *r) {
    return (browser){.r = r, .life = arena_open(1 << 22)};
}

static inline void browser_close(browser *b) {
    arena_close(&b->life);
}

// Takes what the answer sets; an empty value takes it away.
static inline void browser_keep(browser *b) {
    const response *r = &b->r->x.r;
    for (int i = 0; i < r->n_headers; i++) {
        if (!str_eq_ci(r->headers[i].name, S("set-cookie"))) continue;
        str rest = r->headers[i].value, one = str_cut(&rest, ';'), value = one, name = str_cut(&value, '=');
        if (!str_has(name, S("heed_session"))) continue;
        b->jar = value.len ? str_dup(&b->life, one) : S("");
    }
}

static inline const response *browser_ask(browser *b, const char *method, const char *path, str body) {
    pair headers[10];
    size_t n = 0;
    if (b->jar.len) headers[n++] = (pair){S("Cookie"), str_fmt(&b->life, "other=1; %.*s; last=2", STR_ARG(b->jar))};
    for (size_t i = 0; i < b->n_more; i++) headers[n++] = b->more[i];
    const response *r = serve_send(b->r, method, path, headers, n, body);
    browser_keep(b);
    return r;
}

static inline const response *browser_get(browser *b, const char *path) {
    return browser_ask(b, "GET", path, S(""));
}

// What stands in a hidden field of the page that came last.
static inline str hidden(browser *b, const char *name) {
    str page = b->r->x.r.body, mark = str_fmt(&b->life, "name=\"%s\" value=\"", name);
    for (size_t i = 0; i + mark.len < page.len; i++)
        if (!memcmp(page.s + i, mark.s, mark.len)) {
            str rest = str_sub(page, i + mark.len, page.len);
            return str_dup(&b->life, str_cut(&rest, '"'));
        }
    return S("");
}

// fields: name, value, …, NULL.
static inline const response *browser_send(browser *b, const char *path, ...) __attribute__((sentinel));
static inline const response *browser_send(browser *b, const char *path, ...) {
    buf body = buf_new(&b->life, 1 << 16);
    va_list args;
    va_start(args, path);
    for (const char *name; (name = va_arg(args, const char *));) {
        if (body.len) buf_addc(&body, '&');
        buf_fmt(&body, "%s=", name);
        url_encode(&body, str_c(va_arg(args, const char *)));
    }
    va_end(args);
    if (b->csrf.len) {
        if (body.len) buf_addc(&body, '&');
        buf_add(&body, S("csrf="));
        url_encode(&body, b->csrf);
    }
    return browser_ask(b, "POST", path, buf_str(&body));
}

// The token of the session, as pages tell it.
static inline void browser_learn(browser *b) {
    browser_get(b, "/account");
    b->csrf = hidden(b, "csrf");
    assert_true(b->csrf.len > 0);
}

static inline bool says(const response *r, const char *words) {
    return str_has(r->body, str_c(words));
}

// ---- colleagues ----

typedef struct {
    const char *email, *role, *purpose;
    int64_t id;
    str link;
    arena *life;
} newcomer;

static inline bool make_newcomer(void *ctx, desk *d, err *e) {
    newcomer *n = ctx;
    str token;
    if (!account_make(d, str_c(n->email), S(""), str_c(n->role), &n->id, e) ||
        !invite_make(d, n->id, n->purpose, 60, &token, e))
        return false;
    n->link = str_fmt(n->life, "/welcome/%.*s", STR_ARG(token));
    return true;
}

// Invites somebody and gives the path of their link.
static inline const char *invite(serve_rig *r, const char *email, const char *role, int64_t *id) {
    err e = {0};
    newcomer n = {.email = email, .role = role, .purpose = "welcome", .life = &r->life};
    assert_ok(writer_do(server_writer(r->sv), make_newcomer, &n, &e), e);
    if (id) *id = n.id;
    return str_z(&r->life, n.link);
}

#define PASSWORD "tulips in a blue jar"

// Somebody with a password who is signed in.
static inline browser join(serve_rig *r, const char *email, const char *role, int64_t *id) {
    browser b = browser_open(r);
    const char *link = invite(r, email, role, id);
    assert_int_equal(browser_send(&b, link, "name", "Ada", "password", PASSWORD, NULL)->status, 303);
    assert_true(b.jar.len > 0);
    browser_learn(&b);
    return b;
}

typedef struct {
    new_key ask;
    int64_t id;
    str token;
    arena *life;
} wanted_key;

static inline bool make_wanted(void *ctx, desk *d, err *e) {
    wanted_key *k = ctx;
    str token;
    if (!key_make(d, &k->ask, &k->id, &token, e)) return false;
    k->token = str_dup(k->life, token);
    return true;
}

// A key with one scope, or for a source when scope is NULL.
static inline str key_of(serve_rig *r, const char *name, const char *scope, const char *source, int64_t per_minute,
                         int64_t *id) {
    err e = {0};
    const char *scopes[] = {scope};
    wanted_key k = {.ask = {.name = str_c(name),
                            .source = str_c(source),
                            .scopes = scopes,
                            .n_scopes = scope != NULL,
                            .per_minute = per_minute,
                            .by = S("system")},
                    .life = &r->life};
    assert_ok(writer_alone(server_writer(r->sv), make_wanted, &k, &e), e);
    if (id) *id = k.id;
    return k.token;
}

static inline const response *ask_with(serve_rig *r, const char *method, const char *path, str authorization,
                                       str body) {
    pair h = {S("Authorization"), authorization};
    return serve_send(r, method, path, &h, 1, body);
}

static inline const response *ask_bearer(serve_rig *r, const char *method, const char *path, str token, str body) {
    return ask_with(r, method, path, str_fmt(&r->life, "Bearer %.*s", STR_ARG(token)), body);
}

#endif
