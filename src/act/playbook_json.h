// playbook_json: playbooks, runs, tries and templates as commands and the API show them.
#ifndef HEED_PLAYBOOK_JSON_H
#define HEED_PLAYBOOK_JSON_H

#include "act/first_value.h"
#include "act/playbook_effect.h"
#include "act/playbook_try.h"

// How many are where in a playbook.
typedef struct {
    int64_t playbook, of[4], held, last_us; // of: by run_state, those held out apart
} playbook_count;
must_use bool playbook_counts(arena *a, store *s, playbook_count **out, size_t *n, err *e);

// A definition that cannot be read any more is shown with what is wrong with it as its words. counts may be NULL.
must_use bool playbook_json(json_out *j, const char *key, arena *a, store *s, const playbook_row *x,
                            const playbook_count *counts, err *e);
// With what was done, when notes is true.
must_use bool playbook_run_json(json_out *j, const char *key, arena *a, store *s, const playbook_run *r, bool notes,
                                err *e);
void try_past_json(json_out *j, const char *key, const try_past *x, int32_t days);
void try_personas_json(json_out *j, const char *key, const try_personas *x);
void template_json(json_out *j, const char *key, arena scratch, const template_row *t);
void first_values_json(json_out *j, const char *key, const first_values *x);

// The words of a template for a customer (0: for the persona of its language), as they would be sent.
typedef struct {
    str subject, words, lang;
} template_seen;
must_use bool template_preview(arena *a, store *s, const template_row *t, int64_t customer, str from, int64_t now_us,
                               template_seen *out, err *e);

// The definition with somebody else behind it; as it is when from is empty.
must_use bool playbook_signed(arena *a, str definition, str from, str *out, err *e);

#endif
