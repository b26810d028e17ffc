// company_inbox: what the people of the sample company have done in the inbox: conversations taken, put aside and noted
// something on, a few single words dealt with. It is told as the source "sample-heed" and goes with the company, as do
// the accounts of those people, with which nobody can sign in.
#ifndef HEED_COMPANY_INBOX_H
#define HEED_COMPANY_INBOX_H

#include "know/stages.h"

// In transactions of its own, once the company's events are in and stages up to date; nothing when it was done before.
must_use bool company_inbox(ledger *l, err *e);

#endif
