#include "know/closure.h"

#include "know/lists.h"
#include "know/stitch.h"
#include "sql/know.h"
#include "sql/know_likeness.h"

closure closure_new(arena *a, store *s) {
    return (closure){
        .a = a, .s = s, .by_hash = map64_new(a, 64), .by_pair = map64_new(a, 64), .profiles = map64_new(a, 64)};
}

bool demoted_load(demoted_set *d, store *s, err *e) {
    if (d->ids.n) memset(d->ids.vals, -1, d->ids.cap * sizeof *d->ids.vals), d->ids.n = 0;
    for (row r = store_query(s, Q_demoted_list, e, ""); row_next(&r);) map64_put(&d->ids, row_int(&r, 0), 1);
    return err_ok(e);
}

// A map forgets nothing: 0 is what was taken off.
bool demoted_has(const demoted_set *d, int64_t hash) {
    return d->ids.n && map64_get(&d->ids, hash) > 0;
}

bool demoted_again(demoted_set *d, store *s, const identity_rules *r, int64_t hash, enum ident_kind kind, bool *still,
                   err *e) {
    arena a = arena_open((size_t)1 << 28);
    uint16_t *days = NULL;
    size_t n = 0, room = 0;
    for (row q = store_query(s, Q_identifier_days, e, "i", hash); row_next(&q);) {
        if (n == room) {
            uint16_t *more = make(&a, uint16_t, room = room ? room * 2 : 256);
            if (n) memcpy(more, days, n * sizeof *more);
            days = more;
        }
        days[n++] = (uint16_t)row_int(&q, 0);
    }
    *still = identity_rules_crowded(r, kind, days, n);
    arena_close(&a);
    if (*still || !err_ok(e)) return err_ok(e);
    map64_put(&d->ids, hash, 0);
    return store_run(s, Q_demoted_drop, NULL, e, "i", hash);
}

static void want(closure *c, int64_t v) {
    list_push(c->a, &c->wanted, &c->n_wanted, &c->room_wanted, v);
}

void closure_want_hash(closure *c, int64_t hash) {
    bool made;
    map64_at(&c->by_hash, hash, INT32_MAX, &made); // INT32_MAX: wanted, nobody has it yet
    if (made) want(c, hash);
}

static int32_t profile_index(closure *c, int64_t profile, bool *made) {
    int32_t *at = map64_at(&c->profiles, profile, (int32_t)c->n_ids, made);
    if (!*made) return *at;
    size_t n = c->n_ids, room = c->room_ids;
    list_push(c->a, &c->ids, &c->n_ids, &c->room_ids, profile);
    list_push(c->a, &c->customers, &n, &room, profile);
    return *at;
}

void closure_want_profile(closure *c, int64_t profile) {
    bool made;
    profile_index(c, profile, &made);
    if (made) want(c, profile);
}

static int64_t pair_key(int64_t hash, int64_t profile) {
    return (int64_t)((uint64_t)hash ^ (uint64_t)profile * 0x9E3779B97F4A7C15u);
}

void closure_add(closure *c, seen_ident x) {
    if (c->n == c->room) {
        seen_ident *more = make(c->a, seen_ident, c->room = c->room ? c->room * 2 : 256);
        if (c->n) memcpy(more, c->rows, c->n * sizeof *more);
        c->rows = more;
    }
    bool made;
    int32_t *first = map64_at(&c->by_hash, x.hash, INT32_MAX, &made);
    x.next = *first == INT32_MAX ? -1 : *first;
    *first = (int32_t)c->n;
    map64_put(&c->by_pair, pair_key(x.hash, x.profile), (int32_t)c->n);
    c->rows[c->n++] = x;
}

static int32_t first_of(const closure *c, int64_t hash) {
    int32_t i = map64_get(&c->by_hash, hash);
    return i == INT32_MAX ? -1 : i;
}

seen_ident *closure_find(closure *c, int64_t hash, int64_t profile) {
    const int32_t at = map64_get(&c->by_pair, pair_key(hash, profile));
    if (at < 0 || (c->rows[at].hash == hash && c->rows[at].profile == profile)) return at < 0 ? NULL : &c->rows[at];
    for (int32_t i = first_of(c, hash); i >= 0; i = c->rows[i].next) // two pairs of one key
        if (c->rows[i].profile == profile) return &c->rows[i];
    return NULL;
}

int64_t closure_key(const closure *c, int64_t hash, int64_t source_id) {
    for (int32_t i = first_of(c, hash); i >= 0; i = c->rows[i].next)
        if (c->rows[i].is_key && c->rows[i].source_id == source_id) return c->rows[i].profile;
    return 0;
}

// Runs one statement over what is wanted, a list of ids at a time, and takes its rows.
static bool load(closure *c, enum query q, void take(closure *, const row *), err *e) {
    for (size_t i = 0; i < c->n_wanted; i += LIST_IDS) {
        arena tmp = arena_open(1 << 16);
        str list = list_json(&tmp, c->wanted + i, MIN((size_t)LIST_IDS, c->n_wanted - i));
        for (row r = store_query(c->s, q, e, "t", list); row_next(&r);) take(c, &r);
        arena_close(&tmp);
        if (!err_ok(e)) return false;
    }
    c->n_wanted = 0;
    return true;
}

static void take_ident(closure *c, const row *r) {
    seen_ident x = {.hash = row_int(r, 0),
                    .profile = row_int(r, 1),
                    .kind = (uint8_t)row_int(r, 2),
                    .source_id = row_int(r, 3),
                    .is_key = row_int(r, 4) != 0,
                    .import_id = row_int(r, 5),
                    .first_day = (uint16_t)row_int(r, 6),
                    .said_day = (uint16_t)row_int(r, 7)};
    if (!closure_find(c, x.hash, x.profile)) closure_add(c, x);
}

static void take_customer(closure *c, const row *r) {
    bool made;
    c->customers[profile_index(c, row_int(r, 0), &made)] = row_int(r, 1);
}

bool closure_load_hashes(closure *c, err *e) {
    return load(c, Q_identifier_some, take_ident, e);
}
bool closure_load_profiles(closure *c, err *e) {
    return load(c, Q_identifier_of_some, take_ident, e);
}
bool closure_load_customers(closure *c, err *e) {
    return load(c, Q_profile_some, take_customer, e);
}

int64_t closure_customer(const closure *c, int64_t profile) {
    int32_t i = map64_get(&c->profiles, profile);
    return i < 0 ? profile : c->customers[i];
}

// New rows need no look at what stands there already; the back ends take those faster.
static bool write_some(const closure *c, bool fresh, err *e) {
    arena a = arena_open((size_t)1 << 30);
    size_t n = 0;
    int64_t *col[8];
    for (int k = 0; k < 8; k++) col[k] = make(&a, int64_t, c->n + 1);
    str *value = make(&a, str, c->n + 1);
    for (size_t i = 0; i < c->n; i++) {
        const seen_ident *x = &c->rows[i];
        if (fresh ? !x->fresh : x->fresh || !x->touched) continue;
        col[0][n] = x->hash, col[1][n] = x->profile, col[2][n] = x->kind, col[3][n] = x->source_id;
        col[4][n] = x->is_key, col[5][n] = x->import_id, col[6][n] = x->first_day, col[7][n] = x->said_day;
        value[n++] = x->value;
    }
    column cols[] = {{'i', col[0], NULL}, {'i', col[1], NULL}, {'i', col[2], NULL},
                     {'i', col[3], NULL}, {'i', col[4], NULL}, {'i', col[5], NULL},
                     {'t', value, NULL},  {'i', col[6], NULL}, {'i', col[7], NULL}};
    bool ok = !n || store_bulk(c->s, fresh ? Q_identifier_new : Q_identifier_put, cols, 9, n, NULL, e);
    arena_close(&a);
    return ok;
}

bool closure_write(const closure *c, err *e) {
    return write_some(c, true, e) && write_some(c, false, e);
}

int64_t *closure_shared(const closure *c, const demoted_set *d, size_t *n) {
    int64_t *out = make(c->a, int64_t, c->n + 1);
    *n = 0;
    for (size_t i = 0; i < c->n; i++) {
        const seen_ident *x = &c->rows[i];
        if (!(x->fresh || x->earlier) || ident_strength(x->kind) == STRENGTH_WEAK || demoted_has(d, x->hash)) continue;
        int32_t first = first_of(c, x->hash);
        if (x->again || c->rows[first].next >= 0) out[(*n)++] = x->profile;
    }
    return out;
}

// ---- deciding ----

typedef struct {
    closure c;
    const decide_opts *o;
    group_verdict *verdicts;
    size_t n_verdicts, room_verdicts;
    group_alike *alike;
    size_t n_alike, room_alike;
    map64 alike_seen; // pairs, each is found from both ends
} deciding;

static bool may_join(const decide_opts *o, const seen_ident *x) {
    const bool joins = o->rules ? o->rules->joins[x->kind] : ident_strength(x->kind) != STRENGTH_WEAK;
    return joins && !demoted_has(o->demoted, x->hash);
}

// Takes one step outwards: the identifiers of new profiles, then everybody who has those.
static bool step(deciding *d, size_t from, err *e) {
    closure *c = &d->c;
    c->n_wanted = 0;
    for (size_t i = from; i < c->n_ids; i++) want(c, c->ids[i]);
    size_t rows = c->n;
    if (!load(c, Q_identifier_of_some, take_ident, e)) return false;
    map64 asked = map64_new(c->a, 64);
    for (size_t i = rows; i < c->n; i++) {
        const seen_ident *x = &c->rows[i];
        bool made;
        if (!may_join(d->o, x)) continue;
        map64_at(&asked, x->hash, 0, &made);
        if (made) want(c, x->hash);
    }
    if (!closure_load_hashes(c, e)) return false;
    for (size_t i = rows; i < c->n; i++) {
        bool made;
        profile_index(c, c->rows[i].profile, &made);
    }
    return true;
}

static void set_verdict(deciding *d, group_verdict v) {
    for (size_t i = 0; i < d->n_verdicts; i++)
        if (d->verdicts[i].a == v.a && d->verdicts[i].b == v.b) {
            d->verdicts[i] = v;
            return;
        }
    if (d->n_verdicts == d->room_verdicts) {
        group_verdict *more =
            make(d->c.a, group_verdict, d->room_verdicts = d->room_verdicts ? d->room_verdicts * 2 : 64);
        if (d->n_verdicts) memcpy(more, d->verdicts, d->n_verdicts * sizeof *more);
        d->verdicts = more;
    }
    d->verdicts[d->n_verdicts++] = v;
}

static bool load_verdicts(deciding *d, size_t from, err *e) {
    closure *c = &d->c;
    if (!d->o->verdicts || from == c->n_ids) return true;
    arena tmp = arena_open(1 << 24);
    str list = list_json(&tmp, c->ids + from, c->n_ids - from);
    for (row r = store_query(c->s, Q_link_verdicts, e, "t", list); row_next(&r);) {
        bool made;
        group_verdict v = {.joined = row_int(&r, 2) == LINK_TOLD};
        v.a = profile_index(c, row_int(&r, 0), &made);
        v.b = profile_index(c, row_int(&r, 1), &made);
        set_verdict(d, v);
    }
    arena_close(&tmp);
    return err_ok(e);
}

static bool load_alike(deciding *d, size_t from, err *e) {
    closure *c = &d->c;
    if (!d->o->join_milli || from == c->n_ids) return true;
    arena tmp = arena_open(1 << 24);
    str list = list_json(&tmp, c->ids + from, c->n_ids - from);
    if (!d->alike_seen.a) d->alike_seen = map64_new(c->a, 64);
    for (row r = store_query(c->s, Q_likeness_between, e, "t", list); row_next(&r);) {
        bool made;
        group_alike x = {.milli = (int32_t)row_int(&r, 2)};
        x.a = profile_index(c, row_int(&r, 0), &made), x.b = profile_index(c, row_int(&r, 1), &made);
        map64_at(&d->alike_seen, (int64_t)x.a << 32 | x.b, 0, &made);
        if (!made) continue;
        if (d->n_alike == d->room_alike) {
            group_alike *more = make(c->a, group_alike, d->room_alike = d->room_alike ? d->room_alike * 2 : 64);
            if (d->n_alike) memcpy(more, d->alike, d->n_alike * sizeof *more);
            d->alike = more;
        }
        d->alike[d->n_alike++] = x;
    }
    arena_close(&tmp);
    return err_ok(e);
}

static bool grow(deciding *d, const int64_t *profiles, size_t n, err *e) {
    bool made;
    for (size_t i = 0; i < n; i++) profile_index(&d->c, profiles[i], &made);
    for (size_t from = 0; from < d->c.n_ids;) {
        size_t next = d->c.n_ids;
        if (!step(d, from, e) || !load_verdicts(d, from, e) || !load_alike(d, from, e)) return false;
        from = next;
    }
    d->c.n_wanted = 0;
    for (size_t i = 0; i < d->c.n_ids; i++) want(&d->c, d->c.ids[i]);
    return closure_load_customers(&d->c, e);
}

static bool is_demoted(const void *ctx, int64_t hash) {
    return demoted_has(ctx, hash);
}

static void group(deciding *d, group_out *out) {
    closure *c = &d->c;
    uint64_t *canon = make(c->a, uint64_t, c->n_ids + 1);
    sighting *seen = make(c->a, sighting, c->n + 1);
    for (size_t i = 0; i < c->n; i++) {
        const seen_ident *x = &c->rows[i];
        int32_t p = map64_get(&c->profiles, x->profile);
        seen[i] = (sighting){x->hash, p, x->kind, x->is_key, x->first_day};
        str name = d->o->l ? ledger_source_name(d->o->l, x->source_id) : source_by_id(d->o->names, x->source_id)->name;
        if (x->is_key) canon[p] = stitch_canon(name, (uint64_t)x->hash);
    }
    group_in in = {.ids = c->ids,
                   .canon = canon,
                   .n = c->n_ids,
                   .seen = seen,
                   .n_seen = c->n,
                   .verdicts = d->verdicts,
                   .n_verdicts = d->n_verdicts,
                   .alike = d->alike,
                   .n_alike = d->n_alike,
                   .join_milli = d->o->join_milli,
                   .demoted = is_demoted,
                   .ctx = d->o->demoted,
                   .rules = d->o->rules};
    group_profiles(c->a, &in, out);
}

static bool write_links(deciding *d, const group_out *g, err *e) {
    closure *c = &d->c;
    for (size_t i = 0; i < c->n_ids; i += LIST_IDS) {
        arena tmp = arena_open(1 << 16);
        str list = list_json(&tmp, c->ids + i, MIN((size_t)LIST_IDS, c->n_ids - i));
        bool ok =
            store_run(c->s, Q_link_clear, NULL, e, "t", list) && store_run(c->s, Q_link_clear_b, NULL, e, "t", list);
        arena_close(&tmp);
        if (!ok) return false;
    }
    return links_write(c->s, *c->a, c->ids, g, e);
}

static bool write_demoted(deciding *d, const group_out *g, err *e) {
    for (size_t i = 0; i < g->n_demoted; i++) {
        int64_t hash = g->demoted[i].hash, kind = g->demoted[i].kind, n = g->demoted[i].profile;
        column cols[] = {{'i', &hash, NULL}, {'i', &kind, NULL}, {'i', &n, NULL}};
        if (!store_bulk(d->c.s, Q_demoted_put, cols, 3, 1, NULL, e)) return false;
        map64_put(&d->o->demoted->ids, hash, 1);
    }
    return true;
}

// Compares old and new customers. `then` is a merge when everybody of it went to one place.
static void compare(deciding *d, const group_out *g, closure_change **changes, size_t *n) {
    closure *c = &d->c;
    map64 to = map64_new(c->a, c->n_ids), told = map64_new(c->a, c->n_ids);
    int64_t *target = make(c->a, int64_t, c->n_ids + 1);
    bool *torn = make(c->a, bool, c->n_ids + 1), made;
    int32_t n_to = 0;
    *changes = make(c->a, closure_change, c->n_ids + 1);
    *n = 0;
    for (size_t i = 0; i < c->n_ids; i++) {
        if (d->o->is_new && d->o->is_new(d->o->ctx, c->ids[i])) continue;
        int32_t k = *map64_at(&to, c->customers[i], n_to, &made);
        if (made)
            target[n_to++] = g->customer[i];
        else
            torn[k] |= target[k] != g->customer[i];
    }
    for (size_t i = 0; i < c->n_ids; i++) {
        if (c->customers[i] == g->customer[i]) continue;
        closure_change ch = {.profile = c->ids[i], .then = c->customers[i], .now = g->customer[i]};
        int32_t k = map64_get(&to, ch.then);
        if (k >= 0 && !(d->o->is_new && d->o->is_new(d->o->ctx, ch.profile))) {
            map64_at(&told, ch.then, 0, &made);
            ch.merge = !torn[k], ch.told = made || torn[k];
        }
        (*changes)[(*n)++] = ch;
    }
}

static bool write_moves(deciding *d, const closure_change *ch, size_t n, err *e) {
    if (!n) return true;
    int64_t *p = make(d->c.a, int64_t, n), *to = make(d->c.a, int64_t, n);
    for (size_t i = 0; i < n; i++) p[i] = ch[i].profile, to[i] = ch[i].now;
    column cols[] = {{'i', p, NULL}, {'i', to, NULL}};
    return store_bulk(d->c.s, Q_profile_move, cols, 2, n, NULL, e);
}

bool closure_decide(arena *a, store *s, const int64_t *profiles, size_t n, const decide_opts *o,
                    closure_change **changes, size_t *n_changes, err *e) {
    deciding d = {.c = closure_new(a, s), .o = o};
    group_out g;
    if (!grow(&d, profiles, n, e)) return false;
    group(&d, &g);
    compare(&d, &g, changes, n_changes);
    return write_links(&d, &g, e) && write_demoted(&d, &g, e) && write_moves(&d, *changes, *n_changes, e);
}

// ---- foreseeing ----

static void say(deciding *d, const foreseen_word *w) {
    bool made;
    // As rows of `link` have it: the smaller number first.
    int32_t a = profile_index(&d->c, MIN(w->a, w->b), &made), b = profile_index(&d->c, MAX(w->a, w->b), &made);
    if (w->state) {
        set_verdict(d, (group_verdict){.a = a, .b = b, .joined = w->state == LINK_TOLD});
        return;
    }
    for (size_t i = 0; i < d->n_verdicts; i++)
        if (d->verdicts[i].a == a && d->verdicts[i].b == b) d->verdicts[i] = d->verdicts[--d->n_verdicts];
}

bool closure_foresee(arena *a, store *s, const int64_t *profiles, size_t n, const decide_opts *o,
                     const foreseen_word *words, size_t n_words, foreseen **out, size_t *n_out, err *e) {
    deciding d = {.c = closure_new(a, s), .o = o};
    group_out g;
    if (!grow(&d, profiles, n, e)) return false;
    for (size_t i = 0; i < n_words; i++) say(&d, &words[i]);
    group(&d, &g);
    *out = make(a, foreseen, d.c.n_ids + 1), *n_out = d.c.n_ids;
    for (size_t i = 0; i < d.c.n_ids; i++) (*out)[i] = (foreseen){d.c.ids[i], d.c.customers[i], g.customer[i]};
    return true;
}
