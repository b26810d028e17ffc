// What handlers use to read what was asked and to say what they found.
#include <stdarg.h>

#include "base/civil.h"
#include "serve/server.h"

str in_str(const call *c, const char *name) {
    return c->in ? json_text(json_object_get(c->in, name)) : S("");
}

int64_t in_int(const call *c, const char *name, int64_t otherwise) {
    const json_t *v = c->in ? json_object_get(c->in, name) : NULL;
    return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

bool in_bool(const call *c, const char *name) {
    return c->in && json_is_true(json_object_get(c->in, name));
}

bool in_has(const call *c, const char *name) {
    const json_t *v = c->in ? json_object_get(c->in, name) : NULL;
    return v && !json_is_null(v);
}

bool param_id(const call *c, int i, int64_t *id, err *e) {
    if (str_i64(c->params[i], id) && *id > 0) return true;
    return fail(e, ERR_not_found, "'%.*s' is not a number that anything has", (int)MIN(c->params[i].len, 60),
                c->params[i].s);
}

// ---- paging ----

enum { PAGE = 50, PAGE_MOST = 500 };

bool page_open(call *c, paging *p, err *e) {
    str limit = form_value(c->a, c->q->query, "limit"), after = form_value(c->a, c->q->query, "after");
    *p = (paging){.limit = PAGE, .first = !after.len};
    if (limit.len && (!str_i64(limit, &p->limit) || p->limit < 1 || p->limit > PAGE_MOST))
        return fail_field(c, e, "limit", "'limit' must be a whole number from 1 to %d", PAGE_MOST);
    str one = str_cut(&after, '_');
    if (!p->first && (!str_i64(one, &p->after[0]) || (after.s && !str_i64(after, &p->after[1]))))
        return fail_field(c, e, "after", "'after' must be what 'next' of the page before was");
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "items", '[');
    return true;
}

void page_close(call *c, const paging *p, bool more, int64_t key, int64_t key2) {
    (void)p;
    json_close(&c->out, ']');
    if (more)
        json_put_str(&c->out, "next",
                     key2 ? str_fmt(c->a, "%" PRId64 "_%" PRId64, key, key2) : str_fmt(c->a, "%" PRId64, key));
    else
        json_put_null(&c->out, "next");
    json_close(&c->out, '}');
}

// ---- versions ----

void call_etag(call *c, int64_t version) {
    response_header(c->r, "ETag", str_fmt(c->a, "\"%" PRId64 "\"", version));
}

bool call_if_match(call *c, int64_t version, err *e) {
    str match = str_trim(request_header(c->q, "if-match"));
    if (!match.len)
        return fail(e, ERR_required, "send the ETag that you read as If-Match, so that nobody's change is lost");
    if (str_eq(match, S("*"))) return true;
    for (str rest = match; rest.s;) {
        str tag = str_trim(str_cut(&rest, ','));
        if (str_eq(tag, str_fmt(c->a, "\"%" PRId64 "\"", version))) return true;
    }
    return fail(e, ERR_changed, "somebody changed it meanwhile: it is version %" PRId64 " now; read it again", version);
}

void call_status(call *c, int status) {
    c->r->status = status;
}

void call_location(call *c, str path) {
    response_header(c->r, "Location", path);
}

void call_text(call *c, const char *type, str body) {
    response_header(c->r, "Content-Type", str_c(type));
    buf_reset(&c->b);
    c->r->body = body;
}

void out_time(json_out *j, const char *key, int64_t at_us) {
    char bytes[64];
    if (!at_us) {
        json_put_null(j, key);
        return;
    }
    buf b = {.s = bytes, .cap = sizeof bytes, .max = sizeof bytes};
    buf_iso(&b, at_us);
    json_put_str(j, key, buf_str(&b));
}

bool fail_field(call *c, err *e, const char *field, const char *fmt, ...) {
    char text[sizeof e->msg];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    exchange *x = c->pass;
    snprintf(x->field, sizeof x->field, "%s", field);
    return fail(e, ERR_invalid, "%s", text);
}
