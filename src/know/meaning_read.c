// Understanding what waits: reading, and nothing but reading.
#include <math.h>

#include "know/meaning_private.h"

#include "base/json.h"
#include "know/mood_own.h"
#include "sql/know_meaning.h"
#include "text/letter.h"

enum {
    LOOKED = 1024,    // rows that one batch goes past at most
    CHUNK = 64,       // texts embedded at once
    BAND_MOST = 128,  // texts looked at of one band
    LANG_BYTES = 4096 // more of a text does not change its language
};
static const double FEELING_LEAST = 0.3;

int64_t meaning_band(const near_sign *s, int i) {
    return (int64_t)i << 32 | s->bands[i];
}

void meaning_code(const int8_t *vector, unsigned char code[MEANING_CODE]) {
    memset(code, 0, MEANING_CODE);
    for (int i = 0; i < EMBEDDING; i++)
        if (vector[i] > 0) code[i / 8] |= (unsigned char)(1 << i % 8);
}

// ---- what waits ----

typedef struct {
    arena *a;
    store *s;
    const reader *r;
    meaning_batch *b;
} reading;

// Without places nothing is made anew that has them.
static bool as_it_would_be(const reading *x, int64_t make) {
    return x->b->weak ? make >= 0 : make == x->b->mark.make_id;
}

static bool read_words(reading *x, meaning_item *m, err *e) {
    record r;
    said s;
    m->text = (str){0};
    if (!ledger_get(x->s, x->a, (int32_t)m->period, m->profile, m->at_us, m->key, &r, e)) return err_ok(e);
    if (said_of(x->a, &r, &s)) m->text = s.text;
    m->words = (int64_t)str_hash(m->text);
    return true;
}

static meaning_item item_of(const row *r) {
    return (meaning_item){.feedback = row_int(r, 0),
                          .period = row_int(r, 1),
                          .profile = row_int(r, 2),
                          .at_us = row_int(r, 3),
                          .key = row_int(r, 4),
                          .channel = row_int(r, 5)};
}

// Rows of one statement into the batch, until it is full; what is known as it would be is passed over.
static bool take(reading *x, row r, bool moves, err *e) {
    meaning_batch *b = x->b;
    while (row_next(&r)) {
        meaning_item *m = &b->v[b->n];
        *m = item_of(&r);
        const bool has = !row_null(&r, 6);
        const int64_t make = row_int(&r, 6), words = row_int(&r, 7);
        arena before = *x->a;
        if (!read_words(x, m, e)) return row_end(&r), false;
        b->looked++;
        if (moves) b->upto = m->feedback;
        m->changed = has && m->words != words;
        m->gone = has && !m->text.len;
        if (!m->gone && (!m->text.len || (has && !m->changed && as_it_would_be(x, make)))) {
            *x->a = before;
            continue;
        }
        if (++b->n == MEANING_PIECE) row_end(&r);
    }
    return err_ok(e);
}

// ---- one text ----

static enum language language_of(reading *x, meaning_item *m) {
    const language_guess g = langid_of(reader_languages(x->r), *x->a, str_sub(m->text, 0, LANG_BYTES));
    m->m.lang = g.told ? str_dup(x->a, str_c(g.code)) : S("");
    return language_named(str_c(g.told || g.sure >= 0.5 ? g.code : ""));
}

static int thousandths(double v) {
    return (int)lround(1000 * v);
}

// The whole meaning counts where moods were learned with it: in English, by heed's own encoder. Elsewhere the words
// that a lexicon knows say it, or nothing does.
bool meaning_feel(arena a, const reader *r, str text, const float *embedding, enum language l, mood_reading *out) {
    const bool whole = embedding && reader_own(r) && l == LANG_en;
    mood_word *words;
    *out = mood_read(reader_mood(r), a, text, whole ? embedding : NULL, l);
    return !out->guess || mood_words_of(&a, reader_mood(r), text, l, &words);
}

// What was learned of this company's customers is heard where it is surer.
static void feel(reading *x, meaning_item *m, const float *embedding) {
    const enum language l = language_of(x, m);
    const label_model *own = reader_moods(x->r);
    mood_reading f;
    const str matter = letter_matter(m->text);
    bool told = meaning_feel(*x->a, x->r, matter, embedding, l, &f);
    if (own) told |= mood_own_says(own, *x->a, matter, reader_own(x->r) ? embedding : NULL, told, &f);
    if (!told) return;
    m->m.has_mood = true;
    m->m.mood = thousandths(f.value);
    m->m.bad = thousandths(f.sure[MOOD_bad]), m->m.good = thousandths(f.sure[MOOD_good]);
    for (int i = 0; i < FEELINGS; i++)
        if (i != FEELING_neutral && f.feeling[i] >= FEELING_LEAST)
            m->m.feeling[i] = (uint16_t)thousandths(f.feeling[i]);
}

static bool understand(reading *x, meaning_item **v, size_t n, err *e) {
    float *out = make(x->a, float, CHUNK *EMBEDDING);
    str texts[CHUNK];
    const bool places = reader_embeds(x->r);
    for (size_t i = 0; i < n; i++) texts[i] = letter_matter(v[i]->text);
    if (places && !reader_embed(x->r, *x->a, texts, n, out, e)) return false;
    for (size_t i = 0; i < n; i++) {
        const float *one = places ? out + i * EMBEDDING : NULL;
        feel(x, v[i], one);
        v[i]->sign = near_sign_of(*x->a, v[i]->text);
        if (!one) continue;
        embedding_pack(one, v[i]->vector);
        v[i]->has_vector = !embedding_none(v[i]->vector);
    }
    return true;
}

static const meaning_item *same_text(const meaning_batch *b, size_t i) {
    for (size_t k = 0; k < i; k++)
        if (b->v[k].words == b->v[i].words && str_eq(b->v[k].text, b->v[i].text)) return &b->v[k];
    return NULL;
}

// What is said again and again is read once.
static bool understand_all(reading *x, err *e) {
    meaning_item *some[CHUNK];
    meaning_batch *b = x->b;
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++) {
        if (!same_text(b, i)) some[n++] = &b->v[i];
        if (n && (n == CHUNK || i + 1 == b->n) && !understand(x, some, n, e)) return false;
        if (n == CHUNK) n = 0;
    }
    for (size_t i = 0; i < b->n; i++) {
        const meaning_item *o = same_text(b, i);
        if (!o) continue;
        b->v[i].m = o->m, b->v[i].sign = o->sign, b->v[i].has_vector = o->has_vector;
        memcpy(b->v[i].vector, o->vector, EMBEDDING);
    }
    return true;
}

// ---- who says the same ----

typedef struct {
    int64_t exact;
    int bands;
} candidate;

static int by_exact(const void *x, const void *y) {
    const candidate *a = x, *b = y;
    return (a->exact > b->exact) - (a->exact < b->exact);
}
static int by_bands(const void *x, const void *y) {
    const candidate *a = x, *b = y;
    return a->bands != b->bands ? b->bands - a->bands : by_exact(x, y);
}

// Those that share bands, the most first.
static size_t gather(candidate *c, size_t n) {
    size_t kept = 0;
    if (n) qsort(c, n, sizeof *c, by_exact);
    for (size_t i = 0; i < n; i++)
        if (kept && c[kept - 1].exact == c[i].exact)
            c[kept - 1].bands++;
        else
            c[kept++] = c[i];
    if (kept) qsort(c, kept, sizeof *c, by_bands);
    return kept;
}

static bool stored_near(reading *x, arena a, const meaning_item *m, int64_t exact, bool *near, err *e) {
    meaning first = {0};
    bool there = false;
    str text = {0};
    *near = false;
    for (row r = store_query(x->s, Q_meaning_first, e, "i", exact); row_next(&r);)
        first = (meaning){.at_us = row_int(&r, 0),
                          .profile = row_int(&r, 1),
                          .key = row_int(&r, 2),
                          .period = (int32_t)row_int(&r, 3)},
        there = true;
    if (!err_ok(e) || (there && !meaning_text(&a, x->s, &first, &text, e))) return false;
    *near = text.len && near_jaccard(a, m->text, text) >= NEAR_LEAST;
    return true;
}

static bool look_near(reading *x, meaning_item *m, err *e) {
    arena a = *x->a;
    candidate *c = make(&a, candidate, NEAR_BANDS * BAND_MOST);
    size_t n = 0;
    for (int b = 0; b < NEAR_BANDS; b++)
        for (row r = store_query(x->s, Q_meaning_band_some, e, "ii", meaning_band(&m->sign, b), (int64_t)BAND_MOST);
             row_next(&r);)
            if (row_int(&r, 0) != (int64_t)m->sign.exact) c[n++] = (candidate){row_int(&r, 0), 1};
    n = err_ok(e) ? gather(c, n) : 0;
    for (size_t i = 0; i < n && i < MEANING_NEAR; i++) {
        bool near;
        if (!stored_near(x, a, m, c[i].exact, &near, e)) return false;
        if (near) m->near[m->n_near++] = c[i].exact;
    }
    return err_ok(e);
}

static bool shares_band(const near_sign *x, const near_sign *y) {
    for (int b = 0; b < NEAR_BANDS; b++)
        if (x->bands[b] == y->bands[b]) return true;
    return false;
}

static void add_near(meaning_item *m, int64_t exact) {
    for (size_t i = 0; i < m->n_near; i++)
        if (m->near[i] == exact) return;
    if (m->n_near < MEANING_NEAR) m->near[m->n_near++] = exact;
}

// Those that came in the same batch know nothing of one another by the store.
static void look_beside(const reading *x, size_t i) {
    meaning_item *m = &x->b->v[i];
    for (size_t k = 0; k < i; k++) {
        meaning_item *o = &x->b->v[k];
        if (!o->sign.exact || o->sign.exact == m->sign.exact || !shares_band(&m->sign, &o->sign)) continue;
        if (near_jaccard(*x->a, m->text, o->text) < NEAR_LEAST) continue;
        add_near(m, (int64_t)o->sign.exact), add_near(o, (int64_t)m->sign.exact);
    }
}

static bool look_all(reading *x, err *e) {
    for (size_t i = 0; i < x->b->n; i++)
        if (x->b->v[i].sign.exact && !look_near(x, &x->b->v[i], e)) return false;
    for (size_t i = 0; i < x->b->n; i++)
        if (x->b->v[i].sign.exact) look_beside(x, i);
    return true;
}

// ---- all ----

bool meaning_read(arena *a, store *s, const reader *r, meaning_batch **out, size_t *n, err *e) {
    meaning_mark now;
    meaning_batch *b = *out = make(a, meaning_batch, 1);
    *n = 0;
    if (!meaning_mark_read(a, s, &now, e)) return false;
    *b = (meaning_batch){.mark = meaning_mark_for(a, &now, r), .weak = !reader_embeds(r)};
    b->v = make(a, meaning_item, MEANING_PIECE + 1);
    b->upto = b->mark.feedback;
    reading x = {a, s, r, b};
    if (!take(&x, store_query(s, Q_meaning_again, e, "i", (int64_t)MEANING_PIECE), false, e)) return false;
    if (!b->looked && !take(&x, store_query(s, Q_meaning_waiting, e, "ii", b->mark.feedback, (int64_t)LOOKED), true, e))
        return false;
    *n = b->looked;
    return understand_all(&x, e) && look_all(&x, e);
}
