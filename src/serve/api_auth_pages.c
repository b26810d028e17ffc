// Coming in and going out: the pages that need no session yet.
#include "serve/api_auth.h"
#include "serve/oidc.h"
#include "serve/password.h"
#include "serve/throttle.h"
#include "serve/token.h"
#include "serve/totp.h"
#include "sql/serve_auth.h"

enum { SECOND_MINUTES = 5 };

static str field(const call *c, const char *name) {
    return form_value(c->a, c->q->body, name);
}

// A browser takes a backslash for a slash, and two of them begin another host.
str next_path(str next) {
    bool ours = str_starts(next, S("/")) && next.len < 500 && !str_starts(next, S("//"));
    for (size_t i = 0; ours && i < next.len; i++) ours = next.s[i] > ' ' && next.s[i] < 127 && next.s[i] != '\\';
    return ours ? next : S("/");
}

// ---- coming in ----

static bool open_account(desk *d, const admission *a, err *e) {
    account taken;
    if (a->email.len && !account_find(d->a, d->s, a->email, &taken, e)) return false;
    if (a->email.len && taken.id && taken.id != a->account_id)
        return fail(e, ERR_conflict, "there is an account for '%.*s' already", (int)MIN(a->email.len, 60), a->email.s);
    return store_run(d->s, Q_account_join, NULL, e, "itt", a->account_id, a->name, a->email);
}

static bool use_up(desk *d, const admission *a, err *e) {
    int64_t once = 1;
    if (a->step && !store_run(d->s, Q_account_step, &once, e, "ii", a->account_id, a->step)) return false;
    if (a->recovery.len && !store_run(d->s, Q_account_recovery, &once, e, "itt", a->account_id, a->recovery, a->left))
        return false;
    if (!once) return fail(e, ERR_denied, "this code was used already; wait for the next one");
    return !a->token.len || invite_use(d, a->token, e);
}

static bool new_account(desk *d, admission *a, err *e) {
    if (!a->fresh) return true;
    if (!account_make(d, a->email, a->name, a->role, &a->account_id, e)) return false;
    a->session.account_id = a->account_id;
    return true;
}

static bool let_in(void *ctx, desk *d, err *e) {
    admission *a = ctx;
    bool ok = use_up(d, a, e) && new_account(d, a, e) && (!a->join || open_account(d, a, e));
    if (ok && a->password.len)
        ok = store_run(d->s, Q_account_password, NULL, e, "it", a->account_id, a->password) &&
             store_run(d->s, Q_session_end_all, NULL, e, "ib", a->account_id, S(""));
    if (ok && a->subject.len) ok = store_run(d->s, Q_account_subject, NULL, e, "it", a->account_id, a->subject);
    if (ok && a->has_session) ok = session_put(d, &a->session, e);
    str id = str_fmt(d->a, "account:%" PRId64, a->account_id);
    return ok && audit_put(d, id, a->action, id, S(""), a->address, e);
}

void admit(call *c, admission *a, str next) {
    a->address = c->q->peer;
    c->give = (gift){.piece = let_in, .ctx = a, .bytes = sizeof *a + c->q->body.len};
    page_redirect(c, next_path(next));
}

// ---- signing in ----

static bool sign_in_page(call *c, int status, str error, str email, str next, err *e) {
    oidc_settings o;
    if (!oidc_read(c->a, c->s, &o, e)) return false;
    buf *b = page_begin(c, page_word(c, WORD_server_signin), PAGE_CARD);
    html_fmt(b, "<h1>%s</h1>\n", (str[]){page_word(c, WORD_server_signin)});
    page_error(b, error);
    if (o.on) {
        buf to = buf_new(c->a, 4096);
        buf_add(&to, S("/signin/oidc?next="));
        url_encode(&to, next);
        html_fmt(b, "<p><a class=\"button\" href=\"%s\">%s</a></p>\n<p class=\"quiet\">%s</p>\n",
                 (str[]){buf_str(&to), o.label, page_word(c, WORD_server_signin_oidc)});
    }
    page_form(b, c, S("/signin"));
    html_fmt(b, "<input type=\"hidden\" name=\"next\" value=\"%s\">", &next);
    page_field(b, (page_field_opts){.name = "email",
                                    .label = page_word(c, WORD_server_email),
                                    .type = "email",
                                    .value = email,
                                    .autocomplete = "username"});
    page_field(b, (page_field_opts){.name = "password",
                                    .label = page_word(c, WORD_server_password),
                                    .type = "password",
                                    .autocomplete = "current-password"});
    page_button(b, page_word(c, WORD_server_signin), false);
    page_form_end(b);
    html_fmt(b, "<p class=\"quiet\">%s</p>", (str[]){page_word(c, WORD_server_signin_forgot)});
    page_end(c, b, status);
    return true;
}

static bool second_page(call *c, int status, str error, str ticket, str next) {
    buf *b = page_begin(c, page_word(c, WORD_server_second), PAGE_CARD);
    html_fmt(b, "<h1>%s</h1>\n", (str[]){page_word(c, WORD_server_second)});
    page_error(b, error);
    page_form(b, c, S("/signin"));
    html_fmt(b,
             "<input type=\"hidden\" name=\"ticket\" value=\"%s\"><input type=\"hidden\" name=\"next\" value=\"%s\">",
             (str[]){ticket, next});
    page_field(b, (page_field_opts){.name = "code",
                                    .label = page_word(c, WORD_server_second_code),
                                    .hint = page_word(c, WORD_server_second_hint),
                                    .autocomplete = "one-time-code"});
    page_button(b, page_word(c, WORD_server_signin), false);
    page_form_end(b);
    page_end(c, b, status);
    return true;
}

bool page_signin(call *c, err *e) {
    str next = next_path(form_value(c->a, c->q->query, "next"));
    if (c->who.kind == WHO_ACCOUNT) {
        page_redirect(c, next);
        return true;
    }
    return sign_in_page(c, 200, S(""), S(""), next, e);
}

// How long this account must wait from here; said in the header, too.
static int64_t wait_s(call *c, int64_t account_id, str email, err *e) {
    int64_t known = 0;
    if (!store_int(c->s, Q_session_known, &known, 0, e, "it", account_id, c->q->peer)) return 0;
    int64_t us = throttle_try(server_throttle(c->sv), email, c->q->peer, known > 0, c->now_us);
    if (!us) return 0;
    str seconds = str_fmt(c->a, "%" PRId64, us / 1000000 + 1);
    response_header(c->r, "Retry-After", seconds);
    log_line(server_log(c->sv), LOG_WARN, "signing in is slowed down", "address", str_z(c->a, c->q->peer), NULL);
    return us / 1000000 + 1;
}

static void come_in(call *c, const account *who_is, admission how, str next) {
    admission *a = make(c->a, admission, 1);
    *a = how;
    a->account_id = who_is->id, a->has_session = true, a->action = "session.create";
    a->session = session_new(c, who_is->id);
    throttle_good(server_throttle(c->sv), who_is->email, c->q->peer, c->now_us);
    admit(c, a, next);
}

static void refused(call *c) {
    log_line(server_log(c->sv), LOG_WARN, "signing in was refused", "address", str_z(c->a, c->q->peer), NULL);
}

static bool second_step(call *c, str ticket, str next, err *e) {
    str text, code = field(c, "code"), left = S("");
    int64_t id = 0;
    account who_is;
    const unsigned char *key = throttle_secret(server_throttle(c->sv));
    if (!unseal(c->a, key, "second", ticket, c->now_us, &text) || !str_i64(text, &id))
        return sign_in_page(c, 401, page_word(c, WORD_server_signin_late), S(""), next, e);
    if (!account_get(c->a, c->s, id, &who_is, e)) return false;
    int64_t wait = wait_s(c, id, who_is.email, e);
    if (!err_ok(e)) return false;
    if (wait) return second_page(c, 429, page_count(c, WORD_server_wait, wait), ticket, next);
    int64_t step = totp_check(who_is.totp, code, c->now_us, who_is.totp_step);
    bool recovered = !step && recovery_use(c->a, who_is.recovery, code, &left);
    if (who_is.state == ACCOUNT_ACTIVE && (step || recovered)) {
        come_in(c, &who_is, (admission){.step = step, .recovery = recovered ? who_is.recovery : S(""), .left = left},
                next);
        return true;
    }
    refused(c);
    return second_page(c, 401, page_word(c, WORD_server_second_wrong), ticket, next);
}

static bool first_step(call *c, str email, str password, str next, err *e) {
    account who_is;
    bool same;
    str known = email_of(c->a, email);
    if (!account_find(c->a, c->s, known, &who_is, e)) return false;
    int64_t wait = wait_s(c, who_is.id, known, e);
    if (!err_ok(e)) return false;
    if (wait) return sign_in_page(c, 429, page_count(c, WORD_server_wait, wait), email, next, e);
    bool open = who_is.id && known.len && who_is.state == ACCOUNT_ACTIVE;
    if (!password_check(server_throttle(c->sv), *c->a, open ? who_is.password : S(""), password, &same, e))
        return false;
    if (!same) {
        refused(c);
        return sign_in_page(c, 401, page_word(c, WORD_server_signin_wrong), email, next, e);
    }
    if (!who_is.totp.len) {
        come_in(c, &who_is, (admission){0}, next);
        return true;
    }
    str ticket = seal(c->a, throttle_secret(server_throttle(c->sv)), "second", str_fmt(c->a, "%" PRId64, who_is.id),
                      c->now_us + (int64_t)SECOND_MINUTES * 60 * 1000000);
    return second_page(c, 200, S(""), ticket, next);
}

bool page_signin_send(call *c, err *e) {
    str next = next_path(field(c, "next")), ticket = field(c, "ticket");
    if (ticket.len) return second_step(c, ticket, next, e);
    return first_step(c, field(c, "email"), field(c, "password"), next, e);
}

bool page_signout(call *c, err *e) {
    str token = session_token(c);
    session_forget(c);
    page_redirect(c, S("/signin"));
    if (c->who.kind != WHO_ACCOUNT || !token.len) return true;
    return store_run(c->s, Q_session_end, NULL, e, "bi", token_hash(c->a, token), c->who.id) &&
           audit(c, "session.end", who_text(c->a, &c->who), S(""), e);
}

// ---- links that work once ----

typedef struct {
    account of;
    str purpose;
} opened;

static bool open_link(call *c, opened *o, err *e) {
    int64_t id;
    *o = (opened){0};
    if (!invite_get(c->a, c->s, c->params[0], c->now_us, &id, &o->purpose, e)) return false;
    if (id && !account_get(c->a, c->s, id, &o->of, e)) return false;
    if (id && o->of.state != ACCOUNT_DISABLED) return true;
    o->of.id = 0;
    page_say(c, 410, page_word(c, WORD_server_link_gone), page_word(c, WORD_server_link_gone_text), S("/signin"),
             page_word(c, WORD_server_signin));
    return true;
}

static bool is(const opened *o, const char *purpose) {
    return str_eq(o->purpose, str_c(purpose));
}

static void link_page(call *c, const opened *o, int status, str error) {
    bool first = is(o, "welcome"), demo = is(o, "signin");
    str name = o->of.name.len ? o->of.name : o->of.email;
    str title = page_word(c, first ? WORD_server_welcome : demo ? WORD_server_signin : WORD_server_reset), head = title;
    str text = page_word(c, WORD_server_welcome_text);
    if (first)
        head = name.len ? page_with(c, WORD_server_welcome_name, PLACES({"name", name}))
                        : page_word(c, WORD_server_welcome_heed);
    if (demo) {
        str whom = name.len ? name : page_word(c, WORD_server_welcome_owner);
        text = page_with(c, WORD_server_welcome_demo, PLACES({"name", whom}));
    }
    if (!first && !demo) text = page_with(c, WORD_server_reset_text, PLACES({"email", o->of.email}));
    buf *b = page_begin(c, title, PAGE_CARD);
    html_fmt(b, "<h1>%s</h1><p>%s</p>\n", (str[]){head, text});
    page_error(b, error);
    page_form(b, c, str_fmt(c->a, "/welcome/%.*s", STR_ARG(c->params[0])));
    if (first && !o->of.email.len)
        page_field(b, (page_field_opts){.name = "email",
                                        .label = page_word(c, WORD_server_welcome_email),
                                        .type = "email",
                                        .hint = page_word(c, WORD_server_welcome_email_hint),
                                        .value = field(c, "email"),
                                        .autocomplete = "username"});
    if (first)
        page_field(b, (page_field_opts){.name = "name",
                                        .label = page_word(c, WORD_server_welcome_your_name),
                                        .value = o->of.name.len ? o->of.name : field(c, "name"),
                                        .autocomplete = "name"});
    if (!demo)
        page_field(b, (page_field_opts){.name = "password",
                                        .label = page_word(c, WORD_server_password),
                                        .type = "password",
                                        .hint = page_word(c, WORD_server_password_hint),
                                        .autocomplete = "new-password"});
    page_button(b,
                page_word(c, demo    ? WORD_server_signin
                             : first ? WORD_server_welcome_begin
                                     : WORD_server_reset_set),
                false);
    page_form_end(b);
    page_end(c, b, status);
}

bool page_welcome(call *c, err *e) {
    opened o;
    if (!open_link(c, &o, e)) return false;
    if (o.of.id) link_page(c, &o, 200, S(""));
    return true;
}

// What the form says of a new colleague. *wrong: what is missing, for them to read.
static bool read_welcome(call *c, const opened *o, admission *a, str *wrong, err *e) {
    account taken;
    a->join = true;
    a->name = str_trim(str_sub(field(c, "name"), 0, 200));
    a->email = o->of.email.len ? o->of.email : email_of(c->a, field(c, "email"));
    if (!str_utf8_ok(a->name) || !a->name.len) return *wrong = page_word(c, WORD_server_welcome_no_name), true;
    if (!a->email.len) return *wrong = page_word(c, WORD_server_welcome_no_email), true;
    if (!account_find(c->a, c->s, a->email, &taken, e)) return false;
    if (taken.id && taken.id != o->of.id) *wrong = page_word(c, WORD_server_welcome_taken);
    return true;
}

static bool read_link_form(call *c, const opened *o, admission *a, str *wrong, err *e) {
    if (is(o, "welcome") && (!read_welcome(c, o, a, wrong, e) || wrong->len)) return err_ok(e);
    if (is(o, "signin")) return a->join = true, a->name = o->of.name, a->email = o->of.email, true;
    if (!is(o, "welcome")) a->join = true, a->name = o->of.name, a->email = o->of.email;
    str password = field(c, "password");
    enum password_flaw flaw = password_flaw(*c->a, password, a->email);
    if (flaw) return *wrong = page_word(c, password_words(flaw)), true;
    return password_hash(server_throttle(c->sv), c->a, password, &a->password, e);
}

bool page_welcome_send(call *c, err *e) {
    opened o;
    str wrong = S("");
    if (!open_link(c, &o, e)) return false;
    if (!o.of.id) return true;
    admission *a = make(c->a, admission, 1);
    *a = (admission){.account_id = o.of.id, .token = c->params[0]};
    a->action = is(&o, "reset") ? "account.reset" : is(&o, "welcome") ? "account.welcome" : "session.create";
    if (!read_link_form(c, &o, a, &wrong, e)) return false;
    if (wrong.len) return link_page(c, &o, 400, wrong), true;
    // Whoever has the link may set a password, but the second factor is asked for all the same.
    a->has_session = !o.of.totp.len;
    if (a->has_session) a->session = session_new(c, o.of.id);
    admit(c, a, a->has_session ? S("/") : S("/signin"));
    return true;
}
