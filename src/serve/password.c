#include <sodium.h>

#include "serve/password.h"

#include "base/unicode.h"

enum { SHORTEST = 10, LONGEST = 1024, OPS = 2, MEMORY = 19456 * 1024 };

// What is found first by those who guess, of ten characters and more, folded.
static const char *const COMMON[] = {
    "1234567890",  "12345678910",  "123456789a",    "1234567891",    "0123456789",
    "0987654321",  "9876543210",   "1q2w3e4r5t",    "1qaz2wsx3edc",  "qwertyuiop",
    "qwerty12345", "qwerty123456", "qwertzuiop",    "asdfghjkl1",    "password12",
    "password123", "password1234", "passw0rd123",   "passwort123",   "welcome123",
    "letmein123",  "iloveyou123",  "administrator", "changeme123",   "abcdefghij",
    "abcd123456",  "abc1234567",   "a123456789",    "football123",   "superman123",
    "princess123", "sunshine123",  "monkey12345",   "dragon12345",   "contrasena",
    "motdepasse",  "qwe1234567",   "zaq12wsxcde3",  "letmeinplease", "correcthorsebatterystaple",
};

static int characters(str x) {
    int n = 0;
    for (size_t i = 0; i < x.len; i++) n += ((unsigned char)x.s[i] & 0xC0) != 0x80;
    return n;
}

static int different(str x) {
    bool seen[256] = {false};
    int n = 0;
    for (size_t i = 0; i < x.len; i++) {
        n += !seen[(unsigned char)x.s[i]];
        seen[(unsigned char)x.s[i]] = true;
    }
    return n;
}

enum password_flaw password_flaw(arena scratch, str password, str email) {
    if (!str_utf8_ok(password)) return PASSWORD_BYTES;
    if (characters(password) < SHORTEST) return PASSWORD_SHORT;
    if (password.len > LONGEST) return PASSWORD_LONG;
    if (different(password) < 5) return PASSWORD_REPEATS;
    str folded = text_fold(&scratch, password), rest = email, name = text_fold(&scratch, str_cut(&rest, '@'));
    if (name.len > 3 && str_has(folded, name)) return PASSWORD_EMAIL;
    for (size_t i = 0; i < COUNT(COMMON); i++)
        if (str_eq(folded, str_c(COMMON[i]))) return PASSWORD_COMMON;
    return PASSWORD_GOOD;
}

enum word password_words(enum password_flaw f) {
    switch (f) {
    case PASSWORD_SHORT: return WORD_server_password_short;
    case PASSWORD_LONG: return WORD_server_password_long;
    case PASSWORD_REPEATS: return WORD_server_password_repeats;
    case PASSWORD_EMAIL: return WORD_server_password_email;
    case PASSWORD_COMMON: return WORD_server_password_common;
    case PASSWORD_GOOD:
    case PASSWORD_BYTES: break;
    }
    return WORD_server_password_bytes;
}

static bool enter(throttle *t, err *e) {
    return throttle_enter(t, WORK_PASSWORD) ||
           fail(e, ERR_too_many, "too many people sign in at this moment; try again in a few seconds");
}

bool password_hash(throttle *t, arena *a, str password, str *out, err *e) {
    char text[crypto_pwhash_STRBYTES];
    if (!enter(t, e)) return false;
    int failed = crypto_pwhash_str(text, password.s, password.len, OPS, MEMORY);
    throttle_leave(t, WORK_PASSWORD);
    if (failed) return fail(e, ERR_unavailable, "there is not enough memory to keep a password");
    *out = str_dup(a, str_c(text));
    return true;
}

bool password_check(throttle *t, arena scratch, str stored, str password, bool *same, err *e) {
    // Of random bytes that were thrown away.
    static const char nobody[] =
        "$argon2id$v=19$m=19456,t=2,p=1$IscjYlrPuo5XGyG68fzarw$+ynz6ACg/b5l+6Y0XjHrpTywmjde+uW2kxHwfpFsnTw";
    const char *hash = stored.len ? str_z(&scratch, stored) : nobody;
    *same = false;
    if (password.len > LONGEST) return true;
    if (!enter(t, e)) return false;
    *same = !crypto_pwhash_str_verify(hash, password.len ? password.s : "", password.len) && stored.len;
    throttle_leave(t, WORK_PASSWORD);
    return true;
}
