#include "know/wire.h"
#include "base/civil.h"
#include "base/money.h"
#include "know/members.h"

static void put_name(buf *b, const char *name) {
    buf_add(b, S(",\""));
    buf_add(b, str_c(name));
    buf_add(b, S("\":"));
}

static void put_text(buf *b, const char *name, str v) {
    if (!v.len) return;
    put_name(b, name);
    buf_json_str(b, v);
}

static void put_time(buf *b, const char *name, int64_t at_us) {
    put_name(b, name);
    buf_addc(b, '"');
    buf_iso(b, at_us);
    buf_addc(b, '"');
}

static void put_ids(buf *b, const ident *ids, int n) {
    if (!n) return;
    put_name(b, "ids");
    for (int i = 0; i < n; i++) {
        buf_add(b, i ? S(",[\"") : S("[[\""));
        buf_add(b, ident_name(ids[i].kind));
        buf_add(b, S("\","));
        buf_json_str(b, ids[i].value);
        buf_addc(b, ']');
    }
    buf_addc(b, ']');
}

// The members that event_body writes by itself, in its order; all others came in as extra.
static void put_body(buf *b, str body) {
    static const char *const own[] = {"text",           "lang", "topic",   "mood",  "name",    "country",
                                      "postal_address", "born", "segment", "staff", "quantity"};
    size_t next = 0;
    bool extra = false;
    str rest = members_of(body);
    for (member m; member_next(&rest, &m);) {
        size_t k = next;
        while (!extra && k < COUNT(own) && !str_eq(m.name, str_c(own[k]))) k++;
        if (!extra && k < COUNT(own)) {
            put_name(b, own[k]);
            next = k + 1;
        } else {
            buf_add(b, extra ? S(",\"") : S(",\"extra\":{\""));
            buf_add(b, m.name);
            buf_add(b, S("\":"));
            extra = true;
        }
        buf_add(b, m.value);
    }
    if (extra) buf_addc(b, '}');
}

str wire_unit(enum kind kind, int32_t unit) {
    if (!unit) return S("");
    const currency *c = kind_class(kind) == CLASS_SAID ? NULL : currency_by_number(unit);
    return c ? str_c(c->code) : instrument_name((enum instrument)unit);
}

void wire_line(buf *b, const wire *w) {
    buf_add(b, S("{\"kind\":\""));
    buf_add(b, kind_name(w->kind));
    buf_addc(b, '"');
    put_time(b, "at", w->at_us);
    put_text(b, "ext", w->ext);
    put_text(b, "source", w->source);
    put_text(b, "channel", channel_name(w->channel));
    put_ids(b, w->ids, w->n_ids);
    if (w->has_value) {
        put_name(b, "value");
        buf_i64(b, w->value);
    }
    put_text(b, "unit", wire_unit(w->kind, w->unit));
    put_text(b, "thread", w->thread);
    put_body(b, w->body);
    if (w->edited_us) put_time(b, "edited", w->edited_us);
    buf_add(b, S("}\n"));
}

wire wire_of_event(arena *a, str source, const event *ev) {
    return (wire){.source = source,
                  .ext = ev->ext,
                  .thread = ev->thread,
                  .kind = ev->kind,
                  .channel = ev->channel,
                  .at_us = ev->at_us,
                  .edited_us = ev->edited_us,
                  .value = ev->value,
                  .has_value = ev->has_value,
                  .unit = ev->unit,
                  .ids = ev->ids,
                  .n_ids = ev->n_ids,
                  .body = event_body(a, ev)};
}

str wire_key(arena *a, int64_t hash) {
    return str_fmt(a, "key:%016" PRIx64, (uint64_t)hash);
}

wire wire_of_record(arena *a, str source, const record *r, const ident *ids, int n_ids) {
    return (wire){.source = source,
                  .ext = wire_key(a, r->key),
                  .thread = r->has_thread ? wire_key(a, r->thread) : S(""),
                  .kind = (enum kind)r->kind,
                  .channel = (enum channel)r->channel,
                  .at_us = r->at_us,
                  .edited_us = r->has_edited ? r->edited_us : 0,
                  .value = r->value,
                  .has_value = r->has_value,
                  .unit = r->unit,
                  .ids = ids,
                  .n_ids = n_ids,
                  .body = r->body};
}
