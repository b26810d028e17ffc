// One topic from near, the words about it, why words are about something, and what a customer needs.
#include "serve/api_topics.h"

#include <math.h>

#include "base/civil.h"
#include "serve/api_themes.h"
#include "serve/kept.h"
#include "serve/meanings.h"
#include "serve/server.h"
#include "sql/know.h"

enum { CAUSES = 4, EVIDENCE = 240 };

// ---- one topic ----

static void put_weeks(json_out *j, const topic_near *x) {
    json_open(j, "weeks", '[');
    for (size_t i = 0; i < x->n_weeks; i++) {
        const ymd d = ymd_of(x->weeks[i].day);
        char day[16];
        snprintf(day, sizeof day, "%04d-%02d-%02d", d.year, d.month, d.day);
        json_open(j, NULL, '{');
        json_put_str(j, "week", str_c(day));
        json_put_int(j, "people", x->weeks[i].people);
        json_put_int(j, "mentions", x->weeks[i].mentions);
        json_put_int(j, "negative", x->weeks[i].negative);
        json_put_int(j, "positive", x->weeks[i].positive);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_shares(json_out *j, const char *key, const topic_share *v, size_t n, bool numbered) {
    json_open(j, key, '[');
    for (size_t i = 0; i < n; i++) {
        json_open(j, NULL, '{');
        json_put_str(j, "name", v[i].name);
        put_id_or_null(j, "id", numbered ? v[i].id : 0);
        json_put_int(j, "people", v[i].people);
        json_put_int(j, "mentions", v[i].mentions);
        json_put_int(j, "negative", v[i].negative);
        json_put_int(j, "positive", v[i].positive);
        json_close(j, '}');
    }
    json_close(j, ']');
}

typedef struct {
    call *c;
    const topics *t;
    const topic *x;
    int64_t since;
} page_of_topic;

static bool tell_topic(void *ctx, buf *b, err *e) {
    const page_of_topic *k = ctx;
    call *c = k->c;
    topic_counts counts;
    topic_quality *q;
    topic_near near;
    size_t n, at = 0;
    if (!topic_count(c->a, c->s, k->t, k->since, c->now_us + 1, &counts, e) ||
        !topic_qualities(c->a, c->s, k->t, &q, e) ||
        !topic_look(c->a, c->s, k->t, k->x->id, k->since, c->now_us + 1, c->now_us, &near, e))
        return false;
    const json_out kept = c->out;
    const topic *all = topics_all(k->t, &n);
    while (at < n && all[at].id != k->x->id) at++;
    c->out = json_to(b);
    json_open(&c->out, NULL, '{');
    put_topic(c, "topic", k->t, k->x, 0);
    put_topic_figures(&c->out, "figures", &counts.of[at]);
    put_topic_quality(&c->out, "quality", &q[at]);
    put_weeks(&c->out, &near);
    put_shares(&c->out, "channels", near.channels, near.n_channels, false);
    put_shares(&c->out, "segments", near.segments, near.n_segments, true);
    put_shares(&c->out, "with", near.with, near.n_with, true);
    put_shares(&c->out, "below", near.below, near.n_below, true);
    json_close(&c->out, '}');
    c->out = kept;
    return true;
}

bool topics_show(call *c, err *e) {
    page_of_topic k = {.c = c};
    topics *t;
    if (!in_days(c, 90, &k.since, e) || !store_begin_read(c->s, e) || !topics_read(c->a, c->s, &t, e) ||
        !in_topic(c, t, &k.x, e))
        return false;
    k.t = t;
    const str question = str_fmt(c->a, "topic %" PRId64 " %" PRId64 " %d %" PRId64, k.x->id, k.x->version,
                                 may_read_words(c), in_int(c, "days", 90));
    call_etag(c, k.x->version);
    return kept_put(c, question, tell_topic, &k, e);
}

// ---- why ----

static void put_cause(json_out *j, const model_reasons *r, size_t i, str text) {
    const bool inside = r->piece[i].s >= text.s && r->piece[i].s + r->piece[i].len <= text.s + text.len;
    json_open(j, NULL, '{');
    json_put_str(j, "words", r->piece[i]);
    json_put_int(j, "from", inside ? r->piece[i].s - text.s : 0);
    json_put_num(j, "adds", r->part[i]);
    json_close(j, '}');
}

// The pieces that say most for it, in the order of the text. What is written grows in the same arena: no scratch.
static void put_causes(call *c, const topic_judge *judge, int64_t of, const topic_word *w) {
    model_reasons r;
    double sure;
    size_t best[CAUSES], n = 0;
    json_open(&c->out, "cause", '[');
    if (topic_judge_why(c->a, judge, of, w, &r, &sure)) {
        for (size_t i = 0; i < r.pieces; i++) {
            size_t at = n;
            if (!(r.part[i] > 0)) continue;
            while (at && r.part[best[at - 1]] < r.part[i]) at--;
            if (at == CAUSES) continue;
            n = MIN(n + 1, (size_t)CAUSES);
            for (size_t k = n - 1; k > at; k--) best[k] = best[k - 1];
            best[at] = i;
        }
        for (size_t i = 0; i < r.pieces; i++)
            for (size_t k = 0; k < n; k++)
                if (best[k] == i) put_cause(&c->out, &r, i, w->text);
    }
    json_close(&c->out, ']');
}

static bool put_reason(call *c, const topic_judge *judge, const topics *t, const topic_tag *x, const topic_word *w) {
    json_out *j = &c->out;
    model_reasons r = {0};
    double sure;
    const topic *now = topics_now(t, x->topic);
    const bool known = topic_judge_why(c->a, judge, x->topic, w, &r, &sure);
    if (!now) return false;
    json_open(j, NULL, '{');
    json_put_int(j, "topic", now->id);
    json_put_str(j, "name", now->name);
    json_put_str(j, "axis", str_c(topic_axis_name(now->axis)));
    json_put_str(j, "how", str_c(topic_how_name(x->how)));
    json_put_num(j, "sure", x->sure / 1000.0);
    put_topic_felt(j, "mood", x->has_mood, x->mood);
    json_open(j, "parts", '[');
    for (size_t i = 0; known && i < r.pieces; i++) put_cause(j, &r, i, w->text);
    json_close(j, ']');
    json_put_num(j, "meaning", r.dense);
    json_put_num(j, "constant", r.bias);
    json_put_num(j, "score", r.score);
    json_close(j, '}');
    return true;
}

static int surest(const void *x, const void *y) {
    const topic_tag *p = x, *q = y;
    if (p->sure != q->sure) return p->sure > q->sure ? -1 : 1;
    return (p->topic > q->topic) - (p->topic < q->topic);
}

// Labels as they stand, not as they would be given now.
static bool standing_tags(call *c, const topic_word *w, topic_tag **out, size_t *n, err *e) {
    size_t room = 64;
    *out = make(c->a, topic_tag, room), *n = 0;
    if (!topic_tags_standing(c->s, w->profile, w->key, *out, room, n, e)) return false;
    if (*n) qsort(*out, *n, sizeof **out, surest);
    return true;
}

static bool open_judge(call *c, topic_judge **judge, err *e) {
    const reader *r = NULL;
    err quiet = {0};
    if (!meanings_reader(server_meanings(c->sv), &r, &quiet)) r = NULL;
    return topic_judge_open(c->a, c->s, r ? reader_mood(r) : NULL, judge, e);
}

bool topics_why(call *c, err *e) {
    json_out *j = &c->out;
    int64_t id;
    topic_word w;
    topic_judge *judge;
    topic_tag *v;
    size_t n;
    bool there;
    if (!param_id(c, 0, &id, e) || !store_begin_read(c->s, e) || !topic_word_of(c->a, c->s, id, &w, &there, e))
        return false;
    if (!there) return fail(e, ERR_not_found, "there are no words %" PRId64 " that were understood", id);
    if (!open_judge(c, &judge, e) || !standing_tags(c, &w, &v, &n, e)) return false;
    json_open(j, NULL, '{');
    json_put_int(j, "feedback", id);
    json_put_str(j, "words", w.text);
    json_open(j, "topics", '[');
    for (size_t i = 0; i < n; i++) (void)put_reason(c, judge, topic_judge_topics(judge), &v[i], &w);
    json_close(j, ']');
    json_close(j, '}');
    return audit(c, "feedback.look", str_fmt(c->a, "feedback:%" PRId64, id), S("{}"), e);
}

// ---- mentions ----

static enum topic_which which_of(str x) {
    static const str names[] = {[TOPIC_given_all] = S("given"),
                                [TOPIC_which_unsure] = S("unsure"),
                                [TOPIC_which_person] = S("person"),
                                [TOPIC_which_source] = S("source"),
                                [TOPIC_which_learned] = S("learned")};
    for (size_t i = 0; i < COUNT(names); i++)
        if (str_eq(x, names[i])) return (enum topic_which)i;
    return TOPIC_given_all;
}

static bool put_mention(call *c, const topic_judge *judge, const topic_mention *x, err *e) {
    json_out *j = &c->out;
    int64_t feedback;
    enum channel channel;
    people_card card = {.id = x->customer};
    const topic *now = topics_now(topic_judge_topics(judge), x->tag.topic);
    if (!topic_word_place(c->s, &x->w, &feedback, &channel, e) ||
        (x->customer && !people_fill(c->a, c->s, &card, 1, e)))
        return false;
    json_open(j, NULL, '{');
    put_id_or_null(j, "feedback", feedback);
    put_id_or_null(j, "customer", x->customer);
    if (card.name.len)
        json_put_str(j, "name", card.name);
    else
        json_put_null(j, "name");
    json_put_time(j, "at", x->w.at_us);
    json_put_str(j, "channel", channel_name(channel));
    json_put_str(j, "words", x->w.text);
    json_put_int(j, "topic", now ? now->id : x->tag.topic);
    json_put_str(j, "how", str_c(topic_how_name(x->tag.how)));
    json_put_num(j, "sure", x->tag.sure / 1000.0);
    put_topic_felt(j, "mood", x->tag.has_mood, x->tag.mood);
    json_put_bool(j, "copy", x->copy);
    put_causes(c, judge, x->tag.topic, &x->w);
    json_close(j, '}');
    return true;
}

bool topics_mentions(call *c, err *e) {
    static const char *const felt[] = {"negative", "neutral", "positive"};
    paging p;
    topic_judge *judge;
    const topic *x;
    topic_mention *v;
    size_t n;
    bool more;
    int64_t since;
    if (!in_days(c, 365, &since, e) || !store_begin_read(c->s, e) || !open_judge(c, &judge, e)) return false;
    const topics *t = topic_judge_topics(judge);
    if (!in_topic(c, t, &x, e) || !page_open(c, &p, e)) return false;
    topic_mentions_ask q = {.id = x->id,
                            .since_us = since,
                            .feeling = MOOD_UNKNOWN,
                            .which = which_of(in_str(c, "how")),
                            .below = !in_has(c, "below") || in_bool(c, "below"),
                            .next = !p.first,
                            .at_us = p.after[0],
                            .key = p.after[1],
                            .most = (size_t)p.limit};
    for (int i = 0; i < 3; i++)
        if (str_eq(in_str(c, "mood"), str_c(felt[i]))) q.feeling = i - 1;
    if (!topic_mentions(c->a, c->s, t, &q, &v, &n, &more, e)) return false;
    for (size_t i = 0; i < n; i++)
        if (!put_mention(c, judge, &v[i], e)) return false;
    page_close(c, &p, more && n, n ? v[n - 1].w.at_us : 0, n ? v[n - 1].w.key : 0);
    return true;
}

// ---- a customer ----

static bool put_evidence(call *c, const topic_need *x, err *e) {
    json_out *j = &c->out;
    json_open(j, "evidence", '[');
    for (size_t i = 0; i < x->n_evidence; i++) {
        int64_t feedback;
        enum channel channel;
        if (!topic_word_place(c->s, &x->evidence[i], &feedback, &channel, e)) return false;
        json_open(j, NULL, '{');
        put_id_or_null(j, "feedback", feedback);
        json_put_time(j, "at", x->evidence[i].at_us);
        json_put_str(j, "words", words_cut(x->evidence[i].text, EVIDENCE));
        json_put_str(j, "how", str_c(topic_how_name(x->how[i])));
        json_close(j, '}');
    }
    json_close(j, ']');
    return true;
}

static bool put_need(call *c, const topic_need *x, err *e) {
    json_out *j = &c->out;
    json_open(j, NULL, '{');
    json_put_str(j, "kind", str_c(topic_need_name(x->kind)));
    json_put_int(j, "topic", x->topic);
    json_put_str(j, "name", x->name);
    json_put_int(j, "times", x->times);
    json_put_num(j, "mood", x->has_mood ? round(1000 * x->mood) / 1000 : NAN);
    json_open(j, "wants", '[');
    for (size_t i = 0; i < x->n_wants; i++) json_put_str(j, NULL, x->wants[i]);
    json_close(j, ']');
    json_put_num(j, "confidence", round(1000 * x->confidence) / 1000);
    json_put_time(j, "first", x->first_us);
    json_put_time(j, "confirmed", x->last_us);
    const bool ok = put_evidence(c, x, e);
    json_close(j, '}');
    return ok;
}

bool topics_needs(call *c, err *e) {
    json_out *j = &c->out;
    int64_t id, there = 0;
    topics *t;
    topic_need *v;
    size_t n;
    if (!param_id(c, 0, &id, e) || !store_begin_read(c->s, e) || !topics_read(c->a, c->s, &t, e)) return false;
    for (row r = store_query(c->s, Q_profile_of_customer, e, "i", id); row_next(&r);) there++;
    if (err_ok(e) && !there) return fail(e, ERR_not_found, "there is no customer %" PRId64, id);
    if (!err_ok(e) || !topic_needs_of(c->a, c->s, t, id, c->now_us, &v, &n, e)) return false;
    json_open(j, NULL, '{');
    json_put_int(j, "customer", id);
    json_open(j, "items", '[');
    for (size_t i = 0; i < n; i++)
        if (!put_need(c, &v[i], e)) return false;
    json_close(j, ']');
    json_close(j, '}');
    return audit(c, "customer.needs", str_fmt(c->a, "customer:%" PRId64, id), S("{}"), e);
}
