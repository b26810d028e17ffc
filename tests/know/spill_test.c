// More events than memory gathers: what was spilled, merged and folded anew is what the events say, also after a crash.
#include "know/rig.h"

enum { N = 280000, STEP = 40000, PEOPLE = 5000 };

// People buy, write, are answered and answer; half of what they do is known by their number, half by their address.
// In the last tenth some tell both, so that customers with gathered events become one, and some events come again
// newer.
static void busy_events(arena *a, event *evs) {
    static const enum kind kinds[] = {KIND_order, KIND_message_in, KIND_message_out, KIND_answer, KIND_message_in};
    rng r = rng_seed(1);
    for (int i = 0; i < N; i++) {
        event *ev = &evs[i];
        int64_t who = rng_range(&r, 0, PEOPLE - 1);
        bool late = i > N / 10 * 9;
        *ev = event_of(late && i % 3 == 0 ? KIND_identify : kinds[i % 5],
                       (20000 + rng_range(&r, 0, 300)) * DAY_US + i + 1, str_z(a, str_fmt(a, "e%d", i)));
        bool both = ev->kind == KIND_identify, number = rng_chance(&r, 0.5);
        if (both || number) *ev = from(*ev, IDENT_user_id, str_z(a, str_fmt(a, "u%d", (int)who)));
        if (both || !number) *ev = from(*ev, IDENT_email, str_z(a, str_fmt(a, "m%d@x.org", (int)who)));
        if (ev->kind == KIND_order) ev->value = rng_range(&r, 1, 9000), ev->has_value = true, ev->unit = 978;
        if (ev->kind == KIND_answer)
            ev->value = rng_range(&r, 0, 10) * 100, ev->has_value = true, ev->unit = INSTRUMENT_nps;
        if (kind_class(ev->kind) == CLASS_TALK) ev->thread = str_fmt(a, "t%d", (int)who);
        if (late && i % 10 == 1) {
            const event *old = &evs[rng_range(&r, 0, N / 2)];
            event newer = *old;
            newer.edited_us = newer.at_us + i, newer.value += 100;
            *ev = newer;
        }
    }
}

static uint64_t run(const event *evs, bool crash) {
    rig r;
    rig_open(&r, FOLDER);
    for (int i = 0; i < N; i += STEP) rig_put(&r, evs + i, STEP);
    if (crash)
        assert_true(rig_crash(&r) > N / 2);
    else
        rig_flush(&r);
    assert_verified(&r);
    uint64_t p = portrait(&r);
    rig_close(&r);
    return p;
}

static void what_was_spilled_comes_back(void **state) {
    if (on_server(state)) return; // gathering knows nothing of the store
    arena a = arena_open((size_t)1 << 30);
    event *evs = make(&a, event, N);
    busy_events(&a, evs);
    assert_true(run(evs, false) == run(evs, true));
    arena_close(&a);
}

int main(void) {
    struct CMUnitTest tests[] = {cmocka_unit_test(what_was_spilled_comes_back)};
    return rig_run(tests, COUNT(tests));
}
