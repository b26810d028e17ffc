// words: a command that brought new words of customers has them understood before it ends, where that is quick.
#ifndef HEED_CLI_WORDS_H
#define HEED_CLI_WORDS_H

#include "cli/place.h"
#include "jobs/understand.h"

enum { WORDS_MOST = 5000, WORDS_TOLD = 200, STAGED_MOST = 25000 };
// More texts, or customers whose stages are to be told, wait for the server; from WORDS_TOLD on it is told how long it
// took.

// s is held for writing and its ledger is closed, or nothing waits in it.
must_use bool words_understand(cli *c, store *s, understood *out, err *e);
void words_tell(const cli *c, const understood *u);

#endif
