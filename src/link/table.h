// table: records to be linked, in columns: every distinct value once in its standard form, rows as numbers of values.
#ifndef HEED_LINK_TABLE_H
#define HEED_LINK_TABLE_H

#include "base/csv.h"
#include "link/columns.h"

// What comparing needs of a value, worked out once.
typedef struct {
    uint64_t mask; // names: which letters occur; amounts: the number; texts: where its words begin
    union {
        uint16_t root[4]; // given names: which names it is a form of
        struct {
            uint32_t number, street, type, unit; // addresses: pieces of hashes; 0: none
        } address;
        struct {
            uint32_t user, host; // e-mail: pieces of hashes
            bool digits;         // in the user
        } email;
        struct {
            uint32_t n; // words
            float norm; // length of their vector
        } text;
        int32_t ymd;
    };
    uint32_t sound; // names: how it is spoken, roughly
} link_trait;

typedef struct {
    link_column col;
    intern v;
    link_trait *trait; // [v.n]
    uint32_t *other;   // [v.n] given and family names: the same text in the other of the two; 0: it is not there
    uint32_t *word;    // full names and texts: the words of all values, by number; trait.mask says where one's begin
    uint32_t n_words;  // distinct
    uint32_t *held;    // [n_words] how many rows hold it
    float *idf;        // [n_words] what it tells
} link_field;

typedef struct {
    link_plan plan, plan_b;
    link_field field[LINK_FIELDS];
    int n_fields;
    int given, family, full, email; // fields, -1 if there are none
    uint32_t *cell;                 // [rows][n_fields] number of the value; 0: missing
    size_t cap_cell;
    uint32_t rows, rows_a; // all rows; those of the first file. Equal when there is one file
    bool two;              // two files: pairs are of one row of each
} link_table;

// How far reading is; may be NULL.
typedef void link_progress(void *ctx, const char *what, uint64_t done, uint64_t total);

typedef struct {
    const char *path, *against; // against: NULL, or the second file
    str by;                     // as link_plan_make takes it
    link_progress *progress;
    void *ctx;
    uint64_t most_rows; // 0: 2^31
} link_read;

static inline const uint32_t *link_row(const link_table *t, uint32_t i) {
    return t->cell + (size_t)i * (size_t)t->n_fields;
}

must_use bool link_table_read(arena *a, link_table *t, const link_read *o, err *e);
void link_table_close(link_table *t);

// The same of rows in memory, for tests and for records that arrive one at a time.
must_use bool link_table_of(arena *a, link_table *t, const link_head *h, str by, err *e);

#endif
