// The passes over what was said: feedback and conversations.
#include "know/fold.h"
#include "know/lists.h"
#include "know/panel_private.h"
#include "know/talk.h"
#include "sql/know.h"
#include "stats/clock.h"

enum { ANSWER_DAYS = 14 };

bool is_complaint(enum kind k, int mood, bool has_score) {
    if (k == KIND_complaint) return true;
    return mood == -1 && k != KIND_ask && (k == KIND_review || !has_score);
}

bool panel_counts(const panel *p, int64_t profile) {
    return !p->ask.only || id_set_has(p->ask.only, profile);
}

bool panel_wants(const panel *p, enum measure m) {
    return p->ask.wanted >> m & 1;
}

void panel_tell(const panel *p, enum measure m, counted x) {
    if (p->ask.each && panel_wants(p, m)) p->ask.each(p->ask.ctx, m, &x);
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
    int32_t unit, span, group, channel, source;
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

bool mark_of(enum instrument i, int64_t score, int *mark) {
    int lo, hi;
    int64_t m = (score + (score < 0 ? -50 : 50)) / 100;
    if (!instrument_range(i, &lo, &hi) || m < lo || m > hi) return false;
    *mark = (int)m;
    return true;
}

static void take_score(cell *c, enum instrument i, int64_t score) {
    int mark;
    if (!mark_of(i, score, &mark)) return;
    if (i == INSTRUMENT_nps) c->nps[mark]++;
    if (i == INSTRUMENT_csat5) c->csat[mark - 1]++;
    if (i == INSTRUMENT_ces7) c->ces[mark - 1]++;
    if (i == INSTRUMENT_stars5) c->stars[mark - 1]++;
}

static void take_feedback(panel *p, const row *r, survey_steps *steps) {
    int64_t profile = row_int(r, 0), at_us = row_int(r, 2);
    enum kind k = (enum kind)row_int(r, 4);
    int span = span_of(p, at_us);
    bool has_score = !row_null(r, 8);
    int mood = row_null(r, 9) ? MOOD_UNKNOWN : (int)row_int(r, 9);
    // An answer may come after the time asked about, and a later question may be the one it answers.
    if ((span < 0 && k != KIND_answer && k != KIND_ask) || !panel_counts(p, profile)) return;
    int group = span < 0 ? 0 : group_of(p, profile, row_int(r, 5), row_int(r, 6));
    if (k == KIND_ask || k == KIND_answer)
        push_step(p, steps,
                  (survey_step){profile, at_us, (int32_t)row_int(r, 7), span, group, (int32_t)row_int(r, 5),
                                (int32_t)row_int(r, 6), k == KIND_ask});
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

// An ask is answered by the same person's first answer on the same scale within 14 days; an answer answers one ask, the
// newest. So it is what comes next that tells.
static void match_surveys(panel *p, survey_steps *l) {
    if (l->n) qsort(l->v, l->n, sizeof *l->v, by_step);
    for (size_t i = 0; i < l->n; i++) {
        const survey_step *x = &l->v[i], *next = i + 1 < l->n ? x + 1 : NULL;
        if (!x->ask || x->span < 0 || !x->profile || x->at_us + ANSWER_DAYS * DAY_US > p->ask.now_us) continue;
        bool answered = next && !next->ask && next->profile == x->profile && next->unit == x->unit &&
                        next->at_us - x->at_us <= ANSWER_DAYS * DAY_US;
        cell *c = panel_cell(p, x->span, x->group);
        c->asked++, c->answered += answered;
        panel_tell(p, MEASURE_response_rate,
                   (counted){.profile_id = x->profile,
                             .at_us = x->at_us,
                             .unit = x->unit,
                             .channel = x->channel,
                             .source_id = x->source,
                             .hit = answered});
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

// A conversation at hand: where it is counted, and what is told of it.
typedef struct {
    const clock_step *steps;
    size_t n;
    int group;
    counted told;
} heard_talk;

static void take_runs(panel *p, arena scratch, const heard_talk *t) {
    clock_runs runs = clock_read(&scratch, t->steps, t->n, NULL, p->ask.now_us);
    for (int i = 0; i < runs.n; i++) {
        const clock_run *c = &runs.runs[i];
        int span = span_of(p, c->start_us);
        if (span < 0 || !c->reply_us || !c->n_waits) continue;
        push(p, &panel_cell(p, span, t->group)->replies, (double)c->reply_open_us / 1e6);
        counted x = t->told;
        x.at_us = c->start_us, x.end = c->reply_us;
        panel_tell(p, MEASURE_first_reply, x);
    }
}

// Who waits at the end of each span: the conversation is read as it stood then.
static void take_waits(panel *p, arena scratch, const heard_talk *t) {
    for (int s = 0; s < p->ask.n_spans; s++) {
        arena a = scratch;
        int64_t at = p->ask.spans[s].until_us;
        if (!t->n || t->steps[0].at_us >= at) continue;
        clock_runs runs = clock_read(&a, t->steps, t->n, NULL, at);
        // Who has waited since before the span has given up; they would drown those who still hope.
        counted x = t->told;
        x.at_us = runs.n ? runs.runs[runs.n - 1].waiting_us : 0;
        if (!x.at_us || x.at_us < p->ask.spans[s].since_us) continue;
        push(p, &panel_cell(p, s, t->group)->waits, (double)(at - x.at_us) / 1e6);
        panel_tell(p, MEASURE_waiting, x);
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
        if (!panel_counts(p, row_int(&r, 0))) continue;
        if (!talk_decode(&a, row_str(&r, 9), &t, e)) {
            row_end(&r);
            break;
        }
        size_t n = clock_steps(&a, &t, &steps);
        heard_talk h = {.steps = steps, .n = n, .group = group_of(p, row_int(&r, 0), row_int(&r, 7), row_int(&r, 8))};
        h.told = (counted){
            .profile_id = row_int(&r, 0), .channel = (int32_t)row_int(&r, 7), .source_id = (int32_t)row_int(&r, 8)};
        if (replies) take_runs(p, a, &h);
        if (waits) take_waits(p, a, &h);
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
        if (*words) memcpy(more, *words, (size_t)i * sizeof *more);
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
