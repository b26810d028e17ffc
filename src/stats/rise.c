#include "stats/rise.h"

#include "stats/dist.h"

#include <math.h>

// Observed × log(observed/expected); nothing observed adds nothing.
static double part(double observed, double expected) {
    return observed > 0 ? observed * log(observed / expected) : 0;
}

// G-test of independence of a 2×2 table, one degree of freedom: Woolf 1957, Ann. Hum. Genet. 21; Sokal & Rohlf 1995,
// Biometry, 17.4. Below five expected rows in a cell its p is too small (Cochran 1954), and the state says so.
rise rise_test(rise_counts c) {
    rise r = {.p = NAN, .g = NAN};
    double o[2][2] = {{(double)c.now, (double)(c.now_all - c.now)},
                      {(double)c.before, (double)(c.before_all - c.before)}};
    double rows[2] = {(double)c.now_all, (double)c.before_all}, all = rows[0] + rows[1];
    double cols[2] = {o[0][0] + o[1][0], o[0][1] + o[1][1]};
    if (!(rows[0] > 0) || !(rows[1] > 0)) {
        r.why = rows[0] > 0 ? "there is nothing to compare with" : "nothing was said in this window";
        return r;
    }
    r.share = o[0][0] / rows[0];
    r.share_before = o[1][0] / rows[1];
    r.direction = (r.share > r.share_before) - (r.share < r.share_before);
    double g = 0, least = INFINITY;
    for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 2; j++) {
            double expected = rows[i] * cols[j] / all;
            g += 2 * part(o[i][j], expected);
            least = MIN(least, expected);
        }
    }
    r.g = MAX(g, 0);
    r.p = dist_normal_both(sqrt(r.g));
    r.state = least < 5 ? ESTIMATE_THIN : ESTIMATE_OK;
    if (r.state == ESTIMATE_THIN) r.why = "too few rows mention it to test";
    return r;
}
