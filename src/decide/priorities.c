// What a theme or topic weighs: counted from one reading of who spoke of what.
#include "decide/priorities.h"

#include <math.h>

#include "know/figure.h"
#include "stats/impact.h"
#include "stats/proportion.h"
#include "stats/rate.h"
#include "stats/spread.h"

enum {
    FEW_PEOPLE = 5,
    FEW_VALUES = 8,
    WEEKS = TALKED_DAYS / 7,
    IMPACT_ROUNDS = 200,
    IMPACT_LEAST = 30,
    LENS_ROUNDS = 100
};

typedef struct {
    estimate people, value, stake, severity, trend, size;
    int64_t weeks[WEEKS];
    persist lasts;
    bool burst;
    int64_t burst_days;
    double size_before;
} weighed;

typedef struct {
    arena *a;
    const talked *t;
    const bursts_found *b;
    weighed *w;
    const priority *order; // of the ranked ones
    size_t *rank;          // of each item from 1; 0: not ranked
    size_t *top, n_top;    // items that are ranked
    uint32_t *lens_item;   // its number among them
    lenses lens;
    impact nps, csat;
    bool has_nps, has_csat;
    int64_t *talkers; // of each segment
    double *all;      // who said anything, by day
} counting;

// ---- people, and those of them who are unhappy ----

typedef struct {
    uint32_t *person;
    unsigned char *hurt;
    size_t n;
} crowd_of;

// Of the days from..to, the last left out; each person once.
static crowd_of people_of(arena *a, const talked *t, uint32_t item, int from, int to) {
    size_t rows = t->item_from[item + 1] - t->item_from[item];
    crowd_of c = {make(a, uint32_t, rows + 1), make(a, unsigned char, rows + 1), 0};
    arena scratch = *a;
    uint32_t *at = make(&scratch, uint32_t, t->n_people + 1);
    for (size_t i = t->item_from[item]; i < t->item_from[item + 1]; i++) {
        const talked_word *w = &t->words[t->about[i].word];
        if (w->day < from || w->day >= to) continue;
        if (!at[w->person]) c.person[c.n] = w->person, at[w->person] = (uint32_t)++c.n;
        c.hurt[at[w->person] - 1] |= t->about[i].hurt;
    }
    return c;
}

// How many there are is counted, not drawn; the range is that of a count that comes anew each time (Garwood 1936).
static estimate count_estimate(arena *a, size_t n) {
    estimate e = {.value = (double)n, .method = "Garwood"};
    rate_garwood((int64_t)n, &e.lo, &e.hi);
    estimate_judge(a, &e, (sampling){.need = FEW_PEOPLE, .of = "voice"}, (int64_t)n);
    if (!n) e.state = ESTIMATE_NONE;
    return e;
}

static estimate value_estimate(arena *a, const talked *t, const crowd_of *c) {
    double *v = make(a, double, c->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++)
        if (!isnan(t->people[c->person[i]].value)) v[n++] = t->people[c->person[i]].value;
    if (!n) return estimate_none("Student", "what these customers are worth is not known: see heed value");
    estimate e = spread_mean(a, v, n, (sampling){.need = FEW_VALUES, .of = "customer"});
    e.lo = fmax(e.lo, 0);
    return e;
}

// Ratio of two counts with a half added to each, so that none is without bounds (Haldane 1956; Anscombe 1956); the
// range is that of its logarithm.
static estimate trend_estimate(arena *a, int64_t now, double days_now, int64_t before, double days_before) {
    double x = (double)now + 0.5, y = (double)before + 0.5, arm = Z95 * sqrt(1 / x + 1 / y);
    double ratio = x / days_now / (y / days_before);
    estimate e = {.value = ratio, .lo = ratio * exp(-arm), .hi = ratio * exp(arm), .method = "Haldane-Anscombe"};
    estimate_judge(a, &e, (sampling){.need = 2 * FEW_PEOPLE, .of = "voice"}, now + before);
    return e;
}

static void count_weeks(arena scratch, const talked *t, uint32_t item, int64_t *weeks) {
    unsigned char *last = make(&scratch, unsigned char, t->n_people + 1);
    for (size_t i = t->item_from[item]; i < t->item_from[item + 1]; i++) { // in order of time
        const talked_word *w = &t->words[t->about[i].word];
        int week = w->day / 7;
        if (w->day < 0 || week >= WEEKS || last[w->person] == week + 1) continue;
        last[w->person] = (unsigned char)(week + 1), weeks[week]++;
    }
}

static persist lasting(arena *a, const talked *t, uint32_t item) {
    size_t rows = t->item_from[item + 1] - t->item_from[item], n = 0;
    persist_said *v = make(a, persist_said, rows + 1);
    for (size_t i = t->item_from[item]; i < t->item_from[item + 1]; i++) {
        const talked_word *w = &t->words[t->about[i].word];
        if (w->day < 0 || w->day >= TALKED_DAYS) continue;
        v[n++] = (persist_said){
            .person = w->person, .week = w->day / 7, .copy = w->same, .segment = t->people[w->person].segment};
    }
    persist_data d = {v, n, WEEKS - 1, t->segment_customers, t->n_segments};
    return persist_of(a, &d);
}

// ---- its size, and its size before it burst ----

static estimate size_of(arena *a, const estimate *people, const estimate *value, const estimate *severity,
                        const estimate *trend) {
    const estimate f[] = {*people, *value, *severity, *trend};
    return priority_product(a, f, COUNT(f));
}

static double size_until(arena *a, const talked *t, uint32_t item, int day) {
    crowd_of c = people_of(a, t, item, MAX(day - TALKED_PEOPLE, 0), day);
    size_t hurt = 0;
    for (size_t i = 0; i < c.n; i++) hurt += c.hurt[i];
    if (!c.n) return NAN;
    estimate value = value_estimate(a, t, &c);
    if (!estimate_shown(&value)) return NAN;
    return (double)c.n * value.value * ((double)hurt / (double)c.n);
}

static void note_burst(counting *x, uint32_t item, weighed *w) {
    w->size_before = NAN;
    for (size_t i = 0; i < x->b->n; i++) {
        const burst_now *b = &x->b->v[i];
        const talked_item *it = &x->t->items[item];
        if (b->kind != it->kind || b->id != it->id || b->segment) continue;
        int day = (int)(zone_days(x->t->z, b->from_us) - x->t->first_day);
        w->burst = true, w->burst_days = TALKED_DAYS - day;
        w->size_before = size_until(x->a, x->t, item, day);
    }
}

static void weigh(counting *x, uint32_t item) {
    const talked *t = x->t;
    arena *a = x->a;
    weighed *w = &x->w[item];
    crowd_of c = people_of(a, t, item, TALKED_DAYS - TALKED_PEOPLE, TALKED_DAYS);
    int64_t hurt = 0, now = 0, before = 0, *days = make(a, int64_t, TALKED_DAYS);
    for (size_t i = 0; i < c.n; i++) hurt += c.hurt[i];
    talked_days(*a, t, item, NULL, days);
    for (int d = TALKED_DAYS - TALKED_RECENT - TALKED_BEFORE; d < TALKED_DAYS; d++)
        *(d >= TALKED_DAYS - TALKED_RECENT ? &now : &before) += days[d];
    w->people = count_estimate(a, c.n);
    w->value = value_estimate(a, t, &c);
    w->stake = priority_product(a, (estimate[]){w->people, w->value}, 2);
    w->severity = proportion(a, hurt, (int64_t)c.n, (sampling){.need = FEW_PEOPLE, .of = "voice"});
    w->trend = trend_estimate(a, now, TALKED_RECENT, before, TALKED_BEFORE);
    w->size = size_of(a, &w->people, &w->value, &w->severity, &w->trend);
    count_weeks(*a, t, item, w->weeks);
    w->lasts = lasting(a, t, item);
    note_burst(x, item, w);
}

// ---- ranks ----

static void rank_all(counting *x) {
    const talked *t = x->t;
    priority_item *v = make(x->a, priority_item, t->n_items + 1);
    x->top = make(x->a, size_t, t->n_items + 1), x->rank = make(x->a, size_t, t->n_items + 1);
    x->lens_item = make(x->a, uint32_t, t->n_items + 1);
    for (uint32_t i = 0; i < t->n_items; i++) {
        const weighed *w = &x->w[i];
        if (!t->items[i].top) continue;
        v[x->n_top] = (priority_item){.id = (t->items[i].id << 1) + (t->items[i].kind == ABOUT_theme),
                                      .factor = {w->people, w->value, w->severity, w->trend},
                                      .size_before = w->size_before,
                                      .burst = w->burst,
                                      .burst_days = w->burst_days};
        x->lens_item[i] = (uint32_t)x->n_top, x->top[x->n_top++] = i;
    }
    x->order = priority_order(x->a, v, x->n_top);
    for (size_t i = 0; i < x->n_top; i++) x->rank[x->top[x->order[i].item]] = i + 1;
}

// ---- three lenses over the customers who said anything ----

typedef struct {
    uint32_t customer, item;
} wish;

static int by_customer(const void *p, const void *q) {
    const wish *x = p, *y = q;
    if (x->customer != y->customer) return x->customer < y->customer ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

static void look_through_lenses(counting *x) {
    const talked *t = x->t;
    arena *a = x->a;
    size_t n = 0, m = 0, customers = 0;
    wish *all = make(a, wish, t->n_about + 1);
    uint32_t *item = make(a, uint32_t, t->n_about + 1);
    uint32_t *start = make(a, uint32_t, t->n_people + 2);
    double *revenue = make(a, double, t->n_people + 1), sum = 0;
    for (size_t i = 0; i < t->n_about; i++) {
        const talked_word *w = &t->words[t->about[i].word];
        if (t->items[t->about[i].item].top && w->day >= TALKED_DAYS - TALKED_PEOPLE && t->people[w->person].customer)
            all[n++] = (wish){w->person, x->lens_item[t->about[i].item]};
    }
    if (n) qsort(all, n, sizeof *all, by_customer);
    for (size_t i = 0; i < n; i++) {
        bool fresh = !i || all[i].customer != all[i - 1].customer;
        if (!fresh && all[i].item == all[i - 1].item) continue;
        if (fresh) {
            const double v = t->people[all[i].customer].value;
            revenue[customers] = isnan(v) ? 0 : v, sum += revenue[customers], start[customers++] = (uint32_t)m;
        }
        item[m++] = all[i].item;
    }
    start[customers] = (uint32_t)m;
    for (size_t i = 0; i < customers && !(sum > 0); i++) revenue[i] = 1; // nobody knows: everybody counts alike
    rng r = rng_seed(2);
    lens_data d = {.customers = customers, .items = x->n_top, .revenue = revenue, .start = start, .item = item};
    x->lens = lenses_of(a, &d, LENS_ROUNDS, &r);
}

// ---- scores ----

static bool impact_on(counting *x, bool nps, impact *out) {
    const talked *t = x->t;
    arena *a = x->a;
    size_t rows = 0, m = 0;
    uint32_t *from = make(a, uint32_t, t->n_words + 1), *of = make(a, uint32_t, t->n_about + 1);
    uint32_t *count = make(a, uint32_t, t->n_words + 2);
    for (size_t i = 0; i < t->n_about; i++)
        if (t->items[t->about[i].item].top) count[t->about[i].word + 1]++;
    for (size_t i = 0; i < t->n_words; i++) count[i + 1] += count[i];
    for (size_t i = 0; i < t->n_words; i++) from[i] = count[i];
    for (size_t i = 0; i < t->n_about; i++)
        if (t->items[t->about[i].item].top) of[from[t->about[i].word]++] = x->lens_item[t->about[i].item];
    double *value = make(a, double, t->n_scores + 1);
    int64_t *customer = make(a, int64_t, t->n_scores + 1);
    uint32_t *start = make(a, uint32_t, t->n_scores + 2), *theme = make(a, uint32_t, t->n_about + t->n_scores + 1);
    for (size_t i = 0; i < t->n_scores; i++) {
        const talked_score *s = &t->scores[i];
        if (s->nps != nps) continue;
        value[rows] = nps ? impact_nps(s->mark) : s->mark >= 4 ? 100 : 0, customer[rows] = s->person;
        start[rows++] = (uint32_t)m;
        for (uint32_t k = s->word >= 0 ? count[s->word] : 0; s->word >= 0 && k < count[s->word + 1]; k++)
            theme[m++] = of[k];
    }
    start[rows] = (uint32_t)m;
    if (rows < IMPACT_LEAST || !x->n_top || !m) return false;
    rng r = rng_seed(38);
    impact_data d = {rows, x->n_top, value, customer, start, theme};
    *out = impact_of(a, &d, IMPACT_ROUNDS, &r);
    return true;
}

// ---- written ----

static void put_persistence(json_out *j, const persist *p) {
    json_open(j, "persistence", '{');
    figure_json(j, "index", &p->index);
    json_put_num(j, "lasting", p->persistence);
    json_put_num(j, "broad", p->breadth);
    json_put_num(j, "own", p->independence);
    json_put_int(j, "weeks", p->weeks);
    json_put_int(j, "weeks_since", p->weeks_since);
    json_put_int(j, "voices", p->voices);
    json_put_num(j, "copied", p->copied);
    json_close(j, '}');
}

static size_t put_lenses(counting *x, json_out *j, uint32_t item) {
    size_t least = SIZE_MAX, most = 0;
    json_open(j, "lenses", '{');
    for (int l = 0; l < LENSES; l++) {
        const lens_place *p = &x->lens.place[l][x->lens_item[item]];
        json_open(j, lens_name((enum lens)l), '{');
        json_put_int(j, "rank", (int64_t)p->rank);
        json_put_num(j, "lo", p->lo);
        json_put_num(j, "hi", p->hi);
        json_put_num(j, "value", p->value);
        json_put_bool(j, "chosen", p->chosen);
        json_close(j, '}');
        least = MIN(least, p->rank), most = MAX(most, p->rank);
    }
    json_close(j, '}');
    return most - least;
}

static void put_impact(counting *x, json_out *j, uint32_t item) {
    const struct {
        const char *name;
        bool has;
        const impact *v;
    } scores[] = {{"nps", x->has_nps, &x->nps}, {"csat", x->has_csat, &x->csat}};
    json_open(j, "impact", '[');
    for (size_t i = 0; i < COUNT(scores) && x->t->items[item].top; i++) {
        if (!scores[i].has || x->lens_item[item] >= scores[i].v->n) continue;
        const impact_theme *t = &scores[i].v->theme[x->lens_item[item]];
        if (!t->rows) continue;
        json_open(j, NULL, '{');
        json_put_str(j, "score", str_c(scores[i].name));
        figure_json(j, "points", &t->shapley);
        figure_json(j, "leave_out", &t->leave_out);
        json_put_int(j, "answers", t->rows);
        json_put_str(j, "evidence", about_evidence(x->a, x->t->items[item].kind, x->t->items[item].id));
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_rank(counting *x, json_out *j, uint32_t item) {
    const priority *p = x->rank[item] ? &x->order[x->rank[item] - 1] : NULL;
    if (p) {
        json_put_int(j, "rank", (int64_t)x->rank[item]);
        json_put_int(j, "rank_lo", (int64_t)p->lo);
        json_put_int(j, "rank_hi", (int64_t)p->hi);
    } else {
        json_put_null(j, "rank");
        json_put_null(j, "rank_lo");
        json_put_null(j, "rank_hi");
    }
    json_put_bool(j, "held", p && p->standing.held);
    if (p && p->standing.why)
        json_put_str(j, "held_why", str_c(p->standing.why));
    else
        json_put_null(j, "held_why");
}

static str figures_of(counting *x, uint32_t item) {
    const weighed *w = &x->w[item];
    const talked_item *it = &x->t->items[item];
    const currency *c = currency_by_number(x->t->currency);
    buf b = buf_new(x->a, 1 << 16);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    json_put_int(&j, "topic", it->topic);
    figure_json(&j, "people", &w->people);
    figure_json(&j, "value", &w->value);
    figure_json(&j, "at_stake", &w->stake);
    json_put_str(&j, "currency", str_c(c ? c->code : ""));
    figure_json(&j, "severity", &w->severity);
    figure_json(&j, "trend", &w->trend);
    figure_json(&j, "size", &w->size);
    put_rank(x, &j, item);
    put_persistence(&j, &w->lasts);
    if (it->top)
        json_put_int(&j, "apart", (int64_t)put_lenses(x, &j, item));
    else {
        json_put_null(&j, "lenses");
        json_put_null(&j, "apart");
    }
    put_impact(x, &j, item);
    json_open(&j, "weeks", '[');
    for (int i = 0; i < WEEKS; i++) json_put_int(&j, NULL, w->weeks[i]);
    json_close(&j, ']');
    json_close(&j, '}');
    return buf_str(&b);
}

// ---- days and groups of one ----

static void put_numbers(json_out *j, const char *key, const double *v, size_t n) {
    json_open(j, key, '[');
    for (size_t i = 0; i < n; i++) json_put_num(j, NULL, round(v[i] * 1000) / 1000);
    json_close(j, ']');
}

// What is written grows in the arena of the count, so that scratch must be another one.
static void put_days(counting *x, json_out *j, uint32_t item) {
    const talked *t = x->t;
    arena scratch = arena_open((size_t)1 << 30);
    int64_t *people = make(&scratch, int64_t, TALKED_DAYS);
    talked_days(scratch, t, item, NULL, people);
    burst_series s = {.people = people, .all = x->all, .n = TALKED_DAYS, .season = 7};
    burst b = burst_of(&scratch, &s);
    bool told = b.state == ESTIMATE_OK || b.state == ESTIMATE_THIN;
    double *lo = make(&scratch, double, TALKED_DAYS), *hi = make(&scratch, double, TALKED_DAYS);
    for (size_t i = 0; told && i < TALKED_DAYS; i++)
        burst_range(b.expected[i], b.expected[i] + b.spread * b.expected[i] * b.expected[i], &lo[i], &hi[i]);
    json_open(j, "days", '{');
    json_put_str(j, "since", date_str(&scratch, t->first_day));
    json_open(j, "people", '[');
    for (size_t i = 0; i < TALKED_DAYS; i++) json_put_int(j, NULL, people[i]);
    json_close(j, ']');
    put_numbers(j, "expected", b.expected, told ? TALKED_DAYS : 0);
    put_numbers(j, "lo", lo, told ? TALKED_DAYS : 0);
    put_numbers(j, "hi", hi, told ? TALKED_DAYS : 0);
    if (b.why)
        json_put_str(j, "why", str_c(b.why));
    else
        json_put_null(j, "why");
    json_close(j, '}');
    arena_close(&scratch);
}

static void put_groups(counting *x, json_out *j, uint32_t item) {
    const talked *t = x->t;
    crowd_of c = people_of(x->a, t, item, TALKED_DAYS - TALKED_PEOPLE, TALKED_DAYS);
    int64_t *of = make(x->a, int64_t, t->n_segments + 1);
    for (size_t i = 0; i < c.n; i++) of[t->people[c.person[i]].segment]++;
    json_open(j, "groups", '[');
    for (size_t i = 0; i < t->n_segments; i++) {
        if (!x->talkers[i] && !of[i]) continue;
        estimate share = proportion(x->a, of[i], x->talkers[i], (sampling){.of = "voice"});
        json_open(j, NULL, '{');
        json_put_str(j, "segment", t->segments[i]);
        json_put_int(j, "customers", t->segment_customers[i]);
        json_put_int(j, "people", of[i]);
        figure_json(j, "share", &share);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static str page_of(counting *x, uint32_t item) {
    buf b = buf_new(x->a, 1 << 20);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    put_days(x, &j, item);
    put_groups(x, &j, item);
    json_close(&j, '}');
    return buf_str(&b);
}

// Who said anything at all in the time in which people are counted, by segment.
static void count_talkers(counting *x) {
    const talked *t = x->t;
    unsigned char *seen = make(x->a, unsigned char, t->n_people + 1);
    x->talkers = make(x->a, int64_t, t->n_segments + 1);
    x->all = talked_all(x->a, t, NULL);
    for (size_t i = 0; i < t->n_words; i++) {
        const talked_word *w = &t->words[i];
        if (w->day < TALKED_DAYS - TALKED_PEOPLE || seen[w->person]) continue;
        seen[w->person] = 1, x->talkers[t->people[w->person].segment]++;
    }
}

static str report_of(counting *x) {
    const talked *t = x->t;
    int64_t customers = 0, other = 0, valued = 0;
    buf b = buf_new(x->a, 1 << 14);
    json_out j = json_to(&b);
    unsigned char *seen = make(x->a, unsigned char, t->n_people + 1);
    for (size_t i = 0; i < t->n_about; i++) {
        const talked_word *w = &t->words[t->about[i].word];
        if (w->day < TALKED_DAYS - TALKED_PEOPLE || seen[w->person]) continue;
        seen[w->person] = 1, customers++, other += t->people[w->person].other;
        valued += !isnan(t->people[w->person].value);
    }
    json_open(&j, NULL, '{');
    json_put_int(&j, "since", zone_day_start_us(t->z, t->first_day + TALKED_DAYS - TALKED_PEOPLE));
    json_put_int(&j, "until", t->until_us);
    json_put_int(&j, "customers", customers);
    json_put_int(&j, "valued", valued);
    json_put_int(&j, "other_currencies", other);
    json_open(&j, "distances", '[');
    for (int i = 0; i < LENSES && x->n_top; i++)
        for (int k = i + 1; k < LENSES; k++) {
            json_open(&j, NULL, '{');
            json_put_str(&j, "a", str_c(lens_name((enum lens)i)));
            json_put_str(&j, "b", str_c(lens_name((enum lens)k)));
            json_put_num(&j, "distance", x->lens.distance[i][k]);
            json_close(&j, '}');
        }
    json_close(&j, ']');
    json_close(&j, '}');
    return buf_str(&b);
}

priorities_found priorities_count(arena *a, const talked *t, const bursts_found *b) {
    counting x = {.a = a, .t = t, .b = b, .w = make(a, weighed, t->n_items + 1)};
    priorities_found out = {.v = make(a, struct priority_counted, t->n_items + 1)};
    for (uint32_t i = 0; i < t->n_items; i++) weigh(&x, i);
    count_talkers(&x);
    rank_all(&x);
    look_through_lenses(&x);
    x.has_nps = impact_on(&x, true, &x.nps), x.has_csat = impact_on(&x, false, &x.csat);
    for (uint32_t i = 0; i < t->n_items; i++)
        out.v[out.n++] = (struct priority_counted){t->items[i].kind, t->items[i].id, figures_of(&x, i), page_of(&x, i)};
    out.report = report_of(&x);
    return out;
}
