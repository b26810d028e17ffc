// json_heed: heed's own events as JSON Lines: what `heed export` writes, and the plainest way to bring in anything
// else.
//
// One object per event. "kind", "at" and "ext" must be there; value is in minor units, or score x 100:
// {"kind":"order","at":"2026-01-02T03:04:05Z","ext":"order:7","channel":"shop","ids":{"user_id":"7"},"value":1234,
//  "unit":"EUR"}. "source" names where the event came from, when a file holds those of several. Members that heed does
// not know are kept in extra.
#ifndef HEED_JSON_HEED_H
#define HEED_JSON_HEED_H

#include "listen/adapter.h"

// An event's members before they are checked. Empty and absent are the same.
typedef struct {
    str kind, at, ext, channel, unit, thread, text, lang, topic, name, country, address, born, segment, staff, edited,
        source;
    str extra; // inside of the object, without braces
    int64_t value, mood, quantity;
    bool has_value, has_mood;
    bool ids_ranked; // the first is meant to name the profile (they came as an array)
    int n_ids;
    struct {
        str kind, value;
    } ids[EVENT_IDENTS];
} heed_wire;

// Reads a line in one pass when nothing in it is unusual; strs borrow from it or from a. False: json_read must look.
// What it accepts it reads as the other way does.
bool heed_wire_fast(arena *a, str line, heed_wire *w);

// Copies what it keeps into r->row; false when the row was rejected.
bool heed_wire_slow(reading *r, const json_t *item, heed_wire *w);

#endif
