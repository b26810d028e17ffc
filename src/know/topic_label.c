#include "know/topic_private.h"

#include <math.h>

#include "base/json.h"
#include "sql/know_topic.h"

enum { TAGS_MOST = 64 }; // of one text

// What was learned of an axis.
typedef struct {
    label_model *m;
    int64_t *of;  // the topic of each label
    double *give; // given from this probability on
    int *doubt;   // a person is asked from this chance on, in thousandths
    size_t n;
} axis_model;

struct topic_judge {
    topics *t;
    axis_model axis[TOPIC_AXES];
    const mood *mood;
    const encoder *enc; // NULL: moods go by words alone
};

// ---- opened ----

int topic_doubt(const json_t *label) {
    const json_t *v = json_find(label, "doubt");
    return v ? (int)json_integer_value(v) : TOPIC_DOUBT;
}

static bool read_model(arena *a, str names, str bytes, str how_good, axis_model *x, err *e) {
    json_t *labels = NULL, *quality = NULL;
    size_t i;
    const json_t *v;
    bool ok =
        label_read(a, str_dup(a, bytes), &x->m, e) && json_read(names, &labels, e) && json_read(how_good, &quality, e);
    if (ok) {
        const size_t n = json_array_size(labels);
        x->of = make(a, int64_t, n + 1), x->give = make(a, double, n + 1), x->doubt = make(a, int, n + 1);
        json_array_foreach(labels, i, v) {
            const json_t *about = json_array_get(json_object_get(quality, "labels"), i),
                         *give = json_find(about, "give");
            x->of[i] = json_integer_value(v);
            x->doubt[i] = topic_doubt(about);
            x->give[i] = give ? json_number_value(give) : 2;
        }
        x->n = MIN(n, label_model_count(x->m));
    }
    json_decref(labels);
    json_decref(quality);
    return ok;
}

bool topic_judge_open(arena *a, store *s, const mood *m, topic_judge **out, err *e) {
    topic_judge *j = *out = make(a, topic_judge, 1);
    j->mood = m;
    if (!topics_read(a, s, &j->t, e)) return false;
    for (int x = TOPIC_what; x < TOPIC_AXES; x++)
        for (row r = store_query(s, Q_topic_model_newest, e, "i", (int64_t)x); row_next(&r);)
            if (!read_model(a, row_str(&r, 2), row_str(&r, 3), row_str(&r, 4), &j->axis[x], e))
                return row_end(&r), false;
    return err_ok(e);
}

void topic_judge_hears(topic_judge *j, const reader *r) {
    j->enc = r ? reader_encoder(r) : NULL;
}

bool topic_judge_with(arena *a, topics *t, const topic_learnt *l, topic_judge **out, err *e) {
    topic_judge *j = *out = make(a, topic_judge, 1);
    j->t = t;
    return !l->topics || read_model(a, l->labels, l->model, l->quality, &j->axis[l->axis], e);
}

const topics *topic_judge_topics(const topic_judge *j) {
    return j->t;
}

bool topic_judge_learned(const topic_judge *j) {
    bool any = false;
    for (int x = TOPIC_what; x < TOPIC_AXES; x++) any |= j->axis[x].m != NULL;
    return any;
}

// ---- decided ----

static const float *place_of(const topic_word *w, float out[EMBEDDING]) {
    if (!w->vector || embedding_none(w->vector)) return NULL;
    embedding_unpack(w->vector, out);
    return out;
}

static void put_tag(topic_tag *v, size_t *n, topic_tag one) {
    for (size_t i = 0; i < *n; i++)
        if (v[i].topic == one.topic) return (void)(v[i] = one);
    if (*n < TAGS_MOST) v[(*n)++] = one;
}

static void take_choices(arena scratch, const topic_judge *j, const axis_model *x, const topic_word *w, topic_tag *v,
                         size_t *n) {
    float place[EMBEDDING];
    const label_choices c = label_decide(&scratch, x->m, w->text, place_of(w, place));
    for (size_t i = 0; i < c.n; i++) {
        if (c.v[i].label >= x->n || c.v[i].sure * 1000 < x->doubt[c.v[i].label]) continue;
        const topic *t = topics_now(j->t, x->of[c.v[i].label]);
        if (!t) continue;
        const double least = t->least ? t->least / 1000.0 : x->give[c.v[i].label];
        const bool given = c.v[i].sure >= least;
        put_tag(v, n,
                (topic_tag){.topic = x->of[c.v[i].label],
                            .how = given ? TOPIC_learned : TOPIC_unsure,
                            .sure = (int)lrint(c.v[i].sure * 1000)});
    }
}

static const topic_tag *tag_of(const topic_tag *v, size_t n, int64_t of) {
    for (size_t i = 0; i < n; i++)
        if (v[i].topic == of) return &v[i];
    return NULL;
}

// What is felt about a topic that words have already stays: it costs as much as all the rest.
static void feel(const topic_judge *j, arena scratch, const topic_word *w, const topic_tag *had, size_t n_had,
                 topic_tag *x) {
    const topic_tag *was = tag_of(had, n_had, x->topic);
    x->has_mood = was && was->has_mood;
    if (x->has_mood)
        x->mood = was->mood;
    else
        x->has_mood = topic_judge_mood(j, scratch, x->topic, w, &x->mood);
}

static size_t judge_tags(arena *a, const topic_judge *j, const topic_word *w, const topic_tag *had, size_t n_had,
                         topic_tag **out) {
    topic_tag *v = *out = make(a, topic_tag, TAGS_MOST);
    size_t n = 0;
    if (!w->text.len) return 0;
    arena scratch = *a;
    for (int x = TOPIC_what; x < TOPIC_AXES; x++)
        if (j->axis[x].m) take_choices(scratch, j, &j->axis[x], w, v, &n);
    const int64_t named = w->source.len ? topics_named(j->t, w->source) : 0;
    if (named) put_tag(v, &n, (topic_tag){.topic = named, .how = TOPIC_source, .sure = 1000});
    for (size_t i = 0; i < n; i++) feel(j, scratch, w, had, n_had, &v[i]);
    return n;
}

size_t topic_judge_tags(arena *a, const topic_judge *j, const topic_word *w, topic_tag **out) {
    return judge_tags(a, j, w, NULL, 0, out);
}

static const axis_model *model_of(const topic_judge *j, int64_t of, size_t *label) {
    const topic *now = topics_now(j->t, of);
    for (int pass = 0; pass < 2; pass++)
        for (int x = TOPIC_what; x < TOPIC_AXES; x++)
            for (size_t i = 0; i < j->axis[x].n; i++) {
                const topic *t = pass ? topics_now(j->t, j->axis[x].of[i]) : NULL;
                if (pass ? now && t == now : j->axis[x].of[i] == of) return *label = i, &j->axis[x];
            }
    return NULL;
}

bool topic_judge_why(arena *a, const topic_judge *j, int64_t of, const topic_word *w, model_reasons *out,
                     double *sure) {
    size_t label;
    float place[EMBEDDING];
    const axis_model *x = model_of(j, of, &label);
    if (!x || !w->text.len) return false;
    const float *at = place_of(w, place);
    *out = label_reasons(a, x->m, label, w->text, at);
    *sure = 0;
    const label_choices c = label_decide(a, x->m, w->text, at);
    for (size_t i = 0; i < c.n; i++)
        if (c.v[i].label == label) *sure = c.v[i].sure;
    return true;
}

enum { FELT = 50 }; // thousandths: below this the words near it say nothing

// By the encoder: from what the place means where it stands, and from how the clause around it reads. The clause being
// the whole text, its mood is that of the whole.
static int felt_by(const mood *m, const encoder *enc, arena scratch, const topic_word *w, size_t from, size_t to) {
    float views[MOOD_VIEWS * EMBEDDING], v[EMBEDDING];
    const str clause = mood_window(m, scratch, w->text, from, to, w->lang);
    if (clause.len >= str_trim(w->text).len) return w->mood;
    mood_views(m, enc, scratch, w->text, from, to, w->lang, views);
    encoder_embed(enc, scratch, &clause, 1, v);
    const mood_reading r = mood_read(m, scratch, clause, v, w->lang);
    return (int)lrint(mood_about_by(m, scratch, w->text, from, to, w->lang, views, &r).value * 1000);
}

void topic_mood_of(const mood *m, const encoder *enc, arena scratch, const topic_word *w, const model_reasons *r,
                   bool *has, int *out) {
    size_t best = SIZE_MAX;
    *has = w->has_mood, *out = w->mood;
    for (size_t i = 0; i < r->pieces; i++)
        if (r->part[i] > 0 && (best == SIZE_MAX || r->part[i] > r->part[best])) best = i;
    if (best == SIZE_MAX) return;
    const str piece = r->piece[best];
    if (piece.s < w->text.s || piece.s + piece.len > w->text.s + w->text.len) return;
    const size_t from = (size_t)(piece.s - w->text.s);
    if (enc && w->has_mood && w->lang == LANG_en)
        return (void)(*out = felt_by(m, enc, scratch, w, from, from + piece.len));
    double felt = mood_about(m, scratch, w->text, from, from + piece.len, w->lang).value * 1000;
    if (fabs(felt) < FELT) return;
    if (w->has_mood) felt = (felt + w->mood) / 2; // words near it alone tell too little (docs/text-labels.md)
    *has = true, *out = (int)lrint(felt);
}

bool topic_judge_mood(const topic_judge *j, arena scratch, int64_t of, const topic_word *w, int *out) {
    size_t label;
    float place[EMBEDDING];
    bool has = w->has_mood;
    const axis_model *x = model_of(j, of, &label);
    *out = w->mood;
    if (!x || !j->mood || !w->text.len) return has;
    const model_reasons r = label_reasons(&scratch, x->m, label, w->text, place_of(w, place));
    topic_mood_of(j->mood, j->enc, scratch, w, &r, &has, out);
    return has;
}

// ---- what people say ----

bool topic_said_of_words(arena *a, store *s, const topics *t, int64_t profile, int64_t key, topic_tag **out, size_t *n,
                         err *e) {
    *out = make(a, topic_tag, TAGS_MOST), *n = 0;
    for (row r = store_query(s, Q_label_of_message, e, "ii", profile, key); row_next(&r);) {
        const int64_t id = topics_named(t, row_str(&r, 0));
        const enum topic_how how = row_int(&r, 1) ? TOPIC_said : TOPIC_denied;
        if (id) put_tag(*out, n, (topic_tag){.topic = id, .how = how, .sure = 1000});
    }
    return err_ok(e);
}

// ---- batches ----

typedef struct {
    topic_word w;
    topic_tag *tags; // learned, and of the source
    topic_tag *said; // what people had said when it was read: for what they feel about it
    size_t n, n_said;
} labelled_word;

struct topic_batch {
    labelled_word *v;
    size_t n;
};

static bool decide_word(arena *a, store *s, const topic_judge *j, const topic_word *w, bool again, labelled_word *out,
                        err *e) {
    topic_tag had[TAGS_MOST];
    size_t n = 0;
    *out = (labelled_word){.w = *w};
    if (again && !topic_tags_standing(s, w->profile, w->key, had, COUNT(had), &n, e)) return false;
    out->n = judge_tags(a, j, w, had, n, &out->tags);
    if (!topic_said_of_words(a, s, j->t, w->profile, w->key, &out->said, &out->n_said, e)) return false;
    for (size_t i = 0; i < out->n_said; i++) feel(j, *a, w, had, n, &out->said[i]);
    return true;
}

bool topic_batch_read(arena *a, store *s, const topic_judge *j, const topic_cursor *from, size_t most,
                      topic_batch **out, size_t *n, topic_cursor *next, err *e) {
    topic_word *w;
    topic_batch *b = *out = make(a, topic_batch, 1);
    if (!topic_words_before(a, s, from, most, &w, n, next, e)) return false;
    b->v = make(a, labelled_word, *n + 1);
    for (; b->n < *n; b->n++)
        if (!decide_word(a, s, j, &w[b->n], from != NULL, &b->v[b->n], e)) return false;
    return true;
}

bool topic_batch_one(arena *a, store *s, const topic_judge *j, int64_t profile, int64_t key, topic_batch **out,
                     err *e) {
    topic_word w;
    bool there;
    topic_batch *b = *out = make(a, topic_batch, 1);
    b->v = make(a, labelled_word, 1);
    if (!topic_word_get(a, s, profile, key, &w, &there, e)) return false;
    if (!there) return true;
    b->n = 1;
    return decide_word(a, s, j, &w, false, b->v, e);
}

static bool given(const topic_tag *x) {
    return x && x->how < TOPIC_unsure;
}

static bool equal(const topic_tag *x, const topic_tag *y) {
    return x->how == y->how && x->sure == y->sure && x->has_mood == y->has_mood && (!x->has_mood || x->mood == y->mood);
}

bool topic_tags_standing(store *s, int64_t profile, int64_t key, topic_tag *out, size_t room, size_t *n, err *e) {
    *n = 0;
    for (row r = store_query(s, Q_meaning_topic_of, e, "ii", profile, key); row_next(&r);)
        if (*n < room)
            out[(*n)++] = (topic_tag){row_int(&r, 0), (enum topic_how)row_int(&r, 1), (int)row_int(&r, 2),
                                      !row_null(&r, 3), (int)row_int(&r, 3)};
    return err_ok(e);
}

// What stands is compared with what should, so that looking again writes only what changed.
static bool write_tags(store *s, const topic_word *w, const topic_tag *want, size_t n, topic_labelled *sum, err *e) {
    topic_tag has[TAGS_MOST];
    size_t n_has = 0;
    if (!topic_tags_standing(s, w->profile, w->key, has, COUNT(has), &n_has, e)) return false;
    for (size_t i = 0; i < n_has; i++) {
        const topic_tag *now = tag_of(want, n, has[i].topic);
        sum->lost += given(&has[i]) && !given(now);
        if (!now && !store_run(s, Q_meaning_topic_untag, NULL, e, "iii", w->profile, w->key, has[i].topic))
            return false;
    }
    for (size_t i = 0; i < n; i++) {
        const topic_tag *before = tag_of(has, n_has, want[i].topic);
        const int64_t felt = want[i].mood;
        sum->gained += given(&want[i]) && !given(before);
        if (before && equal(before, &want[i])) continue;
        if (!store_run(s, Q_meaning_topic_put, NULL, e, "iiiiiiI", w->profile, w->key, want[i].topic, w->at_us,
                       (int64_t)want[i].how, (int64_t)want[i].sure, want[i].has_mood ? &felt : NULL))
            return false;
    }
    return true;
}

static bool store_word(store *s, const topics *t, arena scratch, const labelled_word *x, topic_labelled *sum, err *e) {
    topic_tag want[TAGS_MOST], *spoken;
    size_t n = 0, n_spoken;
    int64_t there = 0;
    if (!store_run(s, Q_topic_looked, &there, e, "ii", x->w.profile, x->w.key)) return false;
    if (!there) return true; // it is gone, or was erased
    if (!topic_said_of_words(&scratch, s, t, x->w.profile, x->w.key, &spoken, &n_spoken, e)) return false;
    for (size_t i = 0; i < x->n; i++) put_tag(want, &n, x->tags[i]);
    for (size_t i = 0; i < n_spoken; i++) {
        const topic_tag *felt = tag_of(x->said, x->n_said, spoken[i].topic);
        spoken[i].has_mood = felt ? felt->has_mood : x->w.has_mood;
        spoken[i].mood = felt ? felt->mood : x->w.mood;
        put_tag(want, &n, spoken[i]);
    }
    sum->looked++;
    return write_tags(s, &x->w, want, n, sum, e);
}

bool topic_batch_store(store *s, const topics *t, const topic_batch *b, topic_labelled *sum, err *e) {
    arena scratch = arena_open(1 << 22);
    bool ok = true;
    for (size_t i = 0; ok && i < b->n; i++) ok = store_word(s, t, scratch, &b->v[i], sum, e);
    arena_close(&scratch);
    return ok;
}
