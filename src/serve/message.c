#include <zlib.h>
#include <zstd.h>

#include "serve/message.h"

static const char *const METHODS[] = {"", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

const char *method_name(enum method m) {
    return METHODS[m];
}

enum method method_of(str name) {
    for (int m = METHOD_GET; m <= METHOD_OPTIONS; m++)
        if (str_eq(name, str_c(METHODS[m]))) return (enum method)m;
    return METHOD_none;
}

str request_header(const request *q, const char *name) {
    for (size_t i = 0; i < q->n_headers; i++)
        if (str_eq_ci(q->headers[i].name, str_c(name))) return q->headers[i].value;
    return S("");
}

str request_cookie(const request *q, const char *name) {
    for (size_t i = 0; i < q->n_headers; i++) {
        if (!str_eq_ci(q->headers[i].name, S("cookie"))) continue;
        str rest = q->headers[i].value;
        while (rest.s) {
            str part = str_trim(str_cut(&rest, ';')), key = str_cut(&part, '=');
            if (part.s && str_eq(key, str_c(name))) return part;
        }
    }
    return S("");
}

void response_header(response *r, const char *name, str value) {
    assert(r->n_headers < RESPONSE_HEADERS);
    r->headers[r->n_headers++] = (pair){str_c(name), value};
}

str response_get(const response *r, const char *name) {
    for (int i = 0; i < r->n_headers; i++)
        if (str_eq_ci(r->headers[i].name, str_c(name))) return r->headers[i].value;
    return S("");
}

// ---- forms ----

static int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

str url_decode(arena *a, str x, bool plus) {
    char *out = make(a, char, x.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < x.len; i++) {
        int hi = x.s[i] == '%' && i + 2 < x.len ? hex(x.s[i + 1]) : -1, lo = hi >= 0 ? hex(x.s[i + 2]) : -1;
        if (lo >= 0)
            out[n++] = (char)(hi * 16 + lo), i += 2;
        else
            out[n++] = plus && x.s[i] == '+' ? ' ' : x.s[i];
    }
    return (str){out, n};
}

void url_encode(buf *b, str x) {
    for (size_t i = 0; i < x.len; i++) {
        unsigned char c = (unsigned char)x.s[i];
        bool plain = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || memchr("-._~", c, 4);
        if (plain)
            buf_addc(b, (char)c);
        else
            buf_fmt(b, "%%%02X", c);
    }
}

bool form_next(arena *a, str *rest, pair *p) {
    while (rest->s) {
        str value = str_cut(rest, '&');
        if (!value.len) continue;
        str name = str_cut(&value, '=');
        *p = (pair){url_decode(a, name, true), value.s ? url_decode(a, value, true) : S("")};
        return true;
    }
    return false;
}

str form_value(arena *a, str form, const char *name) {
    pair p;
    while (form_next(a, &form, &p))
        if (str_eq(p.name, str_c(name))) return p.value;
    return S("");
}

bool form_has(str form, const char *name) {
    while (form.s) {
        str part = str_cut(&form, '&'), key = str_cut(&part, '=');
        if (key.s && str_eq(key, str_c(name))) return true;
    }
    return false;
}

// ---- packed bodies ----

static bool too_large(err *e, size_t most) {
    return fail(e, ERR_too_large, "the body unpacks to more than %zu bytes; send it in parts", most);
}

// window 15 + 32: zlib or gzip, by its header.
static bool inflate_body(arena *a, str packed, size_t most, int window, str *out, err *e) {
    z_stream z = {.next_in = (Bytef *)(uintptr_t)packed.s, .avail_in = (uInt)packed.len};
    if (inflateInit2(&z, window) != Z_OK) return fail(e, ERR_internal, "zlib does not start");
    buf b = buf_new(a, most + 1);
    int status = Z_OK;
    while (status == Z_OK && !b.full) {
        Bytef piece[16384];
        z.next_out = piece, z.avail_out = sizeof piece;
        status = inflate(&z, Z_NO_FLUSH);
        buf_bytes(&b, piece, sizeof piece - z.avail_out);
        if (status == Z_OK && z.avail_in == 0 && z.avail_out) break;
    }
    inflateEnd(&z);
    if (b.full || b.len > most) return too_large(e, most);
    if (status != Z_STREAM_END) return fail(e, ERR_invalid, "the body is not well-formed gzip");
    *out = buf_str(&b);
    return true;
}

static bool unzstd(arena *a, str packed, size_t most, str *out, err *e) {
    ZSTD_DStream *z = ZSTD_createDStream();
    if (!z) return fail(e, ERR_internal, "zstd does not start");
    ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, 23); // 8 MiB, as RFC 8878 asks of HTTP
    buf b = buf_new(a, most + 1);
    ZSTD_inBuffer in = {packed.s, packed.len, 0};
    size_t left = 1;
    while (!ZSTD_isError(left) && in.pos < in.size && !b.full) {
        char piece[16384];
        ZSTD_outBuffer to = {piece, sizeof piece, 0};
        left = ZSTD_decompressStream(z, &to, &in);
        buf_bytes(&b, piece, to.pos);
        while (!ZSTD_isError(left) && to.pos == sizeof piece && !b.full) {
            to.pos = 0;
            left = ZSTD_decompressStream(z, &to, &in);
            buf_bytes(&b, piece, to.pos);
        }
    }
    ZSTD_freeDStream(z);
    if (b.full || b.len > most) return too_large(e, most);
    if (left) return fail(e, ERR_invalid, "the body is not well-formed zstd");
    *out = buf_str(&b);
    return true;
}

bool message_unpack(arena *a, const request *q, size_t most, str *body, err *e) {
    str how = str_trim(request_header(q, "content-encoding"));
    bool gzip = q->body.len > 2 && (unsigned char)q->body.s[0] == 0x1f && (unsigned char)q->body.s[1] == 0x8b;
    bool zstd = q->body.len > 4 && !memcmp(q->body.s, "\x28\xb5\x2f\xfd", 4);
    if (gzip) return inflate_body(a, q->body, most, 15 + 32, body, e);
    if (zstd) return unzstd(a, q->body, most, body, e);
    if (str_eq_ci(how, S("deflate"))) return inflate_body(a, q->body, most, 15 + 32, body, e);
    if (q->body.len > most) return fail(e, ERR_too_large, "the body has more than %zu bytes; send it in parts", most);
    if (how.len && !str_eq_ci(how, S("identity")) && !str_eq_ci(how, S("gzip")) && !str_eq_ci(how, S("zstd")))
        return fail(e, ERR_invalid, "content-encoding '%.*s' is not known; send gzip, deflate or zstd", STR_ARG(how));
    *body = q->body; // what says gzip and is not packed was unpacked on its way
    return true;
}
