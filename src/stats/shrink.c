#include "stats/shrink.h"

#include "stats/dist.h"
#include "stats/proportion.h"

#include <math.h>

enum { GROUPS = 3 }; // Stein's effect begins at three (James & Stein 1961)

static const char *const too_few_groups = "3 groups are needed to tell how much groups differ";

// Method of moments (Kleinman 1973, J. Am. Stat. Assoc. 68, with weights n): S = Σ nᵢ(pᵢ − p)² has the expectation
// p(1−p)((k−1) + ρ(N − Σnᵢ²/N − (k−1))), solved for the correlation ρ within groups; the weight α + β is 1/ρ − 1.
beta_prior shrink_prior(const fraction *x, size_t k) {
    double hits = 0, n = 0, squares = 0, between = 0;
    beta_prior b = {.weight = INFINITY};
    for (size_t i = 0; i < k; i++) {
        hits += (double)x[i].hits;
        n += (double)x[i].n;
        squares += (double)x[i].n * (double)x[i].n;
        b.groups += x[i].n > 0;
    }
    if (n <= 0) return b;
    b.mean = hits / n;
    proportion_wilson(b.mean, n, Z95, &b.lo, &b.hi);
    for (size_t i = 0; i < k; i++) {
        if (x[i].n <= 0) continue;
        double off = (double)x[i].hits / (double)x[i].n - b.mean;
        between += (double)x[i].n * off * off;
    }
    double pq = b.mean * (1 - b.mean), df = (double)(b.groups - 1), room = n - squares / n - df;
    if (!(pq > 0) || !(room > 0)) return b;
    double rho = MIN((between / pq - df) / room, 1 - 1e-9);
    if (rho > 0) b.weight = 1 / rho - 1;
    return b;
}

// Efron & Morris 1975, J. Am. Stat. Assoc. 70; the interval is that of the Beta posterior.
shrunk shrink_share(arena *a, const beta_prior *prior, fraction x, sampling s) {
    shrunk r = {.raw = proportion(a, x.hits, x.n, s)};
    r.shrunk = r.raw;
    r.shrunk.method = "empirical Bayes, beta-binomial";
    if (prior->groups < GROUPS) {
        r.shrunk.state = x.n > 0 ? ESTIMATE_THIN : ESTIMATE_NONE;
        r.shrunk.why = too_few_groups;
        return r;
    }
    if (isinf(prior->weight)) {
        r.shrunk.value = r.shrunk.point = prior->mean;
        r.shrunk.lo = prior->lo;
        r.shrunk.hi = prior->hi;
    } else {
        double alpha = prior->mean * prior->weight + (double)x.hits;
        double all = prior->weight + (double)x.n, beta = all - alpha;
        r.shrunk.value = r.shrunk.point = alpha / all;
        r.shrunk.var = alpha * beta / (all * all * (all + 1));
        r.shrunk.lo = dist_beta_at(0.025, alpha, beta);
        r.shrunk.hi = dist_beta_at(0.975, alpha, beta);
    }
    r.shrunk.eff = prior->weight + (double)x.n;
    r.shrunk.state = ESTIMATE_OK;
    r.shrunk.why = NULL;
    return r;
}

void shrink_shares(arena *a, const fraction *x, size_t k, sampling s, shrunk *out) {
    beta_prior prior = shrink_prior(x, k);
    for (size_t i = 0; i < k; i++) out[i] = shrink_share(a, &prior, x[i], s);
}

// DerSimonian & Laird 1986, Control. Clin. Trials 7: the moment estimator of the variance between groups.
normal_prior shrink_normal_prior(const group_mean *x, size_t k) {
    normal_prior p = {0};
    double w = 0, w2 = 0, wy = 0;
    for (size_t i = 0; i < k; i++) {
        if (!(x[i].var > 0)) continue;
        double one = 1 / x[i].var;
        w += one, w2 += one * one, wy += one * x[i].mean;
        p.groups++;
    }
    if (p.groups == 0) return p;
    double fixed = wy / w;
    for (size_t i = 0; i < k; i++) {
        if (x[i].var > 0) p.q += (x[i].mean - fixed) * (x[i].mean - fixed) / x[i].var;
    }
    if (p.groups > 1) p.between = MAX(0, (p.q - (double)(p.groups - 1)) / (w - w2 / w));
    w = wy = 0;
    for (size_t i = 0; i < k; i++) {
        if (!(x[i].var > 0)) continue;
        double one = 1 / (x[i].var + p.between);
        w += one, wy += one * x[i].mean;
    }
    p.mean = wy / w;
    p.var = 1 / w;
    return p;
}

// Efron & Morris 1975; Morris 1983, J. Am. Stat. Assoc. 78, for the part of the variance that the common mean brings.
static shrunk shrink_mean(arena *a, const normal_prior *prior, group_mean x, sampling s) {
    shrunk r = {.raw = {.method = "normal", .value = x.mean, .point = x.mean, .var = x.var}};
    estimate_judge(a, &r.raw, s, x.n);
    r.raw.lo = x.mean - Z95 * sqrt(x.var);
    r.raw.hi = x.mean + Z95 * sqrt(x.var);
    r.shrunk = r.raw;
    r.shrunk.method = "empirical Bayes, normal";
    if (prior->groups < GROUPS || !(x.var > 0)) {
        r.shrunk.state = x.n > 0 ? ESTIMATE_THIN : ESTIMATE_NONE;
        r.shrunk.why = too_few_groups;
        return r;
    }
    double b = x.var / (x.var + prior->between);
    r.shrunk.value = r.shrunk.point = b * prior->mean + (1 - b) * x.mean;
    r.shrunk.var = (1 - b) * x.var + b * b * prior->var;
    r.shrunk.lo = r.shrunk.value - Z95 * sqrt(r.shrunk.var);
    r.shrunk.hi = r.shrunk.value + Z95 * sqrt(r.shrunk.var);
    r.shrunk.state = ESTIMATE_OK;
    r.shrunk.why = NULL;
    return r;
}

void shrink_means(arena *a, const group_mean *x, size_t k, sampling s, shrunk *out) {
    normal_prior prior = shrink_normal_prior(x, k);
    for (size_t i = 0; i < k; i++) out[i] = shrink_mean(a, &prior, x[i], s);
}
