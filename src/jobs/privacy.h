// privacy: what people ask of their data, as requests that are worked off and leave a proof: access, portability,
// erasure, being left alone. They come from our own pages, from OpenDSR, from regulations in Segment's form.
#ifndef HEED_JOBS_PRIVACY_H
#define HEED_JOBS_PRIVACY_H

#include "jobs/jobs.h"
#include "know/suppress.h"

// KIND(name, one sentence): what may be asked.
#define PRIVACY_KINDS(KIND)                                                                                            \
    KIND(access, "everything that is known of a person")                                                               \
    KIND(portability, "the same, for another company to read")                                                         \
    KIND(erasure, "forget a person; whoever comes back is a new customer")                                             \
    KIND(erasure_and_block, "forget a person, and keep out what is sent of them from now on")                          \
    KIND(block, "keep out what is sent of a person from now on")                                                       \
    KIND(unblock, "let it in again")

enum privacy_state { PRIVACY_ASKED, PRIVACY_PENDING, PRIVACY_WORKING, PRIVACY_DONE, PRIVACY_CANCELLED };
const char *privacy_state_name(enum privacy_state s); // "pending", "in_progress", "completed", "cancelled"

typedef struct {
    int64_t id, received_us, due_us, ended_us, version;
    enum privacy_state state;
    str ext, kind, regulation, origin, subjects, callbacks, result, by;
} privacy_request;
privacy_request privacy_row(arena *a, const row *r); // columns of request_get, request_list, request_by_ext
must_use bool privacy_get(arena *a, store *s, int64_t id, privacy_request *out, err *e); // ERR_not_found

// subjects: a JSON list of {"type","value","format"}: type "customer" (our number), or the name of an identifier
// ("email", "user_id", "phone", …; "controller_customer_id" is user_id); format raw, md5, sha1 or sha256.
typedef struct {
    str kind, regulation, origin, ext, by;
    str subjects, callbacks; // JSON; callbacks may be empty
} new_privacy_request;
// In the writer's transaction; makes the job that works it off (wake the runner afterwards).
must_use bool privacy_make(store *s, const world *w, const new_privacy_request *n, int64_t *id, err *e);
must_use bool privacy_cancel(store *s, const world *w, const privacy_request *r, err *e); // ERR_conflict once it runs

// The customers that the subjects mean, in any format. ERR_invalid: one is no identifier, or is shared by so many that
// it identifies nobody.
must_use bool privacy_customers(arena *a, store *s, str subjects, str country, int64_t **customers, size_t *n, err *e);

// What an OpenDSR controller is told of a request, and the signature over it (RSA and SHA-256, base64). The key is made
// with the first signature and stays in the store.
// site: our public address; callback: the address that is told, or empty.
void privacy_status_json(buf *b, const privacy_request *r, str site, str callback);
must_use bool privacy_sign(arena *a, writer *w, str body, str *signature, err *e);
must_use bool privacy_certificate(arena *a, writer *w, str domain, str *pem, err *e);

bool job_privacy(job *j, err *e); // rows of jobs.def
bool job_retain(job *j, err *e);

// How long each kind of data is kept: rows; no number: as long as its sweep says.
typedef struct {
    const char *what, *text;
} keeping;
const keeping *keepings(size_t *n);
int64_t keeping_otherwise(const char *what); // days without a row; 0: for ever

#endif
