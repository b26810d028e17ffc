// inbox_tell: how what people of ours do in the inbox becomes events: for the files of act/inbox_….
#ifndef HEED_INBOX_TELL_H
#define HEED_INBOX_TELL_H

#include "act/inbox_reply.h"
#include "base/json.h"

// What is said of an item.
typedef struct {
    enum kind kind;
    enum inbox_step_what step; // of KIND_handled
    int64_t value;
    str words, lang, subject;
    str more; // further members of the body
} inbox_saying;

// An item, a moment and a sort name an event, so that what is taken back is found again.
str inbox_sort_of_event(const record *r, const json_t *doc);
str inbox_ext(arena *a, const inbox_item *x, int64_t at_us, str sort);
event inbox_event(arena *a, const inbox_item *x, const inbox_saying *k, const inbox_hand *h, int64_t at_us);
must_use bool inbox_place(ledger *l, const inbox_item *x, int64_t *source, int64_t *import, err *e);
// At most three at once, in this order; then the inbox is up to date. undo may be NULL.
must_use bool inbox_tell(ledger *l, arena *a, const inbox_item *x, const inbox_saying *list, int32_t n,
                         const inbox_hand *h, str *undo, err *e);

#endif
