// The journey: its stages, what they come to, how they are changed, who is in them and what is said there.
#include "serve/api_stages.h"

#include <math.h>

#include "act/stage_act.h"
#include "base/civil.h"
#include "know/figure.h"
#include "serve/api_customers.h"
#include "serve/api_themes.h"
#include "serve/api_topics.h"
#include "serve/kept.h"
#include "serve/live.h"
#include "serve/server.h"
#include "sql/know_stage.h"

enum { PAST_MOST = 20, WORDS_CUT = 400 };

// ---- put out ----

static void put_text_or_null(json_out *j, const char *key, str x) {
    if (x.len)
        json_put_str(j, key, x);
    else
        json_put_null(j, key);
}

static void put_act(json_out *j, const stage_act *x) {
    json_open(j, NULL, '{');
    json_put_str(j, "do", str_c(stage_do_name(x->what)));
    json_put_str(j, "when", x->unhappy ? S("unhappy") : S("always"));
    if (x->what == STAGE_hold) {
        json_open(j, "kinds", '[');
        for (size_t i = 0; i < x->n_kinds; i++) json_put_str(j, NULL, x->kinds[i]);
        json_close(j, ']');
    } else
        json_put_null(j, "kinds");
    put_text_or_null(j, "to", x->to);
    put_text_or_null(j, "text", x->text);
    json_close(j, '}');
}

static void put_stage(json_out *j, const char *key, const stage_row *x) {
    json_open(j, key, '{');
    json_put_int(j, "id", x->id);
    json_put_int(j, "place", x->place);
    json_put_str(j, "name", x->name);
    json_put_str(j, "about", x->about);
    json_put_str(j, "rule", x->words);
    json_open(j, "acts", '[');
    for (size_t i = 0; i < x->n_acts; i++) put_act(j, &x->acts[i]);
    json_close(j, ']');
    json_put_bool(j, "used", x->used);
    json_put_bool(j, "sample", x->sample);
    json_put_time(j, "made", x->made_us);
    json_put_str(j, "by", x->by);
    json_put_int(j, "version", x->version);
    json_close(j, '}');
}

static str name_of(const journey *j, int64_t id) {
    const stage_row *x = journey_by_id(j, id);
    return x ? x->name : S("");
}

static void put_feelings(json_out *j, const stage_figures *f) {
    bool put[FEELINGS] = {0};
    json_open(j, "feelings", '[');
    for (int n = 0; n < FEELINGS; n++) {
        int best = -1;
        for (int i = 0; i < FEELINGS; i++)
            if (!put[i] && f->feeling[i] && (best < 0 || f->feeling[i] > f->feeling[best])) best = i;
        if (best < 0) break;
        put[best] = true;
        json_open(j, NULL, '{');
        json_put_str(j, "name", str_c(mood_feeling_name((enum mood_feeling)best)));
        json_put_int(j, "people", f->feeling[best]);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_topics(json_out *j, const stage_figures *f) {
    json_open(j, "topics", '[');
    for (size_t i = 0; i < f->n_topics; i++) {
        const stage_topic *t = &f->topics[i];
        json_open(j, NULL, '{');
        json_put_int(j, "topic", t->topic);
        json_put_str(j, "name", t->name);
        json_put_int(j, "people", t->people);
        json_put_int(j, "words", t->words);
        figure_json(j, "unhappy", &t->unhappy);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_next(json_out *j, const journey *all, const stage_figures *f) {
    json_open(j, "next", '[');
    for (size_t i = 0; i < f->n_next; i++) {
        json_open(j, NULL, '{');
        put_id_or_null(j, "stage", f->next[i].stage);
        json_put_str(j, "name", name_of(all, f->next[i].stage));
        figure_json(j, "share", &f->next[i].share);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_stage_figures(json_out *j, const journey *all, const stage_figures *f) {
    json_open(j, "figures", '{');
    json_put_int(j, "now", f->now);
    figure_json(j, "share", &f->share);
    json_put_int(j, "words", f->words);
    json_put_int(j, "words_before", f->words_before);
    json_put_int(j, "people", f->people);
    figure_json(j, "unhappy", &f->unhappy);
    figure_json(j, "happy", &f->happy);
    figure_json(j, "unhappy_before", &f->unhappy_before);
    figure_change_json(j, "change", &f->changed);
    json_put_str(j, "verdict",
                 str_c(figure_verdict(verdict_of(&f->unhappy, &f->unhappy_before, &f->changed, -1, f->p))));
    put_feelings(j, f);
    put_topics(j, f);
    figure_json(j, "reached", &f->reached);
    json_put_int(j, "entered", f->entered);
    figure_json(j, "days", &f->days);
    put_next(j, all, f);
    json_close(j, '}');
}

// ---- the journey, and one stage ----

typedef struct {
    call *c;
    const journey *j;
    const stage_row *x; // NULL: all
    int64_t since;
} counted_stages;

static bool put_standing(call *c, err *e) {
    stage_standing at;
    if (!stage_stands(c->s, &at, e)) return false;
    json_put_int(&c->out, "waiting", at.waiting);
    json_put_num(&c->out, "again", at.left ? 1 - (double)at.left / (double)MAX(at.again, 1) : NAN);
    return true;
}

static bool put_past(call *c, const stage_row *x, err *e) {
    stage_row *past = make(c->a, stage_row, PAST_MOST);
    const char *field;
    size_t n;
    if (!stage_history(c->a, c->s, x->id, past, PAST_MOST, &n, e)) return false;
    json_open(&c->out, "past", '[');
    for (size_t i = 0; i < n; i++) {
        if (!stage_check(c->a, &past[i], &field, e)) return false;
        put_stage(&c->out, NULL, &past[i]);
    }
    json_close(&c->out, ']');
    return true;
}

static bool tell_all(call *c, const counted_stages *k, const stages_figures *f, err *e) {
    json_out *j = &c->out;
    json_open(j, NULL, '{');
    json_open(j, "items", '[');
    for (size_t i = 0; i < k->j->n; i++) {
        json_open(j, NULL, '{');
        put_stage(j, "stage", &k->j->v[i]);
        put_stage_figures(j, k->j, &f->of[i]);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_put_time(j, "since", f->since_us);
    json_put_time(j, "until", f->until_us);
    json_put_int(j, "customers", f->customers);
    json_put_int(j, "words", f->words);
    json_put_int(j, "untold", f->untold);
    if (!put_standing(c, e)) return false;
    json_close(j, '}');
    return true;
}

static bool tell_one(call *c, const counted_stages *k, const stages_figures *f, err *e) {
    json_out *j = &c->out;
    json_open(j, NULL, '{');
    put_stage(j, "stage", k->x);
    put_stage_figures(j, k->j, &f->of[k->x - k->j->v]);
    if (!put_past(c, k->x, e)) return false;
    json_close(j, '}');
    return true;
}

static bool tell_counted(void *ctx, buf *b, err *e) {
    const counted_stages *k = ctx;
    call *c = k->c;
    stages_figures f;
    if (!stage_count(c->a, c->s, k->j, k->since, c->now_us + 1, c->now_us, &f, e)) return false;
    const json_out kept = c->out;
    c->out = json_to(b);
    const bool ok = k->x ? tell_one(c, k, &f, e) : tell_all(c, k, &f, e);
    c->out = kept;
    return ok;
}

static bool tell(call *c, counted_stages *k, err *e) {
    int64_t version = 0;
    for (size_t i = 0; i < k->j->n; i++) version = version * 31 + k->j->v[i].version;
    const str question =
        str_fmt(c->a, "stages %" PRId64 " %" PRId64 " %" PRId64, k->x ? k->x->id : 0, version, in_int(c, "days", 90));
    return kept_put(c, question, tell_counted, k, e);
}

static bool asked_stage(call *c, journey *j, const stage_row **x, err *e) {
    int64_t id;
    if (!param_id(c, 0, &id, e) || !journey_read(c->a, c->s, j, e)) return false;
    *x = journey_by_id(j, id);
    return *x || fail(e, ERR_not_found, "there is no stage %" PRId64 "; GET /api/stages lists them", id);
}

bool stages_list(call *c, err *e) {
    journey j;
    counted_stages k = {.c = c, .j = &j};
    return in_days(c, 90, &k.since, e) && store_begin_read(c->s, e) && journey_read(c->a, c->s, &j, e) &&
           tell(c, &k, e);
}

bool stages_show(call *c, err *e) {
    journey j;
    counted_stages k = {.c = c, .j = &j};
    if (!in_days(c, 90, &k.since, e) || !store_begin_read(c->s, e) || !asked_stage(c, &j, &k.x, e)) return false;
    call_etag(c, k.x->version);
    return tell(c, &k, e);
}

bool stages_facts(call *c, err *e) {
    static const char *const counts[] = {
        [FACT_COUNT] = "events", [FACT_DAYS] = "days", [FACT_RHYTHMS] = "rhythms", [FACT_YEARLY] = "days"};
    const stage_fact_row *f;
    (void)e;
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "items", '[');
    for (size_t i = 0; (f = stage_fact_at(i)); i++) {
        json_open(&c->out, NULL, '{');
        json_put_str(&c->out, "name", str_c(f->name));
        json_put_str(&c->out, "counts", str_c(counts[f->kind]));
        json_put_str(&c->out, "text", str_c(f->text));
        json_close(&c->out, '}');
    }
    json_close(&c->out, ']');
    json_put_null(&c->out, "next");
    json_close(&c->out, '}');
    return true;
}

// ---- changed ----

// Over what is there already.
static bool in_stage(call *c, stage_row *x, err *e) {
    const json_t *acts = json_object_get(c->in, "acts");
    if (in_has(c, "name")) x->name = in_str(c, "name");
    if (in_has(c, "about")) x->about = in_str(c, "about");
    if (in_has(c, "place")) x->place = in_int(c, "place", 0);
    if (in_has(c, "rule")) x->words = in_str(c, "rule");
    if (in_has(c, "used")) x->used = in_bool(c, "used");
    if (in_has(c, "place") && (x->place < 1 || x->place > STAGES_MOST))
        return fail_field(c, e, "place", "a place is from 1 to %d", STAGES_MOST);
    if (!json_is_array(acts)) return true;
    char *text = json_dumps(acts, JSON_COMPACT);
    x->acts_json = str_dup(c->a, str_c(text ? text : "[]"));
    free(text);
    return true;
}

// A role that there is, or the address of a colleague.
static bool check_routes(call *c, const stage_row *x, err *e) {
    for (size_t i = 0; i < x->n_acts; i++) {
        uint64_t needs;
        bool there = x->acts[i].what != STAGE_route || role_needs(x->acts[i].to, &needs);
        for (row r = store_query(c->s, Q_stage_accounts, e, ""); !there && row_next(&r);)
            if (str_eq_ci(row_str(&r, 1), x->acts[i].to)) there = true, row_end(&r);
        if (!err_ok(e)) return false;
        if (!there)
            return fail_field(c, e, "acts", "'%.*s' is no role and no colleague's address",
                              (int)MIN(x->acts[i].to.len, (size_t)60), x->acts[i].to.s);
    }
    return true;
}

static bool checked(call *c, stage_row *x, err *e) {
    const char *field = NULL;
    err why = {0};
    if (!stage_check(c->a, x, &field, &why) || !stage_act_check(x, &field, &why))
        return field ? fail_field(c, e, field, "%s", why.msg) : (*e = why, false);
    return check_routes(c, x, e);
}

static bool put_changed(call *c, const stage_row *x, const char *action, err *e) {
    if (!audit(c, action, str_fmt(c->a, "stage:%" PRId64, x->id),
               str_fmt(c->a, "{\"version\":%" PRId64 "}", x->version), e))
        return false;
    live_tell(server_live(c->sv), S("stages"), str_fmt(c->a, "{\"stage\":%" PRId64 "}", x->id));
    call_etag(c, x->version);
    put_stage(&c->out, NULL, x);
    return true;
}

static bool change_with(call *c, stage_row *x, const char *action, err *e) {
    const char *field = NULL;
    err why = {0};
    x->by = who_text(c->a, &c->who);
    if (!in_stage(c, x, e) || !checked(c, x, e)) return false;
    if (!stage_put(c->a, c->s, x, c->now_us, &field, &why)) {
        if (field && why.code == ERR_invalid) return fail_field(c, e, field, "%s", why.msg);
        return *e = why, false;
    }
    return put_changed(c, x, action, e);
}

bool stages_add(call *c, err *e) {
    stage_row x = {.used = true};
    if (!change_with(c, &x, "stage.add", e)) return false;
    call_status(c, 201);
    call_location(c, str_fmt(c->a, "/api/stages/%" PRId64, x.id));
    return true;
}

bool stages_change(call *c, err *e) {
    journey j;
    const stage_row *now;
    if (!asked_stage(c, &j, &now, e) || !call_if_match(c, now->version, e)) return false;
    stage_row x = *now;
    return change_with(c, &x, "stage.change", e);
}

bool stages_undo(call *c, err *e) {
    journey j;
    const stage_row *now;
    stage_row x;
    return asked_stage(c, &j, &now, e) && call_if_match(c, now->version, e) &&
           stage_undo(c->a, c->s, now->id, who_text(c->a, &c->who), c->now_us, &x, e) &&
           put_changed(c, &x, "stage.undo", e);
}

bool stages_preview(call *c, err *e) {
    json_out *out = &c->out;
    journey j;
    stage_row x = {.used = true, .name = S("new")};
    stage_outlook o;
    const int64_t id = in_int(c, "stage", 0);
    if (!store_begin_read(c->s, e) || !journey_read(c->a, c->s, &j, e)) return false;
    const stage_row *now = journey_by_id(&j, id);
    if (id && !now) return fail_field(c, e, "stage", "there is no stage %" PRId64, id);
    if (now) x = *now;
    if (!in_stage(c, &x, e) || !checked(c, &x, e)) return false;
    if (!x.place) x.place = (int64_t)j.n + 1;
    if (!stage_try(c->a, c->s, &x, c->now_us, &o, e)) return false;
    json_open(out, NULL, '{');
    json_put_str(out, "rule", x.words);
    json_put_int(out, "customers", o.customers);
    json_put_int(out, "looked", o.looked);
    json_put_int(out, "now", o.is);
    json_put_int(out, "then", o.would);
    json_put_int(out, "unhappy", o.unhappy);
    json_put_int(out, "held", o.held);
    json_put_int(out, "routed", o.routed);
    json_close(out, '}');
    return true;
}

// ---- who and what ----

static void put_name(json_out *j, const people_card *card) {
    put_text_or_null(j, "name", card->name);
}

static bool put_words(call *c, const meaning *m, err *e) {
    json_out *j = &c->out;
    int64_t feedback, customer;
    str text;
    const struct meaning_place at = {m->profile, m->key, m->at_us};
    if (!meaning_whose(c->s, &at, &feedback, &customer, e) || !stage_said(c->a, c->s, m, &text, e)) return false;
    people_card card = {.id = customer};
    if (customer && !people_fill(c->a, c->s, &card, 1, e)) return false;
    json_open(j, NULL, '{');
    put_id_or_null(j, "feedback", feedback);
    put_id_or_null(j, "customer", customer);
    put_name(j, &card);
    json_put_time(j, "at", m->at_us);
    json_put_str(j, "channel", channel_name(m->channel));
    json_put_str(j, "words", words_cut(text, WORDS_CUT));
    put_topic_felt(j, "mood", m->has_mood, m->mood);
    json_close(j, '}');
    return true;
}

bool stages_words(call *c, err *e) {
    paging p;
    journey j;
    const stage_row *x;
    stage_words_ask ask = {0};
    meaning *v;
    size_t n;
    if (!in_days(c, 90, &ask.since_us, e) || !store_begin_read(c->s, e) || !asked_stage(c, &j, &x, e) ||
        !page_open(c, &p, e))
        return false;
    ask.before_us = p.first ? INT64_MAX : p.after[0], ask.before_key = p.first ? INT64_MAX : p.after[1];
    ask.most = (size_t)p.limit + 1;
    if (!stage_words(c->a, c->s, x->id, &ask, &v, &n, e)) return false;
    const size_t put = MIN(n, (size_t)p.limit);
    for (size_t i = 0; i < put; i++)
        if (!put_words(c, &v[i], e)) return false;
    page_close(c, &p, n > put, put ? v[put - 1].at_us : 0, put ? v[put - 1].key : 0);
    return true;
}

bool stages_customers(call *c, err *e) {
    paging p;
    journey j;
    const stage_row *x;
    size_t n = 0;
    if (!store_begin_read(c->s, e) || !asked_stage(c, &j, &x, e) || !page_open(c, &p, e)) return false;
    const size_t most = (size_t)p.limit;
    int64_t *since = make(c->a, int64_t, most + 1);
    people_card *cards = make(c->a, people_card, most + 1);
    for (row r = store_query(c->s, Q_stage_now_in, e, "iiii", x->id, p.first ? INT64_MAX : p.after[0],
                             p.first ? INT64_MAX : p.after[1], (int64_t)most + 1);
         row_next(&r);)
        if (n <= most) cards[n].id = row_int(&r, 0), since[n++] = row_int(&r, 1);
    const size_t put = MIN(n, most);
    if (!err_ok(e) || !people_fill(c->a, c->s, cards, put, e)) return false;
    for (size_t i = 0; i < put; i++) {
        json_open(&c->out, NULL, '{');
        json_put_int(&c->out, "customer", cards[i].id);
        put_name(&c->out, &cards[i]);
        json_put_time(&c->out, "since", since[i]);
        json_close(&c->out, '}');
    }
    page_close(c, &p, n > put, put ? since[put - 1] : 0, put ? cards[put - 1].id : 0);
    return audit(c, "stage.customers", str_fmt(c->a, "stage:%" PRId64, x->id), S("{}"), e);
}

static void put_lasting(json_out *j, const stage_act *v, size_t n) {
    str to = S("");
    json_open(j, "held", '[');
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < v[i].n_kinds; k++) json_put_str(j, NULL, v[i].kinds[k]);
    json_close(j, ']');
    for (size_t i = n; i-- > 0;)
        if (v[i].what == STAGE_route) to = v[i].to;
    put_text_or_null(j, "routed", to);
    json_open(j, "guidance", '[');
    for (size_t i = 0; i < n; i++)
        if (v[i].what == STAGE_guide) json_put_str(j, NULL, v[i].text);
    json_close(j, ']');
}

bool put_stage_now(call *c, const char *key, int64_t customer, err *e) {
    json_out *j = &c->out;
    stage_now at;
    const stage_row *x;
    const stage_act *v;
    bool unhappy;
    size_t n;
    if (!stage_acts_now(c->a, c->s, customer, c->now_us, &at, &x, &v, &n, e)) return false;
    if (!x) return json_put_null(j, key), true;
    if (!stage_unhappy(c->s, customer, &at, c->now_us, &unhappy, e)) return false;
    json_open(j, key, '{');
    json_put_int(j, "stage", x->id);
    json_put_str(j, "name", x->name);
    json_put_str(j, "about", x->about);
    json_put_time(j, "since", at.since_us);
    json_put_bool(j, "unhappy", unhappy);
    put_lasting(j, v, n);
    json_close(j, '}');
    return true;
}

bool stages_of_one(call *c, err *e) {
    json_out *out = &c->out;
    int64_t id;
    journey j;
    stage_events ev;
    people_card card;
    if (!param_id(c, 0, &id, e) || !store_begin_read(c->s, e) || !journey_read(c->a, c->s, &j, e)) return false;
    card = (people_card){.id = id};
    if (!stage_events_read(c->a, c->s, id, &ev, e) || !people_fill(c->a, c->s, &card, 1, e)) return false;
    if (!ev.n && !card.name.len && !card.known_by.len)
        return fail(e, ERR_not_found, "there is no customer %" PRId64, id);
    const stage_path p = stage_path_of(c->a, &j, &ev, c->now_us);
    json_open(out, NULL, '{');
    json_put_int(out, "customer", id);
    if (!put_stage_now(c, "now", id, e)) return false;
    json_open(out, "spells", '[');
    for (size_t i = p.n; i-- > 0;) {
        json_open(out, NULL, '{');
        put_id_or_null(out, "stage", p.v[i].stage);
        json_put_str(out, "name", name_of(&j, p.v[i].stage));
        json_put_time(out, "since", p.v[i].from_us);
        json_put_time(out, "until", i + 1 < p.n ? p.v[i + 1].from_us : 0);
        json_close(out, '}');
    }
    json_close(out, ']');
    json_close(out, '}');
    return look(c, id, e);
}
