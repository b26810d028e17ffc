// identity: how well profiles are joined into customers: who is made of suspiciously many, what was not joined although
// it shares an identifier, which identifiers identify nobody, and what other rules would change.
#ifndef HEED_IDENTITY_H
#define HEED_IDENTITY_H

#include "know/rebuild.h"
#include "know/rules.h"

typedef struct {
    int64_t customer, profiles;
    str name;                    // or what they are known by
    int64_t identifiers, shared; // different ones; and of them those that more than one of its profiles has
} identity_crowd;

typedef struct {
    enum ident_kind kind;
    int64_t profiles; // that shared it when it was found out
    str value;        // empty when no profile holds it any more
} identity_demoted;

typedef struct {
    int64_t a, b;                   // profiles
    int64_t customer_a, customer_b; // whose they are
    enum ident_kind kind;
    str value; // what they share
    str name_a, name_b;
} identity_veto;

typedef struct {
    int64_t profiles, customers, joined; // joined: customers of more than one profile
    int64_t by[8];                       // links by enum link_state (know/group.h)
    identity_crowd *crowds;              // above the rules' `crowd`, the largest first
    size_t n_crowds;
    int64_t all_crowds;
    identity_demoted *demoted; // the most shared first
    size_t n_demoted;
    int64_t all_demoted;
    identity_veto *vetoes; // share an identifier and were kept apart
    size_t n_vetoes;
} identity_state;

// At most `most` of each list.
must_use bool identity_look(arena *a, store *s, size_t most, identity_state *out, err *e);
void identity_state_json(json_out *j, const char *key, const identity_state *x); // one object
must_use bool identity_crowds(store *s, int32_t above, int64_t *n, err *e);

// A customer that would fall apart, or would be joined out of several.
typedef struct {
    int64_t customer; // the number it has now, or the smallest of those it is joined of
    int64_t profiles, parts;
    bool torn; // falls apart; else is joined
    str name;
} identity_change;

typedef struct {
    int64_t profiles, now, then; // customers
    int64_t torn, joined;        // that would fall apart; that would be joined out of several
    int64_t moved;               // profiles whose customer would be another
    int64_t demoted_now, demoted_then;
    int64_t largest_now, largest_then; // profiles of the largest customer
    int64_t crowds_then;
    identity_change *changes; // the largest first
    size_t n_changes;
} identity_effect;

// What these rules would make of all that ever happened: everything is decided again from the events, and nothing is
// written. Takes as long as the reading of a verify.
must_use bool identity_try(arena *a, store *s, const identity_rules *r, size_t most, rebuild_progress p, void *ctx,
                           identity_effect *out, err *e);

void identity_effect_json(json_out *j, const identity_effect *x); // members of an open object

#endif
