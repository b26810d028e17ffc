#include "act/outbox_tell.h"

#include "act/inbox_reply.h"
#include "base/json.h"
#include "know/told.h"
#include "sql/act_gate.h"
#include "sql/act_outbox.h"

typedef struct {
    outbox_row o;
    str words; // why it came back
} lost_answer;

typedef struct {
    arena *a;
    store *s;
    event *events;
    int32_t *rows;
    int64_t *ids;      // of the row that each event tells of; bounces below 0
    lost_answer *lost; // answers from the inbox that came back
    size_t n, n_ids, n_lost;
} telling;

static str extra_of(arena *a, const outbox_row *o) {
    buf b = buf_new(a, 4096);
    buf_fmt(&b, "\"outbox\":%" PRId64 ",\"kind\":\"%s\",\"template\":", o->id, gate_kind_name(o->kind));
    buf_json_str(&b, o->template);
    buf_add(&b, S(",\"occasion\":")), buf_json_str(&b, o->occasion);
    buf_add(&b, S(",\"by\":")), buf_json_str(&b, o->by);
    if (o->survey.len) buf_add(&b, S(",\"survey\":")), buf_json_str(&b, o->survey);
    if (str_eq(o->template, S(INBOX_TEMPLATE))) buf_add(&b, S(",\"subject\":")), buf_json_str(&b, o->subject);
    return buf_str(&b);
}

static event *add(telling *t, enum kind kind, int64_t at_us, ident who, str ext) {
    event *ev = &t->events[t->n];
    *ev = (event){.kind = kind, .channel = CHANNEL_email, .at_us = at_us, .ext = ext, .mood = MOOD_UNKNOWN};
    ev->n_ids = who.kind != IDENT_none;
    ev->ids[0] = who;
    t->rows[t->n] = (int32_t)t->n;
    t->n++;
    return ev;
}

static bool came_back_unread(const outbox_row *o) {
    return o->state == OUTBOX_BOUNCED && str_eq(o->template, S(INBOX_TEMPLATE));
}

// What came back answered nobody: it stays in the conversation, and stops no clock.
static enum kind kind_of_row(const outbox_row *o) {
    if (o->kind == GATE_survey || o->kind == GATE_reminder) return KIND_ask;
    if (came_back_unread(o)) return KIND_message_auto;
    return o->kind == GATE_reply && o->from_name.len ? KIND_message_out : KIND_message_auto;
}

// An answer that came back is told anew, and so is one that was sent once more after that.
static bool version_of(telling *t, const outbox_row *o, int64_t *edited_us, err *e) {
    int64_t n = 0;
    for (row r = store_query(t->s, Q_mail_bounce_list, e, "iii", o->id, INT64_MAX, INT64_C(1)); row_next(&r);) n++;
    *edited_us = n ? o->ended_us : 0;
    return err_ok(e);
}

static bool put_sent(telling *t, const outbox_row *o, err *e) {
    int64_t customer, edited_us = 0;
    ident who = {0};
    if (!outbox_customer(t->s, o, &customer, e) || (customer && !told_ident(t->a, t->s, customer, &who, NULL, e)))
        return false;
    inbox_item answered;
    bool answers = inbox_of_message(t->s, o, &answered, e);
    if (!err_ok(e) || (!who.kind && !answers)) return err_ok(e);
    if (answers && !version_of(t, o, &edited_us, e)) return false;
    event *ev = add(t, kind_of_row(o), o->ended_us, who, str_fmt(t->a, "outbox:%.*s", STR_ARG(o->token)));
    ev->thread = o->in_reply_to.len ? o->in_reply_to : str_fmt(t->a, "out.%.*s", STR_ARG(o->token));
    ev->text = str_fmt(t->a, "%.*s\n\n%.*s", STR_ARG(o->subject), STR_ARG(o->text));
    if (answers) {
        // An answer belongs to what it answers, whichever source knows that.
        ev->n_ids = 0, ev->of_profile = answered.profile, ev->of_thread = inbox_thread(&answered);
        ev->text = o->text, ev->thread = S(""), ev->edited_us = edited_us;
        if (o->state == OUTBOX_BOUNCED && o->marked_us) ev->at_us = o->marked_us; // ended_us is when it came back
    }
    ev->lang = o->lang, ev->staff = o->from_name, ev->topic = str_c(gate_kind_name(o->kind));
    ev->extra = extra_of(t->a, o);
    return true;
}

static bool tell_sent(telling *t, const outbox_row *o, err *e) {
    t->ids[t->n_ids++] = o->id;
    return put_sent(t, o, e);
}

// topic is the purpose that the complaint takes back: what is sent unasked.
static void tell_refused(telling *t, int64_t at_us, ident who, int64_t mark) {
    event *ev = add(t, KIND_consent, at_us, who, str_fmt(t->a, "complaint:%016" PRIx64, (uint64_t)mark));
    ev->topic = S("marketing_email"), ev->value = 0, ev->has_value = true;
}

typedef struct {
    int64_t id, outbox_id, profile, at_us, mark;
    str address, kind, status, words;
} came_back;

// Of an answer from the inbox: its conversation waits again.
static bool tell_lost(telling *t, const came_back *x, err *e) {
    outbox_row o;
    err none = {0};
    if (!x->outbox_id || !outbox_get(t->a, t->s, x->outbox_id, &o, &none))
        return none.code == ERR_none || none.code == ERR_not_found || (*e = none, false);
    if (!came_back_unread(&o)) return true;
    t->lost[t->n_lost++] = (lost_answer){o, x->words.len ? x->words : x->status};
    return put_sent(t, &o, e);
}

static bool tell_bounce(telling *t, const came_back *x, err *e) {
    int64_t customer = 0;
    ident who = {0};
    if (!store_int(t->s, Q_gate_customer_of, &customer, 0, e, "i", x->profile) ||
        (customer && !told_ident(t->a, t->s, customer, &who, NULL, e)))
        return false;
    t->ids[t->n_ids++] = -x->id;
    if (!who.kind) return true;
    event *ev = add(t, KIND_bounce, x->at_us, who, str_fmt(t->a, "bounce:%016" PRIx64, (uint64_t)x->mark));
    ev->topic = x->kind, ev->text = x->words;
    buf b = buf_new(t->a, 4096);
    buf_fmt(&b, "\"outbox\":%" PRId64 ",\"status\":", x->outbox_id);
    buf_json_str(&b, x->status);
    buf_add(&b, S(",\"address\":")), buf_json_str(&b, x->address);
    ev->extra = buf_str(&b);
    if (str_eq(x->kind, S("complaint"))) return tell_refused(t, x->at_us, who, x->mark), true;
    return tell_lost(t, x, e);
}

static bool gather(telling *t, err *e) {
    for (row r = store_query(t->s, Q_outbox_untold, e, "i", (int64_t)OUTBOX_TELL_MOST); row_next(&r);) {
        outbox_row o = outbox_read(t->a, &r);
        if (!tell_sent(t, &o, e)) return row_end(&r), false;
    }
    int64_t room = OUTBOX_TELL_MOST - (int64_t)t->n_ids;
    for (row r = store_query(t->s, Q_mail_bounce_untold, e, "i", room); row_next(&r);) {
        came_back x = {.id = row_int(&r, 0),
                       .outbox_id = row_int(&r, 1),
                       .profile = row_int(&r, 2),
                       .at_us = row_int(&r, 3),
                       .address = str_dup(t->a, row_str(&r, 4)),
                       .kind = str_dup(t->a, row_str(&r, 5)),
                       .status = str_dup(t->a, row_str(&r, 6)),
                       .words = str_dup(t->a, row_str(&r, 7)),
                       .mark = row_int(&r, 8)};
        if (!tell_bounce(t, &x, e)) return row_end(&r), false;
    }
    return err_ok(e);
}

static bool note_told(ledger *l, const telling *t, err *e) {
    bool ok = store_begin(t->s, e);
    for (size_t i = 0; ok && i < t->n_ids; i++)
        ok = t->ids[i] > 0 ? store_run(t->s, Q_outbox_told, NULL, e, "i", t->ids[i])
                           : store_run(t->s, Q_mail_bounce_told, NULL, e, "i", -t->ids[i]);
    if (!ok) return store_rollback(t->s), false;
    return ledger_commit(l, e);
}

bool outbox_tell(ledger *l, arena *a, size_t *n, err *e) {
    telling t = {.a = a,
                 .s = ledger_store(l),
                 .events = make(a, event, 2 * OUTBOX_TELL_MOST),
                 .rows = make(a, int32_t, 2 * OUTBOX_TELL_MOST),
                 .ids = make(a, int64_t, OUTBOX_TELL_MOST),
                 .lost = make(a, lost_answer, OUTBOX_TELL_MOST)};
    int64_t source, import;
    tally counted;
    *n = 0;
    if (!gather(&t, e)) return false;
    if (!t.n_ids) return true;
    intake in = {.events = t.events, .row_of = t.rows, .n = t.n, .rows = (int64_t)t.n};
    if (t.n &&
        (!told_place_of(l, S("outbox"), false, &source, &import, e) || !ledger_write(l, import, &in, &counted, e)))
        return false;
    for (size_t i = 0; i < t.n_lost; i++)
        if (!inbox_came_back(l, a, &t.lost[i].o, t.lost[i].words, e)) return false;
    *n = t.n_ids;
    return note_told(l, &t, e);
}
