// purchase: customers without a contract: how often they buy, whether they are still with us, and what they will be
// worth. The models of the "buy till you die" family, their fit, their choice and their predictions.
//
// Everybody buys at an own pace and leaves unnoticed at some time; paces and leaving differ between customers. So three
// numbers of each customer say all there is to know:
//   x   repeat purchases: days with a purchase, less the first (two orders of one day are one purchase)
//   tx  time from the first purchase to the last (0 when x is 0)
//   T   time from the first purchase to the end of what was seen
// Times are in any unit, the same everywhere: T, the horizon, the discount and every curve. purchase_summarise uses
// weeks. With the BG/BB model they are whole numbers of opportunities to buy (years, campaigns).
//
//   purchase_best best = purchase_choose(&a, &log, (purchase_ask){0});  // or purchase_choose_of, from summaries
//   purchase_set *set = purchase_group(&a, &best.people);
//   purchase_terms terms = {.horizon = 52, .discount = purchase_discount(0.1, 7), .margin = 0.4};
//   purchase_totals sum = purchase_predict_all(&a, &best.fit, &best.spend, set, terms, rows);
//
// Everything lives in the arena given; what is passed in must outlive what is made of it.
#ifndef HEED_PURCHASE_H
#define HEED_PURCHASE_H

#include "stats/estimate.h"

// ---- What customers did ----

// Customers by their summaries. Arrays of n, or NULL where the comment says so.
typedef struct {
    size_t n;
    const int32_t *x;
    const double *tx, *T;
    const double *spend;  // mean money of a repeat purchase, in any unit; NAN or 0 when x is 0; NULL: no money known
    const double *gaps;   // Σ ln of the times between purchases; NULL: regular rhythms are not looked for
    const double *traits; // n × n_traits values that do not change with time; NULL
    int n_traits;         // at most PURCHASE_TRAITS; 0 or 1 for yes and no, or centred and scaled
    const int32_t *later; // purchases in the time held out after T; NULL
    const double *later_spend; // and their money in all; NULL
    double held;               // how long that time was; 0 without one
    const uint32_t *who;       // their numbers in the log; NULL: in order
} purchase_people;

enum { PURCHASE_TRAITS = 8 };

// A log of purchases and refunds, in any order.
typedef struct {
    size_t n;
    uint32_t customers;    // numbers go from 0 to customers − 1
    const uint32_t *who;   // [n]
    const int32_t *day;    // [n] days since 1970
    const int64_t *amount; // [n] minor units, a refund is negative; NULL: every row is a purchase
    bool gross;            // true: refunds are left out of account. By default they are netted: a refund cancels the
                           // latest earlier day with exactly its amount, or else is taken off the latest days; a day
                           // of which nothing is left was no purchase
} purchase_log;

// Which part of the log is looked at. Zero: all of it, in weeks, nothing held out.
typedef struct {
    int32_t end;  // the last day that was seen; 0: the last day of the log
    int32_t hold; // so many days before `end` are held out: summaries end before them, `later` counts in them
    double unit;  // days per unit of time; 0 = 7
} purchase_window;

typedef struct {
    int64_t refunds, unmatched; // rows with a refund; those with nothing before them to take it from (left out)
    int64_t undone;             // days whose purchases were sent back in whole
    int64_t later_only;         // customers whose first purchase lies in the held-out time: not in the result
    int32_t first, last;        // days of the log
} purchase_tally;

// A summary of everybody who had bought before the held-out time. tally may be NULL.
purchase_people purchase_summarise(arena *a, const purchase_log *log, purchase_window w, purchase_tally *tally);

// Customers with equal summaries together: all that the models read. Days compress a million customers to a tenth.
typedef struct purchase_set purchase_set;
purchase_set *purchase_group(arena *a, const purchase_people *p);

typedef struct {
    int64_t customers, repeaters, purchases; // those used; with x > 0; Σ x
    int64_t ignored;                         // x < 0, tx > T, tx > 0 without x, or not a number
    size_t rows;                             // distinct (x, tx, T)
} purchase_size;
purchase_size purchase_size_of(const purchase_set *s);

// ---- The models ----

enum purchase_model {
    PURCHASE_NBD,    // nobody leaves. Ehrenberg 1959, Applied Statistics 8
    PURCHASE_PARETO, // leaves at any time. Schmittlein, Morrison & Colombo 1987, Management Science 33(1)
    PURCHASE_BG,     // leaves right after a repeat purchase. Fader, Hardie & Lee 2005, Marketing Science 24(2)
    PURCHASE_MBG,    // leaves right after any purchase, the first included. Batislam et al. 2007, IJRM 24(3)
    PURCHASE_BGBB,   // opportunities instead of time. Fader, Hardie & Shang 2010, Marketing Science 29(6)
    PURCHASE_MODELS,
};

// With k = 2, 3, … BG and MBG become BG/CNBD-k and MBG/CNBD-k: times between purchases are Erlang-k, as of people who
// buy in a rhythm (Reutterer, Platzer & Schroeder 2021, IJRM 38(1)). Needs `gaps` for a comparable likelihood.
enum { PURCHASE_RHYTHM = 12 };

typedef struct {
    int k;               // 0 = 1
    const double *start; // where to begin besides the usual places: natural parameters, then coefficients; NULL
} purchase_how;

typedef struct {
    const char *name;         // "r", "alpha", …; "trait 1 on buying", "trait 1 on leaving"
    double value, lo, hi, se; // interval on the log scale for parameters, on the natural one for coefficients
} purchase_param;

// r, alpha: pace of buying is Gamma(r, alpha), mean r/alpha a unit of time. s, beta (Pareto): rate of leaving is
// Gamma(s, beta). a, b (BG, MBG): chance of leaving after a purchase is Beta(a, b). BG/BB: chance of buying is
// Beta(alpha, beta), of leaving Beta(gamma, delta), at each opportunity. A trait z multiplies (Fader & Hardie 2007,
// note 019): alpha by e^(−cz); beta by e^(−dz) in the Pareto model; a and b each by its own e^(dz) in the others.
typedef struct {
    enum estimate_state state; // OK; THIN below 100 repeat buyers; REFUSED: the rest is empty
    const char *why;           // of a refusal or of THIN
    enum purchase_model model; // PURCHASE_NBD when `boundary`
    enum purchase_model asked;
    int k;
    const char *name; // "MBG/NBD", "BG/CNBD-2"
    bool boundary;    // the data show no sign that anybody has left: the best fit is the NBD, and this is it
    int n;            // parameters
    int n_traits;
    const purchase_param *param;      // [n]
    const double *theta, *covariance; // logarithms of the parameters, then coefficients; n × n
    double loglik, aic;               // natural logarithms; without the constant of the order of purchases
    purchase_size size;
    int evaluations; // of the likelihood over all rows
} purchase_fit;

// Maximum likelihood from several starts. Refused below 20 repeat buyers (40 for the models with leaving).
purchase_fit purchase_fit_model(arena *a, const purchase_set *s, enum purchase_model m, purchase_how how);
// BG or MBG with the k of the highest likelihood; needs `gaps`.
purchase_fit purchase_fit_rhythm(arena *a, const purchase_set *s, enum purchase_model m);
// The fit with given parameters, taken as certain: for what-if, and for published parameters.
purchase_fit purchase_fit_known(arena *a, const purchase_set *s, enum purchase_model m, int k, const double *param);

// Mean money of a purchase: Gamma-Gamma (Fader & Hardie 2013, note 025; Colombo & Jiang 1999). Spend per purchase is
// Gamma(p, ν) with ν of each customer Gamma(q, gamma).
typedef struct {
    enum estimate_state state; // REFUSED when |correlation| > 0.3, below 20 repeat buyers, or when q ≤ 1
    const char *why;
    double p, q, gamma, se[3];
    const double *covariance; // 3 × 3, of the logarithms
    double loglik;
    double mean;        // of a customer of whom nothing is known: p gamma/(q − 1)
    double correlation; // of spend and x among repeat buyers: the model takes them as independent
    double spread;      // coefficient of variation of spend between the repeat buyers
    int64_t n;          // repeat buyers with money
    int64_t ignored;    // repeat buyers whose spend is not above 0
} purchase_spend;

purchase_spend purchase_spend_fit(arena *a, const purchase_people *p);
// Expected money of a purchase of a customer with x repeat purchases of mean m.
double purchase_spend_mean(const purchase_spend *g, int32_t x, double m);

// ---- Predictions ----

typedef struct {
    double horizon;                 // > 0: purchases and value from now until then
    double quiet;                   // for the chance of no purchase at all; 0 = horizon
    double discount;                // continuous rate per unit of time; purchase_discount makes it of a yearly one
    double margin;                  // what is left of an amount, as a share; 0 = 1
    double serve;                   // cost to serve a purchase, in the unit of spend
    bool residual;                  // also the value without end (slower; needs a discount)
    const double *margins, *serves; // the same for each customer; NULL
} purchase_terms;

double purchase_discount(double yearly, double unit_days); // ln(1 + yearly) per unit of time

typedef struct {
    int32_t x;
    double tx, T;
    double spend;         // mean of the repeat purchases; NAN when x is 0
    const double *traits; // [n_traits] or NULL
} purchase_one;

// The intervals hold what the data leave open about the parameters (delta method; on the logit scale for chances, on
// the log scale for the others). They are about the expectation: what the customer will do also has its own chance.
typedef struct {
    estimate alive;    // chance of still being a customer
    estimate buys;     // expected purchases to the horizon
    estimate quiet;    // chance of no purchase in the next `quiet`
    estimate value;    // discounted margin of the purchases to the horizon; without a spend model their number
    estimate residual; // the same without end; NONE unless asked for
    int32_t few, many; // 95 times in 100 the number of purchases to the horizon lies here
} purchase_outlook;

purchase_outlook purchase_predict(arena *a, const purchase_fit *f, const purchase_spend *g, purchase_one c,
                                  purchase_terms t);

// How it may go: the distribution of what the purchases of one customer to the horizon leave. So many purchases with so
// much chance; the money of k of them is c times a beta prime of (pk, q), because their mean is open as the spend model
// has it (Fader & Hardie 2013, note 025); each is discounted as they are on average. Its mean is the outlook's value.
// The parameters are taken as certain.
typedef struct {
    const double *chance; // [n] of 0, 1, … purchases
    size_t n;
    double unit, p, q, c; // unit: what is left of the money of a purchase
} purchase_spread;
// False when a purchase or its money cannot be foretold.
bool purchase_spread_of(arena *a, const purchase_fit *f, const purchase_spend *g, purchase_one c, purchase_terms t,
                        purchase_spread *out);
double purchase_spread_below(const purchase_spread *s, double v); // the chance that it is v or less

typedef struct {
    double value, lo, hi;
} purchase_range;

// The same of one among many, in 120 bytes. NAN for those ignored, and for money that was refused.
typedef struct {
    purchase_range alive, buys, quiet, value, residual;
} purchase_row;

// Sums over all customers. Their intervals hold both what is open about the parameters and the customers' own chance.
typedef struct {
    estimate alive;  // how many are still customers
    estimate buys;   // purchases to the horizon
    estimate buyers; // customers with a purchase in the next `quiet`
    estimate value, residual;
} purchase_totals;

// rows: [n of the people grouped], or NULL for the totals alone. g may be NULL.
purchase_totals purchase_predict_all(arena *a, const purchase_fit *f, const purchase_spend *g, const purchase_set *s,
                                     purchase_terms t, purchase_row *rows);

// ---- Pictures ----

// Expected repeat purchases of everybody in the set from the day the first of them bought: cumulative[i] by time
// (i + 1) × step. The difference of neighbours is the incremental curve.
void purchase_track(arena scratch, const purchase_fit *f, const purchase_set *s, double step, size_t n,
                    double *cumulative);
// The same as it happened, of the customers whom purchase_summarise would give for the window, to its end.
void purchase_track_actual(arena scratch, const purchase_log *log, purchase_window w, double step, size_t n,
                           double *cumulative);
// How many customers made 0, 1, … most − 1, and `most` or more repeat purchases: seen and expected. [most + 1] each.
void purchase_histogram(arena scratch, const purchase_fit *f, const purchase_set *s, int most, double *seen,
                        double *expected);

// ---- Judging a model by what it did not see ----

typedef struct {
    const char *name;     // a model, or a baseline
    bool model;           // false: "the same pace goes on" (x/T), "everybody alike"
    purchase_fit fit;     // of a model: as fitted on what came before
    estimate total;       // purchases predicted for the held-out time (no interval for baselines)
    estimate money;       // the same in money; NONE or REFUSED as the spend model is
    double bias;          // total ÷ what happened − 1
    double mae, rmse;     // per customer
    double score;         // mean of ln P(what the customer did), higher is better; baselines as Poisson; NAN if refused
    double behind, error; // how much lower than the best model's score, and the standard error of that difference
    double auc;           // a buyer of the held-out time ranks above a non-buyer that often
} purchase_trial;

typedef struct {
    const purchase_trial *trial; // models first, best score first; then baselines
    size_t n, n_models;          // n_models that could be fitted
    int64_t actual;              // purchases in the held-out time
    double actual_money;
    double held;
    const char *said; // a sentence: which model told the held-out time best, and how sure that is
} purchase_backtest;

// p must hold `later` and `held`. models: a set of 1 << PURCHASE_…; 0 = NBD, Pareto, BG, MBG, and MBG/CNBD-k where a
// rhythm shows.
purchase_backtest purchase_test(arena *a, const purchase_people *p, unsigned models);

// ---- All in one ----

typedef struct {
    double unit;     // days per unit of time; 0 = 7
    int32_t end;     // the last day that was seen; 0: the last day of the log
    int32_t hold;    // days held out to choose the model; 0 = a third of the log
    unsigned models; // as for purchase_test
    bool gross;      // refund policy, see purchase_log
} purchase_ask;

typedef struct {
    purchase_fit fit; // of the model chosen, fitted anew on everything
    purchase_spend spend;
    purchase_backtest test; // n = 0 where nothing could be held out
    purchase_people people; // everybody, up to the end
    purchase_tally tally;
    const char *said; // a few sentences for the user: which model, why, and what could not be told
} purchase_best;

// From a log: models are chosen by what they say of the held-out end. From summaries: by that too if `later` is given
// (and then fitted on what came before), else by AIC.
purchase_best purchase_choose(arena *a, const purchase_log *log, purchase_ask ask);
purchase_best purchase_choose_of(arena *a, const purchase_people *p, unsigned models);

// Address space that is enough for the above with so many customers and rows of a log.
size_t purchase_arena(size_t customers, size_t log_rows);

#endif
