#include "link/standard.h"

#include "base/unicode.h"

enum where { W_title, W_suffix, W_way, W_unit, W_side, W_aside, W_company, W_null, W_nobody, W_sex };

// Lists are short and most words differ from all of them in their length and first letter, so they are walked.
static const struct word {
    enum where where;
    uint8_t len;
    const char *written, *is;
} words[] = {
#define WORD(where, written, is) {W_##where, sizeof written - 1, written, is},
#include "link/standard_words.def"
};

// What the list says of a word: NULL when it is not in it. Most words differ from all of a list in their length and
// first letter.
static const char *look(const standard *s, enum where where, str w) {
    if (!w.len || w.len > 31 || !(s->known[where][(uint8_t)w.s[0] & 63] >> w.len & 1)) return NULL;
    for (size_t i = 0; i < COUNT(words); i++)
        if (words[i].where == where && words[i].len == w.len && !memcmp(words[i].written, w.s, w.len))
            return words[i].is;
    return NULL;
}

standard standard_open(void) {
    standard s = {.scratch = arena_open((size_t)64 << 20), .odd = intern_open(), .plain = intern_open()};
    s.out = make(&s.scratch, char, STANDARD_MOST + 64);
    for (size_t i = 0; i < COUNT(words); i++)
        s.known[words[i].where][(uint8_t)words[i].written[0] & 63] |= 1u << words[i].len;
    return s;
}

void standard_close(standard *s) {
    arena_close(&s->scratch);
    intern_close(&s->odd);
    intern_close(&s->plain);
    free(s->became);
    *s = (standard){0};
}

// The text in ASCII and lower case; in to where it is ASCII already.
static str folded(standard *s, str x, char *to) {
    x = str_trim(x);
    if (x.len > STANDARD_MOST) x.len = STANDARD_MOST;
    if (str_ascii(x) == x.len) {
        for (size_t i = 0; i < x.len; i++) {
            const char c = x.s[i];
            to[i] = (char)(c >= 'A' && c <= 'Z' ? c | 32 : c >= ' ' ? c : ' ');
        }
        return (str){to, x.len};
    }
    const uint32_t n = s->odd.n, i = intern_put(&s->odd, x);
    ROOM_FOR(s->became, &s->cap_became, (size_t)s->odd.n);
    if (i == n) {
        arena scratch = s->scratch;
        s->became[i] = intern_put(&s->plain, text_ascii(&scratch, x));
    }
    const str plain = intern_text(&s->plain, s->became[i]);
    const size_t len = MIN(plain.len, STANDARD_MOST);
    if (len) memcpy(to, plain.s, len);
    return (str){to, len};
}

static bool is_letter(char c) {
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool standard_null(str x) {
    char low[16];
    x = str_trim(x);
    if (x.len >= sizeof low) return false;
    for (size_t i = 0; i < x.len; i++) low[i] = (char)(x.s[i] >= 'A' && x.s[i] <= 'Z' ? x.s[i] | 32 : x.s[i]);
    for (size_t i = 0; i < COUNT(words) && x.len; i++)
        if (words[i].where == W_null && words[i].len == x.len && !memcmp(words[i].written, low, x.len)) return true;
    return !x.len;
}

// The next word of letters and digits; apostrophes and points inside of it are dropped. Writes it at to. A point ends a
// word of more than one letter: "st.james" are two, "u.s.a" is one.
static str next_word(str *rest, char *to) {
    size_t i = 0, n = 0;
    while (i < rest->len && !is_letter(rest->s[i]) && !is_digit(rest->s[i])) i++;
    for (; i < rest->len; i++) {
        const char c = rest->s[i];
        if (is_letter(c) || is_digit(c))
            to[n++] = c;
        else if (c != '\'' && c != '`' && !(c == '.' && n == 1))
            break;
    }
    *rest = str_sub(*rest, i, rest->len);
    return (str){to, n};
}

// Words joined by blanks, without those of two lists.
static str words_of(const standard *s, str x, char *out, enum where a, enum where b) {
    size_t n = 0;
    for (str rest = x;;) {
        const str w = next_word(&rest, out + n + (n > 0));
        if (!w.len) break;
        const char *la = look(s, a, w), *lb = look(s, b, w);
        if ((la && !*la) || (lb && !*lb)) continue;
        if (n) out[n++] = ' ';
        n += w.len;
    }
    return (str){out, n};
}

static str name_of(const standard *s, str x, char *out) {
    const str all = words_of(s, x, out, W_title, W_suffix);
    return look(s, W_nobody, all) ? (str){0} : all;
}

// "Thomas Clifford, 1st Baron" has the family name before the comma; "Clifford, Thomas" has it there as the only word.
static str part_of(const standard *s, str x, enum link_part part, char *out) {
    const ptrdiff_t comma = str_find(x, ',');
    const str left = comma > 0 ? str_trim(str_sub(x, 0, (size_t)comma)) : x;
    const bool turned = comma > 0 && str_find(left, ' ') < 0;
    const str first = turned ? str_sub(x, (size_t)comma + 1, x.len) : left, last = left;
    const str all = name_of(s, part == LINK_FIRST ? first : last, out);
    ptrdiff_t at = -1;
    for (size_t i = 0; i < all.len; i++)
        if (all.s[i] == ' ' && (part == LINK_LAST || at < 0)) at = (ptrdiff_t)i;
    if (part == LINK_FIRST) return at < 0 ? all : str_sub(all, 0, (size_t)at);
    return at < 0 ? (comma > 0 ? all : (str){0}) : str_sub(all, (size_t)at + 1, all.len);
}

static bool plausible(int y, int m, int d) {
    return y >= 1000 && y <= 2100 && m >= 1 && m <= 12 && d >= 1 && d <= 31;
}

bool standard_date(str x, bool month_first, int *ymd) {
    int part[3] = {0}, digits[3] = {0}, n = 0;
    x = str_trim(x);
    for (size_t i = 0; i < x.len && n < 3; i++) {
        const char c = x.s[i];
        if (is_digit(c)) {
            if (digits[n] < 8) part[n] = part[n] * 10 + (c - '0'), digits[n]++;
        } else if (digits[n]) {
            if (c != '-' && c != '/' && c != '.' && c != ' ' && c != 'T') return false;
            n++;
        } else {
            return false;
        }
    }
    n += n < 3 && digits[n];
    int y = part[0], m = part[1], d = part[2];
    if (n == 1 && digits[0] == 8)
        y = part[0] / 10000, m = part[0] / 100 % 100, d = part[0] % 100;
    else if (n < 3 || digits[0] > 4 || digits[1] > 2)
        return false;
    else if (digits[0] < 3) {
        y = part[2], d = part[month_first], m = part[!month_first];
        if (digits[2] <= 2) y += y > 30 ? 1900 : 2000;
        if (m > 12) {
            const int t = m;
            m = d, d = t;
        }
    }
    *ymd = y * 10000 + m * 100 + d;
    return plausible(y, m, d);
}

static str birth_of(const standard *s, str x, char *out) {
    int ymd;
    if (!standard_date(x, s->month_first, &ymd)) return (str){0};
    for (int i = 7; i >= 0; i--, ymd /= 10) out[i] = (char)('0' + ymd % 10);
    return (str){out, 8};
}

typedef struct {
    char at[16][64];
    str w[16];
    int n;
} wordlist;

static void list(str x, wordlist *l) {
    l->n = 0;
    for (str rest = x; l->n < 16;) {
        char to[STANDARD_MOST];
        while (rest.len && !is_letter(rest.s[0]) && !is_digit(rest.s[0]) && rest.s[0] != '#') rest.s++, rest.len--;
        if (rest.len && rest.s[0] == '#') {
            rest.s++, rest.len--;
            memcpy(l->at[l->n], "unit", 4);
            l->w[l->n] = (str){l->at[l->n], 4}, l->n++;
            continue;
        }
        const str w = next_word(&rest, to);
        if (!w.len) return;
        const size_t len = MIN(w.len, sizeof l->at[0]);
        memcpy(l->at[l->n], w.s, len);
        l->w[l->n] = (str){l->at[l->n], len}, l->n++;
    }
}

typedef struct {
    char *out;
    size_t n;
} sink;

static void add(sink *k, str x) {
    if (x.len) memcpy(k->out + k->n, x.s, x.len);
    k->n += x.len;
}

// What is said of where a house stands ("between 5th and 6th ave.", "near the park") begins after its number and
// street.
static int without_aside(const standard *s, const wordlist *l, bool house) {
    for (int i = house ? 1 : 2; i < l->n; i++)
        if (look(s, W_aside, l->w[i])) return i;
    return l->n;
}

// Number, street, type and unit: of "12980 Fox Rd, Apt 4" and of "Hauptstrasse 12".
static str address_of(const standard *s, str x, str house, char *out) {
    wordlist l, h = {.n = 0};
    list(x, &l);
    if (house.len) list(house, &h);
    l.n = without_aside(s, &l, h.n > 0);
    str number = h.n ? h.w[0] : (str){0}, unit = {0}, type = {0};
    bool used[16] = {0};
    for (int i = 0; i < l.n; i++) // the unit: what follows "apt"
        if (i + 1 < l.n && i > 0 && look(s, W_unit, l.w[i]) && !unit.len)
            unit = l.w[i + 1], used[i] = used[i + 1] = true;
    for (int i = 0; i < l.n && !number.len; i++)
        if (!used[i] && is_digit(l.w[i].s[0]) && (i == 0 || is_digit(l.w[i].s[l.w[i].len - 1])))
            number = l.w[i], used[i] = true;
    for (int i = l.n - 1; i > 0 && !type.len; i--) {
        const char *is = used[i] ? NULL : look(s, W_way, l.w[i]);
        if (is) type = str_c(is), used[i] = true;
    }
    sink k = {out, 0};
    add(&k, number);
    out[k.n++] = STANDARD_SEP;
    const size_t street = k.n;
    for (int i = 0; i < l.n; i++) {
        if (used[i]) continue;
        const char *is = look(s, W_side, l.w[i]);
        if (k.n > street) out[k.n++] = ' ';
        add(&k, is ? str_c(is) : l.w[i]);
    }
    if (k.n == street && !number.len) return (str){0};
    out[k.n++] = STANDARD_SEP;
    add(&k, type);
    out[k.n++] = STANDARD_SEP;
    add(&k, unit);
    return (str){out, k.n};
}

static str squeezed(str x, char *out) { // letters and digits alone
    size_t n = 0;
    for (size_t i = 0; i < x.len; i++)
        if (is_letter(x.s[i]) || is_digit(x.s[i])) out[n++] = x.s[i];
    return (str){out, n};
}

static str postcode_of(str x, char *out) { // without the four digits that follow a hyphen in the United States
    const ptrdiff_t hyphen = str_find(x, '-');
    if (hyphen == 5 && x.len == 10) x.len = 5;
    return squeezed(x, out);
}

str standard_email(const standard *s, str x, char *out) {
    x = str_trim(x);
    ptrdiff_t at = -1;
    for (size_t i = 0; i < x.len; i++)
        if (x.s[i] == '@') at = (ptrdiff_t)i;
    if (at < 1 || (size_t)at + 3 > x.len || x.len > 254 || str_find(x, ' ') >= 0) return (str){0};
    str user = str_sub(x, 0, (size_t)at), host = str_sub(x, (size_t)at + 1, x.len);
    const ptrdiff_t plus = str_find(user, '+');
    if (plus > 0) user.len = (size_t)plus;
    if (look(s, W_nobody, user)) return (str){0};
    const bool dots = !str_eq(host, S("gmail.com")) && !str_eq(host, S("googlemail.com"));
    size_t n = 0;
    for (size_t i = 0; i < user.len; i++)
        if (dots || user.s[i] != '.') out[n++] = user.s[i];
    out[n++] = '@';
    if (host.len) memcpy(out + n, host.s, host.len);
    return (str){out, n + host.len};
}

static bool dull(str d) { // 0000000, 1234567890
    size_t same = 0, up = 0;
    for (size_t i = 1; i < d.len; i++) same += d.s[i] == d.s[0], up += d.s[i] == (d.s[i - 1] - '0' + 1) % 10 + '0';
    return same + 1 >= d.len || up + 1 >= d.len;
}

// Without the digits of the country and the zero that stands before an area, so that one number is written in one way
// whatever stands before it.
static str phone_of(const standard *s, str x, char *out) {
    size_t n = 0;
    const bool abroad = x.len && x.s[0] == '+';
    for (size_t i = 0; i < x.len && n < 20; i++) {
        if (is_digit(x.s[i]))
            out[n++] = x.s[i];
        else if (is_letter(x.s[i]) && n >= 7)
            break; // an extension
    }
    str d = {out, n};
    const size_t cc = strlen(s->country);
    if (!abroad && d.len > 8 && !memcmp(d.s, "00", 2))
        d = str_sub(d, 2, d.len);
    else if (!abroad && d.len > 6 && d.s[0] == '0')
        d = str_sub(d, 1, d.len);
    else if (!abroad && d.len == 11 && d.s[0] == '1')
        d = str_sub(d, 1, d.len);
    if (abroad && cc && d.len > cc + 6 && !memcmp(d.s, s->country, cc)) d = str_sub(d, cc, d.len);
    return d.len < 6 || dull(d) ? (str){0} : d;
}

static str sex_of(const standard *s, str x, char *out) {
    const str w = squeezed(x, out);
    const char *is = look(s, W_sex, w);
    return is ? str_c(is) : (str){0};
}

// Words of a text. A hyphen or a slash between a letter and a digit joins, as in the numbers of models.
static str text_of(const standard *s, str x, char *out, bool company) {
    size_t n = 0, from = 0;
    for (size_t i = 0; i <= x.len; i++) {
        const char c = i < x.len ? x.s[i] : ' ', next = i + 1 < x.len ? x.s[i + 1] : ' ';
        if (is_letter(c) || is_digit(c)) {
            out[n++] = c;
            continue;
        }
        const char before = n > from ? out[n - 1] : ' ';
        if (c == '\'' || (c == '.' && is_digit(before) && is_digit(next))) {
            if (c == '.') out[n++] = c;
            continue;
        }
        if (c == '-' && ((is_digit(before) && is_letter(next)) || (is_letter(before) && is_digit(next)))) continue;
        if (n == from) continue;
        const char *is = company ? look(s, W_company, (str){out + from, n - from}) : NULL;
        n = is ? from : n;
        if (!is) out[n++] = ' ';
        from = n;
    }
    return (str){out, n ? n - 1 : 0};
}

bool standard_amount(str x, double *v) {
    char d[32];
    size_t n = 0;
    for (size_t i = 0; i < x.len; i++) {
        const char c = x.s[i];
        if (is_digit(c) || c == '.' || (c == '-' && !n)) {
            if (n + 1 < sizeof d) d[n++] = c;
        } else if (c != ',' && c != ' ' && c != '$' && (is_letter(c) && n)) {
            return false;
        }
    }
    return n && str_f64((str){d, n}, v);
}

static str amount_of(str x, char *out) {
    double v;
    if (!standard_amount(x, &v) || v == 0) return (str){0}; // nothing costs nothing: it says that nobody knows
    return (str){out, (size_t)snprintf(out, 40, "%.6g", v)};
}

static str year_of(str x, char *out) {
    for (size_t i = 0; i + 4 <= x.len; i++) {
        bool four = (i == 0 || !is_digit(x.s[i - 1])) && (i + 4 == x.len || !is_digit(x.s[i + 4]));
        for (size_t k = 0; k < 4; k++) four &= is_digit(x.s[i + k]);
        if (!four || (x.s[i] != '1' && x.s[i] != '2')) continue;
        memcpy(out, x.s + i, 4);
        return (str){out, 4};
    }
    return (str){0};
}

str standard_form(standard *s, enum link_kind kind, enum link_part part, str cell, str house) {
    char to[STANDARD_MOST], other[STANDARD_MOST];
    if (!cell.len && !house.len) return (str){0};
    const str x = folded(s, cell, to), h = house.len ? folded(s, house, other) : (str){0};
    if ((x.len < 2 || look(s, W_null, x)) && standard_null(x) && !h.len) return (str){0};
    switch (kind) {
    case LINK_ignore:
    case LINK_id:
    case LINK_house:
    case LINK_KINDS: return (str){0};
    case LINK_given:
    case LINK_family: return part == LINK_WHOLE ? name_of(s, x, s->out) : part_of(s, x, part, s->out);
    case LINK_middle: return name_of(s, x, s->out);
    case LINK_full: return name_of(s, x, s->out);
    case LINK_birth:
    case LINK_date: return birth_of(s, x, s->out);
    case LINK_address: return address_of(s, x, h, s->out);
    case LINK_locality:
    case LINK_city:
    case LINK_state: return words_of(s, x, s->out, W_side, W_side);
    case LINK_postcode: return postcode_of(x, s->out);
    case LINK_email: return standard_email(s, x, s->out);
    case LINK_phone: return phone_of(s, x, s->out);
    case LINK_national: return squeezed(x, s->out);
    case LINK_sex: return sex_of(s, x, s->out);
    case LINK_word: return text_of(s, x, s->out, true);
    case LINK_text: return text_of(s, x, s->out, true);
    case LINK_amount: return amount_of(x, s->out);
    case LINK_year: return year_of(x, s->out);
    }
    return (str){0};
}
