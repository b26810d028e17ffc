// text_pieces: any text is cut into pieces that the vocabulary has, which put together give the text again where all is
// known; fewer pieces are the beginning of more.
#include "../tests/text/small_pack.h"
#include "text/pieces.h"

enum { MOST = 5000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const words[] = {"▁the", "▁a",   "ing", "▁",  "s", "a", "e",   "t",
                                        "th",   "card", "▁ca", "rd", "ü", "!", "日本"};
    static arena memory;
    static const pieces *known;
    if (!known) {
        memory = arena_open((size_t)1 << 28);
        const small_section section = {"pieces", small_pieces(&memory, words, COUNT(words))};
        pack *p;
        err e = {0};
        bool ok = pack_read(&memory, &p, small_pack(&memory, &section, 1), &e);
        assert(ok);
        known = pieces_open(&memory, p);
        assert(known);
    }
    arena a = memory;
    uint16_t ids[MOST], few[MOST];
    const str text = {(const char *)data, size};
    const size_t n = pieces_of(known, a, text, ids, MOST), m = pieces_of(known, a, text, few, n / 2);
    assert(n <= PIECES_READ + 1 && m == n / 2 && (!m || memcmp(ids, few, m * sizeof *ids) == 0));
    buf again = buf_new(&a, 1 << 16);
    bool all = true;
    for (size_t i = 0; i < n; i++) {
        assert(ids[i] < pieces_count(known) && (ids[i] == PIECE_NONE || ids[i] >= PIECES_FIRST));
        all &= ids[i] != PIECE_NONE;
        buf_add(&again, pieces_text(known, ids[i]));
    }
    bool plain = size <= PIECES_READ;
    for (size_t i = 0; i < size; i++) plain &= data[i] > ' ' && data[i] < 127;
    if (all && plain && n) assert(str_eq(buf_str(&again), str_cat(&a, S("▁"), text)));
    return 0;
}
