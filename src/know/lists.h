// lists: growing arrays of ids, and ids as JSON for statements that take a list.
#ifndef HEED_LISTS_H
#define HEED_LISTS_H

#include "know/group.h"
#include "store/store.h"

enum { LIST_IDS = 1000 };

static inline void list_push(arena *a, int64_t **list, size_t *n, size_t *room, int64_t v) {
    if (*n == *room) {
        int64_t *more = make(a, int64_t, *room = *room ? *room * 2 : 64);
        if (*n) memcpy(more, *list, *n * sizeof *more);
        *list = more;
    }
    (*list)[(*n)++] = v;
}

size_t list_unique(int64_t *ids, size_t n); // sorts them, each once; gives how many stay
// The customers of some profiles, each as often as it has one of them. Lives in a.
must_use bool list_customers(arena *a, store *s, const int64_t *profiles, size_t n, int64_t **customers, size_t *n_out,
                             err *e);
str list_json(arena *a, const int64_t *ids, size_t n); // "[1,2,3]"

// What a person said of two profiles: LINK_TOLD or LINK_SPLIT.
must_use bool link_say(store *s, int64_t a, int64_t b, enum link_state state, str by, err *e);
// Writes the links of a grouping.
must_use bool links_write(store *s, arena scratch, const int64_t *ids, const group_out *g, err *e);

#endif
