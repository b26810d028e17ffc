// Playbooks and their runs as rows, above those that come with heed.
#include "act/playbook.h"
#include "sql/act_playbook.h"

typedef struct {
    int64_t id;
    const char *name, *about, *definition;
} shipped;

static const shipped own[] = {
#define PLAY(id, name, about, ...) {id, #name, about, #__VA_ARGS__},
#include "act/plays.def"
};

enum { SHIPPED_BELOW = 100, MOST_PLAYBOOKS = 1000, NAME_MOST = 60, ABOUT_MOST = 1000 };

static playbook_row of_shipped(const shipped *x) {
    return (playbook_row){.id = x->id,
                          .name = str_c(x->name),
                          .about = str_c(x->about),
                          .definition = str_c(x->definition),
                          .by = S("heed"),
                          .shipped = true,
                          .version = 1};
}

static playbook_row of_row(arena *a, const row *r) {
    return (playbook_row){.id = row_int(r, 0),
                          .name = str_dup(a, row_str(r, 1)),
                          .about = str_dup(a, row_str(r, 2)),
                          .definition = str_dup(a, row_str(r, 3)),
                          .on = row_int(r, 4) != 0,
                          .on_us = row_int(r, 5),
                          .looked_us = row_int(r, 6),
                          .created_us = row_int(r, 7),
                          .updated_us = row_int(r, 8),
                          .by = str_dup(a, row_str(r, 9)),
                          .shipped = row_int(r, 0) < SHIPPED_BELOW,
                          .version = row_int(r, 11)};
}

static int by_id(const void *x, const void *y) {
    const playbook_row *p = x, *q = y;
    return (p->id > q->id) - (p->id < q->id);
}

bool playbook_list(arena *a, store *s, playbook_row **out, size_t *n, err *e) {
    playbook_row *all = make(a, playbook_row, MOST_PLAYBOOKS + COUNT(own));
    size_t kept = 0;
    row r = store_query(s, Q_playbook_list, e, "");
    while (kept < MOST_PLAYBOOKS && row_next(&r)) all[kept++] = of_row(a, &r);
    row_end(&r);
    *n = kept;
    for (size_t i = 0; i < COUNT(own); i++) {
        bool there = false;
        for (size_t k = 0; k < kept; k++) there |= all[k].id == own[i].id;
        if (!there) all[(*n)++] = of_shipped(&own[i]);
    }
    qsort(all, *n, sizeof *all, by_id);
    *out = all;
    return err_ok(e);
}

static bool one(arena *a, row r, playbook_row *out, err *e) {
    bool found = false;
    while (row_next(&r)) *out = of_row(a, &r), found = true;
    return found && err_ok(e);
}

bool playbook_get_id(arena *a, store *s, int64_t id, playbook_row *out, err *e) {
    if (one(a, store_query(s, Q_playbook_get, e, "i", id), out, e)) return true;
    for (size_t i = 0; err_ok(e) && i < COUNT(own); i++)
        if (own[i].id == id) return *out = of_shipped(&own[i]), true;
    return false;
}

bool playbook_get(arena *a, store *s, str which, playbook_row *out, err *e) {
    int64_t id;
    if (one(a, store_query(s, Q_playbook_named, e, "t", which), out, e)) return true;
    for (size_t i = 0; err_ok(e) && i < COUNT(own); i++)
        if (str_eq(which, str_c(own[i].name))) return playbook_get_id(a, s, own[i].id, out, e);
    return err_ok(e) && str_i64(which, &id) && playbook_get_id(a, s, id, out, e);
}

// ---- keeping ----

static bool name_ok(arena *a, store *s, const playbook_row *x, err *e) {
    playbook_row other;
    bool plain = x->name.len && x->name.len <= NAME_MOST && (x->name.s[0] < '0' || x->name.s[0] > '9');
    for (size_t i = 0; i < x->name.len; i++) {
        char c = x->name.s[i];
        plain &= (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
    if (!plain)
        return fail(e, ERR_invalid, "'name' must be made of a-z, 0-9 and _, at most %d of them, a letter first",
                    NAME_MOST);
    if (playbook_get(a, s, x->name, &other, e) && other.id != x->id)
        return fail(e, ERR_conflict, "there is a playbook '%.*s' already, number %" PRId64, STR_ARG(x->name), other.id);
    return err_ok(e);
}

static bool sendable(arena *a, store *s, const playbook_row *x, const play *d, char field[PLAY_FIELD], err *e) {
    for (int32_t i = 0; i < d->n_steps; i++) {
        const play_step *step = &d->steps[i];
        template_row t;
        if (step->kind != STEP_message) continue;
        snprintf(field, PLAY_FIELD, "definition.steps.%d", (int)i);
        if (!template_get(a, s, step->template, S("en"), &t, e))
            return err_ok(e) ? fail(e, ERR_invalid, "there is no template '%.*s'; 'heed template list' names them",
                                    STR_ARG(step->template))
                             : false;
        snprintf(field, PLAY_FIELD, "definition.from");
        if (x->on && !d->from.len && template_needs(&t) >> FACT_sender & 1)
            return fail(e, ERR_invalid, "its messages need a person who stands behind them: name one as 'from'");
    }
    return field[0] = 0, true;
}

// What was changed is looked at anew: who is inside its segment now has not just come.
static bool write_row(ledger *l, playbook_row *x, const playbook_row *before, err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    int64_t now = w->now_us(w);
    bool same = before && before->on == x->on && str_eq(before->definition, x->definition);
    if (x->on && !(before && before->on)) x->on_us = now;
    if (!same) x->looked_us = 0;
    x->updated_us = now, x->created_us = before && before->created_us ? before->created_us : now;
    x->version = before ? before->version + 1 : 1;
    return store_run(s, Q_playbook_put, NULL, e, "itttiiibiti", x->id, x->name, x->about, x->definition, (int64_t)x->on,
                     x->on_us, x->looked_us, S(""), x->updated_us, x->by, x->version) &&
           store_run(s, Q_playbook_past_put, NULL, e, "iitit", x->id, x->version, x->definition, now, x->by);
}

static bool put(ledger *l, arena *a, playbook_row *x, char field[PLAY_FIELD], err *e) {
    store *s = ledger_store(l);
    playbook_row before;
    play d;
    char place[PLAY_FIELD] = "";
    snprintf(field, PLAY_FIELD, "name");
    if (!name_ok(a, s, x, e)) return false;
    snprintf(field, PLAY_FIELD, "about");
    if (x->about.len > ABOUT_MOST) return fail(e, ERR_invalid, "'about' is longer than %d bytes", ABOUT_MOST);
    bool ok = play_read(a, s, x->definition, &d, place, e);
    snprintf(field, PLAY_FIELD, "definition%s%.50s", place[0] ? "." : "", place);
    if (!ok || !sendable(a, s, x, &d, field, e)) return false;
    bool known = x->id && playbook_get_id(a, s, x->id, &before, e);
    if (!err_ok(e)) return false;
    if (!x->id && !store_int(s, Q_playbook_last, &x->id, 0, e, "")) return false;
    if (!known) x->id = MAX(x->id + 1, (int64_t)SHIPPED_BELOW);
    const world *w = ledger_world(l);
    // Whoever switches it off wants nothing more to be sent.
    if (known && before.on && !x->on &&
        !store_run(s, Q_playbook_run_stop_all, NULL, e, "iit", x->id, w->now_us(w), S("the playbook was switched off")))
        return false;
    return write_row(l, x, known ? &before : NULL, e);
}

bool playbook_put(ledger *l, playbook_row *x, char field[PLAY_FIELD], err *e) {
    arena a = arena_open((size_t)1 << 28);
    bool ok = put(l, &a, x, field, e);
    arena_close(&a);
    return ok;
}

// ---- runs ----

const char *run_state_name(enum run_state s) {
    static const char *const names[] = {"going", "ended", "stopped", "failed"};
    return names[s];
}

playbook_run playbook_run_read(arena *a, const row *r) {
    return (playbook_run){.id = row_int(r, 0),
                          .playbook = row_int(r, 1),
                          .version = row_int(r, 2),
                          .profile = row_int(r, 3),
                          .occasion = str_dup(a, row_str(r, 4)),
                          .held = row_int(r, 5) != 0,
                          .hold = (int32_t)row_int(r, 6),
                          .facts = str_dup(a, row_str(r, 7)),
                          .state = (enum run_state)row_int(r, 8),
                          .step = (int32_t)row_int(r, 9),
                          .since_us = row_int(r, 10),
                          .entered_us = row_int(r, 11),
                          .next_us = row_int(r, 12),
                          .ended_us = row_int(r, 13),
                          .why = str_dup(a, row_str(r, 14))};
}

bool playbook_run_get(arena *a, store *s, int64_t id, playbook_run *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_playbook_run_get, e, "i", id); row_next(&r);)
        *out = playbook_run_read(a, &r), found = true;
    return found && err_ok(e);
}

bool playbook_run_stop(ledger *l, int64_t id, str why, err *e) {
    const world *w = ledger_world(l);
    int64_t changed = 0;
    if (!store_run(ledger_store(l), Q_playbook_run_stop, &changed, e, "iit", id, w->now_us(w), why)) return false;
    return changed || fail(e, ERR_conflict, "run %" PRId64 " has ended already, or there is none", id);
}

bool playbook_run_fail(ledger *l, int64_t id, str why, err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    return store_begin(s, e) && store_run(s, Q_playbook_run_fail, NULL, e, "iit", id, w->now_us(w), why) &&
           ledger_commit(l, e);
}

bool playbook_of_run(arena *a, store *s, const playbook_run *r, play *out, err *e) {
    playbook_row now;
    str definition = {0};
    bool found = false;
    char field[PLAY_FIELD];
    for (row q = store_query(s, Q_playbook_past_get, e, "ii", r->playbook, r->version); row_next(&q);)
        definition = str_dup(a, row_str(&q, 0)), found = true;
    if (err_ok(e) && !found && playbook_get_id(a, s, r->playbook, &now, e)) definition = now.definition, found = true;
    if (err_ok(e) && !found) return fail(e, ERR_corrupt, "the playbook of run %" PRId64 " is not there", r->id);
    return err_ok(e) && play_read(a, s, definition, out, field, e);
}

// ---- the draw ----

bool playbook_draw(int64_t playbook, int64_t customer, const char *what, int32_t of_million) {
    uint64_t h = str_hash2((uint64_t)playbook * 0x9E3779B97F4A7C15u ^ (uint64_t)customer, str_c(what));
    h = str_hash2(h, (str){(const char *)&customer, sizeof customer});
    return (int64_t)(h % PLAY_MILLION) < of_million;
}
