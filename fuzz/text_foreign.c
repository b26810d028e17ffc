// text_foreign: any line is read as numbers or refused, and what is read becomes a vector of length one, or of none.
#include "text/foreign.h"

#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static float v[FOREIGN_MOST];
    float out[EMBEDDING];
    size_t n;
    err e = {0};
    if (!foreign_numbers((str){(const char *)data, size}, v, &n, &e)) {
        assert(e.code == ERR_invalid && e.msg[0]);
        return 0;
    }
    double square = 0, any = 0;
    assert(n > 0 && n <= FOREIGN_MOST);
    for (size_t i = 0; i < n; i++) assert(isfinite(v[i])), any += v[i] != 0;
    foreign_reduce(v, n, out);
    for (size_t i = 0; i < EMBEDDING; i++) square += (double)out[i] * out[i];
    assert(fabs(square - 1) < 1e-4 || (square == 0 && (!any || n > EMBEDDING)));
    return 0;
}
