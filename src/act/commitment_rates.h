// commitment_rates: how promises are kept (F28), how long keeping takes, what date can be offered (F29), and which of
// the open ones will be late.
#ifndef HEED_COMMITMENT_RATES_H
#define HEED_COMMITMENT_RATES_H

#include "know/commitment.h"
#include "stats/survival.h"

enum rates_by { RATES_ALL, RATES_BY_KIND, RATES_BY_TEAM, RATES_BY_SEGMENT, RATES_BY_STANDARD };

// Of the due set: judged by now, less those withdrawn by the customer and those noted by mistake. What is open and not
// yet due never counts.
typedef struct {
    str group;
    int64_t standard;              // by standard: which one, for two may have one name; else 0
    int64_t due, kept, late, open; // due = kept + late + open
    int64_t renegotiated;          // among those kept: by a new date agreed once and in time
    estimate share;                // kept of due, Wilson; the headline is its lower bound
    estimate late_share;           // of due, kept but late
    double late_days;              // the median lateness of those kept late; 0: none was
    // Of fixes that we call solved: what the customer says. Solved means the customer says so, so these stay apart.
    int64_t confirmed; // they say so too
    int64_t silent;    // they had the time to object and did not
    int64_t waiting;   // they have it still
    int64_t reopened;  // of all that fell due: it was not solved when we said so
} commitment_rate;

// How long a customer has to say that a fix is none: the setting fix_silence_days, 7 days unless set.
must_use bool commitment_silence(store *s, int64_t *silence_us, err *e);
enum fix_word { FIX_UNSOLVED, FIX_WAITING, FIX_SILENT, FIX_CONFIRMED, FIX_REOPENED };
enum fix_word commitment_fix_word(const commitment *c, int64_t silence_us, int64_t now_us);
const char *fix_word_name(enum fix_word w); // "confirmed"

// Groups by their lower bound, the worst first; at most 500. Judged since <= t <= now. A team is named only when five
// or more of its people owe something: no figure is about a person of ours.
must_use bool commitment_rates(arena *a, store *s, enum rates_by by, int64_t since_us, int64_t now_us,
                               commitment_rate **out, size_t *n, err *e);

// How long keeping takes, by kind: Kaplan-Meier in days, open ones and withdrawn ones censored. Of at most 50,000 of
// the last 365 days.
// And in what part of the time that there was, by which the risk is told: who has three weeks takes longer than who has
// three days, and is not late for that.
typedef struct {
    survival fit;      // days
    survival pace;     // (kept - made) / (judged - made); above 1 is late
    int64_t open;      // now
    double usual_open; // at a time, on average over the last 90 days
} commitment_curve;
typedef struct {
    commitment_curve of[COMMITMENT_KINDS];
} commitment_curves;
must_use bool commitment_curves_read(arena *a, store *s, int64_t now_us, commitment_curves *out, err *e);

// The date by which a promise of this kind, made now, is kept with the chance given (F29): the quantile of how long it
// took, times today's load.
typedef struct {
    int64_t date_us; // 0: the history does not reach so far
    double days, load;
    int64_t n;
    bool manager; // fewer than 20: a wide guess, which a manager should look at
    const char *why;
} commitment_offer;
enum { OFFER_NEEDS = 20 };
commitment_offer commitment_offer_of(arena *a, const commitment_curves *curves, enum commitment_kind k, double chance,
                                     int64_t now_us);

// The chance that it is kept after its date, given that it is not kept yet: S(1)/S(u) on the pace of its kind, u the
// part of its time that is over; NAN where fewer than 20 are known.
double commitment_chance_late(const commitment_curve *curve, int64_t made_us, int64_t due_us, int64_t now_us);

// What is due and what is at risk.
typedef struct {
    int64_t id, made_us, judged_us;
    enum commitment_kind kind;
    double late; // chance; NAN: not known
} commitment_watched;
typedef struct {
    int64_t due;                // how many are due and not kept
    commitment_watched *oldest; // of them, the longest due first
    size_t n_oldest;
    int64_t ahead;             // how many fall due within the look ahead (at most `most_ahead` are looked at)
    commitment_watched *risky; // of them, those more likely late than `risk`, the likeliest first
    size_t n_risky;
    int64_t risky_count;
} commitment_watch;
typedef struct {
    int64_t now_us, ahead_us; // ahead_us 0: two days
    double risk;              // 0: one half
    size_t most;              // of each list; 0: 50
    int64_t most_ahead;       // 0: 50,000
} commitment_watch_ask;
must_use bool commitment_watch_read(arena *a, store *s, const commitment_curves *curves,
                                    const commitment_watch_ask *ask, commitment_watch *out, err *e);

#endif
