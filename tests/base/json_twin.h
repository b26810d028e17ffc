// json_twin: any value through our writer, so that what was read can be written, read again and compared.
#ifndef HEED_JSON_TWIN_H
#define HEED_JSON_TWIN_H

#include "base/json.h"

static inline void json_write(json_out *j, const char *key, json_t *v) {
    switch (json_typeof(v)) {
    case JSON_OBJECT: {
        const char *name;
        json_t *part;
        json_open(j, key, '{');
        json_object_foreach(v, name, part) json_write(j, name, part);
        json_close(j, '}');
        break;
    }
    case JSON_ARRAY:
        json_open(j, key, '[');
        for (size_t i = 0; i < json_array_size(v); i++) json_write(j, NULL, json_array_get(v, i));
        json_close(j, ']');
        break;
    case JSON_STRING: json_put_str(j, key, json_text(v)); break;
    case JSON_INTEGER: json_put_int(j, key, json_integer_value(v)); break;
    case JSON_REAL: json_put_num(j, key, json_real_value(v) + 0.0); break; // -0 would come back as the whole number 0
    case JSON_TRUE: json_put_bool(j, key, true); break;
    case JSON_FALSE: json_put_bool(j, key, false); break;
    case JSON_NULL: json_put_null(j, key); break;
    }
}

#endif
