#include "sample/sim.h"
#include "base/civil.h"

#include <math.h>

enum { DAY_S = 86400, HOUR_S = 3600, HEALING_DAYS = 28, PRICE_ANGER_DAYS = 75, MAX_YEARS = 20 };
#define MAX_NOW_US (INT64_C(7258118400) * SECOND_US) // 2200

static void (*const handlers[MOMENTS])(turn *) = {
#define MOMENT(name) [MOMENT_##name] = on_##name,
#include "sample/moments.def"
};

void soon(turn *t, int64_t at_s, enum what what, moment m) {
    m.who = t->m.who;
    m.what = (uint8_t)what;
    queue_add(&t->s->soon, at_s > t->at_s ? at_s : t->at_s + 1, m);
}

int64_t later(turn *t, enum rhythm r, double least_days, double most_days) {
    double days = least_days + (most_days - least_days) * rng_unit(&t->r);
    return season_after(&t->s->year, r, t->at_s, days);
}

bool in_episode(const sim *s, enum episode ep, int64_t at_s) {
    return at_s >= s->from_s[ep] && at_s < s->until_s[ep];
}

static int day_of(const turn *t) {
    return (int)(t->at_s / DAY_S);
}

// What hurt is halved in HEALING_DAYS, then thirded, …: slow to forget.
static double hurt_now(const turn *t) {
    double days = day_of(t) - t->c->hurt_day;
    return t->c->hurt / 10.0 / (1 + days / HEALING_DAYS);
}

bool is_hurt(const turn *t) {
    return hurt_now(t) > 0.4;
}

double contentment(const turn *t) {
    const sim *s = t->s;
    int64_t angry_until = s->from_s[EPISODE_price] + PRICE_ANGER_DAYS * DAY_S;
    double price = t->at_s >= s->from_s[EPISODE_price] && t->at_s < angry_until ? 0.45 : 0;
    return person_content(&s->all, t->p.number) - hurt_now(t) - price;
}

void hurt(turn *t, double how_much, enum topic about) {
    double sum = hurt_now(t) + how_much;
    t->c->hurt = (uint8_t)(sum < 4 ? sum * 10 : 40);
    t->c->hurt_day = (uint16_t)day_of(t);
    t->c->hurt_topic = (uint8_t)about;
    truth_hurt(t, about, t->c->hurt / 10.0);
}

// The carrier breaks down a bit before the middle of the span and prices rise after two thirds of it, so that there is
// a before and an after; the grinder fails in the last weeks, so that something is rising today.
static void plan_episodes(sim *s) {
    int64_t span = s->year.end_s;
    int64_t carrier = span * 45 / 100 / DAY_S * DAY_S, price = span * 68 / 100 / DAY_S * DAY_S;
    s->from_s[EPISODE_carrier] = carrier, s->until_s[EPISODE_carrier] = carrier + 35 * DAY_S;
    s->from_s[EPISODE_price] = price, s->until_s[EPISODE_price] = span;
    s->from_s[EPISODE_grinder] = span - 24 * DAY_S, s->until_s[EPISODE_grinder] = span;
}

// People come in the order of their numbers; the company wins about twice as many in the last year as in the first: by
// u of the span, a share of 0.7 u + 0.3 u² has come.
static int64_t birth_s(const sim *s, uint32_t number) {
    rng r = person_rng(&s->all, number, STREAM_BIRTH);
    double share = (number + rng_unit(&r)) / s->all.count;
    double u = (sqrt(0.49 + 1.2 * share) - 0.7) / 0.6;
    return season_time(&s->year, RHYTHM_shop, u * (double)s->year.end_s / DAY_S);
}

static void happen(sim *s, moment m) {
    turn t = {.s = s, .p = person_of(&s->all, m.who), .c = &s->customers[m.who], .m = m, .at_s = m.at_s};
    t.r = person_rng(&s->all, m.who, STREAM_FIRST + t.c->serial++);
    pen_reset(&s->text);
    handlers[m.what](&t);
}

static void live(sim *s) {
    uint32_t born = 0;
    int64_t next_birth = birth_s(s, 0), hours = queue_hours(&s->soon), days = (hours + 23) / 24;
    for (int64_t hour = 0; hour < hours && !s->failed; hour++) {
        queue_open(&s->soon, hour);
        for (size_t i = 0; i < s->soon.n_near; i++) __builtin_prefetch(&s->customers[s->soon.near[i].who], 1);
        while (born < s->all.count && next_birth < (hour + 1) * HOUR_S) {
            queue_add(&s->soon, next_birth, (moment){.who = born, .what = MOMENT_birth});
            if (++born < s->all.count) next_birth = birth_s(s, born);
        }
        for (moment m; !s->failed && queue_take(&s->soon, &m);) happen(s, m);
        if (s->to->progress && hour % 24 == 23) s->to->progress(s->to->ctx, hour / 24 + 1, days);
    }
}

size_t sample_memory(const sample_opts *o) {
    return (size_t)o->customers * sizeof(customer) + queue_memory(o->customers, (int64_t)o->years * 366 * DAY_S) +
           (16 << 20);
}

bool sample_run(arena scratch, const sample_opts *o, const sample_sink *to, err *e) {
    if (o->customers < 1 || o->customers > SAMPLE_MAX_CUSTOMERS)
        return fail(e, ERR_invalid, "\"customers\" must be from 1 to %d", SAMPLE_MAX_CUSTOMERS);
    if (o->years < 1 || o->years > MAX_YEARS) return fail(e, ERR_invalid, "\"years\" must be from 1 to %d", MAX_YEARS);
    if (o->now_us < (int64_t)o->years * 366 * DAY_US || o->now_us > MAX_NOW_US)
        return fail(e, ERR_invalid, "\"now\" must be at least as many years after 1970 as the company is old");
    if (arena_left(&scratch) < sample_memory(o))
        return fail(e, ERR_too_large, "the sample company needs %zu bytes of address space", sample_memory(o));
    sim s = {.o = o, .to = to, .e = e, .scratch = scratch};
    if (!season_init(&s.scratch, &s.year, o->now_us, o->years, e)) return false;
    s.all = people_new(o->seed, (uint32_t)o->customers);
    s.customers = make(&s.scratch, customer, o->customers);
    s.text = pen_new(&s.scratch, 1 << 14);
    queue_init(&s.scratch, &s.soon, s.year.end_s);
    plan_episodes(&s);
    truth_company(&s);
    live(&s);
    return !s.failed;
}
