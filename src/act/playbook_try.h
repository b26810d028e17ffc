// playbook_try: what a playbook would have done, without writing anything: for a few made-up customers, whose lives go
// by in a store in memory, and for the customers that there are, over the days that are past.
#ifndef HEED_PLAYBOOK_TRY_H
#define HEED_PLAYBOOK_TRY_H

#include "act/playbook.h"

// ---- the days that are past ----

enum { TRY_SHOWN = 50, TRY_ASKED = 5000, TRY_DAYS_MOST = 366 };

typedef struct {
    int64_t customer, at_us;
    bool held;
    str occasion;
    enum gate_verdict verdict; // of its first message; ALLOW when it has none
    str reason;                // of the gate
    const char *rule;
} try_case;
typedef struct {
    int64_t entered, held;      // who would have entered, and been left alone
    int64_t allow, delay, skip; // what the gate would have said of the first message; of those asked
    int64_t asked;              // at most TRY_ASKED
    struct {
        const char *rule;
        int64_t n;
    } kept_back[16]; // by which of its rules, the most first
    int n_kept_back;
    int every_days;   // a segment was looked at every so many days
    bool today_alone; // what is not remembered was asked as of today
    try_case *cases;  // the newest TRY_SHOWN
    size_t n_cases;
    const char *why; // NULL, or why nothing can be told
} try_past;
must_use bool playbook_try_past(arena *a, store *s, const playbook_row *p, const play *d, int32_t days, int64_t now_us,
                                try_past *out, err *e);

// ---- made-up customers ----

typedef struct {
    const char *name, *about;
} persona;
const persona *personas(size_t *n);

typedef struct {
    int persona;
    int64_t at_us;
    str what;           // "message", "kept_back", "task", "branch", "stopped", "held"
    str words, subject; // of a message: all of its words
} try_moment;
typedef struct {
    try_moment *of; // by time
    size_t n;
    int32_t days;
} try_personas;
// 45 days in the lives of the personas, in the language given. s: where templates and segments are read from.
must_use bool playbook_try_personas(arena *a, store *s, const playbook_row *p, str lang, int64_t now_us,
                                    try_personas *out, err *e);

#endif
