// drift: does a segment speak of other things than before? (K20)
//
// The mix of themes of a segment now, beside the weeks before: one test per segment, all segments held together at 5 %
// false discoveries, and then the themes that drive it. Whether one theme alone is rising is rise.h's question.
#ifndef HEED_DRIFT_H
#define HEED_DRIFT_H

#include "base/rng.h"
#include "stats/estimate.h"
#include "stats/rise.h"

typedef struct {
    size_t theme;
    rise test;       // its share now and before, G and p of the 2 × 2 table
    change share;    // now less before, 95 % (Newcombe)
    double part;     // of the segment's G that is its; all parts sum to 1
    double adjusted; // p among the themes of the segments that drift: drift_adjust; NAN before, and where none drifts
} drift_theme;

typedef struct {
    double g, df, p; // G after the correction; p NAN when it cannot be tested
    const char *method;
    double strength;    // Cramér's V, 0..1
    double together;    // people name several themes at once: factor taken out of G, and degrees of freedom; 1: none
    drift_theme *theme; // those ever named, the strongest part first
    size_t n;
    double adjusted;           // p among all segments: drift_adjust
    bool drifts;               // adjusted < SIGNIFICANT and state OK
    enum estimate_state state; // THIN: fewer than 30 people in one of the windows
    const char *why;
} drift;

// Distinct people who named each theme. Williams' correction (1976, Biometrika 63) where all cells are expected to hold
// five; else p by tables drawn with the same margins (Patefield 1981), `rounds` of them (0 = 9,999).
drift drift_of(arena *a, const int64_t *now, const int64_t *before, size_t themes, int rounds, rng *r);

// The same from who said what when, which is exact where people name several themes: p by dealing whole people anew to
// the two windows. A person, or a person in a window, is one card; a theme counts once per card.
typedef struct {
    int64_t person;
    uint32_t theme;
    bool now;
} drift_said;
drift drift_of_people(arena *a, const drift_said *rows, size_t n, size_t themes, int rounds, rng *r);

// Benjamini-Hochberg over segments; within those that drift over their themes at the level that keeps the share of
// false claims on average over the chosen segments (Benjamini & Bogomolov 2014, J. R. Stat. Soc. B 76).
void drift_adjust(arena scratch, drift *d, size_t n);

#endif
