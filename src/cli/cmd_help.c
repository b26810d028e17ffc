#include "cli/cli.h"

typedef struct {
    bool man;
    str completion;
} help_opts;

static const opt opts[] = {
    {"man", 0, OPT_FLAG, offsetof(help_opts, man), NULL, "as a man page"},
    {"completion", 0, OPT_TEXT, offsetof(help_opts, completion), "bash|zsh|fish", "print a shell's completion"},
};

static bool run(cli *c, const void *options, err *e) {
    (void)options, (void)e;
    size_t n;
    const command *all = cli_commands(&n);
    for (size_t i = 0; i < n; i++) term_say(&c->t, "%s %s\n", all[i].name, all[i].about);
    return true;
}

const cmd cmd_help = {.opts = opts, .n_opts = COUNT(opts), .size = sizeof(help_opts), .max_args = 1, .run = run};
