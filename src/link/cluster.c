#include "link/cluster_private.h"

#include "base/radix.h"

#include <math.h>

int64_t cluster_grains(float bits) {
    return (int64_t)lrintf(bits / LINK_GRAIN);
}

// ---- components ----

// The smallest row of a component is its root.
static uint32_t root_of(uint32_t *parent, uint32_t i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
}

static void unite(uint32_t *parent, uint32_t a, uint32_t b) {
    a = root_of(parent, a), b = root_of(parent, b);
    if (a < b)
        parent[b] = a;
    else
        parent[a] = b;
}

static void flatten(uint32_t *parent, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) parent[i] = parent[parent[i]]; // what is smaller is flat already
}

void link_components(const link_pair *p, size_t n, uint32_t n_records, float join, uint32_t *component) {
    for (uint32_t i = 0; i < n_records; i++) component[i] = i;
    for (size_t i = 0; i < n; i++)
        if (p[i].weight >= join) unite(component, p[i].a, p[i].b);
    flatten(component, n_records);
}

// ---- the work ----

typedef struct {
    const link_cluster_opts *o;
    arena *a; // where alarms live
    link_clusters *told;
    uint32_t n_records;
    uint32_t *root;    // per record
    uint32_t *rows;    // records of components of two and more, component by component
    uint32_t *at_row;  // per root: the end of its records in rows
    link_pair *pairs;  // of these components
    uint32_t *at_pair; // per root: the end of its pairs
    uint32_t *local;   // per record: its number in its component
    uint32_t *cluster;
} work;

static bool check(const link_pair *p, size_t n, uint32_t n_records, const link_cluster_opts *o, err *e) {
    if (n + o->n_said > UINT32_MAX)
        return fail(e, ERR_invalid, "more than 4,294,967,295 pairs; raise the threshold below which none are kept");
    for (size_t i = 0; i < n; i++)
        if (p[i].a >= n_records || p[i].b >= n_records || p[i].a == p[i].b || isnan(p[i].weight))
            return fail(e, ERR_invalid, "pair %zu is of records %u and %u of %u", i, p[i].a, p[i].b, n_records);
    for (size_t i = 0; i < o->n_said; i++)
        if (o->said[i].a >= n_records || o->said[i].b >= n_records)
            return fail(e, ERR_invalid, "a person's word %zu is of records %u and %u of %u", i, o->said[i].a,
                        o->said[i].b, n_records);
    return true;
}

static link_pair said_pair(const link_said *s) {
    return (link_pair){s->a, s->b, s->same ? INFINITY : -INFINITY};
}

// From counts to where each begins; counts of roots alone.
static uint32_t begins(uint32_t *count, uint32_t n) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t c = count[i];
        count[i] = sum, sum += c;
    }
    return sum;
}

static void place_pair(work *w, link_pair p) {
    uint32_t root = w->root[p.a];
    if (root == w->root[p.b] && p.a != p.b) w->pairs[w->at_pair[root]++] = p;
}

static void place_pairs(work *w, arena *a, const link_pair *p, size_t n) {
    const link_cluster_opts *o = w->o;
    w->at_pair = make(a, uint32_t, w->n_records + 1);
    for (size_t i = 0; i < n; i++)
        if (w->root[p[i].a] == w->root[p[i].b]) w->at_pair[w->root[p[i].a]]++;
    for (size_t i = 0; i < o->n_said; i++)
        if (w->root[o->said[i].a] == w->root[o->said[i].b]) w->at_pair[w->root[o->said[i].a]]++;
    w->pairs = make(a, link_pair, begins(w->at_pair, w->n_records) + 1);
    for (size_t i = 0; i < n; i++) place_pair(w, p[i]);
    for (size_t i = 0; i < o->n_said; i++) place_pair(w, said_pair(&o->said[i]));
}

static void place_rows(work *w, arena *a) {
    w->at_row = make(a, uint32_t, w->n_records + 1), w->local = make(a, uint32_t, w->n_records + 1);
    w->rows = make(a, uint32_t, w->n_records + 1);
    for (uint32_t i = 0; i < w->n_records; i++) w->at_row[w->root[i]]++;
    begins(w->at_row, w->n_records);
    for (uint32_t i = 0; i < w->n_records; i++) w->rows[w->at_row[w->root[i]]++] = i;
}

// Ties between equal weights go by what records say, not by where they stand.
static void by_canon(arena scratch, const work *w, uint32_t *rows, uint32_t n) {
    keyed *k = make(&scratch, keyed, n);
    for (uint32_t i = 0; i < n; i++) {
        keyed x = {w->o->canon[rows[i]], rows[i]};
        uint32_t j = i;
        for (; n <= 16 && j && k[j - 1].key > x.key; j--) k[j] = k[j - 1];
        k[j] = x;
    }
    if (n > 16) radix_sort(scratch, k, n);
    for (uint32_t i = 0; i < n; i++) rows[i] = k[i].at;
}

// All compared, all above the bar: nothing to weigh.
static bool is_plain(const one_component *c) {
    if (c->o->clean || c->n_pairs != (uint64_t)c->n * (c->n - 1) / 2) return false;
    for (uint32_t i = 0; i < c->n_pairs; i++)
        if (isinf(c->p[i].weight) || cluster_grains(c->p[i].weight) < c->join) return false;
    return true;
}

static void decide(arena scratch, work *w, one_component *c, uint32_t *rows) {
    c->of = make(&scratch, uint32_t, c->n);
    if (!is_plain(c)) {
        if (w->o->canon) by_canon(scratch, w, rows, c->n);
        for (uint32_t i = 0; i < c->n; i++) w->local[rows[i]] = i;
        for (uint32_t i = 0; i < c->n_pairs; i++) {
            link_pair *p = &c->p[i];
            p->a = w->local[p->a], p->b = w->local[p->b];
            c->said |= isinf(p->weight);
        }
        if (!cluster_by_match(scratch, c)) cluster_by_mean(scratch, c);
    }
    uint32_t *smallest = make(&scratch, uint32_t, c->n);
    for (uint32_t i = 0; i < c->n; i++) smallest[i] = UINT32_MAX;
    for (uint32_t i = 0; i < c->n; i++) smallest[c->of[i]] = MIN(smallest[c->of[i]], rows[i]);
    for (uint32_t i = 0; i < c->n; i++) w->cluster[rows[i]] = smallest[c->of[i]];
}

static void decide_all(work *w, arena scratch) {
    const link_cluster_opts *o = w->o;
    one_component c = {.o = o, .told = w->told, .alarms = w->a};
    c.join = cluster_grains(o->join);
    c.unseen = cluster_grains(o->unseen != 0 ? o->unseen : LINK_UNSEEN_BITS);
    c.cap = cluster_grains(o->cap > 0 ? o->cap : LINK_CAP_BITS);
    uint32_t row = 0, pair = 0;
    for (uint32_t i = 0; i < w->n_records; i++) {
        if (w->root[i] != i) continue;
        uint32_t *rows = w->rows + row;
        c.row = rows, c.n = w->at_row[i] - row, c.p = w->pairs + pair, c.n_pairs = w->at_pair[i] - pair;
        c.said = false, row = w->at_row[i], pair = w->at_pair[i];
        if (c.n == 1) {
            w->cluster[i] = i;
            continue;
        }
        if (w->told) w->told->components++, w->told->largest_component = MAX(w->told->largest_component, c.n);
        decide(scratch, w, &c, rows);
    }
}

// ---- what is told ----

void cluster_alarm(one_component *c, link_alarm al) {
    link_clusters *t = c->told;
    if (t->n_alarms == c->room_alarms) {
        link_alarm *more = make(c->alarms, link_alarm, c->room_alarms = c->room_alarms ? c->room_alarms * 2 : 64);
        if (t->n_alarms) memcpy(more, t->alarms, t->n_alarms * sizeof *more);
        t->alarms = more;
    }
    t->alarms[t->n_alarms++] = al;
}

// The size that 99.9 % of the clusters of two and more do not pass.
static uint32_t usual_size(arena scratch, const uint32_t *size, uint32_t n, uint32_t largest, uint32_t clusters) {
    uint32_t *of_size = make(&scratch, uint32_t, (size_t)largest + 1), at = largest;
    for (uint32_t i = 0; i < n; i++)
        if (size[i] >= 2) of_size[size[i]]++;
    for (uint64_t above = 0; at > 2; at--) {
        above += of_size[at];
        if (above * 1000 > clusters) break;
    }
    return at;
}

static int by_cluster(const void *p, const void *q) {
    const link_alarm *x = p, *y = q;
    if (x->cluster != y->cluster) return x->cluster < y->cluster ? -1 : 1;
    return y->bridge - x->bridge;
}

static int by_size(const void *p, const void *q) {
    const link_alarm *x = p, *y = q;
    if (x->large != y->large) return y->large - x->large;
    if (x->n != y->n) return x->n > y->n ? -1 : 1;
    return (x->cluster > y->cluster) - (x->cluster < y->cluster);
}

static void merge_alarms(link_clusters *t) {
    size_t n = 0;
    if (!t->n_alarms) return;
    qsort(t->alarms, t->n_alarms, sizeof *t->alarms, by_cluster);
    for (size_t i = 0; i < t->n_alarms; i++)
        if (n && t->alarms[n - 1].cluster == t->alarms[i].cluster)
            t->alarms[n - 1].large |= t->alarms[i].large;
        else
            t->alarms[n++] = t->alarms[i];
    t->n_alarms = n;
    qsort(t->alarms, n, sizeof *t->alarms, by_size);
}

static void tell_sizes(work *w, arena *scratch) {
    link_clusters *t = w->told;
    uint32_t *size = make(scratch, uint32_t, w->n_records + 1);
    for (uint32_t i = 0; i < w->n_records; i++) {
        uint32_t n = ++size[w->cluster[i]];
        t->clusters += n == 2, t->largest_cluster = MAX(t->largest_cluster, n);
    }
    uint32_t usual = MAX(usual_size(*scratch, size, w->n_records, t->largest_cluster, t->clusters), 16);
    one_component c = {.told = t, .alarms = w->a, .room_alarms = (uint32_t)t->n_alarms};
    for (uint32_t i = 0; i < w->n_records; i++)
        if (size[i] > usual) cluster_alarm(&c, (link_alarm){.cluster = i, .n = size[i], .large = true});
    merge_alarms(t);
}

static void tell_said(work *w) {
    for (size_t i = 0; i < w->o->n_said; i++) {
        const link_said *s = &w->o->said[i];
        w->told->conflicts += !s->same && w->cluster[s->a] == w->cluster[s->b];
    }
}

bool link_cluster(arena *a, const link_pair *p, size_t n, uint32_t n_records, const link_cluster_opts *o,
                  uint32_t *cluster, err *e) {
    static const link_cluster_opts plain = {0};
    if (!o) o = &plain;
    if (!check(p, n, n_records, o, e)) return false;
    // Alarms live on in a; everything else is forgotten, so it needs an arena of its own, or, where there are no alarms
    // and little to do, what is left of a.
    const size_t need = ((size_t)n_records + 1) * 64 + (n + o->n_said + 1) * 1024, most = (size_t)1 << 30;
    const bool small = !o->told && need < (size_t)4 << 20 && arena_left(a) > (size_t)64 << 20;
    arena own = small ? *a : arena_open(need + most);
    work w = {.o = o, .a = a, .told = o->told, .n_records = n_records, .cluster = cluster};
    if (w.told) *w.told = (link_clusters){0};
    w.root = make(&own, uint32_t, n_records + 1);
    link_components(p, n, n_records, o->join, w.root);
    for (size_t i = 0; i < o->n_said; i++)
        if (o->said[i].same) unite(w.root, o->said[i].a, o->said[i].b);
    flatten(w.root, n_records);
    place_rows(&w, &own);
    place_pairs(&w, &own, p, n);
    decide_all(&w, own);
    if (w.told) tell_sizes(&w, &own), tell_said(&w);
    if (!small) arena_close(&own);
    return true;
}
