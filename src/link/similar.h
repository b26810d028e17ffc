// similar: how alike two short texts are, by the measures that record linkage trusts.
#ifndef HEED_LINK_SIMILAR_H
#define HEED_LINK_SIMILAR_H

#include "base/base.h"

// Jaro (1989) with Winkler's (1990) boost of 0.1 for each of up to four letters at the beginning, where Jaro is over
// 0.7. From 0 to 1; texts beyond 64 bytes are compared in their first 64.
double similar_names(str x, str y);
// One letter put in, left out, changed or swapped with its neighbour (Damerau 1964), or none.
bool similar_slip(str x, str y);

#endif
