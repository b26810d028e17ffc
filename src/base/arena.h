// arena: memory that belongs to a lifetime with a name (program, request, batch of rows).
//
// An arena is one reserved mapping that never moves; pages cost nothing until touched. Nothing is freed singly: a
// lifetime ends with arena_reset or arena_close. Pass an arena by pointer to a function whose result lives in it, by
// value to one that only needs scratch (the copy forgets what was allocated after).
#ifndef HEED_ARENA_H
#define HEED_ARENA_H

#include "err.h"

typedef struct {
    char *base, *at, *end;
} arena;

arena arena_open(size_t reserve); // reserve is address space, rounded up to pages; aborts if the kernel refuses it
void arena_close(arena *a);
void arena_reset(arena *a); // forgets everything, and gives pages beyond the first 16 MiB back to the kernel
void arena_trim(arena *a, size_t keep); // the same with another limit: for the many that wait
size_t arena_used(const arena *a);
size_t arena_left(const arena *a);

// Zeroed memory, never NULL: an arena that overflows aborts, because limits are checked where input enters.
void *arena_alloc(arena *a, size_t size, size_t align, size_t count);

#define make(a, T, n) ((T *)arena_alloc((a), sizeof(T), _Alignof(T), (size_t)(n)))

#endif
