// promise: what the parts of `heed promise` share.
#ifndef HEED_CLI_PROMISE_H
#define HEED_CLI_PROMISE_H

#include "base/civil.h"
#include "cli/desk.h"
#include "cli/say.h"
#include "know/standard.h"

typedef struct {
    str said, zone, language, country;
    bool month_first, self_test;
    str status, kind, owner, team, customer, due, due_before, at, by, since, chance;
    str within, starts, segment, channel, priority, hours, closed, promises, from;
    bool always, all, anyway;
    int64_t limit;
} promise_opts;

// A verb at hand with its store: to read in one moment, or to write as the desk does.
typedef struct {
    cli *c;
    const promise_opts *o;
    store *s;
    desk *d; // NULL: to read
    settings set;
    zone *z;
    int64_t now_us;
} promise_task;
typedef bool (*promise_fn)(const promise_task *t, err *e);

str promise_user(void); // who sits at the desk
// An option that is a time; day_end: a day alone is meant to its end. 0 when it is not given.
must_use bool promise_time(const promise_task *t, const char *option, str x, bool day_end, int64_t *at_us, err *e);
must_use bool promise_kind_asked(str name, enum commitment_kind otherwise, enum commitment_kind *k, err *e);
must_use bool promise_customer_asked(str x, int64_t *id, err *e); // "17" or "customer:17"; 0 when empty
str promise_words_from(const cli *c, size_t from);                // the arguments from there on, joined by blanks
str promise_name_of(const promise_task *t, int64_t customer);     // empty when nobody

str promise_when(const promise_task *t, int64_t at_us);        // in the zone; empty when 0
void promise_put_text(json_out *j, const char *key, str v);    // null when empty
void promise_put_id(json_out *j, const char *key, int64_t id); // null when 0

// The verbs, each in the file of its kind.
bool promise_list(const promise_task *t, err *e);
bool promise_show(const promise_task *t, err *e);
bool promise_rates(const promise_task *t, err *e);
bool promise_offer(const promise_task *t, err *e);
bool promise_watch(const promise_task *t, err *e);
bool promise_clocks(const promise_task *t, err *e);
bool promise_add(const promise_task *t, err *e);
bool promise_step(const promise_task *t, err *e);
bool promise_proposals(const promise_task *t, err *e);
bool promise_accept(const promise_task *t, err *e);
bool promise_settings_show(const promise_task *t, err *e);
bool promise_settings_set(const promise_task *t, err *e);
bool promise_standards(const promise_task *t, err *e);
bool promise_standard_change(const promise_task *t, err *e);
bool promise_agreements(const promise_task *t, err *e);
bool promise_agreement_change(const promise_task *t, err *e);

#endif
