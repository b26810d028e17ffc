// meaning_private: what the files of meaning share.
#ifndef HEED_MEANING_PRIVATE_H
#define HEED_MEANING_PRIVATE_H

#include "know/meaning.h"
#include "text/near.h"

// How far understanding is.
typedef struct {
    int64_t make_id;  // of rows that are made with `make`
    str make;         // empty: nothing was understood with places yet
    int64_t feedback; // everything up to it was looked at
    int64_t place;    // the last that was given
    bool weak;        // some was understood without places
    bool clearing;    // places of another encoder are being let go of; make is empty
} meaning_mark;
must_use bool meaning_mark_read(arena *a, store *s, meaning_mark *out, err *e);
must_use bool meaning_mark_write(store *s, const meaning_mark *m, err *e);
// The mark as it is when `r` goes on: another make begins from the beginning.
meaning_mark meaning_mark_for(arena *a, const meaning_mark *m, const reader *r);

enum { MEANING_CODE = EMBEDDING / 8, MEANING_NEAR = 64 };
void meaning_code(const int8_t *vector, unsigned char code[MEANING_CODE]);

// One that was understood.
typedef struct {
    int64_t feedback, period, profile, at_us, key, channel;
    str text;
    bool changed, gone; // it was understood with other words; it has none any more
    int64_t words;      // hash
    meaning m;
    near_sign sign;
    int64_t near[MEANING_NEAR]; // texts that are nearly equal, by their hashes
    size_t n_near;
    bool has_vector;
    int8_t vector[EMBEDDING];
} meaning_item;

struct meaning_batch {
    meaning_mark mark; // with which it was read
    int64_t upto;      // feedback that it reaches
    bool weak;
    meaning_item *v;
    size_t n, looked;
};

int64_t meaning_band(const near_sign *s, int i);
// How a text sounds by lexicons, and in English by its whole meaning; false: nothing says so. embedding may be NULL.
bool meaning_feel(arena a, const reader *r, str text, const float *embedding, enum language l, mood_reading *out);
// The words of one that is known, from its event; empty when it is gone.
must_use bool meaning_text(arena *a, store *s, const meaning *m, str *out, err *e);
meaning meaning_row(arena *a, const row *r); // columns of meaning_get
void meaning_read_feelings(meaning *m, str json);

// ---- the index ----

enum { MEANING_LOOKED = 1000 }; // that are compared whole
// What may be found: NULL and 0 mean anything.
typedef struct {
    int64_t since_us, until_us, channel; // -1: any
    int mood;                            // MOOD_UNKNOWN: any
    const int64_t *places;               // only these, rising; NULL: all
    size_t n_places;
} meaning_bounds;
must_use bool meaning_index_follow(meaning_index *x, store *s, err *e); // brought up to date
size_t meaning_index_bytes(meaning_index *x);
// The places that differ least, in no order; room for MEANING_LOOKED. Those that are stored no more may be among them.
size_t meaning_index_near(meaning_index *x, arena scratch, const unsigned char code[MEANING_CODE],
                          const meaning_bounds *b, int64_t *places);
void meaning_index_missed(meaning_index *x, size_t missed, size_t looked); // of those so many were not there

#endif
