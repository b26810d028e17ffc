#include "sample/pen.h"

pen pen_new(arena *a, size_t size) {
    char *s = make(a, char, size);
    return (pen){.page = s, .at = s, .end = s + size};
}

void pen_reset(pen *p) {
    p->at = p->page;
}
const char *pen_mark(const pen *p) {
    return p->at;
}
str pen_since(const pen *p, const char *mark) {
    return (str){mark, (size_t)(p->at - mark)};
}

void pen_put(pen *p, str x) {
    assert((size_t)(p->end - p->at) >= x.len);
    memcpy(p->at, x.s, x.len);
    p->at += x.len;
}

void pen_putc(pen *p, char c) {
    assert(p->at < p->end);
    *p->at++ = c;
}

void pen_digits(pen *p, uint64_t v, int width) {
    char digits[24], *at = digits + sizeof digits;
    do *--at = (char)('0' + v % 10);
    while (v /= 10);
    ptrdiff_t n = digits + sizeof digits - at;
    for (; width > n; width--) pen_putc(p, '0');
    pen_put(p, (str){at, (size_t)n});
}

void pen_num(pen *p, uint64_t v) {
    pen_digits(p, v, 0);
}

void pen_base36(pen *p, uint64_t v) {
    char digits[16], *at = digits + sizeof digits;
    do *--at = "0123456789abcdefghijklmnopqrstuvwxyz"[v % 36];
    while (v /= 36);
    pen_put(p, (str){at, (size_t)(digits + sizeof digits - at)});
}

str pen_word(pen *p, str prefix, uint64_t v) {
    const char *mark = pen_mark(p);
    pen_put(p, prefix);
    pen_num(p, v);
    return pen_since(p, mark);
}
