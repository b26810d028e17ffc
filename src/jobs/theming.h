// theming: one look for themes, with what bursts, drifts and comes first by them; reading and thinking beside the
// writer, storing by it, piece by piece. Begun again after a crash it does the same again.
#ifndef HEED_THEMING_H
#define HEED_THEMING_H

#include "jobs/writer.h"
#include "know/themes.h"

typedef struct {
    store *s;  // to read by
    writer *w; // to write by; NULL: s is held for writing, and by s
    str where; // the store, beside which the file of words may lie
    bool anew;
    int64_t clock_us;
    size_t texts;                                                    // looked at together; 0: as usual
    bool (*goes_on)(void *ctx, int64_t done, int64_t total, err *e); // false stops; may be NULL
    void *ctx;
} theming;

typedef struct {
    themes_count count;
    size_t rising, alarms, weighed; // series that rise; of these alarms; themes and topics with figures
    double search_s, rest_s;        // by the clock
} themed;

must_use bool theme_all(const theming *x, themed *out, err *e);

// New words, right after they were understood: some at a time, until none waits.
must_use bool theme_new_words(const theming *x, int64_t *placed, err *e);

#endif
