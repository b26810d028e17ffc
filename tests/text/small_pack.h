// small_pack: files of words made in memory, for tests and fuzz targets: sections of bytes with a right table.
#ifndef HEED_SMALL_PACK_H
#define HEED_SMALL_PACK_H

#include "base/base.h"

typedef struct {
    const char *name;
    str bytes;
} small_section;

static inline uint64_t small_sum(const char *p, size_t n) {
    uint32_t low = 0, high = 0;
    for (size_t i = 0; i < n; i += 4) {
        uint32_t word = 0;
        memcpy(&word, p + i, MIN(n - i, (size_t)4));
        low += word;
        high += low;
    }
    return (uint64_t)high << 32 | low;
}

// The format of docs/text.md, written once more.
static inline str small_pack(arena *a, const small_section *x, size_t n) {
    size_t size = 64 + 160 * n;
    for (size_t i = 0; i < n; i++) size = (size + 63) / 64 * 64 + x[i].bytes.len;
    char *out = arena_alloc(a, 1, 64, size);
    const uint32_t version = 1, sections = (uint32_t)n;
    size_t at = 64 + 160 * n;
    for (size_t i = 0; i < n; i++) {
        char *entry = out + 64 + 160 * i;
        at = (at + 63) / 64 * 64;
        if (x[i].bytes.len) memcpy(out + at, x[i].bytes.s, x[i].bytes.len);
        const uint64_t numbers[] = {at, x[i].bytes.len, small_sum(out + at, x[i].bytes.len)};
        snprintf(entry, 32, "%s", x[i].name);
        snprintf(entry + 32, 104, "made for a test");
        memcpy(entry + 136, numbers, sizeof numbers);
        at += x[i].bytes.len;
    }
    const uint64_t whole[] = {size, small_sum(out + 64, 160 * n)};
    memcpy(out, "heedtext", 8);
    memcpy(out + 8, &version, 4);
    memcpy(out + 12, &sections, 4);
    memcpy(out + 16, whole, sizeof whole);
    return (str){out, size};
}

// A section "pieces" of these, behind the six that are none; the earlier the likelier.
static inline str small_pieces(arena *a, const char *const *pieces, size_t n) {
    buf b = buf_new(a, 1 << 20), text = buf_new(a, 1 << 20);
    uint32_t head[4] = {(uint32_t)n + 6, 0}, end = 0;
    for (size_t i = 0; i < n; i++) head[1] += (uint32_t)strlen(pieces[i]);
    buf_bytes(&b, head, sizeof head);
    for (size_t i = 0; i < n + 6; i++) {
        const float score = i < 6 ? 0 : -3 - (float)i / 8;
        buf_bytes(&b, &score, sizeof score);
    }
    for (size_t i = 0; i < n + 6; i++) {
        const char *piece = i < 6 ? "" : pieces[i - 6];
        end += (uint32_t)strlen(piece);
        buf_bytes(&b, &end, sizeof end);
        buf_add(&text, str_c(piece));
    }
    buf_add(&b, buf_str(&text));
    return buf_str(&b);
}

#endif
