// What the files of the server share and nobody else sees.
#ifndef HEED_SERVE_PRIVATE_H
#define HEED_SERVE_PRIVATE_H

#include "serve/server.h"

int64_t server_clock_us(void);                                 // of the machine, for durations
void server_handle_as(server *sv, exchange *x, const who *as); // as: NULL = whoever the request says

#endif
