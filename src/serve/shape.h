// shape: what the JSON of the API looks like. Shapes are rows (shapes.def): a request is checked against them before its
// handler runs, tests hold every answer to them, and OpenAPI and the reference page are written from them.
//
// A type is a word: str, int, num, bool, time (RFC 3339), date, id (whole number above 0), any; the name of a shape;
// [type] a list of at most 1000; {type} an object of any names; a|b|c one of these words. A "?" at the end: may be
// absent or null (in answers: null). "str:200" limits the length; 10,000 unless said.
#ifndef HEED_SHAPE_H
#define HEED_SHAPE_H

#include "base/json.h"

typedef struct {
    const char *shape, *name, *type, *text;
} field_row;

typedef struct {
    const char *name, *text;
    const field_row *fields;
    size_t n;
} shape;

const shape *shape_get(str name); // NULL if there is none
const shape *shapes_all(size_t *n);

// Checks a value: ERR_invalid, and the place ("rule.any.0.value") into `field` (size 64). An unknown field is an error
// that names the nearest known one.
must_use bool shape_check(const shape *s, const json_t *v, char *field, err *e);
// A query as an object of the shape's types, checked.
must_use bool shape_of_query(arena *a, const shape *s, str query, json_t **out, char *field, err *e);
// For tests: does an answer of type "customer", "[customer]", … hold what it says?
must_use bool shape_holds(const char *type, const json_t *v, char *field, err *e);
// Writes {"openapi":"3.1.0",…}; the reference page as HTML.
void openapi_write(buf *b, str origin);
void reference_write(buf *b);

#endif
