// serving: the server in front of a store, for as long as nobody stops it: for serve and demo.
#ifndef HEED_SERVING_H
#define HEED_SERVING_H

#include "cli/cli.h"

typedef struct {
    str where;   // the store
    strs listen; // addresses; none: what systemd passed on, or 127.0.0.1:8080
    bool any;    // when 8080 is taken, any free port will do
    str origin;  // the public address; empty: the first one listened on
    bool trust_proxy, allow_private;
    int64_t most, most_of_one, stop_s; // connections, of one address; seconds that a stop may take; 0: as http.h says
    const char *link;                  // what owner_link is asked for: "welcome", "signin"
} serving;

must_use bool serving_run(cli *c, const serving *how, err *e);

#endif
