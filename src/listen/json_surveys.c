#include "listen/json_item.h"

// Typeform

// One response: what its answers share, what was asked, and the words that wait for the score they explain.
typedef struct {
    reading *r;
    const json_t *v, *fields; // fields: the definition's, if the payload has one
    str token;
    int64_t at_us;
    event like;
    int scored; // index of the newest event with a score and without words; -1
    buf rest;   // the other answers, as the inside of an object
} response;

enum { ANSWERS_MAX = 1000, REST_MAX = 1 << 20 };

static const json_t *field_of(const response *s, const json_t *answer) {
    const str id = json_at(answer, "field.id");
    for (size_t i = 0; i < MIN(json_array_size(s->fields), (size_t)ANSWERS_MAX); i++)
        if (str_eq(json_at(json_array_get(s->fields, i), "id"), id)) return json_array_get(s->fields, i);
    return NULL;
}

// What was asked, in words; without the definition there is only the name that the form's author gave the field.
static str question_of(response *s, const json_t *answer) {
    const str title = item_text(s->r, field_of(s, answer), "title");
    return item_label(title.len ? title : item_first(s->r, answer, "field.ref field.id"));
}

static bool asks_any(str question, const char *const *words, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (str_has_ci(question, str_c(words[i]))) return true;
    return false;
}

static bool asks_to_recommend(str question) {
    static const char *const words[] = {"nps", "recommend", "empfehl", "recomend", "recommand"};
    return asks_any(question, words, COUNT(words));
}

static bool asks_satisfied(str question) {
    static const char *const words[] = {"satisf", "zufried", "csat"};
    return asks_any(question, words, COUNT(words));
}

static bool asks_effort(str question) {
    static const char *const words[] = {"easy", "effort", "einfach", "leicht", "facil", "fácil"};
    return asks_any(question, words, COUNT(words));
}

// The scale of a question. How many steps it has stands in the definition, if anywhere; a rating has five unless it
// says otherwise, an opinion scale that does not say so could be anything and gets none.
static enum instrument scale_of(response *s, const json_t *answer, int64_t value) {
    const str type = json_at(answer, "field.type");
    const str ref = item_text(s->r, answer, "field.ref");
    const str question = item_join(s->r, question_of(s, answer), " ", ref);
    int64_t steps = item_int(field_of(s, answer), "properties.steps");
    if (!steps && str_eq(type, S("rating")) && value >= 1 && value <= 5) steps = 5;
    const bool may_be_nps = steps == 0 || steps == 11;
    if (str_eq(type, S("nps"))) return INSTRUMENT_nps;
    if (!str_eq(type, S("opinion_scale")) && !str_eq(type, S("rating"))) return INSTRUMENT_none;
    if (may_be_nps && value >= 0 && value <= 10 && asks_to_recommend(question)) return INSTRUMENT_nps;
    switch (steps) {
    case 3: return asks_satisfied(question) ? INSTRUMENT_csat3 : INSTRUMENT_none;
    case 4: return asks_satisfied(question) ? INSTRUMENT_csat4 : INSTRUMENT_none;
    case 5:
        return asks_satisfied(question) ? INSTRUMENT_csat5
               : asks_effort(question)  ? INSTRUMENT_ces5
                                        : INSTRUMENT_likert5;
    case 7:
        return asks_satisfied(question) ? INSTRUMENT_csat7 : asks_effort(question) ? INSTRUMENT_ces7 : INSTRUMENT_none;
    default: return INSTRUMENT_none;
    }
}

static str answer_key(response *s, const json_t *answer) {
    const str field = item_text(s->r, answer, "field.id");
    return key_of(s->r, "response", str_fmt(&s->r->row, "%.*s:%.*s", STR_ARG(s->token), STR_ARG(field)));
}

static str choice_text(reading *r, const json_t *answer) {
    const str one = item_join(r, item_text(r, answer, "choice.label"), ", ", item_text(r, answer, "choice.other"));
    const str many = item_list(r, json_find(answer, "choices.labels"), NULL);
    return item_join(r, item_join(r, one, ", ", many), ", ", item_text(r, answer, "choices.other"));
}

static void keep_answer(response *s, const json_t *answer) {
    str value = choice_text(s->r, answer);
    const str type = json_at(answer, "type"), question = question_of(s, answer);
    if (!value.len && type.len) value = item_text(s->r, answer, str_z(&s->r->row, item_label(type)));
    if (!value.len || s->rest.len + question.len + value.len > REST_MAX / 8) return;
    if (s->rest.len) buf_addc(&s->rest, ',');
    buf_json_str(&s->rest, question);
    buf_addc(&s->rest, ':');
    buf_json_str(&s->rest, value);
}

static bool say_score(response *s, const json_t *answer) {
    const str number = item_text(s->r, answer, "number");
    const int64_t value = item_int(answer, "number");
    const enum instrument i = number.len ? scale_of(s, answer, value) : INSTRUMENT_none;
    if (i == INSTRUMENT_none) return false;
    event *const ev = item_say(s->r, &s->like, KIND_answer, s->at_us, answer_key(s, answer));
    add_extra(s->r, ev, "question", question_of(s, answer));
    s->scored = s->r->out->n - 1;
    (void)read_score(s->r, "answers.number", number, i, ev); // a failure is the row's rejection
    return true;
}

// Words explain the score before them; without one they stand by themselves.
static bool say_words(response *s, const json_t *answer) {
    const str words = item_text(s->r, answer, "text");
    if (!words.len) return false;
    if (s->scored >= 0) {
        s->r->out->events[s->scored].text = words;
        s->scored = -1;
        return true;
    }
    event *const ev = item_say(s->r, &s->like, KIND_answer, s->at_us, answer_key(s, answer));
    ev->text = words;
    add_extra(s->r, ev, "question", question_of(s, answer));
    return true;
}

// Hidden fields came with our own link, so they are ours; what is typed into an e-mail question is a stranger's word.
static void identify(response *s) {
    const json_t *const hidden = json_find(s->v, "hidden"), *const answers = json_find(s->v, "answers");
    item_user_id(s->r, &s->like, hidden);
    add_ident(s->r, &s->like, IDENT_email, item_text(s->r, hidden, "email"));
    item_phone(s->r, &s->like, item_text(s->r, hidden, "phone"), S(""));
    for (size_t i = 0; i < MIN(json_array_size(answers), (size_t)ANSWERS_MAX); i++)
        add_ident(s->r, &s->like, IDENT_email_unverified, item_text(s->r, json_array_get(answers, i), "email"));
    add_ident(s->r, &s->like, IDENT_respondent, s->token);
    s->like.name = item_first(s->r, hidden, "name first_name");
}

static void say_answers(response *s) {
    const json_t *const answers = json_find(s->v, "answers");
    if (json_array_size(answers) > ANSWERS_MAX) reject(s->r, "answers", "has more than %d elements", ANSWERS_MAX);
    for (size_t i = 0; i < json_array_size(answers) && !s->r->out->rejected; i++) {
        const json_t *const answer = json_array_get(answers, i);
        if (!say_score(s, answer) && !say_words(s, answer) && !item_is(answer, "type", "email")) keep_answer(s, answer);
    }
    const str rest = buf_str(&s->rest);
    if (!s->r->out->n && rest.len) item_say(s->r, &s->like, KIND_answer, s->at_us, key_of(s->r, "response", s->token));
    if (!s->r->out->n) return;
    event *const first = &s->r->out->events[0];
    first->extra = item_join(s->r, first->extra, ",", rest);
}

static void typeform_item(reading *r, const json_t *v) {
    if (json_is_object(json_find(v, "form_response"))) v = json_find(v, "form_response");
    response s = {.r = r, .v = v, .fields = json_find(v, "definition.fields"), .like = item_template(r), .scored = -1};
    const str submitted = item_text(r, v, "submitted_at");
    s.token = item_first(r, v, "token response_id");
    s.rest = buf_new(&r->row, REST_MAX);
    if (str_starts(submitted, S("0001-01-01")) || item_is(v, "response_type", "partial") ||
        item_is(v, "response_type", "started")) {
        skip_row(r, "abandoned before it was sent");
        return;
    }
    if (!s.token.len) {
        reject(r, "token", "is missing; this is no response of Typeform");
        return;
    }
    if (!item_time(r, v, "submitted_at", &s.at_us)) return;
    identify(&s);
    say_answers(&s);
    if (!r->out->n && !r->out->rejected) skip_row(r, "sent without an answer");
}

static double typeform_sure(const glance *g) {
    if (item_has(g->first, "event_type form_response")) return 0.99;
    return item_has(g->first, "landed_at submitted_at answers") ? 0.98 : 0;
}

const adapter ADAPTER_typeform = {
    .name = "typeform",
    .label = "Typeform responses (API and webhook, JSON)",
    .source = "typeform",
    .channel = CHANNEL_survey,
    .format = FORMAT_JSON,
    .sure = typeform_sure,
    .item = typeform_item,
};

// Delighted

static enum instrument delighted_scale(str type) {
    static const struct {
        const char *type;
        enum instrument i;
    } types[] = {{"nps", INSTRUMENT_nps},       {"csat", INSTRUMENT_csat5},           {"ces", INSTRUMENT_ces5},
                 {"ces7", INSTRUMENT_ces7},     {"smiley", INSTRUMENT_csat5},         {"star", INSTRUMENT_stars5},
                 {"thumbs", INSTRUMENT_thumbs}, {"thumbs_up_down", INSTRUMENT_thumbs}};
    for (size_t i = 0; i < COUNT(types); i++)
        if (str_eq_ci(type, str_c(types[i].type))) return types[i].i;
    return type.len ? INSTRUMENT_none : INSTRUMENT_nps;
}

// The survey went to the person's address, so it is theirs.
static void identify_person(reading *r, event *ev, const json_t *v) {
    const json_t *const person = json_find(v, "person");
    item_user_id(r, ev, json_find(v, "person_properties"));
    add_ident(r, ev, IDENT_email, item_text(r, person, "email"));
    item_phone(r, ev, item_first(r, person, "phone_number phone"), S(""));
    const str id = json_is_object(person) ? item_text(r, person, "id") : item_text(r, v, "person");
    if (id.len) add_ident(r, ev, IDENT_respondent, key_of(r, "delighted", id));
    ev->name = item_text(r, person, "name");
}

static void delighted_item(reading *r, const json_t *v) {
    const json_t *const data = json_find(v, "event_data");
    if (data && !str_starts(json_at(v, "event_type"), S("survey_response."))) {
        skip_row(r, "a webhook about no answer");
        return;
    }
    if (data) v = data;
    event like = item_template(r);
    int64_t at_us = 0;
    str id;
    const enum instrument scale = delighted_scale(item_text(r, v, "survey_type"));
    if (!item_id(r, v, "id", &id) || !item_time(r, v, "created_at", &at_us)) return;
    like.edited_us = at_us;
    if (!item_time_if(r, v, "updated_at", &like.edited_us)) return;
    identify_person(r, &like, v);
    event *const ev = item_say(r, &like, KIND_answer, at_us, key_of(r, "response", id));
    ev->text = item_text(r, v, "comment");
    add_extra(r, ev, "survey", item_text(r, v, "survey_type"));
    if (scale == INSTRUMENT_none)
        add_extra(r, ev, "score", item_text(r, v, "score"));
    else
        (void)read_score(r, "score", item_text(r, v, "score"), scale, ev); // a failure is the row's rejection
}

static double delighted_sure(const glance *g) {
    const json_t *const v = g->first;
    if (str_starts(json_at(v, "event_type"), S("survey_response.")) && item_has(v, "event_data")) return 0.99;
    if (item_has(v, "person score comment permalink")) return 0.97;
    return item_has(v, "event_type event_id event_data") && json_find(v, "event_data.person") ? 0.9 : 0;
}

const adapter ADAPTER_delighted = {
    .name = "delighted",
    .label = "Delighted survey responses (API and webhook, JSON)",
    .source = "delighted",
    .channel = CHANNEL_survey,
    .format = FORMAT_JSON,
    .sure = delighted_sure,
    .item = delighted_item,
};
