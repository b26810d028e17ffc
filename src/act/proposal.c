#include "act/proposal.h"

#include "sql/act_promise.h"
#include "stats/proportion.h"

enum { COUNT_DAYS = 90 };

const char *proposal_what_name(enum proposal_what w) {
    return w == PROPOSAL_reopen ? "reopen" : "promise";
}

static const char *const states[] = {"open", "accepted", "dismissed"};

const char *proposal_state_name(enum proposal_state s) {
    return states[s];
}

bool proposal_state_of(str name, enum proposal_state *out) {
    for (size_t i = 0; i < COUNT(states); i++)
        if (str_eq(name, str_c(states[i]))) return *out = (enum proposal_state)i, true;
    return false;
}

static proposal read_row(arena *a, const row *r) {
    return (proposal){.id = row_int(r, 0),
                      .key = row_int(r, 1),
                      .profile_id = row_int(r, 2),
                      .at_us = row_int(r, 3),
                      .what = (enum proposal_what)row_int(r, 4),
                      .kind = (enum commitment_kind)row_int(r, 5),
                      .due_us = row_int(r, 6),
                      .thread = row_int(r, 7),
                      .words = str_dup(a, row_str(r, 8)),
                      .due_words = str_dup(a, row_str(r, 9)),
                      .why = str_dup(a, row_str(r, 10)),
                      .staff = str_dup(a, row_str(r, 11)),
                      .conditional = row_int(r, 12) != 0,
                      .sure = (int32_t)row_int(r, 13),
                      .commitment_id = row_int(r, 14),
                      .state = (enum proposal_state)row_int(r, 15),
                      .decided_us = row_int(r, 16),
                      .by = str_dup(a, row_str(r, 17)),
                      .customer = row_int(r, 18)};
}

bool proposal_list(arena *a, store *s, const proposal_ask *ask, proposal **out, size_t *n, err *e) {
    bool first = !ask->after_id;
    *out = make(a, proposal, ask->most + 1), *n = 0;
    row r = store_query(s, Q_proposal_list, e, "iiiiii", (int64_t)ask->state, first ? INT64_MAX : ask->after_us,
                        first ? INT64_MAX : ask->after_id, ask->customer, (int64_t)ask->kind, ask->most);
    while (row_next(&r)) (*out)[(*n)++] = read_row(a, &r);
    return err_ok(e);
}

bool proposal_get(arena *a, store *s, int64_t id, proposal *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_proposal_get, e, "i", id); row_next(&r);) *out = read_row(a, &r), found = true;
    return found || (err_ok(e) ? fail(e, ERR_not_found, "there is no proposal %" PRId64, id) : false);
}

bool proposal_of(arena *a, store *s, int64_t commitment_id, proposal *out, bool *found, err *e) {
    *found = false;
    for (row r = store_query(s, Q_proposal_of_commitment, e, "i", commitment_id); row_next(&r);)
        *out = read_row(a, &r), *found = true;
    return err_ok(e);
}

// ---- deciding ----

static bool open_one(arena *a, store *s, int64_t id, proposal *p, err *e) {
    if (!proposal_get(a, s, id, p, e)) return false;
    return p->state == PROPOSAL_OPEN ||
           fail(e, ERR_conflict, "proposal %" PRId64 " is %s already", id, proposal_state_name(p->state));
}

static bool decide(ledger *l, const proposal *p, enum proposal_state state, int64_t commitment_id, str by, err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    if (!store_begin(s, e)) return false;
    bool ok =
        store_run(s, Q_proposal_decide, NULL, e, "iiiit", p->id, (int64_t)state, commitment_id, w->now_us(w), by) &&
        ledger_commit(l, e);
    if (!ok) store_rollback(s);
    return ok;
}

static bool is_closed(arena *a, store *s, int64_t id, err *e) {
    commitment c = {0};
    return commitment_get(a, s, id, &c, e) && commitment_closed(&c);
}

bool proposal_accept(ledger *l, arena *a, int64_t id, int64_t due_us, str by, int64_t *commitment_id, err *e) {
    store *s = ledger_store(l);
    proposal p;
    if (!open_one(a, s, id, &p, e)) return false;
    commitment_note n = {.by = by, .words = p.words, .once = str_fmt(a, "proposal:%" PRId64, p.id)};
    if (p.what == PROPOSAL_reopen) {
        n.what = KIND_commitment_reopened, n.id = p.commitment_id, n.at_us = p.at_us;
    } else {
        n.what = KIND_commitment_made, n.kind = p.kind, n.customer = p.customer, n.at_us = p.at_us;
        n.owner = p.staff, n.about = p.thread, n.said_in = p.key, n.due_us = due_us ? due_us : p.due_us;
        if (!n.due_us && !commitment_due_for(a, s, p.customer, p.kind, p.at_us, &n.due_us, e)) return false;
        if (n.due_us < n.at_us) return fail(e, ERR_invalid, "the date is before it was said");
    }
    *commitment_id = n.id;
    bool done = p.what == PROPOSAL_reopen && !is_closed(a, s, n.id, e); // by the try that a crash cut off, or by others
    if (!err_ok(e) || (!done && !commitment_write(l, a, &n, e))) return false;
    *commitment_id = n.id;
    return decide(l, &p, PROPOSAL_ACCEPTED, n.id, by, e);
}

bool proposal_dismiss(ledger *l, arena *a, int64_t id, str by, err *e) {
    proposal p;
    return open_one(a, ledger_store(l), id, &p, e) && decide(l, &p, PROPOSAL_DISMISSED, p.commitment_id, by, e);
}

bool proposal_count(arena *a, store *s, int64_t now_us, proposal_counts *out, err *e) {
    *out = (proposal_counts){0};
    for (row r = store_query(s, Q_proposal_counts, e, "i", now_us - COUNT_DAYS * DAY_US); row_next(&r);) {
        int64_t n = row_int(&r, 3);
        if (row_int(&r, 2) == PROPOSAL_OPEN) out->open += n;
        if (row_int(&r, 2) == PROPOSAL_ACCEPTED) out->accepted += n;
        if (row_int(&r, 2) == PROPOSAL_DISMISSED) out->dismissed += n;
    }
    out->share = proportion(a, out->accepted, out->accepted + out->dismissed, (sampling){.of = "proposal"});
    return err_ok(e);
}
