// topic_check: proves that what people said of words is what stands of their topics. What was learned is not proved: it
// is made anew.
#ifndef HEED_TOPIC_CHECK_H
#define HEED_TOPIC_CHECK_H

#include "store/store.h"

// Words that wait to be looked at are left out. first: what differs first, where nothing did before; lives in a.
must_use bool topic_check_all(arena *a, store *s, int64_t *differences, str *first, err *e);

#endif
