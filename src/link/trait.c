#include "link/trait.h"

#include "base/radix.h"

#include <math.h>

uint64_t link_letters(str x) {
    uint64_t m = 0;
    for (size_t i = 0; i < x.len; i++) {
        const char c = x.s[i];
        if (c >= 'a' && c <= 'z')
            m |= (uint64_t)1 << (c - 'a');
        else if (c >= '0' && c <= '9')
            m |= (uint64_t)1 << (26 + c - '0');
        else
            m |= (uint64_t)1 << 40;
    }
    return m;
}

// In the manner of Soundex (Russell 1918): the first letter, then classes of consonants without repeats; with letters
// that sound alike at the beginning as one, and six classes kept.
uint32_t link_sound(str x) {
    static const char class_of[26] = "01230120022455012623010202";
    uint32_t code = 0;
    int n = 0;
    char last = 0;
    for (size_t i = 0; i < x.len && n < 6; i++) {
        char c = x.s[i], next = i + 1 < x.len ? x.s[i + 1] : 0;
        if (c < 'a' || c > 'z') continue;
        if (c == 'p' && next == 'h') c = 'f', i++;
        if (n == 0) {
            if ((c == 'k' && next == 'n') || (c == 'w' && next == 'r')) c = next, i++;
            if (c == 'c' || c == 'q') c = 'k';
            if (c == 'j') c = 'g';
            if (c == 'z') c = 's';
            if (c == 'y') c = 'i';
            if (c == 'v') c = 'f';
            code = (uint32_t)(c - 'a' + 1), n = 1, last = class_of[c - 'a'];
            continue;
        }
        const char k = class_of[c - 'a'];
        if (k != '0' && k != last) code = code << 4 | (uint32_t)(k - '0'), n++;
        if (c != 'h' && c != 'w') last = k;
    }
    return code;
}

static uint32_t piece(str x) { // 0 for nothing
    const uint32_t h = (uint32_t)str_hash(x);
    return x.len ? h | 1 : 0;
}

struct link_names {
    intern forms;
    uint16_t root[2048][4];
};

static void add_form(link_names *n, str form, uint16_t root) {
    const uint32_t i = intern_put(&n->forms, form);
    assert(i < COUNT(n->root));
    for (int k = 0; k < 4; k++) {
        if (n->root[i][k] == root) return;
        if (!n->root[i][k]) {
            n->root[i][k] = root;
            return;
        }
    }
}

link_names *link_names_open(void) {
    static const struct {
        const char *name, *forms;
    } rows[] = {
#define FORMS(name, forms) {name, forms},
#include "link/nicknames.def"
    };
    link_names *n = calloc(1, sizeof *n);
    if (!n) abort();
    n->forms = intern_open();
    for (size_t i = 0; i < COUNT(rows); i++) {
        add_form(n, str_c(rows[i].name), (uint16_t)(i + 1));
        str rest = str_c(rows[i].forms);
        for (str w; rest.s;) {
            w = str_cut(&rest, ' ');
            if (w.len) add_form(n, w, (uint16_t)(i + 1));
        }
    }
    return n;
}

void link_names_close(link_names *n) {
    intern_close(&n->forms);
    free(n);
}

static void trait_of_given(link_trait *t, str x, const link_names *n) {
    const ptrdiff_t blank = str_find(x, ' ');
    const uint32_t i = intern_find(&n->forms, blank > 0 ? str_sub(x, 0, (size_t)blank) : x);
    if (i) memcpy(t->root, n->root[i], sizeof t->root);
}

static void trait_of_address(link_trait *t, str x) {
    t->address.number = piece(str_cut(&x, STANDARD_SEP));
    t->address.street = piece(str_cut(&x, STANDARD_SEP));
    t->address.type = piece(str_cut(&x, STANDARD_SEP));
    t->address.unit = piece(x);
}

static void trait_of_email(link_trait *t, str x) {
    ptrdiff_t at = str_find(x, '@');
    if (at < 0) at = (ptrdiff_t)x.len;
    t->email.user = piece(str_sub(x, 0, (size_t)at));
    t->email.digits = (link_letters(str_sub(x, 0, (size_t)at)) >> 26 & 1023) != 0;
    t->email.host = piece(str_sub(x, (size_t)at, x.len));
}

static int32_t ymd_of(str x) {
    int64_t v = 0;
    return str_i64(x, &v) ? (int32_t)v : 0;
}

static void one(link_trait *t, enum link_kind kind, str x, const link_names *names) {
    double v = 0;
    switch (kind) {
    case LINK_given: trait_of_given(t, x, names); // fall through
    case LINK_family:
    case LINK_middle:
    case LINK_locality:
    case LINK_city:
    case LINK_word: t->sound = link_sound(x); // fall through
    case LINK_postcode:
    case LINK_phone:
    case LINK_national: t->mask = link_letters(x); return;
    case LINK_address:
        trait_of_address(t, x);
        t->mask = link_letters(x);
        return;
    case LINK_email:
        trait_of_email(t, x);
        t->mask = link_letters(x);
        return;
    case LINK_birth:
    case LINK_date:
    case LINK_year: t->ymd = ymd_of(x); return;
    case LINK_amount:
        if (str_f64(x, &v)) memcpy(&t->mask, &v, sizeof v);
        return;
    case LINK_ignore:
    case LINK_id:
    case LINK_full:
    case LINK_text:
    case LINK_house:
    case LINK_state:
    case LINK_sex:
    case LINK_KINDS: return;
    }
}

typedef struct {
    uint32_t *pool; // words of all values, one value after the other
    size_t n, cap;
} pool;

static int by_number(const void *x, const void *y) {
    const uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return (a > b) - (a < b);
}

static void words_of_value(link_trait *t, str x, intern *words, pool *p) {
    t->mask = p->n;
    for (str w; x.s;) {
        w = str_cut(&x, ' ');
        if (!w.len) continue;
        ROOM_FOR(p->pool, &p->cap, p->n + 1);
        p->pool[p->n++] = intern_put(words, w);
    }
    uint32_t *const from = p->pool + t->mask;
    size_t n = p->n - t->mask, kept = 0;
    if (n) qsort(from, n, sizeof *from, by_number);
    for (size_t i = 0; i < n; i++)
        if (!kept || from[kept - 1] != from[i]) from[kept++] = from[i];
    p->n = t->mask + kept;
    t->text.n = (uint32_t)kept;
}

// What a word tells: the logarithm of how rare it is among the rows (Spärck Jones 1972). A value's vector has these as
// its lengths.
static void tell(link_field *f, uint32_t rows) {
    size_t had = 0;
    f->held = room_for(NULL, &had, f->n_words, sizeof *f->held);
    memset(f->held, 0, f->n_words * sizeof *f->held);
    for (uint32_t v = 1; v < f->v.n; v++) {
        const link_words w = link_words_of(f, v);
        for (uint32_t i = 0; i < w.n; i++) f->held[w.word[i]] += f->v.count[v];
    }
    had = 0;
    f->idf = room_for(NULL, &had, f->n_words, sizeof *f->idf);
    for (uint32_t i = 0; i < f->n_words; i++) f->idf[i] = logf(1 + (float)rows / (float)MAX(f->held[i], 1));
    for (uint32_t v = 1; v < f->v.n; v++) {
        const link_words w = link_words_of(f, v);
        double sum = 0;
        for (uint32_t i = 0; i < w.n; i++) sum += (double)f->idf[w.word[i]] * (double)f->idf[w.word[i]];
        f->trait[v].text.norm = (float)sqrt(sum);
    }
}

void link_trait_of(link_field *f, uint32_t v, const link_names *n) {
    f->trait[v] = (link_trait){0};
    one(&f->trait[v], f->col.kind, intern_text(&f->v, v), n);
}

void link_traits(link_field *f, uint32_t rows) {
    size_t had = 0;
    f->trait = room_for(NULL, &had, f->v.n, sizeof *f->trait);
    memset(f->trait, 0, f->v.n * sizeof *f->trait);
    const bool texts = f->col.kind == LINK_full || f->col.kind == LINK_text;
    link_names *names = f->col.kind == LINK_given ? link_names_open() : NULL;
    intern words = intern_open();
    pool p = {0};
    for (uint32_t v = 1; v < f->v.n; v++) {
        const str x = intern_text(&f->v, v);
        if (texts)
            words_of_value(&f->trait[v], x, &words, &p);
        else
            one(&f->trait[v], f->col.kind, x, names);
    }
    if (names) link_names_close(names);
    f->word = p.pool, f->n_words = words.n;
    if (texts) tell(f, rows);
    intern_close(&words);
}
