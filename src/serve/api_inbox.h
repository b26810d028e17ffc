// What the files of the inbox's API share.
#ifndef HEED_API_INBOX_H
#define HEED_API_INBOX_H

#include "act/inbox_card.h"
#include "act/inbox_reply.h"
#include "serve/api_customers.h"

// Writes items as a list shows them; what it needs of each is read here. key: NULL inside a list.
must_use bool put_inbox_item(call *c, const char *key, const inbox_item *x, int64_t customer, err *e);
void put_inbox_text(json_out *j, const char *key, str v);                         // null when empty
must_use bool put_inbox_owner(call *c, const char *key, int64_t account, err *e); // null for 0
void put_inbox_owed(json_out *j, const char *key, const inbox_owed *x);           // NULL: null
void put_inbox_gate(call *c, const char *key, const gate_answer *x);              // what only few may know is left out
must_use bool in_inbox(call *c, inbox_item *x, int64_t *customer, err *e);        // of the path
int64_t inbox_me(const call *c);                                                  // the account that asks; 0: a key

#endif
