// input: a file's bytes, decompressed (gzip, zstd, xz by their magic numbers), with progress of the stored bytes.
#ifndef HEED_INPUT_H
#define HEED_INPUT_H

#include "base/base.h"

typedef struct input input;

// path "-" is standard input. Errors: not_found, denied, invalid (damaged compression, with the byte offset).
must_use bool input_open(input **out, const char *path, err *e);
void input_close(input *in);
ptrdiff_t input_read(void *in, char *p, size_t n, err *e); // a read_fn: pass the input as ctx
// The first bytes without taking them, up to n (at most 64 KiB); fewer only at the end of the file.
str input_peek(input *in, size_t n, err *e);
int64_t input_done(const input *in);  // bytes of the file as stored that were read
int64_t input_total(const input *in); // its size; 0 when unknown (a pipe)

#endif
