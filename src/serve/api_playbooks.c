// Playbooks: kept, changed, tried; and what they changed.
#include "act/playbook_json.h"
#include "serve/handlers.h"
#include "serve/server.h"
#include "serve/work.h"

static bool asked(call *c, playbook_row *x, err *e) {
    int64_t id;
    if (!param_id(c, 0, &id, e)) return false;
    if (playbook_get_id(c->a, c->s, id, x, e)) return true;
    return err_ok(e) ? fail(e, ERR_not_found, "there is no playbook %" PRId64 "; /api/playbooks lists them", id)
                     : false;
}

static const playbook_count *count_of(const playbook_count *all, size_t n, int64_t id) {
    for (size_t i = 0; i < n; i++)
        if (all[i].playbook == id) return &all[i];
    return NULL;
}

static bool put_stored(call *c, int64_t id, err *e) {
    playbook_row x;
    playbook_count *counts;
    size_t n;
    if (!playbook_get_id(c->a, c->s, id, &x, e) || !playbook_counts(c->a, c->s, &counts, &n, e)) return false;
    call_etag(c, x.version);
    return playbook_json(&c->out, NULL, c->a, c->s, &x, count_of(counts, n, x.id), e);
}

bool playbooks_list(call *c, err *e) {
    playbook_row *all;
    playbook_count *counts;
    size_t n, n_counts;
    if (!store_begin_read(c->s, e) || !playbook_list(c->a, c->s, &all, &n, e) ||
        !playbook_counts(c->a, c->s, &counts, &n_counts, e))
        return false;
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "items", '[');
    for (size_t i = 0; i < n; i++)
        if (!playbook_json(&c->out, NULL, c->a, c->s, &all[i], count_of(counts, n_counts, all[i].id), e)) return false;
    json_close(&c->out, ']');
    json_put_null(&c->out, "next");
    json_close(&c->out, '}');
    return true;
}

bool playbooks_show(call *c, err *e) {
    playbook_row x;
    return store_begin_read(c->s, e) && asked(c, &x, e) && put_stored(c, x.id, e);
}

// ---- changing ----

static bool put(call *c, playbook_row *x, err *e) {
    char field[PLAY_FIELD] = "";
    err why = {0};
    if (playbook_put(know_ledger(c->d->k), x, field, &why)) return true;
    return why.code == ERR_invalid ? fail_field(c, e, field, "%s", why.msg) : (*e = why, false);
}

static bool note(call *c, const char *action, const playbook_row *x, err *e) {
    buf b = buf_new(c->a, 4096);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    json_put_str(&j, "name", x->name);
    json_put_bool(&j, "on", x->on);
    json_close(&j, '}');
    return audit(c, action, str_fmt(c->a, "playbook:%" PRId64, x->id), buf_str(&b), e);
}

static str definition_in(call *c) {
    char *text = json_dumps(json_object_get(c->in, "definition"), JSON_COMPACT | JSON_ENCODE_ANY);
    str out = str_dup(c->a, str_c(text));
    free(text);
    return out;
}

bool playbooks_make(call *c, err *e) {
    playbook_row x = {.name = in_str(c, "name"),
                      .about = in_str(c, "about"),
                      .definition = definition_in(c),
                      .by = who_text(c->a, &c->who)};
    if (!put(c, &x, e) || !note(c, "playbook.make", &x, e)) return false;
    call_status(c, 201);
    call_location(c, str_fmt(c->a, "/api/playbooks/%" PRId64, x.id));
    return put_stored(c, x.id, e);
}

bool playbooks_change(call *c, err *e) {
    playbook_row x;
    if (!asked(c, &x, e) || !call_if_match(c, x.version, e)) return false;
    bool was_on = x.on;
    if (in_has(c, "name")) x.name = in_str(c, "name");
    if (in_has(c, "about")) x.about = in_str(c, "about");
    if (in_has(c, "definition")) x.definition = definition_in(c);
    if (in_has(c, "on")) x.on = in_bool(c, "on");
    x.by = who_text(c->a, &c->who);
    if (!playbook_signed(c->a, x.definition, str_trim(in_str(c, "from")), &x.definition, e) || !put(c, &x, e))
        return false;
    const char *action = x.on == was_on ? "playbook.change" : x.on ? "playbook.on" : "playbook.off";
    return note(c, action, &x, e) && put_stored(c, x.id, e);
}

// ---- trying ----

static bool read_days(call *c, int32_t *days, err *e) {
    *days = (int32_t)MIN(in_int(c, "days", 90), (int64_t)TRY_DAYS_MOST + 1);
    return (*days >= 1 && *days <= TRY_DAYS_MOST) || fail_field(c, e, "days", "'days' must be 1 to %d", TRY_DAYS_MOST);
}

static bool read_play(call *c, const playbook_row *x, play *d, err *e) {
    char field[PLAY_FIELD];
    return play_read(c->a, c->s, x->definition, d, field, e);
}

bool playbooks_try(call *c, err *e) {
    playbook_row x;
    play d;
    try_past t;
    int32_t days;
    if (!store_begin_read(c->s, e) || !asked(c, &x, e) || !read_days(c, &days, e) || !read_play(c, &x, &d, e))
        return false;
    arena a = arena_open((size_t)1 << 34);
    bool ok = playbook_try_past(&a, c->s, &x, &d, days, c->now_us, &t, e);
    if (ok) try_past_json(&c->out, NULL, &t, days);
    arena_close(&a);
    return ok;
}

bool playbooks_try_long(call *c, err *e) {
    playbook_row x;
    int32_t days;
    int64_t job_id;
    if (!asked(c, &x, e) || !read_days(c, &days, e) || !job_none(c, "playbook_try", e)) return false;
    str args = str_fmt(c->a, "{\"playbook\":%" PRId64 ",\"days\":%d}", x.id, (int)days);
    return job_begin(c, "playbook_try", args, &job_id, e);
}

bool playbooks_personas(call *c, err *e) {
    playbook_row x;
    try_personas t;
    if (!store_begin_read(c->s, e) || !asked(c, &x, e)) return false;
    arena a = arena_open((size_t)1 << 32);
    bool ok = playbook_try_personas(&a, c->s, &x, in_str(c, "lang"), c->now_us, &t, e);
    if (ok) try_personas_json(&c->out, NULL, &t);
    arena_close(&a);
    return ok;
}

bool playbooks_effect(call *c, err *e) {
    playbook_row x;
    play d;
    playbook_effect f;
    if (!store_begin_read(c->s, e) || !asked(c, &x, e) || !read_play(c, &x, &d, e)) return false;
    arena a = arena_open((size_t)1 << 34);
    bool ok = playbook_effect_read(&a, c->s, &x, &d, c->now_us, &f, e);
    if (ok) playbook_effect_json(&c->out, NULL, &f);
    arena_close(&a);
    return ok;
}
