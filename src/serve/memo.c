#include "serve/memo.h"

#include <pthread.h>

#include "base/civil.h"

enum { ROWS = 256, MOST_BYTES = 16 << 20, LONG_US = 100000, TIMES = 10, LONGEST_US = 30000000 };
#define OLD_US (600 * SECOND_US)

enum row_state { ROW_FREE, ROW_MAKING, ROW_READY };

typedef struct {
    enum row_state state;
    uint64_t question, change; // change: the state of the store when it was begun
    int64_t now_us;            // of the store's clock then
    int64_t ended_us, took_us; // by the machine's
    uint64_t used;             // rises with every use: the smallest goes first
    char *text;
    size_t len;
} memo_row;

struct answers_kept {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    uint64_t change, uses;
    memo_row rows[ROWS];
    memo_counts counts;
};

answers_kept *memo_open(void) {
    answers_kept *k = calloc(1, sizeof *k);
    if (!k) abort();
    pthread_mutex_init(&k->lock, NULL);
    pthread_cond_init(&k->ended, NULL);
    return k;
}

void memo_close(answers_kept *k) {
    if (!k) return;
    for (int i = 0; i < ROWS; i++) free(k->rows[i].text);
    pthread_mutex_destroy(&k->lock);
    pthread_cond_destroy(&k->ended);
    free(k);
}

void memo_changed(answers_kept *k) {
    __atomic_fetch_add(&k->change, 1, __ATOMIC_RELAXED);
}

memo_counts memo_look(answers_kept *k) {
    pthread_mutex_lock(&k->lock);
    memo_counts c = k->counts;
    pthread_mutex_unlock(&k->lock);
    return c;
}

static int64_t clock_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static bool holds(const answers_kept *k, const memo_row *r, int64_t now_us) {
    if (now_us < r->now_us || now_us - r->now_us > OLD_US) return false;
    if (r->change == __atomic_load_n(&k->change, __ATOMIC_RELAXED)) return true;
    return r->took_us >= LONG_US && clock_us() - r->ended_us < MIN(r->took_us * TIMES, LONGEST_US);
}

static void forget(answers_kept *k, memo_row *r) {
    if (!r) return;
    k->counts.bytes -= (int64_t)r->len;
    free(r->text);
    *r = (memo_row){0};
}

static memo_row *find(answers_kept *k, uint64_t question) {
    for (int i = 0; i < ROWS; i++)
        if (k->rows[i].state != ROW_FREE && k->rows[i].question == question) return &k->rows[i];
    return NULL;
}

// A row that is free, or the one whose use is longest ago; NULL when all are being made.
static memo_row *least(answers_kept *k, enum row_state only) {
    memo_row *best = NULL;
    for (int i = 0; i < ROWS; i++) {
        memo_row *r = &k->rows[i];
        if (r->state == ROW_FREE && only == ROW_FREE) return r;
        if (r->state == ROW_READY && (!best || r->used < best->used)) best = r;
    }
    return best;
}

// Answered from memory, or a row to make it in; NULL with found false: make it and keep nothing.
static memo_row *begin(answers_kept *k, arena *a, uint64_t question, int64_t now_us, bool *found, str *out) {
    *found = false;
    memo_row *r;
    while ((r = find(k, question)) && r->state == ROW_MAKING) pthread_cond_wait(&k->ended, &k->lock);
    if (r && holds(k, r, now_us)) {
        *found = true;
        *out = str_dup(a, (str){r->text, r->len});
        r->used = ++k->uses;
        k->counts.given++;
        return r;
    }
    k->counts.made++;
    if (!r) r = least(k, ROW_FREE);
    if (!r) return NULL;
    forget(k, r);
    *r = (memo_row){.state = ROW_MAKING, .question = question, .now_us = now_us};
    r->change = __atomic_load_n(&k->change, __ATOMIC_RELAXED);
    return r;
}

static void end(answers_kept *k, memo_row *r, str text, bool ok, int64_t began) {
    char *copy = ok && text.len <= MOST_BYTES / 4 ? malloc(text.len + 1) : NULL;
    if (copy && text.len) memcpy(copy, text.s, text.len);
    pthread_mutex_lock(&k->lock);
    if (copy) {
        r->state = ROW_READY, r->text = copy, r->len = text.len, r->used = ++k->uses;
        r->ended_us = clock_us(), r->took_us = r->ended_us - began;
        k->counts.bytes += (int64_t)text.len;
        while (k->counts.bytes > MOST_BYTES) forget(k, least(k, ROW_READY));
    } else
        *r = (memo_row){0};
    pthread_cond_broadcast(&k->ended);
    pthread_mutex_unlock(&k->lock);
}

bool memo_answer(answers_kept *k, arena *a, str question, int64_t now_us, memo_fn tell, void *ctx, str *out, err *e) {
    bool found;
    pthread_mutex_lock(&k->lock);
    memo_row *r = begin(k, a, str_hash(question), now_us, &found, out);
    pthread_mutex_unlock(&k->lock);
    if (found) return true;
    int64_t began = clock_us();
    buf b = buf_new(a, (size_t)64 << 20);
    bool ok = tell(ctx, &b, e) && (!b.full || fail(e, ERR_too_large, "the answer is too large; ask for less"));
    *out = buf_str(&b);
    if (r) end(k, r, *out, ok, began);
    return ok;
}
