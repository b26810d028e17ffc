// holds: who held the writer, how often, and how long at the longest. While one writes the others wait, so nothing that
// works beside requests may hold it for more than a tenth of a second at once.
#ifndef HEED_HOLDS_H
#define HEED_HOLDS_H

#include <pthread.h>

#include "base/base.h"

enum { HOLDERS = 256, HOLD_THREADS = 64, HOLD_LONG_US = 100000 };

typedef struct {
    const char *by; // what the thread that handed it over is known as: the kind of a job, the name of a route
    int64_t n, total_us, longest_us;
    int64_t n_long; // of more than HOLD_LONG_US
} hold_row;

// Under the lock of whoever keeps it.
typedef struct {
    hold_row of[HOLDERS];
    size_t n;
    struct {
        pthread_t thread;
        const char *as; // NULL: the place is free
    } known[HOLD_THREADS];
} hold_book;

// What the calling thread is known as from now on. as: a text that stays; NULL: nothing any more.
void holds_know(hold_book *h, const char *as);
const char *holds_me(const hold_book *h); // "other" when nobody said
void holds_note(hold_book *h, const char *by, int64_t took_us);

#endif
