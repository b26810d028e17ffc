// topic_audit: what to ask people about topics, and how good the labels are by a blind sample each month (F39, F40).
//
// Asked is what is decided least: words whose chance is nearest to one half, no two alike (margin sampling, Settles
// 2009). The sample is drawn by chance from what was said in the month before, or in 90 days where that is little; who
// judges does not see what heed gave, and what they judge is not learned from.
#ifndef HEED_TOPIC_AUDIT_H
#define HEED_TOPIC_AUDIT_H

#include "know/topic_label.h"
#include "stats/estimate.h"

// ---- what to ask ----

enum { TOPIC_ASKED = 10, TOPIC_GUESSES = 5 };
typedef struct {
    int64_t topic; // as it stands today
    int sure;      // thousandths
} topic_guess;
typedef struct {
    topic_word w;
    topic_guess guesses[TOPIC_GUESSES];
    size_t n;
} topic_question;
// root: only what is perhaps about it or below it; 0: of the whole axis. waiting: how many there are in all.
must_use bool topic_ask(arena *a, store *s, const topics *t, enum topic_axis axis, int64_t root, topic_question **out,
                        size_t *n, int64_t *waiting, err *e);
must_use bool topic_waiting(store *s, const topics *t, enum topic_axis axis, int64_t *waiting,
                            err *e); // the latter alone

// ---- the audit ----

enum { AUDIT_SAMPLE = 100, AUDIT_LEAST = 30, AUDIT_JUDGES = 8, AUDIT_TOPICS = 20 };

int topic_month(int64_t at_us);            // 202611
str topic_month_text(arena *a, int month); // "2026-11"
bool topic_month_of(str text, int *month);
must_use bool topic_audit_due(store *s, int64_t now_us, bool *due, err *e);
// Once a month: drawn by a reader, then put in a transaction. What was erased meanwhile is left out, and nothing is put
// when somebody was quicker.
typedef struct {
    int month;
    struct meaning_place v[AUDIT_SAMPLE];
    size_t n;
} topic_audit_drawn;
must_use bool topic_audit_draw(store *s, int64_t now_us, topic_audit_drawn *out, err *e);
must_use bool topic_audit_put(store *s, const topic_audit_drawn *x, int64_t *put, err *e);

// What one person said of words.
typedef struct {
    str by;
    int64_t topics[AUDIT_TOPICS];
    size_t n;
} topic_judgement;
typedef struct {
    int64_t profile, key, at_us;
    int64_t given[AUDIT_TOPICS]; // by heed, when it was drawn
    size_t n_given;
    bool doubted; // it had guesses that were not sure enough
    topic_judgement judged[AUDIT_JUDGES];
    size_t n_judged;
} topic_audited;
must_use bool topic_audit_read(arena *a, store *s, int month, topic_audited **out, size_t *n, err *e);
must_use bool topic_audit_months(store *s, int *out, size_t room, size_t *n, err *e); // the newest first
must_use bool topic_audit_newest(store *s, int *month, err *e);                       // 0: none was drawn yet
// ERR_not_found when the words are not in the sample.
must_use bool topic_audit_judge(store *s, int month, int64_t profile, int64_t key, const topic_judgement *j, err *e);
must_use bool topic_audit_waits(store *s, int64_t now_us, int64_t *waiting,
                                err *e); // of this month's, not judged by anybody

typedef struct {
    int64_t topic, given, meant, both;
    estimate precision, recall;
} topic_audit_line;
typedef struct {
    int64_t sample, judged, twice;
    double alpha, alpha_heed; // NAN: cannot be told
    estimate precision, recall, abstained, unassigned;
    double coverage; // NAN
    topic_audit_line *lines;
    size_t n;
} topic_audit_report;
must_use bool topic_audit_tell(arena *a, store *s, const topics *t, int month, topic_audit_report *out, err *e);

#endif
