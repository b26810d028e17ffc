// What a person says of themes by command.
#include "cli/theme_cmd.h"

typedef struct {
    int64_t said, theme;
    bool undone;
} said_done;

static bool words_from(care *k, size_t from, theme_saying *x, err *e) {
    cli *c = k->at.c;
    sources *all;
    theme_spot *v = make(c->life, theme_spot, c->args.n + 1);
    sources_as_asked(c->life, k->d->s, &all);
    for (size_t i = from; i < c->args.n; i++) {
        int64_t id;
        if (!cli_id("what was said", c->args.v[i], &id, e) || !voice_spot(c->life, k->d->s, all, id, &v[x->n++], e))
            return false;
    }
    x->words = v;
    return true;
}

// The words of a name after the first `from` arguments.
static str name_from(const care *k, size_t from) {
    const cli *c = k->at.c;
    buf b = buf_new(c->life, 4096);
    for (size_t i = from; i < c->args.n; i++) {
        if (i > from) buf_addc(&b, ' ');
        buf_add(&b, c->args.v[i]);
    }
    return str_trim(buf_str(&b));
}

static bool other_theme(const care *k, theme_saying *x, err *e) {
    return cli_id("a theme", k->at.c->args.v[2], &x->other, e);
}

static bool undo(care *k, int64_t id, err *e) {
    theme_said x;
    said_done *done = k->kept;
    done->undone = true, done->said = id;
    if (!themes_said_get(k->at.c->life, k->d->s, id, &x, e)) return false;
    done->theme = x.theme;
    return topic_theme_unsay(know_ledger(k->d->k), k->at.c->life, k->d->s, &x, k->by, e);
}

static bool to_topic(care *k, int64_t id, err *e) {
    const theme_opts *o = k->o;
    const char *field = NULL;
    said_done *done = k->kept;
    topic_theme how = {.name = name_from(k, 2), .about = o->about, .axis = TOPIC_what, .by = k->by};
    done->theme = id;
    return theme_to_topic(know_ledger(k->d->k), k->at.c->life, k->d->s, id, &how, &done->said, &field, e);
}

// name, merge, split, pin, keep, away, apart, together, parted, back: what each needs from the arguments.
static bool fill(care *k, str verb, theme_saying *x, err *e) {
    const theme_opts *o = k->o;
    if (str_eq(verb, S("name"))) return x->act = THEME_ACT_name, x->title = name_from(k, 2), true;
    if (str_eq(verb, S("merge"))) return x->act = THEME_ACT_merge, other_theme(k, x, e);
    if (str_eq(verb, S("apart"))) return x->act = THEME_ACT_apart, other_theme(k, x, e);
    if (str_eq(verb, S("split"))) return x->act = THEME_ACT_split, x->title = o->name, words_from(k, 2, x, e);
    if (str_eq(verb, S("pin"))) return x->act = THEME_ACT_pin, words_from(k, 2, x, e);
    if (str_eq(verb, S("keep"))) return x->act = THEME_ACT_keep, x->on = true;
    if (str_eq(verb, S("unkeep"))) return x->act = THEME_ACT_keep, true;
    if (str_eq(verb, S("away"))) return x->act = THEME_ACT_away, x->on = true;
    if (str_eq(verb, S("back"))) return x->act = THEME_ACT_away, true;
    x->act = str_eq(verb, S("together")) ? THEME_ACT_together : THEME_ACT_parted, x->theme = 0;
    return words_from(k, 1, x, e);
}

bool theme_say_run(care *k, err *e) {
    cli *c = k->at.c;
    int64_t id;
    said_done *done = k->kept = make(c->life, said_done, 1);
    str verb = c->args.v[0];
    if (!care_id(k, str_eq(verb, S("undo")) ? "what was said" : "a theme", &id, e)) return false;
    if (str_eq(verb, S("undo"))) return undo(k, id, e);
    if (str_eq(verb, S("topic"))) return to_topic(k, id, e);
    theme_saying x = {.theme = id, .by = k->by};
    return fill(k, verb, &x, e) && themes_say(know_ledger(k->d->k), k->d->s, &x, &done->said, &done->theme, e);
}

bool theme_say_say(care *k, err *e) {
    cli *c = k->at.c;
    const said_done *done = k->kept;
    theme_row t = {0};
    if (done->theme && !themes_get(c->life, k->d->s, done->theme, &t, e)) return false;
    if (c->g.json) {
        reply r;
        reply_open(&r, c), json_open(&r.j, NULL, '{');
        json_put_int(&r.j, "said", done->said);
        json_put_int(&r.j, "theme", done->theme);
        json_put_str(&r.j, "name", theme_called(&t));
        json_put_str(&r.j, "state", str_c(theme_state_name(t.state)));
        json_close(&r.j, '}'), reply_close(&r);
        return true;
    }
    if (done->undone)
        term_say(&c->t, "Taken back.\n");
    else if (!done->theme)
        term_say(&c->t, "Noted; the next look for themes holds to it. To take it back: heed theme undo %" PRId64 "\n",
                 done->said);
    else
        term_say(&c->t, "Theme %" PRId64 ", %.*s: %s. To take it back: heed theme undo %" PRId64 "\n", t.id,
                 STR_ARG(term_clean(c->life, theme_called(&t), true)), theme_state_name(t.state), done->said);
    return true;
}
