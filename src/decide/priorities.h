// priorities: what to do first: themes and topics with their figures beside one another, by three lenses, and what was
// decided (D02, D03, F38). Counted once a day; docs/themes.md explains every figure.
#ifndef HEED_PRIORITIES_H
#define HEED_PRIORITIES_H

#include "decide/bursts.h"
#include "decide/talked.h"
#include "stats/priority.h"

// ---- counted ----

typedef struct {
    struct priority_counted {
        enum about_kind kind;
        int64_t id;
        str figures; // JSON: of the API's shape "priority" what does not change between two counts
        str page;    // JSON: its days and groups of customers, of the shapes theme_days and theme_group
    } * v;
    size_t n;
    str report; // JSON: of the shape "priorities"
} priorities_found;
priorities_found priorities_count(arena *a, const talked *t, const bursts_found *b);
// In transactions: some at a time from `from` on; *next is 0 when all is done, and what is older is gone.
must_use bool priorities_keep(store *s, const priorities_found *x, int64_t now_us, size_t from, size_t *next, err *e);

// ---- the board ----

enum stand_state { STAND_HEARD = 1, STAND_DECIDING, STAND_DOING, STAND_TOLD };
const char *stand_name(enum stand_state s); // "heard", "deciding", "doing", "told"
bool stand_of(str name, enum stand_state *out);
typedef struct {
    enum stand_state state;
    int64_t at_us, version; // version 0: nobody has said anything
    str by, decided_by, why, dissent;
} stand;
must_use bool stand_read(arena *a, store *s, enum about_kind k, int64_t id, stand *out, err *e);
must_use bool stand_history(arena *a, store *s, enum about_kind k, int64_t id, stand **out, size_t *n, err *e);
// In a transaction of the writer. version: as it was seen, -1 any. ERR_not_found: there is no such theme or topic;
// ERR_invalid: doing needs a why.
must_use bool stand_move(store *s, enum about_kind k, int64_t id, const stand *to, int64_t version, err *e);
void stand_json(json_out *j, const char *key, const stand *x);

// ---- read ----

enum priorities_of { PRIORITIES_ALL, PRIORITIES_THEMES, PRIORITIES_TOPICS };
enum priorities_order { PRIORITIES_SIZE, PRIORITIES_PEOPLE, PRIORITIES_REVENUE, PRIORITIES_FAIR, PRIORITIES_APART };
typedef struct {
    enum priorities_of of;
    enum priorities_order order;
    int stand;         // 0: any
    int64_t inside;    // of a topic the themes inside it; 0: what is ranked
    enum about_kind k; // only this one, when id is not 0
    int64_t id;
} priorities_ask;
typedef struct {
    enum about_kind kind;
    int64_t id, made_us;
    json_t *figures;
    stand now;
    bool bursting;
} priority_row;
typedef struct {
    abouts names;
    priority_row *v;
    size_t n;
    int64_t made_us; // 0: never
    json_t *report;  // NULL: none
} priorities;
// In that order. priorities_close gives back what json_t hold.
must_use bool priorities_read(arena *a, store *s, const priorities_ask *ask, priorities *out, err *e);
void priorities_close(priorities *x);
void priority_json(json_out *j, const char *key, arena scratch, const priorities *x, const priority_row *r);
estimate priority_figure(const priority_row *r, const char *name); // "people", "size", …
// Days and groups of one, as they were counted last; empty: not yet.
must_use bool priority_page_read(arena *a, store *s, enum about_kind k, int64_t id, str *page, err *e);
// The members of an object that stand under these names, NULL at the end; null for those that are not there.
void json_members(json_out *j, const json_t *from, const char *const *names);

#endif
