#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "serve/totp.h"

#include "base/json.h"
#include "serve/message.h"
#include "serve/token.h"

enum { RECOVERY_BYTES = 10 };

str totp_secret(arena *a, const world *w) {
    char *bytes = make(a, char, TOTP_SECRET);
    w->random(w, bytes, TOTP_SECRET);
    return (str){bytes, TOTP_SECRET};
}

str base32(arena *a, str bytes) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    buf b = buf_new(a, bytes.len * 2 + 8);
    uint64_t have = 0;
    int bits = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        have = have << 8 | (unsigned char)bytes.s[i];
        for (bits += 8; bits >= 5; bits -= 5) buf_addc(&b, letters[have >> (bits - 5) & 31]);
        have &= (UINT64_C(1) << bits) - 1;
    }
    if (bits) buf_addc(&b, letters[have << (5 - bits) & 31]);
    return buf_str(&b);
}

// The key URI format of authenticator apps.
str totp_address(arena *a, str secret, str email, str issuer) {
    buf b = buf_new(a, 4096);
    buf_add(&b, S("otpauth://totp/"));
    url_encode(&b, issuer);
    buf_add(&b, S(":"));
    url_encode(&b, email);
    buf_fmt(&b, "?secret=%.*s&issuer=", STR_ARG(base32(a, secret)));
    url_encode(&b, issuer);
    buf_fmt(&b, "&algorithm=SHA1&digits=%d&period=%d", TOTP_DIGITS, TOTP_STEP_S);
    return buf_str(&b);
}

// RFC 4226, 5.3: HMAC-SHA-1 of the counter; four bytes from where its last four bits say, without the sign.
uint32_t totp_code(str secret, int64_t step, int digits) {
    unsigned char counter[8], mac[EVP_MAX_MD_SIZE];
    unsigned int n = 0;
    for (int i = 7; i >= 0; i--, step >>= 8) counter[i] = (unsigned char)(step & 255);
    if (!HMAC(EVP_sha1(), secret.s, (int)secret.len, counter, sizeof counter, mac, &n)) abort();
    const unsigned char *at = mac + (mac[19] & 15);
    uint32_t code = (at[0] & 127u) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3], most = 1;
    for (int i = 0; i < digits; i++) most *= 10;
    return code % most;
}

static str digits_of(char room[64], str code) {
    buf b = {.s = room, .cap = 64, .max = 64};
    for (size_t i = 0; i < code.len && i < 32; i++)
        if (code.s[i] != ' ' && code.s[i] != '-') buf_addc(&b, code.s[i]);
    return buf_str(&b);
}

int64_t totp_check(str secret, str code, int64_t now_us, int64_t used_step) {
    char digits[64], wanted[16];
    str given = digits_of(digits, code);
    int64_t now = now_us / 1000000 / TOTP_STEP_S, right = 0;
    if (!secret.len) return 0;
    for (int64_t step = now - 1; step <= now + 1; step++) {
        snprintf(wanted, sizeof wanted, "%06" PRIu32, totp_code(secret, step, TOTP_DIGITS));
        bool same = secret_same(given, str_c(wanted));
        if (same && step > used_step) right = step;
    }
    return right;
}

// ---- recovery codes ----

static str plain_code(arena *a, str code) {
    return str_lower(a, digits_of(make(a, char, 64), code));
}

static str hash_text(arena *a, str code) {
    return hex_of(a, token_hash(a, plain_code(a, code)));
}

void recovery_new(arena *a, const world *w, str codes[RECOVERY_CODES], str *stored) {
    buf b = buf_new(a, 4096);
    json_out j = json_to(&b);
    json_open(&j, NULL, '[');
    for (int i = 0; i < RECOVERY_CODES; i++) {
        char bytes[RECOVERY_BYTES];
        w->random(w, bytes, sizeof bytes);
        arena scratch = arena_open(1 << 16);
        str all = str_lower(&scratch, base32(&scratch, (str){bytes, sizeof bytes}));
        char *code = make(a, char, 19);
        for (size_t k = 0, at = 0; k < 16; k++) {
            if (k && k % 4 == 0) code[at++] = '-';
            code[at++] = all.s[k];
        }
        codes[i] = (str){code, 19};
        json_put_str(&j, NULL, hash_text(&scratch, codes[i]));
        arena_close(&scratch);
    }
    json_close(&j, ']');
    *stored = buf_str(&b);
}

bool recovery_use(arena *a, str stored, str code, str *left) {
    json_t *all = NULL;
    err e = {0};
    if (!stored.len || !json_read(stored, &all, &e)) return false;
    str hash = hash_text(a, code);
    bool found = false;
    buf b = buf_new(a, 4096);
    json_out j = json_to(&b);
    json_open(&j, NULL, '[');
    for (size_t i = 0; i < json_array_size(all); i++) {
        str one = json_text(json_array_get(all, i));
        bool same = secret_same(one, hash);
        found |= same;
        if (!same) json_put_str(&j, NULL, one);
    }
    json_close(&j, ']');
    json_decref(all);
    *left = buf_str(&b);
    return found;
}

int recovery_left(str stored) {
    json_t *all = NULL;
    err e = {0};
    if (!stored.len || !json_read(stored, &all, &e)) return 0;
    int n = (int)json_array_size(all);
    json_decref(all);
    return n;
}
