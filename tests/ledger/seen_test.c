// The keys that were ever taken, beside a plain set that holds them all in memory.
// clang-format off
#include "store/fixture.h"
// clang-format on

#include "base/rng.h"
#include "ledger/seen.h"
#include "sql/ledger.h"

static int open_memory(void **state) {
    return fixture_open(state, MEMORY);
}
static int open_folder(void **state) {
    return fixture_open(state, FOLDER);
}
static int open_server(void **state) {
    return fixture_open(state, SERVER);
}

// ---- the plain set ----

enum { ROOM = 1 << 22 };

typedef struct {
    uint64_t *slots; // 0 is empty
    uint64_t *keys;  // in order of arrival
    size_t n;
    bool zero;
} plain;

static plain plain_new(arena *a) {
    return (plain){.slots = make(a, uint64_t, ROOM), .keys = make(a, uint64_t, ROOM)};
}

static uint64_t *plain_at(const plain *p, uint64_t key) {
    size_t i = (size_t)((key ^ key >> 33) * 0xff51afd7ed558ccdu >> 40) % ROOM;
    while (p->slots[i] && p->slots[i] != key) i = (i + 1) % ROOM;
    return &p->slots[i];
}

static bool plain_has(const plain *p, uint64_t key) {
    return key ? *plain_at(p, key) == key : p->zero;
}

static void plain_add(plain *p, uint64_t key) {
    if (plain_has(p, key)) return;
    if (key)
        *plain_at(p, key) = key;
    else
        p->zero = true;
    p->keys[p->n++] = key;
}

// ---- both side by side ----

typedef struct {
    fixture *f;
    seen *k;
    plain all;
    uint64_t *tail; // taken since the last merge, as the ledger's tail keeps them
    size_t n_tail;
    rng r;
} pair;

static pair pair_open(fixture *f, uint64_t seed) {
    pair p = {.f = f, .all = plain_new(&f->a), .tail = make(&f->a, uint64_t, ROOM), .r = rng_seed(seed)};
    assert_ok(seen_open(&p.k, f->s, &f->e), f->e);
    return p;
}

static uint64_t some_key(pair *p) {
    static const uint64_t odd[] = {0, 1, UINT64_MAX, UINT64_MAX - 1, UINT64_C(1) << 63, UINT64_C(1) << 58};
    uint64_t known = p->all.n ? p->all.keys[rng_range(&p->r, 0, (int64_t)p->all.n - 1)] : 7;
    switch (rng_range(&p->r, 0, 9)) {
    case 0: return odd[rng_range(&p->r, 0, COUNT(odd) - 1)];
    case 1: return known + 1;
    case 2: return known - 1;
    case 3:
    case 4: return known;
    default: return rng_u64(&p->r);
    }
}

static void same_answers(pair *p, size_t n, bool take) {
    arena a = p->f->a;
    uint64_t *keys = make(&a, uint64_t, n + 1);
    bool *known = make(&a, bool, n + 1);
    for (size_t i = 0; i < n; i++) keys[i] = i && rng_chance(&p->r, 0.02) ? keys[i / 2] : some_key(p);
    if (take)
        assert_ok(seen_take(p->k, a, keys, n, known, &p->f->e), p->f->e);
    else
        assert_ok(seen_ask(p->k, a, keys, n, known, &p->f->e), p->f->e);
    for (size_t i = 0; i < n; i++) {
        bool want = plain_has(&p->all, keys[i]);
        if (known[i] != want)
            fail_msg("key %016" PRIx64 " is%s known among %zu keys", keys[i], want ? "" : " not", p->all.n);
        if (!take || want) continue;
        plain_add(&p->all, keys[i]);
        p->tail[p->n_tail++] = keys[i];
    }
}

static void merge(pair *p) {
    assert_ok(store_begin(p->f->s, &p->f->e) && seen_merge(p->k, &p->f->e) && store_commit(p->f->s, &p->f->e), p->f->e);
    assert_int_equal(seen_pending(p->k), 0);
    p->n_tail = 0;
}

// As a crash leaves it: what was not merged comes again from the tail, some of it twice, some of it merged long ago.
static void reopen(pair *p) {
    seen_close(p->k);
    assert_ok(seen_open(&p->k, p->f->s, &p->f->e), p->f->e);
    seen_add(p->k, p->tail, p->n_tail);
    seen_add(p->k, p->tail, p->n_tail / 2);
    if (p->all.n > 100) seen_add(p->k, p->all.keys, 100);
}

static int64_t meta(pair *p, const char *name) {
    int64_t v = -1;
    for (row r = store_query(p->f->s, Q_meta_value, &p->f->e, "t", str_c(name)); row_next(&r);)
        assert_true(str_i64(row_str(&r, 0), &v));
    return v;
}

// What stands in the store: every key once, in order, in the bucket of its leading bits.
static void assert_stored(pair *p) {
    int64_t bits = meta(p, "seen_bits"), n = 0;
    uint64_t last = 0;
    for (row r = store_query(p->f->s, Q_seen_scan, &p->f->e, "ii", (int64_t)0, INT64_MAX); row_next(&r);) {
        str blob = row_str(&r, 1);
        assert_int_equal(row_int(&r, 0) >> 40, bits);
        assert_int_equal(blob.len % 8, 0);
        for (; blob.len; blob = str_sub(blob, 8, blob.len), n++) {
            uint64_t key;
            memcpy(&key, blob.s, 8);
            assert_true(!n || key > last);
            assert_int_equal((int64_t)(key >> (64 - bits)), row_int(&r, 0) & ((INT64_C(1) << 40) - 1));
            assert_true(plain_has(&p->all, key));
            last = key;
        }
    }
    assert_true(err_ok(&p->f->e));
    assert_int_equal(n, p->all.n);
    assert_int_equal(meta(p, "seen_keys"), n);
}

static void answers_like_a_plain_set(void **state) {
    pair p = pair_open(*state, 7);
    while (p.all.n < 300000) {
        size_t n = (size_t)(rng_chance(&p.r, 0.6) ? rng_range(&p.r, 0, 1500) : rng_range(&p.r, 2000, 20000));
        same_answers(&p, n, rng_chance(&p.r, 0.7));
        if (rng_chance(&p.r, 0.25)) merge(&p);
        if (rng_chance(&p.r, 0.1)) reopen(&p);
    }
    merge(&p);
    assert_stored(&p);
    assert_true(meta(&p, "seen_bits") > 6);
    reopen(&p);
    for (int i = 0; i < 20; i++) same_answers(&p, 5000, false);
    merge(&p);
    assert_stored(&p);
    seen_close(p.k);
}

static void a_merge_undone_leaves_what_was(void **state) {
    pair p = pair_open(*state, 8);
    fixture *f = p.f;
    same_answers(&p, 20000, true);
    merge(&p);
    size_t before = p.all.n;
    assert_ok(store_begin(f->s, &f->e), f->e);
    for (int i = 0; i < 10; i++) same_answers(&p, 20000, true);
    assert_ok(seen_merge(p.k, &f->e), f->e);
    store_rollback(f->s);
    seen_close(p.k);
    assert_ok(seen_open(&p.k, f->s, &f->e), f->e);
    plain all = p.all;
    p.all = plain_new(&f->a), p.n_tail = 0;
    for (size_t i = 0; i < before; i++) plain_add(&p.all, all.keys[i]);
    assert_stored(&p);
    for (int i = 0; i < 5; i++) same_answers(&p, 5000, true);
    merge(&p);
    assert_stored(&p);
    seen_close(p.k);
}

static void reset_forgets_all(void **state) {
    pair p = pair_open(*state, 9);
    fixture *f = p.f;
    for (int i = 0; i < 20; i++) same_answers(&p, 20000, true);
    merge(&p);
    same_answers(&p, 3000, true);
    assert_ok(store_begin(f->s, &f->e) && seen_reset(p.k, &f->e) && store_commit(f->s, &f->e), f->e);
    assert_int_equal(seen_pending(p.k), 0);
    p.all = plain_new(&f->a), p.n_tail = 0;
    assert_stored(&p);
    same_answers(&p, 5000, false);
    same_answers(&p, 5000, true);
    merge(&p);
    assert_stored(&p);
    seen_close(p.k);
}

// Two millions, so that the buckets are split more than once.
static void millions_pass_every_split(void **state) {
    enum { ALL = 2300000, PART = 460000 };
    fixture *f = *state;
    pair p = pair_open(f, 10);
    uint64_t *keys = make(&f->a, uint64_t, PART);
    rng r = rng_seed(3);
    int splits = 0;
    for (int64_t n = 0, bits = 6; n < ALL; n += PART) {
        for (size_t i = 0; i < PART; i++) keys[i] = rng_u64(&r), plain_add(&p.all, keys[i]);
        seen_add(p.k, keys, PART);
        merge(&p);
        splits += meta(&p, "seen_bits") > bits;
        bits = meta(&p, "seen_bits");
        for (int i = 0; i < 3; i++) same_answers(&p, 3000, false);
    }
    assert_true(splits >= 2);
    assert_stored(&p);
    seen_close(p.k);
}

int main(void) {
#define ON(test, place) cmocka_unit_test_setup_teardown(test, open_##place, fixture_close)
    const struct CMUnitTest sqlite[] = {ON(answers_like_a_plain_set, folder),
                                        ON(a_merge_undone_leaves_what_was, memory), ON(reset_forgets_all, memory),
                                        ON(millions_pass_every_split, memory)};
    const struct CMUnitTest postgres[] = {ON(answers_like_a_plain_set, server),
                                          ON(a_merge_undone_leaves_what_was, server), ON(reset_forgets_all, server)};
    int failed = cmocka_run_group_tests_name("sqlite", sqlite, NULL, NULL);
    if (server())
        failed += cmocka_run_group_tests_name("postgres", postgres, NULL, NULL);
    else
        print_message("skipped: PG_URL names no PostgreSQL\n");
    return failed;
}
