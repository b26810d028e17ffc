#include <math.h>

#include "text/theme_inside.h"

#define SURE (2.0 / 3) // of members in common: no group shares so much with two others

// Rows ≤ columns; costs are least gains. Shortest augmenting paths with potentials (Jonker & Volgenant 1987); row and
// column 0 stand for none.
typedef struct {
    size_t rows, columns;
    const double *gain;
    bool turned; // gain is columns × rows
    double *of_row, *of_column, *least;
    size_t *row_of, *way;
    bool *seen;
} pairing;

static double cost_at(const pairing *p, size_t row, size_t column) {
    const double gain =
        p->turned ? p->gain[(column - 1) * p->rows + row - 1] : p->gain[(row - 1) * p->columns + column - 1];
    return -gain - p->of_row[row] - p->of_column[column];
}

// The nearest column that was not seen yet, from the rows that were.
static size_t advance(pairing *p, size_t column) {
    const size_t row = p->row_of[column];
    double step = INFINITY;
    size_t next = 0;
    p->seen[column] = true;
    for (size_t c = 1; c <= p->columns; c++) {
        if (p->seen[c]) continue;
        const double cost = cost_at(p, row, c);
        if (cost < p->least[c]) p->least[c] = cost, p->way[c] = column;
        if (p->least[c] < step) step = p->least[c], next = c;
    }
    for (size_t c = 0; c <= p->columns; c++)
        if (p->seen[c])
            p->of_row[p->row_of[c]] += step, p->of_column[c] -= step;
        else
            p->least[c] -= step;
    return next;
}

static void place(pairing *p, size_t row) {
    size_t column = 0;
    p->row_of[0] = row;
    for (size_t c = 0; c <= p->columns; c++) p->least[c] = INFINITY, p->seen[c] = false;
    do column = advance(p, column);
    while (p->row_of[column]);
    while (column) {
        const size_t before = p->way[column];
        p->row_of[column] = p->row_of[before];
        column = before;
    }
}

void theme_pair(arena scratch, const double *gain, size_t rows, size_t columns, uint32_t *column) {
    const bool turned = rows > columns;
    pairing p = {.rows = MIN(rows, columns), .columns = MAX(rows, columns), .gain = gain, .turned = turned};
    p.of_row = make(&scratch, double, p.rows + 1);
    p.of_column = make(&scratch, double, p.columns + 1);
    p.least = make(&scratch, double, p.columns + 1);
    p.row_of = make(&scratch, size_t, p.columns + 1);
    p.way = make(&scratch, size_t, p.columns + 1);
    p.seen = make(&scratch, bool, p.columns + 1);
    for (size_t i = 0; i < rows; i++) column[i] = THEME_NONE;
    for (size_t i = 1; i <= p.rows; i++) place(&p, i);
    for (size_t c = 1; c <= p.columns; c++) {
        if (!p.row_of[c]) continue;
        if (turned)
            column[c - 1] = (uint32_t)(p.row_of[c] - 1);
        else
            column[p.row_of[c] - 1] = (uint32_t)(c - 1);
    }
}

// ---- groups ----

// Dice's coefficients, new groups as rows; what is below `least` gains nothing.
static double *shares_of(arena *a, const uint32_t *then, size_t n_then, const uint32_t *now, size_t n_now, size_t n) {
    double *share = make(a, double, n_then *n_now + 1);
    arena scratch = *a;
    double *size_then = make(&scratch, double, n_then + 1), *size_now = make(&scratch, double, n_now + 1);
    for (size_t i = 0; i < n; i++) {
        if (then[i] != THEME_NONE) size_then[then[i]]++;
        if (now[i] != THEME_NONE) size_now[now[i]]++;
        if (then[i] != THEME_NONE && now[i] != THEME_NONE) share[now[i] * n_then + then[i]]++;
    }
    for (size_t g = 0; g < n_now; g++)
        for (size_t h = 0; h < n_then; h++)
            if (share[g * n_then + h] > 0) share[g * n_then + h] *= 2 / (size_now[g] + size_then[h]);
    return share;
}

void theme_match(arena scratch, const uint32_t *then, size_t n_then, const uint32_t *now, size_t n_now, size_t n,
                 double least, uint32_t *of, double *likeness) {
    for (size_t g = 0; g < n_now; g++) of[g] = THEME_NONE, likeness[g] = 0;
    if (!n_then || !n_now) return;
    const double *share = shares_of(&scratch, then, n_then, now, n_now, n);
    double *gain = make(&scratch, double, n_then *n_now);
    // A sure pair gains more than all others together, so none is given up for them.
    for (size_t i = 0; i < n_then * n_now; i++)
        gain[i] = share[i] < least ? 0 : share[i] + (share[i] > SURE ? (double)(n_then + n_now) : 0);
    theme_pair(scratch, gain, n_now, n_then, of);
    for (size_t g = 0; g < n_now; g++) {
        if (of[g] == THEME_NONE) continue;
        likeness[g] = share[g * n_then + of[g]];
        if (likeness[g] < least || likeness[g] <= 0) of[g] = THEME_NONE, likeness[g] = 0;
    }
}
