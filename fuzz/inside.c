// Any bytes at the door for commands: either a command line with a name and no NULL in it, or a refusal.
#include "cli/inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    arena a = arena_open((size_t)64 << 20);
    inside_line line;
    err e = {0};
    if (inside_read(&a, (str){(const char *)data, size}, &line, &e)) {
        assert(line.argc > 0 && line.columns >= 0 && line.columns <= 10000);
        for (int i = 0; i < line.argc; i++) assert(line.argv[i]);
    } else
        assert(e.code == ERR_invalid);
    arena_close(&a);
    return 0;
}
