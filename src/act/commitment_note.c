#include "act/commitment_note.h"

#include "decide/redline.h"
#include "know/agreement.h"
#include "know/told.h"
#include "sql/act.h"

bool commitment_due_for(arena *a, store *s, int64_t customer, enum commitment_kind k, int64_t from_us, int64_t *due_us,
                        err *e) {
    const commitment_row *of = commitment_kind_row(k);
    agreements *all;
    const agreement_terms *t;
    if (!agreements_read(a, s, &all, e) || !agreement_of_customer(a, s, all, customer, from_us, &t, e)) return false;
    int64_t open_us = t->minutes[k] ? t->minutes[k] * 60 * SECOND_US : of->hours * HOUR_US;
    *due_us = from_us + open_us;
    if (of->clock == CLOCK_ALWAYS) return true;
    *due_us = business_add(&t->cal, from_us, open_us);
    if (*due_us != INT64_MAX) return true;
    return fail(e, ERR_conflict, "the agreement \"%.*s\" has no open hours left; name a date",
                t->row ? (int)MIN(t->row->name.len, 60) : 0, t->row ? t->row->name.s : "");
}

bool commitment_due_by(arena *a, store *s, enum commitment_kind k, int64_t from_us, int64_t *due_us, err *e) {
    return commitment_due_for(a, s, 0, k, from_us, due_us, e);
}

bool commitment_allowed(arena *a, store *s, const commitment_note *n, str role, int64_t now_us, err *e) {
    redline_answer x;
    if (commitment_is_theirs(n->kind)) return true;
    if (!redline_promise(a, s, n->kind, n->customer, n->due_us, role, now_us, &x, e)) return false;
    if (x.verdict == REDLINE_ALLOWED) return true;
    str line = x.n_asked ? x.asked[0].line.name : S("a red line"), sum = x.n_asked ? x.asked[0].sum : S("");
    str other = x.n_instead ? str_fmt(a, "; instead: %.*s", STR_ARG(x.instead[0].what)) : S("");
    return fail(e, ERR_conflict, "the red line \"%.*s\" forbids it: %.*s%.*s", (int)MIN(line.len, 60), line.s,
                (int)MIN(sum.len, 160), sum.s, (int)MIN(other.len, 120), other.s);
}

// What is over cannot be moved or end once more: it has to be opened again first.
static bool may(arena *a, store *s, commitment_note *n, bool is_now, err *e) {
    commitment c;
    if (!commitment_get(a, s, n->id, &c, e))
        return err_ok(e) ? fail(e, ERR_not_found, "there is no commitment %" PRId64, n->id) : false;
    bool closed = commitment_closed(&c), reopen = n->what == KIND_commitment_reopened;
    bool always = reopen || n->what == KIND_commitment_void || n->what == KIND_commitment_apologised ||
                  (n->what == KIND_commitment_confirmed && !c.withdrawn_us && !c.void_us);
    if (closed && !always)
        return fail(e, ERR_conflict, "commitment %" PRId64 " is %s already; open it again first", n->id,
                    commitment_status_name(commitment_status(&c, n->at_us)));
    if (!closed && reopen) return fail(e, ERR_conflict, "commitment %" PRId64 " is open", n->id);
    n->kind = c.kind;
    commitment_step *steps;
    size_t n_steps;
    if (!commitment_steps(a, s, n->id, &steps, &n_steps, e)) return false;
    // What is said now comes after what was said before, however coarse the clock.
    if (is_now && n_steps) n->at_us = MAX(n->at_us, steps[n_steps - 1].at_us + 1);
    for (row r = store_query(s, Q_commitment_show, e, "i", n->id); row_next(&r);) n->customer = row_int(&r, 25);
    return err_ok(e);
}

static str extra_of(arena *a, const commitment_note *n) {
    buf b = buf_new(a, 1 << 14);
    buf_add(&b, S("\"by\":"));
    buf_json_str(&b, n->by);
    if (n->team.len) buf_add(&b, S(",\"team\":")), buf_json_str(&b, n->team);
    if (n->about) buf_fmt(&b, ",\"about\":\"%016" PRIx64 "\"", (uint64_t)n->about);
    if (n->said_in) buf_fmt(&b, ",\"said_in\":\"%016" PRIx64 "\"", (uint64_t)n->said_in);
    if (n->id) buf_fmt(&b, ",\"commitment\":%" PRId64, n->id);
    return buf_str(&b);
}

bool commitment_write(ledger *l, arena *a, commitment_note *n, err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    int64_t source, import;
    tally t;
    bool is_now = !n->at_us;
    if (is_now) n->at_us = w->now_us(w);
    event ev = {.kind = n->what, .channel = CHANNEL_staff, .mood = MOOD_UNKNOWN};
    bool fresh = n->what == KIND_commitment_made;
    if (!fresh && !may(a, s, n, is_now, e)) return false;
    // What is said later names its commitment, and need not name the customer.
    err quiet = {0};
    if (n->customer && !told_named(a, s, n->customer, &ev.ids[0], fresh ? e : &quiet)) {
        if (fresh || quiet.code != ERR_conflict) return err_ok(e) && !fresh ? (*e = quiet, false) : false;
        ev.ids[0] = (ident){0};
    }
    if (!told_place(l, S("promises"), n->customer, &source, &import, e)) return false;
    ev.n_ids = ev.ids[0].kind != IDENT_none, ev.at_us = n->at_us;
    ev.text = n->words, ev.staff = n->owner, ev.value = n->due_us, ev.has_value = n->due_us != 0;
    ev.topic = fresh ? str_c(commitment_kind_row(n->kind)->name) : S("");
    ev.extra = extra_of(a, n);
    uint64_t mark = str_hash2(str_hash2(str_hash2((uint64_t)n->id, ev.ids[0].value), n->words), ev.extra);
    ev.ext =
        str_fmt(a, "%.*s:%" PRId64 ":%" PRId64 ":%016" PRIx64, STR_ARG(kind_name(n->what)), n->at_us, n->due_us, mark);
    if (n->once.len) ev.ext = n->once;
    if (fresh) ev.thread = ev.ext;
    intake in = {.events = &ev, .row_of = &(int32_t){0}, .n = 1, .rows = 1};
    if (!ledger_write(l, import, &in, &t, e)) return false;
    record key = {.has_thread = true, .thread = (int64_t)event_key(source, ev.ext)};
    if (fresh) n->id = commitment_id(&key);
    return true;
}

static bool say(ledger *l, arena *a, enum kind what, int64_t id, str words, str by, err *e) {
    return commitment_write(l, a, &(commitment_note){.what = what, .id = id, .words = words, .by = by}, e);
}

bool commitment_confirm(ledger *l, arena *a, int64_t id, bool solved, str words, str by, err *e) {
    return say(l, a, solved ? KIND_commitment_confirmed : KIND_commitment_reopened, id, words, by, e);
}
