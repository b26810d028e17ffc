// One's own account: password, second factor, sessions.
#include "know/fold.h"
#include "serve/api_auth.h"
#include "serve/oidc.h"
#include "serve/password.h"
#include "serve/roles.h"
#include "serve/throttle.h"
#include "serve/token.h"
#include "serve/totp.h"
#include "sql/serve_auth.h"

enum { SETUP_MINUTES = 15 };

static str field(const call *c, const char *name) {
    return form_value(c->a, c->q->body, name);
}

bool own_account(call *c, account *out, err *e) {
    *out = (account){0};
    if (c->who.kind != WHO_ACCOUNT) return true;
    for (row r = store_query(c->s, Q_account_get, e, "i", c->who.id); row_next(&r);) account_row(c->a, &r, out);
    return err_ok(e);
}

static int64_t idle_since(const call *c) {
    return c->now_us - SESSION_IDLE_H * HOUR_US;
}

// ---- the page ----

static void panel(call *c, buf *b, enum word title) {
    html_fmt(b, "<section class=\"panel\"><h2>%s</h2>\n", (str[]){page_word(c, title)});
}

static void password_part(call *c, buf *b, const account *me) {
    panel(c, b, WORD_server_password);
    if (!me->password.len) {
        html_fmt(b, "<p>%s</p>",
                 (str[]){page_word(c, me->subject.len ? WORD_server_account_no_password_oidc
                                                      : WORD_server_account_no_password)});
        buf_add(b, S("</section>\n"));
        return;
    }
    page_form(b, c, S("/account/password"));
    page_field(b, (page_field_opts){.name = "current",
                                    .label = page_word(c, WORD_server_account_current),
                                    .type = "password",
                                    .autocomplete = "current-password"});
    page_field(b, (page_field_opts){.name = "password",
                                    .label = page_word(c, WORD_server_reset),
                                    .type = "password",
                                    .hint = page_word(c, WORD_server_account_new_hint),
                                    .autocomplete = "new-password"});
    page_button(b, page_word(c, WORD_server_account_change), false);
    page_form_end(b);
    buf_add(b, S("</section>\n"));
}

static void ask_password(call *c, buf *b, const char *action, enum word button, bool danger) {
    page_form(b, c, str_c(action));
    page_field(b, (page_field_opts){.name = "current",
                                    .label = page_word(c, WORD_server_account_confirm),
                                    .type = "password",
                                    .autocomplete = "current-password"});
    page_button(b, page_word(c, button), danger);
    page_form_end(b);
}

static void totp_part(call *c, buf *b, const account *me) {
    if (!me->password.len) return;
    panel(c, b, WORD_server_factor);
    if (me->totp.len) {
        html_fmt(b, "<p class=\"good\">%s</p>",
                 (str[]){page_count(c, WORD_server_factor_on, recovery_left(me->recovery))});
        ask_password(c, b, "/account/recovery", WORD_server_factor_new_codes, false);
        ask_password(c, b, "/account/totp/off", WORD_server_factor_switch_off, true);
    } else {
        html_fmt(b, "<p>%s</p>", (str[]){page_word(c, WORD_server_factor_off)});
        page_form(b, c, S("/account/totp"));
        page_button(b, page_word(c, WORD_server_factor_set_up), false);
        page_form_end(b);
    }
    buf_add(b, S("</section>\n"));
}

static bool provider_part(call *c, buf *b, const account *me, err *e) {
    oidc_settings o;
    if (!oidc_read(c->a, c->s, &o, e)) return false;
    if (!o.on && !me->subject.len) return true;
    panel(c, b, WORD_server_oidc);
    if (me->subject.len)
        html_fmt(b, "<p class=\"good\">%s</p>", (str[]){page_word(c, WORD_server_oidc_on)});
    else
        html_fmt(b, "<p>%s</p><p><a class=\"button\" href=\"/signin/oidc?next=/account\">%s</a></p>",
                 (str[]){page_word(c, WORD_server_oidc_off),
                         page_with(c, WORD_server_oidc_connect, PLACES({"name", o.label}))});
    buf_add(b, S("</section>\n"));
    return true;
}

static void session_line(call *c, buf *b, const row *r, const zone *z, str own) {
    str hash = row_str(r, 0), agent = row_str(r, 4);
    bool here = str_eq(hash, own);
    html_fmt(b, "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td><td>",
             (str[]){agent.len ? str_dup(c->a, agent) : page_word(c, WORD_server_sessions_nameless),
                     str_dup(c->a, row_str(r, 5)), local_day_short(c->a, page_locale(c), zone_days(z, row_int(r, 2)))});
    if (here)
        html_put(b, page_word(c, WORD_server_sessions_here));
    else {
        page_form(b, c, str_fmt(c->a, "/account/sessions/%.*s", STR_ARG(session_id(c->a, hash))));
        html_fmt(b, "<button class=\"link\">%s</button></form>", (str[]){page_word(c, WORD_server_signout)});
    }
    buf_add(b, S("</td></tr>\n"));
}

static bool sessions_part(call *c, buf *b, err *e) {
    str token = session_token(c), own = token.len ? token_hash(c->a, token) : S("");
    int64_t n = 0;
    zone *z;
    if (!store_zone(c->s, c->a, &z, e)) return false;
    panel(c, b, WORD_server_sessions);
    html_fmt(b,
             "<div class=\"wide\"><table><thead><tr><th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
             "<th scope=\"col\">%s</th><td></td></tr></thead><tbody>\n",
             (str[]){page_word(c, WORD_server_sessions_browser), page_word(c, WORD_server_sessions_address),
                     page_word(c, WORD_server_sessions_used)});
    for (row r = store_query(c->s, Q_session_list, e, "iii", c->who.id, c->now_us, idle_since(c)); row_next(&r); n++)
        session_line(c, b, &r, z, own);
    buf_add(b, S("</tbody></table></div>\n"));
    if (n > 1) {
        page_form(b, c, S("/account/sessions/others"));
        page_button(b, page_word(c, WORD_server_sessions_end), true);
        page_form_end(b);
    }
    buf_add(b, S("</section>\n"));
    return err_ok(e);
}

static bool account_page(call *c, const account *me, int status, str error, str good, err *e) {
    buf *b = page_begin(c, page_word(c, WORD_server_account), PAGE_WIDE);
    html_fmt(b, "<h1>%s</h1><p>%s, %s, %s</p>\n",
             (str[]){page_word(c, WORD_server_account), me->name, me->email, role_word(page_locale(c), me->role)});
    page_error(b, error);
    page_good(b, good);
    password_part(c, b, me);
    totp_part(c, b, me);
    if (!provider_part(c, b, me, e) || !sessions_part(c, b, e)) return false;
    page_end(c, b, status);
    return true;
}

bool page_account(call *c, err *e) {
    account me;
    if (!own_account(c, &me, e)) return false;
    if (me.id) return account_page(c, &me, 200, S(""), S(""), e);
    page_redirect(c, S("/signin?next=/account"));
    return true;
}

// ---- changing it ----

// The password once more, for what a stolen session must not do. False with the page answered, or with err.
static bool confirmed(call *c, account *me, err *e) {
    bool same;
    if (!own_account(c, me, e)) return false;
    if (!me->id || !me->password.len) return fail(e, ERR_denied, "this account has no password");
    int64_t wait = throttle_try(server_throttle(c->sv), me->email, c->q->peer, true, c->now_us);
    if (wait) {
        response_header(c->r, "Retry-After", str_fmt(c->a, "%" PRId64, wait / 1000000 + 1));
        str why = page_count(c, WORD_server_wait, wait / 1000000 + 1);
        return account_page(c, me, 429, why, S(""), e) && false;
    }
    if (!password_check(server_throttle(c->sv), *c->a, me->password, field(c, "current"), &same, e)) return false;
    if (!same) return account_page(c, me, 403, page_word(c, WORD_server_account_wrong), S(""), e) && false;
    throttle_good(server_throttle(c->sv), me->email, c->q->peer, c->now_us);
    return true;
}

// What is to be stored, on its way to the writer.
typedef struct {
    int64_t id, step;
    const char *action;
    str totp, recovery, address;
} change;

static bool store_change(void *ctx, desk *d, err *e) {
    const change *x = ctx;
    str id = str_fmt(d->a, "account:%" PRId64, x->id);
    bool ok = x->totp.len ? store_run(d->s, Q_account_totp, NULL, e, "ibit", x->id, x->totp, x->step, x->recovery)
                          : account_forget_totp(d, x->id, e);
    return ok && audit_put(d, id, x->action, id, S(""), x->address, e);
}

static void give_change(call *c, change x) {
    change *mine = make(c->a, change, 1);
    *mine = x;
    mine->address = c->q->peer;
    c->give = (gift){.piece = store_change, .ctx = mine, .bytes = 4096};
}

bool page_password(call *c, err *e) {
    account me;
    if (!confirmed(c, &me, e)) return err_ok(e);
    str password = field(c, "password");
    admission *a = make(c->a, admission, 1);
    *a = (admission){.account_id = me.id, .action = "account.password", .has_session = true};
    enum password_flaw flaw = password_flaw(*c->a, password, me.email);
    if (flaw) return account_page(c, &me, 400, page_word(c, password_words(flaw)), S(""), e);
    if (!password_hash(server_throttle(c->sv), c->a, password, &a->password, e)) return false;
    a->session = session_new(c, me.id);
    admit(c, a, S("/account"));
    return true;
}

static void setup_page(call *c, const account *me, str secret, int status, str error) {
    str issuer = server_options(c->sv)->origin, rest = issuer;
    ptrdiff_t at = str_find(issuer, '/');
    str name = at < 0 ? S("heed") : str_fmt(c->a, "heed %.*s", STR_ARG(str_sub(rest, (size_t)at + 2, rest.len)));
    const unsigned char *key = throttle_secret(server_throttle(c->sv));
    str ticket = seal(c->a, key, "setup", str_fmt(c->a, "%" PRId64 " %.*s", me->id, STR_ARG(base64url(c->a, secret))),
                      c->now_us + (int64_t)SETUP_MINUTES * 60 * 1000000);
    str typed = base32(c->a, secret), address = totp_address(c->a, secret, me->email, name);
    buf *b = page_begin(c, page_word(c, WORD_server_factor), PAGE_CARD);
    html_fmt(b, "<h1>%s</h1><p>%s</p>\n<code class=\"block\">",
             (str[]){page_word(c, WORD_server_factor), page_word(c, WORD_server_factor_key)});
    for (size_t i = 0; i < typed.len; i += 4) html_fmt(b, "%s ", (str[]){str_sub(typed, i, 4)});
    html_fmt(b, "</code>\n<p><a href=\"%s\"><code>%s</code></a></p>\n", (str[]){address, address});
    page_error(b, error);
    page_form(b, c, S("/account/totp"));
    html_fmt(b, "<input type=\"hidden\" name=\"ticket\" value=\"%s\">", &ticket);
    page_field(b, (page_field_opts){.name = "code",
                                    .label = page_word(c, WORD_server_factor_code),
                                    .hint = page_word(c, WORD_server_factor_code_hint),
                                    .autocomplete = "one-time-code"});
    page_button(b, page_word(c, WORD_server_factor_switch_on), false);
    page_form_end(b);
    html_fmt(b, "<p><a href=\"/account\">%s</a></p>", (str[]){page_word(c, WORD_server_factor_leave)});
    page_end(c, b, status);
}

static void codes_page(call *c, const str codes[RECOVERY_CODES], enum word title) {
    buf *b = page_begin(c, page_word(c, title), PAGE_CARD);
    html_fmt(b, "<h1>%s</h1><p>%s</p>\n<ul class=\"codes\">",
             (str[]){page_word(c, title), page_word(c, WORD_server_factor_codes_text)});
    for (int i = 0; i < RECOVERY_CODES; i++) html_fmt(b, "<li><code>%s</code></li>", &codes[i]);
    html_fmt(b, "</ul><p><a class=\"button\" href=\"/account\">%s</a></p>",
             (str[]){page_word(c, WORD_server_factor_kept)});
    page_end(c, b, 200);
}

bool page_totp(call *c, err *e) {
    account me;
    str text, secret, codes[RECOVERY_CODES], stored, ticket = field(c, "ticket");
    int64_t id = 0;
    if (!own_account(c, &me, e)) return false;
    if (!me.id || !me.password.len || me.totp.len)
        return fail(e, ERR_conflict, "the second factor cannot be set up for this account, or it is on already");
    if (!ticket.len) return setup_page(c, &me, totp_secret(c->a, server_world(c->sv)), 200, S("")), true;
    bool ours = unseal(c->a, throttle_secret(server_throttle(c->sv)), "setup", ticket, c->now_us, &text) &&
                str_i64(str_cut(&text, ' '), &id) && id == me.id && base64_bytes(c->a, text, &secret);
    if (!ours) return account_page(c, &me, 400, page_word(c, WORD_server_signin_late), S(""), e);
    int64_t step = totp_check(secret, field(c, "code"), c->now_us, 0);
    if (!step) return setup_page(c, &me, secret, 400, page_word(c, WORD_server_factor_code_wrong)), true;
    recovery_new(c->a, server_world(c->sv), codes, &stored);
    give_change(c,
                (change){.id = me.id, .step = step, .action = "account.totp_on", .totp = secret, .recovery = stored});
    codes_page(c, codes, WORD_server_factor_is_on);
    return true;
}

bool page_totp_off(call *c, err *e) {
    account me;
    if (!confirmed(c, &me, e)) return err_ok(e);
    give_change(c, (change){.id = me.id, .action = "account.totp_off"});
    page_redirect(c, S("/account"));
    return true;
}

bool page_recovery(call *c, err *e) {
    account me;
    str codes[RECOVERY_CODES], stored;
    if (!confirmed(c, &me, e)) return err_ok(e);
    if (!me.totp.len) return fail(e, ERR_conflict, "the second factor is off; there is nothing to recover");
    recovery_new(c->a, server_world(c->sv), codes, &stored);
    give_change(
        c,
        (change){.id = me.id, .step = me.totp_step, .action = "account.recovery", .totp = me.totp, .recovery = stored});
    codes_page(c, codes, WORD_server_factor_codes);
    return true;
}

// ---- sessions, for the page and for the API ----

static bool end_one(call *c, str id, err *e) {
    str found = S("");
    for (row r = store_query(c->s, Q_session_list, e, "iii", c->who.id, c->now_us, idle_since(c)); row_next(&r);)
        if (str_eq(session_id(c->a, row_str(&r, 0)), id)) found = str_dup(c->a, row_str(&r, 0));
    if (!err_ok(e)) return false;
    if (!found.len) return fail(e, ERR_not_found, "you have no session '%.*s'", (int)MIN(id.len, 60), id.s);
    return store_run(c->s, Q_session_end, NULL, e, "bi", found, c->who.id);
}

static bool end_sessions(call *c, str id, err *e) {
    str token = session_token(c), own = token.len ? token_hash(c->a, token) : S("");
    if (c->who.kind != WHO_ACCOUNT) return fail(e, ERR_denied, "a key has no sessions");
    bool ok =
        str_eq(id, S("others")) ? store_run(c->s, Q_session_end_all, NULL, e, "ib", c->who.id, own) : end_one(c, id, e);
    return ok && audit(c, "session.end", who_text(c->a, &c->who), S(""), e);
}

bool page_session_end(call *c, err *e) {
    page_redirect(c, S("/account"));
    return end_sessions(c, c->params[0], e);
}

bool sessions_end(call *c, err *e) {
    return end_sessions(c, c->params[0], e);
}

bool sessions_list(call *c, err *e) {
    paging p;
    str token = session_token(c), own = token.len ? token_hash(c->a, token) : S("");
    if (!page_open(c, &p, e)) return false;
    for (row r = store_query(c->s, Q_session_list, e, "iii", c->who.kind == WHO_ACCOUNT ? c->who.id : 0, c->now_us,
                             idle_since(c));
         row_next(&r);) {
        str hash = row_str(&r, 0);
        json_open(&c->out, NULL, '{');
        json_put_str(&c->out, "id", session_id(c->a, hash));
        json_put_bool(&c->out, "here", str_eq(hash, own));
        out_time(&c->out, "created", row_int(&r, 1));
        out_time(&c->out, "seen", row_int(&r, 2));
        out_time(&c->out, "expires", row_int(&r, 3));
        json_put_str(&c->out, "agent", row_str(&r, 4));
        json_put_str(&c->out, "address", row_str(&r, 5));
        json_close(&c->out, '}');
    }
    page_close(c, &p, false, 0, 0);
    return err_ok(e);
}
