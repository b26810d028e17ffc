#include "serve/roles.h"

static const role_row needs[] = {
#define NEED(name, text) {#name, text, N(name)},
#include "serve/needs.def"
};

static const role_row roles[] = {
#define ROLE(name, needs, text) {#name, text, (needs) | N(signed_in)},
#include "serve/roles.def"
};

const role_row *roles_all(size_t *n) {
    *n = COUNT(roles);
    return roles;
}

const role_row *needs_all(size_t *n) {
    *n = COUNT(needs);
    return needs;
}

str needs_text(arena *a, uint64_t set) {
    buf b = buf_new(a, 4096);
    for (size_t i = 0; i < COUNT(needs); i++) {
        if (!(set & needs[i].needs)) continue;
        if (b.len) buf_add(&b, S(", "));
        buf_add(&b, str_c(needs[i].name));
    }
    return buf_str(&b);
}

void needs_json(json_out *j, const char *key, uint64_t set) {
    json_open(j, key, '[');
    for (size_t i = 0; i < COUNT(needs); i++)
        if (set & needs[i].needs) json_put_str(j, NULL, str_c(needs[i].name));
    json_close(j, ']');
}
