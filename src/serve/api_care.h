// What the handlers of policies, returns and hardship share: reading what is asked, and naming the field of a mistake.
#ifndef HEED_API_CARE_H
#define HEED_API_CARE_H

#include "serve/api_redlines.h"

// A message that begins with the name of a field in quotes is about this field.
bool fail_named(call *c, err *e, const err *why);
bool by_person(const call *c); // an account, not a key

#endif
