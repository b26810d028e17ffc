#include "link/cluster_private.h"

#include <math.h>

// Average linkage on a sparse graph: pairs of clusters that have at least one pair between them are ties; a join makes
// two ties to a third cluster one. Only ties whose mean reaches the bar wait in the heap.
typedef struct {
    uint32_t a, b;
    uint32_t support;        // most third records of which both ends of one of its pairs are sure
    uint32_t stamp;          // which entry of the heap speaks for it
    bool never, gone;        //
    uint64_t compared, good; // pairs between the two that were compared; that reach the bar alone
    int64_t sum, best;       // of the compared, in grains; the best one without cap
} tie;

typedef struct {
    uint32_t size, first;            // records; smallest local number
    uint32_t smallest;               // row
    uint32_t *ties, n, room;         // indexes of ties
    uint64_t sources;                // clean sources that have a record here
    uint32_t bridge_a, bridge_b;     // of its last join, when that rests on little
    uint64_t bridge_good, bridge_of; //
} cluster;

typedef struct {
    double mean;
    uint32_t support; // for equal means: the tie that more third records speak for
    int64_t best;     // then the better pair
    uint32_t lo, hi;  // and then the clusters' first records
    uint32_t tie, stamp;
} waiting;

typedef struct {
    one_component *c;
    arena *a;
    cluster *cl;
    uint32_t *parent; // local number → cluster
    tie *ties;
    uint32_t n_ties;
    waiting *heap;
    uint32_t n_heap, room_heap;
    uint32_t *mark; // per cluster, while two are joined: its tie with the larger one, plus 1
} linkage;

// ---- heap ----

static bool before(const waiting *x, const waiting *y) {
    if (x->mean != y->mean) return x->mean > y->mean;
    if (x->support != y->support) return x->support > y->support;
    if (x->best != y->best) return x->best > y->best;
    return x->lo != y->lo ? x->lo < y->lo : x->hi < y->hi;
}

static void heap_push(linkage *l, waiting w) {
    if (l->n_heap == l->room_heap) {
        waiting *more = make(l->a, waiting, l->room_heap *= 2);
        memcpy(more, l->heap, l->n_heap * sizeof *more);
        l->heap = more;
    }
    uint32_t i = l->n_heap++;
    for (; i && before(&w, &l->heap[(i - 1) / 2]); i = (i - 1) / 2) l->heap[i] = l->heap[(i - 1) / 2];
    l->heap[i] = w;
}

static waiting heap_pop(linkage *l) {
    waiting top = l->heap[0], last = l->heap[--l->n_heap];
    uint32_t i = 0;
    for (uint32_t k; (k = 2 * i + 1) < l->n_heap; i = k) {
        if (k + 1 < l->n_heap && before(&l->heap[k + 1], &l->heap[k])) k++;
        if (!before(&l->heap[k], &last)) break;
        l->heap[i] = l->heap[k];
    }
    l->heap[i] = last;
    return top;
}

// ---- ties ----

static double mean_of(const linkage *l, const tie *t) {
    uint64_t all = (uint64_t)l->cl[t->a].size * l->cl[t->b].size;
    int64_t unseen = all > t->compared ? (int64_t)(all - t->compared) * l->c->unseen : 0;
    return (double)(t->sum + unseen) / (double)all;
}

static void wait_for(linkage *l, uint32_t at) {
    tie *t = &l->ties[at];
    cluster *a = &l->cl[t->a], *b = &l->cl[t->b];
    t->stamp++;
    if (t->never || a->sources & b->sources) return;
    double mean = mean_of(l, t);
    if (mean < (double)l->c->join) return;
    heap_push(l, (waiting){mean, t->support, t->best, MIN(a->first, b->first), MAX(a->first, b->first), at, t->stamp});
}

static void add_tie(linkage *l, uint32_t of, uint32_t at) {
    cluster *x = &l->cl[of];
    if (x->n == x->room) {
        uint32_t *more = make(l->a, uint32_t, x->room = x->room ? x->room * 2 : 4);
        if (x->n) memcpy(more, x->ties, x->n * sizeof *more);
        x->ties = more;
    }
    x->ties[x->n++] = at;
}

static uint32_t other_end(const tie *t, uint32_t me) {
    return t->a == me ? t->b : t->a;
}

static void tie_into(tie *into, const tie *t) {
    into->sum += t->sum, into->compared += t->compared, into->good += t->good, into->never |= t->never;
    into->best = MAX(into->best, t->best), into->support = MAX(into->support, t->support);
}

// The ties of the smaller list go over to the larger one's cluster.
static void take_ties(linkage *l, uint32_t big, uint32_t small) {
    cluster *x = &l->cl[big], *y = &l->cl[small];
    uint32_t kept = 0;
    for (uint32_t i = 0; i < x->n; i++) {
        tie *t = &l->ties[x->ties[i]];
        uint32_t other = other_end(t, big);
        if (t->gone || other == small) continue;
        l->mark[other] = x->ties[i] + 1;
        x->ties[kept++] = x->ties[i];
    }
    x->n = kept;
    for (uint32_t i = 0; i < y->n; i++) {
        tie *t = &l->ties[y->ties[i]];
        uint32_t other = other_end(t, small);
        if (t->gone) continue;
        if (other != big && !l->mark[other]) {
            t->a = big, t->b = other;
            add_tie(l, big, y->ties[i]);
            continue;
        }
        if (other != big) tie_into(&l->ties[l->mark[other] - 1], t);
        t->gone = true;
    }
    for (uint32_t i = 0; i < kept; i++) l->mark[other_end(&l->ties[x->ties[i]], big)] = 0;
}

// ---- joins ----

static void note_bridge(cluster *x, const cluster *y, const tie *t) {
    uint64_t all = (uint64_t)x->size * y->size;
    x->bridge_of = 0;
    if (x->size < 3 || y->size < 3 || t->good * 3 >= all) return;
    x->bridge_a = MIN(x->smallest, y->smallest), x->bridge_b = MAX(x->smallest, y->smallest);
    x->bridge_good = t->good, x->bridge_of = all;
}

static void join(linkage *l, uint32_t a, uint32_t b, const tie *t) {
    if (l->cl[a].n < l->cl[b].n) {
        uint32_t other = a;
        a = b, b = other;
    }
    cluster *x = &l->cl[a], *y = &l->cl[b];
    note_bridge(x, y, t);
    l->parent[b] = a;
    take_ties(l, a, b);
    x->size += y->size, x->sources |= y->sources;
    x->first = MIN(x->first, y->first), x->smallest = MIN(x->smallest, y->smallest);
}

static uint32_t cluster_of(linkage *l, uint32_t i) {
    while (l->parent[i] != i) i = l->parent[i] = l->parent[l->parent[i]];
    return i;
}

static int by_ends(const void *p, const void *q) {
    const tie *x = p, *y = q;
    if (x->a != y->a) return x->a < y->a ? -1 : 1;
    return (x->b > y->b) - (x->b < y->b);
}

// What a person said of a pair, and what was compared of it, are one tie.
static void fold_ties(linkage *l) {
    qsort(l->ties, l->n_ties, sizeof *l->ties, by_ends);
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->n_ties; i++)
        if (n && !by_ends(&l->ties[n - 1], &l->ties[i]))
            tie_into(&l->ties[n - 1], &l->ties[i]);
        else
            l->ties[n++] = l->ties[i];
    l->n_ties = n;
}

static tie tie_of(const one_component *c, const link_pair *p) {
    tie t = {.a = MIN(p->a, p->b), .b = MAX(p->a, p->b), .best = INT64_MIN};
    if (isinf(p->weight)) {
        t.never = p->weight < 0;
        return t;
    }
    int64_t w = cluster_grains(p->weight);
    t.compared = 1, t.good = w >= c->join, t.best = w;
    t.sum = w < -c->cap ? -c->cap : MIN(w, c->cap);
    return t;
}

// A pair of records is as good as the triangles it stands in: what many weigh alike goes before what one pair says,
// however loudly. Left out where it would cost more than the clusters are worth.
static void count_support(linkage *l) {
    enum { MOST_STEPS = 1 << 26 };
    uint64_t steps = 0;
    for (uint32_t i = 0; i < l->n_ties; i++) steps += MIN(l->cl[l->ties[i].a].n, l->cl[l->ties[i].b].n);
    if (l->c->o->clean || steps > MOST_STEPS) return;
    for (uint32_t x = 0; x < l->c->n; x++) {
        const cluster *me = &l->cl[x];
        for (uint32_t i = 0; i < me->n; i++) {
            const tie *t = &l->ties[me->ties[i]];
            if (t->good) l->mark[other_end(t, x)] = 1;
        }
        for (uint32_t i = 0; i < me->n; i++) {
            tie *t = &l->ties[me->ties[i]];
            uint32_t y = other_end(t, x);
            const cluster *you = &l->cl[y];
            if (!t->good || you->n > me->n || (you->n == me->n && y > x)) continue;
            for (uint32_t j = 0; j < you->n; j++) {
                const tie *q = &l->ties[you->ties[j]];
                t->support += q->good && l->mark[other_end(q, y)];
            }
        }
        for (uint32_t i = 0; i < me->n; i++) l->mark[other_end(&l->ties[me->ties[i]], x)] = 0;
    }
}

static void begin(linkage *l) {
    one_component *c = l->c;
    l->cl = make(l->a, cluster, c->n);
    l->parent = make(l->a, uint32_t, c->n);
    l->mark = make(l->a, uint32_t, c->n);
    l->ties = make(l->a, tie, c->n_pairs);
    for (uint32_t i = 0; i < c->n; i++) {
        uint8_t source = clean_of(c, i);
        l->parent[i] = i;
        l->cl[i] =
            (cluster){.size = 1, .first = i, .smallest = c->row[i], .sources = source ? 1ull << (source - 1) : 0};
    }
    for (uint32_t i = 0; i < c->n_pairs; i++) l->ties[l->n_ties++] = tie_of(c, &c->p[i]);
    if (c->said) fold_ties(l);
    for (uint32_t i = 0; i < l->n_ties; i++) l->cl[l->ties[i].a].room++, l->cl[l->ties[i].b].room++;
    for (uint32_t i = 0; i < c->n; i++) l->cl[i].ties = make(l->a, uint32_t, l->cl[i].room);
    for (uint32_t i = 0; i < l->n_ties; i++) add_tie(l, l->ties[i].a, i), add_tie(l, l->ties[i].b, i);
    count_support(l);
    l->room_heap = l->n_ties + 16;
    l->heap = make(l->a, waiting, l->room_heap);
}

// What a person joined is together before anything is weighed.
static void join_said(linkage *l) {
    static const tie no_tie = {0};
    for (uint32_t i = 0; l->c->said && i < l->c->n_pairs; i++) {
        const link_pair *p = &l->c->p[i];
        if (!isinf(p->weight) || p->weight < 0) continue;
        uint32_t a = cluster_of(l, p->a), b = cluster_of(l, p->b);
        if (a != b) join(l, a, b, &no_tie), l->cl[cluster_of(l, a)].bridge_of = 0;
    }
}

static void tell(linkage *l) {
    one_component *c = l->c;
    link_clusters *told = c->told;
    if (!told) return;
    for (uint32_t i = 0; i < l->n_ties; i++) {
        const tie *t = &l->ties[i];
        if (t->gone || l->parent[t->a] != t->a || l->parent[t->b] != t->b) continue;
        told->refused += (uint32_t)t->good;
        if (t->never) told->vetoed += (uint32_t)t->good;
        if (!t->never && l->cl[t->a].sources & l->cl[t->b].sources) told->outbid += (uint32_t)t->good;
    }
    for (uint32_t i = 0; i < c->n; i++) {
        const cluster *x = &l->cl[i];
        if (l->parent[i] != i || !x->bridge_of) continue;
        cluster_alarm(c, (link_alarm){.cluster = x->smallest,
                                      .n = x->size,
                                      .bridge = true,
                                      .bridge_a = x->bridge_a,
                                      .bridge_b = x->bridge_b,
                                      .bridge_seen = (uint32_t)x->bridge_good,
                                      .bridge_of = x->bridge_of});
    }
}

void cluster_by_mean(arena scratch, one_component *c) {
    linkage l = {.c = c, .a = &scratch};
    begin(&l);
    join_said(&l);
    for (uint32_t i = 0; i < l.n_ties; i++)
        if (!l.ties[i].gone) wait_for(&l, i);
    while (l.n_heap) {
        waiting w = heap_pop(&l);
        tie *t = &l.ties[w.tie];
        if (t->gone || t->stamp != w.stamp) continue;
        uint32_t a = t->a;
        join(&l, a, t->b, &(tie){.good = t->good});
        a = cluster_of(&l, a);
        for (uint32_t i = 0; i < l.cl[a].n; i++) wait_for(&l, l.cl[a].ties[i]);
    }
    for (uint32_t i = 0; i < c->n; i++) c->of[i] = l.cl[cluster_of(&l, i)].first;
    tell(&l);
}
