// text_pack: bytes that open as a file of words give sections within them and words that are found again; a section of
// any bytes, in a file that is whole, opens or is refused.
#include "../tests/text/small_pack.h"
#include "text/encoder.h"
#include "text/langid.h"

static void look(arena a, const pack *p, str whole) {
    str name, origin, section;
    size_t bytes;
    for (size_t i = 0; pack_about(p, i, &name, &origin, &bytes); i++) {
        pack_words t;
        assert(pack_section(p, name, &section));
        assert(section.s >= whole.s && section.s + section.len <= whole.s + whole.len);
        if (!pack_words_of(p, name, &t)) continue;
        double v[PACK_COLUMNS];
        for (size_t k = 0; k < t.n; k++) pack_word(&t, pack_word_at(&t, k, v), v);
        pack_word(&t, S("good"), v);
    }
    const encoder *enc = encoder_open(&a, p);
    const str text = S("I lost my card");
    float v[EMBEDDING];
    if (enc) encoder_embed(enc, a, &text, 1, v);
    langid_of(langid_open(&a, p), a, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static arena memory;
    if (!memory.base) memory = arena_open((size_t)1 << 28);
    if (size < 1 || size > 1 << 19) return 0;
    static const char *const names[] = {"encoder", "pieces", "languages", "lexicon.vader"};
    arena a = memory;
    const str rest = {(const char *)data + 1, size - 1};
    const small_section one = {names[data[0] % COUNT(names)], rest};
    str whole = data[0] < 128 ? small_pack(&a, &one, 1) : rest;
    if (data[0] >= 128) {
        char *copy = arena_alloc(&a, 1, 64, rest.len + 1);
        if (rest.len) memcpy(copy, rest.s, rest.len);
        whole.s = copy;
    }
    pack *p;
    err e = {0};
    if (pack_read(&a, &p, whole, &e))
        look(a, p, whole);
    else
        assert(e.code == ERR_invalid && data[0] >= 128);
    return 0;
}
