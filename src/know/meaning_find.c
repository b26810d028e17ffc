// Search: by words and by meaning, fused.
#include <math.h>

#include "know/meaning_private.h"

#include "base/map64.h"
#include "base/unicode.h"
#include "know/lists.h"
#include "sql/know.h"
#include "sql/know_meaning.h"
#include "text/seek.h"
#include "text/token.h"

enum {
    BY_WORDS = 300,   // that go into the fusion
    BY_MEANING = 300, //
    ROWS = 3000,      // matches that are looked at for BY_WORDS that fit
    FEW = 20,         // fewer than this have all the words: then any of them are enough
    TERMS = 24
};
static const double LEAST = 0.4; // cosine; below it two texts have little to do with one another

typedef struct {
    store *s;
    meaning_index *x;
    const reader *r;
    const meaning_question *q;
    arena a;
    int64_t *profiles; // of the customer asked for
    size_t n_profiles;
    map64 at; // event → its number
    meaning_hit *v;
    size_t n, room;
    uint32_t words[BY_WORDS + FEW], meanings[BY_MEANING];
    size_t n_words, n_meanings;
} finding;

// ---- what was found ----

static uint32_t hit_of(finding *f, int64_t profile, int64_t key, bool *made) {
    const int64_t both = (int64_t)str_hash2((uint64_t)profile, (str){(const char *)&key, sizeof key});
    const uint32_t i = (uint32_t)*map64_at(&f->at, both, (int32_t)f->n, made);
    if (!*made) return i;
    if (f->n == f->room) {
        meaning_hit *more = make(&f->a, meaning_hit, f->room = f->room ? f->room * 2 : 256);
        if (f->n) memcpy(more, f->v, f->n * sizeof *more);
        f->v = more;
    }
    f->v[f->n++] = (meaning_hit){.profile = profile, .key = key, .meaning = NAN};
    return i;
}

static bool theirs(const finding *f, int64_t profile) {
    for (size_t i = 0; i < f->n_profiles; i++)
        if (f->profiles[i] == profile) return true;
    return !f->q->customer;
}

static bool is_example(const finding *f, int64_t profile, int64_t key) {
    for (size_t i = 0; i < f->q->n_like; i++)
        if (f->q->like[i].profile == profile && f->q->like[i].key == key) return true;
    return false;
}

// ---- by words ----

typedef struct {
    finding *f;
    str v[TERMS];
    size_t n;
    pack_words stop[3];
    int stops;
} terms;

// As they were typed: each back end folds letters in its own way, and knows "ß" from "ss".
static void add_term(terms *t, str word) {
    for (size_t i = 0; i < t->n; i++)
        if (str_eq(t->v[i], word)) return;
    if (t->n < TERMS) t->v[t->n++] = word;
}

static bool says_little(const terms *t, str word) {
    arena a = t->f->a;
    const str folded = text_fold(&a, word);
    for (int i = 0; i < t->stops; i++)
        if (pack_word(&t->stop[i], folded, NULL)) return true;
    return false;
}

static terms terms_of(finding *f, str words) {
    static const char *const lists[] = {"stop.en", "stop.de", "stop.es"};
    terms t = {.f = f};
    const tokens all = tokens_of(&f->a, words);
    for (size_t i = 0; i < all.n; i++)
        if (!all.v[i].punct) add_term(&t, str_sub(words, all.v[i].from, all.v[i].to - all.v[i].from));
    for (size_t i = 0; f->r && i < COUNT(lists); i++)
        t.stops += pack_words_of(reader_words(f->r), str_c(lists[i]), &t.stop[t.stops]);
    return t;
}

// Every word stands in quotes, so that nothing in it is taken for the search language of the back end.
static str match_of(finding *f, const terms *t, bool any) {
    const bool pg = store_kind_of(f->s) == STORE_POSTGRES;
    const char quote = pg ? '\'' : '"';
    buf b = buf_new(&f->a, 1 << 16);
    size_t telling = 0;
    for (size_t i = 0; i < t->n; i++) telling += !says_little(t, t->v[i]);
    for (size_t i = 0; i < t->n; i++) {
        if (any && telling && says_little(t, t->v[i])) continue;
        if (b.len) buf_add(&b, any ? (pg ? S(" | ") : S(" OR ")) : (pg ? S(" & ") : S(" AND ")));
        buf_addc(&b, quote);
        for (size_t k = 0; k < t->v[i].len; k++) {
            if (t->v[i].s[k] == quote || (pg && t->v[i].s[k] == '\\')) buf_addc(&b, t->v[i].s[k]);
            buf_addc(&b, t->v[i].s[k] ? t->v[i].s[k] : ' ');
        }
        buf_addc(&b, quote);
    }
    return buf_str(&b);
}

static bool fits_known(const finding *f, const meaning *m, bool there, bool *fits, err *e) {
    const meaning_question *q = f->q;
    int64_t given = 1;
    *fits = (q->mood == MOOD_UNKNOWN && !q->topic) || there;
    if (*fits && q->mood != MOOD_UNKNOWN) *fits = meaning_class(m) == q->mood;
    if (*fits && q->topic && !store_int(f->s, Q_meaning_has_topic, &given, 0, e, "iii", m->profile, m->key, q->topic))
        return false;
    *fits = *fits && given;
    return true;
}

static bool fits_row(const finding *f, int64_t profile, int64_t key, int64_t at_us, int64_t channel) {
    const meaning_question *q = f->q;
    if (q->since_us && at_us < q->since_us) return false;
    if (q->until_us && at_us >= q->until_us) return false;
    if (q->channel >= 0 && channel != q->channel) return false;
    return theirs(f, profile) && !is_example(f, profile, key);
}

static bool take_match(finding *f, const row *r, err *e) {
    const int64_t feedback = row_int(r, 0), profile = row_int(r, 1), at_us = row_int(r, 2), key = row_int(r, 3);
    bool there, fits, made;
    meaning m = {0};
    if (!fits_row(f, profile, key, at_us, row_int(r, 4))) return true;
    if (!meaning_find_one(&f->a, f->s, profile, key, &m, &there, e) || !fits_known(f, &m, there, &fits, e))
        return false;
    if (!fits) return true;
    const uint32_t i = hit_of(f, profile, key, &made);
    if (!made) return true;
    f->v[i].feedback = feedback, f->v[i].at_us = at_us;
    if (there) f->v[i].known = m;
    f->v[i].words = (int)f->n_words + 1;
    f->words[f->n_words++] = i;
    return true;
}

static bool matches(finding *f, str match, err *e) {
    if (!match.len) return true;
    for (row r = store_query(f->s, Q_meaning_match, e, "ti", match, (int64_t)ROWS); row_next(&r);)
        if (f->n_words == BY_WORDS || !take_match(f, &r, e)) row_end(&r);
    return err_ok(e);
}

static bool by_words(finding *f, err *e) {
    const terms t = terms_of(f, f->q->words);
    if (!t.n) return true;
    if (!matches(f, match_of(f, &t, false), e)) return false;
    return f->n_words >= FEW || t.n == 1 || matches(f, match_of(f, &t, true), e);
}

// ---- by meaning ----

// What is looked for as numbers: the words, and the mean of what it should be like.
static bool wanted(finding *f, int8_t *out, bool *any, err *e) {
    float v[EMBEDDING] = {0}, one[EMBEDDING];
    double square = 0;
    *any = false;
    if (f->q->words.len && f->r && reader_embeds(f->r)) {
        meaning_mark now;
        if (!meaning_mark_read(&f->a, f->s, &now, e)) return false;
        if (meaning_as_before(&f->a, now.make, f->r) && !reader_embed(f->r, f->a, &f->q->words, 1, v, e)) return false;
    }
    for (size_t i = 0; i < f->q->n_like; i++) {
        meaning m;
        bool there;
        if (!meaning_find_one(&f->a, f->s, f->q->like[i].profile, f->q->like[i].key, &m, &there, e)) return false;
        if (!there || !m.vector) continue;
        embedding_unpack(m.vector, one);
        for (int k = 0; k < EMBEDDING; k++) v[k] += one[k];
    }
    for (int k = 0; k < EMBEDDING; k++) square += (double)v[k] * v[k];
    for (int k = 0; square > 0 && k < EMBEDDING; k++) v[k] = (float)(v[k] / sqrt(square));
    embedding_pack(v, out);
    *any = square > 0;
    return true;
}

typedef struct {
    float score;
    int64_t profile, key;
} place_hit;

static int by_score(const void *x, const void *y) {
    const place_hit *a = x, *b = y;
    if (a->score > b->score || a->score < b->score) return a->score > b->score ? -1 : 1;
    return a->key != b->key ? (a->key < b->key ? -1 : 1) : (a->profile > b->profile) - (a->profile < b->profile);
}

// Rows of place, profile, key and vector: those that are like enough.
static size_t compare(finding *f, row r, const int8_t *query, place_hit *out, size_t *n) {
    size_t rows = 0;
    for (; row_next(&r); rows++) {
        const str v = row_str(&r, 3);
        const int64_t profile = row_int(&r, 1), key = row_int(&r, 2);
        if (v.len != EMBEDDING || is_example(f, profile, key)) continue;
        const float score = embedding_dot(query, (const int8_t *)v.s);
        if ((double)score >= LEAST) out[(*n)++] = (place_hit){score, profile, key};
    }
    return rows;
}

static bool topic_places(finding *f, meaning_bounds *b, err *e) {
    int64_t *v = NULL;
    size_t n = 0, room = 0;
    if (!f->q->topic) return true;
    for (row r = store_query(f->s, Q_meaning_places_topic, e, "i", f->q->topic); row_next(&r);)
        list_push(&f->a, &v, &n, &room, row_int(&r, 0));
    b->n_places = n ? list_unique(v, n) : 0;
    b->places = n ? v : make(&f->a, int64_t, 1);
    return err_ok(e);
}

// What one customer said is little: it is compared whole.
static bool near_of_customer(finding *f, const int8_t *query, place_hit **out, size_t *n, err *e) {
    const str list = list_json(&f->a, f->profiles, f->n_profiles);
    size_t room = 0;
    for (row r = store_query(f->s, Q_meaning_places_of, e, "t", list); row_next(&r);) room++;
    *out = make(&f->a, place_hit, room + 1);
    if (err_ok(e)) compare(f, store_query(f->s, Q_meaning_places_of, e, "t", list), query, *out, n);
    return err_ok(e);
}

static bool near_of_all(finding *f, const int8_t *query, place_hit **out, size_t *n, err *e) {
    const meaning_question *q = f->q;
    meaning_bounds b = {.since_us = q->since_us, .until_us = q->until_us, .channel = q->channel, .mood = q->mood};
    unsigned char code[MEANING_CODE];
    int64_t *places = make(&f->a, int64_t, MEANING_LOOKED);
    *out = make(&f->a, place_hit, MEANING_LOOKED);
    if (!f->x) return true;
    if (!meaning_index_follow(f->x, f->s, e) || !topic_places(f, &b, e)) return false;
    meaning_code(query, code);
    const size_t looked = meaning_index_near(f->x, f->a, code, &b, places);
    if (!looked) return true;
    const size_t there =
        compare(f, store_query(f->s, Q_meaning_places, e, "t", list_json(&f->a, places, looked)), query, *out, n);
    if (err_ok(e)) meaning_index_missed(f->x, looked - MIN(there, looked), looked);
    return err_ok(e);
}

static bool take_place(finding *f, const place_hit *h, err *e) {
    meaning m;
    bool there, fits, made;
    int64_t feedback = 0;
    if (!meaning_find_one(&f->a, f->s, h->profile, h->key, &m, &there, e) || !there) return err_ok(e);
    if (!fits_row(f, m.profile, m.key, m.at_us, (int64_t)m.channel)) return true;
    if (!fits_known(f, &m, there, &fits, e) || !fits) return err_ok(e);
    if (!store_int(f->s, Q_meaning_feedback, &feedback, 0, e, "iii", (int64_t)m.period, m.profile, m.key)) return false;
    if (!feedback) return true;
    const uint32_t i = hit_of(f, m.profile, m.key, &made);
    f->v[i].meaning = fmin(1, (double)h->score);
    f->v[i].feedback = feedback, f->v[i].at_us = m.at_us, f->v[i].known = m;
    f->meanings[f->n_meanings++] = i;
    return true;
}

static bool by_meaning(finding *f, err *e) {
    int8_t query[EMBEDDING];
    bool any;
    place_hit *hits = NULL;
    size_t n = 0;
    if (!wanted(f, query, &any, e) || !any) return err_ok(e);
    if (!(f->q->customer ? near_of_customer : near_of_all)(f, query, &hits, &n, e)) return false;
    if (n) qsort(hits, n, sizeof *hits, by_score);
    for (size_t i = 0; i < n && f->n_meanings < BY_MEANING; i++)
        if (!take_place(f, &hits[i], e)) return false;
    return true;
}

// ---- fused ----

// A person who says the same again says it once.
static bool said_before(const meaning_hit *v, size_t n, const meaning_hit *x) {
    for (size_t i = 0; i < n && x->known.key; i++)
        if (v[i].known.key && v[i].profile == x->profile && v[i].known.same_key == x->known.same_key &&
            v[i].known.same_profile == x->known.same_profile)
            return true;
    return false;
}

static void fuse(finding *f, arena *a, meaning_hit **out, size_t *n) {
    const seek_ranking both[] = {{f->words, f->n_words, 0}, {f->meanings, f->n_meanings, 0}};
    seek_hit *order = make(&f->a, seek_hit, f->n + 1);
    const size_t all = seek_fuse(f->a, both, COUNT(both), f->n, order);
    *out = make(a, meaning_hit, MIN(all, f->q->most) + 1), *n = 0;
    for (size_t i = 0; i < all && *n < f->q->most; i++) {
        meaning_hit *x = &f->v[order[i].at];
        x->score = (double)order[i].score;
        if (said_before(*out, *n, x)) continue;
        x->known.lang = str_dup(a, x->known.lang), x->known.vector = NULL;
        (*out)[(*n)++] = *x;
    }
}

bool meaning_find(arena *a, store *s, meaning_index *x, const reader *r, const meaning_question *q, meaning_hit **out,
                  size_t *n, err *e) {
    finding *f;
    arena life = arena_open((size_t)1 << 30);
    f = make(&life, finding, 1);
    *f = (finding){.s = s, .x = x, .r = r, .q = q, .a = arena_open((size_t)1 << 30)};
    f->at = map64_new(&f->a, 1024);
    size_t room = 0;
    *n = 0;
    bool ok = q->words.len || q->n_like || fail(e, ERR_invalid, "say what to look for: words, or something it is like");
    if (ok && q->customer)
        for (row p = store_query(s, Q_profile_of_customer, e, "i", q->customer); row_next(&p);)
            list_push(&f->a, &f->profiles, &f->n_profiles, &room, row_int(&p, 0));
    ok = ok && err_ok(e) && by_words(f, e) && by_meaning(f, e);
    if (ok) fuse(f, a, out, n);
    arena_close(&f->a);
    arena_close(&life);
    return ok;
}
