// dissatisfied_right: how right heed is about who is dissatisfied: by what people say who judge blindly, and by what
// happened later.
//
// Each month customers are drawn by chance from three parts: those who are listed, those whose signs are too weak, and
// those without any. Whoever judges does not see which. From the first two parts follows how often the signs are right
// (precision); from all three how many of the dissatisfied are found (recall), which nothing else could tell. What was
// said of somebody on the list takes part in neither: who picks whom to judge would teach what they look at.
//
// A signal's strength is its precision as it was judged, drawn towards the default as if LEARNT_AS_IF answers had said
// so: the mean of Beta(m d + k, m (1 - d) + n - k) for k of n effective answers, default d and m = LEARNT_AS_IF (Gelman
// et al. 2013, Bayesian Data Analysis, 2.4).
#ifndef HEED_DISSATISFIED_RIGHT_H
#define HEED_DISSATISFIED_RIGHT_H

#include "decide/dissatisfied.h"
#include "stats/estimate.h"
#include "stats/recall.h"

enum dissatisfied_part { PART_LISTED, PART_WEAK, PART_WITHOUT, DISSATISFIED_PARTS };
const char *dissatisfied_part_name(enum dissatisfied_part p); // "listed"

enum { LEARNT_AS_IF = 10, SAMPLE_LISTED = 40, SAMPLE_WEAK = 30, SAMPLE_WITHOUT = 30, SAMPLE_MONTHS = 12 };

// Who is dissatisfied now, by what was learnt. now_us: of the store (know/measure.h).
typedef struct {
    int64_t now_us;
    double strength[SIGNALS];
    dissatisfaction d; // what is most at stake first
} dissatisfied_now;
must_use bool dissatisfied_read(arena *a, store *s, int64_t clock_us, dissatisfied_now *out, err *e);

// ---- the month's sample ----

typedef struct {
    int64_t profile, place, chance; // chance in thousandths
    enum dissatisfied_part part;
    uint32_t signals;
    int64_t customer;      // as it is now
    enum judged_says said; // the last blind word; JUDGED_nothing: not yet
} dissatisfied_sampled;
typedef struct {
    int month; // 202611
    int64_t drawn_us, size[DISSATISFIED_PARTS];
} dissatisfied_month;

must_use bool dissatisfied_due(store *s, int64_t now_us, bool *due, err *e); // this month's was not drawn
// Draws, without writing; n = 0: nobody is there to be drawn.
typedef struct {
    dissatisfied_month of;
    dissatisfied_sampled *v;
    size_t n;
    double strength[SIGNALS];
} dissatisfied_sample;
must_use bool dissatisfied_draw(arena *a, store *s, int64_t now_us, dissatisfied_sample *out, err *e);
must_use bool dissatisfied_keep(store *s, const dissatisfied_sample *x, err *e); // in a transaction; twice is harmless
must_use bool dissatisfied_months(arena *a, store *s, dissatisfied_month **out, size_t *n, err *e); // the newest first
// In the order of asking.
must_use bool dissatisfied_sampled_in(arena *a, store *s, int month, dissatisfied_sampled **out, size_t *n, err *e);
must_use bool dissatisfied_waits(arena *a, store *s, int64_t now_us, int64_t *waiting,
                                 err *e); // of this month's, not judged

// ---- what follows ----

typedef struct {
    enum signal signal;
    double strength;       // as it counts now
    int64_t judged, alone; // judged customers with it; dissatisfied ones whose only sign it was
    estimate precision;    // of those with it, how many are
    estimate unique;       // of all who are, how many would be missed without it
} dissatisfied_line;

typedef struct {
    int64_t drawn, yes, no, unsure;
    double size; // of a month, in the mean
} dissatisfied_part_told;

typedef struct {
    dissatisfied_part_told part[DISSATISFIED_PARTS];
    int64_t months;
    estimate precision, precision_any; // of those listed; of those with any sign
    estimate recall, recall_any;       // of all who are dissatisfied, listed; with any sign
    estimate prevalence;               // of all customers
    double said;                       // the mean chance that heed gave to those listed and judged; NAN
    dissatisfied_line lines[SIGNALS];
} dissatisfied_report;
must_use bool dissatisfied_tell(arena *a, store *s, int64_t now_us, dissatisfied_report *out, err *e);
// The strengths alone: SIGNALS of them.
must_use bool dissatisfied_learnt(arena *a, store *s, int64_t now_us, double *out, err *e);

// ---- what happened later ----

enum dissatisfied_outcome { LATER_unhappy, LATER_lost, LATER_stopped, DISSATISFIED_OUTCOMES };
const char *dissatisfied_outcome_name(enum dissatisfied_outcome o); // "unhappy"
const char *dissatisfied_outcome_text(enum dissatisfied_outcome o);

typedef struct {
    int64_t of, hit, other_of, other_hit; // of those listed `days` ago, and of all others
    estimate listed, others;
    change diff;
    lift times; // NAN with fewer than ten on a side
} dissatisfied_later;
typedef struct {
    int days;
    int64_t listed; // then
    dissatisfied_later of[DISSATISFIED_OUTCOMES];
} dissatisfied_after;
// What became of those listed `days` ago, from what was known then, beside all others. Of each outcome only those count
// to whom it could happen: who said anything since, was under contract, bought in a rhythm.
must_use bool dissatisfied_outcomes(arena *a, store *s, int64_t now_us, int days, dissatisfied_after *out, err *e);

#endif
