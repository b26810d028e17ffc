// Canonical forms of identifiers, and the values that identify nobody (F46).
#include "test.h"

#include "base/rng.h"
#include "ledger/ident.h"

static int set_up(void **state) {
    static arena a;
    a = arena_open(64 << 20);
    *state = &a;
    return 0;
}

static int tear_down(void **state) {
    arena_close(*state);
    return 0;
}

// want NULL: refused.
static const struct {
    enum ident_kind kind;
    const char *in, *country, *want;
} rows[] = {
    {IDENT_email, "ada@example.org", "", "ada@example.org"},
    {IDENT_email, "  Ada.Lovelace@Example.ORG\t", "", "ada.lovelace@example.org"},
    {IDENT_email, "mailto:Ada@example.org", "", "ada@example.org"},
    {IDENT_email, "'ada@example.org", "", "ada@example.org"},
    {IDENT_email, "ada+shop@example.org", "", "ada+shop@example.org"},
    {IDENT_email, "ada@M\xc3\xbcller.de", "", "ada@xn--mller-kva.de"},
    {IDENT_email, "ada@m\xc3\x9cLLER.de", "", "ada@xn--mller-kva.de"},
    {IDENT_email, "ada@xn--mller-kva.de", "", "ada@xn--mller-kva.de"},
    {IDENT_email, "a@b@example.org", "", "a@b@example.org"},
    {IDENT_email, "ada", "", NULL},
    {IDENT_email, "ada@", "", NULL},
    {IDENT_email, "@example.org", "", NULL},
    {IDENT_email, "ada@localhost", "", NULL},
    {IDENT_email, "ada@.org", "", NULL},
    {IDENT_email, "ada@example.", "", NULL},
    {IDENT_email, "ada@ex ample.org", "", NULL},
    {IDENT_email, "a@b.org, c@d.org", "", NULL},
    {IDENT_email, "a@b.org;c@d.org", "", NULL},
    {IDENT_email, "Ada <ada@example.org>", "", NULL},
    {IDENT_email, "test@example.org", "", NULL},
    {IDENT_email, "TEST@test.com", "", NULL},
    {IDENT_email, "testa@example.org", "", "testa@example.org"},
    {IDENT_email, "null@null.com", "", NULL},
    {IDENT_email, "none@example.org", "", NULL},
    {IDENT_email, "anonymous@example.org", "", NULL},
    {IDENT_email, "noreply@example.org", "", NULL},
    {IDENT_email, "No-Reply@example.org", "", NULL},
    {IDENT_email, "mailer-daemon@example.org", "", NULL},
    {IDENT_email, "null", "", NULL},
    {IDENT_email_unverified, "Ada@Example.org", "", "ada@example.org"},
    {IDENT_email_unverified, "noreply@example.org", "", NULL},
    {IDENT_phone, "0151 55501234", "DE", "+4915155501234"}, // numbers set aside for examples: see phone_test
    {IDENT_phone, "+49 (0)151 55501234", "", "+4915155501234"},
    {IDENT_phone, "'+4915155501234", "", "+4915155501234"},
    {IDENT_phone, "020 7946 0018", "GB", "+442079460018"},
    {IDENT_phone, "020 7946 0018", "", NULL},
    {IDENT_phone, "12", "DE", NULL},
    {IDENT_phone, "call me", "DE", NULL},
    {IDENT_phone, "0000000000", "DE", NULL},
    {IDENT_phone, "000-000-0000", "US", NULL},
    {IDENT_user_id, "  4711 ", "", "4711"},
    {IDENT_user_id, "'0042", "", "0042"},
    {IDENT_user_id, "' 0042", "", "0042"},
    {IDENT_user_id, "''0042", "", "0042"},
    {IDENT_user_id,
     "\xc2\xa0"
     "4711\xc2\xa0",
     "", "4711"},
    {IDENT_user_id, "Ab-C", "", "Ab-C"}, // the source's own number is not ours to fold
    {IDENT_user_id, "0", "", NULL},
    {IDENT_user_id, "000", "", NULL},
    {IDENT_user_id, "0000-0000-0000", "", NULL},
    {IDENT_user_id, "00000000-0000-0000-0000-000000000000", "", NULL},
    {IDENT_user_id, "-", "", NULL},
    {IDENT_user_id, "-1", "", NULL},
    {IDENT_user_id, "", "", NULL},
    {IDENT_user_id, "   ", "", NULL},
    {IDENT_user_id, "'", "", NULL},
    {IDENT_user_id, "null", "", NULL},
    {IDENT_user_id, "NULL", "", NULL},
    {IDENT_user_id, "'null", "", NULL},
    {IDENT_user_id, "None", "", NULL},
    {IDENT_user_id, "nil", "", NULL},
    {IDENT_user_id, "undefined", "", NULL},
    {IDENT_user_id, "unknown", "", NULL},
    {IDENT_user_id, "Anonymous", "", NULL},
    {IDENT_user_id, "void", "", NULL},
    {IDENT_user_id, "N/A", "", NULL},
    {IDENT_user_id, "NaN", "", NULL},
    {IDENT_user_id, "guest", "", NULL},
    {IDENT_user_id, "test", "", NULL},
    {IDENT_user_id, "[object Object]", "", NULL},
    {IDENT_user_id, "nullable", "", "nullable"},
    {IDENT_user_id, "voided-7", "", "voided-7"},
    {IDENT_user_id, "100", "", "100"},
    {IDENT_user_id, "0x0", "", "0x0"},
    {IDENT_user_id, "-2", "", "-2"},
    {IDENT_user_id,
     "cus\x01"
     "7",
     "", NULL},
    {IDENT_stripe_id, "cus_9s6XKzkNRiz8i3", "", "cus_9s6XKzkNRiz8i3"},
    {IDENT_author, " J\xc3\xbcrgen ", "", "J\xc3\xbcrgen"},
    {IDENT_author, "J\xfcrgen", "", NULL}, // not UTF-8
};

static void forms_are_canonical(void **state) {
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *why = NULL;
        str got = ident_canonical(*state, rows[i].kind, str_c(rows[i].in), str_c(rows[i].country), &why);
        if (!str_eq(got, str_c(rows[i].want)))
            fail_msg("%d \"%s\": got \"%.*s\", want \"%s\"", rows[i].kind, rows[i].in, STR_ARG(got),
                     rows[i].want ? rows[i].want : "");
        if (!rows[i].want && (!why || !*why)) fail_msg("\"%s\" is refused without a reason", rows[i].in);
        assert_int_equal(ident_canonical(*state, rows[i].kind, str_c(rows[i].in), str_c(rows[i].country), NULL).len,
                         got.len);
    }
}

// The pattern that Segment Unify recommends to block, ^[0-]*$, on every such text of up to eight characters.
static void zeros_and_dashes_name_nobody(void **state) {
    for (int n = 0; n <= 8; n++)
        for (int bits = 0; bits < 1 << n; bits++) {
            char x[8];
            for (int i = 0; i < n; i++) x[i] = bits >> i & 1 ? '0' : '-';
            for (int k = 1; k <= 18; k++)
                assert_int_equal(ident_canonical(*state, (enum ident_kind)k, (str){x, (size_t)n}, S("DE"), NULL).len,
                                 0);
        }
}

static void too_long_is_refused(void **state) {
    char x[600];
    memset(x, 'x', sizeof x);
    assert_int_equal(ident_canonical(*state, IDENT_user_id, (str){x, 512}, S(""), NULL).len, 512);
    assert_int_equal(ident_canonical(*state, IDENT_user_id, (str){x, 513}, S(""), NULL).len, 0);
    memcpy(x + 240, "@example.org", 12);
    assert_int_equal(ident_canonical(*state, IDENT_email, (str){x, 252}, S(""), NULL).len, 252);
    memcpy(x + 250, "@example.org", 12);
    assert_int_equal(ident_canonical(*state, IDENT_email, (str){x, 262}, S(""), NULL).len, 0);
}

// Text as it comes, with a liking for what has a meaning here.
static str any_text(arena *a, rng *r) {
    static const char *const parts[] = {
        "'",        "mailto:",  "@",       ".",    "example",     "org",  "0",
        "-",        "1",        "+49",     "0151", " ",           "null", "test",
        "\xc3\xbc", "\xc3\x9c", "A",       "z",    "\xc2\xa0",    "\xff", "\xe2\x82\xac",
        "xn--",     "5550",     "1234",    "(",    ")",           "/",    "\t",
        "\x01",     "MAILTO:",  "noreply", "x",    "\xef\xbc\xa1"};
    buf b = buf_new(a, 4096);
    for (int n = (int)rng_range(r, 0, 8); n >= 0; n--)
        if (rng_chance(r, 0.9))
            buf_add(&b, str_c(parts[rng_range(r, 0, COUNT(parts) - 1)]));
        else
            buf_addc(&b, (char)rng_range(r, 0, 255));
    return buf_str(&b);
}

static void canonical_is_the_end_of_it(void **state) {
    rng r = rng_seed(5);
    int kept = 0;
    (void)state;
    arena life = arena_open(64 << 20);
    for (int i = 0; i < 400000; i++) {
        arena a = life;
        enum ident_kind k = (enum ident_kind)(i % 6 ? rng_range(&r, 1, 18) : IDENT_email);
        if (k == IDENT_phone && i % 16) continue; // a hundred times dearer
        str country = rng_chance(&r, 0.5) ? S("DE") : S("");
        str raw = any_text(&a, &r), once = ident_canonical(&a, k, raw, country, NULL);
        if (!once.len) continue;
        kept++;
        str twice = ident_canonical(&a, k, once, rng_chance(&r, 0.5) ? country : S("US"), NULL);
        if (!str_eq(once, twice))
            fail_msg("%d \"%.*s\" becomes \"%.*s\", that becomes \"%.*s\"", k, STR_ARG(raw), STR_ARG(once),
                     STR_ARG(twice));
        assert_true(str_utf8_ok(once));
        for (size_t j = 0; j < once.len; j++) assert_true((unsigned char)once.s[j] >= ' ');
    }
    assert_true(kept > 5000);
    arena_close(&life);
}

static void an_event_takes_each_once(void **state) {
    arena *a = *state;
    event ev = {0};
    assert_true(event_add_ident(a, &ev, IDENT_email, S(" Ada@Example.org"), S("")));
    assert_false(event_add_ident(a, &ev, IDENT_email, S("ada@example.org"), S("")));
    assert_false(event_add_ident(a, &ev, IDENT_email, S("null"), S("")));
    assert_true(event_add_ident(a, &ev, IDENT_email_unverified, S("ada@example.org"), S("")));
    assert_int_equal(ev.n_ids, 2);
    assert_str(ev.ids[0].value, S("ada@example.org"));
    for (int i = 0; i < 20; i++) event_add_ident(a, &ev, IDENT_user_id, str_fmt(a, "u%d", i), S(""));
    assert_int_equal(ev.n_ids, EVENT_IDENTS);
}

static void hashes_tell_kinds_apart(void **state) {
    (void)state;
    for (int k = 1; k < 18; k++)
        assert_true(ident_hash((enum ident_kind)k, S("7")) != ident_hash((enum ident_kind)(k + 1), S("7")));
    assert_true(ident_hash(IDENT_email, S("a@b.org")) == ident_hash(IDENT_email, S("a@b.org")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_canonical),      cmocka_unit_test(zeros_and_dashes_name_nobody),
        cmocka_unit_test(too_long_is_refused),      cmocka_unit_test(canonical_is_the_end_of_it),
        cmocka_unit_test(an_event_takes_each_once), cmocka_unit_test(hashes_tell_kinds_apart),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
