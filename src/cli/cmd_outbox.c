// heed outbox: what we send.
#include "act/outbox_self.h"
#include "act/outbox_tell.h"
#include "cli/outbox_cmd.h"
#include "jobs/send.h"
#include "know/fold.h"
#include "serve/auth.h"

enum { FILE_MOST = 1 << 20 };

static const outbox_opts defaults = {
    .most = 50, .port = NOT_SAID, .per_minute = NOT_SAID, .per_domain = NOT_SAID, .resend = NOT_SAID};

static const opt opts[] = {
    {"state", 0, OPT_TEXT, offsetof(outbox_opts, state), "STATE",
     "list: only those that are waiting, unsure, sent, failed …"},
    {"customer", 'c', OPT_NUMBER, offsetof(outbox_opts, customer), "ID", "list: only those to this customer"},
    {"most", 'n', OPT_NUMBER, offsetof(outbox_opts, most), "N", "list: at most so many; 50 unless given"},
    {"text", 0, OPT_FLAG, offsetof(outbox_opts, text), NULL, "show: the words as they arrive"},
    {"html", 0, OPT_FLAG, offsetof(outbox_opts, html), NULL, "show: the same as a page"},
    {"raw", 0, OPT_FLAG, offsetof(outbox_opts, raw), NULL, "show: the whole mail, unsigned"},
    {"kind", 'k', OPT_TEXT, offsetof(outbox_opts, kind), "KIND", "put: what it is for; 'heed gate kinds' lists them"},
    {"template", 0, OPT_TEXT, offsetof(outbox_opts, template), "NAME", "put: which words"},
    {"occasion", 0, OPT_TEXT, offsetof(outbox_opts, occasion), "NAME",
     "put: for which occasion, as order:1027; with the template it goes once"},
    {"subject", 0, OPT_TEXT, offsetof(outbox_opts, subject), "TEXT", "put: its subject"},
    {"text-file", 0, OPT_TEXT, offsetof(outbox_opts, text_file), "FILE", "put: its words ('-' is standard input)"},
    {"html-file", 0, OPT_TEXT, offsetof(outbox_opts, html_file), "FILE",
     "put: the same as HTML; made from the words unless given"},
    {"address", 0, OPT_TEXT, offsetof(outbox_opts, address), "ADDRESS", "put: where to; what is known unless given"},
    {"to-name", 0, OPT_TEXT, offsetof(outbox_opts, to_name), "NAME", "put: their name"},
    {"from-name", 0, OPT_TEXT, offsetof(outbox_opts, from_name), "NAME",
     "put: who stands behind it; setup: the company's name"},
    {"lang", 0, OPT_TEXT, offsetof(outbox_opts, lang), "CODE", "put: its language, as de"},
    {"not-before", 0, OPT_TEXT, offsetof(outbox_opts, not_before), "TIME", "put: not before then"},
    {"host", 0, OPT_TEXT, offsetof(outbox_opts, host), "NAME", "setup: the mail server"},
    {"port", 0, OPT_NUMBER, offsetof(outbox_opts, port), "N", "setup: its port; 587 unless given"},
    {"tls", 0, OPT_TEXT, offsetof(outbox_opts, tls), "starttls|tls|none",
     "setup: how the connection is sealed; starttls unless given"},
    {"login", 0, OPT_TEXT, offsetof(outbox_opts, login), "NAME", "setup: by which name"},
    {"password-file", 0, OPT_TEXT, offsetof(outbox_opts, password_file), "FILE",
     "setup: the file that holds the password ('-' is standard input); it is never shown"},
    {"from", 0, OPT_TEXT, offsetof(outbox_opts, from), "ADDRESS", "setup: the sender"},
    {"reply-to", 0, OPT_TEXT, offsetof(outbox_opts, reply_to), "ADDRESS",
     "setup: where answers go, if not to the sender"},
    {"bounce", 0, OPT_TEXT, offsetof(outbox_opts, bounce), "ADDRESS",
     "setup: where what comes back goes; it must take name+anything@"},
    {"postal", 0, OPT_TEXT, offsetof(outbox_opts, postal), "TEXT",
     "setup: the company's name and address, under what is no answer"},
    {"per-minute", 0, OPT_NUMBER, offsetof(outbox_opts, per_minute), "N", "setup: messages a minute; 0 is no limit"},
    {"per-domain", 0, OPT_NUMBER, offsetof(outbox_opts, per_domain), "N",
     "setup: the same for each receiving domain; 120 unless given"},
    {"resend-after", 0, OPT_NUMBER, offsetof(outbox_opts, resend), "MINUTES",
     "setup: unsure answers and service messages go again; 0, never, unless given"},
    {"switch", 0, OPT_TEXT, offsetof(outbox_opts, switch_to), "on|off", "setup: whether what is due is sent"},
    {"selector", 0, OPT_TEXT, offsetof(outbox_opts, selector), "NAME",
     "dkim make: the key's name; heedYEAR unless given"},
    {"ed25519", 0, OPT_FLAG, offsetof(outbox_opts, ed25519), NULL,
     "dkim make: a short key of the newer kind, beside one of RSA"},
};

// What is done on the desk.
typedef struct {
    cli *c;
    const outbox_opts *o;
    int64_t id;
    bool arrived, ed25519;
    str message;
    outbox_new put;
    outbox_put_answer answer;
    bounce_taken taken;
    mail_setup setup;
    mail_key key;
    enum mail_key_state state;
} task;

static const char by[] = "system";

static bool note(desk *d, const char *action, int64_t id, err *e) {
    return audit_put(d, S("system"), action, str_fmt(d->a, "outbox:%" PRId64, id), S(""), S(""), e);
}

static bool read_file(cli *c, str name, size_t most, str *out, err *e) {
    *out = S("");
    if (!name.len) return true;
    return c->w->read_file(c->w, c->life, str_eq(name, S("-")) ? "/dev/stdin" : str_z(c->life, name), most, out, e);
}

static bool on_desk(task *t, piece_fn fn, err *e) {
    desk d;
    if (!desk_open(t->c, "use its address /api/outbox", &d, e)) return false;
    bool ok = desk_run(&d, fn, t, e);
    desk_close(&d);
    return ok;
}

// ---- one message ----

static bool put_piece(void *ctx, desk *d, err *e) {
    task *t = ctx;
    if (!outbox_put(know_ledger(d->k), d->a, &t->put, &t->answer, e) || !note(d, "outbox.put", t->answer.id, e))
        return false;
    t->answer.gate.reason = str_dup(t->c->life, t->answer.gate.reason);
    return true;
}

static bool run_put(task *t, err *e) {
    cli *c = t->c;
    const outbox_opts *o = t->o;
    str text, html;
    int64_t customer, not_before = 0;
    if (c->args.n != 2) return fail(e, ERR_usage, "name the customer: heed outbox put 17 --kind service …");
    if (!cli_id("a customer", c->args.v[1], &customer, e) || !read_file(c, o->text_file, FILE_MOST, &text, e) ||
        !read_file(c, o->html_file, FILE_MOST, &html, e) ||
        (o->not_before.len && !cli_time(c, NULL, "not-before", o->not_before, &not_before, e)))
        return false;
    t->put = (outbox_new){.gate = {.kind = gate_kind_of(o->kind),
                                   .customer = customer,
                                   .address = o->address,
                                   .template = o->template,
                                   .occasion = o->occasion,
                                   .by = str_c(by)},
                          .to_name = o->to_name,
                          .from_name = o->from_name,
                          .subject = o->subject,
                          .text = text,
                          .html = html,
                          .lang = o->lang,
                          .not_before_us = not_before};
    if (!on_desk(t, put_piece, e)) return false;
    outbox_put_print(c, &t->answer);
    return true;
}

static bool cancel_piece(void *ctx, desk *d, err *e) {
    task *t = ctx;
    return outbox_cancel(know_ledger(d->k), t->id, str_c(by), e) && note(d, "outbox.cancel", t->id, e);
}
static bool retry_piece(void *ctx, desk *d, err *e) {
    task *t = ctx;
    return outbox_retry(know_ledger(d->k), d->a, t->id, str_c(by), e) && note(d, "outbox.retry", t->id, e);
}
static bool settle_piece(void *ctx, desk *d, err *e) {
    task *t = ctx;
    return outbox_settle(know_ledger(d->k), t->id, t->arrived, str_c(by), e) && note(d, "outbox.settle", t->id, e);
}

static bool by_id(task *t, piece_fn fn, const char *what, err *e) {
    cli *c = t->c;
    if (!cli_id("a message", c->args.v[1], &t->id, e) || !on_desk(t, fn, e)) return false;
    if (!c->g.json) return term_say(&c->t, "Message %" PRId64 " %s\n", t->id, what), true;
    reply r;
    reply_open(&r, c);
    json_open(&r.j, NULL, '{');
    json_put_int(&r.j, "id", t->id);
    json_close(&r.j, '}');
    reply_close(&r);
    return true;
}

static bool run_cancel(task *t, err *e) {
    if (t->c->args.n != 2) return fail(e, ERR_usage, "name the message: heed outbox cancel 17");
    return by_id(t, cancel_piece, "is not sent.", e);
}
static bool run_retry(task *t, err *e) {
    if (t->c->args.n != 2) return fail(e, ERR_usage, "name the message: heed outbox retry 17");
    return by_id(t, retry_piece, "is due now.", e);
}
static bool run_settle(task *t, err *e) {
    cli *c = t->c;
    bool lost = c->args.n == 3 && str_eq(c->args.v[2], S("lost"));
    t->arrived = c->args.n == 3 && str_eq(c->args.v[2], S("arrived"));
    if (!lost && !t->arrived)
        return fail(e, ERR_usage, "say whether it arrived: heed outbox settle 17 arrived, or lost");
    return by_id(t, settle_piece, lost ? "goes again." : "counts as sent.", e);
}

// ---- sending ----

static bool run_send(task *t, err *e) {
    cli *c = t->c;
    str where = place_of(c);
    writer *w = NULL;
    int64_t tries = 0;
    if (!writer_open(&w, (writer_opts){.where = str_z(c->life, where), .w = c->w}, e)) return false;
    sender *d = send_open((send_opts){.where = str_z(c->life, where), .w = w, .world = c->w, .log = &c->log});
    bool ok = send_due(d, &tries, e);
    send_close(d);
    writer_close(w);
    if (!ok) return false;
    if (!c->g.json)
        return term_say(&c->t, tries == 1 ? "1 message was tried.\n" : "%" PRId64 " messages were tried.\n", tries),
               true;
    reply r;
    reply_open(&r, c);
    json_open(&r.j, NULL, '{');
    json_put_int(&r.j, "tried", tries);
    json_close(&r.j, '}');
    reply_close(&r);
    return true;
}

static bool run_test(task *t, err *e) {
    cli *c = t->c;
    desk d;
    if (c->args.n != 2) return fail(e, ERR_usage, "name your own address: heed outbox test me@example.org");
    if (!desk_open(c, "use its address /api/outbox/test", &d, e)) return false;
    bool ok = outbox_self(know_ledger(d.k), d.a, c->args.v[1], &LOCALE_ENGLISH, str_c(by), &t->answer, e);
    t->answer.gate.reason = str_dup(c->life, t->answer.gate.reason);
    desk_close(&d);
    if (ok) outbox_put_print(c, &t->answer);
    return ok;
}

// ---- setting up ----

static bool setup_piece(void *ctx, desk *d, err *e) {
    task *t = ctx;
    return mail_setup_write(d->a, d->s, d->w, &t->setup, str_c(by), e) && note(d, "outbox.setup", 0, e);
}

static void set(str given, str *to) {
    if (given.len) *to = given;
}
static void set_number(int64_t given, int64_t *to) {
    if (given != NOT_SAID) *to = given;
}

static bool fill_setup(task *t, store *s, err *e) {
    const outbox_opts *o = t->o;
    mail_setup *m = &t->setup;
    str secret;
    if (!mail_setup_read(t->c->life, s, m, e) || !read_file(t->c, o->password_file, 4096, &secret, e)) return false;
    set(o->host, &m->host), set(o->tls, &m->tls), set(o->login, &m->login), set(str_trim(secret), &m->password);
    set(o->from, &m->from_address), set(o->from_name, &m->from_name), set(o->reply_to, &m->reply_to);
    set(o->bounce, &m->bounce_address), set(o->postal, &m->postal);
    set_number(o->port, &m->port), set_number(o->per_minute, &m->per_minute);
    set_number(o->per_domain, &m->per_domain), set_number(o->resend, &m->resend_min);
    if (o->switch_to.len) m->on = str_eq(o->switch_to, S("on"));
    return true;
}

static bool anything_said(const outbox_opts *o) {
    return o->host.len || o->tls.len || o->login.len || o->password_file.len || o->from.len || o->from_name.len ||
           o->reply_to.len || o->bounce.len || o->postal.len || o->switch_to.len || o->port != NOT_SAID ||
           o->per_minute != NOT_SAID || o->per_domain != NOT_SAID || o->resend != NOT_SAID;
}

static bool run_setup(task *t, err *e) {
    store *s;
    if (!place_read(t->c, &s, e)) return false;
    bool ok = fill_setup(t, s, e), write = anything_said(t->o);
    if (ok && !write) ok = outbox_setup_print(t->c, s, e);
    store_close(s);
    if (!ok || !write) return ok;
    if (!on_desk(t, setup_piece, e) || !place_read(t->c, &s, e)) return false;
    ok = outbox_setup_print(t->c, s, e);
    store_close(s);
    return ok;
}

static bool key_piece(void *ctx, desk *d, err *e) {
    task *t = ctx;
    str selector = t->o->selector, domain = t->c->args.v[2];
    ymd today = ymd_of((int32_t)floor_div(d->w->now_us(d->w), DAY_US));
    if (!selector.len) selector = str_fmt(d->a, "heed%d%s", today.year, t->o->ed25519 ? "e" : "");
    return mail_key_make(know_ledger(d->k), d->a, domain, selector, t->o->ed25519, str_c(by), &t->key, e) &&
           note(d, "outbox.key", t->key.id, e);
}
static bool state_piece(void *ctx, desk *d, err *e) {
    task *t = ctx;
    return mail_key_state(d->s, t->id, t->state, e) && note(d, "outbox.key", t->id, e);
}

static bool run_dkim(task *t, err *e) {
    cli *c = t->c;
    store *s;
    str what = c->args.n > 1 ? c->args.v[1] : S("list");
    bool make_it = str_eq(what, S("make")), use = str_eq(what, S("use")), list = str_eq(what, S("list"));
    if ((!list && c->args.n != 3) || (!list && !make_it && !use && !str_eq(what, S("retire"))))
        return fail(e, ERR_usage, "heed outbox dkim [list], make DOMAIN, use ID, or retire ID");
    t->state = use ? MAIL_KEY_SIGNS : MAIL_KEY_RETIRED;
    if (make_it && !on_desk(t, key_piece, e)) return false;
    if (!make_it && !list && (!cli_id("a key", c->args.v[2], &t->id, e) || !on_desk(t, state_piece, e))) return false;
    if (!place_read(c, &s, e)) return false;
    bool ok = outbox_keys_print(c, s, e);
    store_close(s);
    return ok;
}

// ---- what comes back ----

static bool bounce_piece(void *ctx, desk *d, err *e) {
    task *t = ctx;
    return bounce_take(know_ledger(d->k), d->a, t->message, &t->taken, e) &&
           note(d, "outbox.bounce", t->taken.outbox_id, e);
}

static bool run_bounce(task *t, err *e) {
    cli *c = t->c;
    desk d;
    size_t told;
    if (c->args.n != 2) return fail(e, ERR_usage, "name the file that holds the mail, or '-': heed outbox bounce FILE");
    if (!read_file(c, c->args.v[1], BOUNCE_BYTES, &t->message, e) ||
        !desk_open(c, "use its address /api/outbox/bounces", &d, e))
        return false;
    bool ok = desk_run(&d, bounce_piece, t, e) && outbox_tell(know_ledger(d.k), d.a, &told, e);
    desk_close(&d);
    if (ok) outbox_bounce_print(c, &t->taken);
    return ok;
}

// ---- what follows 'heed outbox' ----

static bool run_list(task *t, err *e) {
    return outbox_list_show(t->c, t->o, e);
}
static bool run_show(task *t, err *e) {
    return outbox_one_show(t->c, t->o, e);
}

static const struct {
    const char *verb;
    bool (*run)(task *t, err *e);
} verbs[] = {{"list", run_list},   {"show", run_show},     {"put", run_put},   {"cancel", run_cancel},
             {"retry", run_retry}, {"settle", run_settle}, {"send", run_send}, {"setup", run_setup},
             {"dkim", run_dkim},   {"bounce", run_bounce}, {"test", run_test}};

static bool run(cli *c, const void *options, err *e) {
    task t = {.c = c, .o = options};
    str verb = c->args.n ? c->args.v[0] : S("list");
    for (size_t i = 0; i < COUNT(verbs); i++)
        if (str_eq(verb, str_c(verbs[i].verb))) return verbs[i].run(&t, e);
    return fail(e, ERR_usage, "heed outbox list, show, put, cancel, retry, settle, send, setup, dkim, bounce or test");
}

const cmd cmd_outbox = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(outbox_opts),
    .defaults = &defaults,
    .max_args = 3,
    .run = run,
    .more =
        "What we send, each message once for a customer, a template and an occasion, and only what the gate lets pass. "
        "'heed serve' sends what is due; 'send' does it once, without a server.\n\n"
        "'put' puts a message in. 'list' and 'show' say where messages stand: waiting, sending, unsure, sent, failed, "
        "bounced, cancelled. Unsure is what the mail server got whole without its answer being known: it is not sent "
        "again by itself; 'settle' says what was found out. 'retry' sends once more what failed.\n\n"
        "'setup' says by which server we send and as whom, and 'dkim' makes the keys that sign. 'test' sends a message "
        "to yourself. 'bounce' takes in a mail that came back: have the mail server pipe what comes to the bounce "
        "address into it. docs/mail.md has all of it.",
    .examples = "heed outbox setup --host mail.example.org --login shop --password-file pw --from shop@example.org "
                "--switch on\n"
                "heed outbox dkim make example.org\n"
                "heed outbox put 17 --kind service --template order_sent --occasion order:1027 --subject 'On its way' "
                "--text-file words.txt\n"
                "heed outbox list --state unsure\n"
                "heed outbox settle 212 arrived\n"
                "heed outbox bounce - <returned.eml",
    .json = "list: [message]; show: {\"message\",\"text\"}; put, test: "
            "{\"id\",\"again\",\"verdict\",\"rule\",\"reason\",\"until\"}; "
            "cancel, retry, settle: {\"id\"}; send: {\"tried\"}; setup: {\"host\",\"port\",…}; dkim: "
            "[{\"id\",\"domain\",\"selector\","
            "\"algorithm\",\"state\",\"record\"}]; bounce: {\"kind\",\"matched\",\"unmatched\",\"known\",\"message\"}. "
            "A message: {\"id\","
            "\"profile\",\"kind\",\"template\",\"occasion\",\"state\",\"address\",\"subject\",\"by\",\"gate\","
            "\"tries\",\"created\",\"due\","
            "\"ended\",\"reply\"}",
};
