// Coming in: links that work once, passwords, second factors, and the doors that stay shut.
#include "people.h"

#include "serve/totp.h"

#define MINUTE INT64_C(60000000)

static void rig(serve_rig *r) {
    serve_open(r, NULL);
}

static void a_link_shows_a_form_and_works_once(void **state) {
    (void)state;
    serve_rig r;
    rig(&r);
    browser b = browser_open(&r);
    const char *link = invite(&r, "ada@example.org", "owner", NULL);
    for (int i = 0; i < 3; i++) { // looking changes nothing
        const response *page = browser_get(&b, link);
        assert_int_equal(page->status, 200);
        assert_true(says(page, "new-password"));
    }
    assert_int_equal(b.jar.len, 0);
    assert_int_equal(browser_send(&b, link, "name", "Ada", "password", "short", NULL)->status, 400);
    assert_int_equal(browser_send(&b, link, "name", " ", "password", PASSWORD, NULL)->status, 400);
    assert_int_equal(browser_send(&b, link, "name", "Ada", "password", PASSWORD, NULL)->status, 303);
    assert_true(b.jar.len > 0);
    browser eve = browser_open(&r);
    assert_int_equal(browser_get(&eve, link)->status, 410);
    assert_int_equal(browser_send(&eve, link, "name", "Eve", "password", PASSWORD, NULL)->status, 410);
    assert_int_equal(browser_get(&eve, "/welcome/nothing")->status, 410);
    assert_int_equal(browser_get(&b, "/")->status, 200);
    browser_close(&b), browser_close(&eve);
    serve_close(&r);
}

static void a_link_ends_and_a_newer_one_takes_its_place(void **state) {
    (void)state;
    serve_rig r;
    err e = {0};
    rig(&r);
    browser b = browser_open(&r);
    const char *link = invite(&r, "ada@example.org", "owner", NULL);
    r.now += 59 * MINUTE;
    assert_int_equal(browser_get(&b, link)->status, 200);
    r.now += 2 * MINUTE;
    assert_int_equal(browser_get(&b, link)->status, 410);
    assert_int_equal(browser_send(&b, link, "name", "Ada", "password", PASSWORD, NULL)->status, 410);
    newcomer n = {.email = "ben@example.org", .role = "agent", .purpose = "welcome", .life = &r.life};
    assert_ok(writer_do(server_writer(r.sv), make_newcomer, &n, &e), e);
    const char *old = str_z(&r.life, n.link);
    json_t *v;
    assert_int_equal(serve_ask(&r, "POST", str_z(&r.life, str_fmt(&r.life, "/api/accounts/%d/link", (int)n.id)),
                               "{\"purpose\":\"welcome\"}", "owner")
                         ->status,
                     201);
    v = serve_json(&r);
    str url = str_dup(&r.life, json_at(v, "url"));
    json_decref(v);
    assert_true(str_starts(url, S("https://heed.example/welcome/")));
    assert_int_equal(browser_get(&b, old)->status, 410);
    assert_int_equal(browser_get(&b, str_z(&r.life, str_sub(url, 20, url.len)))->status, 200);
    browser_close(&b);
    serve_close(&r);
}

static bool first_link(void *ctx, desk *d, err *e) {
    newcomer *n = ctx;
    str token;
    if (!owner_link(d, n->purpose, 60, &token, e)) return false;
    n->link = token.len ? str_fmt(n->life, "/welcome/%.*s", STR_ARG(token)) : S("");
    return true;
}

static void the_first_owner_says_who_they_are(void **state) {
    (void)state;
    serve_rig r;
    err e = {0};
    rig(&r);
    browser b = browser_open(&r);
    newcomer n = {.purpose = "welcome", .life = &r.life};
    // A second start of the program before anybody came in makes a new link for the same account.
    for (int i = 0; i < 2; i++) assert_ok(writer_do(server_writer(r.sv), first_link, &n, &e), e);
    const char *link = str_z(&r.life, n.link);
    assert_true(says(browser_get(&b, link), "name=\"email\""));
    assert_int_equal(browser_send(&b, link, "name", "Ada", "email", "no address", "password", PASSWORD, NULL)->status,
                     400);
    assert_int_equal(
        browser_send(&b, link, "name", "Ada", "email", " Ada@Example.ORG ", "password", PASSWORD, NULL)->status, 303);
    browser_get(&b, "/api/me");
    json_t *v = serve_json(&r);
    assert_str(json_at(v, "name"), S("ada@example.org"));
    assert_str(json_at(v, "role"), S("owner"));
    json_decref(v);
    assert_ok(writer_do(server_writer(r.sv), first_link, &n, &e), e);
    assert_int_equal(n.link.len, 0); // somebody can sign in
    n.purpose = "signin";
    assert_ok(writer_do(server_writer(r.sv), first_link, &n, &e), e);
    browser other = browser_open(&r);
    assert_true(says(browser_get(&other, str_z(&r.life, n.link)), "One click signs you in as Ada"));
    assert_int_equal(browser_send(&other, str_z(&r.life, n.link), NULL)->status, 303);
    assert_int_equal(browser_get(&other, "/account")->status, 200);
    browser_close(&other);
    browser_close(&b);
    serve_close(&r);
}

// The sample company is signed in to by one click; whoever keeps the store must get in later, too.
static void who_came_in_without_a_password_can_set_one_later(void **state) {
    (void)state;
    serve_rig r;
    err e = {0};
    rig(&r);
    newcomer n = {.purpose = "signin", .life = &r.life};
    assert_ok(writer_do(server_writer(r.sv), first_link, &n, &e), e);
    browser b = browser_open(&r), later = browser_open(&r);
    assert_int_equal(browser_send(&b, str_z(&r.life, n.link), NULL)->status, 303);
    assert_true(says(browser_get(&b, "/account"), "You have none yet"));
    n.purpose = "welcome";
    assert_ok(writer_do(server_writer(r.sv), first_link, &n, &e), e);
    assert_true(n.link.len > 0);
    const char *link = str_z(&r.life, n.link);
    assert_int_equal(
        browser_send(&later, link, "name", "Ada", "email", "ada@example.org", "password", PASSWORD, NULL)->status, 303);
    browser_get(&later, "/api/me");
    json_t *v = serve_json(&r);
    assert_str(json_at(v, "name"), S("ada@example.org"));
    json_decref(v);
    browser_close(&b), browser_close(&later);
    serve_close(&r);
}

static void a_password_signs_in_and_a_wrong_one_does_not(void **state) {
    (void)state;
    serve_rig r;
    rig(&r);
    browser ada = join(&r, "ada@example.org", "owner", NULL), b = browser_open(&r);
    const response *wrong = browser_send(&b, "/signin", "email", "ada@example.org", "password", "wrong", NULL);
    assert_int_equal(wrong->status, 401);
    size_t shown = wrong->body.len;
    assert_int_equal(b.jar.len, 0);
    // The same words for somebody who is not there, but for the e-mail that was typed.
    const response *nobody = browser_send(&b, "/signin", "email", "eve@example.org", "password", "wrong", NULL);
    assert_int_equal(nobody->status, 401);
    assert_int_equal(nobody->body.len, shown);
    assert_int_equal(browser_send(&b, "/signin", "email", "ADA@example.org ", "password", PASSWORD, NULL)->status, 303);
    assert_str(response_get(&r.x.r, "location"), S("/"));
    assert_int_equal(browser_get(&b, "/account")->status, 200);
    browser_close(&ada);
    browser_close(&b);
    serve_close(&r);
}

static void an_invited_account_has_no_password_that_fits(void **state) {
    (void)state;
    serve_rig r;
    rig(&r);
    invite(&r, "ben@example.org", "agent", NULL);
    browser b = browser_open(&r);
    assert_int_equal(browser_send(&b, "/signin", "email", "ben@example.org", "password", "", NULL)->status, 401);
    assert_int_equal(browser_send(&b, "/signin", "email", "", "password", "", NULL)->status, 401);
    assert_int_equal(browser_send(&b, "/signin", NULL)->status, 401);
    browser_close(&b);
    serve_close(&r);
}

static void guessing_becomes_slow(void **state) {
    (void)state;
    serve_rig r;
    rig(&r);
    browser ada = join(&r, "ada@example.org", "owner", NULL), b = browser_open(&r);
    for (int i = 0; i < 5; i++) browser_send(&b, "/signin", "email", "ada@example.org", "password", "guess", NULL);
    const response *slow = browser_send(&b, "/signin", "email", "ada@example.org", "password", PASSWORD, NULL);
    assert_int_equal(slow->status, 429); // the right one, too
    assert_str(response_get(slow, "retry-after"), S("2"));
    r.now += 2000000;
    assert_int_equal(browser_send(&b, "/signin", "email", "ada@example.org", "password", PASSWORD, NULL)->status, 303);
    browser_close(&ada);
    browser_close(&b);
    serve_close(&r);
}

static void going_on_stays_on_our_own_pages(void **state) {
    static const char *const rows[][2] = {{"/account", "/account"},       {"/customers/17?x=1", "/customers/17?x=1"},
                                          {"//evil.example", "/"},        {"/\\evil.example", "/"},
                                          {"https://evil.example", "/"},  {"javascript:alert(1)", "/"},
                                          {"/a\r\nSet-Cookie: x=1", "/"}, {"", "/"}};
    (void)state;
    serve_rig r;
    rig(&r);
    browser ada = join(&r, "ada@example.org", "owner", NULL);
    for (size_t i = 0; i < COUNT(rows); i++) {
        browser b = browser_open(&r);
        browser_send(&b, "/signin", "email", "ada@example.org", "password", PASSWORD, "next", rows[i][0], NULL);
        assert_str(response_get(&r.x.r, "location"), str_c(rows[i][1]));
        browser_close(&b);
    }
    browser_close(&ada);
    serve_close(&r);
}

// ---- the second factor ----

static str secret_of(browser *b) { // from the page that shows it
    str page = b->r->x.r.body;
    for (size_t i = 0; i + 7 < page.len; i++)
        if (!memcmp(page.s + i, "secret=", 7)) {
            str rest = str_sub(page, i + 7, page.len);
            return str_dup(&b->life, str_cut(&rest, '&'));
        }
    return S("");
}

static str plain_secret(arena *a, str typed) { // RFC 4648 backwards
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    buf b = buf_new(a, 100);
    uint32_t have = 0;
    int bits = 0;
    for (size_t i = 0; i < typed.len; i++) {
        have = have << 5 | (uint32_t)(strchr(letters, typed.s[i]) - letters);
        bits += 5;
        if (bits >= 8) buf_addc(&b, (char)(have >> (bits -= 8) & 255));
    }
    return buf_str(&b);
}

static const char *code_now(browser *b, str secret, int64_t ahead) {
    return str_z(&b->life, str_fmt(&b->life, "%06" PRIu32, totp_code(secret, b->r->now / 1000000 / 30 + ahead, 6)));
}

static str switch_on(browser *b) {
    assert_int_equal(browser_send(b, "/account/totp", NULL)->status, 200);
    str secret = plain_secret(&b->life, secret_of(b)), ticket = hidden(b, "ticket");
    assert_int_equal(secret.len, 20);
    const char *t = str_z(&b->life, ticket);
    assert_int_equal(browser_send(b, "/account/totp", "ticket", t, "code", "000000", NULL)->status, 400);
    assert_int_equal(browser_send(b, "/account/totp", "ticket", "forged.ticket", "code", "000000", NULL)->status, 400);
    assert_int_equal(browser_send(b, "/account/totp", "ticket", t, "code", code_now(b, secret, 0), NULL)->status, 200);
    assert_true(says(&b->r->x.r, "recovery codes"));
    return secret;
}

static str first_recovery_code(browser *b) {
    str page = b->r->x.r.body;
    for (size_t i = 0; i + 30 < page.len; i++)
        if (!memcmp(page.s + i, "<li><code>", 10)) return str_dup(&b->life, str_sub(page, i + 10, 19));
    return S("");
}

static const char *ticket_of(browser *b) {
    browser_send(b, "/signin", "email", "ada@example.org", "password", PASSWORD, NULL);
    assert_int_equal(b->r->x.r.status, 200);
    assert_int_equal(b->jar.len, 0);
    return str_z(&b->life, hidden(b, "ticket"));
}

static void a_second_factor_is_asked_for_and_counts_once(void **state) {
    (void)state;
    serve_rig r;
    rig(&r);
    browser ada = join(&r, "ada@example.org", "owner", NULL), b = browser_open(&r), c = browser_open(&r);
    str secret = switch_on(&ada);
    const char *ticket = ticket_of(&b);
    // The code that switched it on is used up.
    assert_int_equal(browser_send(&b, "/signin", "ticket", ticket, "code", code_now(&b, secret, 0), NULL)->status, 401);
    r.now += MINUTE / 2;
    assert_int_equal(browser_send(&b, "/signin", "ticket", ticket, "code", "123456", NULL)->status, 401);
    assert_int_equal(browser_send(&b, "/signin", "ticket", ticket, "code", code_now(&b, secret, 0), NULL)->status, 303);
    assert_true(b.jar.len > 0);
    const char *again = ticket_of(&c);
    assert_int_equal(browser_send(&c, "/signin", "ticket", again, "code", code_now(&b, secret, 0), NULL)->status, 401);
    assert_int_equal(c.jar.len, 0);
    // Without the password there is no ticket, and no ticket lasts.
    assert_int_equal(browser_send(&c, "/signin", "ticket", "x.y", "code", code_now(&c, secret, 1), NULL)->status, 401);
    r.now += 6 * MINUTE;
    assert_int_equal(browser_send(&c, "/signin", "ticket", again, "code", code_now(&c, secret, 0), NULL)->status, 401);
    browser_close(&ada), browser_close(&b), browser_close(&c);
    serve_close(&r);
}

static void a_recovery_code_lets_in_once(void **state) {
    (void)state;
    serve_rig r;
    rig(&r);
    browser ada = join(&r, "ada@example.org", "owner", NULL), b = browser_open(&r), c = browser_open(&r);
    switch_on(&ada);
    const char *code = str_z(&r.life, first_recovery_code(&ada));
    assert_int_equal(strlen(code), 19);
    assert_int_equal(browser_send(&b, "/signin", "ticket", ticket_of(&b), "code", code, NULL)->status, 303);
    assert_int_equal(browser_send(&c, "/signin", "ticket", ticket_of(&c), "code", code, NULL)->status, 401);
    assert_true(says(browser_get(&ada, "/account"), "9 recovery codes are left"));
    // New ones take the place of all old ones, for whoever knows the password.
    assert_int_equal(browser_send(&ada, "/account/recovery", "current", "wrong", NULL)->status, 403);
    assert_int_equal(browser_send(&ada, "/account/recovery", "current", PASSWORD, NULL)->status, 200);
    assert_true(says(browser_get(&ada, "/account"), "10 recovery codes are left"));
    assert_int_equal(browser_send(&ada, "/account/totp/off", "current", PASSWORD, NULL)->status, 303);
    assert_int_equal(browser_send(&c, "/signin", "email", "ada@example.org", "password", PASSWORD, NULL)->status, 303);
    browser_close(&ada), browser_close(&b), browser_close(&c);
    serve_close(&r);
}

static void a_reset_keeps_the_second_factor_and_ends_all_sessions(void **state) {
    (void)state;
    serve_rig r;
    int64_t id;
    rig(&r);
    browser ada = join(&r, "ada@example.org", "owner", &id), b = browser_open(&r);
    str secret = switch_on(&ada);
    const char *path = str_z(&r.life, str_fmt(&r.life, "/api/accounts/%d/link", (int)id));
    assert_int_equal(serve_ask(&r, "POST", path, "{\"purpose\":\"reset\"}", "owner")->status, 201);
    json_t *v = serve_json(&r);
    str url = str_dup(&r.life, json_at(v, "url"));
    json_decref(v);
    const char *link = str_z(&r.life, str_sub(url, 20, url.len));
    assert_int_equal(browser_send(&b, link, "password", "another blue jar", NULL)->status, 303);
    assert_str(response_get(&r.x.r, "location"), S("/signin"));
    assert_int_equal(b.jar.len, 0);
    assert_int_equal(browser_get(&ada, "/account")->status, 303); // signed out
    assert_int_equal(browser_send(&b, "/signin", "email", "ada@example.org", "password", PASSWORD, NULL)->status, 401);
    browser_send(&b, "/signin", "email", "ada@example.org", "password", "another blue jar", NULL);
    const char *ticket = str_z(&r.life, hidden(&b, "ticket"));
    assert_int_equal(browser_send(&b, "/signin", "ticket", ticket, "code", code_now(&b, secret, 1), NULL)->status, 303);
    browser_close(&ada), browser_close(&b);
    serve_close(&r);
}

// ---- accounts by the API ----

static int change(serve_rig *r, int64_t id, const char *body, const char *version, const char *role) {
    pair h = {S("If-Match"), str_c(version)};
    who w = serve_as(role);
    return serve_ask_as(r, "PATCH", str_z(&r->life, str_fmt(&r->life, "/api/accounts/%d", (int)id)), &h, 1, str_c(body),
                        &w)
        ->status;
}

static void the_last_owner_stays(void **state) {
    (void)state;
    serve_rig r;
    int64_t ada_id, ben_id;
    rig(&r);
    browser ada = join(&r, "ada@example.org", "owner", &ada_id);
    assert_int_equal(change(&r, ada_id, "{\"role\":\"agent\"}", "*", "owner"), 409);
    assert_int_equal(change(&r, ada_id, "{\"state\":\"disabled\"}", "*", "owner"), 409);
    invite(&r, "eve@example.org", "owner", NULL); // has not come in yet
    assert_int_equal(change(&r, ada_id, "{\"role\":\"agent\"}", "*", "owner"), 409);
    browser ben = join(&r, "ben@example.org", "owner", &ben_id);
    assert_int_equal(change(&r, ada_id, "{\"role\":\"agent\"}", "*", "owner"), 200);
    assert_int_equal(change(&r, ben_id, "{\"role\":\"agent\"}", "*", "owner"), 409);
    browser_close(&ada), browser_close(&ben);
    serve_close(&r);
}

static void whoever_is_disabled_is_out_at_once(void **state) {
    (void)state;
    serve_rig r;
    int64_t id;
    rig(&r);
    browser ben = join(&r, "ben@example.org", "agent", &id);
    assert_int_equal(browser_get(&ben, "/api/me")->status, 200);
    assert_int_equal(change(&r, id, "{\"state\":\"disabled\"}", "\"1\"", "owner"), 412);
    assert_int_equal(change(&r, id, "{\"state\":\"disabled\"}", "*", "owner"), 200);
    assert_int_equal(browser_get(&ben, "/api/me")->status, 401);
    assert_int_equal(browser_send(&ben, "/signin", "email", "ben@example.org", "password", PASSWORD, NULL)->status,
                     401);
    assert_int_equal(change(&r, id, "{\"state\":\"active\"}", "*", "owner"), 200);
    assert_int_equal(browser_get(&ben, "/api/me")->status, 401); // the session is gone for good
    assert_int_equal(browser_send(&ben, "/signin", "email", "ben@example.org", "password", PASSWORD, NULL)->status,
                     303);
    browser_close(&ben);
    serve_close(&r);
}

static void another_role_counts_with_the_next_request(void **state) {
    (void)state;
    serve_rig r;
    int64_t id;
    rig(&r);
    browser ben = join(&r, "ben@example.org", "manager", &id);
    assert_int_equal(browser_get(&ben, "/api/keys")->status, 200);
    assert_int_equal(change(&r, id, "{\"role\":\"viewer\"}", "*", "owner"), 200);
    assert_int_equal(browser_get(&ben, "/api/keys")->status, 403);
    assert_int_equal(browser_get(&ben, "/api/accounts")->status, 403);
    browser_close(&ben);
    serve_close(&r);
}

// A program that may invite colleagues may not make itself an owner by that.
static void nobody_hands_out_more_than_they_have(void **state) {
    (void)state;
    serve_rig r;
    int64_t owner, agent;
    rig(&r);
    browser ada = join(&r, "ada@example.org", "owner", &owner), ben = join(&r, "ben@example.org", "viewer", &agent);
    str token = key_of(&r, "hr", "accounts_write", "", 0, NULL);
    const char *of_owner = str_z(&r.life, str_fmt(&r.life, "/api/accounts/%d/link", (int)owner));
    assert_int_equal(
        ask_bearer(&r, "POST", "/api/accounts", token, S("{\"email\":\"x@y.org\",\"role\":\"owner\"}"))->status, 403);
    assert_int_equal(
        ask_bearer(&r, "POST", "/api/accounts", token, S("{\"email\":\"x@y.org\",\"role\":\"agent\"}"))->status, 403);
    assert_int_equal(ask_bearer(&r, "POST", of_owner, token, S("{\"purpose\":\"reset\"}"))->status, 403);
    browser_close(&ada), browser_close(&ben);
    serve_close(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_shows_a_form_and_works_once),
        cmocka_unit_test(a_link_ends_and_a_newer_one_takes_its_place),
        cmocka_unit_test(the_first_owner_says_who_they_are),
        cmocka_unit_test(who_came_in_without_a_password_can_set_one_later),
        cmocka_unit_test(a_password_signs_in_and_a_wrong_one_does_not),
        cmocka_unit_test(an_invited_account_has_no_password_that_fits),
        cmocka_unit_test(guessing_becomes_slow),
        cmocka_unit_test(going_on_stays_on_our_own_pages),
        cmocka_unit_test(a_second_factor_is_asked_for_and_counts_once),
        cmocka_unit_test(a_recovery_code_lets_in_once),
        cmocka_unit_test(a_reset_keeps_the_second_factor_and_ends_all_sessions),
        cmocka_unit_test(the_last_owner_stays),
        cmocka_unit_test(whoever_is_disabled_is_out_at_once),
        cmocka_unit_test(another_role_counts_with_the_next_request),
        cmocka_unit_test(nobody_hands_out_more_than_they_have),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
