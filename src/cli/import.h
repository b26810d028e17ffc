// import: what the files of `heed import` share.
#ifndef HEED_CLI_IMPORT_H
#define HEED_CLI_IMPORT_H

#include "cli/place.h"
#include "jobs/import.h"
#include "know/members.h"

typedef struct {
    str source, adapter, map, zone, country, currency;
    strs columns;
    bool day_first, month_first, dry_run, list;
    int64_t limit, undo, batch;
} import_opts;

enum { SHOWN_ROWS = 10 };

// A mapped row, for the dry run.
typedef struct {
    int64_t at_us;
    str kind, who, value, words;
} shown_row;

// One file on its way in.
typedef struct {
    cli *c;
    const import_opts *o;
    import_run r;
    progress bar;
    shown_row shown[SHOWN_ROWS];
    int n_shown;
    err failed; // what went wrong with it
} import_file;

// --map and --column as one JSON object; empty when none is given.
must_use bool import_map(cli *c, str map_file, const strs *columns, str *out, err *e);
void import_keep_rows(import_file *f, const pump_batch *b);

// What became of a file, for people and for programs.
void import_show(const import_file *f);
void import_reply(const import_file *f, reply *r);

must_use bool import_list(cli *c, err *e);
must_use bool import_undo(cli *c, int64_t id, err *e);

#endif
