// today_duties: the part of `heed today` that is about our own word.
#ifndef HEED_TODAY_DUTIES_H
#define HEED_TODAY_DUTIES_H

#include "act/duties.h"
#include "cli/cli.h"

void today_duties(const cli *c, const duties *d, int64_t now_us); // nothing when there are none

#endif
