// bursts: themes and topics that more people speak of than usual, segments that speak of other things than before, and
// what is new. Looked for once a day in one reading; alarms are rows that people see and that end.
#ifndef HEED_BURSTS_H
#define HEED_BURSTS_H

#include "base/json.h"
#include "decide/about.h"
#include "decide/talked.h"
#include "stats/burst.h"

enum burst_state { BURST_OPEN = 1, BURST_SEEN, BURST_OVER };
const char *burst_state_name(enum burst_state s);
enum { BURST_ANY = 0, BURST_STANDING = -1, BURST_QUIET_DAYS = 14 }; // standing: open or seen

// A series that rises now.
typedef struct {
    enum about_kind kind;
    int64_t id, segment; // segment 0: everybody
    int64_t from_us, until_us;
    bool alarm;
    str figures; // JSON: as a row of burst keeps them
} burst_now;

typedef struct {
    burst_now *v;
    size_t n;
    size_t watched;
    str report; // JSON of what emerges and what drifts, as rising_report reads it
} bursts_found;
bursts_found bursts_look(arena *a, const talked *t);
// Rows of what began, goes on and is over, and the report. In a transaction of the writer.
must_use bool bursts_keep(store *s, const bursts_found *x, int64_t now_us, err *e);
// People day by day of one item (UINT32_MAX: of everything), each once in four weeks, in a segment (NULL: everybody).
void talked_days(arena scratch, const talked *t, uint32_t item, const id_set *only, int64_t *people);
// Who said anything, day by day, each once a day.
double *talked_all(arena *a, const talked *t, const id_set *only);

// ---- as they stand ----

typedef struct {
    int64_t id, what_id, segment, from_us, until_us, found_us, version;
    enum about_kind kind;
    enum burst_state state;
    str figures, by;
} burst_row;
// By state, newest first. state: BURST_ANY, BURST_STANDING or one; id 0: of everything.
must_use bool bursts_list(arena *a, store *s, int state, enum about_kind kind, int64_t id, burst_row **out, size_t *n,
                          err *e);
must_use bool bursts_get(arena *a, store *s, int64_t id, burst_row *out, err *e); // ERR_not_found
must_use bool bursts_see(store *s, int64_t id, str by, err *e);                   // ERR_conflict when it is over
// One object of the API's shape "burst". example: may be empty.
must_use bool burst_json(json_out *j, const char *key, arena scratch, store *s, const abouts *names, const burst_row *b,
                         bool words, err *e);

// Of the last look, for pages.
typedef struct {
    enum about_kind kind;
    int64_t id;
    double share, before, p;
    int64_t people, people_before;
} emerging;
typedef struct {
    int64_t made_us, now_us, watched, tested;
    emerging *emerging;
    size_t n_emerging;
    json_t *drift; // a list, as it was kept; belongs to the reader: json_decref(root)
    json_t *root;
} rising_report;
must_use bool rising_report_read(arena *a, store *s, rising_report *out, err *e); // made_us 0: nobody has looked yet

#endif
