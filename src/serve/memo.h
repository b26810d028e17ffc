// memo: answers that cost a pass over everybody, kept while nothing changes.
//
// The writer says when something may have changed (memo_changed). An answer made before that is made anew when it is
// asked for; one that took long may be given for ten times as long as it took, half a minute at most, so that a store
// into which events flow all the time is not read all the time. Whoever asks for what is being made waits for it.
#ifndef HEED_MEMO_H
#define HEED_MEMO_H

#include "base/base.h"

typedef struct answers_kept answers_kept;
answers_kept *memo_open(void);
void memo_close(answers_kept *k); // NULL is fine
void memo_changed(answers_kept *k);

typedef bool (*memo_fn)(void *ctx, buf *b, err *e); // writes the answer
// question: whatever tells answers apart; now_us: of the store's clock: no answer is given that is ten minutes older.
// The answer lives in a. At most 16 MiB are kept.
must_use bool memo_answer(answers_kept *k, arena *a, str question, int64_t now_us, memo_fn tell, void *ctx, str *out,
                          err *e);

// How often an answer was there, and how often it was made: for /metrics and tests.
typedef struct {
    int64_t given, made, bytes;
} memo_counts;
memo_counts memo_look(answers_kept *k);

#endif
