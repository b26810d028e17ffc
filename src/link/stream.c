#include <sys/mman.h>

#include "link/stream_private.h"

stream_rules stream_usual(void) {
    enum { DAY = 86400 };
    return (stream_rules){
        .kind = {{STREAM_UNIQUE, .most_people = 0},
                 {STREAM_STRONG, .most_people = 3},
                 {STREAM_STRONG, .most_people = 4, .most_values = 20, .values_s = 365 * DAY},
                 {STREAM_WEAK, .most_people = 5},
                 {STREAM_DEVICE, .most_people = 5},
                 {STREAM_DEVICE, .most_people = 6}},
        .twins = 0.5,
        .agree = 0,
        .lead = 0.9,
        .session_s = 1800,
        .recency_s = 1800,
    };
}

// Everything here is read at random places; large pages spare the processor looking for them. Where there are none,
// nothing changes.
static void large_pages(const arena *a) {
    enum { PAGE = 1 << 21 };
    uintptr_t from = ((uintptr_t)a->base + PAGE - 1) & ~(uintptr_t)(PAGE - 1),
              to = (uintptr_t)a->end & ~(uintptr_t)(PAGE - 1);
    if (to > from) madvise(a->base + (from - (uintptr_t)a->base), to - from, MADV_HUGEPAGE);
}

// ---- tables: 64-bit names to numbers ----

static size_t home(const table *t, uint64_t key) {
    return (size_t)(key * 0x9E3779B97F4A7C15u >> 20) & (t->cap - 1); // Fibonacci hashing, Knuth 6.4
}

static void fetch_home(const table *t, uint64_t key) {
    size_t at = home(t, key);
    __builtin_prefetch(&t->key[at]);
    __builtin_prefetch(&t->val[at]);
}

static void table_new(table *t, size_t cap) {
    t->a = arena_open(cap * (sizeof *t->key + sizeof *t->val) + 4096);
    large_pages(&t->a);
    t->cap = cap, t->n = 0;
    t->key = make(&t->a, uint64_t, cap);
    t->val = make(&t->a, uint32_t, cap);
}

// The place of a key: its value plus 1, or 0 to be filled.
static uint32_t *table_at(table *t, uint64_t key) {
    size_t i = home(t, key);
    while (t->val[i] && t->key[i] != key) i = (i + 1) & (t->cap - 1);
    t->key[i] = key;
    return &t->val[i];
}

static void table_grow(table *t) {
    if (++t->n * 2 < t->cap) return;
    table old = *t;
    table_new(t, old.cap * 2);
    t->n = old.n;
    for (size_t i = 0; i < old.cap; i++)
        if (old.val[i]) *table_at(t, old.key[i]) = old.val[i];
    arena_close(&old.a);
}

// ---- opening ----

static void take_rules(stream *s, const stream_rules *r) {
    s->r = *r, s->unique_kinds = 0, s->least_values = UINT32_MAX;
    for (int k = 0; k < STREAM_KINDS; k++) {
        if (r->kind[k].most_values) s->least_values = MIN(s->least_values, r->kind[k].most_values);
        if (r->kind[k].role == STREAM_UNIQUE) s->unique_kinds |= (uint16_t)(1u << k);
    }
}

stream *stream_open(const stream_rules *r, uint32_t most_events) {
    size_t n = MIN(MAX(most_events, 16u), LONE - 1), values = n * 2;
    size_t size = n * (sizeof(seen) + sizeof(sighting) + sizeof(uint32_t)) + values * sizeof(value) +
                  n * STREAM_IDS * (sizeof(uint32_t) + sizeof(place)) + MOST_CHANGES * sizeof(stream_change);
    arena life = arena_open(size + (1 << 26));
    large_pages(&life);
    stream *s = make(&life, stream, 1);
    take_rules(s, r);
    s->most_ev = (uint32_t)n, s->most_v = (uint32_t)MIN(values, (size_t)NOBODY - 1);
    s->most_pool = MIN(n * STREAM_IDS, (size_t)UINT32_MAX - STREAM_IDS);
    s->ev = make(&life, seen, n), s->s = make(&life, sighting, n), s->open = make(&life, uint32_t, n);
    s->v = make(&life, value, values), s->pool = make(&life, uint32_t, s->most_pool);
    s->places = make(&life, place, s->most_pool), s->changes = make(&life, stream_change, MOST_CHANGES);
    s->scratch = arena_open((size_t)1 << 36);
    table_new(&s->of_value, 1024), table_new(&s->of_sighting, 1024);
    s->life = life;
    return s;
}

void stream_close(stream *s) {
    if (!s) return;
    arena_close(&s->scratch), arena_close(&s->of_value.a), arena_close(&s->of_sighting.a);
    arena life = s->life;
    arena_close(&life);
}

uint32_t stream_seen(const stream *s) {
    return s->n_ev;
}

// ---- taking in ----

static uint64_t mix(uint64_t x) { // the finaliser of SplitMix64 (Steele, Lea & Flood 2014)
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

static uint64_t name_of(uint8_t kind, uint64_t hash) {
    return mix(hash + (uint64_t)(kind + 1) * 0x9E3779B97F4A7C15u);
}

// The order of an event's identifiers cannot matter.
static uint64_t key_of(const stream_event *e) {
    uint64_t key = 0;
    for (uint8_t i = 0; i < e->n; i++) key += mix(name_of(e->kind[i], e->hash[i]));
    return key;
}

static uint32_t value_at(stream *s, uint8_t kind, uint64_t hash) {
    uint32_t *at = table_at(&s->of_value, name_of(kind, hash));
    if (*at) return *at - 1;
    uint32_t v = s->n_v++;
    s->v[v] = (value){.hash = hash, .kind = kind, .places = NOBODY, .parent = v, .profile = NOBODY};
    *at = s->n_v;
    table_grow(&s->of_value);
    return v;
}

static uint32_t find_value(stream *s, uint8_t kind, uint64_t hash) {
    const uint32_t *at = table_at(&s->of_value, name_of(kind, hash));
    return *at ? *at - 1 : NOBODY;
}

// What was decided with others stays in the list until its turn, or until the list is full.
static void open_sighting(stream *s, uint32_t g) {
    if (s->s[g].open) return;
    if (s->n_open == s->most_ev) {
        s->n_open = 0;
        for (uint32_t i = 0; i < s->n_s; i++)
            if (s->s[i].open) s->open[s->n_open++] = i;
    }
    s->s[g].open = true;
    s->open[s->n_open++] = g;
}

void stream_open_around(stream *s, uint32_t v) {
    for (uint32_t p = s->v[v].places; p != NOBODY; p = s->places[p].next) open_sighting(s, s->places[p].sighting);
}

static void new_sighting(stream *s, uint32_t g, const stream_event *e, uint64_t key, int32_t at_s) {
    s->s[g] = (sighting){
        .key = key, .ids = (uint32_t)s->n_pool, .events = NOBODY, .first_s = at_s, .last_s = at_s, .owner = NOBODY};
    for (uint8_t i = 0; i < e->n; i++) {
        uint32_t v = value_at(s, e->kind[i], e->hash[i]);
        bool again = false;
        for (uint8_t j = 0; j < s->s[g].n; j++) again |= s->pool[s->s[g].ids + j] == v;
        if (again) continue;
        s->pool[s->n_pool++] = v, s->s[g].n++, s->s[g].kinds |= (uint16_t)(1u << e->kind[i]);
        s->places[s->n_places] = (place){g, s->v[v].places};
        s->v[v].places = s->n_places++;
        s->v[v].counted = false;
    }
}

static void recount(stream *s, const sighting *g) {
    for (uint8_t i = 0; i < g->n; i++) s->v[ids_of(s, g)[i]].counted = false;
}

static void see_one(stream *s, const stream_event *e, uint64_t key) {
    if (!s->started) s->start_s = e->at_s, s->started = true;
    int64_t rel = e->at_s - s->start_s;
    int32_t at_s = (int32_t)MAX(MIN(rel, INT32_MAX), INT32_MIN);
    seen *x = &s->ev[s->n_ev];
    *x = (seen){.sighting = NOBODY, .before = NOBODY, .at_s = at_s, .who = LONE | s->n_ev};
    if (e->n) {
        uint32_t *at = table_at(&s->of_sighting, key), g = *at ? *at - 1 : s->n_s;
        if (!*at) {
            *at = ++s->n_s;
            new_sighting(s, g, e, key, at_s);
            table_grow(&s->of_sighting);
        }
        sighting *of = &s->s[g];
        if (!of->count) of->first_s = of->last_s = at_s, recount(s, of);
        of->count++, of->last_s = MAX(of->last_s, at_s);
        if (at_s < of->first_s) of->first_s = at_s, recount(s, of);
        x->sighting = g, x->before = of->events, of->events = s->n_ev;
        open_sighting(s, g);
    }
    s->n_ev++;
}

static bool fits(const stream *s, const stream_event *x, err *e) {
    if (s->n_ev == s->most_ev || s->n_v + STREAM_IDS > s->most_v || s->n_pool + STREAM_IDS > s->most_pool)
        return fail(e, ERR_full, "the stream holds %u events already; open it for more", s->n_ev);
    if (x->n > STREAM_IDS) return fail(e, ERR_invalid, "an event of %u identifiers; the most is %d", x->n, STREAM_IDS);
    for (uint8_t i = 0; i < x->n; i++)
        if (x->kind[i] >= STREAM_KINDS)
            return fail(e, ERR_invalid, "an identifier of kind %u; the largest is %d", x->kind[i], STREAM_KINDS - 1);
    return true;
}

// The tables are larger than the processor's cache: what the next events ask for is fetched while these are written.
bool stream_see(stream *s, const stream_event *ev, size_t n, err *e) {
    enum { AHEAD = 16 };
    uint64_t key[AHEAD];
    for (size_t i = 0; i < n + AHEAD; i++) {
        if (i >= AHEAD && i - AHEAD < n) {
            const stream_event *x = &ev[i - AHEAD];
            if (!fits(s, x, e)) return false;
            see_one(s, x, key[i % AHEAD]);
        }
        if (i >= n || ev[i].n > STREAM_IDS) continue;
        key[i % AHEAD] = key_of(&ev[i]);
        fetch_home(&s->of_sighting, key[i % AHEAD]);
        for (uint8_t j = 0; j < ev[i].n; j++) fetch_home(&s->of_value, name_of(ev[i].kind[j], ev[i].hash[j]));
    }
    return true;
}

// ---- what people say, and taking back ----

void stream_block(stream *s, uint8_t kind, uint64_t hash, bool blocked) {
    uint32_t v = value_at(s, kind, hash);
    s->v[v].blocked = blocked;
    stream_open_around(s, v);
    for (uint32_t p = s->v[v].places; p != NOBODY; p = s->places[p].next) recount(s, &s->s[s->places[p].sighting]);
}

void stream_say(stream *s, uint8_t kind_a, uint64_t a, uint8_t kind_b, uint64_t b, enum stream_said said) {
    uint32_t x = value_at(s, kind_a, a), y = value_at(s, kind_b, b), i = 0;
    while (i < s->n_said && !((s->said[i].a == x && s->said[i].b == y) || (s->said[i].a == y && s->said[i].b == x)))
        i++;
    if (i == s->room_said) {
        said_pair *more = make(&s->life, said_pair, s->room_said = s->room_said ? s->room_said * 2 : 16);
        if (s->n_said) memcpy(more, s->said, s->n_said * sizeof *more);
        s->said = more;
    }
    s->said[i] = (said_pair){x, y, (uint8_t)said};
    s->n_said = MAX(s->n_said, i + 1);
    s->v[x].said = s->v[y].said = true;
    stream_open_around(s, x), stream_open_around(s, y);
}

void stream_drop(stream *s, uint32_t event) {
    seen *x = &s->ev[event];
    if (event >= s->n_ev || x->sighting == NOBODY) return;
    sighting *g = &s->s[x->sighting];
    uint32_t *at = &g->events;
    while (*at != event) at = &s->ev[*at].before;
    *at = x->before;
    open_sighting(s, x->sighting);
    recount(s, g);
    g->count--, g->first_s = INT32_MAX, g->last_s = INT32_MIN;
    for (uint32_t i = g->events; i != NOBODY; i = s->ev[i].before)
        g->first_s = MIN(g->first_s, s->ev[i].at_s), g->last_s = MAX(g->last_s, s->ev[i].at_s);
    *x = (seen){.sighting = NOBODY, .before = NOBODY, .at_s = x->at_s, .who = LONE | event};
}

void stream_rules_set(stream *s, const stream_rules *r) {
    take_rules(s, r);
    for (uint32_t v = 0; v < s->n_v; v++) s->v[v].counted = false;
    for (uint32_t g = 0; g < s->n_s; g++) open_sighting(s, g);
}

// ---- answers ----

static uint64_t profile_name(const stream *s, uint32_t v) {
    const value *x = &s->v[s->v[v].profile];
    return name_of(x->kind, x->hash);
}

uint64_t stream_who(stream *s, uint32_t event) {
    const seen *x = &s->ev[event];
    stream_settle(s);
    uint32_t who = x->who;
    if (x->sighting != NOBODY && s->s[x->sighting].owner != NOBODY) who = s->s[x->sighting].owner;
    if (!(who & LONE)) return profile_name(s, who);
    const seen *first = &s->ev[who & ~LONE];
    return mix((first->sighting == NOBODY ? who : s->s[first->sighting].key) + (uint64_t)(s->start_s + first->at_s));
}

// What the next ones stand on is fetched while this one is decided: their sighting, its values, their sightings.
static void fetch_ahead(const stream *s) {
    enum { FAR = 12, NEAR = 8, NEXT = 4 };
    if (s->n_open < FAR) return;
    __builtin_prefetch(&s->s[s->open[s->n_open - FAR]]);
    const sighting *g = &s->s[s->open[s->n_open - NEAR]];
    for (uint8_t i = 0; g->open && i < g->n; i++) __builtin_prefetch(&s->v[ids_of(s, g)[i]]);
    g = &s->s[s->open[s->n_open - NEXT]];
    for (uint8_t i = 0; g->open && i < g->n; i++) {
        uint32_t p = s->v[ids_of(s, g)[i]].places;
        if (p != NOBODY) __builtin_prefetch(&s->s[s->places[p].sighting]);
    }
}

void stream_settle(stream *s) {
    while (s->n_open) {
        uint32_t g = s->open[--s->n_open];
        fetch_ahead(s);
        if (s->s[g].open) stream_decide(s, g);
    }
}

static stream_value look_at(stream *s, uint32_t v) {
    value *x = &s->v[v];
    stream_value out = {.kind = x->kind, .state = x->state, .hash = x->hash, .people = x->n_people};
    if (x->profile != NOBODY) out.profile = profile_name(s, v);
    for (uint32_t p = x->places; p != NOBODY; p = s->places[p].next) out.sightings += s->s[s->places[p].sighting].count;
    return out;
}

bool stream_look(stream *s, uint8_t kind, uint64_t hash, stream_value *out) {
    uint32_t v = find_value(s, kind, hash);
    if (v == NOBODY) return false;
    stream_settle(s);
    *out = look_at(s, v);
    return true;
}

stream_totals stream_count(stream *s) {
    stream_settle(s);
    stream_totals t = {.largest_component = s->largest_component};
    for (uint32_t i = 0; i < s->n_v; i++) {
        const value *x = &s->v[i];
        if (x->state == STREAM_OPEN) continue;
        t.values++, t.profiles += x->state == STREAM_OWNED && x->profile == i;
        t.owned += x->state == STREAM_OWNED, t.contested += x->state == STREAM_CONTESTED;
        t.hubs += x->state == STREAM_HUB, t.demoted += x->state == STREAM_DEMOTED;
        t.blocked += x->state == STREAM_BLOCKED;
    }
    return t;
}

bool stream_audit(stream *s, uint32_t *next, stream_value *out) {
    stream_settle(s);
    for (; *next < s->n_v; ++*next) {
        if (s->v[*next].state <= STREAM_OWNED) continue;
        *out = look_at(s, (*next)++);
        return true;
    }
    return false;
}

size_t stream_changes(const stream *s, const stream_change **c) {
    *c = s->changes;
    return s->n_changes;
}
