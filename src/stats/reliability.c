#include "stats/reliability.h"

#include "stats/order.h"
#include "stats/proportion.h"
#include "stats/spread.h"

#include <math.h>

double reliability_loss(double said, bool happened) {
    double p = happened ? said : 1 - said;
    return -log(MAX(p, 1e-15));
}

// One bin closes: rows at[from] to at[end − 1].
static reliability_bin bin_of(arena *a, const double *said, const bool *happened, const uint32_t *at, size_t from,
                              size_t end) {
    reliability_bin b = {.from = said[at[from]], .to = said[at[end - 1]]};
    int64_t hits = 0;
    for (size_t i = from; i < end; i++) {
        b.said += said[at[i]] / (double)(end - from);
        hits += happened[at[i]];
    }
    b.seen = proportion(a, hits, (int64_t)(end - from), (sampling){.of = "customer"});
    return b;
}

static void fill_bins(arena *a, const double *said, const bool *happened, size_t n, size_t bins, reliability *r) {
    reliability_bin *out = make(a, reliability_bin, bins);
    uint32_t *at = make(a, uint32_t, n);
    order_of(*a, said, n, at);
    for (size_t b = 0, from = 0; b < bins && from < n; b++) {
        size_t end = b + 1 == bins ? n : (b + 1) * n / bins;
        if (end <= from) continue;
        while (end < n && said[at[end]] == said[at[end - 1]]) end++;
        reliability_bin *x = &out[r->n_bins++];
        *x = bin_of(a, said, happened, at, from, end);
        r->ece += (double)(end - from) / (double)n * fabs(x->said - x->seen.value);
        from = end;
    }
    r->bins = out;
}

reliability reliability_of(arena *a, const double *said, const bool *happened, size_t n, size_t bins) {
    assert(n > 0);
    reliability r = {.n = (int64_t)n, .auc = concordance_auc(*a, said, happened, n)};
    fill_bins(a, said, happened, n, bins ? bins : 10, &r);
    arena scratch = *a;
    double *loss = make(&scratch, double, n), *brier = make(&scratch, double, n);
    for (size_t i = 0; i < n; i++) {
        assert(said[i] >= 0 && said[i] <= 1);
        r.hits += happened[i];
        loss[i] = reliability_loss(said[i], happened[i]);
        brier[i] = (said[i] - happened[i]) * (said[i] - happened[i]);
    }
    r.loss = spread_mean(&scratch, loss, n, (sampling){.of = "customer"});
    r.brier = spread_mean(&scratch, brier, n, (sampling){.of = "customer"});
    r.loss.why = r.brier.why = NULL; // the bins and n say how few there are
    double share = (double)r.hits / (double)n;
    r.brier_base = share * (1 - share);
    if (share > 0 && share < 1) r.loss_base = -share * log(share) - (1 - share) * log1p(-share);
    return r;
}

double reliability_ece_wide(const double *said, const bool *happened, size_t n, size_t bins) {
    double sum = 0;
    for (size_t b = 0; b < bins; b++) {
        double over = 0;
        for (size_t i = 0; i < n; i++) {
            if (MIN((size_t)(said[i] * (double)bins), bins - 1) == b) over += said[i] - happened[i];
        }
        sum += fabs(over) / (double)n;
    }
    return sum;
}

change reliability_compare(arena scratch, const double *p, const double *q, const bool *happened, size_t n) {
    double *less = make(&scratch, double, n);
    for (size_t i = 0; i < n; i++) less[i] = reliability_loss(q[i], happened[i]) - reliability_loss(p[i], happened[i]);
    estimate e = spread_mean(&scratch, less, n, (sampling){0});
    change c = change_wald(e.value, e.var, "paired log loss");
    return e.var > 0 ? c : (change){.diff = e.value, .lo = e.value, .hi = e.value, .p = 1, .method = c.method};
}
