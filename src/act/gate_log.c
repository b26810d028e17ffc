#include "act/gate_log.h"

#include "act/gate_settings.h"
#include "base/civil.h"
#include "know/settings.h"
#include "sql/act_gate.h"
#include "sql/know.h"

enum { MOST_RECORDS = 1001, MOST_COUNTS = 20000, MOST_PROFILES = 4096 };

static gate_record of_row(arena *a, const row *r) {
    return (gate_record){.id = row_int(r, 0),
                         .profile = row_int(r, 1),
                         .at_us = row_int(r, 2),
                         .kind = (enum gate_kind)row_int(r, 3),
                         .channel = (enum channel)row_int(r, 4),
                         .template = str_dup(a, row_str(r, 5)),
                         .occasion = str_dup(a, row_str(r, 6)),
                         .survey = str_dup(a, row_str(r, 7)),
                         .quota = str_dup(a, row_str(r, 8)),
                         .halves = (int)row_int(r, 9),
                         .verdict = (enum gate_verdict)row_int(r, 10),
                         .until_us = row_int(r, 11),
                         .rule = str_dup(a, row_str(r, 12)),
                         .reason = str_dup(a, row_str(r, 13)),
                         .by = str_dup(a, row_str(r, 14)),
                         .unsent_us = row_int(r, 15)};
}

gate_ask gate_record_ask(const gate_record *r) {
    return (gate_ask){.kind = r->kind,
                      .customer = r->profile,
                      .channel = r->channel,
                      .template = r->template,
                      .occasion = r->occasion,
                      .survey = r->survey,
                      .quota = r->quota,
                      .by = r->by};
}

bool gate_record_get(arena *a, store *s, int64_t id, gate_record *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_gate_get, e, "i", id); row_next(&r); found = true) *out = of_row(a, &r);
    return found || (err_ok(e) && fail(e, ERR_not_found, "the gate kept no answer %" PRId64, id));
}

static int newest_first(const void *x, const void *y) {
    const gate_record *a = x, *b = y;
    return (a->id < b->id) - (a->id > b->id);
}

// Of several profiles each gives its newest; the newest of these are wanted.
static bool of_customer(arena *a, store *s, const gate_records_ask *ask, int64_t before, gate_record **out, size_t *n,
                        err *e) {
    int64_t *ids = make(a, int64_t, MOST_PROFILES);
    size_t n_ids = 0, room = 0;
    for (row r = store_query(s, Q_profile_of_customer, e, "i", ask->customer); row_next(&r);)
        if (n_ids < MOST_PROFILES) ids[n_ids++] = row_int(&r, 0);
    for (size_t i = 0; i < n_ids && err_ok(e); i++)
        for (row r = store_query(s, Q_gate_list_of, e, "iiitii", before, (int64_t)ask->verdict, (int64_t)ask->kind,
                                 ask->rule, ask->limit, ids[i]);
             row_next(&r);) {
            if (*n == room) {
                gate_record *more = make(a, gate_record, room = room ? room * 2 : 64);
                if (*n) memcpy(more, *out, *n * sizeof *more);
                *out = more;
            }
            (*out)[(*n)++] = of_row(a, &r);
        }
    if (*n > 1) qsort(*out, *n, sizeof **out, newest_first);
    *n = MIN(*n, (size_t)ask->limit);
    return err_ok(e);
}

bool gate_records(arena *a, store *s, const gate_records_ask *ask, gate_record **out, size_t *n, err *e) {
    gate_records_ask mine = *ask;
    int64_t before = ask->before ? ask->before : INT64_MAX;
    mine.limit = ask->limit > 0 && ask->limit < MOST_RECORDS ? ask->limit : MOST_RECORDS;
    *out = NULL, *n = 0;
    if (ask->customer) return of_customer(a, s, &mine, before, out, n, e);
    *out = make(a, gate_record, mine.limit);
    for (row r = store_query(s, Q_gate_list, e, "iiiti", before, (int64_t)ask->verdict, (int64_t)ask->kind, ask->rule,
                             mine.limit);
         row_next(&r);)
        (*out)[(*n)++] = of_row(a, &r);
    return err_ok(e);
}

bool gate_counts(arena *a, store *s, int64_t since_us, int64_t until_us, gate_count **out, size_t *n, err *e) {
    str home;
    gate_offset at;
    *out = make(a, gate_count, MOST_COUNTS), *n = 0;
    if (!settings_get(a, s, "zone", &home, e) || !gate_offset_at(*a, s, home, until_us, false, &at, e)) return false;
    for (row r = store_query(s, Q_gate_counts, e, "iii", since_us, until_us, at.offset_s * SECOND_US); row_next(&r);)
        if (*n < MOST_COUNTS)
            (*out)[(*n)++] = (gate_count){.day = (int32_t)row_int(&r, 0),
                                          .kind = (enum gate_kind)row_int(&r, 1),
                                          .verdict = (enum gate_verdict)row_int(&r, 2),
                                          .rule = str_dup(a, row_str(&r, 3)),
                                          .n = row_int(&r, 4)};
    return err_ok(e);
}
