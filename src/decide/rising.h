// rising: topics and words that customers use more often now than in the thirteen weeks before.
#ifndef HEED_RISING_H
#define HEED_RISING_H

#include "decide/today.h"

// Four weeks against the thirteen before (F41), false discoveries held at 5 % over all terms tested. Where themes were
// looked for within eight days and any of them or of the topics rises, these instead of words, in people.
must_use bool rising_find(arena *a, store *s, int64_t now_us, int most, today *out, err *e);

#endif
