#include "json_rows.h"

#include "base/rng.h"
#include "listen/tally.h"

#include <unistd.h>

// Totals of a whole file, however long.
typedef struct {
    int64_t rows, heard, skipped, rejected, events, with_person;
    int64_t count[64], value[64], moods[3]; // by kind; moods -1, 0, 1
    uint64_t sum;                           // of everything that was said, in any order
    uint64_t *keys, *people;
    size_t n_keys, n_people;
    arena a;
} totals;

enum { TOTALS_MAX = 1 << 18 };

static uint64_t digest(arena scratch, const event *ev) {
    buf b = buf_new(&scratch, 8 << 20);
    buf_fmt(&b, "%d|%d|%" PRId64 "|%" PRId64 "|%" PRId64 "|%d|%d|", (int)ev->kind, (int)ev->channel, ev->at_us,
            ev->edited_us, ev->value, ev->has_value, ev->unit);
    for (int i = 0; i < ev->n_ids; i++) buf_fmt(&b, "%d=%.*s|", (int)ev->ids[i].kind, STR_ARG(ev->ids[i].value));
    buf_add(&b, ev->ext);
    buf_addc(&b, '|');
    buf_add(&b, ev->thread);
    buf_addc(&b, '|');
    buf_add(&b, event_body(&scratch, ev));
    return str_hash(buf_str(&b));
}

static bool add_row(void *ctx, const heard *h, err *e) {
    totals *t = ctx;
    (void)e;
    t->rows++;
    t->skipped += h->skipped;
    t->rejected += h->rejected;
    t->heard += h->n > 0;
    assert_int_equal(h->skipped + h->rejected + (h->n > 0), 1);
    if (h->skipped || h->rejected) assert_true(h->reason.len > 0);
    for (int i = 0; i < h->n; i++) {
        const event *ev = &h->events[i];
        t->events++;
        t->count[ev->kind]++;
        t->value[ev->kind] += ev->value;
        t->sum += digest(t->a, ev);
        t->with_person += ev->n_ids > 0;
        if (ev->mood != MOOD_UNKNOWN) t->moods[ev->mood + 1]++;
        if (t->n_keys < TOTALS_MAX) t->keys[t->n_keys++] = str_hash(ev->ext);
        if (ev->n_ids && t->n_people < TOTALS_MAX) t->people[t->n_people++] = str_hash(ev->ids[0].value);
    }
    return true;
}

static int by_number(const void *x, const void *y) {
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return (a > b) - (a < b);
}

static size_t different(uint64_t *all, size_t n) {
    size_t k = 0;
    qsort(all, n, sizeof *all, by_number);
    for (size_t i = 0; i < n; i++)
        if (!i || all[i] != all[k - 1]) all[k++] = all[i];
    return k;
}

static totals total(const char *path, listen_opts opts, heard_as *as) {
    totals t = {.a = arena_open(256 << 20)};
    err e = {0};
    heard_as mine;
    t.keys = make(&t.a, uint64_t, TOTALS_MAX);
    t.people = make(&t.a, uint64_t, TOTALS_MAX);
    sink to = {.row = add_row, .ctx = &t};
    if (!listen_file(&t.a, path, &opts, as ? as : &mine, &to, &e)) fail_msg("%s: %s", path, e.msg);
    assert_int_equal(t.rows, t.heard + t.skipped + t.rejected);
    t.n_keys = different(t.keys, t.n_keys);
    t.n_people = different(t.people, t.n_people);
    return t;
}

static totals real(const char *dir, const char *name, listen_opts opts) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return total(path, opts, NULL);
}

// Published totals (the SOURCE.md beside each file)

static void cdnow_has_its_rows_and_customers(void **state) {
    (void)state;
    test_need_data(dir);
    totals t = real(dir, "clv/cdnow/CDNOW_master.txt", (listen_opts){.currency = S("USD")});
    assert_int_equal(t.rows, 69659);
    assert_int_equal(t.heard, 69659);
    assert_int_equal(t.n_people, 23570);
    assert_int_equal(t.n_keys, 69659);
    totals s = real(dir, "clv/cdnow/CDNOW_sample.txt", (listen_opts){.currency = S("USD")});
    assert_int_equal(s.rows, 6919);
    assert_int_equal(s.n_people, 2357);
    for (size_t i = 0; i < s.n_keys; i++) // the sample says nothing that the whole does not
        assert_non_null(bsearch(&s.keys[i], t.keys, t.n_keys, sizeof *t.keys, by_number));
    arena_close(&t.a);
    arena_close(&s.a);
}

static void online_retail_adds_up(void **state) {
    (void)state;
    test_need_data(dir);
    totals t = real(dir, "clv/online_retail_A/invoices.csv", (listen_opts){.currency = S("GBP")});
    assert_int_equal(t.rows, 10692);
    assert_int_equal(t.heard, 10692);
    assert_int_equal(t.n_people, 2176);
    assert_int_equal(t.n_keys, 10692);
    assert_int_equal(t.value[KIND_order] - t.value[KIND_cancel] - t.value[KIND_refund], 378540068);
    arena_close(&t.a);
}

static void telco_starts_and_ends_contracts(void **state) {
    (void)state;
    test_need_data(dir);
    totals t = real(dir, "clv/telco_A/telco_A.csv",
                    (listen_opts){.currency = S("USD"), .map = S("{\"as_of\":\"2024-06-01\"}")});
    assert_int_equal(t.rows, 5209);
    assert_int_equal(t.heard, 5209);
    assert_int_equal(t.count[KIND_contract_start], 5209);
    assert_int_equal(t.count[KIND_contract_end], 1394);
    assert_int_equal(t.n_people, 5209);
    arena_close(&t.a);
}

static void airline_tweets_keep_their_moods(void **state) {
    (void)state;
    test_need_data(dir);
    totals t = real(dir, "text/airline/Tweets.csv", (listen_opts){0});
    assert_int_equal(t.rows, 14640);
    assert_int_equal(t.count[KIND_comment], 14640);
    assert_int_equal(t.n_keys, 14485);
    assert_int_equal(t.moods[0], 9178);
    assert_int_equal(t.moods[1], 3099);
    assert_int_equal(t.moods[2], 2363);
    assert_int_equal(t.with_person, 0);
    arena_close(&t.a);
}

static void bank_transactions_belong_to_nobody(void **state) {
    (void)state;
    test_need_data(dir);
    static const char *const names[] = {"identity/transactions/transactions_origin.csv",
                                        "identity/transactions/transactions_destination.csv"};
    for (size_t i = 0; i < COUNT(names); i++) {
        totals t = real(dir, names[i], (listen_opts){0});
        assert_int_equal(t.rows, 45326);
        assert_int_equal(t.heard, 45326);
        assert_int_equal(t.n_keys, 45326);
        assert_int_equal(t.with_person, 0);
        arena_close(&t.a);
    }
}

static void people_files_are_contacts(void **state) {
    (void)state;
    test_need_data(dir);
    static const struct {
        const char *name;
        int rows;
    } files[] = {{"identity/fake_1000/fake_1000.csv", 1000},
                 {"identity/febrl/dataset1.csv", 1000},
                 {"identity/febrl/dataset4a.csv", 5000},
                 {"identity/historical_50k/historical_50k.csv", 50578}};
    for (size_t i = 0; i < COUNT(files); i++) {
        totals t = real(dir, files[i].name, (listen_opts){0});
        assert_int_equal(t.rows, files[i].rows);
        assert_int_equal(t.count[KIND_identify], files[i].rows);
        arena_close(&t.a);
    }
}

// Rows, field by field

static heard_rows rows;

static void hear_own(const char *name, listen_opts opts) {
    char file[512];
    snprintf(file, sizeof file, "tests/listen/data/%s", name);
    hear(&rows, file, opts);
}

static void retail_rows_are_read_field_by_field(void **state) {
    (void)state;
    test_need_data(dir);
    char path[4096];
    snprintf(path, sizeof path, "%s/clv/online_retail_A/invoices.csv", dir);
    hear(&rows, path, (listen_opts){.currency = S("GBP"), .limit = 40});
    const event *ev = said(&rows, "order:536367"); // 13047,536367,2010-12-01 08:34:00,12,83,278.73,0,United Kingdom
    assert_int_equal(rows.rows, 40);
    assert_kind(ev, order);
    assert_value(ev, 27873, 826);
    assert_at(&rows, ev->at_us, "2010-12-01T08:34:00Z");
    assert_str(id_of(ev, IDENT_user_id), S("13047"));
    assert_str(ev->country, S("United Kingdom"));
    assert_str(ev->thread, S("order:536367"));
    assert_int_equal(ev->quantity, 83);
    assert_non_null(strstr(str_z(&rows.a, rows.as.mapping), "\"customer\":\"id\""));
    assert_non_null(strstr(str_z(&rows.a, rows.as.notes), "lines"));
    forget(&rows);
}

static void telco_rows_are_placed_by_tenure(void **state) {
    (void)state;
    test_need_data(dir);
    char path[4096];
    snprintf(path, sizeof path, "%s/clv/telco_A/telco_A.csv", dir);
    hear(&rows, path, (listen_opts){.currency = S("USD"), .limit = 5, .map = S("{\"as_of\":\"2024-06-01\"}")});
    const event *ev = said(&rows, "contract:5575-GNVDE:start"); // 34 months, One year, 56.95, stays
    assert_at(&rows, ev->at_us, "2021-08-01T00:00:00Z");
    assert_value(ev, 5695, 840);
    assert_str(ev->segment, S("One year"));
    assert_str(ev->thread, S("contract:5575-GNVDE"));
    assert_true(str_has(ev->extra, S("\"PaymentMethod\":\"Mailed check\"")));
    ev = said(&rows, "contract:3668-QPYBK:end"); // 2 months, then gone
    assert_kind(ev, contract_end);
    assert_at(&rows, ev->at_us, "2024-06-01T00:00:00Z");
    assert_false(ev->has_value);
    forget(&rows);
    hear(&rows, path, (listen_opts){.limit = 5}); // without a day of its own the file reads the same on every day
    assert_at(&rows, said(&rows, "contract:3668-QPYBK:end")->at_us, "2025-01-01T00:00:00Z");
    assert_non_null(strstr(str_z(&rows.a, rows.as.notes), "2025-01-01"));
    forget(&rows);
}

static void german_orders_with_semicolons_and_commas(void **state) {
    (void)state;
    hear_own("bestellungen.csv", (listen_opts){.country = S("DE"), .zone = S("Europe/Berlin")});
    assert_int_equal(rows.rows, 6);
    assert_int_equal(rows.skipped, 1);
    assert_int_equal(rows.rejected, 1);
    const event *ev = said(&rows, "order:B-1");
    assert_value(ev, 123450, 978);
    assert_at(&rows, ev->at_us, "2026-01-02T12:04:00Z");
    assert_str(id_of(ev, IDENT_user_id), S("K-17"));
    assert_int_equal(ev->quantity, 3);
    assert_value(said(&rows, "order:B-2"), 1250, 978);
    assert_value(said(&rows, "cancel:B-2"), 1250, 978);
    assert_value(said(&rows, "refund:B-3"), 2000, 978);
    assert_value(said(&rows, "refund:B-6"), 999, 978);
    assert_str(rows.kept[0].reason, S("it was never paid"));
    assert_str(rows.kept[1].field, S("Bestelldatum"));
    assert_int_equal(rows.kept[1].line, 6);
    forget(&rows);
}

static void spanish_reviews_by_public_authors(void **state) {
    (void)state;
    hear_own("resenas.csv", (listen_opts){0});
    assert_int_equal(rows.rows, 13);
    assert_int_equal(rows.skipped, 1);
    assert_int_equal(rows.rejected, 1);
    assert_kind(&rows.events[0], review);
    assert_value(&rows.events[0], 500, INSTRUMENT_stars5);
    assert_str(rows.events[0].text, S("Muy buen café, volveré a comprar"));
    assert_str(id_of(&rows.events[0], IDENT_author), S("Ana"));
    assert_int_equal(rows.events[0].channel, CHANNEL_reviews);
    assert_kind(&rows.events[2], comment); // words without a score
    assert_value(&rows.events[4], 450, INSTRUMENT_stars5);
    assert_str(rows.kept[0].field, S("puntuación"));
    forget(&rows);
}

static void lines_of_an_order_are_counted_apart(void **state) {
    (void)state;
    hear_own("lines.csv", (listen_opts){.currency = S("GBP")});
    assert_int_equal(rows.n, 5);
    assert_value(&rows.events[0], 1530, 826); // 6 x 2.55
    for (int i = 0; i < 3; i++) assert_str(rows.events[i].thread, S("order:536365"));
    assert_true(str_ends(rows.events[1].ext, S("#1")) &&
                str_ends(rows.events[2].ext, S("#2"))); // two equal lines stay two
    assert_kind(&rows.events[3], refund);
    assert_value(&rows.events[3], 2750, 826);
    assert_int_equal(rows.events[3].quantity, 1);
    assert_at(&rows, rows.events[4].at_us, "2010-12-13T08:45:00Z");
    forget(&rows);
}

static void subscriptions_with_dates(void **state) {
    (void)state;
    hear_own("subscriptions.csv", (listen_opts){0});
    assert_int_equal(rows.n, 5); // the year 9999 is no end
    const event *ev = said(&rows, "contract:C2@2025-02-01:end");
    assert_at(&rows, ev->at_us, "2025-08-31T00:00:00Z");
    assert_value(said(&rows, "contract:C1@2025-09-15:start"), 5900, 978);
    forget(&rows);
}

static void files_without_a_header_are_guessed_by_content(void **state) {
    (void)state;
    hear_own("no-header.csv", (listen_opts){0});
    assert_int_equal(rows.n, 3);
    assert_value(&rows.events[0], 1999, 978);
    assert_str(id_of(&rows.events[0], IDENT_user_id), S("C1"));
    assert_str(id_of(&rows.events[0], IDENT_email), S("first@example.com"));
    forget(&rows);
}

static void titles_and_separator_lines_stand_above_the_header(void **state) {
    (void)state;
    hear_own("sep-line.csv", (listen_opts){0});
    assert_int_equal(rows.n, 1);
    forget(&rows);
    hear_own("title-lines.csv", (listen_opts){0});
    assert_int_equal(rows.n, 2);
    assert_value(&rows.events[1], 101000, 978);
    assert_at(&rows, rows.events[1].at_us, "2026-01-13T00:00:00Z");
    forget(&rows);
}

// What was decided can be told, and told otherwise

static void hear_text(const char *text, listen_opts opts) {
    char path[] = "/tmp/heed-generic-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    hear(&rows, path, opts);
    unlink(path);
}

static void a_mapping_given_by_hand_wins(void **state) {
    (void)state;
    const char *text = "a,b,c,d\nC1,2026-01-02,7,3\nC2,2026-01-03,9,1\n";
    hear_text(text,
              (listen_opts){.map = S("{\"customer\":\"a\",\"date\":\"b\",\"score\":\"c\",\"instrument\":\"ces7\"}")});
    assert_int_equal(rows.n, 1);
    assert_kind(&rows.events[0], answer);
    assert_value(&rows.events[0], 700, INSTRUMENT_ces7);
    assert_int_equal(rows.rejected, 1); // 9 is off the scale
    forget(&rows);
    hear_text(text, (listen_opts){
                        .map = S("{\"customer\":\"1\",\"date\":\"b\",\"amount\":\"column 4\",\"kind\":\"payment\"}")});
    assert_int_equal(rows.n, 2);
    assert_kind(&rows.events[0], payment);
    assert_value(&rows.events[0], 300, 978);
    forget(&rows);
}

static void the_day_comes_first_when_the_column_shows_it(void **state) {
    (void)state;
    const char *unclear = "customer_id,date,amount\nC1,02/03/2026,1\nC2,04/05/2026,2\n";
    hear_text("customer_id,date,amount\nC1,02/03/2026,1\nC2,14/03/2026,2\n", (listen_opts){0});
    assert_at(&rows, rows.events[0].at_us, "2026-03-02T00:00:00Z");
    forget(&rows);
    hear_text(unclear, (listen_opts){0});
    assert_at(&rows, rows.events[0].at_us, "2026-02-03T00:00:00Z");
    assert_non_null(strstr(str_z(&rows.a, rows.as.notes), "month first"));
    forget(&rows);
    hear_text(unclear, (listen_opts){.day_first = 1});
    assert_at(&rows, rows.events[0].at_us, "2026-03-02T00:00:00Z");
    forget(&rows);
}

static void decimals_are_read_as_the_column_writes_them(void **state) {
    (void)state;
    hear_text(
        "customer_id,date,amount\nC1,2026-01-02,10.5\nC2,2026-01-03,1.234\nC3,2026-01-04,12.345\nC4,2026-01-05,0.005\n",
        (listen_opts){0});
    static const int64_t want[] = {1050, 123, 1234, 0};
    for (int i = 0; i < 4; i++) assert_int_equal(rows.events[i].value, want[i]);
    forget(&rows);
    hear_text("customer_id,date,amount\nC1,2026-01-02,\"10,5\"\nC2,2026-01-03,1.234\n", (listen_opts){0});
    assert_int_equal(rows.events[1].value, 123400);
    forget(&rows);
    hear_text(
        "customer_id,date,amount,currency\nC1,2026-01-02,500,jpy\nC2,2026-01-03,1.2345,KWD\nC3,2026-01-03,1,XXY\n",
        (listen_opts){0});
    assert_value(&rows.events[0], 500, 392);
    assert_value(&rows.events[1], 1234, 414);
    assert_str(rows.kept[0].field, S("currency"));
    forget(&rows);
}

static void ragged_and_damaged_rows_go_to_quarantine(void **state) {
    (void)state;
    hear_text("customer_id,date,amount\nC1,2026-01-02,1\nC2,2026-01-03\nC3,2026-01-04,3,extra\nC4,2026-01-05,4,,\n,,\n"
              "C5,2026-01-06,\"5\nC6,2026-01-07,6\n",
              (listen_opts){0});
    assert_int_equal(rows.n, 3); // C1, C4 (empty cells more say nothing), and C6
    assert_int_equal(rows.skipped, 1);
    assert_int_equal(rows.rejected, 3);
    assert_str(rows.kept[0].field, S("amount"));
    assert_str(rows.kept[1].field, S("row"));
    assert_str(rows.kept[2].reason, S("a blank line"));
    forget(&rows);
}

static void an_order_that_comes_twice_counts_once(void **state) {
    (void)state;
    hear_text("order_id,customer_id,date,amount\nA1,C1,2026-01-02,1.00\nA2,C1,2026-01-03,2.00\nA1,C1,2026-01-02,1.00\n"
              "A3,C1,2026-01-03,2.00\nA4,C1,2026-01-03,2.00\nA5,C1,2026-01-03,2.00\nA6,C1,2026-01-03,2.00\n"
              "A7,C1,2026-01-03,2.00\nA8,C1,2026-01-03,2.00\nA9,C1,2026-01-03,2.00\nB1,C1,2026-01-03,2.00\n"
              "B2,C1,2026-01-03,2.00\nB3,C1,2026-01-03,2.00\nB4,C1,2026-01-03,2.00\nB5,C1,2026-01-03,2.00\n"
              "B6,C1,2026-01-03,2.00\nB7,C1,2026-01-03,2.00\nB8,C1,2026-01-03,2.00\nB9,C1,2026-01-03,2.00\n"
              "D1,C1,2026-01-03,2.00\nD2,C1,2026-01-03,2.00\nD3,C1,2026-01-03,2.00\nD4,C1,2026-01-03,2.00\n"
              "A2,C1,2026-01-03,7.00\nD5,C1,2026-01-03,2.00\nD6,C1,2026-01-03,2.00\nD7,C1,2026-01-03,2.00\n"
              "E1,C1,2026-01-03,2.00\nE2,C1,2026-01-03,2.00\nE3,C1,2026-01-03,2.00\nE4,C1,2026-01-03,2.00\n"
              "E5,C1,2026-01-03,2.00\nE6,C1,2026-01-03,2.00\nE7,C1,2026-01-03,2.00\nE8,C1,2026-01-03,2.00\n"
              "F1,C1,2026-01-03,2.00\nF2,C1,2026-01-03,2.00\nF3,C1,2026-01-03,2.00\nF4,C1,2026-01-03,2.00\n"
              "F5,C1,2026-01-03,2.00\nF6,C1,2026-01-03,2.00\n",
              (listen_opts){0});
    assert_int_equal(rows.rows, 41);
    assert_int_equal(rows.skipped, 1); // A1 again, word for word
    (void)said(&rows, "order:A1");
    (void)said(&rows, "order:A2"); // and its second line under a key of its own
    forget(&rows);
}

// Every file reads the same twice, and by the mapping it was told to have; every row can be read again by itself.

static const char *const own_files[] = {
    "bestellungen.csv",
    "resenas.csv",
    "lines.csv",
    "subscriptions.csv",
    "no-header.csv",
    "sep-line.csv",
    "title-lines.csv",
    "shopify-orders.csv",
    "woocommerce-code.csv",
    "woocommerce-words.csv",
    "woocommerce-analytics.csv",
    "zendesk-tickets.csv",
    "limesurvey.csv",
    "hubspot-contacts.csv",
};
static const char *const real_files[] = {
    "clv/cdnow/CDNOW_sample.txt",
    "clv/online_retail_A/invoices.csv",
    "clv/telco_A/telco_A.csv",
    "text/airline/Tweets.csv",
    "identity/fake_1000/fake_1000.csv",
    "channels/survey/google-forms/responses-en.csv",
    "channels/survey/surveymonkey/export-two-header-rows.csv",
    "channels/stripe/csv/unified_payments.csv",
    "channels/reviews/google-play/reviews_com.example.shop_202601.csv",
    "channels/crm/salesforce/Contact.csv",
};

static void each_file(void (*check)(const char *path)) {
    char path[4096];
    for (size_t i = 0; i < COUNT(own_files); i++) {
        snprintf(path, sizeof path, "tests/listen/data/%s", own_files[i]);
        check(path);
    }
    for (size_t i = 0; test_data() && i < COUNT(real_files); i++) {
        snprintf(path, sizeof path, "%s/%s", test_data(), real_files[i]);
        check(path);
    }
}

static void check_twice(const char *path) {
    heard_as as;
    totals once = total(path, (listen_opts){0}, &as), twice = total(path, (listen_opts){0}, NULL);
    totals told = total(path, (listen_opts){.map = as.mapping, .adapter = as.adapter}, NULL);
    if (once.sum != twice.sum) fail_msg("%s reads otherwise the second time", path);
    if (once.sum != told.sum) fail_msg("%s reads otherwise by its own mapping %.*s", path, STR_ARG(as.mapping));
    arena_close(&once.a);
    arena_close(&twice.a);
    arena_close(&told.a);
}

static void files_read_the_same_twice_and_by_their_mapping(void **state) {
    (void)state;
    each_file(check_twice);
}

typedef struct {
    arena a;
    heard_as as;
    str raw[100], header[100];
    uint64_t sum[100];
    bool rejected[100];
    int n, i;
} again;

static uint64_t sum_of(arena scratch, const heard *h) {
    uint64_t sum = 0;
    for (int i = 0; i < h->n; i++) sum += digest(scratch, &h->events[i]);
    return sum;
}

static bool remember_row(void *ctx, const heard *h, err *e) {
    again *g = ctx;
    (void)e;
    bool second = h->n && (str_ends(h->events[0].ext, S("#2")) || str_ends(h->events[0].ext, S("#3")));
    if (g->n == (int)COUNT(g->raw) || h->skipped || second) return true;
    g->raw[g->n] = str_dup(&g->a, h->raw);
    g->header[g->n] = str_dup(&g->a, h->header);
    g->rejected[g->n] = h->rejected;
    g->sum[g->n++] = sum_of(g->a, h);
    return true;
}

static bool compare_row(void *ctx, const heard *h, err *e) {
    again *g = ctx;
    (void)e;
    if (h->rejected != g->rejected[g->i])
        fail_msg("read again, it is %.*s: %.*s", STR_ARG(h->field), STR_ARG(h->reason));
    if (sum_of(g->a, h) != g->sum[g->i]) fail_msg("read again, \"%.*s\" says something else", STR_ARG(g->raw[g->i]));
    return true;
}

static void check_rows_again(const char *path) {
    again g = {.a = arena_open(256 << 20)};
    err e = {0};
    assert_ok(listen_file(&g.a, path, &(listen_opts){0}, &g.as, &(sink){.row = remember_row, .ctx = &g}, &e), e);
    assert_true(g.n > 0);
    for (g.i = 0; g.i < g.n; g.i++) {
        sink to = {.row = compare_row, .ctx = &g};
        if (!listen_again(&g.a, g.as.adapter, g.header[g.i], g.raw[g.i], &(listen_opts){0}, &to, &e))
            fail_msg("%s: %s", path, e.msg);
    }
    arena_close(&g.a);
}

static void every_row_can_be_read_again_by_itself(void **state) {
    (void)state;
    each_file(check_rows_again);
}

// The tally against a plain count

static void the_tally_counts_as_a_plain_count_does(void **state) {
    (void)state;
    enum { VALUES = 3000 };
    arena a = arena_open(1 << 20);
    tally *t = tally_open(&a);
    rng r = rng_seed(7);
    static uint32_t counts[VALUES];
    static uint64_t first[VALUES];
    memset(counts, 0, sizeof counts);
    memset(first, 0, sizeof first);
    for (int i = 0; i < 100000; i++) {
        uint64_t v = rng_u64(&r) % VALUES, hash = v ? v * UINT64_C(0x9E3779B97F4A7C15) : 0,
                 content = 1 + rng_u64(&r) % 3;
        assert_int_equal(tally_count(t, hash), ++counts[v]);
        enum tally_was was = tally_first(t, hash, content);
        assert_int_equal(was, !first[v] ? TALLY_NEW : first[v] == content ? TALLY_SAME : TALLY_OTHER);
        if (!first[v]) first[v] = content;
    }
    assert_int_equal(tally_size(t), VALUES);
    tally_close(t);
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cdnow_has_its_rows_and_customers),
        cmocka_unit_test(online_retail_adds_up),
        cmocka_unit_test(telco_starts_and_ends_contracts),
        cmocka_unit_test(airline_tweets_keep_their_moods),
        cmocka_unit_test(bank_transactions_belong_to_nobody),
        cmocka_unit_test(people_files_are_contacts),
        cmocka_unit_test(retail_rows_are_read_field_by_field),
        cmocka_unit_test(telco_rows_are_placed_by_tenure),
        cmocka_unit_test(german_orders_with_semicolons_and_commas),
        cmocka_unit_test(spanish_reviews_by_public_authors),
        cmocka_unit_test(lines_of_an_order_are_counted_apart),
        cmocka_unit_test(subscriptions_with_dates),
        cmocka_unit_test(files_without_a_header_are_guessed_by_content),
        cmocka_unit_test(titles_and_separator_lines_stand_above_the_header),
        cmocka_unit_test(a_mapping_given_by_hand_wins),
        cmocka_unit_test(the_day_comes_first_when_the_column_shows_it),
        cmocka_unit_test(decimals_are_read_as_the_column_writes_them),
        cmocka_unit_test(ragged_and_damaged_rows_go_to_quarantine),
        cmocka_unit_test(an_order_that_comes_twice_counts_once),
        cmocka_unit_test(files_read_the_same_twice_and_by_their_mapping),
        cmocka_unit_test(every_row_can_be_read_again_by_itself),
        cmocka_unit_test(the_tally_counts_as_a_plain_count_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
