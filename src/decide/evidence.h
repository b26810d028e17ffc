// evidence: the rows behind a figure or a line of `heed today`.
//
// An evidence id says what to look for, so it needs no storage and stays valid: "nps:2026-08-23..2026-11-20" are the
// answers of that time (days inclusive, in the store's zone), "nps:30d" those of the last 30 days and "nps" of the last
// 90, "churn:…" the customers lost, "customer:17" one customer's events, "topic:delivery" or "word:late" what was said
// with it in the last four weeks; "theme:17" and "topic:4" (numbers of the taxonomy) what was said about them in 13
// weeks, with ":28d" or a time behind it for another time; "burst:3" the words of an alarm. The rows of a measure are
// those that its figure counts: all answers, but only the complaints, the contracts lost or changed, and the orders
// sent back.
#ifndef HEED_EVIDENCE_H
#define HEED_EVIDENCE_H

#include "base/civil.h"
#include "know/measure.h"

typedef struct {
    int64_t at_us;
    int64_t customer_id; // 0: nobody known
    str what;            // "answer", "order", "contract ended", …
    str figure;          // "9 of 10", "12.50 EUR", "waited 3 h"; may be empty
    str words;           // may be empty
    str source;          // source and channel; may be empty
} evidence_row;

typedef bool (*evidence_fn)(void *ctx, const evidence_row *x, err *e);

// Calls back for the rows after the first `skip`, at most `most` of them; *total counts all. ERR_invalid explains the
// form of an id.
typedef struct {
    int64_t now_us, skip, most;
} evidence_part;
must_use bool evidence_list(store *s, str id, const evidence_part *part, evidence_fn fn, void *ctx, int64_t *total,
                            err *e);

// "2026-08-23..2026-11-20", "2026-08", "2026" or one day, in a zone. ERR_invalid otherwise.
must_use bool span_parse(str x, const zone *z, time_span *out, err *e);

#endif
