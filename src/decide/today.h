// today: who needs what from us today, why, and how sure we are. The product on one screen.
//
// It reads summaries, the feedback and the conversations of half a year, and never all events. Every line names its
// evidence: an id that evidence.h turns into the rows behind it.
#ifndef HEED_TODAY_H
#define HEED_TODAY_H

#include "base/civil.h"
#include "know/measure.h"
#include "stats/rise.h"

enum { TODAY_DAYS = 90 }; // each of the two stretches, unless said otherwise

typedef struct {
    enum measure m;
    estimate now, before;
    change moved;
    enum verdict verdict;
    str evidence;
} today_measure;

enum today_kind { NEED_UNHAPPY_WAITING, NEED_COMPLAINT, NEED_WAITING, NEED_GONE_QUIET, NEEDS };

// One customer who needs us, and why.
typedef struct {
    enum today_kind need;
    int64_t customer_id;
    str name;         // display name, or the strongest identifier
    int64_t since_us; // waiting or silent since
    int64_t value;    // at stake: net orders of the last 365 days, or twelve months of contract; minor units
    int32_t currency;
    int32_t rhythm_days; // their usual days between orders (GONE_QUIET)
    double chance;       // GONE_QUIET: how likely so long a silence is if nothing changed
    int32_t last_score;  // x 100, of last_instrument; see has_score
    enum instrument last_instrument;
    bool has_score;
    int64_t complaints;
    int sounds; // UNHAPPY_WAITING without a bad score or complaint: chance that their words are unhappy, in thousandths
    int64_t sounds_us; // when they said them
    str words;         // their last words, if any; of who sounds so, those
    str evidence;
} today_need;

typedef struct {
    str term; // a theme, a topic of the taxonomy or of the source, or a word
    bool is_topic;
    bool of_people; // a theme or topic by the last look (bursts.h): now and before count people, not mentions
    bool is_theme;
    rise r;
    double p;            // adjusted for how many were tested (Benjamini-Hochberg)
    double ratio;        // share now ÷ share before
    int64_t now, before; // mentions
    str example;         // the newest words with it
    str evidence;
} today_rising;

typedef struct {
    str what, why; // what could not be told, and what is missing
} today_unknown;

typedef struct {
    int64_t now_us; // what "today" is; see historic
    bool historic;  // all data are older than a month: today is the day after the newest event
    bool sample;    // the store holds sample data
    str zone;
    time_span now, before; // the two stretches compared
    int64_t customers, active;
    today_measure *measures;
    int n_measures;
    today_need *needs; // by need, then by value at stake
    int n_needs;
    int64_t need_counts[NEEDS]; // how many there are of each, shown or not
    int64_t gave_up;            // wait for longer than the stretch: they hardly wait any more
    today_rising *rising;
    int n_rising;
    int64_t alarms; // standing ones: said by more people than usual
    int64_t texts_now, texts_before, terms_tested;
    bool texts_sampled; // more texts than are read: an equal share of each stretch was taken
    today_unknown *unknown;
    int n_unknown;
    int64_t quarantined;
} today;

typedef struct {
    int64_t clock_us;
    int days; // length of each stretch; 0 = 90
    int most; // needs shown of each kind; 0 = 5
} today_opts;

must_use bool today_read(arena *a, store *s, const today_opts *o, today *out, err *e);
// "theme", "topic" (of the taxonomy), "label" (of a source), "word".
const char *today_rising_kind(const today_rising *x);
const char *need_label(enum today_kind n); // "Unhappy and waiting for us"

#endif
