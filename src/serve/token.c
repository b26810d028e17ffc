#include <sodium.h>

#include "serve/token.h"

enum { TOKEN_BYTES = 32, MAC = 32 };

str base64url(arena *a, str bytes) {
    size_t room = sodium_base64_ENCODED_LEN(bytes.len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *text = make(a, char, room);
    sodium_bin2base64(text, room, (const unsigned char *)bytes.s, bytes.len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return (str){text, room - 1};
}

bool base64_bytes(arena *a, str text, str *bytes) {
    static const int variants[] = {sodium_base64_VARIANT_ORIGINAL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING,
                                   sodium_base64_VARIANT_URLSAFE, sodium_base64_VARIANT_URLSAFE_NO_PADDING};
    unsigned char *out = make(a, unsigned char, text.len + 1);
    size_t n = 0;
    const char *end = NULL;
    for (size_t i = 0; text.len && i < COUNT(variants); i++) {
        if (sodium_base642bin(out, text.len, text.s, text.len, NULL, &n, &end, variants[i])) continue;
        if (end != text.s + text.len) continue;
        *bytes = (str){(char *)out, n};
        return true;
    }
    return false;
}

str hex_of(arena *a, str bytes) {
    char *text = make(a, char, bytes.len * 2 + 1);
    sodium_bin2hex(text, bytes.len * 2 + 1, (const unsigned char *)bytes.s, bytes.len);
    return (str){text, bytes.len * 2};
}

str token_new(arena *a, const world *w, const char *prefix) {
    char secret[TOKEN_BYTES];
    w->random(w, secret, sizeof secret);
    str token = str_cat(a, str_c(prefix), base64url(a, (str){secret, sizeof secret}));
    sodium_memzero(secret, sizeof secret);
    return token;
}

str token_hash(arena *a, str token) {
    unsigned char *hash = make(a, unsigned char, TOKEN_HASH);
    crypto_generichash(hash, TOKEN_HASH, (const unsigned char *)token.s, token.len, NULL, 0);
    return (str){(char *)hash, TOKEN_HASH};
}

bool secret_same(str x, str y) {
    return x.len == y.len && (!x.len || !sodium_memcmp(x.s, y.s, x.len));
}

// ---- sealed notes: "UNTIL TEXT" in base64url, a point, its MAC ----

static str mac_of(arena *a, const unsigned char key[SEAL_KEY], const char *purpose, str body) {
    unsigned char *mac = make(a, unsigned char, MAC);
    str all = str_fmt(a, "%s\n%.*s", purpose, STR_ARG(body));
    crypto_generichash(mac, MAC, (const unsigned char *)all.s, all.len, key, SEAL_KEY);
    return base64url(a, (str){(char *)mac, MAC});
}

str seal(arena *a, const unsigned char key[SEAL_KEY], const char *purpose, str text, int64_t until_us) {
    str body = base64url(a, str_cat(a, str_fmt(a, "%" PRId64 " ", until_us), text));
    return str_fmt(a, "%.*s.%.*s", STR_ARG(body), STR_ARG(mac_of(a, key, purpose, body)));
}

bool unseal(arena *a, const unsigned char key[SEAL_KEY], const char *purpose, str sealed, int64_t now_us, str *text) {
    str mac = sealed, body = str_cut(&mac, '.'), plain;
    int64_t until = 0;
    if (!mac.s || !secret_same(mac, mac_of(a, key, purpose, body)) || !base64_bytes(a, body, &plain)) return false;
    if (!str_i64(str_cut(&plain, ' '), &until) || until <= now_us) return false;
    *text = plain;
    return true;
}
