#include "cli/desk.h"
#include "cli/say.h"
#include "jobs/fetch.h"
#include "jobs/hooks.h"
#include "serve/auth.h"
#include "sql/serve_hooks.h"

enum { SECRET_FILE = 4096 };

typedef struct {
    str scheme, url, secret_file;
    bool make;
} hook_opts;

static const opt opts[] = {
    {"scheme", 0, OPT_TEXT, offsetof(hook_opts, scheme), "NAME",
     "add: how the sender signs; the name of the source unless given ('heed hook schemes')"},
    {"url", 0, OPT_TEXT, offsetof(hook_opts, url), "URL",
     "add: the public address as the sender calls it, where it is signed and a proxy changes it"},
    {"secret-file", 'f', OPT_TEXT, offsetof(hook_opts, secret_file), "FILE",
     "add, secret: the file that holds the secret ('-' is standard input)"},
    {"make-secret", 0, OPT_FLAG, offsetof(hook_opts, make), NULL,
     "add, secret: make a secret for the sender's page; it is printed once"},
};

// What is done to a hook, on the desk.
typedef struct {
    str source, url, secret;
    const scheme *sc;
    int64_t source_id, secret_id;
    bool make;
} change;

static bool read_secret(cli *c, const hook_opts *o, str *secret, err *e) {
    str whole;
    *secret = S("");
    if (!o->secret_file.len) return true;
    const char *path = str_eq(o->secret_file, S("-")) ? "/dev/stdin" : str_z(c->life, o->secret_file);
    if (!c->w->read_file(c->w, c->life, path, SECRET_FILE, &whole, e)) return false;
    *secret = str_trim(whole);
    return secret->len || fail(e, ERR_invalid, "\"%s\" is empty; it must hold the secret", path);
}

static bool note(desk *d, const char *action, str source, err *e) {
    return audit_put(d, S("system"), action, str_fmt(d->a, "source:%.*s", STR_ARG(source)), S(""), S(""), e);
}

static bool put_piece(void *ctx, desk *d, err *e) {
    const change *x = ctx;
    return hook_put(d, x->source_id, x->sc, x->url, e) && note(d, "hook.put", x->source, e);
}

static bool secret_piece(void *ctx, desk *d, err *e) {
    change *x = ctx;
    hook h;
    if (!hook_get(d->a, d->s, x->source, &h, e)) return false;
    if (x->make && h.scheme->key == KEY_whpk)
        return fail(e, ERR_invalid,
                    "a public key is the sender's; copy it from there into a file, and give --secret-file");
    if (x->make) x->secret = hook_secret_new(d->a, d->w, h.scheme);
    return hook_secret_add(d, &h, x->secret, &x->secret_id, e) && note(d, "hook.secret_add", x->source, e);
}

static bool retire_piece(void *ctx, desk *d, err *e) {
    const change *x = ctx;
    hook h;
    return hook_get(d->a, d->s, x->source, &h, e) && hook_secret_drop(d, &h, x->secret_id, e) &&
           note(d, "hook.secret_drop", x->source, e);
}

static bool drop_piece(void *ctx, desk *d, err *e) {
    const change *x = ctx;
    hook h;
    return hook_get(d->a, d->s, x->source, &h, e) && hook_drop(d, &h, e) && note(d, "hook.drop", x->source, e);
}

static void tell(cli *c, const change *x, const char *what) {
    if (c->g.json) {
        reply r;
        reply_open(&r, c);
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "source", x->source);
        json_put_str(&r.j, "path", str_fmt(c->life, "/hooks/%.*s", STR_ARG(x->source)));
        if (x->secret_id) json_put_int(&r.j, "secret_id", x->secret_id);
        if (x->make) json_put_str(&r.j, "secret", x->secret);
        json_close(&r.j, '}');
        reply_close(&r);
        return;
    }
    term_say(&c->t, "%s\n", what);
    if (x->make) term_say(&c->t, "Its secret is shown this once:\n  %.*s\n", STR_ARG(x->secret));
}

static bool names_source(cli *c, size_t n, change *x, err *e) {
    if (c->args.n != n) return fail(e, ERR_usage, "name the source, such as 'heed hook add shopify'");
    x->source = c->args.v[1];
    return true;
}

// ---- add ----

static bool add(cli *c, const hook_opts *o, err *e) {
    desk d;
    change x = {.url = o->url, .make = o->make};
    if (!names_source(c, 2, &x, e)) return false;
    str name = o->scheme.len ? o->scheme : x.source;
    x.sc = scheme_get(name);
    if (!x.sc)
        return fail(e, ERR_usage, "no sender signs by \"%.*s\"; 'heed hook schemes' lists what there is, give --scheme",
                    (int)MIN(name.len, 60), name.s);
    if (o->make && o->secret_file.len) return fail(e, ERR_usage, "either --secret-file or --make-secret, not both");
    if ((o->url.len && !fetch_check(o->url, true, e)) || !read_secret(c, o, &x.secret, e) ||
        !desk_open(c, "set it up by its address /api/hooks", &d, e))
        return false;
    bool ok = hook_source(&d, x.source, x.sc, &x.source_id, e) && desk_run(&d, put_piece, &x, e) &&
              ((!x.secret.len && !x.make) || desk_run(&d, secret_piece, &x, e));
    x.secret = str_dup(c->life, x.secret);
    desk_close(&d);
    bool open = x.secret.len > 0;
    if (ok)
        tell(c, &x,
             str_z(c->life, str_fmt(c->life, "Webhooks of %s come in at /hooks/%.*s.%s", x.sc->label, STR_ARG(x.source),
                                    open ? "" : " They are refused until a secret is kept: heed hook secret")));
    return ok;
}

// ---- secret, retire, remove ----

static bool secret(cli *c, const hook_opts *o, err *e) {
    desk d;
    change x = {.make = o->make};
    if (!names_source(c, 2, &x, e)) return false;
    if (o->make == (o->secret_file.len > 0))
        return fail(e, ERR_usage, "say where the secret is: --secret-file FILE, or --make-secret for a new one");
    if (!read_secret(c, o, &x.secret, e) || !desk_open(c, "add it by its address /api/hooks", &d, e)) return false;
    bool ok = desk_run(&d, secret_piece, &x, e);
    x.secret = str_dup(c->life, x.secret);
    desk_close(&d);
    if (ok)
        tell(c, &x,
             str_z(c->life,
                   str_fmt(c->life, "Secret %" PRId64 " is accepted from now on, beside those before.", x.secret_id)));
    return ok;
}

static bool retire(cli *c, err *e) {
    desk d;
    change x = {0};
    if (c->args.n != 3) return fail(e, ERR_usage, "heed hook retire SOURCE ID; 'heed hook list' shows the IDs");
    x.source = c->args.v[1];
    if (!cli_id("a secret", c->args.v[2], &x.secret_id, e) ||
        !desk_open(c, "retire it by its address /api/hooks", &d, e))
        return false;
    bool ok = desk_run(&d, retire_piece, &x, e);
    desk_close(&d);
    if (ok) tell(c, &x, str_z(c->life, str_fmt(c->life, "Secret %" PRId64 " is not accepted any more.", x.secret_id)));
    return ok;
}

static bool drop(cli *c, err *e) {
    desk d;
    change x = {0};
    if (!names_source(c, 2, &x, e) || !desk_open(c, "remove it by its address /api/hooks", &d, e)) return false;
    bool ok = desk_run(&d, drop_piece, &x, e);
    desk_close(&d);
    if (ok) tell(c, &x, "Its webhooks are refused from now on, and its secrets forgotten. What came stays.");
    return ok;
}

// ---- list ----

static str secrets_text(cli *c, const hook_secret *all, size_t n) {
    buf b = buf_new(c->life, 1024);
    for (size_t i = 0; i < n; i++) buf_fmt(&b, "%s%" PRId64, i ? ", " : "", all[i].id);
    return n ? buf_str(&b) : S("none: refused");
}

static void list_json(reply *r, const hook *h, const hook_secret *all, size_t n) {
    json_open(&r->j, NULL, '{');
    json_put_str(&r->j, "source", h->source);
    json_put_str(&r->j, "scheme", str_c(h->scheme->name));
    json_put_str(&r->j, "path", str_fmt(r->b.a, "/hooks/%.*s", STR_ARG(h->source)));
    json_put_str(&r->j, "url", h->url);
    json_open(&r->j, "secrets", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(&r->j, NULL, '{');
        json_put_int(&r->j, "id", all[i].id);
        reply_time(r, "created", all[i].created_us);
        json_close(&r->j, '}');
    }
    json_close(&r->j, ']');
    json_close(&r->j, '}');
}

static bool list(cli *c, err *e) {
    static const table_col cols[] = {
        {"source", false, false}, {"sender", false, true}, {"comes in at", false, false}, {"secrets", false, false}};
    store *s;
    reply r = {0};
    if (!place_read(c, &s, e)) return false;
    table *t = table_new(c->life, cols, COUNT(cols));
    if (c->g.json) reply_open(&r, c), json_open(&r.j, NULL, '[');
    for (row q = store_query(s, Q_hook_list, e, "ii", INT64_C(0), INT64_C(10000)); row_next(&q);) {
        hook h = hook_read(c->life, &q);
        hook_secret all[HOOK_SECRETS];
        size_t n = 0;
        if (!h.scheme || !hook_secrets(c->life, s, h.source_id, all, &n, e)) continue;
        if (c->g.json) {
            list_json(&r, &h, all, n);
            continue;
        }
        table_add(t, STYLE_plain, h.source);
        table_add(t, STYLE_plain, str_c(h.scheme->label));
        table_add(t, STYLE_plain, str_fmt(c->life, "/hooks/%.*s", STR_ARG(h.source)));
        table_add(t, n ? STYLE_plain : STYLE_warn, secrets_text(c, all, n));
    }
    store_close(s);
    if (!err_ok(e)) return false;
    if (c->g.json)
        json_close(&r.j, ']'), reply_close(&r);
    else if (table_rows(t))
        table_print(t, &c->t, 0);
    else
        term_say(&c->t, "No webhooks are set up yet: heed hook add shopify --secret-file FILE\n");
    return true;
}

static bool schemes(cli *c) {
    static const table_col cols[] = {
        {"scheme", false, false}, {"sender", false, false}, {"where its secret is", false, true}};
    size_t n;
    reply r = {0};
    const scheme *all = schemes_all(&n);
    table *t = table_new(c->life, cols, COUNT(cols));
    if (c->g.json) reply_open(&r, c), json_open(&r.j, NULL, '[');
    for (size_t i = 0; i < n; i++) {
        if (!c->g.json) {
            table_add(t, STYLE_plain, str_c(all[i].name));
            table_add(t, STYLE_plain, str_c(all[i].label));
            table_add(t, STYLE_plain, str_c(all[i].about));
            continue;
        }
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "name", str_c(all[i].name));
        json_put_str(&r.j, "label", str_c(all[i].label));
        json_put_str(&r.j, "secret", str_c(all[i].about));
        json_close(&r.j, '}');
    }
    if (c->g.json)
        json_close(&r.j, ']'), reply_close(&r);
    else
        table_print(t, &c->t, 0);
    return true;
}

static bool run(cli *c, const void *options, err *e) {
    const hook_opts *o = options;
    str what = c->args.n ? c->args.v[0] : S("list");
    if (str_eq(what, S("list")) && c->args.n <= 1) return list(c, e);
    if (str_eq(what, S("schemes")) && c->args.n == 1) return schemes(c);
    if (str_eq(what, S("add"))) return add(c, o, e);
    if (str_eq(what, S("secret"))) return secret(c, o, e);
    if (str_eq(what, S("retire"))) return retire(c, e);
    if (str_eq(what, S("remove"))) return drop(c, e);
    return fail(e, ERR_usage, "heed hook list, add, secret, retire, remove or schemes; not '%.*s'",
                (int)MIN(what.len, 60), what.s);
}

const cmd cmd_hook = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(hook_opts),
    .max_args = 3,
    .run = run,
    .more =
        "Which senders' webhooks 'heed serve' takes, and the secrets by which they are verified. A source without a "
        "secret is refused. To change a secret, add the new one, change it at the sender, then retire the old one. "
        "Secrets come from a file, never from the command line, and are never shown again.\n\n"
        "It works while a server runs, too. See docs/webhooks.md.",
    .examples = "heed hook schemes\n"
                "heed hook add shopify --secret-file secret.txt\n"
                "heed hook add shop-de --scheme shopify --secret-file -\n"
                "heed hook secret shopify --secret-file new.txt\n"
                "heed hook retire shopify 17",
    .json = "list: [{\"source\",\"scheme\",\"path\",\"url\",\"secrets\":[{\"id\",\"created\"}]}]; add, secret, retire, "
            "remove: {\"source\",\"path\",\"secret_id\",\"secret\"}; secret only where heed made it; schemes: "
            "[{\"name\",\"label\",\"secret\"}]",
};
