// What the server tells of itself: its description against its routes, its figures against what was asked.
#include "rig.h"

static serve_rig r;

static int begin(void **state) {
    (void)state;
    serve_open(&r, NULL);
    return 0;
}

static int end(void **state) {
    (void)state;
    serve_close(&r);
    return 0;
}

static const response *ask(const char *path) {
    return serve_ask(&r, "GET", path, "", "owner");
}

// ---- the description ----

// Every reference leads to something.
static void follow_refs(const json_t *all, const json_t *v) {
    const char *key;
    const json_t *one;
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)v, i, one) follow_refs(all, one);
    json_object_foreach((json_t *)(uintptr_t)v, key, one) {
        if (!strcmp(key, "$ref")) {
            str path = str_sub(json_text(one), 2, 1000);
            const json_t *at = all;
            while (path.s && at) {
                char part[100];
                str p = str_cut(&path, '/');
                snprintf(part, sizeof part, "%.*s", STR_ARG(p));
                at = json_object_get(at, part);
            }
            if (!at) fail_msg("%s leads nowhere", json_string_value(one));
        }
        follow_refs(all, one);
    }
}

static bool is_page(const route *x) {
    return x->flags & ROUTE_FORM || str_eq(str_c(x->path), S("/")) || str_eq(str_c(x->path), S("/*")) ||
           str_starts(str_c(x->path), S("/assets/"));
}

static void every_route_is_described_and_nothing_else(void **state) {
    (void)state;
    size_t n, described = 0, expected = 0;
    const route *all = routes_all(&n);
    assert_int_equal(ask("/api/openapi.json")->status, 200);
    json_t *v = serve_json(&r);
    assert_str(json_at(v, "openapi"), S("3.1.0"));
    const json_t *paths = json_object_get(v, "paths");
    for (size_t i = 0; i < n; i++) {
        char method[16] = "";
        for (size_t k = 0; method_name(all[i].method)[k]; k++) method[k] = (char)(method_name(all[i].method)[k] | 32);
        const json_t *op = json_object_get(json_object_get(paths, all[i].path), method);
        if (is_page(&all[i])) continue;
        expected++;
        if (!op) fail_msg("%s %s is not described", method, all[i].path);
        assert_str(json_at(op, "operationId"), str_c(all[i].name));
        assert_true(json_at(op, "summary").len > 0);
        const json_t *answers = json_object_get(op, "responses");
        assert_true(json_object_size(answers) > 0);
        // Every {part} of the path is a parameter.
        size_t parts = 0, named = 0;
        for (const char *p = all[i].path; *p; p++) parts += *p == '{';
        size_t k;
        const json_t *param;
        json_array_foreach(json_object_get(op, "parameters"), k, param) named +=
            str_eq(json_at(param, "in"), S("path"));
        if (named != parts) fail_msg("%s: %zu parameters of the path, described %zu", all[i].path, parts, named);
    }
    const char *path, *method;
    const json_t *ops, *op;
    json_object_foreach((json_t *)(uintptr_t)paths, path, ops) json_object_foreach((json_t *)(uintptr_t)ops, method, op)
        described++;
    assert_int_equal(described, expected);
    follow_refs(v, v);
    json_decref(v);
}

static void the_page_names_every_route_and_shape(void **state) {
    (void)state;
    size_t n;
    const route *all = routes_all(&n);
    str page = ask("/docs/api")->body;
    for (size_t i = 0; i < n; i++) {
        char id[200];
        snprintf(id, sizeof id, "<section id=\"%s\">", all[i].name);
        if (!is_page(&all[i]) && !str_has(page, str_c(id))) fail_msg("%s is missing", all[i].name);
    }
    for (size_t i = 0; i < shapes_count(); i++) {
        char id[200];
        snprintf(id, sizeof id, "id=\"shape-%s\"", shapes_at(i).name);
        if (!str_has(page, str_c(id))) fail_msg("shape %s is missing", shapes_at(i).name);
    }
    // Every link within leads to something.
    for (str rest = page; str_has(rest, S("href=\"#"));) {
        const char *at = memmem(rest.s, rest.len, "href=\"#", 7);
        rest = str_sub(rest, (size_t)(at - rest.s) + 7, rest.len);
        char id[200];
        snprintf(id, sizeof id, "id=\"%.*s\"", (int)str_find(rest, '"'), rest.s);
        if (!str_has(page, str_c(id))) fail_msg("%s is linked to and not there", id);
    }
}

// ---- figures ----

// The text format, as strictly as Prometheus reads it: a family has HELP and TYPE once and before its samples, names
// and values are well-formed, no sample comes twice.
static void assert_exposition(str text) {
    arena a = arena_open(16 << 20);
    str family = S(""), *seen = make(&a, str, 10000);
    size_t n = 0;
    assert_true(str_ends(text, S("\n")));
    for (str rest = text; rest.len;) {
        str line = str_cut(&rest, '\n');
        double v;
        if (str_starts(line, S("# HELP "))) {
            str tail = str_sub(line, 7, line.len);
            family = str_cut(&tail, ' ');
            assert_true(tail.len > 0);
            continue;
        }
        if (str_starts(line, S("# TYPE "))) {
            str tail = str_sub(line, 7, line.len);
            assert_str(str_cut(&tail, ' '), family);
            assert_true(str_eq(tail, S("gauge")) || str_eq(tail, S("counter")) || str_eq(tail, S("histogram")));
            continue;
        }
        ptrdiff_t space = (ptrdiff_t)line.len - 1;
        while (space > 0 && line.s[space] != ' ') space--;
        str name = str_sub(line, 0, (size_t)space), bare = name;
        bare = str_cut(&bare, '{');
        if (!str_starts(bare, family) || !str_f64(str_sub(line, (size_t)space + 1, line.len), &v))
            fail_msg("\"%.*s\" under %.*s", STR_ARG(line), STR_ARG(family));
        for (size_t i = 0; i < n; i++)
            if (str_eq(seen[i], name)) fail_msg("\"%.*s\" comes twice", STR_ARG(name));
        seen[n++] = name;
    }
    arena_close(&a);
}

static void more(void *ctx, buf *b) {
    (void)ctx;
    buf_add(b, S("# HELP heed_http_x of the socket\n# TYPE heed_http_x gauge\nheed_http_x 1\n"));
}

static void figures_are_well_formed_and_right(void **state) {
    (void)state;
    serve_rig own = r;
    serve_open(&r, NULL);
    server_on_metrics(r.sv, more, NULL);
    for (int i = 0; i < 7; i++) ask("/healthz");
    for (int i = 0; i < 3; i++) serve_ask(&r, "DELETE", "/healthz", "", "owner");
    serve_ask(&r, "GET", "/api/me", "", "nobody");
    const response *a = ask("/metrics");
    assert_str(response_get(a, "content-type"), S("text/plain; version=0.0.4; charset=utf-8"));
    assert_exposition(a->body);
    assert_true(str_has(a->body, S("\nheed_requests_total{route=\"/healthz\",method=\"GET\",class=\"2xx\"} 7\n")));
    assert_true(str_has(a->body, S("\nheed_requests_total{route=\"\",method=\"\",class=\"4xx\"} 3\n")));
    assert_true(
        str_has(a->body, S("\nheed_request_seconds_bucket{route=\"/healthz\",method=\"GET\",le=\"+Inf\"} 7\n")));
    assert_true(str_has(a->body, S("\nheed_request_seconds_count{route=\"/healthz\",method=\"GET\"} 7\n")));
    assert_true(str_has(a->body, S("\nheed_http_x 1\n")));
    assert_true(str_has(a->body, S("\nheed_writer_ok 1\n")));
    a = ask("/metrics?name=heed_writer_ok");
    assert_exposition(a->body);
    assert_false(str_has(a->body, S("heed_requests_total")));
    server_on_metrics(r.sv, NULL, NULL);
    serve_close(&r);
    r = own;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_described_and_nothing_else),
        cmocka_unit_test(the_page_names_every_route_and_shape),
        cmocka_unit_test(figures_are_well_formed_and_right),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
