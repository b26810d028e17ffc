// How we send: the server, the sender, the pace, the keys.
#include "act/mail_setup.h"
#include "serve/api_outbox.h"
#include "serve/handlers.h"

static void put_setup(call *c, const mail_setup *m) {
    json_out *j = &c->out;
    json_open(j, NULL, '{');
    json_put_str(j, "host", m->host);
    json_put_int(j, "port", m->port);
    json_put_str(j, "tls", m->tls);
    json_put_str(j, "login", m->login);
    json_put_bool(j, "password", m->password.len > 0);
    json_put_str(j, "from", m->from_address);
    json_put_str(j, "from_name", m->from_name);
    json_put_str(j, "reply_to", m->reply_to);
    json_put_str(j, "bounce", m->bounce_address);
    json_put_str(j, "postal", m->postal);
    json_put_int(j, "per_minute", m->per_minute);
    json_put_int(j, "per_domain", m->per_domain);
    json_put_int(j, "resend_after", m->resend_min);
    json_put_bool(j, "on", m->on);
    json_put_int(j, "version", m->version);
    json_close(j, '}');
}

bool outbox_setup_show(call *c, err *e) {
    mail_setup m;
    if (!mail_setup_read(c->a, c->s, &m, e)) return false;
    call_etag(c, m.version);
    put_setup(c, &m);
    return true;
}

static void set_text(const call *c, const char *name, str *to) {
    if (in_has(c, name)) *to = in_str(c, name);
}

bool outbox_setup_set(call *c, err *e) {
    mail_setup m;
    if (!mail_setup_read(c->a, c->s, &m, e) || (m.version && !call_if_match(c, m.version, e))) return false;
    set_text(c, "host", &m.host), set_text(c, "tls", &m.tls), set_text(c, "login", &m.login);
    set_text(c, "password", &m.password), set_text(c, "from", &m.from_address), set_text(c, "from_name", &m.from_name);
    set_text(c, "reply_to", &m.reply_to), set_text(c, "bounce", &m.bounce_address), set_text(c, "postal", &m.postal);
    m.port = in_int(c, "port", m.port), m.per_minute = in_int(c, "per_minute", m.per_minute);
    m.per_domain = in_int(c, "per_domain", m.per_domain), m.resend_min = in_int(c, "resend_after", m.resend_min);
    if (in_has(c, "on")) m.on = in_bool(c, "on");
    if (!mail_setup_write(c->a, c->s, c->d->w, &m, who_text(c->a, &c->who), e) ||
        !audit(c, "outbox.setup", S("outbox"), S("{}"), e) || !mail_setup_read(c->a, c->s, &m, e))
        return false;
    call_etag(c, m.version);
    put_setup(c, &m);
    return true;
}

static void put_key(call *c, const mail_key *k) {
    json_out *j = &c->out;
    json_open(j, NULL, '{');
    json_put_int(j, "id", k->id);
    json_put_str(j, "domain", k->key.domain);
    json_put_str(j, "selector", k->key.selector);
    json_put_str(j, "algorithm", str_c(dkim_algorithm(k->key.ed25519)));
    json_put_str(j, "state", str_c(mail_key_state_name(k->state)));
    json_put_str(j, "name", str_fmt(c->a, "%.*s._domainkey.%.*s", STR_ARG(k->key.selector), STR_ARG(k->key.domain)));
    json_put_str(j, "record", k->record);
    out_time(j, "created", k->created_us);
    json_close(j, '}');
}

bool outbox_keys_page(call *c, err *e) {
    mail_key *all;
    size_t n;
    if (!mail_keys_read(c->a, c->s, &all, &n, e)) return false;
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "items", '[');
    for (size_t i = 0; i < n; i++) put_key(c, &all[i]);
    json_close(&c->out, ']');
    json_put_null(&c->out, "next");
    json_close(&c->out, '}');
    return true;
}

bool outbox_keys_make(call *c, err *e) {
    mail_key k;
    bool ed25519 = str_eq(in_str(c, "algorithm"), S("ed25519-sha256"));
    if (!mail_key_make(know_ledger(c->d->k), c->a, in_str(c, "domain"), in_str(c, "selector"), ed25519,
                       who_text(c->a, &c->who), &k, e) ||
        !audit(c, "outbox.key", str_fmt(c->a, "mail_key:%" PRId64, k.id), S("{}"), e))
        return false;
    call_status(c, 201);
    put_key(c, &k);
    return true;
}

bool outbox_keys_set(call *c, err *e) {
    mail_key *all;
    size_t n;
    int64_t id;
    bool signs = str_eq(in_str(c, "state"), S("signs"));
    if (!param_id(c, 0, &id, e) || !mail_key_state(c->s, id, signs ? MAIL_KEY_SIGNS : MAIL_KEY_RETIRED, e) ||
        !audit(c, "outbox.key", str_fmt(c->a, "mail_key:%" PRId64, id), S("{}"), e) ||
        !mail_keys_read(c->a, c->s, &all, &n, e))
        return false;
    for (size_t i = 0; i < n; i++)
        if (all[i].id == id) put_key(c, &all[i]);
    return true;
}
