// What the files of `heed inbox` share.
#ifndef HEED_INBOX_CMD_H
#define HEED_INBOX_CMD_H

#include "act/inbox_reply.h"
#include "base/civil.h"
#include "cli/desk.h"

typedef struct {
    str tab, sort, channel, kind, mood, assignee, topic, words;
    int64_t segment, customer, most;
    bool promise;
    str to, until, as, subject, lang, undo;
    strs add, drop;
    bool done, elsewhere;
} inbox_opts;

// The command at hand, with a store to read.
typedef struct {
    cli *c;
    const inbox_opts *o;
    store *s;
    zone *z;
    int64_t now_us;
} inbox_at;

// An account by its address or number; 0 for "nobody" and an empty one.
must_use bool inbox_account(const inbox_at *x, str text, int64_t *id, err *e);
str inbox_account_name(const inbox_at *x, int64_t id); // empty when there is none
must_use bool inbox_list_run(inbox_at *x, err *e);
must_use bool inbox_show_run(inbox_at *x, err *e);
void inbox_print(inbox_at *x, const inbox_item *i, str undo); // after a change: where it stands now

#endif
