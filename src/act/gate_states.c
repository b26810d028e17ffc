// What a customer may be in.
#include "act/commitment_broken.h"
#include "act/gate_private.h"
#include "act/hardship.h"
#include "act/stage_act.h"
#include "know/feedback.h"
#include "sql/act_gate.h"
#include "sql/know.h"

static const struct {
    uint32_t state;
    const char *text;
} names[] = {{STATE_HARDSHIP, "in hardship"},
             {STATE_BEREAVED, "bereaved"},
             {STATE_COMPLAINT, "a complaint is open"},
             {STATE_DO_NOT_ASK, "they asked for peace"},
             {STATE_BROKEN, "an apology is owed for a broken promise"}};

str gate_states_text(arena *a, uint32_t states) {
    buf b = buf_new(a, 300);
    for (size_t i = 0; i < COUNT(names); i++)
        if (states & names[i].state) buf_fmt(&b, "%s%s", b.len ? ", " : "", names[i].text);
    return buf_str(&b);
}

// ---- complaints ----

typedef struct {
    int64_t at_us, thread;
    bool has_thread, confirmed; // confirmed: a solution, by the customer's word
} matter;

enum { MOST_MATTERS = 512, MOST_EVENTS = 1000 };

typedef struct {
    weighing *w;
    matter *complaints, *solutions;
    size_t n_complaints, n_solutions;
} matters;

static void take_event(matters *m, const row *q) {
    arena scratch = *m->w->a;
    record r = {.profile_id = row_int(q, 1),
                .at_us = row_int(q, 2),
                .kind = (uint8_t)row_int(q, 4),
                .value = row_int(q, 7),
                .has_value = !row_null(q, 7),
                .unit = (int32_t)row_int(q, 8),
                .body = row_str(q, 10)};
    matter x = {r.at_us, row_int(q, 9), !row_null(q, 9), r.kind == KIND_commitment_confirmed};
    said s;
    if (r.kind == KIND_conversation_solved || x.confirmed) {
        if (m->n_solutions < MOST_MATTERS) m->solutions[m->n_solutions++] = x;
    } else if (said_of(&scratch, &r, &s) && s.complaint && m->n_complaints < MOST_MATTERS)
        m->complaints[m->n_complaints++] = x;
}

static bool read_month(matters *m, int64_t profile, int64_t month, int64_t since_us, err *e) {
    static const enum kind wanted[] = {KIND_complaint,  KIND_review,
                                       KIND_answer,     KIND_comment,
                                       KIND_call,       KIND_conversation_solved,
                                       KIND_message_in, KIND_commitment_confirmed};
    const weighing *w = m->w;
    int64_t kinds = 0, none = 0, most = MOST_EVENTS;
    for (size_t i = 0; i < COUNT(wanted); i++) kinds |= INT64_C(1) << wanted[i];
    for (row q = store_query(w->s, Q_event_back, e, "iiiiiiiiiiii", month, month, profile, w->now_us, INT64_MAX,
                             since_us, w->now_us + 1, kinds, none, most, none, none);
         row_next(&q);)
        take_event(m, &q);
    return err_ok(e);
}

// A solution in a conversation settles what was said in it before. What was said elsewhere is settled by any solution,
// and everything by the customer's own word.
static bool solved(const matters *m, const matter *c) {
    for (size_t i = 0; i < m->n_solutions; i++) {
        const matter *s = &m->solutions[i];
        bool fits = s->confirmed || !c->has_thread || (s->has_thread && s->thread == c->thread);
        if (fits && s->at_us >= c->at_us) return true;
    }
    return false;
}

static bool complaint_open(weighing *w, bool *open, int64_t *until_us, err *e) {
    int64_t window = w->limits.of[LIMIT_complaint_days] * DAY_US, since = w->now_us - window;
    *open = false, *until_us = 0;
    if (!weigh_bought(w, e)) return false;
    if (!w->complaints) return true;
    arena scratch = *w->a;
    weighing mine = *w;
    mine.a = &scratch;
    matters m = {.w = &mine,
                 .complaints = make(&scratch, matter, MOST_MATTERS),
                 .solutions = make(&scratch, matter, MOST_MATTERS)};
    for (size_t i = 0; i < w->n_profiles; i++)
        for (int32_t p = event_period(since); p <= event_period(w->now_us); p++)
            if (!read_month(&m, w->profiles[i], p, since, e)) return false;
    for (size_t i = 0; i < m.n_complaints; i++) {
        if (solved(&m, &m.complaints[i])) continue;
        *open = true;
        *until_us = MAX(*until_us, m.complaints[i].at_us + window);
    }
    return true;
}

// ---- all of them ----

static bool paused(weighing *w, bool *is, int64_t *until_us, err *e) {
    *is = false, *until_us = 0;
    for (size_t i = 0; i < w->n_profiles; i++)
        for (row r = store_query(w->s, Q_gate_pause_get, e, "i", w->profiles[i]); row_next(&r);) {
            if (row_int(&r, 0) <= w->now_us || row_int(&r, 1) > w->now_us) continue;
            *is = true;
            *until_us = MAX(*until_us, row_int(&r, 0));
        }
    return err_ok(e);
}

static bool broken(weighing *w, bool *any, err *e) {
    bool *each = make(w->a, bool, w->n_profiles);
    *any = false;
    if (!commitment_broken_of(w->s, w->profiles, w->n_profiles, w->now_us, each, e)) return false;
    for (size_t i = 0; i < w->n_profiles; i++) *any |= each[i];
    return true;
}

typedef struct {
    uint32_t states;
    int64_t until_us;
    bool unknown; // one of them ends nobody knows when
} sum;

static void add(sum *x, uint32_t states, int64_t until_us) {
    if (!states) return;
    x->states |= states;
    x->unknown |= until_us <= 0 || until_us == INT64_MAX;
    x->until_us = MAX(x->until_us, until_us);
}

bool weigh_states(weighing *w, uint32_t wanted, uint32_t *states, int64_t *until_us, err *e) {
    sum all = {0};
    uint32_t gentle = 0;
    int64_t until = 0;
    bool is = false;
    if (wanted & (STATE_HARDSHIP | STATE_BEREAVED | STATE_DO_NOT_ASK)) {
        if (!hardship_states(w->s, w->profiles, w->n_profiles, w->now_us, &gentle, &until, e)) return false;
        add(&all, gentle & wanted, until);
    }
    if (wanted & STATE_DO_NOT_ASK) {
        if (!paused(w, &is, &until, e)) return false;
        add(&all, is ? STATE_DO_NOT_ASK : 0, until);
    }
    if (wanted & STATE_BROKEN) {
        if (!broken(w, &is, e)) return false;
        add(&all, is ? STATE_BROKEN : 0, 0);
    }
    if (wanted & STATE_COMPLAINT) {
        if (!complaint_open(w, &is, &until, e)) return false;
        add(&all, is ? STATE_COMPLAINT : 0, until);
    }
    *states = all.states;
    *until_us = all.unknown ? 0 : all.until_us;
    return true;
}

bool weigh_stage(weighing *w, str *text, int64_t *until, err *e) {
    str stage;
    if (!stage_holds(w->a, w->s, w->customer, w->now_us, str_c(w->kind->name), &stage, until, e)) return false;
    if (*until == INT64_MAX) *until = 0;
    *text = S("");
    if (stage.len) *text = str_fmt(w->a, "in the stage '%.*s', where no %s is sent", STR_ARG(stage), w->kind->name);
    return true;
}

bool gate_states(arena *a, store *s, int64_t customer, int64_t now_us, uint32_t *states, int64_t *until_us, err *e) {
    int64_t until;
    gate_ask ask = {.kind = GATE_service, .customer = customer};
    weighing w = {.a = a, .s = s, .ask = &ask, .now_us = now_us, .before_id = INT64_MAX};
    return weigh_open(&w, e) && weigh_states(&w, STATE_ANY, states, until_us ? until_us : &until, e);
}
