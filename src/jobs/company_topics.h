// company_topics: the taxonomy of the sample company, with what its people said of some words. Marked as sample, and
// goes with the company.
#ifndef HEED_COMPANY_TOPICS_H
#define HEED_COMPANY_TOPICS_H

#include "know/stages.h"

// In transactions of its own, once the company's events are in and stages up to date; nothing when it was done before.
must_use bool company_topics(ledger *l, err *e);
// In a transaction: topics of other people that stand below those of the company come to the top.
must_use bool company_topics_forget(store *s, err *e);

#endif
