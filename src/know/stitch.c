#include "base/json.h"

#include "know/stitch.h"

#include "know/closure.h"
#include "know/facts.h"
#include "ledger/ident.h"

enum { CACHE_BITS = 20, CACHE = 1 << CACHE_BITS };

typedef struct {
    uint64_t sig;
    int64_t profile;
} cached;

struct stitcher {
    ledger *l;
    store *s;
    regroup_fn to;
    arena life;
    cached *complete; // everything this event says of its profile was said by this import already
    cached *key;      // source and key identifier → profile
    cached *who;      // sig is the profile, profile its customer
    demoted_set demoted;
    bool verdicts; // a person has decided something in this store
};

static cached *place(cached *table, uint64_t sig) {
    return &table[sig * 0x9E3779B97F4A7C15u >> (64 - CACHE_BITS)];
}

static int64_t recall(cached *table, uint64_t sig) {
    const cached *c = place(table, sig);
    return c->sig == sig ? c->profile : 0;
}

static void remember(cached *table, uint64_t sig, int64_t v) {
    *place(table, sig) = (cached){sig, v};
}

static bool load_flags(stitcher *t, err *e) {
    int64_t n;
    if (!demoted_load(&t->demoted, t->s, e) || !store_int(t->s, Q_link_verdict_count, &n, 0, e, "")) return false;
    t->verdicts = n > 0;
    return true;
}

bool stitch_open(stitcher **out, ledger *l, regroup_fn to, err *e) {
    arena life = arena_open((size_t)3 * CACHE * sizeof(cached) + (1 << 26));
    stitcher *t = make(&life, stitcher, 1);
    *t = (stitcher){.l = l,
                    .s = ledger_store(l),
                    .to = to,
                    .complete = make(&life, cached, CACHE),
                    .key = make(&life, cached, CACHE),
                    .who = make(&life, cached, CACHE)};
    t->demoted = (demoted_set){.ids = map64_new(&life, 64)};
    t->life = life;
    t->demoted.ids.a = &t->life;
    if (!load_flags(t, e)) return stitch_close(t), false;
    *out = t;
    return true;
}

void stitch_close(stitcher *t) {
    if (!t) return;
    arena life = t->life;
    arena_close(&life);
}

void stitch_forget(stitcher *t) {
    memset(t->complete, 0, CACHE * sizeof(cached));
    memset(t->key, 0, CACHE * sizeof(cached));
    memset(t->who, 0, CACHE * sizeof(cached));
}

uint64_t stitch_canon(str source, uint64_t key_hash) {
    return str_hash2(key_hash, source);
}

bool stitch_customer(stitcher *t, int64_t profile, int64_t *customer, err *e) {
    *customer = recall(t->who, (uint64_t)profile);
    if (*customer) return true;
    char list[32];
    snprintf(list, sizeof list, "[%" PRId64 "]", profile);
    *customer = profile;
    for (row r = store_query(t->s, Q_profile_some, e, "t", str_c(list)); row_next(&r);) *customer = row_int(&r, 1);
    if (err_ok(e)) remember(t->who, (uint64_t)profile, *customer);
    return err_ok(e);
}

// ---- a batch ----

// One event that the caches could not settle.
typedef struct {
    size_t at;                   // in the batch
    uint64_t hash[EVENT_IDENTS]; // of its identifiers
    uint64_t canon, sig;
} open_event;

typedef struct {
    stitcher *t;
    batch *b;
    closure c; // what is known of the identifiers at hand
    open_event *open;
    size_t n_open;
    facts_set facts; // names and places said of profiles
} stitching;

static uint64_t sig_of(const open_event *o, int n, int64_t import_id) {
    uint64_t sig = o->canon ^ (uint64_t)import_id * 0xC2B2AE3D27D4EB4Fu;
    for (int j = 1; j < n; j++) sig = (sig << 7 | sig >> 57) ^ o->hash[j] * 0x9E3779B97F4A7C15u;
    return sig ? sig : 1;
}

static void sign(stitching *w, open_event *o, const event *ev) {
    for (int j = 0; j < ev->n_ids; j++) o->hash[j] = ident_hash(ev->ids[j].kind, ev->ids[j].value);
    o->canon = stitch_canon(w->b->source, o->hash[0]);
    o->sig = sig_of(o, ev->n_ids, w->b->import_id);
}

static void settle_one(stitching *w, cached *table, const open_event *o) {
    if (!w->b->events[o->at]->n_ids) return;
    int64_t p = recall(table, w->b->look ? o->canon : o->sig);
    w->b->profiles[o->at] = p;
    if (p) __builtin_prefetch(place(w->t->who, (uint64_t)p));
    else w->open[w->n_open++] = *o;
}

// Settles events from the caches; the others are opened. The caches are larger than the processor's, so what the next
// events will ask for is fetched while these are signed.
static void settle(stitching *w) {
    enum { AHEAD = 16 };
    batch *b = w->b;
    cached *table = b->look ? w->t->key : w->t->complete;
    open_event ring[AHEAD];
    for (size_t i = 0; i < b->n + AHEAD; i++) {
        open_event *o = &ring[i % AHEAD];
        if (i >= AHEAD && i - AHEAD < b->n) settle_one(w, table, o);
        if (i >= b->n) continue;
        o->at = i;
        if (!b->events[i]->n_ids) continue;
        sign(w, o, b->events[i]);
        __builtin_prefetch(place(table, b->look ? o->canon : o->sig));
    }
}

// Loads what the store knows of the open events' identifiers.
static bool load(stitching *w, err *e) {
    for (size_t i = 0; i < w->n_open; i++) {
        const open_event *o = &w->open[i];
        int n = w->b->look ? 1 : w->b->events[o->at]->n_ids;
        for (int j = 0; j < n; j++)
            if (!j || !demoted_has(&w->t->demoted, (int64_t)o->hash[j])) closure_want_hash(&w->c, (int64_t)o->hash[j]);
    }
    return closure_load_hashes(&w->c, e);
}

static bool new_profile(stitching *w, const open_event *o, int64_t *p, err *e) {
    if (!ledger_id(w->t->l, p, e)) return false;
    const event *ev = w->b->events[o->at];
    closure_add(&w->c, (seen_ident){.hash = (int64_t)o->hash[0],
                                    .profile = *p,
                                    .source_id = w->b->source_id,
                                    .kind = (uint8_t)ev->ids[0].kind,
                                    .is_key = true,
                                    .import_id = 0,
                                    .value = ev->ids[0].value,
                                    .fresh = true});
    facts_made(&w->facts, *p, w->b->source_id);
    return true;
}

// Notes that an event's identifier belongs to the profile; says whether this import says it for the first time.
static bool observe(stitching *w, const open_event *o, int j, int64_t p) {
    const ident *id = &w->b->events[o->at]->ids[j];
    int64_t hash = (int64_t)o->hash[j];
    if (j && demoted_has(&w->t->demoted, hash)) return false;
    seen_ident *known = closure_find(&w->c, hash, p);
    if (known) {
        bool news = known->import_id != w->b->import_id;
        if (news && known->fresh && known->import_id) news = false;
        known->import_id = w->b->import_id, known->value = id->value, known->touched |= news;
        return news;
    }
    closure_add(&w->c, (seen_ident){.hash = hash,
                                    .profile = p,
                                    .source_id = w->b->source_id,
                                    .kind = (uint8_t)id->kind,
                                    .import_id = w->b->import_id,
                                    .value = id->value,
                                    .fresh = true});
    return true;
}

static void put_fact_record(stitching *w, const open_event *o, int64_t p, const bool *said) {
    batch *b = w->b;
    const event *ev = b->events[o->at];
    buf body = buf_new(b->a, 1 << 16);
    buf_add(&body, S("{\"ids\":["));
    uint64_t key = o->canon ^ (uint64_t)b->import_id;
    for (int j = 0, n = 0; j < ev->n_ids; j++) {
        if (!said[j]) continue;
        if (n++) buf_addc(&body, ',');
        buf_addc(&body, '[');
        buf_json_str(&body, ident_name(ev->ids[j].kind));
        buf_addc(&body, ',');
        buf_json_str(&body, ev->ids[j].value);
        buf_add(&body, j ? S("]") : S(",1]"));
        key = str_hash2(key, ev->ids[j].value);
    }
    buf_add(&body, S("]}"));
    b->facts[b->n_facts++] = (record){.period = event_period(ev->at_us),
                                      .profile_id = p,
                                      .at_us = ev->at_us,
                                      .key = (int64_t)key,
                                      .import_id = b->import_id,
                                      .kind = KIND_identify,
                                      .channel = (uint8_t)ev->channel,
                                      .body = buf_str(&body)};
}

static bool open_one(stitching *w, const open_event *o, err *e) {
    batch *b = w->b;
    const event *ev = b->events[o->at];
    bool said[EVENT_IDENTS] = {0}, any = false;
    int64_t p = closure_key(&w->c, (int64_t)o->hash[0], b->source_id);
    if (b->look) {
        b->profiles[o->at] = p;
        if (p) remember(w->t->key, o->canon, p);
        return true;
    }
    if (!p && !new_profile(w, o, &p, e)) return false;
    b->profiles[o->at] = p;
    for (int j = 0; j < ev->n_ids; j++) any |= said[j] = observe(w, o, j, p);
    if (any) put_fact_record(w, o, p, said);
    remember(w->t->complete, o->sig, p);
    return true;
}

static void gather_facts(stitching *w) {
    for (size_t i = 0; i < w->b->n; i++) {
        const event *ev = w->b->events[i];
        const str said[FACTS] = {ev->name, ev->country, ev->segment, ev->lang};
        bool any = false;
        for (int k = 0; k < FACTS; k++) any |= said[k].len > 0;
        if (any && w->b->profiles[i]) facts_said(&w->facts, w->b->profiles[i], MAX(ev->at_us, ev->edited_us), said);
    }
}

// ---- groups ----

static bool tell(stitcher *t, const closure_change *ch, size_t n, err *e) {
    for (size_t i = 0; i < n; i++) {
        remember(t->who, (uint64_t)ch[i].profile, ch[i].now);
        if (!ch[i].told) continue;
        bool ok = ch[i].merge ? t->to.merged(t->to.ctx, ch[i].then, ch[i].now, e)
                              : t->to.changed(t->to.ctx, ch[i].then, e) && t->to.changed(t->to.ctx, ch[i].now, e);
        if (!ok) return false;
    }
    return true;
}

static bool made_here(const void *ctx, int64_t profile) {
    return facts_is_made(ctx, profile);
}

static bool decide(stitcher *t, arena a, const int64_t *profiles, size_t n, const facts_set *made, err *e) {
    decide_opts o = {
        .l = t->l, .demoted = &t->demoted, .verdicts = t->verdicts, .is_new = made ? made_here : NULL, .ctx = made};
    closure_change *changes;
    size_t n_changes;
    return closure_decide(&a, t->s, profiles, n, &o, &changes, &n_changes, e) && tell(t, changes, n_changes, e);
}

static bool fill_customers(stitching *w, err *e) {
    batch *b = w->b;
    arena scratch = *b->a;
    closure c = closure_new(&scratch, w->t->s);
    for (size_t i = 0; i < b->n; i++) {
        if (!b->profiles[i] || b->customers[i]) continue;
        b->customers[i] = recall(w->t->who, (uint64_t)b->profiles[i]);
        if (!b->customers[i]) closure_want_profile(&c, b->profiles[i]);
    }
    if (!closure_load_customers(&c, e)) return false;
    for (size_t i = 0; i < b->n; i++) {
        if (!b->profiles[i] || b->customers[i]) continue;
        b->customers[i] = closure_customer(&c, b->profiles[i]);
        remember(w->t->who, (uint64_t)b->profiles[i], b->customers[i]);
    }
    return true;
}

bool stitch_batch(stitcher *t, batch *b, err *e) {
    stitching w = {.t = t, .b = b, .c = closure_new(b->a, t->s), .open = make(b->a, open_event, b->n + 1)};
    w.facts = facts_new(b->a);
    b->facts = make(b->a, record, b->n + 1);
    settle(&w);
    if (!load(&w, e)) return false;
    for (size_t i = 0; i < w.n_open; i++)
        if (!open_one(&w, &w.open[i], e)) return false;
    if (b->look) return true;
    gather_facts(&w);
    size_t n;
    int64_t *shared = closure_shared(&w.c, &n);
    if (!facts_write(&w.facts, t->s, e) || !closure_write(&w.c, e)) return false;
    return (!n || decide(t, *b->a, shared, n, &w.facts, e)) && fill_customers(&w, e);
}

bool stitch_decide(stitcher *t, arena a, const int64_t *profiles, size_t n, err *e) {
    return load_flags(t, e) && decide(t, a, profiles, n, NULL, e);
}

size_t stitch_read_ids(arena *a, str body, said_ident *ids, size_t max) {
    json_t *doc = NULL;
    err quiet = {0};
    size_t n = 0, i;
    json_t *item;
    if (!json_read(body, &doc, &quiet)) return 0;
    json_array_foreach(json_object_get(doc, "ids"), i, item) {
        enum ident_kind kind = ident_of(json_text(json_array_get(item, 0)));
        str value = json_text(json_array_get(item, 1));
        if (n < max && kind && value.len) ids[n++] = (said_ident){kind, json_array_size(item) > 2, str_dup(a, value)};
    }
    json_decref(doc);
    return n;
}
