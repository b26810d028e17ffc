// bounce: what comes back: reports of mail servers (RFC 3464, and the many that are older or their own), and complaints
// (RFC 5965).
//
// Read into who it speaks of and what happened; then matched to a message of ours by its token (in the return path or
// the Message-ID), else by the address and the time. What is dead is told to the gate, which sends nothing there; a
// complaint withdraws consent; each is an event of the customer.
#ifndef HEED_BOUNCE_H
#define HEED_BOUNCE_H

#include "act/outbox.h"

enum bounce_kind {
    BOUNCE_NONE,      // no bounce: an automatic answer, something a person wrote, a success
    BOUNCE_HARD,      // there is no such address
    BOUNCE_SOFT,      // full, refused, not reached
    BOUNCE_DELAYED,   // they are still trying
    BOUNCE_COMPLAINT, // the reader calls it unwanted
};
const char *bounce_kind_name(enum bounce_kind k); // "none", "hard", "soft", "delayed", "complaint"

typedef struct {
    enum bounce_kind kind;
    str address; // of whom; may be empty
    str status;  // "5.1.1" (RFC 3463); empty: none was said
    int code;    // of SMTP; 0: none was said
    str words;   // of the server that refused, one line
} bounce_of;

enum { BOUNCE_MOST = 32, BOUNCE_BYTES = 4 << 20 };
typedef struct {
    bounce_of of[BOUNCE_MOST];
    size_t n;       // 0: it is no bounce
    str token;      // of our message, from a return path or a Message-ID; empty: neither is there
    str message_id; // of what came back, without < and >; empty: not there
    bool by_path;   // the token stood in a return path
} bounce_report;

// Never fails: what is not understood is no bounce. All in a.
void bounce_read(arena *a, str message, bounce_report *out);
// What one recipient's words mean. action as RFC 3464 has it; may be empty.
enum bounce_kind bounce_judge(str action, str status, int code, str words);
bool bounce_says(str words); // whether they hold anything that decides

typedef struct {
    int64_t matched, unmatched, known; // known: came before, and counts once
    enum bounce_kind kind;             // of the first
    int64_t outbox_id;                 // of the first that was matched
} bounce_taken;
// In an open transaction of the writer. Events follow by outbox_tell.
must_use bool bounce_take(ledger *l, arena *a, str message, bounce_taken *out, err *e);

#endif
