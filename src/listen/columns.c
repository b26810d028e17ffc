#include "listen/columns.h"
#include "base/unicode.h"

enum look {
    LOOK_ANY,
    LOOK_DATE,
    LOOK_CODE,
    LOOK_EMAIL,
    LOOK_PHONE,
    LOOK_WORDS,
    LOOK_MONEY,
    LOOK_NUMBER,
    LOOK_CURRENCY,
    LOOK_MOOD,
    LOOK_BOOL
};

static const struct {
    const char *id;
    enum look look;
    int least;
} fields[] = {
#define FIELD(name, id, look, least) {id, LOOK_##look, least},
#include "listen/fields.def"
};

static const struct {
    enum field field;
    int points;
    const char *names;
} known_names[] = {
#define NAMES(field, points, names) {FIELD_##field, points, names},
#include "listen/field_names.def"
};

const char *field_id(enum field f) {
    return fields[f].id;
}

enum field field_of(str id) {
    for (int i = 0; i < FIELDS; i++)
        if (str_eq_ci(id, str_c(fields[i].id))) return (enum field)i;
    return FIELDS;
}

// Words that cells hold

static const struct {
    const char *word;
    int mood;
} mood_words[] = {
    {"positive", 1},  {"negative", -1}, {"neutral", 0},  {"pos", 1},           {"neg", -1},           {"neu", 0},
    {"positiv", 1},   {"negativ", -1},  {"positivo", 1}, {"negativo", -1},     {"neutro", 0},         {"gut", 1},
    {"schlecht", -1}, {"good", 1},      {"bad", -1},     {"bueno", 1},         {"malo", -1},          {"happy", 1},
    {"unhappy", -1},  {"mixed", 0},     {"gemischt", 0}, {"very positive", 1}, {"very negative", -1},
};

int mood_of(str x) {
    for (size_t i = 0; i < COUNT(mood_words); i++)
        if (str_eq_ci(x, str_c(mood_words[i].word))) return mood_words[i].mood;
    return MOOD_UNKNOWN;
}

static const char *const yes_words[] = {"yes", "y",    "true", "t",         "1", "ja",
                                        "j",   "wahr", "si",   "s\xC3\xAD", "x", "verdadero"};
static const char *const no_words[] = {"no", "n", "false", "f", "0", "nein", "falsch", "falso"};

static bool in_words(str x, const char *const *words, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (str_eq_ci(x, str_c(words[i]))) return true;
    return false;
}

bool says_yes(str x) {
    return x.len && x.len < 10 && in_words(x, yes_words, COUNT(yes_words));
}

// A unix time or an amount with a point is no date to the eye: two marks, or eight digits that make a day, are.
bool looks_date(str x) {
    int64_t at = 0;
    int marks = 0, digits = 0, letters = 0;
    for (size_t i = 0; i < x.len; i++) {
        marks += strchr("-/.:", x.s[i]) != NULL;
        digits += x.s[i] >= '0' && x.s[i] <= '9';
        letters += (x.s[i] | 32) >= 'a' && (x.s[i] | 32) <= 'z';
    }
    bool compact = x.len == 8 && digits == 8 && (str_starts(x, S("19")) || str_starts(x, S("20")));
    bool written = digits >= 4 && (marks >= 2 || (letters >= 3 && letters < 12));
    if (x.len < 6 || x.len > 40 || (!compact && !written)) return false;
    return time_parse(x, NULL, 0, &at);
}

static bool looks_phone(str x) {
    int digits = 0;
    for (size_t i = 0; i < x.len; i++) {
        digits += x.s[i] >= '0' && x.s[i] <= '9';
        if (!strchr("0123456789+-()/. '", x.s[i])) return false;
    }
    return digits >= 6 && digits <= 15;
}

static bool looks_email(str x) {
    ptrdiff_t at = str_find(x, '@');
    return at > 0 && str_find(str_sub(x, (size_t)at + 1, x.len), '.') > 0 && str_find(x, ' ') < 0;
}

static bool looks_code(str x) {
    for (size_t i = 0; i < x.len; i++)
        if ((unsigned char)x.s[i] <= ' ') return false;
    return x.len <= 64;
}

// A decimal mark shows itself when other than three digits follow it, or when the other mark stands before it.
static void see_mark(column_look *k, str x) {
    for (size_t i = x.len; i > 0; i--) {
        char c = x.s[i - 1];
        if (c != '.' && c != ',') continue;
        size_t after = x.len - i;
        bool other = str_find(str_sub(x, 0, i - 1), c == '.' ? ',' : '.') >= 0;
        if (after != 3 || other) *(c == '.' ? &k->point : &k->comma) = true;
        return;
    }
}

static void see_number(column_look *k, str x) {
    double v = 0;
    int64_t minor = 0;
    const currency *found = NULL;
    const currency *euro = currency_of(S("EUR"));
    if (str_f64(x, &v)) {
        k->lo = k->numbers ? MIN(k->lo, v) : v;
        k->hi = k->numbers ? MAX(k->hi, v) : v;
        k->numbers++;
        k->to_five += v >= 0 && v <= 5;
        k->to_seven += v >= 0 && v <= 7;
        k->to_ten += v >= 0 && v <= 10;
        k->decimals += str_find(x, '.') >= 0;
    }
    if (money_parse(x, euro, &minor, &found)) {
        k->money++;
        see_mark(k, x);
    }
}

static void see_cell(column_look *k, str x) {
    bool letters = false;
    for (size_t i = 0; i < x.len && !letters; i++) letters = (x.s[i] | 32) >= 'a' || (x.s[i] & 0x80);
    k->filled++;
    k->length += (double)x.len;
    k->dates += looks_date(x);
    k->emails += looks_email(x);
    k->phones += looks_phone(x);
    k->words += letters;
    k->spaced += letters && str_find(x, ' ') > 0;
    k->moods += mood_of(x) != MOOD_UNKNOWN;
    k->currencies += x.len == 3 && currency_of(x) != NULL;
    k->bools += says_yes(x) || in_words(x, no_words, COUNT(no_words));
    k->codes += looks_code(x);
    see_number(k, x);
}

int scale_top(const column_look *k) {
    int need = k->numbers - k->numbers / 10;
    return k->to_five >= need ? 5 : k->to_seven >= need ? 7 : k->to_ten >= need ? 10 : 100;
}

static int order_of_hash(const void *x, const void *y) {
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return (a > b) - (a < b);
}

static column_look look_at(arena scratch, const glance *g, int column, bool first_too) {
    column_look k = {0};
    uint64_t *hashes = make(&scratch, uint64_t, g->n_rows + 1);
    int n = 0;
    for (int i = first_too ? -1 : 0; i < g->n_rows; i++) {
        str x = i < 0 ? g->header[column] : glance_cell(g, i, column);
        if (!x.len) continue;
        see_cell(&k, x);
        hashes[n++] = str_hash(x);
    }
    if (n) qsort(hashes, (size_t)n, sizeof *hashes, order_of_hash);
    for (int i = 1; i < n; i++) k.repeats += hashes[i] == hashes[i - 1];
    if (n) k.length /= n;
    return k;
}

// Names

str plain_name(arena *a, str header) {
    str ascii = text_ascii(a, header);
    char *p = str_z(a, ascii);
    size_t n = 0;
    for (size_t i = 0; i < ascii.len; i++) {
        char c = ascii.s[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c | 32);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) p[n++] = c;
    }
    return (str){p, n};
}

// Below zero when the name says that it is something else.
static int name_points(str name, enum field f) {
    int best = 0, minus = 0;
    if (!name.len) return 0;
    for (size_t i = 0; i < COUNT(known_names); i++) {
        if (known_names[i].field != f) continue;
        for (str rest = str_c(known_names[i].names); rest.s;) {
            str word = str_cut(&rest, ' ');
            bool exact = str_starts(word, S("="));
            if (!word.len || !(exact ? str_eq(name, str_sub(word, 1, word.len)) : str_has(name, word))) continue;
            if (known_names[i].points > best) best = known_names[i].points;
            if (known_names[i].points < minus) minus = known_names[i].points;
        }
    }
    return best >= 100 ? best : best + minus;
}

// The share of filled cells that look as the field wants them, 0..1.
static double fits(const column_look *k, enum look look) {
    double n = k->filled;
    switch (look) {
    case LOOK_ANY: return 1;
    case LOOK_DATE: return k->dates / n;
    case LOOK_CODE: return k->codes / n;
    case LOOK_EMAIL: return k->emails / n;
    case LOOK_PHONE: return k->phones / n;
    case LOOK_WORDS: return k->words / n;
    case LOOK_MONEY: return k->money / n;
    case LOOK_NUMBER: return k->numbers / n;
    case LOOK_CURRENCY: return k->currencies / n;
    case LOOK_MOOD: return k->moods / n;
    case LOOK_BOOL: return k->bools / n;
    }
    return 0;
}

static bool is_unix(const column_look *k) {
    return k->numbers == k->filled && k->lo >= 5e8 && k->hi < 2e18;
}

// What cells alone say, for columns whose names say nothing. nameless: the file has no header; first: the first column.
static int content_points(const column_look *k, enum field f, bool nameless, bool first) {
    int n = k->filled;
    switch (f) {
    case FIELD_date: return k->dates * 10 >= n * 9 ? 30 : 0;
    case FIELD_email: return k->emails * 10 >= n * 8 ? 30 : 0;
    case FIELD_mood: return k->moods * 10 >= n * 9 && n >= 5 ? 40 : 0;
    case FIELD_currency: return k->currencies == n ? 30 : 0;
    case FIELD_text: return k->spaced * 10 >= n * 7 && k->length >= 30 ? 30 : 0;
    case FIELD_amount: return nameless && k->decimals * 10 >= n * 8 ? 35 : 0;
    case FIELD_customer: return nameless && first && k->codes == n && !k->dates && !k->decimals && !k->emails ? 45 : 0;
    default: return 0;
    }
}

static int points_of(const column_look *k, str name, enum field f, bool first) {
    int points = name_points(name, f);
    if (points < 0) return 0;
    if (!k->filled) return points >= 100 ? points - 35 : 0;
    if (f == FIELD_date && points >= 60 && is_unix(k)) return points;
    if (!points) points = content_points(k, f, !name.len, first);
    double fit = fits(k, fields[f].look);
    if (!points || fit < (fields[f].look == LOOK_DATE || fields[f].look == LOOK_MONEY ? 0.8 : 0.6)) return 0;
    return points + (int)(fit * 20);
}

enum { GUESS_MAX = 512 }; // columns; a file with more is a matrix, and those must be named

// A first row with a date, an address or a decimal number in it is no header.
static bool data_already(const glance *g) {
    int data = 0, words = 0;
    for (int i = 0; i < MIN(g->n_header, GUESS_MAX); i++) {
        column_look k = {0};
        if (!g->header[i].len) continue;
        see_cell(&k, g->header[i]);
        data += k.dates || k.emails || k.decimals;
        words += k.words && !k.dates && !k.emails;
    }
    return data > 0 && words * 2 <= g->n_header;
}

void columns_set(columns *c, enum field f, int column) {
    for (int i = 0; i < FIELDS; i++)
        if (c->column[i] == column && column >= 0) c->column[i] = -1, c->points[i] = 0;
    c->column[f] = column;
    c->points[f] = column >= 0 ? 200 : 0;
}

// The best pair of field and column that are both free, over and over.
static bool assign_next(columns *c, const int *points) {
    int best = 0, field = 0, column = 0;
    for (int f = 0; f < FIELDS; f++) {
        if (c->column[f] >= 0) continue;
        for (int i = 0; i < c->n; i++) {
            int p = points[f * c->n + i];
            if (p < fields[f].least || p <= best) continue;
            bool taken = false;
            for (int k = 0; k < FIELDS; k++) taken = taken || c->column[k] == i;
            if (!taken) best = p, field = f, column = i;
        }
    }
    if (!best) return false;
    c->column[field] = column;
    c->points[field] = best;
    return true;
}

columns columns_guess(arena *a, const glance *g) {
    columns c = {.n = MIN(g->n_header, GUESS_MAX), .no_header = data_already(g)};
    column_look *looks = make(a, column_look, MAX(g->n_header, 1)); // of all, so that any may be named by hand
    str *names = make(a, str, MAX(g->n_header, 1));
    int *points = make(a, int, FIELDS *MAX(c.n, 1));
    for (int i = 0; i < c.n; i++) {
        looks[i] = look_at(*a, g, i, c.no_header);
        if (!c.no_header) names[i] = plain_name(a, g->header[i]);
        for (int f = 0; f < FIELDS; f++) points[f * c.n + i] = points_of(&looks[i], names[i], (enum field)f, i == 0);
    }
    c.look = looks;
    c.names = names;
    for (int f = 0; f < FIELDS; f++) c.column[f] = -1;
    while (assign_next(&c, points)) {
    }
    return c;
}
