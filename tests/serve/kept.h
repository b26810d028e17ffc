// kept: what golden files carry from one answer to later requests: tokens that are made by chance.
//
// "Keep: link link.url" keeps what stands at link.url of the answer's JSON, without our address in front, as {link};
// "Keep: tag etag" keeps the ETag; "Keep: jar cookie" keeps the cookie that was set; "Keep: ticket field ticket" what
// stands in a hidden field.
#ifndef HEED_KEPT_H
#define HEED_KEPT_H

#include "rig.h"

enum { KEPT = 16 };
typedef struct {
    arena *life;
    str names[KEPT], values[KEPT];
    size_t n;
} kept;

static inline ptrdiff_t kept_find(str text, str what) {
    for (size_t i = 0; i + what.len <= text.len; i++)
        if (!memcmp(text.s + i, what.s, what.len)) return (ptrdiff_t)i;
    return -1;
}

static inline void kept_into(const kept *k, str *text) {
    for (size_t i = 0; i < k->n; i++) {
        str mark = str_fmt(k->life, "{%.*s}", STR_ARG(k->names[i]));
        ptrdiff_t at = kept_find(*text, mark);
        if (at < 0) continue;
        str head = str_sub(*text, 0, (size_t)at), tail = str_sub(*text, (size_t)at + mark.len, text->len);
        *text = str_cat(k->life, str_cat(k->life, head, k->values[i]), tail);
    }
}

static inline str kept_json(str body, str path) {
    static char text[2000];
    err e = {0};
    json_t *v = NULL;
    char name[100];
    snprintf(name, sizeof name, "%.*s", STR_ARG(path));
    assert_ok(json_read(body, &v, &e), e);
    arena a = arena_open(1 << 16);
    str x = json_scalar(&a, json_find(v, name));
    if (str_starts(x, S("https://heed.example"))) x = str_sub(x, 20, x.len);
    snprintf(text, sizeof text, "%.*s", STR_ARG(x));
    arena_close(&a);
    json_decref(v);
    return str_c(text);
}

static inline str kept_field(const kept *k, str body, str field) {
    str mark = str_fmt(k->life, "name=\"%.*s\" value=\"", STR_ARG(field));
    ptrdiff_t at = kept_find(body, mark);
    str rest = at < 0 ? S("") : str_sub(body, (size_t)at + mark.len, body.len);
    return str_cut(&rest, '"');
}

static inline void kept_take(kept *k, str how, const response *r) {
    str path = how, name = str_cut(&path, ' '), value;
    if (str_eq(path, S("cookie"))) {
        str all = response_get(r, "set-cookie");
        value = str_cut(&all, ';');
    } else if (str_eq(path, S("etag")))
        value = response_get(r, "etag");
    else if (str_starts(path, S("field ")))
        value = kept_field(k, r->body, str_sub(path, 6, path.len));
    else
        value = kept_json(r->body, path);
    assert_true(k->n < KEPT);
    k->names[k->n] = str_dup(k->life, name);
    k->values[k->n++] = str_dup(k->life, value);
}

#endif
