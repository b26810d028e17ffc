// What the files of the inbox share.
#ifndef HEED_INBOX_PRIVATE_H
#define HEED_INBOX_PRIVATE_H

#include "know/inbox.h"

#define INBOX_SINCE "inbox_since" // the setting from when on items are kept

inbox_item inbox_row_read(const row *r);                        // the columns of inbox_get
must_use bool inbox_since(store *s, int64_t *since_us, err *e); // INT64_MAX: not begun yet

#endif
