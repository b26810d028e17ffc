// What the gate says, and said.
#include "act/preference.h"
#include "cli/gate_cmd.h"

static enum style style_of(enum gate_verdict v) {
    return v == GATE_ALLOW ? STYLE_good : v == GATE_DELAY ? STYLE_plain : STYLE_warn;
}

// ---- one question ----

static const gate_answer *first_of(const gate_answer *steps) {
    static const gate_answer allowed = {.rule = ""};
    for (int r = 0; r < GATE_RULES; r++)
        if (steps[r].verdict != GATE_ALLOW) return &steps[r];
    return &allowed;
}

static void put_steps(reply *r, const gate_answer *steps) {
    json_open(&r->j, "steps", '[');
    for (int i = 0; i < GATE_RULES; i++) {
        json_open(&r->j, NULL, '{');
        json_put_str(&r->j, "rule", str_c(steps[i].rule));
        json_put_str(&r->j, "verdict", str_c(gate_verdict_name(steps[i].verdict)));
        reply_time(r, "until", steps[i].until_us);
        json_put_str(&r->j, "reason", steps[i].reason);
        json_close(&r->j, '}');
    }
    json_close(&r->j, ']');
}

static void say_answer(gate_task *t, enum gate_verdict v, int64_t until_us, str reason) {
    arena a = t->c->scratch;
    term_put(&t->c->t, style_of(v), v == GATE_ALLOW ? S("allowed") : v == GATE_DELAY ? S("later") : S("not sent"));
    if (v == GATE_DELAY) term_say(&t->c->t, ", from %.*s on", STR_ARG(say_time(&a, t->z, until_us)));
    if (reason.len) term_say(&t->c->t, ": %.*s", STR_ARG(term_clean(&a, reason, true)));
    term_say(&t->c->t, "\n");
}

static void say_steps(gate_task *t, const gate_answer *steps) {
    static const table_col cols[] = {{NULL, false, false}, {NULL, false, false}, {NULL, false, true}};
    arena *a = t->c->life;
    table *list = table_new(a, cols, COUNT(cols));
    for (int i = 0; i < GATE_RULES; i++) {
        table_add(list, STYLE_plain, str_c(steps[i].rule));
        table_add(list, style_of(steps[i].verdict), str_c(gate_verdict_name(steps[i].verdict)));
        table_add(list, STYLE_plain,
                  steps[i].reason.len ? term_clean(a, steps[i].reason, true)
                                      : str_c(gate_rule_text((enum gate_rule)i)));
    }
    table_print(list, &t->c->t, 2);
}

bool gate_cmd_check(gate_task *t, err *e) {
    gate_answer steps[GATE_RULES];
    int64_t at = t->now_us;
    gate_ask ask = {.customer = t->o->customer,
                    .channel = t->o->channel.len ? channel_of(t->o->channel) : CHANNEL_email,
                    .template = t->o->template,
                    .occasion = t->o->occasion,
                    .survey = t->o->survey,
                    .quota = t->o->quota};
    if (!gate_kind_given(t, &ask.kind, e)) return false;
    if (!ask.kind || !ask.customer) return fail(e, ERR_usage, "heed gate check --customer ID --kind KIND");
    if (!ask.channel) return fail(e, ERR_usage, "--channel is email, sms, phone, whatsapp …");
    if (t->o->at.len && !cli_time(t->c, t->z, "at", t->o->at, &at, e)) return false;
    if (!store_begin_read(t->s, e) || !gate_steps(t->c->life, t->s, &ask, at, 0, steps, e)) return false;
    const gate_answer *x = first_of(steps);
    if (!t->c->g.json) {
        say_answer(t, x->verdict, x->until_us, x->reason);
        say_steps(t, steps);
        return true;
    }
    reply r;
    reply_open(&r, t->c);
    json_open(&r.j, NULL, '{');
    json_put_str(&r.j, "verdict", str_c(gate_verdict_name(x->verdict)));
    json_put_str(&r.j, "rule", str_c(x->rule));
    json_put_str(&r.j, "reason", x->reason);
    reply_time(&r, "until", x->until_us);
    put_steps(&r, steps);
    json_close(&r.j, '}');
    reply_close(&r);
    return true;
}

// ---- what was asked ----

static void put_record(reply *r, const char *key, const gate_record *x) {
    json_open(&r->j, key, '{');
    json_put_int(&r->j, "id", x->id);
    reply_time(r, "at", x->at_us);
    json_put_int(&r->j, "customer", x->profile);
    json_put_str(&r->j, "kind", str_c(gate_kind_name(x->kind)));
    json_put_str(&r->j, "channel", channel_name(x->channel));
    json_put_str(&r->j, "template", x->template);
    json_put_str(&r->j, "occasion", x->occasion);
    json_put_str(&r->j, "survey", x->survey);
    json_put_str(&r->j, "verdict", str_c(gate_verdict_name(x->verdict)));
    json_put_str(&r->j, "rule", x->rule);
    json_put_str(&r->j, "reason", x->reason);
    reply_time(r, "until", x->until_us);
    reply_time(r, "unsent", x->unsent_us);
    json_put_str(&r->j, "by", x->by);
    json_close(&r->j, '}');
}

static void list_record(gate_task *t, table *list, const gate_record *x) {
    arena *a = t->c->life;
    str answer = x->unsent_us ? S("not sent") : str_c(gate_verdict_name(x->verdict));
    table_add(list, STYLE_plain, str_fmt(a, "%" PRId64, x->id));
    table_add(list, STYLE_plain, say_time(a, t->z, x->at_us));
    table_add(list, STYLE_plain, str_fmt(a, "%" PRId64, x->profile));
    table_add(list, STYLE_bold, str_c(gate_kind_name(x->kind)));
    table_add(list, style_of(x->verdict), answer);
    table_add(list, STYLE_plain, x->rule);
    table_add(list, STYLE_plain, term_clean(a, x->reason.len ? x->reason : x->occasion, true));
}

static bool verdict_given(const gate_task *t, int *v, err *e) {
    *v = -1;
    if (!t->o->verdict.len) return true;
    for (int i = GATE_ALLOW; i <= GATE_SKIP; i++)
        if (str_eq(t->o->verdict, str_c(gate_verdict_name((enum gate_verdict)i)))) *v = i;
    return *v >= 0 || fail(e, ERR_usage, "--verdict is allow, delay or skip");
}

bool gate_cmd_log(gate_task *t, err *e) {
    static const table_col cols[] = {{"answer", true, false}, {"at", false, false}, {"customer", true, false},
                                     {"kind", false, false},  {"", false, false},   {"rule", false, false},
                                     {"", false, true}};
    gate_records_ask ask = {.customer = t->o->customer, .rule = t->o->rule, .limit = MIN(t->o->limit, 1000)};
    gate_record *list;
    size_t n;
    if (!gate_kind_given(t, &ask.kind, e) || !verdict_given(t, &ask.verdict, e) ||
        !gate_records(t->c->life, t->s, &ask, &list, &n, e))
        return false;
    if (t->c->g.json) {
        reply r;
        reply_open(&r, t->c);
        json_open(&r.j, NULL, '{');
        json_open(&r.j, "records", '[');
        for (size_t i = 0; i < n; i++) put_record(&r, NULL, &list[i]), reply_some(&r);
        json_close(&r.j, ']');
        json_close(&r.j, '}');
        reply_close(&r);
        return true;
    }
    table *out = table_new(t->c->life, cols, COUNT(cols));
    for (size_t i = 0; i < n; i++) list_record(t, out, &list[i]);
    if (n)
        table_print(out, &t->c->t, 0);
    else
        term_say(&t->c->t, "The gate was not asked anything like that yet.\n");
    return true;
}

bool gate_cmd_why(gate_task *t, err *e) {
    gate_record x;
    gate_answer steps[GATE_RULES];
    int64_t id;
    arena a = t->c->scratch;
    if (t->c->args.n != 2) return fail(e, ERR_usage, "heed gate why NUMBER");
    if (!cli_id("answer", t->c->args.v[1], &id, e) || !store_begin_read(t->s, e) ||
        !gate_record_get(t->c->life, t->s, id, &x, e))
        return false;
    gate_ask ask = gate_record_ask(&x);
    if (!gate_steps(t->c->life, t->s, &ask, x.at_us, id, steps, e)) return false;
    if (t->c->g.json) {
        reply r;
        reply_open(&r, t->c);
        json_open(&r.j, NULL, '{');
        put_record(&r, "record", &x);
        put_steps(&r, steps);
        json_close(&r.j, '}');
        reply_close(&r);
        return true;
    }
    term_say(&t->c->t, "%s to customer:%" PRId64 ", asked by %.*s at %.*s\n", gate_kind_name(x.kind), x.profile,
             STR_ARG(term_clean(&a, x.by, true)), STR_ARG(say_time(&a, t->z, x.at_us)));
    say_answer(t, x.verdict, x.until_us, x.reason);
    if (x.unsent_us) term_say(&t->c->t, "It was not sent after all, and does not count.\n");
    say_steps(t, steps);
    return true;
}

// ---- sums ----

// The days added up: rows that differ in the day alone are one.
static size_t add_days(gate_count *list, size_t n) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < kept && (list[k].kind != list[i].kind || list[k].verdict != list[i].verdict ||
                            !str_eq(list[k].rule, list[i].rule)))
            k++;
        if (k < kept)
            list[k].n += list[i].n;
        else
            list[kept++] = list[i];
    }
    return kept;
}

static int count_order(const void *x, const void *y) {
    const gate_count *a = x, *b = y;
    if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
    if (a->verdict != b->verdict) return a->verdict < b->verdict ? -1 : 1;
    return str_cmp(a->rule, b->rule);
}

bool gate_cmd_counts(gate_task *t, err *e) {
    static const table_col cols[] = {
        {"kind", false, false}, {"", false, false}, {"rule", false, false}, {"how many", true, false}};
    gate_count *list;
    size_t n;
    int64_t since = t->now_us;
    arena *a = t->c->life;
    if (!cli_time(t->c, t->z, "since", t->o->since.len ? t->o->since : S("30d"), &since, e) ||
        !gate_counts(a, t->s, since, t->now_us + 1, &list, &n, e))
        return false;
    n = add_days(list, n);
    if (n > 1) qsort(list, n, sizeof *list, count_order);
    table *out = table_new(a, cols, COUNT(cols));
    reply r;
    reply_open(&r, t->c);
    json_open(&r.j, NULL, '{');
    json_open(&r.j, "counts", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "kind", str_c(gate_kind_name(list[i].kind)));
        json_put_str(&r.j, "verdict", str_c(gate_verdict_name(list[i].verdict)));
        json_put_str(&r.j, "rule", list[i].rule);
        json_put_int(&r.j, "n", list[i].n);
        json_close(&r.j, '}');
        table_add(out, STYLE_bold, str_c(gate_kind_name(list[i].kind)));
        table_add(out, style_of(list[i].verdict), str_c(gate_verdict_name(list[i].verdict)));
        table_add(out, STYLE_plain, list[i].rule);
        table_add(out, STYLE_plain, term_count(a, list[i].n));
    }
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    if (t->c->g.json) return reply_close(&r), true;
    reply_drop(&r);
    if (n)
        table_print(out, &t->c->t, 0);
    else
        term_say(&t->c->t, "The gate was not asked anything in this time.\n");
    return true;
}

bool gate_cmd_kinds(gate_task *t, err *e) {
    static const table_col cols[] = {{"kind", false, false},
                                     {"asks", true, false},
                                     {"days between", true, false},
                                     {"refused as", false, false},
                                     {"", false, true}};
    arena *a = t->c->life;
    table *out = table_new(a, cols, COUNT(cols));
    reply r;
    reply_open(&r, t->c);
    json_open(&r.j, NULL, '{');
    json_open(&r.j, "kinds", '[');
    for (int k = GATE_none + 1; k < GATE_KINDS; k++) {
        const gate_kind_row *x = gate_kind_row_of((enum gate_kind)k);
        if (!x) continue;
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "kind", str_c(x->name));
        json_put_str(&r.j, "text", str_c(x->text));
        json_put_num(&r.j, "asks", x->halves / 2.0);
        json_put_int(&r.j, "days", x->days);
        json_close(&r.j, '}');
        table_add(out, STYLE_bold, str_c(x->name));
        table_add(out, STYLE_plain, str_fmt(a, "%g", x->halves / 2.0));
        table_add(out, STYLE_plain, str_fmt(a, "%d", x->days));
        const purpose_row *p = purpose_of(purpose_of_kind((enum gate_kind)k, CHANNEL_email));
        table_add(out, STYLE_plain, p ? str_fmt(a, "%s%s", p->name, p->opt_in ? ", must be allowed" : "") : S(""));
        table_add(out, STYLE_plain, str_c(x->text));
    }
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    if (t->c->g.json) return reply_close(&r), true;
    reply_drop(&r);
    table_print(out, &t->c->t, 0);
    return err_ok(e);
}
