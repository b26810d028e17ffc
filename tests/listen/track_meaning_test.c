// What calls mean: money by the specification's own figures, talks, answers, who is who in PostHog's form.
#include "track_rig.h"

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

static const event *track(const char *name, const char *properties) {
    char call[4096];
    snprintf(call, sizeof call,
             "{\"userId\":\"7\",\"messageId\":\"m\",\"event\":\"%s\",\"timestamp\":\"2026-11-21T10:00:00Z\","
             "\"properties\":%s}",
             name, properties);
    return track_one(&rig, TRACK_track, call);
}

static void refused(const char *name, const char *properties, const char *field, const char *reason) {
    char call[4096];
    snprintf(call, sizeof call, "{\"userId\":\"7\",\"event\":\"%s\",\"properties\":%s}", name, properties);
    track_refused(&rig, TRACK_track, call, field, reason);
}

static void assert_money(const event *ev, enum kind kind, int64_t minor, int unit) {
    assert_int_equal(ev->kind, kind);
    assert_true(ev->has_value);
    assert_int_equal(ev->value, minor);
    assert_int_equal(ev->unit, unit);
}

enum { USD = 840, EUR = 978, JPY = 392, KWD = 414 };

// ---- refusals ----

static void who_refuses_mail_elsewhere_refuses_ours(void **state) {
    (void)state;
    static const struct {
        const char *name, *purpose;
    } cases[] = {{"Unsubscribed", "marketing_email"},
                 {"email_unsubscribed", "marketing_email"},
                 {"Email Marked As Spam", "contact"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        const event *ev = track(cases[i].name, "{\"email_id\":\"18vzF7u3z\",\"list_name\":\"Offers\"}");
        assert_int_equal(ev->kind, KIND_consent);
        assert_str(ev->topic, str_c(cases[i].purpose));
        assert_true(ev->has_value && ev->value == 0);
        assert_int_equal(ev->channel, CHANNEL_email);
    }
    assert_int_equal(track("Email Bounced", "{}")->kind, KIND_identify);
}

// ---- orders ----

// https://segment.com/docs/connections/spec/ecommerce/v2/: total 27.50, subtotal 22.50, revenue 25, shipping 3, tax 2,
// discount 2.50; products 19 + 2 x 3.
static void what_is_paid_follows_from_what_is_given(void **state) {
    (void)state;
#define REST  ",\"shipping\":3,\"tax\":2,\"discount\":2.5,\"currency\":\"USD\"}"
#define GOODS "\"products\":[{\"price\":19,\"quantity\":1},{\"price\":3,\"quantity\":2}]"
    assert_money(track("Order Completed", "{\"order_id\":\"o\",\"total\":27.50,\"revenue\":25.00" REST), KIND_order,
                 2750, USD);
    assert_money(track("Order Completed", "{\"order_id\":\"o\",\"subtotal\":22.50" REST), KIND_order, 2750, USD);
    assert_money(track("Order Completed", "{\"order_id\":\"o\",\"revenue\":25.00" REST), KIND_order, 2750, USD);
    assert_money(track("Order Completed", "{\"order_id\":\"o\"," GOODS REST), KIND_order, 2750, USD);
    assert_int_equal(rig.out.events[0].quantity, 3);
    assert_money(track("Order Completed", "{\"orderId\":\"o\",\"value\":\"27.50\",\"currency\":\"usd\"}"), KIND_order,
                 2750, USD);
    assert_money(track("order_completed", "{\"total\":0}"), KIND_order, 0, EUR);
    assert_false(track("Order Completed", "{\"order_id\":\"o\"}")->has_value);
    assert_false(track("Order Completed", "{\"total\":null}")->has_value);
}

static void money_has_the_decimals_of_its_currency(void **state) {
    (void)state;
    assert_money(track("Order Completed", "{\"total\":1234,\"currency\":\"JPY\"}"), KIND_order, 1234, JPY);
    assert_money(track("Order Completed", "{\"total\":1.2345,\"currency\":\"KWD\"}"), KIND_order, 1234, KWD);
    assert_money(track("Order Completed", "{\"total\":27.555}"), KIND_order, 2756, EUR);
    assert_money(track("Order Completed", "{\"total\":1e2}"), KIND_order, 10000, EUR);
    assert_money(track("Order Completed", "{\"total\":18.990000000000002}"), KIND_order, 1899, EUR);
    assert_money(track("Order Completed", "{\"total\":\"1,234.50\"}"), KIND_order, 123450, EUR);
    rig.o.currency = S("CHF");
    assert_int_equal(track("Order Completed", "{\"total\":1}")->unit, 756);
    refused("Order Completed", "{\"total\":1,\"currency\":\"beads\"}", "properties.currency", "no currency");
    refused("Order Completed", "{\"total\":\"much\"}", "properties.total", "no amount");
    refused("Order Completed", "{\"total\":1e300}", "properties.total", "no amount");
    refused("Order Completed", "{\"products\":[{\"price\":\"x\"}]}", "properties.price", "no amount");
}

// The first completion stands, whatever comes later or first; one that names its currency before one that does not;
// an update before both; the newest update before the others.
static void versions_of_an_order_are_ordered(void **state) {
    (void)state;
    static const char *const calls[] = {
        "\"event\":\"Order "
        "Completed\",\"properties\":{\"order_id\":5,\"total\":1},\"timestamp\":\"2026-11-01T10:00:00Z\"",
        "\"event\":\"Order "
        "Completed\",\"properties\":{\"order_id\":5,\"total\":1,\"currency\":\"USD\"},\"timestamp\":\"2026-11-03T10:00:"
        "00Z\"",
        "\"event\":\"Order "
        "Completed\",\"properties\":{\"order_id\":5,\"total\":1,\"currency\":\"USD\"},\"timestamp\":\"2026-11-02T10:00:"
        "00Z\"",
        "\"event\":\"Order "
        "Updated\",\"properties\":{\"order_id\":5,\"total\":2},\"timestamp\":\"2026-11-02T10:00:00Z\"",
        "\"event\":\"Order "
        "Updated\",\"properties\":{\"order_id\":5,\"total\":3},\"timestamp\":\"2026-11-04T10:00:00Z\""};
    int64_t before = INT64_MIN;
    for (size_t i = 0; i < COUNT(calls); i++) {
        char call[1024];
        snprintf(call, sizeof call, "{\"userId\":\"7\",\"messageId\":\"m%zu\",%s}", i, calls[i]);
        const event *ev = track_one(&rig, TRACK_track, call);
        assert_str(ev->ext, S("order:5"));
        assert_true(ev->edited_us > before);
        before = ev->edited_us;
    }
    refused("Order Updated", "{\"total\":1}", "properties.order_id", "which order");
    assert_str(track("Order Completed", "{\"total\":1}")->ext, S("m"));
}

static void money_goes_back(void **state) {
    (void)state;
    const event *ev = track("Order Refunded", "{\"order_id\":\"5\",\"total\":-30,\"currency\":\"USD\"}");
    assert_money(ev, KIND_refund, 3000, USD);
    assert_str(ev->ext, S("m")); // an order may be refunded in parts
    assert_str(ev->thread, S("order:5"));
    ev = track("Order Cancelled", "{\"order_id\":\"5\",\"total\":30}");
    assert_money(ev, KIND_cancel, 3000, EUR);
    assert_str(ev->ext, S("cancel:5"));
    assert_false(track("Order Refunded", "{\"order_id\":\"5\"}")->has_value);
}

// ---- words ----

static void talks_have_sides_and_threads(void **state) {
    (void)state;
    const event *ev = track("Live Chat Conversation Started", "{\"conversation_id\":9,\"message_body\":\"Hi\"}");
    assert_int_equal(rig.out.n, 2);
    assert_int_equal(ev[0].kind, KIND_conversation_opened);
    assert_int_equal(ev[1].kind, KIND_message_in);
    assert_str(ev[1].text, S("Hi"));
    assert_str(ev[1].ext, S("m:message"));
    ev = track("Live Chat Message Received",
               "{\"conversationId\":\"9\",\"message_body\":\"Hello\",\"agent_name\":\"Ada\"}");
    assert_int_equal(ev->kind, KIND_message_out);
    assert_str(ev->thread, S("conversation:9"));
    assert_str(ev->staff, S("Ada"));
    assert_int_equal(ev->channel, CHANNEL_chat);
    assert_int_equal(track("Live Chat Message Received", "{\"role\":\"bot\"}")->kind, KIND_message_auto);
    assert_int_equal(track("Live Chat Conversation Ended", "{\"conversation_id\":9}")->kind, KIND_conversation_solved);
    // Applications name messages between their users so.
    assert_int_equal(track("Message Sent", "{\"message_body\":\"Hi\"}")->kind, KIND_usage);
}

static void assert_answer(const event *ev, int score, enum instrument i, const char *text) {
    assert_int_equal(ev->kind, KIND_answer);
    assert_true(ev->has_value);
    assert_int_equal(ev->value, score * 100);
    assert_int_equal(ev->unit, i);
    assert_str(ev->text, str_c(text));
    assert_int_equal(ev->channel, CHANNEL_survey);
}

static void a_score_counts_on_a_known_scale(void **state) {
    (void)state;
    const char *said = "Survey Submitted";
    assert_answer(track(said, "{\"nps\":9}"), 9, INSTRUMENT_nps, "");
    assert_answer(track(said, "{\"survey_type\":\"nps\",\"score\":\"0\",\"comment\":\"Bad\"}"), 0, INSTRUMENT_nps,
                  "Bad");
    assert_answer(track(said, "{\"score\":4,\"survey_type\":\"csat\"}"), 4, INSTRUMENT_csat5, "");
    assert_answer(track(said, "{\"score\":4,\"scale\":\"csat7\"}"), 4, INSTRUMENT_csat7, "");
    assert_answer(track(said, "{\"csat\":6,\"scale\":7}"), 6, INSTRUMENT_csat7, "");
    assert_answer(track("CES Submitted", "{\"score\":6,\"max_score\":7}"), 6, INSTRUMENT_ces7, "");
    assert_answer(track("NPS Submitted", "{\"score\":10}"), 10, INSTRUMENT_nps, "");
    assert_answer(track(said, "{\"score\":7,\"question\":\"How likely are you to recommend us?\"}"), 7, INSTRUMENT_nps,
                  "");
    assert_answer(track(said, "{\"stars\":3}"), 3, INSTRUMENT_stars5, "");
    refused("NPS Submitted", "{\"score\":11}", "properties.score", "0 to 10");
    assert_int_equal(track(said, "{\"score\":5,\"question\":\"How was your success?\"}")->kind, KIND_usage);
    // On a scale that nobody told a score is no answer; words are words.
    assert_int_equal(track(said, "{\"score\":4}")->kind, KIND_usage);
    assert_int_equal(track("CSAT Submitted", "{\"score\":4}")->kind, KIND_usage);
    const event *ev = track("Feedback Given", "{\"score\":3,\"text\":\"It crashes\"}");
    assert_int_equal(ev->kind, KIND_comment);
    assert_false(ev->has_value);
    assert_str(ev->text, S("It crashes"));
}

// https://posthog.com/docs/surveys: as posthog-js 1.449 sends it.
static void surveys_of_posthog_are_answers(void **state) {
    (void)state;
    const track_out *o = track_bytes(
        &rig, 0,
        S("{\"event\":\"survey "
          "sent\",\"distinct_id\":\"7\",\"uuid\":\"u1\",\"timestamp\":\"2026-11-21T10:00:00Z\",\"properties\":{"
          "\"$survey_id\":\"s\",\"$survey_name\":\"Autumn\",\"$survey_submission_id\":\"x\",\"$survey_completed\":true,"
          "\"$survey_questions\":[{\"id\":\"q1\",\"question\":\"How likely are you to recommend us?\",\"response\":9},"
          "{\"id\":\"q2\",\"question\":\"Why?\",\"response\":null},{\"id\":\"q3\",\"question\":\"Which?\",\"response\":"
          "[\"a\"]}],"
          "\"$survey_response_q2\":\"Because\"}}"));
    assert_int_equal(o->n, 1);
    assert_answer(&o->events[0], 9, INSTRUMENT_nps, "Because");
    assert_str(o->events[0].ext, S("response:x:q1")); // sent anew with each question that is answered
    assert_str(o->events[0].topic, S("How likely are you to recommend us?"));
    o = track_bytes(&rig, 0,
                    S("{\"event\":\"survey "
                      "sent\",\"distinct_id\":\"7\",\"uuid\":\"u1\",\"properties\":{\"$survey_name\":\"NPS survey\","
                      "\"$survey_response\":\"8\"}}"));
    assert_answer(&o->events[0], 8, INSTRUMENT_nps, "");
    o = track_bytes(
        &rig, 0,
        S("{\"event\":\"survey sent\",\"distinct_id\":\"7\",\"uuid\":\"u1\",\"properties\":{\"$survey_name\":\"NPS "
          "survey\","
          "\"$survey_questions\":[{\"id\":\"q\",\"question\":\"How was it?\"},{\"id\":\"p\",\"question\":\"More?\"}],"
          "\"$survey_response\":\"8\",\"$survey_response_1\":\"Nice\"}}"));
    assert_answer(&o->events[0], 8, INSTRUMENT_nps, "Nice");
}

static void reviews_have_stars(void **state) {
    (void)state;
    const event *ev = track("Product Reviewed",
                            "{\"product_id\":\"p\",\"review_id\":\"r1\",\"review_body\":\"Good\",\"rating\":\"5\"}");
    assert_int_equal(ev->kind, KIND_review);
    assert_int_equal(ev->value, 500);
    assert_int_equal(ev->unit, INSTRUMENT_stars5);
    assert_str(ev->ext, S("review:r1"));
    assert_str(ev->text, S("Good"));
    assert_false(track("Product Reviewed", "{\"rating\":87}")->has_value);
}

// ---- facts ----

static void traits_are_read_in_any_spelling(void **state) {
    (void)state;
    const event *ev = track_one(
        &rig, TRACK_identify,
        "{\"userId\":\"7\",\"traits\":{\"E-Mail\":\"A@X.org\",\"First_Name\":\"Ann\",\"LASTNAME\":\"Lee\","
        "\"Phone\":\"+44 20 7946 0958\",\"address\":{\"Country\":\"GB\"},\"Plan\":\"Gold\",\"locale\":\"en-GB\"}}");
    assert_str(track_id(ev, IDENT_email), S("a@x.org"));
    assert_str(track_id(ev, IDENT_phone), S("+442079460958"));
    assert_str(ev->name, S("Ann Lee"));
    assert_str(ev->country, S("GB"));
    assert_str(ev->segment, S("Gold"));
    assert_str(ev->lang, S("en"));
    rig.o.country = S("DE");
    ev = track_one(&rig, TRACK_identify, "{\"userId\":\"7\",\"traits\":{\"phone\":\"030 901820\"}}");
    assert_str(track_id(ev, IDENT_phone), S("+4930901820"));
}

static void a_number_that_is_an_address_is_both(void **state) {
    (void)state;
    const event *ev = track_one(&rig, TRACK_page, "{\"userId\":\"Ann@X.org\"}");
    assert_str(track_id(ev, IDENT_user_id), S("Ann@X.org"));
    assert_str(track_id(ev, IDENT_email), S("ann@x.org"));
}

static void other_peoples_addresses_are_nobodys(void **state) {
    (void)state;
    const event *ev = track("Invite Sent", "{\"invitee_email\":\"b@x.org\",\"email\":\"c@x.org\"}");
    assert_int_equal(ev->n_ids, 1);
    ev = track_one(&rig, TRACK_group,
                   "{\"userId\":\"7\",\"groupId\":\"g\",\"traits\":{\"name\":\"Acme\",\"email\":\"info@acme.org\","
                   "\"plan\":\"pro\"}}");
    assert_int_equal(ev->n_ids, 1);
    assert_str(ev->name, S(""));
    assert_str(ev->segment, S("pro"));
}

static str ids(const char *call) {
    const event *ev = track_one(&rig, 0, call);
    buf b = buf_new(&rig.a, 4096);
    for (int i = 0; i < ev->n_ids; i++)
        buf_fmt(&b, "%s%.*s=%.*s", i ? " " : "", STR_ARG(ident_name(ev->ids[i].kind)), STR_ARG(ev->ids[i].value));
    return buf_str(&b);
}

#define MADE "01a1ff5c-d4af-7a7e-b9d0-806a075cd811"
static void posthog_says_who_it_was(void **state) {
    (void)state;
    assert_str(ids("{\"event\":\"x\",\"distinct_id\":\"u7\"}"), S("user_id=u7"));
    assert_str(ids("{\"event\":\"x\",\"distinct_id\":\"" MADE "\"}"), S("anonymous_id=" MADE));
    assert_str(ids("{\"event\":\"x\",\"distinct_id\":\"u7\",\"properties\":{\"$is_identified\":false}}"),
               S("anonymous_id=u7"));
    assert_str(ids("{\"event\":\"x\",\"distinct_id\":\"u7\",\"properties\":{\"$process_person_profile\":false}}"),
               S("anonymous_id=u7"));
    assert_str(
        ids("{\"event\":\"x\",\"distinct_id\":\"u7\",\"properties\":{\"$is_identified\":true,\"$device_id\":\"" MADE
            "\"}}"),
        S("user_id=u7 anonymous_id=" MADE));
    assert_str(ids("{\"event\":\"$identify\",\"distinct_id\":\"u7\",\"properties\":{\"$anon_distinct_id\":\"" MADE
                   "\"},\"$set\":{"
                   "\"email\":\"a@x.org\"},\"$set_once\":{\"email\":\"b@x.org\",\"name\":\"Ann\"}}"),
               S("user_id=u7 anonymous_id=" MADE " email=a@x.org"));
    assert_str(rig.out.events[0].name, S("Ann"));
    // A customer's number that looks made may have been taken for a browser's: it is said as both.
    assert_str(ids("{\"event\":\"$identify\",\"distinct_id\":\"" MADE "\"}"), S("user_id=" MADE " anonymous_id=" MADE));
    assert_str(ids("{\"event\":\"$create_alias\",\"distinct_id\":\"u7\",\"properties\":{\"alias\":\"old\"}}"),
               S("user_id=u7 anonymous_id=old user_id=old"));
    assert_str(ids("{\"event\":\"$groupidentify\",\"distinct_id\":\"u7\",\"properties\":{\"$group_type\":\"company\","
                   "\"$group_key\":"
                   "\"g\",\"$group_set\":{\"email\":\"info@g.org\",\"plan\":\"pro\"}}}"),
               S("user_id=u7"));
    assert_str(rig.out.events[0].segment, S("pro"));
}

static void every_row_of_the_list_is_reached(void **state) {
    (void)state;
    size_t n;
    const track_kind_info *all = track_kinds(&n);
    for (size_t i = 0; i < n; i++) {
        const event *ev = track(all[i].name, "{\"order_id\":\"5\",\"total\":1,\"nps\":9}");
        if (ev->kind != all[i].kind) fail_msg("%s is %d", all[i].name, ev->kind);
        assert_true(*all[i].text);
        for (size_t k = 0; k < i; k++) assert_string_not_equal(all[i].name, all[k].name);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_refuses_mail_elsewhere_refuses_ours, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_paid_follows_from_what_is_given, set_up, tear_down),
        cmocka_unit_test_setup_teardown(money_has_the_decimals_of_its_currency, set_up, tear_down),
        cmocka_unit_test_setup_teardown(versions_of_an_order_are_ordered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(money_goes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(talks_have_sides_and_threads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_score_counts_on_a_known_scale, set_up, tear_down),
        cmocka_unit_test_setup_teardown(surveys_of_posthog_are_answers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reviews_have_stars, set_up, tear_down),
        cmocka_unit_test_setup_teardown(traits_are_read_in_any_spelling, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_number_that_is_an_address_is_both, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_peoples_addresses_are_nobodys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(posthog_says_who_it_was, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_row_of_the_list_is_reached, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
