#include "act/reward_earn.h"

#include "act/voucher.h"
#include "base/map64.h"
#include "know/fold.h"
#include "know/referral.h"
#include "sql/act_reward.h"
#include "sql/know.h"
#include "sql/ledger.h"

enum { AT_ONCE = 2000, LOOK_EVERY = 1000, EXPIRED_AT_ONCE = 5000 };

typedef struct {
    store *s;
    const reward_search *q;
    reward_tally *t;
    zone *z;
    arena a;    // of the search
    arena some; // of what is found and not handed over
    reward_told *list;
    size_t n;
    map64 back; // (profile, thread) → index into sums
    int64_t *sums;
    size_t n_sums, room_sums;
    map64 days; // (customer, day, programme) → index into given
    struct {
        int64_t points, times;
    } * given;
    size_t n_given, room_given;
} search;

static void begin_some(search *x) {
    arena_reset(&x->some);
    x->list = make(&x->some, reward_told, AT_ONCE), x->n = 0;
}

static bool hand_over(search *x, err *e) {
    bool ok = !x->n || x->q->found(x->q->ctx, x->list, x->n, e);
    begin_some(x);
    return ok;
}

static bool push(search *x, reward_told t, err *e) {
    x->list[x->n++] = t;
    return x->n < AT_ONCE || hand_over(x, e);
}

// ---- what was cancelled or given back, by order ----

static int64_t pair_of(int64_t a, int64_t b) {
    const int64_t v[] = {a, b};
    return (int64_t)str_hash((str){(const char *)v, sizeof v});
}

static bool read_back(search *x, int32_t period, err *e) {
    x->back = map64_new(&x->a, 1024);
    x->room_sums = 1024, x->sums = make(&x->a, int64_t, x->room_sums), x->n_sums = 0;
    for (row r = store_query(x->s, Q_reward_back, e, "i", (int64_t)period); row_next(&r);) {
        bool made;
        int32_t *at = map64_at(&x->back, pair_of(row_int(&r, 0), row_int(&r, 1)), (int32_t)x->n_sums, &made);
        if (made && x->n_sums == x->room_sums) {
            int64_t *more = make(&x->a, int64_t, x->room_sums *= 2);
            memcpy(more, x->sums, x->n_sums * sizeof *more);
            x->sums = more;
        }
        if (made) x->sums[x->n_sums++] = 0;
        x->sums[*at] += MAX(row_int(&r, 2), 0);
    }
    return err_ok(e);
}

static int64_t back_of(const search *x, int64_t profile, int64_t thread) {
    int32_t i = map64_get(&x->back, pair_of(profile, thread));
    return i < 0 ? 0 : x->sums[i];
}

// ---- limits of a day ----

// What this customer has had of the programme on that day, in the store and in this search.
static bool day_of(search *x, const programme *p, int64_t customer, int64_t at_us, size_t *index, err *e) {
    int32_t day = zone_days(x->z, at_us);
    bool made;
    int32_t *at = map64_at(&x->days, pair_of(pair_of(customer, day), p->id), (int32_t)x->n_given, &made);
    *index = (size_t)*at;
    if (!made) return true;
    if (x->n_given == x->room_given) {
        void *more = arena_alloc(&x->a, sizeof *x->given, 8, x->room_given *= 2);
        memcpy(more, x->given, x->n_given * sizeof *x->given);
        x->given = more;
    }
    x->given[x->n_given].points = x->given[x->n_given].times = 0;
    for (row r = store_query(x->s, Q_reward_day, e, "iiii", customer, p->id, zone_day_start_us(x->z, day),
                             zone_day_start_us(x->z, day + 1));
         row_next(&r);)
        x->given[x->n_given].points = row_int(&r, 0), x->given[x->n_given].times = row_int(&r, 1);
    x->n_given++;
    return err_ok(e);
}

static bool within_day(search *x, const programme *p, int64_t customer, int64_t at_us, int64_t *points, err *e) {
    size_t i;
    int64_t want = *points;
    if (!p->day_points && !p->day_times) return true;
    if (!day_of(x, p, customer, at_us, &i, e)) return false;
    if (p->day_times && x->given[i].times >= p->day_times) *points = 0;
    if (p->day_points) *points = MAX(MIN(*points, p->day_points - x->given[i].points), 0);
    if (*points) x->given[i].points += *points, x->given[i].times++;
    x->t->held_back += want - *points;
    return true;
}

// ---- one cause ----

typedef struct {
    int64_t customer;            // who gets the points
    int64_t profile, at_us, key; // the event that they are for
    int64_t had, entries, stale; // what it has brought so far; stale: by another version of it
    int64_t due;                 // points
} cause;

static str why_of(arena *a, const programme *p) {
    switch (p->earned_by) {
    case EARNED_ORDER: return S("for an order");
    case EARNED_REVIEW: return S("for a review, whatever it says");
    case EARNED_ANSWER: return S("for an answer, whatever it says");
    case EARNED_REFERRAL: return S("for a recommendation");
    case EARNED_NONE:
    case EARNED_BY: break;
    }
    return str_dup(a, p->name);
}

static bool earn(search *x, const programme *p, const cause *c, int64_t points, err *e) {
    int64_t from_us, until_us;
    arena *a = &x->some;
    programme_times(p, x->z, c->at_us, &from_us, &until_us);
    if (until_us && until_us <= x->q->now_us) return true; // long ago: it would be over already
    if (!within_day(x, p, c->customer, c->at_us, &points, e)) return false;
    if (points <= 0) return true;
    buf b = buf_new(a, 1 << 12);
    buf_fmt(&b, "\"programme\":%" PRId64 ",\"version\":%" PRId64 ",\"for\":\"%016" PRIx64 "\"", p->id, p->version,
            (uint64_t)c->key);
    buf_fmt(&b, ",\"for_profile\":%" PRId64 ",\"for_us\":%" PRId64 ",\"from\":%" PRId64, c->profile, c->at_us, from_us);
    if (until_us) buf_fmt(&b, ",\"expires\":%" PRId64, until_us);
    if (p->disclosure.len) buf_add(&b, S(",\"disclosure\":")), buf_json_str(&b, p->disclosure);
    x->t->earned++;
    return push(x,
                (reward_told){
                    .customer = c->customer,
                    .what = REWARD_earn,
                    .points = points,
                    .at_us = c->at_us,
                    .ext = str_fmt(a, "earn:%" PRId64 ":%016" PRIx64 ":%" PRId64, p->id, (uint64_t)c->key, c->entries),
                    .why = why_of(a, p),
                    .extra = buf_str(&b)},
                e);
}

static bool customer_of(store *s, int64_t profile, int64_t *customer, err *e) {
    char list[32];
    *customer = 0;
    snprintf(list, sizeof list, "[%" PRId64 "]", profile);
    for (row r = store_query(s, Q_profile_some, e, "t", str_c(list)); row_next(&r);) *customer = row_int(&r, 1);
    return err_ok(e);
}

static bool reverse(search *x, const reward_entry *v, int64_t points, str why, err *e) {
    arena *a = &x->some;
    int64_t customer;
    if (!customer_of(x->s, v->profile_id, &customer, e)) return false;
    x->t->taken_back++;
    return push(x,
                (reward_told){.customer = customer,
                              .what = REWARD_reverse,
                              .points = -points,
                              .at_us = MAX(x->q->now_us, v->at_us + 1),
                              .ext = str_fmt(a, "reverse:%" PRId64 ":%" PRId64, v->id, v->taken),
                              .why = why,
                              .extra = str_fmt(a, "\"reverses\":%" PRId64, v->id)},
                e);
}

// Takes back so many points of those that a cause has brought, the newest first; stale ones in any case.
static bool take_back(search *x, const programme *p, const cause *c, int64_t points, int64_t *taken, err *e) {
    arena a = x->a;
    reward_entry *list = make(&a, reward_entry, 64);
    size_t n = 0;
    *taken = 0;
    for (row r = store_query(x->s, Q_reward_entry_for_event, e, "i", c->key); row_next(&r);)
        if (n < 64) list[n++] = reward_read(&a, &r);
    for (size_t i = 0; err_ok(e) && i < n; i++) {
        const reward_entry *v = &list[i];
        bool stale = v->for_us != c->at_us || v->for_profile != c->profile;
        int64_t live = v->points - v->taken, now = stale ? live : MIN(live, points);
        if (v->programme != p->id || v->points <= 0 || now <= 0) continue;
        if (!reverse(x, v, now, stale ? S("its order was changed") : S("its order was cancelled or sent back"), e))
            return false;
        *taken += now, points -= MIN(now, points);
    }
    return err_ok(e);
}

static bool settle(search *x, const programme *p, cause *c, err *e) {
    int64_t over = MAX(c->had - c->due, 0), taken;
    if (c->stale || over) {
        if (!take_back(x, p, c, over, &taken, e)) return false;
        c->had -= taken;
    }
    return c->had >= c->due || earn(x, p, c, c->due - c->had, e);
}

// ---- the causes of a programme ----

static bool looked(search *x, err *e) {
    return ++x->t->looked % LOOK_EVERY || !x->q->goes_on || x->q->goes_on(x->q->ctx, x->t->looked, e);
}

// A programme with the rule of each of its versions: what happened is rewarded by the version that stood then, so that
// a new rate changes nothing of the past.
typedef struct {
    const programme *v; // the newest first
    const segment_rule **rules;
    size_t n;
    int64_t from_us, until_us; // of any version; until 0: open
} versions;

static size_t version_at(const versions *p, int64_t at_us) {
    for (size_t i = 0; i < p->n; i++)
        if (p->v[i].made_us <= at_us) return i;
    return p->n - 1;
}

// A segment that is gone lets nobody in.
static bool read_versions(search *x, int64_t id, versions *out, err *e) {
    programme *list;
    if (!programme_versions(&x->a, x->s, id, &list, &out->n, e)) return false;
    out->v = list, out->rules = make(&x->a, const segment_rule *, out->n);
    out->from_us = INT64_MAX;
    for (size_t i = 0; i < out->n; i++) {
        segment_rule *rule = NULL;
        char field[SEGMENT_FIELD_LEN];
        err why = {0};
        if (list[i].condition.len && !segment_read_text(&x->a, x->s, list[i].condition, 0, &rule, field, &why))
            list[i].on = false;
        out->rules[i] = rule;
        if (!list[i].on) continue;
        if (out->from_us == INT64_MAX || (out->until_us && list[i].until_us))
            out->until_us = MAX(out->until_us, list[i].until_us);
        if (!list[i].until_us) out->until_us = 0;
        out->from_us = MIN(out->from_us, list[i].from_us);
    }
    return true;
}

// What is due for a cause by the version that stood then. Who takes part is asked when they would first get something.
static bool due_of(search *x, const versions *vs, const cause *c, int64_t worth, int64_t *due, const programme **p,
                   err *e) {
    size_t i = version_at(vs, c->at_us);
    const programme *v = *p = &vs->v[i];
    arena a = x->a;
    bool in = true;
    *due = 0;
    if (!v->on || c->at_us < v->from_us || (v->until_us && c->at_us >= v->until_us)) return true;
    *due = programme_points(v, worth);
    if (!*due || c->had || !vs->rules[i]) return true;
    if (!segment_which(&a, x->s, vs->rules[i], x->q->now_us, &c->customer, 1, &in, e)) return false;
    if (!in) *due = 0;
    return true;
}

static bool one_cause(search *x, const versions *vs, const row *r, err *e) {
    cause c = {.customer = row_int(r, 6),
               .profile = row_int(r, 0),
               .at_us = row_int(r, 1),
               .key = row_int(r, 2),
               .had = row_int(r, 7),
               .entries = row_int(r, 8),
               .stale = row_int(r, 9)};
    const programme *p = vs->v;
    int64_t worth = row_int(r, 3);
    bool thread = !row_null(r, 5);
    if (!c.profile || !looked(x, e)) return err_ok(e);
    if (p->earned_by == EARNED_ORDER && row_int(r, 4) != p->currency) return true;
    // An order that is its own thread is stored without one: its key is that.
    if (p->earned_by == EARNED_ORDER) worth -= back_of(x, c.profile, thread ? row_int(r, 5) : c.key);
    if (!due_of(x, vs, &c, worth, &c.due, &p, e)) return false;
    return (c.had == c.due && !c.stale) || settle(x, p, &c, e);
}

static bool of_events(search *x, const versions *vs, enum kind k, err *e) {
    int64_t until = vs->until_us ? MIN(vs->until_us, x->q->now_us + 1) : x->q->now_us + 1;
    row r = store_query(x->s, Q_reward_causes, e, "iiiii", (int64_t)k, (int64_t)event_period(vs->from_us), vs->from_us,
                        until, vs->v->id);
    while (row_next(&r))
        if (!one_cause(x, vs, &r, e)) return row_end(&r), false;
    return err_ok(e);
}

static bool bought_anything(store *s, int64_t customer, bool *yes, err *e) {
    *yes = false;
    for (row r = store_query(s, Q_summary_get, e, "i", customer); row_next(&r);)
        *yes = row_int(&r, 4) > 0 && row_int(&r, 6) > row_int(&r, 11);
    return err_ok(e);
}

// Who brought somebody gets the points when that one has bought and kept something, and is not the same person by the
// look of it.
static bool one_referral(search *x, const versions *vs, const referral_link *l, err *e) {
    cause c = {.customer = l->referrer, .profile = l->profile_id, .at_us = l->at_us, .key = l->key};
    const programme *p;
    arena a = x->a;
    bool bought;
    str why;
    if (!looked(x, e)) return false;
    for (row r = store_query(x->s, Q_reward_entry_for_event, e, "i", l->key); row_next(&r);) {
        if (row_int(&r, 14) != vs->v->id) continue;
        c.entries++, c.had += row_int(&r, 7) > 0 ? row_int(&r, 7) - row_int(&r, 19) : 0;
    }
    if (!err_ok(e) || !bought_anything(x->s, l->customer, &bought, e) ||
        !reward_same_hands(&a, x->s, l->customer, l->referrer, &why, e) || !due_of(x, vs, &c, 0, &c.due, &p, e))
        return false;
    x->t->suspicious += why.len > 0;
    if (!bought || why.len) c.due = 0;
    return c.had == c.due || settle(x, p, &c, e);
}

static bool of_referrals(search *x, const versions *vs, err *e) {
    referral_link *links;
    size_t n;
    if (!referral_graph(&x->a, x->s, &links, &n, e)) return false;
    for (size_t i = 0; i < n; i++)
        if (links[i].referrer && !one_referral(x, vs, &links[i], e)) return false;
    return true;
}

static bool of_programme(search *x, int64_t id, err *e) {
    versions vs = {0};
    if (!read_versions(x, id, &vs, e)) return false;
    if (vs.from_us == INT64_MAX) return true; // was never on
    switch (vs.v->earned_by) {
    case EARNED_ORDER: return read_back(x, event_period(vs.from_us), e) && of_events(x, &vs, KIND_order, e);
    case EARNED_REVIEW: return of_events(x, &vs, KIND_review, e);
    case EARNED_ANSWER: return of_events(x, &vs, KIND_answer, e);
    case EARNED_REFERRAL: return of_referrals(x, &vs, e);
    case EARNED_NONE:
    case EARNED_BY: break;
    }
    return true;
}

// Points for what is not there any more: an import was undone.
static bool of_gone(search *x, err *e) {
    for (int64_t after = 0, n = 1; n && err_ok(e);) {
        arena a = x->a;
        int64_t *ids = make(&a, int64_t, EXPIRED_AT_ONCE);
        n = 0;
        for (row r = store_query(x->s, Q_reward_gone, e, "ii", after, (int64_t)EXPIRED_AT_ONCE); row_next(&r);) {
            int64_t found = 0;
            after = row_int(&r, 0), n++;
            for (row k = store_query(x->s, Q_event_find, e, "iii", (int64_t)event_period(row_int(&r, 2)),
                                     row_int(&r, 3), row_int(&r, 4));
                 row_next(&k);)
                found++;
            ids[n - 1] = found ? 0 : after;
        }
        for (int64_t i = 0; err_ok(e) && i < n; i++) {
            reward_entry v;
            if (!ids[i]) continue;
            if (!reward_get(&a, x->s, ids[i], &v, e) ||
                !reverse(x, &v, v.points - v.taken, S("what it was for is not there any more"), e))
                return false;
        }
    }
    return err_ok(e);
}

static bool open_search(search *x, store *s, const reward_search *q, reward_tally *t, err *e) {
    *x = (search){.s = s, .q = q, .t = t, .a = arena_open((size_t)1 << 34), .some = arena_open((size_t)1 << 28)};
    x->days = map64_new(&x->a, 1024);
    x->room_given = 1024, x->given = arena_alloc(&x->a, sizeof *x->given, 8, x->room_given);
    begin_some(x);
    return store_zone(s, &x->a, &x->z, e);
}

static void close_search(search *x) {
    arena_close(&x->some);
    arena_close(&x->a);
}

bool reward_find_due(store *s, const reward_search *q, reward_tally *t, err *e) {
    search x;
    programme *list;
    size_t n = 0;
    bool ok = open_search(&x, s, q, t, e) && programme_list(&x.a, s, &list, &n, e);
    for (size_t i = 0; ok && i < n; i++) ok = of_programme(&x, list[i].id, e);
    ok = ok && of_gone(&x, e) && hand_over(&x, e);
    close_search(&x);
    return ok;
}

// ---- what is over ----

static bool expire(search *x, int64_t lot, int64_t points, int64_t until_us, int64_t customer, err *e) {
    int64_t before;
    arena *a = &x->some;
    if (!store_int(x->s, Q_reward_expiries_of, &before, 0, e, "ii", lot, customer)) return false;
    x->t->expired++;
    return push(x,
                (reward_told){.customer = customer,
                              .what = REWARD_expire,
                              .points = -points,
                              .at_us = MAX(until_us, before ? x->q->now_us : until_us),
                              .ext = str_fmt(a, "expire:%" PRId64 ":%" PRId64, lot, before),
                              .why = S("their time was over"),
                              .extra = str_fmt(a, "\"lot\":%" PRId64, lot)},
                e);
}

bool reward_find_expired(store *s, const reward_search *q, reward_tally *t, err *e) {
    search x;
    bool ok = open_search(&x, s, q, t, e);
    for (int64_t after = 0, n = 1; ok && n;) {
        n = 0;
        row r = store_query(s, Q_reward_expired, e, "iii", q->now_us, after, (int64_t)EXPIRED_AT_ONCE);
        for (; ok && row_next(&r); n++) {
            after = row_int(&r, 0);
            ok = expire(&x, after, row_int(&r, 2), row_int(&r, 3), row_int(&r, 4), e);
        }
        row_end(&r);
        ok = ok && err_ok(e);
    }
    ok = ok && hand_over(&x, e);
    close_search(&x);
    return ok;
}

// ---- with one handle ----

typedef struct {
    arena a;
    reward_told *list;
    size_t n, room;
} kept;

static bool keep(void *ctx, const reward_told *list, size_t n, err *e) {
    kept *k = ctx;
    (void)e;
    for (size_t i = 0; i < n; i++) {
        if (k->n == k->room) {
            reward_told *more = make(&k->a, reward_told, k->room = k->room ? k->room * 2 : 1024);
            if (k->n) memcpy(more, k->list, k->n * sizeof *more);
            k->list = more;
        }
        reward_told *t = &k->list[k->n++];
        *t = list[i];
        t->ext = str_dup(&k->a, t->ext), t->why = str_dup(&k->a, t->why), t->extra = str_dup(&k->a, t->extra);
    }
    return true;
}

static bool write_kept(ledger *l, kept *k, reward_tally *t, err *e) {
    for (size_t i = 0; i < k->n; i += AT_ONCE) {
        arena a = arena_open((size_t)1 << 28);
        int64_t skipped;
        bool ok = reward_tell(l, &a, k->list + i, MIN((size_t)AT_ONCE, k->n - i), &skipped, e);
        arena_close(&a);
        if (!ok) return false;
        t->skipped += skipped;
    }
    k->n = 0;
    return true;
}

bool reward_run(ledger *l, reward_tally *t, err *e) {
    const world *w = ledger_world(l);
    kept k = {.a = arena_open((size_t)1 << 34)};
    arena a = arena_open((size_t)1 << 28);
    reward_search q = {.now_us = w->now_us(w), .found = keep, .ctx = &k};
    int64_t over = 1;
    *t = (reward_tally){0};
    bool ok = reward_tell_untold(l, &a, e) && ledger_flush(l, e) && reward_find_due(ledger_store(l), &q, t, e) &&
              write_kept(l, &k, t, e) && reward_find_expired(ledger_store(l), &q, t, e) && write_kept(l, &k, t, e);
    while (ok && over) ok = voucher_sweep(l, &a, &over, e);
    arena_close(&a);
    arena_close(&k.a);
    return ok;
}
