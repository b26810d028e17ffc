// str: a view of bytes with a length. Not NUL-terminated, never freed, passed by value.
//
// C strings appear only at the border with libc and libraries (str_z makes one in an arena).
#ifndef HEED_STR_H
#define HEED_STR_H

#include "arena.h"
#include <stdint.h>

typedef struct {
    const char *s;
    size_t len;
} str;

#define S(lit)     ((str){(lit), sizeof(lit) - 1})
#define STR_ARG(x) (int)(x).len, (x).s // for "%.*s"

str str_c(const char *z);     // view of a C string; NULL gives an empty str
str str_dup(arena *a, str x); // a copy that lives in a
char *str_z(arena *a, str x); // a NUL-terminated copy
str str_cat(arena *a, str x, str y);
__attribute__((format(printf, 2, 3))) str str_fmt(arena *a, const char *fmt, ...);

bool str_eq(str x, str y);
bool str_eq_ci(str x, str y); // ASCII case folded
int str_cmp(str x, str y);    // bytewise, like memcmp with lengths
bool str_starts(str x, str prefix);
bool str_starts_ci(str x, str prefix);
bool str_ends(str x, str suffix);
bool str_has(str x, str needle);
bool str_has_ci(str x, str needle);
ptrdiff_t str_find(str x, char c);           // index of the first c, -1 if absent
str str_sub(str x, size_t from, size_t len); // clamped to x
str str_trim(str x);                         // without ASCII white space and NBSP at both ends
str str_cut(str *rest, char sep);            // takes the part before sep off *rest; rest->s is NULL after the last part
str str_lower(arena *a, str x);              // ASCII only; text from people goes through unicode.h

bool str_i64(str x, int64_t *v); // whole of x, decimal, optional sign; false on anything else or overflow
bool str_u64_hex(str x, uint64_t *v);
bool str_f64(str x, double *v); // C locale, finite
bool str_utf8_ok(str x);        // well-formed UTF-8, no surrogates
size_t str_utf8_1(str x);       // bytes of the sequence x begins with; 0 if it is not well-formed or x is empty
size_t str_ascii(str x);        // how many bytes x begins with are ASCII
uint64_t str_hash(str x);       // XXH3, 64 bits; stable across machines and versions (it is stored)
uint64_t str_hash2(uint64_t seed, str x);

#endif
