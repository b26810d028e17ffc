// order: the order of many values, in linear time.
#ifndef HEED_ORDER_H
#define HEED_ORDER_H

#include "base/base.h"

// out[0] is where the least value stands in x, and so on. Equal values keep their order, −0 is 0, NAN comes last.
void order_of(arena scratch, const double *x, size_t n, uint32_t *out);

#endif
