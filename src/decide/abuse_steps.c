// Steps towards those who send back far more than others: made, signed, told, appealed against, decided, ended.
#include "decide/abuse.h"

#include "base/words.h"
#include "sql/decide_care.h"
#include "sql/know.h"

enum {
    TOLD_DAYS = 14,    // between a notice that the customer was told of and a friction
    NOTICE_DAYS = 365, // how long a notice can be followed by one
    MOST_DAYS = 366,
    MOST_WORDS = 4000,
};

typedef struct {
    const char *name;
    int days;
    bool person;
} step_row;
static const step_row steps[ABUSE_STEPS] = {
    [ABUSE_none] = {"none", 0, false},
#define ABUSE_STEP(name, id, days, person, text) [ABUSE_##name] = {#name, days, person},
#include "decide/abuse_steps.def"
};
static const struct {
    const char *name, *text;
    uint32_t bit;
} frictions[] = {
#define ABUSE_FRICTION(name, bit, text) {#name, text, 1u << bit},
#include "decide/abuse_frictions.def"
};

const char *abuse_step_name(enum abuse_step_kind k) {
    return k < ABUSE_STEPS ? steps[k].name : steps[ABUSE_none].name;
}

enum abuse_step_kind abuse_step_kind_of(str name) {
    for (enum abuse_step_kind k = 1; k < ABUSE_STEPS; k++)
        if (str_eq(name, str_c(steps[k].name))) return k;
    return ABUSE_none;
}

bool abuse_friction_of(str name, uint32_t *bit) {
    for (size_t i = 0; i < COUNT(frictions); i++)
        if (str_eq(name, str_c(frictions[i].name))) return *bit = frictions[i].bit, true;
    return false;
}

static void abuse_frictions_json(json_out *j, const char *key, uint32_t bits) {
    json_open(j, key, '[');
    for (size_t i = 0; i < COUNT(frictions); i++)
        if (bits & frictions[i].bit) json_put_str(j, NULL, str_c(frictions[i].name));
    json_close(j, ']');
}

const char *abuse_state_name(enum abuse_state s) {
    static const char *const names[] = {"proposed", "holds", "appealed", "granted", "over"};
    return names[s];
}

enum abuse_state abuse_state_of(const abuse_step *x, int64_t now_us) {
    if (x->granted) return ABUSE_GRANTED;
    if (x->ended_us || x->until_us <= now_us) return ABUSE_OVER;
    if (x->appeal_us && !x->decided_us) return ABUSE_APPEALED;
    return steps[x->step].person && !x->signed_by.len ? ABUSE_PROPOSED : ABUSE_HOLDS;
}

// ---- reading ----

static abuse_step read_step(arena *a, const row *r) {
    const int64_t kind = row_int(r, 2);
    return (abuse_step){.id = row_int(r, 0),
                        .profile_id = row_int(r, 1),
                        .step = kind > 0 && kind < ABUSE_STEPS ? (enum abuse_step_kind)kind : ABUSE_none,
                        .frictions = (uint32_t)row_int(r, 3),
                        .evidence = str_dup(a, row_str(r, 4)),
                        .words = str_dup(a, row_str(r, 5)),
                        .made_us = row_int(r, 6),
                        .by = str_dup(a, row_str(r, 7)),
                        .signed_by = str_dup(a, row_str(r, 8)),
                        .from_us = row_int(r, 9),
                        .until_us = row_int(r, 10),
                        .told_us = row_int(r, 11),
                        .ended_us = row_int(r, 12),
                        .ended_by = str_dup(a, row_str(r, 13)),
                        .ended_why = str_dup(a, row_str(r, 14)),
                        .appeal_us = row_int(r, 15),
                        .appeal_words = str_dup(a, row_str(r, 16)),
                        .decided_us = row_int(r, 17),
                        .decided_by = str_dup(a, row_str(r, 18)),
                        .decided_why = str_dup(a, row_str(r, 19)),
                        .granted = row_int(r, 20) != 0,
                        .version = row_int(r, 21),
                        .customer = row_int(r, 22)};
}

bool abuse_get(arena *a, store *s, int64_t id, abuse_step *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_abuse_step_get, e, "i", id); row_next(&r);) *out = read_step(a, &r), found = true;
    return found && err_ok(e) ? true : err_ok(e) ? fail(e, ERR_not_found, "there is no step %" PRId64, id) : false;
}

bool abuse_list(arena *a, store *s, const abuse_list_ask *ask, abuse_step **out, size_t *n, err *e) {
    const int64_t most = ask->most > 0 ? ask->most : 100;
    *out = make(a, abuse_step, most), *n = 0;
    for (row r = store_query(s, Q_abuse_step_list, e, "iiiiii", ask->before ? ask->before : INT64_MAX,
                             (int64_t)ask->now, ask->now_us, ask->customer, (int64_t)ask->appeals, most);
         row_next(&r);)
        (*out)[(*n)++] = read_step(a, &r);
    return err_ok(e);
}

static bool abuse_step_of(store *s, const int64_t *profiles, size_t n, int64_t now_us, enum abuse_step_kind *step,
                          uint32_t *bits, err *e) {
    *step = ABUSE_none;
    if (bits) *bits = 0;
    arena life = arena_open(1 << 24);
    for (size_t i = 0; i < n; i++)
        for (row r = store_query(s, Q_abuse_steps_of_profile, e, "i", profiles[i]); row_next(&r);) {
            arena a = life;
            const abuse_step x = read_step(&a, &r);
            if (abuse_state_of(&x, now_us) != ABUSE_HOLDS || x.from_us > now_us || x.step == ABUSE_restored) continue;
            *step = MAX(*step, x.step);
            if (bits) *bits |= x.frictions;
        }
    arena_close(&life);
    return err_ok(e);
}

static bool profiles_of(arena *a, store *s, int64_t customer, int64_t **out, size_t *n, err *e) {
    size_t room = 16;
    *out = make(a, int64_t, room), *n = 0;
    for (row r = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&r);) {
        if (*n == room) {
            int64_t *more = make(a, int64_t, room * 2);
            memcpy(more, *out, room * sizeof *more);
            *out = more, room *= 2;
        }
        (*out)[(*n)++] = row_int(&r, 0);
    }
    return err_ok(e);
}

bool abuse_step_of_customer(store *s, int64_t customer, int64_t now_us, enum abuse_step_kind *step, uint32_t *bits,
                            err *e) {
    arena a = arena_open(1 << 20);
    int64_t *profiles;
    size_t n;
    bool ok = profiles_of(&a, s, customer, &profiles, &n, e) && abuse_step_of(s, profiles, n, now_us, step, bits, e);
    arena_close(&a);
    return ok;
}

// ---- what must have come before ----

typedef struct {
    abuse_step *all;
    size_t n;
    str lang;
} history;

static bool read_history(arena *a, store *s, int64_t customer, history *h, err *e) {
    int64_t *profiles, any = 0;
    size_t n, room = 16;
    *h = (history){.all = make(a, abuse_step, room)};
    for (row r = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&r); any++)
        if (!h->lang.len) h->lang = str_dup(a, row_str(&r, 5));
    if (!err_ok(e)) return false;
    if (!any) return fail(e, ERR_not_found, "there is no customer %" PRId64, customer);
    if (!profiles_of(a, s, customer, &profiles, &n, e)) return false;
    for (size_t i = 0; i < n; i++)
        for (row r = store_query(s, Q_abuse_steps_of_profile, e, "i", profiles[i]); row_next(&r);) {
            if (h->n == room) {
                abuse_step *more = make(a, abuse_step, room * 2);
                memcpy(more, h->all, room * sizeof *more);
                h->all = more, room *= 2;
            }
            h->all[h->n++] = read_step(a, &r);
        }
    return err_ok(e);
}

// Who is to be treated gently at the moment gets no step at all.
static bool gentle(arena *a, store *s, int64_t customer, int64_t now_us, bool *out, err *e) {
    int64_t *profiles;
    size_t n;
    *out = false;
    if (!profiles_of(a, s, customer, &profiles, &n, e)) return false;
    for (size_t i = 0; i < n; i++)
        for (row r = store_query(s, Q_hardship_holds, e, "ii", profiles[i], now_us); row_next(&r);) *out = true;
    return err_ok(e);
}

static bool one_holds(const history *h, enum abuse_step_kind step, int64_t now_us) {
    for (size_t i = 0; i < h->n; i++) {
        const enum abuse_state s = abuse_state_of(&h->all[i], now_us);
        if (h->all[i].step == step && s != ABUSE_OVER && s != ABUSE_GRANTED) return true;
    }
    return false;
}

// A notice of the last year that the customer has had two weeks to answer, and after which nothing was put right.
static bool was_warned(const history *h, int64_t now_us) {
    int64_t told = 0, right = 0;
    for (size_t i = 0; i < h->n; i++) {
        const abuse_step *x = &h->all[i];
        if (x->step == ABUSE_notice && x->told_us && !x->granted && !(x->appeal_us && !x->decided_us))
            told = MAX(told, x->told_us);
        if (x->granted) right = MAX(right, x->decided_us);
        if (x->step == ABUSE_restored) right = MAX(right, x->made_us);
    }
    return told && told > right && told <= now_us - TOLD_DAYS * DAY_US && told > now_us - NOTICE_DAYS * DAY_US;
}

static bool may_step(const abuse_new *n, const history *h, const abuse_person *seen, int64_t now_us, err *e) {
    if (n->step != ABUSE_restored && one_holds(h, n->step, now_us))
        return fail(e, ERR_conflict, "customer %" PRId64 " is under such a step already", n->customer);
    if (n->step == ABUSE_restored)
        return one_holds(h, ABUSE_friction, now_us) ||
               fail(e, ERR_conflict, "customer %" PRId64 " is under no friction that could be taken back", n->customer);
    if (!seen || !seen->unusual)
        return fail(e, ERR_conflict,
                    "customer %" PRId64 " does not surely send back more than twice what others do; no step is fair",
                    n->customer);
    return n->step != ABUSE_friction || was_warned(h, now_us) ||
           fail(e, ERR_conflict,
                "a friction needs a notice before it, of which the customer was told at least %d days ago", TOLD_DAYS);
}

// ---- words ----

static str explain(arena *a, const abuse_new *n, const abuse_person *seen, str lang) {
    static const enum word of_friction[] = {
#define ABUSE_FRICTION(name, bit, text) WORD_mail_returns_##name,
#include "decide/abuse_frictions.def"
    };
    const abuse_person none = {0}, *x = seen ? seen : &none;
    locale l = {0};
    (void)locale_of(lang, &l);
    const word_place places[] = {{"sold", local_count(a, &l, x->sold)},
                                 {"returned", local_count(a, &l, x->returned)},
                                 {"usual", local_number(a, &l, x->expected * 100, 0)},
                                 {"until", local_day(a, &l, zone_days(NULL, n->until_us))},
                                 {0}};
    bool friction = n->step == ABUSE_friction;
    enum word first = friction                    ? WORD_mail_returns_friction
                      : n->step == ABUSE_restored ? WORD_mail_returns_restored
                                                  : WORD_mail_returns_notice;
    buf b = buf_new(a, 1 << 14);
    buf_add(&b, word_with(a, &l, first, places));
    for (size_t i = 0; friction && i < COUNT(frictions); i++)
        if (n->frictions & frictions[i].bit) buf_add(&b, word_of(&l, of_friction[i]));
    if (friction) buf_add(&b, word_with(a, &l, WORD_mail_returns_until, places));
    return buf_str(&b);
}

static str evidence_of(arena *a, const abuse_view *v, const abuse_person *seen) {
    buf b = buf_new(a, 1 << 16);
    json_out j = json_to(&b);
    if (!seen) return S("{}");
    json_open(&j, NULL, '{');
    json_put_int(&j, "window_days", v->window_days);
    json_put_int(&j, "months", v->months);
    abuse_person_json(&j, "customer", seen);
    json_close(&j, '}');
    return buf_str(&b);
}

// ---- making ----

static bool put(store *s, const abuse_step *x, err *e) {
    return store_run(s, Q_abuse_step_put, NULL, e, "iiiittittiii", x->id, x->profile_id, (int64_t)x->step,
                     (int64_t)x->frictions, x->evidence, x->words, x->made_us, x->by, x->signed_by, x->from_us,
                     x->until_us, INT64_C(0));
}

static bool save(store *s, const abuse_step *x, err *e) {
    const int64_t *told = x->told_us ? &x->told_us : NULL, *ended = x->ended_us ? &x->ended_us : NULL;
    const int64_t *appeal = x->appeal_us ? &x->appeal_us : NULL, *decided = x->decided_us ? &x->decided_us : NULL;
    return store_run(s, Q_abuse_step_change, NULL, e, "iittiiIIttItItti", x->id, (int64_t)x->frictions, x->words,
                     x->signed_by, x->from_us, x->until_us, told, ended, x->ended_by, x->ended_why, appeal,
                     x->appeal_words, decided, x->decided_by, x->decided_why, (int64_t)x->granted);
}

// A restoration ends what it takes back.
static bool end_frictions(ledger *l, arena *a, const history *h, str by, int64_t now_us, err *e) {
    for (size_t i = 0; i < h->n; i++)
        if (h->all[i].step == ABUSE_friction && abuse_state_of(&h->all[i], now_us) != ABUSE_OVER &&
            !abuse_end(l, a, h->all[i].id, by, S("restored"), e))
            return false;
    return true;
}

static bool sound(const abuse_new *n, int64_t now_us, err *e) {
    if (!n->step || n->step >= ABUSE_STEPS) return fail(e, ERR_invalid, "'step' must be notice, friction or restored");
    if (n->frictions && n->step != ABUSE_friction) return fail(e, ERR_invalid, "'frictions' belong to a friction");
    if (n->words.len > MOST_WORDS) return fail(e, ERR_invalid, "'words' are longer than %d bytes", MOST_WORDS);
    if (n->until_us && (n->until_us <= now_us || n->until_us > now_us + MOST_DAYS * DAY_US))
        return fail(e, ERR_invalid, "'until' must lie ahead, and within a year");
    return n->step != ABUSE_restored || n->person || fail(e, ERR_conflict, "only a person can restore a customer");
}

bool abuse_make(ledger *l, arena *a, const abuse_new *asked, abuse_step *out, err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    const int64_t now = w->now_us(w);
    abuse_new n = *asked;
    history h;
    abuse_view v = {0};
    bool soft;
    if (!sound(&n, now, e) || !read_history(a, s, n.customer, &h, e) || !gentle(a, s, n.customer, now, &soft, e))
        return false;
    if (soft && n.step != ABUSE_restored)
        return fail(e, ERR_conflict, "customer %" PRId64 " is to be treated gently at the moment; ask a manager",
                    n.customer);
    const abuse_ask ask = {.now_us = now, .customer = n.customer};
    if (n.step != ABUSE_restored && !abuse_read(a, s, &ask, &v, e)) return false;
    const abuse_person *seen = NULL;
    for (size_t i = 0; i < v.n_people; i++)
        if (v.people[i].customer == n.customer) seen = &v.people[i];
    if (!may_step(&n, &h, seen, now, e)) return false;
    if (n.step == ABUSE_friction && !n.frictions) n.frictions = FRICTION_return_fee;
    if (!n.until_us) n.until_us = now + steps[n.step].days * DAY_US;
    *out = (abuse_step){.profile_id = n.customer, .customer = n.customer, .step = n.step, .frictions = n.frictions};
    out->made_us = out->from_us = now, out->until_us = n.until_us, out->by = n.by, out->version = 1;
    out->signed_by = n.person ? n.by : S("");
    out->evidence = evidence_of(a, &v, seen);
    out->words = n.words.len ? n.words : explain(a, &n, seen, h.lang);
    if (n.step == ABUSE_restored && !end_frictions(l, a, &h, n.by, now, e)) return false;
    return ledger_id(l, &out->id, e) && put(s, out, e);
}

// ---- what becomes of one ----

typedef struct {
    store *s;
    int64_t now_us;
    abuse_step x;
    enum abuse_state state;
} at_hand;

static bool take(ledger *l, arena *a, int64_t id, at_hand *k, err *e) {
    const world *w = ledger_world(l);
    k->s = ledger_store(l), k->now_us = w->now_us(w);
    if (!abuse_get(a, k->s, id, &k->x, e)) return false;
    k->state = abuse_state_of(&k->x, k->now_us);
    return true;
}

static bool refuse(const at_hand *k, const char *remedy, err *e) {
    return fail(e, ERR_conflict, "step %" PRId64 " is %s; %s", k->x.id, abuse_state_name(k->state), remedy);
}

bool abuse_sign(ledger *l, arena *a, int64_t id, str by, err *e) {
    at_hand k = {0};
    if (!take(l, a, id, &k, e)) return false;
    if (k.state != ABUSE_PROPOSED) return refuse(&k, "only a proposed one is signed", e);
    k.x.signed_by = by, k.x.until_us += k.now_us - k.x.from_us, k.x.from_us = k.now_us;
    return save(k.s, &k.x, e);
}

bool abuse_tell(ledger *l, arena *a, int64_t id, err *e) {
    at_hand k = {0};
    if (!take(l, a, id, &k, e)) return false;
    if (k.state != ABUSE_HOLDS) return refuse(&k, "tell the customer of one that holds", e);
    if (!k.x.told_us) k.x.told_us = k.now_us;
    return save(k.s, &k.x, e);
}

bool abuse_end(ledger *l, arena *a, int64_t id, str by, str why, err *e) {
    at_hand k = {0};
    if (!take(l, a, id, &k, e)) return false;
    if (k.state == ABUSE_OVER || k.state == ABUSE_GRANTED) return refuse(&k, "there is nothing to end", e);
    k.x.ended_us = k.now_us, k.x.ended_by = by, k.x.ended_why = why;
    return save(k.s, &k.x, e);
}

bool abuse_appeal(ledger *l, arena *a, int64_t id, str words, err *e) {
    at_hand k = {0};
    if (!take(l, a, id, &k, e)) return false;
    if (k.x.appeal_us) return refuse(&k, "an appeal was made already", e);
    if (k.state != ABUSE_HOLDS) return refuse(&k, "an appeal is made against one that holds", e);
    if (words.len > MOST_WORDS) return fail(e, ERR_invalid, "'words' are longer than %d bytes", MOST_WORDS);
    k.x.appeal_us = k.now_us, k.x.appeal_words = words;
    return save(k.s, &k.x, e);
}

bool abuse_decide(ledger *l, arena *a, int64_t id, bool granted, str by, str why, err *e) {
    at_hand k = {0};
    if (!take(l, a, id, &k, e)) return false;
    if (!k.x.appeal_us || k.x.decided_us) return refuse(&k, "no appeal waits for a decision", e);
    if (!str_trim(why).len) return fail(e, ERR_invalid, "'why' is empty; the customer deserves the reason");
    if (k.x.signed_by.len && str_eq(by, k.x.signed_by) && !granted)
        return fail(e, ERR_conflict,
                    "who signed a step does not turn down the appeal against it; let somebody else decide");
    k.x.decided_us = k.now_us, k.x.decided_by = by, k.x.decided_why = why, k.x.granted = granted;
    return save(k.s, &k.x, e);
}

void abuse_step_json(json_out *j, const char *key, const abuse_step *x, int64_t now_us) {
    json_open(j, key, '{');
    json_put_int(j, "id", x->id);
    json_put_int(j, "customer", x->customer ? x->customer : x->profile_id);
    json_put_str(j, "step", str_c(abuse_step_name(x->step)));
    json_put_str(j, "state", str_c(abuse_state_name(abuse_state_of(x, now_us))));
    abuse_frictions_json(j, "frictions", x->frictions);
    json_put_str(j, "words", x->words);
    json_put_raw(j, "evidence", x->evidence.len ? x->evidence : S("{}"));
    json_put_time(j, "made", x->made_us);
    json_put_str(j, "by", x->by);
    json_put_str(j, "signed_by", x->signed_by);
    json_put_time(j, "from", x->from_us);
    json_put_time(j, "until", x->until_us);
    json_put_time(j, "told", x->told_us);
    json_put_time(j, "ended", x->ended_us);
    json_put_str(j, "ended_why", x->ended_why);
    json_put_time(j, "appeal", x->appeal_us);
    json_put_str(j, "appeal_words", x->appeal_words);
    json_put_time(j, "decided", x->decided_us);
    json_put_str(j, "decided_by", x->decided_by);
    json_put_str(j, "decided_why", x->decided_why);
    json_put_bool(j, "granted", x->granted);
    json_put_int(j, "version", x->version);
    json_close(j, '}');
}
