// inbox_reply: answers to what stands in the inbox, and everything else that people of ours do there, told as events.
//
// What is told of an item belongs to its own profile and conversation, whichever source knows them: so a conversation
// that is done here is done for every measure, and it goes where its customer goes. What is taken back is the same
// event once more, saying nothing. All of it runs in transactions of its own.
#ifndef HEED_INBOX_REPLY_H
#define HEED_INBOX_REPLY_H

#include "act/outbox.h"
#include "know/inbox.h"

#define INBOX_TEMPLATE "inbox" // of its messages in the outbox; their occasion is "ITEM:ONCE"

// Does an answer go out by mail? Else it is given where the customer wrote, and noted here.
bool inbox_by_mail(const inbox_item *x);

// Who does it.
typedef struct {
    str by;   // "account:3"
    str name; // as customers and colleagues read it
} inbox_hand;

// Each fills *undo with what inbox_undo takes back, unless it is NULL. Lives in a. ERR_conflict says why not.
must_use bool inbox_assign(ledger *l, arena *a, const inbox_item *x, int64_t account, const inbox_hand *h, str *undo,
                           err *e);
must_use bool inbox_put_aside(ledger *l, arena *a, const inbox_item *x, int64_t until_us, const inbox_hand *h,
                              str *undo, err *e); // until_us 0: not any more
must_use bool inbox_finish(ledger *l, arena *a, const inbox_item *x, const inbox_hand *h, str *undo, err *e);
must_use bool inbox_reopen(ledger *l, arena *a, const inbox_item *x, const inbox_hand *h, str *undo, err *e);
must_use bool inbox_take_note(ledger *l, arena *a, const inbox_item *x, str words, const inbox_hand *h, err *e);
bool inbox_undo_at(str undo, int64_t *at_us); // when that was said; false: it is none
must_use bool inbox_undo(ledger *l, arena *a, const inbox_item *x, str undo, const inbox_hand *h, err *e);

enum { INBOX_TOPICS = 20, INBOX_TOPIC_MOST = 60 };
typedef struct {
    const str *add, *drop;
    size_t n_add, n_drop;
    int64_t key; // of the message; 0: the customer's last
} inbox_relabel;
must_use bool inbox_say_topics(ledger *l, arena *a, const inbox_item *x, const inbox_relabel *r, const inbox_hand *h,
                               str *undo, err *e);

// "3h", "2d", "1w" from now; a day begins at eight in the morning; or a time. ERR_invalid otherwise, or when it is
// past, or more than a year away.
must_use bool inbox_until(str text, const zone *z, int64_t now_us, int64_t *until_us, err *e);

// ---- answers ----

enum { INBOX_CALL_BACK_S = 12 }; // so long an answer rests in the outbox, where whoever sent it can call it back

enum inbox_fate {
    REPLY_QUEUED,
    REPLY_NOTED,     // it was given elsewhere
    REPLY_KEPT_BACK, // by the gate; nothing was done
    REPLY_MADE_UP,   // a customer of the sample company: nothing is sent
};
const char *inbox_fate_name(enum inbox_fate f);
typedef struct {
    str words, subject, lang; // subject and lang: those of the conversation when empty
    str once;                 // two under one name are one
    bool elsewhere;           // it was said where the customer wrote
    bool done;                // the matter is solved with it
} inbox_reply;
typedef struct {
    enum inbox_fate fate;
    gate_answer gate;
    int64_t message; // in the outbox; 0: none
} inbox_replied_by;
must_use bool inbox_answer(ledger *l, arena *a, const inbox_item *x, int64_t customer, const inbox_reply *r,
                           const inbox_hand *h, inbox_replied_by *out, err *e);

// What an answer is about, and in which language: as given, else as the conversation has it.
must_use bool inbox_subject(arena *a, store *s, const inbox_item *x, str subject, str lang, str *subject_out,
                            str *lang_out, err *e);

// Answers that were written here, the first first.
typedef struct {
    int64_t id, at_us, next_us;
    enum outbox_state state;
    bool told; // it is told as an event by now
    str subject, words, by, from_name, reply, occasion;
} inbox_sent;
must_use bool inbox_replies(arena *a, store *s, const inbox_item *x, int64_t customer, inbox_sent **out, size_t *n,
                            err *e);

// For whoever tells what was sent: the item that a message of the outbox answers. False with e clear: none.
must_use bool inbox_of_message(store *s, const outbox_row *o, inbox_item *out, err *e);
// A sent answer came back: its item waits for us again, unless somebody has answered anew since. Told twice it is told
// once.
must_use bool inbox_came_back(ledger *l, arena *a, const outbox_row *o, str words, err *e);
// Answers that did not go out: their items are open again.
must_use bool inbox_settle(ledger *l, arena *a, err *e);

#endif
