// names: what the customers of rows are called now, looked up for a whole page at once.
#ifndef HEED_NAMES_H
#define HEED_NAMES_H

#include "serve/route.h"

typedef struct {
    int64_t profile;  // as the row keeps it
    int64_t customer; // whose it is now; 0: nobody's any more
    str name;         // empty for whoever may not see customers
} customer_named;
must_use bool names_fill(call *c, customer_named *list, size_t n, err *e);

void put_name(json_out *j, const char *key, str name); // null when it is empty

#endif
