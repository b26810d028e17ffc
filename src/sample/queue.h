// queue: what is going to happen, handed out in the order of time. A calendar queue: future moments lie in the boxes of
// their hour, the open hour is a heap. Adding and taking cost the same at 500 customers and at ten million.
#ifndef HEED_SAMPLE_QUEUE_H
#define HEED_SAMPLE_QUEUE_H

#include "base/base.h"

// One thing that will happen to one customer. The meaning of thread, arg and the small bytes is its handler's.
typedef struct {
    uint32_t at_s; // seconds since the span began
    uint32_t who;  // customer
    uint32_t thread;
    uint32_t arg;
    uint8_t what, a, b, c;
} moment;

enum { BOX_MOMENTS = 12 };
typedef struct {
    uint32_t next; // box number + 1; 0 none
    uint32_t n;
    moment m[BOX_MOMENTS];
} box;

typedef struct {
    arena *a;
    int64_t end_s;   // moments at or after it never happen and are dropped
    uint32_t *first; // per hour, number + 1 of the box that is being filled; 0 none
    box **block;     // boxes lie in blocks that are allocated as they are needed
    uint32_t made, spare;
    moment *near; // the open hour, a heap
    size_t n_near, cap_near;
    int64_t hour;
} queue;

size_t queue_memory(int64_t customers, int64_t end_s);
void queue_init(arena *a, queue *q, int64_t end_s);
int64_t queue_hours(const queue *q);
void queue_add(queue *q, int64_t at_s, moment m); // at_s replaces m.at_s; never before the moment taken last
void queue_open(queue *q, int64_t hour);          // hours in ascending order, each once, when the one before is empty
bool queue_take(queue *q, moment *m);             // the open hour's earliest; false when it has no more

#endif
