// live: what happened, told to pages that are open, as server-sent events.
//
// Messages stand in a ring with rising numbers; each stream reads on from where it is, and a browser that comes back
// (Last-Event-ID) gets what it missed, or `reset` when that is gone from the ring. A slow page costs nobody anything.
#ifndef HEED_LIVE_H
#define HEED_LIVE_H

#include "base/base.h"

typedef struct live live;
// first: the number of the first message. The time of the start, so that numbers go on rising when heed starts again.
live *live_open(int64_t first);
void live_close(live *l);

// topic: a row of topics.def; any other is told to nobody. data: JSON; what is longer than 16 KiB becomes null, and the
// page reads anew.
void live_tell(live *l, str topic, str data);

// Where a stream is.
typedef struct {
    uint64_t next;
    uint64_t needs; // bits of enum need of its reader: topics they may not see are left out
    bool reset;     // it missed something, and is to be told so
} live_at;
live_at live_join(live *l, str last_event_id, uint64_t needs);
// What there is to send, at most `most` bytes (32 KiB or more); 0: nothing, wait for wake.
size_t live_read(live *l, live_at *at, char *into, size_t most);
// Called (on the teller's thread, with nothing of live locked) whenever something was told. NULL: nobody.
void live_on_wake(live *l, void (*wake)(void *ctx), void *ctx);

#endif
