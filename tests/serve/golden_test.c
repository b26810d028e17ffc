// Every route has a golden file: what is asked, and what is answered, on a small sample company. UPDATE=1 writes what
// follows "=>"; read it before you commit it. The form is described in tests/README.md.
#include <dirent.h>

#include "base.h"
#include "kept.h"
#include "looked.h"

enum { BLOCKS = 500, HEADERS = 16 };

typedef struct {
    str method, path, body, expected; // expected: status, headers and body as text
    pair headers[HEADERS];
    size_t n_headers;
    str as;
    str keep;   // what of the answer later blocks name: see kept.h
    bool brief; // only the status is the same each time
} block;

static str line_of(str *rest) {
    str line = str_cut(rest, '\n');
    return line.s ? line : S("");
}

// A block of the file; false at its end.
static bool block_next(str *rest, block *b) {
    *b = (block){.as = S("owner")};
    while (rest->len && (rest->s[0] == '\n' || rest->s[0] == '#')) line_of(rest);
    if (!rest->s || !rest->len) return false;
    str head = line_of(rest);
    b->method = str_cut(&head, ' ');
    b->path = head;
    const char *from = rest->s;
    bool in_body = false;
    while (rest->s && rest->len) {
        const char *at = rest->s;
        str line = line_of(rest);
        if (str_eq(line, S("=>"))) {
            b->body = in_body ? str_trim((str){from, (size_t)(at - from)}) : S("");
            break;
        }
        if (in_body) continue;
        if (!line.len) {
            in_body = true;
            from = rest->s;
            continue;
        }
        str value = line, name = str_cut(&value, ':');
        if (str_eq(name, S("As")))
            b->as = str_trim(value);
        else if (str_eq(name, S("Keep")))
            b->keep = str_trim(value);
        else if (str_eq(line, S("Only: status")))
            b->brief = true;
        else
            b->headers[b->n_headers++] = (pair){name, str_trim(value)};
    }
    from = rest->s;
    while (rest->s) {
        const char *at = rest->s;
        str line = line_of(rest);
        if (str_eq(line, S("---")) || !rest->s) {
            b->expected = (str){from, (size_t)(str_eq(line, S("---")) ? at - from : (at + line.len) - from)};
            break;
        }
    }
    return true;
}

static const char *const SHOWN[] = {"ETag",       "Location",        "Link", "Retry-After", "Allow",
                                    "Set-Cookie", "WWW-Authenticate"};

static void show_body(buf *b, str body, str type) {
    err e = {0};
    json_t *v = NULL;
    if (str_has(type, S("json")) && json_read(body, &v, &e)) {
        char *text = json_dumps(v, JSON_INDENT(2) | JSON_ENCODE_ANY | JSON_REAL_PRECISION(10));
        buf_add(b, str_c(text));
        free(text);
        json_decref(v);
    } else
        buf_add(b, body);
    if (body.len) buf_addc(b, '\n');
}

static str answer_text(arena *a, const response *r, bool brief) {
    buf b = buf_new(a, 32 << 20);
    buf_fmt(&b, "%d\n", r->status);
    if (brief) return buf_str(&b);
    for (size_t i = 0; i < COUNT(SHOWN); i++) {
        str v = response_get(r, SHOWN[i]);
        if (!v.len || (!strcmp(SHOWN[i], "ETag") && str_starts(v, S("W/")))) continue;
        buf_fmt(&b, "%s: %.*s\n", SHOWN[i], STR_ARG(v));
    }
    buf_addc(&b, '\n');
    show_body(&b, r->body, response_get(r, "content-type"));
    return buf_str(&b);
}

// "owner", "nobody", or "key NEED NEED": a key with these needs. What it points at lives in a.
static who who_of(arena *a, str as) {
    str rest = as, first = str_cut(&rest, ' ');
    if (str_eq(first, S("request"))) return (who){0};
    if (!str_eq(first, S("key"))) return serve_as(str_z(a, as));
    who w = {
        .kind = WHO_KEY, .id = 1, .name = S("a program"), .needs = N(signed_in), .source_id = 1, .source = S("app")};
    json_t *names = json_array();
    err e = {0};
    uint64_t needs = 0;
    while (rest.s) {
        str one = str_cut(&rest, ' ');
        json_array_append_new(names, json_stringn(one.s, one.len));
    }
    assert_ok(needs_of(names, &needs, &e), e);
    json_decref(names);
    w.needs |= needs;
    return w;
}

// An answer that is JSON must be what its route promises.
static void check_shape(const exchange *x, const char *name) {
    err e = {0};
    char field[64];
    json_t *v = NULL;
    str type = response_get(&x->r, "content-type");
    if (!x->route || !str_has(type, S("json")) || x->r.status == 304) return;
    const char *gives = x->r.status >= 400 ? "problem" : x->route->gives;
    bool part = form_has(x->q.query, "fields"); // of the answer only what was asked for
    if (gives[0] == '*' || x->r.status >= 400 || part) return;
    assert_ok(json_read(x->r.body, &v, &e), e);
    bool page = gives[0] == '[';
    json_t *items = page ? json_object_get(v, "items") : v;
    if (page && (!items || !json_object_get(v, "next"))) fail_msg("%s: a page without items and next", name);
    if (!shape_holds(str_c(gives), items, field, &e)) fail_msg("%s: %s", name, e.msg);
    json_decref(v);
}

static void play(const char *path, const char *name) {
    serve_rig r;
    err e = {0};
    str text;
    bool update = getenv("UPDATE") != NULL, seen = false, same = true;
    arena file = arena_open((size_t)64 << 20);
    assert_ok(world_real()->read_file(world_real(), &file, path, 32 << 20, &text, &e), e);
    serve_open(&r, looked_base(text));
    buf out = buf_new(&r.life, 64 << 20);
    str rest = text;
    block b;
    kept k = {.life = &r.life};
    const char *from = rest.s;
    while (block_next(&rest, &b)) {
        who as = who_of(&r.life, b.as);
        kept_into(&k, &b.path);
        kept_into(&k, &b.body);
        for (size_t i = 0; i < b.n_headers; i++) kept_into(&k, &b.headers[i].value);
        bool itself = str_eq(b.as, S("request")); // whoever its own headers say
        const response *got = serve_ask_as(&r, str_z(&r.life, b.method), str_z(&r.life, b.path), b.headers, b.n_headers,
                                           b.body, itself ? NULL : &as);
        seen |= r.x.route && !strcmp(r.x.route->name, name);
        check_shape(&r.x, name);
        if (b.keep.len) kept_take(&k, b.keep, got);
        arena scratch = arena_open(64 << 20);
        str answer = answer_text(&scratch, got, b.brief);
        str head = {from, (size_t)(b.expected.s - from)};
        buf_add(&out, head);
        buf_add(&out, answer);
        buf_add(&out, S("---\n"));
        if (!str_eq(str_trim(answer), str_trim(b.expected)) && !update) {
            same = false;
            print_error("%s: %.*s %.*s answered\n%.*s\n", name, STR_ARG(b.method), STR_ARG(b.path), STR_ARG(answer));
        }
        from = rest.s ? rest.s : text.s + text.len;
        arena_close(&scratch);
    }
    if (update) assert_ok(world_real()->write_file(world_real(), path, buf_str(&out), &e), e);
    serve_close(&r);
    arena_close(&file);
    if (!same) fail_msg("%s differs", name);
    if (!seen) fail_msg("%s: no block asks the route '%s'", path, name);
}

static void one_file(void **state) {
    char path[300];
    snprintf(path, sizeof path, "tests/serve/golden/%s.txt", (const char *)*state);
    play(path, *state);
}

static void every_route_has_a_golden_file(void **state) {
    (void)state;
    size_t n;
    const route *all = routes_all(&n);
    int missing = 0;
    for (size_t i = 0; i < n; i++) {
        char path[300];
        snprintf(path, sizeof path, "tests/serve/golden/%s.txt", all[i].name);
        if (access(path, R_OK) == 0) continue;
        print_error("%s is missing\n", path);
        missing++;
    }
    assert_int_equal(missing, 0);
}

static void every_shape_that_is_named_exists(void **state) {
    (void)state;
    size_t n;
    const route *all = routes_all(&n);
    json_t *nothing = json_null();
    for (size_t i = 0; i < n; i++) {
        const char *types[] = {all[i].asks, all[i].gives};
        for (int k = 0; k < 2; k++) {
            err e = {0};
            char field[64];
            if (!types[k][0] || types[k][0] == '*') continue;
            bool held = shape_check(str_c(types[k]), nothing, field, &e);
            if (!held && e.code == ERR_internal) fail_msg("%s: %s", all[i].name, e.msg);
        }
    }
    for (size_t i = 0; i < shapes_count(); i++) {
        shape s = shapes_at(i);
        for (size_t f = 0; f < s.n; f++) {
            err e = {0};
            char field[64];
            bool held = shape_check(str_c(s.fields[f].type), nothing, field, &e);
            if (!held && e.code == ERR_internal) fail_msg("%s.%s: %s", s.name, s.fields[f].name, e.msg);
        }
    }
}

int main(void) {
    unsetenv(
        "HEED_TEXT"); // by letters alone what is learned is the same everywhere, with and without the file of words
    static char names[BLOCKS][80];
    struct CMUnitTest tests[BLOCKS + 2] = {cmocka_unit_test(every_route_has_a_golden_file),
                                           cmocka_unit_test(every_shape_that_is_named_exists)};
    size_t n = 2, n_names = 0;
    const char *only = getenv("ROUTE");
    DIR *d = opendir("tests/serve/golden");
    for (struct dirent *f; d && (f = readdir(d)) && n_names < BLOCKS;) {
        size_t len = strlen(f->d_name);
        if (len < 5 || strcmp(f->d_name + len - 4, ".txt") || (only && !strstr(f->d_name, only))) continue;
        snprintf(names[n_names], sizeof names[n_names], "%.*s", (int)(len - 4), f->d_name);
        tests[n] = (struct CMUnitTest)cmocka_unit_test_prestate(one_file, names[n_names]);
        tests[n++].name = names[n_names++];
    }
    if (d) closedir(d);
    return _cmocka_run_group_tests("golden", tests, n, make_base, drop_base);
}
