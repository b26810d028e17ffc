// text_near: of any two texts (parted by a NUL) the likeness is a share, the same both ways and one with itself, and
// what signs find is what comparing finds.
#include "text/near.h"

#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static arena memory;
    if (!memory.base) memory = arena_open((size_t)1 << 28);
    if (size > 1 << 14) return 0;
    arena a = memory;
    str y = {(const char *)data, size};
    const str x = str_cut(&y, 0);
    const double j = near_jaccard(a, x, y);
    assert(j >= 0 && j <= 1 && fabs(j - near_jaccard(a, y, x)) < 1e-12);
    const near_sign sign = near_sign_of(a, x);
    assert(sign.exact ? near_jaccard(a, x, x) == 1 && near_rough(&sign, &sign) == 1 : near_jaccard(a, x, x) == 0);
    const near_text all[] = {{.text = x, .who = 1}, {.text = y, .who = 2}, {.text = x, .who = 1}};
    near_mark m[3];
    const near_tally t = near_find(a, all, 3, &(near_opts){.brute = true}, m);
    assert(m[2].group == (sign.exact ? m[0].group : 2) && m[2].again == (sign.exact != 0));
    assert((m[1].group == 0) == (sign.exact && near_sign_of(a, y).exact && j >= NEAR_LEAST));
    assert(t.distinct + t.exact + t.near == 3);
    return 0;
}
