// What the handlers of customers, feedback and segments share: how people and what they did are written as JSON.
#ifndef HEED_API_CUSTOMERS_H
#define HEED_API_CUSTOMERS_H

#include "base/civil.h"
#include "know/consent.h"
#include "know/foresee.h"
#include "know/page.h"
#include "know/people.h"
#include "know/segment.h"
#include "know/voices.h"
#include "serve/handlers.h"
#include "serve/looks.h"
#include "serve/server.h"

void put_money(json_out *j, const char *key, int64_t minor, int32_t unit); // null without a currency
void put_card(json_out *j, const people_card *p);
void put_foresight(json_out *j, const char *key, const foresight *f);         // shape foresight
void put_figures(json_out *j, const char *key, const summary *s, bool there); // null unless there is a summary
must_use bool put_moment(call *c, const sources *all, const record *m, err *e);
// How heed read the words of an event: "heard", null where there are none that it understood.
must_use bool put_heard(call *c, const record *m, err *e);
void put_voice(json_out *j, const char *key, const voice *v);

// ?since= and ?until=: days, times, or how long ago, in the store's zone; 0 when not given.
must_use bool in_times(call *c, int64_t *since_us, int64_t *until_us, err *e);
must_use bool in_channel(call *c, const char *name, str x, int64_t *channel, err *e); // -1 when empty

// Everything that a customer's page shows, and the tag of that state.
typedef struct {
    person p;
    sources *all;
    page_wait *waits;
    size_t n_waits;
    consent *consents;
    size_t n_consents;
    record *moments;
    size_t n_moments;
    bool more;
    int64_t version;
} customer_view;
// ERR_not_found names the customer.
must_use bool customer_view_read(call *c, int64_t id, customer_view *v, err *e);

// Of the members of one segment alone: 'segment' of the query; rule NULL without one.
must_use bool in_members(call *c, int64_t *segment, segment_rule **rule, err *e);

#endif
