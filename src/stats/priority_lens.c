#include "stats/priority.h"
#include "stats/proportion.h"
#include "stats/spread.h"

#include <math.h>

enum { ROUNDS = 200, STEPS_MOST = 4000, DOUBLINGS = 6, HALVINGS = 4 };

const char *lens_name(enum lens l) {
    static const char *const names[] = {"people", "revenue", "fair"};
    return names[l];
}

// Who wants each item, and how much each customer has to say. `times` is how often a customer stands in a resample.
typedef struct {
    size_t customers, items;
    uint32_t *of, *by; // of item c: by[of[c]] to by[of[c + 1] − 1]
    double *want, *cost, budget, cheapest, per_head, cap;
    const double *revenue;
    double *times, *say, *capped, *left;
} house;

typedef struct {
    double *value[LENSES];
    size_t *order[LENSES];
    bool *chosen[LENSES];
    double fair_alone;
} views;

static house house_of(arena *a, const lens_data *d) {
    size_t wants = d->customers ? d->start[d->customers] : 0;
    house h = {.customers = d->customers, .items = d->items, .cheapest = INFINITY, .revenue = d->revenue};
    h.of = make(a, uint32_t, d->items + 2), h.by = make(a, uint32_t, wants), h.want = make(a, double, wants);
    h.cost = make(a, double, d->items);
    h.per_head = d->per_head < 0 ? 0 : d->per_head > 0 ? MIN(d->per_head, 1) : 0.5;
    h.cap = d->cap > 0 ? d->cap : 0.2;
    double all = 0;
    for (size_t c = 0; c < d->items; c++) {
        h.cost[c] = d->cost ? d->cost[c] : 1;
        assert(h.cost[c] > 0);
        all += h.cost[c], h.cheapest = MIN(h.cheapest, h.cost[c]);
    }
    h.budget = d->budget > 0 ? d->budget : all / 2;
    for (size_t k = 0; k < wants; k++) h.of[d->item[k] + 2]++;
    for (size_t c = 0; c < d->items; c++) h.of[c + 2] += h.of[c + 1];
    for (size_t i = 0; i < d->customers; i++) {
        for (size_t k = d->start[i]; k < d->start[i + 1]; k++) {
            uint32_t at = h.of[d->item[k] + 1]++;
            h.by[at] = (uint32_t)i;
            h.want[at] = d->want ? MAX(d->want[k], 0) : 1;
        }
    }
    h.times = make(a, double, d->customers), h.say = make(a, double, d->customers);
    h.capped = make(a, double, d->customers), h.left = make(a, double, d->customers);
    return h;
}

// Everybody's revenue, no more than the cap, and their share of the say; of one of the `times` of a customer.
static void weigh(house *h) {
    double all = 0, heads = 0, capped = 0;
    for (size_t i = 0; i < h->customers; i++) all += h->times[i] * MAX(h->revenue[i], 0), heads += h->times[i];
    for (size_t i = 0; i < h->customers; i++) {
        h->capped[i] = MIN(MAX(h->revenue[i], 0), h->cap * all);
        capped += h->times[i] * h->capped[i];
    }
    double per_head = capped > 0 ? h->per_head : 1;
    for (size_t i = 0; i < h->customers; i++) {
        h->capped[i] = capped > 0 ? h->capped[i] / capped : 0;
        h->say[i] = per_head / heads + (1 - per_head) * h->capped[i];
    }
}

// ---- The Method of Equal Shares ----

// The least ρ at which those who want it, each paying ρ × want or all they have left, pay its cost; INFINITY when they
// cannot.
static double price(const house *h, size_t c) {
    double owed = h->cost[c], rho = 0;
    for (bool again = true; again;) {
        double rest = owed, wants = 0;
        again = false;
        for (size_t k = h->of[c]; k < h->of[c + 1]; k++) {
            size_t i = h->by[k];
            if (h->left[i] <= rho * h->want[k])
                rest -= h->times[i] * h->left[i];
            else
                wants += h->times[i] * h->want[k];
        }
        if (rest <= owed * 1e-12) return rho > 0 ? rho : 0;
        if (!(wants > 0)) return INFINITY;
        double next = rest / wants;
        if (next > rho * (1 + 1e-12)) rho = next, again = true;
    }
    return rho;
}

static void pay(house *h, size_t c, double rho) {
    for (size_t k = h->of[c]; k < h->of[c + 1]; k++) {
        double *left = &h->left[h->by[k]];
        *left -= MIN(*left, rho * h->want[k]);
    }
}

// Chosen in order until nobody can pay anything more; a price never falls, so that an old one is a lower bound. What
// is spent.
static double equal_shares(arena scratch, house *h, double budget, size_t *order, size_t *n) {
    double *least = make(&scratch, double, h->items), spent = 0;
    bool *fresh = make(&scratch, bool, h->items), *gone = make(&scratch, bool, h->items);
    for (size_t i = 0; i < h->customers; i++) h->left[i] = budget * h->say[i];
    *n = 0;
    for (;;) {
        size_t best = h->items;
        for (size_t c = 0; c < h->items; c++) {
            if (!gone[c] && (best == h->items || least[c] < least[best] * (1 - 1e-12))) best = c;
        }
        if (best == h->items || isinf(least[best])) return spent;
        if (!fresh[best]) {
            least[best] = price(h, best);
            fresh[best] = true;
            continue;
        }
        pay(h, best, least[best]);
        gone[best] = true;
        memset(fresh, 0, h->items * sizeof *fresh);
        spent += h->cost[best];
        order[(*n)++] = best;
    }
}

static size_t wanted_items(const house *h) {
    size_t n = 0;
    for (size_t c = 0; c < h->items; c++) n += h->of[c + 1] > h->of[c];
    return n;
}

// What equal shares of a budget choose, into order, if it costs no more than the real one.
static bool fits(arena scratch, house *h, double budget, size_t *order, size_t *n, double *spent) {
    size_t more, *tried = make(&scratch, size_t, h->items);
    double cost = equal_shares(scratch, h, budget, tried, &more);
    if (cost > h->budget * (1 + 1e-9)) return false;
    memcpy(order, tried, more * sizeof *order);
    *n = more, *spent = cost;
    return true;
}

static bool full(const house *h, double spent, size_t n, size_t wanted) {
    return spent + h->cheapest > h->budget * (1 + 1e-9) || n >= wanted;
}

// Add1: parts of a larger budget, step by step, as long as what is chosen fits. For resamples the budget at which it
// fits no more is found by doubling and halving, which takes a tenth of the time and may leave out a choice that a
// smaller step finds.
static size_t complete(arena scratch, house *h, bool rough, size_t *order, double *alone) {
    size_t n = 0, wanted = wanted_items(h);
    double spent = 0, step = MAX(h->cheapest / 10, h->budget / STEPS_MOST), low = h->budget, high = 2 * low;
    fits(scratch, h, h->budget, order, &n, &spent);
    *alone = spent;
    for (size_t i = 1; !rough && i <= STEPS_MOST && !full(h, spent, n, wanted); i++) {
        if (!fits(scratch, h, h->budget + (double)i * step, order, &n, &spent)) return n;
    }
    if (!rough) return n;
    for (size_t i = 0; i < DOUBLINGS && !full(h, spent, n, wanted); i++, low = high, high *= 2) {
        if (!fits(scratch, h, high, order, &n, &spent)) break;
    }
    for (size_t i = 0; i < HALVINGS && !full(h, spent, n, wanted); i++) {
        double middle = (low + high) / 2;
        *(fits(scratch, h, middle, order, &n, &spent) ? &low : &high) = middle;
    }
    return n;
}

// ---- Three views ----

typedef struct {
    double value;
    size_t item;
} keyed;

static int by_value(const void *x, const void *y) {
    const keyed *u = x, *v = y;
    if (u->value != v->value) return u->value > v->value ? -1 : 1;
    return (u->item > v->item) - (u->item < v->item);
}

static void sort_items(arena scratch, const double *value, size_t n, size_t *order) {
    keyed *k = make(&scratch, keyed, n);
    for (size_t i = 0; i < n; i++) k[i] = (keyed){value[i], i};
    if (n) qsort(k, n, sizeof *k, by_value);
    for (size_t i = 0; i < n; i++) order[i] = k[i].item;
}

static void choose(const house *h, const size_t *order, bool *chosen) {
    double spent = 0;
    for (size_t i = 0; i < h->items; i++) {
        size_t c = order[i];
        bool fits = chosen[c] || spent + h->cost[c] <= h->budget * (1 + 1e-9);
        chosen[c] = fits && h->of[c + 1] > h->of[c];
        if (chosen[c]) spent += h->cost[c];
    }
}

static void fair_view(arena scratch, house *h, bool rough, views *v) {
    size_t *order = make(&scratch, size_t, h->items), *rest = make(&scratch, size_t, h->items);
    double *per = make(&scratch, double, h->items);
    bool *in = make(&scratch, bool, h->items);
    size_t n = complete(scratch, h, rough, order, &v->fair_alone);
    for (size_t i = 0; i < n; i++) in[order[i]] = true;
    for (size_t c = 0; c < h->items; c++) per[c] = v->value[LENS_FAIR][c] / h->cost[c];
    sort_items(scratch, per, h->items, rest);
    for (size_t i = 0; i < h->items; i++) {
        if (!in[rest[i]]) order[n++] = rest[i];
    }
    memcpy(v->order[LENS_FAIR], order, h->items * sizeof *order);
}

static void look(arena scratch, house *h, bool rough, views *v) {
    weigh(h);
    double heads = 0;
    for (size_t i = 0; i < h->customers; i++) heads += h->times[i];
    for (size_t c = 0; c < h->items; c++) {
        double people = 0, revenue = 0, say = 0, top;
        for (size_t k = h->of[c]; k < h->of[c + 1]; k++) {
            size_t i = h->by[k];
            people += h->times[i], revenue += h->times[i] * h->capped[i], say += h->times[i] * h->say[i];
        }
        v->value[LENS_PEOPLE][c] = 0;
        if (people > 0) proportion_wilson(people / heads, heads, Z95, &v->value[LENS_PEOPLE][c], &top);
        v->value[LENS_REVENUE][c] = revenue;
        v->value[LENS_FAIR][c] = say;
    }
    sort_items(scratch, v->value[LENS_PEOPLE], h->items, v->order[LENS_PEOPLE]);
    sort_items(scratch, v->value[LENS_REVENUE], h->items, v->order[LENS_REVENUE]);
    fair_view(scratch, h, rough, v);
}

static views views_of(arena *a, size_t items) {
    views v = {0};
    for (size_t l = 0; l < LENSES; l++) {
        v.value[l] = make(a, double, items);
        v.order[l] = make(a, size_t, items);
        v.chosen[l] = make(a, bool, items);
    }
    return v;
}

// ---- Resamples and disagreement ----

static void rank_intervals(arena scratch, house *h, size_t rounds, lens_place *const place[LENSES], rng *r) {
    size_t n = h->items;
    double *rank = make(&scratch, double, LENSES *n *rounds);
    views v = views_of(&scratch, n);
    for (size_t round = 0; round < rounds; round++) {
        memset(h->times, 0, h->customers * sizeof *h->times);
        for (size_t i = 0; i < h->customers; i++) h->times[rng_range(r, 0, (int64_t)h->customers - 1)] += 1;
        look(scratch, h, true, &v);
        for (size_t l = 0; l < LENSES; l++) {
            for (size_t i = 0; i < n; i++) rank[(l * n + v.order[l][i]) * rounds + round] = (double)(i + 1);
        }
    }
    for (size_t l = 0; l < LENSES; l++) {
        for (size_t c = 0; c < n; c++) {
            double *mine = rank + (l * n + c) * rounds;
            spread_sort(mine, rounds);
            double lo = floor(spread_quantile_at(mine, rounds, 0.025)),
                   hi = ceil(spread_quantile_at(mine, rounds, 0.975));
            place[l][c].lo = MIN(lo, (double)place[l][c].rank), place[l][c].hi = MAX(hi, (double)place[l][c].rank);
        }
    }
}

// Kendall 1938: pairs in one order by the one and in the other by the other.
static double distance(const lens_place *x, const lens_place *y, size_t n) {
    double apart = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) apart += (x[i].rank < x[j].rank) != (y[i].rank < y[j].rank);
    }
    return n > 1 ? apart / ((double)n * (double)(n - 1) / 2) : 0;
}

static size_t *farthest(arena *a, const lenses *k, size_t n) {
    double *far = make(a, double, n);
    size_t *order = make(a, size_t, n);
    for (size_t c = 0; c < n; c++) {
        size_t lo = n, hi = 0;
        for (size_t l = 0; l < LENSES; l++) lo = MIN(lo, k->place[l][c].rank), hi = MAX(hi, k->place[l][c].rank);
        far[c] = (double)(hi - lo);
    }
    sort_items(*a, far, n, order);
    return order;
}

lenses lenses_of(arena *a, const lens_data *d, int rounds, rng *r) {
    lenses k = {0};
    lens_place *place[LENSES];
    views v = views_of(a, d->items);
    house h = house_of(a, d);
    for (size_t i = 0; i < h.customers; i++) h.times[i] = 1;
    if (h.customers) look(*a, &h, false, &v);
    for (size_t l = 0; l < LENSES; l++) {
        if (!h.customers) sort_items(*a, v.value[l], h.items, v.order[l]);
        choose(&h, v.order[l], v.chosen[l]);
        place[l] = make(a, lens_place, d->items);
        for (size_t i = 0; i < d->items; i++) {
            size_t c = v.order[l][i];
            double at = (double)(i + 1);
            place[l][c] = (lens_place){i + 1, v.value[l][c], at, at, v.chosen[l][c]};
            if (v.chosen[l][c]) k.spent[l] += h.cost[c];
        }
        k.place[l] = place[l], k.order[l] = v.order[l];
    }
    k.fair_alone = v.fair_alone;
    if (rounds >= 0 && h.customers) rank_intervals(*a, &h, rounds ? (size_t)rounds : ROUNDS, place, r);
    for (size_t l = 0; l < LENSES; l++) {
        for (size_t m = 0; m < LENSES; m++) k.distance[l][m] = distance(place[l], place[m], d->items);
    }
    k.apart = farthest(a, &k, d->items);
    return k;
}
