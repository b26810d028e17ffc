// many: one page shows many comparisons, and some would look like changes by chance. The false discovery rate is held
// at 5 % over the page (F43), and only what survives that gets a verdict.
#ifndef HEED_MANY_H
#define HEED_MANY_H

#include "stats/estimate.h"

// Benjamini-Hochberg: adjusted[i] < 0.05 keeps the share of false alarms among the alarms below 5 %. A p that is NAN
// was not tested: it stays NAN and counts for nothing. adjusted may be p.
void many_adjust(arena scratch, const double *p, double *adjusted, size_t n);

#define SIGNIFICANT 0.05

// better is +1 when more is better, −1 when less is, 0 when neither (then there is no better or worse, and the verdict
// is NONE unless nothing changed). A verdict needs both estimates OK (else TOO_FEW, or NONE without a number), an
// interval of the difference that excludes 0, and the adjusted p below 0.05.
enum verdict verdict_of(const estimate *now, const estimate *before, const change *c, int better, double adjusted_p);
const char *verdict_text(enum verdict v); // "clearly better"

#endif
