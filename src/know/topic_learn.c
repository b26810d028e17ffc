#include "know/topic_private.h"

#include "base/civil.h"
#include "base/json.h"
#include "base/map64.h"
#include "know/settings.h"
#include "sql/know.h"
#include "sql/know_topic.h"
#include "text/intent.h"

enum {
    OF_MONTH = 40, // of one topic and month
    MONTHS = 60,
    ANSWERS_MOST = 64,
    SEEDS = 1000,
    ASKED_OF = 20, // of the seeds a person is asked about a topic of which nobody answered yet
    ANSWERED = 5,
    SILENT = 150,     // words that stand for what a topic is not, where fewer were said to be
    LEARN_AFTER = 20, // answers of people that are worth learning anew, and then a tenth of those learned
    LEARN_DAYS = 7
};

// ---- what is said of words ----

label_text topic_text(arena *a, const topic *t) {
    json_t *v = NULL;
    err quiet = {0};
    str *phrases = make(a, str, TOPIC_PHRASES_MOST + 1);
    label_text out = {.name = t->name, .about = t->about, .phrases = phrases};
    if (json_read(t->phrases, &v, &quiet))
        for (; out.n_phrases < MIN(json_array_size(v), (size_t)TOPIC_PHRASES_MOST); out.n_phrases++)
            phrases[out.n_phrases] = str_dup(a, json_text(json_array_get(v, out.n_phrases)));
    json_decref(v);
    return out;
}

static void put_answer(topic_said_of *v, size_t *n, topic_said_of one) {
    for (size_t i = 0; i < *n; i++)
        if (v[i].topic == one.topic) return (void)(v[i] = one);
    if (*n < ANSWERS_MOST) v[(*n)++] = one;
}

static const topic *on_axis(const topics *t, enum topic_axis axis, str name) {
    const topic *x = topics_now(t, topics_named(t, name));
    return x && x->axis == axis ? x : NULL;
}

bool topic_answers(arena *a, store *s, const topics *t, enum topic_axis axis, const topic_word *w, topic_said_of **out,
                   size_t *n, err *e) {
    const topic *x = w->source.len ? on_axis(t, axis, w->source) : NULL;
    *out = make(a, topic_said_of, ANSWERS_MOST), *n = 0;
    if (x) put_answer(*out, n, (topic_said_of){x->id, ANSWER_yes, false, 0});
    for (row r = store_query(s, Q_label_of_message, e, "ii", w->profile, w->key); row_next(&r);)
        if ((x = on_axis(t, axis, row_str(&r, 0))))
            put_answer(*out, n, (topic_said_of){x->id, row_int(&r, 1) ? ANSWER_yes : ANSWER_no, true, row_int(&r, 2)});
    return err_ok(e);
}

// ---- which words it is learned from ----

typedef struct {
    uint64_t order; // by which they are learned: it does not depend on when they came
    int64_t profile, key;
} example;

typedef struct {
    arena *a;
    store *s;
    const topics *t;
    enum topic_axis axis;
    int64_t *ids; // topics in use on the axis
    bool *named;  // of each: sources call words so
    size_t n_ids;
    map64 label; // topic → number
    example *v;
    size_t n;
    map64 seen; // hash of the words → 1
    topic_limits most;
} gathering;

static uint64_t order_of(int64_t profile, int64_t key) {
    const int64_t x[] = {profile, key};
    return str_hash((str){(const char *)x, sizeof x});
}

static bool add_example(gathering *g, int64_t profile, int64_t key, size_t most) {
    bool made;
    const uint64_t order = order_of(profile, key);
    if (g->n >= most) return false;
    (void)map64_at(&g->seen, (int64_t)order, 1, &made);
    if (made) g->v[g->n++] = (example){order, profile, key};
    return made;
}

static bool gather_people(gathering *g, err *e) {
    for (row r = store_query(g->s, Q_label_by_message, e, ""); row_next(&r);)
        if (on_axis(g->t, g->axis, row_str(&r, 3)))
            (void)add_example(g, row_int(&r, 0), row_int(&r, 1), g->most.examples);
    return err_ok(e);
}

static bool gather_month(gathering *g, int64_t month, int *of, size_t *full, err *e) {
    arena scratch = *g->a;
    int *now = make(&scratch, int, g->n_ids + 1);
    for (row r = store_query(g->s, Q_topic_source_words, e, "i", month); row_next(&r);) {
        const topic *x = on_axis(g->t, g->axis, row_str(&r, 3));
        const int32_t k = x ? map64_get(&g->label, x->id) : -1;
        if (k >= 0) g->named[k] = true;
        if (k < 0 || of[k] >= (int)g->most.of_source || now[k] >= OF_MONTH) continue;
        if (!add_example(g, row_int(&r, 0), row_int(&r, 2), g->most.examples - g->most.pool)) continue;
        now[k]++;
        if (++of[k] == (int)g->most.of_source) ++*full;
    }
    return err_ok(e);
}

static bool gather_sources(gathering *g, err *e) {
    int64_t first, last;
    size_t full = 0;
    int *of = make(g->a, int, g->n_ids + 1);
    if (!store_int(g->s, Q_feedback_period_first, &first, 1, e, "") ||
        !store_int(g->s, Q_topic_month_last, &last, 0, e, ""))
        return false;
    first = MAX(first, last - MONTHS);
    for (; last >= first && full < g->n_ids; last--)
        if (!gather_month(g, last, of, &full, e)) return false;
    return true;
}

// Of all that was understood, those whose hash is small: the same ones each time.
static bool gather_pool(gathering *g, err *e) {
    int64_t all;
    if (!store_int(g->s, Q_topic_understood, &all, 0, e, "i", INT64_MIN)) return false;
    const uint64_t below = all <= (int64_t)g->most.pool ? UINT64_MAX : UINT64_MAX / (uint64_t)all * g->most.pool;
    for (row r = store_query(g->s, Q_topic_keys, e, ""); row_next(&r);)
        if (order_of(row_int(&r, 0), row_int(&r, 1)) <= below)
            (void)add_example(g, row_int(&r, 0), row_int(&r, 1), g->most.examples);
    return err_ok(e);
}

static int by_order(const void *x, const void *y) {
    const example *p = x, *q = y;
    if (p->order != q->order) return p->order < q->order ? -1 : 1;
    return (p->profile > q->profile) - (p->profile < q->profile);
}

static int by_number(const void *x, const void *y) {
    const int64_t p = *(const int64_t *)x, q = *(const int64_t *)y;
    return (p > q) - (p < q);
}

static bool gather(gathering *g, err *e) {
    size_t n;
    const topic *all = topics_all(g->t, &n);
    g->ids = make(g->a, int64_t, n + 1), g->named = make(g->a, bool, n + 1);
    for (size_t i = 0; i < n; i++)
        if (all[i].state == TOPIC_used && all[i].axis == g->axis) g->ids[g->n_ids++] = all[i].id;
    if (!g->n_ids) return true;
    qsort(g->ids, g->n_ids, sizeof *g->ids, by_number);
    g->label = map64_new(g->a, g->n_ids + 16);
    for (size_t i = 0; i < g->n_ids; i++) map64_put(&g->label, g->ids[i], (int32_t)i);
    g->v = make(g->a, example, g->most.examples + 1);
    g->seen = map64_new(g->a, g->most.examples * 2);
    if (!gather_people(g, e) || !gather_sources(g, e) || !gather_pool(g, e)) return false;
    if (g->n) qsort(g->v, g->n, sizeof *g->v, by_order);
    return true;
}

// ---- taught ----

typedef struct {
    const reader *r;
    arena scratch;
} embedder;

static void embed(void *ctx, const str *texts, size_t n, float *out) {
    const embedder *x = ctx;
    err quiet = {0};
    if (!reader_embed(x->r, x->scratch, texts, n, out, &quiet)) memset(out, 0, n * EMBEDDING * sizeof *out);
}

typedef struct {
    label_learner *l;
    const gathering *g;
    int *answers, *persons; // of each label
    int8_t *told;           // of each message and label: 1 it is about it or near it, -1 it is not, 0 nobody said
    size_t *message;
    topic_word *seed; // some of the words, to see which of them come nearest to what nobody answered yet
    size_t n_seed;
    buf places;
    size_t n, n_persons;
} lesson;

static bool related(const topics *t, int64_t x, int64_t y) {
    return topics_under(t, x, y) || topics_under(t, y, x);
}

// What one yes says of another topic.
static bool excludes(const topics *t, const topic_said_of *yes, int64_t other, bool named) {
    const topic *x = topics_by_id(t, other);
    if (yes->answer != ANSWER_yes || related(t, yes->topic, other)) return false;
    return yes->person ? x && x->made_us <= yes->at_us : named;
}

void topic_teach(label_learner *l, size_t message, const topics *t, const topic_labels *of, const topic_said_of *v,
                 size_t n, int8_t *told) {
    for (size_t k = 0; k < of->n; k++) {
        enum label_answer answer = ANSWER_unknown;
        bool near = false;
        if (!of->ids[k]) continue;
        for (size_t i = 0; i < n; i++) {
            near |= v[i].answer == ANSWER_yes && related(t, v[i].topic, of->ids[k]);
            if (excludes(t, &v[i], of->ids[k], of->named[k])) answer = ANSWER_no;
        }
        if (near) answer = ANSWER_unknown;
        for (size_t i = 0; i < n; i++)
            if (v[i].topic == of->ids[k]) answer = v[i].answer;
        if (n) label_say(l, message, k, answer);
        if (told) told[k] = near ? 1 : answer == ANSWER_yes ? 1 : answer == ANSWER_no ? -1 : 0;
    }
}

static bool teach_one(lesson *x, const example *ex, err *e) {
    const gathering *g = x->g;
    topic_word w;
    topic_said_of *v;
    size_t n;
    bool there;
    float place[EMBEDDING];
    const bool kept = x->n_seed < SEEDS;
    arena own = *g->a, *a = kept ? g->a : &own;
    if (!topic_word_get(a, g->s, ex->profile, ex->key, &w, &there, e)) return false;
    if (!there) return true;
    if (!topic_answers(a, g->s, g->t, g->axis, &w, &v, &n, e)) return false;
    if (kept) x->seed[x->n_seed++] = w;
    if (w.vector) embedding_unpack(w.vector, place);
    const size_t message = x->message[x->n] = label_add(x->l, w.text, w.vector ? place : NULL);
    topic_teach(x->l, message, g->t, &(topic_labels){g->ids, g->named, g->n_ids}, v, n, x->told + x->n * g->n_ids);
    bool person = false;
    for (size_t i = 0; i < n; i++) {
        const int32_t k = map64_get(&g->label, v[i].topic);
        if (k < 0) continue;
        x->answers[k] += v[i].answer == ANSWER_yes, x->persons[k] += v[i].person;
        person |= v[i].person;
    }
    x->n++, x->n_persons += person;
    buf_bytes(&x->places, &ex->profile, sizeof ex->profile);
    buf_bytes(&x->places, &ex->key, sizeof ex->key);
    return true;
}

// What has no intent at all is an example of none.
static void teach_nothing(lesson *x, embedder *em) {
    str phrases[64];
    float place[EMBEDDING];
    const int64_t nobody[] = {0, 0};
    const size_t n = intent_label_phrases(INTENT_other, phrases, COUNT(phrases));
    for (size_t i = 0; x->g->axis == TOPIC_intent && i < n; i++) {
        if (em->r) embed(em, &phrases[i], 1, place);
        label_done(x->l, label_add(x->l, phrases[i], em->r ? place : NULL));
        buf_bytes(&x->places, nobody, sizeof nobody);
    }
}

// Of what few people denied, words of which nobody said anything about it are taken for examples of what it is not
// (learning from positive and unlabelled examples, Elkan & Noto 2008): most words are not about any one topic.
static void teach_silence(lesson *x) {
    const size_t K = x->g->n_ids;
    for (size_t k = 0; k < K; k++) {
        size_t no = 0, yes = 0;
        for (size_t i = 0; i < x->n; i++) no += x->told[i * K + k]<0, yes += x->told[i * K + k]> 0;
        for (size_t i = 0; i < x->n && yes && no < SILENT; i++) {
            if (x->told[i * K + k]) continue;
            label_say(x->l, x->message[i], k, ANSWER_no);
            no++;
        }
    }
}

static void put_bins(json_out *j, const char *key, const uint32_t *v) {
    json_open(j, key, '[');
    for (int i = 0; i < LABEL_BINS; i++) json_put_int(j, NULL, v[i]);
    json_close(j, ']');
}

static int falling(const void *x, const void *y) {
    const float p = *(const float *)x, q = *(const float *)y;
    return (p < q) - (p > q);
}

// From which chance in thousandths a person is asked: where answers are held out, a quarter; where chances are guesses,
// that of the few words that come nearest.
static void find_doubts(const lesson *x, const label_model *m, int *out) {
    const size_t K = x->g->n_ids;
    arena a = *x->g->a;
    float *sure = make(&a, float, K *(x->n_seed + 1));
    for (size_t i = 0; i < x->n_seed; i++) {
        arena scratch = a;
        float place[EMBEDDING];
        if (x->seed[i].vector) embedding_unpack(x->seed[i].vector, place);
        const label_choices c = label_decide(&scratch, m, x->seed[i].text, x->seed[i].vector ? place : NULL);
        for (size_t k = 0; k < c.n; k++) sure[c.v[k].label * x->n_seed + i] = (float)c.v[k].sure;
    }
    for (size_t k = 0; k < K; k++) {
        label_held h = {0};
        (void)label_held_out(m, k, &h);
        out[k] = TOPIC_DOUBT;
        if (h.yes >= ANSWERED || x->n_seed <= ASKED_OF) continue;
        qsort(sure + k * x->n_seed, x->n_seed, sizeof *sure, falling);
        const int nearest = (int)(sure[k * x->n_seed + ASKED_OF] * 1000) + 1;
        out[k] = MIN(MAX(nearest, TOPIC_DOUBT_LEAST), TOPIC_DOUBT_GUESSED);
    }
}

static str quality_of(arena *a, const lesson *x, const label_model *m, int64_t answered_us, bool places) {
    buf b = buf_new(a, 1 << 22);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    json_put_int(&j, "examples", (int64_t)x->n);
    json_put_int(&j, "persons", (int64_t)x->n_persons);
    json_put_int(&j, "answered_us", answered_us);
    json_put_int(&j, "places", places ? EMBEDDING : 0);
    int *doubt = make(x->g->a, int, x->g->n_ids + 1);
    find_doubts(x, m, doubt);
    json_open(&j, "labels", '[');
    for (size_t k = 0; k < x->g->n_ids; k++) {
        label_held h = {.give = 2};
        (void)label_held_out(m, k, &h);
        json_open(&j, NULL, '{');
        json_put_int(&j, "topic", x->g->ids[k]);
        json_put_int(&j, "answers", x->answers[k]);
        json_put_int(&j, "persons", x->persons[k]);
        json_put_bool(&j, "named", x->g->named[k]);
        json_put_int(&j, "held", (int64_t)h.yes);
        json_put_int(&j, "doubt", doubt[k]);
        if (h.give <= 1)
            json_put_num(&j, "give", h.give);
        else
            json_put_null(&j, "give");
        put_bins(&j, "at", h.at);
        put_bins(&j, "right", h.right_at);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_close(&j, '}');
    return buf_str(&b);
}

static str labels_of(arena *a, const gathering *g) {
    buf b = buf_new(a, 1 << 20);
    json_out j = json_to(&b);
    json_open(&j, NULL, '[');
    for (size_t k = 0; k < g->n_ids; k++) json_put_int(&j, NULL, g->ids[k]);
    json_close(&j, ']');
    return buf_str(&b);
}

static bool fit(arena *a, lesson *x, bool places, topic_learnt *out, err *e) {
    for (size_t i = 0; i < x->g->n; i++)
        if (!teach_one(x, &x->g->v[i], e)) return false;
    teach_silence(x);
    const label_model *m = label_fit(x->l);
    buf bytes = buf_new(a, (size_t)1 << 30), learner = buf_new(a, (size_t)1 << 31);
    label_write(&bytes, m);
    out->model = buf_str(&bytes);
    label_learner_write(&learner, x->l);
    out->learner = buf_str(&learner);
    out->labels = labels_of(a, x->g);
    out->quality = quality_of(a, x, m, out->answered_us, places);
    out->places = buf_str(&x->places);
    out->examples = x->n, out->answers = x->n_persons;
    return true;
}

static bool learn_gathered(arena *a, const gathering *g, const reader *r, topic_learnt *out, err *e) {
    const bool places = r && reader_embeds(r);
    embedder em = {places ? r : NULL, arena_open((size_t)1 << 28)};
    const label_options o = {
        .several = true, .embedding = EMBEDDING, .embed = places ? embed : NULL, .ctx = &em, .right = TOPIC_RIGHT};
    lesson x = {.l = label_learner_new(o),
                .g = g,
                .answers = make(g->a, int, g->n_ids + 1),
                .persons = make(g->a, int, g->n_ids + 1),
                .told = make(g->a, int8_t, (g->n + 1) * g->n_ids + 1),
                .message = make(g->a, size_t, g->n + 1),
                .seed = make(g->a, topic_word, SEEDS),
                .places = buf_new(a, (size_t)TOPIC_EXAMPLES * 32)};
    for (size_t k = 0; k < g->n_ids; k++) label_define(x.l, topic_text(g->a, topics_by_id(g->t, g->ids[k])));
    teach_nothing(&x, &em);
    bool ok = fit(a, &x, places, out, e);
    label_learner_free(x.l);
    arena_close(&em.scratch);
    return ok;
}

bool topic_learn_some(arena *a, store *s, const reader *r, const topics *t, enum topic_axis axis, topic_limits most,
                      topic_learnt *out, err *e) {
    arena scratch = arena_open((size_t)1 << 32);
    gathering g = {.a = &scratch, .s = s, .t = t, .axis = axis, .most = most};
    *out = (topic_learnt){.axis = axis};
    bool ok = store_int(s, Q_label_last, &out->answered_us, 0, e, "") && gather(&g, e);
    out->topics = g.n_ids;
    ok = ok && (!g.n_ids || learn_gathered(a, &g, r, out, e));
    arena_close(&scratch);
    return ok;
}

bool topic_learn(arena *a, store *s, const reader *r, enum topic_axis axis, topic_learnt *out, err *e) {
    arena scratch = arena_open((size_t)1 << 26);
    const topic_limits most = {TOPIC_EXAMPLES, TOPIC_OF_SOURCE, TOPIC_POOL};
    topics *t;
    bool ok = topics_read(&scratch, s, &t, e) && topic_learn_some(a, s, r, t, axis, most, out, e);
    arena_close(&scratch);
    return ok;
}

// ---- kept ----

bool topic_again_begin(store *s, err *e) {
    topic_again x;
    if (!topic_again_read(s, &x, e)) return false;
    x.under_way = true, x.at = TOPIC_FROM_NOW, x.done = x.total = 0, x.run++;
    return topic_again_write(s, &x, e);
}

bool topic_take(ledger *l, const topic_learnt *x, err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    int64_t id;
    return ledger_id(l, &id, e) &&
           store_run(s, Q_topic_model_put, NULL, e, "iiitbtbbii", id, (int64_t)x->axis, w->now_us(w), x->labels,
                     x->model, x->quality, x->learner, x->places, x->answered_us, (int64_t)x->answers) &&
           store_run(s, Q_topic_model_only, NULL, e, "ii", (int64_t)x->axis, id) && topic_again_begin(s, e);
}

static const char unsaid_name[] = "topics_unsaid"; // of the setting

bool topic_unsaid(store *s, int64_t now_us, err *e) {
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, now_us);
    return settings_put(s, unsaid_name, str_c(text), e);
}

static bool unsaid_us(arena *a, store *s, int64_t *at_us, err *e) {
    str v;
    if (!settings_get(a, s, unsaid_name, &v, e)) return false;
    if (!str_i64(v, at_us)) *at_us = 0;
    return true;
}

static bool axis_due(store *s, enum topic_axis axis, int64_t now_us, int64_t changed_us, int64_t last_us, bool *due,
                     err *e) {
    int64_t made = 0, taught = 0, answered = 0, later = 0;
    bool there = false;
    for (row r = store_query(s, Q_topic_model_about, e, "i", (int64_t)axis); row_next(&r);)
        there = true, made = row_int(&r, 1), answered = row_int(&r, 4), taught = row_int(&r, 5);
    if (!err_ok(e) || !store_int(s, Q_label_later_count, &later, 0, e, "i", made)) return false;
    const bool many = later >= MAX(LEARN_AFTER, taught / 10), old = now_us - made > LEARN_DAYS * DAY_US;
    *due |= !there || changed_us > made || many || (old && (later || last_us > answered));
    return true;
}

bool topic_learn_due(store *s, int64_t now_us, bool *due, err *e) {
    arena a = arena_open((size_t)1 << 26);
    int64_t changed = 0, last = 0, understood = 0, unsaid = 0;
    topics *t;
    size_t n;
    *due = false;
    bool ok = topics_read(&a, s, &t, e) && store_int(s, Q_topic_change_last, &changed, 0, e, "") &&
              store_int(s, Q_label_last, &last, 0, e, "") && unsaid_us(&a, s, &unsaid, e) &&
              store_int(s, Q_topic_understood_some, &understood, 0, e, "iii", INT64_MIN, INT64_MAX, INT64_C(1));
    const topic *all = ok ? topics_all(t, &n) : NULL;
    for (int x = TOPIC_what; ok && understood && x < TOPIC_AXES; x++) {
        bool any = false;
        for (size_t i = 0; i < n; i++) any |= all[i].state == TOPIC_used && all[i].axis == (enum topic_axis)x;
        if (any) ok = axis_due(s, (enum topic_axis)x, now_us, MAX(changed, unsaid), last, due, e);
    }
    arena_close(&a);
    return ok;
}
