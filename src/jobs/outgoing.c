#include <sodium.h>

#include "base/civil.h"
#include "base/money.h"
#include "jobs/fetch.h"
#include "jobs/outgoing.h"
#include "jobs/outgoing_private.h"
#include "know/settings.h"
#include "ledger/sources.h"
#include "sql/serve_hooks.h"

// A secret has 24 to 64 bytes, a body should stay below 20 kB (Standard Webhooks 1.0.0).
enum {
    SECRET_BYTES = 32,
    BODY_MOST = 20000,
    TOLD_CUSTOMERS = 100,
    TEXT_MOST = 8000,
    SHORT_MOST = 200,
    ABOUT_MOST = 200,
    ID_BYTES = 18,
    GONE = 8192
};
static const int64_t NEWS_US = 3 * DAY_US, OVERLAP_US = DAY_US;

static const message_row rows[] = {
#define MESSAGE(id, type, shape, text) {type, shape, text},
#include "jobs/messages.def"
};

static const unsigned char told_as[] = {
#define TELL(kind, message) [KIND_##kind] = MESSAGE_##message + 1,
#include "jobs/messages.def"
};

static const char *const endpoint_states[] = {"on", "off", "failed"};
static const char *const delivery_states[] = {"waiting", "delivered", "given up"};

const message_row *message_rows(size_t *n) {
    *n = COUNT(rows);
    return rows;
}

enum message message_of(str type) {
    for (size_t i = 0; i < COUNT(rows); i++)
        if (str_eq(type, str_c(rows[i].type))) return (enum message)i;
    return MESSAGES;
}

const char *endpoint_state_name(int64_t state) {
    return state >= 0 && state < (int64_t)COUNT(endpoint_states) ? endpoint_states[state] : "unknown";
}

const char *delivery_state_name(int64_t state) {
    return state >= 0 && state < (int64_t)COUNT(delivery_states) ? delivery_states[state] : "unknown";
}

int delivery_state_of(str name) {
    for (size_t i = 0; i < COUNT(delivery_states); i++)
        if (str_eq(name, str_c(delivery_states[i]))) return (int)i;
    return -1;
}

// Who wants what, as the writer's thread remembers it between changes.
typedef struct {
    int64_t id;
    uint32_t wants; // bits of enum message
} wish;

struct outgoing {
    const world *w;
    bool allow_private;
    arena life;
    wish wishes[ENDPOINTS];
    size_t n_wishes;
    uint32_t wanted; // by anybody
    bool known;      // the wishes are those of the store
    // Keys of events that were taken out: what follows under the same key is another version, and no news.
    int64_t *gone;
    bool written; // atomic: something waits to be sent after the commit
};

outgoing *outgoing_open(const world *w, bool allow_private) {
    arena life = arena_open(1 << 20);
    outgoing *o = make(&life, outgoing, 1);
    *o = (outgoing){.w = w, .allow_private = allow_private};
    o->gone = make(&life, int64_t, GONE);
    o->life = life;
    return o;
}

void outgoing_close(outgoing *o) {
    if (!o) return;
    arena life = o->life;
    arena_close(&life);
}

bool outgoing_private(const outgoing *o) {
    return o->allow_private;
}

// Something waits to be sent after the commit.
static void outgoing_written(outgoing *o) {
    __atomic_store_n(&o->written, true, __ATOMIC_RELEASE);
}

bool outgoing_waits(outgoing *o) {
    return __atomic_exchange_n(&o->written, false, __ATOMIC_ACQ_REL);
}

// What was changed in a transaction that is undone was not changed; reading it again is cheap.
static void changed(outgoing *o) {
    o->known = false;
    outgoing_written(o);
}

// Endpoints

static void read_secrets(arena *a, str text, endpoint *p) {
    json_t *list = NULL;
    if (!json_read(text, &list, NULL)) return;
    for (size_t i = 0; i < json_array_size(list) && p->n_secrets < ENDPOINT_SECRETS; i++) {
        const json_t *one = json_array_get(list, i);
        p->secrets[p->n_secrets++] =
            (endpoint_secret){.secret = str_dup(a, json_at(one, "secret")),
                              .until_us = json_integer_value(json_object_get(one, "until_us"))};
    }
    json_decref(list);
}

endpoint endpoint_read(arena *a, const row *r) {
    endpoint p = {.id = row_int(r, 0),
                  .url = str_dup(a, row_str(r, 1)),
                  .about = str_dup(a, row_str(r, 2)),
                  .types = str_dup(a, row_str(r, 3)),
                  .state = row_int(r, 5),
                  .failing_us = row_int(r, 6),
                  .created_us = row_int(r, 7),
                  .version = row_int(r, 8)};
    read_secrets(a, row_str(r, 4), &p);
    return p;
}

bool endpoint_get(arena *a, store *s, int64_t id, endpoint *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_endpoint_get, e, "i", id); row_next(&r);) *out = endpoint_read(a, &r), found = true;
    if (!err_ok(e)) return false;
    return found || fail(e, ERR_not_found, "there is no endpoint %" PRId64, id);
}

static str secrets_json(arena *a, const endpoint_secret *secrets, int n) {
    buf b = buf_new(a, 4096);
    json_out j = json_to(&b);
    json_open(&j, NULL, '[');
    for (int i = 0; i < n; i++) {
        json_open(&j, NULL, '{');
        json_put_str(&j, "secret", secrets[i].secret);
        json_put_int(&j, "until_us", secrets[i].until_us);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    return buf_str(&b);
}

static str new_secret(arena *a, const world *w) {
    unsigned char bytes[SECRET_BYTES];
    char text[2 * SECRET_BYTES];
    w->random(w, bytes, sizeof bytes);
    sodium_bin2base64(text, sizeof text, bytes, sizeof bytes, sodium_base64_VARIANT_ORIGINAL);
    return str_fmt(a, "whsec_%s", text);
}

// Names of messages that exist; the list as it is stored.
static bool types_json(arena *a, const json_t *types, str *out, err *e) {
    buf b = buf_new(a, 4096);
    json_out j = json_to(&b);
    json_open(&j, NULL, '[');
    for (size_t i = 0; i < json_array_size(types); i++) {
        str type = json_text(json_array_get(types, i));
        if (message_of(type) == MESSAGES)
            return fail(e, ERR_invalid, "there are no messages of the type \"%.*s\"; GET /api/message-types lists them",
                        (int)MIN(type.len, 60), type.s);
        json_put_str(&j, NULL, type);
    }
    json_close(&j, ']');
    *out = buf_str(&b);
    return true;
}

static bool check_about(str about, err *e) {
    return about.len <= ABOUT_MOST || fail(e, ERR_invalid, "the note must not be longer than %d bytes", ABOUT_MOST);
}

bool endpoint_make(outgoing *o, desk *d, str url, str about, const json_t *types, int64_t *id, str *secret, err *e) {
    int64_t n = 0;
    str list;
    if (!fetch_check(url, o->allow_private, e) || !check_about(about, e) || !types_json(d->a, types, &list, e))
        return false;
    if (!store_int(d->s, Q_endpoint_count, &n, 0, e, "")) return false;
    if (n >= ENDPOINTS) return fail(e, ERR_full, "there are %d endpoints already; delete one first", ENDPOINTS);
    *secret = new_secret(d->a, d->w);
    changed(o);
    return ledger_id(know_ledger(d->k), id, e) &&
           store_run(d->s, Q_endpoint_put, NULL, e, "itttti", *id, url, about, list,
                     secrets_json(d->a, &(endpoint_secret){*secret, 0}, 1), d->w->now_us(d->w));
}

bool endpoint_change(outgoing *o, desk *d, const endpoint *p, str url, str about, const json_t *types, err *e) {
    str list = p->types;
    if (!fetch_check(url, o->allow_private, e) || !check_about(about, e)) return false;
    if (types && !types_json(d->a, types, &list, e)) return false;
    changed(o);
    return store_run(d->s, Q_endpoint_change, NULL, e, "ittt", p->id, url, about, list);
}

bool endpoint_rotate(outgoing *o, desk *d, const endpoint *p, str *secret, err *e) {
    endpoint_secret all[ENDPOINT_SECRETS];
    int64_t now = d->w->now_us(d->w);
    int n = 0;
    *secret = new_secret(d->a, d->w);
    all[n++] = (endpoint_secret){*secret, 0};
    for (int i = 0; i < p->n_secrets && n < ENDPOINT_SECRETS; i++) {
        endpoint_secret old = p->secrets[i];
        if (!old.until_us) old.until_us = now + OVERLAP_US;
        if (old.until_us > now) all[n++] = old;
    }
    changed(o);
    return store_run(d->s, Q_endpoint_secrets, NULL, e, "it", p->id, secrets_json(d->a, all, n));
}

bool endpoint_turn(outgoing *o, desk *d, int64_t id, enum endpoint_state state, err *e) {
    int64_t n = 0, now = d->w->now_us(d->w);
    changed(o);
    if (!store_run(d->s, Q_endpoint_state, &n, e, "ii", id, (int64_t)state)) return false;
    if (!n) return fail(e, ERR_not_found, "there is no endpoint %" PRId64, id);
    if (state == ENDPOINT_ON) return store_run(d->s, Q_delivery_release, NULL, e, "ii", id, now);
    return store_run(d->s, Q_delivery_hold, NULL, e, "ii", id, DELIVERY_PARKED);
}

bool endpoint_drop(outgoing *o, desk *d, int64_t id, err *e) {
    int64_t n = 0;
    changed(o);
    if (!store_run(d->s, Q_delivery_drop_all, NULL, e, "i", id) || !store_run(d->s, Q_endpoint_drop, &n, e, "i", id))
        return false;
    return n || fail(e, ERR_not_found, "there is no endpoint %" PRId64, id);
}

// Messages

static str message_id(arena *a, const world *w) {
    unsigned char bytes[ID_BYTES];
    char text[2 * ID_BYTES];
    w->random(w, bytes, sizeof bytes);
    sodium_bin2base64(text, sizeof text, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return str_fmt(a, "msg_%s", text);
}

static str envelope(arena *a, const char *type, int64_t now_us, str data) {
    buf b = buf_new(a, data.len + 256);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    json_put_str(&j, "type", str_c(type));
    json_put_str(&j, "timestamp", iso_str(a, now_us));
    json_put_raw(&j, "data", data);
    json_close(&j, '}');
    return buf_str(&b);
}

static bool put(outgoing *o, desk *d, int64_t endpoint_id, enum message m, int64_t profile, str message, str body,
                int64_t *id, err *e) {
    int64_t now = d->w->now_us(d->w);
    outgoing_written(o);
    return ledger_id(know_ledger(d->k), id, e) && store_run(d->s, Q_delivery_put, NULL, e, "iittitii", *id, endpoint_id,
                                                            message, str_c(rows[m].type), profile, body, now, now);
}

static uint32_t wants(str types) {
    json_t *list = NULL;
    uint32_t bits = 0;
    if (!json_read(types, &list, NULL)) return 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        enum message m = message_of(json_text(json_array_get(list, i)));
        if (m < MESSAGES) bits |= UINT32_C(1) << m;
    }
    bool all = !json_array_size(list);
    json_decref(list);
    return all ? ~UINT32_C(0) : bits;
}

static bool learn(outgoing *o, desk *d, err *e) {
    arena a = *d->a;
    if (o->known) return true;
    o->n_wishes = 0, o->wanted = 0;
    for (row r = store_query(d->s, Q_endpoint_list, e, "ii", INT64_C(0), (int64_t)ENDPOINTS); row_next(&r);) {
        endpoint p = endpoint_read(&a, &r);
        if (p.state != ENDPOINT_ON || o->n_wishes == ENDPOINTS) continue;
        o->wishes[o->n_wishes] = (wish){p.id, wants(p.types)};
        o->wanted |= o->wishes[o->n_wishes++].wants;
    }
    o->known = err_ok(e);
    return o->known;
}

static bool tell(outgoing *o, desk *d, enum message m, int64_t profile, str data, err *e) {
    arena a = *d->a;
    int64_t id;
    str message = message_id(&a, d->w), body = envelope(&a, rows[m].type, d->w->now_us(d->w), data);
    bool ok = true;
    for (size_t i = 0; ok && i < o->n_wishes; i++)
        if (o->wishes[i].wants >> m & 1) ok = put(o, d, o->wishes[i].id, m, profile, message, body, &id, e);
    return ok;
}

bool outgoing_tell(outgoing *o, desk *d, enum message m, int64_t profile, str data, err *e) {
    if (!o) return true;
    assert(data.len <= BODY_MOST);
    if (!learn(o, d, e)) return false;
    return !(o->wanted >> m & 1) || tell(o, d, m, profile, data, e);
}

bool outgoing_verdict(outgoing *o, desk *d, const verdict_told *t, err *e) {
    arena a = *d->a;
    desk mine = *d;
    buf b = buf_new(&a, BODY_MOST);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    json_open(&j, "customers", '[');
    for (size_t i = 0; i < t->n && i < TOLD_CUSTOMERS; i++) json_put_int(&j, NULL, t->customers[i]);
    json_close(&j, ']');
    json_put_str(&j, "by", str_sub(t->by, 0, SHORT_MOST));
    json_close(&j, '}');
    mine.a = &a;
    return outgoing_tell(o, &mine, t->joined ? MESSAGE_joined : MESSAGE_split, t->profile, buf_str(&b), e);
}

bool endpoint_test(outgoing *o, desk *d, const endpoint *p, int64_t *delivery_id, err *e) {
    str body = envelope(d->a, rows[MESSAGE_test].type, d->w->now_us(d->w),
                        S("{\"hello\":\"this message was asked for, to try whether messages arrive\"}"));
    if (p->state != ENDPOINT_ON) return fail(e, ERR_conflict, "this endpoint is off; turn it on first");
    return put(o, d, p->id, MESSAGE_test, 0, message_id(d->a, d->w), body, delivery_id, e);
}

// Events

static void put_short(json_out *j, const char *key, const json_t *body, const char *path) {
    str x = json_at(body, path);
    if (!x.len) return;
    size_t n = MIN(x.len, (size_t)SHORT_MOST);
    while (n && n < x.len && ((unsigned char)x.s[n] & 0xC0) == 0x80) n--;
    json_put_str(j, key, str_sub(x, 0, n));
}

static void put_value(json_out *j, const record *r) {
    enum kind_class class = kind_class((enum kind)r->kind);
    const currency *c = currency_by_number(r->unit);
    if (!r->has_value) return;
    if (class == CLASS_SAID) {
        json_open(j, "score", '{');
        json_put_num(j, "value", (double)r->value / 100);
        json_put_str(j, "scale", instrument_name((enum instrument)r->unit));
        json_close(j, '}');
        return;
    }
    json_open(j, "amount", '{');
    json_put_int(j, "value", r->value);
    if (c) json_put_str(j, "currency", str_c(c->code));
    json_close(j, '}');
}

// The words are cut, between characters, where the message would become too long.
static void put_text(json_out *j, str text, size_t most) {
    size_t n = MIN(text.len, most);
    while (n && n < text.len && ((unsigned char)text.s[n] & 0xC0) == 0x80) n--;
    if (text.len) json_put_str(j, "text", str_sub(text, 0, n));
    if (n < text.len) json_put_bool(j, "cut", true);
}

static str event_data(arena *a, const record *r, str source, const json_t *body, size_t text_most) {
    buf b = buf_new(a, 8 * BODY_MOST);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    json_put_str(&j, "event", str_fmt(a, "%016" PRIx64, (uint64_t)r->key));
    json_put_str(&j, "kind", kind_name((enum kind)r->kind));
    json_put_str(&j, "at", iso_str(a, r->at_us));
    json_put_str(&j, "source", source);
    json_put_str(&j, "channel", channel_name((enum channel)r->channel));
    if (r->customer_id) json_put_int(&j, "customer", r->customer_id);
    put_value(&j, r);
    put_short(&j, "name", body, "name");
    put_short(&j, "topic", body, "topic");
    put_short(&j, "lang", body, "lang");
    put_text(&j, json_at(body, "text"), text_most);
    json_close(&j, '}');
    return buf_str(&b);
}

static bool tell_event(outgoing *o, desk *d, enum message m, const record *r, err *e) {
    arena a = *d->a;
    desk mine = *d;
    json_t *body = NULL;
    ledger *l = know_ledger(d->k);
    int64_t source_id = ledger_import_source(l, r->import_id);
    if (ledger_source_is_sample(l, source_id)) return true;
    if (!r->body.len || !json_read(r->body, &body, NULL)) body = NULL;
    size_t most = TEXT_MOST;
    str data = event_data(&a, r, ledger_source_name(l, source_id), body, most);
    for (; data.len > BODY_MOST - 300 && most; most /= 2)
        data = event_data(&a, r, ledger_source_name(l, source_id), body, most / 2);
    json_decref(body);
    mine.a = &a;
    return tell(o, &mine, m, r->profile_id, data, e);
}

static int64_t *gone_place(outgoing *o, int64_t key) {
    return &o->gone[(uint64_t)key % GONE];
}

bool outgoing_stored(void *ctx, desk *d, const record *r, int sign, err *e) {
    outgoing *o = ctx;
    unsigned told = r->kind < COUNT(told_as) ? told_as[r->kind] : 0;
    if (!told || (o->known && !(o->wanted >> (told - 1) & 1))) return true;
    if (r->at_us < d->w->now_us(d->w) - NEWS_US) return true;
    int64_t *gone = gone_place(o, r->key);
    if (sign < 0) return *gone = r->key, true;
    if (*gone == r->key) return *gone = 0, true;
    if (!learn(o, d, e)) return false;
    return !(o->wanted >> (told - 1) & 1) || tell_event(o, d, (enum message)(told - 1), r, e);
}

// Deliveries

delivery delivery_read(arena *a, const row *r) {
    return (delivery){.id = row_int(r, 0),
                      .endpoint_id = row_int(r, 1),
                      .message = str_dup(a, row_str(r, 2)),
                      .type = str_dup(a, row_str(r, 3)),
                      .body = str_dup(a, row_str(r, 4)),
                      .state = row_int(r, 5),
                      .tries = row_int(r, 6),
                      .next_us = row_int(r, 7),
                      .created_us = row_int(r, 8),
                      .ended_us = row_int(r, 9)};
}

bool delivery_get(arena *a, store *s, int64_t id, delivery *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_delivery_get, e, "i", id); row_next(&r);) *out = delivery_read(a, &r), found = true;
    if (!err_ok(e)) return false;
    return found || fail(e, ERR_not_found, "there is no delivery %" PRId64, id);
}

int64_t delivery_next_us(const delivery *x) {
    return x->state == DELIVERY_WAITING && x->next_us < DELIVERY_PARKED ? x->next_us : 0;
}

bool delivery_again(outgoing *o, desk *d, int64_t id, err *e) {
    delivery x;
    endpoint p;
    int64_t now = d->w->now_us(d->w);
    if (!delivery_get(d->a, d->s, id, &x, e) || !endpoint_get(d->a, d->s, x.endpoint_id, &p, e)) return false;
    if (p.state != ENDPOINT_ON) return fail(e, ERR_conflict, "its endpoint is off; turn it on first");
    outgoing_written(o);
    if (x.state == DELIVERY_WAITING) return store_run(d->s, Q_delivery_later, NULL, e, "ii", id, now);
    return store_run(d->s, Q_delivery_again, NULL, e, "ii", id, now);
}

bool delivery_again_since(outgoing *o, desk *d, int64_t endpoint_id, int64_t since_us, int64_t *n, err *e) {
    endpoint p;
    if (!endpoint_get(d->a, d->s, endpoint_id, &p, e)) return false;
    if (p.state != ENDPOINT_ON) return fail(e, ERR_conflict, "this endpoint is off; turn it on first");
    outgoing_written(o);
    return store_run(d->s, Q_delivery_again_since, n, e, "iii", endpoint_id, since_us, d->w->now_us(d->w));
}
