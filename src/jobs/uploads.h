// uploads: files that were sent to be imported: where they lie, how they are to be read, and what is in them.
//
// They lie in the store's folder under "uploads"; beside a PostgreSQL store in a folder of this user's own, because a
// server keeps no files for us. They are removed when they are imported, or a day after they came.
#ifndef HEED_UPLOADS_H
#define HEED_UPLOADS_H

#include "base/json.h"
#include "jobs/import.h"

typedef struct {
    int64_t id, bytes, job_id, created_us, version;
    str name, path, by;
    str how; // JSON: source, adapter, columns, zone, country, currency, day_first; all may be absent
} upload;

// Where uploads lie; made when it is not there, readable by this user alone.
must_use bool uploads_folder(arena *a, str where, str *path, err *e);
// Moves a file (or, when from is empty, bytes) there under a new name.
must_use bool upload_keep(arena *a, str where, const world *w, str from, str bytes, str *path, int64_t *size, err *e);

upload upload_read(arena *a, const row *r);                                    // columns of upload_get and upload_list
must_use bool upload_get(arena *a, store *s, int64_t id, upload *out, err *e); // ERR_not_found
must_use bool upload_put(desk *d, upload *u, err *e);                          // gives it its number
must_use bool upload_drop(store *s, const upload *u, err *e);                  // the row, and the file

// How it will be read: what was said of it, else what the store says. Texts live in a.
must_use bool upload_how(arena *a, store *s, const upload *u, listen_opts *how, err *e);

// ---- what is in a file ----

enum { LOOK_COLUMNS = 200, LOOK_SAMPLES = 3, LOOK_OTHERS = 64 };

typedef struct {
    str name, samples[LOOK_SAMPLES];
    str field; // what it is taken for; empty: nothing
    int n;
} look_column;

typedef struct {
    const char *name, *label;
    double sure;
} look_other;

typedef struct {
    heard_as as;                    // unless there is a problem
    err problem;                    // why it cannot be read yet; a person may know better
    look_other others[LOOK_OTHERS]; // formats that might read it, the surest first, this one included
    size_t n_others;
    look_column columns[LOOK_COLUMNS]; // CSV
    size_t n_columns;
} look;
must_use bool look_at(arena *a, const char *path, const listen_opts *how, look *out, err *e);

#endif
