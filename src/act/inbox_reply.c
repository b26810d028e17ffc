// Answers: through the gate into the outbox, or given elsewhere and noted here.
#include "act/inbox_reply.h"

#include "act/inbox_tell.h"
#include "know/lists.h"
#include "know/told.h"
#include "sql/inbox.h"
#include "sql/know.h"

enum { PROFILES = 1000, SETTLE_MOST = 500, ONCE_MOST = 60 };

bool inbox_by_mail(const inbox_item *x) {
    switch (x->channel) {
    case CHANNEL_email:
    case CHANNEL_survey:
    case CHANNEL_web:
    case CHANNEL_shop:
    case CHANNEL_app:
    case CHANNEL_import:
    case CHANNEL_store_:
    case CHANNEL_unknown: return true;
    case CHANNEL_chat:
    case CHANNEL_phone:
    case CHANNEL_sms:
    case CHANNEL_facebook:
    case CHANNEL_reviews:
    case CHANNEL_forum:
    case CHANNEL_social:
    case CHANNEL_whatsapp:
    case CHANNEL_staff: break;
    }
    return false;
}

const char *inbox_fate_name(enum inbox_fate f) {
    static const char *const names[] = {"queued", "noted", "kept_back", "made_up"};
    return names[f];
}

// ---- giving one ----

// With it the matter is solved, if that is wanted. Nobody known has no conversation by which they count as answered.
static bool tell_given(ledger *l, arena *a, const inbox_item *x, const inbox_reply *r, const inbox_hand *h, err *e) {
    inbox_saying k[2] = {{.kind = KIND_message_out, .words = r->words, .lang = r->lang, .subject = r->subject}};
    int32_t n = 1;
    if (x->what == INBOX_talk && r->done) k[n++] = (inbox_saying){.kind = KIND_conversation_solved};
    if (x->what == INBOX_voice && (r->done || !x->profile))
        k[n++] = (inbox_saying){.kind = KIND_handled, .step = INBOX_done};
    return inbox_tell(l, a, x, k, n, h, NULL, e);
}

static bool tell_queued(ledger *l, arena *a, const inbox_item *x, int64_t message, bool done, const inbox_hand *h,
                        err *e) {
    inbox_saying k[2] = {{.kind = KIND_handled, .step = INBOX_replied, .value = message}};
    int32_t n = 1;
    if (done && x->what == INBOX_talk) k[n++] = (inbox_saying){.kind = KIND_conversation_solved};
    if (done && x->what == INBOX_voice) k[n++] = (inbox_saying){.kind = KIND_handled, .step = INBOX_done};
    return inbox_tell(l, a, x, k, n, h, NULL, e);
}

static bool name_of(arena *a, store *s, int64_t customer, str *name, err *e) {
    *name = S("");
    for (row r = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&r);)
        if (!name->len) *name = str_dup(a, row_str(&r, 2));
    return err_ok(e);
}

// The words tell one answer from another where nothing else does.
static str once_of(arena *a, const inbox_item *x, const inbox_reply *r) {
    if (r->once.len) return r->once;
    return str_fmt(a, "%016" PRIx64, str_hash2(str_hash2((uint64_t)inbox_version(x), r->subject), r->words));
}

static bool queue(ledger *l, arena *a, const inbox_item *x, int64_t customer, const inbox_reply *r, const inbox_hand *h,
                  outbox_put_answer *put, err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    outbox_new n = {.gate = {.kind = GATE_reply,
                             .customer = customer,
                             .channel = CHANNEL_email,
                             .template = S(INBOX_TEMPLATE),
                             .occasion = str_fmt(a, "%" PRId64 ":%.*s", x->id, STR_ARG(once_of(a, x, r))),
                             .by = h->by},
                    .from_name = h->name,
                    .subject = r->subject,
                    .text = r->words,
                    .lang = r->lang,
                    .not_before_us = w->now_us(w) + INBOX_CALL_BACK_S * SECOND_US};
    if (!name_of(a, s, customer, &n.to_name, e) || !store_begin(s, e)) return false;
    bool ok = outbox_put(l, a, &n, put, e) && ledger_commit(l, e);
    if (!ok) store_rollback(s);
    return ok;
}

static bool made_up(ledger *l, arena *a, const inbox_item *x, int64_t customer, const inbox_reply *r,
                    const inbox_hand *h, inbox_replied_by *out, err *e) {
    const world *w = ledger_world(l);
    gate_ask ask = {.kind = GATE_reply, .customer = customer, .channel = CHANNEL_email, .by = h->by};
    if (!gate_look(a, ledger_store(l), &ask, w->now_us(w), &out->gate, e)) return false;
    out->fate = out->gate.verdict == GATE_ALLOW ? REPLY_MADE_UP : REPLY_KEPT_BACK;
    return out->fate == REPLY_KEPT_BACK || tell_given(l, a, x, r, h, e);
}

bool inbox_answer(ledger *l, arena *a, const inbox_item *x, int64_t customer, const inbox_reply *r, const inbox_hand *h,
                  inbox_replied_by *out, err *e) {
    outbox_put_answer put;
    bool sample;
    *out = (inbox_replied_by){.fate = REPLY_NOTED, .gate.rule = ""};
    if (!str_trim(r->words).len) return fail(e, ERR_invalid, "an answer needs words");
    if (r->once.len > ONCE_MOST) return fail(e, ERR_invalid, "'once' is longer than %d bytes", ONCE_MOST);
    if (r->elsewhere) return tell_given(l, a, x, r, h, e);
    if (!customer)
        return fail(e, ERR_conflict, "nobody knows who said it: answer where it was said, and note that here");
    if (!told_is_sample(ledger_store(l), customer, &sample, e)) return false;
    if (sample) return made_up(l, a, x, customer, r, h, out, e);
    if (!queue(l, a, x, customer, r, h, &put, e)) return false;
    out->gate = put.gate, out->message = put.id;
    out->fate = put.id ? REPLY_QUEUED : REPLY_KEPT_BACK;
    return !put.id || put.again || tell_queued(l, a, x, put.id, r->done, h, e);
}

// ---- what it is about ----

enum { LOOKED_AT = 200 };

static str no_subject(str lang) {
    if (str_eq(lang, S("de"))) return S("Ihre Nachricht an uns");
    if (str_eq(lang, S("es"))) return S("Su mensaje");
    return S("Your message to us");
}

static str answer_to(arena *a, str subject) {
    static const char *const before[] = {"Re:", "RE:", "re:", "AW:", "Aw:"};
    for (size_t i = 0; i < COUNT(before); i++)
        if (str_starts(subject, str_c(before[i]))) return subject;
    return str_fmt(a, "Re: %.*s", (int)MIN(subject.len, 180), subject.s);
}

bool inbox_subject(arena *a, store *s, const inbox_item *x, str subject, str lang, str *subject_out, str *lang_out,
                   err *e) {
    record *m;
    size_t n;
    bool more;
    inbox_words w;
    str named = S("");
    *subject_out = subject, *lang_out = lang;
    if (subject.len && lang.len) return true;
    if (!inbox_words_of(a, s, x, &w, e) || !inbox_messages(a, s, x, LOOKED_AT, &m, &n, &more, e)) return false;
    if (!lang.len) *lang_out = w.lang;
    for (size_t i = 0; !subject.len && !named.len && i < n; i++) {
        json_t *doc = NULL;
        err quiet = {0};
        if (!m[i].body.len || !json_read(m[i].body, &doc, &quiet)) continue;
        named = str_dup(a, json_at(doc, "subject"));
        json_decref(doc);
    }
    if (!subject.len) *subject_out = named.len ? answer_to(a, named) : no_subject(*lang_out);
    return true;
}

// ---- what became of them ----

bool inbox_replies(arena *a, store *s, const inbox_item *x, int64_t customer, inbox_sent **out, size_t *n, err *e) {
    int64_t *ids = make(a, int64_t, PROFILES);
    size_t n_ids = 0, room = 0;
    *out = NULL, *n = 0;
    if (!customer) return true;
    for (row r = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&r);)
        if (n_ids < PROFILES) ids[n_ids++] = row_int(&r, 0);
    str from = str_fmt(a, "%" PRId64 ":", x->id), to = str_fmt(a, "%" PRId64 ";", x->id); // ';' comes after ':'
    for (row r = store_query(s, Q_inbox_replies, e, "ttt", list_json(a, ids, n_ids), from, to); row_next(&r);) {
        if (*n == room) {
            inbox_sent *more = make(a, inbox_sent, room = room ? room * 2 : 8);
            if (*n) memcpy(more, *out, *n * sizeof *more);
            *out = more;
        }
        (*out)[(*n)++] = (inbox_sent){.id = row_int(&r, 0),
                                      .state = (enum outbox_state)row_int(&r, 1),
                                      .subject = str_dup(a, row_str(&r, 2)),
                                      .words = str_dup(a, row_str(&r, 3)),
                                      .at_us = row_int(&r, 4),
                                      .next_us = row_int(&r, 5),
                                      .by = str_dup(a, row_str(&r, 6)),
                                      .reply = str_dup(a, row_str(&r, 7)),
                                      .occasion = str_dup(a, row_str(&r, 8)),
                                      .from_name = str_dup(a, row_str(&r, 9)),
                                      .told = row_int(&r, 10) == 2};
    }
    return err_ok(e);
}

bool inbox_of_message(store *s, const outbox_row *o, inbox_item *out, err *e) {
    int64_t id;
    str rest = o->occasion, item = str_cut(&rest, ':');
    err none = {0};
    if (!str_eq(o->template, S(INBOX_TEMPLATE)) || !str_i64(item, &id)) return false;
    if (inbox_get(s, id, out, &none)) return true;
    return none.code == ERR_not_found ? false : (*e = none, false);
}

// The word by which it was answered; false when somebody answered anew since, or this was said already.
static bool answered_by(const inbox_step *steps, size_t n, int64_t message, int64_t *at_us) {
    bool found = false;
    for (size_t i = 0; i < n; i++) {
        if (steps[i].what == INBOX_replied) found = steps[i].value == message;
        if (steps[i].what == INBOX_replied && found) *at_us = steps[i].at_us;
        if (steps[i].what == INBOX_failed && steps[i].value == message) found = false;
    }
    return found;
}

bool inbox_came_back(ledger *l, arena *a, const outbox_row *o, str words, err *e) {
    static const inbox_hand heed = {.by = {"heed", 4}, .name = {"heed", 4}};
    inbox_item x;
    inbox_step *steps;
    size_t n;
    int32_t k = 1;
    int64_t at_us = 0;
    if (!ledger_settle(l, e) || !inbox_of_message(ledger_store(l), o, &x, e)) return err_ok(e);
    if (!inbox_steps(a, ledger_store(l), x.id, &steps, &n, e)) return false;
    if (!answered_by(steps, n, o->id, &at_us)) return true;
    inbox_saying list[3] = {{.kind = KIND_handled, .step = INBOX_failed, .value = o->id, .words = words}};
    // What was called solved with that answer is not.
    bool solved = (x.what == INBOX_talk ? x.solved_us : x.done_us) == at_us + 1;
    if (solved) list[k++] = (inbox_saying){.kind = KIND_handled, .step = INBOX_reopened};
    if (solved && x.what == INBOX_talk) list[k++] = (inbox_saying){.kind = KIND_conversation_opened};
    return inbox_tell(l, a, &x, list, k, &heed, NULL, e);
}

// Did the answer that was written last go out, or will it?
static bool on_its_way(arena *a, store *s, const inbox_item *x, bool *going, str *why, err *e) {
    inbox_step *steps;
    size_t n;
    int64_t message = 0;
    outbox_row o;
    err none = {0};
    *going = false, *why = S("it is not in the outbox any more");
    if (!inbox_steps(a, s, x->id, &steps, &n, e)) return false;
    for (size_t i = 0; i < n; i++)
        if (steps[i].what == INBOX_replied) message = steps[i].value;
    if (!outbox_get(a, s, message, &o, &none)) return none.code == ERR_not_found || (*e = none, false);
    *going = o.state < OUTBOX_FAILED, *why = o.reply;
    return true;
}

bool inbox_settle(ledger *l, arena *a, err *e) {
    store *s = ledger_store(l);
    int64_t *ids = NULL;
    size_t n = 0, room = 0;
    const inbox_hand heed = {.by = S("heed"), .name = S("heed")};
    for (row r = store_query(s, Q_inbox_sending, e, "i", (int64_t)SETTLE_MOST); row_next(&r);)
        list_push(a, &ids, &n, &room, row_int(&r, 0));
    for (size_t i = 0; err_ok(e) && i < n; i++) {
        arena scratch = *a;
        inbox_item x;
        bool going;
        str why;
        if (!inbox_get(s, ids[i], &x, e) || !on_its_way(&scratch, s, &x, &going, &why, e)) return false;
        inbox_saying k = {.kind = KIND_handled, .step = INBOX_failed, .words = why};
        if (!going && !inbox_tell(l, &scratch, &x, &k, 1, &heed, NULL, e)) return false;
    }
    return err_ok(e);
}
