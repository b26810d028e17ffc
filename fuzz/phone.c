// A phone number is nothing or "+" and 7 to 15 digits, and that form stays as it is in every region.
#include "base/phone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static arena memory;
    static const char *const regions[] = {"", "DE", "US", "GB", "IT", "AR", "MX", "BR"};
    const str x = {(const char *)data, size};
    if (!memory.base) memory = arena_open(1 << 20);
    for (size_t i = 0; i < COUNT(regions); i++) {
        arena scratch = memory;
        const str out = phone_e164(&scratch, x, str_c(regions[i]));
        if (out.len == 0) continue;
        assert(out.len >= 8 && out.len <= 16 && out.s[0] == '+' && out.s[1] != '0');
        for (size_t k = 1; k < out.len; k++) assert(out.s[k] >= '0' && out.s[k] <= '9');
        for (size_t k = 0; k < COUNT(regions); k++) assert(str_eq(phone_e164(&scratch, out, str_c(regions[k])), out));
    }
    return 0;
}
