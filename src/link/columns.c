#include "link/columns.h"

static const struct {
    const char *name, *called;
} kinds[LINK_KINDS] = {
#define LINK_KIND(name, called, group) {#name, called},
#include "link/kinds.def"
};

static const struct {
    const char *name;
    enum link_kind kind;
    bool holds;
} named[] = {
#define NAMED(name, kind, holds) {name, LINK_##kind, holds},
#include "link/column_names.def"
};

const char *link_kind_name(enum link_kind k) {
    return kinds[k].name;
}

const char *link_kind_called(enum link_kind k) {
    return kinds[k].called;
}

bool link_kind_of(str name, enum link_kind *k) {
    for (int i = 0; i < LINK_KINDS; i++)
        if (str_eq(name, str_c(kinds[i].name))) return *k = (enum link_kind)i, true;
    return false;
}

// Letters and digits of a column's name.
static str bare(arena *a, str name) {
    char *s = make(a, char, name.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < name.len; i++) {
        const char c = (char)(name.s[i] >= 'A' && name.s[i] <= 'Z' ? name.s[i] | 32 : name.s[i]);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c & 0x80) s[n++] = c;
    }
    return (str){s, n};
}

static bool by_name(arena scratch, str name, enum link_kind *k) {
    const str x = bare(&scratch, name);
    size_t best = 0;
    for (size_t i = 0; i < COUNT(named); i++) {
        const str y = str_c(named[i].name);
        if (str_eq(x, y)) return *k = named[i].kind, true;
        if (named[i].holds && y.len > best && str_has(x, y)) best = y.len, *k = named[i].kind;
    }
    return best > 0;
}

// What a sample of a column shows, as shares of the cells that hold something.
typedef struct {
    double filled, distinct, email, date, clock, sex, digits, phone, amount, year, words, letters, named, length;
} looks;

static double count_words(str x) {
    double n = 0;
    for (size_t i = 0; i < x.len; i++) n += x.s[i] != ' ' && (i == 0 || x.s[i - 1] == ' ');
    return n;
}

static bool known_name(str word) {
    static const char *const known[] = {
#define FORMS(name, forms) name,
#include "link/nicknames.def"
    };
    for (size_t i = 0; i < COUNT(known); i++)
        if (str_eq_ci(word, str_c(known[i]))) return true;
    return false;
}

static bool has_known_name(str x) {
    for (str w; x.s;) {
        w = str_cut(&x, ' ');
        if (known_name(w)) return true;
    }
    return false;
}

static void look_at(str x, standard *s, looks *l) {
    double digits = 0, letters = 0, v;
    int ymd;
    for (size_t i = 0; i < x.len; i++) {
        digits += x.s[i] >= '0' && x.s[i] <= '9';
        letters += ((x.s[i] | 32) >= 'a' && (x.s[i] | 32) <= 'z') || x.s[i] & 0x80;
    }
    const double len = (double)x.len;
    l->filled++;
    l->email += str_find(x, '@') > 0;
    l->date += standard_date(x, false, &ymd) || standard_date(x, true, &ymd);
    l->clock += str_find(x, ':') > 0;
    l->sex += standard_form(s, LINK_sex, LINK_WHOLE, x, (str){0}).len > 0 && x.len < 8;
    l->digits += digits / len;
    l->letters += letters / len;
    l->phone += digits >= 7 && digits <= 15 && letters == 0;
    l->amount += letters == 0 && standard_amount(x, &v);
    l->year += x.len == 4 && standard_form(s, LINK_year, LINK_WHOLE, x, (str){0}).len > 0;
    l->words += count_words(x);
    l->named += has_known_name(x);
    l->length += len;
}

static looks look_over(const link_head *h, int col, standard *s) {
    looks l = {0};
    intern seen = intern_open();
    for (size_t i = 0; i < h->n_rows; i++) {
        const str x = str_trim(h->row[i][col]);
        if (!x.len || standard_null(x)) continue;
        intern_put(&seen, x);
        look_at(x, s, &l);
    }
    const double n = l.filled > 0 ? l.filled : 1;
    l.distinct = (double)(seen.n - 1) / n;
    l.filled /= (double)MAX(h->n_rows, 1);
    double *const share[] = {&l.email,  &l.date, &l.clock, &l.sex,     &l.digits, &l.phone,
                             &l.amount, &l.year, &l.words, &l.letters, &l.named,  &l.length};
    for (size_t i = 0; i < COUNT(share); i++) *share[i] /= n;
    intern_close(&seen);
    return l;
}

static enum link_kind by_content(const looks *l) {
    if (l->filled == 0) return LINK_ignore;
    if (l->email > 0.6) return LINK_email;
    if (l->sex > 0.95) return LINK_sex;
    if (l->date > 0.9) return l->clock > 0.5 ? LINK_ignore : LINK_date;
    if (l->year > 0.9) return LINK_year;
    if (l->distinct > 0.98 && l->filled > 0.98 && l->words < 1.2) return LINK_id;
    if (l->phone > 0.9 && l->distinct > 0.3) return LINK_phone;
    if (l->amount > 0.9) return LINK_amount;
    if (l->words > 2.5) return LINK_text;
    return LINK_word;
}

// What the name says stands, unless what is there speaks against it.
static enum link_kind kind_of(arena scratch, const link_head *h, int col, standard *s) {
    const looks l = look_over(h, col, s);
    enum link_kind k;
    if (!by_name(scratch, h->name[col], &k)) return by_content(&l);
    if (k == LINK_ignore || k == LINK_id) return k;
    if (l.filled == 0) return LINK_ignore;
    if (k == LINK_full && (l.words > 4 || l.named < 0.2)) return LINK_text;
    if (k == LINK_birth && l.date < 0.3) return l.year > 0.5 ? LINK_year : by_content(&l);
    if (k == LINK_date && l.clock > 0.5) return LINK_ignore;
    if (k == LINK_email && l.email < 0.3) return by_content(&l);
    if (k == LINK_amount && l.amount < 0.3) return by_content(&l);
    if (k == LINK_phone && l.phone < 0.3) return by_content(&l);
    if (k == LINK_text && l.words < 1.3 && l.distinct < 0.2) return LINK_word;
    if (k == LINK_word && l.words > 2.5) return LINK_text;
    return k;
}

static bool only_once(enum link_kind k) {
    return k == LINK_given || k == LINK_family || k == LINK_full || k == LINK_address || k == LINK_house ||
           k == LINK_birth || k == LINK_sex;
}

static void add(link_plan *p, enum link_kind k, enum link_part part, int col, str name) {
    if (p->n < LINK_FIELDS) p->field[p->n++] = (link_column){k, part, col, -1, name};
}

static int column_of(const link_plan *p, enum link_kind k) {
    for (int c = 0; c < p->n_columns; c++)
        if (p->kind_of[c] == k) return c;
    return -1;
}

// Fields from what the columns hold. A full name gives its parts where no other column does; a house number goes with
// its street.
static void fields_of(arena *a, const link_head *h, link_plan *p) {
    const int full = column_of(p, LINK_full), house = column_of(p, LINK_house);
    if (full >= 0 && column_of(p, LINK_given) < 0 && column_of(p, LINK_family) < 0) {
        add(p, LINK_given, LINK_FIRST, full, str_dup(a, S("given name")));
        add(p, LINK_family, LINK_LAST, full, str_dup(a, S("family name")));
    }
    for (int k = 0; k < LINK_KINDS; k++)
        for (int c = 0; c < p->n_columns; c++) {
            if (p->kind_of[c] != (enum link_kind)k || k == LINK_ignore || k == LINK_id || k == LINK_house) continue;
            add(p, (enum link_kind)k, LINK_WHOLE, c, str_dup(a, h->name[c]));
        }
    for (int i = 0; i < p->n; i++)
        if (p->field[i].kind == LINK_address) p->field[i].house = house;
}

// Which of month and day comes first, and the country most numbers begin with.
static void habits(const link_head *h, link_plan *p) {
    size_t first = 0, second = 0;
    for (int c = 0; c < p->n_columns; c++) {
        if (p->kind_of[c] != LINK_birth && p->kind_of[c] != LINK_date) continue;
        for (size_t i = 0; i < h->n_rows; i++) {
            const str x = str_trim(h->row[i][c]);
            if (x.len < 6 || (x.s[2] != '/' && x.s[2] != '.' && x.s[2] != '-')) continue;
            const int m = (x.s[0] - '0') * 10 + x.s[1] - '0', d = (x.s[3] - '0') * 10 + x.s[4] - '0';
            first += m > 12, second += d > 12;
        }
    }
    p->month_first = second > first;
    size_t tally[1000] = {0}, best = 0;
    for (int c = 0; c < p->n_columns; c++)
        for (size_t i = 0; p->kind_of[c] == LINK_phone && i < h->n_rows; i++) {
            const str x = str_trim(h->row[i][c]);
            int code = 0;
            for (size_t k = 1; k < 4 && x.len > 8 && x.s[0] == '+' && x.s[k] >= '0' && x.s[k] <= '9'; k++) {
                code = code * 10 + (x.s[k] - '0');
                if (code < 1000) tally[code]++;
                if (code == 1 || code == 7) break;
            }
        }
    for (size_t i = 1; i < COUNT(tally); i++) // two digits are the commonest length; a longer code must be as frequent
        if (tally[i] > 0 && tally[i] >= tally[best]) best = i;
    if (tally[best]) snprintf(p->country, sizeof p->country, "%u", (unsigned)best % 1000);
}

// The only columns compared are those named in by.
static bool choose(const link_head *h, str by, link_plan *p, err *e) {
    bool wanted[LINK_COLUMNS] = {0};
    for (str item; by.s;) {
        item = str_trim(str_cut(&by, ','));
        if (!item.len) continue;
        str col = item, kind = {0};
        const ptrdiff_t is = str_find(item, '=');
        if (is > 0)
            kind = str_trim(str_sub(item, 0, (size_t)is)), col = str_trim(str_sub(item, (size_t)is + 1, item.len));
        int at = -1;
        for (int c = 0; c < p->n_columns; c++)
            if (str_eq_ci(h->name[c], col)) at = c;
        if (at < 0)
            return fail(e, ERR_usage, "there is no column '%.*s'; see the first line of the file", STR_ARG(col));
        wanted[at] = true;
        if (kind.len && !link_kind_of(kind, &p->kind_of[at]))
            return fail(e, ERR_usage, "'%.*s' is not what a column can hold; heed help link lists what can",
                        STR_ARG(kind));
        if (p->kind_of[at] == LINK_ignore || (p->kind_of[at] == LINK_id && !kind.len)) p->kind_of[at] = LINK_word;
    }
    for (int c = 0; c < p->n_columns; c++)
        if (!wanted[c] && p->kind_of[c] != LINK_id) p->kind_of[c] = LINK_ignore;
    return true;
}

bool link_plan_make(arena *a, const link_head *h, str by, link_plan *p, err *e) {
    *p = (link_plan){.id = -1, .n_columns = MIN(h->n, LINK_COLUMNS)};
    standard s = standard_open();
    for (int c = 0; c < p->n_columns; c++) p->kind_of[c] = kind_of(*a, h, c, &s);
    standard_close(&s);
    bool seen[LINK_KINDS] = {0};
    for (int c = 0; c < p->n_columns && !by.len; c++) {
        const enum link_kind k = p->kind_of[c];
        if (only_once(k) && seen[k]) p->kind_of[c] = LINK_ignore;
        seen[k] = true;
    }
    if (by.len && !choose(h, by, p, e)) return false;
    p->id = column_of(p, LINK_id);
    habits(h, p);
    fields_of(a, h, p);
    if (!p->n) return fail(e, ERR_invalid, "no column says who somebody is; name them with --by surname,birthdate");
    return true;
}

bool link_plan_match(arena *a, const link_plan *first, const link_head *h, link_plan *p, err *e) {
    link_plan own;
    if (!link_plan_make(a, h, (str){0}, &own, e)) return false;
    *p = own;
    p->n = 0;
    bool used[LINK_COLUMNS] = {0};
    for (int i = 0; i < first->n; i++) {
        const link_column *f = &first->field[i];
        int at = -1;
        for (int c = 0; c < own.n_columns && at < 0; c++)
            if (str_eq(bare(a, h->name[c]), bare(a, f->name)) && (!used[c] || f->part)) at = c;
        for (int k = 0; k < own.n && at < 0; k++)
            if (own.field[k].kind == f->kind && !used[own.field[k].col]) at = own.field[k].col;
        if (f->part) at = column_of(&own, LINK_full);
        const int house = f->house >= 0 ? column_of(&own, LINK_house) : -1;
        if (at >= 0) used[at] = true;
        p->field[p->n++] = (link_column){f->kind, f->part, at, house, f->name};
    }
    return true;
}
