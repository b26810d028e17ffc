// value_cmd: what the files of `heed value` share.
#ifndef HEED_VALUE_CMD_H
#define HEED_VALUE_CMD_H

#include "cli/value_show.h"
#include "know/value.h"

typedef struct {
    str horizon, discount, margin, out, svg, map, currency, until;
    int64_t hold, limit;
    bool gross, fit;
} value_opts;

// A length of time as options give it: "52w", "365d", "12m", "2y" in days; a bare number is `bare` (0: refused).
must_use bool value_days(str x, const char *option, double bare, double *days, err *e);

must_use bool value_of_file(cli *c, const value_opts *o, const value_terms *t, err *e);
must_use bool value_of_store(cli *c, const value_opts *o, const value_terms *t, err *e);
must_use bool value_risk_of_store(cli *c, int64_t most, err *e); // for `heed churn`: who may leave, as fitted last
must_use bool value_contracts_of_store(cli *c, err *e);          // for `heed retention`

#endif
