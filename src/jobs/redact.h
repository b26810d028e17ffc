// redact: what shops ask of personal data by webhook: payloads that are no events but requests.
//
// Shopify obliges every app to take them (customers/data_request, customers/redact, shop/redact). They become requests
// as those of people do (jobs/privacy.h).
#ifndef HEED_REDACT_H
#define HEED_REDACT_H

#include "jobs/privacy.h"
#include "listen/signature.h"

typedef struct {
    str kind;     // of PRIVACY_KINDS; empty: nobody in particular is meant, and `why` says what to do
    str subjects; // JSON, as privacy_make takes it
    str why;
} redact_ask;

// Whether a payload of this scheme asks something of the kind. Texts live in a.
bool redact_asked(arena *a, const scheme *s, const sent *q, redact_ask *out);

#endif
