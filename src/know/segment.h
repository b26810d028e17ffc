// segment: a named rule over what customers are. Membership is never stored: it is asked of the summaries, so that it
// is as fresh as they are, and any customer can be told why.
//
// A rule is JSON: {"all":[…]}, {"any":[…]}, {"not":…}, {"segment":7}, or a condition
// {"field":"orders","is":">=","value":3}; or the same in words: orders >= 3 and not (country = DE or segment 7). Fields
// are rows of segment_fields.def. What is not known of a customer is no number: no comparison with it holds.
// docs/segments.md explains all of it.
#ifndef HEED_SEGMENT_H
#define HEED_SEGMENT_H

#include "base/civil.h"
#include "base/json.h"
#include "know/id_set.h"
#include "know/timeline.h"
#include "ledger/ledger.h"

typedef struct segment_rule segment_rule;

enum { SEGMENT_FIELD_LEN = 64 }; // of the place of a mistake, like "any.0.value"

// A rule read and made ready. Segments that it names are read from the store; self is the segment that it belongs to
// (0: none yet), which it must not lead back to. Texts live in a. ERR_invalid names the place and the remedy.
must_use bool segment_read(arena *a, store *s, const json_t *rule, int64_t self, segment_rule **out,
                           char field[SEGMENT_FIELD_LEN], err *e);
// From words, or from JSON as text (it begins with a brace).
must_use bool segment_read_text(arena *a, store *s, str rule, int64_t self, segment_rule **out,
                                char field[SEGMENT_FIELD_LEN], err *e);
void segment_json(json_out *j, const char *key, const segment_rule *r); // as it was meant, in one form
str segment_words(arena *a, const segment_rule *r);                     // what segment_read_text reads again
// The same for rules that mean the same customers in the same words, with everything that they name: for caches.
uint64_t segment_print(const segment_rule *r);
// Does it, or a segment that it names, ask for this field?
bool segment_asks(const segment_rule *r, const char *field);

// ---- asking ----

typedef struct {
    const segment_rule *rule; // NULL: everybody
    int64_t now_us;
    bool past;     // as of the end of the day of now_us, by what is known today of who is who
    int64_t after; // customers with a greater number alone
    // Called for every member in rising order of numbers; false stops. NULL: only to be counted. Of the summary are
    // filled: number, first and last time, currency, orders and their value, last order, complaints, waiting, contract,
    // monthly value and channels.
    bool (*take)(void *ctx, const summary *x, err *e);
    void *ctx;
    int64_t *members, *seen; // how many were found, of how many there are (there were); may be NULL
} segment_ask;
// One pass over the summaries; memory follows what the rule asks beside them (a bit per customer and condition).
// ERR_invalid when the past is asked of what is not remembered by day.
must_use bool segment_scan(store *s, const segment_ask *ask, err *e);
// Is a customer in it, and each condition with what stands there: writes {"member":…,"rule":…}. False with e clear when
// there is no such customer.
must_use bool segment_why(arena *a, store *s, const segment_rule *r, int64_t now_us, int64_t customer, json_out *j,
                          bool *member, err *e);
// Some customers at once, in any order: in[i] says whether ids[i] is a member.
must_use bool segment_which(arena *a, store *s, const segment_rule *r, int64_t now_us, const int64_t *ids, size_t n,
                            bool *in, err *e);
// The same for who asks often and has the store's zone at hand: opening one costs more than the rest.
must_use bool segment_which_in(arena a, store *s, const segment_rule *r, zone *z, int64_t now_us, const int64_t *ids,
                               size_t n, bool *in, err *e);

// The profiles of all members, their customers' numbers among them: what measures are restricted by.
must_use bool segment_profiles(arena *a, store *s, const segment_rule *r, int64_t now_us, id_set *out, err *e);

// What can be asked: for help and pages.
typedef struct {
    const char *name, *type, *text;
    bool window, past;
} segment_field;
const segment_field *segment_field_at(size_t i); // NULL after the last

// ---- those that are kept ----

typedef struct {
    int64_t id;
    str name, about, rule, by;
    int64_t created_us, updated_us, version;
} segment_row;
typedef bool (*segment_fn)(void *ctx, const segment_row *x, err *e);
must_use bool segment_list(store *s, segment_fn fn, void *ctx, err *e); // by name
// By number or name. False with e clear when there is none.
must_use bool segment_get(arena *a, store *s, str which, segment_row *out, err *e);
must_use bool segment_get_id(arena *a, store *s, int64_t id, segment_row *out, err *e);
// In the transaction of the writer. id 0: a new one, whose number is filled in. ERR_conflict when the name is taken.
must_use bool segment_put(ledger *l, segment_row *x, const segment_rule *r, int64_t now_us, err *e);
// ERR_conflict when another segment names it.
must_use bool segment_remove(arena scratch, store *s, int64_t id, err *e);

#endif
