#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <sodium.h>

#include "act/dkim.h"

#include "base/civil.h"

enum { FIELDS = 200, WIDTH = 72, DER_MOST = 8192, ZONE_STRING = 255 };

struct dkim {
    size_t n;
    struct {
        dkim_key key;
        EVP_PKEY *rsa;
        unsigned char secret[crypto_sign_SECRETKEYBYTES];
    } k[DKIM_KEYS];
};

// What is signed where it is there; those marked are signed once more, so that nobody can add another one (5.4).
static const struct {
    const char *name;
    bool over;
} wanted[] = {{"from", true},
              {"to", true},
              {"cc", true},
              {"reply-to", true},
              {"subject", true},
              {"date", true},
              {"message-id", false},
              {"in-reply-to", false},
              {"references", false},
              {"mime-version", true},
              {"content-type", true},
              {"content-transfer-encoding", false},
              {"list-id", false},
              {"feedback-id", false},
              {"auto-submitted", false},
              {"list-unsubscribe", false},
              {"list-unsubscribe-post", false}};

const char *dkim_algorithm(bool ed25519) {
    return ed25519 ? "ed25519-sha256" : "rsa-sha256";
}

// ---- keys ----

static str base64(arena *a, const void *p, size_t n) {
    size_t room = sodium_base64_ENCODED_LEN(n, sodium_base64_VARIANT_ORIGINAL);
    char *out = make(a, char, room);
    sodium_bin2base64(out, room, p, n, sodium_base64_VARIANT_ORIGINAL);
    return str_c(out);
}

static EVP_PKEY *rsa_of(str pem) {
    BIO *in = BIO_new_mem_buf(pem.s, (int)pem.len);
    EVP_PKEY *k = in ? PEM_read_bio_PrivateKey(in, NULL, NULL, NULL) : NULL;
    BIO_free(in);
    if (k && EVP_PKEY_base_id(k) != EVP_PKEY_RSA) EVP_PKEY_free(k), k = NULL;
    return k;
}

static bool seed_of(str text, unsigned char seed[crypto_sign_SEEDBYTES]) {
    size_t n = 0;
    return sodium_base642bin(seed, crypto_sign_SEEDBYTES, text.s, text.len, " \r\n", &n, NULL,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
           n == crypto_sign_SEEDBYTES;
}

static bool read_key(dkim *d, size_t i, err *e) {
    const dkim_key *k = &d->k[i].key;
    unsigned char seed[crypto_sign_SEEDBYTES], public_key[crypto_sign_PUBLICKEYBYTES];
    bool ok = true;
    if (!k->ed25519)
        ok = (d->k[i].rsa = rsa_of(k->secret)) != NULL;
    else if ((ok = seed_of(k->secret, seed)))
        crypto_sign_seed_keypair(public_key, d->k[i].secret, seed);
    sodium_memzero(seed, sizeof seed);
    return ok || fail(e, ERR_invalid, "the key of the selector \"%.*s\" cannot be read; make a new one",
                      (int)MIN(k->selector.len, 60), k->selector.s);
}

bool dkim_open(arena *a, const dkim_key *keys, size_t n, dkim **out, err *e) {
    dkim *d = make(a, dkim, 1);
    if (sodium_init() < 0) return fail(e, ERR_internal, "libsodium does not start");
    for (size_t i = 0; i < n && i < DKIM_KEYS; i++) {
        d->k[i].key = (dkim_key){str_dup(a, keys[i].domain), str_dup(a, keys[i].selector), keys[i].ed25519,
                                 str_dup(a, keys[i].secret)};
        d->n++;
        if (!read_key(d, i, e)) return dkim_close(d), false;
    }
    *out = d;
    return true;
}

void dkim_close(dkim *d) {
    for (size_t i = 0; d && i < d->n; i++) {
        EVP_PKEY_free(d->k[i].rsa);
        d->k[i].rsa = NULL;
        sodium_memzero(d->k[i].secret, sizeof d->k[i].secret);
    }
}

bool dkim_record(arena *a, const dkim_key *k, str *record, err *e) {
    dkim *d;
    if (!dkim_open(a, k, 1, &d, e)) return false;
    unsigned char *der = NULL;
    int n = 0;
    if (k->ed25519)
        *record = str_fmt(a, "v=DKIM1; k=ed25519; p=%.*s",
                          STR_ARG(base64(a, d->k[0].secret + crypto_sign_SEEDBYTES, crypto_sign_PUBLICKEYBYTES)));
    else if ((n = i2d_PUBKEY(d->k[0].rsa, &der)) > 0)
        *record = str_fmt(a, "v=DKIM1; k=rsa; p=%.*s", STR_ARG(base64(a, der, (size_t)n)));
    OPENSSL_free(der);
    dkim_close(d);
    return k->ed25519 || n > 0 || fail(e, ERR_internal, "the public half of the key cannot be written");
}

static bool make_rsa(arena *a, str *secret, err *e) {
    EVP_PKEY *k = EVP_RSA_gen(DKIM_RSA_BITS);
    BIO *out = BIO_new(BIO_s_mem());
    char *p = NULL;
    bool ok = k && out && PEM_write_bio_PrivateKey(out, k, NULL, NULL, 0, NULL, NULL) == 1;
    long n = ok ? BIO_get_mem_data(out, &p) : 0;
    if (ok) *secret = str_dup(a, (str){p, (size_t)n});
    BIO_free(out);
    EVP_PKEY_free(k);
    return ok || fail(e, ERR_internal, "no key could be made");
}

bool dkim_make(arena *a, const world *w, bool ed25519, str *secret, str *record, err *e) {
    unsigned char seed[crypto_sign_SEEDBYTES];
    if (ed25519) {
        w->random(w, seed, sizeof seed);
        *secret = base64(a, seed, sizeof seed);
        sodium_memzero(seed, sizeof seed);
    } else if (!make_rsa(a, secret, e)) {
        return false;
    }
    return dkim_record(a, &(dkim_key){.selector = S("new"), .ed25519 = ed25519, .secret = *secret}, record, e);
}

str dkim_zone_line(arena *a, str domain, str selector, str record) {
    buf b = buf_new(a, 2 * record.len + 1024);
    buf_fmt(&b, "%.*s._domainkey.%.*s. IN TXT (", STR_ARG(selector), STR_ARG(domain));
    for (size_t i = 0; i < record.len; i += ZONE_STRING)
        buf_fmt(&b, " \"%.*s\"", STR_ARG(str_sub(record, i, ZONE_STRING)));
    buf_add(&b, S(" )"));
    return buf_str(&b);
}

// ---- canonical forms ----

static bool blank(char c) {
    return c == ' ' || c == '\t';
}

// The next line without its end; false when there is none.
static bool next_line(str *rest, str *line) {
    if (!rest->len) return false;
    ptrdiff_t at = str_find(*rest, '\n');
    size_t n = at < 0 ? rest->len : (size_t)at;
    *line = str_sub(*rest, 0, n && at >= 0 && rest->s[n - 1] == '\r' ? n - 1 : n);
    *rest = str_sub(*rest, at < 0 ? rest->len : n + 1, rest->len);
    return true;
}

str dkim_relaxed_body(arena *a, str body) {
    buf b = buf_new(a, 2 * body.len + 16);
    size_t empty = 0;
    for (str line; next_line(&body, &line);) {
        size_t n = line.len;
        while (n && blank(line.s[n - 1])) n--;
        if (!n) {
            empty++;
            continue;
        }
        for (; empty; empty--) buf_add(&b, S("\r\n"));
        for (size_t i = 0; i < n; i++) {
            if (!blank(line.s[i]))
                buf_addc(&b, line.s[i]);
            else if (!i || !blank(line.s[i - 1]))
                buf_addc(&b, ' ');
        }
        buf_add(&b, S("\r\n"));
    }
    return buf_str(&b);
}

str dkim_relaxed_field(arena *a, str field) {
    buf b = buf_new(a, field.len + 16);
    str rest = field, name = str_cut(&rest, ':');
    bool space = false;
    buf_add(&b, str_lower(a, str_trim(name)));
    buf_addc(&b, ':');
    size_t begin = b.len;
    for (size_t i = 0; i < rest.len; i++) {
        char c = rest.s[i];
        if (blank(c) || c == '\r' || c == '\n') {
            space = true;
            continue;
        }
        if (space && b.len > begin) buf_addc(&b, ' ');
        space = false;
        buf_addc(&b, c);
    }
    buf_add(&b, S("\r\n"));
    return buf_str(&b);
}

// ---- the message ----

typedef struct {
    str name, whole; // whole: with its folded lines, without the last line end
    bool used;
} field;

// Its fields, and where its body begins.
static size_t split(str message, field *out, str *body) {
    size_t n = 0;
    str rest = message;
    for (str line; next_line(&rest, &line) && line.len;) {
        if (blank(line.s[0]) && n) {
            out[n - 1].whole.len = (size_t)(line.s + line.len - out[n - 1].whole.s);
            continue;
        }
        ptrdiff_t colon = str_find(line, ':');
        if (colon > 0 && n < FIELDS) out[n++] = (field){str_trim(str_sub(line, 0, (size_t)colon)), line, false};
    }
    *body = rest;
    return n;
}

str dkim_signed_text(arena *a, str message, const str *names, size_t n, str own) {
    field *f = make(a, field, FIELDS);
    str body;
    size_t n_fields = split(message, f, &body);
    buf b = buf_new(a, message.len + own.len + 1024);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = n_fields; k-- > 0;) {
            if (f[k].used || !str_eq_ci(f[k].name, names[i])) continue;
            f[k].used = true;
            buf_add(&b, dkim_relaxed_field(a, f[k].whole));
            break;
        }
    }
    str last = dkim_relaxed_field(a, own);
    buf_add(&b, str_sub(last, 0, last.len - 2));
    return buf_str(&b);
}

bool dkim_signature(arena *a, const dkim *d, size_t i, str text, str *out, err *e) {
    unsigned char hash[crypto_hash_sha256_BYTES], sig[1024];
    size_t n = sizeof sig;
    if (d->k[i].key.ed25519) {
        crypto_hash_sha256(hash, (const unsigned char *)text.s, text.len);
        crypto_sign_detached(sig, NULL, hash, sizeof hash, d->k[i].secret);
        *out = base64(a, sig, crypto_sign_BYTES);
        return true;
    }
    EVP_MD_CTX *m = EVP_MD_CTX_new();
    bool ok = m && EVP_DigestSignInit(m, NULL, EVP_sha256(), NULL, d->k[i].rsa) == 1 &&
              EVP_DigestSign(m, sig, &n, (const unsigned char *)text.s, text.len) == 1;
    EVP_MD_CTX_free(m);
    if (!ok) return fail(e, ERR_internal, "a message could not be signed");
    *out = base64(a, sig, n);
    return true;
}

static size_t names_of(str message, const arena *scratch, str *names) {
    arena a = *scratch;
    field *f = make(&a, field, FIELDS);
    str body;
    size_t n_fields = split(message, f, &body), n = 0;
    for (size_t i = 0; i < COUNT(wanted); i++) {
        for (size_t k = 0; k < n_fields && n < FIELDS; k++)
            if (str_eq_ci(f[k].name, str_c(wanted[i].name))) names[n++] = str_c(wanted[i].name);
        if (wanted[i].over) names[n++] = str_c(wanted[i].name);
    }
    return n;
}

// Names or base64 in lines that are not too long; white space counts for nothing in either.
static void add_folded(buf *b, const char *tag, const str *parts, size_t n, char between) {
    size_t width = strlen(tag) + 2;
    buf_fmt(b, "\r\n\t%s", tag);
    for (size_t i = 0; i < n; i++) {
        if (i && between) buf_addc(b, between), width++;
        if (width + parts[i].len > WIDTH) buf_add(b, S("\r\n\t ")), width = 2;
        buf_add(b, parts[i]);
        width += parts[i].len;
    }
}

static bool sign_one(arena *a, const dkim *d, size_t i, str message, int64_t now_us, const str *names, size_t n,
                     str hash, buf *fields, err *e) {
    const dkim_key *k = &d->k[i].key;
    buf b = buf_new(a, 16384);
    buf_fmt(&b, "DKIM-Signature: v=1; a=%s; c=relaxed/relaxed; d=%.*s;\r\n\ts=%.*s; t=%" PRId64 ";",
            dkim_algorithm(k->ed25519), STR_ARG(k->domain), STR_ARG(k->selector), floor_div(now_us, SECOND_US));
    add_folded(&b, "h=", names, n, ':');
    buf_fmt(&b, ";\r\n\tbh=%.*s;", STR_ARG(hash));
    size_t before = b.len;
    buf_add(&b, S("\r\n\tb="));
    str sig;
    if (!dkim_signature(a, d, i, dkim_signed_text(a, message, names, n, buf_str(&b)), &sig, e)) return false;
    b.len = before;
    str parts[32];
    size_t n_parts = 0;
    for (size_t at = 0; at < sig.len && n_parts < COUNT(parts); at += 68) parts[n_parts++] = str_sub(sig, at, 68);
    add_folded(&b, "b=", parts, n_parts, 0);
    buf_add(fields, buf_str(&b));
    buf_add(fields, S("\r\n"));
    return true;
}

bool dkim_sign(arena *a, const dkim *d, str message, int64_t now_us, str *fields, err *e) {
    buf out = buf_new(a, (size_t)DKIM_KEYS * 8192);
    str *names = make(a, str, 2 * FIELDS), body;
    field *f = make(a, field, FIELDS);
    unsigned char hash[crypto_hash_sha256_BYTES];
    size_t n = names_of(message, a, names);
    split(message, f, &body);
    str canon = dkim_relaxed_body(a, body);
    crypto_hash_sha256(hash, (const unsigned char *)canon.s, canon.len);
    for (size_t i = 0; i < d->n; i++) {
        str own = {0};
        buf one = buf_new(a, 8192);
        if (!sign_one(a, d, i, message, now_us, names, n, base64(a, hash, sizeof hash), &one, e)) return false;
        own = buf_str(&one);
        buf_add(&out, own);
    }
    *fields = buf_str(&out);
    return true;
}
