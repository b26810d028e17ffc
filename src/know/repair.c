// Writing the derived tables anew from the events, in one transaction: all or nothing.
#include "know/commitment.h"
#include "know/consent.h"
#include "know/inbox.h"
#include "know/judged.h"
#include "know/kept.h"
#include "know/meaning.h"
#include "know/rebuild_private.h"
#include "know/referral.h"
#include "know/reward.h"
#include "know/stage.h"
#include "know/themes.h"
#include "ledger/seen.h"
#include "sql/act.h"
#include "sql/act_reward.h"
#include "sql/know.h"
#include "sql/know_privacy.h"
#include "sql/know_stage.h"
#include "sql/ledger.h"

enum { WRITE_AT = 20000, KEYS_AT = 1 << 20, PART = 50000 };

typedef struct {
    mem m;
    seen *seen;
    feedback_rows *rows;
    int64_t n_rows;
    talk_rows *talks;
    summary_rows *summaries;
    rebuilt_report *out;
} repair;

static bool clear(store *s, err *e) {
    static const enum query all[] = {Q_derived_clear_identifier, Q_derived_clear_profile, Q_derived_clear_link,
                                     Q_derived_clear_demoted,    Q_derived_clear_summary, Q_derived_clear_conversation,
                                     Q_derived_clear_feedback,   Q_derived_clear_words,   Q_tail_clear,
                                     Q_consent_clear_all,        Q_commitment_clear,      Q_commitment_step_clear,
                                     Q_reward_entry_clear,       Q_referral_clear};
    for (size_t i = 0; i < COUNT(all); i++)
        if (!store_run(s, all[i], NULL, e, "")) return false;
    return inbox_clear(s, e) && judged_clear(s, e);
}

static bool on_feedback(void *ctx, const record *r, const said *s, int64_t source_id, err *e) {
    repair *p = ctx;
    if (!feedback_take(p->rows, r, s, source_id)) return fail(e, ERR_internal, "too much feedback at once");
    p->out->feedback++;
    if (++p->n_rows < WRITE_AT) return true;
    p->n_rows = 0;
    return feedback_write(p->rows, p->m.l, e);
}

static bool on_key(void *ctx, uint64_t key, err *e) {
    repair *p = ctx;
    seen_add(p->seen, &key, 1);
    return seen_pending(p->seen) < KEYS_AT || seen_merge(p->seen, e);
}

static bool on_consent(void *ctx, const record *r, err *e) {
    return consent_take(((repair *)ctx)->m.s, r, e);
}

static bool on_owed(void *ctx, const record *r, err *e) {
    const mem *m = &((repair *)ctx)->m;
    int64_t source = ledger_import_source(m->l, r->import_id);
    if (r->kind == KIND_reward) return reward_take(m->s, r, source, 1, e);
    if (r->kind == KIND_referral) return referral_take(m->s, r, 1, e);
    if (r->kind == KIND_handled || r->kind == KIND_labelled) return inbox_handled(m->s, r, 1, e);
    if (r->kind == KIND_judged) return judged_take(m->s, r, 1, e);
    return commitment_take(m->s, r, source, 1, e);
}

// Events that were erased stay known, so that they cannot come back.
static bool write_erased_keys(repair *p, err *e) {
    for (row r = store_query(p->m.s, Q_erased_key_scan, e, ""); row_next(&r);) {
        uint64_t key = (uint64_t)row_int(&r, 0);
        seen_add(p->seen, &key, 1);
        if (seen_pending(p->seen) >= KEYS_AT && !seen_merge(p->seen, e)) return row_end(&r), false;
    }
    return err_ok(e);
}

static bool write_profiles(repair *p, err *e) {
    mem *m = &p->m;
    for (size_t i = 0; i < m->n_profiles; i += PART) {
        arena a = arena_open((size_t)1 << 30);
        size_t n = MIN((size_t)PART, m->n_profiles - i);
        facts_set f = facts_new(&a);
        for (size_t j = i; j < i + n; j++) {
            const mem_profile *x = &m->profiles[j];
            facts_made(&f, x->id, x->source_id);
            for (int k = 0; k < FACTS; k++) {
                str one[FACTS] = {{0}};
                one[k] = x->said[k];
                if (one[k].len) facts_said(&f, x->id, x->said_us[k], one);
            }
        }
        int64_t *id = make(&a, int64_t, n), *to = make(&a, int64_t, n);
        for (size_t j = 0; j < n; j++) id[j] = m->profiles[i + j].id, to[j] = m->profiles[i + j].customer;
        column cols[] = {{'i', id, NULL}, {'i', to, NULL}};
        bool ok = facts_write(&f, m->s, e) && store_bulk(m->s, Q_profile_move, cols, 2, n, NULL, e);
        arena_close(&a);
        if (!ok) return false;
    }
    p->out->profiles = (int64_t)m->n_profiles;
    return true;
}

static bool write_identifiers(repair *p, err *e) {
    mem *m = &p->m;
    for (size_t i = 0; i < m->n_idents; i += PART) {
        arena a = arena_open((size_t)1 << 30);
        closure c = closure_new(&a, m->s);
        for (size_t j = i; j < MIN(i + PART, m->n_idents); j++) {
            const mem_ident *x = &m->idents[j];
            closure_add(&c, (seen_ident){.hash = x->hash,
                                         .profile = m->profiles[x->profile].id,
                                         .kind = x->kind,
                                         .source_id = x->source_id,
                                         .is_key = x->is_key,
                                         .import_id = x->import_id,
                                         .first_day = x->first_day,
                                         .said_day = x->said_day,
                                         .value = x->value,
                                         .fresh = true});
        }
        bool ok = closure_write(&c, e);
        arena_close(&a);
        if (!ok) return false;
    }
    return true;
}

static bool write_groups(repair *p, err *e) {
    mem *m = &p->m;
    int64_t *ids = make(m->a, int64_t, m->n_profiles + 1);
    for (size_t i = 0; i < m->n_profiles; i++) ids[i] = m->profiles[i].id;
    for (size_t i = 0; i < m->groups.n_demoted; i++) {
        const sighting *d = &m->groups.demoted[i];
        int64_t kind = d->kind, n = d->profile;
        column cols[] = {{'i', &d->hash, NULL}, {'i', &kind, NULL}, {'i', &n, NULL}};
        if (!store_bulk(m->s, Q_demoted_put, cols, 3, 1, NULL, e)) return false;
    }
    return links_write(m->s, *m->a, ids, &m->groups, e);
}

static bool write_talk(void *ctx, int64_t profile, int64_t thread, const mem_talk *first, const talk *t, err *e) {
    repair *p = ctx;
    p->out->conversations++;
    return talk_rows_put(p->talks, profile, thread, first->source_id, t, e);
}

static bool write_summaries(repair *p, err *e) {
    mem *m = &p->m;
    for (size_t i = 0; i < m->n_profiles; i++) {
        const mem_profile *x = &m->profiles[i];
        if (x->customer != x->id || timeline_empty(&x->t)) continue;
        if (!summary_rows_put(p->summaries, x->id, &x->t, e)) return false;
        p->out->customers++;
    }
    return summary_rows_send(p->summaries, e);
}

static bool write_all(repair *p, err *e) {
    return clear(p->m.s, e) && seen_reset(p->seen, e) && mem_read(&p->m, e) && feedback_write(p->rows, p->m.l, e) &&
           mem_group(&p->m, e) && write_profiles(p, e) && write_identifiers(p, e) && write_groups(p, e) &&
           mem_talks(&p->m, write_talk, p, e) && talk_rows_send(p->talks, e) && write_summaries(p, e) &&
           commitment_all_anew(p->m.s, e) && reward_all_anew(p->m.s, e) && write_erased_keys(p, e) &&
           store_run(p->m.s, Q_stage_touch_all, NULL, e, "") && meaning_tidy(p->m.s, e) && themes_tidy(p->m.s, e) &&
           seen_merge(p->seen, e);
}

bool know_rebuild(arena *a, store *s, const world *w, rebuild_progress progress, void *ctx, rebuilt_report *out,
                  err *e) {
    (void)a, (void)w;
    *out = (rebuilt_report){0};
    arena life = arena_open((size_t)1 << 36);
    repair p = {
        .m = {.s = s, .a = &life, .scratch = arena_open((size_t)1 << 30), .progress = progress, .progress_ctx = ctx},
        .out = out};
    p.m.on_feedback = on_feedback, p.m.on_key = on_key, p.m.on_consent = on_consent, p.m.on_owed = on_owed,
    p.m.on_ctx = &p;
    p.rows = feedback_new(&life);
    p.talks = talk_rows_new(&life, s), p.summaries = summary_rows_new(&life, s, Q_summary_new);
    bool ok = mem_open(&p.m, e) && seen_open(&p.seen, s, e) && store_begin(s, e);
    if (ok) {
        ok = write_all(&p, e) && kept_void(s, e) && ledger_commit(p.m.l, e);
        if (!ok) store_rollback(s);
    }
    out->events = p.m.events;
    feedback_close(p.rows);
    summary_rows_close(p.summaries);
    talk_rows_close(p.talks);
    seen_close(p.seen);
    ledger_close(p.m.l);
    arena_close(&p.m.scratch);
    arena_close(&life);
    return ok;
}
