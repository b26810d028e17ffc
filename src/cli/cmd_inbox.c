// heed inbox: one queue over all channels, and what is done with what stands in it.
#include "cli/inbox_cmd.h"
#include "know/fold.h"
#include "know/settings.h"
#include "serve/accounts.h"
#include "serve/auth.h"

static const inbox_opts defaults = {.most = 30};

static const opt opts[] = {
    {"tab", 0, OPT_TEXT, offsetof(inbox_opts, tab), "open|waiting|done", "list: which of the three; open unless given"},
    {"sort", 0, OPT_TEXT, offsetof(inbox_opts, sort), "wait|new|value|promise",
     "list: who waits longest, the last word, the most valuable, or what is promised first; wait unless given"},
    {"channel", 0, OPT_TEXT, offsetof(inbox_opts, channel), "NAME", "list: only by this channel"},
    {"kind", 0, OPT_TEXT, offsetof(inbox_opts, kind), "talk|answer|review|complaint|comment", "list: only these"},
    {"mood", 0, OPT_TEXT, offsetof(inbox_opts, mood), "unhappy|neither|happy", "list: only of this mood"},
    {"assignee", 0, OPT_TEXT, offsetof(inbox_opts, assignee), "EMAIL|nobody", "list: only theirs"},
    {"segment", 0, OPT_NUMBER, offsetof(inbox_opts, segment), "ID", "list: only of members of this segment"},
    {"promise", 0, OPT_FLAG, offsetof(inbox_opts, promise), NULL, "list: only of customers to whom we owe something"},
    {"topic", 0, OPT_TEXT, offsetof(inbox_opts, topic), "NAME", "list: only about this"},
    {"words", 'w', OPT_TEXT, offsetof(inbox_opts, words), "WORDS", "list: only those in which all of these were said"},
    {"customer", 'c', OPT_NUMBER, offsetof(inbox_opts, customer), "ID", "list: only of this customer"},
    {"most", 'n', OPT_NUMBER, offsetof(inbox_opts, most), "N", "list: at most so many; 30 unless given"},
    {"to", 0, OPT_TEXT, offsetof(inbox_opts, to), "EMAIL|nobody", "assign: who is to deal with it"},
    {"until", 0, OPT_TEXT, offsetof(inbox_opts, until), "TIME",
     "later: 3h, 2d, 1w, a day or a time; not any more unless given"},
    {"add", 0, OPT_LIST, offsetof(inbox_opts, add), "TOPIC", "label: it is about this"},
    {"drop", 0, OPT_LIST, offsetof(inbox_opts, drop), "TOPIC", "label: it is not about this"},
    {"as", 0, OPT_TEXT, offsetof(inbox_opts, as), "EMAIL", "the colleague who does it; reply needs one"},
    {"subject", 0, OPT_TEXT, offsetof(inbox_opts, subject), "TEXT",
     "reply: of the mail; the conversation's unless given"},
    {"lang", 0, OPT_TEXT, offsetof(inbox_opts, lang), "CODE", "reply: its language, as de"},
    {"elsewhere", 0, OPT_FLAG, offsetof(inbox_opts, elsewhere), NULL,
     "reply: it was said where the customer wrote, and is only noted"},
    {"done", 0, OPT_FLAG, offsetof(inbox_opts, done), NULL, "reply: the matter is solved with it"},
    {"step", 0, OPT_TEXT, offsetof(inbox_opts, undo), "STEP", "undo: as the change said"},
};

// A change on the desk.
typedef struct {
    inbox_at at;
    ledger *l;
    inbox_item x;
    inbox_hand h;
    str undo;
    inbox_replied_by replied;
    bool is_reply;
} change;

static bool inbox_begin_at(inbox_at *x, store *s, err *e) {
    x->s = s, x->now_us = x->c->w->now_us(x->c->w);
    return store_zone(s, x->c->life, &x->z, e);
}

bool inbox_account(const inbox_at *x, str text, int64_t *id, err *e) {
    account who_it_is;
    *id = 0;
    if (!text.len || str_eq(text, S("nobody"))) return true;
    if (!account_find(x->c->life, x->s, email_of(x->c->life, text), &who_it_is, e)) return false;
    *id = who_it_is.id;
    return *id || fail(e, ERR_not_found, "there is no account for '%.*s'; 'heed user list' lists them",
                       (int)MIN(text.len, 60), text.s);
}

static bool read_hand(change *k, err *e) {
    int64_t id;
    arena *a = k->at.c->life;
    k->h = (inbox_hand){.by = S("system"), .name = S("heed")};
    if (!k->at.o->as.len) return true;
    if (!inbox_account(&k->at, k->at.o->as, &id, e)) return false;
    k->h = (inbox_hand){str_fmt(a, "account:%" PRId64, id), inbox_account_name(&k->at, id)};
    return true;
}

// The words after the item, or standard input for "-".
static bool read_words(change *k, str *out, err *e) {
    cli *c = k->at.c;
    buf b = buf_new(c->life, 1 << 20);
    if (c->args.n == 3 && str_eq(c->args.v[2], S("-")))
        return c->w->read_file(c->w, c->life, "/dev/stdin", 1 << 20, out, e);
    for (size_t i = 2; i < c->args.n; i++) {
        if (b.len) buf_addc(&b, ' ');
        buf_add(&b, c->args.v[i]);
    }
    *out = buf_str(&b);
    return out->len || fail(e, ERR_usage, "say what: heed inbox %.*s %.*s 'words', or - for standard input",
                            STR_ARG(c->args.v[0]), STR_ARG(c->args.v[1]));
}

// ---- the changes ----

static bool do_assign(change *k, err *e) {
    int64_t to;
    if (!k->at.o->to.len) return fail(e, ERR_usage, "say --to whom; 'nobody' takes it from everybody");
    return inbox_account(&k->at, k->at.o->to, &to, e) &&
           inbox_assign(k->l, k->at.c->life, &k->x, to, &k->h, &k->undo, e);
}

static bool do_later(change *k, err *e) {
    int64_t until = 0;
    str text = k->at.o->until;
    return (!text.len || inbox_until(text, k->at.z, k->at.now_us, &until, e)) &&
           inbox_put_aside(k->l, k->at.c->life, &k->x, until, &k->h, &k->undo, e);
}

static bool do_done(change *k, err *e) {
    return inbox_finish(k->l, k->at.c->life, &k->x, &k->h, &k->undo, e);
}

static bool do_reopen(change *k, err *e) {
    return inbox_reopen(k->l, k->at.c->life, &k->x, &k->h, &k->undo, e);
}

static bool do_undo(change *k, err *e) {
    return inbox_undo(k->l, k->at.c->life, &k->x, k->at.o->undo, &k->h, e);
}

static bool do_note(change *k, err *e) {
    str words;
    return read_words(k, &words, e) && inbox_take_note(k->l, k->at.c->life, &k->x, words, &k->h, e);
}

static bool do_label(change *k, err *e) {
    const inbox_opts *o = k->at.o;
    inbox_relabel r = {o->add.v, o->drop.v, o->add.n, o->drop.n, 0};
    return inbox_say_topics(k->l, k->at.c->life, &k->x, &r, &k->h, NULL, e);
}

static bool do_reply(change *k, err *e) {
    const inbox_opts *o = k->at.o;
    arena *a = k->at.c->life;
    int64_t customer;
    inbox_reply r = {.subject = o->subject, .lang = o->lang, .elsewhere = o->elsewhere, .done = o->done};
    if (!o->as.len) return fail(e, ERR_usage, "say --as whom: a customer wants to know who answers");
    if (!read_words(k, &r.words, e) || !inbox_customer(k->at.s, &k->x, &customer, e)) return false;
    if (!r.elsewhere && !inbox_subject(a, k->at.s, &k->x, o->subject, o->lang, &r.subject, &r.lang, e)) return false;
    k->is_reply = true;
    return inbox_answer(k->l, a, &k->x, customer, &r, &k->h, &k->replied, e);
}

static const struct {
    const char *name, *takes;
    int least, most; // words; -1: any number
    bool (*change)(change *k, err *e);
    bool (*read)(inbox_at *x, err *e);
} verbs[] = {{"list", "", 0, 1, NULL, inbox_list_run},
             {"show", " ID", 2, 2, NULL, inbox_show_run},
             {"assign", " ID --to EMAIL", 2, 2, do_assign, NULL},
             {"later", " ID --until TIME", 2, 2, do_later, NULL},
             {"done", " ID", 2, 2, do_done, NULL},
             {"reopen", " ID", 2, 2, do_reopen, NULL},
             {"undo", " ID --step STEP", 2, 2, do_undo, NULL},
             {"note", " ID WORD…", 3, -1, do_note, NULL},
             {"label", " ID --add TOPIC --drop TOPIC", 2, 2, do_label, NULL},
             {"reply", " ID --as EMAIL WORD…", 3, -1, do_reply, NULL}};

// ---- the command ----

static void say_fate(const change *k) {
    const inbox_replied_by *r = &k->replied;
    cli *c = k->at.c;
    if (!k->is_reply || c->g.json) return;
    if (r->fate == REPLY_QUEUED) term_say(&c->t, "It goes out as outbox:%" PRId64 ".\n", r->message);
    if (r->fate == REPLY_NOTED) term_say(&c->t, "It is noted as an answer.\n");
    if (r->fate == REPLY_MADE_UP) term_say(&c->t, "A made-up customer: nothing is sent; it is noted as an answer.\n");
    if (r->fate == REPLY_KEPT_BACK) term_say(&c->t, "The gate keeps it back: %.*s\n", STR_ARG(r->gate.reason));
}

static bool note(change *k, desk *d, err *e) {
    arena *a = k->at.c->life;
    str action = str_fmt(a, "inbox.%.*s", STR_ARG(k->at.c->args.v[0]));
    return store_begin(d->s, e) &&
           audit_put(d, S("system"), str_z(a, action), str_fmt(a, "inbox:%" PRId64, k->x.id), S(""), S(""), e) &&
           ledger_commit(k->l, e);
}

static bool run_change(change *k, bool (*fn)(change *k, err *e), err *e) {
    cli *c = k->at.c;
    desk d;
    int64_t id;
    if (!cli_id("an item", c->args.v[1], &id, e) || !desk_open(c, "do it by its address /api/inbox", &d, e))
        return false;
    k->l = know_ledger(d.k);
    bool ok = inbox_begin_at(&k->at, d.s, e) && inbox_get(d.s, id, &k->x, e) && read_hand(k, e) && fn(k, e) &&
              note(k, &d, e) && ledger_settle(k->l, e) && inbox_get(d.s, id, &k->x, e);
    if (ok) say_fate(k), inbox_print(&k->at, &k->x, k->undo);
    desk_close(&d);
    return ok;
}

static bool run(cli *c, const void *options, err *e) {
    change k = {.at = {.c = c, .o = options}};
    str verb = c->args.n ? c->args.v[0] : S("list");
    store *s;
    size_t i = 0;
    while (i < COUNT(verbs) && !str_eq(verb, str_c(verbs[i].name))) i++;
    if (i == COUNT(verbs))
        return fail(e, ERR_usage,
                    "'%.*s' is none of its words: list, show, assign, later, done, reopen, undo, note, label, reply",
                    (int)MIN(verb.len, (size_t)40), verb.s);
    bool many = verbs[i].most >= 0 && c->args.n > (size_t)verbs[i].most;
    if (many || c->args.n < (size_t)verbs[i].least)
        return fail(e, ERR_usage, "write heed inbox %s%s", verbs[i].name, verbs[i].takes);
    if (verbs[i].change) return run_change(&k, verbs[i].change, e);
    if (!place_read(c, &s, e)) return false;
    bool ok = store_begin_read(s, e) && inbox_begin_at(&k.at, s, e) && verbs[i].read(&k.at, e);
    store_close(s);
    return ok;
}

const cmd cmd_inbox = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(inbox_opts),
    .defaults = &defaults,
    .max_args = -1,
    .run = run,
    .more = "What customers said by any channel, in one queue: conversations, and single words (reviews, remarks, "
            "complaints, answers with words). Open: somebody waits for us. Waiting: for the customer, for an answer of "
            "ours on its way, or for a time. Done: the rest of the last year. docs/inbox.md tells more.\n\n"
            "'reply' sends a mail if the gate lets it pass; --elsewhere notes what was said where the customer wrote. "
            "What 'assign', 'later', 'done' and 'reopen' did is taken back by 'undo' with the step that they print.",
    .examples = "heed inbox\n"
                "heed inbox list --mood unhappy --sort value\n"
                "heed inbox show 4220335206303257\n"
                "heed inbox reply 4220335206303257 --as ada@example.com 'It left us today.' --done\n"
                "heed inbox later 4220335206303257 --until 2d",
    .json =
        "list: {\"open\",\"waiting\",\"done\",\"oldest\",\"items\":[{\"id\",\"kind\",\"tab\",\"state\",\"customer\","
        "\"name\",\"channel\",\"since\",\"said\",\"later\",\"words\",\"assignee\"}]}; show: {\"item\",\"messages\":"
        "[{\"at\",\"kind\",\"body\"}]}; the others: {\"id\",\"tab\",\"state\",\"undo\"}",
};
