#include "know/mood_own.h"

#include <math.h>

#include "base/map64.h"
#include "know/meaning_private.h"
#include "know/settings.h"
#include "sql/know.h"
#include "sql/know_meaning.h"
#include "text/letter.h"

static const struct {
    int mood;
    const char *name;
} labels[] = {{-1, "unhappy"}, {0, "neither"}, {1, "happy"}};
enum { LABELS = COUNT(labels) };
// What comes with a score is happier than what is written to a help desk, so one has to be sure (docs/text.md).
static const double SURE = 0.85;

static size_t label_of_mood(int is) {
    return is < 0 ? 0 : is > 0 ? 2 : 1;
}

// ---- learning ----

typedef struct {
    int64_t profile, key, at_us;
    int32_t period;
    int mood;
} scored;

typedef struct {
    arena *a;
    store *s;
    const reader *r;
    scored *v;
    size_t n, of[LABELS];
    label_learner *l;
    map64 seen;           // what was taught already: what is said again would be held out from itself
    size_t learnt, right; // texts; those that the lexicons tell right
} learning;

static bool gather_month(learning *x, int32_t period, err *e) {
    row r = store_query(x->s, Q_mood_scored, e, "i", (int64_t)period);
    while (x->n < MOOD_MOST && row_next(&r)) {
        scored one = {row_int(&r, 0), row_int(&r, 1), row_int(&r, 2), period, (int)row_int(&r, 3)};
        x->v[x->n++] = one, x->of[label_of_mood(one.mood)]++;
    }
    row_end(&r);
    return err_ok(e);
}

static bool gather(learning *x, err *e) {
    int64_t first = 0, last = -1;
    x->v = make(x->a, scored, MOOD_MOST);
    if (!store_int(x->s, Q_feedback_period_first, &first, 0, e, "") ||
        !store_int(x->s, Q_mood_period_last, &last, -1, e, ""))
        return false;
    for (int64_t p = last; p >= first && x->n < MOOD_MOST; p--)
        if (!gather_month(x, (int32_t)p, e)) return false;
    return true;
}

static bool teach_one(learning *x, const scored *one, err *e) {
    arena a = *x->a;
    meaning m = {.profile = one->profile, .key = one->key, .at_us = one->at_us, .period = one->period};
    float *place = NULL;
    str text;
    bool there, made;
    if (!meaning_find_one(&a, x->s, one->profile, one->key, &m, &there, e)) return false;
    m.at_us = one->at_us, m.period = one->period;
    if (!meaning_text(&a, x->s, &m, &text, e)) return false;
    text = letter_matter(text);
    (void)map64_at(&x->seen, (int64_t)str_hash(text), 1, &made);
    if (!text.len || !made) return true;
    if (there && m.vector && reader_own(x->r)) {
        place = make(&a, float, EMBEDDING);
        embedding_unpack(m.vector, place);
    }
    mood_reading by_words;
    const bool told = meaning_feel(a, x->r, text, place, language_named(there ? m.lang : S("")), &by_words);
    x->right += told && (int)by_words.is - 1 == one->mood;
    const size_t at = label_add(x->l, text, place);
    label_say(x->l, at, label_of_mood(one->mood), ANSWER_yes);
    x->learnt++;
    return true;
}

static bool teach(learning *x, err *e) {
    x->l = label_learner_new((label_options){.embedding = reader_own(x->r) ? EMBEDDING : 0, .alone = true});
    x->seen = map64_new(x->a, x->n);
    for (size_t i = 0; i < LABELS; i++) (void)label_define(x->l, (label_text){.name = str_c(labels[i].name)});
    for (size_t i = 0; i < x->n; i++)
        if (!teach_one(x, &x->v[i], e)) return false;
    return true;
}

static bool enough(const learning *x) {
    return x->n >= MOOD_LEAST && x->of[0] >= MOOD_LEAST_OF && x->of[2] >= MOOD_LEAST_OF;
}

static void weigh(learning *x, mood_learnt *out) {
    buf b = buf_new(x->a, (size_t)1 << 28);
    const label_model *m = label_fit(x->l);
    out->right = label_model_quality(m).accuracy;
    out->lexicon = x->learnt ? (double)x->right / (double)x->learnt : 0;
    out->better = out->right > out->lexicon;
    if (!out->better) return;
    label_write(&b, m);
    out->model = buf_str(&b);
}

bool mood_own_learn(arena *a, store *s, const reader *r, mood_learnt *out, err *e) {
    learning x = {.a = a, .s = s, .r = r};
    *out = (mood_learnt){0};
    bool ok = gather(&x, e);
    out->texts = (int64_t)x.n;
    if (ok && enough(&x)) {
        ok = teach(&x, e);
        if (ok) weigh(&x, out);
        label_learner_free(x.l);
    }
    return ok;
}

// ---- kept ----

static const char due_name[] = "moods_due"; // of the setting

bool mood_own_forget(store *s, err *e) {
    int64_t dropped = 0;
    return store_run(s, Q_mood_model_drop, &dropped, e, "") && (!dropped || settings_put(s, due_name, S("1"), e));
}

bool mood_own_due(store *s, bool *due, err *e) {
    arena a = arena_open(1 << 16);
    str v = S("");
    const bool ok = settings_get(&a, s, due_name, &v, e);
    *due = v.len > 0;
    arena_close(&a);
    return ok;
}

bool mood_own_done(store *s, err *e) {
    return settings_put(s, due_name, S(""), e);
}

bool mood_own_take(store *s, int64_t now_us, const mood_learnt *l, err *e) {
    if (!l->better) return store_run(s, Q_mood_model_drop, NULL, e, "");
    return store_run(s, Q_mood_model_put, NULL, e, "iiiib", now_us, l->texts, (int64_t)lround(l->right * 1e6),
                     (int64_t)lround(l->lexicon * 1e6), l->model);
}

bool mood_own_again(store *s, int64_t *at_us, int64_t *left, err *e) {
    enum { AT_ONCE = 1000 };
    int64_t from, marked;
    if (!store_int(s, Q_mood_again_from, &from, INT64_MIN, e, "ii", *at_us, (int64_t)MIN(*left, AT_ONCE)) ||
        !store_run(s, Q_mood_again, &marked, e, "ii", from, *at_us))
        return false;
    *left -= AT_ONCE;
    *at_us = *left > 0 ? from : INT64_MIN;
    return true;
}

bool mood_own_open(arena *a, store *s, label_model **out, err *e) {
    *out = NULL;
    for (row r = store_query(s, Q_mood_model_get, e, ""); row_next(&r);)
        if (!label_read(a, row_str(&r, 0), out, e)) return row_end(&r), false;
    return err_ok(e);
}

bool mood_own_stands(store *s, mood_standing *out, err *e) {
    *out = (mood_standing){0};
    for (row r = store_query(s, Q_mood_model_about, e, ""); row_next(&r);)
        *out =
            (mood_standing){row_int(&r, 0), row_int(&r, 1), (double)row_int(&r, 2) / 1e6, (double)row_int(&r, 3) / 1e6};
    return err_ok(e);
}

// ---- of one text ----

bool mood_own_says(const label_model *own, arena scratch, str text, const float *embedding, bool told,
                   mood_reading *m) {
    static const enum mood_class of[LABELS] = {MOOD_bad, MOOD_neither, MOOD_good};
    const label_choices c = label_decide(&scratch, own, text, embedding);
    double sure[LABELS] = {0}, best = 0;
    if (!c.n || c.known < 0.5 || c.v[0].sure < SURE) return false;
    for (size_t i = 0; told && i < LABELS; i++) best = fmax(best, m->sure[of[i]]);
    if (c.v[0].sure <= best) return false;
    for (size_t i = 0; i < c.n; i++)
        if (c.v[i].label < LABELS) sure[c.v[i].label] = c.v[i].sure;
    for (size_t i = 0; i < LABELS; i++) m->sure[of[i]] = sure[i];
    m->value = sure[2] - sure[0];
    m->is = of[c.v[0].label];
    m->guess = false;
    return true;
}
