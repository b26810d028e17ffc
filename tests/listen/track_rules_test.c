// The rules of tracking calls one by one: what is required, whose time counts, what money is, who is who.
#include "track_rig.h"

#include "base/rng.h"

static track_rig rig;

static int set_up(void **state) {
    (void)state;
    rig = track_rig_open();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    track_rig_close(&rig);
    return 0;
}

static const event *one(enum track_call call, const char *json) {
    return track_one(&rig, call, json);
}

#define assert_time(us, want) assert_str(iso_str(&rig.a, us), S(want))

// ---- what is required ----

static void each_call_says_what_it_must(void **state) {
    (void)state;
    track_refused(&rig, TRACK_track, "{\"userId\":\"7\"}", "event", "what was done");
    track_refused(&rig, TRACK_track, "{\"userId\":\"7\",\"event\":\"\"}", "event", "is missing");
    track_refused(&rig, TRACK_group, "{\"userId\":\"7\"}", "groupId", "which group");
    track_refused(&rig, TRACK_alias, "{\"previousId\":\"7\"}", "userId", "from now on");
    track_refused(&rig, TRACK_alias, "{\"userId\":\"7\"}", "previousId", "known before");
    track_refused(&rig, TRACK_page, "{}", "userId", "anonymousId");
    track_refused(&rig, 0, "{\"userId\":\"7\"}", "type", "identify, track");
    track_refused(&rig, 0, "{\"type\":\"dance\",\"userId\":\"7\"}", "type", "\"dance\" is no call");
    track_refused(&rig, TRACK_identify, "{\"userId\":{\"id\":7}}", "userId", "a text or a number");
    track_refused(&rig, TRACK_track, "{\"userId\":\"7\",\"event\":\"x\",\"properties\":\"y\"}", "properties",
                  "an object");
    track_refused(&rig, 0, "\"hello\"", "call", "is no object");
    track_refused(&rig, 0, "{\"event\":\"x\",\"distinct_id\":\"\",\"properties\":{}}", "distinct_id", "is missing");
    track_refused(&rig, 0, "{\"distinct_id\":\"7\"}", "event", "is missing");
    track_refused(&rig, 0, "{\"event\":\"$create_alias\",\"distinct_id\":\"7\"}", "properties.alias", "known before");
}

// The path decides what a call is; short names and older words mean the same.
static void calls_have_several_names(void **state) {
    (void)state;
    const char *names[] = {"i", "t", "p", "s", "g", "a", "identify", "TRACK", "page", "screen", "group", "alias"};
    for (int i = 0; i < (int)COUNT(names); i++) assert_int_equal(track_call_of(str_c(names[i])), i % 6 + 1);
    assert_int_equal(track_call_of(S("batch")), TRACK_none);
    assert_int_equal(one(TRACK_identify, "{\"type\":\"track\",\"userId\":\"7\"}")->kind, KIND_identify);
    assert_int_equal(one(0, "{\"action\":\"track\",\"event\":\"x\",\"user_id\":\"7\"}")->kind, KIND_usage);
}

static void values_that_identify_nobody_are_refused(void **state) {
    (void)state;
    track_refused(&rig, TRACK_page, "{\"userId\":\"null\"}", "userId", "\"null\" identifies nobody");
    track_refused(&rig, TRACK_page, "{\"userId\":0}", "userId", "identifies nobody");
    track_refused(&rig, TRACK_page, "{\"anonymousId\":\"undefined\"}", "anonymousId", "identifies nobody");
    const event *ev = one(TRACK_page, "{\"userId\":\"undefined\",\"anonymousId\":\"b7\"}");
    assert_int_equal(ev->n_ids, 1);
    assert_str(track_id(ev, IDENT_anonymous_id), S("b7"));
}

static void one_call_may_be_half_a_megabyte(void **state) {
    (void)state;
    for (int over = 0; over < 2; over++) {
        size_t pad = TRACK_CALL_MOST - 60 + (over ? 100 : 0);
        char *p = make(&rig.a, char, pad + 200);
        size_t n = (size_t)snprintf(p, 200, "{\"userId\":\"7\",\"event\":\"x\",\"properties\":{\"a\":\"");
        memset(p + n, 'a', pad), n += pad;
        n += (size_t)snprintf(p + n, 100, "\"}}");
        const track_out *o = track_bytes(&rig, TRACK_track, (str){p, n});
        assert_int_equal(o->n, !over);
        assert_int_equal(o->n_bad, over);
        if (over) assert_true(str_has(o->bad[0].reason, S("512 KiB")));
    }
}

static void many_calls_fit_into_one_body(void **state) {
    (void)state;
    buf b = buf_new(&rig.a, 8 << 20);
    buf_add(&b, S("{\"batch\":["));
    for (int i = 0; i < 60000; i++) buf_fmt(&b, "%s{\"type\":\"page\",\"userId\":\"%d\"}", i ? "," : "", i + 1);
    buf_add(&b, S("]}"));
    err e = {0};
    track_body body;
    track_out out;
    assert_ok(track_open(&rig.a, buf_str(&b), &body, &e), e);
    assert_false(track_read(&rig.a, &body, &rig.o, &out, &e));
    assert_int_equal(e.code, ERR_too_large);
    buf c = buf_new(&rig.a, 8 << 20);
    buf_add(&c, S("["));
    for (int i = 0; i < 30000; i++) buf_fmt(&c, "%s{\"type\":\"page\",\"userId\":\"%d\"}", i ? "," : "", i + 1);
    buf_add(&c, S("]"));
    assert_int_equal(track_bytes(&rig, 0, buf_str(&c))->n, 30000);
}

// A small body must not become a large one: what a batch says for all its calls is copied into each.
static void what_a_batch_says_for_all_has_limits(void **state) {
    (void)state;
    for (int bad = 0; bad < 3; bad++) {
        buf b = buf_new(&rig.a, 16 << 20);
        buf_fmt(&b, "{\"%s\":{\"a\":\"", bad == 2 ? "integrations" : "context");
        for (int i = 0; i < 20000; i++) buf_add(&b, S("0123456789"));
        buf_addc(&b, '"');
        for (int i = 0; bad == 2 && i < 300; i++) buf_fmt(&b, ",\"k%d\":1", i);
        buf_add(&b, S("},\"batch\":["));
        for (int i = 0; i < 1000; i++)
            buf_fmt(&b, "%s{\"type\":\"page\",\"userId\":%s}", i ? "," : "", bad == 1 ? "{}" : "7");
        buf_add(&b, S("]}"));
        err e = {0};
        track_body body;
        track_out out;
        assert_ok(track_open(&rig.a, buf_str(&b), &body, &e), e);
        assert_false(track_read(&rig.a, &body, &rig.o, &out, &e));
        assert_int_equal(e.code, ERR_too_large);
    }
}

// ---- keys ----

static void the_write_key_is_found_and_never_kept(void **state) {
    (void)state;
    one(TRACK_page, "{\"userId\":\"7\",\"writeKey\":\" wk_1 \"}");
    assert_str(rig.b.key, S("wk_1"));
    one(0,
        "{\"event\":\"x\",\"distinct_id\":\"7\",\"api_key\":\"phc_1\",\"properties\":{\"token\":\"phc_1\",\"b\":1}}");
    assert_str(rig.b.key, S("phc_1"));
    assert_false(str_has(rig.out.events[0].extra, S("phc_1")));
    one(0, "[{\"event\":\"x\",\"properties\":{\"distinct_id\":\"7\",\"token\":\"phc_2\"}}]");
    assert_str(rig.b.key, S("phc_2"));
    assert_false(str_has(rig.out.events[0].extra, S("phc_2")));
    // A property of that name which is not the key is somebody's property.
    one(0, "{\"event\":\"x\",\"distinct_id\":\"7\",\"api_key\":\"phc_1\",\"properties\":{\"token\":\"bus\"}}");
    assert_true(str_has(rig.out.events[0].extra, S("\"token\":\"bus\"")));
}

static void a_call_without_an_id_is_known_by_what_it_says(void **state) {
    (void)state;
    const char *call =
        "{\"userId\":\"7\",\"event\":\"x\",\"properties\":{\"a\":1},\"timestamp\":\"2026-11-21T10:00:00Z\"}";
    str first = one(TRACK_track, call)->ext;
    assert_str(one(TRACK_track, call)->ext, first);
    rig.o.now_us += DAY_US; // it is the same a day later: it says when it was
    assert_str(one(TRACK_track, call)->ext, first);
    assert_false(str_eq(one(TRACK_page, call)->ext, first));
    const char *dateless = "{\"userId\":\"7\",\"event\":\"x\",\"properties\":{\"a\":1}}";
    str now = one(TRACK_track, dateless)->ext;
    rig.o.now_us += SECOND_US;
    assert_str(one(TRACK_track, dateless)->ext, now);
    rig.o.now_us += 90 * SECOND_US;
    assert_false(str_eq(one(TRACK_track, dateless)->ext, now));
    assert_str(one(TRACK_page, "{\"userId\":\"7\",\"messageId\":\"m-1\"}")->ext, S("m-1"));
    assert_str(one(TRACK_page, "{\"userId\":\"7\",\"messageId\":12345678901234567890}")->ext,
               S("12345678901234567890"));
    assert_str(one(0, "{\"event\":\"x\",\"distinct_id\":\"7\",\"uuid\":\"u-1\"}")->ext, S("u-1"));
    assert_str(one(0, "{\"event\":\"x\",\"distinct_id\":\"7\",\"properties\":{\"$insert_id\":\"i-1\"}}")->ext,
               S("i-1"));
}

// ---- whose time counts ----

static int64_t at_of(const char *format, ...) __attribute__((format(printf, 1, 2)));
static int64_t at_of(const char *format, ...) {
    char call[2048], times[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(times, sizeof times, format, args);
    va_end(args);
    snprintf(call, sizeof call, "{\"userId\":\"7\",\"event\":\"x\",%s}", times);
    return one(TRACK_track, call)->at_us;
}

#define NOW_IS "2026-11-21T18:28:20Z"
static void clocks_that_are_wrong_are_corrected(void **state) {
    (void)state;
    // Sent now by a clock that is right enough: what it says stands.
    assert_time(at_of("\"timestamp\":\"2026-11-21T18:28:10.123Z\",\"sentAt\":\"2026-11-21T18:28:19Z\""),
                "2026-11-21T18:28:10.123Z");
    assert_time(at_of("\"timestamp\":\"2026-11-21T18:24:30Z\",\"sentAt\":\"2026-11-21T18:24:31Z\""),
                "2026-11-21T18:24:30Z");
    // An hour behind, an hour ahead: timestamp = receivedAt - (sentAt - originalTimestamp).
    assert_time(at_of("\"timestamp\":\"2026-11-21T17:28:10Z\",\"sentAt\":\"2026-11-21T17:28:15Z\""),
                "2026-11-21T18:28:15Z");
    assert_time(at_of("\"originalTimestamp\":\"2026-11-21T19:28:10Z\",\"sentAt\":\"2026-11-21T19:28:15Z\""),
                "2026-11-21T18:28:15Z");
    assert_time(at_of("\"timestamp\":\"1970-01-01T00:10:00Z\",\"sentAt\":\"1970-01-01T00:10:20Z\""),
                "2026-11-21T18:28:00Z");
    // A header says it when the body does not.
    rig.o.sent_at = S("2026-11-21T17:28:15Z");
    assert_time(at_of("\"timestamp\":\"2026-11-21T17:28:10Z\""), "2026-11-21T18:28:15Z");
    rig.o.sent_at = S("");
}

static void an_old_sent_at_shifts_nothing(void **state) {
    (void)state;
    const char *again = "\"timestamp\":\"2026-11-21T17:28:10Z\",\"sentAt\":\"2026-11-21T17:28:15Z\"";
    assert_time(at_of("%s,\"context\":{\"library\":{\"name\":\"analytics-node\"}}", again), "2026-11-21T17:28:10Z");
    assert_time(at_of("%s,\"channel\":\"server\"", again), "2026-11-21T17:28:10Z");
    // A clock ahead of ours is no retry.
    assert_time(
        at_of("\"timestamp\":\"2026-11-21T19:28:10Z\",\"sentAt\":\"2026-11-21T19:28:15Z\",\"channel\":\"server\""),
        "2026-11-21T18:28:15Z");
}

static void history_is_kept(void **state) {
    (void)state;
    assert_time(at_of("\"timestamp\":\"2012-12-02T00:30:08.276Z\",\"sentAt\":\"2026-11-21T17:28:15Z\""),
                "2012-12-02T00:30:08.276Z");
    assert_time(at_of("\"timestamp\":\"2012-12-02T00:30:08.276Z\""), "2012-12-02T00:30:08.276Z");
    // RudderStack: a timestamp beside the original one was given by whoever called.
    assert_time(
        at_of("\"timestamp\":\"2026-11-21T12:00:00Z\",\"originalTimestamp\":\"2026-11-21T17:28:10Z\",\"sentAt\":"
              "\"2026-11-21T17:28:15Z\""),
        "2026-11-21T12:00:00Z");
    // What another system received is read as it received it.
    assert_time(
        at_of("\"timestamp\":\"2015-02-23T22:28:55.111Z\",\"sentAt\":\"2015-02-23T22:28:55.111Z\",\"receivedAt\":"
              "\"2015-02-23T22:28:55.387Z\""),
        "2015-02-23T22:28:55.111Z");
    assert_time(at_of("\"timestamp\":1795285690"), "2026-11-21T18:28:10Z");
}

static void a_call_without_a_time_happened_when_it_came(void **state) {
    (void)state;
    assert_time(at_of("\"properties\":{}"), NOW_IS);
    assert_time(at_of("\"timestamp\":null"), NOW_IS);
    const event *ev = one(TRACK_page, "{\"userId\":\"7\",\"messageId\":\"m\"}");
    int64_t version = ev->edited_us;
    rig.o.now_us += 5 * SECOND_US; // sent again: the first one must stand
    assert_true(one(TRACK_page, "{\"userId\":\"7\",\"messageId\":\"m\"}")->edited_us < version);
}

static void impossible_times_are_refused(void **state) {
    (void)state;
    track_refused(&rig, TRACK_page, "{\"userId\":\"7\",\"timestamp\":\"yesterday\"}", "timestamp",
                  "\"yesterday\" is no time");
    track_refused(&rig, TRACK_page, "{\"userId\":\"7\",\"timestamp\":\"2027-01-01T00:00:00Z\"}", "timestamp",
                  "lies ahead");
    track_refused(&rig, TRACK_page, "{\"userId\":\"7\",\"timestamp\":\"1970-01-01T00:00:00.000Z\"}", "timestamp",
                  "before 1970");
    track_refused(&rig, TRACK_page, "{\"userId\":\"7\",\"timestamp\":\"1969-12-31T00:00:00Z\"}", "timestamp",
                  "before 1970");
    track_refused(&rig, TRACK_page, "{\"userId\":\"7\",\"sentAt\":{},\"timestamp\":\"now\"}", "timestamp", "no time");
}

// ---- what is kept ----

static json_t *kept(enum track_call call, const char *json) {
    return track_extra(&rig, one(call, json));
}

static void null_is_kept_and_what_is_absent_is_not_said(void **state) {
    (void)state;
    json_t *v = kept(TRACK_identify, "{\"userId\":\"7\",\"traits\":{\"email\":null,\"vip\":false,\"n\":0}}");
    const json_t *traits = json_object_get(v, "traits");
    assert_true(json_is_null(json_object_get(traits, "email")));
    assert_true(json_is_false(json_object_get(traits, "vip")));
    assert_null(json_object_get(traits, "name"));
    assert_null(json_object_get(v, "properties"));
    assert_int_equal(rig.out.events[0].n_ids, 1);
    json_decref(v);
}

static void numbers_stay_whole(void **state) {
    (void)state;
    const event *ev =
        one(TRACK_track, "{\"userId\":820982911946154508,\"event\":\"x\",\"properties\":{\"a\":9007199254740993,"
                         "\"b\":18446744073709551616,\"c\":1e400,\"d\":0.1,\"e\":1.10}}");
    assert_str(track_id(ev, IDENT_user_id), S("820982911946154508"));
    assert_true(str_has(
        ev->extra, S("\"a\":9007199254740993,\"b\":\"18446744073709551616\",\"c\":\"1e400\",\"d\":0.1,\"e\":1.10")));
    json_t *v = track_extra(&rig, ev);
    json_decref(v);
}

static void odd_texts_are_mended(void **state) {
    (void)state;
    const event *ev =
        one(TRACK_track, "{\"userId\":\"7\",\"event\":\"Feedback Given\",\"properties\":{\"text\":\"cut \\ud83d\","
                         "\"nul\":\"a\\u0000b\",\"k\\u0000\":1,\"bad\":\"\xff\",\"ok\":\"\\ud83d\\ude21\"}}");
    assert_str(ev->text, S("cut \xEF\xBF\xBD"));
    json_t *v = track_extra(&rig, ev), *p = json_object_get(v, "properties");
    assert_str(json_text(json_object_get(p, "nul")), S("a\xEF\xBF\xBD"
                                                       "b"));
    assert_str(json_text(json_object_get(p, "bad")), S("\xEF\xBF\xBD"));
    assert_str(json_text(json_object_get(p, "ok")), S("😡"));
    assert_non_null(json_object_get(p, "k\xEF\xBF\xBD"));
    json_decref(v);
}

static void what_goes_too_deep_is_refused_alone(void **state) {
    (void)state;
    buf b = buf_new(&rig.a, 1 << 20);
    buf_add(&b, S("[{\"type\":\"page\",\"userId\":\"7\"},{\"type\":\"page\",\"userId\":\"7\",\"properties\":{\"a\":"));
    for (int i = 0; i < 5000; i++) buf_addc(&b, '[');
    for (int i = 0; i < 5000; i++) buf_addc(&b, ']');
    buf_add(&b, S("}},{\"type\":\"page\",\"userId\":\"8\"}]"));
    const track_out *o = track_bytes(&rig, 0, buf_str(&b));
    assert_int_equal(o->n, 2);
    assert_int_equal(o->n_bad, 1);
    assert_true(str_has(o->bad[0].reason, S("deeper")));
}

static void the_batch_speaks_for_its_calls(void **state) {
    (void)state;
    const track_out *o = track_bytes(&rig, 0,
                                     S("{\"context\":{\"ip\":\"1.1.1.1\",\"app\":{\"name\":\"A\"},\"active\":false},"
                                       "\"integrations\":{\"All\":false},\"batch\":["
                                       "{\"type\":\"track\",\"event\":\"x\",\"userId\":\"7\",\"context\":{\"ip\":\"2.2."
                                       "2.2\",\"active\":true},\"integrations\":{\"S\":true}},"
                                       "{\"type\":\"track\",\"event\":\"x\",\"userId\":\"7\"}]}"));
    json_t *own = track_extra(&rig, &o->events[0]), *bare = track_extra(&rig, &o->events[1]);
    assert_str(json_at(own, "context.ip"), S("2.2.2.2"));
    assert_str(json_at(own, "context.app.name"), S("A"));
    assert_true(json_is_false(json_find(own, "integrations.All")) && json_is_true(json_find(own, "integrations.S")));
    assert_str(json_at(bare, "context.ip"), S("1.1.1.1"));
    assert_int_equal(o->events[0].kind, KIND_usage);
    assert_int_equal(o->events[1].kind, KIND_identify); // the batch says that nobody did it
    json_decref(own), json_decref(bare);
}

static void the_address_is_noted_for_whoever_asks(void **state) {
    (void)state;
    json_t *v = kept(TRACK_page, "{\"userId\":\"7\",\"context\":{\"direct\":true}}");
    assert_str(json_at(v, "context.ip"), S("203.0.113.7"));
    json_decref(v);
    v = kept(TRACK_page, "{\"userId\":\"7\",\"context\":{\"direct\":true,\"ip\":\"9.9.9.9\"}}");
    assert_str(json_at(v, "context.ip"), S("9.9.9.9"));
    json_decref(v);
    v = kept(TRACK_page, "{\"userId\":\"7\",\"context\":{}}");
    assert_null(json_find(v, "context.ip"));
    json_decref(v);
}

static void who_did_nothing_was_not_there(void **state) {
    (void)state;
    const char *asleep = "{\"userId\":\"7\",\"event\":\"Nightly Export\",\"context\":{\"active\":false}}";
    assert_int_equal(one(TRACK_track, asleep)->kind, KIND_identify);
    assert_int_equal(one(TRACK_track,
                         "{\"userId\":\"7\",\"event\":\"Order Completed\",\"properties\":{\"total\":1},\"context\":{"
                         "\"active\":false}}")
                         ->kind,
                     KIND_order);
}

static void channels_follow_from_the_call(void **state) {
    (void)state;
    assert_int_equal(one(TRACK_page, "{\"userId\":\"7\"}")->channel, CHANNEL_web);
    assert_int_equal(one(TRACK_screen, "{\"userId\":\"7\"}")->channel, CHANNEL_app);
    assert_int_equal(one(TRACK_identify, "{\"userId\":\"7\",\"context\":{\"page\":{}}}")->channel, CHANNEL_web);
    assert_int_equal(one(TRACK_identify, "{\"userId\":\"7\",\"channel\":\"mobile\"}")->channel, CHANNEL_app);
    assert_int_equal(one(TRACK_track, "{\"userId\":\"7\",\"event\":\"Email Link Clicked\"}")->channel, CHANNEL_email);
    assert_int_equal(one(0, "{\"event\":\"x\",\"distinct_id\":\"7\",\"properties\":{\"$lib\":\"web\"}}")->channel,
                     CHANNEL_web);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_call_says_what_it_must, set_up, tear_down),
        cmocka_unit_test_setup_teardown(calls_have_several_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(values_that_identify_nobody_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_call_may_be_half_a_megabyte, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_calls_fit_into_one_body, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_batch_says_for_all_has_limits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_write_key_is_found_and_never_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_call_without_an_id_is_known_by_what_it_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(clocks_that_are_wrong_are_corrected, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_old_sent_at_shifts_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(history_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_call_without_a_time_happened_when_it_came, set_up, tear_down),
        cmocka_unit_test_setup_teardown(impossible_times_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(null_is_kept_and_what_is_absent_is_not_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(numbers_stay_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(odd_texts_are_mended, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_goes_too_deep_is_refused_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_batch_speaks_for_its_calls, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_address_is_noted_for_whoever_asks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_did_nothing_was_not_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(channels_follow_from_the_call, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
