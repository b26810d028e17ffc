// What is read as an amount prints to a text that is read as the same amount of the same currency.
#include "base/money.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static arena memory;
    static const char *const columns[] = {"", "EUR", "CAD", "JPY", "KWD", "CLF"};
    const str x = {(const char *)data, size};
    if (!memory.base) memory = arena_open(1 << 20);
    for (size_t i = 0; i < COUNT(columns); i++) {
        arena scratch = memory;
        const currency *c = currency_of(str_c(columns[i])), *found = c, *again = c;
        int64_t minor = 0, back = 0;
        if (!money_parse(x, c, &minor, &found)) continue;
        assert(money_parse(money_str(&scratch, minor, found), c, &back, &again));
        assert(back == minor && again == found);
        assert(!found || currency_by_number(found->number) == found);
    }
    const currency *named = currency_of(x);
    assert(!named || currency_of(str_c(named->code)) == named);
    return 0;
}
