// tagging: brings the topics of all words up to what is known of them: learns when there is reason to, gives what is
// new its topics, and looks at history again, the newest first. Reading and learning go beside the writer, storing by
// it. Stopped anywhere it goes on where it was.
#ifndef HEED_TAGGING_H
#define HEED_TAGGING_H

#include "jobs/writer.h"
#include "know/topic_learn.h"

typedef struct {
    store *s;  // to read by
    writer *w; // to write by; NULL: k is held for writing, or, where nothing is learned, s
    knowing *k;
    int64_t now_us;
    const reader *r; // NULL: words are known by their letters alone
    // After each piece: how many words of how many. False stops. May be NULL.
    bool (*goes_on)(void *ctx, int64_t done, int64_t total, err *e);
    void *ctx;
} tagging;

typedef struct {
    int64_t looked, gained, lost; // words; topics given that were not, and the other way round
    int64_t learned;              // axes
} tagged;

must_use bool tag_new(const tagging *x, tagged *sum, err *e);                // what waits
must_use bool tag_again(const tagging *x, tagged *sum, err *e);              // history, where it was left
must_use bool tag_learn(const tagging *x, bool anyway, tagged *sum, err *e); // when due, or anyway
must_use bool tag_corrections(const tagging *x, tagged *sum, err *e);        // answers that were not learned yet
must_use bool tag_audit(const tagging *x, err *e);                           // the month's sample, when it is due

#endif
