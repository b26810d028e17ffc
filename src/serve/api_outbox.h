// What the files of the outbox's API share.
#ifndef HEED_API_OUTBOX_H
#define HEED_API_OUTBOX_H

#include "serve/route.h"

void put_id(json_out *j, const char *key, int64_t id); // null when 0

#endif
