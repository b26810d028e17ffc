// heed promise: what is owed, looked at.
#include "act/commitment_rates.h"
#include "act/proposal.h"
#include "cli/promise.h"
#include "sql/act.h"

// ---- one commitment ----

typedef struct {
    commitment x;
    int64_t customer;
} owed;

static owed read_owed(arena *a, const row *r) {
    return (owed){commitment_read(a, r), row_int(r, 25)};
}

static void put_owed(const promise_task *t, reply *r, const char *key, const owed *o, int64_t silence_us) {
    const commitment *x = &o->x;
    json_open(&r->j, key, '{');
    json_put_int(&r->j, "commitment", x->id);
    json_put_str(&r->j, "kind", str_c(commitment_kind_row(x->kind)->name));
    json_put_str(&r->j, "what", x->what);
    promise_put_id(&r->j, "customer", o->customer);
    promise_put_text(&r->j, "name", promise_name_of(t, o->customer));
    json_put_str(&r->j, "owner", x->owner);
    json_put_str(&r->j, "team", x->team);
    json_put_str(&r->j, "status", str_c(commitment_status_name(commitment_status(x, t->now_us))));
    reply_time(r, "made", x->made_us);
    reply_time(r, "due", x->due_us);
    reply_time(r, "judged", x->judged_us);
    json_put_int(&r->j, "moves", x->moves);
    reply_time(r, "kept", x->kept_us);
    promise_put_id(&r->j, "standard", x->standard_id);
    bool fix = x->kind == COMMITMENT_fix;
    promise_put_text(&r->j, "fix", fix ? str_c(fix_word_name(commitment_fix_word(x, silence_us, t->now_us))) : S(""));
    reply_time(r, "apologised", x->sorry_us);
    json_close(&r->j, '}');
}

static enum style style_of(enum commitment_status s) {
    switch (s) {
    case OWED_kept:
    case OWED_renegotiated: return STYLE_good;
    case OWED_kept_late: return STYLE_warn;
    case OWED_broken: return STYLE_bad;
    case OWED_withdrawn:
    case OWED_void: return STYLE_dim;
    case OWED_open:
    case OWED_STATUSES: break;
    }
    return STYLE_plain;
}

static str status_words(arena *a, enum commitment_status s) {
    str x = str_dup(a, str_c(commitment_status_name(s)));
    char *z = str_z(a, x);
    for (char *p = z; *p; p++)
        if (*p == '_') *p = ' ';
    return str_c(z);
}

// ---- list ----

static bool list_query(const promise_task *t, row *r, err *e) {
    const promise_opts *o = t->o;
    enum commitment_kind kind;
    enum commitment_status status = OWED_open;
    int64_t customer, before;
    if (!promise_kind_asked(o->kind, COMMITMENT_none, &kind, e) || !promise_customer_asked(o->customer, &customer, e) ||
        !promise_time(t, "due-before", o->due_before, false, &before, e))
        return false;
    if (o->status.len && !commitment_status_of(o->status, &status))
        return fail(e, ERR_usage,
                    "--status is open, kept, renegotiated, kept_late, broken, withdrawn or void, not '%.*s'",
                    (int)MIN(o->status.len, 40), o->status.s);
    *r = store_query(t->s, Q_commitment_list, e, "iiiiitiiii", INT64_MAX, INT64_MAX, t->now_us,
                     o->status.len ? (int64_t)status : INT64_C(-1), (int64_t)kind, o->owner, customer, before,
                     o->limit ? o->limit + 1 : INT64_MAX, INT64_C(0));
    return true;
}

static void add_owed(const promise_task *t, table *out, const owed *o) {
    arena *a = t->c->life;
    enum commitment_status s = commitment_status(&o->x, t->now_us);
    str who = promise_name_of(t, o->customer);
    table_add(out, STYLE_plain, str_fmt(a, "%" PRId64, o->x.id));
    table_add(out, style_of(s), status_words(a, s));
    table_add(out, STYLE_plain, str_c(commitment_kind_row(o->x.kind)->name));
    table_add(out, STYLE_plain, promise_when(t, o->x.due_us));
    table_add(out, STYLE_bold, who.len ? term_clean(a, who, true) : S("between us"));
    table_add(out, STYLE_plain, term_clean(a, o->x.owner, true));
    table_add(out, STYLE_plain, term_clean(a, o->x.what, true));
}

bool promise_list(const promise_task *t, err *e) {
    static const table_col cols[] = {{"number", true, false}, {"status", false, false}, {"kind", false, false},
                                     {"due", false, false},   {"to", false, true},      {"owes", false, false},
                                     {"what", false, true}};
    table *out = table_new(t->c->life, cols, COUNT(cols));
    reply r;
    row q;
    int64_t silence_us, n = 0;
    if (!commitment_silence(t->s, &silence_us, e) || !list_query(t, &q, e)) return false;
    if (t->c->g.json) {
        reply_open(&r, t->c);
        json_open(&r.j, NULL, '{');
        json_open(&r.j, "commitments", '[');
    }
    while (row_next(&q)) {
        owed o = read_owed(t->c->life, &q);
        if (t->o->limit && ++n > t->o->limit) continue;
        if (t->c->g.json)
            put_owed(t, &r, NULL, &o, silence_us), reply_some(&r);
        else
            add_owed(t, out, &o);
    }
    if (!err_ok(e)) return false;
    if (t->c->g.json) {
        json_close(&r.j, ']');
        json_close(&r.j, '}');
        reply_close(&r);
        return true;
    }
    settings_mark(t->c, &t->set);
    if (!table_rows(out)) return term_say(&t->c->t, "Nothing of this is owed.\n"), true;
    table_print(out, &t->c->t, 0);
    if (t->o->limit && n > t->o->limit) term_say(&t->c->t, "There are more: --limit 0 shows all.\n");
    return true;
}

// ---- show ----

static void show_head(const promise_task *t, const owed *o, int64_t silence_us) {
    arena *a = t->c->life;
    const commitment *x = &o->x;
    enum commitment_status s = commitment_status(x, t->now_us);
    str who = promise_name_of(t, o->customer);
    term_put(&t->c->t, STYLE_bold, term_clean(a, x->what, true));
    term_say(&t->c->t, "\n%s to %.*s", commitment_kind_row(x->kind)->name,
             STR_ARG(who.len ? term_clean(a, who, true) : S("nobody outside")));
    if (x->owner.len) term_say(&t->c->t, ", owed by %.*s", STR_ARG(term_clean(a, x->owner, true)));
    if (x->team.len) term_say(&t->c->t, " (%.*s)", STR_ARG(term_clean(a, x->team, true)));
    term_say(&t->c->t, ": ");
    term_put(&t->c->t, style_of(s), status_words(a, s));
    if (x->judged_us) term_say(&t->c->t, ", judged by %.*s", STR_ARG(promise_when(t, x->judged_us)));
    term_say(&t->c->t, "\n");
    if (x->kept_us)
        term_say(&t->c->t, "Kept %.*s, as %s.\n", STR_ARG(promise_when(t, x->kept_us)),
                 x->kept_us == x->done_us ? "an event of the customer shows" : "somebody says");
    if (x->kind == COMMITMENT_fix && x->kept_us)
        term_say(&t->c->t, "Of the customer's word: %s.\n",
                 fix_word_name(commitment_fix_word(x, silence_us, t->now_us)));
    if (x->sorry_us) term_say(&t->c->t, "We said sorry %.*s.\n", STR_ARG(promise_when(t, x->sorry_us)));
    if (s == OWED_broken && !x->sorry_us && !commitment_is_theirs(x->kind))
        term_say(&t->c->t, "An apology is owed: heed promise sorry %" PRId64 "\n", x->id);
}

static void show_steps(const promise_task *t, const commitment_step *steps, size_t n) {
    static const table_col cols[] = {
        {NULL, false, false}, {NULL, false, false}, {NULL, false, false}, {NULL, false, true}};
    arena *a = t->c->life;
    table *out = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < n; i++) {
        str what = kind_name(steps[i].what), head = S("commitment_");
        table_add(out, STYLE_dim, promise_when(t, steps[i].at_us));
        table_add(out, STYLE_plain, str_starts(what, head) ? str_sub(what, head.len, what.len) : what);
        table_add(out, STYLE_plain,
                  steps[i].due_us ? str_fmt(a, "due %.*s", STR_ARG(promise_when(t, steps[i].due_us))) : S(""));
        table_add(out, STYLE_plain, term_clean(a, steps[i].words, true));
    }
    table_print(out, &t->c->t, 2);
}

static void show_json(const promise_task *t, const owed *o, const commitment_step *steps, size_t n, const proposal *p,
                      int64_t silence_us) {
    reply r;
    reply_open(&r, t->c);
    json_open(&r.j, NULL, '{');
    put_owed(t, &r, "commitment", o, silence_us);
    json_open(&r.j, "steps", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(&r.j, NULL, '{');
        reply_time(&r, "at", steps[i].at_us);
        json_put_str(&r.j, "what", kind_name(steps[i].what));
        reply_time(&r, "due", steps[i].due_us);
        json_put_str(&r.j, "words", steps[i].words);
        json_put_str(&r.j, "staff", steps[i].owner);
        json_close(&r.j, '}');
    }
    json_close(&r.j, ']');
    promise_put_text(&r.j, "noticed_by", p ? p->why : S(""));
    json_close(&r.j, '}');
    reply_close(&r);
}

bool promise_show(const promise_task *t, err *e) {
    int64_t id, silence_us;
    commitment_step *steps;
    proposal p;
    size_t n;
    owed o = {0};
    bool found = false, noticed;
    if (!cli_id("a commitment", t->c->args.v[1], &id, e)) return false;
    for (row r = store_query(t->s, Q_commitment_show, e, "i", id); row_next(&r);)
        o = read_owed(t->c->life, &r), found = true;
    if (err_ok(e) && !found)
        return fail(e, ERR_not_found, "there is no commitment %" PRId64 "; 'heed promise list' names them", id);
    if (!commitment_steps(t->c->life, t->s, id, &steps, &n, e) || !commitment_silence(t->s, &silence_us, e) ||
        !proposal_of(t->c->life, t->s, id, &p, &noticed, e))
        return false;
    if (t->c->g.json) return show_json(t, &o, steps, n, noticed ? &p : NULL, silence_us), true;
    settings_mark(t->c, &t->set);
    show_head(t, &o, silence_us);
    show_steps(t, steps, n);
    if (noticed)
        term_say(&t->c->t, "Noticed in a message of %.*s, because of: %.*s\n", STR_ARG(promise_when(t, p.at_us)),
                 STR_ARG(term_clean(t->c->life, p.why, true)));
    return true;
}
