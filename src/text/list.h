// list: items of one type one after the other, that grow by doubling. What is in a list moves when it grows.
#ifndef HEED_LIST_H
#define HEED_LIST_H

#include "base/base.h"

typedef struct {
    arena a;
    char *v;
    size_t n, room;
} list;

// Room for n more items of a size at the end; they are not zeroed.
static inline void *list_grow(list *l, size_t size, size_t n) {
    if (l->n + n > l->room || !l->v) {
        const size_t room = MAX(MAX(l->room * 2, l->n + n), (size_t)64);
        arena a = arena_open(room * size + 128);
        char *v = arena_alloc(&a, size, 64, room);
        if (l->n) memcpy(v, l->v, l->n * size);
        arena_close(&l->a);
        *l = (list){a, v, l->n, room};
    }
    void *p = l->v + l->n * size;
    l->n += n;
    return p;
}

static inline void list_free(list *l) {
    arena_close(&l->a);
    *l = (list){0};
}

#define list_add(l, T, count) ((T *)list_grow((l), sizeof(T), (count)))
#define list_of(l, T)         ((T *)(void *)(l)->v)

#endif
