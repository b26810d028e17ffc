// Why a customer is in a segment, or is not: each condition with what stands there.
#include "base/money.h"

#include "know/feedback.h"
#include "know/person.h"
#include "know/segment_private.h"
#include "sql/serve_know.h"

typedef struct {
    subject x;
    store *s;
    person p; // profiles and identifiers, for what their sets hold
    sources *all;
    bool *holds; // per node
} explain;

static bool judge(explain *k, int32_t i) {
    const segment_rule *r = k->x.k->r;
    const rule_node *n = &r->nodes[i];
    bool ok = n->kind != NODE_ANY;
    switch (n->kind) {
    case NODE_TEST: return k->holds[i] = subject_holds(&k->x, n->test);
    case NODE_NOT: return k->holds[i] = !judge(k, n->child);
    case NODE_SEGMENT: return k->holds[i] = judge(k, n->child);
    case NODE_ALL:
        for (int32_t c = n->child; c >= 0; c = r->nodes[c].next) ok &= judge(k, c);
        break;
    case NODE_ANY:
        for (int32_t c = n->child; c >= 0; c = r->nodes[c].next) ok |= judge(k, c);
        break;
    }
    return k->holds[i] = ok;
}

// ---- what stands there ----

static void put_fact(json_out *j, str seen[], size_t *n, size_t most, str x) {
    if (!x.len || *n == most) return;
    for (size_t i = 0; i < *n; i++)
        if (str_eq(seen[i], x)) return;
    seen[(*n)++] = x;
    json_put_str(j, NULL, x);
}

static str fact_of(const person_profile *p, enum field_from from) {
    switch (from) {
    case FROM_COUNTRY: return p->country;
    case FROM_SEGMENT: return p->segment;
    case FROM_LANG: return p->lang;
    case FROM_ORIGIN: return p->from->name;
    default: return S("");
    }
}

static void put_set(const explain *k, json_out *j, const rule_test *t) {
    static const char *const moods[] = {"unhappy", "neither", "happy"};
    str seen[64];
    size_t n = 0;
    const summary *s = &k->x.sum;
    const currency *c = currency_by_number(s->currency);
    int mood = s->last_score_us ? score_mood((enum instrument)s->last_instrument, s->last_score) : MOOD_UNKNOWN;
    json_open(j, "actual", '[');
    switch (t->field->from) {
    case FROM_CHANNEL:
        for (int i = 0; i < 64; i++)
            if (s->channels >> i & 1) json_put_str(j, NULL, channel_name((enum channel)i));
        break;
    case FROM_MOOD:
        if (mood != MOOD_UNKNOWN) json_put_str(j, NULL, str_c(moods[mood + 1]));
        break;
    case FROM_CURRENCY:
        if (c) json_put_str(j, NULL, str_c(c->code));
        break;
    default:
        for (size_t i = 0; i < k->p.n_profiles; i++) {
            const person_profile *p = &k->p.profiles[i];
            put_fact(j, seen, &n, COUNT(seen), fact_of(p, t->field->from));
            for (size_t d = 0; t->field->from == FROM_IDENT && d < p->n_ids; d++)
                put_fact(j, seen, &n, COUNT(seen), ident_name(p->ids[d].kind));
        }
    }
    json_close(j, ']');
}

// Without the currency asked for, what stands there is told in its own.
static void put_money(explain *k, json_out *j, const rule_test *t, bool known, int64_t v) {
    const currency *c = currency_by_number(known ? t->unit : k->x.sum.currency);
    if (!c) return json_put_null(j, "actual");
    json_open(j, "actual", '{');
    json_put_int(j, "value", v);
    json_put_str(j, "currency", str_c(c->code));
    json_close(j, '}');
}

static void put_actual(explain *k, json_out *j, int32_t test) {
    const rule_test *t = &k->x.k->r->tests[test];
    int64_t v = 0;
    if (t->field->type == TYPE_SET) return put_set(k, j, t);
    bool known = subject_value(&k->x, test, &v);
    if (t->field->type == TYPE_MONEY) return put_money(k, j, t, known && t->op < OP_KNOWN, v);
    if (!known) return json_put_null(j, "actual");
    switch (t->field->type) {
    case TYPE_NUMBER: json_put_int(j, "actual", v); return;
    case TYPE_DAYS: json_put_int(j, "actual", k->x.k->today - zone_days(k->x.k->z, v)); return;
    case TYPE_TIME: json_put_time(j, "actual", v); return;
    case TYPE_FLAG: json_put_bool(j, "actual", v != 0); return;
    case TYPE_SCORE: json_put_num(j, "actual", (double)v / 100); return;
    case TYPE_MONEY:
    case TYPE_SET: break;
    }
}

static void put_node(explain *k, json_out *j, const char *key, int32_t i) {
    const segment_rule *r = k->x.k->r;
    const rule_node *n = &r->nodes[i];
    json_open(j, key, '{');
    if (n->kind == NODE_TEST) {
        segment_put_test(j, &r->tests[n->test]);
        put_actual(k, j, n->test);
    } else if (n->kind == NODE_NOT) {
        put_node(k, j, "not", n->child);
    } else if (n->kind == NODE_SEGMENT) {
        json_put_int(j, "segment", n->segment);
        json_put_str(j, "name", n->name);
        put_node(k, j, "rule", n->child);
    } else {
        json_open(j, n->kind == NODE_ALL ? "all" : "any", '[');
        for (int32_t c = n->child; c >= 0; c = r->nodes[c].next) put_node(k, j, NULL, c);
        json_close(j, ']');
    }
    json_put_bool(j, "holds", k->holds[i]);
    json_close(j, '}');
}

// ---- all ----

// Who has only facts and no events has an empty timeline.
static bool read_subject(arena *a, explain *k, asking *q, int64_t customer, err *e) {
    k->x = (subject){.k = q, .id = customer, .a = a, .e = e, .state_at = -1, .read = true};
    for (row r = store_query(k->s, Q_segment_one, e, "i", customer); row_next(&r);)
        subject_state(&k->x, row_str(&r, 1));
    subject_summary(&k->x);
    return err_ok(e);
}

bool segment_why(arena *a, store *s, const segment_rule *r, int64_t now_us, int64_t customer, json_out *j, bool *member,
                 err *e) {
    explain k = {.s = s, .holds = make(a, bool, r->n_nodes + 1)};
    asking q;
    sources_as_asked(a, s, &k.all);
    if (!person_read(a, s, k.all, customer, &k.p, e)) return false;
    if (!asking_begin(&q, a, s, r, now_us, false, e) || !asking_one(&q, customer, e)) return false;
    if (!read_subject(a, &k, &q, customer, e)) return false;
    *member = k.p.has_summary && judge(&k, r->root);
    json_open(j, NULL, '{');
    json_put_bool(j, "member", *member);
    put_node(&k, j, "rule", r->root);
    json_close(j, '}');
    return true;
}
