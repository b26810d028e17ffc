// Who enters a playbook now.
#include "act/first_value.h"
#include "act/playbook_private.h"
#include "know/commitment.h"
#include "know/fold.h"
#include "know/lists.h"
#include "sql/act_playbook.h"
#include "sql/serve_know.h"

#include <math.h>

// ---- what is known already ----

static int64_t known_key(int64_t customer, str occasion) {
    return (int64_t)str_hash2((uint64_t)customer, occasion);
}

static void note_last(entering *k, int64_t customer, int64_t at_us) {
    bool made;
    int32_t *at = map64_at(&k->last, customer, (int32_t)k->n_last, &made);
    if (!made) {
        k->last_us[*at] = MAX(k->last_us[*at], at_us);
        return;
    }
    list_push(k->a, &k->last_us, &k->n_last, &k->room_last, at_us);
}

static int64_t known_since(const entering *k) {
    int64_t days = 400;
    switch (k->d->trigger) {
    case TRIGGER_stuck: return 0;
    case TRIGGER_event: days = k->d->first ? 400 : PLAY_FRESH_DAYS + 1; break;
    case TRIGGER_segment:
    case TRIGGER_date:
    case TRIGGER_promise:
    case TRIGGER_measure:
    case TRIGGER_rhythm: break;
    }
    return k->now_us - MAX(days, (int64_t)k->d->again_days + 1) * DAY_US;
}

bool entering_begin(entering *k, arena *a, store *s, const playbook_row *p, const play *d, int64_t now_us, err *e) {
    *k = (entering){.a = a, .s = s, .p = p, .d = d, .now_us = now_us};
    k->known = map64_new(a, 1024), k->last = map64_new(a, 1024), k->profile_of = map64_new(a, 64);
    k->since_us = MAX(p->on_us - 1, now_us - PLAY_FRESH_DAYS * DAY_US);
    if (!store_zone(s, a, &k->z, e)) return false;
    for (row r = store_query(s, Q_playbook_run_known, e, "ii", p->id, known_since(k)); row_next(&r);) {
        map64_put(&k->known, known_key(row_int(&r, 0), row_str(&r, 1)), 1);
        // Whoever is on the way does not begin anew, however long it takes.
        note_last(k, row_int(&r, 0), row_int(&r, 3) == RUN_going ? now_us : row_int(&r, 2));
    }
    return err_ok(e);
}

void entering_add(entering *k, entrant x) {
    int64_t key = known_key(x.customer, x.occasion);
    int32_t last = map64_get(&k->last, x.customer);
    if (map64_get(&k->known, key) >= 0) return;
    if (k->d->again_days && last >= 0 && x.at_us < k->last_us[last] + k->d->again_days * DAY_US) return;
    if (x.customer && !playbook_draw(k->p->id, x.customer, "sample", k->d->sample)) return;
    if (k->n == k->room) {
        entrant *more = make(k->a, entrant, k->room = k->room ? k->room * 2 : 256);
        if (k->n) memcpy(more, k->of, k->n * sizeof *more);
        k->of = more;
    }
    map64_put(&k->known, key, 1);
    k->of[k->n++] = x;
}

bool entering_joined(entering *k, err *e) {
    if (k->n_customers) return true;
    list_push(k->a, &k->customers, &k->n_customers, &k->room_customers, 0);
    for (row r = store_query(k->s, Q_profile_joined, e, ""); row_next(&r);) {
        map64_put(&k->profile_of, row_int(&r, 1), (int32_t)k->n_customers);
        list_push(k->a, &k->customers, &k->n_customers, &k->room_customers, row_int(&r, 0));
    }
    return err_ok(e);
}

int64_t entering_customer(const entering *k, int64_t profile) {
    int32_t at = map64_get(&k->profile_of, profile);
    return at < 0 ? profile : k->customers[at];
}

static int by_time(const void *a, const void *b) {
    const entrant *x = a, *y = b;
    if (x->at_us != y->at_us) return x->at_us < y->at_us ? -1 : 1;
    if (x->customer != y->customer) return x->customer < y->customer ? -1 : 1;
    return str_cmp(x->occasion, y->occasion);
}

// By time; of several of one customer within again_days the first stays.
void entering_sort(entering *k) {
    size_t kept = 0;
    if (k->n) qsort(k->of, k->n, sizeof *k->of, by_time);
    map64 at = map64_new(k->a, k->n + 16);
    for (size_t i = 0; i < k->n; i++) {
        bool made;
        int32_t *before = map64_at(&at, k->of[i].customer, (int32_t)kept, &made);
        if (!made && k->d->again_days && k->of[i].at_us < k->of[*before].at_us + k->d->again_days * DAY_US) continue;
        *before = (int32_t)kept;
        k->of[kept++] = k->of[i];
    }
    k->n = kept;
}

// ---- the condition ----

enum { FEW = 200 };

static bool add_member(void *ctx, const summary *x, err *e) {
    (void)e;
    id_set_add(ctx, x->customer_id);
    return true;
}

static bool member_set(entering *k, id_set *set, err *e) {
    int64_t most = 0;
    for (size_t i = 0; i < k->n; i++) most = MAX(most, k->of[i].customer);
    *set = (id_set){.bits = make(k->a, uint64_t, most / 64 + 1), .n = most + 1};
    segment_ask ask = {.rule = k->d->only, .now_us = k->now_us, .take = add_member, .ctx = set};
    return segment_scan(k->s, &ask, e);
}

bool entering_filter(entering *k, err *e) {
    id_set set;
    size_t kept = 0;
    bool many = k->n > FEW;
    if (!k->d->only || !k->n) return true;
    if (many && !member_set(k, &set, e)) return false;
    for (size_t i = 0; i < k->n; i++) {
        bool in = many && id_set_has(&set, k->of[i].customer);
        if (!many && !segment_which(k->a, k->s, k->d->only, k->now_us, &k->of[i].customer, 1, &in, e)) return false;
        if (in) k->of[kept++] = k->of[i];
    }
    k->n = kept;
    return true;
}

// ---- a segment ----

typedef struct {
    int64_t *ids;
    size_t n, room;
    arena *a;
    int64_t known_us; // who was first seen later is left out; 0: nobody
} id_list;

static bool take_id(void *ctx, const summary *x, err *e) {
    id_list *k = ctx;
    (void)e;
    if (!k->known_us || x->first_us <= k->known_us) list_push(k->a, &k->ids, &k->n, &k->room, x->customer_id);
    return true;
}

static str inside_text(arena *a, const id_list *x) {
    buf b = buf_new(a, x->n * 10 + 16);
    int64_t before = 0;
    for (size_t i = 0; i < x->n; i++) buf_varint(&b, (uint64_t)(x->ids[i] - before)), before = x->ids[i];
    return buf_str(&b);
}

static bool read_inside(entering *k, int64_t most, id_set *was, str *text, err *e) {
    *was = (id_set){.bits = make(k->a, uint64_t, most / 64 + 1), .n = most + 1};
    for (row r = store_query(k->s, Q_playbook_inside, e, "i", k->p->id); row_next(&r);) {
        str rest = *text = str_dup(k->a, row_str(&r, 0));
        int64_t id = 0;
        for (uint64_t step; buf_read_varint(&rest, &step);) {
            id += (int64_t)step;
            // A number of then is that of one of its profiles now.
            id_set_add(was, entering_customer(k, id));
            id_set_add(was, id);
        }
    }
    return err_ok(e);
}

static bool enter_segment(entering *k, entrants *out, bool *same, err *e) {
    id_list in = {.a = k->a};
    id_set was;
    segment_ask ask = {.rule = k->d->segment, .now_us = k->now_us, .take = take_id, .ctx = &in};
    if (!entering_joined(k, e) || !segment_scan(k->s, &ask, e)) return false;
    out->inside = inside_text(k->a, &in);
    // Those who were in it when it was switched on have not just come.
    if (!k->p->looked_us) return true;
    str before = {0};
    if (!read_inside(k, in.n ? in.ids[in.n - 1] : 0, &was, &before, e)) return false;
    *same = str_eq(before, out->inside);
    str occasion = str_fmt(k->a, "in:%.*s", STR_ARG(date_str(k->a, zone_days(k->z, k->now_us))));
    for (size_t i = 0; i < in.n; i++)
        if (!id_set_has(&was, in.ids[i]))
            entering_add(
                k, (entrant){.customer = in.ids[i], .at_us = k->now_us, .next_us = k->now_us, .occasion = occasion});
    return true;
}

// ---- broken promises ----

// What the customer owes, and what colleagues owe one another, is no promise to them.
static bool is_promise(enum commitment_kind kind) {
    return kind != COMMITMENT_task && kind != COMMITMENT_instalment && kind != COMMITMENT_renewal;
}

bool enter_promises(entering *k, bool as_it_stood, err *e) {
    enum { LOOK_BACK_DAYS = 30, WORDS = 300 };
    int64_t since = as_it_stood ? k->since_us : MAX(k->p->on_us - 1, k->now_us - LOOK_BACK_DAYS * DAY_US);
    for (row r = store_query(k->s, as_it_stood ? Q_playbook_broken_then : Q_playbook_broken, e, "ii", since, k->now_us);
         row_next(&r);) {
        if (!is_promise((enum commitment_kind)row_int(&r, 2))) continue;
        buf b = buf_new(k->a, 8192);
        json_out j = json_to(&b);
        json_open(&j, NULL, '{');
        json_put_int(&j, "commitment", row_int(&r, 0));
        json_put_str(&j, "promise", str_sub(row_str(&r, 3), 0, WORDS));
        json_put_int(&j, "promise_us", row_int(&r, 5));
        json_close(&j, '}');
        str about = str_dup(k->a, buf_str(&b));
        str occasion = str_fmt(k->a, "promise:%" PRId64, row_int(&r, 0));
        int64_t at = as_it_stood ? row_int(&r, 5) : MAX(row_int(&r, 5), k->p->on_us);
        entering_add(
            k, (entrant){.customer = row_int(&r, 6), .at_us = at, .next_us = at, .occasion = occasion, .facts = about});
    }
    return err_ok(e);
}

// ---- figures of the company ----

static bool enter_measure(entering *k, entrants *out, err *e) {
    const play *d = k->d;
    int32_t today = zone_days(k->z, k->now_us);
    time_span span = {zone_day_start_us(k->z, today - d->days + 1), k->now_us + 1};
    panel_ask ask = {.spans = &span, .n_spans = 1, .wanted = 1U << d->measure, .now_us = k->now_us};
    panel *p;
    bool was = false;
    if (!panel_read(k->a, k->s, &ask, &p, e)) return false;
    estimate x = panel_estimate(k->a, p, d->measure, 0, 0);
    // Surely: the whole likely range lies beyond the bound, and it rests on enough.
    bool is = x.state == ESTIMATE_OK && (d->below ? x.hi < d->bound : x.lo > d->bound);
    for (row r = store_query(k->s, Q_playbook_inside, e, "i", k->p->id); row_next(&r);) was = row_str(&r, 0).len > 0;
    out->inside = is ? S("1") : S("");
    str occasion = str_fmt(k->a, "%s:%.*s", measure_get(d->measure)->name, STR_ARG(date_str(k->a, today)));
    if (is && !was && k->p->looked_us)
        entering_add(k, (entrant){.at_us = k->now_us, .next_us = k->now_us, .occasion = occasion});
    return err_ok(e);
}

// ---- stuck, and rhythm ----

static bool enter_stuck(entering *k, err *e) {
    first_values v;
    first_value_ask ask = {k->d->value_event, k->d->from_contract, k->now_us};
    if (!first_value_read(k->a, k->s, &ask, &v, e)) return false;
    str occasion = str_fmt(k->a, "stuck:%.*s", STR_ARG(kind_name(k->d->value_event)));
    for (size_t i = 0; i < v.n_stuck; i++) {
        const stuck_customer *x = &v.stuck[i];
        int64_t at = x->start_us + (int64_t)(v.groups[x->group].beyond * (double)DAY_US);
        // Those who were stuck before it was switched on come too, but not those who gave up long ago.
        if (at < k->now_us - 30 * DAY_US) continue;
        entering_add(
            k, (entrant){.customer = x->customer, .at_us = k->now_us, .next_us = k->now_us, .occasion = occasion});
    }
    return true;
}

static bool enter_rhythm(entering *k, err *e) {
    int64_t since = k->now_us - k->d->days * DAY_US;
    id_list in = {.a = k->a, .known_us = since};
    segment_ask ask = {.rule = k->d->segment, .now_us = k->now_us, .take = take_id, .ctx = &in};
    if (!segment_scan(k->s, &ask, e)) return false;
    happened *of = make(k->a, happened, in.n + 1);
    for (size_t i = 0; i < in.n; i++) of[i] = (happened){.customer = in.ids[i], .since_us = since};
    uint64_t spoke = UINT64_C(1) << KIND_message_out | UINT64_C(1) << KIND_call;
    if (!playbook_happened(k->a, k->s, of, in.n, spoke, k->now_us, e)) return false;
    str occasion = str_fmt(k->a, "rhythm:%.*s", STR_ARG(date_str(k->a, zone_days(k->z, k->now_us))));
    for (size_t i = 0; i < in.n; i++)
        if (!of[i].kinds)
            entering_add(
                k, (entrant){.customer = in.ids[i], .at_us = k->now_us, .next_us = k->now_us, .occasion = occasion});
    return true;
}

// ---- all ----

// Events, segments and promises are looked at each time; what follows the calendar or is dear, less often.
static bool is_time(const entering *k) {
    int64_t looked = k->p->looked_us;
    switch (k->d->trigger) {
    case TRIGGER_event:
    case TRIGGER_segment:
    case TRIGGER_promise: return true;
    case TRIGGER_date: return !looked || looked > k->now_us || k->now_us - looked >= 6 * HOUR_US;
    case TRIGGER_measure:
    case TRIGGER_stuck:
    case TRIGGER_rhythm: return !looked || zone_days(k->z, looked) != zone_days(k->z, k->now_us);
    }
    return false;
}

// *same: nothing has changed that is to be kept.
static bool look(entering *k, entrants *out, bool *same, err *e) {
    *same = k->d->trigger == TRIGGER_event || k->d->trigger == TRIGGER_promise;
    switch (k->d->trigger) {
    case TRIGGER_event: return enter_events(k, e);
    case TRIGGER_segment: return enter_segment(k, out, same, e);
    case TRIGGER_date:
        k->since_us = MAX(k->p->on_us - 1, k->now_us - PLAY_DATE_LATE_H * HOUR_US);
        return enter_dates(k, k->now_us + PLAY_DATE_AHEAD_H * HOUR_US, e);
    case TRIGGER_promise: return enter_promises(k, false, e);
    case TRIGGER_measure: return enter_measure(k, out, e);
    case TRIGGER_stuck: return enter_stuck(k, e);
    case TRIGGER_rhythm: return enter_rhythm(k, e);
    }
    return true;
}

bool playbook_entrants(arena *a, store *s, const playbook_row *p, const play *d, int64_t now_us, entrants *out,
                       err *e) {
    entering k;
    *out = (entrants){0};
    if (!entering_begin(&k, a, s, p, d, now_us, e)) return false;
    if (!is_time(&k)) return true;
    bool same = false;
    if (!look(&k, out, &same, e) || !entering_filter(&k, e)) return false;
    entering_sort(&k);
    out->of = k.of, out->n = k.n;
    // A quiet store is not written to each minute.
    int64_t since = now_us - p->looked_us;
    out->looked = k.n || !same || !p->looked_us || since < 0 || since >= HOUR_US;
    return true;
}

// ---- taking in ----

bool playbook_take_in(ledger *l, const playbook_row *p, const play *d, const entrant *x, size_t n, int64_t *taken,
                      err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    int64_t now = w->now_us(w);
    *taken = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t id, new = 0, entered = MAX(now, x[i].next_us);
        bool held = x[i].customer && playbook_draw(p->id, x[i].customer, "hold", d->hold);
        if (!ledger_id(l, &id, e) ||
            !store_run(s, Q_playbook_run_new, &new, e, "iiiitiitiiiI", id, p->id, p->version, x[i].customer,
                       x[i].occasion, (int64_t)held, (int64_t)d->hold, x[i].facts,
                       held ? (int64_t)RUN_ended : (int64_t)RUN_going, entered, x[i].next_us, held ? &entered : NULL))
            return false;
        *taken += new;
    }
    return true;
}

bool playbook_looked(ledger *l, const playbook_row *p, const entrants *x, int64_t now_us, err *e) {
    // What comes with heed and was never changed has no row, and cannot be on.
    return !x->looked ||
           store_run(ledger_store(l), Q_playbook_looked, NULL, e, "iiib", p->id, p->version, now_us, x->inside);
}
