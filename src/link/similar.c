#include "link/similar.h"

enum { LONGEST = 64 };

// Bits of the letters that found their like: of x in *mx, of y in *my; returns how many.
static int matches(str x, str y, uint64_t *mx, uint64_t *my) {
    const size_t longest = MAX(x.len, y.len), window = longest / 2 > 0 ? longest / 2 - 1 : 0;
    int n = 0;
    *mx = *my = 0;
    for (size_t i = 0; i < x.len; i++) {
        const size_t from = i > window ? i - window : 0, to = MIN(i + window + 1, y.len);
        for (size_t j = from; j < to; j++) {
            if (y.s[j] != x.s[i] || *my >> j & 1) continue;
            *mx |= (uint64_t)1 << i, *my |= (uint64_t)1 << j, n++;
            break;
        }
    }
    return n;
}

double similar_names(str x, str y) {
    x.len = MIN(x.len, LONGEST), y.len = MIN(y.len, LONGEST);
    if (!x.len || !y.len) return 0;
    uint64_t mx, my;
    const int n = matches(x, y, &mx, &my);
    if (!n) return 0;
    int moved = 0;
    for (uint64_t a = mx, b = my; a; a &= a - 1, b &= b - 1)
        moved += x.s[__builtin_ctzll(a)] != y.s[__builtin_ctzll(b)];
    const double m = n, jaro = (m / (double)x.len + m / (double)y.len + (m - moved / 2) / m) / 3;
    if (jaro <= 0.7) return jaro;
    size_t prefix = 0;
    while (prefix < 4 && prefix < x.len && prefix < y.len && x.s[prefix] == y.s[prefix]) prefix++;
    return jaro + (double)prefix * 0.1 * (1 - jaro);
}

bool similar_slip(str x, str y) {
    if (x.len > y.len + 1 || y.len > x.len + 1) return false;
    while (x.len && y.len && x.s[0] == y.s[0]) x.s++, y.s++, x.len--, y.len--;
    while (x.len && y.len && x.s[x.len - 1] == y.s[y.len - 1]) x.len--, y.len--;
    if (x.len + y.len <= 2) return x.len < 2 && y.len < 2;
    return x.len == 2 && y.len == 2 && x.s[0] == y.s[1] && x.s[1] == y.s[0];
}
