#include "know/erase.h"

#include "know/commitment.h"
#include "know/feedback.h"
#include "know/inbox.h"
#include "know/judged.h"
#include "know/kept.h"
#include "know/likeness.h"
#include "know/lists.h"
#include "know/mood_own.h"
#include "know/referral.h"
#include "know/reward.h"
#include "know/settings.h"
#include "know/stage.h"
#include "know/themes.h"
#include "know/topic.h"
#include "ledger/ident.h"
#include "sql/act_gate.h"
#include "sql/act_outbox.h"
#include "sql/act_playbook.h"
#include "sql/decide_care.h"
#include "sql/decide_redline.h"
#include "sql/know.h"
#include "sql/know_privacy.h"
#include "sql/know_value.h"
#include "sql/serve_hooks.h"
#include "sql/widget.h"

enum { SHORT_ID = 6 };

typedef struct {
    enum ident_kind kind;
    str value;
    int64_t hash;
    bool is_key;
} held;

typedef struct {
    knowing *k;
    store *s;
    const erase_ask *ask;
    arena a;
    int64_t *profiles;
    size_t n_profiles, room_profiles;
    held *ids;
    size_t n_ids;
    bool scored; // moods may have been learned from what they said
    map64 words; // hashes of what they said, as topics may hold it
    erased *out;
} erasing;

// ---- who it is ----

static bool read_profiles(erasing *x, err *e) {
    for (row r = store_query(x->s, Q_profile_of_customer, e, "i", x->ask->customer); row_next(&r);)
        list_push(&x->a, &x->profiles, &x->n_profiles, &x->room_profiles, row_int(&r, 0));
    if (err_ok(e) && !x->n_profiles) return fail(e, ERR_not_found, "there is no customer %" PRId64, x->ask->customer);
    return err_ok(e);
}

static bool read_identifiers(erasing *x, err *e) {
    size_t room = 64;
    x->ids = make(&x->a, held, room);
    for (size_t i = 0; i < x->n_profiles; i++)
        for (row r = store_query(x->s, Q_identifier_of_profile, e, "i", x->profiles[i]); row_next(&r);) {
            if (x->n_ids == room) {
                held *more = make(&x->a, held, room * 2);
                memcpy(more, x->ids, room * sizeof *more);
                x->ids = more, room *= 2;
            }
            str value = str_dup(&x->a, row_str(&r, 1));
            x->ids[x->n_ids++] = (held){(enum ident_kind)row_int(&r, 0), value, row_int(&r, 4), row_int(&r, 2) != 0};
        }
    x->out->identifiers = (int64_t)x->n_ids;
    return err_ok(e);
}

// ---- what they left ----

// A weak identifier (a name) is kept out only where it named the profile: others may bear the same.
static bool suppress(erasing *x, err *e) {
    const world *w = ledger_world(know_ledger(x->k));
    int64_t now = w->now_us(w), shared = 0;
    for (size_t i = 0; i < x->n_ids; i++) {
        const held *h = &x->ids[i];
        if (!store_int(x->s, Q_demoted_has, &shared, 0, e, "i", h->hash)) return false;
        x->out->rebuild |= shared > 0;
        if (shared || (ident_strength(h->kind) == STRENGTH_WEAK && !h->is_key)) continue;
        if (!suppress_put(x->s, w, h->kind, h->value, x->ask->mode, now, x->ask->request_id, e)) return false;
    }
    return true;
}

static bool unsay(void *ctx, const record *r, err *e) {
    erasing *x = ctx;
    said what;
    arena a = arena_open((size_t)1 << 32);
    if (said_of(&a, r, &what) && what.text.len) map64_put(&x->words, topic_phrase_hash(what.text), 1);
    x->scored |= what.has_score;
    arena_close(&a);
    x->out->events++;
    return feedback_remove(x->s, r, e);
}

static bool erase_profile(erasing *x, int64_t profile, const int32_t *months, size_t n_months, err *e) {
    static const enum query of_profile[] = {Q_erase_past,
                                            Q_erase_identifiers,
                                            Q_erase_profile,
                                            Q_erase_consent,
                                            Q_conversation_delete_profile,
                                            Q_gate_erase,
                                            Q_gate_address_erase,
                                            Q_gate_pause_drop,
                                            Q_asked_erase,
                                            Q_outbox_erase_tries,
                                            Q_outbox_erase_bounces,
                                            Q_outbox_erase,
                                            Q_hardship_part_erase,
                                            Q_hardship_plan_erase,
                                            Q_hardship_erase,
                                            Q_abuse_erase,
                                            Q_playbook_notes_erase,
                                            Q_playbook_runs_erase,
                                            Q_erase_approvals,
                                            Q_erase_concessions,
                                            Q_erase_concession_lines,
                                            Q_erase_redline_person};
    if (!ledger_profile_events(x->s, profile, unsay, x, e)) return false;
    for (size_t i = 0; i < n_months; i++)
        if (!store_run(x->s, Q_erased_key_of, NULL, e, "ii", (int64_t)months[i], profile) ||
            !store_run(x->s, Q_erase_events, NULL, e, "ii", (int64_t)months[i], profile))
            return false;
    for (size_t i = 0; i < COUNT(of_profile); i++)
        if (!store_run(x->s, of_profile[i], NULL, e, "i", profile)) return false;
    int64_t told = 0; // to others, who may have been told without any identifier
    bool ok = store_run(x->s, Q_try_drop_of, NULL, e, "i", profile) &&
              store_run(x->s, Q_delivery_drop_of, &told, e, "i", profile) &&
              store_run(x->s, Q_erase_links, NULL, e, "i", profile) && commitment_erase(x->s, profile, e) &&
              inbox_erase(x->s, profile, e) && likeness_erase(x->s, profile, e) && themes_erase(x->s, profile, e) &&
              topic_erase(x->s, profile, e) && meaning_erase(x->s, profile, e) && reward_erase(x->s, profile, e) &&
              referral_erase(x->s, profile, e) && judged_erase(x->s, profile, e);
    x->out->messages += told;
    return ok;
}

static bool erase_profiles(erasing *x, err *e) {
    int32_t *months;
    size_t n;
    if (!ledger_periods(x->s, &x->a, &months, &n, e)) return false;
    for (size_t i = 0; i < x->n_profiles; i++)
        if (!erase_profile(x, x->profiles[i], months, n, e)) return false;
    for (size_t i = 0; i < x->n_ids; i++) // others may have told that this person recommended us
        if (!referral_unname(x->s, x->ids[i].hash, e)) return false;
    x->out->profiles = (int64_t)x->n_profiles;
    if (x->scored && !mood_own_forget(x->s, e)) return false;
    if (!topic_unsay(x->s, &x->words, e)) return false;
    return store_run(x->s, Q_summary_delete, NULL, e, "i", x->ask->customer) &&
           stage_erase(x->s, x->ask->customer, e) && store_run(x->s, Q_erase_value, NULL, e, "i", x->ask->customer);
}

// ---- copies of what came in or went out ----

static bool word_char(char c) {
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || (unsigned char)c >= 0x80;
}

static bool same_ci(const char *x, str value) {
    for (size_t i = 0; i < value.len; i++) {
        char c = x[i], d = value.s[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c + 32);
        if (d >= 'A' && d <= 'Z') d = (char)(d + 32);
        if (c != d) return false;
    }
    return true;
}

// A phone is written with blanks and dashes, or without its country.
static bool mentions_phone(str text, str phone) {
    char digits[32], want[32];
    size_t n_want = 0, n = 0;
    for (size_t i = 0; i < phone.len && n_want < sizeof want; i++)
        if (phone.s[i] >= '0' && phone.s[i] <= '9') want[n_want++] = phone.s[i];
    if (n_want < 7) return false;
    size_t last = MIN(n_want, (size_t)9); // the digits at the end say who it is, however it is dialled
    for (size_t i = 0; i < text.len; i++) {
        char c = text.s[i];
        if (c >= '0' && c <= '9') {
            if (n == sizeof digits) memmove(digits, digits + 1, --n);
            digits[n++] = c;
            if (n >= last && !memcmp(digits + n - last, want + n_want - last, last)) return true;
        } else if (!memchr(" -/().+", c, 7))
            n = 0;
    }
    return false;
}

bool erase_mentions(str text, enum ident_kind kind, str value) {
    if (!value.len || text.len < value.len) return false;
    if (kind == IDENT_phone) return mentions_phone(text, value);
    for (size_t i = 0; i + value.len <= text.len; i++) {
        if (!same_ci(text.s + i, value)) continue;
        bool before = i && word_char(text.s[i - 1]) && word_char(value.s[0]);
        bool after = i + value.len < text.len && word_char(text.s[i + value.len]) && word_char(value.s[value.len - 1]);
        if (!before && !after) return true;
    }
    return false;
}

// Short numbers stand in many payloads by chance: they are reason enough to drop a copy that was read already, but not
// one that still waits to be read.
static bool mentions(const erasing *x, str text, bool read_already) {
    for (size_t i = 0; i < x->n_ids; i++) {
        const held *h = &x->ids[i];
        bool telling = h->value.len >= SHORT_ID || h->kind == IDENT_email || h->kind == IDENT_phone;
        if ((telling || (read_already && h->is_key)) && erase_mentions(text, h->kind, h->value)) return true;
    }
    return false;
}

typedef struct {
    enum query scan, drop, drop_more; // drop_more: Q_none or what hangs on it
    int read_state;                   // the state of a row that was read; -1: all are copies
    int64_t *count;
} copies;

static bool drop_copies(erasing *x, const copies *c, err *e) {
    for (int64_t after = 0, n = 1; n && err_ok(e);) {
        arena a = x->a;
        int64_t *drop = NULL;
        size_t n_drop = 0, room = 0;
        n = 0;
        for (row r = store_query(x->s, c->scan, e, "i", after); row_next(&r); n++) {
            after = row_int(&r, 0);
            bool read_already = c->read_state < 0 || row_int(&r, 1) == c->read_state;
            if (mentions(x, row_str(&r, 2), read_already)) list_push(&a, &drop, &n_drop, &room, after);
        }
        for (size_t i = 0; err_ok(e) && i < n_drop; i++) {
            if (!store_run(x->s, c->drop, NULL, e, "i", drop[i])) return false;
            if (c->drop_more && !store_run(x->s, c->drop_more, NULL, e, "i", drop[i])) return false;
            ++*c->count;
        }
    }
    return err_ok(e);
}

static bool drop_all_copies(erasing *x, err *e) {
    const copies all[] = {
        {Q_erase_scan_raw, Q_erase_raw, Q_none, 1, &x->out->raw},
        {Q_erase_scan_quarantine, Q_erase_quarantine, Q_none, 1, &x->out->quarantine},
        {Q_erase_scan_delivery, Q_erase_delivery, Q_erase_delivery_try, -1, &x->out->messages},
    };
    for (size_t i = 0; i < COUNT(all); i++)
        if (!drop_copies(x, &all[i], e)) return false;
    return true;
}

static bool erase(erasing *x, err *e) {
    if (!read_profiles(x, e) || !read_identifiers(x, e) || !store_begin(x->s, e)) return false;
    bool ok = suppress(x, e) && erase_profiles(x, e) && drop_all_copies(x, e) && kept_void(x->s, e) &&
              (!x->out->rebuild || settings_put(x->s, "rebuild", S("due"), e)) && ledger_commit(know_ledger(x->k), e);
    if (!ok) store_rollback(x->s);
    return ok;
}

bool know_erase(knowing *k, const erase_ask *ask, erased *out, err *e) {
    ledger *l = know_ledger(k);
    *out = (erased){0};
    erasing x = {.k = k, .s = ledger_store(l), .ask = ask, .a = arena_open((size_t)1 << 32), .out = out};
    x.words = map64_new(&x.a, 64);
    bool ok = ledger_flush(l, e) && store_wipe(x.s, true, e) && erase(&x, e);
    err quiet = {0};
    bool wiped = store_wipe(x.s, false, ok ? e : &quiet), gone = know_people_gone(k, ok ? e : &quiet);
    arena_close(&x.a);
    return ok && wiped && gone;
}

bool erase_find(arena *a, store *s, enum ident_kind kind, str value, int64_t **customers, size_t *n, err *e) {
    size_t room = 0;
    *customers = NULL, *n = 0;
    for (row r = store_query(s, Q_identifier_find, e, "i", (int64_t)ident_hash(kind, value)); row_next(&r);) {
        int64_t customer = row_int(&r, 1);
        bool known = false;
        for (size_t i = 0; i < *n; i++) known |= (*customers)[i] == customer;
        if (!known) list_push(a, customers, n, &room, customer);
    }
    return err_ok(e);
}
