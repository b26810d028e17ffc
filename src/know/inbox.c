#include "know/inbox.h"

#include "base/civil.h"

enum { ID_BITS = 53 };

static const char *const steps[INBOX_STEPS] = {
#define STEP(name, id, text) [id] = #name,
#include "know/inbox_steps.def"
};
static const char *const tabs[INBOX_TABS] = {"open", "waiting", "done"};
static const char *const states[INBOX_STATES] = {"unanswered", "theirs",   "sending", "later",
                                                 "solved",     "answered", "lapsed"};
static const char *const sorts[INBOX_SORTS] = {"wait", "new", "value", "promise"};

static int named(const char *const *names, int n, str name) {
    for (int i = 0; i < n; i++)
        if (names[i] && str_eq(name, str_c(names[i]))) return i;
    return n;
}

const char *inbox_step_name(enum inbox_step_what w) {
    return w > INBOX_none && w < INBOX_STEPS ? steps[w] : "";
}

enum inbox_step_what inbox_step_of(str name) {
    int i = named(steps, INBOX_STEPS, name);
    return i < INBOX_STEPS ? (enum inbox_step_what)i : INBOX_none;
}

const char *inbox_tab_name(enum inbox_tab t) {
    return tabs[t];
}

bool inbox_tab_of(str name, enum inbox_tab *out) {
    int i = named(tabs, INBOX_TABS, name);
    if (i < INBOX_TABS) *out = (enum inbox_tab)i;
    return i < INBOX_TABS;
}

const char *inbox_state_name(enum inbox_state s) {
    return states[s];
}

bool inbox_sort_of(str name, enum inbox_sort *out) {
    int i = named(sorts, INBOX_SORTS, name);
    if (i < INBOX_SORTS) *out = (enum inbox_sort)i;
    return i < INBOX_SORTS;
}

int64_t inbox_id_of(enum inbox_what what, int64_t profile, int64_t place) {
    const int64_t v[] = {what, profile, place};
    uint64_t h = str_hash((str){(const char *)v, sizeof v}) & ((UINT64_C(1) << ID_BITS) - 1);
    return h ? (int64_t)h : 1;
}

int64_t inbox_version(const inbox_item *x) {
    const int64_t v[] = {x->last_us,  x->said_us,    x->answered_us, x->solved_us,   x->done_us,
                         x->since_us, x->replied_us, x->later_us,    x->later_at_us, x->assignee};
    uint64_t h = str_hash((str){(const char *)v, sizeof v}) & ((UINT64_C(1) << ID_BITS) - 1);
    return h ? (int64_t)h : 1;
}

// ---- where it stands ----

// For how long somebody waits. Praise and remarks that ask for nothing are old news sooner than an unhappy word.
static int64_t patience(const inbox_item *x) {
    if (x->what == INBOX_talk || x->kind == KIND_complaint || x->mood < 0) return INBOX_DAYS;
    return x->mood == 1 ? INBOX_PRAISE_DAYS : INBOX_REMARK_DAYS;
}

enum inbox_state inbox_state_now(const inbox_item *x, int64_t now_us) {
    int64_t cutoff = now_us - patience(x) * DAY_US;
    bool alone = x->what == INBOX_voice;
    if (alone ? x->done_us : x->solved_us) return INBOX_SOLVED;
    if (alone && x->answered_us >= x->said_us) return INBOX_ANSWERED;
    // What was done before the customer wrote again does not count any more.
    if (x->later_us > now_us && x->later_at_us >= x->said_us) return INBOX_LATER;
    if (x->replied_us > x->answered_us && x->replied_us >= x->said_us) return INBOX_SENDING;
    if (x->since_us) return MAX(x->since_us, x->later_us) >= cutoff ? INBOX_UNANSWERED : INBOX_LAPSED;
    return x->last_us >= cutoff ? INBOX_THEIRS : INBOX_LAPSED;
}

enum inbox_tab inbox_tab_now(const inbox_item *x, int64_t now_us) {
    switch (inbox_state_now(x, now_us)) {
    case INBOX_UNANSWERED: return INBOX_OPEN;
    case INBOX_THEIRS:
    case INBOX_SENDING:
    case INBOX_LATER: return INBOX_WAITING;
    case INBOX_SOLVED:
    case INBOX_ANSWERED:
    case INBOX_LAPSED:
    case INBOX_STATES: break;
    }
    return INBOX_DONE;
}
