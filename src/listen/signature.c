#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sodium.h>

#include "base/civil.h"
#include "base/json.h"
#include "listen/signature.h"

enum { SECRET_MOST = 1024, FIELDS_MOST = 4096, DIGEST = 64, CODED = 2 * DIGEST + 1, VARIANTS = 3 };

static const scheme schemes[] = {
#define SCHEME(id, ...) {.name = #id, __VA_ARGS__},
#include "listen/schemes.def"
};

const scheme *schemes_all(size_t *n) {
    *n = COUNT(schemes);
    return schemes;
}

const scheme *scheme_get(str name) {
    for (size_t i = 0; i < COUNT(schemes); i++)
        if (str_eq(name, str_c(schemes[i].name))) return &schemes[i];
    return NULL;
}

bool scheme_signs_url(const scheme *s) {
    return s->base && str_has(str_c(s->base), S("{url}"));
}

str sent_get(const sent *q, const char *header) {
    for (size_t i = 0; i < q->n_headers; i++)
        if (str_eq_ci(q->headers[i].name, str_c(header))) return q->headers[i].value;
    return S("");
}

// Forms

typedef struct {
    str name, value;
} field_pair;

static int hex_digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static str unescaped(arena *a, str x) {
    char *p = make(a, char, x.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < x.len; i++) {
        int hi = i + 2 < x.len && x.s[i] == '%' ? hex_digit(x.s[i + 1]) : -1;
        int lo = hi >= 0 ? hex_digit(x.s[i + 2]) : -1;
        if (lo >= 0)
            p[n++] = (char)(hi * 16 + lo), i += 2;
        else
            p[n++] = x.s[i] == '+' ? ' ' : x.s[i];
    }
    return (str){p, n};
}

static bool is_form(const sent *q) {
    return str_starts_ci(str_trim(sent_get(q, "content-type")), S("application/x-www-form-urlencoded"));
}

// At most FIELDS_MOST; more are left out, so that what is signed does not match.
static field_pair *fields_of(arena *a, str form, size_t *n) {
    field_pair *all = make(a, field_pair, FIELDS_MOST);
    *n = 0;
    for (str rest = form; rest.s && *n < FIELDS_MOST;) {
        str one = str_cut(&rest, '&'), name = str_cut(&one, '=');
        if (name.len || one.len) all[(*n)++] = (field_pair){unescaped(a, name), unescaped(a, one.s ? one : S(""))};
    }
    return all;
}

static int by_name(const void *x, const void *y) {
    const field_pair *a = x, *b = y;
    int c = str_cmp(a->name, b->name);
    return c ? c : str_cmp(a->value, b->value);
}

// Names with their values, sorted, equal pairs once (twilio-node, validateRequest).
static str sorted_form(arena *a, str form) {
    size_t n = 0;
    field_pair *all = fields_of(a, form, &n);
    buf b = buf_new(a, form.len + 1);
    if (n) qsort(all, n, sizeof *all, by_name);
    for (size_t i = 0; i < n; i++) {
        if (i && !by_name(&all[i], &all[i - 1])) continue;
        buf_add(&b, all[i].name);
        buf_add(&b, all[i].value);
    }
    return buf_str(&b);
}

static str query_value(str url, const char *name) {
    str rest = url;
    str_cut(&rest, '?');
    while (rest.s) {
        str one = str_cut(&rest, '&'), key = str_cut(&one, '=');
        if (str_eq(key, str_c(name))) return one.s ? one : S("");
    }
    return S("");
}

static str hex_of(char out[CODED], const unsigned char *p, size_t n) {
    sodium_bin2hex(out, CODED, p, n);
    return (str){out, 2 * n};
}

static bool equal(str x, str y) {
    return x.len == y.len && x.len && !sodium_memcmp(x.s, y.s, x.len);
}

// A body that is no form is not part of what is signed; its hash is, within the address.
static bool body_is_signed(const scheme *s, const sent *q) {
    unsigned char hash[DIGEST];
    char hex[CODED];
    if (!s->base || !str_has(str_c(s->base), S("{form}")) || is_form(q)) return true;
    crypto_hash_sha256(hash, (const unsigned char *)(q->body.len ? q->body.s : ""), q->body.len);
    return equal(query_value(q->url, "bodySHA256"), hex_of(hex, hash, crypto_hash_sha256_BYTES));
}

// What is signed

// The pieces of .base, in order. Lives in a.
typedef struct {
    str part[16];
    int n;
} pieces;

static str token_value(arena *a, const sent *q, str token, str time, str id, str url) {
    if (str_eq(token, S("body"))) return q->body;
    if (str_eq(token, S("timestamp"))) return time;
    if (str_eq(token, S("id"))) return id;
    if (str_eq(token, S("method"))) return q->method;
    if (str_eq(token, S("url"))) return url;
    assert(str_eq(token, S("form")));
    return is_form(q) ? sorted_form(a, q->body) : S("");
}

static pieces signed_of(arena *a, const scheme *s, const sent *q, str time, str url) {
    pieces p = {0};
    str rest = str_c(s->base), id = s->id ? sent_get(q, s->id) : S("");
    while (rest.s && rest.len) {
        assert(p.n + 2 <= (int)COUNT(p.part));
        ptrdiff_t open = str_find(rest, '{');
        if (open != 0) {
            size_t n = open < 0 ? rest.len : (size_t)open;
            p.part[p.n++] = str_sub(rest, 0, n);
            rest = str_sub(rest, n, rest.len);
            continue;
        }
        str token = str_cut(&rest, '}');
        p.part[p.n++] = token_value(a, q, str_sub(token, 1, token.len), time, id, url);
    }
    return p;
}

static size_t hmac(const pieces *p, enum sign_kind kind, str key, unsigned char out[DIGEST]) {
    char name[] = "SHA1", name256[] = "SHA256";
    OSSL_PARAM with[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, kind == SIGN_sha1 ? name : name256, 0),
                         OSSL_PARAM_construct_end()};
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *c = mac ? EVP_MAC_CTX_new(mac) : NULL;
    size_t n = 0;
    bool ok = c && EVP_MAC_init(c, (const unsigned char *)key.s, key.len, with);
    for (int i = 0; ok && i < p->n; i++)
        if (p->part[i].len) ok = EVP_MAC_update(c, (const unsigned char *)p->part[i].s, p->part[i].len);
    ok = ok && EVP_MAC_final(c, out, &n, DIGEST);
    EVP_MAC_CTX_free(c);
    EVP_MAC_free(mac);
    return ok ? n : 0;
}

static str joined(arena *a, const pieces *p) {
    size_t n = 0, at = 0;
    for (int i = 0; i < p->n; i++) n += p->part[i].len;
    char *x = make(a, char, n + 1);
    for (int i = 0; i < p->n; i++) {
        if (p->part[i].len) memcpy(x + at, p->part[i].s, p->part[i].len);
        at += p->part[i].len;
    }
    return (str){x, n};
}

static bool from_base64(str x, unsigned char *out, size_t room, size_t *n) {
    while (x.len && x.s[x.len - 1] == '=') x.len--;
    return x.len && !sodium_base642bin(out, room, x.s, x.len, NULL, n, NULL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
}

// The bytes of a secret; false when it is not written as the scheme's are.
static bool key_of(const scheme *s, str secret, unsigned char room[SECRET_MOST], str *key) {
    size_t n = 0;
    str word = s->key == KEY_whsec ? S("whsec_") : S("whpk_");
    *key = secret;
    if (!secret.len || secret.len > SECRET_MOST) return false;
    if (s->key == KEY_plain) return true;
    if (str_starts(secret, word)) secret = str_sub(secret, word.len, secret.len);
    if (!from_base64(secret, room, SECRET_MOST, &n)) return false;
    *key = (str){(const char *)room, n};
    return s->key != KEY_whpk || n == crypto_sign_PUBLICKEYBYTES;
}

bool signature_secret_ok(const scheme *s, str secret, err *e) {
    unsigned char room[SECRET_MOST];
    str key;
    bool ok = key_of(s, secret, room, &key);
    sodium_memzero(room, sizeof room);
    if (ok) return true;
    if (!secret.len || secret.len > SECRET_MOST)
        return fail(e, ERR_invalid, "the secret must have 1 to %d characters", SECRET_MOST);
    return fail(e, ERR_invalid, "this is no secret of %s; copy the whole of what begins with %s", s->label,
                s->key == KEY_whpk ? "whpk_" : "whsec_");
}

static str coded(const scheme *s, char out[CODED], const unsigned char *p, size_t n) {
    if (!s->base64) return hex_of(out, p, n);
    sodium_bin2base64(out, CODED, p, n, sodium_base64_VARIANT_ORIGINAL);
    return str_c(out);
}

// The signature as the sender writes it, without its prefix; empty if there can be none.
static str computed(const scheme *s, const pieces *p, str secret, char out[CODED]) {
    unsigned char room[SECRET_MOST], digest[DIGEST];
    str key;
    bool ok = key_of(s, secret, room, &key);
    size_t n = ok ? hmac(p, s->kind, key, digest) : 0;
    sodium_memzero(room, sizeof room);
    return n ? coded(s, out, digest, n) : S("");
}

// The address as others may have written it

static str authority_of(str url, size_t *at) {
    ptrdiff_t colon = str_find(url, ':');
    if (colon < 0 || !str_starts(str_sub(url, (size_t)colon, 3), S("://"))) return S("");
    *at = (size_t)colon + 3;
    str rest = str_sub(url, *at, url.len);
    size_t n = 0;
    while (n < rest.len && rest.s[n] != '/' && rest.s[n] != '?' && rest.s[n] != '#') n++;
    return str_sub(rest, 0, n);
}

// Some senders sign the port that everybody leaves out, others leave out the one that they were given
// (twilio-node tries both).
static str with_other_port(arena *a, str url) {
    size_t at = 0;
    str host = authority_of(url, &at);
    if (!host.len) return S("");
    str after = str_sub(url, at + host.len, url.len);
    size_t colon = host.len;
    while (colon && host.s[colon - 1] != ':' && host.s[colon - 1] != ']' && host.s[colon - 1] != '@') colon--;
    bool ported = colon && host.s[colon - 1] == ':';
    str bare = ported ? str_sub(host, 0, colon - 1) : host;
    const char *port = ported ? "" : str_starts(url, S("https:")) ? ":443" : ":80";
    return str_fmt(a, "%.*s%.*s%s%.*s", (int)at, url.s, STR_ARG(bare), port, STR_ARG(after));
}

// HubSpot signs the address with these characters unescaped.
static str with_marks(arena *a, str url) {
    char *p = make(a, char, url.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < url.len; i++) {
        int hi = url.s[i] == '%' && i + 2 < url.len ? hex_digit(url.s[i + 1]) : -1;
        int lo = hi >= 0 ? hex_digit(url.s[i + 2]) : -1;
        bool mark = lo >= 0 && hi * 16 + lo && strchr(":/?@!$'()*,;", hi * 16 + lo);
        p[n++] = mark ? (char)(hi * 16 + lo) : url.s[i];
        i += mark ? 2 : 0;
    }
    return (str){p, n};
}

static int variants_of(arena *a, const scheme *s, str url, str out[VARIANTS]) {
    out[0] = url;
    if (!scheme_signs_url(s)) return 1;
    out[1] = with_other_port(a, url);
    out[2] = with_marks(a, url);
    return VARIANTS;
}

// Checking

static str item_after(str header, char apart, const char *prefix) {
    for (str rest = header; rest.s;) {
        str one = str_trim(str_cut(&rest, apart));
        if (str_starts(one, str_c(prefix))) return str_sub(one, strlen(prefix), one.len);
    }
    return S("");
}

static str time_text(const scheme *s, const sent *q) {
    if (!s->time) return S("");
    str x = sent_get(q, s->time);
    return s->time_prefix ? item_after(x, s->apart, s->time_prefix) : x;
}

static bool time_value(const scheme *s, str x, int64_t *us) {
    if (s->time_as == TIME_iso) return x.len >= 19 && time_parse(x, NULL, 0, us);
    int64_t v = 0, unit = s->time_as == TIME_millis ? 1000 : SECOND_US;
    if (!str_i64(x, &v) || v < 0 || v > INT64_MAX / SECOND_US / 4) return false;
    *us = v * unit;
    return true;
}

static bool check_age(const scheme *s, const sent *q, err *e) {
    int64_t us = 0;
    if (!s->time) return true;
    str x = time_text(s, q);
    if (!x.len) return fail(e, ERR_signed_out, "the timestamp is missing in the header \"%s\"", s->time);
    if (!time_value(s, x, &us)) return fail(e, ERR_signed_out, "the header \"%s\" holds no timestamp", s->time);
    int64_t now = floor_div(q->now_us, SECOND_US) * SECOND_US, ahead = s->ahead_s ? s->ahead_s : s->oldest_s;
    if (s->oldest_s && us < now - s->oldest_s * SECOND_US)
        return fail(e, ERR_denied, "the signature is older than %d seconds; is the clock right, or was it sent before?",
                    s->oldest_s);
    if (s->oldest_s && ahead >= 0 && us > now + ahead * SECOND_US)
        return fail(e, ERR_denied, "the signature is of a time to come; is the clock right?");
    return true;
}

static bool check_also(const scheme *s, const sent *q, err *e) {
    for (str rest = str_c(s->also); rest.s && rest.len;) {
        char name[64];
        str one = str_cut(&rest, ' ');
        snprintf(name, sizeof name, "%.*s", STR_ARG(one));
        if (!sent_get(q, name).len) return fail(e, ERR_signed_out, "the header \"%s\" is missing", name);
    }
    return !s->id || sent_get(q, s->id).len || fail(e, ERR_signed_out, "the header \"%s\" is missing", s->id);
}

static bool any_equal(const scheme *s, str header, str want) {
    bool match = false;
    for (str rest = header; rest.s;) {
        str one = str_trim(s->apart ? str_cut(&rest, s->apart) : rest);
        if (!s->apart) rest.s = NULL;
        if (s->prefix && !str_starts(one, str_c(s->prefix))) continue;
        match |= equal(s->prefix ? str_sub(one, strlen(s->prefix), one.len) : one, want);
    }
    return match;
}

// Each signature with the public key.
static bool any_verifies(const scheme *s, str header, str message, str secret) {
    unsigned char room[SECRET_MOST], sig[DIGEST];
    bool match = false;
    str key;
    if (!key_of(s, secret, room, &key)) return false;
    for (str rest = header; rest.s;) {
        size_t n = 0;
        str one = str_trim(str_cut(&rest, s->apart));
        if (!str_starts(one, str_c(s->prefix))) continue;
        one = str_sub(one, strlen(s->prefix), one.len);
        if (!from_base64(one, sig, sizeof sig, &n) || n != crypto_sign_BYTES) continue;
        match |= !crypto_sign_verify_detached(sig, (const unsigned char *)message.s, message.len,
                                              (const unsigned char *)key.s);
    }
    return match;
}

static bool one_secret(arena scratch, const scheme *s, const sent *q, str header, str secret) {
    char out[CODED];
    str urls[VARIANTS];
    int n = variants_of(&scratch, s, q->url, urls);
    bool match = false;
    for (int i = 0; i < n; i++) {
        arena a = scratch;
        pieces p = signed_of(&a, s, q, time_text(s, q), urls[i]);
        if (s->kind == SIGN_ed25519)
            match |= any_verifies(s, header, joined(&a, &p), secret);
        else
            match |= any_equal(s, header, computed(s, &p, secret, out));
    }
    return match;
}

// A secret that is itself sent: in a header of its own, as a bearer token, as a password, or in the address.
static str token_sent(arena *a, const scheme *s, const sent *q) {
    str x = str_trim(sent_get(q, s->header)), auth = str_trim(sent_get(q, "authorization"));
    if (x.len) return x;
    if (str_starts_ci(auth, S("bearer "))) return str_trim(str_sub(auth, 7, auth.len));
    if (str_starts_ci(auth, S("basic "))) {
        size_t n = 0;
        unsigned char *p = make(a, unsigned char, auth.len);
        if (!from_base64(str_trim(str_sub(auth, 6, auth.len)), p, auth.len, &n)) return S("");
        str pair = {(const char *)p, n}, user = str_cut(&pair, ':');
        return pair.len ? pair : user;
    }
    return unescaped(a, query_value(q->url, "token"));
}

// Compared by their hashes, so that not even the length shows.
static bool check_token(arena scratch, const scheme *s, const sent *q, const str *secrets, size_t n, err *e) {
    unsigned char got[crypto_hash_sha256_BYTES], want[crypto_hash_sha256_BYTES];
    str x = token_sent(&scratch, s, q);
    bool match = false;
    if (!x.len) return fail(e, ERR_signed_out, "the secret is missing; send it as the header X-Heed-Token");
    crypto_hash_sha256(got, (const unsigned char *)x.s, x.len);
    for (size_t i = 0; i < n; i++) {
        if (!secrets[i].len) continue;
        crypto_hash_sha256(want, (const unsigned char *)secrets[i].s, secrets[i].len);
        match |= !sodium_memcmp(got, want, sizeof got);
    }
    return match || fail(e, ERR_denied, "the secret is not the one that is kept here");
}

bool signature_check(arena scratch, const scheme *s, const sent *q, const str *secrets, size_t n, err *e) {
    if (!n) return fail(e, ERR_denied, "no secret is kept for this source yet; add the one that the sender shows");
    if (s->kind == SIGN_token) return check_token(scratch, s, q, secrets, n, e);
    str header = sent_get(q, s->header);
    bool match = false;
    if (!str_trim(header).len) return fail(e, ERR_signed_out, "the header \"%s\" is missing", s->header);
    if (!check_also(s, q, e) || !check_age(s, q, e)) return false;
    if (!body_is_signed(s, q)) return fail(e, ERR_denied, "the body is not the one whose hash the address holds");
    for (size_t i = 0; i < n; i++) match |= one_secret(scratch, s, q, header, secrets[i]);
    if (match) return true;
    return fail(e, ERR_denied, "the signature in \"%s\" does not match%s", s->header,
                scheme_signs_url(s) ? "; is the secret the right one, and the public address the one that is called?"
                                    : "; is the secret the right one?");
}

str signature_make(arena *a, const scheme *s, const sent *q, str secret) {
    char out[CODED];
    if (s->kind == SIGN_token) return str_dup(a, secret);
    if (s->kind == SIGN_ed25519) return S("");
    pieces p = signed_of(a, s, q, time_text(s, q), q->url);
    return str_cat(a, str_c(s->prefix), computed(s, &p, secret, out));
}

str signature_hello(arena *a, str secret) {
    unsigned char digest[DIGEST];
    char hex[CODED];
    pieces p = {.part = {S("what to repeat")}, .n = 1};
    hmac(&p, SIGN_sha256, secret, digest);
    return str_dup(a, hex_of(hex, digest, 16));
}

// What was sent

// Some call JSON a form, because their library does when nobody says what it is.
str sent_json(arena *a, const sent *q) {
    size_t n = 0;
    str body = str_trim(q->body);
    if (!is_form(q) || str_starts(body, S("{")) || str_starts(body, S("["))) return q->body;
    field_pair *all = fields_of(a, q->body, &n);
    buf b = buf_new(a, 8 * q->body.len + 64);
    for (size_t i = 0; i < n; i++)
        if (str_eq(all[i].name, S("payload")) && str_starts(str_trim(all[i].value), S("{"))) return all[i].value;
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    for (size_t i = 0; i < n; i++) json_put_str(&j, str_z(a, all[i].name), all[i].value);
    json_close(&j, '}');
    return buf_str(&b);
}

static str place_value(arena *a, const sent *q, const json_t *body, str place) {
    str name = place, where = str_cut(&name, ':');
    char z[128];
    snprintf(z, sizeof z, "%.*s", STR_ARG(name));
    if (str_eq(where, S("header"))) return str_trim(sent_get(q, z));
    return json_scalar(a, json_find(body, z));
}

str signature_delivery(arena *a, const scheme *s, const sent *q) {
    json_t *body = NULL;
    buf b = buf_new(a, 1 << 10);
    bool all = s->delivery != NULL;
    if (all && strstr(s->delivery, "body:") && !json_read(sent_json(a, q), &body, NULL)) all = false;
    for (str rest = str_c(s->delivery); all && rest.s && rest.len;) {
        str x = place_value(a, q, body, str_cut(&rest, ' '));
        if (b.len) buf_addc(&b, ' ');
        buf_add(&b, x);
        all = x.len > 0;
    }
    json_decref(body);
    return all && !b.full ? buf_str(&b) : S("");
}
