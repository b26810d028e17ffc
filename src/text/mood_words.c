// The values of words, and what stands around them (Hutto & Gilbert 2014, for English, German and Spanish).
#include <math.h>

#include "text/mood_inside.h"

#include "base/unicode.h"

// Factors of VADER: what a strengthening word adds, what a negation leaves, what capitals add.
static const double STRONGER = 0.293, TURNED = -0.74, CAPITALS = 0.733;
enum { REACH = 3 };

static const char *const negations[] = {
    "not no never none nobody nothing neither nor nowhere cannot cant dont doesnt didnt isnt arent wasnt werent wont "
    "wouldnt couldnt shouldnt hasnt havent hadnt aint without hardly barely scarcely rarely seldom lacks lack lacking",
    "nicht kein keine keinen keinem keiner keines nie niemals nichts ohne kaum weder selten",
    "no nunca jamas ningun ninguna ninguno nada sin tampoco ni apenas",
};
static const char *const boosters[] = {
    "very really extremely absolutely totally completely so too incredibly super highly amazingly especially "
    "particularly "
    "most more truly utterly such quite deeply fully hugely exceptionally insanely",
    "sehr wirklich extrem absolut total vollig so zu unglaublich super besonders echt mega richtig uberaus ausserst",
    "muy realmente extremadamente absolutamente totalmente tan demasiado increiblemente super especialmente bastante",
};
static const char *const dampers[] = {
    "slightly somewhat barely kinda kind sort partly little less almost fairly marginally occasionally",
    "etwas ein bisschen wenig leicht teilweise ziemlich fast",
    "algo poco ligeramente casi parcialmente",
};
static const char *const contrasts = "but however although though yet except nevertheless whereas while aber jedoch "
                                     "allerdings obwohl doch dennoch sondern "
                                     "trotzdem pero sino aunque embargo mientras";

static bool listed(str w, const char *list) {
    for (str rest = str_c(list), one; rest.s;)
        if (one = str_cut(&rest, ' '), str_eq(w, one)) return true;
    return false;
}

static bool listed_in(str w, const char *const lists[3], enum language l) {
    if (l == LANG_none) return listed(w, lists[0]) || listed(w, lists[1]) || listed(w, lists[2]);
    return listed(w, lists[l - 1]);
}

static bool word_byte(char c) {
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || (unsigned char)c >= 0x80;
}

// The word of a piece without the signs around it; apostrophes within are dropped for lists ("don't" is "dont").
static str core(str piece) {
    while (piece.len && !word_byte(piece.s[0])) piece = str_sub(piece, 1, piece.len - 1);
    while (piece.len && !word_byte(piece.s[piece.len - 1])) piece.len--;
    return piece;
}

static str without_apostrophes(arena *a, str w) {
    char *s = make(a, char, w.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < w.len; i++) {
        if (w.s[i] == '\'') continue;
        if (i + 2 < w.len && memcmp(w.s + i, "\xE2\x80\x99", 3) == 0) {
            i += 2;
            continue;
        }
        s[n++] = w.s[i];
    }
    return (str){s, n};
}

static bool value_in(const pack_words *t, str w, double scale, double *v) {
    double columns[PACK_COLUMNS] = {0};
    if (!w.len || !t->n || !pack_word(t, w, columns)) return false;
    *v = columns[0] * scale;
    return true;
}

// VADER's lexicon goes from -4 to 4, AFINN's from -5 to 5.
static double value_of(const mood *m, str piece, str word, enum language l) {
    double v = 0;
    if ((l == LANG_en || l == LANG_none) && (value_in(&m->vader, piece, 1, &v) || value_in(&m->vader, word, 1, &v)))
        return v;
    if (l != LANG_none) return value_in(&m->other[l], piece, 0.8, &v) || value_in(&m->other[l], word, 0.8, &v) ? v : 0;
    for (int k = LANG_en; k < LANGUAGES; k++)
        if (value_in(&m->other[k], word, 0.8, &v)) return v;
    return 0;
}

static bool blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static str next_piece(str *rest) {
    size_t from = 0;
    while (from < rest->len && blank(rest->s[from])) from++;
    size_t to = from;
    while (to < rest->len && !blank(rest->s[to])) to++;
    const str piece = str_sub(*rest, from, to - from);
    *rest = str_sub(*rest, to, rest->len - to);
    return piece;
}

static bool all_capitals(str w) {
    size_t capitals = 0;
    for (size_t i = 0; i < w.len; i++) {
        if (w.s[i] >= 'a' && w.s[i] <= 'z') return false;
        capitals += w.s[i] >= 'A' && w.s[i] <= 'Z';
    }
    return capitals > 1;
}

static void weigh(mood_pieces *p, enum language l, size_t at) {
    mood_piece *w = &p->v[at];
    if (w->value == 0) return;
    const double sign = w->value < 0 ? -1 : 1;
    if (w->capitals) w->value += sign * CAPITALS;
    for (size_t d = 1; d <= REACH && d <= at; d++) {
        const mood_piece *b = &p->v[at - d];
        const double far = 1 - 0.05 * (double)(d - 1);
        if (b->sentence != w->sentence) break;
        if (listed_in(b->word, boosters, l)) w->value += sign * STRONGER * far;
        if (listed_in(b->word, dampers, l)) w->value -= sign * STRONGER * far;
    }
    for (size_t d = 1; d <= REACH && d <= at; d++) {
        const mood_piece *b = &p->v[at - d];
        if (b->clause != w->clause) break;
        if (b->negation) {
            w->value *= TURNED;
            w->turned = true;
            break;
        }
    }
    // German puts the negation after the verb: "das gefällt mir nicht".
    for (size_t d = 1; l == LANG_de && !w->turned && d <= REACH && at + d < p->n; d++)
        if (p->v[at + d].clause == w->clause && str_eq(p->v[at + d].word, S("nicht")))
            w->value *= TURNED, w->turned = true;
}

mood_pieces mood_cut(arena *a, const mood *m, str text, enum language l) {
    text = str_sub(text, 0, GRAM_TEXT);
    mood_pieces p = {.v = make(a, mood_piece, text.len / 2 + 1)};
    int sentence = 0;
    str rest = text;
    for (str piece; (piece = next_piece(&rest)).len;) {
        mood_piece *w = &p.v[p.n++];
        const str c = core(piece), folded = text_fold(a, c);
        *w = (mood_piece){.piece = piece, .word = without_apostrophes(a, folded), .sentence = sentence};
        w->capitals = all_capitals(c);
        w->negation = listed_in(w->word, negations, l);
        w->contrast = listed(w->word, contrasts);
        w->value = value_of(m, piece, folded, l);
        if (w->value == 0 && w->word.len != folded.len) w->value = value_of(m, piece, w->word, l);
        if (w->negation && l == LANG_es) w->value = 0; // "no" is their "not"
        if (w->contrast) p.clauses += p.n > 1, w->value = 0;
        w->clause = p.clauses;
        const char last = piece.s[piece.len - 1];
        for (size_t i = piece.len; i && strchr("!?", piece.s[i - 1]); i--) w->signs |= piece.s[i - 1] == '!' ? 1 : 2;
        if (c.len && strchr(".!?", last)) sentence++;
        if (c.len && strchr(".!?,;:", last)) p.clauses++;
    }
    for (size_t i = 0; i < p.n; i++) weigh(&p, l, i);
    p.clauses++;
    return p;
}

double mood_squash(double sum) {
    return sum / sqrt(sum * sum + 15);
}

void mood_words_numbers(const mood_pieces *p, float *out) {
    double sum = 0, good = 0, bad = 0, most = 0, least = 0, after = 0, last = 0, first = 0;
    int n = 0, negations_seen = 0, shouts = 0, asks = 0, capitals = 0, contrasts_seen = 0;
    const int end = p->n ? p->v[p->n - 1].sentence : 0;
    for (size_t i = 0; i < p->n; i++) {
        const mood_piece *w = &p->v[i];
        if (w->contrast) after = 0, contrasts_seen++;
        n += w->value != 0;
        sum += w->value, after += w->value;
        good += fmax(w->value, 0), bad += fmax(-w->value, 0);
        most = fmax(most, w->value), least = fmin(least, w->value);
        if (w->sentence == end) last += w->value;
        if (w->sentence == 0) first += w->value;
        negations_seen += w->negation, capitals += w->capitals;
        shouts += w->signs & 1, asks += w->signs >> 1;
    }
    const double numbers[MOOD_WORDS] = {2 * mood_squash(sum),
                                        n ? sum / n / 2 : 0,
                                        good / (good + 4),
                                        bad / (bad + 4),
                                        most / 4,
                                        least / 4,
                                        contrasts_seen ? mood_squash(after) : 0,
                                        n == 0,
                                        MIN(shouts, 3) / 3.0,
                                        asks > 0,
                                        p->n ? (double)capitals / (double)p->n : 0,
                                        MIN(negations_seen, 3) / 3.0,
                                        mood_squash(last),
                                        mood_squash(first),
                                        p->n ? sum / (double)p->n : 0,
                                        log1p((double)p->n) / 5};
    for (int i = 0; i < MOOD_WORDS; i++) out[i] = (float)numbers[i];
}
