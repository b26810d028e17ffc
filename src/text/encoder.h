// encoder: what a text means, as 512 numbers of length one: texts of like meaning lie close to one another.
//
// Universal Sentence Encoder lite (Cer et al. 2018; weights in the pack), computed here. English; it was
// trained on well-written text with capitals, so texts go in as people wrote them. An encoder is read-only once it is
// open and serves any number of threads, each with its own scratch.
#ifndef HEED_ENCODER_H
#define HEED_ENCODER_H

#include "text/pack.h"

enum { EMBEDDING = 512 }; // numbers of a vector, and bytes of a stored one

typedef struct encoder encoder;

// NULL when the pack has no weights, which stay where the pack is mapped; 2 MB of a hold the rest.
encoder *encoder_open(arena *a, const pack *p);

// n × 512 numbers into out. Texts of which no piece is known give zeros, which are near nothing. Texts beyond 128
// pieces (some 100 words) count with their first 128; names of accounts (@heed) and addresses are left out. Batches of
// 32 and more are fastest. scratch holds 7 MB.
void encoder_embed(const encoder *enc, arena scratch, const str *texts, size_t n, float *out);
// One text, given by its words, as seen from several places in it: each view weighs the words (views × n; not negative)
// and gives 512 numbers of length one. With equal weights that is what encoder_embed gives. One pass for all views.
void encoder_views(const encoder *enc, arena scratch, const str *words, size_t n, const float *weights, size_t views,
                   float *out);
// Names the weights ("use-lite 1"); vectors of different makes must never be compared. Stored beside every vector.
const char *encoder_make(const encoder *enc);

// The pieces of a text, for tests and for whoever wonders: ids into ids, at most max; returns how many there are.
size_t encoder_pieces(const encoder *enc, arena scratch, str text, uint16_t *ids, size_t max);

// Stored form: 512 bytes. The cosine of two vectors is their embedding_dot, give or take 0.001.
void embedding_pack(const float *v, int8_t *out);
void embedding_unpack(const int8_t *v, float *out); // of length one again (zeros stay zeros)
float embedding_dot(const int8_t *x, const int8_t *y);
float embedding_cosine(const float *x, const float *y);
bool embedding_none(const int8_t *v); // all zeros: the text said nothing

#endif
