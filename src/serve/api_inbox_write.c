// What people do with the inbox: take, put aside, finish, note, name topics, answer; and taking that back.
#include "serve/api_inbox.h"

#include "know/fold.h"
#include "serve/accounts.h"
#include "serve/live.h"
#include "sql/inbox.h"

enum { AT_ONCE = 100 };

static str subject_of(call *c, int64_t id) {
    return str_fmt(c->a, "inbox:%" PRId64, id);
}

static bool hand_of(call *c, inbox_hand *h, err *e) {
    *h = (inbox_hand){.by = who_text(c->a, &c->who), .name = c->who.name};
    for (row r = store_query(c->s, Q_inbox_person, e, "i", inbox_me(c)); row_next(&r);)
        if (row_str(&r, 0).len) h->name = str_dup(c->a, row_str(&r, 0));
    return err_ok(e);
}

// What was done is noted, open pages hear of it, and the item is read anew.
static bool noted(call *c, inbox_item *x, int64_t *customer, const char *action, err *e) {
    buf b = buf_new(c->a, 1024);
    buf_fmt(&b, "{\"id\":%" PRId64 ",\"by\":", x->id);
    buf_json_str(&b, who_text(c->a, &c->who));
    buf_addc(&b, '}');
    if (!store_begin(c->s, e) || !audit(c, action, subject_of(c, x->id), S("{}"), e) ||
        !ledger_commit(know_ledger(c->d->k), e))
        return false;
    live_tell(server_live(c->sv), S("inbox"), buf_str(&b));
    return inbox_get(c->s, x->id, x, e) && inbox_customer(c->s, x, customer, e);
}

static bool answer_with(call *c, inbox_item *x, int64_t customer, const char *action, str undo, err *e) {
    if (!noted(c, x, &customer, action, e)) return false;
    call_etag(c, inbox_version(x));
    json_open(&c->out, NULL, '{');
    if (!put_inbox_item(c, "item", x, customer, e)) return false;
    put_inbox_text(&c->out, "undo", undo);
    json_close(&c->out, '}');
    return true;
}

static bool begin(call *c, inbox_item *x, int64_t *customer, inbox_hand *h, err *e) {
    return in_inbox(c, x, customer, e) && hand_of(c, h, e);
}

// ---- one step ----

static bool in_colleague(call *c, int64_t *id, err *e) {
    str x = in_str(c, "to");
    account theirs;
    *id = 0;
    if (!x.len) return true;
    if (str_eq(x, S("me"))) {
        *id = inbox_me(c);
        return *id || fail_field(c, e, "to", "a key is no colleague; name an account by its number");
    }
    if (!str_i64(x, id) || *id <= 0) return fail_field(c, e, "to", "'to' is me or the number of an account");
    err none = {0};
    if (account_get(c->a, c->s, *id, &theirs, &none) && theirs.state == ACCOUNT_ACTIVE) return true;
    return fail_field(c, e, "to", "there is no colleague %" PRId64 "; GET /api/inbox/people lists them", *id);
}

bool inbox_give(call *c, err *e) {
    inbox_item x;
    int64_t customer, to;
    inbox_hand h;
    str undo;
    return begin(c, &x, &customer, &h, e) && in_colleague(c, &to, e) &&
           inbox_assign(know_ledger(c->d->k), c->a, &x, to, &h, &undo, e) &&
           answer_with(c, &x, customer, "inbox.assign", undo, e);
}

bool inbox_lay_aside(call *c, err *e) {
    inbox_item x;
    int64_t customer, until = 0;
    inbox_hand h;
    zone *z;
    str undo;
    err why = {0};
    if (!begin(c, &x, &customer, &h, e) || !store_zone(c->s, c->a, &z, e)) return false;
    if (in_str(c, "until").len && !inbox_until(in_str(c, "until"), z, c->now_us, &until, &why))
        return fail_field(c, e, "until", "%s", why.msg);
    return inbox_put_aside(know_ledger(c->d->k), c->a, &x, until, &h, &undo, e) &&
           answer_with(c, &x, customer, "inbox.later", undo, e);
}

bool inbox_end(call *c, err *e) {
    inbox_item x;
    int64_t customer;
    inbox_hand h;
    str undo;
    return begin(c, &x, &customer, &h, e) && inbox_finish(know_ledger(c->d->k), c->a, &x, &h, &undo, e) &&
           answer_with(c, &x, customer, "inbox.done", undo, e);
}

bool inbox_open_again(call *c, err *e) {
    inbox_item x;
    int64_t customer;
    inbox_hand h;
    str undo;
    return begin(c, &x, &customer, &h, e) && inbox_reopen(know_ledger(c->d->k), c->a, &x, &h, &undo, e) &&
           answer_with(c, &x, customer, "inbox.reopen", undo, e);
}

bool inbox_take_back(call *c, err *e) {
    inbox_item x;
    int64_t customer;
    inbox_hand h;
    return begin(c, &x, &customer, &h, e) && inbox_undo(know_ledger(c->d->k), c->a, &x, in_str(c, "step"), &h, e) &&
           answer_with(c, &x, customer, "inbox.undo", S(""), e);
}

bool inbox_remark(call *c, err *e) {
    inbox_item x;
    int64_t customer;
    inbox_hand h;
    return begin(c, &x, &customer, &h, e) &&
           inbox_take_note(know_ledger(c->d->k), c->a, &x, in_str(c, "words"), &h, e) &&
           answer_with(c, &x, customer, "inbox.note", S(""), e);
}

static size_t in_topics(call *c, const char *name, str out[INBOX_TOPICS]) {
    size_t i, n = 0;
    const json_t *v;
    json_array_foreach(json_object_get(c->in, name), i, v) {
        if (n < INBOX_TOPICS) out[n++] = json_text(v);
    }
    return n;
}

bool inbox_name_topics(call *c, err *e) {
    inbox_item x;
    int64_t customer;
    inbox_hand h;
    str add[INBOX_TOPICS], drop[INBOX_TOPICS], message = in_str(c, "message");
    inbox_relabel r = {.add = add, .drop = drop};
    r.n_add = in_topics(c, "add", add), r.n_drop = in_topics(c, "drop", drop);
    if (message.len && !inbox_key_of(message, &r.key))
        return fail_field(c, e, "message", "'message' is what a message of the page has as 'id'");
    str undo;
    return begin(c, &x, &customer, &h, e) && inbox_say_topics(know_ledger(c->d->k), c->a, &x, &r, &h, &undo, e) &&
           answer_with(c, &x, customer, "inbox.label", undo, e);
}

// ---- several ----

bool inbox_finish_some(call *c, err *e) {
    int64_t ids[AT_ONCE];
    str undo[AT_ONCE];
    size_t i, n = 0;
    const json_t *v;
    inbox_hand h;
    if (json_array_size(json_object_get(c->in, "ids")) > AT_ONCE)
        return fail_field(c, e, "ids", "'ids' holds at most %d", (int)AT_ONCE);
    if (!hand_of(c, &h, e)) return false;
    json_array_foreach(json_object_get(c->in, "ids"), i, v) {
        inbox_item x;
        int64_t customer;
        err why = {0};
        if (!inbox_get(c->s, json_integer_value(v), &x, e)) return false;
        if (!inbox_finish(know_ledger(c->d->k), c->a, &x, &h, &undo[n], &why)) {
            if (why.code == ERR_conflict) continue;
            return *e = why, false;
        }
        if (!noted(c, &x, &customer, "inbox.done", e)) return false;
        ids[n++] = x.id;
    }
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "done", '[');
    for (i = 0; i < n; i++) json_put_int(&c->out, NULL, ids[i]);
    json_close(&c->out, ']');
    json_open(&c->out, "undo", '[');
    for (i = 0; i < n; i++) json_put_str(&c->out, NULL, undo[i]);
    json_close(&c->out, ']');
    json_close(&c->out, '}');
    return true;
}

// ---- answers ----

static bool put_reply(call *c, const inbox_item *x, int64_t customer, const inbox_replied_by *r, err *e) {
    json_out *j = &c->out;
    bool asked = r->fate != REPLY_NOTED;
    json_open(j, NULL, '{');
    if (!put_inbox_item(c, "item", x, customer, e)) return false;
    if (asked)
        put_inbox_gate(c, "gate", &r->gate);
    else
        json_put_null(j, "gate");
    if (r->message)
        json_put_int(j, "message", r->message);
    else
        json_put_null(j, "message");
    json_put_str(j, "sent", str_c(inbox_fate_name(r->fate)));
    json_close(j, '}');
    return true;
}

static bool drop_draft(call *c, int64_t id, err *e) {
    return !inbox_me(c) ||
           (store_begin(c->s, e) && store_run(c->s, Q_inbox_draft_drop, NULL, e, "ii", id, inbox_me(c)) &&
            ledger_commit(know_ledger(c->d->k), e));
}

bool inbox_write_back(call *c, err *e) {
    inbox_item x;
    int64_t customer;
    inbox_hand h;
    inbox_replied_by done;
    str address = S("");
    inbox_reply r = {
        .words = in_str(c, "words"), .once = in_str(c, "once"), .done = str_eq(in_str(c, "then"), S("done"))};
    if (!begin(c, &x, &customer, &h, e) || !call_if_match(c, inbox_version(&x), e)) return false;
    if (customer && !outbox_address_of(c->a, c->s, customer, c->now_us, &address, e)) return false;
    bool by_mail = in_has(c, "how") ? str_eq(in_str(c, "how"), S("mail")) : address.len && inbox_by_mail(&x);
    r.elsewhere = !by_mail;
    r.subject = in_str(c, "subject"), r.lang = in_str(c, "lang");
    if (by_mail && !inbox_subject(c->a, c->s, &x, in_str(c, "subject"), in_str(c, "lang"), &r.subject, &r.lang, e))
        return false;
    if (!inbox_answer(know_ledger(c->d->k), c->a, &x, customer, &r, &h, &done, e)) return false;
    if (done.fate != REPLY_KEPT_BACK && !drop_draft(c, x.id, e)) return false;
    if (!noted(c, &x, &customer, done.fate == REPLY_KEPT_BACK ? "inbox.reply_kept_back" : "inbox.reply", e))
        return false;
    call_etag(c, inbox_version(&x));
    return put_reply(c, &x, customer, &done, e);
}

bool inbox_keep_draft(call *c, err *e) {
    json_out *j = &c->out;
    inbox_item x;
    int64_t customer, version = 0;
    str words = in_str(c, "words"), subject = in_str(c, "subject");
    if (!in_inbox(c, &x, &customer, e)) return false;
    if (!inbox_me(c)) return fail(e, ERR_denied, "drafts are kept for who signs in; a key has none");
    bool empty = !words.len && !subject.len;
    if (empty && !store_run(c->s, Q_inbox_draft_drop, NULL, e, "ii", x.id, inbox_me(c))) return false;
    if (!empty &&
        !store_run(c->s, Q_inbox_draft_put, NULL, e, "iiitti", x.id, inbox_me(c), x.profile, subject, words, c->now_us))
        return false;
    for (row r = store_query(c->s, Q_inbox_drafts, e, "i", x.id); row_next(&r);)
        if (row_int(&r, 0) == inbox_me(c)) version = row_int(&r, 4);
    json_open(j, NULL, '{');
    if (!put_inbox_owner(c, "by", inbox_me(c), e)) return false;
    json_put_bool(j, "mine", true);
    json_put_str(j, "subject", subject);
    json_put_str(j, "words", words);
    json_put_time(j, "changed", c->now_us);
    json_put_int(j, "version", version);
    json_close(j, '}');
    return err_ok(e);
}
