#include "listen/json_item.h"

#include "listen/html_text.h"

// A conversation or ticket at hand. Its times are unix seconds; those of contacts in webhooks are ISO texts.
typedef struct {
    reading *r;
    const json_t *v;
    str id;
    bool internal; // a back-office ticket: the customer sees none of it
    int64_t created_us, updated_us;
    event like;
} talk;

static bool is_customer(const json_t *author) {
    return item_is(author, "type", "user") || item_is(author, "type", "lead") || item_is(author, "type", "contact") ||
           item_is(author, "type", "visitor");
}

static bool is_lead(const json_t *who) {
    return item_is(who, "type", "lead") || item_is(who, "role", "lead") || item_is(who, "type", "visitor");
}

// A lead is a stranger who typed an address: Intercom made up its user_id, and nobody checked the e-mail.
static void identify_contact(reading *r, event *ev, const json_t *who) {
    const bool lead = is_lead(who);
    if (!lead) add_ident(r, ev, IDENT_user_id, item_first(r, who, "external_id user_id"));
    add_ident(r, ev, IDENT_intercom_id, item_text(r, who, "id"));
    if (item_is(who, "type", "visitor")) add_ident(r, ev, IDENT_anonymous_id, item_text(r, who, "user_id"));
    add_ident(r, ev, lead ? IDENT_email_unverified : IDENT_email, item_text(r, who, "email"));
    item_phone(r, ev, item_text(r, who, "phone"), item_text(r, who, "location.country_code"));
    if (!ev->name.len) ev->name = item_text(r, who, "name");
    if (!ev->country.len) ev->country = item_first(r, who, "location.country_code location.country");
    str lang = item_first(r, who, "language_override browser_language");
    ev->lang = str_cut(&lang, '-');
}

static bool same_id(const json_t *a, str id) {
    return id.len && item_same(a, "id", id);
}

// The author of any message who is this contact: only messages carry the e-mail, and whether it is a lead.
static const json_t *as_author(const talk *t, const json_t *contact) {
    static const char *const openings[] = {"source.author", "conversation_message.author"};
    const str id = item_text(t->r, contact, "id");
    for (size_t i = 0; i < COUNT(openings); i++)
        if (same_id(json_find(t->v, openings[i]), id)) return json_find(t->v, openings[i]);
    const json_t *const parts = json_find(t->v, "conversation_parts.conversation_parts");
    for (size_t i = 0; i < json_array_size(parts); i++) {
        const json_t *const author = json_find(json_array_get(parts, i), "author");
        if (same_id(author, id)) return author;
    }
    return NULL;
}

static void identify_talk(talk *t) {
    const json_t *contact = json_find(t->v, "contacts.contacts.0");
    if (!contact) contact = json_find(t->v, "contacts.0");
    if (!contact) contact = json_find(t->v, "user");
    const json_t *const author = as_author(t, contact);
    if (!author || !is_lead(author)) {
        identify_contact(t->r, &t->like, contact);
        if (author && !is_lead(contact)) add_ident(t->r, &t->like, IDENT_email, item_text(t->r, author, "email"));
    } else {
        identify_contact(t->r, &t->like, author);
    }
    if (!t->like.name.len) t->like.name = item_text(t->r, author, "name");
}

static enum kind kind_by(const talk *t, const json_t *author, bool note) {
    if (note) return KIND_note;
    if (is_customer(author)) return KIND_message_in;
    if (item_is(author, "type", "bot")) return KIND_message_auto;
    return t->internal ? KIND_note : KIND_message_out;
}

// A body by whoever wrote it. Somebody else on the customer's side speaks under their own identity.
static event *say_body(talk *t, const json_t *author, bool note, int64_t at_us, str ext, str words) {
    const enum kind kind = kind_by(t, author, note);
    event *const ev = item_say(t->r, &t->like, kind, at_us, ext);
    ev->text = words;
    if (kind == KIND_message_out || kind == KIND_note) ev->staff = item_text(t->r, author, "name");
    bool known = false;
    const str id = item_text(t->r, author, "id");
    for (int i = 0; i < ev->n_ids; i++) known |= str_eq(ev->ids[i].value, id);
    if (kind != KIND_message_in || known || !id.len) return ev;
    ev->n_ids = 0;
    ev->name = S("");
    identify_contact(t->r, ev, author);
    return ev;
}

static str key_in(const talk *t, const char *noun, str part) {
    return key_of(t->r, noun, str_fmt(&t->r->row, "%.*s:%.*s", STR_ARG(t->id), STR_ARG(part)));
}

// The body that opened the conversation, keyed by its place: old and new payloads carry it under different names.
static void say_opening(talk *t, const json_t *source) {
    const json_t *const author = json_find(source, "author");
    const str subject = html_text(&t->r->row, json_at(source, "subject"));
    const str words = item_html(t->r, source, "body");
    const event plain = t->like;
    const bool redacted = item_true(source, "redacted");
    add_extra(t->r, &t->like, "subject", subject);
    add_extra(t->r, &t->like, "state", item_text(t->r, t->v, "state"));
    if (is_customer(author)) {
        item_say(t->r, &t->like, KIND_conversation_opened, t->created_us, key_of(t->r, "conversation", t->id));
        t->like.extra = plain.extra;
    }
    if (words.len || subject.len) {
        event *const ev = say_body(t, author, false, t->created_us, key_in(t, "part", S("0")), words);
        ev->edited_us = redacted ? t->updated_us : t->created_us;
        if (redacted) ev->text = S("");
    }
    t->like.extra = plain.extra;
}

// A part is a message when it has a body, whatever it does besides; assigning and closing may carry one.
static bool say_part(talk *t, const json_t *part) {
    const str type = json_at(part, "part_type");
    str id;
    const json_t *const author = json_find(part, "author");
    const str words = item_html(t->r, part, "body");
    int64_t at_us = 0;
    if (!item_id(t->r, part, "id", &id) || !item_time(t->r, part, "created_at", &at_us)) return false;
    const int64_t whole = t->like.edited_us;
    if (!item_time_if(t->r, part, "updated_at", &t->like.edited_us)) return false;
    if (words.len) {
        const bool note = str_eq(type, S("note")) || str_eq(type, S("note_and_reopen"));
        event *const ev = say_body(t, author, note, at_us, key_in(t, "part", id), words);
        if (item_true(part, "redacted")) ev->text = S(""); // Intercom puts "This message was deleted" in its place
    }
    const bool resolved = str_starts(type, S("ticket_state_updated")) && item_is(part, "ticket_state", "resolved");
    if (str_eq(type, S("close")) || resolved)
        item_say(t->r, &t->like, KIND_conversation_solved, at_us, key_in(t, "solved", id));
    else if (str_eq(type, S("open")) && !is_customer(author))
        item_say(t->r, &t->like, KIND_conversation_opened, at_us, key_in(t, "reopened", id));
    t->like.edited_us = whole;
    return !t->r->out->rejected;
}

// Lists of conversations carry no parts; then the state says that it is closed, and the statistics since when.
static bool say_closed(talk *t, const json_t *parts) {
    bool said = false;
    for (size_t i = 0; i < json_array_size(parts); i++) said |= item_is(json_array_get(parts, i), "part_type", "close");
    const bool closed = item_is(t->v, "state", "closed") || item_is(t->v, "ticket_state.category", "resolved");
    int64_t at_us = t->updated_us;
    if (said || !closed) return true;
    if (!item_time_if(t->r, t->v, "statistics.last_close_at", &at_us)) return false;
    item_say(t->r, &t->like, KIND_conversation_solved, at_us, key_of(t->r, "solved", t->id));
    return true;
}

static bool say_rating(talk *t) {
    const json_t *const rating = json_find(t->v, "conversation_rating");
    int64_t at_us = t->updated_us;
    if (!json_is_object(rating)) return true;
    if (!item_time_if(t->r, rating, "created_at", &at_us)) return false;
    item_say(t->r, &t->like, KIND_ask, at_us, key_of(t->r, "ask", t->id))->unit = INSTRUMENT_csat5;
    const str score = item_text(t->r, rating, "rating");
    if (!score.len) return true;
    event *const ev = item_say(t->r, &t->like, KIND_answer, at_us, key_of(t->r, "rating", t->id));
    ev->text = item_text(t->r, rating, "remark");
    return read_score(t->r, "conversation_rating.rating", score, INSTRUMENT_csat5, ev);
}

static str tag_names(reading *r, const json_t *v) {
    return item_list(r, json_find(v, "tags.tags"), "name");
}

static enum channel channel_of_talk(const json_t *v) {
    static const struct {
        const char *type;
        enum channel channel;
    } types[] = {{"email", CHANNEL_email},      {"facebook", CHANNEL_facebook}, {"twitter", CHANNEL_social},
                 {"instagram", CHANNEL_social}, {"whatsapp", CHANNEL_whatsapp}, {"sms", CHANNEL_sms},
                 {"phone_call", CHANNEL_phone}, {"phone_switch", CHANNEL_phone}};
    for (size_t i = 0; i < COUNT(types); i++)
        if (item_is(v, "source.type", types[i].type)) return types[i].channel;
    return CHANNEL_chat;
}

static bool begin_talk(talk *t, reading *r, const json_t *v) {
    *t = (talk){.r = r, .v = v, .like = item_template(r)};
    if (!item_id(r, v, "id", &t->id) || !item_time(r, v, "created_at", &t->created_us)) return false;
    t->updated_us = t->created_us;
    if (!item_time_if(r, v, "updated_at", &t->updated_us)) return false;
    t->like.thread = t->id;
    t->like.edited_us = t->updated_us;
    t->like.channel = channel_of_talk(v);
    str tags = tag_names(r, v);
    t->like.topic = str_cut(&tags, ',');
    identify_talk(t);
    return true;
}

static void say_complaint(talk *t, str words) {
    if (!says_complaint(tag_names(t->r, t->v)) && !says_complaint(json_at(t->v, "ticket_type.name"))) return;
    event *const ev = item_say(t->r, &t->like, KIND_complaint, t->created_us, key_of(t->r, "complaint", t->id));
    ev->text = words;
}

static void say_conversation(reading *r, const json_t *v) {
    talk t;
    if (!begin_talk(&t, r, v)) return;
    const json_t *const source = json_find(v, json_find(v, "source") ? "source" : "conversation_message");
    const json_t *const parts = json_find(v, "conversation_parts.conversation_parts");
    say_opening(&t, source);
    for (size_t i = 0; i < json_array_size(parts); i++)
        if (!say_part(&t, json_array_get(parts, i))) return;
    if (!say_closed(&t, parts) || !say_rating(&t)) return;
    say_complaint(&t, item_html(r, source, "body"));
    if (!r->out->n) skip_row(r, "a conversation in which nothing was said yet");
}

// Who wrote the description is not said; a ticket that the customer sees is opened by it, an internal one is a note.
static void say_ticket(reading *r, const json_t *v) {
    talk t;
    if (!begin_talk(&t, r, v)) return;
    t.internal = json_find(v, "category") && !item_is(v, "category", "Customer");
    const str title = item_text(r, v, "ticket_attributes._default_title_");
    const str words = item_join(r, title, "\n", item_html(r, v, "ticket_attributes._default_description_"));
    const enum kind kind = t.internal ? KIND_note : KIND_conversation_opened;
    event *const ev = item_say(r, &t.like, kind, t.created_us, key_of(r, "ticket", t.id));
    ev->text = words;
    add_extra(r, ev, "subject", title);
    add_extra(r, ev, "type", item_text(r, v, "ticket_type.name"));
    add_extra(r, ev, "state", item_text(r, v, "ticket_state.category"));
    const json_t *const parts = json_find(v, "ticket_parts.ticket_parts");
    for (size_t i = 0; i < json_array_size(parts); i++)
        if (!say_part(&t, json_array_get(parts, i))) return;
    if (!t.internal) say_complaint(&t, words);
}

static void say_contact(reading *r, const json_t *v) {
    event like = item_template(r);
    int64_t at_us = 0;
    str id;
    if (!item_id(r, v, "id", &id) || !item_time(r, v, "created_at", &at_us)) return;
    if (!item_time_if(r, v, "updated_at", &like.edited_us)) return;
    identify_contact(r, &like, v);
    item_say(r, &like, KIND_identify, at_us, key_of(r, "contact", id));
}

static bool is_contact(const json_t *v) {
    return item_is(v, "type", "contact") || item_is(v, "type", "user") || item_is(v, "type", "lead") ||
           item_is(v, "type", "visitor");
}

// What else the interface sends; of no customer, or of one outside a conversation.
static bool is_stranger(const json_t *v) {
    static const char *const types[] = {"company", "note", "subscription", "segment", "tag", "team", "admin", "event"};
    for (size_t i = 0; i < COUNT(types); i++)
        if (item_is(v, "type", types[i]) && item_has(v, "id")) return true;
    return json_find(v, "performed_by.type") && item_has(v, "activity_type");
}

static void say_thing(reading *r, const json_t *v) {
    const str type = json_at(v, "type");
    if (str_eq(type, S("conversation")))
        say_conversation(r, v);
    else if (str_eq(type, S("ticket")))
        say_ticket(r, v);
    else if (is_contact(v) && item_has(v, "id created_at"))
        say_contact(r, v);
    else if (type.len || is_stranger(v))
        skip_row(r, "neither a conversation, a ticket nor a person");
    else
        reject(r, "type", "is missing; this is no conversation, ticket or contact of Intercom");
}

static void intercom_item(reading *r, const json_t *v) {
    const str topic = json_at(v, "topic");
    if (!item_is(v, "type", "notification_event"))
        say_thing(r, v);
    else if (str_has(topic, S("deleted")))
        skip_row(r, "tells that something was deleted");
    else if (str_eq(topic, S("ping")))
        skip_row(r, "a test of the connection");
    else
        say_thing(r, json_find(v, "data.item"));
}

static double intercom_sure(const glance *g) {
    const json_t *const v = g->first;
    if (item_is(v, "type", "notification_event") && item_has(v, "topic app_id")) return 0.99;
    if (item_is(v, "type", "conversation") && item_has(v, "id created_at")) return 0.97;
    if (item_is(v, "type", "ticket") && item_has(v, "ticket_attributes")) return 0.97;
    if (is_contact(v) && item_has(v, "id workspace_id")) return 0.95;
    if (head_has(g, "\"conversation\"", "\"created_at\"")) return 0.9;
    if (is_contact(v) && item_has(v, "id email") && (item_has(v, "external_id") || item_has(v, "user_id"))) return 0.8;
    return is_stranger(v) ? 0.6 : 0;
}

const adapter ADAPTER_intercom_json = {
    .name = "intercom-json",
    .label = "Intercom conversations, tickets, contacts and webhooks (JSON)",
    .source = "intercom",
    .channel = CHANNEL_chat,
    .format = FORMAT_JSON,
    .sure = intercom_sure,
    .item = intercom_item,
};
