// Counting what stages come to.
#include "know/stage_figures.h"

#include <math.h>

#include "base/civil.h"
#include "know/inbox.h"
#include "know/meaning_private.h"
#include "know/topic_read.h"
#include "sql/know_stage.h"
#include "stats/many.h"
#include "stats/proportion.h"
#include "stats/survival.h"

enum { FELT = 200, STAY_DAYS = 365, LOOKED_MOST = 2000 };

typedef struct {
    arena *a;
    const journey *j;
    int64_t since, until, now;
    stages_figures *out;
} counting;

static ptrdiff_t place_in(const journey *j, int64_t id) {
    for (size_t i = 0; i < j->n; i++)
        if (j->v[i].id == id) return (ptrdiff_t)i;
    return -1;
}

// ---- moods: rows come by stage and person ----

typedef struct {
    int64_t *told, *bad, *good; // of each person
    size_t n, room;
} persons;

static void grow(arena *a, int64_t **v, size_t n, size_t room) {
    int64_t *more = make(a, int64_t, room);
    if (n) memcpy(more, *v, n * sizeof *more);
    *v = more;
}

static void next_person(arena *a, persons *p) {
    if (p->n == p->room) {
        const size_t room = p->room ? p->room * 2 : 1024;
        grow(a, &p->told, p->n, room), grow(a, &p->bad, p->n, room), grow(a, &p->good, p->n, room);
        p->room = room;
    }
    p->told[p->n] = p->bad[p->n] = p->good[p->n] = 0;
    p->n++;
}

static void take_feelings(counting *k, stage_figures *f, str feelings, bool *felt) {
    meaning m = {0};
    (void)k;
    meaning_read_feelings(&m, feelings);
    for (int i = 0; i < FEELINGS; i++)
        if (m.feeling[i] >= FELT && !felt[i]) felt[i] = true, f->feeling[i]++;
}

static void close_stage(counting *k, stage_figures *f, persons *p, bool now) {
    estimate unhappy = proportion_clustered(k->a, p->bad, p->told, p->n);
    if (!now) {
        f->unhappy_before = unhappy;
    } else {
        f->unhappy = unhappy, f->people = (int64_t)p->n;
        f->happy = proportion_clustered(k->a, p->good, p->told, p->n);
    }
    p->n = 0;
}

// f NULL: words of a stage that is no more.
static bool count_moods(counting *k, store *s, int64_t since, int64_t until, bool now, err *e) {
    persons p = {0};
    stage_figures *f = NULL;
    int64_t stage = -1, customer = -1;
    bool felt[FEELINGS] = {0};
    for (row r = store_query(s, Q_stage_moods, e, "ii", since, until); row_next(&r);) {
        if (row_int(&r, 0) != stage) {
            if (f) close_stage(k, f, &p, now);
            stage = row_int(&r, 0), customer = -1;
            const ptrdiff_t at = place_in(k->j, stage);
            f = at < 0 ? NULL : &k->out->of[at];
        }
        if (!f) continue;
        if (row_int(&r, 1) != customer) {
            customer = row_int(&r, 1), memset(felt, 0, sizeof felt);
            next_person(k->a, &p);
        }
        *(now ? &f->words : &f->words_before) += 1;
        const meaning m = {.has_mood = !row_null(&r, 3), .bad = (int)row_int(&r, 4), .good = (int)row_int(&r, 5)};
        const int class = row_null(&r, 7) ? meaning_class(&m) : (int)row_int(&r, 7);
        if (class != MOOD_UNKNOWN) {
            p.told[p.n - 1]++;
            p.bad[p.n - 1] += class<0, p.good[p.n - 1] += class> 0;
        }
        if (now && row_str(&r, 6).len > 2) take_feelings(k, f, row_str(&r, 6), felt);
    }
    if (f) close_stage(k, f, &p, now);
    return err_ok(e);
}

static void compare(counting *k) {
    double p[STAGES_MOST];
    for (size_t i = 0; i < k->j->n; i++) {
        stage_figures *f = &k->out->of[i];
        f->changed = proportion_change(&f->unhappy, &f->unhappy_before);
        p[i] = f->changed.p;
    }
    many_adjust(*k->a, p, p, k->j->n);
    for (size_t i = 0; i < k->j->n; i++) k->out->of[i].p = p[i];
}

// ---- topics ----

static void keep_topic(stage_figures *f, stage_topic t) {
    size_t i = MIN(f->n_topics, (size_t)STAGE_TOPICS - 1);
    if (f->n_topics == STAGE_TOPICS && f->topics[i].people >= t.people) return;
    if (f->n_topics < STAGE_TOPICS) f->n_topics++;
    for (; i && f->topics[i - 1].people < t.people; i--) f->topics[i] = f->topics[i - 1];
    f->topics[i] = t;
}

typedef struct {
    persons p;
    stage_topic at;
    int64_t stage, customer;
} topical;

static void close_topic(counting *k, topical *t) {
    const ptrdiff_t at = place_in(k->j, t->stage);
    t->at.people = (int64_t)t->p.n;
    t->at.unhappy = proportion_clustered(k->a, t->p.bad, t->p.told, t->p.n);
    if (at >= 0 && t->at.topic) keep_topic(&k->out->of[at], t->at);
    t->p.n = 0;
}

static bool count_topics(counting *k, store *s, err *e) {
    topical t = {.customer = -1};
    for (row r = store_query(s, Q_stage_topics, e, "ii", k->since, k->until); row_next(&r);) {
        if (row_int(&r, 0) != t.stage || row_int(&r, 1) != t.at.topic) {
            close_topic(k, &t);
            t.stage = row_int(&r, 0), t.customer = -1;
            t.at = (stage_topic){.topic = row_int(&r, 1)};
        }
        if (row_int(&r, 2) != t.customer) t.customer = row_int(&r, 2), next_person(k->a, &t.p);
        t.at.words++;
        if (row_null(&r, 3)) continue;
        t.p.told[t.p.n - 1]++;
        t.p.bad[t.p.n - 1] += row_int(&r, 3) <= -TOPIC_FELT, t.p.good[t.p.n - 1] += row_int(&r, 3) >= TOPIC_FELT;
    }
    close_topic(k, &t);
    return err_ok(e);
}

static bool name_topics(counting *k, store *s, err *e) {
    for (row r = store_query(s, Q_stage_topic_names, e, ""); row_next(&r);)
        for (size_t i = 0; i < k->j->n; i++)
            for (size_t t = 0; t < k->out->of[i].n_topics; t++)
                if (k->out->of[i].topics[t].topic == row_int(&r, 0))
                    k->out->of[i].topics[t].name = str_dup(k->a, row_str(&r, 1));
    return err_ok(e);
}

// ---- where people are and were ----

typedef struct {
    stay *v;
    size_t n, room;
} stays;

typedef struct {
    counting *k;
    stays of[STAGES_MOST];
    int64_t went[STAGES_MOST][STAGES_MOST + 1], ended[STAGES_MOST], in[STAGES_MOST], customers;
    uint32_t was, came; // of the customer at hand, by place
    bool there;
} walking;

static void push_stay(arena *a, stays *x, stay one) {
    if (x->n == x->room) {
        stay *more = make(a, stay, x->room = x->room ? x->room * 2 : 1024);
        if (x->n) memcpy(more, x->v, x->n * sizeof *more);
        x->v = more;
    }
    x->v[x->n++] = one;
}

// One stay, and where it went on: end INT64_MAX: it lasts.
static void walk(walking *w, int64_t stage, int64_t from, int64_t end, int64_t next) {
    counting *k = w->k;
    const ptrdiff_t at = place_in(k->j, stage), to = place_in(k->j, next);
    if (from >= k->until) return;
    w->there |= end > k->since;
    // Who begins with an order was looking for an instant: that is no stay.
    if (at < 0 || end - from < SECOND_US) return;
    if (end > k->since) w->was |= 1u << at;
    if (from >= k->since) w->came |= 1u << at;
    if (end >= k->since && end < k->until) w->ended[at]++, w->went[at][to < 0 ? STAGES_MOST : to]++;
    if (from >= k->since - STAY_DAYS * DAY_US)
        push_stay(k->a, &w->of[at],
                  (stay){.time = (double)(MIN(end, k->until) - from) / (double)DAY_US, .ended = end < k->until});
}

static void close_customer(walking *w) {
    for (size_t i = 0; i < w->k->j->n; i++) {
        w->in[i] += w->was >> i & 1;
        w->k->out->of[i].entered += w->came >> i & 1;
    }
    w->customers += w->there;
    w->was = w->came = 0, w->there = false;
}

static void tell_next(walking *w, size_t at) {
    stage_figures *f = &w->k->out->of[at];
    for (size_t to = 0; to <= STAGES_MOST; to++) {
        if (!w->went[at][to]) continue;
        const stage_step x = {to == STAGES_MOST ? 0 : w->k->j->v[to].id,
                              proportion(w->k->a, w->went[at][to], w->ended[at], (sampling){.of = "stay"})};
        size_t i = f->n_next++;
        for (; i && f->next[i - 1].share.value < x.share.value; i--) f->next[i] = f->next[i - 1];
        f->next[i] = x;
    }
}

static bool count_stays(counting *k, store *s, err *e) {
    walking w = {.k = k};
    int64_t customer = -1, from = 0, stage = 0;
    for (row r = store_query(s, Q_stage_spells, e, ""); row_next(&r);) {
        const bool same = row_int(&r, 0) == customer;
        if (customer >= 0) walk(&w, stage, from, same ? row_int(&r, 1) : INT64_MAX, same ? row_int(&r, 2) : -1);
        if (!same && customer >= 0) close_customer(&w);
        customer = row_int(&r, 0), from = row_int(&r, 1), stage = row_int(&r, 2);
    }
    if (customer >= 0) walk(&w, stage, from, INT64_MAX, -1), close_customer(&w);
    for (size_t i = 0; i < k->j->n; i++) {
        stage_figures *f = &k->out->of[i];
        const survival fit = survival_fit(k->a, w.of[i].v, w.of[i].n);
        f->days = survival_quantile(k->a, &fit, 0.5);
        f->reached = proportion(k->a, w.in[i], w.customers, (sampling){.of = "customer"});
        tell_next(&w, i);
    }
    return err_ok(e);
}

static bool count_now(counting *k, store *s, err *e) {
    for (row r = store_query(s, Q_stage_now_count, e, ""); row_next(&r);) {
        const ptrdiff_t at = place_in(k->j, row_int(&r, 0));
        k->out->customers += row_int(&r, 1);
        if (at >= 0) k->out->of[at].now = row_int(&r, 1);
    }
    for (size_t i = 0; i < k->j->n; i++)
        k->out->of[i].share = proportion(k->a, k->out->of[i].now, k->out->customers,
                                         (sampling){.base = k->out->customers, .of = "customer"});
    return err_ok(e);
}

bool stage_count(arena *a, store *s, const journey *j, int64_t since_us, int64_t until_us, int64_t now_us,
                 stages_figures *out, err *e) {
    *out = (stages_figures){.of = make(a, stage_figures, j->n + 1), .since_us = since_us, .until_us = until_us};
    counting k = {a, j, since_us, until_us, now_us, out};
    const estimate none = proportion_clustered(a, NULL, NULL, 0);
    for (size_t i = 0; i < j->n; i++)
        out->of[i] = (stage_figures){.unhappy = none, .happy = none, .unhappy_before = none};
    if (!count_now(&k, s, e) || !count_moods(&k, s, since_us, until_us, true, e) ||
        !count_moods(&k, s, since_us - (until_us - since_us), since_us, false, e) || !count_topics(&k, s, e) ||
        !name_topics(&k, s, e) || !count_stays(&k, s, e))
        return false;
    compare(&k);
    for (row r = store_query(s, Q_stage_words_count, e, "ii", since_us, until_us); row_next(&r);)
        out->words = row_int(&r, 0), out->untold = row_int(&r, 1);
    return err_ok(e);
}

bool stage_words(arena *a, store *s, int64_t stage, const stage_words_ask *ask, meaning **out, size_t *n, err *e) {
    *out = make(a, meaning, ask->most + 1), *n = 0;
    for (row r = store_query(s, Q_stage_words, e, "iiiii", stage, ask->since_us, ask->before_us, ask->before_key,
                             (int64_t)ask->most);
         row_next(&r);)
        if (*n < ask->most) (*out)[(*n)++] = meaning_row(a, &r);
    return err_ok(e);
}

bool stage_said(arena *a, store *s, const meaning *m, str *out, err *e) {
    return meaning_text(a, s, m, out, e);
}

// ---- what a change would come to ----

// The journey with the change in it.
static journey with(arena *a, const journey *j, const stage_row *x) {
    journey out = {.v = make(a, stage_row, j->n + 1)};
    for (size_t i = 0; i < j->n; i++) {
        if (out.n + 1 == (size_t)x->place) out.v[out.n++] = *x;
        if (j->v[i].id != x->id) out.v[out.n++] = j->v[i];
    }
    if (!journey_by_id(&out, x->id)) out.v[out.n++] = *x;
    return out;
}

static bool would_act(store *s, const stage_row *x, int64_t customer, const stage_now *at, int64_t now_us,
                      stage_outlook *out, err *e) {
    bool unhappy = false, held = false;
    if (!stage_unhappy(s, customer, at, now_us, &unhappy, e)) return false;
    for (size_t i = 0; i < x->n_acts; i++) held |= x->acts[i].what == STAGE_hold && (!x->acts[i].unhappy || unhappy);
    out->unhappy += unhappy, out->held += held;
    return true;
}

static bool try_one(arena a, store *s, const journey *now, const journey *then, const stage_row *x, int64_t customer,
                    int64_t now_us, stage_outlook *out, err *e) {
    stage_events ev;
    if (!stage_events_read(&a, s, customer, &ev, e)) return false;
    const stage_path was = stage_path_of(&a, now, &ev, now_us), is = stage_path_of(&a, then, &ev, now_us);
    stage_now at = {.due_us = is.due_us};
    at.id = stage_path_at(&is, now_us, &at.since_us);
    out->looked++;
    out->is += x->id && stage_path_at(&was, now_us, NULL) == x->id;
    if (at.id != x->id) return true;
    out->would++;
    return would_act(s, x, customer, &at, now_us, out, e);
}

static bool count_routed(arena *a, store *s, const stage_row *x, int64_t now_us, stage_outlook *out, err *e) {
    bool always = false, when_unhappy = false;
    for (size_t i = 0; i < x->n_acts; i++)
        if (x->acts[i].what == STAGE_route) *(x->acts[i].unhappy ? &when_unhappy : &always) = true;
    if (!x->id || (!always && !when_unhappy)) return true;
    int64_t ids[LOOKED_MOST];
    size_t n = 0;
    for (row r = store_query(s, Q_stage_waiting, e, "iii", x->id, now_us - INBOX_DAYS * DAY_US, (int64_t)LOOKED_MOST);
         row_next(&r);)
        if (n < LOOKED_MOST) ids[n++] = row_int(&r, 1);
    journey j;
    if (!err_ok(e) || !journey_read(a, s, &j, e)) return false;
    for (size_t i = 0; i < n; i++) {
        stage_now at;
        bool unhappy = false;
        if (!stage_of(a, s, &j, ids[i], now_us, &at, e)) return false;
        if (!always && !stage_unhappy(s, ids[i], &at, now_us, &unhappy, e)) return false;
        out->routed += always || unhappy;
    }
    return true;
}

bool stage_try(arena *a, store *s, const stage_row *x, int64_t now_us, stage_outlook *out, err *e) {
    journey j;
    int64_t *ids = make(a, int64_t, LOOKED_MOST);
    size_t n = 0;
    *out = (stage_outlook){0};
    if (!journey_read(a, s, &j, e) || !store_int(s, Q_stage_customers, &out->customers, 0, e, "")) return false;
    stage_row row_then = *x;
    if (!row_then.id) row_then.id = INT64_MAX;
    const journey then = with(a, &j, &row_then);
    const int64_t every = MAX(out->customers / LOOKED_MOST, 1);
    for (row r = store_query(s, Q_stage_some, e, "ii", every, (int64_t)LOOKED_MOST); row_next(&r);)
        if (n < LOOKED_MOST) ids[n++] = row_int(&r, 0);
    arena scratch = arena_open((size_t)1 << 28);
    for (size_t i = 0; err_ok(e) && i < n; i++)
        if (!try_one(scratch, s, &j, &then, &row_then, ids[i], now_us, out, e)) break;
    arena_close(&scratch);
    return err_ok(e) && count_routed(a, s, x, now_us, out, e);
}
