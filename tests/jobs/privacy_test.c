// Requests about personal data, worked off by the runner: found by any identity in any format, erased whole, blocked,
// told, retained for a time only; signatures that others can verify.
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <unistd.h>

#include "know/rig.h"

#include "jobs/privacy.h"
#include "jobs/runner.h"
#include "know/consent.h"
#include "sql/know.h"
#include "sql/know_privacy.h"
#include "sql/ledger.h"

typedef struct {
    fixture *f;
    writer *w;
    world world;
    int64_t now;
    arena a;
} desk_rig;

static void d_open(desk_rig *d, void **state) {
    void *f = NULL;
    err e = {0};
    assert_int_equal(fixture_open(&f, lasting_place(state)), 0);
    *d = (desk_rig){.f = f, .now = INT64_C(1767225600000000), .a = arena_open(64 << 20)};
    d->world = world_fixed(&d->now);
    store_close(d->f->s);
    assert_ok(writer_open(&d->w, (writer_opts){.where = d->f->where, .w = &d->world}, &e), e);
}

static void d_close(desk_rig *d) {
    err e = {0};
    void *f = d->f;
    writer_close(d->w);
    assert_ok(store_open(&d->f->s, str_c(d->f->where), (store_opts){0}, &e), e);
    arena_close(&d->a);
    fixture_close(&f);
}

typedef struct {
    event *evs;
    size_t n;
    tally t;
} load;

static bool put_events(void *ctx, desk *d, err *e) {
    load *x = ctx;
    int64_t source, import;
    int32_t rows[16];
    for (size_t i = 0; i < x->n; i++) rows[i] = (int32_t)i;
    intake in = {.events = x->evs, .row_of = rows, .n = x->n, .rows = (int64_t)x->n};
    ledger *l = know_ledger(d->k);
    return ledger_source(l, S("shop"), S("test"), CHANNEL_shop, false, &source, e) &&
           ledger_import_begin(l, source, S("t"), S("{}"), &import, e) && ledger_write(l, import, &in, &x->t, e) &&
           ledger_import_end(l, import, e);
}

static tally give(desk_rig *d, event *evs, size_t n) {
    err e = {0};
    load x = {evs, n, {0}};
    assert_ok(writer_alone(d->w, put_events, &x, &e), e);
    return x.t;
}

typedef struct {
    new_privacy_request n;
    int64_t id;
} asked;

static bool ask_piece(void *ctx, desk *d, err *e) {
    asked *x = ctx;
    return privacy_make(d->s, d->w, &x->n, &x->id, e);
}

// Notes a request and lets a runner work it off.
static privacy_request ask(desk_rig *d, const char *kind, const char *subjects) {
    err e = {0};
    runner *r;
    store *s;
    privacy_request out = {0};
    asked x = {{.kind = str_c(kind),
                .regulation = S("gdpr"),
                .origin = S("person"),
                .ext = S(""),
                .by = S("system"),
                .subjects = str_c(subjects)},
               0};
    assert_ok(writer_do(d->w, ask_piece, &x, &e), e);
    assert_ok(runner_open(&r, (runner_opts){.w = d->w, .where = d->f->where, .world = &d->world}, &e), e);
    assert_ok(store_open(&s, str_c(d->f->where), (store_opts){.read_only = true}, &e), e);
    await(privacy_get(&d->a, s, x.id, &out, &e) && out.state == PRIVACY_DONE);
    store_close(s);
    runner_close(r);
    return out;
}

static int64_t reads(desk_rig *d, enum query q) {
    err e = {0};
    store *s;
    int64_t n = 0;
    assert_ok(store_open(&s, str_c(d->f->where), (store_opts){.read_only = true}, &e), e);
    assert_ok(store_int(s, q, &n, 0, &e, ""), e);
    store_close(s);
    return n;
}

static int64_t result_of(const privacy_request *r, const char *name) {
    err e = {0};
    json_t *v = NULL;
    assert_ok(json_read(r->result, &v, &e), e);
    int64_t n = json_integer_value(json_object_get(v, name));
    json_decref(v);
    return n;
}

static void an_erasure_is_worked_off_and_proved(void **state) {
    desk_rig d;
    d_open(&d, state);
    event evs[] = {order("o1", 20000, 500, "7", "a@x.org"), order("o2", 20010, 700, "8", "b@x.org")};
    give(&d, evs, 2);
    privacy_request r = ask(&d, "erasure", "[{\"type\":\"email\",\"value\":\"A@x.org\"}]");
    assert_int_equal(result_of(&r, "customers"), 1);
    assert_int_equal(result_of(&r, "identifiers"), 2);
    assert_false(str_has_ci(r.subjects, S("a@x.org"))); // the request itself does not tell who it was
    assert_int_equal(reads(&d, Q_summary_count), 1);
    assert_int_equal(give(&d, evs, 2).added, 0);
    d_close(&d);
}

static void a_hash_is_as_good_as_a_name(void **state) {
    desk_rig d;
    d_open(&d, state);
    event evs[] = {order("o1", 20000, 500, "7", "a@x.org"), order("o2", 20010, 700, "8", "b@x.org")};
    give(&d, evs, 2);
    // printf 'b@x.org' | sha256sum
    privacy_request r = ask(&d, "erasure",
                            "[{\"type\":\"email\",\"format\":\"sha256\",\"value\":"
                            "\"1d2da3c794ec0b0c4e2017b9ff3ea4ddacb88793fd3f89bd78b537141f29a715\"}]");
    assert_int_equal(result_of(&r, "customers"), 1);
    assert_int_equal(reads(&d, Q_summary_count), 1);
    r = ask(&d, "access", "[{\"type\":\"user_id\",\"value\":\"7\"}]");
    assert_int_equal(result_of(&r, "events"), 1);
    d_close(&d);
}

static bool finds(desk_rig *d, const char *subjects, size_t *n, err *e) {
    store *s;
    int64_t *customers;
    assert_ok(store_open(&s, str_c(d->f->where), (store_opts){.read_only = true}, e), *e);
    bool ok = privacy_customers(&d->a, s, str_c(subjects), S("DE"), &customers, n, e);
    store_close(s);
    return ok;
}

static void what_a_crowd_shares_is_nobody(void **state) {
    enum { CROWD = 30, BATCH = 15 };
    desk_rig d;
    event evs[BATCH];
    size_t n = 0;
    d_open(&d, state);
    for (int i = 0; i < CROWD; i++) {
        evs[i % BATCH] = order(str_z(&d.a, str_fmt(&d.a, "o%d", i)), 20000, 500, str_z(&d.a, str_fmt(&d.a, "%d", i)),
                               "office@x.org");
        if (i % BATCH == BATCH - 1) give(&d, evs, BATCH);
    }
    static const char *const crowd[] = {"[{\"type\":\"email\",\"value\":\"office@x.org\"}]",
                                        // printf 'office@x.org' | sha256sum
                                        "[{\"type\":\"email\",\"format\":\"sha256\",\"value\":"
                                        "\"7c034e148ee1d7bbed730d276d81d55ff0a8b759df662066ff1b417af56e8385\"}]"};
    for (size_t i = 0; i < COUNT(crowd); i++) {
        err e = {0};
        assert_false(finds(&d, crowd[i], &n, &e));
        assert_int_equal(e.code, ERR_invalid);
        assert_non_null(strstr(e.msg, "shared by many"));
    }
    err e = {0};
    assert_ok(finds(&d, "[{\"type\":\"user_id\",\"value\":\"7\"}]", &n, &e), e);
    assert_int_equal(n, 1);
    d_close(&d);
}

static void who_is_blocked_stays_out_until_let_in(void **state) {
    desk_rig d;
    d_open(&d, state);
    event ev = order("o1", 20000, 500, "9", NULL);
    (void)ask(&d, "block", "[{\"type\":\"user_id\",\"value\":\"9\"}]");
    assert_int_equal(give(&d, &ev, 1).skipped, 1);
    privacy_request r = ask(&d, "unblock", "[{\"type\":\"user_id\",\"value\":\"9\"}]");
    assert_int_equal(result_of(&r, "let_in"), 1);
    event later = order("o2", 20600, 500, "9", NULL);
    later.at_us = d.now + DAY_US;
    assert_int_equal(give(&d, &later, 1).added, 1);
    d_close(&d);
}

static void others_can_verify_what_is_signed(void **state) {
    desk_rig d;
    err e = {0};
    str body = S("{\"request_status\":\"completed\"}"), signature, again, pem;
    d_open(&d, state);
    assert_ok(privacy_sign(&d.a, d.w, body, &signature, &e), e);
    assert_ok(privacy_certificate(&d.a, d.w, S("heed.example"), &pem, &e), e);
    assert_ok(privacy_sign(&d.a, d.w, body, &again, &e), e);
    assert_str(again, signature); // PKCS #1 1.5 is deterministic: the key was kept
    BIO *bio = BIO_new_mem_buf(pem.s, (int)pem.len);
    X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    unsigned char raw[1024];
    int n = EVP_DecodeBlock(raw, (const unsigned char *)signature.s, (int)signature.len);
    while (n > 0 && n > 384) n--; // padding of base64
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestVerifyInit(c, NULL, EVP_sha256(), NULL, X509_get0_pubkey(x)), 1);
    assert_int_equal(EVP_DigestVerify(c, raw, (size_t)n, (const unsigned char *)body.s, body.len), 1);
    raw[7] ^= 1;
    EVP_MD_CTX *c2 = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestVerifyInit(c2, NULL, EVP_sha256(), NULL, X509_get0_pubkey(x)), 1);
    assert_int_not_equal(EVP_DigestVerify(c2, raw, (size_t)n, (const unsigned char *)body.s, body.len), 1);
    EVP_MD_CTX_free(c);
    EVP_MD_CTX_free(c2);
    X509_free(x);
    BIO_free(bio);
    d_close(&d);
}

typedef struct {
    const char *what;
    int64_t days;
} keep_for;

static bool keep_piece(void *ctx, desk *d, err *e) {
    keep_for *x = ctx;
    int64_t id;
    return store_run(d->s, Q_retention_put, NULL, e, "ti", str_c(x->what), x->days) &&
           job_make(d->s, d->w, &(new_job){.kind = "retain", .by = S("system")}, &id, e);
}

static void what_is_kept_for_a_time_goes_when_it_is_over(void **state) {
    desk_rig d;
    err e = {0};
    runner *r;
    d_open(&d, state);
    event evs[] = {from(event_of(KIND_usage, 20000 * DAY_US, "u1"), IDENT_user_id, "7"),
                   from(event_of(KIND_usage, 20450 * DAY_US, "u2"), IDENT_user_id, "7"),
                   order("o1", 20000, 500, "7", NULL)};
    give(&d, evs, 3);
    keep_for x = {"usage", 30};
    assert_ok(writer_do(d.w, keep_piece, &x, &e), e);
    int64_t before = reads(&d, Q_event_count);
    assert_ok(runner_open(&r, (runner_opts){.w = d.w, .where = d.f->where, .world = &d.world}, &e), e);
    await(reads(&d, Q_event_count) != before);
    usleep(100000);
    runner_close(r);
    assert_int_equal(reads(&d, Q_event_count), before - 1);
    assert_int_equal(give(&d, evs, 3).added, 0); // the same file brings nothing back
    d_close(&d);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(an_erasure_is_worked_off_and_proved),
        cmocka_unit_test(a_hash_is_as_good_as_a_name),
        cmocka_unit_test(what_a_crowd_shares_is_nobody),
        cmocka_unit_test(who_is_blocked_stays_out_until_let_in),
        cmocka_unit_test(others_can_verify_what_is_signed),
        cmocka_unit_test(what_is_kept_for_a_time_goes_when_it_is_over),
    };
    return rig_run(tests, COUNT(tests));
}
