#include "link/stream_private.h"

// The time line of what is contested: who was there, and events that ask whose they are.
typedef struct {
    uint32_t v; // the contested value
    int32_t at_s;
    uint64_t key; // of the sighting: the order of arrival cannot matter
    uint32_t event, owner;
    bool unique;
} moment;

static int by_moment(const void *p, const void *q) {
    const moment *x = p, *y = q;
    if (x->v != y->v) return x->v < y->v ? -1 : 1;
    if (x->at_s != y->at_s) return x->at_s < y->at_s ? -1 : 1;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return (x->event > y->event) - (x->event < y->event);
}

// The value on whose time line a sighting stands: the device before the cookie on it, else what is weakest.
static uint32_t line_of(const stream *s, const sighting *g) {
    uint32_t best = NOBODY;
    for (uint8_t i = 0; i < g->n; i++) {
        uint32_t v = ids_of(s, g)[i];
        if (s->v[v].state != STREAM_CONTESTED && s->v[v].state != STREAM_HUB) continue;
        if (role_of(s, v) != STREAM_DEVICE && s->v[v].state == STREAM_HUB) continue;
        if (best == NOBODY || s->v[v].kind > s->v[best].kind) best = v;
    }
    return best;
}

static bool has_unique(const stream *s, const sighting *g) {
    for (uint8_t i = 0; i < g->n; i++)
        if (role_of(s, ids_of(s, g)[i]) == STREAM_UNIQUE && s->v[ids_of(s, g)[i]].state == STREAM_OWNED) return true;
    return false;
}

typedef struct {
    moment *m;
    size_t n;
} line;

// The owner of nearly all logins, or NOBODY.
static uint32_t leader(const stream *s, const line *l) {
    uint32_t who = NOBODY;
    size_t all = 0, his = 0;
    for (size_t i = 0, lead = 0; i < l->n; i++) { // Boyer & Moore's majority, then counted
        if (!l->m[i].unique) continue;
        if (!lead) who = l->m[i].owner;
        if (l->m[i].owner == who)
            lead++;
        else
            lead--;
    }
    for (size_t i = 0; i < l->n; i++) all += l->m[i].unique, his += l->m[i].unique && l->m[i].owner == who;
    bool leads = s->r.lead > 0 && (double)his >= s->r.lead * (double)(all + 1); // one more login of somebody else
    return leads ? who : NOBODY;
}

static void settle_device(stream *s, const line *l) {
    uint32_t lead = leader(s, l), last = NOBODY, next = NOBODY;
    int32_t last_s = 0, next_s = 0;
    for (size_t i = l->n; i-- > 0;) { // the login that ends a session
        moment *m = &l->m[i];
        if (m->owner != NOBODY)
            next = m->owner, next_s = m->at_s;
        else if (next != NOBODY && (int64_t)next_s - m->at_s <= s->r.session_s)
            s->ev[m->event].who = next, next_s = m->at_s;
        else
            next = NOBODY, s->ev[m->event].who = NOBODY;
    }
    const moment *before = NULL;
    for (size_t i = 0; i < l->n; i++) {
        moment *m = &l->m[i];
        if (m->owner != NOBODY) last = m->owner, last_s = m->at_s;
        seen *e = &s->ev[m->event];
        if (m->owner != NOBODY || e->who != NOBODY) {
            before = NULL;
            continue;
        }
        if (last != NOBODY && (int64_t)m->at_s - last_s <= s->r.recency_s)
            e->who = last;
        else if (lead != NOBODY)
            e->who = lead;
        else if (before && (int64_t)m->at_s - before->at_s <= s->r.session_s)
            e->who = s->ev[before->event].who;
        else
            e->who = LONE | m->event;
        before = e->who & LONE ? m : NULL;
    }
}

// What people share or hand on: an event between two of one person is that person's.
static void settle_shared(stream *s, const line *l) {
    uint32_t next = NOBODY, last = NOBODY;
    for (size_t i = l->n; i-- > 0;) {
        moment *m = &l->m[i];
        if (m->owner != NOBODY)
            next = m->owner;
        else
            s->ev[m->event].who = next;
    }
    for (size_t i = 0; i < l->n; i++) {
        moment *m = &l->m[i];
        seen *e = &s->ev[m->event];
        if (m->owner != NOBODY)
            last = m->owner;
        else if (e->who == NOBODY || e->who != last)
            e->who = LONE | m->event;
    }
}

void stream_attribute(stream *s, arena scratch, const uint32_t *sightings, uint32_t n) {
    size_t room = 0, m = 0;
    for (uint32_t i = 0; i < n; i++)
        if (line_of(s, &s->s[sightings[i]]) != NOBODY) room += s->s[sightings[i]].count;
    moment *x = make(&scratch, moment, room);
    for (uint32_t i = 0; i < n; i++) {
        const sighting *g = &s->s[sightings[i]];
        uint32_t v = line_of(s, g);
        bool unique = v != NOBODY && has_unique(s, g);
        for (uint32_t k = g->events; k != NOBODY; k = s->ev[k].before)
            if (v != NOBODY)
                x[m++] = (moment){v, s->ev[k].at_s, g->key, k, g->owner, unique};
            else if (g->owner == NOBODY)
                s->ev[k].who = LONE | k;
    }
    if (m) qsort(x, m, sizeof *x, by_moment);
    for (size_t i = 0, j; i < m; i = j) {
        for (j = i + 1; j < m && x[j].v == x[i].v;) j++;
        if (role_of(s, x[i].v) == STREAM_DEVICE)
            settle_device(s, &(line){x + i, j - i});
        else
            settle_shared(s, &(line){x + i, j - i});
    }
}
