// The proof: what the events say now, beside what is stored, row by row.
#include <stdarg.h>

#include "know/commitment.h"
#include "know/inbox.h"
#include "know/judged.h"
#include "know/rebuild_private.h"
#include "know/referral.h"
#include "know/reward.h"
#include "know/topic_check.h"
#include "sql/know.h"
#include "sql/know_meaning.h"
#include "sql/know_privacy.h"
#include "sql/ledger.h"

typedef struct {
    mem *m;
    arena *a;
    rebuilt_report *out;
    commitment_check *owed;
    reward_check *points;
    referral_check *came;
    inbox_check *inbox;
    uint64_t judged; // a sum of hashes, in any order
    arena scratch;   // not the reader's own: its conversation stands there while it is checked
} check;

__attribute__((format(printf, 2, 3))) static void differs(check *c, const char *fmt, ...) {
    if (c->out->differences++) return;
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    c->out->first = str_dup(c->a, str_c(text));
}

static bool check_profiles(check *c, err *e) {
    mem *m = c->m;
    int64_t rows = 0;
    for (row r = store_query(m->s, Q_profile_scan, e, ""); row_next(&r); rows++) {
        int64_t id = row_int(&r, 0);
        if (id <= 0 || id > m->max_id || !m->index[id]) {
            differs(c, "profile %" PRId64 " is stored, but no event speaks of it", id);
            continue;
        }
        mem_profile *p = mem_at(m, id);
        if (p->customer != row_int(&r, 1))
            differs(c, "profile %" PRId64 " belongs to customer %" PRId64 ", stored: %" PRId64, id, p->customer,
                    row_int(&r, 1));
        if (p->source_id != row_int(&r, 2)) differs(c, "profile %" PRId64 " is stored under another source", id);
        for (int k = 0; k < FACTS; k++)
            if (!str_eq(p->said[k], row_str(&r, 3 + 2 * k)) || p->said_us[k] != row_int(&r, 4 + 2 * k))
                differs(c, "profile %" PRId64 ": a fact differs, '%.*s' stored as '%.*s'", id, STR_ARG(p->said[k]),
                        STR_ARG(row_str(&r, 3 + 2 * k)));
    }
    if (err_ok(e) && rows != (int64_t)m->n_profiles)
        differs(c, "%" PRId64 " profiles are stored, the events name %zu", rows, m->n_profiles);
    c->out->profiles = rows;
    return err_ok(e);
}

// The day counts where a limit counts within a window: rows from before there were any do not know theirs.
static bool days_count(store *s, bool *out, err *e) {
    identity_rules r;
    if (!identity_rules_read(s, &r, e)) return false;
    *out = identity_rules_windows(&r);
    return true;
}

static bool check_identifiers(check *c, err *e) {
    mem *m = c->m;
    uint64_t sum = 0, stored = 0;
    int64_t rows = 0;
    bool days;
    if (!days_count(m->s, &days, e)) return false;
    for (size_t i = 0; i < m->n_idents; i++) {
        const mem_ident *x = &m->idents[i];
        int64_t v[] = {x->hash, m->profiles[x->profile].id, x->kind, x->is_key, x->source_id, days ? x->first_day : 0};
        sum += str_hash2(str_hash((str){(const char *)v, sizeof v}), x->value);
    }
    for (row r = store_query(m->s, Q_identifier_scan, e, ""); row_next(&r); rows++) {
        int64_t v[] = {row_int(&r, 0), row_int(&r, 1), row_int(&r, 2),
                       row_int(&r, 4), row_int(&r, 3), days ? row_int(&r, 6) : 0};
        stored += str_hash2(str_hash((str){(const char *)v, sizeof v}), row_str(&r, 5));
    }
    if (err_ok(e) && (rows != (int64_t)m->n_idents || sum != stored))
        differs(c, "the stored identifiers (%" PRId64 ") are not those of the events (%zu)", rows, m->n_idents);
    return err_ok(e);
}

// ---- customers ----

static const char *const columns[] = {
    "customer_id", "first_us",          "last_us",           "currency",        "orders",
    "order_days",  "order_value",       "first_order_us",    "last_order_us",   "gap_days",
    "refunds",     "refund_value",      "returns",           "contacts_in",     "contacts_out",
    "complaints",  "feedback",          "last_score",        "last_instrument", "last_score_us",
    "waiting_us",  "contract_since_us", "contract_until_us", "monthly_value",   "channels"};

static void check_columns(check *c, const summary *s, const row *r, int64_t id) {
    const int64_t v[] = {id,
                         s->first_us,
                         s->last_us,
                         s->currency,
                         s->orders,
                         s->order_days,
                         s->order_value,
                         s->first_order_us,
                         s->last_order_us,
                         s->gap_days < 0 ? 0 : s->gap_days,
                         s->refunds,
                         s->refund_value,
                         s->returns,
                         s->contacts_in,
                         s->contacts_out,
                         s->complaints,
                         s->feedback,
                         s->last_score,
                         s->last_instrument,
                         s->last_score_us,
                         s->waiting_us,
                         s->contract_since_us,
                         s->contract_until_us,
                         s->monthly_value,
                         (int64_t)s->channels};
    for (int k = 0; k < (int)COUNT(v); k++)
        if (v[k] != row_int(r, k))
            differs(c, "customer %" PRId64 ": %s is %" PRId64 ", stored: %" PRId64, id, columns[k], v[k],
                    row_int(r, k));
}

static bool check_summaries(check *c, err *e) {
    mem *m = c->m;
    int64_t rows = 0, customers = 0;
    for (size_t i = 0; i < m->n_profiles; i++) {
        const mem_profile *p = &m->profiles[i];
        customers += p->customer == p->id && !timeline_empty(&p->t);
    }
    for (row r = store_query(m->s, Q_summary_scan, e, ""); row_next(&r);) {
        int64_t id = row_int(&r, 0);
        mem_profile *p = id <= m->max_id && m->index[id] ? mem_at(m, id) : NULL;
        if (!p || p->customer != id) {
            differs(c, "customer %" PRId64 " is stored, but the events know nobody of that number", id);
            continue;
        }
        rows++;
        arena scratch = m->scratch;
        summary s = timeline_summary(scratch, &p->t);
        check_columns(c, &s, &r, id);
        buf b = buf_new(&scratch, (size_t)64 << 20);
        timeline_encode(&b, &p->t);
        if (!str_eq(buf_str(&b), row_str(&r, 25))) differs(c, "customer %" PRId64 ": the stored state differs", id);
    }
    if (err_ok(e) && rows != customers)
        differs(c, "%" PRId64 " customers are stored, the events give %" PRId64, rows, customers);
    c->out->customers = rows;
    return err_ok(e);
}

// ---- conversations: both come in order of profile and thread ----

typedef struct {
    check *c;
    row r;
    bool open;
} talk_check;

static bool check_talk(void *ctx, int64_t profile, int64_t thread, const mem_talk *first, const talk *t, err *e) {
    talk_check *k = ctx;
    check *c = k->c;
    inbox_check_talk(c->inbox, profile, thread, first->source_id, t);
    if (!k->open) return true;
    c->out->conversations++;
    if (!row_next(&k->r)) {
        k->open = false;
        if (err_ok(e)) differs(c, "a conversation of profile %" PRId64 " is not stored", profile);
        return err_ok(e);
    }
    talk_state s = talk_now(t);
    const int64_t v[] = {profile,     thread,           s.opened_us, s.last_us,       s.waiting_us,
                         s.solved_us, s.first_reply_us, t->channel,  first->source_id};
    for (int i = 0; i < (int)COUNT(v); i++)
        if (v[i] != row_int(&k->r, i)) {
            differs(c, "a conversation of profile %" PRId64 " differs in column %d", profile, i);
            return true;
        }
    arena scratch = c->scratch;
    buf b = buf_new(&scratch, (size_t)64 << 20);
    talk_encode(&b, t);
    if (!str_eq(buf_str(&b), row_str(&k->r, 9)))
        differs(c, "a conversation of profile %" PRId64 " differs in its steps", profile);
    return true;
}

static bool check_talks(check *c, err *e) {
    talk_check k = {.c = c, .r = store_query(c->m->s, Q_conversation_scan, e, ""), .open = true};
    bool ok = mem_talks(c->m, check_talk, &k, e);
    if (ok && k.open && row_next(&k.r))
        differs(c, "a conversation of profile %" PRId64 " is stored without events", row_int(&k.r, 0));
    row_end(&k.r);
    return ok && err_ok(e);
}

// ---- feedback ----

static bool check_month(check *c, const mem_month *want, int64_t period, err *e) {
    mem_month got = {0};
    for (row r = store_query(c->m->s, Q_feedback_of_period, e, "i", period); row_next(&r);) {
        got.rows++, got.words += row_int(&r, 12);
        got.sum += feedback_hash(row_int(&r, 0), row_int(&r, 2), row_int(&r, 3), row_int(&r, 4), row_int(&r, 5),
                                 row_int(&r, 6), row_int(&r, 7), !row_null(&r, 8), row_int(&r, 8),
                                 row_null(&r, 9) ? MOOD_UNKNOWN : row_int(&r, 9), row_str(&r, 10), row_str(&r, 11),
                                 row_int(&r, 12) != 0);
    }
    c->out->feedback += got.rows;
    if (err_ok(e) && (got.rows != want->rows || got.words != want->words || got.sum != want->sum))
        differs(c, "feedback of %d-%02d: %" PRId64 " rows are stored, the events give %" PRId64 " (or a row differs)",
                (int)(1970 + period / 12), (int)(period % 12 + 1), got.rows, want->rows);
    return err_ok(e);
}

static bool check_feedback(check *c, err *e) {
    mem *m = c->m;
    int64_t period, words = 0, stored;
    size_t i = 0;
    for (size_t k = 0; k < m->n_months; k++) words += m->months[k].words;
    if (!store_int(m->s, Q_feedback_period_first, &period, INT64_MIN, e, "")) return false;
    while (period != INT64_MIN || i < m->n_months) {
        static const mem_month none;
        bool mine = i < m->n_months && (period == INT64_MIN || m->months[i].period <= period);
        int64_t at = mine ? m->months[i].period : period;
        if (!check_month(c, mine ? &m->months[i] : &none, at, e)) return false;
        i += mine;
        if (period == at && !store_int(m->s, Q_feedback_period_next, &period, INT64_MIN, e, "i", at)) return false;
    }
    if (!store_int(m->s, Q_feedback_words_count, &stored, 0, e, "")) return false;
    if (stored != words) differs(c, "the search index holds %" PRId64 " texts, the events %" PRId64, stored, words);
    return true;
}

// ---- keys ----

static void count_keys(str blob, int64_t *n, uint64_t *sum) {
    uint64_t key;
    for (; blob.len >= sizeof key; blob = str_sub(blob, sizeof key, blob.len)) {
        memcpy(&key, blob.s, sizeof key);
        *sum += key * 0x9E3779B97F4A7C15u, ++*n;
    }
}

// Remembered are those in buckets, and those in the tail that are not merged yet.
static bool check_keys(check *c, err *e) {
    mem *m = c->m;
    uint64_t sum = 0;
    int64_t keys = 0;
    for (row r = store_query(m->s, Q_seen_scan, e, "ii", (int64_t)0, INT64_MAX); row_next(&r);)
        count_keys(row_str(&r, 1), &keys, &sum);
    for (row r = store_query(m->s, Q_tail_keys, e, ""); row_next(&r);) count_keys(row_str(&r, 0), &keys, &sum);
    for (row r = store_query(m->s, Q_erased_key_scan, e, ""); row_next(&r);)
        m->keys++, m->keys_sum += (uint64_t)row_int(&r, 0) * 0x9E3779B97F4A7C15u;
    if (err_ok(e) && (keys != m->keys || sum != m->keys_sum))
        differs(c, "%" PRId64 " external keys are remembered, the events carry %" PRId64, keys, m->keys);
    return err_ok(e);
}

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool take_owed(void *ctx, const record *r, err *e) {
    check *c = ctx;
    (void)e;
    int64_t source = ledger_import_source(c->m->l, r->import_id);
    if (r->kind == KIND_handled || r->kind == KIND_labelled) return inbox_check_event(c->inbox, r), true;
    if (r->kind == KIND_judged) return judged_check_event(&c->judged, r), true;
    commitment_check_step(c->owed, r, source);
    reward_check_event(c->points, r, source);
    referral_check_event(c->came, r);
    return true;
}

static bool take_said(void *ctx, const record *r, const said *s, int64_t source_id, err *e) {
    (void)e;
    inbox_check_said(((check *)ctx)->inbox, r, s, source_id);
    return true;
}

static int64_t whose(void *ctx, int64_t profile) {
    const mem_profile *p = mem_at(ctx, profile);
    return p ? p->customer : 0;
}

static bool check_owed(check *c, err *e) {
    str first = {0};
    int64_t before = c->out->differences;
    if (!commitment_check_all(c->owed, c->m->s, &c->out->differences, &first, e) ||
        !reward_check_all(c->points, c->m->s, whose, c->m, &c->out->differences, &first, e) ||
        !referral_check_all(c->came, c->m->s, &c->out->differences, &first, e) ||
        !inbox_check_all(c->inbox, c->a, c->m->s, &c->out->differences, &first, e) ||
        !judged_check_all(c->judged, c->a, c->m->s, &c->out->differences, &first, e) ||
        !topic_check_all(c->a, c->m->s, &c->out->differences, &first, e))
        return false;
    if (!before && c->out->differences) c->out->first = str_dup(c->a, first);
    return true;
}

// What was understood may wait to be made, but not outlive what it was made of.
static bool check_meanings(check *c, err *e) {
    int64_t lost = 0;
    if (!store_int(c->m->s, Q_meaning_lost, &lost, 0, e, "")) return false;
    if (lost) differs(c, "%" PRId64 " texts are understood that nobody said", lost);
    return true;
}

static bool check_all(check *c, err *e) {
    return mem_group(c->m, e) && check_profiles(c, e) && check_identifiers(c, e) && check_talks(c, e) &&
           check_summaries(c, e) && check_feedback(c, e) && check_keys(c, e) && check_owed(c, e) &&
           check_meanings(c, e);
}

bool know_verify(arena *a, store *s, rebuild_progress p, void *ctx, rebuilt_report *out, err *e) {
    *out = (rebuilt_report){0};
    arena life = arena_open((size_t)1 << 36);
    mem m = {.s = s, .a = &life, .scratch = arena_open((size_t)1 << 30), .progress = p, .progress_ctx = ctx};
    check c = {.m = &m, .a = a, .out = out, .scratch = arena_open((size_t)1 << 30)};
    c.owed = commitment_check_new(&life);
    c.points = reward_check_new(&life), c.came = referral_check_new(&life);
    m.on_owed = take_owed, m.on_feedback = take_said, m.on_ctx = &c;
    double start = seconds();
    bool ok = inbox_check_new(&life, s, &c.inbox, e) && mem_open(&m, e) && mem_read(&m, e);
    out->seconds_read = seconds() - start;
    ok = ok && check_all(&c, e);
    out->seconds_compared = seconds() - start - out->seconds_read;
    out->events = m.events;
    ledger_close(m.l);
    arena_close(&c.scratch);
    arena_close(&m.scratch);
    arena_close(&life);
    return ok;
}
