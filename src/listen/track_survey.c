// Answers to surveys: a score counts when it is known on what scale it was given; words always do.
#include "listen/track_private.h"

#include "listen/json_item.h"

enum { QUESTIONS = 50 };

// What is asked, as far as its words or its kind tell.
enum asked { ASKED_nothing, ASKED_recommend, ASKED_satisfied, ASKED_easy, ASKED_stars, ASKED_thumbs };

static bool any_in(str x, const char *words) {
    for (str rest = str_c(words); rest.s;)
        if (str_has_ci(x, str_cut(&rest, ' '))) return true;
    return false;
}

static bool is_letter(char c) {
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

// The letters stand by themselves: "CES survey", not "success".
static bool has_word(str x, str word) {
    for (size_t i = 0; i + word.len <= x.len; i++)
        if ((!i || !is_letter(x.s[i - 1])) && (i + word.len == x.len || !is_letter(x.s[i + word.len])) &&
            str_eq_ci(str_sub(x, i, word.len), word))
            return true;
    return false;
}

static enum asked asked_by(str words) {
    if (has_word(words, S("ces"))) return ASKED_easy;
    if (has_word(words, S("nps")) || any_in(words, "npsscore recommend empfehl recomend recommand"))
        return ASKED_recommend;
    if (any_in(words, "csat satisf zufried")) return ASKED_satisfied;
    if (any_in(words, "cesscore effort easy einfach leicht facil fácil esfuerzo")) return ASKED_easy;
    if (any_in(words, "stars sterne estrellas")) return ASKED_stars;
    if (any_in(words, "thumbs")) return ASKED_thumbs;
    return ASKED_nothing;
}

// The scale by what is asked and its highest step; 0: nobody says. Recommending is asked from 0 to 10 everywhere, stars
// are five, thumbs two; all else could be anything.
static enum instrument scale_of(enum asked what, int64_t top) {
    switch (what) {
    case ASKED_recommend: return top == 0 || top == 10 || top == 11 ? INSTRUMENT_nps : INSTRUMENT_none;
    case ASKED_satisfied:
        return top == 5   ? INSTRUMENT_csat5
               : top == 7 ? INSTRUMENT_csat7
               : top == 3 ? INSTRUMENT_csat3
               : top == 4 ? INSTRUMENT_csat4
                          : INSTRUMENT_none;
    case ASKED_easy: return top == 7 ? INSTRUMENT_ces7 : top == 5 ? INSTRUMENT_ces5 : INSTRUMENT_none;
    case ASKED_stars: return top == 0 || top == 5 ? INSTRUMENT_stars5 : INSTRUMENT_none;
    case ASKED_thumbs: return INSTRUMENT_thumbs;
    case ASKED_nothing: break;
    }
    return INSTRUMENT_none;
}

// Kinds of survey that name their scale: ours, and those of Delighted (https://app.delighted.com/docs/api).
static enum instrument scale_called(str kind) {
    static const struct {
        const char *kind;
        enum instrument i;
    } known[] = {{"csat", INSTRUMENT_csat5},
                 {"ces", INSTRUMENT_ces5},
                 {"star", INSTRUMENT_stars5},
                 {"smiley", INSTRUMENT_csat5},
                 {"thumbs_up_down", INSTRUMENT_thumbs}};
    for (size_t i = 0; i < COUNT(known); i++)
        if (str_eq_ci(kind, str_c(known[i].kind))) return known[i].i;
    return kind.len ? instrument_of(kind) : INSTRUMENT_none;
}

static bool score_of(tracking *t, doc_id i, double *v) {
    str x = str_trim(doc_scalar(t->a, t->d, i));
    return doc_type(t->d, i) != DOC_TRUE && doc_type(t->d, i) != DOC_FALSE && x.len && str_f64(x, v);
}

// False when it was refused.
static bool set_score(tracking *t, event *ev, const char *field, enum instrument i, double v) {
    int lo = 0, hi = 0;
    if (!instrument_range(i, &lo, &hi) || v < lo || v > hi) {
        track_refuse(t, field, "%g is no score from %d to %d", v, lo, hi);
        return false;
    }
    ev->value = (int64_t)(v * 100 + 0.5), ev->has_value = true;
    ev->unit = (int32_t)i;
    return true;
}

// ---- PostHog: several questions at once ----

typedef struct {
    tracking *t;
    doc_id in;
    str submission, survey;
    size_t scored; // event with a score and without words; SIZE_MAX: none
} response;

// The answer stands beside its question, or under a name made of the question's id or number.
static doc_id answer_to(response *r, doc_id question, size_t number) {
    const doc *d = r->t->d;
    arena a = *r->t->a;
    doc_id i = doc_get(d, question, S("response"));
    if (!doc_empty(d, i)) return i;
    str id = doc_scalar(&a, d, doc_get(d, question, S("id")));
    if (id.len) i = doc_get(d, r->in, str_fmt(&a, "$survey_response_%.*s", STR_ARG(id)));
    if (doc_empty(d, i) && !number) i = doc_get(d, r->in, S("$survey_response"));
    if (doc_empty(d, i) && number) i = doc_get(d, r->in, str_fmt(&a, "$survey_response_%zu", number));
    return doc_empty(d, i) ? (doc_id)DOC_NONE : i;
}

// A response may be sent anew with each question that is answered: the newest one stands.
static event *say_answer(response *r, str id, size_t number) {
    tracking *t = r->t;
    str ext = r->submission.len ? str_fmt(t->a, "response:%.*s:%.*s", STR_ARG(r->submission), STR_ARG(id))
                                : str_fmt(t->a, "%.*s:%zu", STR_ARG(t->ext), number);
    event *ev = track_say(t, KIND_answer, ext);
    if (r->submission.len) ev->edited_us = ev->at_us;
    return ev;
}

static bool take_answer(response *r, doc_id question, size_t number) {
    tracking *t = r->t;
    doc_id answer = answer_to(r, question, number);
    double v = 0;
    str asks = doc_text(t->a, t->d, doc_get(t->d, question, S("question")));
    str id = doc_scalar(t->a, t->d, doc_get(t->d, question, S("id")));
    if (!id.len) id = str_fmt(t->a, "%zu", number);
    if (!answer) return true;
    if (score_of(t, answer, &v)) {
        enum asked what = asked_by(asks);
        enum instrument i = scale_of(what ? what : asked_by(r->survey), 0);
        if (!i) return true; // it stays in the properties
        event *ev = say_answer(r, id, number);
        ev->topic = item_label(asks.len ? asks : r->survey);
        r->scored = t->out->n - 1;
        return set_score(t, ev, "properties.$survey_response", i, v);
    }
    str words = str_trim(doc_text(t->a, t->d, answer));
    if (!words.len) return true;
    if (r->scored != SIZE_MAX) {
        t->out->events[r->scored].text = words;
        r->scored = SIZE_MAX;
        return true;
    }
    event *ev = say_answer(r, id, number);
    ev->topic = item_label(asks.len ? asks : r->survey);
    ev->text = words;
    return true;
}

static void take_questions(tracking *t, doc_id list) {
    doc_id in = t->item.properties;
    response r = {.t = t, .in = in, .scored = SIZE_MAX};
    r.submission = str_trim(doc_scalar(t->a, t->d, doc_get(t->d, in, S("$survey_submission_id"))));
    r.survey = doc_text(t->a, t->d, doc_get(t->d, in, S("$survey_name")));
    size_t n = 0;
    for (doc_id i = doc_first(list); i < doc_after(t->d, list) && n < QUESTIONS; i = doc_after(t->d, i))
        if (!take_answer(&r, i, n++)) return;
}

// ---- one score, one text ----

static enum instrument single_scale(tracking *t, str name, doc_id score) {
    doc_id in = t->item.properties;
    str kind = track_prop_text(t, in, "surveytype instrument metric scoretype");
    str scale = track_prop_text(t, in, "scale maxscore scalemax outof steps max");
    str asks = track_prop_text(t, in, "question surveyquestion surveyname survey");
    double top = 0;
    if (!str_f64(scale, &top)) top = 0;
    if (top < 0 || top > 100) top = 0;
    enum instrument i = scale_called(top > 0 ? S("") : kind);
    if (!i && top <= 0) i = scale_called(scale);
    const str tells[] = {
        kind, top > 0 ? S("") : scale, {t->d->text + t->d->v[score - 1].at, t->d->v[score - 1].len}, name, asks};
    for (size_t k = 0; k < COUNT(tells) && !i; k++) i = scale_of(asked_by(tells[k]), (int64_t)top);
    return i;
}

static void take_single(tracking *t, str name) {
    doc_id in = t->item.properties;
    doc_id score =
        track_prop_any(t->d, in, "score rating stars nps npsscore csat csatscore ces cesscore surveyresponse value");
    str words = track_prop_text(t, in, "comment text feedback verbatim message body answer");
    double v = 0;
    enum instrument i = score && score_of(t, score, &v) ? single_scale(t, name, score) : INSTRUMENT_none;
    if (score && !i && !words.len) words = str_trim(doc_text(t->a, t->d, score));
    if (str_f64(words, &v) && !i) words = S("");
    if (!i && !words.len) {
        track_say(t, KIND_usage, S(""))->channel = t->place;
        return;
    }
    event *ev = track_say(t, i ? KIND_answer : KIND_comment, S(""));
    if (!i) ev->channel = t->place;
    ev->text = words;
    ev->topic = item_label(track_prop_text(t, in, "question surveyquestion surveyname"));
    if (i) (void)set_score(t, ev, "properties.score", i, v); // a failure is the call's refusal
}

void track_survey(tracking *t, str name) {
    size_t before = t->out->n;
    doc_id questions = doc_get(t->d, t->item.properties, S("$survey_questions"));
    if (doc_type(t->d, questions) == DOC_LIST && !doc_empty(t->d, questions)) {
        take_questions(t, questions);
        if (t->out->n == before && !t->refused) track_say(t, KIND_usage, S(""))->channel = t->place;
        return;
    }
    take_single(t, name);
}
