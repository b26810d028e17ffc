// cluster_private: one component on its way from records and pairs to clusters.
#ifndef HEED_LINK_CLUSTER_PRIVATE_H
#define HEED_LINK_CLUSTER_PRIVATE_H

#include "link/cluster.h"

typedef struct {
    const link_cluster_opts *o;
    int64_t join, unseen, cap; // in grains
    const uint32_t *row;       // local number → row; local numbers follow canon, then row
    uint32_t n;
    link_pair *p; // a and b are local numbers here; INFINITY: said to be the same, -INFINITY: never
    uint32_t n_pairs;
    bool said;    // some pairs are a person's, and may stand beside one that was compared
    uint32_t *of; // to fill: local number → local number of the first of its cluster
    link_clusters *told;
    arena *alarms; // where told->alarms grows
    uint32_t room_alarms;
} one_component;

int64_t cluster_grains(float bits);
static inline uint8_t clean_of(const one_component *c, uint32_t local) {
    return c->o->clean ? c->o->clean[c->row[local]] : 0;
}
void cluster_alarm(one_component *c, link_alarm al);

void cluster_by_mean(arena scratch, one_component *c);
// The heaviest matching of two clean sources; false if the component is not of that kind or too large for it.
bool cluster_by_match(arena scratch, one_component *c);

#endif
