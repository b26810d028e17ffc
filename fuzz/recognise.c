// recognise: whatever the bytes, the first look names a format or says why not; what it names is sure enough, known,
// and comes with a mapping that is JSON; a second look says the same, and so does a look that is told the mapping.
#include "listen/adapter.h"

#include <stdint.h>

static void check(const heard_as *as) {
    json_t *v = NULL;
    size_t n = 0;
    bool known = false;
    const adapter_info *all = listen_adapters(&n);
    for (size_t i = 0; i < n; i++) known = known || str_eq(as->adapter, str_c(all[i].name));
    assert(known && as->sure >= 0.5 && as->sure <= 1 && as->source.len && as->label.len);
    assert(json_read(as->mapping, &v, NULL) && json_is_object(v));
    assert(str_utf8_ok(as->notes));
    json_decref(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    str head = {(const char *)data, MIN(size, GLANCE_BYTES)};
    arena a = arena_open(64 << 20);
    heard_as one, two, told;
    err e = {0}, again = {0};
    bool ok = listen_recognise(&a, head, &(listen_opts){0}, &one, &e);
    assert(ok == listen_recognise(&a, head, &(listen_opts){0}, &two, &again));
    if (ok) {
        check(&one);
        assert(str_eq(one.adapter, two.adapter) && str_eq(one.mapping, two.mapping) && str_eq(one.notes, two.notes));
        err_clear(&again);
        assert(listen_recognise(&a, head, &(listen_opts){.adapter = one.adapter, .map = one.mapping}, &told, &again));
        assert(str_eq(one.mapping, told.mapping));
    } else {
        assert(e.code == ERR_invalid && e.msg[0] && !strcmp(e.msg, again.msg));
    }
    arena_close(&a);
    return 0;
}
