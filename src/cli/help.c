#include "cli/help.h"
#include "base/unicode.h"

str help_option(arena *a, const opt *o) {
    const char *arg = o->arg ? o->arg : "";
    if (o->letter) return str_fmt(a, "-%c, --%s%s%s", o->letter, o->name, *arg ? " " : "", arg);
    return str_fmt(a, "    --%s%s%s", o->name, *arg ? " " : "", arg);
}

str help_wrap(arena *a, str text, int columns) {
    buf b = buf_new(a, text.len * 2 + 16);
    int at = 0;
    while (text.s) {
        str w = str_cut(&text, ' ');
        int wide = text_width(w);
        if (at && at + 1 + wide > columns) {
            buf_addc(&b, '\n');
            at = 0;
        } else if (at) {
            buf_addc(&b, ' ');
            at++;
        }
        buf_add(&b, w);
        at += wide;
    }
    return buf_str(&b);
}

// ---- man pages (man(7) macros) ----

// Text of a page: hyphens that are typed, and nothing that begins a request.
static void roff(const cli *c, str text) {
    bool start = true;
    for (size_t i = 0; i < text.len; i++) {
        char x = text.s[i];
        if (start && (x == '.' || x == '\'')) fputs("\\&", c->t.out);
        if (x == '\\')
            fputs("\\e", c->t.out);
        else if (x == '-')
            fputs("\\-", c->t.out);
        else
            fputc(x, c->t.out);
        start = x == '\n';
    }
}

static void section(const cli *c, const char *name) {
    term_say(&c->t, ".SH %s\n", name);
}

static void roff_line(const cli *c, const char *text) {
    roff(c, str_c(text));
    fputc('\n', c->t.out);
}

static void man_options(const cli *c, const opt *list, size_t n) {
    for (size_t i = 0; i < n; i++) {
        arena a = c->scratch;
        term_say(&c->t, ".TP\n.B ");
        roff(c, str_trim(help_option(&a, &list[i])));
        term_say(&c->t, "\n");
        roff_line(c, list[i].help);
    }
}

static void man_lines(const cli *c, const char *text) {
    term_say(&c->t, ".nf\n");
    roff_line(c, text);
    term_say(&c->t, ".fi\n");
}

static void title(const cli *c, const char *name) {
    term_say(&c->t, ".TH \"");
    for (const char *p = name; *p; p++) fputc(*p >= 'a' && *p <= 'z' ? *p - 32 : *p, c->t.out);
    term_say(&c->t, "\" 1 \"\" \"heed %s\" \"heed\"\n.nh\n.ad l\n", HEED_VERSION);
}

static void man_paragraphs(const cli *c, const char *text) {
    bool first = true;
    for (str rest = str_c(text); rest.s && rest.len;) {
        str paragraph = str_cut(&rest, '\n');
        if (!paragraph.len) continue;
        if (!first) term_say(&c->t, ".PP\n");
        roff(c, paragraph);
        fputc('\n', c->t.out);
        first = false;
    }
}

static void man_command(const cli *c, const command *x) {
    arena a = c->scratch;
    title(c, str_z(&a, str_fmt(&a, "heed-%s", x->name)));
    section(c, "NAME");
    roff_line(c, str_z(&a, str_fmt(&a, "heed-%s - %s", x->name, x->about)));
    section(c, "SYNOPSIS");
    term_say(&c->t, ".B heed %s\n", x->name);
    if (x->body->n_opts) roff_line(c, "[OPTION…]");
    if (*x->synopsis) roff_line(c, x->synopsis);
    section(c, "DESCRIPTION");
    man_paragraphs(c, x->body->more ? x->body->more : x->about);
    if (x->body->n_opts) section(c, "OPTIONS"), man_options(c, x->body->opts, x->body->n_opts);
    if (x->body->examples) section(c, "EXAMPLES"), man_lines(c, x->body->examples);
    if (x->body->json) {
        section(c, "OUTPUT WITH \\-\\-JSON");
        roff_line(c, x->body->json);
    }
    section(c, "SEE ALSO");
    term_say(&c->t, ".BR heed (1)\n");
}

static const struct {
    const char *name, *text;
    int exit;
} errors[] = {
#define ERR(name, http, exit, text) {#name, text, exit},
#include "base/errors.def"
};

static void man_statuses(const cli *c) {
    section(c, "EXIT STATUS");
    for (size_t i = 0; i < COUNT(errors); i++) {
        term_say(&c->t, ".TP\n.B %d\n", errors[i].exit);
        roff_line(c, errors[i].text);
    }
}

static void man_heed(const cli *c) {
    size_t n, n_globals;
    const command *all = cli_commands(&n);
    const opt *globals = cli_globals(&n_globals);
    title(c, "heed");
    section(c, "NAME");
    roff_line(c, "heed - puts customers first, and proves it");
    section(c, "SYNOPSIS");
    term_say(&c->t, ".B heed\n");
    roff_line(c, "[OPTION…] COMMAND [ARGUMENT…]");
    section(c, "DESCRIPTION");
    roff_line(c,
              "heed takes in what a business has (orders, tickets, reviews, surveys, contacts), recognises who is who, "
              "and says who needs what from you today, why, and how sure it is.");
    section(c, "COMMANDS");
    for (size_t i = 0; i < n; i++) {
        term_say(&c->t, ".TP\n.BR heed\\-%s (1)\n", all[i].name);
        roff_line(c, all[i].about);
    }
    section(c, "OPTIONS");
    man_options(c, globals, n_globals);
    man_statuses(c);
    section(c, "ENVIRONMENT");
    term_say(&c->t, ".TP\n.B HEED_STORE\n");
    roff_line(c, "the store, when --store does not name one");
    term_say(&c->t, ".TP\n.B NO_COLOR\n");
    roff_line(c, "when set, no colours are printed");
}

void help_man(const cli *c, const command *x) {
    if (x)
        man_command(c, x);
    else
        man_heed(c);
}

// ---- completions ----

static void words(const cli *c, const opt *list, size_t n) {
    for (size_t i = 0; i < n; i++) term_say(&c->t, " --%s", list[i].name);
}

static void bash(const cli *c) {
    size_t n, n_globals;
    const command *all = cli_commands(&n);
    const opt *globals = cli_globals(&n_globals);
    term_say(&c->t,
             "# completion of heed for bash\n_heed() {\n    local cur=${COMP_WORDS[COMP_CWORD]} command= options i\n"
             "    for ((i = 1; i < COMP_CWORD; i++)); do\n        case ${COMP_WORDS[i]} in\n        ");
    for (size_t i = 0; i < n; i++) term_say(&c->t, "%s%s", i ? " | " : "", all[i].name);
    term_say(&c->t, ") command=${COMP_WORDS[i]} && break ;;\n        esac\n    done\n    options='");
    words(c, globals, n_globals);
    term_say(&c->t, "'\n    case $command in\n    '') options+='");
    for (size_t i = 0; i < n; i++) term_say(&c->t, " %s", all[i].name);
    term_say(&c->t, "' ;;\n");
    for (size_t i = 0; i < n; i++) {
        if (!all[i].body->n_opts) continue;
        term_say(&c->t, "    %s) options+='", all[i].name);
        words(c, all[i].body->opts, all[i].body->n_opts);
        term_say(&c->t, "' ;;\n");
    }
    term_say(&c->t, "    esac\n    if [[ $cur == -* || -z $command ]]; then\n"
                    "        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")\n    fi\n"
                    "    if [[ $command == help ]]; then\n        mapfile -t COMPREPLY < <(compgen -W \"$options");
    for (size_t i = 0; i < n; i++) term_say(&c->t, " %s", all[i].name);
    term_say(&c->t, "\" -- \"$cur\")\n    fi\n}\ncomplete -o default -F _heed heed\n");
}

// In zsh, a bracket or colon of the text would end it.
static void zsh_text(const cli *c, const char *text) {
    for (const char *p = text; *p; p++) {
        if (*p == '\'')
            fputs("'\\''", c->t.out);
        else if (*p == '[' || *p == ']' || *p == ':' || *p == '\\')
            fputc(' ', c->t.out);
        else
            fputc(*p, c->t.out);
    }
}

static void zsh_options(const cli *c, const opt *list, size_t n) {
    for (size_t i = 0; i < n; i++) {
        term_say(&c->t, " \\\n        '--%s%s[", list[i].name, list[i].kind == OPT_FLAG ? "" : "=");
        zsh_text(c, list[i].help);
        term_say(&c->t, "]%s'", list[i].kind == OPT_FLAG ? "" : ":value:_files");
    }
}

static void zsh(const cli *c) {
    size_t n, n_globals;
    const command *all = cli_commands(&n);
    const opt *globals = cli_globals(&n_globals);
    term_say(&c->t, "#compdef heed\n_heed() {\n    local -a commands\n    commands=(\n");
    for (size_t i = 0; i < n; i++) {
        term_say(&c->t, "        '%s:", all[i].name);
        zsh_text(c, all[i].about);
        term_say(&c->t, "'\n");
    }
    term_say(&c->t, "    )\n    if ((CURRENT == 2)); then\n        _describe command commands\n        return\n    fi\n"
                    "    case $words[2] in\n");
    for (size_t i = 0; i < n; i++) {
        term_say(&c->t, "    %s) _arguments", all[i].name);
        zsh_options(c, all[i].body->opts, all[i].body->n_opts);
        zsh_options(c, globals, n_globals);
        term_say(&c->t, " \\\n        '*:file:_files' ;;\n");
    }
    term_say(&c->t, "    esac\n}\n_heed \"$@\"\n");
}

static void fish_text(const cli *c, const char *text) {
    for (const char *p = text; *p; p++) {
        if (*p == '\'' || *p == '\\') fputc('\\', c->t.out);
        fputc(*p, c->t.out);
    }
}

static void fish_options(const cli *c, const char *condition, const opt *list, size_t n) {
    for (size_t i = 0; i < n; i++) {
        term_say(&c->t, "complete -c heed%s -l %s", condition, list[i].name);
        if (list[i].letter) term_say(&c->t, " -s %c", list[i].letter);
        term_say(&c->t, "%s -d '", list[i].kind == OPT_FLAG ? "" : " -r");
        fish_text(c, list[i].help);
        term_say(&c->t, "'\n");
    }
}

static void fish(const cli *c) {
    size_t n, n_globals;
    const command *all = cli_commands(&n);
    const opt *globals = cli_globals(&n_globals);
    term_say(&c->t, "# completion of heed for fish\n");
    for (size_t i = 0; i < n; i++) {
        char condition[128];
        term_say(&c->t, "complete -c heed -n __fish_use_subcommand -a %s -d '", all[i].name);
        fish_text(c, all[i].about);
        term_say(&c->t, "'\n");
        snprintf(condition, sizeof condition, " -n '__fish_seen_subcommand_from %s'", all[i].name);
        fish_options(c, condition, all[i].body->opts, all[i].body->n_opts);
    }
    fish_options(c, "", globals, n_globals);
}

void help_completion(const cli *c, str shell) {
    if (str_eq(shell, S("bash"))) bash(c);
    if (str_eq(shell, S("zsh"))) zsh(c);
    if (str_eq(shell, S("fish"))) fish(c);
}
