#include "sample/sim.h"

static const staff_row rows[] = {
#define STAFF(name, hours, quality, share) {S(name), hours, quality},
#include "sample/staff.def"
};
static const double shares[] = {
#define STAFF(name, hours, quality, share) share,
#include "sample/staff.def"
};

int staff_pick(rng *r) {
    return (int)rng_pick(r, shares, COUNT(shares));
}
const staff_row *staff_at(int i) {
    return &rows[i];
}
int staff_count(void) {
    return COUNT(rows);
}
