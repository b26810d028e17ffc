#include "base/json.h"
#include "base/map64.h"

#include "know/members.h"
#include "know/referral.h"
#include "ledger/ident.h"
#include "sql/act_reward.h"

enum { WORDS_MOST = 400, BODY_MOST = 1 << 20 };

static const struct {
    const char *name;
    enum referral_how how;
} rows[REFERRAL_WHATS] = {
#define REFERRAL(name, id, how, text) [id] = {#name, CAME_##how},
#include "know/referrals.def"
};

const char *referral_what_name(enum referral_what w) {
    return w > REFERRAL_none && w < REFERRAL_WHATS ? rows[w].name : "";
}

enum referral_what referral_what_of(str name) {
    for (int w = REFERRAL_none + 1; w < REFERRAL_WHATS; w++)
        if (str_eq_ci(name, str_c(rows[w].name))) return (enum referral_what)w;
    return REFERRAL_none;
}

enum referral_how referral_how(enum referral_what w) {
    return w > REFERRAL_none && w < REFERRAL_WHATS ? rows[w].how : CAME_OTHER;
}

const char *referral_flaw_text(enum referral_flaw f) {
    switch (f) {
    case REFERRAL_SOUND: break;
    case REFERRAL_SELF: return "names themselves";
    case REFERRAL_CIRCLE: return "names somebody whom they brought";
    case REFERRAL_UNKNOWN: return "names nobody known, or several";
    }
    return "";
}

// ---- what an event says ----

static bool referral_ident(arena *a, str kind, str value, ident *out) {
    const char *why;
    enum ident_kind k = ident_of(kind);
    value = str_trim(value);
    if (!k) k = str_has(value, S("@")) ? IDENT_email : str_starts(value, S("+")) ? IDENT_phone : IDENT_user_id;
    *out = (ident){k, ident_canonical(a, k, value, S(""), &why)};
    return out->value.len > 0;
}

static str cut(arena *a, str x, size_t most) {
    size_t n = MIN(x.len, most);
    while (n && n < x.len && ((unsigned char)x.s[n] & 0xC0) == 0x80) n--;
    return str_dup(a, str_sub(x, 0, n));
}

// False when it is of another kind.
static bool referral_of(arena *a, const record *r, referral *out) {
    json_t *doc = NULL;
    err quiet = {0};
    ident who;
    if (r->kind != KIND_referral) return false;
    *out = (referral){.profile_id = r->profile_id, .at_us = r->at_us, .key = r->key, .what = REFERRAL_other};
    if (!r->body.len || !json_read(r->body, &doc, &quiet)) return true;
    enum referral_what w = referral_what_of(json_at(doc, "topic"));
    if (w) out->what = w;
    out->words = cut(a, json_at(doc, "text"), WORDS_MOST);
    if (referral_ident(a, json_at(doc, "referrer_kind"), json_scalar(a, json_object_get(doc, "referrer")), &who))
        out->referrer = (int64_t)ident_hash(who.kind, who.value);
    json_decref(doc);
    return true;
}

// ---- rows ----

static referral read_row(arena *a, const row *r) {
    return (referral){.profile_id = row_int(r, 0),
                      .at_us = row_int(r, 1),
                      .key = row_int(r, 2),
                      .what = (enum referral_what)row_int(r, 3),
                      .referrer = row_int(r, 4),
                      .words = str_dup(a, row_str(r, 5))};
}

bool referral_take(store *s, const record *r, int sign, err *e) {
    if (sign < 0) return store_run(s, Q_referral_drop, NULL, e, "iii", r->profile_id, r->at_us, r->key);
    arena a = arena_open(1 << 20);
    referral x;
    bool ok = !referral_of(&a, r, &x) || store_run(s, Q_referral_put, NULL, e, "iiiiit", x.profile_id, x.at_us, x.key,
                                                   (int64_t)x.what, x.referrer, x.words);
    arena_close(&a);
    return ok;
}

bool referral_erase(store *s, int64_t profile_id, err *e) {
    return store_run(s, Q_referral_erase, NULL, e, "i", profile_id);
}

// The event of another person stays, without the name that it holds.
static str without_name(arena *a, str body) {
    str rest = members_of(body);
    buf b = buf_new(a, body.len + 16);
    buf_addc(&b, '{');
    for (member m; member_next(&rest, &m);) {
        if (str_eq(m.name, S("referrer")) || str_eq(m.name, S("referrer_kind"))) continue;
        if (buf_str(&b).len > 1) buf_addc(&b, ',');
        buf_addc(&b, '"'), buf_add(&b, m.name), buf_add(&b, S("\":")), buf_add(&b, m.value);
    }
    buf_addc(&b, '}');
    return buf_str(&b);
}

static bool unname_one(store *s, arena a, const referral *x, err *e) {
    record r;
    int32_t period = event_period(x->at_us);
    if (ledger_get(s, &a, period, x->profile_id, x->at_us, x->key, &r, e) &&
        !store_run(s, Q_event_body_put, NULL, e, "iiiit", (int64_t)period, x->profile_id, x->at_us, x->key,
                   without_name(&a, r.body)))
        return false;
    return err_ok(e) && store_run(s, Q_referral_unname, NULL, e, "iii", x->profile_id, x->at_us, x->key);
}

bool referral_unname(store *s, int64_t hash, err *e) {
    arena a = arena_open((size_t)1 << 28);
    referral *list = NULL;
    size_t n = 0, room = 0;
    for (row r = store_query(s, Q_referral_naming, e, "i", hash); row_next(&r);) {
        if (n == room) {
            referral *more = make(&a, referral, room = room ? room * 2 : 64);
            if (n) memcpy(more, list, n * sizeof *more);
            list = more;
        }
        list[n++] = (referral){.profile_id = row_int(&r, 0), .at_us = row_int(&r, 1), .key = row_int(&r, 2)};
    }
    bool ok = err_ok(e);
    for (size_t i = 0; ok && i < n; i++) ok = unname_one(s, a, &list[i], e);
    arena_close(&a);
    return ok;
}

// ---- who brought whom ----

typedef struct {
    referral_link *v;
    size_t n, room;
    map64 at; // customer → index
} graph;

// Would it close a circle, that this one was brought by row `from`?
static bool leads_to(const graph *g, int32_t from, int64_t customer) {
    for (int32_t i = from; i >= 0; i = g->v[i].parent)
        if (g->v[i].customer == customer) return true;
    return false;
}

static void add(arena *a, graph *g, const row *r) {
    int64_t customer = row_int(r, 6), low = row_int(r, 7), high = row_int(r, 8);
    if (map64_get(&g->at, customer) >= 0) return; // the first word stands
    if (g->n == g->room) {
        referral_link *more = make(a, referral_link, g->room *= 2);
        memcpy(more, g->v, g->n * sizeof *more);
        g->v = more;
    }
    referral x = read_row(a, r);
    referral_link *l = &g->v[g->n];
    *l = (referral_link){.customer = customer,
                         .at_us = x.at_us,
                         .key = x.key,
                         .profile_id = x.profile_id,
                         .what = x.what,
                         .words = x.words,
                         .parent = -1};
    if (x.referrer && (!low || low != high)) l->flaw = REFERRAL_UNKNOWN;
    if (x.referrer && low && low == high) l->referrer = low;
    map64_put(&g->at, customer, (int32_t)g->n++);
}

bool referral_graph(arena *a, store *s, referral_link **out, size_t *n, err *e) {
    graph g = {.room = 64, .at = map64_new(a, 64)};
    g.v = make(a, referral_link, g.room);
    for (row r = store_query(s, Q_referral_people, e, ""); row_next(&r);) add(a, &g, &r);
    for (size_t i = 0; i < g.n; i++) {
        referral_link *l = &g.v[i];
        if (!l->referrer) continue;
        int32_t parent = map64_get(&g.at, l->referrer);
        if (l->referrer == l->customer) l->flaw = REFERRAL_SELF;
        // Rows come by time, and only those told before have parents yet.
        if (!l->flaw && leads_to(&g, parent, l->customer)) l->flaw = REFERRAL_CIRCLE;
        if (l->flaw)
            l->referrer = 0;
        else
            l->parent = parent;
        if (l->parent >= 0) g.v[l->parent].brought++;
    }
    *out = g.v, *n = g.n;
    return err_ok(e);
}

// ---- the proof ----

struct referral_check {
    arena *a;
    uint64_t sum;
    int64_t n;
};

referral_check *referral_check_new(arena *a) {
    referral_check *c = make(a, referral_check, 1);
    *c = (referral_check){.a = a};
    return c;
}

static uint64_t sum_of(const referral *x) {
    const int64_t v[] = {x->profile_id, x->at_us, x->key, x->what, x->referrer};
    return str_hash2(str_hash((str){(const char *)v, sizeof v}), x->words);
}

void referral_check_event(referral_check *c, const record *r) {
    arena scratch = *c->a;
    referral x;
    if (referral_of(&scratch, r, &x)) c->sum += sum_of(&x), c->n++;
}

bool referral_check_all(referral_check *c, store *s, int64_t *differences, str *first, err *e) {
    uint64_t sum = 0;
    int64_t n = 0;
    arena a = arena_open(1 << 20);
    for (row r = store_query(s, Q_referral_scan, e, ""); row_next(&r); n++) {
        referral x = read_row(&a, &r);
        sum += sum_of(&x);
        arena_reset(&a);
    }
    arena_close(&a);
    if (err_ok(e) && (n != c->n || sum != c->sum) && !(*differences)++)
        *first =
            str_fmt(c->a, "%" PRId64 " referrals are stored, the events tell of %" PRId64 " (or one differs)", n, c->n);
    return err_ok(e);
}
