// stream_private: what taking events in and deciding who owns them share.
#ifndef HEED_LINK_STREAM_PRIVATE_H
#define HEED_LINK_STREAM_PRIVATE_H

#include "link/stream.h"

#define NOBODY UINT32_MAX

typedef struct {
    arena a;
    uint64_t *key;
    uint32_t *val;
    size_t cap, n;
} table;

typedef struct {
    uint32_t sighting, next; // of one value: index into places, NOBODY ends
} place;

typedef struct {
    uint64_t hash;
    uint32_t places;  // its sightings
    uint32_t parent;  // the value it belongs to; itself for a person's first one
    uint32_t profile; // the earliest value of its person, as last decided
    uint32_t mark;    // round in which it was last gathered
    int32_t first_s;  // relative to the stream's beginning, as last decided
    uint8_t n_people; // as last counted; 65: more than 64
    uint8_t kind, state;
    bool blocked, said; // said: a person has said something of it
    bool counted, hub;
} value;

typedef struct {
    uint64_t key;
    uint32_t ids, events; // where its values begin in the pool; newest event
    uint32_t count;       // 0: all its events were taken back
    int32_t first_s, last_s;
    uint32_t owner; // a value, or NOBODY: each event has its own
    uint32_t mark;
    uint16_t kinds; // a bit for each kind it bears
    uint8_t n;
    bool open; // not decided since it changed
} sighting;

typedef struct {
    uint32_t sighting, before; // the event before it of the same sighting
    int32_t at_s;
    uint32_t who; // a value; or, with the highest bit, the first event of a session that stands alone
} seen;

typedef struct {
    uint32_t a, b;
    uint8_t said;
} said_pair;

struct stream {
    arena life, scratch;
    stream_rules r;
    uint16_t unique_kinds; // a bit for each
    uint32_t least_values; // of all limits of what a person may hold
    table of_value, of_sighting;
    value *v;
    uint32_t n_v, most_v;
    sighting *s;
    uint32_t n_s;
    uint32_t *pool;
    size_t n_pool, most_pool;
    place *places;
    uint32_t n_places;
    seen *ev;
    uint32_t n_ev, most_ev;
    int64_t start_s;
    bool started;
    uint32_t *open; // sightings
    uint32_t n_open;
    said_pair *said;
    uint32_t n_said, room_said;
    uint32_t round, n_components, largest_component;
    uint64_t n_decided;
    stream_change *changes;
    size_t n_changes;
};

enum { MOST_CHANGES = 1 << 20, LONE = 1u << 31 };

static inline const uint32_t *ids_of(const stream *s, const sighting *g) {
    return s->pool + g->ids;
}
static inline uint8_t role_of(const stream *s, uint32_t v) {
    return s->r.kind[s->v[v].kind].role;
}

void stream_open_around(stream *s, uint32_t v); // everything it was seen in is to be decided again
bool stream_connects(stream *s, uint32_t v);    // neither blocked nor a hub
void stream_decide(stream *s, uint32_t g);      // the component of a sighting

// stream_events.c: the events of sightings that nobody owns as a whole.
void stream_attribute(stream *s, arena scratch, const uint32_t *sightings, uint32_t n);

#endif
