// Webhooks that go out: endpoints, and what was sent to them.
#include "base/civil.h"
#include "jobs/fetch.h"
#include "jobs/outgoing.h"
#include "serve/handlers.h"
#include "serve/server.h"
#include "sql/serve_hooks.h"

bool messages_list(call *c, err *e) {
    paging p;
    size_t n;
    const message_row *all = message_rows(&n);
    if (!page_open(c, &p, e)) return false;
    for (size_t i = 0; i < n; i++) {
        json_open(&c->out, NULL, '{');
        json_put_str(&c->out, "type", str_c(all[i].type));
        json_put_str(&c->out, "text", str_c(all[i].text));
        json_put_str(&c->out, "data", str_c(all[i].shape));
        json_close(&c->out, '}');
    }
    page_close(c, &p, false, 0, 0);
    return true;
}

// ---- endpoints ----

static void put_endpoint(call *c, const char *key, const endpoint *p) {
    json_out *j = &c->out;
    int64_t until_us = 0;
    for (int i = 0; i < p->n_secrets; i++)
        if (p->secrets[i].until_us > c->now_us) until_us = MAX(until_us, p->secrets[i].until_us);
    json_open(j, key, '{');
    json_put_int(j, "id", p->id);
    json_put_str(j, "url", p->url);
    json_put_str(j, "about", p->about);
    json_put_raw(j, "types", p->types);
    json_put_str(j, "state", str_c(endpoint_state_name(p->state)));
    out_time(j, "failing", p->failing_us);
    out_time(j, "old_secret_until", until_us);
    out_time(j, "created", p->created_us);
    json_put_int(j, "version", p->version);
    json_close(j, '}');
}

static bool of_path(call *c, endpoint *p, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) && endpoint_get(c->a, c->s, id, p, e);
}

static str subject_of(call *c, int64_t id) {
    return str_fmt(c->a, "endpoint:%" PRId64, id);
}

bool endpoints_list(call *c, err *e) {
    paging p;
    int64_t n = 0, last = 0;
    if (!page_open(c, &p, e)) return false;
    for (row r = store_query(c->s, Q_endpoint_list, e, "ii", p.after[0], p.limit + 1); row_next(&r);) {
        if (++n > p.limit) continue;
        endpoint x = endpoint_read(c->a, &r);
        last = x.id;
        put_endpoint(c, NULL, &x);
    }
    page_close(c, &p, n > p.limit, last, 0);
    return err_ok(e);
}

bool endpoints_show(call *c, err *e) {
    endpoint p;
    if (!of_path(c, &p, e)) return false;
    put_endpoint(c, NULL, &p);
    call_etag(c, p.version);
    return true;
}

// The answer to whoever made or changed a secret: the only time it is shown.
static bool put_made(call *c, int64_t id, str secret, err *e) {
    endpoint p;
    if (!endpoint_get(c->a, c->s, id, &p, e)) return false;
    json_open(&c->out, NULL, '{');
    put_endpoint(c, "endpoint", &p);
    json_put_str(&c->out, "secret", secret);
    json_close(&c->out, '}');
    call_etag(c, p.version);
    response_header(c->r, "Cache-Control", S("no-store"));
    return true;
}

static str detail_url(call *c, str url) {
    buf b = buf_new(c->a, 16384);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    json_put_str(&j, "url", url);
    json_close(&j, '}');
    return buf_str(&b);
}

// What is wrong with it concerns the field that holds it.
static bool check_fields(call *c, str url, const json_t *types, err *e) {
    err why = {0};
    if (!fetch_check(url, server_options(c->sv)->allow_private, &why)) {
        if (why.code == ERR_invalid) return fail_field(c, e, "url", "%s", why.msg);
        return fail(e, why.code, "%s", why.msg);
    }
    for (size_t i = 0; i < json_array_size(types); i++) {
        str type = json_text(json_array_get(types, i));
        if (message_of(type) == MESSAGES)
            return fail_field(c, e, "types", "there are no messages of the type '%.*s'; see /api/message-types",
                              (int)MIN(type.len, 60), type.s);
    }
    return true;
}

bool endpoints_make(call *c, err *e) {
    int64_t id;
    str secret, url = str_trim(in_str(c, "url"));
    const json_t *types = json_object_get(c->in, "types");
    if (!check_fields(c, url, types, e) ||
        !endpoint_make(server_outgoing(c->sv), c->d, url, in_str(c, "about"), types, &id, &secret, e))
        return false;
    call_status(c, 201);
    call_location(c, str_fmt(c->a, "/api/endpoints/%" PRId64, id));
    return put_made(c, id, secret, e) && audit(c, "endpoint.make", subject_of(c, id), detail_url(c, url), e);
}

bool endpoints_change(call *c, err *e) {
    endpoint p;
    if (!of_path(c, &p, e) || !call_if_match(c, p.version, e)) return false;
    str url = in_has(c, "url") ? str_trim(in_str(c, "url")) : p.url,
        about = in_has(c, "about") ? in_str(c, "about") : p.about;
    const json_t *types = in_has(c, "types") ? json_object_get(c->in, "types") : NULL;
    return check_fields(c, url, types, e) && endpoint_change(server_outgoing(c->sv), c->d, &p, url, about, types, e) &&
           audit(c, "endpoint.change", subject_of(c, p.id), detail_url(c, url), e) && endpoints_show(c, e);
}

bool endpoints_drop(call *c, err *e) {
    endpoint p;
    return of_path(c, &p, e) && call_if_match(c, p.version, e) &&
           endpoint_drop(server_outgoing(c->sv), c->d, p.id, e) &&
           audit(c, "endpoint.drop", subject_of(c, p.id), detail_url(c, p.url), e);
}

bool endpoints_rotate(call *c, err *e) {
    endpoint p;
    str secret;
    return of_path(c, &p, e) && endpoint_rotate(server_outgoing(c->sv), c->d, &p, &secret, e) &&
           put_made(c, p.id, secret, e) && audit(c, "endpoint.rotate", subject_of(c, p.id), S(""), e);
}

static bool turn(call *c, enum endpoint_state state, const char *action, err *e) {
    endpoint p;
    return of_path(c, &p, e) && endpoint_turn(server_outgoing(c->sv), c->d, p.id, state, e) && endpoints_show(c, e) &&
           audit(c, action, subject_of(c, p.id), S(""), e);
}

bool endpoints_pause(call *c, err *e) {
    return turn(c, ENDPOINT_OFF, "endpoint.pause", e);
}

bool endpoints_resume(call *c, err *e) {
    return turn(c, ENDPOINT_ON, "endpoint.resume", e);
}

// ---- deliveries ----

static void put_delivery(json_out *j, const char *key, const delivery *x) {
    json_open(j, key, '{');
    json_put_int(j, "id", x->id);
    json_put_int(j, "endpoint", x->endpoint_id);
    json_put_str(j, "message", x->message);
    json_put_str(j, "type", x->type);
    json_put_str(j, "state", str_c(delivery_state_name(x->state)));
    json_put_int(j, "tries", x->tries);
    out_time(j, "next", delivery_next_us(x));
    out_time(j, "created", x->created_us);
    out_time(j, "ended", x->ended_us);
    json_close(j, '}');
}

static bool show_one(call *c, int64_t id, err *e) {
    delivery x;
    if (!delivery_get(c->a, c->s, id, &x, e)) return false;
    put_delivery(&c->out, NULL, &x);
    call_status(c, 202);
    return true;
}

bool endpoints_test(call *c, err *e) {
    endpoint p;
    int64_t id;
    return of_path(c, &p, e) && endpoint_test(server_outgoing(c->sv), c->d, &p, &id, e) && show_one(c, id, e) &&
           audit(c, "endpoint.test", subject_of(c, p.id), S(""), e);
}

bool deliveries_list(call *c, err *e) {
    endpoint to;
    paging p;
    int64_t n = 0, last = 0, state = in_has(c, "state") ? delivery_state_of(in_str(c, "state")) : -1;
    if (!of_path(c, &to, e) || !page_open(c, &p, e)) return false;
    int64_t before = p.first ? INT64_MAX : p.after[0];
    for (row r = store_query(c->s, Q_delivery_list, e, "iiii", to.id, state, before, p.limit + 1); row_next(&r);) {
        if (++n > p.limit) continue;
        delivery x = delivery_read(c->a, &r);
        last = x.id;
        put_delivery(&c->out, NULL, &x);
    }
    page_close(c, &p, n > p.limit, last, 0);
    return err_ok(e);
}

static bool put_tries(call *c, int64_t id, err *e) {
    json_open(&c->out, "tries", '[');
    for (row r = store_query(c->s, Q_try_list, e, "i", id); row_next(&r);) {
        json_open(&c->out, NULL, '{');
        out_time(&c->out, "at", row_int(&r, 1));
        json_put_int(&c->out, "status", row_int(&r, 2));
        json_put_num(&c->out, "took_ms", (double)row_int(&r, 3) / 1000);
        json_put_str(&c->out, "reply", row_str(&r, 4));
        json_close(&c->out, '}');
    }
    json_close(&c->out, ']');
    return err_ok(e);
}

bool deliveries_show(call *c, err *e) {
    int64_t id;
    delivery x;
    if (!param_id(c, 0, &id, e) || !delivery_get(c->a, c->s, id, &x, e)) return false;
    json_open(&c->out, NULL, '{');
    put_delivery(&c->out, "delivery", &x);
    json_put_raw(&c->out, "body", x.body);
    if (!put_tries(c, id, e)) return false;
    json_close(&c->out, '}');
    return audit(c, "delivery.look", str_fmt(c->a, "delivery:%" PRId64, id), S(""), e);
}

bool deliveries_again(call *c, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) && delivery_again(server_outgoing(c->sv), c->d, id, e) && show_one(c, id, e) &&
           audit(c, "delivery.replay", str_fmt(c->a, "delivery:%" PRId64, id), S(""), e);
}

bool deliveries_replay(call *c, err *e) {
    int64_t id, since_us = 0, n = 0;
    if (!param_id(c, 0, &id, e)) return false;
    if (!time_parse(in_str(c, "since"), NULL, 0, &since_us)) return fail_field(c, e, "since", "'since' is no time");
    if (!delivery_again_since(server_outgoing(c->sv), c->d, id, since_us, &n, e)) return false;
    json_open(&c->out, NULL, '{');
    json_put_int(&c->out, "count", n);
    json_close(&c->out, '}');
    call_status(c, 202);
    return audit(c, "endpoint.replay", subject_of(c, id), S(""), e);
}
