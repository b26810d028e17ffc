#include "json_rows.h"

#include "listen/adapter.h"

// What every real file is taken for; refused = nothing here reads it, and the message says so.
static const struct {
    const char *path, *adapter;
} files[] = {
    {"clv/cdnow/CDNOW_master.txt", "transactions"},
    {"clv/cdnow/CDNOW_sample.txt", "transactions"},
    {"clv/online_retail_A/invoices.csv", "generic-csv"},
    {"clv/telco_A/telco_A.csv", "generic-csv"},
    {"clv/apparel/apparel_tx.csv", "generic-csv"},
    {"text/airline/Tweets.csv", "generic-csv"},
    {"identity/transactions/transactions_origin.csv", "generic-csv"},
    {"identity/transactions/transactions_destination.csv", "generic-csv"},
    {"identity/fake_1000/fake_1000.csv", "generic-csv"},
    {"identity/febrl/dataset1.csv", "generic-csv"},
    {"identity/historical_50k/historical_50k.csv", "generic-csv"},
    {"channels/shopify/csv/customers_export.csv", "shopify-customers"},
    {"channels/stripe/csv/unified_payments.csv", "stripe-payments"},
    {"channels/survey/google-forms/responses-en.csv", "google-forms"},
    {"channels/survey/surveymonkey/export-two-header-rows.csv", "surveymonkey"},
    {"channels/crm/hubspot/companies.csv", "hubspot-companies"},
    {"channels/crm/salesforce/Contact.csv", "salesforce-contacts"},
    {"channels/crm/salesforce/Contact-dataloader.csv", "salesforce-contacts"},
    {"channels/reviews/google-play/reviews_com.example.shop_201308.csv", "google-play"},
    {"channels/reviews/google-play/reviews_com.example.shop_202601.csv", "google-play"},
    {"channels/zendesk/incremental/tickets-cursor.json", "zendesk-json"},
    {"channels/employees/hr/employees.csv", NULL},
    {"text/banking77/test.csv", NULL},
    {"text/nab_tweets/Twitter_volume_AAPL.csv", NULL},
    {"text/langid/langid.tsv", NULL},
    {"clv/survival/rossi.csv", NULL},
    {"clv/sbg/fader_hardie_retention.csv", NULL},
    {"clv/donations/donations.csv", NULL},
    {"identity/abt_buy/abt.csv", NULL},
    {"identity/dblp_acm/ACM.csv", NULL},
};

static str read_head(arena *a, const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f) fail_msg("%s is not there", path);
    char *p = make(a, char, GLANCE_BYTES);
    size_t n = fread(p, 1, GLANCE_BYTES, f);
    fclose(f);
    return (str){p, n};
}

static void every_file_is_taken_for_what_it_is(void **state) {
    (void)state;
    test_need_data(dir);
    arena a = arena_open(16 << 20);
    for (size_t i = 0; i < COUNT(files); i++) {
        char path[4096];
        err e = {0};
        heard_as as = {0};
        snprintf(path, sizeof path, "%s/%s", dir, files[i].path);
        bool ok = listen_recognise(&a, read_head(&a, path), &(listen_opts){0}, &as, &e);
        if (ok != (files[i].adapter != NULL))
            fail_msg("%s: %s %s", path, ok ? "taken for" : "refused:", ok ? as.adapter.s : e.msg);
        if (ok && !str_eq(as.adapter, str_c(files[i].adapter)))
            fail_msg("%s: taken for %.*s, is %s", path, STR_ARG(as.adapter), files[i].adapter);
        if (!ok) assert_non_null(strstr(e.msg, "--column"));
        arena_reset(&a);
    }
    arena_close(&a);
}

static glance look(arena *a, str bytes, bool whole) {
    glance g;
    err e = {0};
    assert_ok(glance_look(a, bytes, whole, &g, &e), e);
    return g;
}

static void the_separator_and_the_header_are_found(void **state) {
    (void)state;
    static const struct {
        const char *text;
        char sep;
        int preamble, n;
        const char *last; // last header cell
    } rows[] = {
        {"a,b,c\n1,2,3\n", ',', 0, 3, "c"},
        {"a;b;c\n1,5;2;3\n", ';', 0, 3, "c"},
        {"a\tb\n1\t2\n", '\t', 0, 2, "b"},
        {"sep=|\na|b\n1|2\n", '|', 1, 2, "b"},
        {"\xEF\xBB\xBF"
         "a,b\r\n1,2\r\n",
         ',', 0, 2, "b"},
        {" 00001 19970101  1   11.77\n 00002 19970112  1   12.00\n", ' ', 0, 4, "11.77"},
        {"Sales of January\n\na;b;c\n1;2;3\n", ';', 1, 3, "c"},
        {"a , b\n1,2\n", ',', 0, 2, "b"},
    };
    arena a = arena_open(64 << 20);
    for (size_t i = 0; i < COUNT(rows); i++) {
        glance g = look(&a, str_c(rows[i].text), true);
        if (g.sep != rows[i].sep) fail_msg("row %zu: separator '%c'", i, g.sep);
        if (g.preamble != rows[i].preamble) fail_msg("row %zu: %d rows before the header", i, g.preamble);
        assert_int_equal(g.n_header, rows[i].n);
        assert_str(g.header[g.n_header - 1], str_c(rows[i].last));
        glance_close(&g);
    }
    arena_close(&a);
}

static void a_row_that_the_first_look_cuts_is_left_out(void **state) {
    (void)state;
    arena a = arena_open(64 << 20);
    glance g = look(&a, S("a,b\n1,2\n3,4\n5,"), false);
    assert_int_equal(g.n_rows, 2);
    assert_str(glance_cell(&g, 1, 1), S("4"));
    g = look(&a, S("a,b\n1,2\n3,4\n5,"), true);
    assert_int_equal(g.n_rows, 3);
    arena_close(&a);
}

static void other_encodings_read_the_same(void **state) {
    (void)state;
    static const char wide[] = "\xFF\xFE"
                               "N\0a\0m\0e\0,\0O\0r\0t\0\n\0J\0\xFC\0r\0g\0,\0K\0\xF6\0l\0n\0\n\0";
    static const char latin[] = "Name,Ort\nJ\xFCrg,K\xF6ln\n";
    arena a = arena_open(64 << 20);
    glance g = look(&a, (str){wide, sizeof wide - 1}, true);
    assert_str(glance_cell(&g, 0, 1), S("Köln"));
    g = look(&a, S(latin), true);
    assert_str(glance_cell(&g, 0, 0), S("Jürg"));
    arena_close(&a);
}

static void files_that_are_no_text_say_what_to_do(void **state) {
    (void)state;
    static const struct {
        str bytes;
        const char *says;
    } rows[] = {
        {S("PK\x03\x04xxxx"), "save the sheet as CSV"},
        {S("%PDF-1.7 xxx"), "export the data"},
        {S(""), "empty"},
        {S("  \n \n"), "empty"},
        {S("a,b\n1,2\n\0\0\0\0,3\n4,5\n"), "not text"},
    };
    arena a = arena_open(64 << 20);
    for (size_t i = 0; i < COUNT(rows); i++) {
        glance g;
        err e = {0};
        assert_false(glance_look(&a, rows[i].bytes, true, &g, &e));
        if (!strstr(e.msg, rows[i].says)) fail_msg("row %zu: %s", i, e.msg);
        assert_int_equal(e.code, ERR_invalid);
    }
    arena_close(&a);
}

static void an_adapter_can_be_forced_but_not_against_the_format(void **state) {
    (void)state;
    arena a = arena_open(16 << 20);
    heard_as as;
    err e = {0};
    assert_ok(listen_recognise(&a, S("a,b\n1,2\n"), &(listen_opts){.adapter = S("Google-Forms")}, &as, &e), e);
    assert_str(as.adapter, S("google-forms"));
    assert_false(listen_recognise(&a, S("a,b\n1,2\n"), &(listen_opts){.adapter = S("zendesk-json")}, &as, &e));
    assert_int_equal(e.code, ERR_invalid);
    err_clear(&e);
    assert_false(listen_recognise(&a, S("a,b\n1,2\n"), &(listen_opts){.adapter = S("nonsense")}, &as, &e));
    assert_int_equal(e.code, ERR_usage);
    arena_close(&a);
}

static void bad_options_are_refused_by_name(void **state) {
    (void)state;
    static const struct {
        listen_opts opts;
        const char *says;
    } rows[] = {
        {{.zone = S("Europe/Atlantis")}, "Atlantis"},
        {{.currency = S("XXY")}, "XXY"},
        {{.map = S("[1]")}, "mapping"},
        {{.map = S("{\"date\":\"nope\"}")}, "nope"},
        {{.map = S("{\"dote\":\"date\"}")}, "dote"},
        {{.map = S("{\"as_of\":\"soon\"}")}, "soon"},
        {{.map = S("{\"kind\":\"bargain\"}")}, "bargain"},
    };
    arena a = arena_open(16 << 20);
    for (size_t i = 0; i < COUNT(rows); i++) {
        heard_as as;
        err e = {0};
        assert_false(listen_recognise(&a, S("customer_id,date,amount\nC1,2026-01-02,5.00\n"), &rows[i].opts, &as, &e));
        if (!strstr(e.msg, rows[i].says)) fail_msg("row %zu: %s", i, e.msg);
    }
    arena_close(&a);
}

static void the_list_of_formats_has_no_doubles(void **state) {
    (void)state;
    size_t n = 0;
    const adapter_info *all = listen_adapters(&n);
    assert_true(n >= 25);
    assert_null(all[n].name);
    for (size_t i = 0; i < n; i++) {
        assert_true(all[i].name && *all[i].name && all[i].label && *all[i].label && all[i].source && *all[i].source);
        for (size_t k = 0; k < i; k++) assert_string_not_equal(all[i].name, all[k].name);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_is_taken_for_what_it_is),
        cmocka_unit_test(the_separator_and_the_header_are_found),
        cmocka_unit_test(a_row_that_the_first_look_cuts_is_left_out),
        cmocka_unit_test(other_encodings_read_the_same),
        cmocka_unit_test(files_that_are_no_text_say_what_to_do),
        cmocka_unit_test(an_adapter_can_be_forced_but_not_against_the_format),
        cmocka_unit_test(bad_options_are_refused_by_name),
        cmocka_unit_test(the_list_of_formats_has_no_doubles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
