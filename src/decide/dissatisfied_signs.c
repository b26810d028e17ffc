// Signs of dissatisfaction, found in what is stored: each thing that happened before a moment, and what ends it.
#include "decide/dissatisfied_private.h"

#include "know/commitment.h"
#include "know/inbox.h"
#include "know/lists.h"
#include "know/measure.h"
#include "sql/decide_dissatisfied.h"

enum { CLEARLY = 900, REPEAT_DAYS = 14, LONG_WAIT_DAYS = 3, QUIET_GAPS = 3, QUIET_DAYS = 14, QUIET_ORDERS = 4 };

int64_t gather_since(const gathering *g, enum signal x) {
    return g->at_us - signal_get(x)->days * DAY_US;
}

about_one *gather_about(gathering *g, int64_t customer) {
    bool made;
    const int32_t i = *map64_at(&g->who, customer, (int32_t)g->n_people, &made);
    if (made && g->n_people == g->room_people) {
        about_one *more = make(g->a, about_one, g->room_people = g->room_people ? g->room_people * 2 : 1024);
        if (g->n_people) memcpy(more, g->people, g->n_people * sizeof *more);
        g->people = more;
    }
    if (made) g->people[g->n_people++] = (about_one){0};
    return &g->people[i];
}

void gather_sign(gathering *g, sign x) {
    if (g->n == g->room) {
        sign *more = make(g->a, sign, g->room = g->room ? g->room * 2 : 1024);
        if (g->n) memcpy(more, g->v, g->n * sizeof *more);
        g->v = more;
    }
    g->v[g->n++] = x;
}

static void good(gathering *g, int64_t customer, int64_t at_us) {
    about_one *p = gather_about(g, customer);
    p->good_us = MAX(p->good_us, at_us);
}

// ---- what they said ----

static int64_t word_of(int64_t profile, int64_t key) {
    const int64_t x[] = {profile, key};
    return (int64_t)str_hash((str){(const char *)x, sizeof x});
}

// Single words that somebody has dealt with: they are no signs any more.
static bool read_done(gathering *g, map64 *done, err *e) {
    *done = map64_new(g->a, 64);
    for (row r = store_query(g->s, Q_dissatisfied_done, e, "i", gather_since(g, SIGNAL_low_score)); row_next(&r);)
        if (row_int(&r, 2) < g->at_us) map64_put(done, word_of(row_int(&r, 0), row_int(&r, 1)), 1);
    return err_ok(e);
}

static void take_said(gathering *g, const map64 *done, const row *r) {
    const bool scored = !row_null(r, 5);
    const enum kind kind = (enum kind)row_int(r, 3);
    const enum instrument on = (enum instrument)row_int(r, 4);
    const int mood = scored ? score_mood(on, row_int(r, 5)) : row_null(r, 6) ? MOOD_UNKNOWN : (int)row_int(r, 6);
    sign x = {.customer = row_int(r, 7),
              .profile = row_int(r, 0),
              .at_us = row_int(r, 1),
              .place = row_int(r, 2),
              .instrument = on,
              .detail = scored ? row_int(r, 5) : 0};
    if (mood == 1 && kind != KIND_complaint) good(g, x.customer, x.at_us);
    if (map64_get(done, word_of(x.profile, x.place)) >= 0) return;
    if (scored && mood == -1) {
        x.signal = SIGNAL_low_score;
        gather_sign(g, x);
    }
    if (kind == KIND_complaint || (!scored && kind != KIND_message_in && is_complaint(kind, mood, scored))) {
        x.signal = SIGNAL_complaint;
        gather_sign(g, x);
    }
}

static void take_mood(gathering *g, const map64 *done, const row *r) {
    const sign x = {.customer = row_int(r, 5),
                    .profile = row_int(r, 0),
                    .at_us = row_int(r, 1),
                    .place = row_int(r, 2),
                    .detail = row_int(r, 3),
                    .signal = SIGNAL_unhappy_words};
    if (row_int(r, 4) >= CLEARLY) good(g, x.customer, x.at_us);
    if (x.detail >= CLEARLY && map64_get(done, word_of(x.profile, x.place)) < 0) gather_sign(g, x);
}

bool gather_said(gathering *g, err *e) {
    const int64_t since = gather_since(g, SIGNAL_low_score);
    map64 done;
    if (!read_done(g, &done, e)) return false;
    for (row r = store_query(g->s, Q_dissatisfied_said, e, "iiii", since, g->at_us, (int64_t)event_period(since),
                             (int64_t)event_period(g->at_us));
         row_next(&r);)
        take_said(g, &done, &r);
    for (row r =
             store_query(g->s, Q_dissatisfied_moods, e, "iiii", since, g->at_us, (int64_t)CLEARLY, (int64_t)CLEARLY);
         row_next(&r);)
        take_mood(g, &done, &r);
    return err_ok(e);
}

// ---- conversations ----

typedef struct {
    int64_t customer, begun_us, profile, thread;
} begun;

typedef struct {
    gathering *g;
    map64 aside; // put aside, or an answer is on its way
    begun *v;
    size_t n, room;
} talking;

static void began(talking *k, begun x) {
    if (k->n == k->room) {
        begun *more = make(k->g->a, begun, k->room = k->room ? k->room * 2 : 1024);
        if (k->n) memcpy(more, k->v, k->n * sizeof *more);
        k->v = more;
    }
    k->v[k->n++] = x;
}

// The steps of a conversation before the moment: when it began, whether they came back after it was called solved, and
// when we answered.
static void read_steps(talking *k, sign x, const talk *t) {
    int64_t first = 0, solved = 0, again = 0, answered = 0;
    for (int32_t i = 0; i < t->n; i++) {
        const talk_step *p = &t->steps[i];
        if (p->who == TALK_customer && !first) first = p->at_us;
        if (p->who == TALK_customer && solved) again = p->at_us, solved = 0;
        if (p->who == TALK_solved) solved = p->at_us;
        if (p->who == TALK_person || p->who == TALK_solved) answered = p->at_us;
    }
    gathering *g = k->g;
    if (answered) {
        about_one *p = gather_about(g, x.customer);
        p->answered_us = MAX(p->answered_us, answered);
    }
    if (first >= gather_since(g, SIGNAL_repeat_contact)) began(k, (begun){x.customer, first, x.profile, x.place});
    if (again >= gather_since(g, SIGNAL_reopened) && again) {
        x.signal = SIGNAL_reopened, x.at_us = again;
        gather_sign(g, x);
    }
    const int64_t waits = talk_now(t).waiting_us;
    if (!waits || waits < gather_since(g, SIGNAL_long_wait) || waits > g->at_us - LONG_WAIT_DAYS * DAY_US ||
        map64_get(&k->aside, talk_wait_key(x.profile, x.place)) >= 0)
        return;
    x.signal = SIGNAL_long_wait, x.at_us = waits, x.detail = (g->at_us - waits) / DAY_US;
    gather_sign(g, x);
}

static int by_customer_time(const void *p, const void *q) {
    const begun *x = p, *y = q;
    if (x->customer != y->customer) return x->customer < y->customer ? -1 : 1;
    if (x->begun_us != y->begun_us) return x->begun_us < y->begun_us ? -1 : 1;
    return (x->thread > y->thread) - (x->thread < y->thread);
}

// Two and more that began within REPEAT_DAYS of one another: a sign at the last of them.
static void find_repeats(talking *k) {
    if (k->n) qsort(k->v, k->n, sizeof *k->v, by_customer_time);
    for (size_t i = 0, j; i < k->n; i = j) {
        for (j = i + 1; j < k->n && k->v[j].customer == k->v[i].customer &&
                        k->v[j].begun_us - k->v[j - 1].begun_us <= REPEAT_DAYS * DAY_US;)
            j++;
        const begun *last = &k->v[j - 1];
        if (j - i < 2) continue;
        gather_sign(k->g, (sign){.customer = last->customer,
                                 .profile = last->profile,
                                 .at_us = last->begun_us,
                                 .place = last->thread,
                                 .detail = (int64_t)(j - i),
                                 .signal = SIGNAL_repeat_contact});
    }
}

bool gather_talks(gathering *g, err *e) {
    talking k = {.g = g};
    if (!inbox_quiet_waits(g->a, g->s, g->at_us, &k.aside, e)) return false;
    for (row r = store_query(g->s, Q_dissatisfied_talks, e, "i", gather_since(g, SIGNAL_low_score)); row_next(&r);) {
        arena a = g->scratch;
        talk t;
        const sign x = {.profile = row_int(&r, 0), .place = row_int(&r, 1), .customer = row_int(&r, 3)};
        if (!talk_decode(&a, row_str(&r, 2), &t, e)) return row_end(&r), false;
        while (t.n && t.steps[t.n - 1].at_us >= g->at_us) t.n--;
        if (t.n) read_steps(&k, x, &t);
    }
    find_repeats(&k);
    return err_ok(e);
}

// ---- promises, agreements, colleagues ----

static bool before(const gathering *g, const row *r, int at) {
    return !row_null(r, at) && row_int(r, at) < g->at_us;
}

bool gather_owed(gathering *g, err *e) {
    for (row r = store_query(g->s, Q_dissatisfied_owed, e, "ii", gather_since(g, SIGNAL_broken_promise), g->at_us);
         row_next(&r);) {
        const int64_t customer = row_int(&r, 10);
        if (before(g, &r, 9)) good(g, customer, row_int(&r, 9));
        if (commitment_is_theirs((enum commitment_kind)row_int(&r, 2)) || row_int(&r, 8) >= g->at_us) continue;
        if (before(g, &r, 4) || before(g, &r, 5) || before(g, &r, 6) || before(g, &r, 7)) continue;
        gather_sign(g, (sign){.customer = customer,
                              .profile = row_int(&r, 0),
                              .place = row_int(&r, 1),
                              .at_us = row_int(&r, 3),
                              .detail = (g->at_us - row_int(&r, 3)) / DAY_US,
                              .signal = SIGNAL_broken_promise});
    }
    static const struct {
        enum query q;
        enum signal signal;
    } of_mail[] = {{Q_dissatisfied_withdrawn, SIGNAL_unsubscribed}, {Q_dissatisfied_unwanted, SIGNAL_unwanted_mail}};
    for (size_t i = 0; err_ok(e) && i < COUNT(of_mail); i++)
        for (row r = store_query(g->s, of_mail[i].q, e, "ii", gather_since(g, of_mail[i].signal), g->at_us);
             row_next(&r);)
            gather_sign(g, (sign){.profile = row_int(&r, 0),
                                  .at_us = row_int(&r, 1),
                                  .place = row_int(&r, 2),
                                  .customer = row_int(&r, 3),
                                  .signal = of_mail[i].signal});
    return err_ok(e);
}

// "It cannot be told" changes nothing.
bool gather_judged(gathering *g, err *e) {
    for (row r = store_query(g->s, Q_judged_before, e, "i", g->heard_us); row_next(&r);) {
        if (row_int(&r, 2) == JUDGED_unsure) continue;
        about_one *p = gather_about(g, row_int(&r, 0));
        p->said_us = row_int(&r, 1), p->said = (enum judged_says)row_int(&r, 2);
        if (p->said == JUDGED_no || p->said == JUDGED_settled) p->cleared_us = p->said_us;
        if (p->said != JUDGED_yes || p->said_us < gather_since(g, SIGNAL_person)) continue;
        gather_sign(g, (sign){.customer = row_int(&r, 0),
                              .profile = row_int(&r, 3),
                              .at_us = p->said_us,
                              .place = row_int(&r, 6),
                              .signal = SIGNAL_person});
    }
    return err_ok(e);
}

// ---- money and silence ----

static int by_int(const void *p, const void *q) {
    const int32_t *x = p, *y = q;
    return (*x > *y) - (*x < *y);
}

bool rhythm_at(arena scratch, const timeline *t, int32_t day, int32_t *gap_days, int32_t *last_day) {
    int32_t *gaps = make(&scratch, int32_t, t->n_purse + 1), n = 0, days = 0;
    *last_day = INT32_MIN;
    for (int32_t i = 0; i < t->n_purse && t->purse[i].day < day; i++) {
        const purse_entry *p = &t->purse[i];
        if (!timeline_is_purchase(t, p) || p->day == *last_day) continue;
        if (days++) gaps[n++] = p->day - *last_day;
        *last_day = p->day;
    }
    if (days < QUIET_ORDERS || n < 2) return false;
    qsort(gaps, (size_t)n, sizeof *gaps, by_int);
    *gap_days = MAX((gaps[(n - 1) / 2] + gaps[n / 2]) / 2, 1); // as in the summary
    return true;
}

bool rhythm_is_silent(int32_t gap_days, int32_t silent_days) {
    return silent_days >= QUIET_GAPS * gap_days && silent_days >= QUIET_DAYS &&
           silent_days <= signal_get(SIGNAL_silence)->days;
}

static void find_silence(gathering *g, arena scratch, const row *r, const timeline *t) {
    int32_t gap, last;
    if (row_int(r, 2) >= g->at_us) { // something happened since: as it was then
        if (!t || !rhythm_at(scratch, t, g->day, &gap, &last)) return;
    } else {
        if (row_null(r, 9) || row_null(r, 8) || row_int(r, 5) < QUIET_ORDERS) return;
        gap = (int32_t)MAX(row_int(r, 9), 1), last = zone_days(g->z, row_int(r, 8));
    }
    if (!rhythm_is_silent(gap, g->day - last)) return;
    gather_sign(g, (sign){.customer = row_int(r, 0),
                          .profile = row_int(r, 0),
                          .at_us = zone_day_start_us(g->z, last + QUIET_GAPS * gap),
                          .detail = g->day - last,
                          .signal = SIGNAL_silence});
}

// A return counts until the next purchase.
static void find_money(gathering *g, const row *r, const timeline *t) {
    const int32_t from = zone_days(g->z, gather_since(g, SIGNAL_sent_back));
    for (int32_t i = t->n_purse; i-- > 0 && t->purse[i].day > from;) {
        const purse_entry *p = &t->purse[i];
        if (p->day >= g->day) continue;
        if (timeline_is_purchase(t, p)) return;
        const bool back = p->kind == KIND_return_;
        if (!back && p->kind != KIND_refund && p->kind != KIND_cancel) continue;
        gather_sign(g, (sign){.customer = row_int(r, 0),
                              .profile = row_int(r, 0),
                              .at_us = zone_day_start_us(g->z, p->day),
                              .detail = p->value,
                              .signal = back ? SIGNAL_sent_back : SIGNAL_money_back});
    }
}

static void find_contracts(gathering *g, const row *r, const timeline *t) {
    int64_t monthly;
    const bool runs = contract_at(t, g->at_us, &monthly);
    for (int32_t i = 0; i < t->n_contracts; i++) {
        const contract_entry *c = &t->contracts[i], *was = i ? c - 1 : NULL;
        sign x = {.customer = row_int(r, 0), .profile = row_int(r, 0), .at_us = c->at_us};
        if (c->at_us >= g->at_us || c->at_us < gather_since(g, SIGNAL_contract_ended)) continue;
        if (c->kind == KIND_contract_end && !runs) {
            x.signal = SIGNAL_contract_ended;
            gather_sign(g, x);
        }
        if (c->kind == KIND_contract_change && was && was->thread == c->thread && was->kind != KIND_contract_end &&
            c->value < was->value && runs) {
            x.signal = SIGNAL_downgraded, x.detail = was->value - c->value;
            gather_sign(g, x);
        }
    }
}

bool gather_needs_timeline(const gathering *g, const row *r) {
    return !row_null(r, 21) || row_int(r, 10) || row_int(r, 12) ||
           (row_int(r, 2) >= g->at_us && row_int(r, 5) >= QUIET_ORDERS);
}

bool gather_summary(gathering *g, arena scratch, const row *r, const timeline *t, err *e) {
    find_silence(g, scratch, r, t);
    if (t && (row_int(r, 10) || row_int(r, 12))) find_money(g, r, t);
    if (t && t->n_contracts) find_contracts(g, r, t);
    return err_ok(e);
}
