#include "base/json.h"

#include "know/members.h"

str members_of(str x) {
    x = str_trim(x);
    return x.len >= 2 && x.s[0] == '{' && x.s[x.len - 1] == '}' ? str_sub(x, 1, x.len - 2) : x;
}

static size_t blanks(str x, size_t i) {
    while (i < x.len && (x.s[i] == ' ' || x.s[i] == '\t' || x.s[i] == '\n' || x.s[i] == '\r')) i++;
    return i;
}

// Past the closing quote of the string that begins at i.
static size_t past_string(str x, size_t i) {
    for (i++; i < x.len && x.s[i] != '"'; i++)
        if (x.s[i] == '\\') i++;
    return i + 1;
}

// Past the value that begins at i.
static size_t past_value(str x, size_t i) {
    int depth = 0;
    while (i < x.len) {
        char c = x.s[i];
        if (depth == 0 && c == ',') break;
        if (c == '"') {
            i = past_string(x, i);
            continue;
        }
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        i++;
    }
    return MIN(i, x.len);
}

bool member_next(str *rest, member *m) {
    size_t i = blanks(*rest, 0);
    if (i < rest->len && rest->s[i] == ',') i = blanks(*rest, i + 1);
    if (i >= rest->len || rest->s[i] != '"') return false;
    size_t end = past_string(*rest, i);
    m->name = str_sub(*rest, i + 1, end - i - 2);
    i = blanks(*rest, end);
    if (i >= rest->len || rest->s[i] != ':') return false;
    i = blanks(*rest, i + 1);
    end = past_value(*rest, i);
    m->value = str_trim(str_sub(*rest, i, end - i));
    *rest = str_sub(*rest, end, rest->len);
    return m->value.len > 0;
}

bool element_next(str *rest, str *value) {
    size_t i = blanks(*rest, 0);
    if (i < rest->len && rest->s[i] == ',') i = blanks(*rest, i + 1);
    if (i >= rest->len) return false;
    size_t end = past_value(*rest, i);
    *value = str_trim(str_sub(*rest, i, end - i));
    *rest = str_sub(*rest, end, rest->len);
    return value->len > 0;
}

str member_text(arena *a, str value) {
    if (value.len < 2 || value.s[0] != '"') return S("");
    if (str_find(value, '\\') < 0) return str_sub(value, 1, value.len - 2);
    json_t *v = NULL;
    str text = S("");
    char *list = str_z(a, str_fmt(a, "[%.*s]", STR_ARG(value)));
    if (json_read(str_c(list), &v, NULL)) text = str_dup(a, json_text(json_array_get(v, 0)));
    json_decref(v);
    return text;
}
