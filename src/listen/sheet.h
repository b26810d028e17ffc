// sheet: what the adapters of fixed CSV formats share. An adapter names its columns in a list and reads them by number.
#ifndef HEED_SHEET_H
#define HEED_SHEET_H

#include "listen/adapter.h"

// Finds each column once. A name may be several, with "|" between, the first that is there wins. Sets r->own.
void sheet_begin(reading *r, const char *const *names, int n);
bool sheet_has(const reading *r, int which);
str at(const reading *r, int which);      // the cell; empty when there is no such column
const char *label(reading *r, int which); // the column's header, for messages

// Times and amounts of a cell. False when the row was rejected; the "if" forms leave an empty cell alone.
bool time_at(reading *r, int which, int64_t *at_us);
bool time_at_if(reading *r, int which, int64_t *at_us);
bool utc_at_if(reading *r, int which, int64_t *at_us); // without a zone it is UTC, whatever the import's zone
bool minor_at_if(reading *r, int which, const currency *c, int64_t *minor); // empty is 0

event sheet_template(const reading *r); // the adapter's channel, no mood
event *say(reading *r, const event *like, enum kind kind, int64_t at_us, str ext);
void set_money(event *ev, int64_t minor, const currency *c);
void set_score(event *ev, int64_t score_x100, enum instrument i);
str two_names(reading *r, str first, str last);              // "Jane Doe", or the one that is there
void add_phone(reading *r, event *ev, str raw, str country); // country: two letters, or the option's when it is not
str language_of(str locale);                                 // "de" of "de-DE" and "de_DE"
double all_there(const glance *g, const char *const *columns, int n, double sure); // sure if all are there, else 0

#endif
