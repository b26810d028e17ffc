// The journey as rows: read, checked, changed and taken back.
#include "base/json.h"
#include "know/stage.h"
#include "sql/know_stage.h"

enum { STAGE_MAKE = 1 }; // another number tells everybody anew: facts mean something else
enum { NAME_MOST = 40, ABOUT_MOST = 300, TEXT_MOST = 400, TO_MOST = 200 };

static const char *const dos[STAGE_DOS] = {"hold", "route", "guide"};

const char *stage_do_name(enum stage_do d) {
    return d < STAGE_DOS ? dos[d] : "";
}

// ---- acts ----

static bool read_kinds(arena *a, const json_t *v, stage_act *x, err *e) {
    const json_t *list = json_object_get(v, "kinds");
    const size_t n = json_array_size(list);
    if (!n || n > COUNT(x->kinds))
        return fail(e, ERR_invalid, "what is held back names 1 to %d kinds of messages", (int)COUNT(x->kinds));
    for (size_t i = 0; i < n; i++) x->kinds[x->n_kinds++] = str_dup(a, json_text(json_array_get(list, i)));
    return true;
}

static bool read_act(arena *a, const json_t *v, stage_act *x, err *e) {
    const str what = json_at(v, "do"), when = json_at(v, "when");
    *x = (stage_act){.what = STAGE_DOS, .unhappy = str_eq(when, S("unhappy"))};
    for (int i = 0; i < STAGE_DOS; i++)
        if (str_eq(what, str_c(dos[i]))) x->what = (enum stage_do)i;
    if (x->what == STAGE_DOS) return fail(e, ERR_invalid, "'do' is hold, route or guide");
    if (when.len && !x->unhappy && !str_eq(when, S("always")))
        return fail(e, ERR_invalid, "'when' is always or unhappy");
    if (x->what == STAGE_hold) return read_kinds(a, v, x, e);
    x->to = str_dup(a, str_trim(json_at(v, "to"))), x->text = str_dup(a, str_trim(json_at(v, "text")));
    if (x->what == STAGE_route && (!x->to.len || x->to.len > TO_MOST))
        return fail(e, ERR_invalid, "'to' names a role or the address of a colleague");
    if (x->what == STAGE_guide && (!x->text.len || x->text.len > TEXT_MOST))
        return fail(e, ERR_invalid, "'text' is a sentence or two, %d bytes at most", TEXT_MOST);
    return true;
}

static bool read_acts(arena *a, stage_row *x, err *e) {
    json_t *doc = NULL;
    bool ok = true;
    x->n_acts = 0;
    if (!x->acts_json.len) return x->acts_json = S("[]"), true;
    if (!json_read(x->acts_json, &doc, e)) return false;
    const size_t n = json_array_size(doc);
    if (n > STAGE_ACTS) ok = fail(e, ERR_invalid, "a stage changes at most %d things", STAGE_ACTS);
    for (size_t i = 0; ok && i < n; i++) ok = read_act(a, json_array_get(doc, i), &x->acts[x->n_acts++], e);
    json_decref(doc);
    return ok;
}

str stage_acts_write(arena *a, const stage_act *v, size_t n) {
    buf b = buf_new(a, STAGE_ACTS * (TEXT_MOST * 6 + 600));
    json_out j = json_to(&b);
    json_open(&j, NULL, '[');
    for (size_t i = 0; i < n; i++) {
        json_open(&j, NULL, '{');
        json_put_str(&j, "do", str_c(stage_do_name(v[i].what)));
        json_put_str(&j, "when", v[i].unhappy ? S("unhappy") : S("always"));
        if (v[i].what == STAGE_hold) {
            json_open(&j, "kinds", '[');
            for (size_t k = 0; k < v[i].n_kinds; k++) json_put_str(&j, NULL, v[i].kinds[k]);
            json_close(&j, ']');
        }
        if (v[i].what == STAGE_route) json_put_str(&j, "to", v[i].to);
        if (v[i].what == STAGE_guide) json_put_str(&j, "text", v[i].text);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    return buf_str(&b);
}

bool stage_check(arena *a, stage_row *x, const char **field, err *e) {
    x->name = str_trim(x->name), x->about = str_trim(x->about);
    *field = "name";
    if (!x->name.len || x->name.len > NAME_MOST)
        return fail(e, ERR_invalid, "a stage needs a name of 1 to %d bytes", NAME_MOST);
    *field = "about";
    if (x->about.len > ABOUT_MOST) return fail(e, ERR_invalid, "'about' has at most %d bytes", ABOUT_MOST);
    *field = "rule";
    if (!stage_rule_read(x->words, &x->rule, e)) return false;
    x->words = stage_rule_words(a, &x->rule);
    *field = "acts";
    if (!read_acts(a, x, e)) return false;
    x->acts_json = stage_acts_write(a, x->acts, x->n_acts);
    *field = NULL;
    return true;
}

// ---- reading ----

static stage_row read_row(arena *a, const row *r) {
    return (stage_row){.id = row_int(r, 0),
                       .place = row_int(r, 1),
                       .name = str_dup(a, row_str(r, 2)),
                       .about = str_dup(a, row_str(r, 3)),
                       .words = str_dup(a, row_str(r, 4)),
                       .acts_json = str_dup(a, row_str(r, 5)),
                       .used = row_int(r, 6) != 0,
                       .sample = row_int(r, 7) != 0,
                       .made_us = row_int(r, 8),
                       .by = str_dup(a, row_str(r, 9)),
                       .version = row_int(r, 10)};
}

// Of what puts people somewhere: names and acts may change without it.
static uint64_t print_of(const journey *j) {
    uint64_t h = STAGE_MAKE;
    for (size_t i = 0; i < j->n; i++)
        if (j->v[i].used) h = str_hash2(h * 31 + (uint64_t)j->v[i].id, j->v[i].words);
    return h;
}

bool journey_read(arena *a, store *s, journey *out, err *e) {
    *out = (journey){.v = make(a, stage_row, STAGES_MOST)};
    for (row r = store_query(s, Q_stage_all, e, ""); row_next(&r);)
        if (out->n < STAGES_MOST) out->v[out->n++] = read_row(a, &r);
    // They were checked when they were written.
    for (size_t i = 0; err_ok(e) && i < out->n; i++)
        if (!stage_rule_read(out->v[i].words, &out->v[i].rule, e) || !read_acts(a, &out->v[i], e)) return false;
    out->print = print_of(out);
    return err_ok(e);
}

const stage_row *journey_by_id(const journey *j, int64_t id) {
    for (size_t i = 0; i < j->n; i++)
        if (j->v[i].id == id) return &j->v[i];
    return NULL;
}

bool journey_find(const journey *j, str which, const stage_row **out, err *e) {
    int64_t id;
    *out = str_i64(which, &id) ? journey_by_id(j, id) : NULL;
    for (size_t i = 0; i < j->n && !*out; i++)
        if (str_eq_ci(j->v[i].name, which)) *out = &j->v[i];
    return *out || fail(e, ERR_not_found, "there is no stage '%.*s'; 'heed stage' lists them",
                        (int)MIN(which.len, (size_t)60), which.s);
}

bool stage_history(arena *a, store *s, int64_t id, stage_row *out, size_t most, size_t *n, err *e) {
    *n = 0;
    for (row r = store_query(s, Q_stage_past_of, e, "ii", id, (int64_t)most); row_next(&r);)
        if (*n < most) out[(*n)++] = read_row(a, &r);
    return err_ok(e);
}

// ---- writing ----

static bool write_row(store *s, const stage_row *x, err *e) {
    return store_run(s, Q_stage_put, NULL, e, "iittttiiiti", x->id, x->place, x->name, x->about, x->words, x->acts_json,
                     (int64_t)x->used, (int64_t)x->sample, x->made_us, x->by, x->version);
}

static bool keep_past(store *s, const stage_row *x, err *e) {
    return store_run(s, Q_stage_keep, NULL, e, "iiittttiit", x->id, x->version, x->place, x->name, x->about, x->words,
                     x->acts_json, (int64_t)x->used, x->made_us, x->by);
}

// Places are 1, 2, 3 … without gaps; the one that is put goes where it wants to be.
static bool put_in_place(store *s, journey *j, const stage_row *x, err *e) {
    int64_t place = 1;
    for (size_t i = 0; i < j->n; i++) {
        stage_row *other = &j->v[i];
        if (other->id == x->id) continue;
        if (place == x->place) place++;
        if (other->place != place) {
            other->place = place;
            if (!write_row(s, other, e)) return false;
        }
        place++;
    }
    return true;
}

bool stage_put(arena *a, store *s, stage_row *x, int64_t now_us, const char **field, err *e) {
    journey j;
    int64_t last = 0;
    if (!journey_read(a, s, &j, e) || !stage_check(a, x, field, e)) return false;
    for (size_t i = 0; i < j.n; i++) {
        last = MAX(last, j.v[i].id);
        *field = "name";
        if (j.v[i].id != x->id && str_eq_ci(j.v[i].name, x->name))
            return fail(e, ERR_conflict, "there is a stage called '%.*s' already", STR_ARG(x->name));
    }
    *field = NULL;
    const stage_row *before = x->id ? journey_by_id(&j, x->id) : NULL;
    if (x->id && !before) return fail(e, ERR_not_found, "there is no stage %" PRId64, x->id);
    if (!before && j.n == STAGES_MOST) return fail(e, ERR_conflict, "a journey has at most %d stages", STAGES_MOST);
    if (before && !keep_past(s, before, e)) return false;
    x->id = before ? x->id : last + 1;
    x->version = before ? before->version + 1 : 1;
    x->sample = before && before->sample;
    x->place = MAX(MIN(x->place ? x->place : INT64_MAX, (int64_t)j.n + !before), 1);
    x->made_us = now_us;
    return put_in_place(s, &j, x, e) && write_row(s, x, e);
}

bool stage_undo(arena *a, store *s, int64_t id, str by, int64_t now_us, stage_row *out, err *e) {
    size_t n;
    const char *field;
    if (!stage_history(a, s, id, out, 1, &n, e)) return false;
    if (!n) return fail(e, ERR_conflict, "it was never changed; there is nothing to take back");
    out->by = by;
    return stage_put(a, s, out, now_us, &field, e);
}

bool stage_begin(store *s, int64_t now_us, err *e) {
    static const struct {
        int64_t id;
        const char *name, *about, *rule, *acts;
    } rows[] = {
#define STAGE(id, name, about, rule, acts) {id, name, about, rule, acts},
#include "know/stage_defaults.def"
    };
    int64_t any = 0;
    if (store_only_reads(s) || !store_int(s, Q_stage_any, &any, 0, e, "") || any) return err_ok(e);
    bool ok = store_begin(s, e);
    for (size_t i = 0; ok && i < COUNT(rows); i++) {
        const stage_row x = {.id = rows[i].id,
                             .place = (int64_t)i + 1,
                             .name = str_c(rows[i].name),
                             .about = str_c(rows[i].about),
                             .words = str_c(rows[i].rule),
                             .acts_json = str_c(rows[i].acts),
                             .by = S("heed"),
                             .used = true,
                             .made_us = now_us,
                             .version = 1};
        ok = write_row(s, &x, e);
    }
    if (ok && store_commit(s, e)) return true;
    store_rollback(s);
    return false;
}
