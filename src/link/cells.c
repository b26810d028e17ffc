#include <math.h>

#include "base/radix.h"
#include "link/cells.h"

enum group { ALONE, PERSON, PLACE };

static const enum group group_of[] = {
#define LINK_KIND(name, called, group) group,
#include "link/kinds.def"
};

enum { MOST_CODES = 4000 };

static void join(link_group *g, const link_table *t, int field) {
    const enum link_kind k = t->field[field].col.kind;
    g->field[g->n] = field, g->kind[g->n] = k, g->levels[g->n] = link_levels(k);
    g->stride[g->n] = g->n ? g->codes : 1;
    g->codes = (g->n ? g->codes : 1) * g->levels[g->n];
    g->n++;
}

int link_groups(const link_table *t, link_group *groups) {
    int n = 0, place[3] = {-1, -1, -1};
    for (int i = 0; i < t->n_fields; i++) {
        const enum link_kind k = t->field[i].col.kind;
        const enum group which = group_of[k];
        int *const at = &place[which];
        const bool fits = which != ALONE && *at >= 0 && groups[*at].n < LINK_GROUP &&
                          groups[*at].codes * link_levels(k) <= MOST_CODES;
        if (!fits) groups[n] = (link_group){0}, *at = n++;
        join(&groups[which == ALONE ? n - 1 : *at], t, i);
    }
    return n;
}

bool cells_whole(const link_group *g, int code) {
    for (int i = 0; i < g->n; i++)
        if (!cells_level(g, code, i)) return false;
    return true;
}

void cells_sum(const link_group *g, double *p) {
    for (int code = 0; code < g->codes; code++)
        if (!cells_whole(g, code)) p[code] = 0;
    for (int i = 0; i < g->n; i++) // field by field: what is missing in the first i fields is summed already
        for (int code = 0; code < g->codes; code++) {
            if (cells_level(g, code, i)) continue;
            for (int l = 1; l < g->levels[i]; l++) p[code] += p[code + l * g->stride[i]];
        }
}

void cells_scale(const link_group *g, double *p) {
    double sum = 0;
    for (int code = 0; code < g->codes; code++)
        if (cells_whole(g, code)) sum += p[code];
    for (int code = 0; code < g->codes; code++) p[code] /= sum > 0 ? sum : 1;
    cells_sum(g, p);
}

static void spread_one(const link_group *g, const double *p, double *counted, int code) {
    const double amount = counted[code], all = p[code];
    counted[code] = 0;
    int open[LINK_GROUP] = {0}, n = 0, level[LINK_GROUP] = {0};
    for (int i = 0; i < g->n; i++)
        if (!cells_level(g, code, i)) open[n++] = i;
    for (int k = 0; k < n; k++) level[k] = 1;
    for (;;) {
        int to = code;
        for (int k = 0; k < n; k++) to += level[k] * g->stride[open[k]];
        if (all > 0) counted[to] += amount * p[to] / all;
        int k = 0;
        while (k < n && ++level[k] == g->levels[open[k]]) level[k++] = 1;
        if (k == n) return;
    }
}

void cells_spread(const link_group *g, const double *p, double *counted) {
    for (int code = 0; code < g->codes; code++)
        if (counted[code] > 0 && !cells_whole(g, code)) spread_one(g, p, counted, code);
    for (int code = 0; code < g->codes; code++)
        if (!cells_whole(g, code)) counted[code] = 0;
}

void cells_margin(const link_group *g, const double *p, int i, double *out) {
    for (int l = 0; l < g->levels[i]; l++) out[l] = 0;
    for (int code = 0; code < g->codes; code++)
        if (cells_whole(g, code)) out[cells_level(g, code, i)] += p[code];
}

void cells_apart(const link_group *g, const double *p, double *out) {
    double margin[LINK_GROUP][1 << LINK_BITS], sum = 0;
    for (int i = 0; i < g->n; i++) cells_margin(g, p, i, margin[i]);
    for (int l = 1; l < g->levels[0]; l++) sum += margin[0][l];
    for (int code = 0; code < g->codes; code++) {
        out[code] = cells_whole(g, code) ? 1 : 0;
        for (int i = 0; i < g->n; i++) out[code] *= sum > 0 ? margin[i][cells_level(g, code, i)] / sum : 0;
    }
}

// Missing stands between unlike and the same, and beside what is between them.
static bool below(const link_group *g, int i, int x, int y) {
    const int top = g->levels[i] - 1;
    if (x == y) return false;
    if (!x) return y == top;
    if (!y) return x == 1;
    return link_level_rank(g->kind[i], x) < link_level_rank(g->kind[i], y);
}

static bool all_below(const link_group *g, int x, int y) {
    for (int i = 0; i < g->n; i++) {
        const int p = cells_level(g, x, i), q = cells_level(g, y, i);
        if (p != q && !below(g, i, p, q)) return false;
    }
    return x != y;
}

void cells_rise(const link_group *g, const double *mass, double *w) {
    arena a = arena_open((size_t)g->codes * 64 + 65536);
    keyed *order = make(&a, keyed, g->codes);
    for (int k = 0; k < g->codes; k++) {
        uint64_t bits; // positive numbers are ordered as their bits are
        memcpy(&bits, &mass[k], sizeof bits);
        order[k] = (keyed){~bits, (uint32_t)k};
    }
    radix_sort(a, order, (size_t)g->codes);
    for (int k = 0; k < g->codes; k++) {
        const int x = (int)order[k].at;
        double least = -INFINITY, most = INFINITY;
        for (int n = 0; n < k; n++) {
            const int y = (int)order[n].at;
            if (w[y] > least && all_below(g, y, x)) least = w[y];
            if (w[y] < most && all_below(g, x, y)) most = w[y];
        }
        w[x] = fmin(fmax(w[x], least), most);
    }
    arena_close(&a);
}
