// Webhooks that come in: the door for senders, and how it is set up and looked at.
#include <sodium.h>

#include "base/civil.h"
#include "jobs/fetch.h"
#include "jobs/raw.h"
#include "serve/handlers.h"
#include "serve/server.h"
#include "sql/serve_hooks.h"

// ---- the door ----

// The address as the sender calls it: as it was told to us, or as we know ourselves.
static str address_of(call *c, const hook *h) {
    if (h->url.len) return h->url;
    buf b = buf_new(c->a, 4096);
    buf_add(&b, server_options(c->sv)->origin);
    buf_add(&b, S("/hooks/"));
    url_encode(&b, h->source);
    return buf_str(&b);
}

static sent sent_of(call *c, const hook *h) {
    const request *q = c->q;
    sent_header *headers = make(c->a, sent_header, q->n_headers + 1);
    for (size_t i = 0; i < q->n_headers; i++) headers[i] = (sent_header){q->headers[i].name, q->headers[i].value};
    str url = address_of(c, h), path = str_cut(&url, '?');
    return (sent){.method = str_c(method_name(q->method)),
                  .url = q->query.len ? str_fmt(c->a, "%.*s?%.*s", STR_ARG(path), STR_ARG(q->query)) : path,
                  .headers = headers,
                  .n_headers = q->n_headers,
                  .body = q->body,
                  .now_us = c->now_us};
}

static bool secrets_of(call *c, const hook *h, str secrets[HOOK_SECRETS], size_t *n, err *e) {
    hook_secret all[HOOK_SECRETS];
    if (!hook_secrets(c->a, c->s, h->source_id, all, n, e)) return false;
    for (size_t i = 0; i < *n; i++) secrets[i] = all[i].secret;
    return true;
}

static bool verify(call *c, const hook *h, const sent *q, err *e) {
    str secrets[HOOK_SECRETS];
    size_t n = 0;
    if (!secrets_of(c, h, secrets, &n, e)) return false;
    arena scratch = arena_open(4 * q->body.len + ((size_t)4 << 20));
    bool ok = signature_check(scratch, h->scheme, q, secrets, n, e);
    arena_close(&scratch);
    if (!ok)
        log_line(server_log(c->sv), LOG_WARN, "a webhook was refused", "source", str_z(c->a, h->source), "why", e->msg,
                 NULL);
    return ok;
}

static void answer(call *c, const scheme *s) {
    if (s->answer == ANSWER_twiml)
        call_text(c, "text/xml", S("<Response/>"));
    else
        call_text(c, "text/plain; charset=utf-8", S(""));
    call_status(c, 200);
}

// Slack asks whether an address is ours by a signed word to repeat.
static bool repeats(call *c, const hook *h, const sent *q) {
    json_t *v = NULL;
    if (h->scheme->hello != HELLO_slack || !str_has(q->body, S("url_verification"))) return false;
    if (!json_read(q->body, &v, NULL)) return false;
    bool asked = str_eq(json_at(v, "type"), S("url_verification"));
    if (asked) call_text(c, "text/plain; charset=utf-8", str_dup(c->a, json_at(v, "challenge")));
    json_decref(v);
    return asked;
}

// WooCommerce tries a new address by "webhook_id=4", which it does not sign; nothing is stored of it.
static bool is_ping(const hook *h, const sent *q) {
    int64_t id = 0;
    str body = q->body, name = str_cut(&body, '=');
    return !strcmp(h->scheme->name, "woocommerce") && str_eq(name, S("webhook_id")) && str_i64(body, &id);
}

typedef struct {
    raw_new what;
    raw_reader *reader;
} arrival;

static bool keep(void *ctx, desk *d, err *e) {
    arrival *x = ctx;
    int64_t id;
    if (!raw_put(d, &x->what, &id, e)) return false;
    if (id) raw_announce(x->reader);
    return true;
}

bool hook_in(call *c, err *e) {
    hook h;
    int64_t known = 0;
    if (!hook_get(c->a, c->s, c->params[0], &h, e)) return false;
    sent q = sent_of(c, &h);
    answer(c, h.scheme);
    if (is_ping(&h, &q)) return true;
    if (!verify(c, &h, &q, e)) return false;
    if (repeats(c, &h, &q)) return true;
    str delivery = signature_delivery(c->a, h.scheme, &q);
    if (delivery.len && !store_int(c->s, Q_raw_known, &known, 0, e, "it", h.source_id, delivery)) return false;
    if (known) return true;
    arrival *x = make(c->a, arrival, 1);
    *x = (arrival){{h.source_id, delivery, raw_headers(c->a, &q), q.body}, server_raw(c->sv)};
    c->give = (gift){.piece = keep, .ctx = x, .bytes = q.body.len + 1024};
    return true;
}

static bool word_matches(call *c, const hook *h, str word, bool *match, err *e) {
    str secrets[HOOK_SECRETS];
    size_t n = 0;
    *match = false;
    if (!secrets_of(c, h, secrets, &n, e)) return false;
    for (size_t i = 0; i < n; i++) {
        str want = signature_hello(c->a, secrets[i]);
        *match |= want.len == word.len && !sodium_memcmp(want.s, word.s, word.len);
    }
    return true;
}

// Meta sends a word that only its page and we know, and one to repeat.
bool hook_hello(call *c, err *e) {
    hook h;
    bool match = false;
    if (!hook_get(c->a, c->s, c->params[0], &h, e)) return false;
    call_text(c, "text/plain; charset=utf-8", S(""));
    if (h.scheme->hello != HELLO_meta || !form_has(c->q->query, "hub.mode")) return true;
    if (!word_matches(c, &h, form_value(c->a, c->q->query, "hub.verify_token"), &match, e)) return false;
    if (!match || !str_eq(form_value(c->a, c->q->query, "hub.mode"), S("subscribe")))
        return fail(e, ERR_denied, "this is not the verify token that heed shows for \"%.*s\"", STR_ARG(h.source));
    call_text(c, "text/plain; charset=utf-8", form_value(c->a, c->q->query, "hub.challenge"));
    return true;
}

// ---- setting it up ----

bool schemes_list(call *c, err *e) {
    paging p;
    size_t n;
    const scheme *all = schemes_all(&n);
    if (!page_open(c, &p, e)) return false;
    for (size_t i = 0; i < n; i++) {
        json_open(&c->out, NULL, '{');
        json_put_str(&c->out, "name", str_c(all[i].name));
        json_put_str(&c->out, "label", str_c(all[i].label));
        json_put_str(&c->out, "secret", str_c(all[i].about));
        json_put_bool(&c->out, "needs_url", scheme_signs_url(&all[i]));
        json_close(&c->out, '}');
    }
    page_close(c, &p, false, 0, 0);
    return true;
}

static void put_secrets(json_out *j, const hook_secret *all, size_t n) {
    json_open(j, "secrets", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(j, NULL, '{');
        json_put_int(j, "id", all[i].id);
        out_time(j, "created", all[i].created_us);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_words(call *c, const hook *h, const hook_secret *all, size_t n) {
    json_open(&c->out, "verify_tokens", '[');
    for (size_t i = 0; i < n && h->scheme->hello == HELLO_meta; i++)
        json_put_str(&c->out, NULL, signature_hello(c->a, all[i].secret));
    json_close(&c->out, ']');
}

static bool put_last(call *c, const hook *h, err *e) {
    int64_t at_us = 0, state = -1, refused = 0;
    for (row r = store_query(c->s, Q_raw_last, e, "i", h->source_id); row_next(&r);)
        at_us = row_int(&r, 0), state = row_int(&r, 1);
    if (!store_int(c->s, Q_raw_refused, &refused, 0, e, "i", h->source_id)) return false;
    out_time(&c->out, "last", at_us);
    if (state < 0)
        json_put_null(&c->out, "last_state");
    else
        json_put_str(&c->out, "last_state", str_c(raw_state_name(state)));
    json_put_int(&c->out, "refused", refused);
    return true;
}

static bool put_hook(call *c, const hook *h, err *e) {
    hook_secret all[HOOK_SECRETS];
    size_t n = 0;
    if (!hook_secrets(c->a, c->s, h->source_id, all, &n, e)) return false;
    json_open(&c->out, NULL, '{');
    json_put_str(&c->out, "source", h->source);
    json_put_str(&c->out, "scheme", str_c(h->scheme->name));
    json_put_str(&c->out, "label", str_c(h->scheme->label));
    json_put_str(&c->out, "address", address_of(c, h));
    if (h->url.len)
        json_put_str(&c->out, "url", h->url);
    else
        json_put_null(&c->out, "url");
    put_secrets(&c->out, all, n);
    put_words(c, h, all, n);
    out_time(&c->out, "created", h->created_us);
    if (!put_last(c, h, e)) return false;
    json_put_int(&c->out, "version", h->version);
    json_close(&c->out, '}');
    return true;
}

bool hooks_list(call *c, err *e) {
    paging p;
    int64_t n = 0, last = 0;
    if (!page_open(c, &p, e)) return false;
    for (row r = store_query(c->s, Q_hook_list, e, "ii", p.after[0], p.limit + 1); row_next(&r);) {
        hook h = hook_read(c->a, &r);
        if (++n > p.limit || !h.scheme) continue;
        last = h.source_id;
        if (!put_hook(c, &h, e)) return row_end(&r), false;
    }
    page_close(c, &p, n > p.limit, last, 0);
    return err_ok(e);
}

bool hooks_show(call *c, err *e) {
    hook h;
    if (!hook_get(c->a, c->s, c->params[0], &h, e) || !put_hook(c, &h, e)) return false;
    call_etag(c, h.version);
    return true;
}

static str subject_of(call *c, str source) {
    return str_fmt(c->a, "source:%.*s", STR_ARG(source));
}

static str detail_of(call *c, const char *key, str value) {
    buf b = buf_new(c->a, 4096);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    json_put_str(&j, key, value);
    json_close(&j, '}');
    return buf_str(&b);
}

static bool put_in_transaction(call *c, const scheme *sc, str url, err *e) {
    int64_t source_id;
    if (!hook_source(c->d, c->params[0], sc, &source_id, e) || !store_begin(c->s, e)) return false;
    bool ok = hook_put(c->d, source_id, sc, url, e) &&
              audit(c, "hook.put", subject_of(c, c->params[0]), detail_of(c, "scheme", str_c(sc->name)), e) &&
              ledger_commit(know_ledger(c->d->k), e);
    if (!ok) store_rollback(c->s);
    return ok;
}

bool hooks_put(call *c, err *e) {
    hook h;
    bool has;
    str url = str_trim(in_str(c, "url"));
    const scheme *sc = scheme_get(in_str(c, "scheme"));
    err why = {0};
    if (!sc)
        return fail_field(c, e, "scheme", "no sender signs by '%.*s'; see /api/hook-schemes",
                          STR_ARG(in_str(c, "scheme")));
    if (url.len && !fetch_check(url, true, &why)) return fail_field(c, e, "url", "%s", why.msg);
    if (!hook_has(c->a, c->s, c->params[0], &h, &has, e) || (has && !call_if_match(c, h.version, e))) return false;
    if (!put_in_transaction(c, sc, url, e) || !hook_get(c->a, c->s, c->params[0], &h, e)) return false;
    call_etag(c, h.version);
    if (!has) call_status(c, 201);
    if (!has) call_location(c, str_fmt(c->a, "/api/hooks/%.*s", STR_ARG(h.source)));
    return put_hook(c, &h, e);
}

bool hooks_drop(call *c, err *e) {
    hook h;
    return hook_get(c->a, c->s, c->params[0], &h, e) && call_if_match(c, h.version, e) && hook_drop(c->d, &h, e) &&
           audit(c, "hook.drop", subject_of(c, h.source), S(""), e);
}

bool hook_secrets_add(call *c, err *e) {
    hook h;
    int64_t id;
    str secret = in_str(c, "secret");
    bool ours = !in_has(c, "secret");
    if (!hook_get(c->a, c->s, c->params[0], &h, e)) return false;
    if (ours && h.scheme->key == KEY_whpk)
        return fail_field(c, e, "secret", "a public key is the sender's; copy it from there");
    if (ours) secret = hook_secret_new(c->a, c->d->w, h.scheme);
    if (!hook_secret_add(c->d, &h, secret, &id, e)) return false;
    json_open(&c->out, NULL, '{');
    json_put_int(&c->out, "id", id);
    if (ours)
        json_put_str(&c->out, "secret", secret);
    else
        json_put_null(&c->out, "secret");
    json_close(&c->out, '}');
    call_status(c, 201);
    response_header(c->r, "Cache-Control", S("no-store"));
    return audit(c, "hook.secret_add", subject_of(c, h.source), detail_of(c, "secret", str_fmt(c->a, "%" PRId64, id)),
                 e);
}

bool hook_secrets_drop(call *c, err *e) {
    hook h;
    int64_t id;
    return hook_get(c->a, c->s, c->params[0], &h, e) && param_id(c, 1, &id, e) && hook_secret_drop(c->d, &h, id, e) &&
           audit(c, "hook.secret_drop", subject_of(c, h.source), detail_of(c, "secret", str_fmt(c->a, "%" PRId64, id)),
                 e);
}

// ---- what came ----

static void put_raw(json_out *j, const raw_row *x) {
    json_put_int(j, "id", x->id);
    json_put_str(j, "source", x->source);
    out_time(j, "at", x->at_us);
    json_put_str(j, "delivery", x->delivery);
    json_put_str(j, "state", str_c(raw_state_name(x->state)));
    json_put_str(j, "reason", x->reason);
    json_put_int(j, "bytes", x->size);
}

static bool source_asked(call *c, str name, int64_t *id, err *e) {
    *id = 0;
    if (!name.len) return true;
    if (!store_int(c->s, Q_source_id_by_name, id, 0, e, "t", name)) return false;
    return *id || fail_field(c, e, "source", "there is no source '%.*s'", STR_ARG(name));
}

bool raw_page(call *c, err *e) {
    paging p;
    int64_t source_id, n = 0, last = 0, state = in_has(c, "state") ? raw_state_of(in_str(c, "state")) : -1;
    if (!source_asked(c, in_str(c, "source"), &source_id, e) || !page_open(c, &p, e)) return false;
    int64_t before = p.first ? INT64_MAX : p.after[0];
    for (row r = store_query(c->s, Q_raw_list, e, "iiii", source_id, state, before, p.limit + 1); row_next(&r);) {
        if (++n > p.limit) continue;
        raw_row x = raw_read(c->a, &r);
        x.size = row_int(&r, 10);
        last = x.id;
        json_open(&c->out, NULL, '{');
        put_raw(&c->out, &x);
        json_close(&c->out, '}');
    }
    page_close(c, &p, n > p.limit, last, 0);
    return err_ok(e);
}

static void put_body(call *c, str body) {
    if (str_utf8_ok(body)) {
        json_put_str(&c->out, "body", body);
        json_put_null(&c->out, "base64");
        return;
    }
    size_t size = sodium_base64_encoded_len(body.len, sodium_base64_VARIANT_ORIGINAL);
    char *text = make(c->a, char, size);
    sodium_bin2base64(text, size, (const unsigned char *)body.s, body.len, sodium_base64_VARIANT_ORIGINAL);
    json_put_null(&c->out, "body");
    json_put_str(&c->out, "base64", str_c(text));
}

bool raw_show(call *c, err *e) {
    int64_t id;
    raw_row x;
    if (!param_id(c, 0, &id, e) || !raw_get(c->a, c->s, id, &x, e)) return false;
    json_open(&c->out, NULL, '{');
    put_raw(&c->out, &x);
    json_put_raw(&c->out, "headers", x.headers);
    put_body(c, x.body);
    json_close(&c->out, '}');
    return audit(c, "raw.look", str_fmt(c->a, "raw:%" PRId64, id), S(""), e);
}

bool raw_replay_one(call *c, err *e) {
    int64_t id;
    raw_row x;
    if (!param_id(c, 0, &id, e) || !raw_replay(c->d, id, e) || !raw_get(c->a, c->s, id, &x, e)) return false;
    raw_announce(server_raw(c->sv));
    json_open(&c->out, NULL, '{');
    put_raw(&c->out, &x);
    json_close(&c->out, '}');
    call_status(c, 202);
    return audit(c, "raw.replay", str_fmt(c->a, "raw:%" PRId64, id), S(""), e);
}

bool raw_replay_many(call *c, err *e) {
    int64_t source_id, since_us = 0, n = 0;
    int state = in_has(c, "state") ? raw_state_of(in_str(c, "state")) : -1;
    if (!source_asked(c, in_str(c, "source"), &source_id, e)) return false;
    if (!time_parse(in_str(c, "since"), NULL, 0, &since_us)) return fail_field(c, e, "since", "'since' is no time");
    if (!raw_replay_since(c->d, source_id, since_us, state, &n, e)) return false;
    raw_announce(server_raw(c->sv));
    json_open(&c->out, NULL, '{');
    json_put_int(&c->out, "count", n);
    json_close(&c->out, '}');
    call_status(c, 202);
    return audit(c, "raw.replay", subject_of(c, in_str(c, "source")), detail_of(c, "since", in_str(c, "since")), e);
}
