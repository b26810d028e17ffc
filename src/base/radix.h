// radix: sorts numbered keys in linear time. Equal keys keep their order.
#ifndef HEED_RADIX_H
#define HEED_RADIX_H

#include "base/base.h"

typedef struct {
    uint64_t key;
    uint32_t at; // whatever the caller wants back, usually an index
} keyed;

void radix_sort(arena scratch, keyed *x, size_t n);
void radix_sort_u64(arena scratch, uint64_t *x, size_t n);

#endif
