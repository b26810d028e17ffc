// http_request: whatever is asked is answered once, with a status that blames the right side, well-formed JSON where
// JSON is said, and no header that could begin another.
//
// Input: "ROLE METHOD TARGET", lines "Name: value", an empty line, the body. ROLE is a role, or "-" for whoever the
// headers say.
#include <stdint.h>
#include <unistd.h>

#include "serve/server.h"

// The server lives on between inputs, and in an arena, where libFuzzer's search for leaks does not look. A replay of
// the corpus under AddressSanitizer closes the server first, and is searched.
int LLVMFuzzerInitialize(int *argc, char ***argv) {
    static char flag[] = "-detect_leaks=0", *more[100];
    if (*argc + 2 > (int)COUNT(more)) return 0;
    memcpy(more, *argv, (size_t)*argc * sizeof *more);
    more[(*argc)++] = flag;
    *argv = more;
    return 0;
}

typedef struct {
    char dir[64];
    int64_t now;
    world w;
    server *sv;
} rig;

// One server for all inputs: what they store is part of the fun.
static rig *the_rig(void) {
    static rig r;
    err e = {0};
    if (r.sv) return &r;
    r.now = INT64_C(1793577600000000);
    r.w = world_fixed(&r.now);
    snprintf(r.dir, sizeof r.dir, "/tmp/heed-fuzz.XXXXXX");
    bool ok = mkdtemp(r.dir) != NULL;
    server_opts o = {.where = r.dir, .create = true, .w = &r.w, .origin = S("https://heed.example")};
    o.log.least = LOG_ERROR + 1;
    ok = ok && server_open(&r.sv, o, &e);
    assert(ok);
    return &r;
}

static void forget(void) {
    char command[120];
    rig *r = the_rig();
    server_close(r->sv);
    snprintf(command, sizeof command, "rm -rf '%s'", r->dir);
    (void)!system(command);
}

// As the socket gives it: headers are lines, so no line end is in them, and no NUL.
static void read_request(exchange *x, str text, who *as, bool *has_role) {
    str rest = text, line = str_cut(&rest, '\n'), role = str_cut(&line, ' '), method = str_cut(&line, ' ');
    request *q = &x->q;
    pair *headers = make(&x->a, pair, 64);
    *has_role = role_needs(role, &as->needs);
    *as = (who){.kind = WHO_ACCOUNT,
                .id = 1,
                .name = S("ada@example.com"),
                .role = role,
                .csrf = S("csrf"),
                .needs = as->needs};
    q->method = method_of(method);
    str target = line.s ? line : S("/");
    q->path = str_cut(&target, '?');
    q->query = target.s ? target : S("");
    q->headers = headers;
    while (rest.s) {
        str value = str_cut(&rest, '\n');
        if (!value.len) break;
        str name = str_cut(&value, ':');
        if (q->n_headers < 64 && value.s && !memchr(value.s, 0, value.len) && !memchr(value.s, '\r', value.len))
            headers[q->n_headers++] = (pair){name, str_trim(value)};
    }
    q->body = rest.s ? rest : S("");
    q->length = (int64_t)q->body.len;
    q->peer = S("203.0.113.9");
    q->secure = true;
}

static void assert_one_line(str x) {
    for (size_t i = 0; i < x.len; i++) assert((unsigned char)x.s[i] >= ' ' && x.s[i] != 0x7F);
}

static void assert_answer(const exchange *x) {
    const response *r = &x->r;
    err e = {0};
    json_t *v = NULL;
    str type = response_get(r, "content-type");
    assert(r->status >= 200 && r->status < 600);
    assert(r->status != 500);
    assert(x->route || r->status == 404 || r->status == 405 || r->status == 204);
    for (int i = 0; i < r->n_headers; i++) {
        assert_one_line(r->headers[i].name);
        assert_one_line(r->headers[i].value);
    }
    if (r->status >= 400 && !(x->route && x->route->flags & ROUTE_FORM)) assert(type.len);
    if (!str_has(type, S("json")) || !r->body.len) return;
    bool ok = json_read(r->body, &v, &e);
    assert(ok);
    if (str_eq(type, S("application/problem+json")))
        assert(json_integer_value(json_object_get(v, "status")) == r->status);
    json_decref(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static exchange x;
    who as = {0};
    bool has_role;
    rig *r = the_rig();
    if (!x.a.base) {
        x.a = arena_open((size_t)1 << 32);
        atexit(forget);
    }
    arena_reset(&x.a);
    x = (exchange){.a = x.a};
    read_request(&x, (str){(const char *)data, size}, &as, &has_role);
    server_find(r->sv, &x);
    if (x.route && x.route->flags & ROUTE_SPOOL) return 0; // its body would be a file
    server_run(r->sv, &x, has_role ? &as : NULL);
    assert_answer(&x);
    return 0;
}
