#include "json_rows.h"

// What becomes of the rows of each format: real exports, and hand-made ones after the documented columns.
static const struct {
    bool real; // under HEED_DATA/channels, else under tests/listen/data
    const char *path, *adapter, *source;
    int rows, events, skipped, rejected;
} files[] = {
    {true, "shopify/csv/customers_export.csv", "shopify-customers", "shopify", 2, 2, 0, 0},
    {true, "stripe/csv/unified_payments.csv", "stripe-payments", "stripe", 3, 3, 1, 0},
    {true, "survey/google-forms/responses-en.csv", "google-forms", "google-forms", 3, 9, 0, 0},
    {true, "survey/surveymonkey/export-two-header-rows.csv", "surveymonkey", "surveymonkey", 2, 1, 1, 0},
    {true, "reviews/google-play/reviews_com.example.shop_201308.csv", "google-play", "google-play", 1, 1, 0, 0},
    {true, "reviews/google-play/reviews_com.example.shop_202601.csv", "google-play", "google-play", 5, 6, 0, 0},
    {true, "reviews/google-play/reviews_com.example.shop_202602.csv", "google-play", "google-play", 1, 1, 0, 0},
    {true, "crm/hubspot/companies.csv", "hubspot-companies", "hubspot", 2, 2, 0, 0},
    {true, "crm/salesforce/Contact.csv", "salesforce-contacts", "salesforce", 2, 2, 0, 0},
    {true, "crm/salesforce/Contact-dataloader.csv", "salesforce-contacts", "salesforce", 1, 1, 0, 0},
    {false, "shopify-orders.csv", "shopify-orders", "shopify", 6, 8, 1, 1},
    {false, "woocommerce-code.csv", "woocommerce-orders", "woocommerce", 6, 6, 2, 1},
    {false, "woocommerce-words.csv", "woocommerce-orders", "woocommerce", 2, 1, 1, 0},
    {false, "woocommerce-analytics.csv", "woocommerce-orders", "woocommerce", 1, 1, 0, 0},
    {false, "zendesk-tickets.csv", "zendesk-tickets", "zendesk", 6, 14, 1, 2},
    {false, "limesurvey.csv", "limesurvey", "limesurvey", 6, 6, 2, 2},
    {false, "hubspot-contacts.csv", "hubspot-contacts", "hubspot", 3, 2, 0, 1},
};

static heard_rows rows;

static void every_row_is_heard_skipped_or_rejected(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(files); i++) {
        char path[4096];
        if (files[i].real && !test_data()) continue;
        snprintf(path, sizeof path, "%s/%s/%s", files[i].real ? test_data() : "tests",
                 files[i].real ? "channels" : "listen/data", files[i].path);
        hear(&rows, path, (listen_opts){.country = S("DE")});
        if (!str_eq(rows.as.adapter, str_c(files[i].adapter)))
            fail_msg("%s: read as %.*s", path, STR_ARG(rows.as.adapter));
        assert_str(rows.as.source, str_c(files[i].source));
        if (rows.rows != files[i].rows || rows.n != files[i].events || rows.skipped != files[i].skipped ||
            rows.rejected != files[i].rejected)
            fail_msg("%s: %d rows, %d events, %d skipped, %d rejected", path, rows.rows, rows.n, rows.skipped,
                     rows.rejected);
        for (int k = 0; k < rows.n; k++) {
            assert_true(rows.events[k].ext.len && str_find(rows.events[k].ext, ':') > 0); // the noun stands in front
            for (int j = 0; j < k; j++) assert_false(str_eq(rows.events[j].ext, rows.events[k].ext));
        }
        forget(&rows);
    }
}

static void hear_own(const char *name, listen_opts opts) {
    char file[512];
    snprintf(file, sizeof file, "tests/listen/data/%s", name);
    hear(&rows, file, opts);
}

static bool hear_real(const char *path, listen_opts opts) {
    char file[4096];
    if (!test_data()) return false;
    snprintf(file, sizeof file, "%s/channels/%s", test_data(), path);
    hear(&rows, file, opts);
    return true;
}

#define real_or_skip(path)                                                                                             \
    if (!hear_real(path, (listen_opts){0})) {                                                                          \
        print_message("skipped: no real data in HEED_DATA (default ../shared/data)\n");                                \
        skip();                                                                                                        \
    }

static void shopify_orders(void **state) {
    (void)state;
    hear_own("shopify-orders.csv", (listen_opts){.country = S("DE")});
    const event *ev = said(&rows, "order:5001");
    assert_kind(ev, order);
    assert_value(ev, 4500, 978);
    assert_at(&rows, ev->at_us, "2026-01-02T05:41:20Z"); // 11:11:20 +0530
    assert_str(id_of(ev, IDENT_email), S("jane.doe@example.com"));
    assert_str(id_of(ev, IDENT_phone), S("+493515550123"));
    assert_str(ev->name, S("Jane Doe"));
    assert_str(ev->country, S("DE"));
    assert_int_equal(ev->quantity, 2);
    assert_true(str_has(ev->extra, S("\"note\":\"Please ring, twice\"")));
    assert_str(rows.kept[0].reason, S("a further line of order #1001"));
    ev = said(&rows, "order:5002"); // "1,250.00" dollars at the counter, and a phone behind an apostrophe
    assert_value(ev, 125000, 840);
    assert_int_equal(ev->channel, CHANNEL_store_);
    assert_str(id_of(ev, IDENT_phone), S("+14155550123"));
    assert_value(said(&rows, "refund:5002"), 25000, 840);
    ev = said(&rows, "refund:5003"); // cancelled and paid back in full
    assert_at(&rows, ev->at_us, "2026-01-06T11:00:00Z");
    assert_value(said(&rows, "cancel:5003"), 0, 978);
    assert_value(said(&rows, "cancel:5004"), 3000, 978); // voided
    assert_str(rows.kept[1].field, S("Total"));
    forget(&rows);
}

static void shopify_customers(void **state) {
    (void)state;
    real_or_skip("shopify/csv/customers_export.csv");
    const event *ev = said(&rows, "customer:7012345678901");
    assert_kind(ev, identify);
    assert_str(id_of(ev, IDENT_shopify_id), S("7012345678901"));
    assert_str(id_of(ev, IDENT_email), S("jane.doe@example.com"));
    assert_str(id_of(ev, IDENT_phone), S("+4915155501234"));
    assert_str(ev->name, S("Jane Doe"));
    assert_str(ev->country, S("DE"));
    assert_true(str_has(ev->extra, S("\"zip\":\"01067\"")));
    assert_at(&rows, ev->at_us, "2025-01-01T00:00:00Z");
    assert_str(id_of(said(&rows, "customer:7012345678902"), IDENT_phone), S("+14155550123"));
    forget(&rows);
}

static void stripe_payments(void **state) {
    (void)state;
    real_or_skip("stripe/csv/unified_payments.csv");
    const event *ev = said(&rows, "charge:ch_1");
    assert_kind(ev, payment);
    assert_value(ev, 1500, 978);
    assert_at(&rows, ev->at_us, "2026-01-02T02:38:54Z");
    assert_int_equal(ev->ids[0].kind, IDENT_user_id);
    assert_str(id_of(ev, IDENT_user_id), S("user-s1"));
    assert_str(id_of(ev, IDENT_stripe_id), S("cus_1"));
    assert_str(id_of(ev, IDENT_email), S("jane.doe@example.com"));
    assert_value(said(&rows, "charge:ch_2"), 123450, 840); // "1,234.50"
    ev = said(&rows, "refund:ch_2");
    assert_value(ev, 123450, 840);
    assert_at(&rows, ev->at_us, "2026-01-04T00:00:00Z");
    assert_str(rows.kept[0].reason, S("no money came in: Failed"));
    forget(&rows);
}

static void stripe_times_are_utc_in_every_zone(void **state) {
    (void)state;
    if (!hear_real("stripe/csv/unified_payments.csv", (listen_opts){.zone = S("America/New_York")})) skip();
    assert_at(&rows, said(&rows, "charge:ch_1")->at_us, "2026-01-02T02:38:54Z");
    forget(&rows);
}

static void woocommerce_orders(void **state) {
    (void)state;
    hear_own("woocommerce-code.csv", (listen_opts){.zone = S("Europe/Berlin")});
    const event *ev = said(&rows, "order:727");
    assert_value(ev, 2935, 978);
    assert_at(&rows, ev->at_us, "2026-01-02T15:28:02Z"); // the shop's own time
    assert_str(id_of(ev, IDENT_woo_id), S("26"));
    assert_str(id_of(ev, IDENT_phone), S("+4915155501234")); // by the billing country
    assert_str(ev->name, S("John Doe"));
    assert_str(ev->text, S("Leave at the door"));
    assert_str(rows.kept[0].reason, S("a further line of order 727"));
    assert_str(id_of(said(&rows, "order:728"), IDENT_woo_id), S("")); // 0 is a guest
    assert_value(said(&rows, "refund:728"), 5000, 978);
    assert_value(said(&rows, "refund:729"), 200, 978);
    assert_value(said(&rows, "cancel:729"), 1000, 978);
    assert_str(rows.kept[1].reason, S("the order waits for its payment"));
    assert_str(rows.kept[2].field, S("order_date"));
    forget(&rows);
    hear_own("woocommerce-words.csv", (listen_opts){.currency = S("CHF")});
    assert_value(said(&rows, "order:1001"), 2935, 756);
    forget(&rows);
    hear_own("woocommerce-analytics.csv", (listen_opts){0});
    assert_value(said(&rows, "order:901"), 102935, 978);
    assert_int_equal(said(&rows, "order:901")->quantity, 2);
    forget(&rows);
}

static void zendesk_tickets(void **state) {
    (void)state;
    hear_own("zendesk-tickets.csv", (listen_opts){0});
    const event *ev = said(&rows, "ticket:35436");
    assert_kind(ev, conversation_opened);
    assert_at(&rows, ev->at_us, "2026-01-02T10:00:00Z");
    assert_at(&rows, ev->edited_us, "2026-01-03T10:00:00Z");
    assert_str(id_of(ev, IDENT_user_id), S("cust-7"));
    assert_str(id_of(ev, IDENT_zendesk_id), S("501"));
    assert_str(ev->thread, S("35436"));
    assert_int_equal(ev->channel, CHANNEL_email);
    assert_str(said(&rows, "comment:35436:1")->text, S("Refund?"));
    ev = said(&rows, "reply:35436"); // 42 minutes
    assert_kind(ev, message_out);
    assert_at(&rows, ev->at_us, "2026-01-02T10:42:00Z");
    assert_str(ev->staff, S("Sam Agent"));
    assert_at(&rows, said(&rows, "solved:35436")->at_us, "2026-01-03T09:30:00Z");
    assert_value(said(&rows, "csat:35436"), 0, INSTRUMENT_thumbs);
    assert_value(said(&rows, "csat:35438"), 100, INSTRUMENT_thumbs);
    assert_kind(said(&rows, "ask:35438"), ask);
    assert_str(rows.kept[0].field, S("Id"));
    assert_str(rows.kept[1].reason, S("the ticket was deleted"));
    assert_str(rows.kept[2].field, S("Created at"));
    forget(&rows);
}

static void google_play_reviews(void **state) {
    (void)state;
    real_or_skip("reviews/google-play/reviews_com.example.shop_202601.csv");
    const event *ev = said(&rows, "review:gp:AOqpTOE1");
    assert_kind(ev, review);
    assert_value(ev, 100, INSTRUMENT_stars5);
    assert_at(&rows, ev->at_us, "2026-01-02T03:04:05Z");
    assert_str(ev->text, S("Crashes\nCrashes every time I \"pay\", then\nit charges me twice, honestly"));
    assert_str(ev->lang, S("en"));
    assert_true(str_has(ev->extra, S("\"version\":\"2.4.0\"")));
    ev = said(&rows, "reply:gp:AOqpTOE2");
    assert_kind(ev, message_out);
    assert_at(&rows, ev->at_us, "2026-01-04T08:00:00Z");
    assert_str(ev->text, S("Danke! Version 2.4.1 behebt das."));
    assert_str(said(&rows, "review:gp:AOqpTOE2")->text,
               S("Läuft jetzt besser – danke für den schnellen Fix 👍🏽"));
    assert_true(str_starts(said(&rows, "review:gp:AOqpTOE5")->text, S("=cmd|"))); // kept as it was written
    forget(&rows);
    // The same review edited a month later is a newer version of it, not another one.
    assert_true(hear_real("reviews/google-play/reviews_com.example.shop_202602.csv", (listen_opts){0}));
    ev = said(&rows, "review:gp:AOqpTOE1");
    assert_value(ev, 500, INSTRUMENT_stars5);
    assert_at(&rows, ev->edited_us, "2026-02-01T00:00:00Z");
    forget(&rows);
    assert_true(hear_real("reviews/google-play/reviews_com.example.shop_201308.csv", (listen_opts){0}));
    ev = said(&rows, "review:lg:AOqpTOOLD");
    assert_value(ev, 500, INSTRUMENT_stars5);
    assert_true(str_has(ev->extra, S("\"device\":\"Nexus 4\"")));
    forget(&rows);
}

static void google_forms(void **state) {
    (void)state;
    real_or_skip("survey/google-forms/responses-en.csv");
    const event *ev = said(&rows, "response:1/2/2026 13:04:05/jane.doe@example.com:howlikelyareyoutorecommendus");
    assert_kind(ev, answer);
    assert_value(ev, 900, INSTRUMENT_nps);
    assert_at(&rows, ev->at_us, "2026-01-02T13:04:05Z");
    assert_str(id_of(ev, IDENT_email), S("jane.doe@example.com"));
    assert_str(ev->text, S("Nothing, great!"));
    assert_str(ev->topic, S("How likely are you to recommend us?"));
    assert_true(str_has(ev->extra, S("\"Chat, Search, Reports\"")));
    ev = said(&rows, "response:1/2/2026 13:04:05/jane.doe@example.com:ratespeed");
    assert_value(ev, 400, INSTRUMENT_likert5);
    assert_str(ev->topic, S("Rate [Speed]"));
    assert_int_equal(rows.events[3].n_ids, 0); // nobody is known of the second
    assert_true(str_ends(rows.events[3].ext, S("#1:howlikelyareyoutorecommendus")));
    forget(&rows);
}

static void surveymonkey(void **state) {
    (void)state;
    real_or_skip("survey/surveymonkey/export-two-header-rows.csv");
    const event *ev = &rows.events[0];
    assert_kind(ev, answer);
    assert_value(ev, 900, INSTRUMENT_nps);
    assert_at(&rows, ev->at_us, "2026-01-02T10:15:00Z");
    assert_str(ev->text, S("dark mode"));
    assert_str(ev->name, S("Jane Doe"));
    assert_str(id_of(ev, IDENT_respondent), S("118765432101"));
    assert_true(str_has(ev->extra, S("\"Which of these did you use?\":\"Chat; by \\\"fax\\\"\"")));
    assert_str(rows.kept[0].reason, S("no question was answered"));
    assert_int_equal(rows.kept[0].line, 4);
    forget(&rows);
    assert_true(hear_real("survey/surveymonkey/export-two-header-rows.csv",
                          (listen_opts){.map = S("{\"customer\":\"Custom Data 1\"}")}));
    assert_str(id_of(&rows.events[0], IDENT_user_id), S("acct-1"));
    forget(&rows);
}

static void limesurvey(void **state) {
    (void)state;
    hear_own("limesurvey.csv", (listen_opts){0});
    const event *ev = said(&rows, "response:1:nps");
    assert_value(ev, 900, INSTRUMENT_nps);
    assert_str(ev->text, S("Schnelle Lieferung"));
    assert_str(ev->lang, S("de"));
    assert_str(id_of(ev, IDENT_respondent), S("tok1"));
    assert_true(str_has(ev->extra, S("\"USED\":\"chat; Fax\"")));
    assert_value(said(&rows, "response:1:satsq002"), 400, INSTRUMENT_likert5);
    assert_str(said(&rows, "response:3:nps")->text, S("Der Kaffee kam \"kalt\" an,\nund niemand antwortete"));
    assert_str(rows.kept[0].reason, S("the response was not finished"));
    assert_str(rows.kept[1].field, S("submitdate")); // dates taken away
    assert_str(rows.kept[2].field, S("NPS"));        // 11
    forget(&rows);
    hear_own("limesurvey.csv", (listen_opts){.map = S("{\"as_of\":\"2026-01-31\",\"NPS\":\"skip\"}")});
    assert_at(&rows, said(&rows, "response:4:satsq001")->at_us, "2026-01-31T00:00:00Z");
    assert_int_equal(rows.rejected, 0);
    forget(&rows);
}

static void hubspot(void **state) {
    (void)state;
    hear_own("hubspot-contacts.csv", (listen_opts){0});
    const event *ev = said(&rows, "contact:51");
    assert_str(id_of(ev, IDENT_hubspot_id), S("51"));
    assert_str(id_of(ev, IDENT_email), S("jane.doe@example.com"));
    assert_int_equal(ev->n_ids, 5); // two more addresses and a phone
    assert_str(id_of(ev, IDENT_phone), S("+41445550123"));
    assert_at(&rows, ev->at_us, "2025-06-01T09:00:00Z");
    assert_at(&rows, ev->edited_us, "2026-01-02T13:04:00Z");
    assert_str(ev->name, S("Jane Doe"));
    assert_str(id_of(said(&rows, "contact:52"), IDENT_phone), S("+14155550123"));
    forget(&rows);
    real_or_skip("crm/hubspot/companies.csv");
    ev = said(&rows, "company:902");
    assert_str(ev->name, S("\"Acme\" & Söhne"));
    assert_str(id_of(ev, IDENT_hubspot_id), S("company:902")); // never taken for contact 902
    assert_true(str_has(ev->extra, S("\"parent\":\"901\"")));
    forget(&rows);
}

static void salesforce(void **state) {
    (void)state;
    real_or_skip("crm/salesforce/Contact.csv");
    const event *ev = said(&rows, "contact:0035g00000AbCdEAAV");
    assert_str(id_of(ev, IDENT_salesforce_id), S("0035g00000AbCdEAAV"));
    assert_str(id_of(ev, IDENT_phone), S("+14155550123"));
    assert_at(&rows, ev->at_us, "2025-06-01T09:00:00Z");
    assert_at(&rows, ev->edited_us, "2026-01-02T13:04:05Z");
    ev = said(&rows, "contact:0035g00000AbCdFAAV"); // merged: one event says both ids
    assert_int_equal(ev->n_ids, 3);
    assert_str(ev->ids[0].value, S("0035g00000AbCdEAAV"));
    assert_str(ev->ids[1].value, S("0035g00000AbCdFAAV"));
    assert_str(id_of(ev, IDENT_email), S("jane.doe@example.com"));
    forget(&rows);
    assert_true(hear_real("crm/salesforce/Contact-dataloader.csv", (listen_opts){0}));
    ev = said(&rows, "contact:0035g00000AbCdEAAV"); // 15 characters in the file
    assert_str(ev->name, S("Doe"));
    assert_true(str_has(ev->extra, S("Initech GmbH")));
    forget(&rows);
}

// An export and the interface of one system give the same keys, so that both can be brought in.
static void exports_and_interfaces_share_their_keys(void **state) {
    (void)state;
    hear_own("shopify-orders.csv", (listen_opts){0});
    assert_str(said(&rows, "order:5001")->thread, S("order:5001"));
    forget(&rows);
    real_or_skip("zendesk/incremental/tickets-cursor.json");
    static const char *const keys[] = {"ticket:35436", "comment:35436:1", "solved:35436", "ask:35436", "csat:35436"};
    for (size_t i = 0; i < COUNT(keys); i++) (void)said(&rows, keys[i]);
    str thread = str_dup(&rows.a, said(&rows, "ticket:35436")->thread);
    heard_rows json = rows;
    hear_own("zendesk-tickets.csv", (listen_opts){0});
    for (size_t i = 0; i < COUNT(keys); i++) (void)said(&rows, keys[i]);
    assert_str(said(&rows, "ticket:35436")->thread, thread);
    forget(&rows);
    forget(&json);
    assert_true(hear_real("reviews/google-play/api-reviews-list-1.json", (listen_opts){0}));
    (void)said(&rows, "review:gp:AOqpTOE1");
    forget(&rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_heard_skipped_or_rejected),
        cmocka_unit_test(shopify_orders),
        cmocka_unit_test(shopify_customers),
        cmocka_unit_test(stripe_payments),
        cmocka_unit_test(stripe_times_are_utc_in_every_zone),
        cmocka_unit_test(woocommerce_orders),
        cmocka_unit_test(zendesk_tickets),
        cmocka_unit_test(google_play_reviews),
        cmocka_unit_test(google_forms),
        cmocka_unit_test(surveymonkey),
        cmocka_unit_test(limesurvey),
        cmocka_unit_test(hubspot),
        cmocka_unit_test(salesforce),
        cmocka_unit_test(exports_and_interfaces_share_their_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
