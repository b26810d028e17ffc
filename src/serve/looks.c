#include "serve/looks.h"

#include <pthread.h>

#include "base/civil.h"
#include "base/map64.h"
#include "serve/server.h"

enum { MOST = 1 << 20 }; // in an hour; beyond that some are noted twice

struct looks {
    pthread_mutex_t lock;
    arena life;
    map64 seen; // hash of who and whom → 1: noted
    int64_t hour;
};

looks *looks_open(void) {
    looks *l = calloc(1, sizeof *l);
    if (!l) abort();
    pthread_mutex_init(&l->lock, NULL);
    l->life = arena_open((size_t)1 << 27);
    l->seen = map64_new(&l->life, 64);
    return l;
}

void looks_close(looks *l) {
    if (!l) return;
    pthread_mutex_destroy(&l->lock);
    arena_close(&l->life);
    free(l);
}

// Whether it is the first of the hour; then it counts as noted.
static bool first(looks *l, int64_t hour, int64_t key) {
    bool made;
    pthread_mutex_lock(&l->lock);
    if (hour != l->hour || l->seen.n >= MOST) {
        arena_reset(&l->life);
        l->seen = map64_new(&l->life, 64);
        l->hour = hour;
    }
    int32_t *at = map64_at(&l->seen, key, 0, &made);
    bool fresh = !*at;
    *at = 1;
    pthread_mutex_unlock(&l->lock);
    return fresh;
}

static void take_back(looks *l, int64_t key) {
    pthread_mutex_lock(&l->lock);
    map64_put(&l->seen, key, 0);
    pthread_mutex_unlock(&l->lock);
}

static bool note(call *c, const char *action, str subject, err *e) {
    looks *l = server_looks(c->sv);
    int64_t key = (int64_t)str_hash2(str_hash(who_text(c->a, &c->who)), subject);
    c->noted = true;
    if (!first(l, floor_div(c->now_us, HOUR_US), key)) return true;
    if (audit(c, action, subject, S(""), e)) return true;
    take_back(l, key);
    return false;
}

bool look(call *c, int64_t customer, err *e) {
    return note(c, "customer.look", str_fmt(c->a, "customer:%" PRId64, customer), e);
}

bool look_words(call *c, err *e) {
    if (c->noted || !(c->who.needs & N(customers_read))) return true;
    const int64_t customer = c->in ? in_int(c, "customer", 0) : 0;
    return customer ? look(c, customer, e) : note(c, "words.look", c->q->path, e);
}
