#include "base/unicode.h"
#include "text/theme_inside.h"
#include "text/theme_phrase.h"

enum {
    NAMES = 24,     // candidates of a theme
    NAMES_FEW = 12, // where there are many themes
    MANY = 100,
    MIDDLES = 4,  // texts of the middle, of which a piece may be the name
    COLUMNS = 46, // of a name
    PAIRED = 3,   // phrases that are tried two by two
    CANDIDATES = 80,
    PAIRED_MORE = 6,
    MIDDLES_MORE = 12,
    BATCH = 64,
};
#define OF_MIDDLE 0.35f // what a piece of a text counts, against the best phrase
#define OF_PAIR   0.85f
#define BACK      1.0f // what it counts that a name leads back
#define LIKE      1.0f // how like its theme it is
#define HOW_OFTEN 0.5f
#define ONE_WORD  0.15f // a single word says little
#define CLEAR     1.0f  // how much less like the next

typedef struct {
    str text;
    float good; // from how often it is said
    uint32_t of;
    bool back;
    float score;
} candidate;

typedef struct {
    theme_finder *f;
    themes *t;
    phrases *p;
    arena *a; // candidates
    candidate *v;
    size_t n, room;
    str *taken; // names, in plain letters
    size_t n_taken;
} namer;

// ---- candidates ----

// Small letters stay, for "iPhone" is one; only the first of a plain word is made large.
static str with_capital(arena *a, str x) {
    const unsigned char c = x.len ? (unsigned char)x.s[0] : 0;
    char *s = make(a, char, x.len + 1);
    if (x.len) memcpy(s, x.s, x.len);
    const bool mixed = x.len > 1 && x.s[1] >= 'A' && x.s[1] <= 'Z';
    if (c >= 'a' && c <= 'z' && !mixed) s[0] = (char)(c - 32);
    if (c == 0xC3 && x.len > 1 && (unsigned char)x.s[1] >= 0xA0 && (unsigned char)x.s[1] != 0xB7)
        s[1] = (char)(s[1] - 32);
    return (str){s, x.len};
}

// Line ends and runs of blanks are one blank.
static str in_one_line(arena *a, str x) {
    char *s = make(a, char, x.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < x.len; i++) {
        const bool blank = x.s[i] == ' ' || (x.s[i] >= '\t' && x.s[i] <= '\r');
        if (blank && n && s[n - 1] == ' ') continue;
        s[n++] = blank ? ' ' : x.s[i];
    }
    return (str){s, n};
}

static void add(namer *w, uint32_t of, str text, float good) {
    if (w->n == w->room || !text.len || text_width(text) > COLUMNS) return;
    w->v[w->n++] = (candidate){.text = with_capital(w->a, in_one_line(w->a, text)), .good = good, .of = of};
}

// Two phrases that have no word in common.
static void add_pairs(namer *w, uint32_t of, const phrase *const *best, size_t n) {
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++) {
            if (phrase_shares(best[i], best[k])) continue;
            const float good = (best[i]->gain + best[k]->gain) / 2 / best[0]->gain * OF_PAIR;
            add(w, of, str_fmt(w->a, "%.*s, %.*s", STR_ARG(best[i]->raw), STR_ARG(best[k]->raw)), good);
        }
}

static void candidates_of(namer *w, uint32_t of, arena scratch) {
    const phrase *best[NAMES];
    const size_t most = w->t->n > MANY ? NAMES_FEW : NAMES;
    const size_t n = phrases_names(w->p, scratch, of, best, most);
    for (size_t i = 0; i < n; i++) add(w, of, best[i]->raw, best[i]->gain / best[0]->gain);
    add_pairs(w, of, best, MIN(n, (size_t)PAIRED));
    for (size_t i = 0; i < MIDDLES; i++)
        add(w, of, phrases_piece(w->p, scratch, of, i, false), OF_MIDDLE * (float)(MIDDLES - i) / MIDDLES);
}

// Where none of those leads back: longer ones.
static void more_candidates_of(namer *w, uint32_t of, arena scratch) {
    const phrase *best[NAMES];
    const size_t n = phrases_best(w->p, scratch, of, best, PAIRED_MORE);
    add_pairs(w, of, best, n);
    for (size_t i = 0; i < MIDDLES_MORE; i++) {
        add(w, of, phrases_piece(w->p, scratch, of, i, false), OF_MIDDLE);
        add(w, of, phrases_piece(w->p, scratch, of, i, true), OF_MIDDLE);
    }
}

static void known_by(namer *w, uint32_t of, arena scratch) {
    const phrase *best[NAMES];
    theme_found *t = &w->t->v[of];
    const size_t n = phrases_best(w->p, scratch, of, best, COUNT(t->words));
    for (size_t i = 0; i < n; i++) t->words[i] = str_dup(w->f->a, in_one_line(w->a, best[i]->raw));
}

// ---- do they lead back? ----

static void weigh(namer *w, candidate *c, arena scratch, const int8_t *vector) {
    const theme_model *m = w->f->model;
    float row[THEME_WIDTH];
    theme_space_of(&m->space, scratch, c->text, vector, row);
    const theme_choice near = theme_nearest(m, row);
    const float own = theme_distance(m, row, c->of);
    c->back = near.distance < 1 && near.at == c->of;
    const float brief = str_find(c->text, ' ') < 0 ? ONE_WORD : 0;
    c->score = BACK * (float)c->back + HOW_OFTEN * c->good - brief + LIKE * (1 - own) +
               CLEAR * ((c->back ? near.second_distance : near.distance) - own);
}

static void weigh_all(namer *w, candidate *v, size_t n, arena scratch) {
    const theme_options *o = w->f->o;
    const bool meaning = o->embed && w->f->model->space.meaning;
    float *out = meaning ? make(&scratch, float, BATCH *EMBEDDING) : NULL;
    for (size_t at = 0; at < n; at += BATCH) {
        str texts[BATCH];
        const size_t some = MIN(n - at, (size_t)BATCH);
        for (size_t i = 0; i < some; i++) texts[i] = v[at + i].text;
        if (meaning) o->embed(o->ctx, texts, some, out);
        for (size_t i = 0; i < some; i++) {
            int8_t vector[EMBEDDING];
            if (meaning) embedding_pack(out + i * EMBEDDING, vector);
            weigh(w, &v[at + i], scratch, meaning ? vector : NULL);
        }
    }
}

// ---- choosing ----

// "Card payments" is no other name than "card payment".
static str plainly(arena *a, str name) {
    str x = text_letters(a, name);
    return x.len > 3 && x.s[x.len - 1] == 's' ? str_sub(x, 0, x.len - 1) : x;
}

static bool is_free(const namer *w, str plain) {
    for (size_t i = 0; i < w->n_taken; i++)
        if (str_eq(w->taken[i], plain)) return false;
    return true;
}

static bool leads_back(const namer *w, uint32_t of) {
    for (size_t i = 0; i < w->n; i++)
        if (w->v[i].of == of && w->v[i].back) return true;
    return false;
}

static str numbered(namer *w, str name) {
    for (int i = 2;; i++) {
        const str other = str_fmt(w->a, "%.*s (%d)", STR_ARG(name), i);
        bool free = true;
        for (size_t t = 0; t < w->t->n; t++) free &= !str_eq(w->t->v[t].name, other);
        if (free) return other;
    }
}

static str fallback(namer *w, uint32_t of) {
    const theme_found *t = &w->t->v[of];
    const str text = t->middle == THEME_NONE ? S("") : in_one_line(w->a, str_trim(w->f->x[t->middle].text));
    const str name = with_capital(w->a, text_clip(w->a, text, COLUMNS));
    return name.len ? name : S("Something else");
}

static void choose(namer *w, uint32_t of) {
    theme_found *t = &w->t->v[of];
    candidate *best = NULL;
    for (size_t i = 0; i < w->n; i++)
        if (w->v[i].of == of && (!best || w->v[i].score > best->score) && is_free(w, plainly(w->a, w->v[i].text)))
            best = &w->v[i];
    if (best && best->score > 0) {
        t->name = best->text;
        t->leads_back = best->back;
    } else {
        candidate c = {.text = fallback(w, of), .of = of};
        if (!is_free(w, plainly(w->a, c.text))) c.text = numbered(w, c.text);
        weigh_all(w, &c, 1, *w->a);
        t->name = c.text;
        t->leads_back = c.back;
    }
    w->taken[w->n_taken++] = plainly(w->a, t->name);
    t->name = str_dup(w->f->a, t->name);
}

// Names that people know stay.
static void keep_names(namer *w, arena scratch) {
    for (uint32_t i = 0; i < w->t->n; i++) {
        theme_found *t = &w->t->v[i];
        if (!t->name.len) continue;
        candidate c = {.text = t->name, .of = i};
        weigh_all(w, &c, 1, scratch);
        t->leads_back = c.back;
        w->taken[w->n_taken++] = plainly(w->a, t->name);
    }
}

void theme_names(theme_finder *f, arena scratch, themes *t, const theme_mark *marks) {
    arena kept = arena_open((size_t)1 << 32);
    namer w = {.f = f, .t = t, .a = &kept, .room = t->n * CANDIDATES};
    w.v = make(&kept, candidate, w.room + 1);
    w.taken = make(&kept, str, t->n + 1);
    w.p = phrases_count(&kept, scratch, f, t, marks);
    keep_names(&w, scratch);
    for (uint32_t i = 0; i < t->n; i++) {
        known_by(&w, i, scratch);
        if (!t->v[i].name.len) candidates_of(&w, i, scratch);
    }
    weigh_all(&w, w.v, w.n, scratch);
    const size_t first = w.n;
    for (uint32_t i = 0; i < t->n; i++)
        if (!t->v[i].name.len && !leads_back(&w, i)) more_candidates_of(&w, i, scratch);
    weigh_all(&w, w.v + first, w.n - first, scratch);
    for (uint32_t i = 0; i < t->n; i++) {
        if (!t->v[i].name.len) choose(&w, i);
        f->model->names[i] = t->v[i].name;
    }
    arena_close(&kept);
}
