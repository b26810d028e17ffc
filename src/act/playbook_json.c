#include "act/playbook_json.h"

#include "know/figure.h"
#include "sql/act_playbook.h"
#include "sql/know.h"

#include <math.h>

bool playbook_counts(arena *a, store *s, playbook_count **out, size_t *n, err *e) {
    enum { MOST = 1100 };
    playbook_count *all = make(a, playbook_count, MOST + 1);
    *n = 0;
    for (row r = store_query(s, Q_playbook_run_counts, e, ""); row_next(&r);) {
        int64_t id = row_int(&r, 0), many = row_int(&r, 3);
        if (!*n || all[*n - 1].playbook != id) {
            if (*n == MOST) continue;
            all[(*n)++].playbook = id;
        }
        playbook_count *x = &all[*n - 1];
        if (row_int(&r, 1))
            x->held += many;
        else
            x->of[row_int(&r, 2) & 3] += many;
        x->last_us = MAX(x->last_us, row_int(&r, 4));
    }
    *out = all;
    return err_ok(e);
}

static void put_counts(json_out *j, const playbook_count *c) {
    static const playbook_count none = {0};
    if (!c) c = &none;
    json_open(j, "runs", '{');
    for (int i = 0; i < 4; i++) json_put_int(j, run_state_name((enum run_state)i), c->of[i]);
    json_put_int(j, "held", c->held);
    json_put_time(j, "last", c->last_us);
    json_close(j, '}');
}

// As one line of JSON, whatever blanks it was written with.
static str compact(arena *a, str json) {
    json_t *v = NULL;
    err quiet = {0};
    if (!json_read(json, &v, &quiet)) return S("{}");
    char *text = json_dumps(v, JSON_COMPACT);
    str out = str_dup(a, str_c(text));
    free(text);
    json_decref(v);
    return out;
}

bool playbook_json(json_out *j, const char *key, arena *a, store *s, const playbook_row *x,
                   const playbook_count *counts, err *e) {
    play d;
    char field[PLAY_FIELD];
    err why = {0};
    bool sound = play_read(a, s, x->definition, &d, field, &why);
    json_open(j, key, '{');
    json_put_int(j, "id", x->id);
    json_put_str(j, "name", x->name);
    json_put_str(j, "about", x->about);
    json_put_bool(j, "on", x->on);
    json_put_bool(j, "shipped", x->shipped);
    json_put_str(j, "words", sound ? play_words(a, &d) : str_dup(a, str_c(why.msg)));
    json_put_raw(j, "definition", compact(a, x->definition));
    json_put_num(j, "hold", sound ? (double)d.hold / PLAY_MILLION : 0);
    put_counts(j, counts);
    json_put_time(j, "since", x->on ? x->on_us : 0);
    json_put_time(j, "looked", x->on ? x->looked_us : 0);
    json_put_time(j, "updated", x->updated_us);
    json_put_str(j, "by", x->by);
    json_put_int(j, "version", x->version);
    json_close(j, '}');
    return sound || playbook_of_one(&why) || (*e = why, false);
}

// ---- runs ----

static bool put_notes(json_out *j, store *s, const playbook_run *r, err *e) {
    json_open(j, "notes", '[');
    for (row q = store_query(s, Q_playbook_notes, e, "i", r->id); row_next(&q);) {
        json_open(j, NULL, '{');
        json_put_int(j, "step", row_int(&q, 0));
        json_put_time(j, "at", row_int(&q, 1));
        json_put_str(j, "what", row_str(&q, 2));
        json_put_str(j, "words", row_str(&q, 3));
        if (row_int(&q, 4))
            json_put_int(j, "about", row_int(&q, 4));
        else
            json_put_null(j, "about");
        json_close(j, '}');
    }
    json_close(j, ']');
    return err_ok(e);
}

bool playbook_run_json(json_out *j, const char *key, arena *a, store *s, const playbook_run *r, bool notes, err *e) {
    int64_t customer = 0;
    str one = str_fmt(a, "[%" PRId64 "]", r->profile);
    for (row q = store_query(s, Q_profile_some, e, "t", one); row_next(&q);) customer = row_int(&q, 1);
    json_open(j, key, '{');
    json_put_int(j, "id", r->id);
    json_put_int(j, "playbook", r->playbook);
    json_put_int(j, "version", r->version);
    if (customer)
        json_put_int(j, "customer", customer);
    else
        json_put_null(j, "customer");
    json_put_str(j, "occasion", r->occasion);
    json_put_bool(j, "held", r->held);
    json_put_str(j, "state", str_c(run_state_name(r->state)));
    json_put_int(j, "step", r->step);
    json_put_time(j, "entered", r->entered_us);
    json_put_time(j, "next", r->state == RUN_going ? r->next_us : 0);
    json_put_time(j, "ended", r->ended_us);
    json_put_str(j, "why", r->why);
    bool ok = err_ok(e) && (!notes || put_notes(j, s, r, e));
    json_close(j, '}');
    return ok;
}

// ---- tries ----

static void put_text(json_out *j, const char *key, const char *text) {
    if (text && *text)
        json_put_str(j, key, str_c(text));
    else
        json_put_null(j, key);
}

static void put_case(json_out *j, const try_case *c) {
    json_open(j, NULL, '{');
    json_put_int(j, "customer", c->customer);
    json_put_time(j, "at", c->at_us);
    json_put_str(j, "occasion", c->occasion);
    json_put_bool(j, "held", c->held);
    json_put_str(j, "verdict", str_c(gate_verdict_name(c->verdict)));
    put_text(j, "rule", c->rule);
    json_put_str(j, "reason", c->reason);
    json_close(j, '}');
}

void try_past_json(json_out *j, const char *key, const try_past *x, int32_t days) {
    json_open(j, key, '{');
    json_put_int(j, "days", days);
    json_put_int(j, "entered", x->entered);
    json_put_int(j, "held", x->held);
    json_put_int(j, "asked", x->asked);
    json_put_int(j, "allow", x->allow);
    json_put_int(j, "delay", x->delay);
    json_put_int(j, "skip", x->skip);
    json_open(j, "kept_back", '[');
    for (int i = 0; i < x->n_kept_back; i++) {
        json_open(j, NULL, '{');
        json_put_str(j, "rule", str_c(x->kept_back[i].rule));
        json_put_int(j, "n", x->kept_back[i].n);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_put_int(j, "every_days", x->every_days);
    json_put_bool(j, "today_alone", x->today_alone);
    put_text(j, "why", x->why);
    json_open(j, "cases", '[');
    for (size_t i = 0; i < x->n_cases; i++) put_case(j, &x->cases[i]);
    json_close(j, ']');
    json_close(j, '}');
}

void try_personas_json(json_out *j, const char *key, const try_personas *x) {
    size_t n;
    const persona *all = personas(&n);
    json_open(j, key, '{');
    json_put_int(j, "days", x->days);
    json_open(j, "personas", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(j, NULL, '{');
        json_put_str(j, "name", str_c(all[i].name));
        json_put_str(j, "about", str_c(all[i].about));
        json_open(j, "moments", '[');
        for (size_t m = 0; m < x->n; m++) {
            if (x->of[m].persona != (int)i) continue;
            json_open(j, NULL, '{');
            json_put_time(j, "at", x->of[m].at_us);
            json_put_str(j, "what", x->of[m].what);
            json_put_str(j, "subject", x->of[m].subject);
            json_put_str(j, "words", x->of[m].words);
            json_close(j, '}');
        }
        json_close(j, ']');
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
}

// ---- templates ----

void template_json(json_out *j, const char *key, arena scratch, const template_row *t) {
    robotic r = template_robotic(scratch, t);
    uint64_t needs = template_needs(t);
    json_open(j, key, '{');
    json_put_str(j, "name", t->name);
    json_put_str(j, "lang", t->lang);
    json_put_int(j, "version", t->version);
    json_put_bool(j, "shipped", t->shipped);
    json_put_str(j, "subject", t->subject);
    json_put_str(j, "words", t->words);
    json_open(j, "needs", '[');
    for (int f = 0; f < FACTS_ALL; f++)
        if (needs >> f & 1) json_put_str(j, NULL, str_c(fact_name((enum fact)f)));
    json_close(j, ']');
    json_put_int(j, "robotic", r.score);
    json_open(j, "robotic_why", '[');
    for (int i = 0; i < r.n; i++) json_put_str(j, NULL, str_c(r.why[i]));
    json_close(j, ']');
    json_put_time(j, "made", t->made_us);
    json_put_str(j, "by", t->by);
    json_close(j, '}');
}

bool template_preview(arena *a, store *s, const template_row *t, int64_t customer, str from, int64_t now_us,
                      template_seen *out, err *e) {
    playbook_person who, made_up = playbook_persona(a, t->lang, from, now_us);
    out->lang = t->lang;
    if (!customer) return template_fill(a, t, &made_up.known, &out->subject, &out->words, e);
    if (!playbook_person_read(a, s, customer, from.len ? from : made_up.known.of[FACT_sender], S(""), t->lang, now_us,
                              &who, e))
        return false;
    // What only an occasion knows (a promise, a date of renewal) is shown as an example.
    static const enum fact of_occasion[] = {FACT_years,        FACT_promise, FACT_promise_date, FACT_renewal_date,
                                            FACT_renewal_days, FACT_goal,    FACT_event_date,   FACT_amount,
                                            FACT_score,        FACT_product};
    for (size_t i = 0; i < COUNT(of_occasion); i++)
        if (!who.known.of[of_occasion[i]].len) who.known.of[of_occasion[i]] = made_up.known.of[of_occasion[i]];
    return template_fill(a, t, &who.known, &out->subject, &out->words, e);
}

bool playbook_signed(arena *a, str definition, str from, str *out, err *e) {
    json_t *v = NULL;
    *out = definition;
    if (!from.len) return true;
    if (!json_read(definition, &v, e)) return false;
    json_object_set_new(v, "from", json_stringn(from.s, from.len));
    char *text = json_dumps(v, JSON_COMPACT);
    *out = str_dup(a, str_c(text));
    free(text);
    json_decref(v);
    return true;
}

// ---- the time to a first value ----

void first_values_json(json_out *j, const char *key, const first_values *x) {
    json_open(j, key, '{');
    json_open(j, "groups", '[');
    for (size_t i = 0; i < x->n_groups; i++) {
        const first_value_group *g = &x->groups[i];
        json_open(j, NULL, '{');
        json_put_str(j, "segment", g->segment);
        json_put_int(j, "n", g->n);
        json_put_int(j, "had", g->had);
        figure_json(j, "half_days", &g->half);
        figure_json(j, "p80_days", &g->p80);
        json_put_num(j, "stuck_after_days", g->beyond);
        json_put_int(j, "stuck", g->stuck);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_open(j, "stuck", '[');
    for (size_t i = 0; i < x->n_stuck && i < 200; i++) {
        json_open(j, NULL, '{');
        json_put_int(j, "customer", x->stuck[i].customer);
        json_put_time(j, "since", x->stuck[i].start_us);
        json_put_num(j, "days", floor(x->stuck[i].days * 10) / 10);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
}
