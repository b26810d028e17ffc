// One of the inbox: what was said in it, and everything that whoever answers should know.
#include <math.h>

#include "serve/api_inbox.h"
#include "serve/api_stages.h"

#include "base/money.h"
#include "serve/looks.h"
#include "sql/inbox.h"

enum { MESSAGES = 200, OWED = 20, OTHERS = 10, REPLIES_NAME = 40 };

bool in_inbox(call *c, inbox_item *x, int64_t *customer, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) && inbox_get(c->s, id, x, e) && inbox_customer(c->s, x, customer, e);
}

// ---- what was said ----

// Messages and what people of ours did, as they followed each other.
typedef struct {
    const record *m; // NULL: a step
    const inbox_step *k;
} entry;

static int64_t entry_us(const entry *x) {
    return x->m ? x->m->at_us : x->k->at_us;
}

static int in_order(const void *a, const void *b) {
    const entry *x = a, *y = b;
    if (entry_us(x) != entry_us(y)) return entry_us(x) < entry_us(y) ? -1 : 1;
    return (x->k != NULL) - (y->k != NULL);
}

static const char *who_of(const record *m) {
    switch ((enum kind)m->kind) {
    case KIND_message_out:
    case KIND_call: return "person";
    case KIND_message_auto: return "machine";
    case KIND_note: return "note";
    case KIND_conversation_solved:
    case KIND_conversation_opened: return "event";
    default: return "customer";
    }
}

// Who of ours it was: an account by its name, anybody else as the source calls them.
static bool put_by(call *c, str staff, err *e) {
    int64_t id;
    str name = staff;
    if (str_starts(staff, S("account:")) && str_i64(str_sub(staff, 8, staff.len), &id))
        for (row r = store_query(c->s, Q_inbox_person, e, "i", id); row_next(&r);)
            name = str_dup(c->a, row_str(&r, 0).len ? row_str(&r, 0) : row_str(&r, 1));
    put_inbox_text(&c->out, "by", name);
    return err_ok(e);
}

static str hex(arena *a, int64_t key) {
    return str_fmt(a, "%016" PRIx64, (uint64_t)key);
}

static bool put_rest(call *c, const inbox_step *k, err *e) {
    json_out *j = &c->out;
    put_inbox_text(j, "step", k ? str_c(inbox_step_name(k->what)) : S(""));
    if (!put_inbox_owner(c, "to", k && k->what == INBOX_assigned ? k->value : 0, e)) return false;
    json_put_time(j, "until", k && k->what == INBOX_later ? k->value : 0);
    return true;
}

static bool put_message(call *c, const sources *all, const record *m, err *e) {
    json_out *j = &c->out;
    json_t *doc = NULL;
    err quiet = {0};
    bool scored = kind_class((enum kind)m->kind) == CLASS_SAID && m->has_value;
    if (m->body.len && !json_read(m->body, &doc, &quiet)) doc = NULL;
    json_open(j, NULL, '{');
    json_put_str(j, "id", hex(c->a, m->key));
    json_put_time(j, "at", m->at_us);
    json_put_str(j, "kind", kind_name((enum kind)m->kind));
    json_put_str(j, "who", str_c(who_of(m)));
    bool ok = put_by(c, json_at(doc, "staff"), e);
    json_put_str(j, "channel", channel_name((enum channel)m->channel));
    json_put_str(j, "source", source_of_import(all, m->import_id)->name);
    put_inbox_text(j, "subject", json_at(doc, "subject"));
    json_put_str(j, "words", json_at(doc, "text"));
    put_inbox_text(j, "lang", json_at(doc, "lang"));
    put_inbox_text(j, "instrument", scored && m->unit ? instrument_name((enum instrument)m->unit) : S(""));
    if (scored)
        json_put_num(j, "score", (double)m->value / 100);
    else
        json_put_null(j, "score");
    json_decref(doc);
    ok = ok && put_rest(c, NULL, e) && put_heard(c, m, e);
    json_close(j, '}');
    return ok;
}

static bool put_step(call *c, const inbox_step *k, err *e) {
    json_out *j = &c->out;
    json_open(j, NULL, '{');
    json_put_str(j, "id", hex(c->a, k->key));
    json_put_time(j, "at", k->at_us);
    json_put_str(j, "kind", kind_name(KIND_handled));
    json_put_str(j, "who", S("event"));
    bool ok = put_by(c, k->who, e);
    json_put_str(j, "channel", channel_name(CHANNEL_staff));
    json_put_str(j, "source", S("heed"));
    json_put_null(j, "subject");
    json_put_str(j, "words", k->words);
    json_put_null(j, "lang");
    json_put_null(j, "instrument");
    json_put_null(j, "score");
    ok = ok && put_rest(c, k, e);
    json_put_null(j, "heard");
    json_close(j, '}');
    return ok;
}

static bool put_messages(call *c, const inbox_item *x, const record *m, size_t n, err *e) {
    inbox_step *steps;
    size_t n_steps, k = 0;
    sources *all;
    sources_as_asked(c->a, c->s, &all);
    if (!inbox_steps(c->a, c->s, x->id, &steps, &n_steps, e)) return false;
    entry *v = make(c->a, entry, n + n_steps + 1);
    for (size_t i = 0; i < n; i++) v[k++].m = &m[i];
    for (size_t i = 0; i < n_steps; i++)
        if (!n || steps[i].at_us >= m[0].at_us) v[k++].k = &steps[i];
    if (k) qsort(v, k, sizeof *v, in_order);
    json_open(&c->out, "messages", '[');
    for (size_t i = 0; i < k; i++)
        if (!(v[i].m ? put_message(c, all, v[i].m, e) : put_step(c, v[i].k, e))) return false;
    json_close(&c->out, ']');
    return true;
}

static bool put_labels(call *c, const inbox_item *x, err *e) {
    json_out *j = &c->out;
    inbox_label *v;
    size_t n;
    if (!inbox_labels(c->a, c->s, x->id, &v, &n, e)) return false;
    json_open(j, "labels", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(j, NULL, '{');
        json_put_str(j, "topic", v[i].topic);
        json_put_bool(j, "said", v[i].said);
        json_put_str(j, "message", hex(c->a, v[i].key));
        if (!put_by(c, v[i].who, e)) return false;
        json_put_time(j, "at", v[i].label_us);
        json_close(j, '}');
    }
    json_close(j, ']');
    return true;
}

// ---- who they are ----

static void put_num(json_out *j, const char *key, double v) {
    if (isnan(v))
        json_put_null(j, key);
    else
        json_put_num(j, key, v);
}

static void put_range(json_out *j, const char *key, const value_range *v) {
    if (!v || isnan(v->value)) return json_put_null(j, key);
    json_open(j, key, '{');
    put_num(j, "value", v->value);
    put_num(j, "lo", v->lo);
    put_num(j, "hi", v->hi);
    json_close(j, '}');
}

static void put_figures_of(call *c, const people_card *card, const value_row *v) {
    json_out *j = &c->out;
    const summary *m = &card->sum;
    const currency *money = v ? currency_by_number(v->currency) : NULL;
    json_put_time(j, "first_seen", m->first_us);
    json_put_time(j, "last_order", m->last_order_us);
    json_put_int(j, "orders", m->orders);
    put_money(j, "order_value", m->order_value, m->currency);
    put_money(j, "monthly_value", m->monthly_value, m->currency);
    json_put_int(j, "complaints", m->complaints);
    if (m->last_score_us)
        json_put_num(j, "last_score", (double)m->last_score / 100);
    else
        json_put_null(j, "last_score");
    put_inbox_text(j, "last_instrument",
                   m->last_score_us ? instrument_name((enum instrument)m->last_instrument) : S(""));
    json_put_time(j, "last_score_at", m->last_score_us);
    put_inbox_text(j, "currency", money ? str_c(money->code) : S(""));
    put_range(j, "value", v ? &v->value : NULL);
    put_range(j, "risk", v ? &v->risk : NULL);
    put_range(j, "alive", v ? &v->alive : NULL);
}

static bool put_promises(call *c, const inbox_item *x, int64_t customer, err *e) {
    inbox_owed owed[OWED];
    size_t n;
    if (!inbox_owes(c->a, c->s, customer, x->thread, owed, OWED, &n, e)) return false;
    json_open(&c->out, "promises", '[');
    for (size_t i = 0; i < n; i++) put_inbox_owed(&c->out, NULL, &owed[i]);
    json_close(&c->out, ']');
    return true;
}

static bool put_hints(call *c, int64_t customer, const people_card *card, const value_row *v, err *e) {
    inbox_hint hints[INBOX_HINTS];
    size_t n;
    bool secrets = c->who.needs & N(hardship_read);
    if (!inbox_hints(c->a, c->s, customer, card->has_summary ? &card->sum : NULL, v, secrets, c->now_us, hints, &n, e))
        return false;
    json_open(&c->out, "hints", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(&c->out, NULL, '{');
        json_put_str(&c->out, "hint", str_c(hints[i].hint));
        json_put_str(&c->out, "text", hints[i].text);
        json_close(&c->out, '}');
    }
    json_close(&c->out, ']');
    return true;
}

static bool put_others(call *c, const inbox_item *x, int64_t customer, err *e) {
    inbox_item v[OTHERS + 1];
    size_t n, shown = 0;
    if (!inbox_of_customer(c->a, c->s, customer, v, OTHERS + 1, &n, e)) return false;
    json_open(&c->out, "others", '[');
    for (size_t i = 0; i < n; i++)
        if (v[i].id != x->id && shown++ < OTHERS && !put_inbox_item(c, NULL, &v[i], customer, e)) return false;
    json_close(&c->out, ']');
    return true;
}

static bool put_whom(call *c, const inbox_item *x, int64_t customer, str address, err *e) {
    json_out *j = &c->out;
    people_card card = {.id = customer};
    value_row v;
    if (!customer) return json_put_null(j, "customer"), true;
    if (!people_fill(c->a, c->s, &card, 1, e)) return false;
    bool fitted = value_of(c->a, c->s, customer, &v, e);
    json_open(j, "customer", '{');
    json_put_int(j, "id", customer);
    json_put_str(j, "name", card.name);
    json_put_bool(j, "named", card.named);
    json_put_str(j, "known_by", card.known_by);
    put_inbox_text(j, "email", address);
    put_figures_of(c, &card, fitted ? &v : NULL);
    if (!err_ok(e) || !put_promises(c, x, customer, e) || !put_hints(c, customer, &card, fitted ? &v : NULL, e) ||
        !put_stage_now(c, "stage", customer, e) || !put_others(c, x, customer, e))
        return false;
    json_close(j, '}');
    return true;
}

// ---- answering ----

static bool put_gate(call *c, int64_t customer, str address, err *e) {
    gate_answer x;
    if (!customer || !address.len) return json_put_null(&c->out, "gate"), true;
    if (!inbox_may_reply(c->a, c->s, customer, who_text(c->a, &c->who), c->now_us, &x, e)) return false;
    put_inbox_gate(c, "gate", &x);
    return true;
}

static bool put_offers(call *c, int64_t customer, err *e) {
    inbox_offer v[INBOX_OFFERS];
    size_t n = 0;
    if (customer && !inbox_offers(c->a, c->s, customer, c->now_us, v, &n, e)) return false;
    json_open(&c->out, "offers", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(&c->out, NULL, '{');
        json_put_str(&c->out, "kind", str_c(commitment_kind_row(v[i].kind)->name));
        json_put_time(&c->out, "date", v[i].due_us);
        json_close(&c->out, '}');
    }
    json_close(&c->out, ']');
    return true;
}

static bool put_sending(call *c, const inbox_item *x, int64_t customer, err *e) {
    json_out *j = &c->out;
    inbox_sent *v;
    size_t n;
    if (!inbox_replies(c->a, c->s, x, customer, &v, &n, e)) return false;
    json_open(j, "sending", '[');
    for (size_t i = 0; i < n; i++) {
        if (v[i].told) continue;
        json_open(j, NULL, '{');
        json_put_int(j, "message", v[i].id);
        json_put_time(j, "at", v[i].at_us);
        json_put_str(j, "state", str_c(outbox_state_name(v[i].state)));
        json_put_str(j, "subject", v[i].subject);
        json_put_str(j, "words", v[i].words);
        json_put_str(j, "by", v[i].from_name);
        json_put_str(j, "reply", v[i].reply);
        json_close(j, '}');
    }
    json_close(j, ']');
    return true;
}

static bool put_drafts(call *c, const inbox_item *x, err *e) {
    json_out *j = &c->out;
    json_open(j, "drafts", '[');
    for (row r = store_query(c->s, Q_inbox_drafts, e, "i", x->id); row_next(&r);) {
        json_open(j, NULL, '{');
        if (!put_inbox_owner(c, "by", row_int(&r, 0), e)) return row_end(&r), false;
        json_put_bool(j, "mine", row_int(&r, 0) == inbox_me(c));
        json_put_str(j, "subject", row_str(&r, 1));
        json_put_str(j, "words", row_str(&r, 2));
        json_put_time(j, "changed", row_int(&r, 3));
        json_put_int(j, "version", row_int(&r, 4));
        json_close(j, '}');
    }
    json_close(j, ']');
    return err_ok(e);
}

bool inbox_show(call *c, err *e) {
    json_out *j = &c->out;
    inbox_item x;
    int64_t customer;
    record *m;
    size_t n;
    bool more;
    str subject = S(""), lang = S(""), address = S("");
    if (!store_begin_read(c->s, e) || !in_inbox(c, &x, &customer, e)) return false;
    if (customer && (!look(c, customer, e) || !outbox_address_of(c->a, c->s, customer, c->now_us, &address, e)))
        return false;
    if (!inbox_messages(c->a, c->s, &x, MESSAGES, &m, &n, &more, e)) return false;
    if (!inbox_subject(c->a, c->s, &x, S(""), S(""), &subject, &lang, e)) return false;
    call_etag(c, inbox_version(&x));
    json_open(j, NULL, '{');
    if (!put_inbox_item(c, "item", &x, customer, e) || !put_messages(c, &x, m, n, e)) return false;
    json_put_bool(j, "more", more);
    put_inbox_text(j, "subject", subject);
    put_inbox_text(j, "lang", lang);
    if (!put_labels(c, &x, e) || !put_whom(c, &x, customer, address, e) || !put_gate(c, customer, address, e) ||
        !put_offers(c, customer, e) || !put_sending(c, &x, customer, e) || !put_drafts(c, &x, e))
        return false;
    json_put_str(j, "how", address.len && inbox_by_mail(&x) ? S("mail") : S("elsewhere"));
    json_close(j, '}');
    return true;
}
