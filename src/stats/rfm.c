#include "stats/rfm.h"

static const char *const names[RFM_CELLS] = {
    [RFM_NONE] = "none",
    [RFM_CHAMPIONS] = "Champions",
    [RFM_LOYAL] = "Loyal",
    [RFM_POTENTIAL] = "Potential loyalists",
    [RFM_NEW] = "New customers",
    [RFM_PROMISING] = "Promising",
    [RFM_ATTENTION] = "Needs attention",
    [RFM_SLEEPY] = "About to sleep",
    [RFM_AT_RISK] = "At risk",
    [RFM_CANNOT_LOSE] = "Cannot lose them",
    [RFM_HIBERNATING] = "Hibernating",
    [RFM_LOST] = "Lost",
};

const char *rfm_cell_name(enum rfm_cell cell) {
    return cell > RFM_NONE && cell < RFM_CELLS ? names[cell] : names[RFM_NONE];
}

// The cells by recency and by frequency and money together (their mean, a half rounded up). The eleven names and the
// combined second axis are those of Putler's list (putler.com, "RFM analysis for successful customer segmentation"),
// whose ranges overlap; the borders are those of the map in common use that cuts the 25 squares without overlap
// ([1-2][1-2] hibernating, [1-2][3-4] at risk, [1-2]5 cannot lose, 3[1-2] about to sleep, 33 needs attention,
// [3-4][4-5] loyal, 41 promising, 51 new, [4-5][2-3] potential loyalists, 5[4-5] champions). That map has ten: here the
// oldest of its hibernating customers, recency 1, are the lost ones.
// clang-format off
static const int8_t cells[5][5] = {
    //            1                2                3              4                5   frequency and money
    /* r = 1 */ {RFM_LOST,        RFM_LOST,        RFM_AT_RISK,   RFM_AT_RISK,   RFM_CANNOT_LOSE},
    /* r = 2 */ {RFM_HIBERNATING, RFM_HIBERNATING, RFM_AT_RISK,   RFM_AT_RISK,   RFM_CANNOT_LOSE},
    /* r = 3 */ {RFM_SLEEPY,      RFM_SLEEPY,      RFM_ATTENTION, RFM_LOYAL,     RFM_LOYAL},
    /* r = 4 */ {RFM_PROMISING,   RFM_POTENTIAL,   RFM_POTENTIAL, RFM_LOYAL,     RFM_LOYAL},
    /* r = 5 */ {RFM_NEW,         RFM_POTENTIAL,   RFM_POTENTIAL, RFM_CHAMPIONS, RFM_CHAMPIONS},
};
// clang-format on

enum rfm_cell rfm_cell_of(int r, int f, int m) {
    if (r < 1 || r > 5 || f < 1 || f > 5 || m < 1 || m > 5) return RFM_NONE;
    return (enum rfm_cell)cells[r - 1][(f + m + 1) / 2 - 1];
}

typedef struct {
    int64_t value;
    size_t i;
} ranked;

static int by_value(const void *x, const void *y) {
    int64_t u = ((const ranked *)x)->value, v = ((const ranked *)y)->value;
    return (u > v) - (u < v);
}

// Hughes 1994, Strategic Database Marketing, cuts the sorted list into fifths, which gives customers with equal values
// different scores by accident of order. Here the score goes by the share of the other customers who are strictly
// lower, which is the same list without ties and never splits a tie. All alike: nobody is above anybody, and all
// score 1.
void rfm_fifths(arena scratch, const int64_t *x, size_t n, int8_t *out) {
    ranked *r = make(&scratch, ranked, n);
    for (size_t i = 0; i < n; i++) r[i] = (ranked){x[i], i};
    if (n) qsort(r, n, sizeof *r, by_value);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && r[to].value == r[from].value;) to++;
        size_t others = n - (to - from);
        size_t fifth = others ? MIN(5 * from / others, 4) + 1 : 1;
        for (size_t j = from; j < to; j++) out[r[j].i] = (int8_t)fifth;
    }
}

void rfm_scores(arena scratch, const rfm_row *x, size_t n, rfm_score *out) {
    int64_t *value = make(&scratch, int64_t, n);
    int8_t *fifth = make(&scratch, int8_t, n);
    for (size_t i = 0; i < n; i++) value[i] = x[i].last;
    rfm_fifths(scratch, value, n, fifth);
    for (size_t i = 0; i < n; i++) out[i].r = fifth[i];
    for (size_t i = 0; i < n; i++) value[i] = x[i].orders;
    rfm_fifths(scratch, value, n, fifth);
    for (size_t i = 0; i < n; i++) out[i].f = fifth[i];
    for (size_t i = 0; i < n; i++) value[i] = x[i].money;
    rfm_fifths(scratch, value, n, fifth);
    for (size_t i = 0; i < n; i++) {
        out[i].m = fifth[i];
        out[i].cell = rfm_cell_of(out[i].r, out[i].f, out[i].m);
    }
}
