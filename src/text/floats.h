// floats: the few things that learning and attention do with rows of floats, for the widest vectors that the machine
// has.
#ifndef HEED_FLOATS_H
#define HEED_FLOATS_H

#include "base/base.h"

float floats_dot(const float *x, const float *y, size_t n);
float floats_dot_bytes(const float *x, const int8_t *y, size_t n);
void floats_add(float *y, float k, const float *x, size_t n); // y += k x

#endif
