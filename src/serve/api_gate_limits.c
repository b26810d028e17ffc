// The numbers of the gate: limits and quotas.
#include "act/gate_settings.h"
#include "serve/handlers.h"

static void put_limit(call *c, const gate_limit_set *x) {
    gate_limit_row of;
    json_out *j = &c->out;
    gate_limit_row_of(x->limit, &of);
    json_open(j, NULL, '{');
    json_put_str(j, "name", str_c(of.name));
    if (x->scope.len)
        json_put_str(j, "scope", x->scope);
    else
        json_put_null(j, "scope");
    json_put_int(j, "value", x->value);
    json_put_int(j, "otherwise", of.otherwise);
    json_put_int(j, "least", of.lo);
    json_put_int(j, "most", of.hi);
    json_put_str(j, "unit", str_c(of.unit));
    json_put_str(j, "text", str_c(of.text));
    json_put_int(j, "version", x->version);
    if (x->version)
        json_put_str(j, "by", x->by);
    else
        json_put_null(j, "by");
    json_put_time(j, "at", x->at_us);
    json_close(j, '}');
}

static bool named(call *c, gate_limit_set *x, err *e) {
    enum gate_limit l = gate_limit_named(c->params[0]);
    if (l >= GATE_LIMITS)
        return fail(e, ERR_not_found, "there is no limit '%.*s'; GET /api/gate/limits lists them",
                    (int)MIN(c->params[0].len, 60), c->params[0].s);
    return gate_limit_get(c->a, c->s, l, in_str(c, "scope"), x, e);
}

bool gate_limits_all(call *c, err *e) {
    gate_limit_set *set;
    size_t n;
    if (!gate_limits_list(c->a, c->s, &set, &n, e)) return false;
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "items", '[');
    for (int l = 0; l < GATE_LIMITS; l++) {
        gate_limit_row of;
        gate_limit_set x = {.limit = (enum gate_limit)l};
        if (!gate_limit_row_of(x.limit, &of)) continue;
        x.value = of.otherwise;
        for (size_t i = 0; i < n; i++)
            if (set[i].limit == x.limit && !set[i].scope.len) x = set[i];
        put_limit(c, &x);
        for (size_t i = 0; i < n; i++)
            if (set[i].limit == x.limit && set[i].scope.len) put_limit(c, &set[i]);
    }
    json_close(&c->out, ']');
    json_put_null(&c->out, "next");
    json_close(&c->out, '}');
    return true;
}

bool gate_limits_show(call *c, err *e) {
    gate_limit_set x;
    if (!named(c, &x, e)) return false;
    call_etag(c, x.version);
    put_limit(c, &x);
    return true;
}

static str limit_detail(call *c, const gate_limit_set *x) {
    buf b = buf_new(c->a, 4096);
    buf_add(&b, S("{\"scope\":"));
    buf_json_str(&b, x->scope);
    buf_fmt(&b, ",\"value\":%" PRId64 "}", x->value);
    return buf_str(&b);
}

bool gate_limits_change(call *c, err *e) {
    gate_limit_set x;
    if (!named(c, &x, e) || !call_if_match(c, x.version, e)) return false;
    x.scope = in_str(c, "scope"), x.value = in_int(c, "value", 0), x.at_us = c->now_us;
    x.by = who_text(c->a, &c->who);
    err why = {0};
    if (!gate_limit_put(c->a, c->s, &x, &why)) {
        if (why.code != ERR_invalid) return *e = why, false;
        return fail_field(c, e, str_has(str_c(why.msg), S("scope")) ? "scope" : "value", "%s", why.msg);
    }
    x.version++;
    call_etag(c, x.version);
    put_limit(c, &x);
    return audit(c, "gate.limit", str_fmt(c->a, "limit:%.*s", STR_ARG(c->params[0])), limit_detail(c, &x), e);
}

bool gate_limits_reset(call *c, err *e) {
    gate_limit_set x;
    return named(c, &x, e) && call_if_match(c, x.version, e) && gate_limit_drop(c->s, x.limit, x.scope, e) &&
           audit(c, "gate.limit", str_fmt(c->a, "limit:%.*s", STR_ARG(c->params[0])), S("{\"reset\":true}"), e);
}

// ---- quotas ----

static void put_quota(call *c, const gate_quota *q) {
    json_out *j = &c->out;
    json_open(j, NULL, '{');
    json_put_str(j, "survey", q->survey);
    json_put_str(j, "quota", q->quota);
    json_put_int(j, "most", q->most);
    json_put_int(j, "days", q->days);
    json_put_int(j, "version", q->version);
    json_put_str(j, "by", q->by);
    json_put_time(j, "at", q->at_us);
    json_close(j, '}');
}

bool gate_quotas_all(call *c, err *e) {
    gate_quota *list;
    size_t n;
    if (!gate_quotas_list(c->a, c->s, &list, &n, e)) return false;
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "items", '[');
    for (size_t i = 0; i < n; i++) put_quota(c, &list[i]);
    json_close(&c->out, ']');
    json_put_null(&c->out, "next");
    json_close(&c->out, '}');
    return true;
}

static str quota_subject(call *c, const gate_quota *q) {
    return str_fmt(c->a, "survey:%.*s", STR_ARG(q->survey));
}

bool gate_quotas_change(call *c, err *e) {
    gate_quota q;
    err why = {0};
    if (!gate_quota_get(c->a, c->s, in_str(c, "survey"), in_str(c, "quota"), &q, e) || !call_if_match(c, q.version, e))
        return false;
    q = (gate_quota){.survey = in_str(c, "survey"),
                     .quota = in_str(c, "quota"),
                     .most = in_int(c, "most", 0),
                     .days = in_int(c, "days", 0),
                     .at_us = c->now_us,
                     .by = who_text(c->a, &c->who),
                     .version = q.version + 1};
    if (!gate_quota_put(c->s, &q, &why)) {
        if (why.code != ERR_invalid) return *e = why, false;
        return fail_field(c, e, q.survey.len && q.survey.len <= 100 ? "most" : "survey", "%s", why.msg);
    }
    call_etag(c, q.version);
    put_quota(c, &q);
    return audit(c, "gate.quota", quota_subject(c, &q), str_fmt(c->a, "{\"most\":%" PRId64 "}", q.most), e);
}

bool gate_quotas_reset(call *c, err *e) {
    gate_quota q;
    return gate_quota_get(c->a, c->s, in_str(c, "survey"), in_str(c, "quota"), &q, e) &&
           call_if_match(c, q.version, e) && gate_quota_drop(c->s, q.survey, q.quota, e) &&
           audit(c, "gate.quota", quota_subject(c, &q), S("{\"reset\":true}"), e);
}
