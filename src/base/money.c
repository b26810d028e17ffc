#include "base/money.h"

static const currency currencies[] = {
#define CURRENCY(code, number, decimals, name) {number, #code, decimals},
#include "base/currencies.def"
};

enum {
#define CURRENCY(code, number, decimals, name) ROW_##code,
#include "base/currencies.def"
};

// The row after 1, so that 0 says there is none.
static const uint8_t row_of_number[1000] = {
#define CURRENCY(code, number, decimals, name) [number] = ROW_##code + 1,
#include "base/currencies.def"
};

// Signs people write. Several currencies share some; the first row with a plain sign is what it means when nothing else
// is known, and a sign in brackets of `only_known` means nothing unless the currency is known already.
static const struct {
    char sign[5];
    bool only_known;
    uint8_t row;
} signs[] = {
    {"€", false, ROW_EUR},   {"$", false, ROW_USD},   {"£", false, ROW_GBP},   {"¥", false, ROW_JPY},
    {"¥", false, ROW_JPY},   {"US$", false, ROW_USD}, {"CA$", false, ROW_CAD}, {"C$", false, ROW_CAD},
    {"AU$", false, ROW_AUD}, {"A$", false, ROW_AUD},  {"NZ$", false, ROW_NZD}, {"HK$", false, ROW_HKD},
    {"S$", false, ROW_SGD},  {"NT$", false, ROW_TWD}, {"MX$", false, ROW_MXN}, {"R$", false, ROW_BRL},
    {"₹", false, ROW_INR},   {"₩", false, ROW_KRW},   {"₽", false, ROW_RUB}, {"₺", false, ROW_TRY},
    {"₴", false, ROW_UAH},   {"₫", false, ROW_VND},   {"₪", false, ROW_ILS},   {"₦", false, ROW_NGN},
    {"฿", false, ROW_THB},   {"₱", false, ROW_PHP},   {"zł", false, ROW_PLN},  {"Kč", false, ROW_CZK},
    {"Ft", false, ROW_HUF},  {"$", true, ROW_CAD},    {"$", true, ROW_AUD},    {"$", true, ROW_NZD},
    {"$", true, ROW_HKD},    {"$", true, ROW_SGD},    {"$", true, ROW_TWD},    {"$", true, ROW_MXN},
    {"$", true, ROW_ARS},    {"$", true, ROW_CLP},    {"$", true, ROW_COP},    {"$", true, ROW_UYU},
    {"£", true, ROW_EGP},    {"£", true, ROW_GIP},    {"¥", true, ROW_CNY},    {"¥", true, ROW_CNY},
    {"kr", true, ROW_SEK},   {"kr", true, ROW_NOK},   {"kr", true, ROW_DKK},   {"kr", true, ROW_ISK},
};

static const currency *by_sign(str sign, const currency *known) {
    const currency *plain = NULL;
    for (size_t i = 0; i < COUNT(signs); i++) {
        if (!str_eq(sign, str_c(signs[i].sign))) continue;
        const currency *c = &currencies[signs[i].row];
        if (c == known) return c;
        if (!plain && !signs[i].only_known) plain = c;
    }
    return plain;
}

static const currency *by_code(str code) {
    char up[3];
    if (code.len != 3) return NULL;
    for (int i = 0; i < 3; i++) {
        up[i] = (char)(code.s[i] & ~32);
        if (up[i] < 'A' || up[i] > 'Z') return NULL;
    }
    size_t lo = 0, hi = COUNT(currencies);
    while (lo < hi) {
        const size_t mid = (lo + hi) / 2;
        const int order = memcmp(up, currencies[mid].code, 3);
        if (order == 0) return &currencies[mid];
        if (order < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

static const currency *currency_known(str code, const currency *known) {
    const currency *c = by_code(code);
    return c ? c : by_sign(code, known);
}

const currency *currency_of(str code) {
    return currency_known(str_trim(code), NULL);
}

const currency *currency_by_number(int number) {
    if (number < 0 || number >= (int)COUNT(row_of_number) || !row_of_number[number]) return NULL;
    return &currencies[row_of_number[number] - 1];
}

enum { LONGEST = 64 };

// The text with every kind of blank, minus and apostrophe made the plain one.
static str plain_text(str x, char *out) {
    static const struct {
        char from[4], to;
    } same[] = {
        {"\t", ' '},     {"\u00a0", ' '}, {"\u2007", ' '}, {"\u2009", ' '},
        {"\u202f", ' '}, {"\u2212", '-'}, {"\u2013", '-'}, {"\u2019", '\''},
    };
    size_t n = 0;
    for (size_t i = 0; i < x.len;) {
        size_t len = 1;
        char to = x.s[i];
        for (size_t k = 0; k < COUNT(same) && ((to & 0x80) || to == '\t'); k++) {
            const str from = str_c(same[k].from);
            if (!str_starts(str_sub(x, i, x.len), from)) continue;
            to = same[k].to;
            len = from.len;
        }
        out[n++] = to;
        i += len;
    }
    return (str){out, n};
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool in_name(char c) {
    return c == '$' || (c & 0x80) || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

typedef struct {
    str left;
    const currency *known, *found;
    bool signed_, minus;
} amount;

static bool take_sign(amount *m) {
    const str x = m->left;
    const char first = x.s[0], last = x.s[x.len - 1];
    if (m->signed_) return false;
    if (first == '(' && last == ')') {
        m->left = str_sub(x, 1, x.len - 2);
    } else if (first == '-' || first == '+') {
        m->left = str_sub(x, 1, x.len);
    } else if (last == '-') {
        const bool no_cents = x.len > 1 && (x.s[x.len - 2] == ',' || x.s[x.len - 2] == '.'); // "12,-"
        m->left = str_sub(x, 0, x.len - 1 - no_cents);
        if (no_cents) return true;
    } else {
        return false;
    }
    m->minus = first != '+';
    return m->signed_ = true;
}

static bool take_currency(amount *m) {
    const str x = m->left;
    size_t front = 0, back = 0;
    if (m->found) return false;
    while (front < x.len && in_name(x.s[front])) front++;
    while (back < x.len && in_name(x.s[x.len - 1 - back])) back++;
    if (!front == !back) return false; // none, both, or nothing but letters
    m->found = currency_known(front ? str_sub(x, 0, front) : str_sub(x, x.len - back, back), m->known);
    if (m->found) m->left = str_sub(x, front, x.len - front - back);
    return m->found != NULL;
}

// Digits in groups: one to three, then three each, or twos before the last three as in India.
static bool groups_ok(str whole, char mark) {
    size_t run = 0, groups = 0;
    for (size_t i = 0; i <= whole.len; i++) {
        if (i < whole.len && is_digit(whole.s[i])) {
            run++;
            continue;
        }
        if (i < whole.len && whole.s[i] != mark) return false;
        const bool last = i == whole.len;
        if (groups == 0 && last) return true; // no marks at all
        if (groups == 0 ? run < 1 || run > 3 : last ? run != 3 : run != 3 && !(run == 2 && mark == ',')) return false;
        groups++;
        run = 0;
    }
    return true;
}

static size_t count(str x, char c) {
    size_t n = 0;
    for (size_t i = 0; i < x.len; i++) n += x.s[i] == c;
    return n;
}

static ptrdiff_t last_of(str x, char c) {
    for (size_t i = x.len; i > 0; i--)
        if (x.s[i - 1] == c) return (ptrdiff_t)i - 1;
    return -1;
}

// Where the decimals begin: the index of their mark, or -1 when there are none.
static ptrdiff_t decimal_mark(str x, int decimals) {
    const ptrdiff_t point = last_of(x, '.'), comma = last_of(x, ',');
    const ptrdiff_t at = MAX(point, comma);
    if (at < 0 || (point >= 0 && comma >= 0)) return at;
    if (count(x, x.s[at]) > 1) return -1;
    const bool grouped = count(x, ' ') + count(x, '\'') > 0;
    const bool three = x.len - (size_t)at - 1 == 3;
    const bool thousands = three && !grouped && at >= 1 && at <= 3 && x.s[0] != '0' && decimals != 3;
    return thousands ? -1 : at;
}

static bool add_digit(uint64_t *v, char digit) {
    return !__builtin_mul_overflow(*v, 10, v) && !__builtin_add_overflow(*v, (uint64_t)(digit - '0'), v);
}

// Whole units and decimals to minor units, half to even.
static bool to_minor(str whole, str decimals, int exponent, uint64_t *v) {
    *v = 0;
    for (size_t i = 0; i < whole.len; i++)
        if (is_digit(whole.s[i]) && !add_digit(v, whole.s[i])) return false;
    const size_t kept = (size_t)exponent;
    for (size_t i = 0; i < kept; i++)
        if (!add_digit(v, i < decimals.len ? decimals.s[i] : '0')) return false;
    if (decimals.len <= kept) return true;
    bool beyond = false;
    for (size_t i = kept + 1; i < decimals.len; i++) beyond |= decimals.s[i] != '0';
    const char next = decimals.s[kept];
    const bool up = next > '5' || (next == '5' && (beyond || *v % 2 == 1));
    return !__builtin_add_overflow(*v, (uint64_t)up, v);
}

static bool number(str x, int exponent, uint64_t *v) {
    const ptrdiff_t mark = decimal_mark(x, exponent);
    const str whole = mark < 0 ? x : str_sub(x, 0, (size_t)mark);
    const str decimals = mark < 0 ? (str){0} : str_sub(x, (size_t)mark + 1, x.len);
    if (mark >= 0 && decimals.len == 0) return false;
    for (size_t i = 0; i < decimals.len; i++)
        if (!is_digit(decimals.s[i])) return false;
    if (whole.len == 0) return decimals.len > 0 && to_minor(whole, decimals, exponent, v);
    for (const char *group = ".,' "; *group; group++)
        if ((mark < 0 || *group != x.s[mark]) && groups_ok(whole, *group))
            return to_minor(whole, decimals, exponent, v);
    return false;
}

// "-1234.50" and nothing else, which is what nearly every cell holds; anything in doubt is left to the long way.
static bool simple(str x, int exponent, int64_t *minor) {
    const bool minus = x.len > 0 && x.s[0] == '-';
    size_t i = minus, decimals = 0;
    int64_t v = 0;
    if (x.len < i + 1 || x.len > 14 || !is_digit(x.s[x.len - 1])) return false;
    for (; i < x.len && is_digit(x.s[i]); i++) v = v * 10 + (x.s[i] - '0');
    if (i < x.len && (x.s[i] != '.' || i == minus)) return false;
    for (i++; i < x.len && is_digit(x.s[i]); i++, decimals++) v = v * 10 + (x.s[i] - '0');
    if (i < x.len || decimals > (size_t)exponent || (decimals == 3 && exponent != 3)) return false;
    for (; decimals < (size_t)exponent; decimals++) v *= 10;
    *minor = minus ? -v : v;
    return true;
}

bool money_parse(str x, const currency *c, int64_t *minor, const currency **found) {
    if (simple(x, c ? c->exponent : 2, minor)) return true;
    char plain[LONGEST];
    if (x.len > LONGEST) return false;
    amount m = {.left = plain_text(x, plain), .known = c};
    do {
        m.left = str_trim(m.left);
        if (m.left.len == 0) return false;
    } while (take_sign(&m) || take_currency(&m));
    const currency *in = m.found ? m.found : c;
    uint64_t v = 0;
    if (!number(m.left, in ? in->exponent : 2, &v)) return false;
    if (v > (uint64_t)INT64_MAX + m.minus) return false;
    *minor = m.minus ? (int64_t)(0 - v) : (int64_t)v;
    if (found && m.found) *found = m.found;
    return true;
}

void buf_money(buf *b, int64_t minor, const currency *c) {
    const int decimals = c ? c->exponent : 2;
    uint64_t v = minor < 0 ? 0 - (uint64_t)minor : (uint64_t)minor;
    char text[40];
    size_t at = sizeof text;
    for (int n = 0; v > 0 || n <= decimals; n++, v /= 10) {
        if (n == decimals && n > 0) text[--at] = '.';
        if (n > decimals && (n - decimals) % 3 == 0) text[--at] = ',';
        text[--at] = (char)('0' + v % 10);
    }
    if (minor < 0) text[--at] = '-';
    buf_bytes(b, text + at, sizeof text - at);
    if (c) buf_fmt(b, " %s", c->code);
}

str money_str(arena *a, int64_t minor, const currency *c) {
    buf b = buf_new(a, 64);
    buf_money(&b, minor, c);
    return buf_str(&b);
}
