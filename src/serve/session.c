#include "serve/session.h"

#include "base/civil.h"
#include "base/unicode.h"
#include "serve/later.h"
#include "serve/token.h"
#include "sql/serve_auth.h"

enum { SEEN_EVERY_US = 300 * 1000000 };

// ---- cookies ----

// A cookie with the prefix __Host- can only be set by this very site over TLS, and not by a neighbour of its domain.
static const char *cookie_name(const call *c, const char *name) {
    return c->q->secure ? str_z(c->a, str_fmt(c->a, "__Host-%s", name)) : name;
}

void cookie_put(call *c, const char *name, str value, int64_t seconds) {
    str age = seconds ? str_fmt(c->a, "; Max-Age=%" PRId64, seconds > 0 ? seconds : 0) : S("");
    response_header(c->r, "Set-Cookie",
                    str_fmt(c->a, "%s=%.*s; Path=/; HttpOnly; SameSite=Lax%.*s%s", cookie_name(c, name), STR_ARG(value),
                            STR_ARG(age), c->q->secure ? "; Secure" : ""));
}

str cookie_get(const call *c, const char *name) {
    return request_cookie(c->q, cookie_name(c, name));
}

// ---- sessions ----

static const char COOKIE[] = "heed_session";

str session_token(const call *c) {
    return cookie_get(c, COOKIE);
}

void session_forget(call *c) {
    cookie_put(c, COOKIE, S(""), -1);
}

str session_id(arena *a, str hash) {
    return hex_of(a, str_sub(hash, 0, 8));
}

new_session session_new(call *c, int64_t account_id) {
    const world *w = server_world(c->sv);
    str agent = request_header(c->q, "user-agent");
    if (!str_utf8_ok(agent)) agent = S("");
    new_session n = {.account_id = account_id,
                     .token = token_new(c->a, w, ""),
                     .csrf = token_new(c->a, w, ""),
                     .agent = str_dup(c->a, text_clip(c->a, agent, 200)),
                     .address = c->q->peer,
                     .former = session_token(c),
                     .now_us = c->now_us};
    cookie_put(c, COOKIE, n.token, (int64_t)SESSION_MOST_H * 3600);
    return n;
}

static bool end_former(desk *d, const new_session *n, err *e) {
    if (!n->former.len) return true;
    str hash = token_hash(d->a, n->former);
    int64_t whose = 0;
    for (row r = store_query(d->s, Q_session_get, e, "b", hash); row_next(&r);) whose = row_int(&r, 0);
    return err_ok(e) && store_run(d->s, Q_session_end, NULL, e, "bi", hash, whose);
}

bool session_put(desk *d, const new_session *n, err *e) {
    int64_t until = n->now_us + SESSION_MOST_H * HOUR_US;
    return end_former(d, n, e) &&
           store_run(d->s, Q_session_clear, NULL, e, "ii", n->now_us, n->now_us - SESSION_IDLE_H * HOUR_US) &&
           store_run(d->s, Q_session_put, NULL, e, "bitiitt", token_hash(d->a, n->token), n->account_id, n->csrf,
                     n->now_us, until, n->agent, n->address) &&
           store_run(d->s, Q_account_seen, NULL, e, "ii", n->account_id, n->now_us);
}

typedef struct {
    char hash[TOKEN_HASH];
    int64_t at_us;
} seen_note;

static bool put_seen(void *ctx, desk *d, err *e) {
    const seen_note *n = ctx;
    return store_run(d->s, Q_session_seen, NULL, e, "bi", (str){n->hash, TOKEN_HASH}, n->at_us);
}

static void note_seen(call *c, str hash) {
    seen_note n = {.at_us = c->now_us};
    err ignored = {0}; // when it was seen is not worth a refusal
    memcpy(n.hash, hash.s, TOKEN_HASH);
    bool noted = later_post(c->sv, put_seen, &n, sizeof n, &ignored);
    (void)noted;
}

bool session_who(call *c, who *out, err *e) {
    str token = session_token(c);
    *out = (who){0};
    if (!token.len) return true;
    str hash = token_hash(c->a, token);
    int64_t seen = 0;
    for (row r = store_query(c->s, Q_session_get, e, "b", hash); row_next(&r);) {
        seen = row_int(&r, 3);
        bool lives = row_int(&r, 4) > c->now_us && seen > c->now_us - SESSION_IDLE_H * HOUR_US;
        if (!lives || row_int(&r, 7) != ACCOUNT_ACTIVE) continue;
        *out = (who){.kind = WHO_ACCOUNT,
                     .id = row_int(&r, 0),
                     .csrf = str_dup(c->a, row_str(&r, 1)),
                     .name = str_dup(c->a, row_str(&r, 5)),
                     .role = str_dup(c->a, row_str(&r, 6))};
    }
    if (!err_ok(e) || out->kind == WHO_NOBODY) return err_ok(e);
    if (!role_needs(out->role, &out->needs)) out->needs = N(signed_in);
    if (c->now_us - seen > SEEN_EVERY_US) note_seen(c, hash);
    return true;
}
