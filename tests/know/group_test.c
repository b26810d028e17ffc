// Which profiles are one customer, beside a slow reading of the same rules over plain sets.
#include "test.h"

#include "base/rng.h"
#include "know/group.h"

enum { PEOPLE = 16, SEEN = 90, VERDICTS = 12, ROUNDS = 6000 };

static int set_up(void **state) {
    static arena a;
    a = arena_open(64 << 20);
    *state = &a;
    return 0;
}

static int tear_down(void **state) {
    arena_close(*state);
    return 0;
}

typedef struct {
    int n, n_seen, n_verdicts;
    int64_t ids[PEOPLE];
    uint64_t canon[PEOPLE];
    sighting seen[SEEN];
    group_verdict verdicts[VERDICTS];
    identity_rules rules;
} crowd;

static group_in input(crowd *c) {
    return (group_in){.ids = c->ids,
                      .canon = c->canon,
                      .n = (size_t)c->n,
                      .seen = c->seen,
                      .n_seen = (size_t)c->n_seen,
                      .verdicts = c->verdicts,
                      .n_verdicts = (size_t)c->n_verdicts,
                      .rules = &c->rules};
}

static bool already(const crowd *c, sighting s) {
    for (int i = 0; i < c->n_seen; i++)
        if (c->seen[i].hash == s.hash && c->seen[i].profile == s.profile) return true;
    return false;
}

// Some profiles are named by one of what is said of them.
static void name_profiles(rng *r, crowd *c) {
    bool named[PEOPLE] = {0};
    for (int i = 0; i < c->n_seen; i++) {
        bool *has = &named[c->seen[i].profile];
        c->seen[i].is_key = !*has && rng_chance(r, 0.2);
        *has |= c->seen[i].is_key;
    }
}

// Those of everybody, or tighter ones that count within windows.
static identity_rules random_rules(rng *r) {
    static const int32_t windows[] = {RULE_EVER, RULE_WEEK, RULE_MONTH, RULE_YEAR};
    static const enum ident_kind kinds[] = {IDENT_email, IDENT_phone, IDENT_anonymous_id, IDENT_user_id};
    identity_rules rules = identity_rules_usual();
    for (size_t k = 0; k < COUNT(kinds) && rng_chance(r, 0.5); k++)
        rules.limit[kinds[k]] = (int32_t)rng_range(r, 2, 5), rules.window[kinds[k]] = windows[rng_range(r, 0, 3)];
    return rules;
}

// Few people, few values, so that much is shared; browsers are shared beyond their limit of five.
static crowd random_crowd(rng *r) {
    static const enum ident_kind kinds[] = {IDENT_user_id, IDENT_shopify_id,   IDENT_email,        IDENT_email,
                                            IDENT_phone,   IDENT_anonymous_id, IDENT_anonymous_id, IDENT_author};
    crowd c = {.n = (int)rng_range(r, 1, PEOPLE), .rules = random_rules(r)};
    const int64_t span = rng_chance(r, 0.5) ? 40 : 800;
    int64_t last = 0;
    for (int i = 0; i < c.n; i++) c.ids[i] = last += rng_range(r, 1, 9), c.canon[i] = rng_u64(r);
    rng_shuffle(r, c.ids, (size_t)c.n, sizeof *c.ids);
    int tries = (int)rng_range(r, 0, SEEN), values = (int)rng_range(r, 1, 12);
    for (int i = 0; i < tries; i++) {
        enum ident_kind k = kinds[rng_range(r, 0, COUNT(kinds) - 1)];
        sighting s = {.kind = (uint8_t)k, .profile = (int32_t)rng_range(r, 0, c.n - 1)};
        s.hash = (int64_t)str_hash2((uint64_t)k, (str){"abcdefghijkl" + rng_range(r, 0, values - 1), 1});
        s.day = (uint16_t)rng_range(r, 20000, 20000 + span);
        if (!already(&c, s)) c.seen[c.n_seen++] = s;
    }
    name_profiles(r, &c);
    c.n_verdicts = rng_chance(r, 0.5) ? (int)rng_range(r, 0, c.n > 1 ? VERDICTS : 0) : 0;
    for (int i = 0; i < c.n_verdicts; i++) {
        int32_t a = (int32_t)rng_range(r, 0, c.n - 1), b = (int32_t)rng_range(r, 0, c.n - 2);
        c.verdicts[i] = (group_verdict){a, b + (b >= a), rng_chance(r, 0.3)};
    }
    return c;
}

// ---- the slow reading: every profile carries the number of its set ----

// The profile is named by a unique value, and another one of the same kind is said of it.
static bool has_alias(const crowd *c, int32_t profile) {
    for (int i = 0; i < c->n_seen; i++)
        for (int j = 0; j < c->n_seen; j++) {
            const sighting *s = &c->seen[i], *t = &c->seen[j];
            if (s->profile == profile && t->profile == profile && s->is_key && s->kind == t->kind &&
                s->hash != t->hash && ident_strength(s->kind) == STRENGTH_UNIQUE)
                return true;
        }
    return false;
}

// A person joined some of the set, or a source told of an alias in it, and it holds the value.
static bool stands_for(const crowd *c, const int *set, int x, int64_t hash) {
    bool told = false, holds = false;
    for (int i = 0; i < c->n; i++) told |= set[i] == x && has_alias(c, i);
    for (int i = 0; i < c->n_verdicts; i++) told |= c->verdicts[i].joined && set[c->verdicts[i].a] == x;
    for (int i = 0; i < c->n_seen; i++) holds |= set[c->seen[i].profile] == x && c->seen[i].hash == hash;
    return told && holds;
}

static bool may_be_one(const crowd *c, const int *set, int x, int y) {
    for (int i = 0; i < c->n_seen; i++)
        for (int j = 0; j < c->n_seen; j++) {
            const sighting *s = &c->seen[i], *t = &c->seen[j];
            if (set[s->profile] == x && set[t->profile] == y && s->kind == t->kind && s->hash != t->hash &&
                ident_strength(s->kind) == STRENGTH_UNIQUE && !stands_for(c, set, x, t->hash) &&
                !stands_for(c, set, y, s->hash))
                return false;
        }
    for (int i = 0; i < c->n_verdicts; i++) {
        const group_verdict *v = &c->verdicts[i];
        int p = set[v->a], q = set[v->b];
        if (!v->joined && ((p == x && q == y) || (p == y && q == x))) return false;
    }
    return true;
}

static void make_one(const crowd *c, int *set, int x, int y) {
    for (int i = 0; i < c->n; i++)
        if (set[i] == y) set[i] = x;
}

static int rank_of(const sighting *s) {
    return ident_strength(s->kind) == STRENGTH_UNIQUE ? 0 : 1;
}

// The next identifier after `last` in the order of the rules; false when there is none.
static bool next_identifier(const crowd *c, const sighting *last, sighting *out) {
    bool found = false;
    for (int i = 0; i < c->n_seen; i++) {
        const sighting *s = &c->seen[i];
        int64_t key[] = {rank_of(s), s->kind, s->hash},
                old[] = {last ? rank_of(last) : -1, last ? last->kind : 0, last ? last->hash : 0},
                best[] = {rank_of(out), out->kind, out->hash};
        int after = 0, before = 0;
        for (int k = 0; k < 3 && !after; k++) after = (key[k] > old[k]) - (key[k] < old[k]);
        for (int k = 0; k < 3 && !before; k++) before = (key[k] < best[k]) - (key[k] > best[k]);
        if (ident_strength(s->kind) != STRENGTH_WEAK && after > 0 && (!found || before > 0)) *out = *s, found = true;
    }
    return found;
}

static int sharers_of(const crowd *c, int64_t hash, int *who) {
    int n = 0;
    for (int i = 0; i < c->n_seen; i++)
        if (c->seen[i].hash == hash) who[n++] = c->seen[i].profile;
    for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n; j++)
            if (c->canon[who[j]] < c->canon[who[i]]) {
                int t = who[i];
                who[i] = who[j], who[j] = t;
            }
    return n;
}

// More of them than the limit came to it on the days of some window, whichever day it begins with.
static bool crowded(const crowd *c, const sighting *s) {
    int most = 0;
    for (int i = 0; i < c->n_seen; i++) {
        int n = 0;
        for (int j = 0; j < c->n_seen; j++) {
            const int after = c->seen[j].day - c->seen[i].day;
            n += c->seen[i].hash == s->hash && c->seen[j].hash == s->hash &&
                 (!c->rules.window[s->kind] || (after >= 0 && after < c->rules.window[s->kind]));
        }
        most = MAX(most, n);
    }
    return most > c->rules.limit[s->kind];
}

static void slow_groups(const crowd *c, int64_t *customer, int *n_demoted) {
    int set[PEOPLE], who[SEEN];
    sighting s = {0}, last;
    for (int i = 0; i < c->n; i++) set[i] = i;
    for (int i = 0; i < c->n_verdicts; i++)
        if (c->verdicts[i].joined) make_one(c, set, set[c->verdicts[i].a], set[c->verdicts[i].b]);
    *n_demoted = 0;
    for (bool more = next_identifier(c, NULL, &s); more; last = s, more = next_identifier(c, &last, &s)) {
        int n = sharers_of(c, s.hash, who);
        const bool over = crowded(c, &s);
        *n_demoted += over;
        for (int i = 1; !over && i < n; i++)
            for (int j = 0; j < i; j++) {
                int x = set[who[j]], y = set[who[i]];
                if (x != y && !may_be_one(c, set, x, y)) continue;
                make_one(c, set, x, y);
                break;
            }
    }
    for (int i = 0; i < c->n; i++) {
        customer[i] = INT64_MAX;
        for (int j = 0; j < c->n; j++)
            if (set[j] == set[i]) customer[i] = MIN(customer[i], c->ids[j]);
    }
}

static void groups_are_those_of_the_rules(void **state) {
    rng r = rng_seed(1);
    int demoted = 0, vetoed = 0, joined = 0;
    for (int round = 0; round < ROUNDS; round++) {
        arena a = *(arena *)*state;
        crowd c = random_crowd(&r), before = c;
        int64_t want[PEOPLE];
        int n_demoted;
        group_in in = input(&c);
        group_out out;
        group_profiles(&a, &in, &out);
        slow_groups(&before, want, &n_demoted);
        for (int i = 0; i < c.n; i++)
            if (out.customer[i] != want[i])
                fail_msg("round %d: profile %d is customer %d, by the rules %d", round, (int)c.ids[i],
                         (int)out.customer[i], (int)want[i]);
        assert_int_equal(out.n_demoted, n_demoted);
        for (size_t i = 0; i < out.n_links; i++)
            vetoed += out.links[i].state == LINK_VETOED, joined += out.links[i].state == LINK_JOINED;
        demoted += n_demoted;
    }
    assert_true(demoted > 100 && vetoed > 1000 && joined > 1000);
}

// ---- what holds of every grouping ----

static int64_t customer_by_id(const crowd *c, const group_out *g, int64_t id) {
    for (int i = 0; i < c->n; i++)
        if (c->ids[i] == id) return g->customer[i];
    return -1;
}

static int order_of_links(const void *x, const void *y) {
    const int64_t *a = x, *b = y;
    for (int i = 0; i < 4; i++)
        if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
    return 0;
}

static size_t links_by_id(arena *a, const crowd *c, const group_out *g, int64_t (**out)[4]) {
    int64_t(*rows)[4] = (int64_t(*)[4])make(a, int64_t, 4 * (g->n_links + 1));
    for (size_t i = 0; i < g->n_links; i++) {
        const group_link *l = &g->links[i];
        assert_true(c->ids[l->a] < c->ids[l->b]);
        rows[i][0] = c->ids[l->a], rows[i][1] = c->ids[l->b], rows[i][2] = l->hash, rows[i][3] = l->state;
    }
    qsort(rows, g->n_links, sizeof *rows, order_of_links);
    *out = rows;
    return g->n_links;
}

// The same people, sightings and verdicts in another order, under other indexes.
static crowd shuffled(rng *r, const crowd *c) {
    crowd d = *c;
    int32_t to[PEOPLE];
    for (int i = 0; i < c->n; i++) to[i] = i;
    rng_shuffle(r, to, (size_t)c->n, sizeof *to);
    for (int i = 0; i < c->n; i++) d.ids[to[i]] = c->ids[i], d.canon[to[i]] = c->canon[i];
    for (int i = 0; i < c->n_seen; i++) d.seen[i].profile = to[c->seen[i].profile];
    for (int i = 0; i < c->n_verdicts; i++) {
        bool turn = rng_chance(r, 0.5);
        d.verdicts[i].a = to[turn ? c->verdicts[i].b : c->verdicts[i].a];
        d.verdicts[i].b = to[turn ? c->verdicts[i].a : c->verdicts[i].b];
    }
    rng_shuffle(r, d.seen, (size_t)d.n_seen, sizeof *d.seen);
    rng_shuffle(r, d.verdicts, (size_t)d.n_verdicts, sizeof *d.verdicts);
    return d;
}

static void order_does_not_matter(void **state) {
    rng r = rng_seed(2);
    for (int round = 0; round < ROUNDS; round++) {
        arena a = *(arena *)*state;
        crowd c = random_crowd(&r), d = shuffled(&r, &c);
        group_in in = input(&c), turned = input(&d);
        group_out g, h;
        int64_t(*x)[4], (*y)[4];
        group_profiles(&a, &in, &g);
        group_profiles(&a, &turned, &h);
        for (int i = 0; i < c.n; i++) assert_int_equal(g.customer[i], customer_by_id(&d, &h, c.ids[i]));
        size_t n = links_by_id(&a, &c, &g, &x);
        assert_int_equal(links_by_id(&a, &d, &h, &y), n);
        if (n) assert_memory_equal(x, y, n * sizeof *x);
    }
}

static bool told_to_be_one(const crowd *c) {
    for (int i = 0; i < c->n; i++)
        if (has_alias(c, i)) return true;
    for (int i = 0; i < c->n_verdicts; i++)
        if (c->verdicts[i].joined) return true;
    return false;
}

static bool shares(const crowd *c, int32_t profile, int64_t hash) {
    for (int i = 0; i < c->n_seen; i++)
        if (c->seen[i].profile == profile && c->seen[i].hash == hash) return true;
    return false;
}

static void vetoes_and_verdicts_hold(void **state) {
    rng r = rng_seed(3);
    for (int round = 0; round < ROUNDS; round++) {
        arena a = *(arena *)*state;
        crowd c = random_crowd(&r);
        group_in in = input(&c);
        group_out g;
        group_profiles(&a, &in, &g);
        bool told = told_to_be_one(&c);
        for (int i = 0; i < c.n_verdicts; i++) {
            bool one = g.customer[c.verdicts[i].a] == g.customer[c.verdicts[i].b];
            if (c.verdicts[i].joined) assert_true(one);
            if (!c.verdicts[i].joined && !told) assert_false(one);
        }
        for (int i = 0; i < c.n_seen && !told; i++)
            for (int j = 0; j < i; j++) {
                const sighting *s = &c.seen[i], *t = &c.seen[j];
                if (s->kind == t->kind && s->hash != t->hash && s->profile != t->profile &&
                    ident_strength(s->kind) == STRENGTH_UNIQUE)
                    assert_int_not_equal(g.customer[s->profile], g.customer[t->profile]);
            }
        for (size_t i = 0; i < g.n_links; i++) {
            const group_link *l = &g.links[i];
            assert_true(shares(&c, l->a, l->hash) && shares(&c, l->b, l->hash));
            assert_true(l->state == LINK_JOINED || l->state == LINK_VETOED);
            if (l->state == LINK_JOINED) assert_int_equal(g.customer[l->a], g.customer[l->b]);
        }
        for (int i = 0; i < c.n; i++) assert_true(g.customer[i] <= c.ids[i]);
    }
}

// Nobody is with somebody without a reason: following links and verdicts leads through the whole group.
static void reasons_connect_every_group(void **state) {
    rng r = rng_seed(4);
    for (int round = 0; round < ROUNDS; round++) {
        arena a = *(arena *)*state;
        crowd c = random_crowd(&r);
        group_in in = input(&c);
        group_out g;
        group_profiles(&a, &in, &g);
        int64_t reach[PEOPLE];
        for (int i = 0; i < c.n; i++) reach[i] = c.ids[i];
        for (bool more = true; more;) {
            more = false;
            for (size_t i = 0; i < g.n_links + (size_t)c.n_verdicts; i++) {
                bool link = i < g.n_links;
                const group_verdict *v = link ? NULL : &c.verdicts[i - g.n_links];
                if (link ? g.links[i].state != LINK_JOINED : !v->joined) continue;
                int32_t x = link ? g.links[i].a : v->a, y = link ? g.links[i].b : v->b;
                if (reach[x] == reach[y]) continue;
                reach[x] = reach[y] = MIN(reach[x], reach[y]);
                more = true;
            }
        }
        for (int i = 0; i < c.n; i++) assert_int_equal(reach[i], g.customer[i]);
    }
}

static bool is_demoted(const void *ctx, int64_t hash) {
    return *(const int64_t *)ctx == hash;
}

// An identifier that was demoted counts as if nobody had ever shown it, but for the veto of a unique one.
static void a_demoted_identifier_joins_nobody(void **state) {
    rng r = rng_seed(5);
    for (int round = 0; round < ROUNDS; round++) {
        arena a = *(arena *)*state;
        crowd c = random_crowd(&r), without;
        if (!c.n_seen) continue;
        sighting s = c.seen[rng_range(&r, 0, c.n_seen - 1)];
        if (ident_strength(s.kind) == STRENGTH_UNIQUE) continue;
        without = c, without.n_seen = 0;
        for (int i = 0; i < c.n_seen; i++)
            if (c.seen[i].hash != s.hash) without.seen[without.n_seen++] = c.seen[i];
        group_in in = input(&c), less = input(&without);
        in.demoted = is_demoted, in.ctx = &s.hash;
        group_out g, h;
        group_profiles(&a, &in, &g);
        group_profiles(&a, &less, &h);
        for (int i = 0; i < c.n; i++) assert_int_equal(g.customer[i], h.customer[i]);
    }
}

// Two more profiles with one value: whoever was one customer stays one, where there is no number of their own, no
// limit and no person to say otherwise.
static void what_more_is_shared_parts_nobody(void **state) {
    rng r = rng_seed(6);
    int made_one = 0;
    for (int round = 0; round < ROUNDS; round++) {
        arena a = *(arena *)*state;
        crowd all = random_crowd(&r), c = all;
        if (c.n < 2) continue;
        c.n_seen = c.n_verdicts = 0, c.rules = identity_rules_usual();
        for (int i = 0; i < all.n_seen; i++)
            if (all.seen[i].kind == IDENT_email) c.seen[c.n_seen++] = all.seen[i];
        for (int i = 0; i < all.n_verdicts; i++)
            if (all.verdicts[i].joined) c.verdicts[c.n_verdicts++] = all.verdicts[i];
        crowd more = c;
        const int32_t x = (int32_t)rng_range(&r, 0, c.n - 1), y = (int32_t)rng_range(&r, 0, c.n - 1);
        const enum ident_kind kind = rng_chance(&r, 0.5) ? IDENT_email : IDENT_phone;
        if (x == y || more.n_seen + 2 > SEEN) continue;
        for (int i = 0; i < 2; i++)
            more.seen[more.n_seen++] = (sighting){.hash = 77, .profile = i ? x : y, .kind = (uint8_t)kind, .day = 1};
        group_in in = input(&c), with = input(&more);
        group_out g, h;
        group_profiles(&a, &in, &g);
        group_profiles(&a, &with, &h);
        for (int i = 0; i < c.n; i++)
            for (int j = 0; j < i; j++)
                if (g.customer[i] == g.customer[j]) assert_int_equal(h.customer[i], h.customer[j]);
        assert_int_equal(h.customer[x], h.customer[y]);
        made_one += g.customer[x] != g.customer[y];
    }
    assert_true(made_one > 500);
}

// ---- by hand ----

static void limits_are_kept_exactly(void **state) {
    static const enum ident_kind kinds[] = {IDENT_email, IDENT_phone, IDENT_anonymous_id, IDENT_user_id};
    for (size_t k = 0; k < COUNT(kinds); k++)
        for (int over = 0; over < 2; over++) {
            arena a = *(arena *)*state;
            int n = ident_limit(kinds[k]) + over;
            int64_t *ids = make(&a, int64_t, n);
            uint64_t *canon = make(&a, uint64_t, n);
            sighting *seen = make(&a, sighting, n);
            for (int i = 0; i < n; i++)
                ids[i] = 100 + i, canon[i] = (uint64_t)(i * 7919 % n),
                seen[i] = (sighting){5, i, (uint8_t)kinds[k], false, 1};
            group_in in = {.ids = ids, .canon = canon, .n = (size_t)n, .seen = seen, .n_seen = (size_t)n};
            group_out g;
            group_profiles(&a, &in, &g);
            for (int i = 0; i < n; i++) assert_int_equal(g.customer[i], over ? 100 + i : 100);
            assert_int_equal(g.n_demoted, over);
            if (over) assert_int_equal(g.demoted[0].profile, n); // how many share it
            if (over) assert_int_equal(g.n_links, 0);
        }
}

// The stronger identifier is heard first: number 7 joins its two profiles before the shared address could join one of
// them with number 8.
static void the_stronger_is_heard_first(void **state) {
    arena a = *(arena *)*state;
    int64_t ids[] = {1, 2, 3};
    uint64_t canon[] = {30, 20, 10};
    sighting seen[] = {{71, 0, IDENT_user_id, false, 1}, {71, 1, IDENT_user_id, false, 1},
                       {81, 2, IDENT_user_id, false, 1}, {5, 0, IDENT_email, false, 1},
                       {5, 2, IDENT_email, false, 1},    {6, 1, IDENT_phone, false, 1},
                       {6, 2, IDENT_phone, false, 1}};
    group_in in = {.ids = ids, .canon = canon, .n = 3, .seen = seen, .n_seen = COUNT(seen)};
    group_out g;
    group_profiles(&a, &in, &g);
    assert_int_equal(g.customer[0], 1);
    assert_int_equal(g.customer[1], 1);
    assert_int_equal(g.customer[2], 3);
    group_verdict v[] = {{2, 1, true}}; // a person knows better
    in.verdicts = v, in.n_verdicts = 1;
    group_profiles(&a, &in, &g);
    for (int i = 0; i < 3; i++) assert_int_equal(g.customer[i], 1);
}

static void nobody_is_no_group(void **state) {
    arena a = *(arena *)*state;
    group_in in = {0};
    group_out g;
    group_profiles(&a, &in, &g);
    assert_int_equal(g.n_links, 0);
    assert_int_equal(g.n_demoted, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_those_of_the_rules),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(vetoes_and_verdicts_hold),
        cmocka_unit_test(reasons_connect_every_group),
        cmocka_unit_test(what_more_is_shared_parts_nobody),
        cmocka_unit_test(a_demoted_identifier_joins_nobody),
        cmocka_unit_test(limits_are_kept_exactly),
        cmocka_unit_test(the_stronger_is_heard_first),
        cmocka_unit_test(nobody_is_no_group),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
