// What people say of themes, stored and told.
#include "serve/api_themes.h"

#include "serve/live.h"
#include "serve/work.h"

enum { PHRASES = 8 };

bool themes_told(call *c, const char *action, str subject, str detail, err *e) {
    if (!audit(c, action, subject, detail, e) || !ledger_commit(know_ledger(c->d->k), e)) return false;
    live_tell(server_live(c->sv), S("themes"), S("{}"));
    return true;
}

static str subject_of(call *c, int64_t id) {
    return str_fmt(c->a, "theme:%" PRId64, id);
}

// ---- what was asked ----

// If-Match names the version that was read.
static bool begin(call *c, theme_saying *x, enum theme_act act, bool match, err *e) {
    theme_row t;
    int64_t id;
    if (!param_id(c, 0, &id, e) || !themes_get(c->a, c->s, id, &t, e)) return false;
    if (match && !call_if_match(c, t.version, e)) return false;
    *x = (theme_saying){.act = act, .theme = id, .by = who_text(c->a, &c->who)};
    return true;
}

static bool spots(call *c, const json_t *ids, theme_saying *x, err *e) {
    const json_t *id;
    size_t i;
    sources *all;
    theme_spot *v = make(c->a, theme_spot, json_array_size(ids) + 1);
    sources_as_asked(c->a, c->s, &all);
    json_array_foreach(ids, i, id) {
        if (!voice_spot(c->a, c->s, all, json_integer_value(id), &v[i], e)) return false;
    }
    x->words = v, x->n = json_array_size(ids);
    return true;
}

static bool say_it(call *c, const theme_saying *x, const char *action, str detail, err *e) {
    int64_t said_id, theme;
    if (!store_begin(c->s, e) || !themes_say(know_ledger(c->d->k), c->s, x, &said_id, &theme, e) ||
        !themes_told(c, action, subject_of(c, x->theme), detail, e))
        return false;
    return put_theme_page(c, theme, said_id, e);
}

static str other_detail(call *c, const char *name, int64_t id) {
    return str_fmt(c->a, "{\"%s\":%" PRId64 "}", name, id);
}

// ---- one thing each ----

bool themes_merge(call *c, err *e) {
    theme_saying x;
    if (!begin(c, &x, THEME_ACT_merge, true, e)) return false;
    x.other = in_int(c, "into", 0);
    return say_it(c, &x, "theme.merge", other_detail(c, "into", x.other), e);
}

bool themes_split(call *c, err *e) {
    theme_saying x;
    if (!begin(c, &x, THEME_ACT_split, true, e) || !spots(c, json_object_get(c->in, "words"), &x, e)) return false;
    x.title = str_trim(in_str(c, "name"));
    return say_it(c, &x, "theme.split", other_detail(c, "words", (int64_t)x.n), e);
}

bool themes_pin(call *c, err *e) {
    theme_saying x;
    bool keep = in_has(c, "keep");
    if (keep == in_has(c, "words")) return fail_field(c, e, "words", "name either 'words' or 'keep'");
    if (!begin(c, &x, keep ? THEME_ACT_keep : THEME_ACT_pin, false, e)) return false;
    x.on = in_bool(c, "keep");
    if (!keep && !spots(c, json_object_get(c->in, "words"), &x, e)) return false;
    return say_it(c, &x, keep ? "theme.keep" : "theme.pin", other_detail(c, "words", (int64_t)x.n), e);
}

bool themes_apart(call *c, err *e) {
    theme_saying x;
    if (!begin(c, &x, THEME_ACT_apart, false, e)) return false;
    x.other = in_int(c, "other", 0);
    return say_it(c, &x, "theme.apart", other_detail(c, "other", x.other), e);
}

bool themes_name(call *c, err *e) {
    theme_saying x;
    if (!begin(c, &x, THEME_ACT_name, true, e)) return false;
    x.title = str_trim(in_str(c, "name"));
    return say_it(c, &x, "theme.name", S("{}"), e);
}

bool themes_away(call *c, err *e) {
    theme_saying x;
    if (!begin(c, &x, THEME_ACT_away, true, e)) return false;
    x.on = in_bool(c, "away");
    return say_it(c, &x, "theme.away", x.on ? S("{\"away\":true}") : S("{\"away\":false}"), e);
}

static bool show_said(call *c, int64_t id, err *e) {
    theme_said x;
    if (!themes_said_get(c->a, c->s, id, &x, e)) return false;
    theme_said_json(&c->out, NULL, &x);
    return true;
}

bool themes_together(call *c, err *e) {
    int64_t said_id, theme;
    bool same = in_bool(c, "same");
    theme_saying x = {.act = same ? THEME_ACT_together : THEME_ACT_parted, .by = who_text(c->a, &c->who)};
    json_t *ids = json_pack("[I,I]", (json_int_t)in_int(c, "a", 0), (json_int_t)in_int(c, "b", 0));
    bool ok = spots(c, ids, &x, e);
    json_decref(ids);
    return ok && store_begin(c->s, e) && themes_say(know_ledger(c->d->k), c->s, &x, &said_id, &theme, e) &&
           themes_told(c, "theme.together", S("theme"), same ? S("{\"same\":true}") : S("{\"same\":false}"), e) &&
           show_said(c, said_id, e);
}

bool themes_undo(call *c, err *e) {
    int64_t id;
    theme_said x;
    if (!param_id(c, 0, &id, e) || !themes_said_get(c->a, c->s, id, &x, e) || !store_begin(c->s, e)) return false;
    if (!topic_theme_unsay(know_ledger(c->d->k), c->a, c->s, &x, who_text(c->a, &c->who), e)) return false;
    return themes_told(c, "theme.undo", subject_of(c, x.theme), str_fmt(c->a, "{\"said\":%" PRId64 "}", id), e) &&
           show_said(c, id, e);
}

bool themes_to_topic(call *c, err *e) {
    theme_saying x;
    int64_t said_id;
    const char *field = NULL;
    topic_theme how = {.name = str_trim(in_str(c, "name")),
                       .about = str_trim(in_str(c, "about")),
                       .parent = in_int(c, "parent", 0),
                       .axis = str_eq(in_str(c, "axis"), S("why")) ? TOPIC_why : TOPIC_what,
                       .by = who_text(c->a, &c->who)};
    if (!begin(c, &x, THEME_ACT_to_topic, true, e) || !store_begin(c->s, e)) return false;
    if (!theme_to_topic(know_ledger(c->d->k), c->a, c->s, x.theme, &how, &said_id, &field, e)) {
        if (!field) return false;
        err why = *e;
        *e = (err){0};
        return fail_field(c, e, field, "%s", why.msg);
    }
    return themes_told(c, "theme.to_topic", subject_of(c, x.theme), S("{}"), e) &&
           put_theme_page(c, x.theme, said_id, e);
}

bool themes_find(call *c, err *e) {
    int64_t id;
    str args = in_bool(c, "anew") ? S("{\"anew\":true}") : S("{}");
    return job_none(c, "themes_now", e) && job_begin(c, "themes_now", args, &id, e) &&
           audit(c, "theme.find", S("theme"), args, e);
}

bool bursts_seen(call *c, err *e) {
    int64_t id;
    burst_row b;
    abouts names;
    if (!param_id(c, 0, &id, e) || !bursts_get(c->a, c->s, id, &b, e) || !store_begin(c->s, e) ||
        !bursts_see(c->s, id, who_text(c->a, &c->who), e) ||
        !themes_told(c, "burst.seen", str_fmt(c->a, "burst:%" PRId64, id), S("{}"), e))
        return false;
    arena scratch = arena_open(1 << 22);
    bool ok = bursts_get(c->a, c->s, id, &b, e) && abouts_read(c->a, c->s, &names, e) &&
              burst_json(&c->out, NULL, scratch, c->s, &names, &b, may_read_words(c), e);
    arena_close(&scratch);
    return ok;
}
