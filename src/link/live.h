// live: records that come one at a time to a table that was linked already: each is compared with the blocks it falls
// into, and the groups it touches are decided again, as a run over all records with the same fit would have done.
//
// What was learned stays as it is, the rarity of values included; learn again when much has come. Rules of words are
// not looked at, and tables of full names or texts are refused: their words are not kept one by one.
#ifndef HEED_LINK_LIVE_H
#define HEED_LINK_LIVE_H

#include "link/cluster.h"
#include "link/model.h"

typedef struct link_live link_live;

// t and m stay the caller's but grow with what comes; cluster: of every row of t, as link_cluster made it of p with
// even odds. ERR_conflict for a table of texts.
must_use bool link_live_open(link_live **out, link_table *t, link_model *m, const link_pairs *p,
                             const uint32_t *cluster, err *e);
void link_live_close(link_live *l); // NULL is fine

typedef struct {
    uint32_t row;           // of the record that came
    const link_pair *pairs; // it is a part of, by the other record; until the next one comes
    size_t n;
    uint32_t compared, cluster; // its smallest row
} link_arrival;

// cells: a row of the file, as wide as its line of names.
must_use bool link_live_add(link_live *l, const str *cells, int n, link_arrival *out, err *e);
// Of what the weight of a pair is the sum; see link_explain.
size_t link_live_explain(link_live *l, arena *a, const link_pair *p, link_part **parts);
// As if the record had never been there; its row stays, alone and without pairs.
must_use bool link_live_drop(link_live *l, uint32_t row, err *e);
uint32_t link_live_cluster(const link_live *l, uint32_t row);

#endif
