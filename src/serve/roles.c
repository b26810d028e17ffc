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

const char *need_name(enum need n) {
    return needs[n].name;
}

static const role_row *named(const role_row *rows, size_t n, str name) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(str_c(rows[i].name), name)) return &rows[i];
    return NULL;
}

bool role_needs(str role, uint64_t *out) {
    const role_row *r = named(roles, COUNT(roles), role);
    *out = r ? r->needs & ((UINT64_C(1) << COUNT(needs)) - 1) : 0; // everything means: everything that has a name
    return r != NULL;
}

bool needs_of(const json_t *names, uint64_t *out, err *e) {
    *out = N(signed_in);
    for (size_t i = 0; i < json_array_size(names); i++) {
        str name = json_text(json_array_get(names, i));
        const role_row *r = named(needs, COUNT(needs), name);
        if (!r)
            return fail(e, ERR_invalid, "there is no scope '%.*s'; GET /api/roles lists them", (int)MIN(name.len, 60),
                        name.s);
        *out |= r->needs;
    }
    return true;
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
    for (size_t i = NEED_nothing + 1; i < COUNT(needs); i++)
        if (set & needs[i].needs) json_put_str(j, NULL, str_c(needs[i].name));
    json_close(j, ']');
}

str role_word(const locale *l, str role) {
    static const enum word words[] = {
#define ROLE(name, needs, text) WORD_role_##name,
#include "serve/roles.def"
    };
    for (size_t i = 0; i < COUNT(roles); i++)
        if (str_eq(role, str_c(roles[i].name))) return word_of(l, words[i]);
    return role;
}
