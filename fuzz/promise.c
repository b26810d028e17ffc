// promise: whatever the words are, what is noticed lies within them and in order, is due after it was said, and is the
// same again when read again.
#include "text/promise.h"

static arena memory;
static zone *berlin;

static void open_once(void) {
    err e = {0};
    if (berlin) return;
    memory = arena_open((size_t)1 << 30);
    if (!zone_open(&memory, S("Europe/Berlin"), &berlin, &e)) abort();
}

static void within(str text, const promise *p, size_t from, int64_t said_us) {
    assert(p->from >= from && p->from < p->to && p->to <= text.len);
    assert(p->words.s == text.s + p->from && p->words.len == p->to - p->from);
    assert(p->due_us == 0 || p->due_us > said_us);
    assert((p->due_us == 0) == (p->due_words.len == 0));
    assert(p->kind < PROMISE_KINDS && p->why.len > 0 && p->sure > 0 && p->sure < 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    open_once();
    if (size > 1 << 14) return 0;
    arena a = memory;
    promise found[64], again[64];
    const str text = {(const char *)data, size};
    promise_context ctx = {.when = {.said_us = INT64_C(1773219600) * SECOND_US, .z = berlin}};
    const size_t n = promise_find(&a, text, &ctx, found, COUNT(found));
    for (size_t i = 0; i < n; i++) within(text, &found[i], i ? found[i - 1].to : 0, ctx.when.said_us);
    assert(promise_find(&a, text, &ctx, again, COUNT(again)) == n);
    for (size_t i = 0; i < n; i++) assert(found[i].due_us == again[i].due_us && found[i].kind == again[i].kind);
    ctx.least = -100; // every date is resolved, however little speaks for a promise
    for (int l = LANG_en; l < LANGUAGES; l++) {
        ctx.language = (enum language)l;
        assert(promise_find(&a, text, &ctx, again, COUNT(again)) <= COUNT(again));
    }
    return 0;
}
