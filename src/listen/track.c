#include "listen/track_private.h"

#include "base/civil.h"

#include <stdarg.h>

static const struct {
    str name, brief;
} calls[] = {[TRACK_none] = {S(""), S("")},          [TRACK_identify] = {S("identify"), S("i")},
             [TRACK_track] = {S("track"), S("t")},   [TRACK_page] = {S("page"), S("p")},
             [TRACK_screen] = {S("screen"), S("s")}, [TRACK_group] = {S("group"), S("g")},
             [TRACK_alias] = {S("alias"), S("a")}};

str track_call_name(enum track_call c) {
    return calls[c].name;
}

enum track_call track_call_of(str name) {
    for (size_t i = 1; i < COUNT(calls); i++)
        if (str_eq(name, calls[i].name) || str_eq(name, calls[i].brief)) return (enum track_call)i;
    for (size_t i = 1; i < COUNT(calls); i++)
        if (str_eq_ci(name, calls[i].name)) return (enum track_call)i;
    return TRACK_none;
}

// ---- the body ----

bool track_open(arena *a, str bytes, track_body *b, err *e) {
    static const char *const names[] = {"writeKey", "api_key", "token", "write_key"};
    *b = (track_body){0};
    if (!doc_read(a, bytes, &b->d, e)) return false;
    doc_id first = DOC_ROOT; // a list of calls: the first one names the key for all
    if (doc_type(&b->d, DOC_ROOT) == DOC_LIST && doc_count(&b->d, DOC_ROOT)) first = doc_first(DOC_ROOT);
    for (size_t i = 0; i < COUNT(names) && !b->key.len; i++)
        b->key = str_trim(doc_text(a, &b->d, doc_get(&b->d, first, str_c(names[i]))));
    if (!b->key.len) b->key = str_trim(doc_text(a, &b->d, doc_path(&b->d, first, "properties.token")));
    return true;
}

// ---- refusing ----

void track_refuse(tracking *t, const char *field, const char *fmt, ...) {
    char text[512];
    if (t->refused) return;
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    t->refused = true;
    t->field = str_dup(t->a, str_c(field));
    t->reason = str_dup(t->a, (str){text, (size_t)MIN(MAX(n, 0), (int)sizeof text - 1)});
}

static bool is_key_name(const doc *d, doc_id name) {
    return doc_named(d, name, S("writeKey")) || doc_named(d, name, S("api_key")) || doc_named(d, name, S("token")) ||
           doc_named(d, name, S("write_key"));
}

// Members that are not told again: the key, the neighbours, and a type that the address overruled.
static bool left_out(const void *ctx, const doc *d, doc_id name) {
    const tracking *t = ctx;
    if (t->o->call && !t->item.posthog && (doc_named(d, name, S("type")) || doc_named(d, name, S("action"))))
        return true;
    return is_key_name(d, name) || doc_named(d, name, S("batch"));
}

static bool says(const tracking *t, const char *name) {
    return doc_get(t->d, t->at, str_c(name)) != DOC_NONE;
}

// What the call does not say itself, so that it can be read again: what it is and when it was sent and received.
static void put_lacking(tracking *t, buf *b) {
    const char *sent = t->item.posthog ? "sent_at" : "sentAt";
    if (!t->item.posthog && t->o->call) {
        buf_add(b, S("\"type\":"));
        buf_json_str(b, track_call_name(t->o->call));
        buf_addc(b, ',');
    }
    if (!says(t, "receivedAt")) {
        buf_add(b, S("\"receivedAt\":\""));
        buf_iso(b, t->o->now_us);
        buf_add(b, S("\","));
    }
    if (t->batch_sent && !says(t, sent)) {
        buf_fmt(b, "\"%s\":", sent);
        doc_put(b, t->d, t->batch_sent);
        buf_addc(b, ',');
    }
    if (t->batch_context && !says(t, "context")) {
        buf_add(b, S("\"context\":"));
        doc_put(b, t->d, t->batch_context);
        buf_addc(b, ',');
    }
}

static str raw_of(tracking *t) {
    if (doc_type(t->d, t->at) != DOC_OBJECT) return doc_raw(t->d, t->at);
    size_t room = doc_room(t->d, t->at) + doc_room(t->d, t->batch_context) + 512;
    if (!track_keep(t, room)) return doc_raw(t->d, t->at);
    buf b = buf_new(t->a, room);
    buf_addc(&b, '{');
    put_lacking(t, &b);
    if (!doc_put_members(&b, t->d, t->at, false, left_out, t) && b.s[b.len - 1] == ',') b.len--;
    buf_addc(&b, '}');
    return b.full ? doc_raw(t->d, t->at) : buf_str(&b);
}

static void add_bad(tracking *t, int64_t line) {
    track_out *o = t->out;
    if (o->n_bad == t->room_bad) {
        track_bad *more = make(t->a, track_bad, t->room_bad = t->room_bad ? t->room_bad * 2 : 16);
        if (o->n_bad) memcpy(more, o->bad, o->n_bad * sizeof *more);
        o->bad = more;
    }
    o->bad[o->n_bad++] = (track_bad){line, t->field, t->reason, raw_of(t)};
}

// ---- saying ----

static void make_room(tracking *t) {
    track_out *o = t->out;
    event *events = make(t->a, event, t->room *= 2);
    int32_t *rows = make(t->a, int32_t, t->room);
    memcpy(events, o->events, o->n * sizeof *events);
    memcpy(rows, o->row_of, o->n * sizeof *rows);
    o->events = events, o->row_of = rows;
}

event *track_say(tracking *t, enum kind kind, str ext) {
    track_out *o = t->out;
    if (o->n == t->room) make_room(t);
    event *ev = &o->events[o->n];
    *ev = t->like;
    ev->kind = kind;
    assert(ext.len || !t->said); // each event needs a key of its own
    ev->ext = ext.len ? ext : t->ext;
    o->row_of[o->n++] = (int32_t)o->rows;
    t->said++;
    return ev;
}

bool track_keep(tracking *t, size_t bytes) {
    t->kept += bytes;
    t->too_many |= t->kept > TRACK_KEPT_MOST;
    return !t->too_many;
}

str track_part(tracking *t, const char *part) {
    return str_fmt(t->a, "%.*s:%s", STR_ARG(t->ext), part);
}

str track_noun(tracking *t, const char *noun, str id) {
    return str_fmt(t->a, "%s:%.*s", noun, STR_ARG(id));
}

// ---- calls ----

// What makes a call without an id of its own the same call when it is sent again: all that it says, but when it was
// sent. One that does not say when it happened is another one a minute later.
static str content_key(tracking *t) {
    const track_item *x = &t->item;
    const doc_id parts[] = {x->properties, x->traits, x->once, x->timestamp, x->original};
    const str texts[] = {x->name, x->category, x->user, x->anonymous, x->previous, x->group};
    uint64_t h = x->call;
    for (size_t i = 0; i < COUNT(texts); i++) h = str_hash2(h, texts[i]);
    for (size_t i = 0; i < COUNT(parts); i++) h = str_hash2(h, parts[i] ? doc_raw(t->d, parts[i]) : S(""));
    if (!x->timestamp && !x->original && !x->sent)
        h = str_hash2(h, str_fmt(t->a, "%" PRId64, t->o->now_us / (60 * SECOND_US)));
    return str_fmt(t->a, "content:%016" PRIx64, h);
}

static bool begin_call(tracking *t) {
    const doc_value *v = &t->d->v[t->at];
    if (v->type != DOC_OBJECT)
        track_refuse(t, "call", "is no object; send {\"type\": \"track\", \"userId\": …, \"event\": …}");
    else if (v->flags & DOC_DEEP)
        track_refuse(t, "call", "goes deeper than %d levels; send what is in it flatter", DOC_DEPTH);
    else if (v->len > TRACK_CALL_MOST)
        track_refuse(t, "call", "is larger than %d KiB; send less in one call", TRACK_CALL_MOST >> 10);
    if (t->refused) return false;
    t->item.posthog = track_is_posthog(t, t->at);
    return t->item.posthog ? track_posthog(t) : track_segment(t);
}

static void one_call(tracking *t, doc_id at, int64_t line) {
    track_out *o = t->out;
    size_t before = o->n;
    t->at = at;
    t->item = (track_item){0};
    t->like = (event){.mood = MOOD_UNKNOWN};
    t->said = 0, t->refused = false;
    if (begin_call(t) && track_time(t) && track_person(t)) {
        t->ext = t->item.message.len ? t->item.message : content_key(t);
        track_become(t);
    }
    if (t->refused) {
        o->n = before;
        add_bad(t, line);
    }
    o->rows += o->n > before;
    t->too_many |= o->n > TRACK_EVENTS_MOST;
}

// What a batch says for all its calls is merged into each.
static bool shareable(const doc *d, doc_id i, const char *name, err *e) {
    if (d->v[i].flags & DOC_DEEP || doc_count(d, i) > TRACK_SHARED_MOST)
        return fail(e, ERR_too_large, "the batch's '%s' has more than %d members or %d levels; say it in the calls",
                    name, TRACK_SHARED_MOST, DOC_DEPTH);
    return true;
}

bool track_read(arena *a, const track_body *b, const track_opts *o, track_out *out, err *e) {
    const doc *d = &b->d;
    doc_id list = doc_type(d, DOC_ROOT) == DOC_LIST ? (doc_id)DOC_ROOT : doc_get(d, DOC_ROOT, S("batch"));
    bool many = list && doc_type(d, list) == DOC_LIST;
    size_t n = many ? doc_count(d, list) : 1;
    *out = (track_out){0};
    if (n > TRACK_EVENTS_MOST)
        return fail(e, ERR_too_large, "the body holds more than %d calls; send it in parts", TRACK_EVENTS_MOST);
    tracking t = {.a = a, .d = d, .o = o, .key = b->key, .out = out, .room = n + n / 8 + 8};
    t.money = currency_of(o->currency.len ? o->currency : S("EUR"));
    if (!t.money) return fail(e, ERR_invalid, "\"%.*s\" is no currency", STR_ARG(o->currency));
    out->events = make(a, event, t.room);
    out->row_of = make(a, int32_t, t.room);
    if (!many) {
        one_call(&t, DOC_ROOT, 1);
        return true;
    }
    t.batch_context = doc_get(d, DOC_ROOT, S("context"));
    t.batch_integrations = doc_get(d, DOC_ROOT, S("integrations"));
    if (!shareable(d, t.batch_context, "context", e) || !shareable(d, t.batch_integrations, "integrations", e))
        return false;
    t.batch_sent = doc_get(d, DOC_ROOT, S("sentAt"));
    if (!t.batch_sent) t.batch_sent = doc_get(d, DOC_ROOT, S("sent_at"));
    t.batch_received = doc_get(d, DOC_ROOT, S("receivedAt"));
    int64_t line = 0;
    for (doc_id i = doc_first(list); i < doc_after(d, list) && !t.too_many; i = doc_after(d, i))
        one_call(&t, i, ++line);
    return !t.too_many ||
           fail(e, ERR_too_large, "the body says more than %d things, or more than %d MiB of them; send it in parts",
                TRACK_EVENTS_MOST, TRACK_KEPT_MOST >> 20);
}
