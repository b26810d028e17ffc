#include "cli/help.h"

typedef struct {
    bool man;
    str completion;
} help_opts;

static const opt opts[] = {
    {"man", 0, OPT_FLAG, offsetof(help_opts, man), NULL, "as a man page"},
    {"completion", 0, OPT_TEXT, offsetof(help_opts, completion), "bash|zsh|fish", "print a shell's completion"},
};

// ---- for people ----

static void show_options(const cli *c, const opt *list, size_t n) {
    arena a = c->scratch;
    table *t = table_new(&a, (table_col[]){{NULL, false, false}, {NULL, false, true}}, 2);
    for (size_t i = 0; i < n; i++) {
        table_add(t, STYLE_bold, help_option(&a, &list[i]));
        table_add(t, STYLE_plain, str_c(list[i].help));
    }
    table_print(t, &c->t, 2);
}

static void show_all(const cli *c) {
    size_t n, n_globals;
    const command *all = cli_commands(&n);
    const opt *globals = cli_globals(&n_globals);
    const char *group = "";
    arena a = c->scratch;
    term_say(&c->t, "heed puts customers first: it takes in what you have and says who needs what from you today.\n\n"
                    "heed [OPTION…] COMMAND [ARGUMENT…]\n");
    table *t = NULL;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(group, all[i].group) != 0) {
            if (t) table_print(t, &c->t, 2);
            term_say(&c->t, "\n");
            term_head(&c->t, group = all[i].group);
            t = table_new(&a, (table_col[]){{NULL, false, false}, {NULL, false, true}}, 2);
        }
        table_add(t, STYLE_bold, str_fmt(&a, "%-10s", all[i].name));
        table_add(t, STYLE_plain, str_c(all[i].about));
    }
    if (t) table_print(t, &c->t, 2);
    term_say(&c->t, "\n");
    term_head(&c->t, "Options of every command");
    show_options(c, globals, n_globals);
    term_say(&c->t, "\n'heed help COMMAND' explains one of them.\n");
}

static void show_lines(const cli *c, const char *text) {
    for (str rest = str_c(text); rest.s && rest.len;) {
        str l = str_cut(&rest, '\n');
        term_say(&c->t, "  %.*s\n", STR_ARG(l));
    }
}

static void show_one(const cli *c, const command *x) {
    arena a = c->scratch;
    int width = c->t.columns ? MIN(c->t.columns, 100) : 100;
    term_put(&c->t, STYLE_bold, str_fmt(&a, "heed %s", x->name));
    term_say(&c->t, "%s%s: %s\n", *x->synopsis ? " " : "", x->synopsis, x->about);
    for (str rest = str_c(x->body->more); rest.s && rest.len;) {
        str paragraph = str_cut(&rest, '\n');
        if (paragraph.len) term_say(&c->t, "\n%.*s\n", STR_ARG(help_wrap(&a, paragraph, width)));
    }
    if (x->body->n_opts) {
        term_say(&c->t, "\n");
        term_head(&c->t, "Options");
        show_options(c, x->body->opts, x->body->n_opts);
    }
    if (x->body->examples) {
        term_say(&c->t, "\n");
        term_head(&c->t, "For example");
        show_lines(c, x->body->examples);
    }
    if (x->body->json) {
        term_say(&c->t, "\n");
        term_head(&c->t, "With --json");
        term_say(&c->t, "  %.*s\n", STR_ARG(str_c(x->body->json)));
    }
    term_say(&c->t, "\n'heed help' lists the options of every command.\n");
}

// ---- for programs ----

static void reply_options(reply *r, const opt *list, size_t n) {
    static const char *const kinds[] = {"flag", "text", "number", "list"};
    json_open(&r->j, "options", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(&r->j, NULL, '{');
        json_put_str(&r->j, "name", str_c(list[i].name));
        if (list[i].letter) json_put_str(&r->j, "letter", (str){&list[i].letter, 1});
        json_put_str(&r->j, "kind", str_c(kinds[list[i].kind]));
        if (list[i].arg) json_put_str(&r->j, "value", str_c(list[i].arg));
        json_put_str(&r->j, "help", str_c(list[i].help));
        json_close(&r->j, '}');
    }
    json_close(&r->j, ']');
}

static void answer(const cli *c, const command *only) {
    size_t n, n_globals;
    const command *all = cli_commands(&n);
    const opt *globals = cli_globals(&n_globals);
    reply r;
    reply_open(&r, c);
    json_open(&r.j, NULL, '{');
    reply_options(&r, globals, n_globals);
    json_open(&r.j, "commands", '[');
    for (size_t i = 0; i < n; i++) {
        if (only && only != &all[i]) continue;
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "name", str_c(all[i].name));
        json_put_str(&r.j, "synopsis", str_c(all[i].synopsis));
        json_put_str(&r.j, "about", str_c(all[i].about));
        json_put_str(&r.j, "group", str_c(all[i].group));
        reply_options(&r, all[i].body->opts, all[i].body->n_opts);
        if (all[i].body->json) json_put_str(&r.j, "json", str_c(all[i].body->json));
        json_close(&r.j, '}');
    }
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    reply_close(&r);
}

static bool find(const cli *c, const command **out, err *e) {
    const char *names[64];
    size_t n;
    const command *all = cli_commands(&n);
    *out = NULL;
    if (!c->args.n) return true;
    str name = c->args.v[0];
    *out = cli_command(name);
    if (*out) return true;
    for (size_t i = 0; i < n && i < COUNT(names); i++) names[i] = all[i].name;
    const char *near = cli_nearest(name, names, MIN(n, COUNT(names)));
    return fail(e, ERR_usage, "there is no command '%.*s'%s%s%s", (int)MIN(name.len, 60), name.s,
                near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static bool run(cli *c, const void *options, err *e) {
    const help_opts *o = options;
    const command *x;
    if (!find(c, &x, e)) return false;
    if (o->completion.len)
        help_completion(c, o->completion);
    else if (o->man)
        help_man(c, x);
    else if (c->g.json)
        answer(c, x);
    else if (x)
        show_one(c, x);
    else
        show_all(c);
    return true;
}

const cmd cmd_help = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(help_opts),
    .max_args = 1,
    .run = run,
    .more = "Lists the commands, or explains one. The same tables make the man pages and the completion of shells.",
    .examples = "heed help import\n"
                "heed help --man import | man -l -\n"
                "heed help --completion bash > /etc/bash_completion.d/heed",
    .json = "{\"options\":[{\"name\",\"letter\",\"kind\",\"value\",\"help\"}],\"commands\":[{\"name\",\"synopsis\","
            "\"about\",\"group\",\"options\",\"json\"}]}",
};
