#include "jobs/redact.h"

static void put_subject(json_out *j, const char *type, str value) {
    if (!value.len) return;
    json_open(j, NULL, '{');
    json_put_str(j, "type", str_c(type));
    json_put_str(j, "value", value);
    json_close(j, '}');
}

static str customer_of(arena *a, const json_t *v) {
    buf b = buf_new(a, 4096);
    json_out j = json_to(&b);
    json_open(&j, NULL, '[');
    put_subject(&j, "shopify_id", json_scalar(a, json_find(v, "customer.id")));
    put_subject(&j, "email", json_at(v, "customer.email"));
    put_subject(&j, "phone", json_at(v, "customer.phone"));
    json_close(&j, ']');
    return b.full ? S("[]") : buf_str(&b);
}

bool redact_asked(arena *a, const scheme *s, const sent *q, redact_ask *out) {
    json_t *v = NULL;
    str topic = sent_get(q, "x-shopify-topic");
    bool access = str_eq(topic, S("customers/data_request")), erase = str_eq(topic, S("customers/redact"));
    *out = (redact_ask){0};
    if (!s || strcmp(s->name, "shopify") || (!access && !erase && !str_eq(topic, S("shop/redact")))) return false;
    if (!access && !erase) {
        out->why = S(
            "the shop has removed the app and asks that its data be erased; undo its imports, or erase its customers");
        return true;
    }
    if (!json_read(q->body, &v, NULL)) return false;
    out->subjects = customer_of(a, v);
    json_decref(v);
    out->kind = access ? S("access") : S("erasure");
    if (out->subjects.len <= 2)
        *out = (redact_ask){.why = S("it asks for the data of somebody, and does not say of whom")};
    return true;
}
