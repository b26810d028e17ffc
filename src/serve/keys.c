#include <pthread.h>

#include "serve/keys.h"
#include "serve/later.h"
#include "serve/throttle.h"
#include "serve/token.h"
#include "sql/serve_auth.h"

enum { PLACES = 2048, MOST_KEYS = PLACES / 2, SEEN_EVERY_US = 600 * 1000000 };

// ---- rows ----

void key_row(arena *a, const row *r, api_key *k) {
    json_t *names = NULL;
    *k = (api_key){.id = row_int(r, 0),
                   .name = str_dup(a, row_str(r, 1)),
                   .hint = str_dup(a, row_str(r, 2)),
                   .source_id = row_int(r, 4),
                   .per_minute = row_int(r, 5),
                   .created_us = row_int(r, 6),
                   .created_by = str_dup(a, row_str(r, 7)),
                   .seen_us = row_int(r, 8),
                   .revoked_us = row_int(r, 9),
                   .version = row_int(r, 10),
                   .source = str_dup(a, row_str(r, 11))};
    err ignored = {0}; // a scope that this version does not know allows nothing
    bool ok = json_read(row_str(r, 3), &names, &ignored) && needs_of(names, &k->needs, &ignored);
    if (!ok) k->needs = 0;
    if (k->source_id) k->needs = N(intake); // it stands in web pages, where everybody can read it
    json_decref(names);
}

bool key_get(arena *a, store *s, int64_t id, api_key *k, err *e) {
    *k = (api_key){0};
    for (row r = store_query(s, Q_key_get, e, "i", id); row_next(&r);) key_row(a, &r, k);
    return err_ok(e) && (k->id || fail(e, ERR_not_found, "there is no key %" PRId64, id));
}

// ---- making one ----

static bool check_key(const new_key *k, err *e) {
    if (!k->name.len || k->name.len > 200) return fail(e, ERR_invalid, "a key needs a name of 1 to 200 bytes");
    if (k->source.len > 200) return fail(e, ERR_invalid, "the name of a source has at most 200 bytes");
    if (k->source.len && k->n_scopes)
        return fail(e, ERR_invalid, "a key with a source sends events and nothing else; leave the scopes out");
    if (!k->source.len && !k->n_scopes)
        return fail(e, ERR_invalid, "say what the key may do (scopes), or which source it is for");
    if (k->per_minute < 0) return fail(e, ERR_invalid, "a limit cannot be negative");
    return true;
}

static bool scopes_text(arena *a, const new_key *k, str *out, err *e) {
    buf b = buf_new(a, 4096);
    json_out j = json_to(&b);
    json_t *names = NULL;
    uint64_t needs;
    json_open(&j, NULL, '[');
    for (size_t i = 0; i < k->n_scopes; i++) json_put_str(&j, NULL, str_c(k->scopes[i]));
    if (k->source.len) json_put_str(&j, NULL, S("intake"));
    json_close(&j, ']');
    *out = buf_str(&b);
    bool ok = json_read(*out, &names, e) && needs_of(names, &needs, e);
    json_decref(names);
    return ok;
}

static bool put_key(desk *d, const new_key *k, int64_t id, int64_t source_id, str token, str scopes, err *e) {
    size_t shown = k->source.len ? 6 : 11;
    buf detail = buf_new(d->a, 4096);
    json_out j = json_to(&detail);
    json_open(&j, NULL, '{');
    json_put_str(&j, "name", k->name);
    json_put_raw(&j, "scopes", scopes);
    if (k->source.len) json_put_str(&j, "source", k->source);
    json_close(&j, '}');
    return store_run(d->s, Q_key_put, NULL, e, "ibtttiiit", id, token_hash(d->a, token), k->name,
                     str_sub(token, 0, shown), scopes, source_id, k->per_minute, d->w->now_us(d->w), k->by) &&
           audit_put(d, k->by, "key.create", str_fmt(d->a, "key:%" PRId64, id), buf_str(&detail), k->address, e);
}

bool key_make(desk *d, const new_key *k, int64_t *key_id, str *token, err *e) {
    ledger *l = know_ledger(d->k);
    int64_t source_id = 0;
    str scopes, adapter = k->adapter.len ? k->adapter : S("tracking");
    if (!check_key(k, e) || !scopes_text(d->a, k, &scopes, e)) return false;
    enum channel channel = k->channel == CHANNEL_unknown ? CHANNEL_app : k->channel;
    if (k->source.len && !ledger_source(l, k->source, adapter, channel, false, &source_id, e)) return false;
    *token = token_new(d->a, d->w, k->source.len ? "" : "heed_");
    if (!store_begin(d->s, e)) return false;
    bool ok = ledger_id(l, key_id, e) && put_key(d, k, *key_id, source_id, *token, scopes, e) && ledger_commit(l, e);
    if (!ok) store_rollback(d->s);
    return ok;
}

// ---- those seen lately ----

typedef struct {
    char hash[TOKEN_HASH];
    who w;
    int64_t per_minute, seen_us;
} entry;

struct keyring {
    pthread_mutex_t lock;
    arena life;
    entry *places[PLACES];
    int n;
    uint64_t changes; // an entry read before the last change is not taken in
};

keyring *keyring_open(void) {
    arena life = arena_open((size_t)8 << 20);
    keyring *k = calloc(1, sizeof *k);
    if (!k) abort();
    k->life = life;
    pthread_mutex_init(&k->lock, NULL);
    return k;
}

void keyring_close(keyring *k) {
    pthread_mutex_destroy(&k->lock);
    arena_close(&k->life);
    free(k);
}

static void empty(keyring *k) {
    memset(k->places, 0, sizeof k->places);
    arena_reset(&k->life);
    k->n = 0;
}

void keys_changed(server *sv) {
    keyring *k = throttle_keyring(server_throttle(sv));
    pthread_mutex_lock(&k->lock);
    empty(k);
    k->changes++;
    pthread_mutex_unlock(&k->lock);
}

static entry **place_of(keyring *k, str hash) {
    uint64_t at;
    memcpy(&at, hash.s, sizeof at);
    for (;; at++) {
        entry **p = &k->places[at % PLACES];
        if (!*p || !memcmp((*p)->hash, hash.s, TOKEN_HASH)) return p;
    }
}

static who copy_who(arena *a, const who *w) {
    who out = *w;
    out.name = str_dup(a, w->name), out.source = str_dup(a, w->source), out.role = str_dup(a, w->role);
    return out;
}

// Takes a copy of what is known; `seen` is set when the store should hear of it.
static bool recall(keyring *k, call *c, str hash, who *out, int64_t *per_minute, bool *seen, uint64_t *changes) {
    pthread_mutex_lock(&k->lock);
    entry *known = *place_of(k, hash);
    *changes = k->changes;
    if (known) {
        *out = copy_who(c->a, &known->w), *per_minute = known->per_minute;
        *seen = c->now_us - known->seen_us > SEEN_EVERY_US;
        if (*seen) known->seen_us = c->now_us;
    }
    pthread_mutex_unlock(&k->lock);
    return known != NULL;
}

static void remember(keyring *k, str hash, const who *w, int64_t per_minute, int64_t seen_us, uint64_t changes) {
    pthread_mutex_lock(&k->lock);
    if (k->n == MOST_KEYS) empty(k);
    entry **p = place_of(k, hash);
    if (!*p && k->changes == changes) {
        *p = make(&k->life, entry, 1);
        **p = (entry){.w = copy_who(&k->life, w), .per_minute = per_minute, .seen_us = seen_us};
        memcpy((*p)->hash, hash.s, TOKEN_HASH);
        k->n++;
    }
    pthread_mutex_unlock(&k->lock);
}

typedef struct {
    int64_t id, at_us;
} seen_note;

static bool put_seen(void *ctx, desk *d, err *e) {
    const seen_note *n = ctx;
    return store_run(d->s, Q_key_seen, NULL, e, "ii", n->id, n->at_us);
}

static bool look_up(call *c, str hash, who *out, int64_t *per_minute, bool *seen, err *e) {
    api_key k = {0};
    for (row r = store_query(c->s, Q_key_by_token, e, "b", hash); row_next(&r);) key_row(c->a, &r, &k);
    if (!err_ok(e)) return false;
    if (!k.id)
        return fail(e, ERR_signed_out,
                    "this key is not known, or it was revoked; make one with 'heed key add' or /api/keys");
    *out = (who){.kind = WHO_KEY,
                 .id = k.id,
                 .name = k.name,
                 .role = S("key"),
                 .needs = k.needs,
                 .source_id = k.source_id,
                 .source = k.source};
    *per_minute = k.per_minute;
    *seen = c->now_us - k.seen_us > SEEN_EVERY_US;
    return true;
}

static bool in_time(call *c, const who *w, int64_t per_minute, err *e) {
    int64_t wait = throttle_key(server_throttle(c->sv), w->id, per_minute, c->now_us);
    if (!wait) return true;
    response_header(c->r, "Retry-After", str_fmt(c->a, "%" PRId64, wait / 1000000 + 1));
    return fail(e, ERR_too_many, "the key '%.*s' asks more than %" PRId64 " times a minute; wait as Retry-After says",
                (int)MIN(w->name.len, 60), w->name.s, per_minute);
}

static bool find_key(call *c, str token, who *out, int64_t *per_minute, err *e) {
    keyring *k = throttle_keyring(server_throttle(c->sv));
    str hash = token_hash(c->a, token);
    uint64_t changes;
    bool seen = false;
    if (!recall(k, c, hash, out, per_minute, &seen, &changes)) {
        if (!look_up(c, hash, out, per_minute, &seen, e)) return false;
        remember(k, hash, out, *per_minute, c->now_us, changes);
    }
    err ignored = {0}; // when it was seen is not worth a refusal
    bool noted = !seen || later_post(c->sv, put_seen, &(seen_note){out->id, c->now_us}, sizeof(seen_note), &ignored);
    (void)noted;
    return true;
}

bool key_who(call *c, str token, who *out, err *e) {
    int64_t per_minute;
    return find_key(c, token, out, &per_minute, e) && in_time(c, out, per_minute, e);
}

bool auth_write_key(call *c, str key, who *out, err *e) {
    int64_t per_minute;
    if (!find_key(c, key, out, &per_minute, e)) return false;
    if (!out->source_id)
        return fail(e, ERR_signed_out, "this key sends no events; make a write key with 'heed key add --write'");
    bool counted = c->who.kind == WHO_KEY && c->who.id == out->id; // when it came in the header too
    return counted || in_time(c, out, per_minute, e);
}
