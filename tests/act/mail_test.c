// Messages as they go over the wire: nothing that a caller hands in adds a field, a line or a part, and a reader that
// we did not write finds in them what was put in.
#include <unistd.h>

#include "act/mail.h"

#include "base/json.h"
#include "base/rng.h"

#include "test.h"

static arena life;

static int open_life(void **state) {
    (void)state;
    life = arena_open((size_t)1 << 30);
    return 0;
}
static int close_life(void **state) {
    (void)state;
    arena_close(&life);
    return 0;
}

static mail plain(void) {
    return (mail){.from_address = S("ada@example.org"),
                  .from_name = S("Ada"),
                  .to_address = S("bob@example.com"),
                  .to_name = S("Bob"),
                  .subject = S("Hello"),
                  .text = S("Words.\n"),
                  .lang = S("en"),
                  .message_id = S("out.abcdefghijklmnop@example.org"),
                  .date_us = INT64_C(1795000000000000)};
}

static str compose(const mail *m) {
    err e = {0};
    str out;
    assert_ok(mail_compose(&life, m, &out, &e), e);
    return out;
}

// ---- shape ----

// Fields of the head in order, by a reader as simple as can be; fails on whatever no mail may have.
static size_t fields_of(str m, str *names, size_t most) {
    size_t n = 0, line = 0;
    bool head = true;
    for (size_t i = 0; i < m.len; i++) {
        bool cr = m.s[i] == '\r', lf = m.s[i] == '\n';
        if (cr && (i + 1 == m.len || m.s[i + 1] != '\n')) fail_msg("a bare CR at %zu", i);
        if (lf && (!i || m.s[i - 1] != '\r')) fail_msg("a bare LF at %zu", i);
        if (!m.s[i]) fail_msg("a zero at %zu", i);
        if (!lf) continue;
        str one = str_sub(m, line, i - 1 - line);
        if (one.len > 998) fail_msg("a line of %zu bytes", one.len);
        if (!one.len) head = false;
        if (head && one.s[0] != ' ' && one.s[0] != '\t') {
            if (n == most) fail_msg("too many fields");
            names[n++] = str_sub(one, 0, (size_t)str_find(one, ':'));
        } else if (head && !str_trim(one).len) {
            fail_msg("a folded line without anything");
        }
        line = i + 1;
    }
    return n;
}

static const char *const always[] = {"From",         "To",          "Subject", "Date", "Message-ID", "Content-Language",
                                     "MIME-Version", "Content-Type"};

static void check_fields(str m, const char *const *want, size_t n_want) {
    str names[64];
    size_t n = fields_of(m, names, 64);
    if (n != n_want) fail_msg("%zu fields instead of %zu:\n%.*s", n, n_want, (int)MIN(m.len, 800), m.s);
    for (size_t i = 0; i < n; i++) assert_str(names[i], str_c(want[i]));
}

static str dice_text(rng *r, size_t most) {
    static const char *const pieces[] = {"a",
                                         "Z",
                                         " ",
                                         "\r\n",
                                         "\n",
                                         "\r",
                                         "\r\nBcc: evil@example.net\r\n",
                                         "\r\n\r\n",
                                         ":",
                                         "=?UTF-8?B?QQ==?=",
                                         "ü",
                                         "日本",
                                         "\xF0\x9F\x8C\xB0",
                                         "\"",
                                         "\\",
                                         "<x@y>",
                                         ",",
                                         ";",
                                         "\t",
                                         "\x01",
                                         "\x7F",
                                         "\xFF",
                                         "\xE2\x80\xA8",
                                         "--=_abcdefghijklmnop",
                                         ".",
                                         "From ",
                                         "=",
                                         "\xC2\x85",
                                         "long-word-long-word-long-word-long-word-long-word"};
    buf b = buf_new(&life, 4 * most + 400);
    for (int64_t n = rng_range(r, 0, (int64_t)most / 4); n > 0; n--)
        buf_add(&b, str_c(pieces[rng_range(r, 0, COUNT(pieces) - 1)]));
    return buf_str(&b);
}

static void no_input_adds_a_field_or_breaks_a_line(void **state) {
    (void)state;
    rng r = rng_seed(5322);
    for (int round = 0; round < 4000; round++) {
        arena before = life;
        mail m = plain();
        m.from_name = dice_text(&r, 200), m.to_name = dice_text(&r, 200), m.subject = dice_text(&r, 400),
        m.text = dice_text(&r, 2000);
        m.lang = S("de"), m.postal = dice_text(&r, 100);
        check_fields(compose(&m), always, COUNT(always));
        life = before;
    }
}

static void every_field_that_is_asked_for_is_there(void **state) {
    (void)state;
    static const char *const all[] = {"From",
                                      "To",
                                      "Reply-To",
                                      "Subject",
                                      "Date",
                                      "Message-ID",
                                      "In-Reply-To",
                                      "References",
                                      "Auto-Submitted",
                                      "Feedback-ID",
                                      "List-Unsubscribe",
                                      "List-Unsubscribe-Post",
                                      "Content-Language",
                                      "MIME-Version",
                                      "Content-Type"};
    mail m = plain();
    m.reply_to = S("desk@example.org"), m.in_reply_to = S("x@y"), m.automatic = true, m.feedback_id = S("a:b:c");
    m.list_unsubscribe =
        S("<https://heed.example.org/u/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA>");
    m.list_unsubscribe_post = S("List-Unsubscribe=One-Click"), m.unsubscribe_url = S("https://heed.example.org/u/A");
    str out = compose(&m);
    check_fields(out, all, COUNT(all));
    assert_true(
        str_has(out, str_fmt(&life, "\r\nList-Unsubscribe: %.*s\r\n", STR_ARG(m.list_unsubscribe)))); // on one line
    assert_true(str_has(out, S("\r\nDate: Wed, 18 Nov 2026 11:06:40 +0000\r\n")));
    assert_str(compose(&m), out); // the same row gives the same bytes
}

static void the_date_is_in_the_senders_zone(void **state) {
    (void)state;
    err e = {0};
    zone *z;
    mail m = plain();
    assert_ok(zone_open(&life, S("America/St_Johns"), &z, &e), e);
    m.z = z;
    assert_true(str_has(compose(&m), S("\r\nDate: Wed, 18 Nov 2026 07:36:40 -0330\r\n")));
}

// ---- another reader ----

// The newer parser of addresses puts a blank between encoded words, against RFC 2047, 6.2; the older one does not.
static const char reader[] =
    "import sys, json, email, email.policy, email.utils\n"
    "from email.header import decode_header, make_header\n"
    "person = lambda x: str(make_header(decode_header(email.utils.parseaddr(x)[0])))\n"
    "out = []\n"
    "for i in range(int(sys.argv[2])):\n"
    "    data = open('%s/%d.eml' % (sys.argv[1], i), 'rb').read()\n"
    "    m, old = email.message_from_bytes(data, policy=email.policy.default), email.message_from_bytes(data)\n"
    "    parts = list(m.iter_parts())\n"
    "    out.append({'subject': m['Subject'], 'to': person(old['To']), 'from': person(old['From']),\n"
    "                'addr': str(m['To'].addresses[0].addr_spec), 'types': [p.get_content_type() for p in parts],\n"
    "                'text': parts[0].get_content().replace('\\r\\n', '\\n'), 'defects': [str(d) for d in "
    "m.defects]})\n"
    "json.dump(out, open(sys.argv[1] + '/out.json', 'w'))\n";

static void write_file(const char *path, str x) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fwrite(x.s, 1, x.len, f);
    fclose(f);
}

static str read_file(const char *path) {
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *p = make(&life, char, 1 << 22);
    size_t n = fread(p, 1, 1 << 22, f);
    fclose(f);
    return (str){p, n};
}

static const char *const names[] = {"Bob",
                                    "Käthe Müller, Rösterei",
                                    "O\"Neil \\ Söhne",
                                    "日本語の名前がとても長いときにどうなるか日本語の名前",
                                    "a.b (c) <d>",
                                    "=?x?"};
static const char *const subjects[] = {
    "Hello",
    "Grüße zum Geburtstag — mit einer sehr langen Zeile, die gefaltet werden muss, weil sie länger ist als eine",
    "An English subject that is long enough to be folded somewhere around its seventy-eighth byte, as it should be",
    "🌰🌰🌰 Kastanien 🌰🌰🌰🌰🌰🌰🌰🌰🌰🌰🌰🌰🌰🌰🌰🌰🌰🌰",
    "=?UTF-8?B?QQ==?= is no encoding",
    "x: y"};
static const char *const texts[] = {"One line.\n", "ü\n\n.\n..\nFrom here\n",
                                    "trailing blank \nand =3D and a long line that goes on and on and on and on and on "
                                    "and on and on and on and on and on\n"};

static void another_reader_finds_what_was_put_in(void **state) {
    (void)state;
    if (system("/usr/bin/python3 -c 'import email.policy' 2>/dev/null")) {
        print_message("skipped: no Python to read mails with\n");
        skip();
    }
    err e = {0};
    char dir[] = "/tmp/heed-mail.XXXXXX", path[200], command[300];
    assert_non_null(mkdtemp(dir));
    int n = 0;
    for (size_t a = 0; a < COUNT(names); a++)
        for (size_t b = 0; b < COUNT(subjects); b++, n++) {
            mail m = plain();
            m.to_name = str_c(names[a]), m.from_name = str_c(names[b % COUNT(names)]), m.subject = str_c(subjects[b]),
            m.text = str_c(texts[n % (int)COUNT(texts)]);
            snprintf(path, sizeof path, "%s/%d.eml", dir, n);
            write_file(path, compose(&m));
        }
    snprintf(path, sizeof path, "%s/r.py", dir);
    write_file(path, str_c(reader));
    snprintf(command, sizeof command, "/usr/bin/python3 %s/r.py %s %d", dir, dir, n);
    assert_int_equal(system(command), 0);
    json_t *doc;
    snprintf(path, sizeof path, "%s/out.json", dir);
    assert_ok(json_read(read_file(path), &doc, &e), e);
    for (int i = 0; i < n; i++) {
        const json_t *x = json_array_get(doc, (size_t)i);
        assert_str(json_at(x, "to"), str_c(names[i / (int)COUNT(subjects)]));
        assert_str(json_at(x, "from"), str_c(names[i % (int)COUNT(subjects) % (int)COUNT(names)]));
        assert_str(json_at(x, "subject"), str_c(subjects[i % (int)COUNT(subjects)]));
        assert_str(json_at(x, "addr"), S("bob@example.com"));
        assert_str(json_at(x, "text"), str_c(texts[i % (int)COUNT(texts)]));
        assert_str(json_at(x, "types.0"), S("text/plain"));
        assert_str(json_at(x, "types.1"), S("text/html"));
        assert_int_equal(json_array_size(json_object_get(x, "defects")), 0);
    }
    json_decref(doc);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    assert_int_equal(system(command), 0);
}

// ---- addresses and HTML ----

static void addresses_are_what_can_be_sent_to(void **state) {
    (void)state;
    static const struct {
        const char *raw, *want; // NULL: none
    } cases[] = {{"Ada@Example.ORG", "Ada@example.org"},
                 {" a@b.de ", "a@b.de"},
                 {"käthe@müller.de", "käthe@xn--mller-kva.de"},
                 {"a+b@c.org", "a+b@c.org"},
                 {"a", NULL},
                 {"a@", NULL},
                 {"@b.de", NULL},
                 {"a b@c.de", NULL},
                 {"a@b", NULL},
                 {"a..b@c.de", NULL},
                 {".a@c.de", NULL},
                 {"a@b.de\r\nRCPT TO:<x@y.de>", NULL},
                 {"<a@b.de>", NULL},
                 {"a@b.de,c@d.de", NULL},
                 {"\"a b\"@c.de", NULL},
                 {"a\x01@c.de", NULL}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        err e = {0};
        str out;
        bool ok = mail_address(&life, str_c(cases[i].raw), &out, &e);
        if (ok != (cases[i].want != NULL)) fail_msg("\"%s\" is judged otherwise: %s", cases[i].raw, e.msg);
        if (ok) assert_str(out, str_c(cases[i].want));
    }
}

static void tokens_come_back_from_where_they_were_put(void **state) {
    (void)state;
    str token = S("abcdefghijklmn27");
    assert_str(mail_return_path(&life, S("bounce@example.org"), token), S("bounce+abcdefghijklmn27@example.org"));
    assert_str(mail_token_of(mail_return_path(&life, S("bounce@example.org"), token)), token);
    assert_str(mail_token_of_id(mail_message_id(&life, token, S("ada@example.org"))), token);
    assert_str(mail_token_of_id(S("<out.abcdefghijklmn27@example.org>")), token);
    assert_str(mail_token_of_id(S("<out.ABC@example.org>")), S(""));
    assert_str(mail_token_of(S("bounce@example.org")), S(""));
}

static void words_become_html_that_runs_and_fetches_nothing(void **state) {
    (void)state;
    err e = {0};
    rng r = rng_seed(2049);
    for (int i = 0; i < 500; i++) {
        arena before = life;
        mail m = plain();
        m.text = str_cat(&life, dice_text(&r, 400),
                         S("\n<script src=https://x.example>alert(1)</script> <img src=x onerror=y> "
                           "https://e.example/\"onclick=z javascript:x"));
        m.subject = S("</title><script>"), m.postal = S("<b>"), m.unsubscribe_url = S("https://heed.example/u/x");
        str html = mail_html(&life, &m);
        if (str_has(html, S("<script")) || str_has(html, S("<img")) || str_has(html, S("<b>")))
            fail_msg("%.*s", STR_ARG(html));
        life = before;
    }
    assert_ok(mail_html_check(S("<p style=\"color:red\">Hello <a href=\"https://example.org\">there</a></p>"), &e), e);
    static const char *const bad[] = {"<script>",
                                      "<IMG src=x>",
                                      "<p onclick=\"x\">",
                                      "<style>@import 'x'</style>",
                                      "<a href=\"javascript:x\">",
                                      "<div style=\"background:url(x)\">"};
    for (size_t i = 0; i < COUNT(bad); i++, err_clear(&e)) assert_false(mail_html_check(str_c(bad[i]), &e));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_input_adds_a_field_or_breaks_a_line),
                                       cmocka_unit_test(every_field_that_is_asked_for_is_there),
                                       cmocka_unit_test(the_date_is_in_the_senders_zone),
                                       cmocka_unit_test(another_reader_finds_what_was_put_in),
                                       cmocka_unit_test(addresses_are_what_can_be_sent_to),
                                       cmocka_unit_test(tokens_come_back_from_where_they_were_put),
                                       cmocka_unit_test(words_become_html_that_runs_and_fetches_nothing)};
    return cmocka_run_group_tests(tests, open_life, close_life);
}
