// What the files of tracking share and nobody else sees.
#ifndef HEED_TRACK_PRIVATE_H
#define HEED_TRACK_PRIVATE_H

#include "base/money.h"
#include "listen/track.h"

// One call, whoever's form it came in. Texts are as they were sent.
typedef struct {
    enum track_call call;
    bool posthog;
    str name; // of what was done; of the page or screen
    str category, user, anonymous, previous, group, message;
    str also;                        // PostHog: the user's number, where it may have been taken for a browser's
    doc_id properties, traits, once; // once: what PostHog sets once
    doc_id context, integrations;
    doc_id person[2];                           // where facts about the person may stand
    doc_id timestamp, original, sent, received; // times as they were sent
    doc_id medium;                              // "channel": server, web, mobile
    bool asleep;                                // context.active is false: the person did nothing
    bool bare;                                  // the traits of the context stand as those of the call
} track_item;

typedef struct {
    arena *a;
    const doc *d;
    const track_opts *o;
    str key; // the write key
    const currency *money;
    track_out *out;
    size_t room, room_bad;
    doc_id batch_context, batch_integrations, batch_sent, batch_received;
    size_t kept; // bytes that the calls come to, with what the batch says for each of them
    bool too_many;
    // of the call at hand
    doc_id at;
    track_item item;
    event like;         // what all its events share
    enum channel place; // where it happened, whatever it was
    str ext;            // the key of its first event
    size_t said;        // events of it so far
    bool refused;
    str field, reason;
} tracking;

void track_refuse(tracking *t, const char *field, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

// The next event of the call; until the next one is said. Its key: `ext`, or when that is empty the call's own.
event *track_say(tracking *t, enum kind kind, str ext);
// Counts what is kept of a call; a short batch may say much for each of many calls. False: it is too much.
bool track_keep(tracking *t, size_t bytes);
str track_part(tracking *t, const char *part);         // a key of the call's own with a part: "…:message"
str track_noun(tracking *t, const char *noun, str id); // "order:7"

// A call's members, in either form; false when it was refused.
bool track_segment(tracking *t);
bool track_posthog(tracking *t);
bool track_is_posthog(const tracking *t, doc_id item);

// When it happened, and whether that rests on when it was received; false when it was refused.
bool track_time(tracking *t);
// Who it is about, and what is said of them; false when it was refused.
bool track_person(tracking *t);
void track_traits(tracking *t, event *ev, doc_id traits); // facts and identifiers that stand there

// What a call becomes.
void track_become(tracking *t);
void track_survey(tracking *t, str name);

// A member by its name in small letters and digits alone: "orderid" finds order_id, orderId and "Order ID".
doc_id track_prop(const doc *d, doc_id object, const char *name);
doc_id track_prop_any(const doc *d, doc_id object, const char *names); // several, blanks between; the first not empty
str track_prop_text(tracking *t, doc_id object, const char *names);

#endif
