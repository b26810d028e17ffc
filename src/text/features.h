// features: a message as counted n-grams, hashed into a fixed number of columns: words and pairs of words, and every
// run of two to five letters of a word with its borders. They need no dictionary and know every language; misspelt and
// joined words still share most of their letters.
//
// A gram is a column and how often it occurs in the message. How much a gram weighs is decided later, from how rare it
// is among all messages (TF-IDF, Salton & Buckley 1988): weight = (1 + ln count) (1 + ln((1 + N) / (1 + n))), the words
// and the letters each scaled to length one. Counts of messages are kept as they arrive.
#ifndef HEED_TEXT_FEATURES_H
#define HEED_TEXT_FEATURES_H

#include "base/base.h"

enum {
    GRAM_BITS = 20,
    GRAM_COLUMNS = 1 << GRAM_BITS, // words take the lower half, letters the upper
    GRAM_COUNT_BITS = 12,          // a gram is column << 12 | count; counts stop at 4095
    GRAM_TEXT = 16 << 10,          // bytes of a message that are looked at
};
#define GRAM_COLUMN(gram)    ((gram) >> GRAM_COUNT_BITS)
#define GRAM_COUNT(gram)     ((gram) & ((1u << GRAM_COUNT_BITS) - 1))
#define GRAM_LETTERS(column) ((column) >= GRAM_COLUMNS / 2)

typedef struct {
    uint32_t *v; // each column once, in the order in which they first occur
    size_t n;
} grams;

grams grams_of(arena *a, str text);

// The column of every occurrence, for those who count themselves.
typedef struct {
    uint32_t *v;
    size_t n;
} gram_columns;
gram_columns gram_columns_of(arena *a, str text);

// The pieces of a text between blanks, and what each gram is made of: for telling which words caused a decision.
typedef struct {
    uint32_t column;
    uint32_t first, last; // pieces: a pair of words may span several
} gram_place;
typedef struct {
    str *piece; // as they stand in the text
    size_t pieces;
    gram_place *v; // every occurrence
    size_t n;
} gram_places;
gram_places gram_places_of(arena *a, str text);

// Stored form, some two bytes a gram.
void grams_pack(buf *b, grams g);
bool grams_unpack(arena *a, str *rest, grams *g); // false: damaged

// In how many messages each column occurs.
typedef struct {
    uint32_t messages;
    uint32_t *of; // GRAM_COLUMNS
} gram_counts;
gram_counts gram_counts_new(arena *a);                   // 4 MiB
void gram_counts_add(gram_counts *c, grams g, int sign); // +1: a message came, -1: it is gone

// The columns a model knows, numbered from 0 in ascending order, with their rarity. Others weigh nothing.
typedef struct {
    uint32_t n;
    uint64_t *bits; // GRAM_COLUMNS / 64
    uint32_t *rank; // columns before each word of bits
    float *rarity;  // n
} gram_index;
enum { GRAM_UNKNOWN = UINT32_MAX };

gram_index gram_index_new(arena *a, const gram_counts *c, uint32_t least); // columns of at least so many messages
bool gram_index_read(arena *a, str *rest, gram_index *x);                  // false: damaged
void gram_index_write(buf *b, const gram_index *x);
uint32_t gram_index_words(const gram_index *x); // columns of words come first; so many there are
// The number of a column, or GRAM_UNKNOWN.
static inline uint32_t gram_index_of(const gram_index *x, uint32_t gram) {
    const uint64_t word = x->bits[gram / 64], bit = UINT64_C(1) << gram % 64;
    return word & bit ? x->rank[gram / 64] + (uint32_t)__builtin_popcountll(word & (bit - 1)) : GRAM_UNKNOWN;
}

typedef struct {
    uint32_t column; // of the index
    float weight;
} gram_weight;
// Weights of the grams that the index knows; room for g.n at out. Returns how many.
size_t grams_weigh(const gram_index *x, grams g, gram_weight *out);

#endif
