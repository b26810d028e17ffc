#include "serve/shape.h"
#include "base/civil.h"

enum { MOST_LIST = 1000, MOST_TEXT = 10000, DEEP = 32 };

static const field_row FIELDS[] = {
#define SHAPE(name, text)
#define FIELD(shape, name, type, text) {#shape, #name, type, text},
#include "serve/shapes.def"
    {0},
};

static const struct {
    const char *name, *text;
} NAMES[] = {
#define SHAPE(name, text) {#name, text},
#define FIELD(shape, name, type, text)
#include "serve/shapes.def"
    {0},
};

enum { N_SHAPES = sizeof NAMES / sizeof *NAMES - 1, N_FIELDS = sizeof FIELDS / sizeof *FIELDS - 1 };

// The fields of a shape stand together.
static shape shape_at(size_t i) {
    shape s = {.name = NAMES[i].name, .text = NAMES[i].text};
    for (size_t f = 0; f < N_FIELDS; f++) {
        if (strcmp(FIELDS[f].shape, s.name)) continue;
        if (!s.n) s.fields = &FIELDS[f];
        assert(s.fields + s.n == &FIELDS[f]);
        s.n++;
    }
    return s;
}

bool shape_get(str name, shape *out) {
    for (size_t i = 0; i < N_SHAPES; i++)
        if (str_eq(name, str_c(NAMES[i].name))) return *out = shape_at(i), true;
    return false;
}

size_t shapes_count(void) {
    return N_SHAPES;
}

shape shapes_at(size_t i) {
    return shape_at(i);
}

// ---- checking ----

typedef struct {
    char *field; // the place so far
    size_t len;
    int depth;
    bool answer; // an answer of ours: unknown fields and missing ones are mistakes too
} check;

enum { FIELD_LEN = 64 };

static size_t place_push(check *c, const char *name, size_t len) {
    size_t before = c->len;
    size_t room = FIELD_LEN - 1 - c->len, dot = c->len > 0, n = MIN(len, room > dot ? room - dot : 0);
    if (n && dot) c->field[c->len++] = '.';
    if (n) memcpy(c->field + c->len, name, n);
    c->len += n;
    c->field[c->len] = 0;
    return before;
}

static void place_pop(check *c, size_t before) {
    c->len = before;
    c->field[before] = 0;
}

static const char *kind_word(const json_t *v) {
    switch (json_typeof(v)) {
    case JSON_OBJECT: return "an object";
    case JSON_ARRAY: return "a list";
    case JSON_STRING: return "text";
    case JSON_INTEGER:
    case JSON_REAL: return "a number";
    case JSON_TRUE:
    case JSON_FALSE: return "true or false";
    case JSON_NULL: return "null";
    }
    return "something else";
}

static bool wants(check *c, const json_t *v, const char *what, err *e) {
    return fail(e, ERR_invalid, "'%s' is %s; it must be %s", c->len ? c->field : "body", kind_word(v), what);
}

static bool check_type(check *c, str type, const json_t *v, err *e);

static bool check_text(check *c, str type, const json_t *v, err *e) {
    int64_t most = MOST_TEXT;
    if (type.len > 4 && !str_i64(str_sub(type, 4, type.len), &most)) most = MOST_TEXT;
    if (!json_is_string(v)) return wants(c, v, "text", e);
    if ((int64_t)json_string_length(v) > most && !c->answer)
        return fail(e, ERR_invalid, "'%s' is longer than %" PRId64 " bytes", c->field, most);
    return true;
}

static bool check_choice(check *c, str type, const json_t *v, err *e) {
    str given = json_text(v);
    if (json_is_string(v))
        for (str rest = type; rest.s;)
            if (str_eq(str_cut(&rest, '|'), given)) return true;
    return fail(e, ERR_invalid, "'%s' must be one of %.*s", c->field, STR_ARG(type));
}

static bool check_moment(check *c, const json_t *v, bool date, err *e) {
    int64_t at = 0;
    str x = json_text(v);
    bool iso = json_is_string(v) && x.len >= 10 && x.s[4] == '-';
    if (iso && (date ? x.len == 10 : x.len > 10) && time_parse(x, NULL, 0, &at)) return true;
    return fail(e, ERR_invalid, "'%s' must be %s", c->field,
                date ? "a date like \"2026-01-31\"" : "a time like \"2026-01-31T09:30:00Z\"");
}

static bool check_list(check *c, str type, const json_t *v, err *e) {
    if (!json_is_array(v)) return wants(c, v, "a list", e);
    if (json_array_size(v) > MOST_LIST && !c->answer)
        return fail(e, ERR_invalid, "'%s' has more than %d entries", c->field, MOST_LIST);
    for (size_t i = 0; i < json_array_size(v); i++) {
        char number[24];
        int n = snprintf(number, sizeof number, "%zu", i);
        size_t before = place_push(c, number, (size_t)n);
        if (!check_type(c, type, json_array_get(v, i), e)) return false;
        place_pop(c, before);
    }
    return true;
}

static bool check_map(check *c, str type, const json_t *v, err *e) {
    if (!json_is_object(v)) return wants(c, v, "an object", e);
    json_t *o = (json_t *)(uintptr_t)v;
    for (void *it = json_object_iter(o); it; it = json_object_iter_next(o, it)) {
        const char *key = json_object_iter_key(it);
        size_t before = place_push(c, key, strlen(key));
        if (!check_type(c, type, json_object_iter_value(it), e)) return false;
        place_pop(c, before);
    }
    return true;
}

static bool optional(const char *type) {
    return type[strlen(type) - 1] == '?';
}

// Of several names the one that shares most letters at its beginning and end.
static const char *nearest(const shape *s, const char *name) {
    size_t best = 1, len = strlen(name);
    const char *found = NULL;
    for (size_t i = 0; i < s->n; i++) {
        const char *x = s->fields[i].name;
        size_t m = strlen(x), head = 0, tail = 0;
        while (head < MIN(m, len) && x[head] == name[head]) head++;
        while (tail < MIN(m, len) - head && x[m - 1 - tail] == name[len - 1 - tail]) tail++;
        if (head + tail > best) best = head + tail, found = x;
    }
    return found;
}

static bool unknown_field(const shape *s, const char *name, err *e) {
    const char *near = nearest(s, name);
    if (near) return fail(e, ERR_invalid, "'%.60s' is not known here; did you mean '%s'?", name, near);
    if (!s->n) return fail(e, ERR_invalid, "'%.60s' is not known here; nothing is asked", name);
    return fail(e, ERR_invalid, "'%.60s' is not known here; leave it out", name);
}

static bool check_object(check *c, const shape *s, const json_t *v, err *e) {
    if (!json_is_object(v)) return wants(c, v, "an object", e);
    size_t known = 0;
    for (size_t i = 0; i < s->n; i++) {
        const field_row *f = &s->fields[i];
        const json_t *x = json_object_get(v, f->name);
        size_t before = place_push(c, f->name, strlen(f->name));
        known += x != NULL;
        if (!x && (c->answer || !optional(f->type)))
            return fail(e, ERR_invalid, "'%s' is missing: %s", c->field, f->text);
        if (x && !check_type(c, str_c(f->type), x, e)) return false;
        place_pop(c, before);
    }
    if (known == json_object_size(v)) return true;
    json_t *o = (json_t *)(uintptr_t)v;
    for (void *it = json_object_iter(o); it; it = json_object_iter_next(o, it)) {
        const char *key = json_object_iter_key(it);
        bool found = false;
        for (size_t i = 0; i < s->n; i++) found |= !strcmp(key, s->fields[i].name);
        if (found) continue;
        place_push(c, key, strlen(key));
        return unknown_field(s, key, e);
    }
    return true;
}

static bool check_type(check *c, str type, const json_t *v, err *e) {
    if (str_ends(type, S("?"))) {
        if (json_is_null(v)) return true;
        type.len--;
    }
    if (++c->depth > DEEP) return fail(e, ERR_invalid, "'%s' is nested too deeply", c->field);
    bool ok;
    shape s;
    if (str_starts(type, S("[")))
        ok = check_list(c, str_sub(type, 1, type.len - 2), v, e);
    else if (str_starts(type, S("{")))
        ok = check_map(c, str_sub(type, 1, type.len - 2), v, e);
    else if (str_has(type, S("|")))
        ok = check_choice(c, type, v, e);
    else if (str_eq(type, S("str")) || str_starts(type, S("str:")))
        ok = check_text(c, type, v, e);
    else if (str_eq(type, S("int")))
        ok = json_is_integer(v) || wants(c, v, "a whole number", e);
    else if (str_eq(type, S("id")))
        ok = (json_is_integer(v) && json_integer_value(v) > 0) || wants(c, v, "the number of something, above 0", e);
    else if (str_eq(type, S("num")))
        ok = json_is_number(v) || wants(c, v, "a number", e);
    else if (str_eq(type, S("bool")))
        ok = json_is_boolean(v) || wants(c, v, "true or false", e);
    else if (str_eq(type, S("time")) || str_eq(type, S("date")))
        ok = check_moment(c, v, str_eq(type, S("date")), e);
    else if (str_eq(type, S("any")))
        ok = true;
    else if (shape_get(type, &s))
        ok = check_object(c, &s, v, e);
    else
        ok = fail(e, ERR_internal, "there is no shape '%.*s'", STR_ARG(type));
    c->depth--;
    return ok;
}

bool shape_check(str type, const json_t *v, char *field, err *e) {
    check c = {.field = field};
    field[0] = 0;
    return check_type(&c, type, v, e);
}

bool shape_holds(str type, const json_t *v, char *field, err *e) {
    check c = {.field = field, .answer = true};
    field[0] = 0;
    return check_type(&c, type, v, e);
}

// ---- queries ----

// A value of a query as JSON of the type that is wanted; text where it does not look like it, for the check to say so.
static json_t *query_value(str type, str x) {
    int64_t i;
    double d;
    if (str_ends(type, S("?"))) type.len--;
    bool number = str_eq(type, S("int")) || str_eq(type, S("id"));
    if ((number || str_eq(type, S("num"))) && str_i64(x, &i)) return json_integer(i);
    if (str_eq(type, S("num")) && str_f64(x, &d)) return json_real(d);
    if (str_eq(type, S("bool")) && (str_eq(x, S("true")) || str_eq(x, S("1")) || !x.len)) return json_true();
    if (str_eq(type, S("bool")) && (str_eq(x, S("false")) || str_eq(x, S("0")))) return json_false();
    return json_stringn(x.s, x.len);
}

static const field_row *field_of(const shape *s, str name) {
    for (size_t i = 0; i < s->n; i++)
        if (str_eq(name, str_c(s->fields[i].name))) return &s->fields[i];
    return NULL;
}

// What every list understands beside its own filters.
static bool common(str name) {
    return str_eq(name, S("limit")) || str_eq(name, S("after")) || str_eq(name, S("fields"));
}

bool shape_of_query(arena *a, str type, str query, json_t **out, char *field, err *e) {
    shape s = {0};
    pair p;
    field[0] = 0;
    *out = json_object();
    if (type.len && !shape_get(type, &s)) return fail(e, ERR_internal, "there is no shape '%.*s'", STR_ARG(type));
    while (form_next(a, &query, &p)) {
        const field_row *f = field_of(&s, p.name);
        snprintf(field, FIELD_LEN, "%.*s", (int)MIN(p.name.len, 63), p.name.s);
        if (!f && common(p.name)) continue;
        if (!f) return unknown_field(&s, str_z(a, p.name), e);
        str t = str_c(f->type);
        if (str_ends(t, S("?"))) t.len--;
        if (!str_starts(t, S("["))) {
            json_object_set_new(*out, f->name, query_value(t, p.value));
            continue;
        }
        json_t *list = json_object_get(*out, f->name);
        if (!list) json_object_set_new(*out, f->name, list = json_array());
        for (str rest = p.value; rest.s;)
            json_array_append_new(list, query_value(str_sub(t, 1, t.len - 2), str_cut(&rest, ',')));
    }
    if (!type.len) return true;
    return shape_check(type, *out, field, e);
}
