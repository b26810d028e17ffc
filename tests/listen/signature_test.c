// Signatures against vectors that the senders' own libraries made or accepted (HEED_DATA/channels/signatures), changed
// copies of them that must fail, and against OpenSSL where there are none.
// clang-format off
#include "test.h"
// clang-format on

#include <openssl/evp.h>
#include <sodium.h>

#include "base/civil.h"
#include "base/json.h"
#include "listen/signature.h"

enum { HEADERS = 32 };

static const struct {
    const char *file, *scheme;
} files[] = {{"stripe", "stripe"},
             {"shopify", "shopify"},
             {"zendesk", "zendesk"},
             {"typeform", "typeform"},
             {"intercom", "intercom"},
             {"meta", "meta"},
             {"slack", "slack"},
             {"twilio", "twilio"},
             {"discourse", "discourse"},
             {"chatwoot", "chatwoot"},
             {"hubspot", "hubspot_v3"},
             {"woocommerce", "woocommerce"},
             {"standard-webhooks", "standard"}};

// One vector, ready to be checked and to be spoiled.
typedef struct {
    const scheme *s;
    sent q;
    sent_header headers[HEADERS];
    str secret, name;
    bool valid;
} vector;

static json_t *load(arena *a, const char *dir, const char *file) {
    char path[4096];
    json_error_t why;
    snprintf(path, sizeof path, "%s/channels/signatures/%s.json", dir, file);
    json_t *v = json_load_file(path, 0, &why);
    (void)a;
    if (!v) fail_msg("%s: %s", path, why.text);
    return v;
}

static void vector_of(vector *v, const char *scheme_name, const json_t *file, const json_t *j) {
    const char *key;
    json_t *value;
    *v = (vector){.s = scheme_get(str_c(scheme_name))};
    assert_non_null(v->s);
    json_object_foreach(json_object_get(j, "headers"), key, value) {
        assert_true(v->q.n_headers < HEADERS);
        v->headers[v->q.n_headers++] = (sent_header){str_c(key), json_text(value)};
    }
    v->q.headers = v->headers;
    v->q.method = json_at(j, "method");
    v->q.url = json_at(j, "url");
    v->q.body = json_at(j, "body");
    v->q.now_us = json_integer_value(json_object_get(file, "now")) * SECOND_US;
    v->secret = json_at(j, "secret");
    v->name = json_at(j, "name");
    v->valid = json_is_true(json_object_get(j, "valid"));
}

static bool check(const vector *v, err *e) {
    arena a = arena_open(8 << 20);
    bool ok = signature_check(a, v->s, &v->q, &v->secret, 1, e);
    arena_close(&a);
    return ok;
}

// What a stranger reads must help nobody to forge.
static void tells_no_secret(const vector *v, const err *e) {
    arena a = arena_open(8 << 20);
    str made = signature_make(&a, v->s, &v->q, v->secret);
    assert_false(v->secret.len > 6 && str_has(str_c(e->msg), v->secret));
    assert_false(made.len && str_has(str_c(e->msg), made));
    arena_close(&a);
}

static void must_fail(const vector *v, const char *how) {
    err e = {0};
    if (check(v, &e)) fail_msg("%s, \"%.*s\" %s: accepted", v->s->name, STR_ARG(v->name), how);
    assert_true(e.code == ERR_signed_out || e.code == ERR_denied);
    assert_true(e.msg[0]);
    tells_no_secret(v, &e);
}

static void every_vector_is_judged_as_the_sender_judges_it(void **state) {
    arena a = arena_open(1 << 20);
    int n = 0;
    (void)state;
    test_need_data(dir);
    for (size_t f = 0; f < COUNT(files); f++) {
        json_t *file = load(&a, dir, files[f].file), *list = json_object_get(file, "vectors");
        for (size_t i = 0; i < json_array_size(list); i++, n++) {
            vector v;
            err e = {0};
            vector_of(&v, files[f].scheme, file, json_array_get(list, i));
            if (check(&v, &e) != v.valid)
                fail_msg("%s, \"%.*s\": %s", files[f].file, STR_ARG(v.name), e.msg[0] ? e.msg : "accepted");
            if (!v.valid) must_fail(&v, "as it stands");
        }
        json_decref(file);
    }
    assert_true(n >= 50);
    arena_close(&a);
}

static int header_at(const vector *v, const char *name) {
    for (size_t i = 0; i < v->q.n_headers; i++)
        if (str_eq_ci(v->headers[i].name, str_c(name))) return (int)i;
    return -1;
}

static void spoil_body(vector *v, arena a) {
    str whole = v->q.body;
    char *p = str_z(&a, whole);
    v->q.body = (str){p, whole.len};
    for (size_t i = 0; i < whole.len; i++) {
        p[i] ^= 1;
        must_fail(v, "with a body that differs in one bit");
        p[i] ^= 1;
    }
    v->q.body = str_cat(&a, whole, S("\n"));
    must_fail(v, "with a line end more");
    if (whole.len) v->q.body = str_sub(whole, 0, whole.len - 1);
    if (whole.len) must_fail(v, "without its last byte");
    v->q.body = whole;
}

static void spoil_header(vector *v, arena a, const char *name, const char *how) {
    int at = name ? header_at(v, name) : -1;
    if (at < 0) return;
    str whole = v->headers[at].value;
    char *p = str_z(&a, whole);
    str first = v->s->time && !strcmp(v->s->header, v->s->time) ? S("v1=") : S(""); // items of Stripe that do not count
    size_t from = 0, to = whole.len;
    for (size_t i = 0; first.len && i + 3 < whole.len; i++)
        if (str_starts(str_sub(whole, i, 3), first)) from = i, to = MIN(i + 67, whole.len);
    for (size_t i = 0; !strcmp(v->s->name, "standard") && !strcmp(name, v->s->header) && i + 3 < whole.len; i++)
        if (str_starts(str_sub(whole, i, 3), S("v1,"))) from = i;
    v->headers[at].value = (str){p, whole.len};
    for (size_t i = from; i < to; i++) {
        p[i] ^= 1;
        must_fail(v, how);
        p[i] ^= 1;
    }
    v->headers[at].value = S("");
    must_fail(v, "with an empty header");
    v->headers[at].name = S("x-other");
    must_fail(v, "without a header");
    v->headers[at] = (sent_header){str_c(name), whole};
}

static void spoil_secret(vector *v, arena a) {
    str whole = v->secret;
    char *p = str_z(&a, whole);
    v->secret = (str){p, whole.len};
    for (size_t i = 0; i < whole.len; i++) {
        p[i] ^= 1;
        // A last character of Base64 may hold bits that are left over, and the word in front is no part of the key.
        bool spare = v->s->key == KEY_whsec && (i < 6 || i + 1 == whole.len);
        if (!spare) must_fail(v, "with another secret");
        p[i] ^= 1;
    }
    v->secret = S("");
    must_fail(v, "with an empty secret");
    v->secret = whole;
}

static void spoil_address(vector *v, arena a) {
    str whole = v->q.url;
    char *p = str_z(&a, whole);
    if (!scheme_signs_url(v->s)) return;
    v->q.url = (str){p, whole.len};
    for (size_t i = 0; i < whole.len; i++) {
        p[i] ^= 1;
        must_fail(v, "with another address");
        p[i] ^= 1;
    }
    v->q.url = whole;
}

static void every_changed_copy_of_a_vector_fails(void **state) {
    arena a = arena_open(1 << 20);
    int n = 0;
    (void)state;
    test_need_data(dir);
    for (size_t f = 0; f < COUNT(files); f++) {
        json_t *file = load(&a, dir, files[f].file), *list = json_object_get(file, "vectors");
        for (size_t i = 0; i < json_array_size(list); i++) {
            vector v;
            vector_of(&v, files[f].scheme, file, json_array_get(list, i));
            if (!v.valid) continue;
            spoil_body(&v, a);
            spoil_header(&v, a, v.s->header, "with another signature");
            if (v.s->time && strcmp(v.s->time, v.s->header)) spoil_header(&v, a, v.s->time, "with another timestamp");
            spoil_header(&v, a, v.s->id, "with another id");
            spoil_secret(&v, a);
            spoil_address(&v, a);
            n++;
        }
        json_decref(file);
    }
    assert_true(n >= 25);
    arena_close(&a);
}

static void one_of_several_secrets_is_enough(void **state) {
    arena a = arena_open(8 << 20);
    (void)state;
    test_need_data(dir);
    for (size_t f = 0; f < COUNT(files); f++) {
        json_t *file = load(&a, dir, files[f].file);
        vector v;
        err e = {0};
        vector_of(&v, files[f].scheme, file, json_array_get(json_object_get(file, "vectors"), 0));
        str secrets[] = {S("another"), v.secret, S("whsec_YW5vdGhlcg==")};
        assert_ok(signature_check(a, v.s, &v.q, secrets, 3, &e), e);
        str others[] = {S("another"), S("whsec_YW5vdGhlcg==")};
        assert_false(signature_check(a, v.s, &v.q, others, 2, &e));
        assert_false(signature_check(a, v.s, &v.q, others, 0, &e));
        json_decref(file);
    }
    arena_close(&a);
}

// What is made is what the vectors' signers made.
static void a_signature_made_is_the_one_in_the_vector(void **state) {
    arena a = arena_open(8 << 20);
    (void)state;
    test_need_data(dir);
    for (size_t f = 0; f < COUNT(files); f++) {
        json_t *file = load(&a, dir, files[f].file);
        vector v;
        vector_of(&v, files[f].scheme, file, json_array_get(json_object_get(file, "vectors"), 0));
        str made = signature_make(&a, v.s, &v.q, v.secret), was = sent_get(&v.q, v.s->header);
        assert_true(made.len > 10 && str_has(was, made));
        json_decref(file);
    }
    arena_close(&a);
}

static sent told(const sent_header *headers, size_t n, const char *url) {
    return (sent){.method = S("POST"), .url = str_c(url), .headers = headers, .n_headers = n, .body = S("{}")};
}

static bool token_ok(const char *name, const char *value, const char *url) {
    arena a = arena_open(2 << 20);
    sent_header h[] = {{str_c(name), str_c(value)}};
    sent q = told(h, 1, url);
    str secret = S("open sesame");
    bool ok = signature_check(a, scheme_get(S("token")), &q, &secret, 1, NULL);
    arena_close(&a);
    return ok;
}

static void a_secret_may_come_in_four_ways(void **state) {
    const char *url = "https://heed.example.org/hooks/desk";
    (void)state;
    assert_true(token_ok("X-Heed-Token", "open sesame", url));
    assert_true(token_ok("Authorization", "Bearer open sesame", url));
    assert_true(token_ok("Authorization", "Basic aGVlZDpvcGVuIHNlc2FtZQ==", url)); // heed:open sesame
    assert_true(token_ok("X-Other", "", "https://heed.example.org/hooks/desk?a=b&token=open%20sesame"));
    assert_true(token_ok("X-Other", "", "https://heed.example.org/hooks/desk?token=open+sesame"));
    assert_false(token_ok("X-Heed-Token", "open sesame!", url));
    assert_false(token_ok("X-Heed-Token", "", url));
    assert_false(token_ok("Authorization", "Bearer ", url));
    assert_false(token_ok("Authorization", "Basic ####", url));
    assert_false(token_ok("X-Other", "", "https://heed.example.org/hooks/desk?token="));
    assert_false(token_ok("X-Other", "", "https://heed.example.org/hooks/desk?tokens=open%20sesame"));
}

// Signed by OpenSSL, verified by libsodium.
static void a_public_key_verifies(void **state) {
    arena a = arena_open(2 << 20);
    unsigned char seed[32] = {7}, pub[32], sig[64];
    size_t n_pub = sizeof pub, n_sig = sizeof sig;
    char key[64], coded[128], header[256];
    str body = S("{\"type\":\"a.b\"}"), message = str_cat(&a, S("msg_1.1767225600."), body);
    (void)state;
    EVP_PKEY *pair = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    assert_int_equal(EVP_PKEY_get_raw_public_key(pair, pub, &n_pub), 1);
    assert_int_equal(EVP_DigestSignInit(c, NULL, NULL, NULL, pair), 1);
    assert_int_equal(EVP_DigestSign(c, sig, &n_sig, (const unsigned char *)message.s, message.len), 1);
    EVP_MD_CTX_free(c);
    EVP_PKEY_free(pair);
    sodium_bin2base64(key, sizeof key, pub, n_pub, sodium_base64_VARIANT_ORIGINAL);
    sodium_bin2base64(coded, sizeof coded, sig, n_sig, sodium_base64_VARIANT_ORIGINAL);
    snprintf(header, sizeof header, "v1,AAAA v1a,%s", coded);
    sent_header h[] = {{S("webhook-id"), S("msg_1")},
                       {S("webhook-timestamp"), S("1767225600")},
                       {S("webhook-signature"), str_c(header)}};
    sent q = {.method = S("POST"), .headers = h, .n_headers = 3, .body = body, .now_us = 1767225600 * SECOND_US};
    const scheme *s = scheme_get(S("standard_public"));
    str secret = str_fmt(&a, "whpk_%s", key);
    err e = {0};
    assert_ok(signature_check(a, s, &q, &secret, 1, &e), e);
    assert_ok(signature_secret_ok(s, secret, &e), e);
    q.body = S("{\"type\":\"a.c\"}");
    assert_false(signature_check(a, s, &q, &secret, 1, &e));
    assert_false(signature_secret_ok(s, S("whpk_AAAA"), NULL));
    arena_close(&a);
}

static void a_delivery_is_known_by_what_the_sender_calls_it(void **state) {
    arena a = arena_open(2 << 20);
    (void)state;
    sent_header h[] = {{S("X-WC-Webhook-Delivery-ID"), S("a1")},
                       {S("X-Shopify-Webhook-Id"), S("b2")},
                       {S("X-Shopify-Topic"), S("orders/create")},
                       {S("Content-Type"), S("application/json")}};
    sent q = {
        .headers = h, .n_headers = COUNT(h), .body = S("{\"id\":7,\"date_modified_gmt\":\"2026-01-01T00:00:00\"}")};
    assert_str(signature_delivery(&a, scheme_get(S("woocommerce")), &q), S("a1 7 2026-01-01T00:00:00"));
    assert_str(signature_delivery(&a, scheme_get(S("shopify")), &q), S("b2 orders/create"));
    assert_str(signature_delivery(&a, scheme_get(S("stripe")), &q), S("7"));
    assert_str(signature_delivery(&a, scheme_get(S("zendesk")), &q), S("")); // a body that an administrator typed
    assert_str(signature_delivery(&a, scheme_get(S("token")), &q), S(""));
    q.body = S("no JSON");
    assert_str(signature_delivery(&a, scheme_get(S("stripe")), &q), S(""));
    assert_str(signature_delivery(&a, scheme_get(S("woocommerce")), &q), S(""));
    arena_close(&a);
}

static void a_form_is_read_as_an_object(void **state) {
    arena a = arena_open(2 << 20);
    (void)state;
    sent_header h[] = {{S("content-type"), S("application/x-www-form-urlencoded; charset=utf-8")}};
    sent q = {.headers = h, .n_headers = 1, .body = S("Body=Caf%C3%A9+%26+cr%C3%A8me&From=%2B1415&Empty=&x")};
    assert_str(sent_json(&a, &q), S("{\"Body\":\"Café & crème\",\"From\":\"+1415\",\"Empty\":\"\",\"x\":\"\"}"));
    q.body = S("payload=%7B%22a%22%3A1%7D&x=y");
    assert_str(sent_json(&a, &q), S("{\"a\":1}"));
    q.body = S(" {\"a\":1}"); // a form in name only
    assert_str(sent_json(&a, &q), q.body);
    q.body = S("a=1");
    q.n_headers = 0;
    assert_str(sent_json(&a, &q), q.body);
    arena_close(&a);
}

// Every row is whole: the engine has no branch for a row that lacks something.
static void every_row_can_be_used(void **state) {
    arena a = arena_open(2 << 20);
    size_t n = 0;
    (void)state;
    const scheme *all = schemes_all(&n);
    assert_true(n >= 14);
    for (size_t i = 0; i < n; i++) {
        const scheme *s = &all[i];
        assert_true(s->label && s->about && s->header);
        assert_true(s->kind == SIGN_token || (s->base && strstr(s->base, s->base[0] == '{' ? "{" : ":")));
        assert_true(!s->base || strstr(s->base, "{body}") || strstr(s->base, "{form}"));
        assert_true(!s->apart || s->prefix);
        assert_true(!s->base || !strstr(s->base, "{timestamp}") || (s->time && s->oldest_s));
        assert_true(!s->base || !strstr(s->base, "{id}") || s->id);
        assert_ptr_equal(scheme_get(str_c(s->name)), s);
    }
    assert_null(scheme_get(S("nothing")));
    assert_int_equal(signature_hello(&a, S("x")).len, 32);
    assert_false(str_eq(signature_hello(&a, S("x")), signature_hello(&a, S("y"))));
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector_is_judged_as_the_sender_judges_it),
        cmocka_unit_test(every_changed_copy_of_a_vector_fails),
        cmocka_unit_test(one_of_several_secrets_is_enough),
        cmocka_unit_test(a_signature_made_is_the_one_in_the_vector),
        cmocka_unit_test(a_secret_may_come_in_four_ways),
        cmocka_unit_test(a_public_key_verifies),
        cmocka_unit_test(a_delivery_is_known_by_what_the_sender_calls_it),
        cmocka_unit_test(a_form_is_read_as_an_object),
        cmocka_unit_test(every_row_can_be_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
