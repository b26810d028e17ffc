// kept: answers that cost a pass over everybody. One mechanism for figures of every kind, in memory and on the disk.
//
// An answer holds while nothing changes. When something has, one that is made within a tenth of a second is made anew
// for whoever asks. Of one that takes longer, what was made last is given at once, with its age in the header `Age`
// (seconds; 0: as things are now), and a worker makes it anew; pages that are open are told ("figures"). While people
// ask for it, that is after ten times what it takes to make, from two seconds to five minutes; while nobody does, ever
// more rarely: after an eighth of the time since somebody did, a minute or twenty times what it takes at least, an hour
// at most. So whoever comes back finds something there that is not old, and a store that nobody looks at costs little.
//
// What takes long is also a row of table `kept` (a question, how it is asked, the answer), so that it is there at once
// after a restart; kept_made (know/kept.h) says when none of it holds any more, such as after an erasure.
#ifndef HEED_SERVE_KEPT_H
#define HEED_SERVE_KEPT_H

#include "serve/route.h"

typedef struct answers_kept answers_kept;
answers_kept *kept_open(void);
void kept_close(answers_kept *k);      // NULL is fine
void kept_changed(answers_kept *k);    // what is kept may not hold any more
uint64_t kept_change(answers_kept *k); // rises with it: read before the store is

// Reads what is on the disk, and begins to renew. Before it what takes long is made anew for whoever asks, too.
must_use bool kept_start(answers_kept *k, server *sv, err *e);
void kept_stop(answers_kept *k);
void kept_slow_from(answers_kept *k, int64_t us); // for tests: what takes long (0: everything)

// Puts the answer to a question (whatever tells answers apart, also what who asks may see) as one value into c->out.
// It must come from what the address says and from the store alone: the worker asks the same address again.
typedef bool (*kept_fn)(void *ctx, buf *b, err *e); // writes the answer
must_use bool kept_put(call *c, str question, kept_fn tell, void *ctx, err *e);
// The same for a handler of its own that writes one value to c->out: what it says must follow from the address, from
// whether names may be seen, and from `more`.
must_use bool kept_whole(call *c, str more, bool (*body)(call *c, err *e), err *e);
// Of what follows nobody will ask again tomorrow (a question with a moment in it): it is not stored, and made anew only
// while it is asked for. Before kept_put.
void kept_passing(call *c);

// The same without a call, and what it is made of.
typedef struct {
    str question, path, query; // path and query: how to ask again
    int64_t account;
    uint64_t needs;
    int64_t now_us;  // of the store's clock: no answer holds that is ten minutes older, or younger
    uint64_t change; // kept_change before the store was read
    str era;         // kept_era of the store: answers of another era are never given
    bool renews;     // make it, whatever there is
    bool passing;
} kept_ask;
// The answer lives in a; age in seconds. At most 16 MiB are kept.
must_use bool kept_answer(answers_kept *k, arena *a, const kept_ask *q, kept_fn tell, void *ctx, str *out, int64_t *age,
                          err *e);

// How often an answer was there, how often there but older, how often it was made for who asked, and renewed: for
// /metrics and tests.
typedef struct {
    int64_t given, given_old, made, renewed, bytes;
    int64_t oldest_s; // of those given
} kept_counts;
kept_counts kept_look(answers_kept *k);

#endif
