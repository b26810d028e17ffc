#include "know/stages.h"

#include "know/commitment.h"
#include "know/consent.h"
#include "know/inbox.h"
#include "know/judged.h"
#include "know/lists.h"
#include "know/noticed.h"
#include "know/referral.h"
#include "know/reward.h"
#include "know/stage.h"
#include "know/standard.h"
#include "know/suppress.h"
#include "know/topic_learn.h"
#include "sql/know.h"

struct knowing {
    ledger *l;
    stitcher *stitch;
    folder *fold;
    suppressed *out; // who must stay out
    know_watch_fn watch;
    void *watch_ctx;
    know_verdict_fn verdict;
    void *verdict_ctx;
    int64_t *consents; // profiles of which an event about consent was taken back in this batch
    size_t n_consents, room_consents;
    int64_t *owed; // commitments of which this batch says something
    size_t n_owed, room_owed;
    int64_t *acted; // profiles with events in this batch that may keep a commitment
    size_t n_acted, room_acted;
    int64_t *rewarded; // profiles with entries of points in this batch
    size_t n_rewarded, room_rewarded;
    int64_t *ruled; // profiles with events in this batch by which something may be owed by rule
    size_t n_ruled, room_ruled;
    int64_t *staged; // profiles with facts in this batch that may change a stage; all else comes with their summary
    size_t n_staged, room_staged;
    int64_t *regrouped; // customers that became others in this batch
    size_t n_regrouped, room_regrouped;
    noticing *noticed; // NULL: no batch has begun
    arena batch, words;
    topic_mind *topics; // made when it is first asked for
};

static bool stage_refuses(void *ctx) {
    return suppressed_any(((knowing *)ctx)->out);
}

static bool stage_refuse(void *ctx, const event *ev) {
    return suppressed_event(((knowing *)ctx)->out, ev);
}

static bool stage_stitch(void *ctx, batch *b, err *e) {
    return stitch_batch(((knowing *)ctx)->stitch, b, e);
}

static bool take_owed(knowing *k, const record *r, int sign, err *e) {
    if (r->profile_id && commitment_is_keeper((enum kind)r->kind))
        list_push(&k->batch, &k->acted, &k->n_acted, &k->room_acted, r->profile_id);
    if (r->profile_id && standard_minds(r)) list_push(&k->batch, &k->ruled, &k->n_ruled, &k->room_ruled, r->profile_id);
    if (!k->noticed) {
        const world *w = ledger_world(k->l);
        k->noticed = noticing_new(&k->batch, &k->words, ledger_store(k->l), w->now_us(w));
    }
    if (!noticing_take(k->noticed, r, sign, e)) return false;
    if (!commitment_is_step((enum kind)r->kind)) return true;
    list_push(&k->batch, &k->owed, &k->n_owed, &k->room_owed, commitment_id(r));
    return commitment_take(ledger_store(k->l), r, ledger_import_source(k->l, r->import_id), sign, e);
}

static bool take_rewarded(knowing *k, const record *r, int sign, err *e) {
    store *s = ledger_store(k->l);
    if (r->kind == KIND_referral) return referral_take(s, r, sign, e);
    if (r->kind != KIND_reward) return true;
    if (r->profile_id) list_push(&k->batch, &k->rewarded, &k->n_rewarded, &k->room_rewarded, r->profile_id);
    return reward_take(s, r, ledger_import_source(k->l, r->import_id), sign, e);
}

static bool stage_fold(void *ctx, const record *r, int sign, bool replay, err *e) {
    knowing *k = ctx;
    if (!fold_record(k->fold, r, sign, replay, e)) return false;
    if (r->kind == KIND_consent && !replay && sign > 0 && !consent_take(ledger_store(k->l), r, e)) return false;
    if (r->kind == KIND_consent && !replay && sign < 0)
        list_push(&k->batch, &k->consents, &k->n_consents, &k->room_consents, r->profile_id);
    if (!replay && !take_owed(k, r, sign, e)) return false;
    if (!replay && !take_rewarded(k, r, sign, e)) return false;
    if (!replay && r->profile_id && stage_minds((enum kind)r->kind) && kind_class(r->kind) == CLASS_FACT)
        list_push(&k->batch, &k->staged, &k->n_staged, &k->room_staged, r->profile_id);
    bool ours = r->kind == KIND_handled || r->kind == KIND_labelled;
    if (ours && !replay && !inbox_handled(ledger_store(k->l), r, sign, e)) return false;
    if (r->kind == KIND_judged && !replay && !judged_take(ledger_store(k->l), r, sign, e)) return false;
    return !k->watch || replay || k->watch(k->watch_ctx, r, sign, e);
}

void know_watch(knowing *k, know_watch_fn fn, void *ctx) {
    k->watch = fn, k->watch_ctx = ctx;
}

static void forget_batch(knowing *k) {
    k->consents = NULL, k->n_consents = k->room_consents = 0;
    k->owed = NULL, k->n_owed = k->room_owed = 0;
    k->acted = NULL, k->n_acted = k->room_acted = 0;
    k->rewarded = NULL, k->n_rewarded = k->room_rewarded = 0;
    k->noticed = NULL;
    k->ruled = NULL, k->n_ruled = k->room_ruled = 0;
    k->staged = NULL, k->n_staged = k->room_staged = 0;
    k->regrouped = NULL, k->n_regrouped = k->room_regrouped = 0;
    arena_reset(&k->batch);
}

// Who is whose customer is decided by now, and the events of the batch are stored.
static bool settle_owed(knowing *k, err *e) {
    store *s = ledger_store(k->l);
    return commitment_by_rule(s, k->ruled, k->n_ruled, e) && commitment_by_rule(s, k->regrouped, k->n_regrouped, e) &&
           commitment_anew(s, k->owed, k->n_owed, e) && commitment_settle_profiles(s, k->acted, k->n_acted, e) &&
           commitment_settle(s, k->regrouped, k->n_regrouped, e) &&
           reward_settle_profiles(s, k->rewarded, k->n_rewarded, e) &&
           reward_settle(s, k->regrouped, k->n_regrouped, e) && (!k->noticed || noticing_end(k->noticed, e));
}

static bool touch_staged(knowing *k, err *e) {
    int64_t *customers;
    size_t n;
    if (!k->n_staged) return true;
    arena a = k->batch;
    if (!list_customers(&a, ledger_store(k->l), k->staged, k->n_staged, &customers, &n, e)) return false;
    return stage_touch(ledger_store(k->l), customers, list_unique(customers, n), e);
}

static bool stage_write(void *ctx, err *e) {
    knowing *k = ctx;
    for (size_t i = 0; i < k->n_consents; i++)
        if (!consent_anew(ledger_store(k->l), k->consents[i], e)) return false;
    if (!settle_owed(k, e) || !touch_staged(k, e)) return false;
    forget_batch(k);
    return fold_write(k->fold, e);
}
static bool stage_noted(void *ctx, int64_t note, err *e) {
    return fold_anew(((knowing *)ctx)->fold, note, e);
}
static bool stage_flush(void *ctx, err *e) {
    return fold_flush(((knowing *)ctx)->fold, e);
}
static bool stage_due(void *ctx) {
    return fold_due(((knowing *)ctx)->fold);
}

static void stage_forget(void *ctx) {
    knowing *k = ctx;
    stitch_forget(k->stitch);
    fold_forget(k->fold);
    forget_batch(k);
}

static bool on_merged(void *ctx, int64_t from, int64_t into, err *e) {
    knowing *k = ctx;
    list_push(&k->batch, &k->regrouped, &k->n_regrouped, &k->room_regrouped, into);
    return fold_merge(k->fold, from, into, e);
}
static bool on_changed(void *ctx, int64_t customer, err *e) {
    knowing *k = ctx;
    list_push(&k->batch, &k->regrouped, &k->n_regrouped, &k->room_regrouped, customer);
    return fold_anew(k->fold, customer, e);
}

bool know_open(knowing **out, store *s, const world *w, int64_t *replayed, err *e) {
    knowing *k = calloc(1, sizeof *k);
    if (!k) return fail(e, ERR_internal, "out of memory");
    k->batch = arena_open(1 << 26), k->words = arena_open(1 << 26);
    bool ok = inbox_begin(s, w->now_us(w), e) && stage_begin(s, w->now_us(w), e) && suppressed_load(&k->out, s, e) &&
              ledger_open(&k->l, s, w, e) && fold_open(&k->fold, k->l, e) &&
              stitch_open(&k->stitch, k->l, (regroup_fn){k, on_merged, on_changed}, e) &&
              ledger_start(k->l,
                           (stages){.ctx = k,
                                    .refuses = stage_refuses,
                                    .refuse = stage_refuse,
                                    .stitch = stage_stitch,
                                    .fold = stage_fold,
                                    .write = stage_write,
                                    .noted = stage_noted,
                                    .flush = stage_flush,
                                    .due = stage_due,
                                    .forget = stage_forget},
                           replayed, e);
    if (!ok) return know_close(k), false;
    *out = k;
    return true;
}

void know_close(knowing *k) {
    if (!k) return;
    stitch_close(k->stitch);
    fold_close(k->fold);
    ledger_close(k->l);
    suppressed_close(k->out);
    topic_mind_close(k->topics);
    arena_close(&k->batch);
    arena_close(&k->words);
    free(k);
}

ledger *know_ledger(knowing *k) {
    return k->l;
}

topic_mind *know_topics(knowing *k) {
    if (!k->topics) k->topics = topic_mind_open();
    return k->topics;
}

bool know_people_gone(knowing *k, err *e) {
    suppressed *now = NULL;
    stitch_forget(k->stitch);
    topic_mind_forget(k->topics);
    if (!suppressed_load(&now, ledger_store(k->l), e)) return false;
    suppressed_close(k->out);
    k->out = now;
    return true;
}

// ---- verdicts ----

void know_on_verdict(knowing *k, know_verdict_fn fn, void *ctx) {
    k->verdict = fn, k->verdict_ctx = ctx;
}

// The customers of some profiles, each once.
static bool customers_of(store *s, arena *a, const int64_t *profiles, size_t n, int64_t **ids, size_t *n_ids, err *e) {
    size_t room = 0;
    str list = list_json(a, profiles, n);
    *ids = NULL, *n_ids = 0;
    for (row r = store_query(s, Q_profile_some, e, "t", list); row_next(&r);) {
        size_t i = 0;
        while (i < *n_ids && (*ids)[i] != row_int(&r, 1)) i++;
        if (i == *n_ids) list_push(a, ids, n_ids, &room, row_int(&r, 1));
    }
    return err_ok(e);
}

static bool tell_verdict(knowing *k, arena a, const int64_t *profiles, size_t n, size_t before, str by, err *e) {
    verdict_told t = {.profile = n ? profiles[0] : 0, .by = by};
    int64_t *now;
    if (!k->verdict || !n) return true;
    if (!customers_of(ledger_store(k->l), &a, profiles, n, &now, &t.n, e)) return false;
    t.customers = now, t.joined = t.n < before;
    return t.n == before || k->verdict(k->verdict_ctx, &t, e);
}

// Runs in a transaction of its own and merges at once, so that the next reader sees the new customers.
static bool settle(knowing *k, bool ok, const int64_t *profiles, size_t n, str by, err *e) {
    arena a = arena_open((size_t)1 << 30);
    store *s = ledger_store(k->l);
    int64_t *customers;
    size_t before = 0;
    ok = ok && customers_of(s, &a, profiles, n, &customers, &before, e) &&
         stitch_decide(k->stitch, a, profiles, n, e) && settle_owed(k, e) && fold_flush(k->fold, e) &&
         tell_verdict(k, a, profiles, n, before, by, e) && ledger_commit(k->l, e);
    if (!ok) store_rollback(s), stage_forget(k);
    forget_batch(k);
    arena_close(&a);
    return ok;
}

static bool profiles_of(store *s, arena *a, int64_t customer, int64_t **ids, size_t *n, err *e) {
    size_t room = 0;
    *ids = NULL, *n = 0;
    for (row r = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&r);)
        list_push(a, ids, n, &room, row_int(&r, 0));
    return err_ok(e);
}

bool know_split(knowing *k, int64_t customer, int64_t profile, str by, err *e) {
    arena a = arena_open((size_t)1 << 30);
    store *s = ledger_store(k->l);
    int64_t *ids = NULL;
    size_t n = 0;
    bool found = false;
    bool ok = ledger_flush(k->l, e) && profiles_of(s, &a, customer, &ids, &n, e);
    for (size_t i = 0; ok && i < n; i++) found |= ids[i] == profile;
    if (ok && !n) ok = fail(e, ERR_not_found, "there is no customer %" PRId64, customer);
    if (ok && !found)
        ok = fail(e, ERR_invalid, "profile %" PRId64 " does not belong to customer %" PRId64, profile, customer);
    if (ok && n < 2)
        ok = fail(e, ERR_invalid, "customer %" PRId64 " has one profile; there is nothing to split", customer);
    if (ok && store_begin(s, e)) {
        for (size_t i = 0; ok && i < n; i++) ok = ids[i] == profile || link_say(s, profile, ids[i], LINK_SPLIT, by, e);
        ok = settle(k, ok, ids, n, by, e);
    }
    arena_close(&a);
    return ok && err_ok(e);
}

static bool there_is(store *s, int64_t profile, err *e) {
    char list[32];
    bool found = false;
    snprintf(list, sizeof list, "[%" PRId64 "]", profile);
    for (row r = store_query(s, Q_profile_some, e, "t", str_c(list)); row_next(&r);) found = true;
    return found || fail(e, ERR_not_found, "there is no profile %" PRId64, profile);
}

bool know_join(knowing *k, int64_t x, int64_t y, str by, err *e) {
    store *s = ledger_store(k->l);
    const int64_t both[] = {x, y};
    if (x == y) return fail(e, ERR_invalid, "a profile cannot be joined with itself");
    if (!there_is(s, x, e) || !there_is(s, y, e) || !ledger_flush(k->l, e) || !store_begin(s, e)) return false;
    return settle(k, link_say(s, x, y, LINK_TOLD, by, e), both, 2, by, e);
}

bool know_regroup(knowing *k, know_piece_fn piece, void *ctx, str by, err *e) {
    store *s = ledger_store(k->l);
    regrouped of = {0};
    if (!ledger_flush(k->l, e) || !store_begin(s, e)) return false;
    bool ok = piece(ctx, s, &of, e);
    return settle(k, ok, of.profiles, of.n, by, e);
}

bool know_verdict_undo(knowing *k, int64_t x, int64_t y, err *e) {
    store *s = ledger_store(k->l);
    const int64_t both[] = {x, y};
    int64_t n = 0;
    if (!ledger_flush(k->l, e) || !store_begin(s, e)) return false;
    bool ok = store_run(s, Q_link_verdict_undo, &n, e, "ii", MIN(x, y), MAX(x, y));
    if (ok && !n) ok = fail(e, ERR_not_found, "nobody has decided about profiles %" PRId64 " and %" PRId64, x, y);
    return settle(k, ok, both, 2, S(""), e);
}
