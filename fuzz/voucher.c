// voucher: whatever is typed as a code: what is read as one has 16 letters of its alphabet, shows as what reads the
// same again, and is found mistyped as soon as one letter is another.
#include "act/voucher.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char code[VOUCHER_CODE], again[VOUCHER_CODE];
    const char *why = NULL;
    if (size > 1000) return 0;
    if (!voucher_code_read((str){(const char *)data, size}, code, &why)) return assert(why && *why), 0;
    arena a = arena_open(1 << 12);
    str shown = voucher_code_shown(&a, (str){code, sizeof code});
    for (size_t i = 0; i < sizeof code; i++) assert(memchr("0123456789ABCDEFGHJKMNPQRSTVWXYZ", code[i], 32));
    assert(voucher_code_read(shown, again, &why) && !memcmp(code, again, sizeof code));
    for (size_t i = 0; i < sizeof code; i++) {
        char bad[VOUCHER_CODE];
        memcpy(bad, code, sizeof bad);
        bad[i] = bad[i] == '7' ? '8' : '7';
        assert(!voucher_code_read((str){bad, sizeof bad}, again, &why));
    }
    arena_close(&a);
    return 0;
}
