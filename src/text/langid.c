#include "text/langid.h"

#include "base/unicode.h"

#include <math.h>

// n-grams of bytes with a score for each language that has them, as "Efficient Language Detector" counts them: within a
// word every third byte, and the word's end (Nito T.M. 2023, https://github.com/nitotm/efficient-language-detector-js).
enum { BUCKETS = 65536, GRAM = 4, STEP = 3, LONGEST_WORD = 70, READ = 2000, MOST_LANGUAGES = 64, MOST_GRAMS = 1024 };

typedef struct {
    uint32_t grams, pairs, languages, base;
    char reserved[16];
} langid_head;
_Static_assert(sizeof(langid_head) == 32, "as assets/pack.mjs writes it");

typedef struct {
    uint8_t language, score;
} pair;

struct langid {
    size_t n; // languages
    const char **codes;
    double *prior; // logarithms
    uint32_t base; // what every score is above what is stored
    const uint32_t *buckets, *hashes, *starts;
    const pair *pairs; // NULL: no table
};

// ---- opening ----

static const struct {
    const char *code;
    double speakers;
} spoken[] = {
#define LANGUAGE_OF(code, speakers, name) {#code, speakers},
#include "text/langid_languages.def"
};

static size_t spoken_at(str code) {
    if (str_eq(code, S("no"))) code = S("nb");
    if (str_eq(code, S("ms"))) code = S("id");
    size_t i = 0;
    while (i < COUNT(spoken) && !str_eq(code, str_c(spoken[i].code))) i++;
    return i;
}

static bool table_ok(const langid *l, const langid_head *h) {
    for (size_t i = 0; i < BUCKETS; i++)
        if (l->buckets[i] > l->buckets[i + 1]) return false;
    for (size_t i = 0; i < h->grams; i++)
        if (l->starts[i] > l->starts[i + 1]) return false;
    for (size_t i = 0; i < h->pairs; i++)
        if (l->pairs[i].language >= h->languages) return false;
    return l->buckets[0] == 0 && l->buckets[BUCKETS] == h->grams && l->starts[0] == 0 &&
           l->starts[h->grams] == h->pairs;
}

static bool take_languages(langid *l, const char *codes, size_t n) {
    for (l->n = 0; l->n < n; l->n++) {
        const char *code = codes + 4 * l->n;
        const size_t at = memchr(code, 0, 4) ? spoken_at(str_c(code)) : COUNT(spoken);
        if (at == COUNT(spoken)) return false;
        l->codes[l->n] = spoken[at].code;
        l->prior[l->n] = log(spoken[at].speakers);
    }
    return true;
}

static bool take_table(langid *l, str bytes) {
    const langid_head *h = (const void *)bytes.s;
    if (bytes.len < sizeof *h || h->languages > MOST_LANGUAGES || h->grams > UINT32_MAX / 8) return false;
    const uint64_t need =
        sizeof *h + 4ULL * h->languages + 4ULL * (BUCKETS + 1) + 8ULL * h->grams + 4 + 2ULL * h->pairs;
    if (need != bytes.len || !take_languages(l, bytes.s + sizeof *h, h->languages)) return false;
    l->base = h->base;
    l->buckets = (const void *)(bytes.s + sizeof *h + 4 * h->languages);
    l->hashes = l->buckets + BUCKETS + 1;
    l->starts = l->hashes + h->grams;
    l->pairs = (const void *)(l->starts + h->grams + 1);
    return table_ok(l, h);
}

static void without_table(arena *a, langid *l) {
    static const char *const three[] = {"en", "de", "es"};
    l->pairs = NULL;
    l->n = COUNT(three);
    l->codes = make(a, const char *, COUNT(three));
    for (size_t i = 0; i < COUNT(three); i++) l->codes[i] = three[i];
}

langid *langid_open(arena *a, const pack *p) {
    langid *l = make(a, langid, 1);
    str bytes;
    l->codes = make(a, const char *, MOST_LANGUAGES);
    l->prior = make(a, double, MOST_LANGUAGES);
    if (!pack_section(p, S("languages"), &bytes) || !take_table(l, bytes)) without_table(a, l);
    return l;
}

size_t langid_languages(const langid *l, const char *const **codes) {
    *codes = l->codes;
    return l->n;
}

// ---- counting n-grams ----

typedef struct {
    const langid *l;
    double score[MOST_LANGUAGES];
    uint32_t seen[2 * MOST_GRAMS]; // hashes of the n-grams met: each counts once
    size_t n, known;
} tally;

// Fowler, Noll & Vo, FNV-1a, of an n-gram with a blank where a word begins or ends.
static uint32_t hash_of(str gram, bool begins, bool ends) {
    uint32_t h = 0x811c9dc5;
    if (begins) h = (h ^ ' ') * 0x01000193;
    for (size_t i = 0; i < gram.len; i++) h = (h ^ (unsigned char)gram.s[i]) * 0x01000193;
    return ends ? (h ^ ' ') * 0x01000193 : h;
}

static bool first_time(tally *t, uint32_t h) {
    if (t->n == MOST_GRAMS) return false;
    const uint32_t key = h ? h : 1;
    size_t at = key % COUNT(t->seen);
    while (t->seen[at] && t->seen[at] != key) at = (at + 1) % COUNT(t->seen);
    if (t->seen[at]) return false;
    t->seen[at] = key;
    t->n++;
    return true;
}

static void count_gram(tally *t, uint32_t h) {
    const langid *l = t->l;
    if (!first_time(t, h)) return;
    uint32_t low = l->buckets[h >> 16], high = l->buckets[(h >> 16) + 1];
    while (low < high && l->hashes[low] != h) low++;
    if (low == high) return;
    t->known++;
    for (uint32_t i = l->starts[low]; i < l->starts[low + 1]; i++)
        t->score[l->pairs[i].language] += l->pairs[i].score + l->base;
}

static void count_word(tally *t, str word) {
    word = str_sub(word, 0, LONGEST_WORD);
    size_t at = 0;
    for (; at + GRAM < word.len; at += STEP) count_gram(t, hash_of(str_sub(word, at, GRAM), at == 0, false));
    count_gram(t, hash_of(str_sub(word, word.len > GRAM ? word.len - GRAM : 0, GRAM), at == 0, true));
}

// ---- telling ----

static size_t letters_in(str letters) {
    size_t n = 0;
    for (size_t i = 0; i < letters.len; i++) n += letters.s[i] != ' ' && (letters.s[i] & 0xC0) != 0x80;
    return n;
}

static bool is_among(const char *code, const char *const *codes, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(str_c(code), str_c(codes[i]))) return true;
    return n == 0;
}

#define SHARPNESS                                                                                                      \
    0.028 // a point of score, as a logarithm of odds; fitted with the next one on half of a set (docs/text.md)
#define PRIOR   0.35 // how much the number of speakers counts
#define OUTSIDE 20.0 // a text of which less than a twentieth speaks for any possible language is doubtful

static void two_best(const langid *l, const double *p, language_guess *g) {
    size_t best = l->n, second = l->n;
    for (size_t i = 0; i < l->n; i++)
        if (p[i] > 0 && (best == l->n || p[i] > p[best]))
            second = best, best = i;
        else if (p[i] > 0 && (second == l->n || p[i] > p[second]))
            second = i;
    if (best < l->n) snprintf(g->code, sizeof g->code, "%s", l->codes[best]), g->sure = p[best];
    if (second < l->n) snprintf(g->second, sizeof g->second, "%s", l->codes[second]), g->second_sure = p[second];
}

// Bayes: what the n-grams say and how many speak it. Languages without any n-gram of the text are out.
static void weigh(const tally *t, double *p) {
    double most = -INFINITY, sum = 0;
    for (size_t i = 0; i < t->l->n; i++) {
        p[i] = t->score[i] > 0 ? SHARPNESS * t->score[i] + PRIOR * t->l->prior[i] : -INFINITY;
        most = MAX(most, p[i]);
    }
    for (size_t i = 0; i < t->l->n; i++) sum += p[i] = isfinite(p[i]) ? exp(p[i] - most) : 0;
    for (size_t i = 0; sum > 0 && i < t->l->n; i++) p[i] /= sum;
}

// Only some languages are possible. A text that is nearly surely in none of them is not made one of theirs.
static void only(const langid *l, const char *const *codes, size_t n, double *p) {
    double sum = 0;
    for (size_t i = 0; i < l->n; i++) sum += p[i] = is_among(l->codes[i], codes, n) ? p[i] : 0;
    for (size_t i = 0; sum > 0 && i < l->n; i++) p[i] *= fmin(1, OUTSIDE * sum) / sum;
}

static void by_table(const langid *l, str letters, const char *const *codes, size_t n, language_guess *g) {
    tally t = {.l = l};
    double p[MOST_LANGUAGES];
    for (str rest = letters, word; word = str_cut(&rest, ' '), word.s;)
        if (word.len) count_word(&t, word);
    weigh(&t, p);
    only(l, codes, n, p);
    two_best(l, p, g);
    if (2 * t.known < t.n) g->sure *= 2 * (double)t.known / (double)t.n; // much of it is of no language
}

static void by_words(const langid *l, str letters, const char *const *codes, size_t n, language_guess *g) {
    static const char *const lists[] = {
#define FUNCTION_WORDS(language, words) words,
#include "text/langid_words.def"
    };
    double p[COUNT(lists)] = {0}, all = 0;
    for (str rest = letters, word; word = str_cut(&rest, ' '), word.s; all++) {
        char padded[32];
        if (!word.len || word.len + 3 > sizeof padded) continue;
        const int len = snprintf(padded, sizeof padded, " %.*s ", STR_ARG(word));
        for (size_t i = 0; i < COUNT(lists); i++)
            p[i] += is_among(l->codes[i], codes, n) && str_has(str_c(lists[i]), (str){padded, (size_t)len});
    }
    for (size_t i = 0; i < COUNT(lists); i++) p[i] = p[i] < 2 ? 0 : MIN(p[i] / all * 5, 0.95);
    two_best(l, p, g);
    if (g->second_sure * 2 > g->sure) g->sure /= 2;
}

language_guess langid_among(const langid *l, arena scratch, str text, const char *const *codes, size_t n) {
    language_guess g = {0};
    size_t cut = MIN(text.len, (size_t)READ);
    while (cut && cut < text.len && (text.s[cut] & 0xC0) == 0x80) cut--;
    const str letters = text_letters(&scratch, str_sub(text, 0, cut));
    if (!letters.len) return g;
    if (l->pairs)
        by_table(l, letters, codes, n, &g);
    else
        by_words(l, letters, codes, n, &g);
    g.told = g.sure >= (letters_in(letters) < LANGID_SHORT ? 0.95 : 0.8);
    return g;
}

language_guess langid_of(const langid *l, arena scratch, str text) {
    return langid_among(l, scratch, text, NULL, 0);
}
