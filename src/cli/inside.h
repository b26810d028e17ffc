// inside: a command that must write while a server holds the store is run inside that server.
//
// The server listens on a socket in the store's folder (of a PostgreSQL store: in XDG_RUNTIME_DIR) that only its own
// user may use. A command that finds the store held sends its command line, its working folder and its standard input
// there; the server's writer runs it as one piece of work, and what it printed comes back. So `heed promise add` is the
// same with and without a server, and the store still has one writer.
#ifndef HEED_CLI_INSIDE_H
#define HEED_CLI_INSIDE_H

#include "cli/cli.h"
#include "jobs/writer.h"

// What a command has that runs inside.
struct inside {
    desk d; // of the server's writer
    const char *where;
    bool color;
    int columns;
};

// In front of the server's writer. NULL in *out with e clear where there is no place for a socket.
typedef struct inside_door inside_door;
must_use bool inside_open(inside_door **out, const char *where, writer *w, err *e);
void inside_close(inside_door *x); // waits for what runs; NULL is fine

// Has the command line run by the server of this store and prints what comes back: false when there is no such server.
// Then c->answered is set, and its exit status is the command's.
bool inside_ask(cli *c, const char *where);

// What stands in a request: for the door and its fuzz target. Arguments live in a.
typedef struct {
    char **argv;
    int argc;
    bool color;
    int columns;
} inside_line;
must_use bool inside_read(arena *a, str json, inside_line *out, err *e);

#endif
