// Commitments in the store: their steps as rows, and one row per commitment computed from them.
#include "know/commitment_private.h"
#include "know/noticed.h"
#include "sql/act.h"
#include "sql/act_promise.h"
#include "sql/know.h"

enum { MANY = 2000 }; // so many customers at once are first compared with those to whom anything is owed

// ---- rows ----

static const int64_t *or_null(const int64_t *v) {
    return *v ? v : NULL;
}

commitment_step owed_read_step(arena *a, const row *r) {
    return (commitment_step){.id = row_int(r, 0),
                             .at_us = row_int(r, 1),
                             .key = row_int(r, 2),
                             .profile_id = row_int(r, 3),
                             .what = (enum kind)row_int(r, 4),
                             .due_us = row_int(r, 5),
                             .about = row_int(r, 6),
                             .topic = str_dup(a, row_str(r, 7)),
                             .words = str_dup(a, row_str(r, 8)),
                             .owner = str_dup(a, row_str(r, 9)),
                             .team = str_dup(a, row_str(r, 10)),
                             .standard_id = row_int(r, 11)};
}

commitment commitment_read(arena *a, const row *r) {
    return (commitment){.id = row_int(r, 0),
                        .profile_id = row_int(r, 1),
                        .kind = (enum commitment_kind)row_int(r, 2),
                        .what = str_dup(a, row_str(r, 3)),
                        .owner = str_dup(a, row_str(r, 4)),
                        .team = str_dup(a, row_str(r, 5)),
                        .about = row_int(r, 6),
                        .made_us = row_int(r, 7),
                        .due_us = row_int(r, 8),
                        .first_due_us = row_int(r, 9),
                        .judged_us = row_int(r, 10),
                        .moves = (int32_t)row_int(r, 11),
                        .agreed_before_due = row_int(r, 12) != 0,
                        .open_us = row_int(r, 13),
                        .said_kept_us = row_int(r, 14),
                        .done_us = row_int(r, 15),
                        .done_key = row_int(r, 16),
                        .kept_us = row_int(r, 17),
                        .withdrawn_us = row_int(r, 18),
                        .void_us = row_int(r, 19),
                        .confirmed_us = row_int(r, 21),
                        .sorry_us = row_int(r, 22),
                        .reopened = (int32_t)row_int(r, 23),
                        .standard_id = row_int(r, 24)};
}

bool owed_put_step(store *s, const commitment_step *x, err *e) {
    return store_run(s, Q_commitment_step_put, NULL, e, "iiiiiIItttti", x->id, x->at_us, x->key, x->profile_id,
                     (int64_t)x->what, or_null(&x->due_us), or_null(&x->about), x->topic, x->words, x->owner, x->team,
                     x->standard_id);
}

static bool put(store *s, const commitment *c, err *e) {
    return store_run(s, Q_commitment_put, NULL, e, "iiitttIiIIIiiiIIIIIIiIIii", c->id, c->profile_id, (int64_t)c->kind,
                     c->what, c->owner, c->team, or_null(&c->about), c->made_us, or_null(&c->due_us),
                     or_null(&c->first_due_us), or_null(&c->judged_us), (int64_t)c->moves,
                     (int64_t)c->agreed_before_due, c->open_us, or_null(&c->said_kept_us), or_null(&c->done_us),
                     c->done_us ? &c->done_key : NULL, or_null(&c->kept_us), or_null(&c->withdrawn_us),
                     or_null(&c->void_us), (int64_t)commitment_closed(c), or_null(&c->confirmed_us),
                     or_null(&c->sorry_us), (int64_t)c->reopened, c->standard_id);
}

bool commitment_get(arena *a, store *s, int64_t id, commitment *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_commitment_get, e, "i", id); row_next(&r);)
        *out = commitment_read(a, &r), found = true;
    return found && err_ok(e);
}

void owed_push(arena *a, commitment_step **list, size_t *n, size_t *room, commitment_step x) {
    if (*n == *room) {
        commitment_step *more = make(a, commitment_step, *room = *room ? *room * 2 : 16);
        if (*n) memcpy(more, *list, *n * sizeof *more);
        *list = more;
    }
    (*list)[(*n)++] = x;
}

bool commitment_steps(arena *a, store *s, int64_t id, commitment_step **out, size_t *n, err *e) {
    size_t room = 0;
    *out = NULL, *n = 0;
    for (row r = store_query(s, Q_commitment_steps_of, e, "i", id); row_next(&r);)
        owed_push(a, out, n, &room, owed_read_step(a, &r));
    return err_ok(e);
}

// ---- what keeps it ----

// By which conversation each is looked for: 0 is any.
typedef struct {
    int64_t thread;
    size_t at; // of the commitment
} wanted;

typedef struct {
    commitment *cs;
    wanted *by_thread; // sorted
    size_t n;
    int64_t *at_us, *key; // the first event that keeps each; at_us 0: none yet
    size_t left;          // how many have none yet
    int64_t last_us;      // of those found, the latest
} keeping;

static int by_wanted(const void *a, const void *b) {
    const wanted *x = a, *y = b;
    if (x->thread != y->thread) return x->thread < y->thread ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

// Only an answer and a solution belong to a conversation.
static int64_t thread_of(const commitment *c) {
    enum commitment_keeper k = commitment_kind_row(c->kind)->keeper;
    return k == KEEP_REPLY || k == KEEP_SOLVED ? c->about : 0;
}

static void look_at(keeping *k, int64_t thread, const record *r) {
    size_t lo = 0, hi = k->n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (k->by_thread[mid].thread < thread)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < k->n && k->by_thread[lo].thread == thread; lo++) {
        size_t i = k->by_thread[lo].at;
        bool sooner = !k->at_us[i] || r->at_us < k->at_us[i] || (r->at_us == k->at_us[i] && r->key < k->key[i]);
        if (!sooner || !commitment_keeps(&k->cs[i], r)) continue;
        k->left -= !k->at_us[i];
        k->at_us[i] = r->at_us, k->key[i] = r->key;
        k->last_us = MAX(k->last_us, r->at_us);
    }
}

static bool look(void *ctx, const record *r, err *e) {
    const keeping *k = ctx;
    (void)e;
    if (!k->left && r->at_us > k->last_us) return false; // what comes is later than all
    if (!commitment_is_keeper((enum kind)r->kind)) return true;
    look_at(ctx, 0, r);
    if (r->has_thread && r->thread) look_at(ctx, r->thread, r);
    return true;
}

// Of some commitments to one customer, from the events of its profiles.
static bool find_done(arena *a, store *s, const int64_t *profiles, size_t n_profiles, commitment *cs, size_t n,
                      err *e) {
    keeping k = {.cs = cs,
                 .by_thread = make(a, wanted, n + 1),
                 .n = n,
                 .at_us = make(a, int64_t, n + 1),
                 .key = make(a, int64_t, n + 1),
                 .left = n};
    int64_t since_us = INT64_MAX; // nothing before a commitment keeps it
    for (size_t i = 0; i < n; i++) since_us = MIN(since_us, cs[i].open_us);
    for (size_t i = 0; i < n; i++) k.by_thread[i] = (wanted){thread_of(&cs[i]), i};
    if (n) qsort(k.by_thread, n, sizeof *k.by_thread, by_wanted);
    for (size_t i = 0; n && i < n_profiles; i++)
        if (!ledger_profile_events_since(s, profiles[i], since_us, look, &k, e)) return false;
    for (size_t i = 0; i < n; i++) commitment_done(&cs[i], k.at_us[i], k.key[i]);
    return true;
}

static bool customer_of(store *s, arena *a, int64_t profile, int64_t *customer, err *e) {
    *customer = 0;
    for (row r = store_query(s, Q_profile_some, e, "t", list_json(a, &profile, 1)); row_next(&r);)
        *customer = row_int(&r, 1);
    return err_ok(e);
}

bool owed_profiles(store *s, arena *a, int64_t customer, int64_t **ids, size_t *n, err *e) {
    size_t room = 0;
    *ids = NULL, *n = 0;
    for (row r = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&r);)
        list_push(a, ids, n, &room, row_int(&r, 0));
    return err_ok(e);
}

// Completes what the steps say by what the customer's events say.
static bool complete(store *s, arena a, commitment *c, err *e) {
    int64_t customer, *profiles;
    size_t n;
    if (!c->profile_id || commitment_kind_row(c->kind)->keeper == KEEP_NOTHING) return true;
    return customer_of(s, &a, c->profile_id, &customer, e) && owed_profiles(s, &a, customer, &profiles, &n, e) &&
           find_done(&a, s, profiles, n, c, 1, e);
}

bool owed_settle(store *s, arena a, int64_t customer, err *e) {
    int64_t *profiles;
    size_t n_profiles, n = 0, room = 16;
    commitment *cs = make(&a, commitment, room);
    if (!owed_profiles(s, &a, customer, &profiles, &n_profiles, e)) return false;
    for (size_t i = 0; i < n_profiles; i++)
        for (row r = store_query(s, Q_commitment_of_profile, e, "i", profiles[i]); row_next(&r);) {
            commitment c = commitment_read(&a, &r);
            if (commitment_kind_row(c.kind)->keeper == KEEP_NOTHING) continue;
            if (n == room) {
                commitment *more = make(&a, commitment, room * 2);
                memcpy(more, cs, n * sizeof *more);
                cs = more, room *= 2;
            }
            cs[n++] = c;
        }
    commitment *before = make(&a, commitment, n + 1);
    if (n) memcpy(before, cs, n * sizeof *cs);
    if (!err_ok(e) || !find_done(&a, s, profiles, n_profiles, cs, n, e)) return false;
    for (size_t i = 0; i < n; i++)
        if ((cs[i].done_us != before[i].done_us || cs[i].done_key != before[i].done_key) && !put(s, &cs[i], e))
            return false;
    return true;
}

// Those of sorted customers to whom anything is owed.
static bool only_owed(store *s, int64_t *ids, size_t *n, err *e) {
    size_t k = 0, i = 0;
    for (row r = store_query(s, Q_commitment_owed_to, e, ""); row_next(&r);) {
        while (i < *n && ids[i] < row_int(&r, 0)) i++;
        if (i < *n && ids[i] == row_int(&r, 0)) ids[k++] = ids[i++];
    }
    *n = k;
    return err_ok(e);
}

bool commitment_settle(store *s, const int64_t *customers, size_t n, err *e) {
    int64_t any;
    if (!n || !store_int(s, Q_commitment_any, &any, 0, e, "")) return err_ok(e);
    if (!any) return true;
    arena a = arena_open(n * 8 + ((size_t)1 << 28));
    int64_t *ids = make(&a, int64_t, n);
    memcpy(ids, customers, n * sizeof *ids);
    n = list_unique(ids, n);
    bool ok = n < MANY || only_owed(s, ids, &n, e);
    for (size_t i = 0; ok && i < n; i++) ok = owed_settle(s, a, ids[i], e);
    arena_close(&a);
    return ok;
}

bool commitment_settle_profiles(store *s, const int64_t *profiles, size_t n, err *e) {
    int64_t any;
    if (!n || !store_int(s, Q_commitment_any, &any, 0, e, "")) return err_ok(e);
    if (!any) return true;
    arena a = arena_open(n * 32 + ((size_t)1 << 24));
    int64_t *customers;
    size_t n_customers;
    bool ok = list_customers(&a, s, profiles, n, &customers, &n_customers, e) &&
              commitment_settle(s, customers, n_customers, e);
    arena_close(&a);
    return ok;
}

// ---- from steps ----

bool commitment_take(store *s, const record *r, int64_t source_id, int sign, err *e) {
    if (sign < 0) return store_run(s, Q_commitment_step_drop, NULL, e, "iii", commitment_id(r), r->at_us, r->key);
    arena a = arena_open(1 << 20);
    commitment_step x;
    bool ok = !commitment_step_of(&a, r, source_id, &x) || owed_put_step(s, &x, e);
    arena_close(&a);
    return ok;
}

static bool fold_one(store *s, arena a, int64_t id, bool whole, err *e) {
    commitment_step *steps;
    commitment c;
    size_t n;
    if (!commitment_steps(&a, s, id, &steps, &n, e)) return false;
    if (!commitment_fold(steps, n, &c)) return store_run(s, Q_commitment_drop, NULL, e, "i", id);
    return (!whole || complete(s, a, &c, e)) && put(s, &c, e);
}

bool owed_fold(store *s, arena a, int64_t id, err *e) {
    return fold_one(s, a, id, false, e);
}

bool commitment_anew(store *s, const int64_t *ids, size_t n, err *e) {
    if (!n) return true;
    arena a = arena_open(n * 8 + ((size_t)1 << 28));
    int64_t *own = make(&a, int64_t, n);
    bool ok = true;
    memcpy(own, ids, n * sizeof *own);
    n = list_unique(own, n);
    for (size_t i = 0; ok && i < n; i++) ok = fold_one(s, a, own[i], true, e);
    arena_close(&a);
    return ok;
}

// Calls back with the steps of each stored commitment, in order of number.
typedef bool (*steps_fn)(void *ctx, arena a, commitment_step *steps, size_t n, err *e);
static bool each_of_steps(store *s, steps_fn fn, void *ctx, err *e) {
    arena life = arena_open((size_t)1 << 30), a = life;
    commitment_step *steps = NULL;
    size_t n = 0, room = 0;
    bool ok = true;
    row r = store_query(s, Q_commitment_step_scan, e, "");
    while (ok && row_next(&r)) {
        if (n && steps[0].id != row_int(&r, 0)) {
            ok = fn(ctx, a, steps, n, e);
            a = life, steps = NULL, n = room = 0;
        }
        if (ok) owed_push(&a, &steps, &n, &room, owed_read_step(&a, &r));
    }
    row_end(&r);
    ok = ok && err_ok(e) && (!n || fn(ctx, a, steps, n, e));
    arena_close(&life);
    return ok;
}

static bool put_folded(void *ctx, arena a, commitment_step *steps, size_t n, err *e) {
    commitment c;
    (void)a;
    return !commitment_fold(steps, n, &c) || put(ctx, &c, e);
}

static bool put_rule(void *ctx, const commitment_step *steps, size_t n, err *e) {
    for (size_t i = 0; i < n; i++)
        if (!owed_put_step(ctx, &steps[i], e)) return false;
    return true;
}

// Each customer's events are read once, however much is owed to them.
bool commitment_all_anew(store *s, err *e) {
    arena a = arena_open((size_t)1 << 30);
    int64_t *owed = NULL;
    size_t n = 0, room = 0;
    bool ok = owed_by_rule(s, put_rule, s, e) && store_run(s, Q_commitment_clear, NULL, e, "") &&
              each_of_steps(s, put_folded, s, e);
    row r = store_query(s, Q_commitment_owed_to, e, "");
    while (ok && row_next(&r)) list_push(&a, &owed, &n, &room, row_int(&r, 0));
    row_end(&r);
    for (size_t i = 0; ok && i < n; i++) ok = owed_settle(s, a, owed[i], e);
    arena_close(&a);
    return ok && err_ok(e) && noticed_tidy(s, e);
}

bool commitment_erase(store *s, int64_t profile_id, err *e) {
    arena a = arena_open((size_t)1 << 24);
    int64_t *ids = NULL;
    size_t n = 0, room = 0;
    for (row r = store_query(s, Q_commitment_steps_of_profile, e, "i", profile_id); row_next(&r);)
        list_push(&a, &ids, &n, &room, row_int(&r, 0));
    bool ok = err_ok(e) && store_run(s, Q_commitment_steps_erase, NULL, e, "i", profile_id) &&
              commitment_anew(s, ids, n, e) && store_run(s, Q_proposal_erase, NULL, e, "i", profile_id) &&
              store_run(s, Q_agreement_of_erase, NULL, e, "i", profile_id);
    arena_close(&a);
    return ok;
}

// ---- the proof ----

struct commitment_check {
    arena *a;
    store *s;
    commitment_step *steps;
    size_t n, room;
    int64_t differences;
    str first;
};

commitment_check *commitment_check_new(arena *a) {
    commitment_check *c = make(a, commitment_check, 1);
    *c = (commitment_check){.a = a};
    return c;
}

void commitment_check_step(commitment_check *c, const record *r, int64_t source_id) {
    commitment_step x;
    if (commitment_step_of(c->a, r, source_id, &x)) owed_push(c->a, &c->steps, &c->n, &c->room, x);
}

static void differs(commitment_check *c, int64_t id, const char *what) {
    if (!c->differences++) c->first = str_fmt(c->a, "commitment %" PRId64 " %s", id, what);
}

static uint64_t step_sum(const commitment_step *x) {
    const int64_t v[] = {x->id, x->at_us, x->key, x->profile_id, (int64_t)x->what, x->due_us, x->about, x->standard_id};
    uint64_t sum = str_hash((str){(const char *)v, sizeof v});
    return str_hash2(str_hash2(str_hash2(str_hash2(sum, x->topic), x->words), x->owner), x->team);
}

static uint64_t commitment_sum(const commitment *c) {
    const int64_t v[] = {c->id,           c->profile_id,   c->kind,         c->about,    c->made_us,
                         c->due_us,       c->first_due_us, c->judged_us,    c->moves,    c->agreed_before_due,
                         c->open_us,      c->said_kept_us, c->done_us,      c->done_key, c->kept_us,
                         c->withdrawn_us, c->void_us,      c->confirmed_us, c->sorry_us, c->reopened,
                         c->standard_id};
    return str_hash2(str_hash2(str_hash2(str_hash((str){(const char *)v, sizeof v}), c->what), c->owner), c->team);
}

static int by_commitment(const void *a, const void *b) {
    const commitment_step *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static bool check_steps(commitment_check *c, err *e) {
    uint64_t want = 0, stored = 0;
    arena a = arena_open(1 << 24);
    for (size_t i = 0; i < c->n; i++) want += step_sum(&c->steps[i]);
    for (row r = store_query(c->s, Q_commitment_step_scan, e, ""); row_next(&r);) {
        commitment_step x = owed_read_step(&a, &r);
        stored += step_sum(&x);
        arena_reset(&a);
    }
    arena_close(&a);
    if (err_ok(e) && want != stored) differs(c, 0, "or another: its stored steps are not those of the events");
    return err_ok(e);
}

static bool check_rule(void *ctx, const commitment_step *steps, size_t n, err *e) {
    commitment_check *c = ctx;
    (void)e;
    for (size_t i = 0; i < n; i++) {
        commitment_step x = steps[i];
        x.words = str_dup(c->a, x.words);
        owed_push(c->a, &c->steps, &c->n, &c->room, x);
    }
    return true;
}

// What the steps say, and of whom it is.
typedef struct {
    int64_t customer;
    commitment x;
} expected;

static int by_customer(const void *a, const void *b) {
    const expected *x = a, *y = b;
    if (x->customer != y->customer) return x->customer < y->customer ? -1 : 1;
    return (x->x.id > y->x.id) - (x->x.id < y->x.id);
}

static bool fold_all(commitment_check *c, arena *a, expected **out, size_t *n, err *e) {
    *out = make(a, expected, c->n + 1), *n = 0;
    for (size_t i = 0, j; err_ok(e) && i < c->n; i = j) {
        expected *x = &(*out)[*n];
        for (j = i; j < c->n && c->steps[j].id == c->steps[i].id;) j++;
        if (!commitment_fold(c->steps + i, j - i, &x->x)) continue;
        ++*n, x->customer = 0;
        bool kept = commitment_kind_row(x->x.kind)->keeper != KEEP_NOTHING;
        arena scratch = *a;
        if (kept && x->x.profile_id && !customer_of(c->s, &scratch, x->x.profile_id, &x->customer, e)) return false;
    }
    if (*n) qsort(*out, *n, sizeof **out, by_customer);
    return err_ok(e);
}

static bool check_customer(commitment_check *c, arena a, expected *x, size_t n, err *e) {
    int64_t *profiles;
    size_t n_profiles;
    commitment got, *cs = make(&a, commitment, n);
    for (size_t i = 0; i < n; i++) cs[i] = x[i].x;
    if (x->customer && (!owed_profiles(c->s, &a, x->customer, &profiles, &n_profiles, e) ||
                        !find_done(&a, c->s, profiles, n_profiles, cs, n, e)))
        return false;
    for (size_t i = 0; i < n && err_ok(e); i++) {
        arena one = a;
        if (!commitment_get(&one, c->s, cs[i].id, &got, e))
            differs(c, cs[i].id, "is not stored");
        else if (commitment_sum(&cs[i]) != commitment_sum(&got))
            differs(c, cs[i].id, "is stored in another state than its events give");
    }
    return err_ok(e);
}

bool commitment_check_all(commitment_check *c, store *s, int64_t *differences, str *first, err *e) {
    int64_t rows = 0;
    expected *all;
    size_t n = 0;
    c->s = s;
    if (!owed_by_rule(s, check_rule, c, e)) return false;
    if (c->n) qsort(c->steps, c->n, sizeof *c->steps, by_commitment);
    if (!check_steps(c, e)) return false;
    arena a = arena_open(c->n * 512 + ((size_t)1 << 30));
    bool ok = fold_all(c, &a, &all, &n, e);
    for (size_t i = 0, j; ok && i < n; i = j) {
        for (j = i + 1; all[i].customer && j < n && all[j].customer == all[i].customer;) j++;
        ok = check_customer(c, a, all + i, j - i, e);
    }
    for (row r = store_query(s, Q_commitment_scan, e, ""); row_next(&r);) rows++;
    arena_close(&a);
    if (err_ok(e) && rows != (int64_t)n) differs(c, 0, "or another is stored without its events");
    if (c->differences && !*differences) *first = c->first;
    *differences += c->differences;
    return err_ok(e);
}
