// sim: the state of the simulation and what its rooms share. Internal to sample.
//
// Each customer's processes (orders, visits, a conversation, …) are chains: a moment that happens tells its events and
// puts the next moment into the queue. What lies after the end of the span never happens, which is why some customers
// still wait for an answer today.
#ifndef HEED_SAMPLE_SIM_H
#define HEED_SAMPLE_SIM_H

#include "sample/people.h"
#include "sample/queue.h"
#include "sample/sample.h"
#include "sample/season.h"
#include "sample/words.h"

enum source {
#define SOURCE(name, channel) SOURCE_##name,
#include "sample/sources.def"
    SOURCES
};
enum what {
#define MOMENT(name) MOMENT_##name,
#include "sample/moments.def"
    MOMENTS
};
enum episode { EPISODE_carrier, EPISODE_price, EPISODE_grinder, EPISODES };
enum { FLAG_left = 1, FLAG_price_seen = 2, FLAG_subscribed = 4, FLAG_ordered = 8 };

// What a customer has come to; everything else about a person is in people.h.
typedef struct {
    float rate, drop, nu; // orders per rhythm day, chance to leave after one, rate of the order's worth
    uint32_t serial;      // random streams used
    uint32_t order;       // number of the last order
    uint32_t contract;    // number of the subscription
    uint16_t asked_day;   // when the last survey was sent, + 1
    uint16_t hurt_day;
    uint8_t hurt; // tenths of contentment lost by then; it heals
    uint8_t hurt_topic;
    uint8_t plan, tenure; // of the subscription
    uint8_t new_price;    // renewals since the price rise
    uint8_t flags;
} customer;

typedef struct sim {
    const sample_opts *o;
    const sample_sink *to;
    err *e;
    bool failed;
    arena scratch;
    season year;
    people all;
    queue soon;
    customer *customers;
    pen text;
    int64_t from_s[EPISODES], until_s[EPISODES];
    uint64_t orders, contracts, tickets, surveys, promises, told[SOURCES];
} sim;

// One moment of one customer, while it happens.
typedef struct {
    sim *s;
    person p;
    customer *c;
    rng r;
    moment m;
    int64_t at_s;
} turn;

// sim.c
void soon(turn *t, int64_t at_s, enum what what, moment m);                 // puts it into the queue
int64_t later(turn *t, enum rhythm r, double least_days, double most_days); // some time in between, on that rhythm
bool in_episode(const sim *s, enum episode ep, int64_t at_s);
double contentment(const turn *t); // now: nature, hurt that heals, the price rise
void hurt(turn *t, double how_much, enum topic about);
bool is_hurt(const turn *t); // and it still shows

// trade.c: orders in the shop, café and wholesale, returns. contract.c: subscriptions.
void on_birth(turn *t);
void on_order(turn *t);
void on_cancel(turn *t);
void on_return_(turn *t);
void on_refund(turn *t);
void on_use(turn *t);
void on_visit(turn *t);
void on_deliver(turn *t);
void on_renew(turn *t);
void subscribe(turn *t);

// talk.c: the help desk and the hotline
void on_contact(turn *t);
void on_bot(turn *t);
void on_reply(turn *t);
void on_again(turn *t);
void on_solve(turn *t);
void on_reopen(turn *t);
void contact_about(turn *t, int64_t at_s, enum topic about, int mood);
void contact_mostly(turn *t, int64_t at_s, enum topic about); // in a mood that is common for it

// owe.c: promises and their keeping, deliveries that were promised, consent, how people came
void on_keep(turn *t);
void on_move(turn *t);
void on_withdraw(turn *t);
void on_arrive(turn *t);
void on_refuse(turn *t);
int owe_pick(turn *t);                                 // what a reply promises; -1: nothing
str owe_words(const turn *t, int which);               // in which words
void owe(turn *t, int which);                          // notes it, mostly, and keeps it, mostly
void owe_delivery(turn *t, bool late, int64_t next_s); // next_s 0: there is no next one
void owe_welcome(turn *t);

// said.c: surveys, reviews, comment cards
void on_ask(turn *t);
void on_answer(turn *t);
void on_review(turn *t);
void on_card(turn *t);
void survey_about_us(turn *t); // now and then, after an order
void survey_about_talk(turn *t, int staff, int64_t opened_s);
void maybe_review(turn *t, double chance);

// tell.c: events and truth out of the house
event tell_event(turn *t, enum source from, enum kind kind, str ext_prefix);
void tell_id(event *ev, enum ident_kind kind, str value); // nothing if value is empty
void tell_shop_ids(turn *t, event *ev);
void tell_help_ids(turn *t, event *ev);
void tell_money(turn *t, event *ev, int64_t cents);
void tell(turn *t, enum source from, const event *ev);
void truth_company(sim *s);
void truth_person(turn *t);
void truth_left(turn *t, const char *process, const char *cause);
void truth_hurt(turn *t, enum topic topic, double how_much); // contentment lost by now; it heals
void truth_text(turn *t, enum source from, const event *ev, enum topic topic, int mood, str intent);

// staff.c
typedef struct {
    str name;
    double hours, quality;
} staff_row;
int staff_pick(rng *r);
const staff_row *staff_at(int i);
int staff_count(void);

#endif
