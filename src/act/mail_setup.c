#include "act/mail_setup.h"

#include "act/preference.h"
#include "sql/act_outbox.h"

enum { KEYS = 100, POSTAL_MOST = 1000, HOST_MOST = 253, PORT_MOST = 65535, PACE_MOST = 1000000 };

bool mail_setup_read(arena *a, store *s, mail_setup *out, err *e) {
    *out = (mail_setup){.port = MAIL_PORT, .tls = S("starttls"), .per_domain = MAIL_PER_DOMAIN};
    for (row r = store_query(s, Q_mail_setup_get, e, ""); row_next(&r);)
        *out = (mail_setup){.host = str_dup(a, row_str(&r, 0)),
                            .port = row_int(&r, 1),
                            .tls = str_dup(a, row_str(&r, 2)),
                            .login = str_dup(a, row_str(&r, 3)),
                            .password = str_dup(a, row_str(&r, 4)),
                            .from_address = str_dup(a, row_str(&r, 5)),
                            .from_name = str_dup(a, row_str(&r, 6)),
                            .reply_to = str_dup(a, row_str(&r, 7)),
                            .bounce_address = str_dup(a, row_str(&r, 8)),
                            .postal = str_dup(a, row_str(&r, 9)),
                            .per_minute = row_int(&r, 10),
                            .per_domain = row_int(&r, 11),
                            .resend_min = row_int(&r, 12),
                            .on = row_int(&r, 13) != 0,
                            .changed_us = row_int(&r, 14),
                            .by = str_dup(a, row_str(&r, 15)),
                            .version = row_int(&r, 16)};
    return err_ok(e);
}

bool mail_setup_done(const mail_setup *m) {
    return m->host.len && m->from_address.len;
}

// What goes into an address for the library, or into a command to the server, holds nothing that could end it.
static bool host_ok(str x) {
    for (size_t i = 0; i < x.len; i++) {
        char c = x.s[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && !strchr(".-:[]_", c)) return false;
    }
    return x.len && x.len <= HOST_MOST;
}

static bool printable(str x) {
    for (size_t i = 0; i < x.len; i++)
        if ((unsigned char)x.s[i] < ' ' || x.s[i] == 0x7F) return false;
    return str_utf8_ok(x) && x.len <= POSTAL_MOST;
}

static bool check(const mail_setup *m, err *e) {
    if (!host_ok(m->host))
        return fail(e, ERR_invalid, "'host' is the name of the mail server, such as mail.example.org");
    if (m->port < 1 || m->port > PORT_MOST) return fail(e, ERR_invalid, "'port' is 1 to %d; mostly 587", PORT_MOST);
    if (!str_eq(m->tls, S("starttls")) && !str_eq(m->tls, S("tls")) && !str_eq(m->tls, S("none")))
        return fail(e, ERR_invalid, "'tls' is starttls, tls or none");
    if (m->password.len && str_eq(m->tls, S("none")) && !str_eq(m->host, S("127.0.0.1")) &&
        !str_eq(m->host, S("localhost")) && !str_eq(m->host, S("[::1]")))
        return fail(e, ERR_invalid, "a password is not sent without TLS; set 'tls' to starttls or tls");
    if (!printable(m->login) || !printable(m->password) || !printable(m->from_name))
        return fail(e, ERR_invalid, "login, password and name are one line each, without control characters");
    if (!str_utf8_ok(m->postal) || m->postal.len > POSTAL_MOST)
        return fail(e, ERR_invalid, "'postal' is longer than %d bytes, or not UTF-8", POSTAL_MOST);
    if (m->per_minute < 0 || m->per_minute > PACE_MOST || m->per_domain < 0 || m->per_domain > PACE_MOST)
        return fail(e, ERR_invalid, "a pace is 0 (no limit) to %d messages a minute", PACE_MOST);
    if (m->resend_min < 0 || m->resend_min > 7 * 24 * 60)
        return fail(e, ERR_invalid, "'resend_after' is 0 (never) to %d minutes", 7 * 24 * 60);
    return true;
}

bool mail_setup_write(arena *a, store *s, const world *w, const mail_setup *m, str by, err *e) {
    str from, reply = S(""), bounce = S("");
    if (!check(m, e) || !mail_address(a, m->from_address, &from, e) ||
        (m->reply_to.len && !mail_address(a, m->reply_to, &reply, e)) ||
        (m->bounce_address.len && !mail_address(a, m->bounce_address, &bounce, e)))
        return false;
    if (bounce.len && str_has(bounce, S("+")))
        return fail(e, ERR_invalid, "'bounce' has no '+': one is put in, to tell which message came back");
    return store_run(s, Q_mail_setup_put, NULL, e,
                     "titttttttt"
                     "iiii"
                     "it",
                     m->host, m->port, m->tls, m->login, m->password, from, m->from_name, reply, bounce,
                     m->postal.s ? m->postal : S(""), m->per_minute, m->per_domain, m->resend_min, (int64_t)m->on,
                     w->now_us(w), by);
}

// ---- keys ----

const char *mail_key_state_name(int64_t state) {
    static const char *const names[] = {"made", "signs", "retired"};
    return state >= 0 && state < (int64_t)COUNT(names) ? names[state] : "unknown";
}

bool mail_keys_read(arena *a, store *s, mail_key **out, size_t *n, err *e) {
    *out = make(a, mail_key, KEYS);
    *n = 0;
    for (row r = store_query(s, Q_dkim_key_list, e, ""); row_next(&r);) {
        if (*n == KEYS) continue;
        (*out)[(*n)++] = (mail_key){.id = row_int(&r, 0),
                                    .key = {.domain = str_dup(a, row_str(&r, 1)),
                                            .selector = str_dup(a, row_str(&r, 2)),
                                            .ed25519 = str_eq(row_str(&r, 3), S("ed25519-sha256")),
                                            .secret = str_dup(a, row_str(&r, 4))},
                                    .record = str_dup(a, row_str(&r, 5)),
                                    .state = row_int(&r, 6),
                                    .created_us = row_int(&r, 7),
                                    .by = str_dup(a, row_str(&r, 8))};
    }
    return err_ok(e);
}

static bool selector_ok(str x) {
    for (size_t i = 0; i < x.len; i++)
        if (!((x.s[i] >= 'a' && x.s[i] <= 'z') || (x.s[i] >= '0' && x.s[i] <= '9') || (x.s[i] == '-' && i)))
            return false;
    return x.len && x.len <= 63;
}

bool mail_key_make(ledger *l, arena *a, str domain, str selector, bool ed25519, str by, mail_key *out, err *e) {
    const world *w = ledger_world(l);
    mail_key *all;
    size_t n;
    if (!selector_ok(selector))
        return fail(e, ERR_invalid, "a selector has small letters, digits and '-', such as heed2026");
    if (!host_ok(domain) || str_find(domain, '.') < 0)
        return fail(e, ERR_invalid, "'domain' is none, such as example.org");
    if (!mail_keys_read(a, ledger_store(l), &all, &n, e)) return false;
    for (size_t i = 0; i < n; i++)
        if (str_eq(all[i].key.domain, domain) && str_eq(all[i].key.selector, selector))
            return fail(e, ERR_conflict, "there is a key with the selector \"%.*s\" already; choose another",
                        STR_ARG(selector));
    if (n == KEYS) return fail(e, ERR_full, "there are %d keys already", KEYS);
    *out = (mail_key){
        .key = {.domain = domain, .selector = selector, .ed25519 = ed25519}, .created_us = w->now_us(w), .by = by};
    return dkim_make(a, w, ed25519, &out->key.secret, &out->record, e) && ledger_id(l, &out->id, e) &&
           store_run(ledger_store(l), Q_dkim_key_put, NULL, e,
                     "ittttti"
                     "it",
                     out->id, domain, selector, str_c(dkim_algorithm(ed25519)), out->key.secret, out->record,
                     (int64_t)MAIL_KEY_MADE, out->created_us, by);
}

bool mail_key_state(store *s, int64_t id, enum mail_key_state state, err *e) {
    int64_t n = 0;
    if (!store_run(s, Q_dkim_key_state, &n, e, "ii", id, (int64_t)state)) return false;
    return n || fail(e, ERR_not_found, "there is no key %" PRId64, id);
}

bool mail_signers(arena *a, store *s, const mail_setup *m, dkim **out, err *e) {
    mail_key *all;
    dkim_key mine[DKIM_KEYS];
    size_t n, used = 0;
    if (!mail_keys_read(a, s, &all, &n, e)) return false;
    for (size_t i = 0; i < n; i++)
        if (all[i].state == MAIL_KEY_SIGNS && used < DKIM_KEYS &&
            str_eq_ci(all[i].key.domain, mail_domain(m->from_address)))
            mine[used++] = all[i].key;
    return dkim_open(a, mine, used, out, e);
}

// ---- a row as a message ----

// Groups complaints at those receivers that report them so (Gmail's Feedback-ID: up to three groups, then the sender).
static str feedback_id(arena *a, const outbox_row *o, const mail_setup *m) {
    buf b = buf_new(a, 300);
    str host = mail_domain(m->from_address);
    for (size_t i = 0; i < o->template.len && i < 60; i++) {
        char c = o->template.s[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-_.", c);
        buf_addc(&b, letter ? c : '-');
    }
    buf_fmt(&b, ":%s:heed:%.*s", gate_kind_name(o->kind), (int)MIN(host.len, 60), host.s);
    return buf_str(&b);
}

bool mail_from_row(arena *a, store *s, const mail_setup *m, const outbox_row *o, int64_t now_us, const zone *z,
                   mail *out, err *e) {
    gate_ask ask = {.kind = o->kind, .customer = o->profile, .channel = CHANNEL_email};
    preference_headers h = {0};
    bool reply = o->kind == GATE_reply;
    if (!preference_header(a, s, &ask, &h, e)) return false;
    *out = (mail){.from_address = m->from_address,
                  .from_name = o->from_name.len && m->from_name.len
                                   ? str_fmt(a, "%.*s, %.*s", STR_ARG(o->from_name), STR_ARG(m->from_name))
                               : o->from_name.len ? o->from_name
                                                  : m->from_name,
                  .to_address = o->address,
                  .to_name = o->to_name,
                  .reply_to = o->reply_to.len ? o->reply_to : m->reply_to,
                  .subject = o->subject,
                  .text = o->text,
                  .html = o->html,
                  .lang = o->lang,
                  .message_id = mail_message_id(a, o->token, m->from_address),
                  .in_reply_to = o->in_reply_to,
                  .list_unsubscribe = h.list_unsubscribe,
                  .list_unsubscribe_post = h.list_unsubscribe_post,
                  .unsubscribe_url = h.url,
                  .postal = reply ? S("") : m->postal,
                  .feedback_id = reply ? S("") : feedback_id(a, o, m),
                  .automatic = !reply,
                  .date_us = now_us,
                  .z = z};
    return true;
}

bool mail_of_row(arena *a, store *s, const mail_setup *m, const outbox_row *o, int64_t now_us, const zone *z, str *out,
                 err *e) {
    mail x;
    return mail_from_row(a, s, m, o, now_us, z, &x, e) && mail_compose(a, &x, out, e);
}
