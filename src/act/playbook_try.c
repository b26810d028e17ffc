// What a playbook would have done in the days that are past.
#include "act/playbook_try.h"

#include "act/playbook_private.h"
#include "know/commitment.h"
#include "know/lists.h"

typedef struct {
    arena *a;
    store *s;
    const playbook_row *p;
    const play *d;
    int64_t from_us, now_us;
    entering in;
    try_past *out;
} trying;

// ---- who would have entered ----

typedef struct {
    int64_t *ids;
    size_t n, room;
    arena *a;
} id_list;

static bool take_id(void *ctx, const summary *x, err *e) {
    id_list *k = ctx;
    (void)e;
    list_push(k->a, &k->ids, &k->n, &k->room, x->customer_id);
    return true;
}

// A day's members; false in *told when the rule asks what is not remembered.
static bool members_then(trying *k, int64_t at_us, id_list *out, bool *told, err *e) {
    segment_ask ask = {.rule = k->d->segment, .now_us = at_us, .past = true, .take = take_id, .ctx = out};
    err why = {0};
    *out = (id_list){.a = k->a};
    *told = segment_scan(k->s, &ask, &why);
    return *told || why.code == ERR_invalid || (*e = why, false);
}

static void compare_days(trying *k, const id_list *was, const id_list *is, int64_t at_us) {
    size_t w = 0;
    str day = date_str(k->a, zone_days(k->in.z, at_us));
    for (size_t i = 0; i < is->n; i++) {
        while (w < was->n && was->ids[w] < is->ids[i]) w++;
        if (w < was->n && was->ids[w] == is->ids[i]) continue;
        str occasion = str_fmt(k->a, "in:%.*s", STR_ARG(day));
        entering_add(&k->in, (entrant){.customer = is->ids[i], .at_us = at_us, .next_us = at_us, .occasion = occasion});
    }
}

// Over many customers not every day is looked at, so that a try ends.
static int steps_of(trying *k, int64_t customers) {
    enum { LOOKS = 3000000 };
    int64_t days = (k->now_us - k->from_us) / DAY_US;
    int64_t most = MAX(LOOKS / MAX(customers, INT64_C(1)), INT64_C(6));
    return (int)MAX((days + most - 1) / most, INT64_C(1));
}

static bool past_segment(trying *k, err *e) {
    id_list was, is;
    bool told;
    int64_t customers = 0;
    segment_ask count = {.now_us = k->now_us, .seen = &customers};
    if (!segment_scan(k->s, &count, e) || !members_then(k, k->from_us, &was, &told, e)) return false;
    if (!told) {
        k->out->why = "its rule asks for what is not remembered day by day, so the past cannot be told";
        return true;
    }
    k->out->every_days = steps_of(k, customers);
    int64_t step = k->out->every_days * DAY_US;
    for (int64_t at = k->from_us + step; at < k->now_us; at += step, was = is) {
        if (!members_then(k, at, &is, &told, e)) return false;
        compare_days(k, &was, &is, at);
    }
    return true;
}

static bool find(trying *k, err *e) {
    k->in.since_us = k->from_us;
    switch (k->d->trigger) {
    case TRIGGER_event: return enter_events(&k->in, e);
    case TRIGGER_segment: return past_segment(k, e);
    case TRIGGER_date: return enter_dates(&k->in, k->now_us, e);
    case TRIGGER_promise: return enter_promises(&k->in, true, e);
    case TRIGGER_measure: k->out->why = "a figure of the company has nobody who would have got it"; return true;
    case TRIGGER_stuck:
    case TRIGGER_rhythm:
        k->out->why = "it follows the clock, so the past cannot be told; try it on personas";
        return true;
    }
    return true;
}

// ---- what the gate would have said ----

static const play_step *first_message(const play *d) {
    for (int32_t i = 0; i < d->n_steps; i++)
        if (d->steps[i].kind == STEP_message) return &d->steps[i];
    return NULL;
}

// How long the steps before the first message wait.
static int64_t wait_before(const play *d) {
    int64_t us = 0;
    for (int32_t i = 0; i < d->n_steps && d->steps[i].kind != STEP_message; i++)
        if (d->steps[i].kind == STEP_wait) us += d->steps[i].wait_us;
    return us;
}

static void count_rule(try_past *o, const char *rule) {
    for (int i = 0; i < o->n_kept_back; i++)
        if (!strcmp(o->kept_back[i].rule, rule)) {
            o->kept_back[i].n++;
            return;
        }
    if (o->n_kept_back < (int)COUNT(o->kept_back)) {
        o->kept_back[o->n_kept_back].rule = rule;
        o->kept_back[o->n_kept_back++].n = 1;
    }
}

static bool ask_gate(trying *k, const play_step *m, const entrant *x, try_case *c, err *e) {
    gate_ask ask = {.kind = m->gate,
                    .customer = x->customer,
                    .channel = CHANNEL_email,
                    .template = m->template,
                    .occasion = x->occasion,
                    .by = S("a try")};
    gate_answer answer;
    err why = {0};
    if (!gate_look(k->a, k->s, &ask, x->at_us + wait_before(k->d), &answer, &why)) {
        if (why.code != ERR_conflict && why.code != ERR_not_found) return *e = why, false;
        answer = (gate_answer){.verdict = GATE_SKIP, .reason = str_dup(k->a, str_c(why.msg)), .rule = "address"};
    }
    c->verdict = answer.verdict, c->reason = answer.reason, c->rule = answer.rule ? answer.rule : "";
    k->out->asked++;
    k->out->allow += answer.verdict == GATE_ALLOW, k->out->delay += answer.verdict == GATE_DELAY;
    k->out->skip += answer.verdict == GATE_SKIP;
    if (answer.verdict != GATE_ALLOW) count_rule(k->out, c->rule);
    return true;
}

static int by_count(const void *a, const void *b) {
    const int64_t *x = (const int64_t *)((const char *)a + sizeof(void *)),
                  *y = (const int64_t *)((const char *)b + sizeof(void *));
    return (*y > *x) - (*y < *x);
}

// The newest are asked of first, because only so many are.
static bool judge(trying *k, err *e) {
    try_past *o = k->out;
    const play_step *m = first_message(k->d);
    o->cases = make(k->a, try_case, TRY_SHOWN);
    for (size_t i = k->in.n; i-- > 0;) {
        const entrant *x = &k->in.of[i];
        try_case c = {.customer = x->customer, .at_us = x->at_us, .occasion = x->occasion, .rule = ""};
        c.held = playbook_draw(k->p->id, x->customer, "hold", k->d->hold);
        o->entered++, o->held += c.held;
        if (!c.held && m && o->asked < TRY_ASKED && !ask_gate(k, m, x, &c, e)) return false;
        if (o->n_cases < TRY_SHOWN) o->cases[o->n_cases++] = c;
    }
    qsort(o->kept_back, (size_t)o->n_kept_back, sizeof o->kept_back[0], by_count);
    return true;
}

bool playbook_try_past(arena *a, store *s, const playbook_row *p, const play *d, int32_t days, int64_t now_us,
                       try_past *out, err *e) {
    *out = (try_past){.today_alone = d->only != NULL};
    trying k = {.a = a, .s = s, .p = p, .d = d, .from_us = now_us - days * DAY_US, .now_us = now_us, .out = out};
    if (!entering_begin(&k.in, a, s, p, d, now_us, e)) return false;
    // What it really did does not count: the question is what it would have done.
    k.in.known = map64_new(a, 1024), k.in.last = map64_new(a, 64), k.in.n_last = 0;
    if (!find(&k, e) || !entering_filter(&k.in, e)) return false;
    entering_sort(&k.in);
    return judge(&k, e);
}
