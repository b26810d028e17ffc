#include "base/json.h"

#include "jobs/company.h"
#include "jobs/company_topics.h"
#include "know/settings.h"
#include "sql/act_gate.h"
#include "sql/act_outbox.h"
#include "sql/act_promise.h"
#include "sql/act_reward.h"
#include "sql/cli.h"
#include "sql/decide_care.h"
#include "sql/decide_redline.h"
#include "sql/ledger.h"
#include "sql/serve_jobs.h"
#include "sql/widget.h"

str company_source(arena *a, str name) {
    return str_fmt(a, "sample-%.*s", STR_ARG(name));
}

// ---- the simulating thread ----

static bool on_event(void *ctx, str source, enum channel channel, const event *ev, err *e) {
    company *c = ctx;
    char room[80];
    event mine = *ev;
    heard h = {.line = ++c->events, .events = &mine, .n = 1};
    snprintf(room, sizeof room, "sample-%.*s", (int)MIN(source.len, 60), source.s);
    return pump_put(c->p, str_c(room), channel, S("sample company"), &h, e);
}

static bool on_truth(void *ctx, str line, err *e) {
    company *c = ctx;
    return c->truth(c->ctx, line, e);
}

static void on_progress(void *ctx, int64_t done, int64_t total) {
    pump_progress(((company *)ctx)->p, done, total);
}

static bool simulate(void *ctx, pump *p, err *e) {
    company *c = ctx;
    sample_sink to = {.event = on_event, .truth = c->truth ? on_truth : NULL, .progress = on_progress, .ctx = c};
    c->p = p;
    return sample_run(c->scratch, &c->how, &to, e);
}

// ---- the writing thread ----

static bool write_batch(void *ctx, const pump_batch *b, err *e) {
    company *c = ctx;
    return take_batch(&c->t, b, e) && (!c->after || c->after(c->ctx, b, e));
}

bool company_fill(company *c, err *e) {
    size_t most = c->t.w ? 10000 : 50000; // others write too
    pump_opts run = {.max_events = most, .max_bytes = 32 << 20, .open = 7, .read = simulate, .write = write_batch};
    run.ctx = c;
    c->scratch = arena_open(sample_memory(&c->how));
    c->t.name = S("sample company"), c->t.adapter = S("sample"), c->t.sample = true;
    c->t.mapping = company_stamp(c->t.life, &c->how, true);
    bool ok = pump_run(&run, NULL, e) && take_end(&c->t, e);
    if (!ok && c->t.w) take_stop(&c->t);
    arena_close(&c->scratch);
    return ok;
}

// ---- the stamp ----

str company_stamp(arena *a, const sample_opts *o, bool done) {
    return str_fmt(a,
                   "{\"customers\":%" PRId64 ",\"years\":%d,\"seed\":%" PRId64 ",\"now_us\":%" PRId64 ",\"done\":%s}",
                   o->customers, o->years, (int64_t)o->seed, o->now_us, done ? "true" : "false");
}

bool company_compare(str stamp, sample_opts *how, bool *done, err *e) {
    json_t *v = NULL;
    *done = false;
    if (!stamp.len) return true;
    if (!json_read(stamp, &v, e)) return false;
    sample_opts was = {.customers = json_integer_value(json_object_get(v, "customers")),
                       .years = (int)json_integer_value(json_object_get(v, "years")),
                       .seed = (uint64_t)json_integer_value(json_object_get(v, "seed")),
                       .now_us = json_integer_value(json_object_get(v, "now_us"))};
    *done = json_is_true(json_object_get(v, "done"));
    json_decref(v);
    bool same = was.customers == how->customers && was.years == how->years && was.seed == how->seed;
    how->now_us = was.now_us;
    return same || fail(e, ERR_conflict,
                        "the store holds another sample company (--customers %" PRId64 " --years %d --seed %" PRIu64
                        "); take it away with 'heed demo --remove'",
                        was.customers, was.years, was.seed);
}

// ---- out of it again ----

bool company_purge(ledger *l, int64_t *events, err *e) {
    enum { MOST = 100000 };
    arena a = arena_open((size_t)1 << 24);
    int64_t *ids = make(&a, int64_t, MOST), some = 0;
    size_t n = 0;
    *events = 0;
    for (row r = store_query(ledger_store(l), Q_import_list, e, "i", (int64_t)MOST); row_next(&r);)
        if (row_int(&r, 13)) ids[n++] = row_int(&r, 0);
    for (size_t i = 0; err_ok(e) && i < n; i++)
        if (ledger_import_undo(l, ids[i], true, &some, e)) *events += some;
    arena_close(&a);
    return err_ok(e);
}

bool company_forget(store *s, err *e) {
    static const enum query steps[] = {
        Q_outbox_sample_try_drop,      Q_outbox_sample_bounce_drop, Q_outbox_sample_drop,
        Q_gate_sample_record_drop,     Q_gate_sample_address_drop,  Q_gate_sample_pause_drop,
        Q_asked_sample_drop,           Q_site_sample_drop,          Q_question_sample_drop,
        Q_voucher_drop_sample,         Q_story_step_drop_sample,    Q_story_drop_sample,
        Q_programme_drop_sample,       Q_gate_sample_limit_drop,    Q_gate_sample_quota_drop,
        Q_sample_quarantine_delete,    Q_sample_import_delete,      Q_sample_source_delete,
        Q_policy_sample_delete,        Q_abuse_sample_delete,       Q_hardship_sample_delete,
        Q_hardship_plan_sample_delete, Q_sample_approval_drop,      Q_sample_concession_line_drop,
        Q_sample_concession_drop,      Q_sample_redline_drop,       Q_sample_redline_sum_drop,
        Q_sample_redline_person_drop,  Q_sample_envelope_drop,      Q_sample_economics_drop,
        Q_standard_sample_drop,        Q_agreement_of_sample_drop,  Q_agreement_sample_drop,
        Q_account_sample_drop};
    if (!store_begin(s, e)) return false;
    bool ok = true;
    for (size_t i = 0; ok && i < COUNT(steps); i++) ok = store_run(s, steps[i], NULL, e, "");
    ok = ok && settings_put(s, "sample", S(""), e) && settings_put(s, "sample_rules", S(""), e) &&
         settings_put(s, "sample_inbox", S(""), e) && company_topics_forget(s, e) && store_commit(s, e);
    if (!ok) store_rollback(s);
    return ok;
}
