// cli: the command line: commands and their options are tables; parsing, help, man pages and completion follow them.
//
// A command is a row in commands.def and a `cmd_NAME` in cmd_NAME.c. Results go to stdout, remarks and errors to
// stderr; with --json the result is one JSON value of a stable shape (export: one per line). The exit status is that of
// the error's row in base/errors.def.
#ifndef HEED_CLI_H
#define HEED_CLI_H

#include "base/json.h"

#include "base/log.h"
#include "base/world.h"
#include "cli/term.h"

#define HEED_VERSION "0.1.0"

typedef struct {
    str *v;
    size_t n;
} strs;

enum opt_kind {
    OPT_FLAG,   // bool
    OPT_TEXT,   // str; empty when not given
    OPT_NUMBER, // int64_t, not negative; keeps its default when not given
    OPT_LIST,   // strs: may be given several times
};

typedef struct {
    const char *name; // without dashes
    char letter;      // 0: none
    enum opt_kind kind;
    size_t at;       // offset of its target in the command's options
    const char *arg; // what the value is called; "bash|zsh" lists the only values it takes
    const char *help;
} opt;

typedef struct cli cli;

// What a command takes and how it runs. Its options are a struct of `size` bytes that the parser fills.
typedef struct {
    const opt *opts;
    size_t n_opts, size;
    const void *defaults;   // `size` bytes to begin with; NULL: zeros
    int min_args, max_args; // max -1: any number
    bool (*run)(cli *c, const void *options, err *e);
    const char *more;     // paragraphs for help and the man page, a blank line between
    const char *examples; // a command line each
    const char *json;     // the shape of what --json prints; NULL: it prints nothing of its own
} cmd;

typedef struct {
    const char *name, *synopsis, *about, *group;
    const cmd *body;
} command;

#define COMMAND(name, synopsis, about, group) extern const cmd cmd_##name;
#include "cli/commands.def"

const command *cli_commands(size_t *n);
const command *cli_command(str name); // NULL if there is none
const opt *cli_globals(size_t *n);

struct inside; // cli/inside.h

// One run of the program.
struct cli {
    int argc;
    char **argv;   // as it was typed
    arena *life;   // as long as the run
    arena scratch; // copied by whoever needs some, and never by two that call one another
    const world *w;
    term t;
    const command *command;
    strs args; // what is not an option
    struct {
        str store, now;
        bool json, no_color, quiet, log_json, help, version;
    } g;
    logger log;
    err first; // of those told by cli_complain
    world fixed;
    int64_t now_us;          // with --now
    const struct inside *in; // it runs inside a server; NULL: by itself
    bool answered;           // a server ran it instead,
    int answer;              // with this exit status
};

// Runs one command line and returns the exit status.
int cli_main(int argc, char **argv, FILE *out, FILE *err_out);
int cli_inside(int argc, char **argv, const struct inside *in, FILE *out, FILE *err_out); // inside of a server
// Runs another command inside of this one, with its defaults.
must_use bool cli_run(cli *c, const command *which, err *e);
// Of several names the one nearest to what was typed, for "did you mean"; NULL when none is near.
const char *cli_nearest(str typed, const char *const *names, size_t n);

// A remark on stderr, unless --quiet; a log line with --log-json.
__attribute__((format(printf, 2, 3))) void cli_note(const cli *c, const char *fmt, ...);
// Tells an error that does not end the command; the first of a run decides the exit status. about may be empty.
void cli_complain(cli *c, str about, const err *e);

// A time as a person gives it: a date, a time, or "30d", "8w", "6m", "1y" ago. The zone may be NULL (UTC).
typedef struct zone zone;
must_use bool cli_time(const cli *c, const zone *z, const char *option, str x, int64_t *at_us, err *e);
must_use bool cli_id(const char *what, str x, int64_t *id, err *e); // a whole number above 0

// The JSON value of a command. Long ones are written piece by piece: call reply_some between elements.
typedef struct {
    const cli *c;
    arena a, small;
    buf b;
    json_out j;
} reply;
void reply_open(reply *r, const cli *c);
void reply_some(reply *r);                                 // writes what is there when it is much
void reply_drop(reply *r);                                 // without writing
void reply_close(reply *r);                                // with a line end
void reply_time(reply *r, const char *key, int64_t at_us); // null when 0

#endif
