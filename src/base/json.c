#include "base/json.h"
#include "base/civil.h"

#include <math.h>

bool json_read(str text, json_t **out, err *e) {
    static const char mark[] = "\xEF\xBB\xBF";
    if (str_starts(text, S(mark))) text = str_sub(text, 3, text.len);
    json_error_t why;
    json_t *v = json_loadb(text.len ? text.s : "", text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
    *out = v;
    if (v) return true;
    return fail(e, ERR_invalid, "not JSON at line %d, column %d: %s", why.line, why.column, why.text);
}

str json_text(const json_t *v) {
    return json_is_string(v) ? (str){json_string_value(v), json_string_length(v)} : (str){0};
}

static const json_t *step(const json_t *v, str part) {
    if (json_is_object(v)) return json_object_getn(v, part.s, part.len);
    int64_t i = 0;
    return json_is_array(v) && str_i64(part, &i) && i >= 0 ? json_array_get(v, (size_t)i) : NULL;
}

const json_t *json_find(const json_t *obj, const char *path) {
    for (str rest = str_c(path); rest.s && obj;) obj = step(obj, str_cut(&rest, '.'));
    return json_is_null(obj) ? NULL : obj;
}

str json_at(const json_t *obj, const char *path) {
    return json_text(json_find(obj, path));
}

str json_scalar(arena *a, const json_t *v) {
    if (json_is_string(v)) return json_text(v);
    if (json_is_boolean(v)) return json_is_true(v) ? S("true") : S("false");
    buf b = buf_new(a, 40);
    if (json_is_integer(v)) buf_i64(&b, json_integer_value(v));
    if (json_is_real(v)) buf_f64(&b, json_real_value(v));
    return buf_str(&b);
}

json_out json_to(buf *b) {
    return (json_out){.b = b};
}

static void begin(json_out *j, const char *key) {
    if (j->comma) buf_addc(j->b, ',');
    j->comma = true;
    if (!key) return;
    buf_json_str(j->b, str_c(key));
    buf_addc(j->b, ':');
}

void json_open(json_out *j, const char *key, char bracket) {
    begin(j, key);
    buf_addc(j->b, bracket);
    j->comma = false;
}

void json_close(json_out *j, char bracket) {
    buf_addc(j->b, bracket);
    j->comma = true;
}

void json_put_str(json_out *j, const char *key, str v) {
    begin(j, key);
    buf_json_str(j->b, v);
}

void json_put_int(json_out *j, const char *key, int64_t v) {
    begin(j, key);
    buf_i64(j->b, v);
}

void json_put_num(json_out *j, const char *key, double v) {
    if (!isfinite(v)) {
        json_put_null(j, key);
        return;
    }
    begin(j, key);
    buf_f64(j->b, v);
}

void json_put_bool(json_out *j, const char *key, bool v) {
    json_put_raw(j, key, v ? S("true") : S("false"));
}

void json_put_null(json_out *j, const char *key) {
    json_put_raw(j, key, S("null"));
}

void json_put_raw(json_out *j, const char *key, str json) {
    begin(j, key);
    buf_add(j->b, json);
}

void json_put_time(json_out *j, const char *key, int64_t at_us) {
    if (!at_us) {
        json_put_null(j, key);
        return;
    }
    begin(j, key);
    buf_addc(j->b, '"');
    buf_iso(j->b, at_us);
    buf_addc(j->b, '"');
}
