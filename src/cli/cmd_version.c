#include "cli/cli.h"

static bool run(cli *c, const void *options, err *e) {
    (void)options, (void)e;
    if (!c->g.json) return term_say(&c->t, "heed %s\n", HEED_VERSION), true;
    reply r;
    reply_open(&r, c);
    json_open(&r.j, NULL, '{');
    json_put_str(&r.j, "version", S(HEED_VERSION));
    json_close(&r.j, '}');
    reply_close(&r);
    return true;
}

const cmd cmd_version = {.run = run, .more = "Prints the version.", .json = "{\"version\"}"};
