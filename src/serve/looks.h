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

// Who reads what customers said is noted, too, once an hour: "customer.look" where it is of one customer, else
// "words.look" with the address. The dispatcher does it for every route that is marked ROUTE_WORDS, unless its handler
// noted something better; who may see figures only is shown no words.
must_use bool look_words(call *c, err *e);

#endif
