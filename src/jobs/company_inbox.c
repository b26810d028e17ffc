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
    ITEMS = 10,
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
    // Who waits for an answer is what there is to look at: only single words are finished.
    if (what == INBOX_done && x.what == INBOX_talk) return true;
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

static bool read_open(desk_of *k, int64_t *ids, int64_t *n, err *e) {
    sources *all;
    inbox_found *found;
    size_t seen;
    bool more;
    inbox_ask ask = {.tab = INBOX_OPEN,
                     .sort = INBOX_by_new,
                     .channel = -1,
                     .mood = MOOD_UNKNOWN,
                     .now_us = k->now_us,
                     .limit = ITEMS};
    if (!sources_read(&k->a, k->s, &all, e) || !inbox_list(&k->a, k->s, all, &ask, &found, &seen, &more, e))
        return false;
    *n = (int64_t)MIN(seen, (size_t)ITEMS);
    for (int64_t i = 0; i < *n; i++) ids[i] = found[i].x.id;
    return true;
}

// What is to be done, and how much of it is: kept, so that a run that was killed goes on where it was.
typedef struct {
    int64_t done, n, ids[ITEMS];
} plan;

static str plan_text(arena *a, const plan *p) {
    buf b = buf_new(a, 1024);
    buf_fmt(&b, "%" PRId64 " %" PRId64, p->done, p->n);
    for (int64_t i = 0; i < p->n; i++) buf_fmt(&b, " %" PRId64, p->ids[i]);
    return buf_str(&b);
}

static bool plan_read(str text, plan *p) {
    *p = (plan){0};
    bool ok =
        str_i64(str_cut(&text, ' '), &p->done) && str_i64(str_cut(&text, ' '), &p->n) && p->n >= 0 && p->n <= ITEMS;
    for (int64_t i = 0; ok && i < p->n; i++) ok = str_i64(str_cut(&text, ' '), &p->ids[i]);
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
    if (begun && p->done == DEALS) return true;
    if (!colleagues(k, e)) return false;
    if (begun) return true;
    *p = (plan){0};
    return read_open(k, p->ids, &p->n, e) && keep(k, p, e);
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
    if (rows[i].item >= p->n) return true;
    return deal(k, p->ids[rows[i].item], rows[i].what, rows[i].who, rows[i].words, k->now_us + rows[i].days * DAY_US,
                e);
}

static bool deal_all(desk_of *k, err *e) {
    plan p;
    if (!begin(k, &p, e)) return false;
    while (p.done < DEALS) {
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
