// keep: what was learnt of a table, kept so that records that come later can be judged without that table.
//
// It holds the fit and how common the values of the fields are, as one JSON text. Records that come one at a time make
// a small table of the same fields; its score is that of the fit, with the rarity of values as they were learnt.
#ifndef HEED_LINK_KEEP_H
#define HEED_LINK_KEEP_H

#include "base/map64.h"
#include "link/model.h"

// A value is kept when it is common enough to weigh less than a rare one; at most so many of a field, the commonest.
enum { LINK_KEPT_VALUES = 20000 };

typedef struct {
    int n_fields;
    enum link_kind kind[LINK_FIELDS];
    enum link_part part[LINK_FIELDS];
    float unknown[LINK_FIELDS]; // what agreeing on a value adds that is not among the kept ones
    map64 rare[LINK_FIELDS];    // hash of the value → what it adds, in grains
    link_fit fit;
    uint32_t rows; // it was learnt from
    float join;    // bits from which two records are one without asking anybody,
    float ask;     // and from which it is worth asking
} link_keep;

// What a table taught, with the weights from which to join and to ask.
void link_keep_write(const link_model *m, float join, float ask, buf *out);
// ERR_invalid when the text is none of ours.
must_use bool link_keep_read(arena *a, str text, link_keep *out, err *e);
void link_keep_close(link_keep *k);

// The score of a table of the same fields; closed by link_score_close. ERR_conflict when the fields differ.
must_use bool link_keep_score(const link_keep *k, const link_table *t, link_score *s, err *e);

#endif
