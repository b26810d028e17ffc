#include "decide/needs.h"

#include "base/json.h"
#include "base/map64.h"
#include "base/radix.h"
#include "know/fold.h"
#include "know/inbox.h"
#include "know/lists.h"
#include "know/meaning.h"
#include "know/talk.h"
#include "sql/know.h"

#include <math.h>

// Silent for longer than this many of their own median gaps, and at least so many days: gone quiet. With orders at
// random times around that rhythm, a gap of three medians happens once in eight (2^-3).
static const double QUIET_GAPS = 3;
enum { QUIET_DAYS = 14, QUIET_ORDERS = 4, BEST_SHARE = 5 };

const char *need_label(enum today_kind n) {
    static const char *const labels[] = {"Unhappy and waiting for us", "Complaints nobody has answered",
                                         "Waiting for us", "Best customers gone quiet"};
    return labels[n];
}

// A heap of the most valuable of one need; the least of them on top.
typedef struct {
    today_need *v;
    int n, most;
} best;

static bool less(const today_need *x, const today_need *y) {
    if (x->value != y->value) return x->value < y->value;
    if (x->since_us != y->since_us) return x->since_us > y->since_us; // of two equals the longer wait counts more
    return x->customer_id > y->customer_id;
}

static void sift(best *b, int i) {
    for (;;) {
        int c = 2 * i + 1;
        if (c >= b->n) return;
        if (c + 1 < b->n && less(&b->v[c + 1], &b->v[c])) c++;
        if (!less(&b->v[c], &b->v[i])) return;
        today_need t = b->v[c];
        b->v[c] = b->v[i], b->v[i] = t, i = c;
    }
}

static void offer(best *b, const today_need *x) {
    if (b->n < b->most) {
        int i = b->n++;
        b->v[i] = *x;
        for (; i && less(&b->v[i], &b->v[(i - 1) / 2]); i = (i - 1) / 2) {
            today_need t = b->v[i];
            b->v[i] = b->v[(i - 1) / 2], b->v[(i - 1) / 2] = t;
        }
    } else if (b->most && less(&b->v[0], x)) {
        b->v[0] = *x;
        sift(b, 0);
    }
}

typedef struct {
    arena *a, scratch;
    store *s;
    zone *z;
    int64_t now_us;
    int32_t today;
    int days;
    map64 quiet_waits; // conversations that somebody put aside, or has answered just now
    map64 complained;  // customer → index of the newest unanswered complaint
    int64_t *complained_us;
    size_t n_complained;
    best best[NEEDS];
    int64_t *worths, *quiet; // a year of every buyer, and of those gone quiet
    size_t n_worths, room_worths, n_quiet, room_quiet;
    today *out;
} finding;

int64_t need_at_stake(const timeline *t, int32_t day, int32_t unit, int64_t monthly) {
    int64_t v = 0;
    for (int32_t i = 0; i < t->n_purse; i++) {
        const purse_entry *p = &t->purse[i];
        if (p->day <= day - 365 || p->unit != unit) continue;
        if (timeline_is_purchase(t, p)) v += p->value;
        if (p->kind == KIND_refund || p->kind == KIND_cancel) v -= p->value;
    }
    return MAX(MAX(v, monthly * 12), 0);
}

static bool unhappy(const row *r) {
    if (!row_null(r, 17) && score_mood((enum instrument)row_int(r, 18), row_int(r, 17)) < 0) return true;
    return row_int(r, 15) > 0;
}

static void count(finding *f, enum today_kind n, today_need x) {
    x.need = n;
    f->out->need_counts[n]++;
    offer(&f->best[n], &x);
}

// The silence that their own rhythm makes improbable: with gaps around the median g at random times, a silence of s
// days has the chance 2^(-s/g).
static bool gone_quiet(const finding *f, const row *r, today_need *x) {
    if (row_null(r, 9) || row_int(r, 5) < QUIET_ORDERS || row_null(r, 8)) return false;
    double gap = (double)MAX(row_int(r, 9), 1), silent = (double)(f->today - zone_days(f->z, row_int(r, 8)));
    if (silent < QUIET_GAPS * gap || silent < QUIET_DAYS || silent > 365) return false;
    x->rhythm_days = (int32_t)gap, x->since_us = row_int(r, 8), x->chance = exp2(-silent / gap);
    return true;
}

// The longest wait that began within the stretch; who waits for longer has given up, and is counted apart.
static int64_t waits_since(const finding *f, const timeline *t, bool *gave_up) {
    int64_t since = 0, cutoff = f->now_us - f->days * DAY_US;
    for (int32_t i = 0; i < t->n_waits; i++) {
        int64_t at = t->waits[i].since_us;
        if (at >= f->now_us || map64_get(&f->quiet_waits, t->waits[i].thread) >= 0) continue;
        if (at < cutoff)
            *gave_up = true;
        else if (!since || at < since)
            since = at;
    }
    return since;
}

int64_t need_yearly(const row *r) {
    double years = (double)(row_int(r, 8) - row_int(r, 7)) / (double)(365 * DAY_US);
    return MAX((int64_t)((double)(row_int(r, 6) - row_int(r, 11)) / MAX(years, 1.0)), 0);
}

// The best customers are the fifth of all buyers whose years are worth most. Who that is shows at the end of the pass.
static void keep_the_best(finding *f) {
    best *b = &f->best[NEED_GONE_QUIET];
    if (!f->n_worths) return;
    int n = 0;
    radix_sort_u64(f->scratch, (uint64_t *)f->worths, f->n_worths);
    int64_t least = f->worths[f->n_worths - (f->n_worths + BEST_SHARE - 1) / BEST_SHARE];
    for (size_t i = 0; i < f->n_quiet; i++) f->out->need_counts[NEED_GONE_QUIET] += f->quiet[i] >= least;
    for (int i = 0; i < b->n; i++)
        if (b->v[i].value >= least) b->v[n++] = b->v[i];
    b->n = n;
}

static bool one(finding *f, const row *r, err *e) {
    if (!row_null(r, 8)) list_push(f->a, &f->worths, &f->n_worths, &f->room_worths, need_yearly(r));
    int32_t c = map64_get(&f->complained, row_int(r, 0));
    today_need x = {.customer_id = row_int(r, 0),
                    .currency = (int32_t)row_int(r, 3),
                    .complaints = row_int(r, 15),
                    .has_score = !row_null(r, 17),
                    .last_score = (int32_t)row_int(r, 17),
                    .last_instrument = (enum instrument)row_int(r, 18)};
    bool quiet = gone_quiet(f, r, &x), gave_up = false;
    if (row_null(r, 20) && c < 0 && !quiet) return true;
    arena a = f->scratch;
    timeline t;
    if (!timeline_decode(&a, row_str(r, 25), &t, e)) return false;
    int64_t waits = waits_since(f, &t, &gave_up);
    x.value = need_at_stake(&t, f->today, x.currency, row_null(r, 22) ? row_int(r, 23) : 0);
    if (waits) {
        x.since_us = waits;
        bool bad = unhappy(r);
        if (!bad && !meaning_sounds(f->s, x.customer_id, waits, f->now_us, &x.sounds, &x.sounds_us, e)) return false;
        count(f, bad || x.sounds ? NEED_UNHAPPY_WAITING : NEED_WAITING, x);
    } else if (c >= 0) {
        x.since_us = f->complained_us[c];
        count(f, NEED_COMPLAINT, x);
    } else if (quiet) {
        x.value = need_yearly(r), x.need = NEED_GONE_QUIET;
        list_push(f->a, &f->quiet, &f->n_quiet, &f->room_quiet, x.value);
        offer(&f->best[NEED_GONE_QUIET], &x);
    }
    f->out->gave_up += gave_up && !waits;
    return true;
}

// ---- complaints that nobody has answered ----

typedef struct {
    int64_t profile, at_us, key;
    int32_t who; // index of the customer among those who complained
} complaint;

// Those who complained: which of them a profile belongs to, and when a person of ours last answered them.
typedef struct {
    map64 customers, profiles;
    int64_t *ids, *answered_us;
    size_t n;
} complainers;

static bool read_complaints(finding *f, int64_t since_us, complaint **out, size_t *n, err *e) {
    size_t room = 256;
    *out = make(f->a, complaint, room), *n = 0;
    for (int32_t p = event_period(since_us); p <= event_period(f->now_us); p++)
        for (row r = store_query(f->s, Q_feedback_of_period, e, "i", (int64_t)p); row_next(&r);) {
            int felt = row_null(&r, 9) ? MOOD_UNKNOWN : (int)row_int(&r, 9);
            int64_t at_us = row_int(&r, 2);
            if (at_us < since_us || at_us >= f->now_us || !row_int(&r, 0)) continue;
            if (!is_complaint((enum kind)row_int(&r, 4), felt, !row_null(&r, 8)) || row_int(&r, 4) == KIND_message_in)
                continue;
            if (*n == room) {
                complaint *more = make(f->a, complaint, room * 2);
                memcpy(more, *out, room * sizeof *more);
                *out = more, room *= 2;
            }
            (*out)[(*n)++] = (complaint){.profile = row_int(&r, 0), .at_us = at_us, .key = row_int(&r, 3)};
        }
    return err_ok(e);
}

static bool customer_of(store *s, arena scratch, int64_t profile, int64_t *customer, err *e) {
    *customer = profile;
    str list = str_fmt(&scratch, "[%" PRId64 "]", profile);
    for (row r = store_query(s, Q_profile_some, e, "t", list); row_next(&r);) *customer = row_int(&r, 1);
    return err_ok(e);
}

// Who complained in a survey may be answered by mail: all profiles of the customer count.
static bool find_complainers(finding *f, complaint *cs, size_t n, complainers *w, err *e) {
    *w = (complainers){.customers = map64_new(f->a, n + 16), .profiles = map64_new(f->a, n + 16)};
    w->ids = make(f->a, int64_t, n + 1), w->answered_us = make(f->a, int64_t, n + 1);
    for (size_t i = 0; i < n && err_ok(e); i++) {
        int64_t customer;
        bool made;
        if (!customer_of(f->s, f->scratch, cs[i].profile, &customer, e)) return false;
        cs[i].who = *map64_at(&w->customers, customer, (int32_t)w->n, &made);
        if (!made) continue;
        w->ids[w->n] = customer, w->answered_us[w->n++] = INT64_MIN;
        for (row r = store_query(f->s, Q_profile_of_customer, e, "i", customer); row_next(&r);)
            map64_put(&w->profiles, row_int(&r, 0), cs[i].who);
    }
    return err_ok(e);
}

static bool read_answers(finding *f, int64_t since_us, complainers *w, err *e) {
    for (row r = store_query(f->s, Q_conversation_since, e, "i", since_us); row_next(&r);) {
        arena a = f->scratch;
        talk t;
        int32_t who = map64_get(&w->profiles, row_int(&r, 0));
        if (who < 0) continue;
        if (!talk_decode(&a, row_str(&r, 9), &t, e)) row_end(&r);
        for (int32_t i = 0; err_ok(e) && i < t.n; i++)
            if ((t.steps[i].who == TALK_person || t.steps[i].who == TALK_solved) && t.steps[i].at_us < f->now_us)
                w->answered_us[who] = MAX(w->answered_us[who], t.steps[i].at_us);
    }
    return err_ok(e);
}

static bool find_complaints(finding *f, err *e) {
    int64_t since = f->now_us - f->days * DAY_US;
    complaint *cs;
    complainers w;
    size_t n;
    if (!read_complaints(f, since, &cs, &n, e) || !n) return err_ok(e);
    if (!find_complainers(f, cs, n, &w, e) || !read_answers(f, since, &w, e)) return false;
    f->complained_us = make(f->a, int64_t, n);
    for (size_t i = 0; i < n; i++) {
        bool made, quiet;
        if (w.answered_us[cs[i].who] >= cs[i].at_us) continue; // a complaint on the phone is answered on the phone
        if (!inbox_voice_quiet(f->s, cs[i].profile, cs[i].key, f->now_us, &quiet, e)) return false;
        if (quiet) continue;
        int32_t at = *map64_at(&f->complained, w.ids[cs[i].who], (int32_t)f->n_complained, &made);
        f->n_complained += made;
        f->complained_us[at] = MAX(f->complained_us[at], cs[i].at_us);
    }
    return true;
}

// ---- names and last words of those who are shown ----

static str strongest_ident(finding *f, int64_t profile, err *e) {
    str found = S("");
    for (row r = store_query(f->s, Q_identifier_of_profile, e, "i", profile); row_next(&r);) {
        bool mail = row_int(&r, 0) == IDENT_email;
        if (!found.len || mail)
            found = str_fmt(f->a, "%s%.*s",
                            mail                              ? ""
                            : row_int(&r, 0) == IDENT_user_id ? "no. "
                                                              : "",
                            STR_ARG(row_str(&r, 1)));
        if (!mail) continue;
        row_end(&r);
        break;
    }
    return found;
}

typedef struct {
    arena *a;
    int64_t at_us, until_us; // 0: no bound
    str words;
} last_words;

static bool take_words(void *ctx, const record *r, err *e) {
    last_words *w = ctx;
    json_t *doc = NULL;
    err quiet = {0};
    (void)e;
    bool theirs = r->kind == KIND_message_in || (kind_class(r->kind) == CLASS_SAID && r->kind != KIND_ask);
    if (w->until_us && r->at_us > w->until_us) return true;
    if (!theirs || !r->body.len || r->at_us < w->at_us || !json_read(r->body, &doc, &quiet)) return true;
    str text = json_text(json_object_get(doc, "text"));
    if (text.len) w->words = str_dup(w->a, text), w->at_us = r->at_us;
    json_decref(doc);
    return true;
}

static bool describe(finding *f, today_need *x, err *e) {
    last_words w = {.a = f->a, .until_us = x->sounds_us};
    int64_t profiles[64];
    int n = 0;
    for (row r = store_query(f->s, Q_profile_of_customer, e, "i", x->customer_id); row_next(&r);) {
        if (n < 64) profiles[n++] = row_int(&r, 0);
        if (!x->name.len) x->name = str_dup(f->a, row_str(&r, 2));
    }
    for (int i = 0; i < n && err_ok(e); i++) {
        if (!x->name.len) x->name = strongest_ident(f, profiles[i], e);
        if (!ledger_profile_events(f->s, profiles[i], take_words, &w, e)) return false;
    }
    x->words = w.words;
    x->evidence = str_fmt(f->a, "customer:%" PRId64, x->customer_id);
    return err_ok(e);
}

static int by_value(const void *p, const void *q) {
    const today_need *x = p, *y = q;
    return less(x, y) - less(y, x);
}

bool needs_find(arena *a, store *s, int64_t now_us, int days, int most, today *out, err *e) {
    finding f = {.a = a,
                 .scratch = arena_open((size_t)1 << 30),
                 .s = s,
                 .now_us = now_us,
                 .days = days,
                 .out = out,
                 .complained = map64_new(a, 256)};
    for (int i = 0; i < NEEDS; i++) f.best[i] = (best){make(a, today_need, most + 1), 0, most};
    bool ok = store_zone(s, a, &f.z, e) && inbox_quiet_waits(a, s, now_us, &f.quiet_waits, e) && find_complaints(&f, e);
    f.today = ok ? zone_days(f.z, now_us) : 0;
    for (row r = store_query(s, Q_summary_scan, e, ""); row_next(&r);)
        if (!one(&f, &r, e)) row_end(&r);
    keep_the_best(&f);
    out->needs = make(a, today_need, most * NEEDS + 1);
    for (int i = 0; err_ok(e) && i < NEEDS; i++) {
        qsort(f.best[i].v, (size_t)f.best[i].n, sizeof *f.best[i].v, by_value);
        for (int k = 0; k < f.best[i].n; k++) {
            if (!describe(&f, &f.best[i].v[k], e)) break;
            out->needs[out->n_needs++] = f.best[i].v[k];
        }
    }
    arena_close(&f.scratch);
    return ok && err_ok(e);
}
