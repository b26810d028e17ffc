#include "act/outbox_tell.h"

#include "act/inbox_reply.h"
#include "base/json.h"
#include "know/told.h"
#include "sql/act_gate.h"
#include "sql/act_outbox.h"

typedef struct {
    arena *a;
    store *s;
    event *events;
    int32_t *rows;
    int64_t *ids; // of the row that each event tells of; bounces below 0
    size_t n, n_ids;
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

static enum kind kind_of_row(const outbox_row *o) {
    if (o->kind == GATE_survey || o->kind == GATE_reminder) return KIND_ask;
    return o->kind == GATE_reply && o->from_name.len ? KIND_message_out : KIND_message_auto;
}

static bool tell_sent(telling *t, const outbox_row *o, err *e) {
    int64_t customer;
    ident who = {0};
    if (!outbox_customer(t->s, o, &customer, e) || (customer && !told_ident(t->a, t->s, customer, &who, NULL, e)))
        return false;
    t->ids[t->n_ids++] = o->id;
    inbox_item answered;
    bool answers = inbox_of_message(t->s, o, &answered, e);
    if (!err_ok(e) || (!who.kind && !answers)) return err_ok(e);
    event *ev = add(t, kind_of_row(o), o->ended_us, who, str_fmt(t->a, "outbox:%.*s", STR_ARG(o->token)));
    ev->thread = o->in_reply_to.len ? o->in_reply_to : str_fmt(t->a, "out.%.*s", STR_ARG(o->token));
    ev->text = str_fmt(t->a, "%.*s\n\n%.*s", STR_ARG(o->subject), STR_ARG(o->text));
    if (answers) {
        // An answer belongs to what it answers, whichever source knows that.
        ev->n_ids = 0, ev->of_profile = answered.profile, ev->of_thread = inbox_thread(&answered);
        ev->text = o->text, ev->thread = S("");
    }
    ev->lang = o->lang, ev->staff = o->from_name, ev->topic = str_c(gate_kind_name(o->kind));
    ev->extra = extra_of(t->a, o);
    return true;
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
    if (str_eq(x->kind, S("complaint"))) tell_refused(t, x->at_us, who, x->mark);
    return true;
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
                 .ids = make(a, int64_t, OUTBOX_TELL_MOST)};
    int64_t source, import;
    tally counted;
    *n = 0;
    if (!gather(&t, e)) return false;
    if (!t.n_ids) return true;
    intake in = {.events = t.events, .row_of = t.rows, .n = t.n, .rows = (int64_t)t.n};
    if (t.n &&
        (!told_place_of(l, S("outbox"), false, &source, &import, e) || !ledger_write(l, import, &in, &counted, e)))
        return false;
    *n = t.n_ids;
    return note_told(l, &t, e);
}
