// talk: bytes that are read as a conversation are in order, store and read the same, and say who waits as the clock
// does; all others are refused as corrupt.
#include "know/talk.h"
#include "stats/clock.h"

#include <stdint.h>

static str encoded(arena *a, const talk *t) {
    buf b = buf_new(a, 64 << 20);
    talk_encode(&b, t);
    assert(!b.full);
    return buf_str(&b);
}

static int64_t waits_by_the_clock(arena a, const talk *t) {
    static const enum clock_who who[] = {CLOCK_OPENED, CLOCK_CUSTOMER, CLOCK_MACHINE, CLOCK_PERSON, CLOCK_SOLVED};
    clock_step *steps = make(&a, clock_step, t->n + 1);
    size_t n = 0;
    for (int32_t i = 0; i < t->n; i++)
        if (t->steps[i].who != TALK_note) steps[n++] = (clock_step){t->steps[i].at_us, who[t->steps[i].who]};
    clock_runs runs = clock_read(&a, steps, n, NULL, t->n ? t->steps[t->n - 1].at_us : 0);
    return runs.n ? runs.runs[runs.n - 1].waiting_us : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static arena memory;
    if (!memory.base) memory = arena_open((size_t)1 << 30);
    if (size > 1 << 16) return 0;
    arena a = memory;
    talk t, again, turned = {0};
    err e = {0};
    if (!talk_decode(&a, (str){(const char *)data, size}, &t, &e)) {
        assert(e.code == ERR_corrupt);
        return 0;
    }
    str once = encoded(&a, &t);
    assert(talk_decode(&a, once, &again, &e));
    assert(str_eq(once, encoded(&a, &again)));
    for (int32_t i = t.n - 1; i >= 0; i--)
        talk_take(&a, &turned, t.steps[i].at_us, (enum talk_who)t.steps[i].who, t.channel);
    if (t.n) assert(str_eq(once, encoded(&a, &turned)));
    bool plain = true; // instants that a calendar has, and none that stands for "never"
    for (int32_t i = 0; i < t.n; i++) plain = plain && t.steps[i].at_us && llabs(t.steps[i].at_us) < INT64_C(1) << 58;
    if (plain) assert(talk_now(&t).waiting_us == waits_by_the_clock(a, &t));
    return 0;
}
