// cluster: which records are one, from weighted pairs, so that one bad pair cannot chain two people.
//
// Records that pairs of at least `join` bits connect are a component. Inside a component clusters grow from the best
// pair down, as long as the mean over all pairs between two clusters stays at or above `join` (average linkage, Sokal &
// Michener 1958). A pair counts with its weight, held between -cap and cap: beyond it more evidence of one pair says
// nothing about the others. A pair that was never compared counts as `unseen`. So two groups that one pair connects
// stay two, and the alarm names what comes near.
//
// What a person has said always holds: records said to be the same are together before anything else is looked at, and
// no join puts records together that were said to be two. Where both cannot hold, the same wins, and the pairs are
// counted. A pair of -INFINITY bits is a veto like a person's.
//
// The result is a function of the pairs alone: their order cannot matter, nor that of the records when `canon` names
// them by what they say. Each component is decided by itself, so that what a change touches can be decided again alone.
#ifndef HEED_LINK_CLUSTER_H
#define HEED_LINK_CLUSTER_H

#include "link/pairs.h"

typedef struct {
    uint32_t a, b;
    bool same; // said to be the same, or not the same
} link_said;

typedef struct {
    uint32_t cluster;     // its smallest row
    uint32_t n;           // records
    bool large;           // more than 99.9 % of the clusters hold, and more than 16
    bool bridge;          // its last join rests on few of the pairs between two groups of at least three
    uint32_t bridge_a;    // smallest rows of the two groups
    uint32_t bridge_b;    //
    uint32_t bridge_seen; // pairs between them that were compared and speak for the join
    uint64_t bridge_of;   // pairs between them
} link_alarm;

typedef struct {
    uint32_t components, largest_component, clusters, largest_cluster; // of two records and more
    uint32_t refused;   // pairs of at least `join` whose records are apart: by the mean, or for one of the next reasons
    uint32_t vetoed;    // of these, by a veto or a person
    uint32_t outbid;    // of these, because a clean source has its record in the cluster already
    uint32_t tied;      // of these, with the same weight as the pair that won in their place
    uint32_t conflicts; // pairs said to be two that are together because a person joined them otherwise
    link_alarm *alarms; // large ones first
    size_t n_alarms;
} link_clusters;

// Zero means the default everywhere.
typedef struct {
    float join;   // bits; 0: even odds
    float unseen; // bits; 0: UNSEEN_BITS
    float cap;    // bits; 0: CAP_BITS
    const link_said *said;
    size_t n_said;
    const uint8_t *clean;  // per record: 1 … 64, a source known to hold everybody once; 0: may hold anybody twice
    bool greedy;           // where only two clean sources meet: from the best pair down, not the heaviest matching
    const uint64_t *canon; // per record: what names it whatever its row (a hash of what it says), for ties
    link_clusters *told;   // filled if there
} link_cluster_opts;

#define LINK_UNSEEN_BITS (-2.0f)
#define LINK_CAP_BITS    12.0f

// cluster[i] becomes the smallest row of the cluster of row i. Fails only when pairs name records that are not there.
must_use bool link_cluster(arena *a, const link_pair *p, size_t n, uint32_t n_records, const link_cluster_opts *o,
                           uint32_t *cluster, err *e);

// Components alone: no mean, no vetoes. What every clustering of the same pairs refines.
void link_components(const link_pair *p, size_t n, uint32_t n_records, float join, uint32_t *component);

#endif
