// Words that ask for a good rating instead of an honest one.
#include "act/gate.h"

#include "base/unicode.h"

// A rating is asked for at all?
static const char *const asks[] = {"review",  "rate us",   "rating",   "feedback",    "recommend", "testimonial",
                                   "bewert",  "rezension", "empfehl",  "rückmeldung", "reseña",    "valoraci",
                                   "opinión", "recomiend", "recomend", "calific"};
// Only of those who are content: 16 CFR 465.4 (what a review says must not be a condition), 465.7.
static const char *const conditions[] = {
    "if you are happy",     "if you're happy",        "if you were happy",  "if you are satisfied",
    "if you're satisfied",  "if you were satisfied",  "if you are pleased", "if you love",
    "if you loved",         "if you enjoyed",         "if you liked",       "only if you",
    "wenn sie zufrieden",   "falls sie zufrieden",    "wenn du zufrieden",  "falls du zufrieden",
    "waren sie zufrieden?", "wenn es ihnen gefallen", "wenn ihnen unser",   "sofern sie zufrieden",
    "si está satisfech",    "si estás satisfech",     "si quedó satisfech", "si quedaste satisfech",
    "si está content",      "si estás content",       "si le gustó",        "si te gustó"};
static const char *const praise[] = {
    "positive review",  "good review",       "great review",        "favorable review",   "favourable review",
    "glowing review",   "excellent review",  "nice review",         "good rating",        "high rating",
    "top rating",       "great rating",      "positive rating",     "positive feedback",  "best score",
    "10 out of 10",     "ten out of ten",    "positive bewertung",  "gute bewertung",     "tolle bewertung",
    "beste bewertung",  "bestnote",          "positive rezension",  "gute rezension",     "positives feedback",
    "reseña positiva",  "buena reseña",      "valoración positiva", "buena valoración",   "opinión positiva",
    "buena opinión",    "máxima puntuación", "mejor puntuación",    "buena calificación", "positive bewertungen",
    "reseñas positivas"};
static const char *const fives[] = {"5", "five", "fünf", "cinco"};
static const char *const stars[] = {"star", "stern", "estrella", "★", "⭐"};
// "From 1 to 5 stars", "4.7 out of 5 stars": a scale, and no wish.
static const char *const scales[] = {"to", "-", "–", "bis", "a", "of", "von", "de", "and", "und", "y", "/"};

static bool has_any(str text, const char *const *list, size_t n, const char **which) {
    for (size_t i = 0; i < n; i++)
        if (str_has(text, str_c(list[i]))) {
            if (which) *which = list[i];
            return true;
        }
    return false;
}

static bool letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

// Folded, with one blank for any gap, one sign for every hyphen and one for every apostrophe.
static str plain(arena *a, str text) {
    static const char *const hyphens[] = {"‐", "‑", "\xC2\xAD"};
    str x = text_fold(a, text);
    buf b = buf_new(a, x.len + 1);
    for (size_t i = 0; i < x.len; i++) {
        str rest = str_sub(x, i, x.len);
        bool gap = strchr(" \t\r\n", x.s[i]) && x.s[i];
        if (gap) {
            if (b.len && b.s[b.len - 1] != ' ') buf_addc(&b, ' ');
        } else if (str_starts(rest, S("’"))) {
            buf_addc(&b, '\''), i += 2;
        } else if (str_starts(rest, str_c(hyphens[0])) || str_starts(rest, str_c(hyphens[1]))) {
            buf_addc(&b, '-'), i += 2;
        } else if (str_starts(rest, str_c(hyphens[2]))) {
            i++;
        } else
            buf_addc(&b, x.s[i]);
    }
    return buf_str(&b);
}

static str skip_gap(str x) {
    while (x.len && (x.s[0] == ' ' || x.s[0] == '-')) x = str_sub(x, 1, x.len);
    return x;
}

static bool after_scale(str before) {
    before = str_trim(before);
    for (size_t i = 0; i < COUNT(scales); i++) {
        str w = str_c(scales[i]);
        if (!str_ends(before, w)) continue;
        size_t rest = before.len - w.len;
        // A sign that joins two numbers, or a word of its own that does.
        if (!letter(w.s[0]) || w.s[0] == '\xE2') return rest && before.s[rest - 1] >= '0' && before.s[rest - 1] <= '9';
        if (!rest || letter(before.s[rest - 1])) continue;
        str number = str_trim(str_sub(before, 0, rest));
        if (number.len && number.s[number.len - 1] >= '0' && number.s[number.len - 1] <= '9') return true;
        if (str_ends(number, S("out")) || str_ends(number, S("one")) || str_ends(number, S("eins")) ||
            str_ends(number, S("einem")) || str_ends(number, S("una")) || str_ends(number, S("uno")))
            return true;
    }
    return false;
}

// "star", "stars", "Sterne", "estrellas", a sign; not "start".
static bool is_star(str x) {
    static const char *const ends[] = {"", "s", "e", "en"};
    for (size_t i = 0; i < COUNT(stars); i++) {
        str w = str_c(stars[i]), rest = str_sub(x, w.len, x.len);
        if (!str_starts(x, w)) continue;
        if ((unsigned char)w.s[0] >= 0x80) return true;
        for (size_t k = 0; k < COUNT(ends); k++) {
            str end = str_c(ends[k]);
            if (str_starts(rest, end) && (rest.len == end.len || !letter(rest.s[end.len]))) return true;
        }
    }
    return false;
}

static bool wants_five(str text) {
    for (size_t at = 0; at < text.len; at++)
        for (size_t f = 0; f < COUNT(fives); f++) {
            str five = str_c(fives[f]), rest = str_sub(text, at, text.len);
            if (!str_starts(rest, five) || (at && letter(text.s[at - 1]))) continue;
            str noun = skip_gap(str_sub(rest, five.len, rest.len));
            if (is_star(noun) && !after_scale(str_sub(text, 0, at))) return true;
        }
    return str_has(text, S("★★★★★")) || str_has(text, S("⭐⭐⭐⭐⭐"));
}

bool gate_words_ok(str text, str *why) {
    str wrong = {0};
    arena a = arena_open(text.len * 40 + (1 << 16));
    str low = plain(&a, text);
    const char *found = NULL;
    if (wants_five(low))
        wrong = S("it asks for five stars; ask how it was, and leave the answer open");
    else if (has_any(low, praise, COUNT(praise), &found))
        wrong = S("it asks for a good rating; ask for an honest one");
    else if (has_any(low, asks, COUNT(asks), NULL) && has_any(low, conditions, COUNT(conditions), &found))
        wrong = S("it asks only those who are content; ask everybody, or a random part");
    arena_close(&a);
    if (why) *why = wrong;
    return !wrong.len;
}
