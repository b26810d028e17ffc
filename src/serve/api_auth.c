// Who may come in: the API of accounts, roles, and of what was done.
#include "serve/api_auth.h"
#include "base/civil.h"
#include "serve/oidc.h"
#include "serve/roles.h"
#include "sql/serve_auth.h"

// ---- who asks ----

bool me_show(call *c, err *e) {
    static const char *const kinds[] = {"nobody", "account", "key", "system"};
    const who *w = &c->who;
    (void)e;
    json_open(&c->out, NULL, '{');
    json_put_str(&c->out, "kind", str_c(kinds[w->kind]));
    json_put_int(&c->out, "id", w->id);
    json_put_str(&c->out, "name", w->name);
    json_put_str(&c->out, "role", w->role);
    needs_json(&c->out, "needs", w->needs);
    if (w->source.len)
        json_put_str(&c->out, "source", w->source);
    else
        json_put_null(&c->out, "source");
    if (w->csrf.len)
        json_put_str(&c->out, "csrf", w->csrf);
    else
        json_put_null(&c->out, "csrf");
    json_close(&c->out, '}');
    response_header(c->r, "Cache-Control", S("no-store"));
    return true;
}

bool roles_list(call *c, err *e) {
    paging p;
    size_t n, m;
    const role_row *roles = roles_all(&n), *needs = needs_all(&m);
    if (!page_open(c, &p, e)) return false;
    for (size_t i = 0; i < n; i++) {
        json_open(&c->out, NULL, '{');
        json_put_str(&c->out, "name", str_c(roles[i].name));
        json_put_str(&c->out, "text", str_c(roles[i].text));
        json_open(&c->out, "scopes", '[');
        for (size_t k = NEED_signed_in + 1; k < m; k++) {
            if (!(roles[i].needs & needs[k].needs)) continue;
            json_open(&c->out, NULL, '{');
            json_put_str(&c->out, "name", str_c(needs[k].name));
            json_put_str(&c->out, "text", str_c(needs[k].text));
            json_close(&c->out, '}');
        }
        json_close(&c->out, ']');
        json_close(&c->out, '}');
    }
    page_close(c, &p, false, 0, 0);
    return true;
}

// ---- accounts ----

static void account_json(json_out *j, const char *key, const account *a) {
    json_open(j, key, '{');
    json_put_int(j, "id", a->id);
    json_put_str(j, "email", a->email);
    json_put_str(j, "name", a->name);
    json_put_str(j, "role", a->role);
    json_put_str(j, "state", str_c(account_state_name(a->state)));
    json_put_bool(j, "second_factor", a->totp.len > 0);
    json_put_bool(j, "provider", a->subject.len > 0);
    out_time(j, "created", a->created_us);
    out_time(j, "seen", a->seen_us);
    json_put_int(j, "version", a->version);
    json_close(j, '}');
}

static bool account_of_path(call *c, account *a, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) && account_get(c->a, c->s, id, a, e);
}

static str subject_of(call *c, int64_t id) {
    return str_fmt(c->a, "account:%" PRId64, id);
}

bool accounts_list(call *c, err *e) {
    paging p;
    account a = {0};
    int64_t n = 0, last = 0;
    if (!page_open(c, &p, e)) return false;
    for (row r = store_query(c->s, Q_account_list, e, "ii", p.after[0], p.limit + 1); row_next(&r);) {
        if (++n > p.limit) continue;
        account_row(c->a, &r, &a);
        last = a.id;
        account_json(&c->out, NULL, &a);
    }
    page_close(c, &p, n > p.limit, last, 0);
    return err_ok(e);
}

bool accounts_show(call *c, err *e) {
    account a;
    if (!account_of_path(c, &a, e)) return false;
    account_json(&c->out, NULL, &a);
    call_etag(c, a.version);
    return true;
}

// Nobody hands out, or takes over, more than they may themselves.
static bool within(call *c, str role, err *e) {
    uint64_t needs;
    if (!role_needs(role, &needs))
        return fail_field(c, e, "role", "there is no role '%.*s'; take owner, manager, agent or viewer",
                          (int)MIN(role.len, 60), role.s);
    uint64_t more = needs & ~c->who.needs;
    return !more || fail(e, ERR_denied, "'%.*s' may do more than you", (int)MIN(role.len, 60), role.s);
}

static bool link_json(call *c, const char *key, int64_t id, const char *purpose, int64_t minutes, err *e) {
    str token;
    if (!invite_make(c->d, id, purpose, minutes, &token, e)) return false;
    str origin = server_options(c->sv)->origin;
    json_open(&c->out, key, '{');
    json_put_str(&c->out, "url", str_fmt(c->a, "%.*s/welcome/%.*s", STR_ARG(origin), STR_ARG(token)));
    json_put_str(&c->out, "purpose", str_c(purpose));
    out_time(&c->out, "expires", c->now_us + minutes * 60 * SECOND_US);
    json_close(&c->out, '}');
    return true;
}

bool accounts_invite(call *c, err *e) {
    int64_t id;
    account a;
    str email = email_of(c->a, in_str(c, "email"));
    if (!email.len)
        return fail_field(c, e, "email", "'%.*s' is no e-mail address", (int)MIN(in_str(c, "email").len, 60),
                          in_str(c, "email").s);
    if (!within(c, in_str(c, "role"), e)) return false;
    if (!account_make(c->d, email, in_str(c, "name"), in_str(c, "role"), &id, e) || !account_get(c->a, c->s, id, &a, e))
        return false;
    json_open(&c->out, NULL, '{');
    account_json(&c->out, "account", &a);
    if (!link_json(c, "link", id, "welcome", WELCOME_MINUTES, e)) return false;
    json_close(&c->out, '}');
    call_status(c, 201);
    call_etag(c, a.version);
    call_location(c, str_fmt(c->a, "/api/accounts/%" PRId64, id));
    str detail = str_fmt(c->a, "{\"role\":\"%.*s\"}", STR_ARG(a.role));
    return audit(c, "account.invite", subject_of(c, id), detail, e);
}

static str change_detail(call *c, const account *was, str name, str role, enum account_state state) {
    buf b = buf_new(c->a, 4096);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    if (!str_eq(was->name, name)) json_put_str(&j, "name", name);
    if (!str_eq(was->role, role)) json_put_str(&j, "role", role), json_put_str(&j, "role_was", was->role);
    if (was->state != state) json_put_str(&j, "state", str_c(account_state_name(state)));
    json_close(&j, '}');
    return buf_str(&b);
}

// Opened again, an account is as it was: waiting for its link, or able to sign in.
static enum account_state wanted_state(const account *a, str state) {
    if (!state.len) return a->state;
    if (str_eq(state, S("disabled"))) return ACCOUNT_DISABLED;
    if (a->state != ACCOUNT_DISABLED) return a->state;
    return a->password.len || a->subject.len ? ACCOUNT_ACTIVE : ACCOUNT_INVITED;
}

bool accounts_change(call *c, err *e) {
    account a;
    if (!account_of_path(c, &a, e) || !call_if_match(c, a.version, e)) return false;
    str name = in_has(c, "name") ? in_str(c, "name") : a.name, role = in_has(c, "role") ? in_str(c, "role") : a.role;
    enum account_state state = wanted_state(&a, in_str(c, "state"));
    if (!within(c, a.role, e) || !within(c, role, e)) return false;
    if (!account_set(c->d, &a, name, role, state, e) ||
        !audit(c, "account.change", subject_of(c, a.id), change_detail(c, &a, name, role, state), e) ||
        !account_get(c->a, c->s, a.id, &a, e))
        return false;
    account_json(&c->out, NULL, &a);
    call_etag(c, a.version);
    return true;
}

bool accounts_link(call *c, err *e) {
    account a;
    if (!account_of_path(c, &a, e) || !within(c, a.role, e)) return false;
    bool welcome = str_eq(in_str(c, "purpose"), S("welcome")), off = in_bool(c, "second_factor_off");
    if (a.state == ACCOUNT_DISABLED) return fail(e, ERR_conflict, "this account is disabled; open it again first");
    if (welcome != (a.state == ACCOUNT_INVITED))
        return fail_field(c, e, "purpose",
                          welcome ? "they have signed in before; take 'reset'"
                                  : "they have never signed in; take 'welcome'");
    if (off && !account_forget_totp(c->d, a.id, e)) return false;
    call_status(c, 201);
    str detail = str_fmt(c->a, "{\"purpose\":\"%s\",\"second_factor_off\":%s}", welcome ? "welcome" : "reset",
                         off ? "true" : "false");
    return link_json(c, NULL, a.id, welcome ? "welcome" : "reset", welcome ? WELCOME_MINUTES : RESET_MINUTES, e) &&
           audit(c, "account.link", subject_of(c, a.id), detail, e);
}

// ---- what was done ----

static bool time_of(call *c, const char *name, int64_t otherwise, int64_t *at_us, err *e) {
    str x = in_str(c, name);
    *at_us = otherwise;
    return !x.len || time_parse(x, NULL, 0, at_us) || fail_field(c, e, name, "'%s' is no time", name);
}

static void entry_json(json_out *j, const row *r) {
    json_open(j, NULL, '{');
    json_put_int(j, "id", row_int(r, 0));
    out_time(j, "at", row_int(r, 1));
    json_put_str(j, "who", row_str(r, 2));
    json_put_str(j, "action", row_str(r, 3));
    json_put_str(j, "subject", row_str(r, 4));
    json_put_raw(j, "detail", row_str(r, 5));
    json_put_str(j, "address", row_str(r, 6));
    json_close(j, '}');
}

bool audit_list(call *c, err *e) {
    paging p;
    int64_t since, until, n = 0, last = 0;
    if (!time_of(c, "since", INT64_MIN, &since, e) || !time_of(c, "until", INT64_MAX, &until, e) ||
        !page_open(c, &p, e))
        return false;
    for (row r = store_query(c->s, Q_audit_list, e, "itttiii", p.first ? INT64_MAX : p.after[0], in_str(c, "who"),
                             in_str(c, "action"), in_str(c, "subject"), since, until, p.limit + 1);
         row_next(&r);) {
        if (++n > p.limit) continue;
        last = row_int(&r, 0);
        entry_json(&c->out, &r);
    }
    page_close(c, &p, n > p.limit, last, 0);
    return err_ok(e);
}

// ---- the identity provider ----

static void oidc_json(call *c, const oidc_settings *o) {
    json_out *j = &c->out;
    json_open(j, NULL, '{');
    json_put_bool(j, "on", o->on);
    json_put_str(j, "issuer", o->issuer);
    json_put_str(j, "client_id", o->client_id);
    json_put_bool(j, "has_secret", o->secret.len > 0);
    json_put_str(j, "domain", o->domain);
    json_put_str(j, "role", o->role);
    json_put_str(j, "label", o->label);
    json_put_bool(j, "inside", o->inside);
    json_put_str(j, "redirect", oidc_redirect(c));
    json_put_int(j, "version", o->version);
    json_close(j, '}');
    call_etag(c, o->version);
}

bool oidc_show(call *c, err *e) {
    oidc_settings o;
    if (!oidc_read(c->a, c->s, &o, e)) return false;
    oidc_json(c, &o);
    return true;
}

static bool check_oidc(call *c, const oidc_settings *o, err *e) {
    if (o->issuer.len && !str_starts(o->issuer, S("https://")) && !(o->inside && str_starts(o->issuer, S("http://"))))
        return fail_field(c, e, "issuer", "'issuer' must begin with https://, or with http:// and 'inside' be true");
    if (o->issuer.len && !o->client_id.len)
        return fail_field(c, e, "client_id", "'client_id' is empty; the provider gave you one");
    if (str_eq(o->role, S("owner")))
        return fail_field(c, e, "role", "nobody becomes owner by themselves; take another role");
    return within(c, o->role, e);
}

bool oidc_change(call *c, err *e) {
    oidc_settings was, o;
    if (!oidc_read(c->a, c->s, &was, e) || !call_if_match(c, was.version, e)) return false;
    str issuer = str_trim(in_str(c, "issuer"));
    str kept = str_eq(issuer, was.issuer) ? was.secret : S(""); // a secret is for the provider that gave it
    o = (oidc_settings){.issuer = issuer,
                        .client_id = str_trim(in_str(c, "client_id")),
                        .secret = in_has(c, "client_secret") ? in_str(c, "client_secret") : kept,
                        .domain = str_lower(c->a, str_trim(in_str(c, "domain"))),
                        .role = in_str(c, "role").len ? in_str(c, "role") : S("viewer"),
                        .label = in_str(c, "label"),
                        .inside = in_bool(c, "inside"),
                        .version = was.version + 1};
    if (!check_oidc(c, &o, e) || !oidc_write(c->a, c->s, &o, e)) return false;
    str detail = str_fmt(c->a, "{\"on\":%s}", o.issuer.len ? "true" : "false");
    if (!audit(c, "settings.oidc", S("settings:oidc"), detail, e) || !oidc_read(c->a, c->s, &o, e)) return false;
    oidc_json(c, &o);
    return true;
}
