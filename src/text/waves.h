// waves: the place of a text among all others, as numbers of which a sum can be any smooth function of it. A plain sum
// of an embedding's numbers parts texts by a plane; a sum of waves also finds a label that lies in several places.
//
// Products of waves are as exp(-g² |x - y|² / 2) would be (random Fourier features, Rahimi & Recht 2007), with
// directions at right angles, made by signs and a Hadamard transform (Yu et al. 2016).
#ifndef HEED_TEXT_WAVES_H
#define HEED_TEXT_WAVES_H

#include "text/encoder.h"

enum { WAVES = 2 * EMBEDDING };

// Of an embedding of any length but zero, for which all are zero.
void waves_of(const float *embedding, float *out);

#endif
