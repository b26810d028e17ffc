// Points: the balance is the sum of what counts and never below zero, lots are spent oldest first, a reversal restores
// them exactly, and nothing depends on the order of arrival; computed a second time here from the list of events.
#include "know/rig.h"

#include "know/reward.h"
#include "ledger/ident.h"
#include "sql/act_reward.h"
#include "sql/know.h"

enum { N = 240, PEOPLE = 6, BASE_DAY = 20000 };

static event entry(arena *a, const char *topic, int64_t day, int64_t points, const char *ext, const char *user) {
    event ev = event_of(KIND_reward, day * DAY_US, str_z(a, str_c(ext)));
    ev.topic = str_c(topic), ev.value = points, ev.has_value = true;
    return from(ev, IDENT_user_id, user);
}

static event expiring(arena *a, event ev, int64_t from_day, int64_t until_day) {
    ev.extra = str_fmt(a, "\"from\":%" PRId64 ",\"expires\":%" PRId64, from_day * DAY_US, until_day * DAY_US);
    return ev;
}

static event of_entry(arena *a, event ev, const char *what, const char *ext) {
    ev.extra = str_fmt(a, "\"%s\":\"%s\"", what, ext);
    return ev;
}

static int64_t customer_of(rig *r, const char *user) {
    err e = {0};
    int64_t id = 0;
    for (row q = store_query(r->s, Q_identifier_find, &e, "i", (int64_t)ident_hash(IDENT_user_id, str_c(user)));
         row_next(&q);)
        id = row_int(&q, 1);
    if (!err_ok(&e)) fail_msg("%s", e.msg);
    return id;
}

static reward_account account(rig *r, const char *user, int64_t day) {
    err e = {0};
    arena a = arena_open(1 << 24);
    reward_entry *v;
    size_t n;
    assert_ok(reward_entries(&a, r->s, customer_of(r, user), &v, &n, &e), e);
    reward_account out = reward_account_of(v, n, day * DAY_US);
    arena_close(&a);
    return out;
}

static int64_t left_of(rig *r, const char *ext) {
    err e = {0};
    arena a = arena_open(1 << 20);
    reward_entry x = {0};
    assert_ok(reward_get(&a, r->s, reward_id((int64_t)event_key(r->source, str_c(ext))), &x, &e), e);
    arena_close(&a);
    return x.lot;
}

// By hand: 100 of day 0, 50 of day 10, 70 spent on day 20 takes 70 of the first; the rest of it expires on day 30.
static void the_oldest_are_spent_first(void **state) {
    rig r;
    arena a = arena_open(1 << 20);
    rig_open(&r, place_of(state));
    event evs[] = {expiring(&a, entry(&a, "earn", BASE_DAY, 100, "a", "7"), BASE_DAY, BASE_DAY + 30),
                   expiring(&a, entry(&a, "bonus", BASE_DAY + 10, 50, "b", "7"), BASE_DAY + 12, BASE_DAY + 60),
                   entry(&a, "redeem", BASE_DAY + 20, 70, "c", "7")};
    rig_put(&r, evs, COUNT(evs));
    reward_account x = account(&r, "7", BASE_DAY + 25);
    assert_int_equal(x.balance, 80);
    assert_int_equal(x.usable, 80);
    assert_int_equal(x.next, 30);
    assert_true(x.next_us == (BASE_DAY + 30) * DAY_US);
    assert_int_equal(left_of(&r, "a"), 30);
    x = account(&r, "7", BASE_DAY + 31);
    assert_int_equal(x.usable, 50);
    assert_int_equal(x.expired, 30);
    event over = of_entry(&a, entry(&a, "expire", BASE_DAY + 31, 30, "d", "7"), "lot", "a");
    rig_put(&r, &over, 1);
    x = account(&r, "7", BASE_DAY + 31);
    assert_int_equal(x.balance, 50);
    assert_int_equal(x.lapsed, 30);
    rig_flush(&r);
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

static void a_reversal_restores_the_lots(void **state) {
    rig r;
    arena a = arena_open(1 << 20);
    rig_open(&r, place_of(state));
    event evs[] = {expiring(&a, entry(&a, "earn", BASE_DAY, 100, "a", "7"), BASE_DAY, BASE_DAY + 30),
                   expiring(&a, entry(&a, "earn", BASE_DAY + 1, 100, "b", "7"), BASE_DAY, BASE_DAY + 40),
                   entry(&a, "redeem", BASE_DAY + 2, 150, "c", "7"), entry(&a, "redeem", BASE_DAY + 3, 30, "d", "7")};
    rig_put(&r, evs, COUNT(evs));
    assert_int_equal(left_of(&r, "b"), 20);
    event back = of_entry(&a, entry(&a, "reverse", BASE_DAY + 4, 150, "e", "7"), "reverses", "c");
    rig_put(&r, &back, 1);
    assert_int_equal(left_of(&r, "a"), 100);
    assert_int_equal(left_of(&r, "b"), 70);
    assert_int_equal(account(&r, "7", BASE_DAY + 5).balance, 170);
    // not twice
    event again = of_entry(&a, entry(&a, "reverse", BASE_DAY + 5, 150, "f", "7"), "reverses", "c");
    rig_put(&r, &again, 1);
    assert_int_equal(account(&r, "7", BASE_DAY + 5).balance, 170);
    // a gain is taken from its own lot, then from the others, and no further
    event gone[] = {entry(&a, "redeem", BASE_DAY + 6, 90, "g", "7"),
                    of_entry(&a, entry(&a, "reverse", BASE_DAY + 7, 100, "h", "7"), "reverses", "a")};
    rig_put(&r, gone, COUNT(gone));
    assert_int_equal(left_of(&r, "a"), 0);
    assert_int_equal(left_of(&r, "b"), 0);
    assert_int_equal(account(&r, "7", BASE_DAY + 8).balance, 0);
    rig_flush(&r);
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

// Over profiles of one customer, split again, and taken away with their import.
static void points_follow_their_customer(void **state) {
    rig r;
    err e = {0};
    arena a = arena_open(1 << 20);
    rig_open(&r, place_of(state));
    event evs[] = {entry(&a, "earn", BASE_DAY, 100, "a", "7"), entry(&a, "redeem", BASE_DAY + 1, 60, "b", "8")};
    rig_put(&r, evs, COUNT(evs));
    rig_flush(&r);
    int64_t p7 = customer_of(&r, "7"), p8 = customer_of(&r, "8");
    assert_int_equal(account(&r, "8", BASE_DAY + 5).balance, 0);
    assert_int_equal(account(&r, "8", BASE_DAY + 5).missing, 60);
    assert_ok(know_join(r.k, p7, p8, S("test"), &e), e);
    assert_int_equal(account(&r, "7", BASE_DAY + 5).balance, 40);
    assert_verified(&r);
    assert_ok(know_verdict_undo(r.k, p7, p8, &e), e);
    assert_int_equal(account(&r, "7", BASE_DAY + 5).balance, 100);
    assert_verified(&r);
    int64_t first = r.import;
    rig_next_import(&r);
    event more = entry(&a, "earn", BASE_DAY, 11, "c", "7");
    rig_put(&r, &more, 1);
    rig_flush(&r);
    rig_undo(&r, first, false);
    assert_int_equal(account(&r, "7", BASE_DAY + 5).balance, 11);
    assert_verified(&r);
    // a damaged row is found and repaired
    assert_ok(store_run(r.s, Q_reward_entry_fold, NULL, &e, "iiiiii", customer_of(&r, "7"), BASE_DAY * DAY_US,
                        (int64_t)event_key(r.source, S("c")), INT64_C(5), INT64_C(5), INT64_C(0)),
              e);
    rebuilt_report out;
    assert_ok(know_verify(&a, r.s, NULL, NULL, &out, &e), e);
    assert_int_equal(out.differences, 1);
    rig_rebuild(&r);
    assert_int_equal(account(&r, "7", BASE_DAY + 5).balance, 11);
    rig_close(&r);
    arena_close(&a);
}

// ---- in any order, beside a slow twin that keeps every single point ----

static void random_points(arena *a, uint64_t seed, event *evs, int n) {
    static const char *const topics[] = {"earn",    "earn",    "bonus",  "redeem", "redeem",
                                         "reverse", "reverse", "expire", "what"};
    rng g = rng_seed(seed);
    for (int i = 0; i < n; i++) {
        int person = (int)rng_range(&g, 0, PEOPLE - 1);
        const char *topic = topics[rng_range(&g, 0, COUNT(topics) - 1)];
        int64_t day = BASE_DAY + rng_range(&g, 0, 60);
        evs[i] = entry(a, topic, day, rng_range(&g, -3, 40), str_z(a, str_fmt(a, "p%d", i)),
                       str_z(a, str_fmt(a, "u%d", person)));
        if (rng_chance(&g, 0.3)) evs[i] = from(evs[i], IDENT_email, str_z(a, str_fmt(a, "m%d@x.org", person / 2)));
        int64_t other = rng_range(&g, 0, n - 1);
        if (!strcmp(topic, "reverse") && rng_chance(&g, 0.9))
            evs[i] = of_entry(a, evs[i], "reverses", str_z(a, str_fmt(a, "p%d", (int)other)));
        else if (!strcmp(topic, "expire") && rng_chance(&g, 0.9))
            evs[i] = of_entry(a, evs[i], "lot", str_z(a, str_fmt(a, "p%d", (int)other)));
        else if (rng_chance(&g, 0.7))
            evs[i] = expiring(a, evs[i], day + rng_range(&g, 0, 5), day + rng_range(&g, 0, 40));
        if (rng_chance(&g, 0.05)) evs[i].unit = 978;
    }
}

// A point of a lot, and where it is: 0 free, else 1 + the entry that has it.
typedef struct {
    int lot, at;
    int64_t seq;
} point;
typedef struct {
    const reward_entry *x;
    int n;
    point *p;
    int n_p;
    int64_t seq, counts[N], taken[N], eff[N];
} slow;

static int find(const slow *w, int64_t id, int self) {
    for (int i = 0; id && i < w->n; i++)
        if (w->x[i].id == id && i != self) return i;
    return -1;
}

static int64_t slow_take(slow *w, int by, int only_lot, int64_t want, bool any, int64_t at) {
    int64_t got = 0;
    for (int k = 0; k < w->n_p && got < want; k++) {
        point *p = &w->p[k];
        const reward_entry *l = &w->x[p->lot];
        if (p->at || (only_lot >= 0 && p->lot != only_lot)) continue;
        if (!any && (l->from_us > at || (l->until_us && l->until_us <= at))) continue;
        p->at = by + 1, p->seq = ++w->seq, got++;
    }
    return got;
}

static int64_t slow_return(slow *w, int of, int64_t want) {
    int64_t got = 0;
    while (got < want) {
        point *last = NULL;
        for (int k = 0; k < w->n_p; k++)
            if (w->p[k].at == of + 1 && (!last || w->p[k].seq > last->seq)) last = &w->p[k];
        if (!last) break;
        last->at = 0, got++;
    }
    return got;
}

static void slow_entry(slow *w, int i) {
    const reward_entry *x = &w->x[i];
    bool gain = (x->what == REWARD_earn || x->what == REWARD_bonus);
    int64_t size = x->points < 0 ? -x->points : x->points, at = w->eff[i];
    int of = find(w, x->names, i);
    if (x->unit) return;
    if (gain) {
        w->counts[i] = size;
        for (int64_t k = 0; k < size; k++) w->p[w->n_p++] = (point){.lot = i};
    } else if (x->what == REWARD_redeem) {
        w->counts[i] = -slow_take(w, i, -1, size, false, at);
    } else if (x->what == REWARD_expire) {
        if (!x->names)
            w->counts[i] = -slow_take(w, i, -1, size, true, at);
        else if (of >= 0)
            w->counts[i] = -slow_take(w, i, of, size, true, at);
    } else if (!x->names) {
        if (x->points < 0) w->counts[i] = -slow_take(w, i, -1, size, true, at);
    } else if (of >= 0 && !w->x[of].unit) {
        bool of_gain = w->x[of].what == REWARD_earn || w->x[of].what == REWARD_bonus;
        int64_t most = of_gain ? w->x[of].points : w->x[of].what == REWARD_redeem ? -w->counts[of] : 0;
        if (size > most - w->taken[of]) size = most - w->taken[of];
        w->taken[of] += size;
        if (!of_gain) {
            w->counts[i] = slow_return(w, of, size);
        } else {
            int64_t got = slow_take(w, i, of, size, true, at);
            w->counts[i] = -(got + slow_take(w, i, -1, size - got, true, at));
        }
    }
}

static int turn(const reward_entry *x) {
    return x->what == REWARD_redeem ? 1 : x->what == REWARD_reverse ? 2 : x->what == REWARD_expire ? 3 : 0;
}

static void check_twin(const reward_entry *v, int n, uint64_t seed) {
    arena a = arena_open(16 << 20);
    slow *w = make(&a, slow, 1);
    bool done[N] = {0};
    *w = (slow){.x = v, .n = n, .p = make(&a, point, N * 50)};
    for (int i = 0; i < n; i++) {
        int of = find(w, v[i].names, i);
        w->eff[i] = of >= 0 && v[of].at_us > v[i].at_us ? v[of].at_us : v[i].at_us;
    }
    for (int k = 0; k < n; k++) {
        int next = -1;
        for (int i = 0; i < n; i++) {
            if (done[i]) continue;
            if (next < 0 || w->eff[i] < w->eff[next] ||
                (w->eff[i] == w->eff[next] &&
                 (turn(&v[i]) < turn(&v[next]) || (turn(&v[i]) == turn(&v[next]) && v[i].key < v[next].key))))
                next = i;
        }
        done[next] = true, slow_entry(w, next);
        int64_t balance = 0, free_points = 0;
        for (int i = 0; i < n; i++) balance += w->counts[i];
        for (int i = 0; i < w->n_p; i++) free_points += !w->p[i].at;
        assert_true(balance >= 0 && balance == free_points);
    }
    for (int i = 0; i < n; i++) {
        int64_t left = 0;
        for (int k = 0; k < w->n_p; k++) left += w->p[k].lot == i && !w->p[k].at;
        if (v[i].counts != w->counts[i] || v[i].lot != left || v[i].taken != w->taken[i])
            fail_msg("seed %d, %s of %d: counts %d, not %d; left %d, not %d", (int)seed, reward_what_name(v[i].what),
                     (int)v[i].points, (int)v[i].counts, (int)w->counts[i], (int)v[i].lot, (int)left);
    }
    arena_close(&a);
}

static uint64_t points_sum(rig *r) {
    err e = {0};
    uint64_t sum = 0;
    arena a = arena_open(1 << 24);
    for (row q = store_query(r->s, Q_reward_entry_scan, &e, ""); row_next(&q);) {
        reward_entry x = reward_read(&a, &q);
        const int64_t v[] = {x.id, x.at_us, x.points, x.names, x.counts, x.lot, x.taken, x.what, x.unit};
        sum += str_hash((str){(const char *)v, sizeof v});
    }
    if (!err_ok(&e)) fail_msg("%s", e.msg);
    arena_close(&a);
    return sum;
}

typedef struct {
    uint64_t seed;
    int64_t customers, entries;
} twins;

static bool check_customer(void *ctx, int64_t customer, const reward_entry *v, size_t n, err *e) {
    twins *t = ctx;
    int64_t balance = 0;
    (void)customer, (void)e;
    for (size_t i = 0; i < n; i++) balance += v[i].counts;
    reward_account x = reward_account_of(v, n, (BASE_DAY + 30) * DAY_US);
    assert_true(balance >= 0 && x.balance == balance && x.balance == x.usable + x.waiting + x.expired);
    check_twin(v, (int)n, t->seed);
    t->customers++, t->entries += (int64_t)n;
    return true;
}

static void a_slow_twin_says_the_same_in_any_order(void **state) {
    twins t = {0};
    for (t.seed = 1; t.seed <= 14; t.seed++) {
        arena a = arena_open(64 << 20);
        event *evs = make(&a, event, N);
        uint64_t first = 0;
        err e = {0};
        random_points(&a, t.seed, evs, N);
        for (int round = 0; round < 3; round++) {
            rig r;
            rng g = rng_seed(t.seed * 7 + (uint64_t)round);
            for (int i = N - 1; round && i > 0; i--) {
                int k = (int)rng_range(&g, 0, i);
                event was = evs[i];
                evs[i] = evs[k], evs[k] = was;
            }
            rig_open(&r, place_of(state));
            put_batches(&r, evs, N, &g, 0.2);
            rig_flush(&r);
            if (!round) first = points_sum(&r);
            if (points_sum(&r) != first) fail_msg("seed %d, order %d", (int)t.seed, round);
            if (!round) assert_ok(reward_each(r.s, check_customer, &t, &e), e);
            assert_verified(&r);
            rig_rebuild(&r);
            if (points_sum(&r) != first) fail_msg("seed %d: rebuilt otherwise", (int)t.seed);
            rig_close(&r);
        }
        arena_close(&a);
    }
    assert_true(t.customers > 20 && t.entries > 3000);
}

// What is absurd stays within 64 bits.
static void absurd_amounts_do_no_harm(void **state) {
    rig r;
    arena a = arena_open(1 << 20);
    rig_open(&r, place_of(state));
    event evs[] = {entry(&a, "earn", BASE_DAY, INT64_MAX, "a", "7"), entry(&a, "earn", BASE_DAY, INT64_MIN, "b", "7"),
                   entry(&a, "redeem", BASE_DAY + 1, INT64_MIN, "c", "7"),
                   of_entry(&a, entry(&a, "reverse", BASE_DAY + 1, INT64_MIN, "d", "7"), "reverses", "d")};
    rig_put(&r, evs, COUNT(evs));
    assert_int_equal(account(&r, "7", BASE_DAY + 2).balance, 0);
    rig_flush(&r);
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(the_oldest_are_spent_first),   cmocka_unit_test(a_reversal_restores_the_lots),
        cmocka_unit_test(points_follow_their_customer), cmocka_unit_test(a_slow_twin_says_the_same_in_any_order),
        cmocka_unit_test(absurd_amounts_do_no_harm),
    };
    return rig_run(tests, COUNT(tests));
}
