// Runs of playbooks, templates, and the time to a first value.
#include "act/playbook_json.h"
#include "serve/handlers.h"
#include "serve/server.h"
#include "sql/act_playbook.h"

// ---- runs ----

static int state_of(str name) {
    for (int s = RUN_going; s <= RUN_failed; s++)
        if (str_eq(name, str_c(run_state_name((enum run_state)s)))) return s;
    return -1;
}

bool playbook_runs_list(call *c, err *e) {
    paging p;
    int64_t n = 0, last = 0;
    if (!page_open(c, &p, e)) return false;
    row r =
        store_query(c->s, Q_playbook_run_list, e, "iiiii", p.first ? INT64_MAX : p.after[0], in_int(c, "playbook", 0),
                    (int64_t)state_of(in_str(c, "state")), in_int(c, "customer", 0), p.limit + 1);
    for (; row_next(&r); n++) {
        if (n >= p.limit) continue;
        playbook_run x = playbook_run_read(c->a, &r);
        last = x.id;
        if (!playbook_run_json(&c->out, NULL, c->a, c->s, &x, false, e)) return row_end(&r), false;
    }
    page_close(c, &p, n > p.limit, last, 0);
    return err_ok(e);
}

static bool put_run(call *c, int64_t id, err *e) {
    playbook_run x;
    if (!playbook_run_get(c->a, c->s, id, &x, e))
        return err_ok(e) ? fail(e, ERR_not_found, "there is no run %" PRId64, id) : false;
    return playbook_run_json(&c->out, NULL, c->a, c->s, &x, true, e);
}

bool playbook_runs_show(call *c, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) && put_run(c, id, e);
}

bool playbook_runs_stop(call *c, err *e) {
    int64_t id;
    str why = str_trim(in_str(c, "why"));
    if (!why.len) why = S("a person stopped it");
    return param_id(c, 0, &id, e) && playbook_run_stop(know_ledger(c->d->k), id, why, e) &&
           audit(c, "playbook_run.stop", str_fmt(c->a, "playbook_run:%" PRId64, id), S(""), e) && put_run(c, id, e);
}

// ---- templates ----

static bool put_templates(call *c, const template_row *all, size_t n) {
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "items", '[');
    for (size_t i = 0; i < n; i++) template_json(&c->out, NULL, *c->a, &all[i]);
    json_close(&c->out, ']');
    json_put_null(&c->out, "next");
    json_close(&c->out, '}');
    return true;
}

bool templates_list(call *c, err *e) {
    template_row *all;
    size_t n;
    return template_list(c->a, c->s, &all, &n, e) && put_templates(c, all, n);
}

bool templates_versions(call *c, err *e) {
    template_row *all;
    size_t n;
    return template_versions(c->a, c->s, c->params[0], c->params[1], &all, &n, e) && put_templates(c, all, n);
}

bool templates_facts(call *c, err *e) {
    (void)e;
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "items", '[');
    for (int f = 0; f < FACTS_ALL; f++) {
        json_open(&c->out, NULL, '{');
        json_put_str(&c->out, "name", str_c(fact_name((enum fact)f)));
        json_put_bool(&c->out, "needed", fact_needed((enum fact)f));
        json_put_str(&c->out, "text", str_c(fact_text((enum fact)f)));
        json_close(&c->out, '}');
    }
    json_close(&c->out, ']');
    json_put_null(&c->out, "next");
    json_close(&c->out, '}');
    return true;
}

static bool find(call *c, template_row *t, err *e) {
    if (template_exact(c->a, c->s, c->params[0], c->params[1], t, e)) return true;
    return err_ok(e)
               ? fail(e, ERR_not_found, "there is no template '%.*s' in '%.*s'; /api/templates lists them",
                      (int)MIN(c->params[0].len, 60), c->params[0].s, (int)MIN(c->params[1].len, 10), c->params[1].s)
               : false;
}

static bool put_template(call *c, err *e) {
    template_row t;
    if (!find(c, &t, e)) return false;
    call_etag(c, t.version);
    template_json(&c->out, NULL, *c->a, &t);
    return true;
}

bool templates_show(call *c, err *e) {
    return put_template(c, e);
}

bool templates_put(call *c, err *e) {
    template_row now, t = {.name = c->params[0],
                           .lang = c->params[1],
                           .subject = in_str(c, "subject"),
                           .words = in_str(c, "words"),
                           .by = who_text(c->a, &c->who)};
    const char *field = "";
    err why = {0};
    bool there = template_exact(c->a, c->s, t.name, t.lang, &now, e);
    if (!err_ok(e) || (there && !call_if_match(c, now.version, e))) return false;
    if (!template_put(know_ledger(c->d->k), &t, &field, &why))
        return why.code == ERR_invalid ? fail_field(c, e, field, "%s", why.msg) : (*e = why, false);
    if (!there) call_status(c, 201);
    return audit(c, "template.put", str_fmt(c->a, "template:%.*s/%.*s", STR_ARG(t.name), STR_ARG(t.lang)), S(""), e) &&
           put_template(c, e);
}

bool templates_preview(call *c, err *e) {
    template_row t;
    template_seen seen;
    int64_t customer = in_int(c, "customer", 0);
    if (!find(c, &t, e) || !template_preview(c->a, c->s, &t, customer, in_str(c, "from"), c->now_us, &seen, e))
        return false;
    json_open(&c->out, NULL, '{');
    json_put_str(&c->out, "subject", seen.subject);
    json_put_str(&c->out, "words", seen.words);
    json_put_str(&c->out, "lang", seen.lang);
    json_close(&c->out, '}');
    return !customer || audit(c, "template.preview", str_fmt(c->a, "customer:%" PRId64, customer), S(""), e);
}

// ---- the time to a first value ----

bool first_value_show(call *c, err *e) {
    first_values v;
    str kind = in_has(c, "value") ? in_str(c, "value") : S("order");
    first_value_ask ask = {kind_of(kind), str_eq(in_str(c, "from"), S("contract")), c->now_us};
    if (!ask.value) return fail_field(c, e, "value", "'value' must be a kind of event such as order or usage");
    arena a = arena_open((size_t)1 << 34);
    bool ok = store_begin_read(c->s, e) && first_value_read(&a, c->s, &ask, &v, e);
    if (ok) first_values_json(&c->out, NULL, &v);
    arena_close(&a);
    return ok;
}
