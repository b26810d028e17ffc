#include "sample/queue.h"

enum { BLOCK_BITS = 10, BLOCK = 1 << BLOCK_BITS, BLOCKS = 1 << 18, HOUR_S = 3600 };

size_t queue_memory(int64_t customers, int64_t end_s) {
    int64_t hours = end_s / HOUR_S + 1;
    return (size_t)(customers * 96 + hours * (int64_t)(sizeof(uint32_t) + sizeof(box))) + BLOCKS * sizeof(box *) +
           (16 << 20);
}

void queue_init(arena *a, queue *q, int64_t end_s) {
    *q = (queue){.a = a, .end_s = end_s, .hour = -1};
    q->first = make(a, uint32_t, queue_hours(q));
    q->block = make(a, box *, BLOCKS);
    q->cap_near = 1024;
    q->near = make(a, moment, q->cap_near);
}

int64_t queue_hours(const queue *q) {
    return (q->end_s + HOUR_S - 1) / HOUR_S;
}

static box *box_at(const queue *q, uint32_t i) {
    return &q->block[(i - 1) >> BLOCK_BITS][(i - 1) & (BLOCK - 1)];
}

static uint32_t empty_box(queue *q) {
    if (q->spare) {
        uint32_t i = q->spare;
        q->spare = box_at(q, i)->next;
        return i;
    }
    if ((q->made & (BLOCK - 1)) == 0) {
        assert(q->made >> BLOCK_BITS < BLOCKS);
        q->block[q->made >> BLOCK_BITS] = make(q->a, box, BLOCK);
    }
    return ++q->made;
}

// Ties are broken by customer and then by what happens, so that the order never depends on the heap's shape.
static bool before(const moment *x, const moment *y) {
    if (x->at_s != y->at_s) return x->at_s < y->at_s;
    if (x->who != y->who) return x->who < y->who;
    if (x->what != y->what) return x->what < y->what;
    return x->thread < y->thread;
}

static void near_add(queue *q, moment m) {
    if (q->n_near == q->cap_near) {
        moment *more = make(q->a, moment, q->cap_near * 2);
        memcpy(more, q->near, q->n_near * sizeof *more);
        q->near = more;
        q->cap_near *= 2;
    }
    size_t i = q->n_near++;
    for (; i > 0 && before(&m, &q->near[(i - 1) / 2]); i = (i - 1) / 2) q->near[i] = q->near[(i - 1) / 2];
    q->near[i] = m;
}

void queue_add(queue *q, int64_t at_s, moment m) {
    if (at_s >= q->end_s) return;
    m.at_s = (uint32_t)at_s;
    int64_t hour = at_s / HOUR_S;
    assert(hour >= q->hour);
    if (hour == q->hour) {
        near_add(q, m);
        return;
    }
    uint32_t i = q->first[hour];
    if (!i || box_at(q, i)->n == BOX_MOMENTS) {
        i = empty_box(q);
        *box_at(q, i) = (box){.next = q->first[hour]};
        q->first[hour] = i;
    }
    box *b = box_at(q, i);
    b->m[b->n++] = m;
}

void queue_open(queue *q, int64_t hour) {
    assert(hour > q->hour && q->n_near == 0);
    q->hour = hour;
    for (uint32_t i = q->first[hour]; i;) {
        box *b = box_at(q, i);
        for (uint32_t k = 0; k < b->n; k++) near_add(q, b->m[k]);
        uint32_t next = b->next;
        b->next = q->spare;
        q->spare = i;
        i = next;
    }
}

bool queue_take(queue *q, moment *m) {
    if (!q->n_near) return false;
    *m = q->near[0];
    moment last = q->near[--q->n_near];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= q->n_near) break;
        if (child + 1 < q->n_near && before(&q->near[child + 1], &q->near[child])) child++;
        if (!before(&q->near[child], &last)) break;
        q->near[i] = q->near[child];
        i = child;
    }
    q->near[i] = last;
    return true;
}
