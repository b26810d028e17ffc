// intern: every distinct text of a column once, numbered from 1 in the order of appearance; 0 is the missing text.
#ifndef HEED_LINK_INTERN_H
#define HEED_LINK_INTERN_H

#include "link/room.h"

typedef struct {
    uint32_t n;      // distinct texts, the missing one included
    uint32_t *at;    // [n + 1] where text i begins; it ends where the next begins
    uint32_t *count; // [n] how often it was given; [0] counts the missing
    char *bytes;
    uint64_t *slot; // open addressing: upper half a piece of the hash, lower half the number
    size_t cap_at, cap_count, cap_bytes, cap;
} intern;

intern intern_open(void);
void intern_close(intern *t);
uint32_t intern_put(intern *t, str x); // its number, counted once more; at most 2^32 bytes of texts in all
// The same in two steps, for many texts at a time: what putting will read is asked for ahead, step 0 before step 1
// before step 2.
uint64_t intern_hash(str x);
void intern_ask(const intern *t, uint64_t hash, int step);
uint32_t intern_put_hashed(intern *t, str x, uint64_t hash);
uint32_t intern_find(const intern *t, str x); // 0 when absent
str intern_text(const intern *t, uint32_t i);
void intern_done(intern *t);  // gives back what only putting needs; after it nothing is put or found
void intern_again(intern *t); // until this

#endif
