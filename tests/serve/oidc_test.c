// Signing in by an identity provider that lies: whatever is wrong in what it sends, nobody comes in. What a right one
// does is tried with a real one (tests/scenarios/75-oidc.sh).
#include <microhttpd.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "people.h"

#include "serve/oidc.h"
#include "serve/token.h"

// ---- a provider of our own, on a socket ----

typedef struct {
    struct MHD_Daemon *d;
    arena a; // of the answer at hand
    EVP_PKEY *key;
    char issuer[60], kid[20], nonce[100], user[400], claims[1200], head[200];
    int keys_asked, status;
    bool no_token, other_signature;
} provider;

static str number_of(arena *a, const EVP_PKEY *key, const char *name) {
    BIGNUM *n = NULL;
    assert_true(EVP_PKEY_get_bn_param(key, name, &n));
    unsigned char bytes[600];
    size_t len = (size_t)BN_bn2bin(n, bytes);
    BN_free(n);
    return base64url(a, (str){(char *)bytes, len});
}

static str keys_of(provider *p) {
    return str_fmt(&p->a, "{\"keys\":[{\"kty\":\"RSA\",\"use\":\"sig\",\"kid\":\"%s\",\"n\":\"%.*s\",\"e\":\"%.*s\"}]}",
                   p->kid, STR_ARG(number_of(&p->a, p->key, OSSL_PKEY_PARAM_RSA_N)),
                   STR_ARG(number_of(&p->a, p->key, OSSL_PKEY_PARAM_RSA_E)));
}

static str signed_token(provider *p) {
    str head = base64url(&p->a, str_c(p->head)), body = base64url(&p->a, str_c(p->claims));
    str text = str_fmt(&p->a, "%.*s.%.*s", STR_ARG(head), STR_ARG(body));
    unsigned char signature[600];
    size_t n = sizeof signature;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, p->key), 1);
    assert_int_equal(EVP_DigestSign(ctx, signature, &n, (const unsigned char *)text.s, text.len), 1);
    EVP_MD_CTX_free(ctx);
    if (p->other_signature) signature[7] ^= 1;
    return str_fmt(&p->a, "%.*s.%.*s", STR_ARG(text), STR_ARG(base64url(&p->a, (str){(char *)signature, n})));
}

static str reply_to(provider *p, const char *path) {
    arena_reset(&p->a);
    if (!strcmp(path, "/.well-known/openid-configuration"))
        return str_fmt(
            &p->a,
            "{\"issuer\":\"%s\",\"authorization_endpoint\":\"%s/auth?tenant=1\",\"token_endpoint\":\"%s/token\","
            "\"jwks_uri\":\"%s/keys\",\"userinfo_endpoint\":\"%s/me\"}",
            p->issuer, p->issuer, p->issuer, p->issuer, p->issuer);
    if (!strcmp(path, "/keys")) return p->keys_asked++, keys_of(p);
    if (!strcmp(path, "/me")) return str_c(p->user);
    if (p->no_token) return S("{\"access_token\":\"x\"}");
    return str_fmt(&p->a, "{\"access_token\":\"x\",\"id_token\":\"%.*s\"}", STR_ARG(signed_token(p)));
}

static enum MHD_Result answer(void *ctx, struct MHD_Connection *c, const char *url, const char *method,
                              const char *version, const char *data, size_t *size, void **state) {
    provider *p = ctx;
    (void)method, (void)version, (void)data;
    if (!*state) return *state = p, MHD_YES;
    if (*size) return *size = 0, MHD_YES;
    str body = reply_to(p, url);
    struct MHD_Response *r =
        MHD_create_response_from_buffer(body.len, (void *)(uintptr_t)body.s, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result ok = MHD_queue_response(c, p->status ? (unsigned)p->status : 200u, r);
    MHD_destroy_response(r);
    return ok;
}

static void new_signing_key(provider *p, const char *kid) {
    EVP_PKEY_free(p->key);
    p->key = EVP_RSA_gen(2048);
    snprintf(p->kid, sizeof p->kid, "%s", kid);
}

static void provider_open(provider *p) {
    *p = (provider){.a = arena_open(1 << 20)};
    new_signing_key(p, "one");
    p->d = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, answer, p, MHD_OPTION_END);
    assert_non_null(p->d);
    int port = MHD_get_daemon_info(p->d, MHD_DAEMON_INFO_BIND_PORT)->port;
    snprintf(p->issuer, sizeof p->issuer, "http://127.0.0.1:%d", port);
}

static void provider_close(provider *p) {
    MHD_stop_daemon(p->d);
    EVP_PKEY_free(p->key);
    arena_close(&p->a);
}

// ---- a sign-in ----

typedef struct {
    serve_rig r;
    provider p;
    browser b;
} scene;

static void configure(scene *s, const char *more) {
    who owner = serve_as("owner");
    pair match = {S("If-Match"), S("*")};
    str body =
        str_fmt(&s->r.life, "{\"issuer\":\"%s\",\"client_id\":\"heed\",\"client_secret\":\"x\",\"inside\":true%s}",
                s->p.issuer, more);
    assert_int_equal(serve_ask_as(&s->r, "PUT", "/api/settings/oidc", &match, 1, body, &owner)->status, 200);
}

static void scene_open(scene *s) {
    serve_open(&s->r, NULL);
    provider_open(&s->p);
    s->b = browser_open(&s->r);
    configure(s, ",\"domain\":\"corp.example\"");
}

static void scene_close(scene *s) {
    browser_close(&s->b);
    provider_close(&s->p);
    serve_close(&s->r);
}

static str parameter(scene *s, str url, const char *name) {
    str query = url;
    str_cut(&query, '?');
    return form_value(&s->b.life, query, name);
}

// The cookie of the sign-in is not the session's.
static str note_of(scene *s) {
    str all = response_get(&s->r.x.r, "set-cookie");
    return str_dup(&s->b.life, str_cut(&all, ';'));
}

typedef struct {
    str state, note;
} begun;

// Goes there, and lets the provider prepare a right answer.
static begun begin(scene *s) {
    s->b.jar = S("");
    s->b.n_more = 0;
    const response *r = browser_get(&s->b, "/signin/oidc?next=/account");
    assert_int_equal(r->status, 303);
    str to = str_dup(&s->b.life, response_get(r, "location"));
    assert_true(str_starts(to, str_fmt(&s->b.life, "%s/auth?tenant=1&", s->p.issuer)));
    assert_str(parameter(s, to, "code_challenge_method"), S("S256"));
    assert_str(parameter(s, to, "redirect_uri"), S("https://heed.example/signin/oidc/return"));
    snprintf(s->p.nonce, sizeof s->p.nonce, "%.*s", STR_ARG(parameter(s, to, "nonce")));
    return (begun){parameter(s, to, "state"), note_of(s)};
}

static const response *come_back(scene *s, const begun *g) {
    s->b.more[0] = (pair){S("Cookie"), g->note};
    s->b.n_more = 1;
    return browser_get(
        &s->b, str_z(&s->b.life, str_fmt(&s->b.life, "/signin/oidc/return?code=1&state=%.*s", STR_ARG(g->state))));
}

#define RIGHT                                                                                                          \
    "{\"iss\":\"%s\",\"aud\":\"heed\",\"sub\":\"17\",\"nonce\":\"%s\",\"exp\":%lld,\"iat\":%lld,\"email\":"            \
    "\"carla@corp.example\",\"email_verified\":true}"

static void right_claims(scene *s) {
    long long now = (long long)(s->r.now / 1000000);
    snprintf(s->p.head, sizeof s->p.head, "{\"alg\":\"RS256\",\"kid\":\"%s\"}", s->p.kid);
    snprintf(s->p.claims, sizeof s->p.claims, RIGHT, s->p.issuer, s->p.nonce, now + 300, now);
}

// Puts other words in the place of some of the right claims.
static void instead(char *text, size_t size, const char *what, const char *with) {
    char *at = strstr(text, what), rest[1200];
    assert_non_null(at);
    snprintf(rest, sizeof rest, "%s", at + strlen(what));
    snprintf(at, size - (size_t)(at - text), "%s%s", with, rest);
}

static void a_right_token_lets_in(void **state) {
    (void)state;
    scene s;
    scene_open(&s);
    for (int i = 0; i < 3; i++) {
        begun g = begin(&s);
        right_claims(&s);
        const response *r = come_back(&s, &g);
        assert_int_equal(r->status, 303);
        assert_str(response_get(r, "location"), S("/account"));
        s.b.n_more = 0;
        assert_true(says(browser_get(&s.b, "/api/me"), "carla@corp.example"));
    }
    assert_int_equal(s.p.keys_asked, 1); // they are kept
    scene_close(&s);
}

static void whatever_is_wrong_in_it_nobody_comes_in(void **state) {
    static const struct {
        const char *what, *with, *why;
    } rows[] = {
        {"\"iss\":\"http://127", "\"iss\":\"http://128", "another issuer"},
        {"\"iss\":", "\"iss2\":", "another issuer"},
        {"\"aud\":\"heed\"", "\"aud\":\"other\"", "somebody else"},
        {"\"aud\":\"heed\"", "\"aud\":[\"other\"]", "somebody else"},
        {"\"aud\":\"heed\"", "\"aud\":[\"other\",\"heed\"]", "somebody else"}, // whose then? azp must say
        {"\"aud\":\"heed\"", "\"aud\":[\"other\",\"heed\"],\"azp\":\"other\"", "somebody else"},
        {"\"aud\":\"heed\"", "\"aud\":\"heed\",\"azp\":\"other\"", "somebody else"},
        {"\"aud\":\"heed\"", "\"aud\":null", "somebody else"},
        {"\"nonce\":\"", "\"nonce\":\"x", "another question"},
        {"\"nonce\":", "\"once\":", "another question"},
        {"\"exp\":", "\"expires\":", "expired"},
        {"\"exp\":1", "\"exp\":\"1\",\"x\":1", "expired"},
        {"\"exp\":179", "\"exp\":178", "expired"},
        {"\"iat\":179", "\"iat\":180", "future"},
        {"\"sub\":\"17\"", "\"sub\":\"\"", "nobody"},
        {"\"sub\":\"17\"", "\"sub\":17", "nobody"},
        {"\"email_verified\":true", "\"email_verified\":false", "invited"},
        {"\"email_verified\":true", "\"email_verified\":1", "invited"},
        {"\"email_verified\":true", "\"x\":1", "invited"},
        {"carla@corp.example", "carla@evil.example", "invited"},
        {"carla@corp.example", "carla@sub.corp.example", "invited"},
        {"carla@corp.example", "carla@corp.example@evil.example", "invited"},
        {"carla@corp.example", "corp.example", "invited"},
    };
    (void)state;
    scene s;
    scene_open(&s);
    for (size_t i = 0; i < COUNT(rows); i++) {
        begun g = begin(&s);
        right_claims(&s);
        instead(s.p.claims, sizeof s.p.claims, rows[i].what, rows[i].with);
        const response *r = come_back(&s, &g);
        if (r->status != 403 || !says(r, rows[i].why))
            fail_msg("%s: %d %.*s", rows[i].with, r->status, STR_ARG(r->body));
        assert_int_equal(s.b.jar.len, 0);
    }
    scene_close(&s);
}

static void whoever_did_not_sign_it_lets_nobody_in(void **state) {
    static const char *const heads[] = {"{\"alg\":\"none\"}",
                                        "{\"alg\":\"HS256\",\"kid\":\"one\"}",
                                        "{\"alg\":\"RS512\"}",
                                        "{\"kid\":\"one\"}",
                                        "{\"alg\":\"ES256\",\"kid\":\"one\"}",
                                        "[]",
                                        "x"};
    (void)state;
    scene s;
    scene_open(&s);
    for (size_t i = 0; i < COUNT(heads); i++) {
        begun g = begin(&s);
        right_claims(&s);
        snprintf(s.p.head, sizeof s.p.head, "%s", heads[i]);
        assert_int_equal(come_back(&s, &g)->status, 403);
    }
    begun g = begin(&s);
    right_claims(&s);
    s.p.other_signature = true;
    assert_int_equal(come_back(&s, &g)->status, 403);
    s.p.other_signature = false;
    g = begin(&s);
    right_claims(&s);
    s.p.no_token = true;
    assert_int_equal(come_back(&s, &g)->status, 403);
    s.p.no_token = false;
    g = begin(&s);
    right_claims(&s);
    s.p.status = 500;
    assert_int_equal(come_back(&s, &g)->status, 503);
    assert_int_equal(s.b.jar.len, 0);
    scene_close(&s);
}

static void keys_that_changed_are_read_again_but_not_all_the_time(void **state) {
    (void)state;
    scene s;
    scene_open(&s);
    begun g = begin(&s);
    right_claims(&s);
    assert_int_equal(come_back(&s, &g)->status, 303);
    new_signing_key(&s.p, "two");
    s.r.now += 61000000;
    g = begin(&s);
    right_claims(&s);
    assert_int_equal(come_back(&s, &g)->status, 303);
    assert_int_equal(s.p.keys_asked, 2);
    // Tokens that name a key that is not there cannot make us ask for keys each time.
    for (int i = 0; i < 10; i++) {
        g = begin(&s);
        right_claims(&s);
        snprintf(s.p.head, sizeof s.p.head, "{\"alg\":\"RS256\",\"kid\":\"made up\"}");
        assert_int_equal(come_back(&s, &g)->status, 403);
    }
    assert_int_equal(s.p.keys_asked, 2);
    scene_close(&s);
}

static void what_it_tells_of_people_must_be_of_the_same(void **state) {
    (void)state;
    scene s;
    scene_open(&s);
    const char *const users[] = {"{\"sub\":\"17\",\"email\":\"carla@corp.example\",\"email_verified\":\"true\"}",
                                 "{\"sub\":\"18\",\"email\":\"carla@corp.example\",\"email_verified\":true}",
                                 "{\"email\":\"carla@corp.example\",\"email_verified\":true}", "[]", "x"};
    for (size_t i = 0; i < COUNT(users); i++) {
        begun g = begin(&s);
        right_claims(&s);
        instead(s.p.claims, sizeof s.p.claims, ",\"email\":\"carla@corp.example\",\"email_verified\":true", "");
        snprintf(s.p.user, sizeof s.p.user, "%s", users[i]);
        int status = come_back(&s, &g)->status;
        if (status != (i ? 403 : 303)) fail_msg("%s: %d", users[i], status);
    }
    scene_close(&s);
}

static void a_sign_in_ends_after_ten_minutes_and_is_for_one_browser(void **state) {
    (void)state;
    scene s;
    scene_open(&s);
    begun g = begin(&s), other = begin(&s);
    right_claims(&s);
    begun mixed = {g.state, other.note};
    assert_int_equal(come_back(&s, &mixed)->status, 403);
    mixed = (begun){other.state, S("__Host-heed_oidc=forged.note")};
    assert_int_equal(come_back(&s, &mixed)->status, 403);
    s.r.now += 601000000;
    right_claims(&s);
    assert_int_equal(come_back(&s, &other)->status, 403);
    assert_int_equal(s.b.jar.len, 0);
    scene_close(&s);
}

static void an_account_that_is_disabled_stays_out(void **state) {
    (void)state;
    scene s;
    scene_open(&s);
    begun g = begin(&s);
    right_claims(&s);
    assert_int_equal(come_back(&s, &g)->status, 303);
    s.b.n_more = 0;
    browser_get(&s.b, "/api/me");
    json_t *v = serve_json(&s.r);
    int id = (int)json_integer_value(json_object_get(v, "id"));
    json_decref(v);
    who owner = serve_as("owner");
    pair match = {S("If-Match"), S("*")};
    const char *path = str_z(&s.r.life, str_fmt(&s.r.life, "/api/accounts/%d", id));
    assert_int_equal(serve_ask_as(&s.r, "PATCH", path, &match, 1, S("{\"state\":\"disabled\"}"), &owner)->status, 200);
    g = begin(&s);
    right_claims(&s);
    assert_int_equal(come_back(&s, &g)->status, 403);
    // Another provider that names the same person is another person.
    assert_int_equal(serve_ask_as(&s.r, "PATCH", path, &match, 1, S("{\"state\":\"active\"}"), &owner)->status, 200);
    instead(s.p.issuer, sizeof s.p.issuer, "127.0.0.1", "localhost");
    configure(&s, "");
    g = begin(&s);
    right_claims(&s);
    assert_int_equal(come_back(&s, &g)->status, 403);
    scene_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_right_token_lets_in),
        cmocka_unit_test(whatever_is_wrong_in_it_nobody_comes_in),
        cmocka_unit_test(whoever_did_not_sign_it_lets_nobody_in),
        cmocka_unit_test(keys_that_changed_are_read_again_but_not_all_the_time),
        cmocka_unit_test(what_it_tells_of_people_must_be_of_the_same),
        cmocka_unit_test(a_sign_in_ends_after_ten_minutes_and_is_for_one_browser),
        cmocka_unit_test(an_account_that_is_disabled_stays_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
