// understand: brings everything that customers said up to what is known of its meaning, piece by piece: reading and
// thinking beside the writer, storing by it. Stopped anywhere it goes on where it was.
#ifndef HEED_UNDERSTAND_H
#define HEED_UNDERSTAND_H

#include "jobs/writer.h"
#include "know/meaning.h"

typedef struct {
    store *s;       // to read by
    writer *w;      // to write by; NULL: s is held for writing, and by s
    int64_t now_us; // until when stages are told; 0: they are not
    str where;      // the store, beside which the file of words may lie
    bool as_before; // leave everything to the server when it was understood with another encoder than there is here
    // After each piece: how many words of how many. False stops. May be NULL.
    bool (*goes_on)(void *ctx, int64_t done, int64_t total, err *e);
    void *ctx;
} understanding;

typedef struct {
    int64_t words;  // looked at
    bool embeds;    // their places are known
    bool file;      // the file of words was there
    bool left;      // with as_before: it was left
    int64_t staged; // customers and words of whom the stage was told
    double seconds; // by the clock
} understood;

must_use bool understand(const understanding *x, understood *out, err *e);

#endif
