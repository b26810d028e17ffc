#include "act/topic_answer.h"

#include "sql/know_topic.h"

typedef struct {
    knowing *k;
    store *s;
    arena *a;
    topics *t;
    topic_word w;
    const topic_answer *x;
    bool back;
    int64_t said_us; // of what is taken back
} taking;

// Names as topics are called now.
static bool names_of(const taking *k, const int64_t *ids, size_t n, str *out, err *e) {
    for (size_t i = 0; i < n; i++) {
        const topic *t = topics_by_id(k->t, ids[i]);
        if (!t || t->state != TOPIC_used) return fail(e, ERR_invalid, "there is no topic %" PRId64 " in use", ids[i]);
        out[i] = t->name;
    }
    return true;
}

// As it stands in the inbox: a word, or a message of a conversation; what is too old for it stands for itself.
static bool item_of(taking *k, inbox_item *item, int64_t *message, err *e) {
    record r = {0};
    err none = {0};
    const topic_word *w = &k->w;
    *message = 0;
    if (inbox_get(k->s, inbox_id_of(INBOX_voice, w->profile, w->key), item, &none)) return true;
    none = (err){0};
    if (!ledger_get(k->s, k->a, w->period, w->profile, w->at_us, w->key, &r, e))
        return err_ok(e) ? fail(e, ERR_not_found, "these words are gone") : false;
    if (r.has_thread && inbox_get(k->s, inbox_id_of(INBOX_talk, w->profile, r.thread), item, &none)) {
        *message = w->key;
        return true;
    }
    *item = (inbox_item){.id = inbox_id_of(INBOX_voice, w->profile, w->key),
                         .profile = w->profile,
                         .key = w->key,
                         .what = INBOX_voice,
                         .kind = (enum kind)r.kind,
                         .channel = (enum channel)r.channel,
                         .said_us = w->at_us,
                         .last_us = w->at_us};
    return true;
}

static bool tell(taking *k, const inbox_hand *h, str *undo, err *e) {
    inbox_item item;
    str add[INBOX_TOPICS], drop[INBOX_TOPICS];
    const topic_answer *x = k->x;
    inbox_relabel r = {.add = add, .drop = drop, .n_add = x->n_yes, .n_drop = x->n_no};
    if (x->n_yes + x->n_no == 0 || x->n_yes + x->n_no > INBOX_TOPICS)
        return fail(e, ERR_invalid, "say of 1 to %d topics", INBOX_TOPICS);
    return names_of(k, x->yes, x->n_yes, add, e) && names_of(k, x->no, x->n_no, drop, e) &&
           item_of(k, &item, &r.key, e) && inbox_say_topics(know_ledger(k->k), k->a, &item, &r, h, undo, e);
}

static bool is_given(taking *k, int64_t id, bool *yes, err *e) {
    *yes = false;
    for (row r = store_query(k->s, Q_meaning_topic_of, e, "ii", k->w.profile, k->w.key); row_next(&r);) {
        const topic *now = topics_now(k->t, row_int(&r, 0));
        *yes |= now && now->id == id && row_int(&r, 1) < TOPIC_unsure;
    }
    return err_ok(e);
}

static topic_effect *effect_of(topic_corrected *out, int64_t id) {
    for (size_t i = 0; i < out->n; i++)
        if (out->effects[i].of == id) return &out->effects[i];
    topic_effect *f = &out->effects[out->n++];
    *f = (topic_effect){.of = id};
    return f;
}

static bool relabel(taking *k, const mood *felt, err *e) {
    topic_judge *j;
    topic_batch *b;
    topic_labelled sum = {0};
    arena scratch = arena_open((size_t)1 << 32);
    const bool ok = topic_judge_open(&scratch, k->s, felt, &j, e) &&
                    topic_batch_one(&scratch, k->s, j, k->w.profile, k->w.key, &b, e) &&
                    topic_batch_store(k->s, k->t, b, &sum, e);
    arena_close(&scratch);
    return ok;
}

static bool correct(taking *k, const mood *felt, topic_corrected *out, err *e) {
    const topic_unanswered gone = {k->w.profile, k->w.key, k->said_us, k->x->yes, k->x->n_yes};
    ledger *l = know_ledger(k->k);
    const world *w = ledger_world(l);
    if (!k->back) return topic_correct(k->a, l, know_topics(k->k), felt, out, e);
    return topic_correct_without(k->a, l, know_topics(k->k), felt, &gone, out, e) &&
           topic_unsaid(k->s, w->now_us(w), e);
}

// The words themselves first, then what was learned from them; taken back the other way round, so that they are about
// what is said without it.
static bool learn(taking *k, const mood *felt, topic_corrected *out, err *e) {
    const topic_answer *x = k->x;
    bool *was = make(k->a, bool, x->n_yes + x->n_no + 1), is;
    for (size_t i = 0; i < x->n_yes + x->n_no; i++)
        if (!is_given(k, i < x->n_yes ? x->yes[i] : x->no[i - x->n_yes], &was[i], e)) return false;
    bool ok =
        k->back ? correct(k, felt, out, e) && relabel(k, felt, e) : relabel(k, felt, e) && correct(k, felt, out, e);
    for (size_t i = 0; ok && i < x->n_yes + x->n_no; i++) {
        const int64_t id = i < x->n_yes ? x->yes[i] : x->no[i - x->n_yes];
        ok = is_given(k, id, &is, e);
        topic_effect *f = effect_of(out, id);
        f->gained += ok && is && !was[i], f->lost += ok && !is && was[i];
    }
    return ok;
}

static bool learn_alone(taking *k, topic_corrected *out, err *e) {
    arena life = arena_open((size_t)64 << 20);
    reader *r = NULL;
    bool ok = reader_open(&life, &r, k->x->where, e) && store_begin(k->s, e) && learn(k, reader_mood(r), out, e) &&
              ledger_commit(know_ledger(k->k), e);
    if (!ok) store_rollback(k->s), topic_mind_forget(know_topics(k->k));
    reader_close(r);
    arena_close(&life);
    return ok;
}

static bool open_words(taking *k, int64_t feedback, err *e) {
    bool there;
    if (!topics_read(k->a, k->s, &k->t, e) || !topic_word_of(k->a, k->s, feedback, &k->w, &there, e)) return false;
    return there || fail(e, ERR_not_found,
                         "there are no words %" PRId64 " that were understood; new ones are within a minute", feedback);
}

bool topic_answer_take(knowing *kn, arena *a, const topic_answer *x, const inbox_hand *h, topic_corrected *out,
                       str *undo, err *e) {
    taking k = {.k = kn, .s = ledger_store(know_ledger(kn)), .a = a, .x = x};
    return open_words(&k, x->feedback, e) && tell(&k, h, undo, e) && learn_alone(&k, out, e);
}

// The topics that people speak of in these words, as they stand today.
static size_t spoken_of(taking *k, int64_t **out, err *e) {
    topic_tag *v;
    size_t n = 0, m = 0;
    if (!topic_said_of_words(k->a, k->s, k->t, k->w.profile, k->w.key, &v, &n, e)) return 0;
    *out = make(k->a, int64_t, n + 1);
    for (size_t i = 0; i < n; i++) {
        const topic *now = topics_now(k->t, v[i].topic);
        if (now) (*out)[m++] = now->id;
    }
    return m;
}

bool topic_answer_back(knowing *kn, arena *a, int64_t feedback, str undo, str where, const inbox_hand *h,
                       topic_corrected *out, err *e) {
    topic_answer x = {.feedback = feedback, .where = where};
    taking k = {.k = kn, .s = ledger_store(know_ledger(kn)), .a = a, .x = &x, .back = true};
    inbox_item item;
    int64_t message, *of = NULL;
    if (!open_words(&k, feedback, e) || !item_of(&k, &item, &message, e)) return false;
    x.n_yes = spoken_of(&k, &of, e), x.yes = of;
    (void)inbox_undo_at(undo, &k.said_us);
    return err_ok(e) && inbox_undo(know_ledger(kn), a, &item, undo, h, e) && learn_alone(&k, out, e);
}
