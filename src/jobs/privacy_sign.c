// OpenDSR: what a controller is told, and the signature over it (RSA with SHA-256 and a certificate of our own).
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "jobs/privacy.h"

#include "know/settings.h"

enum { KEY_BITS = 3072, CERTIFICATE_S = 10 * 365 * 86400 };

void privacy_status_json(buf *b, const privacy_request *r, str site, str callback) {
    json_out j = json_to(b);
    json_open(&j, NULL, '{');
    json_put_str(&j, "controller_id", S("heed"));
    json_put_time(&j, "expected_completion_time", r->due_us);
    if (callback.len) json_put_str(&j, "status_callback_url", callback);
    json_put_str(&j, "subject_request_id", r->ext);
    json_put_str(&j, "request_status", str_c(privacy_state_name(r->state)));
    json_put_str(&j, "api_version", S("2.0"));
    if (r->state == PRIVACY_DONE && (str_eq(r->kind, S("access")) || str_eq(r->kind, S("portability")))) {
        char url[600];
        snprintf(url, sizeof url, "%.*s/api/privacy/requests/%" PRId64 "/document", (int)MIN(site.len, 500), site.s,
                 r->id);
        json_put_str(&j, "results_url", str_c(url));
    }
    json_close(&j, '}');
}

static bool broken(err *e, const char *what) {
    return fail(e, ERR_internal, "the key for signatures: %s", what);
}

static bool to_text(arena *a, BIO *bio, str *out, err *e) {
    char *text;
    long n = BIO_get_mem_data(bio, &text);
    if (n <= 0) return broken(e, "nothing was written");
    *out = str_dup(a, (str){text, (size_t)n});
    return true;
}

static bool key_new(arena *a, str *pem, err *e) {
    EVP_PKEY *key = EVP_RSA_gen(KEY_BITS);
    BIO *bio = BIO_new(BIO_s_mem());
    bool ok = key && bio && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
    ok = ok ? to_text(a, bio, pem, e) : broken(e, "it cannot be made");
    BIO_free(bio);
    EVP_PKEY_free(key);
    return ok;
}

typedef struct {
    arena *a;
    str pem, fresh;
} key_text;

// The first one that is stored stands.
static bool key_store(void *ctx, desk *d, err *e) {
    key_text *x = ctx;
    if (!settings_get(x->a, d->s, "opendsr_key", &x->pem, e)) return false;
    if (x->pem.len) return true;
    x->pem = x->fresh;
    return settings_put(d->s, "opendsr_key", x->fresh, e);
}

static bool key_look(void *ctx, desk *d, err *e) {
    key_text *x = ctx;
    return settings_get(x->a, d->s, "opendsr_key", &x->pem, e);
}

// Making one takes a moment, and not the writer's.
static bool key_get(arena *a, writer *w, EVP_PKEY **key, err *e) {
    key_text x = {.a = a};
    if (!writer_do(w, key_look, &x, e)) return false;
    if (!x.pem.len && (!key_new(a, &x.fresh, e) || !writer_do(w, key_store, &x, e))) return false;
    BIO *bio = BIO_new_mem_buf(x.pem.s, (int)x.pem.len);
    *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    return *key || broken(e, "what is stored is none");
}

static bool sign(arena *a, EVP_PKEY *key, str body, str *signature) {
    unsigned char raw[1024];
    size_t n = sizeof raw;
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    bool ok = c && EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, key) == 1 &&
              EVP_DigestSign(c, raw, &n, (const unsigned char *)body.s, body.len) == 1;
    EVP_MD_CTX_free(c);
    if (!ok) return false;
    char *text = make(a, char, n * 2);
    *signature = (str){text, (size_t)EVP_EncodeBlock((unsigned char *)text, raw, (int)n)};
    return true;
}

bool privacy_sign(arena *a, writer *w, str body, str *signature, err *e) {
    EVP_PKEY *key = NULL;
    if (!key_get(a, w, &key, e)) return false;
    bool ok = sign(a, key, body, signature) || broken(e, "it does not sign");
    EVP_PKEY_free(key);
    return ok;
}

static bool certify(arena *a, EVP_PKEY *key, str domain, str *pem, err *e) {
    X509 *x = X509_new();
    BIO *bio = BIO_new(BIO_s_mem());
    X509_NAME *name = x ? X509_get_subject_name(x) : NULL;
    char *host = str_z(a, domain);
    bool ok = x && bio && X509_set_version(x, 2) && ASN1_INTEGER_set(X509_get_serialNumber(x), 1) &&
              X509_gmtime_adj(X509_getm_notBefore(x), 0) && X509_gmtime_adj(X509_getm_notAfter(x), CERTIFICATE_S) &&
              X509_set_pubkey(x, key) &&
              X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)host, -1, -1, 0) &&
              X509_set_issuer_name(x, name) && X509_sign(x, key, EVP_sha256()) && PEM_write_bio_X509(bio, x);
    ok = ok ? to_text(a, bio, pem, e) : broken(e, "the certificate cannot be made");
    BIO_free(bio);
    X509_free(x);
    return ok;
}

bool privacy_certificate(arena *a, writer *w, str domain, str *pem, err *e) {
    EVP_PKEY *key = NULL;
    if (!key_get(a, w, &key, e)) return false;
    bool ok = certify(a, key, domain, pem, e);
    EVP_PKEY_free(key);
    return ok;
}
