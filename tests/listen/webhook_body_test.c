// What senders post is read as the same thing in a file is: every real payload both ways, and what only webhooks send.
// clang-format off
#include "test.h"
// clang-format on

#include <dirent.h>

#include "base/world.h"
#include "listen/listen.h"

// What came of one body or file, in words.
typedef struct {
    buf b;
    int rows, events, skipped, rejected;
} outcome;

static bool take(void *ctx, const heard *h, err *e) {
    outcome *o = ctx;
    (void)e;
    o->rows++, o->events += h->n, o->skipped += h->skipped, o->rejected += h->rejected;
    for (int i = 0; i < h->n; i++) {
        const event *ev = &h->events[i];
        buf_fmt(&o->b, "%d %.*s %" PRId64 " %" PRId64 " %" PRId64 " %.*s %.*s %d\n", (int)ev->kind, STR_ARG(ev->ext),
                ev->at_us, ev->edited_us, ev->value, STR_ARG(ev->text), STR_ARG(ev->extra), ev->n_ids);
    }
    buf_fmt(&o->b, "%.*s: %.*s\n", STR_ARG(h->field), STR_ARG(h->reason));
    return true;
}

static outcome of_body(arena *a, str body, const char *adapter, err *e) {
    outcome o = {.b = buf_new(a, 1 << 20)};
    sink to = {.row = take, .ctx = &o};
    arena scratch = arena_open(1 << 20);
    (void)!listen_body(&scratch, body, &(listen_opts){.adapter = str_c(adapter)}, NULL, &to, e);
    arena_close(&scratch);
    return o;
}

static outcome of_file(arena *a, const char *path, err *e) {
    outcome o = {.b = buf_new(a, 1 << 20)};
    sink to = {.row = take, .ctx = &o};
    arena scratch = arena_open(1 << 20);
    (void)!listen_file(&scratch, path, &(listen_opts){0}, NULL, &to, e);
    arena_close(&scratch);
    return o;
}

static int folder_both_ways(const char *dir, const char *adapter) {
    int n = 0;
    DIR *d = opendir(dir);
    if (!d) fail_msg("no folder %s", dir);
    for (struct dirent *f; (f = readdir(d));) {
        char path[8192];
        str body;
        err e = {0};
        if (!strstr(f->d_name, ".json")) continue;
        arena a = arena_open(8 << 20);
        snprintf(path, sizeof path, "%s/%s", dir, f->d_name);
        assert_ok(world_real()->read_file(world_real(), &a, path, 1 << 20, &body, &e), e);
        outcome x = of_body(&a, body, adapter, &e), y = of_file(&a, path, &e);
        if (!err_ok(&e) || !x.rows || !str_eq(buf_str(&x.b), buf_str(&y.b)))
            fail_msg("%s: %s\n%.*s\nas a file:\n%.*s", path, e.msg, (int)x.b.len, x.b.s, (int)y.b.len, y.b.s);
        arena_close(&a);
        n++;
    }
    closedir(d);
    return n;
}

static void a_payload_reads_as_it_does_in_a_file(void **state) {
    static const struct {
        const char *dir, *adapter;
    } folders[] = {{"stripe/webhook", "stripe-json"},
                   {"zendesk/webhook", "zendesk-json"},
                   {"intercom/webhook", "intercom-json"},
                   {"survey/delighted", "delighted"}};
    int n = 0;
    (void)state;
    test_need_data(dir);
    for (size_t i = 0; i < COUNT(folders); i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/channels/%s", dir, folders[i].dir);
        n += folder_both_ways(path, folders[i].adapter);
    }
    assert_true(n >= 25);
}

static outcome said(arena *a, const char *adapter, const char *body) {
    err e = {0};
    outcome o = of_body(a, str_c(body), adapter, &e);
    if (!err_ok(&e)) fail_msg("%s", e.msg);
    return o;
}

static void what_only_webhooks_send_is_understood(void **state) {
    arena a = arena_open(8 << 20);
    (void)state;
    assert_int_equal(said(&a, "shopify-json", "{\"id\":788032119674292922}").skipped, 1);
    assert_int_equal(said(&a, "woocommerce", "{\"id\":727}").skipped, 1);
    assert_int_equal(said(&a, "shopify-json", "{\"shop_id\":954889,\"shop_domain\":\"cf-dev.myshopify.com\"}").skipped,
                     1);
    outcome o = said(&a, "shopify-json",
                     "{\"id\":1,\"admin_graphql_api_id\":\"gid://shopify/Order/1\",\"email\":\"jon@example.com\","
                     "\"created_at\":\"2021-12-31T19:00:00-05:00\",\"total_price\":\"388.00\"}");
    assert_int_equal(o.events, 1);
    assert_int_equal(said(&a, "shopify-json", "{\"hello\":1}").rejected, 1);
    arena_close(&a);
}

// An array is several things; a thing with lists in it is one.
static void an_array_is_many_and_an_object_is_one(void **state) {
    arena a = arena_open(8 << 20);
    const char *one = "{\"kind\":\"usage\",\"at\":\"2026-01-02T03:04:05Z\",\"ext\":\"a\",\"ids\":{\"user_id\":\"7\"}}";
    const char *two = str_z(&a, str_fmt(&a, "[%s,\n%s]", one, one));
    const char *lines = str_z(&a, str_fmt(&a, "%s\n%s\n", one, one));
    (void)state;
    assert_int_equal(said(&a, "", one).events, 1);
    assert_int_equal(said(&a, "", two).events, 2);
    assert_int_equal(said(&a, "", lines).events, 2);
    assert_int_equal(said(&a, "stripe-json", "{\"object\":\"balance\",\"available\":[{\"a\":1},{\"a\":2}]}").rows, 1);
    arena_close(&a);
}

static void what_is_no_json_is_an_error(void **state) {
    arena a = arena_open(8 << 20);
    static const char *const bodies[] = {"", "a,b\n1,2\n", "webhook_id=4", "<xml/>", "{", "PK\x03\x04"};
    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        err e = {0};
        outcome o = of_body(&a, str_c(bodies[i]), "stripe-json", &e);
        if (err_ok(&e) && !o.rejected) fail_msg("\"%s\" was read", bodies[i]);
        assert_int_equal(o.events, 0);
    }
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_payload_reads_as_it_does_in_a_file),
        cmocka_unit_test(what_only_webhooks_send_is_understood),
        cmocka_unit_test(an_array_is_many_and_an_object_is_one),
        cmocka_unit_test(what_is_no_json_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
