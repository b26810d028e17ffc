// crew: threads that look for work again and again, until they are told to stop: for what is sent to others.
#ifndef HEED_CREW_H
#define HEED_CREW_H

#include "base/log.h"
#include "base/world.h"

typedef struct crew crew;
typedef struct {
    int threads;
    // One piece of work: true when there may be more at once. Otherwise *next_us, INT64_MAX at first, says when there
    // will be. nth: which thread it is.
    bool (*work)(void *ctx, int nth, int64_t *next_us, err *e);
    void *ctx;
    const world *world;
    const logger *log; // NULL: silent
    const char *waits; // what the log says when looking failed: "outgoing messages wait"
} crew_opts;
enum { CREW_MOST = 16 };

crew *crew_open(crew_opts o);
must_use bool crew_start(crew *c, err *e);
void crew_wake(crew *c);                 // there may be something to do
const bool *crew_stopped(const crew *c); // atomic: for what takes long, to be broken off
void crew_stop(crew *c);                 // ends the threads; NULL is fine
// A tenth more or less, so that what failed together does not come again together.
int64_t crew_jitter(const world *w, int64_t us);
void crew_close(crew *c); // NULL is fine

#endif
