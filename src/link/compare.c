#include <math.h>

#include "link/compare.h"
#include "link/similar.h"
#include "link/trait.h"

enum { MEMO_BITS = 16, MEMO = 1 << MEMO_BITS };

static const struct {
    enum link_kind kind;
    int rank;
    const char *text;
} levels[] = {
#define LINK_LEVEL(kind, rank, text) {LINK_##kind, rank, text},
#include "link/levels.def"
};

int link_levels(enum link_kind k) {
    int n = 1;
    for (size_t i = 0; i < COUNT(levels); i++) n += levels[i].kind == k;
    return n;
}

static size_t row_of(enum link_kind k, int level) {
    size_t i = 0;
    while (i < COUNT(levels) && levels[i].kind != k) i++;
    return i + (size_t)level - 1;
}

const char *link_level_text(enum link_kind k, int level) {
    return level ? levels[row_of(k, level)].text : "missing";
}

int link_level_rank(enum link_kind k, int level) {
    return levels[row_of(k, level)].rank;
}

link_comparer link_comparer_open(const link_table *t) {
    link_comparer c = {.t = t};
    size_t had = 0;
    c.memo = room_for(NULL, &had, MEMO, sizeof *c.memo);
    memset(c.memo, 0, MEMO * sizeof *c.memo);
    return c;
}

void link_comparer_close(link_comparer *c) {
    free(c->memo);
    *c = (link_comparer){0};
}

// Levels by name, as levels.def orders them; 0 is missing.
enum { G_DIFFER = 1, G_INITIAL, G_ALIKE, G_FORM, G_SLIP, G_SWAPPED, G_SAME };
enum { M_DIFFER = 1, M_INITIAL, M_SLIP, M_SAME };
enum { F_DIFFER = 1, F_ALIKE, F_PART, F_SLIP, F_SAME };
enum { N_NOTHING = 1, N_LITTLE, N_SOME, N_MOST, N_BUT_ONE, N_SAME };
enum { B_DIFFER = 1, B_YEAR, B_TWO, B_DIGIT, B_SWAPPED, B_SAME };
enum { A_DIFFER = 1, A_NUMBER, A_STREET, A_STREET_DIGIT, A_SLIP, A_UNIT, A_SAME };
enum { C_DIFFER = 1, C_ALIKE, C_SLIP, C_SAME };
enum { P_DIFFER = 1, P_BEGIN, P_DIGIT, P_SAME };
enum { E_DIFFER = 1, E_ALIKE, E_NAMED, E_USER, E_SLIP, E_SAME };
enum { D_DIFFER = 1, D_DIGIT, D_SAME };
enum { W_DIFFER = 1, W_ALIKE, W_SAME };
enum { T_NOTHING = 1, T_COMMON, T_FEW, T_SOME, T_HALF, T_MOST, T_NEARLY, T_SAME };
enum { V_DIFFER = 1, V_SIZE, V_NEAR, V_PERCENT, V_SAME };
enum { Y_DIFFER = 1, Y_NEAR, Y_ONE, Y_SAME };
enum { Z_DIFFER = 1, Z_MONTH, Z_WEEK, Z_THREE, Z_DAY, Z_SAME };

typedef struct {
    str x, y;
    const link_trait *tx, *ty;
} two;

// Letters that only one of the two has: two texts a slip apart differ by two at most.
static int strange(const two *v) {
    return __builtin_popcountll(v->tx->mask ^ v->ty->mask);
}

static bool slip(const two *v) {
    return MIN(v->x.len, v->y.len) >= 3 && strange(v) <= 2 && similar_slip(v->x, v->y);
}

static bool is_form(const link_trait *x, const link_trait *y) {
    for (int i = 0; i < 4 && x->root[i]; i++)
        for (int k = 0; k < 4 && y->root[k]; k++)
            if (x->root[i] == y->root[k]) return true;
    return false;
}

static str first_word(str x) {
    const ptrdiff_t blank = str_find(x, ' ');
    return blank > 0 ? str_sub(x, 0, (size_t)blank) : x;
}

static int given(const two *v) {
    const str x = first_word(v->x), y = first_word(v->y);
    if (x.len == 1 || y.len == 1) return x.s[0] == y.s[0] ? G_INITIAL : G_DIFFER;
    if (slip(v)) return G_SLIP;
    if (is_form(v->tx, v->ty)) return G_FORM;
    if (str_eq(x, y)) return G_SLIP; // a second given name stands in one of them
    const double s = similar_names(v->x, v->y);
    return s >= 0.94 ? G_SLIP : s >= 0.85 ? G_ALIKE : G_DIFFER;
}

static int middle(const two *v) {
    if (v->x.len == 1 || v->y.len == 1) return v->x.s[0] == v->y.s[0] ? M_INITIAL : M_DIFFER;
    return slip(v) || similar_names(v->x, v->y) >= 0.92 ? M_SLIP : M_DIFFER;
}

static bool shares_word(str x, str y) {
    for (str w; x.s;) {
        w = str_cut(&x, ' ');
        str rest = y;
        for (str u; w.len >= 3 && rest.s;) {
            u = str_cut(&rest, ' ');
            if (str_eq(u, w)) return true;
        }
    }
    return false;
}

static int family(const two *v) {
    if (slip(v)) return F_SLIP;
    const double s = similar_names(v->x, v->y);
    if (s >= 0.94) return F_SLIP;
    if ((str_find(v->x, ' ') > 0 || str_find(v->y, ' ') > 0) && shares_word(v->x, v->y)) return F_PART;
    return s >= 0.87 || (s > 0.75 && v->tx->sound == v->ty->sound) ? F_ALIKE : F_DIFFER;
}

static int place(const two *v) {
    if (slip(v)) return C_SLIP;
    const double s = similar_names(v->x, v->y);
    return s >= 0.94 ? C_SLIP : s >= 0.86 ? C_ALIKE : C_DIFFER;
}

static int word(const two *v) {
    return slip(v) || (strange(v) <= 8 && similar_names(v->x, v->y) >= 0.9) ? W_ALIKE : W_DIFFER;
}

static int postcode(const two *v) {
    if (slip(v)) return P_DIGIT;
    const size_t n =
        v->x.len == v->y.len && v->x.len > 5 ? v->x.len - 3 : 3; // "tq13 8df": what stands before the blank
    return v->x.len >= n && v->y.len >= n && !memcmp(v->x.s, v->y.s, n) ? P_BEGIN : P_DIFFER;
}

static int number(const two *v) {
    return strange(v) <= 2 && similar_slip(v->x, v->y) ? D_DIGIT : D_DIFFER;
}

static int birth(const two *v) {
    const int x = v->tx->ymd, y = v->ty->ymd;
    const bool year = x / 10000 == y / 10000, month = x / 100 % 100 == y / 100 % 100, day = x % 100 == y % 100;
    if (year && x % 100 == y / 100 % 100 && y % 100 == x / 100 % 100) return B_SWAPPED;
    if (similar_slip(v->x, v->y)) return B_DIGIT;
    if (year + month + day == 2) return B_TWO;
    return year ? B_YEAR : B_DIFFER;
}

static str street_of(str x, str *num) {
    *num = str_cut(&x, STANDARD_SEP);
    return str_cut(&x, STANDARD_SEP);
}

static int address(const two *v) {
    const link_trait *x = v->tx, *y = v->ty;
    const bool type = x->address.type == y->address.type || !x->address.type || !y->address.type;
    const bool unit = x->address.unit == y->address.unit || !x->address.unit || !y->address.unit;
    const bool street = x->address.street == y->address.street && type, house = x->address.number == y->address.number;
    if (street && house) return unit ? A_SAME : A_UNIT;
    if (!street && !house && strange(v) > 12) return A_DIFFER;
    str nx, ny;
    const str sx = street_of(v->x, &nx), sy = street_of(v->y, &ny);
    const bool near = street || (type && (similar_slip(sx, sy) || similar_names(sx, sy) >= 0.92));
    if (house && near) return x->address.number ? A_SLIP : A_STREET;
    if (near && similar_slip(nx, ny) && (nx.len > 1 || ny.len > 1)) return A_STREET_DIGIT;
    if (street) return A_STREET;
    return house && x->address.number ? A_NUMBER : A_DIFFER;
}

static int email(const two *v) {
    if (slip(v)) return E_SLIP;
    if (v->tx->email.user == v->ty->email.user) return str_find(v->x, '@') > 4 ? E_USER : E_ALIKE;
    if (strange(v) > 8) return E_DIFFER;
    const str x = str_sub(v->x, 0, (size_t)MAX(str_find(v->x, '@'), 0)),
              y = str_sub(v->y, 0, (size_t)MAX(str_find(v->y, '@'), 0));
    return similar_names(x, y) >= 0.92 ? E_ALIKE : E_DIFFER;
}

double link_cosine(const link_field *f, uint32_t vx, uint32_t vy) {
    const link_words x = link_words_of(f, vx), y = link_words_of(f, vy);
    double dot = 0;
    for (uint32_t i = 0, k = 0; i < x.n && k < y.n;) {
        if (x.word[i] == y.word[k]) {
            dot += (double)f->idf[x.word[i]] * (double)f->idf[x.word[i]];
            i++, k++;
        } else if (x.word[i] < y.word[k])
            i++;
        else
            k++;
    }
    const double norms = (double)f->trait[vx].text.norm * (double)f->trait[vy].text.norm;
    return norms > 0 ? fmin(dot / norms, 1) : 0;
}

static int text(const link_field *f, uint32_t x, uint32_t y) {
    const double s = link_cosine(f, x, y);
    return s >= 0.85   ? T_NEARLY
           : s >= 0.65 ? T_MOST
           : s >= 0.48 ? T_HALF
           : s >= 0.33 ? T_SOME
           : s >= 0.2  ? T_FEW
           : s > 0.08  ? T_COMMON
                       : T_NOTHING;
}

static int full(const link_field *f, uint32_t x, uint32_t y) {
    const double s = link_cosine(f, x, y);
    return s >= 0.85 ? N_BUT_ONE : s >= 0.6 ? N_MOST : s >= 0.35 ? N_SOME : s > 0.1 ? N_LITTLE : N_NOTHING;
}

static int amount(const two *v) {
    double x, y;
    memcpy(&x, &v->tx->mask, sizeof x);
    memcpy(&y, &v->ty->mask, sizeof y);
    const double apart = fabs(x - y) / fmax(fmax(fabs(x), fabs(y)), 1e-9);
    return apart <= 0.01 ? V_PERCENT : apart <= 0.1 ? V_NEAR : apart <= 0.35 ? V_SIZE : V_DIFFER;
}

static int year(const two *v) {
    const int apart = abs(v->tx->ymd - v->ty->ymd);
    return apart == 1 ? Y_ONE : apart <= 3 ? Y_NEAR : Y_DIFFER;
}

// Days since a day long ago, by a calendar without exceptions: only what lies between two of them counts.
static int days(int32_t ymd) {
    int y = ymd / 10000, m = ymd / 100 % 100;
    const int d = ymd % 100;
    if (m < 3) y--, m += 12;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * (m - 3) + 2) / 5 + d;
}

static int date(const two *v) {
    const int apart = abs(days(v->tx->ymd) - days(v->ty->ymd));
    return apart <= 1 ? Z_DAY : apart <= 3 ? Z_THREE : apart <= 7 ? Z_WEEK : apart <= 31 ? Z_MONTH : Z_DIFFER;
}

// Two values that are not the same.
static int differing(const link_field *f, uint32_t x, uint32_t y) {
    const two v = {intern_text(&f->v, x), intern_text(&f->v, y), &f->trait[x], &f->trait[y]};
    switch (f->col.kind) {
    case LINK_given: return given(&v);
    case LINK_middle: return middle(&v);
    case LINK_family: return family(&v);
    case LINK_full: return full(f, x, y);
    case LINK_birth: return birth(&v);
    case LINK_address: return address(&v);
    case LINK_locality:
    case LINK_city: return place(&v);
    case LINK_postcode: return postcode(&v);
    case LINK_email: return email(&v);
    case LINK_phone:
    case LINK_national: return number(&v);
    case LINK_word: return word(&v);
    case LINK_text: return text(f, x, y);
    case LINK_amount: return amount(&v);
    case LINK_year: return year(&v);
    case LINK_date: return date(&v);
    case LINK_state:
    case LINK_sex:
    case LINK_ignore:
    case LINK_id:
    case LINK_house:
    case LINK_KINDS: return 1;
    }
    return 1;
}

// Fields in which the same pairs of values come again and again, and are dear to compare.
static bool comes_again(enum link_kind k) {
    return k == LINK_given || k == LINK_family || k == LINK_city || k == LINK_locality || k == LINK_middle ||
           k == LINK_word;
}

int link_compare(link_comparer *c, int field, uint32_t x, uint32_t y) {
    const link_field *f = &c->t->field[field];
    if (!x || !y) return 0;
    if (x == y) return link_levels(f->col.kind) - 1;
    if (x > y) {
        const uint32_t z = x;
        x = y, y = z;
    }
    if (!comes_again(f->col.kind) || f->v.n >= 1 << 24) return differing(f, x, y);
    // Number of the field, both values and what was found, in one word: 4, 28, 28 and 4 bits.
    const uint64_t key = (uint64_t)field << 60 | (uint64_t)x << 32 | (uint64_t)y << 4;
    uint64_t *place_of = &c->memo[key * 0x9E3779B97F4A7C15u >> (64 - MEMO_BITS)];
    if ((*place_of & ~(uint64_t)15) == key) return (int)(*place_of & 15);
    const int level = differing(f, x, y);
    *place_of = key | (uint64_t)level;
    return level;
}

static_assert(G_SWAPPED == LINK_NAMES_SWAPPED, "levels.def orders the levels");

static uint64_t names_swapped(const link_table *t, uint64_t p, const uint32_t *a, const uint32_t *b) {
    const int g = t->given, f = t->family;
    if (link_level(p, g) > G_ALIKE || link_level(p, f) > F_PART || !a[g] || !b[g] || !a[f] || !b[f]) return p;
    const uint32_t *as_family = t->field[g].other;
    const bool swapped = as_family[a[g]] == b[f] && as_family[b[g]] == a[f];
    return swapped ? link_with(link_with(p, g, LINK_NAMES_SWAPPED), f, 0) : p;
}

static_assert(E_NAMED == LINK_EMAIL_OF_NAMES, "levels.def orders the levels");

bool link_names_alike(const link_table *t, uint64_t p) {
    return (t->given >= 0 && link_level(p, t->given) > G_DIFFER) ||
           (t->family >= 0 && link_level(p, t->family) > F_DIFFER);
}

// People of one name choose addresses that look alike, because they are made of the name: then likeness says nothing
// that the name has not said, and the same user at another place no more than its digits do.
static uint64_t email_of_names(const link_table *t, uint64_t p, const uint32_t *a) {
    const int e = t->email, level = link_level(p, e);
    if ((level != E_ALIKE && level != E_USER) || !link_names_alike(t, p)) return p;
    return link_with(p, e, level == E_USER && t->field[e].trait[a[e]].email.digits ? E_NAMED : E_DIFFER);
}

// A full name of one word is the given name again, which has been said already.
static uint64_t full_of_given(const link_table *t, uint64_t p, const uint32_t *a, const uint32_t *b) {
    const int f = t->full;
    if (!link_level(p, f) || !link_level(p, t->given)) return p;
    const bool one = link_words_of(&t->field[f], a[f]).n < 2 || link_words_of(&t->field[f], b[f]).n < 2;
    return one ? link_with(p, f, 0) : p;
}

uint64_t link_pattern(link_comparer *c, const uint32_t *a, const uint32_t *b) {
    const link_table *t = c->t;
    uint64_t p = 0;
    for (int i = 0; i < t->n_fields; i++) p |= (uint64_t)link_compare(c, i, a[i], b[i]) << (i * LINK_BITS);
    if (t->given >= 0 && t->family >= 0) p = names_swapped(t, p, a, b);
    if (t->given >= 0 && t->full >= 0) p = full_of_given(t, p, a, b);
    return t->email >= 0 ? email_of_names(t, p, a) : p;
}
