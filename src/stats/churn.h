// churn: how likely each customer is to leave within a horizon, and which of the things known of them say so (F24).
//
// Two learners are tried by cross-validation: a logistic regression with bends (one level per class, lines that may
// bend at three places per number, unknown as a level of its own, a mild ridge), and boosted trees of pairs (boost.h),
// alone or together with the first. The simpler is taken unless another is measurably better in log loss. The score is
// calibrated on the rows that were left out, and what is reported of it comes from them alone.
//
// A risk is a prediction, not a cause: whoever has the highest risk is not who a call helps most (uplift.h).
#ifndef HEED_CHURN_H
#define HEED_CHURN_H

#include "stats/boost.h"
#include "stats/calibrate.h"
#include "stats/design.h"
#include "stats/reliability.h"

enum churn_learner { CHURN_ANY, CHURN_LOGISTIC, CHURN_TOGETHER, CHURN_BOOSTED };

typedef struct {
    features table;   // as it was known at the start of the horizon: what came later would tell the outcome
    const bool *left; // per row: gone at the end of the horizon
    const int64_t
        *customer; // NULL, or whose row it is, when customers come several times: they stay together in a fold
    double history, horizon; // days; 0 where not known, else three horizons of history are needed
    enum churn_learner only; // CHURN_ANY: choose
    uint64_t seed;           // the same seed and rows give the same model
} churn_data;

// What the learners scored on rows that they had not seen; loss is 0 for one that was not tried.
typedef struct {
    double loss[4];           // by enum churn_learner
    change together, boosted; // log loss less that of the next simpler one
    int trees;                // how many did best
} churn_race;

typedef struct {
    enum estimate_state state; // REFUSED below the gates; why says everything that is missing
    const char *why;
    enum churn_learner learner;
    const char *told;  // one sentence for people: what was chosen and why
    int64_t n, lost;   // rows and those who left, of all
    int64_t learned;   // rows that were learned from: all, or a sample of 40,000
    size_t parameters; // of the regression
    ptrdiff_t suspect; // a feature that alone tells nearly everything (was it known before they left?), or −1
    churn_race race;
    reliability seen; // of the calibrated probabilities, on rows left out; n 0 when refused
    calibration line;
    // The model: log odds = base + Σ of parts, one per feature.
    feature_cuts *cuts;
    design x;
    double base, weight;   // weight of the trees: 0, a half, 1
    double *beta, *middle; // per column of x: coefficient, average
    boost_parts parts;
} churn;

enum { CHURN_EACH = 100, CHURN_PER_PARAMETER = 10, CHURN_HORIZONS = 3 }; // the gates of F24

// Gates: 100 who left and 100 who stayed, 10 of the rarer per parameter (bends are given up first), three horizons of
// history, something that varies. Peduzzi et al. 1996, J. Clin. Epidemiol. 49. Lives in
// a, with some 300 bytes for each row learned from.
churn churn_fit(arena *a, const churn_data *d);

// The risk of one customer of a table with the same columns and classes. The interval is that of the share who left
// among the customers with about this risk. REFUSED when the model is.
estimate churn_risk(arena scratch, const churn *k, const features *t, size_t row);
double churn_odds(arena scratch, const churn *k, const features *t,
                  size_t row); // its log odds before calibration: base + Σ parts

// Why: what each feature adds to a customer's log odds, against the average customer, largest first.
typedef struct {
    size_t of;     // which feature
    double odds;   // log odds it adds; above 0 it raises the risk
    double points; // how much lower (or higher) the risk would be without it: the size to show
} churn_reason;

// Fills at most `most` reasons, those that move the risk by half a point or more; how many. With a calibration along
// steps odds are those of the score before it.
size_t churn_reasons(arena scratch, const churn *k, const features *t, size_t row, churn_reason *out, size_t most);
// "Contract is Month-to-month raises the risk by 12 points". Lives in a.
str churn_reason_words(arena *a, const features *t, size_t row, const churn_reason *r);

// How good the model was for other rows, of a later time for instance.
reliability churn_score(arena *a, const churn *k, const features *t, const bool *left);

#endif
