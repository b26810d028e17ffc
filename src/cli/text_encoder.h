// text_encoder: what turns texts into vectors: heed's own encoder, or the program that HEED_ENCODER names.
#ifndef HEED_TEXT_ENCODER_H
#define HEED_TEXT_ENCODER_H

#include "text/foreign.h"

typedef struct text_encoder text_encoder;

must_use bool text_encoder_open(arena *a, text_encoder **out, const pack *words, err *e); // words may be NULL
bool text_encoder_is(const text_encoder *t);                                              // there is one
must_use bool text_encoder_embed(const text_encoder *t, arena scratch, const str *texts, size_t n, float *out, err *e);
void text_encoder_close(text_encoder *t); // waits until the program has ended

#endif
