#include <pthread.h>

#include "base/radix.h"
#include "link/block_private.h"

// A block of more records than this is split by agreement in a further atom, and again; what is still larger after all
// atoms is left out.
enum { HOT = 400, THREADS = 16, AHEAD = 32 };

typedef struct {
    link_blocks *b;
    link_emit *emit;
    int next; // rule to be run
    pthread_mutex_t lock;
} shared;

typedef struct {
    shared *s;
    void *ctx;
} worker;

typedef struct {
    link_blocks *b;
    int rule;
    link_emit *emit;
    void *ctx;
    uint64_t pairs, fresh, hot;
} task;

static void pair(task *k, uint32_t x, uint32_t y, uint32_t word) {
    const link_blocks *b = k->b;
    const link_rule *own = &b->rule[k->rule];
    const uint64_t agree = block_agree(block_row(b, x), block_row(b, y), b->width);
    if (!own->words && (agree & own->need) != own->need) return; // keys met by chance
    if (own->words && block_shared_word(b, own, x, y) != word) return;
    k->pairs++;
    uint32_t rules = 1u << k->rule;
    for (int r = 0; r < b->n_rules; r++) {
        const link_rule *q = &b->rule[r];
        if (q->words || r == k->rule || (agree & q->need) != q->need) continue;
        if (r < k->rule) return;
        rules |= 1u << r;
    }
    for (int r = 0; r < k->rule; r++)
        if (b->rule[r].words && block_shared_word(b, &b->rule[r], x, y) != UINT32_MAX) return;
    k->fresh++;
    k->emit(k->ctx, x, y, rules);
}

static void all_pairs(task *k, const keyed *x, size_t n, uint32_t word) {
    const link_table *t = k->b->t;
    size_t second = 1;
    if (t->two)
        for (second = 0; second < n && x[second].at < t->rows_a;) second++;
    for (size_t i = 0; i < (t->two ? second : n); i++)
        for (size_t j = t->two ? second : i + 1; j < n; j++) pair(k, x[i].at, x[j].at, word);
}

static int by_key_and_row(const void *p, const void *q) {
    const keyed *x = p, *y = q;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

// Splits a block by the next atoms that its rule does not look at; records without them stay out.
static void split(task *k, keyed *x, size_t n, int from) {
    const link_blocks *b = k->b;
    const link_rule *own = &b->rule[k->rule];
    if (n <= HOT) {
        all_pairs(k, x, n, 0);
        return;
    }
    int at = from;
    while (at < b->n_atoms && (own->need >> at & 1 || b->atom[at].how == LINK_HOW_words)) at++;
    if (at == b->n_atoms) {
        k->hot += (uint64_t)n * (n - 1) / 2;
        return;
    }
    for (size_t i = 0; i < n; i++) x[i].key = block_row(b, x[i].at)[at];
    qsort(x, n, sizeof *x, by_key_and_row);
    for (size_t i = 0, to; i < n; i = to) {
        for (to = i + 1; to < n && x[to].key == x[i].key;) to++;
        if (x[i].key) split(k, x + i, to - i, at + 1);
    }
}

// Records by the words of a field that are not too common.
static keyed *words_of_all(const task *k, arena *a, size_t *n) {
    const link_blocks *b = k->b;
    const link_rule *r = &b->rule[k->rule];
    const int field = b->atom[r->atom[0]].field;
    const link_field *f = &b->t->field[field];
    size_t most = 0;
    for (uint32_t w = 0; w < f->n_words; w++) most += f->held[w] <= r->most ? f->held[w] : 0;
    keyed *x = make(a, keyed, most);
    *n = 0;
    for (uint32_t i = 0; i < b->t->rows; i++) {
        const link_words w = link_words_of(f, link_row(b->t, i)[field]);
        for (uint32_t q = 0; q < w.n; q++)
            if (f->held[w.word[q]] <= r->most) x[(*n)++] = (keyed){w.word[q], i};
    }
    return x;
}

static keyed *keys_of_all(const task *k, arena *a, size_t *n) {
    const link_blocks *b = k->b;
    const link_rule *r = &b->rule[k->rule];
    if (r->words) return words_of_all(k, a, n);
    keyed *x = make(a, keyed, b->t->rows);
    *n = 0;
    for (uint32_t i = 0; i < b->t->rows; i++) {
        const uint64_t key = r->n ? block_key(r, block_row(b, i)) : 1;
        if (key) x[(*n)++] = (keyed){key >> 32, i};
    }
    return x;
}

static void run_rule(link_blocks *b, int rule, link_emit *emit, void *ctx) {
    task k = {b, rule, emit, ctx, 0, 0, 0};
    link_rule *r = &b->rule[rule];
    arena a = arena_open((size_t)16 << 30);
    size_t n;
    keyed *x = keys_of_all(&k, &a, &n);
    radix_sort(a, x, n);
    for (size_t i = 0, to, ahead = 0; i < n; i = to) {
        const uint64_t key = x[i].key;
        for (to = i + 1; to < n && x[to].key == key;) to++;
        for (ahead = MAX(ahead, to); ahead < n && ahead < to + AHEAD; ahead++)
            if (x[ahead].key == x[ahead - 1].key)
                __builtin_prefetch(block_row(b, x[ahead].at)), __builtin_prefetch(block_row(b, x[ahead - 1].at));
        if (to - i < 2) continue;
        if (r->words || !r->n)
            all_pairs(&k, x + i, to - i, (uint32_t)key);
        else
            split(&k, x + i, to - i, 0);
    }
    arena_close(&a);
    r->pairs = k.pairs, r->fresh = k.fresh, r->too_hot = k.hot;
}

static void *work(void *p) {
    worker *w = p;
    for (;;) {
        pthread_mutex_lock(&w->s->lock);
        const int rule = w->s->next++;
        pthread_mutex_unlock(&w->s->lock);
        if (rule >= w->s->b->n_rules) return NULL;
        run_rule(w->s->b, rule, w->s->emit, w->ctx);
    }
}

bool link_blocks_run(link_blocks *b, link_emit *emit, void *const *ctx, int n_threads, err *e) {
    shared s = {.b = b, .emit = emit, .lock = PTHREAD_MUTEX_INITIALIZER};
    worker w[THREADS];
    pthread_t thread[THREADS];
    int started = 1;
    n_threads = MIN(n_threads, THREADS);
    for (int i = 0; i < n_threads; i++) w[i] = (worker){&s, ctx[i]};
    while (started < n_threads && !pthread_create(&thread[started], NULL, work, &w[started])) started++;
    work(&w[0]);
    for (int i = 1; i < started; i++) pthread_join(thread[i], NULL);
    if (started < n_threads) return fail(e, ERR_internal, "no thread for comparing");
    return true;
}
