// What the files of the inbox share.
#ifndef HEED_INBOX_PRIVATE_H
#define HEED_INBOX_PRIVATE_H

#include "base/json.h"
#include "know/inbox.h"

#define INBOX_SINCE "inbox_since" // the setting from when on items are kept

inbox_item inbox_row_read(const row *r); // the columns of inbox_get; not when a single word was answered
must_use bool inbox_since(store *s, int64_t *since_us, err *e); // INT64_MAX: not begun yet

inbox_item inbox_item_of_talk(int64_t profile, int64_t thread, int64_t source_id, const talk *t);
// Fills what follows from what it is; false when it is no matter for the inbox.
bool inbox_item_of_voice(inbox_item *x, bool has_words);
inbox_step inbox_step_read(arena *a, const row *r); // the columns of inbox_step_of
// Events of kind handled and labelled. Texts are those of doc.
void inbox_step_of_event(const record *r, const json_t *doc, inbox_step *out);
bool inbox_label_of(const record *r, const json_t *doc, size_t i, inbox_label *out); // the i-th; false after the last
// What people of ours did, and that put onto an item.
must_use bool inbox_fold_steps(arena *a, store *s, int64_t id, inbox_item *marks, err *e);
void inbox_put_marks(inbox_item *x, const inbox_item *marks);

#endif
