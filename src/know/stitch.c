#include "base/json.h"

#include "know/stitch.h"

#include "base/civil.h"
#include "base/map64.h"
#include "know/closure.h"
#include "know/facts.h"
#include "know/lists.h"
#include "ledger/ident.h"
#include "sql/cli.h"
#include "sql/know.h"
#include "sql/know_likeness.h"

// What this run has learnt, by a 64-bit signature, in sets of four that fill one line of the processor's cache. Ids
// above 32 bits are not remembered, which costs time and nothing else.
enum { SETS = 1 << 19, WAYS = 4, MOVED_MAX = 1 << 16 };

typedef struct {
    uint64_t sig;               // its upper 48 bits, then the earliest day of which it was said
    uint32_t profile, customer; // customer as it was then: `moved` knows of changes
} cached;

struct stitcher {
    ledger *l;
    store *s;
    regroup_fn to;
    arena life, moved_life;
    cached *complete; // everything this event says of its profile was said by this import already
    cached *key;      // source and key identifier → profile
    map64 moved;      // profile → index into moved_to: its customer now
    int64_t *moved_to;
    size_t n_moved, room_moved;
    demoted_set demoted;
    bool verdicts;      // a person has decided something in this store
    int32_t join_milli; // of likeness; 0: nothing was learnt
    identity_rules rules;
    bool days;  // some limit counts within a window
    bool stale; // what a failed transaction demoted or decided is not in the store
};

static cached *set_of(cached *table, uint64_t sig) {
    return &table[(sig * 0x9E3779B97F4A7C15u >> 45) * WAYS]; // 64 - 45 = 19 bits: SETS
}

static bool is_of(const cached *c, uint64_t sig) {
    return c->sig >> 16 == sig >> 16 && c->profile;
}

static const cached *recall(cached *table, uint64_t sig, uint16_t day) {
    const cached *set = set_of(table, sig);
    for (int i = 0; i < WAYS; i++)
        if (is_of(&set[i], sig)) return (uint16_t)set[i].sig <= day ? &set[i] : NULL;
    return NULL;
}

// The newest stands first; the oldest of the set falls out.
static void remember(cached *table, uint64_t sig, uint16_t day, int64_t profile, int64_t customer) {
    if (profile > UINT32_MAX || customer > UINT32_MAX) return;
    cached *set = set_of(table, sig);
    int at = 0;
    while (at < WAYS - 1 && !is_of(&set[at], sig)) at++;
    if (is_of(&set[at], sig)) day = MIN(day, (uint16_t)set[at].sig);
    memmove(set + 1, set, (size_t)at * sizeof *set);
    set[0] = (cached){(sig & ~(uint64_t)UINT16_MAX) | day, (uint32_t)profile, (uint32_t)customer};
}

static int64_t moved_to(const stitcher *t, int64_t profile, int64_t customer) {
    int32_t i = t->n_moved ? map64_get(&t->moved, profile) : -1;
    return i < 0 ? customer : t->moved_to[i];
}

static void forget_caches(stitcher *t) {
    memset(t->complete, 0, SETS * WAYS * sizeof(cached));
    memset(t->key, 0, SETS * WAYS * sizeof(cached));
    arena_reset(&t->moved_life);
    t->moved = map64_new(&t->moved_life, 64);
    t->moved_to = NULL;
    t->n_moved = t->room_moved = 0;
}

static void note_move(stitcher *t, int64_t profile, int64_t customer) {
    bool made;
    int32_t i = *map64_at(&t->moved, profile, (int32_t)t->n_moved, &made);
    if (made)
        list_push(&t->moved_life, &t->moved_to, &t->n_moved, &t->room_moved, customer);
    else
        t->moved_to[i] = customer;
}

static bool load_flags(stitcher *t, err *e) {
    int64_t n;
    if (!demoted_load(&t->demoted, t->s, e) || !store_int(t->s, Q_link_verdict_count, &n, 0, e, "")) return false;
    t->verdicts = n > 0, t->stale = false;
    if (!store_int(t->s, Q_likeness_join, &n, 0, e, "")) return false;
    t->join_milli = (int32_t)n;
    if (!identity_rules_read(t->s, &t->rules, e)) return false;
    t->days = identity_rules_windows(&t->rules);
    return true;
}

bool stitch_open(stitcher **out, ledger *l, regroup_fn to, err *e) {
    arena life = arena_open((size_t)2 * SETS * WAYS * sizeof(cached) + (1 << 26));
    stitcher *t = make(&life, stitcher, 1);
    *t = (stitcher){.l = l,
                    .s = ledger_store(l),
                    .to = to,
                    .complete = arena_alloc(&life, sizeof(cached), 64, SETS * WAYS),
                    .key = arena_alloc(&life, sizeof(cached), 64, SETS * WAYS),
                    .moved_life = arena_open((size_t)1 << 32)};
    t->moved = map64_new(&t->moved_life, 64);
    t->life = life;
    t->demoted = (demoted_set){.ids = map64_new(&t->life, 64)};
    if (!load_flags(t, e)) return stitch_close(t), false;
    *out = t;
    return true;
}

void stitch_close(stitcher *t) {
    if (!t) return;
    arena life = t->life;
    arena_close(&t->moved_life);
    arena_close(&life);
}

void stitch_forget(stitcher *t) {
    t->stale = true;
    forget_caches(t);
}

uint16_t stitch_day(int64_t at_us) {
    const int64_t day = at_us / DAY_US;
    return (uint16_t)(day < 1 ? 1 : MIN(day, (int64_t)UINT16_MAX));
}

uint64_t stitch_canon(str source, uint64_t key_hash) {
    return str_hash2(key_hash, source);
}

// ---- a batch ----

// One event that the caches could not settle.
typedef struct {
    size_t at;                   // in the batch
    uint16_t day;                // of the event
    uint64_t hash[EVENT_IDENTS]; // of its identifiers
    uint64_t canon, sig;
} open_event;

typedef struct {
    stitcher *t;
    batch *b;
    closure c; // what is known of the identifiers at hand
    open_event *open;
    size_t n_open;
    map64 early;     // profile and identifier → the earliest day among the open events
    facts_set facts; // names and places said of profiles
} stitching;

static uint64_t sig_of(const open_event *o, int n, int64_t import_id) {
    uint64_t sig = o->canon ^ (uint64_t)import_id * 0xC2B2AE3D27D4EB4Fu;
    for (int j = 1; j < n; j++) sig = (sig << 7 | sig >> 57) ^ o->hash[j] * 0x9E3779B97F4A7C15u;
    return sig ? sig : 1;
}

static void sign(stitching *w, open_event *o, const event *ev) {
    o->hash[0] = ident_hash(ev->ids[0].kind, ev->ids[0].value); // the first names the profile
    for (int j = 1; j < ev->n_ids; j++) o->hash[j] = ident_hash(ev->ids[j].kind, ev->ids[j].value);
    o->canon = stitch_canon(w->b->source, o->hash[0]);
    o->sig = sig_of(o, ev->n_ids, w->b->import_id);
}

static void settle_one(stitching *w, cached *table, const open_event *o) {
    if (!w->b->events[o->at]->n_ids) return;
    const cached *c = w->b->look ? recall(table, o->canon, 0) : recall(table, o->sig, w->t->days ? o->day : UINT16_MAX);
    if (!c) {
        w->open[w->n_open++] = *o;
        return;
    }
    w->b->profiles[o->at] = c->profile;
    w->b->customers[o->at] = moved_to(w->t, c->profile, c->customer);
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
        o->at = i, o->day = stitch_day(b->events[i]->at_us);
        if (!b->events[i]->n_ids) continue;
        sign(w, o, b->events[i]);
        __builtin_prefetch(set_of(table, b->look ? o->canon : o->sig));
    }
}

// Of those who have what identifies nobody only the profiles at hand are looked at: too many share it.
static bool load_demoted(stitching *w, err *e) {
    for (size_t i = 0; i < w->n_open; i++) {
        const open_event *o = &w->open[i];
        bool any = false;
        for (int j = 1; j < w->b->events[o->at]->n_ids; j++) any |= demoted_has(&w->t->demoted, (int64_t)o->hash[j]);
        const int64_t p = any ? closure_key(&w->c, (int64_t)o->hash[0], w->b->source_id) : 0;
        if (p) closure_want_profile(&w->c, p);
    }
    return closure_load_profiles(&w->c, e);
}

// Loads what the store knows of the open events' identifiers.
static bool load(stitching *w, err *e) {
    for (size_t i = 0; i < w->n_open; i++) {
        const open_event *o = &w->open[i];
        int n = w->b->look ? 1 : w->b->events[o->at]->n_ids;
        for (int j = 0; j < n; j++)
            if (!j || !demoted_has(&w->t->demoted, (int64_t)o->hash[j])) closure_want_hash(&w->c, (int64_t)o->hash[j]);
    }
    return closure_load_hashes(&w->c, e) && (w->b->look || load_demoted(w, e));
}

static int64_t early_key(const open_event *o, int j) {
    return (int64_t)(o->canon * 0x9E3779B97F4A7C15u ^ o->hash[j]);
}

// A file may begin with what is newest. What it says of a profile is noted once, with the earliest day.
static void find_early(stitching *w) {
    w->early = map64_new(w->b->a, 4 * w->n_open + 16);
    for (size_t i = 0; i < w->n_open; i++) {
        const open_event *o = &w->open[i];
        for (int j = 0; j < w->b->events[o->at]->n_ids; j++) {
            bool made;
            int32_t *day = map64_at(&w->early, early_key(o, j), o->day, &made);
            *day = MIN(*day, (int32_t)o->day);
        }
    }
}

static uint16_t earliest(const stitching *w, const open_event *o, int j) {
    return (uint16_t)map64_get(&w->early, early_key(o, j));
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
                                    .first_day = UINT16_MAX,
                                    .said_day = UINT16_MAX,
                                    .value = ev->ids[0].value,
                                    .fresh = true});
    facts_made(&w->facts, *p, w->b->source_id);
    return true;
}

// Notes that an event's identifier belongs to the profile; says whether this import says it for the first time, or,
// where a limit counts within a window, of an earlier day than it did: in files that begin with the newest every event
// would.
static bool observe(stitching *w, const open_event *o, int j, int64_t p) {
    const ident *id = &w->b->events[o->at]->ids[j];
    int64_t hash = (int64_t)o->hash[j];
    const uint16_t day = earliest(w, o, j);
    seen_ident *known = closure_find(&w->c, hash, p);
    if (known) {
        const bool other = known->import_id != w->b->import_id,
                   before = day < known->said_day && w->t->rules.window[id->kind];
        known->value = id->value;
        if (!other && !before) return false;
        known->import_id = w->b->import_id, known->touched = true, known->said_day = day;
        known->earlier |= day < known->first_day, known->first_day = MIN(day, known->first_day);
        return true;
    }
    closure_add(&w->c, (seen_ident){.hash = hash,
                                    .profile = p,
                                    .source_id = w->b->source_id,
                                    .kind = (uint8_t)id->kind,
                                    .import_id = w->b->import_id,
                                    .first_day = day,
                                    .said_day = day,
                                    .value = id->value,
                                    .fresh = true});
    return true;
}

static void put_fact_record(stitching *w, const open_event *o, int64_t p, const bool *said) {
    batch *b = w->b;
    const event *ev = b->events[o->at];
    buf body = buf_new(b->a, 1 << 16);
    buf_add(&body, S("{\"ids\":["));
    // Another event may say the same at the same time; each has a record of its own.
    uint64_t key = str_hash2(o->canon ^ (uint64_t)b->import_id ^ (uint64_t)ev->edited_us, ev->ext);
    for (int j = 0, n = 0; j < ev->n_ids; j++) {
        if (!said[j]) continue;
        if (n++) buf_addc(&body, ',');
        buf_addc(&body, '[');
        buf_json_str(&body, ident_name(ev->ids[j].kind));
        buf_addc(&body, ',');
        buf_json_str(&body, ev->ids[j].value);
        const uint16_t day = earliest(w, o, j);
        if (!j || day != o->day) buf_add(&body, j ? S(",0") : S(",1"));
        if (day != o->day) buf_addc(&body, ','), buf_i64(&body, day);
        buf_addc(&body, ']');
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
        return true;
    }
    if (!p && !new_profile(w, o, &p, e)) return false;
    b->profiles[o->at] = p;
    for (int j = 0; j < ev->n_ids; j++) any |= said[j] = observe(w, o, j, p);
    if (any) put_fact_record(w, o, p, said);
    return true;
}

// Who is new, or of whom something new was said, is compared with the others later.
static bool note_likeness(stitching *w, err *e) {
    if (!w->t->join_milli || !w->facts.n) return true;
    int64_t *ids = make(w->b->a, int64_t, w->facts.n);
    for (size_t i = 0; i < w->facts.n; i++) ids[i] = w->facts.rows[i].profile;
    column cols[] = {{'i', ids, NULL}};
    return store_bulk(w->t->s, Q_likeness_todo_put, cols, 1, w->facts.n, NULL, e);
}

static void gather_facts(stitching *w) {
    for (size_t i = 0; i < w->b->n; i++) {
        const event *ev = w->b->events[i];
        const str said[FACTS] = {ev->name, ev->country, ev->segment, ev->lang, ev->address, ev->born};
        bool any = false;
        for (int k = 0; k < FACTS; k++) any |= said[k].len > 0;
        if (any && w->b->profiles[i])
            facts_said(&w->facts, w->b->profiles[i], facts_time(ev->at_us, ev->edited_us), said);
    }
}

// ---- groups ----

static bool tell(stitcher *t, const closure_change *ch, size_t n, err *e) {
    for (size_t i = 0; i < n; i++) {
        note_move(t, ch[i].profile, ch[i].now);
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
    decide_opts o = {.l = t->l,
                     .demoted = &t->demoted,
                     .rules = &t->rules,
                     .verdicts = t->verdicts,
                     .join_milli = t->join_milli,
                     .is_new = made ? made_here : NULL,
                     .ctx = made};
    closure_change *changes;
    size_t n_changes;
    return closure_decide(&a, t->s, profiles, n, &o, &changes, &n_changes, e) && tell(t, changes, n_changes, e);
}

// The customers of the events that the caches could not settle, and what there is to remember of them.
static bool fill_customers(stitching *w, err *e) {
    batch *b = w->b;
    arena scratch = *b->a;
    closure c = closure_new(&scratch, w->t->s);
    for (size_t i = 0; i < w->n_open; i++)
        if (b->profiles[w->open[i].at] && !facts_is_made(&w->facts, b->profiles[w->open[i].at]))
            closure_want_profile(&c,
                                 b->profiles[w->open[i].at]); // one made just now is its own customer, unless it moved
    if (!closure_load_customers(&c, e)) return false;
    for (size_t i = 0; i < w->n_open; i++) {
        const open_event *o = &w->open[i];
        int64_t p = b->profiles[o->at];
        if (!p) continue;
        b->customers[o->at] = moved_to(w->t, p, closure_customer(&c, p));
        remember(b->look ? w->t->key : w->t->complete, b->look ? o->canon : o->sig, b->look ? 0 : o->day, p,
                 b->customers[o->at]);
    }
    return true;
}

// Groups may have changed under events that the caches settled.
static void follow_moves(stitching *w) {
    for (size_t i = 0; w->t->n_moved && i < w->b->n; i++)
        w->b->customers[i] = moved_to(w->t, w->b->profiles[i], w->b->customers[i]);
}

// Events that name a stored profile themselves.
static bool settle_named(stitcher *t, batch *b, err *e) {
    for (size_t i = 0; i < b->n; i++) {
        int64_t p = b->events[i]->of_profile;
        if (!p) continue;
        if (!store_int(t->s, Q_people_by_profile, &b->customers[i], 0, e, "i", p)) return false;
        if (!b->customers[i]) return fail(e, ERR_conflict, "there is no profile %" PRId64 " any more", p);
        b->profiles[i] = p;
    }
    return true;
}

// What identified nobody because too many had it within a window may identify again when somebody had it before.
static bool demote_again(stitching *w, err *e) {
    stitcher *t = w->t;
    for (size_t i = 0; i < w->c.n; i++) {
        seen_ident *x = &w->c.rows[i];
        bool still;
        if (!x->earlier || x->fresh || !t->rules.window[x->kind] || !demoted_has(&t->demoted, x->hash)) continue;
        if (!demoted_again(&t->demoted, t->s, &t->rules, x->hash, (enum ident_kind)x->kind, &still, e)) return false;
        x->again = !still;
    }
    return true;
}

bool stitch_batch(stitcher *t, batch *b, err *e) {
    if (t->n_moved > MOVED_MAX) forget_caches(t); // between batches only: this one's moves are needed to its end
    stitching w = {.t = t, .b = b, .c = closure_new(b->a, t->s), .open = make(b->a, open_event, b->n + 1)};
    w.facts = facts_new(b->a);
    b->facts = make(b->a, record, b->n + 1);
    if (t->stale && !load_flags(t, e)) return false;
    settle(&w);
    if (!settle_named(t, b, e) || !load(&w, e)) return false;
    if (!b->look) find_early(&w);
    for (size_t i = 0; i < w.n_open; i++)
        if (!open_one(&w, &w.open[i], e)) return false;
    if (b->look) return fill_customers(&w, e);
    gather_facts(&w);
    if (!facts_write(&w.facts, t->s, e) || !closure_write(&w.c, e) || !note_likeness(&w, e)) return false;
    if (!demote_again(&w, e)) return false;
    size_t n;
    int64_t *shared = closure_shared(&w.c, &t->demoted, &n);
    if ((n && !decide(t, *b->a, shared, n, &w.facts, e)) || !fill_customers(&w, e)) return false;
    follow_moves(&w);
    return true;
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
        const bool is_key = json_integer_value(json_array_get(item, 2)) == 1;
        const json_int_t day = json_integer_value(json_array_get(item, 3));
        if (n < max && kind && value.len)
            ids[n++] =
                (said_ident){kind, is_key, (uint16_t)(day > 0 && day <= UINT16_MAX ? day : 0), str_dup(a, value)};
    }
    json_decref(doc);
    return n;
}
