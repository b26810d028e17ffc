// Signing in by the company's identity provider: going there, and coming back.
#include "serve/api_auth.h"
#include "serve/oidc.h"

static bool refuse(call *c, const err *why, err *e) {
    if (why->code == ERR_internal || why->code == ERR_corrupt) return *e = *why, false;
    log_line(server_log(c->sv), LOG_WARN, "signing in by the identity provider failed", "why", why->msg, NULL);
    page_wrong(c, why, S("/signin"), page_word(c, WORD_server_back));
    return true;
}

static bool settings_on(call *c, oidc_settings *o, err *why) {
    return oidc_read(c->a, c->s, o, why) &&
           (o->on || fail(why, ERR_not_found, "signing in by an identity provider is not set up here"));
}

bool page_oidc(call *c, err *e) {
    oidc_settings o;
    err why = {0};
    str to, next = next_path(form_value(c->a, c->q->query, "next"));
    if (!settings_on(c, &o, &why) || !oidc_begin(c, &o, next, &to, &why)) return refuse(c, &why, e);
    page_redirect(c, to);
    return true;
}

static bool of_domain(const oidc_settings *o, str email) {
    str rest = email;
    str_cut(&rest, '@');
    return o->domain.len && rest.s && str_eq(rest, o->domain);
}

// Whoever the provider names is somebody we know, or was invited, or is of the company's domain. An account with a
// password is connected by its owner alone, signed in: else whoever runs the provider could take it over.
static bool find_account(call *c, const oidc_settings *o, const oidc_person *p, admission *a, err *e) {
    account who_is, named = {0};
    str email = p->verified ? email_of(c->a, p->email) : S("");
    if (!account_of_subject(c->a, c->s, p->subject, &who_is, e)) return false;
    if (email.len && !account_find(c->a, c->s, email, &named, e)) return false;
    if (who_is.id && c->who.kind == WHO_ACCOUNT && c->who.id != who_is.id)
        return fail(e, ERR_conflict, "the identity provider's account belongs to another account of heed");
    if (!who_is.id && c->who.kind == WHO_ACCOUNT) {
        if (!account_get(c->a, c->s, c->who.id, &who_is, e)) return false;
        a->subject = p->subject, a->action = "account.connect";
    }
    if (!who_is.id && named.id && named.state == ACCOUNT_INVITED) {
        who_is = named;
        a->subject = p->subject, a->join = true, a->action = "account.welcome";
        a->name = named.name.len ? named.name : str_sub(p->name, 0, 200), a->email = named.email;
    }
    a->account_id = who_is.id;
    if (who_is.id)
        return who_is.state != ACCOUNT_DISABLED || fail(e, ERR_denied, "this account is disabled; ask an owner");
    if (named.id)
        return fail(e, ERR_denied,
                    "there is an account for '%.*s'; sign in with its password, and connect the provider on the page "
                    "of your account",
                    (int)MIN(email.len, 60), email.s);
    if (!of_domain(o, email))
        return fail(
            e, ERR_denied,
            "nobody has invited you yet; ask an owner for an invitation to the e-mail that your provider knows");
    a->fresh = a->join = true, a->role = o->role, a->email = email, a->name = str_sub(p->name, 0, 200);
    a->subject = p->subject, a->action = "account.welcome";
    return true;
}

bool page_oidc_return(call *c, err *e) {
    oidc_settings o;
    oidc_person p;
    err why = {0};
    str next = S("/");
    admission *a = make(c->a, admission, 1);
    a->action = "session.create", a->has_session = true;
    bool ok = settings_on(c, &o, &why) && oidc_return(c, &o, &p, &next, &why) && find_account(c, &o, &p, a, &why);
    if (!ok) return refuse(c, &why, e);
    if (!str_utf8_ok(a->name)) a->name = S("");
    a->session = session_new(c, a->account_id);
    admit(c, a, next);
    return true;
}
