// pen: writes the texts of one event into fixed memory, so that earlier texts stay where they are.
#ifndef HEED_SAMPLE_PEN_H
#define HEED_SAMPLE_PEN_H

#include "base/base.h"

typedef struct {
    char *page, *at, *end;
} pen;

pen pen_new(arena *a, size_t size); // an overflow aborts: what is written here is bounded by our own tables
void pen_reset(pen *p);             // a clean page; texts written before are gone
const char *pen_mark(const pen *p);
str pen_since(const pen *p, const char *mark);
void pen_put(pen *p, str x);
void pen_putc(pen *p, char c);
void pen_num(pen *p, uint64_t v);
void pen_digits(pen *p, uint64_t v, int width); // with leading zeros
void pen_base36(pen *p, uint64_t v);
str pen_word(pen *p, str prefix, uint64_t v); // prefix and number

#endif
