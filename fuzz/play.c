// play: any JSON is either read as a playbook's definition or refused with the place of the mistake; what is read leads
// from step to step forwards alone, so that every run ends.
#include "act/playbook.h"

static store *empty_store(void);

static void close_store(void) {
    store_close(empty_store());
}

// One for all inputs.
static store *empty_store(void) {
    static store *s;
    err e = {0};
    if (s) return s;
    if (!store_open(&s, S(":memory:"), (store_opts){.create = true}, &e) || atexit(close_store)) abort();
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static arena a;
    if (!a.base) a = arena_open((size_t)1 << 30);
    arena_reset(&a);
    play p;
    char field[PLAY_FIELD] = "";
    err e = {0};
    if (!play_read(&a, empty_store(), (str){(const char *)data, size}, &p, field, &e)) {
        assert(!err_ok(&e) && field[0]);
        return 0;
    }
    assert(p.n_steps > 0 && p.n_steps <= PLAY_STEPS && p.hold >= 0 && p.hold <= PLAY_MILLION / 2);
    for (int32_t i = 0; i < p.n_steps; i++) {
        const play_step *x = &p.steps[i];
        if (x->kind == STEP_branch || x->kind == STEP_jump) assert(x->otherwise > i && x->otherwise <= p.n_steps);
        if (x->kind == STEP_branch) assert(x->rule);
        if (x->kind == STEP_message) assert(x->template.len && x->gate);
        if (x->kind == STEP_wait) assert(x->wait_us > 0);
    }
    assert(play_words(&a, &p).len > 0);
    return 0;
}
