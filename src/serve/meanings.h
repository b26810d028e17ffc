// meanings: what a server needs to search by meaning: what reads words, opened when it is first needed, and the places
// of all texts in memory.
#ifndef HEED_MEANINGS_H
#define HEED_MEANINGS_H

#include "know/meaning.h"

typedef struct meanings meanings;
meanings *meanings_open(const char *where); // the store
void meanings_close(meanings *m);           // NULL is fine
meaning_index *meanings_index(meanings *m);
must_use bool meanings_reader(meanings *m, const reader **out, err *e); // for any number of threads

#endif
