// What somebody said, as an event; and what was asked of customers, told as events of them.
#include "act/ask.h"

#include "base/civil.h"
#include "base/json.h"
#include "know/standard.h"
#include "know/told.h"
#include "ledger/ident.h"
#include "sql/act_gate.h"
#include "sql/widget.h"

// ---- checking ----

static bool id_ok(str x) {
    for (size_t i = 0; i < x.len; i++) {
        char c = x.s[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return false;
    }
    return x.len >= 8 && x.len <= ASK_ID;
}

static bool check_score(const ask_about *about, const ask_said *said, err *e) {
    int lo, hi;
    if (!said->has_score) return true;
    if (!about->q) return fail(e, ERR_invalid, "'score' answers no question; send it with the 'ask' it is for");
    if (!about->q->instrument || !instrument_range(about->q->instrument, &lo, &hi))
        return fail(e, ERR_invalid, "this question takes words and no score");
    return (said->score >= lo && said->score <= hi) ||
           fail(e, ERR_invalid, "'score' is %d; this question takes %d to %d", said->score, lo, hi);
}

static bool check(const ask_about *about, const ask_said *said, const char **field, err *e) {
    *field = "id";
    if (!id_ok(said->id) && !about->q)
        return fail(e, ERR_invalid, "'id' is 8 to %d letters, digits, '-' or '_', made anew for each answer", ASK_ID);
    *field = "score";
    if (!check_score(about, said, e)) return false;
    *field = "text";
    if (said->text.len > ASK_TEXT || !str_utf8_ok(said->text))
        return fail(e, ERR_invalid, "'text' is at most %d bytes of UTF-8", ASK_TEXT);
    if (!said->has_score && !said->text.len && (about->q || said->mood == MOOD_UNKNOWN))
        return fail(e, ERR_invalid, "there is nothing in it; say something");
    *field = "mood";
    return said->mood == MOOD_UNKNOWN || (said->mood >= -1 && said->mood <= 1) ||
           fail(e, ERR_invalid, "'mood' is -1, 0 or 1");
}

// ---- the event ----

// Their clock may be wrong, and what waited offline may be days old: it counts while it can be true.
static int64_t when(const ask_about *about, const ask_said *said) {
    enum { MOST_DAYS = 14 };
    bool sound = said->at_us > about->now_us - MOST_DAYS * DAY_US && said->at_us <= about->now_us;
    return sound ? said->at_us : about->now_us;
}

static str page_of(str x) {
    str head = x;
    ptrdiff_t cut = str_find(head, '?'); // what follows may hold anything
    if (cut >= 0) head = str_sub(head, 0, (size_t)cut);
    cut = str_find(head, '#');
    if (cut >= 0) head = str_sub(head, 0, (size_t)cut);
    return str_utf8_ok(head) && head.len <= ASK_PAGE ? head : S("");
}

static str extra_of(arena *a, const ask_about *about, const ask_said *said, str mail) {
    buf b = buf_new(a, 8192);
    buf_add(&b, S("\"site\":")), buf_json_str(&b, about->x->slug);
    if (about->q) buf_fmt(&b, ",\"question\":%" PRId64, about->q->id);
    if (page_of(said->page).len) buf_add(&b, S(",\"page\":")), buf_json_str(&b, page_of(said->page));
    if (mail.len) buf_add(&b, S(",\"reply_to\":")), buf_json_str(&b, mail);
    return buf_str(&b);
}

// Who can be answered, and was not asked, writes to us: it is a message, and somebody owes an answer.
static enum kind kind_of_said(const ask_about *about, const ask_said *said, bool reachable) {
    if (about->q) return KIND_answer;
    return reachable && said->text.len ? KIND_message_in : KIND_comment;
}

static void put_who(arena *a, event *ev, ident of, str mail) {
    if (of.kind) ev->ids[ev->n_ids++] = of;
    // An address that a stranger typed may be anybody's: it is kept, and joins nobody.
    if (mail.len) event_add_ident(a, ev, IDENT_email_unverified, mail, S(""));
}

static str text_of(arena *a, str x) {
    char *out = make(a, char, x.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < x.len; i++) {
        unsigned char c = (unsigned char)x.s[i];
        if (c == '\r') continue;
        out[n++] = c < 32 && c != '\n' && c != '\t' ? ' ' : x.s[i];
    }
    return str_trim((str){out, n});
}

bool ask_event(arena *a, const ask_about *about, const ask_said *given, event *ev, const char **field, err *e) {
    const char *why = NULL;
    ask_said said = *given;
    said.text = text_of(a, given->text);
    if (!check(about, &said, field, e)) return false;
    *field = "mail";
    str typed = str_trim(said.mail), mail = S("");
    if (typed.len) mail = ident_canonical(a, IDENT_email_unverified, typed, S(""), &why);
    if (typed.len > ASK_MAIL || (typed.len && (!mail.len || str_find(mail, '@') < 1)))
        return fail(e, ERR_invalid, "'mail' is no address; write it as name@example.org, or leave it out");
    *field = "";
    bool user = about->of.kind && about->of.kind != IDENT_anonymous_id;
    int64_t at = when(about, &said);
    *ev = (event){.kind = kind_of_said(about, &said, mail.len || user), .channel = about->channel, .at_us = at};
    ev->edited_us = at, ev->mood = about->q ? MOOD_UNKNOWN : said.mood;
    put_who(a, ev, about->of, mail);
    ev->ext = str_fmt(a, "%s:%.*s", about->q ? "ask" : "said", STR_ARG(about->q ? about->link : said.id));
    ev->text = said.text, ev->lang = said.lang.len == 2 ? said.lang : S("");
    ev->topic = about->q ? about->q->name : S("");
    if (ev->kind == KIND_message_in) ev->thread = str_fmt(a, "feedback:%.*s", STR_ARG(said.id));
    if (said.has_score) ev->value = (int64_t)said.score * 100, ev->has_value = true;
    if (about->q) ev->unit = (int32_t)about->q->instrument;
    ev->extra = extra_of(a, about, &said, mail);
    return true;
}

// ---- what we promise of it ----

static bool applies(const standard *x, enum kind k, enum channel c, int64_t now_us) {
    bool starts = k == KIND_message_in ? x->starts == START_first_message || x->starts == START_message
                                       : k == KIND_answer && x->starts == START_answer;
    bool everybody = !x->segment.len && !x->priority.len && (!x->channel || x->channel == c);
    return starts && everybody && x->from_us <= now_us && (!x->until_us || x->until_us > now_us);
}

bool ask_promised(arena *a, store *s, enum kind k, enum channel c, int64_t now_us, ask_promise *out, err *e) {
    standards *all;
    size_t n;
    *out = (ask_promise){0};
    if (!standards_read(a, s, &all, e)) return false;
    const standard *rows = standards_rows(all, &n);
    const agreement_terms *terms = agreements_for(standards_agreements(all), NULL, 0, S(""), now_us);
    for (size_t i = 0; i < n; i++) {
        const standard *x = &rows[i];
        if (!applies(x, k, c, now_us)) continue;
        int64_t us = x->minutes * 60 * SECOND_US;
        int64_t due = x->clock == CLOCK_OPEN ? business_add(&terms->cal, now_us, us) : now_us + us;
        if (!out->due_us || due < out->due_us) *out = (ask_promise){x->minutes, due, x->clock == CLOCK_OPEN};
    }
    return true;
}

// ---- what was asked, told ----

enum { TELL_MOST = 500 };

typedef struct {
    int64_t id, profile, at_us;
    enum instrument unit;
    str name, words;
    bool lost; // its question was taken away
} untold;

static bool tell_one(ledger *l, arena *a, const untold *x, event *ev, err *e) {
    ident who = {0};
    int64_t customer = 0;
    store *s = ledger_store(l);
    if (x->lost) return true;
    if (!store_int(s, Q_gate_customer_of, &customer, 0, e, "i", x->profile) ||
        (customer && !told_ident(a, s, customer, &who, NULL, e)))
        return false;
    if (!who.kind) return true;
    *ev = (event){.kind = KIND_ask, .channel = CHANNEL_web, .at_us = x->at_us, .mood = MOOD_UNKNOWN, .n_ids = 1};
    ev->ids[0] = who, ev->unit = (int32_t)x->unit, ev->topic = x->name, ev->text = x->words;
    ev->ext = str_fmt(a, "asked:%" PRId64, x->id);
    return true;
}

static bool note_told(ledger *l, const untold *list, size_t n, err *e) {
    store *s = ledger_store(l);
    bool ok = store_begin(s, e);
    for (size_t i = 0; ok && i < n; i++) ok = store_run(s, Q_asked_told, NULL, e, "i", list[i].id);
    if (!ok) return store_rollback(s), false;
    return ledger_commit(l, e);
}

bool ask_tell(ledger *l, arena *a, size_t *n, err *e) {
    untold *list = make(a, untold, TELL_MOST);
    event *events = make(a, event, TELL_MOST);
    int32_t *rows = make(a, int32_t, TELL_MOST);
    size_t n_events = 0;
    int64_t source, import;
    tally t;
    *n = 0;
    for (row r = store_query(ledger_store(l), Q_asked_untold, e, "i", (int64_t)TELL_MOST); row_next(&r);)
        list[(*n)++] = (untold){row_int(&r, 0),
                                row_int(&r, 1),
                                row_int(&r, 2),
                                (enum instrument)row_int(&r, 3),
                                str_dup(a, row_str(&r, 4)),
                                str_dup(a, row_str(&r, 5)),
                                row_null(&r, 3)};
    for (size_t i = 0; err_ok(e) && i < *n; i++) {
        rows[n_events] = (int32_t)n_events;
        if (!tell_one(l, a, &list[i], &events[n_events], e)) return false;
        n_events += events[n_events].kind != KIND_none;
    }
    if (!err_ok(e) || !*n) return err_ok(e);
    intake in = {.events = events, .row_of = rows, .n = n_events, .rows = (int64_t)n_events};
    if (n_events &&
        (!told_place_of(l, S("widget"), false, &source, &import, e) || !ledger_write(l, import, &in, &t, e)))
        return false;
    return note_told(l, list, *n, e);
}
