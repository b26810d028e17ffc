// Reading, checking and filling the words of a template.
#include "act/template.h"

#include "act/gate.h"
#include "base/unicode.h"

enum { FACT_NEEDED = 1, FACT_MAY = 0 };

static const struct {
    const char *name, *text;
    int needed;
} rows[FACTS_ALL] = {
#define FACT(name, needed, text) [FACT_##name] = {#name, text, FACT_##needed},
#include "act/facts.def"
};

const char *fact_name(enum fact f) {
    return rows[f].name;
}
const char *fact_text(enum fact f) {
    return rows[f].text;
}
bool fact_needed(enum fact f) {
    return rows[f].needed;
}

enum fact fact_of(str name) {
    for (int f = 0; f < FACTS_ALL; f++)
        if (str_eq(name, str_c(rows[f].name))) return (enum fact)f;
    return FACTS_ALL;
}

// ---- pieces: words, or a fact ----

typedef struct {
    str words; // as they stand; of a fact what is between the braces
    bool is_fact, has_otherwise;
    enum fact fact;
    str otherwise;
} piece;

static ptrdiff_t find2(str x, char c) {
    for (size_t i = 0; i + 1 < x.len; i++)
        if (x.s[i] == c && x.s[i + 1] == c) return (ptrdiff_t)i;
    return -1;
}

static bool read_fact(str inside, piece *p, err *e) {
    ptrdiff_t bar = str_find(inside, '|');
    str name = str_trim(bar < 0 ? inside : str_sub(inside, 0, (size_t)bar));
    *p = (piece){.words = inside, .is_fact = true, .has_otherwise = bar >= 0, .fact = fact_of(name)};
    if (bar >= 0) p->otherwise = str_trim(str_sub(inside, (size_t)bar + 1, inside.len));
    if (p->fact == FACTS_ALL)
        return fail(e, ERR_invalid, "'{{%.*s}}' is no fact; 'heed template facts' lists those there are",
                    (int)MIN(name.len, 40), name.s);
    return true;
}

// Takes the next piece off; false at the end, or with e filled.
static bool next(str *rest, piece *p, err *e) {
    if (!rest->len) return false;
    ptrdiff_t open = find2(*rest, '{'), stray = find2(*rest, '}');
    if (stray >= 0 && (open < 0 || stray < open))
        return fail(e, ERR_invalid, "'}}' closes what was never opened; write {{fact}}");
    if (open != 0) {
        size_t n = open < 0 ? rest->len : (size_t)open;
        *p = (piece){.words = str_sub(*rest, 0, n)};
        *rest = str_sub(*rest, n, rest->len);
        return true;
    }
    str after = str_sub(*rest, 2, rest->len);
    ptrdiff_t close = find2(after, '}');
    str inside = str_sub(after, 0, close < 0 ? 0 : (size_t)close);
    if (close < 0 || find2(inside, '{') >= 0) return fail(e, ERR_invalid, "'{{' is not closed; write {{fact}}");
    *rest = str_sub(after, (size_t)close + 2, after.len);
    return read_fact(inside, p, e);
}

// ---- checking ----

static bool words_ok(str words, err *e) {
    str why;
    return gate_words_ok(words, &why) || fail(e, ERR_invalid, "%.*s", (int)MIN(why.len, 240), why.s);
}

static bool facts_ok(str text, err *e) {
    piece p;
    while (next(&text, &p, e)) {
    }
    return err_ok(e);
}

static bool clean(str x, bool lines) {
    for (size_t i = 0; i < x.len; i++) {
        unsigned char c = (unsigned char)x.s[i];
        if (c == 127 || (c < 32 && !(lines && (c == '\n' || c == '\t')))) return false;
    }
    return true;
}

static bool size_ok(str subject, str words, const char **field, err *e) {
    *field = "subject";
    if (!str_trim(subject).len || subject.len > TEMPLATE_SUBJECT || !clean(subject, false) || !str_utf8_ok(subject))
        return fail(e, ERR_invalid, "'subject' must be one line of 1 to %d bytes", TEMPLATE_SUBJECT);
    *field = "words";
    if (!str_trim(words).len || words.len > TEMPLATE_WORDS || !clean(words, true) || !str_utf8_ok(words))
        return fail(e, ERR_invalid, "'words' must be a plain text of 1 to %d bytes", TEMPLATE_WORDS);
    return true;
}

bool template_check(arena scratch, str subject, str words, const char **field, err *e) {
    if (!size_ok(subject, words, field, e)) return false;
    *field = "subject";
    if (!facts_ok(subject, e) || !words_ok(subject, e)) return false;
    *field = "words";
    return facts_ok(words, e) && words_ok(str_fmt(&scratch, "%.*s\n%.*s", STR_ARG(subject), STR_ARG(words)), e);
}

uint64_t template_needs(const template_row *t) {
    uint64_t bits = 0;
    const str both[] = {t->subject, t->words};
    err quiet = {0};
    for (size_t i = 0; i < COUNT(both); i++) {
        piece p;
        for (str rest = both[i]; next(&rest, &p, &quiet);)
            if (p.is_fact && !p.has_otherwise && fact_needed(p.fact)) bits |= UINT64_C(1) << p.fact;
    }
    return bits;
}

// ---- filling ----

// Of a fact no line end gets into a subject, and no control character anywhere.
static void put_value(buf *b, str v) {
    for (size_t i = 0; i < v.len; i++) {
        unsigned char c = (unsigned char)v.s[i];
        buf_addc(b, c < 32 || c == 127 ? ' ' : v.s[i]);
    }
}

// Where nothing was put, no blank stands before a blank or a sign.
static void put_words(buf *b, str words, bool after_nothing) {
    if (after_nothing && b->len && b->s[b->len - 1] == ' ' && words.len && strchr(" ,.!?;:\n", words.s[0])) b->len--;
    buf_add(b, words);
}

static bool fill(arena *a, str text, const facts *f, const template_row *t, str *out, err *e) {
    buf b = buf_new(a, TEMPLATE_WORDS * 4);
    bool nothing = false;
    piece p;
    while (next(&text, &p, e)) {
        if (!p.is_fact) {
            put_words(&b, p.words, nothing);
            nothing = false;
            continue;
        }
        str v = f->of[p.fact].len ? f->of[p.fact] : p.otherwise;
        if (!v.len && !p.has_otherwise && fact_needed(p.fact))
            return fail(e, ERR_conflict,
                        "'%s' is not known, and \"%.*s\" needs it; write {{%s|other words}} for such cases",
                        fact_name(p.fact), (int)MIN(t->name.len, 40), t->name.s, fact_name(p.fact));
        put_value(&b, v);
        nothing = !v.len;
    }
    *out = str_trim(buf_str(&b));
    if (b.full)
        return fail(e, ERR_too_large, "the words of \"%.*s\" grew too long", (int)MIN(t->name.len, 40), t->name.s);
    return err_ok(e);
}

bool template_fill(arena *a, const template_row *t, const facts *f, str *subject, str *words, err *e) {
    return fill(a, t->subject, f, t, subject, e) && fill(a, t->words, f, t, words, e);
}

// ---- the robotic score ----

static const struct {
    const char *phrase, *why;
    int points;
} phrases[] = {
#define ROBOTIC(phrase, points, why) {phrase, why, points},
#include "act/robotic.def"
};

static void sounds(robotic *r, int points, const char *why) {
    r->score = MIN(100, r->score + points);
    for (int i = 0; i < r->n; i++)
        if (r->why[i] == why) return;
    if (r->n < ROBOTIC_REASONS) r->why[r->n++] = why;
}

static bool names(const template_row *t, enum fact f) {
    piece p;
    err quiet = {0};
    for (str rest = t->words; next(&rest, &p, &quiet);)
        if (p.is_fact && p.fact == f) return true;
    return false;
}

static int personal(const template_row *t) {
    static const enum fact common[] = {FACT_greeting, FACT_name,     FACT_first_name, FACT_sender,
                                       FACT_company,  FACT_question, FACT_preferences};
    int n = 0;
    for (int f = 0; f < FACTS_ALL; f++) {
        bool is_common = false;
        for (size_t i = 0; i < COUNT(common); i++) is_common |= common[i] == (enum fact)f;
        n += !is_common && names(t, (enum fact)f);
    }
    return n;
}

// Signs that shout, and the mean length of a sentence in words.
static void measure(str words, int *shouts, int *capitals, double *mean) {
    int n_words = 0, sentences = 0, upper = 0, letters = 0;
    *shouts = *capitals = 0;
    for (size_t i = 0; i <= words.len; i++) {
        char c = i < words.len ? words.s[i] : ' ';
        *shouts += c == '!';
        sentences += c == '.' || c == '!' || c == '?';
        upper += c >= 'A' && c <= 'Z', letters += (c | 32) >= 'a' && (c | 32) <= 'z';
        if (c != ' ' && c != '\n') continue;
        n_words += letters > 0;
        *capitals += letters >= 4 && upper == letters;
        upper = letters = 0;
    }
    *mean = (double)n_words / MAX(sentences, 1);
}

robotic template_robotic(arena scratch, const template_row *t) {
    robotic r = {0};
    int shouts, capitals;
    double mean;
    str lower = text_fold(&scratch, t->words);
    for (size_t i = 0; i < COUNT(phrases); i++)
        if (str_has(lower, str_c(phrases[i].phrase))) sounds(&r, phrases[i].points, phrases[i].why);
    if (!names(t, FACT_greeting) && !names(t, FACT_first_name) && !names(t, FACT_name))
        sounds(&r, 20, "it calls nobody by name; begin with {{greeting}}");
    if (!names(t, FACT_sender)) sounds(&r, 25, "nobody stands behind it; end with {{sender}}");
    if (!personal(t)) sounds(&r, 10, "it says nothing that is true of this person alone");
    measure(t->words, &shouts, &capitals, &mean);
    if (shouts > 1) sounds(&r, MIN(15, 5 * (shouts - 1)), "it shouts: one exclamation mark is enough");
    if (capitals) sounds(&r, 10, "it writes words in CAPITALS");
    if (mean > 22) sounds(&r, 10, "its sentences are long: over 22 words");
    return r;
}
