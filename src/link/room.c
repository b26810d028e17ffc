#include "link/room.h"

void *room_for(void *p, size_t *cap, size_t need, size_t size) {
    if (need <= *cap) return p;
    const size_t more = MAX(MAX(*cap * 2, need), 64);
    p = realloc(p, more * size);
    if (!p) {
        fprintf(stderr, "link: no memory for %zu bytes\n", more * size);
        abort();
    }
    *cap = more;
    return p;
}
