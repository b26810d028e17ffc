#include "listen/json_item.h"

// A ticket at hand. `like` is what its events share: channel, thread, the requester's identity, the ticket's own words.
typedef struct {
    reading *r;
    const json_t *v;
    str id, requester;
    int64_t created_us, updated_us;
    event like;
} ticket;

enum { COPIED_MAX = 64 }; // people copied on a ticket who are looked at

enum side { SIDE_IN, SIDE_OUT, SIDE_AUTO, SIDE_NOTE };
static const enum kind side_kind[] = {KIND_message_in, KIND_message_out, KIND_message_auto, KIND_note};

static const struct {
    const char *via;
    enum channel channel;
} channels[] = {
    {"email", CHANNEL_email},
    {"web", CHANNEL_web},
    {"web_form", CHANNEL_web},
    {"chat", CHANNEL_chat},
    {"native_messaging", CHANNEL_chat},
    {"web_messaging", CHANNEL_chat},
    {"chat_transcript", CHANNEL_chat},
    {"voice", CHANNEL_phone},
    {"phone", CHANNEL_phone},
    {"sms", CHANNEL_sms},
    {"facebook", CHANNEL_facebook},
    {"messenger", CHANNEL_facebook},
    {"twitter", CHANNEL_social},
    {"instagram_dm", CHANNEL_social},
    {"whatsapp", CHANNEL_whatsapp},
    {"mobile_sdk", CHANNEL_app},
    {"mobile", CHANNEL_app},
    {"any_channel", CHANNEL_social},
    {"help_center", CHANNEL_web},
    {"forum", CHANNEL_forum},
    {"closed_ticket", CHANNEL_email},
};

static enum channel channel_via(const json_t *o) {
    for (size_t i = 0; i < COUNT(channels); i++)
        if (item_is(o, "via.channel", channels[i].via)) return channels[i].channel;
    return CHANNEL_unknown;
}

static bool is_staff(const json_t *user) {
    return item_is(user, "role", "agent") || item_is(user, "role", "admin");
}

// Identity of a user object. A phone shared by several users names nobody.
static void identify_user(reading *r, event *ev, const json_t *user, str id) {
    add_ident(r, ev, IDENT_user_id, item_text(r, user, "external_id"));
    add_ident(r, ev, IDENT_zendesk_id, id);
    add_ident(r, ev, item_false(user, "verified") ? IDENT_email_unverified : IDENT_email, item_text(r, user, "email"));
    if (!item_true(user, "shared_phone_number")) item_phone(r, ev, item_text(r, user, "phone"), S(""));
    if (!ev->name.len) ev->name = item_text(r, user, "name");
    str locale = item_text(r, user, "locale");
    ev->lang = str_cut(&locale, '-');
}

// The requester: an object in exports, a number in the API. The sender's address is theirs if they opened the ticket.
static void identify_requester(ticket *t) {
    const json_t *const user = json_find(t->v, "requester");
    const str submitter = item_first(t->r, t->v, "submitter_id submitter.id");
    identify_user(t->r, &t->like, user, t->requester);
    if (user || !item_is(t->v, "via.channel", "email") || !str_eq(submitter, t->requester)) return;
    add_ident(t->r, &t->like, IDENT_email, item_text(t->r, t->v, "via.source.from.address"));
    t->like.name = item_text(t->r, t->v, "via.source.from.name");
}

// The user object of an author, where the ticket carries one.
static const json_t *author_object(const ticket *t, str id) {
    static const char *const places[] = {"requester", "submitter", "assignee"};
    for (size_t i = 0; i < COUNT(places); i++) {
        const json_t *const user = json_find(t->v, places[i]);
        if (item_same(user, "id", id)) return user;
    }
    const json_t *const others = json_find(t->v, "collaborators");
    for (size_t i = 0; i < MIN(json_array_size(others), (size_t)COPIED_MAX); i++)
        if (item_same(json_array_get(others, i), "id", id)) return json_array_get(others, i);
    return NULL;
}

static bool by_machine(const json_t *comment, str author) {
    return str_eq(author, S("-1")) || item_is(comment, "via.channel", "rule") ||
           item_is(comment, "via.channel", "system");
}

// Who wrote decides; whoever is neither the requester nor known as an end user is one of us.
static enum side side_of(const ticket *t, const json_t *comment, str author) {
    const json_t *const user = author_object(t, author);
    if (item_false(comment, "public")) return SIDE_NOTE;
    if (by_machine(comment, author)) return SIDE_AUTO;
    if (is_staff(user)) return SIDE_OUT;
    return str_eq(author, t->requester) || item_is(user, "role", "end-user") ? SIDE_IN : SIDE_OUT;
}

static str comment_text(reading *r, const json_t *c) {
    const str plain = item_first(r, c, "plain_body body");
    return plain.len ? plain : item_html(r, c, "html_body");
}

static void say_message(ticket *t, enum side side, str author, int64_t at_us, str ext, str words) {
    const json_t *const user = author_object(t, author);
    event *const ev = item_say(t->r, &t->like, side_kind[side], at_us, ext);
    ev->text = words;
    ev->edited_us =
        str_has(words, S("\xe2\x96\x87")) ? MAX(t->updated_us, at_us) : at_us; // redaction leaves black boxes
    if (side == SIDE_OUT || side == SIDE_NOTE) ev->staff = user ? item_text(t->r, user, "name") : author;
    if (side != SIDE_IN || str_eq(author, t->requester)) return;
    ev->n_ids = 0; // somebody else on the customer's side
    ev->name = S("");
    identify_user(t->r, ev, user, author);
}

// The first comment is the description; it is keyed by its place, because the API sends it without an id.
static bool say_comment(ticket *t, const json_t *c, size_t place) {
    const str author = item_text(t->r, c, "author_id");
    str id = S("1");
    if (place && !item_id(t->r, c, "id", &id)) return false;
    const str ext = key_of(t->r, "comment", str_fmt(&t->r->row, "%.*s:%.*s", STR_ARG(t->id), STR_ARG(id)));
    int64_t at_us = t->created_us;
    if (!item_time_if(t->r, c, "created_at", &at_us)) return false;
    say_message(t, side_of(t, c, author), author, at_us, ext, comment_text(t->r, c));
    return !t->r->out->rejected;
}

static enum side first_side(const ticket *t, const json_t *comments) {
    const str submitter = item_first(t->r, t->v, "submitter_id submitter.id requester_id requester.id");
    if (json_array_size(comments))
        return side_of(t, json_array_get(comments, 0), item_text(t->r, json_array_get(comments, 0), "author_id"));
    if (item_false(t->v, "is_public")) return SIDE_NOTE;
    return is_staff(author_object(t, submitter)) || (t->requester.len && !str_eq(submitter, t->requester)) ? SIDE_OUT
                                                                                                           : SIDE_IN;
}

static str tags_of(reading *r, const json_t *v) {
    return item_list(r, json_find(v, "tags"), NULL);
}

static void say_description(ticket *t, enum side side) {
    const str words = item_text(t->r, t->v, "description");
    const str ext = key_of(t->r, "comment", str_cat(&t->r->row, t->id, S(":1")));
    const str author = item_first(t->r, t->v, "submitter_id submitter.id requester_id requester.id");
    if (words.len) say_message(t, side, side == SIDE_IN ? t->requester : author, t->created_us, ext, words);
}

// The conversation and what was said in it. One that we opened starts no clock: nobody waits for us.
static bool say_talk(ticket *t) {
    const json_t *const comments = json_find(t->v, "comments");
    const enum side side = first_side(t, comments);
    const event plain = t->like;
    add_extra(t->r, &t->like, "subject", item_first(t->r, t->v, "subject raw_subject"));
    add_extra(t->r, &t->like, "status", item_text(t->r, t->v, "status"));
    add_extra(t->r, &t->like, "priority", item_text(t->r, t->v, "priority"));
    add_extra(t->r, &t->like, "tags", tags_of(t->r, t->v));
    if (side == SIDE_IN) {
        item_say(t->r, &t->like, KIND_conversation_opened, t->created_us, key_of(t->r, "ticket", t->id));
        t->like.extra = plain.extra;
    }
    if (!json_array_size(comments)) say_description(t, side);
    for (size_t i = 0; i < json_array_size(comments); i++) {
        if (!say_comment(t, json_array_get(comments, i), i)) return false;
        t->like.extra = plain.extra;
    }
    t->like.extra = plain.extra;
    return true;
}

// A closed ticket was solved some days earlier; without the time of that, what an earlier export said stands.
static bool say_solved(ticket *t) {
    const bool closed = item_is(t->v, "status", "closed");
    const str known = item_first(t->r, t->v, "metric_set.solved_at dates.solved_at");
    int64_t at_us = t->updated_us;
    if (!closed && !item_is(t->v, "status", "solved")) return true;
    if (known.len && !read_time(t->r, "solved_at", known, &at_us)) return false;
    event *const ev = item_say(t->r, &t->like, KIND_conversation_solved, at_us, key_of(t->r, "solved", t->id));
    ev->edited_us = closed && !known.len ? 0 : t->updated_us;
    return true;
}

// "good" or "bad", with or without "_with_comment"; whoever was asked but said nothing counts as asked.
static bool say_rating(reading *r, const event *like, const json_t *rating, str ticket_id, int64_t at_us) {
    const str score = item_text(r, rating, "score");
    const bool good = str_starts_ci(score, S("good")), bad = str_starts_ci(score, S("bad"));
    if (!good && !bad && !str_eq_ci(score, S("offered"))) return true;
    if (!item_time_if(r, rating, "updated_at", &at_us)) return false;
    item_say(r, like, KIND_ask, at_us, key_of(r, "ask", ticket_id))->unit = INSTRUMENT_thumbs;
    if (!good && !bad) return true;
    event *const ev = item_say(r, like, KIND_answer, at_us, key_of(r, "csat", ticket_id));
    item_score(ev, good ? 100 : 0, INSTRUMENT_thumbs);
    ev->text = item_text(r, rating, "comment");
    return true;
}

static void say_complaint(ticket *t, str tags) {
    const bool is = says_complaint(item_text(t->r, t->v, "type")) || says_complaint(tags);
    if (!is) return;
    event *const ev = item_say(t->r, &t->like, KIND_complaint, t->created_us, key_of(t->r, "complaint", t->id));
    ev->text = item_text(t->r, t->v, "description");
    if (!ev->text.len) ev->text = comment_text(t->r, json_array_get(json_find(t->v, "comments"), 0));
}

static bool begin_ticket(ticket *t, reading *r, const json_t *v) {
    *t = (ticket){.r = r, .v = v, .like = item_template(r)};
    if (!item_id(r, v, "id", &t->id) || !item_time(r, v, "created_at", &t->created_us)) return false;
    t->updated_us = t->created_us;
    if (!item_time_if(r, v, "updated_at", &t->updated_us)) return false;
    t->requester = item_first(r, v, "requester_id requester.id");
    t->like.channel = channel_via(v);
    t->like.thread = t->id;
    t->like.edited_us = t->updated_us;
    const json_t *const first = json_array_get(json_find(v, "tags"), 0);
    t->like.topic = json_text(first);
    identify_requester(t);
    return true;
}

static bool say_ticket(reading *r, const json_t *v) {
    ticket t;
    if (item_is(v, "status", "deleted")) {
        skip_row(r, "the ticket was deleted");
        return false;
    }
    if (is_staff(json_find(v, "requester"))) {
        skip_row(r, "the requester is one of the staff");
        return false;
    }
    if (!begin_ticket(&t, r, v) || !say_talk(&t) || !say_solved(&t)) return false;
    const json_t *const rating = json_find(v, "satisfaction_rating");
    if (json_is_object(rating) && !say_rating(r, &t.like, rating, t.id, t.updated_us)) return false;
    say_complaint(&t, tags_of(r, v));
    return true;
}

static void say_user(reading *r, const json_t *v) {
    event like = item_template(r);
    int64_t at_us = 0;
    str id;
    if (is_staff(v)) {
        skip_row(r, "a member of the staff, not a customer");
        return;
    }
    if (!item_id(r, v, "id", &id) || !item_time(r, v, "created_at", &at_us)) return;
    if (!item_time_if(r, v, "updated_at", &like.edited_us)) return;
    identify_user(r, &like, v, id);
    item_say(r, &like, KIND_identify, at_us, key_of(r, "user", id));
}

static void say_single_rating(reading *r, const json_t *v) {
    event like = item_template(r);
    int64_t at_us = 0;
    if (!item_time(r, v, "created_at", &at_us) || !item_time_if(r, v, "updated_at", &like.edited_us)) return;
    if (!item_id(r, v, "ticket_id", &like.thread)) return;
    add_ident(r, &like, IDENT_zendesk_id, item_text(r, v, "requester_id"));
    if (say_rating(r, &like, v, like.thread, at_us) && !r->out->n) skip_row(r, "nobody was asked for a rating");
}

// What a webhook adds to the snapshot of its ticket: one comment, or that a solved ticket was opened again.
static void say_change(reading *r, const json_t *hook) {
    ticket t;
    int64_t at_us = 0;
    str id;
    const json_t *const c = json_find(hook, "event.comment");
    if (!begin_ticket(&t, r, json_find(hook, "detail")) || !item_time(r, hook, "time", &at_us)) return;
    if (c && str_ends(json_at(hook, "type"), S("ticket.comment_added")) && item_id(r, c, "id", &id)) {
        const bool ours = item_true(c, "author.is_staff");
        const enum side side = item_false(c, "is_public") ? SIDE_NOTE : ours ? SIDE_OUT : SIDE_IN;
        const str ids = str_fmt(&r->row, "%.*s:%.*s", STR_ARG(t.id), STR_ARG(id));
        say_message(&t, side, item_text(r, c, "author.id"), at_us, key_of(r, "comment", ids), comment_text(r, c));
        if (side != SIDE_IN) r->out->events[r->out->n - 1].staff = item_text(r, c, "author.name");
    }
    const bool was_solved = item_is(hook, "event.previous", "solved");
    if (str_ends(json_at(hook, "type"), S("ticket.status_changed")) && was_solved &&
        !item_is(hook, "event.current", "closed"))
        if (item_id(r, hook, "id", &id))
            item_say(r, &t.like, KIND_conversation_opened, at_us, key_of(r, "reopened", id));
}

static void say_webhook(reading *r, const json_t *hook) {
    const str type = json_at(hook, "type");
    const bool gone = str_has(type, S("delete"));
    if (str_starts(type, S("zen:event-type:user.")) && !gone)
        say_user(r, json_find(hook, "detail"));
    else if (!str_starts(type, S("zen:event-type:ticket.")))
        skip_row(r, "a webhook about neither a ticket nor a person");
    else if (gone)
        skip_row(r, "the ticket was deleted");
    else if (say_ticket(r, json_find(hook, "detail")))
        say_change(r, hook);
}

static bool from_zendesk(const json_t *v) {
    return str_has(json_at(v, "url"), S(".zendesk.com/api/"));
}

static void zendesk_item(reading *r, const json_t *v) {
    if (json_find(v, "ticket.id")) v = json_find(v, "ticket");
    if (json_find(v, "user.id")) v = json_find(v, "user");
    if (item_has(v, "zendesk_event_version"))
        say_webhook(r, v);
    else if (item_has(v, "ticket_id score"))
        say_single_rating(r, v);
    else if (json_find(v, "requester_id") || json_find(v, "requester.id"))
        say_ticket(r, v);
    else if (item_has(v, "role email"))
        say_user(r, v);
    else if (from_zendesk(v))
        skip_row(r, "neither a ticket, a person nor a rating");
    else
        reject(r, "requester_id", "is missing; this is no ticket, user, rating or webhook of Zendesk");
}

static double zendesk_sure(const glance *g) {
    const json_t *v = g->first;
    if (json_find(v, "ticket.id")) v = json_find(v, "ticket");
    if (item_has(v, "zendesk_event_version")) return 0.99;
    if (from_zendesk(v)) return 0.98;
    if (head_has(g, ".zendesk.com/api/", "\"requester")) return 0.9;
    const bool ticket_like =
        item_has(v, "id requester_id via submitter_id") || item_has(v, "id requester submitter via");
    return ticket_like || item_has(v, "ticket_id score requester_id assignee_id") ? 0.9 : 0;
}

const adapter ADAPTER_zendesk_json = {
    .name = "zendesk-json",
    .label = "Zendesk tickets, users and webhooks (JSON)",
    .source = "zendesk",
    .channel = CHANNEL_email,
    .format = FORMAT_JSON,
    .sure = zendesk_sure,
    .item = zendesk_item,
};
