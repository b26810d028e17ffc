#include <math.h>

#include "stats/returns.h"

#include "stats/proportion.h"

enum {
    UNUSUAL_UNITS = 8,
    UNUSUAL_TIMES = 2,
    UNUSUAL_BACK = 4
}; // F32: abuse needs n ≥ 8 and a lower bound above twice the category

fraction returns_closed(const sale *x, size_t n, int64_t now_us, bool own_fault) {
    fraction t = {0};
    for (size_t i = 0; i < n; i++) {
        if (x[i].closes_us > now_us) continue;
        int64_t sold = MAX(x[i].sold, 0), returned = MIN(MAX(x[i].returned, 0), sold);
        int64_t faulty = own_fault ? 0 : MIN(MAX(x[i].faulty, 0), returned);
        t.n += sold - faulty;
        t.hits += returned - faulty;
    }
    return t;
}

int64_t returns_open(const sale *x, size_t n, int64_t now_us) {
    int64_t open = 0;
    for (size_t i = 0; i < n; i++) {
        if (x[i].closes_us > now_us) open += MAX(x[i].sold, 0);
    }
    return open;
}

estimate returns_rate(arena *a, const sale *x, size_t n, int64_t now_us) {
    fraction t = returns_closed(x, n, now_us, true);
    estimate e = proportion(a, t.hits, t.n, (sampling){.of = "sold unit"});
    int64_t open = returns_open(x, n, now_us);
    if (t.n == 0 && open > 0) e.why = "no return window has closed yet";
    return e;
}

void returns_customers(arena *a, const fraction *customers, size_t n, customer_returns *out) {
    beta_prior prior = shrink_prior(customers, n);
    for (size_t i = 0; i < n; i++) {
        shrunk s = shrink_share(a, &prior, customers[i], (sampling){.of = "unit"});
        bool sure = s.shrunk.state == ESTIMATE_OK && s.shrunk.lo > UNUSUAL_TIMES * prior.mean;
        out[i] = (customer_returns){s.raw, s.shrunk, sure && customers[i].n >= UNUSUAL_UNITS};
    }
}

double returns_weight(const fraction *customers, const double *expected, size_t n) {
    double off = 0, units = 0, groups = 0;
    for (size_t i = 0; i < n; i++) {
        const double m = expected[i], k = (double)customers[i].n;
        if (customers[i].n <= 0 || !(m > 0 && m < 1)) continue;
        const double d = (double)customers[i].hits / k - m;
        off += k * d * d / (m * (1 - m)), units += k, groups++;
    }
    if (groups < 3) return NAN;
    const double rho = units > groups ? MIN((off - groups) / (units - groups), 1 - 1e-9) : 0;
    return rho > 0 ? 1 / rho - 1 : INFINITY;
}

customer_returns returns_against(arena *a, fraction customer, double expected, double weight) {
    const beta_prior prior = {expected, weight, expected, expected, isnan(weight) ? 0 : 3};
    const shrunk s = shrink_share(a, &prior, customer, (sampling){.of = "unit"});
    const bool sure = s.shrunk.state == ESTIMATE_OK && s.shrunk.lo > UNUSUAL_TIMES * expected;
    const bool many = customer.n >= UNUSUAL_UNITS && customer.hits >= UNUSUAL_BACK;
    return (customer_returns){s.raw, s.shrunk, sure && many};
}
