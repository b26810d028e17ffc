// Codes of vouchers: Crockford's base 32 (2002), with his check character: the number modulo 37, which finds every
// single wrong letter and every two that changed places.
#include "act/voucher.h"

enum { DIGITS = VOUCHER_CODE - 1, CHECKS = 37, GROUP = 4 };
static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static int check_of(const uint8_t *digits) {
    int rest = 0;
    for (int i = 0; i < DIGITS; i++) rest = (rest * 32 + digits[i]) % CHECKS;
    return rest;
}

// Five of the 37 check characters are signs that nobody likes to read out; codes that end in one are drawn again.
str voucher_code_made(arena *a, const world *w) {
    char *code = make(a, char, VOUCHER_CODE + 1);
    uint8_t digits[DIGITS];
    int check = CHECKS;
    while (check >= 32) {
        w->random(w, digits, sizeof digits);
        for (int i = 0; i < DIGITS; i++) digits[i] &= 31;
        check = check_of(digits);
    }
    for (int i = 0; i < DIGITS; i++) code[i] = letters[digits[i]];
    code[DIGITS] = letters[check];
    return (str){code, VOUCHER_CODE};
}

static int digit_of(char c) {
    if (c >= 'a' && c <= 'z') c = (char)(c - 32);
    if (c == 'O') return 0;
    if (c == 'I' || c == 'L') return 1;
    const char *at = c ? strchr(letters, c) : NULL;
    return at ? (int)(at - letters) : -1;
}

bool voucher_code_read(str typed, char code[VOUCHER_CODE], const char **why) {
    uint8_t digits[VOUCHER_CODE] = {0};
    size_t n = 0;
    for (size_t i = 0; i < typed.len; i++) {
        char c = typed.s[i];
        if (c == '-' || c == ' ' || c == '\t') continue;
        int d = digit_of(c);
        if (d < 0) return *why = "a letter in it stands in no code", false;
        if (n == VOUCHER_CODE) return *why = "it is longer than a code", false;
        digits[n++] = (uint8_t)d;
    }
    if (n < VOUCHER_CODE) return *why = "it is shorter than a code", false;
    if (check_of(digits) != digits[DIGITS])
        return *why = "it is mistyped: its last letter does not fit the others", false;
    for (size_t i = 0; i < VOUCHER_CODE; i++) code[i] = letters[digits[i]];
    *why = "";
    return true;
}

str voucher_code_shown(arena *a, str code) {
    buf b = buf_new(a, 64);
    for (size_t i = 0; i < code.len && i < VOUCHER_CODE; i++) {
        if (i && i % GROUP == 0) buf_addc(&b, '-');
        buf_addc(&b, code.s[i]);
    }
    return buf_str(&b);
}
