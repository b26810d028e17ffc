// track: the calls by which applications tell what their customers do, as the SDKs of Segment, RudderStack and PostHog
// send them: identify, track, page, screen, group, alias, one by one or in batches. Bytes in, events out.
//
// A call that is not understood is refused by itself, with field and remedy; its neighbours go in. What a call says is
// kept as it was written: names, properties, traits and context stand in the event's body.
#ifndef HEED_TRACK_H
#define HEED_TRACK_H

#include "ledger/event.h"
#include "listen/track_json.h"

enum track_call { TRACK_none, TRACK_identify, TRACK_track, TRACK_page, TRACK_screen, TRACK_group, TRACK_alias };
str track_call_name(enum track_call c);
enum track_call track_call_of(str name); // also the short ones: "i", "t", …

// Largest call, most events of a body, most that its calls may come to with what the batch says for each of them, and
// most members that the batch may say for them.
enum { TRACK_CALL_MOST = 512 << 10, TRACK_EVENTS_MOST = 50000, TRACK_KEPT_MOST = 32 << 20, TRACK_SHARED_MOST = 200 };

typedef struct {
    int64_t now_us;       // when it was received; 0: not known, the calls say when they happened
    enum track_call call; // what the address says it is; TRACK_none: each call says so itself
    str ip;               // of the sender, for calls that ask for it (context.direct)
    str sent_at;          // of a header; empty: the body says
    str country;          // ISO 3166 alpha-2 for phone numbers without country code; empty = none
    str currency;         // ISO 4217 of amounts without one; empty = EUR
} track_opts;

// A body that was read: its calls are not looked at yet.
typedef struct {
    doc d;
    str key; // the write key that it names; may be empty. It is never stored.
} track_body;

// ERR_invalid when it is not JSON at all, ERR_too_large. The bytes must stay.
must_use bool track_open(arena *a, str bytes, track_body *b, err *e);

// A call that was refused, in the form in which track_read takes it again: what it was, when it came, and all that it
// said but the write key.
typedef struct {
    int64_t line; // which call of the body, from 1
    str field, reason, raw;
} track_bad;

typedef struct {
    event *events;
    int32_t *row_of; // which call, rising from 0; those without events are not counted
    size_t n;
    int64_t rows; // calls that gave events
    track_bad *bad;
    size_t n_bad;
} track_out;

// ERR_too_large when a body goes beyond these limits as a whole. What comes out borrows from a and from the bytes.
must_use bool track_read(arena *a, const track_body *b, const track_opts *o, track_out *out, err *e);

// The events of the specifications that mean more than "used the product", for the documentation and the tests.
typedef struct {
    const char *name;
    enum kind kind;
    const char *text;
} track_kind_info;
const track_kind_info *track_kinds(size_t *n);

#endif
