// heed template: the words of our messages.
#include "act/playbook_json.h"
#include "cli/desk.h"
#include "cli/say.h"

typedef struct {
    str lang, subject, from;
    int64_t customer;
} template_opts;

static const template_opts defaults = {.lang = {"en", 2}};

static const opt opts[] = {
    {"lang", 'l', OPT_TEXT, offsetof(template_opts, lang), "LANG",
     "in which language, as en, de or es; en unless given"},
    {"subject", 0, OPT_TEXT, offsetof(template_opts, subject), "TEXT", "put: the subject"},
    {"customer", 'c', OPT_NUMBER, offsetof(template_opts, customer), "ID", "preview: with the facts of this customer"},
    {"from", 0, OPT_TEXT, offsetof(template_opts, from), "NAME", "preview: who stands behind it"},
};

typedef struct {
    cli *c;
    const template_opts *o;
    store *s;
} task;

static bool find(const task *t, template_row *x, err *e) {
    str name = t->c->args.v[1];
    if (template_exact(t->c->life, t->s, name, t->o->lang, x, e)) return true;
    return err_ok(e) ? fail(e, ERR_not_found, "there is no template '%.*s' in '%.*s'; 'heed template list' names them",
                            (int)MIN(name.len, 60), name.s, (int)MIN(t->o->lang.len, 10), t->o->lang.s)
                     : false;
}

static bool list(const task *t, err *e) {
    static const table_col cols[] = {{"template", false, false}, {"", false, false}, {"version", true, false},
                                     {"robotic", true, false},   {"", false, false}, {"subject", false, true}};
    template_row *all;
    size_t n;
    arena *a = t->c->life;
    reply r;
    if (!template_list(a, t->s, &all, &n, e)) return false;
    table *out = table_new(a, cols, COUNT(cols));
    if (t->c->g.json) reply_open(&r, t->c), json_open(&r.j, NULL, '{'), json_open(&r.j, "templates", '[');
    for (size_t i = 0; i < n; i++) {
        if (t->c->g.json) {
            template_json(&r.j, NULL, t->c->scratch, &all[i]);
            reply_some(&r);
            continue;
        }
        int score = template_robotic(t->c->scratch, &all[i]).score;
        table_add(out, STYLE_bold, all[i].name);
        table_add(out, STYLE_plain, all[i].lang);
        table_add(out, STYLE_plain, str_fmt(a, "%" PRId64, all[i].version));
        table_add(out, score >= ROBOTIC_MUCH ? STYLE_warn : STYLE_plain, str_fmt(a, "%d", score));
        table_add(out, STYLE_dim, all[i].shipped ? S("as it came") : S("ours"));
        table_add(out, STYLE_plain, term_clean(a, all[i].subject, true));
    }
    if (t->c->g.json)
        json_close(&r.j, ']'), json_close(&r.j, '}'), reply_close(&r);
    else
        table_print(out, &t->c->t, 0);
    return true;
}

static void say_robotic(const task *t, const template_row *x) {
    robotic k = template_robotic(t->c->scratch, x);
    term_say(&t->c->t, "Sounds like a machine: %d of 100\n", k.score);
    for (int i = 0; i < k.n; i++) term_say(&t->c->t, "  %s\n", k.why[i]);
}

static bool show(const task *t, err *e) {
    template_row x;
    reply r;
    arena *a = t->c->life;
    if (!find(t, &x, e)) return false;
    if (t->c->g.json) {
        reply_open(&r, t->c), template_json(&r.j, NULL, t->c->scratch, &x), reply_close(&r);
        return true;
    }
    term_put(&t->c->t, STYLE_bold, term_clean(a, x.subject, true));
    term_say(&t->c->t, "\n\n%.*s\n\n", STR_ARG(term_clean(a, x.words, false)));
    term_say(&t->c->t, "Version %" PRId64 ", %s\n", x.version, x.shipped ? "as it came with heed" : "ours");
    say_robotic(t, &x);
    return true;
}

static bool preview(const task *t, err *e) {
    template_row x;
    template_seen seen;
    reply r;
    arena *a = t->c->life;
    if (!find(t, &x, e) ||
        !template_preview(a, t->s, &x, t->o->customer, t->o->from, t->c->w->now_us(t->c->w), &seen, e))
        return false;
    if (t->c->g.json) {
        reply_open(&r, t->c);
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "subject", seen.subject);
        json_put_str(&r.j, "words", seen.words);
        json_put_str(&r.j, "lang", seen.lang);
        json_close(&r.j, '}');
        reply_close(&r);
        return true;
    }
    term_put(&t->c->t, STYLE_bold, term_clean(a, seen.subject, true));
    term_say(&t->c->t, "\n\n%.*s\n", STR_ARG(term_clean(a, seen.words, false)));
    return true;
}

static bool show_facts(const task *t, err *e) {
    static const table_col cols[] = {{"fact", false, false}, {"", false, false}, {"", false, true}};
    reply r;
    (void)e;
    table *out = table_new(t->c->life, cols, COUNT(cols));
    if (t->c->g.json) reply_open(&r, t->c), json_open(&r.j, NULL, '{'), json_open(&r.j, "facts", '[');
    for (int f = 0; f < FACTS_ALL; f++) {
        bool needed = fact_needed((enum fact)f);
        if (t->c->g.json) {
            json_open(&r.j, NULL, '{');
            json_put_str(&r.j, "name", str_c(fact_name((enum fact)f)));
            json_put_bool(&r.j, "needed", needed);
            json_put_str(&r.j, "text", str_c(fact_text((enum fact)f)));
            json_close(&r.j, '}');
            continue;
        }
        table_add(out, STYLE_bold, str_fmt(t->c->life, "{{%s}}", fact_name((enum fact)f)));
        table_add(out, STYLE_dim, needed ? S("needed") : S("may be missing"));
        table_add(out, STYLE_plain, str_c(fact_text((enum fact)f)));
    }
    if (t->c->g.json)
        json_close(&r.j, ']'), json_close(&r.j, '}'), reply_close(&r);
    else
        table_print(out, &t->c->t, 0);
    return true;
}

// ---- put ----

static bool write_template(void *ctx, desk *d, err *e) {
    template_row *x = ctx;
    const char *field = "";
    err why = {0};
    if (template_put(know_ledger(d->k), x, &field, &why)) return true;
    return why.code == ERR_invalid ? fail(e, ERR_invalid, "%s: %s", field, why.msg) : (*e = why, false);
}

static bool put(cli *c, const template_opts *o, err *e) {
    const char *user = getenv("USER");
    desk d;
    reply r;
    template_row x = {
        .name = c->args.v[1], .lang = o->lang, .subject = o->subject, .by = str_c(user && *user ? user : "a person")};
    if (!o->subject.len) return fail(e, ERR_usage, "write heed template put NAME FILE --subject TEXT");
    if (!c->w->read_file(c->w, c->life, str_z(c->life, c->args.v[2]), TEMPLATE_WORDS + 1, &x.words, e)) return false;
    x.words = str_trim(x.words);
    if (!desk_open(c, "PUT /api/templates/NAME/LANG does the same", &d, e)) return false;
    bool ok = desk_run(&d, write_template, &x, e);
    desk_close(&d);
    if (ok && c->g.json) {
        reply_open(&r, c), template_json(&r.j, NULL, c->scratch, &x), reply_close(&r);
    } else if (ok && !c->g.quiet) {
        term_say(&c->t, "%.*s/%.*s: version %" PRId64 " holds from now on.\n", STR_ARG(x.name), STR_ARG(x.lang),
                 x.version);
        say_robotic(&(task){.c = c}, &x);
    }
    return ok;
}

// ---- what follows 'heed template' ----

static const struct {
    const char *name, *takes;
    size_t n;
    bool (*run)(const task *t, err *e);
} verbs[] = {{"list", "", 1, list},
             {"show", " NAME", 2, show},
             {"preview", " NAME", 2, preview},
             {"facts", "", 1, show_facts},
             {"put", " NAME FILE --subject TEXT", 3, NULL}};

static bool run(cli *c, const void *options, err *e) {
    task t = {.c = c, .o = options};
    str verb = c->args.n ? c->args.v[0] : S("list");
    for (size_t i = 0; i < COUNT(verbs); i++) {
        if (!str_eq(verb, str_c(verbs[i].name))) continue;
        if (MAX(c->args.n, (size_t)1) != verbs[i].n)
            return fail(e, ERR_usage, "write heed template %s%s", verbs[i].name, verbs[i].takes);
        if (!verbs[i].run) return put(c, options, e);
        if (!place_read(c, &t.s, e)) return false;
        bool ok = verbs[i].run(&t, e);
        store_close(t.s);
        return ok;
    }
    return fail(e, ERR_usage, "heed template list, show NAME, preview NAME, facts, or put NAME FILE --subject TEXT");
}

const cmd cmd_template = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(template_opts),
    .defaults = &defaults,
    .max_args = 3,
    .run = run,
    .more =
        "The words of the messages that playbooks send, in English, German and Spanish, and in any other language that "
        "you write them in. Facts stand in double braces; what is needed and not known refuses the message rather than "
        "leaving a hole, unless the words say what to write instead: {{first_name|there}}. 'put' takes the words from "
        "a "
        "file and makes a new version; what asks for praise, or only those who praise, is refused. 'preview' shows "
        "them with the facts of a customer, or of a made-up person.",
    .examples = "heed template list\n"
                "heed template preview birthday --lang de\n"
                "heed template preview quiet --customer 17\n"
                "heed template put birthday birthday.txt --subject \"Happy birthday\"",
    .json =
        "list: {\"templates\":[…]}; show and put: one of them as GET /api/templates/{name}/{lang} gives it; preview: "
        "{\"subject\",\"words\",\"lang\"}; facts: {\"facts\":[{\"name\",\"needed\",\"text\"}]}",
};
