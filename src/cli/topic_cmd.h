// What the files of `heed topic` share.
#ifndef HEED_TOPIC_CMD_H
#define HEED_TOPIC_CMD_H

#include "cli/care_cmd.h"
#include "cli/place.h"
#include "know/topic_audit.h"
#include "know/topic_read.h"
#include "know/topic_try.h"

typedef struct {
    str axis, parent, name, about, into, month, least, undo;
    strs phrases, called, yes, no;
    int64_t days, limit;
    bool top, all;
} topic_opts;

// A topic by its number or by any name it ever had, as it stands today.
must_use bool topic_asked(const care *k, const topics *t, str which, const topic **out, err *e);
must_use bool topic_axis_in(const care *k, enum topic_axis otherwise, enum topic_axis *out, err *e);
must_use bool topic_proposal(care *k, const topics *t, str act, size_t first, topic_change *c,
                             err *e); // its arguments from `first` on
must_use bool topic_month_in(const care *k, store *s, int *month, err *e);

must_use bool topic_list_run(care *k, err *e);
must_use bool topic_show_run(care *k, err *e);
must_use bool topic_names_run(care *k, err *e);
must_use bool topic_history_run(care *k, err *e);
must_use bool topic_preview_run(care *k, err *e);
must_use bool topic_ask_run(care *k, err *e);
must_use bool topic_audit_run(care *k, err *e);

#endif
