#include "jobs/company_inbox.h"

#include "act/inbox_reply.h"
#include "base/civil.h"
#include "know/settings.h"
#include "sql/serve_jobs.h"

// Those who answer at the sample company (sample/staff.def). Their accounts are shut, and nobody can write to them
// (RFC 2606).
static const char *const staff[] = {
#define STAFF(name, hours, quality, share) name,
#include "sample/staff.def"
};
enum {
#define DEAL(item, who, what, days, words) +1
    DEALS = 0
#include "jobs/company_inbox.def"
    ,
    LOOKED_AT = 60,
    TALKS = 10,
    VOICES = 3,
};

typedef struct {
    ledger *l;
    store *s;
    arena a;
    int64_t now_us;
    int64_t account[COUNT(staff)];
} desk_of;

static bool colleagues(desk_of *k, err *e) {
    if (!store_begin(k->s, e)) return false;
    bool ok = true;
    for (size_t i = 0; ok && i < COUNT(staff); i++) {
        str email = str_lower(&k->a, str_fmt(&k->a, "%s@kastanie.invalid", staff[i]));
        ok = ledger_id(k->l, &k->account[i], e) &&
             store_run(k->s, Q_account_sample, NULL, e, "itti", k->account[i], email, str_c(staff[i]), k->now_us);
        for (row r = store_query(k->s, Q_account_sample_of, e, "t", email); row_next(&r);)
            k->account[i] = row_int(&r, 0);
    }
    ok = ok && err_ok(e) && ledger_commit(k->l, e);
    if (!ok) store_rollback(k->s);
    return ok;
}

static inbox_hand hand_of(desk_of *k, size_t who) {
    return (inbox_hand){.by = str_fmt(&k->a, "account:%" PRId64, k->account[who]), .name = str_c(staff[who])};
}

// One thing that somebody did with an item.
static bool deal(desk_of *k, int64_t id, enum inbox_step_what what, size_t who, const char *words, int64_t until_us,
                 err *e) {
    arena *a = &k->a;
    inbox_item x;
    inbox_hand h = hand_of(k, who);
    if (!inbox_get(k->s, id, &x, e)) return false;
    switch (what) {
    case INBOX_assigned: return inbox_assign(k->l, a, &x, k->account[who], &h, NULL, e);
    case INBOX_later: return inbox_put_aside(k->l, a, &x, until_us, &h, NULL, e);
    case INBOX_done: return inbox_finish(k->l, a, &x, &h, NULL, e);
    case INBOX_none: return inbox_take_note(k->l, a, &x, str_c(words), &h, e);
    case INBOX_reopened:
    case INBOX_replied:
    case INBOX_failed:
    case INBOX_undone:
    case INBOX_STEPS: break;
    }
    return true;
}

static bool read_open(desk_of *k, enum inbox_what what, int64_t *ids, int64_t most, int64_t *n, err *e) {
    sources *all;
    inbox_found *found;
    size_t seen;
    bool more;
    inbox_ask ask = {.tab = INBOX_OPEN,
                     .sort = INBOX_by_new,
                     .channel = -1,
                     .assignee = 0,
                     .mood = MOOD_UNKNOWN,
                     .now_us = k->now_us,
                     .limit = LOOKED_AT};
    *n = 0;
    if (!sources_read(&k->a, k->s, &all, e) || !inbox_list(&k->a, k->s, all, &ask, &found, &seen, &more, e))
        return false;
    for (size_t i = 0; i < seen && *n < most; i++)
        if (found[i].x.what == what) ids[(*n)++] = found[i].x.id;
    return true;
}

// What is to be done, and how much of it is: kept, so that a run that was killed goes on where it was.
typedef struct {
    int64_t done, n_talks, n_voices;
    int64_t talks[TALKS], voices[VOICES];
} plan;

static str plan_text(arena *a, const plan *p) {
    buf b = buf_new(a, 4096);
    buf_fmt(&b, "%" PRId64 " %" PRId64 " %" PRId64, p->done, p->n_talks, p->n_voices);
    for (int64_t i = 0; i < p->n_talks; i++) buf_fmt(&b, " %" PRId64, p->talks[i]);
    for (int64_t i = 0; i < p->n_voices; i++) buf_fmt(&b, " %" PRId64, p->voices[i]);
    return buf_str(&b);
}

static bool plan_read(str text, plan *p) {
    *p = (plan){0};
    bool ok = str_i64(str_cut(&text, ' '), &p->done) && str_i64(str_cut(&text, ' '), &p->n_talks) &&
              str_i64(str_cut(&text, ' '), &p->n_voices) && p->n_talks <= TALKS && p->n_voices <= VOICES;
    for (int64_t i = 0; ok && i < p->n_talks; i++) ok = str_i64(str_cut(&text, ' '), &p->talks[i]);
    for (int64_t i = 0; ok && i < p->n_voices; i++) ok = str_i64(str_cut(&text, ' '), &p->voices[i]);
    return ok;
}

static bool keep(desk_of *k, const plan *p, err *e) {
    if (!store_begin(k->s, e)) return false;
    bool ok = settings_put(k->s, "sample_inbox", plan_text(&k->a, p), e) && store_commit(k->s, e);
    if (!ok) store_rollback(k->s);
    return ok;
}

static bool begin(desk_of *k, plan *p, err *e) {
    str was;
    if (!settings_get(&k->a, k->s, "sample_inbox", &was, e)) return false;
    bool begun = was.len && plan_read(was, p);
    if (begun && p->done == DEALS + p->n_voices) return true;
    if (!colleagues(k, e)) return false;
    if (begun) return true;
    *p = (plan){0};
    return read_open(k, INBOX_talk, p->talks, TALKS, &p->n_talks, e) &&
           read_open(k, INBOX_voice, p->voices, VOICES, &p->n_voices, e) && keep(k, p, e);
}

static bool deal_one(desk_of *k, const plan *p, int64_t i, err *e) {
    static const struct {
        int64_t item;
        size_t who;
        enum inbox_step_what what;
        int days;
        const char *words;
    } rows[] = {
#define DEAL(item, who, what, days, words) {item, who, INBOX_##what, days, words},
#include "jobs/company_inbox.def"
    };
    const int64_t n = COUNT(rows);
    if (i >= n) return deal(k, p->voices[i - n], INBOX_done, (size_t)(i - n), "", 0, e);
    if (rows[i].item >= p->n_talks) return true;
    return deal(k, p->talks[rows[i].item], rows[i].what, rows[i].who, rows[i].words, k->now_us + rows[i].days * DAY_US,
                e);
}

static bool deal_all(desk_of *k, err *e) {
    plan p;
    if (!begin(k, &p, e)) return false;
    while (p.done < DEALS + p.n_voices) {
        if (!deal_one(k, &p, p.done, e)) return false;
        p.done++;
        if (!keep(k, &p, e)) return false;
    }
    return true;
}

bool company_inbox(ledger *l, err *e) {
    const world *w = ledger_world(l);
    desk_of k = {.l = l, .s = ledger_store(l), .a = arena_open((size_t)1 << 30), .now_us = w->now_us(w)};
    bool ok = deal_all(&k, e);
    arena_close(&k.a);
    return ok && ledger_flush(l, e);
}
