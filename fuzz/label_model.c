// Models of labels out of arbitrary bytes: refused, or sound enough to decide and to be written again as they were.
#include "text/label.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    arena a = arena_open((size_t)1 << 30);
    label_model *m;
    err e = {0};
    str bytes = {(const char *)data, size};
    char *fixed = make(&a, char, size + 1);
    if (size >= 16) { // the checksum is made right, so that what it guards is reached
        memcpy(fixed, data, size);
        const uint64_t sum = str_hash(str_sub(bytes, 16, size - 16));
        memcpy(fixed + 8, &sum, sizeof sum);
        bytes = (str){fixed, size};
    }
    if (label_read(&a, bytes, &m, &e)) {
        if (label_model_count(m)) {
            const label_choices c = label_decide(&a, m, S("where is my card"), NULL);
            assert(c.n >= 1 && c.v[0].label < label_model_count(m));
            const model_reasons r = label_reasons(&a, m, c.v[0].label, S("where is my card"), NULL);
            assert(r.pieces == 4);
        }
        buf b = buf_new(&a, (size_t)1 << 28);
        label_write(&b, m);
        label_model *again;
        assert(label_read(&a, buf_str(&b), &again, &e) && label_model_count(again) == label_model_count(m));
    } else {
        assert(!err_ok(&e));
    }
    arena_close(&a);
    return 0;
}
