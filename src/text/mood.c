#include <math.h>

#include "text/mood_inside.h"

static const char *const feelings[] = {
#define FEELING(name, sign, about) #name,
#include "text/mood_feelings.def"
};
static const int signs[] = {
#define FEELING(name, sign, about) sign,
#include "text/mood_feelings.def"
};

const char *mood_feeling_name(enum mood_feeling f) {
    return feelings[f];
}

int mood_feeling_sign(enum mood_feeling f) {
    return signs[f];
}

const char *mood_class_name(enum mood_class c) {
    static const char *const names[] = {"bad", "neither", "good"};
    return names[c];
}

// ---- what was learned ----

typedef struct {
    const char *name;
    double unit;
    const char *numbers; // bytes in hexadecimal, the sign in the highest bit
} weights;

static const weights learned[] = {
#define WEIGHTS(name, unit, numbers) {name, unit, numbers},
#include "text/mood_weights.def"
    {NULL, 0, NULL}};

static int digit(char c) {
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

static void read_weights(const char *name, float *out, size_t n) {
    const weights *w = learned;
    while (w->name && strcmp(w->name, name) != 0) w++;
    if (!w->name || strlen(w->numbers) != 2 * n) return;
    for (size_t i = 0; i < n; i++)
        out[i] = (float)(w->unit * (int8_t)(digit(w->numbers[2 * i]) << 4 | digit(w->numbers[2 * i + 1])));
}

mood *mood_open(arena *a, const pack *p) {
    mood *m = make(a, mood, 1);
    (void)pack_words_of(p, S("lexicon.vader"), &m->vader);
    (void)pack_words_of(p, S("lexicon.en"), &m->other[LANG_en]);
    (void)pack_words_of(p, S("lexicon.de"), &m->other[LANG_de]);
    (void)pack_words_of(p, S("lexicon.es"), &m->other[LANG_es]);
    for (int c = 0; c < 3; c++) {
        char name[32];
        read_weights(mood_class_name((enum mood_class)c), m->is[c], MOOD_INPUTS + 1);
        snprintf(name, sizeof name, "words %s", mood_class_name((enum mood_class)c));
        read_weights(name, m->words[c], MOOD_WORDS + 1);
        snprintf(name, sizeof name, "about %s", mood_class_name((enum mood_class)c));
        read_weights(name, m->about[c], MOOD_ABOUT + 1);
    }
    read_weights("usual", m->usual, 3);
    for (int f = 0; f < FEELINGS; f++) read_weights(feelings[f], m->feeling[f], MOOD_INPUTS + 1);
    return m;
}

static double sum_of(const float *w, const float *x, size_t n) {
    double s = w[n];
    for (size_t i = 0; i < n; i++) s += (double)w[i] * x[i];
    return s;
}

// ---- readings ----

bool mood_language(const language_guess *g, enum language *l, bool *meaning) {
    const enum language likeliest = language_named(str_c(g->code));
    *l = g->told ? likeliest : LANG_none;
    *meaning = likeliest == LANG_en || (!g->told && likeliest == LANG_none);
    return !g->told || likeliest != LANG_none;
}

mood_reading mood_of_scores(const double score[3], bool guess) {
    mood_reading r = {.guess = guess};
    const double most = fmax(score[0], fmax(score[1], score[2]));
    double sum = 0;
    for (int c = 0; c < 3; c++) sum += r.sure[c] = exp(score[c] - most);
    for (int c = 0; c < 3; c++) r.sure[c] /= sum;
    for (int c = 1; c < 3; c++)
        if (r.sure[c] > r.sure[r.is]) r.is = (enum mood_class)c;
    r.value = r.sure[MOOD_good] - r.sure[MOOD_bad];
    return r;
}

// The scores of the classes by words alone, or by the meaning of the whole too.
static void scores_of(const mood *m, const float *x, bool whole, double score[3]) {
    for (int c = 0; c < 3; c++)
        score[c] = whole ? sum_of(m->is[c], x, MOOD_INPUTS) : sum_of(m->words[c], x + EMBEDDING, MOOD_WORDS);
}

static double leaning(const mood *m, const float *x, bool whole) {
    double score[3];
    scores_of(m, x, whole, score);
    return score[MOOD_good] - score[MOOD_bad];
}

static bool says(const float *embedding) {
    for (int i = 0; embedding && i < EMBEDDING; i++)
        if (embedding[i] != 0) return true;
    return false;
}

mood_reading mood_read(const mood *m, arena scratch, str text, const float *embedding, enum language l) {
    float x[MOOD_INPUTS];
    mood_inputs(m, scratch, text, embedding, l, x);
    const bool whole = says(embedding);
    double score[3];
    scores_of(m, x, whole, score);
    mood_reading r = mood_of_scores(score, !whole);
    for (int f = 0; whole && f < FEELINGS; f++) r.feeling[f] = 1 / (1 + exp(-sum_of(m->feeling[f], x, MOOD_INPUTS)));
    if (!whole && (l == LANG_de || l == LANG_es)) {
        const mood_pieces p = mood_cut(&scratch, m, text, l);
        mood_felt(scratch, &p, l, r.feeling);
    }
    return r;
}

size_t mood_words_of(arena *a, const mood *m, str text, enum language l, mood_word **words) {
    arena scratch = arena_open((text.len + 64) * (sizeof(mood_piece) + 64) + (1 << 16));
    const mood_pieces p = mood_cut(&scratch, m, text, l);
    size_t n = 0;
    for (size_t i = 0; i < p.n; i++) n += p.v[i].value != 0;
    *words = make(a, mood_word, n + 1);
    n = 0;
    for (size_t i = 0; i < p.n; i++) {
        const mood_piece *w = &p.v[i];
        const size_t at = (size_t)(w->piece.s - text.s);
        if (w->value != 0) (*words)[n++] = (mood_word){at, at + w->piece.len, w->value / 4, w->turned, w->clause, 0};
    }
    arena_close(&scratch);
    return n;
}

size_t mood_why(arena *a, const mood *m, str text, const float *embedding, enum language l, mood_word **words,
                double *meaning) {
    const size_t n = mood_words_of(a, m, text, l, words);
    arena scratch = arena_open((text.len + 64) * (sizeof(mood_piece) + 64) + (1 << 16));
    const mood_pieces p = mood_cut(&scratch, m, text, l);
    const bool whole = says(embedding);
    float x[MOOD_INPUTS] = {0};
    if (whole) memcpy(x, embedding, EMBEDDING * sizeof *x);
    mood_words_numbers(&p, x + EMBEDDING);
    const double all = leaning(m, x, whole);
    for (size_t i = 0, k = 0; i < p.n && k < n; i++) {
        const double of_word = p.v[i].value;
        if (of_word == 0) continue;
        p.v[i].value = 0;
        mood_words_numbers(&p, x + EMBEDDING);
        p.v[i].value = of_word;
        (*words)[k++].adds = all - leaning(m, x, whole);
    }
    *meaning = whole ? m->usual[MOOD_bad] - m->usual[MOOD_good] : 0;
    for (int i = 0; whole && i < EMBEDDING; i++)
        *meaning += ((double)m->is[MOOD_good][i] - m->is[MOOD_bad][i]) * embedding[i];
    arena_close(&scratch);
    return n;
}

size_t mood_clauses(arena *a, const mood *m, str text, enum language l, mood_clause **clauses) {
    arena scratch = arena_open((text.len + 64) * (sizeof(mood_piece) + 64) + (1 << 16));
    const mood_pieces p = mood_cut(&scratch, m, text, l);
    *clauses = make(a, mood_clause, (size_t)p.clauses + 1);
    size_t n = 0;
    for (size_t i = 0, to; i < p.n; i = to) {
        double sum = 0;
        for (to = i; to < p.n && p.v[to].clause == p.v[i].clause; to++) sum += p.v[to].value;
        const str last = p.v[to - 1].piece;
        (*clauses)[n++] = (mood_clause){(size_t)(p.v[i].piece.s - text.s), (size_t)(last.s - text.s) + last.len,
                                        mood_squash(sum), p.v[i].contrast};
    }
    arena_close(&scratch);
    return n;
}

void mood_inputs(const mood *m, arena scratch, str text, const float *embedding, enum language l, float *out) {
    const mood_pieces p = mood_cut(&scratch, m, text, l);
    memset(out, 0, MOOD_INPUTS * sizeof *out);
    if (embedding) memcpy(out, embedding, EMBEDDING * sizeof *out);
    mood_words_numbers(&p, out + EMBEDDING);
}
