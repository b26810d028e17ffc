// What the files of segments share: segment_read.c (JSON), segment_words.c (words), segment_side.c (what is asked
// beside the summaries), segment.c (the pass) and segment_why.c.
#ifndef HEED_SEGMENT_PRIVATE_H
#define HEED_SEGMENT_PRIVATE_H

#include "base/map64.h"
#include "know/segment.h"

// Columns of summary_scan, in its order.
enum summary_column {
    COLUMN_customer,
    COLUMN_first_us,
    COLUMN_last_us,
    COLUMN_currency,
    COLUMN_orders,
    COLUMN_order_days,
    COLUMN_order_value,
    COLUMN_first_order_us,
    COLUMN_last_order_us,
    COLUMN_gap_days,
    COLUMN_refunds,
    COLUMN_refund_value,
    COLUMN_returns,
    COLUMN_contacts_in,
    COLUMN_contacts_out,
    COLUMN_complaints,
    COLUMN_feedback,
    COLUMN_last_score,
    COLUMN_last_instrument,
    COLUMN_last_score_us,
    COLUMN_waiting_us,
    COLUMN_contract_since,
    COLUMN_contract_until,
    COLUMN_monthly_value,
    COLUMN_channels,
    COLUMN_state,
    COLUMNS,
};

enum field_type { TYPE_NUMBER, TYPE_MONEY, TYPE_DAYS, TYPE_TIME, TYPE_FLAG, TYPE_SCORE, TYPE_SET };
enum field_from {
    FROM_COLUMN,
    FROM_VALUE,
    FROM_SCORE,
    FROM_MEAN_SCORE,
    FROM_MOOD,
    FROM_WAITING,
    FROM_CONTRACT,
    FROM_CHANNEL,
    FROM_CURRENCY,
    FROM_COUNTRY,
    FROM_SEGMENT,
    FROM_LANG,
    FROM_ORIGIN,
    FROM_IDENT,
};

typedef struct {
    segment_field shown;
    enum field_type type;
    enum field_from from;
    enum summary_column column;
} field_info;

enum rule_op { OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_IN, OP_KNOWN, OP_UNKNOWN, OPS };
const char *rule_op_name(enum rule_op o); // ">="

typedef struct {
    const field_info *field;
    enum rule_op op;
    int64_t value; // number, minor units, score x 100, days, 1 or 0; TIME: see text
    str text;      // TIME: as it was given
    str *list;     // SET: in canonical form
    size_t n_list;
    uint64_t bits;   // SET of a closed list: bit per channel, identifier or mood
    int32_t unit;    // currency or instrument
    int32_t in_days; // 0: ever
    int32_t side;    // which of the sides answers it, -1: the summary
    int32_t yes, no; // where evaluation goes on: a test, or ACCEPT or REJECT
} rule_test;
enum { ACCEPT = -1, REJECT = -2 };

enum node_kind { NODE_ALL, NODE_ANY, NODE_NOT, NODE_TEST, NODE_SEGMENT };
typedef struct {
    enum node_kind kind;
    int32_t child, next; // first child, next sibling; -1: none
    int32_t test;
    int64_t segment; // whose rule is the child
    str name;
} rule_node;

enum { MOST_NODES = 1000, MOST_DEPTH = 32, MOST_SIDES = 64, MOST_DAYS = 36500 };

struct segment_rule {
    rule_node *nodes;
    rule_test *tests;
    int32_t n_nodes, n_tests, root, start; // start: where evaluation begins
    int32_t n_sides;
    bool all_columns, state, facts, idents, said; // what it needs beside the core columns
};

const field_info *segment_field_of(str name);
void segment_put_test(json_out *j, const rule_test *t); // its members
void segment_compile(segment_rule *r);                  // after reading: sides, needs, and where each test leads

// ---- at the time of asking ----

// A test with its bounds, now that "now" is known: lo <= value <= hi, or not (invert).
typedef struct {
    int64_t lo, hi;
    bool invert;
    int32_t from_day; // of a window
    int64_t from_us;
} bounds;

// What is asked beside the summaries: a bit per customer, or a count.
typedef struct {
    id_set *bits;    // per side; of sets
    map64 at;        // customer → row of counts
    int32_t *counts; // of windows over feedback, n_sides each
    size_t n, room;
} sides;

typedef struct {
    arena *a; // of the question
    store *s;
    const segment_rule *r;
    zone *z;
    int64_t now_us, until_us; // until: what happened from here on does not count
    int32_t today;
    bool past;
    int64_t only; // one customer, 0: all
    str profiles; // of that one: as a JSON list
    bounds *bounds;
    sides sides;
} asking;

must_use bool sides_read(asking *k, err *e);
must_use bool asking_one(asking *k, int64_t customer, err *e); // the same for one customer alone
int32_t side_count(const asking *k, int64_t customer, int32_t side);

// One customer at hand: the columns of a row, and the timeline, which is read when a test asks for it.
typedef struct {
    const asking *k;
    const row *r;     // where its columns stand: at[c]; NULL: the state alone
    const int8_t *at; // -1: not in the row
    int state_at;     // column of the state, -1: there is none
    arena *a;
    err *e;                   // of a damaged state
    bool read, there, summed; // there: they were known by then
    summary sum;
    timeline t;
    int64_t id;
} subject;

bool subject_value(subject *x, int32_t test, int64_t *v); // false: not known
bool subject_holds(subject *x, int32_t test);
const summary *subject_summary(subject *x);
void subject_state(subject *x, str state); // reads the timeline
must_use bool asking_begin(asking *k, arena *a, store *s, const segment_rule *r, int64_t now_us, bool past, err *e);

#endif
