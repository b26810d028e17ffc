// json: jansson behind a few words. Values are borrowed from their document; texts come as str.
#ifndef HEED_JSON_H
#define HEED_JSON_H

#include <jansson.h>

#include "base/base.h"

// Parses one value; the caller owns it (json_decref). ERR_invalid names the place. Depth is limited by jansson (2048).
must_use bool json_read(str text, json_t **out, err *e);
str json_text(const json_t *v);                   // of a string; empty for anything else
str json_at(const json_t *obj, const char *path); // text at "customer.email" ("a.0.b" for arrays); numbers are not text
const json_t *json_find(const json_t *obj, const char *path); // any value, NULL if absent or null
str json_scalar(arena *a, const json_t *v); // text, number, true/false as text; empty for null and structures

// A streaming writer: buf_json_* with commas placed for you.
typedef struct {
    buf *b;
    bool comma;
} json_out;
json_out json_to(buf *b);
void json_open(json_out *j, const char *key, char bracket); // '{' or '['; key NULL inside arrays and at the top
void json_close(json_out *j, char bracket);                 // '}' or ']'
void json_put_str(json_out *j, const char *key, str v);
void json_put_int(json_out *j, const char *key, int64_t v);
void json_put_num(json_out *j, const char *key, double v); // NaN and infinities become null
void json_put_bool(json_out *j, const char *key, bool v);
void json_put_null(json_out *j, const char *key);
void json_put_time(json_out *j, const char *key, int64_t at_us); // "2026-01-02T03:04:05Z"; null when 0
void json_put_raw(json_out *j, const char *key, str json);

#endif
