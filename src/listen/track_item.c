// One call of Segment's or RudderStack's form; when it happened; who it is about.
#include "listen/track_private.h"

#include "base/civil.h"
#include "ledger/ident.h"

// ---- members by name ----

// In the order in which SDKs write them, so that the search for the next name is mostly short.
#define AT(member) offsetof(track_segment_ids, member)
typedef struct {
    doc_id timestamp, original, type, action, event, properties, traits, context, integrations, user, anonymous,
        message, group, previous, name, category, sent, received, channel;
} track_segment_ids;

static const struct {
    str name;
    size_t at;
} members[] = {
    {S("timestamp"), AT(timestamp)},
    {S("integrations"), AT(integrations)},
    {S("event"), AT(event)},
    {S("type"), AT(type)},
    {S("properties"), AT(properties)},
    {S("userId"), AT(user)},
    {S("traits"), AT(traits)},
    {S("groupId"), AT(group)},
    {S("category"), AT(category)},
    {S("name"), AT(name)},
    {S("context"), AT(context)},
    {S("anonymousId"), AT(anonymous)},
    {S("previousId"), AT(previous)},
    {S("messageId"), AT(message)},
    {S("originalTimestamp"), AT(original)},
    {S("sentAt"), AT(sent)},
    {S("channel"), AT(channel)},
    {S("receivedAt"), AT(received)},
    {S("action"), AT(action)},
    {S("user_id"), AT(user)},
    {S("anonymous_id"), AT(anonymous)},
    {S("message_id"), AT(message)},
    {S("group_id"), AT(group)},
    {S("previous_id"), AT(previous)},
    {S("sent_at"), AT(sent)},
    {S("original_timestamp"), AT(original)},
};

static track_segment_ids gather(const doc *d, doc_id item) {
    track_segment_ids ids = {0};
    size_t likely = 0;
    for (doc_id k = doc_first(item); k < doc_after(d, item); k = doc_after(d, k + 1))
        for (size_t i = 0; i < COUNT(members); i++) {
            size_t m = likely + i < COUNT(members) ? likely + i : likely + i - COUNT(members);
            if (!doc_named(d, k, members[m].name)) continue;
            doc_id *at = (doc_id *)(void *)((char *)&ids + members[m].at);
            if (!*at) *at = k + 1;
            likely = m + 1;
            break;
        }
    return ids;
}

// A text or number; anything else that is there and not null is refused.
static bool text_member(tracking *t, const char *name, doc_id i, str *out) {
    enum doc_type type = doc_type(t->d, i);
    *out = str_trim(doc_scalar(t->a, t->d, i));
    if (type == DOC_OBJECT || type == DOC_LIST || type == DOC_TRUE || type == DOC_FALSE)
        track_refuse(t, name, "must be a text or a number");
    return !t->refused;
}

static doc_id structure_member(tracking *t, const char *name, doc_id i) {
    enum doc_type type = doc_type(t->d, i);
    bool none = doc_empty(t->d, i); // an empty list is how PHP writes an empty object
    if (!none && type != DOC_OBJECT) track_refuse(t, name, "must be an object, {…}");
    return none ? (doc_id)DOC_NONE : i;
}

static bool which_call(tracking *t, const track_segment_ids *ids) {
    doc_id type = ids->type ? ids->type : ids->action; // older pages of the specification say "action"
    str name = str_trim(doc_text(t->a, t->d, type));
    t->item.call = t->o->call ? t->o->call : track_call_of(name);
    if (t->item.call) return true;
    if (name.len)
        track_refuse(t, "type", "\"%.*s\" is no call; there are identify, track, page, screen, group and alias",
                     (int)MIN(name.len, 60), name.s);
    else
        track_refuse(t, "type", "is missing; say identify, track, page, screen, group or alias");
    return false;
}

// What each kind of call must say.
static bool is_whole(tracking *t) {
    const track_item *x = &t->item;
    if (x->call == TRACK_track && !x->name.len)
        track_refuse(t, "event", "is missing; say what was done, such as \"Order Completed\"");
    if (x->call == TRACK_group && !x->group.len) track_refuse(t, "groupId", "is missing; say which group");
    if (x->call == TRACK_alias && !x->user.len) track_refuse(t, "userId", "is missing; say who it is from now on");
    if (x->call == TRACK_alias && !x->previous.len && !x->anonymous.len)
        track_refuse(t, "previousId", "is missing; say as whom they were known before");
    return !t->refused;
}

bool track_segment(tracking *t) {
    track_segment_ids ids = gather(t->d, t->at);
    track_item *x = &t->item;
    if (!which_call(t, &ids)) return false;
    bool pages = x->call == TRACK_page || x->call == TRACK_screen;
    bool ok =
        text_member(t, "event",
                    x->call == TRACK_track ? ids.event
                    : pages                ? ids.name
                                           : DOC_NONE,
                    &x->name) &&
        text_member(t, "userId", ids.user, &x->user) && text_member(t, "anonymousId", ids.anonymous, &x->anonymous) &&
        text_member(t, "messageId", ids.message, &x->message) && text_member(t, "groupId", ids.group, &x->group) &&
        text_member(t, "previousId", ids.previous, &x->previous) &&
        text_member(t, "category", ids.category, &x->category);
    x->properties = structure_member(t, "properties", ids.properties);
    x->traits = structure_member(t, "traits", ids.traits);
    x->context = structure_member(t, "context", ids.context);
    x->integrations = structure_member(t, "integrations", ids.integrations);
    x->timestamp = ids.timestamp, x->original = ids.original, x->medium = ids.channel;
    x->sent = ids.sent ? ids.sent : t->batch_sent;
    x->received = ids.received ? ids.received : t->batch_received;
    x->person[0] = doc_get(t->d, x->context, S("traits"));
    if (x->call == TRACK_identify) {
        x->person[1] = x->traits;
        x->bare = doc_empty(t->d, x->traits) && x->person[0];
        if (x->bare) x->traits = x->person[0]; // RudderStack's browser library says them there alone
    }
    x->asleep =
        doc_false(t->d, doc_get(t->d, x->context, S("active"))) ||
        (!doc_get(t->d, x->context, S("active")) && doc_false(t->d, doc_get(t->d, t->batch_context, S("active"))));
    return ok && !t->refused && is_whole(t);
}

// ---- when ----

static int two(const char *p) {
    unsigned a = (unsigned char)p[0] - '0', b = (unsigned char)p[1] - '0';
    return a < 10 && b < 10 ? (int)(a * 10 + b) : -1;
}

// "2026-11-21T18:26:19.264Z", as JavaScript prints times; everything else is left to time_parse.
static bool plain_time(str x, int64_t *at_us) {
    static const char form[] = "0000-00-00T00:00:00.000Z";
    if (x.len != sizeof form - 1) return false;
    for (size_t i = 0; i < x.len; i++)
        if (form[i] == '0' ? x.s[i] < '0' || x.s[i] > '9' : x.s[i] != form[i]) return false;
    const char *p = x.s;
    ymd d = {two(p) * 100 + two(p + 2), (int8_t)two(p + 5), (int8_t)two(p + 8)};
    int hour = two(p + 11), minute = two(p + 14), second = two(p + 17), ms = two(p + 20) * 10 + (p[22] - '0');
    if (d.year < 1 || !ymd_ok(d) || hour > 23 || minute > 59 || second > 59) return false;
    *at_us = days_of(d) * DAY_US + (hour * 3600 + minute * 60 + second) * SECOND_US + ms * INT64_C(1000);
    return true;
}

// False when there is no time; a time that is none is refused.
static bool time_of(tracking *t, const char *name, doc_id i, int64_t *at_us) {
    str x = str_trim(doc_scalar(t->a, t->d, i));
    if (!x.len) return false;
    if (plain_time(x, at_us) || time_parse(x, NULL, 0, at_us)) return true;
    track_refuse(t, name, "\"%.*s\" is no time; write it as 2026-01-31T14:05:00Z", (int)MIN(x.len, 60), x.s);
    return false;
}

// A clock that is wrong by less than this is believed; a time that lies further back than a day from when it was sent
// was given by whoever called, and is never corrected; nothing happens later than a day after it was told.
enum { CLOCK_OFF_S = 300 };
static const int64_t HISTORY_US = DAY_US, AHEAD_US = DAY_US;

static bool text_is(const doc *d, doc_id i, const char *is) {
    return doc_type(d, i) == DOC_TEXT && doc_named(d, i, str_c(is));
}

// Whether sentAt may be that of an earlier try: servers set their clocks, and the libraries of this name repeat it.
static bool sends_again(const tracking *t) {
    const doc *d = t->d;
    doc_id context = t->item.context ? t->item.context : t->batch_context;
    doc_id library = doc_path(d, context, "library.name");
    return text_is(d, library, "analytics-node") || text_is(d, t->item.medium, "server");
}

// How far the sender's clock is behind ours, as far as it matters: receivedAt - sentAt.
static int64_t clock_off(const tracking *t, int64_t at_us, int64_t sent_us, int64_t received_us) {
    int64_t off = received_us - sent_us;
    if (off <= CLOCK_OFF_S * SECOND_US && off >= -CLOCK_OFF_S * SECOND_US) return 0;
    if (sent_us - at_us > HISTORY_US) return 0;
    if (off > 0 && sends_again(t)) return 0;
    return off;
}

bool track_time(tracking *t) {
    const track_item *x = &t->item;
    int64_t at = 0, original = 0, sent = 0, received = t->o->now_us;
    bool given = time_of(t, "timestamp", x->timestamp, &at),
         told = time_of(t, "originalTimestamp", x->original, &original);
    bool was_sent = time_of(t, "sentAt", x->sent, &sent);
    if (!was_sent && t->o->sent_at.len) was_sent = time_parse(t->o->sent_at, NULL, 0, &sent);
    time_of(t, "receivedAt", x->received, &received);
    if (t->refused) return false;
    if (t->o->now_us) received = MIN(received, t->o->now_us);
    bool ours = false;     // rests on our clock
    if (!given || !told) { // both: "timestamp" was corrected already, or given by whoever called
        if (!given) at = told ? original : was_sent ? sent : received;
        if (!given && !told && !was_sent && !received)
            track_refuse(t, "timestamp", "is missing; send the time at which it happened");
        int64_t off = was_sent && received ? clock_off(t, at, sent, received) : 0;
        ours = off || (!given && !told && !was_sent);
        at += off;
    }
    if (at <= 0) track_refuse(t, "timestamp", "is before 1970; send the time at which it happened");
    if (received && at > received + AHEAD_US)
        track_refuse(t, "timestamp", "lies ahead; send the time at which it happened, in UTC");
    t->like.at_us = at;
    // Sent again it would come with another time: the one that came first stands.
    if (ours) t->like.edited_us = -received;
    return !t->refused;
}

// ---- who ----

// Text in small letters and digits alone, as far as it fits.
enum { TRACK_PLAIN = 48 };
static size_t track_plain(char into[TRACK_PLAIN], str x) {
    size_t n = 0;
    for (size_t i = 0; i < x.len && n < TRACK_PLAIN; i++) {
        char c = x.s[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c | 32);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80) into[n++] = c;
    }
    return n;
}

static bool plain_named(const doc *d, doc_id name, str is) {
    char plain[TRACK_PLAIN];
    const doc_value *v = &d->v[name];
    if (v->len < is.len || v->len > 2 * is.len + 8) return false;
    size_t n = track_plain(plain, (str){d->text + v->at, v->len});
    return n == is.len && memcmp(plain, is.s, n) == 0;
}

doc_id track_prop(const doc *d, doc_id object, const char *name) {
    if (doc_type(d, object) != DOC_OBJECT) return DOC_NONE;
    for (doc_id k = doc_first(object); k < doc_after(d, object); k = doc_after(d, k + 1))
        if (plain_named(d, k, str_c(name))) return k + 1;
    return DOC_NONE;
}

doc_id track_prop_any(const doc *d, doc_id object, const char *names) {
    for (str rest = str_c(names); rest.s;) {
        str name = str_cut(&rest, ' ');
        char z[TRACK_PLAIN + 1];
        snprintf(z, sizeof z, "%.*s", STR_ARG(name));
        doc_id i = track_prop(d, object, z);
        bool empty = doc_empty(d, i) || (doc_type(d, i) == DOC_TEXT && !d->v[i].len);
        if (!empty) return i;
    }
    return DOC_NONE;
}

str track_prop_text(tracking *t, doc_id object, const char *names) {
    return str_trim(doc_scalar(t->a, t->d, track_prop_any(t->d, object, names)));
}

// The traits that mean something to us, wherever they stand.
typedef struct {
    str email, phone, name, first, last, plan, country, lang, street, postcode, city, born;
} traits;

static void take_text(tracking *t, str *to, doc_id i) {
    if (!to->len) *to = str_trim(doc_scalar(t->a, t->d, i));
}

static void take_trait(tracking *t, traits *x, str name, doc_id i) {
    char plain[TRACK_PLAIN];
    if (name.len > 24) return;
    str is = {plain, track_plain(plain, name)};
    const struct {
        str name;
        str *to;
    } known[] = {{S("email"), &x->email},     {S("name"), &x->name},        {S("phone"), &x->phone},
                 {S("firstname"), &x->first}, {S("plan"), &x->plan},        {S("lastname"), &x->last},
                 {S("country"), &x->country}, {S("language"), &x->lang},    {S("locale"), &x->lang},
                 {S("birthday"), &x->born},   {S("dateofbirth"), &x->born}, {S("postalcode"), &x->postcode},
                 {S("zip"), &x->postcode},    {S("city"), &x->city},        {S("street"), &x->street}};
    for (size_t k = 0; k < COUNT(known); k++)
        if (str_eq(is, known[k].name)) take_text(t, known[k].to, i);
    if (!str_eq(is, S("address"))) return;
    take_text(t, &x->country, track_prop(t->d, i, "country"));
    take_text(t, &x->street, track_prop(t->d, i, "street"));
    take_text(t, &x->postcode, track_prop_any(t->d, i, "postalCode postal_code zip"));
    take_text(t, &x->city, track_prop(t->d, i, "city"));
}

static void gather_traits(tracking *t, traits *x, doc_id object) {
    const doc *d = t->d;
    if (doc_type(d, object) != DOC_OBJECT) return;
    for (doc_id k = doc_first(object); k < doc_after(d, object); k = doc_after(d, k + 1))
        take_trait(t, x, (str){d->text + d->v[k].at, d->v[k].len}, k + 1);
}

static str two_names(tracking *t, str first, str last) {
    if (!first.len || !last.len) return first.len ? first : last;
    return str_fmt(t->a, "%.*s %.*s", STR_ARG(first), STR_ARG(last));
}

static void say_traits(tracking *t, event *ev, const traits *x) {
    str country = x->country.len == 2 ? x->country : t->o->country, lang = x->lang;
    if (x->email.len) event_add_ident(t->a, ev, IDENT_email, x->email, country);
    if (x->phone.len) event_add_ident(t->a, ev, IDENT_phone, x->phone, country);
    str name = x->name.len ? x->name : two_names(t, x->first, x->last);
    if (name.len) ev->name = name;
    if (x->country.len) ev->country = x->country;
    ev->address = event_address(t->a, x->street, x->postcode, x->city);
    ev->born = event_born(t->a, x->born, 0);
    if (x->plan.len) ev->segment = x->plan;
    ptrdiff_t cut = str_find(lang, '-') >= 0 ? str_find(lang, '-') : str_find(lang, '_');
    if (cut >= 0) lang = str_sub(lang, 0, (size_t)cut);
    if (lang.len == 2 || lang.len == 3) ev->lang = str_lower(t->a, lang);
}

void track_traits(tracking *t, event *ev, doc_id object) {
    traits x = {0};
    gather_traits(t, &x, object);
    say_traits(t, ev, &x);
}

static bool looks_email(str x) {
    return str_find(x, '@') > 0;
}

// As whom they were known before: a number of ours, a browser, an address. It may have been any of them, so it is said
// as each; what nobody was known by joins nobody.
static void add_previous(tracking *t, event *ev) {
    const track_item *x = &t->item;
    if (!x->previous.len || str_eq(x->previous, x->anonymous)) return;
    event_add_ident(t->a, ev, IDENT_anonymous_id, x->previous, S(""));
    event_add_ident(t->a, ev, IDENT_user_id, x->previous, S(""));
    if (looks_email(x->previous)) event_add_ident(t->a, ev, IDENT_email, x->previous, S(""));
}

static void refuse_nobody(tracking *t) {
    const track_item *x = &t->item;
    str id = x->user.len ? x->user : x->anonymous;
    const char *field = x->posthog ? "distinct_id" : x->user.len || !x->anonymous.len ? "userId" : "anonymousId";
    if (id.len)
        track_refuse(t, field, "\"%.*s\" identifies nobody; send the customer's own number, or an anonymousId",
                     (int)MIN(id.len, 60), id.s);
    else
        track_refuse(t, field,
                     x->posthog ? "is missing; say who it is about"
                                : "is missing; send userId, or anonymousId for whoever is not signed in");
}

bool track_person(tracking *t) {
    const track_item *x = &t->item;
    event *ev = &t->like;
    if (x->user.len) event_add_ident(t->a, ev, IDENT_user_id, x->user, S(""));
    if (x->anonymous.len) event_add_ident(t->a, ev, IDENT_anonymous_id, x->anonymous, S(""));
    if (!ev->n_ids) {
        refuse_nobody(t);
        return false;
    }
    if (x->call == TRACK_alias && ev->ids[0].kind != IDENT_user_id) {
        refuse_nobody(t);
        return false;
    }
    if (x->also.len) event_add_ident(t->a, ev, IDENT_anonymous_id, x->also, S(""));
    if (x->call == TRACK_alias) add_previous(t, ev);
    if (looks_email(x->user)) event_add_ident(t->a, ev, IDENT_email, x->user, S(""));
    traits of = {0}; // what the call itself says comes before what its context repeats
    for (size_t i = COUNT(x->person); i-- > 0;) gather_traits(t, &of, x->person[i]);
    say_traits(t, ev, &of);
    return true;
}
