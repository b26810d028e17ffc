// stream: who each event of a stream is from, by the identifiers it bears, as it arrives.
//
// Events that bear the same identifiers are one sighting. Who owns an identifier is a function of the sightings, the
// rules and what people said, and of nothing else: not of the order of arrival, nor of what was asked in between. So an
// event taken back leaves no trace, and other rules can be tried on everything that was ever seen. Each component
// (identifiers that sightings connect, hubs left out) is decided by itself, when something is asked.
//
// The rules, in the order in which they apply:
//  - A blocked value is nobody's. A value seen with more unique identifiers than its kind allows within a window is a
//    hub (a kiosk, info@, 000-000): it connects nobody.
//  - A unique identifier is a person. Two are one person where a person says so, or where each was seen mostly with
//    e-mail addresses of the other: people with two accounts use the same addresses for both, families share one of
//    several. Devices and phones decide where addresses do not.
//  - A strong identifier belongs to the person it is seen with; so does what is seen with it. Then weak ones (a phone
//  is
//    shared, and handed on), then devices. What is seen with several people is contested: it joins nobody, and each of
//    its events is decided by itself.
//  - A person holds at most so many values of a kind within a window; those that come later are demoted.
//  - On a contested device an event belongs to the login that ends its session, or to the last login within `recency`,
//    or to whom nearly all logins are from. Else the session stands alone.
#ifndef HEED_LINK_STREAM_H
#define HEED_LINK_STREAM_H

#include "base/base.h"

enum { STREAM_KINDS = 16, STREAM_IDS = 8 };
enum stream_role { STREAM_NONE, STREAM_UNIQUE, STREAM_STRONG, STREAM_WEAK, STREAM_DEVICE };

typedef struct {
    uint8_t role;         // enum stream_role
    uint16_t most_people; // unique identifiers that one value may be seen with; 0: any number
    uint32_t people_s;    // within so many seconds of one another; 0: ever
    uint16_t most_values; // values that one person may hold; 0: any number
    uint32_t values_s;    // first seen within so many seconds of one another; 0: ever
} stream_kind;

typedef struct {
    stream_kind kind[STREAM_KINDS]; // a smaller number goes before a larger one of the same role
    double twins;       // share of e-mail sightings that two accounts of one person have in common; 0: never
    double agree;       // share of its sightings that one owner needs; 0: all
    double lead;        // share of a contested device's logins at which all its events follow; 0: never
    uint32_t session_s; // longest pause within a session
    uint32_t recency_s; // how long after a login a contested device's events are still that person's
} stream_rules;

// What the measurements in docs/stitching.md stand for: kinds 0 user, 1 loyalty card, 2 e-mail, 3 phone, 4 cookie,
// 5 device.
stream_rules stream_usual(void);

typedef struct {
    int64_t at_s;
    uint8_t n, kind[STREAM_IDS];
    uint64_t hash[STREAM_IDS]; // of the canonical value
} stream_event;

typedef struct stream stream;

stream *stream_open(const stream_rules *r, uint32_t most_events); // address space alone is taken at once
void stream_close(stream *s);                                     // NULL is fine
// Takes events in; they are numbered from 0 in the order they come. Fails when most_events is reached.
must_use bool stream_see(stream *s, const stream_event *ev, size_t n, err *e);
uint32_t stream_seen(const stream *s);

// A value that is nobody's, or is somebody's again.
void stream_block(stream *s, uint8_t kind, uint64_t hash, bool blocked);
// What a person says of two values holds until it is said otherwise; `said` 0 takes it back.
enum stream_said { STREAM_UNSAID, STREAM_SAME, STREAM_APART };
void stream_say(stream *s, uint8_t kind_a, uint64_t a, uint8_t kind_b, uint64_t b, enum stream_said said);
void stream_drop(stream *s, uint32_t event);             // as if it had never been seen
void stream_rules_set(stream *s, const stream_rules *r); // everything is decided again

// The profile of an event: equal for events of one person. Decides what is open first.
uint64_t stream_who(stream *s, uint32_t event);
void stream_settle(stream *s); // decides everything that is open

// ---- what happened ----

enum stream_state { STREAM_OPEN, STREAM_OWNED, STREAM_CONTESTED, STREAM_HUB, STREAM_DEMOTED, STREAM_BLOCKED };

typedef struct {
    uint8_t kind, state;
    uint64_t hash, profile;
    uint32_t sightings, people; // people: unique identifiers it was seen with (65: more than 64)
} stream_value;

// What there is to know of a value; false if it was never seen.
bool stream_look(stream *s, uint8_t kind, uint64_t hash, stream_value *v);

typedef struct {
    uint32_t values, profiles, largest_component;      // of identifiers that sightings connect, hubs left out
    uint32_t owned, contested, hubs, demoted, blocked; // values
} stream_totals;
stream_totals stream_count(stream *s); // settles
// Every value that is contested, a hub, demoted or blocked: the audit of what the rules refused, in order of first
// sight. `next` starts at 0; false at the end.
bool stream_audit(stream *s, uint32_t *next, stream_value *v);

// The ledger of changes: a value that went from one profile to another, when (as the number of events seen), in order.
typedef struct {
    uint32_t seen;
    uint8_t kind;
    uint64_t hash, from, into;
} stream_change;
size_t stream_changes(const stream *s, const stream_change **c); // the last 2^20 at most

#endif
