// work_moods: learning how customers of this company sound, for the jobs that do: each week, and at once after somebody
// was erased from whom it had learned.
#ifndef HEED_WORK_MOODS_H
#define HEED_WORK_MOODS_H

#include "jobs/jobs.h"
#include "know/mood_own.h"

must_use bool moods_learn(job *j, store *s, const reader *r, mood_learnt *out, err *e);

#endif
