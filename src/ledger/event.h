// event: what happened, as the listeners hand it to the ledger and as the store keeps it.
//
// An event never changes. A provider's edit is a new version under the same external key: the newest by the provider's
// own time is current, the older ones move to event_past, and nothing is lost.
#ifndef HEED_EVENT_H
#define HEED_EVENT_H

#include "base/base.h"

enum kind {
    KIND_none = 0,
#define KIND(name, id, class, sign, text) KIND_##name = id,
#include "ledger/kinds.def"
};
enum kind_class { CLASS_NONE, CLASS_FACT, CLASS_MONEY, CLASS_CONTRACT, CLASS_TALK, CLASS_SAID, CLASS_USE };
enum channel {
#define CHANNEL(name, id, label) CHANNEL_##name = id,
#include "ledger/tables.def"
};
enum instrument {
#define INSTRUMENT(name, id, lo, hi, label) INSTRUMENT_##name = id,
#include "ledger/tables.def"
};
enum ident_kind {
#define IDENT(name, id, strength, limit, label) IDENT_##name = id,
#include "ledger/tables.def"
};
enum strength { STRENGTH_WEAK, STRENGTH_STRONG, STRENGTH_UNIQUE };

// The rows of the three lists above, by name and by id. Names lose a trailing underscore ("return_" is "return").
str kind_name(enum kind k);
str kind_text(enum kind k);
enum kind_class kind_class(enum kind k);
int kind_sign(enum kind k);
enum kind kind_of(str name); // KIND_none if there is no such kind
str channel_name(enum channel c);
str channel_label(enum channel c);
enum channel channel_of(str name);
str instrument_name(enum instrument i);
str instrument_label(enum instrument i);
bool instrument_range(enum instrument i, int *lo, int *hi);
enum instrument instrument_of(str name);
str ident_name(enum ident_kind k);
str ident_label(enum ident_kind k);
enum strength ident_strength(enum ident_kind k);
int ident_limit(enum ident_kind k);
enum ident_kind ident_of(str name);

// One identifier seen with an event, already in canonical form (see ledger/ident.h): an e-mail in lower case, a phone
// in E.164. Blocked values ("0", "null", "anonymous", …) never get here.
typedef struct {
    enum ident_kind kind;
    str value;
} ident;

enum { EVENT_IDENTS = 8 };

// What a listener found. All strs borrow from the batch's arena. Zero means absent everywhere.
typedef struct {
    enum kind kind;
    enum channel channel;
    int64_t at_us;           // when it happened, microseconds since 1970 UTC; 0 = unknown and refused
    int64_t edited_us;       // the provider's own time of this version; 0 for a fact that is never edited; below 0: of
                             // such versions the one that came first stands
    str ext;                 // the source's idempotency key, unique within the source; required
    ident ids[EVENT_IDENTS]; // strongest first; the first names the profile. None: the event belongs to nobody known
    int n_ids;
    // What heed tells of what is stored already needs no identifiers: the profile and the conversation themselves.
    int64_t of_profile, of_thread; // 0: as ids and thread say
    int64_t value;                 // minor units, or score x 100: see kinds.def
    bool has_value;
    int32_t unit; // ISO 4217 number, or enum instrument
    str thread;   // the conversation, order or contract it belongs to, unique within the source
    str text;     // words of the customer or to the customer (UTF-8, any length up to the door's limit)
    str lang;     // ISO 639-1 if the source says so
    str topic;    // the source's own label of what it is about
    int mood;     // -1, 0, +1 if the source says so; else MOOD_UNKNOWN
    str name;     // display name of the person, if given
    str country;  // ISO 3166 alpha-2 or as the source writes it
    str address;  // where the person lives or is billed: street, postcode and city, a line each (event_address)
    str born;     // the person's day of birth, YYYY-MM-DD
    str segment;  // the source's own segment or plan
    str staff;    // who of ours acted
    str extra;    // the rest: a JSON object's inside without braces ("\"k\":1,…"), or empty
    int64_t quantity;
} event;

enum { MOOD_UNKNOWN = 9 };

// period: the month number since 1970-01 in UTC, by which events are clustered.
int32_t event_period(int64_t at_us);
int64_t period_start_us(int32_t period);

// The stored idempotency key: 64 bits of (source, external key).
uint64_t event_key(int64_t source_id, str ext);

// The parts of an address as one text; empty when neither street nor postcode is known. It lives in a.
str event_address(arena *a, str street, str postcode, str city);
// A day of birth as one writes it, as YYYY-MM-DD; empty when it is none. day_first as in time_parse: which of
// two small numbers the day is; 0: the second, unless that cannot be.
str event_born(arena *a, str raw, int day_first);

// The event's JSON body as stored (text, lang, topic, mood, name, … and extra); "" when there is nothing to keep.
str event_body(arena *a, const event *ev);

#endif
