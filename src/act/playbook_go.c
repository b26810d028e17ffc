// Taking runs from step to step.
#include "act/commitment_note.h"
#include "act/outbox.h"
#include "act/playbook_private.h"
#include "act/preference.h"
#include "know/fold.h"
#include "sql/act_playbook.h"
#include "sql/know.h"
#include "sql/know_privacy.h"

typedef struct {
    ledger *l;
    arena *a;
    store *s;
    playbook_run *r;
    play d;
    int64_t now_us, customer;
    int32_t from_step; // where it stood in the store
} going;

// ---- rows ----

static bool save(going *k, err *e) {
    playbook_run *r = k->r;
    int64_t changed = 0;
    if (!store_run(k->s, Q_playbook_run_put, &changed, e, "iiiiiiIt", r->id, (int64_t)k->from_step, (int64_t)r->state,
                   (int64_t)r->step, r->since_us, r->next_us, r->ended_us ? &r->ended_us : NULL, r->why))
        return false;
    k->from_step = r->step;
    return changed || fail(e, ERR_changed, "run %" PRId64 " was changed meanwhile", r->id);
}

static bool note(going *k, const char *what, str words, int64_t about, err *e) {
    return store_run(k->s, Q_playbook_note_put, NULL, e, "iiitti", k->r->id, (int64_t)k->r->step, k->now_us,
                     str_c(what), str_sub(words, 0, 1000), about);
}

static void on_to(going *k, int32_t step) {
    k->r->step = step, k->r->since_us = k->r->next_us = k->now_us;
}

static void end(going *k, enum run_state state, str why) {
    k->r->state = state, k->r->ended_us = k->now_us, k->r->why = why;
}

// The customer whose profile the run names: joined and split customers take their runs along.
static bool find_customer(going *k, err *e) {
    k->customer = 0;
    if (!k->r->profile) return true;
    str one = str_fmt(k->a, "[%" PRId64 "]", k->r->profile);
    for (row q = store_query(k->s, Q_profile_some, e, "t", one); row_next(&q);) k->customer = row_int(&q, 1);
    if (err_ok(e) && !k->customer) end(k, RUN_stopped, S("the customer is not there any more"));
    return err_ok(e);
}

static bool open_run(going *k, ledger *l, arena *a, playbook_run *r, err *e) {
    *k = (going){.l = l, .a = a, .s = ledger_store(l), .r = r, .from_step = r->step};
    const world *w = ledger_world(l);
    k->now_us = w->now_us(w);
    return playbook_of_run(a, k->s, r, &k->d, e) && find_customer(k, e);
}

// ---- what stops it ----

#define BIT(kind) (UINT64_C(1) << KIND_##kind)

static const struct {
    enum play_stop stop;
    uint64_t kinds;
    const char *why;
} stops[] = {
    {STOP_replied, BIT(message_in) | BIT(call), "they answered"},
    {STOP_bought, BIT(order) | BIT(payment) | BIT(contract_start), "they bought"},
    {STOP_complained, BIT(complaint), "they complained"},
};

static bool is_ours(const going *k, str purpose) {
    return !k->d.purposes || (k->d.purposes >> purpose_named(purpose) & 1);
}

// A refusal, after it began, of what its messages are sent for; of anything where it has none.
static bool unsubscribed(going *k, bool *yes, err *e) {
    *yes = false;
    for (row p = store_query(k->s, Q_profile_of_customer, e, "i", k->customer); row_next(&p);)
        for (row r = store_query(k->s, Q_consent_of_profile, e, "i", row_int(&p, 0)); row_next(&r);)
            *yes |= row_int(&r, 1) == 0 && row_int(&r, 2) >= k->r->entered_us && is_ours(k, row_str(&r, 0));
    return err_ok(e);
}

static bool must_stop(going *k, bool *stop, err *e) {
    happened x = {.customer = k->customer, .since_us = k->r->entered_us};
    uint64_t kinds = 0;
    bool off = false, in = true;
    *stop = false;
    if (!k->customer) return true;
    for (size_t i = 0; i < COUNT(stops); i++) kinds |= k->d.stops & stops[i].stop ? stops[i].kinds : 0;
    if (kinds && !playbook_happened(k->a, k->s, &x, 1, kinds, k->now_us, e)) return false;
    for (size_t i = 0; i < COUNT(stops); i++)
        if (x.kinds & stops[i].kinds) return *stop = true, end(k, RUN_stopped, str_c(stops[i].why)), true;
    if (k->d.stops & STOP_unsubscribed && !unsubscribed(k, &off, e)) return false;
    if (off) return *stop = true, end(k, RUN_stopped, S("they want nothing more of the kind")), true;
    if (k->d.stops & STOP_left && !segment_which(k->a, k->s, k->d.segment, k->now_us, &k->customer, 1, &in, e))
        return false;
    if (!in) *stop = true, end(k, RUN_stopped, S("they left the segment"));
    return true;
}

// ---- a message ----

static bool compose(going *k, const play_step *x, outbox_new *m, err *e) {
    playbook_person who;
    template_row t;
    if (!playbook_person_read(k->a, k->s, k->customer, k->d.from, k->r->facts, S(""), k->now_us, &who, e)) return false;
    if (!template_get(k->a, k->s, x->template, who.lang, &t, e))
        return err_ok(e) ? fail(e, ERR_conflict, "there is no template '%.*s'", STR_ARG(x->template)) : false;
    if (!str_starts_ci(who.lang, t.lang) &&
        !playbook_person_read(k->a, k->s, k->customer, k->d.from, k->r->facts, t.lang, k->now_us, &who, e))
        return false;
    if (!who.email.len) return fail(e, ERR_conflict, "no e-mail address is known of them");
    *m = (outbox_new){.gate = {.kind = x->gate,
                               .customer = k->customer,
                               .channel = CHANNEL_email,
                               .address = who.email,
                               .template = x->template,
                               .occasion = k->r->occasion,
                               .by = str_fmt(k->a, "playbook:%" PRId64, k->r->playbook)},
                      .to_name = who.name,
                      .from_name = k->d.from,
                      .reply_to = k->d.reply_to,
                      .lang = t.lang,
                      .playbook_run = k->r->id};
    return template_fill(k->a, &t, &who.known, &m->subject, &m->text, e);
}

// What is missing for one message (an address, a fact) is noted, and the rest goes on; what the store cannot do ends
// it.
static bool skip_message(going *k, const err *why, err *e) {
    if (why->code != ERR_conflict && why->code != ERR_invalid && why->code != ERR_too_large) return *e = *why, false;
    if (!note(k, "failed", str_dup(k->a, str_c(why->msg)), 0, e)) return false;
    return on_to(k, k->r->step + 1), true;
}

static bool delay(going *k, const outbox_put_answer *out, err *e) {
    int64_t last = k->r->since_us + PLAY_PATIENCE_DAYS * DAY_US;
    if (out->gate.until_us > last) {
        str words = str_fmt(k->a, "it would have had to wait too long: %.*s", STR_ARG(out->gate.reason));
        return note(k, "kept_back", words, out->gate.id, e) && (on_to(k, k->r->step + 1), true);
    }
    k->r->next_us = MAX(out->gate.until_us, k->now_us + 60 * SECOND_US);
    return note(k, "delayed", out->gate.reason, out->gate.id, e);
}

// *waits: it does not go on before next_us.
static bool send(going *k, const play_step *x, bool *waits, err *e) {
    outbox_new m;
    outbox_put_answer out = {0};
    err why = {0};
    if (!compose(k, x, &m, &why)) return skip_message(k, &why, e);
    if (!outbox_put(k->l, k->a, &m, &out, e)) return false;
    *waits = !out.id && !out.again && out.gate.verdict == GATE_DELAY;
    if (*waits) {
        if (!delay(k, &out, e)) return false;
        return *waits = k->r->next_us > k->now_us, true;
    }
    bool sent = out.id != 0;
    if (!note(k, sent ? "message" : "kept_back", sent ? x->template : out.gate.reason, sent ? out.id : out.gate.id, e))
        return false;
    return on_to(k, k->r->step + 1), true;
}

// ---- the other steps ----

static bool wait(going *k, const play_step *x, bool *waits, err *e) {
    enum { LOOK_MIN = 10 };
    int64_t until = k->r->since_us + x->wait_us;
    happened seen = {.customer = k->customer, .since_us = k->r->since_us};
    if (until > k->now_us && x->until && k->customer &&
        !playbook_happened(k->a, k->s, &seen, 1, UINT64_C(1) << x->until, k->now_us, e))
        return false;
    if (until <= k->now_us || seen.kinds) return on_to(k, k->r->step + 1), true;
    k->r->next_us = x->until ? MIN(until, k->now_us + LOOK_MIN * 60 * SECOND_US) : until;
    return *waits = true;
}

static bool branch(going *k, const play_step *x, err *e) {
    bool in = false;
    if (k->customer && !segment_which(k->a, k->s, x->rule, k->now_us, &k->customer, 1, &in, e)) return false;
    if (!note(k, "branch", in ? S("yes") : S("no"), 0, e)) return false;
    return on_to(k, in ? k->r->step + 1 : x->otherwise), true;
}

// Does the step touch the customer? Then what stops the run is asked for first.
static bool touches(enum play_step_kind kind) {
    return kind == STEP_message || kind == STEP_task;
}

static bool step(going *k, bool *waits, bool *alone, err *e) {
    const play_step *x = &k->d.steps[k->r->step];
    bool stop = false;
    if (touches(x->kind) && (!must_stop(k, &stop, e) || stop)) return err_ok(e);
    switch (x->kind) {
    case STEP_message: return send(k, x, waits, e);
    case STEP_task:
    case STEP_apologise: return *alone = true;
    case STEP_wait: return wait(k, x, waits, e);
    case STEP_branch: return branch(k, x, e);
    case STEP_jump: return on_to(k, x->otherwise), true;
    case STEP_stop: return on_to(k, k->d.n_steps), true;
    }
    return false;
}

bool playbook_go(ledger *l, arena *a, playbook_run *r, bool *alone, err *e) {
    going k;
    bool waits = false;
    *alone = false;
    if (!open_run(&k, l, a, r, e)) return false;
    while (r->state == RUN_going && !waits && !*alone) {
        if (r->step >= k.d.n_steps)
            end(&k, RUN_ended, S(""));
        else if (!step(&k, &waits, alone, e))
            return false;
    }
    return save(&k, e);
}

// ---- tasks and apologies: events, which the ledger writes in transactions of its own ----

static int64_t int_in(str json, const char *name) {
    json_t *v = NULL;
    err quiet = {0};
    int64_t i = json.len && json_read(json, &v, &quiet) ? json_integer_value(json_object_get(v, name)) : 0;
    json_decref(v);
    return i;
}

static str text_in(arena *a, str json, const char *name) {
    json_t *v = NULL;
    err quiet = {0};
    str x = json.len && json_read(json, &v, &quiet) ? str_dup(a, json_at(v, name)) : S("");
    json_decref(v);
    return x;
}

static bool task_of(going *k, const play_step *x, commitment_note *n, err *e) {
    *n = (commitment_note){.what = KIND_commitment_made,
                           .customer = k->customer,
                           .kind = COMMITMENT_task,
                           .at_us = k->r->since_us,
                           .words = x->what,
                           .owner = x->owner.len ? x->owner : k->d.from,
                           .team = x->team};
    str promise = text_in(k->a, k->r->facts, "promise");
    if (promise.len) n->words = str_fmt(k->a, "%.*s: \"%.*s\"", STR_ARG(x->what), STR_ARG(promise));
    n->due_us = n->at_us + x->hours * HOUR_US;
    return x->hours || commitment_due_by(k->a, k->s, COMMITMENT_task, n->at_us, &n->due_us, e);
}

static bool apology_of(going *k, commitment_note *n) {
    *n = (commitment_note){.what = KIND_commitment_apologised,
                           .id = int_in(k->r->facts, "commitment"),
                           .at_us = k->r->since_us,
                           .owner = k->d.from};
    return n->id != 0;
}

// Did a message of this run get into the outbox? An apology that was kept back was not said.
static bool was_sent(going *k, bool *yes, err *e) {
    *yes = false;
    for (row q = store_query(k->s, Q_playbook_notes, e, "i", k->r->id); row_next(&q);)
        *yes |= str_eq(row_str(&q, 2), S("message"));
    return err_ok(e);
}

static bool tell(going *k, const play_step *x, commitment_note *n, str *told, err *e) {
    bool is_task = x->kind == STEP_task, sent = true;
    err why = {0};
    if (!is_task && !was_sent(k, &sent, e)) return false;
    *told = S("");
    if (!sent || !(is_task ? task_of(k, x, n, e) : apology_of(k, n))) return err_ok(e);
    n->by = str_fmt(k->a, "playbook:%" PRId64, k->r->playbook);
    n->once = str_fmt(k->a, "playbook:%" PRId64 ":%d", k->r->id, (int)k->r->step);
    if (commitment_write(k->l, k->a, n, &why)) return *told = is_task ? S("task") : S("apologised"), true;
    if (why.code != ERR_conflict && why.code != ERR_not_found) return *e = why, false;
    n->id = 0, n->words = str_dup(k->a, str_c(why.msg));
    return *told = S("failed"), true;
}

static bool save_alone(going *k, const commitment_note *n, str told, bool went, err *e) {
    if (!store_begin(k->s, e)) return false;
    bool ok = !told.len || note(k, str_z(k->a, told), n->words, n->id, e);
    if (ok && went) on_to(k, k->r->step + 1);
    ok = ok && save(k, e) && ledger_commit(k->l, e);
    if (!ok) store_rollback(k->s);
    return ok;
}

bool playbook_go_alone(ledger *l, arena *a, playbook_run *r, err *e) {
    going k;
    bool stop = false;
    str told = {0};
    commitment_note n = {0};
    if (!open_run(&k, l, a, r, e)) return false;
    bool going_on = r->state == RUN_going && r->step < k.d.n_steps;
    const play_step *x = going_on ? &k.d.steps[r->step] : NULL;
    if (x && x->kind != STEP_task && x->kind != STEP_apologise) return true;
    if (x && x->kind == STEP_task && !must_stop(&k, &stop, e)) return false;
    if (x && !stop && !tell(&k, x, &n, &told, e)) return false;
    return save_alone(&k, &n, told, x && !stop, e);
}

// ---- all that is due ----

enum { DUE_AT_ONCE = 500, GO_AT_ONCE = 50 };

static bool in_one(ledger *l, arena *a, playbook_run *r, bool *alone, err *e) {
    store *s = ledger_store(l);
    if (!store_begin(s, e)) return false;
    bool ok = playbook_go(l, a, r, alone, e) && ledger_commit(l, e);
    if (!ok) store_rollback(s);
    return ok;
}

static bool go_on(ledger *l, arena scratch, playbook_run *r, err *e) {
    bool alone = true;
    for (int guard = 0; alone && r->state == RUN_going && guard < 2 * PLAY_STEPS; guard++) {
        arena a = scratch;
        if (!in_one(l, &a, r, &alone, e)) return false;
        a = scratch;
        if (alone && !playbook_go_alone(l, &a, r, e)) return false;
    }
    return true;
}

bool playbook_of_one(const err *e) {
    return e->code == ERR_invalid || e->code == ERR_corrupt || e->code == ERR_not_found || e->code == ERR_conflict ||
           e->code == ERR_too_large;
}

// A run that can never go on (its segment is gone) ends, and does not keep the others.
static bool finish(ledger *l, arena scratch, playbook_run *r, playbook_tally *t, err *e) {
    err why = {0};
    int32_t before = r->step;
    int64_t id = r->id;
    if (go_on(l, scratch, r, &why)) return t->steps += r->step - before, true;
    if (why.code == ERR_changed) return true; // somebody stopped it
    if (!playbook_of_one(&why)) return *e = why, false;
    t->failed++;
    return playbook_run_fail(l, id, str_c(why.msg), e);
}

// Some runs in one transaction, because each commit waits for the disk. When one of them fails they go one by one.
static bool go_together(ledger *l, arena scratch, playbook_run *due, size_t n, playbook_tally *t) {
    store *s = ledger_store(l);
    err why = {0};
    bool ok = store_begin(s, &why), alone;
    int64_t steps = 0;
    for (size_t i = 0; ok && i < n; i++) {
        arena a = scratch;
        int32_t before = due[i].step;
        ok = playbook_go(l, &a, &due[i], &alone, &why);
        steps += due[i].step - before;
    }
    ok = ok && ledger_commit(l, &why);
    if (!ok) store_rollback(s);
    if (ok) t->steps += steps;
    return ok;
}

static bool go_some(ledger *l, arena scratch, const playbook_run *due, size_t n, playbook_tally *t, err *e) {
    playbook_run now[GO_AT_ONCE];
    memcpy(now, due, n * sizeof *now);
    if (!go_together(l, scratch, now, n, t)) memcpy(now, due, n * sizeof *now);
    for (size_t i = 0; i < n; i++)
        if (now[i].state == RUN_going && now[i].next_us <= t->now_us && !finish(l, scratch, &now[i], t, e))
            return false;
    return true;
}

static bool run_due(ledger *l, int64_t now_us, playbook_tally *t, err *e) {
    arena a = arena_open((size_t)1 << 30);
    bool more = true;
    t->now_us = now_us;
    for (int rounds = 0; more && err_ok(e) && rounds < 1000; rounds++) {
        playbook_run *due = make(&a, playbook_run, DUE_AT_ONCE);
        size_t n = 0;
        for (row q = store_query(ledger_store(l), Q_playbook_run_due, e, "ii", now_us, (int64_t)DUE_AT_ONCE);
             row_next(&q);)
            due[n++] = playbook_run_read(&a, &q);
        for (size_t i = 0; i < n && err_ok(e); i += GO_AT_ONCE)
            if (!go_some(l, a, due + i, MIN(n - i, (size_t)GO_AT_ONCE), t, e)) break;
        more = n == DUE_AT_ONCE;
    }
    arena_close(&a);
    return err_ok(e);
}

static bool let_in(ledger *l, arena *a, const playbook_row *p, int64_t now_us, playbook_tally *t, err *e) {
    store *s = ledger_store(l);
    play d;
    entrants x;
    int64_t taken = 0;
    char field[PLAY_FIELD];
    if (!play_read(a, s, p->definition, &d, field, e) || !playbook_entrants(a, s, p, &d, now_us, &x, e)) return false;
    if (!store_begin(s, e)) return false;
    bool ok =
        playbook_take_in(l, p, &d, x.of, x.n, &taken, e) && playbook_looked(l, p, &x, now_us, e) && ledger_commit(l, e);
    if (!ok) store_rollback(s);
    t->entered += taken;
    return ok;
}

bool playbook_minute(ledger *l, int64_t now_us, playbook_tally *t, err *e) {
    arena a = arena_open((size_t)1 << 32);
    playbook_row *all;
    size_t n = 0;
    bool ok = playbook_list(&a, ledger_store(l), &all, &n, e);
    for (size_t i = 0; ok && i < n; i++)
        if (all[i].on) ok = let_in(l, &a, &all[i], now_us, t, e);
    arena_close(&a);
    return ok && run_due(l, now_us, t, e);
}
