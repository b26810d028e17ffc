#include "json_rows.h"

#include "base/money.h"

#include <unistd.h>

static heard_rows rows;

static int money(const char *code) {
    return currency_of(str_c(code))->number;
}

static void hear_real(const char *path) {
    test_need_data(dir);
    char file[4096];
    snprintf(file, sizeof file, "%s/channels/%s", dir, path);
    hear(&rows, file, (listen_opts){0});
}

static void hear_own(const char *name) {
    char file[512];
    snprintf(file, sizeof file, "tests/listen/data/%s", name);
    hear(&rows, file, (listen_opts){.country = S("DE")});
}

// Every payload of the formats: who reads it, and what becomes of its elements.
static const struct {
    const char *path, *adapter;
    int rows, events, skipped, rejected;
} payloads[] = {
    {"zendesk/incremental/tickets-cursor.json", "zendesk-json", 2, 5, 1, 0},
    {"zendesk/webhook/ticket.status_changed.json", "zendesk-json", 1, 2, 0, 0},
    {"zendesk/webhook/ticket.tags_changed.json", "zendesk-json", 1, 2, 0, 0},
    {"zendesk/webhook/user.created.json", "zendesk-json", 1, 1, 0, 0},
    {"intercom/webhook/contact_user_created.json", "intercom-json", 1, 1, 0, 0},
    {"intercom/webhook/conversation_admin_replied.json", "intercom-json", 1, 3, 0, 0},
    {"intercom/webhook/conversation_user_created.json", "intercom-json", 1, 2, 0, 0},
    {"intercom/api/get-admins_activity_logs--successful_response.json", "intercom-json", 2, 0, 2, 0},
    {"intercom/api/get-companies--successful.json", "intercom-json", 1, 0, 1, 0},
    {"intercom/api/get-contacts_contact_id--successful.json", "intercom-json", 1, 1, 0, 0},
    {"intercom/api/get-contacts_contact_id_notes--successful_response.json", "intercom-json", 3, 0, 3, 0},
    {"intercom/api/get-conversations--successful.json", "intercom-json", 1, 2, 0, 0},
    {"intercom/api/get-conversations_conversation_id--conversation_found.json", "intercom-json", 1, 3, 0, 0},
    {"intercom/api/get-contacts_contact_id_subscriptions--successful.json", "intercom-json", 2, 0, 2, 0},
    {"intercom/api/get-notes_note_id--note_found.json", "intercom-json", 1, 0, 1, 0},
    {"intercom/api/get-tickets_ticket_id--ticket_found.json", "intercom-json", 1, 1, 0, 0},
    {"intercom/api/get-visitors--successful.json", "intercom-json", 1, 1, 0, 0},
    {"intercom/api/post-conversations_conversation_id_convert--successful.json", "intercom-json", 1, 2, 0, 0},
    {"intercom/api/post-conversations_conversation_id_parts--assign_a_conversation.json", "intercom-json", 1, 1, 0, 0},
    {"intercom/api/post-conversations_conversation_id_parts--close_a_conversation.json", "intercom-json", 1, 3, 0, 0},
    {"intercom/api/post-conversations_conversation_id_parts--snooze_a_conversation.json", "intercom-json", 1, 1, 0, 0},
    {"intercom/api/post-conversations_conversation_id_reply--user_reply.json", "intercom-json", 1, 2, 0, 0},
    {"intercom/api/post-conversations_redact--redact_a_conversation_part.json", "intercom-json", 1, 2, 0, 0},
    {"intercom/api/post-conversations_search--successful.json", "intercom-json", 1, 2, 0, 0},
    {"intercom/api/post-tickets_search--successful.json", "intercom-json", 1, 1, 0, 0},
    {"intercom/api/post-visitors_convert--successful.json", "intercom-json", 1, 1, 0, 0},
    {"intercom/api/put-conversations_conversation_id--conversation_found.json", "intercom-json", 1, 2, 0, 0},
    {"intercom/api/put-tickets_ticket_id--successful_response.json", "intercom-json", 1, 1, 0, 0},
    {"freshdesk/api/contact.json", "freshdesk-json", 1, 1, 0, 0},
    {"freshdesk/webhook/ticket_created.json", "freshdesk-json", 1, 0, 0, 1},
    {"reviews/app-store/connect-customerReviews.json", "app-store", 1, 1, 0, 0},
    {"reviews/app-store/rss-customerreviews-page1.json", "app-store", 3, 3, 0, 0},
    {"reviews/app-store/rss-customerreviews-empty.json", "app-store", 1, 0, 1, 0},
    {"reviews/google-business/accounts.locations.reviews.json", "google-business", 2, 3, 0, 0},
    {"reviews/google-play/api-reviews-list-1.json", "google-play-json", 1, 2, 0, 0},
    {"reviews/trustpilot/business-unit-reviews.json", "trustpilot", 2, 3, 0, 0},
    {"reviews/yelp/business-reviews.json", "yelp", 1, 1, 0, 0},
    {"survey/typeform/responses-api-page.json", "typeform", 2, 1, 1, 0},
    {"survey/typeform/webhook-form_response.json", "typeform", 1, 2, 0, 0},
    {"survey/delighted/survey_response_updated_promoter.json", "delighted", 1, 1, 0, 0},
    {"shopify/api/orders.json", "shopify-json", 1, 1, 0, 0},
    {"shopify/api/refund.json", "shopify-json", 1, 2, 0, 0},
    {"shopify/api/customer.json", "shopify-json", 1, 1, 0, 0},
    {"shopify/api/customers_search.json", "shopify-json", 1, 1, 0, 0},
    {"shopify/api/customer_saved_search_customers.json", "shopify-json", 1, 1, 0, 0},
    {"shopify/api/draft_order.json", "shopify-json", 1, 0, 1, 0},
    {"shopify/api/product.json", "shopify-json", 1, 0, 1, 0},
    {"shopify/api/shop.json", "shopify-json", 1, 0, 1, 0},
    {"woocommerce/api/orders-01.json", "woocommerce", 1, 1, 0, 0},
    {"woocommerce/api/orders-02.json", "woocommerce", 1, 1, 0, 0},
    {"woocommerce/api/orders-03.json", "woocommerce", 2, 4, 0, 0},
    {"woocommerce/api/orders-04.json", "woocommerce", 1, 1, 0, 0},
    {"woocommerce/api/order-refunds-01.json", "woocommerce", 1, 1, 0, 0},
    {"woocommerce/api/order-refunds-03.json", "woocommerce", 2, 3, 0, 0},
    {"woocommerce/api/customers-02.json", "woocommerce", 1, 1, 0, 0},
    {"woocommerce/api/customers-03.json", "woocommerce", 2, 2, 0, 0},
    {"woocommerce/api/customers-04.json", "woocommerce", 1, 1, 0, 0},
    {"woocommerce/api/product-reviews-02.json", "woocommerce", 1, 1, 0, 0},
    {"woocommerce/api/product-reviews-03.json", "woocommerce", 2, 2, 0, 0},
    {"woocommerce/api/product-reviews-04.json", "woocommerce", 1, 1, 0, 0},
    {"woocommerce/api/products-04.json", "woocommerce", 2, 0, 2, 0},
    {"woocommerce/api/coupons-01.json", "woocommerce", 1, 0, 1, 0},
    {"stripe/webhook/charge.succeeded.json", "stripe-json", 1, 1, 0, 0},
    {"stripe/webhook/charge.refunded.json", "stripe-json", 1, 2, 0, 0},
    {"stripe/webhook/charge.refund.updated.json", "stripe-json", 1, 1, 0, 0},
    {"stripe/webhook/charge.dispute.created.json", "stripe-json", 1, 1, 0, 0},
    {"stripe/webhook/customer.subscription.created.json", "stripe-json", 1, 1, 0, 0},
    {"stripe/webhook/customer.subscription.deleted.json", "stripe-json", 1, 1, 0, 0},
    {"stripe/webhook/customer.updated.json", "stripe-json", 1, 1, 0, 0},
    {"stripe/webhook/customer.deleted.json", "stripe-json", 1, 0, 1, 0},
    {"stripe/webhook/customer.discount.created.json", "stripe-json", 1, 0, 1, 0},
    {"stripe/webhook/customer.source.created.json", "stripe-json", 1, 0, 1, 0},
    {"stripe/webhook/invoice.created.json", "stripe-json", 1, 0, 1, 0},
    {"stripe/webhook/invoice.finalized.json", "stripe-json", 1, 1, 0, 0},
    {"stripe/webhook/invoice.payment_action_required.json", "stripe-json", 1, 0, 1, 0},
    {"stripe/webhook/invoice.payment_succeeded.json", "stripe-json", 1, 1, 0, 0},
    {"stripe/webhook/invoice.updated.json", "stripe-json", 1, 0, 1, 0},
    {"stripe/webhook/payment_intent.succeeded.json", "stripe-json", 1, 1, 0, 0},
    {"stripe/webhook/payment_method.attached.json", "stripe-json", 1, 0, 1, 0},
    {"stripe/webhook/payout.paid.json", "stripe-json", 1, 0, 1, 0},
    {"stripe/webhook/product.created.json", "stripe-json", 1, 0, 1, 0},
    {"stripe/webhook/quote.accepted.json", "stripe-json", 1, 0, 1, 0},
    {"stripe/webhook/subscription_schedule.canceled.json", "stripe-json", 1, 0, 1, 0},
};

static void every_payload_is_known_and_counted(void **state) {
    (void)state;
    test_need_data(dir);
    for (size_t i = 0; i < COUNT(payloads); i++) {
        char file[4096];
        snprintf(file, sizeof file, "%s/channels/%s", dir, payloads[i].path);
        hear(&rows, file, (listen_opts){0});
        if (!str_eq(rows.as.adapter, str_c(payloads[i].adapter)) || rows.rows != payloads[i].rows ||
            rows.n != payloads[i].events || rows.skipped != payloads[i].skipped ||
            rows.rejected != payloads[i].rejected)
            fail_msg("%s: read by %.*s, %d rows, %d events, %d skipped, %d rejected", payloads[i].path,
                     STR_ARG(rows.as.adapter), rows.rows, rows.n, rows.skipped, rows.rejected);
        forget(&rows);
    }
}

// What is about no customer must not be read as if it were.
static void strangers_are_refused(void **state) {
    (void)state;
    test_need_data(dir);
    static const char *const paths[] = {"shopify/api/products.json",         "shopify/api/payouts.json",
                                        "shopify/api/events.json",           "shopify/api/marketing_events.json",
                                        "shopify/api/refund_calculate.json", "woocommerce/api/customers-06.json",
                                        "woocommerce/api/reports-04.json",   "woocommerce/api/webhooks-06.json"};
    for (size_t i = 0; i < COUNT(paths); i++) {
        char file[4096];
        err e = {0};
        arena a = arena_open(16 << 20);
        snprintf(file, sizeof file, "%s/channels/%s", dir, paths[i]);
        const sink to = {.row = keep_row, .ctx = &rows};
        if (listen_file(&a, file, &(listen_opts){0}, NULL, &to, &e)) fail_msg("%s was read", paths[i]);
        assert_int_equal(e.code, ERR_invalid);
        arena_close(&a);
    }
}

static void zendesk_incremental_page(void **state) {
    (void)state;
    hear_real("zendesk/incremental/tickets-cursor.json");
    const event *const opened = said(&rows, "ticket:35436");
    assert_kind(opened, conversation_opened);
    assert_at(&rows, opened->at_us, "2026-01-02T10:00:00Z");
    assert_at(&rows, opened->edited_us, "2026-01-03T10:00:00Z");
    assert_str(opened->thread, S("35436"));
    assert_str(id_of(opened, IDENT_zendesk_id), S("501"));
    assert_str(id_of(opened, IDENT_email), S("jane.doe@example.com"));
    assert_str(opened->topic, S("billing"));
    assert_int_equal(opened->channel, CHANNEL_email);
    assert_str(said(&rows, "comment:35436:1")->text, S("I want my money back"));
    assert_kind(said(&rows, "comment:35436:1"), message_in);
    assert_at(&rows, said(&rows, "solved:35436")->at_us, "2026-01-03T10:00:00Z");
    assert_value(said(&rows, "csat:35436"), 0, INSTRUMENT_thumbs);
    assert_str(said(&rows, "csat:35436")->text, S("too slow"));
    assert_str(rows.kept[0].reason, S("the ticket was deleted"));
    forget(&rows);
}

static void zendesk_user(void **state) {
    (void)state;
    hear_real("zendesk/webhook/user.created.json");
    const event *const user = said(&rows, "user:6596848315901");
    assert_int_equal(user->ids[0].kind, IDENT_user_id); // our own number names the profile
    assert_str(user->ids[0].value, S("user-s1"));
    forget(&rows);
}

static void zendesk_export_lines(void **state) {
    (void)state;
    hear_own("zendesk-export.json");
    assert_str(rows.as.adapter, S("zendesk-json"));
    assert_int_equal(rows.rows, 8);
    assert_int_equal(rows.skipped, 2);
    assert_int_equal(rows.rejected, 1);
    assert_str(rows.kept[1].field, S("created_at"));
    assert_kind(said(&rows, "comment:100:1"), message_in);
    assert_kind(said(&rows, "comment:100:2"), message_auto);
    assert_kind(said(&rows, "comment:100:3"), note);
    assert_kind(said(&rows, "comment:100:4"), message_out);
    assert_str(said(&rows, "comment:100:4")->text, S("Sorry!\nNew beans are on the way."));
    assert_str(said(&rows, "comment:100:4")->staff, S("Sam Agent"));
    assert_kind(said(&rows, "comment:100:5"), message_in);
    assert_str(id_of(said(&rows, "comment:100:5"), IDENT_email), S("leo@example.com"));
    assert_int_equal(said(&rows, "comment:100:5")->n_ids, 2);
    assert_at(&rows, said(&rows, "solved:100")->at_us, "2026-01-06T12:00:00Z");
    assert_value(said(&rows, "csat:100"), 100, INSTRUMENT_thumbs);
    assert_str(said(&rows, "complaint:100")->text, S("I got the wrong beans."));
    assert_str(id_of(said(&rows, "ticket:100"), IDENT_phone), S("+34600123456"));
    assert_str(said(&rows, "ticket:100")->lang, S("es"));
    forget(&rows);
}

// Who wrote decides: a ticket that an agent opened starts no clock, and "no_complaint" is none.
static void zendesk_outbound_and_webhooks(void **state) {
    (void)state;
    hear_own("zendesk-export.json");
    for (int i = 0; i < rows.n; i++) {
        assert_false(str_eq(rows.events[i].ext, S("ticket:101")));
        assert_false(str_eq(rows.events[i].ext, S("complaint:101")));
    }
    assert_kind(said(&rows, "comment:101:1"), message_out);
    assert_str(id_of(said(&rows, "comment:101:11"), IDENT_email_unverified), S("kim@example.com"));
    assert_at(&rows, said(&rows, "comment:101:11")->edited_us, "2026-01-06T09:00:00Z");
    assert_kind(said(&rows, "ask:208"), ask);
    assert_kind(said(&rows, "comment:105:77"), message_out);
    assert_kind(said(&rows, "reopened:e-2"), conversation_opened);
    forget(&rows);
}

// A conversation may be longer than the room's own array of events; the next row starts afresh.
static void long_conversations_are_whole(void **state) {
    (void)state;
    enum { COMMENTS = 700 };
    char path[] = "/tmp/heed-long-XXXXXX";
    FILE *const f = fdopen(mkstemp(path), "w");
    for (int t = 1; t <= 2; t++) {
        fprintf(f,
                "{\"id\":%d,\"created_at\":\"2026-01-01T00:00:00Z\",\"status\":\"open\",\"via\":{\"channel\":\"chat\"},"
                "\"requester\":{\"id\":7,\"role\":\"end-user\"},\"submitter\":{\"id\":7},\"comments\":[",
                t);
        for (int i = 0; i < (t == 1 ? COMMENTS : 1); i++)
            fprintf(f, "%s{\"id\":%d,\"author_id\":%d,\"body\":\"%d\",\"public\":true,\"created_at\":%d}", i ? "," : "",
                    i + 1, i % 2 ? 9 : 7, i, 1767225600 + i);
        fprintf(f, "]}\n");
    }
    fclose(f);
    hear(&rows, path, (listen_opts){0});
    assert_int_equal(rows.rows, 2);
    assert_int_equal(rows.n, COMMENTS + 1 + 2);
    assert_str(said(&rows, "comment:1:700")->text, S("699"));
    assert_kind(said(&rows, "comment:1:700"), message_out);
    assert_kind(said(&rows, "ticket:2"), conversation_opened);
    forget(&rows);
    unlink(path);
}

// The first look is 64 KiB; a first element that is longer is known by what it begins with.
static void long_first_elements_are_known(void **state) {
    (void)state;
    static const struct {
        const char *adapter, *before, *after;
    } longs[] = {
        {"zendesk-json",
         "{\"url\":\"https://x.zendesk.com/api/v2/tickets/"
         "1.json\",\"id\":1,\"created_at\":1767225600,\"requester\":{\"id\":7},\"description\":\"",
         "\"}"},
        {"intercom-json",
         "{\"type\":\"conversation\",\"id\":\"1\",\"created_at\":1767225600,\"source\":{\"author\":{\"type\":\"user\","
         "\"id\":\"u\"},\"body\":\"",
         "\"}}"},
        {"freshdesk-json",
         "{\"id\":1,\"fr_escalated\":false,\"requester_id\":7,\"created_at\":1767225600,\"description\":\"", "\"}"},
    };
    for (size_t i = 0; i < COUNT(longs); i++) {
        char path[] = "/tmp/heed-long-XXXXXX";
        FILE *const f = fdopen(mkstemp(path), "w");
        fputs(longs[i].before, f);
        for (int k = 0; k < 20000; k++) fputs("words ", f);
        fputs(longs[i].after, f);
        fclose(f);
        hear(&rows, path, (listen_opts){0});
        assert_str(rows.as.adapter, str_c(longs[i].adapter));
        assert_int_equal(rows.n, 2);
        assert_int_equal(rows.events[1].text.len, 20000 * 6 - 1);
        forget(&rows);
        unlink(path);
    }
}

static bool count_row(void *ctx, const heard *h, err *e) {
    (void)e;
    int *const counted = ctx;
    counted[0]++;
    counted[1] += h->rejected;
    return true;
}

// Elements of many megabytes with one thing over and over. Each is one row, soon, whatever becomes of it.
static const struct {
    const char *adapter, *before, *each, *after;
    int times;
    bool rejected;
} heaps[] = {
    {"zendesk-json", "{\"id\":1,\"created_at\":1767225600,\"requester_id\":7,\"tags\":[",
     "\"a long tag of many words\"", "]}", 300000, false},
    {"zendesk-json", "{\"id\":1,\"created_at\":1767225600,\"requester_id\":7,\"collaborators\":[", "{\"id\":5}",
     "],\"comments\":[{\"id\":1,\"author_id\":6},{\"id\":2,\"author_id\":8}]}", 500000, false},
    {"zendesk-json", "{\"id\":1,\"created_at\":1767225600,\"requester_id\":7,\"comments\":[",
     "{\"id\":3,\"author_id\":8,\"body\":\"x\"}", "]}", 20000, true},
    {"intercom-json",
     "{\"type\":\"conversation\",\"id\":\"1\",\"created_at\":1767225600,\"conversation_parts\":{\"conversation_parts\":"
     "[",
     "{\"id\":3,\"created_at\":1767225600,\"body\":\"x\",\"author\":{\"type\":\"user\",\"id\":\"u\"}}", "]}}", 20000,
     true},
    {"freshdesk-json", "{\"id\":1,\"created_at\":1767225600,\"requester_id\":7,\"conversations\":[",
     "{\"id\":3,\"created_at\":1767225600,\"body_text\":\"x\"}", "]}", 20000, true},
    {"typeform", "{\"token\":\"t\",\"submitted_at\":1767225600,\"answers\":[",
     "{\"type\":\"text\",\"text\":\"x\",\"field\":{\"id\":\"f\"}}", "]}", 100000, true},
    {"typeform",
     "{\"token\":\"t\",\"submitted_at\":1767225600,\"answers\":[{\"type\":\"choices\",\"choices\":{\"labels\":[",
     "\"x\"", "]},\"field\":{\"id\":\"f\"}}]}", 1000000, false},
    {"shopify-json",
     "{\"id\":1,\"created_at\":1767225600,\"total_price\":\"1\",\"financial_status\":\"paid\",\"refunds\":[",
     "{\"id\":1,\"created_at\":1767225600,\"transactions\":[{\"kind\":\"refund\",\"amount\":\"1\"}]}", "]}", 20000,
     true},
    {"generic-json", "{\"email\":\"a@b.de\",\"date\":\"2026-01-02\",\"list\":[", "1", "]}", 4000000, false},
    {"generic-json", "{\"email\":\"a@b.de\",\"date\":\"2026-01-02\",\"things\":[", "{\"a\":{\"b\":[1]}}", "]}", 300000,
     false},
    {"heed-events", "{\"kind\":\"usage\",\"at\":\"2026-01-02\",\"ext\":\"x\",\"extra\":{\"list\":[", "1.5", "]}}",
     1000000, false},
};

static void heaps_are_one_row(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(heaps); i++) {
        char path[] = "/tmp/heed-heap-XXXXXX";
        FILE *const f = fdopen(mkstemp(path), "w");
        fputs(heaps[i].before, f);
        for (int k = 0; k < heaps[i].times; k++) fprintf(f, "%s%s", k ? "," : "", heaps[i].each);
        fputs(heaps[i].after, f);
        fclose(f);
        const clock_t start = clock();
        int counted[2] = {0};
        arena a = arena_open(1 << 20);
        err e = {0};
        const sink to = {.row = count_row, .ctx = counted};
        if (!listen_file(&a, path, &(listen_opts){.adapter = str_c(heaps[i].adapter)}, NULL, &to, &e))
            fail_msg("%zu: %s", i, e.msg);
        if (counted[0] != 1 || counted[1] != heaps[i].rejected)
            fail_msg("%zu: %d rows, %d rejected", i, counted[0], counted[1]);
        if (clock() - start > 10 * CLOCKS_PER_SEC) fail_msg("%zu took too long", i);
        arena_close(&a);
        unlink(path);
    }
}

static void intercom_webhooks(void **state) {
    (void)state;
    hear_real("intercom/webhook/conversation_admin_replied.json");
    const event *const out = said(&rows, "part:21322009097:2824382500");
    assert_kind(out, message_out); // the topic says "user" elsewhere; the author is an admin
    assert_str(out->text, S("Hey! How can I help?"));
    assert_at(&rows, out->at_us, "2019-03-22T21:45:11Z");
    assert_kind(said(&rows, "part:21322009097:0"), message_in);
    assert_str(id_of(out, IDENT_intercom_id), S("5c9553cb27e377f24eed49f7"));
    assert_str(id_of(out, IDENT_email_unverified), S("cordelia@example.com")); // a lead typed it
    assert_str(id_of(out, IDENT_user_id), S(""));
    forget(&rows);
    hear_real("intercom/webhook/contact_user_created.json");
    const event *const contact = said(&rows, "contact:6961d4041c1e12de4c5499cc");
    assert_at(&rows, contact->at_us, "2026-01-10T04:22:28.240Z");
    assert_str(contact->ids[0].value, S("24"));
    assert_str(contact->name, S("Sample User"));
    forget(&rows);
}

static void intercom_api(void **state) {
    (void)state;
    hear_real("intercom/api/post-conversations_conversation_id_parts--close_a_conversation.json");
    assert_kind(said(&rows, "part:531:136"), message_out);
    assert_str(said(&rows, "part:531:136")->text, S("Goodbye :)"));
    assert_at(&rows, said(&rows, "solved:531:136")->at_us, "2024-12-18T15:59:44Z");
    forget(&rows);
    hear_real("intercom/api/post-conversations_redact--redact_a_conversation_part.json");
    assert_str(said(&rows, "part:608:149")->text, S(""));
    assert_at(&rows, said(&rows, "part:608:149")->edited_us, "2024-12-18T16:02:04Z");
    forget(&rows);
    hear_real("intercom/api/put-tickets_ticket_id--successful_response.json");
    assert_kind(said(&rows, "ticket:627"), note); // back office: the customer sees none of it
    assert_str(said(&rows, "ticket:627")->text, S("example\nthere is a problem"));
    forget(&rows);
}

static void intercom_own(void **state) {
    (void)state;
    hear_own("intercom-conversations.json");
    assert_int_equal(rows.rows, 3);
    assert_int_equal(rows.rejected, 1);
    assert_kind(said(&rows, "part:900:p1"), message_auto);
    assert_kind(said(&rows, "part:900:p2"), note);
    assert_kind(said(&rows, "part:900:p3"), message_out);
    assert_str(id_of(said(&rows, "part:900:p4"), IDENT_email), S("ole@example.com"));
    assert_str(said(&rows, "part:900:0")->text, S("It does not grind & smells."));
    assert_value(said(&rows, "rating:900"), 200, INSTRUMENT_csat5);
    assert_kind(said(&rows, "ask:901"), ask);
    assert_kind(said(&rows, "complaint:900"), complaint);
    assert_str(id_of(said(&rows, "ask:901"), IDENT_user_id), S(""));
    forget(&rows);
}

static void freshdesk(void **state) {
    (void)state;
    hear_real("freshdesk/api/contact.json");
    const event *const contact = said(&rows, "contact:1001");
    static const enum ident_kind order[] = {IDENT_user_id, IDENT_freshdesk_id, IDENT_email, IDENT_email, IDENT_phone};
    assert_int_equal(contact->n_ids, COUNT(order));
    for (size_t i = 0; i < COUNT(order); i++) assert_int_equal(contact->ids[i].kind, order[i]);
    forget(&rows);
    hear_real("freshdesk/webhook/ticket_created.json");
    assert_str(rows.kept[0].field, S("ticket_created_at"));
    forget(&rows);
    hear_own("freshdesk-tickets.json");
    assert_int_equal(rows.rows, 7);
    assert_int_equal(rows.skipped, 1);
    assert_int_equal(rows.rejected, 1);
    assert_kind(said(&rows, "comment:20:2"), note);
    assert_str(said(&rows, "comment:20:3")->text, S("New one sent \xF0\x9F\x93\xA6"));
    assert_kind(said(&rows, "comment:20:4"), message_in);
    assert_at(&rows, said(&rows, "solved:20")->at_us, "2026-01-06T10:00:00Z");
    assert_value(said(&rows, "rating:102"), 300, INSTRUMENT_csat7);
    assert_kind(said(&rows, "comment:22:1"), message_out); // source 10: we wrote first
    assert_str(id_of(said(&rows, "comment:22:9"), IDENT_email), S("kim@example.com"));
    assert_str(said(&rows, "complaint:23")->text, S("Too late"));
    forget(&rows);
}

static void app_store(void **state) {
    (void)state;
    hear_real("reviews/app-store/rss-customerreviews-page1.json");
    const event *const two = said(&rows, "review:1000002");
    assert_value(two, 100, INSTRUMENT_stars5);
    assert_str(two->text, S("Broken\nLogin loop & <b>refund</b> please")); // type "text" is no HTML
    assert_str(two->name, S("Bob \"B\" O'Neil"));
    assert_str(two->country, S("US"));
    assert_at(&rows, two->at_us, "2026-01-03T17:00:00Z");
    forget(&rows);
    hear_own("app-store-single.json"); // one review: an object where a list should be
    assert_int_equal(rows.n, 1);
    assert_str(said(&rows, "review:5000")->text, S("Geht so\nNa & ja\ngut"));
    forget(&rows);
    hear_real("reviews/app-store/connect-customerReviews.json");
    assert_value(&rows.events[0], 200, INSTRUMENT_stars5);
    assert_at(&rows, rows.events[0].at_us, "2026-01-04T20:34:56Z");
    forget(&rows);
}

static void reviews(void **state) {
    (void)state;
    hear_real("reviews/google-play/api-reviews-list-1.json");
    const event *const play = said(&rows, "review:gp:AOqpTOE1");
    assert_value(play, 100, INSTRUMENT_stars5);
    assert_str(play->text, S("Crashes\nEvery time I pay"));
    assert_at(&rows, play->at_us, "2026-01-02T03:04:05Z");
    assert_str(said(&rows, "reply:gp:AOqpTOE1")->text, S("Sorry! Fixed in 2.4.1"));
    assert_int_equal(play->n_ids, 0); // a display name identifies nobody
    forget(&rows);
    hear_real("reviews/trustpilot/business-unit-reviews.json");
    const event *const pilot = said(&rows, "review:507f191e810c19729de860ea");
    assert_str(id_of(pilot, IDENT_email), S("jane.doe@example.com"));
    assert_true(str_has(pilot->extra, S("\"reference\":\"o-s1-1\"")));
    assert_at(&rows, said(&rows, "review:507f191e810c19729de860eb")->edited_us, "2026-01-06T09:05:21Z");
    forget(&rows);
    hear_real("reviews/google-business/accounts.locations.reviews.json");
    assert_str(said(&rows, "review:AIe9_BGx")->text, S("Kaltes Essen"));
    assert_value(said(&rows, "review:AIe9_BGy"), 500, INSTRUMENT_stars5);
    assert_str(said(&rows, "review:AIe9_BGy")->text, S(""));
    forget(&rows);
    hear_own("google-business.json");
    assert_str(said(&rows, "review:a")->text, S("Gutes Essen"));
    assert_int_equal(rows.rejected, 1);
    forget(&rows);
}

// Yelp's times have no zone: they are read in the one asked for.
static void yelp_zone(void **state) {
    (void)state;
    test_need_data(dir);
    char file[4096];
    snprintf(file, sizeof file, "%s/channels/reviews/yelp/business-reviews.json", dir);
    hear(&rows, file, (listen_opts){.zone = S("America/Los_Angeles")});
    assert_at(&rows, rows.events[0].at_us, "2026-01-02T08:41:13Z");
    forget(&rows);
}

static void typeform(void **state) {
    (void)state;
    hear_real("survey/typeform/webhook-form_response.json");
    const event *const nps = said(&rows, "response:a3a12ec67a1365927098a606107fac15:DlXFaesGBpoF");
    assert_value(nps, 900, INSTRUMENT_nps);
    assert_str(nps->text, S("Fast \xF0\x9F\x9A\x80 but\nthe \"export\" is broken"));
    assert_str(id_of(nps, IDENT_user_id), S("user-s1"));
    assert_str(id_of(nps, IDENT_email), S("jane.doe@example.com"));
    assert_str(id_of(nps, IDENT_email_unverified), S("laura@example.com"));
    assert_true(str_has(nps->extra, S("\"Which?\":\"Chat, Fax\"")));
    assert_value(said(&rows, "response:a3a12ec67a1365927098a606107fac15:Q7M2XAwY04dW"), 400, INSTRUMENT_likert5);
    forget(&rows);
    hear_real("survey/typeform/responses-api-page.json"); // the same response by another way has the same key
    assert_value(said(&rows, "response:a3a12ec67a1365927098a606107fac15:DlXFaesGBpoF"), 900, INSTRUMENT_nps);
    assert_str(rows.kept[0].reason, S("abandoned before it was sent"));
    forget(&rows);
    hear_own("typeform-scales.json");
    assert_str(said(&rows, "response:t9:q1")->text, S("nothing"));
    assert_false(said(&rows, "response:t9:q1")->has_value);
    assert_value(said(&rows, "response:t9:q2"), 400, INSTRUMENT_csat5);
    assert_value(said(&rows, "response:t9:q3"), 500, INSTRUMENT_likert5);
    assert_value(said(&rows, "response:t9:q4"), 700, INSTRUMENT_ces7);
    assert_value(said(&rows, "response:t9:q6"), 0, INSTRUMENT_nps);
    assert_value(said(&rows, "response:t9:q8"), 1000, INSTRUMENT_nps);
    forget(&rows);
}

static void delighted(void **state) {
    (void)state;
    hear_real("survey/delighted/survey_response_updated_promoter.json");
    const event *const ev = said(&rows, "response:5435");
    assert_value(ev, 900, INSTRUMENT_nps);
    assert_at(&rows, ev->at_us, "2016-12-24T14:23:29Z");
    assert_at(&rows, ev->edited_us, "2016-12-24T14:33:29Z");
    assert_str(id_of(ev, IDENT_email), S("charlie_gravis@example.com"));
    forget(&rows);
    hear_own("delighted-responses.json");
    assert_value(said(&rows, "response:1"), 500, INSTRUMENT_csat5);
    assert_str(said(&rows, "response:1")->ids[0].value, S("C-5"));
    assert_int_equal(rows.rejected, 1);
    assert_false(said(&rows, "response:3")->has_value); // a scale that heed has no name for
    forget(&rows);
}

static void shopify(void **state) {
    (void)state;
    hear_real("shopify/api/orders.json");
    const event *const order = said(&rows, "order:450789469");
    assert_value(order, 59894, money("USD"));
    assert_at(&rows, order->at_us, "2008-01-10T16:00:00Z");
    assert_str(order->ids[0].value, S("207119551"));
    assert_int_equal(order->ids[0].kind, IDENT_shopify_id);
    assert_str(id_of(order, IDENT_email), S("bob.norman@hostmail.com"));
    assert_str(id_of(order, IDENT_phone), S("+16136120707"));
    forget(&rows);
    hear_real("shopify/api/refund.json");
    assert_value(said(&rows, "refund:509562969"), 20900, money("USD"));
    assert_value(said(&rows, "return:509562969"), 39800, money("USD"));
    assert_int_equal(said(&rows, "return:509562969")->quantity, 2);
    assert_str(said(&rows, "return:509562969")->thread, S("order:450789469"));
    forget(&rows);
}

static void shopify_own(void **state) {
    (void)state;
    hear_own("shopify-orders.json");
    assert_int_equal(rows.rows, 5);
    assert_str(rows.kept[0].reason, S("a test order"));
    assert_str(rows.kept[1].field, S("total_price"));
    const event *const order = said(&rows, "order:1001");
    assert_at(&rows, order->at_us,
              "2026-01-05T11:00:00Z"); // processed_at: when it was bought, not when it was brought in
    assert_int_equal(order->quantity, 3);
    assert_str(order->ids[0].value, S("M-31"));
    assert_str(id_of(order, IDENT_email_unverified), S("lea@example.com"));
    assert_str(id_of(order, IDENT_email), S(""));
    assert_str(id_of(order, IDENT_phone), S("+4915155501234"));
    assert_value(said(&rows, "refund:71"), 3000, money("EUR"));   // the failed transaction does not count
    assert_value(said(&rows, "cancel:1001"), 2000, money("EUR")); // what the refund left
    assert_value(said(&rows, "order:1002"), 5000, money("JPY"));
    assert_int_equal(said(&rows, "order:1002")->channel, CHANNEL_store_);
    assert_value(said(&rows, "return:72"), 1250, money("JPY"));
    assert_value(said(&rows, "cancel:1005"), 999, money("EUR"));
    forget(&rows);
}

static void woocommerce(void **state) {
    (void)state;
    hear_real("woocommerce/api/orders-03.json");
    const event *const guest = said(&rows, "order:727");
    assert_value(guest, 2935, money("USD"));
    assert_at(&rows, guest->at_us, "2017-03-22T19:28:02Z"); // the gmt column, not the shop's clock
    assert_int_equal(guest->ids[0].kind, IDENT_email);      // customer 0 is a guest
    assert_int_equal(guest->quantity, 3);
    assert_str(id_of(said(&rows, "order:723"), IDENT_woo_id), S("26"));
    assert_value(said(&rows, "refund:726"), 1000, money("USD"));
    assert_value(said(&rows, "refund:724"), 900, money("USD"));
    forget(&rows);
    hear_real("woocommerce/api/order-refunds-03.json");
    assert_at(&rows, said(&rows, "refund:724")->at_us, "2017-03-21T19:55:37Z");
    assert_str(said(&rows, "refund:724")->thread, S("order:723"));
    assert_int_equal(said(&rows, "return:724")->quantity, 1);
    assert_int_equal(said(&rows, "refund:724")->edited_us, 0); // the version inside the order knows the buyer and wins
    forget(&rows);
    hear_real("woocommerce/api/product-reviews-03.json");
    assert_str(said(&rows, "review:20")->text, S("Now works just fine."));
    assert_str(id_of(said(&rows, "review:20"), IDENT_email), S("john.doe@example.com"));
    assert_str(id_of(said(&rows, "review:22"), IDENT_email_unverified), S("john.doe@example.com"));
    forget(&rows);
    hear_own("woocommerce-orders.json");
    assert_int_equal(rows.skipped, 2);
    assert_int_equal(rows.rejected, 1);
    assert_value(said(&rows, "cancel:800"), 2500, money("EUR"));
    assert_str(said(&rows, "order:800")->text, S("please ring"));
    assert_value(said(&rows, "order:804"), 40125, money("KWD")); // a point is a point, also before three digits
    forget(&rows);
}

static void stripe(void **state) {
    (void)state;
    hear_real("stripe/webhook/charge.refunded.json");
    assert_value(said(&rows, "charge:ch_000000000000000000000000"), 100, money("USD"));
    assert_value(said(&rows, "refund:re_000000000000000000000000"), 100, money("USD"));
    assert_at(&rows, said(&rows, "refund:re_000000000000000000000000")->at_us, "2022-03-26T18:39:09Z");
    forget(&rows);
    hear_real("stripe/webhook/payment_intent.succeeded.json");
    assert_value(said(&rows, "charge:ch_000000000000000000000000"), 2000, money("USD")); // its charge's key
    forget(&rows);
    hear_real("stripe/webhook/charge.dispute.created.json");
    assert_kind(said(&rows, "dispute:dp_000000000000000000000000"), complaint);
    assert_str(rows.events[0].topic, S("fraudulent"));
    forget(&rows);
    hear_real("stripe/webhook/customer.subscription.created.json");
    const event *const start = said(&rows, "subscription:sub_000000000000000000000000");
    assert_kind(start, contract_start);
    assert_value(start, 1500, money("USD"));
    assert_str(id_of(start, IDENT_stripe_id), S("cus_00000000000000"));
    forget(&rows);
    hear_real("stripe/webhook/customer.subscription.deleted.json");
    assert_kind(&rows.events[0], contract_end);
    assert_at(&rows, rows.events[0].at_us, "2022-03-26T18:41:37Z");
    assert_str(rows.events[0].thread, S("subscription:sub_000000000000000000000000"));
    forget(&rows);
}

static void stripe_own(void **state) {
    (void)state;
    hear_own("stripe-charges.json");
    assert_int_equal(rows.rows, 6);
    assert_int_equal(rows.skipped, 2);
    assert_str(rows.kept[2].field, S("amount"));
    assert_str(said(&rows, "charge:ch_1")->ids[0].value, S("C-1"));
    assert_value(said(&rows, "refund:re_1"), 300, money("EUR"));
    assert_value(said(&rows, "charge:ch_2"), 500, money("JPY"));
    assert_str(id_of(said(&rows, "charge:ch_2"), IDENT_stripe_id), S("cus_2"));
    assert_value(said(&rows, "refund:ch_2"), 200, money("JPY"));
    assert_value(said(&rows, "charge:ch_5"), 500, money("ISK")); // hundredths there, whole krónur here
    forget(&rows);
    hear_own("stripe-events.json");
    assert_int_equal(rows.skipped, 2);
    assert_value(said(&rows, "subscription:sub_1"), 0, money("USD")); // a trial is worth nothing yet
    assert_value(said(&rows, "subscription_change:sub_1:evt_2"), 3 * 1000 + 12000 / 12, money("USD"));
    assert_kind(said(&rows, "subscription_end:sub_1"), contract_end);
    assert_value(said(&rows, "refund:ch_9:700"), 500, money("USD"));
    assert_str(said(&rows, "session:cs_1")->ids[0].value, S("C-77"));
    assert_value(said(&rows, "subscription:sub_3"), 3042, money("USD")); // 2 x 7.00 each two weeks: 14 x 365/7/2/12
    forget(&rows);
}

static void generic(void **state) {
    (void)state;
    hear_own("generic-lines.json");
    assert_str(rows.as.adapter, S("generic-json"));
    assert_int_equal(rows.rows, 7);
    assert_int_equal(rows.rejected, 1);
    assert_value(said(&rows, "order:A1"), 1250, money("EUR"));
    assert_str(id_of(said(&rows, "order:A1"), IDENT_user_id), S("K1"));
    assert_str(id_of(said(&rows, "order:A1"), IDENT_email), S("k1@example.com"));
    forget(&rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_payload_is_known_and_counted),
        cmocka_unit_test(strangers_are_refused),
        cmocka_unit_test(zendesk_incremental_page),
        cmocka_unit_test(zendesk_user),
        cmocka_unit_test(zendesk_export_lines),
        cmocka_unit_test(zendesk_outbound_and_webhooks),
        cmocka_unit_test(long_conversations_are_whole),
        cmocka_unit_test(heaps_are_one_row),
        cmocka_unit_test(long_first_elements_are_known),
        cmocka_unit_test(intercom_webhooks),
        cmocka_unit_test(intercom_api),
        cmocka_unit_test(intercom_own),
        cmocka_unit_test(freshdesk),
        cmocka_unit_test(app_store),
        cmocka_unit_test(reviews),
        cmocka_unit_test(yelp_zone),
        cmocka_unit_test(typeform),
        cmocka_unit_test(delighted),
        cmocka_unit_test(shopify),
        cmocka_unit_test(shopify_own),
        cmocka_unit_test(woocommerce),
        cmocka_unit_test(stripe),
        cmocka_unit_test(stripe_own),
        cmocka_unit_test(generic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
