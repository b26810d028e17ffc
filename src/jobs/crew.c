#include <pthread.h>

#include "base/civil.h"
#include "jobs/crew.h"

enum { LOOK_S = 60, ERRORS_S = 5 };

typedef struct {
    crew *of;
    int nth;
    pthread_t thread;
} hand;

struct crew {
    crew_opts o;
    arena life;
    hand hands[CREW_MOST];
    int n;
    pthread_mutex_t lock; // of what follows
    pthread_cond_t come;
    bool stop;
    uint64_t looks; // how often there was something to look for
    bool cancel;    // atomic
};

int64_t crew_jitter(const world *w, int64_t us) {
    uint32_t dice = 0;
    w->random(w, &dice, sizeof dice);
    return us - us / 10 + (int64_t)((double)us / 5 * ((double)dice / (double)UINT32_MAX));
}

crew *crew_open(crew_opts o) {
    arena life = arena_open(1 << 16);
    crew *c = make(&life, crew, 1);
    *c = (crew){.o = o};
    c->life = life;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->come, NULL);
    return c;
}

const bool *crew_stopped(const crew *c) {
    return &c->cancel;
}

static bool stopping(crew *c, uint64_t *looks) {
    pthread_mutex_lock(&c->lock);
    bool stop = c->stop;
    *looks = c->looks;
    pthread_mutex_unlock(&c->lock);
    return stop;
}

// Until somebody wakes them, it is time, or to stop.
static void wait_until(crew *c, uint64_t looks, int64_t us) {
    struct timespec until;
    us = MAX(MIN(us, LOOK_S * SECOND_US), 1000);
    clock_gettime(CLOCK_REALTIME, &until);
    int64_t at = until.tv_sec * SECOND_US + until.tv_nsec / 1000 + us;
    until = (struct timespec){at / SECOND_US, at % SECOND_US * 1000};
    pthread_mutex_lock(&c->lock);
    while (!c->stop && c->looks == looks)
        if (pthread_cond_timedwait(&c->come, &c->lock, &until)) break;
    pthread_mutex_unlock(&c->lock);
}

static void *run(void *ctx) {
    const hand *mine = ctx;
    crew *c = mine->of;
    uint64_t looks;
    while (!stopping(c, &looks)) {
        err e = {0};
        int64_t next_us = INT64_MAX;
        if (c->o.work(c->o.ctx, mine->nth, &next_us, &e)) continue;
        if (!err_ok(&e) && c->o.log) log_line(c->o.log, LOG_ERROR, c->o.waits, "why", e.msg, NULL);
        int64_t now = c->o.world->now_us(c->o.world);
        wait_until(c, looks, err_ok(&e) ? next_us - MIN(next_us, now) : ERRORS_S * SECOND_US);
    }
    return NULL;
}

bool crew_start(crew *c, err *e) {
    while (c->n < c->o.threads && c->n < CREW_MOST) {
        c->hands[c->n].of = c, c->hands[c->n].nth = c->n;
        if (pthread_create(&c->hands[c->n].thread, NULL, run, &c->hands[c->n])) break;
        c->n++;
    }
    return c->n > 0 || fail(e, ERR_unavailable, "no thread to send messages with");
}

void crew_wake(crew *c) {
    pthread_mutex_lock(&c->lock);
    c->looks++;
    pthread_cond_broadcast(&c->come);
    pthread_mutex_unlock(&c->lock);
}

void crew_stop(crew *c) {
    if (!c) return;
    pthread_mutex_lock(&c->lock);
    c->stop = true;
    __atomic_store_n(&c->cancel, true, __ATOMIC_RELAXED);
    pthread_cond_broadcast(&c->come);
    pthread_mutex_unlock(&c->lock);
    for (int i = 0; i < c->n; i++) pthread_join(c->hands[i].thread, NULL);
    c->n = 0;
}

void crew_close(crew *c) {
    if (!c) return;
    crew_stop(c);
    pthread_cond_destroy(&c->come);
    pthread_mutex_destroy(&c->lock);
    arena life = c->life;
    arena_close(&life);
}
