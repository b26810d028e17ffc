// bloom: a key that reads back writes the same digits, and is as alike to itself as can be; anything else is refused.
#include "link/bloom.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    if (n > 4096) return 0;
    bloom_key k;
    err e = {0};
    str text = {(const char *)data, n};
    if (!bloom_read(text, &k, &e)) {
        assert(e.code == ERR_invalid);
        return 0;
    }
    arena a = arena_open(1 << 20);
    buf out = buf_new(&a, 1 << 16);
    bloom_write(&k, &out);
    assert(str_eq_ci(buf_str(&out), str_trim(text)));
    assert(bloom_dice(&k, &k) == (k.ones ? 1 : 0));
    arena_close(&a);
    return 0;
}
