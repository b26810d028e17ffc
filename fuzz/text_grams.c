// N-grams of arbitrary bytes: places and counts agree, and the stored form comes back.
#include "text/features.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 1 << 16) return 0;
    arena a = arena_open((size_t)1 << 28);
    const str text = {(const char *)data, size};
    const grams g = grams_of(&a, text);
    const gram_places p = gram_places_of(&a, text);
    size_t sum = 0;
    for (size_t i = 0; i < g.n; i++) sum += GRAM_COUNT(g.v[i]);
    assert(sum <= p.n);
    buf b = buf_new(&a, 1 << 24);
    grams_pack(&b, g);
    grams back;
    str rest = buf_str(&b);
    assert(grams_unpack(&a, &rest, &back) && !rest.len && back.n == g.n);
    rest = text; // and arbitrary bytes are refused or read, never more
    (void)grams_unpack(&a, &rest, &back);
    arena_close(&a);
    return 0;
}
