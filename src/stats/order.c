#include "stats/order.h"

#include "base/radix.h"

#include <math.h>

// Doubles as whole numbers in the same order: the bits of negative ones run backwards.
static uint64_t rank_bits(double x) {
    if (isnan(x)) return UINT64_MAX;
    uint64_t bits;
    x += 0.0; // −0 becomes 0
    memcpy(&bits, &x, sizeof bits);
    return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

void order_of(arena scratch, const double *x, size_t n, uint32_t *out) {
    assert(n <= UINT32_MAX);
    keyed *keys = make(&scratch, keyed, n);
    for (size_t i = 0; i < n; i++) keys[i] = (keyed){rank_bits(x[i]), (uint32_t)i};
    radix_sort(scratch, keys, n);
    for (size_t i = 0; i < n; i++) out[i] = keys[i].at;
}
