// What real SDKs sent, and what the specification shows: every recording and every example gives the events that it
// should, in whatever order and however often it comes.
#include <zlib.h>

#include "track_rig.h"

#include "base/rng.h"

#include <dirent.h>

// ---- recordings ----

// A request as it was recorded: its path and its body, unpacked.
typedef struct {
    str method, path, body;
    enum track_call call;
} recorded;

static str inflated(track_rig *r, str x) {
    enum { MOST = 1 << 20 };
    if (x.len < 2 || (unsigned char)x.s[0] != 0x1f || (unsigned char)x.s[1] != 0x8b) return x;
    char *out = make(&r->a, char, MOST);
    z_stream z = {.next_in = (Bytef *)(uintptr_t)x.s, .avail_in = (uInt)x.len};
    assert_int_equal(inflateInit2(&z, 15 + 32), Z_OK);
    z.next_out = (Bytef *)out, z.avail_out = MOST;
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    str whole = {out, z.total_out};
    inflateEnd(&z);
    return whole;
}

static recorded read_recorded(track_rig *r, const char *file) {
    str bytes = track_file(r, file);
    const char *end = memmem(bytes.s, bytes.len, "\r\n\r\n", 4);
    assert_non_null(end);
    str line = bytes, body = {end + 4, bytes.len - (size_t)(end + 4 - bytes.s)};
    recorded q = {.method = str_cut(&line, ' '), .path = str_cut(&line, ' ')};
    q.body = inflated(r, body);
    if (str_starts(q.path, S("/v1/"))) q.call = track_call_of(str_sub(q.path, 4, q.path.len));
    return q;
}

// The same decoded by the recorder, with a reader that is not ours.
static json_t *read_decoded(track_rig *r, const char *file) {
    err e = {0};
    json_t *v = NULL;
    char path[4096];
    snprintf(path, sizeof path, "%.*s.json", (int)strlen(file) - 5, file);
    assert_ok(json_read(track_file(r, path), &v, &e), e);
    return v;
}

static const struct {
    const char *folder;
    int calls;
    const char *kinds; // of the first calls, in order of their files; the rest are usage
} folders[] = {
    {"segment-node", 11, "usage usage identify identify order order comment message_in usage identify identify"},
    {"segment-node-429", 22, NULL},
    {"segment-node-burst", -1, NULL},
    {"segment-node-legacy-burst", -1, NULL},
    {"rudder-node", 11, "usage usage identify identify order order comment message_in usage identify identify"},
    {"rudder-node-429", -1, NULL},
    {"rudder-node-503", -1, NULL},
    {"posthog-node", 11, "usage usage identify identify order order comment message_in usage identify identify"},
    {"posthog-node-429", 22, NULL},
    {"posthog-node-503", 33, NULL},
    {"posthog-node-burst", -1, NULL},
    {"segment-next", 11, "usage identify message_in usage identify order order comment identify identify usage"},
    {"segment-next-429", 1, "usage"},
    {"rudder-js", 10, "usage usage identify identify order order comment message_in identify identify"},
    {"posthog-js", 11, "usage usage identify order comment order message_in usage identify identify identify"},
};

static const json_t *member(const json_t *v, const char *name, const char *other) {
    const json_t *x = json_object_get(v, name);
    return x && !json_is_null(x) ? x : json_object_get(v, other);
}

static void assert_says(track_rig *r, const event *ev, const json_t *call) {
    str user = json_text(member(call, "userId", "user_id")),
        anonymous = json_text(json_object_get(call, "anonymousId"));
    str distinct = json_text(json_object_get(call, "distinct_id"));
    if (!distinct.len) distinct = json_at(call, "properties.distinct_id");
    if (user.len) assert_str(track_id(ev, IDENT_user_id), user);
    if (anonymous.len) assert_str(track_id(ev, IDENT_anonymous_id), anonymous);
    if (distinct.len) assert_true(str_eq(ev->ids[0].value, distinct));
    int64_t at = 0;
    str time = json_text(member(call, "timestamp", "originalTimestamp"));
    assert_true(time_parse(time, NULL, 0, &at));
    assert_int_equal(ev->at_us, at);
    json_t *body = track_extra(r, ev), *properties = json_deep_copy(json_object_get(call, "properties"));
    if (distinct.len) { // what stands elsewhere, and the key
        const char *const moved[] = {"token", "$set", "$set_once", "$group_set"};
        for (size_t i = 0; i < COUNT(moved); i++) json_object_del(properties, moved[i]);
    }
    if (json_object_size(properties)) assert_true(json_equal(properties, json_object_get(body, "properties")));
    const json_t *traits = member(call, "traits", "$set");
    if (json_object_size(traits)) assert_true(json_equal(traits, json_object_get(body, "traits")));
    assert_null(strstr(str_z(&r->a, event_body(&r->a, ev)), "wk_test"));
    json_decref(properties);
    json_decref(body);
}

// Every call of a recorded body is one event, except those of which nothing else is known here.
static void hear_recorded(track_rig *r, const char *file, int *calls, str *kinds) {
    recorded q = read_recorded(r, file);
    if (!str_eq(q.method, S("POST")) || str_starts(q.path, S("/flags"))) return;
    json_t *decoded = read_decoded(r, file), *body = json_object_get(decoded, "json");
    const json_t *list = json_object_get(body, "batch");
    const track_out *o = track_bytes(r, q.call, q.body);
    size_t n = list ? json_array_size(list) : 1;
    assert_int_equal(o->n_bad, 0);
    assert_int_equal(o->rows, n);
    assert_int_equal(o->n, n);
    for (size_t i = 0; i < n; i++) {
        assert_says(r, &o->events[i], list ? json_array_get(list, i) : body);
        str want = kinds->s ? str_cut(kinds, ' ') : S("");
        if (want.len) assert_str(kind_name(o->events[i].kind), want);
    }
    *calls += (int)n;
    json_decref(decoded);
}

static int is_recording(const struct dirent *d) {
    return strstr(d->d_name, ".http") != NULL;
}

static void every_recording_says_what_it_should(void **state) {
    (void)state;
    test_need_data(dir);
    for (size_t k = 0; k < COUNT(folders); k++) {
        char folder[2048], file[4096];
        struct dirent **names;
        track_rig r = track_rig_open();
        int calls = 0;
        str kinds = str_c(folders[k].kinds);
        snprintf(folder, sizeof folder, "%s/channels/segment/sdk/%s", dir, folders[k].folder);
        int n = scandir(folder, &names, is_recording, alphasort);
        assert_true(n > 0);
        for (int i = 0; i < n; i++) {
            snprintf(file, sizeof file, "%s/%s", folder, names[i]->d_name);
            hear_recorded(&r, file, &calls, &kinds);
            free(names[i]);
        }
        free(names);
        if (folders[k].calls >= 0 && calls != folders[k].calls) fail_msg("%s: %d calls", folders[k].folder, calls);
        if (kinds.s && kinds.len) fail_msg("%s: not heard: %.*s", folders[k].folder, STR_ARG(kinds));
        track_rig_close(&r);
    }
}

// What the recorded company did, in figures: the order of 27.50 USD, the words in German, the person.
static void the_recorded_person_is_known(void **state) {
    (void)state;
    test_need_data(dir);
    track_rig r = track_rig_open();
    char file[4096];
    snprintf(file, sizeof file, "%s/channels/segment/sdk/segment-node/001.http", dir);
    recorded q = read_recorded(&r, file);
    const track_out *o = track_bytes(&r, q.call, q.body);
    assert_str(r.b.key, S("wk_test"));
    const event *person = &o->events[2], *order = &o->events[4], *words = &o->events[6], *talk = &o->events[7];
    assert_str(track_id(person, IDENT_email), S("jane.doe+t1@example.com"));
    assert_str(track_id(person, IDENT_phone), S("+14155550123"));
    assert_str(person->name, S("Jane Döe"));
    assert_str(person->country, S("CH"));
    assert_int_equal(order->value, 2750);
    assert_int_equal(order->unit, 840);
    assert_int_equal(order->quantity, 3);
    assert_str(words->text, S("Die App stürzt beim Bezahlen ab 😡 — «immer» wieder!\nZweite Zeile\t\"quoted\" \\ "
                              "back\x01\xE2\x80\xA8"));
    assert_str(talk->thread, S("conversation:c-t1"));
    assert_str(talk->text, S("But my stapler..."));
    assert_str(o->events[3].segment, S("enterprise"));
    track_rig_close(&r);
}

// ---- the specification's examples ----

static const struct {
    const char *name;
    enum track_call call;
    const char *says; // kinds; "-": refused
    const char *ids;
} examples[] = {
    {"alias-01", 0, "identify",
     "user_id=507f191e81 anonymous_id=jen@email.com user_id=jen@email.com email=jen@email.com"},
    {"alias-02", 0, "identify",
     "user_id=507f191e81 anonymous_id=507f191e810c19729de860ea anonymous_id=39239-239239-239239-23923 "
     "user_id=39239-239239-239239-23923"},
    {"b2b-saas-03", 0, "usage", "user_id=019mr8mf4r email=pgibbons@example.com"},
    {"b2b-saas-04", 0, "usage", "user_id=019mr8mf4r"},
    {"b2b-saas-05", 0, "usage", "user_id=019mr8mf4r"},
    {"b2b-saas-06", 0, "usage", "user_id=019mr8mf4r"}, // the invited person's address is not theirs
    {"b2b-saas-07", 0, "usage", "user_id=019mr8mf4r"},
    {"b2b-saas-08", 0, "identify", "user_id=019mr8mf4r"},
    {"common-01", 0, "usage", "user_id=97980cfea0067 anonymous_id=507f191e810c19729de860ea"},
    {"copilot-01", 0, "usage", "user_id=123"},
    {"copilot-03", 0, "usage", "user_id=123"},
    {"copilot-04", 0, "usage", "user_id=123"},
    {"copilot-05", 0, "usage", "user_id=123"},
    {"copilot-06", 0, "usage", "user_id=123"},
    {"copilot-08", 0, "usage", "user_id=123"}, // a rating on a scale that nobody told
    {"copilot-09", 0, "usage", "user_id=user123"},
    {"ecommerce-02", 0, "usage", "user_id=019mr8mf4r"},
    {"ecommerce-04", 0, "usage", "user_id=019mr8mf4r"},
    {"ecommerce-05", 0, "order", "user_id=019mr8mf4r"},
    {"email-03", 0, "usage", "user_id=019mr8mf4r email=joanna@chotchkies.com"},
    {"email-05", 0, "identify", "user_id=019mr8mf4r email=pgibbons@example.com"},
    {"http-api-01", TRACK_identify, "identify", "user_id=019mr8mf4r email=pgibbons@example.com"},
    {"http-api-03", TRACK_page, "usage", "user_id=019mr8mf4r"},
    {"http-api-05", TRACK_group, "identify", "user_id=019mr8mf4r"},
    {"http-api-06", TRACK_alias, "identify",
     "user_id=019mr8mf4r anonymous_id=39239-239239-239239-23923 user_id=39239-239239-239239-23923"},
    {"http-api-07", 0, "identify usage identify usage", "user_id=019mr8mf4r email=jake@yahoo.com"},
    {"http-api-08", TRACK_identify, "identify", "user_id=019mr8mf4r email=pgibbons@example.com"},
    {"live-chat-01", 0, "conversation_opened message_in", "user_id=019mr8mf4r"},
    {"live-chat-02", 0, "message_in", "user_id=019mr8mf4r"},
    {"live-chat-03", 0, "message_out", "user_id=019mr8mf4r"},
    {"mobile-04", 0, "usage", "user_id=019mr8mf4r"},
    {"mobile-05", 0, "identify", "user_id=019mr8mf4r"},
    {"mobile-08", 0, "usage", "user_id=019mr8mf4r"},
    {"mobile-09", 0, "identify", "user_id=019mr8mf4r"},
    {"mobile-11", 0, "identify", "user_id=019mr8mf4r"},
    {"mobile-12", 0, "usage", "user_id=019mr8mf4r"},
    {"mobile-13", 0, "usage", "user_id=019mr8mf4r"},
    {"page-01", 0, "-", ""}, // of nobody
    {"screen-01", 0, "-", ""},
    {"screen-02", 0, "usage", "user_id=97980cfea0067 anonymous_id=3a12eab0-bca7-11e4-8dfc-aa07a5b093db"},
    {"track-01", 0, "-", ""},
};

static str ids_of(track_rig *r, const event *ev) {
    buf b = buf_new(&r->a, 4096);
    for (int i = 0; i < ev->n_ids; i++)
        buf_fmt(&b, "%s%.*s=%.*s", i ? " " : "", STR_ARG(ident_name(ev->ids[i].kind)), STR_ARG(ev->ids[i].value));
    return buf_str(&b);
}

static str kinds_of(track_rig *r, const track_out *o) {
    buf b = buf_new(&r->a, 4096);
    for (size_t i = 0; i < o->n; i++) buf_fmt(&b, "%s%.*s", i ? " " : "", STR_ARG(kind_name(o->events[i].kind)));
    return o->n_bad ? S("-") : buf_str(&b);
}

static void every_example_says_what_it_should(void **state) {
    (void)state;
    test_need_data(dir);
    for (size_t i = 0; i < COUNT(examples); i++) {
        track_rig r = track_rig_open();
        char file[4096];
        snprintf(file, sizeof file, "%s/channels/segment/spec/%s.json", dir, examples[i].name);
        const track_out *o = track_bytes(&r, examples[i].call, track_file(&r, file));
        str kinds = kinds_of(&r, o), ids = o->n ? ids_of(&r, &o->events[0]) : S("");
        if (!str_eq(kinds, str_c(examples[i].says)))
            fail_msg("%s: %.*s, want %s", examples[i].name, STR_ARG(kinds), examples[i].says);
        if (!str_eq(ids, str_c(examples[i].ids)))
            fail_msg("%s: %.*s, want %s", examples[i].name, STR_ARG(ids), examples[i].ids);
        track_rig_close(&r);
    }
}

// Videos are watched, and nothing more.
static void every_video_is_usage(void **state) {
    (void)state;
    test_need_data(dir);
    for (int i = 1; i <= 16; i++) {
        track_rig r = track_rig_open();
        char file[4096];
        if (i == 9 || i == 14) continue; // the page shows something else there
        snprintf(file, sizeof file, "%s/channels/segment/spec/video-%02d.json", dir, i);
        assert_str(kinds_of(&r, track_bytes(&r, 0, track_file(&r, file))), S("usage"));
        track_rig_close(&r);
    }
}

// ---- properties ----

// A sum over events that does not care for their order.
static uint64_t portrait(const track_out *o) {
    uint64_t sum = 0;
    for (size_t i = 0; i < o->n; i++) {
        const event *ev = &o->events[i];
        const str texts[] = {ev->ext,  ev->thread,  ev->text,    ev->lang,  ev->topic,
                             ev->name, ev->country, ev->segment, ev->staff, ev->extra};
        const int64_t numbers[] = {ev->kind,      ev->channel, ev->at_us, ev->edited_us, ev->value,
                                   ev->has_value, ev->unit,    ev->mood,  ev->quantity,  ev->n_ids};
        uint64_t h = str_hash((str){(const char *)numbers, sizeof numbers});
        for (size_t k = 0; k < COUNT(texts); k++) h = str_hash2(h, texts[k]);
        for (int k = 0; k < ev->n_ids; k++) h = str_hash2(h + (uint64_t)ev->ids[k].kind, ev->ids[k].value);
        sum += h;
    }
    return sum;
}

enum { CALLS = 60, ROUNDS = 200 };

// Calls of all kinds, good and bad.
static str random_call(arena *a, rng *r) {
    static const char *const good[] = {
        "{\"type\":\"track\",\"event\":\"Order "
        "Completed\",\"userId\":\"u%d\",\"properties\":{\"order_id\":%d,\"total\":"
        "12.5,\"currency\":\"EUR\"},\"timestamp\":\"2026-11-21T10:00:%02dZ\"}",
        "{\"type\":\"identify\",\"userId\":\"u%d\",\"traits\":{\"email\":\"u%d@x.org\"},\"messageId\":\"m%d\","
        "\"timestamp\":"
        "\"2026-11-20T10:00:00Z\"}",
        "{\"type\":\"page\",\"anonymousId\":\"a%d\",\"messageId\":\"p%d-%d\",\"timestamp\":\"2026-11-20T10:00:00Z\"}",
        "{\"event\":\"$pageview\",\"distinct_id\":\"d%d\",\"uuid\":\"%d-%d\",\"timestamp\":\"2026-11-20T10:00:00Z\"}",
        "{\"type\":\"alias\",\"userId\":\"u%d\",\"previousId\":\"a%d\",\"messageId\":\"x%d\",\"timestamp\":\"2026-11-"
        "20T10:00:"
        "00Z\"}"};
    static const char *const bad[] = {"{\"type\":\"track\",\"userId\":\"u%d\"}",
                                      "{\"type\":\"dance\",\"userId\":\"u%d\"}",
                                      "{\"type\":\"page\",\"name\":\"%d\"}",
                                      "%d",
                                      "{\"type\":\"group\",\"userId\":\"u%d\"}",
                                      "[[[%d]]]",
                                      "{\"type\":\"track\",\"event\":\"x\",\"userId\":\"%d\",\"timestamp\":\"soon\"}"};
    int x = (int)rng_range(r, 1, 9), y = (int)rng_range(r, 1, 30), z = (int)rng_range(r, 0, 59);
    if (rng_chance(r, 0.3)) return str_fmt(a, bad[rng_range(r, 0, COUNT(bad) - 1)], x);
    return str_fmt(a, good[rng_range(r, 0, COUNT(good) - 1)], x, y, z);
}

static str batch_of(arena *a, const str *calls, int n) {
    buf b = buf_new(a, 1 << 20);
    buf_add(&b, S("{\"sentAt\":\"2026-11-21T18:28:19Z\",\"batch\":["));
    for (int i = 0; i < n; i++) {
        if (i) buf_addc(&b, ',');
        buf_add(&b, calls[i]);
    }
    buf_add(&b, S("]}"));
    return buf_str(&b);
}

// In any order, alone or together: the same events, and the same calls refused. So one bad call never loses a
// neighbour, and it does not matter how an SDK cuts its batches.
static void order_and_company_do_not_matter(void **state) {
    (void)state;
    rng g = rng_seed(11);
    size_t refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
        track_rig r = track_rig_open();
        str calls[CALLS];
        for (int i = 0; i < CALLS; i++) calls[i] = random_call(&r.a, &g);
        const track_out *o = track_bytes(&r, 0, batch_of(&r.a, calls, CALLS));
        uint64_t whole = portrait(o), alone = 0;
        size_t events = o->n, bad = o->n_bad;
        assert_int_equal(o->rows + (int64_t)o->n_bad, CALLS);
        rng_shuffle(&g, calls, CALLS, sizeof *calls);
        o = track_bytes(&r, 0, batch_of(&r.a, calls, CALLS));
        assert_true(portrait(o) == whole);
        assert_int_equal(o->n_bad, bad);
        for (int i = 0, n; i < CALLS; i += n) {
            n = (int)rng_range(&g, 1, 7);
            n = MIN(n, CALLS - i);
            o = track_bytes(&r, 0, batch_of(&r.a, calls + i, n));
            alone += portrait(o), events -= o->n, bad -= o->n_bad;
            refused += o->n_bad;
        }
        assert_true(alone == whole);
        assert_int_equal(events, 0);
        assert_int_equal(bad, 0);
        track_rig_close(&r);
    }
    assert_true(refused > 1000);
}

// What was refused can be read again: it is refused for the same reason, and goes in when the reason is mended.
typedef struct {
    int n, rejected;
    str field;
    arena *a;
} again;

static bool heard_again(void *ctx, const heard *h, err *e) {
    again *x = ctx;
    (void)e;
    x->n += h->n, x->rejected += h->rejected;
    x->field = str_dup(x->a, h->field);
    return true;
}

static again read_again(track_rig *r, str raw) {
    err e = {0};
    again x = {.a = &r->a};
    assert_ok(
        listen_again(&r->a, S("tracking"), S(""), raw, &(listen_opts){0}, &(sink){.row = heard_again, .ctx = &x}, &e),
        e);
    return x;
}

static str replaced(track_rig *r, str x, const char *from, const char *to) {
    const char *at = memmem(x.s, x.len, from, strlen(from));
    assert_non_null(at);
    str head = str_sub(x, 0, (size_t)(at - x.s)), tail = str_sub(x, head.len + strlen(from), x.len);
    return str_cat(&r->a, str_cat(&r->a, head, str_c(to)), tail);
}

static void what_was_refused_can_be_read_again(void **state) {
    (void)state;
    rng g = rng_seed(12);
    track_rig r = track_rig_open();
    str calls[CALLS];
    for (int i = 0; i < CALLS; i++) calls[i] = random_call(&r.a, &g);
    const track_out *o = track_bytes(&r, 0, batch_of(&r.a, calls, CALLS));
    assert_true(o->n_bad > 5);
    for (size_t i = 0; i < o->n_bad; i++) {
        again x = read_again(&r, o->bad[i].raw);
        assert_int_equal(x.rejected, 1);
        assert_str(x.field, o->bad[i].field);
    }
    o = track_bytes(&r, TRACK_track,
                    S("{\"userId\":\"7\",\"writeKey\":\"wk_secret\",\"properties\":{\"a\":1e400}, \"sentAt\":null}"));
    assert_int_equal(o->n_bad, 1);
    str raw = o->bad[0].raw;
    assert_false(str_has(raw, S("wk_secret")));
    assert_true(str_has(raw, S("\"type\":\"track\"")));
    assert_int_equal(read_again(&r, raw).rejected, 1);
    again mended = read_again(&r, replaced(&r, raw, "\"userId\"", "\"event\":\"Mended\",\"userId\""));
    assert_int_equal(mended.n, 1);
    track_rig_close(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_recording_says_what_it_should), cmocka_unit_test(the_recorded_person_is_known),
        cmocka_unit_test(every_example_says_what_it_should),   cmocka_unit_test(every_video_is_usage),
        cmocka_unit_test(order_and_company_do_not_matter),     cmocka_unit_test(what_was_refused_can_be_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
