#include "stats/rise.h"

#include "stats/contingency.h"
#include "stats/dist.h"

#include <math.h>

// G-test of independence of a 2×2 table, one degree of freedom: Woolf 1957, Ann. Hum. Genet. 21; Sokal & Rohlf 1995,
// Biometry, 17.4. Below five expected rows in a cell its p is too small (Cochran 1954), and the state says so.
rise rise_test(rise_counts c) {
    rise r = {.p = NAN, .g = NAN};
    if (c.now_all <= 0 || c.before_all <= 0) {
        r.why = c.now_all > 0 ? "there is nothing to compare with" : "nothing was said in this window";
        return r;
    }
    r.share = (double)c.now / (double)c.now_all;
    r.share_before = (double)c.before / (double)c.before_all;
    r.direction = (r.share > r.share_before) - (r.share < r.share_before);
    int64_t counts[] = {c.now, c.now_all - c.now, c.before, c.before_all - c.before};
    contingency t = contingency_of(counts, 2, 2);
    bool tested = !isnan(t.g); // else all of one class: nobody, or everybody, mentions it
    r.g = tested ? t.g : 0;
    r.p = dist_normal_both(sqrt(r.g));
    r.state = !tested || t.least < 5 ? ESTIMATE_THIN : ESTIMATE_OK;
    if (r.state == ESTIMATE_THIN) r.why = "too few rows mention it to test";
    return r;
}
