// Reading a definition: JSON into a straight program of steps, with the place of every mistake.
#include "act/playbook.h"

#include "act/preference.h"

#include <math.h>

typedef struct {
    arena *a;
    store *s;
    play *out;
    char *field;
    str seen[PLAY_STEPS]; // templates, each of which a playbook sends once
    int32_t n_seen;
    err *e;
} reader;

static const char *const triggers[] = {
    [TRIGGER_event] = "event",     [TRIGGER_segment] = "segment", [TRIGGER_date] = "date",
    [TRIGGER_promise] = "promise", [TRIGGER_measure] = "measure", [TRIGGER_stuck] = "stuck",
    [TRIGGER_rhythm] = "rhythm"};
static const char *const dates[] = {
    [DATE_birthday] = "birthday", [DATE_anniversary] = "anniversary", [DATE_renewal] = "renewal"};
static const char *const stop_names[] = {"replied", "bought", "complained", "unsubscribed", "left"};
static const char *const outcomes[OUTCOMES] = {[OUTCOME_active] = "active",
                                               [OUTCOME_order] = "order",
                                               [OUTCOME_renewal] = "renewal",
                                               [OUTCOME_answer] = "answer",
                                               [OUTCOME_complaint] = "complaint"};

const char *play_outcome_name(enum play_outcome o) {
    return outcomes[o];
}
// It is about the company: runs have no customer.
static bool play_is_company(const play *p) {
    return p->trigger == TRIGGER_measure;
}

// ---- mistakes and small values ----

__attribute__((format(printf, 3, 4))) static bool wrong(reader *k, const char *field, const char *fmt, ...) {
    char text[200];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (err_ok(k->e)) snprintf(k->field, PLAY_FIELD, "%s", field);
    return fail(k->e, ERR_invalid, "%s", text);
}

static bool only_knows(reader *k, const char *field, json_t *v, const char *const *names, size_t n) {
    const char *key;
    json_t *x;
    if (!json_is_object(v)) return wrong(k, field, "'%s' must be an object", field);
    json_object_foreach(v, key, x) {
        bool known = false;
        for (size_t i = 0; i < n; i++) known |= !strcmp(key, names[i]);
        if (!known) return wrong(k, field, "'%s' knows no '%.40s'; docs/playbooks.md lists what it does", field, key);
    }
    return true;
}

static double number(const json_t *v, const char *name, double otherwise) {
    const json_t *x = json_object_get(v, name);
    return json_is_number(x) ? json_number_value(x) : otherwise;
}

static bool whole(reader *k, const char *field, const json_t *v, const char *name, int64_t otherwise, int64_t lo,
                  int64_t hi, int32_t *out) {
    const json_t *x = json_object_get(v, name);
    int64_t i = x ? json_integer_value(x) : otherwise;
    *out = (int32_t)i;
    if ((!x || json_is_integer(x)) && i >= lo && i <= hi) return true;
    return wrong(k, field, "'%s' must be a whole number from %" PRId64 " to %" PRId64, name, lo, hi);
}

static int in_list(str name, const char *const *list, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(name, str_c(list[i]))) return (int)i;
    return -1;
}

static bool kind_at(reader *k, const char *field, str name, enum kind *out) {
    *out = kind_of(name);
    return *out || wrong(k, field, "'%.*s' is no kind of event; order, answer, usage, contract_start and others are",
                         (int)MIN(name.len, 40), name.s);
}

static bool rule_at(reader *k, const char *field, const json_t *v, segment_rule **out) {
    char place[SEGMENT_FIELD_LEN] = "";
    err why = {0};
    *out = NULL;
    if (!v) return true;
    bool ok = json_is_string(v) ? segment_read_text(k->a, k->s, json_text(v), 0, out, place, &why)
                                : segment_read(k->a, k->s, v, 0, out, place, &why);
    if (ok) return true;
    if (why.code != ERR_invalid) return *k->e = why, false;
    char whole_field[PLAY_FIELD];
    snprintf(whole_field, sizeof whole_field, "%.30s%s%.30s", field, place[0] ? "." : "", place);
    return wrong(k, whole_field, "%s", why.msg);
}

static bool part(reader *k, const json_t *v, const char *name, double otherwise, int32_t *out) {
    double x = number(v, name, otherwise);
    *out = (int32_t)lround(x * PLAY_MILLION);
    const json_t *given = json_object_get(v, name);
    if ((!given || json_is_number(given)) && x >= 0 && x <= 1) return true;
    return wrong(k, name, "'%s' must be a share from 0 to 1", name);
}

// ---- triggers ----

static bool read_named(reader *k, const json_t *t) {
    const json_t *list = json_object_get(t, "named");
    size_t n = json_array_size(list);
    if (list && (!json_is_array(list) || !n || n > 50))
        return wrong(k, "trigger.named", "'named' must be a list of texts");
    k->out->named = make(k->a, str, n + 1);
    for (size_t i = 0; i < n; i++) {
        str x = json_text(json_array_get(list, i));
        if (!x.len) return wrong(k, "trigger.named", "'named' must be a list of texts");
        k->out->named[k->out->n_named++] = str_dup(k->a, x);
    }
    return true;
}

static bool read_event(reader *k, json_t *t) {
    static const char *const known[] = {"event", "first", "again", "named", "instrument", "least", "most"};
    play *p = k->out;
    if (!only_knows(k, "trigger", t, known, COUNT(known)) ||
        !kind_at(k, "trigger.event", json_at(t, "event"), &p->event) || !read_named(k, t))
        return false;
    p->first = json_is_true(json_object_get(t, "first")), p->again = json_is_true(json_object_get(t, "again"));
    if (p->first && p->again) return wrong(k, "trigger.first", "nothing is both 'first' and 'again'");
    str scale = json_at(t, "instrument");
    if (scale.len && !(p->instrument = (int32_t)instrument_of(scale)))
        return wrong(k, "trigger.instrument", "'instrument' must be a scale such as nps, csat5 or ces7");
    p->least = number(t, "least", -INFINITY), p->most = number(t, "most", INFINITY);
    return true;
}

static bool read_clock(reader *k, const json_t *t) {
    str at = json_at(t, "at");
    int64_t h = 10, m = 0;
    str rest = at, hour = str_cut(&rest, ':');
    if (at.len && (at.len != 5 || !str_i64(hour, &h) || !str_i64(rest, &m) || h < 0 || h > 23 || m < 0 || m > 59))
        return wrong(k, "trigger.at", "'at' must be a time of day such as 10:00");
    k->out->at_s = (int32_t)(h * 3600 + m * 60);
    return true;
}

static bool read_date(reader *k, json_t *t) {
    static const char *const known[] = {"date", "at", "before_days", "term_months", "leap"};
    play *p = k->out;
    int d = in_list(json_at(t, "date"), dates, COUNT(dates));
    if (!only_knows(k, "trigger", t, known, COUNT(known))) return false;
    if (d < 0) return wrong(k, "trigger.date", "'date' must be birthday, anniversary or renewal");
    p->date = (enum play_date)d;
    str leap = json_at(t, "leap");
    p->leap = str_eq(leap, S("before")) ? 1 : str_eq(leap, S("after")) ? 2 : 0;
    if (leap.len && !p->leap) return wrong(k, "trigger.leap", "'leap' must be before (28 February) or after (1 March)");
    return whole(k, "trigger.before_days", t, "before_days", 0, 0, 365, &p->before_days) &&
           whole(k, "trigger.term_months", t, "term_months", 12, 1, 120, &p->term_months) && read_clock(k, t);
}

static bool read_measure(reader *k, json_t *t) {
    static const char *const known[] = {"measure", "below", "above", "days"};
    play *p = k->out;
    if (!only_knows(k, "trigger", t, known, COUNT(known))) return false;
    if (!measure_of(json_at(t, "measure"), &p->measure))
        return wrong(k, "trigger.measure", "'measure' must be one of those that 'heed measure' lists");
    p->below = json_object_get(t, "below") != NULL;
    const json_t *bound = json_object_get(t, p->below ? "below" : "above");
    if (!json_is_number(bound) || (p->below && json_object_get(t, "above")))
        return wrong(k, "trigger.below", "a measure needs either 'below' or 'above', a number in its unit");
    p->bound = json_number_value(bound);
    return whole(k, "trigger.days", t, "days", 90, 7, 3650, &p->days);
}

static bool read_stuck(reader *k, json_t *t) {
    static const char *const known[] = {"stuck", "from"};
    str from = json_at(t, "from");
    if (!only_knows(k, "trigger", t, known, COUNT(known)) ||
        !kind_at(k, "trigger.stuck", json_at(t, "stuck"), &k->out->value_event))
        return false;
    k->out->from_contract = str_eq(from, S("contract"));
    return !from.len || k->out->from_contract || str_eq(from, S("first_seen")) ||
           wrong(k, "trigger.from", "'from' must be first_seen or contract");
}

static bool read_rhythm(reader *k, json_t *t) {
    static const char *const known[] = {"days", "segment"};
    json_t *r = json_object_get(t, "rhythm");
    return only_knows(k, "trigger.rhythm", r, known, COUNT(known)) &&
           whole(k, "trigger.rhythm.days", r, "days", 45, 7, 365, &k->out->days) &&
           rule_at(k, "trigger.rhythm.segment", json_object_get(r, "segment"), &k->out->segment);
}

static bool read_trigger(reader *k, json_t *t) {
    int which = -1;
    for (size_t i = 0; i < COUNT(triggers); i++)
        if (json_object_get(t, triggers[i]) && which < 0) which = (int)i;
    if (which < 0)
        return wrong(k, "trigger", "'trigger' needs one of event, segment, date, promise, measure, stuck, rhythm");
    k->out->trigger = (enum play_trigger)which;
    static const char *const segment[] = {"segment"}, *const promise[] = {"promise"};
    switch (k->out->trigger) {
    case TRIGGER_event: return read_event(k, t);
    case TRIGGER_segment:
        return only_knows(k, "trigger", t, segment, 1) &&
               rule_at(k, "trigger.segment", json_object_get(t, "segment"), &k->out->segment);
    case TRIGGER_date: return read_date(k, t);
    case TRIGGER_promise:
        return only_knows(k, "trigger", t, promise, 1) &&
               (str_eq(json_at(t, "promise"), S("broken")) || wrong(k, "trigger.promise", "'promise' must be broken"));
    case TRIGGER_measure: return read_measure(k, t);
    case TRIGGER_stuck: return read_stuck(k, t);
    case TRIGGER_rhythm: return read_rhythm(k, t);
    }
    return false;
}

// ---- steps ----

static play_step *add_step(reader *k, enum play_step_kind kind) {
    play *p = k->out;
    if (p->n_steps == PLAY_STEPS) {
        (void)wrong(k, "steps", "there are more than %d steps", PLAY_STEPS);
        return NULL;
    }
    p->steps[p->n_steps] = (play_step){.kind = kind};
    return &p->steps[p->n_steps++];
}

static bool read_steps(reader *k, const char *field, const json_t *list, int deep);

static bool read_message(reader *k, const char *field, json_t *v, play_step *x) {
    static const char *const known[] = {"template", "kind"};
    if (!only_knows(k, field, v, known, COUNT(known))) return false;
    x->template = str_dup(k->a, json_at(v, "template"));
    x->gate = gate_kind_of(json_at(v, "kind"));
    if (!x->template.len) return wrong(k, field, "a message needs the name of a 'template'");
    if (!x->gate) return wrong(k, field, "a message needs a 'kind': thanks, greeting, service, care, marketing …");
    for (int32_t i = 0; i < k->n_seen; i++)
        if (str_eq(k->seen[i], x->template))
            return wrong(k, field, "'%.*s' is sent twice; a person gets the same words once for an occasion",
                         (int)MIN(x->template.len, 40), x->template.s);
    k->seen[k->n_seen++] = x->template;
    return true;
}

static bool read_task(reader *k, const char *field, json_t *v, play_step *x) {
    static const char *const known[] = {"what", "owner", "team", "hours"};
    if (!only_knows(k, field, v, known, COUNT(known))) return false;
    x->what = str_dup(k->a, str_trim(json_at(v, "what")));
    x->owner = str_dup(k->a, json_at(v, "owner")), x->team = str_dup(k->a, json_at(v, "team"));
    if (!x->what.len || x->what.len > 500) return wrong(k, field, "a task needs words: 'what', at most 500 bytes");
    return whole(k, field, v, "hours", 0, 0, 8760, &x->hours);
}

static bool read_wait(reader *k, const char *field, json_t *v, play_step *x) {
    static const char *const known[] = {"days", "hours", "minutes", "until"};
    int32_t days, hours, minutes;
    str until = json_at(v, "until");
    if (!only_knows(k, field, v, known, COUNT(known)) || !whole(k, field, v, "days", 0, 0, 730, &days) ||
        !whole(k, field, v, "hours", 0, 0, 8760, &hours) || !whole(k, field, v, "minutes", 0, 0, 100000, &minutes))
        return false;
    x->wait_us = days * DAY_US + hours * HOUR_US + minutes * 60 * SECOND_US;
    if (!x->wait_us) return wrong(k, field, "a wait needs 'days', 'hours' or 'minutes'");
    return !until.len || kind_at(k, field, until, &x->until);
}

// The parts of a branch follow one another: rule, then, a jump over the rest, else.
static bool read_branch(reader *k, const char *field, json_t *v, int32_t at, int deep) {
    static const char *const known[] = {"if", "then", "else"};
    char inner[PLAY_FIELD];
    play *p = k->out;
    if (!only_knows(k, field, v, known, COUNT(known))) return false;
    snprintf(inner, sizeof inner, "%.50s.if", field);
    if (!json_object_get(v, "if")) return wrong(k, inner, "a branch needs a rule: 'if'");
    if (!rule_at(k, inner, json_object_get(v, "if"), &p->steps[at].rule)) return false;
    snprintf(inner, sizeof inner, "%.50s.then", field);
    if (!read_steps(k, inner, json_object_get(v, "then"), deep + 1)) return false;
    const json_t *other = json_object_get(v, "else");
    int32_t jump = p->n_steps;
    if (other && !add_step(k, STEP_jump)) return false;
    p->steps[at].otherwise = p->n_steps;
    snprintf(inner, sizeof inner, "%.50s.else", field);
    if (other && !read_steps(k, inner, other, deep + 1)) return false;
    if (other) p->steps[jump].otherwise = p->n_steps;
    return true;
}

static bool read_step(reader *k, const char *field, json_t *v, int deep) {
    static const char *const names[] = {"message", "task", "wait", "branch", NULL, "apologise", "stop"};
    const char *key = json_object_iter_key(json_object_iter(v));
    int which = -1;
    for (size_t i = 0; key && i < COUNT(names); i++)
        if (names[i] && !strcmp(key, names[i])) which = (int)i;
    if (which < 0 || json_object_size(v) != 1)
        return wrong(k, field, "a step is one of message, task, wait, branch, apologise, stop");
    int32_t at = k->out->n_steps;
    play_step *x = add_step(k, (enum play_step_kind)which);
    json_t *in = json_object_get(v, key);
    if (!x) return false;
    char inner[PLAY_FIELD];
    snprintf(inner, sizeof inner, "%.45s.%s", field, key);
    switch (x->kind) {
    case STEP_message: return read_message(k, inner, in, x);
    case STEP_task: return read_task(k, inner, in, x);
    case STEP_wait: return read_wait(k, inner, in, x);
    case STEP_branch: return read_branch(k, inner, in, at, deep);
    case STEP_apologise:
        return k->out->trigger == TRIGGER_promise || wrong(k, inner, "only a broken promise can be apologised for");
    case STEP_jump:
    case STEP_stop: break;
    }
    return true;
}

static bool read_steps(reader *k, const char *field, const json_t *list, int deep) {
    enum { MOST_DEPTH = 4 };
    size_t i;
    json_t *v;
    if (!json_is_array(list)) return wrong(k, field, "'%s' must be a list of steps", field);
    if (deep > MOST_DEPTH) return wrong(k, field, "branches stand in one another more than %d deep", MOST_DEPTH);
    json_array_foreach(list, i, v) {
        char inner[PLAY_FIELD];
        snprintf(inner, sizeof inner, "%.40s.%zu", field, i);
        if (!read_step(k, inner, v, deep)) return false;
    }
    return true;
}

// ---- the rest ----

static bool read_stops(reader *k, const json_t *list) {
    size_t i;
    json_t *v;
    if (list && !json_is_array(list)) return wrong(k, "stop", "'stop' must be a list");
    json_array_foreach(list, i, v) {
        int which = in_list(json_text(v), stop_names, COUNT(stop_names));
        if (which < 0) return wrong(k, "stop", "'stop' lists replied, bought, complained, unsubscribed, left");
        k->out->stops |= 1U << which;
    }
    bool left = k->out->stops & STOP_left;
    return !left || k->out->trigger == TRIGGER_segment || wrong(k, "stop", "only a segment can be left");
}

static bool read_outcome(reader *k, json_t *v) {
    static const char *const known[] = {"is", "days"};
    k->out->outcome_days = 60;
    if (!v) return true;
    int which = in_list(json_at(v, "is"), outcomes, OUTCOMES);
    if (!only_knows(k, "outcome", v, known, COUNT(known))) return false;
    if (which < 0) return wrong(k, "outcome.is", "'is' must be active, order, renewal, answer or complaint");
    k->out->outcome = (enum play_outcome)which;
    return whole(k, "outcome.days", v, "days", 60, 1, 730, &k->out->outcome_days);
}

// Whoever refuses what its messages are sent for is not taken on, whatever it says. A refusal of offers stops no
// apology.
static void find_purposes(play *p) {
    for (int32_t i = 0; i < p->n_steps; i++)
        if (p->steps[i].kind == STEP_message) p->purposes |= 1U << purpose_of_kind(p->steps[i].gate, CHANNEL_email);
    p->purposes &= ~(1U << PURPOSE_none);
    if (p->purposes) p->stops |= STOP_unsubscribed;
}

static bool of_sentiment(const segment_rule *r) {
    return r && (segment_asks(r, "score") || segment_asks(r, "mean_score") || segment_asks(r, "mood") ||
                 segment_asks(r, "complaints") || segment_asks(r, "feedback") || segment_asks(r, "days_since_score"));
}

// F36: who is asked to recommend us, or for a rating, must not be chosen by what they think of us (16 CFR 465.4).
static bool asks_everybody(reader *k) {
    play *p = k->out;
    bool asks = false;
    for (int32_t i = 0; i < p->n_steps; i++)
        asks |=
            p->steps[i].kind == STEP_message && (p->steps[i].gate == GATE_referral || p->steps[i].gate == GATE_survey);
    if (!asks) return true;
    bool said = p->trigger == TRIGGER_event && kind_class(p->event) == CLASS_SAID;
    for (int32_t i = 0; i < p->n_steps; i++) said |= of_sentiment(p->steps[i].rule);
    if (said || of_sentiment(p->only) || of_sentiment(p->segment))
        return wrong(k, "steps",
                     "who is asked to recommend or rate us must not depend on what they said of us; ask "
                     "everybody, or a random 'sample'");
    return true;
}

static bool company_only_tasks(reader *k) {
    const play *p = k->out;
    for (int32_t i = 0; play_is_company(p) && i < p->n_steps; i++)
        if (p->steps[i].kind != STEP_task && p->steps[i].kind != STEP_wait && p->steps[i].kind != STEP_stop)
            return wrong(k, "steps", "a figure of the company is nobody to write to: tasks and waits alone");
    return true;
}

static bool read_play(reader *k, json_t *v) {
    static const char *const known[] = {"trigger", "if",      "hold", "sample",   "again_days",
                                        "stop",    "outcome", "from", "reply_to", "steps"};
    play *p = k->out;
    if (!only_knows(k, "definition", v, known, COUNT(known)) || !read_trigger(k, json_object_get(v, "trigger")) ||
        !rule_at(k, "if", json_object_get(v, "if"), &p->only) ||
        !part(k, v, "hold", play_is_company(p) ? 0 : 0.1, &p->hold) || !part(k, v, "sample", 1, &p->sample))
        return false;
    if (p->hold > PLAY_MILLION / 2) return wrong(k, "hold", "'hold' of more than a half leaves too few to be treated");
    p->from = str_dup(k->a, str_trim(json_at(v, "from"))),
    p->reply_to = str_dup(k->a, str_trim(json_at(v, "reply_to")));
    int64_t again = p->trigger == TRIGGER_segment ? 90 : p->trigger == TRIGGER_rhythm ? 21 : 0;
    return whole(k, "again_days", v, "again_days", again, 0, 3650, &p->again_days) &&
           read_stops(k, json_object_get(v, "stop")) && read_outcome(k, json_object_get(v, "outcome")) &&
           read_steps(k, "steps", json_object_get(v, "steps"), 0) &&
           (p->n_steps || wrong(k, "steps", "a playbook needs a step")) && asks_everybody(k) && company_only_tasks(k);
}

bool play_read(arena *a, store *s, str json, play *out, char field[PLAY_FIELD], err *e) {
    json_t *v = NULL;
    *out = (play){.steps = make(a, play_step, PLAY_STEPS), .least = -INFINITY, .most = INFINITY};
    reader k = {.a = a, .s = s, .out = out, .field = field, .e = e};
    field[0] = 0;
    if (json.len > 65536) return wrong(&k, "definition", "the definition is over 64 KiB");
    if (!json_read(json, &v, e)) return snprintf(field, PLAY_FIELD, "definition"), false;
    bool ok = read_play(&k, v);
    json_decref(v);
    if (ok) find_purposes(out);
    return ok && err_ok(e);
}

// ---- in words ----

static str event_words(arena *a, const play *p) {
    str what = str_fmt(a, "when %s: %.*s",
                       p->first   ? "it happens for the first time"
                       : p->again ? "it happens again"
                                  : "it happens",
                       STR_ARG(kind_name(p->event)));
    for (size_t i = 0; i < p->n_named; i++)
        what = str_fmt(a, "%.*s%s%.*s", STR_ARG(what), i ? " or " : " named ", STR_ARG(p->named[i]));
    if (p->instrument)
        what = str_fmt(a, "%.*s, %.*s", STR_ARG(what), STR_ARG(instrument_name((enum instrument)p->instrument)));
    if (p->least > -INFINITY) what = str_fmt(a, "%.*s from %g", STR_ARG(what), p->least);
    if (p->most < INFINITY) what = str_fmt(a, "%.*s to %g", STR_ARG(what), p->most);
    return what;
}

static str date_words(arena *a, const play *p) {
    str ahead = p->before_days ? str_fmt(a, "%d days before a", (int)p->before_days) : S("on a");
    return str_fmt(a, "%.*s %s, at %02d:%02d where they live", STR_ARG(ahead), dates[p->date], (int)(p->at_s / 3600),
                   (int)(p->at_s / 60 % 60));
}

static str trigger_words(arena *a, const play *p) {
    switch (p->trigger) {
    case TRIGGER_event: return event_words(a, p);
    case TRIGGER_segment: return str_fmt(a, "who comes to be: %.*s", STR_ARG(segment_words(a, p->segment)));
    case TRIGGER_date: return date_words(a, p);
    case TRIGGER_promise: return S("when a promise to them is broken");
    case TRIGGER_measure:
        return str_fmt(a, "when %s of %d days is surely %s %g", measure_get(p->measure)->name, (int)p->days,
                       p->below ? "below" : "above", p->bound);
    case TRIGGER_stuck:
        return str_fmt(a, "who has no %.*s after the time by which 80 %% of their segment had one",
                       STR_ARG(kind_name(p->value_event)));
    case TRIGGER_rhythm:
        return str_fmt(a, "nobody has spoken to them for %d days, of: %.*s", (int)p->days,
                       STR_ARG(p->segment ? segment_words(a, p->segment) : S("everybody")));
    }
    return S("");
}

str play_words(arena *a, const play *p) {
    str what = trigger_words(a, p);
    return p->only ? str_fmt(a, "%.*s; if %.*s", STR_ARG(what), STR_ARG(segment_words(a, p->only))) : what;
}
