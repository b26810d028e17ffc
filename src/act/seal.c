#include <sodium.h>

#include "act/seal.h"

enum { TAG = 16, RAW = TAG + SEAL_NOTE_MOST, VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

typedef struct {
    unsigned char mac[32], stream[crypto_stream_xchacha20_KEYBYTES];
} subkeys;

static void derive(const unsigned char key[SEAL_KEY], const char use[9], subkeys *out) {
    crypto_kdf_derive_from_key(out->mac, sizeof out->mac, 1, use, key);
    crypto_kdf_derive_from_key(out->stream, sizeof out->stream, 2, use, key);
}

static void hide(const subkeys *k, const unsigned char tag[TAG], unsigned char *note, size_t n) {
    unsigned char nonce[crypto_stream_xchacha20_NONCEBYTES] = {0};
    memcpy(nonce, tag, TAG);
    crypto_stream_xchacha20_xor(note, note, n, nonce, k->stream);
}

str seal_text(arena *a, const unsigned char key[SEAL_KEY], const char use[9], const unsigned char *note, size_t n) {
    const size_t room = sodium_base64_encoded_len(TAG + n, VARIANT);
    subkeys k;
    unsigned char raw[RAW];
    char *out = make(a, char, room);
    assert(n <= SEAL_NOTE_MOST);
    derive(key, use, &k);
    memcpy(raw + TAG, note, n);
    crypto_generichash(raw, TAG, note, n, k.mac, sizeof k.mac);
    hide(&k, raw, raw + TAG, n);
    sodium_bin2base64(out, room, raw, TAG + n, VARIANT);
    sodium_memzero(&k, sizeof k);
    return str_c(out);
}

// libsodium's decoder takes some bytes above 127 for letters.
static bool letters(str x) {
    for (size_t i = 0; i < x.len; i++) {
        char c = x.s[i];
        bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!ok) return false;
    }
    return x.len > 0;
}

bool seal_open(const unsigned char key[SEAL_KEY], const char use[9], str text, unsigned char *note, size_t n) {
    subkeys k;
    unsigned char raw[RAW], tag[TAG];
    size_t got = 0;
    assert(n <= SEAL_NOTE_MOST);
    if (text.len > 2 * RAW || !letters(text) ||
        sodium_base642bin(raw, sizeof raw, text.s, text.len, NULL, &got, NULL, VARIANT) != 0 || got != TAG + n)
        return false;
    derive(key, use, &k);
    hide(&k, raw, raw + TAG, n);
    crypto_generichash(tag, TAG, raw + TAG, n, k.mac, sizeof k.mac);
    sodium_memzero(&k, sizeof k);
    if (sodium_memcmp(tag, raw, TAG) != 0) return false;
    memcpy(note, raw + TAG, n);
    return true;
}
