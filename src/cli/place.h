// place: the store that a command works on: where it is, how it is opened to read or to write, its settings, its
// sources.
#ifndef HEED_PLACE_H
#define HEED_PLACE_H

#include "cli/cli.h"
#include "know/rebuild.h"
#include "know/settings.h"
#include "ledger/sources.h"

str place_of(const cli *c);     // --store, HEED_STORE, or "heed-data"
bool place_named(const cli *c); // by --store or HEED_STORE

// Opens for reading, without the writer's lock. What a crash or an undo left to be done is done first; when another
// process holds the lock meanwhile, a note says that the newest events may be missing.
must_use bool place_read(cli *c, store **s, err *e);
// Opens for writing and takes the writer's lock. Imports that a crash left running are marked as interrupted.
must_use bool place_write(cli *c, str where, bool create, store **s, err *e);
// The same with a ledger and its stages; what a crash left is replayed. Close with know_close, then store_close.
must_use bool place_know(cli *c, str where, bool create, store **s, knowing **k, err *e);

// Writes the derived state anew, with progress. The ledger must be closed.
must_use bool place_rebuild(cli *c, store *s, rebuilt_report *out, err *e);
// From here until a rebuild is done, whoever opens the store does it first.
must_use bool place_rebuild_due(store *s, err *e);
must_use bool place_finish(cli *c, store *s, err *e); // does it if it is due

// A line above everything that a person reads from a store with made-up customers in it.
void settings_mark(const cli *c, const settings *set);

#endif
