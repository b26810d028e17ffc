#include "base/civil.h"
#include "sample/sim.h"

enum { DAY_S = 86400 };

static const struct {
    str name;
    int cents;
} plans[] = {{S("small"), 1490}, {S("medium"), 2490}, {S("large"), 3990}};

static int64_t monthly(const turn *t) {
    int64_t cents = plans[t->c->plan].cents;
    return t->c->new_price ? (int64_t)((double)cents * (1 + SAMPLE_PRICE_RISE) / 10 + 0.5) * 10 : cents;
}

static void tell_contract(turn *t, enum kind kind, str prefix) {
    event ev = tell_event(t, SOURCE_subscriptions, kind, prefix);
    tell_id(&ev, IDENT_stripe_id, person_stripe_id(&t->p, &t->s->text));
    tell_id(&ev, IDENT_email, person_pay_email(&t->p, &t->s->text));
    ev.thread = pen_word(&t->s->text, S("sub_"), t->c->contract);
    if (kind != KIND_contract_end) tell_money(t, &ev, monthly(t));
    if (kind == KIND_contract_start) ev.segment = plans[t->c->plan].name;
    tell(t, SOURCE_subscriptions, &ev);
}

static void next_month(turn *t) {
    int32_t today = t->s->year.first_day + season_day(&t->s->year, t->at_s);
    soon(t, t->at_s + (int64_t)(add_months(today, 1) - today) * DAY_S, MOMENT_renew, (moment){0});
}

void subscribe(turn *t) {
    customer *c = t->c;
    c->flags |= FLAG_subscribed;
    c->contract = (uint32_t)++t->s->contracts;
    c->plan = (uint8_t)rng_pick(&t->r, (double[]){0.35, 0.45, 0.2}, COUNT(plans));
    c->tenure = 0;
    c->new_price = t->at_s >= t->s->from_s[EPISODE_price] ? 100 : 0; // never knew the old one
    tell_contract(t, KIND_contract_start, S("s"));
    tell_contract(t, KIND_payment, S("in"));
    next_month(t);
}

static double usual_hazard(int tenure) {
    if (tenure <= 1) return SAMPLE_CHURN_1;
    if (tenure <= 2) return SAMPLE_CHURN_2;
    if (tenure <= 6) return SAMPLE_CHURN_6;
    return tenure <= 12 ? SAMPLE_CHURN_12 : SAMPLE_CHURN_LATER;
}

// NULL if the contract goes on. One number decides, so the cause is exact: below the usual hazard it would have ended
// anyway.
static const char *why_it_ends(turn *t) {
    double usual = usual_hazard(t->c->tenure), u = rng_unit(&t->r);
    bool late = in_episode(t->s, EPISODE_carrier, t->at_s);
    bool dearer = t->c->new_price >= 1 && t->c->new_price <= 3;
    if (u < usual) return "own";
    if (late && u < usual * SAMPLE_LATE_HAZARD) return "late_delivery";
    if (dearer && u < usual * SAMPLE_PRICE_HAZARD) return "price";
    return NULL;
}

static void subscriber_writes(turn *t) {
    bool first_dear = t->c->new_price == 1;
    if (first_dear && rng_chance(&t->r, 0.12)) {
        hurt(t, 0.8, TOPIC_price);
        contact_about(t, later(t, RHYTHM_shop, 0.2, 5), TOPIC_price, -1);
    } else if (in_episode(t->s, EPISODE_carrier, t->at_s) && rng_chance(&t->r, 0.15)) {
        hurt(t, 1.0, TOPIC_late_delivery);
        contact_about(t, later(t, RHYTHM_shop, 3, 9), TOPIC_late_delivery, -1);
    } else if (rng_chance(&t->r, 0.025)) {
        contact_mostly(t, later(t, RHYTHM_shop, 0.2, 15), TOPIC_subscription_pause);
    }
}

void on_renew(turn *t) {
    customer *c = t->c;
    c->tenure++;
    bool raised = !c->new_price && t->at_s >= t->s->from_s[EPISODE_price];
    if (raised || (c->new_price && c->new_price < 100)) c->new_price++;
    const char *why = why_it_ends(t);
    if (why) {
        if (rng_chance(&t->r, 0.35))
            contact_about(t, later(t, RHYTHM_shop, 0.1, 2), TOPIC_subscription_cancel, why[0] == 'o' ? 0 : -1);
        tell_contract(t, KIND_contract_end, S("e"));
        truth_left(t, "subscription", why);
        return;
    }
    if (raised) tell_contract(t, KIND_contract_change, S("p"));
    tell_contract(t, KIND_payment, S("in"));
    subscriber_writes(t);
    next_month(t);
}
