// work: jobs as the API shows them and asks for them.
#ifndef HEED_SERVE_WORK_H
#define HEED_SERVE_WORK_H

#include "jobs/jobs.h"
#include "serve/server.h"

void job_out(json_out *j, const char *key, const job_row *r);
// Makes a job in the transaction of a handler and answers 202 with it. args: a JSON object.
must_use bool job_begin(call *c, const char *kind, str args, int64_t *id, err *e);
// ERR_conflict, with what to do, when one of this kind waits or runs already.
must_use bool job_none(call *c, const char *kind, err *e);

#endif
