// roles: what there is to be allowed (needs.def) and who may do what (roles.def), as tables.
#ifndef HEED_ROLES_H
#define HEED_ROLES_H

#include "serve/route.h"

typedef struct {
    const char *name, *text;
    uint64_t needs; // bits of enum need; of a need its own
} role_row;
const role_row *roles_all(size_t *n);
const role_row *needs_all(size_t *n);

// "a, b": the needs of a set, for messages.
str needs_text(arena *a, uint64_t needs);
void needs_json(json_out *j, const char *key, uint64_t needs); // a list of names

str role_word(const locale *l, str role); // what it is called; as it is where there is no such role

#endif
