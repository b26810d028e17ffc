// desk: what commands need to change what a server keeps: the store, held alone, as the writer's thread has it.
#ifndef HEED_CLI_DESK_H
#define HEED_CLI_DESK_H

#include "cli/place.h"
#include "jobs/writer.h"

// Opens for writing. When a server holds the store, the whole command is run there (cli/inside.h), and this fails with
// c->answered set; where it cannot be reached, the error says which of its addresses does the same.
must_use bool desk_open(cli *c, const char *instead, desk *d, err *e);
void desk_close(desk *d);
// One transaction around a piece; what it numbers is stored with it.
must_use bool desk_run(desk *d, piece_fn fn, void *ctx, err *e);

#endif
