// auth_header: whatever stands in Authorization, in cookies, in the form to sign in, in a link or in what a provider
// sends back: nobody gets in who was not given the way in, and nothing but a refusal or a form comes back. The first
// byte says where the rest stands.
#include <sys/stat.h>
#include <unistd.h>

#include "serve/keys.h"
#include "serve/session.h"

enum { WAYS = 6 };

typedef struct {
    int64_t now;
    world w;
    server *sv;
    str token;
    arena life;
    char where[100];
} house;

static bool make_key(void *ctx, desk *d, err *e) {
    house *h = ctx;
    static const char *const scopes[] = {"audit_read"};
    int64_t id;
    str token;
    new_key k = {.name = S("fuzz"), .scopes = scopes, .n_scopes = 1, .by = S("system")};
    if (!key_make(d, &k, &id, &token, e)) return false;
    h->token = str_dup(&h->life, token);
    return true;
}

static bool make_account(void *ctx, desk *d, err *e) {
    (void)ctx;
    int64_t id;
    str token;
    return account_make(d, S("ada@example.org"), S("Ada"), S("owner"), &id, e) &&
           invite_make(d, id, "welcome", 60, &token, e);
}

static house *open_house(void);

static void close_house(void) {
    house *h = open_house();
    char command[200];
    snprintf(command, sizeof command, "rm -rf '%s'", h->where);
    server_close(h->sv);
    arena_close(&h->life);
    if (system(command)) abort();
}

// One for all inputs: opening takes longer than asking.
static house *open_house(void) {
    static house h;
    if (h.sv) return &h;
    err e = {0};
    const char *tmp = getenv("TMPDIR");
    snprintf(h.where, sizeof h.where, "%s/heed-fuzz.XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(h.where)) abort();
    h.now = INT64_C(1793577600000000);
    h.w = world_fixed(&h.now);
    h.life = arena_open(1 << 20);
    server_opts o = {.where = h.where, .create = true, .w = &h.w, .origin = S("https://heed.example")};
    o.log.least = LOG_ERROR;
    if (!server_open(&h.sv, o, &e) || !writer_alone(server_writer(h.sv), make_key, &h, &e) ||
        !writer_do(server_writer(h.sv), make_account, NULL, &e))
        abort();
    atexit(close_house);
    return &h;
}

static int ask(house *h, exchange *x, enum method m, str path, str query, pair header, str body) {
    pair headers[2] = {header, {S("Sec-Fetch-Site"), S("same-origin")}};
    arena a = x->a;
    *x = (exchange){.a = a};
    x->q = (request){.method = m,
                     .path = path,
                     .query = query,
                     .headers = headers,
                     .n_headers = header.name.len ? 2 : 0,
                     .body = body,
                     .length = (int64_t)body.len,
                     .peer = S("192.0.2.1")};
    server_run(h->sv, x, NULL);
    return x->r.status;
}

// The plain way to read base64, of either alphabet, as a twin of the one that counts.
static str plain_base64(arena *a, str x) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    buf b = buf_new(a, 8000);
    uint32_t have = 0;
    int bits = 0;
    for (size_t i = 0; i < x.len && x.s[i] != '='; i++) {
        char c = (char)(x.s[i] == '-' ? '+' : x.s[i] == '_' ? '/' : x.s[i]);
        const char *at = c ? strchr(letters, c) : NULL;
        if (!at) return S("");
        have = (have << 6 | (uint32_t)(at - letters)) & 0xFFFFFF;
        if ((bits += 6) >= 8) buf_addc(&b, (char)(have >> (bits -= 8) & 255));
    }
    return buf_str(&b);
}

// Is it the key, in one of its forms? Only then may it pass.
static bool holds_key(const house *h, arena a, str text) {
    str rest = str_trim(text), scheme = str_cut(&rest, ' ');
    rest = str_trim(rest);
    if (str_eq_ci(scheme, S("bearer"))) return str_eq(rest, h->token);
    str plain = plain_base64(&a, rest);
    return str_eq_ci(scheme, S("basic")) && str_eq(str_cut(&plain, ':'), h->token);
}

static void refused(int status) {
    assert(status == 400 || status == 401 || status == 403 || status == 404 || status == 410 || status == 429);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1 || size > 4000) return 0;
    house *h = open_house();
    str text = {(const char *)data + 1, size - 1};
    exchange x = {.a = arena_open(1 << 26)};
    int status;
    switch (data[0] % WAYS) {
    case 0:
        status = ask(h, &x, METHOD_GET, S("/api/me"), S(""), (pair){S("Authorization"), text}, S(""));
        if (status == 200)
            assert(holds_key(h, x.a, text) && str_has(x.r.body, S("\"name\":\"fuzz\"")));
        else
            assert(status == 401);
        break;
    case 1:
        status = ask(h, &x, METHOD_GET, S("/api/me"), S(""), (pair){S("Cookie"), text}, S(""));
        assert(status == 401);
        status = ask(h, &x, METHOD_GET, S("/account"), S(""), (pair){S("Cookie"), text}, S(""));
        assert(status == 303 && str_starts(response_get(&x.r, "location"), S("/signin")));
        break;
    case 2: refused(ask(h, &x, METHOD_POST, S("/signin"), S(""), (pair){S("X"), S("")}, text)); break;
    case 3: {
        str path = str_cat(&x.a, S("/welcome/"), text);
        refused(ask(h, &x, METHOD_GET, path, S(""), (pair){S(""), S("")}, S("")));
        refused(ask(h, &x, METHOD_POST, path, S(""), (pair){S("X"), S("")}, S("password=tulips+in+a+blue+jar")));
        break;
    }
    case 4: refused(ask(h, &x, METHOD_GET, S("/signin/oidc/return"), text, (pair){S("Cookie"), text}, S(""))); break;
    case 5: // a page shows what was typed, and no more tags than without it
        status = ask(h, &x, METHOD_GET, S("/signin"), text, (pair){S("X"), S("")}, S(""));
        assert(status == 200 && !str_has(x.r.body, S("<script")) && !str_has(x.r.body, S("value=\"//")));
        break;
    }
    arena_close(&x.a);
    return 0;
}
