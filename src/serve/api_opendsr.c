// The same requests in the forms that others send: OpenDSR 2.0, and Segment's regulations.
#include <openssl/evp.h>

#include "know/settings.h"
#include "serve/api_privacy.h"
#include "serve/handlers.h"
#include "serve/server.h"
#include "sql/know_privacy.h"

static str site_of(call *c) {
    str origin_ = server_options(c->sv)->origin;
    return origin_.len ? origin_ : S("http://localhost");
}

static str domain_of(call *c) {
    str x = site_of(c);
    ptrdiff_t at = str_find(x, '/');
    return at > 0 && (size_t)at + 2 < x.len ? str_sub(x, (size_t)at + 2, x.len) : x;
}

// ---- Segment ----

static str subjects_of(call *c, const char *type, const json_t *ids) {
    buf b = buf_new(c->a, 1 << 20);
    json_out j = json_to(&b);
    size_t i;
    json_t *v;
    json_open(&j, NULL, '[');
    json_array_foreach((json_t *)(uintptr_t)ids, i, v) {
        json_open(&j, NULL, '{');
        json_put_str(&j, "type", str_c(type));
        json_put_str(&j, "value", json_text(v));
        json_put_str(&j, "format", S("raw"));
        json_close(&j, '}');
    }
    json_close(&j, ']');
    return buf_str(&b);
}

static str kind_of_regulation(str type) {
    if (str_starts(type, S("SUPPRESS_WITH_DELETE"))) return S("erasure_and_block");
    if (str_starts(type, S("DELETE"))) return S("erasure");
    return str_eq(type, S("UNSUPPRESS")) ? S("unblock") : S("block");
}

bool regulation_add(call *c, err *e) {
    privacy_request r;
    const json_t *ids = json_object_get(c->in, "subjectIds");
    new_privacy_request n = {.kind = kind_of_regulation(in_str(c, "regulationType")),
                             .regulation = S("gdpr"),
                             .origin = S("segment"),
                             .subjects = subjects_of(c, "user_id", ids),
                             .by = who_text(c->a, &c->who)};
    if (!str_eq(in_str(c, "subjectType"), S("USER_ID")))
        return fail_field(c, e, "subjectType", "'subjectType' must be USER_ID; object ids name nobody here");
    if (!json_array_size(ids)) return fail_field(c, e, "subjectIds", "'subjectIds' is empty");
    if (!privacy_subjects_ok(c, n.subjects, e) || !privacy_begin(c, &n, &r, e)) return false;
    call_status(c, 201);
    json_open(&c->out, NULL, '{');
    json_put_str(&c->out, "regulateId", str_fmt(c->a, "%" PRId64, r.id));
    json_put_str(&c->out, "status", S("INITIALIZED"));
    json_close(&c->out, '}');
    return true;
}

// ---- OpenDSR ----

bool opendsr_discovery(call *c, err *e) {
    static const char *const identities[] = {"email", "phone_number", "controller_customer_id", "anonymous_id"};
    static const char *const formats[] = {"raw", "md5", "sha1", "sha256"};
    json_out *j = &c->out;
    (void)e;
    json_open(j, NULL, '{');
    json_put_str(j, "api_version", S("2.0"));
    json_open(j, "supported_identities", '[');
    for (size_t i = 0; i < COUNT(identities); i++)
        for (size_t k = 0; k < COUNT(formats); k++) {
            json_open(j, NULL, '{');
            json_put_str(j, "identity_type", str_c(identities[i]));
            json_put_str(j, "identity_format", str_c(formats[k]));
            json_close(j, '}');
        }
    json_close(j, ']');
    json_put_raw(j, "supported_subject_request_types", S("[\"erasure\",\"access\",\"portability\"]"));
    json_put_str(j, "processor_certificate", str_cat(c->a, site_of(c), S("/opendsr/certificate")));
    json_close(j, '}');
    return true;
}

bool opendsr_certificate(call *c, err *e) {
    str pem;
    if (!privacy_certificate(c->a, server_writer(c->sv), domain_of(c), &pem, e)) return false;
    call_text(c, "application/x-pem-file", pem);
    return true;
}

static bool uuid4(str x) {
    if (x.len != 36) return false;
    for (size_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        char c = x.s[i];
        bool hex = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'f');
        if (dash ? c != '-' : !hex) return false;
    }
    return x.s[14] == '4';
}

static str opendsr_subjects(call *c) {
    buf b = buf_new(c->a, 1 << 20);
    json_out j = json_to(&b);
    size_t i;
    json_t *v;
    json_open(&j, NULL, '[');
    json_array_foreach(json_object_get(c->in, "subject_identities"), i, v) {
        str type = json_text(json_object_get(v, "identity_type"));
        json_open(&j, NULL, '{');
        json_put_str(&j, "type", str_eq(type, S("phone_number")) ? S("phone") : type);
        json_put_str(&j, "value", json_text(json_object_get(v, "identity_value")));
        json_put_str(&j, "format", json_text(json_object_get(v, "identity_format")));
        json_close(&j, '}');
    }
    json_close(&j, ']');
    return buf_str(&b);
}

static str base64(arena *a, str x) {
    char *text = make(a, char, x.len * 4 / 3 + 8);
    return (str){text, (size_t)EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)x.s, (int)x.len)};
}

static bool by_ext(call *c, str ext, privacy_request *out, err *e) {
    bool found = false;
    for (row r = store_query(c->s, Q_request_by_ext, e, "t", ext); row_next(&r);)
        *out = privacy_row(c->a, &r), found = true;
    return found;
}

static void receipt(call *c, const privacy_request *r) {
    call_status(c, 201);
    json_open(&c->out, NULL, '{');
    json_put_str(&c->out, "controller_id", S("heed"));
    json_put_time(&c->out, "expected_completion_time", r->due_us);
    json_put_time(&c->out, "received_time", r->received_us);
    json_put_str(&c->out, "encoded_request", base64(c->a, c->q->body));
    json_put_str(&c->out, "subject_request_id", r->ext);
    json_close(&c->out, '}');
}

bool opendsr_add(call *c, err *e) {
    privacy_request r;
    str ext = in_str(c, "subject_request_id");
    const json_t *callbacks = json_object_get(c->in, "status_callback_urls");
    new_privacy_request n = {.kind = in_str(c, "subject_request_type"),
                             .regulation = in_has(c, "regulation") ? in_str(c, "regulation") : S("gdpr"),
                             .origin = S("opendsr"),
                             .ext = ext,
                             .subjects = opendsr_subjects(c),
                             .callbacks = json_is_array(callbacks) ? json_to_str(c->a, callbacks) : S("[]"),
                             .by = who_text(c->a, &c->who)};
    if (!uuid4(ext)) return fail_field(c, e, "subject_request_id", "'subject_request_id' must be a UUID of version 4");
    if (by_ext(c, ext, &r, e)) return receipt(c, &r), true; // sent again
    if (!err_ok(e) || !privacy_subjects_ok(c, n.subjects, e) || !privacy_begin(c, &n, &r, e)) return false;
    receipt(c, &r);
    return true;
}

static bool known(call *c, privacy_request *r, err *e) {
    if (by_ext(c, c->params[0], r, e)) return true;
    return fail(e, ERR_not_found, "there is no request '%.*s'", (int)MIN(c->params[0].len, 40), c->params[0].s);
}

bool opendsr_one(call *c, err *e) {
    privacy_request r;
    str signature;
    if (!known(c, &r, e)) return false;
    buf b = buf_new(c->a, 1 << 16);
    privacy_status_json(&b, &r, site_of(c), S(""));
    if (!privacy_sign(c->a, server_writer(c->sv), buf_str(&b), &signature, e)) return false;
    response_header(c->r, "X-OpenDSR-Processor-Domain", domain_of(c));
    response_header(c->r, "X-OpenDSR-Signature", signature);
    call_text(c, "application/json", buf_str(&b));
    return true;
}

bool opendsr_withdraw(call *c, err *e) {
    privacy_request r;
    if (!known(c, &r, e) || !privacy_cancel(c->s, c->d->w, &r, e)) return false;
    call_status(c, 202);
    json_open(&c->out, NULL, '{');
    json_put_str(&c->out, "controller_id", S("heed"));
    json_put_str(&c->out, "subject_request_id", r.ext);
    json_put_time(&c->out, "received_time", c->now_us);
    json_put_str(&c->out, "api_version", S("2.0"));
    json_close(&c->out, '}');
    return audit(c, "privacy.cancel", str_fmt(c->a, "privacy_request:%" PRId64, r.id), S(""), e);
}
