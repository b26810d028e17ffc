// duties: the part of today that is about our own word: what we owe and are late with, what will likely be late, to
// whom an apology is due, which red lines are nearly used up, who waits for a signature, and which messages are in
// trouble.
#ifndef HEED_DUTIES_H
#define HEED_DUTIES_H

#include "act/commitment_broken.h"
#include "act/commitment_rates.h"
#include "act/outbox.h"
#include "decide/approval.h"
#include "stats/estimate.h"

// A commitment with its words and to whom it was made.
typedef struct {
    commitment x;
    int64_t customer; // 0: nobody in particular
    str name;         // empty with customer 0
    double late;      // the chance that it is kept after its date; NAN: not known, or due already
} duty;

typedef struct {
    int64_t due_count, risky_count, broken_count;
    duty *due; // the longest due first
    size_t n_due;
    duty *risky; // the likeliest late first, of what falls due within two days
    size_t n_risky;
    duty *broken; // an apology is owed, the oldest first; also among `due` as long as they are not kept
    size_t n_broken;
    redline_used *near; // the fullest first
    size_t n_near;
    approval *approvals; // the first due first
    size_t n_approvals;
    outbox_troubles mail;
    int64_t alike;                   // pairs of profiles that may be one person and wait for somebody to say so
    int64_t crowds;                  // customers of suspiciously many profiles (know/rules.h)
    int64_t topic_questions;         // words of which an answer would teach what they are about; 0: too few to ask
    int64_t topic_audit;             // words of the month's sample that nobody has judged
    int64_t dissatisfied;            // customers who are likelier dissatisfied than not
    int64_t dissatisfied_audit;      // of the month's sample, not judged
    estimate dissatisfied_precision; // of those listed, how many are, as people judge
} duties;

enum { DUTIES_MOST = 5 };
// most: of the due, the risky and the broken each; 0: DUTIES_MOST.
must_use bool duties_read(arena *a, store *s, int64_t now_us, size_t most, duties *out, err *e);
bool duties_any(const duties *d);
// Without names and words where `names` is false.
void duties_json(json_out *j, const char *key, const duties *d, bool names, int64_t now_us);

#endif
