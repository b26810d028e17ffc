#include "link/stream_private.h"

#include <math.h>

#include "base/radix.h"

enum { MOST_PEOPLE = 64, MOST_OWNERS = 32 };

// What is decided together: values that connect, and the sightings between them.
typedef struct {
    stream *s;
    arena *a;
    uint32_t *v, n_v, room_v;
    uint32_t *g, n_g, room_g;
    unsigned roles; // bits of those that are here
    bool said;
} scope;

static void push(arena *a, uint32_t **x, uint32_t *n, uint32_t *room, uint32_t v) {
    if (*n == *room) {
        uint32_t *more = make(a, uint32_t, *room = *room ? *room * 2 : 64);
        if (*n) memcpy(more, *x, *n * sizeof *more);
        *x = more;
    }
    (*x)[(*n)++] = v;
}

// ---- hubs ----

static int by_time(const void *p, const void *q) {
    int32_t x = *(const int32_t *)p, y = *(const int32_t *)q;
    return (x > y) - (x < y);
}

// Most people first seen within a window.
static int most_within(int32_t *first, int n, uint32_t window_s) {
    if (!window_s) return n;
    int most = 0;
    if (n) qsort(first, (size_t)n, sizeof *first, by_time);
    for (int i = 0, j = 0; i < n; i++) {
        while ((int64_t)first[i] - first[j] > window_s) j++;
        most = MAX(most, i - j + 1);
    }
    return most;
}

static void count_people(stream *s, uint32_t v) {
    const stream_kind *k = &s->r.kind[s->v[v].kind];
    uint32_t who[MOST_PEOPLE];
    int32_t first[MOST_PEOPLE];
    int n = 0;
    uint32_t p = k->role == STREAM_UNIQUE ? NOBODY : s->v[v].places;
    for (; p != NOBODY && n <= MOST_PEOPLE; p = s->places[p].next) {
        const sighting *g = &s->s[s->places[p].sighting];
        if (!(g->kinds & s->unique_kinds)) continue;
        for (uint8_t i = 0; i < g->n && g->count && n <= MOST_PEOPLE; i++) {
            uint32_t u = ids_of(s, g)[i];
            if (u == v || role_of(s, u) != STREAM_UNIQUE || s->v[u].blocked) continue;
            int j = 0;
            while (j < n && who[j] != u) j++;
            if (j == MOST_PEOPLE) {
                n++;
                break;
            }
            if (j == n) who[n] = u, first[n++] = g->first_s;
            first[j] = MIN(first[j], g->first_s);
        }
    }
    s->v[v].n_people = (uint8_t)n;
    int most = n > MOST_PEOPLE ? n : most_within(first, n, k->people_s);
    bool hub = k->most_people && k->role != STREAM_UNIQUE && most > k->most_people;
    if (hub != s->v[v].hub) s->v[v].hub = hub, stream_open_around(s, v);
    s->v[v].counted = true;
}

bool stream_connects(stream *s, uint32_t v) {
    value *x = &s->v[v];
    if (!x->counted) count_people(s, v);
    return !x->blocked && !x->hub && role_of(s, v) != STREAM_NONE;
}

// ---- the component ----

static void reach(scope *c, uint32_t v) {
    stream *s = c->s;
    value *x = &s->v[v];
    if (x->mark == s->round) return;
    x->mark = s->round;
    x->parent = v;
    if (stream_connects(s, v)) {
        x->state = STREAM_OPEN, x->first_s = INT32_MAX;
        c->said |= x->said, c->roles |= 1u << role_of(s, v);
        push(c->a, &c->v, &c->n_v, &c->room_v, v);
    } else
        x->state = x->hub ? STREAM_HUB : STREAM_BLOCKED, x->profile = v;
}

static void reach_all(scope *c, const sighting *g) {
    for (uint8_t i = 0; i < g->n; i++) reach(c, ids_of(c->s, g)[i]);
}

static void reach_said(scope *c, uint32_t v) {
    stream *s = c->s;
    for (uint32_t i = 0; s->v[v].said && i < s->n_said; i++) {
        const said_pair *p = &s->said[i];
        if (p->said == STREAM_SAME && (p->a == v || p->b == v)) reach(c, p->a == v ? p->b : p->a);
    }
}

// One arena serves two growing lists in turn, so each copies when it grows.
static void gather(scope *c, uint32_t start) {
    stream *s = c->s;
    s->round++;
    push(c->a, &c->g, &c->n_g, &c->room_g, start);
    s->s[start].mark = s->round;
    reach_all(c, &s->s[start]);
    for (uint32_t i = 0; i < c->n_v; i++) {
        value *x = &s->v[c->v[i]];
        reach_said(c, c->v[i]);
        for (uint32_t p = x->places; p != NOBODY; p = s->places[p].next) {
            sighting *g = &s->s[s->places[p].sighting];
            if (!g->count) continue;
            x->first_s = MIN(x->first_s, g->first_s);
            if (g->mark == s->round) continue;
            g->mark = s->round;
            push(c->a, &c->g, &c->n_g, &c->room_g, s->places[p].sighting);
            reach_all(c, g);
        }
    }
    uint32_t n = 0; // taken back ones say nothing
    for (uint32_t i = 0; i < c->n_g; i++) {
        s->s[c->g[i]].open = false;
        if (s->s[c->g[i]].count) c->g[n++] = c->g[i];
    }
    c->n_g = n;
}

static uint32_t root_of(stream *s, uint32_t v) {
    while (s->v[v].parent != v) v = s->v[v].parent = s->v[s->v[v].parent].parent;
    return v;
}

static bool earlier_name(const stream *s, uint32_t a, uint32_t b) {
    const value *x = &s->v[a], *y = &s->v[b];
    return x->kind != y->kind ? x->kind < y->kind : x->hash < y->hash;
}

// ---- what people said ----

static bool said_apart(const scope *c, uint32_t a, uint32_t b) {
    stream *s = c->s;
    for (uint32_t i = 0; c->said && i < s->n_said; i++) {
        const said_pair *p = &s->said[i];
        if (p->said != STREAM_APART || s->v[p->a].mark != s->round || s->v[p->b].mark != s->round) continue;
        uint32_t x = root_of(s, p->a), y = root_of(s, p->b);
        if ((x == a && y == b) || (x == b && y == a)) return true;
    }
    return false;
}

static void unite(scope *c, uint32_t a, uint32_t b) {
    a = root_of(c->s, a), b = root_of(c->s, b);
    if (a == b || said_apart(c, a, b)) return;
    if (earlier_name(c->s, a, b))
        c->s->v[b].parent = a;
    else
        c->s->v[a].parent = b;
}

// The person of the value that this one was said to be the same as; NOBODY if none has one yet.
static uint32_t said_owner(const scope *c, uint32_t v) {
    stream *s = c->s;
    for (uint32_t i = 0; s->v[v].said && i < s->n_said; i++) {
        const said_pair *p = &s->said[i];
        uint32_t other = p->a == v ? p->b : p->b == v ? p->a : NOBODY;
        if (p->said != STREAM_SAME || other == NOBODY || s->v[other].mark != s->round) continue;
        if (s->v[other].state == STREAM_OWNED) return root_of(s, other);
    }
    return NOBODY;
}

// ---- two accounts of one person ----

static bool seen_with(const stream *s, uint32_t v, uint32_t unique) {
    for (uint32_t p = s->v[v].places; p != NOBODY; p = s->places[p].next) {
        const sighting *g = &s->s[s->places[p].sighting];
        for (uint8_t i = 0; i < g->n && g->count; i++)
            if (ids_of(s, g)[i] == unique) return true;
    }
    return false;
}

// The share of the sightings with a, of values of one kind, whose value was also seen with b; negative if there are
// none.
static double shared(const stream *s, uint32_t a, uint32_t b, uint16_t kinds) {
    uint64_t all = 0, both = 0;
    for (uint32_t p = s->v[a].places; p != NOBODY; p = s->places[p].next) {
        const sighting *g = &s->s[s->places[p].sighting];
        if (!(g->kinds & kinds)) continue;
        for (uint8_t i = 0; i < g->n && g->count; i++) {
            uint32_t x = ids_of(s, g)[i];
            if (!(kinds >> s->v[x].kind & 1) || s->v[x].mark != s->round || s->v[x].state != STREAM_OPEN) continue;
            all += g->count;
            if (seen_with(s, x, b)) both += g->count;
        }
    }
    return all ? (double)both / (double)all : -1;
}

// Of a role: of all its kinds together, or of the kind of which they share most. Cookies come and go on one device.
static double overlap(const stream *s, uint32_t a, uint32_t b, enum stream_role role, bool each) {
    uint16_t all = 0;
    double most = -1;
    for (int k = 0; k < STREAM_KINDS; k++) {
        if (s->r.kind[k].role != role) continue;
        all |= (uint16_t)(1u << k);
        if (!each) continue;
        const double x = shared(s, a, b, (uint16_t)(1u << k)), y = shared(s, b, a, (uint16_t)(1u << k));
        most = fmax(most, fmin(x, y));
    }
    if (each) return most;
    const double x = shared(s, a, b, all), y = shared(s, b, a, all);
    return fmin(x, y);
}

// Two accounts of one person have their strong identifiers in common, unless phones and devices both speak against it;
// where they have only some, or one has none, devices (and phones) must say it.
static bool is_twin(const stream *s, uint32_t a, uint32_t b) {
    const double most = s->r.twins, strong = overlap(s, a, b, STREAM_STRONG, false);
    if (strong == 0) return false;
    const double device = overlap(s, a, b, STREAM_DEVICE, true);
    if (strong > 0 && strong < most) return device >= most;
    const double weak = overlap(s, a, b, STREAM_WEAK, false);
    return strong > 0 ? weak != 0 || device > 0 : weak >= most && device >= most;
}

typedef struct {
    uint32_t a, b;
} twin;

typedef struct {
    twin *t;
    uint32_t n, room;
} twins;

static void add_twins(scope *c, twins *w, uint32_t strong) {
    stream *s = c->s;
    uint32_t who[MOST_OWNERS];
    int n = 0;
    for (uint32_t p = s->v[strong].places; p != NOBODY; p = s->places[p].next) {
        const sighting *g = &s->s[s->places[p].sighting];
        for (uint8_t i = 0; i < g->n && g->count; i++) {
            uint32_t u = ids_of(s, g)[i];
            int j = 0;
            if (role_of(s, u) != STREAM_UNIQUE || s->v[u].state != STREAM_OWNED) continue;
            while (j < n && who[j] != u) j++;
            if (j == n && n < MOST_OWNERS) who[n++] = u;
        }
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            if (!earlier_name(s, who[i], who[j])) continue;
            if (w->n == w->room) {
                twin *more = make(c->a, twin, w->room = w->room ? w->room * 2 : 16);
                if (w->n) memcpy(more, w->t, w->n * sizeof *more);
                w->t = more;
            }
            w->t[w->n++] = (twin){who[i], who[j]};
        }
}

static void sort_twins(const stream *s, twins *w) { // few: by insertion
    for (uint32_t i = 1; i < w->n; i++)
        for (uint32_t j = i; j; j--) {
            twin *x = &w->t[j - 1], *y = &w->t[j], t = *x;
            if (!(x->a == y->a ? earlier_name(s, y->b, x->b) : earlier_name(s, y->a, x->a))) break;
            *x = *y, *y = t;
        }
}

static void take_people(scope *c) {
    stream *s = c->s;
    twins w = {0};
    for (uint32_t i = 0; i < c->n_v; i++)
        if (role_of(s, c->v[i]) == STREAM_UNIQUE) s->v[c->v[i]].state = STREAM_OWNED;
    for (uint32_t i = 0; c->said && i < s->n_said; i++) {
        const said_pair *p = &s->said[i];
        bool here = s->v[p->a].mark == s->round && s->v[p->b].mark == s->round;
        if (here && p->said == STREAM_SAME && s->v[p->a].state == STREAM_OWNED && s->v[p->b].state == STREAM_OWNED)
            unite(c, p->a, p->b);
    }
    if (s->r.twins <= 0) return;
    for (uint32_t i = 0; i < c->n_v; i++)
        if ((1u << role_of(s, c->v[i]) & (1u << STREAM_STRONG | 1u << STREAM_WEAK)) && s->v[c->v[i]].n_people > 1)
            add_twins(c, &w, c->v[i]);
    sort_twins(s, &w);
    for (uint32_t i = 0; i < w.n; i++)
        if (is_twin(s, w.t[i].a, w.t[i].b)) unite(c, w.t[i].a, w.t[i].b);
}

// ---- owners ----

typedef struct {
    uint32_t root;
    uint64_t n;
} vote;

typedef struct {
    vote v[MOST_OWNERS];
    int n;
    uint64_t all;
    bool many;
} votes;

// The strongest identifier of a sighting that has an owner, among roles of the mask and before v's own in rank.
static uint32_t voter_of(const stream *s, const sighting *g, uint32_t v, unsigned mask) {
    uint32_t best = NOBODY;
    for (uint8_t i = 0; i < g->n; i++) {
        uint32_t u = ids_of(s, g)[i];
        if (u == v || s->v[u].mark != s->round || s->v[u].state != STREAM_OWNED) continue;
        if (!(mask >> role_of(s, u) & 1)) continue;
        if (best == NOBODY || role_of(s, u) < role_of(s, best) ||
            (role_of(s, u) == role_of(s, best) && s->v[u].kind < s->v[best].kind))
            best = u;
    }
    return best;
}

static void cast(votes *x, uint32_t root, uint64_t n) {
    int i = 0;
    x->all += n;
    while (i < x->n && x->v[i].root != root) i++;
    if (i == MOST_OWNERS) {
        x->many = true;
        return;
    }
    if (i == x->n) x->v[x->n++] = (vote){.root = root};
    x->v[i].n += n;
}

static void count_votes(const scope *c, uint32_t v, unsigned mask, votes *x) {
    stream *s = c->s;
    x->n = 0, x->all = 0, x->many = false;
    for (uint32_t p = s->v[v].places; p != NOBODY; p = s->places[p].next) {
        const sighting *g = &s->s[s->places[p].sighting];
        uint32_t voter = g->count ? voter_of(s, g, v, mask) : NOBODY;
        if (voter == NOBODY) continue;
        uint32_t root = root_of(s, voter);
        if (!s->v[v].said || !said_apart(c, v, root)) cast(x, root, g->count);
    }
}

// OWNED with *owner, CONTESTED, or OPEN when nobody votes.
static enum stream_state elect(const scope *c, uint32_t v, unsigned mask, uint32_t *owner) {
    *owner = said_owner(c, v);
    if (*owner != NOBODY) return STREAM_OWNED;
    votes x;
    count_votes(c, v, mask, &x);
    const vote *top = NULL;
    for (int i = 0; i < x.n; i++)
        if (!top || x.v[i].n > top->n || (x.v[i].n == top->n && earlier_name(c->s, x.v[i].root, top->root)))
            top = &x.v[i];
    if (!top) return STREAM_OPEN;
    *owner = top->root;
    double share = (double)top->n / (double)x.all, agree = c->s->r.agree;
    return !x.many && (agree > 0 ? share >= agree : x.n == 1) ? STREAM_OWNED : STREAM_CONTESTED;
}

// All values of a role are asked before any gets its owner: their order cannot matter. True if somebody got one.
static bool own(scope *c, enum stream_role role, unsigned mask, bool contest) {
    stream *s = c->s;
    if (!(c->roles >> role & 1) || !(c->roles & mask)) return false;
    arena scratch = *c->a;
    uint32_t *owner = make(&scratch, uint32_t, c->n_v);
    uint8_t *state = make(&scratch, uint8_t, c->n_v);
    bool any = false;
    for (uint32_t i = 0; i < c->n_v; i++)
        if (s->v[c->v[i]].state == STREAM_OPEN && role_of(s, c->v[i]) == role)
            state[i] = (uint8_t)elect(c, c->v[i], mask, &owner[i]);
    for (uint32_t i = 0; i < c->n_v; i++) {
        if (!state[i] || (state[i] == STREAM_CONTESTED && !contest)) continue;
        value *x = &s->v[c->v[i]];
        x->state = state[i];
        if (state[i] == STREAM_OWNED) x->parent = owner[i], any = true;
    }
    return any;
}

// Values of a role that nobody owns are a person of their own with those they are seen with.
static void own_themselves(scope *c, enum stream_role role) {
    stream *s = c->s;
    if (!(c->roles >> role & 1)) return;
    for (uint32_t i = 0; i < c->n_g; i++) {
        const sighting *g = &s->s[c->g[i]];
        uint32_t first = NOBODY;
        for (uint8_t j = 0; j < g->n; j++) {
            uint32_t v = ids_of(s, g)[j];
            if (s->v[v].mark != s->round || s->v[v].state != STREAM_OPEN || role_of(s, v) != role) continue;
            if (first == NOBODY)
                first = v;
            else
                unite(c, first, v);
        }
    }
    for (uint32_t i = 0; i < c->n_v; i++)
        if (s->v[c->v[i]].state == STREAM_OPEN && role_of(s, c->v[i]) == role) s->v[c->v[i]].state = STREAM_OWNED;
}

static void take_owners(scope *c) {
    enum { U = 1 << STREAM_UNIQUE, S_ = 1 << STREAM_STRONG, W = 1 << STREAM_WEAK, D = 1 << STREAM_DEVICE, ROUNDS = 8 };
    own(c, STREAM_STRONG, U, true);
    for (int i = 0; i < ROUNDS && own(c, STREAM_STRONG, U | S_, true); i++) continue;
    own(c, STREAM_WEAK, U | S_, true);
    if (own(c, STREAM_STRONG, U | S_ | W, true))
        for (int i = 0; i < ROUNDS && own(c, STREAM_STRONG, U | S_, true); i++) continue;
    own_themselves(c, STREAM_STRONG);
    own(c, STREAM_WEAK, U | S_, true);
    own_themselves(c, STREAM_WEAK);
    own(c, STREAM_DEVICE, U | S_ | W, true);
    for (int i = 0; i < ROUNDS && own(c, STREAM_DEVICE, D, true); i++) continue;
    own_themselves(c, STREAM_DEVICE);
}

// ---- limits of what one person may hold ----

typedef struct {
    uint32_t root, v;
} holding;

static int by_holder(const void *p, const void *q, void *ctx) {
    const holding *x = p, *y = q;
    const stream *s = ctx;
    const value *a = &s->v[x->v], *b = &s->v[y->v];
    if (x->root != y->root) return x->root < y->root ? -1 : 1;
    if (a->kind != b->kind) return a->kind - b->kind;
    if (a->first_s != b->first_s) return a->first_s < b->first_s ? -1 : 1;
    return a->hash < b->hash ? -1 : a->hash > b->hash;
}

static void demote(scope *c, holding *h, uint32_t n) {
    stream *s = c->s;
    const stream_kind *k = &s->r.kind[s->v[h[0].v].kind];
    uint32_t *kept = make(c->a, uint32_t, n), m = 0;
    for (uint32_t i = 0; i < n; i++) {
        int64_t from = k->values_s ? (int64_t)s->v[h[i].v].first_s - k->values_s : INT64_MIN;
        if (m >= k->most_values && s->v[kept[m - k->most_values]].first_s >= from) {
            s->v[h[i].v].state = STREAM_DEMOTED, s->v[h[i].v].parent = h[i].v;
            continue;
        }
        kept[m++] = h[i].v;
    }
}

// Roots stay: other values hang on them.
static void keep_limits(scope *c) {
    stream *s = c->s;
    if (c->n_v <= s->least_values) return;
    holding *h = make(c->a, holding, c->n_v);
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->n_v; i++) s->v[c->v[i]].parent = root_of(s, c->v[i]); // nothing hangs on a leaf
    for (uint32_t i = 0; i < c->n_v; i++) {
        uint32_t v = c->v[i];
        if (s->r.kind[s->v[v].kind].most_values && s->v[v].state == STREAM_OWNED) h[n++] = (holding){s->v[v].parent, v};
    }
    if (n) qsort_r(h, n, sizeof *h, by_holder, s);
    for (uint32_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && h[j].root == h[i].root && s->v[h[j].v].kind == s->v[h[i].v].kind;) j++;
        if (j - i > s->r.kind[s->v[h[i].v].kind].most_values) demote(c, h + i, j - i);
    }
}

// ---- what comes of it ----

static uint32_t owner_of(const stream *s, const sighting *g) {
    uint32_t best = NOBODY, device = NOBODY;
    bool open = false;
    for (uint8_t i = 0; i < g->n; i++) {
        uint32_t v = ids_of(s, g)[i];
        const value *x = &s->v[v];
        bool owned = x->state == STREAM_OWNED || x->state == STREAM_DEMOTED;
        if (role_of(s, v) == STREAM_DEVICE) {
            open |= x->state == STREAM_CONTESTED || x->state == STREAM_HUB;
            if (owned && (device == NOBODY || x->kind < s->v[device].kind)) device = v;
        } else if (owned && (best == NOBODY || x->state < s->v[best].state ||
                             (x->state == s->v[best].state &&
                              (role_of(s, v) < role_of(s, best) ||
                               (role_of(s, v) == role_of(s, best) && x->kind < s->v[best].kind)))))
            best = v;
    }
    return best != NOBODY ? best : open ? NOBODY : device;
}

// The older half goes when there is no room.
static void note_change(stream *s, stream_change c) {
    if (s->n_changes == MOST_CHANGES) {
        s->n_changes /= 2;
        memmove(s->changes, s->changes + MOST_CHANGES - s->n_changes, s->n_changes * sizeof c);
    }
    s->changes[s->n_changes++] = c;
}

// A profile is named after the earliest of its values.
static void name_profiles(scope *c) {
    stream *s = c->s;
    arena scratch = *c->a;
    uint32_t *was = make(&scratch, uint32_t, c->n_v);
    for (uint32_t i = 0; i < c->n_v; i++) {
        value *x = &s->v[c->v[i]];
        was[i] = x->profile, x->profile = NOBODY;
        if (x->state != STREAM_OWNED) x->parent = c->v[i];
    }
    for (uint32_t i = 0; i < c->n_v; i++) {
        uint32_t v = c->v[i];
        value *x = &s->v[v], *root = &s->v[root_of(s, v)];
        const value *best = root->profile == NOBODY ? NULL : &s->v[root->profile];
        if (!best || x->first_s < best->first_s || (x->first_s == best->first_s && earlier_name(s, v, root->profile)))
            root->profile = v;
    }
    for (uint32_t i = 0; i < c->n_v; i++) {
        value *x = &s->v[c->v[i]];
        x->profile = s->v[root_of(s, c->v[i])].profile;
        if (was[i] == x->profile || was[i] == NOBODY) continue;
        note_change(s, (stream_change){s->n_ev, x->kind, x->hash, s->v[was[i]].hash, s->v[x->profile].hash});
    }
}

void stream_decide(stream *s, uint32_t g) {
    arena scratch = s->scratch;
    scope c = {.s = s, .a = &scratch};
    gather(&c, g);
    s->largest_component = MAX(s->largest_component, c.n_v);
    if (!c.n_v && !c.n_g) return;
    take_people(&c);
    take_owners(&c);
    keep_limits(&c);
    name_profiles(&c);
    uint32_t *open = make(&scratch, uint32_t, c.n_g), n = 0;
    for (uint32_t i = 0; i < c.n_g; i++) {
        sighting *x = &s->s[c.g[i]];
        x->owner = owner_of(s, x);
        if (x->owner != NOBODY) x->owner = root_of(s, x->owner);
        if (x->owner == NOBODY) open[n++] = c.g[i];
    }
    if (n) stream_attribute(s, scratch, c.g, c.n_g);
}
