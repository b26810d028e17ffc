// link_cmd: what the parts of `heed link` share.
#ifndef HEED_LINK_CMD_H
#define HEED_LINK_CMD_H

#include "cli/cli.h"
#include "link/cluster.h"
#include "link/label.h"
#include "link/model.h"
#include "link/truth.h"

typedef struct {
    str by, against, labels, ask, truth, out, pairs, explain, svg;
    str secret_file, salt, block; // keys
    int64_t flip;                 // percent
    bool clean, plain, ids;
    int64_t limit;
} link_opts;

// One run of the command.
typedef struct {
    cli *c;
    const link_opts *o;
    arena *a;
    const char *file, *second; // second: NULL for one file
    link_table t;
    link_model m;
    link_pairs p;
    float *chance; // of each pair, known from all of them where each file holds everybody once; else NULL
    intern ids;
    uint32_t *id_of, *row_of; // rows' ids, and the first row of each id, from 1; 0: none
    size_t cap_id, cap_row;
    uint32_t *cluster;
    link_clusters told;
    link_said *said; // what --labels says
    size_t n_said;
    link_learned learned;
    struct {
        bool known;
        link_quality clusters, b3;
    } right;
} link_job;

// A CSV file that is written row by row into s->b.
typedef struct {
    FILE *f;
    arena a;
    buf b;
    const char *path;
    bool ok;
} link_sheet;
must_use bool link_sheet_open(link_sheet *s, arena *a, str path, err *e);
void link_sheet_row(link_sheet *s, bool last); // ends a row
must_use bool link_sheet_close(link_sheet *s, err *e);

// link_keys.c: the verbs `heed link keys FILE` and `heed link match KEYS [KEYS]`.
must_use bool link_keys_verb(cli *c, const link_opts *o, err *e);
must_use bool link_match_verb(cli *c, const link_opts *o, err *e);

str link_id(const link_job *j, uint32_t row);
double link_chance_of(const link_job *j, const link_pair *p); // p: of j->p
must_use bool link_ids(link_job *j, err *e);
must_use bool link_row_of(const link_job *j, str id, const char *option, uint32_t *row, err *e);
must_use bool link_labels_read(link_job *j, err *e);
must_use bool link_write_ask(link_job *j, err *e);
must_use bool link_truth_read(link_job *j, err *e);
must_use bool link_write_clusters(link_job *j, err *e);
must_use bool link_write_pairs(link_job *j, err *e);
must_use bool link_show_pair(link_job *j, err *e);
void link_show(link_job *j);
void link_show_json(link_job *j);

#endif
