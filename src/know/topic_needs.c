// What one customer likes, dislikes, wants and suffers from, by their own words (K12).
#include <math.h>

#include "base/civil.h"
#include "know/topic_read.h"
#include "sql/know_topic.h"

enum { WORDS_MOST = 2000, NEEDS_MOST = 200 };

const char *topic_need_name(enum topic_need_kind k) {
    static const char *const names[] = {"likes", "dislikes", "needs", "speaks_of"};
    return names[k];
}

// A row of one text.
typedef struct {
    int64_t profile, key, at_us;
    const topic *of;
    enum topic_how how;
    int sure, felt;
    bool told;
} spoken;

typedef struct {
    topic_need need;
    double weight, sum, felt_weight; // of moods: the newest count most
    double doubt;                    // that none of the words is about it
    bool asked;                      // they wanted something with it
    int64_t keys[NEED_EVIDENCE], profiles[NEED_EVIDENCE];
} gathered;

// What they want of us when they say so: an intent that asks for something.
static bool asks(const topic *intent) {
    static const str words[] = {S("help"), S("improvement"), S("request"), S("promise asked")};
    for (size_t i = 0; i < COUNT(words); i++)
        if (str_eq_ci(intent->name, words[i])) return true;
    return false;
}

static void add_want(topic_need *x, str name) {
    for (size_t i = 0; i < x->n_wants; i++)
        if (str_eq(x->wants[i], name)) return;
    if (x->n_wants < NEED_WANTS) x->wants[x->n_wants++] = name;
}

static double fresh(int64_t at_us, int64_t now_us) {
    return exp2(-(double)MAX(now_us - at_us, 0) / ((double)NEED_HALF_DAYS * DAY_US));
}

static gathered *need_at(gathered *v, size_t *n, const topic *of) {
    for (size_t i = 0; i < *n; i++)
        if (v[i].need.topic == of->id) return &v[i];
    if (*n == NEEDS_MOST) return NULL;
    v[*n] = (gathered){.need = {.topic = of->id, .name = of->name, .first_us = INT64_MAX}, .doubt = 1};
    return &v[(*n)++];
}

static void gather(gathered *g, const spoken *all, size_t n, const spoken *x, int64_t now_us) {
    topic_need *need = &g->need;
    const double sure = x->sure / 1000.0, weight = sure * fresh(x->at_us, now_us);
    need->times++;
    need->first_us = MIN(need->first_us, x->at_us), need->last_us = MAX(need->last_us, x->at_us);
    g->weight += weight, g->doubt *= 1 - 0.98 * weight;
    if (x->told) g->sum += weight * x->felt / 1000.0, g->felt_weight += weight;
    if (need->n_evidence < NEED_EVIDENCE) {
        g->keys[need->n_evidence] = x->key, g->profiles[need->n_evidence] = x->profile;
        need->how[need->n_evidence++] = x->how;
    }
    for (size_t i = 0; i < n; i++)
        if (all[i].key == x->key && all[i].profile == x->profile && all[i].of->axis == TOPIC_intent)
            add_want(need, all[i].of->name), g->asked |= asks(all[i].of);
}

static void judge(gathered *g) {
    topic_need *x = &g->need;
    x->has_mood = g->felt_weight > 0;
    x->mood = x->has_mood ? g->sum / g->felt_weight : 0;
    const double felt = x->mood * 1000;
    x->kind = x->has_mood && felt <= -TOPIC_FELT  ? NEED_dislikes
              : x->has_mood && felt >= TOPIC_FELT ? NEED_likes
                                                  : NEED_speaks_of;
    if (g->asked) x->kind = NEED_needs;
    x->confidence = 1 - g->doubt;
}

static int most_certain(const void *x, const void *y) {
    const gathered *p = x, *q = y;
    if (p->need.confidence != q->need.confidence) return p->need.confidence > q->need.confidence ? -1 : 1;
    if (p->need.last_us != q->need.last_us) return p->need.last_us > q->need.last_us ? -1 : 1;
    return (p->need.topic > q->need.topic) - (p->need.topic < q->need.topic);
}

static bool read_evidence(arena *a, store *s, gathered *g, err *e) {
    size_t kept = 0;
    for (size_t i = 0; i < g->need.n_evidence; i++) {
        bool there;
        if (!topic_word_get(a, s, g->profiles[i], g->keys[i], &g->need.evidence[kept], &there, e)) return false;
        if (there) g->need.how[kept++] = g->need.how[i];
    }
    g->need.n_evidence = kept;
    return true;
}

bool topic_needs_of(arena *a, store *s, const topics *t, int64_t customer, int64_t now_us, topic_need **out, size_t *n,
                    err *e) {
    spoken *v = make(a, spoken, WORDS_MOST);
    gathered *g = make(a, gathered, NEEDS_MOST);
    size_t m = 0;
    *n = 0;
    for (row r = store_query(s, Q_meaning_topic_of_people, e, "i", customer); row_next(&r);) {
        const topic *of = topics_now(t, row_int(&r, 3));
        if (of && m < WORDS_MOST)
            v[m++] =
                (spoken){row_int(&r, 0),      row_int(&r, 1),      row_int(&r, 2),  of, (enum topic_how)row_int(&r, 4),
                         (int)row_int(&r, 5), (int)row_int(&r, 6), !row_null(&r, 6)};
    }
    for (size_t i = 0; i < m; i++) {
        gathered *x = v[i].of->axis == TOPIC_intent ? NULL : need_at(g, n, v[i].of);
        if (x) gather(x, v, m, &v[i], now_us);
    }
    for (size_t i = 0; i < *n; i++) judge(&g[i]);
    if (*n) qsort(g, *n, sizeof *g, most_certain);
    *out = make(a, topic_need, *n + 1);
    for (size_t i = 0; i < *n && err_ok(e); i++) {
        if (!read_evidence(a, s, &g[i], e)) return false;
        (*out)[i] = g[i].need;
    }
    return err_ok(e);
}
