// work: what the jobs of this room share.
#ifndef HEED_WORK_H
#define HEED_WORK_H

#include "jobs/import.h"
#include "jobs/jobs.h"

enum { BACKUP_KEEP = 7 };

#define JOB(kind, every_s, flags, text) bool job_##kind(job *j, err *e);
#include "jobs/jobs.def"

// The counts of what a file brought, as members of an object.
void tally_tell(json_out *j, const tally *t);

#endif
