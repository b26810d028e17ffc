// shape: what the JSON of the API looks like. Shapes are rows (shapes.def): a request is checked against them before
// its handler runs, tests hold every answer to them, and OpenAPI and the reference page are written from them.
//
// A type is a word: str, int, num, bool, time (RFC 3339), date, id (whole number above 0), any; the name of a shape;
// [type] a list of at most 1000; {type} an object of any names; a|b|c one of these words. A "?" at the end: may be
// absent or null (in answers: null). "str:200" limits the length; 10,000 bytes unless said.
#ifndef HEED_SHAPE_H
#define HEED_SHAPE_H

#include "base/json.h"
#include "serve/message.h"

typedef struct {
    const char *shape, *name, *type, *text;
} field_row;

typedef struct {
    const char *name, *text;
    const field_row *fields;
    size_t n;
} shape;

bool shape_get(str name, shape *out); // false if there is none
size_t shapes_count(void);
shape shapes_at(size_t i);

// Checks a value of a request: ERR_invalid, and the place ("rule.any.0.value") in field, which has 64 bytes. An unknown
// field is an error that names the nearest known one.
must_use bool shape_check(str type, const json_t *v, char *field, err *e);
// A query as an object of the shape's types, checked. limit, after and fields are understood by every route. The caller
// owns *out, in failure too.
must_use bool shape_of_query(arena *a, str type, str query, json_t **out, char *field, err *e);
// For tests: does an answer hold every field that its type promises, and no other?
must_use bool shape_holds(str type, const json_t *v, char *field, err *e);

// Writes {"openapi":"3.1.0",…} from routes and shapes; the reference page as HTML. Here and in openapi.c.
void openapi_write(buf *b, str origin);
void reference_write(buf *b);

#endif
