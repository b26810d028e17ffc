// priority: what to do first, as figures beside one another and never one number alone (D02, F42).
//
//   size = people × value × severity × trend
//   people    distinct people who say it
//   value     what one of them brings, in money
//   severity  0..1, how bad it is for them
//   trend     now ÷ before, 1 is as ever
// Each is an estimate, and so is their product: on logarithms the arms of the intervals add as squares, above and below
// apart (MOVER: Zou & Donner 2008, Stat. Med. 27), as if they were independent.
#ifndef HEED_PRIORITY_H
#define HEED_PRIORITY_H

#include "base/rng.h"
#include "stats/estimate.h"
#include "stats/persist.h"

enum priority_factor { PRIORITY_PEOPLE, PRIORITY_VALUE, PRIORITY_SEVERITY, PRIORITY_TREND, PRIORITY_FACTORS };

typedef struct {
    int64_t id;
    estimate factor[PRIORITY_FACTORS];
    double size_before; // when its burst began, for persist_stand; NAN: none
    bool burst, grave;
    int64_t burst_days;
} priority_item;

typedef struct {
    size_t item;   // which
    estimate size; // the product; NONE when a factor has no number; THIN when one is thin, and why says which
    persist_standing standing; // by which it is ordered
    size_t lo, hi;             // ranks by size that the intervals of all leave possible at once, 95 %; 1 is first
} priority;

// The largest first; equal ones by people, then by id; without a number last. [n], lives in a.
const priority *priority_order(arena *a, const priority_item *x, size_t n);
estimate priority_product(arena *a, const estimate *factor, size_t n);
const char *priority_factor_name(enum priority_factor f); // "people"

// ---- Three lenses: whose wishes count ----

typedef struct {
    size_t customers, items;
    const double *revenue;        // [customers] what each brings; below 0 is 0
    const uint32_t *start, *item; // items that customer i wants: item[start[i]] to item[start[i + 1] − 1]
    const double *want;           // beside `item`: how much (1..3); NULL: 1 each
    const double *cost;           // [items]; NULL: 1 each
    double budget;                // 0: half of all costs
    double per_head;              // α: 1 every customer has the same say, −1 by revenue alone; 0: 0.5
    double cap;                   // no customer's revenue counts for more than this share of all; 0: 0.2
} lens_data;

enum lens { LENS_PEOPLE, LENS_REVENUE, LENS_FAIR, LENSES };

typedef struct {
    size_t rank;   // 1 is first
    double value;  // people: lower bound of the share of customers; revenue: share; fair: share of the say
    double lo, hi; // ranks in 95 % of bootstrap samples of customers
    bool chosen;   // within the budget
} lens_place;

typedef struct {
    const lens_place *place[LENSES]; // [items]
    const size_t *order[LENSES];     // items, the first rank first
    double distance[LENSES][LENSES]; // share of pairs of items that two lenses order differently (Kendall 1938)
    double spent[LENSES];
    double fair_alone;   // what equal shares spent before completion
    const size_t *apart; // items by how far their ranks lie apart, the farthest first
} lenses;

// - people: by Wilson's lower bound of the share of customers who want it;
// - revenue: by the revenue of those who want it, each capped;
// - fair: by the Method of Equal Shares. Everybody gets a part of the budget, α/n + (1 − α) revenue/Σ revenue, and what
//   is chosen is paid by those who want it, as equally as they can (Peters, Pierczyński & Skowron 2021, NeurIPS 34);
//   Add1 lets the parts grow by a tenth of the cheapest cost until the budget is used. Places in the order of choosing;
//   what is not chosen follows by the say behind it per cost.
// By people and revenue, chosen is what fits into the budget, from the first place on. Equal ones by number.
// rounds of the bootstrap: 0 = 200; below 0: none, and lo and hi are the rank.
lenses lenses_of(arena *a, const lens_data *d, int rounds, rng *r);
const char *lens_name(enum lens l); // "people"

#endif
