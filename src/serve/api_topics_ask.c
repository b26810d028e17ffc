// What is asked of people about topics, what they answer, what a change would do, and the month's audit.
#include "serve/api_topics.h"

#include <math.h>

#include "act/topic_answer.h"
#include "base/map64.h"
#include "know/topic_audit.h"
#include "know/topic_try.h"
#include "serve/live.h"
#include "serve/meanings.h"
#include "sql/cli.h"

enum { EXAMPLE = 400 };

// ---- a change that is thought of ----

static bool put_example(call *c, const topic_example *x, err *e) {
    json_out *j = &c->out;
    int64_t feedback;
    enum channel channel;
    if (!topic_word_place(c->s, &x->w, &feedback, &channel, e)) return false;
    json_open(j, NULL, '{');
    put_id_or_null(j, "feedback", feedback);
    put_id_or_null(j, "customer", x->customer);
    json_put_time(j, "at", x->w.at_us);
    json_put_str(j, "words", words_cut(x->w.text, EXAMPLE));
    json_put_num(j, "sure", x->sure / 1000.0);
    json_close(j, '}');
    return true;
}

static int surest_example(const void *x, const void *y) {
    const topic_example *p = x, *q = y;
    if (p->sure != q->sure) return p->sure > q->sure ? -1 : 1;
    return (p->w.key > q->w.key) - (p->w.key < q->w.key);
}

static bool put_move(call *c, topic_move *m, err *e) {
    json_out *j = &c->out;
    if (m->n) qsort(m->examples, m->n, sizeof *m->examples, surest_example);
    json_open(j, NULL, '{');
    put_id_or_null(j, "topic", m->topic);
    json_put_str(j, "name", m->name);
    json_put_int(j, "gains", m->gains);
    json_put_int(j, "loses", m->loses);
    json_put_int(j, "stays", m->stays);
    json_put_int(j, "doubts", m->doubts);
    json_put_int(j, "people", m->people);
    json_open(j, "examples", '[');
    for (size_t i = 0; i < m->n; i++)
        if (!put_example(c, &m->examples[i], e)) return false;
    json_close(j, ']');
    json_close(j, '}');
    return true;
}

static bool put_outlook(call *c, topic_outlook *x, err *e) {
    json_out *j = &c->out;
    json_open(j, NULL, '{');
    json_open(j, "moves", '[');
    for (size_t i = 0; i < x->n; i++)
        if (!put_move(c, &x->moves[i], e)) return false;
    json_close(j, ']');
    json_put_int(j, "looked", x->looked);
    json_put_bool(j, "all", x->all);
    if (estimate_shown(&x->precision))
        figure_json(j, "precision", &x->precision);
    else
        json_put_null(j, "precision");
    json_put_int(j, "without", x->without);
    json_open(j, "notes", '[');
    for (size_t i = 0; i < x->n_notes; i++) json_put_str(j, NULL, str_c(x->notes[i]));
    json_close(j, ']');
    json_close(j, '}');
    return true;
}

bool topics_preview(call *c, err *e) {
    topics *t;
    topic_change x;
    topic_outlook out;
    const char *field = NULL;
    const reader *r = NULL;
    err why = {0};
    if (!meanings_reader(server_meanings(c->sv), &r, &why)) r = NULL;
    why = (err){0};
    if (!store_begin_read(c->s, e) || !topics_read(c->a, c->s, &t, e) || !in_topic_proposal(c, t, &x, e)) return false;
    if (!topic_try(c->a, c->s, t, r, &x, &out, &field, &why)) {
        if (field && why.code == ERR_invalid) return fail_field(c, e, field, "%s", why.msg);
        return *e = why, false;
    }
    return put_outlook(c, &out, e);
}

// ---- questions ----

static void put_guesses(call *c, const topics *t, const topic_question *q) {
    json_out *j = &c->out;
    json_open(j, "guesses", '[');
    for (size_t i = 0; i < q->n; i++) {
        json_open(j, NULL, '{');
        json_put_int(j, "topic", q->guesses[i].topic);
        json_put_str(j, "name", topics_by_id(t, q->guesses[i].topic)->name);
        json_put_num(j, "sure", q->guesses[i].sure / 1000.0);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static bool put_question(call *c, const topics *t, const topic_question *q, err *e) {
    json_out *j = &c->out;
    int64_t feedback, customer;
    enum channel channel;
    if (!topic_word_place(c->s, &q->w, &feedback, &channel, e) ||
        !store_int(c->s, Q_people_by_profile, &customer, 0, e, "i", q->w.profile))
        return false;
    if (!feedback) return true;
    json_open(j, NULL, '{');
    json_put_int(j, "feedback", feedback);
    put_id_or_null(j, "customer", customer);
    json_put_time(j, "at", q->w.at_us);
    json_put_str(j, "channel", channel_name(channel));
    json_put_str(j, "words", q->w.text);
    put_guesses(c, t, q);
    json_close(j, '}');
    return true;
}

bool topics_ask(call *c, err *e) {
    json_out *j = &c->out;
    topics *t;
    topic_question *v;
    enum topic_axis axis;
    size_t n;
    int64_t waiting;
    if (!in_axis(c, TOPIC_what, &axis, e) || !store_begin_read(c->s, e) || !topics_read(c->a, c->s, &t, e))
        return false;
    const topic *root = topics_by_id(t, in_int(c, "topic", 0));
    if (in_has(c, "topic") && !root) return fail_field(c, e, "topic", "there is no such topic");
    if (root) axis = root->axis;
    if (!topic_ask(c->a, c->s, t, axis, root ? root->id : 0, &v, &n, &waiting, e)) return false;
    json_open(j, NULL, '{');
    json_put_str(j, "axis", str_c(topic_axis_name(axis)));
    json_open(j, "items", '[');
    for (size_t i = 0; i < n; i++)
        if (!put_question(c, t, &v[i], e)) return false;
    json_close(j, ']');
    json_put_int(j, "waiting", waiting);
    json_close(j, '}');
    return true;
}

// ---- answers ----

static size_t in_ids(call *c, const char *name, int64_t **out) {
    const json_t *list = json_object_get(c->in, name);
    *out = make(c->a, int64_t, json_array_size(list) + 1);
    for (size_t i = 0; i < json_array_size(list); i++) (*out)[i] = json_integer_value(json_array_get(list, i));
    return json_array_size(list);
}

// Labels of one topic that have several names are one.
static void put_effects(call *c, const topics *t, const topic_corrected *x) {
    json_out *j = &c->out;
    json_open(j, "effects", '[');
    for (size_t i = 0; i < x->n; i++) {
        int64_t gained = 0, lost = 0;
        bool before = false;
        for (size_t k = 0; k < i; k++) before |= x->effects[k].of == x->effects[i].of;
        for (size_t k = i; k < x->n; k++)
            if (x->effects[k].of == x->effects[i].of) gained += x->effects[k].gained, lost += x->effects[k].lost;
        const topic *of = topics_by_id(t, x->effects[i].of);
        if (before || !of) continue;
        json_open(j, NULL, '{');
        json_put_int(j, "topic", of->id);
        json_put_str(j, "name", of->name);
        json_put_int(j, "gained", gained);
        json_put_int(j, "lost", lost);
        json_close(j, '}');
    }
    json_close(j, ']');
}

// What became of an answer, or of one that was taken back.
static bool answered(call *c, int64_t feedback, const topic_corrected *x, str undo, err *e) {
    json_out *j = &c->out;
    topics *t;
    if (!store_begin(c->s, e) ||
        !audit(c, undo.len ? "topic.answer" : "topic.answer_undo", str_fmt(c->a, "feedback:%" PRId64, feedback),
               S("{}"), e) ||
        !ledger_commit(know_ledger(c->d->k), e) || !topics_read(c->a, c->s, &t, e))
        return false;
    live_tell(server_live(c->sv), S("topics"), str_fmt(c->a, "{\"feedback\":%" PRId64 "}", feedback));
    json_open(j, NULL, '{');
    put_effects(c, t, x);
    json_put_int(j, "looked", x->looked);
    json_put_int(j, "later", x->later);
    json_put_bool(j, "learned", x->learned);
    if (undo.len)
        json_put_str(j, "undo", undo);
    else
        json_put_null(j, "undo");
    json_close(j, '}');
    return true;
}

bool topics_answer(call *c, err *e) {
    int64_t *yes, *no;
    topic_corrected out;
    str undo;
    topic_answer x = {.feedback = in_int(c, "feedback", 0), .where = str_c(server_options(c->sv)->where)};
    const inbox_hand h = {.by = who_text(c->a, &c->who), .name = c->who.name};
    x.n_yes = in_ids(c, "yes", &yes), x.n_no = in_ids(c, "no", &no);
    x.yes = yes, x.no = no;
    if (!x.n_yes && !x.n_no) return fail_field(c, e, "yes", "say what it is about ('yes') or what not ('no')");
    return topic_answer_take(c->d->k, c->a, &x, &h, &out, &undo, e) && answered(c, x.feedback, &out, undo, e);
}

bool topics_answer_back(call *c, err *e) {
    topic_corrected out;
    const int64_t feedback = in_int(c, "feedback", 0);
    const inbox_hand h = {.by = who_text(c->a, &c->who), .name = c->who.name};
    return topic_answer_back(c->d->k, c->a, feedback, in_str(c, "step"), str_c(server_options(c->sv)->where), &h, &out,
                             e) &&
           answered(c, feedback, &out, S(""), e);
}

// ---- the audit ----

static bool in_month(call *c, int *month, err *e) {
    if (!in_has(c, "month")) {
        if (!topic_audit_newest(c->s, month, e)) return false;
        return *month ||
               fail(e, ERR_not_found,
                    "no sample was drawn yet; that is done each month once there are topics and words enough");
    }
    return topic_month_of(in_str(c, "month"), month) || fail_field(c, e, "month", "write it as 2026-11");
}

static bool put_audit_words(call *c, const topic_audited *x, str me, err *e) {
    json_out *j = &c->out;
    topic_word w;
    int64_t feedback;
    enum channel channel;
    bool there;
    const topic_judgement *mine = NULL;
    if (!topic_word_get(c->a, c->s, x->profile, x->key, &w, &there, e)) return false;
    if (!there) return true;
    if (!topic_word_place(c->s, &w, &feedback, &channel, e)) return false;
    for (size_t i = 0; i < x->n_judged; i++)
        if (str_eq(x->judged[i].by, me)) mine = &x->judged[i];
    json_open(j, NULL, '{');
    json_put_int(j, "feedback", feedback);
    json_put_time(j, "at", w.at_us);
    json_put_str(j, "channel", channel_name(channel));
    json_put_str(j, "words", w.text);
    if (mine) {
        json_open(j, "mine", '[');
        for (size_t i = 0; i < mine->n; i++) json_put_int(j, NULL, mine->topics[i]);
        json_close(j, ']');
    } else
        json_put_null(j, "mine");
    json_close(j, '}');
    return true;
}

static void put_choices(call *c, const topics *t) {
    size_t n;
    const topic *all = topics_all(t, &n);
    json_open(&c->out, "topics", '[');
    for (size_t i = 0; i < n; i++) {
        if (all[i].state != TOPIC_used || all[i].axis == TOPIC_intent) continue;
        json_open(&c->out, NULL, '{');
        json_put_int(&c->out, "topic", all[i].id);
        json_put_str(&c->out, "name", all[i].name);
        json_put_num(&c->out, "sure", 0);
        json_close(&c->out, '}');
    }
    json_close(&c->out, ']');
}

bool topics_audit(call *c, err *e) {
    json_out *j = &c->out;
    topics *t;
    topic_audited *v;
    size_t n, judged = 0;
    int month;
    if (!store_begin_read(c->s, e) || !in_month(c, &month, e) || !topics_read(c->a, c->s, &t, e) ||
        !topic_audit_read(c->a, c->s, month, &v, &n, e))
        return false;
    json_open(j, NULL, '{');
    json_put_str(j, "month", topic_month_text(c->a, month));
    json_open(j, "items", '[');
    for (size_t i = 0; i < n; i++) {
        judged += v[i].n_judged > 0;
        if (!put_audit_words(c, &v[i], who_text(c->a, &c->who), e)) return false;
    }
    json_close(j, ']');
    put_choices(c, t);
    json_put_int(j, "judged", (int64_t)judged);
    json_close(j, '}');
    return true;
}

static bool in_judged(call *c, const topics *t, topic_judgement *x, err *e) {
    int64_t *ids;
    const size_t n = in_ids(c, "topics", &ids);
    if (n > AUDIT_TOPICS) return fail_field(c, e, "topics", "%d topics are enough", AUDIT_TOPICS);
    *x = (topic_judgement){.by = who_text(c->a, &c->who), .n = n};
    for (size_t i = 0; i < n; i++) {
        const topic *of = topics_by_id(t, x->topics[i] = ids[i]);
        if (!of || of->state != TOPIC_used || of->axis == TOPIC_intent)
            return fail_field(c, e, "topics", "there is no topic %" PRId64 " of what or why in use", ids[i]);
    }
    return true;
}

static bool put_count(call *c, const char *key, int month, err *e) {
    topic_audited *v;
    size_t n, judged = 0;
    if (!topic_audit_read(c->a, c->s, month, &v, &n, e)) return false;
    for (size_t i = 0; i < n; i++) judged += v[i].n_judged > 0;
    json_open(&c->out, key, '{');
    json_put_str(&c->out, "month", topic_month_text(c->a, month));
    json_put_int(&c->out, "judged", (int64_t)judged);
    json_put_int(&c->out, "sample", (int64_t)n);
    json_close(&c->out, '}');
    return true;
}

bool topics_judge(call *c, err *e) {
    topics *t;
    topic_word w;
    topic_judgement x;
    bool there;
    int month;
    const int64_t feedback = in_int(c, "feedback", 0);
    if (!in_month(c, &month, e) || !topics_read(c->a, c->s, &t, e) || !in_judged(c, t, &x, e) ||
        !topic_word_of(c->a, c->s, feedback, &w, &there, e))
        return false;
    if (!there) return fail_field(c, e, "feedback", "there are no such words");
    return topic_audit_judge(c->s, month, w.profile, w.key, &x, e) &&
           audit(c, "topic.judge", str_fmt(c->a, "feedback:%" PRId64, feedback), S("{}"), e) &&
           put_count(c, NULL, month, e);
}

static void put_lines(call *c, const topics *t, const topic_audit_report *x) {
    json_out *j = &c->out;
    json_open(j, "topics", '[');
    for (size_t i = 0; i < x->n; i++) {
        const topic_audit_line *l = &x->lines[i];
        json_open(j, NULL, '{');
        json_put_int(j, "topic", l->topic);
        json_put_str(j, "name", topics_by_id(t, l->topic)->name);
        json_put_int(j, "given", l->given);
        json_put_int(j, "meant", l->meant);
        json_put_int(j, "both", l->both);
        figure_json(j, "precision", &l->precision);
        figure_json(j, "recall", &l->recall);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static bool put_months(call *c, err *e) {
    int months[240];
    size_t n = 0;
    if (!topic_audit_months(c->s, months, COUNT(months), &n, e)) return false;
    json_open(&c->out, "months", '[');
    for (size_t i = 0; i < n; i++)
        if (!put_count(c, NULL, months[i], e)) return false;
    json_close(&c->out, ']');
    return true;
}

bool topics_audited(call *c, err *e) {
    json_out *j = &c->out;
    topics *t;
    topic_audit_report x;
    int month;
    if (!store_begin_read(c->s, e) || !in_month(c, &month, e) || !topics_read(c->a, c->s, &t, e) ||
        !topic_audit_tell(c->a, c->s, t, month, &x, e))
        return false;
    json_open(j, NULL, '{');
    json_put_str(j, "month", topic_month_text(c->a, month));
    json_put_int(j, "sample", x.sample);
    json_put_int(j, "judged", x.judged);
    json_put_int(j, "twice", x.twice);
    json_put_num(j, "alpha", x.alpha);
    json_put_num(j, "alpha_heed", x.alpha_heed);
    figure_json(j, "precision", &x.precision);
    figure_json(j, "recall", &x.recall);
    figure_json(j, "abstained", &x.abstained);
    figure_json(j, "unassigned", &x.unassigned);
    json_put_num(j, "coverage", x.coverage);
    put_lines(c, t, &x);
    if (!put_months(c, e)) return false;
    json_close(j, '}');
    return true;
}
