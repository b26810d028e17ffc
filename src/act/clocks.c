#include "act/clocks.h"

#include "know/lists.h"
#include "sql/know.h"

typedef struct {
    arena *a;
    clocked *out;
    size_t n, room;
} result;

static clocked *push(result *r) {
    if (r->n == r->room) {
        clocked *more = make(r->a, clocked, r->room = r->room ? r->room * 2 : 16);
        if (r->n) memcpy(more, r->out, r->n * sizeof *more);
        r->out = more;
    }
    return &r->out[r->n++];
}

// When somebody of ours was first named in a conversation, no earlier than from_us; what was named before holds on.
static int64_t named_us(const standard_event *evs, size_t n, int64_t from_us) {
    for (size_t i = 0; i < n; i++)
        if (evs[i].staff) return MAX(evs[i].at_us, from_us);
    return INT64_MAX;
}

static clocked_wait wait_of(const clock_wait *w, const calendar *cal, const standard_event *evs, size_t n) {
    clocked_wait x = {.from_us = w->from_us, .to_us = w->to_us, .end = w->end};
    int64_t named = named_us(evs, n, w->from_us);
    x.open_us = business_us(cal, w->from_us, w->to_us);
    x.team_us = business_us(cal, w->from_us, MIN(named, w->to_us));
    return x;
}

static clocked clock_of(arena *a, const clock_run *run, const agreement_terms *t, const standard_event *evs, size_t n) {
    clocked c = {.profile = evs[0].profile,
                 .thread = evs[0].thread,
                 .reopened = run->reopened,
                 .start_us = run->start_us,
                 .reply_us = run->reply_us,
                 .solved_us = run->solved_us,
                 .waiting_us = run->waiting_us,
                 .n_waits = run->n_waits,
                 .agreement = t->row ? t->row->name : S("")};
    for (size_t i = 0; i < n; i++)
        if (evs[i].at_us <= run->start_us) c.channel = (enum channel)evs[i].channel;
    if (c.reply_us) c.reply_open_us = business_us(&t->cal, c.start_us, c.reply_us);
    if (c.solved_us) c.solved_open_us = business_us(&t->cal, c.start_us, c.solved_us);
    c.waits = make(a, clocked_wait, run->n_waits + 1);
    for (int i = 0; i < run->n_waits; i++) c.waits[i] = wait_of(&run->waits[i], &t->cal, evs, n);
    if (c.waiting_us) c.waiting_open_us = c.waits[run->n_waits - 1].open_us;
    return c;
}

static int by_start(const void *a, const void *b) {
    const clocked *x = a, *y = b;
    if (x->start_us != y->start_us) return x->start_us < y->start_us ? -1 : 1;
    return (x->thread > y->thread) - (x->thread < y->thread);
}

void clocks_from(arena *a, agreements *hours, const int64_t *profiles, size_t n_profiles, str segment,
                 standard_event *evs, size_t n, int64_t now_us, clocked **out, size_t *n_out) {
    result r = {.a = a};
    if (n) qsort(evs, n, sizeof *evs, standard_by_talk);
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i; j < n && evs[j].profile == evs[i].profile && evs[j].thread == evs[i].thread;) j++;
        arena scratch = arena_open((j - i) * 256 + (1 << 16));
        clock_step *steps = make(&scratch, clock_step, j - i);
        for (size_t k = i; k < j; k++) steps[k - i] = (clock_step){evs[k].at_us, standard_who(&evs[k])};
        clock_runs runs = clock_read(&scratch, steps, j - i, NULL, now_us);
        for (int k = 0; k < runs.n; k++) {
            const agreement_terms *t = agreements_for(hours, profiles, n_profiles, segment, runs.runs[k].start_us);
            *push(&r) = clock_of(a, &runs.runs[k], t, evs + i, j - i);
        }
        arena_close(&scratch);
    }
    if (r.n) qsort(r.out, r.n, sizeof *r.out, by_start);
    *out = r.out, *n_out = r.n;
}

// ---- of a customer ----

typedef struct {
    arena *a;
    standard_event *evs;
    size_t n, room;
    str segment;
    int64_t said_us;
} gathering;

static bool gather(void *ctx, const record *r, err *e) {
    gathering *g = ctx;
    (void)e;
    if (r->kind != KIND_note && !standard_minds(r)) return true;
    standard_event x = standard_event_of(g->a, r);
    if (x.segment.len && x.at_us >= g->said_us) g->segment = x.segment, g->said_us = x.at_us;
    if (kind_class((enum kind)x.kind) != CLASS_TALK) return true;
    if (g->n == g->room) {
        standard_event *more = make(g->a, standard_event, g->room = g->room ? g->room * 2 : 64);
        if (g->n) memcpy(more, g->evs, g->n * sizeof *more);
        g->evs = more;
    }
    g->evs[g->n++] = x;
    return true;
}

bool clocks_of_customer(arena *a, store *s, int64_t customer, int64_t now_us, clocked **out, size_t *n, err *e) {
    gathering g = {.a = a, .said_us = INT64_MIN};
    agreements *hours;
    int64_t *profiles = NULL;
    size_t n_profiles = 0, room = 0;
    for (row r = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&r);)
        list_push(a, &profiles, &n_profiles, &room, row_int(&r, 0));
    if (err_ok(e) && !n_profiles) return fail(e, ERR_not_found, "there is no customer %" PRId64, customer);
    for (size_t i = 0; err_ok(e) && i < n_profiles; i++)
        if (!ledger_profile_events(s, profiles[i], gather, &g, e)) return false;
    if (!err_ok(e) || !agreements_read(a, s, &hours, e)) return false;
    clocks_from(a, hours, profiles, n_profiles, g.segment, g.evs, g.n, now_us, out, n);
    return true;
}
