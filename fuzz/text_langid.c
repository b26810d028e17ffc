// text_langid: of any text the language is told with a share for certainty, the second best is not better, only
// possible languages are told, and twice the same. With the file of words where HEED_TEXT names it, else without.
#include "text/langid.h"

static void check(arena a, const langid *l, str text) {
    static const char *const two[] = {"en", "es"};
    const language_guess g = langid_of(l, a, text), again = langid_of(l, a, text);
    const language_guess some = langid_among(l, a, text, two, COUNT(two));
    assert(memcmp(&g, &again, sizeof g) == 0);
    assert(g.sure >= 0 && g.sure <= 1 + 1e-9 && g.second_sure >= 0 && g.second_sure <= 1 + 1e-9);
    assert((g.code[0] != 0) == (g.sure > 0) && (!g.told || g.sure >= 0.8));
    assert(!some.code[0] || str_eq(str_c(some.code), S("en")) || str_eq(str_c(some.code), S("es")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static arena memory;
    static const langid *with, *without;
    if (!without) {
        memory = arena_open((size_t)1 << 28);
        const char *path = getenv("HEED_TEXT");
        pack *p = NULL;
        err e = {0};
        if (path && pack_open(&memory, &p, path, &e)) with = langid_open(&memory, p);
        without = langid_open(&memory, NULL);
    }
    if (size > 1 << 16) return 0;
    const str text = {(const char *)data, size};
    check(memory, without, text);
    if (with) check(memory, with, text);
    return 0;
}
