// phone: numbers in E.164 through libphonenumber. C++ stays behind this header.
#ifndef HEED_PHONE_H
#define HEED_PHONE_H

#include "base/base.h"

// "0151 55501234" with region "DE" → "+4915155501234". Empty when it is no possible number that works from abroad.
// Region may be empty. The result given again stays as it is, in every region. Costs 15 to 40 microseconds unless the
// text is obviously something else: keep the answer where the same text comes often. Threads may call it at once.
str phone_e164(arena *a, str raw, str region);

#endif
