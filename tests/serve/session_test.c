// Sessions: who is signed in where, when it ends, and that a cookie alone changes nothing.
#include "people.h"
#include "sql/serve_auth.h"

#define DAY INT64_C(86400000000)

static void the_cookie_is_for_us_alone(void **state) {
    (void)state;
    serve_rig r;
    serve_open(&r, NULL);
    browser b = browser_open(&r);
    const char *link = invite(&r, "ada@example.org", "owner", NULL);
    browser_send(&b, link, "name", "Ada", "password", PASSWORD, NULL);
    str cookie = response_get(&r.x.r, "set-cookie");
    assert_true(str_starts(cookie, S("__Host-heed_session=")));
    static const char *const parts[] = {"; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure", "; Max-Age=2592000"};
    for (size_t i = 0; i < COUNT(parts); i++) assert_true(str_has(cookie, str_c(parts[i])));
    assert_false(str_has(cookie, S("Domain")));
    browser_close(&b);
    serve_close(&r);
}

static void the_store_knows_no_token(void **state) {
    (void)state;
    serve_rig r;
    err e = {0};
    serve_open(&r, NULL);
    browser b = join(&r, "ada@example.org", "owner", NULL);
    str value = b.jar;
    str_cut(&value, '=');
    assert_int_equal(value.len, 43);
    store *s = server_reader_take(r.sv, &e);
    int n = 0;
    for (row q = store_query(s, Q_session_list, &e, "iii", INT64_C(1), INT64_C(0), INT64_C(0)); row_next(&q);) n++;
    server_reader_give(r.sv, s);
    // Not anywhere in the files of the store, the log of what was written included.
    char command[700];
    snprintf(command, sizeof command, "! grep -rqaF -- '%.*s' '%s'", STR_ARG(value), r.where);
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof command, "! grep -rqaF -- '" PASSWORD "' '%s'", r.where);
    assert_int_equal(system(command), 0);
    (void)n;
    browser_close(&b);
    serve_close(&r);
}

static void a_session_ends_when_it_is_not_used_and_in_any_case(void **state) {
    (void)state;
    serve_rig r;
    serve_open(&r, NULL);
    browser ada = join(&r, "ada@example.org", "owner", NULL), ben = join(&r, "ben@example.org", "agent", NULL);
    for (int day = 0; day < 29; day++) { // one comes every day, the other never
        r.now += DAY;
        assert_int_equal(browser_get(&ada, "/api/me")->status, 200);
        serve_settle(&r); // when it was seen is stored meanwhile
    }
    assert_int_equal(browser_get(&ben, "/api/me")->status, 401);
    r.now += DAY;
    assert_int_equal(browser_get(&ada, "/api/me")->status, 401); // thirty days, however often it was used
    browser_close(&ada), browser_close(&ben);
    serve_close(&r);
}

static void six_idle_days_are_fine_and_eight_are_not(void **state) {
    (void)state;
    serve_rig r;
    serve_open(&r, NULL);
    browser ada = join(&r, "ada@example.org", "owner", NULL);
    r.now += 6 * DAY;
    assert_int_equal(browser_get(&ada, "/api/me")->status, 200);
    serve_settle(&r);
    r.now += 6 * DAY;
    assert_int_equal(browser_get(&ada, "/api/me")->status, 200);
    serve_settle(&r);
    r.now += 8 * DAY;
    assert_int_equal(browser_get(&ada, "/api/me")->status, 401);
    browser_close(&ada);
    serve_close(&r);
}

static void signing_in_begins_another_session_and_ends_the_former(void **state) {
    (void)state;
    serve_rig r;
    serve_open(&r, NULL);
    browser ada = join(&r, "ada@example.org", "owner", NULL), thief = browser_open(&r);
    thief.jar = str_dup(&thief.life, ada.jar);
    assert_int_equal(browser_get(&thief, "/api/me")->status, 200);
    assert_int_equal(browser_send(&ada, "/signin", "email", "ada@example.org", "password", PASSWORD, NULL)->status,
                     303);
    assert_false(str_eq(thief.jar, ada.jar));
    assert_int_equal(browser_get(&thief, "/api/me")->status, 401);
    assert_int_equal(browser_get(&ada, "/api/me")->status, 200);
    browser_close(&ada), browser_close(&thief);
    serve_close(&r);
}

static void another_password_signs_out_everywhere_else(void **state) {
    (void)state;
    serve_rig r;
    serve_open(&r, NULL);
    browser ada = join(&r, "ada@example.org", "owner", NULL), b = browser_open(&r);
    browser_send(&b, "/signin", "email", "ada@example.org", "password", PASSWORD, NULL);
    assert_int_equal(
        browser_send(&ada, "/account/password", "current", "wrong", "password", "another blue jar", NULL)->status, 403);
    assert_int_equal(browser_send(&ada, "/account/password", "current", PASSWORD, "password", "short", NULL)->status,
                     400);
    assert_int_equal(browser_get(&b, "/api/me")->status, 200);
    assert_int_equal(
        browser_send(&ada, "/account/password", "current", PASSWORD, "password", "another blue jar", NULL)->status,
        303);
    assert_int_equal(browser_get(&b, "/api/me")->status, 401);
    assert_int_equal(browser_get(&ada, "/api/me")->status, 200);
    browser_close(&ada), browser_close(&b);
    serve_close(&r);
}

static void sessions_are_listed_and_ended(void **state) {
    (void)state;
    serve_rig r;
    serve_open(&r, NULL);
    browser ada = join(&r, "ada@example.org", "owner", NULL), b = browser_open(&r), eve;
    b.more[b.n_more++] = (pair){S("User-Agent"), S("Firefox <b>on</b> \"somebody's\" phone")};
    browser_send(&b, "/signin", "email", "ada@example.org", "password", PASSWORD, NULL);
    eve = join(&r, "eve@example.org", "owner", NULL);
    const response *page = browser_get(&ada, "/account");
    assert_true(says(page, "Firefox &lt;b&gt;on&lt;/b&gt; &quot;somebody&#39;s&quot; phone"));
    browser_get(&ada, "/api/sessions");
    json_t *v = serve_json(&r), *items = json_object_get(v, "items");
    assert_int_equal(json_array_size(items), 2);
    str other = S("");
    for (size_t i = 0; i < 2; i++)
        if (!json_is_true(json_object_get(json_array_get(items, i), "here")))
            other = str_dup(&r.life, json_at(json_array_get(items, i), "id"));
    json_decref(v);
    const char *path = str_z(&r.life, str_fmt(&r.life, "/account/sessions/%.*s", STR_ARG(other)));
    assert_int_equal(browser_send(&eve, path, NULL)->status, 404); // not hers
    assert_int_equal(browser_get(&b, "/api/me")->status, 200);
    assert_int_equal(browser_send(&ada, path, NULL)->status, 303);
    assert_int_equal(browser_get(&b, "/api/me")->status, 401);
    assert_int_equal(browser_send(&ada, "/signout", NULL)->status, 303);
    assert_int_equal(ada.jar.len, 0);
    assert_int_equal(browser_get(&eve, "/api/me")->status, 200);
    browser_close(&ada), browser_close(&b), browser_close(&eve);
    serve_close(&r);
}

// ---- what a cookie alone cannot do ----

static void a_cookie_alone_changes_nothing(void **state) {
    (void)state;
    serve_rig r;
    err e = {0};
    size_t n;
    int tried = 0;
    const route *all = routes_all(&n);
    serve_open(&r, NULL);
    browser ada = join(&r, "ada@example.org", "owner", NULL);
    int64_t before = 0, after = 0;
    store *s = server_reader_take(r.sv, &e);
    assert_ok(store_int(s, Q_account_active, &before, 0, &e, ""), e);
    server_reader_give(r.sv, s);
    ada.csrf = S("");
    for (size_t i = 0; i < n; i++) {
        enum method m = all[i].method;
        if (m == METHOD_GET || m == METHOD_HEAD || m == METHOD_OPTIONS) continue;
        // What is open to everybody asks for other proof: a write key, a signature, a link, a password.
        if (all[i].need == NEED_nothing && !str_eq(str_c(all[i].path), S("/signout"))) continue;
        buf path = buf_new(&r.life, 1000);
        for (str rest = str_c(all[i].path); rest.s;) {
            str part = str_cut(&rest, '/');
            buf_add(&path, str_starts(part, S("{")) ? S("1") : part);
            if (rest.s) buf_addc(&path, '/');
        }
        const char *z = str_z(&r.life, buf_str(&path));
        const response *got = browser_ask(&ada, method_name(m), z, S("{}"));
        if (got->status != 403) fail_msg("%s %s answers %d", method_name(m), z, got->status);
        ada.more[0] = (pair){S("X-CSRF-Token"), S("0000000000000000000000000000000000000000000")};
        ada.n_more = 1;
        got = browser_ask(&ada, method_name(m), z, S("csrf=wrong"));
        if (got->status != 403) fail_msg("%s %s with another's token answers %d", method_name(m), z, got->status);
        ada.n_more = 0;
        tried++;
    }
    assert_true(tried > 15);
    assert_int_equal(browser_get(&ada, "/api/me")->status, 200);
    s = server_reader_take(r.sv, &e);
    assert_ok(store_int(s, Q_account_active, &after, 0, &e, ""), e);
    server_reader_give(r.sv, s);
    assert_int_equal(before, after);
    browser_close(&ada);
    serve_close(&r);
}

static void the_token_may_come_in_the_header(void **state) {
    (void)state;
    serve_rig r;
    serve_open(&r, NULL);
    browser ada = join(&r, "ada@example.org", "owner", NULL), ben = join(&r, "ben@example.org", "owner", NULL);
    browser_get(&ada, "/api/me");
    json_t *v = serve_json(&r);
    str token = str_dup(&r.life, json_at(v, "csrf"));
    json_decref(v);
    assert_str(token, ada.csrf);
    str body = S("{\"email\":\"eve@example.org\",\"role\":\"agent\"}");
    ada.more[0] = ben.more[0] = (pair){S("X-CSRF-Token"), token};
    ada.n_more = ben.n_more = 1;
    assert_int_equal(browser_ask(&ben, "POST", "/api/accounts", body)->status, 403); // another session's
    assert_int_equal(browser_ask(&ada, "POST", "/api/accounts", body)->status, 201);
    browser_close(&ada), browser_close(&ben);
    serve_close(&r);
}

static void what_another_site_sends_is_refused(void **state) {
    static const struct {
        const char *name, *value;
        int status;
    } rows[] = {
        {"Origin", "https://evil.example", 403},
        {"Origin", "null", 403},
        {"Origin", "https://heed.example.evil", 403},
        {"Origin", "http://heed.example", 403},
        {"Sec-Fetch-Site", "cross-site", 403},
        {"Sec-Fetch-Site", "same-site", 403},
        {"Origin", "https://heed.example", 303},
        {"Sec-Fetch-Site", "same-origin", 303},
        {"Sec-Fetch-Site", "none", 303},
    };
    (void)state;
    serve_rig r;
    serve_open(&r, NULL);
    browser ada = join(&r, "ada@example.org", "owner", NULL);
    for (size_t i = 0; i < COUNT(rows); i++) {
        // A form of another site that signs somebody in as the attacker, and one that knows the token.
        browser b = browser_open(&r);
        b.more[0] = ada.more[0] = (pair){str_c(rows[i].name), str_c(rows[i].value)};
        b.n_more = ada.n_more = 1;
        const response *got = browser_send(&b, "/signin", "email", "ada@example.org", "password", PASSWORD, NULL);
        if (got->status != rows[i].status) fail_msg("%s: %s answers %d", rows[i].name, rows[i].value, got->status);
        assert_int_equal(browser_send(&ada, "/account/sessions/others", NULL)->status, rows[i].status);
        browser_close(&b);
    }
    browser_close(&ada);
    serve_close(&r);
}

static void a_form_that_is_refused_is_answered_by_a_page(void **state) {
    (void)state;
    serve_rig r;
    serve_open(&r, NULL);
    browser b = browser_open(&r);
    assert_true(says(browser_send(&b, "/account/password", NULL), "\"code\":\"signed_out\""));
    b.more[b.n_more++] = (pair){S("Accept"), S("text/html,application/xhtml+xml,*/*;q=0.8")};
    const response *page = browser_send(&b, "/account/password", NULL);
    assert_int_equal(page->status, 401);
    assert_true(says(page, "You are signed out") && says(page, "href=\"/signin\""));
    int types = 0;
    for (int i = 0; i < page->n_headers; i++) types += str_eq_ci(page->headers[i].name, S("content-type"));
    assert_int_equal(types, 1);
    browser_close(&b);
    serve_close(&r);
}

static void pages_say_what_browsers_must_not_do(void **state) {
    static const char *const pages[] = {"/", "/account", "/signin", "/welcome/x"};
    (void)state;
    serve_rig r;
    serve_open(&r, NULL);
    browser ada = join(&r, "ada@example.org", "owner", NULL), b = browser_open(&r);
    for (size_t i = 0; i < COUNT(pages); i++) {
        const response *got = browser_get(i < 2 ? &ada : &b, pages[i]);
        str policy = response_get(got, "content-security-policy");
        assert_true(str_has(policy, S("default-src 'none'")));
        assert_true(str_has(policy, S("frame-ancestors 'none'")));
        assert_true(str_has(policy, S("form-action 'self'")));
        assert_true(str_has(policy, S("require-trusted-types-for 'script'")));
        assert_false(str_has(policy, S("unsafe")));
        assert_str(response_get(got, "x-content-type-options"), S("nosniff"));
        assert_str(response_get(got, "cache-control"), S("no-store"));
        assert_false(says(got, "<script"));
        assert_false(says(got, " style="));
        assert_false(says(got, " onclick"));
    }
    browser_close(&ada), browser_close(&b);
    serve_close(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cookie_is_for_us_alone),
        cmocka_unit_test(the_store_knows_no_token),
        cmocka_unit_test(a_session_ends_when_it_is_not_used_and_in_any_case),
        cmocka_unit_test(six_idle_days_are_fine_and_eight_are_not),
        cmocka_unit_test(signing_in_begins_another_session_and_ends_the_former),
        cmocka_unit_test(another_password_signs_out_everywhere_else),
        cmocka_unit_test(sessions_are_listed_and_ended),
        cmocka_unit_test(a_cookie_alone_changes_nothing),
        cmocka_unit_test(the_token_may_come_in_the_header),
        cmocka_unit_test(what_another_site_sends_is_refused),
        cmocka_unit_test(a_form_that_is_refused_is_answered_by_a_page),
        cmocka_unit_test(pages_say_what_browsers_must_not_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
