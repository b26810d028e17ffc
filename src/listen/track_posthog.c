// One call of PostHog's form: {"event", "distinct_id", "properties", "timestamp", "uuid"}.
#include "listen/track_private.h"

static doc_id either(const tracking *t, const char *name, const char *other) {
    doc_id i = doc_get(t->d, t->at, str_c(name));
    return i ? i : doc_get(t->d, t->at, str_c(other));
}

static doc_id property(const tracking *t, const char *name) {
    return doc_get(t->d, t->item.properties, str_c(name));
}

static str text(tracking *t, doc_id i) {
    return str_trim(doc_scalar(t->a, t->d, i));
}

bool track_is_posthog(const tracking *t, doc_id item) {
    const doc *d = t->d;
    if (doc_get(d, item, S("distinct_id")) || doc_get(d, item, S("$distinct_id"))) return true;
    if (doc_get(d, item, S("userId")) || doc_get(d, item, S("anonymousId"))) return false;
    return doc_path(d, item, "properties.distinct_id") != DOC_NONE;
}

static enum track_call call_of(str name) {
    static const struct {
        str name;
        enum track_call call;
    } own[] = {{S("$identify"), TRACK_identify},   {S("$set"), TRACK_identify},
               {S("$create_alias"), TRACK_alias},  {S("$merge_dangerously"), TRACK_alias},
               {S("$groupidentify"), TRACK_group}, {S("$pageview"), TRACK_page},
               {S("$screen"), TRACK_screen}};
    for (size_t i = 0; i < COUNT(own); i++)
        if (str_eq(name, own[i].name)) return own[i].call;
    return TRACK_track;
}

// Ids that programs make for browsers: letters and digits of hexadecimal numbers in five groups.
static bool looks_made(str x) {
    int dashes = 0;
    for (size_t i = 0; i < x.len; i++) {
        char c = x.s[i];
        dashes += c == '-';
        if (c != '-' && !(c >= '0' && c <= '9') && !((c | 32) >= 'a' && (c | 32) <= 'f')) return false;
    }
    return dashes == 4 && x.len >= 30 && x.len <= 80;
}

// PostHog has one kind of id for browsers and customers. What the browser's library says of it decides; libraries of
// servers do not say, and what looks made by a program is taken for a browser's then. A customer's number that looks so
// is therefore said as both.
static void who(tracking *t, str id) {
    track_item *x = &t->item;
    str user = text(t, property(t, "$user_id")), device = text(t, property(t, "$device_id"));
    doc_id known = property(t, "$is_identified");
    bool told = x->call == TRACK_identify || x->call == TRACK_alias || doc_true(t->d, known) || str_eq(user, id);
    bool browser = doc_false(t->d, known) || doc_false(t->d, property(t, "$process_person_profile")) ||
                   str_eq(device, id) || looks_made(id);
    x->anonymous = text(t, property(t, "$anon_distinct_id"));
    if (!x->anonymous.len) x->anonymous = device;
    if (told || !browser) {
        x->user = id;
        if (looks_made(id)) x->also = id;
        return;
    }
    x->user = user;
    x->anonymous = id;
}

static void facts(tracking *t) {
    track_item *x = &t->item;
    x->traits = doc_get(t->d, t->at, S("$set"));
    x->once = doc_get(t->d, t->at, S("$set_once"));
    if (!x->traits) x->traits = property(t, "$set");
    if (!x->once) x->once = property(t, "$set_once");
    if (doc_type(t->d, x->traits) != DOC_OBJECT) x->traits = DOC_NONE;
    if (doc_type(t->d, x->once) != DOC_OBJECT) x->once = DOC_NONE;
    x->person[0] = x->once, x->person[1] = x->traits;
}

// What the calls that are more than an event say, and must say.
static bool particular(tracking *t) {
    track_item *x = &t->item;
    switch (x->call) {
    case TRACK_alias:
        x->previous = text(t, property(t, "alias"));
        if (!x->previous.len) track_refuse(t, "properties.alias", "is missing; say as whom they were known before");
        break;
    case TRACK_group:
        x->group = text(t, property(t, "$group_key"));
        x->traits = property(t, "$group_set");
        x->person[0] = x->person[1] = DOC_NONE;
        if (!x->group.len) track_refuse(t, "properties.$group_key", "is missing; say which group");
        break;
    case TRACK_page: x->name = text(t, property(t, property(t, "title") ? "title" : "$pathname")); break;
    case TRACK_screen: x->name = text(t, property(t, "$screen_name")); break;
    case TRACK_identify:
    case TRACK_track:
    case TRACK_none: break;
    }
    return !t->refused;
}

bool track_posthog(tracking *t) {
    track_item *x = &t->item;
    x->properties = doc_get(t->d, t->at, S("properties"));
    if (!doc_empty(t->d, x->properties) && doc_type(t->d, x->properties) != DOC_OBJECT)
        track_refuse(t, "properties", "must be an object, {…}");
    if (doc_empty(t->d, x->properties)) x->properties = DOC_NONE;
    x->name = text(t, doc_get(t->d, t->at, S("event")));
    if (!x->name.len) track_refuse(t, "event", "is missing; say what was done");
    if (t->refused) return false;
    x->call = call_of(x->name);
    doc_id id = either(t, "distinct_id", "$distinct_id");
    str distinct = text(t, id ? id : property(t, "distinct_id"));
    if (distinct.len) who(t, distinct);
    facts(t);
    x->message = text(t, either(t, "uuid", "$insert_id"));
    if (!x->message.len) x->message = text(t, property(t, "$insert_id"));
    x->timestamp = doc_get(t->d, t->at, S("timestamp"));
    if (doc_empty(t->d, x->timestamp)) x->timestamp = property(t, "$time");
    x->sent = doc_get(t->d, t->at, S("sent_at"));
    if (!x->sent) x->sent = t->batch_sent;
    x->received = doc_get(t->d, t->at, S("receivedAt"));
    return particular(t);
}
