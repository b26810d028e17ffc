#include "serve/fields.h"

#include "know/members.h"
#include "serve/shape.h"

enum { MOST = 64, DEEP = 8 };

typedef struct {
    str v[MOST];
    size_t n;
} names;

// "a.b" of "a": "b". False when the name is neither it nor in it; rest is empty when all of it is meant.
static bool within(str name, str of, str *rest) {
    if (!str_starts(name, of)) return false;
    *rest = str_sub(name, of.len, name.len);
    if (!rest->len) return true;
    if (rest->s[0] != '.') return false;
    *rest = str_sub(*rest, 1, rest->len);
    return true;
}

static void keep(buf *b, str json, const names *want);

static void keep_member(buf *b, const member *m, const names *want, bool *any) {
    names inner = {.n = 0};
    bool all = false, some = false;
    str rest;
    for (size_t i = 0; i < want->n; i++) {
        if (!within(want->v[i], m->name, &rest)) continue;
        some = true, all |= !rest.len;
        if (rest.len) inner.v[inner.n++] = rest;
    }
    if (!some) return;
    if (*any) buf_addc(b, ',');
    *any = true;
    buf_addc(b, '"');
    buf_add(b, m->name);
    buf_add(b, S("\":"));
    if (all)
        buf_add(b, m->value);
    else
        keep(b, m->value, &inner);
}

static void keep(buf *b, str json, const names *want) {
    bool any = false;
    json = str_trim(json);
    if (str_starts(json, S("["))) {
        str rest = str_sub(json, 1, json.len - 2), x;
        buf_addc(b, '[');
        for (; element_next(&rest, &x); any = true) {
            if (any) buf_addc(b, ',');
            keep(b, x, want);
        }
        buf_addc(b, ']');
    } else if (str_starts(json, S("{"))) {
        str rest = members_of(json);
        buf_addc(b, '{');
        for (member m; member_next(&rest, &m);) keep_member(b, &m, want, &any);
        buf_addc(b, '}');
    } else
        buf_add(b, json);
}

// The type of a field without what stands around it: "[money]?" is "money".
static str plain_type(str type) {
    if (str_ends(type, S("?"))) type.len--;
    while (type.len > 1 && (type.s[0] == '[' || type.s[0] == '{')) type = str_sub(type, 1, type.len - 2);
    return type;
}

static bool is_field(str name, str type, int deep, err *e) {
    shape s;
    str rest = name, first = str_cut(&rest, '.');
    if (!shape_get(plain_type(type), &s)) return true; // anything may be in it
    for (size_t i = 0; i < s.n; i++)
        if (str_eq(first, str_c(s.fields[i].name)))
            return !rest.s || deep == DEEP || is_field(rest, str_c(s.fields[i].type), deep + 1, e);
    char known[120] = "";
    size_t len = 0;
    for (size_t i = 0; i < s.n && len + strlen(s.fields[i].name) + 3 < sizeof known; i++)
        len += (size_t)snprintf(known + len, sizeof known - len, "%s%s", i ? ", " : "", s.fields[i].name);
    return fail(e, ERR_invalid, "there is no field '%.*s'; '%s' has %s", (int)MIN(name.len, 60), name.s, s.name, known);
}

bool fields_keep(arena *a, str json, str fields, str gives, str *out, err *e) {
    names want = {.n = 0};
    for (str rest = fields; rest.s;) {
        str one = str_trim(str_cut(&rest, ','));
        if (!one.len) continue;
        if (want.n == MOST) return fail(e, ERR_invalid, "'fields' names more than %d fields", MOST);
        if (!is_field(one, gives, 0, e)) return false;
        want.v[want.n++] = one;
    }
    buf b = buf_new(a, json.len + 16);
    if (!str_starts(gives, S("["))) {
        keep(&b, json, &want);
    } else {
        str rest = members_of(json);
        bool any = false;
        buf_addc(&b, '{');
        for (member m; member_next(&rest, &m); any = true) {
            buf_fmt(&b, "%s\"%.*s\":", any ? "," : "", STR_ARG(m.name));
            if (str_eq(m.name, S("items")))
                keep(&b, m.value, &want);
            else
                buf_add(&b, m.value);
        }
        buf_addc(&b, '}');
    }
    *out = buf_str(&b);
    return true;
}
