// Corrections: what people said is learned at once, and all history is looked at again for the topics concerned.
#include <math.h>

#include "base/json.h"
#include "base/map64.h"
#include "know/topic_private.h"
#include "sql/know_topic.h"
#include "text/label_scan.h"

enum { PAGE = 1024 };
static const double NEAR = 0.03; // a chance from which on an answer that does not name a label tells it no

// A learner as it was left, with the numbers of its messages.
typedef struct {
    int64_t model, answered_us, taught;
    arena a;
    label_learner *l;
    int64_t *ids; // the topic of each label
    double *give;
    int *doubt;
    bool *named;
    bool *moved; // by what people said since
    size_t n;
    map64 message; // hash of the words → number
    buf places;    // which words: profile and key
} remembered;

struct topic_mind {
    remembered axis[TOPIC_AXES];
};

topic_mind *topic_mind_open(void) {
    topic_mind *m = calloc(1, sizeof *m);
    assert(m);
    return m;
}

static void forget_axis(remembered *x) {
    label_learner_free(x->l);
    if (x->a.base) arena_close(&x->a);
    *x = (remembered){0};
}

void topic_mind_forget(topic_mind *m) {
    for (int x = 0; m && x < TOPIC_AXES; x++) forget_axis(&m->axis[x]);
}

void topic_mind_close(topic_mind *m) {
    topic_mind_forget(m);
    free(m);
}

static int64_t hash_of(int64_t profile, int64_t key) {
    const int64_t x[] = {profile, key};
    return (int64_t)str_hash((str){(const char *)x, sizeof x});
}

// ---- remembered ----

static bool read_about(remembered *x, str labels, str quality, size_t *places, err *e) {
    json_t *of = NULL, *q = NULL;
    bool ok = json_read(labels, &of, e) && json_read(quality, &q, e);
    if (ok) {
        x->n = json_array_size(of);
        x->ids = make(&x->a, int64_t, x->n + 1), x->give = make(&x->a, double, x->n + 1);
        x->doubt = make(&x->a, int, x->n + 1), x->named = make(&x->a, bool, x->n + 1);
        x->moved = make(&x->a, bool, x->n + 1);
        for (size_t i = 0; i < x->n; i++) {
            const json_t *about = json_array_get(json_object_get(q, "labels"), i), *give = json_find(about, "give");
            x->doubt[i] = topic_doubt(about), x->named[i] = json_is_true(json_object_get(about, "named"));
            x->ids[i] = json_integer_value(json_array_get(of, i));
            x->give[i] = give ? json_number_value(give) : 2;
        }
        x->answered_us = json_integer_value(json_object_get(q, "answered_us"));
        *places = EMBEDDING;
    }
    json_decref(of);
    json_decref(q);
    return ok;
}

static void number_messages(remembered *x, str places) {
    // Those that were added by corrections are among the places, and not in the learner as it was kept.
    const size_t n = MIN(places.len / 16, label_messages(x->l));
    x->message = map64_new(&x->a, n + 64);
    x->places = buf_new(&x->a, (size_t)1 << 26);
    buf_add(&x->places, str_sub(places, 0, n * 16));
    for (size_t i = 0; i < n * 16; i += 16) {
        int64_t at[2];
        memcpy(at, places.s + i, sizeof at);
        if (at[0]) map64_put(&x->message, hash_of(at[0], at[1]), (int32_t)(i / 16));
    }
}

// The learner of an axis as it was after it was learned; nothing where there is none.
static bool remember(store *s, enum topic_axis axis, remembered *x, err *e) {
    arena scratch = arena_open((size_t)1 << 32);
    int64_t newest = 0, taught = 0;
    str labels = S(""), quality = S("");
    size_t places = 0;
    for (row r = store_query(s, Q_topic_model_about, e, "i", (int64_t)axis); row_next(&r);) {
        newest = row_int(&r, 0), taught = row_int(&r, 5);
        labels = str_dup(&scratch, row_str(&r, 2)), quality = str_dup(&scratch, row_str(&r, 3));
    }
    bool ok = err_ok(e);
    if (ok && newest != x->model) {
        forget_axis(x);
        x->a = arena_open((size_t)1 << 30);
        ok = !newest || read_about(x, labels, quality, &places, e);
        for (row r = store_query(s, Q_topic_model_learner, e, "i", ok ? newest : 0); row_next(&r);) {
            label_options o = {.embedding = places};
            err old = {0}; // one of an older form teaches again with the next learning
            if (!ok) continue;
            ok = label_learner_read(row_str(&r, 0), o, &x->l, &old) || old.code == ERR_invalid ||
                 fail(e, old.code, "%s", old.msg);
            if (x->l) number_messages(x, row_str(&r, 1));
        }
        x->model = ok ? newest : 0, x->taught = taught;
        ok = ok && err_ok(e);
        if (!ok) forget_axis(x);
    }
    arena_close(&scratch);
    return ok;
}

// ---- learned ----

typedef struct {
    arena *a;
    arena feeling; // scratch of one text
    store *s;
    topics *t;
    const mood *felt;
    remembered *x;
    enum topic_axis axis;
    topic_corrected *out;
    topic_cursor upto;               // how far history was looked at
    bool far;                        // there is more
    const topic_unanswered *without; // NULL: nothing was taken back
    bool *moved;                     // then: labels of the axis that memory had moved by what people said
    size_t n_moved;
    bool stale; // what is kept still holds it: memory is to begin from what will be learned anew
} correcting;

typedef struct {
    int64_t profile, key;
} place;

// An answer says no of all that it does not name. Of labels that are far from these words that changes nothing; they
// are told when all is learned anew, so that few labels are looked for in history.
static void teach_near(correcting *k, arena scratch, size_t message, const topic_word *w, const float *at,
                       const topic_said_of *v, size_t n) {
    remembered *x = k->x;
    bool *far = make(&scratch, bool, x->n + 1);
    int64_t *ids = make(&scratch, int64_t, x->n + 1);
    const label_model *m = label_learned(x->l);
    for (size_t i = 0; i < x->n; i++) far[i] = true;
    const label_choices c = label_decide(&scratch, m, w->text, at);
    for (size_t i = 0; i < c.n; i++) far[c.v[i].label] &= c.v[i].label >= x->n || c.v[i].sure < NEAR;
    for (size_t i = 0; i < x->n; i++) {
        bool named = false;
        for (size_t j = 0; j < n; j++) named |= v[j].topic == x->ids[i];
        ids[i] = far[i] && !named ? 0 : x->ids[i];
        if (ids[i]) label_say(x->l, message, i, ANSWER_unknown);
    }
    topic_teach(x->l, message, k->t, &(topic_labels){ids, x->named, x->n}, v, n, NULL);
}

static bool take_answer(correcting *k, place p, err *e) {
    topic_word w;
    topic_said_of *v;
    size_t n;
    bool there;
    float at[EMBEDDING];
    arena a = *k->a;
    if (!topic_word_get(&a, k->s, p.profile, p.key, &w, &there, e)) return false;
    if (!there) return true;
    if (!topic_answers(&a, k->s, k->t, k->axis, &w, &v, &n, e)) return false;
    int32_t message = map64_get(&k->x->message, hash_of(p.profile, p.key));
    if (message < 0 && !n) return true;
    if (w.vector) embedding_unpack(w.vector, at);
    if (message < 0) {
        message = (int32_t)label_add(k->x->l, w.text, w.vector ? at : NULL);
        map64_put(&k->x->message, hash_of(p.profile, p.key), message);
        buf_bytes(&k->x->places, &p.profile, sizeof p.profile);
        buf_bytes(&k->x->places, &p.key, sizeof p.key);
    }
    teach_near(k, a, (size_t)message, &w, w.vector ? at : NULL, v, n);
    k->x->taught++;
    return true;
}

// Of words of which something was taken back, only what still stands is said.
static bool take_without(correcting *k, err *e) {
    const topic_unanswered *x = k->without;
    const int32_t message = map64_get(&k->x->message, hash_of(x->profile, x->key));
    if (message < 0) return true;
    k->stale = true;
    for (size_t i = 0; i < k->x->n; i++) label_say(k->x->l, (size_t)message, i, ANSWER_unknown);
    return take_answer(k, (place){x->profile, x->key}, e);
}

static bool take_answers(correcting *k, size_t *taken, err *e) {
    place *v = NULL;
    size_t n = 0, room = 0;
    int64_t last = k->x->answered_us;
    for (row r = store_query(k->s, Q_label_later, e, "i", k->x->answered_us); row_next(&r);) {
        if (n == room) {
            place *more = make(k->a, place, room = room ? room * 2 : 64);
            if (n) memcpy(more, v, n * sizeof *more);
            v = more;
        }
        v[n++] = (place){row_int(&r, 0), row_int(&r, 1)};
        last = MAX(last, row_int(&r, 3));
    }
    for (size_t i = 0; i < n; i++)
        if (!err_ok(e) || !take_answer(k, v[i], e)) return false;
    k->x->answered_us = last;
    *taken = n;
    return err_ok(e);
}

// ---- history ----

// A topic's row of words, before.
typedef struct {
    enum topic_how how;
    int sure;
} stood;

typedef struct {
    uint32_t *labels;
    size_t n;
    map64 *at;     // of each label: hash of the words → row
    stood **rows;  //
    double *least; // given from this probability on
    label_scan *scan;
    float *reach; // the score below which nothing is changed
} scanned;

static bool read_stood(correcting *k, scanned *c, size_t i, err *e) {
    size_t n = 0, room = 0;
    const int64_t id = k->x->ids[c->labels[i]];
    c->at[i] = map64_new(k->a, 1024);
    for (row r = store_query(k->s, Q_meaning_topic_sure, e, "i", id); row_next(&r);) {
        if (n == room) {
            stood *more = make(k->a, stood, room = room ? room * 2 : 1024);
            if (n) memcpy(more, c->rows[i], n * sizeof *more);
            c->rows[i] = more;
        }
        map64_put(&c->at[i], hash_of(row_int(&r, 0), row_int(&r, 1)), (int32_t)n);
        c->rows[i][n++] = (stood){(enum topic_how)row_int(&r, 3), (int)row_int(&r, 4)};
    }
    return err_ok(e);
}

// What words about a topic feel about it is told from the words that say most for it.
static void feel(const correcting *k, uint32_t label, const topic_word *w, topic_tag *x) {
    arena scratch = k->feeling;
    float at[EMBEDDING];
    x->has_mood = w->has_mood, x->mood = w->mood;
    if (!k->felt) return;
    if (w->vector) embedding_unpack(w->vector, at);
    const model_reasons r = label_reasons(&scratch, label_learned(k->x->l), label, w->text, w->vector ? at : NULL);
    topic_mood_of(k->felt, NULL, scratch, w, &r, &x->has_mood, &x->mood);
}

static bool decide(correcting *k, const scanned *c, size_t i, const topic_word *w, float score, err *e) {
    const int32_t at = map64_get(&c->at[i], hash_of(w->profile, w->key));
    const stood *before = at < 0 ? NULL : &c->rows[i][at];
    const int64_t id = k->x->ids[c->labels[i]];
    topic_tag now = {.topic = id};
    topic_effect *f = &k->out->effects[k->out->n + i];
    if (before && before->how != TOPIC_learned && before->how != TOPIC_unsure) return true;
    if (isfinite(score)) now.sure = (int)lrint(label_scan_choice(c->scan, i, score).sure * 1000);
    if (now.sure >= k->x->doubt[c->labels[i]]) now.how = now.sure >= c->least[i] * 1000 ? TOPIC_learned : TOPIC_unsure;
    const bool was = before && before->how == TOPIC_learned, is = now.how == TOPIC_learned;
    f->gained += is && !was, f->lost += was && !is;
    if (before && before->how == now.how && before->sure == now.sure) return true;
    if (!now.how) return !before || store_run(k->s, Q_meaning_topic_untag, NULL, e, "iii", w->profile, w->key, id);
    if (before && before->how == now.how) // what is felt does not change with the chance
        return store_run(k->s, Q_meaning_topic_sureness, NULL, e, "iiii", w->profile, w->key, id, (int64_t)now.sure);
    feel(k, c->labels[i], w, &now);
    const int64_t mood_now = now.mood;
    return store_run(k->s, Q_meaning_topic_put, NULL, e, "iiiiiiI", w->profile, w->key, id, w->at_us, (int64_t)now.how,
                     (int64_t)now.sure, now.has_mood ? &mood_now : NULL);
}

static bool scan_page(correcting *k, scanned *c, const topic_word *w, size_t n, err *e) {
    arena scratch = *k->a;
    label_stored *rows = make(&scratch, label_stored, n + 1);
    float *scores = make(&scratch, float, n * c->n + 1), least = INFINITY;
    for (size_t i = 0; i < c->n; i++) least = fminf(least, c->reach[i]);
    for (size_t i = 0; i < n; i++) {
        bool has = false;
        for (size_t j = 0; j < c->n && !has; j++) has = map64_get(&c->at[j], hash_of(w[i].profile, w[i].key)) >= 0;
        rows[i] = (label_stored){w[i].text, w[i].vector, has ? -INFINITY : least};
    }
    (void)label_scan_rows(c->scan, scratch, rows, n, scores);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < c->n; j++)
            if (!decide(k, c, j, &w[i], scores[i * c->n + j], e)) return false;
    return true;
}

static bool scan_history(correcting *k, scanned *c, err *e) {
    topic_cursor at = TOPIC_FROM_NOW;
    size_t n = 1, looked = 0;
    while (n && looked < TOPIC_SCAN_MOST) {
        topic_word *w;
        arena page = arena_open((size_t)1 << 28);
        bool ok = topic_words_before(&page, k->s, &at, PAGE, &w, &n, &at, e) && scan_page(k, c, w, n, e);
        arena_close(&page);
        if (!ok) return false;
        looked += n;
    }
    k->out->looked = MAX(k->out->looked, (int64_t)looked);
    k->far |= n > 0, k->upto = at;
    return true;
}

// Labels that were learned anew, and those of which something was taken back.
static size_t labels_concerned(correcting *k, uint32_t **out) {
    size_t n, more = 0;
    const uint32_t *changed = label_changed(k->x->l, &n);
    uint32_t *v = *out = make(k->a, uint32_t, n + k->x->n + 1);
    if (n) memcpy(v, changed, n * sizeof *v);
    for (size_t i = 0; k->without && i < k->x->n; i++) {
        bool is = false, has = false;
        const topic *now = topics_now(k->t, k->x->ids[i]);
        is = i < k->n_moved && k->moved[i];
        for (size_t j = 0; now && j < k->without->n; j++) is |= now->id == k->without->of[j];
        for (size_t j = 0; j < n; j++) has |= v[j] == i;
        if (is && !has) v[n + more++] = (uint32_t)i;
    }
    return n + more;
}

static bool scan_changed(correcting *k, err *e) {
    scanned c = {0};
    const label_model *m = label_learned(k->x->l);
    c.n = labels_concerned(k, &c.labels);
    if (!c.n) return true;
    c.at = make(k->a, map64, c.n + 1), c.rows = make(k->a, stood *, c.n + 1);
    c.least = make(k->a, double, c.n + 1), c.reach = make(k->a, float, c.n + 1);
    size_t kept = 0;
    for (size_t i = 0; i < c.n; i++) // archived ones are nobody's concern
        if (c.labels[i] < k->x->n && topics_now(k->t, k->x->ids[c.labels[i]])) c.labels[kept++] = c.labels[i];
    c.n = kept;
    for (size_t i = 0; i < c.n; i++) {
        const topic *t = topics_now(k->t, k->x->ids[c.labels[i]]);
        c.least[i] = t->least ? t->least / 1000.0 : k->x->give[c.labels[i]];
        c.reach[i] = label_scan_least(m, c.labels[i], 0);
        if (!read_stood(k, &c, i, e)) return false;
        k->out->effects[k->out->n + i].of = t->id;
    }
    c.scan = label_scan_new(k->a, m, c.labels, c.n);
    if (!scan_history(k, &c, e)) return false;
    k->out->n += c.n;
    return true;
}

// What this look did not reach is looked at beside everything else; what is under way already begins where either ends.
static bool leave_rest(const correcting *k, err *e) {
    topic_again x;
    int64_t all;
    if (!k->far) return true;
    if (!topic_again_read(k->s, &x, e) || !store_int(k->s, Q_topic_understood, &all, 0, e, "i", INT64_MIN))
        return false;
    k->out->later = MAX(all - k->out->looked, 0);
    if (x.under_way && x.at.at_us >= k->upto.at_us) return true;
    return topic_again_write(k->s, &(topic_again){true, x.run + 1, k->upto, k->out->looked, all}, e);
}

// What memory holds was learned with what is taken back, so it begins from what is kept.
static void begin_anew(correcting *k) {
    remembered *x = k->x;
    k->n_moved = x->l ? x->n : 0;
    k->moved = make(k->a, bool, k->n_moved + 1);
    if (k->n_moved) memcpy(k->moved, x->moved, k->n_moved * sizeof *k->moved);
    forget_axis(x);
}

static bool correct_axis(correcting *k, err *e) {
    size_t taken = 0, n;
    if (k->without) begin_anew(k);
    if (!remember(k->s, k->axis, k->x, e)) return false;
    if (!k->x->l) return true;
    // What was said since is not in what is kept.
    const bool kept = k->without && k->without->said_us <= k->x->answered_us;
    if (!take_answers(k, &taken, e) || (kept && !take_without(k, e))) return false;
    k->out->learned = true;
    if (!taken && !k->without) return true;
    const label_model *m = label_correct(k->x->l);
    const uint32_t *changed = label_changed(k->x->l, &n);
    for (size_t i = 0; i < n; i++)
        if (changed[i] < k->x->n) k->x->moved[changed[i]] = true;
    buf b = buf_new(k->a, (size_t)1 << 30);
    label_write(&b, m);
    return store_run(k->s, Q_topic_model_correct, NULL, e, "ibiib", k->x->model, buf_str(&b), k->x->answered_us,
                     k->x->taught, buf_str(&k->x->places)) &&
           scan_changed(k, e);
}

static bool correct(arena *a, ledger *l, topic_mind *m, const mood *felt, const topic_unanswered *without,
                    topic_corrected *out, err *e) {
    arena scratch = arena_open((size_t)1 << 34);
    correcting k = {.a = &scratch,
                    .feeling = arena_open((size_t)1 << 28),
                    .s = ledger_store(l),
                    .felt = felt,
                    .out = out,
                    .without = without};
    *out = (topic_corrected){.effects = make(a, topic_effect, LABELS_MOST * TOPIC_AXES)};
    bool ok = topics_read(&scratch, k.s, &k.t, e);
    for (int x = TOPIC_what; ok && x < TOPIC_AXES; x++) {
        k.axis = (enum topic_axis)x, k.x = &m->axis[x];
        ok = correct_axis(&k, e);
    }
    ok = ok && leave_rest(&k, e);
    if (!ok || k.stale) topic_mind_forget(m); // it may hold what was not stored
    arena_close(&k.feeling);
    arena_close(&scratch);
    return ok;
}

bool topic_correct(arena *a, ledger *l, topic_mind *m, const mood *felt, topic_corrected *out, err *e) {
    return correct(a, l, m, felt, NULL, out, e);
}

bool topic_correct_without(arena *a, ledger *l, topic_mind *m, const mood *felt, const topic_unanswered *x,
                           topic_corrected *out, err *e) {
    return correct(a, l, m, felt, x, out, e);
}
