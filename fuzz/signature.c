// Any request and any secret: what the engine signs it verifies, with one bit of the body changed it does not, and a
// signature that strangers made up is never accepted unless it is the right one.
#include "listen/signature.h"
#include "base/civil.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int64_t NOW = 1767225600;

typedef struct {
    arena a;
    const scheme *s;
    sent q;
    sent_header headers[12];
    str secret;
} attempt;

static void put(attempt *x, const char *name, str value) {
    if (name) x->headers[x->q.n_headers++] = (sent_header){str_c(name), value};
}

static str time_of(const scheme *s) {
    return s->time_as == TIME_iso      ? S("2026-01-01T00:00:00Z")
           : s->time_as == TIME_millis ? S("1767225600000")
                                       : S("1767225600");
}

static bool check(attempt *x, str signature) {
    err e = {0};
    str header = signature;
    if (x->s->time_prefix)
        header = str_fmt(&x->a, "%s%.*s,%.*s", x->s->time_prefix, STR_ARG(time_of(x->s)), STR_ARG(signature));
    x->headers[0].value = header;
    bool ok = signature_check(x->a, x->s, &x->q, &x->secret, 1, &e);
    assert(ok || e.code == ERR_signed_out || e.code == ERR_denied);
    assert(ok || x->secret.len < 24 || !str_has(str_c(e.msg), x->secret));
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t n = 0;
    const scheme *all = schemes_all(&n);
    if (size < 2) return 0;
    attempt x = {.a = arena_open(40 * size + (8 << 20)), .s = &all[data[0] % n]};
    str rest = {(const char *)data + 2, size - 2};
    x.q = (sent){.headers = x.headers, .now_us = NOW * SECOND_US, .method = S("POST")};
    put(&x, x.s->header, S(""));
    if (x.s->time && strcmp(x.s->time, x.s->header)) put(&x, x.s->time, time_of(x.s));
    put(&x, x.s->id, S("msg_1"));
    for (str names = str_c(x.s->also); names.s && names.len;) put(&x, str_z(&x.a, str_cut(&names, ' ')), S("x"));
    put(&x, "content-type", data[1] & 1 ? S("application/x-www-form-urlencoded") : S("application/json"));
    str forged = str_cut(&rest, '\0');
    x.secret = rest.s ? str_cut(&rest, '\0') : S("");
    x.q.url = rest.s ? str_cut(&rest, '\0') : S("");
    x.q.body = rest.s ? rest : S("");
    (void)signature_delivery(&x.a, x.s, &x.q);
    (void)sent_json(&x.a, &x.q);

    if (x.s->time_prefix) x.headers[0].value = str_cat(&x.a, str_c(x.s->time_prefix), time_of(x.s));
    str made = x.s->kind == SIGN_ed25519 ? S("") : signature_make(&x.a, x.s, &x.q, x.secret);
    bool usable = signature_secret_ok(x.s, x.secret, NULL) && x.s->kind != SIGN_ed25519;
    bool whole = !x.s->base || !strstr(x.s->base, "{form}") || data[1] & 1; // else the address must hold a hash
    str plain = str_trim(x.secret);
    if (usable && whole && (x.s->kind != SIGN_token || (plain.len == x.secret.len && plain.len)))
        assert(check(&x, made));
    if (check(&x, forged) && x.s->kind != SIGN_token)
        assert(made.len && (scheme_signs_url(x.s) || str_has(forged, made)));

    if (usable && x.q.body.len && x.s->base && strstr(x.s->base, "{body}")) {
        char *p = str_z(&x.a, x.q.body);
        p[data[0] % x.q.body.len] ^= 1;
        x.q.body.s = p;
        assert(!check(&x, made));
    }
    arena_close(&x.a);
    return 0;
}
