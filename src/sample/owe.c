#include "base/civil.h"
#include "sample/sim.h"

#include <math.h>

// A promise's moments carry: thread its number, arg the second it is due, a the row of promised.def, c who promised.
enum { DAY_S = 86400 };

static const struct {
    str kind;
    double share;
    int days;
    enum rhythm rhythm;
    str words[LANGS];
} rows[] = {
#define PROMISED(kind, share, days, rhythm, en, de, es)                                                                \
    {S(#kind), share, days, RHYTHM_##rhythm, {[LANG_en] = S(en), [LANG_de] = S(de), [LANG_es] = S(es)}},
#include "sample/promised.def"
};

// ---- what staff promise in a conversation ----

int owe_pick(turn *t) {
    if (t->s->o->plain) return -1;
    double shares[COUNT(rows)];
    for (size_t i = 0; i < COUNT(rows); i++) shares[i] = rows[i].share;
    return rng_chance(&t->r, SAMPLE_PROMISES) ? (int)rng_pick(&t->r, shares, COUNT(rows)) : -1;
}

str owe_words(const turn *t, int which) {
    return which < 0 ? S("") : rows[which].words[t->p.lang];
}

static event step(turn *t, enum kind kind) {
    event ev = tell_event(t, SOURCE_helpdesk, kind, S("p"));
    if (t->p.role == ROLE_cafe) // they ring, and nobody knows their address
        tell_id(&ev, IDENT_phone, person_phone(&t->s->all, &t->p, &t->s->text));
    else
        tell_help_ids(t, &ev);
    ev.thread = pen_word(&t->s->text, S("promise"), t->m.thread);
    ev.staff = staff_at(t->m.c)->name;
    return ev;
}

static void with_due(turn *t, event *ev, int64_t due_s) {
    ev->value = t->s->year.start_us + due_s * SECOND_US, ev->has_value = true;
}

// How long keeping takes, as a share of the time there was: lognormal, the better who promised the shorter.
static double pace(turn *t) {
    double slow = in_episode(t->s, EPISODE_carrier, t->at_s) ? 0.5 : 0;
    return exp(rng_normal(&t->r, -0.75 + 1.1 * (0.75 - staff_at(t->m.c)->quality) + slow, 0.5));
}

void owe(turn *t, int which) {
    bool known = t->p.role != ROLE_cafe || person_phone(&t->s->all, &t->p, &t->s->text).len;
    if (which < 0 || !known || !rng_chance(&t->r, SAMPLE_PROMISES_NOTED)) return; // the words stand in the mail alone
    int64_t due_s = season_after(&t->s->year, rows[which].rhythm, t->at_s, rows[which].days);
    moment was = t->m, m = {.thread = (uint32_t)++t->s->promises,
                            .arg = (uint32_t)due_s,
                            .a = (uint8_t)which,
                            .c = was.c,
                            .who = was.who};
    t->m = m;
    event ev = step(t, KIND_commitment_made);
    ev.topic = rows[which].kind, ev.text = rows[which].words[t->p.lang];
    with_due(t, &ev, due_s);
    tell(t, SOURCE_helpdesk, &ev);
    int64_t span = due_s - t->at_s, kept_s = t->at_s + 600 + (int64_t)(pace(t) * (double)span);
    if (rng_chance(&t->r, 0.03))
        soon(t, t->at_s + span / 3, MOMENT_withdraw, m);
    else if (kept_s > due_s && rng_chance(&t->r, 0.3))
        soon(t, t->at_s + span / 2, MOMENT_move, m);
    if (!rng_chance(&t->r, SAMPLE_PROMISES_FORGOTTEN)) soon(t, kept_s, MOMENT_keep, m);
    t->m = was;
}

void on_keep(turn *t) {
    event ev = step(t, KIND_commitment_kept);
    tell(t, SOURCE_helpdesk, &ev);
}

void on_move(turn *t) {
    event ev = step(t, KIND_commitment_moved);
    with_due(t, &ev, season_after(&t->s->year, RHYTHM_office, t->m.arg, 2));
    tell(t, SOURCE_helpdesk, &ev);
}

void on_withdraw(turn *t) {
    event ev = step(t, KIND_commitment_withdrawn);
    tell(t, SOURCE_helpdesk, &ev);
}

// ---- wholesale deliveries ----

static event freight(turn *t, enum kind kind) {
    event ev = tell_event(t, SOURCE_wholesale, kind, S("f"));
    tell_id(&ev, IDENT_hubspot_id, person_hubspot_id(&t->p, &t->s->text));
    tell_id(&ev, IDENT_email, person_email(&t->p, &t->s->text));
    return ev;
}

void owe_delivery(turn *t, bool late, int64_t next_s) {
    if (t->s->o->plain) return;
    double days = late ? 1 + 3 * rng_unit(&t->r) : 0.05 + 0.2 * rng_unit(&t->r);
    soon(t, t->at_s + (int64_t)(days * DAY_S), MOMENT_arrive, (moment){.arg = (uint32_t)next_s});
}

// The goods are there, and the day of the next ones is agreed.
void on_arrive(turn *t) {
    event ev = freight(t, KIND_delivered);
    tell(t, SOURCE_wholesale, &ev);
    if (!t->m.arg) return;
    event next = freight(t, KIND_commitment_made);
    next.thread = pen_word(&t->s->text, S("delivery"), ++t->s->promises);
    next.topic = S("delivery"), next.text = S("the next delivery");
    with_due(t, &next, MAX((int64_t)t->m.arg, t->at_s) + DAY_S);
    tell(t, SOURCE_wholesale, &next);
}

// ---- what people allow us, and how they came ----

static void allow(turn *t, bool given) {
    event ev = tell_event(t, SOURCE_shop, KIND_consent, S("w"));
    tell_shop_ids(t, &ev);
    ev.topic = S("marketing_email");
    ev.value = given, ev.has_value = true;
    tell(t, SOURCE_shop, &ev);
}

void on_refuse(turn *t) {
    allow(t, false);
}

// Who recommended us came before them and has an account.
static str some_friend(turn *t) {
    for (int i = 0; i < 20 && t->p.number; i++) {
        person p = person_of(&t->s->all, (uint32_t)rng_range(&t->r, 0, t->p.number - 1));
        if (p.role == ROLE_shop && !p.guest) return person_user_id(&p, &t->s->text);
    }
    return S("");
}

void owe_welcome(turn *t) {
    if (t->s->o->plain) return;
    static const str ways[] = {S("friend"), S("review"), S("search"), S("ad"), S("other")};
    if (rng_chance(&t->r, SAMPLE_ALLOWS)) {
        allow(t, true);
        if (rng_chance(&t->r, 0.06)) soon(t, later(t, RHYTHM_shop, 20, 400), MOMENT_refuse, (moment){0});
    }
    if (!rng_chance(&t->r, 0.6)) return; // asked why they came, they said
    event ev = tell_event(t, SOURCE_shop, KIND_referral, S("e"));
    tell_shop_ids(t, &ev);
    ev.topic = ways[rng_pick(&t->r, (double[]){0.24, 0.08, 0.34, 0.20, 0.14}, COUNT(ways))];
    str friend = str_eq(ev.topic, ways[0]) && rng_chance(&t->r, 0.7) ? some_friend(t) : S("");
    const char *mark = pen_mark(&t->s->text);
    if (friend.len) {
        pen_put(&t->s->text, S("\"referrer_kind\":\"user_id\",\"referrer\":\""));
        pen_put(&t->s->text, friend);
        pen_putc(&t->s->text, '"');
        ev.extra = pen_since(&t->s->text, mark);
    }
    tell(t, SOURCE_shop, &ev);
}
