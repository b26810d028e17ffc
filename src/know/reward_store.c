// Points in the store: one row per entry, with what the customer's other entries make of it.
#include "know/lists.h"
#include "know/reward.h"
#include "sql/act_reward.h"
#include "sql/know.h"

enum { MANY = 2000 }; // so many customers at once are first compared with those who have points

// ---- rows ----

reward_entry reward_read(arena *a, const row *r) {
    return (reward_entry){.profile_id = row_int(r, 0),
                          .at_us = row_int(r, 1),
                          .key = row_int(r, 2),
                          .id = row_int(r, 3),
                          .source_id = row_int(r, 4),
                          .what = (enum reward_what)row_int(r, 5),
                          .unit = (int32_t)row_int(r, 6),
                          .points = row_int(r, 7),
                          .names = row_int(r, 8),
                          .for_key = row_int(r, 9),
                          .for_profile = row_int(r, 10),
                          .for_us = row_int(r, 11),
                          .from_us = row_int(r, 12),
                          .until_us = row_int(r, 13),
                          .programme = row_int(r, 14),
                          .why = str_dup(a, row_str(r, 15)),
                          .disclosure = str_dup(a, row_str(r, 16)),
                          .counts = row_int(r, 17),
                          .lot = row_int(r, 18),
                          .taken = row_int(r, 19)};
}

static bool put(store *s, const reward_entry *x, err *e) {
    return store_run(s, Q_reward_entry_put, NULL, e, "iiiiiiiiiiiiiiittiii", x->profile_id, x->at_us, x->key, x->id,
                     x->source_id, (int64_t)x->what, (int64_t)x->unit, x->points, x->names, x->for_key, x->for_profile,
                     x->for_us, x->from_us, x->until_us, x->programme, x->why, x->disclosure, x->counts, x->lot,
                     x->taken);
}

bool reward_get(arena *a, store *s, int64_t id, reward_entry *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_reward_entry_get, e, "i", id); row_next(&r);) *out = reward_read(a, &r), found = true;
    return found && err_ok(e);
}

typedef struct {
    reward_entry *v;
    size_t n, room;
} entries;

static void push(arena *a, entries *list, reward_entry x) {
    if (list->n == list->room) {
        reward_entry *more = make(a, reward_entry, list->room = list->room ? list->room * 2 : 16);
        if (list->n) memcpy(more, list->v, list->n * sizeof *more);
        list->v = more;
    }
    list->v[list->n++] = x;
}

static int by_time(const void *a, const void *b) {
    const reward_entry *x = a, *y = b;
    if (x->at_us != y->at_us) return x->at_us < y->at_us ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

bool reward_entries(arena *a, store *s, int64_t customer, reward_entry **out, size_t *n, err *e) {
    entries list = {0};
    int64_t *profiles = NULL;
    size_t n_profiles = 0, room = 0;
    for (row r = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&r);)
        list_push(a, &profiles, &n_profiles, &room, row_int(&r, 0));
    for (size_t i = 0; i < n_profiles; i++)
        for (row r = store_query(s, Q_reward_entry_of_profile, e, "i", profiles[i]); row_next(&r);)
            push(a, &list, reward_read(a, &r));
    if (list.n) qsort(list.v, list.n, sizeof *list.v, by_time);
    *out = list.v, *n = list.n;
    return err_ok(e);
}

bool reward_each(store *s, reward_each_fn fn, void *ctx, err *e) {
    arena life = arena_open((size_t)1 << 34), a = life;
    entries list = {0};
    int64_t customer = 0;
    bool ok = true;
    row r = store_query(s, Q_reward_entry_people, e, "");
    while (ok && row_next(&r)) {
        if (list.n && row_int(&r, 20) != customer) {
            ok = fn(ctx, customer, list.v, list.n, e);
            a = life, list = (entries){0};
        }
        customer = row_int(&r, 20);
        if (ok) push(&a, &list, reward_read(&a, &r));
    }
    row_end(&r);
    ok = ok && err_ok(e) && (!list.n || fn(ctx, customer, list.v, list.n, e));
    arena_close(&life);
    return ok;
}

// ---- folding ----

// Only what changes is written.
static bool fold_and_put(store *s, arena a, reward_entry *v, size_t n, err *e) {
    reward_entry *before = make(&a, reward_entry, n + 1);
    if (n) memcpy(before, v, n * sizeof *v);
    reward_fold(a, v, n);
    for (size_t i = 0; i < n; i++) {
        const reward_entry *x = &v[i], *was = &before[i];
        if (x->counts == was->counts && x->lot == was->lot && x->taken == was->taken) continue;
        if (!store_run(s, Q_reward_entry_fold, NULL, e, "iiiiii", x->profile_id, x->at_us, x->key, x->counts, x->lot,
                       x->taken))
            return false;
    }
    return true;
}

static bool settle_one(store *s, arena a, int64_t customer, err *e) {
    reward_entry *v;
    size_t n;
    return reward_entries(&a, s, customer, &v, &n, e) && fold_and_put(s, a, v, n, e);
}

static bool only_owners(store *s, int64_t *ids, size_t *n, err *e) {
    size_t k = 0, i = 0;
    for (row r = store_query(s, Q_reward_owners, e, ""); row_next(&r);) {
        while (i < *n && ids[i] < row_int(&r, 0)) i++;
        if (i < *n && ids[i] == row_int(&r, 0)) ids[k++] = ids[i++];
    }
    *n = k;
    return err_ok(e);
}

static bool any(store *s, bool *yes, err *e) {
    int64_t most;
    if (!store_int(s, Q_reward_any, &most, 0, e, "")) return false;
    *yes = most > 0;
    return true;
}

bool reward_settle(store *s, const int64_t *customers, size_t n, err *e) {
    bool some = false;
    if (!n) return true;
    if (!any(s, &some, e)) return false;
    if (!some) return true;
    arena a = arena_open(n * 8 + ((size_t)1 << 32));
    int64_t *ids = make(&a, int64_t, n);
    memcpy(ids, customers, n * sizeof *ids);
    n = list_unique(ids, n);
    bool ok = n < MANY || only_owners(s, ids, &n, e);
    for (size_t i = 0; ok && i < n; i++) ok = settle_one(s, a, ids[i], e);
    arena_close(&a);
    return ok;
}

bool reward_settle_profiles(store *s, const int64_t *profiles, size_t n, err *e) {
    if (!n) return true;
    arena a = arena_open(n * 32 + ((size_t)1 << 24));
    int64_t *customers;
    size_t n_customers;
    bool ok =
        list_customers(&a, s, profiles, n, &customers, &n_customers, e) && reward_settle(s, customers, n_customers, e);
    arena_close(&a);
    return ok;
}

bool reward_take(store *s, const record *r, int64_t source_id, int sign, err *e) {
    if (sign < 0) return store_run(s, Q_reward_entry_drop, NULL, e, "iii", r->profile_id, r->at_us, r->key);
    arena a = arena_open(1 << 20);
    reward_entry x;
    bool ok = !reward_entry_of(&a, r, source_id, &x) || put(s, &x, e);
    arena_close(&a);
    return ok;
}

typedef struct {
    store *s;
    arena a;
} anew;

static bool one_anew(void *ctx, int64_t customer, const reward_entry *v, size_t n, err *e) {
    anew *x = ctx;
    arena a = x->a;
    reward_entry *own = make(&a, reward_entry, n);
    (void)customer;
    memcpy(own, v, n * sizeof *own);
    return fold_and_put(x->s, a, own, n, e);
}

bool reward_all_anew(store *s, err *e) {
    anew x = {.s = s, .a = arena_open((size_t)1 << 34)};
    bool ok = reward_each(s, one_anew, &x, e);
    arena_close(&x.a);
    return ok;
}

// The customer's other profiles go too, so nothing is left to be folded anew.
bool reward_erase(store *s, int64_t profile_id, err *e) {
    return store_run(s, Q_reward_entry_erase, NULL, e, "i", profile_id) &&
           store_run(s, Q_reward_untold_erase, NULL, e, "i", profile_id) &&
           store_run(s, Q_voucher_erase, NULL, e, "i", profile_id) &&
           store_run(s, Q_story_step_erase, NULL, e, "i", profile_id) &&
           store_run(s, Q_story_erase, NULL, e, "i", profile_id);
}

// ---- the proof ----

struct reward_check {
    arena *a;
    entries list;
    int64_t differences;
    str first;
};

reward_check *reward_check_new(arena *a) {
    reward_check *c = make(a, reward_check, 1);
    *c = (reward_check){.a = a};
    return c;
}

void reward_check_event(reward_check *c, const record *r, int64_t source_id) {
    reward_entry x;
    if (reward_entry_of(c->a, r, source_id, &x)) push(c->a, &c->list, x);
}

static void differs(reward_check *c, int64_t id, const char *what) {
    if (!c->differences++) c->first = str_fmt(c->a, "the entry %" PRId64 " of points %s", id, what);
}

static uint64_t sum_of(const reward_entry *x) {
    const int64_t v[] = {x->profile_id, x->at_us,    x->key,       x->id,      x->source_id,   x->what,
                         x->unit,       x->points,   x->names,     x->for_key, x->for_profile, x->for_us,
                         x->from_us,    x->until_us, x->programme, x->counts,  x->lot,         x->taken};
    return str_hash2(str_hash2(str_hash((str){(const char *)v, sizeof v}), x->why), x->disclosure);
}

static int by_place(const void *a, const void *b) {
    const reward_entry *x = a, *y = b;
    if (x->profile_id != y->profile_id) return x->profile_id < y->profile_id ? -1 : 1;
    return by_time(a, b);
}

typedef struct {
    int64_t customer;
    size_t at;
} owned;

static int by_owner(const void *a, const void *b) {
    const owned *x = a, *y = b;
    if (x->customer != y->customer) return x->customer < y->customer ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

// Each customer's entries are folded together; those of nobody known count for nobody.
static void fold_all(reward_check *c, int64_t (*customer_of)(void *ctx, int64_t profile), void *ctx) {
    size_t n = c->list.n;
    arena a = arena_open((size_t)1 << 36);
    owned *who = make(&a, owned, n + 1);
    reward_entry *v = make(&a, reward_entry, n + 1);
    for (size_t i = 0; i < n; i++) {
        int64_t profile = c->list.v[i].profile_id;
        who[i] = (owned){profile ? customer_of(ctx, profile) : 0, i};
    }
    if (n) qsort(who, n, sizeof *who, by_owner);
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i; j < n && who[j].customer == who[i].customer; j++) v[j - i] = c->list.v[who[j].at];
        if (who[i].customer) reward_fold(a, v, j - i);
        for (size_t k = i; k < j; k++) c->list.v[who[k].at] = v[k - i];
    }
    arena_close(&a);
}

bool reward_check_all(reward_check *c, store *s, int64_t (*customer_of)(void *ctx, int64_t profile), void *ctx,
                      int64_t *differences, str *first, err *e) {
    size_t i = 0;
    arena a = arena_open(1 << 24);
    fold_all(c, customer_of, ctx);
    if (c->list.n) qsort(c->list.v, c->list.n, sizeof *c->list.v, by_place);
    for (row r = store_query(s, Q_reward_entry_scan, e, ""); row_next(&r);) {
        reward_entry got = reward_read(&a, &r);
        for (; i < c->list.n && by_place(&c->list.v[i], &got) < 0; i++) differs(c, c->list.v[i].id, "is not stored");
        if (i == c->list.n || by_place(&c->list.v[i], &got) != 0)
            differs(c, got.id, "is stored without its event");
        else if (sum_of(&c->list.v[i++]) != sum_of(&got))
            differs(c, got.id, "is stored otherwise than its events give");
        arena_reset(&a);
    }
    for (; err_ok(e) && i < c->list.n; i++) differs(c, c->list.v[i].id, "is not stored");
    arena_close(&a);
    if (c->differences && !*differences) *first = c->first;
    *differences += c->differences;
    return err_ok(e);
}
