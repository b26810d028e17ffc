#include "know/noticed.h"

#include "base/json.h"

#include "know/agreement.h"
#include "know/lists.h"
#include "know/settings.h"
#include "sql/act_promise.h"
#include "text/promise.h"
#include "text/thanks.h"

enum { DAYS = 14, MOST_BYTES = 64 << 10, MOST_FOUND = 20, WORDS_MOST = 1000, ID_BITS = 53 };

typedef struct {
    int64_t profile, thread, at_us, key;
    int32_t period;
} word_of_theirs;

struct noticing {
    arena *a, *words;
    store *s;
    int64_t since_us;
    bool asked, off; // whether the setting was read, and what it says
    agreements *agreements;
    word_of_theirs *theirs;
    size_t n, room;
};

noticing *noticing_new(arena *a, arena *words, store *s, int64_t now_us) {
    noticing *n = make(a, noticing, 1);
    *n = (noticing){.a = a, .words = words, .s = s, .since_us = now_us - DAYS * DAY_US};
    return n;
}

static bool begin(noticing *n, err *e) {
    str setting;
    if (n->asked) return true;
    n->asked = true;
    if (!settings_get(n->a, n->s, "promises_noticed", &setting, e)) return false;
    n->off = str_eq(setting, S("off"));
    return n->off || agreements_read(n->a, n->s, &n->agreements, e);
}

// ---- promises of ours ----

static enum commitment_kind kind_of_promise(enum promise_kind k) {
    enum commitment_kind same = commitment_kind_of(str_c(promise_kind_name(k)));
    return same ? same : COMMITMENT_promise;
}

static str cut(str x) {
    size_t n = MIN(x.len, (size_t)WORDS_MOST);
    while (n && n < x.len && ((unsigned char)x.s[n] & 0xC0) == 0x80) n--;
    return str_sub(x, 0, n);
}

static int64_t number_of(int64_t key, int64_t nth) {
    const int64_t v[] = {key, nth};
    uint64_t h = str_hash((str){(const char *)v, sizeof v}) & ((UINT64_C(1) << ID_BITS) - 1);
    return h ? (int64_t)h : 1;
}

static bool put(noticing *n, const record *r, int64_t nth, const promise *p, str staff, err *e) {
    return store_run(n->s, Q_proposal_put, NULL, e, "iiiiiiIIttttiii", number_of(r->key, nth), r->key, r->profile_id,
                     r->at_us, (int64_t)PROPOSAL_promise, (int64_t)kind_of_promise(p->kind),
                     p->due_us ? &p->due_us : NULL, r->has_thread ? &r->thread : NULL, cut(p->words), cut(p->due_words),
                     cut(p->why), cut(staff), (int64_t)p->conditional, (int64_t)(p->sure * 100 + 0.5), (int64_t)0);
}

static bool read_ours(noticing *n, const record *r, err *e) {
    json_t *doc = NULL;
    err quiet = {0};
    if (!r->body.len || !json_read(r->body, &doc, &quiet)) return true;
    str text = json_at(doc, "text");
    const agreement_terms *t = agreements_for(n->agreements, NULL, 0, S(""), r->at_us);
    promise_context ctx = {.when = {.said_us = r->at_us, .z = t->cal.z, .calendar = &t->cal},
                           .language = language_named(json_at(doc, "lang"))};
    arena a = *n->words;
    promise *found = make(&a, promise, MOST_FOUND);
    size_t k = promise_find(&a, str_sub(text, 0, MOST_BYTES), &ctx, found, MOST_FOUND);
    bool ok = true;
    for (size_t i = 0; ok && i < k; i++) ok = put(n, r, (int64_t)i, &found[i], json_at(doc, "staff"), e);
    json_decref(doc);
    return ok;
}

// ---- what customers write after a fix ----

static void read_theirs(noticing *n, const record *r) {
    json_t *doc = NULL;
    err quiet = {0};
    if (!r->body.len || !json_read(r->body, &doc, &quiet)) return;
    str text = json_at(doc, "text");
    bool thanks = !text.len || words_are_thanks(*n->words, text);
    json_decref(doc);
    if (thanks) return;
    if (n->n == n->room) {
        word_of_theirs *more = make(n->a, word_of_theirs, n->room = n->room ? n->room * 2 : 64);
        if (n->n) memcpy(more, n->theirs, n->n * sizeof *more);
        n->theirs = more;
    }
    n->theirs[n->n++] = (word_of_theirs){r->profile_id, r->thread, r->at_us, r->key, r->period};
}

bool noticing_take(noticing *n, const record *r, int sign, err *e) {
    if (r->kind != KIND_message_out && r->kind != KIND_message_in) return true;
    if (!r->profile_id || r->at_us < n->since_us) return true;
    if (sign < 0) return store_run(n->s, Q_proposal_drop_open, NULL, e, "i", r->key);
    if (!begin(n, e)) return false;
    if (n->off) return true;
    if (r->kind == KIND_message_out) return read_ours(n, r, e);
    if (r->has_thread) read_theirs(n, r);
    return true;
}

static bool after_fix(noticing *n, arena a, const word_of_theirs *w, err *e) {
    int64_t fix = 0;
    record r;
    json_t *doc = NULL;
    err quiet = {0};
    for (row q = store_query(n->s, Q_proposal_fix_of, e, "iii", w->profile, w->thread, w->at_us); row_next(&q);)
        fix = row_int(&q, 0);
    if (!fix || !err_ok(e) || !ledger_get(n->s, &a, w->period, w->profile, w->at_us, w->key, &r, e)) return err_ok(e);
    if (!json_read(r.body, &doc, &quiet)) return true;
    bool ok =
        store_run(n->s, Q_proposal_put, NULL, e, "iiiiiiIIttttiii", number_of(w->key, -1), w->key, w->profile, w->at_us,
                  (int64_t)PROPOSAL_reopen, (int64_t)COMMITMENT_fix, NULL, &w->thread, cut(json_at(doc, "text")), S(""),
                  S("written after it was called solved"), S(""), (int64_t)0, (int64_t)0, fix);
    json_decref(doc);
    return ok;
}

bool noticing_end(noticing *n, err *e) {
    for (size_t i = 0; i < n->n; i++)
        if (!after_fix(n, *n->words, &n->theirs[i], e)) return false;
    n->theirs = NULL, n->n = n->room = 0;
    return true;
}

bool noticed_tidy(store *s, err *e) {
    arena life = arena_open((size_t)1 << 28);
    int64_t *gone = NULL;
    size_t n = 0, room = 0;
    for (row q = store_query(s, Q_proposal_places, e, ""); row_next(&q);) {
        arena a = arena_open(1 << 24);
        record r;
        bool there =
            ledger_get(s, &a, event_period(row_int(&q, 2)), row_int(&q, 1), row_int(&q, 2), row_int(&q, 3), &r, e);
        if (!there && err_ok(e)) list_push(&life, &gone, &n, &room, row_int(&q, 0));
        arena_close(&a);
    }
    for (size_t i = 0; err_ok(e) && i < n; i++)
        if (!store_run(s, Q_proposal_drop, NULL, e, "i", gone[i])) break;
    arena_close(&life);
    return err_ok(e);
}
