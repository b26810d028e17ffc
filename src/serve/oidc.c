#include <pthread.h>
#include <sodium.h>

#include "serve/oidc.h"

#include "jobs/fetch.h"
#include "know/settings.h"
#include "serve/jwt.h"
#include "serve/session.h"
#include "serve/throttle.h"
#include "serve/token.h"

enum { COOKIE_S = 600, TIMEOUT_MS = 5000, MOST_REPLY = 256 << 10, LEEWAY_S = 60 };
#define KEPT_US INT64_C(3600000000)
#define ANEW_US INT64_C(60000000) // keys that are asked for again no sooner

static const char COOKIE[] = "heed_oidc";

// ---- settings ----

bool oidc_read(arena *a, store *s, oidc_settings *out, err *e) {
    str text;
    json_t *v = NULL;
    *out = (oidc_settings){.role = S("viewer"), .label = S("Sign in with your company account")};
    if (!settings_get(a, s, "oidc", &text, e)) return false;
    if (!text.len) return true;
    if (!json_read(text, &v, e)) return false;
    const struct {
        const char *name;
        str *to;
    } texts[] = {{"issuer", &out->issuer}, {"client_id", &out->client_id}, {"client_secret", &out->secret},
                 {"domain", &out->domain}, {"role", &out->role},           {"label", &out->label}};
    for (size_t i = 0; i < COUNT(texts); i++) {
        str x = json_at(v, texts[i].name);
        if (x.len) *texts[i].to = str_dup(a, x);
    }
    out->inside = json_is_true(json_object_get(v, "inside"));
    out->version = json_integer_value(json_object_get(v, "version"));
    out->on = out->issuer.len > 0;
    json_decref(v);
    return true;
}

bool oidc_write(arena *a, store *s, const oidc_settings *o, err *e) {
    buf b = buf_new(a, 16 << 10);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    json_put_str(&j, "issuer", o->issuer);
    json_put_str(&j, "client_id", o->client_id);
    json_put_str(&j, "client_secret", o->secret);
    json_put_str(&j, "domain", o->domain);
    json_put_str(&j, "role", o->role);
    json_put_str(&j, "label", o->label);
    json_put_bool(&j, "inside", o->inside);
    json_put_int(&j, "version", o->version);
    json_close(&j, '}');
    return settings_put(s, "oidc", buf_str(&b), e);
}

// The address that people type, not the one a proxy speaks to.
str oidc_redirect(const call *c) {
    str origin = server_options(c->sv)->origin, host = request_header(c->q, "host");
    if (!origin.len) origin = str_fmt(c->a, "%s://%.*s", c->q->secure ? "https" : "http", STR_ARG(host));
    return str_fmt(c->a, "%.*s/signin/oidc/return", STR_ARG(origin));
}

// ---- what the provider says of itself ----

struct oidc_memory {
    pthread_mutex_t lock;
    arena life;
    str issuer, about, keys; // texts of JSON
    int64_t about_us, keys_us;
};

oidc_memory *oidc_memory_open(void) {
    oidc_memory *m = calloc(1, sizeof *m);
    if (!m) abort();
    m->life = arena_open((size_t)4 * MOST_REPLY);
    pthread_mutex_init(&m->lock, NULL);
    return m;
}

void oidc_memory_close(oidc_memory *m) {
    pthread_mutex_destroy(&m->lock);
    arena_close(&m->life);
    free(m);
}

static str recall(oidc_memory *m, arena *a, str issuer, bool keys, int64_t since_us) {
    pthread_mutex_lock(&m->lock);
    bool fresh = str_eq(m->issuer, issuer) && (keys ? m->keys_us : m->about_us) > since_us;
    str text = fresh ? str_dup(a, keys ? m->keys : m->about) : S("");
    pthread_mutex_unlock(&m->lock);
    return text;
}

static void remember(oidc_memory *m, arena scratch, str issuer, bool keys, str text, int64_t now_us) {
    pthread_mutex_lock(&m->lock);
    bool same = str_eq(m->issuer, issuer);
    str other = same ? str_dup(&scratch, keys ? m->about : m->keys) : S("");
    arena_reset(&m->life);
    m->issuer = str_dup(&m->life, issuer);
    m->about = str_dup(&m->life, keys ? other : text);
    m->keys = str_dup(&m->life, keys ? text : other);
    if (!same) m->about_us = m->keys_us = 0;
    *(keys ? &m->keys_us : &m->about_us) = now_us;
    pthread_mutex_unlock(&m->lock);
}

// ---- asking it ----

typedef struct {
    call *c;
    const oidc_settings *o;
    json_t *about, *keys, *answer, *claims, *person; // owned
} visit;

static void visit_end(visit *t) {
    json_decref(t->about);
    json_decref(t->keys);
    json_decref(t->answer);
    json_decref(t->claims);
    json_decref(t->person);
}

static bool ask(const visit *t, fetch_ask how, str *body, err *e) {
    fetch_reply r;
    throttle *door = server_throttle(t->c->sv);
    how.timeout_ms = TIMEOUT_MS, how.most = MOST_REPLY, how.allow_private = t->o->inside;
    if (!throttle_enter(door, WORK_FETCH))
        return fail(e, ERR_too_many, "too many people sign in at this moment; try again in a few seconds");
    err why = {0};
    bool ok = fetch(t->c->a, &how, &r, &why);
    throttle_leave(door, WORK_FETCH);
    if (!ok && why.code == ERR_denied && !t->o->inside)
        return fail(e, why.code, "the identity provider stands in a private network; set 'inside' to allow that");
    if (!ok) return fail(e, why.code, "the identity provider cannot be reached: %.180s", why.msg);
    *body = r.body;
    if (r.status == 200) return true;
    if (r.status >= 500) return fail(e, ERR_unavailable, "the identity provider answers with status %d", r.status);
    return fail(e, ERR_denied, "the identity provider refuses with status %d: %.*s", r.status,
                (int)MIN(r.body.len, 100), r.body.s);
}

static bool ask_json(const visit *t, fetch_ask how, str *text, json_t **out, err *e) {
    err why = {0};
    if (!ask(t, how, text, e)) return false;
    return json_read(*text, out, &why) || fail(e, ERR_denied, "the identity provider does not answer in JSON");
}

// OpenID Connect Discovery 1.0, 4: it must call itself what we call it.
static bool discover(visit *t, err *e) {
    call *c = t->c;
    oidc_memory *m = throttle_oidc(server_throttle(c->sv));
    str text = recall(m, c->a, t->o->issuer, false, c->now_us - KEPT_US);
    if (text.len) return json_read(text, &t->about, e);
    str base = t->o->issuer;
    if (str_ends(base, S("/"))) base.len--;
    str url = str_fmt(c->a, "%.*s/.well-known/openid-configuration", STR_ARG(base));
    if (!ask_json(t, (fetch_ask){.url = url}, &text, &t->about, e)) return false;
    if (!str_eq(json_at(t->about, "issuer"), t->o->issuer))
        return fail(e, ERR_denied, "the identity provider calls itself '%.*s'; set that as issuer",
                    (int)MIN(json_at(t->about, "issuer").len, 120), json_at(t->about, "issuer").s);
    remember(m, *c->a, t->o->issuer, false, text, c->now_us);
    return true;
}

static bool read_keys(visit *t, int64_t since_us, err *e) {
    call *c = t->c;
    oidc_memory *m = throttle_oidc(server_throttle(c->sv));
    str text = recall(m, c->a, t->o->issuer, true, since_us);
    json_decref(t->keys);
    t->keys = NULL;
    if (text.len) return json_read(text, &t->keys, e);
    if (!ask_json(t, (fetch_ask){.url = json_at(t->about, "jwks_uri")}, &text, &t->keys, e)) return false;
    remember(m, *c->a, t->o->issuer, true, text, c->now_us);
    return true;
}

// ---- going there ----

str oidc_challenge(arena *a, str verifier) {
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const unsigned char *)verifier.s, verifier.len);
    return base64url(a, (str){(char *)hash, sizeof hash});
}

static void parameter(buf *b, const char *name, str value) {
    if (b->len && b->s[b->len - 1] != '?') buf_addc(b, '&');
    buf_fmt(b, "%s=", name);
    url_encode(b, value);
}

bool oidc_begin(call *c, const oidc_settings *o, str next, str *address, err *e) {
    visit t = {.c = c, .o = o};
    const world *w = server_world(c->sv);
    str state = token_new(c->a, w, ""), nonce = token_new(c->a, w, ""), verifier = token_new(c->a, w, "");
    bool ok = discover(&t, e);
    str to = json_at(t.about, "authorization_endpoint");
    if (ok && !to.len) ok = fail(e, ERR_denied, "the identity provider does not say where to sign in");
    buf b = buf_new(c->a, 8 << 10);
    buf_add(&b, to);
    buf_addc(&b, str_find(to, '?') < 0 ? '?' : '&');
    parameter(&b, "response_type", S("code"));
    parameter(&b, "client_id", o->client_id);
    parameter(&b, "redirect_uri", oidc_redirect(c));
    parameter(&b, "scope", S("openid email profile"));
    parameter(&b, "state", state);
    parameter(&b, "nonce", nonce);
    parameter(&b, "code_challenge", oidc_challenge(c->a, verifier));
    parameter(&b, "code_challenge_method", S("S256"));
    visit_end(&t);
    *address = buf_str(&b);
    if (!ok) return false;
    str note = str_fmt(c->a, "%.*s %.*s %.*s %.*s", STR_ARG(state), STR_ARG(nonce), STR_ARG(verifier), STR_ARG(next));
    int64_t until = c->now_us + (int64_t)COOKIE_S * 1000000;
    cookie_put(c, COOKIE, seal(c->a, throttle_secret(server_throttle(c->sv)), "oidc", note, until), COOKIE_S);
    return true;
}

// ---- coming back ----

typedef struct {
    str state, nonce, verifier, next;
} begun;

static bool read_cookie(call *c, begun *g, err *e) {
    str note;
    if (!unseal(c->a, throttle_secret(server_throttle(c->sv)), "oidc", cookie_get(c, COOKIE), c->now_us, &note))
        return fail(e, ERR_denied,
                    "this sign-in was not begun in this browser, or more than ten minutes ago; begin again");
    g->state = str_cut(&note, ' '), g->nonce = str_cut(&note, ' '), g->verifier = str_cut(&note, ' '), g->next = note;
    return true;
}

// RFC 6749, 4.1.2, and RFC 9207: an answer to our question, of the one we asked.
static bool read_answer(call *c, const oidc_settings *o, const begun *g, str *code, err *e) {
    str q = c->q->query, why = form_value(c->a, q, "error"), iss = form_value(c->a, q, "iss");
    if (!secret_same(form_value(c->a, q, "state"), g->state))
        return fail(e, ERR_denied, "this sign-in was not begun in this browser; begin again");
    if (why.len)
        return fail(e, ERR_denied, "the identity provider did not sign you in: %.*s", (int)MIN(why.len, 60), why.s);
    if (iss.len && !str_eq(iss, o->issuer)) return fail(e, ERR_denied, "another identity provider answered");
    *code = form_value(c->a, q, "code");
    return code->len || fail(e, ERR_denied, "the identity provider sent no code");
}

static bool lists(const json_t *list, const char *word) {
    for (size_t i = 0; i < json_array_size(list); i++)
        if (str_eq(json_text(json_array_get(list, i)), str_c(word))) return true;
    return false;
}

// RFC 6749, 2.3.1: name and password of Basic are encoded like a form.
static str basic(arena *a, const oidc_settings *o) {
    buf b = buf_new(a, 4096);
    url_encode(&b, o->client_id);
    buf_addc(&b, ':');
    url_encode(&b, o->secret);
    size_t room = sodium_base64_ENCODED_LEN(b.len, sodium_base64_VARIANT_ORIGINAL);
    char *text = make(a, char, room);
    sodium_bin2base64(text, room, (const unsigned char *)b.s, b.len, sodium_base64_VARIANT_ORIGINAL);
    return str_fmt(a, "Basic %s", text);
}

static bool redeem(visit *t, const begun *g, str code, err *e) {
    call *c = t->c;
    const json_t *ways = json_object_get(t->about, "token_endpoint_auth_methods_supported");
    // Basic is what a provider takes that does not say (Discovery 1.0, 3).
    bool in_body = ways && !lists(ways, "client_secret_basic") && lists(ways, "client_secret_post");
    buf b = buf_new(c->a, 16 << 10);
    parameter(&b, "grant_type", S("authorization_code"));
    parameter(&b, "code", code);
    parameter(&b, "redirect_uri", oidc_redirect(c));
    parameter(&b, "code_verifier", g->verifier);
    if (!t->o->secret.len || in_body) parameter(&b, "client_id", t->o->client_id);
    if (t->o->secret.len && in_body) parameter(&b, "client_secret", t->o->secret);
    fetch_header headers[] = {{S("Content-Type"), S("application/x-www-form-urlencoded")},
                              {S("Accept"), S("application/json")},
                              {S("Authorization"), basic(c->a, t->o)}};
    str text;
    return ask_json(t,
                    (fetch_ask){.method = "POST",
                                .url = json_at(t->about, "token_endpoint"),
                                .headers = headers,
                                .n_headers = t->o->secret.len && !in_body ? 3 : 2,
                                .body = buf_str(&b)},
                    &text, &t->answer, e);
}

static bool read_token(visit *t, err *e) {
    call *c = t->c;
    bool unknown;
    str token = json_at(t->answer, "id_token");
    if (!read_keys(t, c->now_us - KEPT_US, e)) return false;
    if (jwt_read(c->a, token, t->keys, &t->claims, &unknown, e)) return true;
    if (!unknown) return false;
    err_clear(e); // they may have changed since
    return read_keys(t, c->now_us - ANEW_US, e) && jwt_read(c->a, token, t->keys, &t->claims, &unknown, e);
}

static bool for_us(const json_t *claims, str client_id) {
    const json_t *aud = json_object_get(claims, "aud");
    str azp = json_at(claims, "azp");
    bool named = str_eq(json_text(aud), client_id);
    for (size_t i = 0; i < json_array_size(aud); i++) named |= str_eq(json_text(json_array_get(aud, i)), client_id);
    bool many = json_array_size(aud) > 1;
    return named && (azp.len ? str_eq(azp, client_id) : !many);
}

// OpenID Connect Core 1.0, 3.1.3.7.
static bool check_claims(const visit *t, const begun *g, err *e) {
    const json_t *claims = t->claims;
    int64_t now_s = t->c->now_us / 1000000, until = json_integer_value(json_object_get(claims, "exp"));
    int64_t from = json_integer_value(json_object_get(claims, "iat"));
    if (!str_eq(json_at(claims, "iss"), t->o->issuer)) return fail(e, ERR_denied, "the token is of another issuer");
    if (!for_us(claims, t->o->client_id)) return fail(e, ERR_denied, "the token is for somebody else");
    if (until + LEEWAY_S <= now_s) return fail(e, ERR_denied, "the token has expired; are the clocks right?");
    if (from > now_s + LEEWAY_S * 5) return fail(e, ERR_denied, "the token is from the future; are the clocks right?");
    if (!secret_same(json_at(claims, "nonce"), g->nonce))
        return fail(e, ERR_denied, "the token answers another question");
    str subject = json_at(claims, "sub");
    return (subject.len && subject.len <= 255) || fail(e, ERR_denied, "the token names nobody");
}

// Many providers tell the e-mail only when asked (Core 1.0, 5.3), and what they tell must be of the same person.
static bool ask_person(visit *t, err *e) {
    str url = json_at(t->about, "userinfo_endpoint"), access = json_at(t->answer, "access_token"), text;
    if (json_at(t->claims, "email").len || !url.len || !access.len) return true;
    fetch_header headers[] = {{S("Authorization"), str_fmt(t->c->a, "Bearer %.*s", STR_ARG(access))},
                              {S("Accept"), S("application/json")}};
    if (!ask_json(t, (fetch_ask){.url = url, .headers = headers, .n_headers = COUNT(headers)}, &text, &t->person, e))
        return false;
    return str_eq(json_at(t->person, "sub"), json_at(t->claims, "sub")) ||
           fail(e, ERR_denied, "the identity provider tells of another person");
}

static void fill_person(const visit *t, oidc_person *p) {
    arena *a = t->c->a;
    const json_t *from = json_at(t->claims, "email").len ? t->claims : t->person;
    const json_t *verified = json_object_get(from, "email_verified");
    p->subject = str_fmt(a, "%.*s#%.*s", STR_ARG(t->o->issuer), STR_ARG(json_at(t->claims, "sub")));
    p->email = str_dup(a, json_at(from, "email"));
    p->name = str_dup(a, json_at(from, "name"));
    p->verified = json_is_true(verified) || str_eq(json_text(verified), S("true")); // some send it as text
}

bool oidc_return(call *c, const oidc_settings *o, oidc_person *p, str *next, err *e) {
    begun g;
    visit t = {.c = c, .o = o};
    str code;
    *p = (oidc_person){0};
    bool ok = read_cookie(c, &g, e) && read_answer(c, o, &g, &code, e);
    if (ok) cookie_put(c, COOKIE, S(""), -1); // a code counts once
    ok = ok && discover(&t, e) && redeem(&t, &g, code, e) && read_token(&t, e) && check_claims(&t, &g, e) &&
         ask_person(&t, e);
    if (ok) fill_person(&t, p), *next = g.next;
    visit_end(&t);
    return ok;
}
