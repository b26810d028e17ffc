#include <math.h>

#include "text/floats.h"
#include "text/theme_inside.h"

enum {
    NEIGHBOURS = 10,
    SMOOTHINGS = 3,
    LEAST_TEXTS = 6, // of a theme on average, where their number is chosen
    SMALL = 12,      // fewer texts than these are not told apart unless somebody asks for it
};
#define PULL    2.0f // what neighbours weigh together, a text itself being one
#define ENOUGH  0.87 // of the best silhouette: among numbers of themes that are nearly as good, the smallest
#define CLEARLY 1.5  // times as good as what comes after the curve has fallen
#define PARTED  0.2  // least silhouette of two themes and more

// ---- neighbours ----

typedef struct {
    uint32_t at[NEIGHBOURS];
    float like[NEIGHBOURS];
    size_t n;
} neighbours;

static void keep(neighbours *b, size_t most, uint32_t at, float like) {
    if (b->n == most && like <= b->like[most - 1]) return;
    size_t k = b->n < most ? b->n++ : most - 1;
    for (; k && b->like[k - 1] < like; k--) b->like[k] = b->like[k - 1], b->at[k] = b->at[k - 1];
    b->like[k] = like, b->at[k] = at;
}

// The most alike of each row; ties go to the first. In blocks, so that rows are read from the cache.
static neighbours *neighbours_of(arena *a, const float *x, size_t n) {
    enum { BLOCK = 64 };
    const size_t most = MIN((size_t)NEIGHBOURS, n / 6 + 1);
    neighbours *b = make(a, neighbours, n + 1);
    for (size_t from = 0; from < n; from += BLOCK)
        for (size_t with = 0; with < n; with += BLOCK)
            for (size_t i = from; i < MIN(n, from + BLOCK); i++)
                for (size_t k = with; k < MIN(n, with + BLOCK); k++)
                    if (i != k)
                        keep(&b[i], most, (uint32_t)k,
                             floats_dot(x + i * THEME_WIDTH, x + k * THEME_WIDTH, THEME_WIDTH));
    return b;
}

// Each text is moved towards those that are like it, which takes away what is only its own.
static void smooth(arena scratch, const neighbours *b, float *x, size_t n) {
    float *was = make(&scratch, float, n *THEME_WIDTH);
    memcpy(was, x, n * THEME_WIDTH * sizeof *x);
    for (size_t i = 0; i < n; i++) {
        float all = 0;
        for (size_t k = 0; k < b[i].n; k++) all += fmaxf(0, b[i].like[k]);
        for (size_t k = 0; k < b[i].n && all > 0; k++)
            floats_add(x + i * THEME_WIDTH, PULL * fmaxf(0, b[i].like[k]) / all, was + b[i].at[k] * THEME_WIDTH,
                       THEME_WIDTH);
        numbers_unit(x + i * THEME_WIDTH, THEME_WIDTH);
    }
}

// Rows in the directions in which they differ most.
static float *rough(arena *a, const float *x, size_t n) {
    float *out = make(a, float, n *THEME_ROUGH + 1);
    arena scratch = *a;
    float *spread = make(&scratch, float, THEME_WIDTH *THEME_WIDTH);
    float *turn = make(&scratch, float, THEME_ROUGH *THEME_WIDTH), *strength = make(&scratch, float, THEME_ROUGH);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < THEME_WIDTH; k++)
            floats_add(spread + k * THEME_WIDTH, x[i * THEME_WIDTH + k] / (float)n, x + i * THEME_WIDTH, THEME_WIDTH);
    numbers_directions(scratch, spread, THEME_WIDTH, MIN(n, (size_t)THEME_ROUGH), turn, strength);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < THEME_ROUGH; k++)
            out[i * THEME_ROUGH + k] = floats_dot(x + i * THEME_WIDTH, turn + k * THEME_WIDTH, THEME_WIDTH);
        numbers_unit(out + i * THEME_ROUGH, THEME_ROUGH);
    }
    return out;
}

// ---- joining ----

typedef struct {
    double cost;
    uint32_t x, y; // rows of which the groups are joined
    uint32_t order;
} join;

typedef struct {
    float *centre, *square;
    double *size;
    uint32_t *alive; // places of groups, in order
    size_t n_alive;
} groups;

// What joining adds to the sum of squares (Ward 1963).
static double cost_of(const groups *g, uint32_t x, uint32_t y) {
    const double between =
        (double)g->square[x] + (double)g->square[y] -
        2 * (double)floats_dot(g->centre + (size_t)x * THEME_ROUGH, g->centre + (size_t)y * THEME_ROUGH, THEME_ROUGH);
    return g->size[x] * g->size[y] / (g->size[x] + g->size[y]) * fmax(0, between);
}

static void join_two(groups *g, uint32_t x, uint32_t y) {
    float *c = g->centre + (size_t)x * THEME_ROUGH;
    const double all = g->size[x] + g->size[y];
    for (size_t k = 0; k < THEME_ROUGH; k++)
        c[k] = (float)((g->size[x] * (double)c[k] + g->size[y] * (double)g->centre[(size_t)y * THEME_ROUGH + k]) / all);
    g->size[x] = all;
    g->square[x] = floats_dot(c, c, THEME_ROUGH);
    size_t at = 0;
    while (g->alive[at] != y) at++;
    memmove(g->alive + at, g->alive + at + 1, (--g->n_alive - at) * sizeof *g->alive);
}

static int by_cost(const void *x, const void *y) {
    const join *a = x, *b = y;
    if (a->cost < b->cost || a->cost > b->cost) return a->cost < b->cost ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static groups groups_new(arena *a, const float *x, const float *weight, size_t n) {
    groups g = {.centre = make(a, float, n *THEME_ROUGH + 1),
                .square = make(a, float, n + 1),
                .size = make(a, double, n + 1),
                .alive = make(a, uint32_t, n + 1),
                .n_alive = n};
    if (n) memcpy(g.centre, x, n * THEME_ROUGH * sizeof *x);
    for (size_t i = 0; i < n; i++) {
        g.square[i] = floats_dot(x + i * THEME_ROUGH, x + i * THEME_ROUGH, THEME_ROUGH);
        g.size[i] = (double)weight[i];
        g.alive[i] = (uint32_t)i;
    }
    return g;
}

// All n - 1 joins, cheapest first. A chain of nearest neighbours ends in two that are nearest to each other
// (Murtagh 1983).
static join *joins_of(arena *a, const float *x, const float *weight, size_t n) {
    join *out = make(a, join, n + 1);
    arena scratch = *a;
    groups g = groups_new(&scratch, x, weight, n);
    uint32_t *chain = make(&scratch, uint32_t, n + 1);
    for (size_t length = 0, done = 0; g.n_alive > 1;) {
        if (!length) chain[length++] = g.alive[0];
        const uint32_t last = chain[length - 1];
        uint32_t next = length > 1 ? chain[length - 2] : THEME_NONE;
        double best = length > 1 ? cost_of(&g, last, next) : INFINITY;
        for (size_t k = 0; k < g.n_alive; k++) {
            if (g.alive[k] == last) continue;
            const double cost = cost_of(&g, last, g.alive[k]);
            if (cost < best) best = cost, next = g.alive[k];
        }
        if (length > 1 && next == chain[length - 2]) {
            out[done] = (join){best, MIN(last, next), MAX(last, next), (uint32_t)done};
            join_two(&g, out[done].x, out[done].y);
            done++;
            length -= 2;
        } else {
            chain[length++] = next;
        }
    }
    if (n > 1) qsort(out, n - 1, sizeof *out, by_cost);
    return out;
}

static uint32_t root(uint32_t *up, uint32_t i) {
    while (up[i] != i) i = up[i] = up[up[i]];
    return i;
}

// The groups that are left when the cheapest joins are done, numbered by their first row.
static void cut(arena scratch, const join *joins, size_t n, size_t k, uint32_t *of) {
    uint32_t *up = make(&scratch, uint32_t, n + 1), *number = make(&scratch, uint32_t, n + 1), next = 0;
    for (size_t i = 0; i < n; i++) up[i] = (uint32_t)i, number[i] = THEME_NONE;
    for (size_t i = 0; i + k < n; i++) {
        const uint32_t x = root(up, joins[i].x), y = root(up, joins[i].y);
        up[MAX(x, y)] = MIN(x, y);
    }
    for (size_t i = 0; i < n; i++) {
        const uint32_t r = root(up, (uint32_t)i);
        if (number[r] == THEME_NONE) number[r] = next++;
        of[i] = number[r];
    }
}

// ---- how many ----

// Mean silhouette (Rousseeuw 1987) of rows of length one, by cosine distances: the mean of those to a group comes from
// the sum of its rows. A row of some weight is that many rows.
static double silhouette(arena scratch, const float *x, const float *weight, size_t n, const uint32_t *of, size_t k) {
    float *sum = make(&scratch, float, k *THEME_ROUGH);
    double *size = make(&scratch, double, k), all = 0, rows = 0;
    for (size_t i = 0; i < n; i++) {
        floats_add(sum + of[i] * THEME_ROUGH, weight[i], x + i * THEME_ROUGH, THEME_ROUGH);
        size[of[i]] += (double)weight[i];
        rows += (double)weight[i];
    }
    for (size_t i = 0; i < n; i++) {
        double own = 0, other = INFINITY;
        if (size[of[i]] <= 1) continue;
        for (size_t g = 0; g < k; g++) {
            const double to = (double)floats_dot(x + i * THEME_ROUGH, sum + g * THEME_ROUGH, THEME_ROUGH);
            if (g == of[i])
                own = fmax(0, 1 - (to - 1) / (size[g] - 1));
            else
                other = fmin(other, 1 - to / size[g]);
        }
        const double larger = fmax(own, other);
        if (larger > 1e-9) all += (double)weight[i] * (other - own) / larger;
    }
    return all / rows;
}

// More themes are told apart better, up to a point, and are harder to oversee. Two kinds of texts, such as two
// languages, may be told apart best of all: what counts is where the curve rises after that, if it does.
static size_t choose(arena scratch, const float *x, const float *weight, size_t n, const join *joins, size_t most) {
    enum { TRIED = 64 };
    size_t k[TRIED], tried = 0, best = 0, low = 0, first = 0;
    double is[TRIED];
    uint32_t *of = make(&scratch, uint32_t, n + 1);
    double rows = 0;
    for (size_t i = 0; i < n; i++) rows += (double)weight[i];
    if (rows < SMALL) return 1;
    most = MIN(MIN(most, n), MAX((size_t)rows / LEAST_TEXTS, (size_t)2));
    for (size_t at = 2; at <= most && tried < TRIED; at = at * 6 / 5 + 1) {
        cut(scratch, joins, n, at, of);
        k[tried] = at;
        is[tried] = silhouette(scratch, x, weight, n, of, at);
        if (is[tried] > is[best]) best = tried;
        tried++;
    }
    if (!tried || is[best] < PARTED) return 1;
    for (size_t i = 0; i < tried; i++)
        if (is[i] < is[low]) low = i;
    size_t later = low;
    for (size_t i = low; i < tried; i++)
        if (is[i] > is[later]) later = i;
    if (best > low || is[best] <= CLEARLY * is[later])
        best = later;
    else
        low = best; // few kinds, and nothing beneath
    for (first = low; is[first] < ENOUGH * is[best]; first++) {
    }
    return k[first];
}

// ---- all of it ----

static void centres_of(const float *x, const float *weight, size_t n, const uint32_t *of, size_t k, float *centres) {
    memset(centres, 0, k * THEME_WIDTH * sizeof *centres);
    for (size_t i = 0; i < n; i++)
        floats_add(centres + of[i] * THEME_WIDTH, weight[i], x + i * THEME_WIDTH, THEME_WIDTH);
    for (size_t g = 0; g < k; g++) numbers_unit(centres + g * THEME_WIDTH, THEME_WIDTH);
}

// Each row goes to the nearest centre, once: a join is never undone by joining alone.
static void settle(arena scratch, const float *x, const float *weight, size_t n, uint32_t *of, size_t k) {
    float *centres = make(&scratch, float, k *THEME_WIDTH);
    centres_of(x, weight, n, of, k, centres);
    for (size_t i = 0; i < n; i++) {
        float best = -2;
        for (size_t g = 0; g < k; g++) {
            const float like = floats_dot(x + i * THEME_WIDTH, centres + g * THEME_WIDTH, THEME_WIDTH);
            if (like > best) best = like, of[i] = (uint32_t)g;
        }
    }
}

// Groups without a row are left out; the others keep their order.
static size_t renumber(arena scratch, uint32_t *of, size_t n, size_t k) {
    uint32_t *number = make(&scratch, uint32_t, k + 1), next = 0;
    for (size_t i = 0; i < n; i++) number[of[i]] = 1;
    for (size_t g = 0; g < k; g++) number[g] = number[g] ? next++ : THEME_NONE;
    for (size_t i = 0; i < n; i++) of[i] = number[of[i]];
    return next;
}

size_t theme_group(arena scratch, const float *rows, const float *weight, size_t n, size_t k, size_t most,
                   uint32_t *of) {
    if (!n) return 0;
    float *x = make(&scratch, float, n *THEME_WIDTH);
    memcpy(x, rows, n * THEME_WIDTH * sizeof *x);
    const neighbours *b = neighbours_of(&scratch, x, n);
    for (int i = 0; i < SMOOTHINGS; i++) smooth(scratch, b, x, n);
    const float *r = rough(&scratch, x, n);
    const join *joins = joins_of(&scratch, r, weight, n);
    k = k ? MIN(k, n) : choose(scratch, r, weight, n, joins, most);
    cut(scratch, joins, n, k, of);
    settle(scratch, x, weight, n, of, k);
    return renumber(scratch, of, n, k);
}
