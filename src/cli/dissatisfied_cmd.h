// What the files of `heed dissatisfied` share.
#ifndef HEED_DISSATISFIED_CMD_H
#define HEED_DISSATISFIED_CMD_H

#include "cli/care_cmd.h"
#include "decide/dissatisfied_right.h"
#include "know/topic_audit.h"

typedef struct {
    str signal;
    bool all;
    int64_t limit;
} dissatisfied_opts;

must_use bool dissatisfied_list_run(care *k, err *e);
must_use bool dissatisfied_figures_run(care *k, err *e);
must_use bool dissatisfied_audit_run(care *k, err *e);

#endif
