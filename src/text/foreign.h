// foreign: somebody's own encoder: a program that reads texts as lines and answers each with a line of numbers.
//
// Texts are sent in UTF-8, one a line (line ends within become blanks), at most FOREIGN_BATCH at once and then an empty
// line, which a program that works in batches may wait for. It answers with a line for each text, in order: numbers,
// always as many, parted by blanks or commas, in brackets or not, so that a JSON array will do. Other output belongs on
// its standard error. `docs/text.md` shows one of ten lines.
#ifndef HEED_FOREIGN_H
#define HEED_FOREIGN_H

#include "text/encoder.h"

enum { FOREIGN_BATCH = 64, FOREIGN_MOST = 4096, FOREIGN_TEXT = 8192, FOREIGN_WAIT_MS = 60000 };

typedef struct foreign foreign;

// socket: a stream socket whose other end is the program's standard input and output. It is not closed here.
foreign *foreign_open(arena *a, int socket);
// n × 512 numbers of length one; a text without anything but blanks gives zeros and is not sent.
must_use bool foreign_embed(foreign *f, arena scratch, const str *texts, size_t n, float *out, err *e);

// Any number of numbers as 512, with the same cosines: signs are changed at random, but always alike, and a Hadamard
// transform spreads every number over all, so that stored bytes lose nothing. From more than 512 a part is kept; their
// cosines then err by about 0.04 (Ailon & Chazelle 2009).
void foreign_reduce(const float *v, size_t n, float *out);
must_use bool foreign_numbers(str line, float *v, size_t *n, err *e); // at most FOREIGN_MOST

#endif
