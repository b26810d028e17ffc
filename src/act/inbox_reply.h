// inbox_reply: answers to what stands in the inbox, and everything else that people of ours do there, told as events.
//
// What is told of an item belongs to its own profile and conversation, whichever source knows them: so a conversation
// that is done here is done for every measure, and goes where its customer goes.
#ifndef HEED_INBOX_REPLY_H
#define HEED_INBOX_REPLY_H

#include "act/outbox.h"
#include "know/inbox.h"

#define INBOX_TEMPLATE "inbox" // of its messages in the outbox; their occasion is "ITEM:ONCE"

// Does an answer go out by mail? Else it is given where the customer wrote, and noted here.
bool inbox_by_mail(const inbox_item *x);

// Answers that were written here, the first first.
typedef struct {
    int64_t id, at_us, next_us;
    enum outbox_state state;
    bool told; // it is told as an event by now
    str subject, words, by, from_name, reply, occasion;
} inbox_sent;
must_use bool inbox_replies(arena *a, store *s, const inbox_item *x, int64_t customer, inbox_sent **out, size_t *n,
                            err *e);

#endif
