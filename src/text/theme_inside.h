// theme_inside: what the files of themes share.
#ifndef HEED_THEME_INSIDE_H
#define HEED_THEME_INSIDE_H

#include "text/features.h"
#include "text/theme.h"

enum {
    THEME_HALF = 128,             // numbers of the meaning, and of the letters, of a text
    THEME_WIDTH = 2 * THEME_HALF, // of a text
    THEME_ROUGH = 64,             // directions in which texts are grouped
    THEME_COLUMNS = 16384,        // runs of letters that a space knows, at most
    THEME_READ = 512,             // bytes of a text that are read
};

// ---- numbers ----

// The strongest directions of a symmetric matrix, size × size, as rows of out, with their strengths falling; those that
// are hardly there are zeros. By iterating a subspace (Rutishauser 1969), from fixed random rows.
void numbers_directions(arena scratch, const float *m, size_t size, size_t n, float *out, float *strength);
// Rows made orthonormal, one after the other; what depends on former rows becomes zeros.
void numbers_orthonormal(float *rows, size_t n, size_t width);
void numbers_unit(float *x, size_t n); // of length one; zeros stay zeros
// Eigenvectors of a small symmetric matrix as rows of v, values falling (Jacobi 1846). Changes m.
void numbers_eigen(arena scratch, double *m, size_t n, double *v, double *value);

// ---- the space of texts ----

// A text is what it means in the directions in which these texts differ, and its runs of letters in the directions in
// which they go together (latent semantic analysis, Deerwester et al. 1990), each of length one, together of length
// one.
typedef struct {
    size_t rows, width;
    int8_t *q;    // as it is kept: times the scale of the row
    float *scale; // of each row
    float *v;     // as it is used
} theme_table;

typedef struct {
    bool meaning;        // there were vectors
    float *mean;         // EMBEDDING
    theme_table turn;    // THEME_HALF × EMBEDDING
    gram_index index;    // letters alone
    theme_table letters; // index.n × THEME_HALF
} theme_space;

theme_space theme_space_learn(arena *a, arena scratch, const theme_text *const *x, size_t n);
// THEME_WIDTH numbers. Returns how much of the text the space holds, from 0 to 1: what is strange to it is far from all
// that is in it, however it is turned.
float theme_space_of(const theme_space *s, arena scratch, str text, const int8_t *vector, float *out);
void theme_space_write(buf *b, const theme_space *s);
bool theme_space_read(arena *a, str *rest, theme_space *s); // false: damaged

// ---- groups ----

// n rows of THEME_WIDTH, with their weights, into k groups; k 0: as many as they carry, at most `most`. Returns how
// many; of[i] is below it. Rows are moved towards their nearest neighbours and then joined two by two (Ward 1963).
size_t theme_group(arena scratch, const float *rows, const float *weight, size_t n, size_t k, size_t most,
                   uint32_t *of);

// ---- models ----

// A theme is one part or several (themes that people made one). A part is a centre.
typedef struct {
    int64_t id; // of its theme
} theme_part;

struct theme_model {
    theme_space space;
    str make;
    float far;
    int64_t next_id;
    size_t n_parts, n_themes, n_pins;
    theme_part *parts;
    float *centres; // n_parts × THEME_WIDTH
    int64_t *ids;   // of themes, in the order of themes.v
    str *names;
    uint32_t *theme_of; // of each part
    uint64_t *pin_keys; // rising
    uint32_t *pin_of;   // themes
};

bool theme_model_link(arena *a, theme_model *m); // theme_of, from the ids; false: a part is of no theme
uint32_t theme_nearest_part(const theme_model *m, const float *row, float *distance); // THEME_NONE: no parts
theme_choice theme_nearest(const theme_model *m, const float *row);
theme_choice theme_nearest_held(const theme_model *m, const float *row,
                                float held); // distances grow with what is not held
float theme_distance(const theme_model *m, const float *row, uint32_t theme);
uint32_t theme_pinned(const theme_model *m, uint64_t key); // THEME_NONE: not by anybody

// ---- finding ----

// Texts that say the same, letter by letter as far as theme_key goes.
typedef struct {
    uint64_t key;
    uint32_t text;        // of them, the first by its bytes
    uint32_t first, last; // places in finder.order, last not included
} theme_same;

typedef struct {
    arena *a; // what is returned
    const theme_text *x;
    size_t n;
    const theme_options *o;
    uint32_t *order; // texts by key; those that say nothing first
    theme_same *same;
    size_t n_same, silent;
    // Those that are compared, rising by key: without near copies, and with all of whom a person said something.
    uint32_t *compared; // places in same
    size_t m;
    uint32_t *people; // who say each, or nearly that
    float *weight;    // 1 + log2 of them
    float *rows;      // m × THEME_WIDTH
    float *held;      // how much of each the space holds
    uint32_t *of;     // part of each; THEME_NONE: not one that makes it
    theme_model *model;
    int64_t *part_ids; // 0: a new theme
    double *likeness;  // of each part with what it was
    size_t room;       // of parts
} theme_finder;

static inline const theme_text *theme_compared(const theme_finder *f, size_t i) {
    return &f->x[f->same[f->compared[i]].text];
}
uint32_t theme_compared_at(const theme_finder *f, uint64_t key); // place among the compared; THEME_NONE
bool theme_same_make(const theme_finder *f);                     // of the vectors of before and of today
int64_t theme_final_id(const theme_options *o, int64_t id);      // after all merges
uint32_t theme_part_new(theme_finder *f, int64_t id);            // a part without texts yet; its number
void theme_centres(theme_finder *f, uint32_t from);              // of parts from this one on, from their texts

void theme_sort(theme_finder *f, arena *scratch);   // order, same
void theme_choose(theme_finder *f, arena *scratch); // compared
void theme_begun(theme_finder *f);                  // pins that make themes, and themes that must not go
void theme_bind(theme_finder *f, arena scratch);    // what must and must not be together, as pins of the model
void theme_tally(theme_finder *f, arena scratch, themes *t, theme_mark *out);
void theme_names(theme_finder *f, arena scratch, themes *t, const theme_mark *marks);

// ---- without a space ----

bool theme_all_meant(const theme_text *x, const uint32_t *of, size_t n); // all have vectors; of NULL: all n
// EMBEDDING numbers of length one for each text: what it means, or else of all its letters.
float *theme_plain_rows(arena *a, const theme_text *x, const uint32_t *of, size_t n, bool meaning);
// Different texts, at most so many: a fair sample that no order can change. Returns how many.
size_t theme_distinct(arena scratch, const theme_text *x, const uint32_t *of, size_t n, size_t most, uint32_t *out);

#endif
