// track_json: a JSON text as a table of its values, made in one pass, for bodies that are read once and mostly passed
// on as they stand.
//
// Values keep their place in the text, so that what is stored is what was sent: no number is rounded, nothing is copied
// before it is needed. What a strict reader would stumble over later (half a surrogate pair, a NUL, bytes that are not
// UTF-8, numbers beyond 64 bits, extreme depth) is noted while reading and mended where it is passed on.
#ifndef HEED_TRACK_JSON_H
#define HEED_TRACK_JSON_H

#include "base/base.h"

enum doc_type { DOC_NULL, DOC_FALSE, DOC_TRUE, DOC_WHOLE, DOC_REAL, DOC_TEXT, DOC_OBJECT, DOC_LIST };
enum {
    DOC_ESCAPED = 1, // a text with escapes
    DOC_ODD = 2,     // it, or something in it, must be mended before it is passed on
    DOC_BLANKS = 4,  // blanks stand between its parts
    DOC_DEEP = 8,    // it goes deeper than DOC_DEPTH
};
enum { DOC_DEPTH = 400, DOC_VALUES = 1 << 20 };

// One value. The members of an object follow it: name, value, name, value, …
typedef struct {
    uint32_t at, len; // in the text; of a text without its quotes
    uint32_t next;    // the first value after it and all that it holds
    uint8_t type, flags;
} doc_value;

typedef struct {
    const char *text;
    const doc_value *v;
    uint32_t n;
} doc;

// A value is named by its index. What is looked for in none is none.
typedef uint32_t doc_id;
enum { DOC_NONE = 0, DOC_ROOT = 1 };

// ERR_invalid names the place; ERR_too_large when there are more than DOC_VALUES. The text must stay.
must_use bool doc_read(arena *a, str text, doc *out, err *e);

enum doc_type doc_type(const doc *d, doc_id i); // DOC_NULL for none
bool doc_true(const doc *d, doc_id i);
bool doc_false(const doc *d, doc_id i);
bool doc_empty(const doc *d, doc_id i); // none, null, {}, []

// Walks an object: for (doc_id k = doc_first(i); k < doc_after(d, i); k = doc_after(d, k + 1)): k is a name, k + 1 its
// value. A list: k is an element, and doc_after(d, k) the next.
doc_id doc_first(doc_id i);
doc_id doc_after(const doc *d, doc_id i);
size_t doc_count(const doc *d, doc_id i); // members or elements; 0 for anything else
bool doc_named(const doc *d, doc_id name, str is);
doc_id doc_get(const doc *d, doc_id object, str name);          // none when absent
doc_id doc_path(const doc *d, doc_id object, const char *path); // "address.country"

str doc_raw(const doc *d, doc_id i);              // as it stands
str doc_text(arena *a, const doc *d, doc_id i);   // of a text, mended; empty for anything else. It borrows if it can.
str doc_scalar(arena *a, const doc *d, doc_id i); // text, number, true, false as text; empty for null and structures

// Writes compact and well-formed JSON: the value, or the members of an object without its braces (those whose name
// `leave` does not want), the first after a comma if `comma`; says whether a comma is due before another.
void doc_put(buf *b, const doc *d, doc_id i);
typedef bool (*doc_leave)(const void *ctx, const doc *d, doc_id name);
bool doc_put_members(buf *b, const doc *d, doc_id object, bool comma, doc_leave leave, const void *ctx);
size_t doc_room(const doc *d, doc_id i); // bytes that this needs at most

#endif
