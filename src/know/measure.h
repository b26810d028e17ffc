// measure: the figures by which a company knows whether it puts its customers first, each an estimate with its range.
//
// The registry is measures.def. All figures of one question come from at most three streaming passes (summaries,
// feedback, conversations), so that cost follows the number of customers and of things said, never of events.
#ifndef HEED_MEASURE_H
#define HEED_MEASURE_H

#include "know/id_set.h"
#include "know/timeline.h"
#include "stats/estimate.h"
#include "store/store.h"

enum measure {
#define MEASURE(name, label, unit, better, reads, splits, formula, method, text) MEASURE_##name,
#include "know/measures.def"
    MEASURES,
};
enum unit { UNIT_POINTS, UNIT_SHARE, UNIT_PER_1000, UNIT_MARK, UNIT_DURATION };
enum reads { READS_SUMMARY = 1, READS_FEEDBACK = 2, READS_TALK = 4 };
enum split { SPLIT_NONE, SPLIT_MONTH, SPLIT_SEGMENT, SPLIT_CHANNEL, SPLIT_SOURCE };

typedef struct {
    const char *name, *label, *formula, *method, *text;
    enum unit unit;
    int better;
    enum reads reads;
    bool any_split; // by channel and source too; else by month and segment only
} measure_info;
const measure_info *measure_get(enum measure m);
bool measure_of(str name, enum measure *m);
const char *unit_name(enum unit u); // "points", "share", …

// A span of time: since <= t < until.
typedef struct {
    int64_t since_us, until_us;
} time_span;

typedef struct panel panel; // what was gathered; lives in its arena

// One of those that a figure counts, for the evidence behind it: a survey sent, a customer, an order sent back, a
// conversation. Measures of what was said (and complaints) count rows of feedback and are not told of.
typedef struct {
    int64_t profile_id, customer_id; // the one that is known; the other is 0
    int64_t at_us; // asked, contract ended or changed, bought last, sold what came back, wrote, waits since; first seen
    // Monthly worth before and after; repeat: the first day (civil) they bought; returns: how many were sold that day;
    // still_here: days stayed; first_reply: when it was answered (end).
    int64_t start, end;
    int32_t unit, channel, source_id;
    bool hit; // answered, lost, came back, sent back, gone
} counted;

typedef struct {
    const time_span *spans; // that do not overlap
    int n_spans;
    enum split split;   // groups beside the spans; SPLIT_MONTH is spans, and no group
    uint32_t wanted;    // bit per enum measure
    int64_t now_us;     // what "now" is: nothing later has happened
    const id_set *only; // count these profiles alone, and what they said; NULL: everybody
    void (*each)(void *ctx, enum measure m, const counted *x); // of the wanted measures; may be NULL
    void *ctx;
} panel_ask;

// Gathers. ERR_invalid when a wanted measure cannot be split so, naming the splits that it can.
must_use bool panel_read(arena *a, store *s, const panel_ask *ask, panel **out, err *e);
int panel_groups(const panel *p);           // at least 1
str panel_group(const panel *p, int group); // its label, "" without a split
estimate panel_estimate(arena *a, const panel *p, enum measure m, int span, int group);
// How a measure moved between two spans, with the method that fits it.
change panel_change(arena *a, const panel *p, enum measure m, int now, int before, int group);
int64_t panel_customers(const panel *p); // all customers, and those active in a span
int64_t panel_active(const panel *p, int span, int group);

// Fair use of a feedback row by all who count complaints.
bool is_complaint(enum kind k, int mood, bool has_score);
// A score as a mark of its scale, halves going up; false when it lies outside.
bool mark_of(enum instrument i, int64_t score, int *mark);

// The newest event's time, 0 when there is none; and what "now" means for this store: the clock, unless all data are
// older than a month (then the end of the newest event's day).
must_use bool newest_event_us(store *s, int64_t *at_us, err *e);
must_use bool as_of_us(store *s, int64_t clock_us, int64_t *now_us, bool *historic, err *e);

// Is a customer under contract at an instant, and for how much a month (main currency)?
bool contract_at(const timeline *t, int64_t at_us, int64_t *monthly);

#endif
