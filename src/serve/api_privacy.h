// What the files of the API about privacy share.
#ifndef HEED_API_PRIVACY_H
#define HEED_API_PRIVACY_H

#include "jobs/privacy.h"
#include "serve/route.h"

// Notes a request in the handler's transaction, has it worked off after the commit, and audits it.
must_use bool privacy_begin(call *c, const new_privacy_request *n, privacy_request *out, err *e);
must_use bool privacy_subjects_ok(call *c, str subjects, err *e); // ERR_invalid names the identity that is none
str json_to_str(arena *a, const json_t *v);

#endif
