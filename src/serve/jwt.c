#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "serve/jwt.h"

#include "serve/token.h"

enum { LEAST_RSA_BITS = 2048, COORDINATE = 32, MOST_TOKEN = 64 << 10 };

// ---- public keys ----

static EVP_PKEY *key_from(const char *type, OSSL_PARAM_BLD *parts) {
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(parts);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;
    bool ok = params && ctx && EVP_PKEY_fromdata_init(ctx) > 0 &&
              EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) > 0;
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    if (ok) return key;
    EVP_PKEY_free(key);
    return NULL;
}

static EVP_PKEY *rsa_key(arena *a, const json_t *jwk) {
    str n, x;
    if (!base64_bytes(a, json_at(jwk, "n"), &n) || !base64_bytes(a, json_at(jwk, "e"), &x)) return NULL;
    OSSL_PARAM_BLD *parts = OSSL_PARAM_BLD_new();
    BIGNUM *modulus = BN_bin2bn((const unsigned char *)n.s, (int)n.len, NULL);
    BIGNUM *exponent = BN_bin2bn((const unsigned char *)x.s, (int)x.len, NULL);
    EVP_PKEY *key = NULL;
    if (parts && modulus && exponent && BN_num_bits(modulus) >= LEAST_RSA_BITS &&
        OSSL_PARAM_BLD_push_BN(parts, OSSL_PKEY_PARAM_RSA_N, modulus) &&
        OSSL_PARAM_BLD_push_BN(parts, OSSL_PKEY_PARAM_RSA_E, exponent))
        key = key_from("RSA", parts);
    BN_free(modulus);
    BN_free(exponent);
    OSSL_PARAM_BLD_free(parts);
    return key;
}

static EVP_PKEY *ec_key(arena *a, const json_t *jwk) {
    str x, y;
    unsigned char point[1 + 2 * COORDINATE] = {POINT_CONVERSION_UNCOMPRESSED};
    if (!str_eq(json_at(jwk, "crv"), S("P-256"))) return NULL;
    if (!base64_bytes(a, json_at(jwk, "x"), &x) || !base64_bytes(a, json_at(jwk, "y"), &y)) return NULL;
    if (x.len != COORDINATE || y.len != COORDINATE) return NULL;
    memcpy(point + 1, x.s, COORDINATE);
    memcpy(point + 1 + COORDINATE, y.s, COORDINATE);
    OSSL_PARAM_BLD *parts = OSSL_PARAM_BLD_new();
    EVP_PKEY *key = NULL;
    if (parts && OSSL_PARAM_BLD_push_utf8_string(parts, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) &&
        OSSL_PARAM_BLD_push_octet_string(parts, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point))
        key = key_from("EC", parts);
    OSSL_PARAM_BLD_free(parts);
    return key;
}

// ---- signatures ----

// JWS has both numbers of an ECDSA signature side by side (RFC 7518, 3.4); libcrypto wants them in DER.
static bool der_signature(arena *a, str raw, str *der) {
    if (raw.len != 2 * COORDINATE) return false;
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn((const unsigned char *)raw.s, COORDINATE, NULL);
    BIGNUM *s = BN_bin2bn((const unsigned char *)raw.s + COORDINATE, COORDINATE, NULL);
    if (!sig || !r || !s || !ECDSA_SIG_set0(sig, r, s)) abort(); // memory alone can make this fail
    unsigned char *bytes = NULL;
    int n = i2d_ECDSA_SIG(sig, &bytes);
    if (n > 0) *der = str_dup(a, (str){(char *)bytes, (size_t)n});
    OPENSSL_free(bytes);
    ECDSA_SIG_free(sig);
    return n > 0;
}

static bool signed_by(arena *a, EVP_PKEY *key, bool ec, str text, str signature) {
    if (ec && !der_signature(a, signature, &signature)) return false;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) > 0 &&
              EVP_DigestVerify(ctx, (const unsigned char *)signature.s, signature.len, (const unsigned char *)text.s,
                               text.len) == 1;
    EVP_MD_CTX_free(ctx);
    return ok;
}

static bool key_signed(arena scratch, const json_t *jwk, bool ec, str text, str signature) {
    EVP_PKEY *key = ec ? ec_key(&scratch, jwk) : rsa_key(&scratch, jwk);
    bool ok = key && signed_by(&scratch, key, ec, text, signature);
    EVP_PKEY_free(key);
    return ok;
}

// A key may say what it is for; one that is for something else does not count.
static bool fits(const json_t *jwk, str kid, str alg, bool ec) {
    str use = json_at(jwk, "use"), own = json_at(jwk, "alg"), id = json_at(jwk, "kid");
    return str_eq(json_at(jwk, "kty"), ec ? S("EC") : S("RSA")) && (!use.len || str_eq(use, S("sig"))) &&
           (!own.len || str_eq(own, alg)) && (!kid.len || str_eq(id, kid));
}

static bool any_signed(arena scratch, const json_t *keys, str kid, str alg, str text, str signature, bool *unknown) {
    const json_t *all = json_object_get(keys, "keys");
    bool ec = str_eq(alg, S("ES256"));
    *unknown = true;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *jwk = json_array_get(all, i);
        if (!fits(jwk, kid, alg, ec)) continue;
        *unknown = false;
        if (key_signed(scratch, jwk, ec, text, signature)) return true;
    }
    return false;
}

bool jwt_read(arena *a, str token, const json_t *keys, json_t **claims, bool *unknown, err *e) {
    str rest = token, head = str_cut(&rest, '.'), body = str_cut(&rest, '.'), plain, said, signature;
    err why = {0};
    json_t *header = NULL;
    *claims = NULL, *unknown = false;
    bool whole = token.len <= MOST_TOKEN && rest.s && str_find(rest, '.') < 0 && base64_bytes(a, head, &plain) &&
                 base64_bytes(a, body, &said) && base64_bytes(a, rest, &signature) && json_read(plain, &header, &why);
    if (!whole) return fail(e, ERR_denied, "the provider sent no signed token");
    str alg = json_at(header, "alg"), text = {token.s, head.len + 1 + body.len};
    bool known = str_eq(alg, S("RS256")) || str_eq(alg, S("ES256"));
    bool extra = json_object_get(header, "crit") != NULL; // RFC 7515, 4.1.11: what is critical and not known refuses
    bool right = known && !extra && any_signed(*a, keys, json_at(header, "kid"), alg, text, signature, unknown);
    if (!known || extra)
        fail(e, ERR_denied, "the provider's token is signed by '%.*s'; RS256 and ES256 are understood",
             (int)MIN(alg.len, 20), alg.s);
    else if (!right)
        fail(e, ERR_denied, "the provider's token is not signed by one of its keys");
    json_decref(header);
    return right && (json_read(said, claims, &why) || fail(e, ERR_denied, "the provider's token holds no claims"));
}
