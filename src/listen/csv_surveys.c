#include "listen/columns.h"
#include "listen/survey.h"

enum { PERSON_COLUMNS = 8 };

// A reading of a survey: where its questions are and who answered.
typedef struct {
    survey questions;
    int email, first, last, name, user, id, at, begun, lang, token;
} form;

static form *new_form(reading *r) {
    form *f = make(r->life, form, 1);
    *f = (form){.email = -1,
                .first = -1,
                .last = -1,
                .name = -1,
                .user = -1,
                .id = -1,
                .at = -1,
                .begun = -1,
                .lang = -1,
                .token = -1};
    r->own = f;
    return f;
}

static bool is_any(str name, const char *names) {
    for (str rest = str_c(names); rest.s;)
        if (str_eq(name, str_cut(&rest, ' '))) return true;
    return false;
}

// Columns that say who answered are no questions.
static bool take_person(reading *r, form *f, str title, int column) {
    static const struct {
        size_t place;
        const char *names;
    } persons[] = {
        {offsetof(form, email), "emailaddress email username emailadresse mailadresse correoelectronico "
                                "direcciondecorreoelectronico youremail youremailaddress"},
        {offsetof(form, first), "firstname vorname nombredepila"},
        {offsetof(form, last), "lastname nachname apellido apellidos"},
        {offsetof(form, name), "name fullname yourname nombre nombrecompleto ihrname"},
        {offsetof(form, user), "customerid customernumber kundennummer userid numerodecliente"},
    };
    str plain = plain_name(r->life, title), customer = map_text(r, "customer");
    if (customer.len && str_eq_ci(customer, title)) return f->user = column, true;
    for (size_t i = 0; i < COUNT(persons); i++) {
        int *place = (int *)(void *)((char *)f + persons[i].place);
        if (*place >= 0 || !is_any(plain, persons[i].names)) continue;
        *place = column;
        return true;
    }
    return false;
}

static void add_person(reading *r, event *ev) {
    const form *f = r->own;
    add_ident(r, ev, IDENT_user_id, cell(r, f->user));
    add_ident(r, ev, IDENT_email, cell(r, f->email));
    ev->name = cell(r, f->name).len ? cell(r, f->name) : two_names(r, cell(r, f->first), cell(r, f->last));
}

static const char *head(reading *r, int column) {
    return column >= 0 && column < r->n_header && r->header[column].len ? str_z(&r->row, r->header[column]) : "row";
}

// Decides which of day and month comes first by the times of the responses.
static void decide_days(reading *r, const glance *g, int column, int first_row) {
    str *examples = make(r->life, str, g->n_rows + 1);
    size_t n = 0;
    for (int i = first_row; i < g->n_rows; i++)
        if (glance_cell(g, i, column).len) examples[n++] = glance_cell(g, i, column);
    if (!r->day_first && r->guess && n) r->day_first = time_day_first(examples, n);
}

// Google Forms: a time, perhaps who, then the questions. There is no id: time and person name a response, and without a
// person the whole row does.

static bool is_timestamp(str x) {
    static const char *const names[] = {"Timestamp", "Zeitstempel", "Marca temporal", "Horodateur", "Submitted at"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (str_eq_ci(x, str_c(names[i]))) return true;
    return false;
}

static double google_sure(const glance *g) {
    int questions = 0;
    if (g->n_header < 2 || !is_timestamp(g->header[0])) return 0;
    for (int i = 1; i < g->n_header; i++) {
        str x = g->header[i];
        bool asks = x.len && (str_ends(x, S("?")) || str_ends(x, S("]")) || str_ends(x, S(":")) || x.len >= 20);
        questions += asks && str_find(x, ' ') > 0;
    }
    return questions ? 0.9 : 0;
}

static bool google_begin(reading *r, const glance *g, heard_as *as, err *e) {
    form *f = new_form(r);
    f->at = 0;
    for (int i = 1; i < g->n_header; i++) {
        str title = g->header[i], base = title;
        ptrdiff_t grid = str_ends(title, S("]")) ? str_find(title, '[') : -1;
        if (take_person(r, f, title, i)) continue;
        if (grid > 0) base = str_trim(str_sub(title, 0, (size_t)grid));
        survey_add(r, g, &f->questions, i, title, base, S(""), 0);
    }
    decide_days(r, g, 0, 0);
    return survey_ready(r, &f->questions, as, e);
}

static void google_row(reading *r) {
    const form *f = r->own;
    event like = sheet_template(r);
    str stamp = cell(r, f->at), id;
    if (!read_time(r, head(r, f->at), stamp, &like.at_us)) return;
    add_person(r, &like);
    if (like.n_ids) {
        id = str_fmt(&r->row, "%.*s/%.*s", STR_ARG(stamp), STR_ARG(like.ids[0].value));
    } else {
        id = row_key(r, "row", row_content(r));
        id = str_sub(id, 4, id.len);
    }
    survey_say(r, &f->questions, &like, id);
}

const adapter ADAPTER_google_forms = {
    .name = "google-forms",
    .label = "Google Forms responses (CSV)",
    .source = "google-forms",
    .channel = CHANNEL_survey,
    .format = FORMAT_CSV,
    .sure = google_sure,
    .begin = google_begin,
    .row = google_row,
};

// SurveyMonkey: the first header row asks, the second says what the column holds of it. A question with several columns
// stands only above the first of them.

static double monkey_sure(const glance *g) {
    static const char *const need[] = {"Respondent ID", "Collector ID", "Start Date", "End Date"};
    return all_there(g, need, COUNT(need), 0.98);
}

static bool monkey_fact(form *f, str x, int i) {
    static const char *const ignored[] = {"Collector ID", "IP Address"};
    if (str_eq_ci(x, S("Respondent ID"))) return f->id = i, true;
    if (str_eq_ci(x, S("Start Date"))) return f->begun = i, true;
    if (str_eq_ci(x, S("End Date"))) return f->at = i, true;
    for (size_t k = 0; k < COUNT(ignored); k++)
        if (str_eq_ci(x, str_c(ignored[k]))) return true;
    return false;
}

static str monkey_title(reading *r, str base, str part) {
    bool plain = !part.len || str_eq_ci(part, S("Response")) || str_eq_ci(part, S("Open-Ended Response"));
    int most = (int)MIN(base.len, 400); // with the part in front of what is cut off
    return plain ? base : str_fmt(r->life, "%.*s [%.*s]", most, base.len ? base.s : "", STR_ARG(part));
}

static bool monkey_begin(reading *r, const glance *g, heard_as *as, err *e) {
    form *f = new_form(r);
    str base = S("");
    for (int i = 0; i < g->n_header; i++) {
        str x = g->header[i], part = glance_cell(g, 0, i);
        if (x.len) base = x;
        if (x.len && !part.len && (take_person(r, f, x, i) || monkey_fact(f, x, i))) continue;
        survey_add(r, g, &f->questions, i, monkey_title(r, base, part), base, part, 1);
    }
    decide_days(r, g, f->at, 1);
    return survey_ready(r, &f->questions, as, e);
}

static void monkey_row(reading *r) {
    const form *f = r->own;
    event like = sheet_template(r);
    str id = cell(r, f->id), when = cell(r, f->at);
    if (!id.len) {
        reject(r, "Respondent ID", "empty; a response needs its number");
        return;
    }
    if (!when.len) when = cell(r, f->begun);
    if (!read_time(r, "End Date", when, &like.at_us)) return;
    like.edited_us = like.at_us;
    add_person(r, &like);
    add_ident(r, &like, IDENT_respondent, id);
    survey_say(r, &f->questions, &like, id);
}

const adapter ADAPTER_surveymonkey = {
    .name = "surveymonkey",
    .label = "SurveyMonkey responses (CSV)",
    .source = "surveymonkey",
    .channel = CHANNEL_survey,
    .format = FORMAT_CSV,
    .sure = monkey_sure,
    .begin = monkey_begin,
    .row = monkey_row,
    .header_rows = 2,
};

// LimeSurvey: headers are codes, questions, or "code. question".

// The part of the header before ". " when it is a code, else all of it.
static bool lime_is(str x, const char *code, const char *words) {
    str c = str_c(code), w = str_c(words);
    return str_eq_ci(x, c) || str_eq_ci(x, w) || (str_starts_ci(x, c) && str_starts(str_sub(x, c.len, 2), S(". ")));
}

static int lime_column(const glance *g, const char *code, const char *words) {
    for (int i = 0; i < g->n_header; i++)
        if (lime_is(g->header[i], code, words)) return i;
    return -1;
}

static double lime_sure(const glance *g) {
    bool there = lime_column(g, "submitdate", "Date submitted") >= 0 && lime_column(g, "lastpage", "Last page") >= 0 &&
                 lime_column(g, "startlanguage", "Start language") >= 0;
    return there ? 0.98 : 0;
}

static bool lime_fact(form *f, str x, int i) {
    static const struct {
        const char *code, *words;
    } ignored[] = {{"lastpage", "Last page"},
                   {"seed", "Seed"},
                   {"ipaddr", "IP address"},
                   {"refurl", "Referrer URL"},
                   {"interviewtime", "Total time"}};
    if (lime_is(x, "id", "Response ID")) return f->id = i, true;
    if (lime_is(x, "submitdate", "Date submitted")) return f->at = i, true;
    if (lime_is(x, "startdate", "Date started")) return f->begun = i, true;
    if (lime_is(x, "datestamp", "Date last action")) return true;
    if (lime_is(x, "startlanguage", "Start language")) return f->lang = i, true;
    if (lime_is(x, "token", "Access code")) return f->token = i, true;
    for (size_t k = 0; k < COUNT(ignored); k++)
        if (lime_is(x, ignored[k].code, ignored[k].words)) return true;
    return str_starts(x, S("groupTime")) || str_starts_ci(x, S("Group time")) || str_starts_ci(x, S("Question time")) ||
           str_ends(x, S("Time"));
}

static bool lime_begin(reading *r, const glance *g, heard_as *as, err *e) {
    form *f = new_form(r);
    for (int i = 0; i < g->n_header; i++) {
        str x = g->header[i], base = x;
        ptrdiff_t part = str_ends(x, S("]")) ? str_find(x, '[') : -1;
        if (lime_fact(f, x, i) || take_person(r, f, x, i)) continue;
        if (part > 0) base = str_trim(str_sub(x, 0, (size_t)part));
        survey_add(r, g, &f->questions, i, x, base, str_has_ci(x, S("[other]")) ? S("specify") : S(""), 0);
    }
    decide_days(r, g, f->at, 0);
    return survey_ready(r, &f->questions, as, e);
}

// A survey that hides its participants writes 1980-01-01 for every date: when it ran must be told.
static bool lime_time(reading *r, str when, int64_t *at_us) {
    if (!str_starts(when, S("1980-01-01"))) return read_time(r, head(r, ((const form *)r->own)->at), when, at_us);
    *at_us = r->as_of_us;
    if (!r->as_of_given)
        reject(r, "submitdate", "this survey hides its dates; say when it ran with --column as_of=2026-01-31");
    return r->as_of_given;
}

static void lime_row(reading *r) {
    const form *f = r->own;
    event like = sheet_template(r);
    str id = cell(r, f->id), when = cell(r, f->at);
    if (!when.len) {
        skip_row(r, "the response was not finished");
        return;
    }
    if (!id.len) {
        reject(r, "id", "empty; a response needs its number");
        return;
    }
    if (!lime_time(r, when, &like.at_us)) return;
    add_person(r, &like);
    add_ident(r, &like, IDENT_respondent, cell(r, f->token));
    like.lang = language_of(cell(r, f->lang));
    survey_say(r, &f->questions, &like, id);
}

const adapter ADAPTER_limesurvey = {
    .name = "limesurvey",
    .label = "LimeSurvey responses (CSV)",
    .source = "limesurvey",
    .channel = CHANNEL_survey,
    .format = FORMAT_CSV,
    .sure = lime_sure,
    .begin = lime_begin,
    .row = lime_row,
};
