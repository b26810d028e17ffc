// Themes out of arbitrary bytes: refused, or sound enough to assign a text and to be written again as they were.
#include "text/theme.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    arena a = arena_open((size_t)1 << 30);
    theme_model *m;
    err e = {0};
    str bytes = {(const char *)data, size};
    char *fixed = make(&a, char, size + 1);
    if (size >= 16) { // the checksum is made right, so that what it guards is reached
        memcpy(fixed, data, size);
        const uint64_t sum = str_hash(str_sub(bytes, 16, size - 16));
        memcpy(fixed + 8, &sum, sizeof sum);
        bytes = (str){fixed, size};
    }
    if (theme_read(&a, bytes, &m, &e)) {
        int8_t vector[EMBEDDING] = {100, 50};
        const theme_choice c = theme_assign(m, a, S("where is my card"), vector);
        assert(c.id == 0 || c.id == theme_id(m, c.at));
        assert(c.distance >= 0 && c.id < theme_next_id(m));
        const theme_choice none = theme_assign(m, a, S("?!"), NULL);
        assert(none.id == 0);
        buf b = buf_new(&a, (size_t)1 << 28);
        theme_write(&b, m);
        theme_model *again;
        assert(theme_read(&a, buf_str(&b), &again, &e) && theme_count(again) == theme_count(m));
        buf c2 = buf_new(&a, (size_t)1 << 28);
        theme_write(&c2, again);
        assert(str_eq(buf_str(&b), buf_str(&c2)));
    } else {
        assert(!err_ok(&e));
    }
    arena_close(&a);
    return 0;
}
