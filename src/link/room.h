// room: arrays that grow while a file of unknown length is read. They are the heap's, because growing a large block
// there moves its pages and copies nothing.
#ifndef HEED_LINK_ROOM_H
#define HEED_LINK_ROOM_H

#include "base/base.h"

// p, an array with room for *cap items of the size, with room for need items; what is new is not zeroed. Stops the
// program when memory is refused.
void *room_for(void *p, size_t *cap, size_t need, size_t size);

#define ROOM_FOR(p, cap, need) ((p) = room_for((p), (cap), (need), sizeof *(p)))

#endif
