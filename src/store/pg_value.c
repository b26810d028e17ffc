#include <endian.h>
#include <math.h>

#include "store/pg.h"

static uint16_t get16(const char *p) {
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return be16toh(v);
}

static uint32_t get32(const char *p) {
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return be32toh(v);
}

static uint64_t get64(const char *p) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return be64toh(v);
}

static double as_double(uint64_t bits) {
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

static double as_float(uint32_t bits) {
    float f;
    memcpy(&f, &bits, sizeof f);
    return (double)f;
}

// numeric: how many digits to the base 10,000, the power of the first, sign, decimals; then the digits.
static bool numeric(const char *v, int len, double *d, int64_t *whole) {
    *d = NAN;
    if (len < 8) return false;
    int n = get16(v), weight = (int16_t)get16(v + 2), sign = get16(v + 4);
    if (len < 8 + 2 * n || (sign != 0 && sign != 0x4000)) return false;
    bool fits = true;
    int64_t i = 0;
    *d = 0;
    for (int k = 0; k < n || k <= weight; k++) {
        int digit = k < n ? get16(v + 8 + 2 * k) : 0;
        *d += digit * pow(10000, weight - k);
        // Gathered below zero, where the range reaches one further.
        if (k <= weight) fits = fits && !__builtin_mul_overflow(i, 10000, &i) && !__builtin_sub_overflow(i, digit, &i);
    }
    if (sign) *d = -*d;
    if (!sign) fits = fits && !__builtin_sub_overflow(0, i, &i);
    *whole = i;
    return fits;
}

static bool whole_of(double d, int64_t *out) {
    static const double limit = 9223372036854775808.0; // 2^63
    bool fits = d < limit && d >= -limit;
    *out = fits ? (int64_t)d : 0;
    return fits;
}

bool pg_to_int(Oid type, const char *v, int len, int64_t *out) {
    double d = 0;
    switch (type) {
    case OID_INT8: *out = (int64_t)get64(v); return true;
    case OID_INT4: *out = (int32_t)get32(v); return true;
    case OID_INT2: *out = (int16_t)get16(v); return true;
    case OID_BOOL: *out = v[0] != 0; return true;
    case OID_NUMERIC: return numeric(v, len, &d, out);
    case OID_FLOAT8: return whole_of(as_double(get64(v)), out);
    case OID_FLOAT4: return whole_of(as_float(get32(v)), out);
    case OID_TEXT: // as SQLite does it: text that is no number counts as 0
        if (!str_i64((str){v, (size_t)len}, out)) *out = 0;
        return true;
    }
    return false;
}

bool pg_to_double(Oid type, const char *v, int len, double *out) {
    int64_t i = 0;
    switch (type) {
    case OID_FLOAT8: *out = as_double(get64(v)); return true;
    case OID_FLOAT4: *out = as_float(get32(v)); return true;
    case OID_NUMERIC: return numeric(v, len, out, &i) || isfinite(*out);
    case OID_TEXT:
        if (!str_f64((str){v, (size_t)len}, out)) *out = 0;
        return true;
    }
    bool ok = pg_to_int(type, v, len, &i);
    *out = (double)i;
    return ok;
}

bool pg_to_str(Oid type, const char *v, int len, str *out) {
    enum { OID_NAME = 19, OID_JSON = 114, OID_UNKNOWN = 705, OID_BPCHAR = 1042, OID_VARCHAR = 1043 };
    switch (type) {
    case OID_TEXT:
    case OID_BYTEA:
    case OID_NAME:
    case OID_JSON:
    case OID_UNKNOWN:
    case OID_BPCHAR:
    case OID_VARCHAR: *out = (str){v, (size_t)len}; return true;
    case OID_JSONB: *out = (str){v + 1, (size_t)len - 1}; return true; // after its version
    }
    return false;
}

Oid pg_type_of(char type) {
    switch (type) {
    case 'i': return OID_INT8;
    case 'd': return OID_FLOAT8;
    case 't': return OID_TEXT;
    case 'b': return OID_BYTEA;
    }
    return 0;
}

Oid pg_element(Oid array) {
    switch (array) {
    case OID_INT8_ARRAY: return OID_INT8;
    case OID_INT4_ARRAY: return OID_INT4;
    case OID_INT2_ARRAY: return OID_INT2;
    case OID_FLOAT8_ARRAY: return OID_FLOAT8;
    case OID_TEXT_ARRAY: return OID_TEXT;
    case OID_BYTEA_ARRAY: return OID_BYTEA;
    }
    return 0;
}

void pg_put16(buf *b, int v) {
    uint16_t x = htobe16((uint16_t)v);
    buf_bytes(b, &x, sizeof x);
}

void pg_put32(buf *b, int64_t v) {
    uint32_t x = htobe32((uint32_t)v);
    buf_bytes(b, &x, sizeof x);
}

// Length and eight bytes in one piece: most of what is sent are numbers.
static void put64(buf *b, uint64_t v) {
    struct {
        uint32_t len, high, low;
    } x = {htobe32(8), htobe32((uint32_t)(v >> 32)), htobe32((uint32_t)v)};
    buf_bytes(b, &x, sizeof x);
}

bool pg_put_double(buf *b, Oid type, double v) {
    if (type != OID_FLOAT8) return false;
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    put64(b, bits);
    return true;
}

bool pg_put_int(buf *b, Oid type, int64_t v) {
    switch (type) {
    case OID_INT8: put64(b, (uint64_t)v); return true;
    case OID_FLOAT8: return pg_put_double(b, type, (double)v);
    case OID_INT4:
        if (v < INT32_MIN || v > INT32_MAX) return false;
        pg_put32(b, 4);
        pg_put32(b, v);
        return true;
    case OID_INT2:
        if (v < INT16_MIN || v > INT16_MAX) return false;
        pg_put32(b, 2);
        pg_put16(b, (int)v);
        return true;
    }
    return false;
}

bool pg_put_text(buf *b, Oid type, str t) {
    if (type != OID_TEXT && type != OID_BYTEA) return false;
    pg_put32(b, (int64_t)t.len);
    buf_add(b, t);
    return true;
}

void pg_put_array(buf *b, Oid element, size_t n, bool nulls) {
    pg_put32(b, 1); // dimensions
    pg_put32(b, nulls);
    pg_put32(b, (int64_t)element);
    pg_put32(b, (int64_t)n);
    pg_put32(b, 1); // the first index
}
