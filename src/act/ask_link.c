// Links that stand in mails, and the notes by which a widget says which question is answered.
#include <sodium.h>

#include "act/ask.h"

#include "base/civil.h"
#include "know/settings.h"

// TAG NOTE in base64url: as the links of preferences are made (act/preference.c), with keys of their own. NOTE is
// version, question, profile, asked and minute.
enum { TAG = 16, NUMBERS = 4, NOTE = 1 + 8 * NUMBERS, TOKEN_BYTES = TAG + NOTE, VERSION = 1, TOKEN_MOST = 80 };

typedef struct {
    unsigned char mac[32], stream[crypto_stream_xchacha20_KEYBYTES];
} subkeys;

static void derive(const unsigned char key[PREFERENCE_KEY], subkeys *out) {
    crypto_kdf_derive_from_key(out->mac, sizeof out->mac, 1, "heedasks", key);
    crypto_kdf_derive_from_key(out->stream, sizeof out->stream, 2, "heedasks", key);
}

static void hide(const subkeys *k, const unsigned char tag[TAG], unsigned char note[NOTE]) {
    unsigned char nonce[crypto_stream_xchacha20_NONCEBYTES] = {0};
    memcpy(nonce, tag, TAG);
    crypto_stream_xchacha20_xor(note, note, NOTE, nonce, k->stream);
}

str ask_token(arena *a, const unsigned char key[PREFERENCE_KEY], const ask_link *x) {
    enum { ROOM = sodium_base64_ENCODED_LEN(TOKEN_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING) };
    const int64_t numbers[NUMBERS] = {x->question, x->profile, x->asked, x->minute};
    subkeys k;
    unsigned char raw[TOKEN_BYTES], *note = raw + TAG;
    char *out = make(a, char, ROOM);
    derive(key, &k);
    note[0] = VERSION;
    for (int n = 0; n < NUMBERS; n++)
        for (int i = 0; i < 8; i++) note[1 + 8 * n + i] = (unsigned char)((uint64_t)numbers[n] >> (8 * i));
    crypto_generichash(raw, TAG, note, NOTE, k.mac, sizeof k.mac);
    hide(&k, raw, note);
    sodium_bin2base64(out, ROOM, raw, sizeof raw, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
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

static bool sensible(const ask_link *x) {
    bool widget = x->asked > 0 && !x->profile && !x->minute, mail = !x->asked && x->profile > 0 && x->minute > 0;
    bool preview = !x->asked && !x->profile && !x->minute;
    return x->question > 0 && (widget || mail || preview);
}

bool ask_open(const unsigned char key[PREFERENCE_KEY], str token, ask_link *out) {
    subkeys k;
    unsigned char raw[TOKEN_BYTES], *note = raw + TAG, tag[TAG];
    size_t n = 0;
    uint64_t v[NUMBERS] = {0};
    if (token.len > TOKEN_MOST || !letters(token) ||
        sodium_base642bin(raw, sizeof raw, token.s, token.len, NULL, &n, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        n != TOKEN_BYTES)
        return false;
    derive(key, &k);
    hide(&k, raw, note);
    crypto_generichash(tag, TAG, note, NOTE, k.mac, sizeof k.mac);
    sodium_memzero(&k, sizeof k);
    if (sodium_memcmp(tag, raw, TAG) != 0 || note[0] != VERSION) return false;
    for (int i = 0; i < NUMBERS; i++)
        for (int b = 7; b >= 0; b--) v[i] = v[i] << 8 | note[1 + 8 * i + b];
    *out = (ask_link){(int64_t)v[0], (int64_t)v[1], (int64_t)v[2], (int64_t)v[3]};
    return sensible(out);
}

bool ask_url(arena *a, store *s, int64_t profile, int64_t now_us, str *url, err *e) {
    unsigned char key[PREFERENCE_KEY];
    str origin;
    ask_link x = {.profile = profile, .minute = floor_div(now_us, 60 * SECOND_US)};
    *url = S("");
    if (!store_int(s, Q_question_of_mail, &x.question, 0, e, "") || !settings_get(a, s, "origin", &origin, e))
        return false;
    if (!x.question || !origin.len || profile <= 0) return true;
    if (!preference_key(s, key, e)) return false;
    *url = str_fmt(a, "%.*s/s/%.*s", STR_ARG(origin), STR_ARG(ask_token(a, key, &x)));
    sodium_memzero(key, sizeof key);
    return true;
}
