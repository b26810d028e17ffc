// Any text is refused with a reason, or read as hours that write themselves so that they are read again as the same.
#include "know/hours.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const str text = {(const char *)data, MIN(size, (size_t)4096)};
    arena a = arena_open(1 << 20);
    calendar c = {0}, again = {0};
    int32_t *days;
    int64_t minutes[COMMITMENT_KINDS], same[COMMITMENT_KINDS];
    int n;
    err e = {0};
    if (hours_read(text, &c, &e)) {
        assert(hours_read(hours_words(&a, &c), &again, &e));
        assert(!memcmp(c.week, again.week, sizeof c.week));
    } else
        assert(e.code == ERR_invalid && e.msg[0]);
    e = (err){0};
    if (hours_promises_read(text, minutes, &e)) {
        assert(hours_promises_read(hours_promises_words(&a, minutes), same, &e));
        assert(!memcmp(minutes, same, sizeof minutes));
    } else
        assert(e.code == ERR_invalid && e.msg[0]);
    e = (err){0};
    if (hours_days_read(&a, text, &days, &n, &e))
        for (int i = 1; i < n; i++) assert(days[i - 1] < days[i]);
    arena_close(&a);
    return 0;
}
