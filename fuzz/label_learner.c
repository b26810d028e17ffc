// Learners of labels out of arbitrary bytes: refused, or sound enough to learn on and to be written again.
#include "text/label.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    arena a = arena_open((size_t)1 << 30);
    label_learner *l, *again;
    err e = {0};
    str bytes = {(const char *)data, size};
    char *fixed = make(&a, char, size + 1);
    if (size >= 16) { // the checksum is made right, so that what it guards is reached
        memcpy(fixed, data, size);
        const uint64_t sum = str_hash(str_sub(bytes, 16, size - 16));
        memcpy(fixed + 8, &sum, sizeof sum);
        bytes = (str){fixed, size};
    }
    if (label_learner_read(bytes, (label_options){0}, &l, &e)) {
        buf b = buf_new(&a, (size_t)1 << 28);
        label_learner_write(&b, l);
        assert(label_learner_read(buf_str(&b), (label_options){0}, &again, &e));
        assert(label_count(l) == label_count(again) && label_messages(l) == label_messages(again));
        label_learner_free(again);
        if (label_learned(l)) {
            size_t n;
            label_correct(l);
            label_changed(l, &n);
            assert(n <= label_count(l));
        }
        label_learner_free(l);
    } else {
        assert(!err_ok(&e));
    }
    arena_close(&a);
    return 0;
}
