// The passes over what was said: feedback and conversations.
#include "know/fold.h"
#include "know/lists.h"
#include "know/panel_private.h"
#include "know/talk.h"
#include "stats/clock.h"

enum { ANSWER_DAYS = 14 };

bool is_complaint(enum kind k, int mood, bool has_score) {
    if (k == KIND_complaint) return true;
    return mood == -1 && k != KIND_ask && (k == KIND_review || !has_score);
}

bool panel_wants(const panel *p, enum measure m) {
    return p->ask.wanted >> m & 1;
}

cell *panel_cell(panel *p, int span, int group) {
    return &p->cells[span * p->room_groups + group];
}

int panel_groups(const panel *p) {
    return p->n_groups;
}
str panel_group(const panel *p, int group) {
    return p->groups[group];
}

enum { MAX_GROUPS = 200 };

// The group of a label; beyond MAX_GROUPS all others share the last.
int panel_group_of(panel *p, str label) {
    if (!label.len) label = S("(none)");
    bool made;
    int32_t *at = map64_at(&p->group_ids, (int64_t)str_hash(label), (int32_t)p->n_groups, &made);
    if (!made) return *at;
    if (p->n_groups == MAX_GROUPS) return *at = MAX_GROUPS - 1;
    p->groups[p->n_groups] = p->n_groups == MAX_GROUPS - 1 ? S("(others)") : str_dup(p->a, label);
    return p->n_groups++;
}

static int span_of(const panel *p, int64_t at_us) {
    for (int i = 0; i < p->ask.n_spans; i++)
        if (at_us >= p->ask.spans[i].since_us && at_us < p->ask.spans[i].until_us) return i;
    return -1;
}

static void push(panel *p, doubles *d, double v) {
    if (d->n == d->room) {
        double *more = make(p->a, double, d->room = d->room ? d->room * 2 : 64);
        if (d->n) memcpy(more, d->v, d->n * sizeof *more);
        d->v = more;
    }
    d->v[d->n++] = v;
}

// The group of something said: by its own channel or source, or by its customer's segment.
static int group_of(panel *p, int64_t profile, int64_t channel, int64_t source) {
    int32_t g;
    switch (p->ask.split) {
    case SPLIT_NONE:
    case SPLIT_MONTH: return 0;
    case SPLIT_CHANNEL: return panel_group_of(p, channel_label((enum channel)channel));
    case SPLIT_SOURCE: {
        g = map64_get(&p->source_group, -source); // sources stand there under their negative numbers
        return g >= 0 ? g : panel_group_of(p, S(""));
    }
    case SPLIT_SEGMENT: g = map64_get(&p->segment_of, profile); return g >= 0 ? g : panel_group_of(p, S(""));
    }
    return 0;
}

// ---- feedback ----

typedef struct {
    int64_t profile, at_us;
    int32_t unit, span, group;
    bool ask;
} survey_step;

typedef struct {
    survey_step *v;
    size_t n, room;
} survey_steps;

static void push_step(panel *p, survey_steps *l, survey_step x) {
    if (l->n == l->room) {
        survey_step *more = make(p->a, survey_step, l->room = l->room ? l->room * 2 : 256);
        if (l->n) memcpy(more, l->v, l->n * sizeof *more);
        l->v = more;
    }
    l->v[l->n++] = x;
}

static void count_mark(int64_t *counts, int n, int64_t score, int lowest) {
    int64_t i = (score + (score < 0 ? -50 : 50)) / 100 - lowest; // halves stand between two marks and go up
    if (i >= 0 && i < n) counts[i]++;
}

static void take_score(cell *c, enum instrument i, int64_t score) {
    if (i == INSTRUMENT_nps) count_mark(c->nps, 11, score, 0);
    if (i == INSTRUMENT_csat5) count_mark(c->csat, 5, score, 1);
    if (i == INSTRUMENT_ces7) count_mark(c->ces, 7, score, 1);
    if (i == INSTRUMENT_stars5) count_mark(c->stars, 5, score, 1);
}

static void take_feedback(panel *p, const row *r, survey_steps *steps) {
    int64_t profile = row_int(r, 0), at_us = row_int(r, 2);
    enum kind k = (enum kind)row_int(r, 4);
    int span = span_of(p, at_us);
    bool has_score = !row_null(r, 8);
    int mood = row_null(r, 9) ? MOOD_UNKNOWN : (int)row_int(r, 9);
    // An answer may come after the time asked about, and a later question may be the one it answers.
    if (span < 0 && k != KIND_answer && k != KIND_ask) return;
    int group = span < 0 ? 0 : group_of(p, profile, row_int(r, 5), row_int(r, 6));
    if (k == KIND_ask || k == KIND_answer)
        push_step(p, steps, (survey_step){profile, at_us, (int32_t)row_int(r, 7), span, group, k == KIND_ask});
    if (span < 0) return;
    cell *c = panel_cell(p, span, group);
    if (has_score) take_score(c, (enum instrument)row_int(r, 7), row_int(r, 8));
    c->complaints += is_complaint(k, mood, has_score);
}

static int by_step(const void *a, const void *b) {
    const survey_step *x = a, *y = b;
    if (x->profile != y->profile) return x->profile < y->profile ? -1 : 1;
    if (x->unit != y->unit) return x->unit - y->unit;
    if (x->at_us != y->at_us) return x->at_us < y->at_us ? -1 : 1;
    return y->ask - x->ask;
}

// An ask is answered by the same person's first answer on the same scale within 14 days; an answer answers one ask.
static void match_surveys(panel *p, survey_steps *l) {
    if (l->n) qsort(l->v, l->n, sizeof *l->v, by_step);
    const survey_step *open = NULL;
    for (size_t i = 0; i < l->n; i++) {
        const survey_step *x = &l->v[i];
        if (x->ask) {
            open = x;
            if (x->span >= 0 && x->profile && x->at_us + ANSWER_DAYS * DAY_US <= p->ask.now_us)
                panel_cell(p, x->span, x->group)->asked++;
            continue;
        }
        bool mine = open && x->profile && open->profile == x->profile && open->unit == x->unit &&
                    x->at_us - open->at_us <= ANSWER_DAYS * DAY_US;
        if (mine && open->span >= 0 && open->at_us + ANSWER_DAYS * DAY_US <= p->ask.now_us)
            panel_cell(p, open->span, open->group)->answered++;
        open = NULL;
    }
}

static bool pass_feedback(panel *p, err *e) {
    int64_t lo = INT64_MAX, hi = INT64_MIN;
    survey_steps steps = {0};
    for (int i = 0; i < p->ask.n_spans; i++)
        lo = MIN(lo, p->ask.spans[i].since_us), hi = MAX(hi, p->ask.spans[i].until_us + ANSWER_DAYS * DAY_US);
    hi = MIN(hi, p->ask.now_us);
    for (int32_t period = event_period(lo); period <= event_period(hi); period++)
        for (row r = store_query(p->s, Q_feedback_of_period, e, "i", (int64_t)period); row_next(&r);)
            if (row_int(&r, 2) < p->ask.now_us) take_feedback(p, &r, &steps);
    if (panel_wants(p, MEASURE_response_rate)) match_surveys(p, &steps);
    return err_ok(e);
}

// ---- conversations ----

static void take_runs(panel *p, const clock_runs *runs, int group) {
    for (int i = 0; i < runs->n; i++) {
        const clock_run *c = &runs->runs[i];
        int span = span_of(p, c->start_us);
        if (span >= 0 && c->reply_us && c->n_waits)
            push(p, &panel_cell(p, span, group)->replies, (double)c->reply_open_us / 1e6);
    }
}

// Who waits at the end of each span: the conversation is read as it stood then.
static void take_waits(panel *p, arena scratch, const clock_step *steps, size_t n, int group) {
    for (int s = 0; s < p->ask.n_spans; s++) {
        arena a = scratch;
        int64_t at = MIN(p->ask.spans[s].until_us, p->ask.now_us);
        if (!n || steps[0].at_us >= at) continue;
        clock_runs runs = clock_read(&a, steps, n, NULL, at);
        // Who has waited since before the span has given up; they would drown those who still hope.
        if (runs.n && runs.runs[runs.n - 1].waiting_us >= p->ask.spans[s].since_us)
            push(p, &panel_cell(p, s, group)->waits, (double)(at - runs.runs[runs.n - 1].waiting_us) / 1e6);
    }
}

static size_t clock_steps(arena *a, const talk *t, clock_step **out) {
    static const enum clock_who who[] = {[TALK_opened] = CLOCK_OPENED,
                                         [TALK_customer] = CLOCK_CUSTOMER,
                                         [TALK_machine] = CLOCK_MACHINE,
                                         [TALK_person] = CLOCK_PERSON,
                                         [TALK_solved] = CLOCK_SOLVED};
    size_t n = 0;
    *out = make(a, clock_step, t->n);
    for (int32_t i = 0; i < t->n; i++)
        if (t->steps[i].who != TALK_note) (*out)[n++] = (clock_step){t->steps[i].at_us, who[t->steps[i].who]};
    return n;
}

static bool pass_talk(panel *p, err *e) {
    int64_t since = INT64_MAX;
    bool waits = panel_wants(p, MEASURE_waiting), replies = panel_wants(p, MEASURE_first_reply);
    for (int i = 0; i < p->ask.n_spans; i++) since = MIN(since, p->ask.spans[i].since_us);
    arena scratch = arena_open((size_t)1 << 30);
    for (row r = store_query(p->s, Q_conversation_since, e, "i", since); row_next(&r);) {
        arena a = scratch;
        talk t;
        clock_step *steps;
        if (!talk_decode(&a, row_str(&r, 9), &t, e)) {
            row_end(&r);
            break;
        }
        size_t n = clock_steps(&a, &t, &steps);
        int group = group_of(p, row_int(&r, 0), row_int(&r, 7), row_int(&r, 8));
        if (replies) {
            clock_runs runs = clock_read(&a, steps, n, NULL, p->ask.now_us);
            take_runs(p, &runs, group);
        }
        if (waits) take_waits(p, a, steps, n, group);
    }
    arena_close(&scratch);
    return err_ok(e);
}

// ---- all ----

// A customer's segment is what was said last of any of its profiles; of two said at one time the greater text.
typedef struct {
    str said;
    int64_t said_us;
} segment;

// The words of a segment once, however many say them.
static str once(panel *p, map64 *known, str **words, str x) {
    bool made;
    int32_t i = *map64_at(known, (int64_t)str_hash(x), (int32_t)known->n, &made);
    if (!made) return (*words)[i];
    if ((i & (i - 1)) == 0) { // room for twice as many
        str *more = make(p->a, str, i ? 2 * i : 1);
        if (i) memcpy(more, *words, (size_t)i * sizeof *more);
        *words = more;
    }
    return (*words)[i] = str_dup(p->a, x);
}

static bool load_segments(panel *p, err *e) {
    map64 at = map64_new(p->a, 1024), known = map64_new(p->a, 64);
    str *words = NULL;
    size_t n = 0, room = 0;
    segment *v = NULL;
    for (row r = store_query(p->s, Q_profile_segments, e, ""); row_next(&r);) {
        bool made;
        int32_t i = *map64_at(&at, row_int(&r, 1), (int32_t)n, &made);
        if (made && n == room) {
            segment *more = make(p->a, segment, room = room ? room * 2 : 1024);
            if (n) memcpy(more, v, n * sizeof *more);
            v = more;
        }
        if (made) v[n++] = (segment){0};
        str x = row_str(&r, 2);
        if (!x.len) continue;
        bool newer = row_int(&r, 3) > v[i].said_us || (row_int(&r, 3) == v[i].said_us && str_cmp(x, v[i].said) > 0);
        if (!v[i].said.len || newer) v[i] = (segment){once(p, &known, &words, x), row_int(&r, 3)};
    }
    for (row r = store_query(p->s, Q_profile_segments, e, ""); row_next(&r);)
        map64_put(&p->segment_of, row_int(&r, 0), panel_group_of(p, v[map64_get(&at, row_int(&r, 1))].said));
    return err_ok(e);
}

static bool load_sources(panel *p, err *e) {
    for (row r = store_query(p->s, Q_source_names, e, ""); row_next(&r);)
        map64_put(&p->source_group, -row_int(&r, 0), panel_group_of(p, row_str(&r, 1)));
    return err_ok(e);
}

static bool splits(const panel *p, err *e) {
    if (p->ask.split != SPLIT_CHANNEL && p->ask.split != SPLIT_SOURCE) return true;
    for (int m = 0; m < MEASURES; m++)
        if (panel_wants(p, (enum measure)m) && !measure_get((enum measure)m)->any_split)
            return fail(
                e, ERR_invalid,
                "'%s' cannot be split so: a customer has many channels and sources; try --by segment or --by month",
                measure_get((enum measure)m)->name);
    return true;
}

// Nothing later than now has happened, so every span ends there.
static const time_span *until_now(arena *a, const panel_ask *ask) {
    time_span *spans = make(a, time_span, ask->n_spans);
    for (int i = 0; i < ask->n_spans; i++) {
        spans[i] = ask->spans[i];
        spans[i].until_us = MIN(spans[i].until_us, ask->now_us);
    }
    return spans;
}

bool panel_read(arena *a, store *s, const panel_ask *ask, panel **out, err *e) {
    panel *p = make(a, panel, 1);
    *p = (panel){.a = a,
                 .s = s,
                 .ask = *ask,
                 .room_groups = MAX_GROUPS,
                 .groups = make(a, str, MAX_GROUPS),
                 .group_ids = map64_new(a, 64),
                 .segment_of = map64_new(a, 64),
                 .source_group = map64_new(a, 64)};
    p->ask.spans = until_now(a, ask);
    bool grouped = ask->split != SPLIT_NONE && ask->split != SPLIT_MONTH;
    if (!grouped) p->room_groups = p->n_groups = 1, p->groups[0] = S("");
    p->cells = make(a, cell, ask->n_spans * p->room_groups);
    if (!splits(p, e) || !store_zone(s, a, &p->z, e)) return false;
    if (ask->split == SPLIT_SEGMENT && !load_segments(p, e)) return false;
    if (ask->split == SPLIT_SOURCE && !load_sources(p, e)) return false;
    unsigned reads = 0;
    for (int m = 0; m < MEASURES; m++)
        if (panel_wants(p, (enum measure)m)) reads |= measure_get((enum measure)m)->reads;
    if (reads & READS_FEEDBACK) reads |= READS_SUMMARY; // how many customers there are, and who is active
    *out = p;
    return (!(reads & READS_SUMMARY) || panel_people(p, e)) && (!(reads & READS_FEEDBACK) || pass_feedback(p, e)) &&
           (!(reads & READS_TALK) || pass_talk(p, e));
}
