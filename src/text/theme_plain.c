#include "text/floats.h"
#include "text/theme_inside.h"

// Runs of letters thrown into so many numbers with signs (Weinberger et al. 2009): good enough to see which texts are
// alike where nothing is known of their meaning.
static void letters_of(arena scratch, str text, float *out) {
    const grams g = grams_of(&scratch, str_sub(text, 0, THEME_READ));
    memset(out, 0, EMBEDDING * sizeof *out);
    for (size_t i = 0; i < g.n; i++) {
        const uint32_t column = GRAM_COLUMN(g.v[i]), h = column * 0x9E3779B1u;
        if (GRAM_LETTERS(column)) out[h >> 23] += h & 1 ? 1.0f : -1.0f;
    }
    numbers_unit(out, EMBEDDING);
}

bool theme_all_meant(const theme_text *x, const uint32_t *of, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!x[of ? of[i] : i].vector) return false;
    return true;
}

float *theme_plain_rows(arena *a, const theme_text *x, const uint32_t *of, size_t n, bool meaning) {
    float *rows = arena_alloc(a, sizeof *rows, 64, n * EMBEDDING + 1);
    for (size_t i = 0; i < n; i++)
        if (meaning)
            embedding_unpack(x[of[i]].vector, rows + i * EMBEDDING);
        else
            letters_of(*a, x[of[i]].text, rows + i * EMBEDDING);
    return rows;
}

typedef struct {
    uint64_t key;
    uint32_t at;
    str text;
} keyed_text;

static int by_key(const void *x, const void *y) {
    const keyed_text *a = x, *b = y;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    const int order = str_cmp(a->text, b->text);
    return order ? order : a->at < b->at ? -1 : a->at > b->at;
}

size_t theme_distinct(arena scratch, const theme_text *x, const uint32_t *of, size_t n, size_t most, uint32_t *out) {
    keyed_text *k = make(&scratch, keyed_text, n + 1);
    size_t some = 0, kept = 0;
    for (size_t i = 0; i < n; i++) {
        const uint32_t at = of ? of[i] : (uint32_t)i;
        const uint64_t key = theme_key(scratch, x[at].text);
        if (key) k[some++] = (keyed_text){key, at, x[at].text};
    }
    if (some) qsort(k, some, sizeof *k, by_key);
    for (size_t i = 0; i < some && kept < most; i++)
        if (!i || k[i].key != k[i - 1].key) out[kept++] = k[i].at;
    return kept;
}
