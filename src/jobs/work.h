// work: what the jobs of this room share.
#ifndef HEED_WORK_H
#define HEED_WORK_H

#include "jobs/import.h"
#include "jobs/jobs.h"

enum { BACKUP_KEEP = 7 };

#define JOB(kind, every_s, flags, text) bool job_##kind(job *j, err *e);
#include "jobs/jobs.def"

// What a file brought, as members of an object: counts, imports, and why rows were skipped or are in quarantine.
void import_tell(json_out *j, const take *t);
void tally_tell(json_out *j, const tally *t);

#endif
