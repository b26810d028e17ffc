// topic_read: how many people speak of what, how they feel about it and what changed; one topic from near; what one
// customer needs by their own words.
//
// People are customers, each once however often they say something. What somebody says again in the same words is one
// mention. A topic counts with everything below it and everything that was merged into it.
#ifndef HEED_TOPIC_READ_H
#define HEED_TOPIC_READ_H

#include "know/topic_label.h"
#include "stats/many.h"

enum { TOPIC_FELT = 150 }; // thousandths from which what is said is good, or bad

typedef struct {
    int64_t now, before; // people in the later half of the time, and in the earlier
    double ratio, lo, hi;
    enum verdict verdict; // BETTER: rises; WORSE: falls
} topic_trend;

typedef struct {
    int64_t people, mentions, negative, neutral, positive, untold, unsure, said;
    estimate balance; // net sentiment of people, -100 to 100
    topic_trend trend;
} topic_figures;

typedef struct {
    int64_t words, people, unassigned; // said in that time; without a topic of what and why
    topic_figures *of;                 // one for each of topics_all
} topic_counts;
must_use bool topic_count(arena *a, store *s, const topics *t, int64_t since_us, int64_t until_us, topic_counts *out,
                          err *e);

// How good labels are, by answers held out.
typedef struct {
    int64_t answers;
    double give; // NAN: nothing is given without a person yet
    estimate precision, recall;
} topic_quality;
// One for each of topics_all.
must_use bool topic_qualities(arena *a, store *s, const topics *t, topic_quality **out, err *e);

typedef struct {
    enum topic_axis axis;
    int64_t topics, learned_us, examples, answers, later;
} topic_axis_standing;
typedef struct {
    topic_axis_standing axes[TOPIC_AXES];
    int64_t understood, waiting;
    topic_again again;
} topic_standing;
must_use bool topic_stands(arena *a, store *s, const topics *t, topic_standing *out, err *e);

// ---- one topic ----

typedef struct {
    int32_t day; // its Monday
    int64_t people, mentions, negative, positive;
} topic_week;
typedef struct {
    int64_t id; // of a segment, a topic or a channel
    str name;
    int64_t people, mentions, negative, positive;
} topic_share;
typedef struct {
    topic_week *weeks;
    topic_share *channels, *segments, *with, *below;
    size_t n_weeks, n_channels, n_segments, n_with, n_below;
} topic_near;
must_use bool topic_look(arena *a, store *s, const topics *t, int64_t id, int64_t since_us, int64_t until_us,
                         int64_t now_us, topic_near *out, err *e);

// ---- its mentions ----

enum topic_which { TOPIC_given_all, TOPIC_which_unsure, TOPIC_which_person, TOPIC_which_source, TOPIC_which_learned };
typedef struct {
    int64_t id, since_us;
    int feeling; // -1, 0, 1; MOOD_UNKNOWN: any
    enum topic_which which;
    bool below;
    bool next; // after this one
    int64_t at_us, key;
    size_t most;
} topic_mentions_ask;
typedef struct {
    topic_word w;
    topic_tag tag;
    int64_t customer;
    bool copy;
} topic_mention;
must_use bool topic_mentions(arena *a, store *s, const topics *t, const topic_mentions_ask *ask, topic_mention **out,
                             size_t *n, bool *more, err *e);

// ---- one customer (K12) ----

enum topic_need_kind { NEED_likes, NEED_dislikes, NEED_needs, NEED_speaks_of };
const char *topic_need_name(enum topic_need_kind k);
enum { NEED_EVIDENCE = 5, NEED_WANTS = 6, NEED_HALF_DAYS = 365 };
typedef struct {
    enum topic_need_kind kind;
    int64_t topic;
    str name;
    int64_t times, first_us, last_us;
    bool has_mood;
    double mood; // -1 to 1, the newest words count most
    str wants[NEED_WANTS];
    size_t n_wants;
    double confidence;
    topic_word evidence[NEED_EVIDENCE]; // the newest first
    enum topic_how how[NEED_EVIDENCE];
    size_t n_evidence;
} topic_need;
must_use bool topic_needs_of(arena *a, store *s, const topics *t, int64_t customer, int64_t now_us, topic_need **out,
                             size_t *n, err *e);

#endif
