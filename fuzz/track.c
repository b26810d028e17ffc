// Any bytes as the body of a tracking call, whose kind the first byte chooses ('a' none, 'b' identify, …): every call
// gives events or is refused with field and reason; what an event keeps is JSON on one line; the same bytes say the
// same twice; and what was refused is refused again when it is read again.
#include "base/json.h"

#include "listen/listen.h"
#include "listen/track.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add(uint64_t *h, str x) {
    *h = str_hash2(*h, x);
}

static void check_event(arena *a, const event *ev, uint64_t *h) {
    const str texts[] = {ev->ext,  ev->thread,  ev->text,    ev->lang,  ev->topic,
                         ev->name, ev->country, ev->segment, ev->staff, ev->extra};
    const int64_t numbers[] = {ev->kind,      ev->channel, ev->at_us, ev->edited_us, ev->value,
                               ev->has_value, ev->unit,    ev->mood,  ev->quantity,  ev->n_ids};
    assert(ev->ext.len && ev->at_us > 0 && kind_name(ev->kind).len && ev->n_ids > 0);
    for (size_t i = 0; i < COUNT(texts); i++) {
        assert(str_utf8_ok(texts[i]) || i == 0);
        add(h, texts[i]);
    }
    add(h, (str){(const char *)numbers, sizeof numbers});
    for (int i = 0; i < ev->n_ids; i++) {
        assert(ev->ids[i].value.len && ev->ids[i].kind != IDENT_none);
        add(h, ev->ids[i].value);
    }
    json_t *v = NULL;
    err e = {0};
    str body = event_body(a, ev);
    bool ok = !body.len || (json_read(body, &v, &e) && json_is_object(v));
    assert(ok && str_find(body, '\n') < 0);
    json_decref(v);
}

static uint64_t hear(arena *a, str body, enum track_call call, track_out *out, bool *ok) {
    track_body b;
    err e = {0};
    uint64_t h = 1;
    const track_opts o = {.now_us = INT64_C(1795285700000000), .call = call, .ip = S("::1"), .country = S("DE")};
    *out = (track_out){0};
    *ok = track_open(a, body, &b, &e) && track_read(a, &b, &o, out, &e);
    if (!*ok) {
        assert(!err_ok(&e));
        return 0;
    }
    const doc *d = &b.d;
    doc_id list = doc_type(d, DOC_ROOT) == DOC_LIST ? (doc_id)DOC_ROOT : doc_get(d, DOC_ROOT, S("batch"));
    size_t calls = doc_type(d, list) == DOC_LIST ? doc_count(d, list) : 1;
    assert((size_t)out->rows + out->n_bad == calls);
    for (size_t i = 0; i < out->n; i++) {
        assert(out->row_of[i] < out->rows && (!i || out->row_of[i] - out->row_of[i - 1] <= 1));
        check_event(a, &out->events[i], &h);
    }
    for (size_t i = 0; i < out->n_bad; i++) {
        assert(out->bad[i].field.len && out->bad[i].reason.len && out->bad[i].raw.len);
        add(&h, out->bad[i].field);
    }
    return h;
}

static bool count(void *ctx, const heard *h, err *e) {
    (void)e;
    *(int *)ctx += h->n;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || size > 1 << 16) return 0;
    const str body = {(const char *)data + 1, size - 1};
    const enum track_call call = (enum track_call)(((size_t)data[0] + 70 - 'a') % 7);
    arena a = arena_open((size_t)1 << 28);
    track_out one, two;
    bool ok, again;
    const uint64_t h = hear(&a, body, call, &one, &ok), g = hear(&a, body, call, &two, &again);
    assert(h == g && ok == again);
    json_t *v = NULL;
    // What any reader takes, this one takes; it may only be too much. (The other one overlooks a NUL at the end.)
    if (!memchr(body.s, 0, body.len) && json_read(body, &v, NULL)) {
        track_body b;
        err e = {0};
        const bool taken = track_open(&a, body, &b, &e);
        assert(taken || e.code == ERR_too_large);
    }
    json_decref(v);
    for (size_t i = 0; i < MIN(one.n_bad, 4u); i++) {
        int events = 0;
        err e = {0};
        const sink to = {.row = count, .ctx = &events};
        const bool read =
            listen_again(&a, S("tracking"), S(""), one.bad[i].raw, &(listen_opts){.country = S("DE")}, &to, &e);
        assert((read || !err_ok(&e)) && !events);
    }
    arena_close(&a);
    return 0;
}
