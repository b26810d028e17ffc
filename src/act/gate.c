#include "act/gate_private.h"

#include "act/preference.h"
#include "sql/act_gate.h"

static const gate_kind_row kinds[GATE_KINDS] = {
#define GATE(name, id, consent, states, halves, days, text) [id] = {#name, consent, text, states, halves, days},
#include "act/gate_kinds.def"
};

const gate_kind_row *gate_kind_row_of(enum gate_kind k) {
    return k > GATE_none && k < GATE_KINDS && kinds[k].name ? &kinds[k] : NULL;
}

const char *gate_kind_name(enum gate_kind k) {
    const gate_kind_row *known = gate_kind_row_of(k);
    return known ? known->name : "none";
}

enum gate_kind gate_kind_of(str name) {
    for (int k = GATE_none + 1; k < GATE_KINDS; k++)
        if (kinds[k].name && str_eq(name, str_c(kinds[k].name))) return (enum gate_kind)k;
    return GATE_none;
}

const char *gate_verdict_name(enum gate_verdict v) {
    static const char *const names[] = {"allow", "delay", "skip"};
    return names[v];
}

static const struct {
    const char *name, *text;
    gate_rule_fn run;
} rules[GATE_RULES] = {
#define RULE(name, text) {#name, text, rule_##name},
#include "act/gate_rules.def"
};

const char *gate_rule_name(enum gate_rule r) {
    return r < GATE_RULES ? rules[r].name : "";
}

const char *gate_rule_text(enum gate_rule r) {
    return r < GATE_RULES ? rules[r].text : "";
}

// ---- weighing ----

static bool weigh(weighing *w, gate_answer *out, err *e) {
    *out = (gate_answer){.rule = ""};
    if (!weigh_open(w, e)) return false;
    for (int r = 0; r < GATE_RULES; r++) {
        if (!rules[r].run(w, out, e)) return false;
        if (out->verdict == GATE_ALLOW) continue;
        out->rule = rules[r].name;
        return true;
    }
    out->until_us = 0;
    return true;
}

bool gate_look(arena *a, store *s, const gate_ask *ask, int64_t now_us, gate_answer *out, err *e) {
    weighing w = {.a = a, .s = s, .ask = ask, .now_us = now_us, .before_id = INT64_MAX};
    return weigh(&w, out, e);
}

bool gate_steps(arena *a, store *s, const gate_ask *ask, int64_t now_us, int64_t before, gate_answer out[GATE_RULES],
                err *e) {
    weighing w = {.a = a, .s = s, .ask = ask, .now_us = now_us, .before_id = before ? before : INT64_MAX};
    if (!weigh_open(&w, e)) return false;
    for (int r = 0; r < GATE_RULES; r++) {
        out[r] = (gate_answer){.rule = rules[r].name};
        if (!rules[r].run(&w, &out[r], e)) return false;
        if (out[r].verdict == GATE_ALLOW) out[r].until_us = 0;
    }
    return true;
}

// ---- passing ----

static bool keep(const weighing *w, const gate_answer *x, err *e) {
    const gate_ask *ask = w->ask;
    const int64_t *until = x->verdict == GATE_DELAY ? &x->until_us : NULL;
    return store_run(w->s, Q_gate_put, NULL, e, "iiiiittttiiIttt", x->id, w->customer, w->now_us, (int64_t)ask->kind,
                     (int64_t)ask->channel, ask->template, ask->occasion, ask->survey, ask->quota,
                     (int64_t)w->kind->halves, (int64_t)x->verdict, until, str_c(x->rule), x->reason, ask->by);
}

bool gate_pass(ledger *l, arena *a, const gate_ask *ask, gate_answer *out, err *e) {
    const world *clock = ledger_world(l);
    weighing w = {
        .a = a, .s = ledger_store(l), .ask = ask, .now_us = clock->now_us(clock), .before_id = INT64_MAX, .keep = true};
    return weigh(&w, out, e) && ledger_id(l, &out->id, e) && keep(&w, out, e) &&
           (out->verdict != GATE_ALLOW || !w.purpose || preference_key_make(l, e));
}

bool gate_unsent(ledger *l, int64_t gate_id, err *e) {
    const world *w = ledger_world(l);
    int64_t changed = 0;
    if (!store_run(ledger_store(l), Q_gate_unsent, &changed, e, "ii", gate_id, w->now_us(w))) return false;
    return changed || fail(e, ERR_not_found, "the gate let nothing pass under %" PRId64, gate_id);
}
