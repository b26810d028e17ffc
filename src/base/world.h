// world: what lies outside the program, as an interface, so that tests can replace it. No domain code calls time().
#ifndef HEED_WORLD_H
#define HEED_WORLD_H

#include "base/base.h"

typedef struct world world;
struct world {
    int64_t (*now_us)(const world *w);
    void (*random)(const world *w, void *p, size_t n); // for secrets
    bool (*read_file)(const world *w, arena *a, const char *path, size_t max, str *out, err *e);
    bool (*write_file)(const world *w, const char *path, str data,
                       err *e); // whole or not at all: temporary name, fsync, rename
    bool (*http)(const world *w, arena *a, str method, str url, str body, int *status, str *reply,
                 err *e); // NULL: no network
    const void *ctx;
    uint64_t drawn; // how often a fixed world gave random bytes; it counts even behind a const pointer
};

const world *world_real(void);
// A world whose clock stands still at now_us and whose randomness is seeded; files are real, network is absent.
world world_fixed(int64_t *now_us);

#endif
