#include <math.h>

#include "link/pairs.h"

float link_grain(double bits) {
    return (float)rint(fmin(fmax(bits, -4096), 4096) / (double)LINK_GRAIN) * LINK_GRAIN;
}

double link_chance(const link_curve *c, double weight) {
    const double odds = c ? (1 + c->slope_less_1) * weight + c->shift : weight;
    return 1 / (1 + exp2(-odds));
}

void link_rivals(arena scratch, const link_curve *c, const link_pair *p, size_t n, uint32_t rows, float *chance) {
    double *odds = make(&scratch, double, n + 1), *all = make(&scratch, double, rows + 1);
    for (size_t i = 0; i < n; i++) {
        const double x = fmin(link_chance(c, (double)p[i].weight), 1 - 1e-12);
        odds[i] = x / (1 - x);
        all[p[i].a] += odds[i], all[p[i].b] += odds[i];
    }
    for (size_t i = 0; i < n; i++) {
        const double a = all[p[i].a] - odds[i], b = all[p[i].b] - odds[i];
        chance[i] = (float)(odds[i] / (odds[i] + 1 + fmax(a - 1, 0) + fmax(b - 1, 0)));
    }
}

double link_weight_of(const link_curve *c, double chance) {
    const double odds = log2(chance / (1 - chance));
    return c ? (odds - c->shift) / (1 + c->slope_less_1) : odds;
}
