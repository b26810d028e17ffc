// The description of the API, written from the rows that make it: for programs (OpenAPI 3.1) and for people.
#include "serve/roles.h"
#include "serve/shape.h"

// ---- types as JSON Schema ----

static void type_json(json_out *j, const char *key, str type, const char *text);

static void choices(json_out *j, str type) {
    json_open(j, "enum", '[');
    for (str rest = type; rest.s;) json_put_str(j, NULL, str_cut(&rest, '|'));
    json_close(j, ']');
}

static void named(json_out *j, str type, bool null, const char *simple, const char *format) {
    (void)type;
    if (null) {
        json_open(j, "type", '[');
        json_put_str(j, NULL, str_c(simple));
        json_put_str(j, NULL, S("null"));
        json_close(j, ']');
    } else
        json_put_str(j, "type", str_c(simple));
    if (format) json_put_str(j, "format", str_c(format));
}

static void ref(json_out *j, str type, bool null) {
    char path[96];
    snprintf(path, sizeof path, "#/components/schemas/%.*s", STR_ARG(type));
    if (!null) {
        json_put_str(j, "$ref", str_c(path));
        return;
    }
    json_open(j, "oneOf", '[');
    json_open(j, NULL, '{');
    json_put_str(j, "$ref", str_c(path));
    json_close(j, '}');
    json_open(j, NULL, '{');
    json_put_str(j, "type", S("null"));
    json_close(j, '}');
    json_close(j, ']');
}

static const struct {
    const char *word, *type, *format;
} SIMPLE[] = {
    {"str", "string", NULL},   {"int", "integer", "int64"},     {"id", "integer", "int64"}, {"num", "number", NULL},
    {"bool", "boolean", NULL}, {"time", "string", "date-time"}, {"date", "string", "date"},
};

static void type_body(json_out *j, str type, bool null) {
    if (str_starts(type, S("["))) {
        named(j, type, null, "array", NULL);
        type_json(j, "items", str_sub(type, 1, type.len - 2), NULL);
    } else if (str_starts(type, S("{"))) {
        named(j, type, null, "object", NULL);
        type_json(j, "additionalProperties", str_sub(type, 1, type.len - 2), NULL);
    } else if (str_has(type, S("|"))) {
        named(j, type, null, "string", NULL);
        choices(j, type);
    } else if (str_starts(type, S("str:"))) {
        int64_t most = 0;
        named(j, type, null, "string", NULL);
        if (str_i64(str_sub(type, 4, type.len), &most)) json_put_int(j, "maxLength", most);
    } else if (!str_eq(type, S("any"))) {
        for (size_t i = 0; i < COUNT(SIMPLE); i++)
            if (str_eq(type, str_c(SIMPLE[i].word))) {
                named(j, type, null, SIMPLE[i].type, SIMPLE[i].format);
                return;
            }
        ref(j, type, null);
    }
}

static void type_json(json_out *j, const char *key, str type, const char *text) {
    bool null = str_ends(type, S("?"));
    if (null) type.len--;
    json_open(j, key, '{');
    if (text) json_put_str(j, "description", str_c(text));
    type_body(j, type, null);
    json_close(j, '}');
}

static bool optional(const field_row *f) {
    return f->type[strlen(f->type) - 1] == '?';
}

static void schema(json_out *j, const shape *s) {
    json_open(j, s->name, '{');
    json_put_str(j, "type", S("object"));
    json_put_str(j, "description", str_c(s->text));
    json_open(j, "properties", '{');
    for (size_t i = 0; i < s->n; i++) type_json(j, s->fields[i].name, str_c(s->fields[i].type), s->fields[i].text);
    json_close(j, '}');
    json_open(j, "required", '[');
    for (size_t i = 0; i < s->n; i++)
        if (!optional(&s->fields[i])) json_put_str(j, NULL, str_c(s->fields[i].name));
    json_close(j, ']');
    json_close(j, '}');
}

// ---- routes ----

static bool has_body(const route *r) {
    return r->method == METHOD_POST || r->method == METHOD_PUT || r->method == METHOD_PATCH;
}

static void parameter(json_out *j, const char *in, const char *name, str type, const char *text, bool must) {
    json_open(j, NULL, '{');
    json_put_str(j, "name", str_c(name));
    json_put_str(j, "in", str_c(in));
    if (text) json_put_str(j, "description", str_c(text));
    json_put_bool(j, "required", must);
    type_json(j, "schema", type, NULL);
    json_close(j, '}');
}

static bool is_page(const route *r) {
    return r->gives[0] == '[';
}

static void parameters(json_out *j, const route *r) {
    json_open(j, "parameters", '[');
    for (str rest = str_c(r->path); rest.s;) {
        str part = str_cut(&rest, '/');
        char name[64];
        if (!str_starts(part, S("{"))) continue;
        snprintf(name, sizeof name, "%.*s", (int)(part.len - 2), part.s + 1);
        parameter(j, "path", name, str_eq(part, S("{id}")) ? S("id") : S("str"), NULL, true);
    }
    shape s;
    if (!has_body(r) && shape_get(str_c(r->asks), &s))
        for (size_t i = 0; i < s.n; i++)
            parameter(j, "query", s.fields[i].name, str_c(s.fields[i].type), s.fields[i].text, !optional(&s.fields[i]));
    if (is_page(r)) {
        parameter(j, "query", "limit", S("int?"), "how many at most; 50 unless said, 500 at most", false);
        parameter(j, "query", "after", S("str?"), "what next of the page before was", false);
    }
    json_close(j, ']');
}

static void content(json_out *j, const char *media, str type) {
    json_open(j, "content", '{');
    json_open(j, media, '{');
    type_json(j, "schema", type, NULL);
    json_close(j, '}');
    json_close(j, '}');
}

static void page_content(json_out *j, str type) {
    json_open(j, "content", '{');
    json_open(j, "application/json", '{');
    json_open(j, "schema", '{');
    json_put_str(j, "type", S("object"));
    json_open(j, "properties", '{');
    json_open(j, "items", '{');
    json_put_str(j, "type", S("array"));
    type_json(j, "items", type, NULL);
    json_close(j, '}');
    type_json(j, "next", S("str?"), "?after= of the next page; null: this is the last one");
    json_close(j, '}');
    json_open(j, "required", '[');
    json_put_str(j, NULL, S("items"));
    json_put_str(j, NULL, S("next"));
    json_close(j, ']');
    json_close(j, '}');
    json_close(j, '}');
    json_close(j, '}');
}

static void responses(json_out *j, const route *r) {
    str gives = str_c(r->gives);
    json_open(j, "responses", '{');
    json_open(j, gives.len ? "2XX" : "204", '{');
    json_put_str(j, "description", gives.len ? S("done") : S("done; there is nothing to say"));
    if (is_page(r))
        page_content(j, str_sub(gives, 1, gives.len - 2));
    else if (gives.len && gives.s[0] != '*')
        content(j, "application/json", gives);
    json_close(j, '}');
    json_open(j, "default", '{');
    json_put_str(j, "description", S("refused, with the reason"));
    content(j, "application/problem+json", S("problem"));
    json_close(j, '}');
    json_close(j, '}');
}

static void request_body(json_out *j, const route *r) {
    if (!has_body(r) || !r->asks[0]) return;
    json_open(j, "requestBody", '{');
    json_put_bool(j, "required", true);
    if (r->flags & ROUTE_SPOOL)
        content(j, "application/octet-stream", S("any"));
    else if (r->flags & ROUTE_FORM)
        content(j, "application/x-www-form-urlencoded", S("any"));
    else
        content(j, "application/json", r->asks[0] == '*' ? S("any") : str_c(r->asks));
    json_close(j, '}');
}

static void operation(json_out *j, const route *r) {
    char method[16];
    size_t n = 0;
    for (const char *m = method_name(r->method); *m; m++) method[n++] = (char)(*m | 32);
    method[n] = 0;
    json_open(j, method, '{');
    json_put_str(j, "operationId", str_c(r->name));
    json_put_str(j, "summary", str_c(r->text));
    json_put_str(j, "x-needs", str_c(need_name(r->need)));
    if (r->need == NEED_nothing) {
        json_open(j, "security", '[');
        json_close(j, ']');
    }
    parameters(j, r);
    request_body(j, r);
    responses(j, r);
    json_close(j, '}');
}

// Pages for people (they give no JSON and are forms) are no part of the API.
static bool in_api(const route *r) {
    bool app = !strcmp(r->path, "/") || !strcmp(r->path, "/*") || !strncmp(r->path, "/assets/", 8);
    return !(r->flags & ROUTE_FORM) && !app;
}

static bool first_of_path(const route *all, size_t i) {
    for (size_t k = 0; k < i; k++)
        if (in_api(&all[k]) && !strcmp(all[k].path, all[i].path)) return false;
    return in_api(&all[i]);
}

static void security(json_out *j) {
    json_open(j, "securitySchemes", '{');
    json_open(j, "key", '{');
    json_put_str(j, "type", S("http"));
    json_put_str(j, "scheme", S("bearer"));
    json_put_str(j, "description", S("an API key; make one with heed key add or on the page of keys"));
    json_close(j, '}');
    json_open(j, "session", '{');
    json_put_str(j, "type", S("apiKey"));
    json_put_str(j, "in", S("cookie"));
    json_put_str(j, "name", S("heed"));
    json_put_str(j, "description", S("the cookie of a signed-in browser; changes need X-CSRF-Token beside it"));
    json_close(j, '}');
    json_close(j, '}');
}

void openapi_write(buf *b, str origin) {
    size_t n;
    const route *all = routes_all(&n);
    json_out out = json_to(b), *j = &out;
    json_open(j, NULL, '{');
    json_put_str(j, "openapi", S("3.1.0"));
    json_put_raw(j, "info",
                 S("{\"title\":\"heed\",\"version\":\"1\",\"description\":\"Who needs what from you, and what you may "
                   "promise.\",\"license\":{\"name\":\"AGPL-3.0-or-later\",\"identifier\":\"AGPL-3.0-or-later\"}}"));
    json_open(j, "servers", '[');
    json_open(j, NULL, '{');
    json_put_str(j, "url", origin.len ? origin : S("/"));
    json_close(j, '}');
    json_close(j, ']');
    json_put_raw(j, "security", S("[{\"key\":[]},{\"session\":[]}]"));
    json_open(j, "paths", '{');
    for (size_t i = 0; i < n; i++) {
        if (!first_of_path(all, i)) continue;
        json_open(j, all[i].path, '{');
        for (size_t k = i; k < n; k++)
            if (in_api(&all[k]) && !strcmp(all[k].path, all[i].path)) operation(j, &all[k]);
        json_close(j, '}');
    }
    json_close(j, '}');
    json_open(j, "components", '{');
    json_open(j, "schemas", '{');
    for (size_t i = 0; i < shapes_count(); i++) {
        shape s = shapes_at(i);
        schema(j, &s);
    }
    json_close(j, '}');
    security(j);
    json_close(j, '}');
    json_close(j, '}');
}

// ---- the page for people ----

static void text(buf *b, str x) {
    for (size_t i = 0; i < x.len; i++) switch (x.s[i]) {
        case '<': buf_add(b, S("&lt;")); break;
        case '>': buf_add(b, S("&gt;")); break;
        case '&': buf_add(b, S("&amp;")); break;
        case '"': buf_add(b, S("&quot;")); break;
        default: buf_addc(b, x.s[i]);
        }
}

// A type, with a link when it is a shape.
static void type_html(buf *b, str type) {
    str name = type;
    bool null = str_ends(name, S("?"));
    if (null) name.len--;
    bool list = str_starts(name, S("["));
    if (list || str_starts(name, S("{"))) name = str_sub(name, 1, name.len - 2);
    shape s;
    if (list) buf_add(b, S("list of "));
    if (shape_get(name, &s))
        buf_fmt(b, "<a href=\"#shape-%s\">%s</a>", s.name, s.name);
    else {
        buf_add(b, S("<code>"));
        text(b, name);
        buf_add(b, S("</code>"));
    }
    if (null) buf_add(b, S(" or nothing"));
}

static void fields_html(buf *b, const shape *s) {
    if (!s->n) return;
    buf_add(b, S("<div class=\"wide\"><table><thead><tr><th scope=\"col\">field</th><th scope=\"col\">type</th><th "
                 "scope=\"col\">meaning</th></tr></thead><tbody>"));
    for (size_t i = 0; i < s->n; i++) {
        buf_fmt(b, "<tr><th scope=\"row\"><code>%s</code></th><td>", s->fields[i].name);
        type_html(b, str_c(s->fields[i].type));
        buf_add(b, S("</td><td>"));
        text(b, str_c(s->fields[i].text));
        buf_add(b, S("</td></tr>"));
    }
    buf_add(b, S("</tbody></table></div>"));
}

static void route_html(buf *b, const route *r) {
    shape s;
    buf_fmt(b, "<section id=\"%s\"><h3><span class=\"method\">%s</span> <code>", r->name, method_name(r->method));
    text(b, str_c(r->path));
    buf_add(b, S("</code></h3><p>"));
    text(b, str_c(r->text));
    buf_add(b, S("</p><p class=\"quiet\">Needs "));
    text(b, str_c(need_name(r->need)));
    buf_add(b, S(". Answers "));
    if (!r->gives[0])
        buf_add(b, S("nothing (204)"));
    else if (r->gives[0] == '*')
        buf_add(b, S("something that is not JSON"));
    else
        type_html(b, str_c(r->gives));
    if (has_body(r) && r->asks[0] && shape_get(str_c(r->asks), &s)) {
        buf_add(b, S(". Send "));
        type_html(b, str_c(r->asks));
    }
    buf_add(b, S(".</p>"));
    if (!has_body(r) && shape_get(str_c(r->asks), &s)) fields_html(b, &s);
    buf_add(b, S("</section>"));
}

// What stands between <main> and </main>; the page around it is the caller's.
void reference_write(buf *b) {
    size_t n;
    const route *all = routes_all(&n);
    buf_add(
        b, S("<h1>The API</h1><p>Send an API key as <code>Authorization: Bearer KEY</code>. Answers are JSON. The same "
             "as a file for programs: <a href=\"/api/openapi.json\">openapi.json</a>.</p><h2>Addresses</h2>"));
    for (size_t i = 0; i < n; i++)
        if (in_api(&all[i])) route_html(b, &all[i]);
    buf_add(b, S("<h2>Shapes</h2>"));
    for (size_t i = 0; i < shapes_count(); i++) {
        shape s = shapes_at(i);
        buf_fmt(b, "<section id=\"shape-%s\"><h3><code>%s</code></h3><p>", s.name, s.name);
        text(b, str_c(s.text));
        buf_add(b, S("</p>"));
        fields_html(b, &s);
        buf_add(b, S("</section>"));
    }
}
