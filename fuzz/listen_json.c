// Any bytes as an element of any JSON format, which the first byte chooses ('a' is the first in adapters.c): the
// element becomes events, or is skipped with a reason, or rejected with field and reason; the same bytes say the same
// twice; and both readers of heed's own events agree.
#include "listen/adapter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const adapter ADAPTER_heed_events;

typedef struct {
    uint64_t hash;
    int rows;
} fingerprint;

static void add(fingerprint *f, str x) {
    f->hash = str_hash2(f->hash, x);
}

static void add_event(fingerprint *f, const event *ev) {
    const str texts[] = {ev->ext,  ev->thread,  ev->text,    ev->lang,  ev->topic,
                         ev->name, ev->country, ev->segment, ev->staff, ev->extra};
    const int64_t numbers[] = {ev->kind,      ev->channel, ev->at_us, ev->edited_us, ev->value,
                               ev->has_value, ev->unit,    ev->mood,  ev->quantity,  ev->n_ids};
    assert(ev->ext.len && ev->at_us && kind_name(ev->kind).len);
    for (size_t i = 0; i < COUNT(texts); i++) add(f, texts[i]);
    add(f, (str){(const char *)numbers, sizeof numbers});
    for (int i = 0; i < ev->n_ids; i++) {
        assert(ev->ids[i].value.len && ev->ids[i].kind != IDENT_none);
        add(f, ev->ids[i].value);
    }
}

static bool row(void *ctx, const heard *h, err *e) {
    (void)e;
    fingerprint *const f = ctx;
    assert(h->skipped + h->rejected + (h->n > 0) == 1);
    assert(!h->skipped || h->reason.len);
    assert(!h->rejected || (h->reason.len && h->field.len));
    f->rows++;
    add(f, h->field);
    for (int i = 0; i < h->n; i++) add_event(f, &h->events[i]);
    return true;
}

static fingerprint again(const char *name, str raw) {
    fingerprint f = {0};
    err e = {0};
    arena a = arena_open(1 << 20);
    const sink to = {.row = row, .ctx = &f};
    const bool ok = listen_again(&a, str_c(name), S(""), raw, &(listen_opts){.country = S("DE")}, &to, &e);
    assert(ok || !err_ok(&e));
    assert(f.rows <= 1);
    arena_close(&a);
    return f;
}

static fingerprint by_value(str raw) {
    err e = {0};
    zone *z = NULL;
    json_t *v = NULL;
    fingerprint f = {0};
    arena life = arena_open(16 << 20);
    heard out = {.raw = raw, .events = make(&life, event, ROW_EVENTS)};
    const listen_opts opts = {.country = S("DE")};
    const bool ok = zone_open(&life, S(""), &z, &e);
    assert(ok);
    reading r = {.opts = &opts, .as = &ADAPTER_heed_events, .life = &life, .z = z, .utc = z, .out = &out};
    r.row = arena_open(64 << 20);
    r.money = currency_of(S("EUR"));
    if (json_read(raw, &v, &e))
        ADAPTER_heed_events.item(&r, v);
    else
        reject(&r, "event", "%s", e.msg);
    if (out.rejected)
        add(&f, out.field);
    else
        add(&f, S("")), add_event(&f, &out.events[0]);
    json_decref(v);
    arena_close(&r.row);
    arena_close(&life);
    return f;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const adapter *json[64];
    size_t n = 0;
    for (size_t i = 0; adapters[i] && n < COUNT(json); i++)
        if (adapters[i]->format == FORMAT_JSON) json[n++] = adapters[i];
    if (size < 2 || size > 1 << 16) return 0;
    const str raw = {(const char *)data + 1, size - 1};
    const adapter *const as = json[((size_t)data[0] + n * 64 - 'a') % n];
    const fingerprint one = again(as->name, raw), two = again(as->name, raw);
    assert(one.hash == two.hash && one.rows == two.rows);
    heard_as how = {0};
    err e = {0};
    arena a = arena_open(4 << 20);
    if (!listen_recognise(&a, raw, &(listen_opts){0}, &how, &e)) assert(!err_ok(&e));
    arena_close(&a);
    // Dates that the room refuses afterwards make the two ways differ outside of the readers.
    if (as == &ADAPTER_heed_events && one.rows == 1 && one.hash != str_hash2(0, S("date"))) {
        const fingerprint value = by_value(raw);
        assert(value.hash == one.hash);
    }
    return 0;
}
