// pieces: a text cut into the pieces of words that the encoder knows (SentencePiece, unigram: Kudo 2018).
//
// Of all ways to cut, the one whose pieces are likeliest together. Blanks become "▁"; what no piece holds is piece 0.
#ifndef HEED_PIECES_H
#define HEED_PIECES_H

#include "text/pack.h"

enum { PIECE_NONE = 0, PIECES_FIRST = 6, PIECES_MOST = 8192, PIECES_READ = 4096 };

typedef struct pieces pieces;

pieces *pieces_open(arena *a, const pack *p); // NULL when the pack has none
size_t pieces_count(const pieces *p);         // ids are below it
str pieces_text(const pieces *p, uint16_t id);
// The first max ids. Only the first PIECES_READ bytes of a text are read.
size_t pieces_of(const pieces *p, arena scratch, str text, uint16_t *ids, size_t max);

#endif
