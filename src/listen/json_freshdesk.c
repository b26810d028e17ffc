#include "listen/json_item.h"

#include "listen/html_text.h"

typedef struct {
    reading *r;
    const json_t *v;
    str id;
    int64_t created_us, updated_us;
    event like;
} ticket;

enum { STATUS_RESOLVED = 4, STATUS_CLOSED = 5 };

// Freshdesk numbers the channels of tickets.
static enum channel channel_of_source(int64_t source) {
    switch (source) {
    case 1: return CHANNEL_email;
    case 2: return CHANNEL_web;
    case 3: return CHANNEL_phone;
    case 5: return CHANNEL_social;
    case 6: return CHANNEL_facebook;
    case 7: return CHANNEL_chat;
    case 9: return CHANNEL_web;
    case 13: return CHANNEL_whatsapp;
    }
    return CHANNEL_unknown;
}

static str words_of(reading *r, const json_t *o, const char *plain, const char *html) {
    const str words = item_text(r, o, plain);
    return words.len ? words : item_html(r, o, html);
}

static void identify_contact(reading *r, event *ev, const json_t *who, str id) {
    add_ident(r, ev, IDENT_user_id, item_first(r, who, "unique_external_id external_id"));
    add_ident(r, ev, IDENT_freshdesk_id, id);
    add_ident(r, ev, IDENT_email, item_text(r, who, "email"));
    const json_t *const others = json_find(who, "other_emails");
    for (size_t i = 0; i < json_array_size(others); i++)
        add_ident(r, ev, IDENT_email, json_text(json_array_get(others, i)));
    item_phone(r, ev, item_text(r, who, "mobile"), S(""));
    item_phone(r, ev, item_text(r, who, "phone"), S(""));
    ev->name = item_text(r, who, "name");
    str lang = item_text(r, who, "language");
    ev->lang = str_cut(&lang, '-');
}

static str tags_of(reading *r, const json_t *v) {
    return item_list(r, json_find(v, "tags"), NULL);
}

static bool begin_ticket(ticket *t, reading *r, const json_t *v) {
    *t = (ticket){.r = r, .v = v, .like = item_template(r)};
    if (!item_id(r, v, "id", &t->id) || !item_time(r, v, "created_at", &t->created_us)) return false;
    t->updated_us = t->created_us;
    if (!item_time_if(r, v, "updated_at", &t->updated_us)) return false;
    t->like.thread = t->id;
    t->like.edited_us = t->updated_us;
    t->like.channel = channel_of_source(item_int(v, "source"));
    str tags = tags_of(r, v);
    t->like.topic = str_cut(&tags, ',');
    if (!t->like.topic.len) t->like.topic = item_text(r, v, "type");
    identify_contact(r, &t->like, json_find(v, "requester"), item_first(r, v, "requester_id requester.id"));
    return true;
}

// A reply or note. incoming says who wrote it; private notes are ours. They come in no order.
static bool say_reply(reading *r, const event *like, const json_t *c, str ticket_id) {
    const bool in = item_true(c, "incoming"), note = item_true(c, "private");
    event base = *like;
    int64_t at_us = 0;
    str id;
    if (!item_id(r, c, "id", &id) || !item_time(r, c, "created_at", &at_us)) return false;
    id = str_fmt(&r->row, "%.*s:%.*s", STR_ARG(ticket_id), STR_ARG(id));
    base.edited_us = at_us;
    if (!item_time_if(r, c, "updated_at", &base.edited_us)) return false;
    const enum kind kind = note ? KIND_note : in ? KIND_message_in : KIND_message_out;
    event *const ev = item_say(r, &base, kind, at_us, key_of(r, "comment", id));
    ev->text = words_of(r, c, "body_text", "body");
    if (note || !in) ev->staff = item_text(r, c, "user_id");
    return !r->out->rejected;
}

static bool say_solved(ticket *t) {
    const int64_t status = item_int(t->v, "status");
    const str known = item_first(t->r, t->v, "stats.resolved_at stats.closed_at");
    int64_t at_us = t->updated_us;
    if (status != STATUS_RESOLVED && status != STATUS_CLOSED) return true;
    if (known.len && !read_time(t->r, "stats.resolved_at", known, &at_us)) return false;
    event *const ev = item_say(t->r, &t->like, KIND_conversation_solved, at_us, key_of(t->r, "solved", t->id));
    if (status == STATUS_CLOSED && !known.len)
        ev->edited_us = 0; // it was resolved earlier; what an older export says stands
    return true;
}

// The description is the requester's, unless staff wrote the first mail (source 10) or noted a call for them.
static void say_opening(ticket *t) {
    const bool ours = item_int(t->v, "source") == 10;
    const str words = words_of(t->r, t->v, "description_text", "description");
    event base = t->like;
    add_extra(t->r, &base, "subject", item_text(t->r, t->v, "subject"));
    add_extra(t->r, &base, "status", item_text(t->r, t->v, "status"));
    add_extra(t->r, &base, "priority", item_text(t->r, t->v, "priority"));
    add_extra(t->r, &base, "type", item_text(t->r, t->v, "type"));
    add_extra(t->r, &base, "tags", tags_of(t->r, t->v));
    if (!ours) {
        item_say(t->r, &base, KIND_conversation_opened, t->created_us, key_of(t->r, "ticket", t->id));
        base.extra = S("");
    }
    const str key = key_of(t->r, "comment", str_cat(&t->r->row, t->id, S(":1")));
    base.edited_us = t->created_us;
    if (words.len) item_say(t->r, &base, ours ? KIND_message_out : KIND_message_in, t->created_us, key)->text = words;
    if (says_complaint(json_at(t->v, "type")) || says_complaint(tags_of(t->r, t->v)))
        item_say(t->r, &t->like, KIND_complaint, t->created_us, key_of(t->r, "complaint", t->id))->text = words;
}

static void say_ticket(reading *r, const json_t *v) {
    ticket t;
    if (item_true(v, "deleted") || item_true(v, "spam")) {
        skip_row(r, item_true(v, "spam") ? "the ticket is spam" : "the ticket was deleted");
        return;
    }
    if (!begin_ticket(&t, r, v)) return;
    say_opening(&t);
    const json_t *const replies = json_find(v, "conversations");
    for (size_t i = 0; i < json_array_size(replies); i++)
        if (!say_reply(r, &t.like, json_array_get(replies, i), t.id)) return;
    if (!say_solved(&t)) return;
}

// A reply by itself, as the list of a ticket's conversations has it. Whom an answer went to is its recipient.
static void say_single_reply(reading *r, const json_t *c) {
    event like = item_template(r);
    if (!item_id(r, c, "ticket_id", &like.thread)) return;
    if (item_true(c, "incoming"))
        add_ident(r, &like, IDENT_freshdesk_id, item_text(r, c, "user_id"));
    else if (!item_true(c, "private"))
        add_ident(r, &like, IDENT_email, item_text(r, c, "to_emails.0"));
    (void)say_reply(r, &like, c, like.thread); // a failure is the row's rejection
}

// -103 extremely unhappy … 100 neutral … 103 extremely happy: seven steps.
static void say_rating(reading *r, const json_t *v) {
    const int64_t score = item_int(v, "ratings.default_question");
    const bool happy = score >= 100 && score <= 103, unhappy = score >= -103 && score <= -101;
    event like = item_template(r);
    int64_t at_us = 0;
    if (!happy && !unhappy) {
        reject(r, "ratings.default_question", "%" PRId64 " is not one of Freshdesk's ratings, -103 to 103", score);
        return;
    }
    str id;
    if (!item_id(r, v, "id", &id) || !item_time(r, v, "created_at", &at_us)) return;
    if (!item_time_if(r, v, "updated_at", &like.edited_us)) return;
    like.thread = item_text(r, v, "ticket_id");
    add_ident(r, &like, IDENT_freshdesk_id, item_text(r, v, "user_id"));
    event *const ev = item_say(r, &like, KIND_answer, at_us, key_of(r, "rating", id));
    item_score(ev, (happy ? score - 96 : score + 104) * 100, INSTRUMENT_csat7);
    ev->text = item_text(r, v, "feedback");
}

static void say_contact(reading *r, const json_t *v) {
    event like = item_template(r);
    int64_t at_us = 0;
    str id;
    if (!item_id(r, v, "id", &id) || !item_time(r, v, "created_at", &at_us)) return;
    if (!item_time_if(r, v, "updated_at", &like.edited_us)) return;
    identify_contact(r, &like, v, id);
    item_say(r, &like, KIND_identify, at_us, key_of(r, "contact", id));
}

// The keys of a webhook are whatever the rule's author typed; without a time in it, it says nothing that can be kept.
static void say_webhook(reading *r, const json_t *v) {
    const str at = item_first(r, v, "ticket_created_at ticket_created_on created_at event_time");
    const str id = item_first(r, v, "ticket_id id");
    event like = item_template(r);
    int64_t at_us = 0;
    if (!at.len) {
        reject(r, "ticket_created_at",
               "is missing; add \"ticket_created_at\":\"{{ticket.created_on}}\" to the webhook's content");
        return;
    }
    if (!id.len) {
        reject(r, "ticket_id", "is missing; add \"ticket_id\":\"{{ticket.id}}\" to the webhook's content");
        return;
    }
    if (!read_time(r, "ticket_created_at", at, &at_us)) return;
    like.thread = id;
    add_ident(r, &like, IDENT_email, item_first(r, v, "requester_email ticket_requester_email"));
    item_phone(r, &like, item_first(r, v, "requester_phone ticket_requester_phone"), S(""));
    like.name = item_first(r, v, "requester_name ticket_requester_name");
    event *const opened = item_say(r, &like, KIND_conversation_opened, at_us, key_of(r, "ticket", id));
    add_extra(r, opened, "subject", item_text(r, v, "ticket_subject"));
    const str key = key_of(r, "comment", str_cat(&r->row, id, S(":1")));
    const str words = item_html(r, v, "ticket_description");
    if (words.len) item_say(r, &like, KIND_message_in, at_us, key)->text = words;
    if (says_complaint(json_at(v, "ticket_type")) || says_complaint(json_at(v, "ticket_tags")))
        item_say(r, &like, KIND_complaint, at_us, key_of(r, "complaint", id))->text = words;
}

static void freshdesk_item(reading *r, const json_t *v) {
    if (json_is_object(json_find(v, "freshdesk_webhook")))
        say_webhook(r, json_find(v, "freshdesk_webhook"));
    else if (item_has(v, "ratings ticket_id"))
        say_rating(r, v);
    else if (item_has(v, "incoming private ticket_id"))
        say_single_reply(r, v);
    else if (item_has(v, "id requester_id") || item_has(v, "id requester"))
        say_ticket(r, v);
    else if (item_has(v, "id email") && (item_has(v, "active") || item_has(v, "mobile")))
        say_contact(r, v);
    else
        reject(r, "requester_id", "is missing; this is no ticket, reply, rating, contact or webhook of Freshdesk");
}

static double freshdesk_sure(const glance *g) {
    const json_t *const v = g->first;
    if (item_has(v, "freshdesk_webhook")) return 0.99;
    if (head_has(g, "\"fr_escalated\"", "\"requester_id\"")) return 0.9;
    if (item_has(v, "requester_id responder_id fr_escalated")) return 0.97;
    if (item_has(v, "requester_id responder_id source status")) return 0.9;
    if (item_has(v, "incoming private ticket_id body_text")) return 0.95;
    if (item_has(v, "survey_id ratings ticket_id")) return 0.95;
    return item_has(v, "active email mobile unique_external_id") || item_has(v, "active email mobile view_all_tickets")
               ? 0.9
               : 0;
}

const adapter ADAPTER_freshdesk_json = {
    .name = "freshdesk-json",
    .label = "Freshdesk tickets, replies, ratings, contacts and webhooks (JSON)",
    .source = "freshdesk",
    .channel = CHANNEL_email,
    .format = FORMAT_JSON,
    .sure = freshdesk_sure,
    .item = freshdesk_item,
};
