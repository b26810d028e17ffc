// group: which profiles are one customer. A function of the set of sightings alone: the order of arrival cannot matter.
//
// Identifiers are taken from the strongest to the weakest (UNIQUE before STRONG, then by kind, then by hash) and each
// joins the profiles that share it, unless the union would hold two values of one unique kind (a veto: two customer
// numbers are two people, but for those that a person has joined, or of which the source itself says that they are one:
// it names the profile by one and has told of the other), a person has said otherwise, or more profiles came to share
// it within its window than its limit allows (it is demoted: a switchboard or info@ address identifies nobody).
//
// What shares no identifier may still be alike (know/likeness.h). Groups are joined by that last, by the mean over all
// that was compared between them (link/cluster.h), never against a veto or a person's word.
#ifndef HEED_GROUP_H
#define HEED_GROUP_H

#include "know/rules.h"

typedef struct {
    int64_t hash;    // of kind and value
    int32_t profile; // index into ids
    uint8_t kind;    // enum ident_kind
    bool is_key;     // it names the profile in its source
    uint16_t day;    // it was first said of the profile, in days since 1970
} sighting;

typedef struct {
    int32_t a, b; // indexes into ids
    bool joined;  // a person said: the same (true), or not the same
} group_verdict;

enum link_state { LINK_JOINED = 1, LINK_VETOED = 2, LINK_SPLIT = 3, LINK_TOLD = 4, LINK_ALIKE = 5 };

// What stands in a link for the identifier when profiles are alike.
#define LINK_ALIKE_HASH INT64_C(1)

// Two profiles that were compared.
typedef struct {
    int32_t a, b;  // indexes into ids
    int32_t milli; // thousandths of a bit
} group_alike;

typedef struct {
    int32_t a, b; // indexes into ids
    int64_t hash;
    uint8_t kind, state;
} group_link;

typedef struct {
    const identity_rules *rules; // NULL: those of everybody
    const int64_t *ids;          // profile ids
    const uint64_t *canon;       // what names each profile whatever its id: hash of source name and key identifier
    size_t n;
    sighting *seen; // reordered
    size_t n_seen;
    const group_verdict *verdicts;
    size_t n_verdicts;
    const group_alike *alike;
    size_t n_alike;
    int32_t join_milli;                             // from which mean two groups are one by likeness
    bool (*demoted)(const void *ctx, int64_t hash); // identifiers demoted already; may be NULL
    const void *ctx;
} group_in;

typedef struct {
    int64_t *customer; // per profile: the smallest profile id of its group
    group_link *links; // the reasons, joined and vetoed
    size_t n_links;
    sighting *demoted; // one per identifier that passed its limit here (profile: how many share it)
    size_t n_demoted;
} group_out;

void group_profiles(arena *a, const group_in *in, group_out *out);

#endif
