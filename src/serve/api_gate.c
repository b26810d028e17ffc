// The gate: asked without sending, its answers, its limits.
#include "act/gate_log.h"
#include "act/gate_settings.h"
#include "act/preference.h"
#include "base/civil.h"
#include "know/fold.h"
#include "serve/handlers.h"
#include "serve/looks.h"
#include "serve/names.h"

static void put_text(json_out *j, const char *key, str v) {
    if (v.len)
        json_put_str(j, key, v);
    else
        json_put_null(j, key);
}

static const struct {
    uint32_t state;
    const char *name;
} states[] = {{STATE_HARDSHIP, "hardship"},
              {STATE_BEREAVED, "bereaved"},
              {STATE_COMPLAINT, "complaint"},
              {STATE_DO_NOT_ASK, "do_not_ask"},
              {STATE_BROKEN, "broken"}};

// Who is in hardship is for few eyes; that this is no moment for a survey is enough for the others.
static str told(const call *c, str rule, str reason) {
    bool private = reason.len && str_eq(rule, S("state")) && !(c->who.needs & N(hardship_read));
    return private ? S("this is not the moment for them") : reason;
}

static void put_steps(call *c, const gate_answer *steps) {
    json_out *j = &c->out;
    json_open(j, "steps", '[');
    for (int r = 0; r < GATE_RULES; r++) {
        json_open(j, NULL, '{');
        json_put_str(j, "rule", str_c(steps[r].rule));
        json_put_str(j, "verdict", str_c(gate_verdict_name(steps[r].verdict)));
        json_put_time(j, "until", steps[r].until_us);
        json_put_str(j, "reason", told(c, str_c(steps[r].rule), steps[r].reason));
        json_close(j, '}');
    }
    json_close(j, ']');
}

// ---- asking ----

static bool in_kind(call *c, enum gate_kind *k, err *e) {
    *k = GATE_none;
    if (!in_str(c, "kind").len) return true;
    *k = gate_kind_of(in_str(c, "kind"));
    return *k || fail_field(c, e, "kind", "'kind' is nothing that can be sent; GET /api/gate/kinds lists what can");
}

static bool in_channel(call *c, enum channel *ch, err *e) {
    *ch = CHANNEL_email;
    if (!in_str(c, "channel").len) return true;
    *ch = channel_of(in_str(c, "channel"));
    return *ch || fail_field(c, e, "channel", "'channel' is email, sms, phone, whatsapp …");
}

static gate_answer first_of(const gate_answer *steps) {
    for (int r = 0; r < GATE_RULES; r++)
        if (steps[r].verdict != GATE_ALLOW) return steps[r];
    return (gate_answer){.rule = ""};
}

bool gate_check(call *c, err *e) {
    int64_t now = c->now_us;
    gate_answer steps[GATE_RULES];
    gate_ask ask = {.customer = in_int(c, "customer", 0),
                    .address = in_str(c, "address"),
                    .template = in_str(c, "template"),
                    .occasion = in_str(c, "occasion"),
                    .survey = in_str(c, "survey"),
                    .quota = in_str(c, "quota"),
                    .by = who_text(c->a, &c->who)};
    if (!in_kind(c, &ask.kind, e) || !in_channel(c, &ask.channel, e)) return false;
    if (!ask.kind) return fail_field(c, e, "kind", "'kind' is missing; GET /api/gate/kinds lists what can be sent");
    if (in_has(c, "at") && !time_parse(in_str(c, "at"), NULL, 0, &now))
        return fail_field(c, e, "at", "'at' is no time");
    if (!store_begin_read(c->s, e) || !gate_steps(c->a, c->s, &ask, now, 0, steps, e)) return false;
    gate_answer x = first_of(steps);
    if (c->who.needs & N(hardship_read) && str_eq(str_c(x.rule), S("state")) && !look(c, ask.customer, e)) return false;
    json_open(&c->out, NULL, '{');
    json_put_str(&c->out, "verdict", str_c(gate_verdict_name(x.verdict)));
    put_text(&c->out, "rule", str_c(x.rule));
    put_text(&c->out, "reason", told(c, str_c(x.rule), x.reason));
    json_put_time(&c->out, "until", x.until_us);
    put_steps(c, steps);
    json_close(&c->out, '}');
    return true;
}

// ---- what there is ----

static void close_whole_list(call *c) {
    json_close(&c->out, ']');
    json_put_null(&c->out, "next");
    json_close(&c->out, '}');
}

static void open_whole_list(call *c) {
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "items", '[');
}

bool gate_rules_list(call *c, err *e) {
    open_whole_list(c);
    for (int r = 0; r < GATE_RULES; r++) {
        json_open(&c->out, NULL, '{');
        json_put_str(&c->out, "rule", str_c(gate_rule_name((enum gate_rule)r)));
        json_put_str(&c->out, "text", str_c(gate_rule_text((enum gate_rule)r)));
        json_close(&c->out, '}');
    }
    close_whole_list(c);
    return err_ok(e);
}

bool gate_kinds_list(call *c, err *e) {
    json_out *j = &c->out;
    open_whole_list(c);
    for (int k = GATE_none + 1; k < GATE_KINDS; k++) {
        const gate_kind_row *x = gate_kind_row_of((enum gate_kind)k);
        if (!x) continue;
        const purpose_row *p = purpose_of(purpose_of_kind((enum gate_kind)k, CHANNEL_email));
        json_open(j, NULL, '{');
        json_put_str(j, "kind", str_c(x->name));
        json_put_str(j, "text", str_c(x->text));
        put_text(j, "purpose", p ? str_c(p->name) : S(""));
        json_put_bool(j, "opt_in", p && p->opt_in);
        json_put_num(j, "asks", x->halves / 2.0);
        json_put_int(j, "days", x->days);
        json_open(j, "kept_back", '[');
        for (size_t i = 0; i < COUNT(states); i++)
            if (x->states & states[i].state) json_put_str(j, NULL, str_c(states[i].name));
        json_close(j, ']');
        json_close(j, '}');
    }
    close_whole_list(c);
    return err_ok(e);
}

// ---- answers ----

static void put_record(call *c, const char *key, const gate_record *r, str name) {
    json_out *j = &c->out;
    json_open(j, key, '{');
    json_put_int(j, "id", r->id);
    json_put_time(j, "at", r->at_us);
    json_put_int(j, "customer", r->profile);
    put_name(j, "name", name);
    json_put_str(j, "kind", str_c(gate_kind_name(r->kind)));
    json_put_str(j, "channel", channel_name(r->channel));
    put_text(j, "template", r->template);
    put_text(j, "occasion", r->occasion);
    put_text(j, "survey", r->survey);
    put_text(j, "quota", r->quota);
    json_put_str(j, "verdict", str_c(gate_verdict_name(r->verdict)));
    put_text(j, "rule", r->rule);
    put_text(j, "reason", told(c, r->rule, r->reason));
    json_put_time(j, "until", r->until_us);
    json_put_num(j, "asks", r->halves / 2.0);
    json_put_time(j, "unsent", r->unsent_us);
    json_put_str(j, "by", r->by);
    json_close(j, '}');
}

static int in_verdict(call *c) {
    for (int v = GATE_ALLOW; v <= GATE_SKIP; v++)
        if (str_eq(in_str(c, "verdict"), str_c(gate_verdict_name((enum gate_verdict)v)))) return v;
    return -1;
}

bool gate_records_list(call *c, err *e) {
    paging p;
    size_t n;
    gate_record *list;
    gate_records_ask ask = {.customer = in_int(c, "customer", 0), .verdict = in_verdict(c), .rule = in_str(c, "rule")};
    if (!in_kind(c, &ask.kind, e) || !page_open(c, &p, e)) return false;
    ask.before = p.first ? 0 : p.after[0], ask.limit = p.limit + 1;
    if (ask.customer && c->who.needs & N(hardship_read) && !look(c, ask.customer, e)) return false;
    if (!gate_records(c->a, c->s, &ask, &list, &n, e)) return false;
    size_t shown = MIN(n, (size_t)p.limit);
    customer_named *of = make(c->a, customer_named, shown + 1);
    for (size_t i = 0; i < shown; i++) of[i].profile = list[i].profile;
    if (!names_fill(c, of, shown, e)) return false;
    for (size_t i = 0; i < shown; i++) put_record(c, NULL, &list[i], of[i].name);
    page_close(c, &p, n > shown, shown ? list[shown - 1].id : 0, 0);
    return true;
}

bool gate_records_show(call *c, err *e) {
    int64_t id;
    gate_record r;
    gate_answer steps[GATE_RULES];
    if (!param_id(c, 0, &id, e) || !store_begin_read(c->s, e) || !gate_record_get(c->a, c->s, id, &r, e)) return false;
    gate_ask ask = gate_record_ask(&r);
    if (!gate_steps(c->a, c->s, &ask, r.at_us, id, steps, e)) return false;
    if (c->who.needs & N(hardship_read) && str_eq(r.rule, S("state")) && !look(c, r.profile, e)) return false;
    customer_named of = {.profile = r.profile};
    if (!names_fill(c, &of, 1, e)) return false;
    json_open(&c->out, NULL, '{');
    put_record(c, "record", &r, of.name);
    put_steps(c, steps);
    json_close(&c->out, '}');
    return true;
}

static bool in_moment(call *c, const char *name, int64_t otherwise, int64_t *at_us, err *e) {
    zone *z;
    *at_us = otherwise;
    if (!in_str(c, name).len) return true;
    if (!store_zone(c->s, c->a, &z, e)) return false;
    return time_asked(in_str(c, name), z, c->now_us, at_us) || fail_field(c, e, name, "'%s' is no day or time", name);
}

bool gate_counts_list(call *c, err *e) {
    enum { DAYS = 30 };
    int64_t since, until;
    gate_count *list;
    size_t n;
    json_out *j = &c->out;
    if (!in_moment(c, "since", c->now_us - DAYS * DAY_US, &since, e) || !in_moment(c, "until", c->now_us, &until, e) ||
        !gate_counts(c->a, c->s, since, until + !in_has(c, "until"), &list, &n, e))
        return false;
    json_open(j, NULL, '{');
    json_put_time(j, "since", since);
    json_put_time(j, "until", until);
    json_open(j, "items", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(j, NULL, '{');
        json_put_str(j, "day", date_str(c->a, list[i].day));
        json_put_str(j, "kind", str_c(gate_kind_name(list[i].kind)));
        json_put_str(j, "verdict", str_c(gate_verdict_name(list[i].verdict)));
        put_text(j, "rule", list[i].rule);
        json_put_int(j, "n", list[i].n);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
    return true;
}
