// Feelings that words name, in the languages that the encoder does not read.
#include "text/mood_inside.h"

// A word that names a feeling is right more often than not; two are surer. Nothing was rated to fit these by, so that
// they stay modest.
static const double ONE = 0.6;
enum { REACH = 4, AFTER = 3 };

typedef struct {
    enum language l;
    enum mood_feeling f;
    const char *words;
} felt;

static const felt rows[] = {
#define FELT(language, feeling, words) {LANG_##language, FEELING_##feeling, words},
#include "text/mood_felt.def"
};

// Accents and points above letters are left away: people often do not write them.
static str plain(arena *a, str w) {
    static const char *const with[] = {"á", "à", "ä", "é", "è", "í", "ì", "ó", "ò", "ö", "ú", "ù", "ü", "ñ"};
    static const char without[] = "aaaeeiiooouuun";
    char *s = make(a, char, w.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < w.len; i++) {
        size_t k = 0;
        while (k < COUNT(with) && !str_starts(str_sub(w, i, w.len - i), str_c(with[k]))) k++;
        s[n++] = k < COUNT(with) ? without[k] : w.s[i];
        i += k < COUNT(with);
    }
    return (str){s, n};
}

static bool is_word(str w, str pattern) {
    if (!str_ends(pattern, S("*"))) return str_eq(w, pattern);
    return str_starts(w, str_sub(pattern, 0, pattern.len - 1));
}

// How many words from `at` on a pattern takes; 0: it is another.
static size_t matches(const str *words, size_t n, size_t at, str pattern) {
    size_t taken = 0;
    for (str rest = pattern, one; rest.s; taken++) {
        one = str_cut(&rest, '_');
        if (at + taken >= n || !is_word(words[at + taken], one)) return 0;
    }
    return taken;
}

static bool turned(const mood_pieces *p, size_t at, size_t taken, enum language l) {
    for (size_t d = 1; d <= REACH && d <= at; d++) {
        if (p->v[at - d].clause != p->v[at].clause) break;
        if (p->v[at - d].negation) return true;
    }
    // German puts the negation after the verb.
    for (size_t i = at + taken; l == LANG_de && i < MIN(p->n, at + taken + AFTER); i++)
        if (p->v[i].clause == p->v[at].clause && str_eq(p->v[i].word, S("nicht"))) return true;
    return false;
}

// What is not liked is disapproved of, what does not please disappoints; what is not bad says nothing.
static enum mood_feeling opposite(enum mood_feeling f) {
    if (f == FEELING_approval) return FEELING_disapproval;
    return mood_feeling_sign(f) > 0 && f != FEELING_amusement ? FEELING_disappointment : FEELINGS;
}

typedef struct {
    const mood_pieces *p;
    str *words;
    size_t *seen; // words: the last row that named them, 1 the first: one word counts once for a feeling
    enum language l;
    double *out;
} finding;

static void find(const finding *x, size_t row, str pattern) {
    for (size_t i = 0; i < x->p->n; i++) {
        if (!x->words[i].len || x->words[i].s[0] != pattern.s[0] || x->seen[i] == row + 1) continue;
        const size_t taken = matches(x->words, x->p->n, i, pattern);
        if (!taken) continue;
        x->seen[i] = row + 1;
        const enum mood_feeling f = turned(x->p, i, taken, x->l) ? opposite(rows[row].f) : rows[row].f;
        if (f < FEELINGS) x->out[f] = 1 - (1 - x->out[f]) * (1 - ONE);
    }
}

void mood_felt(arena scratch, const mood_pieces *p, enum language l, double *out) {
    const finding x = {p, make(&scratch, str, p->n + 1), make(&scratch, size_t, p->n + 1), l, out};
    for (size_t i = 0; i < p->n; i++) x.words[i] = plain(&scratch, p->v[i].word);
    for (size_t r = 0; r < COUNT(rows); r++)
        for (str rest = str_c(rows[r].words); rest.s && rows[r].l == l;) find(&x, r, str_cut(&rest, ' '));
}
