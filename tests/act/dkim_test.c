// Signatures, against the vectors of RFC 6376 and RFC 8463, against a message that Gmail signed, and against another
// program (dkimpy) where it is installed.
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <sodium.h>

#include "act/dkim.h"

#include "base/rng.h"

#include "test.h"

// RFC 8463, appendix A.
#define JOE                                                                                                            \
    "From: Joe SixPack <joe@football.example.com>\r\n"                                                                 \
    "To: Suzie Q <suzie@shopping.example.net>\r\n"                                                                     \
    "Subject: Is dinner ready?\r\n"                                                                                    \
    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"                                                                  \
    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"                                                 \
    "\r\n"                                                                                                             \
    "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n\r\n"
#define ED_SEED "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
#define RSA_KEY                                                                                                        \
    "-----BEGIN RSA PRIVATE KEY-----\n"                                                                                \
    "MIICXQIBAAKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi\n"                                               \
    "Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqM\n"                                               \
    "KrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB\n"                                               \
    "AoGAH0cxOhFZDgzXWhDhnAJDw5s4roOXN4OhjiXa8W7Y3rhX3FJqmJSPuC8N9vQm\n"                                               \
    "6SVbaLAE4SG5mLMueHlh4KXffEpuLEiNp9Ss3O4YfLiQpbRqE7Tm5SxKjvvQoZZe\n"                                               \
    "zHorimOaChRL2it47iuWxzxSiRMv4c+j70GiWdxXnxe4UoECQQDzJB/0U58W7RZy\n"                                               \
    "6enGVj2kWF732CoWFZWzi1FicudrBFoy63QwcowpoCazKtvZGMNlPWnC7x/6o8Gc\n"                                               \
    "uSe0ga2xAkEA8C7PipPm1/1fTRQvj1o/dDmZp243044ZNyxjg+/OPN0oWCbXIGxy\n"                                               \
    "WvmZbXriOWoSALJTjExEgraHEgnXssuk7QJBALl5ICsYMu6hMxO73gnfNayNgPxd\n"                                               \
    "WFV6Z7ULnKyV7HSVYF0hgYOHjeYe9gaMtiJYoo0zGN+L3AAtNP9huqkWlzECQE1a\n"                                               \
    "licIeVlo1e+qJ6Mgqr0Q7Aa7falZ448ccbSFYEPD6oFxiOl9Y9se9iYHZKKfIcst\n"                                               \
    "o7DUw1/hz2Ck4N5JrgUCQQCyKveNvjzkkd8HjYs0SwM0fPjK16//5qDZ2UiDGnOe\n"                                               \
    "uEzxBDAr518Z8VFbR41in3W4Y3yCDgQlLlcETrS+zYcL\n"                                                                   \
    "-----END RSA PRIVATE KEY-----\n"
#define ED_FIELD                                                                                                       \
    "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"                                                    \
    " d=football.example.com; i=@football.example.com;\r\n"                                                            \
    " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"                                                          \
    " subject : date : message-id : from : subject : date;\r\n"                                                        \
    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"                                                            \
    " b="
#define RSA_FIELD                                                                                                      \
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"                                                        \
    " d=football.example.com; i=@football.example.com;\r\n"                                                            \
    " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"                                                    \
    " date : message-id : from : subject : date;\r\n"                                                                  \
    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"                                                            \
    " b="

static const dkim_key both[] = {{S("football.example.com"), S("brisbane"), true, S(ED_SEED)},
                                {S("football.example.com"), S("test"), false, S(RSA_KEY)}};

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

static dkim *keys(size_t from, size_t n) {
    err e = {0};
    dkim *d = NULL;
    assert_ok(dkim_open(&life, both + from, n, &d, &e), e);
    return d;
}

static void canonical_forms_are_those_of_the_rfc(void **state) {
    (void)state;
    assert_str(dkim_relaxed_field(&life, S("A: X")), S("a:X\r\n")); // RFC 6376, 3.4.5
    assert_str(dkim_relaxed_field(&life, S("B : Y\t\r\n\tZ  ")), S("b:Y Z\r\n"));
    assert_str(dkim_relaxed_body(&life, S(" C \r\nD \t E\r\n\r\n\r\n")), S(" C\r\nD E\r\n"));
    assert_str(dkim_relaxed_body(&life, S("")), S("")); // 3.4.4: nothing stays nothing
    assert_str(dkim_relaxed_body(&life, S("\r\n\r\n")), S(""));
    assert_str(dkim_relaxed_body(&life, S("a")), S("a\r\n"));
    assert_str(dkim_relaxed_field(&life, S("Subject:")), S("subject:\r\n"));
}

static void signatures_are_those_of_rfc_8463(void **state) {
    (void)state;
    static const str names[] = {S("from"),       S("to"),   S("subject"), S("date"),
                                S("message-id"), S("from"), S("subject"), S("date")};
    static const str want[] = {
        S("/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw=="),
        S("F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3DhCVlUrSjV4BwcVcOF6+"
          "FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk"
          "2JzdA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=")};
    static const str fields[] = {S(ED_FIELD), S(RSA_FIELD)};
    dkim *d = keys(0, 2);
    for (size_t i = 0; i < 2; i++) {
        err e = {0};
        str got;
        str text = dkim_signed_text(&life, S(JOE), names, COUNT(names), fields[i]);
        assert_ok(dkim_signature(&life, d, i, text, &got, &e), e);
        assert_str(got, want[i]);
    }
    dkim_close(d);
}

static void records_are_those_of_rfc_8463(void **state) {
    (void)state;
    err e = {0};
    str got;
    assert_ok(dkim_record(&life, &both[0], &got, &e), e);
    assert_str(got, S("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="));
    assert_ok(dkim_record(&life, &both[1], &got, &e), e);
    assert_str(got,
               S("v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bd"
                 "OKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLz"
                 "BfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB"));
}

static void our_own_field_says_what_was_signed(void **state) {
    (void)state;
    err e = {0};
    str got;
    dkim *d = keys(0, 2);
    assert_ok(dkim_sign(&life, d, S(JOE), INT64_C(1528637909000000), &got, &e), e);
    dkim_close(d);
    assert_true(str_has(got, S("bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;")));
    assert_true(str_has(got, S("a=ed25519-sha256;")) && str_has(got, S("a=rsa-sha256;")));
    assert_true(str_has(got, S("h=from:from:to:to:cc:reply-to:subject:subject:date:date:message-id:")));
    for (str rest = got, line; rest.len;) {
        line = str_cut(&rest, '\n');
        if (line.len > 100) fail_msg("a line of %zu bytes", line.len);
    }
}

static str slurp(const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f) fail_msg("cannot read %s", path);
    char *p = make(&life, char, 1 << 20);
    size_t n = fread(p, 1, 1 << 20, f);
    fclose(f);
    return (str){p, n};
}

static str crlf(str x) {
    buf b = buf_new(&life, 2 * x.len + 16);
    for (size_t i = 0; i < x.len; i++) {
        if (x.s[i] == '\n' && (!i || x.s[i - 1] != '\r')) buf_addc(&b, '\r');
        buf_addc(&b, x.s[i]);
    }
    return buf_str(&b);
}

// The value of a tag of a signature, without white space.
static str tag(str field, const char *name) {
    for (str rest = field; rest.s;) {
        str value = str_cut(&rest, ';'), key = str_cut(&value, '=');
        if (!str_eq(str_trim(key), str_c(name)) || !value.s) continue;
        buf b = buf_new(&life, value.len + 1);
        for (size_t i = 0; i < value.len; i++)
            if (!strchr(" \t\r\n", value.s[i])) buf_addc(&b, value.s[i]);
        return buf_str(&b);
    }
    return S("");
}

static size_t decode(str base64, unsigned char *out, size_t room) {
    size_t n = 0;
    if (sodium_base642bin(out, room, base64.s, base64.len, " \r\n\t", &n, NULL, sodium_base64_VARIANT_ORIGINAL))
        fail_msg("not base64: %.*s", STR_ARG(base64));
    return n;
}

static void what_gmail_signed_holds(void **state) {
    (void)state;
    test_need_data(dir);
    char path[4200];
    snprintf(path, sizeof path, "%s/channels/email/dkim/gmail.msg", dir);
    str message = crlf(slurp(path));
    snprintf(path, sizeof path, "%s/channels/email/dkim/gmail.pub", dir);
    str record = slurp(path);
    const char *at = memmem(message.s, message.len, "DKIM-Signature:", 15);
    assert_non_null(at);
    str field = {at, message.len - (size_t)(at - message.s)};
    size_t n = 0;
    while (n + 2 < field.len && !(field.s[n] == '\r' && field.s[n + 2] != ' ' && field.s[n + 2] != '\t')) n++;
    field.len = n;
    assert_str(tag(str_sub(field, 15, field.len), "a"), S("rsa-sha256"));
    assert_str(tag(field, "c"), S("relaxed/relaxed"));

    const char *end = memmem(message.s, message.len, "\r\n\r\n", 4);
    assert_non_null(end);
    end += 4;
    str body = dkim_relaxed_body(&life, (str){end, (size_t)(message.s + message.len - end)});
    unsigned char hash[32], want[64];
    crypto_hash_sha256(hash, (const unsigned char *)body.s, body.len);
    assert_int_equal(decode(tag(field, "bh"), want, sizeof want), 32);
    assert_memory_equal(hash, want, 32);

    str names[32];
    size_t n_names = 0;
    for (str rest = tag(field, "h"); rest.s && n_names < 32;) names[n_names++] = str_cut(&rest, ':');
    ptrdiff_t b = -1;
    for (size_t i = 2; i + 2 < field.len; i++)
        if (!memcmp(field.s + i, "b=", 2) && strchr("; \t\n", field.s[i - 1])) b = (ptrdiff_t)i;
    str own = str_sub(field, 0, (size_t)b + 2); // b= stands at the end
    str text = dkim_signed_text(&life, message, names, n_names, own);

    unsigned char sig[1024], der[2048];
    size_t n_sig = decode(tag(field, "b"), sig, sizeof sig);
    str begin = str_sub(record, 26, record.len); // after its first line
    const char *last = memmem(begin.s, begin.len, "-----END", 8);
    assert_non_null(last);
    str p = {begin.s, (size_t)(last - begin.s)};
    const unsigned char *q = der;
    EVP_PKEY *key = NULL;
    size_t n_der = decode(p, der, sizeof der);
    key = d2i_PUBKEY(NULL, &q, (long)n_der);
    assert_non_null(key);
    EVP_MD_CTX *m = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestVerifyInit(m, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestVerify(m, sig, n_sig, (const unsigned char *)text.s, text.len), 1);
    EVP_MD_CTX_free(m);
    EVP_PKEY_free(key);
}

#define PYTHON "/usr/bin/python3"
static const char verify[] = "import sys, dkim\n"
                             "txt = {}\n"
                             "for l in open(sys.argv[1] + '.dns', encoding='ascii'):\n"
                             "    k, v = l.rstrip('\\n').split('\\t')\n"
                             "    txt[k] = v.encode()\n"
                             "find = lambda name, timeout=5: txt.get(name.decode().rstrip('.'))\n"
                             "m = open(sys.argv[1], 'rb').read()\n"
                             "d = dkim.DKIM(m)\n"
                             "ok = all(d.verify(idx=i, dnsfunc=find) for i in range(int(sys.argv[2])))\n"
                             "sys.exit(0 if ok else 1)\n";

static void write_file(const char *path, str x) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fwrite(x.s, 1, x.len, f);
    fclose(f);
}

// Messages of any shape, keys that we made.
static void another_program_finds_them_good(void **state) {
    (void)state;
    if (system(PYTHON " -c 'import dkim, nacl' 2>/dev/null")) {
        print_message("skipped: no dkimpy (Debian's python3-dkim and python3-nacl) to check signatures with\n");
        skip();
    }
    err e = {0};
    char dir[] = "/tmp/heed-dkim.XXXXXX", command[400], path[100];
    assert_non_null(mkdtemp(dir));
    dkim_key made[2] = {{.domain = S("example.org"), .selector = S("r2026")},
                        {.domain = S("example.org"), .selector = S("e2026"), .ed25519 = true}};
    str records[2];
    buf dns = buf_new(&life, 1 << 16);
    for (int i = 0; i < 2; i++) {
        assert_ok(dkim_make(&life, world_real(), made[i].ed25519, &made[i].secret, &records[i], &e), e);
        buf_fmt(&dns, "%.*s._domainkey.example.org\t%.*s\n", STR_ARG(made[i].selector), STR_ARG(records[i]));
    }
    dkim *d;
    assert_ok(dkim_open(&life, made, 2, &d, &e), e);
    snprintf(path, sizeof path, "%s/verify.py", dir);
    write_file(path, str_c(verify));
    rng r = rng_seed(6376);
    for (int round = 0; round < 12; round++) {
        buf m = buf_new(&life, 1 << 20);
        buf_add(&m,
                S("From: Ada <ada@example.org>\r\nTo: x@example.com,\r\n\ty@example.com\r\nSubject:  two  words \r\n"));
        if (round & 1)
            buf_add(&m, S("List-Unsubscribe: <https://heed.example/u/abc>\r\nList-Unsubscribe-Post: "
                          "List-Unsubscribe=One-Click\r\n"));
        if (round & 2) buf_add(&m, S("Reply-To: ada@example.org\r\nReferences: <a@b>\r\n <c@d>\r\n"));
        buf_add(&m, S("Date: Sun, 22 Nov 2026 03:00:00 +0000\r\nMIME-Version: 1.0\r\n\r\n"));
        for (int64_t n = rng_range(&r, 0, 40); n > 0; n--) {
            for (int64_t k = rng_range(&r, 0, 20); k > 0; k--) buf_addc(&m, " \tab. ="[rng_range(&r, 0, 6)]);
            buf_add(&m, S("\r\n"));
        }
        str fields;
        assert_ok(dkim_sign(&life, d, buf_str(&m), INT64_C(1795000000000000), &fields, &e), e);
        for (int bad = 0; bad < 2; bad++) {
            str whole = str_cat(&life, fields, buf_str(&m));
            if (bad) whole = str_cat(&life, whole, S("x\r\n"));
            snprintf(path, sizeof path, "%s/m", dir);
            write_file(path, whole);
            snprintf(path, sizeof path, "%s/m.dns", dir);
            write_file(path, buf_str(&dns));
            snprintf(command, sizeof command, PYTHON " %s/verify.py %s/m 2 2>/dev/null", dir, dir);
            if ((system(command) == 0) != !bad) fail_msg("round %d, changed %d: judged otherwise", round, bad);
        }
    }
    dkim_close(d);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    assert_int_equal(system(command), 0);
}

static void keys_that_are_none_are_refused(void **state) {
    (void)state;
    err e = {0};
    dkim *d = NULL;
    const dkim_key bad[] = {{S("a"), S("s"), true, S("short")}, {S("a"), S("s"), false, S("-----BEGIN")}};
    for (int i = 0; i < 2; i++, err_clear(&e)) {
        assert_false(dkim_open(&life, &bad[i], 1, &d, &e));
        assert_int_equal(e.code, ERR_invalid);
    }
}

static void a_long_record_is_cut_for_zone_files(void **state) {
    (void)state;
    char long_one[600];
    memset(long_one, 'k', sizeof long_one);
    str line = dkim_zone_line(&life, S("example.org"), S("s1"), (str){long_one, sizeof long_one});
    assert_true(str_starts(line, S("s1._domainkey.example.org. IN TXT ( \"")));
    int quotes = 0;
    for (size_t i = 0; i < line.len; i++) quotes += line.s[i] == '"';
    assert_int_equal(quotes, 6);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(canonical_forms_are_those_of_the_rfc),
                                       cmocka_unit_test(signatures_are_those_of_rfc_8463),
                                       cmocka_unit_test(records_are_those_of_rfc_8463),
                                       cmocka_unit_test(our_own_field_says_what_was_signed),
                                       cmocka_unit_test(what_gmail_signed_holds),
                                       cmocka_unit_test(another_program_finds_them_good),
                                       cmocka_unit_test(keys_that_are_none_are_refused),
                                       cmocka_unit_test(a_long_record_is_cut_for_zone_files)};
    return cmocka_run_group_tests(tests, open_life, close_life);
}
