// Lists of the inbox: by an index where they are sorted by time, else in one pass over a tab.
#include "know/inbox_private.h"

#include "base/civil.h"
#include "know/fold.h"
#include "know/lists.h"
#include "know/topic_filter.h"
#include "know/value.h"
#include "know/voices.h"
#include "sql/cli.h"
#include "sql/inbox.h"
#include "sql/know.h"

enum { CHUNK = 500, WORDS_LOOKED_AT = 500, PROFILES = 1000, ASIDE_DAYS = INBOX_KEPT_DAYS - INBOX_DAYS };

inbox_item inbox_row_read(const row *r) {
    inbox_item x = {.id = row_int(r, 0),
                    .what = (enum inbox_what)row_int(r, 1),
                    .profile = row_int(r, 2),
                    .thread = row_int(r, 3),
                    .key = row_int(r, 4),
                    .kind = (enum kind)row_int(r, 5),
                    .channel = (enum channel)row_int(r, 6),
                    .source_id = row_int(r, 7),
                    .instrument = (enum instrument)row_int(r, 8),
                    .has_score = !row_null(r, 9),
                    .score = row_int(r, 9),
                    .mood = row_null(r, 10) ? MOOD_UNKNOWN : (int)row_int(r, 10),
                    .opened_us = row_int(r, 11),
                    .last_us = row_int(r, 12),
                    .said_us = row_int(r, 13),
                    .since_us = row_int(r, 14),
                    .answered_us = row_int(r, 15),
                    .solved_us = row_int(r, 16),
                    .done_us = row_int(r, 17),
                    .replied_us = row_int(r, 18),
                    .later_us = row_int(r, 19),
                    .later_at_us = row_int(r, 20),
                    .assignee = row_int(r, 21)};
    return x;
}

// A single word is answered by what a person of ours says to the customer after it, in any conversation.
static bool inbox_fill_answered(store *s, inbox_item *x, err *e) {
    if (x->what != INBOX_voice || !x->profile) return true;
    for (row r = store_query(s, Q_inbox_answered, e, "i", x->profile); row_next(&r);)
        x->answered_us = MAX(row_int(&r, 0), row_int(&r, 1));
    return err_ok(e);
}

bool inbox_get(store *s, int64_t id, inbox_item *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_inbox_get, e, "i", id); row_next(&r);) *out = inbox_row_read(&r), found = true;
    if (found || !err_ok(e)) return err_ok(e) && inbox_fill_answered(s, out, e);
    return fail(e, ERR_not_found, "there is no %" PRId64 " in the inbox; it holds what moved in the last year", id);
}

bool inbox_customer(store *s, const inbox_item *x, int64_t *customer, err *e) {
    *customer = 0;
    return !x->profile || store_int(s, Q_people_by_profile, customer, 0, e, "i", x->profile);
}

// ---- for who asks who waits ----

static bool is_quiet(const inbox_item *x, int64_t now_us) {
    enum inbox_state k = inbox_state_now(x, now_us);
    return k == INBOX_LATER || k == INBOX_SENDING || k == INBOX_SOLVED;
}

bool inbox_quiet_waits(arena *a, store *s, int64_t now_us, map64 *out, err *e) {
    *out = map64_new(a, 64);
    for (row r = store_query(s, Q_inbox_aside, e, "i", now_us); row_next(&r);) {
        inbox_item x = inbox_row_read(&r);
        if (is_quiet(&x, now_us)) map64_put(out, talk_wait_key(x.profile, x.thread), 1);
    }
    return err_ok(e);
}

bool inbox_voice_quiet(store *s, int64_t profile, int64_t key, int64_t now_us, bool *quiet, err *e) {
    *quiet = false;
    for (row r = store_query(s, Q_inbox_get, e, "i", inbox_id_of(INBOX_voice, profile, key)); row_next(&r);) {
        inbox_item x = inbox_row_read(&r);
        *quiet = is_quiet(&x, now_us);
    }
    return err_ok(e);
}

// ---- which of them ----

typedef struct {
    arena *a;
    store *s;
    const sources *all;
    const inbox_ask *ask;
    zone *z;
    bool by_customer; // something is asked that a look at the customer tells
    int64_t *only;    // by words and topic: no others; sorted
    size_t n_only, room_only;
    int64_t since_us;  // of what is done: not before
    int64_t *profiles; // of the customer that is asked for
    size_t n_profiles, room_profiles;
    inbox_found *v;
    size_t n, room;
} listing;

static int by_id(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool among(const int64_t *ids, size_t n, int64_t id) {
    return n && bsearch(&id, ids, n, sizeof id, by_id) != NULL;
}

// A message belongs to its conversation, which its event names.
static bool item_of_voice(listing *k, const voice *v, int64_t *id, err *e) {
    arena a = *k->a;
    record r;
    *id = inbox_id_of(INBOX_voice, v->profile, v->key);
    if (v->kind != KIND_message_in && v->kind != KIND_call) return true;
    if (!ledger_get(k->s, &a, v->period, v->profile, v->at_us, v->key, &r, e)) return *id = 0, err_ok(e);
    *id = inbox_id_of(INBOX_talk, v->profile, r.has_thread ? r.thread : 0);
    return true;
}

typedef struct {
    listing *k;
    int64_t *ids;
    size_t n, room;
} hits;

static bool hit(void *ctx, const voice *v, err *e) {
    hits *h = ctx;
    int64_t id;
    if (!item_of_voice(h->k, v, &id, e)) return false;
    if (id) list_push(h->k->a, &h->ids, &h->n, &h->room, id);
    return true;
}

static void keep_both(listing *k, hits *h, bool first) {
    size_t n = 0;
    h->n = list_unique(h->ids, h->n);
    if (first) {
        k->only = h->ids, k->n_only = h->n;
        return;
    }
    for (size_t i = 0; i < k->n_only; i++)
        if (among(h->ids, h->n, k->only[i])) k->only[n++] = k->only[i];
    k->n_only = n;
}

// What people of ours named so, by any name that the topic ever had.
static bool labelled_so(listing *k, hits *t, err *e) {
    str *names;
    size_t n;
    if (!topic_filter_names(k->a, k->s, k->ask->topic, &names, &n, e)) return false;
    for (size_t i = 0; i < n; i++)
        for (row r = store_query(k->s, Q_label_of_topic, e, "t", names[i]); row_next(&r);)
            list_push(k->a, &t->ids, &t->n, &t->room, row_int(&r, 0));
    return err_ok(e);
}

static bool find_said(listing *k, err *e) {
    voices_ask q = {.words = k->ask->words,
                    .since_us = k->ask->now_us - INBOX_KEPT_DAYS * DAY_US,
                    .channel = -1,
                    .mood = MOOD_UNKNOWN,
                    .newest = true,
                    .limit = WORDS_LOOKED_AT};
    hits h = {.k = k};
    if (k->ask->words.len) {
        if (!voices_each(k->s, k->all, &q, hit, &h, e)) return false;
        keep_both(k, &h, true);
    }
    if (!k->ask->topic.len) return true;
    hits t = {.k = k};
    q.words = S(""), q.topic = k->ask->topic;
    if (!voices_each(k->s, k->all, &q, hit, &t, e)) return false;
    if (!labelled_so(k, &t, e)) return false;
    keep_both(k, &t, !k->ask->words.len);
    return err_ok(e);
}

static bool begin(listing *k, err *e) {
    const inbox_ask *q = k->ask;
    bool sorted = q->sort == INBOX_by_wait || q->sort == INBOX_by_new;
    k->by_customer = !sorted || q->rule || q->promise || q->mood != MOOD_UNKNOWN;
    if (!find_said(k, e)) return false;
    if (k->ask->customer) {
        for (row r = store_query(k->s, Q_profile_of_customer, e, "i", k->ask->customer); row_next(&r);)
            list_push(k->a, &k->profiles, &k->n_profiles, &k->room_profiles, row_int(&r, 0));
        k->n_profiles = list_unique(k->profiles, k->n_profiles);
    }
    return err_ok(e) && (!k->ask->rule || store_zone(k->s, k->a, &k->z, e));
}

// What the row itself tells. Of a single word it is not known yet whether it was answered, which makes it done.
static bool fits(const listing *k, const inbox_item *x) {
    const inbox_ask *q = k->ask;
    bool may_be_done = q->tab == INBOX_DONE && x->what == INBOX_voice;
    if ((inbox_tab_now(x, q->now_us) != q->tab && !may_be_done) || !x->said_us) return false;
    if (q->channel >= 0 && (int64_t)x->channel != q->channel) return false;
    if (q->assignee != INBOX_ANYBODY && x->assignee != q->assignee) return false;
    if (q->kind && x->kind != q->kind) return false;
    if (q->scored && (!x->has_score || x->score < q->score_lo || x->score > q->score_hi)) return false;
    if (q->said_after_us && x->said_us <= q->said_after_us) return false;
    if ((q->words.len || q->topic.len) && !among(k->only, k->n_only, x->id)) return false;
    return !q->customer || among(k->profiles, k->n_profiles, x->profile);
}

// ---- what takes a look at the customer ----

static bool profiles_of(store *s, arena *a, int64_t customer, str *list, err *e) {
    int64_t *ids = make(a, int64_t, PROFILES);
    size_t n = 0;
    for (row r = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&r);)
        if (n < PROFILES) ids[n++] = row_int(&r, 0);
    *list = list_json(a, ids, n);
    return err_ok(e);
}

// The first that is open of what we owe them; due 0: nothing.
static bool promise_of(listing *k, int64_t customer, int64_t *due_us, bool *any, err *e) {
    arena a = *k->a;
    str list;
    *due_us = 0, *any = false;
    if (!customer) return true;
    if (!profiles_of(k->s, &a, customer, &list, e)) return false;
    for (row r = store_query(k->s, Q_inbox_promise, e, "t", list); row_next(&r);) {
        *any = true, *due_us = row_int(&r, 3);
        row_end(&r);
        break;
    }
    return err_ok(e);
}

static bool worth_of(listing *k, int64_t customer, int64_t *worth, err *e) {
    arena a = *k->a;
    int32_t currency;
    *worth = 0;
    return !customer || inbox_worth(&a, k->s, customer, worth, &currency, e);
}

// Whether it fits, and by what it is sorted.
static bool look_closer(listing *k, inbox_found *f, bool *keep, err *e) {
    const inbox_ask *q = k->ask;
    int64_t due = 0;
    bool owed = false;
    int mood;
    *keep = true;
    if (q->mood != MOOD_UNKNOWN) {
        if (!inbox_mood(k->s, &f->x, f->customer, &mood, e)) return false;
        *keep = mood == q->mood;
    }
    if (*keep && (q->promise || q->sort == INBOX_by_promise)) {
        if (!promise_of(k, f->customer, &due, &owed, e)) return false;
        *keep = !q->promise || owed;
    }
    switch (q->sort) {
    case INBOX_by_wait:
    case INBOX_by_new:
    case INBOX_SORTS: f->key = q->tab == INBOX_OPEN ? f->x.since_us : f->x.last_us; break;
    case INBOX_by_promise: f->key = due ? due : owed ? INT64_MAX - 1 : INT64_MAX; break;
    case INBOX_by_value: return !*keep || worth_of(k, f->customer, &f->key, e);
    }
    return true;
}

// ---- the walk ----

// Rising or falling: which index is read, and from where.
typedef struct {
    enum query how;
    bool falling, cut; // cut: takes the time before which who waits has given up
    int64_t key, id;
} walk;

static walk walk_of(const inbox_ask *q) {
    bool sorted = q->sort == INBOX_by_wait || q->sort == INBOX_by_new;
    bool falling = q->sort == INBOX_by_new || q->tab == INBOX_DONE;
    walk w = {.falling = falling, .cut = q->tab == INBOX_OPEN};
    static const enum query rising[] = {Q_inbox_open, Q_inbox_waiting, Q_inbox_last};
    static const enum query back[] = {Q_inbox_open_back, Q_inbox_waiting_back, Q_inbox_last};
    w.how = falling ? back[q->tab] : rising[q->tab];
    w.key = falling ? INT64_MAX : q->now_us - (INBOX_DAYS + ASIDE_DAYS) * DAY_US;
    w.id = falling ? INT64_MAX : -1;
    if (sorted && q->next) w.key = q->key, w.id = q->id;
    return w;
}

static row walk_on(listing *k, const walk *w, err *e) {
    int64_t cutoff = k->ask->now_us - INBOX_DAYS * DAY_US, most = CHUNK;
    if (w->cut) return store_query(k->s, w->how, e, "iiii", w->key, w->id, most, cutoff);
    if (w->how == Q_inbox_last) return store_query(k->s, w->how, e, "iiii", w->key, w->id, most, k->since_us);
    return store_query(k->s, w->how, e, "iii", w->key, w->id, most);
}

// Of the rows at hand those that are members of the segment.
static bool members(listing *k, inbox_found *v, size_t *n, err *e) {
    if (!k->ask->rule || !*n) return true;
    arena a = *k->a;
    int64_t *ids = make(&a, int64_t, *n);
    bool *in = make(&a, bool, *n);
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++) ids[i] = v[i].customer;
    if (!segment_which_in(a, k->s, k->ask->rule, k->z, k->ask->now_us, ids, *n, in, e)) return false;
    for (size_t i = 0; i < *n; i++)
        if (in[i] && v[i].customer) v[kept++] = v[i];
    *n = kept;
    return true;
}

static void take(listing *k, const inbox_found *f) {
    if (k->n == k->room) {
        inbox_found *more = make(k->a, inbox_found, k->room = k->room ? k->room * 2 : 64);
        if (k->n) memcpy(more, k->v, k->n * sizeof *more);
        k->v = more;
    }
    k->v[k->n++] = *f;
}

// Those of the rows at hand that stand in the tab, now that it is known what was answered.
static bool answered(listing *k, inbox_found *v, size_t *n, err *e) {
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++) {
        inbox_item *x = &v[i].x;
        if (!x->done_us && !inbox_fill_answered(k->s, x, e)) return false;
        if (inbox_tab_now(x, k->ask->now_us) == k->ask->tab) v[kept++] = v[i];
    }
    *n = kept;
    return true;
}

// One chunk of the index; *rows: how many there were.
static bool chunk(listing *k, walk *w, inbox_found *v, size_t *rows, err *e) {
    size_t n = 0;
    *rows = 0;
    for (row r = walk_on(k, w, e); row_next(&r);) {
        inbox_found f = {.x = inbox_row_read(&r)};
        w->key = w->how == Q_inbox_open || w->how == Q_inbox_open_back ? f.x.since_us : f.x.last_us, w->id = f.x.id;
        ++*rows;
        if (fits(k, &f.x)) v[n++] = f;
    }
    if (!err_ok(e) || !answered(k, v, &n, e)) return false;
    for (size_t i = 0; err_ok(e) && k->by_customer && i < n; i++)
        if (!inbox_customer(k->s, &v[i].x, &v[i].customer, e)) return false;
    if (!err_ok(e) || !members(k, v, &n, e)) return false;
    for (size_t i = 0; i < n; i++) {
        bool keep;
        if (!look_closer(k, &v[i], &keep, e)) return false;
        if (keep) take(k, &v[i]);
    }
    return true;
}

static int by_key(const void *a, const void *b) {
    const inbox_found *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return (x->x.id > y->x.id) - (x->x.id < y->x.id);
}

static int by_key_falling(const void *a, const void *b) {
    const inbox_found *x = a, *y = b;
    if (x->key != y->key) return x->key > y->key ? -1 : 1;
    return (x->x.id > y->x.id) - (x->x.id < y->x.id);
}

// What is sorted by something that no index has: all of a tab, of which the page is cut.
static void cut_page(listing *k) {
    const inbox_ask *q = k->ask;
    bool falling = q->sort == INBOX_by_value;
    size_t from = 0;
    if (k->n) qsort(k->v, k->n, sizeof *k->v, falling ? by_key_falling : by_key);
    inbox_found last = {.key = q->key, .x.id = q->id};
    while (q->next && from < k->n && (falling ? by_key_falling : by_key)(&k->v[from], &last) <= 0) from++;
    k->v += from, k->n -= from;
}

static bool read_all(listing *k, size_t most, err *e) {
    walk w = walk_of(k->ask);
    inbox_found *v = make(k->a, inbox_found, CHUNK);
    for (size_t rows = CHUNK; rows == CHUNK && (!most || k->n < most);)
        if (!chunk(k, &w, v, &rows, e)) return false;
    return true;
}

bool inbox_list(arena *a, store *s, const sources *all, const inbox_ask *ask, inbox_found **out, size_t *n, bool *more,
                err *e) {
    listing k = {.a = a, .s = s, .all = all, .ask = ask};
    bool sorted = ask->sort == INBOX_by_wait || ask->sort == INBOX_by_new;
    size_t limit = (size_t)ask->limit;
    if (!begin(&k, e) || !read_all(&k, sorted && limit ? limit + 1 : 0, e)) return false;
    if (!sorted) cut_page(&k);
    *more = limit && k.n > limit;
    *out = k.v, *n = *more ? limit : k.n;
    for (size_t i = 0; i < *n; i++)
        if (!k.v[i].customer && !inbox_customer(s, &k.v[i].x, &k.v[i].customer, e)) return false;
    return true;
}

// ---- counts ----

static bool count_tab(arena a, store *s, const sources *all, inbox_ask *q, enum inbox_tab tab, inbox_counts *out,
                      err *e) {
    listing k = {.a = &a, .s = s, .all = all, .ask = q, .since_us = q->now_us - INBOX_COUNTED_DAYS * DAY_US};
    int64_t after = q->said_after_us;
    q->tab = tab, q->said_after_us = 0;
    bool ok = begin(&k, e) && read_all(&k, 0, e);
    q->said_after_us = after;
    out->n[tab] = (int64_t)k.n;
    if (!ok || tab != INBOX_OPEN) return ok;
    out->oldest_us = k.n ? k.v[0].x.since_us : 0;
    for (size_t i = 0; i < k.n; i++) out->newer += after && k.v[i].x.said_us > after;
    return true;
}

bool inbox_count(arena *a, store *s, const sources *all, const inbox_ask *ask, inbox_counts *out, err *e) {
    inbox_ask q = *ask;
    q.sort = INBOX_by_wait, q.next = false, q.limit = 0;
    *out = (inbox_counts){0};
    return count_tab(*a, s, all, &q, INBOX_OPEN, out, e) && count_tab(*a, s, all, &q, INBOX_WAITING, out, e) &&
           count_tab(*a, s, all, &q, INBOX_DONE, out, e);
}
