// Keys of programs: their forms, their scopes, their rate; and that what is revoked, forged or another's never passes.
#include <pthread.h>
#include <sodium.h>

#include "people.h"

#include "base/rng.h"

static str basic(serve_rig *r, str text) {
    size_t room = sodium_base64_ENCODED_LEN(text.len, sodium_base64_VARIANT_ORIGINAL);
    char *out = make(&r->life, char, room);
    sodium_bin2base64(out, room, (const unsigned char *)text.s, text.len, sodium_base64_VARIANT_ORIGINAL);
    return str_fmt(&r->life, "Basic %s", out);
}

static str with_colon(serve_rig *r, str token) {
    return str_fmt(&r->life, "%.*s:", STR_ARG(token));
}

static void keys_come_in_the_forms_that_programs_use(void **state) {
    (void)state;
    serve_rig r;
    serve_open(&r, NULL);
    str token = key_of(&r, "reports", "measures_read", "", 0, NULL);
    assert_true(str_starts(token, S("heed_")));
    const str forms[] = {
        str_fmt(&r.life, "Bearer %.*s", STR_ARG(token)),
        str_fmt(&r.life, "bearer   %.*s ", STR_ARG(token)),
        basic(&r, with_colon(&r, token)),
        basic(&r, token), // without the colon: some leave it out
        basic(&r, str_fmt(&r.life, "%.*s:anything", STR_ARG(token))),
    };
    for (size_t i = 0; i < COUNT(forms); i++)
        if (ask_with(&r, "GET", "/api/me", forms[i], S(""))->status != 200) fail_msg("%.*s", STR_ARG(forms[i]));
    json_t *v = serve_json(&r);
    assert_str(json_at(v, "kind"), S("key"));
    assert_str(json_at(v, "name"), S("reports"));
    json_decref(v);
    serve_close(&r);
}

static void what_is_no_key_never_passes(void **state) {
    (void)state;
    serve_rig r;
    rng g = rng_seed(3);
    serve_open(&r, NULL);
    int64_t id;
    str token = key_of(&r, "reports", "measures_read", "", 0, &id);
    const str bad[] = {S(""),      S("Bearer"),   S("Bearer "),    S("Bearer heed_"),
                       S("Basic"), S("Basic !!"), S("Basic Og=="), S("Digest x"),
                       token,      S("Bearer 1"), S("Basic OjpD"), S("Bearer \xff\xfe")};
    for (size_t i = 0; i < COUNT(bad); i++)
        if (ask_with(&r, "GET", "/api/me", bad[i], S(""))->status != 401) fail_msg("%.*s", STR_ARG(bad[i]));
    for (int i = 0; i < 400; i++) {
        char *forged = str_z(&r.life, token);
        size_t at = (size_t)rng_range(&g, 0, (int64_t)token.len - 1);
        forged[at] = forged[at] == 'x' ? 'y' : 'x';
        assert_int_equal(ask_bearer(&r, "GET", "/api/me", str_c(forged), S(""))->status, 401);
        assert_int_equal(ask_bearer(&r, "GET", "/api/me", str_sub(token, 0, at), S(""))->status, 401);
    }
    // What stands in the store is no key.
    err e = {0};
    store *s = server_reader_take(r.sv, &e);
    api_key k;
    assert_ok(key_get(&r.life, s, id, &k, &e), e);
    server_reader_give(r.sv, s);
    assert_int_equal(ask_bearer(&r, "GET", "/api/me", k.hint, S(""))->status, 401);
    assert_int_equal(k.hint.len, 11);
    serve_close(&r);
}

static void a_key_may_do_what_its_scopes_say(void **state) {
    (void)state;
    serve_rig r;
    serve_open(&r, NULL);
    str reader = key_of(&r, "reader", "audit_read", "", 0, NULL), keys = key_of(&r, "keys", "keys_write", "", 0, NULL);
    assert_int_equal(ask_bearer(&r, "GET", "/api/audit", reader, S(""))->status, 200);
    assert_int_equal(ask_bearer(&r, "GET", "/api/keys", reader, S(""))->status, 403);
    assert_int_equal(ask_bearer(&r, "GET", "/api/keys", keys, S(""))->status, 200);
    assert_int_equal(ask_bearer(&r, "GET", "/api/accounts", keys, S(""))->status, 403);
    // It makes keys, and none that may do more than itself.
    str more = S("{\"name\":\"more\",\"scopes\":[\"customers_read\"]}");
    str same = S("{\"name\":\"same\",\"scopes\":[\"keys_write\"]}");
    str sends = S("{\"name\":\"shop\",\"source\":\"shop\"}");
    assert_int_equal(ask_bearer(&r, "POST", "/api/keys", keys, more)->status, 403);
    assert_int_equal(ask_bearer(&r, "POST", "/api/keys", keys, same)->status, 201);
    assert_int_equal(ask_bearer(&r, "POST", "/api/keys", keys, sends)->status, 201);
    serve_close(&r);
}

// It stands in the source of web pages.
static void a_write_key_sends_events_and_sees_nothing(void **state) {
    (void)state;
    serve_rig r;
    size_t n;
    const route *all = routes_all(&n);
    serve_open(&r, NULL);
    str token = key_of(&r, "shop", NULL, "shop", 0, NULL);
    assert_int_equal(token.len, 43);
    for (size_t i = 0; i < token.len; i++)
        assert_non_null(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", token.s[i]));
    for (size_t i = 0; i < n; i++) {
        if (all[i].need == NEED_nothing || all[i].need == NEED_intake) continue;
        char path[200];
        snprintf(path, sizeof path, "%s", all[i].path);
        int status = ask_bearer(&r, method_name(all[i].method), path, token, S("{}"))->status;
        // A form takes no key at all.
        if (status != 403 && !(all[i].flags & ROUTE_FORM && status == 401))
            fail_msg("%s %s answers a write key with %d", method_name(all[i].method), path, status);
    }
    serve_close(&r);
}

typedef struct {
    str key;
    who w;
    err e;
    bool ok;
    serve_rig *r;
} write_ask;

static void ask_write(serve_rig *r, str key, const who *before, write_ask *out) {
    exchange x = {.a = arena_open(1 << 22)};
    x.q = (request){.method = METHOD_POST, .path = S("/v1/batch")};
    *out = (write_ask){.r = r};
    call c = {.sv = r->sv, .a = &x.a, .q = &x.q, .r = &x.r, .pass = &x, .now_us = r->now};
    if (before) c.who = *before;
    c.s = server_reader_take(r->sv, &out->e);
    out->ok = auth_write_key(&c, key, &out->w, &out->e);
    out->w.source = str_dup(&r->life, out->w.source);
    server_reader_give(r->sv, c.s);
    arena_close(&x.a);
}

static void intake_learns_the_source_of_a_write_key(void **state) {
    (void)state;
    serve_rig r;
    write_ask w;
    serve_open(&r, NULL);
    int64_t id;
    str token = key_of(&r, "shop", NULL, "web shop", 0, &id), other = key_of(&r, "x", "audit_read", "", 0, NULL);
    for (int i = 0; i < 3; i++) { // from the store, then from memory
        ask_write(&r, token, NULL, &w);
        assert_ok(w.ok, w.e);
        assert_str(w.w.source, S("web shop"));
        assert_int_equal(w.w.id, id);
        assert_true(w.w.needs == N(intake));
    }
    ask_write(&r, other, NULL, &w);
    assert_false(w.ok);
    assert_int_equal(w.e.code, ERR_signed_out);
    ask_write(&r, S("nonsense"), NULL, &w);
    assert_int_equal(w.e.code, ERR_signed_out);
    serve_close(&r);
}

static void a_key_keeps_to_its_rate_and_is_counted_once(void **state) {
    (void)state;
    serve_rig r;
    write_ask w;
    serve_open(&r, NULL);
    int64_t id;
    str token = key_of(&r, "shop", NULL, "shop", 4, &id), plain = key_of(&r, "x", "audit_read", "", 2, NULL);
    who header = {.kind = WHO_KEY, .id = id, .source_id = 1};
    for (int i = 0; i < 100; i++) {
        ask_write(&r, token, &header, &w); // it was counted when the header was read
        assert_ok(w.ok, w.e);
    }
    for (int i = 0; i < 4; i++) {
        ask_write(&r, token, NULL, &w);
        assert_ok(w.ok, w.e);
    }
    ask_write(&r, token, NULL, &w);
    assert_int_equal(w.e.code, ERR_too_many);
    r.now += 15000000;
    ask_write(&r, token, NULL, &w);
    assert_ok(w.ok, w.e);
    assert_int_equal(ask_bearer(&r, "GET", "/api/audit", plain, S(""))->status, 200);
    assert_int_equal(ask_bearer(&r, "GET", "/api/audit", plain, S(""))->status, 200);
    const response *slow = ask_bearer(&r, "GET", "/api/audit", plain, S(""));
    assert_int_equal(slow->status, 429);
    assert_str(response_get(slow, "retry-after"), S("31"));
    serve_close(&r);
}

static void a_revoked_key_is_out_at_once(void **state) {
    (void)state;
    serve_rig r;
    write_ask w;
    serve_open(&r, NULL);
    for (int i = 0; i < 20; i++) {
        int64_t id;
        str token = key_of(&r, "shop", NULL, "shop", 0, &id);
        ask_write(&r, token, NULL, &w);
        assert_ok(w.ok, w.e);
        const char *path = str_z(&r.life, str_fmt(&r.life, "/api/keys/%d", (int)id));
        assert_int_equal(serve_ask(&r, "DELETE", path, "", "owner")->status, 204);
        ask_write(&r, token, NULL, &w);
        assert_int_equal(w.e.code, ERR_signed_out);
        assert_int_equal(serve_ask(&r, "DELETE", path, "", "owner")->status, 204); // twice is fine
    }
    serve_close(&r);
}

// Others ask with the key all the time while it is revoked: from when the answer is there, nobody passes.
typedef struct {
    serve_rig *r;
    str token;
    int revoked, passed_after, refused;
} race;

static void *ask_all_the_time(void *ctx) {
    race *x = ctx;
    while (__atomic_load_n(&x->refused, __ATOMIC_SEQ_CST) < 20) {
        int before = __atomic_load_n(&x->revoked, __ATOMIC_SEQ_CST);
        write_ask w;
        exchange e = {.a = arena_open(1 << 20)};
        call c = {.sv = x->r->sv, .a = &e.a, .q = &e.q, .r = &e.r, .pass = &e, .now_us = x->r->now};
        w.e = (err){0};
        c.s = server_reader_take(x->r->sv, &w.e);
        w.ok = auth_write_key(&c, x->token, &w.w, &w.e);
        server_reader_give(x->r->sv, c.s);
        arena_close(&e.a);
        if (w.ok && before) __atomic_add_fetch(&x->passed_after, 1, __ATOMIC_SEQ_CST);
        if (!w.ok) __atomic_add_fetch(&x->refused, 1, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

static void nobody_brings_a_revoked_key_back_into_memory(void **state) {
    (void)state;
    serve_rig r;
    serve_open(&r, NULL);
    for (int i = 0; i < 10; i++) {
        int64_t id;
        pthread_t threads[3];
        race x = {.r = &r, .token = key_of(&r, "shop", NULL, "shop", 0, &id)};
        const char *path = str_z(&r.life, str_fmt(&r.life, "/api/keys/%d", (int)id));
        for (size_t k = 0; k < COUNT(threads); k++) pthread_create(&threads[k], NULL, ask_all_the_time, &x);
        assert_int_equal(serve_ask(&r, "DELETE", path, "", "owner")->status, 204);
        __atomic_store_n(&x.revoked, 1, __ATOMIC_SEQ_CST);
        for (size_t k = 0; k < COUNT(threads); k++) pthread_join(threads[k], NULL);
        assert_int_equal(x.passed_after, 0);
    }
    serve_close(&r);
}

static void other_scopes_count_at_once(void **state) {
    (void)state;
    serve_rig r;
    int64_t id;
    serve_open(&r, NULL);
    str token = key_of(&r, "reader", "audit_read", "", 0, &id);
    assert_int_equal(ask_bearer(&r, "GET", "/api/audit", token, S(""))->status, 200);
    const char *path = str_z(&r.life, str_fmt(&r.life, "/api/keys/%d", (int)id));
    who owner = serve_as("owner");
    pair match = {S("If-Match"), S("\"1\"")};
    assert_int_equal(serve_ask_as(&r, "PATCH", path, &match, 1, S("{\"scopes\":[\"keys_write\"]}"), &owner)->status,
                     200);
    assert_int_equal(serve_ask_as(&r, "PATCH", path, &match, 1, S("{\"scopes\":[\"audit_read\"]}"), &owner)->status,
                     412);
    assert_int_equal(ask_bearer(&r, "GET", "/api/audit", token, S(""))->status, 403);
    assert_int_equal(ask_bearer(&r, "GET", "/api/keys", token, S(""))->status, 200);
    serve_close(&r);
}

static void more_keys_than_memory_holds(void **state) {
    (void)state;
    serve_rig r;
    write_ask w;
    static str tokens[1500];
    serve_open(&r, NULL);
    for (size_t i = 0; i < COUNT(tokens); i++) tokens[i] = key_of(&r, "shop", NULL, "shop", 0, NULL);
    for (int turn = 0; turn < 2; turn++)
        for (size_t i = 0; i < COUNT(tokens); i++) {
            ask_write(&r, tokens[i], NULL, &w);
            assert_ok(w.ok, w.e);
        }
    serve_close(&r);
}

static void every_change_of_a_key_is_noted(void **state) {
    (void)state;
    serve_rig r;
    serve_open(&r, NULL);
    assert_int_equal(
        serve_ask(&r, "POST", "/api/keys", "{\"name\":\"x\",\"scopes\":[\"audit_read\"]}", "owner")->status, 201);
    json_t *v = serve_json(&r);
    str token = str_dup(&r.life, json_at(v, "token"));
    json_decref(v);
    serve_ask(&r, "GET", "/api/audit?action=key.create", "", "owner");
    v = serve_json(&r);
    const json_t *first = json_array_get(json_object_get(v, "items"), 0);
    assert_str(json_at(first, "who"), S("account:1"));
    assert_str(json_at(first, "detail.name"), S("x"));
    assert_str(json_at(first, "address"), S("127.0.0.1"));
    assert_false(str_has(r.x.r.body, token));
    json_decref(v);
    serve_close(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_come_in_the_forms_that_programs_use),
        cmocka_unit_test(what_is_no_key_never_passes),
        cmocka_unit_test(a_key_may_do_what_its_scopes_say),
        cmocka_unit_test(a_write_key_sends_events_and_sees_nothing),
        cmocka_unit_test(intake_learns_the_source_of_a_write_key),
        cmocka_unit_test(a_key_keeps_to_its_rate_and_is_counted_once),
        cmocka_unit_test(a_revoked_key_is_out_at_once),
        cmocka_unit_test(nobody_brings_a_revoked_key_back_into_memory),
        cmocka_unit_test(other_scopes_count_at_once),
        cmocka_unit_test(more_keys_than_memory_holds),
        cmocka_unit_test(every_change_of_a_key_is_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
