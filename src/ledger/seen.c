#include "ledger/seen.h"

#include "base/radix.h"
#include "sql/ledger.h"

// Pending keys are merged before the table is half full; a batch may overshoot by its own size.
enum { TABLE = 1 << 21, BULK = 2000, FILTER_BITS = 10, ASK_CHUNK = 1000, BUCKET_KEYS = 4096, MAX_BITS = 22 };

struct seen {
    store *s;
    arena life, filter_life;
    uint64_t *table; // open addressing, 0 is empty
    size_t pending;
    bool zero_pending; // the key 0 cannot stand in the table
    int bits;          // buckets are numbered by this many leading bits
    int64_t stored;    // keys in the store
    uint64_t *filter;  // one word per key hash, four bits in it; NULL until a bulk asks
    size_t filter_words;
};

static int64_t bucket_of(const seen *k, uint64_t key) {
    return ((int64_t)k->bits << 40) | (int64_t)(key >> (64 - k->bits));
}

static bool meta_int(store *s, const char *name, int64_t *v, err *e) {
    *v = 0;
    for (row r = store_query(s, Q_meta_value, e, "t", str_c(name)); row_next(&r);)
        if (!str_i64(row_str(&r, 0), v)) return row_end(&r), fail(e, ERR_corrupt, "meta '%s' is not a number", name);
    return err_ok(e);
}

static bool meta_put(store *s, const char *name, int64_t v, err *e) {
    char text[32];
    snprintf(text, sizeof text, "%" PRId64, v);
    return store_run(s, Q_meta_set, NULL, e, "tt", str_c(name), str_c(text));
}

bool seen_open(seen **out, store *s, err *e) {
    arena life = arena_open(sizeof(seen) + TABLE * sizeof(uint64_t) + (1 << 20));
    seen *k = make(&life, seen, 1);
    int64_t bits;
    *k = (seen){.s = s, .table = make(&life, uint64_t, TABLE), .filter_life = arena_open((size_t)1 << 34)};
    k->life = life;
    if (!meta_int(s, "seen_bits", &bits, e) || !meta_int(s, "seen_keys", &k->stored, e)) return seen_close(k), false;
    k->bits = bits ? (int)bits : 6;
    *out = k;
    return true;
}

void seen_close(seen *k) {
    if (!k) return;
    arena life = k->life;
    arena_close(&k->filter_life);
    arena_close(&life);
}

size_t seen_pending(const seen *k) {
    return k->pending;
}

// The slot of a key in the pending table: where it is, or the empty one where it would go. Keys are hashes already.
static uint64_t *slot(const seen *k, uint64_t key) {
    size_t i = (size_t)(key * 0x9E3779B97F4A7C15u >> 43) & (TABLE - 1);
    while (k->table[i] && k->table[i] != key) i = (i + 1) & (TABLE - 1);
    return &k->table[i];
}

static bool pending_has(const seen *k, uint64_t key) {
    return key ? *slot(k, key) == key : k->zero_pending;
}

static void pending_add(seen *k, uint64_t key) {
    if (!key) {
        k->pending += !k->zero_pending, k->zero_pending = true;
        return;
    }
    uint64_t *at = slot(k, key);
    if (!*at) *at = key, k->pending++;
    assert(k->pending < TABLE - TABLE / 8);
}

void seen_add(seen *k, const uint64_t *keys, size_t n) {
    for (size_t i = 0; i < n; i++) pending_add(k, keys[i]);
}

// ---- the filter: word by one half of the hash, four bits by the other ----

static uint64_t filter_mask(uint64_t h) {
    return (uint64_t)1 << (h & 63) | (uint64_t)1 << (h >> 6 & 63) | (uint64_t)1 << (h >> 12 & 63) |
           (uint64_t)1 << (h >> 18 & 63);
}

static uint64_t *filter_word(const seen *k, uint64_t h) {
    return &k->filter[(size_t)((unsigned __int128)(h * 0x9E3779B97F4A7C15u) * k->filter_words >> 64)];
}

static void filter_add(seen *k, uint64_t h) {
    if (k->filter) *filter_word(k, h) |= filter_mask(h);
}

static bool filter_may(const seen *k, uint64_t h) {
    uint64_t m = filter_mask(h);
    return (*filter_word(k, h) & m) == m;
}

static size_t keys_in(str blob) {
    return blob.len / sizeof(uint64_t);
}

static uint64_t key_at(str blob, size_t i) {
    uint64_t v;
    memcpy(&v, blob.s + i * sizeof v, sizeof v);
    return v;
}

static bool filter_build(seen *k, err *e) {
    size_t room = (size_t)MAX(k->stored * 2, (int64_t)1 << 20);
    arena_reset(&k->filter_life);
    k->filter_words = room * FILTER_BITS / 64 + 1;
    k->filter = make(&k->filter_life, uint64_t, k->filter_words);
    for (row r = store_query(k->s, Q_seen_scan, e, "ii", (int64_t)k->bits << 40, (int64_t)(k->bits + 1) << 40);
         row_next(&r);) {
        str blob = row_str(&r, 1);
        for (size_t i = 0; i < keys_in(blob); i++) filter_add(k, key_at(blob, i));
    }
    if (!err_ok(e)) k->filter = NULL;
    return err_ok(e);
}

static bool blob_has(str blob, uint64_t key) {
    size_t lo = 0, hi = keys_in(blob);
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        uint64_t v = key_at(blob, mid);
        if (v == key) return true;
        if (v < key)
            lo = mid + 1;
        else
            hi = mid;
    }
    return false;
}

typedef struct {
    uint64_t key;
    size_t at;
} question;

static int by_key(const void *a, const void *b) {
    uint64_t x = ((const question *)a)->key, y = ((const question *)b)->key;
    return (x > y) - (x < y);
}

// Looks up sorted questions bucket by bucket, a list of buckets at a time. Buckets come in any order.
static bool look_up(seen *k, arena scratch, const question *q, size_t n, bool *known, err *e) {
    for (size_t from = 0; from < n;) {
        arena tmp = scratch;
        buf list = buf_new(&tmp, 1 << 20);
        size_t to = from, buckets = 0;
        for (int64_t last = -1; to < n && buckets < ASK_CHUNK; to++) {
            int64_t b = bucket_of(k, q[to].key);
            if (b == last) continue;
            buf_addc(&list, buckets++ ? ',' : '[');
            buf_i64(&list, last = b);
        }
        while (to < n && bucket_of(k, q[to].key) == bucket_of(k, q[to - 1].key)) to++;
        buf_addc(&list, ']');
        for (row r = store_query(k->s, Q_seen_some, e, "t", buf_str(&list)); row_next(&r);) {
            int64_t bucket = row_int(&r, 0);
            str blob = row_str(&r, 1);
            size_t lo = from, hi = to;
            while (lo < hi) {
                size_t mid = lo + (hi - lo) / 2;
                if (bucket_of(k, q[mid].key) < bucket)
                    lo = mid + 1;
                else
                    hi = mid;
            }
            for (; lo < to && bucket_of(k, q[lo].key) == bucket; lo++)
                if (blob_has(blob, q[lo].key)) known[q[lo].at] = true;
        }
        if (!err_ok(e)) return false;
        from = to;
    }
    return true;
}

bool seen_ask(seen *k, arena scratch, const uint64_t *keys, size_t n, bool *known, err *e) {
    if (!k->filter && n >= BULK && k->stored && !filter_build(k, e)) return false;
    question *q = make(&scratch, question, n);
    size_t n_q = 0;
    for (size_t i = 0; i < n; i++) {
        known[i] = pending_has(k, keys[i]);
        if (!known[i] && k->stored && (!k->filter || filter_may(k, keys[i]))) q[n_q++] = (question){keys[i], i};
    }
    if (!n_q) return true;
    qsort(q, n_q, sizeof *q, by_key);
    return look_up(k, scratch, q, n_q, known, e);
}

bool seen_take(seen *k, arena scratch, const uint64_t *keys, size_t n, bool *known, err *e) {
    if (!seen_ask(k, scratch, keys, n, known, e)) return false;
    for (size_t i = 0; i < n; i++) {
        if (known[i]) continue;
        known[i] = pending_has(k, keys[i]); // the same key earlier in this call
        pending_add(k, keys[i]);
    }
    return true;
}

// ---- merging ----

// Buckets on their way into the store, a few hundred at a time.
typedef struct {
    seen *k;
    arena *a, start; // start: the arena as it was, to fall back to after each send
    int64_t *ids;
    str *blobs;
    size_t n;
} outbox;

enum { OUTBOX = 256 };

static outbox outbox_new(seen *k, arena *a) {
    outbox o = {.k = k, .a = a, .ids = make(a, int64_t, OUTBOX), .blobs = make(a, str, OUTBOX)};
    o.start = *a;
    return o;
}

static bool outbox_send(outbox *o, err *e) {
    column cols[] = {{'i', o->ids, NULL}, {'b', o->blobs, NULL}};
    if (o->n && !store_bulk(o->k->s, Q_seen_put, cols, 2, o->n, NULL, e)) return false;
    o->n = 0;
    *o->a = o->start;
    return true;
}

static bool outbox_put(outbox *o, int64_t id, str blob, err *e) {
    o->ids[o->n] = id, o->blobs[o->n] = blob;
    return ++o->n < OUTBOX || outbox_send(o, e);
}

// One bucket's old keys and the sorted new ones, as one sorted run.
static str merge_runs(arena *a, str old, const uint64_t *add, size_t n) {
    size_t n_old = keys_in(old), i = 0, j = 0, m = 0;
    uint64_t *out = make(a, uint64_t, n_old + n);
    while (i < n_old || j < n) {
        uint64_t x = i < n_old ? key_at(old, i) : UINT64_MAX;
        if (j < n && (i == n_old || add[j] <= x)) {
            if (i < n_old && add[j] == x) i++;
            out[m++] = add[j++];
        } else
            out[m++] = x, i++;
    }
    return (str){(const char *)out, m * sizeof *out};
}

// Some of the keys may stand there already: the tail brings them back after a crash.
static bool merge_bucket(outbox *o, const uint64_t *keys, size_t n, int64_t *added, err *e) {
    int64_t id = bucket_of(o->k, keys[0]);
    str merged = {0};
    size_t before = 0;
    bool found = false;
    for (row r = store_query(o->k->s, Q_seen_get, e, "i", id); row_next(&r);)
        found = true, before = keys_in(row_str(&r, 0)), merged = merge_runs(o->a, row_str(&r, 0), keys, n);
    if (!err_ok(e)) return false;
    if (!found) merged = merge_runs(o->a, S(""), keys, n);
    *added += (int64_t)(keys_in(merged) - before);
    return outbox_put(o, id, merged, e);
}

// When buckets have grown too long they are written anew under more leading bits. The sorted order stays, so each old
// bucket falls apart into neighbours; the keys double between two such times, which keeps the cost of it low.
static bool split_buckets(seen *k, arena scratch, err *e) {
    int64_t lo = (int64_t)k->bits << 40, hi = (int64_t)(k->bits + 1) << 40;
    int64_t first = lo;
    k->bits += 1;
    for (bool more = true; more;) { // a few hundred old buckets at a time: reading ends before writing begins
        arena a = scratch;
        outbox o = outbox_new(k, &a);
        more = false;
        buf keys = buf_new(&a, (size_t)1 << 26);
        for (row r = store_query(k->s, Q_seen_scan, e, "ii", first, MIN(hi, first + 64)); row_next(&r);)
            buf_add(&keys, row_str(&r, 1));
        if (!err_ok(e)) return false;
        assert(!keys.full);
        o.start = a;
        str all = buf_str(&keys);
        for (size_t i = 0, j; i < keys_in(all); i = j) {
            for (j = i + 1; j < keys_in(all) && bucket_of(k, key_at(all, j)) == bucket_of(k, key_at(all, i));) j++;
            if (!outbox_put(&o, bucket_of(k, key_at(all, i)), str_sub(all, i * 8, (j - i) * 8), e)) return false;
        }
        if (!outbox_send(&o, e)) return false;
        first += 64;
        more = first < hi && first < lo + ((int64_t)1 << (k->bits - 1));
    }
    return store_run(k->s, Q_seen_clear, NULL, e, "ii", lo, hi) && meta_put(k->s, "seen_bits", k->bits, e);
}

bool seen_merge(seen *k, err *e) {
    if (!k->pending) return true;
    arena a = arena_open((size_t)1 << 30);
    uint64_t *keys = make(&a, uint64_t, k->pending);
    size_t n = 0;
    if (k->zero_pending) keys[n++] = 0;
    for (size_t i = 0; i < TABLE; i++)
        if (k->table[i]) keys[n++] = k->table[i];
    radix_sort_u64(a, keys, n);
    bool ok = true;
    while (ok && k->bits < MAX_BITS && k->stored + (int64_t)n > (int64_t)BUCKET_KEYS << k->bits)
        ok = split_buckets(k, a, e);
    outbox o = outbox_new(k, &a);
    int64_t added = 0;
    for (size_t i = 0, j; ok && i < n; i = j) {
        for (j = i + 1; j < n && bucket_of(k, keys[j]) == bucket_of(k, keys[i]);) j++;
        ok = merge_bucket(&o, keys + i, j - i, &added, e);
    }
    ok = ok && outbox_send(&o, e) && meta_put(k->s, "seen_keys", k->stored + added, e);
    if (ok) {
        ok = ok && meta_put(k->s, "seen_bits", k->bits, e);
        k->stored += added;
        if (k->filter && (size_t)k->stored > k->filter_words * 64 / FILTER_BITS)
            k->filter = NULL; // outgrown: built anew
        for (size_t i = 0; i < n; i++) filter_add(k, keys[i]);
        memset(k->table, 0, TABLE * sizeof *k->table);
        k->pending = 0, k->zero_pending = false;
    }
    arena_close(&a);
    return ok;
}

bool seen_reset(seen *k, err *e) {
    memset(k->table, 0, TABLE * sizeof *k->table);
    k->pending = 0, k->zero_pending = false, k->stored = 0, k->filter = NULL, k->bits = 6;
    return store_run(k->s, Q_seen_clear, NULL, e, "ii", (int64_t)0, INT64_MAX) && meta_put(k->s, "seen_keys", 0, e) &&
           meta_put(k->s, "seen_bits", k->bits, e);
}
