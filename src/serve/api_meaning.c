// What customers' words mean, and searching them.
#include <math.h>

#include "know/meaning.h"

#include "serve/api_customers.h"
#include "serve/meanings.h"

enum { LIKE_MOST = 20, FOUND = 20, FOUND_MOST = 200, NEAR = 5, COPIES = 50, SNIPPET = 240 };

static void put_name(json_out *j, const char *key, str x) {
    if (x.len)
        json_put_str(j, key, x);
    else
        json_put_null(j, key);
}

static void put_felt(json_out *j, const meaning *m) {
    const int class = m->key ? meaning_class(m) : MOOD_UNKNOWN;
    put_name(j, "felt", class == MOOD_UNKNOWN ? S("") : str_c(mood_name(class)));
}

bool put_heard(call *c, const record *m, err *e) {
    json_out *j = &c->out;
    const struct meaning_place at = {m->profile_id, m->key, m->at_us};
    const enum kind k = (enum kind)m->kind;
    meaning known;
    bool there = false;
    int64_t feedback = 0, customer;
    if (kind_class(k) == CLASS_SAID || k == KIND_message_in || k == KIND_call) {
        if (!meaning_find_one(c->a, c->s, m->profile_id, m->key, &known, &there, e)) return false;
        if (there && !meaning_whose(c->s, &at, &feedback, &customer, e)) return false;
    }
    if (!feedback) return json_put_null(j, "heard"), true;
    json_open(j, "heard", '{');
    json_put_int(j, "feedback", feedback);
    put_felt(j, &known);
    put_name(j, "language", known.lang);
    json_close(j, '}');
    return true;
}

// ---- what was found ----

static void put_snippet(call *c, json_out *j, str text, str words) {
    meaning_mark_at *marks;
    const size_t n = meaning_marks(c->a, text, words, &marks);
    const str cut = meaning_snippet(text, marks, n, SNIPPET);
    const size_t from = (size_t)(cut.s - text.s), to = from + cut.len;
    size_t at = from;
    json_open(j, "snippet", '[');
    for (size_t i = 0; i <= n; i++) {
        const size_t begin = i < n ? marks[i].from : to, end = i < n ? marks[i].to : to;
        if (begin < at || end > to) continue;
        if (begin > at) {
            json_open(j, NULL, '{');
            json_put_str(j, "text", str_sub(text, at, begin - at));
            json_put_bool(j, "hit", false);
            json_close(j, '}');
        }
        if (end > begin) {
            json_open(j, NULL, '{');
            json_put_str(j, "text", str_sub(text, begin, end - begin));
            json_put_bool(j, "hit", true);
            json_close(j, '}');
        }
        at = end;
    }
    json_close(j, ']');
}

static bool put_hit(call *c, const sources *all, const meaning_hit *x, str words, err *e) {
    json_out *j = &c->out;
    voice v;
    struct meaning_place *copies;
    size_t n = 1;
    if (!voice_get(c->a, c->s, all, x->feedback, &v, e)) return err_ok(e); // it went meanwhile
    if (x->known.key && !meaning_copies(c->a, c->s, &x->known, FOUND_MOST, &copies, &n, e)) return false;
    json_open(j, NULL, '{');
    put_voice(j, "voice", &v);
    put_snippet(c, j, v.words, words);
    json_put_num(j, "score", round(1e6 * x->score) / 1e6);
    if (x->words)
        json_put_int(j, "by_words", x->words);
    else
        json_put_null(j, "by_words");
    json_put_num(j, "by_meaning", isnan(x->meaning) ? NAN : round(1000 * x->meaning) / 1000);
    put_name(j, "language", x->known.lang);
    put_felt(j, &x->known);
    json_put_int(j, "copies", (int64_t)n);
    json_close(j, '}');
    return true;
}

static bool find(call *c, const meaning_question *q, meaning_hit **v, size_t *n, bool *whole, err *e) {
    meanings *m = server_meanings(c->sv);
    const reader *r;
    meaning_standing now;
    if (!meanings_reader(m, &r, e) || !meaning_stands(c->a, c->s, &now, e)) return false;
    *whole = now.embeds && (q->n_like || meaning_as_before(c->a, now.make, r));
    return meaning_find(c->a, c->s, meanings_index(m), r, q, v, n, e);
}

// ---- what is asked ----

static bool read_like(call *c, const sources *all, meaning_question *q, err *e) {
    const json_t *list = json_object_get(c->in, "like");
    struct meaning_place *like = make(c->a, struct meaning_place, LIKE_MOST);
    q->like = like;
    if (json_array_size(list) > LIKE_MOST) return fail_field(c, e, "like", "'like' takes %d at most", LIKE_MOST);
    for (size_t i = 0; i < json_array_size(list); i++) {
        int64_t id;
        voice v;
        if (!str_i64(json_text(json_array_get(list, i)), &id))
            return fail_field(c, e, "like", "'like' takes numbers of feedback, as 12,17");
        if (!voice_get(c->a, c->s, all, id, &v, e))
            return err_ok(e) && fail_field(c, e, "like", "there is no feedback %" PRId64, id);
        like[q->n_like++] = (struct meaning_place){v.profile, v.key, v.at_us};
    }
    return true;
}

static bool read_question(call *c, const sources *all, meaning_question *q, err *e) {
    const str felt = in_str(c, "mood");
    const int64_t most = in_int(c, "limit", FOUND);
    *q = (meaning_question){.words = str_trim(in_str(c, "words")),
                            .mood = MOOD_UNKNOWN,
                            .topic = in_int(c, "topic", 0),
                            .customer = in_int(c, "customer", 0),
                            .most = (size_t)most};
    for (int m = -1; m <= 1; m++)
        if (str_eq(felt, str_c(mood_name(m)))) q->mood = m;
    if (most < 1 || most > FOUND_MOST) return fail_field(c, e, "limit", "'limit' is a number from 1 to %d", FOUND_MOST);
    if (!in_times(c, &q->since_us, &q->until_us, e) ||
        !in_channel(c, "channel", in_str(c, "channel"), &q->channel, e) || !read_like(c, all, q, e))
        return false;
    return q->words.len || q->n_like ||
           fail_field(c, e, "words", "say what to look for: 'words', or 'like' with a number of feedback");
}

bool search_find(call *c, err *e) {
    meaning_question q;
    meaning_hit *v;
    sources *all;
    size_t n;
    bool whole;
    if (!store_begin_read(c->s, e)) return false;
    sources_as_asked(c->a, c->s, &all);
    if (!read_question(c, all, &q, e) || !find(c, &q, &v, &n, &whole, e)) return false;
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "items", '[');
    for (size_t i = 0; i < n; i++)
        if (!put_hit(c, all, &v[i], q.words, e)) return false;
    json_close(&c->out, ']');
    json_put_bool(&c->out, "meaning", whole);
    json_close(&c->out, '}');
    return true;
}

// ---- one ----

static void put_feelings(json_out *j, const meaning *m) {
    bool told[FEELINGS] = {false};
    json_open(j, "feelings", '[');
    for (;;) {
        int best = -1;
        for (int f = 0; f < FEELINGS; f++)
            if (!told[f] && m->feeling[f] && (best < 0 || m->feeling[f] > m->feeling[best])) best = f;
        if (best < 0) break;
        told[best] = true;
        json_open(j, NULL, '{');
        json_put_str(j, "name", str_c(mood_feeling_name((enum mood_feeling)best)));
        json_put_num(j, "chance", m->feeling[best] / 1000.0);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_clauses(call *c, const reader *r, str text, str lang) {
    json_out *j = &c->out;
    mood_word *words;
    mood_clause *v;
    const enum language l = language_named(lang);
    const size_t n = mood_clauses(c->a, reader_mood(r), text, l, &v);
    const size_t n_words = mood_words_of(c->a, reader_mood(r), text, l, &words);
    json_open(j, "clauses", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(j, NULL, '{');
        json_put_str(j, "text", str_sub(text, v[i].from, v[i].to - v[i].from));
        json_put_num(j, "value", round(1000 * v[i].value) / 1000);
        json_open(j, "words", '[');
        for (size_t k = 0; k < n_words; k++) {
            if (words[k].from < v[i].from || words[k].to > v[i].to) continue;
            json_open(j, NULL, '{');
            json_put_str(j, "text", str_sub(text, words[k].from, words[k].to - words[k].from));
            json_put_num(j, "value", round(1000 * words[k].value) / 1000);
            json_put_bool(j, "turned", words[k].turned);
            json_close(j, '}');
        }
        json_close(j, ']');
        json_close(j, '}');
    }
    json_close(j, ']');
}

static bool put_copies(call *c, const sources *all, const meaning *m, err *e) {
    struct meaning_place *v;
    size_t n;
    int64_t people = 0;
    if (!meaning_copies(c->a, c->s, m, COPIES, &v, &n, e)) return false;
    int64_t *customers = make(c->a, int64_t, n + 1);
    json_open(&c->out, "copies", '[');
    for (size_t i = 0; i < n; i++) {
        int64_t feedback, customer;
        if (!meaning_whose(c->s, &v[i], &feedback, &customer, e)) return false;
        bool before = false;
        for (size_t k = 0; k < i; k++) before |= customer && customers[k] == customer;
        customers[i] = customer, people += !before;
        if (!feedback) continue;
        json_open(&c->out, NULL, '{');
        json_put_int(&c->out, "feedback", feedback);
        out_time(&c->out, "at", v[i].at_us);
        if (customer)
            json_put_int(&c->out, "customer", customer);
        else
            json_put_null(&c->out, "customer");
        json_close(&c->out, '}');
    }
    json_close(&c->out, ']');
    json_put_int(&c->out, "people", people);
    (void)all;
    return true;
}

static bool put_near(call *c, const sources *all, const meaning *m, err *e) {
    const struct meaning_place self = {m->profile, m->key, m->at_us};
    const meaning_question q = {
        .like = &self, .n_like = 1, .channel = -1, .mood = MOOD_UNKNOWN, .most = m->vector ? NEAR : 0};
    meaning_hit *v;
    size_t n;
    bool whole;
    if (!find(c, &q, &v, &n, &whole, e)) return false;
    json_open(&c->out, "near", '[');
    for (size_t i = 0; i < n; i++)
        if (!put_hit(c, all, &v[i], S(""), e)) return false;
    json_close(&c->out, ']');
    return true;
}

static void put_nothing(json_out *j) {
    static const char *const lists[] = {"feelings", "clauses", "copies"};
    put_name(j, "language", S("")), put_name(j, "felt", S(""));
    json_put_null(j, "value"), json_put_null(j, "unhappy"), json_put_null(j, "happy");
    for (size_t i = 0; i < COUNT(lists); i++) json_open(j, lists[i], '['), json_close(j, ']');
    json_put_int(j, "people", 0);
    json_open(j, "near", '['), json_close(j, ']');
}

static bool put_meaning(call *c, const sources *all, const meaning *m, str words, err *e) {
    json_out *j = &c->out;
    const reader *r;
    if (!meanings_reader(server_meanings(c->sv), &r, e)) return false;
    put_name(j, "language", m->lang);
    put_felt(j, m);
    json_put_num(j, "value", m->has_mood ? m->mood / 1000.0 : NAN);
    json_put_num(j, "unhappy", m->has_mood ? m->bad / 1000.0 : NAN);
    json_put_num(j, "happy", m->has_mood ? m->good / 1000.0 : NAN);
    put_feelings(j, m);
    put_clauses(c, r, words, m->lang);
    return put_copies(c, all, m, e) && put_near(c, all, m, e);
}

bool meaning_show(call *c, err *e) {
    int64_t id;
    voice v;
    sources *all;
    meaning m;
    bool there;
    if (!param_id(c, 0, &id, e) || !store_begin_read(c->s, e)) return false;
    sources_as_asked(c->a, c->s, &all);
    if (!voice_get(c->a, c->s, all, id, &v, e))
        return err_ok(e) ? fail(e, ERR_not_found, "there is no feedback %" PRId64, id) : false;
    if (v.customer && !look(c, v.customer, e)) return false;
    if (!meaning_find_one(c->a, c->s, v.profile, v.key, &m, &there, e)) return false;
    json_open(&c->out, NULL, '{');
    json_put_int(&c->out, "feedback", id);
    json_put_bool(&c->out, "understood", there);
    if (there && !put_meaning(c, all, &m, v.words, e)) return false;
    if (!there) put_nothing(&c->out);
    json_close(&c->out, '}');
    return true;
}

bool meaning_state(call *c, err *e) {
    meaning_standing x;
    if (!meaning_stands(c->a, c->s, &x, e)) return false;
    const bool weak = x.weak || (!x.embeds && x.understood);
    json_open(&c->out, NULL, '{');
    json_put_int(&c->out, "understood", x.understood);
    json_put_int(&c->out, "waiting", x.waiting);
    json_put_bool(&c->out, "meaning", x.embeds);
    put_name(&c->out, "make", x.make);
    put_name(&c->out, "weaker", weak ? str_c(pack_missing()) : S(""));
    json_close(&c->out, '}');
    return true;
}
