// buf: bytes that grow up to a stated maximum, then stop growing and say so once.
//
// Write as many pieces as you like and check `full` at the end. The bytes live in the arena given at the start; growing
// copies, so a buf should be the last thing allocated in its arena while it grows (then growing is free).
#ifndef HEED_BUF_H
#define HEED_BUF_H

#include "str.h"

typedef struct {
    arena *a;
    char *s;
    size_t len, cap, max;
    bool full;
} buf;

buf buf_new(arena *a, size_t max);
void buf_add(buf *b, str x);
void buf_addc(buf *b, char c);
void buf_bytes(buf *b, const void *p, size_t n);
void buf_i64(buf *b, int64_t v);
void buf_f64(buf *b, double v); // shortest text that reads back to the same double
__attribute__((format(printf, 2, 3))) void buf_fmt(buf *b, const char *fmt, ...);
void buf_varint(buf *b, uint64_t v); // LEB128; see buf_read_varint
void buf_json_str(buf *b, str x);    // quoted and escaped; invalid UTF-8 becomes U+FFFD
void buf_reset(buf *b);              // empty again, memory kept
str buf_str(const buf *b);

bool buf_read_varint(str *rest, uint64_t *v); // takes one LEB128 number off *rest; false if it is cut short or too long
uint64_t zigzag(int64_t v);
int64_t unzigzag(uint64_t v);

#endif
