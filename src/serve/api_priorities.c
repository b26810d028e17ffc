// What is rising, what comes first, and what was decided.
#include "serve/api_themes.h"

enum { QUOTES = 5 };

// ---- rising ----

static bool put_emerging(call *c, const abouts *names, const rising_report *r, err *e) {
    json_out *j = &c->out;
    json_open(j, "emerging", '[');
    for (size_t i = 0; i < r->n_emerging; i++) {
        const emerging *x = &r->emerging[i];
        str example = S("");
        if (!about_name(names, x->kind, x->id).len) continue;
        if (may_read_words(c) && !about_example(c->a, c->s, names, x->kind, x->id, &example, e)) return false;
        json_open(j, NULL, '{');
        about_json(j, "about", names, x->kind, x->id);
        json_put_num(j, "share", x->share);
        json_put_num(j, "share_before", x->before);
        json_put_int(j, "people", x->people);
        json_put_int(j, "people_before", x->people_before);
        json_put_bool(j, "fresh", !x->people_before);
        json_put_num(j, "p", x->p);
        json_put_str(j, "example", example);
        json_put_str(j, "evidence", str_fmt(c->a, "%.*s:28d", STR_ARG(about_evidence(c->a, x->kind, x->id))));
        json_close(j, '}');
    }
    json_close(j, ']');
    return true;
}

static void put_part(call *c, const abouts *names, const json_t *x) {
    static const char *const kept[] = {"now", "before", "change", "part", "p", NULL};
    enum about_kind k = (enum about_kind)json_integer_value(json_object_get(x, "kind"));
    int64_t id = json_integer_value(json_object_get(x, "id"));
    json_open(&c->out, NULL, '{');
    about_json(&c->out, "about", names, k, id);
    json_members(&c->out, x, kept);
    json_put_str(&c->out, "evidence", about_evidence(c->a, k, id));
    json_close(&c->out, '}');
}

static bool put_drift(call *c, const abouts *names, const json_t *x, err *e) {
    static const char *const kept[] = {"drifts", "strength", "p", "state", "why", NULL};
    int64_t id = json_integer_value(json_object_get(x, "segment"));
    segment_row r;
    json_t *part;
    size_t i;
    bool there = !id || segment_get_id(c->a, c->s, id, &r, e);
    if (!there) return err_ok(e); // it was removed since
    json_open(&c->out, NULL, '{');
    put_number(&c->out, "segment", id);
    if (id)
        json_put_str(&c->out, "segment_name", r.name);
    else
        json_put_null(&c->out, "segment_name");
    json_members(&c->out, x, kept);
    json_open(&c->out, "parts", '[');
    json_array_foreach(json_object_get(x, "parts"), i, part) {
        put_part(c, names, part);
    }
    json_close(&c->out, ']');
    json_close(&c->out, '}');
    return true;
}

static int state_asked(call *c) {
    str x = in_str(c, "state");
    return str_eq(x, S("open"))   ? BURST_OPEN
           : str_eq(x, S("seen")) ? BURST_SEEN
           : str_eq(x, S("over")) ? BURST_OVER
           : str_eq(x, S("all"))  ? BURST_ANY
                                  : BURST_STANDING;
}

bool rising_show(call *c, err *e) {
    abouts names;
    rising_report r;
    json_out *j = &c->out;
    json_t *x;
    size_t i;
    if (!store_begin_read(c->s, e) || !abouts_read(c->a, c->s, &names, e) || !rising_report_read(c->a, c->s, &r, e))
        return false;
    json_open(j, NULL, '{');
    json_put_time(j, "made", r.made_us);
    json_put_time(j, "now", r.now_us);
    json_put_int(j, "watched", r.watched);
    bool ok = put_bursts(c, "bursts", &names, state_asked(c), ABOUT_theme, 0, e) && put_emerging(c, &names, &r, e);
    json_put_int(j, "tested", r.tested);
    json_open(j, "drift", '[');
    json_array_foreach(r.drift, i, x) {
        ok = ok && put_drift(c, &names, x, e);
    }
    json_close(j, ']');
    json_close(j, '}');
    json_decref(r.root);
    return ok;
}

// ---- priorities ----

// The answer grows in the arena of the exchange, so that scratch must be another one.
static void put_rows(call *c, const char *key, const priorities *x) {
    arena scratch = arena_open(1 << 20);
    json_open(&c->out, key, '[');
    for (size_t i = 0; i < x->n; i++) priority_json(&c->out, NULL, scratch, x, &x->v[i]);
    json_close(&c->out, ']');
    arena_close(&scratch);
}

static priorities_ask asked(call *c) {
    static const struct {
        str name;
        enum priorities_order order;
    } orders[] = {{S("people"), PRIORITIES_PEOPLE},
                  {S("revenue"), PRIORITIES_REVENUE},
                  {S("fair"), PRIORITIES_FAIR},
                  {S("apart"), PRIORITIES_APART}};
    priorities_ask k = {0};
    enum stand_state state;
    str of = in_str(c, "of");
    if (str_eq(of, S("themes"))) k.of = PRIORITIES_THEMES;
    if (str_eq(of, S("topics"))) k.of = PRIORITIES_TOPICS;
    for (size_t i = 0; i < COUNT(orders); i++)
        if (str_eq(in_str(c, "order"), orders[i].name)) k.order = orders[i].order;
    if (stand_of(in_str(c, "stand"), &state)) k.stand = (int)state;
    return k;
}

static void put_report_time(json_out *j, const char *key, const json_t *report) {
    json_put_time(j, key, json_integer_value(json_object_get(report, key)));
}

bool priorities_page(call *c, err *e) {
    priorities x = {0};
    const priorities_ask ask = asked(c);
    json_out *j = &c->out;
    bool ok = store_begin_read(c->s, e) && priorities_read(c->a, c->s, &ask, &x, e);
    if (ok) {
        json_open(j, NULL, '{');
        json_put_time(j, "made", x.made_us);
        put_report_time(j, "since", x.report);
        put_report_time(j, "until", x.report);
        json_put_int(j, "customers", json_integer_value(json_object_get(x.report, "customers")));
        json_put_int(j, "valued", json_integer_value(json_object_get(x.report, "valued")));
        json_put_int(j, "other_currencies", json_integer_value(json_object_get(x.report, "other_currencies")));
        if (x.report)
            json_members(j, x.report, (const char *const[]){"distances", NULL});
        else
            json_put_raw(j, "distances", S("[]"));
        put_rows(c, "items", &x);
        json_close(j, '}');
    }
    priorities_close(&x);
    return ok;
}

static bool about_asked(call *c, enum about_kind *k, int64_t *id, err *e) {
    if (!about_kind_of(c->params[0], k))
        return fail(e, ERR_not_found, "'%.*s' is neither theme nor topic", (int)MIN(c->params[0].len, (size_t)40),
                    c->params[0].s);
    return param_id(c, 1, id, e);
}

static bool put_part_quotes(call *c, const char *key, enum theme_part part, enum about_kind k, int64_t id, int64_t now,
                            err *e) {
    sources *all;
    quoted *q = NULL;
    size_t n = 0;
    sources_as_asked(c->a, c->s, &all);
    if (may_read_words(c) && !theme_quoted(c->a, c->s, all, k, id, part, now, QUOTES, &q, &n, e)) return false;
    put_quotes(&c->out, key, q, n);
    return true;
}

static bool put_history(call *c, enum about_kind k, int64_t id, err *e) {
    stand *v;
    size_t n;
    if (!stand_history(c->a, c->s, k, id, &v, &n, e)) return false;
    json_open(&c->out, "history", '[');
    for (size_t i = 0; i < n; i++) stand_json(&c->out, NULL, &v[i]);
    json_close(&c->out, ']');
    return true;
}

static bool put_priority_page(call *c, const priorities *x, const priority_row *r, err *e) {
    priorities inside = {0};
    int64_t now;
    bool historic;
    json_out *j = &c->out;
    const priorities_ask parts = {.inside = r->kind == ABOUT_topic ? r->id : -1};
    if (!as_of_us(c->s, c->now_us, &now, &historic, e) || !priorities_read(c->a, c->s, &parts, &inside, e))
        return false;
    call_etag(c, r->now.version);
    json_open(j, NULL, '{');
    arena scratch = arena_open(1 << 20);
    priority_json(j, "priority", scratch, x, r);
    arena_close(&scratch);
    bool ok = put_part_quotes(c, "quotes", THEME_PART_all, r->kind, r->id, now, e) &&
              put_part_quotes(c, "unhappy", THEME_PART_unhappy, r->kind, r->id, now, e) &&
              put_part_quotes(c, "valuable", THEME_PART_valuable, r->kind, r->id, now, e) &&
              put_part_quotes(c, "newest", THEME_PART_newest, r->kind, r->id, now, e);
    put_rows(c, "parts", &inside);
    ok = ok && put_history(c, r->kind, r->id, e) && put_bursts(c, "bursts", &x->names, BURST_ANY, r->kind, r->id, e);
    json_close(j, '}');
    priorities_close(&inside);
    return ok;
}

bool priorities_show(call *c, err *e) {
    priorities x = {0};
    enum about_kind k;
    int64_t id;
    if (!about_asked(c, &k, &id, e) || !store_begin_read(c->s, e)) return false;
    bool ok = priorities_read(c->a, c->s, &(priorities_ask){.k = k, .id = id}, &x, e);
    if (ok && !x.n)
        ok = fail(e, ERR_not_found, "there are no figures of %s %" PRId64 " yet: they are counted once a day",
                  about_kind_name(k), id);
    ok = ok && put_priority_page(c, &x, &x.v[0], e) &&
         audit(c, "priority.look", str_fmt(c->a, "%s:%" PRId64, about_kind_name(k), id), S("{}"), e);
    priorities_close(&x);
    return ok;
}

bool priorities_move(call *c, err *e) {
    enum about_kind k;
    int64_t id;
    stand now, to = {.at_us = c->now_us,
                     .by = who_text(c->a, &c->who),
                     .decided_by = str_trim(in_str(c, "decided_by")),
                     .why = str_trim(in_str(c, "why")),
                     .dissent = str_trim(in_str(c, "dissent"))};
    if (!about_asked(c, &k, &id, e) || !stand_of(in_str(c, "state"), &to.state) ||
        !stand_read(c->a, c->s, k, id, &now, e) || !call_if_match(c, now.version, e))
        return false;
    if (to.state == STAND_DOING && !to.why.len) return fail_field(c, e, "why", "say why it is done: 'why' is empty");
    str subject = str_fmt(c->a, "%s:%" PRId64, about_kind_name(k), id);
    str detail = str_fmt(c->a, "{\"state\":\"%s\"}", stand_name(to.state));
    if (!store_begin(c->s, e) || !stand_move(c->s, k, id, &to, now.version, e) ||
        !themes_told(c, "priority.move", subject, detail, e) || !stand_read(c->a, c->s, k, id, &now, e))
        return false;
    call_etag(c, now.version);
    stand_json(&c->out, NULL, &now);
    return true;
}
