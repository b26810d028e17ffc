// Priorities as rows, and the board.
#include "decide/priorities.h"

#include <math.h>

#include "sql/know_theme.h"

// ---- the board ----

static const char *const stands[] = {
    [STAND_HEARD] = "heard", [STAND_DECIDING] = "deciding", [STAND_DOING] = "doing", [STAND_TOLD] = "told"};

const char *stand_name(enum stand_state s) {
    return (size_t)s < COUNT(stands) && stands[s] ? stands[s] : "heard";
}

bool stand_of(str name, enum stand_state *out) {
    for (size_t i = STAND_HEARD; i < COUNT(stands); i++)
        if (str_eq(name, str_c(stands[i]))) return *out = (enum stand_state)i, true;
    return false;
}

static stand stand_row(arena *a, const row *r) {
    return (stand){.state = (enum stand_state)row_int(r, 0),
                   .at_us = row_int(r, 1),
                   .by = str_dup(a, row_str(r, 2)),
                   .decided_by = str_dup(a, row_str(r, 3)),
                   .why = str_dup(a, row_str(r, 4)),
                   .dissent = str_dup(a, row_str(r, 5)),
                   .version = row_int(r, 6)};
}

bool stand_read(arena *a, store *s, enum about_kind k, int64_t id, stand *out, err *e) {
    *out = (stand){.state = STAND_HEARD};
    for (row r = store_query(s, Q_stand_now, e, "ii", (int64_t)k, id); row_next(&r);) *out = stand_row(a, &r);
    return err_ok(e);
}

enum { STANDS_SHOWN = 500 };

bool stand_history(arena *a, store *s, enum about_kind k, int64_t id, stand **out, size_t *n, err *e) {
    *n = 0, *out = make(a, stand, STANDS_SHOWN);
    for (row r = store_query(s, Q_stand_history, e, "ii", (int64_t)k, id); row_next(&r);)
        if (*n < STANDS_SHOWN) (*out)[(*n)++] = stand_row(a, &r);
    return err_ok(e);
}

bool stand_move(store *s, enum about_kind k, int64_t id, const stand *to, int64_t version, err *e) {
    arena a = arena_open(1 << 20);
    stand now;
    theme_row theme_there;
    topic topic_there;
    bool ok = (k == ABOUT_theme ? themes_get(&a, s, id, &theme_there, e) : topic_get(&a, s, id, &topic_there, e)) &&
              stand_read(&a, s, k, id, &now, e);
    if (ok && version >= 0 && version != now.version)
        ok = fail(e, ERR_changed, "somebody moved it meanwhile: it is %s; look again", stand_name(now.state));
    if (ok && to->state == STAND_DOING && !str_trim(to->why).len)
        ok = fail(e, ERR_invalid, "say why it is done: 'why' is empty");
    ok = ok && store_run(s, Q_stand_put, NULL, e, "iiiiitttt", (int64_t)k, id, now.version + 1, (int64_t)to->state,
                         to->at_us, to->by, to->decided_by, to->why, to->dissent);
    arena_close(&a);
    return ok;
}

void stand_json(json_out *j, const char *key, const stand *x) {
    json_open(j, key, '{');
    json_put_str(j, "state", str_c(stand_name(x->state)));
    json_put_time(j, "at", x->at_us);
    if (x->by.len)
        json_put_str(j, "by", x->by);
    else
        json_put_null(j, "by");
    json_put_str(j, "decided_by", x->decided_by);
    json_put_str(j, "why", x->why);
    json_put_str(j, "dissent", x->dissent);
    json_put_int(j, "version", x->version);
    json_close(j, '}');
}

// ---- kept ----

enum { KEPT_AT_ONCE = 64 };

bool priorities_keep(store *s, const priorities_found *x, int64_t now_us, size_t from, size_t *next, err *e) {
    const size_t to = MIN(from + KEPT_AT_ONCE, x->n);
    *next = to < x->n ? to : 0;
    for (size_t i = from; i < to; i++)
        if (!store_run(s, Q_priority_put, NULL, e, "iiitt", (int64_t)x->v[i].kind, x->v[i].id, now_us, x->v[i].figures,
                       x->v[i].page))
            return false;
    return *next || (store_run(s, Q_priority_drop_older, NULL, e, "i", now_us) &&
                     themes_report_put(s, "priorities", now_us, x->report, e));
}

bool priority_page_read(arena *a, store *s, enum about_kind k, int64_t id, str *page, err *e) {
    *page = S("");
    for (row r = store_query(s, Q_priority_page, e, "ii", (int64_t)k, id); row_next(&r);)
        *page = str_dup(a, row_str(&r, 0));
    return err_ok(e);
}

// ---- read ----

static bool wanted(const priorities_ask *ask, const priority_row *r) {
    if (ask->id) return r->kind == ask->k && r->id == ask->id;
    int64_t inside = json_integer_value(json_object_get(r->figures, "topic"));
    if (ask->inside) return r->kind == ABOUT_theme && inside == ask->inside;
    if (ask->of == PRIORITIES_THEMES && r->kind != ABOUT_theme) return false;
    if (ask->of == PRIORITIES_TOPICS && r->kind != ABOUT_topic) return false;
    if (ask->stand && (int)r->now.state != ask->stand) return false;
    return ask->of == PRIORITIES_THEMES || json_is_integer(json_object_get(r->figures, "rank"));
}

static double sorted_by(const priority_row *r, enum priorities_order o) {
    static const char *const lens_of[] = {[PRIORITIES_PEOPLE] = "lenses.people.rank",
                                          [PRIORITIES_REVENUE] = "lenses.revenue.rank",
                                          [PRIORITIES_FAIR] = "lenses.fair.rank"};
    const json_t *v = NULL;
    switch (o) {
    case PRIORITIES_SIZE: v = json_find(r->figures, "rank"); break;
    case PRIORITIES_APART: v = json_find(r->figures, "apart"); break;
    case PRIORITIES_PEOPLE:
    case PRIORITIES_REVENUE:
    case PRIORITIES_FAIR: v = json_find(r->figures, lens_of[o]); break;
    }
    double x = json_is_number(v) ? json_number_value(v) : INFINITY;
    return o == PRIORITIES_APART ? -x : x;
}

typedef struct {
    double key, people;
    priority_row r;
} sorting;

static int by_key(const void *p, const void *q) {
    const sorting *x = p, *y = q;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    if (x->people != y->people) return x->people > y->people ? -1 : 1;
    if (x->r.kind != y->r.kind) return x->r.kind < y->r.kind ? -1 : 1;
    return (x->r.id > y->r.id) - (x->r.id < y->r.id);
}

static bool is_bursting(const burst_row *b, size_t n, enum about_kind k, int64_t id) {
    bool any = false;
    for (size_t i = 0; i < n; i++) any |= b[i].kind == k && b[i].what_id == id && !b[i].segment;
    return any;
}

static bool read_rows(arena *a, store *s, const priorities_ask *ask, priorities *out, err *e) {
    size_t room = 256, n_bursts;
    burst_row *bursts;
    sorting *v = make(a, sorting, room);
    if (!bursts_list(a, s, BURST_STANDING, ABOUT_theme, 0, &bursts, &n_bursts, e)) return false;
    for (row r = store_query(s, Q_priority_list, e, ""); row_next(&r);) {
        if (out->n == room) {
            sorting *more = make(a, sorting, room * 2);
            memcpy(more, v, room * sizeof *v);
            v = more, room *= 2;
        }
        priority_row x = {.kind = (enum about_kind)row_int(&r, 0), .id = row_int(&r, 1), .made_us = row_int(&r, 2)};
        if (!about_name(&out->names, x.kind, x.id).len || !json_read(row_str(&r, 3), &x.figures, e)) continue;
        x.bursting = is_bursting(bursts, n_bursts, x.kind, x.id);
        out->made_us = MAX(out->made_us, x.made_us);
        if (!stand_read(a, s, x.kind, x.id, &x.now, e) || !wanted(ask, &x)) {
            json_decref(x.figures);
            continue;
        }
        v[out->n++] = (sorting){sorted_by(&x, ask->order), priority_figure(&x, "people").value, x};
    }
    if (out->n) qsort(v, out->n, sizeof *v, by_key);
    out->v = make(a, priority_row, out->n + 1);
    for (size_t i = 0; i < out->n; i++) out->v[i] = v[i].r;
    return err_ok(e);
}

bool priorities_read(arena *a, store *s, const priorities_ask *ask, priorities *out, err *e) {
    str text;
    int64_t made;
    *out = (priorities){0};
    return abouts_read(a, s, &out->names, e) && read_rows(a, s, ask, out, e) &&
           themes_report(a, s, "priorities", &text, &made, e) && (!text.len || json_read(text, &out->report, e));
}

void priorities_close(priorities *x) {
    for (size_t i = 0; i < x->n; i++) json_decref(x->v[i].figures);
    json_decref(x->report);
    *x = (priorities){0};
}

static enum estimate_state state_of(str name) {
    return str_eq(name, S("ok"))     ? ESTIMATE_OK
           : str_eq(name, S("thin")) ? ESTIMATE_THIN
           : str_eq(name, S("none")) ? ESTIMATE_NONE
                                     : ESTIMATE_REFUSED;
}

static double number_at(const json_t *v, const char *name) {
    const json_t *x = json_object_get(v, name);
    return json_is_number(x) ? json_number_value(x) : NAN;
}

estimate priority_figure(const priority_row *r, const char *name) {
    const json_t *v = json_find(r->figures, name), *why = json_object_get(v, "why");
    if (!v) return estimate_none("", NULL);
    estimate e = {.value = number_at(v, "value"), .lo = number_at(v, "lo"), .hi = number_at(v, "hi")};
    e.n = json_integer_value(json_object_get(v, "n"));
    e.state = state_of(json_text(json_object_get(v, "state")));
    e.why = json_is_string(why) ? json_string_value(why) : NULL;
    return e;
}

void json_members(json_out *j, const json_t *from, const char *const *names) {
    for (; *names; names++) {
        const json_t *v = json_object_get(from, *names);
        char *text = v ? json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17)) : NULL;
        json_put_raw(j, *names, text ? str_c(text) : S("null"));
        free(text);
    }
}

void priority_json(json_out *j, const char *key, arena scratch, const priorities *x, const priority_row *r) {
    static const char *const kept[] = {"people", "value",   "at_stake", "currency", "severity", "trend", "size",
                                       "rank",   "rank_lo", "rank_hi",  "held",     "held_why", NULL};
    static const char *const rest[] = {"persistence", "lenses", "apart", "impact", "weeks", NULL};
    int64_t inside = json_integer_value(json_object_get(r->figures, "topic"));
    json_open(j, key, '{');
    about_json(j, "about", &x->names, r->kind, r->id);
    if (inside)
        json_put_int(j, "topic", inside);
    else
        json_put_null(j, "topic");
    json_members(j, r->figures, kept);
    json_put_bool(j, "bursting", r->bursting);
    json_members(j, r->figures, rest);
    stand_json(j, "stand", &r->now);
    json_put_str(j, "evidence", about_evidence(&scratch, r->kind, r->id));
    json_close(j, '}');
}
