// What to ask people about topics.
#include "base/map64.h"
#include "know/topic_audit.h"
#include "sql/know_topic.h"

enum { OF_TOPIC = 400, LOOKED = 60 }; // doubts of one topic that are weighed; the best of them that are looked at
static const float ALIKE = 0.8f;

typedef struct {
    int64_t profile, key;
    topic_guess guess[TOPIC_GUESSES];
    size_t n;
    int far; // of the nearest chance from one half
} doubt;

typedef struct {
    arena *a;
    doubt *v;
    size_t n, room;
    map64 at;
} doubts;

static void add_guess(doubts *d, int64_t profile, int64_t key, topic_guess g) {
    const int64_t place[] = {profile, key};
    bool made;
    const int32_t at =
        *map64_at(&d->at, (int64_t)str_hash((str){(const char *)place, sizeof place}), (int32_t)d->n, &made);
    if (made && d->n == d->room) {
        doubt *more = make(d->a, doubt, d->room = d->room ? d->room * 2 : 256);
        if (d->n) memcpy(more, d->v, d->n * sizeof *more);
        d->v = more;
    }
    if (made) d->v[d->n++] = (doubt){.profile = profile, .key = key, .far = 1000};
    doubt *x = &d->v[at];
    const int far = g.sure > 500 ? g.sure - 500 : 500 - g.sure;
    if (x->n < TOPIC_GUESSES) x->guess[x->n++] = g;
    x->far = MIN(x->far, far);
}

static int nearest_half(const void *x, const void *y) {
    const doubt *p = x, *q = y;
    if (p->far != q->far) return p->far < q->far ? -1 : 1;
    if (p->profile != q->profile) return p->profile < q->profile ? -1 : 1;
    return (p->key > q->key) - (p->key < q->key);
}

static int surest(const void *x, const void *y) {
    const topic_guess *p = x, *q = y;
    return (p->sure < q->sure) - (p->sure > q->sure);
}

static bool alike(const topic_word *x, const topic_word *y) {
    if (x->vector && y->vector) return embedding_dot(x->vector, y->vector) > ALIKE;
    return str_eq(x->text, y->text);
}

static bool concerned(const topics *t, const topic *x, enum topic_axis axis, int64_t root) {
    const topic *now = topics_now(t, x->id);
    return now && now->axis == axis && (!root || topics_under(t, now->id, root));
}

bool topic_waiting(store *s, const topics *t, enum topic_axis axis, int64_t *waiting, err *e) {
    size_t n;
    const topic *all = topics_all(t, &n);
    *waiting = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t more;
        if (!concerned(t, &all[i], axis, 0)) continue;
        if (!store_int(s, Q_topic_doubt_count, &more, 0, e, "i", all[i].id)) return false;
        *waiting += more;
    }
    return true;
}

bool topic_ask(arena *a, store *s, const topics *t, enum topic_axis axis, int64_t root, topic_question **out, size_t *n,
               int64_t *waiting, err *e) {
    size_t n_all;
    const topic *all = topics_all(t, &n_all);
    doubts d = {.a = a, .at = map64_new(a, 1024)};
    *out = make(a, topic_question, TOPIC_ASKED), *n = 0;
    for (size_t i = 0; i < n_all; i++) {
        if (!concerned(t, &all[i], axis, root)) continue;
        const int64_t id = topics_now(t, all[i].id)->id;
        for (row r = store_query(s, Q_topic_doubts, e, "ii", all[i].id, (int64_t)OF_TOPIC); row_next(&r);)
            add_guess(&d, row_int(&r, 0), row_int(&r, 1), (topic_guess){id, (int)row_int(&r, 2)});
    }
    if (!err_ok(e) || !topic_waiting(s, t, axis, waiting, e)) return false;
    if (d.n) qsort(d.v, d.n, sizeof *d.v, nearest_half);
    for (size_t i = 0; i < MIN(d.n, (size_t)LOOKED) && *n < TOPIC_ASKED; i++) {
        topic_question *q = &(*out)[*n];
        bool there, fresh = true;
        if (!topic_word_get(a, s, d.v[i].profile, d.v[i].key, &q->w, &there, e)) return false;
        for (size_t k = 0; there && k < *n && fresh; k++) fresh = !alike(&q->w, &(*out)[k].w);
        if (!there || !fresh) continue;
        q->n = d.v[i].n;
        memcpy(q->guesses, d.v[i].guess, sizeof q->guesses);
        qsort(q->guesses, q->n, sizeof *q->guesses, surest);
        ++*n;
    }
    return true;
}
