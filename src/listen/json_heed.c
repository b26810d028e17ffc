#include "listen/json_heed.h"

#include "ledger/ident.h"

// Names that were looked up before: a file says the same few over and over.
enum { MEMO = 64 };
typedef struct {
    str name;
    int id;
} known;
typedef struct {
    known kinds[MEMO], channels[MEMO], instruments[MEMO], idents[MEMO], currencies[MEMO];
} memo;

static memo *memo_of(reading *r) {
    if (!r->own) r->own = make(r->life, memo, 1);
    return r->own;
}

static known *slot(known *table, str x) {
    return &table[(x.len * 7 + (unsigned char)x.s[0] * 3u + (unsigned char)x.s[x.len - 1]) % MEMO];
}

static enum kind find_kind(reading *r, str x) {
    known *const k = slot(memo_of(r)->kinds, x);
    if (!str_eq(k->name, x)) *k = (known){kind_name(kind_of(x)), kind_of(x)};
    return (enum kind)k->id;
}

static enum channel find_channel(reading *r, str x) {
    known *const k = slot(memo_of(r)->channels, x);
    if (!str_eq(k->name, x)) *k = (known){channel_name(channel_of(x)), channel_of(x)};
    return (enum channel)k->id;
}

static enum instrument find_instrument(reading *r, str x) {
    known *const k = slot(memo_of(r)->instruments, x);
    if (!str_eq(k->name, x)) *k = (known){instrument_name(instrument_of(x)), instrument_of(x)};
    return (enum instrument)k->id;
}

static enum ident_kind find_ident(reading *r, str x) {
    known *const k = slot(memo_of(r)->idents, x);
    if (!str_eq(k->name, x)) *k = (known){ident_name(ident_of(x)), ident_of(x)};
    return (enum ident_kind)k->id;
}

static int find_currency(reading *r, str x) {
    known *const k = slot(memo_of(r)->currencies, x);
    if (str_eq(k->name, x)) return k->id;
    const currency *const c = currency_of(x);
    *k = c ? (known){str_c(c->code), c->number} : (known){0};
    return k->id;
}

static int two(const char *s) {
    return (s[0] - '0') * 10 + (s[1] - '0');
}

// "2026-01-02T03:04:05Z", the form that heed writes; false leaves everything else to read_time.
static bool plain_time(str x, int64_t *at_us) {
    static const char form[] = "0000-00-00T00:00:00Z";
    if (x.len != sizeof form - 1) return false;
    for (size_t i = 0; i < x.len; i++)
        if (form[i] == '0' ? x.s[i] < '0' || x.s[i] > '9' : x.s[i] != form[i]) return false;
    const ymd d = {two(x.s) * 100 + two(x.s + 2), (int8_t)two(x.s + 5), (int8_t)two(x.s + 8)};
    const int hour = two(x.s + 11), minute = two(x.s + 14), second = two(x.s + 17);
    if (d.year < 1 || !ymd_ok(d) || hour > 23 || minute > 59 || second > 59) return false;
    *at_us = days_of(d) * DAY_US + (hour * 3600 + minute * 60 + second) * SECOND_US;
    return true;
}

static bool time_of(reading *r, const char *field, str x, int64_t *at_us) {
    return plain_time(x, at_us) || read_time(r, field, x, at_us);
}

static bool refuse_unit(reading *r, const char *what, str unit) {
    reject(r, "unit", "'%.*s' is no %s", STR_ARG(unit), what);
    return false;
}

static bool score_unit(reading *r, event *ev, str unit) {
    const enum instrument i = unit.len ? find_instrument(r, unit) : INSTRUMENT_none;
    int lo = 0, hi = 0;
    ev->unit = (int32_t)i;
    if (unit.len && i == INSTRUMENT_none) return refuse_unit(r, "instrument, such as nps or csat5", unit);
    if (!ev->has_value || (instrument_range(i, &lo, &hi) && ev->value >= lo * 100 && ev->value <= hi * 100))
        return true;
    if (i == INSTRUMENT_none)
        reject(r, "unit", "a score needs the instrument it was given on, such as nps or csat5");
    else
        reject(r, "value", "%" PRId64 " is not on the scale %d to %d times 100", ev->value, lo, hi);
    return false;
}

static bool money_unit(reading *r, event *ev, str unit) {
    const int number = unit.len ? find_currency(r, unit) : r->money->number;
    if (!number) return refuse_unit(r, "currency", unit);
    ev->unit = ev->has_value || unit.len ? number : 0;
    return true;
}

// What the number counts follows from the kind; for kinds without a number of their own, from the unit.
static bool set_unit(reading *r, event *ev, str unit) {
    switch (kind_class(ev->kind)) {
    case CLASS_SAID: return score_unit(r, ev, unit);
    case CLASS_MONEY:
    case CLASS_CONTRACT: return money_unit(r, ev, unit);
    default: break;
    }
    if (!unit.len) return true;
    ev->unit = find_currency(r, unit);
    if (!ev->unit) ev->unit = (int32_t)find_instrument(r, unit);
    return ev->unit || refuse_unit(r, "currency and no instrument", unit);
}

// In the order of the array, or from an object the strongest first.
static bool set_ids(reading *r, event *ev, const heed_wire *w) {
    for (int strength = w->ids_ranked ? STRENGTH_WEAK : STRENGTH_UNIQUE; strength >= STRENGTH_WEAK; strength--)
        for (int i = 0; i < w->n_ids; i++) {
            const str name = w->ids[i].kind;
            const enum ident_kind kind = name.len ? find_ident(r, name) : IDENT_none;
            if (kind == IDENT_none) {
                reject(r, "ids", "'%.*s' is no kind of identifier", STR_ARG(name));
                return false;
            }
            if (w->ids_ranked || (int)ident_strength(kind) == strength) add_ident(r, ev, kind, w->ids[i].value);
        }
    return true;
}

static bool set_channel(reading *r, event *ev, str name) {
    if (!name.len) return true;
    ev->channel = find_channel(r, name);
    if (ev->channel != CHANNEL_unknown || str_eq(name, S("unknown"))) return true;
    reject(r, "channel", "'%.*s' is no channel", STR_ARG(name));
    return false;
}

static bool set_mood(reading *r, event *ev, const heed_wire *w) {
    if (!w->has_mood) return true;
    ev->mood = (int)w->mood;
    if (w->mood >= -1 && w->mood <= 1) return true;
    reject(r, "mood", "must be -1, 0 or 1");
    return false;
}

static bool required(reading *r, const char *field, str x, const char *remedy) {
    if (!x.len) reject(r, field, "is missing; %s", remedy);
    return x.len > 0;
}

// The event of a line. Both readers end here, so that they cannot differ in what they accept.
static void say(reading *r, const heed_wire *w) {
    if (!required(r, "kind", w->kind, "say what happened: order, message_in, answer, …")) return;
    if (!required(r, "at", w->at, "say when it happened")) return;
    if (!required(r, "ext", w->ext, "give the event a key of its own, the same each time it is sent")) return;
    const enum kind kind = find_kind(r, w->kind);
    if (kind == KIND_none) {
        reject(r, "kind", "'%.*s' is no kind of event", STR_ARG(w->kind));
        return;
    }
    event *const ev = event_new(r, kind, r->as->channel);
    if (!ev || !time_of(r, "at", w->at, &ev->at_us) || !set_channel(r, ev, w->channel) || !set_mood(r, ev, w)) return;
    if (w->edited.len && !time_of(r, "edited", w->edited, &ev->edited_us)) return;
    r->out->source = w->source;
    ev->has_value = w->has_value;
    ev->value = w->value;
    if (!set_unit(r, ev, w->unit) || !set_ids(r, ev, w)) return;
    ev->ext = w->ext;
    ev->thread = w->thread;
    ev->text = w->text;
    ev->lang = w->lang;
    ev->topic = w->topic;
    ev->name = w->name;
    ev->country = w->country;
    ev->address = w->address;
    ev->born = w->born;
    ev->segment = w->segment;
    ev->staff = w->staff;
    ev->extra = w->extra;
    ev->quantity = w->quantity;
}

static void heed_item(reading *r, const json_t *item) {
    heed_wire w;
    if (heed_wire_slow(r, item, &w)) say(r, &w);
}

// The room hands the element as text in r->out->raw, unparsed, to a JSON adapter that has a row function.
static void heed_row(reading *r) {
    heed_wire w;
    if (heed_wire_fast(&r->row, r->out->raw, &w)) {
        say(r, &w);
        return;
    }
    json_t *item = NULL;
    err e = {0};
    if (json_read(r->out->raw, &item, &e))
        heed_item(r, item);
    else
        reject(r, "event", "%s", e.msg);
    json_decref(item);
}

static double heed_sure(const glance *g) {
    const str kind = json_at(g->first, "kind");
    const bool named = json_at(g->first, "at").len && json_at(g->first, "ext").len;
    return kind.len && kind_of(kind) != KIND_none && named ? 0.99 : 0;
}

const adapter ADAPTER_heed_events = {
    .name = "heed-events",
    .label = "heed events (JSON Lines)",
    .source = "heed",
    .channel = CHANNEL_import,
    .format = FORMAT_JSON,
    .sure = heed_sure,
    .row = heed_row,
    .item = heed_item,
};
