#include "sample/sim.h"

#include <math.h>

enum { DAY_S = 86400, PRICE_NEWS_DAYS = 90 };

// Starts from nothing: rates and chances are drawn once, from the models of sample.h.
static void open_account(turn *t) {
    customer *c = t->c;
    c->rate = (float)(rng_gamma(&t->r, SAMPLE_R, SAMPLE_ALPHA) / 7);
    c->drop = (float)rng_beta(&t->r, SAMPLE_A, SAMPLE_B);
    c->nu = (float)rng_gamma(&t->r, SAMPLE_Q, SAMPLE_GAMMA);
}

// Some tell their day of birth, one in two hundred of them the 29th of February.
static str birthday(turn *t) {
    pen *to = &t->s->text;
    if (t->s->o->plain || t->p.guest || !rng_chance(&t->r, 0.4)) return S("");
    int year = (int)rng_range(&t->r, 1950, 2005), month = (int)rng_range(&t->r, 1, 12);
    int day = (int)rng_range(&t->r, 1, 28);
    if (rng_chance(&t->r, 0.005)) year -= year % 4, month = 2, day = 29;
    const char *mark = pen_mark(to);
    pen_put(to, S("\"birthday\":\""));
    pen_num(to, (uint64_t)year);
    pen_putc(to, '-');
    pen_digits(to, (uint64_t)month, 2);
    pen_putc(to, '-');
    pen_digits(to, (uint64_t)day, 2);
    pen_putc(to, '"');
    return pen_since(to, mark);
}

static void tell_person(turn *t, enum source from, str segment) {
    event ev = tell_event(t, from, KIND_identify, S("c"));
    if (from == SOURCE_wholesale) tell_id(&ev, IDENT_hubspot_id, person_hubspot_id(&t->p, &t->s->text));
    if (from == SOURCE_wholesale) tell_id(&ev, IDENT_email, person_email(&t->p, &t->s->text));
    if (from == SOURCE_shop) tell_shop_ids(t, &ev);
    tell_id(&ev, IDENT_phone, person_phone(&t->s->all, &t->p, &t->s->text));
    if (from == SOURCE_cafe) tell_id(&ev, IDENT_card, person_card(&t->p, &t->s->text));
    ev.name = person_name(&t->p, &t->s->text);
    ev.country = person_country(&t->p);
    ev.segment = segment;
    if (from == SOURCE_shop) ev.extra = birthday(t);
    tell(t, from, &ev);
}

void on_birth(turn *t) {
    if (t->p.role == ROLE_shop) open_account(t);
    truth_person(t);
    switch ((enum role)t->p.role) {
    case ROLE_shop:
        tell_person(t, SOURCE_shop, t->p.office ? S("office") : S("home"));
        owe_welcome(t);
        on_order(t);
        if (t->p.app) soon(t, later(t, RHYTHM_shop, 0, 20), MOMENT_use, (moment){0});
        if (t->p.cafe) soon(t, later(t, RHYTHM_cafe, 1, 200), MOMENT_visit, (moment){.a = true});
        break;
    case ROLE_cafe:
        soon(t, season_after(&t->s->year, RHYTHM_cafe, t->at_s, 0), MOMENT_visit, (moment){.a = true});
        break;
    case ROLE_wholesale:
        tell_person(t, SOURCE_wholesale, S("wholesale"));
        soon(t, later(t, RHYTHM_office, 2, 10), MOMENT_deliver, (moment){0});
        break;
    }
}

static void leave(turn *t, const char *process, const char *cause) {
    t->c->flags |= FLAG_left;
    truth_left(t, process, cause);
}

static bool is_late(turn *t) {
    return rng_chance(&t->r, in_episode(t->s, EPISODE_carrier, t->at_s) ? SAMPLE_LATE_SHARE : 0.03);
}

// True if the customer, back for the first time since the price rise, sees the new price and turns away.
static bool put_off_by_price(turn *t, double chance) {
    const sim *s = t->s;
    if (t->at_s < s->from_s[EPISODE_price] || (t->c->flags & FLAG_price_seen)) return false;
    t->c->flags |= FLAG_price_seen;
    if (!(t->c->flags & FLAG_ordered)) return false;
    if (t->at_s < s->from_s[EPISODE_price] + PRICE_NEWS_DAYS * DAY_S && rng_chance(&t->r, 0.07)) {
        hurt(t, 0.6, TOPIC_price);
        contact_about(t, later(t, RHYTHM_shop, 0.1, 6), TOPIC_price, -1);
    }
    return rng_chance(&t->r, chance);
}

static int64_t worth(turn *t) {
    double euros = rng_gamma(&t->r, SAMPLE_P, (double)t->c->nu);
    if (euros < SAMPLE_MIN_ORDER) euros = SAMPLE_MIN_ORDER;
    return (int64_t)(euros * 10 + 0.5) * 10;
}

// Tells of an order and gives its number, which is its thread too.
static uint32_t tell_order(turn *t, enum source from, event *ev, int64_t cents) {
    uint64_t number = 100000 + ++t->s->orders;
    ev->ext = ev->thread = pen_word(&t->s->text, S(""), number);
    tell_money(t, ev, cents);
    tell(t, from, ev);
    return (uint32_t)number;
}

static void wrong_grind(turn *t) {
    if (!in_episode(t->s, EPISODE_grinder, t->at_s) || !rng_chance(&t->r, 0.12)) return;
    hurt(t, 1.0, TOPIC_grind);
    if (rng_chance(&t->r, 0.4)) contact_about(t, later(t, RHYTHM_shop, 2, 6), TOPIC_grind, -1);
}

static const struct {
    enum topic topic;
    double weight;
} troubles[] = {
    {TOPIC_late_delivery, 0.17}, {TOPIC_damaged_parcel, 0.13}, {TOPIC_wrong_item, 0.10}, {TOPIC_taste, 0.09},
    {TOPIC_freshness, 0.05},     {TOPIC_grind, 0.07},          {TOPIC_price, 0.05},      {TOPIC_invoice, 0.08},
    {TOPIC_refund, 0.05},        {TOPIC_app_login, 0.06},      {TOPIC_staff, 0.03},      {TOPIC_gift, 0.05},
    {TOPIC_brewing, 0.07},
};

static enum topic some_trouble(rng *r) {
    double u = rng_unit(r);
    for (size_t i = 0; i < COUNT(troubles); i++)
        if ((u -= troubles[i].weight) < 0) return troubles[i].topic;
    return TOPIC_late_delivery;
}

// A late parcel now and then is forgiven; while the carrier is down, some have had enough.
static bool driven_away(turn *t, bool late, double chance) {
    return late && in_episode(t->s, EPISODE_carrier, t->at_s) && rng_chance(&t->r, chance);
}

// What an order leads to, if it is not cancelled: thread is its number, arg its worth.
static void consequences(turn *t, moment order, bool late) {
    if (rng_chance(&t->r, 0.008)) {
        soon(t, later(t, RHYTHM_shop, 0.02, 0.5), MOMENT_cancel, order);
        return;
    }
    if (rng_chance(&t->r, t->p.abuser ? 0.6 : 0.02)) soon(t, later(t, RHYTHM_shop, 5, 20), MOMENT_return_, order);
    if (late) {
        hurt(t, 1.3, TOPIC_late_delivery);
        if (rng_chance(&t->r, 0.30)) contact_about(t, later(t, RHYTHM_shop, 4, 11), TOPIC_late_delivery, -1);
    } else if (rng_chance(&t->r, 0.05)) {
        enum topic about = some_trouble(&t->r);
        contact_mostly(t, later(t, RHYTHM_shop, 0.1, 9), about);
    }
    wrong_grind(t);
    maybe_review(t, late ? 0.07 : 0.035);
    survey_about_us(t);
}

// Decides whether there is a next order, and when. A first order is always followed by the wish for another (BG/NBD).
static void next_order(turn *t, bool repeat, bool late) {
    if (repeat && rng_chance(&t->r, (double)t->c->drop)) {
        leave(t, "shop", "own");
    } else if (driven_away(t, late, SAMPLE_LATE_LEAVES)) {
        leave(t, "shop", "late_delivery");
        maybe_review(t, 0.2);
    } else {
        double days = rng_exp(&t->r, (double)t->c->rate);
        soon(t, season_after(&t->s->year, RHYTHM_shop, t->at_s, days), MOMENT_order, (moment){0});
    }
}

void on_order(turn *t) {
    if (put_off_by_price(t, SAMPLE_PRICE_LEAVES)) {
        leave(t, "shop", "price");
        return;
    }
    bool repeat = t->c->flags & FLAG_ordered;
    t->c->flags |= FLAG_ordered;
    int64_t cents = worth(t);
    event ev = tell_event(t, SOURCE_shop, KIND_order, S(""));
    if (t->p.app && rng_chance(&t->r, 0.6)) ev.channel = CHANNEL_app;
    tell_shop_ids(t, &ev);
    t->c->order = tell_order(t, SOURCE_shop, &ev, cents);
    bool late = is_late(t);
    consequences(t, (moment){.thread = t->c->order, .arg = (uint32_t)cents}, late);
    if (!(t->c->flags & FLAG_subscribed) && !t->p.guest && rng_chance(&t->r, 0.045)) subscribe(t);
    next_order(t, repeat, late);
}

static void tell_back(turn *t, enum kind kind, str prefix) {
    event ev = tell_event(t, SOURCE_shop, kind, prefix);
    tell_shop_ids(t, &ev);
    ev.thread = pen_word(&t->s->text, S(""), t->m.thread);
    tell_money(t, &ev, t->m.arg);
    tell(t, SOURCE_shop, &ev);
}

void on_cancel(turn *t) {
    tell_back(t, KIND_cancel, S("x"));
}

void on_return_(turn *t) {
    tell_back(t, KIND_return_, S("b"));
    soon(t, later(t, RHYTHM_office, 2, 9), MOMENT_refund, (moment){.thread = t->m.thread, .arg = t->m.arg});
    if (rng_chance(&t->r, 0.15)) contact_mostly(t, later(t, RHYTHM_shop, 3, 12), TOPIC_refund);
}

void on_refund(turn *t) {
    tell_back(t, KIND_refund, S("r"));
}

// Use of the app fades soon after the last order of somebody who has left.
void on_use(turn *t) {
    static const str actions[] = {S("\"action\":\"open\""), S("\"action\":\"brew_timer\""), S("\"action\":\"recipe\""),
                                  S("\"action\":\"track_order\"")};
    if ((t->c->flags & FLAG_left) && rng_chance(&t->r, 0.6)) return;
    event ev = tell_event(t, SOURCE_shop, KIND_usage, S("u"));
    ev.channel = CHANNEL_app;
    tell_shop_ids(t, &ev);
    ev.extra = actions[rng_range(&t->r, 0, COUNT(actions) - 1)];
    tell(t, SOURCE_shop, &ev);
    soon(t, season_after(&t->s->year, RHYTHM_shop, t->at_s, rng_exp(&t->r, 1.0 / 20)), MOMENT_use, (moment){0});
}

// a is true at the first visit. Rate and chance to leave come from a stream of their own at each visit, which saves
// memory for the many who never come.
void on_visit(turn *t) {
    rng own = person_rng(&t->s->all, t->m.who, STREAM_CAFE);
    double rate = rng_gamma(&own, SAMPLE_CAFE_R, SAMPLE_CAFE_ALPHA) / 7;
    double drop = rng_beta(&own, SAMPLE_CAFE_A, SAMPLE_CAFE_B);
    if (t->m.a) tell_person(t, SOURCE_cafe, S("café"));
    event ev = tell_event(t, SOURCE_cafe, KIND_order, S(""));
    tell_id(&ev, IDENT_phone, person_phone(&t->s->all, &t->p, &t->s->text));
    tell_id(&ev, IDENT_card, person_card(&t->p, &t->s->text));
    int64_t cents = 280 + 10 * rng_range(&t->r, 0, 25);
    if (rng_chance(&t->r, 0.4)) cents += 10 * rng_range(&t->r, 25, 80);
    ev.ext = ev.thread = pen_word(&t->s->text, S("k"), t->s->told[SOURCE_cafe]);
    tell_money(t, &ev, cents);
    tell(t, SOURCE_cafe, &ev);
    if (rng_chance(&t->r, 0.012)) {
        uint8_t mood = (uint8_t)rng_range(&t->r, 0, 2);
        soon(t, later(t, RHYTHM_cafe, 0.01, 0.05), MOMENT_card, (moment){.a = mood});
    }
    if (!t->m.a && rng_chance(&t->r, drop)) {
        truth_left(t, "cafe", "own");
        return;
    }
    soon(t, season_after(&t->s->year, RHYTHM_cafe, t->at_s, rng_exp(&t->r, rate)), MOMENT_visit, (moment){0});
}

enum { KILO_CENTS = 1850 };

// A firm has its own usual size, 150 euros and a gamma on top; deliveries vary about it between 150 and 2,000 euros.
static int64_t delivery_worth(turn *t) {
    rng own = person_rng(&t->s->all, t->m.who, STREAM_WHOLESALE);
    double usual = 150 + rng_gamma(&own, 1.6, 1.6 / 330);
    double euros = usual * rng_gamma(&t->r, 20, 20);
    return (int64_t)(euros < 150 ? 150 : euros > 2000 ? 2000 : euros) * 100;
}

static void delivery_trouble(turn *t, bool late) {
    static const enum topic topics[] = {TOPIC_wholesale_day,  TOPIC_wholesale_day, TOPIC_invoice,
                                        TOPIC_damaged_parcel, TOPIC_price,         TOPIC_wrong_item};
    if (late) {
        hurt(t, 1.0, TOPIC_wholesale_day);
        if (rng_chance(&t->r, 0.5)) contact_about(t, later(t, RHYTHM_office, 0.3, 2), TOPIC_wholesale_day, -1);
    } else if (rng_chance(&t->r, 0.05)) {
        enum topic about = topics[rng_range(&t->r, 0, COUNT(topics) - 1)];
        contact_mostly(t, later(t, RHYTHM_office, 0.3, 6), about);
    }
}

void on_deliver(turn *t) {
    if (put_off_by_price(t, 0.06)) {
        leave(t, "wholesale", "price");
        return;
    }
    t->c->flags |= FLAG_ordered;
    int64_t cents = delivery_worth(t);
    event ev = tell_event(t, SOURCE_wholesale, KIND_order, S(""));
    tell_id(&ev, IDENT_hubspot_id, person_hubspot_id(&t->p, &t->s->text));
    tell_id(&ev, IDENT_email, person_email(&t->p, &t->s->text));
    ev.quantity = cents / KILO_CENTS;
    t->c->order = tell_order(t, SOURCE_wholesale, &ev, cents);
    bool late = is_late(t);
    delivery_trouble(t, late);
    survey_about_us(t);
    int64_t next_s = 0;
    if (rng_chance(&t->r, 0.008)) {
        leave(t, "wholesale", "own");
    } else if (driven_away(t, late, 0.06)) {
        leave(t, "wholesale", "late_delivery");
    } else {
        double days = rng_gamma(&t->r, 4, 4.0 / 12);
        next_s = season_after(&t->s->year, RHYTHM_office, t->at_s, days);
        soon(t, next_s, MOMENT_deliver, (moment){0});
    }
    owe_delivery(t, late, next_s);
}
