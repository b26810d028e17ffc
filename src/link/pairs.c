#include <math.h>

#include "link/pairs.h"

float link_grain(double bits) {
    return (float)rint(fmin(fmax(bits, -4096), 4096) / (double)LINK_GRAIN) * LINK_GRAIN;
}

double link_chance(const link_curve *c, double weight) {
    const double odds = c ? (1 + c->slope_less_1) * weight + c->shift : weight;
    return 1 / (1 + exp2(-odds));
}

double link_weight_of(const link_curve *c, double chance) {
    const double odds = log2(chance / (1 - chance));
    return c ? (odds - c->shift) / (1 + c->slope_less_1) : odds;
}
