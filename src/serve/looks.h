// looks: that somebody looked at what is known of a customer is noted once an hour for each of them, however often they
// come back to the page.
#ifndef HEED_LOOKS_H
#define HEED_LOOKS_H

#include "serve/route.h"

typedef struct looks looks;
looks *looks_open(void);
void looks_close(looks *l); // NULL is fine

// Notes "customer.look" in the audit log unless that was done within the hour. Nothing is shown that could not be
// noted.
must_use bool look(call *c, int64_t customer, err *e);

#endif
