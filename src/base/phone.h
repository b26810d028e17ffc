// phone: numbers in E.164 through libphonenumber, and Unicode text through ICU. C++ stays behind this header.
#ifndef HEED_PHONE_H
#define HEED_PHONE_H

#include "base/base.h"

// "0151 55501234" with region "DE" → "+4915155501234". Empty when it is no possible number. Region may be empty.
str phone_e164(arena *a, str raw, str region);

#endif
