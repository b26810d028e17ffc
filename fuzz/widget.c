// widget: whatever comes to the widget's door: a token opens only when it was made with our key, a website is let in
// only by the list, and a body that passes becomes an event whose parts are sound. The first line is the token, the
// second a website of the list, the third the one that asks; the rest is the body.
#include "act/ask.h"
#include "base/civil.h"
#include "base/json.h"
#include "serve/shape.h"

static const unsigned char KEY[PREFERENCE_KEY] = {1, 2, 3};
static const int64_t NOW = INT64_C(1793577600000000);

static void check_token(arena *a, str token) {
    ask_link x;
    if (!ask_open(KEY, token, &x)) return;
    assert(x.question > 0 && !(x.asked && x.profile));
    assert(str_eq(ask_token(a, KEY, &x), token));
}

static void check_website(str listed, str asks) {
    site x = {.origins = &listed, .n_origins = 1};
    bool star = str_find(listed, '*') >= 0;
    bool in = site_allows(&x, asks);
    assert(star || in == (asks.len > 0 && str_eq_ci(listed, asks)));
    if (in) assert(asks.len >= listed.len - star);
}

static int64_t number(const json_t *v, const char *name, int64_t otherwise) {
    const json_t *x = json_object_get(v, name);
    return json_is_integer(x) ? json_integer_value(x) : otherwise;
}

static void check_event(arena *a, const event *ev, const question *q) {
    json_t *body = NULL;
    err e = {0};
    int lo = 0, hi = 0;
    assert(ev->kind && ev->ext.len && ev->at_us <= NOW && ev->at_us > NOW - 14 * DAY_US);
    assert(str_utf8_ok(ev->text) && ev->text.len <= ASK_TEXT);
    assert(!ev->has_value || (q && instrument_range(q->instrument, &lo, &hi)));
    assert(!ev->has_value || (ev->value >= lo * 100 && ev->value <= hi * 100));
    assert(ev->mood == MOOD_UNKNOWN || (ev->mood >= -1 && ev->mood <= 1));
    for (int i = 0; i < ev->n_ids; i++) assert(ev->ids[i].value.len > 0 && ev->ids[i].value.len < 1000);
    str text = event_body(a, ev);
    if (text.len) assert(json_read(text, &body, &e));
    json_decref(body);
}

static void check_said(arena *a, const json_t *v) {
    static const question asks[] = {{.id = 1, .name = {"nps", 3}, .instrument = INSTRUMENT_nps},
                                    {.id = 2, .name = {"open", 4}, .instrument = INSTRUMENT_none}};
    site x = {.id = 1, .slug = S("shop")};
    ask_said said_now = {.id = json_at(v, "id"),
                         .text = json_at(v, "text"),
                         .mail = json_at(v, "mail"),
                         .page = json_at(v, "page"),
                         .lang = json_at(v, "lang"),
                         .score = (int)(number(v, "score", 0) % 100000),
                         .has_score = json_object_get(v, "score") != NULL,
                         .mood = (int)(number(v, "mood", MOOD_UNKNOWN) % 100000),
                         .at_us = number(v, "at", 0) % (INT64_MAX / 1000) * 1000};
    for (size_t i = 0; i < 3; i++) {
        err e = {0};
        event ev;
        const char *field = "";
        const question *q = i < 2 ? &asks[i] : NULL;
        ask_about about = {.x = &x, .q = q, .link = S("token"), .channel = CHANNEL_web, .now_us = NOW};
        if (ask_event(a, &about, &said_now, &ev, &field, &e))
            check_event(a, &ev, q);
        else
            assert(e.code == ERR_invalid && field[0]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const shapes[] = {"widget_here", "widget_said", "widget_declined"};
    arena a = arena_open((size_t)1 << 26);
    str rest = {(const char *)data, MIN(size, 1 << 16)};
    str token = str_cut(&rest, '\n'), listed = rest.s ? str_cut(&rest, '\n') : S("");
    str asking = rest.s ? str_cut(&rest, '\n') : S("");
    json_t *v = NULL;
    err e = {0};
    check_token(&a, token);
    check_website(listed, asking);
    if (rest.s && json_read(rest, &v, &e))
        for (size_t i = 0; i < COUNT(shapes); i++) {
            char field[64];
            err why = {0};
            if (shape_check(str_c(shapes[i]), v, field, &why) && i == 1) check_said(&a, v);
        }
    json_decref(v);
    arena_close(&a);
    return 0;
}
