// What people of ours do with an item: take it, put it aside, finish it, note, name topics, and take that back.
#include "act/inbox_tell.h"

#include "base/civil.h"
#include "know/topic_learn.h"

enum { LATER_DAYS = 366, MORNING = 8, MORE = 1 << 14 };

// ---- what is done with an item ----

bool inbox_assign(ledger *l, arena *a, const inbox_item *x, int64_t account, const inbox_hand *h, str *undo, err *e) {
    inbox_saying k = {.kind = KIND_handled, .step = INBOX_assigned, .value = account};
    return inbox_tell(l, a, x, &k, 1, h, undo, e);
}

bool inbox_put_aside(ledger *l, arena *a, const inbox_item *x, int64_t until_us, const inbox_hand *h, str *undo,
                     err *e) {
    const world *w = ledger_world(l);
    inbox_saying k = {.kind = KIND_handled, .step = INBOX_later, .value = until_us};
    if (until_us && inbox_tab_now(x, w->now_us(w)) == INBOX_DONE)
        return fail(e, ERR_conflict, "it is done already; reopen it first");
    return inbox_tell(l, a, x, &k, 1, h, undo, e);
}

bool inbox_finish(ledger *l, arena *a, const inbox_item *x, const inbox_hand *h, str *undo, err *e) {
    const world *w = ledger_world(l);
    inbox_saying k = {.kind = KIND_conversation_solved};
    if (inbox_state_now(x, w->now_us(w)) == INBOX_SOLVED) return fail(e, ERR_conflict, "it is done already");
    if (x->what == INBOX_voice) k = (inbox_saying){.kind = KIND_handled, .step = INBOX_done};
    return inbox_tell(l, a, x, &k, 1, h, undo, e);
}

bool inbox_reopen(ledger *l, arena *a, const inbox_item *x, const inbox_hand *h, str *undo, err *e) {
    const world *w = ledger_world(l);
    inbox_saying k[] = {{.kind = KIND_handled, .step = INBOX_reopened}, {.kind = KIND_conversation_opened}};
    int32_t n = 1;
    switch (inbox_state_now(x, w->now_us(w))) {
    case INBOX_UNANSWERED: return fail(e, ERR_conflict, "it is open");
    case INBOX_THEIRS: return fail(e, ERR_conflict, "the customer is to answer; nothing waits for us");
    case INBOX_ANSWERED:
        return fail(e, ERR_conflict, "a person has answered them since, in another conversation; reopen that one");
    case INBOX_SOLVED: n = x->what == INBOX_talk ? 2 : 1; break;
    case INBOX_SENDING:
    case INBOX_LATER:
    case INBOX_LAPSED:
    case INBOX_STATES: break;
    }
    return inbox_tell(l, a, x, k, n, h, undo, e);
}

bool inbox_take_note(ledger *l, arena *a, const inbox_item *x, str words, const inbox_hand *h, err *e) {
    inbox_saying k = {.kind = KIND_note, .words = words};
    if (!str_trim(words).len) return fail(e, ERR_invalid, "a note needs words");
    return inbox_tell(l, a, x, &k, 1, h, NULL, e);
}

// ---- taking back ----

typedef struct {
    const inbox_item *x;
    int64_t at_us;
    record list[4];
    int n;
    bool labelled; // what it is about was said
    arena *a;
} told_then;

static bool is_undoable(enum kind k) {
    return k == KIND_handled || k == KIND_conversation_solved || k == KIND_conversation_opened || k == KIND_labelled;
}

static bool find_then(void *ctx, const record *r, err *e) {
    told_then *t = ctx;
    (void)e;
    bool near = r->at_us >= t->at_us && r->at_us < t->at_us + 2;
    if (near && is_undoable((enum kind)r->kind) && t->n < (int)COUNT(t->list)) {
        t->list[t->n] = *r;
        t->list[t->n++].body = str_dup(t->a, r->body);
    }
    return true;
}

bool inbox_undo_at(str x, int64_t *out) {
    char text[20];
    char *end;
    if (!x.len || x.len > 16) return false;
    memcpy(text, x.s, x.len), text[x.len] = 0;
    *out = (int64_t)strtoull(text, &end, 16);
    return !*end && *out > 0;
}

// The same event once more, inbox_saying that it says nothing; what it said before goes to the past.
static event blank(arena *a, const inbox_item *x, str ext, const record *r, const inbox_hand *h, int64_t now_us) {
    inbox_saying k = {.kind = KIND_handled, .step = INBOX_undone};
    event ev = inbox_event(a, x, &k, h, r->at_us);
    ev.ext = ext, ev.channel = (enum channel)r->channel;
    ev.edited_us = MAX(now_us, r->edited_us + 1);
    return ev;
}

// What was learned from it is learned anew without it.
static bool learn_anew(ledger *l, err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    if (!store_begin(s, e)) return false;
    if (topic_unsaid(s, w->now_us(w), e) && ledger_commit(l, e)) return true;
    store_rollback(s);
    return false;
}

bool inbox_undo(ledger *l, arena *a, const inbox_item *x, str undo, const inbox_hand *h, err *e) {
    const world *w = ledger_world(l);
    told_then t = {.x = x, .a = a};
    event evs[4];
    int32_t rows[4], n = 0;
    int64_t source, import;
    tally counted;
    if (!inbox_undo_at(undo, &t.at_us)) return fail(e, ERR_invalid, "'step' is what a change answered as 'undo'");
    if (!inbox_place(l, x, &source, &import, e) ||
        !ledger_profile_events_since(ledger_store(l), x->profile, t.at_us, find_then, &t, e))
        return false;
    for (int i = 0; i < t.n; i++) {
        json_t *doc = NULL;
        err quiet = {0};
        if (!json_read(t.list[i].body, &doc, &quiet)) continue;
        str ext = inbox_ext(a, x, t.list[i].at_us, inbox_sort_of_event(&t.list[i], doc));
        bool already = t.list[i].kind == KIND_handled && inbox_step_of(json_at(doc, "topic")) == INBOX_undone;
        bool mine = (int64_t)event_key(source, ext) == t.list[i].key && !already;
        t.labelled |= mine && t.list[i].kind == KIND_labelled;
        if (mine) evs[n] = blank(a, x, ext, &t.list[i], h, w->now_us(w)), rows[n] = n, n++;
        json_decref(doc);
    }
    if (!n) return fail(e, ERR_not_found, "there is nothing to take back: it was taken back already, or never said");
    intake in = {.events = evs, .row_of = rows, .n = (size_t)n, .rows = n};
    return ledger_write(l, import, &in, &counted, e) && ledger_settle(l, e) && (!t.labelled || learn_anew(l, e));
}

// ---- topics ----

static bool put_topics(buf *b, const char *name, const str *list, size_t n, err *e) {
    buf_fmt(b, ",\"%s\":[", name);
    for (size_t i = 0; i < n; i++) {
        str one = str_trim(list[i]);
        if (!one.len || one.len > INBOX_TOPIC_MOST)
            return fail(e, ERR_invalid, "a topic has 1 to %d bytes; write it shorter", INBOX_TOPIC_MOST);
        if (i) buf_addc(b, ',');
        buf_json_str(b, one);
    }
    buf_addc(b, ']');
    return true;
}

// The message that is meant: one of its own, or the customer's last.
static bool find_message(arena *a, store *s, const inbox_item *x, int64_t key, int64_t *of, int64_t *at_us, err *e) {
    inbox_words w;
    record *m;
    size_t n;
    bool more;
    if (x->what == INBOX_voice) return *of = x->key, *at_us = x->said_us, true;
    if (!key) {
        if (!inbox_words_of(a, s, x, &w, e)) return false;
        *of = w.last.key, *at_us = w.last.at_us;
        return *of || fail(e, ERR_conflict, "nothing was said in it that could be about something");
    }
    if (!inbox_messages(a, s, x, 0, &m, &n, &more, e)) return false;
    for (size_t i = 0; i < n; i++)
        if (m[i].key == key) return *of = key, *at_us = m[i].at_us, true;
    return fail(e, ERR_not_found, "there is no such message in it");
}

bool inbox_say_topics(ledger *l, arena *a, const inbox_item *x, const inbox_relabel *r, const inbox_hand *h, str *undo,
                      err *e) {
    int64_t of = 0, at_us = 0;
    if (r->n_add + r->n_drop == 0 || r->n_add + r->n_drop > INBOX_TOPICS)
        return fail(e, ERR_invalid, "name 1 to %d topics", INBOX_TOPICS);
    if (!find_message(a, ledger_store(l), x, r->key, &of, &at_us, e)) return false;
    buf b = buf_new(a, MORE);
    buf_fmt(&b, "\"of\":\"%016" PRIx64 "\",\"at\":%" PRId64, (uint64_t)of, at_us);
    if (x->what == INBOX_voice) buf_fmt(&b, ",\"item\":\"%016" PRIx64 "\"", (uint64_t)x->key);
    if (!put_topics(&b, "topics", r->add, r->n_add, e) || !put_topics(&b, "not", r->drop, r->n_drop, e)) return false;
    inbox_saying k = {.kind = KIND_labelled, .more = buf_str(&b)};
    size_t n;
    inbox_label *labels;
    inbox_item later = *x;
    // The newest word about a topic stands, however coarse the clock.
    if (!inbox_labels(a, ledger_store(l), x->id, &labels, &n, e)) return false;
    for (size_t i = 0; i < n; i++) later.last_us = MAX(later.last_us, labels[i].label_us);
    return inbox_tell(l, a, &later, &k, 1, h, undo, e);
}

// ---- until when ----

bool inbox_until(str text, const zone *z, int64_t now_us, int64_t *until_us, err *e) {
    static const struct {
        char unit;
        int64_t us;
    } units[] = {{'m', 60 * SECOND_US}, {'h', HOUR_US}, {'d', DAY_US}, {'w', 7 * DAY_US}};
    int64_t n;
    str x = str_trim(text);
    *until_us = 0;
    for (size_t i = 0; i < COUNT(units); i++)
        if (x.len > 1 && x.s[x.len - 1] == units[i].unit && str_i64(str_sub(x, 0, x.len - 1), &n) && n > 0 &&
            n < 600000)
            *until_us = now_us + n * units[i].us;
    if (!*until_us && !time_parse(x, z, 0, until_us))
        return fail(e, ERR_invalid, "'%.*s' is no day, time or length; write 3h, 2d, 1w, 2026-12-24 or a time",
                    (int)MIN(x.len, 40), x.s);
    if (x.len == sizeof "2026-12-24" - 1 && x.s[4] == '-') *until_us += MORNING * HOUR_US;
    if (*until_us <= now_us) return fail(e, ERR_invalid, "'%.*s' is past already", (int)MIN(x.len, 40), x.s);
    if (*until_us > now_us + LATER_DAYS * DAY_US)
        return fail(e, ERR_invalid, "'%.*s' is more than a year away", (int)MIN(x.len, 40), x.s);
    return true;
}
