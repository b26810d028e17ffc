#include "listen/survey.h"
#include "base/unicode.h"
#include "listen/columns.h"
#include "listen/words.h"

enum { QUESTIONS = 1024, REF_MAX = 40, TITLE_MAX = 500 };

static bool any_in(str x, const char *const *words, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (str_has(x, str_c(words[i]))) return true;
    return false;
}

#define SAYS(x, ...) any_in(x, (const char *const[]){__VA_ARGS__}, COUNT(((const char *const[]){__VA_ARGS__})))

// Answers in words on a scale of five, worst first; English, German, Spanish.
static const char *const five[][5] = {
    {"very dissatisfied", "dissatisfied", "neutral", "satisfied", "very satisfied"},
    {"very dissatisfied", "dissatisfied", "neither satisfied nor dissatisfied", "satisfied", "very satisfied"},
    {"strongly disagree", "disagree", "neutral", "agree", "strongly agree"},
    {"strongly disagree", "disagree", "neither agree nor disagree", "agree", "strongly agree"},
    {"very poor", "poor", "fair", "good", "excellent"},
    {"sehr unzufrieden", "unzufrieden", "neutral", "zufrieden", "sehr zufrieden"},
    {"stimme gar nicht zu", "stimme nicht zu", "neutral", "stimme zu", "stimme voll zu"},
    {"muy insatisfecho", "insatisfecho", "neutral", "satisfecho", "muy satisfecho"},
};

static int step_of(str x) {
    for (size_t i = 0; i < COUNT(five); i++)
        for (int k = 0; k < 5; k++)
            if (str_eq_ci(x, str_c(five[i][k]))) return k + 1;
    return 0;
}

// "9", "10 - Extremely likely", "4 stars": the number in front. "Very satisfied": its step. Empty if it is neither.
static str number_of(arena *a, str x) {
    size_t n = 0;
    while (n < x.len && ((x.s[n] >= '0' && x.s[n] <= '9') || (n && (x.s[n] == '.' || x.s[n] == ',')))) n++;
    bool ends = n == x.len || strchr(" -(:=", x.s[n]);
    if (n && n <= 6 && ends) return str_sub(x, 0, n);
    return step_of(x) ? str_fmt(a, "%d", step_of(x)) : S("");
}

// What a column's answers look like: how many are filled, begin with a number, are nothing but a number, hold a blank;
// and how many numbers are whole and within five, seven, ten.
typedef struct {
    int filled, numbers, bare, spaced, whole, to_five, to_seven, to_ten;
    double length;
} answers;

static void see_number(answers *a, str x) {
    double v = 0;
    if (!x.len || !str_f64(x, &v)) return;
    a->numbers++;
    a->whole += v == (double)(int)v;
    a->to_five += v <= 5;
    a->to_seven += v <= 7;
    a->to_ten += v <= 10;
}

static answers look_at(reading *r, const glance *g, int column, int first_row) {
    answers a = {0};
    for (int i = first_row; i < g->n_rows; i++) {
        str x = glance_cell(g, i, column), number = number_of(r->life, x);
        if (!x.len) continue;
        a.filled++;
        a.length += (double)x.len;
        a.spaced += str_find(x, ' ') > 0;
        a.bare += number.len == x.len;
        see_number(&a, number);
    }
    if (a.filled) a.length /= a.filled;
    return a;
}

// A wrong number here and there does not change what was asked: nine in ten answers decide, for a question that names
// its scale two in three.
static enum instrument scale_of(str name, const answers *a) {
    int most = a->numbers - a->numbers / 10;
    if (!a->filled || a->numbers * 10 < a->filled * 9) return INSTRUMENT_none;
    if (SAYS(name, "recommend", "weiterempf", "recomend", "nps"))
        return a->to_ten * 3 >= a->numbers * 2 ? INSTRUMENT_nps : INSTRUMENT_none;
    bool five_at_most = a->to_five >= most, seven_at_most = a->to_seven >= most;
    if (SAYS(name, "satisf", "zufrieden", "csat"))
        return five_at_most ? INSTRUMENT_csat5 : seven_at_most ? INSTRUMENT_csat7 : INSTRUMENT_none;
    if (SAYS(name, "easy", "effort", "einfach", "leicht", "aufwand", "facil", "esfuerzo"))
        return five_at_most ? INSTRUMENT_ces5 : seven_at_most ? INSTRUMENT_ces7 : INSTRUMENT_none;
    if (SAYS(name, "stars", "sterne", "estrellas") && five_at_most) return INSTRUMENT_stars5;
    bool counts =
        SAYS(name, "howmany", "howoften", "wieviele", "wieoft", "cuantos", "cuantas", "age", "alter", "edad", "year");
    return a->whole == a->numbers && five_at_most && !counts ? INSTRUMENT_likert5 : INSTRUMENT_none;
}

// Free text shows in the question, in what the export says of the column, or in long answers.
static bool is_words(str name, str hint, const answers *a) {
    if (str_has_ci(hint, S("specify"))) return false; // belongs to what was ticked
    if (str_has_ci(hint, S("open-ended")) || str_has_ci(hint, S("comment"))) return true;
    if (SAYS(name, "checkall", "selectall", "which", "welche", "cual", "choose", "wahlensie")) return false;
    bool asks =
        str_starts(name, S("what")) || str_starts(name, S("why")) || str_starts(name, S("how")) ||
        str_starts(name, S("was")) || str_starts(name, S("warum")) || str_starts(name, S("wie")) ||
        str_starts(name, S("que")) || str_starts(name, S("porque")) || str_starts(name, S("como")) ||
        SAYS(name, "comment", "anything", "feedback", "tellus", "kommentar", "anmerkung", "comentario", "sugerencia");
    if (a->filled && a->bare == a->filled) return false;
    return asks || (a->filled && a->length >= 25 && a->spaced * 3 >= a->filled * 2);
}

// The same question asked twice is two questions.
static str own_title(reading *r, const survey *s, str title) {
    int same = 1;
    for (int i = 0; i < s->n; i++) same += str_eq(s->all[i].asked, title);
    return same > 1 ? str_fmt(r->life, "%.*s (%d)", STR_ARG(title), same) : title;
}

// The column in keys: its words when they are short, else as many as fit and a hash of all.
static str ref_of(reading *r, const survey *s, str title) {
    str plain = plain_name(r->life, title);
    bool fits = plain.len && plain.len <= REF_MAX;
    for (int i = 0; i < s->n; i++) fits = fits && !str_eq(s->all[i].ref, plain);
    if (fits) return plain;
    str start = str_sub(plain, 0, 30);
    return str_fmt(r->life, "%.*s-%08x", STR_ARG(start), (unsigned)str_hash(title));
}

// Not longer than TITLE_MAX, and not cut within a character.
static str clip(str x) {
    size_t n = MIN(x.len, TITLE_MAX);
    while (n && n < x.len && ((unsigned char)x.s[n] & 0xC0) == 0x80) n--;
    return str_sub(x, 0, n);
}

void survey_add(reading *r, const glance *g, survey *s, int column, str title, str base, str hint, int first_row) {
    if (!s->all) s->all = make(r->life, question, QUESTIONS);
    if (s->n == QUESTIONS || !title.len) return;
    question *q = &s->all[s->n];
    title = clip(title);
    str own = own_title(r, s, title);
    *q = (question){.column = column, .asked = title, .title = own, .base = base.len ? clip(base) : own};
    q->ref = ref_of(r, s, own);
    s->n++;
    if (!r->guess) return;
    answers a = look_at(r, g, column, first_row);
    str name = plain_name(r->life, title);
    q->instrument = scale_of(name, &a);
    q->words = !q->instrument && is_words(name, hint, &a);
}

static const char *role(const question *q, arena *a) {
    if (q->instrument) return str_z(a, instrument_name(q->instrument));
    return q->words ? "text" : "choice";
}

static bool ask_role(question *q, str x, err *e) {
    q->instrument = instrument_of(x);
    q->words = str_eq_ci(x, S("text"));
    if (str_eq_ci(x, S("skip"))) q->column = -1;
    if (q->instrument || q->words || q->column < 0 || str_eq_ci(x, S("choice"))) return true;
    return fail(e, ERR_invalid, "\"%.*s\" is no scale; there are nps, csat5, ces7, likert5, and text, choice, skip",
                STR_ARG(x));
}

bool survey_ready(reading *r, survey *s, heard_as *how, err *e) {
    buf b = buf_new(r->life, 1 << 20);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    for (int i = 0; i < s->n; i++) {
        question *q = &s->all[i];
        str asked = map_text(r, str_z(r->life, q->title));
        if (asked.len && !ask_role(q, asked, e)) return false;
        json_put_str(&j, str_z(r->life, q->title), q->column < 0 ? S("skip") : str_c(role(q, r->life)));
    }
    str customer = map_text(r, "customer");
    if (customer.len) json_put_str(&j, "customer", customer);
    json_close(&j, '}');
    how->mapping = buf_str(&b);
    how->notes = S("the mapping says how each question is read: a scale, text, choice or skip\n");
    return true;
}

// The row being said.
typedef struct {
    reading *r;
    const event *like;
    str id;
    int scored;  // the newest event with a score and without words; -1
    event ticks; // holds in its extra what was chosen
} saying;

static str key_for(saying *y, const question *q) {
    return key_of(y->r, "response", str_fmt(&y->r->row, "%.*s:%.*s", STR_ARG(y->id), STR_ARG(q->ref)));
}

static bool say_score(saying *y, const question *q, str x) {
    reading *r = y->r;
    str number = number_of(&r->row, x);
    event *ev = say(r, y->like, KIND_answer, y->like->at_us, key_for(y, q));
    ev->topic = q->title;
    y->scored = r->out->n - 1;
    return read_score(r, str_z(&r->row, q->title), number.len ? number : x, q->instrument, ev);
}

static void say_words(saying *y, const question *q, str x) {
    reading *r = y->r;
    if (y->scored >= 0) {
        r->out->events[y->scored].text = x;
        y->scored = -1;
        return;
    }
    event *ev = say(r, y->like, KIND_answer, y->like->at_us, key_for(y, q));
    ev->topic = q->title;
    ev->text = x;
}

// What was ticked: the cell, or where it only says yes, the label in brackets of the column.
static str ticked(const question *q, str x) {
    ptrdiff_t from = str_ends(q->title, S("]")) ? str_find(q->title, '[') : -1;
    if (from < 0 || !says_yes(x)) return x;
    return str_sub(q->title, (size_t)from + 1, q->title.len - (size_t)from - 2);
}

// All boxes ticked of one question, as one text.
static void keep_ticks(saying *y, const survey *s, int first) {
    const question *q = &s->all[first];
    buf b = buf_new(&y->r->row, 1 << 20);
    for (int i = first; i < s->n && str_eq(s->all[i].base, q->base); i++) {
        str x = s->all[i].instrument || s->all[i].words ? S("") : ticked(&s->all[i], cell(y->r, s->all[i].column));
        if (x.len && b.len) buf_add(&b, S("; "));
        buf_add(&b, x);
    }
    add_extra(y->r, &y->ticks, str_z(&y->r->row, q->base), buf_str(&b));
}

void survey_say(reading *r, const survey *s, const event *like, str id) {
    saying y = {.r = r, .like = like, .id = id, .scored = -1};
    for (int i = 0; i < s->n; i++) {
        const question *q = &s->all[i];
        str x = cell(r, q->column);
        bool first = !i || !str_eq(s->all[i - 1].base, q->base);
        if (!q->instrument && !q->words && first) keep_ticks(&y, s, i);
        if (!x.len || says_nothing(x) || q->column < 0) continue;
        if (q->instrument && !say_score(&y, q, x)) return;
        if (q->words) say_words(&y, q, x);
    }
    heard *h = r->out;
    if (!h->n && y.ticks.extra.len) say(r, like, KIND_answer, like->at_us, key_of(r, "response", id));
    if (h->n)
        h->events[0].extra = y.ticks.extra;
    else
        skip_row(r, "no question was answered");
}
