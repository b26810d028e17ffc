// What a playbook would do, did, and changed.
#include "cli/playbook_cmd.h"
#include "know/figure.h"
#include "sql/act_playbook.h"

// ---- try ----

static void say_persona(playbook_task *t, const try_personas *x, int who, const persona *p) {
    arena *a = t->c->life;
    bool any = false;
    term_put(&t->c->t, STYLE_bold, str_c(p->name));
    term_say(&t->c->t, " %s\n", p->about);
    int64_t start = zone_day_start_us(NULL, zone_days(NULL, t->now_us));
    for (size_t i = 0; i < x->n; i++) {
        const try_moment *m = &x->of[i];
        if (m->persona != who) continue;
        any = true;
        bool mail = str_eq(m->what, S("message"));
        term_say(&t->c->t, "  day %2d  %.*s: %.*s\n", (int)((m->at_us - start) / DAY_US), STR_ARG(m->what),
                 STR_ARG(term_clean(a, mail ? m->subject : m->words, true)));
        for (str rest = mail ? m->words : (str){0}; rest.s;) {
            str line = str_cut(&rest, '\n');
            term_say(&t->c->t, "          | %.*s\n", STR_ARG(term_clean(a, line, true)));
        }
    }
    if (!any) term_say(&t->c->t, "  gets nothing\n");
}

static void say_past(playbook_task *t, const try_past *x) {
    arena *a = t->c->life;
    if (x->why) {
        term_say(&t->c->t, "%s.\n", x->why);
        return;
    }
    term_say(&t->c->t, "In the last %" PRId64 " days %.*s would have entered, %.*s of them left alone.\n", t->o->days,
             STR_ARG(say_n(a, x->entered, "customer", "customers")), STR_ARG(term_count(a, x->held)));
    if (x->every_days > 1) term_say(&t->c->t, "(Looked at every %d days, because there are so many.)\n", x->every_days);
    if (x->today_alone) term_say(&t->c->t, "(Its condition was asked as of today.)\n");
    if (x->asked)
        term_say(&t->c->t, "Of %.*s the gate would have let %.*s through, delayed %.*s and kept %.*s back.\n",
                 STR_ARG(term_count(a, x->asked)), STR_ARG(term_count(a, x->allow)), STR_ARG(term_count(a, x->delay)),
                 STR_ARG(term_count(a, x->skip)));
    for (int i = 0; i < x->n_kept_back; i++)
        term_say(&t->c->t, "  %.*s because of: %s\n", STR_ARG(term_count(a, x->kept_back[i].n)), x->kept_back[i].rule);
}

static void say_cases(playbook_task *t, const try_past *x) {
    static const table_col cols[] = {{"customer", false, false},
                                     {"when", false, false},
                                     {"occasion", false, false},
                                     {"would", false, false},
                                     {"why", false, true}};
    enum { SHOWN = 15 };
    arena *a = t->c->life;
    table *out = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < x->n_cases && i < SHOWN; i++) {
        const try_case *k = &x->cases[i];
        table_add(out, STYLE_plain, str_fmt(a, "customer:%" PRId64, k->customer));
        table_add(out, STYLE_plain, say_day(a, t->z, k->at_us));
        table_add(out, STYLE_plain, k->occasion);
        table_add(out, STYLE_bold, k->held ? S("be left alone") : str_c(gate_verdict_name(k->verdict)));
        table_add(out, STYLE_plain, term_clean(a, k->reason, true));
    }
    if (table_rows(out)) table_print(out, &t->c->t, 2);
}

static bool try_json(playbook_task *t, const try_personas *people, const try_past *past) {
    reply r;
    reply_open(&r, t->c);
    json_open(&r.j, NULL, '{');
    if (people)
        try_personas_json(&r.j, "personas", people);
    else
        json_put_null(&r.j, "personas");
    if (past)
        try_past_json(&r.j, "past", past, (int32_t)t->o->days);
    else
        json_put_null(&r.j, "past");
    json_close(&r.j, '}');
    reply_close(&r);
    return true;
}

bool playbook_show_try(playbook_task *t, err *e) {
    playbook_row x;
    play d;
    try_personas people;
    try_past past;
    char field[PLAY_FIELD];
    size_t n;
    bool do_people = t->o->personas || !t->o->past, do_past = t->o->past || !t->o->personas;
    const persona *all = personas(&n);
    if (t->o->days < 1 || t->o->days > TRY_DAYS_MOST) return fail(e, ERR_usage, "--days takes 1 to %d", TRY_DAYS_MOST);
    if (!playbook_named(t, t->s, &x, e) || !play_read(t->c->life, t->s, x.definition, &d, field, e)) return false;
    arena a = arena_open((size_t)1 << 34);
    bool ok = (!do_people || playbook_try_personas(&a, t->s, &x, t->o->lang, t->now_us, &people, e)) &&
              (!do_past || playbook_try_past(&a, t->s, &x, &d, (int32_t)t->o->days, t->now_us, &past, e));
    if (ok && t->c->g.json)
        ok = try_json(t, do_people ? &people : NULL, do_past ? &past : NULL);
    else if (ok) {
        for (size_t i = 0; do_people && i < n; i++) say_persona(t, &people, (int)i, &all[i]);
        if (do_people && do_past) term_say(&t->c->t, "\n");
        if (do_past) say_past(t, &past), say_cases(t, &past);
    }
    arena_close(&a);
    return ok;
}

// ---- effect ----

static void say_arm(playbook_task *t, const char *name, const effect_arm *x) {
    arena *a = t->c->life;
    term_say(&t->c->t, "  %-12s %.*s entered, the time of %.*s has passed", name, STR_ARG(term_count(a, x->runs)),
             STR_ARG(term_count(a, x->ripe)));
    if (x->ripe)
        term_say(&t->c->t, ": %.*s, %.*s", STR_ARG(figure_value(a, UNIT_SHARE, x->share.value)),
                 STR_ARG(figure_range(a, UNIT_SHARE, &x->share)));
    term_say(&t->c->t, "\n");
}

static void say_effect(playbook_task *t, const playbook_row *x, const playbook_effect *f) {
    static const char *const words[OUTCOMES] = {"came back in any way", "bought", "stayed under contract", "answered",
                                                "complained"};
    arena *a = t->c->life;
    term_put(&t->c->t, STYLE_bold, x->name);
    term_say(&t->c->t, ": who %s within %d days\n", words[f->outcome], (int)f->days);
    say_arm(t, "with it", &f->treated);
    say_arm(t, "left alone", &f->held);
    if (f->effect.method)
        term_say(&t->c->t, "  The difference: %+.1f points, likely %+.1f to %+.1f, however often one looks.\n",
                 f->effect.diff * 100, f->effect.lo * 100, f->effect.hi * 100);
    if (f->why) term_say(&t->c->t, "  So far: %s.\n", f->why);
    if (f->needed && f->treated.share.method && f->held.runs)
        term_say(&t->c->t, "  A difference of %d points shows itself with about %.*s customers in all.\n",
                 EFFECT_POINTS, STR_ARG(term_count(a, f->needed)));
    if (f->who.state == ESTIMATE_OK) term_say(&t->c->t, "  It helps some more than others; --json tells how much.\n");
}

bool playbook_show_effect(playbook_task *t, err *e) {
    playbook_row x;
    play d;
    playbook_effect f;
    reply r;
    char field[PLAY_FIELD];
    if (!playbook_named(t, t->s, &x, e) || !play_read(t->c->life, t->s, x.definition, &d, field, e)) return false;
    arena a = arena_open((size_t)1 << 34);
    bool ok = playbook_effect_read(&a, t->s, &x, &d, t->now_us, &f, e);
    if (ok && t->c->g.json)
        reply_open(&r, t->c), playbook_effect_json(&r.j, NULL, &f), reply_close(&r);
    else if (ok)
        say_effect(t, &x, &f);
    arena_close(&a);
    return ok;
}

// ---- runs ----

static void run_row(playbook_task *t, table *out, const playbook_run *x) {
    arena *a = t->c->life;
    table_add(out, STYLE_plain, str_fmt(a, "%" PRId64, x->id));
    table_add(out, STYLE_plain, str_fmt(a, "customer:%" PRId64, x->profile));
    table_add(out, STYLE_plain, x->occasion);
    table_add(out, STYLE_plain, say_time(a, t->z, x->entered_us));
    table_add(out, STYLE_bold, x->held ? S("left alone") : str_c(run_state_name(x->state)));
    table_add(out, STYLE_plain, x->state == RUN_going ? say_time(a, t->z, x->next_us) : S(""));
    table_add(out, STYLE_plain, term_clean(a, x->why, true));
}

bool playbook_show_runs(playbook_task *t, err *e) {
    static const table_col cols[] = {{"run", true, false},      {"who", false, false},   {"occasion", false, false},
                                     {"entered", false, false}, {"state", false, false}, {"next", false, false},
                                     {"why", false, true}};
    playbook_row x = {0};
    arena *a = t->c->life;
    reply r;
    int64_t state = -1;
    for (int s = RUN_going; s <= RUN_failed; s++)
        if (str_eq(t->o->state, str_c(run_state_name((enum run_state)s)))) state = s;
    if (t->o->state.len && state < 0) return fail(e, ERR_usage, "--state is going, ended, stopped or failed");
    if (t->c->args.n > 1 && !playbook_named(t, t->s, &x, e)) return false;
    table *out = table_new(a, cols, COUNT(cols));
    if (t->c->g.json) reply_open(&r, t->c), json_open(&r.j, NULL, '{'), json_open(&r.j, "runs", '[');
    for (row q =
             store_query(t->s, Q_playbook_run_list, e, "iiiii", INT64_MAX, x.id, state, t->o->customer, t->o->limit);
         row_next(&q);) {
        playbook_run run = playbook_run_read(a, &q);
        if (!t->c->g.json)
            run_row(t, out, &run);
        else if (!playbook_run_json(&r.j, NULL, a, t->s, &run, true, e))
            row_end(&q);
    }
    if (t->c->g.json)
        json_close(&r.j, ']'), json_close(&r.j, '}'), reply_close(&r);
    else if (table_rows(out))
        table_print(out, &t->c->t, 0);
    else
        term_say(&t->c->t, "Nobody has entered yet.\n");
    return err_ok(e);
}
