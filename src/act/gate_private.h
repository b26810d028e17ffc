// Inside of the gate: one question while it is weighed. What a rule needs is read when the first rule needs it.
#ifndef HEED_GATE_PRIVATE_H
#define HEED_GATE_PRIVATE_H

#include "act/gate_settings.h"
#include "act/preference.h"
#include "base/civil.h"
#include "know/consent.h"

enum { GATE_PROFILES = 4096, GATE_PASSED = 4096, GATE_ALL = INT32_MAX };

// Something that counts of a person's patience, sent by us or by another tool.
typedef struct {
    int64_t at_us;
    enum gate_kind kind;
    int halves;
    bool answer;  // not sent: the person answered a survey
    bool foreign; // another tool sent it
} gate_contact;

typedef struct {
    arena *a;
    store *s;
    const gate_ask *ask;
    const gate_kind_row *kind;
    enum purpose purpose;
    int64_t now_us, before_id; // what was asked of the gate from this record on is not known yet
    bool keep;                 // in the writer's transaction
    int64_t customer, *profiles;
    size_t n_profiles, room_profiles;
    str country, segment, zone, home;
    gate_limits limits;
    bool has_contacts;
    gate_contact *contacts; // by time
    size_t n_contacts, room_contacts;
    bool has_bought;
    int64_t complaints, orders, last_order_us;
    bool contract;
} weighing;

must_use bool weigh_open(weighing *w, err *e); // customer, profiles, limits
must_use bool weigh_contacts(weighing *w, err *e);
must_use bool weigh_bought(weighing *w, err *e);
must_use bool weigh_states(weighing *w, uint32_t wanted, uint32_t *states, int64_t *until_us, err *e);
// What the stage of their journey holds back (act/stage_act.h), until it ends if nothing happens; text empty: nothing.
must_use bool weigh_stage(weighing *w, str *text, int64_t *until_us, err *e);
uint64_t weigh_chance(const weighing *w, int64_t salt); // the same for the same question

typedef bool (*gate_rule_fn)(weighing *w, gate_answer *out, err *e);
#define RULE(name, text) bool rule_##name(weighing *w, gate_answer *out, err *e);
#include "act/gate_rules.def"

#endif
