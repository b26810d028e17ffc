// cells: how often levels occur together, for fields that depend on one another. A field that depends on no other is a
// group of one.
//
// A code names one combination of levels, "missing" included. Chances are kept for every code: those where something is
// missing are sums over what it might have been, so that what nobody knows neither speaks for nor against.
#ifndef HEED_LINK_CELLS_H
#define HEED_LINK_CELLS_H

#include "link/compare.h"

enum { LINK_GROUP = 6 };

typedef struct {
    int n;                  // fields
    int field[LINK_GROUP];  //
    int levels[LINK_GROUP]; // of each, "missing" included
    int stride[LINK_GROUP]; //
    int codes;              // product of the levels
    enum link_kind kind[LINK_GROUP];
} link_group;

// The fields of a table in groups: places and persons in one each, others alone.
int link_groups(const link_table *t, link_group *groups);

static inline int link_code(const link_group *g, uint64_t pattern) {
    int code = 0;
    for (int i = 0; i < g->n; i++) code += link_level(pattern, g->field[i]) * g->stride[i];
    return code;
}
static inline int cells_level(const link_group *g, int code, int i) {
    return code / g->stride[i] % g->levels[i];
}
bool cells_whole(const link_group *g, int code); // nothing is missing

// Sums up from the whole codes, which must be filled, over what is missing.
void cells_sum(const link_group *g, double *p);
// Divides whole codes by their sum; then cells_sum.
void cells_scale(const link_group *g, double *p);
// What was counted where something is missing goes to whole codes as they are under p; the missing codes become 0.
void cells_spread(const link_group *g, const double *p, double *counted);
// What the whole codes would be if the fields were independent, with the same share of every level.
void cells_apart(const link_group *g, const double *p, double *out);
// Of each level of field i of the group; [levels]; [0] is unused.
void cells_margin(const link_group *g, const double *p, int i, double *out);
// Makes w rise with the levels' ranks: the codes of most mass keep what they have, the others give way to them.
void cells_rise(const link_group *g, const double *mass, double *w);

#endif
