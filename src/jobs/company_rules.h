// company_rules: what the sample company has decided, and what follows from it: red lines, envelopes, service
// standards, policies, some goodwill given, two requests that wait for a signature, a customer in hardship. Everything
// is marked as sample and goes with it.
#ifndef HEED_COMPANY_RULES_H
#define HEED_COMPANY_RULES_H

#include "know/stages.h"

// In transactions of its own, once the company's events are in; nothing when it was done before.
must_use bool company_rules(ledger *l, err *e);

#endif
