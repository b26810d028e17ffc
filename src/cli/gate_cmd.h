// gate_cmd: what the parts of `heed gate` share.
#ifndef HEED_GATE_CMD_H
#define HEED_GATE_CMD_H

#include "act/gate_log.h"
#include "act/gate_settings.h"
#include "cli/place.h"
#include "cli/say.h"

typedef struct {
    str kind, channel, template, occasion, survey, quota, at, verdict, rule, scope, since;
    int64_t customer, limit, days;
} gate_opts;

typedef struct {
    cli *c;
    const gate_opts *o;
    store *s;
    settings set;
    zone *z;
    int64_t now_us;
} gate_task;

must_use bool gate_kind_given(const gate_task *t, enum gate_kind *k, err *e);

bool gate_cmd_check(gate_task *t, err *e);
bool gate_cmd_log(gate_task *t, err *e);
bool gate_cmd_why(gate_task *t, err *e);
bool gate_cmd_counts(gate_task *t, err *e);
bool gate_cmd_kinds(gate_task *t, err *e);

#endif
