// The signs of all meanings in memory, in blocks that stay where they are.
#include <pthread.h>

#include "know/meaning_private.h"

#include "base/civil.h"
#include "sql/know_meaning.h"

enum { BLOCK = 4096, WORDS = MEANING_CODE / 8, READ = 65536, FAR = EMBEDDING + 1 };

typedef struct {
    uint64_t code[BLOCK][WORDS];
    int64_t place[BLOCK];
    int32_t minute[BLOCK];
    int8_t channel[BLOCK], mood[BLOCK];
} block;

struct meaning_index {
    pthread_rwlock_t lock;
    block **blocks;
    size_t n, room;        // texts; blocks
    int64_t make_id, last; // of the mark; the last place that was read
    bool stale;            // too much of it is gone
};

meaning_index *meaning_index_open(void) {
    meaning_index *x = calloc(1, sizeof *x);
    if (!x) abort();
    pthread_rwlock_init(&x->lock, NULL);
    return x;
}

static void clear(meaning_index *x) {
    for (size_t i = 0; i * BLOCK < x->n; i++) free(x->blocks[i]);
    free(x->blocks);
    x->blocks = NULL;
    x->n = x->room = 0, x->last = 0, x->stale = false;
}

void meaning_index_close(meaning_index *x) {
    if (!x) return;
    clear(x);
    pthread_rwlock_destroy(&x->lock);
    free(x);
}

size_t meaning_index_bytes(meaning_index *x) {
    pthread_rwlock_rdlock(&x->lock);
    const size_t bytes = sizeof *x + x->room * sizeof *x->blocks + (x->n + BLOCK - 1) / BLOCK * sizeof(block);
    pthread_rwlock_unlock(&x->lock);
    return bytes;
}

// ---- following the store ----

// The analyzer of gcc 12 takes a block kept in the table for lost; meaning_index_close frees it.
#pragma GCC diagnostic push
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif
static block *next_block(meaning_index *x) {
    if (x->n / BLOCK == x->room) {
        block **more = realloc(x->blocks, (x->room = x->room ? x->room * 2 : 16) * sizeof(block *));
        if (!more) abort();
        x->blocks = more;
    }
    const size_t at = x->n / BLOCK;
    x->blocks[at] = malloc(sizeof(block));
    if (!x->blocks[at]) abort();
    return x->blocks[at];
}
#pragma GCC diagnostic pop

static int32_t minute_of(int64_t us) {
    return (int32_t)floor_div(us, HOUR_US / 60);
}

static void add(meaning_index *x, const row *r) {
    block *b = x->n % BLOCK ? x->blocks[x->n / BLOCK] : next_block(x);
    const size_t i = x->n % BLOCK;
    const str code = row_str(r, 4);
    memset(b->code[i], 0, sizeof b->code[i]);
    if (code.len == MEANING_CODE) memcpy(b->code[i], code.s, MEANING_CODE);
    x->last = b->place[i] = row_int(r, 0);
    b->minute[i] = minute_of(row_int(r, 1));
    b->channel[i] = (int8_t)row_int(r, 2), b->mood[i] = (int8_t)row_int(r, 3);
    x->n++;
}

static bool follow(meaning_index *x, store *s, err *e) {
    arena a = arena_open(1 << 16);
    meaning_mark now;
    bool ok = meaning_mark_read(&a, s, &now, e);
    if (ok && (x->stale || now.make_id != x->make_id || now.place < x->last)) clear(x);
    if (ok) x->make_id = now.make_id;
    for (size_t before = x->n + 1; ok && before != x->n && x->last < now.place;) {
        before = x->n;
        for (row r = store_query(s, Q_meaning_codes, e, "ii", x->last, (int64_t)READ); row_next(&r);) add(x, &r);
        ok = err_ok(e);
    }
    arena_close(&a);
    return ok;
}

bool meaning_index_follow(meaning_index *x, store *s, err *e) {
    pthread_rwlock_wrlock(&x->lock);
    const bool ok = follow(x, s, e);
    pthread_rwlock_unlock(&x->lock);
    return ok;
}

void meaning_index_missed(meaning_index *x, size_t missed, size_t looked) {
    if (missed * 4 < looked) return;
    pthread_rwlock_wrlock(&x->lock);
    x->stale = true;
    pthread_rwlock_unlock(&x->lock);
}

// ---- distances ----

// One loop for all processors, compiled once more for those that count bits at once.
static inline __attribute__((always_inline)) void distances_body(const uint64_t (*code)[WORDS], size_t n,
                                                                 const uint64_t *wanted, uint16_t *out) {
    for (size_t i = 0; i < n; i++) {
        int far = 0;
        for (int w = 0; w < WORDS; w++) far += __builtin_popcountll(code[i][w] ^ wanted[w]);
        out[i] = (uint16_t)far;
    }
}

typedef void distances_fn(const uint64_t (*code)[WORDS], size_t n, const uint64_t *wanted, uint16_t *out);

#if defined __x86_64__ && defined __GNUC__
__attribute__((target("popcnt"))) static void distances_counted(const uint64_t (*code)[WORDS], size_t n,
                                                                const uint64_t *wanted, uint16_t *out) {
    distances_body(code, n, wanted, out);
}
#endif
static void distances_any(const uint64_t (*code)[WORDS], size_t n, const uint64_t *wanted, uint16_t *out) {
    distances_body(code, n, wanted, out);
}

static distances_fn *quickest(void) {
#if defined __x86_64__ && defined __GNUC__
    __builtin_cpu_init();
    if (__builtin_cpu_supports("popcnt")) return distances_counted;
#endif
    return distances_any;
}

// ---- the nearest ----

static bool within(const block *k, size_t i, const meaning_bounds *b, int32_t since, int32_t until) {
    if (k->minute[i] < since || k->minute[i] > until) return false;
    if (b->channel >= 0 && k->channel[i] != (int8_t)b->channel) return false;
    return b->mood == MOOD_UNKNOWN || k->mood[i] == (int8_t)b->mood;
}

// Both rise, so one goes along the other.
static bool listed(const meaning_bounds *b, size_t *at, int64_t place) {
    while (*at < b->n_places && b->places[*at] < place) ++*at;
    return *at < b->n_places && b->places[*at] == place;
}

static void measure(const meaning_index *x, const meaning_bounds *b, const uint64_t *wanted, uint16_t *far) {
    const int32_t since = b->since_us ? minute_of(b->since_us) : INT32_MIN;
    const int32_t until = b->until_us ? minute_of(b->until_us - 1) : INT32_MAX;
    const bool any = !b->since_us && !b->until_us && b->channel < 0 && b->mood == MOOD_UNKNOWN;
    distances_fn *fn = quickest();
    size_t at = 0;
    for (size_t from = 0; from < x->n; from += BLOCK) {
        const block *k = x->blocks[from / BLOCK];
        const size_t n = MIN(x->n - from, (size_t)BLOCK);
        fn(k->code, n, wanted, far + from);
        for (size_t i = 0; i < n && (!any || b->places); i++)
            if (!within(k, i, b, since, until) || (b->places && !listed(b, &at, k->place[i]))) far[from + i] = FAR;
    }
}

// Of those at the last distance that has room the ones that came last.
static size_t choose(const meaning_index *x, const uint16_t *far, int64_t *places) {
    size_t counts[FAR + 1] = {0}, n = 0, all = 0, last = 0;
    for (size_t i = 0; i < x->n; i++) counts[far[i]]++;
    while (last < FAR && all + counts[last] <= MEANING_LOOKED) all += counts[last++];
    size_t room = last < FAR ? MEANING_LOOKED - all : 0;
    for (size_t i = x->n; i-- > 0;) {
        const bool fits = far[i] < last || (far[i] == last && last < FAR && room > 0);
        if (!fits) continue;
        if (far[i] == last) room--;
        places[n++] = x->blocks[i / BLOCK]->place[i % BLOCK];
    }
    return n;
}

size_t meaning_index_near(meaning_index *x, arena scratch, const unsigned char code[MEANING_CODE],
                          const meaning_bounds *b, int64_t *places) {
    uint64_t wanted[WORDS];
    memcpy(wanted, code, sizeof wanted);
    pthread_rwlock_rdlock(&x->lock);
    uint16_t *far = make(&scratch, uint16_t, x->n + 1);
    measure(x, b, wanted, far);
    const size_t n = choose(x, far, places);
    pthread_rwlock_unlock(&x->lock);
    return n;
}
