// Counting who speaks of what.
#include <math.h>

#include "base/civil.h"
#include "base/json.h"
#include "base/map64.h"
#include "know/topic_read.h"
#include "sql/know_topic.h"
#include "stats/nps.h"
#include "stats/proportion.h"
#include "stats/rate.h"
#include "text/label.h"

enum { TREND_LEAST = 10, ROWS_ALL = 1 << 30 };

// One person, and what they said about one topic.
typedef struct {
    int64_t of, customer; // place of the topic
    int64_t mood;         // sum
    int32_t told;
    bool now, before;
} speaker;

typedef struct {
    arena *a;
    const topics *t;
    const topic *all;
    size_t n_all;
    map64 place; // topic → place
    topic_counts *out;
    int64_t since, until, middle;
    map64 spoke, mention; // hashes of (topic, person) and of (topic, words)
    speaker *v;
    size_t n, room;
    map64 assigned;              // hash of words with a topic of what and why
    int64_t now_all, before_all; // people in each half
} counting;

static int64_t hash3(int64_t x, int64_t y, int64_t z) {
    const int64_t v[] = {x, y, z};
    return (int64_t)str_hash((str){(const char *)v, sizeof v});
}

static speaker *speaker_at(counting *k, int64_t of, int64_t customer) {
    bool made;
    const int32_t at = *map64_at(&k->spoke, hash3(of, customer, 1), (int32_t)k->n, &made);
    if (made && k->n == k->room) {
        speaker *more = make(k->a, speaker, k->room = k->room ? k->room * 2 : 4096);
        if (k->n) memcpy(more, k->v, k->n * sizeof *more);
        k->v = more;
    }
    if (made) k->v[k->n++] = (speaker){.of = of, .customer = customer};
    return &k->v[at];
}

typedef struct {
    int64_t profile, key, at_us, customer, same_profile, same_key;
    enum topic_how how;
    bool told;
    int64_t mood;
} spoken;

// For one topic and, by the caller, each above it.
static void count_one(counting *k, size_t of, const spoken *x) {
    topic_figures *f = &k->out->of[of];
    bool made;
    if (x->how == TOPIC_denied) return;
    if (x->how == TOPIC_unsure) return (void)f->unsure++;
    const int64_t words = x->same_key ? hash3(x->customer, x->same_profile, x->same_key) : hash3(x->profile, x->key, 0);
    (void)map64_at(&k->mention, hash3((int64_t)of, words, 2), 1, &made);
    if (!made) return; // again in the same words, or by a topic below as well
    f->mentions++, f->said += x->how == TOPIC_said;
    if (!x->told)
        f->untold++;
    else if (x->mood <= -TOPIC_FELT)
        f->negative++;
    else if (x->mood >= TOPIC_FELT)
        f->positive++;
    else
        f->neutral++;
    speaker *p = speaker_at(k, (int64_t)of, x->customer);
    p->mood += x->told ? x->mood : 0, p->told += x->told;
    *(x->at_us >= k->middle ? &p->now : &p->before) = true;
}

static void count_up(counting *k, int64_t id, const spoken *x) {
    const topic *now = topics_now(k->t, id);
    bool made;
    if (now && now->axis != TOPIC_intent && x->how < TOPIC_unsure)
        (void)map64_at(&k->assigned, hash3(x->profile, x->key, 3), 1, &made);
    for (size_t i = 0; now && i <= k->n_all; i++) {
        count_one(k, (size_t)map64_get(&k->place, now->id), x);
        now = now->parent ? topics_by_id(k->t, now->parent) : NULL;
    }
}

static spoken read_spoken(const row *r) {
    return (spoken){.profile = row_int(r, 0),
                    .key = row_int(r, 1),
                    .at_us = row_int(r, 2),
                    .how = (enum topic_how)row_int(r, 3),
                    .told = !row_null(r, 5),
                    .mood = row_int(r, 5),
                    .customer = row_int(r, 6),
                    .same_profile = row_int(r, 7),
                    .same_key = row_int(r, 8)};
}

static bool count_rows(counting *k, store *s, err *e) {
    for (size_t i = 0; i < k->n_all; i++)
        for (row r =
                 store_query(s, Q_meaning_topic_rows, e, "iiii", k->all[i].id, k->since, k->until, (int64_t)ROWS_ALL);
             row_next(&r);) {
            const spoken x = read_spoken(&r);
            count_up(k, k->all[i].id, &x);
        }
    return err_ok(e);
}

static bool count_all(counting *k, store *s, err *e) {
    map64 people = map64_new(k->a, 4096), halves[2] = {map64_new(k->a, 4096), map64_new(k->a, 4096)};
    bool made;
    for (row r = store_query(s, Q_topic_said_by, e, "ii", k->since, k->until); row_next(&r);) {
        const int64_t customer = row_int(&r, 3);
        const bool later = row_int(&r, 2) >= k->middle;
        k->out->words++;
        k->out->unassigned += map64_get(&k->assigned, hash3(row_int(&r, 0), row_int(&r, 1), 3)) < 0;
        (void)map64_at(&people, customer, 1, &made);
        k->out->people += made;
        (void)map64_at(&halves[later], customer, 1, &made);
        *(later ? &k->now_all : &k->before_all) += made;
    }
    return err_ok(e);
}

// ---- what follows ----

static void tell_people(counting *k, nps_counts *felt) {
    for (size_t i = 0; i < k->n; i++) {
        const speaker *p = &k->v[i];
        topic_figures *f = &k->out->of[p->of];
        nps_counts *c = &felt[p->of];
        f->people++, f->trend.now += p->now, f->trend.before += p->before;
        if (!p->told) continue;
        const int64_t mean = p->mood / p->told;
        *(mean <= -TOPIC_FELT ? &c->detractors : mean >= TOPIC_FELT ? &c->promoters : &c->passives) += 1;
    }
}

// The part of the people who spoke at all that spoke of it, later against earlier; which of them chance does not
// explain is told over all topics together.
static void tell_trends(counting *k) {
    double *p = make(k->a, double, k->n_all + 1);
    for (size_t i = 0; i < k->n_all; i++) {
        topic_trend *t = &k->out->of[i].trend;
        const rate_counts now = {t->now, (double)k->now_all}, before = {t->before, (double)k->before_all};
        const bool enough = t->now + t->before >= TREND_LEAST && k->now_all && k->before_all;
        const rate_ratio r =
            k->now_all && k->before_all ? rate_ratio_of(now, before) : (rate_ratio){NAN, NAN, NAN, NAN};
        t->ratio = r.ratio, t->lo = r.lo, t->hi = r.hi;
        p[i] = enough ? r.p : NAN;
        t->verdict = enough ? VERDICT_NO_CHANGE : VERDICT_TOO_FEW;
    }
    many_adjust(*k->a, p, p, k->n_all);
    for (size_t i = 0; i < k->n_all; i++) {
        topic_trend *t = &k->out->of[i].trend;
        if (p[i] < SIGNIFICANT) t->verdict = t->ratio > 1 ? VERDICT_BETTER : VERDICT_WORSE;
    }
}

bool topic_count(arena *a, store *s, const topics *t, int64_t since_us, int64_t until_us, topic_counts *out, err *e) {
    arena scratch = arena_open((size_t)1 << 34);
    counting k = {.a = &scratch, .t = t, .out = out, .since = since_us, .until = until_us};
    k.all = topics_all(t, &k.n_all);
    k.middle = since_us + (until_us - since_us) / 2;
    *out = (topic_counts){.of = make(a, topic_figures, k.n_all + 1)};
    k.place = map64_new(&scratch, k.n_all + 16);
    for (size_t i = 0; i < k.n_all; i++) map64_put(&k.place, k.all[i].id, (int32_t)i);
    k.spoke = map64_new(&scratch, 4096), k.mention = map64_new(&scratch, 4096), k.assigned = map64_new(&scratch, 4096);
    nps_counts *felt = make(&scratch, nps_counts, k.n_all + 1);
    bool ok = count_rows(&k, s, e) && count_all(&k, s, e);
    if (ok) {
        tell_people(&k, felt);
        tell_trends(&k);
        for (size_t i = 0; i < k.n_all; i++) {
            const sampling how = {.of = "person"};
            out->of[i].balance = nps(a, felt[i], how);
        }
    }
    arena_close(&scratch);
    return ok;
}

// ---- how good it is ----

static void bins(const json_t *label, double least, int64_t *given, int64_t *right) {
    const json_t *at = json_object_get(label, "at"), *hit = json_object_get(label, "right");
    *given = *right = 0;
    for (size_t b = 0; b < LABEL_BINS; b++) {
        if (((double)b + 1) / LABEL_BINS <= least) continue;
        *given += json_integer_value(json_array_get(at, b)), *right += json_integer_value(json_array_get(hit, b));
    }
}

static topic_quality quality_of(arena *a, const topic *t, const json_t *label) {
    const json_t *give = json_find(label, "give");
    int64_t given, right;
    const sampling how = {.of = "answer"};
    topic_quality q = {.answers = json_integer_value(json_object_get(label, "answers")),
                       .give = t->least ? t->least / 1000.0
                               : give   ? json_number_value(give)
                                        : NAN};
    bins(label, isnan(q.give) ? 2 : q.give, &given, &right);
    q.precision = proportion(a, right, given, how);
    q.recall = estimate_none("Wilson", "nothing is given without a person yet");
    if (!isnan(q.give)) q.recall = proportion(a, right, json_integer_value(json_object_get(label, "held")), how);
    return q;
}

bool topic_qualities(arena *a, store *s, const topics *t, topic_quality **out, err *e) {
    size_t n;
    const topic *all = topics_all(t, &n);
    topic_quality *v = *out = make(a, topic_quality, n + 1);
    for (size_t i = 0; i < n; i++)
        v[i] = (topic_quality){.give = NAN,
                               .precision = estimate_none("Wilson", "nothing was learned yet"),
                               .recall = estimate_none("Wilson", "nothing was learned yet")};
    for (int x = TOPIC_what; x < TOPIC_AXES; x++)
        for (row r = store_query(s, Q_topic_model_about, e, "i", (int64_t)x); row_next(&r);) {
            json_t *q = NULL;
            size_t k;
            const json_t *label;
            if (!json_read(row_str(&r, 3), &q, e)) return row_end(&r), false;
            json_array_foreach(json_object_get(q, "labels"), k, label) {
                const int64_t id = json_integer_value(json_object_get(label, "topic"));
                for (size_t i = 0; i < n; i++)
                    if (all[i].id == id) v[i] = quality_of(a, &all[i], label);
            }
            json_decref(q);
        }
    return err_ok(e);
}

bool topic_stands(arena *a, store *s, const topics *t, topic_standing *out, err *e) {
    size_t n;
    const topic *all = topics_all(t, &n);
    *out = (topic_standing){0};
    (void)a;
    for (int x = TOPIC_what; x < TOPIC_AXES; x++) {
        topic_axis_standing *o = &out->axes[x];
        json_t *q = NULL;
        int64_t answered = INT64_MIN;
        o->axis = (enum topic_axis)x;
        for (size_t i = 0; i < n; i++) o->topics += all[i].state == TOPIC_used && all[i].axis == o->axis;
        for (row r = store_query(s, Q_topic_model_about, e, "i", (int64_t)x); row_next(&r);) {
            o->learned_us = row_int(&r, 1), answered = row_int(&r, 4), o->answers = row_int(&r, 5);
            if (!q && json_read(row_str(&r, 3), &q, e))
                o->examples = json_integer_value(json_object_get(q, "examples"));
        }
        json_decref(q);
        if (!err_ok(e) || !store_int(s, Q_label_later_count, &o->later, 0, e, "i", answered)) return false;
    }
    return store_int(s, Q_topic_understood, &out->understood, 0, e, "i", INT64_MIN) &&
           store_int(s, Q_topic_todo_count, &out->waiting, 0, e, "") && topic_again_read(s, &out->again, e);
}
