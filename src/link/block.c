#include "link/block_private.h"

typedef struct {
    int n;
    enum link_kind kind[3];
    enum link_how how[3];
} known_rule;

static const known_rule known[] = {
#define BLOCK1(k1, h1)         {1, {LINK_##k1}, {LINK_HOW_##h1}},
#define BLOCK2(k1, h1, k2, h2) {2, {LINK_##k1, LINK_##k2}, {LINK_HOW_##h1, LINK_HOW_##h2}},
#define BLOCK3(k1, h1, k2, h2, k3, h3)                                                                                 \
    {3, {LINK_##k1, LINK_##k2, LINK_##k3}, {LINK_HOW_##h1, LINK_HOW_##h2, LINK_HOW_##h3}},
#include "link/blocks.def"
};

static uint32_t hashed(str x) {
    return x.len ? (uint32_t)str_hash(x) | 1 : 0;
}

static str before_blank(str x) {
    const ptrdiff_t at = str_find(x, ' ');
    return at > 0 ? str_sub(x, 0, (size_t)at) : x;
}

static str begin_of(enum link_kind k, str x) {
    if (k == LINK_postcode) return str_sub(x, 0, x.len > 5 ? x.len - 3 : 3);
    return str_sub(x, 0, k == LINK_text ? 6 : 3);
}

static uint32_t both_of(str x) { // the sum of two is the same in either order
    return hashed(before_blank(x));
}

// What a value has of an atom; 0: nothing.
static uint32_t atom_of(const link_field *f, enum link_how how, uint32_t v) {
    const str x = intern_text(&f->v, v);
    const link_trait *t = &f->trait[v];
    switch (how) {
    case LINK_HOW_NONE:
    case LINK_HOW_words: return 0;
    case LINK_HOW_value: return hashed(x);
    case LINK_HOW_root: return x.len < 2 ? 0 : t->root[0] ? t->root[0] : hashed(before_blank(x)) | 1u << 31;
    case LINK_HOW_initial: return (uint32_t)(uint8_t)x.s[0];
    case LINK_HOW_sound: return x.len < 2 ? 0 : t->sound;
    case LINK_HOW_begin: return hashed(begin_of(f->col.kind, x));
    case LINK_HOW_both: return both_of(x);
    case LINK_HOW_year: return (uint32_t)t->ymd / 10000;
    case LINK_HOW_yearmonth: return (uint32_t)t->ymd / 100;
    case LINK_HOW_monthday: return (uint32_t)t->ymd % 10000 == 101 ? 0 : (uint32_t)t->ymd % 10000;
    case LINK_HOW_house: return t->address.number && t->address.street ? t->address.number * 31 + t->address.street : 0;
    case LINK_HOW_street: return t->address.street;
    case LINK_HOW_user: return str_find(x, '@') > 5 ? t->email.user : 0;
    case LINK_HOW_head: return x.len < 8 ? 0 : hashed(str_sub(x, 0, x.len / 2));
    case LINK_HOW_tail: return x.len < 8 ? 0 : hashed(str_sub(x, x.len / 2, x.len));
    }
    return 0;
}

static int first_field(const link_table *t, enum link_kind k) {
    for (int i = 0; i < t->n_fields; i++)
        if (t->field[i].col.kind == k) return i;
    return -1;
}

static int atom_at(link_blocks *b, int field, enum link_how how) {
    for (int i = 0; i < b->n_atoms; i++)
        if (b->atom[i].field == field && b->atom[i].how == how) return i;
    if (b->n_atoms == LINK_ATOMS) return -1;
    b->atom[b->n_atoms] = (link_atom){field, how};
    return b->n_atoms++;
}

static void add_rule(link_blocks *b, const link_atom *atoms, int n) {
    link_rule r = {.n = n, .most = UINT32_MAX};
    for (int i = 0; i < n; i++) {
        r.atom[i] = atom_at(b, atoms[i].field, atoms[i].how);
        if (r.atom[i] < 0) return;
        r.need |= (uint64_t)1 << r.atom[i];
        r.fields |= 1u << atoms[i].field;
        r.words |= atoms[i].how == LINK_HOW_words;
        if (atoms[i].how == LINK_HOW_both && b->t->family >= 0) r.fields |= 1u << b->t->family;
    }
    for (int i = 0; i < b->n_rules; i++)
        if (b->rule[i].need == r.need) return;
    if (b->n_rules < LINK_RULES) b->rule[b->n_rules++] = r;
}

// The known rules for the fields there are; the first part of a rule for every field of its kind.
static void known_rules(link_blocks *b) {
    const link_table *t = b->t;
    for (size_t i = 0; i < COUNT(known); i++) {
        const known_rule *k = &known[i];
        for (int f = 0; f < t->n_fields; f++) {
            if (t->field[f].col.kind != k->kind[0]) continue;
            link_atom atoms[3] = {{f, k->how[0]}};
            bool all = k->how[0] != LINK_HOW_both || (t->given >= 0 && t->family >= 0);
            for (int n = 1; n < k->n; n++) {
                atoms[n] = (link_atom){first_field(t, k->kind[n]), k->how[n]};
                all = all && atoms[n].field >= 0 && atoms[n].field != f;
            }
            if (all) add_rule(b, atoms, k->n);
        }
    }
}

// For files of other things than people: agreement in any two fields.
static void any_two(link_blocks *b) {
    for (int f = 0; f < b->t->n_fields; f++)
        for (int g = f + 1; g < b->t->n_fields; g++) {
            const enum link_kind kf = b->t->field[f].col.kind, kg = b->t->field[g].col.kind;
            if (kf == LINK_sex || kg == LINK_sex || kf == LINK_state || kg == LINK_state) continue;
            const link_atom atoms[2] = {{f, LINK_HOW_value}, {g, LINK_HOW_value}};
            add_rule(b, atoms, 2);
        }
}

static void fill(link_blocks *b, int atom) {
    const link_table *t = b->t;
    const link_atom *x = &b->atom[atom];
    const link_field *f = &t->field[x->field];
    size_t had = 0;
    uint32_t *of = room_for(NULL, &had, f->v.n, sizeof *of);
    of[0] = 0;
    for (uint32_t v = 1; v < f->v.n; v++) of[v] = atom_of(f, x->how, v);
    uint32_t *g = NULL;
    if (x->how == LINK_HOW_both) {
        const link_field *second = &t->field[t->family];
        had = 0;
        g = room_for(NULL, &had, second->v.n, sizeof *g);
        g[0] = 0;
        for (uint32_t v = 1; v < second->v.n; v++) g[v] = atom_of(second, x->how, v);
    }
    for (uint32_t i = 0; i < t->rows; i++) {
        const uint32_t *cells = link_row(t, i);
        uint32_t a = of[cells[x->field]];
        if (g) a = a && g[cells[t->family]] ? a + g[cells[t->family]] : 0;
        b->row[(size_t)i * (size_t)b->width + (size_t)atom] = a;
    }
    free(of);
    free(g);
}

uint32_t block_atom(const link_blocks *b, int atom, const uint32_t *cells) {
    const link_table *t = b->t;
    const link_atom *x = &b->atom[atom];
    const uint32_t v = cells[x->field], w = x->how == LINK_HOW_both ? cells[t->family] : 0;
    if (!v || (x->how == LINK_HOW_both && !w)) return 0;
    const uint32_t p = atom_of(&t->field[x->field], x->how, v);
    if (x->how != LINK_HOW_both) return p;
    const uint32_t q = atom_of(&t->field[t->family], x->how, w);
    return p && q ? p + q : 0;
}

// Few enough records that every pair can be looked at.
enum { MOST_OF_ALL = 1200000, COSTLY = 4 };

static bool every_pair(const link_table *t) {
    const double a = t->rows_a, b = t->rows - t->rows_a;
    double cost = 1;
    for (int i = 0; i < t->n_fields; i++)
        if (t->field[i].col.kind == LINK_text) cost += 0.2;
    return (t->two ? a * b : a * (a - 1) / 2) * cost <= MOST_OF_ALL;
}

void link_blocks_open(link_blocks *b, const link_table *t) {
    *b = (link_blocks){.t = t};
    if (every_pair(t)) {
        b->rule[b->n_rules++] = (link_rule){.n = 0, .most = UINT32_MAX};
    } else {
        known_rules(b);
        if (b->n_rules < 12) any_two(b);
    }
    b->width = MAX(b->n_atoms, 1);
    size_t had = 0;
    b->row = room_for(NULL, &had, (size_t)t->rows * (size_t)b->width + 1, sizeof *b->row);
    for (int i = 0; i < b->n_atoms; i++) fill(b, i);
}

void link_blocks_close(link_blocks *b) {
    free(b->row);
    *b = (link_blocks){0};
}

uint32_t block_shared_word(const link_blocks *b, const link_rule *r, uint32_t x, uint32_t y) {
    const int field = b->atom[r->atom[0]].field;
    const link_field *f = &b->t->field[field];
    const link_words p = link_words_of(f, link_row(b->t, x)[field]), q = link_words_of(f, link_row(b->t, y)[field]);
    for (uint32_t i = 0, k = 0; i < p.n && k < q.n;) {
        if (p.word[i] < q.word[k])
            i++;
        else if (p.word[i] > q.word[k])
            k++;
        else if (f->held[p.word[i]] <= r->most)
            return p.word[i];
        else
            i++, k++;
    }
    return UINT32_MAX;
}

uint64_t block_rules_of(const link_blocks *b, uint32_t x, uint32_t y) {
    const uint64_t agree = block_agree(block_row(b, x), block_row(b, y), b->width);
    uint64_t m = 0;
    for (int i = 0; i < b->n_rules; i++) {
        const link_rule *r = &b->rule[i];
        const bool yes = r->words ? block_shared_word(b, r, x, y) != UINT32_MAX : (agree & r->need) == r->need;
        m |= (uint64_t)yes << i;
    }
    return m;
}

str link_rule_text(arena *a, const link_blocks *b, const link_rule *r) {
    static const char *const how[] = {"",
                                      "",
                                      "root of ",
                                      "first letter of ",
                                      "sound of ",
                                      "beginning of ",
                                      "both names with ",
                                      "year of ",
                                      "year and month of ",
                                      "day and month of ",
                                      "house of ",
                                      "street of ",
                                      "user of ",
                                      "first half of ",
                                      "last half of ",
                                      "a telling word of "};
    if (!r->n) return S("every pair");
    str text = {0};
    for (int i = 0; i < r->n; i++) {
        const link_atom *x = &b->atom[r->atom[i]];
        text = str_fmt(a, "%.*s%s%s%.*s", STR_ARG(text), i ? ", " : "", how[x->how],
                       STR_ARG(b->t->field[x->field].col.name));
    }
    return text;
}
