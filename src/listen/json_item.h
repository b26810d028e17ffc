// json_item: what the JSON adapters share: members as text, times and amounts, and events cut from one template.
//
// Paths are as in json_find ("customer.email"). Texts borrow from the element or live in r->row.
#ifndef HEED_JSON_ITEM_H
#define HEED_JSON_ITEM_H

#include "listen/adapter.h"

// For a file whose first element is longer than the first look: the beginning has both words.
bool head_has(const glance *g, const char *word, const char *another);

// Members. Absent, null and structures are an empty text; texts come trimmed.
str item_text(reading *r, const json_t *o, const char *path);
str item_html(reading *r, const json_t *o, const char *path);       // HTML as plain text
bool item_is(const json_t *o, const char *path, const char *value); // a text equal to value, any case
bool item_true(const json_t *o, const char *path);
bool item_false(const json_t *o, const char *path);          // says false, as opposed to saying nothing
int64_t item_int(const json_t *o, const char *path);         // a number or its text; 0 if it is none
bool item_same(const json_t *o, const char *path, str text); // a text or number that reads so
bool item_has(const json_t *o, const char *keys);            // members of these names, blanks between; null counts
bool item_gone(const json_t *o); // holds an id alone: a shop's webhook about what was deleted
str item_first(reading *r, const json_t *o, const char *paths); // the first of several paths that is not empty

// The text at path, which must be there; false when it is not, and the row was rejected.
bool item_id(reading *r, const json_t *o, const char *path, str *id);

// Times: ISO texts and unix numbers alike. False when the row was rejected.
bool item_time(reading *r, const json_t *o, const char *path, int64_t *at_us);     // must be there
bool item_time_if(reading *r, const json_t *o, const char *path, int64_t *at_us);  // absent: *at_us stays
bool item_time_utc(reading *r, const json_t *o, const char *path, int64_t *at_us); // as item_time_if; no zone means UTC

// Amounts as interfaces write them: "1234.5" or 1234.5, a point for decimals and never a thousands mark. Rounded half
// to even to the currency. False when the row was rejected.
bool item_minor(reading *r, const json_t *o, const char *path, const currency *c, int64_t *minor);
bool decimal_minor(str x, int exponent, int64_t *minor); // at most 15 digits
// Sums and products of what strangers wrote: what does not fit stays at the largest number.
int64_t add_up(int64_t a, int64_t b);
int64_t multiply(int64_t a, int64_t b);

// An event with what every event of the element says: the adapter's channel, no mood.
event item_template(const reading *r);
// An event that only differs from the template in kind, key and time. Never NULL. A conversation may have many more
// events than ROW_EVENTS; adapters that call it leave r->own alone.
enum { ITEM_EVENTS = 16384 };
event *item_say(reading *r, const event *like, enum kind kind, int64_t at_us, str ext);
void item_money(event *ev, int64_t minor, const currency *c);
void item_score(event *ev, int64_t score_x100, enum instrument i);
// Phones are read with a country of their own; all else as add_ident does.
void item_phone(reading *r, event *ev, str raw, str country);
// The texts of a list, or of one member of its elements, with commas between; cut off where it gets long.
str item_list(reading *r, const json_t *list, const char *member);
enum { ITEM_LABEL = 300 };
str item_label(str x); // its first ITEM_LABEL bytes, cut between characters: for titles that are said again and again
str item_join(reading *r, str a, const char *between, str b); // between only when both are there
// Our own key of the person, under the names that people give it in metadata and hidden fields.
void item_user_id(reading *r, event *ev, const json_t *o);
bool says_complaint(str label); // "complaint", "product_complaint", not "no_complaint"

#endif
