#include "listen/sheet.h"
#include "listen/words.h"

// Keys and threads are those of the JSON export, so that both can be brought in. The file has no words but the subject.
// clang-format off
enum {
    ID, REQUESTER, REQUESTER_ID, EXTERNAL, EMAIL, ASSIGNEE, GROUP, SUBJECT, TAGS, STATUS, PRIORITY, VIA, TYPE,
    CREATED, UPDATED, SOLVED, SATISFACTION, REPLY_MINUTES, ORGANIZATION,
};
static const char *const columns[] = {
    [ID] = "Id|ID|Ticket ID", [REQUESTER] = "Requester", [REQUESTER_ID] = "Requester id",
    [EXTERNAL] = "Requester external id", [EMAIL] = "Requester email", [ASSIGNEE] = "Assignee", [GROUP] = "Group",
    [SUBJECT] = "Subject", [TAGS] = "Tags", [STATUS] = "Status", [PRIORITY] = "Priority", [VIA] = "Via|Channel",
    [TYPE] = "Ticket type|Type", [CREATED] = "Created at|Requested", [UPDATED] = "Updated at|Updated",
    [SOLVED] = "Solved at", [SATISFACTION] = "Satisfaction Score|Satisfaction",
    [REPLY_MINUTES] = "First reply time in minutes", [ORGANIZATION] = "Organization",
};
// clang-format on

static double zendesk_sure(const glance *g) {
    static const char *const need[] = {"Id", "Requester", "Subject", "Status", "Created at"};
    static const char *const own[] = {"Requester id", "Requester email",       "Satisfaction Score", "Summation column",
                                      "Assigned at",  "Initially assigned at", "Assignee stations"};
    return glance_count(g, own, COUNT(own)) >= 2 ? all_there(g, need, COUNT(need), 0.96) : 0;
}

static bool zendesk_begin(reading *r, const glance *g, heard_as *as, err *e) {
    (void)g, (void)e;
    sheet_begin(r, columns, COUNT(columns));
    as->notes = S("the export holds subjects only; the JSON export holds what was said\n");
    return true;
}

// Opened, and what the customer wrote, as far as it is told. The JSON export's words are newer than the bare subject.
static void say_opened(reading *r, const event *like, str id) {
    event *ev = say(r, like, KIND_conversation_opened, like->at_us, key_of(r, "ticket", id));
    add_extra(r, ev, "subject", at(r, SUBJECT));
    add_extra(r, ev, "status", at(r, STATUS));
    add_extra(r, ev, "priority", at(r, PRIORITY));
    add_extra(r, ev, "tags", at(r, TAGS));
    add_extra(r, ev, "group", at(r, GROUP));
    if (!at(r, SUBJECT).len) return;
    ev = say(r, like, KIND_message_in, like->at_us, key_part(r, "comment", id, "1"));
    ev->text = at(r, SUBJECT);
    ev->edited_us = like->at_us;
}

static bool say_first_reply(reading *r, const event *like, str id) {
    str x = at(r, REPLY_MINUTES);
    double minutes = 0;
    if (!x.len || says_nothing(x)) return true;
    if (!str_f64(x, &minutes) || minutes < 0 || minutes > 1e8) {
        reject(r, label(r, REPLY_MINUTES), "\"%.*s\" is no number of minutes", (int)MIN(x.len, 40), x.s);
        return false;
    }
    event *ev =
        say(r, like, KIND_message_out, like->at_us + (int64_t)(minutes * 60) * SECOND_US, key_of(r, "reply", id));
    ev->staff = at(r, ASSIGNEE);
    return true;
}

static void say_rating(reading *r, const event *like, str id) {
    str score = at(r, SATISFACTION);
    bool good = str_starts_ci(score, S("good")), bad = str_starts_ci(score, S("bad"));
    int64_t at_us = MAX(like->edited_us, like->at_us);
    if (!good && !bad && !str_eq_ci(score, S("offered"))) return;
    say(r, like, KIND_ask, at_us, key_of(r, "ask", id))->unit = INSTRUMENT_thumbs;
    if (!good && !bad) return;
    event *ev = say(r, like, KIND_answer, at_us, key_of(r, "csat", id));
    set_score(ev, good ? 100 : 0, INSTRUMENT_thumbs);
    ev->staff = at(r, ASSIGNEE);
}

static void zendesk_row(reading *r) {
    event like = sheet_template(r);
    int64_t solved_us = 0;
    str id = at(r, ID);
    if (!id.len) {
        reject(r, "Id", "empty; a ticket needs its number");
        return;
    }
    if (str_eq_ci(at(r, STATUS), S("deleted"))) {
        skip_row(r, "the ticket was deleted");
        return;
    }
    if (!time_at(r, CREATED, &like.at_us) || !time_at_if(r, UPDATED, &like.edited_us) ||
        !time_at_if(r, SOLVED, &solved_us))
        return;
    enum channel via = channel_said(at(r, VIA));
    if (via) like.channel = via;
    add_ident(r, &like, IDENT_user_id, at(r, EXTERNAL));
    add_ident(r, &like, IDENT_zendesk_id, at(r, REQUESTER_ID));
    add_ident(r, &like, IDENT_email, at(r, EMAIL));
    like.name = at(r, REQUESTER);
    like.thread = id;
    say_opened(r, &like, id);
    if (!say_first_reply(r, &like, id)) return;
    if (solved_us) say(r, &like, KIND_conversation_solved, solved_us, key_of(r, "solved", id))->staff = at(r, ASSIGNEE);
    say_rating(r, &like, id);
}

const adapter ADAPTER_zendesk_tickets = {
    .name = "zendesk-tickets",
    .label = "Zendesk tickets export (CSV)",
    .source = "zendesk",
    .channel = CHANNEL_email,
    .format = FORMAT_CSV,
    .sure = zendesk_sure,
    .begin = zendesk_begin,
    .row = zendesk_row,
};
