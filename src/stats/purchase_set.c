#include <math.h>

#include "base/radix.h"
#include "stats/purchase_private.h"

// A distinct (x, T, tx) with its count; times by their place in a list.
typedef struct {
    int32_t x;
    uint32_t T, tx;
    double count;
} raw;

static bool usable(const purchase_people *p, size_t i) {
    if (p->x[i] < 0 || !(p->tx[i] >= 0 && p->tx[i] <= p->T[i] && p->T[i] < 1e300)) return false;
    if (p->x[i] == 0 && p->tx[i] > 0) return false;
    for (int k = 0; k < p->n_traits; k++)
        if (!isfinite(p->traits[i * (size_t)p->n_traits + (size_t)k])) return false;
    return true;
}

// Pairs of a stratum whose rows come grouped by x: a stamp at each time says which pair of this x it is already.
typedef struct {
    stratum *s;
    pair *pairs;
    uint32_t *stamp, *at;
} pairing;

static uint32_t pair_of(pairing *p, uint32_t x, uint32_t t) {
    if (p->stamp[t] != x + 1) {
        p->stamp[t] = x + 1, p->at[t] = (uint32_t)p->s->n_pairs;
        p->pairs[p->s->n_pairs++] = (pair){x, t, 0};
    }
    return p->at[t];
}

static size_t count_x(const raw *r, size_t n) {
    size_t k = n > 0;
    for (size_t i = 1; i < n; i++) k += r[i].x != r[i - 1].x;
    return k;
}

static void index_rows(arena *a, arena scratch, stratum *s, const raw *r, size_t n) {
    size_t k = count_x(r, n);
    cell *row = make(a, cell, n);
    double *x = make(a, double, k), *x_count = make(a, double, k);
    size_t *x_row = make(a, size_t, k + 1), *x_pair = make(a, size_t, k + 1);
    pairing p = {s, make(a, pair, 2 * n), make(&scratch, uint32_t, s->n_t), make(&scratch, uint32_t, s->n_t)};
    s->rows = n, s->n_x = 0;
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || r[i].x != r[i - 1].x) {
            x[s->n_x] = r[i].x, x_row[s->n_x] = i, x_pair[s->n_x] = s->n_pairs;
            s->n_x++;
        }
        uint32_t at = (uint32_t)s->n_x - 1;
        row[i] = (cell){pair_of(&p, at, r[i].tx), pair_of(&p, at, r[i].T), r[i].count};
        p.pairs[row[i].late].late += r[i].count;
        x_count[at] += r[i].count;
        s->customers += r[i].count;
    }
    x_row[k] = n, x_pair[k] = s->n_pairs;
    s->row = row, s->pairs = p.pairs, s->x = x, s->x_count = x_count, s->x_row = x_row, s->x_pair = x_pair;
}

// ---- Times and rows without repetition ----

static int64_t bits(double v) {
    int64_t b;
    v += 0.0; // −0 becomes 0
    memcpy(&b, &v, sizeof b);
    return b;
}

// Numbers for keys, in the order in which they come. Everybody passes here three times, so that key and number share a
// cache line and the search is inlined; a map64 takes twice as long.
typedef struct {
    int64_t key;
    uint32_t id; // number + 1; 0: empty
} slot;

typedef struct {
    arena *a;
    slot *slots;
    int shift; // 64 − the bits of a place
    uint32_t n;
} numbering;

static numbering numbering_new(arena *a, int bits_of_place) {
    return (numbering){a, make(a, slot, (size_t)1 << bits_of_place), 64 - bits_of_place, 0};
}

static inline slot *slot_of(const numbering *t, int64_t key) {
    size_t mask = ((size_t)1 << (64 - t->shift)) - 1;
    size_t i = (size_t)((uint64_t)key * 0x9E3779B97F4A7C15u >> t->shift); // Fibonacci hashing, Knuth 6.4
    while (t->slots[i].id && t->slots[i].key != key) i = (i + 1) & mask;
    return &t->slots[i];
}

static void grow(numbering *t) {
    numbering old = *t;
    *t = numbering_new(old.a, 64 - old.shift + 1);
    for (size_t i = 0; i < (size_t)1 << (64 - old.shift); i++)
        if (old.slots[i].id) *slot_of(t, old.slots[i].key) = old.slots[i];
    t->n = old.n;
}

static inline uint32_t number_of(numbering *t, int64_t key) {
    slot *s = slot_of(t, key);
    if (s->id) return s->id - 1;
    if (t->n >> (63 - t->shift)) grow(t), s = slot_of(t, key);
    *s = (slot){key, ++t->n};
    return t->n - 1;
}

// Bits of non-negative numbers sort as the numbers do.
static keyed *sorted_keys(arena *a, const numbering *t) {
    keyed *k = make(a, keyed, t->n);
    size_t n = 0;
    for (size_t i = 0; n < t->n; i++)
        if (t->slots[i].id) k[n++] = (keyed){(uint64_t)t->slots[i].key, t->slots[i].id - 1};
    radix_sort(*a, k, n);
    return k;
}

// Ranks of the times found, and their values in order.
static uint32_t *rank_times(arena *a, arena scratch, const numbering *t, stratum *s) {
    double *value = make(a, double, t->n);
    uint32_t *rank = make(a, uint32_t, t->n);
    const keyed *k = sorted_keys(&scratch, t);
    for (size_t i = 0; i < t->n; i++) {
        rank[k[i].at] = (uint32_t)i;
        memcpy(&value[i], &k[i].key, sizeof *value);
    }
    s->t = value, s->n_t = t->n;
    return rank;
}

enum { TIME_BITS = 22, X_BITS = 20 };

// The keys of rows, x, T, tx, from numbers of times to their ranks; and what became of each number of a row.
static void place_rows(arena *a, arena scratch, stratum *s, const numbering *rows, const double *count,
                       uint32_t *place) {
    const keyed *k = sorted_keys(&scratch, rows);
    raw *r = make(&scratch, raw, rows->n);
    uint32_t mask = ((uint32_t)1 << TIME_BITS) - 1;
    for (size_t i = 0; i < rows->n; i++) {
        uint64_t key = k[i].key;
        r[i] = (raw){(int32_t)(key >> 2 * TIME_BITS), (uint32_t)(key >> TIME_BITS) & mask, (uint32_t)key & mask,
                     count[k[i].at]};
        place[k[i].at] = (uint32_t)(s->first + i);
    }
    index_rows(a, scratch, s, r, rows->n);
}

// False when the times hardly repeat, so that nothing would be gained.
static bool compress(arena *a, arena scratch, stratum *s, const purchase_people *p, const uint32_t *who, size_t n,
                     uint32_t *row_of) {
    size_t most = MIN(MAX(n / 4, 1024), ((size_t)1 << TIME_BITS) - 1);
    numbering times = numbering_new(&scratch, 11);
    uint32_t *id = make(&scratch, uint32_t, 2 * n);
    for (size_t i = 0; i < n; i++) {
        id[2 * i] = number_of(&times, bits(p->T[who[i]])), id[2 * i + 1] = number_of(&times, bits(p->tx[who[i]]));
        if (times.n > most || p->x[who[i]] >> X_BITS) return false;
    }
    const uint32_t *rank = rank_times(a, scratch, &times, s);
    double *count = make(&scratch, double, n);
    uint32_t *place = make(&scratch, uint32_t, n);
    numbering rows = numbering_new(&scratch, n < 4096 ? 11 : 17);
    for (size_t i = 0; i < n; i++) {
        uint64_t late = rank[id[2 * i]], early = rank[id[2 * i + 1]];
        uint64_t key = (uint64_t)p->x[who[i]] << 2 * TIME_BITS | late << TIME_BITS | early;
        row_of[who[i]] = number_of(&rows, (int64_t)key);
        count[row_of[who[i]]]++;
    }
    place_rows(a, scratch, s, &rows, count, place);
    for (size_t i = 0; i < n; i++) row_of[who[i]] = place[row_of[who[i]]];
    return true;
}

// Every customer is a row of their own; only the time 0 of those without a repeat purchase is shared.
static void keep_apart(arena *a, arena scratch, stratum *s, const purchase_people *p, const uint32_t *who, size_t n,
                       uint32_t *row_of) {
    keyed *k = make(&scratch, keyed, n);
    for (size_t i = 0; i < n; i++) k[i] = (keyed){(uint64_t)p->x[who[i]], who[i]};
    radix_sort(scratch, k, n);
    double *t = make(a, double, 2 * n + 1);
    raw *r = make(&scratch, raw, n);
    size_t m = 1;
    for (size_t i = 0; i < n; i++) {
        size_t c = k[i].at;
        uint32_t last = (uint32_t)m, early = p->tx[c] <= 0 ? 0 : p->tx[c] >= p->T[c] ? last : last + 1;
        t[last] = p->T[c], t[early] = p->tx[c];
        m += early > last ? 2 : 1;
        r[i] = (raw){p->x[c], p->T[c] <= 0 ? 0 : last, early, 1};
        row_of[c] = (uint32_t)(s->first + i);
    }
    s->t = t, s->n_t = m;
    index_rows(a, scratch, s, r, n);
}

// ---- Strata ----

// Numbers of equal trait rows, and how many there are.
static uint32_t *stratum_ids(arena *a, const purchase_people *p, const uint32_t *who, size_t n, size_t *strata) {
    uint32_t *id = make(a, uint32_t, n);
    numbering hashes = numbering_new(a, 8);
    size_t width = (size_t)p->n_traits;
    for (size_t i = 0; i < n; i++) {
        str z = {(const char *)&p->traits[who[i] * width], width * sizeof(double)};
        id[i] = number_of(&hashes, (int64_t)str_hash(z));
    }
    *strata = hashes.n;
    return id;
}

static void add_stratum(arena *a, arena scratch, purchase_set *set, stratum *s, const uint32_t *who, size_t n,
                        uint32_t *row_of) {
    const purchase_people *p = set->people;
    s->first = set->rows;
    if (p->n_traits) s->traits = &p->traits[who[0] * (size_t)p->n_traits];
    if (!compress(a, scratch, s, p, who, n, row_of)) keep_apart(a, scratch, s, p, who, n, row_of);
    set->rows += s->rows;
}

static uint32_t *take_usable(arena *a, purchase_set *set, uint32_t *row_of) {
    const purchase_people *p = set->people;
    uint32_t *who = make(a, uint32_t, p->n);
    size_t n = 0;
    double sum = 0;
    for (size_t i = 0; i < p->n; i++) {
        row_of[i] = NO_ROW;
        if (!usable(p, i)) continue;
        who[n++] = (uint32_t)i;
        set->size.repeaters += p->x[i] > 0;
        set->size.purchases += p->x[i];
        sum += p->T[i];
        if (p->gaps && p->x[i] > 0) set->gaps += p->gaps[i];
    }
    set->size.customers = (int64_t)n, set->size.ignored = (int64_t)(p->n - n);
    set->mean_T = n && sum > 0 ? sum / (double)n : 1;
    if (!p->gaps) set->gaps = NAN;
    return who;
}

// The customers sorted by stratum: those of stratum k stand at from[k] … from[k + 1].
static uint32_t *by_stratum(arena *a, const purchase_people *p, uint32_t *who, size_t n, size_t **from,
                            size_t *strata) {
    if (p->n_traits == 0) {
        *strata = 1, *from = make(a, size_t, 2);
        (*from)[1] = n;
        return who;
    }
    uint32_t *id = stratum_ids(a, p, who, n, strata), *sorted = make(a, uint32_t, n);
    *from = make(a, size_t, *strata + 1);
    size_t *next = make(a, size_t, *strata + 1);
    for (size_t i = 0; i < n; i++) (*from)[id[i] + 1]++;
    for (size_t k = 0; k < *strata; k++) (*from)[k + 1] += (*from)[k];
    memcpy(next, *from, *strata * sizeof *next);
    for (size_t i = 0; i < n; i++) sorted[next[id[i]]++] = who[i];
    return sorted;
}

// What lasts and what is for the moment are allocated in turns, so that the latter has an arena of its own.
purchase_set *purchase_group(arena *a, const purchase_people *p) {
    assert(p->n_traits >= 0 && p->n_traits <= PURCHASE_TRAITS && p->n < NO_ROW / 2);
    purchase_set *set = make(a, purchase_set, 1);
    uint32_t *row_of = make(a, uint32_t, p->n);
    set->people = p, set->row_of = row_of;
    arena brief = arena_open(purchase_arena(p->n, 0));
    uint32_t *who = take_usable(&brief, set, row_of);
    size_t *from;
    who = by_stratum(&brief, p, who, (size_t)set->size.customers, &from, &set->n_strata);
    set->strata = make(a, stratum, set->n_strata);
    for (size_t k = 0; k < set->n_strata; k++)
        add_stratum(a, brief, set, &set->strata[k], &who[from[k]], from[k + 1] - from[k], row_of);
    set->size.rows = set->rows;
    arena_close(&brief);
    return set;
}

// ---- A few of the customers ----

// Every step-th customer, counting through the rows; *due is how many are passed over before the next. Times are
// numbered anew, so that only those used are computed.
static void thin(arena *a, arena scratch, stratum *out, const stratum *s, double step, double *due) {
    raw *r = make(&scratch, raw, s->rows);
    uint32_t *number = make(&scratch, uint32_t, s->n_t);
    double *t = make(a, double, MIN(s->n_t, 2 * s->rows));
    size_t n = 0;
    for (size_t i = 0; i < s->rows; i++) {
        double taken = ceil(fmax(0, s->row[i].count - *due) / step);
        *due += taken * step - s->row[i].count;
        if (taken <= 0) continue;
        const pair *late = &s->pairs[s->row[i].late], *early = &s->pairs[s->row[i].early];
        uint32_t at[2] = {late->t, early->t};
        for (int k = 0; k < 2; k++) {
            if (!number[at[k]]) t[out->n_t++] = s->t[at[k]], number[at[k]] = (uint32_t)out->n_t;
            at[k] = number[at[k]] - 1;
        }
        r[n++] = (raw){(int32_t)s->x[late->x], at[0], at[1], taken};
    }
    out->t = t, out->traits = s->traits;
    index_rows(a, scratch, out, r, n);
}

purchase_set *purchase_sample(arena *a, const purchase_set *s, size_t most) {
    purchase_set *out = make(a, purchase_set, 1);
    *out = (purchase_set){.people = s->people, .n_strata = s->n_strata, .mean_T = s->mean_T, .gaps = s->gaps};
    out->strata = make(a, stratum, s->n_strata);
    double step = fmax(1, (double)s->size.customers / (double)most), due = step / 2;
    arena brief = arena_open(purchase_arena(s->rows, 0));
    for (size_t k = 0; k < s->n_strata; k++) {
        out->strata[k].first = out->rows;
        thin(a, brief, &out->strata[k], &s->strata[k], step, &due);
        out->rows += out->strata[k].rows;
        out->size.customers += (int64_t)out->strata[k].customers;
    }
    arena_close(&brief);
    return out;
}

purchase_size purchase_size_of(const purchase_set *s) {
    return s->size;
}

size_t purchase_arena(size_t customers, size_t log_rows) {
    return ((size_t)64 << 20) + 1200 * customers + 48 * log_rows;
}
