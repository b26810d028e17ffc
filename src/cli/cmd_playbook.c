// heed playbook: what we do when something happens to a customer.
#include "cli/playbook_cmd.h"

static const playbook_opts defaults = {.days = 90, .limit = 50};

static const opt opts[] = {
    {"from", 0, OPT_TEXT, offsetof(playbook_opts, from), "NAME",
     "on, change: the person who stands behind its messages"},
    {"about", 0, OPT_TEXT, offsetof(playbook_opts, about), "TEXT", "add, change: what it is for"},
    {"file", 'f', OPT_TEXT, offsetof(playbook_opts, file), "FILE", "change: another definition, as JSON"},
    {"days", 0, OPT_NUMBER, offsetof(playbook_opts, days), "N",
     "try: over so many days that are past; 90 unless given"},
    {"lang", 0, OPT_TEXT, offsetof(playbook_opts, lang), "en|de|es", "try: the language of the made-up customers"},
    {"personas", 0, OPT_FLAG, offsetof(playbook_opts, personas), NULL, "try: only on made-up customers"},
    {"past", 0, OPT_FLAG, offsetof(playbook_opts, past), NULL, "try: only over the days that are past"},
    {"customer", 'c', OPT_NUMBER, offsetof(playbook_opts, customer), "ID", "runs: only of this customer"},
    {"state", 0, OPT_TEXT, offsetof(playbook_opts, state), "going|ended|stopped|failed", "runs: only in this state"},
    {"why", 0, OPT_TEXT, offsetof(playbook_opts, why), "TEXT", "stop: why"},
    {"limit", 'n', OPT_NUMBER, offsetof(playbook_opts, limit), "N", "runs: at most so many; 50 unless given"},
};

static str user_of(void) {
    const char *user = getenv("USER");
    return str_c(user && *user ? user : "a person");
}

bool playbook_named(playbook_task *t, store *s, playbook_row *x, err *e) {
    str name = t->c->args.v[1];
    if (playbook_get(t->c->life, s, name, x, e)) return true;
    return err_ok(e) ? fail(e, ERR_not_found, "there is no playbook '%.*s'; 'heed playbook list' names them",
                            (int)MIN(name.len, 60), name.s)
                     : false;
}

static const playbook_count *count_of(const playbook_count *all, size_t n, int64_t id) {
    for (size_t i = 0; i < n; i++)
        if (all[i].playbook == id) return &all[i];
    return NULL;
}

// ---- list, show ----

static bool list(playbook_task *t, err *e) {
    static const table_col cols[] = {{"playbook", false, false},  {"", false, false},
                                     {"on the way", true, false}, {"done", true, false},
                                     {"left alone", true, false}, {"", false, true}};
    playbook_row *all;
    playbook_count *counts;
    size_t n, n_counts;
    arena *a = t->c->life;
    reply r;
    if (!playbook_list(a, t->s, &all, &n, e) || !playbook_counts(a, t->s, &counts, &n_counts, e)) return false;
    table *out = table_new(a, cols, COUNT(cols));
    if (t->c->g.json) reply_open(&r, t->c), json_open(&r.j, NULL, '{'), json_open(&r.j, "playbooks", '[');
    for (size_t i = 0; i < n; i++) {
        const playbook_count none = {0}, *k = count_of(counts, n_counts, all[i].id);
        if (t->c->g.json) {
            if (!playbook_json(&r.j, NULL, a, t->s, &all[i], k, e)) return reply_drop(&r), false;
            continue;
        }
        if (!k) k = &none;
        table_add(out, STYLE_bold, all[i].name);
        table_add(out, all[i].on ? STYLE_good : STYLE_dim, all[i].on ? S("on") : S("off"));
        table_add(out, STYLE_plain, k->of[RUN_going] ? term_count(a, k->of[RUN_going]) : S(""));
        table_add(out, STYLE_plain, k->of[RUN_ended] ? term_count(a, k->of[RUN_ended]) : S(""));
        table_add(out, STYLE_plain, k->held ? term_count(a, k->held) : S(""));
        table_add(out, STYLE_plain, term_clean(a, all[i].about, true));
    }
    if (t->c->g.json)
        json_close(&r.j, ']'), json_close(&r.j, '}'), reply_close(&r);
    else
        table_print(out, &t->c->t, 0);
    return true;
}

static void say_step(playbook_task *t, const play *d, int32_t i) {
    arena *a = t->c->life;
    const play_step *x = &d->steps[i];
    str what = S("stop");
    switch (x->kind) {
    case STEP_message: what = str_fmt(a, "message '%.*s', as %s", STR_ARG(x->template), gate_kind_name(x->gate)); break;
    case STEP_task: what = str_fmt(a, "task: %.*s", STR_ARG(x->what)); break;
    case STEP_wait:
        what = str_fmt(a, "wait %.*s%s%.*s", STR_ARG(term_span(a, (double)(x->wait_us / SECOND_US))),
                       x->until ? ", or until: " : "", STR_ARG(x->until ? kind_name(x->until) : S("")));
        break;
    case STEP_branch:
        what = str_fmt(a, "if %.*s; else go on at %d", STR_ARG(segment_words(a, x->rule)), (int)x->otherwise);
        break;
    case STEP_jump: what = str_fmt(a, "go on at %d", (int)x->otherwise); break;
    case STEP_apologise: what = S("note that we said sorry"); break;
    case STEP_stop: break;
    }
    term_say(&t->c->t, "  %2d  %.*s\n", (int)i, STR_ARG(term_clean(a, what, true)));
}

static bool say_playbook(playbook_task *t, const playbook_row *x, err *e) {
    play d;
    char field[PLAY_FIELD];
    arena *a = t->c->life;
    if (!play_read(a, t->s, x->definition, &d, field, e)) return false;
    term_put(&t->c->t, STYLE_bold, x->name);
    term_say(&t->c->t, ", number %" PRId64 ", %s. %.*s\n", x->id, x->on ? "on" : "off",
             STR_ARG(term_clean(a, x->about, true)));
    term_say(&t->c->t, "Who: %.*s\n", STR_ARG(term_clean(a, play_words(a, &d), true)));
    if (d.again_days) term_say(&t->c->t, "Not again within %d days.\n", (int)d.again_days);
    if (d.sample < PLAY_MILLION) term_say(&t->c->t, "Of these a random %g %%.\n", (double)d.sample / 10000);
    if (d.hold)
        term_say(&t->c->t, "Left alone to see the difference: %g %%.\n", (double)d.hold / 10000);
    else
        term_say(&t->c->t, "Nobody is left alone, so nobody can tell what it changes.\n");
    term_say(&t->c->t, "Signed by: %.*s\n", STR_ARG(d.from.len ? term_clean(a, d.from, true) : S("nobody yet")));
    for (int32_t i = 0; i < d.n_steps; i++) say_step(t, &d, i);
    return true;
}

static bool show(playbook_task *t, err *e) {
    playbook_row x;
    playbook_count *counts;
    size_t n;
    reply r;
    if (!playbook_named(t, t->s, &x, e)) return false;
    if (!t->c->g.json) return say_playbook(t, &x, e);
    if (!playbook_counts(t->c->life, t->s, &counts, &n, e)) return false;
    reply_open(&r, t->c);
    bool ok = playbook_json(&r.j, NULL, t->c->life, t->s, &x, count_of(counts, n, x.id), e);
    return ok ? reply_close(&r) : reply_drop(&r), ok;
}

// ---- changing ----

enum change_kind { CHANGE_add, CHANGE_change, CHANGE_on, CHANGE_off, CHANGE_stop };
typedef struct {
    playbook_task *t;
    enum change_kind what;
    playbook_row x;
    int64_t run;
} edited;

static bool read_definition(cli *c, str path, str *out, err *e) {
    if (!str_eq(path, S("-"))) return c->w->read_file(c->w, c->life, str_z(c->life, path), 1 << 16, out, e);
    char *s = make(c->life, char, 1 << 16);
    size_t n = fread(s, 1, 1 << 16, stdin);
    *out = (str){s, n};
    return true;
}

static bool write_playbook(void *ctx, desk *d, err *e) {
    edited *k = ctx;
    char field[PLAY_FIELD];
    const playbook_opts *o = k->t->o;
    if (k->what == CHANGE_stop)
        return playbook_run_stop(know_ledger(d->k), k->run, o->why.len ? o->why : S("a person stopped it"), e);
    if (k->what != CHANGE_add) {
        str definition = k->x.definition;
        if (!playbook_named(k->t, d->s, &k->x, e)) return false;
        if (definition.len) k->x.definition = definition;
    }
    if (o->about.len) k->x.about = o->about;
    if (k->what == CHANGE_on || k->what == CHANGE_off) k->x.on = k->what == CHANGE_on;
    k->x.by = user_of();
    if (!playbook_signed(k->t->c->life, k->x.definition, o->from, &k->x.definition, e)) return false;
    err why = {0};
    if (playbook_put(know_ledger(d->k), &k->x, field, &why)) return true;
    if (why.code != ERR_invalid || !field[0]) return *e = why, false;
    return fail(e, ERR_invalid, "%s: %s", field, why.msg);
}

static bool write_it(playbook_task *t, enum change_kind what, err *e) {
    static const char *const addresses[] = {
        "POST /api/playbooks does the same", "PATCH /api/playbooks/ID does the same",
        "PATCH /api/playbooks/ID does the same", "PATCH /api/playbooks/ID does the same",
        "POST /api/playbook-runs/ID/stop does the same"};
    static const char *const done[] = {"made; it is off", "changed", "on from now on",
                                       "off; whoever was on the way is stopped", "stopped"};
    edited k = {.t = t, .what = what};
    desk d;
    const strs *v = &t->c->args;
    if (what == CHANGE_add) k.x.name = v->v[1];
    if (what == CHANGE_add && !read_definition(t->c, v->v[2], &k.x.definition, e)) return false;
    if (what == CHANGE_change && t->o->file.len && !read_definition(t->c, t->o->file, &k.x.definition, e)) return false;
    if (what == CHANGE_stop && !cli_id("a run", v->v[1], &k.run, e)) return false;
    if (!desk_open(t->c, addresses[what], &d, e)) return false;
    bool ok = desk_run(&d, write_playbook, &k, e);
    reply r;
    if (ok && t->c->g.json) {
        reply_open(&r, t->c);
        if (what == CHANGE_stop)
            json_open(&r.j, NULL, '{'), json_put_int(&r.j, "stopped", k.run), json_close(&r.j, '}');
        else
            ok = playbook_json(&r.j, NULL, t->c->life, d.s, &k.x, NULL, e);
        ok ? reply_close(&r) : reply_drop(&r);
    } else if (ok && !t->c->g.quiet)
        term_say(&t->c->t, "%.*s: %s.\n", STR_ARG(v->v[1]), done[what]);
    desk_close(&d);
    return ok;
}

// ---- what follows 'heed playbook' ----

static bool add(playbook_task *t, err *e) {
    return write_it(t, CHANGE_add, e);
}
static bool edit(playbook_task *t, err *e) {
    return write_it(t, CHANGE_change, e);
}
static bool on(playbook_task *t, err *e) {
    return write_it(t, CHANGE_on, e);
}
static bool off(playbook_task *t, err *e) {
    return write_it(t, CHANGE_off, e);
}
static bool stop(playbook_task *t, err *e) {
    return write_it(t, CHANGE_stop, e);
}

static const struct {
    const char *name, *takes;
    size_t least, most;
    bool writes;
    bool (*run)(playbook_task *t, err *e);
} verbs[] = {{"list", "", 1, 1, false, list},
             {"show", " NAME", 2, 2, false, show},
             {"try", " NAME", 2, 2, false, playbook_show_try},
             {"runs", " [NAME]", 1, 2, false, playbook_show_runs},
             {"effect", " NAME", 2, 2, false, playbook_show_effect},
             {"add", " NAME FILE", 3, 3, true, add},
             {"change", " NAME", 2, 2, true, edit},
             {"on", " NAME", 2, 2, true, on},
             {"off", " NAME", 2, 2, true, off},
             {"stop", " RUN", 2, 2, true, stop}};

static bool read_it(playbook_task *t, bool (*fn)(playbook_task *t, err *e), err *e) {
    if (!place_read(t->c, &t->s, e)) return false;
    bool ok = settings_read(t->c->life, t->s, &t->set, e) && zone_open(t->c->life, t->set.zone, &t->z, e);
    if (ok && !t->c->g.json) settings_mark(t->c, &t->set);
    ok = ok && fn(t, e);
    store_close(t->s);
    return ok;
}

static bool run(cli *c, const void *options, err *e) {
    playbook_task t = {.c = c, .o = options, .now_us = c->w->now_us(c->w)};
    const char *names[COUNT(verbs)];
    str verb = c->args.n ? c->args.v[0] : S("list");
    size_t n = MAX(c->args.n, (size_t)1);
    for (size_t i = 0; i < COUNT(verbs); i++) {
        names[i] = verbs[i].name;
        if (!str_eq(verb, str_c(verbs[i].name))) continue;
        if (n < verbs[i].least || n > verbs[i].most)
            return fail(e, ERR_usage, "write heed playbook %s%s", verbs[i].name, verbs[i].takes);
        return verbs[i].writes ? verbs[i].run(&t, e) : read_it(&t, verbs[i].run, e);
    }
    const char *near = cli_nearest(verb, names, COUNT(verbs));
    return fail(e, ERR_usage,
                "'%.*s' is none of its words%s%s: list, show, try, runs, effect, add, change, on, off, stop",
                (int)MIN(verb.len, 40), verb.s, near ? ", did you mean " : "", near ? near : "");
}

const cmd cmd_playbook = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(playbook_opts),
    .defaults = &defaults,
    .max_args = -1,
    .run = run,
    .more =
        "A playbook says who enters (something happened, they came into a segment, a birthday, a broken promise), what "
        "is "
        "done step by step (a message, a task for a person, a wait, a branch), what stops it, and how many are left "
        "alone "
        "by chance, so that the others can be compared with them. Fifteen come with heed, all of them off; 'on' asks "
        "who "
        "stands behind their messages. Every message passes the gate (heed gate).\n\n"
        "'try' writes nothing: it takes made-up customers through 45 days and shows every word they would get, and "
        "tells "
        "who would have entered in the days that are past, and whom the gate would have kept back and why. 'effect' "
        "compares with those left alone, with a range that holds however often one looks. 'add' takes a definition as "
        "JSON; docs/playbooks.md explains all of it. 'heed serve' takes everybody on once a minute; without it 'heed "
        "jobs "
        "run playbooks' does.",
    .examples = "heed playbook\n"
                "heed playbook try birthday\n"
                "heed playbook on birthday --from \"Maria Lopez\"\n"
                "heed playbook runs birthday\n"
                "heed playbook effect birthday\n"
                "heed playbook add third_order third.json",
    .json =
        "list: {\"playbooks\":[…]}; show, add, change, on and off: one of them as GET /api/playbooks/{id} gives it; "
        "try: "
        "{\"personas\",\"past\"}; runs: {\"runs\":[…]}; effect: as GET /api/playbooks/{id}/effect; stop: {\"stopped\"}",
};
