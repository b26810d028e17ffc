// Who gains and who loses (D06). What the customer gets is known. What it brings us is not: at worst nothing would be
// different without it, at best it keeps all that they are expected to bring. So the two ends are told, and from which
// share on it pays.
#include "decide/redline_private.h"

#include <math.h>

static int64_t whole(double x) {
    return x > 9e15 ? (int64_t)9e15 : x < -9e15 ? -(int64_t)9e15 : (int64_t)llround(x);
}

// What is left of an amount after what it costs us: of this price, else as the economics say, else all of it.
static double kept_share(const checking *k, const concession_ask *ask) {
    if (ask->price > 0 && ask->cost >= 0) return fmax(0, 1 - (double)ask->cost / (double)ask->price);
    if (k->has_economics && k->eco.cost_bp >= 0) return fmax(0, 1 - (double)k->eco.cost_bp / 10000);
    return 1;
}

redline_wins checking_wins(checking *k, const concession_ask *ask, const redline_answer *so_far) {
    redline_wins w = {.pays_from = NAN};
    const value_row *v = &k->who.value;
    int64_t costs = so_far->costs, sale = so_far->has_margin ? so_far->margin : 0;
    if (costs <= 0) return w;
    w.theirs = w.theirs_lo = w.theirs_hi = costs;
    w.ours_lo = MIN(-costs, sale);
    if (!k->who.has_value || v->currency != ask->currency || isnan(v->value.hi)) {
        w.ours_hi = sale;
        if (!so_far->has_margin) return w;
        w.win =
            sale < 0 ? WIN_UNKNOWN : WIN_UNSURE; // a loss may still be worth it to keep somebody whose value is unknown
        if (k->words)
            w.sum = str_fmt(k->a, "they get %.*s; what they are worth to us is not known",
                            STR_ARG(money_words(k->a, costs, ask->currency)));
        return w;
    }
    double share = kept_share(k, ask), most = v->value.hi * share;
    w.ours_hi = whole(most) - (ask->price > 0 ? 0 : costs) + sale;
    w.pays_from = v->value.value * share > 0 ? (double)costs / (v->value.value * share) : INFINITY;
    w.win = w.ours_hi < 0 ? WIN_LOSE : w.ours_lo > 0 ? WIN_WIN : WIN_UNSURE;
    if (!k->words) return w;
    str theirs = money_words(k->a, costs, ask->currency), best = money_words(k->a, w.ours_hi, ask->currency),
        worst = money_words(k->a, w.ours_lo, ask->currency);
    if (w.win == WIN_LOSE)
        w.sum =
            str_fmt(k->a, "they get %.*s; even if it keeps all that they are expected to bring, we are left with %.*s",
                    STR_ARG(theirs), STR_ARG(best));
    else
        w.sum = str_fmt(k->a, "they get %.*s; we get %.*s to %.*s, and it pays if it saves %.1f %% of what they bring",
                        STR_ARG(theirs), STR_ARG(worst), STR_ARG(best), 100 * fmin(w.pays_from, 9.99));
    return w;
}
