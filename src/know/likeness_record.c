// Profiles as records: what their facts and identifiers say, in the columns that link/ compares.
#include "know/likeness_private.h"

#include "know/lists.h"
#include "link/trait.h"
#include "sql/know.h"
#include "sql/know_likeness.h"

bool like_named(const like_record *r) {
    return r->cell[LIKE_family].len || r->cell[LIKE_given].len;
}

like_record *like_add(arena *a, like_records *all) {
    if (all->n == all->room) {
        like_record *more = make(a, like_record, all->room = all->room ? all->room * 2 : 256);
        if (all->n) memcpy(more, all->v, all->n * sizeof *more);
        all->v = more;
    }
    all->v[all->n] = (like_record){0};
    return &all->v[all->n++];
}

// "Ada Okafor"; "Okafor, Ada".
static void names(arena *a, like_record *r, str name) {
    name = str_trim(name);
    ptrdiff_t cut = str_find(name, ',');
    if (cut > 0) {
        r->cell[LIKE_family] = str_dup(a, str_trim(str_sub(name, 0, (size_t)cut)));
        r->cell[LIKE_given] = str_dup(a, str_trim(str_sub(name, (size_t)cut + 1, name.len)));
        return;
    }
    size_t at = name.len;
    while (at && name.s[at - 1] != ' ') at--;
    r->cell[LIKE_family] = str_dup(a, str_sub(name, at, name.len - at));
    r->cell[LIKE_given] = str_dup(a, str_trim(str_sub(name, 0, at)));
}

void like_facts(arena *a, like_record *r, const row *facts, int col) {
    names(a, r, row_str(facts, col));
    str rest = row_str(facts, col + 1);
    for (int k = LIKE_street; k <= LIKE_city; k++)
        if (rest.s) r->cell[k] = str_dup(a, str_trim(str_cut(&rest, '\n')));
    r->cell[LIKE_born] = str_dup(a, row_str(facts, col + 2));
}

// An address that was not proved says who somebody claims to be, which is worth comparing too.
static void reach(arena *a, like_record *r, enum ident_kind kind, str value) {
    int to = kind == IDENT_email || kind == IDENT_email_unverified ? LIKE_email : kind == IDENT_phone ? LIKE_phone : -1;
    if (to >= 0 && !r->cell[to].len) r->cell[to] = str_dup(a, value);
}

static int by_profile(const void *p, const void *q) {
    const like_record *x = p, *y = q;
    return (x->profile > y->profile) - (x->profile < y->profile);
}

static like_record *record_of(const like_records *all, int64_t profile) {
    like_record key = {.profile = profile};
    return all->n ? bsearch(&key, all->v, all->n, sizeof key, by_profile) : NULL;
}

static void drop_nameless(like_records *all) {
    size_t n = 0;
    for (size_t i = 0; i < all->n; i++)
        if (like_named(&all->v[i])) all->v[n++] = all->v[i];
    all->n = n;
}

bool like_read(arena *a, store *s, const int64_t *profiles, size_t n, like_records *out, err *e) {
    *out = (like_records){0};
    for (size_t i = 0; i < n; i += LIST_IDS) {
        str list = list_json(a, profiles + i, MIN((size_t)LIST_IDS, n - i));
        for (row r = store_query(s, Q_likeness_profiles, e, "t", list); row_next(&r);) {
            like_record *x = like_add(a, out);
            x->profile = row_int(&r, 0), x->customer = row_int(&r, 1);
            like_facts(a, x, &r, 2);
        }
        if (!err_ok(e)) return false;
    }
    if (out->n) qsort(out->v, out->n, sizeof *out->v, by_profile);
    for (size_t i = 0; i < n; i += LIST_IDS) {
        str list = list_json(a, profiles + i, MIN((size_t)LIST_IDS, n - i));
        for (row r = store_query(s, Q_identifier_of_people, e, "t", list); row_next(&r);) {
            like_record *x = record_of(out, row_int(&r, 0));
            if (x) reach(a, x, (enum ident_kind)row_int(&r, 1), row_str(&r, 2));
        }
    }
    drop_nameless(out);
    return err_ok(e);
}

bool like_read_all(arena *a, store *s, like_records *out, int64_t *newest, err *e) {
    enum { PART = 20000 };
    *out = (like_records){0}, *newest = 0;
    for (int64_t after = 0, last = 0;; after = last) {
        size_t from = out->n;
        for (row r = store_query(s, Q_likeness_everybody, e, "ii", after, (int64_t)PART); row_next(&r);) {
            like_record *x = like_add(a, out);
            x->profile = last = row_int(&r, 0), x->customer = row_int(&r, 1);
            like_facts(a, x, &r, 2);
        }
        if (!err_ok(e) || last == after) break;
        like_records part = {.v = out->v + from, .n = out->n - from};
        for (row r = store_query(s, Q_likeness_reach, e, "ii", after, last); row_next(&r);) {
            like_record *x = record_of(&part, row_int(&r, 0));
            if (x) reach(a, x, (enum ident_kind)row_int(&r, 1), row_str(&r, 2));
        }
        drop_nameless(&part);
        out->n = from + part.n, *newest = last;
    }
    return err_ok(e);
}

// ---- keys ----

typedef struct {
    standard *s;
    const like_record *r;
    uint64_t part[LIKE_COLUMNS]; // hash of the standard form; 0: missing
    uint64_t sound[2];           // of given and family name
    uint64_t user, tail;         // of the e-mail; last digits of the phone
} keying;

static const enum link_kind cell_kind[LIKE_COLUMNS] = {
    [LIKE_given] = LINK_given,    [LIKE_family] = LINK_family,     [LIKE_born] = LINK_birth,
    [LIKE_street] = LINK_address, [LIKE_postcode] = LINK_postcode, [LIKE_city] = LINK_city,
    [LIKE_email] = LINK_email,    [LIKE_phone] = LINK_phone};

static void prepare(keying *k) {
    for (int c = 0; c < LIKE_COLUMNS; c++) {
        if (!k->r->cell[c].len) continue;
        str x = standard_form(k->s, cell_kind[c], LINK_WHOLE, k->r->cell[c], (str){0});
        if (!x.len) continue;
        k->part[c] = str_hash(x) | 1;
        if (c <= LIKE_family) k->sound[c] = (uint64_t)link_sound(x) << 1 | 1;
        ptrdiff_t user = c == LIKE_email ? str_find(x, '@') : -1;
        if (user >= 5) k->user = str_hash(str_sub(x, 0, (size_t)user)) | 1; // "info" and "mail" are everybody's
        if (c == LIKE_phone && x.len >= 8) k->tail = str_hash(str_sub(x, x.len - 7, 7)) | 1;
    }
}

static void key(uint64_t keys[LIKE_KEYS], size_t *n, uint64_t rule, uint64_t x, uint64_t y, uint64_t z) {
    if (!x || !y || !z) return;
    const uint64_t v[] = {rule, x, y, z};
    keys[(*n)++] = str_hash((str){(const char *)v, sizeof v});
}

size_t like_keys(standard *s, const like_record *r, uint64_t keys[LIKE_KEYS]) {
    keying k = {.s = s, .r = r};
    size_t n = 0;
    prepare(&k);
    const uint64_t *p = k.part;
    key(keys, &n, 1, k.sound[LIKE_family], p[LIKE_postcode], 1);
    key(keys, &n, 2, k.sound[LIKE_family], p[LIKE_born], 1);
    key(keys, &n, 3, k.sound[LIKE_given], p[LIKE_born], p[LIKE_postcode]);
    key(keys, &n, 4, p[LIKE_street], p[LIKE_postcode], 1);
    key(keys, &n, 5, p[LIKE_given], p[LIKE_family], p[LIKE_city]);
    key(keys, &n, 6, k.user, 1, 1);
    key(keys, &n, 7, k.tail, 1, 1);
    if (!p[LIKE_city] && !p[LIKE_postcode] && !p[LIKE_born]) key(keys, &n, 8, p[LIKE_given], p[LIKE_family], 1);
    return n;
}

uint64_t like_home(standard *s, const like_record *r) {
    keying k = {.s = s, .r = r};
    prepare(&k);
    const uint64_t v[] = {k.part[LIKE_family], k.part[LIKE_street], k.part[LIKE_postcode]};
    return v[0] && v[1] && v[2] ? str_hash((str){(const char *)v, sizeof v}) | 1 : 0;
}

// ---- comparing ----

bool like_table(arena *a, const like_records *all, link_table *t, err *e) {
    static const str named[LIKE_COLUMNS] = {
        [LIKE_given] = S("given"),   [LIKE_family] = S("family"),     [LIKE_born] = S("born"),
        [LIKE_street] = S("street"), [LIKE_postcode] = S("postcode"), [LIKE_city] = S("city"),
        [LIKE_email] = S("email"),   [LIKE_phone] = S("phone")};
    const str **rows = make(a, const str *, all->n + 1);
    for (size_t i = 0; i < all->n; i++) rows[i] = all->v[i].cell;
    link_head h = {.name = named, .n = LIKE_COLUMNS, .row = rows, .n_rows = all->n};
    return link_table_of(a, t, &h, LIKE_BY, e);
}

// The parts of an address stand between tabs.
static void put_value(json_out *j, const char *key, str x) {
    char s[STANDARD_MOST + 1];
    size_t n = MIN(x.len, (size_t)STANDARD_MOST);
    for (size_t i = 0; i < n; i++) s[i] = x.s[i] == STANDARD_SEP ? ' ' : x.s[i];
    json_put_str(j, key, str_trim((str){s, n}));
}

static void put_part(json_out *j, const link_table *t, const link_part *p, uint32_t x, uint32_t y) {
    static const char *const others[] = {[LINK_PART_PRIOR] = "prior", [LINK_PART_HOME] = "home"};
    json_open(j, NULL, '{');
    if (p->field >= 0) {
        const link_field *f = &t->field[p->field];
        json_put_str(j, "field", str_c(link_kind_name(f->col.kind)));
        if (p->what == LINK_PART_FIELD) {
            json_put_str(j, "how", str_c(link_level_text(f->col.kind, p->level)));
            put_value(j, "a", intern_text(&f->v, link_row(t, x)[p->field]));
            put_value(j, "b", intern_text(&f->v, link_row(t, y)[p->field]));
        } else
            json_put_str(j, "how", S("how rare it is"));
    } else
        json_put_str(j, "how", str_c(p->what < (int)COUNT(others) && others[p->what] ? others[p->what] : "prior"));
    json_put_num(j, "bits", (double)p->bits);
    json_close(j, '}');
}

str like_parts(arena *a, const link_score *s, const link_fit *f, const link_table *t, uint64_t pattern, uint32_t x,
               uint32_t y) {
    link_part *parts;
    arena scratch = arena_open(1 << 20);
    const uint32_t *rx = link_row(t, x), *ry = link_row(t, y);
    size_t n = link_explain(&scratch, s, f, pattern, rx, ry, link_weight(s, pattern, rx, ry), &parts);
    buf b = buf_new(&scratch, 1 << 16);
    json_out j = json_to(&b);
    json_open(&j, NULL, '[');
    for (size_t i = 0; i < n; i++) put_part(&j, t, &parts[i], x, y);
    json_close(&j, ']');
    str out = str_dup(a, buf_str(&b));
    arena_close(&scratch);
    return out;
}
