#include <pthread.h>
#include <sodium.h>

#include "serve/keys.h"
#include "serve/oidc.h"
#include "serve/throttle.h"
#include "serve/token.h"

enum { SETS = 1024, WAYS = 8, WORKERS = 2, FORGET_S = 3600 };

// One number that is remembered of somebody: failures, or what is left in a bucket. A table has a fixed size; where it
// is full, whoever was silent for longest is forgotten.
typedef struct {
    uint64_t key; // 0: free
    int64_t at_us, until_us;
    double level;
} slot;

typedef struct {
    slot slots[SETS][WAYS];
} table;

struct throttle {
    pthread_mutex_t lock;
    table pairs, addresses, accounts, buckets;
    pthread_cond_t left;
    int working[WORKS], waiting[WORKS];
    uint64_t salt; // so that nobody can choose who shares a place with whom
    unsigned char secret[SEAL_KEY];
    keyring *keys;
    oidc_memory *oidc;
};

throttle *throttle_open(const world *w) {
    if (sodium_init() < 0) abort(); // without randomness nothing here is safe
    throttle *t = calloc(1, sizeof *t);
    if (!t) abort();
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->left, NULL);
    w->random(w, &t->salt, sizeof t->salt);
    w->random(w, t->secret, sizeof t->secret);
    t->keys = keyring_open();
    t->oidc = oidc_memory_open();
    return t;
}

void throttle_close(throttle *t) {
    if (!t) return;
    keyring_close(t->keys);
    oidc_memory_close(t->oidc);
    pthread_mutex_destroy(&t->lock);
    pthread_cond_destroy(&t->left);
    sodium_memzero(t->secret, sizeof t->secret);
    free(t);
}

const unsigned char *throttle_secret(const throttle *t) {
    return t->secret;
}

keyring *throttle_keyring(throttle *t) {
    return t->keys;
}

oidc_memory *throttle_oidc(throttle *t) {
    return t->oidc;
}

static slot *find(table *t, uint64_t key, int64_t now_us, double fresh) {
    slot *set = t->slots[key % SETS], *oldest = set;
    if (!key) key = 1;
    for (int i = 0; i < WAYS; i++) {
        if (set[i].key == key) return &set[i];
        if (!set[i].key || (oldest->key && set[i].at_us < oldest->at_us)) oldest = &set[i];
    }
    *oldest = (slot){.key = key, .at_us = now_us, .level = fresh};
    return oldest;
}

// ---- signing in ----

typedef struct {
    int free;       // attempts before the first wait
    int64_t most_s; // the longest wait
} patience;

static const patience of_pair = {5, 900}, of_address = {30, 900}, of_account = {100, 60};

static void forget_old(slot *s, int64_t now_us) {
    if (now_us - s->at_us > (int64_t)FORGET_S * 1000000) s->level = 0, s->until_us = 0;
}

static void count_one(slot *s, patience p, int64_t now_us) {
    s->level += 1, s->at_us = now_us;
    int over = (int)MIN(s->level, 1000) - p.free;
    if (over < 0) return;
    int64_t wait = over < 20 ? INT64_C(1) << over : p.most_s;
    s->until_us = now_us + MIN(wait, p.most_s) * 1000000;
}

// A right one takes back what was counted before it was looked at.
static void take_back(slot *s, patience p) {
    s->level = s->level > 1 ? s->level - 1 : 0;
    if (s->level < p.free) s->until_us = 0;
}

// An IPv6 network of 64 bits is one household.
static str network(str address) {
    if (str_find(address, ':') < 0) return address;
    size_t at = 0;
    for (int groups = 0; at < address.len && groups < 4; at++) groups += address.s[at] == ':';
    return str_sub(address, 0, at);
}

int64_t throttle_try(throttle *t, str account, str address, bool known, int64_t now_us) {
    uint64_t name = str_hash2(t->salt, account), from = str_hash2(t->salt, network(address));
    pthread_mutex_lock(&t->lock);
    slot *both = find(&t->pairs, str_hash2(name, network(address)), now_us, 0);
    slot *home = find(&t->addresses, from, now_us, 0), *whole = find(&t->accounts, name, now_us, 0);
    forget_old(both, now_us), forget_old(home, now_us), forget_old(whole, now_us);
    int64_t until = MAX(both->until_us, home->until_us);
    if (!known) until = MAX(until, whole->until_us);
    if (until <= now_us) {
        count_one(both, of_pair, now_us), count_one(home, of_address, now_us);
        if (!known) count_one(whole, of_account, now_us);
    }
    pthread_mutex_unlock(&t->lock);
    return until > now_us ? until - now_us : 0;
}

void throttle_good(throttle *t, str account, str address, int64_t now_us) {
    uint64_t name = str_hash2(t->salt, account), from = str_hash2(t->salt, network(address));
    pthread_mutex_lock(&t->lock);
    slot *both = find(&t->pairs, str_hash2(name, network(address)), now_us, 0);
    both->level = 0, both->until_us = 0;
    take_back(find(&t->addresses, from, now_us, 0), of_address);
    take_back(find(&t->accounts, name, now_us, 0), of_account);
    pthread_mutex_unlock(&t->lock);
}

// ---- asking ----

int64_t throttle_key(throttle *t, int64_t key_id, int64_t per_minute, int64_t now_us) {
    if (per_minute <= 0) return 0;
    int64_t wait = 0;
    pthread_mutex_lock(&t->lock);
    slot *s = find(&t->buckets, (uint64_t)key_id * UINT64_C(0x9E3779B97F4A7C15), now_us, (double)per_minute);
    double per_us = (double)per_minute / 60e6;
    if (now_us > s->at_us) {
        s->level = MIN(s->level + (double)(now_us - s->at_us) * per_us, (double)per_minute);
        s->at_us = now_us;
    }
    if (s->level >= 1)
        s->level -= 1;
    else
        wait = (int64_t)((1 - s->level) / per_us) + 1;
    pthread_mutex_unlock(&t->lock);
    return wait;
}

// ---- costly work ----

// Whoever waits holds a thread of the server. A password takes a moment; somebody else's server may take seconds.
static const int most_waiting[WORKS] = {[WORK_PASSWORD] = 16, [WORK_FETCH] = 0};

bool throttle_enter(throttle *t, enum work w) {
    pthread_mutex_lock(&t->lock);
    bool in = t->waiting[w] < most_waiting[w] || t->working[w] < WORKERS;
    t->waiting[w] += in;
    while (in && t->working[w] == WORKERS) pthread_cond_wait(&t->left, &t->lock);
    t->waiting[w] -= in, t->working[w] += in;
    pthread_mutex_unlock(&t->lock);
    return in;
}

void throttle_leave(throttle *t, enum work w) {
    pthread_mutex_lock(&t->lock);
    t->working[w]--;
    pthread_cond_broadcast(&t->left);
    pthread_mutex_unlock(&t->lock);
}
