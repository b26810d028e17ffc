#include "know/group.h"

#include "link/cluster.h"

// A unique value that a group holds.
typedef struct {
    int64_t hash;
    int32_t next; // index into the same array, -1 ends
    uint8_t kind;
    bool is_key;
} held;

typedef struct {
    const group_in *in;
    group_out *out;
    int32_t *parent;
    int32_t *first_held;
    bool *told; // per root: a person, or a source, joined two values of the group
    held *held;
    size_t n_held, room_links;
    arena *a;
    identity_rules rules;
} grouping;

static int32_t root_of(grouping *g, int32_t i) {
    while (g->parent[i] != i) i = g->parent[i] = g->parent[g->parent[i]];
    return i;
}

// A group in which two values were joined stands for both.
static bool stands_for(const grouping *g, int32_t a, const held *v) {
    if (!g->told[a]) return false;
    for (int32_t x = g->first_held[a]; x >= 0; x = g->held[x].next)
        if (g->held[x].kind == v->kind && g->held[x].hash == v->hash) return true;
    return false;
}

static bool values_agree(const grouping *g, int32_t a, int32_t b) {
    for (int32_t y = g->first_held[b]; y >= 0; y = g->held[y].next) {
        const held *q = &g->held[y];
        if (stands_for(g, a, q)) continue;
        for (int32_t x = g->first_held[a]; x >= 0; x = g->held[x].next) {
            const held *p = &g->held[x];
            if (p->kind == q->kind && p->hash != q->hash && !stands_for(g, b, p)) return false;
        }
    }
    return true;
}

static bool told_apart(grouping *g, int32_t a, int32_t b) {
    for (size_t i = 0; i < g->in->n_verdicts; i++) {
        const group_verdict *v = &g->in->verdicts[i];
        if (v->joined) continue;
        int32_t x = root_of(g, v->a), y = root_of(g, v->b);
        if ((x == a && y == b) || (x == b && y == a)) return true;
    }
    return false;
}

static void unite(grouping *g, int32_t a, int32_t b) {
    if (g->in->ids[b] < g->in->ids[a]) {
        int32_t t = a;
        a = b, b = t;
    }
    g->parent[b] = a, g->told[a] |= g->told[b];
    int32_t *end = &g->first_held[a];
    while (*end >= 0) end = &g->held[*end].next;
    *end = g->first_held[b]; // equal values may stand twice; that is harmless
}

static void add_link(grouping *g, int32_t a, int32_t b, const sighting *s, enum link_state state) {
    group_out *o = g->out;
    if (o->n_links == g->room_links) {
        group_link *more = make(g->a, group_link, g->room_links = g->room_links ? g->room_links * 2 : 256);
        if (o->n_links) memcpy(more, o->links, o->n_links * sizeof *more);
        o->links = more;
    }
    bool ordered = g->in->ids[a] < g->in->ids[b];
    o->links[o->n_links++] = (group_link){ordered ? a : b, ordered ? b : a, s->hash, s->kind, (uint8_t)state};
}

typedef struct {
    sighting s;
    uint64_t canon;
    int8_t rank; // UNIQUE first
} ranked;

static int by_rank(const void *p, const void *q) {
    const ranked *x = p, *y = q;
    if (x->rank != y->rank) return x->rank - y->rank;
    if (x->s.kind != y->s.kind) return x->s.kind - y->s.kind;
    if (x->s.hash != y->s.hash) return x->s.hash < y->s.hash ? -1 : 1;
    if (x->canon != y->canon) return x->canon < y->canon ? -1 : 1;
    return (x->s.profile > y->s.profile) - (x->s.profile < y->s.profile);
}

// Joins the profiles that share one identifier: each to the first group before it that it may join.
static void join_sharers(grouping *g, const ranked *r, size_t n) {
    for (size_t i = 1; i < n; i++) {
        int32_t me = r[i].s.profile, vetoed = -1;
        bool joined = false;
        for (size_t j = 0; j < i && !joined; j++) {
            int32_t other = r[j].s.profile, a = root_of(g, other), b = root_of(g, me);
            joined = a == b || (values_agree(g, a, b) && !told_apart(g, a, b));
            if (!joined && vetoed < 0) vetoed = other;
            if (!joined) continue;
            if (a != b) unite(g, a, b);
            add_link(g, other, me, &r[i].s, LINK_JOINED);
        }
        if (!joined) add_link(g, vetoed, me, &r[i].s, LINK_VETOED);
    }
}

static void demote(grouping *g, const ranked *r, size_t n) {
    sighting *d = &g->out->demoted[g->out->n_demoted++];
    *d = r[0].s;
    d->profile = (int32_t)n;
}

static void take_identifier(grouping *g, const ranked *r, size_t n) {
    if (n < 2 || (g->in->demoted && g->in->demoted(g->in->ctx, r[0].s.hash))) return;
    arena scratch = *g->a;
    uint16_t *days = make(&scratch, uint16_t, n);
    for (size_t i = 0; i < n; i++) days[i] = r[i].s.day;
    if (identity_rules_crowded(&g->rules, (enum ident_kind)r[0].s.kind, days, n))
        demote(g, r, n);
    else
        join_sharers(g, r, n);
}

static void hold_unique(grouping *g, const sighting *s) {
    int32_t *first = &g->first_held[s->profile];
    g->held[g->n_held] = (held){s->hash, *first, s->kind, s->is_key};
    *first = (int32_t)g->n_held++;
}

// The source names the profile by one value and has told of another of the same kind (an alias).
static bool has_alias(const grouping *g, int32_t first) {
    int32_t key = first;
    while (key >= 0 && !g->held[key].is_key) key = g->held[key].next;
    for (int32_t x = first; key >= 0 && x >= 0; x = g->held[x].next)
        if (g->held[x].kind == g->held[key].kind && g->held[x].hash != g->held[key].hash) return true;
    return false;
}

static ranked *rank_sightings(grouping *g, size_t *n) {
    const group_in *in = g->in;
    ranked *rs = make(g->a, ranked, in->n_seen + 1);
    *n = 0;
    for (size_t i = 0; i < in->n_seen; i++) {
        enum strength s = ident_strength(in->seen[i].kind);
        if (s == STRENGTH_UNIQUE) hold_unique(g, &in->seen[i]);
        if (g->rules.joins[in->seen[i].kind])
            rs[(*n)++] = (ranked){in->seen[i], in->canon[in->seen[i].profile], s == STRENGTH_UNIQUE ? 0 : 1};
    }
    qsort(rs, *n, sizeof *rs, by_rank);
    return rs;
}

// ---- likeness ----

typedef struct {
    link_pair p; // of groups, by number
    int32_t at;  // into in->alike
} alike_pair;

typedef struct {
    grouping *g;
    int32_t *number; // root → number of the group
    uint64_t *canon; // of each group: the smallest of its profiles'
    alike_pair *pairs;
    size_t n, groups;
} likening;

static void number_groups(likening *k) {
    grouping *g = k->g;
    const group_in *in = g->in;
    k->number = make(g->a, int32_t, in->n), k->canon = make(g->a, uint64_t, in->n);
    for (size_t i = 0; i < in->n; i++)
        if (g->parent[i] == (int32_t)i) k->number[i] = (int32_t)k->groups++, k->canon[k->number[i]] = UINT64_MAX;
    for (size_t i = 0; i < in->n; i++) {
        uint64_t *c = &k->canon[k->number[root_of(g, (int32_t)i)]];
        *c = MIN(*c, in->canon[i]);
    }
}

static int by_groups(const void *p, const void *q) {
    const alike_pair *x = p, *y = q;
    if (x->p.a != y->p.a) return x->p.a < y->p.a ? -1 : 1;
    if (x->p.b != y->p.b) return x->p.b < y->p.b ? -1 : 1;
    return (x->p.weight < y->p.weight) - (x->p.weight > y->p.weight); // the strongest first
}

// One pair for two groups: the strongest that was found between them.
static void pair_groups(likening *k) {
    const group_in *in = k->g->in;
    k->pairs = make(k->g->a, alike_pair, in->n_alike);
    for (size_t i = 0; i < in->n_alike; i++) {
        const group_alike *x = &in->alike[i];
        uint32_t a = (uint32_t)k->number[root_of(k->g, x->a)], b = (uint32_t)k->number[root_of(k->g, x->b)];
        if (a != b)
            k->pairs[k->n++] = (alike_pair){{MIN(a, b), MAX(a, b), link_grain((double)x->milli / 1000)}, (int32_t)i};
    }
    if (k->n) qsort(k->pairs, k->n, sizeof *k->pairs, by_groups);
    size_t n = 0;
    for (size_t i = 0; i < k->n; i++)
        if (!n || k->pairs[i].p.a != k->pairs[n - 1].p.a || k->pairs[i].p.b != k->pairs[n - 1].p.b)
            k->pairs[n++] = k->pairs[i];
    k->n = n;
}

static int by_strength_of(const likening *k, const alike_pair *x, const alike_pair *y) {
    if (x->p.weight != y->p.weight) return x->p.weight > y->p.weight ? -1 : 1;
    const uint64_t xa = k->canon[x->p.a], xb = k->canon[x->p.b], ya = k->canon[y->p.a], yb = k->canon[y->p.b];
    if (MIN(xa, xb) != MIN(ya, yb)) return MIN(xa, xb) < MIN(ya, yb) ? -1 : 1;
    return MAX(xa, xb) < MAX(ya, yb) ? -1 : 1;
}

static int by_strength(const void *p, const void *q, void *ctx) {
    return by_strength_of(ctx, p, q);
}

// What a person said to be two, between groups.
static link_said *said_apart(likening *k, size_t *n) {
    const group_in *in = k->g->in;
    link_said *said = make(k->g->a, link_said, in->n_verdicts + 1);
    *n = 0;
    for (size_t i = 0; i < in->n_verdicts; i++) {
        const group_verdict *v = &in->verdicts[i];
        uint32_t a = (uint32_t)k->number[root_of(k->g, v->a)], b = (uint32_t)k->number[root_of(k->g, v->b)];
        if (!v->joined && a != b) said[(*n)++] = (link_said){MIN(a, b), MAX(a, b), false};
    }
    return said;
}

static void join_alike(grouping *g) {
    likening k = {.g = g};
    err quiet = {0};
    if (!g->in->n_alike) return;
    number_groups(&k);
    pair_groups(&k);
    uint32_t *cluster = make(g->a, uint32_t, k.groups + 1);
    link_pair *pairs = make(g->a, link_pair, k.n + 1);
    for (size_t i = 0; i < k.n; i++) pairs[i] = k.pairs[i].p;
    link_cluster_opts o = {.join = (float)g->in->join_milli / 1000, .canon = k.canon};
    o.said = said_apart(&k, &o.n_said);
    if (!link_cluster(g->a, pairs, k.n, (uint32_t)k.groups, &o, cluster, &quiet))
        return; // only pairs out of range fail
    if (k.n) qsort_r(k.pairs, k.n, sizeof *k.pairs, by_strength, &k);
    for (size_t i = 0; i < k.n; i++) {
        const group_alike *x = &g->in->alike[k.pairs[i].at];
        int32_t a = root_of(g, x->a), b = root_of(g, x->b);
        if (cluster[k.pairs[i].p.a] != cluster[k.pairs[i].p.b]) continue;
        if (a != b && (!values_agree(g, a, b) || told_apart(g, a, b))) continue;
        if (a != b) unite(g, a, b);
        add_link(g, x->a, x->b, &(sighting){.hash = LINK_ALIKE_HASH}, LINK_ALIKE);
    }
}

void group_profiles(arena *a, const group_in *in, group_out *out) {
    *out = (group_out){.customer = make(a, int64_t, in->n), .demoted = make(a, sighting, in->n_seen + 1)};
    grouping g = {.in = in, .out = out, .a = a, .rules = in->rules ? *in->rules : identity_rules_usual()};
    g.parent = make(a, int32_t, in->n);
    g.first_held = make(a, int32_t, in->n);
    g.told = make(a, bool, in->n);
    g.held = make(a, held, in->n_seen + 1);
    for (size_t i = 0; i < in->n; i++) g.parent[i] = (int32_t)i, g.first_held[i] = -1;
    size_t n;
    ranked *rs = rank_sightings(&g, &n);
    for (size_t i = 0; i < in->n; i++) g.told[i] = has_alias(&g, g.first_held[i]);
    for (size_t i = 0; i < in->n_verdicts; i++) { // what a person joined comes first, and overrules a veto
        int32_t x = root_of(&g, in->verdicts[i].a), y = root_of(&g, in->verdicts[i].b);
        if (!in->verdicts[i].joined) continue;
        g.told[x] = true;
        if (x != y) unite(&g, x, y);
    }
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && rs[j].s.hash == rs[i].s.hash && rs[j].s.kind == rs[i].s.kind;) j++;
        take_identifier(&g, rs + i, j - i);
    }
    join_alike(&g);
    for (size_t i = 0; i < in->n; i++) out->customer[i] = in->ids[root_of(&g, (int32_t)i)];
}
