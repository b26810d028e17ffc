// backup: a copy of the store that has been read again, and a folder that holds the newest few.
#ifndef HEED_BACKUP_H
#define HEED_BACKUP_H

#include "store/store.h"

// A backup counts when it opens, its pages are sound, and it holds as many events as the store it came from.
must_use bool backup_check(str to, int64_t events, err *e);

// Copies the store into a new folder inside of `folder`, named by the time (heed-2026-01-31T020000Z), checks it, and
// removes the oldest of its kind beyond `keep`. Nothing else in the folder is touched.
typedef struct {
    str to;
    int64_t events, removed;
} backed_up;
must_use bool backup_into(arena *a, store *s, str folder, int64_t keep, int64_t now_us,
                          void (*progress)(void *ctx, int64_t done, int64_t total), void *ctx, backed_up *out, err *e);

#endif
