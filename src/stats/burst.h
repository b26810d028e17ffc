// burst: is something said by more people lately than it usually is, and since when?
//
// A series holds the distinct people of each period (day or week), oldest first; its last period is the newest complete
// one. What is usual comes from the periods before the newest windows: a level, a trend, a pattern of the week, and how
// much more the days vary than chance alone (negative binomial), fitted so that bursts of the past count little.
// Everything is a figure about people, so that one who writes ten times is one: see burst_people.
#ifndef HEED_BURST_H
#define HEED_BURST_H

#include "stats/estimate.h"

// ---- People per period ----

typedef struct {
    int64_t person, period; // period 0 is the first of the series
} burst_said;

// Counts people: each in the period in which they say it, and then not again for `quiet` periods (28: nobody counts
// twice in the longest window), however often they say it. Rows before period 0 tell who counted lately; like those
// after n − 1 they are not counted. people[n] is filled.
void burst_people(arena scratch, const burst_said *said, size_t rows, int64_t quiet, int64_t *people, size_t n);

// ---- What is usual, and the newest windows beside it ----

enum { BURST_WINDOWS = 4 };
// Fewer periods of baseline than LEAST are refused, fewer than GOOD are thin; a window with fewer people is no burst.
enum { BURST_LEAST = 28, BURST_GOOD = 56, BURST_LEAST_WEEKS = 8, BURST_GOOD_WEEKS = 16, BURST_PEOPLE = 5 };

typedef struct {
    const int64_t *people; // [n] distinct people of the period
    const double *all; // [n] how many could have said it (people who said anything); NULL: as many every day. 0: a gap
    size_t n;
    size_t season;                 // periods after which the pattern comes again: 7 for days; 0 or 1: none (weeks)
    size_t windows[BURST_WINDOWS]; // newest periods, 0 ends; all 0: 1, 3, 7, 28 with a season, else 1, 4
} burst_series;

typedef struct {
    size_t periods; // 0: there is no such window
    int64_t seen;
    double expected, lo, hi; // what is usual for just these periods, with its 95 % range of single windows
    double ratio;            // seen ÷ expected
    double p;        // one-sided: as many or more by chance, the doubt about the baseline included; NAN: refused
    double adjusted; // p among all of the page: burst_adjust; NAN before
    enum estimate_state state; // THIN: too few people in it, or a short baseline: p counts, no alarm
    const char *why;
} burst_window;

typedef struct {
    burst_window window[BURST_WINDOWS];
    const double *expected;    // [n] per period; the newest ones are told ahead, not fitted
    size_t baseline;           // periods before it ends: the longest window is left out
    double level;              // per period, at the end of the baseline
    double growth;             // by which share it grows in 28 periods of days, in 4 of weeks: 0.1 is ten per cent
    double spread;             // ψ: variance = mean + ψ mean²; 0 is Poisson
    double wander;             // variance of the logarithm of the level from week to week, beyond chance; 0: it stays
    double hang;               // how much more the longest window varies because days resemble those before; 1: not
    int best;                  // the window with the smallest p: the one whose messages to open; −1: none
    bool alarm;                // burst_alarms
    enum estimate_state state; // REFUSED: too short a baseline; why says how much is missing
    const char *why;
} burst;

burst burst_of(arena *a, const burst_series *s); // lives in a
// Counts with that mean and variance (negative binomial, Poisson when it is not above the mean): the range that holds
// 95 % of them, and the chance of that many or more. For bands in pictures: variance = expected + spread expected².
void burst_range(double mean, double variance, double *lo, double *hi);
double burst_chance(double mean, double variance, int64_t seen);

// For a page that is looked at now: false discoveries held at 5 % over all windows of all series (many.h). A window is
// a burst when it is OK and adjusted < SIGNIFICANT. unseen: series that were left out because too few people spoke in
// them, the newest days included; they count as tests that found nothing, else leaving them out would choose by the
// outcome.
void burst_adjust(arena scratch, burst *b, size_t n, size_t unseen);
bool burst_rising(const burst_window *w);

// For alarms that go out by themselves, looked at every period: while nothing is going on, at most one period in
// `patience` brings any alarm, over all windows of all n series together, however long one goes on (0 = 100: three or
// four false alarms a year of days). While something is, at most 1/patience of the alarms of a period are false on
// average. The same alarm day after day is one: tell it again only after 14 days without. Calls burst_adjust.
enum { BURST_PATIENCE = 100 };
size_t burst_alarms(arena scratch, burst *b, size_t n, size_t unseen, double patience); // how many; sets b[i].alarm

// ---- When: Kleinberg's automaton ----

// Kleinberg 2002, Bursty and hierarchical structure in streams, KDD; section 4 (batches) and 2 to 3 (gaps). State i
// speaks sⁱ times as much as usual; a step up costs γ ln n a level, a step down nothing; the cheapest way is found
// (Viterbi 1967). Equal costs: the lower state.
typedef struct {
    double scale, gamma; // s and γ; 0 = 2 and 1
    int states;          // 0 = 2; with gaps 0 = as many as can matter; at most BURST_STATES
} burst_rule;
enum { BURST_STATES = 32 };

typedef struct {
    int level;       // 1 is the first above usual; an interval of level 2 lies in one of level 1
    size_t from, to; // its first and last period; with gaps its first and last moment
    double weight;   // what it saves against the level below: how strong a burst
} burst_interval;

typedef struct {
    const uint8_t *state;           // [n] or of each gap
    const burst_interval *interval; // by from, then level
    size_t n;
    double cost; // of the whole way
} burst_states;

// hits of all in each batch. all NULL: batches of equal size and unlimited, Poisson instead of binomial costs.
// usual: share of hits (or, without all, the number) expected in each batch; NULL: the share over the whole series, as
// Kleinberg has it. Lives in a.
burst_states burst_batches(arena *a, const int64_t *hits, const int64_t *all, const double *usual, size_t n,
                           burst_rule rule);
// Moments, ascending, all different. state has n − 1 values.
burst_states burst_gaps(arena *a, const double *at, size_t n, burst_rule rule);

#endif
