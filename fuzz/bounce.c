// What comes back is understood or not, but never more than it may hold, and every answer is one that can be stored.
#include "act/bounce.h"
#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    arena a = arena_open((size_t)1 << 28);
    bounce_report *r = make(&a, bounce_report, 1);
    bounce_read(&a, (str){(const char *)data, size}, r);
    assert(r->n <= BOUNCE_MOST);
    assert(!r->token.len || r->token.len == 16);
    for (size_t i = 0; i < r->n; i++) {
        const bounce_of *b = &r->of[i];
        assert(b->kind > BOUNCE_NONE && b->kind <= BOUNCE_COMPLAINT);
        assert(!b->code || (b->code >= 400 && b->code < 600));
        assert(b->status.len <= 9 && b->words.len <= 404 && str_utf8_ok(b->words));
        for (size_t k = 0; k < b->words.len; k++) assert((unsigned char)b->words.s[k] >= ' ');
        // Read again, it is the same.
        assert(bounce_judge(S(""), b->status, b->code, b->words) <= BOUNCE_COMPLAINT);
    }
    arena_close(&a);
    return 0;
}
