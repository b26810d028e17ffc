// What heed policy, returns and hardship share: verbs as rows, and a store at hand.
#ifndef HEED_CARE_CMD_H
#define HEED_CARE_CMD_H

#include "cli/redline_cmd.h"
#include "stats/estimate.h"

// A command at hand: `at` holds what its helpers in redline_cmd.h read.
typedef struct {
    redline_at at;
    const void *o; // its options
    desk *d;       // when it writes
    str by;
    void *kept; // what write or alone leaves for say
} care;

typedef struct {
    const char *name, *takes;
    size_t least, most; // arguments, the verb among them
    bool (*read)(care *k, err *e);
    bool (*write)(care *k, err *e); // inside of one transaction
    bool (*alone)(care *k, err *e); // with transactions of its own
    bool (*say)(care *k, err *e);   // after write or alone; may be NULL
} care_verb;

// Runs the verb that the arguments name; none: the first. `instead` names the addresses that do the same.
must_use bool care_run(cli *c, const void *o, const care_verb *verbs, size_t n, const char *instead, err *e);
must_use bool care_id(const care *k, const char *what, int64_t *id, err *e);              // the second argument
must_use bool care_day(const care *k, const char *option, str x, int64_t *at_us, err *e); // 0 when empty
void care_figure(const care *k, table *t, const estimate *x, int32_t unit); // value and range, two cells; money
// A look that has to be noted: an entry of the audit log.
must_use bool care_note(care *k, const char *action, str subject, err *e);

#endif
