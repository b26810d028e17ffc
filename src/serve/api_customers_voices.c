// What customers said: lists, search, counts, and one with the conversation around it.
#include "serve/api_customers.h"

#include "know/feedback.h"
#include "serve/kept.h"
#include "sql/know.h"
#include "sql/serve_know.h"

enum { CONVERSATION = 200 };

// ---- what is asked ----

static bool one_of(call *c, const char *name, bool ok, const char *list, err *e) {
    return ok || fail_field(c, e, name, "there is no %s '%s'; take %s", name,
                            json_string_value(json_object_get(c->in, name)), list);
}

static bool read_names(call *c, voices_ask *q, err *e) {
    str kind = in_str(c, "kind"), instrument = in_str(c, "instrument"), source = in_str(c, "source");
    q->kind = kind_of(kind), q->instrument = instrument_of(instrument);
    if (!one_of(c, "kind", !kind.len || q->kind, "answer, review, complaint, comment, message_in or call", e) ||
        !one_of(c, "instrument", !instrument.len || q->instrument, "nps, csat5, ces7, stars5 …", e) ||
        !in_channel(c, "channel", in_str(c, "channel"), &q->channel, e))
        return false;
    if (source.len) {
        for (row r = store_query(c->s, Q_source_names, e, ""); row_next(&r);)
            if (str_eq(row_str(&r, 1), source)) q->source_id = row_int(&r, 0);
    }
    return err_ok(e) && one_of(c, "source", !source.len || q->source_id, "one that /api/sources lists", e);
}

static int64_t hundredfold(const json_t *v) {
    double x = json_number_value(v);
    return (int64_t)(x * 100 + (x < 0 ? -0.5 : 0.5));
}

static bool read_ask(call *c, voices_ask *q, err *e) {
    str mood = in_str(c, "mood");
    *q = (voices_ask){.words = in_str(c, "q"),
                      .topic = in_str(c, "topic"),
                      .mood = MOOD_UNKNOWN,
                      .unhappy = in_bool(c, "unhappy"),
                      .with_words = in_bool(c, "words"),
                      .customer = in_int(c, "customer", 0),
                      .newest = str_eq(in_str(c, "sort"), S("-at")),
                      .read = true,
                      .scored = in_has(c, "score_from") || in_has(c, "score_to"),
                      .score_lo = INT64_MIN,
                      .score_hi = INT64_MAX};
    for (int m = -1; m <= 1; m++)
        if (str_eq(mood, str_c(mood_name(m)))) q->mood = m;
    if (in_has(c, "score_from")) q->score_lo = hundredfold(json_object_get(c->in, "score_from"));
    if (in_has(c, "score_to")) q->score_hi = hundredfold(json_object_get(c->in, "score_to"));
    if (str_eq(in_str(c, "sort"), S("best")) && !q->words.len)
        return fail_field(c, e, "sort", "'best' orders what a search finds; say what to look for with 'q'");
    return store_begin_read(c->s, e) && in_times(c, &q->since_us, &q->until_us, e) && read_names(c, q, e);
}

// ---- lists ----

typedef struct {
    call *c;
    int64_t limit, n;
    voice last;
    bool more;
} listing;

static bool put_one(void *ctx, const voice *found, err *e) {
    listing *k = ctx;
    if (k->n == k->limit) return k->more = true, false;
    voice v = *found;
    v.topic = str_dup(k->c->a, v.topic), v.lang = str_dup(k->c->a, v.lang);
    if (!voice_fill(k->c->a, k->c->s, &v, e)) return false;
    put_voice(&k->c->out, NULL, &v);
    k->last = v, k->n++;
    return true;
}

bool feedback_page(call *c, err *e) {
    paging p;
    voices_ask q;
    sources *all;
    if (!page_open(c, &p, e) || !read_ask(c, &q, e)) return false;
    bool best = q.words.len && !q.newest;
    sources_as_asked(c->a, c->s, &all);
    q.next = !p.first, q.key = p.after[0], q.id = p.after[1], q.limit = p.limit + 1;
    listing k = {.c = c, .limit = p.limit};
    if (!voices_each(c->s, all, &q, put_one, &k, e)) return false;
    // The best matches have no key of their own: the page after says how many went before it.
    page_close(c, &p, k.more, best ? (p.first ? 0 : p.after[0]) + k.n : k.last.at_us, best ? 0 : k.last.id);
    return true;
}

// ---- counts ----

typedef struct {
    call *c;
    voices_ask q;
} counting;

static bool tell_facets(void *ctx, buf *b, err *e) {
    counting *k = ctx;
    facets f;
    sources *all;
    if (!sources_read(k->c->a, k->c->s, &all, e) || !voices_facets(k->c->a, k->c->s, all, &k->q, &f, e)) return false;
    json_out j = json_to(b);
    json_open(&j, NULL, '{');
    json_put_int(&j, "total", f.total);
    for (int i = 0; i < FACETS; i++) {
        json_open(&j, facet_name((enum facet)i), '[');
        for (size_t n = 0; n < f.n[i]; n++) {
            json_open(&j, NULL, '{');
            json_put_str(&j, "value", f.rows[i][n].value);
            json_put_int(&j, "count", f.rows[i][n].n);
            json_close(&j, '}');
        }
        json_close(&j, ']');
    }
    json_close(&j, '}');
    return true;
}

bool feedback_facets(call *c, err *e) {
    counting k = {.c = c};
    if (!read_ask(c, &k.q, e)) return false;
    const voices_ask *q = &k.q;
    // Whose answer it is, whatever the order and spelling of the query.
    str question = str_fmt(c->a,
                           "facets %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %d %d %d %" PRId64
                           " %" PRId64 " %d %d %d\n%.*s\n%.*s",
                           q->since_us, q->until_us, q->channel, q->source_id, q->customer, (int)q->kind,
                           (int)q->instrument, q->scored, q->score_lo, q->score_hi, q->mood, q->unhappy, q->with_words,
                           STR_ARG(q->topic), STR_ARG(q->words));
    return kept_put(c, question, tell_facets, &k, e);
}

// ---- one ----

// The whole conversation, in order of time: what belongs to it stands under the same thread.
static bool put_conversation(call *c, const sources *all, const voice *v, err *e) {
    record said_then, *m = NULL;
    size_t n = 0;
    bool more;
    bool there = ledger_get(c->s, c->a, v->period, v->profile, v->at_us, v->key, &said_then, e);
    if (!err_ok(e)) return false;
    json_open(&c->out, "conversation", '[');
    if (there && said_then.has_thread && v->profile) {
        person_profile alone = {.id = v->profile};
        person p = {.profiles = &alone, .n_profiles = 1};
        moments_ask ask = {.thread = said_then.thread, .in_thread = true, .most = CONVERSATION};
        for (row r = store_query(c->s, Q_conversation_span, e, "ii", v->profile, said_then.thread); row_next(&r);)
            ask.since_us = row_int(&r, 0), ask.until_us = row_int(&r, 1) + 1;
        ask.since_us = MIN(ask.since_us, v->at_us), ask.until_us = MAX(ask.until_us, v->at_us + 1);
        if (!page_moments(c->a, c->s, &p, &ask, &m, &n, &more, e)) return false;
    }
    while (n-- > 0)
        if (!put_moment(c, all, &m[n], e)) return false;
    json_close(&c->out, ']');
    return err_ok(e);
}

bool feedback_show(call *c, err *e) {
    int64_t id;
    voice v;
    sources *all;
    if (!param_id(c, 0, &id, e) || !store_begin_read(c->s, e)) return false;
    sources_as_asked(c->a, c->s, &all);
    if (!voice_get(c->a, c->s, all, id, &v, e))
        return err_ok(e) ? fail(e, ERR_not_found, "there is no feedback %" PRId64, id) : false;
    if (v.customer && !look(c, v.customer, e)) return false;
    voice_as_read(&v);
    json_open(&c->out, NULL, '{');
    put_voice(&c->out, "voice", &v);
    if (!put_conversation(c, all, &v, e)) return false;
    json_close(&c->out, '}');
    return true;
}
