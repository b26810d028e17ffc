// seek: search by meaning: the rows of a matrix of stored embeddings that are closest to a vector, and the fusion of
// several rankings into one.
//
// All rows are read: 512 MB for a million, some tens of milliseconds. Nothing is built, so nothing is ever out of date.
#ifndef HEED_SEEK_H
#define HEED_SEEK_H

#include "text/encoder.h"

typedef struct {
    uint32_t at; // row
    float score;
} seek_hit;

typedef struct {
    const int8_t *rows; // n × 512, an array or a mapped file
    size_t n;
    const uint64_t *allow; // a bit for each row; NULL: all
} seek_rows;

// The k best in falling order, ties by row; fewer when fewer are at least `least`. Returns how many.
size_t seek_top(arena scratch, const seek_rows *r, const int8_t *query, float least, size_t k, seek_hit *out);
// The same for a part of the rows, so that threads can share the work; seek_merge joins what they found.
size_t seek_part(arena scratch, const seek_rows *r, size_t from, size_t to, const int8_t *query, float least, size_t k,
                 seek_hit *out);
size_t seek_merge(seek_hit *hits, size_t n, size_t k); // sorts in place, returns how many are left

// "More like this": the mean of several rows as a query; those themselves are left out of the result.
size_t seek_like(arena scratch, const seek_rows *r, const uint32_t *examples, size_t n, float least, size_t k,
                 seek_hit *out);

// Reciprocal rank fusion (Cormack, Clarke & Büttcher 2009): score = Σ weight / (60 + rank). A ranking is rows, best
// first.
typedef struct {
    const uint32_t *at;
    size_t n;
    float weight; // 0: 1
} seek_ranking;
size_t seek_fuse(arena scratch, const seek_ranking *rankings, size_t n, size_t k, seek_hit *out);

#endif
