#include "cli/desk.h"
#include "cli/say.h"
#include "serve/accounts.h"
#include "sql/serve_auth.h"

typedef struct {
    str name, role, at;
    bool second_factor;
} user_opts;

static const opt opts[] = {
    {"name", 0, OPT_TEXT, offsetof(user_opts, name), "NAME", "add: of the person; they can say it themselves"},
    {"role", 0, OPT_TEXT, offsetof(user_opts, role), "owner|manager|agent|viewer", "add: what they may do (viewer)"},
    {"second-factor", 0, OPT_FLAG, offsetof(user_opts, second_factor), NULL,
     "reset: take the second factor away too: the phone is lost"},
    {"at", 0, OPT_TEXT, offsetof(user_opts, at), "URL", "address of the server, for the link (http://127.0.0.1:8080)"},
};

enum { WELCOME_MINUTES = 7 * 24 * 60, RESET_MINUTES = 24 * 60 };

typedef struct {
    cli *c;
    const user_opts *o;
    str verb, email, role;
    account a;
    str token;
} work;

static bool note(desk *d, const work *w, const char *action, str detail, err *e) {
    return audit_put(d, S("system"), action, str_fmt(d->a, "account:%" PRId64, w->a.id), detail, S(""), e);
}

static bool find(desk *d, work *w, err *e) {
    str email = email_of(d->a, w->email);
    if (!account_find(d->a, d->s, email, &w->a, e)) return false;
    return w->a.id || fail(e, ERR_not_found, "there is no account for '%.*s'; 'heed user list' lists them",
                           (int)MIN(w->email.len, 60), w->email.s);
}

// ---- the verbs, each in a transaction ----

static bool add(void *ctx, desk *d, err *e) {
    work *w = ctx;
    int64_t id;
    str email = email_of(d->a, w->email), role = w->o->role.len ? w->o->role : S("viewer");
    if (!email.len) return fail(e, ERR_usage, "'%.*s' is no e-mail address", (int)MIN(w->email.len, 60), w->email.s);
    if (!account_make(d, email, w->o->name, role, &id, e) || !account_get(d->a, d->s, id, &w->a, e)) return false;
    return invite_make(d, id, "welcome", WELCOME_MINUTES, &w->token, e) &&
           note(d, w, "account.invite", str_fmt(d->a, "{\"role\":\"%.*s\"}", STR_ARG(w->a.role)), e);
}

static bool role(void *ctx, desk *d, err *e) {
    work *w = ctx;
    uint64_t needs;
    if (!role_needs(w->role, &needs))
        return fail(e, ERR_usage, "there is no role '%.*s'; take owner, manager, agent or viewer",
                    (int)MIN(w->role.len, 60), w->role.s);
    return find(d, w, e) && account_set(d, &w->a, w->a.name, w->role, w->a.state, e) &&
           note(d, w, "account.change", str_fmt(d->a, "{\"role\":\"%.*s\"}", STR_ARG(w->role)), e);
}

static bool reset(void *ctx, desk *d, err *e) {
    work *w = ctx;
    if (!find(d, w, e)) return false;
    if (w->a.state == ACCOUNT_DISABLED)
        return fail(e, ERR_conflict, "this account is disabled; 'heed user enable' opens it again");
    bool welcome = w->a.state == ACCOUNT_INVITED, off = w->o->second_factor;
    if (off && !account_forget_totp(d, w->a.id, e)) return false;
    str detail = str_fmt(d->a, "{\"purpose\":\"%s\",\"second_factor_off\":%s}", welcome ? "welcome" : "reset",
                         off ? "true" : "false");
    return invite_make(d, w->a.id, welcome ? "welcome" : "reset", welcome ? WELCOME_MINUTES : RESET_MINUTES, &w->token,
                       e) &&
           note(d, w, "account.link", detail, e);
}

static bool set_state(work *w, desk *d, enum account_state state, err *e) {
    str detail = str_fmt(d->a, "{\"state\":\"%s\"}", account_state_name(state));
    return account_set(d, &w->a, w->a.name, w->a.role, state, e) && note(d, w, "account.change", detail, e);
}

static bool disable(void *ctx, desk *d, err *e) {
    work *w = ctx;
    return find(d, w, e) && set_state(w, d, ACCOUNT_DISABLED, e);
}

static bool enable(void *ctx, desk *d, err *e) {
    work *w = ctx;
    if (!find(d, w, e)) return false;
    if (w->a.state != ACCOUNT_DISABLED) return true;
    return set_state(w, d, w->a.password.len || w->a.subject.len ? ACCOUNT_ACTIVE : ACCOUNT_INVITED, e);
}

// ---- what is told ----

static void account_reply(reply *r, const account *a) {
    json_put_int(&r->j, "id", a->id);
    json_put_str(&r->j, "email", a->email);
    json_put_str(&r->j, "name", a->name);
    json_put_str(&r->j, "role", a->role);
    json_put_str(&r->j, "state", str_c(account_state_name(a->state)));
    json_put_bool(&r->j, "second_factor", a->totp.len > 0);
    reply_time(r, "seen", a->seen_us);
}

static void tell(const work *w) {
    cli *c = w->c;
    str at = w->o->at.len ? w->o->at : S("http://127.0.0.1:8080");
    if (str_ends(at, S("/"))) at.len--;
    str link = w->token.len ? str_fmt(c->life, "%.*s/welcome/%.*s", STR_ARG(at), STR_ARG(w->token)) : S("");
    if (c->g.json) {
        reply r;
        reply_open(&r, c);
        json_open(&r.j, NULL, '{');
        account_reply(&r, &w->a);
        json_put_str(&r.j, "link", link);
        json_close(&r.j, '}');
        reply_close(&r);
        return;
    }
    term_say(&c->t, "%.*s: %.*s, %s.\n", STR_ARG(w->a.email), STR_ARG(w->a.role), account_state_name(w->a.state));
    if (link.len)
        term_say(&c->t, "Give them this link, and nobody else. It works once%s:\n  %.*s\n",
                 w->a.state == ACCOUNT_INVITED ? ", for a week" : ", for a day", STR_ARG(link));
}

static bool run_one(cli *c, const user_opts *o, piece_fn fn, err *e) {
    desk d;
    work w = {.c = c, .o = o, .verb = c->args.v[0], .email = c->args.v[1]};
    w.role = c->args.n > 2 ? c->args.v[2] : S("");
    if (!desk_open(c, "invite and change people by its address /api/accounts", &d, e)) return false;
    bool ok = desk_run(&d, fn, &w, e) && account_get(c->life, d.s, w.a.id, &w.a, e);
    desk_close(&d);
    if (ok) tell(&w);
    return ok;
}

// ---- list ----

static void list_row(table *t, cli *c, const account *a) {
    table_add(t, STYLE_bold, term_clean(c->life, a->email.len ? a->email : S("(not said yet)"), true));
    table_add(t, STYLE_plain, term_clean(c->life, a->name, true));
    table_add(t, STYLE_plain, a->role);
    table_add(t, a->state == ACCOUNT_DISABLED ? STYLE_dim : STYLE_plain, str_c(account_state_name(a->state)));
    table_add(t, STYLE_plain, a->totp.len ? S("yes") : S("no"));
    table_add(t, STYLE_plain, a->seen_us ? say_day(c->life, NULL, a->seen_us) : S("never"));
}

static bool list(cli *c, err *e) {
    static const table_col cols[] = {{"e-mail", false, false},        {"name", false, true},
                                     {"role", false, false},          {"state", false, false},
                                     {"second factor", false, false}, {"last in", false, false}};
    store *s;
    reply r = {0};
    if (!place_read(c, &s, e)) return false;
    table *t = table_new(c->life, cols, COUNT(cols));
    if (c->g.json) reply_open(&r, c), json_open(&r.j, NULL, '[');
    for (row q = store_query(s, Q_account_list, e, "ii", INT64_C(0), INT64_C(100000)); row_next(&q);) {
        account a;
        account_row(c->life, &q, &a);
        if (!c->g.json) {
            list_row(t, c, &a);
            continue;
        }
        json_open(&r.j, NULL, '{');
        account_reply(&r, &a);
        json_close(&r.j, '}');
    }
    store_close(s);
    if (c->g.json) json_close(&r.j, ']'), reply_close(&r);
    if (!c->g.json && table_rows(t)) table_print(t, &c->t, 0);
    if (!c->g.json && !table_rows(t)) term_say(&c->t, "Nobody can sign in yet: heed user add EMAIL --role owner\n");
    return err_ok(e);
}

static bool run(cli *c, const void *options, err *e) {
    static const struct {
        const char *verb;
        size_t args;
        piece_fn fn;
        const char *usage;
    } verbs[] = {{"add", 2, add, "heed user add EMAIL [--role ROLE] [--name NAME]"},
                 {"role", 3, role, "heed user role EMAIL ROLE"},
                 {"reset", 2, reset, "heed user reset EMAIL [--second-factor]"},
                 {"disable", 2, disable, "heed user disable EMAIL"},
                 {"enable", 2, enable, "heed user enable EMAIL"}};
    str verb = c->args.n ? c->args.v[0] : S("list");
    if (str_eq(verb, S("list"))) return list(c, e);
    for (size_t i = 0; i < COUNT(verbs); i++) {
        if (!str_eq(verb, str_c(verbs[i].verb))) continue;
        if (c->args.n != verbs[i].args) return fail(e, ERR_usage, "%s", verbs[i].usage);
        return run_one(c, options, verbs[i].fn, e);
    }
    return fail(e, ERR_usage, "heed user add, list, role, reset, disable or enable; not '%.*s'", (int)MIN(verb.len, 60),
                verb.s);
}

const cmd cmd_user = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(user_opts),
    .max_args = 3,
    .run = run,
    .more = "Colleagues who may sign in to 'heed serve'. 'add' prints a link that works once, by which they set their "
            "password; nothing is sent. 'reset' makes such a link for somebody who forgot the password; with "
            "--second-factor it also lets in who lost the phone. 'disable' signs somebody out everywhere; 'enable' "
            "takes that back. The last owner stays owner.\n\n"
            "It works while a server runs, too.",
    .examples = "heed user add ada@example.org --role owner --at https://heed.example.org\n"
                "heed user role ben@example.org manager\n"
                "heed user reset ben@example.org --second-factor",
    .json = "list: [{\"id\",\"email\",\"name\",\"role\",\"state\",\"second_factor\",\"seen\"}]; the others: one of "
            "these with \"link\", which is empty when none was made",
};
