// json: what is read is written to a text that reads to the same value; what is not read says where.
#include "../tests/base/json_twin.h"

#include <stdint.h>

static str written(arena *a, json_t *v) {
    buf b = buf_new(a, 64 << 20);
    json_out j = json_to(&b);
    json_write(&j, NULL, v);
    assert(!b.full);
    return buf_str(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    str text = {(const char *)data, size};
    json_t *v = NULL, *again = NULL;
    err e = {0};
    if (!json_read(text, &v, &e)) {
        assert(!v && e.code == ERR_invalid && strstr(e.msg, "not JSON at line"));
        return 0;
    }
    arena a = arena_open(256 << 20);
    assert(str_utf8_ok(text));
    str once = written(&a, v);
    assert(json_read(once, &again, &e));
    assert(str_eq(once, written(&a, again)));
    json_decref(v);
    json_decref(again);
    arena_close(&a);
    return 0;
}
