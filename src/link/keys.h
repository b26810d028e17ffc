// keys: the records of a table as keys (link/bloom.h) for a partner's, and files of such keys read back.
//
// A file of keys is a CSV of id, key and, if records are compared within blocks only, block. Ids are the numbers of the
// records in their file unless the caller says otherwise, so that nothing of a record leaves but its key. The name of
// the key's column says how keys were made: a mark of the secret and of all that has to be alike, what keys are made
// of, and their shape. So files that cannot be compared are told apart before they are.
#ifndef HEED_LINK_KEYS_H
#define HEED_LINK_KEYS_H

#include "base/csv.h"
#include "link/bloom.h"
#include "link/table.h"

typedef struct {
    str agreed;      // what the two parties agreed on, at least 16 bytes
    str salt, block; // names of columns; empty: none, and the block that of the salt
    bool plain;      // keys are not balanced
    double flip;     // chance of each bit to be turned, so that no bit of a key is sure; below 0.5
} link_keys_ask;

typedef struct {
    const link_table *t;
    bloom_rules r;
    int column[BLOOM_FIELDS]; // fields of the table, in an order that their kinds decide
    int n, salt, block;       // fields of the table; -1: none
    double flip;
} link_keys;

// Which fields are taken follows from the table: names, dates of birth, addresses, e-mail, phones, numbers, sex and
// classes, each in its standard form. ERR_usage names a column that is not there.
must_use bool link_keys_plan(link_keys *k, const link_table *t, const link_keys_ask *ask, err *e);
str link_keys_name(arena *a, const link_keys *k); // what the key's column is called
bloom_key link_keys_of(arena scratch, const link_keys *k, uint32_t row);
uint64_t link_keys_block(const link_keys *k, uint32_t row); // a keyed hash; of a birth date its year. 0: none

typedef struct {
    str how;  // the name of the key's column
    intern v; // ids
    uint32_t *id;
    bloom_key *key;
    uint64_t *block; // 0: none
    uint32_t n;
    size_t cap_id, cap_key, cap_block;
} link_keys_file;

// ERR_invalid names the line and what is wrong with it. how lives in a.
must_use bool link_keys_read(arena *a, csv *in, link_keys_file *out, err *e);
void link_keys_close(link_keys_file *f);
// ERR_conflict when their keys cannot be compared, and why.
must_use bool link_keys_alike(const link_keys_file *x, const link_keys_file *y, err *e);

#endif
