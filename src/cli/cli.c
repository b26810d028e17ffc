#include <stdarg.h>
#include <unistd.h>

#include "base/civil.h"
#include "cli/inside.h"

static const command commands[] = {
#define COMMAND(name, synopsis, about, group) {#name, synopsis, about, group, &cmd_##name},
#include "cli/commands.def"
};

static const opt globals[] = {
    {"store", 's', OPT_TEXT, offsetof(cli, g.store), "DIR|URL", "the store; else HEED_STORE, else heed-data"},
    {"json", 'j', OPT_FLAG, offsetof(cli, g.json), NULL, "print JSON for programs"},
    {"quiet", 'q', OPT_FLAG, offsetof(cli, g.quiet), NULL, "no remarks and no progress"},
    {"no-color", 0, OPT_FLAG, offsetof(cli, g.no_color), NULL, "no colours, as with NO_COLOR"},
    {"log-json", 0, OPT_FLAG, offsetof(cli, g.log_json), NULL, "remarks and errors as JSON lines, for operators"},
    {"now", 0, OPT_TEXT, offsetof(cli, g.now), "TIME", "pretend that it is then, for tests and reports of the past"},
    {"help", 'h', OPT_FLAG, offsetof(cli, g.help), NULL, "explain the command"},
    {"version", 0, OPT_FLAG, offsetof(cli, g.version), NULL, "print the version"},
};

const command *cli_commands(size_t *n) {
    *n = COUNT(commands);
    return commands;
}

const opt *cli_globals(size_t *n) {
    *n = COUNT(globals);
    return globals;
}

const command *cli_command(str name) {
    for (size_t i = 0; i < COUNT(commands); i++)
        if (str_eq(name, str_c(commands[i].name))) return &commands[i];
    return NULL;
}

// ---- did you mean ----

// Edits between two words, a swap of neighbours counting one (optimal string alignment, Damerau 1964).
static int edits(str x, str y) {
    enum { MOST = 40 };
    int d[MOST + 1][MOST + 1];
    int n = (int)MIN(x.len, MOST), m = (int)MIN(y.len, MOST);
    for (int i = 0; i <= n; i++) d[i][0] = i;
    for (int j = 0; j <= m; j++) d[0][j] = j;
    for (int i = 1; i <= n; i++)
        for (int j = 1; j <= m; j++) {
            int change = d[i - 1][j - 1] + (x.s[i - 1] != y.s[j - 1]);
            d[i][j] = MIN(MIN(d[i - 1][j], d[i][j - 1]) + 1, change);
            if (i > 1 && j > 1 && x.s[i - 1] == y.s[j - 2] && x.s[i - 2] == y.s[j - 1])
                d[i][j] = MIN(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[n][m];
}

const char *cli_nearest(str typed, const char *const *names, size_t n) {
    const char *best = NULL;
    int least = 1 + (int)MIN(typed.len, 40) / 3;
    for (size_t i = 0; i < n; i++) {
        str name = str_c(names[i]);
        int far = typed.len > 2 && str_starts(name, typed) ? 0 : edits(typed, name);
        if (far < least || (far == least && !best)) best = names[i], least = far;
    }
    return best;
}

static const char *nearest_option(const opt *own, size_t n_own, str typed) {
    const char *names[64];
    size_t n = 0;
    for (size_t i = 0; i < n_own && n < COUNT(names); i++) names[n++] = own[i].name;
    for (size_t i = 0; i < COUNT(globals) && n < COUNT(names); i++) names[n++] = globals[i].name;
    return cli_nearest(typed, names, n);
}

// ---- parsing ----

typedef struct {
    cli *c;
    const command *command;
    void *options;
    char **argv;
    int argc, at;
} parse;

typedef struct {
    const opt *o; // NULL: not found
    void *target;
} found;

static found find_in(const opt *opts, size_t n, void *base, str name, char letter) {
    for (size_t i = 0; base && i < n; i++)
        if (name.len ? str_eq(name, str_c(opts[i].name)) : letter == opts[i].letter)
            return (found){&opts[i], (char *)base + opts[i].at};
    return (found){0};
}

static found find_option(const parse *p, str name, char letter) {
    found f = {0};
    if (p->command) f = find_in(p->command->body->opts, p->command->body->n_opts, p->options, name, letter);
    return f.o ? f : find_in(globals, COUNT(globals), p->c, name, letter);
}

static bool unknown_option(const parse *p, str name, err *e) {
    const cmd *body = p->command ? p->command->body : NULL;
    const char *near = nearest_option(body ? body->opts : NULL, body ? body->n_opts : 0, name);
    if (near)
        return fail(e, ERR_usage, "there is no option '--%.*s'; did you mean '--%s'?", (int)MIN(name.len, 60), name.s,
                    near);
    return fail(e, ERR_usage, "there is no option '--%.*s'; 'heed help%s%s' lists them", (int)MIN(name.len, 60), name.s,
                p->command ? " " : "", p->command ? p->command->name : "");
}

static bool one_of(const char *choices, str x) {
    str rest = str_c(choices);
    while (rest.s)
        if (str_eq(str_cut(&rest, '|'), x)) return true;
    return false;
}

static bool is_choice(const char *arg) {
    for (const char *c = arg; c && *c; c++)
        if (*c >= 'A' && *c <= 'Z') return false;
    return arg && strchr(arg, '|');
}

static void *options_of(arena *life, const cmd *body) {
    void *options = arena_alloc(life, 1, 16, MAX(body->size, 1));
    if (body->defaults) memcpy(options, body->defaults, body->size);
    return options;
}

static void list_add(arena *a, strs *l, str x) {
    str *more = make(a, str, l->n + 1);
    if (l->n) memcpy(more, l->v, l->n * sizeof *more);
    more[l->n] = x;
    *l = (strs){more, l->n + 1};
}

static bool set_option(const parse *p, const found *f, str value, err *e) {
    if (is_choice(f->o->arg) && !one_of(f->o->arg, value))
        return fail(e, ERR_usage, "'--%s' takes %s, not '%.*s'", f->o->name, f->o->arg, (int)MIN(value.len, 60),
                    value.s);
    switch (f->o->kind) {
    case OPT_FLAG: *(bool *)f->target = true; break;
    case OPT_TEXT: *(str *)f->target = value; break;
    case OPT_LIST: list_add(p->c->life, f->target, value); break;
    case OPT_NUMBER:
        if (!str_i64(value, f->target) || *(int64_t *)f->target < 0)
            return fail(e, ERR_usage, "'--%s' takes a whole number, not '%.*s'", f->o->name, (int)MIN(value.len, 60),
                        value.s);
    }
    return true;
}

static bool next_value(parse *p, const opt *o, str *value, err *e) {
    if (p->at + 1 >= p->argc) return fail(e, ERR_usage, "'--%s' needs a value: %s", o->name, o->arg);
    *value = str_c(p->argv[++p->at]);
    return true;
}

static bool parse_long(parse *p, str arg, err *e) {
    str value = arg, name = str_cut(&value, '=');
    bool given = value.s != NULL;
    found f = name.len ? find_option(p, name, 0) : (found){0};
    if (!f.o) return unknown_option(p, name, e);
    if (f.o->kind == OPT_FLAG && given) return fail(e, ERR_usage, "'--%s' takes no value", f.o->name);
    if (f.o->kind != OPT_FLAG && !given && !next_value(p, f.o, &value, e)) return false;
    return set_option(p, &f, value, e);
}

// "-jq", "-s DIR", "-sDIR".
static bool parse_letters(parse *p, str letters, err *e) {
    while (letters.len) {
        found f = find_option(p, S(""), letters.s[0]);
        if (!f.o)
            return fail(e, ERR_usage, "there is no option '-%c'; 'heed help%s%s' lists them", letters.s[0],
                        p->command ? " " : "", p->command ? p->command->name : "");
        letters = str_sub(letters, 1, letters.len);
        str value = letters;
        if (f.o->kind != OPT_FLAG) {
            if (!letters.len && !next_value(p, f.o, &value, e)) return false;
            letters = S("");
        }
        if (!set_option(p, &f, value, e)) return false;
    }
    return true;
}

static bool take_command(parse *p, str name, err *e) {
    const char *names[COUNT(commands)];
    for (size_t i = 0; i < COUNT(commands); i++) names[i] = commands[i].name;
    p->command = cli_command(name);
    if (!p->command) {
        const char *near = cli_nearest(name, names, COUNT(commands));
        if (near)
            return fail(e, ERR_usage, "there is no command '%.*s'; did you mean '%s'?", (int)MIN(name.len, 60), name.s,
                        near);
        return fail(e, ERR_usage, "there is no command '%.*s'; 'heed help' lists them", (int)MIN(name.len, 60), name.s);
    }
    p->options = options_of(p->c->life, p->command->body);
    return true;
}

static bool parse_all(parse *p, err *e) {
    bool plain = false;
    for (p->at = 1; p->at < p->argc; p->at++) {
        str arg = str_c(p->argv[p->at]);
        bool dash = !plain && arg.len > 1 && arg.s[0] == '-';
        if (dash && str_eq(arg, S("--"))) {
            plain = true;
            continue;
        }
        bool ok = true;
        if (dash)
            ok = arg.s[1] == '-' ? parse_long(p, str_sub(arg, 2, arg.len), e)
                                 : parse_letters(p, str_sub(arg, 1, arg.len), e);
        else if (!p->command)
            ok = take_command(p, arg, e);
        else
            list_add(p->c->life, &p->c->args, arg);
        if (!ok) return false;
    }
    return true;
}

static bool count_args(const parse *p, err *e) {
    const cmd *body = p->command->body;
    int n = (int)p->c->args.n;
    if (n < body->min_args)
        return fail(e, ERR_usage, "something is missing: heed %s %s", p->command->name, p->command->synopsis);
    if (body->max_args >= 0 && n > body->max_args) {
        str extra = p->c->args.v[body->max_args];
        return fail(e, ERR_usage, "'%.*s' is too much: heed %s %s", (int)MIN(extra.len, 60), extra.s, p->command->name,
                    p->command->synopsis);
    }
    return true;
}

// ---- telling ----

static int64_t log_time(void *ctx) {
    const cli *c = ctx;
    return c->w->now_us(c->w);
}

void cli_note(const cli *c, const char *fmt, ...) {
    char text[1024];
    va_list ap;
    if (c->g.quiet) return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    fflush(c->t.out);
    if (c->g.log_json)
        log_line(&c->log, LOG_INFO, text, "command", c->command ? c->command->name : "", (const char *)NULL);
    else
        fprintf(c->t.err, "heed: %s\n", text);
}

static void tell(const cli *c, str about, const err *e) {
    const char *name = c->command ? c->command->name : "";
    arena a = arena_open(1 << 16);
    str where = term_clean(&a, about, true), what = term_clean(&a, str_c(e->msg), true);
    fflush(c->t.out);
    if (c->g.log_json)
        log_line(&c->log, LOG_ERROR, str_z(&a, what), "command", name, "error", err_name(e->code), "about",
                 str_z(&a, where), (const char *)NULL);
    else if (c->g.json) {
        buf b = buf_new(&a, 1 << 14);
        json_out j = json_to(&b);
        json_open(&j, NULL, '{');
        json_put_str(&j, "error", str_c(err_name(e->code)));
        json_put_str(&j, "message", what);
        if (where.len) json_put_str(&j, "about", where);
        json_close(&j, '}');
        fprintf(c->t.err, "%.*s\n", STR_ARG(buf_str(&b)));
    } else
        fprintf(c->t.err, "heed%s%s: %.*s%s%.*s\n", *name ? " " : "", name, STR_ARG(where), where.len ? ": " : "",
                STR_ARG(what));
    arena_close(&a);
}

void cli_complain(cli *c, str about, const err *e) {
    tell(c, about, e);
    if (err_ok(&c->first)) c->first = *e;
}

bool cli_id(const char *what, str x, int64_t *id, err *e) {
    if (str_i64(x, id) && *id > 0) return true;
    return fail(e, ERR_usage, "'%.*s' is no number of %s", (int)MIN(x.len, 60), x.s, what);
}

bool cli_time(const cli *c, const zone *z, const char *option, str x, int64_t *at_us, err *e) {
    if (time_asked(x, z, c->w->now_us(c->w), at_us)) return true;
    return fail(e, ERR_usage, "'--%s' takes a day such as 2026-01-31, or 30d, 8w, 6m, 1y for how long ago; not '%.*s'",
                option, (int)MIN(x.len, 60), x.s);
}

// ---- replies ----

enum { REPLY_MOST = 64 << 20, REPLY_SOME = 64 << 10 };

void reply_open(reply *r, const cli *c) {
    *r = (reply){.c = c, .a = arena_open(REPLY_MOST * 2), .small = arena_open(4096)};
    r->b = buf_new(&r->a, REPLY_MOST);
    r->j = json_to(&r->b);
}

static void write_out(reply *r) {
    assert(!r->b.full);
    fwrite(r->b.s, 1, r->b.len, r->c->t.out);
    buf_reset(&r->b);
}

void reply_some(reply *r) {
    if (r->b.len >= REPLY_SOME) write_out(r);
}

void reply_close(reply *r) {
    buf_addc(&r->b, '\n');
    write_out(r);
    reply_drop(r);
}

void reply_drop(reply *r) {
    arena_close(&r->small);
    arena_close(&r->a);
}

void reply_time(reply *r, const char *key, int64_t at_us) {
    arena_reset(&r->small); // the text of the reply must stay the last thing in its own
    if (at_us)
        json_put_str(&r->j, key, iso_str(&r->small, at_us));
    else
        json_put_null(&r->j, key);
}

// ---- running ----

static bool run_as(cli *c, const command *which, strs args, err *e) {
    cli inner = *c;
    inner.command = which, inner.args = args;
    return which->body->run(&inner, options_of(c->life, which->body), e);
}

bool cli_run(cli *c, const command *which, err *e) {
    return run_as(c, which, (strs){0}, e);
}

static bool set_clock(cli *c, err *e) {
    if (!c->g.now.len) return true;
    if (!time_parse(c->g.now, NULL, 0, &c->now_us))
        return fail(e, ERR_usage, "'--now' takes a time such as 2026-01-31T12:00:00Z, not '%.*s'",
                    (int)MIN(c->g.now.len, 60), c->g.now.s);
    c->fixed = world_fixed(&c->now_us);
    c->fixed.random = world_real()->random; // another day is no reason for keys that can be guessed
    c->w = &c->fixed;
    return true;
}

static bool run(cli *c, parse *p, err *e) {
    bool ok = parse_all(p, e);
    c->command = p->command;
    c->t = term_open(c->t.out, c->t.err, c->g.no_color || c->g.json, c->g.quiet || c->g.log_json);
    if (c->in) c->t.color = c->in->color && !c->g.json && !c->g.no_color, c->t.columns = c->in->columns;
    c->log = (logger){.out = c->t.err, .least = LOG_INFO, .json = true, .now_us = log_time, .ctx = c};
    if (ok && c->in && c->g.now.len)
        return fail(e, ERR_usage, "a server holds the store, and '--now' is none of its business; stop it first");
    if (!ok || !set_clock(c, e)) return false;
    if (c->g.version) return cli_run(c, cli_command(S("version")), e);
    if (c->g.help || !p->command) {
        str name = p->command ? str_c(p->command->name) : S("");
        return run_as(c, cli_command(S("help")), (strs){&name, p->command ? 1 : 0}, e);
    }
    return count_args(p, e) && p->command->body->run(c, p->options, e);
}

static int one_run(int argc, char **argv, const struct inside *in, FILE *out, FILE *err_out) {
    arena life = arena_open((size_t)1 << 30);
    cli *c = make(&life, cli, 1);
    *c = (cli){.life = &life,
               .scratch = arena_open((size_t)1 << 30),
               .w = in ? in->d.w : world_real(),
               .in = in,
               .argc = argc,
               .argv = argv,
               .t = {.out = out, .err = err_out}};
    parse p = {.c = c, .argv = argv, .argc = argc};
    err e = {0};
    bool ok = run(c, &p, &e);
    if (!ok && c->answered)
        e = c->first = (err){0};
    else if (!ok)
        tell(c, S(""), &e);
    if (err_ok(&e)) e = c->first;
    // A result that did not reach its reader is no success.
    if (err_ok(&e) && (fflush(out) != 0 || ferror(out))) {
        fail(&e, ERR_full, "the output could not be written; is its disk full?");
        tell(c, S(""), &e);
    }
    int status = c->answered && err_ok(&e) ? c->answer : err_exit(e.code);
    arena_close(&c->scratch);
    arena_close(&life);
    return status;
}

int cli_main(int argc, char **argv, FILE *out, FILE *err_out) {
    return one_run(argc, argv, NULL, out, err_out);
}

int cli_inside(int argc, char **argv, const struct inside *in, FILE *out, FILE *err_out) {
    return one_run(argc, argv, in, out, err_out);
}
