// bloom: keys of records that two parties can compare without showing each other names.
//
// A key is a Bloom filter over the pieces of all fields of a record (a cryptographic long-term key: Schnell, Bachteler
// & Reiher 2009, 2011). Both parties agree on a secret and on the fields; each encodes its own file and gives the keys
// away, never the secret. Pieces are pairs of letters of names and digits with their places of numbers; each sets a few
// bits that a keyed hash (BLAKE2b) picks, one by one: not by two hashes added up, which can be taken apart
// (Niedermeyer, Steinmetzer, Kroll & Schnell 2014). A key may be balanced: its complement is appended and all bits are
// shuffled, so that every key has the same number of ones and rare names cannot be told by theirs (Schnell & Borgs
// 2016). And it may be salted with a field that seldom changes (the year of birth), so that a frequent name is another
// pattern in each year; an error there separates two records for good.
//
// What this is not: who holds the secret can encode guesses and look for them. Who does not can still learn from how
// often patterns occur (Christen, Ranbaduge, Vatsalan & Schnell 2018). So keys are personal data like those they were
// made of: for a partner under contract, not for publication. docs/linking-clusters.md says more.
#ifndef HEED_LINK_BLOOM_H
#define HEED_LINK_BLOOM_H

#include "link/pairs.h"

enum { BLOOM_BITS = 1024, BLOOM_WORDS = 32, BLOOM_FIELDS = 16, BLOOM_MOST_HASHES = 32, BLOOM_STEPS = 256 };

enum bloom_as {
    BLOOM_LETTERS, // pairs of letters, for what people spell
    BLOOM_DIGITS,  // digits with their places, for dates and numbers
    BLOOM_WHOLE,   // all of it or nothing
};

typedef struct {
    uint8_t as;     // enum bloom_as
    uint8_t hashes; // bits that a piece sets: the field's weight; 1 … 32
} bloom_field;

typedef struct {
    uint8_t secret[32];
    bloom_field field[BLOOM_FIELDS];
    int n;
    int salt_less_1; // the field put into every hash, plus 1; 0: none. It is used as it stands
    bool balanced;
} bloom_rules;

// Stretches what two people have agreed on into a secret (Argon2id, some 64 MiB and a tenth of a second). ERR_invalid
// for less than 16 bytes.
must_use bool bloom_secret(bloom_rules *r, str agreed, err *e);

typedef struct {
    uint64_t w[BLOOM_WORDS]; // the first BLOOM_BITS, or twice as many
    uint16_t ones, bits;
} bloom_key;

// value[i] belongs to field i; empty ones add nothing. Case, accents and blanks at the ends do not matter.
bloom_key bloom_encode(arena scratch, const bloom_rules *r, const str *value);

double bloom_dice(const bloom_key *a, const bloom_key *b); // 2 |a and b| / (|a| + |b|)

// Hexadecimal, 256 or 512 digits.
void bloom_write(const bloom_key *k, buf *out);
must_use bool bloom_read(str text, bloom_key *k, err *e);

// Pairs of two files (n_a of n keys are the first file's; 0: pairs within one) that are alike enough to be the same
// for all that the others say: the likeness of pairs taken at random is continued beyond its tail, and a pair weighs
// the odds against being one of those (Efron 2004). Records of unequal blocks are not compared; block may be NULL.
// Compares all pairs within blocks: some 100 million a second. ERR_invalid when keys are of two lengths.
typedef struct {
    link_pair *p;
    size_t n;
    double mean, sd;                // likeness of pairs taken at random
    double least;                   // likeness from which a pair is kept
    double random[BLOOM_STEPS + 1]; // pairs that are alike by chance, by likeness
} bloom_pairs;
must_use bool bloom_match(arena *a, const bloom_key *k, uint32_t n, uint32_t n_a, const uint64_t *block,
                          bloom_pairs *out, err *e);
// Where each of the two files holds everybody once: what is most alike to each other, while few others are free, gains.
void bloom_one_to_one(arena scratch, const bloom_key *k, uint32_t n, uint32_t n_a, bloom_pairs *p);

#endif
