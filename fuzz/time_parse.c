// What is read as a time lies in the years 1 to 9999, whatever the column says, and prints to a text that is read as
// the same time in any zone.
#include "base/civil.h"

static arena memory;
static zone *berlin;

static void open_once(void) {
    err e = {0};
    if (berlin) return;
    memory = arena_open(1 << 20);
    if (!zone_open(&memory, S("Europe/Berlin"), &berlin, &e)) abort();
}

static void reads_back(int64_t at) {
    arena scratch = memory;
    int64_t again = 0;
    assert(at >= INT64_C(-62135596800) * SECOND_US && at < INT64_C(253402300800) * SECOND_US);
    assert(time_parse(iso_str(&scratch, at), berlin, 0, &again) && again == at);
    assert(time_parse(date_str(&scratch, zone_days(NULL, at)), NULL, 0, &again) && at - again >= 0 &&
           at - again < DAY_US);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const str x = {(const char *)data, size};
    open_once();
    bool read[3];
    for (int first = -1; first <= 1; first++) {
        int64_t utc = 0, local = 0;
        read[first + 1] = time_parse(x, NULL, first, &utc);
        if (read[first + 1]) reads_back(utc);
        if (time_parse(x, berlin, first, &local)) reads_back(local);
        if (read[first + 1] && local) assert(llabs(utc - local) <= 2 * HOUR_US);
    }
    // What one order allows, an unknown order allows too.
    assert(!(read[0] || read[2]) || read[1]);
    assert(time_day_first(&x, 1) >= -1 && time_day_first(&x, 1) <= 1);
    return 0;
}
