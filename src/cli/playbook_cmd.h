// playbook_cmd: what the files of `heed playbook` share.
#ifndef HEED_PLAYBOOK_CMD_H
#define HEED_PLAYBOOK_CMD_H

#include "act/playbook_json.h"
#include "cli/desk.h"
#include "cli/say.h"

typedef struct {
    str about, from, file, lang, why, state;
    int64_t days, limit, customer;
    bool personas, past;
} playbook_opts;

typedef struct {
    cli *c;
    const playbook_opts *o;
    store *s;
    settings set;
    zone *z;
    int64_t now_us;
} playbook_task;

must_use bool playbook_named(playbook_task *t, store *s, playbook_row *x, err *e); // the word after the verb
must_use bool playbook_show_try(playbook_task *t, err *e);
must_use bool playbook_show_effect(playbook_task *t, err *e);
must_use bool playbook_show_runs(playbook_task *t, err *e);

#endif
