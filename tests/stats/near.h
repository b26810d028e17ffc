// near: comparing doubles with published values, which are rounded, and with brute force, which is not.
#ifndef HEED_TEST_NEAR_H
#define HEED_TEST_NEAR_H

#include "test.h"

#include <math.h>

#define assert_near(got, want, within) assert_near_at("", got, want, within)
// With what the row is about in front, for loops over tables.
#define assert_near_at(what, got, want, within)                                                                        \
    do {                                                                                                               \
        double got_ = (got), want_ = (want);                                                                           \
        if (!(fabs(got_ - want_) <= (within))) fail_msg("%s %s: got %.12g, want %.12g", (what), #got, got_, want_);    \
    } while (0)
// Equal to as many digits as the source prints.
#define PRINTED(digits) (0.5000001 * pow(10, -(digits)))

static inline arena test_arena(void) {
    return arena_open((size_t)256 << 20);
}

#endif
