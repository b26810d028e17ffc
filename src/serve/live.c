#include <pthread.h>

#include "serve/live.h"
#include "serve/route.h"

// The last of what was told: as many messages as fit into both.
enum { MESSAGES = 4096, BYTES = 1 << 20, MOST_DATA = 16 << 10 };

typedef struct {
    const char *name;
    uint64_t need;
} topic_row;

static const topic_row topics[] = {
#define TOPIC(name, need, text) {#name, N(need)},
#include "serve/topics.def"
};

typedef struct {
    uint64_t number, need;
    size_t at, len; // in bytes, where at counts all that were ever written
} message;

struct live {
    pthread_mutex_t lock;
    uint64_t next;  // the number of the message to come
    uint64_t first; // of the oldest in the ring
    size_t written; // bytes ever
    void (*wake)(void *ctx);
    void *ctx;
    int waking; // calls of wake that are under way
    pthread_cond_t woken;
    message ring[MESSAGES];
    char bytes[BYTES];
};

live *live_open(int64_t first) {
    live *l = calloc(1, sizeof *l);
    assert(l);
    l->next = l->first = first > 0 ? (uint64_t)first : 1;
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->woken, NULL);
    return l;
}

void live_close(live *l) {
    if (!l) return;
    pthread_mutex_destroy(&l->lock);
    pthread_cond_destroy(&l->woken);
    free(l);
}

void live_on_wake(live *l, void (*wake)(void *ctx), void *ctx) {
    pthread_mutex_lock(&l->lock);
    l->wake = wake, l->ctx = ctx;
    while (!wake && l->waking) pthread_cond_wait(&l->woken, &l->lock);
    pthread_mutex_unlock(&l->lock);
}

static message *message_at(live *l, uint64_t number) {
    return &l->ring[number % MESSAGES];
}

static void put(live *l, const char *p, size_t n) {
    for (size_t i = 0; i < n; i++) l->bytes[l->written++ % BYTES] = p[i];
}

static void put_str(live *l, str x) {
    put(l, x.s, x.len);
}

// A line end inside of the data would begin another field; in JSON it can only stand between values.
static void put_data(live *l, str data) {
    size_t at = l->written;
    put_str(l, data);
    for (; at < l->written; at++)
        if (l->bytes[at % BYTES] == '\n' || l->bytes[at % BYTES] == '\r') l->bytes[at % BYTES] = ' ';
}

static void append(live *l, const topic_row *t, str data) {
    char head[128];
    message m = {.number = l->next++, .need = t->need, .at = l->written};
    int n = snprintf(head, sizeof head, "id: %" PRIu64 "\nevent: %s\ndata: ", m.number, t->name);
    put(l, head, (size_t)n);
    put_data(l, data.len && data.len <= MOST_DATA ? data : S("null"));
    put_str(l, S("\n\n"));
    m.len = l->written - m.at;
    *message_at(l, m.number) = m;
    while (l->next - l->first > MESSAGES || l->written - message_at(l, l->first)->at > BYTES) l->first++;
}

void live_tell(live *l, str topic, str data) {
    const topic_row *t = NULL;
    for (size_t i = 0; i < COUNT(topics); i++)
        if (str_eq(topic, str_c(topics[i].name))) t = &topics[i];
    if (!l || !t) return;
    pthread_mutex_lock(&l->lock);
    append(l, t, data);
    void (*wake)(void *) = l->wake;
    void *ctx = l->ctx;
    l->waking++;
    pthread_mutex_unlock(&l->lock);
    if (wake) wake(ctx);
    pthread_mutex_lock(&l->lock);
    l->waking--;
    pthread_cond_broadcast(&l->woken);
    pthread_mutex_unlock(&l->lock);
}

live_at live_join(live *l, str last_event_id, uint64_t needs) {
    int64_t last = 0;
    live_at at = {.needs = needs | N(nothing) | N(signed_in)};
    bool resume = str_i64(last_event_id, &last) && last > 0;
    pthread_mutex_lock(&l->lock);
    at.next = l->next;
    if (resume && (uint64_t)last + 1 >= l->first && (uint64_t)last < l->next)
        at.next = (uint64_t)last + 1;
    else
        at.reset = resume;
    pthread_mutex_unlock(&l->lock);
    return at;
}

static size_t copy(const live *l, const message *m, char *into) {
    size_t from = m->at % BYTES, head = MIN(m->len, BYTES - from);
    memcpy(into, l->bytes + from, head);
    memcpy(into + head, l->bytes, m->len - head);
    return m->len;
}

// The page is to forget what it shows and to read anew; its next Last-Event-ID is where it goes on.
static size_t put_reset(live_at *at, char *into, size_t most) {
    at->reset = false;
    int n = snprintf(into, most, "id: %" PRIu64 "\nevent: reset\ndata: null\n\n", at->next - 1);
    return (size_t)n;
}

size_t live_read(live *l, live_at *at, char *into, size_t most) {
    size_t n = 0;
    assert(most >= 2 * MOST_DATA);
    pthread_mutex_lock(&l->lock);
    if (at->next < l->first) at->next = l->next, at->reset = true; // it was too slow
    if (at->reset) n = put_reset(at, into, most);
    for (; at->next < l->next; at->next++) {
        const message *m = message_at(l, at->next);
        if (m->need & ~at->needs) continue;
        if (m->len > most - n) break;
        n += copy(l, m, into + n);
    }
    pthread_mutex_unlock(&l->lock);
    return n;
}
